// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EnergyLedger, MarketFrame} from "./EnergyLedger.sol";
import {SignedOrder, Step} from "./IEnergyMarket.sol";

/// @title EnergyOrders
/// @notice Takes orders into the books of an interval.
library EnergyOrders {
    function postMany(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        bytes32 domain,
        uint32 interval,
        bytes calldata records,
        bytes calldata signatures
    ) external returns (uint256 accepted) {
        revert();
    }

    function postOwn(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        uint32 interval,
        uint32 account,
        uint8 flags,
        Step[] calldata steps
    ) external {
        revert();
    }

    function postSigned(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        SignedOrder calldata order,
        bytes32 digest
    ) external {
        revert();
    }

    function postStanding(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        uint32 interval,
        bytes calldata accounts
    ) external returns (uint256 accepted) {
        revert();
    }
}
