// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICredentialRegistry} from "civitas/contracts/identity/ICredentialRegistry.sol";
import {OpenDoor} from "./OpenDoor.sol";

/// @title HoldsDoor
/// @notice The same for subjects that hold a credential.
contract HoldsDoor is OpenDoor {
    ICredentialRegistry private immutable REGISTRY;
    bytes32 private immutable TYPE_ID;

    /// @param registry Where it looks.
    /// @param typeId What it asks for.
    constructor(ICredentialRegistry registry, bytes32 typeId) {
        REGISTRY = registry;
        TYPE_ID = typeId;
    }

    /// @inheritdoc OpenDoor
    function enter(address subject) public override {
        require(REGISTRY.holds(TYPE_ID, subject));
        super.enter(subject);
    }
}
