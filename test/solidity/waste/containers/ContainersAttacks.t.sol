// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CompactSignature} from "../../../../contracts/authority/CompactSignatures.sol";
import {Containers} from "../../../../contracts/waste/containers/Containers.sol";
import {
    BinRecord,
    Emptying,
    Fill,
    FillFault,
    IContainers
} from "../../../../contracts/waste/containers/IContainers.sol";
import {IWasteOperators} from "../../../../contracts/waste/operators/IWasteOperators.sol";
import {WasteCredentials} from "../../../../contracts/waste/WasteCredentials.sol";
import {Vm} from "../../utils/Vm.sol";
import {ContainersBase} from "./ContainersBase.sol";

/// @notice What somebody might try against containers, each by its name.
contract ContainersAttacksTest is ContainersBase {
    uint256 private constant CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    uint256 private constant PARITY = 1 << 255;
    uint32 private constant OTHER = 3;

    /// @dev Bin swap: a device of one container speaks for another one, as itself or with the number exchanged afterwards.
    function test_BinSwap() external {
        Fill memory fill = fillOf(BIN, 1, 100);
        CompactSignature memory signature = signFill(deviceKeyOf(OTHER), fill);
        expectBadSignature(BIN, deviceOf(OTHER));
        containers.report(fill, signature);

        Fill memory own = fillOf(OTHER, 1, 100);
        signature = signFill(own);
        (bool ok, bytes memory data) = address(containers).call(abi.encodeCall(IContainers.report, (fill, signature)));
        assertFalse(ok, "number exchanged");
        assertEq(bytes32(bytes4(data)), bytes32(IContainers.ContainersBadDeviceSignature.selector), "error");

        wireLots(address(this));
        Emptying memory emptying = emptyingOf(BIN, 1);
        emptying.device = deviceOf(OTHER);
        expectBadSignature(BIN, deviceOf(OTHER));
        containers.empty(emptying);
        assertState(BIN, 0, 0, 0);
        assertState(OTHER, 0, 0, 0);
    }

    /// @dev Bin swap by the fleet office: one device cannot be registered for two containers.
    function test_DeviceServesNoSecondContainer() external {
        vm.startPrank(fleet);
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersBadDevice.selector, deviceOf(BIN), BIN));
        containers.setDevice(OTHER, deviceOf(BIN));
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersBadDevice.selector, deviceOf(BIN), BIN));
        containers.register(deviceOf(BIN), ALERT_BP, binRecord(BIN));
        vm.stopPrank();
    }

    /// @dev Replay: the same reading once more, alone, in a batch, twice in one batch, and by a gateway.
    function test_ReplayOfAReading() external {
        Fill memory fill = fillOf(BIN, 5, 9_000);
        CompactSignature memory signature = signFill(fill);
        bytes memory signed = packSigned(fill, signature);
        assertEq(containers.reportMany(bytes.concat(signed, signed)), 1, "twice in one batch");
        expectCounter(BIN, 5, 5);
        containers.report(fill, signature);
        assertEq(containers.reportMany(signed), 0, "in a batch");
        expectSkipped(BIN, 5, FillFault.CounterNotIncreasing);
        vm.prank(gateway);
        assertEq(containers.reportPacked(packFill(fill)), 0, "by a gateway");
    }

    /// @dev Replay in another form: an s above half of the curve's order counts for nobody, also where it fits the short form.
    function test_SignatureInTheUpperHalf() external {
        Fill memory fill = fillOf(BIN, 5, 9_000);
        CompactSignature memory signature = signFill(fill);
        signature.vs = bytes32(CURVE_ORDER / 2 + 1);
        expectBadSignature(BIN, address(0));
        containers.report(fill, signature);
        // The greatest one that counts is somebody's, if not the device's.
        signature.vs = bytes32(CURVE_ORDER / 2);
        expectBadSignature(BIN, ecrecover(_digest(fill), 27, signature.r, signature.vs));
        containers.report(fill, signature);
        // So is the same signature with the other parity.
        signature = signFill(fill);
        signature.vs = bytes32(uint256(signature.vs) ^ PARITY);
        uint8 v = uint256(signature.vs) & PARITY == 0 ? 27 : 28;
        bytes32 low = bytes32(uint256(signature.vs) & ~PARITY);
        expectBadSignature(BIN, ecrecover(_digest(fill), v, signature.r, low));
        containers.report(fill, signature);
    }

    /// @dev Replay elsewhere: a reading for one city's containers is none for another's, nor on another chain.
    function test_ReplayInAnotherContractOrChain() external {
        Fill memory fill = fillOf(BIN, 5, 9_000);
        CompactSignature memory signature = signFill(fill);
        Containers other = new Containers(address(manager), codes, operators, credentials);
        manager.setTargetFunctionRole(address(other), fleetActs(), 0);
        for (uint32 binId = 1; binId <= BIN; ++binId) other.register(deviceOf(binId), ALERT_BP, binRecord(binId));
        (bool ok, bytes memory data) = address(other).call(abi.encodeCall(IContainers.report, (fill, signature)));
        assertFalse(ok, "another contract");
        assertEq(bytes32(bytes4(data)), bytes32(IContainers.ContainersBadDeviceSignature.selector), "error");

        vm.chainId(block.chainid + 1);
        (ok, data) = address(containers).call(abi.encodeCall(IContainers.report, (fill, signature)));
        assertFalse(ok, "another chain");
        assertEq(bytes32(bytes4(data)), bytes32(IContainers.ContainersBadDeviceSignature.selector), "error");
        vm.chainId(block.chainid - 1);
    }

    /// @dev Rolled-back counter: an older reading held back and brought later, and a device whose key is put in again.
    function test_RolledBackCounter() external {
        Fill memory held = fillOf(BIN, 5, 100);
        CompactSignature memory signature = signFill(held);
        reportNow(BIN, 6, 9_000);
        expectCounter(BIN, 5, 6);
        containers.report(held, signature);

        // A new device begins at zero. Putting the old one in again would make its readings count once more.
        vm.startPrank(fleet);
        containers.setDevice(BIN, stranger);
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersBadDevice.selector, deviceOf(BIN), BIN));
        containers.setDevice(BIN, deviceOf(BIN));
        vm.stopPrank();
        expectBadSignature(BIN, deviceOf(BIN));
        containers.report(held, signature);
    }

    /// @dev A gateway whose credential ended, and one that never had one.
    function test_GatewayWithoutCredential() external {
        bytes memory packed = packFill(fillOf(BIN, 1, 100));
        credentials.set(WasteCredentials.WASTE_GATEWAY, gateway, false);
        credentials.set(WasteCredentials.WASTE_COLLECTOR, gateway, true);
        address[3] memory callers = [gateway, collector, fleet];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersNotGateway.selector, callers[i]));
            vm.prank(callers[i]);
            containers.reportPacked(packed);
        }
        credentials.set(WasteCredentials.WASTE_GATEWAY, gateway, true);
        vm.prank(gateway);
        assertEq(containers.reportPacked(packed), 1, "restored");
    }

    /// @dev Unrecorded emptying: somebody takes the waste without a ticket. With a ticket nothing is told.
    function test_UnrecordedEmptying() external {
        wireLots(address(this));
        reportNow(BIN, 1, 7_000);
        Fill memory fill = fillOf(BIN, 2, 4_000);
        expectReported(fill);
        vm.expectEmit(address(containers));
        emit IContainers.UnrecordedEmptying(BIN, 7_000, 4_000);
        reportFill(fill);

        reportNow(OTHER, 1, 7_000);
        containers.empty(emptyingOf(OTHER, 2));
        vm.recordLogs();
        reportNow(OTHER, 3, 100);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1, "with a ticket");
        assertEq(logs[0].topics[0], IContainers.FillReported.selector, "the reading alone");
    }

    /// @dev A slow thief: steps below the level of the alarm are not told one by one, but every reading is on record.
    function test_EmptyingInSmallStepsIsOnRecord() external {
        reportNow(BIN, 1, 9_000);
        for (uint32 i = 1; i <= 3; ++i) {
            Fill memory fill = fillOf(BIN, 1 + i, uint16(9_000 - 2_999 * i));
            expectReported(fill);
            reportFill(fill);
        }
        assertState(BIN, 4, block.timestamp, 3);
    }

    /// @dev A record cut short at the end of the call data: the missing half of a signature is not read as zeros.
    function test_CutCallData() external {
        Fill memory fill = fillOf(BIN, 1, 100);
        bytes memory signed = packSigned(fill, signFill(fill));
        for (uint256 cut = 1; cut < 4; ++cut) {
            bytes memory short = new bytes(signed.length - cut);
            vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersBadLength.selector, short.length, 200 * 79));
            containers.reportMany(short);
        }
        // A length that promises more than the call data has.
        bytes memory call = abi.encodeCall(IContainers.reportMany, (signed));
        bytes memory broken = new bytes(4 + 64 + 78);
        for (uint256 i = 0; i < broken.length; ++i) broken[i] = call[i];
        (bool ok, ) = address(containers).call(broken);
        assertFalse(ok, "cut off");
        assertState(BIN, 0, 0, 0);
    }

    /// @dev A rival appoints nobody's driver but its own, so it cannot plan routes or collect in another's name.
    function test_KeyOfAnotherCollectorsCrew() external {
        vm.expectRevert(
            abi.encodeWithSelector(IWasteOperators.WasteOperatorsBadKey.selector, collectorCrew, COLLECTOR)
        );
        changeCrew(rival, RIVAL, collectorCrew, UNTIL);
        vm.prank(collectorCrew);
        uint32 routeId = containers.planRoute(hex"00000001", 0, 0);
        assertEq(containers.routeOf(routeId).operatorId, COLLECTOR, "collector");
    }

    /// @dev Stones in the bag: a ticket cannot claim more than the container holds, also after it was made smaller.
    function test_HeavierThanTheContainerHolds() external {
        wireLots(address(this));
        BinRecord memory record = binRecord(BIN);
        record.capacityL = 10;
        vm.prank(fleet);
        containers.change(BIN, ALERT_BP, record);
        Emptying memory emptying = emptyingOf(BIN, 1);
        emptying.grams = 5_001;
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersTooDense.selector, BIN, 5_001, 5_000));
        containers.empty(emptying);
    }

    function _digest(Fill memory fill) private view returns (bytes32 digest) {
        bytes32 domain = domainOf("Civitas Containers", address(containers));
        return digestOf(domain, keccak256(abi.encode(FILL_TYPE, fill)));
    }
}
