// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ISigned, Signature} from "../../../contracts/authority/ISigned.sol";
import {
    AwkwardToken,
    BlockingToken,
    FeeToken,
    HookToken,
    IMoveHook,
    RebasingToken
} from "../../../contracts/mocks/AwkwardTokens.sol";
import {EcoRights} from "../../../contracts/rewards/IEcoToken.sol";
import {IRedemption, Item, VoucherStatus} from "../../../contracts/rewards/IRedemption.sol";
import {Redemption} from "../../../contracts/rewards/Redemption.sol";
import {RedemptionFixture} from "./RedemptionFixture.sol";

contract RedemptionAttacksTest is RedemptionFixture, IMoveHook {
    uint32 private itemId;
    uint32 private rivalsItem;
    /// @dev What {onMove} does, once.
    bytes private reaction;
    bytes private answer;

    function setUp() external {
        build();
        itemId = redemption.addItem(itemWith(10));
        Item memory item = itemWith(10);
        item.merchant = rival;
        rivalsItem = redemption.addItem(item);
        eco.mint(holder, 1_000_000_000);
        fund(100_000_000);
    }

    // A voucher at another shop
    // ├── with what the holder signed for the right one
    // └── with what the holder was made to sign for the wrong one

    function test_Attack_AVoucherServesNoOtherShop() external {
        uint256 voucherId = redeemAs(holder, itemId);
        Signature memory meant = signUse(holderKey, voucherId, shop, 1, block.timestamp);
        Signature memory lured = signUse(holderKey, voucherId, rival, 2, block.timestamp);
        _expectNotMerchant(voucherId, rival);
        redemption.consume(voucherId, 1, block.timestamp, meant);
        _expectNotMerchant(voucherId, rival);
        redemption.consume(voucherId, 2, block.timestamp, lured);
        Signature memory own = signUse(rivalKey, voucherId, rival, 3, block.timestamp);
        _expectBadUse(holder, voucherId, shop, 2);
        redemption.consumeBySig(voucherId, block.timestamp, 2, lured, 3, own);
        // A stranger who saw the signature cannot spoil it either.
        _expectNotMerchant(voucherId, relayer);
        redemption.consume(voucherId, 1, block.timestamp, meant);
        vm.prank(shop);
        redemption.consume(voucherId, 1, block.timestamp, meant);
        assertEq(redemption.creditOf(shop), FACE, "the right shop");
        assertEq(redemption.creditOf(rival), 0, "no other");
    }

    // The merchant brings the holder's signature again
    // ├── for the same voucher
    // ├── for another voucher of the holder
    // └── as its own

    function test_Attack_AHoldersSignatureIsGoodOnce() external {
        uint256 first = redeemAs(holder, itemId);
        uint256 second = redeemAs(holder, itemId);
        Signature memory signature = signUse(holderKey, first, shop, 1, block.timestamp);
        vm.prank(shop);
        redemption.consume(first, 1, block.timestamp, signature);
        vm.prank(shop);
        vm.expectRevert(
            abi.encodeWithSelector(IRedemption.RedemptionVoucherClosed.selector, first, VoucherStatus.Used)
        );
        redemption.consume(first, 1, block.timestamp, signature);
        vm.prank(shop);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, holder, 1));
        redemption.consume(second, 1, block.timestamp, signature);
        _expectBadUse(holder, second, shop, 2);
        vm.prank(shop);
        redemption.consume(second, 2, block.timestamp, signature);
        assertEq(redemption.creditOf(shop), FACE, "once");
    }

    // Both ways with one voucher
    // ├── used, then refunded: by anybody after its time, by its merchant, by its merchant's signature
    // └── refunded, then used

    function test_Attack_AUsedVoucherIsNotRefunded() external {
        uint256 voucherId = redeemAs(holder, itemId);
        Signature memory consent = signRefund(shopKey, voucherId, 1, type(uint256).max);
        consumeAs(shop, voucherId, 0);
        vm.warp(block.timestamp + LIFETIME + 1);
        for (uint256 way = 0; way < 3; ++way) {
            vm.expectRevert(
                abi.encodeWithSelector(IRedemption.RedemptionVoucherClosed.selector, voucherId, VoucherStatus.Used)
            );
            vm.prank(way == 0 ? shop : holder);
            if (way == 2) redemption.refundBySig(voucherId, 1, type(uint256).max, consent);
            else redemption.refund(voucherId);
        }
        assertEq(eco.balanceOf(holder), 1_000_000_000 - PRICE, "tokens");
    }

    function test_Attack_ARefundedVoucherIsNotUsed() external {
        uint256 voucherId = redeemAs(holder, itemId);
        Signature memory signature = signUse(holderKey, voucherId, shop, 1, block.timestamp);
        vm.prank(shop);
        redemption.refund(voucherId);
        vm.expectRevert(
            abi.encodeWithSelector(IRedemption.RedemptionVoucherClosed.selector, voucherId, VoucherStatus.Refunded)
        );
        vm.prank(shop);
        redemption.consume(voucherId, 1, block.timestamp, signature);
        assertEq(redemption.creditOf(shop), 0, "no credit");
    }

    // A price that is not the one seen
    // ├── no call changes the price of an item
    // └── a dearer item: refused by maxPrice, called or signed

    function test_Attack_APriceDoesNotSurprise() external {
        Item memory item = itemWith(1);
        item.price = PRICE + 1;
        uint32 dearer = redemption.addItem(item);
        vm.expectRevert(abi.encodeWithSelector(IRedemption.RedemptionPriceTooHigh.selector, PRICE + 1, PRICE));
        vm.prank(holder);
        redemption.redeem(dearer, PRICE);
        Signature memory signature = signRedeem(holderKey, dearer, PRICE, holder, 0, block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IRedemption.RedemptionPriceTooHigh.selector, PRICE + 1, PRICE));
        redemption.redeemBySig(dearer, PRICE, holder, 0, block.timestamp, signature);
        redemption.changeItem(itemId, 3, item.fromTime, item.toTime, true);
        Item memory found = redemption.itemOf(itemId);
        assertTrue(found.price == PRICE && found.faceValue == FACE && found.lifetime == LIFETIME, "as it was");
        assertEq(found.merchant, shop, "whose it was");
    }

    /// @dev The catalogue's keeper takes an item off; what was sold of it stays good.
    function test_Attack_ALiveVoucherCannotBeTakenAway() external {
        uint256 voucherId = redeemAs(holder, itemId);
        Item memory item = redemption.itemOf(itemId);
        redemption.changeItem(itemId, 0, item.fromTime, item.fromTime, false);
        redemption.withdrawPool(address(this), 97_000_000);
        consumeAs(shop, voucherId, 0);
        vm.prank(shop);
        assertEq(redemption.settle(shop), 2_955_000, "paid");
    }

    // Settlement tokens that do not move what they are told
    // ├── a fee on transfer, balances that shrink or grow: refused when paid in
    // ├── one that calls back: no money moves meanwhile
    // ├── one that refuses a receiver: nobody else is stopped
    // └── money that is just sent: counts for nothing

    function test_Attack_AFeeOnTransferIsRefused() external {
        FeeToken token = new FeeToken();
        _use(token, 1_000);
        _expectDelta(1_000, 990);
        redemption.fundPool(1_000);
    }

    function test_Attack_ARebasingTokenIsRefused() external {
        RebasingToken token = new RebasingToken();
        _use(token, 2_000);
        redemption.fundPool(1_000);
        token.rebaseOnTransfer(20_000);
        // 1,000 were there and 1,000 come, all twice as many then.
        _expectDelta(1_000, 3_000);
        redemption.fundPool(1_000);
        token.rebaseOnTransfer(1_000);
        _expectDelta(1_000, 0);
        redemption.fundPool(1_000);
        (uint256 free, ) = redemption.pool();
        assertEq(free, 1_000, "what came before");
    }

    function test_Attack_ATokenThatCallsBackMovesNoMoneyMeanwhile() external {
        HookToken token = new HookToken();
        _use(token, 100_000_000);
        redemption.fundPool(50_000_000);
        itemId = redemption.addItem(itemWith(1));
        consumeAs(shop, redeemAs(holder, itemId), 0);
        vm.prank(shop);
        redemption.settle(shop);
        token.setHook(this);
        bytes[4] memory reactions = [
            abi.encodeCall(IRedemption.settle, (address(this))),
            abi.encodeCall(IRedemption.settleBySig, (shop, shop, 0, 0, Signature("", ""))),
            abi.encodeCall(IRedemption.fundPool, (1)),
            abi.encodeCall(IRedemption.withdrawPool, (address(this), 1))
        ];
        for (uint256 i = 0; i < 4; ++i) {
            reaction = reactions[i];
            if (i % 2 == 0) redemption.fundPool(1_000_000);
            else redemption.withdrawPool(relayer, 1_000_000);
            assertEq(
                keccak256(answer),
                keccak256(abi.encodePacked(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)),
                "refused"
            );
        }
        reaction = reactions[0];
        vm.prank(feeAccount);
        redemption.settle(feeAccount);
        assertEq(answer.length, 4, "refused in settle");
        (uint256 free, uint256 reserved) = redemption.pool();
        assertEq(token.balanceOf(address(redemption)), free + reserved, "held");
    }

    function test_Attack_AMerchantWhoCannotBePaidStopsNobody() external {
        BlockingToken token = new BlockingToken();
        _use(token, 100_000_000);
        redemption.fundPool(100_000_000);
        itemId = redemption.addItem(itemWith(1));
        Item memory item = itemWith(1);
        item.merchant = rival;
        rivalsItem = redemption.addItem(item);
        consumeAs(shop, redeemAs(holder, itemId), 0);
        consumeAs(rival, redeemAs(holder, rivalsItem), 1);
        token.blockAccount(shop);
        vm.expectRevert(abi.encodeWithSelector(BlockingToken.BlockingTokenBlocked.selector, shop));
        vm.prank(shop);
        redemption.settle(shop);
        vm.prank(rival);
        assertEq(redemption.settle(rival), 2_955_000, "the other one");
        vm.prank(shop);
        assertEq(redemption.settle(relayer), 2_955_000, "and this one elsewhere");
    }

    function test_Attack_MoneyThatIsJustSentCountsForNothing() external {
        euro.mint(address(redemption), 5);
        (uint256 free, ) = redemption.pool();
        assertEq(free, 100_000_000, "not counted");
        vm.expectRevert(abi.encodeWithSelector(IRedemption.RedemptionExceedsFree.selector, 100_000_001, 100_000_000));
        redemption.withdrawPool(address(this), 100_000_001);
    }

    /// @inheritdoc IMoveHook
    function onMove(address, address) external {
        if (reaction.length == 0) return;
        bytes memory call = reaction;
        delete reaction;
        bool succeeded;
        (succeeded, answer) = address(redemption).call(call);
        assertFalse(succeeded, "called back");
    }

    // --- helpers

    /// @dev Another redemption, in that token, of which the test has some and lets it take all.
    function _use(AwkwardToken token, uint256 amount) private {
        redemption = new Redemption(address(manager), token, eco, settings());
        eco.setRights(address(redemption), EcoRights.MINT | EcoRights.BURN);
        token.mint(address(this), amount);
        token.approve(address(redemption), type(uint256).max);
    }

    function _expectDelta(uint256 expected, uint256 got) private {
        vm.expectRevert(abi.encodeWithSelector(IRedemption.RedemptionTokenDeltaMismatch.selector, expected, got));
    }

    function _expectNotMerchant(uint256 voucherId, address caller) private {
        vm.expectRevert(abi.encodeWithSelector(IRedemption.RedemptionNotMerchant.selector, voucherId, caller, shop));
        vm.prank(caller);
    }

    function _expectBadUse(address signer, uint256 voucherId, address merchant, uint256 nonce) private {
        bytes32 digest = digestOf(useHash(voucherId, merchant, nonce, block.timestamp));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, signer, digest));
    }
}
