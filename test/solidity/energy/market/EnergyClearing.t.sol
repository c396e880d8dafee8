// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BookTotals, IntervalRecord, IntervalTotals} from "../../../../contracts/energy/market/EnergyLedger.sol";
import {
    BookClass,
    IEnergyMarket,
    IntervalState,
    Round,
    Share
} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {EnergyRules} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {UniformPriceAuction} from "../../../../contracts/energy/market/UniformPriceAuction.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";
import {Vm} from "../../utils/Vm.sol";
import {ClearingBench} from "./ClearingBench.sol";

/// @notice A step of an order in a book.
struct Posted {
    uint16 feeder;
    BookClass class;
    uint8 tick;
    uint32 wh;
}

/// @notice What the orders of a feeder come to.
struct Tally {
    uint256 bought;
    uint256 sold;
    /// @dev What buyers bid above the price.
    uint256 surplus;
    /// @dev What buyers pay at the price, less what sellers get.
    int256 money;
}

/// @dev clear
///   ├ reverts: bound zero; nobody posted, whatever the time; before the gate; cleared, voided or settled; after the long stop
///   ├ from the second of the gate to the last one before the long stop
///   ├ one book
///   │   ├ price, range, shares, totals and events; done in one call whatever the bound
///   │   ├ only bids, or nobody who would trade: no price
///   │   ├ a level shared out between classes
///   │   ├ words that another interval left count as empty
///   │   └ pay as bid: surplus
///   ├ green round: before the main round, which finds the rest of both sides
///   ├ feeder's round: before the others; offers of one class used in three rounds, at one price and at rising ones
///   ├ several books
///   │   ├ one price; a limit splits it, and what lies between goes to the grid
///   │   ├ the green round's flow counts against the limits of the main round, and for them
///   │   ├ no limits: price and volume of the one book of all
///   │   ├ nothing may flow: every feeder trades as if alone; a range beyond all prices is cut off
///   │   ├ feeders without orders, the highest number of a feeder
///   │   └ books balance, keep to their limits, and fills as settlement reckons them add up to all totals
///   └ in any number of calls: the same storage, the same events
contract EnergyClearingTest is CivitasTest {
    uint32 private constant INTERVAL = 1_963_600;
    uint32 private constant GATE = INTERVAL * 900 - 300;
    uint32 private constant LONG_STOP = (INTERVAL + 1) * 900 + 7 days;
    uint24 private constant BASE = 50;
    uint16 private constant SIZE = 2;
    uint8 private constant BY_FEEDER = EnergyRules.BY_FEEDER;
    uint8 private constant GREEN = EnergyRules.GREEN;
    uint8 private constant ALL_ROUNDS = EnergyRules.BY_FEEDER | EnergyRules.FEEDER_FIRST | EnergyRules.GREEN;
    uint256 private constant CLASSES = 7;
    uint256 private constant ROUNDS = 3;
    uint16[5] private _feeders = [1, 2, 255, 256, 700];

    ClearingBench private _bench;

    function setUp() external {
        _bench = new ClearingBench();
        vm.warp(GATE);
    }

    // --- who can clear, and when

    function test_RevertWhen_TheBoundIsZero() external {
        _open(0);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketInvalidBound.selector, 0));
        _bench.clear(INTERVAL, 0);
    }

    function test_RevertWhen_NobodyPosted() external {
        _requireWrongState(IntervalState.Closed);
        vm.warp(GATE - 1);
        _requireWrongState(IntervalState.Open);
        vm.warp(uint256(INTERVAL - 96) * 900);
        _requireWrongState(IntervalState.Open);
        vm.warp(uint256(INTERVAL - 96) * 900 - 1);
        _requireWrongState(IntervalState.Future);
        vm.warp(LONG_STOP + 1);
        _requireWrongState(IntervalState.Closed);
    }

    function test_RevertWhen_TheGateIsOpen() external {
        _open(0);
        vm.warp(GATE - 1);
        _requireWrongState(IntervalState.Open);
        vm.warp(GATE);
        assertTrue(_bench.clear(INTERVAL, 1), "at the gate");
    }

    function test_RevertWhen_TheIntervalIsDone() external {
        _open(0);
        _bench.clear(INTERVAL, 1);
        _requireWrongState(IntervalState.Cleared);
        _bench.setState(INTERVAL, IntervalState.Settling);
        _requireWrongState(IntervalState.Settling);
        _bench.setState(INTERVAL, IntervalState.Settled);
        _requireWrongState(IntervalState.Settled);
        _bench.setState(INTERVAL, IntervalState.Void);
        _requireWrongState(IntervalState.Void);
    }

    function test_RevertWhen_TheLongStopHasPassed() external {
        _open(BY_FEEDER);
        _bench.mark(INTERVAL, 1);
        _bench.mark(INTERVAL, 2);
        vm.warp(LONG_STOP);
        _requireLongStop();
        vm.warp(LONG_STOP - 1);
        assertFalse(_bench.clear(INTERVAL, 1), "begun in the last second");
        vm.warp(LONG_STOP);
        _requireLongStop();
    }

    // --- one book

    function test_OneBookHasOnePrice() external {
        _open(0);
        _bench.post(INTERVAL, 3, BookClass.Bid, 20, 100);
        _bench.post(INTERVAL, 9, BookClass.Bid, 12, 60);
        _bench.post(INTERVAL, 9, BookClass.Bid, 3, 500);
        _bench.post(INTERVAL, 3, BookClass.Offer, 4, 90);
        _bench.post(INTERVAL, 9, BookClass.Offer, 9, 30);
        _bench.post(INTERVAL, 9, BookClass.Offer, 12, 100);
        _bench.post(INTERVAL, 9, BookClass.Offer, 200, 100);
        // At tick 12: 100 + 60 bid, 120 + 100 offered.
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.BookCleared(INTERVAL, Round.Main, 0, BASE + 12 * SIZE, 160, 160);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.RoundCleared(
            INTERVAL,
            Round.Main,
            BASE + 12 * SIZE,
            BASE + 12 * SIZE,
            BASE + 12 * SIZE,
            160
        );
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.IntervalCleared(INTERVAL, 160, 160, 0, 0);
        assertTrue(_bench.clear(INTERVAL, 1), "done");
        _requireShare(0, BookClass.Bid, Round.Main, 12, 60, 60);
        _requireShare(0, BookClass.Offer, Round.Main, 12, 100, 40);
        _requireTotals(160, 0, 0);
        _requireNoBook(3);
        IntervalRecord memory record = _bench.recordOf(INTERVAL);
        assertEq(uint256(record.state), uint256(IntervalState.Cleared), "state");
        assertFalse(record.sharing, "sharing");
        assertEq(record.cursor, 0, "cursor");
        assertEq(record.basePrice, BASE, "the rest of the record");
    }

    function test_ThePriceIsTheMiddleOfItsRange() external {
        _open(0);
        _bench.post(INTERVAL, 1, BookClass.Bid, 11, 40);
        _bench.post(INTERVAL, 1, BookClass.Offer, 4, 40);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.BookCleared(INTERVAL, Round.Main, 0, BASE + 7 * SIZE, 40, 40);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.RoundCleared(INTERVAL, Round.Main, BASE + 4 * SIZE, BASE + 11 * SIZE, BASE + 7 * SIZE, 40);
        _bench.clear(INTERVAL, 1);
        // All of it is better than the price.
        _requireShare(0, BookClass.Bid, Round.Main, 7, 0, 0);
        _requireShare(0, BookClass.Offer, Round.Main, 7, 0, 0);
    }

    function test_WithoutTradeThereIsNoPrice() external {
        _open(0);
        _bench.post(INTERVAL, 1, BookClass.Bid, 11, 40);
        _requireNoTrade();
        _requireShare(0, BookClass.Bid, Round.Main, 0, 0, 0);
    }

    function test_WhoAsksTooMuchSellsNothing() external {
        _open(0);
        _bench.post(INTERVAL, 1, BookClass.Bid, 11, 40);
        _bench.post(INTERVAL, 1, BookClass.Offer, 12, 40);
        _requireNoTrade();
        assertFalse(_bench.shareOf(INTERVAL, 0, BookClass.Bid, Round.Main).traded, "bids");
        assertFalse(_bench.shareOf(INTERVAL, 0, BookClass.Offer, Round.Main).traded, "offers");
    }

    function test_ALevelIsSharedOutBetweenClasses() external {
        _open(GREEN);
        _bench.post(INTERVAL, 1, BookClass.Bid, 8, 30);
        _bench.post(INTERVAL, 1, BookClass.BidGreenFirst, 8, 20);
        _bench.post(INTERVAL, 1, BookClass.BidGreenOnly, 8, 90);
        _bench.post(INTERVAL, 1, BookClass.Offer, 8, 33);
        _bench.clear(INTERVAL, 1);
        // floor(30 × 33 ÷ 50), and 33 less that.
        _requireShare(0, BookClass.Bid, Round.Main, 8, 30, 19);
        _requireShare(0, BookClass.BidGreenFirst, Round.Main, 8, 20, 14);
        _requireShare(0, BookClass.Offer, Round.Main, 8, 33, 33);
        assertFalse(_bench.shareOf(INTERVAL, 0, BookClass.BidGreenOnly, Round.Main).traded, "green only");
        assertFalse(_bench.shareOf(INTERVAL, 0, BookClass.OfferGreen, Round.Main).traded, "no orders");
        _requireTotals(33, 0, 0);
    }

    function test_WordsOfAnotherIntervalAreEmpty() external {
        _bench.soil(INTERVAL, 0);
        _open(0);
        _bench.post(INTERVAL, 1, BookClass.Bid, 8, 30);
        _bench.post(INTERVAL, 1, BookClass.Offer, 8, 10);
        _bench.clear(INTERVAL, 1);
        _requireShare(0, BookClass.Bid, Round.Main, 8, 30, 10);
        _requireTotals(10, 0, 0);
    }

    function test_BuyersWhoPayTheirBidLeaveASurplus() external {
        _open(EnergyRules.PAY_AS_BID);
        _bench.post(INTERVAL, 1, BookClass.Bid, 90, 7);
        _bench.post(INTERVAL, 1, BookClass.Bid, 21, 5);
        _bench.post(INTERVAL, 1, BookClass.Bid, 20, 9);
        _bench.post(INTERVAL, 1, BookClass.Offer, 20, 14);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.IntervalCleared(INTERVAL, 14, 14, 0, (70 * 7 + 1 * 5) * SIZE);
        _bench.clear(INTERVAL, 1);
        _requireTotals(14, 0, (70 * 7 + 1 * 5) * SIZE);
    }

    // --- rounds

    function test_GreenTradesFirst() external {
        _open(GREEN);
        _bench.post(INTERVAL, 1, BookClass.BidGreenFirst, 30, 50);
        _bench.post(INTERVAL, 1, BookClass.BidGreenOnly, 30, 50);
        _bench.post(INTERVAL, 1, BookClass.Bid, 30, 10);
        _bench.post(INTERVAL, 1, BookClass.OfferGreen, 30, 60);
        _bench.post(INTERVAL, 1, BookClass.Offer, 10, 22);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.BookCleared(INTERVAL, Round.Green, 0, BASE + 30 * SIZE, 60, 60);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.RoundCleared(
            INTERVAL,
            Round.Green,
            BASE + 30 * SIZE,
            BASE + 30 * SIZE,
            BASE + 30 * SIZE,
            60
        );
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.BookCleared(INTERVAL, Round.Main, 0, BASE + 30 * SIZE, 22, 22);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.RoundCleared(INTERVAL, Round.Main, BASE + 30 * SIZE, BASE + 30 * SIZE, BASE + 30 * SIZE, 22);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.IntervalCleared(INTERVAL, 82, 82, 0, 0);
        _bench.clear(INTERVAL, 1);
        _requireShare(0, BookClass.BidGreenFirst, Round.Green, 30, 50, 30);
        _requireShare(0, BookClass.BidGreenOnly, Round.Green, 30, 50, 30);
        _requireShare(0, BookClass.OfferGreen, Round.Green, 30, 60, 60);
        // 10 and the 20 that are left share 22.
        _requireShare(0, BookClass.Bid, Round.Main, 30, 10, 7);
        _requireShare(0, BookClass.BidGreenFirst, Round.Main, 30, 20, 15);
        _requireShare(0, BookClass.Offer, Round.Main, 30, 0, 0);
        _requireShare(0, BookClass.OfferGreen, Round.Main, 30, 0, 0);
    }

    function test_ASingleWhTradesInsideItsFeeder() external {
        _open(ALL_ROUNDS);
        _bench.post(INTERVAL, 1, BookClass.OfferFeederOnly, 10, 1);
        _bench.post(INTERVAL, 1, BookClass.BidFeederOnly, 10, 1);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.BookCleared(INTERVAL, Round.Feeder, 1, BASE + 10 * SIZE, 1, 1);
        _bench.clear(INTERVAL, 100);
        _requireShare(1, BookClass.OfferFeederOnly, Round.Feeder, 10, 1, 1);
        _requireShare(1, BookClass.BidFeederOnly, Round.Feeder, 10, 1, 1);
    }

    function test_WhatCostsLeastTradesInsideItsFeeder() external {
        _open(ALL_ROUNDS);
        _bench.post(INTERVAL, 1, BookClass.OfferFeederOnly, 0, 20);
        _bench.post(INTERVAL, 1, BookClass.BidFeederOnly, 0, 10);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.BookCleared(INTERVAL, Round.Feeder, 1, BASE, 10, 10);
        _bench.clear(INTERVAL, 100);
        _requireShare(1, BookClass.OfferFeederOnly, Round.Feeder, 0, 20, 10);
        _requireShare(1, BookClass.BidFeederOnly, Round.Feeder, 0, 10, 10);
    }

    function test_OffersOfOneLevelServeThreeRounds() external {
        _open(ALL_ROUNDS);
        _bench.post(INTERVAL, 1, BookClass.OfferGreen, 10, 100);
        _bench.post(INTERVAL, 1, BookClass.BidFeederOnly, 10, 20);
        _bench.post(INTERVAL, 1, BookClass.BidGreenOnly, 10, 30);
        _bench.post(INTERVAL, 2, BookClass.Bid, 10, 15);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.BookCleared(INTERVAL, Round.Feeder, 1, BASE + 10 * SIZE, 20, 20);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.BookCleared(INTERVAL, Round.Green, 1, BASE + 10 * SIZE, 30, 30);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.RoundCleared(
            INTERVAL,
            Round.Green,
            BASE + 10 * SIZE,
            BASE + 10 * SIZE,
            BASE + 10 * SIZE,
            30
        );
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.BookCleared(INTERVAL, Round.Main, 1, BASE + 10 * SIZE, 0, 15);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.BookCleared(INTERVAL, Round.Main, 2, BASE + 10 * SIZE, 15, 0);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.RoundCleared(INTERVAL, Round.Main, BASE + 10 * SIZE, BASE + 10 * SIZE, BASE + 10 * SIZE, 15);
        _bench.clear(INTERVAL, 100);
        _requireShare(1, BookClass.OfferGreen, Round.Feeder, 10, 100, 20);
        _requireShare(1, BookClass.OfferGreen, Round.Green, 10, 80, 30);
        _requireShare(1, BookClass.OfferGreen, Round.Main, 10, 50, 15);
        _requireShare(1, BookClass.BidFeederOnly, Round.Feeder, 10, 20, 20);
        _requireShare(2, BookClass.Bid, Round.Main, 10, 15, 15);
        _requireBook(1, 50, 65, 0);
        _requireBook(2, 15, 0, 0);
        _requireTotals(65, 0, 0);
    }

    function test_LaterRoundsTakeDearerOffersAndCheaperBids() external {
        _open(ALL_ROUNDS);
        _bench.post(INTERVAL, 1, BookClass.OfferGreen, 10, 20);
        _bench.post(INTERVAL, 1, BookClass.OfferGreen, 12, 20);
        _bench.post(INTERVAL, 1, BookClass.OfferGreen, 13, 20);
        _bench.post(INTERVAL, 1, BookClass.OfferGreen, 40, 20);
        _bench.post(INTERVAL, 1, BookClass.OfferFeederOnly, 41, 9);
        _bench.post(INTERVAL, 1, BookClass.BidFeederOnly, 12, 30);
        _bench.post(INTERVAL, 1, BookClass.BidGreenFirst, 13, 25);
        _bench.post(INTERVAL, 1, BookClass.Bid, 41, 6);
        _bench.post(INTERVAL, 1, BookClass.Bid, 11, 6);
        _bench.clear(INTERVAL, 100);
        // 36 of 40 within the feeder at 12, then 4 + 20 at 13, and none is left that pays 40.
        _requireShare(1, BookClass.OfferGreen, Round.Feeder, 12, 20, 16);
        _requireShare(1, BookClass.BidFeederOnly, Round.Feeder, 12, 30, 30);
        _requireShare(1, BookClass.Bid, Round.Feeder, 12, 0, 0);
        _requireShare(1, BookClass.OfferGreen, Round.Green, 13, 20, 20);
        _requireShare(1, BookClass.BidGreenFirst, Round.Green, 13, 25, 24);
        assertFalse(_bench.shareOf(INTERVAL, 1, BookClass.OfferGreen, Round.Main).traded, "main");
        assertFalse(_bench.shareOf(INTERVAL, 1, BookClass.OfferFeederOnly, Round.Green).traded, "feeder only");
        _requireBook(1, 60, 60, 0);
    }

    // --- several books

    function test_ALimitSplitsThePrice() external {
        _open(BY_FEEDER);
        _bench.limit(1, 1_000, 60);
        _bench.post(INTERVAL, 1, BookClass.Offer, 10, 200);
        _bench.post(INTERVAL, 1, BookClass.Bid, 20, 30);
        _bench.post(INTERVAL, 2, BookClass.Offer, 40, 50);
        _bench.post(INTERVAL, 2, BookClass.Bid, 50, 80);
        // The bus is at 40: 2 buys 80 and sells 20. 1 is at 10, where it sends its limit.
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.BookCleared(INTERVAL, Round.Main, 1, BASE + 10 * SIZE, 30, 90);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.BookCleared(INTERVAL, Round.Main, 2, BASE + 40 * SIZE, 80, 20);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.RoundCleared(
            INTERVAL,
            Round.Main,
            BASE + 40 * SIZE,
            BASE + 40 * SIZE,
            BASE + 40 * SIZE,
            110
        );
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.IntervalCleared(INTERVAL, 110, 110, 60 * 30 * SIZE, 0);
        _bench.clear(INTERVAL, 100);
        _requireShare(1, BookClass.Offer, Round.Main, 10, 200, 90);
        _requireShare(1, BookClass.Bid, Round.Main, 10, 0, 0);
        _requireShare(2, BookClass.Offer, Round.Main, 40, 50, 20);
        _requireShare(2, BookClass.Bid, Round.Main, 40, 0, 0);
        _requireBook(1, 30, 90, 0);
        _requireBook(2, 80, 20, 0);
        _requireTotals(110, 60 * 30 * SIZE, 0);
    }

    function test_ASingleWhTradesBetweenFeeders() external {
        _open(BY_FEEDER);
        _bench.post(INTERVAL, 1, BookClass.Offer, 10, 1);
        _bench.post(INTERVAL, 2, BookClass.Bid, 10, 1);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.BookCleared(INTERVAL, Round.Main, 1, BASE + 10 * SIZE, 0, 1);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.BookCleared(INTERVAL, Round.Main, 2, BASE + 10 * SIZE, 1, 0);
        _bench.clear(INTERVAL, 100);
        _requireBook(1, 0, 1, 0);
        _requireBook(2, 1, 0, 0);
    }

    function test_ALimitOnWhatIsTakenIsDearer() external {
        _open(BY_FEEDER);
        _bench.limit(2, 25, 0);
        _bench.post(INTERVAL, 1, BookClass.Offer, 10, 200);
        _bench.post(INTERVAL, 2, BookClass.Bid, 50, 80);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.BookCleared(INTERVAL, Round.Main, 2, BASE + 50 * SIZE, 25, 0);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.IntervalCleared(INTERVAL, 25, 25, 25 * 40 * SIZE, 0);
        _bench.clear(INTERVAL, 100);
        assertFalse(_bench.shareOf(INTERVAL, 1, BookClass.Bid, Round.Main).traded, "nobody bids there");
    }

    function test_TheGreenFlowCountsInTheMainRound() external {
        _open(BY_FEEDER | GREEN);
        _bench.limit(1, 5, 60);
        _bench.post(INTERVAL, 1, BookClass.OfferGreen, 10, 40);
        _bench.post(INTERVAL, 1, BookClass.Offer, 10, 100);
        _bench.post(INTERVAL, 2, BookClass.BidGreenOnly, 20, 40);
        _bench.post(INTERVAL, 2, BookClass.Bid, 20, 100);
        _bench.clear(INTERVAL, 100);
        _requireBook(1, 0, 60, 40);
        _requireBook(2, 60, 0, -40);
        _requireShare(1, BookClass.Offer, Round.Main, 10, 100, 20);
    }

    function test_AFlowTheOtherWayMakesRoom() external {
        _open(BY_FEEDER | GREEN);
        _bench.limit(1, 5, 60);
        _bench.post(INTERVAL, 1, BookClass.OfferGreen, 10, 50);
        _bench.post(INTERVAL, 2, BookClass.BidGreenOnly, 10, 50);
        _bench.post(INTERVAL, 1, BookClass.Bid, 20, 100);
        _bench.post(INTERVAL, 2, BookClass.Offer, 20, 100);
        _bench.clear(INTERVAL, 100);
        _requireBook(1, 55, 50, 50);
        _requireBook(2, 50, 55, -50);
    }

    function testFuzz_WithoutLimitsFeedersAreOneBook(uint256 seed) external {
        Posted[] memory orders = _market(seed, 0);
        _open(0);
        _post(orders);
        _bench.clear(INTERVAL, 1);
        ClearingBench whole = _bench;
        _bench = new ClearingBench();
        _open(BY_FEEDER);
        _post(orders);
        vm.recordLogs();
        _bench.clear(INTERVAL, 100);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        IntervalTotals memory one = whole.totalsOf(INTERVAL);
        _requireTotals(one.bought, 0, 0);
        uint256 tick = whole.shareOf(INTERVAL, 0, BookClass.Bid, Round.Main).tick;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IEnergyMarket.BookCleared.selector) continue;
            (uint24 price, , ) = abi.decode(logs[i].data, (uint24, uint64, uint64));
            assertEq(price, BASE + tick * SIZE, "price");
        }
    }

    function testFuzz_WithLimitsOfZeroEveryFeederIsAlone(uint256 seed) external {
        Posted[] memory orders = _market(seed, 0);
        _open(BY_FEEDER);
        _post(orders);
        for (uint256 i = 0; i < _feeders.length; ++i) _bench.limit(_feeders[i], 0, 0);
        _bench.clear(INTERVAL, 100);
        assertEq(_bench.totalsOf(INTERVAL).rent, 0, "no rent");
        for (uint256 i = 0; i < _feeders.length; ++i) {
            ClearingBench alone = new ClearingBench();
            alone.open(INTERVAL, BASE, SIZE, 0);
            for (uint256 j = 0; j < orders.length; ++j) {
                Posted memory order = orders[j];
                if (order.feeder == _feeders[i]) alone.post(INTERVAL, 0, order.class, order.tick, order.wh);
            }
            alone.clear(INTERVAL, 1);
            uint256 volume = alone.totalsOf(INTERVAL).bought;
            BookTotals memory book = _bench.bookOf(INTERVAL, _feeders[i]);
            assertEq(book.bought, volume, "bought");
            assertEq(book.sold, volume, "sold");
        }
    }

    function test_ARangeBeyondAllPricesIsCutOff() external {
        _bench.open(INTERVAL, type(uint24).max - 10, 1, BY_FEEDER);
        _bench.limit(1, 0, 0);
        _bench.post(INTERVAL, 1, BookClass.Bid, 6, 5);
        _bench.post(INTERVAL, 1, BookClass.Offer, 3, 5);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.BookCleared(INTERVAL, Round.Main, 1, type(uint24).max - 6, 5, 5);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.RoundCleared(
            INTERVAL,
            Round.Main,
            type(uint24).max - 10,
            type(uint24).max,
            type(uint24).max,
            5
        );
        _bench.clear(INTERVAL, 100);
    }

    function test_FeedersOfAnyNumberTakePart() external {
        _open(BY_FEEDER);
        _bench.mark(INTERVAL, 4);
        _bench.post(INTERVAL, 1, BookClass.Offer, 10, 7);
        _bench.post(INTERVAL, 65_535, BookClass.Bid, 10, 5);
        assertFalse(_bench.clear(INTERVAL, 3), "after the first pass");
        assertFalse(_bench.clear(INTERVAL, 2), "before the last book");
        assertEq(_bench.recordOf(INTERVAL).cursor, 65_535, "cursor");
        assertTrue(_bench.clear(INTERVAL, 1), "done");
        _requireBook(1, 0, 5, 0);
        _requireBook(65_535, 5, 0, 0);
        _requireNoBook(4);
    }

    /// @dev Settlement's view: orders one by one, better ones whole, those at the price by their part.
    function testFuzz_FillsAddUpToAllTotals(uint256 seed) external {
        uint8 rules = _rules(seed);
        Posted[] memory orders = _market(seed, rules);
        _open(rules);
        _setLimits(_bench, seed);
        _post(orders);
        _bench.clear(INTERVAL, 1_000);
        uint256[2] memory sums;
        int256 money = 0;
        for (uint256 i = 0; i < _feeders.length; ++i) {
            Tally memory tally = _settle(_feeders[i], orders);
            BookTotals memory book = _bench.bookOf(INTERVAL, _feeders[i]);
            assertEq(book.bought, tally.bought, "bought");
            assertEq(book.sold, tally.sold, "sold");
            (uint56 importWh, uint56 exportWh) = _bench.limitsOf(_feeders[i], INTERVAL);
            assertLe(tally.sold, tally.bought + exportWh, "sends at most its limit");
            assertLe(tally.bought, tally.sold + importWh, "takes at most its limit");
            sums[0] += tally.bought;
            sums[1] += tally.surplus;
            money += tally.money;
        }
        _requireTotals(sums[0], uint256(money), rules & EnergyRules.PAY_AS_BID == 0 ? 0 : sums[1]);
    }

    // --- calls

    function testFuzz_AnyNumberOfCallsEndsAlike(uint256 seed) external {
        uint8 rules = _rules(seed);
        Posted[] memory orders = _market(seed, rules);
        _open(rules);
        _setLimits(_bench, seed);
        _post(orders);
        ClearingBench split = new ClearingBench();
        ClearingBench whole = _bench;
        _bench = split;
        _open(rules);
        split.soil(INTERVAL, 0);
        _setLimits(split, seed);
        _post(orders);

        vm.recordLogs();
        assertTrue(whole.clear(INTERVAL, 1_000), "at once");
        Vm.Log[] memory expected = vm.getRecordedLogs();
        vm.recordLogs();
        uint256 random = seed;
        uint256 calls = 1;
        while (!split.clear(INTERVAL, 1 + (random % 4))) {
            assertEq(uint256(split.recordOf(INTERVAL).state), uint256(IntervalState.Clearing), "under way");
            random = uint256(keccak256(abi.encode(random)));
            assertLe(++calls, 25, "five books in five passes");
        }
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, expected.length, "events");
        for (uint256 i = 0; i < logs.length; ++i) {
            assertEq(
                keccak256(abi.encode(logs[i].topics, logs[i].data)),
                keccak256(abi.encode(expected[i].topics, expected[i].data)),
                "event"
            );
        }
        assertEq(_digest(split), _digest(whole), "storage");
    }

    // --- helpers

    function _open(uint8 rules) private {
        _bench.open(INTERVAL, BASE, SIZE, rules);
    }

    function _requireWrongState(IntervalState state) private {
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketWrongState.selector, INTERVAL, state));
        _bench.clear(INTERVAL, 1);
    }

    function _requireLongStop() private {
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketLongStopPassed.selector, INTERVAL, LONG_STOP));
        _bench.clear(INTERVAL, 1);
    }

    function _requireNoTrade() private {
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.RoundCleared(INTERVAL, Round.Main, 0, 0, 0, 0);
        vm.expectEmit(address(_bench));
        emit IEnergyMarket.IntervalCleared(INTERVAL, 0, 0, 0, 0);
        assertTrue(_bench.clear(INTERVAL, 1), "done");
        _requireTotals(0, 0, 0);
        assertEq(uint256(_bench.recordOf(INTERVAL).state), uint256(IntervalState.Cleared), "state");
    }

    function _requireShare(
        uint16 feeder,
        BookClass class,
        Round round,
        uint256 tick,
        uint256 level,
        uint256 filled
    ) private view {
        Share memory share = _bench.shareOf(INTERVAL, feeder, class, round);
        assertEq(share.tick, tick, "tick");
        assertEq(share.level, level, "level");
        assertEq(share.filled, filled, "filled");
        assertEq(share.visited, 0, "visited");
        assertTrue(share.traded == (tick + level != 0), "traded");
    }

    function _requireBook(uint16 feeder, uint256 bought, uint256 sold, int256 greenFlow) private view {
        BookTotals memory book = _bench.bookOf(INTERVAL, feeder);
        assertEq(book.bought, bought, "bought");
        assertEq(book.sold, sold, "sold");
        assertEq(book.boughtVisited, 0, "visited");
        assertTrue(book.greenFlow == greenFlow, "green flow");
    }

    function _requireNoBook(uint16 feeder) private view {
        _requireBook(feeder, 0, 0, 0);
    }

    function _requireTotals(uint256 volume, uint256 rent, uint256 surplus) private view {
        IntervalTotals memory totals = _bench.totalsOf(INTERVAL);
        assertEq(totals.bought, volume, "bought");
        assertEq(totals.sold, volume, "sold");
        assertEq(totals.rent, rent, "rent");
        assertEq(totals.surplus, surplus, "surplus");
    }

    /// @dev By feeder, and any of the rest.
    function _rules(uint256 seed) private pure returns (uint8 rules) {
        rules = uint8(bound(seed, 0, EnergyRules.ALL)) | BY_FEEDER;
    }

    /// @dev Orders around one tick on five feeders, of all classes that the rules have.
    function _market(uint256 seed, uint8 rules) private view returns (Posted[] memory orders) {
        orders = new Posted[](bound(seed >> 8, 4, 40));
        uint256 start = bound(seed >> 16, 0, 240);
        for (uint256 i = 0; i < orders.length; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            BookClass class = BookClass(random % CLASSES);
            bool feederOnly = class == BookClass.BidFeederOnly || class == BookClass.OfferFeederOnly;
            bool green =
                class == BookClass.BidGreenFirst || class == BookClass.BidGreenOnly || class == BookClass.OfferGreen;
            if ((feederOnly && rules & EnergyRules.FEEDER_FIRST == 0) || (green && rules & GREEN == 0)) {
                class = class < BookClass.Offer ? BookClass.Bid : BookClass.Offer;
            }
            orders[i] = Posted({
                feeder: _feeders[(random >> 8) % _feeders.length],
                class: class,
                tick: uint8(start + ((random >> 16) % 12)),
                wh: uint32(1 + ((random >> 32) % ((random >> 64) % 4 == 0 ? 1_000_000 : 50)))
            });
        }
    }

    function _post(Posted[] memory orders) private {
        for (uint256 i = 0; i < orders.length; ++i) {
            _bench.post(INTERVAL, orders[i].feeder, orders[i].class, orders[i].tick, orders[i].wh);
        }
    }

    function _setLimits(ClearingBench bench, uint256 seed) private {
        for (uint256 i = 0; i < _feeders.length; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i, "limits")));
            if (random % 3 == 0) continue;
            bench.limit(_feeders[i], uint56((random >> 8) % 60), uint56((random >> 72) % 60));
        }
    }

    function _settle(uint16 feeder, Posted[] memory orders) private view returns (Tally memory tally) {
        uint256[ROUNDS][CLASSES] memory visited;
        for (uint256 i = 0; i < orders.length; ++i) {
            if (orders[i].feeder == feeder) _settleOne(orders[i], visited[uint256(orders[i].class)], tally);
        }
        // What a share counts at its price is exactly what orders have left there.
        for (uint256 class = 0; class < CLASSES; ++class) {
            for (uint256 round = 0; round < ROUNDS; ++round) {
                uint256 level = _bench.shareOf(INTERVAL, feeder, BookClass(class), Round(round)).level;
                assertEq(visited[class][round], level, "level");
            }
        }
    }

    function _settleOne(Posted memory order, uint256[ROUNDS] memory visited, Tally memory tally) private view {
        uint256 left = order.wh;
        for (uint256 round = 0; round < ROUNDS; ++round) {
            Share memory share = _bench.shareOf(INTERVAL, order.feeder, order.class, Round(round));
            uint256 filled = _fill(order, share, left, visited[round]);
            if (share.traded && share.tick == order.tick) visited[round] += left;
            assertLe(filled, left, "fill");
            left -= filled;
            uint256 value = filled * (BASE + uint256(share.tick) * SIZE);
            if (order.class < BookClass.Offer) {
                tally.bought += filled;
                tally.money += int256(value);
                tally.surplus += filled * (BASE + uint256(order.tick) * SIZE) - value;
            } else {
                tally.sold += filled;
                tally.money -= int256(value);
            }
        }
    }

    function _fill(
        Posted memory order,
        Share memory share,
        uint256 left,
        uint256 visited
    ) private pure returns (uint256 filled) {
        if (!share.traded) return 0;
        if (share.tick == order.tick) return UniformPriceAuction.share(visited, left, share.filled, share.level);
        bool better = order.class < BookClass.Offer ? order.tick > share.tick : order.tick < share.tick;
        return better ? left : 0;
    }

    /// @dev Of everything that clearing stores for later.
    function _digest(ClearingBench bench) private view returns (bytes32 digest) {
        digest = keccak256(abi.encode(bench.recordOf(INTERVAL), bench.totalsOf(INTERVAL)));
        for (uint256 i = 0; i < _feeders.length; ++i) {
            digest = keccak256(abi.encode(digest, bench.bookOf(INTERVAL, _feeders[i])));
            for (uint256 class = 0; class < CLASSES; ++class) {
                for (uint256 round = 0; round < ROUNDS; ++round) {
                    Share memory share = bench.shareOf(INTERVAL, _feeders[i], BookClass(class), Round(round));
                    digest = keccak256(abi.encode(digest, share));
                }
            }
        }
    }
}
