// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {EntryType, IMaterialCodes, Material} from "../../../../contracts/waste/codes/IMaterialCodes.sol";
import {WasteFixture} from "../WasteFixture.sol";

contract MaterialCodesTest is WasteFixture {
    uint24 private constant NEW_CODE = 160_601;
    uint256 private constant LANES = 32;

    // set
    // ├─ the caller has not WASTE_CODES .................. AccessManagedUnauthorized
    // ├─ more than 400 entries ........................... MaterialCodesTooMany
    // ├─ below 01 00 00 or above 20 99 99 ................ MaterialCodesInvalidCode
    // ├─ without a type .................................. MaterialCodesNoType
    // ├─ the last day is before the first ................ MaterialCodesInvalidDays
    // ├─ there with another type ......................... MaterialCodesTypeFixed
    // ├─ nothing changes, or there are no entries ........ MaterialCodesUnchanged
    // └─ else ............................................ stored, MaterialsSet
    //    ├─ in any order, also twice in one call; the last one counts
    //    ├─ neighbours in the same word stay as they are
    //    └─ days can be set, moved and taken away again

    function test_RevertWhen_CallerKeepsNoCodes() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        codes.set(_one(NEW_CODE, EntryType.Absolute, 0, 0));
    }

    function test_RevertWhen_EntriesAreTooMany() external {
        vm.expectRevert(abi.encodeWithSelector(IMaterialCodes.MaterialCodesTooMany.selector, 401, 400));
        vm.prank(codeOffice);
        codes.set(new Material[](401));
    }

    function test_TakesAsManyEntriesAsItSays() external {
        Material[] memory entries = new Material[](400);
        for (uint24 i = 0; i < entries.length; ++i) {
            entries[i] = Material(10_000 + 3 * i, EntryType.Absolute, i, 0);
        }
        _set(entries);
        for (uint24 i = 0; i < entries.length; ++i) {
            _assertEntry(10_000 + 3 * i, EntryType.Absolute, i, 0);
            _assertEntry(10_001 + 3 * i, EntryType.None, 0, 0);
        }
    }

    function test_RevertWhen_CodeHasNoChapter() external {
        uint24[4] memory bad = [uint24(0), 9_999, 210_000, type(uint24).max];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IMaterialCodes.MaterialCodesInvalidCode.selector, bad[i]));
            _set(_one(bad[i], EntryType.Absolute, 0, 0));
        }
        _set(_one(10_000, EntryType.Absolute, 0, 0));
        _set(_one(209_999, EntryType.Mirror, 0, 0));
        _assertEntry(10_000, EntryType.Absolute, 0, 0);
        _assertEntry(209_999, EntryType.Mirror, 0, 0);
    }

    function test_RevertWhen_EntryHasNoType() external {
        vm.expectRevert(abi.encodeWithSelector(IMaterialCodes.MaterialCodesNoType.selector, NEW_CODE));
        _set(_one(NEW_CODE, EntryType.None, 0, 0));
    }

    function test_RevertWhen_LastDayIsBeforeTheFirst() external {
        vm.expectRevert(abi.encodeWithSelector(IMaterialCodes.MaterialCodesInvalidDays.selector, NEW_CODE, 6, 5));
        _set(_one(NEW_CODE, EntryType.Absolute, 6, 5));
        _set(_one(NEW_CODE, EntryType.Absolute, 5, 5));
        _assertEntry(NEW_CODE, EntryType.Absolute, 5, 5);
    }

    function test_RevertWhen_TypeIsAnother() external {
        vm.expectRevert(
            abi.encodeWithSelector(IMaterialCodes.MaterialCodesTypeFixed.selector, TUBES, EntryType.AbsoluteHazardous)
        );
        _set(_one(TUBES, EntryType.Absolute, 0, 0));
        // Not within one call either.
        Material[] memory entries = new Material[](2);
        entries[0] = Material(NEW_CODE, EntryType.Mirror, 0, 0);
        entries[1] = Material(NEW_CODE, EntryType.MirrorHazardous, 0, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IMaterialCodes.MaterialCodesTypeFixed.selector, NEW_CODE, EntryType.Mirror)
        );
        _set(entries);
    }

    function test_RevertWhen_NothingChanges() external {
        Material[] memory entries = new Material[](2);
        entries[0] = Material(TUBES, EntryType.AbsoluteHazardous, 0, 0);
        entries[1] = Material(OLD_BATTERIES, EntryType.MirrorHazardous, 0, CHANGE_DAY - 1);
        vm.expectRevert(IMaterialCodes.MaterialCodesUnchanged.selector);
        _set(entries);
        vm.expectRevert(IMaterialCodes.MaterialCodesUnchanged.selector);
        _set(new Material[](0));
        // One new entry among them is enough, wherever it stands.
        for (uint24 i = 0; i < 2; ++i) {
            Material memory known = entries[i];
            entries[i] = Material(NEW_CODE + i, EntryType.Absolute, 0, 0);
            _set(entries);
            entries[i] = known;
        }
    }

    function test_TellsEntriesSideBySide() external {
        Material[] memory entries = new Material[](3);
        entries[0] = Material(200_142, EntryType.AbsoluteHazardous, CHANGE_DAY, CHANGE_DAY + 1);
        entries[1] = Material(10_101, EntryType.Mirror, 1, 2);
        entries[2] = Material(10_101, EntryType.Mirror, 0, 3);
        bytes memory told = bytes.concat(
            abi.encodePacked(uint24(200_142), uint8(2), CHANGE_DAY, CHANGE_DAY + 1),
            abi.encodePacked(uint24(10_101), uint8(3), uint24(1), uint24(2)),
            abi.encodePacked(uint24(10_101), uint8(3), uint24(0), uint24(3))
        );
        vm.expectEmit(address(codes));
        emit IMaterialCodes.MaterialsSet(told);
        _set(entries);
        _assertEntry(200_142, EntryType.AbsoluteHazardous, CHANGE_DAY, CHANGE_DAY + 1);
        _assertEntry(10_101, EntryType.Mirror, 0, 3);
    }

    function test_DaysAreSetMovedAndTakenAway() external {
        uint24[4] memory fromDays = [uint24(0), 10, 10, 0];
        uint24[4] memory toDays = [uint24(9), 20, 21, 0];
        for (uint256 i = 0; i < fromDays.length; ++i) {
            _set(_one(TUBES, EntryType.AbsoluteHazardous, fromDays[i], toDays[i]));
            _assertEntry(TUBES, EntryType.AbsoluteHazardous, fromDays[i], toDays[i]);
        }
        // As they once were, which is a change from none.
        _set(_one(TUBES, EntryType.AbsoluteHazardous, 10, 21));
        _assertEntry(TUBES, EntryType.AbsoluteHazardous, 10, 21);
    }

    function testFuzz_NeighboursStayAsTheyAre(uint256 base, uint256[8] calldata seeds) external {
        base = bound(base, 10_000, 209_999 - LANES);
        for (uint256 i = 0; i < seeds.length; ++i) {
            uint24 code = uint24(base + (seeds[i] % LANES));
            Material memory before = codes.materialOf(code);
            if (before.entryType != EntryType.None) continue;
            Material[] memory neighbours = new Material[](LANES);
            for (uint24 k = 0; k < LANES; ++k) neighbours[k] = codes.materialOf(uint24(base) + k);
            EntryType entryType = EntryType(1 + ((seeds[i] >> 8) % 4));
            uint24 fromDay = uint24(seeds[i] >> 16);
            uint24 toDay = uint24(bound(seeds[i] >> 40, fromDay, type(uint24).max));
            _set(_one(code, entryType, fromDay, toDay));
            for (uint24 k = 0; k < LANES; ++k) {
                Material memory other = neighbours[k];
                if (other.code == code) _assertEntry(code, entryType, fromDay, toDay);
                else _assertEntry(other.code, other.entryType, other.fromDay, other.toDay);
            }
        }
    }

    // checkOn
    // ├─ unknown ......................................... neither valid nor hazardous
    // ├─ from its first day to its last .................. valid, both included
    // ├─ absolute or mirror hazardous .................... hazardous, also when it is not valid
    // └─ mirror, not hazardous ........................... takes an assessment

    function test_UnknownCodeIsNotValid() external view {
        _assertOn(NEW_CODE, CHANGE_DAY, false, false);
        _assertEntry(NEW_CODE, EntryType.None, 0, 0);
    }

    function test_CodesEndAndBeginOnTheirDays() external view {
        _assertOn(OLD_BATTERIES, CHANGE_DAY - 1, true, true);
        _assertOn(OLD_BATTERIES, CHANGE_DAY, false, true);
        _assertOn(NEW_BATTERIES, CHANGE_DAY - 1, false, true);
        _assertOn(NEW_BATTERIES, CHANGE_DAY, true, true);
        _assertOn(NEW_BATTERIES, type(uint256).max, true, true);
        _assertOn(PACKAGING, 0, true, false);
        _assertOn(PACKAGING, type(uint256).max, true, false);
    }

    function test_HazardFollowsTheType() external {
        bool[5] memory hazardous = [false, false, true, false, true];
        for (uint24 i = 1; i < hazardous.length; ++i) {
            _set(_one(NEW_CODE + i, EntryType(i), 0, 0));
            _assertOn(NEW_CODE + i, 1, true, hazardous[i]);
            (, , bool assessed) = codes.checkOn(NEW_CODE + i, 1);
            assertTrue(assessed == (EntryType(i) == EntryType.Mirror), "assessed");
        }
    }

    function testFuzz_IsValidFromFirstToLastDay(uint24 fromDay, uint24 toDay, uint24 day) external {
        if (toDay != 0) toDay = uint24(bound(toDay, fromDay, type(uint24).max));
        _set(_one(NEW_CODE, EntryType.Mirror, fromDay, toDay));
        _assertOn(NEW_CODE, day, day >= fromDay && (toDay == 0 || day <= toDay), false);
    }

    // --- helpers

    function _one(
        uint24 code,
        EntryType entryType,
        uint24 fromDay,
        uint24 toDay
    ) private pure returns (Material[] memory entries) {
        entries = new Material[](1);
        entries[0] = Material(code, entryType, fromDay, toDay);
    }

    function _set(Material[] memory entries) private {
        vm.prank(codeOffice);
        codes.set(entries);
    }

    function _assertEntry(uint24 code, EntryType entryType, uint24 fromDay, uint24 toDay) private view {
        Material memory material = codes.materialOf(code);
        assertEq(material.code, code, "code");
        assertEq(uint256(material.entryType), uint256(entryType), "type");
        assertEq(material.fromDay, fromDay, "first day");
        assertEq(material.toDay, toDay, "last day");
    }

    function _assertOn(uint24 code, uint256 day, bool valid, bool hazardous) private view {
        (bool isValid, bool isHazardous, ) = codes.checkOn(code, day);
        assertTrue(isValid == valid, "valid");
        assertTrue(isHazardous == hazardous, "hazardous");
    }
}
