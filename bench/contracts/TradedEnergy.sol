// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";

/// @title TradedEnergy
/// @notice Wh of an interval as OpenZeppelin's ERC-1155, in the hands of traders who have approved an exchange.
contract TradedEnergy is ERC1155 {
    constructor() ERC1155("") {}

    /// @notice Gives every trader Wh of an interval, and the exchange leave to move them.
    /// @param traders Traders, which are not contracts.
    /// @param interval Interval.
    /// @param wh Wh of each.
    /// @param exchange Who may move them.
    function equip(address[] calldata traders, uint256 interval, uint256 wh, address exchange) external {
        for (uint256 i = 0; i < traders.length; ++i) {
            _mint(traders[i], interval, wh, "");
            _setApprovalForAll(traders[i], exchange, true);
        }
    }
}
