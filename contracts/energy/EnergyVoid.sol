// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EnergyLedger, MarketFrame} from "./EnergyLedger.sol";
import {PostedBatch} from "./IEnergyMarket.sol";

/// @title EnergyVoid
/// @notice Gives an interval up and returns every lock.
library EnergyVoid {
    function voidInterval(EnergyLedger storage ledger, MarketFrame memory frame, uint32 interval) external {
        revert();
    }

    function refund(EnergyLedger storage ledger, uint32 interval, PostedBatch[] calldata batches) external {
        revert();
    }

    function refundPositions(EnergyLedger storage ledger, uint32 interval, bytes calldata accounts) external {
        revert();
    }
}
