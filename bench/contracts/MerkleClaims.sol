// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";

/// @title MerkleClaims
/// @notice The usual way to hand out tokens, from OpenZeppelin's parts: one root, given when the contract is made, a bit for
/// each leaf that was claimed, and tokens that lie here. Its total is whatever lies here, and a root cannot be struck out.
contract MerkleClaims {
    using BitMaps for BitMaps.BitMap;
    using SafeERC20 for IERC20;

    IERC20 private immutable TOKEN;
    bytes32 private immutable ROOT;
    BitMaps.BitMap private _claimed;

    /// @notice A leaf was claimed.
    /// @param index Its number.
    /// @param account Who got it.
    /// @param amount How much.
    event Claimed(uint256 index, address account, uint256 amount);

    /// @param token What is handed out.
    /// @param root Root over leaves of number, account and amount.
    constructor(IERC20 token, bytes32 root) {
        TOKEN = token;
        ROOT = root;
    }

    /// @notice Pays a leaf.
    /// @param index Its number.
    /// @param account Account in it.
    /// @param amount Amount in it.
    /// @param proof Merkle proof of the double hash of the three.
    function claim(uint256 index, address account, uint256 amount, bytes32[] calldata proof) external {
        require(!_claimed.get(index));
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(index, account, amount))));
        require(MerkleProof.verifyCalldata(proof, ROOT, leaf));
        _claimed.set(index);
        emit Claimed(index, account, amount);
        TOKEN.safeTransfer(account, amount);
    }
}
