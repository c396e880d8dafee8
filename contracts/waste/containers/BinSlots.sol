// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BinRecord, BinState, BinStatus} from "./IContainers.sol";

/// @notice What a container's device said last, in one storage slot. From the low end: device 160 bits (zero: no such
/// container), greatest counter 32, Unix time 34, fill in basis points 14, alert level 14, status 2.
type BinHead is uint256;

/// @notice What changes rarely, in one storage slot. From the low end: Unix time of the latest ticket 34 bits, tickets 32,
/// counter of the latest ticket 32, greatest mass of a litre 16, litres 32, code 24, district 24, latitude above -90 degrees
/// 28, longitude above -180 degrees 29.
type BinPlate is uint256;

using BinSlots for BinHead global;
using BinSlots for BinPlate global;

/// @title BinSlots
/// @notice Packs and unpacks the two slots of a container.
/// @dev By hand, because the compiler reads and writes a packed struct field by field. Times are at most 300 seconds ahead of
/// the clock, which fits 34 bits up to the year 2514; basis points are at most 10,000, which fits 14 bits; a place is at most
/// 180 and 360 million above the least one, which fits 28 and 29 bits. Unpacking narrows after a shift that leaves the field
/// at the low end, or a mask of its width.
///
/// Longer than 150 lines because of the notes on what each function is given.
library BinSlots {
    uint256 private constant COUNTER_SHIFT = 160;
    uint256 private constant TIME_SHIFT = 192;
    uint256 private constant FILL_SHIFT = 226;
    uint256 private constant ALERT_SHIFT = 240;
    uint256 private constant STATUS_SHIFT = 254;
    uint256 private constant TIME_MASK = (1 << 34) - 1;
    uint256 private constant BP_MASK = (1 << 14) - 1;
    /// @dev Counter, time and fill.
    uint256 private constant READING_MASK = ((1 << 80) - 1) << COUNTER_SHIFT;
    uint256 private constant COUNTER_MASK = ((1 << 32) - 1) << COUNTER_SHIFT;
    uint256 private constant ALERT_MASK = BP_MASK << ALERT_SHIFT;

    uint256 private constant COLLECTIONS_SHIFT = 34;
    uint256 private constant TICKET_SHIFT = 66;
    uint256 private constant DENSITY_SHIFT = 98;
    uint256 private constant CAPACITY_SHIFT = 114;
    uint256 private constant CODE_SHIFT = 146;
    uint256 private constant DISTRICT_SHIFT = 170;
    uint256 private constant LATITUDE_SHIFT = 194;
    uint256 private constant LONGITUDE_SHIFT = 222;
    uint256 private constant LATITUDE_MASK = (1 << 28) - 1;
    uint256 private constant TICKET_COUNTER_MASK = ((1 << 32) - 1) << TICKET_SHIFT;
    /// @dev Time, number and counter of tickets.
    uint256 private constant TICKETS_MASK = (1 << 98) - 1;

    /// @notice Greatest latitude, millionths of a degree.
    int32 internal constant MAX_LATITUDE = 90_000_000;
    /// @notice Greatest longitude, millionths of a degree.
    int32 internal constant MAX_LONGITUDE = 180_000_000;

    // --- what the device said

    /// @notice Packs a container whose device said nothing yet.
    /// @param key Its device.
    /// @param level Alert level, basis points.
    /// @return head The slot.
    function packHead(address key, uint16 level) internal pure returns (BinHead head) {
        return BinHead.wrap(uint160(key) | (uint256(level) << ALERT_SHIFT)).withStatus(BinStatus.Active);
    }

    /// @notice The same container after a message of its device.
    /// @param head The slot.
    /// @param newCounter Greatest counter.
    /// @param newTime Unix time of the message.
    /// @param newFill Fill, basis points.
    /// @return changed The slot with it.
    function withReading(
        BinHead head,
        uint32 newCounter,
        uint40 newTime,
        uint16 newFill
    ) internal pure returns (BinHead changed) {
        return
            BinHead.wrap(
                (BinHead.unwrap(head) & ~READING_MASK) |
                    (uint256(newCounter) << COUNTER_SHIFT) |
                    (uint256(newTime) << TIME_SHIFT) |
                    (uint256(newFill) << FILL_SHIFT)
            );
    }

    /// @notice The same container with another device, whose counter is zero.
    /// @param head The slot.
    /// @param key The device.
    /// @return changed The slot with it.
    function withDevice(BinHead head, address key) internal pure returns (BinHead changed) {
        uint256 rest = BinHead.unwrap(head) & ~(uint256(type(uint160).max) | COUNTER_MASK);
        return BinHead.wrap(rest | uint160(key));
    }

    /// @notice The same container with another alert level.
    /// @param head The slot.
    /// @param level Alert level, basis points.
    /// @return changed The slot with it.
    function withAlert(BinHead head, uint16 level) internal pure returns (BinHead changed) {
        return BinHead.wrap((BinHead.unwrap(head) & ~ALERT_MASK) | (uint256(level) << ALERT_SHIFT));
    }

    /// @notice The same container with another status.
    /// @param head The slot.
    /// @param newStatus The status.
    /// @return changed The slot with it.
    function withStatus(BinHead head, BinStatus newStatus) internal pure returns (BinHead changed) {
        uint256 rest = BinHead.unwrap(head) & ((1 << STATUS_SHIFT) - 1);
        return BinHead.wrap(rest | (uint256(newStatus) << STATUS_SHIFT));
    }

    /// @notice Key of the device.
    /// @param head The slot.
    /// @return key Zero: there is no such container.
    function device(BinHead head) internal pure returns (address key) {
        return address(uint160(BinHead.unwrap(head)));
    }

    /// @notice Greatest counter of a message.
    /// @param head The slot.
    /// @return value Zero: none yet.
    function counter(BinHead head) internal pure returns (uint32 value) {
        return uint32(BinHead.unwrap(head) >> COUNTER_SHIFT);
    }

    /// @notice Unix time of the latest message.
    /// @param head The slot.
    /// @return value Zero: none yet.
    function takenAt(BinHead head) internal pure returns (uint40 value) {
        return uint40((BinHead.unwrap(head) >> TIME_SHIFT) & TIME_MASK);
    }

    /// @notice How full.
    /// @param head The slot.
    /// @return value Basis points.
    function fillBp(BinHead head) internal pure returns (uint16 value) {
        return uint16((BinHead.unwrap(head) >> FILL_SHIFT) & BP_MASK);
    }

    /// @notice Fill at which it wants to be emptied.
    /// @param head The slot.
    /// @return value Basis points.
    function alertBp(BinHead head) internal pure returns (uint16 value) {
        return uint16((BinHead.unwrap(head) >> ALERT_SHIFT) & BP_MASK);
    }

    /// @notice What may be done with the container.
    /// @param head The slot.
    /// @return value None: there is no such container.
    function status(BinHead head) internal pure returns (BinStatus value) {
        return BinStatus(BinHead.unwrap(head) >> STATUS_SHIFT); // two bits, four members
    }

    /// @notice The slot as others read it.
    /// @param head The slot.
    /// @return state The same, unpacked.
    function toState(BinHead head) internal pure returns (BinState memory state) {
        return
            BinState({
                device: device(head),
                counter: counter(head),
                takenAt: takenAt(head),
                fillBp: fillBp(head),
                alertBp: alertBp(head),
                status: status(head)
            });
    }

    // --- the rest

    /// @notice The same tickets with another description.
    /// @param plate The slot; zero: no tickets.
    /// @param record The description, whose place is in range and whose `collections` and `emptiedAt` are not looked at.
    /// @return changed The slot with it.
    function withRecord(BinPlate plate, BinRecord calldata record) internal pure returns (BinPlate changed) {
        // Both sums are positive, because a place is not below the least one.
        uint256 latitude = uint32(record.latitude + MAX_LATITUDE);
        uint256 longitude = uint32(record.longitude + MAX_LONGITUDE);
        return
            BinPlate.wrap(
                (BinPlate.unwrap(plate) & TICKETS_MASK) |
                    (uint256(record.maxGramsPerL) << DENSITY_SHIFT) |
                    (uint256(record.capacityL) << CAPACITY_SHIFT) |
                    (uint256(record.code) << CODE_SHIFT) |
                    (uint256(record.district) << DISTRICT_SHIFT) |
                    (latitude << LATITUDE_SHIFT) |
                    (longitude << LONGITUDE_SHIFT)
            );
    }

    /// @notice The same container after a ticket.
    /// @param plate The slot.
    /// @param newCounter Counter of the ticket.
    /// @param newCollections Tickets, this one included.
    /// @param newTime Its Unix time.
    /// @return changed The slot with it.
    function withTicket(
        BinPlate plate,
        uint32 newCounter,
        uint32 newCollections,
        uint40 newTime
    ) internal pure returns (BinPlate changed) {
        return
            BinPlate.wrap(
                (BinPlate.unwrap(plate) & ~TICKETS_MASK) |
                    newTime |
                    (uint256(newCollections) << COLLECTIONS_SHIFT) |
                    (uint256(newCounter) << TICKET_SHIFT)
            );
    }

    /// @notice The same container for a device that signed no ticket yet.
    /// @param plate The slot.
    /// @return changed The slot with a ticket counter of zero.
    function withoutTicketCounter(BinPlate plate) internal pure returns (BinPlate changed) {
        return BinPlate.wrap(BinPlate.unwrap(plate) & ~TICKET_COUNTER_MASK);
    }

    /// @notice Unix time of the latest ticket.
    /// @param plate The slot.
    /// @return value Zero: none yet.
    function emptiedAt(BinPlate plate) internal pure returns (uint40 value) {
        return uint40(BinPlate.unwrap(plate) & TIME_MASK);
    }

    /// @notice How many tickets emptied the container.
    /// @param plate The slot.
    /// @return value Tickets.
    function collections(BinPlate plate) internal pure returns (uint32 value) {
        return uint32(BinPlate.unwrap(plate) >> COLLECTIONS_SHIFT);
    }

    /// @notice Counter of the latest ticket of the device.
    /// @param plate The slot.
    /// @return value Zero: none yet.
    function ticketCounter(BinPlate plate) internal pure returns (uint32 value) {
        return uint32(BinPlate.unwrap(plate) >> TICKET_SHIFT);
    }

    /// @notice What belongs into the container.
    /// @param plate The slot.
    /// @return value Code.
    function code(BinPlate plate) internal pure returns (uint24 value) {
        return uint24(BinPlate.unwrap(plate) >> CODE_SHIFT);
    }

    /// @notice Most that fits into the container.
    /// @param plate The slot.
    /// @return grams Capacity times the greatest mass of a litre; zero: no bound.
    function maxGrams(BinPlate plate) internal pure returns (uint256 grams) {
        uint256 word = BinPlate.unwrap(plate);
        return uint256(uint16(word >> DENSITY_SHIFT)) * uint32(word >> CAPACITY_SHIFT);
    }

    /// @notice The slot as others read it.
    /// @param plate The slot of a container.
    /// @return record The same, unpacked.
    function toRecord(BinPlate plate) internal pure returns (BinRecord memory record) {
        uint256 word = BinPlate.unwrap(plate);
        // 28 and 29 bits fit an int32.
        record.latitude = int32(uint32((word >> LATITUDE_SHIFT) & LATITUDE_MASK)) - MAX_LATITUDE;
        record.longitude = int32(uint32(word >> LONGITUDE_SHIFT)) - MAX_LONGITUDE;
        record.capacityL = uint32(word >> CAPACITY_SHIFT);
        record.code = code(plate);
        record.district = uint24(word >> DISTRICT_SHIFT);
        record.maxGramsPerL = uint16(word >> DENSITY_SHIFT);
        record.collections = collections(plate);
        record.emptiedAt = emptiedAt(plate);
    }

    /// @notice Whether two slots are the same.
    /// @param left One.
    /// @param right The other.
    /// @return same True if so.
    function equals(BinPlate left, BinPlate right) internal pure returns (bool same) {
        return BinPlate.unwrap(left) == BinPlate.unwrap(right);
    }
}
