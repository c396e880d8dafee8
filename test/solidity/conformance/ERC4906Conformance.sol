// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Token721} from "./Tokens.sol";

/// @notice What ERC-4906 says of metadata that changes.
abstract contract ERC4906Conformance is Token721 {
    /// @dev A number of the standard's own: its events make none.
    bytes4 internal constant ERC4906_ID = 0x49064906;
    bytes32 private constant METADATA_UPDATE = keccak256("MetadataUpdate(uint256)");

    /// @dev Changes what a token of the holder says of itself.
    function change4906(uint256 id) internal virtual;

    // MetadataUpdate must be told when the metadata of one token changes

    function test_ChangeIsTold() external {
        uint256 id = mint721(HOLDER);
        vm.recordLogs();
        change4906(id);
        bytes32[] memory topics = new bytes32[](1);
        topics[0] = METADATA_UPDATE;
        assertTold(address(token721()), topics, abi.encode(id), "MetadataUpdate");
    }
}
