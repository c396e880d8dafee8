// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICredentialRegistry} from "../identity/ICredentialRegistry.sol";

/// @title MockCredentialRegistry
/// @notice Says of credentials what it was told.
contract MockCredentialRegistry is ICredentialRegistry {
    mapping(bytes32 typeId => mapping(address subject => bool held)) private _held;

    /// @notice Sets what the registry says.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    /// @param held What to say.
    function set(bytes32 typeId, address subject, bool held) external {
        _held[typeId][subject] = held;
    }

    /// @inheritdoc ICredentialRegistry
    function holds(bytes32 typeId, address subject) external view returns (bool held) {
        return _held[typeId][subject];
    }
}
