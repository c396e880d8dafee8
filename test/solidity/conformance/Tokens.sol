// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

import {Conformance} from "./Conformance.sol";

/// @notice A token of ERC-20, as the suites want it.
abstract contract Token20 is Conformance {
    /// @dev The token.
    function token20() internal view virtual returns (IERC20 token);

    /// @dev Makes new tokens for an account.
    function fund20(address account, uint256 amount) internal virtual;

    /// @dev The most that is made for a test.
    function most20() internal view virtual returns (uint256 amount) {
        return type(uint128).max;
    }
}

/// @notice A token of ERC-721, as the suites want it.
abstract contract Token721 is Conformance {
    /// @dev The token.
    function token721() internal view virtual returns (IERC721 token);

    /// @dev Makes a new token for an account.
    function mint721(address account) internal virtual returns (uint256 id);

    /// @dev An id of which there is no token.
    function unknown721() internal view virtual returns (uint256 id);
}
