// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    AttributeChange,
    AttributeRevocation,
    Commissioning,
    DelegateGrant,
    DelegateRevocation,
    DeviceChange,
    OwnerChange
} from "./IIdentities.sol";

/// @title IdentityMessages
/// @notice EIP-712 struct hashes of the messages by which owners and devices act on {IIdentities}.
/// @dev The owner is hashed with every message that does not name it, as the last member `owner`. Nonces are kept by
/// signer: else a message that one account of an owner used would be good once more when the identity is handed to
/// another account that the same key signs for.
library IdentityMessages {
    bytes32 private constant OWNER_CHANGE_TYPEHASH = keccak256(
        "OwnerChange(address identity,address newOwner,uint256 nonce,uint48 deadline,address owner)"
    );
    bytes32 private constant DELEGATE_GRANT_TYPEHASH = keccak256(
        "DelegateGrant(address identity,bytes32 delegateType,address delegate,uint256 validity,uint256 nonce,uint48 deadline,address owner)"
    );
    bytes32 private constant DELEGATE_REVOCATION_TYPEHASH = keccak256(
        "DelegateRevocation(address identity,bytes32 delegateType,address delegate,uint256 nonce,uint48 deadline,address owner)"
    );
    bytes32 private constant ATTRIBUTE_CHANGE_TYPEHASH = keccak256(
        "AttributeChange(address identity,bytes32 name,bytes value,uint256 validity,uint256 nonce,uint48 deadline,address owner)"
    );
    bytes32 private constant ATTRIBUTE_REVOCATION_TYPEHASH = keccak256(
        "AttributeRevocation(address identity,bytes32 name,bytes value,uint256 nonce,uint48 deadline,address owner)"
    );
    bytes32 private constant COMMISSIONING_TYPEHASH = keccak256(
        "Commissioning(address device,address operator,uint256 validity,address registry,bytes32 make,uint256 nonce,uint48 deadline)"
    );
    bytes32 private constant DEVICE_CHANGE_TYPEHASH = keccak256(
        "DeviceChange(address device,address key,bytes32 name,bytes value,uint256 validity,uint256 nonce,uint48 deadline,address owner)"
    );

    /// @notice Struct hash of an {OwnerChange}.
    /// @param change The message.
    /// @param owner Present owner of the identity.
    /// @return structHash The hash.
    function hash(OwnerChange calldata change, address owner) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(OWNER_CHANGE_TYPEHASH, change, owner));
    }

    /// @notice Struct hash of a {DelegateGrant}.
    /// @param grant The message.
    /// @param owner Present owner of the identity.
    /// @return structHash The hash.
    function hash(DelegateGrant calldata grant, address owner) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(DELEGATE_GRANT_TYPEHASH, grant, owner));
    }

    /// @notice Struct hash of a {DelegateRevocation}.
    /// @param revocation The message.
    /// @param owner Present owner of the identity.
    /// @return structHash The hash.
    function hash(DelegateRevocation calldata revocation, address owner) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(DELEGATE_REVOCATION_TYPEHASH, revocation, owner));
    }

    /// @notice Struct hash of an {AttributeChange}.
    /// @param change The message.
    /// @param owner Present owner of the identity.
    /// @return structHash The hash.
    function hash(AttributeChange calldata change, address owner) internal pure returns (bytes32 structHash) {
        return
            keccak256(
                abi.encode(
                    ATTRIBUTE_CHANGE_TYPEHASH,
                    change.identity,
                    change.name,
                    keccak256(change.value),
                    change.validity,
                    change.nonce,
                    change.deadline,
                    owner
                )
            );
    }

    /// @notice Struct hash of an {AttributeRevocation}.
    /// @param revocation The message.
    /// @param owner Present owner of the identity.
    /// @return structHash The hash.
    function hash(AttributeRevocation calldata revocation, address owner) internal pure returns (bytes32 structHash) {
        return
            keccak256(
                abi.encode(
                    ATTRIBUTE_REVOCATION_TYPEHASH,
                    revocation.identity,
                    revocation.name,
                    keccak256(revocation.value),
                    revocation.nonce,
                    revocation.deadline,
                    owner
                )
            );
    }

    /// @notice Struct hash of a {Commissioning}.
    /// @param commissioning The message.
    /// @return structHash The hash.
    function hash(Commissioning calldata commissioning) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(COMMISSIONING_TYPEHASH, commissioning));
    }

    /// @notice Struct hash of a {DeviceChange}.
    /// @param change The message.
    /// @param owner Present owner of the identity.
    /// @return structHash The hash.
    function hash(DeviceChange calldata change, address owner) internal pure returns (bytes32 structHash) {
        return
            keccak256(
                abi.encode(
                    DEVICE_CHANGE_TYPEHASH,
                    change.device,
                    change.key,
                    change.name,
                    keccak256(change.value),
                    change.validity,
                    change.nonce,
                    change.deadline,
                    owner
                )
            );
    }
}
