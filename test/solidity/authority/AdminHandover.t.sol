// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

import {AdminHandover} from "../../../contracts/authority/AdminHandover.sol";
import {Roles} from "../../../contracts/authority/Roles.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

contract AdminHandoverTest is CivitasTest {
    uint32 private constant DELAY = 2 days;

    AccessManager private manager;
    AdminHandover private handover;
    address private deployer;
    address private admin;
    address private stranger;

    function setUp() external {
        vm.warp(EPOCH);
        (deployer, ) = actor("deployer");
        (admin, ) = actor("admin");
        (stranger, ) = actor("stranger");
        manager = new AccessManager(deployer);
        handover = new AdminHandover(manager, admin, DELAY);
    }

    // constructor
    // ├─ admin is zero ....................................... AdminHandoverZeroAdmin
    // └─ otherwise ........................................... keeps what it was given

    function test_RevertWhen_AdminIsZero() external {
        vm.expectRevert(abi.encodeWithSelector(AdminHandover.AdminHandoverZeroAdmin.selector));
        new AdminHandover(manager, address(0), DELAY);
    }

    function test_KeepsWhatItWasGiven() external view {
        assertEq(address(handover.manager()), address(manager), "manager");
        assertEq(handover.admin(), admin, "admin");
        assertEq(handover.executionDelay(), DELAY, "delay");
    }

    // accept
    // ├─ caller is not the admin ............................. AdminHandoverNotAdmin, even for the deployer
    // └─ caller is the admin
    //    ├─ the handover does not hold the role .............. AccessManagerUnauthorizedAccount
    //    ├─ the handover holds the role ...................... AdminAccepted; the role moves, with the delay
    //    └─ the second time .................................. AccessManagerUnauthorizedAccount

    function test_RevertWhen_CallerIsNotAdmin() external {
        _handOver();
        _expectNotAdmin(stranger);
        _expectNotAdmin(deployer);
    }

    function test_RevertWhen_HandoverHoldsNoRole() external {
        _expectUnauthorized();
    }

    function test_AdminAccepts() external {
        _handOver();
        (bool isAdmin, ) = manager.hasRole(Roles.ADMIN, admin);
        assertFalse(isAdmin, "not before accepting");

        vm.expectEmit(address(handover));
        emit AdminHandover.AdminAccepted(admin, DELAY);
        vm.expectEmit(address(manager));
        emit IAccessManager.RoleGranted(Roles.ADMIN, admin, DELAY, uint48(EPOCH), true);
        vm.expectEmit(address(manager));
        emit IAccessManager.RoleRevoked(Roles.ADMIN, address(handover));
        vm.prank(admin);
        handover.accept();

        uint32 delay;
        (isAdmin, delay) = manager.hasRole(Roles.ADMIN, admin);
        assertTrue(isAdmin, "admin");
        assertEq(delay, DELAY, "delay");
        (isAdmin, ) = manager.hasRole(Roles.ADMIN, address(handover));
        assertFalse(isAdmin, "handover");
        (isAdmin, ) = manager.hasRole(Roles.ADMIN, deployer);
        assertFalse(isAdmin, "deployer");
    }

    function test_RevertWhen_AcceptedTwice() external {
        _handOver();
        vm.prank(admin);
        handover.accept();
        _expectUnauthorized();
    }

    function test_AdminActsAfterTheDelayOnly() external {
        _handOver();
        vm.prank(admin);
        handover.accept();
        bytes memory grant = abi.encodeCall(manager.grantRole, (Roles.MINTER, stranger, 0));
        bytes32 operation = manager.hashOperation(admin, address(manager), grant);

        vm.startPrank(admin);
        vm.expectRevert(abi.encodeWithSelector(IAccessManager.AccessManagerNotScheduled.selector, operation));
        manager.grantRole(Roles.MINTER, stranger, 0);

        manager.schedule(address(manager), grant, 0);
        vm.warp(EPOCH + DELAY - 1);
        vm.expectRevert(abi.encodeWithSelector(IAccessManager.AccessManagerNotReady.selector, operation));
        manager.execute(address(manager), grant);

        vm.warp(EPOCH + DELAY);
        manager.execute(address(manager), grant);
        vm.stopPrank();
        (bool isMinter, ) = manager.hasRole(Roles.MINTER, stranger);
        assertTrue(isMinter, "granted after the delay");
    }

    function testFuzz_OnlyTheAdminAccepts(address caller) external {
        if (caller == admin) caller = stranger;
        _handOver();
        _expectNotAdmin(caller);
        (bool stillHeld, ) = manager.hasRole(Roles.ADMIN, address(handover));
        assertTrue(stillHeld, "handover still holds the role");
    }

    function _handOver() private {
        vm.startPrank(deployer);
        manager.grantRole(Roles.ADMIN, address(handover), 0);
        manager.renounceRole(Roles.ADMIN, deployer);
        vm.stopPrank();
    }

    function _expectNotAdmin(address caller) private {
        vm.expectRevert(abi.encodeWithSelector(AdminHandover.AdminHandoverNotAdmin.selector, caller, admin));
        vm.prank(caller);
        handover.accept();
    }

    function _expectUnauthorized() private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessManager.AccessManagerUnauthorizedAccount.selector,
                address(handover),
                Roles.ADMIN
            )
        );
        vm.prank(admin);
        handover.accept();
    }
}
