// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Envelope} from "./IBallotBox.sol";

/// @title SealedPapers
/// @notice Opens a paper that was sealed to a key by hashed ElGamal on BN254 (G1, generator (1, 2)).
///
/// To seal a payload for the key P = k * G, a voter takes a random scalar q and puts
///
///     (x, y)  = q * G
///     pad     = keccak256(q * P, nullifier, scope of the ballot)
///     cipher  = payload xor pad
///     check   = first 64 bits of keccak256(pad, payload)
///
/// into the envelope. Who has k finds the same pad by k * (x, y). A copy of another voter's envelope has another nullifier, so
/// another pad: it is spoilt. One that does not open is spoilt except with probability 2^-64, and then says something that
/// its own voter did not choose.
library SealedPapers {
    uint256 private constant CHECK_SHIFT = 192;
    /// @dev What EIP-1108 says a multiplication costs. One that fails takes all that it is given.
    uint256 private constant MULTIPLY_GAS = 6_000;

    /// @notice Opens a paper.
    /// @param key Scalar of the ballot's key.
    /// @param envelope The paper.
    /// @param nullifier Who put it in.
    /// @param scope Scope of the ballot.
    /// @return intact Whether it is sealed as it should be.
    /// @return payload What it says, if so.
    function open(
        uint256 key,
        Envelope calldata envelope,
        uint256 nullifier,
        uint256 scope
    ) internal view returns (bool intact, uint256 payload) {
        uint256 cipher = envelope.cipher;
        uint256 check;
        // Four words behind the memory in use. Where there is no point, there is no product, and the paper is not intact whatever
        // the check is. With too little gas for the product there is none left to go on with.
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, calldataload(envelope))
            mstore(add(words, 0x20), calldataload(add(envelope, 0x20)))
            mstore(add(words, 0x40), key)
            intact := staticcall(MULTIPLY_GAS, 7, words, 0x60, words, 0x40)
            mstore(add(words, 0x40), nullifier)
            mstore(add(words, 0x60), scope)
            let pad := keccak256(words, 0x80)
            payload := xor(cipher, pad)
            mstore(words, pad)
            mstore(add(words, 0x20), payload)
            check := keccak256(words, 0x40)
        }
        if (check >> CHECK_SHIFT != envelope.check) intact = false;
    }

    /// @notice Whether a scalar belongs to a key.
    /// @param key The scalar.
    /// @param x Coordinate of the key.
    /// @param y Coordinate of the key.
    /// @return fits True if key * G is the point.
    function isKey(uint256 key, uint256 x, uint256 y) internal view returns (bool fits) {
        (bool done, bytes memory product) = address(7).staticcall(abi.encode(1, 2, key));
        if (!done) return false;
        (uint256 productX, uint256 productY) = abi.decode(product, (uint256, uint256));
        return productX == x && productY == y;
    }
}
