// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {Roles} from "../../../../contracts/authority/Roles.sol";
import {EnergyRegistry} from "../../../../contracts/energy/registry/EnergyRegistry.sol";
import {
    EnergyRules,
    EnergySource,
    IEnergyRegistry,
    Meter,
    MeterClass,
    MeterStatus,
    Tariff
} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

/// @notice A registry with one feeder, one meter and one tariff, and the actors around it.
abstract contract EnergyRegistryFixture is CivitasTest {
    uint32 internal constant LENGTH = 900;
    uint32 internal constant HORIZON = 96;
    uint32 internal constant KEY_DELAY = 1 days;
    uint32 internal constant NOW = uint32(EPOCH / LENGTH);
    uint32 internal constant NEXT = NOW + HORIZON + 1;
    uint16 internal constant FEEDER = 7;
    uint32 internal constant METER = uint32(FEEDER) << 8;
    uint56 internal constant NO_LIMIT = type(uint56).max;

    AccessManager internal manager;
    EnergyRegistry internal registry;

    address internal registrar;
    address internal tariffs;
    address internal operator;
    address internal grid;
    address internal head;
    address internal alice;
    address internal bob;
    address internal key;
    address internal newKey;
    address internal stranger;

    function setUp() public virtual {
        vm.warp(EPOCH);
        (registrar, ) = actor("registrar");
        (tariffs, ) = actor("tariffs");
        (operator, ) = actor("operator");
        (grid, ) = actor("grid");
        (head, ) = actor("head");
        (alice, ) = actor("alice");
        (bob, ) = actor("bob");
        (key, ) = actor("key");
        (newKey, ) = actor("newKey");
        (stranger, ) = actor("stranger");
        manager = new AccessManager(address(this));
        registry = new EnergyRegistry(address(manager), LENGTH, HORIZON, KEY_DELAY);
        manager.setTargetFunctionRole(address(registry), registrarActs(), Roles.ENERGY_REGISTRAR);
        manager.setTargetFunctionRole(address(registry), tariffActs(), Roles.ENERGY_TARIFFS);
        manager.grantRole(Roles.ENERGY_REGISTRAR, registrar, 0);
        manager.grantRole(Roles.ENERGY_TARIFFS, tariffs, 0);
        vm.startPrank(registrar);
        registry.registerFeeder(FEEDER, operator, grid, head);
        registry.registerMeter(FEEDER, alice, solarMeter());
        vm.stopPrank();
    }

    function registrarActs() internal pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](8);
        selectors[0] = IEnergyRegistry.registerFeeder.selector;
        selectors[1] = IEnergyRegistry.changeFeeder.selector;
        selectors[2] = IEnergyRegistry.limitFeeder.selector;
        selectors[3] = IEnergyRegistry.registerMeter.selector;
        selectors[4] = IEnergyRegistry.setOwner.selector;
        selectors[5] = IEnergyRegistry.rate.selector;
        selectors[6] = IEnergyRegistry.setStatus.selector;
        selectors[7] = IEnergyRegistry.announceKey.selector;
    }

    function tariffActs() internal pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](3);
        selectors[0] = IEnergyRegistry.createTariff.selector;
        selectors[1] = IEnergyRegistry.setDefaultTariff.selector;
        selectors[2] = IEnergyRegistry.scheduleTariffs.selector;
    }

    function solarMeter() internal view returns (Meter memory meter) {
        return
            Meter({
                key: key,
                importCapWh: 5_000,
                exportCapWh: 2_500,
                source: EnergySource.Solar,
                class: MeterClass.Connection,
                status: MeterStatus.Trading
            });
    }

    /// @dev Money units of a millionth of a euro per Wh: 8 ct, 30 ct, 2 ct and 10 ct per kWh.
    function plainTariff() internal pure returns (Tariff memory tariff) {
        return
            Tariff({
                feedIn: 80,
                retail: 300,
                feederFee: 20,
                gridFee: 100,
                basePrice: 80,
                tickSize: 1,
                rules: EnergyRules.ALL
            });
    }

    function assertMeter(Meter memory left, Meter memory right) internal pure {
        assertEq(left.key, right.key, "key");
        assertEq(left.importCapWh, right.importCapWh, "import cap");
        assertEq(left.exportCapWh, right.exportCapWh, "export cap");
        assertEq(uint256(left.source), uint256(right.source), "source");
        assertEq(uint256(left.class), uint256(right.class), "class");
        assertEq(uint256(left.status), uint256(right.status), "status");
    }

    function assertTariff(Tariff memory left, Tariff memory right) internal pure {
        assertEq(left.feedIn, right.feedIn, "feed-in");
        assertEq(left.retail, right.retail, "retail");
        assertEq(left.feederFee, right.feederFee, "feeder fee");
        assertEq(left.gridFee, right.gridFee, "grid fee");
        assertEq(left.basePrice, right.basePrice, "base price");
        assertEq(left.tickSize, right.tickSize, "tick size");
        assertEq(left.rules, right.rules, "rules");
    }

    function expectUnchanged() internal {
        vm.expectRevert(IEnergyRegistry.EnergyRegistryUnchanged.selector);
    }

    function expectUnknownFeeder(uint16 feeder) internal {
        vm.expectRevert(abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryUnknownFeeder.selector, feeder));
    }

    function expectUnknownMeter(uint32 meterId) internal {
        vm.expectRevert(abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryUnknownMeter.selector, meterId));
    }

    function expectIntervalOpen(uint32 interval, uint32 first) internal {
        vm.expectRevert(abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryIntervalOpen.selector, interval, first));
    }
}
