// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Signature} from "../../../../contracts/authority/ISigned.sol";
import {Entrant, ICensus, Member, Notice, Snapshot} from "../../../../contracts/participation/census/ICensus.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";
import {CensusFixture} from "./CensusFixture.sol";

/// @dev Adds people to rolls and takes them out, announces votes, tries what must fail, and remembers what was.
///
/// It has the census and all its offices itself.
contract CensusHandler is CensusFixture {
    /// @dev One of either kind, and one for which two must sign.
    uint32[3] private _handled = [NAMED_BY_TAG, ANONYMOUS_BY_TAG, COSIGNED];
    uint256 private constant PEOPLE = 24;
    /// @dev Trees of many leaves are compared now and then.
    uint256 private constant SELDOM = 16;
    /// @dev Past states that are looked at again.
    uint256 private constant REMEMBERED = 8;

    /// @dev Acts that should have failed and did not, or left something behind, or the other way round.
    uint256 public faults;
    uint256 public steps;
    /// @dev Lists added, people taken out, lists that grew a roll too much, consents that were used before, notices.
    uint256[5] public counts;
    /// @dev Who should be where: number of the segment above zero.
    mapping(uint32 rollId => mapping(uint256 person => uint16 place)) public placeOf;
    mapping(uint32 rollId => uint32 members) public membersOf;
    mapping(uint32 rollId => mapping(uint256 person => uint32 times)) private _times;
    mapping(uint32 rollId => mapping(uint256 person => Entrant entrant)) private _last;
    mapping(uint32 rollId => uint32 added) private _added;

    /// @dev A segment at a second that was past.
    struct Remembered {
        uint32 rollId;
        uint16 segment;
        uint256 time;
        bytes32 snapshotHash;
    }

    Remembered[REMEMBERED] private _past;

    /// @dev Once: it is called at random too.
    function setUp() public override {
        if (address(census) == address(0)) super.setUp();
    }

    function adds(uint256 seed) external {
        seed = _mix(seed);
        (uint32 rollId, uint16 segment) = _pick(seed);
        uint256 first = (seed >> 16) % PEOPLE;
        uint256 count = 0;
        while (count < 1 + ((seed >> 24) % 3) && first + count < PEOPLE && placeOf[rollId][first + count] == 0) ++count;
        if (count == 0) return;
        Entrant[] memory entrants = entrantsFor(rollId, segment, first, count);
        uint256 before = trees[rollId][segment].length;
        bytes memory fault = _growthFault(rollId, segment, count);
        if (fault.length != 0) {
            ++counts[2];
            refuse(fault, rollId, segment, entrants);
            if (census.snapshotOf(rollId, segment).leaves != before) ++faults;
            return;
        }
        send(rollId, segment, entrants);
        ++counts[0];
        _added[rollId] += uint32(count);
        membersOf[rollId] += uint32(count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 person = first + i;
            note(rollId, segment, entrants[i].leaf);
            placeOf[rollId][person] = segment + 1;
            if (census.memberOf(rollId, tagOf(person)).times != ++_times[rollId][person]) ++faults;
            _last[rollId][person] = entrants[i];
        }
        _compareSeldom(rollId, segment);
    }

    function removes(uint256 seed) external {
        seed = _mix(seed);
        (uint32 rollId, ) = _pick(seed);
        uint256 person = (seed >> 16) % PEOPLE;
        uint16 place = placeOf[rollId][person];
        if (place == 0) return;
        remove(rollId, person);
        ++counts[1];
        --membersOf[rollId];
        placeOf[rollId][person] = 0;
        _compareSeldom(rollId, place - 1);
    }

    /// @dev Somebody's consent again, with a second registrar's signature of today.
    function repeats(uint256 seed) external {
        seed = _mix(seed);
        (uint32 rollId, uint16 segment) = _pick(seed);
        uint256 person = (seed >> 16) % PEOPLE;
        Entrant[] memory entrants = new Entrant[](1);
        entrants[0] = _last[rollId][person];
        if (entrants[0].deadline == 0) return;
        uint40 deadline = until();
        Signature memory cosignature = cosign(secondKey, rollId, segment, entrants, deadline);
        uint32 before = census.membersOf(rollId);
        vm.prank(clerk);
        try census.addMembers(rollId, segment, entrants, clerk, second, deadline, cosignature) {
            ++faults;
        } catch {
            ++counts[3];
        }
        if (census.membersOf(rollId) != before) ++faults;
    }

    function announces(uint256 seed) external {
        seed = _mix(seed);
        (uint32 rollId, ) = _pick(seed);
        uint40 end = uint40(block.timestamp + ((seed >> 16) % 300));
        Notice memory before = census.noticeOf(rollId);
        census.giveNotice(rollId, end);
        Notice memory notice = census.noticeOf(rollId);
        bool ran = before.until >= block.timestamp;
        if (!ran) _added[rollId] = 0;
        if (ran && (notice.allowance != before.allowance || notice.since != before.since)) ++faults;
        if (!ran && notice.since != block.timestamp) ++faults;
        if (notice.until != (ran && before.until > end ? before.until : end)) ++faults;
        ++counts[4];
    }

    function waits(uint256 seed) external {
        seed = _mix(seed);
        vm.warp(block.timestamp + 1 + (seed % 60));
        (uint32 rollId, uint16 segment) = _pick(seed);
        uint256 time = block.timestamp - 1;
        bytes32 snapshotHash = keccak256(abi.encode(census.snapshotAt(rollId, segment, time)));
        // Nothing happened since the last second.
        if (snapshotHash != keccak256(abi.encode(census.snapshotOf(rollId, segment)))) ++faults;
        _past[(seed >> 32) % REMEMBERED] = Remembered(rollId, segment, time, snapshotHash);
    }

    /// @dev Past states that are others now.
    function changedPasts() external view returns (uint256 changed) {
        for (uint256 i = 0; i < REMEMBERED; ++i) {
            Remembered memory past = _past[i];
            if (past.time == 0) continue;
            Snapshot memory snapshot = census.snapshotAt(past.rollId, past.segment, past.time);
            if (keccak256(abi.encode(snapshot)) != past.snapshotHash) ++changed;
        }
    }

    /// @dev People whose place the census does not have as it should.
    function misplaced(uint32 rollId) external view returns (uint256 count) {
        for (uint256 person = 0; person < PEOPLE; ++person) {
            Member memory member = census.memberOf(rollId, tagOf(person));
            uint16 place = placeOf[rollId][person];
            if (member.present != (place != 0)) ++count;
            else if (place != 0 && member.segment + 1 != place) ++count;
        }
    }

    /// @dev Members of all segments by the segments' own count, and leaves that are not zero.
    function membersInTrees(uint32 rollId) external view returns (uint256 members, uint256 leaves) {
        for (uint16 segment = 0; segment < SEGMENTS; ++segment) {
            members += census.snapshotOf(rollId, segment).members;
            uint256[] storage tree = trees[rollId][segment];
            for (uint256 i = 0; i < tree.length; ++i) if (tree[i] != 0) ++leaves;
        }
    }

    function noticeOf(uint32 rollId) external view returns (Notice memory notice, uint32 added) {
        return (census.noticeOf(rollId), _added[rollId]);
    }

    /// @dev Compares the trees of a roll with the model.
    function compareNamed() external view {
        for (uint16 segment = 0; segment < SEGMENTS; ++segment) {
            assertTree(NAMED_BY_TAG, segment, census.snapshotOf(NAMED_BY_TAG, segment).members);
        }
    }

    function rollAt(uint256 i) external view returns (uint32 rollId) {
        return _handled[i];
    }

    /// @dev What must be said of a list that grows the roll, or the segment, too much; empty: nothing.
    function _growthFault(uint32 rollId, uint16 segment, uint256 count) private view returns (bytes memory fault) {
        Notice memory notice = census.noticeOf(rollId);
        if (block.timestamp > notice.until) return "";
        if (_added[rollId] + count > notice.allowance) {
            return _fault(_added[rollId] + count, notice.allowance);
        }
        Snapshot memory before = census.snapshotAt(rollId, segment, notice.since - 1);
        uint256 allowance = (uint256(before.members) * GROWTH_BP) / 10_000;
        if (allowance < GROWTH_LEAST) allowance = GROWTH_LEAST;
        uint256 added = trees[rollId][segment].length + count - before.leaves;
        return added > allowance ? _fault(added, allowance) : bytes("");
    }

    function _compareSeldom(uint32 rollId, uint16 segment) private view {
        if (steps % SELDOM == 0) assertTree(rollId, segment, census.snapshotOf(rollId, segment).members);
    }

    function _pick(uint256 seed) private view returns (uint32 rollId, uint16 segment) {
        return (_handled[seed % 3], uint16((seed >> 8) % SEGMENTS));
    }

    /// @dev The same seed is another pick at every step.
    function _mix(uint256 seed) private returns (uint256 mixed) {
        return uint256(keccak256(abi.encode(seed, ++steps)));
    }

    function _fault(uint256 added, uint256 allowance) private pure returns (bytes memory fault) {
        return abi.encodeWithSelector(ICensus.CensusGrowthExceeded.selector, added, allowance);
    }
}

/// @notice Invariants of the census:
/// 1. Members of a roll are the tags that are present, each in one segment; as many as its trees have leaves that are not zero.
/// 2. A segment at a time that is past never changes.
/// 3. While a notice runs no more are added than its allowance, in however many lists, whoever leaves.
/// 4. A consent serves once.
/// 5. Trees are those of the model.
contract CensusInvariantTest is CivitasTest {
    CensusHandler private _handler;

    function setUp() public {
        _handler = new CensusHandler();
        _handler.setUp();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev What the invariants rest on happens.
    function test_HandlerActsInAllItsWays() external {
        for (uint256 seed = 0; seed < 60; ++seed) {
            _handler.adds(seed);
            _handler.removes(seed);
            _handler.repeats(seed);
            if (seed % 5 == 0) _handler.announces(seed);
            _handler.waits(seed);
        }
        for (uint256 i = 0; i < 5; ++i) assertTrue(_handler.counts(i) > 0, vm.toString(i));
        assertEq(_handler.faults(), 0, "faults");
    }

    function invariant_MembersAreThePresentTags() external view {
        assertEq(_handler.faults(), 0, "4: an act had another effect");
        for (uint256 i = 0; i < 3; ++i) {
            uint32 rollId = _handler.rollAt(i);
            (uint256 members, uint256 leaves) = _handler.membersInTrees(rollId);
            assertEq(members, _handler.membersOf(rollId), "1: members of the segments");
            assertEq(leaves, members, "1: leaves");
            assertEq(_handler.misplaced(rollId), 0, "1: misplaced");
        }
        _handler.compareNamed();
    }

    function invariant_PastStaysAndGrowthIsBounded() external view {
        assertEq(_handler.faults(), 0, "4: an act had another effect");
        assertEq(_handler.changedPasts(), 0, "2: pasts");
        for (uint256 i = 0; i < 3; ++i) {
            (Notice memory notice, uint32 added) = _handler.noticeOf(_handler.rollAt(i));
            assertLe(notice.added, notice.allowance, "3: added");
            if (block.timestamp <= notice.until) assertEq(notice.added, added, "3: counted");
        }
    }
}
