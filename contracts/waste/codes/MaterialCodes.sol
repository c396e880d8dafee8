// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {EntryType, IMaterialCodes, Material} from "./IMaterialCodes.sol";

/// @title MaterialCodes
/// @notice The List of Waste, see {IMaterialCodes}.
/// @dev Trust: WASTE_CODES is believed to keep the list as the law has it. It cannot remove a code, but can end it, after
/// which nothing new gets it, and can give it another type from tomorrow on at the earliest. Nobody can pause anything.
///
/// Of the 842 codes all but a few are as old as the list and without end. So 32 codes share a word with 8 bits each, which
/// makes 154 words of them, and only those that begin, end or change some day have a slot of their own. With the days beside
/// the types there would be 369 words.
///
/// The lane has the type before the change in the slot, if there is one. A change that took effect stays there, so that days
/// before it keep their meaning, until the next one needs its place: then its type goes into the lane.
contract MaterialCodes is IMaterialCodes, AccessManaged {
    /// @dev Days of an entry that begins, ends or changes; all zero without. One slot.
    struct Term {
        /// @dev See {Material}.
        uint24 fromDay;
        uint24 toDay;
        /// @dev First day on which its type is the next one; zero: there is none.
        uint24 changeDay;
        EntryType nextType;
    }

    uint256 private constant MAX_ENTRIES = 400;
    /// @dev Two of six digits are the chapter, of which there are twenty.
    uint24 private constant FIRST_CODE = 10_000;
    uint24 private constant LAST_CODE = 209_999;

    /// @dev A word has 32 lanes of 8 bits. From the low end of a lane: type 7 bits, whether there is a term 1.
    uint256 private constant LANES_SHIFT = 5;
    uint256 private constant LANE_IN_WORD = 31;
    uint256 private constant LANE_BITS_SHIFT = 3;
    uint256 private constant LANE_MASK = 0xff;
    uint256 private constant TYPE_MASK = 0x7f;
    uint256 private constant HAS_TERM = 0x80;

    /// @dev Bytes of an entry in the event, and where its members lie in a word that begins with it.
    uint256 private constant ENTRY_LENGTH = 10;
    uint256 private constant WORD_LENGTH = 32;
    uint256 private constant CODE_SHIFT = 232;
    uint256 private constant TYPE_SHIFT = 224;
    uint256 private constant FROM_SHIFT = 200;
    uint256 private constant TO_SHIFT = 176;

    mapping(uint256 word => uint256 lanes) private _words;
    mapping(uint24 code => Term term) private _terms;

    /// @param authority The city's AccessManager.
    constructor(address authority) AccessManaged(authority) {}

    /// @inheritdoc IMaterialCodes
    function set(Material[] calldata entries) external restricted {
        uint256 count = entries.length;
        if (count > MAX_ENTRIES) revert MaterialCodesTooMany(count, MAX_ENTRIES);
        // A word longer, because every entry is written as a whole word and the next one written over its end.
        bytes memory told = new bytes(count * ENTRY_LENGTH + WORD_LENGTH);
        uint256 word = 0; // of codes that do not exist
        uint256 lanes = 0;
        uint256 stored = 0;
        bool changed = false;
        for (uint256 i = 0; i < count; ++i) {
            Material memory entry = entries[i];
            _checkEntry(entry);
            if (entry.code >> LANES_SHIFT != word) {
                if (lanes != stored) (_words[word], changed) = (lanes, true);
                word = entry.code >> LANES_SHIFT;
                stored = _words[word];
                lanes = stored;
            }
            bool moved;
            (lanes, moved) = _withEntry(lanes, entry);
            if (moved) changed = true;
            uint256 record = _pack(entry);
            // The entry begins before `count * ENTRY_LENGTH`, so its word ends within `told`.
            assembly ("memory-safe") {
                mstore(add(add(told, 0x20), mul(i, ENTRY_LENGTH)), record)
            }
        }
        if (lanes != stored) (_words[word], changed) = (lanes, true);
        if (!changed) revert MaterialCodesUnchanged();
        assembly ("memory-safe") {
            mstore(told, mul(count, ENTRY_LENGTH)) // shorter than it was made
        }
        emit MaterialsSet(told);
    }

    /// @inheritdoc IMaterialCodes
    function reclassify(uint24 code, EntryType entryType, uint24 fromDay) external restricted {
        (EntryType present, Term memory term) = _entryOf(code);
        if (present == EntryType.None) revert MaterialCodesUnknown(code);
        if (entryType == EntryType.None) revert MaterialCodesNoType(code);
        uint256 today = _today();
        if (fromDay <= today) revert MaterialCodesTooEarly(code, fromDay, today + 1);
        present = _typeOn(present, term.changeDay, term.nextType, today);
        bool isWaiting = term.changeDay > today;
        if (entryType == present) {
            if (!isWaiting) revert MaterialCodesSameType(code, entryType);
            (term.changeDay, term.nextType) = (0, EntryType.None);
        } else {
            if (term.changeDay == fromDay && term.nextType == entryType) revert MaterialCodesUnchanged();
            (term.changeDay, term.nextType) = (fromDay, entryType);
        }
        _terms[code] = term;
        uint256 lane = uint256(present) | (term.fromDay | term.toDay | term.changeDay == 0 ? 0 : HAS_TERM);
        uint256 shift = _shiftOf(code);
        uint256 lanes = _words[code >> LANES_SHIFT];
        _words[code >> LANES_SHIFT] = (lanes & ~(LANE_MASK << shift)) | (lane << shift);
        emit MaterialReclassified(code, entryType, fromDay);
    }

    /// @inheritdoc IMaterialCodes
    function materialOf(uint24 code) external view returns (Material memory material) {
        (EntryType entryType, Term memory term) = _entryOf(code);
        entryType = _typeOn(entryType, term.changeDay, term.nextType, _today());
        return Material({code: code, entryType: entryType, fromDay: term.fromDay, toDay: term.toDay});
    }

    /// @inheritdoc IMaterialCodes
    function changeOf(uint24 code) external view returns (EntryType entryType, uint24 fromDay) {
        Term storage term = _terms[code];
        return (term.nextType, term.changeDay);
    }

    /// @inheritdoc IMaterialCodes
    function checkOn(uint24 code, uint256 day) external view returns (bool valid, bool hazardous, bool assessed) {
        uint256 lane = _words[code >> LANES_SHIFT] >> _shiftOf(code);
        EntryType entryType = _typeOf(lane);
        valid = entryType != EntryType.None;
        if (lane & HAS_TERM != 0) {
            Term storage term = _terms[code];
            valid = day >= term.fromDay && (term.toDay == 0 || day <= term.toDay);
            entryType = _typeOn(entryType, term.changeDay, term.nextType, day);
        }
        hazardous = entryType == EntryType.AbsoluteHazardous || entryType == EntryType.MirrorHazardous;
        assessed = entryType == EntryType.Mirror;
    }

    /// @dev The word with one entry written into its lane.
    function _withEntry(uint256 lanes, Material memory entry) private returns (uint256 changed, bool moved) {
        uint256 shift = _shiftOf(entry.code);
        uint256 lane = (lanes >> shift) & LANE_MASK;
        uint256 written = uint256(entry.entryType);
        if (lane & HAS_TERM != 0 || entry.fromDay | entry.toDay != 0) {
            (written, moved) = _setTerm(lane, entry);
        } else if (lane != 0 && lane != written) {
            revert MaterialCodesTypeFixed(entry.code, _typeOf(lane));
        }
        return (lanes ^ ((lane ^ written) << shift), moved);
    }

    /// @dev Stores when an entry begins and ends, if it does or did. Its lane keeps the type that it has, and with it the mark.
    function _setTerm(uint256 lane, Material memory entry) private returns (uint256 written, bool moved) {
        Term storage term = _terms[entry.code];
        EntryType known = _typeOf(lane);
        if (known == EntryType.None) {
            known = entry.entryType;
        } else {
            EntryType present = _typeOn(known, term.changeDay, term.nextType, _today());
            if (present != entry.entryType) revert MaterialCodesTypeFixed(entry.code, present);
        }
        moved = term.fromDay != entry.fromDay || term.toDay != entry.toDay;
        if (moved) (term.fromDay, term.toDay) = (entry.fromDay, entry.toDay);
        written = uint256(known);
        if (entry.fromDay | entry.toDay | term.changeDay != 0) written |= HAS_TERM;
    }

    /// @dev An entry with the type that it has before its change.
    function _entryOf(uint24 code) private view returns (EntryType entryType, Term memory term) {
        uint256 lane = _words[code >> LANES_SHIFT] >> _shiftOf(code);
        entryType = _typeOf(lane);
        if (lane & HAS_TERM != 0) term = _terms[code];
    }

    /// @dev Days since 1 January 1970.
    function _today() private view returns (uint256 day) {
        // solhint-disable-next-line not-rely-on-time
        return block.timestamp / 1 days;
    }

    function _checkEntry(Material memory entry) private pure {
        uint24 code = entry.code;
        if (code < FIRST_CODE || code > LAST_CODE) revert MaterialCodesInvalidCode(code);
        if (entry.entryType == EntryType.None) revert MaterialCodesNoType(code);
        if (entry.toDay != 0 && entry.fromDay > entry.toDay) {
            revert MaterialCodesInvalidDays(code, entry.fromDay, entry.toDay);
        }
    }

    /// @dev Type on a day of an entry that has the first one before its change.
    function _typeOn(
        EntryType first,
        uint24 changeDay,
        EntryType next,
        uint256 day
    ) private pure returns (EntryType entryType) {
        return changeDay != 0 && day >= changeDay ? next : first;
    }

    /// @dev An entry as the event has it, at the high end of a word.
    function _pack(Material memory entry) private pure returns (uint256 packed) {
        return
            (uint256(entry.code) << CODE_SHIFT) |
            (uint256(entry.entryType) << TYPE_SHIFT) |
            (uint256(entry.fromDay) << FROM_SHIFT) |
            (uint256(entry.toDay) << TO_SHIFT);
    }

    /// @dev Type of a lane at the low end of a word. Only members are written there.
    function _typeOf(uint256 lane) private pure returns (EntryType entryType) {
        return EntryType(lane & TYPE_MASK);
    }

    /// @dev Where the lane of a code lies in its word.
    function _shiftOf(uint24 code) private pure returns (uint256 shift) {
        return (code & LANE_IN_WORD) << LANE_BITS_SHIFT;
    }
}
