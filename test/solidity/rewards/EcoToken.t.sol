// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

import {Roles} from "../../../contracts/authority/Roles.sol";
import {EcoToken} from "../../../contracts/rewards/EcoToken.sol";
import {EcoRights, IEcoToken} from "../../../contracts/rewards/IEcoToken.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

contract EcoTokenTest is CivitasTest {
    bytes32 private constant PERMIT_TYPE = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    AccessManager private manager;
    EcoToken private eco;
    EcoToken private free;
    address private wiring;
    address private minter;
    address private burner;
    address private mover;
    address private alice;
    uint256 private aliceKey;
    address private bob;

    function setUp() external {
        vm.warp(EPOCH);
        (wiring, ) = actor("wiring");
        (minter, ) = actor("minter");
        (burner, ) = actor("burner");
        (mover, ) = actor("mover");
        (alice, aliceKey) = actor("alice");
        (bob, ) = actor("bob");
        manager = new AccessManager(address(this));
        manager.grantRole(Roles.ECO_WIRING, wiring, 0);
        eco = _deploy(false);
        free = _deploy(true);
        vm.startPrank(minter);
        eco.mint(alice, 1_000);
        free.mint(alice, 1_000);
        vm.stopPrank();
    }

    function _deploy(bool transferable) private returns (EcoToken token) {
        token = new EcoToken(address(manager), transferable);
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = IEcoToken.setRights.selector;
        manager.setTargetFunctionRole(address(token), selectors, Roles.ECO_WIRING);
        vm.startPrank(wiring);
        token.setRights(minter, EcoRights.MINT);
        token.setRights(burner, EcoRights.BURN);
        token.setRights(mover, EcoRights.MOVE);
        vm.stopPrank();
    }

    // constructor: names, decimals, and whether people can pass it on

    function test_Metadata() external view {
        assertEq(keccak256(bytes(eco.name())), keccak256("Civitas Eco"), "name");
        assertEq(keccak256(bytes(eco.symbol())), keccak256("ECO"), "symbol");
        assertEq(eco.decimals(), 6, "decimals");
        assertFalse(eco.transferable(), "points");
        assertTrue(free.transferable(), "token");
        assertEq(eco.authority(), address(manager), "authority");
    }

    // setRights
    // ├─ the caller has not the role ................. AccessManagedUnauthorized
    // ├─ no sum of rights ............................ EcoTokenUnknownRights
    // ├─ the account has them ........................ EcoTokenUnchanged
    // └─ else ........................................ set, RightsSet

    function test_RevertWhen_CallerIsNotWiring() external {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice));
        eco.setRights(alice, EcoRights.MINT);
    }

    function test_RevertWhen_RightsAreUnknown() external {
        vm.prank(wiring);
        vm.expectRevert(abi.encodeWithSelector(IEcoToken.EcoTokenUnknownRights.selector, 8, 7));
        eco.setRights(alice, 8);
    }

    function test_RevertWhen_RightsStay() external {
        vm.prank(wiring);
        vm.expectRevert(abi.encodeWithSelector(IEcoToken.EcoTokenUnchanged.selector, minter, EcoRights.MINT));
        eco.setRights(minter, EcoRights.MINT);
    }

    function test_GivesAndTakesRights() external {
        vm.startPrank(wiring);
        vm.expectEmit(address(eco));
        emit IEcoToken.RightsSet(bob, 7);
        eco.setRights(bob, 7);
        assertEq(eco.rightsOf(bob), 7, "all");
        vm.expectEmit(address(eco));
        emit IEcoToken.RightsSet(bob, 0);
        eco.setRights(bob, 0);
        assertEq(eco.rightsOf(bob), 0, "none");
        vm.stopPrank();
    }

    // mint
    // ├─ the caller has not MINT ..................... EcoTokenMissingRight
    // └─ else ........................................ minted

    function test_RevertWhen_CallerMayNotMint() external {
        vm.prank(burner);
        vm.expectRevert(abi.encodeWithSelector(IEcoToken.EcoTokenMissingRight.selector, burner, EcoRights.MINT));
        eco.mint(bob, 1);
    }

    function test_Mints() external {
        vm.prank(minter);
        vm.expectEmit(address(eco));
        emit IERC20.Transfer(address(0), bob, 7);
        eco.mint(bob, 7);
        assertEq(eco.balanceOf(bob), 7, "bob");
        assertEq(eco.totalSupply(), 1_007, "supply");
    }

    // burn
    // ├─ more than the caller has .................... ERC20InsufficientBalance
    // └─ else ........................................ burned

    function test_RevertWhen_BurningMoreThanOneHas() external {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, alice, 1_000, 1_001));
        eco.burn(1_001);
    }

    function test_BurnsOnesOwn() external {
        vm.prank(alice);
        eco.burn(400);
        assertEq(eco.balanceOf(alice), 600, "alice");
        assertEq(eco.totalSupply(), 600, "supply");
    }

    // burnFor
    // ├─ the caller has not BURN ..................... EcoTokenMissingRight
    // └─ else ........................................ burned without an allowance

    function test_RevertWhen_CallerMayNotBurn() external {
        vm.prank(minter);
        vm.expectRevert(abi.encodeWithSelector(IEcoToken.EcoTokenMissingRight.selector, minter, EcoRights.BURN));
        eco.burnFor(alice, 1);
    }

    function test_BurnsForHolders() external {
        vm.prank(burner);
        eco.burnFor(alice, 999);
        assertEq(eco.balanceOf(alice), 1, "alice");
        assertEq(eco.totalSupply(), 1, "supply");
    }

    // transfer, transferFrom
    // ├─ people can pass it on ....................... moved
    // └─ they cannot
    //    ├─ sender or receiver has MOVE .............. moved
    //    └─ neither has .............................. EcoTokenNotTransferable

    function test_PeoplePassItOnWhereTheyCan() external {
        vm.prank(alice);
        free.transfer(bob, 300);
        assertEq(free.balanceOf(alice), 700, "alice");
        assertEq(free.balanceOf(bob), 300, "bob");
    }

    function test_MovesToAndFromMovers() external {
        vm.prank(alice);
        eco.transfer(mover, 300);
        assertEq(eco.balanceOf(mover), 300, "mover");
        vm.prank(mover);
        eco.transfer(bob, 100);
        assertEq(eco.balanceOf(mover), 200, "mover paid");
        assertEq(eco.balanceOf(bob), 100, "bob");
        assertEq(eco.balanceOf(alice), 700, "alice");
    }

    function test_RevertWhen_PeoplePassOnPoints() external {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IEcoToken.EcoTokenNotTransferable.selector, alice, bob));
        eco.transfer(bob, 1);
        vm.prank(alice);
        eco.approve(mover, 1);
        // Who may move its own tokens may not pass on those of others.
        vm.prank(mover);
        vm.expectRevert(abi.encodeWithSelector(IEcoToken.EcoTokenNotTransferable.selector, alice, bob));
        eco.transferFrom(alice, bob, 1);
    }

    // permit (ERC-2612)
    // ├─ after its deadline .......................... ERC2612ExpiredSignature
    // ├─ the second time ............................. ERC2612InvalidSigner
    // └─ else ........................................ allowance, nonce used

    function test_PermitsBySignature() external {
        uint256 deadline = block.timestamp;
        (uint8 v, bytes32 r, bytes32 s) = _permit(0, deadline);
        eco.permit(alice, mover, 250, deadline, v, r, s);
        assertEq(eco.allowance(alice, mover), 250, "allowance");
        assertEq(eco.nonces(alice), 1, "nonce");
        vm.prank(mover);
        eco.transferFrom(alice, mover, 250);
        assertEq(eco.balanceOf(mover), 250, "moved");
    }

    function test_RevertWhen_PermitIsLateOrUsed() external {
        uint256 deadline = block.timestamp - 1;
        (uint8 v, bytes32 r, bytes32 s) = _permit(0, deadline);
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, deadline));
        eco.permit(alice, mover, 250, deadline, v, r, s);
        (v, r, s) = _permit(0, block.timestamp);
        eco.permit(alice, mover, 250, block.timestamp, v, r, s);
        bytes32 next = keccak256(
            abi.encodePacked(
                hex"1901",
                eco.DOMAIN_SEPARATOR(),
                keccak256(abi.encode(PERMIT_TYPE, alice, mover, 250, 1, block.timestamp))
            )
        );
        address other = ecrecover(next, v, r, s);
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612InvalidSigner.selector, other, alice));
        eco.permit(alice, mover, 250, block.timestamp, v, r, s);
    }

    function _permit(uint256 nonce, uint256 deadline) private view returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 message = keccak256(abi.encode(PERMIT_TYPE, alice, mover, 250, nonce, deadline));
        bytes32 domain = domainOf("Civitas Eco", address(eco));
        return vm.sign(aliceKey, keccak256(abi.encodePacked(hex"1901", domain, message)));
    }
}
