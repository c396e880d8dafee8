// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CompactSignature} from "../../../../contracts/authority/CompactSignatures.sol";
import {Roles} from "../../../../contracts/authority/Roles.sol";
import {Signature} from "../../../../contracts/authority/ISigned.sol";
import {
    AnonymousVote,
    BallotKind,
    BallotState,
    BallotTerms,
    BallotView,
    Envelope,
    IBallotBox,
    PaperCount,
    PaperProtocol,
    PollView,
    Result,
    Reveal,
    Rule,
    SealedEntry,
    SealedVote,
    Secrecy,
    SignedVote,
    Vote,
    VoteFault
} from "../../../../contracts/participation/ballots/IBallotBox.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";
import {Vm} from "../../utils/Vm.sol";
import {BallotTwin} from "./BallotTwin.sol";
import {MaskedTown} from "./SecretFixture.sol";

/// @notice Drives a box with ballots of every way and most kinds, in two segments, with voters, relayers, officers, meddlers and
/// a clock. Before each call the twin says whether it must go, with which error not, and which events it must make, word by word.
contract BallotsHandler is MaskedTown, BallotTwin {
    /// @dev A call that is being put together.
    struct Turn {
        uint32 id;
        uint16 segment;
        BallotTerms terms;
        uint256 draw;
        uint256 voter;
        uint32 index;
        uint32 sequence;
        uint256 payload;
        uint256 previous;
    }

    uint32 internal constant BALLOTS = 12;
    uint256 internal constant PERSONS = 8;
    uint256 internal constant ELECTORATE = 6;
    /// @dev The ballot whose key is never released.
    uint32 internal constant KEYLESS = 12;
    bytes4 private constant FINE = 0;

    uint256 internal steps;
    string public broken;
    mapping(string act => uint256 count) public done;
    mapping(string act => uint256 count) public refused;
    mapping(uint32 id => bytes32 hash) private _results;
    uint32 private _touched = 1;

    constructor() {
        buildTown();
        box = deployBox(10 minutes);
        bytes4[] memory acts = new bytes4[](2);
        (acts[0], acts[1]) = (IBallotBox.publish.selector, IBallotBox.withdraw.selector);
        manager.setTargetFunctionRole(address(box), acts, Roles.BALLOT_CLERK);
        for (uint16 segment = 0; segment < 2; ++segment) {
            rolls.setSegment(ANONYMOUS, segment, anonymousRootOf(segment), uint32(PERSONS));
        }
        _publish(true, BallotKind.Single, Rule.MostFirst, 3, 0, Secrecy.Public, false, true);
        _publish(true, BallotKind.Approval, Rule.MostFirst, 5, 3, Secrecy.Public, false, false);
        _publish(true, BallotKind.Single, Rule.MostFirst, 6, 0, Secrecy.Public, true, true);
        _publish(true, BallotKind.Ranked, Rule.Schulze, 4, 4, Secrecy.Public, true, false);
        _publish(true, BallotKind.Quadratic, Rule.MostFirst, 3, 30, Secrecy.Public, true, true);
        _publish(false, BallotKind.Single, Rule.MostFirst, 4, 0, Secrecy.Public, true, true);
        _publish(false, BallotKind.Score, Rule.MostFirst, 3, 9, Secrecy.Public, false, false);
        _publish(false, BallotKind.Ranked, Rule.InstantRunoff, 4, 4, Secrecy.Public, true, false);
        _publish(false, BallotKind.Single, Rule.MostFirst, 4, 0, Secrecy.Sealed, true, true);
        _publish(false, BallotKind.Points, Rule.MostFirst, 3, 20, Secrecy.Sealed, true, false);
        _publish(true, BallotKind.Single, Rule.MostFirst, 3, 0, Secrecy.Committed, true, false);
        _publish(false, BallotKind.Approval, Rule.MostFirst, 4, 4, Secrecy.Sealed, false, false);
    }

    function _publish(
        bool named,
        BallotKind kind,
        Rule rule,
        uint8 options,
        uint32 limit,
        Secrecy secrecy,
        bool revotes,
        bool paper
    ) private {
        BallotTerms memory terms = named ? plainTerms() : anonymousTerms();
        terms.segments = segmentsTo(2);
        (terms.kind, terms.rule, terms.options, terms.limit) = (kind, rule, options, limit);
        (terms.secrecy, terms.revotes) = (secrecy, revotes);
        terms.blankLast = named && kind == BallotKind.Approval;
        if (secrecy == Secrecy.Sealed) (terms.sealX, terms.sealY) = pointOf(SEAL_KEY);
        if (paper) terms.paperElectorate = uint32(ELECTORATE);
        uint40 number = uint40(_count());
        terms.freezesAt = uint40(EPOCH + 1 minutes);
        terms.opensAt = uint40(EPOCH + 12 minutes) + number * 2 minutes;
        terms.closesAt = terms.opensAt + 80 minutes + number * 5 minutes;
        terms.countsUntil = terms.closesAt + 1 hours;
        uint32 id = publish(terms);
        (ballots[id].terms, ballots[id].named) = (abi.encode(terms), named);
    }

    function _count() private view returns (uint256 count_) {
        while (ballots[uint32(count_ + 1)].terms.length != 0) ++count_;
    }

    modifier step() {
        ++steps;
        _;
        string memory difference = differenceOf(_touched);
        if (bytes(difference).length != 0) _breaks(string.concat(vm.toString(_touched), ": ", difference));
        uint32 other = uint32(1 + (steps % BALLOTS));
        difference = differenceOf(other);
        if (bytes(difference).length != 0) _breaks(string.concat(vm.toString(other), ": ", difference));
        vm.warp(block.timestamp + 1 minutes);
    }

    // --- life

    /// @dev Any ballot, and those that wait for it.
    function freeze(uint256 which, uint256 many) external step {
        Turn memory turn = _turn(which, many, 0);
        _freeze(turn);
        for (uint32 id = 1; id <= BALLOTS; ++id) {
            if (ballots[id].ended != BallotState.None || ballots[id].frozen == 2 || (many >> id) % 2 == 0) continue;
            turn.draw = uint256(keccak256(abi.encode(turn.draw)));
            (turn.id, turn.terms) = (id, termsIn(id));
            _freeze(turn);
        }
    }

    function _freeze(Turn memory turn) private {
        uint256 segments = 1 + (turn.draw % 2);
        TwinBallot storage ballot = ballots[turn.id];
        BallotState state = twinState(turn.id, turn.terms);
        bytes4 fault = FINE;
        if (state != BallotState.Published) fault = IBallotBox.BallotBoxWrongState.selector;
        else if (ballot.frozen + segments > 2)
            fault = IBallotBox.BallotBoxBadList.selector;
            // The census of a time is known when it is past.
        else if (block.timestamp <= turn.terms.freezesAt) return;
        for (uint256 i = 0; fault == FINE && i < segments; ++i) {
            uint16 segment = uint16(ballot.frozen);
            uint256 root = ballot.named ? uint256(rootOf(NAMED, segment)) : anonymousRootOf(segment);
            uint256 members = ballot.named ? PEOPLE : PERSONS;
            bytes memory data = abi.encode(root, members);
            expect(IBallotBox.CensusFrozen.selector, turn.id, bytes32(uint256(segment)), data);
            ++ballot.frozen;
        }
        _act("freeze", _anybody(), abi.encodeCall(box.freeze, (turn.id, turn.terms, segments)), fault, true);
    }

    /// @dev The clerk, and others, at any time.
    function withdraw(uint256 which, uint256 who) external step {
        Turn memory turn = _turn(which, who, 0);
        bool clerks = turn.draw % 2 == 0;
        bool early = ballots[turn.id].ended == BallotState.None && block.timestamp < turn.terms.opensAt;
        // Not too often before it opens, or there is nothing to vote about.
        if (clerks && early && (turn.draw >> 8) % 6 != 0) return;
        bytes memory data = abi.encodeCall(box.withdraw, (turn.id, turn.terms, REASON));
        if (!clerks) {
            address[3] memory others = [officer, stranger, address(this)];
            address caller = others[turn.draw % 3];
            vm.prank(caller);
            (bool gone, ) = address(box).call(data);
            if (gone) _breaks("withdrawn by somebody");
            return;
        }
        bytes4 fault = early ? FINE : IBallotBox.BallotBoxWrongState.selector;
        if (early) {
            ballots[turn.id].ended = BallotState.Withdrawn;
            bytes32[] memory topics = new bytes32[](2);
            (topics[0], topics[1]) = (IBallotBox.BallotWithdrawn.selector, bytes32(uint256(turn.id)));
            expected.push(keccak256(abi.encode(topics, abi.encode(REASON))));
        }
        _act("withdraw", clerk, data, fault, true);
    }

    /// @dev Rolls go on changing when the census of all ballots is written down.
    function changeRolls(uint256 seed) external step {
        for (uint32 id = 1; id <= BALLOTS; ++id) {
            if (ballots[id].ended == BallotState.None && ballots[id].frozen != 2) return;
        }
        rolls.setSegment(NAMED, uint16(seed % 2), seed, uint32(seed % 100));
        rolls.setSegment(ANONYMOUS, uint16(seed % 2), seed % FIELD, uint32(seed % 100));
        ++done["changeRolls"];
    }

    function pass(uint256 duration) external step {
        vm.warp(block.timestamp + (_pick(duration, 5) == 0 ? bound(duration, 0, 20 minutes) : 0));
    }

    // --- votes of accounts

    /// @dev By {vote}, or {voteBySig} as oneself or by a relayer.
    function voteNamed(uint256 which, uint256 who, uint256 what) external step {
        Turn memory turn = _turn(_any([uint256(1), 2, 3, 4, 5, 11], which), who, what);
        _nameVoter(turn);
        uint256 way = (turn.draw >> 32) % 3;
        // One in eight in the name of a neighbour.
        bool posing = (turn.draw >> 40) % 8 == 0;
        address account = accountOf(people[NAMED][turn.segment][posing ? (turn.index + 1) % PEOPLE : turn.index]);
        bytes32[] memory path = pathOf(NAMED, turn.segment, turn.index);
        if (way == 0) {
            turn.sequence = 1;
            bytes4 fault = _faultOfPlain(turn, posing);
            if (fault == FINE) _noteNamed(turn);
            bytes memory data = abi.encodeCall(box.vote, (turn.id, turn.segment, turn.index, turn.payload, path));
            _act("vote", account, data, fault, true);
        } else {
            Vote memory vote = voteOf(turn.id, turn.segment, turn.index, turn.sequence, turn.payload, turn.previous);
            Signature memory signature;
            if (way == 2) signature = signTyped(_keyAt(turn, posing), domain(), hashOf(vote));
            bytes4 fault = _faultOfSigned(turn, posing);
            if (fault == FINE) _noteNamed(turn);
            bytes memory data = abi.encodeCall(box.voteBySig, (vote, account, signature, path));
            _act("voteBySig", way == 1 ? account : _anybody(), data, fault, true);
        }
    }

    function voteMany(uint256 which, uint256 who, uint256 what) external step {
        Turn memory turn = _turn(_any([uint256(1), 2, 3, 4, 5, 11], which), who, what);
        bool right = turn.terms.secrecy == Secrecy.Public;
        bytes4 fault = faultOfTime(turn.id, turn.terms, turn.segment, right);
        SignedVote[] memory items = new SignedVote[](1 + (turn.draw % 5));
        for (uint256 i = 0; i < items.length; ++i) {
            turn.draw = uint256(keccak256(abi.encode(turn.draw, i)));
            _nameVoter(turn);
            items[i] = _signedItem(turn, fault == FINE);
        }
        bytes memory data = abi.encodeCall(box.voteMany, (turn.id, turn.segment, items));
        _act("voteMany", _anybody(), data, fault, true);
    }

    function _signedItem(Turn memory turn, bool notes) private returns (SignedVote memory item) {
        uint256 flaw = (turn.draw >> 48) % 16;
        Vote memory vote = voteOf(turn.id, turn.segment, turn.index, turn.sequence, turn.payload, turn.previous);
        if (flaw == 0) vote.deadline = uint40(block.timestamp - 1);
        item = signedBy(_keyAt(turn, flaw == 1), vote, pathOf(NAMED, turn.segment, turn.index));
        if (flaw == 2) item.signature = CompactSignature({r: 0, vs: 0});
        if (!notes) return item;
        VoteFault fault = _faultOfNamed(turn);
        if (flaw == 0) fault = VoteFault.Expired;
        if (flaw == 1) fault = VoteFault.NotInCensus;
        if (flaw == 2) fault = VoteFault.BadSignature;
        if (fault == VoteFault.None) _noteNamed(turn);
        else _reject(turn.id, turn.voter, turn.sequence, fault);
    }

    // --- votes of anonymous people

    function voteAnonymously(uint256 which, uint256 who, uint256 what) external step {
        Turn memory turn = _turn(_any([uint256(6), 7, 8, 6, 7, 8], which), who, what);
        _pickPerson(turn);
        (AnonymousVote memory vote, VoteFault flaw) = _anonymousItem(turn);
        bytes4 fault = faultOfTime(turn.id, turn.terms, turn.segment, true);
        if (fault == FINE) {
            if (flaw == VoteFault.None) flaw = _faultOfPut(turn);
            fault = _errorOf(flaw);
            if (flaw == VoteFault.None) _notePublic(turn);
        }
        bytes memory data = abi.encodeCall(box.voteAnonymously, (turn.id, turn.segment, vote));
        _act("voteAnonymously", _anybody(), data, fault, true);
    }

    function voteAnonymouslyMany(uint256 which, uint256 who, uint256 what) external step {
        Turn memory turn = _turn(_any([uint256(6), 7, 8, 6, 7, 8], which), who, what);
        bytes4 fault = faultOfTime(turn.id, turn.terms, turn.segment, true);
        AnonymousVote[] memory items = new AnonymousVote[](1 + (turn.draw % 6));
        Turn[] memory turns = new Turn[](items.length);
        VoteFault[] memory flaws = new VoteFault[](items.length);
        for (uint256 i = 0; i < items.length; ++i) {
            turns[i] = _again(turn, i);
            _pickPerson(turns[i]);
            (items[i], flaws[i]) = _anonymousItem(turns[i]);
            // Seen before any of them is put in, and before proofs are.
            bool known = flaws[i] != VoteFault.NullifierOutOfField;
            if (known && _stale(turns[i])) flaws[i] = VoteFault.StaleSequence;
        }
        for (uint256 i = 0; fault == FINE && i < items.length; ++i) {
            if (flaws[i] == VoteFault.None) flaws[i] = _faultOfPut(turns[i]);
            if (flaws[i] == VoteFault.None) _notePublic(turns[i]);
            else _reject(turn.id, items[i].nullifier, items[i].sequence, flaws[i]);
        }
        bytes memory data = abi.encodeCall(box.voteAnonymouslyMany, (turn.id, turn.segment, items));
        _act("voteAnonymouslyMany", _anybody(), data, fault, true);
    }

    function _anonymousItem(Turn memory turn) private view returns (AnonymousVote memory vote, VoteFault flaw) {
        vote.nullifier = turn.voter;
        (vote.sequence, vote.payload, vote.previous) = (turn.sequence, turn.payload, turn.previous);
        vote.proof = proofFor(turn.id, turn.segment, turn.voter, turn.sequence, paperOf(turn.payload));
        flaw = _flawOf(turn);
        if (flaw == VoteFault.NullifierOutOfField) vote.nullifier += FIELD;
        if (flaw == VoteFault.BadProof) ++vote.proof[0];
    }

    // --- sealed

    function voteSealed(uint256 which, uint256 who, uint256 what) external step {
        Turn memory turn = _turn(_any([uint256(9), 10, 12, 9, 10, 12], which), who, what);
        _pickPerson(turn);
        (SealedVote memory vote, VoteFault flaw, bool intact) = _sealedItem(turn);
        bytes4 fault = faultOfTime(turn.id, turn.terms, turn.segment, true);
        if (fault == FINE) {
            if (flaw == VoteFault.None && _stale(turn)) flaw = VoteFault.StaleSequence;
            fault = _errorOf(flaw);
            if (flaw == VoteFault.None) _noteSealed(turn, vote.envelope, intact);
        }
        bytes memory data = abi.encodeCall(box.voteSealed, (turn.id, turn.segment, vote));
        _act("voteSealed", _anybody(), data, fault, true);
    }

    function voteSealedMany(uint256 which, uint256 who, uint256 what) external step {
        Turn memory turn = _turn(_any([uint256(9), 10, 12, 9, 10, 12], which), who, what);
        bytes4 fault = faultOfTime(turn.id, turn.terms, turn.segment, true);
        SealedVote[] memory items = new SealedVote[](1 + (turn.draw % 4));
        Turn[] memory turns = new Turn[](items.length);
        VoteFault[] memory flaws = new VoteFault[](items.length);
        bool[] memory intact = new bool[](items.length);
        for (uint256 i = 0; i < items.length; ++i) {
            turns[i] = _again(turn, i);
            _pickPerson(turns[i]);
            (items[i], flaws[i], intact[i]) = _sealedItem(turns[i]);
            bool known = flaws[i] != VoteFault.NullifierOutOfField;
            if (known && _stale(turns[i])) flaws[i] = VoteFault.StaleSequence;
        }
        for (uint256 i = 0; fault == FINE && i < items.length; ++i) {
            if (flaws[i] == VoteFault.None && _stale(turns[i])) flaws[i] = VoteFault.StaleSequence;
            if (flaws[i] == VoteFault.None) _noteSealed(turns[i], items[i].envelope, intact[i]);
            else _reject(turn.id, items[i].nullifier, items[i].sequence, flaws[i]);
        }
        bytes memory data = abi.encodeCall(box.voteSealedMany, (turn.id, turn.segment, items));
        _act("voteSealedMany", _anybody(), data, fault, true);
    }

    /// @dev Good envelopes, copies of those of others, points that are none, and checks that do not fit.
    function _sealedItem(Turn memory turn) private view returns (SealedVote memory vote, VoteFault flaw, bool intact) {
        uint256 secret = uint256(keccak256(abi.encode("secret", turn.draw))) % FIELD;
        Envelope memory envelope = envelopeFor(turn.id, turn.voter, secret, turn.payload);
        uint256 kind = (turn.draw >> 64) % 12;
        intact = kind > 2;
        uint256[] storage entries = pollIn(turn.id, turn.segment).entries;
        if (kind == 0) envelope.check ^= 1;
        if (kind == 1) ++envelope.y;
        if (kind == 2 && entries.length == 0) intact = true;
        else if (kind == 2) {
            uint256 other = entries[turn.draw % entries.length];
            envelope = votes[turn.id][other].envelope;
            if (other == turn.voter) {
                intact = votes[turn.id][other].intact;
                turn.payload = votes[turn.id][other].payload;
            }
        }
        vote = SealedVote({
            nullifier: turn.voter,
            sequence: turn.sequence,
            envelope: envelope,
            proof: proofFor(turn.id, turn.segment, turn.voter, turn.sequence, paperOf(envelope))
        });
        flaw = _flawOf(turn);
        if (flaw == VoteFault.NullifierOutOfField) vote.nullifier += FIELD;
        if (flaw == VoteFault.BadProof) ++vote.proof[0];
    }

    function _noteSealed(Turn memory turn, Envelope memory envelope, bool intact) private {
        TwinPoll storage poll = pollIn(turn.id, turn.segment);
        bytes32 hash = paperOf(envelope);
        noteVote(turn.id, turn.segment, turn.voter, turn.sequence, hash, hash);
        Standing storage vote = votes[turn.id][turn.voter];
        (vote.payload, vote.envelope, vote.intact) = (intact ? turn.payload : 0, envelope, intact);
        vote.entry = uint32(poll.entries.length);
        poll.entries.push(turn.voter);
        bytes memory data = abi.encode(turn.sequence, envelope);
        bytes32 segment = bytes32(uint256(turn.segment));
        expect(IBallotBox.VoteSealed.selector, turn.id, bytes32(turn.voter), segment, data);
    }

    function releaseKey(uint256 which, uint256 what) external step {
        Turn memory turn = _turn(_any([uint256(9), 10, 9, 10, 6, 12], which), what, 0);
        uint256 key = turn.id == KEYLESS || turn.draw % 6 == 0 ? SEAL_KEY - 1 : SEAL_KEY;
        TwinBallot storage ballot = ballots[turn.id];
        bytes4 fault = FINE;
        if (twinState(turn.id, turn.terms) != BallotState.Closed) fault = IBallotBox.BallotBoxWrongState.selector;
        else if (turn.terms.secrecy != Secrecy.Sealed) fault = IBallotBox.BallotBoxWrongWay.selector;
        else if (ballot.released || key != SEAL_KEY) fault = IBallotBox.BallotBoxWrongKey.selector;
        else if (block.timestamp > turn.terms.countsUntil) fault = IBallotBox.BallotBoxTooLate.selector;
        if (fault == FINE) {
            ballot.released = true;
            bytes32[] memory topics = new bytes32[](2);
            (topics[0], topics[1]) = (IBallotBox.KeyReleased.selector, bytes32(uint256(turn.id)));
            expected.push(keccak256(abi.encode(topics, abi.encode(key))));
        }
        bytes memory data = abi.encodeCall(box.releaseKey, (turn.id, turn.terms, key));
        _act("releaseKey", _anybody(), data, fault, true);
    }

    function open(uint256 which, uint256 what) external step {
        Turn memory turn = _turn(_any([uint256(9), 10, 9, 10, 9, 12], which), what, what);
        TwinPoll storage poll = pollIn(turn.id, turn.segment);
        SealedEntry[] memory entries = new SealedEntry[](1 + (turn.draw % 4));
        uint256 next = poll.opened;
        uint256 found = 0;
        for (; next < poll.entries.length && found < entries.length; ++next) {
            Standing storage vote = votes[turn.id][poll.entries[next]];
            if (vote.entry != next) continue;
            entries[found++] = SealedEntry(poll.entries[next], vote.sequence, vote.envelope);
        }
        if (found != 0) {
            assembly ("memory-safe") {
                mstore(entries, found)
            }
        }
        bool flawed = found == 0 || (turn.draw >> 16) % 6 == 0;
        if (flawed) ++entries[(turn.draw >> 24) % entries.length].envelope.cipher;
        // Papers of one segment are none of another's.
        bool elsewhere = (turn.draw >> 40) % 6 == 0;
        bytes4 fault = FINE;
        if (twinState(turn.id, turn.terms) != BallotState.Closed) fault = IBallotBox.BallotBoxWrongState.selector;
        else if (!ballots[turn.id].released) fault = IBallotBox.BallotBoxWrongKey.selector;
        else if (flawed || elsewhere) fault = IBallotBox.BallotBoxWrongEntry.selector;
        if (fault == FINE) _noteOpened(turn, entries, next);
        uint16 segment = elsewhere ? turn.segment ^ 1 : turn.segment;
        _act("open", _anybody(), abi.encodeCall(box.open, (turn.id, segment, entries)), fault, true);
    }

    function _noteOpened(Turn memory turn, SealedEntry[] memory entries, uint256 next) private {
        TwinPoll storage poll = pollIn(turn.id, turn.segment);
        uint256[] memory payloads = new uint256[](entries.length);
        uint256[] memory spoilt = new uint256[](1);
        for (uint256 i = 0; i < entries.length; ++i) {
            Standing storage vote = votes[turn.id][entries[i].nullifier];
            payloads[i] = vote.payload;
            if (vote.intact && isGood(turn.terms, vote.payload)) continue;
            spoilt[0] |= 1 << i;
            ++done["spoilt"];
        }
        bytes memory data = abi.encode(poll.opened, next, payloads, spoilt);
        expect(IBallotBox.VotesOpened.selector, turn.id, bytes32(uint256(turn.segment)), data);
        poll.opened = next;
    }

    // --- committed

    function commit(uint256 who, uint256 what) external step {
        Turn memory turn = _turn(_any([uint256(11), 11, 11, 11, 11, 3], what), who, what);
        _nameVoter(turn);
        bool posing = (turn.draw >> 40) % 8 == 0;
        bytes32 salt = keccak256(abi.encode("salt", turn.draw));
        bytes32 commitment = box.commitmentOf(turn.id, turn.segment, turn.index, turn.payload, salt);
        Vote memory vote = voteOf(turn.id, turn.segment, turn.index, turn.sequence, uint256(commitment), 0);
        bool right = turn.terms.secrecy == Secrecy.Committed;
        bytes4 fault = faultOfTime(turn.id, turn.terms, turn.segment, right);
        if (fault == FINE) {
            if (posing) fault = IBallotBox.BallotBoxNotInCensus.selector;
            else if (_stale(turn)) fault = IBallotBox.BallotBoxStaleSequence.selector;
        }
        if (fault == FINE) {
            bytes32 hash = paperOf(uint256(commitment));
            noteVote(turn.id, turn.segment, turn.voter, turn.sequence, hash, hash);
            Standing storage standing = votes[turn.id][turn.voter];
            (standing.payload, standing.salt) = (turn.payload, salt);
            bytes memory told = abi.encode(turn.sequence, commitment);
            expect(IBallotBox.VoteCommitted.selector, turn.id, bytes32(turn.voter), told);
        }
        Signature memory signature = signTyped(_keyAt(turn, posing), domain(), hashOfCommitment(vote));
        bytes32[] memory path = pathOf(NAMED, turn.segment, turn.index);
        bytes memory data = abi.encodeCall(box.commit, (vote, vm.addr(_keyAt(turn, posing)), signature, path));
        _act("commit", _anybody(), data, fault, true);
    }

    /// @dev Two at a time, the same one twice too.
    function reveal(uint256 who, uint256 what) external step {
        Turn memory turn = _turn(_any([uint256(11), 11, 11, 11, 11, 3], what), who, what);
        Reveal[] memory reveals = new Reveal[](1 + (turn.draw % 2));
        bytes4 fault = FINE;
        if (twinState(turn.id, turn.terms) != BallotState.Closed) fault = IBallotBox.BallotBoxWrongState.selector;
        else if (block.timestamp > turn.terms.countsUntil) fault = IBallotBox.BallotBoxTooLate.selector;
        else if (turn.terms.secrecy != Secrecy.Committed) fault = IBallotBox.BallotBoxWrongWay.selector;
        for (uint256 i = 0; i < reveals.length; ++i) {
            _nameVoter(turn);
            Standing storage vote = votes[turn.id][turn.voter];
            bool wrong = (turn.draw >> 56) % 8 == 0;
            reveals[i] = Reveal(turn.index, wrong ? vote.payload + 1 : vote.payload, vote.salt);
            bool twice = i == 1 && reveals[0].index == turn.index;
            if (fault == FINE && (vote.sequence == 0 || vote.revealed || wrong || twice)) {
                fault = IBallotBox.BallotBoxWrongReveal.selector;
            }
            turn.draw = uint256(keccak256(abi.encode(turn.draw)));
        }
        for (uint256 i = 0; fault == FINE && i < reveals.length; ++i) {
            turn.voter = voterOf(turn.segment, reveals[i].index);
            votes[turn.id][turn.voter].revealed = true;
            ++pollIn(turn.id, turn.segment).opened;
            bytes memory told = abi.encode(reveals[i].payload, reveals[i].salt, isGood(turn.terms, reveals[i].payload));
            expect(IBallotBox.VoteRevealed.selector, turn.id, bytes32(turn.voter), told);
        }
        _act("reveal", _anybody(), abi.encodeCall(box.reveal, (turn.id, turn.segment, reveals)), fault, true);
    }

    // --- paper

    function recordProtocol(uint256 which, uint256 what) external step {
        Turn memory turn = _turn(_any([uint256(1), 3, 5, 6, 9, 2], which), what, what);
        PaperCount[] memory entries = new PaperCount[](turn.draw % 3);
        uint32 spoilt = uint32((turn.draw >> 8) % 8 == 0 ? 1 : 0);
        for (uint256 i = 0; i < entries.length; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(turn.draw, i)));
            entries[i] = PaperCount(_payloadFor(turn.terms, draw), uint32((draw >> 100) % 3));
        }
        bytes4 fault = _faultOfProtocol(turn, entries, spoilt);
        PaperProtocol memory protocol = protocolOf(turn.id, turn.segment, spoilt, 0);
        if (fault == FINE) {
            noteProtocol(turn.id, turn.segment, entries, spoilt);
            uint256 papers = 0;
            for (uint256 i = 0; i < entries.length; ++i) papers += entries[i].count;
            expect(
                IBallotBox.ProtocolRecorded.selector,
                turn.id,
                bytes32(uint256(turn.segment)),
                bytes32(uint256(uint160(officer))),
                abi.encode(papers, spoilt, DOCUMENT, entries)
            );
        }
        Signature memory none;
        bytes memory data = abi.encodeCall(box.recordProtocol, (protocol, entries, none));
        _act("recordProtocol", officer, data, fault, true);
    }

    function _faultOfProtocol(
        Turn memory turn,
        PaperCount[] memory entries,
        uint256 spoilt
    ) private view returns (bytes4 fault) {
        BallotState state = twinState(turn.id, turn.terms);
        bool open_ = state == BallotState.Open;
        if (!open_ && state != BallotState.Closed) return IBallotBox.BallotBoxWrongState.selector;
        if (block.timestamp > turn.terms.countsUntil) return IBallotBox.BallotBoxTooLate.selector;
        if (open_ && turn.terms.secrecy != Secrecy.Public) return IBallotBox.BallotBoxWrongState.selector;
        uint256 papers = 0;
        for (uint256 i = 0; i < entries.length; ++i) {
            papers += entries[i].count;
            if (papers > turn.terms.paperElectorate) return IBallotBox.BallotBoxTooManyPapers.selector;
            if (!isGood(turn.terms, entries[i].payload)) return IBallotBox.BallotBoxBadPayload.selector;
        }
        uint256 all = ballots[turn.id].onPaper + papers + spoilt;
        if (all > turn.terms.paperElectorate) return IBallotBox.BallotBoxTooManyPapers.selector;
        if (papers + spoilt == 0) return IBallotBox.BallotBoxUnchanged.selector;
    }

    // --- results

    function addUp(uint256 which) external step {
        Turn memory turn = _turn(_any([uint256(1), 1, 1, 1, 2, 6], which), which, which);
        bytes4 fault = FINE;
        TwinPoll storage poll = pollIn(turn.id, turn.segment);
        if (twinState(turn.id, turn.terms) != BallotState.Closed) fault = IBallotBox.BallotBoxWrongState.selector;
        else if (!isGroup(turn.id, turn.terms)) fault = IBallotBox.BallotBoxWrongWay.selector;
        else if (poll.addedUp) fault = IBallotBox.BallotBoxUnchanged.selector;
        if (fault == FINE) poll.addedUp = true;
        _act("addUp", _anybody(), abi.encodeCall(box.addUp, (turn.id, turn.segment, 1)), fault, true);
    }

    function countRounds(uint256 which) external step {
        Turn memory turn = _turn(_any([uint256(8), 8, 8, 8, 8, 4], which), which, 0);
        bytes4 fault = FINE;
        if (twinState(turn.id, turn.terms) != BallotState.Closed) fault = IBallotBox.BallotBoxWrongState.selector;
        else if (turn.terms.rule != Rule.InstantRunoff) fault = IBallotBox.BallotBoxWrongWay.selector;
        else if (ballots[turn.id].runoff) fault = IBallotBox.BallotBoxUnchanged.selector;
        if (fault == FINE) ballots[turn.id].runoff = true;
        uint256[] memory rankings = _rankingsOf(turn.id, turn.terms);
        bytes memory data = abi.encodeCall(box.countRounds, (turn.id, turn.terms, rankings));
        _act("countRounds", _anybody(), data, fault, false);
    }

    /// @dev All that were cast, rising; the same ones several times, which count once.
    function _rankingsOf(uint32 id, BallotTerms memory terms) private view returns (uint256[] memory rankings) {
        rankings = new uint256[](2 * PERSONS);
        uint256 found = 0;
        for (uint16 segment = 0; segment < 2; ++segment) {
            uint256[] storage voters = pollIn(id, segment).voters;
            for (uint256 i = 0; i < voters.length; ++i) {
                uint256 ranking = votes[id][voters[i]].payload;
                uint256 place = 0;
                while (place < found && rankings[place] < ranking) ++place;
                if (place < found && rankings[place] == ranking) continue;
                for (uint256 k = found; k > place; --k) rankings[k] = rankings[k - 1];
                rankings[place] = ranking;
                ++found;
            }
        }
        assembly ("memory-safe") {
            mstore(rankings, found)
        }
        terms;
    }

    function finalise(uint256 which) external step {
        Turn memory turn = _turn(which, which, 0);
        bytes4 fault = FINE;
        if (twinState(turn.id, turn.terms) != BallotState.Closed) fault = IBallotBox.BallotBoxWrongState.selector;
        else if (!_isCounted(turn.id, turn.terms)) fault = IBallotBox.BallotBoxNotCounted.selector;
        TwinBallot storage ballot = ballots[turn.id];
        if (fault == FINE) {
            ballot.ended = BallotState.Final;
            for (uint16 segment = 0; segment < 2; ++segment) {
                TwinPoll storage poll = pollIn(turn.id, segment);
                if (turn.terms.secrecy == Secrecy.Committed) ballot.concealed += poll.voters.length - poll.opened;
            }
        }
        _act("finalise", _anybody(), abi.encodeCall(box.finalise, (turn.id, turn.terms)), fault, false);
        if (fault != FINE) return;
        Result memory result = box.resultOf(turn.id);
        _results[turn.id] = keccak256(abi.encode(result));
        if (result.finalAt != block.timestamp) _breaks("time of a result");
        if (turn.terms.kind != BallotKind.Ranked && result.order % 256 != 1 + _firstOf(turn.id, turn.terms)) {
            _breaks("somebody else is first");
        }
    }

    function _isCounted(uint32 id, BallotTerms memory terms) private view returns (bool counted) {
        bool over = block.timestamp > terms.countsUntil;
        for (uint16 segment = 0; segment < 2; ++segment) {
            TwinPoll storage poll = pollIn(id, segment);
            if (isGroup(id, terms) && !poll.addedUp) return false;
            if (terms.secrecy == Secrecy.Sealed && poll.opened != poll.entries.length) return false;
            if (terms.secrecy == Secrecy.Committed && !over && poll.opened != poll.voters.length) return false;
        }
        if (!over && ballots[id].onPaper != terms.paperElectorate) return false;
        return terms.rule != Rule.InstantRunoff || ballots[id].runoff;
    }

    function _firstOf(uint32 id, BallotTerms memory terms) private view returns (uint256 first) {
        (uint256[] memory sums, ) = talliesIn(id, terms, 0);
        (uint256[] memory others, ) = talliesIn(id, terms, 1);
        uint256 options = terms.blankLast ? sums.length - 1 : sums.length;
        for (uint256 i = 0; i < options; ++i) {
            sums[i] += others[i];
            if (sums[i] > sums[first]) first = i;
        }
    }

    function abandon(uint256 which) external step {
        Turn memory turn = _turn(_any([uint256(9), 10, 12, 12, 12, 11], which), which, 0);
        bytes4 fault = FINE;
        bool waits = turn.terms.secrecy == Secrecy.Sealed && !ballots[turn.id].released;
        if (twinState(turn.id, turn.terms) != BallotState.Closed) fault = IBallotBox.BallotBoxWrongState.selector;
        else if (!waits) fault = IBallotBox.BallotBoxWrongWay.selector;
        else if (block.timestamp <= turn.terms.countsUntil) fault = IBallotBox.BallotBoxTooEarly.selector;
        else if (!_isAnythingSealed(turn)) fault = IBallotBox.BallotBoxUnchanged.selector;
        if (fault == FINE) {
            ballots[turn.id].ended = BallotState.Void;
            bytes32[] memory topics = new bytes32[](2);
            (topics[0], topics[1]) = (IBallotBox.BallotAbandoned.selector, bytes32(uint256(turn.id)));
            expected.push(keccak256(abi.encode(topics, bytes(""))));
        }
        _act("abandon", _anybody(), abi.encodeCall(box.abandon, (turn.id, turn.terms)), fault, true);
    }

    function _isAnythingSealed(Turn memory turn) private view returns (bool some) {
        uint16[] memory segments = turn.terms.segments;
        for (uint256 i = 0; i < segments.length; ++i) if (pollIn(turn.id, segments[i]).entries.length != 0) return true;
    }

    // --- what the twin says

    /// @dev What the box and the twin do not agree about in a ballot; empty: nothing.
    function differenceOf(uint32 id) public view returns (string memory difference) {
        BallotTerms memory terms = termsIn(id);
        TwinBallot storage ballot = ballots[id];
        BallotView memory its = box.ballotOf(id, terms.segments);
        if (its.state != twinState(id, terms)) return "state";
        if (its.termsHash != keccak256(ballot.terms) && its.termsHash != keccak256(abi.encode(terms))) return "terms";
        if (its.frozenSegments != ballot.frozen) return "frozen segments";
        if (its.members != ballot.frozen * (ballot.named ? PEOPLE : PERSONS)) return "members";
        if (its.onPaper != ballot.onPaper) return "on paper";
        uint256 cast = ballot.spoiltOnPaper;
        uint256 spoilt = ballot.spoiltOnPaper + ballot.concealed;
        for (uint16 segment = 0; segment < 2; ++segment) {
            if (ballot.ended == BallotState.Withdrawn || segment >= ballot.frozen) continue;
            (string memory fault, uint256 more) = _differenceIn(id, terms, segment);
            if (bytes(fault).length != 0) return fault;
            cast += castIn(id, terms, segment);
            spoilt += more;
        }
        if (its.cast != cast) return "cast";
        if (its.spoilt != spoilt) return "spoilt";
        if (cast > uint256(its.members) + terms.paperElectorate) return "more papers than people";
        bytes32 result = keccak256(abi.encode(box.resultOf(id)));
        Result memory none;
        if (result != (ballot.ended == BallotState.Final ? _results[id] : keccak256(abi.encode(none)))) return "result";
    }

    function _differenceIn(
        uint32 id,
        BallotTerms memory terms,
        uint16 segment
    ) private view returns (string memory difference, uint256 spoilt) {
        TwinPoll storage twin = pollIn(id, segment);
        PollView memory poll = box.pollOf(id, segment);
        uint256 root = ballots[id].named ? uint256(rootOf(NAMED, segment)) >> 88 : anonymousRootOf(segment);
        if (poll.root != root) return ("root", 0);
        if (isGroup(id, terms)) {
            (uint64 voted, , uint160 chain) = box.groupOf(id, segment, 0);
            if (chain != twin.chain || poll.chain != 0) return ("chain of a group", 0);
            for (uint32 i = 0; i < PEOPLE; ++i) {
                bool has = votes[id][voterOf(segment, i)].sequence != 0;
                if (has != ((voted >> i) & 1 == 1)) return ("bit of a group", 0);
            }
        } else if (poll.chain != twin.chain) {
            return ("chain", 0);
        }
        if (poll.cast != castIn(id, terms, segment)) return ("cast in a segment", 0);
        if (poll.sealedVotes != twin.entries.length) return ("sealed votes", 0);
        if (poll.opened != twin.opened) return ("opened", 0);
        uint256[] memory tallies;
        (tallies, spoilt) = talliesIn(id, terms, segment);
        if (keccak256(abi.encode(tallies)) != keccak256(abi.encode(box.talliesOf(id, terms, segment)))) {
            return ("tallies", 0);
        }
        if (!_addUp(terms, tallies, poll.cast, spoilt)) return ("sum of tallies", 0);
        return (_differenceOfVoters(id, terms, segment), spoilt);
    }

    /// @dev What tallies can be, whoever voted what.
    function _addUp(
        BallotTerms memory terms,
        uint256[] memory tallies,
        uint256 cast,
        uint256 spoilt
    ) private pure returns (bool good) {
        uint256 sum = 0;
        for (uint256 i = 0; i < tallies.length; ++i) {
            sum += tallies[i];
            if (terms.kind == BallotKind.Approval && tallies[i] > cast) return false;
            if (terms.kind == BallotKind.Ranked && tallies[i] > cast) return false;
        }
        if (terms.kind != BallotKind.Single) return true;
        return terms.secrecy == Secrecy.Public ? sum == cast : sum + spoilt <= cast;
    }

    function _differenceOfVoters(
        uint32 id,
        BallotTerms memory terms,
        uint16 segment
    ) private view returns (string memory difference) {
        TwinPoll storage twin = pollIn(id, segment);
        for (uint256 i = 0; i < twin.voters.length; ++i) {
            uint256 voter = twin.voters[i];
            Standing storage vote = votes[id][voter];
            (uint32 sequence, uint32 entry, uint176 hash) = box.receiptOf(id, voter);
            bool once = isPlain(id, terms);
            if (ballots[id].named && !box.hasVoted(id, segment, uint32(voter))) return "who has voted";
            if (sequence != (once ? 0 : vote.sequence)) return "sequence";
            if (!once && hash != uint256(vote.hash) >> 80) return "receipt";
            if (terms.secrecy == Secrecy.Sealed && entry != vote.entry) return "entry";
            if (terms.secrecy == Secrecy.Committed && (entry == 1) != vote.revealed) return "revealed";
            if (terms.rule == Rule.InstantRunoff) {
                uint256 count_ = countOfRanking(id, terms, vote.payload);
                if (box.rankingCountOf(id, vote.payload) != count_) return "ranking";
            }
        }
    }

    // --- internals

    /// @dev A call that must go, with the events expected, or fail with an error.
    function _act(string memory act, address from, bytes memory data, bytes4 fault, bool tells) private {
        vm.recordLogs();
        vm.prank(from);
        (bool went, bytes memory result) = address(box).call(data);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        if (went) ++done[act];
        else ++refused[act];
        if (went != (fault == FINE)) {
            _breaks(string.concat(act, went ? " went" : " failed"));
        } else if (!went) {
            if (bytes4(result) != fault) _breaks(string.concat(act, " failed otherwise"));
        } else if (tells) {
            if (logs.length != expected.length) _breaks(string.concat(act, " told more or less"));
            else {
                for (uint256 i = 0; i < logs.length; ++i) {
                    bytes32 hash = keccak256(abi.encode(logs[i].topics, logs[i].data));
                    if (hash != expected[i]) _breaks(string.concat(act, " told otherwise"));
                }
            }
        }
        delete expected;
    }

    /// @dev Keeps the first fault.
    function _breaks(string memory fault) private {
        if (bytes(broken).length == 0) broken = fault;
    }

    function _turn(uint256 which, uint256 who, uint256 what) private returns (Turn memory turn) {
        turn.id = uint32(1 + (which > BALLOTS || which == 0 ? _pick(which, BALLOTS) : which - 1));
        turn.terms = termsIn(turn.id);
        turn.draw = uint256(keccak256(abi.encode(who, what, steps)));
        turn.segment = uint16((turn.draw >> 250) % 2);
        _touched = turn.id;
    }

    function _again(Turn memory turn, uint256 item) private pure returns (Turn memory other) {
        (other.id, other.segment, other.terms) = (turn.id, turn.segment, turn.terms);
        other.draw = uint256(keccak256(abi.encode(turn.draw, item)));
    }

    function _any(uint256[6] memory some, uint256 seed) private view returns (uint256 one) {
        return some[_pick(seed, 6)];
    }

    function _nameVoter(Turn memory turn) private view {
        turn.index = uint32((turn.draw >> 100) % PEOPLE);
        turn.voter = voterOf(turn.segment, turn.index);
        _fill(turn);
    }

    /// @dev The same people in both segments, as somebody who is on two rolls with one commitment.
    function _pickPerson(Turn memory turn) private view {
        turn.voter = nullifierOf(turn.id, (turn.draw >> 100) % PERSONS) % FIELD;
        _fill(turn);
    }

    /// @dev What stands is mostly known, and replaced by what comes after it.
    function _fill(Turn memory turn) private view {
        Standing storage vote = votes[turn.id][turn.voter];
        turn.payload = _payloadFor(turn.terms, turn.draw);
        turn.previous = (turn.draw >> 120) % 8 == 0 ? vote.payload + 1 : vote.payload;
        turn.sequence = uint32(vote.sequence + 1 + ((turn.draw >> 128) % 8) / 6);
        if ((turn.draw >> 132) % 6 == 0) turn.sequence = vote.sequence - uint32(vote.sequence == 0 ? 0 : turn.draw % 2);
    }

    function _payloadFor(BallotTerms memory terms, uint256 draw) private pure returns (uint256 payload) {
        uint256 options = terms.options;
        uint256 kind = (draw >> 140) % 12;
        if (kind == 0) return draw;
        if (kind == 1) return options;
        draw = uint256(keccak256(abi.encode("payload", draw)));
        if (terms.kind == BallotKind.Single) return draw % options;
        if (terms.kind == BallotKind.Approval) return draw % (1 << options);
        if (terms.kind == BallotKind.Ranked) {
            uint256 count_ = draw % (options + 1);
            uint256 seen = 0;
            for (uint256 i = 0; i < count_; ++i) {
                uint256 option = (draw >> (8 + 8 * i)) % options;
                while ((seen >> option) & 1 == 1) option = (option + 1) % options;
                // A tie, if it is in order.
                bool ties = i != 0 && (draw >> (100 + i)) % 4 == 0 && seen >> option == 0;
                payload |= (option + 1 + (ties ? TIED : 0)) << (8 * i);
                seen |= 1 << option;
            }
            return payload;
        }
        uint256 width = terms.kind == BallotKind.Points ? 16 : 8;
        for (uint256 i = 0; i < options; ++i) payload |= ((draw >> (8 * i)) % 8) << (width * i);
    }

    function _flawOf(Turn memory turn) private pure returns (VoteFault flaw) {
        uint256 kind = (turn.draw >> 150) % 16;
        if (kind == 0) return VoteFault.NullifierOutOfField;
        if (kind == 1) return VoteFault.BadProof;
    }

    function _stale(Turn memory turn) private view returns (bool stale) {
        return isStale(turn.id, turn.terms, turn.segment, turn.voter, turn.sequence);
    }

    function _faultOfPut(Turn memory turn) private view returns (VoteFault fault) {
        if (!isGood(turn.terms, turn.payload)) return VoteFault.BadPayload;
        if (_stale(turn)) return VoteFault.StaleSequence;
        Standing storage vote = votes[turn.id][turn.voter];
        if (vote.sequence != 0 && vote.payload != turn.previous) return VoteFault.WrongPrevious;
    }

    function _faultOfNamed(Turn memory turn) private view returns (VoteFault fault) {
        if (turn.terms.revotes) return _faultOfPut(turn);
        if (turn.sequence != 1) return VoteFault.StaleSequence;
        return _faultOfPut(turn);
    }

    function _faultOfPlain(Turn memory turn, bool posing) private view returns (bytes4 fault) {
        fault = faultOfTime(turn.id, turn.terms, turn.segment, isPlain(turn.id, turn.terms));
        if (fault != FINE) return fault;
        if (posing) return IBallotBox.BallotBoxNotInCensus.selector;
        return _errorOf(_faultOfPut(turn));
    }

    function _faultOfSigned(Turn memory turn, bool posing) private view returns (bytes4 fault) {
        fault = faultOfTime(turn.id, turn.terms, turn.segment, turn.terms.secrecy == Secrecy.Public);
        if (fault != FINE) return fault;
        if (posing) return IBallotBox.BallotBoxNotInCensus.selector;
        return _errorOf(_faultOfNamed(turn));
    }

    function _errorOf(VoteFault fault) private pure returns (bytes4 selector) {
        if (fault == VoteFault.BadPayload) return IBallotBox.BallotBoxBadPayload.selector;
        if (fault == VoteFault.StaleSequence) return IBallotBox.BallotBoxStaleSequence.selector;
        if (fault == VoteFault.WrongPrevious) return IBallotBox.BallotBoxWrongPrevious.selector;
        if (fault == VoteFault.NullifierOutOfField) return IBallotBox.BallotBoxNullifierOutOfField.selector;
        if (fault == VoteFault.BadProof) return IBallotBox.BallotBoxBadProof.selector;
    }

    function _noteNamed(Turn memory turn) private {
        notePublic(turn.id, turn.terms, turn.segment, turn.voter, turn.sequence, turn.payload);
    }

    function _notePublic(Turn memory turn) private {
        notePublic(turn.id, turn.terms, turn.segment, turn.voter, turn.sequence, turn.payload);
    }

    function _reject(uint32 id, uint256 voter, uint32 sequence, VoteFault fault) private {
        expect(IBallotBox.VoteRejected.selector, id, bytes32(voter), abi.encode(sequence, fault));
    }

    function _keyAt(Turn memory turn, bool posing) private view returns (uint256 privateKey) {
        return keyOf(people[NAMED][turn.segment][posing ? (turn.index + 1) % PEOPLE : turn.index]);
    }

    function _anybody() private view returns (address account) {
        return address(uint160(uint256(keccak256(abi.encode("anybody", steps)))));
    }

    /// @dev The same call twice picks differently.
    function _pick(uint256 seed, uint256 count_) private view returns (uint256) {
        return uint256(keccak256(abi.encode(seed, steps))) % count_;
    }
}

/// @dev What is compared after each step with what the twin makes of the events: 1 tallies, papers and people; 2 roots, members and
/// terms never change, whatever the rolls do; 3 each voter has one live paper; 4 nothing sealed or committed is in a tally before
/// it is opened; 5 nobody stops an open ballot; 6 anybody does what is not the clerk's or an officer's; 7 running hashes, and each
/// event word by word; 9 spoilt papers are cast and are in no tally.
contract BallotBoxInvariantTest is CivitasTest {
    BallotsHandler private handler;

    function setUp() external {
        handler = new BallotsHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_TwinAgrees() external view {
        _assertAgrees();
    }

    /// @dev Walks by chance do everything, and are refused everything that can be.
    function test_WalksReachEverything() external {
        string[20] memory acts = [
            "freeze",
            "withdraw",
            "vote",
            "voteBySig",
            "voteMany",
            "voteAnonymously",
            "voteAnonymouslyMany",
            "voteSealed",
            "voteSealedMany",
            "commit",
            "reveal",
            "releaseKey",
            "open",
            "recordProtocol",
            "addUp",
            "countRounds",
            "finalise",
            "abandon",
            "changeRolls",
            "spoilt"
        ];
        uint256[20] memory done;
        uint256[20] memory refused;
        for (uint256 walk = 0; walk < 8; ++walk) {
            handler = new BallotsHandler();
            for (uint256 i = 0; i < 300; ++i) _walk(uint256(keccak256(abi.encode("walk", walk, i))));
            _assertAgrees();
            for (uint256 i = 0; i < acts.length; ++i) {
                done[i] += handler.done(acts[i]);
                refused[i] += handler.refused(acts[i]);
            }
        }
        for (uint256 i = 0; i < acts.length; ++i) {
            assertTrue(done[i] != 0, string.concat("never done: ", acts[i]));
            assertTrue(i >= 18 || refused[i] != 0, string.concat("never refused: ", acts[i]));
        }
    }

    function _walk(uint256 draw) private {
        uint256 act = draw % 22;
        (uint256 a, uint256 b, uint256 c) = (draw >> 8, draw >> 80, draw >> 160);
        if (act == 0) handler.freeze(a, b);
        else if (act == 1) handler.withdraw(a, b);
        else if (act == 2) handler.changeRolls(a);
        else if (act < 5) handler.voteNamed(a, b, c);
        else if (act == 5) handler.voteMany(a, b, c);
        else if (act < 8) handler.voteAnonymously(a, b, c);
        else if (act == 8) handler.voteAnonymouslyMany(a, b, c);
        else if (act == 9) handler.voteSealed(a, b, c);
        else if (act == 10) handler.voteSealedMany(a, b, c);
        else if (act == 11) handler.releaseKey(a, b);
        else if (act < 14) handler.open(a, b);
        else if (act == 14) handler.commit(a, b);
        else if (act == 15) handler.reveal(a, b);
        else if (act == 16) handler.recordProtocol(a, b);
        else if (act == 17) handler.addUp(a);
        else if (act == 18) handler.countRounds(a);
        else if (act == 19) handler.finalise(a);
        else if (act == 20) handler.abandon(a);
        else handler.pass(a);
    }

    function _assertAgrees() private view {
        string memory fault = handler.broken();
        assertEq(keccak256(bytes(fault)), keccak256(""), fault);
    }
}
