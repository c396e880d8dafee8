// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {PaymentAuthorization, Payments} from "../../finance/Payments.sol";
import {AccountSlot} from "./AccountSlots.sol";
import {AccountDetails, EnergyLedger, Former, Treasury} from "./EnergyLedger.sol";
import {EnergyTreasury} from "./EnergyTreasury.sol";
import {IEnergyMarket} from "./IEnergyMarket.sol";

/// @title EnergyMoney
/// @notice Money into the market and out of it: of accounts, supplier, grid operator, community and former owners.
/// @dev Amounts in calls and events are token units; those of debts and claims are money units, as in the ledger. The state
/// changes before the token is called, and the door lets no other payment begin meanwhile.
library EnergyMoney {
    using SafeERC20 for IERC20;
    using Payments for IERC20;

    /// @notice See {IEnergyMarket-deposit}.
    /// @param ledger The market's storage.
    /// @param token Settlement token.
    /// @param moneyUnit Token units in a money unit.
    /// @param account Account.
    /// @param amount Token units.
    function deposit(
        EnergyLedger storage ledger,
        IERC20 token,
        uint64 moneyUnit,
        uint32 account,
        uint256 amount
    ) external {
        _credit(ledger, moneyUnit, account, msg.sender, amount);
        _requireMoved(token.pull(msg.sender, amount), amount);
    }

    /// @notice See {IEnergyMarket-depositWithAuthorization}.
    /// @param ledger The market's storage.
    /// @param token Settlement token.
    /// @param moneyUnit Token units in a money unit.
    /// @param account Account.
    /// @param from Who pays.
    /// @param amount Token units.
    /// @param nonce Nonce of the transfer.
    /// @param authorization The payer's ERC-3009 transfer.
    function depositAuthorized(
        EnergyLedger storage ledger,
        IERC20 token,
        uint64 moneyUnit,
        uint32 account,
        address from,
        uint256 amount,
        bytes32 nonce,
        PaymentAuthorization calldata authorization
    ) external {
        _credit(ledger, moneyUnit, account, from, amount);
        _requireMoved(token.pullAuthorized(from, amount, nonce, authorization), amount);
    }

    /// @notice See {IEnergyMarket-withdraw}.
    /// @param ledger The market's storage.
    /// @param token Settlement token.
    /// @param moneyUnit Token units in a money unit.
    /// @param account Account.
    /// @param amount Token units.
    /// @param to Who is paid.
    function withdraw(
        EnergyLedger storage ledger,
        IERC20 token,
        uint64 moneyUnit,
        uint32 account,
        uint256 amount,
        address to
    ) external {
        uint256 units = _unitsOf(amount, moneyUnit);
        AccountSlot slot = ledger.accounts[account];
        uint256 free = slot.free();
        if (units > free) revert IEnergyMarket.EnergyMarketBalanceTooSmall(free * moneyUnit, amount);
        ledger.accounts[account] = slot.withFree(free - units);
        emit IEnergyMarket.Withdrawn(account, to, amount);
        _payOut(ledger, token, moneyUnit, to, units);
    }

    /// @notice See {IEnergyMarket-payClaim}.
    /// @param ledger The market's storage.
    /// @param account Account.
    /// @return paid Money units.
    function payClaim(EnergyLedger storage ledger, uint32 account) external returns (uint256 paid) {
        AccountDetails storage details = ledger.details[account];
        uint64 claim = details.claim;
        if (claim == 0) revert IEnergyMarket.EnergyMarketNothingOwed();
        // What goes into debt comes back to the supplier at once, so the supplier needs no money for it.
        paid = uint256(ledger.treasury.supplier) + details.debt;
        if (paid == 0) revert IEnergyMarket.EnergyMarketBalanceTooSmall(0, claim);
        if (paid > claim) paid = claim;
        uint64 left = claim - uint64(paid); // not above the claim
        details.claim = left;
        (AccountSlot changed, uint256 repaid) = EnergyTreasury.credit(ledger, account, ledger.accounts[account], paid);
        ledger.accounts[account] = changed;
        ledger.treasury.supplier = uint64(ledger.treasury.supplier + repaid - paid); // a part of what is held
        emit IEnergyMarket.ClaimPaid(account, paid, left);
    }

    /// @notice See {IEnergyMarket-topUpSupplier}.
    /// @param ledger The market's storage.
    /// @param token Settlement token.
    /// @param moneyUnit Token units in a money unit.
    /// @param amount Token units.
    function topUpSupplier(EnergyLedger storage ledger, IERC20 token, uint64 moneyUnit, uint256 amount) external {
        uint256 units = _unitsOf(amount, moneyUnit);
        EnergyTreasury.countIn(ledger, units);
        uint64 balance = ledger.treasury.supplier + uint64(units); // both are parts of what is held
        ledger.treasury.supplier = balance;
        emit IEnergyMarket.SupplierToppedUp(msg.sender, amount, uint256(balance) * moneyUnit);
        _requireMoved(token.pull(msg.sender, amount), amount);
    }

    /// @notice See {IEnergyMarket-withdrawSupplier}.
    /// @param ledger The market's storage.
    /// @param token Settlement token.
    /// @param moneyUnit Token units in a money unit.
    /// @param supplierFloor Balance that the supplier must keep, money units.
    /// @param amount Token units.
    /// @param to Who is paid.
    function withdrawSupplier(
        EnergyLedger storage ledger,
        IERC20 token,
        uint64 moneyUnit,
        uint64 supplierFloor,
        uint256 amount,
        address to
    ) external {
        uint256 units = _unitsOf(amount, moneyUnit);
        uint256 balance = ledger.treasury.supplier;
        uint256 available = balance > supplierFloor ? balance - supplierFloor : 0;
        if (units > available) revert IEnergyMarket.EnergyMarketBalanceTooSmall(available * moneyUnit, amount);
        ledger.treasury.supplier = uint64(balance - units); // not above the balance
        emit IEnergyMarket.SupplierWithdrawn(to, amount);
        _payOut(ledger, token, moneyUnit, to, units);
    }

    /// @notice See {IEnergyMarket-withdrawGridFees}.
    /// @param ledger The market's storage.
    /// @param token Settlement token.
    /// @param moneyUnit Token units in a money unit.
    /// @param to Who is paid.
    /// @return amount Token units.
    function withdrawGridFees(
        EnergyLedger storage ledger,
        IERC20 token,
        uint64 moneyUnit,
        address to
    ) external returns (uint256 amount) {
        uint256 units = ledger.treasury.gridFees;
        ledger.treasury.gridFees = 0;
        amount = units * moneyUnit;
        emit IEnergyMarket.GridFeesWithdrawn(to, amount);
        _payOut(ledger, token, moneyUnit, to, units);
    }

    /// @notice See {IEnergyMarket-withdrawPot}.
    /// @param ledger The market's storage.
    /// @param token Settlement token.
    /// @param moneyUnit Token units in a money unit.
    /// @param to Who is paid.
    /// @return amount Token units.
    function withdrawPot(
        EnergyLedger storage ledger,
        IERC20 token,
        uint64 moneyUnit,
        address to
    ) external returns (uint256 amount) {
        uint256 units = ledger.treasury.pot;
        ledger.treasury.pot = 0;
        amount = units * moneyUnit;
        emit IEnergyMarket.PotWithdrawn(to, amount);
        _payOut(ledger, token, moneyUnit, to, units);
    }

    /// @notice See {IEnergyMarket-withdrawFormer}.
    /// @param ledger The market's storage.
    /// @param token Settlement token.
    /// @param moneyUnit Token units in a money unit.
    /// @param owner Former owner.
    /// @param to Who is paid.
    /// @return amount Token units.
    function withdrawFormer(
        EnergyLedger storage ledger,
        IERC20 token,
        uint64 moneyUnit,
        address owner,
        address to
    ) external returns (uint256 amount) {
        Former storage former = ledger.former[owner];
        Treasury storage treasury = ledger.treasury;
        uint64 claim = former.claim;
        uint64 fromSupplier = claim < treasury.supplier ? claim : treasury.supplier;
        uint256 units = uint256(former.balance) + fromSupplier;
        former.balance = 0;
        former.claim = claim - fromSupplier;
        treasury.supplier -= fromSupplier;
        amount = units * moneyUnit;
        emit IEnergyMarket.FormerOwnerWithdrawn(owner, to, amount);
        _payOut(ledger, token, moneyUnit, to, units);
    }

    /// @notice See {IEnergyMarket-payFormerDebt}.
    /// @param ledger The market's storage.
    /// @param token Settlement token.
    /// @param moneyUnit Token units in a money unit.
    /// @param owner Former owner.
    /// @param amount Token units.
    function payFormerDebt(
        EnergyLedger storage ledger,
        IERC20 token,
        uint64 moneyUnit,
        address owner,
        uint256 amount
    ) external {
        uint256 units = _unitsOf(amount, moneyUnit);
        Former storage former = ledger.former[owner];
        uint256 debt = former.debt;
        if (units > debt) revert IEnergyMarket.EnergyMarketBalanceTooSmall(debt * moneyUnit, amount);
        EnergyTreasury.countIn(ledger, units);
        former.debt = uint64(debt - units); // not above the debt
        ledger.treasury.supplier += uint64(units); // a part of what is held
        emit IEnergyMarket.FormerDebtPaid(owner, units, debt - units);
        _requireMoved(token.pull(msg.sender, amount), amount);
    }

    function _credit(
        EnergyLedger storage ledger,
        uint64 moneyUnit,
        uint32 account,
        address from,
        uint256 amount
    ) private {
        uint256 units = _unitsOf(amount, moneyUnit);
        if (!ledger.accounts[account].isOpen()) revert IEnergyMarket.EnergyMarketUnknownAccount(account);
        EnergyTreasury.countIn(ledger, units);
        EnergyTreasury.creditStored(ledger, account, units);
        emit IEnergyMarket.Deposited(account, from, amount);
    }

    function _payOut(EnergyLedger storage ledger, IERC20 token, uint64 moneyUnit, address to, uint256 units) private {
        if (!Payments.canReceive(to)) revert IEnergyMarket.EnergyMarketInvalidReceiver(to);
        if (units == 0) revert IEnergyMarket.EnergyMarketNothingOwed();
        EnergyTreasury.countOut(ledger, units);
        token.safeTransfer(to, units * moneyUnit);
    }

    function _unitsOf(uint256 amount, uint64 moneyUnit) private pure returns (uint256 units) {
        if (amount == 0 || amount % moneyUnit != 0) {
            revert IEnergyMarket.EnergyMarketInvalidAmount(amount, moneyUnit);
        }
        return amount / moneyUnit;
    }

    function _requireMoved(uint256 moved, uint256 expected) private pure {
        if (moved != expected) revert IEnergyMarket.EnergyMarketTokenMismatch(expected, moved);
    }
}
