// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {MeterStatus} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {
    AcceptedDay,
    DaySubmission,
    IMeterReadings,
    Override,
    ReadingSettings,
    SignedDay
} from "../../../../contracts/energy/readings/IMeterReadings.sol";
import {Vm} from "../../utils/Vm.sol";
import {ReadingsFixture} from "./ReadingsFixture.sol";
import {TreeTwin} from "./TreeTwin.sol";
import {ValuesTwin} from "./ValuesTwin.sol";

/// @dev challenge
///   ├ day of which nothing is accepted: UnknownDay
///   ├ meter beyond those of the day, or whose number has no feeder: UnknownMeter
///   ├ from half of the window on: WindowClosed; a second before accepted, and both operators have time to answer
///   ├ accepted values or proof of another meter or day, or a row for a column: WrongProof
///   ├ meter signed the day: SignedByMeter; another meter did: accepted
///   ├ signed values or signature of another length: WrongLength
///   ├ signed by another key, for another meter, day or chain, blank, or meter suspended or retired: InvalidSignature
///   ├ no interval, or one beyond the day: WrongInterval
///   ├ in every interval named the meter had its say, in a challenge or an amendment, or the value stands:
///   │ NothingReplaced; in some: passed over, and the others replaced
///   ├ value missing: Unchanged
///   ├ value out of range: OutOfRange
///   └ accepted
///       ├ value stored, bits by row and column set, told; other intervals stay
///       ├ penalty for each value that was accepted and is contradicted, to the meter's owner, whoever brings it
///       ├ value was missing, or the meter agrees with what was accepted against an amendment: no penalty
///       └ bond smaller than the penalty: all of it; none left: nothing told
contract MeterReadingsChallengeTest is ReadingsFixture {
    event ReadingReplaced(
        uint32 indexed meter,
        uint32 indexed interval,
        int32 previousWh,
        int32 wh,
        uint16 version,
        bool byMeter
    );
    event BondSlashed(address indexed operator, address indexed beneficiary, uint256 amount);

    uint256 private constant POSITION = 9;
    uint32 private constant METER = (uint32(STREET) << 8) | uint32(POSITION);
    uint256 private constant BOND = 4 * MINIMUM_BOND;

    bytes private _values;
    AcceptedDay private _accepted;

    function setUp() public override {
        super.setUp();
        _values = valuesOf(STREET_METERS);
        readings.submit(streetWith(_values, OPERATOR | GRID));
        _accepted = acceptedOf(_values, METER);
    }

    function test_ReplacesAndPays() external {
        SignedDay memory signed = _signed(3, 333, 23, -444);
        vm.expectEmit(address(readings));
        emit ReadingReplaced(METER, FIRST + 3, whAt(3, POSITION), 333, 1, true);
        vm.expectEmit(address(readings));
        emit ReadingReplaced(METER, FIRST + 23, whAt(23, POSITION), -444, 1, true);
        vm.expectEmit(address(readings));
        emit BondSlashed(operator, household, 2 * REWARD);
        vm.expectEmit(address(readings));
        emit BondSlashed(operator, community, 2 * (PENALTY - REWARD));
        vm.prank(stranger);
        uint256 replaced = readings.challenge(METER, DAY, signed, (1 << 3) | (1 << 23), _accepted);
        assertEq(replaced, (1 << 3) | (1 << 23), "replaced");

        _expectOverride(FIRST + 3, 333, 1, true);
        _expectOverride(FIRST + 23, -444, 1, true);
        _expectOverride(FIRST + 4, 0, 0, false);
        assertEq(readings.overriddenOf(METER, DAY), (1 << 3) | (1 << 23), "column");
        assertEq(readings.overriddenOf(METER - 1, DAY), 0, "column of another");
        assertEq(_overriddenRow(FIRST + 3), 1 << POSITION, "row");
        assertEq(_overriddenRow(FIRST + 23), 1 << POSITION, "other row");
        assertEq(_overriddenRow(FIRST + 4), 0, "row that stays");
        _expectBond(operator, BOND - 2 * PENALTY);
        _expectBond(grid, BOND);
        assertEq(readings.creditOf(household), 2 * REWARD, "credit");
        assertEq(readings.creditOf(community), 2 * (PENALTY - REWARD), "community");
        assertEq(readings.creditOf(stranger), 0, "nothing for who brings it");
    }

    function test_AllIntervalsAtOnce() external {
        bytes memory column = new bytes(4 * HOURS);
        for (uint256 i = 0; i < HOURS; ++i) ValuesTwin.set(column, i, -1);
        readings.challenge(METER, DAY, signedDay(METER, column), (1 << HOURS) - 1, _accepted);
        assertEq(readings.overriddenOf(METER, DAY), (1 << HOURS) - 1, "column");
        assertEq(readings.creditOf(household), HOURS * REWARD, "credit");
    }

    function test_OneDayInTwoChallenges() external {
        SignedDay memory signed = _signed(3, 333, 4, 444);
        readings.challenge(METER, DAY, signed, 1 << 3, _accepted);
        readings.challenge(METER, DAY, signed, 1 << 4, _accepted);
        assertEq(readings.creditOf(household), 2 * REWARD, "credit");
        assertEq(readings.overriddenOf(METER, DAY), 3 << 3, "column");
    }

    function test_BitsOfOneRowAddUp() external {
        readings.challenge(METER, DAY, _signed(3, 333, 4, 444), 1 << 3, _accepted);
        uint32 other = meterOf(STREET, 0);
        bytes memory column = ValuesTwin.columnOf(_values, STREET_METERS, 0);
        ValuesTwin.set(column, 3, 1);
        readings.challenge(other, DAY, signedDay(other, column), 1 << 3, acceptedOf(_values, other));
        assertEq(_overriddenRow(FIRST + 3), (1 << POSITION) | 1, "row");
    }

    function test_MissingValueIsAddedWithoutPenalty() external {
        bytes memory values = valuesOf(STREET_METERS);
        drop(values, STREET_METERS, POSITION);
        _bringNextDay(streetWith(values, METERS | OPERATOR));
        bytes memory column = new bytes(4 * HOURS);
        SignedDay memory signed = _signedFor(DAY + 1, column);
        AcceptedDay memory accepted = acceptedOf(values, METER);
        vm.recordLogs();
        readings.challenge(METER, DAY + 1, signed, 1, accepted);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1, "events");
        (int32 previousWh, int32 wh, , ) = abi.decode(logs[0].data, (int32, int32, uint16, bool));
        assertTrue(previousWh == ValuesTwin.MISSING && wh == 0, "values");
        _expectBond(operator, BOND);
        assertEq(readings.creditOf(household), 0, "credit");
    }

    /// @dev Operator and grid operator amended what was right; its poster pays nothing for that.
    function test_MeterThatAgreesWithWhatWasPostedTakesNoPenalty() external {
        _amendByOperators(3, 1, 0);
        bytes memory column = ValuesTwin.columnOf(_values, STREET_METERS, POSITION);
        SignedDay memory signed = signedDay(METER, column);
        vm.expectEmit(address(readings));
        emit ReadingReplaced(METER, FIRST + 3, 1, whAt(3, POSITION), 2, true);
        readings.challenge(METER, DAY, signed, 1 << 3, _accepted);
        _expectOverride(FIRST + 3, whAt(3, POSITION), 2, true);
        assertEq(readings.creditOf(household), 0, "credit");
    }

    function test_BondThatIsTooSmallIsAllThereIs() external {
        ReadingSettings memory cheap = settings();
        cheap.minimumBond = PENALTY + 1;
        readings = deployReadings(euro, cheap);
        fundBond(operator, PENALTY + 1);
        readings.submit(streetWith(_values, OPERATOR | GRID));
        vm.expectEmit(address(readings));
        emit BondSlashed(operator, household, REWARD);
        vm.expectEmit(address(readings));
        emit BondSlashed(operator, community, PENALTY + 1 - REWARD);
        readings.challenge(METER, DAY, _signed(3, 333, 4, 444), 3 << 3, _accepted);
        _expectBond(operator, 0);
        assertEq(readings.creditOf(household), REWARD, "half, rounded down");
        assertEq(readings.creditOf(community), PENALTY + 1 - REWARD, "the rest");

        uint32 other = meterOf(STREET, 0);
        bytes memory column = ValuesTwin.columnOf(_values, STREET_METERS, 0);
        ValuesTwin.set(column, 3, 1);
        SignedDay memory signed = signedDay(other, column);
        AcceptedDay memory accepted = acceptedOf(_values, other);
        vm.recordLogs();
        readings.challenge(other, DAY, signed, 1 << 3, accepted);
        assertEq(vm.getRecordedLogs().length, 1, "replaced, not slashed");
    }

    /// @dev A bond that is announced for withdrawal still answers.
    function test_LeavingBondAnswers() external {
        vm.prank(operator);
        readings.requestBondWithdrawal(operator, BOND);
        vm.warp(BROUGHT_AT + WINDOW / 2 - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMeterReadings.MeterReadingsBondLocked.selector,
                operator,
                BROUGHT_AT + WINDOW + 1 days
            )
        );
        vm.prank(operator);
        readings.withdrawBond(operator, operator);
        readings.challenge(METER, DAY, _signed(3, 333, 4, 444), 3 << 3, _accepted);
        (uint256 bond, uint256 leaving, ) = readings.bondOf(operator);
        assertEq(bond, BOND - 2 * PENALTY, "bond");
        assertEq(leaving, BOND - 2 * PENALTY, "leaving");
    }

    // --- day and meter

    function test_RevertWhen_NothingIsAccepted() external {
        SignedDay memory signed = _signed(3, 333, 4, 444);
        vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsUnknownDay.selector, STREET, DAY + 1));
        readings.challenge(METER, DAY + 1, signed, 1 << 3, _accepted);
    }

    function test_RevertWhen_TheMeterWasNotThere() external {
        addMeter(STREET, STREET_METERS);
        _expectUnknownMeter(meterOf(STREET, STREET_METERS));
    }

    function test_RevertWhen_TheNumberHasNoFeeder() external {
        _expectUnknownMeter(METER | (1 << 24));
    }

    function test_RevertWhen_HalfOfTheWindowIsOver() external {
        SignedDay memory signed = _signed(3, 333, 4, 444);
        uint256 closedAt = BROUGHT_AT + WINDOW / 2;
        assertEq(readings.challengeDuration(), WINDOW / 2, "duration");
        vm.warp(closedAt);
        _expectRefusal(
            signed,
            1 << 3,
            abi.encodeWithSelector(IMeterReadings.MeterReadingsWindowClosed.selector, STREET, DAY, closedAt)
        );
        vm.warp(closedAt - 1);
        readings.challenge(METER, DAY, signed, 1 << 3, _accepted);
    }

    /// @dev What one key said at the last moment does not become final before the two others could answer.
    function test_BothOperatorsAnswerALastMomentChallenge() external {
        vm.warp(BROUGHT_AT + WINDOW / 2 - 1);
        int32 wrongWh = -int32(EXPORT_CAP);
        readings.challenge(METER, DAY, _signed(3, wrongWh, 4, wrongWh), 1 << 3, _accepted);
        (, uint40 finalAt, , ) = readings.rowOf(STREET, FIRST);
        assertEq(finalAt, BROUGHT_AT + WINDOW, "final later");
        vm.warp(finalAt - 1);
        bytes32 hash = amendmentHash(METER, FIRST + 3, 5, 1);
        readings.amend(
            METER,
            FIRST + 3,
            5,
            noDay(),
            _accepted,
            signTyped(operatorKey, domain(), hash),
            signTyped(gridKey, domain(), hash)
        );
        assertTrue(readings.overrideOf(METER, FIRST + 3).wh == 5, "as both say");
    }

    // --- proofs

    function test_RevertWhen_TheProofIsOfAnotherMeter() external {
        SignedDay memory signed = _signed(3, 333, 4, 444);
        _accepted = acceptedOf(_values, METER - 1);
        _expectWrongProof(signed);
    }

    function test_RevertWhen_AnAcceptedValueIsForged() external {
        SignedDay memory signed = _signed(3, 333, 4, 444);
        bytes memory column = _accepted.values;
        ValuesTwin.set(column, 3, 1);
        _accepted.values = column;
        _expectWrongProof(signed);
    }

    function test_RevertWhen_TheProofIsOfAnotherDay() external {
        bytes memory other = valuesOf(STREET_METERS);
        ValuesTwin.set(other, POSITION, 77);
        SignedDay memory signed = _signed(3, 333, 4, 444);
        _accepted = acceptedOf(other, METER);
        _expectWrongProof(signed);
    }

    function test_RevertWhen_ARowIsBroughtForAColumn() external {
        SignedDay memory signed = _signed(3, 333, 4, 444);
        bytes32[] memory leaves = ValuesTwin.rowLeaves(_values, STREET_METERS, FIRST);
        _accepted = AcceptedDay(ValuesTwin.rowOf(_values, STREET_METERS, 0), TreeTwin.proofOf(leaves, 0));
        _expectWrongProof(signed);
    }

    /// @dev The interval is part of a row's leaf.
    function test_ARowDoesNotPassForThatOfAnotherInterval() external view {
        bytes32 root = readings.dayOf(STREET, DAY).rowsRoot;
        bytes32[] memory leaves = ValuesTwin.rowLeaves(_values, STREET_METERS, FIRST);
        bytes memory row = ValuesTwin.rowOf(_values, STREET_METERS, 5);
        bytes32[] memory proof = TreeTwin.proofOf(leaves, 5);
        assertTrue(MerkleProof.verify(proof, root, ValuesTwin.leaf(FIRST + 5, row)), "its own");
        assertFalse(MerkleProof.verify(proof, root, ValuesTwin.leaf(FIRST + 6, row)), "the next");
        assertFalse(
            MerkleProof.verify(TreeTwin.proofOf(leaves, 6), root, ValuesTwin.leaf(FIRST + 6, row)),
            "with the next one's proof"
        );
    }

    // --- signatures

    function test_RevertWhen_TheMeterSignedTheDayItself() external {
        _bringNextDay(streetWith(_values, METERS | OPERATOR));
        SignedDay memory signed = _signedFor(DAY + 1, new bytes(4 * HOURS));
        vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsSignedByMeter.selector, METER, DAY + 1));
        readings.challenge(METER, DAY + 1, signed, 2, _accepted);
    }

    /// @dev A meter that signs two days takes nothing from a poster that brought its signature.
    function test_RevertWhen_AnEquivocatingMeterSignedOneOfThem() external {
        DaySubmission memory submission = streetWith(_values, OPERATOR | GRID);
        submission.day = DAY + 1;
        sign(submission, STREET_METERS, METERS | OPERATOR | GRID);
        for (uint256 i = 0; i < STREET_METERS; ++i) {
            if (i != POSITION) replaceSignature(submission.meterSignatures, i, new bytes(64));
        }
        signForOperators(submission, OPERATOR | GRID);
        vm.warp(block.timestamp + 1 days);
        readings.submit(submission);
        assertEq(readings.dayOf(STREET, DAY + 1).signedKeys, OPERATOR | GRID, "meters did not all sign");
        SignedDay memory signed = _signedFor(DAY + 1, new bytes(4 * HOURS));
        vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsSignedByMeter.selector, METER, DAY + 1));
        readings.challenge(METER, DAY + 1, signed, 2, _accepted);
        // Another one, which did not sign, can.
        uint32 other = meterOf(STREET, 0);
        bytes memory column = new bytes(4 * HOURS);
        signed = SignedDay(column, compact(meterKey(STREET, 0), dayHash(other, DAY + 1, column)));
        readings.challenge(other, DAY + 1, signed, 2, acceptedOf(_values, other));
        assertEq(readings.creditOf(household), REWARD, "credit");
    }

    function test_RevertWhen_TheSignedDayIsOfAnotherLength() external {
        _expectRefusal(
            signedDay(METER, new bytes(4 * HOURS + 4)),
            1,
            abi.encodeWithSelector(IMeterReadings.MeterReadingsWrongLength.selector, 4 * HOURS + 4, 4 * HOURS)
        );
        _expectRefusal(
            SignedDay(new bytes(4 * HOURS), new bytes(65)),
            1,
            abi.encodeWithSelector(IMeterReadings.MeterReadingsWrongLength.selector, 65, 64)
        );
    }

    function test_RevertWhen_TheMeterDidNotSignIt() external {
        bytes memory column = new bytes(4 * HOURS);
        uint256 key = meterKey(STREET, POSITION);
        _expectInvalid(SignedDay(column, new bytes(64)));
        _expectInvalid(signedBy(strangerKey, METER, column));
        _expectInvalid(signedBy(meterKey(STREET, 0), METER, column));
        _expectInvalid(SignedDay(column, compact(key, dayHash(METER - 1, DAY, column))));
        _expectInvalid(SignedDay(column, compact(key, dayHash(METER, DAY - 1, column))));
        _expectInvalid(SignedDay(column, compact(key, headHash(STREET, DAY, column))));
        _expectInvalid(SignedDay(column, compact(key, dayHash(METER, DAY, _accepted.values))));
        vm.chainId(99);
        SignedDay memory elsewhere = signedDay(METER, column);
        vm.chainId(31_337);
        _expectInvalid(elsewhere);
    }

    function test_RevertWhen_TheMeterIsSuspendedOrRetired() external {
        SignedDay memory signed = _signed(3, 333, 4, 444);
        registry.setStatus(METER, MeterStatus.Suspended);
        _expectInvalid(signed);
        registry.setStatus(METER, MeterStatus.Retired);
        _expectInvalid(signed);
    }

    // --- intervals and values

    function test_RevertWhen_NoIntervalIsNamed() external {
        _expectRefusal(
            _signed(3, 333, 4, 444),
            0,
            abi.encodeWithSelector(IMeterReadings.MeterReadingsWrongInterval.selector, FIRST, DAY)
        );
    }

    function test_RevertWhen_AnIntervalIsNotOfTheDay() external {
        _expectRefusal(
            _signed(3, 333, 4, 444),
            (1 << 3) | (1 << 24),
            abi.encodeWithSelector(IMeterReadings.MeterReadingsWrongInterval.selector, FIRST + 24, DAY)
        );
        _expectRefusal(
            _signed(3, 333, 4, 444),
            1 << 255,
            abi.encodeWithSelector(IMeterReadings.MeterReadingsWrongInterval.selector, FIRST + 255, DAY)
        );
    }

    function test_RevertWhen_TheMeterHadItsSay() external {
        readings.challenge(METER, DAY, _signed(3, 333, 4, 444), 1 << 3, _accepted);
        _expectNothingReplaced(_signed(3, 334, 4, 444), 1 << 3);
    }

    function test_RevertWhen_TheMeterHadItsSayInAnAmendment() external {
        bytes32 hash = amendmentHash(METER, FIRST + 3, 333, 0);
        readings.amend(
            METER,
            FIRST + 3,
            333,
            _signed(3, 333, 4, 444),
            _accepted,
            noSignature(),
            signTyped(gridKey, domain(), hash)
        );
        _expectNothingReplaced(_signed(3, 334, 4, 444), 1 << 3);
    }

    /// @dev In hours 3 and 4 the meter had its say, in 5 stands what it says, in 6 both operators put what it says.
    function test_WhatIsReplacedAlreadyIsPassedOver() external {
        readings.challenge(METER, DAY, _signed(3, 333, 4, 444), 3 << 3, _accepted);
        _amendByOperators(6, 666, 0);
        SignedDay memory signed = _signed(6, 666, 7, 777);
        vm.recordLogs();
        uint256 replaced = readings.challenge(METER, DAY, signed, 0x1f << 3, _accepted);
        assertEq(replaced, 1 << 7, "replaced");
        assertEq(vm.getRecordedLogs().length, 3, "one value, two credits");
        _expectOverride(FIRST + 3, 333, 1, true);
        _expectOverride(FIRST + 5, 0, 0, false);
        _expectOverride(FIRST + 6, 666, 1, false);
        _expectOverride(FIRST + 7, 777, 1, true);
        assertEq(readings.creditOf(household), 3 * REWARD, "credit");
    }

    function test_RevertWhen_TheValueStands() external {
        _expectNothingReplaced(_signed(3, 333, 4, 444), 1 << 5);
        _amendByOperators(3, 333, 0);
        _expectNothingReplaced(_signed(3, 333, 4, 444), (1 << 3) | (1 << 5));
    }

    function test_RevertWhen_TheValueIsMissing() external {
        _expectRefusal(
            _signed(3, ValuesTwin.MISSING, 4, 444),
            1 << 3,
            abi.encodeWithSelector(IMeterReadings.MeterReadingsUnchanged.selector, METER, FIRST + 3, ValuesTwin.MISSING)
        );
    }

    function test_RevertWhen_TheValueIsOutOfRange() external {
        int32[2] memory whs = [int32(IMPORT_CAP) + 1, -int32(EXPORT_CAP) - 1];
        for (uint256 i = 0; i < whs.length; ++i) {
            _expectRefusal(
                _signed(3, whs[i], 4, 444),
                1 << 3,
                abi.encodeWithSelector(
                    IMeterReadings.MeterReadingsOutOfRange.selector,
                    METER,
                    FIRST + 3,
                    whs[i],
                    -int256(uint256(EXPORT_CAP)),
                    int256(uint256(IMPORT_CAP))
                )
            );
        }
        readings.challenge(METER, DAY, _signed(3, int32(IMPORT_CAP), 4, -int32(EXPORT_CAP)), 3 << 3, _accepted);
    }

    // --- helpers

    /// @dev The meter's day as accepted, but for two values.
    function _signed(uint256 hour, int32 wh, uint256 otherHour, int32 otherWh) private view returns (SignedDay memory) {
        bytes memory column = ValuesTwin.columnOf(_values, STREET_METERS, POSITION);
        ValuesTwin.set(column, hour, wh);
        ValuesTwin.set(column, otherHour, otherWh);
        return signedDay(METER, column);
    }

    function _signedFor(uint32 day, bytes memory column) private view returns (SignedDay memory) {
        return SignedDay(column, compact(meterKey(STREET, POSITION), dayHash(METER, day, column)));
    }

    function _bringNextDay(DaySubmission memory submission) private {
        submission.day = DAY + 1;
        sign(submission, STREET_METERS, METERS | OPERATOR | GRID);
        vm.warp(block.timestamp + 1 days);
        readings.submit(submission);
    }

    function _amendByOperators(uint256 hour, int32 wh, uint16 version) private {
        uint32 interval = FIRST + uint32(hour);
        bytes32 hash = amendmentHash(METER, interval, wh, version);
        readings.amend(
            METER,
            interval,
            wh,
            noDay(),
            _accepted,
            signTyped(operatorKey, domain(), hash),
            signTyped(gridKey, domain(), hash)
        );
    }

    function _overriddenRow(uint32 interval) private view returns (uint256 overridden) {
        (, , , overridden) = readings.rowOf(STREET, interval);
    }

    function _expectOverride(uint32 interval, int32 wh, uint16 version, bool byMeter) private view {
        Override memory replacement = readings.overrideOf(METER, interval);
        assertTrue(replacement.wh == wh, "wh");
        assertEq(replacement.version, version, "version");
        assertTrue(replacement.byMeter == byMeter, "byMeter");
    }

    function _expectBond(address identity, uint256 expected) private view {
        (uint256 bond, , ) = readings.bondOf(identity);
        assertEq(bond, expected, "bond");
    }

    function _expectRefusal(SignedDay memory signed, uint256 intervals, bytes memory reason) private {
        vm.expectRevert(reason);
        readings.challenge(METER, DAY, signed, intervals, _accepted);
    }

    function _expectNothingReplaced(SignedDay memory signed, uint256 intervals) private {
        _expectRefusal(
            signed,
            intervals,
            abi.encodeWithSelector(IMeterReadings.MeterReadingsNothingReplaced.selector, METER, DAY)
        );
    }

    function _expectUnknownMeter(uint32 meter) private {
        SignedDay memory signed = _signed(3, 333, 4, 444);
        vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsUnknownMeter.selector, meter, DAY));
        readings.challenge(meter, DAY, signed, 1 << 3, _accepted);
    }

    function _expectWrongProof(SignedDay memory signed) private {
        _expectRefusal(
            signed,
            1 << 3,
            abi.encodeWithSelector(IMeterReadings.MeterReadingsWrongProof.selector, METER, DAY)
        );
    }

    function _expectInvalid(SignedDay memory signed) private {
        _expectRefusal(
            signed,
            2,
            abi.encodeWithSelector(
                IMeterReadings.MeterReadingsInvalidSignature.selector,
                METER,
                vm.addr(meterKey(STREET, POSITION))
            )
        );
    }
}
