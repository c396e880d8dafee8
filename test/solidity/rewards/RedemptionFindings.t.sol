// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISigned, Signature} from "../../../contracts/authority/ISigned.sol";
import {IRedemption, Item} from "../../../contracts/rewards/IRedemption.sol";
import {RedemptionFixture} from "./RedemptionFixture.sol";

/// @notice What an adversarial review of redemption found and had mended.
contract RedemptionFindingsTest is RedemptionFixture {
    uint32 private itemId;

    function setUp() external {
        build();
        itemId = redemption.addItem(itemWith(10));
        eco.mint(holder, 1_000_000_000);
        fund(100_000_000);
    }

    // A relayer brings a merchant's settlement before there is anything
    // ├── nothing happens, and the message is still good
    // └── later it is good once

    function test_Finding_SettlementThatComesTooEarlyIsNotUsedUp() external {
        Signature memory signature = signSettlement(shopKey, shop, shop, 4, EPOCH);
        vm.prank(relayer);
        assertEq(redemption.settleBySig(shop, shop, 4, EPOCH, signature), 0, "too early");
        assertFalse(redemption.isNonceUsed(shop, 4), "still good");
        consumeAs(shop, redeemAs(holder, itemId), 0);
        vm.prank(relayer);
        assertEq(redemption.settleBySig(shop, shop, 4, EPOCH, signature), 2_955_000, "net");
        consumeAs(shop, redeemAs(holder, itemId), 1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, shop, 4));
        redemption.settleBySig(shop, shop, 4, EPOCH, signature);
    }

    // Money paid out to nobody, or to the contract itself, where nobody could take it out: refused
    // ├── by the treasury
    // ├── by a merchant
    // └── by its signature

    function test_RevertWhen_MoneyWouldGoNowhere() external {
        consumeAs(shop, redeemAs(holder, itemId), 0);
        _expectInvalidReceiver(address(redemption));
        redemption.withdrawPool(address(redemption), 1);
        _expectInvalidReceiver(address(0));
        redemption.withdrawPool(address(0), 1);
        _expectInvalidReceiver(address(redemption));
        vm.prank(shop);
        redemption.settle(address(redemption));
        _expectInvalidReceiver(address(0));
        vm.prank(shop);
        redemption.settle(address(0));
        Signature memory signature = signSettlement(shopKey, shop, address(redemption), 4, EPOCH);
        _expectInvalidReceiver(address(redemption));
        redemption.settleBySig(shop, address(redemption), 4, EPOCH, signature);
        assertEq(redemption.creditOf(shop), FACE, "still there");
    }

    function _expectInvalidReceiver(address to) private {
        vm.expectRevert(abi.encodeWithSelector(IRedemption.RedemptionInvalidReceiver.selector, to));
    }
}

/// @notice What redemption does not prevent, as it is. Whoever changes one of these changes its test.
contract RedemptionLimitsTest is RedemptionFixture {
    function setUp() external {
        build();
        eco.mint(holder, 1_000_000_000);
        fund(100_000_000);
    }

    /// @dev A holder who gave a signature takes it back before the merchant brings it, so goods are given afterwards.
    function test_Limit_HolderTakesASignatureBack() external {
        uint256 voucherId = redeemAs(holder, redemption.addItem(itemWith(1)));
        Signature memory signature = signUse(holderKey, voucherId, shop, 0, EPOCH);
        vm.prank(holder);
        redemption.voidNonces(0, 1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, holder, 0));
        vm.prank(shop);
        redemption.consume(voucherId, 0, EPOCH, signature);
    }

    /// @dev The limit of an item is of accounts: a person with two buys twice as much.
    function test_Limit_MonthIsCountedByAccount() external {
        Item memory item = itemWith(2);
        item.perMonth = 1;
        uint32 itemId = redemption.addItem(item);
        eco.mint(neighbour, PRICE);
        redeemAs(holder, itemId);
        vm.expectRevert(abi.encodeWithSelector(IRedemption.RedemptionMonthUsedUp.selector, itemId, holder, 1));
        redeemAs(holder, itemId);
        assertEq(redeemAs(neighbour, itemId), 2, "the other account of the same person");
    }

    /// @dev One item with a face value far above its price is enough to take all that backs nothing, in one block.
    function test_Limit_CatalogueCanGiveThePoolAway() external {
        Item memory item = itemWith(1);
        (item.price, item.faceValue, item.merchant) = (1, 100_000_000, rival);
        consumeAs(rival, redeemAs(holder, redemption.addItem(item)), 0);
        vm.prank(rival);
        assertEq(redemption.settle(rival), 98_500_000, "all but the fee");
        (uint256 free, uint256 reserved) = redemption.pool();
        assertEq(free + reserved, 0, "empty");
    }
}
