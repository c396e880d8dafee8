// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {AccountSlot, AccountSlots} from "./AccountSlots.sol";
import {EnergyLedger, IntervalRecord, IntervalTotals, Treasury} from "./EnergyLedger.sol";
import {EnergyTreasury} from "./EnergyTreasury.sol";
import {FeederRow, IEnergyMarket, IntervalState, OrderFlags, Position} from "./IEnergyMarket.sol";
import {EnergyRules} from "./IEnergyRegistry.sol";
import {IMeterReadings} from "./IMeterReadings.sol";
import {OrderRecords} from "./OrderRecords.sol";
import {BookRun, PriceRun, SettlementBook} from "./SettlementBook.sol";
import {SettlementMath} from "./SettlementMath.sol";
import {UniformPriceAuction} from "./UniformPriceAuction.sol";

/// @notice What a settlement holds in memory, so that storage is read once before it and written once after it.
struct SettlementRun {
    IMeterReadings readings;
    uint32 interval;
    uint8 rules;
    /// @dev Money units per Wh, see {Tariff}.
    uint256 retail;
    uint256 feedIn;
    uint256 feederFee;
    uint256 gridFee;
    PriceRun bids;
    PriceRun offers;
    /// @dev Money units, see {Treasury}.
    uint256 supplier;
    uint256 gridFees;
    /// @dev Surplus of pay-as-bid that goes to sellers, Wh sold, and how many of them settlement has visited.
    uint256 surplus;
    uint256 sold;
    uint256 soldVisited;
    uint256 positionsLeft;
    /// @dev Feeder that the run is at; zero: none yet.
    uint256 feeder;
    /// @dev Rows used so far.
    uint256 rowsUsed;
    /// @dev Where in the call data the values of the feeder's row begin, and how many there are.
    uint256 valuesAt;
    uint256 meterCount;
    /// @dev Bit n: the value of the n-th meter is replaced.
    uint256 overridden;
    /// @dev Bit n: the n-th meter has a position that is not settled; now, and in the ledger.
    uint256 positioned;
    uint256 positionedStored;
    /// @dev Bit n: what the n-th meter measured stands in the row, and it has no position.
    uint256 plain;
    BookRun book;
    bytes results;
    /// @dev Where in memory the next result goes.
    uint256 resultAt;
}

/// @title SettlementRuns
/// @notice Steps of a settlement: from feeder to feeder, and what each account gets and gives.
/// @dev All money is held by the market, so every balance and every sum of balances stays below 2^56, see
/// {AccountSlots-MAX_FREE}. What an account traded is covered by its lock; only its deviation can be beyond its means.
library SettlementRuns {
    uint256 private constant POSITION_MASK = 0xff;
    uint256 private constant VALUE_BYTES = 4;
    uint256 private constant VALUE_SHIFT = 224;
    uint256 private constant WORD_BYTES = 32;
    uint256 private constant SIGN_SHIFT = 255;

    // --- begin and end

    /// @notice Begins a settlement. Reverts unless the readings are confirmed.
    /// @param capacity Most results that it can have.
    function begin(
        EnergyLedger storage ledger,
        IMeterReadings readings,
        uint32 interval,
        uint256 capacity
    ) internal view returns (SettlementRun memory run) {
        IntervalRecord memory record = ledger.intervals[interval];
        if (record.state != IntervalState.Settling) revert IEnergyMarket.EnergyMarketWrongState(interval, record.state);
        run.readings = readings;
        run.interval = interval;
        run.rules = record.rules;
        run.retail = record.retail;
        run.feedIn = record.feedIn;
        run.feederFee = record.feederFee;
        run.gridFee = record.gridFee;
        bool payAsBid = record.rules & EnergyRules.PAY_AS_BID != 0;
        unchecked {
            // Prices have 24 bits, and the base price is not above the retail price.
            (uint256 base, uint256 tickSize) = (record.basePrice, record.tickSize);
            run.bids = PriceRun(base, tickSize, payAsBid, base + record.gridFee, tickSize);
            run.offers = PriceRun(base, tickSize, false, record.retail - base, 0 - tickSize);
        }
        run.supplier = ledger.treasury.supplier;
        run.gridFees = ledger.treasury.gridFees;
        run.positionsLeft = record.positionsLeft;
        if (payAsBid && record.rules & EnergyRules.SURPLUS_TO_POT == 0) {
            IntervalTotals storage totals = ledger.totals[interval];
            run.surplus = totals.surplus;
            run.sold = totals.sold;
            run.soldVisited = ledger.soldVisited[interval];
        }
        // A result is written as a whole word, so the last one needs room beyond its end.
        bytes memory results = new bytes(capacity * SettlementMath.RESULT_BYTES + WORD_BYTES);
        uint256 resultAt;
        assembly ("memory-safe") {
            resultAt := add(results, 0x20)
        }
        run.results = results;
        run.resultAt = resultAt;
    }

    /// @notice Writes down what changed, and the results; ends the interval if nothing is left to be settled.
    /// @param rowCount Rows given, all of which must have been used.
    function finish(EnergyLedger storage ledger, SettlementRun memory run, uint256 rowCount) internal {
        uint32 interval = run.interval;
        if (run.rowsUsed != rowCount) {
            revert IEnergyMarket.EnergyMarketWrongRow(interval, uint16(run.feeder), run.rowsUsed); // feeders have 16 bits
        }
        _writePositioned(ledger, run);
        SettlementBook.close(ledger, run.book, interval);
        if (run.surplus != 0) ledger.soldVisited[interval] = run.soldVisited;
        IntervalRecord storage record = ledger.intervals[interval];
        record.positionsLeft = uint32(run.positionsLeft); // not above what it was
        _writeResults(ledger, run, record);

        uint256 potShare = 0;
        if (run.positionsLeft == 0 && ledger.chains[interval] == 0) {
            IntervalTotals memory totals = ledger.totals[interval];
            record.state = IntervalState.Settled;
            run.gridFees += totals.rent;
            if (record.rules & EnergyRules.SURPLUS_TO_POT != 0) potShare = totals.surplus;
            emit IEnergyMarket.IntervalSettled(interval, totals.rent, potShare);
        }
        Treasury storage treasury = ledger.treasury;
        // Parts of what is held.
        treasury.supplier = uint64(run.supplier);
        treasury.gridFees = uint64(run.gridFees);
        if (potShare != 0) treasury.pot += uint64(potShare);
    }

    // --- feeders

    /// @notice Goes to a feeder, whose row is the next one of those given.
    /// @param feeder Number of 16 bits, not zero.
    function enter(
        EnergyLedger storage ledger,
        SettlementRun memory run,
        FeederRow[] calldata rows,
        uint256 feeder
    ) internal {
        uint16 number = uint16(feeder); // 16 bits
        uint32 interval = run.interval;
        _writePositioned(ledger, run);
        run.feeder = feeder;
        run.positioned = run.positionsLeft == 0 ? 0 : ledger.positioned[interval][number];
        run.positionedStored = run.positioned;
        if (run.rules & EnergyRules.BY_FEEDER != 0) {
            SettlementBook.close(ledger, run.book, interval);
            SettlementBook.open(ledger, run.book, interval, number);
        }

        uint256 index = run.rowsUsed;
        if (index == rows.length) revert IEnergyMarket.EnergyMarketWrongRow(interval, number, index);
        (bytes32 root, , uint16 meterCount, uint256 overridden) = run.readings.rowOf(number, interval);
        bytes calldata values = rows[index].values;
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encodePacked(interval, values))));
        if (values.length != meterCount * VALUE_BYTES || !MerkleProof.verifyCalldata(rows[index].proof, root, leaf)) {
            revert IEnergyMarket.EnergyMarketWrongRow(interval, number, index);
        }
        uint256 valuesAt;
        assembly ("memory-safe") {
            valuesAt := values.offset
        }
        run.valuesAt = valuesAt;
        run.meterCount = meterCount;
        run.overridden = overridden;
        run.rowsUsed = index + 1;
        // A feeder has at most 256 meters; a shift by 256 leaves nothing.
        unchecked {
            run.plain = ~(overridden | run.positioned) & ((1 << meterCount) - 1);
        }
    }

    // --- accounts

    /// @notice Settles the account of a record, with its position if it has one. The run is at its feeder.
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
    function settlePosition(EnergyLedger storage ledger, SettlementRun memory run, uint32 account) internal {
        if ((run.positioned >> (account & POSITION_MASK)) & 1 == 0) {
            revert IEnergyMarket.EnergyMarketNoPosition(account, run.interval);
        }
        (uint256 amount, int256 contracted) = _takePosition(ledger, run, account);
        _conclude(ledger, run, account, amount, contracted, _readingOf(run, account));
    }

    /// @notice Moves money between an account and the supplier for a deviation.
    /// @param slot The account's slot.
    /// @param supplier The supplier's balance.
    /// @param amount What the account gets, negative: gives.
    /// @return changed The account's slot; the caller stores it.
    /// @return balance The supplier's balance.
    function bookDeviation(
        EnergyLedger storage ledger,
        uint32 account,
        uint32 interval,
        AccountSlot slot,
        uint256 supplier,
        int256 amount
    ) internal returns (AccountSlot changed, uint256 balance) {
        if (amount < 0) {
            uint256 due = uint256(-amount);
            uint256 unpaid;
            (changed, unpaid) = EnergyTreasury.charge(ledger, account, interval, slot, due);
            return (changed, supplier + due - unpaid);
        }
        // What goes into the account's own debt comes back at once, so the supplier need not have it.
        uint256 reach = slot.has(AccountSlots.INDEBTED) ? supplier + ledger.details[account].debt : supplier;
        uint256 paid = EnergyTreasury.owe(ledger, account, interval, reach, uint256(amount));
        uint256 repaid;
        (changed, repaid) = EnergyTreasury.credit(ledger, account, slot, paid);
        balance = supplier + repaid - paid;
    }

    // --- internals

    /// @dev What comes to an account for its order: to a buyer the lock less energy and grid fee, which it covers; to a seller
    /// the lock, the price and a share in the surplus.
    /// @return amount Money units.
    /// @return contracted Wh bought, negative: sold.
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

    /// @dev Pays an account out, books its deviation and notes the result.
    /// @param amount What comes to the account for what it traded.
    /// @param contracted Wh bought, negative: sold.
    /// @param metered What the meter measured, Wh.
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
        (changed, run.supplier) = bookDeviation(ledger, account, run.interval, changed, supplier, deviation);
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
        if ((run.overridden >> position) & 1 != 0) {
            return run.readings.overrideOf(uint32(account), run.interval).wh; // 32 bits
        }
        if (position >= run.meterCount) return SettlementMath.MISSING;
        return _valueOf(run, account);
    }

    /// @dev What the row says of a meter that is in it.
    function _valueOf(SettlementRun memory run, uint256 account) private pure returns (int256 value) {
        unchecked {
            uint256 valueAt = run.valuesAt + (account & POSITION_MASK) * VALUE_BYTES; // a place in the call data
            // Within the row, whose length was checked.
            assembly ("memory-safe") {
                value := sar(VALUE_SHIFT, calldataload(valueAt))
            }
        }
    }

    function _writePositioned(EnergyLedger storage ledger, SettlementRun memory run) private {
        if (run.positioned == run.positionedStored) return;
        ledger.positioned[run.interval][uint16(run.feeder)] = run.positioned; // feeders have 16 bits
    }

    function _writeResults(
        EnergyLedger storage ledger,
        SettlementRun memory run,
        IntervalRecord storage record
    ) private {
        bytes memory results = run.results;
        uint256 resultAt = run.resultAt;
        // Not beyond the memory reserved for them.
        assembly ("memory-safe") {
            mstore(results, sub(sub(resultAt, results), 0x20))
        }
        uint256 index = record.settlements++;
        bytes32 root = SettlementMath.rootOf(results);
        ledger.results[run.interval][index] = root;
        emit IEnergyMarket.AccountsSettled(run.interval, index, root, results);
    }
}
