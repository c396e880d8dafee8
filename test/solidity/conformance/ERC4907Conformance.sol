// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

import {IERC4907} from "../../../contracts/batteries/IERC4907.sol";
import {Token721} from "./Tokens.sol";

/// @notice What ERC-4907 says of users of a token beside its owner.
abstract contract ERC4907Conformance is Token721 {
    bytes4 internal constant ERC4907_ID = 0xad092b5c;
    bytes32 private constant UPDATE_USER = keccak256("UpdateUser(uint256,address,uint64)");

    // setUser: tells; by the owner or whom it approved; the token must be there

    function testFuzz_UserIsSetAndTold(address user, uint64 expires) external {
        uint256 id = mint721(HOLDER);
        if (user == address(0)) user = RECEIVER;
        expires = uint64(bound(expires, block.timestamp, type(uint64).max)); // its upper bound is a uint64
        vm.recordLogs();
        does(HOLDER, address(token721()), abi.encodeCall(IERC4907.setUser, (id, user, expires)), "setUser");
        _assertTold(id, user, expires);
        assertEq(_rented().userOf(id), user, "user");
        assertEq(token721().ownerOf(id), HOLDER, "owner");
    }

    function test_NobodyIsSetAsUser() external {
        uint256 id = mint721(HOLDER);
        does(
            HOLDER,
            address(token721()),
            abi.encodeCall(IERC4907.setUser, (id, RECEIVER, type(uint64).max)),
            "setUser"
        );
        vm.recordLogs();
        does(HOLDER, address(token721()), abi.encodeCall(IERC4907.setUser, (id, address(0), 0)), "nobody");
        _assertTold(id, address(0), 0);
        assertEq(_rented().userOf(id), address(0), "user");
    }

    function test_ApprovedAndOperatorsSetUsers() external {
        uint256 id = mint721(HOLDER);
        bytes memory data = abi.encodeCall(IERC4907.setUser, (id, RECEIVER, type(uint64).max));
        refuses(STRANGER, address(token721()), data, "stranger");
        does(HOLDER, address(token721()), abi.encodeCall(IERC721.approve, (SPENDER, id)), "approve");
        does(SPENDER, address(token721()), data, "approved");
        does(HOLDER, address(token721()), abi.encodeCall(IERC721.setApprovalForAll, (STRANGER, true)), "operator");
        does(STRANGER, address(token721()), data, "operator");
        refuses(RECEIVER, address(token721()), data, "the user itself");
        data = abi.encodeCall(IERC4907.setUser, (unknown721(), RECEIVER, type(uint64).max));
        refuses(HOLDER, address(token721()), data, "nothing");
    }

    // userOf, userExpires: until the last second, and nobody afterwards

    function testFuzz_UserIsOneUntilTheLastSecond(uint256 duration) external {
        uint256 id = mint721(HOLDER);
        duration = bound(duration, 0, 100 * 365 days);
        uint64 expires = uint64(block.timestamp + duration); // far below 2^64
        assertEq(_rented().userOf(id), address(0), "none yet");
        assertEq(_rented().userExpires(id), 0, "none yet");
        does(HOLDER, address(token721()), abi.encodeCall(IERC4907.setUser, (id, RECEIVER, expires)), "setUser");
        assertEq(_rented().userExpires(id), expires, "userExpires");
        vm.warp(expires);
        assertEq(_rented().userOf(id), RECEIVER, "last second");
        vm.warp(uint256(expires) + 1);
        assertEq(_rented().userOf(id), address(0), "over");
    }

    // a transfer ends the user's time and tells it, as in the reference of the standard

    function test_TransferEndsTheUser() external {
        uint256 id = mint721(HOLDER);
        bytes memory data = abi.encodeCall(IERC4907.setUser, (id, SPENDER, type(uint64).max));
        does(HOLDER, address(token721()), data, "setUser");
        vm.recordLogs();
        does(HOLDER, address(token721()), abi.encodeCall(IERC721.transferFrom, (HOLDER, RECEIVER, id)), "transfer");
        _assertTold(id, address(0), 0);
        assertEq(_rented().userOf(id), address(0), "user");
        assertEq(_rented().userExpires(id), 0, "expires");
    }

    function _assertTold(uint256 id, address user, uint64 expires) private {
        bytes32[] memory topics = topicsOf(UPDATE_USER, bytes32(id), word(user));
        assertTold(address(token721()), topics, abi.encode(expires), "UpdateUser");
    }

    function _rented() private view returns (IERC4907 token) {
        return IERC4907(address(token721()));
    }
}
