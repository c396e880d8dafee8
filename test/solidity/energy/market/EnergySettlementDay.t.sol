// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    AccountView,
    FeederRow,
    IntervalState,
    PostedBatch,
    Step
} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {EnergyRules, IEnergyRegistry} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {IMeterReadings} from "../../../../contracts/energy/readings/IMeterReadings.sol";
import {MockMeterReadings} from "../../../../contracts/mocks/MockMeterReadings.sol";
import {EnergyCity, Home} from "./EnergyFixture.sol";

/// @notice Whole intervals in the market itself: random orders and readings, posted, cleared and settled.
contract EnergySettlementDayTest is EnergyCity {
    uint256 private constant HOMES = 8;

    MockMeterReadings private _meters;
    Home[] private _homes;
    PostedBatch[] private _posted;
    bytes[2] private _rows;

    function newReadings() internal override returns (IMeterReadings made) {
        _meters = new MockMeterReadings(IEnergyRegistry(address(registry)), identities);
        return IMeterReadings(address(_meters));
    }

    /// @dev Rules that go together, without the green round.
    function _rules(uint256 word) private pure returns (uint8 rules) {
        if (word & 1 != 0) rules |= EnergyRules.BY_FEEDER | (word & 2 != 0 ? EnergyRules.FEEDER_FIRST : 0);
        if (word & 4 != 0) rules |= EnergyRules.PAY_AS_BID | (word & 8 != 0 ? EnergyRules.SURPLUS_TO_POT : 0);
    }

    /// @dev Homes take turns on two feeders. Each bids or offers one step or two around the middle of the band.
    function _postAll(uint256 seed, uint8 rules) private {
        for (uint256 i = 0; i < HOMES; ++i) {
            uint256 word = uint256(keccak256(abi.encode(seed, "order", i)));
            Home memory home = newHome(i % 2 == 0 ? FEEDER : OTHER_FEEDER);
            _homes.push(home);
            bool offer = word & 1 != 0;
            uint8 flags = offer ? OFFER : BID;
            if (rules & EnergyRules.FEEDER_FIRST != 0 && word & 6 == 0) flags |= FEEDER_ONLY;
            Step[] memory list = steps(uint8(90 + ((word >> 8) % 20)), uint32(10 + ((word >> 16) % 900)));
            if (word & 8 != 0) {
                list = steps(
                    list[0].tick,
                    list[0].wh,
                    uint8(80 + ((word >> 64) % 40)),
                    uint32(10 + ((word >> 72) % 900))
                );
            }
            bytes32 previous = market.chainOf(INTERVAL);
            postOwn(home, flags, list);
            _posted.push(PostedBatch(previous, recordOf(home.account, flags, list)));
        }
    }

    /// @dev A reading of each meter, some of them missing or replaced.
    function _measureAll(uint256 seed) private {
        for (uint256 i = 0; i < HOMES; ++i) {
            uint256 word = uint256(keccak256(abi.encode(seed, "reading", i)));
            int32 wh = int32(int256(word % 4_000)) - 2_000;
            if (word >> 253 == 0) wh = type(int32).min;
            _rows[i % 2] = abi.encodePacked(_rows[i % 2], wh);
            if (word >> 250 == 63) _meters.replace(_homes[i].account, INTERVAL, 123);
        }
        _meters.accept(FEEDER, INTERVAL, _rows[0], uint40(block.timestamp));
        _meters.accept(OTHER_FEEDER, INTERVAL, _rows[1], uint40(block.timestamp));
    }

    /// @dev Settles from the newest batch on, `size` batches in a call. Homes take turns, so two batches need two rows.
    function _settle(uint256 size) private {
        uint256 left = HOMES;
        while (left > 0) {
            uint256 count = size < left ? size : left;
            PostedBatch[] memory batches = new PostedBatch[](count);
            FeederRow[] memory rows = new FeederRow[](count < 2 ? count : 2);
            for (uint256 i = 0; i < count; ++i) {
                --left;
                batches[i] = _posted[left];
                if (i < 2) rows[i].values = _rows[left % 2];
            }
            market.settle(INTERVAL, batches, rows);
        }
    }

    /// @dev Everything that anybody has, as one hash; and that it is all the money there is.
    function _books() private view returns (bytes32 books) {
        (uint256 supplier, uint256 gridFees, uint256 pot, uint256 held) = market.balances();
        uint256 sum = supplier + gridFees + pot;
        books = keccak256(abi.encode(supplier, gridFees, pot, held));
        for (uint256 i = 0; i < HOMES; ++i) {
            AccountView memory account = market.accountOf(_homes[i].account);
            sum += account.free;
            assertTrue(account.debt == 0 || account.free == 0, "who owes has nothing");
            books = keccak256(abi.encode(books, account));
        }
        assertEq(sum, held, "all money is somebody's");
        assertEq(euro.balanceOf(address(market)), held * MONEY_UNIT, "and it is there");
    }

    /// forge-config: default.fuzz.runs = 96
    function testFuzz_MoneyIsKeptHoweverBatchesAreSplit(uint256 seed, uint256 size, bool poor) public {
        uint8 rules = _rules(seed);
        buildEnergyCity(rules);
        if (poor) {
            // Below the floor the market takes no orders; so there is little for what homes feed in.
            vm.prank(supplierBody);
            market.withdrawSupplier(SUPPLIER_FUNDS - FLOOR, supplierBody);
        }
        _postAll(seed, rules);
        vm.warp(endOf(INTERVAL));
        while (!market.clear(INTERVAL, 1)) {}
        _measureAll(seed);
        while (!market.confirmReadings(INTERVAL, 1)) {}
        if (poor) {
            // Homes withdraw what is not locked, so that some cannot pay for what they drew.
            for (uint256 i = 0; i < HOMES; ++i) {
                uint256 free = freeOf(_homes[i]);
                vm.prank(_homes[i].owner);
                market.withdraw(_homes[i].account, free, _homes[i].owner, 0, 0, unsigned());
            }
        }

        uint256 snapshot = vm.snapshotState();
        _settle(HOMES);
        bytes32 books = _books();
        assertEq(uint256(market.stateOf(INTERVAL)), uint256(IntervalState.Settled), "settled");
        vm.revertToState(snapshot);
        _settle(bound(size, 1, HOMES - 1));
        assertEq(_books(), books, "the same in more calls");
        assertEq(uint256(market.stateOf(INTERVAL)), uint256(IntervalState.Settled), "settled in more calls");
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_VoidReturnsEveryLock(uint256 seed) public {
        uint8 rules = _rules(seed);
        buildEnergyCity(rules);
        _postAll(seed, rules);
        if (seed & 16 != 0) {
            vm.warp(endOf(INTERVAL));
            while (!market.clear(INTERVAL, 1)) {}
        }
        vm.warp(endOf(INTERVAL) + LONG_STOP);
        market.voidInterval(INTERVAL);
        PostedBatch[] memory batches = new PostedBatch[](HOMES);
        for (uint256 i = 0; i < HOMES; ++i) batches[i] = _posted[HOMES - 1 - i];
        market.refund(INTERVAL, batches);
        for (uint256 i = 0; i < HOMES; ++i) assertEq(freeOf(_homes[i]), FUNDS, "free money");
        _books();
    }
}
