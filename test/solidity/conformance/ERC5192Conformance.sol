// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

import {IERC5192} from "../../../contracts/batteries/IERC5192.sol";
import {Token721} from "./Tokens.sol";

/// @notice What ERC-5192 says of tokens that can be locked.
abstract contract ERC5192Conformance is Token721 {
    bytes4 internal constant ERC5192_ID = 0xb45a3c0e;
    bytes32 private constant LOCKED = keccak256("Locked(uint256)");
    bytes32 private constant UNLOCKED = keccak256("Unlocked(uint256)");

    /// @dev Locks a token of the holder.
    function lock5192(uint256 id) internal virtual;

    // Unlocked is told of a token that begins so; locked throws for a token of the zero address

    function test_BeginsUnlockedAndTellsIt() external {
        vm.recordLogs();
        uint256 id = mint721(HOLDER);
        bytes32[] memory topics = new bytes32[](1);
        topics[0] = UNLOCKED;
        assertTold(address(token721()), topics, abi.encode(id), "Unlocked");
        assertFalse(IERC5192(address(token721())).locked(id), "locked");
        refuses(STRANGER, address(token721()), abi.encodeCall(IERC5192.locked, (unknown721())), "nothing");
    }

    // Locked is told; every way to transfer throws then

    function test_LockedNeverMovesAndTellsIt() external {
        uint256 id = mint721(HOLDER);
        does(HOLDER, address(token721()), abi.encodeCall(IERC721.setApprovalForAll, (SPENDER, true)), "operator");
        vm.recordLogs();
        lock5192(id);
        bytes32[] memory topics = new bytes32[](1);
        topics[0] = LOCKED;
        assertTold(address(token721()), topics, abi.encode(id), "Locked");
        assertTrue(IERC5192(address(token721())).locked(id), "locked");
        address[2] memory callers = [HOLDER, SPENDER];
        for (uint256 i = 0; i < 2; ++i) {
            refuses(callers[i], address(token721()), _move("transferFrom(address,address,uint256)", id), "plain");
            refuses(callers[i], address(token721()), _move("safeTransferFrom(address,address,uint256)", id), "safe");
            bytes memory words = abi.encodeWithSignature(
                "safeTransferFrom(address,address,uint256,bytes)",
                HOLDER,
                RECEIVER,
                id,
                "words"
            );
            refuses(callers[i], address(token721()), words, "safe with words");
        }
        assertEq(token721().ownerOf(id), HOLDER, "owner");
    }

    function _move(string memory signature, uint256 id) private pure returns (bytes memory data) {
        return abi.encodeWithSignature(signature, HOLDER, RECEIVER, id);
    }
}
