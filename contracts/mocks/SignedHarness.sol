// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {Signature} from "../authority/ISigned.sol";
import {Signed} from "../authority/Signed.sol";

/// @notice A message of the harness.
struct Act {
    address signer;
    uint256 value;
    uint256 nonce;
    uint256 deadline;
}

/// @title SignedHarness
/// @notice Opens every way into {Signed} to tests.
contract SignedHarness is Signed {
    /// @notice EIP-712 type hash of {Act}.
    bytes32 public constant ACT_TYPEHASH = keccak256(
        "Act(address signer,uint256 value,uint256 nonce,uint256 deadline)"
    );

    /// @notice A message became an act.
    /// @param signer Whose message it was.
    /// @param value What it said.
    event Acted(address indexed signer, uint256 value);

    constructor() EIP712("SignedHarness", "1") {}

    /// @notice Acts for a signer on a signature.
    /// @param message The message.
    /// @param signature The signer's.
    function act(Act calldata message, Signature calldata signature) external {
        _authorize(message.signer, hashAct(message), message.nonce, message.deadline, signature);
        emit Acted(message.signer, message.value);
    }

    /// @notice Acts for the caller, or for a signer on a signature.
    /// @param message The message.
    /// @param signature The signer's; not looked at when the signer calls.
    function actOrSender(Act calldata message, Signature calldata signature) external {
        _authorizeOrSender(message.signer, hashAct(message), message.nonce, message.deadline, signature);
        emit Acted(message.signer, message.value);
    }

    /// @notice Reverts unless the signature is the signer's over the digest.
    /// @param signer Account that was to have signed.
    /// @param digest What was signed.
    /// @param signature The signature.
    function requireSignature(address signer, bytes32 digest, Signature calldata signature) external view {
        _requireSignature(signer, digest, signature);
    }

    /// @notice Whether the signature is the signer's over the digest.
    /// @param signer Account that was to have signed.
    /// @param digest What was signed.
    /// @param signature The signature.
    /// @return valid Whether it is.
    function isSignedBy(
        address signer,
        bytes32 digest,
        Signature calldata signature
    ) external view returns (bool valid) {
        return _isSignedBy(signer, digest, signature.key, signature.data);
    }

    /// @notice EIP-712 digest of a message for this contract on this chain.
    /// @param message The message.
    /// @return digest What its signer signs.
    function digestOf(Act calldata message) external view returns (bytes32 digest) {
        return _hashTypedDataV4(hashAct(message));
    }

    /// @notice EIP-712 struct hash of a message.
    /// @param message The message.
    /// @return structHash The hash.
    function hashAct(Act calldata message) public pure returns (bytes32 structHash) {
        return keccak256(abi.encode(ACT_TYPEHASH, message.signer, message.value, message.nonce, message.deadline));
    }
}
