// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {CityEuro} from "../../../contracts/finance/CityEuro.sol";
import {ERC20Conformance} from "./ERC20Conformance.sol";
import {ERC2612Conformance} from "./ERC2612Conformance.sol";
import {ERC3009Conformance} from "./ERC3009Conformance.sol";

/// @notice ERC-20, ERC-2612 and ERC-3009. One restriction: nonces of signed transfers come in sequences, so that one is a
/// key of 192 bits and a number; the standard lets the payer choose any.
contract CityEuroConformance is ERC20Conformance, ERC2612Conformance, ERC3009Conformance {
    /// @dev Any but 0, whose sequence permits use.
    uint256 private constant KEY = 3 << 64;

    CityEuro private _euro;

    function setUp() external {
        vm.warp(EPOCH);
        // Who deploys the manager may do what no role is named for.
        _euro = new CityEuro(address(new AccessManager(address(this))));
    }

    function token20() internal view override returns (IERC20 token) {
        return _euro;
    }

    function fund20(address account, uint256 amount) internal override {
        _euro.mint(account, amount);
    }

    function domain20() internal pure override returns (string memory name, string memory version) {
        return ("City Euro", "1");
    }

    function nonce3009(uint256 n) internal pure override returns (bytes32 nonce) {
        return bytes32(KEY + n);
    }

    function separator3009() internal view override returns (bytes32 separator) {
        return _euro.DOMAIN_SEPARATOR();
    }
}
