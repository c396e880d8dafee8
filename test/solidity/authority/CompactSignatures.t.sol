// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CompactSignature, CompactSignatures} from "../../../contracts/authority/CompactSignatures.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

/// @notice Compares with the compiler's own ecrecover.
contract CompactSignaturesTest is CivitasTest {
    uint256 private constant CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    uint256 private constant PARITY = 1 << 255;

    // recover
    // ├── a signature of a key with an s in the lower half: the key
    // │   └── with the other parity or another digest: not that key
    // ├── s in the upper half, zero or r zero: nobody
    // └── whatever is given: as ecrecover says, and memory in use is left alone

    function testFuzz_RecoversWhoSigned(uint256 privateKey, bytes32 digest) external view {
        privateKey = bound(privateKey, 1, CURVE_ORDER - 1);
        CompactSignature memory signature = _sign(privateKey, digest);
        address key = vm.addr(privateKey);
        assertEq(this.recover(digest, signature), key, "key");
        assertTrue(this.recover(~digest, signature) != key, "another digest");
        signature.vs ^= bytes32(PARITY);
        assertTrue(this.recover(digest, signature) != key, "other parity");
    }

    function testFuzz_IsAsEcrecover(bytes32 digest, bytes32 r, bytes32 vs) external view {
        uint256 s = uint256(vs) & ~PARITY;
        address expected =
            s > CURVE_ORDER / 2 ? address(0) : ecrecover(digest, uint256(vs) & PARITY == 0 ? 27 : 28, r, bytes32(s));
        assertEq(this.recover(digest, CompactSignature({r: r, vs: vs})), expected, "key");
    }

    function test_NobodySignsOutOfRange() external view {
        bytes32 digest = keccak256("digest");
        bytes32 r = _sign(1, digest).r;
        assertTrue(this.recover(digest, CompactSignature(r, bytes32(CURVE_ORDER / 2))) != address(0), "greatest s");
        bytes32[4] memory beyond = [
            bytes32(CURVE_ORDER / 2 + 1),
            bytes32(PARITY - 1),
            bytes32(type(uint256).max),
            bytes32(0)
        ];
        for (uint256 i = 0; i < beyond.length; ++i) {
            assertEq(this.recover(digest, CompactSignature(r, beyond[i])), address(0), "s");
        }
        bytes32 one = bytes32(uint256(1));
        assertEq(this.recover(digest, CompactSignature(0, one)), address(0), "r zero");
        assertEq(this.recover(digest, CompactSignature(bytes32(CURVE_ORDER), one)), address(0), "r too great");
    }

    /// @dev The answer of a call before is in the same place of memory.
    function test_NobodyIsNotWhoSignedBefore() external view {
        bytes32 digest = keccak256("digest");
        (address first, address second) = this.recoverTwo(digest, _sign(1, digest), CompactSignature(0, 0));
        assertEq(first, vm.addr(1), "first");
        assertEq(second, address(0), "second");
    }

    function recover(bytes32 digest, CompactSignature calldata signature) external view returns (address key) {
        bytes memory guard = abi.encode(digest);
        uint256 free;
        assembly ("memory-safe") {
            free := mload(0x40)
        }
        key = CompactSignatures.recover(digest, signature);
        uint256 freeNow;
        uint256 zero;
        assembly ("memory-safe") {
            freeNow := mload(0x40)
            zero := mload(0x60)
        }
        assertEq(freeNow, free, "memory in use");
        assertEq(zero, 0, "zero slot");
        assertEq(keccak256(guard), keccak256(abi.encode(digest)), "memory before");
    }

    function recoverTwo(
        bytes32 digest,
        CompactSignature calldata one,
        CompactSignature calldata other
    ) external view returns (address first, address second) {
        first = CompactSignatures.recover(digest, one);
        second = CompactSignatures.recover(digest, other);
    }

    function _sign(uint256 privateKey, bytes32 digest) private pure returns (CompactSignature memory signature) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, digest);
        return CompactSignature({r: r, vs: bytes32((uint256(v - 27) << 255) | uint256(s))});
    }
}
