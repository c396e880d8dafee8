// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @title EcoRights
/// @notice What a contract may do with the reward token, as bits.
library EcoRights {
    /// @notice Makes tokens.
    uint8 internal constant MINT = 1;
    /// @notice Ends tokens of others without an allowance: it spends them for their holders, who ask it to.
    uint8 internal constant BURN = 2;
    /// @notice Sends and gets tokens where people cannot.
    uint8 internal constant MOVE = 4;
}

/// @title IEcoToken
/// @notice The city's reward token: ERC-20 with permit (ERC-2612), 6 decimals.
/// @dev Only contracts with the right {EcoRights-MINT} make tokens: those that reward, within their own budgets, and those that
/// give back what they ended. Whether people can pass tokens on to each other is set at deployment. Where they cannot,
/// tokens move only to and from accounts with the right {EcoRights-MOVE}, which makes buying and farming of points worth less.
interface IEcoToken is IERC20, IERC20Permit {
    /// @notice A contract's rights changed.
    /// @param account The contract.
    /// @param rights Sum of {EcoRights}; zero: none.
    event RightsSet(address indexed account, uint8 rights);

    /// @notice The token was deployed so that people cannot pass it on.
    /// @param from Who holds it.
    /// @param to Who would get it.
    error EcoTokenNotTransferable(address from, address to);
    /// @notice The caller lacks a right.
    /// @param caller Who called.
    /// @param right The right, one of {EcoRights}.
    error EcoTokenMissingRight(address caller, uint8 right);
    /// @notice A number that is no sum of rights.
    /// @param rights Number given.
    /// @param all Sum of all rights.
    error EcoTokenUnknownRights(uint8 rights, uint8 all);
    /// @notice The account has these rights already.
    /// @param account The contract.
    /// @param rights Its rights.
    error EcoTokenUnchanged(address account, uint8 rights);

    /// @notice Gives a contract rights, or takes them. Only ECO_WIRING.
    /// @dev Emits {RightsSet}. Reverts with {EcoTokenUnknownRights} and {EcoTokenUnchanged}.
    /// @param account The contract.
    /// @param rights Sum of {EcoRights}; zero: none.
    function setRights(address account, uint8 rights) external;

    /// @notice Makes tokens. Only with {EcoRights-MINT}.
    /// @dev Reverts with {EcoTokenMissingRight}.
    /// @param to Who gets them.
    /// @param amount Millionths.
    function mint(address to, uint256 amount) external;

    /// @notice Ends tokens of the caller.
    /// @param amount Millionths.
    function burn(uint256 amount) external;

    /// @notice Ends tokens of a holder who asked the caller to spend them. Only with {EcoRights-BURN}.
    /// @param from Whose tokens.
    /// @param amount Millionths.
    function burnFor(address from, uint256 amount) external;

    /// @notice Whether people can pass tokens on to each other.
    /// @return free True if they can.
    function transferable() external view returns (bool free);

    /// @notice What a contract may do.
    /// @param account The contract.
    /// @return rights Sum of {EcoRights}.
    function rightsOf(address account) external view returns (uint8 rights);
}
