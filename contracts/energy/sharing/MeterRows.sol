// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {IEnergySharing, SharedInterval} from "./IEnergySharing.sol";
import {IMeterReadings} from "../readings/IMeterReadings.sol";

/// @notice A feeder's readings of an interval whose row is proven.
struct MeterRow {
    uint32 interval;
    uint16 meterCount;
    /// @dev Replaced values, bit n for the n-th meter.
    uint256 overridden;
}

/// @title MeterRows
/// @notice Proves what the meters of a feeder measured in an interval, as {IMeterReadings-rowOf} has it, and reads it.
library MeterRows {
    uint256 private constant VALUE_BYTES = 4;
    /// @dev A meter's position on its feeder, the low byte of its number.
    uint256 private constant POSITION_MASK = 0xff;

    /// @notice Checks that a row is the feeder's of that interval and final for settlement.
    /// @param readings What the meters measured.
    /// @param community Community for which it is asked.
    /// @param feeder Feeder.
    /// @param shared Interval, row and siblings up to the root.
    /// @return proven What {valueOf} needs.
    function prove(
        IMeterReadings readings,
        uint32 community,
        uint16 feeder,
        SharedInterval calldata shared
    ) internal view returns (MeterRow memory proven) {
        uint32 interval = shared.interval;
        (bytes32 root, uint256 finalAt, uint16 meterCount, uint256 overridden) = readings.rowOf(feeder, interval);
        if (root == 0) revert IEnergySharing.EnergySharingNotFinal(community, interval, 0);
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp < finalAt) revert IEnergySharing.EnergySharingNotFinal(community, interval, finalAt);
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encodePacked(interval, shared.row))));
        if (!MerkleProof.verifyCalldata(shared.proof, root, leaf)) {
            revert IEnergySharing.EnergySharingWrongRow(community, interval);
        }
        return MeterRow({interval: interval, meterCount: meterCount, overridden: overridden});
    }

    /// @notice Net draw of a meter in a proven row, Wh; zero if there is no reading, or the meter came later.
    /// @param readings What the meters measured.
    /// @param proven From {prove}.
    /// @param row int32 of every meter.
    /// @param meter Meter.
    /// @return wh Net draw, Wh.
    function valueOf(
        IMeterReadings readings,
        MeterRow memory proven,
        bytes calldata row,
        uint32 meter
    ) internal view returns (int256 wh) {
        uint256 position = meter & POSITION_MASK;
        if (position >= proven.meterCount) return 0;
        if ((proven.overridden >> position) & 1 == 1) return readings.overrideOf(meter, proven.interval).wh;
        uint256 offset = position * VALUE_BYTES;
        int32 value = int32(uint32(bytes4(row[offset:offset + VALUE_BYTES]))); // the bits of an int32
        return value == type(int32).min ? int256(0) : value;
    }
}
