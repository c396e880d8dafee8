// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Signature} from "../../authority/ISigned.sol";
import {PaymentAuthorization} from "../../finance/Payments.sol";
import {IIdentities} from "../../identity/IIdentities.sol";
import {IEnergyRegistry, MeterStatus} from "../registry/IEnergyRegistry.sol";
import {IMeterReadings} from "../readings/IMeterReadings.sol";

/// @notice How a community shares out what it generates.
enum SharingKey {
    None,
    /// @dev By fixed parts; what somebody cannot use goes to those still short, by what they are short of.
    Static,
    /// @dev By what everybody draws in the interval.
    ProRata,
    /// @dev Whole in the order of the list, as far as it reaches.
    Priority
}

/// @notice By what a community shares. Only its hash is stored, so whoever needs it brings it.
struct Terms {
    SharingKey key;
    /// @dev What a Wh costs, money units; may be zero: given for nothing.
    uint24 price;
    /// @dev Three bytes for each member: `position uint8 | part uint16`, big-endian. The position is the meter's on the
    /// feeder, its lowest byte. Parts are 10,000ths and count for Static only, elsewhere they are zero. The order counts
    /// for Priority, and for who gets the odd Wh.
    bytes members;
}

/// @notice What is needed to share out an interval.
struct SharedInterval {
    uint32 interval;
    /// @dev int32 of every meter of the feeder, see {IMeterReadings-rowOf}; replaced values are looked up.
    bytes row;
    /// @dev Siblings from the row to the root over the day.
    bytes32[] proof;
}

/// @notice A community. One slot.
struct Community {
    /// @dev Identity that sets the terms; zero: there is no such community.
    address organiser;
    /// @dev Feeder on which all members are.
    uint16 feeder;
}

/// @title IEnergySharing
/// @notice Communities that share what they generate among themselves by a fixed key, without a market. After the readings
/// of an interval are final anybody can share it out; members pay from what they paid in before.
/// @dev Per interval, G is the sum of what members feed in. A member that draws counts with what it draws or what its
/// account can pay for, whichever is less, so nobody gets what is not paid and nothing is owed. The community's key shares
/// G out among these; the result adds up to the smaller of G and their sum, to the Wh. Who feeds in is paid for as much of
/// it as was used, pro rata. Energy is counted in Wh, prices in money units per Wh, so every payment is a product of
/// integers; the only divisions share out Wh, by differences of rounded prefixes, which add up.
///
/// What is fed in and not shared, and what is drawn and not covered, is the business of each member's supplier.
///
/// Meters whose status is Sharing can be members, of one community at a time. Members join on terms they have seen, and
/// only while no others are announced, so that they never pay by terms from before; new
/// terms and fees take effect from the first interval that is not open yet (see {IEnergyRegistry-horizon}), while leaving
/// takes effect from the next interval, so everybody can leave before.
interface IEnergySharing {
    /// @notice A community was founded.
    /// @param community Its number.
    /// @param organiser Identity of the organiser.
    /// @param feeder Feeder.
    event CommunityFounded(uint32 indexed community, address indexed organiser, uint16 indexed feeder);
    /// @notice Terms were set. Until then those before them hold. Terms announced for the same interval are withdrawn by it.
    /// @param community Number of the community.
    /// @param termsHash Hash of the terms.
    /// @param previousHash Hash of those that hold before that interval; zero: none.
    /// @param fromInterval First interval in which it holds.
    /// @param terms Terms, see {Terms}.
    event TermsSet(
        uint32 indexed community,
        bytes32 indexed termsHash,
        bytes32 previousHash,
        uint32 fromInterval,
        Terms terms
    );
    /// @notice A meter became a member.
    /// @param community Number of the community.
    /// @param meter Meter.
    /// @param account Who pays and is paid.
    /// @param fromInterval First interval with it.
    event MemberJoined(uint32 indexed community, uint32 indexed meter, address indexed account, uint32 fromInterval);
    /// @notice A meter is no longer a member: its account left, or it was dismissed.
    /// @param community Number of the community.
    /// @param meter Meter.
    /// @param account Who paid and was paid.
    /// @param fromInterval First interval without it.
    /// @param dismissed True: somebody ended it by {dismiss}, since the meter had another owner or status; false: the account
    /// left of its own accord.
    event MemberLeft(
        uint32 indexed community,
        uint32 indexed meter,
        address indexed account,
        uint32 fromInterval,
        bool dismissed
    );
    /// @notice The grid operator set its fee. A fee announced for the same interval is withdrawn by it.
    /// @param previous Fee that holds before that interval, money units per Wh.
    /// @param fee Fee, money units per Wh.
    /// @param fromInterval First interval in which it holds.
    event GridFeeSet(uint24 previous, uint24 fee, uint32 indexed fromInterval);
    /// @notice Money was paid in.
    /// @param account Who may use it.
    /// @param from Who paid.
    /// @param amount Token units.
    event Deposited(address indexed account, address indexed from, uint256 amount);
    /// @notice Money was paid out.
    /// @param account Account.
    /// @param to Who received it.
    /// @param amount Token units.
    event Withdrawn(address indexed account, address indexed to, uint256 amount);
    /// @notice Grid fees were paid out.
    /// @param to Who received them.
    /// @param amount Token units.
    event GridFeesWithdrawn(address indexed to, uint256 amount);
    /// @notice An interval was shared out. For each member that got or gave anything, in the order of the terms:
    /// `meter uint32 | wh int32`, big-endian; got is positive, given negative.
    /// @param community Community.
    /// @param interval Interval.
    /// @param generatedWh What members fed in, Wh.
    /// @param sharedWh What of it was shared, Wh.
    /// @param price Money units per Wh from members to members.
    /// @param gridFee Money units per Wh to the grid operator.
    /// @param shares The shares.
    event IntervalShared(
        uint32 indexed community,
        uint32 indexed interval,
        uint256 generatedWh,
        uint256 sharedWh,
        uint24 price,
        uint24 gridFee,
        bytes shares
    );

    /// @notice A setting is out of range: `field` 0 is the money unit, 1 the token's decimals, 2 the grid operator.
    /// @param field Number of the member, from 0.
    /// @param value Its value.
    /// @param limit Limit that it breaks.
    error EnergySharingInvalidSetting(uint256 field, uint256 value, uint256 limit);
    /// @notice The token moved another amount than it was asked to.
    /// @param expected What should have been moved, token units.
    /// @param moved What was moved, token units.
    error EnergySharingTokenMismatch(uint256 expected, uint256 moved);
    /// @notice Amounts are whole money units above zero.
    /// @param amount Amount given, token units.
    /// @param moneyUnit Token units in a money unit.
    error EnergySharingInvalidAmount(uint256 amount, uint256 moneyUnit);
    /// @notice Nothing can be paid in for the account zero.
    /// @param account Account.
    error EnergySharingInvalidAccount(address account);
    /// @notice What is paid there would be lost.
    /// @param to Receiver named: nobody, or this contract.
    error EnergySharingInvalidReceiver(address to);
    /// @notice More than is there.
    /// @param balance What there is.
    /// @param amount What was asked for.
    error EnergySharingBalanceTooSmall(uint256 balance, uint256 amount);
    /// @notice Only the owner of that identity may do this.
    /// @param identity Identity that may.
    /// @param caller Who called.
    error EnergySharingNotBody(address identity, address caller);
    /// @notice The act would change nothing.
    error EnergySharingUnchanged();
    /// @notice There is no such community.
    /// @param community Community.
    error EnergySharingUnknownCommunity(uint32 community);
    /// @notice Terms need a key.
    /// @param key Kind of key given.
    error EnergySharingInvalidKey(SharingKey key);
    /// @notice The list of members is not made of whole entries, or has more than 256.
    /// @param length Length given.
    /// @param limit Limit that it breaks.
    error EnergySharingBadMembers(uint256 length, uint256 limit);
    /// @notice A position stands in the list twice.
    /// @param position Position on the feeder that is named twice.
    error EnergySharingDuplicateMember(uint8 position);
    /// @notice Parts add up to more than all, which is zero unless the key is Static.
    /// @param parts Parts given.
    /// @param limit Limit that it breaks.
    error EnergySharingTooManyParts(uint256 parts, uint256 limit);
    /// @notice The meter is not on the community's feeder.
    /// @param meter Meter.
    /// @param feeder Feeder of the community.
    error EnergySharingOtherFeeder(uint32 meter, uint16 feeder);
    /// @notice The meter may not share.
    /// @param meter Meter.
    /// @param status Status of the meter.
    error EnergySharingNotSharing(uint32 meter, MeterStatus status);
    /// @notice The meter is a member already.
    /// @param meter Meter.
    /// @param community Community.
    error EnergySharingAlreadyMember(uint32 meter, uint32 community);
    /// @notice The meter is no member anywhere.
    /// @param meter Meter.
    error EnergySharingNotMember(uint32 meter);
    /// @notice The member's owner and status are what they should be.
    /// @param meter Meter.
    /// @param account Account that takes part with it.
    error EnergySharingStillSound(uint32 meter, address account);
    /// @notice These are not the terms: of the latest when joining, of the interval when sharing. Expected zero: there are
    /// none.
    /// @param community Community.
    /// @param given Hash of the terms given.
    /// @param expected Hash of the terms in force.
    error EnergySharingWrongTerms(uint32 community, bytes32 given, bytes32 expected);
    /// @notice Other terms hold in the next interval than those set last. Nobody joins until the latter do.
    /// @param community Community.
    error EnergySharingTermsPending(uint32 community);
    /// @notice From 1 to 256 intervals can be shared at once.
    /// @param length Length given.
    /// @param limit Limit that it breaks.
    error EnergySharingBadLength(uint256 length, uint256 limit);
    /// @notice All the intervals are shared already; an interval is shared once.
    /// @param community Community.
    /// @param interval First of the intervals given.
    error EnergySharingAlreadyShared(uint32 community, uint32 interval);
    /// @notice Readings of the feeder are not accepted (`finalAt` zero), or not final until then.
    /// @param community Community.
    /// @param interval Interval.
    /// @param finalAt When they are final, Unix time; zero: nothing is accepted.
    error EnergySharingNotFinal(uint32 community, uint32 interval, uint256 finalAt);
    /// @notice The row does not lead to the accepted root.
    /// @param community Community.
    /// @param interval Interval.
    error EnergySharingWrongRow(uint32 community, uint32 interval);

    // --- communities

    /// @notice Founds a community. The owner of the organiser's identity; anybody can organise.
    /// @dev The terms hold from the next interval. Emits {CommunityFounded} and {TermsSet}. Reverts with
    /// {EnergySharingNotBody}, the errors of {setTerms}, and as the registry does for a feeder that does not exist.
    /// @param organiser Identity.
    /// @param feeder Feeder of all members.
    /// @param terms Terms, see {Terms}. Members they name take part from when they join.
    /// @return community Its number, from 1.
    function found(address organiser, uint16 feeder, Terms calldata terms) external returns (uint32 community);

    /// @notice Sets new terms, from the first interval that is not open yet. The owner of the organiser's identity.
    /// @dev Takes the place of terms set earlier in the same interval. A member that they do not name no longer takes part.
    /// Emits {TermsSet}. Reverts with {EnergySharingUnknownCommunity}, {EnergySharingNotBody}, {EnergySharingUnchanged} for
    /// those set last, {EnergySharingInvalidKey}, {EnergySharingBadMembers}, {EnergySharingDuplicateMember} and
    /// {EnergySharingTooManyParts}.
    /// @param community The community.
    /// @param terms Terms, see {Terms}.
    /// @return fromInterval First interval in which they hold.
    function setTerms(uint32 community, Terms calldata terms) external returns (uint32 fromInterval);

    /// @notice Sets what the grid operator gets for a Wh shared, in all communities, from the first interval that is not
    /// open yet. The owner of the grid operator's identity.
    /// @dev Takes the place of a fee set earlier in the same interval. Emits {GridFeeSet}. Reverts with
    /// {EnergySharingNotBody}, and {EnergySharingUnchanged} for the fee set last.
    /// @param fee Money units per Wh.
    /// @return fromInterval First interval in which it holds.
    function setGridFee(uint24 fee) external returns (uint32 fromInterval);

    // --- members

    /// @notice Makes a meter a member from the next interval. The meter's owner, or by signature over
    /// `CommunityJoin(uint32 community,uint32 meter,bytes32 termsHash,uint256 nonce,uint256 deadline)`.
    /// @dev The owner's account pays for what the meter gets, whoever owns the meter later, until it leaves. Takes part
    /// while the terms name it. Emits {MemberJoined}. Reverts with {EnergySharingUnknownCommunity},
    /// {EnergySharingOtherFeeder}, {EnergySharingNotSharing}, {EnergySharingAlreadyMember}, {EnergySharingWrongTerms},
    /// {EnergySharingTermsPending} while new terms are announced, the errors of {ISigned}, and as the registry does for a
    /// meter that does not exist. The terms say nothing of the grid fee, see {gridFeeOf}.
    /// @param community Community on the meter's feeder.
    /// @param meter Meter with status Sharing.
    /// @param termsHash Hash of the terms that were set last, see {termsHash}.
    /// @param nonce Number that the signature uses up; ignored without one.
    /// @param deadline Last second at which the signature is good, unix time.
    /// @param signature By whom the act is; ignored if that account calls itself.
    function joinCommunity(
        uint32 community,
        uint32 meter,
        bytes32 termsHash,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external;

    /// @notice Ends a membership from the next interval. The member's account, or by signature over
    /// `CommunityLeave(uint32 community,uint32 meter,uint256 nonce,uint256 deadline)`, where it names the community that
    /// the meter is a member of then. Nobody can stop it.
    /// @dev Emits {MemberLeft}. Reverts with {EnergySharingNotMember} and the errors of {ISigned}.
    /// @param meter Meter.
    /// @param nonce Number that the signature uses up; ignored without one.
    /// @param deadline Last second at which the signature is good, unix time.
    /// @param signature By whom the act is; ignored if that account calls itself.
    function leaveCommunity(uint32 meter, uint256 nonce, uint256 deadline, Signature calldata signature) external;

    /// @notice Ends the membership of a meter that has another owner than the member, or another status than Sharing, from
    /// the next interval. Anybody may call.
    /// @dev Emits {MemberLeft}. Reverts with {EnergySharingNotMember} and {EnergySharingStillSound}.
    /// @param meter Meter.
    function dismiss(uint32 meter) external;

    // --- money

    /// @notice Pays in for an account from the caller's allowance.
    /// @dev Anybody. Emits {Deposited}. Reverts with {EnergySharingInvalidAccount}, {EnergySharingInvalidAmount} and
    /// {EnergySharingTokenMismatch}.
    /// @param account Who may use it.
    /// @param amount Token units, whole money units.
    function deposit(address account, uint256 amount) external;

    /// @notice As {deposit}, by the payer's ERC-3009 signature, whose nonce is bound to the account by {depositNonce}.
    /// @param account Who may use it.
    /// @param from Payer.
    /// @param amount Token units.
    /// @param salt Anything, to tell apart payments that are otherwise the same.
    /// @param authorization The payer's ERC-3009 signature.
    function depositWithAuthorization(
        address account,
        address from,
        uint256 amount,
        uint256 salt,
        PaymentAuthorization calldata authorization
    ) external;

    /// @notice Pays an account out. The account, or by signature over
    /// `SharingWithdrawal(address account,uint256 amount,address to,uint256 nonce,uint256 deadline)`. Nobody can stop it.
    /// @dev Emits {Withdrawn}. Reverts with {EnergySharingInvalidAmount}, {EnergySharingBalanceTooSmall} in money units,
    /// {EnergySharingInvalidReceiver}, and the errors of {ISigned}.
    /// @param account Whose balance.
    /// @param amount Token units, whole money units.
    /// @param to Receives it.
    /// @param nonce Number that the signature uses up; ignored without one.
    /// @param deadline Last second at which the signature is good, unix time.
    /// @param signature By whom the act is; ignored if that account calls itself.
    function withdraw(
        address account,
        uint256 amount,
        address to,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external;

    /// @notice Pays grid fees out. The owner of the grid operator's identity: withdraw before it is retired, for then it has
    /// none.
    /// @dev Emits {GridFeesWithdrawn}. Reverts with {EnergySharingNotBody}, {EnergySharingInvalidReceiver}, and
    /// {EnergySharingUnchanged} if there are none.
    /// @param to Receives them.
    /// @return amount Token units.
    function withdrawGridFees(address to) external returns (uint256 amount);

    // --- sharing

    /// @notice Shares intervals out and moves the money. Anybody may call, in any order of intervals; where an account runs
    /// out of money the order matters, so call as soon as readings are final.
    /// @dev Readings count as they stand then; amendments after that are not taken up. Intervals that are shared already are
    /// passed over: others can get there first, and must not stop the rest. Emits {IntervalShared} for each of the others.
    /// Reverts with {EnergySharingUnknownCommunity}, {EnergySharingBadLength}, {EnergySharingWrongTerms},
    /// {EnergySharingAlreadyShared} if all are passed over, {EnergySharingNotFinal} and {EnergySharingWrongRow}; never
    /// because of one member.
    /// @param community Community.
    /// @param terms The terms that hold in all the intervals.
    /// @param intervals 1 to 256 intervals. Several in one call cost much less each.
    function share(uint32 community, Terms calldata terms, SharedInterval[] calldata intervals) external;

    // --- views

    /// @notice Token in which members pay.
    function token() external view returns (IERC20);

    /// @notice Token units in a money unit.
    function moneyUnit() external view returns (uint64);

    /// @notice What the meters measured.
    function readings() external view returns (IMeterReadings);

    /// @notice Meters, their owners and status.
    function registry() external view returns (IEnergyRegistry);

    /// @notice Who owns an identity.
    function identities() external view returns (IIdentities);

    /// @notice Identity that gets the grid fees.
    function gridOperator() external view returns (address);

    /// @notice Number of communities so far.
    /// @return count The number.
    function communityCount() external view returns (uint32 count);

    /// @notice A community. Reverts with {EnergySharingUnknownCommunity}.
    /// @param community Number of the community.
    /// @return found The community.
    function communityOf(uint32 community) external view returns (Community memory found);

    /// @notice Hash of the terms that hold in an interval, as far as they are set; zero: none do.
    /// @param community Number of the community.
    /// @param interval Interval.
    /// @return hash The hash; zero: no terms hold.
    function termsHashOf(uint32 community, uint32 interval) external view returns (bytes32 hash);

    /// @notice Hash of terms: keccak256 of their ABI encoding.
    /// @param terms Terms, see {Terms}.
    /// @return hash The hash.
    function termsHash(Terms calldata terms) external pure returns (bytes32 hash);

    /// @notice What the grid operator gets for a Wh shared in an interval, money units, as far as it is set.
    /// @param interval Interval.
    /// @return fee Money units per Wh.
    function gridFeeOf(uint32 interval) external view returns (uint24 fee);

    /// @notice Community of which a meter is, or from the next interval will be, a member; zero: none.
    /// @param meter Meter.
    /// @return community Its number; zero: none.
    function membershipOf(uint32 meter) external view returns (uint32 community);

    /// @notice Account that takes part with a meter in a community's interval; zero: the meter is no member in it.
    /// @param community Number of the community.
    /// @param meter Meter.
    /// @param interval Interval.
    /// @return account The account; zero: none.
    function memberOf(uint32 community, uint32 meter, uint32 interval) external view returns (address account);

    /// @notice Whether an interval has been shared out.
    /// @param community Number of the community.
    /// @param interval Interval.
    /// @return shared Whether it is.
    function isShared(uint32 community, uint32 interval) external view returns (bool shared);

    /// @notice What an account can spend or withdraw, money units.
    /// @param account Account.
    /// @return balance What it can spend or withdraw, money units.
    function balanceOf(address account) external view returns (uint256 balance);

    /// @notice Money units: grid fees not paid out yet, and everything the contract holds.
    /// @return gridFees Grid fees not paid out yet, money units.
    /// @return held Everything the contract holds, money units.
    function balances() external view returns (uint256 gridFees, uint256 held);

    /// @notice Nonce that an ERC-3009 signature for {depositWithAuthorization} must carry.
    /// @param account Who may use it.
    /// @param from Payer.
    /// @param amount Token units.
    /// @param salt Anything, to tell apart payments that are otherwise the same.
    /// @return nonce The nonce.
    function depositNonce(
        address account,
        address from,
        uint256 amount,
        uint256 salt
    ) external view returns (bytes32 nonce);
}
