// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Signature} from "../../../contracts/authority/ISigned.sol";
import {Vm} from "./Vm.sol";

/// @notice Base of every Solidity test: cheatcodes, actors, bounded fuzz inputs and assertions that say both sides.
abstract contract CivitasTest {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @dev 1 January 2026: blocks of a fresh chain start at 1, where subtracting a span underflows.
    uint256 internal constant EPOCH = 1_767_225_600;

    error AssertionFailed(string reason, string left, string right);

    /// @dev A named actor: the same name gives the same key and address in every test.
    function actor(string memory name) internal returns (address account, uint256 privateKey) {
        privateKey = uint256(keccak256(bytes(name)));
        account = vm.addr(privateKey);
        vm.label(account, name);
    }

    /// @dev Signature of a plain key over an EIP-712 message of `verifier`, whose domain separator is `domain`.
    function signTyped(
        uint256 privateKey,
        bytes32 domain,
        bytes32 structHash
    ) internal pure returns (Signature memory signature) {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, structHash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, digest);
        return Signature({key: "", data: abi.encodePacked(r, s, v)});
    }

    /// @dev EIP-712 domain separator of a contract of the suite.
    function domainOf(string memory name, address verifier) internal view returns (bytes32 domain) {
        return
            keccak256(
                abi.encode(
                    keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                    keccak256(bytes(name)),
                    keccak256("1"),
                    block.chainid,
                    verifier
                )
            );
    }

    /// @dev Wraps a fuzz input into [low, high], both included.
    function bound(uint256 value, uint256 low, uint256 high) internal pure returns (uint256 bounded) {
        if (low > high) revert AssertionFailed("bound", vm.toString(low), vm.toString(high));
        if (value >= low && value <= high) return value;
        uint256 span = high - low;
        if (span == type(uint256).max) return value;
        return low + (value % (span + 1));
    }

    function assertTrue(bool condition, string memory reason) internal pure {
        if (!condition) revert AssertionFailed(reason, "false", "true");
    }

    function assertFalse(bool condition, string memory reason) internal pure {
        if (condition) revert AssertionFailed(reason, "true", "false");
    }

    function assertEq(uint256 left, uint256 right, string memory reason) internal pure {
        if (left != right) revert AssertionFailed(reason, vm.toString(left), vm.toString(right));
    }

    function assertEq(address left, address right, string memory reason) internal pure {
        if (left != right) revert AssertionFailed(reason, vm.toString(left), vm.toString(right));
    }

    function assertEq(bytes32 left, bytes32 right, string memory reason) internal pure {
        if (left != right) revert AssertionFailed(reason, vm.toString(left), vm.toString(right));
    }

    function assertLe(uint256 left, uint256 right, string memory reason) internal pure {
        if (left > right) revert AssertionFailed(reason, vm.toString(left), vm.toString(right));
    }
}
