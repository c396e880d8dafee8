// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";

import {ERC1155Conformance} from "../solidity/conformance/ERC1155Conformance.sol";
import {ERC20Conformance} from "../solidity/conformance/ERC20Conformance.sol";
import {ERC2612Conformance} from "../solidity/conformance/ERC2612Conformance.sol";
import {ERC3009Conformance} from "../solidity/conformance/ERC3009Conformance.sol";
import {ERC4906Conformance} from "../solidity/conformance/ERC4906Conformance.sol";
import {ERC4907Conformance} from "../solidity/conformance/ERC4907Conformance.sol";
import {ERC5192Conformance} from "../solidity/conformance/ERC5192Conformance.sol";
import {ERC721Conformance} from "../solidity/conformance/ERC721Conformance.sol";
import {Token20, Token721} from "../solidity/conformance/Tokens.sol";
import {Faulty1155, Fault1155} from "./Faulty1155.sol";
import {Faulty20, Fault20} from "./Faulty20.sol";
import {Faulty721, Fault721} from "./Faulty721.sol";

// The suites on faulty tokens. They stand outside the folder of tests, where the runner would run them and they would fail,
// as they ought to.

abstract contract On20 is Token20 {
    Faulty20 internal immutable _bad;

    constructor(Fault20 fault) {
        _bad = new Faulty20(fault);
    }

    function token20() internal view override returns (IERC20 token) {
        return IERC20(address(_bad));
    }

    function fund20(address account, uint256 amount) internal override {
        _bad.mint(account, amount);
    }
}

contract Suite20 is On20, ERC20Conformance {
    constructor(Fault20 fault) On20(fault) {}
}

contract Suite2612 is On20, ERC2612Conformance {
    constructor(Fault20 fault) On20(fault) {}

    function domain20() internal pure override returns (string memory name, string memory version) {
        return ("Bad", "1");
    }
}

contract Suite3009 is On20, ERC3009Conformance {
    constructor(Fault20 fault) On20(fault) {}

    function nonce3009(uint256 n) internal pure override returns (bytes32 nonce) {
        return keccak256(abi.encode(n));
    }

    function separator3009() internal view override returns (bytes32 separator) {
        return _bad.DOMAIN_SEPARATOR();
    }
}

abstract contract On721 is Token721 {
    Faulty721 internal immutable _bad;

    constructor(Fault721 fault) {
        _bad = new Faulty721(fault);
    }

    function token721() internal view override returns (IERC721 token) {
        return IERC721(address(_bad));
    }

    function mint721(address account) internal override returns (uint256 id) {
        return _bad.mint(account);
    }

    function unknown721() internal pure override returns (uint256 id) {
        return 77;
    }
}

contract Suite721 is On721, ERC721Conformance {
    constructor(Fault721 fault) On721(fault) {}

    function claimed165() internal pure override returns (bytes4[] memory ids) {
        ids = new bytes4[](5);
        (ids[0], ids[1]) = (ERC721_ID, ERC721_METADATA_ID);
        (ids[2], ids[3], ids[4]) = (0x49064906, 0xad092b5c, 0xb45a3c0e);
    }
}

contract Suite4906 is On721, ERC4906Conformance {
    constructor(Fault721 fault) On721(fault) {}

    function change4906(uint256 id) internal override {
        _bad.change(id);
    }
}

contract Suite4907 is On721, ERC4907Conformance {
    constructor(Fault721 fault) On721(fault) {}
}

contract Suite5192 is On721, ERC5192Conformance {
    constructor(Fault721 fault) On721(fault) {}

    function lock5192(uint256 id) internal override {
        _bad.lock(id);
    }
}

contract Suite1155 is ERC1155Conformance {
    uint256 private constant AMOUNT = 50;

    Faulty1155 private immutable _bad;
    uint256 private _count;

    constructor(Fault1155 fault) {
        _bad = new Faulty1155(fault);
    }

    function token1155() internal view override returns (IERC1155 token) {
        return IERC1155(address(_bad));
    }

    function mint1155(address account) internal override returns (uint256 id, uint256 amount) {
        id = ++_count;
        _bad.mint(account, id, AMOUNT);
        return (id, AMOUNT);
    }

    function claimed165() internal pure override returns (bytes4[] memory ids) {
        ids = new bytes4[](2);
        (ids[0], ids[1]) = (ERC1155_ID, ERC1155_METADATA_ID);
    }
}
