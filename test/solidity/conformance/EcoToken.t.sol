// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {EcoToken} from "../../../contracts/rewards/EcoToken.sol";
import {EcoRights} from "../../../contracts/rewards/IEcoToken.sol";
import {ERC20Conformance} from "./ERC20Conformance.sol";
import {ERC2612Conformance} from "./ERC2612Conformance.sol";

/// @notice ERC-20 and ERC-2612.
contract EcoTokenConformance is ERC20Conformance, ERC2612Conformance {
    EcoToken internal _eco;

    function setUp() external virtual {
        _begin(true);
    }

    function _begin(bool transferable) internal {
        vm.warp(EPOCH);
        _eco = new EcoToken(address(new AccessManager(address(this))), transferable);
        _eco.setRights(address(this), EcoRights.MINT);
    }

    function token20() internal view override returns (IERC20 token) {
        return _eco;
    }

    function fund20(address account, uint256 amount) internal override {
        _eco.mint(account, amount);
    }

    function domain20() internal pure override returns (string memory name, string memory version) {
        return ("Civitas Eco", "1");
    }
}

/// @notice The same where people cannot pass tokens on: then a transfer is refused unless one side has the right to move
/// them, by design, so that points are neither bought nor farmed. Between those who have it, all of ERC-20 holds.
contract TiedEcoTokenConformance is EcoTokenConformance {
    function setUp() external override {
        _begin(false);
        _eco.setRights(HOLDER, EcoRights.MOVE);
        _eco.setRights(RECEIVER, EcoRights.MOVE);
    }
}
