// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721Receiver} from "@openzeppelin/contracts/token/ERC721/IERC721Receiver.sol";

/// @notice What is wrong with a token of ERC-721, ERC-4906, ERC-4907 and ERC-5192.
enum Fault721 {
    None,
    MakesSilently,
    AnswersForNothing,
    MovesSilently,
    KeepsApproval,
    IgnoresOperators,
    SelfTransferMakes,
    AnybodyMoves,
    IgnoresFrom,
    SwapsWhoAndFrom,
    InventsWords,
    IgnoresAnswer,
    AsksAlways,
    ApprovesSilently,
    NamesTheOperator,
    ApprovedApproves,
    OneOperator,
    ClaimsAll,
    ClaimsNothing,
    SetsUserSilently,
    KeepsUser,
    AnybodySetsUser,
    EndsEarly,
    MovesUser,
    BeginsSilently,
    MovesLocked,
    ChangesSilently
}

/// @notice A token with one fault, or none.
contract Faulty721 {
    struct Use {
        address user;
        uint64 expires;
    }

    event Transfer(address indexed from, address indexed to, uint256 indexed id);
    event Approval(address indexed owner, address indexed approved, uint256 indexed id);
    event ApprovalForAll(address indexed owner, address indexed operator, bool approved);
    event UpdateUser(uint256 indexed id, address indexed user, uint64 expires);
    event Locked(uint256 id);
    event Unlocked(uint256 id);
    event MetadataUpdate(uint256 id);

    string public constant name = "Bad";
    string public constant symbol = "BAD";
    Fault721 private immutable _fault;
    uint256 private _count;
    mapping(uint256 id => address owner) private _owners;
    mapping(uint256 id => address account) private _approved;
    mapping(uint256 id => bool isLocked) private _locked;
    mapping(uint256 id => Use use) private _uses;
    mapping(address owner => uint256 amount) private _balances;
    mapping(address owner => mapping(address operator => bool approved)) private _operators;
    mapping(address owner => address operator) private _last;

    error Refused();

    constructor(Fault721 fault) {
        _fault = fault;
    }

    function mint(address to) external returns (uint256 id) {
        id = ++_count;
        _owners[id] = to;
        ++_balances[to];
        if (_fault != Fault721.MakesSilently) emit Transfer(address(0), to, id);
        if (_fault != Fault721.BeginsSilently) emit Unlocked(id);
    }

    function lock(uint256 id) external {
        _locked[id] = true;
        emit Locked(id);
    }

    function change(uint256 id) external {
        if (_fault != Fault721.ChangesSilently) emit MetadataUpdate(id);
    }

    function transferFrom(address from, address to, uint256 id) external {
        _transfer(from, to, id);
        if (_fault == Fault721.AsksAlways) _ask(from, to, id, "");
    }

    function safeTransferFrom(address from, address to, uint256 id) external {
        _transfer(from, to, id);
        _ask(from, to, id, _fault == Fault721.InventsWords ? bytes("words") : bytes(""));
    }

    function safeTransferFrom(address from, address to, uint256 id, bytes calldata extra) external {
        _transfer(from, to, id);
        _ask(from, to, id, extra);
    }

    function approve(address account, uint256 id) external {
        address owner = ownerOf(id);
        bool allowed = msg.sender == owner || isApprovedForAll(owner, msg.sender);
        if (_fault == Fault721.ApprovedApproves) allowed = allowed || msg.sender == _approved[id];
        if (!allowed) revert Refused();
        _approved[id] = account;
        if (_fault == Fault721.ApprovesSilently) return;
        emit Approval(_fault == Fault721.NamesTheOperator ? msg.sender : owner, account, id);
    }

    function setApprovalForAll(address operator, bool approved) external {
        _operators[msg.sender][operator] = approved;
        _last[msg.sender] = operator;
        emit ApprovalForAll(msg.sender, operator, approved);
    }

    function setUser(uint256 id, address user, uint64 expires) external {
        if (_fault != Fault721.AnybodySetsUser) _requireAllowed(ownerOf(id), id);
        if (user != address(0) || _fault != Fault721.KeepsUser) _uses[id] = Use(user, expires);
        if (_fault != Fault721.SetsUserSilently) emit UpdateUser(id, user, expires);
    }

    function userOf(uint256 id) external view returns (address user) {
        Use memory use = _uses[id];
        bool over = _fault == Fault721.EndsEarly ? use.expires <= block.timestamp : use.expires < block.timestamp;
        return over ? address(0) : use.user;
    }

    function userExpires(uint256 id) external view returns (uint256 expires) {
        return _uses[id].expires;
    }

    function locked(uint256 id) external view returns (bool isLocked) {
        ownerOf(id);
        return _locked[id];
    }

    function getApproved(uint256 id) external view returns (address account) {
        ownerOf(id);
        return _approved[id];
    }

    function tokenURI(uint256 id) external view returns (string memory text) {
        ownerOf(id);
        return "https://civitas.example/bad";
    }

    function balanceOf(address account) external view returns (uint256 amount) {
        if (account == address(0) && _fault != Fault721.AnswersForNothing) revert Refused();
        return _balances[account];
    }

    function supportsInterface(bytes4 id) external view returns (bool claimed) {
        if (_fault == Fault721.ClaimsAll || id == 0x01ffc9a7) return true;
        if (_fault == Fault721.ClaimsNothing) return false;
        return id == 0x80ac58cd || id == 0x5b5e139f || id == 0x49064906 || id == 0xad092b5c || id == 0xb45a3c0e;
    }

    function ownerOf(uint256 id) public view returns (address owner) {
        owner = _owners[id];
        if (owner == address(0) && _fault != Fault721.AnswersForNothing) revert Refused();
    }

    function isApprovedForAll(address owner, address operator) public view returns (bool approved) {
        if (_fault == Fault721.OneOperator && _last[owner] != operator) return false;
        return _operators[owner][operator];
    }

    function _transfer(address from, address to, uint256 id) private {
        address owner = ownerOf(id);
        if (to == address(0) || owner == address(0)) revert Refused();
        if (owner != from && _fault != Fault721.IgnoresFrom) revert Refused();
        if (_locked[id] && _fault != Fault721.MovesLocked) revert Refused();
        if (_fault != Fault721.AnybodyMoves) _requireAllowed(owner, id);
        if (_fault != Fault721.KeepsApproval) _approved[id] = address(0);
        if (_fault != Fault721.SelfTransferMakes || from != to) --_balances[owner];
        ++_balances[to];
        _owners[id] = to;
        if (_fault != Fault721.MovesSilently) emit Transfer(from, to, id);
        if (_uses[id].user != address(0) && _fault != Fault721.MovesUser) {
            delete _uses[id];
            emit UpdateUser(id, address(0), 0);
        }
    }

    function _ask(address from, address to, uint256 id, bytes memory extra) private {
        if (to.code.length == 0) return;
        (address who, address of_) = _fault == Fault721.SwapsWhoAndFrom ? (from, msg.sender) : (msg.sender, from);
        bytes memory data = abi.encodeCall(IERC721Receiver.onERC721Received, (who, of_, id, extra));
        (bool done, bytes memory answer) = to.call(data);
        if (_fault == Fault721.IgnoresAnswer) return;
        if (!done || answer.length < 32) revert Refused();
        if (abi.decode(answer, (bytes32)) != bytes32(IERC721Receiver.onERC721Received.selector)) revert Refused();
    }

    function _requireAllowed(address owner, uint256 id) private view {
        if (msg.sender == owner || msg.sender == _approved[id]) return;
        if (_fault == Fault721.IgnoresOperators || !isApprovedForAll(owner, msg.sender)) revert Refused();
    }
}
