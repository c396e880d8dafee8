// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title ContractAccount
/// @notice ERC-1271 account that agrees to what its owner's key signed, until its owner freezes it.
contract ContractAccount is IERC1271 {
    /// @notice The account's owner.
    address public immutable owner;
    /// @notice Whether every question about a signature reverts.
    bool public frozen;

    /// @notice The caller is not the owner.
    /// @param caller Who called.
    /// @param owner Who may.
    error ContractAccountNotOwner(address caller, address owner);

    /// @notice The account is frozen.
    error ContractAccountFrozen();

    /// @param owner_ The account's owner.
    constructor(address owner_) {
        owner = owner_;
    }

    /// @notice Freezes the account for ever. Only the owner.
    function freeze() external {
        if (msg.sender != owner) revert ContractAccountNotOwner(msg.sender, owner);
        frozen = true;
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4 magicValue) {
        if (frozen) revert ContractAccountFrozen();
        (address recovered, ECDSA.RecoverError fault, ) = ECDSA.tryRecoverCalldata(hash, signature);
        bool agreed = fault == ECDSA.RecoverError.NoError && recovered == owner;
        return agreed ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}
