// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {IERC1155Receiver} from "@openzeppelin/contracts/token/ERC1155/IERC1155Receiver.sol";
import {IERC1155MetadataURI} from "@openzeppelin/contracts/token/ERC1155/extensions/IERC1155MetadataURI.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {Vm} from "../utils/Vm.sol";
import {ERC165Conformance} from "./ERC165Conformance.sol";
import {Manner, Receiver} from "./Receivers.sol";

/// @notice What ERC-1155 says of a token, with its metadata.
abstract contract ERC1155Conformance is ERC165Conformance {
    bytes4 internal constant ERC1155_ID = 0xd9b67a26;
    bytes4 internal constant ERC1155_METADATA_ID = 0x0e89341c;
    bytes32 private constant SINGLE = keccak256("TransferSingle(address,address,address,uint256,uint256)");
    bytes32 private constant BATCH = keccak256("TransferBatch(address,address,address,uint256[],uint256[])");
    bytes32 private constant APPROVAL_FOR_ALL = keccak256("ApprovalForAll(address,address,bool)");

    /// @dev The token.
    function token1155() internal view virtual returns (IERC1155 token);

    /// @dev Makes at least two units of a kind for an account; of another kind each time.
    function mint1155(address account) internal virtual returns (uint256 id, uint256 amount);

    /// @inheritdoc ERC165Conformance
    function teller165() internal view virtual override returns (IERC165 teller) {
        return token1155();
    }

    // making: must be told as a transfer from the zero address, single or in a batch

    function test_MintingIsToldAsATransferFromZero() external {
        vm.recordLogs();
        (uint256 id, uint256 amount) = mint1155(HOLDER);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 told = 0;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter != address(token1155())) continue;
            bytes32 name = logs[i].topics[0];
            if (name != SINGLE && name != BATCH) continue;
            ++told;
            assertEq(logs[i].topics[2], 0, "from zero");
            assertEq(logs[i].topics[3], word(HOLDER), "to");
            bytes memory data = name == SINGLE ? abi.encode(id, amount) : abi.encode(_listOf(id), _listOf(amount));
            assertEq(keccak256(logs[i].data), keccak256(data), "contents");
        }
        assertEq(told, 1, "once");
        assertEq(token1155().balanceOf(HOLDER, id), amount, "balance");
    }

    // safeTransferFrom: by the holder or an operator; to somebody; no more than there is; tells; asks a contract

    function testFuzz_TransferMovesAndTells(uint256 amount) external {
        (uint256 id, uint256 funds) = mint1155(HOLDER);
        amount = bound(amount, 0, funds);
        vm.recordLogs();
        does(HOLDER, address(token1155()), _single(HOLDER, RECEIVER, id, amount, ""), "transfer");
        _assertSingle(HOLDER, HOLDER, RECEIVER, id, amount);
        _assertBalances(id, funds - amount, amount);
    }

    function test_OperatorTransfers() external {
        (uint256 id, uint256 funds) = mint1155(HOLDER);
        does(HOLDER, address(token1155()), abi.encodeCall(IERC1155.setApprovalForAll, (SPENDER, true)), "operator");
        vm.recordLogs();
        does(SPENDER, address(token1155()), _single(HOLDER, RECEIVER, id, 1, ""), "transfer");
        _assertSingle(SPENDER, HOLDER, RECEIVER, id, 1);
        _assertBalances(id, funds - 1, 1);
    }

    function test_TransferToSelfChangesNothing() external {
        (uint256 id, uint256 funds) = mint1155(HOLDER);
        vm.recordLogs();
        does(HOLDER, address(token1155()), _single(HOLDER, HOLDER, id, funds, ""), "to self");
        _assertSingle(HOLDER, HOLDER, HOLDER, id, funds);
        _assertBalances(id, funds, 0);
    }

    function test_RevertWhen_AStrangerTransfers() external {
        (uint256 id, uint256 funds) = mint1155(HOLDER);
        refuses(STRANGER, address(token1155()), _single(HOLDER, STRANGER, id, 1, ""), "single");
        refuses(STRANGER, address(token1155()), _batch(HOLDER, STRANGER, _listOf(id), _listOf(1), ""), "batch");
        _assertBalances(id, funds, 0);
    }

    function test_RevertWhen_TheReceiverIsZero() external {
        (uint256 id, uint256 funds) = mint1155(HOLDER);
        refuses(HOLDER, address(token1155()), _single(HOLDER, address(0), id, 1, ""), "single");
        refuses(HOLDER, address(token1155()), _batch(HOLDER, address(0), _listOf(id), _listOf(1), ""), "batch");
        _assertBalances(id, funds, 0);
    }

    function testFuzz_RevertWhen_TransferExceedsBalance(uint256 amount) external {
        (uint256 id, uint256 funds) = mint1155(HOLDER);
        (uint256 other, uint256 others) = mint1155(HOLDER);
        amount = bound(amount, funds + 1, type(uint256).max);
        refuses(HOLDER, address(token1155()), _single(HOLDER, RECEIVER, id, amount, ""), "single");
        // What is in order moves no more than what is not.
        uint256[] memory ids = _listOf(other, id);
        refuses(HOLDER, address(token1155()), _batch(HOLDER, RECEIVER, ids, _listOf(1, amount), ""), "batch");
        _assertBalances(id, funds, 0);
        _assertBalances(other, others, 0);
    }

    function testFuzz_TransferAsksTheReceiver(bytes calldata extra) external {
        Receiver receiver = new Receiver(Manner.Accepts);
        (uint256 id, ) = mint1155(HOLDER);
        does(HOLDER, address(token1155()), abi.encodeCall(IERC1155.setApprovalForAll, (SPENDER, true)), "operator");
        does(SPENDER, address(token1155()), _single(HOLDER, address(receiver), id, 1, extra), "transfer");
        bytes memory told = abi.encodeCall(IERC1155Receiver.onERC1155Received, (SPENDER, HOLDER, id, 1, extra));
        assertEq(keccak256(receiver.heard()), keccak256(told), "what it was told");
        assertEq(receiver.times(), 1, "once");
        assertEq(token1155().balanceOf(address(receiver), id), 1, "balance");
    }

    function test_RevertWhen_TheReceiverRefuses() external {
        (uint256 id, uint256 funds) = mint1155(HOLDER);
        (uint256 other, ) = mint1155(HOLDER);
        for (uint256 i = uint256(Manner.WrongWord); i <= uint256(type(Manner).max); ++i) {
            address receiver = address(new Receiver(Manner(i)));
            refuses(HOLDER, address(token1155()), _single(HOLDER, receiver, id, 1, ""), vm.toString(i));
            bytes memory batch = _batch(HOLDER, receiver, _listOf(id, other), _listOf(1, 1), "");
            refuses(HOLDER, address(token1155()), batch, vm.toString(i));
        }
        _assertBalances(id, funds, 0);
    }

    // safeBatchTransferFrom: as many amounts as ids; one event, in the order of the lists; asks once for all

    function test_BatchMovesAndTells() external {
        (uint256 id, uint256 funds) = mint1155(HOLDER);
        (uint256 other, uint256 others) = mint1155(HOLDER);
        vm.recordLogs();
        bytes memory data = _batch(HOLDER, RECEIVER, _listOf(other, id), _listOf(others, 1), "");
        does(HOLDER, address(token1155()), data, "batch");
        _assertBatch(HOLDER, RECEIVER, _listOf(other, id), _listOf(others, 1));
        _assertBalances(id, funds - 1, 1);
        _assertBalances(other, 0, others);
    }

    function test_BatchNamesAKindTwice() external {
        (uint256 id, uint256 funds) = mint1155(HOLDER);
        does(HOLDER, address(token1155()), _batch(HOLDER, RECEIVER, _listOf(id, id), _listOf(1, 1), ""), "batch");
        _assertBalances(id, funds - 2, 2);
        uint256[] memory tooMuch = _listOf(funds - 2, 1);
        refuses(HOLDER, address(token1155()), _batch(HOLDER, RECEIVER, _listOf(id, id), tooMuch, ""), "too much");
    }

    function test_RevertWhen_ListsDifferInLength() external {
        (uint256 id, uint256 funds) = mint1155(HOLDER);
        bytes memory fewer = _batch(HOLDER, RECEIVER, _listOf(id, id), _listOf(1), "");
        refuses(HOLDER, address(token1155()), fewer, "fewer amounts");
        bytes memory more = _batch(HOLDER, RECEIVER, _listOf(id), _listOf(1, 1), "");
        refuses(HOLDER, address(token1155()), more, "more amounts");
        _assertBalances(id, funds, 0);
    }

    function test_BatchAsksTheReceiverOnce() external {
        Receiver receiver = new Receiver(Manner.Accepts);
        (uint256 id, ) = mint1155(HOLDER);
        (uint256 other, ) = mint1155(HOLDER);
        (uint256[] memory ids, uint256[] memory amounts) = (_listOf(id, other), _listOf(1, 2));
        does(HOLDER, address(token1155()), _batch(HOLDER, address(receiver), ids, amounts, "words"), "batch");
        bytes memory told = abi.encodeCall(
            IERC1155Receiver.onERC1155BatchReceived,
            (HOLDER, HOLDER, ids, amounts, "words")
        );
        assertEq(keccak256(receiver.heard()), keccak256(told), "what it was told");
        assertEq(receiver.times(), 1, "once");
    }

    function test_NobodyIsAskedWithoutCode() external {
        (uint256 id, ) = mint1155(HOLDER);
        does(HOLDER, address(token1155()), _single(HOLDER, RECEIVER, id, 1, "words"), "single");
        does(HOLDER, address(token1155()), _batch(HOLDER, RECEIVER, _listOf(id), _listOf(1), "words"), "batch");
    }

    // balanceOfBatch: pairs of accounts and ids

    function test_BalancesReadInPairs() external {
        IERC1155 token = token1155();
        (uint256 id, uint256 funds) = mint1155(HOLDER);
        (uint256 other, uint256 others) = mint1155(RECEIVER);
        address[] memory accounts = new address[](3);
        (accounts[0], accounts[1], accounts[2]) = (HOLDER, RECEIVER, HOLDER);
        uint256[] memory ids = new uint256[](3);
        (ids[0], ids[1], ids[2]) = (id, other, other);
        uint256[] memory balances = token.balanceOfBatch(accounts, ids);
        assertEq(balances.length, 3, "length");
        assertEq(balances[0], funds, "first");
        assertEq(balances[1], others, "second");
        assertEq(balances[2], 0, "third");
        bytes memory uneven = abi.encodeCall(IERC1155.balanceOfBatch, (accounts, _listOf(id)));
        refuses(STRANGER, address(token), uneven, "uneven lists");
    }

    // setApprovalForAll: tells; ends when taken back

    function test_OperatorsAreSetAndTold() external {
        IERC1155 token = token1155();
        (uint256 id, ) = mint1155(HOLDER);
        assertFalse(token.isApprovedForAll(HOLDER, SPENDER), "none yet");
        for (uint256 i = 0; i < 2; ++i) {
            bool approved = i == 0;
            vm.recordLogs();
            does(HOLDER, address(token), abi.encodeCall(IERC1155.setApprovalForAll, (SPENDER, approved)), "operator");
            assertTold(
                address(token),
                topicsOf(APPROVAL_FOR_ALL, word(HOLDER), word(SPENDER)),
                abi.encode(approved),
                "ApprovalForAll"
            );
            assertTrue(token.isApprovedForAll(HOLDER, SPENDER) == approved, "state");
        }
        assertFalse(token.isApprovedForAll(SPENDER, HOLDER), "the other way");
        refuses(SPENDER, address(token), _single(HOLDER, SPENDER, id, 1, ""), "taken back");
    }

    // metadata: may be missing; if it is there, it reads

    function test_MetadataReads() external {
        (uint256 id, ) = mint1155(HOLDER);
        assertTrue(bytes(IERC1155MetadataURI(address(token1155())).uri(id)).length > 0, "uri");
    }

    function _assertBalances(uint256 id, uint256 holders, uint256 receivers) private view {
        assertEq(token1155().balanceOf(HOLDER, id), holders, "holder");
        assertEq(token1155().balanceOf(RECEIVER, id), receivers, "receiver");
    }

    function _assertSingle(address by, address from, address to, uint256 id, uint256 amount) private {
        bytes32[] memory topics = topicsOf(SINGLE, word(by), word(from), word(to));
        assertTold(address(token1155()), topics, abi.encode(id, amount), "TransferSingle");
    }

    function _assertBatch(address from, address to, uint256[] memory ids, uint256[] memory amounts) private {
        bytes32[] memory topics = topicsOf(BATCH, word(from), word(from), word(to));
        assertTold(address(token1155()), topics, abi.encode(ids, amounts), "TransferBatch");
    }

    function _single(
        address from,
        address to,
        uint256 id,
        uint256 amount,
        bytes memory extra
    ) private pure returns (bytes memory data) {
        return abi.encodeCall(IERC1155.safeTransferFrom, (from, to, id, amount, extra));
    }

    function _batch(
        address from,
        address to,
        uint256[] memory ids,
        uint256[] memory amounts,
        bytes memory extra
    ) private pure returns (bytes memory data) {
        return abi.encodeCall(IERC1155.safeBatchTransferFrom, (from, to, ids, amounts, extra));
    }

    function _listOf(uint256 only) private pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = only;
    }

    function _listOf(uint256 first, uint256 second) private pure returns (uint256[] memory list) {
        list = new uint256[](2);
        (list[0], list[1]) = (first, second);
    }
}
