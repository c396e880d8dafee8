// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Signature} from "../../../../contracts/authority/ISigned.sol";
import {EnergyCredentials} from "../../../../contracts/energy/EnergyCredentials.sol";
import {EnergyRegistry} from "../../../../contracts/energy/registry/EnergyRegistry.sol";
import {EnergySource, Meter, MeterClass, MeterStatus} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {
    AcceptedDay,
    DaySubmission,
    IMeterReadings,
    ReadingKeys,
    ReadingSettings,
    SignedDay
} from "../../../../contracts/energy/readings/IMeterReadings.sol";
import {MeterReadings} from "../../../../contracts/energy/readings/MeterReadings.sol";
import {CityEuro} from "../../../../contracts/finance/CityEuro.sol";
import {Identities} from "../../../../contracts/identity/Identities.sol";
import {MockCredentialRegistry} from "../../../../contracts/mocks/MockCredentialRegistry.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";
import {TreeTwin} from "./TreeTwin.sol";
import {ValuesTwin} from "./ValuesTwin.sol";

/// @notice A district: feeder 1 with ten meters, feeder 2 with three and a meter at its head, both read by one operator in
/// one grid. Type strings and digests are written out once more here, so that the contract's are not tested against
/// themselves.
abstract contract ReadingsFixture is CivitasTest {
    uint16 internal constant STREET = 1;
    uint16 internal constant LANE = 2;
    uint256 internal constant STREET_METERS = 10;
    uint256 internal constant LANE_METERS = 3;
    /// @dev Hours of a day.
    uint256 internal constant HOURS = 24;
    uint32 internal constant IMPORT_CAP = 10_000;
    uint32 internal constant EXPORT_CAP = 5_000;
    uint32 internal constant DAY = uint32(EPOCH / 1 days);
    uint32 internal constant FIRST = DAY * 24;
    uint32 internal constant KEY_DELAY = 2 days;
    uint32 internal constant WINDOW = 1 days;
    uint32 internal constant AMEND_DURATION = 60 days;
    uint16 internal constant TOLERANCE = 500;
    uint32 internal constant TOLERANCE_WH = 10;
    uint256 internal constant MINIMUM_BOND = 1_000e6;
    uint256 internal constant PENALTY = 50e6;
    /// @dev What of it is the meter's owner's.
    uint256 internal constant REWARD = 25e6;
    /// @dev When the day is brought in the tests.
    uint256 internal constant BROUGHT_AT = EPOCH + 1 days + 6 hours;

    uint8 internal constant METERS = ReadingKeys.METERS;
    uint8 internal constant OPERATOR = ReadingKeys.OPERATOR;
    uint8 internal constant GRID = ReadingKeys.GRID_OPERATOR;

    AccessManager internal manager;
    EnergyRegistry internal registry;
    Identities internal identities;
    MockCredentialRegistry internal credentials;
    CityEuro internal euro;
    IMeterReadings internal readings;

    address internal operator;
    uint256 internal operatorKey;
    address internal grid;
    uint256 internal gridKey;
    address internal head;
    uint256 internal headKey;
    address internal household;
    address internal community;
    address internal stranger;
    uint256 internal strangerKey;

    function setUp() public virtual {
        vm.warp(EPOCH);
        (operator, operatorKey) = actor("metering operator");
        (grid, gridKey) = actor("grid operator");
        (head, headKey) = actor("head meter");
        (household, ) = actor("household");
        (community, ) = actor("community");
        (stranger, strangerKey) = actor("stranger");
        manager = new AccessManager(address(this));
        registry = new EnergyRegistry(address(manager), 1 hours, 48, KEY_DELAY);
        identities = new Identities();
        credentials = new MockCredentialRegistry();
        euro = new CityEuro(address(manager));
        credentials.set(EnergyCredentials.METERING_OPERATOR, operator, true);
        credentials.set(EnergyCredentials.GRID_OPERATOR, grid, true);
        registry.registerFeeder(STREET, operator, grid, address(0));
        registry.registerFeeder(LANE, operator, grid, head);
        for (uint256 i = 0; i < STREET_METERS; ++i) addMeter(STREET, i);
        for (uint256 i = 0; i < LANE_METERS; ++i) addMeter(LANE, i);
        readings = deployReadings(euro, settings());
        fundBond(operator, 4 * MINIMUM_BOND);
        fundBond(grid, 4 * MINIMUM_BOND);
        vm.warp(BROUGHT_AT);
    }

    /// @dev With the compiler settings of the test, which coverage can follow.
    function deployReadings(
        IERC20 token,
        ReadingSettings memory settings_
    ) internal virtual returns (IMeterReadings deployed) {
        return new MeterReadings(token, registry, identities, credentials, settings_);
    }

    /// @dev From its artifact, which is built with the settings of the deployment.
    function deployReadingsArtifact(
        IERC20 token,
        ReadingSettings memory settings_
    ) internal returns (IMeterReadings deployed) {
        bytes memory creation = abi.encodePacked(
            vm.getCode("MeterReadings.sol:MeterReadings"),
            abi.encode(token, registry, identities, credentials, settings_)
        );
        // The creation code is whole in memory; a failed creation gives address zero.
        assembly ("memory-safe") {
            deployed := create(0, add(creation, 0x20), mload(creation))
        }
        assertTrue(address(deployed) != address(0), "readings deployed");
    }

    function settings() internal view returns (ReadingSettings memory settings_) {
        return
            ReadingSettings({
                window: WINDOW,
                amendDuration: AMEND_DURATION,
                toleranceBp: TOLERANCE,
                toleranceWh: TOLERANCE_WH,
                community: community,
                minimumBond: MINIMUM_BOND,
                penalty: PENALTY
            });
    }

    function addMeter(uint16 feeder, uint256 position) internal {
        registry.registerMeter(
            feeder,
            household,
            Meter({
                key: vm.addr(meterKey(feeder, position)),
                importCapWh: IMPORT_CAP,
                exportCapWh: EXPORT_CAP,
                source: EnergySource.Solar,
                class: MeterClass.Connection,
                status: position % 2 == 0 ? MeterStatus.Trading : MeterStatus.Sharing
            })
        );
    }

    function fundBond(address identity, uint256 amount) internal {
        euro.mint(address(this), amount);
        euro.approve(address(readings), amount);
        readings.postBond(identity, amount);
    }

    // --- values

    function meterOf(uint16 feeder, uint256 position) internal pure returns (uint32 meter) {
        return uint32((uint256(feeder) << 8) | position);
    }

    function meterKey(uint16 feeder, uint256 position) internal pure returns (uint256 key) {
        return uint256(keccak256(abi.encode("meter", feeder, position)));
    }

    /// @dev Each value another: 100 Wh an hour, 7 a meter, some fed in.
    function valuesOf(uint256 meterCount) internal pure returns (bytes memory values) {
        values = new bytes(4 * HOURS * meterCount);
        for (uint256 i = 0; i < HOURS * meterCount; ++i)
            ValuesTwin.set(values, i, whAt(i / meterCount, i % meterCount));
    }

    function whAt(uint256 hour, uint256 position) internal pure returns (int32 wh) {
        int32 size = int32(uint32(100 * hour + 7 * position));
        return position % 3 == 2 ? -size : size;
    }

    /// @dev What the meter at the head of the feeder saw of them.
    function headOf(bytes memory values, uint256 meterCount) internal pure returns (bytes memory headValues) {
        uint256 rows = values.length / 4 / meterCount;
        headValues = new bytes(4 * rows);
        for (uint256 i = 0; i < rows; ++i) {
            int32 sum = 0;
            for (uint256 k = 0; k < meterCount; ++k) {
                int32 wh = ValuesTwin.get(values, i * meterCount + k);
                if (wh != ValuesTwin.MISSING) sum += wh;
            }
            ValuesTwin.set(headValues, i, sum);
        }
    }

    // --- submissions

    /// @dev The street's day, signed with the keys asked for.
    function street(uint8 keys) internal view returns (DaySubmission memory submission) {
        return streetWith(valuesOf(STREET_METERS), keys);
    }

    function streetWith(bytes memory values, uint8 keys) internal view returns (DaySubmission memory submission) {
        submission.feeder = STREET;
        submission.day = DAY;
        submission.values = values;
        sign(submission, STREET_METERS, keys);
    }

    /// @dev The lane's day, with its head.
    function lane(uint8 keys) internal view returns (DaySubmission memory submission) {
        bytes memory values = valuesOf(LANE_METERS);
        return laneWith(values, headOf(values, LANE_METERS), keys);
    }

    function laneWith(
        bytes memory values,
        bytes memory headValues,
        uint8 keys
    ) internal view returns (DaySubmission memory submission) {
        submission.feeder = LANE;
        submission.day = DAY;
        submission.values = values;
        submission.headValues = headValues;
        submission.headSignature = compact(headKey, headHash(LANE, DAY, headValues));
        sign(submission, LANE_METERS, keys);
    }

    /// @dev Signs a submission anew with the keys asked for, and takes the others' signatures away.
    function sign(DaySubmission memory submission, uint256 meterCount, uint8 keys) internal view {
        submission.meterSignatures =
            keys & METERS == 0
                ? bytes("")
                : meterSignatures(submission.feeder, submission.day, submission.values, meterCount);
        signForOperators(submission, keys);
    }

    /// @dev Signs a submission anew with those of the operators asked for, as the meters signed it.
    function signForOperators(DaySubmission memory submission, uint8 keys) internal view {
        bytes32 hash = hashOf(submission);
        Signature memory none;
        submission.operatorSignature = keys & OPERATOR == 0 ? none : signTyped(operatorKey, domain(), hash);
        submission.gridOperatorSignature = keys & GRID == 0 ? none : signTyped(gridKey, domain(), hash);
    }

    /// @dev Of every meter; of none that has no value at all.
    function meterSignatures(
        uint16 feeder,
        uint32 day,
        bytes memory values,
        uint256 meterCount
    ) internal view returns (bytes memory signatures) {
        for (uint256 i = 0; i < meterCount; ++i) {
            bytes memory column = ValuesTwin.columnOf(values, meterCount, i);
            bytes memory signature =
                keccak256(column) == keccak256(missing())
                    ? new bytes(64)
                    : compact(meterKey(feeder, i), dayHash(meterOf(feeder, i), day, column));
            signatures = bytes.concat(signatures, signature);
        }
    }

    /// @dev Puts a signature in the place of a meter's.
    function replaceSignature(bytes memory signatures, uint256 position, bytes memory signature) internal pure {
        for (uint256 i = 0; i < 64; ++i) signatures[64 * position + i] = signature[i];
    }

    /// @dev A column without values.
    function missing() internal pure returns (bytes memory column) {
        column = new bytes(4 * HOURS);
        for (uint256 i = 0; i < HOURS; ++i) ValuesTwin.set(column, i, ValuesTwin.MISSING);
    }

    /// @dev Takes all values of a meter away.
    function drop(bytes memory values, uint256 meterCount, uint256 position) internal pure {
        for (uint256 i = 0; i < HOURS; ++i) ValuesTwin.set(values, i * meterCount + position, ValuesTwin.MISSING);
    }

    // --- days

    function acceptedOf(bytes memory values, uint32 meter) internal pure returns (AcceptedDay memory accepted) {
        uint256 meterCount = values.length / 4 / HOURS;
        bytes32[] memory leaves = ValuesTwin.columnLeaves(values, meterCount, meter & ~uint32(0xff));
        return
            AcceptedDay({
                values: ValuesTwin.columnOf(values, meterCount, meter & 0xff),
                proof: TreeTwin.proofOf(leaves, meter & 0xff)
            });
    }

    function signedBy(uint256 key, uint32 meter, bytes memory column) internal view returns (SignedDay memory signed) {
        return SignedDay({values: column, signature: compact(key, dayHash(meter, DAY, column))});
    }

    /// @dev What a meter of the street signs.
    function signedDay(uint32 meter, bytes memory column) internal view returns (SignedDay memory signed) {
        return signedBy(meterKey(uint16(meter >> 8), meter & 0xff), meter, column);
    }

    // --- messages

    function domain() internal view returns (bytes32 separator) {
        return domainOf("Civitas Meter Readings", address(readings));
    }

    function dayHash(uint32 meter, uint32 day, bytes memory values) internal pure returns (bytes32 hash) {
        return
            keccak256(
                abi.encode(keccak256("MeterDay(uint32 meter,uint32 day,bytes values)"), meter, day, keccak256(values))
            );
    }

    function headHash(uint16 feeder, uint32 day, bytes memory values) internal pure returns (bytes32 hash) {
        return
            keccak256(
                abi.encode(
                    keccak256("FeederDay(uint16 feeder,uint32 day,bytes values)"),
                    feeder,
                    day,
                    keccak256(values)
                )
            );
    }

    /// @dev What the operators sign of a submission.
    function hashOf(DaySubmission memory submission) internal pure returns (bytes32 hash) {
        return
            readingsHash(
                submission.feeder,
                submission.day,
                submission.values,
                submission.headValues,
                submission.meterSignatures
            );
    }

    function readingsHash(
        uint16 feeder,
        uint32 day,
        bytes memory values,
        bytes memory headValues,
        bytes memory signatures
    ) internal pure returns (bytes32 hash) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "FeederReadings(uint16 feeder,uint32 day,bytes values,bytes headValues,bytes meterSignatures)"
                    ),
                    feeder,
                    day,
                    keccak256(values),
                    keccak256(headValues),
                    keccak256(signatures)
                )
            );
    }

    function amendmentHash(
        uint32 meter,
        uint32 interval,
        int32 wh,
        uint16 version
    ) internal pure returns (bytes32 hash) {
        return
            keccak256(
                abi.encode(
                    keccak256("Amendment(uint32 meter,uint32 interval,int32 wh,uint16 version)"),
                    meter,
                    interval,
                    wh,
                    version
                )
            );
    }

    function digestOf(bytes32 structHash) internal view returns (bytes32 digest) {
        return keccak256(abi.encodePacked(hex"1901", domain(), structHash));
    }

    /// @dev r and vs of ERC-2098.
    function compact(uint256 key, bytes32 structHash) internal view returns (bytes memory signature) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digestOf(structHash));
        return abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255)));
    }

    function noSignature() internal pure returns (Signature memory none) {
        return none;
    }

    function noDay() internal pure returns (SignedDay memory none) {
        return none;
    }
}
