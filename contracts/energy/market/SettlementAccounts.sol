// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccountSlot, AccountSlots} from "./AccountSlots.sol";
import {EnergyLedger} from "./EnergyLedger.sol";
import {EnergyTreasury} from "./EnergyTreasury.sol";
import {IEnergyMarket, OrderFlags, Position} from "./IEnergyMarket.sol";
import {OrderRecords} from "./OrderRecords.sol";
import {PriceRun, SettlementBook} from "./SettlementBook.sol";
import {SettlementMath} from "./SettlementMath.sol";
import {SettlementRun} from "./SettlementRuns.sol";
import {UniformPriceAuction} from "./UniformPriceAuction.sol";

/// @title SettlementAccounts
/// @notice What each account gets and gives in a settlement.
/// @dev All money is held by the market, so every balance and every sum of balances stays below 2^56, see
/// {AccountSlots-MAX_FREE}. What an account traded is covered by its lock; only its deviation can be beyond its means.
///
/// Longer than a library should be: every order runs through all of it, and its parts share what they know.
library SettlementAccounts {
    uint256 private constant POSITION_MASK = 0xff;
    uint256 private constant VALUE_BYTES = 4;
    uint256 private constant VALUE_SHIFT = 224;
    uint256 private constant SIGN_SHIFT = 255;

    /// @notice Settles the account of a record, with its position if it has one. The run is at its feeder.
    /// @param ledger The market's storage.
    /// @param run The settlement; is moved on.
    /// @param record Accepted record from the highest bit down; what follows it is not heeded.
    function settleRecord(EnergyLedger storage ledger, SettlementRun memory run, uint256 record) internal {
        uint256 account = record >> OrderRecords.ACCOUNT_SHIFT;
        (uint256 amount, int256 contracted) = _tradeOf(ledger, run, record);
        if ((run.plain >> (account & POSITION_MASK)) & 1 != 0) {
            _conclude(ledger, run, account, amount, contracted, _valueOf(run, account));
            return;
        }
        if ((run.positioned >> (account & POSITION_MASK)) & 1 != 0) {
            (uint256 more, int256 moreWh) = _takePosition(ledger, run, uint32(account)); // 32 bits
            amount += more;
            contracted += moreWh;
        }
        _conclude(ledger, run, account, amount, contracted, _readingOf(run, account));
    }

    /// @notice Settles an account that has a position and no order. The run is at its feeder.
    /// @param ledger The market's storage.
    /// @param run The settlement; is moved on.
    /// @param account Account.
    function settlePosition(EnergyLedger storage ledger, SettlementRun memory run, uint32 account) internal {
        if ((run.positioned >> (account & POSITION_MASK)) & 1 == 0) {
            revert IEnergyMarket.EnergyMarketNoPosition(account, run.interval);
        }
        (uint256 amount, int256 contracted) = _takePosition(ledger, run, account);
        _conclude(ledger, run, account, amount, contracted, _readingOf(run, account));
    }

    // --- internals

    /// @dev What comes to an account for its order: to a buyer the lock less energy and grid fee, which it covers; to a seller
    /// the lock, the price and a share in the surplus. Returns that, and the Wh bought, negative: sold.
    function _tradeOf(
        EnergyLedger storage ledger,
        SettlementRun memory run,
        uint256 record
    ) private view returns (uint256 amount, int256 contracted) {
        unchecked {
            uint256 flags = (record >> OrderRecords.FLAGS_SHIFT) & type(uint8).max;
            bool offer = flags & OrderFlags.OFFER != 0;
            PriceRun memory prices = offer ? run.offers : run.bids;
            (uint256 lock, uint256 wh, uint256 trade) = SettlementBook.visit(
                prices,
                SettlementBook.sharesOf(ledger, run.book, prices, run.interval, flags),
                offer,
                OrderRecords.stepsOf(record)
            );
            contracted = int256(wh);
            if (offer) {
                amount = lock + trade;
                if (run.surplus != 0) amount += _surplusOf(run, wh);
                return (amount, -contracted);
            }
            // A buyer got energy at his price or a better one, and no fee is above the grid fee.
            uint256 nearby = SettlementBook.nearbyOf(run.book, wh);
            uint256 fee = SettlementMath.gridFeeOf(wh, nearby, run.feederFee, run.gridFee);
            run.gridFees += fee;
            amount = lock - trade - fee;
        }
    }

    /// @dev A seller's share in what buyers paid above the price, as the next one that is visited.
    function _surplusOf(SettlementRun memory run, uint256 wh) private pure returns (uint256 share) {
        // There is no surplus where nothing was sold. It has 56 bits, as has what was sold.
        share = UniformPriceAuction.share(run.soldVisited, wh, run.surplus, run.sold);
        run.soldVisited += wh;
    }

    /// @dev What comes to an account from its agreements. Afterwards it has no position.
    function _takePosition(
        EnergyLedger storage ledger,
        SettlementRun memory run,
        uint32 account
    ) private view returns (uint256 amount, int256 contracted) {
        Position memory position = ledger.positions[run.interval][account];
        run.positioned &= ~(1 << (account & POSITION_MASK));
        --run.positionsLeft;
        contracted = int256(uint256(position.wh)); // 40 bits
        if (position.sells) return (uint256(position.locked) + position.trade, -contracted);
        run.gridFees += position.fee;
        amount = uint256(position.locked) - position.trade - position.fee; // they are all that a buyer locks
    }

    /// @dev Pays an account what comes to it for what it traded, books its deviation and notes the result.
    function _conclude(
        EnergyLedger storage ledger,
        SettlementRun memory run,
        uint256 account,
        uint256 amount,
        int256 contracted,
        int256 metered
    ) private {
        metered = SettlementMath.meteredOr(metered, contracted);
        int256 deviation = SettlementMath.imbalance(run.retail, run.feedIn, contracted, metered);
        bytes32 place = _placeOf(ledger.accounts, account);
        AccountSlot slot;
        assembly ("memory-safe") {
            slot := sload(place)
        }
        // Nothing here reaches 2^59, so the highest bit of a sum says whether it is negative.
        unchecked {
            uint256 left = slot.free() + amount + uint256(deviation);
            uint256 supplier = run.supplier - uint256(deviation);
            if (((left | supplier) >> SIGN_SHIFT) | (AccountSlot.unwrap(slot) & AccountSlots.INDEBTED) == 0) {
                slot = slot.plus(amount + uint256(deviation));
                run.supplier = supplier;
            } else {
                slot = _settleSlowly(ledger, run, uint32(account), slot, amount, deviation); // 32 bits
            }
        }
        assembly ("memory-safe") {
            sstore(place, slot)
        }

        uint256 result = SettlementMath.encodeResult(account, contracted, metered);
        uint256 resultAt = run.resultAt;
        // The memory has room for as many results as there are accounts, and for a word.
        assembly ("memory-safe") {
            mstore(resultAt, result)
        }
        unchecked {
            run.resultAt = resultAt + SettlementMath.RESULT_BYTES; // an address in memory
        }
    }

    /// @dev As {_conclude}, where there is debt or where somebody cannot pay.
    function _settleSlowly(
        EnergyLedger storage ledger,
        SettlementRun memory run,
        uint32 account,
        AccountSlot slot,
        uint256 amount,
        int256 deviation
    ) private returns (AccountSlot changed) {
        uint256 repaid;
        (changed, repaid) = EnergyTreasury.credit(ledger, account, slot, amount);
        uint256 supplier = run.supplier + repaid;
        (changed, run.supplier) = EnergyTreasury.bookDeviation(
            ledger,
            account,
            run.interval,
            changed,
            supplier,
            deviation
        );
    }

    /// @dev Where the slot of an account is. The compiler would work it out twice, for reading and for writing.
    function _placeOf(
        mapping(uint32 account => AccountSlot) storage accounts,
        uint256 account
    ) private pure returns (bytes32 place) {
        // Scratch space; a number of 32 bits fills the word.
        assembly ("memory-safe") {
            mstore(0x00, account)
            mstore(0x20, accounts.slot)
            place := keccak256(0x00, 0x40)
        }
    }

    /// @dev Reading of a meter. One that was registered after the readings were taken has none.
    function _readingOf(SettlementRun memory run, uint256 account) private view returns (int256 reading) {
        uint256 position = account & POSITION_MASK;
        if ((run.row.overridden >> position) & 1 != 0) {
            return run.readings.overrideOf(uint32(account), run.interval).wh; // 32 bits
        }
        if (position >= run.row.meterCount) return SettlementMath.MISSING;
        return _valueOf(run, account);
    }

    /// @dev What the row says of a meter that is in it.
    function _valueOf(SettlementRun memory run, uint256 account) private pure returns (int256 value) {
        unchecked {
            uint256 valueAt = run.row.valuesAt + (account & POSITION_MASK) * VALUE_BYTES; // a place in the call data
            // Within the row, whose length was checked.
            assembly ("memory-safe") {
                value := sar(VALUE_SHIFT, calldataload(valueAt))
            }
        }
    }
}
