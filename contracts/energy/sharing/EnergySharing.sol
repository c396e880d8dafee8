// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";

import {Signature} from "../../authority/ISigned.sol";
import {Signed} from "../../authority/Signed.sol";
import {PaymentAuthorization, Payments} from "../../finance/Payments.sol";
import {IIdentities} from "../../identity/IIdentities.sol";
import {IEnergyRegistry, MeterStatus} from "../registry/IEnergyRegistry.sol";
import {Community, IEnergySharing, SharedInterval, Terms} from "./IEnergySharing.sol";
import {IMeterReadings} from "../readings/IMeterReadings.sol";
import {IntervalSeries, Series} from "../registry/IntervalSeries.sol";
import {MeterRow, MeterRows} from "./MeterRows.sol";
import {SharingMessages} from "./SharingMessages.sol";
import {SharingBooks, SharingRound, SharingRounds} from "./SharingRounds.sol";
import {SharingTerms} from "./SharingTerms.sol";

/// @title EnergySharing
/// @notice Communities that share what they generate without a market. See {IEnergySharing}.
/// @dev Trust:
/// - The readings are believed once they are final for settlement, as they stand when an interval is shared; amendments
///   after that do not move money here.
/// - An organiser sets who takes part, by which key and at what price, up to 16.7 million money units a Wh. Members see
///   new terms before they hold, as long before as orders open in the market, and can leave until the last moment. Who
///   looks away can lose what is paid in, so it is well to pay in little at a time. An organiser holds no money.
/// - The grid operator sets its own fee, with the same notice.
/// - ENERGY_REGISTRAR says who owns a meter and whether it may share. A meter that it allows to trade instead stays a member
///   until somebody calls {dismiss}.
/// - This contract knows no market. A meter that may trade, then at once may share, is a member from the next interval,
///   while its orders in the market stand for all intervals that are open, and the market takes more until its account
///   there is refreshed: the same Wh would be sold there and shared here, at the supplier's cost. Likewise the other way
///   round until it is dismissed. So between the two the registrar suspends the meter for as long as intervals are open
///   ahead ({IEnergyRegistry-horizon}), has its account in the market refreshed and its membership here ended first, both
///   of which anybody can do.
/// - The token is one that moves what it is told to; those that take a fee or change balances are refused when paid in.
/// - Nobody can pause, and nothing can be upgraded.
contract EnergySharing is IEnergySharing, Signed {
    using BitMaps for BitMaps.BitMap;
    using IntervalSeries for Series;
    using SafeERC20 for IERC20;

    /// @dev A meter's number without its position on the feeder.
    uint256 private constant FEEDER_SHIFT = 8;
    /// @dev Most intervals in one call. With few members they fit.
    uint256 private constant MAX_INTERVALS = 256;
    /// @dev A currency of fewer decimals has no unit small enough for a Wh.
    uint256 private constant MIN_DECIMALS = 6;
    /// @dev After all that was announced.
    uint32 private constant LATEST = type(uint32).max;
    uint256 private constant FIELD_UNIT = 0;
    uint256 private constant FIELD_DECIMALS = 1;
    uint256 private constant FIELD_GRID_OPERATOR = 2;

    /// @inheritdoc IEnergySharing
    IERC20 public immutable token;
    /// @inheritdoc IEnergySharing
    uint64 public immutable moneyUnit;
    /// @inheritdoc IEnergySharing
    IMeterReadings public immutable readings;
    /// @inheritdoc IEnergySharing
    IEnergyRegistry public immutable registry;
    /// @inheritdoc IEnergySharing
    IIdentities public immutable identities;
    /// @inheritdoc IEnergySharing
    address public immutable gridOperator;

    /// @inheritdoc IEnergySharing
    uint32 public communityCount;
    mapping(uint32 community => Community record) private _communities;
    /// @dev Number of the terms, from an interval on; zero: none.
    mapping(uint32 community => Series numbers) private _terms;
    mapping(uint32 community => mapping(uint256 number => bytes32 hash)) private _termsHashes;
    /// @dev Account that takes part with a meter, from an interval on; zero: none.
    mapping(uint32 community => mapping(uint32 meter => Series accounts)) private _members;
    mapping(uint32 meter => uint32 community) private _memberships;
    mapping(uint32 community => BitMaps.BitMap intervals) private _shared;
    /// @dev Money units per Wh, from an interval on.
    Series private _fees;
    SharingBooks private _books;

    /// @param token_ Token in which members pay; at least 6 decimals.
    /// @param moneyUnit_ Token units in a money unit, at least 1.
    /// @param readings_ What the meters measured.
    /// @param identities_ Who owns an identity.
    /// @param gridOperator_ Identity that gets the grid fees.
    constructor(
        IERC20 token_,
        uint64 moneyUnit_,
        IMeterReadings readings_,
        IIdentities identities_,
        address gridOperator_
    ) EIP712("Civitas Energy Sharing", "1") {
        if (moneyUnit_ == 0) revert EnergySharingInvalidSetting(FIELD_UNIT, moneyUnit_, 1);
        uint256 decimals = IERC20Metadata(address(token_)).decimals();
        if (decimals < MIN_DECIMALS) revert EnergySharingInvalidSetting(FIELD_DECIMALS, decimals, MIN_DECIMALS);
        if (gridOperator_ == address(0)) revert EnergySharingInvalidSetting(FIELD_GRID_OPERATOR, 0, 1);
        token = token_;
        moneyUnit = moneyUnit_;
        readings = readings_;
        registry = readings_.registry();
        identities = identities_;
        gridOperator = gridOperator_;
    }

    // --- communities

    /// @inheritdoc IEnergySharing
    function found(address organiser, uint16 feeder, Terms calldata terms) external returns (uint32 community) {
        _requireBody(organiser);
        registry.feederOf(feeder);
        SharingTerms.check(terms);
        community = ++communityCount;
        _communities[community] = Community({organiser: organiser, feeder: feeder});
        emit CommunityFounded(community, organiser, feeder);
        _setTerms(community, terms, termsHash(terms), _nextInterval());
    }

    /// @inheritdoc IEnergySharing
    function setTerms(uint32 community, Terms calldata terms) external returns (uint32 fromInterval) {
        _requireBody(communityOf(community).organiser);
        SharingTerms.check(terms);
        bytes32 hash = termsHash(terms);
        if (hash == termsHashOf(community, LATEST)) revert EnergySharingUnchanged();
        fromInterval = registry.firstChangeable();
        _setTerms(community, terms, hash, fromInterval);
    }

    /// @inheritdoc IEnergySharing
    function setGridFee(uint24 fee) external returns (uint32 fromInterval) {
        _requireBody(gridOperator);
        if (fee == gridFeeOf(LATEST)) revert EnergySharingUnchanged();
        fromInterval = registry.firstChangeable();
        uint224 previous = _fees.set(fromInterval, fee, fromInterval);
        emit GridFeeSet(uint24(previous), fee, fromInterval); // set as 24 bits
    }

    // --- members

    /// @inheritdoc IEnergySharing
    function joinCommunity(
        uint32 community,
        uint32 meter,
        bytes32 termsHash_,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external {
        _checkJoining(community, meter, termsHash_);
        address account = registry.ownerOf(meter);
        bytes32 message = SharingMessages.joinCommunity(community, meter, termsHash_, nonce, deadline);
        _authorizeOrSender(account, message, nonce, deadline, signature);
        _memberships[meter] = community;
        uint32 fromInterval = _nextInterval();
        _members[community][meter].set(fromInterval, uint160(account), fromInterval);
        emit MemberJoined(community, meter, account, fromInterval);
    }

    /// @inheritdoc IEnergySharing
    function leaveCommunity(uint32 meter, uint256 nonce, uint256 deadline, Signature calldata signature) external {
        (uint32 community, address account) = _membership(meter);
        bytes32 message = SharingMessages.leaveCommunity(community, meter, nonce, deadline);
        _authorizeOrSender(account, message, nonce, deadline, signature);
        _endMembership(community, meter, account, false);
    }

    /// @inheritdoc IEnergySharing
    function dismiss(uint32 meter) external {
        (uint32 community, address account) = _membership(meter);
        if (registry.ownerOf(meter) == account && registry.meterOf(meter).status == MeterStatus.Sharing) {
            revert EnergySharingStillSound(meter, account);
        }
        _endMembership(community, meter, account, true);
    }

    // --- money

    /// @inheritdoc IEnergySharing
    function deposit(address account, uint256 amount) external {
        uint256 units = _unitsOf(amount);
        // The token comes first, since what arrives is what counts. A call from within cannot pay in the same tokens twice:
        // what it moves shows in the difference, which must be exact.
        _credit(account, msg.sender, amount, units, Payments.pull(token, msg.sender, amount));
    }

    /// @inheritdoc IEnergySharing
    function depositWithAuthorization(
        address account,
        address from,
        uint256 amount,
        uint256 salt,
        PaymentAuthorization calldata authorization
    ) external {
        uint256 units = _unitsOf(amount);
        bytes32 nonce = depositNonce(account, from, amount, salt);
        // As in deposit.
        uint256 moved = Payments.pullAuthorized(token, from, amount, nonce, authorization);
        _credit(account, from, amount, units, moved);
    }

    /// @inheritdoc IEnergySharing
    function withdraw(
        address account,
        uint256 amount,
        address to,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external {
        uint256 units = _unitsOf(amount);
        uint256 balance = _books.balances[account];
        if (units > balance) revert EnergySharingBalanceTooSmall(balance, units);
        _requireReceiver(to);
        bytes32 message = SharingMessages.withdrawal(account, amount, to, nonce, deadline);
        _authorizeOrSender(account, message, nonce, deadline, signature);
        _books.balances[account] = balance - units;
        _books.held -= units;
        emit Withdrawn(account, to, amount);
        token.safeTransfer(to, amount);
    }

    /// @inheritdoc IEnergySharing
    function withdrawGridFees(address to) external returns (uint256 amount) {
        _requireBody(gridOperator);
        uint256 units = _books.gridFees;
        if (units == 0) revert EnergySharingUnchanged();
        _requireReceiver(to);
        _books.gridFees = 0;
        _books.held -= units;
        amount = units * moneyUnit;
        emit GridFeesWithdrawn(to, amount);
        token.safeTransfer(to, amount);
    }

    // --- sharing

    /// @inheritdoc IEnergySharing
    function share(uint32 community, Terms calldata terms, SharedInterval[] calldata intervals) external {
        uint16 feeder = communityOf(community).feeder;
        uint256 length = intervals.length;
        if (length == 0 || length > MAX_INTERVALS) revert EnergySharingBadLength(length, MAX_INTERVALS);
        bytes32 hash = termsHash(terms);
        bool done = false;
        for (uint256 i = 0; i < length; ++i) {
            uint32 interval = intervals[i].interval;
            bytes32 expected = termsHashOf(community, interval);
            if (hash != expected) revert EnergySharingWrongTerms(community, hash, expected);
            // Others can get there first, and must not stop the rest.
            if (_shared[community].get(interval)) continue;
            _shared[community].set(interval);
            _share(community, feeder, terms, intervals[i]);
            done = true;
        }
        if (!done) revert EnergySharingAlreadyShared(community, intervals[0].interval);
    }

    // --- views

    /// @inheritdoc IEnergySharing
    function communityOf(uint32 community) public view returns (Community memory record) {
        record = _communities[community];
        if (record.organiser == address(0)) revert EnergySharingUnknownCommunity(community);
    }

    /// @inheritdoc IEnergySharing
    function termsHashOf(uint32 community, uint32 interval) public view returns (bytes32 hash) {
        return _termsHashes[community][_terms[community].valueOf(interval)];
    }

    /// @inheritdoc IEnergySharing
    function termsHash(Terms calldata terms) public pure returns (bytes32 hash) {
        return keccak256(abi.encode(terms));
    }

    /// @inheritdoc IEnergySharing
    function gridFeeOf(uint32 interval) public view returns (uint24 fee) {
        return uint24(_fees.valueOf(interval)); // set as 24 bits
    }

    /// @inheritdoc IEnergySharing
    function membershipOf(uint32 meter) external view returns (uint32 community) {
        return _memberships[meter];
    }

    /// @inheritdoc IEnergySharing
    function memberOf(uint32 community, uint32 meter, uint32 interval) public view returns (address account) {
        return address(uint160(_members[community][meter].valueOf(interval))); // set as an address
    }

    /// @inheritdoc IEnergySharing
    function isShared(uint32 community, uint32 interval) external view returns (bool shared) {
        return _shared[community].get(interval);
    }

    /// @inheritdoc IEnergySharing
    function balanceOf(address account) external view returns (uint256 balance) {
        return _books.balances[account];
    }

    /// @inheritdoc IEnergySharing
    function balances() external view returns (uint256 gridFees, uint256 held) {
        return (_books.gridFees, _books.held);
    }

    /// @inheritdoc IEnergySharing
    function depositNonce(
        address account,
        address from,
        uint256 amount,
        uint256 salt
    ) public pure returns (bytes32 nonce) {
        return Payments.nonceOf(keccak256(abi.encode(account, from, amount, salt)));
    }

    // --- internals that write

    function _setTerms(uint32 community, Terms calldata terms, bytes32 hash, uint32 fromInterval) private {
        uint224 number = _terms[community].valueOf(LATEST) + 1;
        _termsHashes[community][number] = hash;
        uint224 previous = _terms[community].set(fromInterval, number, fromInterval);
        emit TermsSet(community, hash, _termsHashes[community][previous], fromInterval, terms);
    }

    function _endMembership(uint32 community, uint32 meter, address account, bool dismissed) private {
        delete _memberships[meter];
        uint32 fromInterval = _nextInterval();
        _members[community][meter].set(fromInterval, 0, fromInterval);
        emit MemberLeft(community, meter, account, fromInterval, dismissed);
    }

    function _credit(address account, address from, uint256 amount, uint256 units, uint256 moved) private {
        if (account == address(0)) revert EnergySharingInvalidAccount(account);
        if (moved != amount) revert EnergySharingTokenMismatch(amount, moved);
        _books.balances[account] += units;
        _books.held += units;
        emit Deposited(account, from, amount);
    }

    function _share(uint32 community, uint16 feeder, Terms calldata terms, SharedInterval calldata shared) private {
        MeterRow memory row = MeterRows.prove(readings, community, feeder, shared);
        uint24 gridFee = gridFeeOf(shared.interval);
        SharingRound memory round = SharingRounds.begin(feeder, terms, gridFee);
        SharingRounds.gather(_books, _members[community], readings, row, shared.row, round);
        (uint256 sharedWh, bytes memory shares) = SharingRounds.settle(_books, terms, round);
        emit IntervalShared(community, shared.interval, round.generated, sharedWh, terms.price, gridFee, shares);
    }

    // --- internals that read

    function _requireBody(address identity) private view {
        if (identities.identityOwner(identity) != msg.sender) revert EnergySharingNotBody(identity, msg.sender);
    }

    function _requireReceiver(address to) private view {
        if (!Payments.canReceive(to)) revert EnergySharingInvalidReceiver(to);
    }

    function _nextInterval() private view returns (uint32 interval) {
        return registry.currentInterval() + 1;
    }

    function _checkJoining(uint32 community, uint32 meter, bytes32 hash) private view {
        uint16 feeder = communityOf(community).feeder;
        if (meter >> FEEDER_SHIFT != feeder) revert EnergySharingOtherFeeder(meter, feeder);
        MeterStatus status = registry.meterOf(meter).status;
        if (status != MeterStatus.Sharing) revert EnergySharingNotSharing(meter, status);
        uint32 current = _memberships[meter];
        if (current != 0) revert EnergySharingAlreadyMember(meter, current);
        bytes32 latest = termsHashOf(community, LATEST);
        if (hash != latest) revert EnergySharingWrongTerms(community, hash, latest);
        // Or a member would pay by terms it never agreed to until those it joined on begin.
        Series storage numbers = _terms[community];
        if (numbers.valueOf(_nextInterval()) != numbers.valueOf(LATEST)) revert EnergySharingTermsPending(community);
    }

    /// @dev Community and account of a member that has not left.
    function _membership(uint32 meter) private view returns (uint32 community, address account) {
        community = _memberships[meter];
        if (community == 0) revert EnergySharingNotMember(meter);
        account = memberOf(community, meter, LATEST);
    }

    /// @dev Money units of an amount paid in or out.
    function _unitsOf(uint256 amount) private view returns (uint256 units) {
        if (amount == 0 || amount % moneyUnit != 0) revert EnergySharingInvalidAmount(amount, moneyUnit);
        return amount / moneyUnit;
    }
}
