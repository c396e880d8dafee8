// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {EntryType, IMaterialCodes, Material} from "./IMaterialCodes.sol";

/// @title MaterialCodes
/// @notice The List of Waste, see {IMaterialCodes}.
/// @dev Trust: WASTE_CODES is believed to keep the list as the law has it. It cannot give a code another type or remove one,
/// but can end it, after which nothing new gets it. Nobody can pause anything.
contract MaterialCodes is IMaterialCodes, AccessManaged {
    uint256 private constant MAX_ENTRIES = 400;
    /// @dev Bytes of an entry in the event.
    uint256 private constant ENTRY_LENGTH = 10;
    uint256 private constant WORD_LENGTH = 32;
    /// @dev Two of six digits are the chapter, of which there are twenty.
    uint24 private constant FIRST_CODE = 10_000;
    uint24 private constant LAST_CODE = 209_999;

    /// @dev Four lanes of 64 bits in a word. From the low end of a lane: type 8 bits, first day 24, last day 24.
    uint256 private constant LANES_SHIFT = 2;
    uint256 private constant LANE_IN_WORD = 3;
    uint256 private constant LANE_BITS = 64;
    uint256 private constant FROM_SHIFT = 8;
    uint256 private constant TO_SHIFT = 32;

    mapping(uint256 word => uint256 lanes) private _words;

    /// @param authority The city's AccessManager.
    constructor(address authority) AccessManaged(authority) {}

    /// @inheritdoc IMaterialCodes
    function set(Material[] calldata entries) external restricted {
        uint256 count = entries.length;
        if (count > MAX_ENTRIES) revert MaterialCodesTooMany(count, MAX_ENTRIES);
        // A word longer, because every entry is written as a whole word and the next one written over its end.
        bytes memory told = new bytes(count * ENTRY_LENGTH + WORD_LENGTH);
        uint256 word = 0; // of codes 0 to 3, which do not exist
        uint256 lanes = 0;
        uint256 stored = 0;
        bool changed = false;
        for (uint256 i = 0; i < count; ++i) {
            Material calldata entry = entries[i];
            uint24 code = entry.code;
            if (code < FIRST_CODE || code > LAST_CODE) revert MaterialCodesInvalidCode(code);
            if (code >> LANES_SHIFT != word) {
                if (lanes != stored) (_words[word], changed) = (lanes, true);
                word = code >> LANES_SHIFT;
                stored = _words[word];
                lanes = stored;
            }
            lanes = _withEntry(lanes, entry);
            bytes32 record = bytes32(abi.encodePacked(code, entry.entryType, entry.fromDay, entry.toDay));
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
        (EntryType entryType, uint24 fromDay, uint24 toDay) = _entryOf(code);
        return Material({code: code, entryType: entryType, fromDay: fromDay, toDay: toDay});
    }

    /// @inheritdoc IMaterialCodes
    function checkOn(uint24 code, uint256 day) external view returns (bool valid, bool hazardous) {
        (EntryType entryType, uint24 fromDay, uint24 toDay) = _entryOf(code);
        valid = entryType != EntryType.None && day >= fromDay && (toDay == 0 || day <= toDay);
        hazardous = entryType == EntryType.AbsoluteHazardous || entryType == EntryType.MirrorHazardous;
    }

    function _entryOf(uint24 code) private view returns (EntryType entryType, uint24 fromDay, uint24 toDay) {
        uint256 lane = _words[code >> LANES_SHIFT] >> _shiftOf(code);
        // The lowest 8 bits hold a member, because nothing else is written there; each day has 24 bits.
        return (EntryType(uint8(lane)), uint24(lane >> FROM_SHIFT), uint24(lane >> TO_SHIFT));
    }

    /// @dev The word with one entry written into its lane.
    function _withEntry(uint256 lanes, Material calldata entry) private pure returns (uint256 changed) {
        (uint24 code, EntryType entryType) = (entry.code, entry.entryType);
        (uint24 fromDay, uint24 toDay) = (entry.fromDay, entry.toDay);
        if (entryType == EntryType.None) revert MaterialCodesNoType(code);
        if (toDay != 0 && fromDay > toDay) revert MaterialCodesInvalidDays(code, fromDay, toDay);
        uint256 shift = _shiftOf(code);
        EntryType known = EntryType(uint8(lanes >> shift)); // as in {_entryOf}
        if (known != EntryType.None && known != entryType) revert MaterialCodesTypeFixed(code, known);
        uint256 lane = uint8(entryType) | (uint256(fromDay) << FROM_SHIFT) | (uint256(toDay) << TO_SHIFT);
        return (lanes & ~(uint256(type(uint64).max) << shift)) | (lane << shift);
    }

    /// @dev Where the lane of a code lies in its word.
    function _shiftOf(uint24 code) private pure returns (uint256 shift) {
        return (code & LANE_IN_WORD) * LANE_BITS;
    }
}
