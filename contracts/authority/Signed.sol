// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {ISigned, Signature} from "./ISigned.sol";

/// @title Signed
/// @notice Checks EIP-712 messages: right signer, this chain, this contract, in time, once.
/// @dev Accepts plain keys, ERC-1271 accounts and ERC-7913 keys. Trusts the verifier contract that an ERC-7913 key
/// names, which is safe because the verifier is part of the preimage of the account's address.
abstract contract Signed is ISigned, EIP712 {
    mapping(address signer => mapping(uint256 word => uint256 used)) private _usedNonces;

    /// @inheritdoc ISigned
    function voidNonces(uint256 word, uint256 mask) external {
        uint256 used = _usedNonces[msg.sender][word];
        uint256 fresh = mask & ~used;
        if (fresh == 0) revert SignedNothingToVoid(msg.sender, word, mask);
        _usedNonces[msg.sender][word] = used | fresh;
        emit NoncesVoided(msg.sender, word, fresh);
    }

    /// @inheritdoc ISigned
    function isNonceUsed(address signer, uint256 nonce) external view returns (bool used) {
        return _usedNonces[signer][nonce >> 8] & (1 << (nonce & 0xff)) != 0;
    }

    /// @dev Accepts `structHash` as a message of `signer` and uses up its nonce.
    function _authorize(
        address signer,
        bytes32 structHash,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) internal {
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp > deadline) revert SignedExpired(deadline, block.timestamp);
        _useNonce(signer, nonce);
        _requireSignature(signer, _hashTypedDataV4(structHash), signature);
    }

    /// @dev As {_authorize}, but the signer's own call needs no signature and uses no nonce.
    function _authorizeOrSender(
        address signer,
        bytes32 structHash,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) internal {
        if (msg.sender != signer) _authorize(signer, structHash, nonce, deadline, signature);
    }

    /// @dev Reverts unless `signature` is `signer`'s over `digest`. Does not protect against replay.
    function _requireSignature(address signer, bytes32 digest, Signature calldata signature) internal view {
        if (!_isSignedBy(signer, digest, signature.key, signature.data)) revert SignedInvalidSignature(signer, digest);
    }

    /// @dev Whether `data` is a signature over `digest` by `signer`, whose ERC-7913 key is `key` if that is not empty.
    function _isSignedBy(
        address signer,
        bytes32 digest,
        bytes calldata key,
        bytes calldata data
    ) internal view returns (bool valid) {
        if (key.length == 0) return SignatureChecker.isValidSignatureNowCalldata(signer, digest, data);
        // The low 20 bytes of the hash, as for plain public keys. A key of 20 bytes would let a plain account act under
        // a second name. A key of 64 bytes can be the public key of a plain account, but the verifier would then have
        // to stand at an address nobody can choose.
        return
            key.length > 20 &&
            address(uint160(uint256(keccak256(key)))) == signer &&
            SignatureChecker.isValidSignatureNow(key, digest, data);
    }

    function _useNonce(address signer, uint256 nonce) private {
        uint256 word = nonce >> 8;
        uint256 bit = 1 << (nonce & 0xff);
        uint256 used = _usedNonces[signer][word];
        if (used & bit != 0) revert SignedNonceUsed(signer, nonce);
        _usedNonces[signer][word] = used | bit;
    }
}
