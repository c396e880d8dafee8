// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Signature} from "../../../contracts/authority/ISigned.sol";
import {BatteryCredentials} from "../../../contracts/batteries/BatteryCredentials.sol";
import {BatteryPack} from "../../../contracts/batteries/BatteryPack.sol";
import {BatteryTelemetry} from "../../../contracts/batteries/BatteryTelemetry.sol";
import {IBatteryPack, PackData, RecyclingOutput, Status} from "../../../contracts/batteries/IBatteryPack.sol";
import {HealthCertificate, IBatteryTelemetry} from "../../../contracts/batteries/IBatteryTelemetry.sol";
import {Credentials} from "../../../contracts/identity/Credentials.sol";
import {KeyAppointment, Standing} from "../../../contracts/identity/ICredentials.sol";
import {Identities} from "../../../contracts/identity/Identities.sol";
import {TelemetryCity} from "./TelemetryFixture.sol";

/// @notice The battery contracts before the real credentials: an accreditor, an inspector whom it accredited, and trades
/// that the inspector allowed.
/// @dev A trade's credential
///   ├ revoked, suspended, expired: refused with that standing
///   ├ its issuer's accreditation withdrawn or lapsed: refused with that standing
///   └ restored, issued again: accepted
contract BatteryCredentialsTest is TelemetryCity {
    bytes32[4] private _types = [
        BatteryCredentials.BATTERY_OPERATOR,
        BatteryCredentials.BATTERY_TESTER,
        BatteryCredentials.BATTERY_COLLECTOR,
        BatteryCredentials.BATTERY_RECYCLER
    ];
    uint40 private constant UNTIL = uint40(EPOCH + 365 days);

    Credentials private _real;
    address private _accreditor;
    address private _inspector;
    uint256 private _nonces;

    function setUp() external {
        buildCity();
        (_accreditor, ) = actor("accreditor");
        (_inspector, ) = actor("inspector");
        _real = new Credentials(address(manager), new Identities());
        _appointItself(_accreditor);
        _appointItself(_inspector);
        for (uint256 i = 0; i < _types.length; ++i) {
            _real.registerType(_types[i], _accreditor, true, false, "");
            vm.prank(_accreditor);
            _real.accredit(_types[i], _inspector, UNTIL, false);
        }
        _issue(BatteryCredentials.BATTERY_OPERATOR, operator);
        _issue(BatteryCredentials.BATTERY_TESTER, tester);
        _issue(BatteryCredentials.BATTERY_COLLECTOR, collector);
        _issue(BatteryCredentials.BATTERY_RECYCLER, owner);
        pack = new BatteryPack(address(manager), _real, "");
        telemetry = new BatteryTelemetry(pack, _real);
        vm.prank(operator);
        pack.admitSelf();
        packId = registerPack(owner, device);
    }

    function test_HoldersPractiseTheirTrades() external {
        _certify();
        vm.prank(collector);
        telemetry.commitDayRoot(packId, 20_000, "root", 1);
        vm.startPrank(owner);
        pack.markWaste(packId);
        pack.recycle(packId, "lot", 1, new RecyclingOutput[](0), 1);
        vm.stopPrank();
        assertEq(telemetry.healthOf(packId).tester, tester, "tester");
        assertEq(telemetry.dayRoot(packId, 20_000, 0), "root", "root");
        assertEq(uint256(pack.packOf(packId).status), uint256(Status.Recycled), "status");
    }

    function test_RevertWhen_TestersCredentialIsRevokedSuspendedOrOver() external {
        bytes32 typeId = BatteryCredentials.BATTERY_TESTER;
        vm.prank(_inspector);
        _real.suspend(typeId, tester);
        _expectNoTester(Standing.Suspended);
        vm.prank(_inspector);
        _real.restore(typeId, tester);
        _certify();

        vm.prank(_inspector);
        _real.revoke(typeId, tester);
        vm.warp(EPOCH + 1);
        _expectNoTester(Standing.Revoked);
        _issue(typeId, tester);
        _certify();

        vm.prank(_inspector);
        _real.issue(typeId, tester, uint40(EPOCH + 1 days), 0);
        vm.warp(EPOCH + 1 days + 1);
        _expectNoTester(Standing.Expired);
    }

    function test_RevertWhen_AccreditationOfTheTestersIssuerLapsedOrWasWithdrawn() external {
        bytes32 typeId = BatteryCredentials.BATTERY_TESTER;
        vm.startPrank(_accreditor);
        _real.accredit(typeId, _inspector, uint40(EPOCH + 1 days), false);
        vm.warp(EPOCH + 1 days + 1);
        vm.stopPrank();
        _expectNoTester(Standing.IssuerLapsed);
        vm.prank(_accreditor);
        _real.accredit(typeId, _inspector, UNTIL, false);
        _certify();

        vm.prank(_accreditor);
        _real.withdrawAccreditation(typeId, _inspector);
        vm.warp(EPOCH + 2 days);
        _expectNoTester(Standing.IssuerWithdrawn);
        // Only what was said anew counts.
        vm.prank(_accreditor);
        _real.accredit(typeId, _inspector, UNTIL, false);
        _expectNoTester(Standing.IssuerWithdrawn);
        _issue(typeId, tester);
        _certify();
    }

    function test_RevertWhen_AccreditationOfTheOtherTradesIssuerWasWithdrawn() external {
        _withdraw(BatteryCredentials.BATTERY_COLLECTOR);
        vm.expectRevert(
            abi.encodeWithSelector(
                IBatteryTelemetry.BatteryTelemetryNotCollector.selector,
                collector,
                Standing.IssuerWithdrawn
            )
        );
        vm.prank(collector);
        telemetry.commitDayRoot(packId, 20_000, "root", 1);

        _withdraw(BatteryCredentials.BATTERY_RECYCLER);
        vm.startPrank(owner);
        pack.markWaste(packId);
        vm.expectRevert(
            abi.encodeWithSelector(
                IBatteryPack.BatteryPackNotHolder.selector,
                owner,
                BatteryCredentials.BATTERY_RECYCLER,
                Standing.IssuerWithdrawn
            )
        );
        pack.recycle(packId, "lot", 1, new RecyclingOutput[](0), 1);
        vm.stopPrank();
    }

    function test_OperatorIsBarredAndReadmittedAsItsCredentialSays() external {
        PackData memory data = packData(spare, RATED_POWER_W);
        _withdraw(BatteryCredentials.BATTERY_OPERATOR);
        // Nobody has shown it yet.
        registerPack(owner, device);
        pack.recheckCredential(1);
        vm.expectRevert(abi.encodeWithSelector(IBatteryPack.BatteryPackOperatorBarred.selector, 1));
        vm.prank(operator);
        pack.register(owner, data);

        vm.prank(_accreditor);
        _real.accredit(BatteryCredentials.BATTERY_OPERATOR, _inspector, UNTIL, false);
        _issue(BatteryCredentials.BATTERY_OPERATOR, operator);
        pack.recheckCredential(1);
        vm.prank(operator);
        assertEq(pack.packOf(pack.register(owner, data)).operatorId, 1, "operator");
    }

    // --- helpers

    function _appointItself(address account) private {
        Signature memory none;
        KeyAppointment memory appointment = KeyAppointment({
            issuer: account,
            key: account,
            until: UNTIL,
            nonce: 0,
            deadline: uint48(EPOCH + 1 hours)
        });
        vm.prank(account);
        _real.appointKey(appointment, none, none);
    }

    function _issue(bytes32 typeId, address subject) private {
        vm.prank(_inspector);
        _real.issue(typeId, subject, UNTIL, 0);
    }

    function _withdraw(bytes32 typeId) private {
        vm.prank(_accreditor);
        _real.withdrawAccreditation(typeId, _inspector);
    }

    function _certificate() private returns (HealthCertificate memory certificate) {
        certificate = certificateOf(packId, 63_000);
        certificate.nonce = ++_nonces;
    }

    function _certify() private {
        HealthCertificate memory certificate = _certificate();
        telemetry.certify(certificate, sign(certificate, testerKey));
    }

    function _expectNoTester(Standing standing) private {
        HealthCertificate memory certificate = _certificate();
        Signature memory signature = sign(certificate, testerKey);
        vm.expectRevert(abi.encodeWithSelector(IBatteryTelemetry.BatteryTelemetryNotTester.selector, tester, standing));
        telemetry.certify(certificate, signature);
    }
}
