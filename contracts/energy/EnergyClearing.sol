// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EnergyLedger, MarketFrame} from "./EnergyLedger.sol";

/// @title EnergyClearing
/// @notice Finds prices and shares of an interval from the Wh at each tick of its books.
library EnergyClearing {
    function clear(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        uint32 interval,
        uint256 maxBooks
    ) external returns (bool done) {
        revert();
    }
}
