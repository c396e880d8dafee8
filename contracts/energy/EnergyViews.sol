// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EnergyLedger, MarketFrame} from "./EnergyLedger.sol";
import {AccountView, BookClass, IntervalState, Round, Share, StandingOrder} from "./IEnergyMarket.sol";

/// @title EnergyViews
/// @notice What everybody may see of the market.
library EnergyViews {
    function accountOf(EnergyLedger storage ledger, uint32 account) external view returns (AccountView memory) {
        revert();
    }

    function standingOrderOf(EnergyLedger storage ledger, uint32 account) external view returns (StandingOrder memory) {
        revert();
    }

    function stateOf(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        uint32 interval
    ) external view returns (IntervalState) {
        revert();
    }

    function levelsOf(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        uint32 interval,
        uint16 feeder,
        BookClass bookClass
    ) external view returns (uint64[256] memory levels) {
        revert();
    }

    function shareOf(
        EnergyLedger storage ledger,
        uint32 interval,
        uint16 feeder,
        BookClass bookClass,
        Round round
    ) external view returns (Share memory) {
        revert();
    }

    function balances(
        EnergyLedger storage ledger
    ) external view returns (uint256 supplierBalance, uint256 gridFees, uint256 pot, uint256 held) {
        revert();
    }
}
