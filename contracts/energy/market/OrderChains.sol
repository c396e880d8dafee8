// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EnergyLedger} from "./EnergyLedger.sol";
import {IEnergyMarket, PostedBatch} from "./IEnergyMarket.sol";
import {OrderRecords} from "./OrderRecords.sol";

/// @title OrderChains
/// @notice Unwinds the chain of an interval's posted batches, newest first. So no batch is left out, none counts twice, and
/// records are what posting accepted.
library OrderChains {
    /// @notice Takes a batch off the chain. Reverts if it is not the last one on it.
    /// @param ledger The market's storage.
    /// @param interval Interval.
    /// @param batch The batch.
    function unwind(EnergyLedger storage ledger, uint32 interval, PostedBatch calldata batch) internal {
        bytes32 given = keccak256(abi.encodePacked(batch.previous, keccak256(batch.records)));
        bytes32 expected = ledger.chains[interval];
        if (given != expected) revert IEnergyMarket.EnergyMarketWrongBatch(interval, given, expected);
        ledger.chains[interval] = batch.previous;
    }

    /// @notice Puts two batches in the place of the last one on the chain. Reverts unless each has whole records.
    /// @dev The newer one, which is next, has the first records: so orders are visited in the same order as before, and who
    /// splits a batch moves not a single Wh.
    /// @param ledger Storage of the market.
    /// @param interval Number of the interval.
    /// @param batch The last batch on the chain.
    /// @param offset Where in its records those of the older one begin.
    function split(EnergyLedger storage ledger, uint32 interval, PostedBatch calldata batch, uint256 offset) internal {
        bytes32 divided = ledger.chains[interval];
        unwind(ledger, interval, batch);
        bytes calldata records = batch.records;
        if (offset == 0 || offset >= records.length || !OrderRecords.isBoundary(records, offset)) {
            revert IEnergyMarket.EnergyMarketMalformed(offset, records.length);
        }
        bytes32 middle = keccak256(abi.encodePacked(batch.previous, keccak256(records[offset:])));
        bytes32 chain = keccak256(abi.encodePacked(middle, keccak256(records[:offset])));
        ledger.chains[interval] = chain;
        emit IEnergyMarket.BatchSplit(interval, divided, chain, middle, offset);
    }

    /// @notice Most records that batches can hold.
    /// @param batches Batches, newest first.
    /// @return count Number of records.
    function mostRecords(PostedBatch[] calldata batches) internal pure returns (uint256 count) {
        for (uint256 i = 0; i < batches.length; ++i) {
            count += batches[i].records.length / (OrderRecords.HEAD_BYTES + OrderRecords.STEP_BYTES);
        }
    }
}
