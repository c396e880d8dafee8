// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit, IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

import {EcoRights, IEcoToken} from "../../../contracts/rewards/IEcoToken.sol";

contract EcoToken is ERC20, ERC20Permit, IEcoToken, AccessManaged {
    bool public immutable transferable;
    mapping(address account => uint8 rights) public rightsOf;

    constructor(address authority, bool transferable_) ERC20("Eco", "ECO") ERC20Permit("Eco") AccessManaged(authority) {
        transferable = transferable_;
    }

    function setRights(address account, uint8 rights) external restricted {
        rightsOf[account] = rights;
        emit RightsSet(account, rights);
    }

    function mint(address to, uint256 amount) external {
        _need(EcoRights.MINT);
        _mint(to, amount);
    }

    function burn(uint256 amount) external {
        _burn(msg.sender, amount);
    }

    function burnFor(address from, uint256 amount) external {
        _need(EcoRights.BURN);
        _burn(from, amount);
    }

    function nonces(address owner) public view override(ERC20Permit, IERC20Permit) returns (uint256) {
        return super.nonces(owner);
    }

    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function _need(uint8 right) private view {
        if (rightsOf[msg.sender] & right == 0) revert EcoTokenMissingRight(msg.sender, right);
    }
}
