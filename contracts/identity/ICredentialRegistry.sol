// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title ICredentialRegistry
/// @notice The one question that most contracts have about credentials. {ICredentials} answers it, and many more.
interface ICredentialRegistry {
    /// @notice Whether a credential is current: issued, neither revoked nor suspended, in its time, and, for a type that
    /// asks for it, of an issuer that is still accredited.
    /// @dev It is about what was said, not about who acts: a contract whose caller claims to be the subject asks
    /// {ICredentials-holdsAs}.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    /// @return held True if current.
    function holds(bytes32 typeId, address subject) external view returns (bool held);
}
