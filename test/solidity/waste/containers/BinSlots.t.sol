// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BinHead, BinPlate, BinSlots} from "../../../../contracts/waste/containers/BinSlots.sol";
import {BinRecord, BinState, BinStatus} from "../../../../contracts/waste/containers/IContainers.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

contract BinSlotsTest is CivitasTest {
    uint256 private constant TIME_LIMIT = (1 << 34) - 1;
    uint256 private constant BP_LIMIT = (1 << 14) - 1;

    function testFuzz_HeadKeepsEveryField(address device, address later, uint256 seed) external pure {
        BinState memory state = _state(device, seed);
        BinHead head = BinSlots.packHead(device, state.alertBp);
        _assertState(head, BinState(device, 0, 0, 0, state.alertBp, BinStatus.Active));
        head = head.withReading(state.counter, state.takenAt, state.fillBp).withStatus(state.status);
        _assertState(head, state);

        BinState memory next = _state(later, uint256(keccak256(abi.encode(seed))));
        head = head.withAlert(next.alertBp);
        state.alertBp = next.alertBp;
        _assertState(head, state);
        head = head.withDevice(later);
        (state.device, state.counter) = (later, 0);
        _assertState(head, state);
        head = head.withStatus(next.status);
        state.status = next.status;
        _assertState(head, state);
        head = head.withReading(next.counter, next.takenAt, next.fillBp);
        _assertState(head, next);
    }

    function testFuzz_PlateKeepsEveryField(uint256 seed, uint32 counter, uint32 nextCounter) external view {
        BinRecord memory record = _record(seed);
        BinPlate plate = this.withRecord(BinPlate.wrap(0), record);
        (uint32 collections, uint40 emptiedAt) = (record.collections, record.emptiedAt);
        (record.collections, record.emptiedAt) = (0, 0);
        _assertRecord(plate, record, 0);
        plate = plate.withTicket(counter, collections, emptiedAt);
        (record.collections, record.emptiedAt) = (collections, emptiedAt);
        _assertRecord(plate, record, counter);

        BinRecord memory next = _record(uint256(keccak256(abi.encode(seed))));
        plate = this.withRecord(plate, next);
        assertTrue(plate.equals(this.withRecord(plate, next)), "twice the same");
        (collections, emptiedAt) = (next.collections, next.emptiedAt);
        (next.collections, next.emptiedAt) = (record.collections, record.emptiedAt);
        _assertRecord(plate, next, counter);
        plate = plate.withTicket(nextCounter, collections, emptiedAt);
        (next.collections, next.emptiedAt) = (collections, emptiedAt);
        _assertRecord(plate, next, nextCounter);
        plate = plate.withoutTicketCounter();
        _assertRecord(plate, next, 0);
    }

    function withRecord(BinPlate plate, BinRecord calldata record) external pure returns (BinPlate changed) {
        return plate.withRecord(record);
    }

    function test_PlatesAreTheSameOnlyInEveryBit() external pure {
        for (uint256 bit = 0; bit < 256; ++bit) {
            assertFalse(BinPlate.wrap(0).equals(BinPlate.wrap(1 << bit)), vm.toString(bit));
        }
        assertTrue(BinPlate.wrap(7).equals(BinPlate.wrap(7)), "same");
    }

    function test_PlacesAtTheEndsOfTheWorld() external view {
        int32[3] memory latitudes = [-BinSlots.MAX_LATITUDE, int32(0), BinSlots.MAX_LATITUDE];
        int32[3] memory longitudes = [BinSlots.MAX_LONGITUDE, int32(0), -BinSlots.MAX_LONGITUDE];
        for (uint256 i = 0; i < latitudes.length; ++i) {
            BinRecord memory record;
            (record.latitude, record.longitude) = (latitudes[i], longitudes[i]);
            record.district = type(uint24).max;
            _assertRecord(this.withRecord(BinPlate.wrap(0), record), record, 0);
        }
    }

    /// @dev Any state; every field with all the bits it has in the slot.
    function _state(address device, uint256 seed) private pure returns (BinState memory state) {
        return
            BinState({
                device: device,
                counter: uint32(seed),
                takenAt: uint40((seed >> 32) & TIME_LIMIT),
                fillBp: uint16((seed >> 72) & BP_LIMIT),
                alertBp: uint16((seed >> 88) & BP_LIMIT),
                status: BinStatus((seed >> 104) % 4)
            });
    }

    function _record(uint256 seed) private pure returns (BinRecord memory record) {
        return
            BinRecord({
                latitude: int32(int256(bound(uint32(seed), 0, 180_000_000))) - 90_000_000,
                longitude: int32(int256(bound(uint32(seed >> 32), 0, 360_000_000))) - 180_000_000,
                capacityL: uint32(seed >> 64),
                code: uint24(seed >> 96),
                district: uint24(seed >> 120),
                maxGramsPerL: uint16(seed >> 144),
                collections: uint32(seed >> 160),
                emptiedAt: uint40((seed >> 192) & TIME_LIMIT)
            });
    }

    function _assertState(BinHead head, BinState memory expected) private pure {
        assertEq(keccak256(abi.encode(head.toState())), keccak256(abi.encode(expected)), "state");
    }

    function _assertRecord(BinPlate plate, BinRecord memory expected, uint32 counter) private pure {
        assertEq(keccak256(abi.encode(plate.toRecord())), keccak256(abi.encode(expected)), "record");
        assertEq(plate.ticketCounter(), counter, "ticket counter");
        assertEq(plate.collections(), expected.collections, "collections");
        assertEq(plate.emptiedAt(), expected.emptiedAt, "emptied at");
        assertEq(plate.code(), expected.code, "code");
        assertEq(plate.maxGrams(), uint256(expected.capacityL) * expected.maxGramsPerL, "greatest mass");
    }
}
