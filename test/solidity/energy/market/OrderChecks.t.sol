// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountSlot, AccountSlots} from "../../../../contracts/energy/market/AccountSlots.sol";
import {AccountDetails, EnergyLedger} from "../../../../contracts/energy/market/EnergyLedger.sol";
import {BookClass, OrderFault} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {EnergyRules} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {OrderChecks} from "../../../../contracts/energy/market/OrderChecks.sol";
import {OrderOpening, Posting} from "../../../../contracts/energy/market/OrderOpening.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

/// @notice {OrderChecks-isGood} answers in assembly what {OrderChecks-screen} and a model that is written out here say.
/// isGood
/// ├── nothing is wrong and the lock is covered: yes, and what {OrderBooks-put} needs is at hand
/// └── anything is wrong, or it is not covered: no
/// screen
/// ├── good, or not covered alone: None
/// └── else: the first thing that is wrong, with its value and limit
contract OrderChecksTest is CivitasTest {
    uint32 private constant METERS_PER_WORD = 56;
    uint64 private constant DEBT = 77;

    EnergyLedger private _ledger;

    struct Prices {
        uint256 base;
        uint256 retail;
        uint256 tickSize;
        uint256 gridFee;
    }

    /// @dev Account, flags, steps and whatever follows them.
    uint256 private _head;
    Prices private _prices;
    uint8 private _rules;
    uint256 private _minimum;
    AccountSlot private _slot;
    /// @dev Four bits of the meter: bids, offers, buys and sells by agreement.
    uint256 private _sides;

    /// forge-config: default.fuzz.runs = 2048
    function testFuzz_ScreenNamesWhatIsGoodRefuses(uint256 seed, uint256 head) external {
        _build(seed, head);
        Posting memory posting = _posting(seed);
        (OrderFault fault, uint256 value, uint256 limit) = _model();
        (uint256 lock, uint256 wh) = _sums();
        bool covered = lock <= _slot.free();

        bool good = OrderChecks.isGood(_ledger, posting, _head);
        assertEq(good ? 1 : 0, fault == OrderFault.None && covered ? 1 : 0, "good");
        assertEq(AccountSlot.unwrap(posting.slot), AccountSlot.unwrap(_slot), "slot");
        if (good) {
            assertEq(posting.lock, lock, "lock");
            assertEq(posting.wh, wh, "Wh");
            assertEq(posting.class, uint256(_class()), "class");
            assertEq(posting.postedShift, ((_account() & 0xff) % METERS_PER_WORD) * 4, "shift");
        }

        posting = _posting(seed);
        assertEq(uint256(OrderChecks.screen(_ledger, posting, _head)), uint256(fault), "fault");
        assertEq(posting.value, value, "value");
        assertEq(posting.limit, limit, "limit");
    }

    // --- the world

    function _build(uint256 seed, uint256 head) private {
        _rules = uint8(_draw(seed, 0, 8)) * 2; // any of feeder first, green and pay as bid
        _prices.base = _draw(seed, 1, 200);
        _prices.tickSize = _draw(seed, 2, 4) + 1;
        _prices.retail = _prices.base + _draw(seed, 3, 255 * _prices.tickSize + 1);
        _prices.gridFee = _draw(seed, 4, 100);
        _minimum = _draw(seed, 5, 3) * 50 + 1;
        // One time in four as it comes; else flags that are known, ticks and Wh that can be good.
        if (_draw(seed, 6, 4) != 0) {
            head &= ~(uint256(0xe0) << 216);
            uint256 highest = (_prices.retail - _prices.base) / _prices.tickSize;
            for (uint256 i = 0; i < 4; ++i) {
                uint256 tick = _draw(seed, 10 + i, highest + 1);
                uint256 wh = _minimum + _draw(seed, 20 + i, 500);
                uint256 shift = 256 - 80 - 40 * i;
                head = (head & ~(uint256(type(uint40).max) << shift)) | (((tick << 32) | wh) << shift);
            }
            // Often enough at the very limit.
            if (_draw(seed, 7, 4) == 0) head = (head & ~(uint256(0xff) << 208)) | (highest << 208);
        }
        _head = head;
        _slot = _account(seed);
        _ledger.accounts[_account()] = _slot;
        _ledger.details[_account()] = AccountDetails(address(1), DEBT, 1, 0);
        _sides = _draw(seed, 8, 3) == 0 ? _draw(seed, 9, 16) : 0;
    }

    /// @dev Not open one time in eight, with flags and caps of all sizes; its free money is often just the lock, or less by 1.
    function _account(uint256 seed) private view returns (AccountSlot slot) {
        if (_draw(seed, 30, 8) == 0) return slot;
        (uint256 importCode, ) = AccountSlots.encodeCap(10 ** _draw(seed, 31, 7) * _draw(seed, 32, 12));
        (uint256 exportCode, ) = AccountSlots.encodeCap(10 ** _draw(seed, 33, 7) * _draw(seed, 34, 12));
        (uint256 lock, ) = _sums();
        uint256 way = _draw(seed, 35, 4);
        uint256 free =
            way == 0
                ? _draw(seed, 36, 1e6)
                : way == 1 && lock != 0
                    ? lock - 1
                    : lock;
        if (free > AccountSlots.MAX_FREE) free = AccountSlots.MAX_FREE;
        slot = slot.withSigner(address(uint160(_draw(seed, 37, type(uint160).max)))).withFree(free);
        slot = slot.withCaps(importCode, exportCode).withEpoch(_draw(seed, 38, 0x1000));
        slot = slot.withFlag(AccountSlots.GREEN, _draw(seed, 39, 2) == 0);
        slot = slot.withFlag(AccountSlots.BARRED, _draw(seed, 40, 8) == 0);
        slot = slot.withFlag(AccountSlots.INDEBTED, _draw(seed, 41, 8) == 0);
    }

    function _posting(uint256 seed) private view returns (Posting memory posting) {
        posting.bidLock = _prices.base + _prices.gridFee;
        posting.bidSlope = _prices.tickSize;
        posting.offerLock = _prices.retail - _prices.base;
        unchecked {
            posting.offerSlope = 0 - _prices.tickSize;
        }
        posting.highestTick = (_prices.retail - _prices.base) / _prices.tickSize;
        posting.minimumWh = _minimum;
        posting.classes = OrderOpening.classesOf(_rules);
        posting.record.rules = _rules;
        // Sides of the other meters are no matter of this one.
        uint256 shift = ((_account() & 0xff) % METERS_PER_WORD) * 4;
        posting.postedWord = (_draw(seed, 50, type(uint256).max) & ~(uint256(0xf) << shift)) | (_sides << shift);
    }

    // --- the model

    function _model() private view returns (OrderFault fault, uint256 value, uint256 limit) {
        if (!_slot.isOpen()) return (OrderFault.UnknownAccount, 0, 0);
        if (_slot.has(AccountSlots.BARRED)) return (OrderFault.Barred, 0, 0);
        if (_slot.has(AccountSlots.INDEBTED)) return (OrderFault.Indebted, DEBT, 0);
        uint8 flags = _flags();
        uint256 kind = (flags >> 3) & 3;
        if (flags > 0x1f || (_offers() && (kind == 1 || kind == 2))) return (OrderFault.UnknownFlags, flags, 0);
        uint8 needed =
            kind == 0
                ? 0
                : kind == 3
                    ? EnergyRules.FEEDER_FIRST
                    : EnergyRules.GREEN;
        if (_rules & needed != needed) return (OrderFault.NotOffered, flags, _rules);
        uint256 highest = (_prices.retail - _prices.base) / _prices.tickSize;
        for (uint256 i = 0; i < _count(); ++i) {
            (uint256 tick, uint256 wh) = _step(i);
            if (tick > highest) return (OrderFault.BadTick, tick, highest);
            if (wh < _minimum) return (OrderFault.BelowMinimum, wh, _minimum);
        }
        (, uint256 total) = _sums();
        uint256 cap = _offers() ? _slot.exportCapWh() : _slot.importCapWh();
        if (total > cap) return (OrderFault.CapExceeded, total, cap);
        if (_sides & 3 != 0) return (OrderFault.AlreadyPosted, 0, 0);
        if (_sides & (_offers() ? 4 : 8) != 0) return (OrderFault.SideConflict, 0, 0);
        return (OrderFault.None, 0, 0);
    }

    /// @dev What the steps lock and trade. Nothing where a tick is beyond the band, for then the order is refused for that.
    function _sums() private view returns (uint256 lock, uint256 wh) {
        for (uint256 i = 0; i < _count(); ++i) {
            (uint256 tick, uint256 stepWh) = _step(i);
            uint256 price = _prices.base + tick * _prices.tickSize;
            wh += stepWh;
            if (price > _prices.retail) return (0, wh);
            lock += (_offers() ? _prices.retail - price : price + _prices.gridFee) * stepWh;
        }
    }

    function _class() private view returns (BookClass class) {
        uint256 kind = (_flags() >> 3) & 3;
        if (!_offers()) return BookClass(kind);
        if (kind == 3) return BookClass.OfferFeederOnly;
        bool green = _rules & EnergyRules.GREEN != 0 && _slot.has(AccountSlots.GREEN);
        return green ? BookClass.OfferGreen : BookClass.Offer;
    }

    function _account() private view returns (uint32 account) {
        return uint32(_head >> 224);
    }

    function _flags() private view returns (uint8 flags) {
        return uint8(_head >> 216);
    }

    function _offers() private view returns (bool offers) {
        return _head & (1 << 216) != 0;
    }

    function _count() private view returns (uint256 count) {
        return ((_head >> 217) & 3) + 1;
    }

    function _step(uint256 index) private view returns (uint256 tick, uint256 wh) {
        uint256 step = _head << (40 * (index + 1));
        return (step >> 248, (step >> 216) & type(uint32).max);
    }

    function _draw(uint256 seed, uint256 topic, uint256 below) private pure returns (uint256 drawn) {
        return uint256(keccak256(abi.encode(seed, topic))) % below;
    }
}
