// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC721A} from "erc721a/contracts/ERC721A.sol";
import {ERC4907A} from "erc721a/contracts/extensions/ERC4907A.sol";

/// @title RentedToken
/// @notice ERC-4907 as erc721a implements it.
contract RentedToken is ERC4907A {
    constructor() ERC721A("Rented", "RENT") {}

    /// @notice Mints the next tokens.
    /// @param to New owner.
    /// @param quantity How many.
    function mint(address to, uint256 quantity) external {
        _mint(to, quantity);
    }
}
