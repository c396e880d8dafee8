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

    /// @notice Most records that batches can hold.
    /// @param batches Batches, newest first.
    /// @return count Number of records.
    function mostRecords(PostedBatch[] calldata batches) internal pure returns (uint256 count) {
        for (uint256 i = 0; i < batches.length; ++i) {
            count += batches[i].records.length / (OrderRecords.HEAD_BYTES + OrderRecords.STEP_BYTES);
        }
    }
}
