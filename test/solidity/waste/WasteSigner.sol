// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CompactSignature} from "../../../contracts/authority/CompactSignatures.sol";
import {Containers} from "../../../contracts/waste/containers/Containers.sol";
import {Fill} from "../../../contracts/waste/containers/IContainers.sol";
import {WasteOperators} from "../../../contracts/waste/operators/WasteOperators.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

/// @notice Devices of containers and what they sign, for fixtures and for handlers of invariants, which must have no setUp.
abstract contract WasteSigner is CivitasTest {
    /// @dev Containers are 1 to BINS. All take PACKAGING but the last one, which takes TUBES.
    uint32 internal constant BINS = 10;
    uint32 internal constant TUBES_BIN = 10;
    uint16 internal constant ALERT_BP = 8_000;
    uint32 internal constant CAPACITY_L = 1_100;
    uint16 internal constant MAX_GRAMS_PER_L = 500;
    uint24 internal constant DISTRICT = 7;

    bytes32 internal constant FILL_TYPE = keccak256("Fill(uint32 binId,uint32 counter,uint40 takenAt,uint16 fillBp)");

    bytes32 internal constant ADMISSION_TYPE = keccak256("Admission(address account,uint256 nonce,uint256 deadline)");
    bytes32 internal constant CREW_TYPE = keccak256(
        "CrewChange(uint32 operatorId,address key,uint40 until,uint256 nonce,uint256 deadline)"
    );
    string internal constant OPERATORS_DOMAIN = "Civitas Waste Operators";

    Containers internal containers;

    function deviceKeyOf(uint32 binId) internal pure returns (uint256 privateKey) {
        return uint256(keccak256(bytes(string.concat("device", vm.toString(uint256(binId))))));
    }

    function deviceOf(uint32 binId) internal pure returns (address device) {
        return vm.addr(deviceKeyOf(binId));
    }

    /// @dev A reading of a container, taken now.
    function fillOf(uint32 binId, uint32 counter, uint16 fillBp) internal view returns (Fill memory fill) {
        return Fill({binId: binId, counter: counter, takenAt: uint40(block.timestamp), fillBp: fillBp});
    }

    /// @dev Signs a digest in the short form of ERC-2098.
    function signCompact(uint256 privateKey, bytes32 digest) internal pure returns (CompactSignature memory signature) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, digest);
        return CompactSignature({r: r, vs: bytes32((uint256(v - 27) << 255) | uint256(s))});
    }

    function digestOf(bytes32 domain, bytes32 structHash) internal pure returns (bytes32 digest) {
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function signFill(uint256 privateKey, Fill memory fill) internal view returns (CompactSignature memory signature) {
        bytes32 structHash = keccak256(abi.encode(FILL_TYPE, fill));
        return signCompact(privateKey, digestOf(domainOf("Civitas Containers", address(containers)), structHash));
    }

    /// @dev Signed by the device that the container has in the fixture.
    function signFill(Fill memory fill) internal view returns (CompactSignature memory signature) {
        return signFill(deviceKeyOf(fill.binId), fill);
    }

    /// @dev Consent of a key to its own appointment, over no nonce.
    function signConsent(
        WasteOperators operators,
        uint256 privateKey,
        uint32 operatorId,
        uint40 until,
        uint256 deadline
    ) internal view returns (CompactSignature memory consent) {
        bytes32 structHash = keccak256(
            abi.encode(CREW_TYPE, operatorId, vm.addr(privateKey), until, uint256(0), deadline)
        );
        return signCompact(privateKey, digestOf(domainOf(OPERATORS_DOMAIN, address(operators)), structHash));
    }

    /// @dev The 15 bytes of a reading that gateways bring.
    function packFill(Fill memory fill) internal pure returns (bytes memory packed) {
        return abi.encodePacked(fill.binId, fill.counter, fill.takenAt, fill.fillBp);
    }

    /// @dev The 79 bytes of a reading with a signature.
    function packSigned(
        Fill memory fill,
        CompactSignature memory signature
    ) internal pure returns (bytes memory packed) {
        return bytes.concat(packFill(fill), signature.r, signature.vs);
    }
}
