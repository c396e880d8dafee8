// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICredentialRegistry} from "../identity/ICredentialRegistry.sol";
import {Standing} from "../identity/ICredentials.sol";

/// @title MockCredentials
/// @notice Credentials that stand as a test says, and the two questions that the battery contracts ask.
contract MockCredentials is ICredentialRegistry {
    mapping(bytes32 typeId => mapping(address subject => Standing standing)) private _standings;

    /// @notice Sets how a credential stands.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    /// @param standing How it stands from now on.
    function set(bytes32 typeId, address subject, Standing standing) external {
        _standings[typeId][subject] = standing;
    }

    /// @inheritdoc ICredentialRegistry
    function holds(bytes32 typeId, address subject) external view returns (bool held) {
        return _standings[typeId][subject] == Standing.Current;
    }

    /// @notice How a credential stands.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    /// @return standing As it was set; {Standing-None} at first.
    function check(bytes32 typeId, address subject) external view returns (Standing standing) {
        return _standings[typeId][subject];
    }

    /// @notice As {check}: every account speaks for itself here.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    /// @return standing As it was set; {Standing-None} at first.
    function checkAs(bytes32 typeId, address subject, address) external view returns (Standing standing) {
        return _standings[typeId][subject];
    }

    /// @notice As {holds}: every account speaks for itself here.
    /// @param typeId The type.
    /// @param subject Identity of the subject.
    /// @return held True if current.
    function holdsAs(bytes32 typeId, address subject, address) external view returns (bool held) {
        return _standings[typeId][subject] == Standing.Current;
    }
}
