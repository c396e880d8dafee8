// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {AccountSlot, AccountSlots} from "../../../../contracts/energy/market/AccountSlots.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

/// @notice Calls that revert need a call of their own.
contract AccountSlotsHarness {
    function withFree(AccountSlot slot, uint256 amount) external pure returns (AccountSlot changed) {
        return slot.withFree(amount);
    }

    function withEpoch(AccountSlot slot, uint256 number) external pure returns (AccountSlot changed) {
        return slot.withEpoch(number);
    }
}

contract AccountSlotsTest is CivitasTest {
    /// @dev Solidity's code of a failed assert.
    bytes private constant PANIC = abi.encodeWithSignature("Panic(uint256)", 1);
    uint256 private constant LARGEST_CODE = 0xfff;
    uint256 private constant LARGEST_CAP = 1_023_000;

    AccountSlotsHarness private _harness;

    function setUp() external {
        _harness = new AccountSlotsHarness();
    }

    // isOpen
    // ├─ nothing stored ...................................... false
    // └─ a signer was set, be it zero ........................ true

    function test_SlotIsOpenOnceItHasASigner() external pure {
        AccountSlot slot;
        assertFalse(slot.isOpen(), "nothing stored");
        assertTrue(slot.withSigner(address(0)).isOpen(), "a signer");
    }

    // signer, free, epoch, importCapWh, exportCapWh, has, and with… of each
    // ├─ each comes back as set, and leaves all others as they are
    // ├─ more money than fits ................................ assertion fails
    // └─ a higher epoch than fits ............................ assertion fails

    function testFuzz_EveryPartComesBackAndTheOthersStay(
        uint256 stored,
        address key,
        uint256 money,
        uint256 number,
        uint256 importCode,
        uint256 exportCode,
        uint256 flags
    ) external pure {
        AccountSlot slot = AccountSlot.wrap(stored | AccountSlots.OPEN);
        money = bound(money, 0, AccountSlots.MAX_FREE);
        number = bound(number, 0, AccountSlots.MAX_EPOCH);
        importCode = bound(importCode, 0, LARGEST_CODE);
        exportCode = bound(exportCode, 0, LARGEST_CODE);

        AccountSlot changed = slot.withSigner(key);
        assertEq(changed.signer(), key, "signer");
        _assertSame(slot.withSigner(slot.signer()), slot, "signer put back");
        _assertSame(changed.withSigner(slot.signer()), slot, "only the signer changed");

        changed = slot.withFree(money);
        assertEq(changed.free(), money, "free");
        _assertSame(changed.withFree(slot.free()), slot, "only the money changed");

        changed = slot.withEpoch(number);
        assertEq(changed.epoch(), number, "epoch");
        _assertSame(changed.withEpoch(slot.epoch()), slot, "only the epoch changed");

        changed = slot.withCaps(importCode, exportCode);
        assertEq(changed.importCapWh(), AccountSlots.decodeCap(importCode), "import cap");
        assertEq(changed.exportCapWh(), AccountSlots.decodeCap(exportCode), "export cap");
        _assertSame(changed.withCaps((stored >> 16) & LARGEST_CODE, (stored >> 4) & LARGEST_CODE), slot, "only caps");

        for (uint256 flag = AccountSlots.INDEBTED; flag <= AccountSlots.OPEN; flag <<= 1) {
            bool set = flags & flag != 0;
            changed = slot.withFlag(flag, set);
            assertTrue(changed.has(flag) == set, "flag");
            _assertSame(changed.withFlag(flag, slot.has(flag)), slot, "only the flag changed");
        }
    }

    function test_PartsStandWhereTheLayoutSays() external pure {
        AccountSlot slot = AccountSlot.wrap(0).withSigner(address(type(uint160).max)).withFlag(
            AccountSlots.OPEN,
            false
        );
        assertEq(AccountSlot.unwrap(slot), uint256(type(uint160).max) << 96, "signer: bits 96 to 255");
        slot = AccountSlot.wrap(0).withFree(AccountSlots.MAX_FREE);
        assertEq(AccountSlot.unwrap(slot), uint256(type(uint56).max) << 40, "free: bits 40 to 95");
        slot = AccountSlot.wrap(0).withEpoch(AccountSlots.MAX_EPOCH);
        assertEq(AccountSlot.unwrap(slot), 0xfff << 28, "epoch: bits 28 to 39");
        slot = AccountSlot.wrap(0).withCaps(LARGEST_CODE, 0);
        assertEq(AccountSlot.unwrap(slot), 0xfff << 16, "import cap: bits 16 to 27");
        slot = AccountSlot.wrap(0).withCaps(0, LARGEST_CODE);
        assertEq(AccountSlot.unwrap(slot), 0xfff << 4, "export cap: bits 4 to 15");
        uint256 flags = AccountSlots.INDEBTED | AccountSlots.BARRED | AccountSlots.GREEN | AccountSlots.OPEN;
        assertEq(flags, 0xf, "flags: bits 0 to 3");
    }

    // plus
    // └─ more or less free money, and all else as it is

    function testFuzz_FreeMoneyGrowsAndShrinks(uint256 stored, uint256 before, uint256 later) external pure {
        before = bound(before, 0, AccountSlots.MAX_FREE);
        later = bound(later, 0, AccountSlots.MAX_FREE);
        AccountSlot expected = AccountSlot.wrap(stored).withFree(later);
        uint256 change = 0;
        unchecked {
            change = later - before;
        }
        AccountSlot changed = AccountSlot.wrap(stored).withFree(before).plus(change);
        assertEq(AccountSlot.unwrap(changed), AccountSlot.unwrap(expected), "slot");
    }

    function testFuzz_RevertWhen_MoneyDoesNotFit(uint256 stored, uint256 amount) external {
        amount = bound(amount, AccountSlots.MAX_FREE + 1, type(uint256).max);
        vm.expectRevert(PANIC);
        _harness.withFree(AccountSlot.wrap(stored), amount);
    }

    function testFuzz_RevertWhen_EpochDoesNotFit(uint256 stored, uint256 number) external {
        number = bound(number, AccountSlots.MAX_EPOCH + 1, type(uint256).max);
        vm.expectRevert(PANIC);
        _harness.withEpoch(AccountSlot.wrap(stored), number);
    }

    // encodeCap
    // ├─ at most three digits and zeros ...................... the cap itself
    // ├─ more digits ......................................... the next below that can be written
    // └─ above the largest ................................... the largest

    function test_CapsOfThreeDigitsAreExact() external pure {
        uint32[8] memory caps = [uint32(0), 1, 999, 1_023, 1_030, 10_230, 102_300, uint32(LARGEST_CAP)];
        uint16[8] memory codes = [uint16(0), 4, 3_996, 4_092, 413, 4_093, 4_094, 4_095];
        for (uint256 i = 0; i < caps.length; ++i) {
            (uint256 code, uint256 nearestWh) = AccountSlots.encodeCap(caps[i]);
            assertEq(code, codes[i], "code");
            assertEq(nearestWh, caps[i], "cap");
        }
    }

    function test_CapsOfMoreDigitsAreCutDown() external pure {
        uint32[8] memory caps = [uint32(1_024), 1_029, 1_031, 10_239, 10_299, 102_999, 1_022_999, 1_023_001];
        uint32[8] memory nearest = [uint32(1_023), 1_023, 1_030, 10_230, 10_230, 102_300, 1_022_000, 1_023_000];
        for (uint256 i = 0; i < caps.length; ++i) {
            (, uint256 nearestWh) = AccountSlots.encodeCap(caps[i]);
            assertEq(nearestWh, nearest[i], "next below");
        }
    }

    /// @dev Small ones too: among those the digits go over their limit.
    function testFuzz_CapIsKeptOrTheNextBelow(uint256 capWh) external pure {
        capWh = bound(capWh, 0, LARGEST_CAP);
        _requireNextBelow(capWh);
        _requireNextBelow(capWh % 11_000);
    }

    function testFuzz_LargestCapIsTheMost(uint256 capWh) external pure {
        (uint256 code, uint256 nearestWh) = AccountSlots.encodeCap(bound(capWh, LARGEST_CAP, type(uint256).max));
        assertEq(code, LARGEST_CODE, "code");
        assertEq(nearestWh, LARGEST_CAP, "cap");
    }

    // decodeCap: digits times the power of ten

    function testFuzz_CodeIsDigitsAndPowerOfTen(uint256 digits, uint256 power) external pure {
        digits = bound(digits, 0, 1_023);
        power = bound(power, 0, 3);
        assertEq(AccountSlots.decodeCap((digits << 2) | power), digits * 10 ** power, "cap");
    }

    /// @dev The most of what each unit can say without going above.
    function _requireNextBelow(uint256 capWh) private pure {
        (uint256 code, uint256 nearestWh) = AccountSlots.encodeCap(capWh);
        assertLe(code, LARGEST_CODE, "code has 12 bits");
        assertEq(AccountSlots.decodeCap(code), nearestWh, "code says the cap");
        uint256 best = 0;
        for (uint256 unit = 1; unit <= 1_000; unit *= 10) {
            uint256 below = Math.min(capWh / unit, 1_023) * unit;
            best = Math.max(best, below);
        }
        assertEq(nearestWh, best, "next below");
    }

    function _assertSame(AccountSlot left, AccountSlot right, string memory reason) private pure {
        assertEq(AccountSlot.unwrap(left), AccountSlot.unwrap(right), reason);
    }
}
