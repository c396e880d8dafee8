// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EnergyLedger, MarketFrame} from "./EnergyLedger.sol";
import {Agreement} from "./IEnergyMarket.sol";

/// @title EnergyAgreements
/// @notice Sales between two accounts outside the auction.
library EnergyAgreements {
    function agree(
        EnergyLedger storage ledger,
        Agreement calldata agreement,
        uint32 current
    ) external returns (bytes32 agreementId) {
        revert();
    }

    function end(
        EnergyLedger storage ledger,
        bytes32 agreementId,
        uint32 fromInterval,
        uint32 firstChangeable
    ) external {
        revert();
    }

    function post(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        uint32 interval,
        bytes32[] calldata agreementIds
    ) external returns (uint256 accepted) {
        revert();
    }
}
