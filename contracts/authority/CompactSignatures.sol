// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A signature of a plain key in the short form of ERC-2098.
struct CompactSignature {
    bytes32 r;
    /// @dev The lower 255 bits are s, the highest is the parity.
    bytes32 vs;
}

/// @title CompactSignatures
/// @notice Who made a signature in the short form of ERC-2098. For the hot paths that check plain keys alone, see {Signed} for
/// all others.
library CompactSignatures {
    uint256 private constant S_MASK = 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff;
    /// @dev Half of the curve's order. Every signature has a twin with an s above it, which does not count.
    uint256 private constant HIGHEST_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;
    uint256 private constant PARITY_SHIFT = 255;
    uint256 private constant FIRST_V = 27;

    /// @notice Who signed a digest.
    /// @param digest What was signed.
    /// @param signature The signature.
    /// @return key Zero: nobody.
    function recover(bytes32 digest, CompactSignature calldata signature) internal view returns (address key) {
        bytes32 vs = signature.vs;
        bytes32 r = signature.r;
        // Writes four words beyond the end of memory in use, which stays free. The precompile gives nothing back where the
        // signature is nobody's, so that the word stays zero; s above the lower half is made zero, which is nobody's too.
        assembly ("memory-safe") {
            let words := mload(0x40)
            let s := and(vs, S_MASK)
            mstore(words, digest)
            mstore(add(words, 0x20), add(FIRST_V, shr(PARITY_SHIFT, vs)))
            mstore(add(words, 0x40), r)
            mstore(add(words, 0x60), mul(s, iszero(gt(s, HIGHEST_S))))
            mstore(0, 0)
            pop(staticcall(gas(), 1, words, 0x80, 0, 0x20))
            key := mload(0)
        }
    }
}
