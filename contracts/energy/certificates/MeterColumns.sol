// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {IEnergyCertificates} from "./IEnergyCertificates.sol";
import {DayRecord, IMeterReadings} from "../readings/IMeterReadings.sol";

/// @notice A meter's day whose column is proven.
struct MeterDay {
    uint32 meter;
    /// @dev Number of the day's first interval.
    uint32 firstInterval;
    /// @dev Replaced values, bit n for the n-th interval.
    uint256 overridden;
}

/// @title MeterColumns
/// @notice Proves what a meter measured in a day, as {IMeterReadings-dayOf} has it, and reads it.
library MeterColumns {
    /// @dev A meter's number without its position on the feeder.
    uint256 private constant FEEDER_SHIFT = 8;
    uint256 private constant VALUE_BYTES = 4;

    /// @notice Checks that a column is the meter's of that day and final for settlement.
    /// @param readings What the meters measured.
    /// @param meter Meter that is registered, so its number has 24 bits.
    /// @param day Day number.
    /// @param column One int32 for each interval.
    /// @param proof Siblings from the column to the root.
    /// @param intervalsPerDay Of the readings, at most 256.
    /// @return proven What {valueOf} needs.
    function prove(
        IMeterReadings readings,
        uint32 meter,
        uint32 day,
        bytes calldata column,
        bytes32[] calldata proof,
        uint32 intervalsPerDay
    ) internal view returns (MeterDay memory proven) {
        (uint256 finalFrom, bytes32 root) = finalAt(readings, meter, day);
        // solhint-disable-next-line not-rely-on-time
        if (finalFrom == 0 || block.timestamp < finalFrom) {
            revert IEnergyCertificates.EnergyCertificatesNotFinal(meter, day, finalFrom);
        }
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encodePacked(meter, column))));
        if (!MerkleProof.verifyCalldata(proof, root, leaf)) {
            revert IEnergyCertificates.EnergyCertificatesWrongProof(meter, day);
        }
        proven.meter = meter;
        proven.firstInterval = day * intervalsPerDay; // the day is past, so its intervals have 32 bits
        proven.overridden = readings.overriddenOf(meter, day);
    }

    /// @notice When a meter's day is final for settlement.
    /// @param readings What the meters measured.
    /// @param meter Meter.
    /// @param day Day number: unix time / 86,400.
    /// @return timestamp Unix time; zero: nothing is accepted.
    /// @return root Root over the meters.
    function finalAt(
        IMeterReadings readings,
        uint32 meter,
        uint32 day
    ) internal view returns (uint256 timestamp, bytes32 root) {
        DayRecord memory record = readings.dayOf(uint16(meter >> FEEDER_SHIFT), day); // what is left of 24 bits
        if (record.acceptedAt != 0) timestamp = uint256(record.acceptedAt) + readings.window();
        root = record.columnsRoot;
    }

    /// @notice Net draw in an interval of a proven day, Wh; zero if there is no reading.
    /// @param readings What the meters measured.
    /// @param proven From {prove}.
    /// @param column One int32 for each interval.
    /// @param n Number of the interval in the day.
    /// @return wh Net draw, Wh.
    function valueOf(
        IMeterReadings readings,
        MeterDay memory proven,
        bytes calldata column,
        uint256 n
    ) internal view returns (int256 wh) {
        if ((proven.overridden >> n) & 1 == 1) {
            return readings.overrideOf(proven.meter, proven.firstInterval + uint32(n)).wh; // n is below 256
        }
        int32 value = int32(uint32(bytes4(column[n * VALUE_BYTES:(n + 1) * VALUE_BYTES]))); // the bits of an int32
        return value == type(int32).min ? int256(0) : value;
    }
}
