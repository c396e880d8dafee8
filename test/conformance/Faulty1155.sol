// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1155Receiver} from "@openzeppelin/contracts/token/ERC1155/IERC1155Receiver.sol";

/// @notice What is wrong with a token of ERC-1155.
enum Fault1155 {
    None,
    MakesSilently,
    MovesSilently,
    NamesTheHolder,
    SelfTransferMakes,
    AnybodyMoves,
    TakesZero,
    WrapsBalance,
    ForgetsWords,
    IgnoresAnswer,
    TellsSingles,
    DropsRepeats,
    TakesUneven,
    AsksForEach,
    AsksAll,
    ReadsFirstAccount,
    OperatorsForEver,
    NoAddress,
    ClaimsAll,
    ClaimsNothing
}

/// @notice A token with one fault, or none.
contract Faulty1155 {
    event TransferSingle(address indexed by, address indexed from, address indexed to, uint256 id, uint256 value);
    event TransferBatch(address indexed by, address indexed from, address indexed to, uint256[] ids, uint256[] values);
    event ApprovalForAll(address indexed account, address indexed operator, bool approved);

    Fault1155 private immutable _fault;
    mapping(address account => mapping(uint256 id => uint256 amount)) public balanceOf;
    mapping(address account => mapping(address operator => bool approved)) public isApprovedForAll;

    error Refused();

    constructor(Fault1155 fault) {
        _fault = fault;
    }

    function mint(address to, uint256 id, uint256 amount) external {
        balanceOf[to][id] += amount;
        if (_fault != Fault1155.MakesSilently) emit TransferSingle(msg.sender, address(0), to, id, amount);
    }

    function safeTransferFrom(address from, address to, uint256 id, uint256 amount, bytes calldata extra) external {
        _requireAllowed(from, to);
        _move(from, to, id, amount);
        _tell(from, to, id, amount);
        _askOne(from, to, id, amount, _fault == Fault1155.ForgetsWords ? bytes("") : extra);
    }

    function safeBatchTransferFrom(
        address from,
        address to,
        uint256[] calldata ids,
        uint256[] calldata amounts,
        bytes calldata extra
    ) external {
        _requireAllowed(from, to);
        if (ids.length != amounts.length && _fault != Fault1155.TakesUneven) revert Refused();
        uint256 count = ids.length < amounts.length ? ids.length : amounts.length;
        for (uint256 i = 0; i < count; ++i) {
            if (_fault == Fault1155.DropsRepeats && i > 0 && ids[i] == ids[i - 1]) continue;
            _move(from, to, ids[i], amounts[i]);
            if (_fault == Fault1155.TellsSingles) _tell(from, to, ids[i], amounts[i]);
        }
        if (_fault != Fault1155.TellsSingles) emit TransferBatch(msg.sender, from, to, ids, amounts);
        if (_fault == Fault1155.AsksForEach) {
            for (uint256 i = 0; i < count; ++i) _askOne(from, to, ids[i], amounts[i], extra);
        } else {
            bytes4 word = IERC1155Receiver.onERC1155BatchReceived.selector;
            _ask(to, abi.encodeWithSelector(word, msg.sender, from, ids, amounts, extra), word);
        }
    }

    function setApprovalForAll(address operator, bool approved) external {
        if (approved || _fault != Fault1155.OperatorsForEver) isApprovedForAll[msg.sender][operator] = approved;
        emit ApprovalForAll(msg.sender, operator, approved);
    }

    function balanceOfBatch(
        address[] calldata accounts,
        uint256[] calldata ids
    ) external view returns (uint256[] memory amounts) {
        if (accounts.length != ids.length) revert Refused();
        amounts = new uint256[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            amounts[i] = balanceOf[accounts[_fault == Fault1155.ReadsFirstAccount ? 0 : i]][ids[i]];
        }
    }

    function uri(uint256) external view returns (string memory text) {
        return _fault == Fault1155.NoAddress ? "" : "https://civitas.example/{id}";
    }

    function supportsInterface(bytes4 id) external view returns (bool claimed) {
        if (_fault == Fault1155.ClaimsAll || id == 0x01ffc9a7) return true;
        return _fault != Fault1155.ClaimsNothing && (id == 0xd9b67a26 || id == 0x0e89341c);
    }

    function _move(address from, address to, uint256 id, uint256 amount) private {
        uint256 left = balanceOf[from][id];
        uint256 funds = balanceOf[to][id];
        if (left < amount && _fault != Fault1155.WrapsBalance) revert Refused();
        unchecked {
            balanceOf[from][id] = left - amount;
            if (_fault != Fault1155.SelfTransferMakes) funds = balanceOf[to][id];
            balanceOf[to][id] = funds + amount;
        }
    }

    function _tell(address from, address to, uint256 id, uint256 amount) private {
        if (_fault == Fault1155.MovesSilently) return;
        emit TransferSingle(_fault == Fault1155.NamesTheHolder ? from : msg.sender, from, to, id, amount);
    }

    function _askOne(address from, address to, uint256 id, uint256 amount, bytes memory extra) private {
        bytes4 selector = IERC1155Receiver.onERC1155Received.selector;
        _ask(to, abi.encodeWithSelector(selector, msg.sender, from, id, amount, extra), selector);
    }

    function _ask(address to, bytes memory data, bytes4 word) private {
        if (to.code.length == 0 && _fault != Fault1155.AsksAll) return;
        (bool done, bytes memory answer) = to.call(data);
        if (_fault == Fault1155.IgnoresAnswer) return;
        if (!done || answer.length < 32) revert Refused();
        if (abi.decode(answer, (bytes32)) != bytes32(word)) revert Refused();
    }

    function _requireAllowed(address from, address to) private view {
        if (to == address(0) && _fault != Fault1155.TakesZero) revert Refused();
        if (_fault == Fault1155.AnybodyMoves || msg.sender == from) return;
        if (!isApprovedForAll[from][msg.sender]) revert Refused();
    }
}
