// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    BallotKind,
    BallotState,
    BallotTerms,
    Envelope,
    IBallotBox,
    PaperCount,
    Rule,
    Secrecy
} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {Rankings} from "../../../../contracts/participation/rules/Rankings.sol";

/// @notice Ballots in plain lists: who voted what, in which order. It says before each call whether it must go, and which events
/// must come of it; counts and running hashes are made from the lists, whole, each time anybody asks.
abstract contract BallotTwin {
    /// @dev The vote of somebody that stands.
    struct Standing {
        uint16 segment;
        uint32 sequence;
        /// @dev What the paper says; of sealed ones too.
        uint256 payload;
        /// @dev Hash of what was put in, payload, envelope or commitment.
        bytes32 hash;
        /// @dev Sealed: number of its entry, what was put in, and whether it opens.
        uint32 entry;
        Envelope envelope;
        bool intact;
        /// @dev Committed: salt, and whether it was revealed.
        bytes32 salt;
        bool revealed;
    }

    struct TwinBallot {
        bytes terms;
        BallotState ended;
        bool named;
        uint256 frozen;
        bool released;
        bool runoff;
        uint256 onPaper;
        uint256 spoiltOnPaper;
        uint256 concealed;
    }

    struct TwinPoll {
        uint256[] voters;
        uint160 chain;
        /// @dev Whose each envelope is.
        uint256[] entries;
        uint256 opened;
        bool addedUp;
        uint256[] papers;
        uint256[] counts;
    }

    mapping(uint32 id => TwinBallot) internal ballots;
    mapping(uint256 poll => TwinPoll) internal polls;
    mapping(uint32 id => mapping(uint256 voter => Standing)) internal votes;
    /// @dev Events that the call to come must make, hashed.
    bytes32[] internal expected;

    // --- terms and times

    function termsIn(uint32 id) internal view returns (BallotTerms memory terms) {
        return abi.decode(ballots[id].terms, (BallotTerms));
    }

    function pollIn(uint32 id, uint16 segment) internal view returns (TwinPoll storage poll) {
        return polls[(uint256(id) << 16) | segment];
    }

    function twinState(uint32 id, BallotTerms memory terms) internal view returns (BallotState state) {
        TwinBallot storage ballot = ballots[id];
        if (ballot.ended != BallotState.None) return ballot.ended;
        if (ballot.frozen < terms.segments.length) return BallotState.Published;
        if (block.timestamp < terms.opensAt) return BallotState.Frozen;
        return block.timestamp < terms.closesAt ? BallotState.Open : BallotState.Closed;
    }

    function isGroup(uint32 id, BallotTerms memory terms) internal view returns (bool) {
        return
            ballots[id].named &&
            terms.kind == BallotKind.Single &&
            terms.secrecy == Secrecy.Public &&
            !terms.revotes &&
            terms.options <= 4;
    }

    /// @dev What is wrong with voting in a segment now, whatever the vote is; zero: nothing. `alone`: in the way that waits
    /// for its own segment only.
    function faultOfTime(
        uint32 id,
        BallotTerms memory terms,
        uint16 segment,
        bool alone
    ) internal view returns (bytes4 fault) {
        TwinBallot storage ballot = ballots[id];
        if (ballot.ended == BallotState.Withdrawn || ballot.frozen <= segment) {
            return IBallotBox.BallotBoxUnknownSegment.selector;
        }
        if (block.timestamp < terms.opensAt || block.timestamp >= terms.closesAt) {
            return IBallotBox.BallotBoxNotOpen.selector;
        }
        if (!alone && ballot.frozen < terms.segments.length) return IBallotBox.BallotBoxWrongState.selector;
    }

    // --- votes

    function isStale(
        uint32 id,
        BallotTerms memory terms,
        uint16 segment,
        uint256 voter,
        uint32 sequence
    ) internal view returns (bool stale) {
        Standing storage vote = votes[id][voter];
        if (sequence <= vote.sequence) return true;
        return vote.sequence != 0 && (!terms.revotes || vote.segment != segment);
    }

    function noteVote(uint32 id, uint16 segment, uint256 voter, uint32 sequence, bytes32 paper, bytes32 hash) internal {
        TwinPoll storage poll = pollIn(id, segment);
        Standing storage vote = votes[id][voter];
        if (vote.sequence == 0) poll.voters.push(voter);
        (vote.segment, vote.sequence, vote.hash) = (segment, sequence, hash);
        bytes32 link = keccak256(abi.encode(voter, sequence, paper));
        poll.chain = uint160(uint256(keccak256(abi.encode(poll.chain, link))) >> 96);
    }

    function notePublic(
        uint32 id,
        BallotTerms memory terms,
        uint16 segment,
        uint256 voter,
        uint32 sequence,
        uint256 payload
    ) internal {
        noteVote(id, segment, voter, sequence, bytes32(payload), keccak256(abi.encode(payload)));
        votes[id][voter].payload = payload;
        if (ballots[id].named && !terms.revotes) {
            expect(IBallotBox.VoteCast.selector, id, bytes32(voter), abi.encode(payload));
        } else {
            uint256 ballot = (uint256(sequence) << 224) | (uint256(segment) << 208);
            expect(IBallotBox.VoteRecorded.selector, id, bytes32(voter), abi.encode(ballot, payload));
        }
    }

    function expect(bytes32 topic, uint32 id, bytes32 second, bytes memory data) internal {
        bytes32[] memory topics = new bytes32[](3);
        (topics[0], topics[1], topics[2]) = (topic, bytes32(uint256(id)), second);
        expected.push(keccak256(abi.encode(topics, data)));
    }

    function expect(bytes32 topic, uint32 id, bytes32 second, bytes32 third, bytes memory data) internal {
        bytes32[] memory topics = new bytes32[](4);
        (topics[0], topics[1], topics[2], topics[3]) = (topic, bytes32(uint256(id)), second, third);
        expected.push(keccak256(abi.encode(topics, data)));
    }

    // --- counts

    /// @dev What each option of a segment has, by all papers that count.
    function talliesIn(
        uint32 id,
        BallotTerms memory terms,
        uint16 segment
    ) internal view returns (uint256[] memory tallies, uint256 spoilt) {
        TwinPoll storage poll = pollIn(id, segment);
        uint256 options = terms.options;
        tallies = new uint256[](terms.kind == BallotKind.Ranked ? options * options : options);
        bool counts = !isGroup(id, terms) || poll.addedUp;
        for (uint256 i = 0; counts && i < poll.voters.length; ++i) {
            Standing storage vote = votes[id][poll.voters[i]];
            if (terms.secrecy == Secrecy.Sealed && vote.entry >= poll.opened) continue;
            if (terms.secrecy == Secrecy.Committed && !vote.revealed) continue;
            if ((terms.secrecy == Secrecy.Sealed && !vote.intact) || !isGood(terms, vote.payload)) ++spoilt;
            else count(terms, tallies, vote.payload, 1);
        }
        for (uint256 i = 0; i < poll.papers.length; ++i) count(terms, tallies, poll.papers[i], poll.counts[i]);
        if (terms.rule == Rule.InstantRunoff) tallies = new uint256[](0);
    }

    function castIn(uint32 id, BallotTerms memory terms, uint16 segment) internal view returns (uint256 cast) {
        TwinPoll storage poll = pollIn(id, segment);
        if (!isGroup(id, terms) || poll.addedUp) cast = poll.voters.length;
        for (uint256 i = 0; i < poll.counts.length; ++i) cast += poll.counts[i];
    }

    /// @dev Papers of both segments with a ranking.
    function countOfRanking(
        uint32 id,
        BallotTerms memory terms,
        uint256 ranking
    ) internal view returns (uint256 found) {
        for (uint256 s = 0; s < terms.segments.length; ++s) {
            uint256[] storage voters = pollIn(id, terms.segments[s]).voters;
            for (uint256 i = 0; i < voters.length; ++i) if (votes[id][voters[i]].payload == ranking) ++found;
        }
    }

    function count(BallotTerms memory terms, uint256[] memory tallies, uint256 payload, uint256 papers) internal pure {
        uint256 options = terms.options;
        for (uint256 i = 0; i < options; ++i) {
            if (terms.kind == BallotKind.Single) {
                if (payload == i) tallies[i] += papers;
            } else if (terms.kind == BallotKind.Approval) {
                if ((payload >> i) & 1 == 1) tallies[i] += papers;
            } else if (terms.kind == BallotKind.Points) {
                tallies[i] += ((payload >> (16 * i)) % 65_536) * papers;
            } else if (terms.kind != BallotKind.Ranked) {
                tallies[i] += ((payload >> (8 * i)) % 256) * papers;
            } else {
                for (uint256 j = 0; j < options; ++j) {
                    if (placeOf(payload, i) < placeOf(payload, j)) tallies[i * options + j] += papers;
                }
            }
        }
    }

    /// @dev Place of an option in a ranking, the same for tied ones; those that are not listed are last.
    function placeOf(uint256 ranking, uint256 option) internal pure returns (uint256 place) {
        for (uint256 i = 0; ranking != 0; ++i) {
            uint256 entry = ranking % 256;
            if (entry < 128) place = i;
            if (entry % 128 == option + 1) return place;
            ranking /= 256;
        }
        return 99;
    }

    function isGood(BallotTerms memory terms, uint256 payload) internal pure returns (bool good) {
        uint256 options = terms.options;
        if (terms.kind == BallotKind.Single) return payload < options;
        if (terms.kind == BallotKind.Ranked) {
            bool ties = terms.rule != Rule.InstantRunoff;
            uint256 length = 0;
            while (payload >> (8 * length) != 0) ++length;
            return uint256(Rankings.faultOf(payload, options, ties)) == 0 && length <= terms.limit;
        }
        uint256 width =
            terms.kind == BallotKind.Approval
                ? 1
                : terms.kind == BallotKind.Points
                    ? 16
                    : 8;
        if (payload >> (width * options) != 0) return false;
        uint256 sum = 0;
        uint256 highest = 0;
        for (uint256 i = 0; i < options; ++i) {
            uint256 value = (payload >> (width * i)) % (1 << width);
            sum += terms.kind == BallotKind.Quadratic ? value * value : value;
            if (value > highest) highest = value;
        }
        return (terms.kind == BallotKind.Score ? highest : sum) <= terms.limit;
    }

    function noteProtocol(uint32 id, uint16 segment, PaperCount[] memory entries, uint32 spoilt) internal {
        TwinPoll storage poll = pollIn(id, segment);
        TwinBallot storage ballot = ballots[id];
        for (uint256 i = 0; i < entries.length; ++i) {
            poll.papers.push(entries[i].payload);
            poll.counts.push(entries[i].count);
            ballot.onPaper += entries[i].count;
        }
        ballot.onPaper += spoilt;
        ballot.spoiltOnPaper += spoilt;
    }
}
