// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Who signs for a pack and where its device stands, in one storage slot. From the low end: key 160 bits (zero:
/// not fetched from the pack yet), counter of the latest reading 48 (zero: none yet), its Unix time 48.
type Head is uint256;

/// @notice What a device said last, in one storage slot. From the low end: lifetime throughput Wh 48 bits, energy left
/// Wh 40, full equivalent cycles 32, estimated health in basis points 16, greatest cell temperature in tenths of a
/// kelvin 16 (zero: not measured), {DeviceFlags} 32, rated power of the pack W 32 (zero: not stated; fetched together
/// with the key), Unix time of the latest reading that told of abuse 40 (zero: never).
type State is uint256;

using DeviceSlots for Head global;
using DeviceSlots for State global;

/// @title DeviceSlots
/// @notice Packs and unpacks the two slots that every reading reads and writes.
/// @dev By hand, because the compiler reads and writes a packed struct field by field, which costs every reading 2,000
/// gas more. Packing takes fields of their own width, so no shift can spill into a neighbour; unpacking narrows
/// after a shift that leaves the field at the low end.
library DeviceSlots {
    uint256 private constant COUNTER_SHIFT = 160;
    uint256 private constant TAKEN_AT_SHIFT = 208;

    uint256 private constant REMAINING_SHIFT = 48;
    uint256 private constant CYCLES_SHIFT = 88;
    uint256 private constant SOH_SHIFT = 120;
    uint256 private constant TEMPERATURE_SHIFT = 136;
    uint256 private constant FLAGS_SHIFT = 152;
    uint256 private constant POWER_SHIFT = 184;
    uint256 private constant ABUSED_AT_SHIFT = 216;

    /// @notice Packs a head.
    /// @param key Key of the device.
    /// @param readingCounter Counter of the latest reading.
    /// @param readingTakenAt Its Unix time.
    /// @return head The slot.
    function packHead(address key, uint48 readingCounter, uint48 readingTakenAt) internal pure returns (Head head) {
        return
            Head.wrap(
                uint160(key) | (uint256(readingCounter) << COUNTER_SHIFT) | (uint256(readingTakenAt) << TAKEN_AT_SHIFT)
            );
    }

    /// @notice The same standing under another key.
    /// @param head The slot.
    /// @param key New key.
    /// @return changed The slot with the new key.
    function withDevice(Head head, address key) internal pure returns (Head changed) {
        return packHead(key, counter(head), takenAt(head));
    }

    /// @notice Key of the device.
    /// @param head The slot.
    /// @return key Zero: not fetched from the pack yet.
    function device(Head head) internal pure returns (address key) {
        return address(uint160(Head.unwrap(head)));
    }

    /// @notice Counter of the latest reading.
    /// @param head The slot.
    /// @return value Zero: no reading yet.
    function counter(Head head) internal pure returns (uint48 value) {
        return uint48(Head.unwrap(head) >> COUNTER_SHIFT);
    }

    /// @notice Unix time of the latest reading.
    /// @param head The slot.
    /// @return value Zero: no reading yet.
    function takenAt(Head head) internal pure returns (uint48 value) {
        return uint48(Head.unwrap(head) >> TAKEN_AT_SHIFT);
    }

    /// @notice Packs what never comes from a device.
    /// @param powerW Rated power, W.
    /// @param abuseTime Unix time of the latest reading that told of abuse.
    /// @return state The slot, all else zero.
    function packState(uint32 powerW, uint40 abuseTime) internal pure returns (State state) {
        return State.wrap((uint256(powerW) << POWER_SHIFT) | (uint256(abuseTime) << ABUSED_AT_SHIFT));
    }

    /// @notice Adds what a device said to a slot of {packState}.
    /// @param state The slot, with nothing of a device in it.
    /// @param throughput Lifetime throughput, Wh.
    /// @param remaining Energy left, Wh.
    /// @param cycles Full equivalent cycles.
    /// @param healthBp Estimated health, basis points.
    /// @param temperatureDK Greatest cell temperature, tenths of a kelvin.
    /// @param bits See {DeviceFlags}.
    /// @return filled The slot.
    function withReading(
        State state,
        uint48 throughput,
        uint40 remaining,
        uint32 cycles,
        uint16 healthBp,
        uint16 temperatureDK,
        uint32 bits
    ) internal pure returns (State filled) {
        return
            State.wrap(
                State.unwrap(state) |
                    throughput |
                    (uint256(remaining) << REMAINING_SHIFT) |
                    (uint256(cycles) << CYCLES_SHIFT) |
                    (uint256(healthBp) << SOH_SHIFT) |
                    (uint256(temperatureDK) << TEMPERATURE_SHIFT) |
                    (uint256(bits) << FLAGS_SHIFT)
            );
    }

    /// @notice Lifetime throughput.
    /// @param state The slot.
    /// @return value Wh.
    function throughputWh(State state) internal pure returns (uint48 value) {
        return uint48(State.unwrap(state));
    }

    /// @notice Energy left.
    /// @param state The slot.
    /// @return value Wh.
    function remainingWh(State state) internal pure returns (uint40 value) {
        return uint40(State.unwrap(state) >> REMAINING_SHIFT);
    }

    /// @notice Full equivalent cycles.
    /// @param state The slot.
    /// @return value Cycles.
    function fullCycles(State state) internal pure returns (uint32 value) {
        return uint32(State.unwrap(state) >> CYCLES_SHIFT);
    }

    /// @notice Estimated health.
    /// @param state The slot.
    /// @return value Basis points.
    function sohBp(State state) internal pure returns (uint16 value) {
        return uint16(State.unwrap(state) >> SOH_SHIFT);
    }

    /// @notice Greatest cell temperature.
    /// @param state The slot.
    /// @return value Tenths of a kelvin; zero: not measured.
    function maxTempDK(State state) internal pure returns (uint16 value) {
        return uint16(State.unwrap(state) >> TEMPERATURE_SHIFT);
    }

    /// @notice What the device saw, and marks.
    /// @param state The slot.
    /// @return value See {DeviceFlags}.
    function flags(State state) internal pure returns (uint32 value) {
        return uint32(State.unwrap(state) >> FLAGS_SHIFT);
    }

    /// @notice Rated power of the pack.
    /// @param state The slot.
    /// @return value W; zero: not stated.
    function ratedPowerW(State state) internal pure returns (uint32 value) {
        return uint32(State.unwrap(state) >> POWER_SHIFT);
    }

    /// @notice Unix time of the latest reading that told of abuse.
    /// @param state The slot.
    /// @return value Zero: never.
    function abusedAt(State state) internal pure returns (uint40 value) {
        return uint40(State.unwrap(state) >> ABUSED_AT_SHIFT);
    }
}
