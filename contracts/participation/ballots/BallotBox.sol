// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {CompactSignatures} from "../../authority/CompactSignatures.sol";
import {Signature} from "../../authority/ISigned.sol";
import {Signed} from "../../authority/Signed.sol";
import {ICredentials} from "../../identity/ICredentials.sol";
import {IIdentities} from "../../identity/IIdentities.sol";
import {ICensus} from "../census/ICensus.sol";
import {ParticipationCredentials} from "../ParticipationCredentials.sol";
import {ISemaphoreBatchVerifier} from "../proofs/ISemaphoreBatchVerifier.sol";
import {BallotCasting} from "./BallotCasting.sol";
import {BallotCounting} from "./BallotCounting.sol";
import {BallotLedger, Casting, Poll, Receipts} from "./BallotLedger.sol";
import {BallotMessages} from "./BallotMessages.sol";
import {BallotOpening} from "./BallotOpening.sol";
import {BallotProofs} from "./BallotProofs.sol";
import {BallotPublishing} from "./BallotPublishing.sol";
import {BallotSealing} from "./BallotSealing.sol";
import {PollSlot} from "./BallotSlots.sol";
import {BallotTally} from "./BallotTally.sol";
import {BallotViews} from "./BallotViews.sol";
import {
    AnonymousVote,
    BallotTerms,
    BallotView,
    IBallotBox,
    PaperCount,
    PaperProtocol,
    PollView,
    Result,
    Reveal,
    SealedEntry,
    SealedVote,
    Secrecy,
    SignedVote,
    Vote,
    VoteFault
} from "./IBallotBox.sol";

/// @title BallotBox
/// @notice Ballots of a city. See {IBallotBox}.
/// @dev This contract is the door: it takes votes, for which every unit of gas counts. What comes before and after is in parts
/// that work on the {BallotLedger}: {BallotPublishing}, {BallotSealing}, {BallotOpening}, {BallotCounting} and {BallotViews}.
///
/// Trust:
/// - BALLOT_CLERK publishes ballots, and can take one back before it opens. It can do nothing to one that is open, closed or final.
///   The growth of a roll is held down from a publication to the census that it announces, also if the ballot is taken back.
/// - Registrars are believed about who is on a roll, see {ICensus}. Growth before a ballot is bounded and public.
/// - Returning officers are believed about what was voted on paper, up to the number of people that was published.
/// - Who holds the key of a sealed ballot can read papers before the close, and can let the ballot end without a result by keeping
///   the key. It cannot change a paper, and cannot know whose one is.
/// - The verifying key is that of Semaphore's public ceremony.
/// - Nobody can pause anything here.
contract BallotBox is IBallotBox, Signed, AccessManaged {
    using BallotCasting for BallotLedger;
    using BallotCounting for BallotLedger;
    using BallotOpening for BallotLedger;
    using BallotPublishing for BallotLedger;
    using BallotSealing for BallotLedger;
    using BallotTally for BallotLedger;
    using BallotViews for BallotLedger;

    uint256 private constant MAX_SIGNED = 256;
    /// @dev A longer notice could not be kept by anybody.
    uint32 private constant MAX_NOTICE = 90 days;

    /// @inheritdoc IBallotBox
    ICensus public immutable census;
    /// @inheritdoc IBallotBox
    ISemaphoreBatchVerifier public immutable verifier;
    /// @inheritdoc IBallotBox
    uint32 public immutable noticePeriod;
    /// @notice Who says who is a returning officer.
    ICredentials public immutable credentials;
    /// @notice Who owns their identities.
    IIdentities public immutable identities;

    BallotLedger private _ledger;

    /// @param authority The city's AccessManager.
    /// @param census_ The rolls.
    /// @param verifier_ Who checks proofs.
    /// @param credentials_ Who says who is a returning officer.
    /// @param identities_ Who owns their identities.
    /// @param noticePeriod_ Seconds from a census to the opening, at least.
    constructor(
        address authority,
        ICensus census_,
        ISemaphoreBatchVerifier verifier_,
        ICredentials credentials_,
        IIdentities identities_,
        uint32 noticePeriod_
    ) EIP712("Civitas Ballots", "1") AccessManaged(authority) {
        if (noticePeriod_ > MAX_NOTICE) revert BallotBoxOutOfRange(noticePeriod_, MAX_NOTICE);
        census = census_;
        verifier = verifier_;
        credentials = credentials_;
        identities = identities_;
        noticePeriod = noticePeriod_;
    }

    // --- life

    /// @inheritdoc IBallotBox
    function publish(BallotTerms calldata terms) external restricted returns (uint32 ballotId) {
        return _ledger.publish(census, noticePeriod, terms);
    }

    /// @inheritdoc IBallotBox
    function withdraw(uint32 ballotId, BallotTerms calldata terms, bytes32 reasonHash) external restricted {
        _ledger.withdraw(ballotId, terms, reasonHash);
    }

    /// @inheritdoc IBallotBox
    function freeze(uint32 ballotId, BallotTerms calldata terms, uint256 count) external {
        _ledger.freeze(census, verifier, ballotId, terms, count);
    }

    // --- votes of accounts

    /// @inheritdoc IBallotBox
    function vote(uint32 ballotId, uint16 segment, uint32 index, uint256 payload, bytes32[] calldata path) external {
        Poll storage poll = _ledger.pollOf(ballotId, segment);
        PollSlot slot = poll.slot;
        BallotCasting.requireOpen(slot, ballotId, segment);
        if (!slot.isPlain()) revert BallotBoxWrongWay(ballotId);
        if (!BallotCasting.isMember(slot, index, msg.sender, path)) {
            revert BallotBoxNotInCensus(segment, index, msg.sender);
        }
        VoteFault fault;
        if (slot.isGrouped()) {
            fault = BallotCasting.join(poll, slot, ballotId, segment, index, payload);
        } else {
            Casting memory casting = Casting({ballotId: ballotId, segment: segment, slot: slot, head: poll.head});
            fault = _ledger.putOnce(poll, casting, index, payload);
            poll.head = casting.head;
        }
        if (fault != VoteFault.None) _refuseOnce(fault, segment, index, 1, payload);
    }

    /// @inheritdoc IBallotBox
    function voteBySig(
        Vote calldata vote_,
        address voter,
        Signature calldata signature,
        bytes32[] calldata path
    ) external {
        (Poll storage poll, Casting memory casting) = _ledger.begin(
            vote_.ballotId,
            vote_.segment,
            Secrecy.Public,
            true
        );
        _requireVoter(casting.slot, vote_, voter, BallotMessages.hashOf(vote_), signature, path);
        uint256 name = BallotCasting.voterOf(vote_.segment, vote_.index);
        VoteFault fault = _putNamed(poll, casting, vote_.index, vote_.sequence, vote_.payload, vote_.previous);
        if (fault != VoteFault.None) {
            if (!casting.slot.revotes()) _refuseOnce(fault, vote_.segment, vote_.index, vote_.sequence, vote_.payload);
            _ledger.refuse(casting, fault, name, vote_.sequence, vote_.payload, vote_.previous);
        }
        BallotCasting.finish(poll, casting);
    }

    /// @inheritdoc IBallotBox
    function voteMany(
        uint32 ballotId,
        uint16 segment,
        SignedVote[] calldata votes
    ) external returns (uint256 accepted) {
        if (votes.length == 0 || votes.length > MAX_SIGNED) revert BallotBoxBadList(votes.length, MAX_SIGNED);
        (Poll storage poll, Casting memory casting) = _ledger.begin(ballotId, segment, Secrecy.Public, true);
        bytes32 domain = _domainSeparatorV4();
        bool grouped = casting.slot.isGrouped();
        for (uint256 i = 0; i < votes.length;) {
            SignedVote calldata item = votes[i];
            VoteFault fault = _checkSigned(casting, item, domain);
            if (fault == VoteFault.None) {
                fault = grouped ? _joinSigned(poll, casting, item) : _putSigned(poll, casting, item);
            }
            // At most 256.
            unchecked {
                ++i;
                if (fault == VoteFault.None) ++accepted;
            }
            if (fault != VoteFault.None) {
                emit VoteRejected(ballotId, BallotCasting.voterOf(segment, item.index), item.sequence, fault);
            }
        }
        if (accepted != 0) BallotCasting.finish(poll, casting);
    }

    // --- votes of anonymous people

    /// @inheritdoc IBallotBox
    function voteAnonymously(uint32 ballotId, uint16 segment, AnonymousVote calldata vote_) external {
        (Poll storage poll, Casting memory casting) = _ledger.begin(ballotId, segment, Secrecy.Public, false);
        bytes32 payloadHash = BallotMessages.payloadHashOf(vote_.payload);
        BallotProofs.requireOne(verifier, poll, ballotId, vote_.nullifier, vote_.sequence, payloadHash, vote_.proof);
        VoteFault fault = _ledger.put(poll, casting, vote_.nullifier, vote_.sequence, vote_.payload, vote_.previous);
        if (fault != VoteFault.None) {
            _ledger.refuse(casting, fault, vote_.nullifier, vote_.sequence, vote_.payload, vote_.previous);
        }
        poll.head = casting.head;
    }

    /// @inheritdoc IBallotBox
    function voteAnonymouslyMany(
        uint32 ballotId,
        uint16 segment,
        AnonymousVote[] calldata votes
    ) external returns (uint256 accepted) {
        uint256 count = votes.length;
        (Poll storage poll, Casting memory casting) = _ledger.begin(ballotId, segment, Secrecy.Public, false);
        BallotProofs.Bundle memory bundle = BallotProofs.begin(count, ballotId, poll);
        mapping(uint256 voter => uint256 receipt) storage receipts = _ledger.receipts[ballotId];
        for (uint256 i = 0; i < count; ++i) {
            AnonymousVote calldata item = votes[i];
            VoteFault fault = BallotCasting.checkSequence(casting, receipts[item.nullifier], item.sequence);
            bytes32 payloadHash = BallotMessages.payloadHashOf(item.payload);
            BallotProofs.add(bundle, fault, item.nullifier, item.sequence, payloadHash, item.proof);
        }
        BallotProofs.check(bundle, verifier);
        for (uint256 i = 0; i < count; ++i) {
            AnonymousVote calldata item = votes[i];
            VoteFault fault = BallotProofs.faultOf(bundle, i);
            if (fault == VoteFault.None) {
                fault = _ledger.put(poll, casting, item.nullifier, item.sequence, item.payload, item.previous);
            }
            if (fault == VoteFault.None) ++accepted;
            else emit VoteRejected(ballotId, item.nullifier, item.sequence, fault);
        }
        if (accepted != 0) poll.head = casting.head;
    }

    // --- votes that nobody sees

    /// @inheritdoc IBallotBox
    function voteSealed(uint32 ballotId, uint16 segment, SealedVote calldata vote_) external {
        _ledger.seal(verifier, ballotId, segment, vote_);
    }

    /// @inheritdoc IBallotBox
    function voteSealedMany(
        uint32 ballotId,
        uint16 segment,
        SealedVote[] calldata votes
    ) external returns (uint256 accepted) {
        return _ledger.sealMany(verifier, ballotId, segment, votes);
    }

    /// @inheritdoc IBallotBox
    function commit(
        Vote calldata vote_,
        address voter,
        Signature calldata signature,
        bytes32[] calldata path
    ) external {
        (Poll storage poll, Casting memory casting) = _ledger.begin(
            vote_.ballotId,
            vote_.segment,
            Secrecy.Committed,
            true
        );
        _requireVoter(casting.slot, vote_, voter, BallotMessages.hashOfCommitment(vote_), signature, path);
        uint256 name = BallotCasting.voterOf(vote_.segment, vote_.index);
        bytes32 hash = BallotMessages.payloadHashOf(vote_.payload);
        VoteFault fault = _ledger.hide(poll, casting, name, vote_.sequence, hash, 0);
        if (fault != VoteFault.None) _ledger.refuse(casting, fault, name, vote_.sequence, 0, 0);
        poll.head = casting.head;
        emit VoteCommitted(vote_.ballotId, name, vote_.sequence, bytes32(vote_.payload));
    }

    /// @inheritdoc IBallotBox
    function releaseKey(uint32 ballotId, BallotTerms calldata terms, uint256 key) external {
        _ledger.releaseKey(ballotId, terms, key);
    }

    /// @inheritdoc IBallotBox
    function open(uint32 ballotId, uint16 segment, SealedEntry[] calldata entries) external {
        _ledger.open(ballotId, segment, entries);
    }

    /// @inheritdoc IBallotBox
    function reveal(uint32 ballotId, uint16 segment, Reveal[] calldata reveals) external {
        _ledger.reveal(ballotId, segment, reveals);
    }

    // --- paper

    /// @inheritdoc IBallotBox
    function recordProtocol(
        PaperProtocol calldata protocol,
        PaperCount[] calldata entries,
        Signature calldata signature
    ) external {
        address owner = identities.identityOwner(protocol.officer);
        if (!credentials.holdsAs(ParticipationCredentials.RETURNING_OFFICER, protocol.officer, owner)) {
            revert BallotBoxNotOfficer(protocol.officer);
        }
        bytes32 message = BallotMessages.hashOf(protocol, entries, owner);
        _authorizeOrSender(owner, message, protocol.nonce, protocol.deadline, signature);
        _ledger.recordProtocol(protocol, entries);
    }

    // --- result

    /// @inheritdoc IBallotBox
    function addUp(uint32 ballotId, uint16 segment, uint256 groups) external returns (uint256 left) {
        return _ledger.addUp(ballotId, segment, groups);
    }

    /// @inheritdoc IBallotBox
    function drawLot(uint32 ballotId, BallotTerms calldata terms) external {
        _ledger.drawLot(ballotId, terms);
    }

    /// @inheritdoc IBallotBox
    function countRounds(uint32 ballotId, BallotTerms calldata terms, uint256[] calldata rankings) external {
        _ledger.countRounds(ballotId, terms, rankings);
    }

    /// @inheritdoc IBallotBox
    function finalise(uint32 ballotId, BallotTerms calldata terms) external {
        _ledger.finalise(ballotId, terms);
    }

    /// @inheritdoc IBallotBox
    function abandon(uint32 ballotId, BallotTerms calldata terms) external {
        _ledger.abandon(ballotId, terms);
    }

    // --- views

    /// @inheritdoc IBallotBox
    function ballotOf(uint32 ballotId, uint16[] calldata segments) external view returns (BallotView memory ballot) {
        return _ledger.ballotOf(ballotId, segments);
    }

    /// @inheritdoc IBallotBox
    function pollOf(uint32 ballotId, uint16 segment) external view returns (PollView memory poll) {
        return _ledger.pollViewOf(ballotId, segment);
    }

    /// @inheritdoc IBallotBox
    function groupOf(
        uint32 ballotId,
        uint16 segment,
        uint256 group
    ) external view returns (uint64 voted, uint8[4] memory votes, uint160 chain) {
        return _ledger.groupOf(ballotId, segment, group);
    }

    /// @inheritdoc IBallotBox
    function hasVoted(uint32 ballotId, uint16 segment, uint32 index) external view returns (bool voted) {
        return _ledger.hasVoted(ballotId, segment, index);
    }

    /// @inheritdoc IBallotBox
    function receiptOf(
        uint32 ballotId,
        uint256 voter
    ) external view returns (uint32 sequence, uint32 entry, uint176 payloadHash) {
        uint256 receipt = _ledger.receipts[ballotId][voter];
        return (Receipts.sequenceOf(receipt), Receipts.entryOf(receipt), Receipts.hashOf(receipt));
    }

    /// @inheritdoc IBallotBox
    function talliesOf(
        uint32 ballotId,
        BallotTerms calldata terms,
        uint16 segment
    ) external view returns (uint256[] memory tallies) {
        return _ledger.talliesIn(ballotId, terms, segment);
    }

    /// @inheritdoc IBallotBox
    function rankingCountOf(uint32 ballotId, uint256 ranking) external view returns (uint32 count) {
        return uint32(_ledger.rankings[ballotId][ranking]); // no more than papers, which 32 bits count
    }

    /// @inheritdoc IBallotBox
    function answersOf(
        uint32 ballotId,
        BallotTerms calldata terms,
        uint256 question
    ) external view returns (uint256[] memory cells, uint256 hidden) {
        return _ledger.answersOf(ballotId, terms, question);
    }

    /// @inheritdoc IBallotBox
    function resultOf(uint32 ballotId) external view returns (Result memory result) {
        return _ledger.results[ballotId];
    }

    /// @inheritdoc IBallotBox
    function commitmentOf(
        uint32 ballotId,
        uint16 segment,
        uint32 index,
        uint256 payload,
        bytes32 salt
    ) external view returns (bytes32 commitment) {
        uint256 voter = BallotCasting.voterOf(segment, index);
        return BallotMessages.commitmentOf(address(this), ballotId, voter, payload, salt);
    }

    /// @inheritdoc IBallotBox
    function scopeOf(uint32 ballotId) external view returns (uint256 scope) {
        return BallotMessages.scopeOf(address(this), ballotId);
    }

    // --- named votes

    /// @dev Puts a public vote of a member in, by bit or by receipt.
    function _putNamed(
        Poll storage poll,
        Casting memory casting,
        uint32 index,
        uint32 sequence,
        uint256 payload,
        uint256 previous
    ) private returns (VoteFault fault) {
        if (casting.slot.revotes()) {
            uint256 voter = BallotCasting.voterOf(casting.segment, index);
            return _ledger.put(poll, casting, voter, sequence, payload, previous);
        }
        if (sequence != 1) return VoteFault.StaleSequence;
        return _ledger.putOnce(poll, casting, index, payload);
    }

    /// @dev As above, of a batch.
    function _putSigned(
        Poll storage poll,
        Casting memory casting,
        SignedVote calldata item
    ) private returns (VoteFault fault) {
        return _putNamed(poll, casting, item.index, item.sequence, item.payload, item.previous);
    }

    /// @dev As above, where votes are in groups.
    function _joinSigned(
        Poll storage poll,
        Casting memory casting,
        SignedVote calldata item
    ) private returns (VoteFault fault) {
        if (item.sequence != 1) return VoteFault.StaleSequence;
        return BallotCasting.join(poll, casting.slot, casting.ballotId, casting.segment, item.index, item.payload);
    }

    // --- who votes

    /// @dev Reverts unless the vote is in time, of a member, and the member's own.
    function _requireVoter(
        PollSlot slot,
        Vote calldata vote_,
        address voter,
        bytes32 structHash,
        Signature calldata signature,
        bytes32[] calldata path
    ) private view {
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp > vote_.deadline) revert BallotBoxExpired(vote_.deadline, block.timestamp);
        if (!BallotCasting.isMember(slot, vote_.index, voter, path)) {
            revert BallotBoxNotInCensus(vote_.segment, vote_.index, voter);
        }
        if (msg.sender != voter) _requireSignature(voter, _hashTypedDataV4(structHash), signature);
    }

    /// @dev As above, for a vote of a batch with the signature of a plain key.
    function _checkSigned(
        Casting memory casting,
        SignedVote calldata item,
        bytes32 domain
    ) private view returns (VoteFault fault) {
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp > item.deadline) return VoteFault.Expired;
        bytes32 structHash = BallotMessages.hashOfVote(
            casting.ballotId,
            casting.segment,
            item.index,
            item.sequence,
            item.payload,
            item.deadline
        );
        address signer = CompactSignatures.recover(BallotMessages.digestOf(domain, structHash), item.signature);
        if (signer == address(0)) return VoteFault.BadSignature;
        if (!BallotCasting.isMember(casting.slot, item.index, signer, item.path)) return VoteFault.NotInCensus;
    }

    /// @dev Reverts with the error that a fault of {BallotCasting-putOnce} stands for.
    function _refuseOnce(VoteFault fault, uint16 segment, uint32 index, uint32 sequence, uint256 payload) private pure {
        if (fault == VoteFault.BadPayload) revert BallotBoxBadPayload(payload);
        revert BallotBoxStaleSequence(BallotCasting.voterOf(segment, index), sequence, 1);
    }
}
