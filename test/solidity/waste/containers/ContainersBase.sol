// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CompactSignature} from "../../../../contracts/authority/CompactSignatures.sol";
import {
    BinRecord,
    BinState,
    BinStatus,
    Emptying,
    Fill,
    FillFault,
    IContainers
} from "../../../../contracts/waste/containers/IContainers.sol";
import {WasteFixture} from "../WasteFixture.sol";

/// @notice What the tests of containers share. The test itself stands in for the contract that keeps the lots, once wired.
abstract contract ContainersBase is WasteFixture {
    uint32 internal constant BIN = 7;
    uint256 internal constant CLOCK_TOLERANCE = 300;

    function reportFill(Fill memory fill) internal {
        CompactSignature memory signature = signFill(fill);
        vm.prank(stranger);
        containers.report(fill, signature);
    }

    function reportNow(uint32 binId, uint32 counter, uint16 fillBp) internal {
        reportFill(fillOf(binId, counter, fillBp));
    }

    /// @dev What a ticket of a container says now.
    function emptyingOf(uint32 binId, uint32 counter) internal view returns (Emptying memory emptying) {
        return
            Emptying({
                binId: binId,
                counter: counter,
                takenAt: uint40(block.timestamp),
                grams: 23_500,
                routeId: 0,
                operatorId: COLLECTOR,
                device: deviceOf(binId)
            });
    }

    function setStatus(uint32 binId, BinStatus status) internal {
        vm.prank(fleet);
        containers.setStatus(binId, status);
    }

    function assertState(uint32 binId, uint32 counter, uint256 takenAt, uint16 fillBp) internal view {
        BinState memory state = containers.stateOf(binId);
        assertEq(state.counter, counter, "counter");
        assertEq(state.takenAt, takenAt, "time");
        assertEq(state.fillBp, fillBp, "fill");
    }

    function assertTickets(uint32 binId, uint32 counter, uint32 collections, uint256 emptiedAt) internal view {
        BinRecord memory record = containers.recordOf(binId);
        assertEq(containers.ticketCounterOf(binId), counter, "counter of the ticket");
        assertEq(record.collections, collections, "collections");
        assertEq(record.emptiedAt, emptiedAt, "time of the ticket");
    }

    function assertRecord(uint32 binId, BinRecord memory expected) internal view {
        assertEq(keccak256(abi.encode(containers.recordOf(binId))), keccak256(abi.encode(expected)), "record");
    }

    function expectUnknown(uint32 binId) internal {
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersUnknownBin.selector, binId));
    }

    function expectNotActive(uint32 binId, BinStatus status) internal {
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersBinNotActive.selector, binId, status));
    }

    function expectCounter(uint32 binId, uint32 counter, uint32 last) internal {
        vm.expectRevert(
            abi.encodeWithSelector(IContainers.ContainersCounterNotIncreasing.selector, binId, counter, last)
        );
    }

    function expectBackwards(uint32 binId, uint256 takenAt, uint256 last) internal {
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersTimeBackwards.selector, binId, takenAt, last));
    }

    function expectFuture(uint32 binId, uint256 takenAt, uint256 latest) internal {
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersTimeInFuture.selector, binId, takenAt, latest));
    }

    function expectBadSignature(uint32 binId, address recovered) internal {
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersBadDeviceSignature.selector, binId, recovered));
    }

    function expectSkipped(uint32 binId, uint32 counter, FillFault fault) internal {
        vm.expectEmit(address(containers));
        emit IContainers.FillSkipped(binId, counter, fault);
    }

    function expectReported(Fill memory fill) internal {
        vm.expectEmit(address(containers));
        emit IContainers.FillReported(fill.binId, fill.counter, fill.takenAt, fill.fillBp);
    }
}
