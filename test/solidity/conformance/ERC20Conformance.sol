// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";

import {Token20} from "./Tokens.sol";

/// @notice What ERC-20 says of a token, after its sections on methods and events.
abstract contract ERC20Conformance is Token20 {
    bytes32 private constant TRANSFER = keccak256("Transfer(address,address,uint256)");
    bytes32 private constant APPROVAL = keccak256("Approval(address,address,uint256)");

    // transfer: must move and tell; should throw where the balance is too small; nothing is a normal transfer

    function testFuzz_TransferMovesAndTells(uint256 funds, uint256 amount) external {
        funds = bound(funds, 0, most20());
        amount = bound(amount, 0, funds);
        fund20(HOLDER, funds);
        vm.recordLogs();
        agrees(HOLDER, address(token20()), abi.encodeCall(IERC20.transfer, (RECEIVER, amount)), "transfer");
        _assertMoved(HOLDER, RECEIVER, amount);
        assertEq(token20().balanceOf(HOLDER), funds - amount, "sender");
        assertEq(token20().balanceOf(RECEIVER), amount, "receiver");
    }

    function test_TransferOfNothingIsATransfer() external {
        vm.recordLogs();
        agrees(STRANGER, address(token20()), abi.encodeCall(IERC20.transfer, (RECEIVER, 0)), "transfer of nothing");
        _assertMoved(STRANGER, RECEIVER, 0);
    }

    function testFuzz_TransferToSelfChangesNothing(uint256 funds, uint256 amount) external {
        funds = bound(funds, 0, most20());
        amount = bound(amount, 0, funds);
        fund20(HOLDER, funds);
        vm.recordLogs();
        agrees(HOLDER, address(token20()), abi.encodeCall(IERC20.transfer, (HOLDER, amount)), "transfer to self");
        _assertMoved(HOLDER, HOLDER, amount);
        assertEq(token20().balanceOf(HOLDER), funds, "balance");
    }

    function testFuzz_RevertWhen_TransferExceedsBalance(uint256 funds, uint256 amount) external {
        funds = bound(funds, 0, most20());
        amount = bound(amount, funds + 1, type(uint256).max);
        fund20(HOLDER, funds);
        refuses(HOLDER, address(token20()), abi.encodeCall(IERC20.transfer, (RECEIVER, amount)), "too much");
        assertEq(token20().balanceOf(HOLDER), funds, "sender");
        assertEq(token20().balanceOf(RECEIVER), 0, "receiver");
    }

    // approve: sets, writes over what was there, tells; allowance: what is left of it

    function testFuzz_ApproveSetsAndTells(uint256 first, uint256 second) external {
        IERC20 token = token20();
        agrees(HOLDER, address(token), abi.encodeCall(IERC20.approve, (SPENDER, first)), "approve");
        assertEq(token.allowance(HOLDER, SPENDER), first, "first");
        vm.recordLogs();
        agrees(HOLDER, address(token), abi.encodeCall(IERC20.approve, (SPENDER, second)), "approve again");
        assertTold(address(token), topicsOf(APPROVAL, word(HOLDER), word(SPENDER)), abi.encode(second), "Approval");
        assertEq(token.allowance(HOLDER, SPENDER), second, "second");
        assertEq(token.allowance(HOLDER, STRANGER), 0, "of another spender");
        assertEq(token.allowance(SPENDER, HOLDER), 0, "the other way");
    }

    // transferFrom: must tell; should throw unless the holder authorised the sender; nothing is a normal transfer

    function testFuzz_TransferFromSpendsAllowance(uint256 funds, uint256 allowed, uint256 amount) external {
        IERC20 token = token20();
        funds = bound(funds, 0, most20());
        allowed = bound(allowed, 0, most20());
        amount = bound(amount, 0, funds < allowed ? funds : allowed);
        fund20(HOLDER, funds);
        agrees(HOLDER, address(token), abi.encodeCall(IERC20.approve, (SPENDER, allowed)), "approve");
        vm.recordLogs();
        agrees(SPENDER, address(token), _from(amount), "transferFrom");
        _assertMoved(HOLDER, RECEIVER, amount);
        assertEq(token.allowance(HOLDER, SPENDER), allowed - amount, "allowance");
        assertEq(token.balanceOf(HOLDER), funds - amount, "sender");
        assertEq(token.balanceOf(RECEIVER), amount, "receiver");
    }

    function testFuzz_RevertWhen_TransferFromExceedsAllowance(uint256 allowed, uint256 amount) external {
        IERC20 token = token20();
        allowed = bound(allowed, 0, most20() - 1);
        amount = bound(amount, allowed + 1, most20());
        fund20(HOLDER, amount);
        agrees(HOLDER, address(token), abi.encodeCall(IERC20.approve, (SPENDER, allowed)), "approve");
        refuses(SPENDER, address(token), _from(amount), "more than allowed");
        assertEq(token.allowance(HOLDER, SPENDER), allowed, "allowance");
        assertEq(token.balanceOf(HOLDER), amount, "sender");
    }

    function testFuzz_RevertWhen_TransferFromExceedsBalance(uint256 funds, uint256 amount) external {
        IERC20 token = token20();
        funds = bound(funds, 0, most20());
        amount = bound(amount, funds + 1, type(uint256).max);
        fund20(HOLDER, funds);
        agrees(HOLDER, address(token), abi.encodeCall(IERC20.approve, (SPENDER, amount)), "approve");
        refuses(SPENDER, address(token), _from(amount), "more than there is");
        assertEq(token.allowance(HOLDER, SPENDER), amount, "allowance");
    }

    function test_TransferFromOfNothingNeedsNoAllowance() external {
        vm.recordLogs();
        agrees(SPENDER, address(token20()), _from(0), "transferFrom of nothing");
        _assertMoved(HOLDER, RECEIVER, 0);
    }

    // totalSupply, balanceOf; Transfer: should be told from zero when tokens are made

    function testFuzz_SupplyIsWhatWasMade(uint256 amount, uint256 moved) external {
        IERC20 token = token20();
        amount = bound(amount, 0, most20());
        uint256 supply = token.totalSupply();
        vm.recordLogs();
        fund20(HOLDER, amount);
        _assertMoved(address(0), HOLDER, amount);
        assertEq(token.totalSupply(), supply + amount, "made");
        moved = bound(moved, 0, amount);
        agrees(HOLDER, address(token), abi.encodeCall(IERC20.transfer, (RECEIVER, moved)), "transfer");
        assertEq(token.totalSupply(), supply + amount, "moved");
    }

    // Not of the standard, which leaves it open: the zero address gets nothing and may spend nothing.

    function test_RevertWhen_TheZeroAddressGetsOrSpends() external {
        fund20(HOLDER, 1);
        refuses(HOLDER, address(token20()), abi.encodeCall(IERC20.transfer, (address(0), 1)), "gets");
        refuses(HOLDER, address(token20()), abi.encodeCall(IERC20.approve, (address(0), 1)), "spends");
        assertEq(token20().balanceOf(HOLDER), 1, "balance");
    }

    // name, symbol, decimals: may be missing; if there, they are texts and a uint8

    function test_MetadataReads() external view {
        IERC20Metadata token = IERC20Metadata(address(token20()));
        assertTrue(bytes(token.name()).length > 0, "name");
        assertTrue(bytes(token.symbol()).length > 0, "symbol");
        token.decimals();
    }

    function _from(uint256 amount) private pure returns (bytes memory data) {
        return abi.encodeCall(IERC20.transferFrom, (HOLDER, RECEIVER, amount));
    }

    function _assertMoved(address from, address to, uint256 amount) private {
        assertTold(address(token20()), topicsOf(TRANSFER, word(from), word(to)), abi.encode(amount), "Transfer");
    }
}
