// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Signature} from "../authority/ISigned.sol";
import {IIdentities} from "../identity/IIdentities.sol";
import {ICredentialRegistry} from "../identity/ICredentialRegistry.sol";
import {IEnergyRegistry} from "./IEnergyRegistry.sol";

/// @notice What the meters of a feeder measured in a day, with the signatures behind it.
struct DaySubmission {
    uint16 feeder;
    /// @dev Day number: unix time / 86,400.
    uint32 day;
    /// @dev Net draw of every meter in every interval, Wh: for each interval of the day in order, for each meter of the
    /// feeder in the order of their ids, an int32 in big-endian order. Draw is positive, feed-in negative; the lowest
    /// int32 says that there is no reading.
    bytes values;
    /// @dev The same of the meter at the head of the feeder, one int32 for each interval; empty if there is no such meter.
    bytes headValues;
    /// @dev That meter's signature, r and vs of ERC-2098; empty if there is no such meter.
    bytes headSignature;
    /// @dev 64 bytes for each meter, r and vs of ERC-2098, zeros for a meter that did not sign; or empty.
    bytes meterSignatures;
    /// @dev Of the operator identity's owner; with empty data: none.
    Signature operatorSignature;
    /// @dev Of the grid operator identity's owner; with empty data: none.
    Signature gridOperatorSignature;
}

/// @notice What stands on the chain of a feeder's day. Three slots.
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
    /// @dev Sum of the `KEY_…` flags of {ReadingKeys} that signed.
    uint8 keys;
}

/// @notice A value put in the place of an accepted one. One slot.
struct Override {
    /// @dev Net draw, Wh.
    int32 wh;
    /// @dev How often the value has been replaced; zero: it stands as accepted.
    uint16 version;
    /// @dev Whether the meter itself has had its say, which it has once.
    bool byMeter;
}

/// @title ReadingKeys
/// @notice Flags of {DayRecord-keys}.
library ReadingKeys {
    /// @notice The meters themselves: every value that is not missing is signed by its meter.
    uint8 internal constant METERS = 1;
    /// @notice The operator that reads them.
    uint8 internal constant OPERATOR = 2;
    /// @notice The grid operator.
    uint8 internal constant GRID_OPERATOR = 4;
}

/// @title IMeterReadings
/// @notice What the meters measured, as at least two of meter, operator and grid operator say. Only roots are stored;
/// who needs a value brings it with a proof.
/// @dev A day is accepted once for each feeder, after it is over. For {window} seconds it can be challenged, then it is
/// final for settlement; amendments with two keys are possible until `amendDuration` after acceptance.
interface IMeterReadings {
    event BondPosted(address indexed operator, uint256 amount, uint256 bond);
    event BondWithdrawalRequested(address indexed operator, uint256 amount, uint40 availableAt);
    event BondWithdrawn(address indexed operator, address indexed to, uint256 amount);
    event BondSlashed(address indexed operator, address indexed beneficiary, uint256 amount);
    event ReadingsAccepted(
        uint16 indexed feeder,
        uint32 indexed day,
        address indexed poster,
        uint8 keys,
        bytes32 rowsRoot,
        bytes32 columnsRoot,
        bytes values
    );
    event ReadingReplaced(
        uint32 indexed meter,
        uint32 indexed interval,
        int32 previousWh,
        int32 wh,
        uint16 version,
        bool byMeter
    );

    /// @notice Window, period of amendment or tolerance is out of range.
    error MeterReadingsInvalidSettings(uint256 value, uint256 limit);
    /// @notice The token moved another amount than it was asked to.
    error MeterReadingsTokenMismatch(uint256 expected, uint256 moved);
    /// @notice Only the owner of the identity may do this.
    error MeterReadingsNotOwner(address identity, address caller);
    /// @notice More than there is.
    error MeterReadingsBondTooSmall(address operator, uint256 bond, uint256 needed);
    /// @notice The bond cannot be withdrawn yet, or no withdrawal was requested.
    error MeterReadingsBondLocked(address operator, uint256 availableAt);
    /// @notice Amounts must be above zero.
    error MeterReadingsZeroAmount();
    /// @notice The day is not over yet.
    error MeterReadingsDayNotOver(uint32 day, uint256 endsAt);
    /// @notice A day is accepted once.
    error MeterReadingsAlreadyAccepted(uint16 feeder, uint32 day);
    /// @notice Values, head values or signatures have another length than meters and intervals ask for.
    error MeterReadingsWrongLength(uint256 length, uint256 expected);
    /// @notice Fewer than two of three keys signed, or fewer than three where the sum does not fit the feeder's meter.
    error MeterReadingsQuorumTooSmall(uint8 keys, uint256 needed);
    /// @notice The identity holds no current credential for the trade.
    error MeterReadingsNotAccredited(bytes32 typeId, address identity);
    /// @notice The signature is not of the meter's key, or the meter is suspended.
    error MeterReadingsInvalidSignature(uint32 meter, address key);
    /// @notice The signature is not of the key of the meter at the head of the feeder.
    error MeterReadingsInvalidHeadSignature(uint16 feeder, address key);
    /// @notice A value is given for a meter that did not sign, where the meters' signatures are needed.
    error MeterReadingsUnsigned(uint32 meter, uint32 interval, int32 wh);
    /// @notice The value is beyond what the device can do.
    error MeterReadingsOutOfRange(uint32 meter, uint32 interval, int32 wh, int256 lowest, int256 highest);
    /// @notice Nothing is accepted for that day.
    error MeterReadingsUnknownDay(uint16 feeder, uint32 day);
    /// @notice The meter is not among those of the accepted day.
    error MeterReadingsUnknownMeter(uint32 meter, uint32 day);
    /// @notice The proof does not lead to the accepted root.
    error MeterReadingsWrongProof(uint32 meter, uint32 day);
    /// @notice The window for challenges or the period of amendment is over.
    error MeterReadingsWindowClosed(uint16 feeder, uint32 day, uint256 closedAt);
    /// @notice The meters signed this day themselves, so a meter cannot contradict it alone.
    error MeterReadingsSignedByMeter(uint32 meter, uint32 day);
    /// @notice The meter has had its say on that interval.
    error MeterReadingsChallengedBefore(uint32 meter, uint32 interval);
    /// @notice The interval is not of that day, or no interval was named.
    error MeterReadingsWrongInterval(uint32 interval, uint32 day);
    /// @notice The value is what stands already, or is no value.
    error MeterReadingsUnchanged(uint32 meter, uint32 interval, int32 wh);

    /// @notice Token of the bonds.
    function token() external view returns (IERC20);

    /// @notice Feeders and meters.
    function registry() external view returns (IEnergyRegistry);

    /// @notice Who owns an identity.
    function identities() external view returns (IIdentities);

    /// @notice Who holds which credential.
    function credentials() external view returns (ICredentialRegistry);

    /// @notice Seconds after acceptance in which a meter can challenge; after it the readings are final for settlement.
    function window() external view returns (uint32);

    /// @notice Seconds after acceptance in which two keys can amend.
    function amendDuration() external view returns (uint32);

    /// @notice Most by which the sum of the meters may differ from the meter at the head, in parts of 10,000 of the latter.
    function toleranceBps() external view returns (uint16);

    /// @notice Bond that a poster needs, token units.
    function minimumBond() external view returns (uint256);

    /// @notice What a challenger gets for each value shown to be false, token units.
    function penalty() external view returns (uint256);

    /// @notice Intervals in a day.
    function intervalsPerDay() external view returns (uint32);

    /// @notice Adds to the bond of an operator or grid operator. Anybody may.
    function postBond(address operator, uint256 amount) external;

    /// @notice Announces that bond will be withdrawn, {window} plus a day from now. Only the identity's owner. What is
    /// announced no longer counts for new submissions, but still answers for earlier ones.
    function requestBondWithdrawal(address operator, uint256 amount) external;

    /// @notice Withdraws what was announced, as far as it was not slashed meanwhile. Only the identity's owner.
    function withdrawBond(address operator, address to) external returns (uint256 amount);

    /// @notice Accepts a feeder's day. Anybody may bring it; the signatures count.
    /// @dev Needs two keys of three, and all three if in any interval the sum of the meters is out of tolerance of the
    /// meter at the head. Every value is checked against the caps of its device. The poster is the operator if it
    /// signed, else the grid operator. A missing value counts as zero in the sum.
    function submit(DaySubmission calldata submission) external;

    /// @notice A meter's own signed day against what operator and grid operator said of it. Anybody may bring it.
    /// @dev Replaces the values of the intervals named. For each value that was not missing the poster's bond pays
    /// {penalty} to the beneficiary, as far as it reaches.
    /// @param meter The meter.
    /// @param day The day.
    /// @param signedValues The meter's values, one int32 for each interval of the day.
    /// @param signature The meter's, r and vs.
    /// @param intervals The intervals to replace, bit n for the n-th of the day.
    /// @param acceptedValues What was accepted of this meter that day, as for {dayOf}.
    /// @param proof Siblings from the accepted values to the columns root.
    /// @param beneficiary Who gets the penalty.
    function challenge(
        uint32 meter,
        uint32 day,
        bytes calldata signedValues,
        bytes calldata signature,
        uint256 intervals,
        bytes calldata acceptedValues,
        bytes32[] calldata proof,
        address beneficiary
    ) external;

    /// @notice Replaces one value by what two of three keys say. Anybody may bring it.
    /// @dev Operator and grid operator sign `Amendment`; a meter signs its day as in {challenge}. `version` in the message
    /// is the number of replacements before it, so a message cannot be used twice.
    /// @param meter The meter.
    /// @param interval The interval.
    /// @param wh Net draw, Wh.
    /// @param signedValues The meter's day, of which the value must be part; empty: the meter did not sign.
    /// @param signature The meter's; empty: it did not sign.
    /// @param operatorSignature Of the operator identity's owner; with empty data: none.
    /// @param gridOperatorSignature Of the grid operator identity's owner; with empty data: none.
    function amend(
        uint32 meter,
        uint32 interval,
        int32 wh,
        bytes calldata signedValues,
        bytes calldata signature,
        Signature calldata operatorSignature,
        Signature calldata gridOperatorSignature
    ) external;

    /// @notice What is needed to use a feeder's readings of one interval.
    /// @dev The row is the concatenation of the meters' int32 in the order of their ids. The leaf is
    /// `keccak256(keccak256(interval as uint32 ++ row))`; the tree is that of {MerkleRoot}.
    /// @return root Root over the rows of the day; zero: not accepted.
    /// @return finalAt Unix time from which the row, with its overrides, is final for settlement.
    /// @return meterCount Meters in the row.
    /// @return overridden Bit n: the value of the n-th meter is replaced, see {overrideOf}.
    function rowOf(
        uint16 feeder,
        uint32 interval
    ) external view returns (bytes32 root, uint40 finalAt, uint16 meterCount, uint256 overridden);

    /// @notice What is accepted of a feeder's day.
    /// @dev The column of a meter is the concatenation of its int32 in the order of the intervals. The leaf of the columns
    /// tree is `keccak256(keccak256(meter as uint32 ++ column))`.
    function dayOf(uint16 feeder, uint32 day) external view returns (DayRecord memory record);

    /// @notice The replacement of a value; version zero: there is none.
    function overrideOf(uint32 meter, uint32 interval) external view returns (Override memory replacement);

    /// @notice Which intervals of a meter's day are replaced, bit n for the n-th of the day.
    function overriddenOf(uint32 meter, uint32 day) external view returns (uint256 intervals);

    /// @notice An operator's bond.
    /// @return bond Token units, with those announced for withdrawal.
    /// @return leaving Token units announced for withdrawal.
    /// @return availableAt When they can be withdrawn.
    function bondOf(address operator) external view returns (uint256 bond, uint256 leaving, uint40 availableAt);
}
