// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title AwkwardToken
/// @notice A token that anybody may mint. Those below are each awkward in one way.
abstract contract AwkwardToken is ERC20("Awkward", "AWK") {
    /// @notice Issues tokens.
    /// @param to Who receives them.
    /// @param value Amount.
    function mint(address to, uint256 value) external {
        _mint(to, value);
    }
}

/// @title FeeToken
/// @notice Keeps a hundredth of every transfer.
contract FeeToken is AwkwardToken {
    uint256 private constant FEE_DIVISOR = 100;

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from != address(0) && to != address(0)) super._update(to, address(0), value / FEE_DIVISOR);
    }
}

/// @title RebasingToken
/// @notice Changes all balances with every transfer, by a factor that is set.
contract RebasingToken is AwkwardToken {
    uint256 private constant WHOLE_BP = 10_000;

    uint256 private _indexBp = WHOLE_BP;
    uint256 private _nextIndexBp = WHOLE_BP;

    /// @notice Sets the factor that applies from the next transfer on.
    /// @param indexBp Basis points of what was minted.
    function rebaseOnTransfer(uint256 indexBp) external {
        _nextIndexBp = indexBp;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from != address(0)) _indexBp = _nextIndexBp;
    }

    /// @inheritdoc ERC20
    function balanceOf(address account) public view override returns (uint256 balance) {
        return (super.balanceOf(account) * _indexBp) / WHOLE_BP;
    }
}

/// @title IMoveHook
/// @notice Called by {HookToken}.
interface IMoveHook {
    /// @notice Tokens have moved.
    /// @param from Whose they were.
    /// @param to Whose they are.
    function onMove(address from, address to) external;
}

/// @title HookToken
/// @notice Calls a contract after each transfer, as tokens of ERC-777 call sender and receiver.
contract HookToken is AwkwardToken {
    IMoveHook private _hook;

    /// @notice Sets whom to call.
    /// @param hook The contract; zero for none.
    function setHook(IMoveHook hook) external {
        _hook = hook;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (address(_hook) != address(0)) _hook.onMove(from, to);
    }
}

/// @title BlockingToken
/// @notice Refuses transfers to accounts on its list.
contract BlockingToken is AwkwardToken {
    mapping(address account => bool isBlocked) private _blocked;

    /// @notice The receiver is on the list.
    /// @param account The receiver.
    error BlockingTokenBlocked(address account);

    /// @notice Puts an account on the list.
    /// @param account The account.
    function blockAccount(address account) external {
        _blocked[account] = true;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (_blocked[to]) revert BlockingTokenBlocked(to);
        super._update(from, to, value);
    }
}
