// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    AcceptedDay,
    DaySubmission,
    IMeterReadings,
    SignedDay
} from "../../../../contracts/energy/readings/IMeterReadings.sol";
import {ISigned, Signature} from "../../../../contracts/authority/ISigned.sol";
import {ReadingsFixture} from "./ReadingsFixture.sol";
import {ValuesTwin} from "./ValuesTwin.sol";

/// @notice What a hostile reading of the quorum and of the bonds found.
contract ReadingsFindingsTest is ReadingsFixture {
    uint256 private constant POSITION = 2;
    uint32 private constant METER = (uint32(STREET) << 8) | uint32(POSITION);

    // --- one party as two keys

    /// @dev Both identities have one owner: its signature must count once.
    function test_RevertWhen_OneOwnerSpeaksForBothOperators() external {
        _giveBothTo(stranger);
        DaySubmission memory submission = street(0);
        bytes32 hash = hashOf(submission);
        submission.operatorSignature = signTyped(strangerKey, domain(), hash);
        submission.gridOperatorSignature = submission.operatorSignature;
        vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsQuorumTooSmall.selector, OPERATOR, 2));
        readings.submit(submission);
    }

    function test_RevertWhen_OneOwnerAmendsForBothOperators() external {
        bytes memory values = valuesOf(STREET_METERS);
        readings.submit(streetWith(values, OPERATOR | GRID));
        _giveBothTo(stranger);
        Signature memory signature = signTyped(strangerKey, domain(), amendmentHash(METER, FIRST + 3, 5, 0));
        AcceptedDay memory accepted = acceptedOf(values, METER);
        vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsQuorumTooSmall.selector, OPERATOR, 2));
        readings.amend(METER, FIRST + 3, 5, noDay(), accepted, signature, signature);
    }

    // --- readings left out by one key

    /// @dev The operator has the values of all meters, and leaves out all but one, whose signature it has.
    function test_RevertWhen_OneOperatorLeavesMetersOut() external {
        bytes memory values = valuesOf(STREET_METERS);
        for (uint256 i = 1; i < STREET_METERS; ++i) drop(values, STREET_METERS, i);
        DaySubmission memory submission = streetWith(values, METERS | OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsQuorumTooSmall.selector, OPERATOR, 2));
        readings.submit(submission);
    }

    // --- signatures of meters taken off

    /// @dev Both operators signed a day that holds the word of a meter. Who brings it without that word cannot lay the
    /// poster open to a second, contradicting one.
    function test_RevertWhen_SignaturesOfMetersAreTakenOff() external {
        DaySubmission memory submission = street(METERS | OPERATOR | GRID);
        DaySubmission memory whole = street(METERS | OPERATOR | GRID);
        submission.meterSignatures = "";
        _expectInvalidOperator(submission);
        submission.meterSignatures = new bytes(64 * STREET_METERS);
        _expectInvalidOperator(submission);
        submission.meterSignatures = bytes.concat(whole.meterSignatures);
        replaceSignature(submission.meterSignatures, POSITION, new bytes(64));
        _expectInvalidOperator(submission);

        readings.submit(whole);
        SignedDay memory signed = signedDay(METER, new bytes(4 * HOURS));
        AcceptedDay memory accepted = acceptedOf(whole.values, METER);
        vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsSignedByMeter.selector, METER, DAY));
        readings.challenge(METER, DAY, signed, 2, accepted);
        assertEq(readings.creditOf(household), 0, "the meter's owner took the poster's bond");
    }

    /// @dev Nor can a signature be added that the operators did not see.
    function test_RevertWhen_SignaturesOfMetersAreAdded() external {
        DaySubmission memory submission = street(OPERATOR | GRID);
        submission.meterSignatures = street(METERS).meterSignatures;
        _expectInvalidOperator(submission);
    }

    // --- a challenge that is outrun

    /// @dev The poster outruns a challenge with the meter's own words and its own signature.
    function test_ThePosterPaysWhenItOutrunsAChallenge() external {
        bytes memory values = valuesOf(STREET_METERS);
        readings.submit(streetWith(values, OPERATOR | GRID));
        AcceptedDay memory accepted = acceptedOf(values, METER);
        bytes memory column = ValuesTwin.columnOf(values, STREET_METERS, POSITION);
        ValuesTwin.set(column, 3, -1_234);
        SignedDay memory signed = signedDay(METER, column);
        Signature memory own = signTyped(operatorKey, domain(), amendmentHash(METER, FIRST + 3, -1_234, 0));
        readings.amend(METER, FIRST + 3, -1_234, signed, accepted, own, noSignature());
        assertEq(readings.creditOf(household), REWARD, "credit");

        // Once: the next amendment costs nothing, whatever the meter says.
        ValuesTwin.set(column, 3, -1_235);
        own = signTyped(operatorKey, domain(), amendmentHash(METER, FIRST + 3, -1_235, 1));
        readings.amend(METER, FIRST + 3, -1_235, signedDay(METER, column), accepted, own, noSignature());
        assertEq(readings.creditOf(household), REWARD, "twice");
    }

    /// @dev Nor does one when no challenge is possible any more.
    function test_AmendingWithTheMeterAfterTheWindowCostsNothing() external {
        bytes memory values = valuesOf(STREET_METERS);
        readings.submit(streetWith(values, OPERATOR | GRID));
        AcceptedDay memory accepted = acceptedOf(values, METER);
        bytes memory column = ValuesTwin.columnOf(values, STREET_METERS, POSITION);
        ValuesTwin.set(column, 3, -1_234);
        SignedDay memory signed = signedDay(METER, column);
        Signature memory own = signTyped(operatorKey, domain(), amendmentHash(METER, FIRST + 3, -1_234, 0));
        vm.warp(BROUGHT_AT + WINDOW / 2);
        readings.amend(METER, FIRST + 3, -1_234, signed, accepted, own, noSignature());
        assertEq(readings.creditOf(household), 0, "credit");
    }

    /// @dev A meter whose reading was missing contradicts nobody.
    function test_AmendingAMissingValueWithTheMeterCostsNothing() external {
        bytes memory values = valuesOf(STREET_METERS);
        ValuesTwin.set(values, 3 * STREET_METERS + POSITION, ValuesTwin.MISSING);
        readings.submit(streetWith(values, OPERATOR | GRID));
        bytes memory column = ValuesTwin.columnOf(values, STREET_METERS, POSITION);
        ValuesTwin.set(column, 3, -1_234);
        AcceptedDay memory accepted = acceptedOf(values, METER);
        Signature memory own = signTyped(operatorKey, domain(), amendmentHash(METER, FIRST + 3, -1_234, 0));
        readings.amend(METER, FIRST + 3, -1_234, signedDay(METER, column), accepted, own, noSignature());
        assertEq(readings.creditOf(household), 0, "credit");
    }

    // --- a challenge that is stopped

    /// @dev Somebody brings one interval of a meter's challenge before all of it.
    function test_AChallengeIsNotStoppedByPartOfItself() external {
        (bytes memory values, SignedDay memory signed, AcceptedDay memory accepted) = _contradicted();
        readings.submit(streetWith(values, OPERATOR | GRID));
        vm.prank(operator);
        readings.challenge(METER, DAY, signed, 1 << 5, accepted);
        uint256 all = (1 << HOURS) - 1;
        assertEq(readings.challenge(METER, DAY, signed, all, accepted), all ^ (1 << 5), "replaced");
        assertEq(readings.creditOf(household), HOURS * REWARD, "credit");
    }

    // --- a poster that challenges itself

    /// @dev The poster owns a meter, and has it contradict what it posted itself.
    function test_APosterThatChallengesItselfLosesHalf() external {
        registry.setOwner(METER, operator);
        (bytes memory values, SignedDay memory signed, AcceptedDay memory accepted) = _contradicted();
        readings.submit(streetWith(values, OPERATOR | GRID));
        readings.challenge(METER, DAY, signed, (1 << HOURS) - 1, accepted);
        assertEq(readings.creditOf(operator), HOURS * REWARD, "half is back");
        assertEq(readings.creditOf(community), HOURS * (PENALTY - REWARD), "half is lost");
        (uint256 bond, , ) = readings.bondOf(operator);
        assertEq(bond, 4 * MINIMUM_BOND - HOURS * PENALTY, "bond");
    }

    function test_TheOwnerOfTheCommunityGetsItsHalf() external {
        vm.prank(community);
        identities.changeOwner(community, stranger);
        (bytes memory values, SignedDay memory signed, AcceptedDay memory accepted) = _contradicted();
        readings.submit(streetWith(values, OPERATOR | GRID));
        readings.challenge(METER, DAY, signed, 1, accepted);
        assertEq(readings.creditOf(stranger), PENALTY - REWARD, "owner");
        assertEq(readings.creditOf(community), 0, "identity");
        vm.prank(stranger);
        readings.withdrawCredit(stranger, stranger, 0, 0, noSignature());
        assertEq(euro.balanceOf(stranger), PENALTY - REWARD, "paid");
    }

    /// @dev A meter says of every hour something else than what is posted.
    function _contradicted()
        private
        view
        returns (bytes memory values, SignedDay memory signed, AcceptedDay memory accepted)
    {
        values = valuesOf(STREET_METERS);
        accepted = acceptedOf(values, METER);
        bytes memory column = new bytes(4 * HOURS);
        for (uint256 i = 0; i < HOURS; ++i) ValuesTwin.set(column, i, 9_999);
        signed = signedDay(METER, column);
    }

    function _expectInvalidOperator(DaySubmission memory submission) private {
        bytes32 digest = digestOf(hashOf(submission));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, operator, digest));
        readings.submit(submission);
    }

    function _giveBothTo(address owner) private {
        vm.prank(operator);
        identities.changeOwner(operator, owner);
        vm.prank(grid);
        identities.changeOwner(grid, owner);
    }
}
