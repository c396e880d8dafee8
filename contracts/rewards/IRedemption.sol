// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Signature} from "../authority/ISigned.sol";
import {IEcoToken} from "./IEcoToken.sol";

/// @notice Something that tokens buy. Merchant, price, face value and lifetime never change, so a live voucher need not keep
/// them: a new price is a new item. Two slots.
struct Item {
    /// @dev Who gives it for a voucher.
    address merchant;
    /// @dev Vouchers that can still be had.
    uint32 stock;
    /// @dev First and last second at which it can be had, Unix time.
    uint32 fromTime;
    uint32 toTime;
    /// @dev Price, millionths of the reward token.
    uint64 price;
    /// @dev What the merchant gets for a voucher before the fee, units of the settlement token.
    uint64 faceValue;
    /// @dev Seconds for which a voucher is good.
    uint32 lifetime;
    /// @dev Most that an account can have in 30 days of the city's clock; zero: no limit.
    uint16 perMonth;
    bool active;
}

/// @notice What became of a voucher.
enum VoucherStatus {
    None,
    Live,
    Used,
    /// @dev Given back after its time, or by the merchant.
    Refunded
}

/// @notice A voucher. One slot.
struct Voucher {
    address holder;
    uint32 itemId;
    uint40 expiresAt;
    VoucherStatus status;
}

/// @title IRedemption
/// @notice What reward tokens buy: a catalogue with stock, price and validity, and vouchers each of which is backed by
/// settlement money that lies here. At any time
///
///     money held = free pool + face value of live vouchers + what merchants and the city can withdraw.
///
/// @dev A voucher serves one merchant, its item's, who brings the holder's signature of the message
/// `Use(uint256 voucherId,address merchant,uint256 nonce,uint256 deadline)`. A voucher whose time is over, or that its merchant
/// gives back, becomes tokens again at the price at which it was had.
interface IRedemption {
    /// @notice An item was put into the catalogue, or changed.
    /// @param itemId Number, from 1.
    /// @param item What it is.
    event ItemSet(uint32 indexed itemId, Item item);
    /// @notice Somebody bought a voucher.
    /// @param voucherId Number, from 1.
    /// @param itemId Item.
    /// @param holder Who has it.
    /// @param price Millionths of the reward token.
    /// @param expiresAt Last second at which it can be used, Unix time.
    event Redeemed(
        uint256 indexed voucherId,
        uint32 indexed itemId,
        address indexed holder,
        uint64 price,
        uint40 expiresAt
    );
    /// @notice A voucher was used.
    /// @param voucherId Number.
    /// @param merchant Who gave the good.
    /// @param credit What the merchant can withdraw for it, units.
    /// @param fee What the city keeps, units.
    event VoucherUsed(uint256 indexed voucherId, address indexed merchant, uint256 credit, uint256 fee);
    /// @notice A voucher became tokens again.
    /// @param voucherId Number.
    /// @param holder Who got them.
    /// @param price Millionths of the reward token.
    event VoucherRefunded(uint256 indexed voucherId, address indexed holder, uint64 price);
    /// @notice Money was paid into the pool.
    /// @param from Who paid.
    /// @param amount Units.
    event PoolFunded(address indexed from, uint256 amount);
    /// @notice Money that backs nothing was paid out.
    /// @param to Who got it.
    /// @param amount Units.
    event PoolWithdrawn(address indexed to, uint256 amount);
    /// @notice A merchant took out what it has.
    /// @param merchant Merchant.
    /// @param to Who got it.
    /// @param amount Units.
    event MerchantPaid(address indexed merchant, address indexed to, uint256 amount);

    /// @notice Puts an item into the catalogue. Only REWARD_CATALOGUE.
    /// @param item What it is.
    /// @return itemId Its number, from 1.
    function addItem(Item calldata item) external returns (uint32 itemId);

    /// @notice Changes how many vouchers of an item can be had, and when. Only REWARD_CATALOGUE.
    /// @param itemId Number.
    /// @param stock Vouchers that can still be had.
    /// @param fromTime First second at which it can be had, Unix time.
    /// @param toTime Last such second.
    /// @param active Whether it can be had at all.
    function changeItem(uint32 itemId, uint32 stock, uint32 fromTime, uint32 toTime, bool active) external;

    /// @notice Buys a voucher with the caller's tokens, which end.
    /// @param itemId Item.
    /// @param maxPrice Most that the caller wants to pay, millionths of the reward token.
    /// @return voucherId Number.
    function redeem(uint32 itemId, uint64 maxPrice) external returns (uint256 voucherId);

    /// @notice Buys a voucher for somebody who signed `Redeem(uint32 itemId,uint64 maxPrice,address holder,uint256 nonce,
    /// uint256 deadline)`. Anybody may relay it.
    /// @param itemId Item.
    /// @param maxPrice Most that the holder wants to pay.
    /// @param holder Who pays and gets it.
    /// @param nonce Of the holder.
    /// @param deadline Last second at which the signature counts.
    /// @param signature The holder's.
    /// @return voucherId Number.
    function redeemBySig(
        uint32 itemId,
        uint64 maxPrice,
        address holder,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external returns (uint256 voucherId);

    /// @notice Uses a voucher. The merchant of its item, with the holder's signature.
    /// @param voucherId Number.
    /// @param nonce Of the holder.
    /// @param deadline Last second at which the signature counts.
    /// @param signature The holder's.
    function consume(uint256 voucherId, uint256 nonce, uint256 deadline, Signature calldata signature) external;

    /// @notice Turns a voucher into tokens again: anybody after its time, its merchant before.
    /// @param voucherId Number.
    function refund(uint256 voucherId) external;

    /// @notice Pays into the pool. Anybody.
    /// @param amount Units of the settlement token.
    function fundPool(uint256 amount) external;

    /// @notice Pays out what backs nothing. Only REWARD_TREASURY.
    /// @param to Who gets it.
    /// @param amount Units.
    function withdrawPool(address to, uint256 amount) external;

    /// @notice Pays the caller what it has as a merchant.
    /// @param to Who gets it.
    /// @return amount Units.
    function settle(address to) external returns (uint256 amount);

    /// @notice Stops buying. Only GUARDIAN. Use, refunds and withdrawals go on.
    function pause() external;

    /// @notice Ends a pause. Only STEWARD.
    function unpause() external;

    /// @notice An item.
    /// @param itemId Number.
    /// @return item What it is.
    function itemOf(uint32 itemId) external view returns (Item memory item);

    /// @notice A voucher.
    /// @param voucherId Number.
    /// @return voucher What is known of it.
    function voucherOf(uint256 voucherId) external view returns (Voucher memory voucher);

    /// @notice Where the money is.
    /// @return free Units that back nothing.
    /// @return reserved Face value of live vouchers, units.
    function pool() external view returns (uint256 free, uint256 reserved);

    /// @notice What a merchant, or the city for its fees, can withdraw.
    /// @param account Merchant, or the city's account for fees.
    /// @return amount Units.
    function creditOf(address account) external view returns (uint256 amount);

    /// @notice The settlement token.
    /// @return token The token.
    function settlementToken() external view returns (IERC20 token);

    /// @notice The reward token.
    /// @return token The token.
    function ecoToken() external view returns (IEcoToken token);
}
