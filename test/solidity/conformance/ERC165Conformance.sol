// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {Conformance} from "./Conformance.sol";

/// @notice What ERC-165 says of how a contract tells its interfaces. The ids claimed are given by number, as standards do.
abstract contract ERC165Conformance is Conformance {
    bytes4 private constant ERC165_ID = 0x01ffc9a7;
    bytes4 private constant NO_ID = 0xffffffff;
    uint256 private constant MOST_GAS = 30_000;

    /// @dev The contract.
    function teller165() internal view virtual returns (IERC165 teller);

    /// @dev Every id that it claims, but for that of ERC-165.
    function claimed165() internal view virtual returns (bytes4[] memory ids);

    function test_ClaimsItselfAndNotTheInvalidId() external view {
        assertTrue(_claims(ERC165_ID), "ERC-165");
        assertFalse(_claims(NO_ID), "0xffffffff");
    }

    function test_ClaimsWhatItIs() external view {
        bytes4[] memory ids = claimed165();
        for (uint256 i = 0; i < ids.length; ++i) assertTrue(_claims(ids[i]), vm.toString(bytes32(ids[i])));
    }

    function testFuzz_ClaimsNothingElse(bytes4 id) external view {
        bytes4[] memory ids = claimed165();
        if (id == ERC165_ID) return;
        for (uint256 i = 0; i < ids.length; ++i) if (id == ids[i]) return;
        assertFalse(_claims(id), vm.toString(bytes32(id)));
    }

    /// @dev Within the gas that the standard allows, without a change of state, and as a boolean in one word.
    function _claims(bytes4 id) private view returns (bool claims) {
        (bool done, bytes memory answer) = address(teller165()).staticcall{gas: MOST_GAS}(
            abi.encodeCall(IERC165.supportsInterface, (id))
        );
        assertTrue(done && answer.length == 32, "supportsInterface");
        return abi.decode(answer, (bool));
    }
}
