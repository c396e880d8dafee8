// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketFrame} from "../../../../contracts/energy/market/EnergyLedger.sol";
import {
    IEnergyMarket,
    IntervalState,
    Position,
    PostedBatch
} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {SettlementDesk} from "./SettlementFixture.sol";

/// @notice {EnergyVoid}: every lock returns, to the unit.
contract EnergyVoidTest is SettlementDesk {
    uint32 private constant BUYER = 0x100;
    uint32 private constant SELLER = 0x201;
    uint32 private constant LENGTH = 900;
    uint32 private constant LONG_STOP = 7 days;
    uint256 private constant VOIDABLE_AT = (uint256(INTERVAL) + 1) * LENGTH + LONG_STOP;

    function setUp() public {
        buildDesk(0);
        desk.setState(INTERVAL, IntervalState.Open);
        open(BUYER, FUNDS);
        open(SELLER, FUNDS);
        vm.warp(VOIDABLE_AT);
    }

    function _frame() private pure returns (MarketFrame memory frame) {
        frame.intervalLength = LENGTH;
        frame.longStop = LONG_STOP;
    }

    function _void() private {
        desk.voidInterval(_frame(), INTERVAL);
    }

    function _expectWrongState(IntervalState state) private {
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketWrongState.selector, INTERVAL, state));
    }

    // voidInterval
    // ├── nobody posted, readings confirmed, settled, void: reverts
    // ├── before the long stop: reverts with the time
    // └── open, clearing or cleared: void, event
    function test_RevertWhen_VoidingInAWrongState() public {
        IntervalState[4] memory states = [
            IntervalState.Future,
            IntervalState.Settling,
            IntervalState.Settled,
            IntervalState.Void
        ];
        for (uint256 i = 0; i < states.length; ++i) {
            desk.setState(INTERVAL, states[i]);
            _expectWrongState(states[i]);
            _void();
        }
    }

    function test_RevertWhen_VoidingTooEarly() public {
        vm.warp(VOIDABLE_AT - 1);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketNotVoidable.selector, INTERVAL, VOIDABLE_AT));
        _void();
    }

    function test_Voids() public {
        IntervalState[3] memory states = [IntervalState.Open, IntervalState.Clearing, IntervalState.Cleared];
        for (uint256 i = 0; i < states.length; ++i) {
            desk.setState(INTERVAL, states[i]);
            vm.expectEmit(address(desk));
            emit IEnergyMarket.IntervalVoided(INTERVAL);
            _void();
            assertEq(uint256(desk.intervalOf(INTERVAL).state), uint256(IntervalState.Void), "void");
        }
    }

    // refund
    // ├── not void, no batches, another batch than the newest: reverts
    // ├── returns what every record locked; in many calls
    // └── an indebted account: debt first
    function test_RevertWhen_RefundingWhatIsNotVoid() public {
        _expectWrongState(IntervalState.Open);
        desk.refund(INTERVAL, new PostedBatch[](1));
    }

    function test_RevertWhen_RefundingNoBatch() public {
        _void();
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketInvalidBound.selector, 0));
        desk.refund(INTERVAL, new PostedBatch[](0));
    }

    function test_RevertWhen_RefundingAnotherBatch() public {
        post(order(BUYER, BID, 140, 500));
        PostedBatch[] memory batches = newest(1);
        _void();
        bytes32 chain = desk.chainOf(INTERVAL);
        desk.refund(INTERVAL, batches);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketWrongBatch.selector, INTERVAL, chain, bytes32(0))
        );
        desk.refund(INTERVAL, batches);
    }

    function test_RefundsEveryLock() public {
        uint32 third = open(0x102, FUNDS);
        post(order(third, GREEN_FIRST, 10, 20, 220, 30));
        post(bytes.concat(order(BUYER, BID, 140, 500), order(SELLER, OFFER, 100, 500)));
        PostedBatch[] memory last = newest(1);
        PostedBatch[] memory first = newest(1);
        _void();
        vm.expectEmit(address(desk));
        emit IEnergyMarket.LocksReturned(INTERVAL, 2, 260 * 500 + 140 * 500);
        desk.refund(INTERVAL, last);
        assertFree(BUYER, FUNDS);
        assertFree(SELLER, FUNDS);
        vm.expectEmit(address(desk));
        emit IEnergyMarket.LocksReturned(INTERVAL, 1, 130 * 20 + 340 * 30);
        desk.refund(INTERVAL, first);
        assertFree(third, FUNDS);
        assertEq(desk.chainOf(INTERVAL), 0, "nothing is left");
    }

    function test_RefundPaysDebtFirst() public {
        open(SELLER, 70_000);
        post(order(SELLER, OFFER, 100, 500));
        indebt(SELLER, 20_000);
        PostedBatch[] memory batches = newest(1);
        _void();
        vm.expectEmit(address(desk));
        emit IEnergyMarket.DebtPaid(SELLER, 20_000, 0);
        desk.refund(INTERVAL, batches);
        assertFree(SELLER, 50_000);
        assertOwed(SELLER, 0, 0);
        assertEq(desk.treasury().supplier, SUPPLIER_FUNDS + 20_000, "supplier");
    }

    function testFuzz_RefundReturnsWhatWasLocked(uint256 seed, uint256 count) public {
        count = bound(count, 1, 12);
        uint256 before = money();
        uint256 batches = 0;
        for (uint256 i = 0; i < count; ++i) {
            uint256 word = uint256(keccak256(abi.encode(seed, i)));
            uint32 account = open(idOf(uint16(3 + (word & 1)), i), FUNDS);
            before += FUNDS;
            uint8 flags = word & 2 == 0 ? BID : OFFER;
            uint32 wh = uint32((word >> 32) % 1_000) + 10;
            uint8 tick = uint8((word >> 64) % 241);
            if (word & 4 == 0) post(order(account, flags, tick, wh));
            else post(order(account, flags, tick, wh, uint8((word >> 72) % 241), 500));
            ++batches;
        }
        PostedBatch[] memory all = newest(batches);
        _void();
        desk.refund(INTERVAL, all);
        assertEq(money(), before, "all money");
        for (uint256 i = 0; i < count; ++i) {
            uint256 word = uint256(keccak256(abi.encode(seed, i)));
            assertFree(idOf(uint16(3 + (word & 1)), i), FUNDS);
        }
    }

    // refundPositions
    // ├── not void, not whole account numbers, no position, returned already, not an account's number: reverts
    // └── returns what agreements locked; an indebted account: debt first
    function _agree() private {
        desk.setPosition(INTERVAL, BUYER, Position(100, false, 15_000, 4_000, 19_000));
        desk.setPosition(INTERVAL, SELLER, Position(100, true, 15_000, 0, 17_000));
    }

    function _expectNoPosition(uint32 account) private {
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketNoPosition.selector, account, INTERVAL));
    }

    function test_RevertWhen_RefundingPositionsOfWhatIsNotVoid() public {
        _agree();
        _expectWrongState(IntervalState.Open);
        desk.refundPositions(INTERVAL, abi.encodePacked(BUYER));
    }

    function test_RevertWhen_RefundedAccountsAreNotWhole() public {
        _void();
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketMalformed.selector, 0, 0));
        desk.refundPositions(INTERVAL, "");
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketMalformed.selector, 0, 7));
        desk.refundPositions(INTERVAL, "1234567");
    }

    function test_RevertWhen_RefundedAccountHasNoPosition() public {
        _agree();
        _void();
        _expectNoPosition(0x101);
        desk.refundPositions(INTERVAL, abi.encodePacked(uint32(0x101)));
        _expectNoPosition(BUYER);
        desk.refundPositions(INTERVAL, abi.encodePacked(BUYER, BUYER));
        _expectNoPosition(BUYER | (1 << 24));
        desk.refundPositions(INTERVAL, abi.encodePacked(BUYER | (1 << 24)));
    }

    function test_RefundsPositions() public {
        _agree();
        indebt(SELLER, 1_000);
        _void();
        vm.expectEmit(address(desk));
        emit IEnergyMarket.LocksReturned(INTERVAL, 2, 36_000);
        desk.refundPositions(INTERVAL, abi.encodePacked(BUYER, SELLER));
        assertFree(BUYER, FUNDS);
        assertFree(SELLER, FUNDS - 1_000);
        assertOwed(SELLER, 0, 0);
        assertEq(desk.intervalOf(INTERVAL).positionsLeft, 0, "positions left");
        assertEq(desk.positionedOf(INTERVAL, 1) | desk.positionedOf(INTERVAL, 2), 0, "no position is left");
    }
}
