// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Payments} from "../../finance/Payments.sol";
import {IMeterReadings} from "./IMeterReadings.sol";

/// @notice What an operator answers with. One slot.
struct Bond {
    /// @dev Token units, with those announced for withdrawal.
    uint104 amount;
    /// @dev Token units announced for withdrawal; not above `amount`.
    uint104 leaving;
    /// @dev Unix time from which they can be withdrawn; zero: none were ever announced.
    uint40 availableAt;
}

/// @notice Money of the readings. Its tokens are the sum of bonds and credits.
struct BondLedger {
    mapping(address operator => Bond) bonds;
    /// @dev Token units that an account got for false values.
    mapping(address account => uint256 amount) credits;
}

/// @title ReadingBonds
/// @notice Bonds of those who post readings, and what is paid out of them for false ones.
library ReadingBonds {
    using SafeERC20 for IERC20;

    /// @notice {IMeterReadings-postBond}.
    /// @param ledger The money.
    /// @param token Its token.
    /// @param operator Identity whose bond it is.
    /// @param amount Token units from the caller.
    function post(BondLedger storage ledger, IERC20 token, address operator, uint256 amount) internal {
        if (amount == 0) revert IMeterReadings.MeterReadingsZeroAmount();
        Bond storage bond = ledger.bonds[operator];
        uint104 total = SafeCast.toUint104(bond.amount + amount);
        bond.amount = total;
        emit IMeterReadings.BondPosted(operator, amount, total);
        uint256 moved = Payments.pull(token, msg.sender, amount);
        if (moved != amount) revert IMeterReadings.MeterReadingsTokenMismatch(amount, moved);
    }

    /// @notice {IMeterReadings-requestBondWithdrawal} by the owner.
    /// @param ledger The money.
    /// @param operator Identity whose bond it is.
    /// @param amount Token units.
    /// @param delay Seconds until it can be withdrawn.
    function requestWithdrawal(BondLedger storage ledger, address operator, uint256 amount, uint256 delay) internal {
        if (amount == 0) revert IMeterReadings.MeterReadingsZeroAmount();
        requireFree(ledger, operator, amount);
        Bond storage bond = ledger.bonds[operator];
        bond.leaving += uint104(amount); // not above the bond
        uint40 availableAt = uint40(block.timestamp + delay); // 40 bits of seconds last 34,000 years
        bond.availableAt = availableAt;
        emit IMeterReadings.BondWithdrawalRequested(operator, amount, availableAt);
    }

    /// @notice {IMeterReadings-withdrawBond} by the owner.
    /// @param ledger The money.
    /// @param token Its token.
    /// @param operator Identity whose bond it is.
    /// @param to Receives it.
    /// @return amount Token units.
    function withdraw(
        BondLedger storage ledger,
        IERC20 token,
        address operator,
        address to
    ) internal returns (uint256 amount) {
        _requireReceiver(to);
        Bond storage bond = ledger.bonds[operator];
        uint104 leaving = bond.leaving;
        uint40 availableAt = bond.availableAt;
        // The time is days away, so the seconds by which a block's time may be off do not matter.
        // solhint-disable-next-line not-rely-on-time
        if (leaving == 0 || block.timestamp < availableAt) {
            revert IMeterReadings.MeterReadingsBondLocked(operator, availableAt);
        }
        bond.amount -= leaving;
        bond.leaving = 0;
        emit IMeterReadings.BondWithdrawn(operator, to, leaving);
        token.safeTransfer(to, leaving);
        return leaving;
    }

    /// @notice Moves up to `amount` of a bond to the credits of two accounts. What is not announced for withdrawal goes
    /// first.
    /// @dev Were all of it the challenger's, a poster could challenge itself and keep its bond from everybody else.
    /// @param ledger The money.
    /// @param operator Identity whose bond it is.
    /// @param challenger Whose credit half of it becomes, rounded down.
    /// @param community Whose credit the rest becomes.
    /// @param amount Token units to move, as far as there are.
    function slash(
        BondLedger storage ledger,
        address operator,
        address challenger,
        address community,
        uint256 amount
    ) internal {
        Bond storage bond = ledger.bonds[operator];
        uint104 total = bond.amount;
        if (amount > total) amount = total;
        if (amount == 0) return;
        total -= uint104(amount); // not above it
        bond.amount = total;
        if (bond.leaving > total) bond.leaving = total;
        uint256 reward = amount / 2;
        _credit(ledger, operator, challenger, reward);
        _credit(ledger, operator, community, amount - reward);
    }

    /// @notice {IMeterReadings-withdrawCredit} by the account.
    /// @param ledger The money.
    /// @param token Its token.
    /// @param account The account.
    /// @param to Receives it.
    /// @return amount Token units.
    function withdrawCredit(
        BondLedger storage ledger,
        IERC20 token,
        address account,
        address to
    ) internal returns (uint256 amount) {
        _requireReceiver(to);
        amount = ledger.credits[account];
        if (amount == 0) revert IMeterReadings.MeterReadingsNoCredit(account);
        ledger.credits[account] = 0;
        emit IMeterReadings.CreditWithdrawn(account, to, amount);
        token.safeTransfer(to, amount);
    }

    /// @notice Reverts unless an operator has bond of `needed` that is not announced for withdrawal.
    /// @param ledger The money.
    /// @param operator Identity whose bond it is.
    /// @param needed Token units.
    function requireFree(BondLedger storage ledger, address operator, uint256 needed) internal view {
        Bond storage bond = ledger.bonds[operator];
        uint256 free = bond.amount - bond.leaving;
        if (free < needed) revert IMeterReadings.MeterReadingsBondTooSmall(operator, free, needed);
    }

    /// @dev Books what an account gets out of a bond.
    function _credit(BondLedger storage ledger, address operator, address account, uint256 amount) private {
        ledger.credits[account] += amount;
        emit IMeterReadings.BondSlashed(operator, account, amount);
    }

    function _requireReceiver(address to) private view {
        if (!Payments.canReceive(to)) revert IMeterReadings.MeterReadingsInvalidReceiver(to);
    }
}
