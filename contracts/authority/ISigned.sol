// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Proof that an account agreed to a typed message.
struct Signature {
    /// @dev Empty for a plain account or an ERC-1271 contract account. For a key without an account (ERC-7913):
    /// the verifier's address followed by the key; the account is then the low 20 bytes of its keccak256.
    bytes key;
    /// @dev The signature bytes in the form the account or verifier expects.
    bytes data;
}

/// @title ISigned
/// @notice The one path by which a signed EIP-712 message becomes an act, so that anybody may relay it.
/// @dev Every message carries a `nonce` and a `deadline`. Nonces are unordered: any unused number serves, two messages
/// of one signer never wait for each other, and a signer may void numbers it gave away.
interface ISigned {
    /// @notice A signer voided nonces without using them.
    /// @param signer Account whose nonces were voided.
    /// @param word Index of the group of 256 nonces: `nonce >> 8`.
    /// @param mask Bits voided by this call; bit i stands for nonce `word * 256 + i`.
    event NoncesVoided(address indexed signer, uint256 indexed word, uint256 mask);

    /// @notice The message came after its deadline.
    /// @param deadline Last second at which the message was good.
    /// @param timestamp Time of the call.
    error SignedExpired(uint256 deadline, uint256 timestamp);

    /// @notice The nonce was used or voided before.
    /// @param signer Account that owns the nonce.
    /// @param nonce The number.
    error SignedNonceUsed(address signer, uint256 nonce);

    /// @notice Every nonce named is already used or void, so the call would change nothing.
    /// @param signer Account that owns the nonces.
    /// @param word Group of 256 nonces.
    /// @param mask Bits asked for.
    error SignedNothingToVoid(address signer, uint256 word, uint256 mask);

    /// @notice The signature is not the signer's over this message, on this chain and for this contract.
    /// @param signer Account that was to have signed.
    /// @param digest EIP-712 digest that was checked.
    error SignedInvalidSignature(address signer, bytes32 digest);

    /// @notice Voids nonces of the caller, so that messages that carry them can no longer be used.
    /// @dev Anybody, for themselves. Emits {NoncesVoided}. Reverts with {SignedNothingToVoid} when no bit is new.
    /// @param word Group of 256 nonces: `nonce >> 8`.
    /// @param mask Bits to void; bit i stands for nonce `word * 256 + i`.
    function voidNonces(uint256 word, uint256 mask) external;

    /// @notice Whether a nonce is used or void.
    /// @param signer Account that owns the nonce.
    /// @param nonce The number.
    /// @return used True when no message with this nonce can be used any more.
    function isNonceUsed(address signer, uint256 nonce) external view returns (bool used);
}
