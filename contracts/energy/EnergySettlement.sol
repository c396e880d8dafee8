// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EnergyLedger, MarketFrame} from "./EnergyLedger.sol";
import {FeederRow, PostedBatch} from "./IEnergyMarket.sol";
import {IMeterReadings} from "./IMeterReadings.sol";

/// @title EnergySettlement
/// @notice Pays for what was traded, against what the meters measured.
library EnergySettlement {
    function confirmReadings(
        EnergyLedger storage ledger,
        IMeterReadings readings,
        uint32 interval,
        uint256 maxFeeders
    ) external returns (bool done) {
        revert();
    }

    function settle(
        EnergyLedger storage ledger,
        IMeterReadings readings,
        uint32 interval,
        PostedBatch[] calldata batches,
        FeederRow[] calldata rows
    ) external {
        revert();
    }

    function settlePositions(
        EnergyLedger storage ledger,
        IMeterReadings readings,
        uint32 interval,
        bytes calldata accounts,
        FeederRow[] calldata rows
    ) external {
        revert();
    }

    function correct(
        EnergyLedger storage ledger,
        IMeterReadings readings,
        uint32 interval,
        uint256 index,
        bytes calldata group,
        uint256 position,
        bytes32[] calldata proof
    ) external {
        revert();
    }
}
