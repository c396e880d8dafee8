// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @title IEcoToken
/// @notice The city's reward token: ERC-20 with permit (ERC-2612), 6 decimals. Made only by the reward contract within its
/// budgets, and ended only by who spends it.
/// @dev Whether people can pass tokens on to each other is set at deployment. Where they cannot, tokens move only to and from
/// accounts that hold the role ECO_MOVER, such as the catalogue that redeems them: that makes buying and farming of points
/// worth less.
interface IEcoToken is IERC20, IERC20Permit {
    /// @notice The token was deployed so that people cannot pass it on.
    /// @param from Who holds it.
    /// @param to Who would get it.
    error EcoTokenNotTransferable(address from, address to);
    /// @notice More than may ever be made in a year.
    /// @param year Years since 1970, of 365.2425 days each.
    /// @param made Made so far in that year, with this.
    /// @param cap Most.
    error EcoTokenYearlyCap(uint256 year, uint256 made, uint256 cap);

    /// @notice Makes tokens. Only ECO_MINTER.
    /// @param to Who gets them.
    /// @param amount Millionths.
    function mint(address to, uint256 amount) external;

    /// @notice Ends tokens of the caller.
    /// @param amount Millionths.
    function burn(uint256 amount) external;

    /// @notice Ends tokens of somebody who allowed the caller to spend them.
    /// @param from Whose tokens.
    /// @param amount Millionths.
    function burnFrom(address from, uint256 amount) external;

    /// @notice Whether people can pass tokens on to each other.
    /// @return free True if they can.
    function transferable() external view returns (bool free);

    /// @notice Most that is made in a year.
    /// @return cap Millionths.
    function yearlyCap() external view returns (uint256 cap);
}
