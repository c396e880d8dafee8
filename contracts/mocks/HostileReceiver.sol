// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721Receiver} from "@openzeppelin/contracts/token/ERC721/IERC721Receiver.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @title HostileReceiver
/// @notice Owner of NFTs that calls the token contract back while it receives one.
contract HostileReceiver is IERC721Receiver {
    /// @notice How often it was called back.
    uint256 public received;

    bytes private _reaction;

    /// @notice Sets what it calls the token contract with; empty for nothing.
    /// @param reaction Call data.
    function react(bytes calldata reaction) external {
        _reaction = reaction;
    }

    /// @inheritdoc IERC721Receiver
    function onERC721Received(address, address, uint256, bytes calldata) external returns (bytes4 selector) {
        ++received;
        if (_reaction.length > 0) Address.functionCall(msg.sender, _reaction);
        return IERC721Receiver.onERC721Received.selector;
    }
}
