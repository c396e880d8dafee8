// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {ERC1155Burnable} from "@openzeppelin/contracts/token/ERC1155/extensions/ERC1155Burnable.sol";

/// @title WeightToken
/// @notice OpenZeppelin's ERC-1155 with burning. Whoever mints says how much there is.
contract WeightToken is ERC1155Burnable {
    constructor() ERC1155("") {}

    /// @notice Mints.
    /// @param to Receiver.
    /// @param id Kind.
    /// @param value Amount.
    function mint(address to, uint256 id, uint256 value) external {
        _mint(to, id, value, "");
    }
}
