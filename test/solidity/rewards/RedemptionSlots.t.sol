// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Voucher, VoucherStatus} from "../../../contracts/rewards/IRedemption.sol";
import {Bought, RedemptionSlots, Till, VoucherSlot} from "../../../contracts/rewards/RedemptionSlots.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

contract RedemptionSlotsTest is CivitasTest {
    /// @dev What a till should be.
    struct Twin {
        uint256 free;
        uint256 reserved;
        uint256 vouchers;
        uint256 items;
        bool paused;
    }

    // Till: whatever is done, each field changes by itself

    function testFuzz_ATillIsItsTwin(uint256[12] calldata seeds) external pure {
        Till till = Till.wrap(0);
        Twin memory twin;
        for (uint256 i = 0; i < 12; ++i) {
            uint256 amount = seeds[i] >> 8;
            if (seeds[i] % 6 == 0) {
                twin.free = bound(amount, 0, RedemptionSlots.MAX_POOL - twin.reserved);
                till = till.withFree(twin.free);
            } else if (seeds[i] % 6 == 1) {
                uint64 faceValue = uint64(bound(amount, 0, _least(twin.free)));
                (twin.free, twin.reserved) = (twin.free - faceValue, twin.reserved + faceValue);
                ++twin.vouchers;
                till = till.withVoucher(faceValue);
            } else if (seeds[i] % 6 == 2) {
                uint64 faceValue = uint64(bound(amount, 0, _least(twin.reserved)));
                twin.reserved -= faceValue;
                till = till.withUsed(faceValue);
            } else if (seeds[i] % 6 == 3) {
                uint64 faceValue = uint64(bound(amount, 0, _least(twin.reserved)));
                (twin.free, twin.reserved) = (twin.free + faceValue, twin.reserved - faceValue);
                till = till.withRefunded(faceValue);
            } else if (seeds[i] % 6 == 4) {
                ++twin.items;
                till = till.withItem();
            } else {
                twin.paused = amount % 2 == 1;
                till = till.withPaused(twin.paused);
            }
            _assertTwin(till, twin);
        }
    }

    function test_AFullTillSpillsNowhere() external pure {
        Twin memory twin = Twin(0, RedemptionSlots.MAX_POOL, type(uint40).max, type(uint32).max, true);
        Till till = Till.wrap(type(uint256).max >> 7);
        till = till.withFree(0);
        _assertTwin(till, twin);
        till = till.withRefunded(type(uint64).max);
        (twin.free, twin.reserved) = (type(uint64).max, RedemptionSlots.MAX_POOL - type(uint64).max);
        _assertTwin(till, twin);
        twin.paused = false;
        _assertTwin(till.withPaused(false), twin);
    }

    // VoucherSlot, Bought: read as written

    function testFuzz_AVoucherIsReadAsWritten(
        address holder,
        uint32 itemId,
        uint40 expiresAt,
        uint8 next
    ) external pure {
        VoucherSlot slot = RedemptionSlots.packVoucher(holder, itemId, expiresAt);
        _assertVoucher(slot, Voucher(holder, itemId, expiresAt, VoucherStatus.Live));
        VoucherStatus status = VoucherStatus(bound(next, 0, 3));
        _assertVoucher(slot.withStatus(status), Voucher(holder, itemId, expiresAt, status));
    }

    function testFuzz_APurchaseCountsInItsMonth(uint16 month, uint16 count, uint16 other) external pure {
        Bought bought = RedemptionSlots.packBought(month, count);
        assertEq(bought.countIn(month), count, "in the month");
        if (other != month) assertEq(bought.countIn(other), 0, "in another month");
    }

    /// @dev What a face value can be.
    function _least(uint256 units) private pure returns (uint256 least) {
        return units < type(uint64).max ? units : type(uint64).max;
    }

    function _assertTwin(Till till, Twin memory twin) private pure {
        assertEq(till.free(), twin.free, "free");
        assertEq(till.reserved(), twin.reserved, "reserved");
        assertEq(till.lastVoucher(), twin.vouchers, "vouchers");
        assertEq(till.lastItem(), twin.items, "items");
        assertTrue(till.isPaused() == twin.paused, "paused");
    }

    function _assertVoucher(VoucherSlot slot, Voucher memory expected) private pure {
        assertEq(keccak256(abi.encode(slot.unpack())), keccak256(abi.encode(expected)), "voucher");
    }
}
