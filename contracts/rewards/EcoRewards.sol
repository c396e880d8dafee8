// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {CompactSignature, CompactSignatures} from "../authority/CompactSignatures.sol";
import {Signature} from "../authority/ISigned.sol";
import {Signed} from "../authority/Signed.sol";
import {Credential, ICredentials} from "../identity/ICredentials.sol";
import {IIdentities} from "../identity/IIdentities.sol";
import {BinRecord, BinState, BinStatus, IContainers} from "../waste/containers/IContainers.sol";
import {IWasteLots, Lot, LotFlags, LotState} from "../waste/lots/IWasteLots.sol";
import {BudgetSlot} from "./BudgetSlots.sol";
import {CitySlot} from "./CityBudgets.sol";
import {ClaimSlot} from "./ClaimSlots.sol";
import {
    Act,
    Claim,
    ClaimStatus,
    Cycle,
    Deposit,
    IEcoRewards,
    Participants,
    Person,
    ProgrammeKind,
    ProgrammeTerms,
    RewardLimit,
    RewardSettings
} from "./IEcoRewards.sol";
import {IEcoToken} from "./IEcoToken.sol";
import {Programme, ProgrammeSlots} from "./ProgrammeSlots.sol";
import {RewardIds} from "./RewardIds.sol";
import {Reward, RewardMath} from "./RewardMath.sol";
import {RewardMessages} from "./RewardMessages.sol";

/// @title EcoRewards
/// @notice Rewards in the city's token for what people do. See {IEcoRewards}.
/// @dev Trust:
/// - An attestor is believed about acts of its programme, up to its own day budget: who steals its key gets that much a day
///   at most, and nothing before the window of the claims is over. A quorum above one asks for that many thieves.
/// - Attestors are also believed about whose a nullifier is, by the first act that names it, even one that earns nothing: a thief
///   of a key can take nullifiers that it learns, for good. Nullifiers of one programme and day keep that to a day.
/// - A container's device is believed about who put how much into it, up to what fits into the container, and the collector's
///   ticket about how much came out. Only a weighed ticket counts. Deposits pay nothing beyond the ticket and the
///   tolerance, so stones and loops of the same bag only take from those who share the container.
/// - A poster is believed about the leaves of its epochs, up to its programme's day budget.
/// - REWARD_PROGRAMMES sets programmes, attestors and the city's day budget, but cannot raise the year's cap, and what is
///   pending stays as it was earned. REWARD_AUDITOR can void what is pending, cut a collection and strike a person, but can
///   neither take what is released nor pay anybody.
/// - GUARDIAN can stop new business; releases and claims of epochs go on. Nobody can upgrade or move tokens.
/// - Issuers of the credential say who is a person. A key that a person lost still gets its rewards until it enrols again; of
///   a nullifier it gets them for ever.
///
/// An epoch takes one slot: what is left of it in 64 bits, and the lower 192 of the hash of its number, root and time. To
/// pass off another root as a given epoch's is a search for a second preimage of 192 bits. A poster that prepares two roots
/// itself has a collision of 192 bits to find, 2^96 hashes, and would win nothing that it could not have put into one of
/// them, for the total holds for both.
///
/// Longer than 400 lines: acts, deposits and epochs spend the same budgets, and a part of its own would cost each of
/// them a call.
contract EcoRewards is IEcoRewards, Signed, AccessManaged {
    using ProgrammeSlots for BudgetSlot;
    using ProgrammeSlots for Programme;
    using RewardMath for Reward;

    /// @dev A deposit on its way through {recordDeposit}.
    struct Pass {
        uint256 day;
        uint256 span;
        uint64 cycleId;
        uint256 claimId;
        ClaimSlot claim;
        uint256 dayId;
        ClaimSlot dayUse;
        /// @dev Grams that may still be claimed of the cycle.
        uint256 room;
    }

    uint256 private constant SPAN_DURATION = 10 minutes;
    /// @dev Days for which acts and deposits can be brought after their own. Below the shortest window, so that a day's claim
    /// has ended to grow before it can be released.
    uint256 private constant LATE_DAYS = 6;
    /// @dev Seconds that a device's clock may be ahead.
    uint256 private constant MAX_AHEAD = 300;
    /// @dev Seconds from a cycle's settlement to the first release, for audits, corrections and late deposits.
    uint256 private constant AUDIT_DURATION = 2 days;
    int32 private constant MAX_OFFSET = 14 hours;
    uint64 private constant FIRST_NULLIFIER = 1 << 63;
    uint256 private constant KEY_BITS = 160;
    uint256 private constant LEFT_SHIFT = 192;
    /// @dev Of a counter of 32 bits, all but the 8 that name a bit.
    uint256 private constant WORD_BITS = 24;
    /// @dev In the place of an epoch, so that its programme posts no other on that day. No known root has that hash.
    uint256 private constant STRUCK_OUT = 1;

    /// @inheritdoc IEcoRewards
    bytes32 public immutable personType;
    /// @inheritdoc IEcoRewards
    int32 public immutable clockOffset;
    /// @inheritdoc IEcoRewards
    uint56 public immutable yearCap;
    /// @inheritdoc IEcoRewards
    IEcoToken public immutable ecoToken;
    /// @inheritdoc IEcoRewards
    IWasteLots public immutable lots;
    /// @inheritdoc IEcoRewards
    IContainers public immutable containers;
    /// @inheritdoc IEcoRewards
    ICredentials public immutable credentials;
    /// @inheritdoc IEcoRewards
    IIdentities public immutable identities;

    CitySlot private _city;
    uint16 private _programmeCount;
    mapping(uint16 programmeId => Programme programme) private _programmes;
    /// @dev By `programme << 160 | key`.
    mapping(uint256 attestor => BudgetSlot budget) private _attestors;
    mapping(uint64 person => Person known) private _people;
    mapping(uint256 claimId => ClaimSlot claim) private _claims;
    /// @dev What a person got for deposits on a day, and its spans.
    mapping(uint256 dayId => ClaimSlot use) private _depositDays;
    mapping(uint64 cycleId => Cycle cycle) private _cycles;
    /// @dev A bit for each deposit that a device signed. Words are `cycle << 24 | counter >> 8`.
    mapping(address device => mapping(uint256 word => uint256 bits)) private _recorded;
    /// @dev `left << 192 | hash`, see above; zero: none.
    mapping(uint40 epochId => uint256 epoch) private _epochs;
    mapping(uint40 epochId => mapping(uint256 word => uint256 bits)) private _claimed;

    /// @param authority The city's AccessManager.
    /// @param ecoToken_ The token, which must give this contract the right to mint.
    /// @param lots_ Whose tickets tell what was weighed; names the containers as well.
    /// @param credentials_ Who numbers residents.
    /// @param identities_ Who owns their identities.
    /// @param settings What does not change, and the first day budget.
    constructor(
        address authority,
        IEcoToken ecoToken_,
        IWasteLots lots_,
        ICredentials credentials_,
        IIdentities identities_,
        RewardSettings memory settings
    ) EIP712("Civitas Rewards", "1") AccessManaged(authority) {
        if (settings.clockOffset < -MAX_OFFSET || settings.clockOffset > MAX_OFFSET) {
            revert EcoRewardsBadClock(settings.clockOffset, MAX_OFFSET);
        }
        ecoToken = ecoToken_;
        lots = lots_;
        containers = lots_.containers();
        credentials = credentials_;
        identities = identities_;
        personType = settings.personType;
        clockOffset = settings.clockOffset;
        yearCap = settings.yearCap;
        _city = _city.withDayBudget(settings.dayBudget);
        emit CityBudgetSet(0, settings.dayBudget);
    }

    // --- programmes

    /// @inheritdoc IEcoRewards
    function setProgramme(
        uint16 programmeId,
        ProgrammeTerms calldata terms
    ) external restricted returns (uint16 number) {
        number = programmeId == 0 ? _newNumber() : programmeId;
        Programme storage programme = _programmes[number];
        BudgetSlot previous = programme.slot;
        if (programmeId != 0) {
            _requireKind(programmeId, previous, terms.kind);
            Participants its = previous.participants();
            if (terms.participants != its) revert EcoRewardsWrongParticipants(programmeId, its);
        }
        ProgrammeSlots.check(terms);
        BudgetSlot slot = previous.withTerms(terms);
        if (
            BudgetSlot.unwrap(slot) == BudgetSlot.unwrap(previous) &&
            terms.code == programme.code &&
            terms.toleranceBp == programme.toleranceBp
        ) revert EcoRewardsUnchanged();
        if (terms.kind == ProgrammeKind.Epochs) _setAside(previous.dayBudget(), terms.dayBudget);
        (programme.slot, programme.code, programme.toleranceBp) = (slot, terms.code, terms.toleranceBp);
        emit ProgrammeSet(number, terms);
    }

    /// @inheritdoc IEcoRewards
    function setAttestor(uint16 programmeId, address attestor, uint48 dayBudget) external restricted {
        _requireKind(programmeId, _programmes[programmeId].slot, ProgrammeKind.Attested);
        if (attestor == address(0)) revert EcoRewardsBadAccount(attestor);
        uint256 key = _attestorKey(programmeId, attestor);
        BudgetSlot budget = _attestors[key];
        uint48 previous = budget.dayBudget();
        if (dayBudget == previous) revert EcoRewardsUnchanged();
        _attestors[key] = budget.withDayBudget(dayBudget);
        emit AttestorSet(programmeId, attestor, previous, dayBudget);
    }

    /// @inheritdoc IEcoRewards
    function setCityBudget(uint56 dayBudget) external restricted {
        CitySlot city = _city;
        (uint56 previous, uint256 setAside) = (city.dayBudget(), city.setAside());
        if (dayBudget == previous) revert EcoRewardsUnchanged();
        if (dayBudget < setAside) revert EcoRewardsBelowSetAside(dayBudget, setAside);
        _city = city.withDayBudget(dayBudget);
        emit CityBudgetSet(previous, dayBudget);
    }

    // --- people

    /// @inheritdoc IEcoRewards
    function enrol(
        address subject,
        address account,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external returns (uint64 person) {
        if (account == address(0)) revert EcoRewardsBadAccount(account);
        address owner = identities.identityOwner(subject);
        if (!credentials.holdsAs(personType, subject, owner)) revert EcoRewardsNoCredential(subject, owner);
        bytes32 message = RewardMessages.enrolment(subject, account, nonce, deadline);
        _authorizeOrSender(owner, message, nonce, deadline, signature);
        uint40 until;
        (person, until) = _numberOf(subject);
        if (person == 0) revert EcoRewardsNotNumbered(personType);
        Person storage known = _people[person];
        // Who is known can always say where its rewards go: what is pending is paid out in a pause, too.
        if (known.account == address(0)) _openCity();
        if (known.account == account && known.enrolledUntil == until) revert EcoRewardsUnchanged();
        (known.account, known.enrolledUntil) = (account, until);
        emit Enrolled(person, account, until);
    }

    /// @inheritdoc IEcoRewards
    function recheck(address subject) external {
        if (credentials.holdsAs(personType, subject, identities.identityOwner(subject))) {
            revert EcoRewardsStillHeld(subject);
        }
        (uint64 person, ) = _numberOf(subject);
        Person storage known = _people[person];
        if (known.enrolledUntil == 0) revert EcoRewardsUnchanged();
        known.enrolledUntil = 0;
        emit EnrolmentEnded(person);
    }

    // --- earning

    /// @inheritdoc IEcoRewards
    function earn(Act calldata act_, CompactSignature[] calldata signatures) external returns (uint256 paid) {
        Act memory act = act_;
        CitySlot city = _openCity();
        Programme storage programme = _programmes[act.programmeId];
        BudgetSlot slot = _requireActive(act.programmeId, programme, ProgrammeKind.Attested);
        if ((act.person >= FIRST_NULLIFIER) != slot.isOfNullifiers()) {
            revert EcoRewardsNotParticipant(act.person, act.programmeId);
        }
        _requireDay(act.day, city.day());
        if (act.qualityBp > RewardMath.FULL_BP) revert EcoRewardsOutOfRange(act.qualityBp, RewardMath.FULL_BP);
        if (act.span > RewardMath.LAST_SPAN) revert EcoRewardsOutOfRange(act.span, RewardMath.LAST_SPAN);
        (uint256[] memory attestors, uint256 left) = _attestorsOf(act, signatures, slot.quorum(), city.day());

        uint256 claimId = RewardIds.ofDay(act.programmeId, act.person, act.day);
        ClaimSlot claim = _growing(claimId);
        _requireGap(claimId, claim, act.span, slot.minGap() + 1);

        Reward memory reward = _rewardFor(slot, act.units, act.qualityBp);
        if (_meet(act)) reward.cut(0, RewardLimit.Struck);
        reward.cut(_without(slot.dayCap(), claim.amount()), RewardLimit.Person);
        reward.cut(left, RewardLimit.Attestor);
        _spend(programme, slot, city, reward);
        paid = reward.paid;
        if (paid != 0) _charge(attestors, city.day(), paid);
        _claims[claimId] = _grown(claim, paid, 1 << act.span, slot);
        _tell(claimId, act.person, reward);
    }

    /// @inheritdoc IEcoRewards
    function recordDeposit(
        Deposit calldata deposit,
        CompactSignature calldata signature
    ) external returns (uint256 paid) {
        CitySlot city = _openCity();
        Programme storage programme = _programmes[deposit.programmeId];
        BudgetSlot slot = _requireActive(deposit.programmeId, programme, ProgrammeKind.Deposits);
        // Programmes of deposits are for residents.
        if (deposit.person >= FIRST_NULLIFIER) revert EcoRewardsNotParticipant(deposit.person, deposit.programmeId);
        BinState memory bin = _requireDevice(deposit, signature);
        Pass memory pass = _openPass(deposit, programme, bin, city.day());

        Reward memory reward = _rewardFor(slot, deposit.grams, RewardMath.FULL_BP);
        if (_isStruck(_people[deposit.person], deposit.person, deposit.to, pass.day)) reward.cut(0, RewardLimit.Struck);
        if (deposit.grams > pass.room) {
            reward.cut(RewardMath.earnedDown(pass.room, slot.rate(), RewardMath.FULL_BP), RewardLimit.Container);
        }
        reward.cut(_without(slot.dayCap(), pass.dayUse.amount()), RewardLimit.Person);
        // A claim can grow over more days than one, and holds 56 bits.
        reward.cut(type(uint56).max - pass.claim.amount(), RewardLimit.Person);
        _spend(programme, slot, city, reward);
        paid = reward.paid;

        uint256 claimed = RewardMath.claimedUp(deposit.grams, pass.room, reward);
        uint256 freshSpan = (1 << pass.span) & ~pass.dayUse.detail();
        _depositDays[pass.dayId] = pass.dayUse.plus(paid, freshSpan);
        if (paid != 0) {
            _claims[pass.claimId] = _grown(pass.claim, paid, claimed, slot);
            _cycles[pass.cycleId].claimedGrams += uint40(claimed); // at most what is left of 40 bits
        }
        emit Deposited(
            pass.claimId,
            deposit.binId,
            deposit.collection,
            deposit.counter,
            deposit.grams,
            uint40(claimed) // as above
        );
        _tell(pass.claimId, deposit.person, reward);
    }

    /// @inheritdoc IEcoRewards
    function settleCycle(uint32 binId, uint32 collection) external {
        Cycle storage cycle = _openCycle(binId, collection);
        Lot memory lot = lots.lotOf(RewardIds.ofCycle(binId, collection));
        if (lot.state == LotState.None) revert EcoRewardsNotCollected(binId, collection);
        bool counts = lot.code == cycle.code && lot.flags & LotFlags.NOT_WEIGHED == 0;
        // 32 bits of grams and a tenth more are below 40.
        uint40 allowed = counts ? uint40(RewardMath.allowedDown(lot.collectedGrams, cycle.toleranceBp)) : 0;
        if (cycle.settledAt == 0)
            cycle.settledAt = uint40(block.timestamp); // lasts 34,000 years
        else if (cycle.allowedGrams == allowed) revert EcoRewardsUnchanged();
        cycle.allowedGrams = allowed;
        emit CycleSettled(binId, collection, cycle.claimedGrams, allowed);
    }

    /// @inheritdoc IEcoRewards
    function release(uint256 claimId) external returns (uint256 amount) {
        ClaimSlot claim = _requirePending(claimId);
        _requireReached(claim.unlockAt());
        amount = claim.amount();
        if (RewardIds.isDeposits(claimId)) amount = _vest(RewardIds.cycleOf(claimId), amount);
        _claims[claimId] = claim.withStatus(ClaimStatus.Released);
        address to = _people[RewardIds.personOf(claimId)].account;
        emit Released(claimId, to, amount);
        if (amount != 0) ecoToken.mint(to, amount);
    }

    // --- audit

    /// @inheritdoc IEcoRewards
    function voidClaim(uint256 claimId, bytes32 reasonHash, uint16 strikeDays) external restricted {
        ClaimSlot claim = _requirePending(claimId);
        _claims[claimId] = claim.withStatus(ClaimStatus.Voided);
        if (RewardIds.isDeposits(claimId)) {
            Cycle storage cycle = _cycles[RewardIds.cycleOf(claimId)];
            // Its own part of them, so 40 bits and no more than all.
            if (!cycle.released) cycle.claimedGrams -= uint40(claim.detail());
        }
        emit Voided(claimId, reasonHash);
        if (strikeDays == 0) return;
        uint64 person = RewardIds.personOf(claimId);
        Person storage known = _people[person];
        uint256 until = uint256(today()) + strikeDays;
        if (until > known.struckUntil) known.struckUntil = uint24(until); // 24 bits of days last 45,000 years
        emit Struck(person, ++known.strikes, known.struckUntil);
    }

    /// @inheritdoc IEcoRewards
    function auditCycle(uint32 binId, uint32 collection, uint16 cutBp, bytes32 reasonHash) external restricted {
        Cycle storage cycle = _openCycle(binId, collection);
        if (cutBp > RewardMath.FULL_BP) revert EcoRewardsOutOfRange(cutBp, RewardMath.FULL_BP);
        if (cutBp == cycle.cutBp) revert EcoRewardsUnchanged();
        cycle.cutBp = cutBp;
        emit CycleAudited(binId, collection, cutBp, reasonHash);
    }

    /// @inheritdoc IEcoRewards
    function pardon(uint64 person) external restricted {
        Person storage known = _people[person];
        if (known.strikes == 0) revert EcoRewardsUnchanged();
        (known.strikes, known.struckUntil) = (0, 0);
        emit Struck(person, 0, 0);
    }

    /// @inheritdoc IEcoRewards
    function voidEpoch(uint40 epochId, bytes32 root, uint40 claimableAt, bytes32 reasonHash) external restricted {
        _requireEpoch(epochId, root, claimableAt);
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp >= claimableAt) revert EcoRewardsTooLate(claimableAt, block.timestamp);
        _epochs[epochId] = STRUCK_OUT;
        emit EpochVoided(epochId, reasonHash);
    }

    // --- epochs

    /// @inheritdoc IEcoRewards
    function postEpoch(uint40 epochId, bytes32 root, uint48 total, string calldata uri) external {
        uint256 today_ = _openCity().day();
        (uint16 programmeId, uint24 day) = RewardIds.partsOfEpoch(epochId);
        BudgetSlot slot = _requireActive(programmeId, _programmes[programmeId], ProgrammeKind.Epochs);
        if (msg.sender != slot.poster()) revert EcoRewardsNotPoster(msg.sender, slot.poster());
        // Its leaves name it: on another day it would pay nobody, and take the place of that day's.
        if (day != today_) revert EcoRewardsBadDay(day, today_, today_);
        if (total == 0) revert EcoRewardsZeroTotal();
        if (total > slot.dayBudget()) revert EcoRewardsBudgetExceeded(total, slot.dayBudget());
        if (_epochs[epochId] != 0) revert EcoRewardsEpochPosted(epochId);
        uint40 claimableAt = uint40(block.timestamp + slot.window()); // 40 bits of seconds last 34,000 years
        _epochs[epochId] = (uint256(total) << LEFT_SHIFT) | _epochHash(epochId, root, claimableAt);
        emit EpochPosted(epochId, programmeId, root, total, claimableAt, uri);
    }

    /// @inheritdoc IEcoRewards
    function claimFromEpoch(
        uint40 epochId,
        uint40 claimableAt,
        uint256 index,
        address to,
        uint256 amount,
        bytes32[] calldata proof
    ) external {
        // Names the epoch, so that a root that is posted twice pays once. Hashed twice, so that no inner node passes for a leaf.
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(epochId, index, to, amount))));
        uint256 epoch = _requireEpoch(epochId, MerkleProof.processProofCalldata(proof, leaf), claimableAt);
        _requireReached(claimableAt);
        uint256 bit = 1 << (index & 0xff);
        uint256 bits = _claimed[epochId][index >> 8];
        if (bits & bit != 0) revert EcoRewardsAlreadyClaimed(epochId, index);
        uint256 left = epoch >> LEFT_SHIFT;
        if (amount > left) revert EcoRewardsBudgetExceeded(amount, left);
        _claimed[epochId][index >> 8] = bits | bit;
        _epochs[epochId] = epoch - (amount << LEFT_SHIFT);
        emit EpochClaimed(epochId, index, to, amount);
        ecoToken.mint(to, amount);
    }

    // --- pause

    /// @inheritdoc IEcoRewards
    function pause() external restricted {
        _openCity();
        _city = _city.toggled();
        emit Paused(msg.sender);
    }

    /// @inheritdoc IEcoRewards
    function unpause() external restricted {
        if (!_city.isPaused()) revert EcoRewardsNotPaused();
        _city = _city.toggled();
        emit Unpaused(msg.sender);
    }

    // --- views

    /// @inheritdoc IEcoRewards
    function programmeOf(uint16 programmeId) external view returns (ProgrammeTerms memory terms, uint48 usedToday) {
        Programme storage programme = _programmes[programmeId];
        terms = programme.termsOf();
        if (terms.kind != ProgrammeKind.Epochs) usedToday = programme.slot.usedOn(today());
    }

    /// @inheritdoc IEcoRewards
    function attestorOf(
        uint16 programmeId,
        address attestor
    ) external view returns (uint48 dayBudget, uint48 usedToday) {
        BudgetSlot budget = _attestors[_attestorKey(programmeId, attestor)];
        return (budget.dayBudget(), budget.usedOn(today()));
    }

    /// @inheritdoc IEcoRewards
    function claimOf(uint256 claimId) external view returns (Claim memory claim) {
        return _claims[claimId].unpack();
    }

    /// @inheritdoc IEcoRewards
    function depositDayOf(
        uint16 programmeId,
        uint64 person,
        uint24 day
    ) external view returns (uint56 used, uint144 spans) {
        Claim memory use = _depositDays[RewardIds.ofDay(programmeId, person, day)].unpack();
        return (use.amount, use.detail);
    }

    /// @inheritdoc IEcoRewards
    function cycleOf(uint32 binId, uint32 collection) external view returns (Cycle memory cycle) {
        return _cycles[RewardIds.ofCycle(binId, collection)];
    }

    /// @inheritdoc IEcoRewards
    function personOf(uint64 person) external view returns (Person memory known) {
        return _people[person];
    }

    /// @inheritdoc IEcoRewards
    function epochLeft(uint40 epochId) external view returns (uint256 left) {
        return _epochs[epochId] >> LEFT_SHIFT;
    }

    /// @inheritdoc IEcoRewards
    function isClaimed(uint40 epochId, uint256 index) external view returns (bool claimed) {
        return _claimed[epochId][index >> 8] & (1 << (index & 0xff)) != 0;
    }

    /// @inheritdoc IEcoRewards
    function cityBudget()
        external
        view
        returns (uint256 dayBudget, uint256 setAside, uint256 leftToday, uint256 leftThisYear)
    {
        CitySlot city = _city.on(today());
        return (city.dayBudget(), city.setAside(), city.leftToday(), city.leftThisYear(yearCap));
    }

    /// @inheritdoc IEcoRewards
    function paused() external view returns (bool stopped) {
        return _city.isPaused();
    }

    /// @inheritdoc IEcoRewards
    function today() public view returns (uint24 day) {
        return uint24(_dayOf(block.timestamp)); // 24 bits of days last 45,000 years
    }

    // --- programmes and budgets

    /// @dev Number of another programme.
    function _newNumber() private returns (uint16 number) {
        uint256 count = uint256(_programmeCount) + 1;
        if (count > type(uint16).max) revert EcoRewardsTooManyProgrammes(count, type(uint16).max);
        _programmeCount = number = uint16(count);
    }

    /// @dev Takes what is set aside for epochs from one sum to another.
    function _setAside(uint256 previous, uint256 amount) private {
        CitySlot city = _city.on(today());
        if (amount > previous) {
            uint256 more = amount - previous;
            uint256 left = city.leftToday();
            if (more > left) revert EcoRewardsBudgetExceeded(more, left);
            left = city.leftThisYear(yearCap);
            if (more * RewardMath.YEAR_DAYS > left) {
                revert EcoRewardsBudgetExceeded(more * RewardMath.YEAR_DAYS, left);
            }
            _city = city.reserve(more);
        } else {
            _city = city.free(previous - amount);
        }
    }

    /// @dev Cuts a reward to what programme and city can give, and takes it from them.
    function _spend(Programme storage programme, BudgetSlot slot, CitySlot city, Reward memory reward) private {
        uint256 today_ = city.day();
        reward.cut(slot.leftOn(today_), RewardLimit.Programme);
        reward.cut(city.leftToday(), RewardLimit.City);
        reward.cut(city.leftThisYear(yearCap), RewardLimit.Year);
        if (reward.paid == 0) return;
        programme.slot = slot.spend(today_, reward.paid);
        _city = city.spend(reward.paid);
    }

    /// @dev Each attestor answers for all of what it signs.
    function _charge(uint256[] memory attestors, uint256 today_, uint256 amount) private {
        for (uint256 i = 0; i < attestors.length; ++i) {
            uint256 attestor = attestors[i];
            _attestors[attestor] = _attestors[attestor].spend(today_, amount);
        }
    }

    /// @dev Who takes part in an act: binds a nullifier that is new, and says whether the person is struck.
    function _meet(Act memory act) private returns (bool struck) {
        Person memory known = _people[act.person];
        if (act.person < FIRST_NULLIFIER || known.account != address(0)) {
            return _isStruck(known, act.person, act.to, act.day);
        }
        if (act.to == address(0)) revert EcoRewardsBadAccount(act.to);
        _people[act.person] = Person({account: act.to, strikes: 0, struckUntil: 0, enrolledUntil: type(uint40).max});
        emit Enrolled(act.person, act.to, type(uint40).max);
        return false;
    }

    /// @dev Checks container and time of a deposit, and notes it in its cycle.
    function _openPass(
        Deposit calldata deposit,
        Programme storage programme,
        BinState memory state,
        uint256 today_
    ) private returns (Pass memory pass) {
        // solhint-disable-next-line not-rely-on-time
        uint256 latest = block.timestamp + MAX_AHEAD;
        if (deposit.takenAt > latest) revert EcoRewardsTimeInFuture(deposit.takenAt, latest);
        pass.day = _dayOf(deposit.takenAt);
        _requireDay(pass.day, today_);
        pass.span = (_localTime(deposit.takenAt) % 1 days) / SPAN_DURATION;
        pass.cycleId = RewardIds.ofCycle(deposit.binId, deposit.collection);
        Cycle storage cycle = _cycles[pass.cycleId];
        BinRecord memory bin = containers.recordOf(deposit.binId);
        _requireCollection(deposit, bin, state.status, cycle.settledAt);
        _join(cycle, deposit, programme);
        _countOnce(state.device, pass.cycleId, deposit);
        uint256 most = type(uint40).max;
        uint256 fits = uint256(bin.capacityL) * bin.maxGramsPerL;
        if (fits != 0 && fits < most) most = fits;
        pass.room = _without(most, cycle.claimedGrams);
        pass.claimId = RewardIds.ofDeposits(deposit.programmeId, deposit.person, pass.cycleId);
        pass.claim = _growing(pass.claimId);
        pass.dayId = RewardIds.ofDay(deposit.programmeId, deposit.person, pass.day);
        pass.dayUse = _depositDays[pass.dayId];
        _requireGap(pass.dayId, pass.dayUse, pass.span, programme.slot.minGap());
    }

    /// @dev The first deposit gives a cycle its programme; later ones must be of the same.
    function _join(Cycle storage cycle, Deposit calldata deposit, Programme storage programme) private {
        uint16 programmeId = cycle.programmeId;
        if (programmeId == 0) {
            (cycle.programmeId, cycle.code, cycle.toleranceBp) = (
                deposit.programmeId,
                programme.code,
                programme.toleranceBp
            );
        } else if (programmeId != deposit.programmeId) {
            revert EcoRewardsOtherProgramme(deposit.binId, deposit.collection, programmeId);
        }
        if (deposit.counter > cycle.counter) cycle.counter = deposit.counter;
    }

    /// @dev Deposits count once in whatever order they come, so that nobody shuts out an earlier one by relaying a later one.
    /// A device's counters are its own: one that replaces another begins anew.
    function _countOnce(address device, uint64 cycleId, Deposit calldata deposit) private {
        uint32 counter = deposit.counter;
        uint256 word = (uint256(cycleId) << WORD_BITS) | (counter >> 8);
        uint256 bits = _recorded[device][word];
        uint256 bit = 1 << (counter & 0xff);
        if (bits & bit != 0) revert EcoRewardsDepositRecorded(deposit.binId, deposit.collection, counter);
        _recorded[device][word] = bits | bit;
    }

    /// @dev What a claim of deposits is worth; marks its cycle as released.
    function _vest(uint64 cycleId, uint256 amount) private returns (uint256 vested) {
        Cycle storage stored = _cycles[cycleId];
        Cycle memory cycle = stored;
        if (cycle.settledAt == 0) {
            (uint32 binId, uint32 collection) = RewardIds.partsOf(cycleId);
            revert EcoRewardsNotSettled(binId, collection);
        }
        _requireReached(cycle.settledAt + AUDIT_DURATION);
        if (!cycle.released) stored.released = true;
        return RewardMath.vestedDown(amount, cycle.claimedGrams, cycle.allowedGrams, cycle.cutBp);
    }

    // --- what happened

    function _tell(uint256 claimId, uint64 person, Reward memory reward) private {
        if (reward.paid == 0) emit RewardSkipped(claimId, person, reward.earned, reward.limit);
        else emit Earned(claimId, person, reward.earned, reward.paid, reward.limit);
    }

    // --- what can be seen

    /// @dev The city's budgets today, unless it pauses.
    function _openCity() private view returns (CitySlot city) {
        city = _city;
        if (city.isPaused()) revert EcoRewardsPaused();
        return city.on(today());
    }

    /// @dev A cycle with deposits and without released claims.
    function _openCycle(uint32 binId, uint32 collection) private view returns (Cycle storage cycle) {
        cycle = _cycles[RewardIds.ofCycle(binId, collection)];
        if (cycle.programmeId == 0) revert EcoRewardsUnknownCycle(binId, collection);
        if (cycle.released) revert EcoRewardsCycleReleased(binId, collection);
    }

    /// @dev Recovers who attested an act, and what the one with the least can still give.
    function _attestorsOf(
        Act memory act,
        CompactSignature[] calldata signatures,
        uint256 quorum,
        uint256 today_
    ) private view returns (uint256[] memory attestors, uint256 left) {
        if (signatures.length != quorum) revert EcoRewardsBadQuorum(signatures.length, quorum);
        bytes32 digest = _hashTypedDataV4(RewardMessages.hashOf(act));
        attestors = new uint256[](quorum);
        left = type(uint256).max;
        uint256 previous;
        for (uint256 i = 0; i < quorum; ++i) {
            address key = CompactSignatures.recover(digest, signatures[i]);
            uint256 attestor = _attestorKey(act.programmeId, key);
            BudgetSlot budget = _attestors[attestor];
            if (budget.dayBudget() == 0) revert EcoRewardsNotAttestor(act.programmeId, key);
            if (attestor <= previous) revert EcoRewardsKeysNotRising(key);
            uint256 its = budget.leftOn(today_);
            if (its < left) left = its;
            attestors[i] = attestor;
            previous = attestor;
        }
    }

    /// @dev The container, whose device signed. It exists, and so has a device, which is not zero.
    function _requireDevice(
        Deposit calldata deposit,
        CompactSignature calldata signature
    ) private view returns (BinState memory state) {
        address key = CompactSignatures.recover(_hashTypedDataV4(RewardMessages.hashOf(deposit)), signature);
        state = containers.stateOf(deposit.binId);
        if (key != state.device) revert EcoRewardsBadDeviceSignature(deposit.binId, key);
    }

    /// @dev Whether a person earns nothing for a day. Reverts unless it is enrolled with that account.
    function _isStruck(Person memory known, uint64 person, address to, uint256 day) private view returns (bool struck) {
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp > known.enrolledUntil) revert EcoRewardsNotEnrolled(person);
        if (to != known.account) revert EcoRewardsWrongAccount(person, to, known.account);
        return day <= known.struckUntil;
    }

    /// @dev A claim that can grow.
    function _growing(uint256 claimId) private view returns (ClaimSlot claim) {
        claim = _claims[claimId];
        ClaimStatus status = claim.status();
        if (status > ClaimStatus.Pending) revert EcoRewardsNotPending(claimId, status);
    }

    function _requirePending(uint256 claimId) private view returns (ClaimSlot claim) {
        claim = _claims[claimId];
        ClaimStatus status = claim.status();
        if (status != ClaimStatus.Pending) revert EcoRewardsNotPending(claimId, status);
    }

    /// @dev An epoch that has this root and time.
    function _requireEpoch(uint40 epochId, bytes32 root, uint40 claimableAt) private view returns (uint256 epoch) {
        epoch = _epochs[epochId];
        if (epoch <= STRUCK_OUT) revert EcoRewardsUnknownEpoch(epochId);
        if (uint192(epoch) != _epochHash(epochId, root, claimableAt)) revert EcoRewardsBadProof(epochId, root);
    }

    function _requireActive(
        uint16 programmeId,
        Programme storage programme,
        ProgrammeKind kind
    ) private view returns (BudgetSlot slot) {
        slot = programme.slot;
        _requireKind(programmeId, slot, kind);
        if (!slot.isActive()) revert EcoRewardsNotActive(programmeId);
    }

    /// @dev A deposit is for the next collection, or was in time for the latest one, which is not past correction.
    function _requireCollection(
        Deposit calldata deposit,
        BinRecord memory bin,
        BinStatus status,
        uint256 settledAt
    ) private view {
        uint32 next = bin.collections + 1; // a container is not emptied 2^32 times
        if (deposit.collection == next) {
            // What is never collected would spend budgets of others, with the key of a device that nobody looks after.
            if (status == BinStatus.Retired) revert EcoRewardsBinRetired(deposit.binId);
            if (deposit.takenAt < bin.emptiedAt) revert EcoRewardsBadTime(deposit.takenAt, bin.emptiedAt);
            return;
        }
        // solhint-disable-next-line not-rely-on-time
        bool over = settledAt != 0 && block.timestamp >= settledAt + AUDIT_DURATION;
        if (deposit.collection != bin.collections || over) {
            revert EcoRewardsBadCollection(deposit.binId, deposit.collection, next);
        }
        if (deposit.takenAt > bin.emptiedAt) revert EcoRewardsBadTime(deposit.takenAt, bin.emptiedAt);
    }

    function _requireReached(uint256 time) private view {
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp < time) revert EcoRewardsTooEarly(time, block.timestamp);
    }

    /// @dev Number of a person, and when its credential ends, whatever its standing.
    function _numberOf(address subject) private view returns (uint64 person, uint40 until) {
        Credential memory credential = credentials.credentialOf(personType, subject);
        return (credential.index, credential.until);
    }

    /// @dev A claim with more in it, locked for the programme's window if that is worth anything or it is new.
    function _grown(
        ClaimSlot claim,
        uint256 amount,
        uint256 detail,
        BudgetSlot slot
    ) private view returns (ClaimSlot grown) {
        grown = claim.plus(amount, detail);
        // solhint-disable-next-line not-rely-on-time
        if (amount != 0 || claim.status() == ClaimStatus.None)
            return grown.lockedUntil(block.timestamp + slot.window());
    }

    /// @dev Day of the city's clock.
    function _dayOf(uint256 timestamp) private view returns (uint256 day) {
        return _localTime(timestamp) / 1 days;
    }

    /// @dev Seconds of the city's clock. A device's time that it takes below zero becomes a day to come, which is refused.
    function _localTime(uint256 timestamp) private view returns (uint256 seconds_) {
        return uint256(int256(timestamp) + clockOffset);
    }

    function _requireKind(uint16 programmeId, BudgetSlot slot, ProgrammeKind kind) private pure {
        ProgrammeKind its = slot.kind();
        if (its == ProgrammeKind.None) revert EcoRewardsUnknownProgramme(programmeId);
        if (its != kind) revert EcoRewardsWrongKind(programmeId, its);
    }

    function _requireDay(uint256 day, uint256 today_) private pure {
        uint256 earliest = today_ - LATE_DAYS; // days since 1970 are above that
        if (day < earliest || day > today_) revert EcoRewardsBadDay(day, earliest, today_);
    }

    function _requireGap(uint256 dayId, ClaimSlot day, uint256 span, uint256 distance) private pure {
        if (day.detail() & RewardMath.spansNear(span, distance) != 0) revert EcoRewardsTooSoon(dayId, span);
    }

    /// @dev What units earn, within the units that count.
    function _rewardFor(BudgetSlot slot, uint256 units, uint256 qualityBp) private pure returns (Reward memory reward) {
        uint256 rate = slot.rate();
        reward.earned = RewardMath.earnedDown(units, rate, qualityBp);
        reward.paid = reward.earned;
        if (units < slot.leastUnits()) reward.cut(0, RewardLimit.Units);
        uint256 most = slot.mostUnits();
        if (units > most) reward.cut(RewardMath.earnedDown(most, rate, qualityBp), RewardLimit.Units);
    }

    function _epochHash(uint40 epochId, bytes32 root, uint40 claimableAt) private pure returns (uint256 hash) {
        return uint192(uint256(keccak256(abi.encode(epochId, root, claimableAt)))); // the lower 192 bits, see above
    }

    function _attestorKey(uint16 programmeId, address attestor) private pure returns (uint256 key) {
        return (uint256(programmeId) << KEY_BITS) | uint160(attestor);
    }

    function _without(uint256 whole, uint256 part) private pure returns (uint256 rest) {
        return whole > part ? whole - part : 0;
    }
}
