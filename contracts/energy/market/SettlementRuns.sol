// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {EnergyLedger, IntervalRecord, IntervalTotals, Treasury} from "./EnergyLedger.sol";
import {FeederRow, IEnergyMarket, IntervalState} from "./IEnergyMarket.sol";
import {EnergyRules} from "../registry/IEnergyRegistry.sol";
import {IMeterReadings} from "../readings/IMeterReadings.sol";
import {BookRun, PriceRun, SettlementBook} from "./SettlementBook.sol";
import {SettlementMath} from "./SettlementMath.sol";

/// @notice A feeder's row that a settlement has found in the readings. In memory.
struct ProvenRow {
    /// @dev Number of the feeder.
    uint256 feeder;
    /// @dev Where in the call data the values begin, and how many there are.
    uint256 valuesAt;
    uint256 meterCount;
    /// @dev Bit n: the value of the n-th meter is replaced.
    uint256 overridden;
}

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
    /// @dev Rows used so far, which are the first of `proven`.
    uint256 rowsUsed;
    ProvenRow[] proven;
    /// @dev Highest feeder that has a row; above it none needs to be looked for.
    uint256 highestFeeder;
    /// @dev Row of the feeder that the run is at.
    ProvenRow row;
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
/// @notice How a settlement begins, goes from feeder to feeder, and ends. What it does at an account is in
/// {SettlementAccounts}.
/// @dev Sums of money stay below 2^56, for all of it is held by the market, see {AccountSlots-MAX_FREE}.
library SettlementRuns {
    uint256 private constant VALUE_BYTES = 4;
    uint256 private constant WORD_BYTES = 32;

    // --- begin and end

    /// @notice Begins a settlement. Reverts unless the readings are confirmed.
    /// @param ledger The market's storage.
    /// @param readings What the meters measured.
    /// @param interval Interval.
    /// @param capacity Most results that it can have.
    /// @return run The settlement.
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
    /// @param ledger The market's storage.
    /// @param run The settlement; is moved on.
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

    /// @notice Goes to a feeder. If the run was never there, its row is the next one of those given.
    /// @param ledger The market's storage.
    /// @param run The settlement; is moved on.
    /// @param rows Rows of feeders, in the order in which the run comes to them first.
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

        ProvenRow memory row = _rowOf(run, rows, number);
        run.row = row;
        // A feeder has at most 256 meters; a shift by 256 leaves nothing.
        unchecked {
            run.plain = ~(row.overridden | run.positioned) & ((1 << row.meterCount) - 1);
        }
    }

    // --- internals

    /// @dev A feeder's row: one that was proven before in this run, or the next one given.
    function _rowOf(
        SettlementRun memory run,
        FeederRow[] calldata rows,
        uint16 feeder
    ) private view returns (ProvenRow memory row) {
        uint256 used = run.rowsUsed;
        if (feeder > run.highestFeeder) {
            run.highestFeeder = feeder;
            if (used == 0) run.proven = new ProvenRow[](rows.length);
        } else {
            // As many as rows were given, each of which costs far more to be read and proven.
            for (uint256 i = 0; i < used; ++i) if (run.proven[i].feeder == feeder) return run.proven[i];
        }
        if (used == rows.length) revert IEnergyMarket.EnergyMarketWrongRow(run.interval, feeder, used);
        row = run.proven[used];
        row.feeder = feeder;
        _prove(run, row, rows[used]);
        run.rowsUsed = used + 1;
    }

    /// @dev Checks the row of a feeder, and notes what it says. It is the next one given.
    function _prove(SettlementRun memory run, ProvenRow memory row, FeederRow calldata given) private view {
        uint16 feeder = uint16(row.feeder); // 16 bits
        (bytes32 root, , uint16 meterCount, uint256 overridden) = run.readings.rowOf(feeder, run.interval);
        bytes calldata values = given.values;
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encodePacked(run.interval, values))));
        if (values.length != meterCount * VALUE_BYTES || !MerkleProof.verifyCalldata(given.proof, root, leaf)) {
            revert IEnergyMarket.EnergyMarketWrongRow(run.interval, feeder, run.rowsUsed);
        }
        uint256 valuesAt;
        assembly ("memory-safe") {
            valuesAt := values.offset
        }
        row.valuesAt = valuesAt;
        row.meterCount = meterCount;
        row.overridden = overridden;
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
