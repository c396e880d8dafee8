// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {Roles} from "../../../../contracts/authority/Roles.sol";
import {EnergyRegistry} from "../../../../contracts/energy/registry/EnergyRegistry.sol";
import {
    EnergyRules,
    EnergySource,
    Feeder,
    IEnergyRegistry,
    Meter,
    MeterClass,
    MeterStatus,
    Tariff
} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {EnergyRegistryFixture} from "./EnergyRegistryFixture.sol";

contract EnergyRegistryClockTest is EnergyRegistryFixture {
    // constructor
    // ├─ an interval below a minute, or above an hour .... EnergyRegistryInvalidClock
    // ├─ a day is no whole number of intervals ........... EnergyRegistryInvalidClock
    // ├─ no horizon, or more than a year ................. EnergyRegistryInvalidClock
    // └─ else ............................................ kept

    function test_RevertWhen_ClockIsOutOfRange() external {
        uint32[7] memory lengths = [uint32(0), 59, 3_601, 7_200, 700, LENGTH, LENGTH];
        uint32[7] memory horizons = [uint32(1), 1, 1, 1, 1, 0, 35_041];
        for (uint256 i = 0; i < lengths.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryInvalidClock.selector, lengths[i], horizons[i])
            );
            new EnergyRegistry(address(manager), lengths[i], horizons[i], 0);
        }
    }

    function test_TakesAnyClockInRange() external {
        uint32[4] memory lengths = [uint32(60), 900, 3_600, 900];
        uint32[4] memory horizons = [uint32(1), 96, 24, 35_040];
        for (uint256 i = 0; i < lengths.length; ++i) {
            EnergyRegistry other = new EnergyRegistry(address(manager), lengths[i], horizons[i], uint32(i));
            assertEq(other.intervalLength(), lengths[i], "length");
            assertEq(other.horizon(), horizons[i], "horizon");
            assertEq(other.keyDelay(), i, "key delay");
            assertEq(other.authority(), address(manager), "authority");
        }
    }

    // currentInterval: time divided by the length
    // firstChangeable: that, the horizon and one more, because an interval opens a horizon before it begins

    function test_IntervalOpensAHorizonBeforeItBegins() external {
        uint256 opensAt = (uint256(NEXT) - HORIZON) * LENGTH;
        vm.warp(opensAt - 1);
        assertEq(registry.currentInterval(), NOW, "still this one");
        assertEq(registry.firstChangeable(), NEXT, "not open yet");
        vm.warp(opensAt);
        assertEq(registry.currentInterval(), NOW + 1, "the next one");
        assertEq(registry.firstChangeable(), NEXT + 1, "open");
    }

    // Every act
    // └─ the caller has not its role ..................... AccessManagedUnauthorized

    function test_RevertWhen_CallerHasNotTheRole() external {
        vm.startPrank(tariffs);
        _expectUnauthorized(tariffs);
        registry.registerFeeder(1, operator, grid, head);
        _expectUnauthorized(tariffs);
        registry.changeFeeder(FEEDER, grid, operator, head);
        _expectUnauthorized(tariffs);
        registry.limitFeeder(FEEDER, NEXT, 1, 1);
        _expectUnauthorized(tariffs);
        registry.registerMeter(FEEDER, bob, solarMeter());
        _expectUnauthorized(tariffs);
        registry.setOwner(METER, bob);
        _expectUnauthorized(tariffs);
        registry.rate(METER, 1, 1, EnergySource.Wind);
        _expectUnauthorized(tariffs);
        registry.setStatus(METER, MeterStatus.Retired);
        _expectUnauthorized(tariffs);
        registry.announceKey(METER, newKey);
        vm.stopPrank();

        vm.startPrank(registrar);
        _expectUnauthorized(registrar);
        registry.createTariff(plainTariff());
        _expectUnauthorized(registrar);
        registry.setDefaultTariff(1, NEXT);
        _expectUnauthorized(registrar);
        registry.scheduleTariffs(NEXT, new uint16[](1));
        vm.stopPrank();
    }

    function _expectUnauthorized(address caller) private {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller));
    }
}

contract EnergyRegistryFeedersTest is EnergyRegistryFixture {
    // registerFeeder
    // ├─ number zero, or in use .......................... EnergyRegistryFeederTaken
    // ├─ an operator is zero, or both are one ............ EnergyRegistryInvalidOperators
    // └─ else ............................................ stored, FeederRegistered
    //    └─ the highest number so far is remembered

    function test_RevertWhen_FeederIsTakenOrZero() external {
        uint16[2] memory numbers = [uint16(0), FEEDER];
        vm.startPrank(registrar);
        for (uint256 i = 0; i < numbers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryFeederTaken.selector, numbers[i]));
            registry.registerFeeder(numbers[i], operator, grid, head);
        }
        vm.stopPrank();
    }

    function test_RevertWhen_OperatorsAreNotTwoIdentities() external {
        address[3] memory operators = [address(0), operator, operator];
        address[3] memory gridOperators = [grid, address(0), operator];
        vm.startPrank(registrar);
        for (uint256 i = 0; i < operators.length; ++i) {
            _expectInvalidOperators(operators[i], gridOperators[i]);
            registry.registerFeeder(1, operators[i], gridOperators[i], head);
            _expectInvalidOperators(operators[i], gridOperators[i]);
            registry.changeFeeder(FEEDER, operators[i], gridOperators[i], head);
        }
        vm.stopPrank();
    }

    function testFuzz_RegistersFeeder(uint16 feeder, address first, address second, address meterKey) external {
        if (feeder == 0 || feeder == FEEDER) feeder = FEEDER + 1;
        if (first == address(0)) first = operator;
        if (second == address(0) || second == first) second = first == grid ? operator : grid;
        vm.prank(registrar);
        vm.expectEmit(address(registry));
        emit IEnergyRegistry.FeederRegistered(feeder, first, second, meterKey);
        registry.registerFeeder(feeder, first, second, meterKey);
        _assertFeeder(feeder, first, second, meterKey, 0);
        _assertFeeder(FEEDER, operator, grid, head, 1);
        assertEq(registry.lastFeeder(), feeder > FEEDER ? feeder : FEEDER, "last feeder");
    }

    // changeFeeder
    // ├─ unknown ......................................... EnergyRegistryUnknownFeeder
    // ├─ operators as above .............................. EnergyRegistryInvalidOperators
    // ├─ nothing changes ................................. EnergyRegistryUnchanged
    // └─ any of the three changes ........................ changed, meters stay, FeederChanged

    function test_RevertWhen_UnknownFeederIsChanged() external {
        expectUnknownFeeder(1);
        vm.prank(registrar);
        registry.changeFeeder(1, operator, grid, head);
    }

    function test_RevertWhen_FeederStaysAsItIs() external {
        expectUnchanged();
        vm.prank(registrar);
        registry.changeFeeder(FEEDER, operator, grid, head);
    }

    function test_ChangesFeeder() external {
        address[3] memory operators = [bob, bob, bob];
        address[3] memory gridOperators = [grid, alice, alice];
        address[3] memory keys = [head, head, address(0)];
        vm.startPrank(registrar);
        for (uint256 i = 0; i < operators.length; ++i) {
            vm.expectEmit(address(registry));
            emit IEnergyRegistry.FeederChanged(FEEDER, operators[i], gridOperators[i], keys[i]);
            registry.changeFeeder(FEEDER, operators[i], gridOperators[i], keys[i]);
            _assertFeeder(FEEDER, operators[i], gridOperators[i], keys[i], 1);
        }
        vm.stopPrank();
    }

    // limitFeeder
    // ├─ unknown ......................................... EnergyRegistryUnknownFeeder
    // ├─ the interval is open ............................ EnergyRegistryIntervalOpen
    // ├─ nothing changes ................................. EnergyRegistryUnchanged
    // └─ else ............................................ FeederLimited
    //    ├─ from its interval on; what was before stays
    //    └─ limits announced and not in force are withdrawn

    function test_RevertWhen_UnknownFeederIsLimited() external {
        expectUnknownFeeder(1);
        vm.prank(registrar);
        registry.limitFeeder(1, NEXT, 1, 1);
    }

    function test_RevertWhen_OpenIntervalIsLimited() external {
        expectIntervalOpen(NEXT - 1, NEXT);
        vm.prank(registrar);
        registry.limitFeeder(FEEDER, NEXT - 1, 1, 1);
    }

    function test_RevertWhen_LimitsStayAsTheyAre() external {
        vm.startPrank(registrar);
        expectUnchanged();
        registry.limitFeeder(FEEDER, NEXT, NO_LIMIT, NO_LIMIT);
        registry.limitFeeder(FEEDER, NEXT, 1, 2);
        expectUnchanged();
        registry.limitFeeder(FEEDER, NEXT, 1, 2);
        vm.stopPrank();
    }

    function testFuzz_LimitsFeeder(uint56 importWh, uint56 exportWh, uint32 from, uint32 later) external {
        from = uint32(bound(from, NEXT, type(uint32).max));
        later = uint32(bound(later, from, type(uint32).max));
        if (importWh == NO_LIMIT && exportWh == NO_LIMIT) importWh = 0;
        vm.prank(registrar);
        vm.expectEmit(address(registry));
        emit IEnergyRegistry.FeederLimited(FEEDER, from, importWh, exportWh);
        registry.limitFeeder(FEEDER, from, importWh, exportWh);
        _assertLimits(FEEDER, later, importWh, exportWh);
        _assertLimits(FEEDER, from - 1, NO_LIMIT, NO_LIMIT);
        _assertLimits(FEEDER + 1, from, NO_LIMIT, NO_LIMIT);
    }

    function test_LimitsOfOpenAndPastIntervalsStay() external {
        vm.startPrank(registrar);
        registry.limitFeeder(FEEDER, NEXT, 1_000, 2_000);
        vm.warp(EPOCH + LENGTH);
        registry.limitFeeder(FEEDER, NEXT + 1, 3_000, NO_LIMIT);
        vm.warp(EPOCH + 10 * LENGTH);
        registry.limitFeeder(FEEDER, NEXT + 10, NO_LIMIT, NO_LIMIT);
        vm.stopPrank();
        vm.warp(EPOCH + 365 days);
        _assertLimits(FEEDER, NEXT - 1, NO_LIMIT, NO_LIMIT);
        _assertLimits(FEEDER, NEXT, 1_000, 2_000);
        _assertLimits(FEEDER, NEXT + 1, 3_000, NO_LIMIT);
        _assertLimits(FEEDER, NEXT + 9, 3_000, NO_LIMIT);
        _assertLimits(FEEDER, NEXT + 10, NO_LIMIT, NO_LIMIT);
    }

    function test_LimitsByMistakeAreReplacedBeforeTheyAreInForce() external {
        vm.startPrank(registrar);
        registry.limitFeeder(FEEDER, type(uint32).max, 1, 1);
        registry.limitFeeder(FEEDER, NEXT, 2, 2);
        vm.stopPrank();
        _assertLimits(FEEDER, type(uint32).max, 2, 2);
    }

    // feederOf
    // └─ unknown ......................................... EnergyRegistryUnknownFeeder

    function test_RevertWhen_UnknownFeederIsAskedFor() external {
        expectUnknownFeeder(1);
        registry.feederOf(1);
    }

    function _assertFeeder(
        uint16 feeder,
        address first,
        address second,
        address meterKey,
        uint256 meterCount
    ) private view {
        Feeder memory found = registry.feederOf(feeder);
        assertEq(found.operator, first, "operator");
        assertEq(found.gridOperator, second, "grid operator");
        assertEq(found.meterKey, meterKey, "meter key");
        assertEq(found.meterCount, meterCount, "meter count");
    }

    function _assertLimits(uint16 feeder, uint32 interval, uint56 importWh, uint56 exportWh) private view {
        (uint56 importLimit, uint56 exportLimit) = registry.limitsOf(feeder, interval);
        assertEq(importLimit, importWh, "import");
        assertEq(exportLimit, exportWh, "export");
    }

    function _expectInvalidOperators(address first, address second) private {
        vm.expectRevert(abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryInvalidOperators.selector, first, second));
    }
}

contract EnergyRegistryMetersTest is EnergyRegistryFixture {
    uint256 private constant METERS = 256;

    // registerMeter
    // ├─ unknown feeder .................................. EnergyRegistryUnknownFeeder
    // ├─ no key, owner or class, or a status but
    // │  Trading and Sharing ............................. EnergyRegistryInvalidMeter
    // ├─ a cap of more digits ............................ EnergyRegistryCapNotRepresentable
    // ├─ 256 meters are there ............................ EnergyRegistryFeederFull
    // └─ else ............................................ stored under the next id, MeterRegistered

    function test_RevertWhen_MeterOfUnknownFeederIsRegistered() external {
        expectUnknownFeeder(1);
        vm.prank(registrar);
        registry.registerMeter(1, alice, solarMeter());
    }

    function test_RevertWhen_MeterHasNoKeyOwnerOrClass() external {
        vm.startPrank(registrar);
        Meter memory meter = solarMeter();
        meter.key = address(0);
        _expectInvalidMeter(address(0), alice, meter.class, meter.status);
        registry.registerMeter(FEEDER, alice, meter);
        meter = solarMeter();
        _expectInvalidMeter(key, address(0), meter.class, meter.status);
        registry.registerMeter(FEEDER, address(0), meter);
        meter.class = MeterClass.None;
        _expectInvalidMeter(key, alice, MeterClass.None, meter.status);
        registry.registerMeter(FEEDER, alice, meter);
        vm.stopPrank();
    }

    function test_RevertWhen_MeterBeginsSuspendedRetiredOrAsNone() external {
        MeterStatus[3] memory statuses = [MeterStatus.None, MeterStatus.Suspended, MeterStatus.Retired];
        vm.startPrank(registrar);
        for (uint256 i = 0; i < statuses.length; ++i) {
            Meter memory meter = solarMeter();
            meter.status = statuses[i];
            _expectInvalidMeter(key, alice, meter.class, statuses[i]);
            registry.registerMeter(FEEDER, alice, meter);
        }
        vm.stopPrank();
    }

    function test_RevertWhen_CapHasMoreThanThreeDigits() external {
        vm.startPrank(registrar);
        Meter memory meter = solarMeter();
        meter.importCapWh = 1_025;
        _expectCap(1_025, 1_023);
        registry.registerMeter(FEEDER, alice, meter);
        meter = solarMeter();
        meter.exportCapWh = 1_023_001;
        _expectCap(1_023_001, 1_023_000);
        registry.registerMeter(FEEDER, alice, meter);
        _expectCap(10_239, 10_230);
        registry.rate(METER, 10_239, 0, EnergySource.None);
        _expectCap(type(uint32).max, 1_023_000);
        registry.rate(METER, 0, type(uint32).max, EnergySource.None);
        vm.stopPrank();
    }

    function test_RevertWhen_FeederIsFull() external {
        _fillFeeder();
        vm.expectRevert(abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryFeederFull.selector, FEEDER, METERS));
        vm.prank(registrar);
        registry.registerMeter(FEEDER, alice, solarMeter());
    }

    function testFuzz_RegistersMeter(
        address owner,
        address meterKey,
        uint16 importDigits,
        uint16 exportDigits,
        uint8 kinds
    ) external {
        Meter memory meter = Meter({
            key: meterKey == address(0) ? key : meterKey,
            importCapWh: uint32(importDigits % 1_024) * 1_000,
            exportCapWh: exportDigits % 1_024,
            source: EnergySource(kinds % 6),
            class: kinds & 64 == 0 ? MeterClass.Connection : MeterClass.Storage,
            status: kinds & 128 == 0 ? MeterStatus.Trading : MeterStatus.Sharing
        });
        if (owner == address(0)) owner = bob;
        vm.prank(registrar);
        vm.expectEmit(address(registry));
        emit IEnergyRegistry.MeterRegistered(
            METER + 1,
            owner,
            meter.key,
            meter.importCapWh,
            meter.exportCapWh,
            meter.source,
            meter.class,
            meter.status
        );
        assertEq(registry.registerMeter(FEEDER, owner, meter), METER + 1, "id");
        assertMeter(registry.meterOf(METER + 1), meter);
        assertEq(registry.ownerOf(METER + 1), owner, "owner");
        assertEq(registry.feederOf(FEEDER).meterCount, 2, "meter count");
        assertMeter(registry.meterOf(METER), solarMeter());
    }

    // setOwner, rate, setStatus, announceKey
    // ├─ unknown ......................................... EnergyRegistryUnknownMeter
    // └─ retired ......................................... EnergyRegistryRetired

    function test_RevertWhen_MeterIsUnknown() external {
        vm.startPrank(registrar);
        expectUnknownMeter(METER + 1);
        registry.setOwner(METER + 1, bob);
        expectUnknownMeter(METER + 1);
        registry.rate(METER + 1, 1, 1, EnergySource.Wind);
        expectUnknownMeter(METER + 1);
        registry.setStatus(METER + 1, MeterStatus.Retired);
        expectUnknownMeter(METER + 1);
        registry.announceKey(METER + 1, newKey);
        vm.stopPrank();
    }

    function test_RevertWhen_MeterIsRetired() external {
        vm.startPrank(registrar);
        registry.setStatus(METER, MeterStatus.Retired);
        _expectRetired();
        registry.setOwner(METER, bob);
        _expectRetired();
        registry.rate(METER, 1, 1, EnergySource.Wind);
        _expectRetired();
        registry.setStatus(METER, MeterStatus.Trading);
        _expectRetired();
        registry.setStatus(METER, MeterStatus.Retired);
        _expectRetired();
        registry.announceKey(METER, newKey);
        vm.stopPrank();
    }

    // setOwner
    // ├─ nobody .......................................... EnergyRegistryInvalidMeter
    // ├─ the same ........................................ EnergyRegistryUnchanged
    // └─ else ............................................ handed over, MeterOwnerChanged

    function test_RevertWhen_NobodyIsMadeOwner() external {
        _expectInvalidMeter(key, address(0), MeterClass.Connection, MeterStatus.Trading);
        vm.prank(registrar);
        registry.setOwner(METER, address(0));
    }

    function test_RevertWhen_OwnerStaysTheSame() external {
        expectUnchanged();
        vm.prank(registrar);
        registry.setOwner(METER, alice);
    }

    function test_HandsMeterOver() external {
        vm.prank(registrar);
        vm.expectEmit(address(registry));
        emit IEnergyRegistry.MeterOwnerChanged(METER, alice, bob);
        registry.setOwner(METER, bob);
        assertEq(registry.ownerOf(METER), bob, "owner");
        assertMeter(registry.meterOf(METER), solarMeter());
    }

    // rate
    // ├─ a cap of more digits (see above)
    // ├─ nothing changes ................................. EnergyRegistryUnchanged
    // └─ any of the three changes ........................ changed, MeterRated

    function test_RevertWhen_RatingStaysTheSame() external {
        expectUnchanged();
        vm.prank(registrar);
        registry.rate(METER, 5_000, 2_500, EnergySource.Solar);
    }

    function test_RatesMeter() external {
        uint32[3] memory imports = [uint32(6_000), 6_000, 6_000];
        uint32[3] memory exports = [uint32(2_500), 0, 0];
        EnergySource[3] memory sources = [EnergySource.Solar, EnergySource.Solar, EnergySource.None];
        Meter memory expected = solarMeter();
        for (uint256 i = 0; i < imports.length; ++i) {
            vm.prank(registrar);
            vm.expectEmit(address(registry));
            emit IEnergyRegistry.MeterRated(METER, imports[i], exports[i], sources[i]);
            registry.rate(METER, imports[i], exports[i], sources[i]);
            (expected.importCapWh, expected.exportCapWh, expected.source) = (imports[i], exports[i], sources[i]);
            assertMeter(registry.meterOf(METER), expected);
        }
    }

    // setStatus
    // ├─ None ............................................ EnergyRegistryInvalidMeter
    // ├─ the same ........................................ EnergyRegistryUnchanged
    // └─ else ............................................ changed, MeterStatusChanged

    function test_RevertWhen_StatusIsNone() external {
        _expectInvalidMeter(key, alice, MeterClass.Connection, MeterStatus.None);
        vm.prank(registrar);
        registry.setStatus(METER, MeterStatus.None);
    }

    function test_RevertWhen_StatusStaysTheSame() external {
        expectUnchanged();
        vm.prank(registrar);
        registry.setStatus(METER, MeterStatus.Trading);
    }

    function test_ChangesStatus() external {
        MeterStatus[4] memory statuses = [
            MeterStatus.Suspended,
            MeterStatus.Sharing,
            MeterStatus.Trading,
            MeterStatus.Retired
        ];
        Meter memory expected = solarMeter();
        for (uint256 i = 0; i < statuses.length; ++i) {
            vm.prank(registrar);
            vm.expectEmit(address(registry));
            emit IEnergyRegistry.MeterStatusChanged(METER, expected.status, statuses[i]);
            registry.setStatus(METER, statuses[i]);
            expected.status = statuses[i];
            assertMeter(registry.meterOf(METER), expected);
        }
        assertEq(registry.ownerOf(METER), alice, "owner");
    }

    // announceKey
    // ├─ no key .......................................... EnergyRegistryInvalidMeter
    // ├─ the key that holds, or that is announced ........ EnergyRegistryUnchanged
    // └─ else ............................................ MeterKeyAnnounced
    //    ├─ it takes over when the delay is over, not before
    //    ├─ it takes the place of one announced before
    //    ├─ the key that holds is announced to stay
    //    └─ one that has taken over holds until the next does

    function test_RevertWhen_NoKeyIsAnnounced() external {
        _expectInvalidMeter(address(0), alice, MeterClass.Connection, MeterStatus.Trading);
        vm.prank(registrar);
        registry.announceKey(METER, address(0));
    }

    function test_RevertWhen_KeyHoldsOrIsAnnounced() external {
        vm.startPrank(registrar);
        expectUnchanged();
        registry.announceKey(METER, key);
        registry.announceKey(METER, newKey);
        expectUnchanged();
        registry.announceKey(METER, newKey);
        vm.warp(EPOCH + KEY_DELAY);
        expectUnchanged();
        registry.announceKey(METER, newKey);
        vm.stopPrank();
    }

    function test_KeyTakesOverAfterItsDelay() external {
        _announce(newKey);
        vm.warp(EPOCH + KEY_DELAY - 1);
        _assertKey(key);
        vm.warp(EPOCH + KEY_DELAY);
        _assertKey(newKey);
        Meter memory expected = solarMeter();
        expected.key = newKey;
        assertMeter(registry.meterOf(METER), expected);
    }

    function test_AnnouncedKeyIsReplaced() external {
        _announce(newKey);
        vm.warp(EPOCH + KEY_DELAY - 1);
        _announce(head);
        vm.warp(EPOCH + KEY_DELAY);
        _assertKey(key);
        vm.warp(EPOCH + 2 * KEY_DELAY - 1);
        _assertKey(head);
    }

    function test_KeyThatHoldsIsAnnouncedToStay() external {
        _announce(newKey);
        _announce(key);
        vm.warp(EPOCH + KEY_DELAY);
        _assertKey(key);
    }

    function test_KeyThatTookOverHoldsUntilTheNextDoes() external {
        _announce(newKey);
        vm.warp(EPOCH + KEY_DELAY);
        _announce(key);
        _assertKey(newKey);
        vm.warp(EPOCH + 2 * KEY_DELAY);
        _assertKey(key);
    }

    function test_KeyThatTookOverIsNamedInErrors() external {
        _announce(newKey);
        vm.warp(EPOCH + KEY_DELAY);
        vm.startPrank(registrar);
        _expectInvalidMeter(newKey, address(0), MeterClass.Connection, MeterStatus.Trading);
        registry.setOwner(METER, address(0));
        _expectInvalidMeter(newKey, alice, MeterClass.Connection, MeterStatus.None);
        registry.setStatus(METER, MeterStatus.None);
        vm.stopPrank();
    }

    function test_OtherActsLeaveAnAnnouncedKeyAlone() external {
        _announce(newKey);
        vm.startPrank(registrar);
        registry.setOwner(METER, bob);
        registry.rate(METER, 0, 10, EnergySource.Hydro);
        registry.setStatus(METER, MeterStatus.Suspended);
        vm.stopPrank();
        _assertKey(key);
        vm.warp(EPOCH + KEY_DELAY);
        _assertKey(newKey);
    }

    function test_WithoutDelayAKeyTakesOverAtOnce() external {
        registry = new EnergyRegistry(address(manager), LENGTH, HORIZON, 0);
        manager.setTargetFunctionRole(address(registry), registrarActs(), Roles.ENERGY_REGISTRAR);
        vm.startPrank(registrar);
        registry.registerFeeder(FEEDER, operator, grid, head);
        registry.registerMeter(FEEDER, alice, solarMeter());
        registry.announceKey(METER, newKey);
        vm.stopPrank();
        _assertKey(newKey);
    }

    // meterOf, ownerOf
    // └─ unknown ......................................... EnergyRegistryUnknownMeter

    function test_RevertWhen_UnknownMeterIsAskedFor() external {
        expectUnknownMeter(METER + 1);
        registry.meterOf(METER + 1);
        expectUnknownMeter(0);
        registry.ownerOf(0);
    }

    // metersOf
    // ├─ unknown ......................................... EnergyRegistryUnknownFeeder
    // └─ else ............................................ all of them in order, retired ones too, with the keys of now

    function test_RevertWhen_MetersOfUnknownFeederAreAskedFor() external {
        expectUnknownFeeder(1);
        registry.metersOf(1);
    }

    function test_EmptyFeederHasNoMeters() external {
        vm.prank(registrar);
        registry.registerFeeder(1, operator, grid, head);
        assertEq(registry.metersOf(1).length, 0, "meters");
    }

    function test_GivesAllMetersOfAFeederInOrder() external {
        _fillFeeder();
        _announce(newKey);
        vm.prank(registrar);
        registry.setStatus(METER + 255, MeterStatus.Retired);
        vm.warp(EPOCH + KEY_DELAY);
        Meter[] memory meters = registry.metersOf(FEEDER);
        assertEq(meters.length, METERS, "all");
        assertEq(meters[0].key, newKey, "key of now");
        assertEq(uint256(meters[255].status), uint256(MeterStatus.Retired), "retired");
        for (uint32 i = 0; i < METERS; ++i) {
            assertMeter(meters[i], registry.meterOf(METER + i));
            if (i > 0) assertEq(meters[i].importCapWh, i, "in order");
        }
    }

    // --- helpers

    /// @dev Each meter's import cap is its position.
    function _fillFeeder() private {
        Meter memory meter = solarMeter();
        vm.startPrank(registrar);
        for (uint32 i = 1; i < METERS; ++i) {
            meter.importCapWh = i;
            assertEq(registry.registerMeter(FEEDER, alice, meter), METER + i, "id");
        }
        vm.stopPrank();
    }

    function _announce(address announced) private {
        vm.prank(registrar);
        vm.expectEmit(address(registry));
        emit IEnergyRegistry.MeterKeyAnnounced(METER, announced, uint40(block.timestamp + KEY_DELAY));
        registry.announceKey(METER, announced);
    }

    function _assertKey(address expected) private view {
        assertEq(registry.meterOf(METER).key, expected, "key of the meter");
        assertEq(registry.metersOf(FEEDER)[0].key, expected, "key in the feeder");
    }

    function _expectInvalidMeter(address meterKey, address owner, MeterClass class, MeterStatus status) private {
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryInvalidMeter.selector, meterKey, owner, class, status)
        );
    }

    function _expectCap(uint32 capWh, uint32 nearestBelow) private {
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryCapNotRepresentable.selector, capWh, nearestBelow)
        );
    }

    function _expectRetired() private {
        vm.expectRevert(abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryRetired.selector, METER));
    }
}

contract EnergyRegistryTariffsTest is EnergyRegistryFixture {
    uint256 private constant RUN = 64;
    /// @dev Where the number of tariffs stands in the first word of storage.
    uint256 private constant COUNT_SHIFT = 184;

    function setUp() public override {
        super.setUp();
        vm.startPrank(tariffs);
        for (uint24 i = 1; i <= 3; ++i) registry.createTariff(_tariff(i));
        vm.stopPrank();
    }

    // createTariff
    // ├─ retail price zero ............................... EnergyRegistryInvalidTariff(1)
    // ├─ fee inside the feeder above the other ........... EnergyRegistryInvalidTariff(2)
    // ├─ lowest price below feed-in or above retail ...... EnergyRegistryInvalidTariff(4)
    // ├─ no step, or the last below retail ............... EnergyRegistryInvalidTariff(5)
    // ├─ unknown rules, or one without the other it needs  EnergyRegistryInvalidTariff(6)
    // ├─ 65,535 there already ............................ EnergyRegistryTooManyTariffs
    // └─ else ............................................ stored under the next number, TariffCreated

    function test_RevertWhen_RetailIsZero() external {
        Tariff memory tariff = plainTariff();
        tariff.retail = 0;
        _expectInvalid(tariff, 1, 0, 1);
    }

    function test_RevertWhen_FeederFeeIsAboveGridFee() external {
        Tariff memory tariff = plainTariff();
        tariff.feederFee = 101;
        _expectInvalid(tariff, 2, 101, 100);
    }

    function test_RevertWhen_LowestPriceIsBelowFeedInOrAboveRetail() external {
        Tariff memory tariff = plainTariff();
        tariff.basePrice = 79;
        _expectInvalid(tariff, 4, 79, 80);
        tariff.basePrice = 301;
        _expectInvalid(tariff, 4, 301, 300);
        tariff.feedIn = 301;
        tariff.basePrice = 300;
        _expectInvalid(tariff, 4, 300, 301);
    }

    function test_RevertWhen_TickIsZeroOrTooSmall() external {
        Tariff memory tariff = plainTariff();
        tariff.tickSize = 0;
        _expectInvalid(tariff, 5, 0, 1);
        tariff.tickSize = 1;
        tariff.retail = 80 + 255 + 1;
        _expectInvalid(tariff, 5, 1, 2);
        tariff.tickSize = type(uint16).max;
        tariff.retail = type(uint24).max;
        _expectInvalid(tariff, 5, type(uint16).max, 65_793);
    }

    function test_RevertWhen_RulesAreUnknownOrIncomplete() external {
        Tariff memory tariff = plainTariff();
        tariff.rules = 32;
        _expectInvalid(tariff, 6, 32, 31);
        tariff.rules = EnergyRules.FEEDER_FIRST | EnergyRules.GREEN;
        _expectInvalid(tariff, 6, 6, 7);
        tariff.rules = EnergyRules.SURPLUS_TO_POT;
        _expectInvalid(tariff, 6, 16, 24);
    }

    function test_RevertWhen_NoNumberIsLeftForATariff() external {
        uint256 word = uint256(vm.load(address(registry), 0));
        assertEq(uint16(word >> COUNT_SHIFT), 3, "tariffs so far");
        vm.store(address(registry), 0, bytes32(word | (0xfffe << COUNT_SHIFT)));
        vm.startPrank(tariffs);
        vm.expectRevert(abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryTooManyTariffs.selector, 65_536, 65_535));
        registry.createTariff(plainTariff());
        vm.store(address(registry), 0, bytes32(word ^ (0xfffd << COUNT_SHIFT)));
        assertEq(registry.createTariff(plainTariff()), type(uint16).max, "the last number");
    }

    function test_TakesTariffsAtTheEdge() external {
        Tariff memory tariff = plainTariff();
        tariff.retail = 80 + 255;
        tariff.feederFee = 100;
        _create(tariff, 4);
        tariff.basePrice = tariff.retail;
        tariff.rules = 0;
        _create(tariff, 5);
        tariff = Tariff({
            feedIn: 0,
            retail: 1,
            feederFee: 0,
            gridFee: 0,
            basePrice: 0,
            tickSize: type(uint16).max,
            rules: EnergyRules.BY_FEEDER | EnergyRules.GREEN | EnergyRules.PAY_AS_BID
        });
        _create(tariff, 6);
    }

    function testFuzz_TakesExactlyTheTariffsInRange(Tariff memory tariff, uint8 near) external {
        // Half of the tariffs are near the edges, where most of the rules meet.
        if (near & 1 == 0) {
            tariff.retail = uint24(bound(tariff.retail, 0, 600));
            tariff.feedIn = uint24(bound(tariff.feedIn, 0, tariff.retail));
            tariff.basePrice = uint24(bound(tariff.basePrice, tariff.feedIn, uint256(tariff.retail) + 1));
            tariff.gridFee = uint24(bound(tariff.gridFee, 0, 4));
            tariff.feederFee = uint24(bound(tariff.feederFee, 0, 5));
            tariff.tickSize = uint16(bound(tariff.tickSize, 0, 4));
            tariff.rules = uint8(bound(tariff.rules, 0, 32));
        }
        bool fair =
            tariff.retail > 0 &&
                tariff.feederFee <= tariff.gridFee &&
                tariff.feedIn <= tariff.basePrice &&
                tariff.basePrice <= tariff.retail &&
                tariff.tickSize > 0 &&
                uint256(tariff.basePrice) + 255 * uint256(tariff.tickSize) >= tariff.retail &&
                tariff.rules < 32 &&
                (tariff.rules & 2 == 0 || tariff.rules & 1 != 0) &&
                (tariff.rules & 16 == 0 || tariff.rules & 8 != 0);
        vm.prank(tariffs);
        try registry.createTariff(tariff) returns (uint16 tariffId) {
            assertTrue(fair, "taken and out of range");
            assertEq(tariffId, 4, "number");
            assertTariff(registry.tariffAt(4), tariff);
        } catch (bytes memory reason) {
            assertFalse(fair, "refused and in range");
            assertEq(bytes32(bytes4(reason)), IEnergyRegistry.EnergyRegistryInvalidTariff.selector, "by name");
        }
    }

    // tariffAt
    // └─ unknown ......................................... EnergyRegistryUnknownTariff

    function test_RevertWhen_UnknownTariffIsAskedFor() external {
        _expectUnknownTariff(0);
        registry.tariffAt(0);
        _expectUnknownTariff(4);
        registry.tariffAt(4);
        assertTariff(registry.tariffAt(3), _tariff(3));
    }

    // setDefaultTariff
    // ├─ unknown ......................................... EnergyRegistryUnknownTariff
    // ├─ the interval is open ............................ EnergyRegistryIntervalOpen
    // ├─ nothing changes ................................. EnergyRegistryUnchanged
    // └─ else ............................................ DefaultTariffSet
    //    ├─ from its interval on; what was before stays
    //    └─ a default announced and not in force is withdrawn

    function test_RevertWhen_DefaultIsUnknown() external {
        vm.startPrank(tariffs);
        _expectUnknownTariff(0);
        registry.setDefaultTariff(0, NEXT);
        _expectUnknownTariff(4);
        registry.setDefaultTariff(4, NEXT);
        vm.stopPrank();
    }

    function test_RevertWhen_DefaultIsSetForAnOpenInterval() external {
        expectIntervalOpen(NEXT - 1, NEXT);
        vm.prank(tariffs);
        registry.setDefaultTariff(1, NEXT - 1);
    }

    function test_RevertWhen_DefaultStaysTheSame() external {
        vm.startPrank(tariffs);
        registry.setDefaultTariff(1, NEXT);
        expectUnchanged();
        registry.setDefaultTariff(1, NEXT);
        vm.stopPrank();
    }

    function test_DefaultsHoldFromTheirIntervalsOn() external {
        _setDefault(1, NEXT, 0);
        _setDefault(2, type(uint32).max, 0);
        _setDefault(1, NEXT, 0);
        vm.warp(EPOCH + LENGTH);
        _setDefault(2, NEXT + 10, 1);
        _setDefault(3, NEXT + 20, 1);
        vm.warp(EPOCH + 365 days);
        _expectNoTariff(NEXT - 1);
        registry.tariffOf(NEXT - 1);
        assertTariff(registry.tariffOf(NEXT), _tariff(1));
        assertTariff(registry.tariffOf(NEXT + 19), _tariff(1));
        assertTariff(registry.tariffOf(NEXT + 20), _tariff(3));
        assertTariff(registry.tariffOf(type(uint32).max), _tariff(3));
    }

    // scheduleTariffs
    // ├─ the interval is open ............................ EnergyRegistryIntervalOpen
    // ├─ none, more than 1,024, or beyond the last ....... EnergyRegistryInvalidSchedule
    // ├─ one is unknown .................................. EnergyRegistryUnknownTariff
    // ├─ nothing changes ................................. EnergyRegistryUnchanged
    // └─ else ............................................ set, others stay, TariffsScheduled

    function test_RevertWhen_ScheduleBeginsInAnOpenInterval() external {
        expectIntervalOpen(NEXT - 1, NEXT);
        vm.prank(tariffs);
        registry.scheduleTariffs(NEXT - 1, _ids(1, 1));
    }

    function test_RevertWhen_ScheduleIsEmptyOrTooLong() external {
        vm.startPrank(tariffs);
        _expectInvalidSchedule(0, 1_024);
        registry.scheduleTariffs(NEXT, _ids(0, 1));
        _expectInvalidSchedule(1_025, 1_024);
        registry.scheduleTariffs(NEXT, _ids(1_025, 1));
        _expectInvalidSchedule(2, 1);
        registry.scheduleTariffs(type(uint32).max, _ids(2, 1));
        vm.stopPrank();
    }

    function test_RevertWhen_ScheduleNamesAnUnknownTariff() external {
        uint16[] memory ids = _ids(40, 1);
        ids[39] = 4;
        _expectUnknownTariff(4);
        vm.prank(tariffs);
        registry.scheduleTariffs(NEXT, ids);
    }

    function test_RevertWhen_ScheduleStaysTheSame() external {
        vm.startPrank(tariffs);
        expectUnchanged();
        registry.scheduleTariffs(NEXT, _ids(40, 0));
        registry.scheduleTariffs(NEXT, _ids(40, 1));
        expectUnchanged();
        registry.scheduleTariffs(NEXT + 3, _ids(20, 1));
        vm.stopPrank();
    }

    function test_LongestScheduleFitsATransaction() external {
        vm.prank(tariffs);
        uint256 before = gasleft();
        registry.scheduleTariffs(NEXT, _ids(1_024, 1));
        assertLe(before - gasleft(), 1 << 24, "gas");
        assertTariff(registry.tariffOf(NEXT), _tariff(1));
        assertTariff(registry.tariffOf(NEXT + 1_023), _tariff(1));
        _expectNoTariff(NEXT + 1_024);
        registry.tariffOf(NEXT + 1_024);
    }

    function test_LastIntervalOfAllCanBeScheduled() external {
        vm.prank(tariffs);
        registry.scheduleTariffs(type(uint32).max, _ids(1, 2));
        assertTariff(registry.tariffOf(type(uint32).max), _tariff(2));
        _expectNoTariff(type(uint32).max - 1);
        registry.tariffOf(type(uint32).max - 1);
    }

    function test_ScheduledTariffGoesBeforeTheDefault() external {
        _setDefault(1, NEXT, 0);
        uint16[] memory ids = new uint16[](3);
        (ids[0], ids[1], ids[2]) = (2, 0, 3);
        vm.prank(tariffs);
        vm.expectEmit(address(registry));
        emit IEnergyRegistry.TariffsScheduled(NEXT, ids);
        registry.scheduleTariffs(NEXT, ids);
        assertTariff(registry.tariffOf(NEXT), _tariff(2));
        assertTariff(registry.tariffOf(NEXT + 1), _tariff(1));
        assertTariff(registry.tariffOf(NEXT + 2), _tariff(3));
        assertTariff(registry.tariffOf(NEXT + 3), _tariff(1));
    }

    function testFuzz_SchedulesOverlapAsThePlainWaySays(uint256 seed) external {
        _setDefault(3, NEXT, 0);
        uint16[] memory expected = new uint16[](RUN);
        for (uint256 run = 0; run < 3; ++run) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 from = seed % RUN;
            uint16[] memory ids = new uint16[](1 + ((seed >> 8) % (RUN - from)));
            bool changed = false;
            for (uint256 i = 0; i < ids.length; ++i) {
                ids[i] = uint16(uint256(keccak256(abi.encode(seed, i))) % 4);
                changed = changed || ids[i] != expected[from + i];
                expected[from + i] = ids[i];
            }
            if (!changed) expectUnchanged();
            vm.prank(tariffs);
            registry.scheduleTariffs(uint32(NEXT + from), ids);
        }
        for (uint256 i = 0; i < RUN; ++i) {
            uint16 tariffId = expected[i] == 0 ? 3 : expected[i];
            assertEq(registry.tariffOf(uint32(NEXT + i)).retail, _tariff(tariffId).retail, "tariff");
        }
    }

    // tariffOf
    // ├─ neither scheduled nor a default ................. EnergyRegistryNoTariff
    // └─ else ............................................ that one (see above)

    function test_RevertWhen_IntervalHasNoTariff() external {
        _expectNoTariff(NEXT);
        registry.tariffOf(NEXT);
    }

    // --- helpers

    /// @dev Tariffs told apart by their retail price.
    function _tariff(uint24 number) private pure returns (Tariff memory tariff) {
        tariff = plainTariff();
        tariff.retail = 300 + number;
    }

    function _ids(uint256 length, uint16 tariffId) private pure returns (uint16[] memory ids) {
        ids = new uint16[](length);
        for (uint256 i = 0; i < length; ++i) ids[i] = tariffId;
    }

    function _create(Tariff memory tariff, uint16 tariffId) private {
        vm.prank(tariffs);
        vm.expectEmit(address(registry));
        emit IEnergyRegistry.TariffCreated(tariffId, tariff);
        assertEq(registry.createTariff(tariff), tariffId, "number");
        assertTariff(registry.tariffAt(tariffId), tariff);
    }

    function _setDefault(uint16 tariffId, uint32 fromInterval, uint16 previous) private {
        vm.prank(tariffs);
        vm.expectEmit(address(registry));
        emit IEnergyRegistry.DefaultTariffSet(tariffId, fromInterval, previous);
        registry.setDefaultTariff(tariffId, fromInterval);
    }

    function _expectInvalid(Tariff memory tariff, uint256 field, uint256 value, uint256 limit) private {
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryInvalidTariff.selector, field, value, limit)
        );
        vm.prank(tariffs);
        registry.createTariff(tariff);
    }

    function _expectUnknownTariff(uint16 tariffId) private {
        vm.expectRevert(abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryUnknownTariff.selector, tariffId));
    }

    function _expectNoTariff(uint32 interval) private {
        vm.expectRevert(abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryNoTariff.selector, interval));
    }

    function _expectInvalidSchedule(uint256 length, uint256 limit) private {
        vm.expectRevert(abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryInvalidSchedule.selector, length, limit));
    }
}
