// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {NoncesKeyed} from "@openzeppelin/contracts/utils/NoncesKeyed.sol";
import {ERC20TransferAuthorization} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20TransferAuthorization.sol";

/// @title CityEuro
/// @notice Reference settlement token: one unit is a millionth of a euro. ERC-20 with signed approvals (ERC-2612) and
/// signed transfers (ERC-3009), so that nobody needs the chain's own coin to pay.
/// @dev Trust: the MINTER role issues against money that it holds off chain; holders burn to redeem. Nobody can freeze,
/// seize or upgrade. Nonces of signed transfers are those of OpenZeppelin's ERC20TransferAuthorization: 192 bits of
/// key, then a 64-bit sequence that starts at 0 for every key; so a random nonce, as other ERC-3009 tokens take it, is
/// refused. Permits use the sequence of key 0, so signed transfers do well to use any other key.
contract CityEuro is ERC20, ERC20Burnable, ERC20Permit, ERC20TransferAuthorization, AccessManaged {
    /// @param authority The city's AccessManager.
    constructor(address authority) ERC20("City Euro", "CEUR") ERC20Permit("City Euro") AccessManaged(authority) {}

    /// @notice Issues new tokens. Only MINTER.
    /// @dev Emits Transfer from the zero address. Reverts with AccessManagedUnauthorized for another caller, and with
    /// ERC20InvalidReceiver for the zero address.
    /// @param to Account that receives them.
    /// @param value Amount in millionths of a euro.
    function mint(address to, uint256 value) external restricted {
        _mint(to, value);
    }

    /// @inheritdoc ERC20Permit
    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    /// @inheritdoc ERC20
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function _useCheckedNonce(address owner, uint256 keyNonce) internal override(Nonces, NoncesKeyed) {
        super._useCheckedNonce(owner, keyNonce);
    }
}
