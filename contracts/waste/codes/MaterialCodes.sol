// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {EntryType, IMaterialCodes, Material} from "./IMaterialCodes.sol";

/// @title MaterialCodes
/// @notice The List of Waste, see {IMaterialCodes}.
/// @dev Trust: WASTE_CODES is believed to keep the list as the law has it. It cannot give a code another type or remove one,
/// but can end it, after which nothing new gets it. Nobody can pause anything.
///
/// Of the 842 codes all but a few are as old as the list and without end. So 32 codes share a word with 8 bits each, which
/// makes 154 words of them, and only those that begin or end some day have a slot of their own. With the days beside the
/// types there would be 369 words.
contract MaterialCodes is IMaterialCodes, AccessManaged {
    /// @dev Days of an entry that begins or ends. One slot.
    struct Term {
        /// @dev See {Material}.
        uint24 fromDay;
        uint24 toDay;
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
            lanes = _withEntry(lanes, entry);
            if (_setTerm(entry)) changed = true;
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
    function materialOf(uint24 code) external view returns (Material memory material) {
        (EntryType entryType, Term memory term) = _entryOf(code);
        return Material({code: code, entryType: entryType, fromDay: term.fromDay, toDay: term.toDay});
    }

    /// @inheritdoc IMaterialCodes
    function checkOn(uint24 code, uint256 day) external view returns (bool valid, bool hazardous, bool assessed) {
        (EntryType entryType, Term memory term) = _entryOf(code);
        valid = entryType != EntryType.None && day >= term.fromDay && (term.toDay == 0 || day <= term.toDay);
        hazardous = entryType == EntryType.AbsoluteHazardous || entryType == EntryType.MirrorHazardous;
        assessed = entryType == EntryType.Mirror;
    }

    /// @dev Stores when an entry begins and ends, if it does; the mark in its lane says whether that counts.
    function _setTerm(Material memory entry) private returns (bool changed) {
        if (!_hasTerm(entry)) return false;
        Term storage term = _terms[entry.code];
        if (term.fromDay == entry.fromDay && term.toDay == entry.toDay) return false;
        (term.fromDay, term.toDay) = (entry.fromDay, entry.toDay);
        return true;
    }

    function _entryOf(uint24 code) private view returns (EntryType entryType, Term memory term) {
        uint256 lane = _words[code >> LANES_SHIFT] >> _shiftOf(code);
        entryType = _typeOf(lane);
        if (lane & HAS_TERM != 0) term = _terms[code];
    }

    function _checkEntry(Material memory entry) private pure {
        uint24 code = entry.code;
        if (code < FIRST_CODE || code > LAST_CODE) revert MaterialCodesInvalidCode(code);
        if (entry.entryType == EntryType.None) revert MaterialCodesNoType(code);
        if (entry.toDay != 0 && entry.fromDay > entry.toDay) {
            revert MaterialCodesInvalidDays(code, entry.fromDay, entry.toDay);
        }
    }

    /// @dev The word with one entry written into its lane.
    function _withEntry(uint256 lanes, Material memory entry) private pure returns (uint256 changed) {
        uint256 shift = _shiftOf(entry.code);
        EntryType known = _typeOf(lanes >> shift);
        if (known != EntryType.None && known != entry.entryType) revert MaterialCodesTypeFixed(entry.code, known);
        uint256 lane = uint256(entry.entryType) | (_hasTerm(entry) ? HAS_TERM : 0);
        return (lanes & ~(LANE_MASK << shift)) | (lane << shift);
    }

    /// @dev An entry as the event has it, at the high end of a word.
    function _pack(Material memory entry) private pure returns (uint256 packed) {
        return
            (uint256(entry.code) << CODE_SHIFT) |
            (uint256(entry.entryType) << TYPE_SHIFT) |
            (uint256(entry.fromDay) << FROM_SHIFT) |
            (uint256(entry.toDay) << TO_SHIFT);
    }

    function _hasTerm(Material memory entry) private pure returns (bool limited) {
        return entry.fromDay | entry.toDay != 0;
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
