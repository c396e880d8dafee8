// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    AccountView,
    BookClass,
    IntervalState,
    Round,
    Share
} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {EnergyCity, Home} from "./EnergyFixture.sol";

/// stateOf: future, open, closed by time; begun states as stored
/// accountOf: not open, open
/// levelsOf: nothing posted, each tick of a word, every class apart
/// shareOf, feedersOf, positionOf, agreementOf, resultRoot, chainOf: nothing before there is something
contract EnergyViewsTest is EnergyCity {
    Home private alice;

    function setUp() public {
        buildEnergyCity(0);
        alice = newHome(FEEDER);
    }

    function test_TimeDecidesAboutOrders() external {
        vm.warp(opensAt(INTERVAL) - 1);
        _checkState(INTERVAL, IntervalState.Future);
        vm.warp(opensAt(INTERVAL));
        _checkState(INTERVAL, IntervalState.Open);
        postOwn(alice, BID, steps(1, 100));
        vm.warp(gateOf(INTERVAL) - 1);
        _checkState(INTERVAL, IntervalState.Open);
        vm.warp(gateOf(INTERVAL));
        _checkState(INTERVAL, IntervalState.Closed);
        _checkState(INTERVAL + 200, IntervalState.Future);
        _checkState(0, IntervalState.Closed);
        _checkState(type(uint32).max, IntervalState.Future);
    }

    function test_WhatHasBegunIsShownAsStored() external {
        for (uint256 state = uint256(IntervalState.Clearing); state <= uint256(IntervalState.Void); ++state) {
            setState(INTERVAL, IntervalState(state));
            _checkState(INTERVAL, IntervalState(state));
        }
    }

    function test_NobodyIsNobody() external view {
        AccountView memory none;
        assertEq(keccak256(abi.encode(market.accountOf(5))), keccak256(abi.encode(none)), "account");
        assertEq(market.delegateOf(5, stranger).until, 0, "delegate");
        assertEq(market.standingOrderOf(5).account, 0, "standing order");
        assertEq(market.positionOf(INTERVAL, 5).wh, 0, "position");
        assertEq(market.agreementOf(bytes32(0)).buyer, 0, "agreement");
        assertEq(market.resultRoot(INTERVAL, 0), bytes32(0), "result");
        assertEq(market.chainOf(INTERVAL), bytes32(0), "chain");
        assertEq(market.feedersOf(INTERVAL, 0), 0, "feeders");
        Share memory share = market.shareOf(INTERVAL, FEEDER, BookClass.Bid, Round.Main);
        assertFalse(share.traded, "share");
    }

    function test_DebtAndClaimAreShown() external {
        setDebt(alice, 7);
        setClaim(alice, 9);
        AccountView memory seen = market.accountOf(alice.account);
        assertEq(seen.debt, 7, "debt");
        assertEq(seen.claim, 9, "claim");
        assertEq(seen.owner, alice.owner, "owner");
    }

    function testFuzz_LevelsStandAtTheirTicks(uint8 tick, uint32 wh, bool offer) external {
        tick = uint8(bound(tick, 0, HIGHEST_TICK));
        wh = uint32(bound(wh, MINIMUM_WH, EXPORT_CAP));
        postOwn(alice, offer ? OFFER : BID, steps(tick, wh));
        uint64[256] memory taken = market.levelsOf(INTERVAL, 0, offer ? BookClass.Offer : BookClass.Bid);
        uint64[256] memory other = market.levelsOf(INTERVAL, 0, offer ? BookClass.Bid : BookClass.Offer);
        for (uint256 i = 0; i < 256; ++i) {
            assertEq(taken[i], i == tick ? wh : 0, "level");
            assertEq(other[i], 0, "other side");
        }
        assertEq(market.levelsOf(INTERVAL, FEEDER, BookClass.Bid)[tick], 0, "no book of the feeder");
    }

    function _checkState(uint32 interval, IntervalState state) private view {
        assertEq(uint256(market.stateOf(interval)), uint256(state), "state");
    }
}
