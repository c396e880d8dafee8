// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {IBatteryPack, Sale} from "../batteries/IBatteryPack.sol";
import {ILeaseBook} from "../batteries/ILeaseBook.sol";

/// @title MockLeaseBook
/// @notice A lease book without leases: it notes what the pack contract tells it, and refuses or calls back if set so.
contract MockLeaseBook is ILeaseBook {
    /// @notice What {onPackSold} was told.
    struct Notice {
        uint256 leaseId;
        address seller;
        uint40 soldAt;
        /// @dev Sale that stood in the pack contract while the book was told.
        Sale pending;
    }

    Notice[] private _notices;
    bool private _refuses;
    uint256 private _watchedPackId;
    bytes private _reaction;

    /// @notice The book is set to refuse.
    error MockLeaseBookRefused();

    /// @notice Makes the book revert when it is told of a sale.
    function refuse() external {
        _refuses = true;
    }

    /// @notice Makes the book look at a pack's pending sale when it is told of a sale, and then call the pack contract.
    /// @param packId Pack to look at.
    /// @param reaction Call data; empty for no call.
    function react(uint256 packId, bytes calldata reaction) external {
        _watchedPackId = packId;
        _reaction = reaction;
    }

    /// @inheritdoc ILeaseBook
    function onPackSold(uint256 leaseId, address seller, uint40 soldAt) external {
        if (_refuses) revert MockLeaseBookRefused();
        Sale memory pending = IBatteryPack(msg.sender).pendingSale(_watchedPackId);
        _notices.push(Notice({leaseId: leaseId, seller: seller, soldAt: soldAt, pending: pending}));
        if (_reaction.length > 0) Address.functionCall(msg.sender, _reaction);
    }

    /// @notice How often the book was told of a sale.
    /// @return count Number of notices.
    function noticeCount() external view returns (uint256 count) {
        return _notices.length;
    }

    /// @notice What the book was told.
    /// @param index Place in the order of telling, from 0.
    /// @return notice The notice.
    function noticeAt(uint256 index) external view returns (Notice memory notice) {
        return _notices[index];
    }
}
