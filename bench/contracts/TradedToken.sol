// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title TradedToken
/// @notice OpenZeppelin's ERC-20 in the hands of traders who have approved an exchange for all of it.
contract TradedToken is ERC20 {
    constructor() ERC20("Traded", "TRAD") {}

    /// @notice Gives every trader tokens, and the exchange an unlimited allowance over them.
    /// @param traders Traders.
    /// @param value Tokens of each.
    /// @param exchange Who may take them.
    function equip(address[] calldata traders, uint256 value, address exchange) external {
        for (uint256 i = 0; i < traders.length; ++i) {
            _mint(traders[i], value);
            _approve(traders[i], exchange, type(uint256).max);
        }
    }
}
