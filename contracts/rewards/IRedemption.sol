// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Signature} from "../authority/ISigned.sol";
import {IEcoToken} from "./IEcoToken.sol";

/// @notice What is fixed when the contract is deployed.
struct RedemptionSettings {
    /// @dev What the city keeps of what a merchant takes out, basis points, at most 10,000.
    uint16 feeBp;
    /// @dev Who takes the fees out; no item's merchant.
    address feeAccount;
    /// @dev What the city's clock is ahead of UTC, seconds, at most 14 hours either way.
    int32 clockOffset;
}

/// @notice Something that tokens buy. Merchant, price, face value and lifetime never change, so a live voucher need not keep
/// them: a new price is a new item. Two slots.
struct Item {
    /// @dev Who gives it for a voucher; never zero.
    address merchant;
    /// @dev Vouchers that can still be had.
    uint32 stock;
    /// @dev First and last second at which it can be had, Unix time.
    uint32 fromTime;
    uint32 toTime;
    /// @dev Price, millionths of the reward token, above zero.
    uint64 price;
    /// @dev What the merchant gets for a voucher before the fee, units of the settlement token; zero: nothing.
    uint64 faceValue;
    /// @dev Seconds for which a voucher is good, 1 to 731 days' worth.
    uint32 lifetime;
    /// @dev Most that an account can buy in 30 days of the city's clock, whatever becomes of the vouchers; zero: no limit.
    uint16 perMonth;
    /// @dev Whether it can be had at all.
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
///     money held = free pool + face value of live vouchers + what merchants and the city can take out.
///
/// @dev A voucher serves one merchant, its item's, who brings the holder's signature of the message
/// `Use(uint256 voucherId,address merchant,uint256 nonce,uint256 deadline)`. A voucher whose time is over, or that its merchant
/// gives back, becomes tokens again at the price at which it was had. Whatever an account does by calling it can also do by
/// signature, so that neither people nor shops need the chain's own coin; the errors of {ISigned} then apply. Messages are in
/// {RedemptionMessages}.
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
    /// @param faceValue What the merchant has for it before the fee, units.
    event VoucherUsed(uint256 indexed voucherId, address indexed merchant, uint64 faceValue);
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
    /// @notice A merchant took out what it has, or the city its fees.
    /// @param account Merchant, or the city's account for fees.
    /// @param to Who got the money.
    /// @param gross What it had, units.
    /// @param fee What the city keeps of it, units, rounded down.
    /// @param net What was paid, units.
    event MerchantSettled(address indexed account, address indexed to, uint256 gross, uint256 fee, uint256 net);

    /// @notice A setting is out of range.
    /// @param field Number of the member of {RedemptionSettings}, from 0.
    /// @param value Its value.
    /// @param limit Greatest that may be, or the least where zero is given.
    error RedemptionBadSetting(uint256 field, uint256 value, uint256 limit);
    /// @notice A member of an item is out of range.
    /// @param field Number of the member of {Item}, from 0.
    /// @param value Its value.
    /// @param limit Greatest or least that may be; of the merchant the account that it may not be.
    error RedemptionBadItem(uint256 field, uint256 value, uint256 limit);
    /// @notice There is no such item.
    /// @param itemId Number given.
    error RedemptionUnknownItem(uint32 itemId);
    /// @notice Nothing would change.
    /// @param itemId Number.
    error RedemptionUnchanged(uint32 itemId);
    /// @notice The item cannot be had: it is not active, or it is not its time.
    /// @param itemId Number.
    /// @param active Whether it can be had at all.
    /// @param fromTime First second at which it can be had, Unix time.
    /// @param toTime Last such second.
    error RedemptionNotOffered(uint32 itemId, bool active, uint32 fromTime, uint32 toTime);
    /// @notice No voucher of the item is left.
    /// @param itemId Number.
    error RedemptionOutOfStock(uint32 itemId);
    /// @notice The item costs more than the buyer wants to pay.
    /// @param price Millionths of the reward token.
    /// @param maxPrice Most that the buyer wants to pay.
    error RedemptionPriceTooHigh(uint64 price, uint64 maxPrice);
    /// @notice The account bought all that it may in these 30 days.
    /// @param itemId Item.
    /// @param account Who wants it.
    /// @param limit Most that an account can buy.
    error RedemptionMonthUsedUp(uint32 itemId, address account, uint16 limit);
    /// @notice The pool does not back one more voucher.
    /// @param needed What all live vouchers and this one are worth, units.
    /// @param held What live vouchers are backed with, and what backs nothing, units.
    error RedemptionPoolInsufficient(uint256 needed, uint256 held);
    /// @notice There is no such voucher.
    /// @param voucherId Number given.
    error RedemptionUnknownVoucher(uint256 voucherId);
    /// @notice The voucher is used or refunded.
    /// @param voucherId Number.
    /// @param status What became of it.
    error RedemptionVoucherClosed(uint256 voucherId, VoucherStatus status);
    /// @notice The voucher's time is over.
    /// @param voucherId Number.
    /// @param expiresAt Last second at which it could be used, Unix time.
    error RedemptionVoucherExpired(uint256 voucherId, uint40 expiresAt);
    /// @notice The voucher can be used until its time is over, and only its merchant gives it back before.
    /// @param voucherId Number.
    /// @param expiresAt Last second at which it can be used, Unix time.
    /// @param caller Who asked.
    error RedemptionNotExpired(uint256 voucherId, uint40 expiresAt, address caller);
    /// @notice The voucher is another merchant's.
    /// @param voucherId Number.
    /// @param caller Who wants it.
    /// @param merchant Whose it is.
    error RedemptionNotMerchant(uint256 voucherId, address caller, address merchant);
    /// @notice An amount of zero.
    error RedemptionZeroAmount();
    /// @notice More is paid in than can be counted.
    /// @param amount Units.
    /// @param limit Most that can still be paid in, units.
    error RedemptionTooMuch(uint256 amount, uint256 limit);
    /// @notice More is to be taken out of the pool than backs nothing.
    /// @param amount Units asked for.
    /// @param free Units that back nothing.
    error RedemptionExceedsFree(uint256 amount, uint256 free);
    /// @notice What is paid there would be lost.
    /// @param to Receiver named: nobody, or this contract.
    error RedemptionInvalidReceiver(address to);
    /// @notice The token moved another amount than asked: fee-on-transfer and rebasing tokens are not supported.
    /// @param expected Amount asked for.
    /// @param got Amount that arrived.
    error RedemptionTokenDeltaMismatch(uint256 expected, uint256 got);

    // --- catalogue

    /// @notice Puts an item into the catalogue. Only REWARD_CATALOGUE.
    /// @dev Emits {ItemSet}. Reverts with {RedemptionBadItem}.
    /// @param item What it is.
    /// @return itemId Its number, from 1.
    function addItem(Item calldata item) external returns (uint32 itemId);

    /// @notice Changes how many vouchers of an item can be had, and when. Only REWARD_CATALOGUE. Vouchers that are live stay
    /// as they are.
    /// @dev Emits {ItemSet}. Reverts with {RedemptionUnknownItem}, {RedemptionUnchanged} and {RedemptionBadItem}.
    /// @param itemId Number.
    /// @param stock Vouchers that can still be had, whatever was bought before the call.
    /// @param fromTime First second at which it can be had, Unix time.
    /// @param toTime Last such second.
    /// @param active Whether it can be had at all.
    function changeItem(uint32 itemId, uint32 stock, uint32 fromTime, uint32 toTime, bool active) external;

    // --- buying

    /// @notice Buys a voucher with the caller's tokens, which end.
    /// @dev Emits {Redeemed}. Reverts with {RedemptionUnknownItem}, {RedemptionNotOffered}, {RedemptionOutOfStock},
    /// {RedemptionPriceTooHigh}, {RedemptionMonthUsedUp}, {RedemptionPoolInsufficient}, OpenZeppelin's EnforcedPause, and
    /// ERC-6093's ERC20InsufficientBalance.
    /// @param itemId Item.
    /// @param maxPrice Most that the caller wants to pay, millionths of the reward token.
    /// @return voucherId Number.
    function redeem(uint32 itemId, uint64 maxPrice) external returns (uint256 voucherId);

    /// @notice Buys a voucher for somebody who signed `Redeem(uint32 itemId,uint64 maxPrice,address holder,uint256 nonce,
    /// uint256 deadline)`. Anybody may relay it.
    /// @dev As {redeem}.
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

    // --- vouchers

    /// @notice Uses a voucher. Only the merchant of its item, with the holder's signature.
    /// @dev Irreversible. A merchant gives the good after this and not before: up to here the holder can take the signature back
    /// by {ISigned-voidNonces}, and gets the tokens again in the end. Emits {VoucherUsed}. Reverts with {RedemptionUnknownVoucher}, {RedemptionVoucherClosed},
    /// {RedemptionNotMerchant} and {RedemptionVoucherExpired}.
    /// @param voucherId Number.
    /// @param nonce Of the holder.
    /// @param deadline Last second at which the signature counts.
    /// @param signature The holder's.
    function consume(uint256 voucherId, uint256 nonce, uint256 deadline, Signature calldata signature) external;

    /// @notice Uses a voucher whose holder and merchant both signed the same `Use`, each with a nonce of its own. Anybody may
    /// relay it.
    /// @dev As {consume}.
    /// @param voucherId Number.
    /// @param deadline Last second at which the signatures count.
    /// @param nonce Of the holder.
    /// @param signature The holder's.
    /// @param merchantNonce Of the merchant.
    /// @param merchantSignature The merchant's.
    function consumeBySig(
        uint256 voucherId,
        uint256 deadline,
        uint256 nonce,
        Signature calldata signature,
        uint256 merchantNonce,
        Signature calldata merchantSignature
    ) external;

    /// @notice Turns a voucher into tokens again: anybody after its time, its merchant before.
    /// @dev The voucher goes back into stock, unless that is as great as can be. Emits {VoucherRefunded}. Reverts with
    /// {RedemptionUnknownVoucher}, {RedemptionVoucherClosed} and {RedemptionNotExpired}.
    /// @param voucherId Number.
    function refund(uint256 voucherId) external;

    /// @notice Turns a voucher into tokens again whose merchant signed `VoucherRefund(uint256 voucherId,uint256 nonce,
    /// uint256 deadline)`. Anybody may relay it.
    /// @dev As {refund}; {RedemptionNotExpired} does not apply.
    /// @param voucherId Number.
    /// @param nonce Of the merchant.
    /// @param deadline Last second at which the signature counts.
    /// @param signature The merchant's.
    function refundBySig(uint256 voucherId, uint256 nonce, uint256 deadline, Signature calldata signature) external;

    // --- money

    /// @notice Pays into the pool. Anybody, who must have approved this contract. Only REWARD_TREASURY gets it out again.
    /// @dev Emits {PoolFunded}. Reverts with {RedemptionZeroAmount}, {RedemptionTooMuch}, {RedemptionTokenDeltaMismatch} and
    /// as the token does.
    /// @param amount Units of the settlement token.
    function fundPool(uint256 amount) external;

    /// @notice Pays out what backs nothing. Only REWARD_TREASURY.
    /// @dev Emits {PoolWithdrawn}. Reverts with {RedemptionZeroAmount}, {RedemptionExceedsFree} and {RedemptionInvalidReceiver}.
    /// @param to Who gets it.
    /// @param amount Units.
    function withdrawPool(address to, uint256 amount) external;

    /// @notice Pays the caller what it has as a merchant, less the city's fee; the city's account its fees.
    /// @dev The fee is rounded down once for all that is taken out. Emits {MerchantSettled}. Where there is nothing, nothing
    /// happens. Reverts with {RedemptionInvalidReceiver}.
    /// @param to Who gets it.
    /// @return net Units paid.
    function settle(address to) external returns (uint256 net);

    /// @notice Pays out for an account that signed `MerchantSettlement(address account,address to,uint256 nonce,
    /// uint256 deadline)`. Anybody may relay it.
    /// @dev As {settle}. Where there is nothing, the message is not looked at and can still be used.
    /// @param account Merchant, or the city's account for fees.
    /// @param to Who gets it.
    /// @param nonce Of the account.
    /// @param deadline Last second at which the signature counts.
    /// @param signature The account's.
    /// @return net Units paid.
    function settleBySig(
        address account,
        address to,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external returns (uint256 net);

    // --- pause

    /// @notice Stops buying. Only GUARDIAN. Use, refunds and withdrawals go on.
    function pause() external;

    /// @notice Ends a pause. Only STEWARD.
    function unpause() external;

    // --- views

    /// @notice An item.
    /// @param itemId Number.
    /// @return item What it is; all zero if there is none.
    function itemOf(uint32 itemId) external view returns (Item memory item);

    /// @notice A voucher.
    /// @param voucherId Number.
    /// @return voucher What is known of it; all zero if there is none. One whose time is over is Live until it is refunded.
    function voucherOf(uint256 voucherId) external view returns (Voucher memory voucher);

    /// @notice What an account bought of an item in the 30 days of now.
    /// @param itemId Number of the item.
    /// @param account Account.
    /// @return count Vouchers; zero also for an item without a limit, of which none are counted.
    function boughtOf(uint32 itemId, address account) external view returns (uint16 count);

    /// @notice Items and vouchers that there ever were; numbers are from 1.
    /// @return items Number of the latest item.
    /// @return vouchers Number of the latest voucher.
    function counts() external view returns (uint32 items, uint40 vouchers);

    /// @notice Where the money is.
    /// @return free Units that back nothing.
    /// @return reserved Face value of live vouchers, units.
    function pool() external view returns (uint256 free, uint256 reserved);

    /// @notice What a merchant has before the fee, or the city of fees.
    /// @param account Merchant, or the city's account for fees.
    /// @return amount Units.
    function creditOf(address account) external view returns (uint256 amount);

    /// @notice The settlement token.
    /// @return token The token.
    function settlementToken() external view returns (IERC20 token);

    /// @notice The reward token.
    /// @return token The token.
    function ecoToken() external view returns (IEcoToken token);

    /// @notice What the city keeps of what a merchant takes out.
    /// @return bp Basis points.
    function feeBp() external view returns (uint16 bp);

    /// @notice Who takes the fees out.
    /// @return account The account.
    function feeAccount() external view returns (address account);

    /// @notice What the city's clock is ahead of UTC.
    /// @return offset Seconds.
    function clockOffset() external view returns (int32 offset);
}
