// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {CompactSignature} from "../../../../contracts/authority/CompactSignatures.sol";
import {Signature} from "../../../../contracts/authority/ISigned.sol";
import {Roles} from "../../../../contracts/authority/Roles.sol";
import {Standing} from "../../../../contracts/identity/ICredentials.sol";
import {Identities} from "../../../../contracts/identity/Identities.sol";
import {MockCensus} from "../../../../contracts/mocks/MockCensus.sol";
import {MockCredentials} from "../../../../contracts/mocks/MockCredentials.sol";
import {
    BallotKind,
    BallotState,
    BallotTerms,
    IBallotBox,
    PaperCount,
    PaperProtocol,
    Result,
    Rule,
    Secrecy,
    SignedVote,
    TextHash,
    Vote
} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {RollKind} from "../../../../contracts/participation/census/ICensus.sol";
import {ParticipationCredentials} from "../../../../contracts/participation/ParticipationCredentials.sol";
import {ISemaphoreBatchVerifier} from "../../../../contracts/participation/proofs/ISemaphoreBatchVerifier.sol";
import {SemaphoreBatchVerifier} from "../../../../contracts/participation/proofs/SemaphoreBatchVerifier.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

/// @notice A ballot box with a clerk, a returning officer, a named roll with five people in each of three segments, and an
/// anonymous one. Without a setUp, for handlers of invariants.
///
/// Person n has a key and an account. Who is where on a named roll is in {people}; its trees are the fixture's own.
abstract contract BallotTown is CivitasTest {
    uint32 internal constant NAMED = 1;
    uint32 internal constant ANONYMOUS = 2;
    uint32 internal constant NO_ROLL = 99;
    uint16 internal constant SEGMENTS = 3;
    uint32 internal constant PEOPLE = 5;
    uint8 internal constant DEPTH = 16;
    uint32 internal constant NOTICE = 7 days;

    uint40 internal constant FREEZES = uint40(EPOCH + 1 days);
    uint40 internal constant OPENS = FREEZES + 1 + NOTICE;
    uint40 internal constant CLOSES = OPENS + 7 days;
    uint40 internal constant COUNTS = CLOSES + 3 days;
    uint40 internal constant NEVER = type(uint40).max;

    bytes32 internal constant OFFICER = ParticipationCredentials.RETURNING_OFFICER;
    bytes32 internal constant REASON = keccak256("salted reason");
    bytes32 internal constant DOCUMENT = keccak256("salted protocol");
    bytes32 internal constant VOTE_TYPE = keccak256(
        "Vote(uint32 ballotId,uint16 segment,uint32 index,uint32 sequence,uint256 payload,uint40 deadline)"
    );
    bytes32 internal constant COMMITMENT_TYPE = keccak256(
        "Commitment(uint32 ballotId,uint16 segment,uint32 index,uint32 sequence,uint256 commitment,uint40 deadline)"
    );
    bytes32 internal constant PROTOCOL_TYPE = keccak256(
        "Protocol(uint32 ballotId,uint16 segment,uint32 spoilt,bytes32 documentHash,bytes32 entriesHash,address officer,address owner,uint256 nonce,uint256 deadline)"
    );
    uint256 internal constant TIED = 0x80;

    AccessManager internal manager;
    MockCensus internal rolls;
    MockCredentials internal registry;
    Identities internal ids;
    ISemaphoreBatchVerifier internal verifier;
    IBallotBox internal box;

    address internal clerk;
    address internal officer;
    uint256 internal officerKey;
    address internal relayer;
    address internal stranger;
    uint256 internal strangerKey;

    /// @dev Number of the person at each place of a named roll.
    mapping(uint32 rollId => mapping(uint16 segment => uint256[] person)) internal people;
    mapping(uint32 rollId => mapping(uint16 segment => bytes32[] leaves)) private _leaves;

    // --- building

    function buildTown() internal {
        vm.warp(EPOCH);
        (clerk, ) = actor("clerk");
        (officer, officerKey) = actor("officer");
        (relayer, ) = actor("relayer");
        (stranger, strangerKey) = actor("stranger");
        manager = new AccessManager(address(this));
        rolls = new MockCensus();
        registry = new MockCredentials();
        ids = new Identities();
        registry.set(OFFICER, officer, Standing.Current);
        verifier = deployVerifier();
        box = deployBox(NOTICE);
        bytes4[] memory acts = new bytes4[](2);
        (acts[0], acts[1]) = (IBallotBox.publish.selector, IBallotBox.withdraw.selector);
        manager.setTargetFunctionRole(address(box), acts, Roles.BALLOT_CLERK);
        manager.grantRole(Roles.BALLOT_CLERK, clerk, 0);
        rolls.setRoll(NAMED, RollKind.Named, DEPTH, SEGMENTS);
        rolls.setRoll(ANONYMOUS, RollKind.Anonymous, DEPTH, SEGMENTS);
        for (uint16 segment = 0; segment < SEGMENTS; ++segment) {
            enrol(NAMED, segment, 100 * (uint256(segment) + 1), PEOPLE);
            rolls.setSegment(ANONYMOUS, segment, anonymousRootOf(segment), PEOPLE);
        }
    }

    function deployVerifier() internal virtual returns (ISemaphoreBatchVerifier) {
        return new SemaphoreBatchVerifier(DEPTH);
    }

    /// @dev From its artifact: its settings are its own, and with those of tests it exceeds the size limit.
    function deployBox(uint32 noticePeriod) internal returns (IBallotBox deployed) {
        bytes memory code = bytes.concat(
            vm.getCode("BallotBox"),
            abi.encode(address(manager), rolls, verifier, registry, ids, noticePeriod)
        );
        address created;
        assembly ("memory-safe") {
            created := create(0, add(code, 0x20), mload(code))
            if iszero(created) {
                let free := mload(0x40)
                returndatacopy(free, 0, returndatasize())
                revert(free, returndatasize())
            }
        }
        return IBallotBox(created);
    }

    // --- people and trees

    function keyOf(uint256 person) internal pure returns (uint256 privateKey) {
        return uint256(keccak256(abi.encode("person", person)));
    }

    function accountOf(uint256 person) internal pure returns (address account) {
        return vm.addr(keyOf(person));
    }

    /// @dev Adds people with rising numbers to a segment.
    function enrol(uint32 rollId, uint16 segment, uint256 firstPerson, uint256 count) internal {
        for (uint256 i = 0; i < count; ++i) {
            people[rollId][segment].push(firstPerson + i);
            seat(rollId, segment, accountOf(firstPerson + i));
        }
        settle(rollId, segment);
    }

    /// @dev Adds an account to a segment's tree. The census does not know until {settle}.
    function seat(uint32 rollId, uint16 segment, address account) internal {
        bytes32[] storage leaves = _leaves[rollId][segment];
        leaves.push(leafOf(uint32(leaves.length), account));
    }

    function settle(uint32 rollId, uint16 segment) internal {
        rolls.setSegment(rollId, segment, uint256(rootOf(rollId, segment)), uint32(_leaves[rollId][segment].length));
    }

    function leafOf(uint32 index, address account) internal pure returns (bytes32 leaf) {
        return keccak256(abi.encodePacked(index, account));
    }

    function rootOf(uint32 rollId, uint16 segment) internal view returns (bytes32 root) {
        bytes32[] memory nodes = _leaves[rollId][segment];
        while (nodes.length > 1) nodes = _above(nodes);
        return nodes.length == 0 ? bytes32(0) : nodes[0];
    }

    /// @dev Siblings from below, of those levels where there is one.
    function pathOf(uint32 rollId, uint16 segment, uint256 index) internal view returns (bytes32[] memory path) {
        bytes32[] memory nodes = _leaves[rollId][segment];
        bytes32[] memory found = new bytes32[](32);
        uint256 count = 0;
        for (; nodes.length > 1; index /= 2) {
            if (index ^ 1 < nodes.length) found[count++] = nodes[index ^ 1];
            nodes = _above(nodes);
        }
        path = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) path[i] = found[i];
    }

    function _above(bytes32[] memory nodes) private pure returns (bytes32[] memory parents) {
        parents = new bytes32[]((nodes.length + 1) / 2);
        for (uint256 i = 0; i < parents.length; ++i) {
            if (2 * i + 1 == nodes.length) {
                parents[i] = nodes[2 * i];
                continue;
            }
            (bytes32 low, bytes32 high) = (nodes[2 * i], nodes[2 * i + 1]);
            if (low > high) (low, high) = (high, low);
            parents[i] = keccak256(abi.encode(low, high));
        }
    }

    function anonymousRootOf(uint16 segment) internal pure returns (uint256 root) {
        return uint256(keccak256(abi.encode("root", segment))) >> 8;
    }

    // --- terms

    function segmentsOf(uint16 one) internal pure returns (uint16[] memory segments) {
        segments = new uint16[](1);
        segments[0] = one;
    }

    /// @dev The first so many segments.
    function segmentsTo(uint16 count) internal pure returns (uint16[] memory segments) {
        segments = new uint16[](count);
        for (uint16 i = 0; i < count; ++i) segments[i] = i;
    }

    function textsOf(bytes8 language) internal pure returns (TextHash[] memory texts) {
        texts = new TextHash[](1);
        texts[0] = TextHash({language: language, hash: keccak256(abi.encode("text", language))});
    }

    /// @dev Single choice of three options in segment 0 of the named roll, public, one vote each, so in groups.
    function plainTerms() internal pure returns (BallotTerms memory terms) {
        terms.rollId = NAMED;
        terms.segments = segmentsOf(0);
        terms.freezesAt = FREEZES;
        terms.opensAt = OPENS;
        terms.closesAt = CLOSES;
        terms.countsUntil = CLOSES;
        terms.objectionPeriod = 14 days;
        terms.kind = BallotKind.Single;
        terms.options = 3;
        terms.texts = textsOf("en");
    }

    /// @dev As {plainTerms}, of another kind with a rule, so many options and a limit.
    function termsOf(
        BallotKind kind,
        Rule rule,
        uint8 options,
        uint32 limit
    ) internal pure returns (BallotTerms memory terms) {
        terms = plainTerms();
        (terms.kind, terms.rule, terms.options, terms.limit) = (kind, rule, options, limit);
    }

    /// @dev A ranked ballot, without a limit below the number of options.
    function rankedTerms(Rule rule, uint8 options) internal pure returns (BallotTerms memory terms) {
        return termsOf(BallotKind.Ranked, rule, options, options);
    }

    /// @dev As {plainTerms}, for people who vote on paper too.
    function paperTerms(uint32 paperElectorate) internal pure returns (BallotTerms memory terms) {
        terms = plainTerms();
        (terms.paperElectorate, terms.countsUntil) = (paperElectorate, COUNTS);
    }

    function surveyTerms(uint256 form, uint32 minCell) internal pure returns (BallotTerms memory terms) {
        terms = termsOf(BallotKind.Survey, Rule.MostFirst, 0, 0);
        (terms.form, terms.minCell) = (form, minCell);
    }

    /// @dev As {plainTerms}, of the anonymous roll.
    function anonymousTerms() internal pure returns (BallotTerms memory terms) {
        terms = plainTerms();
        (terms.rollId, terms.minAnonymity) = (ANONYMOUS, 3);
    }

    /// @dev As {anonymousTerms}, sealed to the point of a scalar.
    function sealedTerms(uint256 key) internal view returns (BallotTerms memory terms) {
        terms = anonymousTerms();
        (terms.secrecy, terms.countsUntil) = (Secrecy.Sealed, COUNTS);
        (terms.sealX, terms.sealY) = pointOf(key);
    }

    /// @dev As {plainTerms}, committed.
    function committedTerms() internal pure returns (BallotTerms memory terms) {
        terms = plainTerms();
        (terms.secrecy, terms.countsUntil) = (Secrecy.Committed, COUNTS);
    }

    /// @dev A scalar times the generator of BN254.
    function pointOf(uint256 scalar) internal view returns (uint256 x, uint256 y) {
        return timesPoint(1, 2, scalar);
    }

    function timesPoint(uint256 x, uint256 y, uint256 scalar) internal view returns (uint256 xTimes, uint256 yTimes) {
        (bool done, bytes memory product) = address(7).staticcall(abi.encode(x, y, scalar));
        assertTrue(done, "a point of the curve");
        return abi.decode(product, (uint256, uint256));
    }

    // --- life

    function publish(BallotTerms memory terms) internal returns (uint32 ballotId) {
        vm.prank(clerk);
        return box.publish(terms);
    }

    /// @dev Publishes and writes the whole census down.
    function freeze(BallotTerms memory terms) internal returns (uint32 ballotId) {
        ballotId = publish(terms);
        vm.warp(terms.freezesAt + 1);
        box.freeze(ballotId, terms, terms.segments.length);
    }

    /// @dev Publishes, writes the whole census down, and goes to the first second.
    function open(BallotTerms memory terms) internal returns (uint32 ballotId) {
        ballotId = freeze(terms);
        vm.warp(terms.opensAt);
    }

    /// @dev Goes to the close, and adds up whatever groups there are.
    function close(uint32 ballotId, BallotTerms memory terms) internal {
        vm.warp(terms.closesAt);
        addUpAll(ballotId, terms);
    }

    function addUpAll(uint32 ballotId, BallotTerms memory terms) internal {
        if (!isGrouped(terms)) return;
        for (uint256 i = 0; i < terms.segments.length; ++i) {
            if (box.pollOf(ballotId, terms.segments[i]).root == 0) continue;
            box.addUp(ballotId, terms.segments[i], type(uint256).max);
        }
    }

    function isGrouped(BallotTerms memory terms) internal pure returns (bool grouped) {
        return
            terms.kind == BallotKind.Single &&
            terms.secrecy == Secrecy.Public &&
            terms.rollId == NAMED &&
            !terms.revotes &&
            terms.options <= 4;
    }

    function stateOf(uint32 ballotId) internal view returns (BallotState state) {
        return box.ballotOf(ballotId, new uint16[](0)).state;
    }

    function assertState(uint32 ballotId, BallotState state, string memory reason) internal view {
        assertEq(uint256(stateOf(ballotId)), uint256(state), reason);
    }

    // --- votes of accounts

    function voterOf(uint16 segment, uint32 index) internal pure returns (uint256 voter) {
        return (uint256(segment) << 32) | index;
    }

    /// @dev The person at a place votes as itself, in a ballot that takes one vote.
    function castAs(uint32 ballotId, uint16 segment, uint32 index, uint256 payload) internal {
        bytes32[] memory path = pathOf(NAMED, segment, index);
        vm.prank(accountOf(people[NAMED][segment][index]));
        box.vote(ballotId, segment, index, payload, path);
    }

    /// @dev The person at a place votes as itself, with a sequence number.
    function recastAs(
        uint32 ballotId,
        uint16 segment,
        uint32 index,
        uint32 sequence,
        uint256 payload,
        uint256 previous
    ) internal {
        Signature memory none;
        bytes32[] memory path = pathOf(NAMED, segment, index);
        address account = accountOf(people[NAMED][segment][index]);
        vm.prank(account);
        box.voteBySig(voteOf(ballotId, segment, index, sequence, payload, previous), account, none, path);
    }

    function voteOf(
        uint32 ballotId,
        uint16 segment,
        uint32 index,
        uint32 sequence,
        uint256 payload,
        uint256 previous
    ) internal pure returns (Vote memory vote) {
        return
            Vote({
                ballotId: ballotId,
                segment: segment,
                index: index,
                sequence: sequence,
                payload: payload,
                previous: previous,
                deadline: NEVER
            });
    }

    function hashOf(Vote memory vote) internal pure returns (bytes32 structHash) {
        return _hashOf(VOTE_TYPE, vote);
    }

    function hashOfCommitment(Vote memory vote) internal pure returns (bytes32 structHash) {
        return _hashOf(COMMITMENT_TYPE, vote);
    }

    function domain() internal view returns (bytes32 separator) {
        return domainOf("Civitas Ballots", address(box));
    }

    function digestOf(bytes32 structHash) internal view returns (bytes32 digest) {
        return keccak256(abi.encodePacked(hex"1901", domain(), structHash));
    }

    function sign(uint256 person, Vote memory vote) internal view returns (Signature memory signature) {
        return signTyped(keyOf(person), domain(), hashOf(vote));
    }

    /// @dev A vote for a batch, signed by the person at its place.
    function signedVote(
        uint32 ballotId,
        uint16 segment,
        uint32 index,
        uint32 sequence,
        uint256 payload,
        uint256 previous
    ) internal view returns (SignedVote memory signed) {
        return
            signedBy(
                keyOf(people[NAMED][segment][index]),
                voteOf(ballotId, segment, index, sequence, payload, previous),
                pathOf(NAMED, segment, index)
            );
    }

    function signedBy(
        uint256 privateKey,
        Vote memory vote,
        bytes32[] memory path
    ) internal view returns (SignedVote memory signed) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, digestOf(hashOf(vote)));
        signed.index = vote.index;
        signed.sequence = vote.sequence;
        signed.payload = vote.payload;
        signed.previous = vote.previous;
        signed.deadline = vote.deadline;
        signed.signature = CompactSignature({r: r, vs: bytes32(uint256(s) | (uint256(v - 27) << 255))});
        signed.path = path;
    }

    /// @dev Running hash after a vote, as {HeadSlots} has it.
    function linked(
        uint160 chain,
        uint256 voter,
        uint32 sequence,
        uint256 paper
    ) internal pure returns (uint160 changed) {
        bytes32 link = keccak256(abi.encode(voter, sequence, paper));
        return uint160(uint256(keccak256(abi.encode(chain, link))) >> 96);
    }

    function _hashOf(bytes32 typeHash, Vote memory vote) private pure returns (bytes32 structHash) {
        return
            keccak256(
                abi.encode(
                    typeHash,
                    vote.ballotId,
                    vote.segment,
                    vote.index,
                    vote.sequence,
                    vote.payload,
                    vote.deadline
                )
            );
    }

    // --- paper

    function protocolOf(
        uint32 ballotId,
        uint16 segment,
        uint32 spoilt,
        uint256 nonce
    ) internal view returns (PaperProtocol memory protocol) {
        return
            PaperProtocol({
                ballotId: ballotId,
                segment: segment,
                spoilt: spoilt,
                documentHash: DOCUMENT,
                officer: officer,
                nonce: nonce,
                deadline: type(uint256).max
            });
    }

    function hashOf(
        PaperProtocol memory protocol,
        PaperCount[] memory entries,
        address owner
    ) internal pure returns (bytes32 structHash) {
        return
            keccak256(
                abi.encode(
                    PROTOCOL_TYPE,
                    protocol.ballotId,
                    protocol.segment,
                    protocol.spoilt,
                    protocol.documentHash,
                    keccak256(abi.encode(entries)),
                    protocol.officer,
                    owner,
                    protocol.nonce,
                    protocol.deadline
                )
            );
    }

    function papersOf(uint256 payload, uint32 count) internal pure returns (PaperCount[] memory entries) {
        entries = new PaperCount[](1);
        entries[0] = PaperCount({payload: payload, count: count});
    }

    function papersOf(
        uint256 firstPayload,
        uint32 firstCount,
        uint256 secondPayload,
        uint32 secondCount
    ) internal pure returns (PaperCount[] memory entries) {
        entries = new PaperCount[](2);
        entries[0] = PaperCount({payload: firstPayload, count: firstCount});
        entries[1] = PaperCount({payload: secondPayload, count: secondCount});
    }

    /// @dev The officer itself brings a protocol.
    function record(uint32 ballotId, uint16 segment, uint32 spoilt, PaperCount[] memory entries) internal {
        Signature memory none;
        vm.prank(officer);
        box.recordProtocol(protocolOf(ballotId, segment, spoilt, 0), entries, none);
    }

    // --- papers and orders

    /// @dev "AC=BD": A, then B and C tied, then D. Letters of a tie in ascending order, the sign before the later ones.
    function ranking(string memory text) internal pure returns (uint256 word) {
        bytes memory letters = bytes(text);
        uint256 shift = 0;
        uint256 tied = 0;
        for (uint256 i = 0; i < letters.length; ++i) {
            if (letters[i] == "=") {
                tied = TIED;
                continue;
            }
            word |= (uint256(uint8(letters[i])) - 64 + tied) << shift;
            (shift, tied) = (shift + 8, 0);
        }
    }

    function list(uint256 one) internal pure returns (uint256[] memory numbers) {
        numbers = new uint256[](1);
        numbers[0] = one;
    }

    function list(uint256 one, uint256 two) internal pure returns (uint256[] memory numbers) {
        numbers = new uint256[](2);
        (numbers[0], numbers[1]) = (one, two);
    }

    function list(uint256 one, uint256 two, uint256 three) internal pure returns (uint256[] memory numbers) {
        numbers = new uint256[](3);
        (numbers[0], numbers[1], numbers[2]) = (one, two, three);
    }

    function list(
        uint256 one,
        uint256 two,
        uint256 three,
        uint256 four
    ) internal pure returns (uint256[] memory numbers) {
        numbers = new uint256[](4);
        (numbers[0], numbers[1], numbers[2], numbers[3]) = (one, two, three, four);
    }

    // --- assertions

    function assertEq(uint256[] memory left, uint256[] memory right, string memory reason) internal pure {
        assertEq(left.length, right.length, string.concat(reason, ": length"));
        for (uint256 i = 0; i < left.length; ++i) {
            assertEq(left[i], right[i], string.concat(reason, ": ", vm.toString(i)));
        }
    }

    function assertResult(
        uint32 ballotId,
        string memory order,
        bool decided,
        bool passed,
        bool tied,
        string memory reason
    ) internal view {
        Result memory result = box.resultOf(ballotId);
        assertEq(result.order, ranking(order), string.concat(reason, ": order"));
        assertTrue(result.decided == decided, string.concat(reason, ": decided"));
        assertTrue(result.passed == passed, string.concat(reason, ": passed"));
        assertTrue(result.tied == tied, string.concat(reason, ": tied"));
    }

    function expectError(bytes4 selector) internal {
        vm.expectRevert(abi.encodeWithSelector(selector));
    }

    function expectError(bytes4 selector, uint256 first) internal {
        vm.expectRevert(abi.encodeWithSelector(selector, first));
    }

    function expectError(bytes4 selector, uint256 first, uint256 second) internal {
        vm.expectRevert(abi.encodeWithSelector(selector, first, second));
    }

    function expectError(bytes4 selector, uint256 first, uint256 second, uint256 third) internal {
        vm.expectRevert(abi.encodeWithSelector(selector, first, second, third));
    }
}

/// @notice The town, new for each test.
abstract contract BallotFixture is BallotTown {
    function setUp() public virtual {
        buildTown();
    }
}
