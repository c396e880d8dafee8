// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import {EcoRights, IEcoToken} from "./IEcoToken.sol";

/// @title EcoToken
/// @notice The city's reward token. See {IEcoToken}.
/// @dev Trust: ECO_WIRING gives rights, and so is believed to give them to contracts of this suite alone: a contract with
/// MINT makes as many tokens as it likes, one with BURN ends anybody's. Their own limits are what holds: {EcoRewards} mints
/// within its budgets, {Redemption} what it ended before. Nobody can freeze or upgrade, and nobody else can mint.
///
/// Rights lie in this contract and not in the AccessManager, since asking it costs 13,000 gas and every reward is minted.
contract EcoToken is ERC20, ERC20Permit, IEcoToken, AccessManaged {
    uint8 private constant ALL_RIGHTS = EcoRights.MINT | EcoRights.BURN | EcoRights.MOVE;

    /// @inheritdoc IEcoToken
    bool public immutable transferable;

    /// @inheritdoc IEcoToken
    mapping(address account => uint8 rights) public rightsOf;

    /// @param authority The city's AccessManager.
    /// @param transferable_ Whether people can pass tokens on to each other.
    constructor(
        address authority,
        bool transferable_
    ) ERC20("Civitas Eco", "ECO") ERC20Permit("Civitas Eco") AccessManaged(authority) {
        transferable = transferable_;
    }

    /// @inheritdoc IEcoToken
    function setRights(address account, uint8 rights) external restricted {
        if (rights > ALL_RIGHTS) revert EcoTokenUnknownRights(rights, ALL_RIGHTS);
        if (rights == rightsOf[account]) revert EcoTokenUnchanged(account, rights);
        rightsOf[account] = rights;
        emit RightsSet(account, rights);
    }

    /// @inheritdoc IEcoToken
    function mint(address to, uint256 amount) external {
        _requireRight(EcoRights.MINT);
        _mint(to, amount);
    }

    /// @inheritdoc IEcoToken
    function burn(uint256 amount) external {
        _burn(msg.sender, amount);
    }

    /// @inheritdoc IEcoToken
    function burnFor(address from, uint256 amount) external {
        _requireRight(EcoRights.BURN);
        _burn(from, amount);
    }

    /// @inheritdoc IERC20Permit
    function nonces(address owner) public view override(ERC20Permit, IERC20Permit) returns (uint256 number) {
        return super.nonces(owner);
    }

    /// @inheritdoc ERC20
    function decimals() public pure override returns (uint8 digits) {
        return 6;
    }

    /// @dev Where people cannot pass tokens on, one side of a transfer must have the right to.
    function _update(address from, address to, uint256 amount) internal override {
        if (!transferable && from != address(0) && to != address(0)) {
            if ((rightsOf[from] | rightsOf[to]) & EcoRights.MOVE == 0) revert EcoTokenNotTransferable(from, to);
        }
        super._update(from, to, amount);
    }

    function _requireRight(uint8 right) private view {
        if (rightsOf[msg.sender] & right == 0) revert EcoTokenMissingRight(msg.sender, right);
    }
}
