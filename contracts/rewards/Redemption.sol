// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

import {Signature} from "../authority/ISigned.sol";
import {Signed} from "../authority/Signed.sol";
import {Payments} from "../finance/Payments.sol";
import {IEcoToken} from "./IEcoToken.sol";
import {IRedemption, Item, RedemptionSettings, Voucher, VoucherStatus} from "./IRedemption.sol";
import {ItemBody, ItemHead, ItemSlots} from "./ItemSlots.sol";
import {RedemptionMessages} from "./RedemptionMessages.sol";
import {Bought, RedemptionSlots, Till, VoucherSlot} from "./RedemptionSlots.sol";

/// @title Redemption
/// @notice Sells vouchers for reward tokens, and pays the merchants who take them. See {IRedemption}.
/// @dev Trust:
/// - REWARD_CATALOGUE is believed about what items are worth: one with a face value far above its price empties the pool
///   into its merchant's account. It cannot touch a voucher that is live.
/// - REWARD_TREASURY takes out what backs nothing, so a pool that is full today may be empty tomorrow; never what backs a
///   voucher or is a merchant's.
/// - A merchant is believed to give the good for a voucher that it uses: the holder's signature is all there is.
/// - ECO_WIRING gives this contract the rights to end and to make reward tokens. Without the second nobody gets a voucher
///   refunded until it has it again.
/// - The settlement token moves what it is told to; one that takes a fee or changes balances is refused when paid in, and
///   what is sent here without {fundPool} counts for nothing.
/// - GUARDIAN can stop buying and nothing else. Nothing can be upgraded.
///
/// Longer than 400 lines because every act stands here twice, called and signed; formats are in {RedemptionSlots},
/// {ItemSlots} and {RedemptionMessages}.
contract Redemption is IRedemption, Signed, AccessManaged, Pausable, ReentrancyGuardTransient {
    using Payments for IERC20;
    using SafeERC20 for IERC20;

    uint256 private constant BASIS_POINTS = 10_000;
    uint256 private constant MONTH_DAYS = 30;
    uint256 private constant MAX_LIFETIME = 731 days;
    uint256 private constant MAX_CLOCK_OFFSET = 14 hours;

    /// @dev Numbers of the members of {RedemptionSettings}.
    uint256 private constant FEE_BP = 0;
    uint256 private constant FEE_ACCOUNT = 1;
    uint256 private constant CLOCK_OFFSET = 2;
    /// @dev Numbers of the members of {Item}.
    uint256 private constant MERCHANT = 0;
    uint256 private constant TO_TIME = 3;
    uint256 private constant PRICE = 4;
    uint256 private constant LIFETIME = 6;

    /// @inheritdoc IRedemption
    IERC20 public immutable settlementToken;
    /// @inheritdoc IRedemption
    IEcoToken public immutable ecoToken;
    /// @inheritdoc IRedemption
    uint16 public immutable feeBp;
    /// @inheritdoc IRedemption
    address public immutable feeAccount;
    /// @inheritdoc IRedemption
    int32 public immutable clockOffset;

    Till private _till;
    mapping(uint32 itemId => ItemHead head) private _heads;
    mapping(uint32 itemId => ItemBody body) private _bodies;
    mapping(uint256 voucherId => VoucherSlot voucher) private _vouchers;
    mapping(uint32 itemId => mapping(address account => Bought bought)) private _bought;
    /// @dev Units, of merchants before the fee.
    mapping(address account => uint256 amount) private _credits;

    /// @param authority The city's AccessManager.
    /// @param settlementToken_ Money that backs vouchers.
    /// @param ecoToken_ The reward token; this contract needs its rights MINT and BURN.
    /// @param settings What is fixed for good.
    constructor(
        address authority,
        IERC20 settlementToken_,
        IEcoToken ecoToken_,
        RedemptionSettings memory settings
    ) EIP712("Civitas Redemption", "1") AccessManaged(authority) {
        if (settings.feeBp > BASIS_POINTS) revert RedemptionBadSetting(FEE_BP, settings.feeBp, BASIS_POINTS);
        if (settings.feeAccount == address(0)) revert RedemptionBadSetting(FEE_ACCOUNT, 0, 1);
        uint256 offset = SignedMath.abs(settings.clockOffset);
        if (offset > MAX_CLOCK_OFFSET) revert RedemptionBadSetting(CLOCK_OFFSET, offset, MAX_CLOCK_OFFSET);
        settlementToken = settlementToken_;
        ecoToken = ecoToken_;
        feeBp = settings.feeBp;
        feeAccount = settings.feeAccount;
        clockOffset = settings.clockOffset;
    }

    // --- catalogue

    /// @inheritdoc IRedemption
    function addItem(Item calldata item) external restricted returns (uint32 itemId) {
        address merchant = item.merchant;
        if (merchant == address(0) || merchant == feeAccount) {
            revert RedemptionBadItem(MERCHANT, uint160(merchant), uint160(feeAccount));
        }
        _checkTimes(item.fromTime, item.toTime);
        if (item.price == 0) revert RedemptionBadItem(PRICE, 0, 1);
        if (item.lifetime == 0 || item.lifetime > MAX_LIFETIME) {
            revert RedemptionBadItem(LIFETIME, item.lifetime, MAX_LIFETIME);
        }
        Till till = _till.withItem();
        _till = till;
        itemId = till.lastItem();
        _write(itemId, item);
    }

    /// @inheritdoc IRedemption
    function changeItem(uint32 itemId, uint32 stock, uint32 fromTime, uint32 toTime, bool active) external restricted {
        Item memory item = itemOf(itemId);
        if (item.merchant == address(0)) revert RedemptionUnknownItem(itemId);
        if (item.stock == stock && item.fromTime == fromTime && item.toTime == toTime && item.active == active) {
            revert RedemptionUnchanged(itemId);
        }
        _checkTimes(fromTime, toTime);
        (item.stock, item.fromTime, item.toTime, item.active) = (stock, fromTime, toTime, active);
        _write(itemId, item);
    }

    // --- buying

    /// @inheritdoc IRedemption
    function redeem(uint32 itemId, uint64 maxPrice) external whenNotPaused returns (uint256 voucherId) {
        return _redeem(itemId, maxPrice, msg.sender);
    }

    /// @inheritdoc IRedemption
    function redeemBySig(
        uint32 itemId,
        uint64 maxPrice,
        address holder,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external whenNotPaused returns (uint256 voucherId) {
        bytes32 message = RedemptionMessages.redeem(itemId, maxPrice, holder, nonce, deadline);
        _authorize(holder, message, nonce, deadline, signature);
        return _redeem(itemId, maxPrice, holder);
    }

    // --- vouchers

    /// @inheritdoc IRedemption
    function consume(uint256 voucherId, uint256 nonce, uint256 deadline, Signature calldata signature) external {
        (VoucherSlot slot, Voucher memory voucher) = _requireLive(voucherId);
        address merchant = _heads[voucher.itemId].merchant();
        if (msg.sender != merchant) revert RedemptionNotMerchant(voucherId, msg.sender, merchant);
        _authorizeUse(voucher.holder, voucherId, merchant, nonce, deadline, signature);
        _consume(voucherId, slot, voucher, merchant);
    }

    /// @inheritdoc IRedemption
    function consumeBySig(
        uint256 voucherId,
        uint256 deadline,
        uint256 nonce,
        Signature calldata signature,
        uint256 merchantNonce,
        Signature calldata merchantSignature
    ) external {
        (VoucherSlot slot, Voucher memory voucher) = _requireLive(voucherId);
        address merchant = _heads[voucher.itemId].merchant();
        _authorizeUse(voucher.holder, voucherId, merchant, nonce, deadline, signature);
        _authorizeUse(merchant, voucherId, merchant, merchantNonce, deadline, merchantSignature);
        _consume(voucherId, slot, voucher, merchant);
    }

    /// @inheritdoc IRedemption
    function refund(uint256 voucherId) external {
        (VoucherSlot slot, Voucher memory voucher) = _requireLive(voucherId);
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp <= voucher.expiresAt && msg.sender != _heads[voucher.itemId].merchant()) {
            revert RedemptionNotExpired(voucherId, voucher.expiresAt, msg.sender);
        }
        _refund(voucherId, slot, voucher);
    }

    /// @inheritdoc IRedemption
    function refundBySig(uint256 voucherId, uint256 nonce, uint256 deadline, Signature calldata signature) external {
        (VoucherSlot slot, Voucher memory voucher) = _requireLive(voucherId);
        bytes32 message = RedemptionMessages.refund(voucherId, nonce, deadline);
        _authorize(_heads[voucher.itemId].merchant(), message, nonce, deadline, signature);
        _refund(voucherId, slot, voucher);
    }

    // --- money

    /// @inheritdoc IRedemption
    function fundPool(uint256 amount) external nonReentrant {
        if (amount == 0) revert RedemptionZeroAmount();
        Till till = _till;
        uint256 limit = RedemptionSlots.MAX_POOL - till.free() - till.reserved();
        if (amount > limit) revert RedemptionTooMuch(amount, limit);
        _till = till.withFree(till.free() + amount);
        emit PoolFunded(msg.sender, amount);
        uint256 moved = settlementToken.pull(msg.sender, amount);
        if (moved != amount) revert RedemptionTokenDeltaMismatch(amount, moved);
    }

    /// @inheritdoc IRedemption
    function withdrawPool(address to, uint256 amount) external restricted nonReentrant {
        if (amount == 0) revert RedemptionZeroAmount();
        Till till = _till;
        uint256 free = till.free();
        if (amount > free) revert RedemptionExceedsFree(amount, free);
        _checkReceiver(to);
        _till = till.withFree(free - amount);
        emit PoolWithdrawn(to, amount);
        settlementToken.safeTransfer(to, amount);
    }

    /// @inheritdoc IRedemption
    function settle(address to) external nonReentrant returns (uint256 net) {
        return _settle(msg.sender, to);
    }

    /// @inheritdoc IRedemption
    function settleBySig(
        address account,
        address to,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external nonReentrant returns (uint256 net) {
        // Otherwise a relayer that comes too early would use the message up for nothing.
        if (_credits[account] == 0) return 0;
        bytes32 message = RedemptionMessages.settlement(account, to, nonce, deadline);
        _authorize(account, message, nonce, deadline, signature);
        return _settle(account, to);
    }

    // --- pause

    /// @inheritdoc IRedemption
    function pause() external restricted {
        _pause();
    }

    /// @inheritdoc IRedemption
    function unpause() external restricted {
        _unpause();
    }

    // --- views

    /// @inheritdoc IRedemption
    function voucherOf(uint256 voucherId) external view returns (Voucher memory voucher) {
        return _vouchers[voucherId].unpack();
    }

    /// @inheritdoc IRedemption
    function boughtOf(uint32 itemId, address account) external view returns (uint16 count) {
        return _bought[itemId][account].countIn(_month());
    }

    /// @inheritdoc IRedemption
    function counts() external view returns (uint32 items, uint40 vouchers) {
        return (_till.lastItem(), _till.lastVoucher());
    }

    /// @inheritdoc IRedemption
    function pool() external view returns (uint256 free, uint256 reserved) {
        return (_till.free(), _till.reserved());
    }

    /// @inheritdoc IRedemption
    function creditOf(address account) external view returns (uint256 amount) {
        return _credits[account];
    }

    /// @inheritdoc IRedemption
    function itemOf(uint32 itemId) public view returns (Item memory item) {
        return ItemSlots.unpack(_heads[itemId], _bodies[itemId]);
    }

    /// @dev Lies beside what a purchase reads anyway.
    /// @inheritdoc Pausable
    function paused() public view override returns (bool) {
        return _till.isPaused();
    }

    // --- internals that write

    function _write(uint32 itemId, Item memory item) private {
        (_heads[itemId], _bodies[itemId]) = ItemSlots.pack(item);
        emit ItemSet(itemId, item);
    }

    function _redeem(uint32 itemId, uint64 maxPrice, address holder) private returns (uint256 voucherId) {
        ItemHead head = _heads[itemId];
        ItemBody body = _bodies[itemId];
        uint64 price = body.price();
        _checkOffered(itemId, head, body);
        if (price > maxPrice) revert RedemptionPriceTooHigh(price, maxPrice);
        _countPurchase(itemId, holder, body.perMonth());
        voucherId = _reserve(body.faceValue());
        _heads[itemId] = head.withOneSold();
        // solhint-disable-next-line not-rely-on-time
        uint40 expiresAt = uint40(block.timestamp + body.lifetime()); // 40 bits of seconds last 34,000 years
        _vouchers[voucherId] = RedemptionSlots.packVoucher(holder, itemId, expiresAt);
        emit Redeemed(voucherId, itemId, holder, price, expiresAt);
        ecoToken.burnFor(holder, price);
    }

    function _countPurchase(uint32 itemId, address account, uint16 limit) private {
        if (limit == 0) return;
        uint16 month = _month();
        uint16 count = _bought[itemId][account].countIn(month);
        if (count >= limit) revert RedemptionMonthUsedUp(itemId, account, limit);
        _bought[itemId][account] = RedemptionSlots.packBought(month, count + 1);
    }

    /// @dev Backs one more voucher, and numbers it.
    function _reserve(uint64 faceValue) private returns (uint256 voucherId) {
        Till till = _till;
        uint256 free = till.free();
        if (faceValue > free) {
            uint256 reserved = till.reserved();
            revert RedemptionPoolInsufficient(reserved + faceValue, reserved + free);
        }
        till = till.withVoucher(faceValue);
        _till = till;
        return till.lastVoucher();
    }

    function _consume(uint256 voucherId, VoucherSlot slot, Voucher memory voucher, address merchant) private {
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp > voucher.expiresAt) revert RedemptionVoucherExpired(voucherId, voucher.expiresAt);
        uint64 faceValue = _bodies[voucher.itemId].faceValue();
        _vouchers[voucherId] = slot.withStatus(VoucherStatus.Used);
        _till = _till.withUsed(faceValue);
        _credits[merchant] += faceValue;
        emit VoucherUsed(voucherId, merchant, faceValue);
    }

    function _refund(uint256 voucherId, VoucherSlot slot, Voucher memory voucher) private {
        ItemBody body = _bodies[voucher.itemId];
        uint64 price = body.price();
        _vouchers[voucherId] = slot.withStatus(VoucherStatus.Refunded);
        _till = _till.withRefunded(body.faceValue());
        _heads[voucher.itemId] = _heads[voucher.itemId].withOneBack();
        emit VoucherRefunded(voucherId, voucher.holder, price);
        ecoToken.mint(voucher.holder, price);
    }

    function _settle(address account, address to) private returns (uint256 net) {
        uint256 gross = _credits[account];
        if (gross == 0) return 0;
        _checkReceiver(to);
        delete _credits[account];
        // The fees were taken off already.
        uint256 fee = account == feeAccount ? 0 : (gross * feeBp) / BASIS_POINTS;
        if (fee > 0) _credits[feeAccount] += fee;
        net = gross - fee;
        emit MerchantSettled(account, to, gross, fee, net);
        settlementToken.safeTransfer(to, net);
    }

    function _authorizeUse(
        address signer,
        uint256 voucherId,
        address merchant,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) private {
        bytes32 message = RedemptionMessages.use(voucherId, merchant, nonce, deadline);
        _authorize(signer, message, nonce, deadline, signature);
    }

    function _pause() internal override whenNotPaused {
        _till = _till.withPaused(true);
        emit Paused(msg.sender);
    }

    function _unpause() internal override whenPaused {
        _till = _till.withPaused(false);
        emit Unpaused(msg.sender);
    }

    // --- internals that read

    /// @dev The voucher may be out of date.
    function _requireLive(uint256 voucherId) private view returns (VoucherSlot slot, Voucher memory voucher) {
        slot = _vouchers[voucherId];
        voucher = slot.unpack();
        if (voucher.status == VoucherStatus.None) revert RedemptionUnknownVoucher(voucherId);
        if (voucher.status != VoucherStatus.Live) revert RedemptionVoucherClosed(voucherId, voucher.status);
    }

    function _checkOffered(uint32 itemId, ItemHead head, ItemBody body) private view {
        if (head.merchant() == address(0)) revert RedemptionUnknownItem(itemId);
        (uint32 fromTime, uint32 toTime) = (head.fromTime(), head.toTime());
        // solhint-disable-next-line not-rely-on-time
        if (!body.isActive() || block.timestamp < fromTime || block.timestamp > toTime) {
            revert RedemptionNotOffered(itemId, body.isActive(), fromTime, toTime);
        }
        if (head.stock() == 0) revert RedemptionOutOfStock(itemId);
    }

    /// @dev Number of the span of 30 days. 16 bits last past the year 7300.
    function _month() private view returns (uint16 month) {
        // solhint-disable-next-line not-rely-on-time
        uint256 local = uint256(int256(block.timestamp) + clockOffset);
        return uint16(local / 1 days / MONTH_DAYS);
    }

    function _checkReceiver(address to) private view {
        if (!Payments.canReceive(to)) revert RedemptionInvalidReceiver(to);
    }

    function _checkTimes(uint32 fromTime, uint32 toTime) private pure {
        if (toTime < fromTime) revert RedemptionBadItem(TO_TIME, toTime, fromTime);
    }
}
