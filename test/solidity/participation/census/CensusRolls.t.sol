// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PoseidonT3} from "poseidon-solidity/PoseidonT3.sol";

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {
    ICensus,
    Member,
    Notice,
    RollKind,
    RollTerms,
    Snapshot
} from "../../../../contracts/participation/census/ICensus.sol";
import {CensusFixture} from "./CensusFixture.sol";

contract CensusRollsTest is CensusFixture {
    uint32 private constant NEXT = ROLLS + 1;

    // constructor ... keeps what it is given

    function test_KnowsItsRegistries() external view {
        assertEq(census.authority(), address(manager), "authority");
        assertEq(address(census.credentials()), address(registry), "credentials");
        assertEq(address(census.identities()), address(ids), "identities");
        assertEq(census.voterType(), NUMBERED, "voters");
    }

    // openRoll
    // ├─ not by CENSUS_ROLLS ...................... AccessManagedUnauthorized
    // ├─ no kind .................................. CensusBadTerms
    // ├─ no levels, or more than 31 ............... CensusBadTerms
    // ├─ no segments, or more than 1,000 .......... CensusBadTerms
    // └─ else ..................................... next number, RollOpened

    function test_RevertWhen_NobodyLetsOpenRolls() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, wiring));
        vm.prank(wiring);
        census.openRoll(termsFor(NAMED));
    }

    function test_RevertWhen_TermsAreBad() external {
        RollTerms memory terms = termsFor(NAMED);
        terms.kind = RollKind.None;
        _expectBad(terms);
        terms = termsFor(NAMED);
        terms.depth = 0;
        _expectBad(terms);
        terms.depth = 32;
        _expectBad(terms);
        terms = termsFor(NAMED);
        terms.segments = 0;
        _expectBad(terms);
        terms.segments = 1_001;
        _expectBad(terms);
        assertEq(census.rollCount(), ROLLS, "none was opened");
    }

    function test_OpensRolls() external {
        RollTerms[2] memory terms = [
            RollTerms(RollKind.Named, false, false, 1, 1, 0, 0),
            RollTerms(RollKind.Anonymous, true, true, 31, 1_000, type(uint16).max, type(uint32).max)
        ];
        for (uint32 i = 0; i < 2; ++i) {
            vm.expectEmit(address(census));
            emit ICensus.RollOpened(NEXT + i, terms[i]);
            assertEq(openRoll(terms[i]), NEXT + i, "number");
            assertEq(census.rollCount(), NEXT + i, "count");
            assertEq(keccak256(abi.encode(census.termsOf(NEXT + i))), keccak256(abi.encode(terms[i])), "terms");
        }
    }

    // attachBox
    // ├─ not by CENSUS_WIRING ..................... AccessManagedUnauthorized
    // ├─ no contract .............................. CensusBadBox
    // ├─ attached ................................. CensusBadBox
    // └─ else ..................................... may give notice, BoxAttached

    function test_RevertWhen_NobodyLetsAttach() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, opener));
        vm.prank(opener);
        census.attachBox(address(manager));
    }

    function test_RevertWhen_BoxIsNoneOrAttached() external {
        address[2] memory boxes = [stranger, box];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ICensus.CensusBadBox.selector, boxes[i]));
            vm.prank(wiring);
            census.attachBox(boxes[i]);
        }
    }

    function test_AttachesBoxes() external {
        assertFalse(census.isBox(address(manager)), "not yet");
        vm.expectEmit(address(census));
        emit ICensus.BoxAttached(address(manager));
        vm.prank(wiring);
        census.attachBox(address(manager));
        assertTrue(census.isBox(address(manager)), "attached");
        assertTrue(census.isBox(box), "the other too");
    }

    // termsOf, memberOf, membersOf, noticeOf, snapshotOf, snapshotAt
    // ├─ no such roll ............................. CensusUnknownRoll
    // ├─ no such segment .......................... CensusUnknownSegment
    // ├─ a time that is not past .................. CensusNotPast
    // └─ nothing happened yet ..................... zero

    function test_RevertWhen_ViewsAreAskedAboutNoRoll() external {
        for (uint32 rollId = 0; rollId <= NEXT; rollId += NEXT) {
            _expectUnknown(rollId);
            census.termsOf(rollId);
            _expectUnknown(rollId);
            census.memberOf(rollId, 1);
            _expectUnknown(rollId);
            census.membersOf(rollId);
            _expectUnknown(rollId);
            census.noticeOf(rollId);
            _expectUnknown(rollId);
            census.snapshotOf(rollId, 0);
            _expectUnknown(rollId);
            census.snapshotAt(rollId, 0, EPOCH - 1);
        }
    }

    function test_RevertWhen_ViewsAreAskedAboutNoSegment() external {
        bytes memory fault = abi.encodeWithSelector(ICensus.CensusUnknownSegment.selector, SEGMENTS, SEGMENTS);
        vm.expectRevert(fault);
        census.snapshotOf(NAMED, SEGMENTS);
        vm.expectRevert(fault);
        census.snapshotAt(NAMED, SEGMENTS, EPOCH - 1);
    }

    function test_RevertWhen_TimeIsNotPast() external {
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ICensus.CensusNotPast.selector, EPOCH + i, EPOCH));
            census.snapshotAt(NAMED, 0, EPOCH + i);
        }
        vm.expectRevert(abi.encodeWithSelector(ICensus.CensusNotPast.selector, type(uint256).max, EPOCH));
        census.snapshotAt(NAMED, 0, type(uint256).max);
    }

    // raisedRoot
    // ├─ no more levels ........................... the root
    // └─ more ..................................... each with a zero on the right

    function test_RaisesRoots() external view {
        uint256 raised = 123;
        for (uint256 levels = 4; levels < 12; ++levels) {
            assertEq(census.raisedRoot(123, 4, levels), raised, "raised");
            raised = PoseidonT3.hash([raised, 0]);
        }
        assertEq(census.raisedRoot(123, 4, 3), 123, "never lowered");
    }

    function test_NothingHappenedYet() external view {
        Snapshot memory snapshot;
        Member memory member;
        Notice memory notice;
        assertSame(census.snapshotOf(NAMED, 2), snapshot);
        assertSame(census.snapshotAt(NAMED, 2, EPOCH - 1), snapshot);
        assertSame(census.snapshotAt(NAMED, 2, 0), snapshot);
        assertEq(keccak256(abi.encode(census.memberOf(NAMED, 1))), keccak256(abi.encode(member)), "member");
        assertEq(keccak256(abi.encode(census.noticeOf(NAMED))), keccak256(abi.encode(notice)), "notice");
        assertEq(census.membersOf(NAMED), 0, "members");
    }

    // --- internals

    function _expectBad(RollTerms memory terms) private {
        vm.expectRevert(abi.encodeWithSelector(ICensus.CensusBadTerms.selector, terms.depth, terms.segments));
        openRoll(terms);
    }

    function _expectUnknown(uint32 rollId) private {
        vm.expectRevert(abi.encodeWithSelector(ICensus.CensusUnknownRoll.selector, rollId));
    }
}
