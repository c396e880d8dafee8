// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Signature} from "../../../contracts/authority/ISigned.sol";
import {Roles} from "../../../contracts/authority/Roles.sol";
import {Credentials} from "../../../contracts/identity/Credentials.sol";
import {KeyAppointment} from "../../../contracts/identity/ICredentials.sol";
import {Containers} from "../../../contracts/waste/containers/Containers.sol";
import {IContainers} from "../../../contracts/waste/containers/IContainers.sol";
import {IWasteOperators, Operator} from "../../../contracts/waste/operators/IWasteOperators.sol";
import {WasteOperators} from "../../../contracts/waste/operators/WasteOperators.sol";
import {WasteCredentials} from "../../../contracts/waste/WasteCredentials.sol";
import {WasteFixture} from "./WasteFixture.sol";

/// @notice Operators and gateways before the real credentials: an accreditor, an inspector whom it accredited, and trades
/// that the inspector allowed.
/// @dev A credential
///   ├ never issued, revoked, suspended, expired, or of an issuer no longer accredited: no admission, none after a check
///   ├ restored, issued again: counts again after a check
///   ├ of an identity with another owner: counts on, for that owner
///   └ of another trade: counts for that alone
contract WasteCredentialsTest is WasteFixture {
    bytes32 private constant COLLECTS = WasteCredentials.WASTE_COLLECTOR;
    bytes32 private constant PROCESSES = WasteCredentials.WASTE_FACILITY;
    bytes32 private constant RELAYS = WasteCredentials.WASTE_GATEWAY;

    Credentials private _real;
    address private _accreditor;
    address private _inspector;

    function setUp() public override {
        super.setUp();
        (_accreditor, ) = actor("accreditor");
        (_inspector, ) = actor("inspector");
        _real = new Credentials(address(manager), identities);
        _appointItself(_accreditor);
        _appointItself(_inspector);
        bytes32[3] memory types = [COLLECTS, PROCESSES, RELAYS];
        for (uint256 i = 0; i < types.length; ++i) {
            _real.registerType(types[i], _accreditor, true, false, "");
            vm.prank(_accreditor);
            _real.accredit(types[i], _inspector, UNTIL, false);
        }
        operators = new WasteOperators(address(manager), identities, _real);
        containers = new Containers(address(manager), codes, operators, _real);
        manager.setTargetFunctionRole(address(containers), fleetActs(), Roles.WASTE_FLEET);
        vm.prank(fleet);
        containers.register(deviceOf(1), ALERT_BP, binRecord(1));
    }

    function test_RevertWhen_NobodyAllowedTheTrade() external {
        vm.expectRevert(abi.encodeWithSelector(IWasteOperators.WasteOperatorsNoCredential.selector, collector));
        admit(collector);
        _issue(RELAYS, collector, UNTIL);
        vm.expectRevert(abi.encodeWithSelector(IWasteOperators.WasteOperatorsNoCredential.selector, collector));
        admit(collector);
    }

    function test_CheckFollowsWhatBecomesOfACredential() external {
        _issue(COLLECTS, combined, uint40(EPOCH + 1 days));
        _issue(PROCESSES, combined, UNTIL);
        uint32 operatorId = admit(combined);
        _assertMarks(operatorId, true, true);

        vm.prank(_inspector);
        _real.suspend(PROCESSES, combined);
        operators.recheck(operatorId);
        _assertMarks(operatorId, true, false);
        vm.prank(_inspector);
        _real.restore(PROCESSES, combined);
        operators.recheck(operatorId);
        _assertMarks(operatorId, true, true);

        vm.warp(EPOCH + 1 days + 1);
        operators.recheck(operatorId);
        _assertMarks(operatorId, false, true);
        _issue(COLLECTS, combined, UNTIL);
        operators.recheck(operatorId);
        _assertMarks(operatorId, true, true);

        vm.prank(_inspector);
        _real.revoke(COLLECTS, combined);
        operators.recheck(operatorId);
        _assertMarks(operatorId, false, true);

        vm.prank(_accreditor);
        _real.withdrawAccreditation(PROCESSES, _inspector);
        operators.recheck(operatorId);
        _assertMarks(operatorId, false, false);
        assertEq(operators.numberOf(combined), operatorId, "the number stays");
    }

    function test_NewOwnerOfTheIdentityNamesKeys() external {
        _issue(COLLECTS, collector, UNTIL);
        uint32 operatorId = admit(collector);
        appoint(operatorId, collectorCrewKey);
        vm.prank(collector);
        identities.changeOwner(collector, stranger);
        // The number is the identity's, whoever owns it.
        _assertMarks(operatorId, true, false);
        changeCrew(stranger, operatorId, collectorCrew, 0);
        (uint32 found, ) = operators.collectorOf(collectorCrew, 0);
        assertEq(found, 0, "dismissed by the new owner");
    }

    function test_GatewayIsWhoHoldsItsCredential() external {
        _issue(COLLECTS, gateway, UNTIL);
        _expectNoGateway(1);
        _issue(RELAYS, gateway, uint40(EPOCH + 1 days));
        _relay(1);
        vm.prank(_inspector);
        _real.suspend(RELAYS, gateway);
        _expectNoGateway(2);
        vm.prank(_inspector);
        _real.restore(RELAYS, gateway);
        _relay(2);
        vm.warp(EPOCH + 1 days + 1);
        _expectNoGateway(3);
        _issue(RELAYS, gateway, UNTIL);
        _relay(3);
        vm.prank(_accreditor);
        _real.withdrawAccreditation(RELAYS, _inspector);
        _expectNoGateway(4);
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

    function _issue(bytes32 typeId, address subject, uint40 until) private {
        vm.prank(_inspector);
        _real.issue(typeId, subject, until, 0);
    }

    function _relay(uint32 counter) private {
        vm.prank(gateway);
        assertEq(containers.reportPacked(packFill(fillOf(1, counter, 100))), 1, "accepted");
    }

    function _expectNoGateway(uint32 counter) private {
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersNotGateway.selector, gateway));
        vm.prank(gateway);
        containers.reportPacked(packFill(fillOf(1, counter, 100)));
    }

    function _assertMarks(uint32 operatorId, bool collects, bool processes) private view {
        Operator memory operator = operators.operatorOf(operatorId);
        assertTrue(operator.collector == collects, "collector");
        assertTrue(operator.facility == processes, "facility");
    }
}
