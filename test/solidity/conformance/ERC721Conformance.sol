// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC721Receiver} from "@openzeppelin/contracts/token/ERC721/IERC721Receiver.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {ERC165Conformance} from "./ERC165Conformance.sol";
import {Manner, Receiver} from "./Receivers.sol";
import {Token721} from "./Tokens.sol";

/// @notice What ERC-721 says of a token, with its metadata.
abstract contract ERC721Conformance is Token721, ERC165Conformance {
    bytes4 internal constant ERC721_ID = 0x80ac58cd;
    bytes4 internal constant ERC721_METADATA_ID = 0x5b5e139f;
    bytes32 private constant TRANSFER = keccak256("Transfer(address,address,uint256)");
    bytes32 private constant APPROVAL = keccak256("Approval(address,address,uint256)");
    bytes32 private constant APPROVAL_FOR_ALL = keccak256("ApprovalForAll(address,address,bool)");

    /// @inheritdoc ERC165Conformance
    function teller165() internal view virtual override returns (IERC165 teller) {
        return token721();
    }

    // balanceOf, ownerOf: throw for the zero address, and for a token that is not

    function test_MintingGivesAndTells() external {
        IERC721 token = token721();
        uint256 before = token.balanceOf(HOLDER);
        vm.recordLogs();
        uint256 id = mint721(HOLDER);
        _assertMoved(address(0), HOLDER, id);
        assertEq(token.ownerOf(id), HOLDER, "owner");
        assertEq(token.balanceOf(HOLDER), before + 1, "balance");
        assertEq(token.getApproved(id), address(0), "nobody is approved");
    }

    function test_RevertWhen_AskedForNobodyOrNothing() external {
        refuses(STRANGER, address(token721()), abi.encodeCall(IERC721.balanceOf, (address(0))), "balanceOf zero");
        refuses(STRANGER, address(token721()), abi.encodeCall(IERC721.ownerOf, (unknown721())), "ownerOf nothing");
        refuses(
            STRANGER,
            address(token721()),
            abi.encodeCall(IERC721.getApproved, (unknown721())),
            "getApproved nothing"
        );
    }

    // transferFrom: by owner, approved or operator; from the owner; to somebody; tells; the approval is over

    function test_OwnerTransfersAndTells() external {
        uint256 id = mint721(HOLDER);
        _transfers(HOLDER, HOLDER, RECEIVER, id);
    }

    function test_ApprovedTransfersOnce() external {
        uint256 id = mint721(HOLDER);
        does(HOLDER, address(token721()), abi.encodeCall(IERC721.approve, (SPENDER, id)), "approve");
        _transfers(SPENDER, HOLDER, RECEIVER, id);
        assertEq(token721().getApproved(id), address(0), "approval is over");
        refuses(SPENDER, address(token721()), _transferFrom(RECEIVER, SPENDER, id), "again");
    }

    function test_OperatorTransfersEveryToken() external {
        uint256 first = mint721(HOLDER);
        uint256 second = mint721(HOLDER);
        does(HOLDER, address(token721()), abi.encodeCall(IERC721.setApprovalForAll, (SPENDER, true)), "operator");
        _transfers(SPENDER, HOLDER, RECEIVER, first);
        _transfers(SPENDER, HOLDER, RECEIVER, second);
    }

    function test_TransferToSelfEndsTheApproval() external {
        uint256 id = mint721(HOLDER);
        uint256 balance = token721().balanceOf(HOLDER);
        does(HOLDER, address(token721()), abi.encodeCall(IERC721.approve, (SPENDER, id)), "approve");
        vm.recordLogs();
        does(HOLDER, address(token721()), _transferFrom(HOLDER, HOLDER, id), "to self");
        _assertMoved(HOLDER, HOLDER, id);
        assertEq(token721().balanceOf(HOLDER), balance, "balance");
        assertEq(token721().getApproved(id), address(0), "approval is over");
    }

    function test_RevertWhen_AStrangerTransfers() external {
        uint256 id = mint721(HOLDER);
        for (uint256 way = 0; way < 3; ++way)
            refuses(STRANGER, address(token721()), _move(way, RECEIVER, id), "stranger");
        does(HOLDER, address(token721()), abi.encodeCall(IERC721.approve, (SPENDER, id)), "approve");
        refuses(RECEIVER, address(token721()), _move(0, RECEIVER, id), "whoever would get it");
        assertEq(token721().ownerOf(id), HOLDER, "owner");
    }

    function test_RevertWhen_TransferIsFromAnotherOrToNobodyOrOfNothing() external {
        uint256 id = mint721(HOLDER);
        mint721(STRANGER);
        refuses(HOLDER, address(token721()), _transferFrom(STRANGER, RECEIVER, id), "not the owner's");
        for (uint256 way = 0; way < 3; ++way) {
            refuses(HOLDER, address(token721()), _move(way, address(0), id), "to nobody");
            refuses(HOLDER, address(token721()), _move(way, RECEIVER, unknown721()), "of nothing");
        }
        assertEq(token721().ownerOf(id), HOLDER, "owner");
    }

    // safeTransferFrom: as transferFrom; a contract is asked after it got the token, and must answer with the word

    function testFuzz_SafeTransferTellsTheReceiver(bytes calldata extra) external {
        IERC721 token = token721();
        Receiver receiver = new Receiver(Manner.Accepts);
        uint256 id = mint721(HOLDER);
        does(HOLDER, address(token), abi.encodeCall(IERC721.setApprovalForAll, (SPENDER, true)), "operator");
        vm.recordLogs();
        does(SPENDER, address(token), _safe(HOLDER, address(receiver), id, extra), "safe transfer");
        _assertMoved(HOLDER, address(receiver), id);
        assertEq(token.ownerOf(id), address(receiver), "owner");
        bytes memory told = abi.encodeCall(IERC721Receiver.onERC721Received, (SPENDER, HOLDER, id, extra));
        assertEq(keccak256(receiver.heard()), keccak256(told), "what it was told");
        assertEq(receiver.times(), 1, "once");
    }

    function test_SafeTransferWithoutWordsTellsNone() external {
        Receiver receiver = new Receiver(Manner.Accepts);
        uint256 id = mint721(HOLDER);
        does(HOLDER, address(token721()), _move(1, address(receiver), id), "safe transfer");
        bytes memory told = abi.encodeCall(IERC721Receiver.onERC721Received, (HOLDER, HOLDER, id, ""));
        assertEq(keccak256(receiver.heard()), keccak256(told), "what it was told");
    }

    function test_RevertWhen_TheReceiverRefuses() external {
        uint256 id = mint721(HOLDER);
        for (uint256 i = uint256(Manner.WrongWord); i <= uint256(type(Manner).max); ++i) {
            address receiver = address(new Receiver(Manner(i)));
            refuses(HOLDER, address(token721()), _move(1, receiver, id), vm.toString(i));
            refuses(HOLDER, address(token721()), _move(2, receiver, id), vm.toString(i));
        }
        assertEq(token721().ownerOf(id), HOLDER, "owner");
    }

    function test_NobodyIsAskedWithoutNeed() external {
        Receiver receiver = new Receiver(Manner.Reverts);
        uint256 id = mint721(HOLDER);
        does(HOLDER, address(token721()), _move(2, RECEIVER, id), "an account without code");
        does(RECEIVER, address(token721()), _transferFrom(RECEIVER, address(receiver), id), "plain transfer");
        assertEq(token721().ownerOf(id), address(receiver), "owner");
    }

    // approve: by owner or operator; tells; zero takes it back

    function test_ApproveSetsAndTells() external {
        IERC721 token = token721();
        uint256 id = mint721(HOLDER);
        vm.recordLogs();
        does(HOLDER, address(token), abi.encodeCall(IERC721.approve, (SPENDER, id)), "approve");
        assertTold(address(token), topicsOf(APPROVAL, word(HOLDER), word(SPENDER), bytes32(id)), "", "Approval");
        assertEq(token.getApproved(id), SPENDER, "approved");
        vm.recordLogs();
        does(HOLDER, address(token), abi.encodeCall(IERC721.approve, (address(0), id)), "take back");
        assertTold(address(token), topicsOf(APPROVAL, word(HOLDER), 0, bytes32(id)), "", "none");
        assertEq(token.getApproved(id), address(0), "none");
    }

    function test_OperatorApproves() external {
        uint256 id = mint721(HOLDER);
        does(HOLDER, address(token721()), abi.encodeCall(IERC721.setApprovalForAll, (SPENDER, true)), "operator");
        vm.recordLogs();
        does(SPENDER, address(token721()), abi.encodeCall(IERC721.approve, (RECEIVER, id)), "approve");
        // The owner stands in the event, whoever acts.
        assertTold(address(token721()), topicsOf(APPROVAL, word(HOLDER), word(RECEIVER), bytes32(id)), "", "Approval");
    }

    function test_RevertWhen_AStrangerApproves() external {
        uint256 id = mint721(HOLDER);
        refuses(STRANGER, address(token721()), abi.encodeCall(IERC721.approve, (STRANGER, id)), "stranger");
        does(HOLDER, address(token721()), abi.encodeCall(IERC721.approve, (SPENDER, id)), "approve");
        refuses(SPENDER, address(token721()), abi.encodeCall(IERC721.approve, (STRANGER, id)), "who is approved");
        refuses(HOLDER, address(token721()), abi.encodeCall(IERC721.approve, (SPENDER, unknown721())), "nothing");
    }

    // setApprovalForAll: tells; several operators an owner; ends when taken back

    function test_OperatorsAreSetAndTold() external {
        IERC721 token = token721();
        uint256 id = mint721(HOLDER);
        vm.recordLogs();
        does(HOLDER, address(token), abi.encodeCall(IERC721.setApprovalForAll, (SPENDER, true)), "operator");
        _assertForAll(true);
        does(HOLDER, address(token), abi.encodeCall(IERC721.setApprovalForAll, (STRANGER, true)), "a second one");
        assertTrue(token.isApprovedForAll(HOLDER, SPENDER) && token.isApprovedForAll(HOLDER, STRANGER), "both");
        assertFalse(token.isApprovedForAll(SPENDER, HOLDER), "the other way");
        vm.recordLogs();
        does(HOLDER, address(token), abi.encodeCall(IERC721.setApprovalForAll, (SPENDER, false)), "take back");
        _assertForAll(false);
        assertFalse(token.isApprovedForAll(HOLDER, SPENDER), "taken back");
        refuses(SPENDER, address(token), _move(0, RECEIVER, id), "no operator any more");
    }

    // metadata: may be missing; if it is there, it reads, and throws for a token that is not

    function test_MetadataReadsForTokensAlone() external {
        IERC721Metadata token = IERC721Metadata(address(token721()));
        token.name();
        token.symbol();
        assertTrue(bytes(token.tokenURI(mint721(HOLDER))).length > 0, "tokenURI");
        refuses(
            STRANGER,
            address(token),
            abi.encodeCall(IERC721Metadata.tokenURI, (unknown721())),
            "tokenURI of nothing"
        );
    }

    function _transfers(address by, address from, address to, uint256 id) private {
        IERC721 token = token721();
        (uint256 less, uint256 more) = (token.balanceOf(from), token.balanceOf(to));
        vm.recordLogs();
        does(by, address(token), _transferFrom(from, to, id), "transfer");
        _assertMoved(from, to, id);
        assertEq(token.ownerOf(id), to, "owner");
        assertEq(token.balanceOf(from), less - 1, "one less");
        assertEq(token.balanceOf(to), more + 1, "one more");
    }

    function _assertMoved(address from, address to, uint256 id) private {
        assertTold(address(token721()), topicsOf(TRANSFER, word(from), word(to), bytes32(id)), "", "Transfer");
    }

    function _assertForAll(bool approved) private {
        assertTold(
            address(token721()),
            topicsOf(APPROVAL_FOR_ALL, word(HOLDER), word(SPENDER)),
            abi.encode(approved),
            "ApprovalForAll"
        );
    }

    /// @dev From the holder: 0 plain, 1 safe, 2 safe with words.
    function _move(uint256 way, address to, uint256 id) private pure returns (bytes memory data) {
        if (way == 0) return _transferFrom(HOLDER, to, id);
        if (way == 1) return abi.encodeWithSignature("safeTransferFrom(address,address,uint256)", HOLDER, to, id);
        return _safe(HOLDER, to, id, "words");
    }

    function _transferFrom(address from, address to, uint256 id) private pure returns (bytes memory data) {
        return abi.encodeCall(IERC721.transferFrom, (from, to, id));
    }

    function _safe(address from, address to, uint256 id, bytes memory extra) private pure returns (bytes memory data) {
        return abi.encodeWithSignature("safeTransferFrom(address,address,uint256,bytes)", from, to, id, extra);
    }
}
