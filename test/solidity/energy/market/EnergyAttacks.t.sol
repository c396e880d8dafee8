// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ISigned, Signature} from "../../../../contracts/authority/ISigned.sol";
import {
    AccountView,
    BookClass,
    FeederRow,
    IEnergyMarket,
    IntervalState,
    OrderFault,
    PostedBatch,
    Round,
    Share,
    Step
} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {
    EnergyRules,
    EnergySource,
    IEnergyRegistry,
    Tariff
} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {IMeterReadings} from "../../../../contracts/energy/readings/IMeterReadings.sol";
import {IIdentities} from "../../../../contracts/identity/IIdentities.sol";
import {
    AwkwardToken,
    BlockingToken,
    FeeToken,
    HookToken,
    IMoveHook
} from "../../../../contracts/mocks/AwkwardTokens.sol";
import {MockMeterReadings} from "../../../../contracts/mocks/MockMeterReadings.sol";
import {Vm} from "../../utils/Vm.sol";
import {Basket, EnergyCity, Home} from "./EnergyFixture.sol";
import {ReadingsFixture} from "../readings/ReadingsFixture.sol";
import {ValuesTwin} from "../readings/ValuesTwin.sol";

/// @dev Takes money out again while a withdrawal is under way.
contract WithdrawAgain is IMoveHook {
    IEnergyMarket private immutable _market;

    constructor(IEnergyMarket market) {
        _market = market;
    }

    function onMove(address, address) external {
        Signature memory none;
        _market.withdrawFormer(address(this), address(this), 0, 0, none);
    }
}

/// Attacks on the market, and the test that shows the answer to each:
///
/// | attack                                           | test_Attack_…                                              |
/// |--------------------------------------------------|------------------------------------------------------------|
/// | wash trade to move the price or farm certificates | WashTradePaysTheGridFee, WashTradeWithOneMeter              |
/// | spoofing, quote stuffing                         | OrdersAreFirmAndLocked, QuotesAreFewAndNotTiny              |
/// | last look; a relayer leaves an order out         | WhoeverIsLeftOutPostsDirectly                               |
/// | replay over intervals, chains, contracts, epochs | Replay…, HighS, SignatureOfNobody                           |
/// | a solver picks a worse clearing                  | AnybodyClearsToOneOutcome                                   |
/// | tiny orders to break the gas limit               | ClearingDoesNotCostMoreForMoreOrders                        |
/// | poisoned batch                                   | PoisonedBatchPostsTheRest                                   |
/// | one account blocks settlement                    | InsolventAccountBlocksNobody                                |
/// | reading manipulation                             | AttacksOnReadingsTest                                       |
/// | strategic under-delivery                         | UnderDeliveryNeverPays, OverOrderingNeverPays               |
/// | supplier default                                 | SupplierDefaultBooksClaims, SupplierBelowItsFloor           |
/// | token: fee, reentrant, block list                | TokenTakesAFee, TokenReenters, TokenBlocksAReceiver         |
/// | rounding drain                                   | SplittingOrdersGainsNothing                                 |
/// | overflow of a level                              | LevelsHoldTheGreatestOrders                                 |
/// | ring word reuse                                  | RingWordsOfAnotherIntervalAreEmpty                          |
/// | tariff change mid-interval                       | TariffIsFrozenAtTheFirstOrder                               |
/// | owner power                                      | NoRoleMovesABalance                                         |
contract EnergyAttacksTest is EnergyCity {
    int32 private constant MISSING_READING = type(int32).min;

    MockMeterReadings private _meters;
    Home private _buyer;
    Home private _seller;
    PostedBatch[] private _posted;
    bytes32 private _chain;

    function setUp() public {
        buildEnergyCity(0);
        _buyer = newHome(FEEDER);
        _seller = newHome(FEEDER, EnergySource.Solar, FUNDS);
    }

    function newReadings() internal override returns (IMeterReadings made) {
        _meters = new MockMeterReadings(registry, IIdentities(address(identities)));
        return IMeterReadings(address(_meters));
    }

    // --- wash trade

    /// @dev Who trades with himself loses the grid fee on every Wh, and the price stays between bids and offers of others.
    function test_Attack_WashTradePaysTheGridFee() external {
        _order(_buyer, BID, steps(140, 1_000));
        _order(_seller, OFFER, steps(100, 1_000));
        uint256 before = freeOf(_buyer) + freeOf(_seller) + bidLock(140, 1_000) + offerLock(100, 1_000);
        // The seller feeds nothing in and the buyer draws nothing.
        _settleAll(abi.encodePacked(int32(0), int32(0)));
        uint256 spread = RETAIL - FEED_IN;
        assertEq(freeOf(_buyer) + freeOf(_seller), before - 1_000 * (GRID_FEE + spread), "fee and spread are lost");
        // Certificates come from metered feed-in alone: EnergyCertificates is not told of trades at all.
        (, uint256 gridFees, , ) = market.balances();
        assertEq(gridFees, 1_000 * GRID_FEE, "grid fee");
    }

    function test_Attack_WashTradeWithOneMeter() external {
        _order(_buyer, BID, steps(140, 1_000));
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketAlreadyPosted.selector, _buyer.account, INTERVAL)
        );
        _order(_buyer, OFFER, steps(100, 1_000));
    }

    // --- spoofing, quote stuffing

    /// @dev What is posted is locked, and neither the owner nor a new epoch takes it back.
    function test_Attack_OrdersAreFirmAndLocked() external {
        _order(_buyer, BID, steps(140, 1_000));
        assertEq(freeOf(_buyer), FUNDS - bidLock(140, 1_000), "locked");
        bytes32 chain = market.chainOf(INTERVAL);
        vm.startPrank(_buyer.owner);
        market.bumpEpoch(_buyer.account, 0, 0, unsigned());
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketBalanceTooSmall.selector, freeOf(_buyer), FUNDS)
        );
        market.withdraw(_buyer.account, FUNDS, _buyer.owner, 0, 0, unsigned());
        vm.stopPrank();
        assertEq(market.chainOf(INTERVAL), chain, "still posted");
        assertEq(market.levelsOf(INTERVAL, 0, BookClass.Bid)[140], 1_000, "still in the book");
    }

    function test_Attack_QuotesAreFewAndNotTiny() external {
        vm.expectRevert(
            abi.encodeWithSelector(
                IEnergyMarket.EnergyMarketBelowMinimum.selector,
                _buyer.account,
                MINIMUM_WH - 1,
                MINIMUM_WH
            )
        );
        _order(_buyer, BID, steps(140, MINIMUM_WH - 1));
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketTooManySteps.selector, 5, 4));
        _order(_buyer, BID, new Step[](5));
        _order(_buyer, BID, steps(140, MINIMUM_WH));
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketAlreadyPosted.selector, _buyer.account, INTERVAL)
        );
        _order(_buyer, BID, steps(139, MINIMUM_WH));
    }

    // --- last look, left out

    /// @dev The relayer keeps a signed order back; its signer posts it in the last second before the gate.
    function test_Attack_WhoeverIsLeftOutPostsDirectly() external {
        Basket memory basket;
        add(basket, _seller, OFFER, steps(100, 1_000));
        assertEq(post(basket), 1, "without the buyer");
        vm.warp(gateOf(INTERVAL) - 1);
        _order(_buyer, BID, steps(140, 1_000));
        vm.warp(gateOf(INTERVAL));
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketGateClosed.selector, INTERVAL, gateOf(INTERVAL))
        );
        post(basket);
        market.clear(INTERVAL, 1);
        assertEq(market.shareOf(INTERVAL, 0, BookClass.Bid, Round.Main).tick, 120, "it counts");
    }

    // --- replay

    function test_Attack_ReplayInAnotherInterval() external {
        Basket memory basket;
        add(basket, _buyer, BID, steps(140, 1_000));
        assertEq(post(basket), 1, "once");
        _expectFault(INTERVAL, basket, OrderFault.AlreadyPosted);
        _expectFault(INTERVAL + 1, basket, OrderFault.BadSignature);
    }

    function test_Attack_ReplayOnAnotherChain() external {
        Basket memory basket;
        add(basket, _buyer, BID, steps(140, 1_000));
        vm.chainId(block.chainid + 1);
        _expectFault(INTERVAL, basket, OrderFault.BadSignature);
    }

    function test_Attack_ReplayAtAnotherMarket() external {
        Basket memory basket;
        add(basket, _buyer, BID, steps(140, 1_000));
        market = newMarket(euro, MONEY_UNIT);
        fund(supplierBody, SUPPLIER_FUNDS);
        vm.prank(supplierBody);
        market.topUpSupplier(SUPPLIER_FUNDS);
        vm.prank(_buyer.owner);
        market.openAccount(_buyer.account, _buyer.signer, 0, 0, unsigned());
        pay(_buyer, FUNDS);
        _expectFault(INTERVAL, basket, OrderFault.BadSignature);
    }

    function test_Attack_ReplayInAnotherEpoch() external {
        Basket memory basket;
        add(basket, _buyer, BID, steps(140, 1_000));
        vm.prank(_buyer.owner);
        market.bumpEpoch(_buyer.account, 0, 0, unsigned());
        _expectFault(INTERVAL, basket, OrderFault.StaleEpoch);
    }

    /// @dev The other signature of the same order, with s in the upper half and the other parity.
    function test_Attack_HighS() external {
        Step[] memory list = steps(140, 1_000);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_buyer.signerKey, digestOf(INTERVAL, _buyer.account, 0, BID, list));
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        // Of 256 bits with the parity on top there is only room for 255 of s: the twin either loses its highest bit or is high.
        uint256 twin = order - uint256(s);
        Basket memory basket;
        basket.records = recordOf(_buyer.account, BID, list);
        basket.signatures = abi.encodePacked(r, bytes32(((twin << 1) >> 1) | (uint256(28 - v) << 255)));
        _expectFault(INTERVAL, basket, OrderFault.BadSignature);
        basket.signatures = abi.encodePacked(r, s | bytes32(uint256(v - 27) << 255));
        assertEq(post(basket), 1, "the one that is low");
    }

    /// @dev No signature is the zero address's, and no account has it for a signer.
    function test_Attack_SignatureOfNobody() external {
        Basket memory basket;
        basket.records = recordOf(_buyer.account, BID, steps(140, 1_000));
        basket.signatures = new bytes(64);
        _expectFault(INTERVAL, basket, OrderFault.BadSignature);
        basket.records = recordOf(0xffff, BID, steps(140, 1_000));
        vm.recordLogs();
        assertEq(post(basket), 0, "no account");
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(
            keccak256(logs[0].data),
            keccak256(abi.encode(1, abi.encodePacked(uint32(0xffff), OrderFault.UnknownAccount))),
            "unknown account"
        );
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketInvalidSigner.selector, address(0)));
        vm.prank(_buyer.owner);
        market.setSigner(_buyer.account, address(0), 0, 0, unsigned());
    }

    // --- no solver

    /// @dev Three callers, three ways to cut it up: the same shares.
    function test_Attack_AnybodyClearsToOneOutcome() external {
        uint16 tariff = registry.createTariff(plainTariff(EnergyRules.BY_FEEDER | EnergyRules.FEEDER_FIRST));
        uint32 interval = registry.firstChangeable();
        registry.setDefaultTariff(tariff, interval);
        vm.warp(opensAt(interval));
        for (uint256 i = 0; i < 8; ++i) {
            Home memory home = newHome(i < 5 ? FEEDER : OTHER_FEEDER);
            vm.prank(home.signer);
            market.postOrder(interval, home.account, uint8(i & 1), steps(uint8(100 + 3 * i), uint32(300 + 77 * i)));
        }
        vm.warp(gateOf(interval));
        bytes32[3] memory outcomes;
        address[3] memory callers = [stranger, relayer, _buyer.owner];
        for (uint256 turn = 0; turn < 3; ++turn) {
            uint256 snapshot = vm.snapshotState();
            bool done = false;
            while (!done) {
                vm.prank(callers[turn]);
                done = market.clear(interval, turn == 0 ? 100 : turn);
            }
            for (uint16 feeder = 1; feeder <= 2; ++feeder) {
                for (uint256 class = 0; class < 7; ++class) {
                    Share memory first = market.shareOf(interval, feeder, BookClass(class), Round.Feeder);
                    Share memory last = market.shareOf(interval, feeder, BookClass(class), Round.Main);
                    outcomes[turn] = keccak256(abi.encode(outcomes[turn], first, last));
                }
            }
            vm.revertToState(snapshot);
        }
        assertEq(outcomes[1], outcomes[0], "second caller");
        assertEq(outcomes[2], outcomes[0], "third caller");
    }

    // --- tiny orders

    /// @dev Forty least orders cost no more to clear than four at the same ticks.
    function test_Attack_ClearingDoesNotCostMoreForMoreOrders() external {
        uint256 few = _gasOfClearing(4, INTERVAL);
        uint256 many = _gasOfClearing(40, INTERVAL + 1);
        assertLe(many, few + few / 100, "ten times the orders");
    }

    function _gasOfClearing(uint256 count, uint32 interval) private returns (uint256 gas) {
        for (uint256 i = 0; i < count; ++i) {
            Home memory home = newHome(FEEDER);
            vm.prank(home.signer);
            market.postOrder(interval, home.account, uint8(i & 1), steps(uint8(100 + (i % 4)), MINIMUM_WH));
        }
        vm.warp(gateOf(interval));
        // Reads everything once, so that both are measured warm.
        uint256 snapshot = vm.snapshotState();
        market.clear(interval, 1);
        vm.revertToState(snapshot);
        gas = gasleft();
        market.clear(interval, 1);
        gas -= gasleft();
        vm.warp(EPOCH);
    }

    // --- poisoned batch

    /// @dev A batch with a bad order of every kind in it posts the good ones, and says which it left out.
    function test_Attack_PoisonedBatchPostsTheRest() external {
        Basket memory basket;
        addSigned(basket, _seller.signerKey, _buyer.account, 0, BID, steps(140, 1_000)); // another's signature
        add(basket, _seller, OFFER, steps(100, 1_000));
        addSigned(basket, _buyer.signerKey, 0xffff00, 0, BID, steps(140, 1_000)); // no such account
        add(basket, _buyer, BID, steps(255, 1_000)); // beyond the band
        add(basket, _buyer, BID, steps(140, 1)); // too small
        add(basket, _buyer, 0x80, steps(140, 1_000)); // unknown flags
        add(basket, _buyer, BID, steps(140, IMPORT_CAP + 1)); // beyond the cap
        add(basket, _buyer, BID, steps(140, 1_000));
        add(basket, _buyer, BID, steps(140, 1_000)); // twice
        assertEq(post(basket), 2, "the good ones");
        assertEq(market.levelsOf(INTERVAL, 0, BookClass.Bid)[140], 1_000, "bid");
        assertEq(market.levelsOf(INTERVAL, 0, BookClass.Offer)[100], 1_000, "offer");
    }

    // --- one account blocks settlement

    /// @dev An account that draws far more than it can pay gets debt; everybody else gets what is theirs.
    function test_Attack_InsolventAccountBlocksNobody() external {
        _order(_buyer, BID, steps(140, 1_000));
        _order(_seller, OFFER, steps(100, 1_000));
        uint256 free = freeOf(_buyer);
        vm.prank(_buyer.owner);
        market.withdraw(_buyer.account, free, _buyer.owner, 0, 0, unsigned());
        uint256 sellerBefore = freeOf(_seller) + offerLock(100, 1_000);
        _settleAll(abi.encodePacked(int32(1_000_000), int32(-1_000)));
        assertEq(uint256(market.stateOf(INTERVAL)), uint256(IntervalState.Settled), "settled");
        // Both prices, 180 and 220, would do: 200 is paid.
        assertEq(freeOf(_seller), sellerBefore + 200 * 1_000, "the seller is paid");
        uint256 due = uint256(RETAIL) * (1_000_000 - 1_000) - 20 * 1_000;
        assertEq(market.accountOf(_buyer.account).debt, due, "debt of the own extra draw alone");
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketIndebted.selector, _buyer.account, due));
        vm.prank(_buyer.signer);
        market.postOrder(INTERVAL + 5, _buyer.account, BID, steps(140, 1_000));
    }

    // --- strategic deviation

    /// @dev Whatever the price, selling and not delivering is worth no more than not having sold.
    function testFuzz_Attack_UnderDeliveryNeverPays(uint8 tick, uint32 wh, uint32 missing) external {
        tick = uint8(bound(tick, 0, HIGHEST_TICK));
        wh = uint32(bound(wh, MINIMUM_WH, EXPORT_CAP));
        missing = uint32(bound(missing, 0, wh));
        _order(_buyer, BID, steps(tick, wh));
        _order(_seller, OFFER, steps(tick, wh));
        _settleAll(abi.encodePacked(int32(wh), -int32(wh - missing)));
        uint256 price = BASE_PRICE + uint256(tick);
        uint256 without = FUNDS + price * (wh - missing);
        assertLe(freeOf(_seller), without, "not better than to sell what is delivered");
        assertEq(without - freeOf(_seller), (RETAIL - price) * missing, "a shortfall costs retail less the price");
        assertEq(market.accountOf(_seller.account).debt, 0, "its lock covers it");
    }

    /// @dev Nor is it worth more to buy more than is drawn, or less: the spread makes the exact order best.
    function testFuzz_Attack_OverOrderingNeverPays(uint8 tick, uint32 wh, uint32 drawn) external {
        tick = uint8(bound(tick, 0, HIGHEST_TICK));
        wh = uint32(bound(wh, MINIMUM_WH, EXPORT_CAP));
        drawn = uint32(bound(drawn, 0, 2 * EXPORT_CAP));
        _order(_buyer, BID, steps(tick, wh));
        _order(_seller, OFFER, steps(tick, wh));
        _settleAll(abi.encodePacked(int32(drawn), -int32(wh)));
        uint256 price = BASE_PRICE + uint256(tick);
        uint256 traded = (price + GRID_FEE) * wh;
        uint256 expected =
            drawn > wh
                ? FUNDS - traded - uint256(RETAIL) * (drawn - wh)
                : FUNDS - traded + uint256(FEED_IN) * (wh - drawn);
        assertEq(freeOf(_buyer), expected, "retail for more, feed-in for less");
        if (drawn < wh)
            assertLe(expected, FUNDS - (price + GRID_FEE) * drawn, "not better than to order what is drawn");
    }

    // --- supplier default

    /// @dev What the supplier cannot pay is a claim, which is paid when the supplier has money again.
    function test_Attack_SupplierDefaultBooksClaims() external {
        vm.prank(supplierBody);
        market.withdrawSupplier(SUPPLIER_FUNDS - FLOOR, supplierBody);
        _order(_seller, OFFER, steps(100, 1_000));
        uint256 before = freeOf(_seller) + offerLock(100, 1_000);
        uint256 due = uint256(FEED_IN) * 100_000;
        _settleAll(abi.encodePacked(int32(0), int32(-100_000)));
        AccountView memory view_ = market.accountOf(_seller.account);
        assertEq(view_.free, before + FLOOR, "what there was");
        assertEq(view_.claim, due - FLOOR, "and the rest is owed");
        fund(supplierBody, due);
        vm.prank(supplierBody);
        market.topUpSupplier(due);
        assertEq(market.payClaim(_seller.account), due - FLOOR, "paid");
        assertEq(freeOf(_seller), before + due, "in full");
    }

    function test_Attack_SupplierBelowItsFloor() external {
        vm.prank(supplierBody);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEnergyMarket.EnergyMarketBalanceTooSmall.selector,
                SUPPLIER_FUNDS - FLOOR,
                SUPPLIER_FUNDS - FLOOR + 1
            )
        );
        market.withdrawSupplier(SUPPLIER_FUNDS - FLOOR + 1, supplierBody);
        setTreasury(FLOOR - 1, 0, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketSupplierBelowFloor.selector, FLOOR - 1, FLOOR)
        );
        _order(_buyer, BID, steps(140, 1_000));
    }

    // --- awkward tokens

    function test_Attack_TokenTakesAFee() external {
        FeeToken token = new FeeToken();
        _moveTo(token);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketTokenMismatch.selector, uint256(1_000), uint256(990))
        );
        market.deposit(_buyer.account, 1_000);
    }

    /// @dev A former owner who is called back while it is paid cannot be paid again.
    function test_Attack_TokenReenters() external {
        HookToken token = new HookToken();
        _moveTo(token);
        market.deposit(_buyer.account, 1_000);
        WithdrawAgain thief = new WithdrawAgain(market);
        token.setHook(thief);
        vm.expectRevert(abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector));
        vm.prank(_buyer.owner);
        market.withdraw(_buyer.account, 1_000, _buyer.owner, 0, 0, unsigned());
        assertEq(token.balanceOf(address(market)), 1_000, "nothing left");
    }

    /// @dev Settlement moves no token, so a receiver that is blocked blocks itself alone, and can be paid elsewhere.
    function test_Attack_TokenBlocksAReceiver() external {
        BlockingToken token = new BlockingToken();
        _moveTo(token);
        market.deposit(_buyer.account, FUNDS);
        token.blockAccount(_buyer.owner);
        vm.startPrank(_buyer.owner);
        vm.expectRevert(abi.encodeWithSelector(BlockingToken.BlockingTokenBlocked.selector, _buyer.owner));
        market.withdraw(_buyer.account, 1_000, _buyer.owner, 0, 0, unsigned());
        market.withdraw(_buyer.account, 1_000, stranger, 0, 0, unsigned());
        assertEq(token.balanceOf(stranger), 1_000, "elsewhere");
    }

    // --- rounding drain

    /// @dev One order of 1,000 Wh beside ten of 100: at the price all get their share within 1 Wh, and no Wh is lost.
    function testFuzz_Attack_SplittingOrdersGainsNothing(uint32 offered) external {
        offered = uint32(bound(offered, 10, 1_999));
        _order(_buyer, BID, steps(140, 1_000));
        Home[10] memory small;
        for (uint256 i = 0; i < 10; ++i) {
            small[i] = newHome(FEEDER);
            _order(small[i], BID, steps(140, 100));
        }
        _order(_seller, OFFER, steps(100, offered));
        // Everybody draws what was bought: without a reading buyers count as that.
        _settleAll(abi.encodePacked(MISSING_READING, MISSING_READING));
        uint256 price = uint256(BASE_PRICE) + 140;
        uint256 whole = _boughtBy(_buyer, price);
        uint256 sum = 0;
        for (uint256 i = 0; i < 10; ++i) sum += _boughtBy(small[i], price);
        assertEq(whole + sum, offered, "every Wh once");
        assertLe(whole * 2, offered + 2, "not more than half");
        assertLe(offered, whole * 2 + 2, "not less than half");
        assertLe(sum, offered / 2 + 10, "ten orders gain less than 10 Wh");
    }

    function _boughtBy(Home memory home, uint256 price) private view returns (uint256 wh) {
        uint256 paid = FUNDS - freeOf(home);
        assertEq(paid % (price + GRID_FEE), 0, "whole Wh, to the unit");
        return paid / (price + GRID_FEE);
    }

    // --- levels, ring, tariff

    /// @dev The greatest order a meter can have, from every meter there can be, fits a level: 2^56 Wh.
    function test_Attack_LevelsHoldTheGreatestOrders() external {
        registry.rate(_buyer.account, 1_023_000, EXPORT_CAP, EnergySource.None);
        market.refreshAccount(_buyer.account);
        pay(_buyer, bidLock(HIGHEST_TICK, 1_023_000));
        _order(_buyer, BID, steps(uint8(HIGHEST_TICK), 1_023_000));
        assertEq(market.levelsOf(INTERVAL, 0, BookClass.Bid)[HIGHEST_TICK], 1_023_000, "greatest order");
        assertLe(uint256(1_023_000) << 24, 1 << 44, "of 2^24 meters, below 2^44");
        vm.expectRevert();
        registry.rate(_buyer.account, 1_024_000, EXPORT_CAP, EnergySource.None);
    }

    /// @dev Words of the ring are used again by a later interval, and count as empty for it.
    function test_Attack_RingWordsOfAnotherIntervalAreEmpty() external {
        _order(_buyer, BID, steps(140, 1_000));
        uint32 later = INTERVAL + RING;
        vm.warp(opensAt(later));
        assertEq(market.levelsOf(later, 0, BookClass.Bid)[140], 0, "empty");
        vm.startPrank(_buyer.signer);
        market.postOrder(later, _buyer.account, BID, steps(141, 500));
        assertEq(market.levelsOf(later, 0, BookClass.Bid)[140], 0, "the old level is not the later interval's");
        assertEq(market.levelsOf(later, 0, BookClass.Bid)[141], 500, "its own");
        // The old interval can only be voided by then, and gives its lock back all the same.
        vm.stopPrank();
        market.voidInterval(INTERVAL);
        PostedBatch[] memory batches = new PostedBatch[](1);
        batches[0] = PostedBatch(0, recordOf(_buyer.account, BID, steps(140, 1_000)));
        market.refund(INTERVAL, batches);
        assertEq(freeOf(_buyer), FUNDS - bidLock(141, 500), "lock returned");
    }

    function test_Attack_TariffIsFrozenAtTheFirstOrder() external {
        uint32 changeable = registry.firstChangeable();
        Tariff memory dear = plainTariff(0);
        dear.gridFee = 200;
        uint16 tariff = registry.createTariff(dear);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryIntervalOpen.selector, INTERVAL, changeable)
        );
        registry.setDefaultTariff(tariff, INTERVAL);
        _order(_buyer, BID, steps(140, 1_000));
        registry.setDefaultTariff(tariff, changeable);
        vm.warp(opensAt(changeable) - 1);
        assertEq(registry.tariffOf(INTERVAL).gridFee, GRID_FEE, "as it was");
        assertEq(freeOf(_buyer), FUNDS - bidLock(140, 1_000), "locked by the old one");
    }

    // --- owner power

    /// @dev Whoever administers: guardian, steward, supplier, grid operator, community, admin of the roles.
    function test_Attack_NoRoleMovesABalance() external {
        address[6] memory roles = [guardian, steward, supplierBody, grid, communityBody, address(this)];
        for (uint256 i = 0; i < roles.length; ++i) {
            vm.startPrank(roles[i]);
            vm.expectRevert(abi.encodeWithSelector(ISigned.SignedExpired.selector, 0, EPOCH));
            market.withdraw(_buyer.account, 1, roles[i], 0, 0, unsigned());
            vm.expectRevert(abi.encodeWithSelector(ISigned.SignedExpired.selector, 0, EPOCH));
            market.setSigner(_buyer.account, roles[i], 0, 0, unsigned());
            vm.expectRevert(abi.encodeWithSelector(ISigned.SignedExpired.selector, 0, EPOCH));
            market.openAccount(_buyer.account, roles[i], 0, 0, unsigned());
            vm.expectRevert(
                abi.encodeWithSelector(IEnergyMarket.EnergyMarketNotOwner.selector, _buyer.account, roles[i])
            );
            market.postOrder(INTERVAL, _buyer.account, BID, steps(140, 1_000));
            vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketNothingOwed.selector));
            market.withdrawFormer(roles[i], roles[i], 0, 0, unsigned());
            vm.stopPrank();
        }
        // A registrar who gives a meter to somebody else leaves the money with whose it was.
        registry.setOwner(_buyer.account, stranger);
        vm.prank(stranger);
        market.openAccount(_buyer.account, stranger, 0, 0, unsigned());
        (uint256 balance, , ) = market.formerOf(_buyer.owner);
        assertEq(balance, FUNDS, "of the former owner");
        assertEq(freeOf(_buyer), 0, "nothing for the new one");
        // Nobody can stop a withdrawal: a pause stops orders alone.
        vm.prank(guardian);
        market.pause();
        vm.prank(_buyer.owner);
        assertEq(market.withdrawFormer(_buyer.owner, _buyer.owner, 0, 0, unsigned()), FUNDS, "taken out while paused");
    }

    // --- helpers

    /// @dev Clears INTERVAL, takes a row of the feeder and settles all that was posted, newest first.
    function _settleAll(bytes memory row) private {
        vm.warp(gateOf(INTERVAL));
        market.clear(INTERVAL, 1);
        vm.warp(endOf(INTERVAL));
        _meters.accept(FEEDER, INTERVAL, row, 0);
        market.confirmReadings(INTERVAL, 1);
        FeederRow[] memory rows = new FeederRow[](1);
        rows[0].values = row;
        PostedBatch[] memory batches = new PostedBatch[](_posted.length);
        for (uint256 i = 0; i < batches.length; ++i) batches[i] = _posted[batches.length - 1 - i];
        market.settle(INTERVAL, batches, rows);
    }

    /// @dev As the fixture's, and keeps the batch for settlement.
    function _order(Home memory home, uint8 flags, Step[] memory list) private {
        vm.prank(home.signer);
        market.postOrder(INTERVAL, home.account, flags, list);
        bytes memory record = recordOf(home.account, flags, list);
        _posted.push(PostedBatch(_chain, record));
        _chain = keccak256(abi.encodePacked(_chain, keccak256(record)));
    }

    function _expectFault(uint32 interval, Basket memory basket, OrderFault fault) private {
        vm.expectEmit(address(market));
        emit IEnergyMarket.OrdersSkipped(interval, 1, abi.encodePacked(_buyer.account, fault));
        vm.prank(relayer);
        assertEq(market.postOrders(interval, basket.records, basket.signatures), 0, "accepted");
    }

    /// @dev A market in another token, and a buyer's account on it.
    function _moveTo(AwkwardToken token) private {
        market = newMarket(token, 1);
        vm.prank(_buyer.owner);
        market.openAccount(_buyer.account, _buyer.signer, 0, 0, unsigned());
        token.mint(address(this), 2 * FUNDS);
        token.approve(address(market), type(uint256).max);
    }
}

/// @notice Reading manipulation: two keys of three, bounds of the device, the sum of the feeder, and a bond.
contract AttacksOnReadingsTest is ReadingsFixture {
    /// @dev One operator alone says what it likes: it has one key of the two that are needed.
    function test_Attack_OneKeyPostsReadings() external {
        vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsQuorumTooSmall.selector, OPERATOR, 2));
        readings.submit(street(OPERATOR));
    }

    /// @dev Both operators together cannot say more than the device can do.
    function test_Attack_ReadingBeyondTheDevice() external {
        bytes memory values = valuesOf(STREET_METERS);
        ValuesTwin.set(values, 3, -int32(EXPORT_CAP) - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMeterReadings.MeterReadingsOutOfRange.selector,
                meterOf(STREET, 3),
                FIRST,
                -int32(EXPORT_CAP) - 1,
                -int256(uint256(EXPORT_CAP)),
                int256(uint256(IMPORT_CAP))
            )
        );
        readings.submit(streetWith(values, OPERATOR | GRID));
    }

    /// @dev Values that do not add up to what the meter at the head saw need all three keys.
    function test_Attack_SumOfTheFeederDoesNotMatch() external {
        bytes memory values = valuesOf(LANE_METERS);
        bytes memory head_ = headOf(values, LANE_METERS);
        ValuesTwin.set(head_, 5, ValuesTwin.get(head_, 5) + 2_000);
        vm.expectRevert(
            abi.encodeWithSelector(IMeterReadings.MeterReadingsQuorumTooSmall.selector, OPERATOR | GRID, 3)
        );
        readings.submit(laneWith(values, head_, OPERATOR | GRID));
    }
}
