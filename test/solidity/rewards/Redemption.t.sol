// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {ISigned, Signature} from "../../../contracts/authority/ISigned.sol";
import {EcoRights, IEcoToken} from "../../../contracts/rewards/IEcoToken.sol";
import {
    IRedemption,
    Item,
    RedemptionSettings,
    Voucher,
    VoucherStatus
} from "../../../contracts/rewards/IRedemption.sol";
import {Redemption} from "../../../contracts/rewards/Redemption.sol";
import {ContractAccount} from "../../../contracts/mocks/ContractAccount.sol";
import {RedemptionFixture} from "./RedemptionFixture.sol";

contract RedemptionTest is RedemptionFixture {
    uint256 private constant MAX_LIFETIME = 731 days;

    uint32 private itemId;

    function setUp() external {
        build();
        itemId = redemption.addItem(itemWith(10));
        eco.mint(holder, 1_000_000_000);
        fund(100_000_000);
    }

    // constructor
    // ├── fee above all of it, no account for it, clock more than 14 hours off: refused
    // └── else: fixed

    function test_RevertWhen_SettingsAreOutOfRange() external {
        RedemptionSettings memory bad = settings();
        bad.feeBp = 10_001;
        _expectBadSetting(0, 10_001, 10_000);
        new Redemption(address(manager), euro, eco, bad);
        bad = settings();
        bad.feeAccount = address(0);
        _expectBadSetting(1, 0, 1);
        new Redemption(address(manager), euro, eco, bad);
        bad = settings();
        bad.clockOffset = 14 hours + 1;
        _expectBadSetting(2, 14 hours + 1, 14 hours);
        new Redemption(address(manager), euro, eco, bad);
        bad.clockOffset = -14 hours - 1;
        _expectBadSetting(2, 14 hours + 1, 14 hours);
        new Redemption(address(manager), euro, eco, bad);
    }

    function test_SettingsAreFixed() external {
        assertEq(address(redemption.settlementToken()), address(euro), "settlement token");
        assertEq(address(redemption.ecoToken()), address(eco), "reward token");
        assertEq(redemption.feeBp(), FEE_BP, "fee");
        assertEq(redemption.feeAccount(), feeAccount, "fee account");
        assertTrue(redemption.clockOffset() == CLOCK_OFFSET, "clock");
        assertEq(redemption.authority(), address(manager), "authority");
        RedemptionSettings memory most = RedemptionSettings(10_000, feeAccount, -14 hours);
        Redemption other = new Redemption(address(manager), euro, eco, most);
        assertTrue(other.feeBp() == 10_000 && other.clockOffset() == -14 hours, "at the bounds");
        most.clockOffset = 14 hours;
        other = new Redemption(address(manager), euro, eco, most);
        assertTrue(other.clockOffset() == 14 hours, "at the other bound");
    }

    // addItem
    // ├── not REWARD_CATALOGUE: refused
    // ├── no merchant, or the city's account for fees; ends before it begins; costs nothing; lifetime zero or too long: refused
    // └── else: numbered, kept, told

    function test_RevertWhen_AStrangerKeepsTheCatalogue() external {
        vm.prank(shop);
        _expectUnauthorized(shop);
        redemption.addItem(itemWith(1));
        vm.prank(shop);
        _expectUnauthorized(shop);
        redemption.changeItem(itemId, 1, 1, 1, false);
    }

    function test_RevertWhen_AnItemIsOutOfRange() external {
        Item memory bad = itemWith(1);
        bad.merchant = address(0);
        _expectBadItem(0, 0, uint160(feeAccount));
        redemption.addItem(bad);
        bad.merchant = feeAccount;
        _expectBadItem(0, uint160(feeAccount), uint160(feeAccount));
        redemption.addItem(bad);
        bad = itemWith(1);
        bad.toTime = bad.fromTime - 1;
        _expectBadItem(3, bad.toTime, bad.fromTime);
        redemption.addItem(bad);
        bad = itemWith(1);
        bad.price = 0;
        _expectBadItem(4, 0, 1);
        redemption.addItem(bad);
        bad = itemWith(1);
        bad.lifetime = 0;
        _expectBadItem(6, 0, MAX_LIFETIME);
        redemption.addItem(bad);
        bad.lifetime = uint32(MAX_LIFETIME + 1);
        _expectBadItem(6, MAX_LIFETIME + 1, MAX_LIFETIME);
        redemption.addItem(bad);
    }

    function test_AnItemIsKept() external {
        Item memory item = itemWith(7);
        item.toTime = item.fromTime;
        item.lifetime = uint32(MAX_LIFETIME);
        item.perMonth = 3;
        vm.expectEmit(address(redemption));
        emit IRedemption.ItemSet(itemId + 1, item);
        assertEq(redemption.addItem(item), itemId + 1, "number");
        _assertItem(itemId + 1, item);
        (uint32 items, ) = redemption.counts();
        assertEq(items, itemId + 1, "count");
        assertEq(redemption.itemOf(itemId + 2).merchant, address(0), "no other");
    }

    function testFuzz_AnItemIsReadAsWritten(Item memory item) external {
        item.merchant = item.merchant == feeAccount || item.merchant == address(0) ? shop : item.merchant;
        if (item.toTime < item.fromTime) (item.fromTime, item.toTime) = (item.toTime, item.fromTime);
        item.price = uint64(bound(item.price, 1, type(uint64).max));
        item.lifetime = uint32(bound(item.lifetime, 1, MAX_LIFETIME));
        _assertItem(redemption.addItem(item), item);
    }

    // changeItem
    // ├── not REWARD_CATALOGUE, no such item, nothing changes, ends before it begins: refused
    // └── else: stock, time and activity change, nothing else

    function test_RevertWhen_AnItemCannotBeChanged() external {
        vm.expectRevert(abi.encodeWithSelector(IRedemption.RedemptionUnknownItem.selector, itemId + 1));
        redemption.changeItem(itemId + 1, 1, 1, 1, false);
        Item memory item = redemption.itemOf(itemId);
        vm.expectRevert(abi.encodeWithSelector(IRedemption.RedemptionUnchanged.selector, itemId));
        redemption.changeItem(itemId, item.stock, item.fromTime, item.toTime, item.active);
        _expectBadItem(3, 5, 6);
        redemption.changeItem(itemId, item.stock, 6, 5, item.active);
    }

    function test_StockTimeAndActivityChange() external {
        Item memory item = redemption.itemOf(itemId);
        item.stock += 1;
        _change(item);
        item.fromTime += 1;
        _change(item);
        item.toTime += 1;
        _change(item);
        item.active = false;
        _change(item);
        _assertItem(itemId, item);
    }

    // redeem
    // ├── paused, no such item: refused
    // ├── not active, too early, too late: refused; first and last second count
    // ├── no stock: refused
    // ├── dearer than wanted: refused
    // ├── with a limit
    // │   ├── used up: refused, for this account and item alone
    // │   └── the next month by the city's clock: again
    // ├── pool does not back it: refused
    // ├── too few tokens, or the contract lacks its right: refused
    // └── else: tokens end, stock falls, face value is reserved, voucher is live

    function test_AVoucherIsBought() external {
        uint40 expiresAt = uint40(block.timestamp + LIFETIME);
        uint256 supply = eco.totalSupply();
        vm.expectEmit(address(redemption));
        emit IRedemption.Redeemed(1, itemId, holder, PRICE, expiresAt);
        vm.expectEmit(address(eco));
        emit IERC20.Transfer(holder, address(0), PRICE);
        vm.prank(holder);
        assertEq(redemption.redeem(itemId, PRICE), 1, "number");
        _assertVoucher(1, holder, VoucherStatus.Live, expiresAt);
        assertEq(eco.balanceOf(holder), 1_000_000_000 - PRICE, "tokens");
        assertEq(eco.totalSupply(), supply - PRICE, "supply");
        assertEq(redemption.itemOf(itemId).stock, 9, "stock");
        _assertPool(97_000_000, FACE);
        (, uint40 vouchers) = redemption.counts();
        assertEq(vouchers, 1, "count");
        assertEq(redeemAs(holder, itemId), 2, "next number");
    }

    /// @dev Case W16, to the letter.
    function test_W16_EveryLiveVoucherIsBackedByMoney() external {
        redemption.withdrawPool(address(this), 100_000_000);
        fund(5_000_000);
        itemId = redemption.addItem(itemWith(2));
        (address buyer, ) = actor("buyer of W16");
        eco.mint(buyer, 200_000_000);
        redeemAs(buyer, itemId);
        assertEq(eco.balanceOf(buyer), 150_000_000, "burn 50");
        _assertPool(2_000_000, 3_000_000);
        assertEq(redemption.itemOf(itemId).stock, 1, "stock 1");
        vm.prank(buyer);
        vm.expectRevert(abi.encodeWithSelector(IRedemption.RedemptionPoolInsufficient.selector, 6_000_000, 5_000_000));
        redemption.redeem(itemId, PRICE);
        fund(1_000_000);
        redeemAs(buyer, itemId);
        _assertPool(0, 6_000_000);
        assertEq(redemption.itemOf(itemId).stock, 0, "stock 0");
        vm.prank(buyer);
        vm.expectRevert(abi.encodeWithSelector(IRedemption.RedemptionOutOfStock.selector, itemId));
        redemption.redeem(itemId, PRICE);
        assertEq(eco.balanceOf(buyer), 100_000_000, "burn 50 twice");
    }

    function test_RevertWhen_BuyingIsPaused() external {
        redemption.pause();
        vm.prank(holder);
        vm.expectRevert(Pausable.EnforcedPause.selector);
        redemption.redeem(itemId, PRICE);
        Signature memory signature = signRedeem(holderKey, itemId, PRICE, holder, 0, block.timestamp);
        vm.expectRevert(Pausable.EnforcedPause.selector);
        redemption.redeemBySig(itemId, PRICE, holder, 0, block.timestamp, signature);
    }

    function test_RevertWhen_ThereIsNoSuchItem() external {
        vm.expectRevert(abi.encodeWithSelector(IRedemption.RedemptionUnknownItem.selector, 0));
        redemption.redeem(0, PRICE);
        vm.expectRevert(abi.encodeWithSelector(IRedemption.RedemptionUnknownItem.selector, itemId + 1));
        redemption.redeem(itemId + 1, PRICE);
    }

    function test_RevertWhen_TheItemCannotBeHad() external {
        (uint32 fromTime, uint32 toTime) = (uint32(block.timestamp + 10), uint32(block.timestamp + 20));
        redemption.changeItem(itemId, 10, fromTime, toTime, true);
        vm.warp(fromTime - 1);
        _expectNotOffered(true, fromTime, toTime);
        vm.warp(fromTime);
        redeemAs(holder, itemId);
        vm.warp(toTime);
        redeemAs(holder, itemId);
        vm.warp(toTime + 1);
        _expectNotOffered(true, fromTime, toTime);
        redemption.changeItem(itemId, 8, fromTime, toTime + 100, false);
        _expectNotOffered(false, fromTime, toTime + 100);
    }

    function test_RevertWhen_ItIsDearerThanWanted() external {
        vm.prank(holder);
        vm.expectRevert(abi.encodeWithSelector(IRedemption.RedemptionPriceTooHigh.selector, PRICE, PRICE - 1));
        redemption.redeem(itemId, PRICE - 1);
    }

    function test_RevertWhen_TheMonthIsUsedUp() external {
        itemId = _limited(2);
        eco.mint(neighbour, PRICE);
        // The 682nd span of 30 days since 1970 ends in the city two hours before it ends in UTC.
        uint256 monthEnd = 20_460 days - 2 hours;
        vm.warp(monthEnd - 1);
        redeemAs(holder, itemId);
        assertEq(redemption.boughtOf(itemId, holder), 1, "one");
        redeemAs(holder, itemId);
        assertEq(redemption.boughtOf(itemId, holder), 2, "two");
        _expectMonthUsedUp(2);
        redeemAs(neighbour, itemId);
        uint32 other = _limited(2);
        redeemAs(holder, other);
        vm.warp(monthEnd);
        assertEq(redemption.boughtOf(itemId, holder), 0, "a new month");
        redeemAs(holder, itemId);
        redeemAs(holder, itemId);
        _expectMonthUsedUp(2);
    }

    function test_WithoutALimitNothingIsCounted() external {
        for (uint256 i = 0; i < 4; ++i) redeemAs(holder, itemId);
        assertEq(redemption.boughtOf(itemId, holder), 0, "not counted");
    }

    function test_ARefundLeavesTheMonthAsItIs() external {
        itemId = _limited(1);
        uint256 voucherId = redeemAs(holder, itemId);
        vm.prank(shop);
        redemption.refund(voucherId);
        _expectMonthUsedUp(1);
    }

    function test_RevertWhen_TokensOrRightsAreMissing() external {
        vm.prank(neighbour);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, neighbour, 0, PRICE));
        redemption.redeem(itemId, PRICE);
        eco.setRights(address(redemption), EcoRights.MINT);
        vm.prank(holder);
        vm.expectRevert(
            abi.encodeWithSelector(IEcoToken.EcoTokenMissingRight.selector, address(redemption), EcoRights.BURN)
        );
        redemption.redeem(itemId, PRICE);
    }

    function test_AnItemWithoutFaceValueNeedsNoPool() external {
        redemption.withdrawPool(address(this), 100_000_000);
        Item memory item = itemWith(1);
        item.faceValue = 0;
        uint256 voucherId = redeemAs(holder, redemption.addItem(item));
        consumeAs(shop, voucherId, 0);
        assertEq(redemption.creditOf(shop), 0, "nothing for the shop");
    }

    // redeemBySig
    // ├── not the holder's signature, late, used nonce, other item or price: refused
    // └── else: as the holder's call

    function test_AVoucherIsBoughtBySignature() external {
        uint256 deadline = block.timestamp;
        Signature memory signature = signRedeem(holderKey, itemId, PRICE, holder, 3, deadline);
        vm.expectEmit(address(redemption));
        emit IRedemption.Redeemed(1, itemId, holder, PRICE, uint40(block.timestamp + LIFETIME));
        vm.prank(relayer);
        assertEq(redemption.redeemBySig(itemId, PRICE, holder, 3, deadline, signature), 1, "number");
        _assertVoucher(1, holder, VoucherStatus.Live, uint40(block.timestamp + LIFETIME));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, holder, 3));
        redemption.redeemBySig(itemId, PRICE, holder, 3, deadline, signature);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedExpired.selector, deadline, deadline + 1));
        redemption.redeemBySig(itemId, PRICE, holder, 4, deadline, signature);
    }

    function test_RevertWhen_TheBuyerSignedSomethingElse() external {
        uint256 deadline = block.timestamp;
        Signature memory signature = signRedeem(holderKey, itemId, PRICE, holder, 3, deadline);
        bytes32 kind = keccak256("Redeem(uint32 itemId,uint64 maxPrice,address holder,uint256 nonce,uint256 deadline)");
        bytes32 digest = digestOf(keccak256(abi.encode(kind, itemId, PRICE + 1, holder, 3, deadline)));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, holder, digest));
        redemption.redeemBySig(itemId, PRICE + 1, holder, 3, deadline, signature);
        digest = digestOf(keccak256(abi.encode(kind, itemId + 1, PRICE, holder, 3, deadline)));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, holder, digest));
        redemption.redeemBySig(itemId + 1, PRICE, holder, 3, deadline, signature);
        digest = digestOf(keccak256(abi.encode(kind, itemId, PRICE, neighbour, 3, deadline)));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, neighbour, digest));
        redemption.redeemBySig(itemId, PRICE, neighbour, 3, deadline, signature);
    }

    // consume
    // ├── no such voucher, used, refunded: refused
    // ├── not the item's merchant: refused
    // ├── not signed by the holder, late, used nonce: refused
    // ├── its time is over: refused; the last second counts
    // └── else: used, the merchant has its face value
    // consumeBySig: likewise, and the merchant's signature must be there

    function test_AVoucherIsUsed() external {
        uint256 voucherId = redeemAs(holder, itemId);
        vm.warp(block.timestamp + LIFETIME);
        Signature memory signature = signUse(holderKey, voucherId, shop, 9, block.timestamp);
        vm.expectEmit(address(redemption));
        emit IRedemption.VoucherUsed(voucherId, shop, FACE);
        vm.prank(shop);
        redemption.consume(voucherId, 9, block.timestamp, signature);
        _assertVoucher(voucherId, holder, VoucherStatus.Used, uint40(block.timestamp));
        assertEq(redemption.creditOf(shop), FACE, "credit");
        _assertPool(97_000_000, 0);
        assertEq(euro.balanceOf(address(redemption)), 100_000_000, "no money moves");
        assertTrue(redemption.isNonceUsed(holder, 9), "nonce");
    }

    function test_RevertWhen_AVoucherIsUnknownOrClosed() external {
        uint256 used = redeemAs(holder, itemId);
        uint256 refunded = redeemAs(holder, itemId);
        consumeAs(shop, used, 0);
        vm.prank(shop);
        redemption.refund(refunded);
        uint256[3] memory ids = [uint256(3), used, refunded];
        for (uint256 i = 0; i < 3; ++i) {
            Signature memory signature = signUse(holderKey, ids[i], shop, 1, block.timestamp);
            for (uint256 way = 0; way < 4; ++way) {
                vm.expectRevert(
                    i == 0
                        ? abi.encodeWithSelector(IRedemption.RedemptionUnknownVoucher.selector, 3)
                        : abi.encodeWithSelector(
                            IRedemption.RedemptionVoucherClosed.selector,
                            ids[i],
                            i == 1 ? VoucherStatus.Used : VoucherStatus.Refunded
                        )
                );
                vm.prank(shop);
                if (way == 0) redemption.consume(ids[i], 1, block.timestamp, signature);
                if (way == 1) redemption.consumeBySig(ids[i], block.timestamp, 1, signature, 2, signature);
                if (way == 2) redemption.refund(ids[i]);
                if (way == 3) redemption.refundBySig(ids[i], 1, block.timestamp, signature);
            }
        }
    }

    function test_RevertWhen_TheHoldersConsentIsMissing() external {
        uint256 voucherId = redeemAs(holder, itemId);
        uint256 deadline = block.timestamp;
        Signature memory signature = signUse(neighbourKey, voucherId, shop, 1, deadline);
        bytes32 digest = digestOf(useHash(voucherId, shop, 1, deadline));
        vm.prank(shop);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, holder, digest));
        redemption.consume(voucherId, 1, deadline, signature);
        signature = signUse(holderKey, voucherId, shop, 1, deadline);
        vm.prank(holder);
        redemption.voidNonces(0, 2);
        vm.prank(shop);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, holder, 1));
        redemption.consume(voucherId, 1, deadline, signature);
        vm.warp(deadline + 1);
        vm.prank(shop);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedExpired.selector, deadline, deadline + 1));
        redemption.consume(voucherId, 1, deadline, signature);
    }

    function test_RevertWhen_TheVouchersTimeIsOver() external {
        uint256 voucherId = redeemAs(holder, itemId);
        uint40 expiresAt = uint40(block.timestamp + LIFETIME);
        vm.warp(expiresAt + 1);
        Signature memory signature = signUse(holderKey, voucherId, shop, 1, block.timestamp);
        vm.prank(shop);
        vm.expectRevert(abi.encodeWithSelector(IRedemption.RedemptionVoucherExpired.selector, voucherId, expiresAt));
        redemption.consume(voucherId, 1, block.timestamp, signature);
        Signature memory second = signUse(shopKey, voucherId, shop, 1, block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IRedemption.RedemptionVoucherExpired.selector, voucherId, expiresAt));
        redemption.consumeBySig(voucherId, block.timestamp, 1, signature, 1, second);
    }

    function test_AVoucherIsUsedByTwoSignatures() external {
        uint256 voucherId = redeemAs(holder, itemId);
        uint256 deadline = block.timestamp;
        Signature memory first = signUse(holderKey, voucherId, shop, 1, deadline);
        Signature memory second = signUse(shopKey, voucherId, shop, 2, deadline);
        vm.expectEmit(address(redemption));
        emit IRedemption.VoucherUsed(voucherId, shop, FACE);
        vm.prank(relayer);
        redemption.consumeBySig(voucherId, deadline, 1, first, 2, second);
        assertEq(redemption.creditOf(shop), FACE, "credit");
        assertTrue(redemption.isNonceUsed(holder, 1) && redemption.isNonceUsed(shop, 2), "both nonces");
        assertFalse(redemption.isNonceUsed(holder, 2) || redemption.isNonceUsed(shop, 1), "each its own");
    }

    function test_RevertWhen_OneOfTwoSignaturesIsMissing() external {
        uint256 voucherId = redeemAs(holder, itemId);
        uint256 deadline = block.timestamp;
        Signature memory first = signUse(holderKey, voucherId, shop, 1, deadline);
        Signature memory second = signUse(shopKey, voucherId, shop, 2, deadline);
        bytes32 digest = digestOf(useHash(voucherId, shop, 2, deadline));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, shop, digest));
        redemption.consumeBySig(voucherId, deadline, 1, first, 2, first);
        digest = digestOf(useHash(voucherId, shop, 1, deadline));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, holder, digest));
        redemption.consumeBySig(voucherId, deadline, 1, second, 2, second);
    }

    function test_AContractAccountHoldsAVoucher() external {
        ContractAccount account = new ContractAccount(neighbour);
        eco.mint(address(account), PRICE);
        uint256 voucherId = redeemAs(address(account), itemId);
        Signature memory signature = signUse(neighbourKey, voucherId, shop, 0, block.timestamp);
        vm.prank(shop);
        redemption.consume(voucherId, 0, block.timestamp, signature);
        assertTrue(redemption.voucherOf(voucherId).status == VoucherStatus.Used, "used");
    }

    // refund
    // ├── no such voucher, used, refunded: refused
    // ├── its time is not over: refused, but to its merchant
    // ├── the contract lacks its right: refused
    // └── else: tokens, stock and pool are as before
    // refundBySig
    // ├── not its merchant's signature: refused
    // └── else: at any time

    function test_AVoucherWhoseTimeIsOverIsRefunded() external {
        uint256 voucherId = redeemAs(holder, itemId);
        uint40 expiresAt = uint40(block.timestamp + LIFETIME);
        vm.warp(expiresAt);
        vm.prank(holder);
        vm.expectRevert(
            abi.encodeWithSelector(IRedemption.RedemptionNotExpired.selector, voucherId, expiresAt, holder)
        );
        redemption.refund(voucherId);
        vm.warp(expiresAt + 1);
        vm.expectEmit(address(redemption));
        emit IRedemption.VoucherRefunded(voucherId, holder, PRICE);
        vm.expectEmit(address(eco));
        emit IERC20.Transfer(address(0), holder, PRICE);
        vm.prank(relayer);
        redemption.refund(voucherId);
        _assertRefunded(voucherId, expiresAt);
    }

    function test_AMerchantGivesAVoucherBack() external {
        uint256 voucherId = redeemAs(holder, itemId);
        vm.prank(shop);
        redemption.refund(voucherId);
        _assertRefunded(voucherId, uint40(block.timestamp + LIFETIME));
    }

    function test_AMerchantGivesAVoucherBackBySignature() external {
        uint256 voucherId = redeemAs(holder, itemId);
        Signature memory signature = signRefund(shopKey, voucherId, 5, block.timestamp);
        vm.expectEmit(address(redemption));
        emit IRedemption.VoucherRefunded(voucherId, holder, PRICE);
        vm.prank(relayer);
        redemption.refundBySig(voucherId, 5, block.timestamp, signature);
        _assertRefunded(voucherId, uint40(block.timestamp + LIFETIME));
        assertTrue(redemption.isNonceUsed(shop, 5), "nonce");
    }

    function test_RevertWhen_SomebodyElseSignsTheRefund() external {
        uint256 voucherId = redeemAs(holder, itemId);
        Signature memory signature = signRefund(holderKey, voucherId, 5, block.timestamp);
        bytes32 kind = keccak256("VoucherRefund(uint256 voucherId,uint256 nonce,uint256 deadline)");
        bytes32 digest = digestOf(keccak256(abi.encode(kind, voucherId, 5, block.timestamp)));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, shop, digest));
        redemption.refundBySig(voucherId, 5, block.timestamp, signature);
    }

    function test_RevertWhen_ARefundLacksTheRight() external {
        uint256 voucherId = redeemAs(holder, itemId);
        eco.setRights(address(redemption), EcoRights.BURN);
        vm.prank(shop);
        vm.expectRevert(
            abi.encodeWithSelector(IEcoToken.EcoTokenMissingRight.selector, address(redemption), EcoRights.MINT)
        );
        redemption.refund(voucherId);
    }

    function test_AFullStockDoesNotStopARefund() external {
        uint256 voucherId = redeemAs(holder, itemId);
        Item memory item = redemption.itemOf(itemId);
        redemption.changeItem(itemId, type(uint32).max, item.fromTime, item.toTime, true);
        vm.prank(shop);
        redemption.refund(voucherId);
        assertEq(redemption.itemOf(itemId).stock, type(uint32).max, "as great as can be");
        assertEq(redemption.itemOf(itemId).fromTime, item.fromTime, "nothing spills");
        assertEq(eco.balanceOf(holder), 1_000_000_000, "tokens");
    }

    // fundPool
    // ├── nothing, or more than can be counted: refused
    // └── else: free
    // withdrawPool
    // ├── not REWARD_TREASURY, nothing, more than is free: refused
    // └── else: paid

    function test_ThePoolIsFunded() external {
        euro.mint(relayer, 7);
        vm.startPrank(relayer);
        euro.approve(address(redemption), 7);
        vm.expectEmit(address(redemption));
        emit IRedemption.PoolFunded(relayer, 7);
        redemption.fundPool(7);
        vm.stopPrank();
        assertEq(euro.balanceOf(relayer), 0, "payer");
        assertEq(euro.balanceOf(address(redemption)), 100_000_007, "held");
        _assertPool(100_000_007, 0);
    }

    function test_RevertWhen_TheAmountIsZero() external {
        vm.expectRevert(IRedemption.RedemptionZeroAmount.selector);
        redemption.fundPool(0);
        vm.expectRevert(IRedemption.RedemptionZeroAmount.selector);
        redemption.withdrawPool(address(this), 0);
    }

    function test_RevertWhen_ThePoolWouldOverflow() external {
        redeemAs(holder, itemId);
        uint256 limit = type(uint88).max - 100_000_000;
        vm.expectRevert(abi.encodeWithSelector(IRedemption.RedemptionTooMuch.selector, limit + 1, limit));
        redemption.fundPool(limit + 1);
        fund(limit);
        _assertPool(type(uint88).max - FACE, FACE);
        redemption.withdrawPool(address(this), type(uint88).max - FACE);
        _assertPool(0, FACE);
        (uint32 items, uint40 vouchers) = redemption.counts();
        assertTrue(items == itemId && vouchers == 1, "nothing spills");
    }

    function test_WhatBacksNothingIsPaidOut() external {
        redeemAs(holder, itemId);
        vm.expectRevert(abi.encodeWithSelector(IRedemption.RedemptionExceedsFree.selector, 97_000_001, 97_000_000));
        redemption.withdrawPool(relayer, 97_000_001);
        vm.expectEmit(address(redemption));
        emit IRedemption.PoolWithdrawn(relayer, 97_000_000);
        redemption.withdrawPool(relayer, 97_000_000);
        assertEq(euro.balanceOf(relayer), 97_000_000, "receiver");
        assertEq(euro.balanceOf(address(redemption)), FACE, "held");
        _assertPool(0, FACE);
    }

    function test_RevertWhen_AStrangerEmptiesThePool() external {
        vm.prank(relayer);
        _expectUnauthorized(relayer);
        redemption.withdrawPool(relayer, 1);
    }

    // settle
    // ├── nothing there: nothing happens
    // ├── a merchant: all of it less one fee, rounded down, which the city has
    // └── the city's account: its fees whole
    // settleBySig: likewise, for who signed where it goes

    /// @dev Case W18, to the letter.
    function test_W18_AMerchantIsSettled() external {
        for (uint256 i = 0; i < 10; ++i) consumeAs(shop, redeemAs(holder, itemId), i);
        assertEq(redemption.creditOf(shop), 30_000_000, "gross");
        vm.expectEmit(address(redemption));
        emit IRedemption.MerchantSettled(shop, shop, 30_000_000, 450_000, 29_550_000);
        vm.prank(shop);
        assertEq(redemption.settle(shop), 29_550_000, "net");
        assertEq(euro.balanceOf(shop), 29_550_000, "merchant receives");
        assertEq(redemption.creditOf(feeAccount), 450_000, "fee");
        vm.recordLogs();
        vm.prank(shop);
        assertEq(redemption.settle(shop), 0, "second");
        assertEq(vm.getRecordedLogs().length, 0, "second: nothing happens");
        assertEq(euro.balanceOf(shop), 29_550_000, "second: pays nothing");
    }

    function test_TheCityTakesItsFeesOutWhole() external {
        consumeAs(shop, redeemAs(holder, itemId), 0);
        vm.prank(shop);
        redemption.settle(rival);
        assertEq(euro.balanceOf(rival), 2_955_000, "wherever the merchant says");
        vm.expectEmit(address(redemption));
        emit IRedemption.MerchantSettled(feeAccount, relayer, 45_000, 0, 45_000);
        vm.prank(feeAccount);
        assertEq(redemption.settle(relayer), 45_000, "fees");
        assertEq(euro.balanceOf(relayer), 45_000, "receiver");
        assertEq(redemption.creditOf(feeAccount), 0, "nothing left");
        assertEq(euro.balanceOf(address(redemption)), 97_000_000, "held");
    }

    function testFuzz_TheFeeIsRoundedDownOnce(uint64 faceValue, uint16 feeBp, uint256 count) external {
        count = bound(count, 1, 5);
        RedemptionSettings memory terms = settings();
        terms.feeBp = uint16(bound(feeBp, 0, 10_000));
        redemption = new Redemption(address(manager), euro, eco, terms);
        eco.setRights(address(redemption), EcoRights.BURN);
        Item memory item = itemWith(5);
        item.faceValue = faceValue;
        itemId = redemption.addItem(item);
        uint256 gross = uint256(faceValue) * count;
        if (gross > 0) fund(gross);
        for (uint256 i = 0; i < count; ++i) consumeAs(shop, redeemAs(holder, itemId), i);
        uint256 fee = (gross * terms.feeBp) / 10_000;
        vm.prank(shop);
        assertEq(redemption.settle(shop), gross - fee, "net");
        assertEq(redemption.creditOf(feeAccount), fee, "fee");
        assertEq(euro.balanceOf(address(redemption)), fee, "held");
    }

    function test_AMerchantIsSettledBySignature() external {
        consumeAs(shop, redeemAs(holder, itemId), 0);
        uint256 deadline = block.timestamp;
        Signature memory signature = signSettlement(shopKey, shop, rival, 4, deadline);
        bytes32 kind = keccak256("MerchantSettlement(address account,address to,uint256 nonce,uint256 deadline)");
        bytes32 digest = digestOf(keccak256(abi.encode(kind, shop, relayer, 4, deadline)));
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, shop, digest));
        redemption.settleBySig(shop, relayer, 4, deadline, signature);
        vm.expectEmit(address(redemption));
        emit IRedemption.MerchantSettled(shop, rival, FACE, 45_000, 2_955_000);
        vm.prank(relayer);
        assertEq(redemption.settleBySig(shop, rival, 4, deadline, signature), 2_955_000, "net");
        assertEq(euro.balanceOf(rival), 2_955_000, "receiver");
        assertTrue(redemption.isNonceUsed(shop, 4), "nonce");
    }

    // pause
    // ├── not GUARDIAN, or paused: refused
    // └── else: no buying, everything else goes on
    // unpause
    // ├── not STEWARD, or not paused: refused
    // └── else: buying again

    function test_RevertWhen_AStrangerPauses() external {
        vm.prank(shop);
        _expectUnauthorized(shop);
        redemption.pause();
        vm.prank(shop);
        _expectUnauthorized(shop);
        redemption.unpause();
    }

    function test_APauseStopsNoExit() external {
        uint256 used = redeemAs(holder, itemId);
        uint256 refunded = redeemAs(holder, itemId);
        vm.expectEmit(address(redemption));
        emit Pausable.Paused(address(this));
        redemption.pause();
        assertTrue(redemption.paused(), "paused");
        _assertPool(94_000_000, 2 * FACE);
        vm.expectRevert(Pausable.EnforcedPause.selector);
        redemption.pause();
        consumeAs(shop, used, 0);
        vm.prank(shop);
        redemption.refund(refunded);
        vm.prank(shop);
        redemption.settle(shop);
        redemption.withdrawPool(address(this), 1);
        vm.expectEmit(address(redemption));
        emit Pausable.Unpaused(address(this));
        redemption.unpause();
        assertFalse(redemption.paused(), "on");
        vm.expectRevert(Pausable.ExpectedPause.selector);
        redemption.unpause();
        redeemAs(holder, itemId);
    }

    // --- helpers

    function _limited(uint16 perMonth) private returns (uint32 id) {
        Item memory item = itemWith(10);
        item.perMonth = perMonth;
        return redemption.addItem(item);
    }

    function _change(Item memory item) private {
        vm.expectEmit(address(redemption));
        emit IRedemption.ItemSet(itemId, item);
        redemption.changeItem(itemId, item.stock, item.fromTime, item.toTime, item.active);
    }

    function _expectBadSetting(uint256 field, uint256 value, uint256 limit) private {
        vm.expectRevert(abi.encodeWithSelector(IRedemption.RedemptionBadSetting.selector, field, value, limit));
    }

    function _expectBadItem(uint256 field, uint256 value, uint256 limit) private {
        vm.expectRevert(abi.encodeWithSelector(IRedemption.RedemptionBadItem.selector, field, value, limit));
    }

    function _expectUnauthorized(address caller) private {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller));
    }

    function _expectNotOffered(bool active, uint32 fromTime, uint32 toTime) private {
        vm.prank(holder);
        vm.expectRevert(
            abi.encodeWithSelector(IRedemption.RedemptionNotOffered.selector, itemId, active, fromTime, toTime)
        );
        redemption.redeem(itemId, PRICE);
    }

    function _expectMonthUsedUp(uint16 limit) private {
        vm.prank(holder);
        vm.expectRevert(abi.encodeWithSelector(IRedemption.RedemptionMonthUsedUp.selector, itemId, holder, limit));
        redemption.redeem(itemId, PRICE);
    }

    function _assertItem(uint32 id, Item memory expected) private view {
        assertEq(keccak256(abi.encode(redemption.itemOf(id))), keccak256(abi.encode(expected)), "item");
    }

    function _assertVoucher(uint256 id, address who, VoucherStatus status, uint40 expiresAt) private view {
        Voucher memory expected = Voucher(who, itemId, expiresAt, status);
        assertEq(keccak256(abi.encode(redemption.voucherOf(id))), keccak256(abi.encode(expected)), "voucher");
    }

    function _assertPool(uint256 free, uint256 reserved) private view {
        (uint256 foundFree, uint256 foundReserved) = redemption.pool();
        assertEq(foundFree, free, "free");
        assertEq(foundReserved, reserved, "reserved");
    }

    /// @dev Everything is as before the purchase, but for the voucher.
    function _assertRefunded(uint256 voucherId, uint40 expiresAt) private view {
        _assertVoucher(voucherId, holder, VoucherStatus.Refunded, expiresAt);
        assertEq(eco.balanceOf(holder), 1_000_000_000, "tokens");
        assertEq(eco.totalSupply(), 1_000_000_000, "supply");
        assertEq(redemption.itemOf(itemId).stock, 10, "stock");
        _assertPool(100_000_000, 0);
        assertEq(redemption.creditOf(shop), 0, "no credit");
    }
}
