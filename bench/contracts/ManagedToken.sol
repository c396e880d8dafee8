// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title ManagedToken
/// @notice OpenZeppelin's ERC-20 that a city mints by hand: AccessManager says who may. Nobody counts what a person got.
contract ManagedToken is ERC20, AccessManaged {
    /// @param authority The AccessManager.
    constructor(address authority) ERC20("Managed", "MNGD") AccessManaged(authority) {}

    /// @notice Mints.
    /// @param to Receiver.
    /// @param value Amount.
    function mint(address to, uint256 value) external restricted {
        _mint(to, value);
    }
}
