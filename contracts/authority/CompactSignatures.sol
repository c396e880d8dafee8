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
    uint8 private constant FIRST_V = 27;

    /// @notice Who signed a digest.
    /// @param digest What was signed.
    /// @param signature The signature.
    /// @return key Zero: nobody.
    function recover(bytes32 digest, CompactSignature calldata signature) internal pure returns (address key) {
        uint256 s = uint256(signature.vs) & S_MASK;
        if (s > HIGHEST_S) return address(0);
        uint8 v = uint8(uint256(signature.vs) >> PARITY_SHIFT) + FIRST_V; // one bit and 27
        return ecrecover(digest, v, signature.r, bytes32(s));
    }
}
