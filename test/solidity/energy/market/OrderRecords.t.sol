// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IntervalRecord} from "../../../../contracts/energy/market/EnergyLedger.sol";
import {BookClass, IEnergyMarket, OrderFlags} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {OrderRecord, OrderRecords} from "../../../../contracts/energy/market/OrderRecords.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

/// @dev Takes records as call data.
contract OrderRecordsHarness {
    function read(bytes calldata records, uint256 offset) external pure returns (OrderRecord memory order) {
        return OrderRecords.read(records, offset);
    }

    function step(bytes calldata records, uint256 offset) external pure returns (uint256 tick, uint256 wh) {
        return OrderRecords.step(records, offset);
    }

    function isBoundary(bytes calldata records, uint256 offset) external pure returns (bool boundary) {
        return OrderRecords.isBoundary(records, offset);
    }

    function lockOf(IntervalRecord memory interval, bytes calldata records) external pure returns (uint256 amount) {
        return OrderRecords.lockOf(interval, records, OrderRecords.read(records, 0));
    }
}

/// read
/// ├── less than a head left: reverts
/// ├── steps cut off: reverts
/// └── whole: account, flags, side, steps and the next record
/// step: tick and Wh, at the very end too
/// isBoundary: where a record begins, and nowhere else
/// lengthOf, stepsOf: of the first record of a word, whatever follows it
/// lockOf
/// ├── bid: price and the higher grid fee
/// ├── offer: what is missing to retail
/// └── record: sum over its steps
/// classOf: every side and kind
contract OrderRecordsTest is CivitasTest {
    OrderRecordsHarness private harness;

    function setUp() public {
        harness = new OrderRecordsHarness();
    }

    function test_ReadsRecordsOneAfterTheOther() external view {
        bytes memory records = abi.encodePacked(
            uint32(0x010203),
            uint8(0x1b), // offer, two steps, own feeder only
            uint8(7),
            uint32(1_000),
            uint8(9),
            uint32(2_000),
            uint32(0x010204),
            uint8(0),
            uint8(255),
            type(uint32).max
        );
        OrderRecord memory order = harness.read(records, 0);
        assertEq(order.account, 0x010203, "account");
        assertEq(order.flags, 0x1b, "flags");
        assertTrue(order.offer, "offer");
        assertEq(order.stepCount, 2, "steps");
        assertEq(order.stepsAt, 5, "first step");
        assertEq(order.nextAt, 15, "next");
        (uint256 tick, uint256 wh) = harness.step(records, 10);
        assertEq(tick, 9, "tick");
        assertEq(wh, 2_000, "wh");
        order = harness.read(records, order.nextAt);
        assertEq(order.account, 0x010204, "second account");
        assertFalse(order.offer, "bid");
        assertEq(order.nextAt, records.length, "end");
        (tick, wh) = harness.step(records, order.stepsAt);
        assertEq(tick, 255, "last tick");
        assertEq(wh, type(uint32).max, "last wh");
    }

    function test_RevertWhen_HeadIsCutOff() external {
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketMalformed.selector, 0, 4));
        harness.read(hex"01020304", 0);
    }

    function testFuzz_RevertWhen_StepsAreCutOff(uint8 flags, uint256 missing) external {
        uint256 length = 5 + OrderRecords.stepCountOf(flags) * 5;
        missing = bound(missing, 1, length - 5);
        bytes memory records = abi.encodePacked(uint32(1), flags, new bytes(length - 5 - missing));
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketMalformed.selector, 0, length - missing));
        harness.read(records, 0);
    }

    function testFuzz_BoundariesAreWhereRecordsBegin(uint256 seed) external view {
        bytes memory records;
        uint256 begins;
        for (uint256 i = 0; i < 6; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            begins |= 1 << records.length;
            records = bytes.concat(records, _record(seed));
        }
        for (uint256 offset = 0; offset < records.length; ++offset) {
            assertTrue(harness.isBoundary(records, offset) == ((begins >> offset) & 1 == 1), "boundary");
        }
    }

    function testFuzz_AWordTellsItsFirstRecordAlone(uint256 seed) external pure {
        bytes memory record = _record(seed);
        uint256 word = uint256(bytes32(bytes.concat(record, abi.encode(~seed))));
        assertEq(OrderRecords.lengthOf(word), record.length, "length");
        bytes memory steps = new bytes(32);
        for (uint256 i = 5; i < record.length; ++i) steps[i - 5] = record[i];
        assertEq(bytes32(OrderRecords.stepsOf(word)), bytes32(steps), "steps");
    }

    function testFuzz_LockIsTheWorstCase(
        uint24 base,
        uint16 tickSize,
        uint24 gridFee,
        uint8 tick,
        uint32 wh
    ) external pure {
        IntervalRecord memory interval;
        interval.basePrice = uint24(bound(base, 0, 2 ** 23));
        interval.tickSize = uint16(bound(tickSize, 1, 2 ** 15));
        interval.retail = uint24(interval.basePrice + 255 * uint256(interval.tickSize));
        interval.gridFee = gridFee;
        uint256 price = interval.basePrice + uint256(tick) * interval.tickSize;
        assertEq(OrderRecords.priceAt(interval, tick), price, "price");
        assertEq(OrderRecords.lockOf(interval, false, tick, wh), (price + gridFee) * wh, "bid");
        assertEq(OrderRecords.lockOf(interval, true, tick, wh), (interval.retail - price) * wh, "offer");
    }

    function test_LockOfARecordIsTheSumOverItsSteps() external view {
        IntervalRecord memory interval;
        (interval.basePrice, interval.tickSize, interval.retail, interval.gridFee) = (80, 1, 300, 100);
        bytes memory steps = abi.encodePacked(uint8(10), uint32(100), uint8(20), uint32(50));
        bytes memory next = abi.encodePacked(uint32(0x02020202), uint8(0x02), steps);
        bytes memory record = abi.encodePacked(uint32(1), uint8(0x02), steps, next);
        assertEq(harness.lockOf(interval, record), 190 * 100 + 200 * 50, "bid");
        record = abi.encodePacked(uint32(1), uint8(0x03), steps, next);
        assertEq(harness.lockOf(interval, record), 210 * 100 + 200 * 50, "offer");
    }

    function test_ClassOfEverySideAndKind() external pure {
        uint8 kind = OrderFlags.KIND_SHIFT;
        assertEq(uint256(OrderRecords.classOf(0)), uint256(BookClass.Bid), "bid");
        assertEq(uint256(OrderRecords.classOf(uint8(1 << kind))), uint256(BookClass.BidGreenFirst), "green");
        assertEq(uint256(OrderRecords.classOf(uint8(2 << kind))), uint256(BookClass.BidGreenOnly), "only");
        assertEq(uint256(OrderRecords.classOf(uint8(3 << kind))), uint256(BookClass.BidFeederOnly), "feeder");
        assertEq(uint256(OrderRecords.classOf(1)), uint256(BookClass.Offer), "offer");
        assertEq(uint256(OrderRecords.classOf(uint8(1 | (1 << kind)))), uint256(BookClass.OfferGreen), "green offer");
        assertEq(
            uint256(OrderRecords.classOf(uint8(1 | (3 << kind)))),
            uint256(BookClass.OfferFeederOnly),
            "feeder offer"
        );
    }

    function testFuzz_AnAcceptedRecordSaysThatItIsGreen(
        uint32 account,
        uint8 steps,
        uint8 class,
        uint160 rest
    ) external pure {
        class = uint8(bound(class, 0, uint8(BookClass.OfferFeederOnly)));
        uint8 flags = uint8((bound(steps, 0, 3) << OrderFlags.STEPS_SHIFT) | OrderFlags.OFFER);
        uint256 head = uint256(bytes32(abi.encodePacked(account, flags, rest)));
        uint256 accepted = OrderRecords.accepted(head, class);
        bool green = class == uint8(BookClass.OfferGreen);
        uint8 recorded = uint8(accepted >> OrderRecords.FLAGS_SHIFT);
        assertEq(recorded, green ? flags | (1 << OrderFlags.KIND_SHIFT) : flags, "flags");
        assertEq(
            accepted & ~(uint256(0xff) << OrderRecords.FLAGS_SHIFT),
            head & ~(uint256(0xff) << OrderRecords.FLAGS_SHIFT),
            "rest"
        );
        if (green) assertEq(uint256(OrderRecords.classOf(recorded)), class, "class");
    }

    /// @dev A record of one to four steps.
    function _record(uint256 seed) private pure returns (bytes memory record) {
        uint8 flags = uint8(seed);
        record = abi.encodePacked(uint32(seed >> 8), flags);
        for (uint256 i = 0; i < OrderRecords.stepCountOf(flags); ++i) {
            seed = uint256(keccak256(abi.encode(seed, "step")));
            record = abi.encodePacked(record, uint8(seed), uint32(seed >> 8));
        }
    }
}
