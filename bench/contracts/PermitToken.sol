// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title PermitToken
/// @notice OpenZeppelin's ERC-20 with permit.
contract PermitToken is ERC20Permit {
    constructor() ERC20("Permit", "PERM") ERC20Permit("Permit") {}

    /// @notice Mints.
    /// @param to Receiver.
    /// @param value Amount.
    function mint(address to, uint256 value) external {
        _mint(to, value);
    }
}
