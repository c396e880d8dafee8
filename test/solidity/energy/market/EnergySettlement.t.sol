// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    AccountDetails,
    BookTotals,
    IntervalRecord,
    IntervalTotals,
    Treasury
} from "../../../../contracts/energy/market/EnergyLedger.sol";
import {
    BookClass,
    FeederRow,
    IEnergyMarket,
    IntervalState,
    Position,
    PostedBatch,
    Round
} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {EnergyRules} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {SettlementDesk} from "./SettlementFixture.sol";

/// @notice {EnergySettlement-confirmReadings}.
contract ConfirmReadingsTest is SettlementDesk {
    function setUp() public {
        buildDesk(0);
        desk.setState(INTERVAL, IntervalState.Cleared);
        desk.setFeeder(INTERVAL, 1);
        desk.setFeeder(INTERVAL, 300);
        desk.setFeeder(INTERVAL, type(uint16).max);
    }

    function _accept(uint16 feeder) private {
        meters.accept(feeder, INTERVAL, "", uint40(block.timestamp));
    }

    // confirmReadings
    // ├── bound of zero: reverts
    // ├── interval not cleared: reverts
    // ├── a feeder's readings are not there: reverts
    // ├── not final yet: reverts with the time
    // ├── more feeders than the bound: not done, goes on where it stopped
    // └── all final: done, Settling, event
    function test_RevertWhen_ConfirmingNoFeeders() public {
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketInvalidBound.selector, 0));
        desk.confirmReadings(readings, INTERVAL, 0);
    }

    function test_RevertWhen_ConfirmingBeforeClearing() public {
        desk.setState(INTERVAL, IntervalState.Clearing);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketWrongState.selector, INTERVAL, IntervalState.Clearing)
        );
        desk.confirmReadings(readings, INTERVAL, 1);
    }

    function test_RevertWhen_ReadingsAreMissing() public {
        _accept(1);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketReadingsNotFinal.selector, INTERVAL, uint16(300), 0)
        );
        desk.confirmReadings(readings, INTERVAL, 3);
    }

    function test_RevertWhen_ReadingsAreNotFinal() public {
        vm.warp(EPOCH);
        meters.accept(1, INTERVAL, "", uint40(EPOCH + 1));
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketReadingsNotFinal.selector, INTERVAL, uint16(1), EPOCH + 1)
        );
        desk.confirmReadings(readings, INTERVAL, 3);
        vm.warp(EPOCH + 1);
        assertFalse(desk.confirmReadings(readings, INTERVAL, 1), "final from then on");
    }

    function test_ConfirmsInManyCalls() public {
        _accept(1);
        assertFalse(desk.confirmReadings(readings, INTERVAL, 1), "one of three");
        assertEq(desk.intervalOf(INTERVAL).cursor, 300, "goes on at the next feeder");
        _accept(300);
        _accept(type(uint16).max);
        assertFalse(desk.confirmReadings(readings, INTERVAL, 1), "two of three");
        assertEq(uint256(desk.intervalOf(INTERVAL).state), uint256(IntervalState.Cleared), "still cleared");
        vm.expectEmit(address(desk));
        emit IEnergyMarket.ReadingsConfirmed(INTERVAL);
        assertTrue(desk.confirmReadings(readings, INTERVAL, 1), "all");
        assertEq(uint256(desk.intervalOf(INTERVAL).state), uint256(IntervalState.Settling), "settling");
        assertEq(desk.intervalOf(INTERVAL).cursor, 0, "cursor starts again");
    }

    function test_ConfirmsAllAtOnce() public {
        _accept(1);
        _accept(300);
        _accept(type(uint16).max);
        assertTrue(desk.confirmReadings(readings, INTERVAL, 100), "all");
    }

    function test_FeedersBehindTheLastOrderAreNotAsked() public {
        desk.setState(INTERVAL + 1, IntervalState.Cleared);
        desk.setFeeder(INTERVAL + 1, type(uint16).max - 1);
        meters.accept(type(uint16).max - 1, INTERVAL + 1, "", uint40(block.timestamp));
        assertTrue(desk.confirmReadings(readings, INTERVAL + 1, 2), "all");
    }
}

/// @notice {EnergySettlement-settle}: what an account gets and gives.
contract SettleTest is SettlementDesk {
    uint32 private constant BUYER = 0x100;
    uint32 private constant SELLER = 0x101;

    function setUp() public {
        buildDesk(0);
        open(BUYER, FUNDS);
        open(SELLER, FUNDS);
    }

    /// @dev A buyer bids 500 Wh at 220, a seller offers 500 at 180; the price is 200.
    function _trade(int32 drawn, int32 sold) private {
        _post(drawn, sold);
        settle(1);
    }

    function _post(int32 drawn, int32 sold) private {
        clearAtTick();
        measure(BUYER, drawn);
        measure(SELLER, sold);
        uint256 bought = freeOf(BUYER);
        uint256 offered = freeOf(SELLER);
        post(bytes.concat(order(BUYER, BID, 140, 500), order(SELLER, OFFER, 100, 500)));
        assertFree(BUYER, bought - 130_000);
        assertFree(SELLER, offered - 70_000);
    }

    /// @dev Settles the newest batch, of which the next events are expected.
    function _expect() private returns (PostedBatch[] memory batches, FeederRow[] memory rows) {
        (batches, rows) = ready(1);
        vm.expectEmit(address(desk));
    }

    function _assertMoney(uint256 supplier, uint256 gridFees, uint256 pot) private view {
        Treasury memory treasury = desk.treasury();
        assertEq(treasury.supplier, supplier, "supplier");
        assertEq(treasury.gridFees, gridFees, "grid fees");
        assertEq(treasury.pot, pot, "pot");
    }

    // one order
    // ├── buyer draws more (S1), less (S2)
    // ├── seller delivers exactly (S3), less (S4), more (S5), draws (S6)
    // ├── nothing traded: the lock returns, all that is drawn costs retail
    // └── no reading, or a meter beyond the row: the buyer drew what was bought, the seller delivered nothing
    function test_CaseS1BuyerShort() public {
        _trade(700, -500);
        assertFree(BUYER, FUNDS - 184_000);
        assertFree(SELLER, FUNDS + 100_000);
        _assertMoney(SUPPLIER_FUNDS + 64_000, 20_000, 0);
    }

    function test_CaseS2BuyerLong() public {
        _trade(420, -500);
        assertFree(BUYER, FUNDS - 113_600);
        _assertMoney(SUPPLIER_FUNDS - 6_400, 20_000, 0);
    }

    function test_CaseS3SellerExact() public {
        _trade(500, -500);
        assertFree(BUYER, FUNDS - 120_000);
        assertFree(SELLER, FUNDS + 100_000);
        _assertMoney(SUPPLIER_FUNDS, 20_000, 0);
    }

    function test_CaseS4SellerShort() public {
        _trade(500, -300);
        assertFree(SELLER, FUNDS + 36_000);
        _assertMoney(SUPPLIER_FUNDS + 64_000, 20_000, 0);
    }

    function test_CaseS5SellerLong() public {
        _trade(500, -650);
        assertFree(SELLER, FUNDS + 112_000);
        _assertMoney(SUPPLIER_FUNDS - 12_000, 20_000, 0);
    }

    function test_CaseS6SellerDraws() public {
        _trade(500, 100);
        assertFree(SELLER, FUNDS - 92_000);
        _assertMoney(SUPPLIER_FUNDS + 192_000, 20_000, 0);
    }

    function test_NothingTraded() public {
        measure(BUYER, 10);
        measure(SELLER, -20);
        post(bytes.concat(order(BUYER, BID, 140, 500), order(SELLER, OFFER, 100, 500)));
        settle(1);
        assertFree(BUYER, FUNDS - 3_200);
        assertFree(SELLER, FUNDS + 1_600);
        _assertMoney(SUPPLIER_FUNDS + 1_600, 0, 0);
    }

    function test_MissingReadings() public {
        _post(NO_READING, NO_READING);
        bytes memory results = bytes.concat(result(BUYER, 500, 500), result(SELLER, -500, 0));
        (PostedBatch[] memory batches, FeederRow[] memory rows) = _expect();
        emit IEnergyMarket.AccountsSettled(INTERVAL, 0, keccak256(results), results);
        desk.settle(readings, INTERVAL, batches, rows);
        assertFree(BUYER, FUNDS - 120_000);
        assertFree(SELLER, FUNDS + 100_000 - 160_000);
    }

    function test_MeterBeyondTheRow() public {
        clearAtTick();
        uint32 late = open(idOf(1, METERS), FUNDS);
        post(order(late, BID, 140, 500));
        settle(1);
        assertFree(late, FUNDS - 120_000);
    }

    // steps and shares
    // ├── several steps: each by its own tick, the deviation once
    // ├── at the price: shares by the telescoping prefix, which goes on over calls
    // └── worse than the price: nothing
    function test_StepsAreFilledEachByItsTick() public {
        share(0, BookClass.Bid, Round.Main, TICK, 300, 100);
        share(0, BookClass.Offer, Round.Main, TICK, 0, 0);
        measure(BUYER, 350);
        measure(SELLER, -300);
        post(bytes.concat(order(BUYER, BID, 140, 200, TICK, 300), order(SELLER, OFFER, 100, 300, 130, 50)));
        settle(1);
        assertFree(BUYER, FUNDS - 300 * 240 - 50 * 320);
        assertFree(SELLER, FUNDS + 300 * 200);
        assertEq(desk.shareOf(INTERVAL, 0, BookClass.Bid, Round.Main).visited, 300, "visited");
    }

    function test_SharesGoOnOverCalls() public {
        uint32 third = open(0x102, FUNDS);
        share(0, BookClass.Bid, Round.Main, TICK, 30, 10);
        measure(BUYER, 3);
        measure(SELLER, 3);
        measure(third, 4);
        post(order(third, BID, TICK, 10));
        post(bytes.concat(order(BUYER, BID, TICK, 10), order(SELLER, BID, TICK, 10)));
        settle(1);
        assertFree(BUYER, FUNDS - 3 * 240);
        assertFree(SELLER, FUNDS - 3 * 240);
        assertEq(desk.shareOf(INTERVAL, 0, BookClass.Bid, Round.Main).visited, 20, "visited after the first call");
        settle(1);
        assertFree(third, FUNDS - 4 * 240);
    }

    // classes: each trades in its rounds and no other
    function test_EveryClassTradesInItsRounds() public {
        buildDesk(EnergyRules.BY_FEEDER | EnergyRules.FEEDER_FIRST | EnergyRules.GREEN);
        uint8[7] memory flags = [BID, GREEN_FIRST, GREEN_ONLY, FEEDER_ONLY, OFFER, GREEN_OFFER, FEEDER_OFFER];
        // 1 of 64 Wh in the feeder round, 2 in the green one, 4 in the main one, where the class takes part.
        uint256[7] memory filled = [uint256(5), 6, 2, 1, 5, 7, 1];
        desk.setBook(INTERVAL, 1, BookTotals(14, 13, 0, 0));
        for (uint256 i = 0; i < flags.length; ++i) {
            BookClass class = BookClass(i);
            share(1, class, Round.Feeder, TICK, 64, 1);
            share(1, class, Round.Green, TICK, filled[i] & 1 != 0 ? 63 : 64, 2);
            share(1, class, Round.Main, TICK, uint64(64 - (filled[i] & 3)), 4);
            uint32 account = open(idOf(2, i), FUNDS);
            account = open(idOf(1, i), FUNDS);
            post(order(account, flags[i], TICK, 64));
        }
        PostedBatch[] memory batches = newest(7);
        bytes memory results;
        for (uint256 i = 7; i > 0; --i) {
            int32 wh = int32(int256(filled[i - 1]));
            results = bytes.concat(results, i > 4 ? result(idOf(1, i - 1), -wh, 0) : result(idOf(1, i - 1), wh, wh));
        }
        // No meter is in the row, so every buyer drew what he bought.
        FeederRow[] memory rows = new FeederRow[](1);
        meters.accept(1, INTERVAL, "", 0);
        vm.expectEmit(address(desk));
        emit IEnergyMarket.AccountsSettled(INTERVAL, 0, keccak256(results), results);
        desk.settle(readings, INTERVAL, batches, rows);
        assertEq(desk.bookOf(INTERVAL, 1).boughtVisited, 14, "all bought Wh visited");
    }

    // fees
    // ├── one book: the grid fee
    // └── by feeder: min(bought, sold) of the feeder at the lower fee, shared by the prefix in the order of visits
    function test_FeesInsideAFeeder() public {
        buildDesk(EnergyRules.BY_FEEDER);
        uint32[3] memory buyers = [open(0x100, FUNDS), open(0x101, FUNDS), open(0x200, FUNDS)];
        for (uint16 feeder = 1; feeder <= 2; ++feeder) share(feeder, BookClass.Bid, Round.Main, TICK, 0, 0);
        // Of 30 Wh bought 10 came from the same feeder; the other feeder sold more than it bought.
        desk.setBook(INTERVAL, 1, BookTotals(30, 10, 0, 0));
        desk.setBook(INTERVAL, 2, BookTotals(7, 50, 0, 0));
        measure(buyers[0], 10);
        measure(buyers[1], 20);
        measure(buyers[2], 7);
        post(order(buyers[1], BID, 140, 20));
        post(bytes.concat(order(buyers[0], BID, 140, 10), order(buyers[2], BID, 140, 7)));
        settle(2);
        assertFree(buyers[0], FUNDS - 10 * 200 - 3 * 15 - 7 * 40);
        assertFree(buyers[1], FUNDS - 20 * 200 - 7 * 15 - 13 * 40);
        assertFree(buyers[2], FUNDS - 7 * 215);
        assertEq(desk.bookOf(INTERVAL, 1).boughtVisited, 30, "visited in the first feeder");
        assertEq(desk.bookOf(INTERVAL, 2).boughtVisited, 7, "visited in the second feeder");
        assertEq(desk.treasury().gridFees, 10 * 15 + 20 * 40 + 7 * 15, "grid fees");
    }

    // feeders
    // └── each has its own price; coming back to one goes on where it was left
    function test_EveryFeederHasItsOwnShares() public {
        buildDesk(EnergyRules.BY_FEEDER);
        uint32[4] memory buyers = [open(0x100, FUNDS), open(0x200, FUNDS), open(0x101, FUNDS), open(0x201, FUNDS)];
        desk.setBook(INTERVAL, 1, BookTotals(10, 0, 0, 0));
        desk.setBook(INTERVAL, 2, BookTotals(20, 0, 0, 0));
        share(1, BookClass.Bid, Round.Main, 130, 20, 10);
        share(2, BookClass.Bid, Round.Main, 110, 0, 0);
        bytes memory records;
        for (uint256 i = 0; i < 4; ++i) {
            measure(buyers[i], i % 2 == 0 ? int32(5) : int32(10));
            records = bytes.concat(records, order(buyers[i], BID, 130, 10));
        }
        post(records);
        settle(1);
        for (uint256 i = 0; i < 4; ++i) {
            assertFree(buyers[i], i % 2 == 0 ? FUNDS - 5 * 250 : FUNDS - 10 * 230);
        }
        assertEq(desk.shareOf(INTERVAL, 1, BookClass.Bid, Round.Main).visited, 20, "visited");
    }

    // pay as bid
    // ├── surplus to the sellers by Wh sold, over calls
    // └── surplus to the pot when the interval ends
    function test_SurplusGoesToSellers() public {
        buildDesk(EnergyRules.PAY_AS_BID);
        uint32[3] memory accounts = [open(0x100, FUNDS), open(0x101, FUNDS), open(0x102, FUNDS)];
        clearAtTick();
        desk.setTotals(INTERVAL, IntervalTotals(300, 300, 0, 7_000));
        measure(accounts[0], 300);
        measure(accounts[1], -200);
        measure(accounts[2], -100);
        // Bids 220 and 225, so (220 - 200) · 100 + (225 - 200) · 200 above the price.
        post(order(accounts[0], BID, 140, 100, 145, 200));
        post(order(accounts[1], OFFER, 100, 200));
        post(order(accounts[2], OFFER, 100, 100));
        settle(1);
        assertFree(accounts[2], FUNDS + 100 * 200 + 2_333);
        assertEq(desk.soldVisited(INTERVAL), 100, "visited");
        settle(2);
        assertFree(accounts[1], FUNDS + 200 * 200 + 4_667);
        assertFree(accounts[0], FUNDS - 100 * 260 - 200 * 265);
        assertEq(money(), 3 * FUNDS + SUPPLIER_FUNDS, "all money");
    }

    function test_SurplusGoesToThePot() public {
        buildDesk(EnergyRules.PAY_AS_BID | EnergyRules.SURPLUS_TO_POT);
        open(BUYER, FUNDS);
        open(SELLER, FUNDS);
        desk.setTotals(INTERVAL, IntervalTotals(500, 500, 0, 10_000));
        _post(500, -500);
        (PostedBatch[] memory batches, FeederRow[] memory rows) = _expect();
        emit IEnergyMarket.IntervalSettled(INTERVAL, 0, 10_000);
        desk.settle(readings, INTERVAL, batches, rows);
        assertFree(BUYER, FUNDS - 500 * 260);
        assertFree(SELLER, FUNDS + 500 * 200);
        _assertMoney(SUPPLIER_FUNDS, 20_000, 10_000);
    }

    // debt and claims
    // ├── draws beyond means: pays what is there, the rest is debt
    // ├── indebted: what comes pays the debt first
    // ├── indebted, and the supplier owes: debt is set off, the supplier needs money for the rest only
    // └── supplier owes more than it has: pays what is there, the rest is a claim
    function test_DebtForExcessDraw() public {
        open(BUYER, 150_000);
        _post(700, -500);
        (PostedBatch[] memory batches, FeederRow[] memory rows) = _expect();
        emit IEnergyMarket.DebtIncurred(BUYER, INTERVAL, 34_000);
        desk.settle(readings, INTERVAL, batches, rows);
        assertFree(BUYER, 0);
        assertOwed(BUYER, 34_000, 0);
        _assertMoney(SUPPLIER_FUNDS + 30_000, 20_000, 0);
    }

    function test_DebtIsPaidFirst() public {
        open(SELLER, 70_000);
        _post(500, -500);
        indebt(SELLER, 25_000);
        (PostedBatch[] memory batches, FeederRow[] memory rows) = _expect();
        emit IEnergyMarket.DebtPaid(SELLER, 25_000, 0);
        desk.settle(readings, INTERVAL, batches, rows);
        assertFree(SELLER, 70_000 + 100_000 - 25_000);
        assertOwed(SELLER, 0, 0);
        _assertMoney(SUPPLIER_FUNDS + 25_000, 20_000, 0);
    }

    function test_DebtGrowsWithAnotherDraw() public {
        open(BUYER, 130_000);
        clearAtTick();
        measure(BUYER, 700);
        post(order(BUYER, BID, 140, 500));
        indebt(BUYER, 4_000);
        settle(1);
        // 10,000 come back, of which 4,000 pay the old debt and 6,000 the draw of 64,000.
        assertFree(BUYER, 0);
        assertOwed(BUYER, 58_000, 0);
        _assertMoney(SUPPLIER_FUNDS + 10_000, 20_000, 0);
    }

    function test_DebtIsSetOffAgainstFeedIn() public {
        open(SELLER, 70_000);
        setSupplier(1_000);
        measure(SELLER, -2_000);
        post(order(SELLER, OFFER, 100, 500));
        indebt(SELLER, 200_000);
        // 70,000 come back and pay debt; 160,000 are owed for feed-in, of which 130,000 are set off. The supplier has 71,000.
        settle(1);
        assertFree(SELLER, 30_000);
        assertOwed(SELLER, 0, 0);
        _assertMoney(41_000, 0, 0);
    }

    function test_ClaimWhenTheSupplierIsEmpty() public {
        setSupplier(1_000);
        _post(500, -650);
        (PostedBatch[] memory batches, FeederRow[] memory rows) = _expect();
        emit IEnergyMarket.ClaimBooked(SELLER, INTERVAL, 11_000);
        desk.settle(readings, INTERVAL, batches, rows);
        assertFree(SELLER, FUNDS + 100_000 + 1_000);
        assertOwed(SELLER, 0, 11_000);
        _assertMoney(0, 20_000, 0);
    }

    // readings
    // ├── replaced: the replacement counts
    // └── in a tree: by proof
    function test_OverrideCounts() public {
        meters.replace(BUYER, INTERVAL, 700);
        _trade(420, -500);
        assertFree(BUYER, FUNDS - 184_000);
    }

    function test_OverrideOfAMissingReadingCounts() public {
        meters.replace(BUYER, INTERVAL, -5);
        _trade(NO_READING, -500);
        assertFree(BUYER, FUNDS - 120_000 + 505 * 80);
    }

    function test_RowIsProvenInATree() public {
        clearAtTick();
        post(order(BUYER, BID, 140, 500));
        PostedBatch[] memory batches = newest(1);
        measure(BUYER, 700);
        FeederRow[] memory rows = rowsFor(batches);
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encodePacked(INTERVAL, rows[0].values))));
        bytes32 sibling = keccak256("another interval");
        bytes32 root = leaf < sibling ? keccak256(abi.encode(leaf, sibling)) : keccak256(abi.encode(sibling, leaf));
        meters.setRow(1, INTERVAL, root, 0, uint16(METERS));
        rows[0].proof = new bytes32[](1);
        rows[0].proof[0] = sibling;
        desk.settle(readings, INTERVAL, batches, rows);
        assertFree(BUYER, FUNDS - 184_000);
    }

    // settle
    // ├── not settling: reverts
    // ├── no batches: reverts
    // ├── another batch than the newest, other records: reverts
    // ├── row missing, too many, of another length, not proven: reverts
    // ├── a feeder that the records come to again needs no other row
    // ├── some batches left: stays Settling
    // ├── positions left: stays Settling
    // └── all: rent to the grid fees, Settled, event
    function test_RevertWhen_NotSettling() public {
        desk.setState(INTERVAL, IntervalState.Cleared);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketWrongState.selector, INTERVAL, IntervalState.Cleared)
        );
        desk.settle(readings, INTERVAL, new PostedBatch[](1), new FeederRow[](0));
    }

    function test_RevertWhen_NoBatchIsGiven() public {
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketInvalidBound.selector, 0));
        desk.settle(readings, INTERVAL, new PostedBatch[](0), new FeederRow[](0));
    }

    function _expectWrongBatch(PostedBatch memory batch) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IEnergyMarket.EnergyMarketWrongBatch.selector,
                INTERVAL,
                keccak256(abi.encodePacked(batch.previous, keccak256(batch.records))),
                desk.chainOf(INTERVAL)
            )
        );
    }

    function test_RevertWhen_BatchIsNotTheNewest() public {
        post(order(BUYER, BID, 140, 500));
        post(order(SELLER, OFFER, 100, 500));
        PostedBatch[] memory batches = newest(2);
        (batches[0], batches[1]) = (batches[1], batches[0]);
        FeederRow[] memory rows = rowsFor(batches);
        _expectWrongBatch(batches[0]);
        desk.settle(readings, INTERVAL, batches, rows);
    }

    function test_RevertWhen_RecordsAreOthers() public {
        post(order(BUYER, BID, 140, 500));
        PostedBatch[] memory batches = newest(1);
        batches[0].records[9] = 0x01;
        FeederRow[] memory rows = rowsFor(batches);
        _expectWrongBatch(batches[0]);
        desk.settle(readings, INTERVAL, batches, rows);
    }

    function test_RevertWhen_BatchIsSettledAgain() public {
        post(order(BUYER, BID, 140, 500));
        post(order(SELLER, OFFER, 100, 500));
        PostedBatch[] memory batches = newest(1);
        FeederRow[] memory rows = rowsFor(batches);
        desk.settle(readings, INTERVAL, batches, rows);
        _expectWrongBatch(batches[0]);
        desk.settle(readings, INTERVAL, batches, rows);
    }

    function _expectWrongRow(uint16 feeder, uint256 index) private {
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketWrongRow.selector, INTERVAL, feeder, index));
    }

    /// @dev Orders on feeders 1, 3, 2, then 3 and 1 again: three rows.
    function _threeRows() private returns (PostedBatch[] memory batches, FeederRow[] memory rows) {
        uint32 other = open(0x200, FUNDS);
        uint32 third = open(0x300, FUNDS);
        uint32 fourth = open(0x301, FUNDS);
        post(bytes.concat(order(fourth, BID, 140, 500), order(SELLER, OFFER, 100, 500)));
        post(bytes.concat(order(BUYER, BID, 140, 500), order(third, BID, 140, 500), order(other, BID, 140, 500)));
        batches = newest(2);
        rows = rowsFor(batches);
        assertEq(rows.length, 3, "rows");
    }

    function test_ARowIsNeededOnceInACall() public {
        clearAtTick();
        (PostedBatch[] memory batches, ) = _threeRows();
        measure(SELLER, -700);
        measure(0x301, 600);
        meters.replace(0x300, INTERVAL, 5);
        FeederRow[] memory rows = rowsFor(batches);
        bytes memory results = bytes.concat(
            bytes.concat(result(BUYER, 500, 0), result(0x300, 500, 5), result(0x200, 500, 0)),
            bytes.concat(result(0x301, 500, 600), result(SELLER, -500, -700))
        );
        vm.expectEmit(address(desk));
        emit IEnergyMarket.AccountsSettled(INTERVAL, 0, keccak256(results), results);
        desk.settle(readings, INTERVAL, batches, rows);
        assertEq(uint256(desk.intervalOf(INTERVAL).state), uint256(IntervalState.Settled), "settled");
    }

    function test_RevertWhen_ARowIsMissing() public {
        (PostedBatch[] memory batches, FeederRow[] memory rows) = _threeRows();
        FeederRow[] memory fewer = new FeederRow[](2);
        (fewer[0], fewer[1]) = (rows[0], rows[1]);
        _expectWrongRow(2, 2);
        desk.settle(readings, INTERVAL, batches, fewer);
    }

    function test_RevertWhen_ARowIsTooMuch() public {
        (PostedBatch[] memory batches, FeederRow[] memory rows) = _threeRows();
        FeederRow[] memory more = new FeederRow[](4);
        (more[0], more[1], more[2], more[3]) = (rows[0], rows[1], rows[2], rows[2]);
        _expectWrongRow(1, 3);
        desk.settle(readings, INTERVAL, batches, more);
    }

    function test_RevertWhen_ARowIsOfAnotherFeeder() public {
        (PostedBatch[] memory batches, FeederRow[] memory rows) = _threeRows();
        measure(BUYER, 5);
        rows[0] = rowOf(1);
        (rows[0], rows[1]) = (rows[1], rows[0]);
        _expectWrongRow(1, 0);
        desk.settle(readings, INTERVAL, batches, rows);
    }

    function test_RevertWhen_ARowHasAnotherLength() public {
        (PostedBatch[] memory batches, FeederRow[] memory rows) = _threeRows();
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encodePacked(INTERVAL, rows[2].values))));
        meters.setRow(2, INTERVAL, leaf, 0, uint16(METERS + 1));
        _expectWrongRow(2, 2);
        desk.settle(readings, INTERVAL, batches, rows);
    }

    function test_RevertWhen_ARowHasAnotherProof() public {
        (PostedBatch[] memory batches, FeederRow[] memory rows) = _threeRows();
        rows[1].proof = new bytes32[](1);
        _expectWrongRow(3, 1);
        desk.settle(readings, INTERVAL, batches, rows);
    }

    function test_SettlesInManyCallsAndEnds() public {
        uint32 other = open(0x200, FUNDS);
        clearAtTick();
        desk.setTotals(INTERVAL, IntervalTotals(500, 500, 1_234, 0));
        post(order(BUYER, BID, 140, 500));
        post(bytes.concat(order(SELLER, OFFER, 100, 500), order(other, BID, 10, 500)));
        bytes memory results = bytes.concat(result(SELLER, -500, 0), result(other, 0, 0));
        (PostedBatch[] memory batches, FeederRow[] memory rows) = _expect();
        emit IEnergyMarket.AccountsSettled(INTERVAL, 0, keccak256(results), results);
        desk.settle(readings, INTERVAL, batches, rows);
        assertEq(uint256(desk.intervalOf(INTERVAL).state), uint256(IntervalState.Settling), "a batch is left");
        assertEq(desk.treasury().gridFees, 0, "no rent before the end");
        results = result(BUYER, 500, 0);
        (batches, rows) = _expect();
        emit IEnergyMarket.AccountsSettled(INTERVAL, 1, keccak256(results), results);
        vm.expectEmit(address(desk));
        emit IEnergyMarket.IntervalSettled(INTERVAL, 1_234, 0);
        desk.settle(readings, INTERVAL, batches, rows);
        IntervalRecord memory record = desk.intervalOf(INTERVAL);
        assertEq(uint256(record.state), uint256(IntervalState.Settled), "settled");
        assertEq(record.settlements, 2, "settlements");
        assertEq(desk.resultOf(INTERVAL, 1), keccak256(results), "second root");
        assertEq(desk.treasury().gridFees, 20_000 + 1_234, "fees and rent");
    }

    function test_RevertWhen_SettledIntervalIsSettledAgain() public {
        _trade(500, -500);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketWrongState.selector, INTERVAL, IntervalState.Settled)
        );
        desk.settle(readings, INTERVAL, new PostedBatch[](1), new FeederRow[](0));
    }
}

/// @notice {EnergySettlement-settlePositions}, and positions settled with orders.
contract SettlePositionsTest is SettlementDesk {
    uint32 private constant BUYER = 0x100;
    uint32 private constant SELLER = 0x201;

    function setUp() public {
        buildDesk(0);
        open(BUYER, FUNDS);
        open(SELLER, FUNDS);
    }

    /// @dev 100 Wh at 150: the buyer locks price and grid fee, the seller what is missing to retail.
    function _agree() private {
        desk.setPosition(INTERVAL, BUYER, Position(100, false, 15_000, 4_000, 19_000));
        desk.setPosition(INTERVAL, SELLER, Position(100, true, 15_000, 0, 17_000));
    }

    function _settlePositions(bytes memory accounts) private {
        FeederRow[] memory rows = rowsFor(accounts);
        desk.settlePositions(readings, INTERVAL, accounts, rows);
    }

    // settlePositions
    // ├── not settling, batches left, not whole account numbers: reverts
    // ├── no position, settled already, not an account's number: reverts
    // ├── rows: as for settle
    // ├── buyer and seller: price and fee, deviation against the supplier
    // ├── in many calls; the last ends the interval
    // └── together with an order of the same account: one deviation
    function test_RevertWhen_PositionsAreSettledBeforeReadings() public {
        _agree();
        desk.setState(INTERVAL, IntervalState.Cleared);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketWrongState.selector, INTERVAL, IntervalState.Cleared)
        );
        desk.settlePositions(readings, INTERVAL, abi.encodePacked(BUYER), new FeederRow[](0));
    }

    function test_RevertWhen_OrdersAreLeft() public {
        _agree();
        post(order(BUYER, BID, 140, 500));
        bytes32 chain = desk.chainOf(INTERVAL);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketOrdersFirst.selector, INTERVAL, chain));
        desk.settlePositions(readings, INTERVAL, abi.encodePacked(BUYER), new FeederRow[](0));
    }

    function test_RevertWhen_AccountsAreNotWhole() public {
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketMalformed.selector, 0, 0));
        desk.settlePositions(readings, INTERVAL, "", new FeederRow[](0));
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketMalformed.selector, 0, 5));
        desk.settlePositions(readings, INTERVAL, "12345", new FeederRow[](0));
    }

    function test_RevertWhen_AccountHasNoPosition() public {
        _agree();
        uint32 other = open(0x102, FUNDS);
        FeederRow[] memory rows = rowsFor(abi.encodePacked(other));
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketNoPosition.selector, other, INTERVAL));
        desk.settlePositions(readings, INTERVAL, abi.encodePacked(other), rows);
    }

    function test_RevertWhen_PositionIsSettledTwice() public {
        _agree();
        bytes memory twice = abi.encodePacked(BUYER, BUYER);
        FeederRow[] memory rows = rowsFor(twice);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketNoPosition.selector, BUYER, INTERVAL));
        desk.settlePositions(readings, INTERVAL, twice, rows);
    }

    function test_RevertWhen_NumberIsNoAccounts() public {
        _agree();
        uint32 alias_ = BUYER | (1 << 24);
        FeederRow[] memory rows = rowsFor(abi.encodePacked(BUYER));
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketNoPosition.selector, alias_, INTERVAL));
        desk.settlePositions(readings, INTERVAL, abi.encodePacked(alias_), rows);
    }

    function test_RevertWhen_PositionRowIsMissing() public {
        _agree();
        FeederRow[] memory rows = rowsFor(abi.encodePacked(BUYER));
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketWrongRow.selector, INTERVAL, uint16(2), 1));
        desk.settlePositions(readings, INTERVAL, abi.encodePacked(BUYER, SELLER), rows);
    }

    function test_SettlesBothSides() public {
        _agree();
        measure(BUYER, 90);
        measure(SELLER, -70);
        bytes memory accounts = abi.encodePacked(BUYER, SELLER);
        FeederRow[] memory rows = rowsFor(accounts);
        bytes memory results = bytes.concat(result(BUYER, 100, 90), result(SELLER, -100, -70));
        vm.expectEmit(address(desk));
        emit IEnergyMarket.AccountsSettled(INTERVAL, 0, keccak256(results), results);
        vm.expectEmit(address(desk));
        emit IEnergyMarket.IntervalSettled(INTERVAL, 0, 0);
        desk.settlePositions(readings, INTERVAL, accounts, rows);
        assertFree(BUYER, FUNDS - 19_000 + 800);
        assertFree(SELLER, FUNDS + 15_000 - 9_600);
        assertEq(desk.treasury().gridFees, 4_000, "grid fee");
        assertEq(money(), 2 * FUNDS + SUPPLIER_FUNDS, "all money");
        assertEq(desk.positionedOf(INTERVAL, 1) | desk.positionedOf(INTERVAL, 2), 0, "no position is left");
    }

    function test_MissingReadingsOfPositions() public {
        _agree();
        measure(BUYER, NO_READING);
        measure(SELLER, NO_READING);
        _settlePositions(abi.encodePacked(BUYER, SELLER));
        assertFree(BUYER, FUNDS - 19_000);
        assertFree(SELLER, FUNDS + 15_000 - 32_000);
    }

    function test_SettlesPositionsInManyCalls() public {
        _agree();
        measure(BUYER, 100);
        measure(SELLER, -100);
        _settlePositions(abi.encodePacked(SELLER));
        assertEq(uint256(desk.intervalOf(INTERVAL).state), uint256(IntervalState.Settling), "one is left");
        assertEq(desk.intervalOf(INTERVAL).positionsLeft, 1, "positions left");
        _settlePositions(abi.encodePacked(BUYER));
        assertEq(uint256(desk.intervalOf(INTERVAL).state), uint256(IntervalState.Settled), "settled");
    }

    function test_PositionIsSettledWithTheOrder() public {
        _agree();
        clearAtTick();
        // Bought 500 in the auction and 100 by agreement; sold 40 and 100.
        measure(BUYER, 610);
        measure(SELLER, -140);
        post(bytes.concat(order(BUYER, BID, 140, 500), order(SELLER, OFFER, 100, 40)));
        PostedBatch[] memory batches = newest(1);
        FeederRow[] memory rows = rowsFor(batches);
        bytes memory results = bytes.concat(result(BUYER, 600, 610), result(SELLER, -140, -140));
        vm.expectEmit(address(desk));
        emit IEnergyMarket.AccountsSettled(INTERVAL, 0, keccak256(results), results);
        desk.settle(readings, INTERVAL, batches, rows);
        assertFree(BUYER, FUNDS - 120_000 - 19_000 - 3_200);
        assertFree(SELLER, FUNDS + 8_000 + 15_000);
        assertEq(uint256(desk.intervalOf(INTERVAL).state), uint256(IntervalState.Settled), "settled");
    }

    function test_PositionOfAReplacedReadingIsSettledWithTheOrder() public {
        _agree();
        meters.replace(BUYER, INTERVAL, 600);
        clearAtTick();
        post(order(BUYER, BID, 140, 500));
        settle(1);
        assertFree(BUYER, FUNDS - 120_000 - 19_000);
        assertEq(uint256(desk.intervalOf(INTERVAL).state), uint256(IntervalState.Settling), "the seller is left");
    }
}

/// @notice {EnergySettlement-correct}.
contract CorrectTest is SettlementDesk {
    uint32 private constant BUYER = 0x100;
    uint32 private constant SELLER = 0x101;

    bytes private _results;

    /// @dev Ten accounts settled: two groups. The first two traded 500 Wh at 200.
    function setUp() public {
        buildDesk(0);
        clearAtTick();
        bytes memory records;
        for (uint256 i = 0; i < 10; ++i) {
            uint32 account = open(idOf(uint16(1 + i / METERS), i % METERS), FUNDS);
            bool sells = i == 1;
            uint32 wh = i < 2 ? 500 : 20;
            records = bytes.concat(
                records,
                order(
                    account,
                    sells ? OFFER : BID,
                    sells
                        ? 100
                        : i < 2
                            ? 140
                            : 10,
                    wh
                )
            );
            measure(
                account,
                sells
                    ? -500
                    : i == 0
                        ? int32(500)
                        : int32(int256(i))
            );
            int32 drawn =
                sells
                    ? -500
                    : i == 0
                        ? int32(500)
                        : int32(int256(i));
            _results = bytes.concat(
                _results,
                result(
                    account,
                    i == 0
                        ? int32(500)
                        : sells
                            ? -500
                            : int32(0),
                    drawn
                )
            );
        }
        post(records);
        settle(1);
        assertFree(BUYER, FUNDS - 120_000);
        assertFree(SELLER, FUNDS + 100_000);
    }

    function _slice(uint256 start, uint256 end) private view returns (bytes memory part) {
        part = new bytes(end - start);
        for (uint256 i = start; i < end; ++i) part[i - start] = _results[i];
    }

    /// @dev The group of a result as it stands, and its proof.
    function _proof(uint256 number) private view returns (bytes memory group, bytes32[] memory proof) {
        bytes memory first = _slice(0, 96);
        bytes memory second = _slice(96, 120);
        proof = new bytes32[](1);
        proof[0] = keccak256(number < 8 ? second : first);
        group = number < 8 ? first : second;
    }

    function _correct(uint256 number) private {
        (bytes memory group, bytes32[] memory proof) = _proof(number);
        desk.correct(readings, INTERVAL, 0, group, number % 8, proof);
    }

    /// @dev Replaces the reading of a result, corrects it, and notes it.
    function _replace(uint256 number, uint32 account, int32 wh) private {
        meters.replace(account, INTERVAL, wh);
        _correct(number);
        _note(number, wh);
    }

    function _note(uint256 number, int32 wh) private {
        bytes4 value = bytes4(uint32(wh));
        for (uint256 i = 0; i < 4; ++i) _results[number * 12 + 8 + i] = value[i];
    }

    function _root() private view returns (bytes32 root) {
        bytes32 a = keccak256(_slice(0, 96));
        bytes32 b = keccak256(_slice(96, 120));
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }

    // correct
    // ├── result unknown: no root, group too long, not of whole results, empty, position beyond it, not proven: reverts
    // ├── not replaced, or replaced by what stands: reverts
    // ├── draws more: pays retail for more, gets feed-in for less; what is not there is debt
    // ├── draws less: the supplier pays; what it has not is a claim
    // ├── debt is set off before the supplier pays; while that has nothing, a claim before the account pays
    // └── there and back: everything as before
    function _expectWrongResult(uint256 index) private {
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketWrongResult.selector, INTERVAL, index));
    }

    function test_RevertWhen_ResultIsNotThere() public {
        meters.replace(BUYER, INTERVAL, 600);
        (bytes memory group, bytes32[] memory proof) = _proof(0);
        _expectWrongResult(1);
        desk.correct(readings, INTERVAL, 1, group, 0, proof);
        _expectWrongResult(0);
        desk.correct(readings, INTERVAL, 0, group, 8, proof);
        _expectWrongResult(0);
        desk.correct(readings, INTERVAL, 0, bytes.concat(group, bytes12(0)), 0, proof);
        _expectWrongResult(0);
        desk.correct(readings, INTERVAL, 0, _slice(0, 95), 0, proof);
        _expectWrongResult(0);
        desk.correct(readings, INTERVAL, 0, "", 0, proof);
        _expectWrongResult(0);
        desk.correct(readings, INTERVAL, 0, group, 0, new bytes32[](0));
        group[11] = 0x01;
        _expectWrongResult(0);
        desk.correct(readings, INTERVAL, 0, group, 0, proof);
    }

    function _expectNothing(uint32 account, int32 wh) private {
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketNothingToCorrect.selector, INTERVAL, account, wh)
        );
    }

    function test_RevertWhen_NothingIsReplaced() public {
        (bytes memory group, bytes32[] memory proof) = _proof(0);
        _expectNothing(BUYER, 500);
        desk.correct(readings, INTERVAL, 0, group, 0, proof);
    }

    function test_RevertWhen_ReplacedByWhatStands() public {
        meters.replace(BUYER, INTERVAL, 500);
        (bytes memory group, bytes32[] memory proof) = _proof(0);
        _expectNothing(BUYER, 500);
        desk.correct(readings, INTERVAL, 0, group, 0, proof);
    }

    function test_RevertWhen_CorrectedTwice() public {
        _replace(0, BUYER, 600);
        (bytes memory group, bytes32[] memory proof) = _proof(0);
        _expectNothing(BUYER, 600);
        desk.correct(readings, INTERVAL, 0, group, 0, proof);
    }

    function test_CorrectsADraw() public {
        meters.replace(BUYER, INTERVAL, 700);
        (bytes memory group, bytes32[] memory proof) = _proof(0);
        _note(0, 700);
        uint256 supplier = desk.treasury().supplier;
        vm.expectEmit(address(desk));
        emit IEnergyMarket.SettlementCorrected(INTERVAL, BUYER, 0, 500, 700, -64_000, _root());
        desk.correct(readings, INTERVAL, 0, group, 0, proof);
        assertFree(BUYER, FUNDS - 184_000);
        assertEq(desk.treasury().supplier, supplier + 64_000, "supplier");
        assertEq(desk.resultOf(INTERVAL, 0), _root(), "root");
    }

    function test_CorrectsAFeedIn() public {
        uint256 supplier = desk.treasury().supplier;
        _replace(1, SELLER, -650);
        assertFree(SELLER, FUNDS + 112_000);
        assertEq(desk.treasury().supplier, supplier - 12_000, "supplier");
    }

    function test_CorrectsInTheLastGroup() public {
        uint32 last = idOf(3, 1);
        uint256 free = freeOf(last);
        _replace(9, last, 19);
        assertFree(last, free - 10 * 320);
        _replace(8, idOf(3, 0), -8);
        assertEq(desk.resultOf(INTERVAL, 0), _root(), "root");
    }

    function test_CorrectionBecomesDebt() public {
        open(BUYER, 4_000);
        meters.replace(BUYER, INTERVAL, 700);
        (bytes memory group, bytes32[] memory proof) = _proof(0);
        vm.expectEmit(address(desk));
        emit IEnergyMarket.DebtIncurred(BUYER, INTERVAL, 60_000);
        desk.correct(readings, INTERVAL, 0, group, 0, proof);
        assertFree(BUYER, 0);
        assertOwed(BUYER, 60_000, 0);
    }

    function test_CorrectionBecomesAClaim() public {
        setSupplier(5_000);
        meters.replace(SELLER, INTERVAL, -650);
        (bytes memory group, bytes32[] memory proof) = _proof(1);
        vm.expectEmit(address(desk));
        emit IEnergyMarket.ClaimBooked(SELLER, INTERVAL, 7_000);
        desk.correct(readings, INTERVAL, 0, group, 1, proof);
        assertFree(SELLER, FUNDS + 105_000);
        assertOwed(SELLER, 0, 7_000);
        assertEq(desk.treasury().supplier, 0, "supplier");
    }

    function test_DebtIsSetOffBeforeTheSupplierPays() public {
        setSupplier(2_000);
        open(SELLER, 0);
        indebt(SELLER, 10_000);
        meters.replace(SELLER, INTERVAL, -650);
        (bytes memory group, bytes32[] memory proof) = _proof(1);
        vm.expectEmit(address(desk));
        emit IEnergyMarket.DebtPaid(SELLER, 10_000, 0);
        desk.correct(readings, INTERVAL, 0, group, 1, proof);
        assertFree(SELLER, 2_000);
        assertOwed(SELLER, 0, 0);
        assertEq(desk.treasury().supplier, 0, "supplier");
    }

    function test_ClaimIsSetOffBeforeTheAccountPays() public {
        desk.setDetails(BUYER, AccountDetails(address(0), 0, 0, 50_000));
        setSupplier(0);
        meters.replace(BUYER, INTERVAL, 700);
        (bytes memory group, bytes32[] memory proof) = _proof(0);
        vm.expectEmit(address(desk));
        emit IEnergyMarket.ClaimPaid(BUYER, 50_000, 0);
        desk.correct(readings, INTERVAL, 0, group, 0, proof);
        assertFree(BUYER, FUNDS - 120_000 - 14_000);
        assertOwed(BUYER, 0, 0);
        assertEq(desk.treasury().supplier, 14_000, "supplier");
        _note(0, 700);
        desk.setDetails(BUYER, AccountDetails(address(0), 0, 0, 50_000));
        setSupplier(0);
        meters.replace(BUYER, INTERVAL, 720);
        (group, proof) = _proof(0);
        vm.expectEmit(address(desk));
        emit IEnergyMarket.ClaimPaid(BUYER, 6_400, 43_600);
        desk.correct(readings, INTERVAL, 0, group, 0, proof);
        assertOwed(BUYER, 0, 43_600);
    }

    function test_ClaimIsNotTouchedWhereNothingIsDue() public {
        desk.setDetails(SELLER, AccountDetails(address(0), 0, 0, 50_000));
        setSupplier(0);
        IntervalRecord memory record = desk.intervalOf(INTERVAL);
        record.feedIn = 0;
        desk.setInterval(INTERVAL, record);
        meters.replace(SELLER, INTERVAL, -650);
        (bytes memory group, bytes32[] memory proof) = _proof(1);
        vm.recordLogs();
        desk.correct(readings, INTERVAL, 0, group, 1, proof);
        assertEq(vm.getRecordedLogs().length, 1, "the correction alone is told");
        assertOwed(SELLER, 0, 50_000);
    }

    function test_ClaimThatCouldBePaidStays() public {
        desk.setDetails(BUYER, AccountDetails(address(0), 0, 0, 50_000));
        setSupplier(1);
        _replace(0, BUYER, 700);
        assertFree(BUYER, FUNDS - 184_000);
        assertOwed(BUYER, 0, 50_000);
        assertEq(desk.treasury().supplier, 64_001, "supplier");
    }

    function test_NoClaimToSetOff() public {
        setSupplier(0);
        _replace(0, BUYER, 700);
        assertFree(BUYER, FUNDS - 184_000);
        assertEq(desk.treasury().supplier, 64_000, "supplier");
    }

    function testFuzz_ThereAndBackChangesNothing(
        uint256 number,
        int32 wh,
        uint256 free,
        uint256 debt,
        uint64 supplier
    ) public {
        number = bound(number, 0, 1);
        uint32 account = number == 0 ? BUYER : SELLER;
        int32 settled = number == 0 ? int32(500) : int32(-500);
        wh = int32(int256(bound(uint256(uint32(wh)), 0, 40_000)) - 20_000);
        if (wh == settled) ++wh;
        debt = bound(debt, 0, 5_000_000);
        free = debt != 0 ? 0 : bound(free, 0, 5_000_000);
        supplier = uint64(bound(supplier, 0, 5_000_000));
        open(account, free);
        setSupplier(supplier);
        if (debt != 0) indebt(account, uint64(debt));
        uint256 before = money();
        bytes32 root = desk.resultOf(INTERVAL, 0);

        _replace(number, account, wh);
        assertEq(money(), before, "money moves between account and supplier only");
        _replace(number, account, settled);

        assertFree(account, free);
        assertOwed(account, debt, 0);
        assertEq(desk.treasury().supplier, supplier, "supplier");
        assertEq(desk.resultOf(INTERVAL, 0), root, "root");
    }
}
