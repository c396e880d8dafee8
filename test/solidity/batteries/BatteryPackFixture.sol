// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {Roles} from "../../../contracts/authority/Roles.sol";
import {BatteryCredentials} from "../../../contracts/batteries/BatteryCredentials.sol";
import {BatteryPack} from "../../../contracts/batteries/BatteryPack.sol";
import {Category, PackData, Status} from "../../../contracts/batteries/IBatteryPack.sol";
import {ICredentials, Standing} from "../../../contracts/identity/ICredentials.sol";
import {MockCredentials} from "../../../contracts/mocks/MockCredentials.sol";
import {MockDeviceRegistry} from "../../../contracts/mocks/MockDeviceRegistry.sol";
import {MockLeaseBook} from "../../../contracts/mocks/MockLeaseBook.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

/// @notice A pack contract with two operators, a lease book and a telemetry contract, and the actors around it.
abstract contract BatteryPackFixture is CivitasTest {
    string internal constant BASE_URI = "https://packs.example/";
    uint40 internal constant RATED_WH = 75_000;
    uint32 internal constant RATED_POWER_W = 150_000;
    uint24 internal constant MADE_ON_DAY = 20_400;
    uint64 internal constant LATER = uint64(EPOCH + 30 days);
    uint32 internal constant LEASE_ID = 7;

    AccessManager internal manager;
    MockCredentials internal credentials;
    BatteryPack internal pack;
    MockLeaseBook internal book;
    MockDeviceRegistry internal telemetry;

    address internal registrar;
    address internal wiring;
    address internal recycler;
    address internal maker;
    address internal refitter;
    address internal alice;
    address internal bob;
    address internal carol;
    address internal tenant;
    address internal stranger;

    function setUp() public virtual {
        vm.warp(EPOCH);
        (registrar, ) = actor("registrar");
        (wiring, ) = actor("wiring");
        (recycler, ) = actor("recycler");
        (maker, ) = actor("maker");
        (refitter, ) = actor("refitter");
        (alice, ) = actor("alice");
        (bob, ) = actor("bob");
        (carol, ) = actor("carol");
        (tenant, ) = actor("tenant");
        (stranger, ) = actor("stranger");

        manager = new AccessManager(address(this));
        credentials = new MockCredentials();
        pack = new BatteryPack(address(manager), ICredentials(address(credentials)), BASE_URI);
        book = new MockLeaseBook();
        telemetry = new MockDeviceRegistry();

        _allow(Roles.BATTERY_REGISTRAR, registrar, BatteryPack.appointSuccessor.selector);
        _allow(Roles.BATTERY_WIRING, wiring, BatteryPack.setLeaseBook.selector);
        _allow(Roles.BATTERY_WIRING, wiring, BatteryPack.setTelemetry.selector);
        credentials.set(BatteryCredentials.BATTERY_RECYCLER, recycler, Standing.Current);

        admitOperator(maker);
        admitOperator(refitter);
        vm.startPrank(wiring);
        pack.setLeaseBook(address(book), true);
        pack.setTelemetry(address(telemetry));
        vm.stopPrank();
        approveBook(address(book));
    }

    /// @dev Everybody who owns packs in the tests lets a book lease them.
    function approveBook(address leaseBook) internal {
        address[5] memory owners = [maker, refitter, alice, bob, carol];
        for (uint256 i = 0; i < owners.length; ++i) {
            vm.prank(owners[i]);
            pack.setApprovalForAll(leaseBook, true);
        }
    }

    function admitOperator(address account) internal returns (uint32 operatorId) {
        credentials.set(BatteryCredentials.BATTERY_OPERATOR, account, Standing.Current);
        vm.prank(account);
        return pack.admitSelf();
    }

    /// @dev Ends an operator's credential, and somebody bars it.
    function barOperator(uint32 operatorId) internal {
        credentials.set(BatteryCredentials.BATTERY_OPERATOR, pack.operatorAccount(operatorId), Standing.Expired);
        vm.prank(stranger);
        pack.recheckCredential(operatorId);
    }

    function _allow(uint64 role, address account, bytes4 selector) private {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        manager.setTargetFunctionRole(address(pack), selectors, role);
        manager.grantRole(role, account, 0);
    }

    /// @dev A good pack whose serial hash depends on `serial`.
    function packData(string memory serial) internal pure returns (PackData memory data) {
        bytes32 serialHash = keccak256(bytes(serial));
        return
            PackData({
                serialHash: serialHash,
                passportRoot: keccak256(abi.encode("passport", serialHash)),
                device: address(uint160(uint256(keccak256(abi.encode("device", serialHash))))),
                ratedWh: RATED_WH,
                ratedPowerW: RATED_POWER_W,
                madeOnDay: MADE_ON_DAY,
                category: Category.ElectricVehicle
            });
    }

    function idOf(PackData memory data) internal pure returns (uint256 packId) {
        return uint64(bytes8(data.serialHash));
    }

    function registerPack(string memory serial, address owner) internal returns (uint256 packId) {
        vm.prank(maker);
        return pack.register(owner, packData(serial));
    }

    /// @dev A pack that an account begins and owns.
    function registerOf(address account, string memory serial) internal returns (uint256 packId) {
        PackData memory data = packData(serial);
        vm.prank(account);
        return pack.register(account, data);
    }

    /// @dev A pack of alice, leased to the tenant.
    function leasedPack(string memory serial) internal returns (uint256 packId) {
        packId = registerPack(serial, alice);
        startLease(packId, alice);
    }

    function startLease(uint256 packId, address lessor) internal {
        vm.prank(address(book));
        pack.startTenancy(packId, lessor, LEASE_ID, tenant, LATER);
    }

    function transfer(address from, address to, uint256 packId) internal {
        vm.prank(from);
        pack.transferFrom(from, to, packId);
    }

    function statusOf(uint256 packId) internal view returns (Status status) {
        return pack.packOf(packId).status;
    }

    function assertStatus(uint256 packId, Status status, string memory reason) internal view {
        assertEq(uint256(statusOf(packId)), uint256(status), reason);
    }
}
