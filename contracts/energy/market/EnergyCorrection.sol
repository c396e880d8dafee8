// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccountSlot} from "./AccountSlots.sol";
import {AccountDetails, EnergyLedger, IntervalRecord} from "./EnergyLedger.sol";
import {EnergyTreasury} from "./EnergyTreasury.sol";
import {IEnergyMarket} from "./IEnergyMarket.sol";
import {IMeterReadings, Override} from "../readings/IMeterReadings.sol";
import {SettlementMath} from "./SettlementMath.sol";

/// @notice A settled result whose reading was replaced. In memory.
struct Correction {
    uint32 account;
    /// @dev Wh bought, negative: sold.
    int32 contracted;
    /// @dev Wh drawn, negative: fed in; as it was settled, and as it is now.
    int32 previous;
    int32 metered;
    /// @dev Root of the results with it.
    bytes32 root;
}

/// @title EnergyCorrection
/// @notice Books what a reading amended after settlement changes, between its account and the supplier alone.
/// @dev Part of the market's own code and not linked: an act on a single account would pay a tenth more for the way to
/// another contract.
library EnergyCorrection {
    /// @notice {IEnergyMarket-correct}.
    /// @dev Takes back first what was booked before: debt is reduced before money is paid, and a claim that the supplier
    /// could not pay before money is taken. So a reading that is amended there and back changes nothing, unless the account
    /// had a claim that the supplier could have paid: that is then settled as far as {IEnergyMarket-payClaim} would.
    /// @param ledger The market's storage.
    /// @param readings What the meters measured.
    /// @param interval Interval.
    /// @param index Number of the settlement.
    /// @param group Results side by side.
    /// @param position Number of the result in the group.
    /// @param proof Siblings from the group's hash to the root.
    function correct(
        EnergyLedger storage ledger,
        IMeterReadings readings,
        uint32 interval,
        uint256 index,
        bytes calldata group,
        uint256 position,
        bytes32[] calldata proof
    ) internal {
        if (!SettlementMath.hasResult(group, position)) {
            revert IEnergyMarket.EnergyMarketWrongResult(interval, index);
        }
        Correction memory correction;
        (correction.account, correction.contracted, correction.previous) = SettlementMath.decodeResult(group, position);
        Override memory replacement = readings.overrideOf(correction.account, interval);
        correction.metered = replacement.wh;
        {
            (bytes32 standing, bytes32 amended) = SettlementMath.rootsOf(group, position, replacement.wh, proof);
            mapping(uint256 index => bytes32) storage results = ledger.results[interval];
            // No hash is zero, so none is the root of a settlement that there was not.
            if (results[index] != standing) revert IEnergyMarket.EnergyMarketWrongResult(interval, index);
            if (replacement.version == 0 || correction.metered == correction.previous) {
                revert IEnergyMarket.EnergyMarketNothingToCorrect(interval, correction.account, correction.previous);
            }
            results[index] = amended;
            correction.root = amended;
        }
        _book(ledger, interval, index, correction);
    }

    // --- internals

    /// @dev Books what another reading changes between an account and the supplier.
    function _book(EnergyLedger storage ledger, uint32 interval, uint256 index, Correction memory correction) private {
        uint32 account = correction.account;
        int256 change = _changeOf(ledger.intervals[interval], correction);
        int256 booked = change;
        uint256 supplier = ledger.treasury.supplier;
        // A claim that was just booked left the supplier nothing. One that it could pay does not matter here.
        if (supplier == 0 && change < 0) booked += int256(_reduceClaim(ledger, account, uint256(-change)));
        AccountSlot slot = ledger.accounts[account];
        (slot, supplier) = EnergyTreasury.bookDeviation(ledger, account, interval, slot, supplier, booked);
        ledger.accounts[account] = slot;
        ledger.treasury.supplier = uint64(supplier); // a part of what is held
        emit IEnergyMarket.SettlementCorrected(
            interval,
            account,
            index,
            correction.previous,
            correction.metered,
            change,
            correction.root
        );
    }

    /// @dev What another reading brings its account, negative: costs; money units.
    function _changeOf(
        IntervalRecord storage record,
        Correction memory correction
    ) private view returns (int256 change) {
        (uint256 retail, uint256 feedIn) = (record.retail, record.feedIn);
        // Each is below 2^58.
        unchecked {
            change = SettlementMath.imbalance(retail, feedIn, correction.contracted, correction.metered);
            return change - SettlementMath.imbalance(retail, feedIn, correction.contracted, correction.previous);
        }
    }

    /// @dev Takes from an account's claim what it owes the supplier.
    function _reduceClaim(EnergyLedger storage ledger, uint32 account, uint256 due) private returns (uint256 reduced) {
        AccountDetails storage details = ledger.details[account];
        uint256 claim = details.claim;
        if (claim == 0) return 0;
        reduced = due < claim ? due : claim;
        details.claim = uint64(claim - reduced); // not above what it was
        emit IEnergyMarket.ClaimPaid(account, reduced, claim - reduced);
    }
}
