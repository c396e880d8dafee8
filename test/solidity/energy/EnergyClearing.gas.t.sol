// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BookClass} from "../../../contracts/energy/IEnergyMarket.sol";
import {EnergyRules} from "../../../contracts/energy/IEnergyRegistry.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";
import {ClearingBench} from "./ClearingBench.sol";

/// @dev clear, of intervals that were posted to in earlier transactions; beside it a transaction costs 21,000 gas
///   ├ one book with all ticks in use on both sides
///   ├ one book of ten orders
///   └ three feeders with all ticks in use, each visited twice
contract EnergyClearingGasTest is CivitasTest {
    uint32 private constant FULL = 1_963_600;
    uint32 private constant SMALL = FULL + 1;
    uint32 private constant FEEDERS = FULL + 2;
    uint16 private constant FEEDER_COUNT = 3;

    ClearingBench private _bench;

    function setUp() external {
        _bench = new ClearingBench();
        vm.warp(uint256(FEEDERS) * 900);
        _bench.open(FULL, 50, 1, 0);
        _bench.open(SMALL, 50, 1, 0);
        _bench.open(FEEDERS, 50, 1, EnergyRules.BY_FEEDER);
        for (uint256 tick = 0; tick < 256; ++tick) {
            _bench.post(FULL, 1, BookClass.Bid, tick, 1_000 + tick * 7);
            _bench.post(FULL, 1, BookClass.Offer, tick, 3_300 - tick * 3);
            for (uint16 feeder = 1; feeder <= FEEDER_COUNT; ++feeder) {
                _bench.post(FEEDERS, feeder, BookClass.Bid, tick, 1_000 + tick * 7 * feeder);
                _bench.post(FEEDERS, feeder, BookClass.Offer, tick, 3_300 - tick * 3 * feeder);
            }
        }
        for (uint256 i = 0; i < 5; ++i) {
            _bench.post(SMALL, 1, BookClass.Bid, 90 + 5 * i, 1_000);
            _bench.post(SMALL, 1, BookClass.Offer, 80 + 5 * i, 900);
        }
    }

    function test_AFullBookKeepsItsCeiling() external {
        assertLe(_gasOf(FULL), 480_000, "full book");
    }

    function test_TenOrdersKeepTheirCeiling() external {
        assertLe(_gasOf(SMALL), 200_000, "ten orders");
    }

    function test_FeedersKeepTheirCeiling() external {
        assertLe(_gasOf(FEEDERS), FEEDER_COUNT * 550_000, "feeders");
    }

    function _gasOf(uint32 interval) private returns (uint256 gas) {
        gas = gasleft();
        bool done = _bench.clear(interval, type(uint256).max);
        gas -= gasleft();
        assertTrue(done, "done");
    }
}
