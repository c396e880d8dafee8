// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IContainers} from "../waste/containers/IContainers.sol";
import {Lot, LotState} from "../waste/lots/IWasteLots.sol";

/// @title MockWasteLots
/// @notice Lots of tickets as a test sets them, and the two questions that rewards ask about them.
contract MockWasteLots {
    /// @notice Containers.
    IContainers public immutable containers;

    mapping(uint64 lotId => Lot lot) private _lots;

    /// @param containers_ Containers.
    constructor(IContainers containers_) {
        containers = containers_;
    }

    /// @notice Sets the lot of a ticket.
    /// @param lotId The lot.
    /// @param code Code of the waste.
    /// @param grams Mass on the ticket.
    function set(uint64 lotId, uint24 code, uint32 grams) external {
        Lot storage lot = _lots[lotId];
        (lot.state, lot.code, lot.grams, lot.collectedGrams) = (LotState.Open, code, grams, grams);
    }

    /// @notice Sets the flags of a lot.
    /// @param lotId The lot.
    /// @param flags See {LotFlags}.
    function flag(uint64 lotId, uint8 flags) external {
        _lots[lotId].flags = flags;
    }

    /// @notice A lot.
    /// @param lotId Number.
    /// @return lot What is known of it.
    function lotOf(uint64 lotId) external view returns (Lot memory lot) {
        return _lots[lotId];
    }
}
