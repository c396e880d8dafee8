// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BinRecord, BinState, BinStatus, IContainers} from "../waste/containers/IContainers.sol";

/// @title MockContainers
/// @notice Containers as a test sets them, and the two questions that rewards ask about them.
contract MockContainers {
    mapping(uint32 binId => BinState state) private _states;
    mapping(uint32 binId => BinRecord record) private _records;

    /// @notice Sets a container.
    /// @param binId Container.
    /// @param device Key of its device.
    /// @param capacityL Litres.
    /// @param maxGramsPerL Greatest mass of a litre, grams; zero: no bound.
    function set(uint32 binId, address device, uint32 capacityL, uint16 maxGramsPerL) external {
        (_states[binId].device, _states[binId].status) = (device, BinStatus.Active);
        _records[binId].capacityL = capacityL;
        _records[binId].maxGramsPerL = maxGramsPerL;
    }

    /// @notice Changes the status of a container.
    /// @param binId Container.
    /// @param status Its status.
    function setStatus(uint32 binId, BinStatus status) external {
        _states[binId].status = status;
    }

    /// @notice Empties a container.
    /// @param binId Container.
    /// @param emptiedAt Unix time.
    /// @return collection Number of the collection.
    function empty(uint32 binId, uint40 emptiedAt) external returns (uint32 collection) {
        _records[binId].emptiedAt = emptiedAt;
        return ++_records[binId].collections;
    }

    /// @notice What a container's device said last.
    /// @param binId Container.
    /// @return state Its state.
    function stateOf(uint32 binId) external view returns (BinState memory state) {
        if (_states[binId].status == BinStatus.None) revert IContainers.ContainersUnknownBin(binId);
        return _states[binId];
    }

    /// @notice What is known of a container.
    /// @param binId Container.
    /// @return record The record.
    function recordOf(uint32 binId) external view returns (BinRecord memory record) {
        return _records[binId];
    }
}
