// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CompactSignature} from "../../authority/CompactSignatures.sol";
import {Signature} from "../../authority/ISigned.sol";
import {ICensus} from "../census/ICensus.sol";
import {ISemaphoreBatchVerifier} from "../proofs/ISemaphoreBatchVerifier.sol";
import {TieRule} from "../rules/TieRules.sol";

/// @notice What a ballot paper says. Each is one word, its payload.
enum BallotKind {
    None,
    /// @dev One option: its number from 0.
    Single,
    /// @dev Any options up to a limit: bit i is option i.
    Approval,
    /// @dev A score for each option up to a limit: byte i is that of option i.
    Score,
    /// @dev Votes for options, of which n cost n * n credits up to a limit: byte i are those for option i.
    Quadratic,
    /// @dev Points shared out up to a limit: 16 bits for each of at most 16 options.
    Points,
    /// @dev Options in order, see {Rankings}.
    Ranked,
    /// @dev Answers to questions, see {SurveyAnswers}.
    Survey
}

/// @notice How an order of the options follows from the papers.
enum Rule {
    /// @dev Most votes, approvals, scores or points first; of a survey there is no order. For all kinds but Ranked.
    MostFirst,
    /// @dev The others are for Ranked alone, see {PairwiseRules} and {InstantRunoff}.
    Borda,
    Minimax,
    Schulze,
    InstantRunoff
}

/// @notice Until when nobody sees what a paper says.
enum Secrecy {
    /// @dev At once seen and counted.
    Public,
    /// @dev Sealed to a key that is released after the close. For anonymous rolls.
    Sealed,
    /// @dev A salted hash that voters reveal after the close. For named rolls of small bodies.
    Committed
}

/// @notice Where a ballot is.
enum BallotState {
    None,
    /// @dev Its census is not frozen yet.
    Published,
    /// @dev Its census is frozen and it has not begun.
    Frozen,
    Open,
    /// @dev Closed, and to be opened, revealed or counted.
    Closed,
    /// @dev It has a result.
    Final,
    /// @dev The clerk took it back before it opened.
    Withdrawn,
    /// @dev It has none and will have none: a segment too small to be anonymous, or a key that was not released.
    Void
}

/// @notice A text of the ballot in one language.
struct TextHash {
    /// @dev BCP 47 tag, such as "de" or "pt-BR".
    bytes8 language;
    /// @dev keccak256 of the text with all options, as UTF-8.
    bytes32 hash;
}

/// @notice Everything about a ballot, frozen when it is published. The contract keeps its hash, so whoever needs more brings
/// it along.
struct BallotTerms {
    /// @dev Roll of the {ICensus}.
    uint32 rollId;
    /// @dev Segments that vote, rising. At most 500; of pairwise rules with more than 9 options fewer, down to 166 with 16.
    uint16[] segments;
    /// @dev People who vote on paper and not here, and whose votes come in protocols; zero: there are none.
    uint32 paperElectorate;
    /// @dev Anonymous rolls: members that each segment must have at least, 3 or more.
    uint32 minAnonymity;
    /// @dev Last second of the census, Unix time. Between publication and then the roll's growth is held down.
    uint40 freezesAt;
    /// @dev First second at which votes count, at least the box's notice after the census.
    uint40 opensAt;
    /// @dev First second at which they no longer do.
    uint40 closesAt;
    /// @dev Last second for the key, for what was committed, and for protocols. At the close, if there is none of them.
    uint40 countsUntil;
    /// @dev Seconds after the result in which it can be objected to, before what it decides is done.
    uint32 objectionPeriod;
    BallotKind kind;
    Rule rule;
    TieRule tieRule;
    Secrecy secrecy;
    /// @dev 2 to 32; at most 16 of Points and of pairwise rules; a survey has none.
    uint8 options;
    /// @dev Single and Approval, with two others at least: whether the last option is blank. It is counted, but wins nothing and is not
    /// part of what others are measured by. Nobody can approve of it and of others.
    bool blankLast;
    /// @dev Whether a voter can vote again, with a higher sequence number, until the close.
    bool revotes;
    /// @dev Approval: most options. Score: highest score, to 255. Quadratic: credits. Points: points. Ranked: most ranks, to 32.
    uint32 limit;
    /// @dev Survey: its questions, see {SurveyAnswers}.
    uint256 form;
    /// @dev Survey: answers that fewer people gave are not shown, see {IBallotBox-answersOf}; 3 or more, or zero: all are.
    uint32 minCell;
    /// @dev Part of the electorate that must have voted, basis points.
    uint16 turnoutBp;
    /// @dev Part of what counts that the winner must have, basis points. Not for ranked ballots, surveys, scores.
    uint16 approvalBp;
    /// @dev Whether that is part of the electorate; else of the papers that are neither blank nor spoilt.
    bool ofElectorate;
    /// @dev Part of the segments in which the winner must be first too, basis points; zero: none.
    uint16 segmentsBp;
    /// @dev Sealed: public key on BN254 to which papers are sealed.
    uint256 sealX;
    uint256 sealY;
    /// @dev At least one, of rising languages.
    TextHash[] texts;
    /// @dev keccak256 of what is done if the first option wins and all quorums are met, see {IBallotExecutor}; zero: nothing.
    bytes32 actionsHash;
}

/// @notice A vote of a named voter (EIP-712 message `Vote`).
struct Vote {
    uint32 ballotId;
    uint16 segment;
    /// @dev Place on the roll.
    uint32 index;
    /// @dev Above that of the vote before; 1 for the first.
    uint32 sequence;
    uint256 payload;
    /// @dev Payload of the vote before, which this one replaces; not signed.
    uint256 previous;
    /// @dev Last second at which it can be cast, Unix time.
    uint40 deadline;
}

/// @notice A vote with the signature of the voter's plain key over {Vote}, and the voter's path in the census.
struct SignedVote {
    uint32 index;
    uint32 sequence;
    uint256 payload;
    uint256 previous;
    uint40 deadline;
    CompactSignature signature;
    bytes32[] path;
}

/// @notice A vote of somebody on an anonymous roll, with the proof that it is of a member and the payload the member's own.
struct AnonymousVote {
    /// @dev The same for all votes of a member in one ballot.
    uint256 nullifier;
    /// @dev Above that of the vote before; 1 for the first.
    uint32 sequence;
    uint256 payload;
    /// @dev Payload of the vote before, which this one replaces.
    uint256 previous;
    /// @dev Groth16 proof, as `points` of Semaphore v4.
    uint256[8] proof;
}

/// @notice A paper sealed to the ballot's key P by hashed ElGamal on BN254, see {SealedPapers}.
struct Envelope {
    /// @dev Point q * G for a random q.
    uint256 x;
    uint256 y;
    /// @dev Payload xor keccak256 of q * P and of who votes where.
    uint256 cipher;
    /// @dev First 64 bits of a hash that only fits the right key.
    uint64 check;
}

/// @notice A sealed vote with its proof, of which the envelope's hash is the message.
struct SealedVote {
    uint256 nullifier;
    uint32 sequence;
    Envelope envelope;
    uint256[8] proof;
}

/// @notice A sealed vote as it was put in.
struct SealedEntry {
    uint256 nullifier;
    uint32 sequence;
    Envelope envelope;
}

/// @notice What a voter committed to.
struct Reveal {
    uint32 index;
    uint256 payload;
    bytes32 salt;
}

/// @notice Equal papers of a protocol.
struct PaperCount {
    uint256 payload;
    uint32 count;
}

/// @notice What a returning officer found in ballot boxes of wood (EIP-712 message `Protocol`, with the entries' hash).
struct PaperProtocol {
    uint32 ballotId;
    uint16 segment;
    /// @dev Papers that are void.
    uint32 spoilt;
    /// @dev keccak256 of the signed original, salted.
    bytes32 documentHash;
    /// @dev Identity of the returning officer.
    address officer;
    uint256 nonce;
    /// @dev Last second at which it can be brought, Unix time.
    uint256 deadline;
}

/// @notice A ballot at a glance.
struct BallotView {
    BallotState state;
    bytes32 termsHash;
    /// @dev People on the roll at the census, in all segments that vote.
    uint32 members;
    /// @dev Segments whose census is frozen.
    uint16 frozenSegments;
    /// @dev Papers in the segments asked for, votes here that stand and those of protocols, and all spoilt ones of protocols.
    uint32 cast;
    /// @dev Papers that say nothing that counts: sealed or revealed ones that are none, and void ones of protocols; once the ballot is
    /// final also committed ones that were not revealed.
    uint32 spoilt;
    /// @dev Papers of protocols, spoilt ones included.
    uint32 onPaper;
}

/// @notice A segment of a ballot.
struct PollView {
    /// @dev Root of the census, all of it for anonymous rolls, see {ICensus-raisedRoot}, and its upper 168 bits for named ones.
    uint256 root;
    /// @dev Running hash of all votes, see {HeadSlots-linked}. Zero where each group has its own, see {IBallotBox-groupOf}.
    uint160 chain;
    /// @dev Papers that were accepted; those in groups from when they are added up.
    uint32 cast;
    /// @dev Sealed votes in the chain, replaced ones included.
    uint32 sealedVotes;
    /// @dev Number of the entry at which opening goes on; committed: votes that were revealed.
    uint32 opened;
}

/// @notice What came of a ballot.
struct Result {
    /// @dev Options, best first: byte i from the low end is the number, plus one, of the option at place i.
    uint256 order;
    /// @dev Whether it has a winner by all quorums and the first option is it, not merely by its number in a tie.
    bool passed;
    /// @dev Whether there is a winner that meets all quorums. There is none if no paper prefers an option to another.
    bool decided;
    /// @dev Whether the tie rule had to choose the winner; in an instant runoff, between the last two. Which of equals left it before,
    /// and so perhaps who wins, is the tie rule's choice too, and is in {IBallotBox-RoundCounted} alone.
    bool tied;
    /// @dev When it was found, Unix time.
    uint40 finalAt;
    /// @dev Until when it can be objected to, Unix time.
    uint40 objectionUntil;
}

/// @notice Why a vote of a batch is left out. Alone it reverts with the error of that name.
enum VoteFault {
    None,
    /// @dev The payload is none that the ballot knows.
    BadPayload,
    /// @dev Voted, and the sequence is not higher, the ballot takes one vote only, or the vote is in another segment.
    StaleSequence,
    /// @dev The previous payload is not the one that stands.
    WrongPrevious,
    Expired,
    BadSignature,
    NotInCensus,
    NullifierOutOfField,
    BadProof
}

/// @title IBallotBox
/// @notice Ballots of a city: everything is frozen when one is published, and once it is open nobody can stop, extend, shorten or
/// hide it. Anybody may bring votes, close, open, count and finish.
/// @dev Votes are of accounts on a named roll, or of people on an anonymous one, who prove by a Semaphore v4 proof that they
/// are on it. Nullifiers are the box's own: nobody can spend one elsewhere. A proof is bound to chain, box, ballot, sequence
/// number and payload, so anybody may relay it and nobody can change or repeat it.
///
/// Not promised: that a voter cannot show how it voted (receipt-freeness). A voter who keeps its secrets can prove its vote to a
/// buyer; voting again until the close is a remedy, not a cure.
interface IBallotBox {
    /// @notice A ballot was published.
    /// @param ballotId Its number, from 1.
    /// @param termsHash keccak256 of the terms, ABI encoded.
    /// @param terms All about it.
    event BallotPublished(uint32 indexed ballotId, bytes32 indexed termsHash, BallotTerms terms);
    /// @notice A ballot was taken back before it opened.
    /// @param ballotId Ballot.
    /// @param reasonHash keccak256 of why.
    event BallotWithdrawn(uint32 indexed ballotId, bytes32 reasonHash);
    /// @notice The census of a segment is frozen.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param root Root of its tree; of an anonymous roll raised to the depth of the proofs, see {ICensus-raisedRoot}.
    /// @param members People on it.
    event CensusFrozen(uint32 indexed ballotId, uint16 indexed segment, uint256 root, uint32 members);
    /// @notice A ballot can take no votes: a segment is too small to be anonymous, or a body too large to commit and reveal.
    /// @param ballotId Ballot.
    /// @param segment The segment with which this was found.
    /// @param members People in it.
    event BallotVoided(uint32 indexed ballotId, uint16 segment, uint32 members);
    /// @notice A ballot has no result, because its key was not released in time.
    /// @param ballotId Ballot.
    event BallotAbandoned(uint32 indexed ballotId);
    /// @notice An account voted, in a public ballot that takes one vote.
    /// @param ballotId Ballot.
    /// @param voter `segment << 32 | index`.
    /// @param payload What the paper says.
    event VoteCast(uint32 indexed ballotId, uint256 indexed voter, uint256 payload);
    /// @notice An anonymous person voted, or somebody voted in a public ballot that takes more votes than one, the first or again.
    /// @param ballotId Ballot.
    /// @param voter Named: `segment << 32 | index`. Anonymous: the nullifier.
    /// @param ballot Sequence number in the upper 32 bits of a word, and segment in the 16 below.
    /// @param payload What the paper says.
    event VoteRecorded(uint32 indexed ballotId, uint256 indexed voter, uint256 ballot, uint256 payload);
    /// @notice Somebody put a sealed paper in, or another one.
    /// @param ballotId Ballot.
    /// @param nullifier Who.
    /// @param segment Segment.
    /// @param sequence Sequence number.
    /// @param envelope The paper.
    event VoteSealed(
        uint32 indexed ballotId,
        uint256 indexed nullifier,
        uint16 indexed segment,
        uint32 sequence,
        Envelope envelope
    );
    /// @notice A member of a small body committed to its vote, or to another one.
    /// @param ballotId Ballot.
    /// @param voter `segment << 32 | index`.
    /// @param sequence Sequence number.
    /// @param commitment Salted hash of the paper.
    event VoteCommitted(uint32 indexed ballotId, uint256 indexed voter, uint32 sequence, bytes32 commitment);
    /// @notice A vote of a batch was left out.
    /// @param ballotId Ballot.
    /// @param voter As in {VoteRecorded}.
    /// @param sequence Its sequence number.
    /// @param fault What is wrong with it.
    event VoteRejected(uint32 indexed ballotId, uint256 indexed voter, uint32 sequence, VoteFault fault);
    /// @notice A returning officer's protocol was counted.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param officer Identity of the officer.
    /// @param papers Papers that count.
    /// @param spoilt Papers that do not.
    /// @param documentHash keccak256 of the signed original, salted.
    /// @param entries Equal papers.
    event ProtocolRecorded(
        uint32 indexed ballotId,
        uint16 indexed segment,
        address indexed officer,
        uint32 papers,
        uint32 spoilt,
        bytes32 documentHash,
        PaperCount[] entries
    );
    /// @notice The key of a sealed ballot is known.
    /// @param ballotId Ballot.
    /// @param key The scalar.
    event KeyReleased(uint32 indexed ballotId, uint256 key);
    /// @notice A committed paper was revealed and counted.
    /// @param ballotId Ballot.
    /// @param voter As in {VoteRecorded}.
    /// @param payload What it says.
    /// @param salt What it was hidden with, so that everybody can compare it with the commitment.
    /// @param valid Whether it counts; if not it is spoilt.
    event VoteRevealed(uint32 indexed ballotId, uint256 indexed voter, uint256 payload, bytes32 salt, bool valid);
    /// @notice Sealed papers were opened and counted, in the order in which they were put in.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param firstEntry Number of the first. The others are the next ones that were not replaced.
    /// @param nextEntry Number of the entry at which opening goes on.
    /// @param payloads What they say; zero, if one is not sealed as it should be.
    /// @param spoilt Bit i of word i >> 8 is set if paper i does not count.
    event VotesOpened(
        uint32 indexed ballotId,
        uint16 indexed segment,
        uint32 firstEntry,
        uint32 nextEntry,
        uint256[] payloads,
        uint256[] spoilt
    );
    /// @notice Somebody counted a round of an instant runoff.
    /// @param ballotId Ballot.
    /// @param counter Who.
    /// @param round Number, from 1.
    /// @param eliminated Option that leaves; 255: none, the count is over.
    /// @param tied Whether the tie rule had to choose which one.
    /// @param tallies Papers for each option, those that left included as zero.
    event RoundCounted(
        uint32 indexed ballotId,
        address indexed counter,
        uint8 round,
        uint8 eliminated,
        bool tied,
        uint32[] tallies
    );
    /// @notice It was settled which block's hash decides ties.
    /// @param ballotId Ballot.
    /// @param blockNumber The block, which is to come.
    event LotAnnounced(uint32 indexed ballotId, uint256 blockNumber);
    /// @notice The lot that decides ties is drawn.
    /// @param ballotId Ballot.
    /// @param seed Seed of the lots, see {TieRules}.
    event LotDrawn(uint32 indexed ballotId, bytes32 seed);
    /// @notice A ballot has a result.
    /// @param ballotId Ballot.
    /// @param result It.
    /// @param tallies What each option has, in the unit of the rule, see {IBallotBox-resultOf}.
    event ResultFinal(uint32 indexed ballotId, Result result, uint256[] tallies);

    /// @notice There is no such ballot.
    /// @param ballotId Number given.
    error BallotBoxUnknownBallot(uint32 ballotId);
    /// @notice The ballot is in another state.
    /// @param ballotId Ballot.
    /// @param state Its state.
    error BallotBoxWrongState(uint32 ballotId, BallotState state);
    /// @notice These are not the ballot's terms.
    /// @param ballotId Ballot.
    /// @param termsHash Hash of what was given.
    error BallotBoxOtherTerms(uint32 ballotId, bytes32 termsHash);
    /// @notice Kind, rule, secrecy and roll do not go together.
    /// @param kind Kind.
    /// @param rule Rule.
    /// @param secrecy Secrecy.
    error BallotBoxBadCombination(BallotKind kind, Rule rule, Secrecy secrecy);
    /// @notice A number of options that there cannot be.
    /// @param options Number given.
    /// @param limit Most.
    error BallotBoxBadOptions(uint8 options, uint8 limit);
    /// @notice A limit, form or quorum out of range.
    /// @param value Value given.
    /// @param limit Greatest.
    error BallotBoxOutOfRange(uint256 value, uint256 limit);
    /// @notice Times that do not follow on each other, or with too little time between them.
    /// @param time The one that is too early or too late.
    /// @param bound Earliest or latest.
    error BallotBoxBadTimes(uint256 time, uint256 bound);
    /// @notice No segments, too many, not rising, or one that the roll does not have.
    /// @param segment Segment, or their number.
    /// @param limit What it must be below.
    error BallotBoxBadSegments(uint256 segment, uint256 limit);
    /// @notice No texts, or their languages do not rise, or one has no hash.
    /// @param number How manieth.
    error BallotBoxBadTexts(uint256 number);
    /// @notice The point is not on the curve, or the one at infinity.
    /// @param x Coordinate.
    /// @param y Coordinate.
    error BallotBoxBadKey(uint256 x, uint256 y);
    /// @notice The anonymity set may not be so small.
    /// @param members Members asked for.
    /// @param least Least.
    error BallotBoxAnonymityTooSmall(uint256 members, uint256 least);
    /// @notice There are too many voters for the counters, or for a body that commits and reveals.
    /// @param voters Voters.
    /// @param limit Most.
    error BallotBoxTooManyVoters(uint256 voters, uint256 limit);
    /// @notice The tree of the roll is deeper than proofs can be.
    /// @param depth Its levels.
    /// @param limit Levels of the verifier.
    error BallotBoxCensusTooDeep(uint256 depth, uint256 limit);
    /// @notice The segment does not vote, or is not frozen.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    error BallotBoxUnknownSegment(uint32 ballotId, uint16 segment);
    /// @notice The ballot is not open.
    /// @param opensAt When it opens.
    /// @param closesAt When it closes.
    /// @param timestamp Time of the call.
    error BallotBoxNotOpen(uint256 opensAt, uint256 closesAt, uint256 timestamp);
    /// @notice Votes of this ballot are cast in another way.
    /// @param ballotId Ballot.
    error BallotBoxWrongWay(uint32 ballotId);
    /// @notice The payload is none that the ballot knows.
    /// @param payload Payload given.
    error BallotBoxBadPayload(uint256 payload);
    /// @notice The voter voted, with the same sequence number or a higher one, in a ballot that takes one vote only, or in another
    /// segment. Or the sequence number is zero.
    /// @param voter As in {VoteRecorded}.
    /// @param sequence Sequence number given.
    /// @param latest The one that stands.
    error BallotBoxStaleSequence(uint256 voter, uint32 sequence, uint32 latest);
    /// @notice The previous payload is not the one that stands.
    /// @param voter As in {VoteRecorded}.
    /// @param previous Payload given.
    error BallotBoxWrongPrevious(uint256 voter, uint256 previous);
    /// @notice The vote came after its deadline.
    /// @param deadline Last second.
    /// @param timestamp Time of the call.
    error BallotBoxExpired(uint256 deadline, uint256 timestamp);
    /// @notice The account is not on the roll at that place.
    /// @param segment Segment.
    /// @param index Place.
    /// @param account Account.
    error BallotBoxNotInCensus(uint16 segment, uint32 index, address account);
    /// @notice The nullifier is no element of the field, so that it would be another name of one that is.
    /// @param nullifier Nullifier given.
    error BallotBoxNullifierOutOfField(uint256 nullifier);
    /// @notice The proof is not one for this vote in this ballot.
    /// @param nullifier Nullifier given.
    error BallotBoxBadProof(uint256 nullifier);
    /// @notice No items, or too many in one call.
    /// @param count Items given.
    /// @param limit Most.
    error BallotBoxBadList(uint256 count, uint256 limit);
    /// @notice A protocol counts more papers than there are people who vote on paper.
    /// @param papers Papers with this protocol.
    /// @param limit Most.
    error BallotBoxTooManyPapers(uint256 papers, uint256 limit);
    /// @notice The officer holds no current credential.
    /// @param officer Identity given.
    error BallotBoxNotOfficer(address officer);
    /// @notice Too early.
    /// @param time When it can be done.
    /// @param timestamp Time of the call.
    error BallotBoxTooEarly(uint256 time, uint256 timestamp);
    /// @notice Too late.
    /// @param time Last time at which it could be done.
    /// @param timestamp Time of the call.
    error BallotBoxTooLate(uint256 time, uint256 timestamp);
    /// @notice The scalar does not belong to the ballot's key, or the key is released already.
    /// @param key Scalar given.
    error BallotBoxWrongKey(uint256 key);
    /// @notice The entry is not the next one that stands, or not as it was put in.
    /// @param nullifier Whose it is said to be.
    /// @param next Number of the entry that is next.
    error BallotBoxWrongEntry(uint256 nullifier, uint32 next);
    /// @notice What is revealed is not what was committed to, or was revealed before.
    /// @param voter As in {VoteRecorded}.
    error BallotBoxWrongReveal(uint256 voter);
    /// @notice There is something to open, reveal, record, add up or count before.
    /// @param ballotId Ballot.
    /// @param counted Papers, sealed entries or groups that were.
    /// @param cast Those that there are.
    error BallotBoxNotCounted(uint32 ballotId, uint256 counted, uint256 cast);
    /// @notice The lot that decides ties is not drawn yet.
    /// @param blockNumber The block whose hash it needs; zero: none was announced.
    error BallotBoxNoLot(uint256 blockNumber);
    /// @notice Nothing would change.
    error BallotBoxUnchanged();

    // --- life

    /// @notice Publishes a ballot and gives notice to its roll. Only BALLOT_CLERK.
    /// @param terms All about it.
    /// @return ballotId Its number.
    function publish(BallotTerms calldata terms) external returns (uint32 ballotId);

    /// @notice Takes a ballot back before its first second. Only BALLOT_CLERK.
    /// @param ballotId Ballot.
    /// @param terms Its terms.
    /// @param reasonHash keccak256 of why.
    function withdraw(uint32 ballotId, BallotTerms calldata terms, bytes32 reasonHash) external;

    /// @notice Writes down the census of the next segments, as it was at the time announced. Anybody, at any time after that, with
    /// the same outcome. Nobody votes before it is done; accounts of a ballot that takes one vote wait for their own segment alone.
    /// @param ballotId Ballot.
    /// @param terms Its terms.
    /// @param count How many segments, at most those that are left.
    function freeze(uint32 ballotId, BallotTerms calldata terms, uint256 count) external;

    // --- votes of accounts

    /// @notice Votes as the caller, in a public ballot of a named roll that takes one vote.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param index The caller's place on the roll.
    /// @param payload What the paper says.
    /// @param path Siblings of the caller's leaf, from below.
    function vote(uint32 ballotId, uint16 segment, uint32 index, uint256 payload, bytes32[] calldata path) external;

    /// @notice Votes for who signed, or the caller for itself, in any public ballot of a named roll; replaces an earlier vote
    /// where the ballot allows it.
    /// @param vote_ The vote.
    /// @param voter Account on the roll.
    /// @param signature Its signature; empty if the voter calls.
    /// @param path Siblings of the voter's leaf, from below.
    function voteBySig(
        Vote calldata vote_,
        address voter,
        Signature calldata signature,
        bytes32[] calldata path
    ) external;

    /// @notice Votes for many who signed with plain keys. Anybody may bring them. What is wrong with one leaves it out and stops
    /// no other.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param votes At most 256.
    /// @return accepted How many were cast.
    function voteMany(uint32 ballotId, uint16 segment, SignedVote[] calldata votes) external returns (uint256 accepted);

    // --- votes of anonymous people

    /// @notice Casts an anonymous vote in a public ballot. Anybody, for whoever made the proof.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param vote_ Vote and proof.
    function voteAnonymously(uint32 ballotId, uint16 segment, AnonymousVote calldata vote_) external;

    /// @notice Casts many anonymous votes, whose proofs are checked together. Anybody may bring them. What is wrong with one
    /// leaves it out and stops no other.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param votes At most 100.
    /// @return accepted How many were cast.
    function voteAnonymouslyMany(
        uint32 ballotId,
        uint16 segment,
        AnonymousVote[] calldata votes
    ) external returns (uint256 accepted);

    // --- votes that nobody sees

    /// @notice Puts a sealed paper in. Anybody, for whoever made the proof.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param vote_ Paper and proof.
    function voteSealed(uint32 ballotId, uint16 segment, SealedVote calldata vote_) external;

    /// @notice Puts many sealed papers in, see {voteAnonymouslyMany}. Anybody may bring them.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param votes At most 100.
    /// @return accepted How many were put in.
    function voteSealedMany(
        uint32 ballotId,
        uint16 segment,
        SealedVote[] calldata votes
    ) external returns (uint256 accepted);

    /// @notice Commits to a vote, for who signed or as the caller. In a committed vote the payload is the commitment: the hash of
    /// {commitmentOf}.
    /// @param vote_ The vote; previous is not looked at.
    /// @param voter Account on the roll.
    /// @param signature Its signature; empty if the voter calls.
    /// @param path Siblings of the voter's leaf, from below.
    function commit(Vote calldata vote_, address voter, Signature calldata signature, bytes32[] calldata path) external;

    /// @notice Releases the key of a sealed ballot, from its close to the end of its count. Anybody who knows it.
    /// @param ballotId Ballot.
    /// @param terms Its terms.
    /// @param key The scalar whose point is the ballot's key.
    function releaseKey(uint32 ballotId, BallotTerms calldata terms, uint256 key) external;

    /// @notice Opens and counts the next sealed papers of a segment. Anybody, once the key is released.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param entries The next votes that stand, in the order in which they were put in. At most 1,000. Those that were replaced in between
    /// are passed over; if none is given, they alone, up to 1,048,576.
    function open(uint32 ballotId, uint16 segment, SealedEntry[] calldata entries) external;

    /// @notice Reveals and counts what was committed to, from the close to the end of the count. Anybody who knows it.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param reveals At most 250.
    function reveal(uint32 ballotId, uint16 segment, Reveal[] calldata reveals) external;

    // --- paper

    /// @notice Counts what was voted on paper, as a returning officer signed it. Anybody may bring it, from the opening to the end
    /// of the count.
    /// @param protocol The protocol.
    /// @param entries Equal papers, at most 500.
    /// @param signature Signature of the owner of the officer's identity.
    function recordProtocol(
        PaperProtocol calldata protocol,
        PaperCount[] calldata entries,
        Signature calldata signature
    ) external;

    // --- result

    /// @notice Adds up the votes of accounts that vote once, in groups of 64. Anybody, after the close. For public ballots of kind
    /// Single with at most four options; there is nothing to add up in others.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param groups How many, at most.
    /// @return left Groups that are left.
    function addUp(uint32 ballotId, uint16 segment, uint256 groups) external returns (uint256 left);

    /// @notice Draws the lot that decides ties, of a ballot whose tie rule is one. Anybody, when everything is opened: the first call
    /// announces a block to come, one after that block takes its hash. Who lets 256 blocks pass in between begins anew.
    /// @param ballotId Ballot.
    /// @param terms Its terms.
    function drawLot(uint32 ballotId, BallotTerms calldata terms) external;

    /// @notice Counts on in an instant runoff. Anybody, when all papers are counted. Each caller has a count of its own, so that nobody can
    /// lead another's astray; the first that comes to an end is the ballot's.
    /// @param ballotId Ballot.
    /// @param terms Its terms.
    /// @param rankings The next different rankings that were cast, rising, see {InstantRunoff}. At most 4,000.
    function countRounds(uint32 ballotId, BallotTerms calldata terms, uint256[] calldata rankings) external;

    /// @notice Finds the result. Anybody, when everything is counted.
    /// @param ballotId Ballot.
    /// @param terms Its terms.
    function finalise(uint32 ballotId, BallotTerms calldata terms) external;

    /// @notice Ends a ballot whose key was not released in time. Anybody. Not one in which nothing was sealed: it can be finalised.
    /// @param ballotId Ballot.
    /// @param terms Its terms.
    function abandon(uint32 ballotId, BallotTerms calldata terms) external;

    // --- views

    /// @notice A ballot at a glance.
    /// @param ballotId Ballot.
    /// @param segments Segments whose papers are to be added up, at will.
    /// @return ballot It.
    function ballotOf(uint32 ballotId, uint16[] calldata segments) external view returns (BallotView memory ballot);

    /// @notice A segment of a ballot.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @return poll It.
    function pollOf(uint32 ballotId, uint16 segment) external view returns (PollView memory poll);

    /// @notice Votes of 64 accounts that vote once, see {IBallotBox-addUp}.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param group Number: place on the roll divided by 64.
    /// @return voted A bit for each that has voted.
    /// @return votes Votes for each of four options.
    /// @return chain Running hash of their votes.
    function groupOf(
        uint32 ballotId,
        uint16 segment,
        uint256 group
    ) external view returns (uint64 voted, uint8[4] memory votes, uint160 chain);

    /// @notice Whether a member of a named roll has voted.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param index Place on the roll.
    /// @return voted True if so.
    function hasVoted(uint32 ballotId, uint16 segment, uint32 index) external view returns (bool voted);

    /// @notice The vote of somebody that stands.
    /// @param ballotId Ballot.
    /// @param voter As in {VoteRecorded}.
    /// @return sequence Its sequence number; zero: none, or a ballot of a named roll that takes one vote, see {hasVoted}.
    /// @return entry Number of its envelope among the segment's, from 0; for other votes zero.
    /// @return payloadHash Upper 176 bits of keccak256 of the payload, or of the envelope.
    function receiptOf(
        uint32 ballotId,
        uint256 voter
    ) external view returns (uint32 sequence, uint32 entry, uint176 payloadHash);

    /// @notice What each option has in a segment, as counted so far.
    /// @param ballotId Ballot.
    /// @param terms Its terms.
    /// @param segment Segment.
    /// @return tallies Votes, approvals, scores or points for each option. Ranked: pairwise matrix, row by row; none for an instant runoff,
    /// whose papers are in {rankingCountOf}.
    function talliesOf(
        uint32 ballotId,
        BallotTerms calldata terms,
        uint16 segment
    ) external view returns (uint256[] memory tallies);

    /// @notice Papers with a ranking, of an instant runoff.
    /// @param ballotId Ballot.
    /// @param ranking The ranking.
    /// @return count How many.
    function rankingCountOf(uint32 ballotId, uint256 ranking) external view returns (uint32 count);

    /// @notice Answers to a question of a survey in all segments, without those that fewer people gave than are shown.
    /// @dev Who reads the votes can count for himself: this keeps small cells out of what is published, not out of the chain.
    /// @param ballotId Ballot.
    /// @param terms Its terms.
    /// @param question Number of the question, from 0.
    /// @return cells People for each answer; of a number: how many gave one, and their sum. Hidden ones are zero.
    /// @return hidden Bit i is set if cell i is hidden.
    function answersOf(
        uint32 ballotId,
        BallotTerms calldata terms,
        uint256 question
    ) external view returns (uint256[] memory cells, uint256 hidden);

    /// @notice What came of a ballot.
    /// @param ballotId Ballot.
    /// @return result It; all zero as long as there is none.
    function resultOf(uint32 ballotId) external view returns (Result memory result);

    /// @notice What a voter commits to.
    /// @param ballotId Ballot.
    /// @param segment Segment.
    /// @param index Place on the roll.
    /// @param payload What the paper says.
    /// @param salt 32 random bytes.
    /// @return commitment The hash.
    function commitmentOf(
        uint32 ballotId,
        uint16 segment,
        uint32 index,
        uint256 payload,
        bytes32 salt
    ) external view returns (bytes32 commitment);

    /// @notice Scope of the proofs of a ballot, before Semaphore hashes it.
    /// @param ballotId Ballot.
    /// @return scope keccak256 of "BALLOT_SCOPE_V1", chain id, this contract and the ballot.
    function scopeOf(uint32 ballotId) external view returns (uint256 scope);

    /// @notice The rolls.
    /// @return census_ The contract.
    function census() external view returns (ICensus census_);

    /// @notice Who checks proofs.
    /// @return verifier_ The contract.
    function verifier() external view returns (ISemaphoreBatchVerifier verifier_);

    /// @notice Seconds from a census to the opening, at least.
    /// @return notice How many.
    function noticePeriod() external view returns (uint32 notice);
}
