// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    FeederRow,
    IEnergyMarket,
    IntervalState,
    PostedBatch,
    StandingOrder
} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {EnergyRules, EnergySource} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {IIdentities} from "../../../../contracts/identity/IIdentities.sol";
import {IMeterReadings} from "../../../../contracts/energy/readings/IMeterReadings.sol";
import {MockMeterReadings} from "../../../../contracts/mocks/MockMeterReadings.sol";
import {Basket, EnergyCity, Home} from "./EnergyFixture.sol";

/// @notice Whole lives of intervals, from orders to settlement, in the market itself.
abstract contract EnergyLife is EnergyCity {
    MockMeterReadings internal meters;
    mapping(uint16 feeder => bytes values) internal rows;

    function newReadings() internal override returns (IMeterReadings made) {
        meters = new MockMeterReadings(registry, IIdentities(address(identities)));
        return IMeterReadings(address(meters));
    }

    /// @dev Clears, and confirms readings of every feeder, `count` meters each.
    function clearAndConfirm(uint256 count) internal {
        vm.warp(gateOf(INTERVAL));
        market.clear(INTERVAL, 100);
        vm.warp(endOf(INTERVAL) + 1 days);
        for (uint16 feeder = 1; feeder <= 2; ++feeder) {
            rows[feeder] = new bytes(4 * count);
            meters.accept(feeder, INTERVAL, rows[feeder], 0);
        }
        market.confirmReadings(INTERVAL, 100);
    }

    function rowsOf(bytes memory accounts) internal view returns (FeederRow[] memory list) {
        uint256 count = 0;
        FeederRow[] memory all = new FeederRow[](2);
        bool[3] memory seen;
        for (uint256 i = 0; i < accounts.length; i += 4) {
            uint16 feeder = (uint16(uint8(accounts[i + 1])) << 8) | uint8(accounts[i + 2]);
            if (seen[feeder]) continue;
            all[count++].values = rows[feeder];
            seen[feeder] = true;
        }
        list = new FeederRow[](count);
        for (uint256 i = 0; i < count; ++i) list[i] = all[i];
    }
}

/// @notice An offer of certified energy is settled as the class that it was posted to.
contract GreenOffersTest is EnergyLife {
    function setUp() public {
        buildEnergyCity(EnergyRules.GREEN);
    }

    function _life(uint256 way) private {
        Home memory seller = newHome(FEEDER, EnergySource.Solar, FUNDS);
        Home memory buyer = newHome(FEEDER);
        Basket memory basket;
        add(basket, buyer, GREEN_FIRST, steps(140, 500));
        if (way == 0) add(basket, seller, OFFER, steps(100, 500));
        post(basket);
        PostedBatch[] memory batches;
        if (way == 1) {
            postOwn(seller, OFFER, steps(100, 500));
        } else if (way == 2) {
            vm.prank(seller.signer);
            market.placeStandingOrder(
                StandingOrder(seller.account, 0, INTERVAL, INTERVAL, BASE_PRICE, 1, OFFER, steps(100, 500)),
                0,
                0,
                unsigned()
            );
            market.postStandingOrders(INTERVAL, abi.encodePacked(seller.account));
        }
        bytes memory sold = recordOf(seller.account, OFFER | 0x08, steps(100, 500));
        bytes memory bought = recordOf(buyer.account, GREEN_FIRST, steps(140, 500));
        if (way == 0) {
            batches = new PostedBatch[](1);
            batches[0] = PostedBatch(0, bytes.concat(bought, sold));
        } else {
            batches = new PostedBatch[](2);
            batches[0] = PostedBatch(keccak256(abi.encodePacked(bytes32(0), keccak256(bought))), sold);
            batches[1] = PostedBatch(0, bought);
        }
        clearAndConfirm(2);
        market.settle(INTERVAL, batches, rowsOf(abi.encodePacked(seller.account)));
        (uint256 supplierBalance, uint256 gridFees, , uint256 held) = market.balances();
        assertEq(freeOf(seller) + freeOf(buyer) + supplierBalance + gridFees, held, "nothing is lost");
        // Both prices, 180 and 220, are in the range; nothing is measured.
        assertEq(freeOf(seller), FUNDS + 500 * 200 - 500 * RETAIL, "seller is paid, and buys what is missing");
    }

    function test_InABatch() public {
        _life(0);
    }

    function test_Alone() public {
        _life(1);
    }

    function test_AsStandingOrder() public {
        _life(2);
    }
}

/// @notice A batch that no transaction could settle as a whole is split.
/// splitBatch
/// ├── neither settled nor refunded: reverts
/// ├── not the newest batch: reverts
/// ├── at the beginning, the end, beyond it or within a record: reverts
/// ├── else: event, both parts settle alone and come to the same, in the order of the records
/// └── in a void interval: both parts are refunded alone
contract SplitBatchTest is EnergyLife {
    Home private _seller;
    Home private _buyer;
    PostedBatch private _batch;

    function setUp() public {
        buildEnergyCity(0);
        _seller = newHome(OTHER_FEEDER);
        _buyer = newHome(FEEDER);
        Basket memory basket;
        add(basket, _seller, OFFER, steps(100, 500));
        add(basket, _buyer, BID, steps(140, 400, 120, 100));
        post(basket);
        _batch = PostedBatch(0, basket.records);
    }

    function test_PartsSettleAlone() public {
        clearAndConfirm(1);
        bytes memory records = _batch.records;
        bytes memory newer = recordOf(_seller.account, OFFER, steps(100, 500));
        bytes memory older = recordOf(_buyer.account, BID, steps(140, 400, 120, 100));
        bytes32 middle = keccak256(abi.encodePacked(bytes32(0), keccak256(older)));
        bytes32 chain = keccak256(abi.encodePacked(middle, keccak256(newer)));
        vm.expectEmit(address(market));
        emit IEnergyMarket.BatchSplit(INTERVAL, market.chainOf(INTERVAL), chain, middle, 10);
        market.splitBatch(INTERVAL, PostedBatch(0, records), 10);
        PostedBatch[] memory batches = new PostedBatch[](1);
        batches[0] = PostedBatch(middle, newer);
        market.settle(INTERVAL, batches, rowsOf(abi.encodePacked(_seller.account)));
        batches[0] = PostedBatch(0, older);
        market.settle(INTERVAL, batches, rowsOf(abi.encodePacked(_buyer.account)));
        assertTrue(market.stateOf(INTERVAL) == IntervalState.Settled, "settled");
        (uint256 supplierBalance, uint256 gridFees, , uint256 held) = market.balances();
        assertEq(freeOf(_seller) + freeOf(_buyer) + supplierBalance + gridFees, held, "nothing is lost");
        assertEq(gridFees, 500 * GRID_FEE, "all was traded");
    }

    function test_PartsOfAVoidIntervalAreRefundedAlone() public {
        vm.warp(endOf(INTERVAL) + LONG_STOP);
        market.voidInterval(INTERVAL);
        bytes memory newer = recordOf(_seller.account, OFFER, steps(100, 500));
        bytes memory older = recordOf(_buyer.account, BID, steps(140, 400, 120, 100));
        market.splitBatch(INTERVAL, _batch, 10);
        PostedBatch[] memory batches = new PostedBatch[](1);
        batches[0] = PostedBatch(keccak256(abi.encodePacked(bytes32(0), keccak256(older))), newer);
        market.refund(INTERVAL, batches);
        assertEq(freeOf(_seller), FUNDS, "seller");
        batches[0] = PostedBatch(0, older);
        market.refund(INTERVAL, batches);
        assertEq(freeOf(_buyer), FUNDS, "buyer");
    }

    function test_RevertWhen_SplitBeforeConfirmation() public {
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketWrongState.selector, INTERVAL, IntervalState.Open)
        );
        market.splitBatch(INTERVAL, _batch, 10);
    }

    function test_RevertWhen_SplitBatchIsNotTheNewest() public {
        clearAndConfirm(1);
        bytes32 chain = market.chainOf(INTERVAL);
        PostedBatch memory wrong = PostedBatch(chain, _batch.records);
        bytes32 given = keccak256(abi.encodePacked(chain, keccak256(wrong.records)));
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketWrongBatch.selector, INTERVAL, given, chain));
        market.splitBatch(INTERVAL, wrong, 10);
    }

    function test_RevertWhen_SplitWithinARecord() public {
        clearAndConfirm(1);
        uint256[7] memory offsets = [uint256(0), 9, 11, 15, 25, 26, type(uint256).max];
        for (uint256 i = 0; i < offsets.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IEnergyMarket.EnergyMarketMalformed.selector, offsets[i], uint256(25))
            );
            market.splitBatch(INTERVAL, _batch, offsets[i]);
        }
    }
}

/// @notice Splitting moves not a single Wh: orders are visited in the same order as in the whole batch.
contract SplitOrderTest is EnergyLife {
    uint256 private constant HOMES = 9;

    Home[] private _homes;
    bytes private _records;

    function setUp() public {
        buildEnergyCity(0);
        Basket memory basket;
        // The sellers bring a prime number of Wh less than the buyers want at one price, so that every share is rounded.
        for (uint256 i = 0; i < HOMES; ++i) {
            _homes.push(newHome(i % 2 == 0 ? FEEDER : OTHER_FEEDER));
            bool buys = i % 3 != 0;
            add(basket, _homes[i], buys ? BID : OFFER, steps(120, uint32(buys ? 101 + i : 97)));
        }
        post(basket);
        _records = basket.records;
        clearAndConfirm(5);
    }

    function _books() private view returns (bytes32 books) {
        assertTrue(market.stateOf(INTERVAL) == IntervalState.Settled, "settled");
        for (uint256 i = 0; i < HOMES; ++i) books = keccak256(abi.encode(books, freeOf(_homes[i])));
    }

    function _settle(bytes32 previous, uint256 from, uint256 to) private {
        PostedBatch[] memory batches = new PostedBatch[](1);
        batches[0] = PostedBatch(previous, _part(from, to));
        bytes memory accounts;
        for (uint256 i = from; i < to; ++i) accounts = bytes.concat(accounts, bytes4(_homes[i].account));
        market.settle(INTERVAL, batches, rowsOf(accounts));
    }

    function _part(uint256 from, uint256 to) private view returns (bytes memory part) {
        part = new bytes((to - from) * 10);
        for (uint256 i = 0; i < part.length; ++i) part[i] = _records[from * 10 + i];
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_SplittingMovesNothing(uint256 first, uint256 second) public {
        first = bound(first, 1, HOMES - 2);
        second = bound(second, first + 1, HOMES - 1);
        uint256 snapshot = vm.snapshotState();
        _settle(0, 0, HOMES);
        bytes32 whole = _books();
        vm.revertToState(snapshot);

        bytes32 last = keccak256(abi.encodePacked(bytes32(0), keccak256(_part(second, HOMES))));
        market.splitBatch(INTERVAL, PostedBatch(0, _records), second * 10);
        bytes32 middle = keccak256(abi.encodePacked(last, keccak256(_part(first, second))));
        market.splitBatch(INTERVAL, PostedBatch(last, _part(0, second)), first * 10);
        _settle(middle, 0, first);
        _settle(last, first, second);
        _settle(0, second, HOMES);
        assertEq(uint256(_books()), uint256(whole), "the same money");
    }
}
