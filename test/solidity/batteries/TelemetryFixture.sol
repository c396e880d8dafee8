// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {Signature} from "../../../contracts/authority/ISigned.sol";
import {BatteryCredentials} from "../../../contracts/batteries/BatteryCredentials.sol";
import {BatteryPack} from "../../../contracts/batteries/BatteryPack.sol";
import {BatteryTelemetry} from "../../../contracts/batteries/BatteryTelemetry.sol";
import {Category, PackData, RecyclingOutput} from "../../../contracts/batteries/IBatteryPack.sol";
import {
    DeviceRotation,
    HealthCertificate,
    IBatteryTelemetry,
    Reading,
    SignedReading
} from "../../../contracts/batteries/IBatteryTelemetry.sol";
import {ICredentials, Standing} from "../../../contracts/identity/ICredentials.sol";
import {MockCredentials} from "../../../contracts/mocks/MockCredentials.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

/// @notice A city with one operator, one owner, a tester, a collector and one pack with a device.
abstract contract TelemetryCity is CivitasTest {
    bytes32 internal constant READING_TYPEHASH = keccak256(
        "Reading(uint256 packId,uint48 counter,uint48 takenAt,uint48 throughputWh,uint40 remainingWh,uint32 fullCycles,uint16 sohBp,uint16 maxTempDK,uint32 flags,bytes32 logRoot)"
    );
    bytes32 internal constant CERTIFICATE_TYPEHASH = keccak256(
        "HealthCertificate(uint256 packId,address tester,uint40 measuredWh,uint48 testedAt,bytes32 methodHash,uint256 nonce,uint48 deadline)"
    );
    bytes32 internal constant ROTATION_TYPEHASH = keccak256(
        "DeviceRotation(uint256 packId,address oldDevice,address newDevice,uint256 nonce,uint48 deadline)"
    );
    uint256 private constant P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551;
    uint40 internal constant RATED_WH = 70_000;
    uint32 internal constant RATED_POWER_W = 150_000;

    AccessManager internal manager;
    MockCredentials internal credentials;
    BatteryPack internal pack;
    IBatteryTelemetry internal telemetry;

    address internal operator;
    uint256 internal operatorKey;
    address internal owner;
    uint256 internal ownerKey;
    address internal device;
    uint256 internal deviceKey;
    address internal spare;
    uint256 internal spareKey;
    address internal tester;
    uint256 internal testerKey;
    address internal collector;
    address internal stranger;
    uint256 internal strangerKey;
    uint256 internal packId;
    uint256 private _serials;

    function buildCity() internal {
        vm.warp(EPOCH);
        (operator, operatorKey) = actor("operator");
        (owner, ownerKey) = actor("owner");
        (device, deviceKey) = actor("device");
        (spare, spareKey) = actor("spare device");
        (tester, testerKey) = actor("tester");
        (collector, ) = actor("collector");
        (stranger, strangerKey) = actor("stranger");

        manager = new AccessManager(address(this));
        credentials = new MockCredentials();
        pack = new BatteryPack(address(manager), ICredentials(address(credentials)), "");
        telemetry = deployTelemetry();
        pack.setTelemetry(address(telemetry));
        admitOperator(operator);
        credentials.set(BatteryCredentials.BATTERY_TESTER, tester, Standing.Current);
        credentials.set(BatteryCredentials.BATTERY_COLLECTOR, collector, Standing.Current);
        credentials.set(BatteryCredentials.BATTERY_RECYCLER, address(this), Standing.Current);
        packId = registerPack(owner, device);
    }

    /// @dev With the compiler settings of the test, which coverage can follow.
    function deployTelemetry() internal virtual returns (IBatteryTelemetry deployed) {
        return new BatteryTelemetry(pack, ICredentials(address(credentials)));
    }

    /// @dev From its artifact, which is built with the settings of the deployment.
    function deployTelemetryArtifact() internal returns (IBatteryTelemetry deployed) {
        bytes memory creation = abi.encodePacked(
            vm.getCode("BatteryTelemetry.sol:BatteryTelemetry"),
            abi.encode(address(pack), address(credentials))
        );
        // The creation code is whole in memory; a failed creation gives address zero.
        assembly ("memory-safe") {
            deployed := create(0, add(creation, 0x20), mload(creation))
        }
        assertTrue(address(deployed) != address(0), "telemetry deployed");
    }

    function admitOperator(address account) internal {
        credentials.set(BatteryCredentials.BATTERY_OPERATOR, account, Standing.Current);
        vm.prank(account);
        pack.admitSelf();
    }

    function registerPack(address holder, address key) internal returns (uint256 id) {
        return registerPack(holder, key, RATED_POWER_W);
    }

    function registerPack(address holder, address key, uint32 powerW) internal returns (uint256 id) {
        vm.prank(operator);
        return pack.register(holder, packData(key, powerW));
    }

    function packData(address key, uint32 powerW) internal returns (PackData memory data) {
        bytes32 serialHash = keccak256(abi.encode("serial", ++_serials));
        return
            PackData({
                serialHash: serialHash,
                passportRoot: serialHash,
                device: key,
                ratedWh: RATED_WH,
                ratedPowerW: powerW,
                madeOnDay: 20_000,
                category: Category.ElectricVehicle
            });
    }

    /// @dev Ends a pack's passport the way its owner and a recycler do.
    function recyclePack(uint256 id) internal {
        address holder = pack.ownerOf(id);
        vm.prank(holder);
        pack.markWaste(id);
        vm.prank(holder);
        pack.approve(address(this), id);
        pack.recycle(id, "lot", 1, new RecyclingOutput[](0), 1);
    }

    /// @dev A reading that every check lets pass: the state of case B19, made now.
    function readingOf(uint256 id, uint48 counter) internal view returns (Reading memory reading) {
        return
            Reading({
                packId: id,
                counter: counter,
                takenAt: uint48(block.timestamp),
                throughputWh: 88_000,
                remainingWh: 60_000,
                fullCycles: 12,
                sohBp: 9_912,
                maxTempDK: 2_981,
                flags: 0,
                logRoot: keccak256("log")
            });
    }

    function telemetryDomain() internal view returns (bytes32 domain) {
        return domainOf("Civitas Battery Telemetry", address(telemetry));
    }

    function digestOf(Reading memory reading) internal view returns (bytes32 digest) {
        return
            keccak256(abi.encodePacked(hex"1901", telemetryDomain(), keccak256(abi.encode(READING_TYPEHASH, reading))));
    }

    function sign(Reading memory reading, uint256 key) internal view returns (SignedReading memory signedReading) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digestOf(reading));
        return SignedReading({reading: reading, key: "", signature: abi.encodePacked(r, s, v)});
    }

    /// @dev A reading signed by a P-256 key that `verifier` checks. Only the lower half of s is accepted.
    function signP256(
        Reading memory reading,
        address verifier,
        uint256 key
    ) internal view returns (SignedReading memory signedReading) {
        (bytes32 r, bytes32 s) = vm.signP256(key, digestOf(reading));
        return SignedReading({reading: reading, key: p256Key(verifier, key), signature: abi.encodePacked(r, lowS(s))});
    }

    function lowS(bytes32 s) internal pure returns (bytes32 low) {
        return uint256(s) > P256_ORDER / 2 ? bytes32(P256_ORDER - uint256(s)) : s;
    }

    function p256Key(address verifier, uint256 key) internal view returns (bytes memory publicKey) {
        (uint256 x, uint256 y) = vm.publicKeyP256(key);
        return abi.encodePacked(verifier, x, y);
    }

    /// @dev Account of an ERC-7913 key.
    function accountOf(bytes memory key) internal pure returns (address account) {
        return address(uint160(uint256(keccak256(key))));
    }

    function certificateOf(uint256 id, uint40 measuredWh) internal view returns (HealthCertificate memory certificate) {
        return
            HealthCertificate({
                packId: id,
                tester: tester,
                measuredWh: measuredWh,
                testedAt: uint48(block.timestamp),
                methodHash: keccak256("method"),
                nonce: 7,
                deadline: uint48(block.timestamp + 1 hours)
            });
    }

    function sign(
        HealthCertificate memory certificate,
        uint256 key
    ) internal view returns (Signature memory signature) {
        return signTyped(key, telemetryDomain(), keccak256(abi.encode(CERTIFICATE_TYPEHASH, certificate)));
    }

    function rotationOf(
        uint256 id,
        address oldDevice,
        address newDevice
    ) internal view returns (DeviceRotation memory rotation) {
        return
            DeviceRotation({
                packId: id,
                oldDevice: oldDevice,
                newDevice: newDevice,
                nonce: 3,
                deadline: uint48(block.timestamp + 1 hours)
            });
    }

    function sign(DeviceRotation memory rotation, uint256 key) internal view returns (Signature memory signature) {
        return signTyped(key, telemetryDomain(), keccak256(abi.encode(ROTATION_TYPEHASH, rotation)));
    }
}

/// @notice Base of the tests, each of which begins in a new city.
abstract contract TelemetryFixture is TelemetryCity {
    function setUp() external {
        buildCity();
    }
}
