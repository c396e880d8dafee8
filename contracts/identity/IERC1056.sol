// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IERC1056
/// @notice Lightweight identities of ERC-1056, with every function and event of the reference registry 1.3.0 in its
/// exact form, so that clients of that registry (`ethr-did-resolver`, for one) work unchanged. What Civitas does
/// differently behind this face stands in {IIdentities}.
/// @dev Any address is an identity from the start, owned by itself; it costs nothing until it is changed. The `…Signed`
/// functions check the owner's signature over `keccak256(0x1900 ‖ registry ‖ nonce(owner) ‖ identity ‖ method ‖
/// arguments)`.
interface IERC1056 {
    /// @notice An identity has a new owner.
    /// @param identity The identity.
    /// @param owner New owner; zero: the identity is retired.
    /// @param previousChange Block of the change before this one; zero: none.
    event DIDOwnerChanged(address indexed identity, address owner, uint256 previousChange);

    /// @notice A delegate was added, prolonged or revoked.
    /// @param identity The identity.
    /// @param delegateType What the delegate may do; `veriKey` and `sigAuth` stand in the DID document.
    /// @param delegate The delegate.
    /// @param validTo Unix time from which the delegate is one no more.
    /// @param previousChange Block of the change before this one; zero: none.
    event DIDDelegateChanged(
        address indexed identity,
        bytes32 delegateType,
        address delegate,
        uint256 validTo,
        uint256 previousChange
    );

    /// @notice An attribute was set or revoked.
    /// @param identity The identity.
    /// @param name Name of the attribute; `did/pub/…` and `did/svc/…` stand in the DID document.
    /// @param value Its value.
    /// @param validTo Unix time until which it holds; zero: revoked.
    /// @param previousChange Block of the change before this one; zero: none.
    event DIDAttributeChanged(
        address indexed identity,
        bytes32 name,
        bytes value,
        uint256 validTo,
        uint256 previousChange
    );

    /// @notice Gives an identity to a new owner.
    /// @dev Only its owner. Zero retires the identity for ever. Emits {DIDOwnerChanged}. Reverts with
    /// {IIdentities-IdentitiesNotOwner} and {IIdentities-IdentitiesRetired}, as all functions below that write.
    /// @param identity The identity.
    /// @param newOwner New owner; zero: retire.
    function changeOwner(address identity, address newOwner) external;

    /// @notice As {changeOwner}, by the owner's signature.
    /// @param identity The identity.
    /// @param sigV Recovery number of the signature.
    /// @param sigR First half of the signature.
    /// @param sigS Second half of the signature.
    /// @param newOwner New owner; zero: retire.
    function changeOwnerSigned(address identity, uint8 sigV, bytes32 sigR, bytes32 sigS, address newOwner) external;

    /// @notice Adds a delegate, or prolongs or shortens its time.
    /// @dev Only the owner. Emits {DIDDelegateChanged}. Reverts with a panic when the end lies beyond 2^256.
    /// @param identity The identity.
    /// @param delegateType What the delegate may do.
    /// @param delegate The delegate.
    /// @param validity Seconds from now for which it may.
    function addDelegate(address identity, bytes32 delegateType, address delegate, uint256 validity) external;

    /// @notice As {addDelegate}, by the owner's signature.
    /// @param identity The identity.
    /// @param sigV Recovery number of the signature.
    /// @param sigR First half of the signature.
    /// @param sigS Second half of the signature.
    /// @param delegateType What the delegate may do.
    /// @param delegate The delegate.
    /// @param validity Seconds from now for which it may.
    function addDelegateSigned(
        address identity,
        uint8 sigV,
        bytes32 sigR,
        bytes32 sigS,
        bytes32 delegateType,
        address delegate,
        uint256 validity
    ) external;

    /// @notice Ends a delegate's time now.
    /// @dev Only the owner. Emits {DIDDelegateChanged}.
    /// @param identity The identity.
    /// @param delegateType What the delegate might do.
    /// @param delegate The delegate.
    function revokeDelegate(address identity, bytes32 delegateType, address delegate) external;

    /// @notice As {revokeDelegate}, by the owner's signature.
    /// @param identity The identity.
    /// @param sigV Recovery number of the signature.
    /// @param sigR First half of the signature.
    /// @param sigS Second half of the signature.
    /// @param delegateType What the delegate might do.
    /// @param delegate The delegate.
    function revokeDelegateSigned(
        address identity,
        uint8 sigV,
        bytes32 sigR,
        bytes32 sigS,
        bytes32 delegateType,
        address delegate
    ) external;

    /// @notice Sets an attribute. It is only announced; nothing of it is stored.
    /// @dev Only the owner. Emits {DIDAttributeChanged}. Reverts with a panic when the end lies beyond 2^256.
    /// @param identity The identity.
    /// @param name Name of the attribute.
    /// @param value Its value.
    /// @param validity Seconds from now for which it holds.
    function setAttribute(address identity, bytes32 name, bytes calldata value, uint256 validity) external;

    /// @notice As {setAttribute}, by the owner's signature.
    /// @param identity The identity.
    /// @param sigV Recovery number of the signature.
    /// @param sigR First half of the signature.
    /// @param sigS Second half of the signature.
    /// @param name Name of the attribute.
    /// @param value Its value.
    /// @param validity Seconds from now for which it holds.
    function setAttributeSigned(
        address identity,
        uint8 sigV,
        bytes32 sigR,
        bytes32 sigS,
        bytes32 name,
        bytes calldata value,
        uint256 validity
    ) external;

    /// @notice Revokes an attribute.
    /// @dev Only the owner. Emits {DIDAttributeChanged} with `validTo` zero.
    /// @param identity The identity.
    /// @param name Name of the attribute.
    /// @param value Its value.
    function revokeAttribute(address identity, bytes32 name, bytes calldata value) external;

    /// @notice As {revokeAttribute}, by the owner's signature.
    /// @param identity The identity.
    /// @param sigV Recovery number of the signature.
    /// @param sigR First half of the signature.
    /// @param sigS Second half of the signature.
    /// @param name Name of the attribute.
    /// @param value Its value.
    function revokeAttributeSigned(
        address identity,
        uint8 sigV,
        bytes32 sigR,
        bytes32 sigS,
        bytes32 name,
        bytes calldata value
    ) external;

    /// @notice Who owns an identity.
    /// @param identity The identity.
    /// @return owner The owner; zero: retired.
    function identityOwner(address identity) external view returns (address owner);

    /// @notice Whether somebody is a delegate now.
    /// @param identity The identity.
    /// @param delegateType What the delegate may do.
    /// @param delegate Who is asked about.
    /// @return valid False for every delegate of a retired identity.
    function validDelegate(address identity, bytes32 delegateType, address delegate) external view returns (bool valid);

    /// @notice Owner as recorded.
    /// @param identity The identity.
    /// @return owner Zero: the identity never changed hands, or is retired.
    function owners(address identity) external view returns (address owner);

    /// @notice When a delegate's time ends.
    /// @param identity The identity.
    /// @param delegateTypeHash `keccak256(abi.encode(delegateType))`.
    /// @param delegate The delegate.
    /// @return validTo Unix time; zero: never one.
    function delegates(
        address identity,
        bytes32 delegateTypeHash,
        address delegate
    ) external view returns (uint256 validTo);

    /// @notice Where the log of an identity's changes begins, to be read backwards.
    /// @param identity The identity.
    /// @return blockNumber Block of the latest change; zero: none.
    function changed(address identity) external view returns (uint256 blockNumber);

    /// @notice Number that the owner's next signature for a `…Signed` function must contain.
    /// @dev It is bound to this chain, and serves until the end of the following day (UTC), see {IIdentities}.
    /// @param owner The owner that will sign.
    /// @return value The number.
    function nonce(address owner) external view returns (uint256 value);
}
