// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC7913P256Verifier} from "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913P256Verifier.sol";

import {ISigned, Signature} from "../../../../contracts/authority/ISigned.sol";
import {EnergyCredentials} from "../../../../contracts/energy/EnergyCredentials.sol";
import {EnergyRegistry} from "../../../../contracts/energy/registry/EnergyRegistry.sol";
import {EnergySource, IEnergyRegistry, MeterStatus} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {
    DayRecord,
    DaySubmission,
    IMeterReadings,
    ReadingSettings
} from "../../../../contracts/energy/readings/IMeterReadings.sol";
import {ContractAccount} from "../../../../contracts/mocks/ContractAccount.sol";
import {ReadingsFixture} from "./ReadingsFixture.sol";
import {TreeTwin} from "./TreeTwin.sol";
import {ValuesTwin} from "./ValuesTwin.sol";

/// @dev constructor
///   ├ window below an hour or above 30 days, amendments shorter than it or longer than 1,095 days: InvalidSettings
///   ├ tolerance above the whole, no community, bond or penalty from 2^104: InvalidSettings
///   ├ more than 256 intervals in a day: InvalidSettings; 240 taken
///   └ stores what it was given
contract MeterReadingsConstructorTest is ReadingsFixture {
    function test_StoresWhatItWasGiven() external view {
        assertEq(address(readings.token()), address(euro), "token");
        assertEq(address(readings.registry()), address(registry), "registry");
        assertEq(address(readings.identities()), address(identities), "identities");
        assertEq(address(readings.credentials()), address(credentials), "credentials");
        assertEq(readings.window(), WINDOW, "window");
        assertEq(readings.amendDuration(), AMEND_DURATION, "amendDuration");
        assertEq(readings.toleranceBp(), TOLERANCE, "toleranceBp");
        assertEq(readings.toleranceWh(), TOLERANCE_WH, "toleranceWh");
        assertEq(readings.community(), community, "community");
        assertEq(readings.minimumBond(), MINIMUM_BOND, "minimumBond");
        assertEq(readings.penalty(), PENALTY, "penalty");
        assertEq(readings.intervalsPerDay(), 24, "intervalsPerDay");
    }

    function test_TakesTheEndsOfEveryRange() external {
        ReadingSettings memory least = ReadingSettings(1 hours, 1 hours, 0, 0, community, 0, 0);
        assertEq(deployReadings(euro, least).window(), 1 hours, "least");
        least.window = 1 hours + 1;
        least.amendDuration = 1 hours + 1;
        assertEq(deployReadings(euro, least).challengeDuration(), 30 minutes, "half, rounded down");
        ReadingSettings memory most = ReadingSettings(
            30 days,
            1_095 days,
            10_000,
            type(uint32).max,
            community,
            type(uint104).max,
            type(uint104).max
        );
        assertEq(deployReadings(euro, most).amendDuration(), 1_095 days, "most");
        registry = new EnergyRegistry(address(manager), 6 minutes, 48, KEY_DELAY);
        assertEq(deployReadings(euro, most).intervalsPerDay(), 240, "shortest intervals");
    }

    function test_RevertWhen_WindowIsTooShort() external {
        ReadingSettings memory set = settings();
        set.window = 1 hours - 1;
        _expectInvalid(set, 1 hours - 1, 1 hours);
    }

    function test_RevertWhen_WindowIsTooLong() external {
        ReadingSettings memory set = settings();
        set.window = 30 days + 1;
        _expectInvalid(set, 30 days + 1, 30 days);
    }

    function test_RevertWhen_AmendmentsEndBeforeTheWindow() external {
        ReadingSettings memory set = settings();
        set.amendDuration = WINDOW - 1;
        _expectInvalid(set, WINDOW - 1, WINDOW);
    }

    function test_RevertWhen_AmendmentsAreTooLong() external {
        ReadingSettings memory set = settings();
        set.amendDuration = 1_095 days + 1;
        _expectInvalid(set, 1_095 days + 1, 1_095 days);
    }

    function test_RevertWhen_ToleranceIsAboveTheWhole() external {
        ReadingSettings memory set = settings();
        set.toleranceBp = 10_001;
        _expectInvalid(set, 10_001, 10_000);
    }

    function test_RevertWhen_ThereIsNoCommunity() external {
        ReadingSettings memory set = settings();
        set.community = address(0);
        _expectInvalid(set, 0, 1);
    }

    function test_RevertWhen_BondDoesNotFit() external {
        ReadingSettings memory set = settings();
        set.minimumBond = 1 << 104;
        _expectInvalid(set, 1 << 104, type(uint104).max);
    }

    function test_RevertWhen_PenaltyDoesNotFit() external {
        ReadingSettings memory set = settings();
        set.penalty = 1 << 104;
        _expectInvalid(set, 1 << 104, type(uint104).max);
    }

    function test_RevertWhen_IntervalsAreTooShort() external {
        registry = new EnergyRegistry(address(manager), 5 minutes, 48, KEY_DELAY);
        _expectInvalid(settings(), 288, 256);
    }

    function _expectInvalid(ReadingSettings memory set, uint256 value, uint256 limit) private {
        vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsInvalidSettings.selector, value, limit));
        deployReadings(euro, set);
    }
}

/// @dev submit
///   ├ before the day is over: DayNotOver; in the first second after it accepted
///   ├ a second time: AlreadyAccepted
///   ├ feeder unknown: the registry's error; without meters: NoMeters
///   ├ values, signatures, head values or head signature too long or short, one of the latter without the other, or for a
///   │ feeder without head: WrongLength
///   ├ value out of its meter's range, up or down, in either block: OutOfRange; at the bounds accepted
///   ├ signature of a meter that is none, of another meter, day, feeder, chain or value, of the upper half, of a meter that
///   │ is suspended or retired, of a key that was replaced: InvalidSignature
///   ├ head's signature of another: InvalidHeadSignature
///   ├ operator's or grid operator's of another, for another day, feeder, chain or head, or for other signatures of
///   │ meters: SignedInvalidSignature; without
///   │ credential: NotAccredited
///   ├ keys
///   │   ├ none, one: QuorumTooSmall
///   │   ├ each two, all three: accepted, poster and flags told
///   │   ├ meter without signature and with values: METERS not set; if it is missed: Unsigned; if more is missed: QuorumTooSmall
///   │   ├ meter without signature and values: METERS set, meter no signer, if both operators signed; else METERS not set
///   │   ├ meter that signed that it has no values, or is retired and has none: METERS set
///   │   ├ no meter signed, all values missing: METERS not set
///   │   └ operator is an ERC-1271 account or a P-256 key: accepted
///   ├ head
///   │   ├ sum out of tolerance in one interval, head's value missing, or nothing of the head: three keys needed
///   │   └ in tolerance: two suffice
///   ├ poster's bond too small, or leaving: BondTooSmall
///   └ accepted: roots, record, event
contract MeterReadingsSubmitTest is ReadingsFixture {
    event ReadingsAccepted(
        uint16 indexed feeder,
        uint32 indexed day,
        address indexed poster,
        uint8 signedKeys,
        bytes32 rowsRoot,
        bytes32 columnsRoot,
        bytes dayValues
    );

    uint256 private constant ALL_STREET = (1 << STREET_METERS) - 1;
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function test_AcceptsAndTells() external {
        DaySubmission memory submission = street(METERS | OPERATOR);
        bytes32 rowsRoot = TreeTwin.rootOf(ValuesTwin.rowLeaves(submission.values, STREET_METERS, FIRST));
        bytes32 columnsRoot = TreeTwin.rootOf(
            ValuesTwin.columnLeaves(submission.values, STREET_METERS, meterOf(STREET, 0))
        );
        vm.expectEmit(address(readings));
        emit ReadingsAccepted(STREET, DAY, operator, METERS | OPERATOR, rowsRoot, columnsRoot, submission.values);
        vm.prank(stranger);
        readings.submit(submission);

        DayRecord memory record = readings.dayOf(STREET, DAY);
        assertEq(record.rowsRoot, rowsRoot, "rowsRoot");
        assertEq(record.columnsRoot, columnsRoot, "columnsRoot");
        assertEq(record.poster, operator, "poster");
        assertEq(record.acceptedAt, BROUGHT_AT, "acceptedAt");
        assertEq(record.meterCount, STREET_METERS, "meterCount");
        assertEq(record.signedKeys, METERS | OPERATOR, "signedKeys");
        assertEq(record.signers, ALL_STREET, "signers");
    }

    function test_RowOfAnInterval() external {
        readings.submit(street(OPERATOR | GRID));
        bytes32 expected = readings.dayOf(STREET, DAY).rowsRoot;
        for (uint32 interval = FIRST; interval < FIRST + 24; interval += 23) {
            (bytes32 root, uint40 finalAt, uint16 count, uint256 overridden) = readings.rowOf(STREET, interval);
            assertEq(root, expected, "root");
            assertEq(finalAt, BROUGHT_AT + WINDOW, "finalAt");
            assertEq(count, STREET_METERS, "meterCount");
            assertEq(overridden, 0, "overridden");
        }
    }

    function test_RowsOfOtherDaysAndFeedersAreNotAccepted() external {
        readings.submit(street(OPERATOR | GRID));
        _expectNoRow(STREET, FIRST - 1);
        _expectNoRow(STREET, FIRST + 24);
        _expectNoRow(LANE, FIRST);
    }

    // --- time and size

    function test_RevertWhen_TheDayIsNotOver() external {
        DaySubmission memory submission = street(OPERATOR | GRID);
        vm.warp(EPOCH + 1 days - 1);
        _expect(
            submission,
            abi.encodeWithSelector(IMeterReadings.MeterReadingsDayNotOver.selector, DAY, EPOCH + 1 days)
        );
        vm.warp(EPOCH + 1 days);
        readings.submit(submission);
    }

    function test_RevertWhen_TheDayIsFarAhead() external {
        DaySubmission memory submission = street(OPERATOR | GRID);
        submission.day = type(uint32).max;
        _expect(
            submission,
            abi.encodeWithSelector(
                IMeterReadings.MeterReadingsDayNotOver.selector,
                type(uint32).max,
                (uint256(1) << 32) * 1 days
            )
        );
    }

    function test_RevertWhen_TheDayIsAcceptedAlready() external {
        readings.submit(street(OPERATOR | GRID));
        bytes memory values = valuesOf(STREET_METERS);
        ValuesTwin.set(values, 0, 1);
        _expect(
            streetWith(values, METERS | OPERATOR | GRID),
            abi.encodeWithSelector(IMeterReadings.MeterReadingsAlreadyAccepted.selector, STREET, DAY)
        );
    }

    function test_RevertWhen_TheFeederIsUnknown() external {
        DaySubmission memory submission = street(OPERATOR | GRID);
        submission.feeder = 9;
        _expect(submission, abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryUnknownFeeder.selector, 9));
    }

    function test_RevertWhen_TheFeederHasNoMeters() external {
        registry.registerFeeder(9, operator, grid, address(0));
        DaySubmission memory submission = street(OPERATOR | GRID);
        submission.feeder = 9;
        _expect(submission, abi.encodeWithSelector(IMeterReadings.MeterReadingsNoMeters.selector, 9));
    }

    function test_RevertWhen_ValuesAreOfAnotherSize() external {
        uint256 size = 4 * HOURS * STREET_METERS;
        _expectLength(streetWith(new bytes(size - 4), OPERATOR | GRID), size - 4, size);
        _expectLength(streetWith(new bytes(size + 4), OPERATOR | GRID), size + 4, size);
    }

    function test_RevertWhen_AMeterWasRegisteredSince() external {
        DaySubmission memory submission = street(OPERATOR | GRID);
        addMeter(STREET, STREET_METERS);
        _expectLength(submission, 4 * HOURS * STREET_METERS, 4 * HOURS * (STREET_METERS + 1));
    }

    function test_RevertWhen_SignaturesAreOfAnotherSize() external {
        DaySubmission memory submission = street(OPERATOR | GRID);
        submission.meterSignatures = new bytes(64 * STREET_METERS - 1);
        _expectLength(submission, 64 * STREET_METERS - 1, 64 * STREET_METERS);
        submission.meterSignatures = new bytes(64 * STREET_METERS + 64);
        _expectLength(submission, 64 * STREET_METERS + 64, 64 * STREET_METERS);
    }

    function test_RevertWhen_HalfOfTheHeadIsMissing() external {
        DaySubmission memory submission = lane(OPERATOR | GRID);
        submission.headValues = "";
        _expectLength(submission, 0, 4 * HOURS);
        submission = lane(OPERATOR | GRID);
        submission.headSignature = "";
        _expectLength(submission, 0, 64);
    }

    function test_RevertWhen_AFeederWithoutHeadBringsOne() external {
        DaySubmission memory submission = street(OPERATOR | GRID);
        submission.headValues = new bytes(4 * HOURS);
        _expectLength(submission, 4 * HOURS, 0);
        submission.headValues = "";
        submission.headSignature = new bytes(64);
        _expectLength(submission, 64, 0);
    }

    // --- ranges

    function test_BoundsOfTheDeviceAreAccepted() external {
        bytes memory values = valuesOf(STREET_METERS);
        ValuesTwin.set(values, 0, int32(IMPORT_CAP));
        ValuesTwin.set(values, HOURS * STREET_METERS - 1, -int32(EXPORT_CAP));
        readings.submit(streetWith(values, OPERATOR | GRID));
        assertEq(readings.dayOf(STREET, DAY).signedKeys, OPERATOR | GRID, "accepted");
    }

    function test_RevertWhen_AValueIsAboveTheRange() external {
        _expectOutOfRange(9, 23, int32(IMPORT_CAP) + 1);
        _expectOutOfRange(0, 0, type(int32).max);
    }

    function test_RevertWhen_AValueIsBelowTheRange() external {
        _expectOutOfRange(7, 8, -int32(EXPORT_CAP) - 1);
        _expectOutOfRange(8, 7, type(int32).min + 1);
    }

    function test_RevertWhen_AMeterThatOnlyDrawsFeedsIn() external {
        registry.rate(meterOf(STREET, 4), IMPORT_CAP, 0, EnergySource.None);
        bytes memory values = valuesOf(STREET_METERS);
        ValuesTwin.set(values, 4, -1);
        _expect(
            streetWith(values, OPERATOR | GRID),
            abi.encodeWithSelector(
                IMeterReadings.MeterReadingsOutOfRange.selector,
                meterOf(STREET, 4),
                FIRST,
                -1,
                0,
                int256(uint256(IMPORT_CAP))
            )
        );
    }

    /// @dev The first in the order of meters, then intervals; missing values before it are passed over.
    function test_TheFirstValueOutOfRangeIsNamed() external {
        bytes memory values = valuesOf(STREET_METERS);
        ValuesTwin.set(values, 2, ValuesTwin.MISSING);
        ValuesTwin.set(values, 3 * STREET_METERS + 2, 20_000);
        ValuesTwin.set(values, 3, 30_000);
        _expectNamed(values, 2, 3, 20_000);
    }

    // --- meters' signatures

    function test_RevertWhen_AnotherMeterSigned() external {
        DaySubmission memory submission = street(METERS | OPERATOR);
        bytes memory column = ValuesTwin.columnOf(submission.values, STREET_METERS, 3);
        bytes32 hash = dayHash(meterOf(STREET, 3), DAY, column);
        replaceSignature(submission.meterSignatures, 3, compact(meterKey(STREET, 4), hash));
        _expectInvalidSignature(submission, 3);
    }

    function test_RevertWhen_AMeterSignedForAnotherDay() external {
        DaySubmission memory submission = street(METERS | OPERATOR);
        bytes memory column = ValuesTwin.columnOf(submission.values, STREET_METERS, 9);
        bytes32 hash = dayHash(meterOf(STREET, 9), DAY - 1, column);
        replaceSignature(submission.meterSignatures, 9, compact(meterKey(STREET, 9), hash));
        _expectInvalidSignature(submission, 9);
    }

    function test_RevertWhen_AMeterSignedForAnotherChain() external {
        DaySubmission memory submission = street(METERS | OPERATOR);
        vm.chainId(99);
        bytes memory signatures = meterSignatures(STREET, DAY, submission.values, STREET_METERS);
        vm.chainId(31_337);
        submission.meterSignatures = signatures;
        _expectInvalidSignature(submission, 0);
    }

    function test_RevertWhen_ColumnsAreSwapped() external {
        DaySubmission memory submission = street(METERS | OPERATOR);
        for (uint256 i = 0; i < HOURS; ++i) {
            ValuesTwin.set(submission.values, i * STREET_METERS + 1, whAt(i, 3));
            ValuesTwin.set(submission.values, i * STREET_METERS + 3, whAt(i, 1));
        }
        bytes memory signatures = submission.meterSignatures;
        sign(submission, STREET_METERS, OPERATOR);
        submission.meterSignatures = signatures;
        _expectInvalidSignature(submission, 1);
    }

    function test_RevertWhen_AValueWasChanged() external {
        DaySubmission memory submission = street(METERS | OPERATOR);
        bytes memory signatures = submission.meterSignatures;
        ValuesTwin.set(submission.values, 23 * STREET_METERS + 8, 1);
        sign(submission, STREET_METERS, OPERATOR);
        submission.meterSignatures = signatures;
        _expectInvalidSignature(submission, 8);
    }

    /// @dev A wrong signature is not overlooked where it is not needed.
    function test_RevertWhen_AWrongSignatureIsNotNeeded() external {
        DaySubmission memory submission = street(METERS | OPERATOR | GRID);
        replaceSignature(submission.meterSignatures, 0, abi.encodePacked(uint256(1), uint256(1)));
        _expectInvalidSignature(submission, 0);
    }

    function test_RevertWhen_TheSignatureIsOfTheUpperHalf() external {
        DaySubmission memory submission = street(METERS | OPERATOR);
        bytes memory column = ValuesTwin.columnOf(submission.values, STREET_METERS, 0);
        bytes32 digest = digestOf(dayHash(meterOf(STREET, 0), DAY, column));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(meterKey(STREET, 0), digest);
        // The form of 64 bytes has no room for an upper half: its highest bit is the parity.
        bytes32 vs = bytes32((ORDER - uint256(s)) | (uint256(28 - v) << 255));
        replaceSignature(submission.meterSignatures, 0, abi.encodePacked(r, vs));
        _expectInvalidSignature(submission, 0);
    }

    function test_RevertWhen_TheMeterIsSuspendedOrRetired() external {
        DaySubmission memory submission = street(METERS | OPERATOR);
        registry.setStatus(meterOf(STREET, 5), MeterStatus.Suspended);
        _expectInvalidSignature(submission, 5);
        registry.setStatus(meterOf(STREET, 5), MeterStatus.Retired);
        _expectInvalidSignature(submission, 5);
    }

    function test_SuspendedMeterIsReadByTheOthers() external {
        registry.setStatus(meterOf(STREET, 5), MeterStatus.Suspended);
        DaySubmission memory submission = street(METERS | OPERATOR | GRID);
        replaceSignature(submission.meterSignatures, 5, new bytes(64));
        signForOperators(submission, OPERATOR | GRID);
        readings.submit(submission);
        assertEq(readings.dayOf(STREET, DAY).signedKeys, OPERATOR | GRID, "signedKeys");
        assertEq(readings.dayOf(STREET, DAY).signers, ALL_STREET & ~uint256(1 << 5), "signers");
    }

    function test_TheKeyThatHoldsNowIsBelieved() external {
        uint256 newKey = uint256(keccak256("new key"));
        registry.announceKey(meterOf(STREET, 2), vm.addr(newKey));
        DaySubmission memory submission = street(METERS | OPERATOR);
        vm.warp(block.timestamp + KEY_DELAY);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMeterReadings.MeterReadingsInvalidSignature.selector,
                meterOf(STREET, 2),
                vm.addr(newKey)
            )
        );
        readings.submit(submission);
        bytes memory column = ValuesTwin.columnOf(submission.values, STREET_METERS, 2);
        replaceSignature(submission.meterSignatures, 2, compact(newKey, dayHash(meterOf(STREET, 2), DAY, column)));
        signForOperators(submission, OPERATOR);
        readings.submit(submission);
        assertEq(readings.dayOf(STREET, DAY).signers, ALL_STREET, "signers");
    }

    // --- quorum

    function test_RevertWhen_OneKeySigned() external {
        _expectQuorum(street(0), 0, 2);
        _expectQuorum(street(METERS), METERS, 2);
        _expectQuorum(street(OPERATOR), OPERATOR, 2);
        _expectQuorum(street(GRID), GRID, 2);
    }

    function test_MetersAndGridOperatorSuffice() external {
        _expectAccepted(street(METERS | GRID), METERS | GRID, grid, ALL_STREET);
    }

    function test_OperatorsSufficeWithoutMeters() external {
        _expectAccepted(street(OPERATOR | GRID), OPERATOR | GRID, operator, 0);
    }

    function test_AllThree() external {
        _expectAccepted(street(METERS | OPERATOR | GRID), METERS | OPERATOR | GRID, operator, ALL_STREET);
    }

    function test_RevertWhen_AValueIsUnsignedAndTheMetersAreNeeded() external {
        DaySubmission memory submission = street(METERS | OPERATOR);
        ValuesTwin.set(submission.values, 6, ValuesTwin.MISSING);
        sign(submission, STREET_METERS, METERS | OPERATOR);
        replaceSignature(submission.meterSignatures, 6, new bytes(64));
        replaceSignature(submission.meterSignatures, 9, new bytes(64));
        signForOperators(submission, OPERATOR);
        _expect(
            submission,
            abi.encodeWithSelector(
                IMeterReadings.MeterReadingsUnsigned.selector,
                meterOf(STREET, 6),
                FIRST + 1,
                whAt(1, 6)
            )
        );
    }

    function test_RevertWhen_AValueIsUnsignedAndMoreIsMissed() external {
        DaySubmission memory submission = street(METERS);
        replaceSignature(submission.meterSignatures, 6, new bytes(64));
        _expectQuorum(submission, 0, 2);
    }

    function test_MeterWithoutValuesNeedNotSignForBothOperators() external {
        bytes memory values = valuesOf(STREET_METERS);
        drop(values, STREET_METERS, 3);
        _expectAccepted(
            streetWith(values, METERS | OPERATOR | GRID),
            METERS | OPERATOR | GRID,
            operator,
            ALL_STREET & ~uint256(1 << 3)
        );
    }

    /// @dev Otherwise one operator and one meter could leave all others out.
    function test_RevertWhen_OneOperatorLeavesAMeterOut() external {
        bytes memory values = valuesOf(STREET_METERS);
        drop(values, STREET_METERS, 3);
        _expectQuorum(streetWith(values, METERS | OPERATOR), OPERATOR, 2);
        _expectQuorum(streetWith(values, METERS | GRID), GRID, 2);
    }

    function test_AMeterSignsThatItHasNoValues() external {
        bytes memory values = valuesOf(STREET_METERS);
        drop(values, STREET_METERS, 3);
        DaySubmission memory submission = streetWith(values, METERS | OPERATOR);
        bytes32 hash = dayHash(meterOf(STREET, 3), DAY, missing());
        replaceSignature(submission.meterSignatures, 3, compact(meterKey(STREET, 3), hash));
        signForOperators(submission, OPERATOR);
        _expectAccepted(submission, METERS | OPERATOR, operator, ALL_STREET);
    }

    function test_ARetiredMeterIsNotAsked() external {
        registry.setStatus(meterOf(STREET, 3), MeterStatus.Retired);
        bytes memory values = valuesOf(STREET_METERS);
        drop(values, STREET_METERS, 3);
        _expectAccepted(
            streetWith(values, METERS | OPERATOR),
            METERS | OPERATOR,
            operator,
            ALL_STREET & ~uint256(1 << 3)
        );
    }

    function test_RevertWhen_ASuspendedMeterIsLeftOut() external {
        registry.setStatus(meterOf(STREET, 3), MeterStatus.Suspended);
        bytes memory values = valuesOf(STREET_METERS);
        drop(values, STREET_METERS, 3);
        _expectQuorum(streetWith(values, METERS | OPERATOR), OPERATOR, 2);
    }

    function test_RevertWhen_ARetiredMeterHasValues() external {
        registry.setStatus(meterOf(STREET, 3), MeterStatus.Retired);
        DaySubmission memory submission = street(METERS | OPERATOR);
        replaceSignature(submission.meterSignatures, 3, new bytes(64));
        signForOperators(submission, OPERATOR);
        int32 wh = ValuesTwin.get(submission.values, 3);
        _expect(
            submission,
            abi.encodeWithSelector(IMeterReadings.MeterReadingsUnsigned.selector, meterOf(STREET, 3), FIRST, wh)
        );
    }

    function test_RevertWhen_AllMetersAreRetired() external {
        bytes memory values = valuesOf(STREET_METERS);
        for (uint256 i = 0; i < STREET_METERS; ++i) {
            registry.setStatus(meterOf(STREET, i), MeterStatus.Retired);
            drop(values, STREET_METERS, i);
        }
        _expectQuorum(streetWith(values, METERS | OPERATOR), OPERATOR, 2);
    }

    /// @dev Otherwise the operator alone could have a day without values accepted.
    function test_RevertWhen_NoMeterSaidAnything() external {
        bytes memory values = valuesOf(STREET_METERS);
        for (uint256 i = 0; i < STREET_METERS; ++i) drop(values, STREET_METERS, i);
        _expectQuorum(streetWith(values, METERS | OPERATOR), OPERATOR, 2);
    }

    // --- head

    function test_LaneWithinToleranceNeedsTwoKeys() external {
        _expectAccepted(lane(METERS | OPERATOR), METERS | OPERATOR, operator, 7);
    }

    function test_RevertWhen_TheSumIsOutOfTolerance() external {
        (bytes memory values, bytes memory headValues) = _laneApart();
        _expectQuorum(laneWith(values, headValues, METERS | OPERATOR), METERS | OPERATOR, 3);
        _expectQuorum(laneWith(values, headValues, OPERATOR | GRID), OPERATOR | GRID, 3);
    }

    function test_OutOfToleranceAllThreeSuffice() external {
        (bytes memory values, bytes memory headValues) = _laneApart();
        _expectAccepted(laneWith(values, headValues, METERS | OPERATOR | GRID), METERS | OPERATOR | GRID, operator, 7);
    }

    function test_RevertWhen_AValueIsUnsignedAndAllThreeAreNeeded() external {
        (bytes memory values, bytes memory headValues) = _laneApart();
        DaySubmission memory submission = laneWith(values, headValues, METERS | OPERATOR | GRID);
        replaceSignature(submission.meterSignatures, 2, new bytes(64));
        signForOperators(submission, OPERATOR | GRID);
        _expect(
            submission,
            abi.encodeWithSelector(IMeterReadings.MeterReadingsUnsigned.selector, meterOf(LANE, 2), FIRST, whAt(0, 2))
        );
    }

    function test_RevertWhen_TheHeadHasNoReading() external {
        bytes memory values = valuesOf(LANE_METERS);
        bytes memory headValues = headOf(values, LANE_METERS);
        ValuesTwin.set(headValues, 11, ValuesTwin.MISSING);
        _expectQuorum(laneWith(values, headValues, METERS | OPERATOR), METERS | OPERATOR, 3);
    }

    /// @dev A dead meter at the head stops nothing, and makes nothing easier.
    function test_RevertWhen_TheHeadIsSilentAndAKeyIsMissed() external {
        uint8[3] memory pairs = [METERS | OPERATOR, METERS | GRID, OPERATOR | GRID];
        for (uint256 i = 0; i < pairs.length; ++i) _expectQuorum(_laneWithoutHead(pairs[i]), pairs[i], 3);
    }

    function test_WithoutTheHeadAllThreeSuffice() external {
        uint8 all = METERS | OPERATOR | GRID;
        _expectAccepted(_laneWithoutHead(all), all, operator, 7);
    }

    /// @dev The operators sign for what the head says.
    function test_RevertWhen_TheHeadIsTakenOff() external {
        DaySubmission memory submission = lane(METERS | OPERATOR | GRID);
        submission.headValues = "";
        submission.headSignature = "";
        _expectInvalidOperator(submission, operator, hashOf(submission));
    }

    /// @dev In hour 0 the sum is -7 Wh, of which the parts of the tolerance are nothing.
    function test_SmallDifferencesFitHoweverLittleFlows() external {
        bytes memory values = valuesOf(LANE_METERS);
        bytes memory headValues = headOf(values, LANE_METERS);
        int32 sum = ValuesTwin.get(headValues, 0);
        ValuesTwin.set(headValues, 0, sum - int32(TOLERANCE_WH) - 1);
        _expectQuorum(laneWith(values, headValues, METERS | OPERATOR), METERS | OPERATOR, 3);
        ValuesTwin.set(headValues, 0, sum + int32(TOLERANCE_WH) + 1);
        _expectQuorum(laneWith(values, headValues, METERS | OPERATOR), METERS | OPERATOR, 3);
        ValuesTwin.set(headValues, 0, sum + int32(TOLERANCE_WH));
        _expectAccepted(laneWith(values, headValues, METERS | OPERATOR), METERS | OPERATOR, operator, 7);
    }

    /// @dev Any of the three meters and the two operators sign; meters are silent or say that they measured nothing; the
    /// head fits, does not, or is silent.
    function testFuzz_QuorumIsAsTheRuleHasIt(uint8 signing, uint8 empty, uint8 operators, uint8 headKind) external {
        (signing, empty, operators, headKind) = (signing & 7, empty & 7, operators & 3, headKind % 3);
        bytes memory values = valuesOf(LANE_METERS);
        for (uint256 i = 0; i < LANE_METERS; ++i) if ((empty >> i) & 1 == 1) drop(values, LANE_METERS, i);
        bytes memory headValues = headOf(values, LANE_METERS);
        if (headKind == 1) ValuesTwin.set(headValues, 5, ValuesTwin.get(headValues, 5) + 5_000);
        DaySubmission memory submission = laneWith(values, headValues, 0);
        if (headKind == 2) (submission.headValues, submission.headSignature) = ("", "");
        for (uint256 i = 0; i < LANE_METERS; ++i) {
            bytes memory column = ValuesTwin.columnOf(values, LANE_METERS, i);
            bytes memory signature = compact(meterKey(LANE, i), dayHash(meterOf(LANE, i), DAY, column));
            if ((signing >> i) & 1 == 0) signature = new bytes(64);
            submission.meterSignatures = bytes.concat(submission.meterSignatures, signature);
        }
        signForOperators(submission, operators << 1);

        // The meters are a key if all signed, or if, with both operators, one did and no value is without a signature.
        bool meters = signing == 7 || (operators == 3 && signing != 0 && (signing | empty) == 7);
        uint8 keys = (operators << 1) | (meters ? METERS : 0);
        uint256 count = (meters ? 1 : 0) + (operators & 1) + (operators >> 1);
        uint256 needed = headKind == 0 ? 2 : 3;
        uint256 unsigned = 7 & ~uint256(signing | empty);
        if (count >= needed) {
            _expectAccepted(submission, keys, operators & 1 == 1 ? operator : grid, signing);
        } else if (unsigned == 0 || count + 1 < needed) {
            _expectQuorum(submission, keys, needed);
        } else {
            uint256 first =
                unsigned & 1 == 1
                    ? 0
                    : unsigned & 2 == 2
                        ? 1
                        : 2;
            bytes4 fault = IMeterReadings.MeterReadingsUnsigned.selector;
            _expect(submission, abi.encodeWithSelector(fault, meterOf(LANE, first), FIRST, whAt(0, first)));
        }
    }

    function test_RevertWhen_AnotherSignedForTheHead() external {
        DaySubmission memory submission = lane(METERS | OPERATOR);
        bytes[4] memory signatures = [
            compact(strangerKey, headHash(LANE, DAY, submission.headValues)),
            compact(headKey, headHash(STREET, DAY, submission.headValues)),
            compact(headKey, headHash(LANE, DAY - 1, submission.headValues)),
            compact(headKey, dayHash(LANE, DAY, submission.headValues))
        ];
        for (uint256 i = 0; i < signatures.length; ++i) {
            submission.headSignature = signatures[i];
            _expect(
                submission,
                abi.encodeWithSelector(IMeterReadings.MeterReadingsInvalidHeadSignature.selector, LANE, head)
            );
        }
    }

    // --- operators

    function test_RevertWhen_AnotherSignedForTheOperator() external {
        DaySubmission memory submission = street(METERS | OPERATOR);
        bytes32 hash = hashOf(submission);
        submission.operatorSignature = signTyped(strangerKey, domain(), hash);
        _expectInvalidOperator(submission, operator, hash);
    }

    function test_RevertWhen_TheOperatorSignedForTheGridOperator() external {
        DaySubmission memory submission = street(OPERATOR);
        submission.gridOperatorSignature = submission.operatorSignature;
        _expectInvalidOperator(submission, grid, hashOf(submission));
    }

    function test_RevertWhen_TheOperatorSignedForAnotherDayOrFeederOrHeadOrForOtherMeters() external {
        DaySubmission memory submission = lane(METERS | OPERATOR);
        bytes memory signatures = submission.meterSignatures;
        bytes32[6] memory hashes = [
            readingsHash(LANE, DAY - 1, submission.values, submission.headValues, signatures),
            readingsHash(STREET, DAY, submission.values, submission.headValues, signatures),
            readingsHash(LANE, DAY, submission.values, "", signatures),
            readingsHash(LANE, DAY, submission.headValues, submission.values, signatures),
            readingsHash(LANE, DAY, submission.values, submission.headValues, ""),
            readingsHash(LANE, DAY, submission.values, signatures, submission.headValues)
        ];
        for (uint256 i = 0; i < hashes.length; ++i) {
            submission.operatorSignature = signTyped(operatorKey, domain(), hashes[i]);
            _expectInvalidOperator(submission, operator, hashOf(submission));
        }
    }

    function test_RevertWhen_TheOperatorSignedForAnotherChain() external {
        DaySubmission memory submission = street(METERS | OPERATOR);
        bytes32 hash = hashOf(submission);
        vm.chainId(99);
        submission.operatorSignature = signTyped(operatorKey, domain(), hash);
        vm.chainId(31_337);
        _expectInvalidOperator(submission, operator, hash);
    }

    function test_RevertWhen_TheOperatorHasNoCredential() external {
        credentials.set(EnergyCredentials.METERING_OPERATOR, operator, false);
        _expectNotAccredited(street(METERS | OPERATOR), EnergyCredentials.METERING_OPERATOR, operator);
    }

    function test_RevertWhen_TheGridOperatorHasNoCredential() external {
        credentials.set(EnergyCredentials.GRID_OPERATOR, grid, false);
        credentials.set(EnergyCredentials.METERING_OPERATOR, grid, true);
        _expectNotAccredited(street(OPERATOR | GRID), EnergyCredentials.GRID_OPERATOR, grid);
    }

    function test_TheOwnerOfTheIdentitySigns() external {
        vm.prank(operator);
        identities.changeOwner(operator, stranger);
        DaySubmission memory submission = street(METERS | OPERATOR);
        bytes32 hash = hashOf(submission);
        _expectInvalidOperator(submission, stranger, hash);
        submission.operatorSignature = signTyped(strangerKey, domain(), hash);
        _expectAccepted(submission, METERS | OPERATOR, operator, ALL_STREET);
    }

    function test_RevertWhen_TheIdentityIsRetired() external {
        vm.prank(operator);
        identities.changeOwner(operator, address(0));
        DaySubmission memory submission = street(METERS | OPERATOR);
        _expectInvalidOperator(submission, address(0), hashOf(submission));
    }

    function test_ContractAccountSigns() external {
        address account = address(new ContractAccount(stranger));
        vm.prank(operator);
        identities.changeOwner(operator, account);
        DaySubmission memory submission = street(METERS);
        submission.operatorSignature = signTyped(strangerKey, domain(), hashOf(submission));
        _expectAccepted(submission, METERS | OPERATOR, operator, ALL_STREET);
    }

    function test_P256KeySigns() external {
        (uint256 x, uint256 y) = vm.publicKeyP256(7);
        bytes memory key = abi.encodePacked(address(new ERC7913P256Verifier()), x, y);
        vm.prank(grid);
        identities.changeOwner(grid, address(uint160(uint256(keccak256(key)))));
        DaySubmission memory submission = street(METERS);
        bytes32 digest = digestOf(hashOf(submission));
        (bytes32 r, bytes32 s) = vm.signP256(7, digest);
        uint256 order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551;
        if (uint256(s) > order / 2) s = bytes32(order - uint256(s));
        submission.gridOperatorSignature = Signature({key: key, data: abi.encodePacked(r, s)});
        _expectAccepted(submission, METERS | GRID, grid, ALL_STREET);
    }

    // --- bond

    function test_RevertWhen_ThePostersBondIsTooSmall() external {
        vm.prank(operator);
        readings.requestBondWithdrawal(operator, 3 * MINIMUM_BOND + 1);
        _expect(
            street(OPERATOR | GRID),
            abi.encodeWithSelector(
                IMeterReadings.MeterReadingsBondTooSmall.selector,
                operator,
                MINIMUM_BOND - 1,
                MINIMUM_BOND
            )
        );
        // The other's suffices.
        _expectAccepted(street(METERS | GRID), METERS | GRID, grid, ALL_STREET);
    }

    function test_BondThatIsLeftSuffices() external {
        vm.prank(operator);
        readings.requestBondWithdrawal(operator, 3 * MINIMUM_BOND);
        _expectAccepted(street(OPERATOR | GRID), OPERATOR | GRID, operator, 0);
    }

    // --- helpers

    function _laneApart() private pure returns (bytes memory values, bytes memory headValues) {
        values = valuesOf(LANE_METERS);
        headValues = headOf(values, LANE_METERS);
        ValuesTwin.set(headValues, 23, 2 * ValuesTwin.get(headValues, 23));
    }

    function _laneWithoutHead(uint8 keys) private view returns (DaySubmission memory submission) {
        submission = lane(METERS);
        submission.headValues = "";
        submission.headSignature = "";
        sign(submission, LANE_METERS, keys);
    }

    function _expect(DaySubmission memory submission, bytes memory reason) private {
        vm.expectRevert(reason);
        readings.submit(submission);
    }

    function _expectAccepted(DaySubmission memory submission, uint8 keys, address poster, uint256 signers) private {
        readings.submit(submission);
        DayRecord memory record = readings.dayOf(submission.feeder, DAY);
        assertEq(record.signedKeys, keys, "signedKeys");
        assertEq(record.poster, poster, "poster");
        assertEq(record.signers, signers, "signers");
    }

    function _expectNoRow(uint16 feeder, uint32 interval) private view {
        (bytes32 root, uint40 finalAt, uint16 count, uint256 overridden) = readings.rowOf(feeder, interval);
        assertEq(root, 0, "root");
        assertEq(finalAt + count + overridden, 0, "rest");
    }

    function _expectLength(DaySubmission memory submission, uint256 length, uint256 expected) private {
        _expect(submission, abi.encodeWithSelector(IMeterReadings.MeterReadingsWrongLength.selector, length, expected));
    }

    function _expectQuorum(DaySubmission memory submission, uint8 keys, uint256 needed) private {
        _expect(submission, abi.encodeWithSelector(IMeterReadings.MeterReadingsQuorumTooSmall.selector, keys, needed));
    }

    function _expectInvalidSignature(DaySubmission memory submission, uint256 position) private {
        _expect(
            submission,
            abi.encodeWithSelector(
                IMeterReadings.MeterReadingsInvalidSignature.selector,
                meterOf(STREET, position),
                vm.addr(meterKey(STREET, position))
            )
        );
    }

    function _expectInvalidOperator(DaySubmission memory submission, address signer, bytes32 hash) private {
        _expect(submission, abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, signer, digestOf(hash)));
    }

    function _expectNotAccredited(DaySubmission memory submission, bytes32 typeId, address identity) private {
        _expect(
            submission,
            abi.encodeWithSelector(IMeterReadings.MeterReadingsNotAccredited.selector, typeId, identity)
        );
    }

    function _expectOutOfRange(uint256 position, uint256 hour, int32 wh) private {
        bytes memory values = valuesOf(STREET_METERS);
        ValuesTwin.set(values, hour * STREET_METERS + position, wh);
        _expectNamed(values, position, hour, wh);
    }

    function _expectNamed(bytes memory values, uint256 position, uint256 hour, int32 wh) private {
        _expect(
            streetWith(values, METERS | OPERATOR | GRID),
            abi.encodeWithSelector(
                IMeterReadings.MeterReadingsOutOfRange.selector,
                meterOf(STREET, position),
                FIRST + hour,
                wh,
                -int256(uint256(EXPORT_CAP)),
                int256(uint256(IMPORT_CAP))
            )
        );
    }
}
