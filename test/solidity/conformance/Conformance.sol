// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CivitasTest} from "../utils/CivitasTest.sol";
import {Vm} from "../utils/Vm.sol";

/// @notice Base of the suites that ask a contract for what a standard says. A suite knows the standard's interface alone, so
/// it calls as strangers do: it looks at what was answered, at events, and at what changed, and at no error's name.
/// @dev Each suite is abstract. A contract beside it names the token, how to get some, and which suites it claims. Nothing
/// here uses `expectRevert` and the like, so that a suite that finds a fault just reverts, which is itself tested.
abstract contract Conformance is CivitasTest {
    address internal constant HOLDER = address(0xA11CE01);
    address internal constant RECEIVER = address(0xB0B02);
    address internal constant SPENDER = address(0x5BE4DE403);
    address internal constant STRANGER = address(0x57A4404);

    /// @dev Calls as somebody.
    function callAs(
        address caller,
        address target,
        bytes memory data
    ) internal returns (bool done, bytes memory answer) {
        vm.prank(caller);
        return target.call(data);
    }

    /// @dev The call must succeed.
    function does(
        address caller,
        address target,
        bytes memory data,
        string memory reason
    ) internal returns (bytes memory) {
        (bool done, bytes memory answer) = callAs(caller, target, data);
        assertTrue(done, reason);
        return answer;
    }

    /// @dev The call must succeed and answer true, as one word.
    function agrees(address caller, address target, bytes memory data, string memory reason) internal {
        bytes memory answer = does(caller, target, data, reason);
        assertEq(keccak256(answer), keccak256(abi.encode(true)), reason);
    }

    /// @dev The call must revert.
    function refuses(address caller, address target, bytes memory data, string memory reason) internal {
        (bool done, ) = callAs(caller, target, data);
        assertFalse(done, reason);
    }

    /// @dev Among what was recorded, the emitter told this event exactly once, and no other of its name.
    function assertTold(address emitter, bytes32[] memory topics, bytes memory data, string memory reason) internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 count = 0;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter != emitter || logs[i].topics.length == 0 || logs[i].topics[0] != topics[0]) continue;
            ++count;
            assertEq(
                keccak256(abi.encode(logs[i].topics, logs[i].data)),
                keccak256(abi.encode(topics, data)),
                string.concat(reason, ": contents")
            );
        }
        assertEq(count, 1, string.concat(reason, ": times"));
    }

    function topicsOf(bytes32 name, bytes32 first) internal pure returns (bytes32[] memory topics) {
        topics = new bytes32[](2);
        (topics[0], topics[1]) = (name, first);
    }

    function topicsOf(bytes32 name, bytes32 first, bytes32 second) internal pure returns (bytes32[] memory topics) {
        topics = new bytes32[](3);
        (topics[0], topics[1], topics[2]) = (name, first, second);
    }

    function topicsOf(
        bytes32 name,
        bytes32 first,
        bytes32 second,
        bytes32 third
    ) internal pure returns (bytes32[] memory topics) {
        topics = new bytes32[](4);
        (topics[0], topics[1], topics[2], topics[3]) = (name, first, second, third);
    }

    function word(address account) internal pure returns (bytes32 value) {
        return bytes32(uint256(uint160(account)));
    }
}
