// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Signature} from "../../authority/ISigned.sol";
import {IIdentities} from "../../identity/IIdentities.sol";
import {ICredentialRegistry} from "../../identity/ICredentialRegistry.sol";
import {IEnergyRegistry} from "../registry/IEnergyRegistry.sol";

/// @notice What the meters of a feeder measured in a day, with the signatures behind it.
struct DaySubmission {
    uint16 feeder;
    /// @dev Day number: unix time / 86,400.
    uint32 day;
    /// @dev Net draw of every meter in every interval, Wh: for each interval of the day in order, for each meter of the
    /// feeder in the order of their ids, an int32 in big-endian order. Draw is positive, feed-in negative; the lowest
    /// int32 says that there is no reading.
    bytes values;
    /// @dev The same of the meter at the head of the feeder, one int32 for each interval; empty if there is no such meter,
    /// or it says nothing.
    bytes headValues;
    /// @dev That meter's signature, r and vs of ERC-2098; empty exactly if `headValues` are.
    bytes headSignature;
    /// @dev 64 bytes for each meter, r and vs of ERC-2098, zeros for a meter that did not sign; or empty. The operators
    /// sign for them, so they come first.
    bytes meterSignatures;
    /// @dev Of the operator identity's owner; with empty data: none.
    Signature operatorSignature;
    /// @dev Of the grid operator identity's owner; with empty data: none. Who brings the day can leave one of the two out if
    /// all meters signed; who is left alone is the poster then.
    Signature gridOperatorSignature;
}

/// @notice Values of a meter's day as the meter signed them.
struct SignedDay {
    /// @dev One int32 for each interval of the day, as in a column of {IMeterReadings-dayOf}.
    bytes values;
    /// @dev The meter's over `MeterDay`, r and vs of ERC-2098.
    bytes signature;
}

/// @notice Values of a meter's day as they were accepted.
struct AcceptedDay {
    /// @dev The meter's column, see {IMeterReadings-dayOf}.
    bytes values;
    /// @dev Siblings from its leaf to the columns root.
    bytes32[] proof;
}

/// @notice How long readings are open to doubt, and what a false one costs. Fixed when the contract is made.
struct ReadingSettings {
    /// @dev Seconds, from 1 hour to 30 days, see {IMeterReadings-window}. Half of them are for challenges.
    uint32 window;
    /// @dev Seconds, from `window` to 1,095 days, see {IMeterReadings-amendDuration}.
    uint32 amendDuration;
    /// @dev Parts of 10,000, at most all, see {IMeterReadings-toleranceBp}.
    uint16 toleranceBp;
    /// @dev Wh, see {IMeterReadings-toleranceWh}.
    uint32 toleranceWh;
    /// @dev Identity that gets half of every penalty, see {IMeterReadings-community}; not zero.
    address community;
    /// @dev Token units, below 2^104; zero: none is needed.
    uint256 minimumBond;
    /// @dev Token units, below 2^104; zero: false values cost nothing.
    uint256 penalty;
}

/// @notice What stands on the chain of a feeder's day. Four slots.
struct DayRecord {
    /// @dev Merkle root over the intervals, see {IMeterReadings-rowOf}; zero: nothing accepted.
    bytes32 rowsRoot;
    /// @dev Merkle root over the meters, see {IMeterReadings-dayOf}.
    bytes32 columnsRoot;
    /// @dev Identity whose bond answers for it.
    address poster;
    uint40 acceptedAt;
    /// @dev Number of meters it holds.
    uint16 meterCount;
    /// @dev Sum of the flags of {ReadingKeys} that signed.
    uint8 signedKeys;
    /// @dev Bit n: the n-th meter signed its values itself.
    uint256 signers;
}

/// @notice A value put in the place of an accepted one. One slot.
struct Override {
    /// @dev Net draw, Wh.
    int32 wh;
    /// @dev How often the value has been replaced; zero: it stands as accepted.
    uint16 version;
    /// @dev Whether the meter itself has had its say, which it has once without another key.
    bool byMeter;
}

/// @title ReadingKeys
/// @notice Flags of {DayRecord-signedKeys}.
library ReadingKeys {
    /// @notice The meters themselves: all signed but those that are retired and have no values; or both operators signed, at
    /// least one meter did, and every value that is not missing is signed by its meter. So no operator alone leaves a meter
    /// out.
    uint8 internal constant METERS = 1;
    /// @notice The operator that reads them.
    uint8 internal constant OPERATOR = 2;
    /// @notice The grid operator.
    uint8 internal constant GRID_OPERATOR = 4;
}

/// @title IMeterReadings
/// @notice What the meters measured, as at least two of meter, operator and grid operator say; or as a meter says, where
/// both operators had time to object and did not. Only roots are stored; who needs a value brings it with a proof.
/// @dev A day is accepted once for each feeder, after it is over. For {challengeDuration} seconds a meter can challenge it,
/// after {window} seconds it is final for settlement; amendments with two keys are possible from the beginning until
/// {amendDuration} after acceptance. A feeder's meters are those that are registered when its day is brought.
///
/// Messages, EIP-712 in the domain "Civitas Meter Readings", version "1":
/// - a meter signs its day: `MeterDay(uint32 meter,uint32 day,bytes values)`, one int32 for each interval;
/// - the meter at the head of a feeder signs: `FeederDay(uint16 feeder,uint32 day,bytes values)`, likewise;
/// - operator and grid operator sign:
///   `FeederReadings(uint16 feeder,uint32 day,bytes values,bytes headValues,bytes meterSignatures)`, with the last three
///   as they are in {DaySubmission}. So nobody who brings the day can take the meters' signatures off it;
/// - and for an amendment: `Amendment(uint32 meter,uint32 interval,int32 wh,uint16 version)`, where `version` is the
///   number of replacements before it;
/// - an account signs that its credit is paid out:
///   `CreditWithdrawal(address account,address to,uint256 nonce,uint256 deadline)`.
/// Meters are plain ECDSA keys and sign with r and vs of ERC-2098. Operators and accounts sign as in {ISigned}: with a
/// plain key, an ERC-1271 account or an ERC-7913 key; where both operators' identities have one owner, they are one key.
/// No message about readings carries a nonce or a deadline: a day is accepted once, and an amendment is good for one
/// version of one value.
interface IMeterReadings {
    /// @notice A bond grew.
    /// @param operator Identity whose it is.
    /// @param amount Token units added.
    /// @param bond Token units it has now.
    event BondPosted(address indexed operator, uint256 amount, uint256 bond);
    /// @notice Bond is announced for withdrawal.
    /// @param operator Identity whose it is.
    /// @param amount Token units added to what is announced.
    /// @param availableAt Unix time from which all that is announced can be withdrawn.
    event BondWithdrawalRequested(address indexed operator, uint256 amount, uint40 availableAt);
    /// @notice Bond was withdrawn.
    /// @param operator Identity whose it was.
    /// @param to Who received it.
    /// @param amount Token units.
    event BondWithdrawn(address indexed operator, address indexed to, uint256 amount);
    /// @notice A bond paid for false values. Told twice: for each half of the penalty.
    /// @param operator Identity whose it was.
    /// @param beneficiary Owner of the meter, or of the community's identity, whose credit it is now.
    /// @param amount Token units.
    event BondSlashed(address indexed operator, address indexed beneficiary, uint256 amount);
    /// @notice What an account got for false values was paid out.
    /// @param account Whose it was.
    /// @param to Who received it.
    /// @param amount Token units.
    event CreditWithdrawn(address indexed account, address indexed to, uint256 amount);
    /// @notice A feeder's day is accepted.
    /// @param feeder The feeder.
    /// @param day The day.
    /// @param poster Identity whose bond answers for it.
    /// @param signedKeys Sum of the flags of {ReadingKeys} that signed.
    /// @param rowsRoot See {DayRecord}.
    /// @param columnsRoot See {DayRecord}.
    /// @param dayValues As {DaySubmission-values}.
    event ReadingsAccepted(
        uint16 indexed feeder,
        uint32 indexed day,
        address indexed poster,
        uint8 signedKeys,
        bytes32 rowsRoot,
        bytes32 columnsRoot,
        bytes dayValues
    );
    /// @notice A value was put in the place of what stood.
    /// @param meter The meter.
    /// @param interval The interval.
    /// @param previousWh What stood before, Wh.
    /// @param wh What stands now, Wh.
    /// @param version How often the value has been replaced, from 1.
    /// @param byMeter Whether the meter signed for it.
    event ReadingReplaced(
        uint32 indexed meter,
        uint32 indexed interval,
        int32 previousWh,
        int32 wh,
        uint16 version,
        bool byMeter
    );

    /// @notice A setting is out of the range of {ReadingSettings}, or the registry has more than 256 intervals in a day.
    /// @param value Value of the setting.
    /// @param limit Limit that it breaks.
    error MeterReadingsInvalidSettings(uint256 value, uint256 limit);
    /// @notice The token moved another amount than it was asked to.
    /// @param expected What should have been moved, token units.
    /// @param moved What was moved, token units.
    error MeterReadingsTokenMismatch(uint256 expected, uint256 moved);
    /// @notice Only the owner of the identity may do this.
    /// @param identity Identity that may.
    /// @param caller Who called.
    error MeterReadingsNotOwner(address identity, address caller);
    /// @notice More than there is, or less than a poster needs, of bond that is not announced for withdrawal.
    /// @param operator Who brings the day.
    /// @param bond Bond that there is, token units.
    /// @param needed Bond that is needed, token units.
    error MeterReadingsBondTooSmall(address operator, uint256 bond, uint256 needed);
    /// @notice The bond cannot be withdrawn yet, or no withdrawal was requested.
    /// @param operator Whose bond it is.
    /// @param availableAt When it can be withdrawn, Unix time.
    error MeterReadingsBondLocked(address operator, uint256 availableAt);
    /// @notice Amounts must be above zero.
    error MeterReadingsZeroAmount();
    /// @notice The account has no credit.
    /// @param account Account.
    error MeterReadingsNoCredit(address account);
    /// @notice What is paid there would be lost.
    /// @param to Receiver named: nobody, or this contract.
    error MeterReadingsInvalidReceiver(address to);
    /// @notice The day is not over yet.
    /// @param day Day number: unix time / 86,400.
    /// @param endsAt When it is over, Unix time.
    error MeterReadingsDayNotOver(uint32 day, uint256 endsAt);
    /// @notice A day is accepted once.
    /// @param feeder Feeder.
    /// @param day Day number: unix time / 86,400.
    error MeterReadingsAlreadyAccepted(uint16 feeder, uint32 day);
    /// @notice The feeder has no meters.
    /// @param feeder Feeder.
    error MeterReadingsNoMeters(uint16 feeder);
    /// @notice Values, head values or signatures have another length than meters and intervals ask for.
    /// @param length Length given.
    /// @param expected Length that it must have.
    error MeterReadingsWrongLength(uint256 length, uint256 expected);
    /// @notice Fewer than two of three keys signed, or fewer than three where the sum does not fit the feeder's meter.
    /// @param keys Flags of the keys that signed, see {ReadingKeys}.
    /// @param needed How many are needed.
    error MeterReadingsQuorumTooSmall(uint8 keys, uint256 needed);
    /// @notice The identity holds no current credential for the trade.
    /// @param typeId Type of the credential.
    /// @param identity Identity that does not hold it.
    error MeterReadingsNotAccredited(bytes32 typeId, address identity);
    /// @notice The signature is not of the meter's key, not over that value, or the meter is suspended or retired.
    /// @param meter Meter.
    /// @param key Key of the meter.
    error MeterReadingsInvalidSignature(uint32 meter, address key);
    /// @notice The signature is not of the key of the meter at the head of the feeder.
    /// @param feeder Feeder.
    /// @param key Key of the meter at the head.
    error MeterReadingsInvalidHeadSignature(uint16 feeder, address key);
    /// @notice A value is given for a meter that did not sign, where the meters' signatures are needed.
    /// @param meter Meter.
    /// @param interval Interval.
    /// @param wh Value, Wh.
    error MeterReadingsUnsigned(uint32 meter, uint32 interval, int32 wh);
    /// @notice The value is beyond what the device can do.
    /// @param meter Meter.
    /// @param interval Interval.
    /// @param wh Value, Wh.
    /// @param lowest Least that may be, Wh.
    /// @param highest Greatest that may be, Wh.
    error MeterReadingsOutOfRange(uint32 meter, uint32 interval, int32 wh, int256 lowest, int256 highest);
    /// @notice Nothing is accepted for that day.
    /// @param feeder Feeder.
    /// @param day Day number: unix time / 86,400.
    error MeterReadingsUnknownDay(uint16 feeder, uint32 day);
    /// @notice The meter is not among those of the accepted day.
    /// @param meter Meter.
    /// @param day Day number: unix time / 86,400.
    error MeterReadingsUnknownMeter(uint32 meter, uint32 day);
    /// @notice The proof does not lead to the accepted root.
    /// @param meter Meter.
    /// @param day Day number: unix time / 86,400.
    error MeterReadingsWrongProof(uint32 meter, uint32 day);
    /// @notice The time for challenges or for amendments is over.
    /// @param feeder Feeder.
    /// @param day Day number: unix time / 86,400.
    /// @param closedAt When it ended, Unix time.
    error MeterReadingsWindowClosed(uint16 feeder, uint32 day, uint256 closedAt);
    /// @notice The meter signed what was accepted of that day, so it cannot contradict it alone.
    /// @param meter Meter.
    /// @param day Day number: unix time / 86,400.
    error MeterReadingsSignedByMeter(uint32 meter, uint32 day);
    /// @notice On every interval named the meter has had its say, or there stands what it says.
    /// @param meter Meter.
    /// @param day Day number: unix time / 86,400.
    error MeterReadingsNothingReplaced(uint32 meter, uint32 day);
    /// @notice The interval is not of that day, or no interval was named.
    /// @param interval Interval.
    /// @param day Day number: unix time / 86,400.
    error MeterReadingsWrongInterval(uint32 interval, uint32 day);
    /// @notice The value is what stands already, or is no value.
    /// @param meter Meter.
    /// @param interval Interval.
    /// @param wh Value that stands, Wh.
    error MeterReadingsUnchanged(uint32 meter, uint32 interval, int32 wh);

    /// @notice Adds to the bond of an operator or grid operator. Anybody may, and it becomes the operator's.
    /// @dev Emits {BondPosted}. Reverts with {MeterReadingsZeroAmount}, and {MeterReadingsTokenMismatch} for tokens that
    /// take a fee or change balances by themselves.
    /// @param operator Identity.
    /// @param amount Token units, below 2^104, from the caller's allowance.
    function postBond(address operator, uint256 amount) external;

    /// @notice Announces that bond will be withdrawn, {window} plus a day from now. Only the identity's owner. What is
    /// announced no longer counts for new submissions, but still answers for earlier ones.
    /// @dev A later announcement adds to an earlier one and makes all of it wait anew. Emits {BondWithdrawalRequested}.
    /// Reverts with {MeterReadingsNotOwner}, {MeterReadingsZeroAmount} and {MeterReadingsBondTooSmall}.
    /// @param operator Identity.
    /// @param amount Token units.
    function requestBondWithdrawal(address operator, uint256 amount) external;

    /// @notice Withdraws what was announced, as far as it was not slashed meanwhile. Only the identity's owner: withdraw before
    /// an identity is retired, for then it has none.
    /// @dev An owner that is a key without an account, and so calls nothing, first gives the identity to one that does, by
    /// {IIdentities-changeOwnerBySig}. Emits {BondWithdrawn}. Reverts with {MeterReadingsNotOwner},
    /// {MeterReadingsInvalidReceiver}, and {MeterReadingsBondLocked} before its time or if nothing is left of what was
    /// announced.
    /// @param operator Identity.
    /// @param to Receives it; not zero.
    /// @return amount Token units.
    function withdrawBond(address operator, address to) external returns (uint256 amount);

    /// @notice Pays out all that an account got for false values. That account, or by signature: a key without an account of
    /// its own calls nothing, and what came to its address would be out of reach.
    /// @dev Emits {CreditWithdrawn}. Reverts with {MeterReadingsInvalidReceiver}, {MeterReadingsNoCredit} and the errors of
    /// {ISigned}.
    /// @param account Whose credit it is.
    /// @param to Receives it; not zero.
    /// @param nonce Nonce of the message; not used by whoever needs no signature.
    /// @param deadline Last second at which the signature counts.
    /// @param signature The account's, over `CreditWithdrawal(address account,address to,uint256 nonce,uint256 deadline)`;
    /// empty where none is needed.
    /// @return amount Token units.
    function withdrawCredit(
        address account,
        address to,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external returns (uint256 amount);

    /// @notice Accepts a feeder's day. Anybody may bring it; the signatures count.
    /// @dev Needs two keys of three, and all three if in any interval the sum of the meters is out of tolerance of the
    /// meter at the head, or that meter has no reading, or none is brought of the whole day: a dead meter at the head makes
    /// its feeder's days harder to bring, not impossible. Every value is checked against the caps of its device. The poster
    /// is the operator if it signed, else the grid operator, and needs {minimumBond}. A missing value counts as zero in the
    /// sum. A day cannot be brought again: what is wrong with it is mended by {challenge} and {amend}. The operators sign
    /// for the meters' signatures: where one of these is no longer good, because its key was replaced or its meter
    /// suspended, they sign anew.
    ///
    /// Emits {ReadingsAccepted}. Reverts with {MeterReadingsDayNotOver}, {MeterReadingsAlreadyAccepted},
    /// {MeterReadingsNoMeters}, {MeterReadingsWrongLength}, {MeterReadingsOutOfRange}, {MeterReadingsInvalidSignature},
    /// {MeterReadingsInvalidHeadSignature}, {MeterReadingsNotAccredited}, {SignedInvalidSignature} of {ISigned},
    /// {MeterReadingsUnsigned} if the meters' key is missed because of one value, {MeterReadingsQuorumTooSmall} if it would
    /// not suffice, {MeterReadingsBondTooSmall}, and the registry's error for an unknown feeder.
    /// @param submission Values and signatures.
    function submit(DaySubmission calldata submission) external;

    /// @notice A meter's own signed day against what others said of it. Anybody may bring it, for {challengeDuration}.
    /// @dev Replaces the values of the intervals named, on one key: until the day is final both operators can answer by
    /// {amend}. The meter must be Trading or Sharing, and must not have signed the accepted day. For each of the intervals
    /// for which a value was accepted that the meter contradicts, the poster's bond pays {penalty} as far as it reaches:
    /// half as a credit to the meter's owner, half to the owner of {community}. So nobody gains by copying a challenge, and
    /// a poster that challenges itself loses half.
    ///
    /// Intervals in which the meter has had its say, or in which stands what it says, are passed over: others can get
    /// there first, and must not stop the rest.
    ///
    /// Emits {ReadingReplaced} for each interval, and {BondSlashed}. Reverts with {MeterReadingsUnknownDay},
    /// {MeterReadingsUnknownMeter}, {MeterReadingsWindowClosed}, {MeterReadingsSignedByMeter},
    /// {MeterReadingsWrongLength}, {MeterReadingsWrongProof}, {MeterReadingsInvalidSignature},
    /// {MeterReadingsWrongInterval}, {MeterReadingsUnchanged} for a value that is missing, {MeterReadingsOutOfRange}, and
    /// {MeterReadingsNothingReplaced} if all intervals are passed over.
    /// @param meter The meter.
    /// @param day The day.
    /// @param signed What the meter says of that day.
    /// @param intervals The intervals to replace, bit n for the n-th of the day.
    /// @param accepted What was accepted of it.
    /// @return replaced Those of the intervals whose values it replaced.
    function challenge(
        uint32 meter,
        uint32 day,
        SignedDay calldata signed,
        uint256 intervals,
        AcceptedDay calldata accepted
    ) external returns (uint256 replaced);

    /// @notice Replaces one value by what two of three keys say. Anybody may bring it.
    /// @dev Operator and grid operator sign `Amendment`; a meter signs its day as in {challenge}, and has then had its say
    /// on that interval. The operators are those of the feeder now. Costs nobody's bond, unless the meter's word is heard
    /// where it could still {challenge}: then the poster pays as there, so that it cannot outrun a challenge alone. What both
    /// operators put right before a challenge comes costs nothing.
    ///
    /// Emits {ReadingReplaced}, and {BondSlashed} in that case. Reverts with {MeterReadingsUnknownDay}, {MeterReadingsUnknownMeter},
    /// {MeterReadingsWindowClosed}, {MeterReadingsWrongLength}, {MeterReadingsWrongProof}, {MeterReadingsUnchanged},
    /// {MeterReadingsOutOfRange}, {MeterReadingsInvalidSignature}, {MeterReadingsNotAccredited}, {SignedInvalidSignature}
    /// of {ISigned} and {MeterReadingsQuorumTooSmall}.
    /// @param meter The meter.
    /// @param interval The interval.
    /// @param wh Net draw, Wh.
    /// @param signed What the meter says of that day, of which `wh` must be part; with empty signature: it says nothing.
    /// @param accepted What was accepted of that day.
    /// @param operatorSignature Of the operator identity's owner; with empty data: none.
    /// @param gridOperatorSignature Of the grid operator identity's owner; with empty data: none.
    function amend(
        uint32 meter,
        uint32 interval,
        int32 wh,
        SignedDay calldata signed,
        AcceptedDay calldata accepted,
        Signature calldata operatorSignature,
        Signature calldata gridOperatorSignature
    ) external;

    /// @notice Token of the bonds.
    function token() external view returns (IERC20);

    /// @notice Feeders and meters.
    function registry() external view returns (IEnergyRegistry);

    /// @notice Who owns an identity.
    function identities() external view returns (IIdentities);

    /// @notice Who holds which credential.
    function credentials() external view returns (ICredentialRegistry);

    /// @notice Seconds from acceptance until the readings are final for settlement.
    function window() external view returns (uint32);

    /// @notice Seconds after acceptance in which a meter can challenge: half of {window}, rounded down. The other half is for
    /// both operators to answer what one key said.
    function challengeDuration() external view returns (uint256);

    /// @notice Seconds after acceptance in which two keys can amend.
    function amendDuration() external view returns (uint32);

    /// @notice Most by which the sum of the meters may differ from the meter at the head, in parts of 10,000 of the latter.
    function toleranceBp() external view returns (uint16);

    /// @notice By so many Wh the two may differ in any interval, however little flows: readings are whole Wh, and what
    /// meters err by follows what flows through them, not what is left of it at the head.
    function toleranceWh() external view returns (uint32);

    /// @notice Identity that gets half of every penalty, through its owner at the time.
    function community() external view returns (address);

    /// @notice Bond that a poster needs, token units.
    function minimumBond() external view returns (uint256);

    /// @notice What a false value costs its poster, token units.
    function penalty() external view returns (uint256);

    /// @notice Intervals in a day, at most 256.
    function intervalsPerDay() external view returns (uint32);

    /// @notice What is needed to use a feeder's readings of one interval.
    /// @dev The row is the concatenation of the meters' int32 in the order of their ids. The leaf is
    /// `keccak256(keccak256(interval as uint32 ++ row))`; the tree is that of {MerkleRoot}.
    /// @param feeder The feeder.
    /// @param interval The interval.
    /// @return root Root over the rows of the day; zero: not accepted.
    /// @return finalAt Unix time from which the row, with its overrides, is final for settlement; zero: not accepted.
    /// @return meterCount Meters in the row.
    /// @return overridden Bit n: the value of the n-th meter is replaced, see {overrideOf}.
    function rowOf(
        uint16 feeder,
        uint32 interval
    ) external view returns (bytes32 root, uint40 finalAt, uint16 meterCount, uint256 overridden);

    /// @notice What is accepted of a feeder's day.
    /// @dev The column of a meter is the concatenation of its int32 in the order of the intervals. The leaf of the columns
    /// tree is `keccak256(keccak256(meter as uint32 ++ column))`.
    /// @param feeder The feeder.
    /// @param day The day.
    /// @return record All zero: nothing accepted.
    function dayOf(uint16 feeder, uint32 day) external view returns (DayRecord memory record);

    /// @notice The replacement of a value.
    /// @param meter The meter.
    /// @param interval The interval.
    /// @return replacement Version zero: there is none.
    function overrideOf(uint32 meter, uint32 interval) external view returns (Override memory replacement);

    /// @notice Which intervals of a meter's day are replaced.
    /// @param meter The meter.
    /// @param day The day.
    /// @return intervals Bit n for the n-th of the day.
    function overriddenOf(uint32 meter, uint32 day) external view returns (uint256 intervals);

    /// @notice An operator's bond.
    /// @param operator Identity.
    /// @return bond Token units, with those announced for withdrawal.
    /// @return leaving Token units announced for withdrawal.
    /// @return availableAt When they can be withdrawn; zero: none were ever announced.
    function bondOf(address operator) external view returns (uint256 bond, uint256 leaving, uint40 availableAt);

    /// @notice What an account got for false values and has not withdrawn.
    /// @param account The account.
    /// @return amount Token units.
    function creditOf(address account) external view returns (uint256 amount);
}
