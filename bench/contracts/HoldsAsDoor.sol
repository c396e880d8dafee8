// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICredentials} from "civitas/contracts/identity/ICredentials.sol";
import {OpenDoor} from "./OpenDoor.sol";

/// @title HoldsAsDoor
/// @notice The same for subjects that hold a credential and come themselves.
contract HoldsAsDoor is OpenDoor {
    ICredentials private immutable REGISTRY;
    bytes32 private immutable TYPE_ID;

    /// @param registry Where it looks.
    /// @param typeId What it asks for.
    constructor(ICredentials registry, bytes32 typeId) {
        REGISTRY = registry;
        TYPE_ID = typeId;
    }

    /// @inheritdoc OpenDoor
    function enter(address subject) public override {
        require(REGISTRY.holdsAs(TYPE_ID, subject, msg.sender));
        super.enter(subject);
    }
}
