// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1155Receiver} from "@openzeppelin/contracts/token/ERC1155/IERC1155Receiver.sol";
import {ERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @title HostileCertificateHolder
/// @notice Owner of ERC-1155 tokens that calls the token contract back while it receives some.
contract HostileCertificateHolder is IERC1155Receiver, ERC165 {
    /// @notice How often it was called back.
    uint256 public received;
    /// @notice Whether its last call to the token contract succeeded.
    bool public succeeded;

    bytes private _reaction;

    /// @notice Sets what it calls the token contract with; empty for nothing.
    /// @param reaction Call data.
    function react(bytes calldata reaction) external {
        _reaction = reaction;
    }

    /// @inheritdoc IERC1155Receiver
    function onERC1155Received(address, address, uint256, uint256, bytes calldata) external returns (bytes4 selector) {
        _react();
        return IERC1155Receiver.onERC1155Received.selector;
    }

    /// @inheritdoc IERC1155Receiver
    function onERC1155BatchReceived(
        address,
        address,
        uint256[] calldata,
        uint256[] calldata,
        bytes calldata
    ) external returns (bytes4 selector) {
        _react();
        return IERC1155Receiver.onERC1155BatchReceived.selector;
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) public view override(ERC165, IERC165) returns (bool supported) {
        return interfaceId == type(IERC1155Receiver).interfaceId || super.supportsInterface(interfaceId);
    }

    function _react() private {
        ++received;
        if (_reaction.length == 0) return;
        // solhint-disable-next-line avoid-low-level-calls
        (succeeded, ) = msg.sender.call(_reaction);
    }
}
