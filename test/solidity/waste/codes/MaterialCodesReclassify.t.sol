// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {EntryType, IMaterialCodes, Material} from "../../../../contracts/waste/codes/IMaterialCodes.sol";
import {WasteFixture} from "../WasteFixture.sol";

/// @notice Types that change from a later day on. 16 06 04, alkaline batteries, is as old as the list and without end.
contract MaterialCodesReclassifyTest is WasteFixture {
    struct Period {
        uint24 fromDay;
        EntryType entryType;
    }

    uint24 private constant ALKALINE = 160_604;
    uint24 private constant UNKNOWN = 160_601;
    uint256 private constant STEPS = 10;

    /// @dev The types that the entry has had, each from its day on, the first from day zero on. The last one may be to come.
    Period[] private _history;
    /// @dev Day from which on the contract knows what the entry was.
    uint256 private _knownSince;

    function setUp() public override {
        super.setUp();
        _set(ALKALINE, EntryType.Absolute, 0, 0);
        _history.push(Period(0, EntryType.Absolute));
    }

    // reclassify
    // ├─ the caller has not WASTE_CODES .................. AccessManagedUnauthorized
    // ├─ there is no such entry .......................... MaterialCodesUnknown
    // ├─ to no type ...................................... MaterialCodesNoType
    // ├─ from today or an earlier day on ................. MaterialCodesTooEarly
    // ├─ to the type that it has today
    // │  ├─ none is to come, be one in effect or not ..... MaterialCodesSameType
    // │  └─ one is to come ............................... withdrawn, MaterialReclassified
    // ├─ to another
    // │  ├─ which is to come on the same day ............. MaterialCodesUnchanged
    // │  └─ else ......................................... stored, MaterialReclassified
    // │     ├─ the day before it is as it was, the day itself and later ones are not
    // │     ├─ one that is to come is replaced
    // │     └─ one in effect stays known by its outcome
    // └─ days of the entry and its neighbours stay as they are

    function test_RevertWhen_CallerKeepsNoCodes() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        codes.reclassify(ALKALINE, EntryType.AbsoluteHazardous, _today() + 1);
    }

    function test_RevertWhen_EntryIsUnknown() external {
        uint24[3] memory unknown = [uint24(0), UNKNOWN, type(uint24).max];
        for (uint256 i = 0; i < unknown.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IMaterialCodes.MaterialCodesUnknown.selector, unknown[i]));
            _reclassify(unknown[i], EntryType.AbsoluteHazardous, _today() + 1);
        }
    }

    function test_RevertWhen_NewTypeIsNone() external {
        vm.expectRevert(abi.encodeWithSelector(IMaterialCodes.MaterialCodesNoType.selector, ALKALINE));
        _reclassify(ALKALINE, EntryType.None, _today() + 1);
    }

    function test_RevertWhen_DayIsNotToCome() external {
        // The last second of a day is of that day.
        vm.warp((block.timestamp / 1 days + 1) * 1 days - 1);
        uint24[3] memory early = [uint24(0), _today() - 1, _today()];
        for (uint256 i = 0; i < early.length; ++i) {
            _expectTooEarly(early[i]);
            _reclassify(ALKALINE, EntryType.AbsoluteHazardous, early[i]);
        }
        _assertChange(ALKALINE, EntryType.None, 0);
        // Nor can it be withdrawn as of such a day.
        _reclassify(ALKALINE, EntryType.AbsoluteHazardous, _today() + 1);
        _expectTooEarly(_today());
        _reclassify(ALKALINE, EntryType.Absolute, _today());
        // And the next second is of the next.
        vm.warp(block.timestamp + 1);
        _assertType(ALKALINE, EntryType.AbsoluteHazardous);
        _expectTooEarly(_today());
        _reclassify(ALKALINE, EntryType.Absolute, _today());
    }

    function test_RevertWhen_TypeIsTheSame() external {
        _expectSameType(ALKALINE, EntryType.Absolute);
        _reclassify(ALKALINE, EntryType.Absolute, _today() + 1);
        _expectSameType(NEW_BATTERIES, EntryType.AbsoluteHazardous);
        _reclassify(NEW_BATTERIES, EntryType.AbsoluteHazardous, _today() + 1);
        // One in effect is the type that it has.
        _reclassify(ALKALINE, EntryType.AbsoluteHazardous, _today() + 1);
        vm.warp(block.timestamp + 1 days);
        _expectSameType(ALKALINE, EntryType.AbsoluteHazardous);
        _reclassify(ALKALINE, EntryType.AbsoluteHazardous, _today() + 1);
    }

    function test_RevertWhen_ChangeIsThereJustSo() external {
        uint24 day = _today() + 9;
        _reclassify(ALKALINE, EntryType.AbsoluteHazardous, day);
        vm.expectRevert(IMaterialCodes.MaterialCodesUnchanged.selector);
        _reclassify(ALKALINE, EntryType.AbsoluteHazardous, day);
    }

    function test_TypeChangesOnItsDay() external {
        uint24 day = _today() + 17;
        vm.expectEmit(address(codes));
        emit IMaterialCodes.MaterialReclassified(ALKALINE, EntryType.AbsoluteHazardous, day);
        _reclassify(ALKALINE, EntryType.AbsoluteHazardous, day);
        _assertChange(ALKALINE, EntryType.AbsoluteHazardous, day);
        _assertType(ALKALINE, EntryType.Absolute);
        for (uint256 i = 0; i < 2; ++i) {
            _assertOn(ALKALINE, 0, EntryType.Absolute);
            _assertOn(ALKALINE, day - 1, EntryType.Absolute);
            _assertOn(ALKALINE, day, EntryType.AbsoluteHazardous);
            _assertOn(ALKALINE, type(uint256).max, EntryType.AbsoluteHazardous);
            // The same, looked back at.
            vm.warp(uint256(day + 400) * 1 days);
        }
        _assertChange(ALKALINE, EntryType.AbsoluteHazardous, day);
        _assertType(ALKALINE, EntryType.AbsoluteHazardous);
    }

    function test_TypeOfTodayIsTheOneInEffect() external {
        uint24 day = _today() + 1;
        _reclassify(ALKALINE, EntryType.Mirror, day);
        vm.warp(uint256(day) * 1 days - 1);
        _assertType(ALKALINE, EntryType.Absolute);
        vm.warp(uint256(day) * 1 days);
        _assertType(ALKALINE, EntryType.Mirror);
    }

    function test_ChangeToComeIsReplaced() external {
        (uint24 first, uint24 second) = (_today() + 20, _today() + 10);
        _reclassify(ALKALINE, EntryType.AbsoluteHazardous, first);
        // Another day, then another type too.
        _reclassify(ALKALINE, EntryType.AbsoluteHazardous, second);
        _assertChange(ALKALINE, EntryType.AbsoluteHazardous, second);
        vm.expectEmit(address(codes));
        emit IMaterialCodes.MaterialReclassified(ALKALINE, EntryType.Mirror, second);
        _reclassify(ALKALINE, EntryType.Mirror, second);
        _assertChange(ALKALINE, EntryType.Mirror, second);
        _assertOn(ALKALINE, second - 1, EntryType.Absolute);
        _assertOn(ALKALINE, second, EntryType.Mirror);
        _assertOn(ALKALINE, first, EntryType.Mirror);
    }

    function test_ChangeToComeIsWithdrawn() external {
        uint24 day = _today() + 20;
        _reclassify(ALKALINE, EntryType.AbsoluteHazardous, day);
        vm.expectEmit(address(codes));
        emit IMaterialCodes.MaterialReclassified(ALKALINE, EntryType.Absolute, day - 5);
        _reclassify(ALKALINE, EntryType.Absolute, day - 5);
        _assertChange(ALKALINE, EntryType.None, 0);
        _assertOn(ALKALINE, day, EntryType.Absolute);
        _expectSameType(ALKALINE, EntryType.Absolute);
        _reclassify(ALKALINE, EntryType.Absolute, day);
        // As if there had been none.
        vm.expectRevert(IMaterialCodes.MaterialCodesUnchanged.selector);
        _set(ALKALINE, EntryType.Absolute, 0, 0);
        _reclassify(ALKALINE, EntryType.AbsoluteHazardous, day);
        _assertOn(ALKALINE, day, EntryType.AbsoluteHazardous);
    }

    function test_ChangeInEffectIsFollowedByTheNext() external {
        (uint24 first, uint24 second) = (_today() + 1, _today() + 30);
        _reclassify(ALKALINE, EntryType.AbsoluteHazardous, first);
        vm.warp(uint256(first) * 1 days);
        _reclassify(ALKALINE, EntryType.Mirror, second);
        _assertType(ALKALINE, EntryType.AbsoluteHazardous);
        _assertChange(ALKALINE, EntryType.Mirror, second);
        _assertOn(ALKALINE, first, EntryType.AbsoluteHazardous);
        _assertOn(ALKALINE, second - 1, EntryType.AbsoluteHazardous);
        _assertOn(ALKALINE, second, EntryType.Mirror);
        // What the first one made of it is what a day before it is judged by, as the interface says.
        _assertOn(ALKALINE, first - 1, EntryType.AbsoluteHazardous);
        // Back to what it has today, which is no longer what it was loaded with.
        _reclassify(ALKALINE, EntryType.AbsoluteHazardous, second);
        _assertChange(ALKALINE, EntryType.None, 0);
        _assertOn(ALKALINE, second, EntryType.AbsoluteHazardous);
    }

    function test_DaysOfTheEntryStay() external {
        uint24 day = CHANGE_DAY + 5;
        _reclassify(NEW_BATTERIES, EntryType.Mirror, day);
        _assertEntry(NEW_BATTERIES, EntryType.AbsoluteHazardous, CHANGE_DAY, 0);
        _assertOn(NEW_BATTERIES, day, EntryType.Mirror);
        (bool valid, , ) = codes.checkOn(NEW_BATTERIES, CHANGE_DAY - 1);
        assertTrue(!valid, "before its first day");
        _reclassify(NEW_BATTERIES, EntryType.AbsoluteHazardous, day);
        _assertEntry(NEW_BATTERIES, EntryType.AbsoluteHazardous, CHANGE_DAY, 0);
        (valid, , ) = codes.checkOn(NEW_BATTERIES, CHANGE_DAY - 1);
        assertTrue(!valid, "before its first day, after the change was withdrawn");
    }

    // set, of an entry whose type changes
    // ├─ with another type than it has today ............. MaterialCodesTypeFixed
    // │  ├─ one is to come: also with that one
    // │  └─ one is in effect: also with the one before
    // ├─ nothing changes ................................. MaterialCodesUnchanged
    // └─ else ............................................ days change, the change stays

    function test_RevertWhen_SetWithTheTypeToCome() external {
        _reclassify(ALKALINE, EntryType.AbsoluteHazardous, _today() + 1);
        _expectTypeFixed(EntryType.Absolute);
        _set(ALKALINE, EntryType.AbsoluteHazardous, 0, 0);
        _expectTypeFixed(EntryType.Absolute);
        _set(ALKALINE, EntryType.AbsoluteHazardous, 1, 2);
    }

    function test_RevertWhen_SetWithTheTypeBefore() external {
        _reclassify(ALKALINE, EntryType.AbsoluteHazardous, _today() + 1);
        vm.warp(block.timestamp + 1 days);
        _expectTypeFixed(EntryType.AbsoluteHazardous);
        _set(ALKALINE, EntryType.Absolute, 0, 0);
        _expectTypeFixed(EntryType.AbsoluteHazardous);
        _set(ALKALINE, EntryType.Absolute, 1, 2);
    }

    function test_RevertWhen_SetAsItIs() external {
        _reclassify(ALKALINE, EntryType.AbsoluteHazardous, _today() + 1);
        vm.expectRevert(IMaterialCodes.MaterialCodesUnchanged.selector);
        _set(ALKALINE, EntryType.Absolute, 0, 0);
        vm.warp(block.timestamp + 1 days);
        vm.expectRevert(IMaterialCodes.MaterialCodesUnchanged.selector);
        _set(ALKALINE, EntryType.AbsoluteHazardous, 0, 0);
    }

    function test_SetKeepsTheChange() external {
        uint24 day = _today() + 3;
        _reclassify(ALKALINE, EntryType.AbsoluteHazardous, day);
        EntryType present = EntryType.Absolute;
        for (uint256 i = 0; i < 2; ++i) {
            uint24[2] memory ends = [day + 100, 0];
            for (uint256 k = 0; k < ends.length; ++k) {
                _set(ALKALINE, present, 0, ends[k]);
                _assertEntry(ALKALINE, present, 0, ends[k]);
                _assertChange(ALKALINE, EntryType.AbsoluteHazardous, day);
                _assertOn(ALKALINE, day - 1, EntryType.Absolute);
                _assertOn(ALKALINE, day, EntryType.AbsoluteHazardous);
            }
            vm.warp(uint256(day) * 1 days);
            present = EntryType.AbsoluteHazardous;
        }
    }

    function test_DaysTakenAwayDoNotComeBack() external {
        _set(ALKALINE, EntryType.Absolute, 5, 6);
        _set(ALKALINE, EntryType.Absolute, 0, 0);
        _reclassify(ALKALINE, EntryType.AbsoluteHazardous, _today() + 1);
        _assertEntry(ALKALINE, EntryType.Absolute, 0, 0);
        _assertOn(ALKALINE, 7, EntryType.Absolute);
    }

    /// @dev Against the plain history of the entry, whatever is done in whatever order.
    function testFuzz_HasOnEveryDayTheTypeOfItsHistory(uint256[STEPS] calldata seeds) external {
        for (uint256 i = 0; i < seeds.length; ++i) {
            uint256 seed = seeds[i];
            vm.warp(block.timestamp + (seed % 4) * 1 days);
            uint24 day = uint24(_today() + ((seed >> 8) % 6));
            if ((seed >> 16) % 4 == 0) _setDays(uint24(seed >> 24), uint24(seed >> 48));
            else _follow(EntryType(1 + ((seed >> 24) % 4)), day);
            _assertHistory();
        }
    }

    function testFuzz_NeighboursStayAsTheyAre(uint24 place, uint8 seed, uint24 fromDay) external {
        uint24 code = ALKALINE - 1 + (place % 3);
        for (uint24 i = 0; i < 3; ++i) {
            if (i != 1) _set(ALKALINE - 1 + i, EntryType.Mirror, i, 0);
        }
        EntryType[3] memory types = [EntryType.Mirror, EntryType.Absolute, EntryType.Mirror];
        EntryType entryType = EntryType(1 + (seed % 4));
        if (entryType == types[place % 3]) entryType = EntryType.AbsoluteHazardous; // which none of them is
        fromDay = uint24(bound(fromDay, _today() + 1, type(uint24).max));
        _reclassify(code, entryType, fromDay);
        for (uint24 i = 0; i < 3; ++i) {
            uint24 other = ALKALINE - 1 + i;
            _assertEntry(other, types[i], i == 2 ? 2 : 0, 0);
            _assertOn(other, type(uint256).max, other == code ? entryType : types[i]);
            if (other != code) _assertChange(other, EntryType.None, 0);
        }
    }

    // --- the model

    /// @dev Reclassifies, or is refused, as the history says.
    function _follow(EntryType entryType, uint24 day) private {
        Period memory last = _history[_history.length - 1];
        bool isWaiting = last.fromDay > _today();
        EntryType present = _typeOf(_today());
        if (day <= _today()) {
            _expectTooEarly(day);
        } else if (entryType == present && !isWaiting) {
            _expectSameType(ALKALINE, present);
        } else if (entryType == last.entryType && day == last.fromDay) {
            vm.expectRevert(IMaterialCodes.MaterialCodesUnchanged.selector);
        } else {
            if (isWaiting) _history.pop();
            _knownSince = _history[_history.length - 1].fromDay;
            if (entryType != present) _history.push(Period(day, entryType));
            vm.expectEmit(address(codes));
            emit IMaterialCodes.MaterialReclassified(ALKALINE, entryType, day);
        }
        _reclassify(ALKALINE, entryType, day);
    }

    /// @dev Always leaves some change of the days.
    function _setDays(uint24 fromDay, uint24 toDay) private {
        Material memory known = codes.materialOf(ALKALINE);
        toDay = uint24(bound(toDay, fromDay, type(uint24).max));
        if (known.fromDay != 0 || known.toDay != 0) (fromDay, toDay) = (0, 0);
        else if (fromDay == 0 && toDay == 0) toDay = 1;
        _set(ALKALINE, _typeOf(_today()), fromDay, toDay);
        _assertEntry(ALKALINE, _typeOf(_today()), fromDay, toDay);
    }

    function _assertHistory() private view {
        _assertType(ALKALINE, _typeOf(_today()));
        Period memory last = _history[_history.length - 1];
        bool isKnown = last.fromDay > _knownSince;
        _assertChange(ALKALINE, isKnown ? last.entryType : EntryType.None, isKnown ? last.fromDay : 0);
        uint256 end = _today() + 8;
        for (uint256 day = _knownSince == 0 ? end - 20 : _knownSince; day < end; ++day) {
            _assertHazard(ALKALINE, day, _typeOf(day));
        }
    }

    function _typeOf(uint256 day) private view returns (EntryType entryType) {
        for (uint256 i = 0; i < _history.length && _history[i].fromDay <= day; ++i) entryType = _history[i].entryType;
    }

    // --- helpers

    function _today() private view returns (uint24 day) {
        return uint24(block.timestamp / 1 days);
    }

    function _set(uint24 code, EntryType entryType, uint24 fromDay, uint24 toDay) private {
        Material[] memory entries = new Material[](1);
        entries[0] = Material(code, entryType, fromDay, toDay);
        vm.prank(codeOffice);
        codes.set(entries);
    }

    function _reclassify(uint24 code, EntryType entryType, uint24 fromDay) private {
        vm.prank(codeOffice);
        codes.reclassify(code, entryType, fromDay);
    }

    function _expectTooEarly(uint24 day) private {
        vm.expectRevert(
            abi.encodeWithSelector(IMaterialCodes.MaterialCodesTooEarly.selector, ALKALINE, day, _today() + 1)
        );
    }

    function _expectSameType(uint24 code, EntryType entryType) private {
        vm.expectRevert(abi.encodeWithSelector(IMaterialCodes.MaterialCodesSameType.selector, code, entryType));
    }

    function _expectTypeFixed(EntryType entryType) private {
        vm.expectRevert(abi.encodeWithSelector(IMaterialCodes.MaterialCodesTypeFixed.selector, ALKALINE, entryType));
    }

    function _assertChange(uint24 code, EntryType entryType, uint24 fromDay) private view {
        (EntryType next, uint24 day) = codes.changeOf(code);
        assertEq(uint256(next), uint256(entryType), "next type");
        assertEq(day, fromDay, "day of the change");
    }

    function _assertType(uint24 code, EntryType entryType) private view {
        assertEq(uint256(codes.materialOf(code).entryType), uint256(entryType), "type today");
    }

    function _assertEntry(uint24 code, EntryType entryType, uint24 fromDay, uint24 toDay) private view {
        Material memory material = codes.materialOf(code);
        assertEq(material.code, code, "code");
        assertEq(uint256(material.entryType), uint256(entryType), "type");
        assertEq(material.fromDay, fromDay, "first day");
        assertEq(material.toDay, toDay, "last day");
    }

    /// @dev On a day on which the entry is valid.
    function _assertOn(uint24 code, uint256 day, EntryType entryType) private view {
        (bool valid, , ) = codes.checkOn(code, day);
        assertTrue(valid, "valid");
        _assertHazard(code, day, entryType);
    }

    function _assertHazard(uint24 code, uint256 day, EntryType entryType) private view {
        (, bool hazardous, bool assessed) = codes.checkOn(code, day);
        bool expected = entryType == EntryType.AbsoluteHazardous || entryType == EntryType.MirrorHazardous;
        assertTrue(hazardous == expected, "hazardous");
        assertTrue(assessed == (entryType == EntryType.Mirror), "assessed");
    }
}
