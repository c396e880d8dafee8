// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {Signature} from "../../../contracts/authority/ISigned.sol";
import {BatteryCredentials} from "../../../contracts/batteries/BatteryCredentials.sol";
import {BatteryPack} from "../../../contracts/batteries/BatteryPack.sol";
import {BatteryTelemetry} from "../../../contracts/batteries/BatteryTelemetry.sol";
import {IBatteryPack} from "../../../contracts/batteries/IBatteryPack.sol";
import {HealthCertificate, IBatteryTelemetry} from "../../../contracts/batteries/IBatteryTelemetry.sol";
import {Credentials} from "../../../contracts/identity/Credentials.sol";
import {ICredentials, KeyAppointment, Standing} from "../../../contracts/identity/ICredentials.sol";
import {Identities} from "../../../contracts/identity/Identities.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

/// @notice Battery contracts beside the real identities and credentials: a key that its identity gave up, or whose
/// identity is retired, tries to act by the identity's credential.
///
/// For each of admitSelf, recheckCredential and certify
///   ├ identity retired: SubjectRetired
///   ├ identity owned by another key: WrongAccount
///   └ otherwise done
contract BatteryHoldersTest is CivitasTest {
    Identities private identities;
    Credentials private credentials;
    BatteryPack private pack;
    BatteryTelemetry private telemetry;
    address private holder;
    address private successor;

    function setUp() external {
        vm.warp(EPOCH);
        AccessManager manager = new AccessManager(address(this));
        identities = new Identities();
        credentials = new Credentials(address(manager), identities);
        pack = new BatteryPack(address(manager), credentials, "");
        telemetry = new BatteryTelemetry(pack, credentials);
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = ICredentials.registerType.selector;
        manager.setTargetFunctionRole(address(credentials), selectors, manager.ADMIN_ROLE());
        (holder, ) = actor("holder");
        (successor, ) = actor("successor");
        uint40 until = uint40(block.timestamp + 365 days);
        Signature memory none;
        credentials.appointKey(
            KeyAppointment({issuer: address(this), key: address(this), until: until, nonce: 0, deadline: 0}),
            none,
            none
        );
        _give(BatteryCredentials.BATTERY_OPERATOR, until);
        _give(BatteryCredentials.BATTERY_TESTER, until);
    }

    function test_HolderIsAdmitted() external {
        vm.prank(holder);
        pack.admitSelf();
        assertEq(pack.operatorIdOf(holder), 1, "operator");
    }

    function test_RevertWhen_RetiredIdentityAsksToBeAdmitted() external {
        _handOver(address(0));
        _expectNotAdmitted(Standing.SubjectRetired);
    }

    function test_RevertWhen_KeyThatWasGivenUpAsksToBeAdmitted() external {
        _handOver(successor);
        _expectNotAdmitted(Standing.WrongAccount);
    }

    function test_OperatorWhoseIdentityIsRetiredIsBarred() external {
        vm.prank(holder);
        pack.admitSelf();
        _handOver(address(0));
        vm.expectEmit(address(pack));
        emit IBatteryPack.CredentialRechecked(1, holder, true);
        pack.recheckCredential(1);
    }

    function test_RevertWhen_RetiredTesterCertifies() external {
        _handOver(address(0));
        _expectNoTester(Standing.SubjectRetired);
    }

    function test_RevertWhen_KeyThatWasGivenUpCertifies() external {
        _handOver(successor);
        _expectNoTester(Standing.WrongAccount);
    }

    function _give(bytes32 typeId, uint40 until) private {
        credentials.registerType(typeId, address(this), true, false, "");
        credentials.accredit(typeId, address(this), until, false);
        credentials.issue(typeId, holder, until, 0);
    }

    function _handOver(address newOwner) private {
        vm.prank(holder);
        identities.changeOwner(holder, newOwner);
    }

    function _expectNotAdmitted(Standing standing) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IBatteryPack.BatteryPackNotHolder.selector,
                holder,
                BatteryCredentials.BATTERY_OPERATOR,
                standing
            )
        );
        vm.prank(holder);
        pack.admitSelf();
    }

    function _expectNoTester(Standing standing) private {
        HealthCertificate memory certificate;
        certificate.tester = holder;
        Signature memory none;
        vm.expectRevert(abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryNotTester.selector, holder, standing));
        telemetry.certify(certificate, none);
    }
}
