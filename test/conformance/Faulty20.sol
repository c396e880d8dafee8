// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What is wrong with a token of ERC-20, ERC-2612 and ERC-3009.
enum Fault20 {
    None,
    TakesFee,
    MovesSilently,
    AnswersFalse,
    AnswersNothing,
    RefusesNothing,
    SelfTransferMakes,
    WrapsBalance,
    ApproveAdds,
    KeepsAllowance,
    IgnoresAllowance,
    MakesSilently,
    MovesSupply,
    TakesZero,
    NamesNothing,
    FreezesDomain,
    PermitsSilently,
    StrictDeadline,
    NoDeadline,
    KeepsNonce,
    ChecksNobody,
    TakesZeroSigner,
    UsesSilently,
    IgnoresTimes,
    AnybodyReceives,
    CancelsNothing
}

/// @notice A token with one fault, or none.
contract Faulty20 {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce);
    event AuthorizationCanceled(address indexed authorizer, bytes32 indexed nonce);

    bytes32 private constant DOMAIN = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant PERMIT = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant TRANSFER = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant RECEIVE = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant CANCEL = keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");

    uint8 public constant decimals = 6;
    string public constant symbol = "BAD";
    Fault20 private immutable _fault;
    uint256 private immutable _chain = block.chainid;
    uint256 public totalSupply;
    mapping(address account => uint256 amount) public balanceOf;
    mapping(address owner => mapping(address spender => uint256 amount)) public allowance;
    mapping(address owner => uint256 number) public nonces;
    mapping(address authorizer => mapping(bytes32 nonce => bool used)) public authorizationState;

    error Refused();

    constructor(Fault20 fault) {
        _fault = fault;
    }

    function name() external view returns (string memory text) {
        return _fault == Fault20.NamesNothing ? "" : "Bad";
    }

    function mint(address to, uint256 amount) external {
        totalSupply += amount;
        balanceOf[to] += amount;
        if (_fault != Fault20.MakesSilently) emit Transfer(address(0), to, amount);
    }

    function transfer(address to, uint256 amount) external returns (bool done) {
        return _transfer(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool done) {
        uint256 allowed = allowance[from][msg.sender];
        if (_fault != Fault20.IgnoresAllowance) {
            if (allowed < amount) revert Refused();
            if (_fault != Fault20.KeepsAllowance) allowance[from][msg.sender] = allowed - amount;
        }
        return _transfer(from, to, amount);
    }

    function approve(address spender, uint256 amount) external returns (bool done) {
        if (spender == address(0) && _fault != Fault20.TakesZero) revert Refused();
        unchecked {
            if (_fault == Fault20.ApproveAdds) amount += allowance[msg.sender][spender];
        }
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    function permit(
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        if (_fault != Fault20.NoDeadline) {
            if (deadline < block.timestamp) revert Refused();
            if (_fault == Fault20.StrictDeadline && deadline == block.timestamp) revert Refused();
        }
        _check(owner, keccak256(abi.encode(PERMIT, owner, spender, value, nonces[owner], deadline)), v, r, s);
        if (_fault != Fault20.KeepsNonce) ++nonces[owner];
        allowance[owner][spender] = value;
        if (_fault != Fault20.PermitsSilently) emit Approval(owner, spender, value);
    }

    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        _check(from, keccak256(abi.encode(TRANSFER, from, to, value, validAfter, validBefore, nonce)), v, r, s);
        _pay(from, to, value, validAfter, validBefore, nonce);
    }

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        if (msg.sender != to && _fault != Fault20.AnybodyReceives) revert Refused();
        _check(from, keccak256(abi.encode(RECEIVE, from, to, value, validAfter, validBefore, nonce)), v, r, s);
        _pay(from, to, value, validAfter, validBefore, nonce);
    }

    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external {
        if (authorizationState[authorizer][nonce]) revert Refused();
        _check(authorizer, keccak256(abi.encode(CANCEL, authorizer, nonce)), v, r, s);
        if (_fault != Fault20.CancelsNothing) authorizationState[authorizer][nonce] = true;
        emit AuthorizationCanceled(authorizer, nonce);
    }

    function DOMAIN_SEPARATOR() public view returns (bytes32 separator) {
        uint256 chain = _fault == Fault20.FreezesDomain ? _chain : block.chainid;
        return keccak256(abi.encode(DOMAIN, keccak256("Bad"), keccak256("1"), chain, address(this)));
    }

    function _pay(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce
    ) private {
        if (_fault != Fault20.IgnoresTimes) {
            if (block.timestamp <= validAfter || block.timestamp >= validBefore) revert Refused();
        }
        if (authorizationState[from][nonce]) revert Refused();
        if (_fault != Fault20.KeepsNonce) authorizationState[from][nonce] = true;
        if (_fault != Fault20.UsesSilently) emit AuthorizationUsed(from, nonce);
        _transfer(from, to, value);
    }

    function _transfer(address from, address to, uint256 amount) private returns (bool done) {
        if (to == address(0) && _fault != Fault20.TakesZero) revert Refused();
        if (amount == 0 && _fault == Fault20.RefusesNothing) revert Refused();
        uint256 left = balanceOf[from];
        uint256 funds = balanceOf[to];
        if (left < amount) {
            if (_fault == Fault20.AnswersFalse) return false;
            if (_fault != Fault20.WrapsBalance) revert Refused();
        }
        unchecked {
            balanceOf[from] = left - amount;
            if (_fault != Fault20.SelfTransferMakes) funds = balanceOf[to];
            balanceOf[to] = funds + (_fault == Fault20.TakesFee && amount > 0 ? amount - 1 : amount);
            if (_fault == Fault20.MovesSupply) totalSupply -= amount;
        }
        if (_fault != Fault20.MovesSilently) emit Transfer(from, to, amount);
        if (_fault == Fault20.AnswersNothing) {
            assembly ("memory-safe") {
                return(0, 0)
            }
        }
        return true;
    }

    function _check(address signer, bytes32 message, uint8 v, bytes32 r, bytes32 s) private view {
        if (_fault == Fault20.ChecksNobody) return;
        address recovered = ecrecover(keccak256(abi.encodePacked(hex"1901", DOMAIN_SEPARATOR(), message)), v, r, s);
        if (recovered != signer) revert Refused();
        if (recovered == address(0) && _fault != Fault20.TakesZeroSigner) revert Refused();
    }
}
