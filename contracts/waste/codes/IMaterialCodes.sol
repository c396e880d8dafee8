// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice How a List of Waste entry came to be, and whether what it names is hazardous.
enum EntryType {
    /// @dev No such entry.
    None,
    /// @dev Not hazardous, whatever is in it.
    Absolute,
    /// @dev Hazardous, whatever is in it: marked with an asterisk.
    AbsoluteHazardous,
    /// @dev Not hazardous, if an assessment found so; its mirror entry is hazardous.
    Mirror,
    /// @dev Hazardous, if an assessment found so.
    MirrorHazardous
}

/// @notice An entry of the list.
struct Material {
    /// @dev Six digits as a number: 15 01 06 is 150106.
    uint24 code;
    /// @dev The one that it has today; see {IMaterialCodes-changeOf} for one to come.
    EntryType entryType;
    /// @dev First day on which waste may be given this code, days since 1 January 1970; zero: always.
    uint24 fromDay;
    /// @dev Last such day; zero: without end.
    uint24 toDay;
}

/// @title IMaterialCodes
/// @notice The List of Waste (Commission Decision 2000/532/EC) and what has become of it: which codes there are, when each
/// may be given, and which are hazardous.
/// @dev A code is never removed: lots that carry it stay readable. Its last day can be set, so that nothing new gets it. Its
/// type can change from a later day on, as the law changes it. Nothing that was recorded changes with it: who records waste
/// asks for the hazard on the day of the record, and keeps the answer.
/// Operations of recovery and disposal (Annexes I and II of Directive 2008/98/EC) are numbers: R1 to R13 are 1 to 13, D1
/// to D15 are 101 to 115, see {WasteOperations}.
interface IMaterialCodes {
    /// @notice Entries were added, or their days changed.
    /// @param entries Entries side by side: code uint24, type uint8, first day uint24, last day uint24.
    event MaterialsSet(bytes entries);
    /// @notice An entry changes its type. A change of it that was still to come is void: if this is the type that it has
    /// already, there is none to come any more.
    /// @param code Its code.
    /// @param entryType Type from that day on.
    /// @param fromDay First day with it, days since 1 January 1970.
    event MaterialReclassified(uint24 indexed code, EntryType entryType, uint24 fromDay);

    /// @notice The number is not of six digits, or its first two are not a chapter.
    /// @param code Number given.
    error MaterialCodesInvalidCode(uint24 code);
    /// @notice An entry has no type.
    /// @param code Its code.
    error MaterialCodesNoType(uint24 code);
    /// @notice An entry is there with another type, which only {reclassify} changes.
    /// @param code Its code.
    /// @param entryType The type that it has today.
    error MaterialCodesTypeFixed(uint24 code, EntryType entryType);
    /// @notice Days are the wrong way round.
    /// @param code Code.
    /// @param fromDay First day.
    /// @param toDay Last day.
    error MaterialCodesInvalidDays(uint24 code, uint24 fromDay, uint24 toDay);
    /// @notice Too many entries in one call.
    /// @param count Entries given.
    /// @param limit Most.
    error MaterialCodesTooMany(uint256 count, uint256 limit);
    /// @notice There is no such entry.
    /// @param code Code given.
    error MaterialCodesUnknown(uint24 code);
    /// @notice A type begins on a day that is not to come.
    /// @param code Code.
    /// @param fromDay First day given.
    /// @param earliest Tomorrow, days since 1 January 1970.
    error MaterialCodesTooEarly(uint24 code, uint24 fromDay, uint256 earliest);
    /// @notice An entry has this type, and no change of it is to come that could be withdrawn.
    /// @param code Its code.
    /// @param entryType The type that it has today.
    error MaterialCodesSameType(uint24 code, EntryType entryType);
    /// @notice Every entry, or the change to come, is there just so.
    error MaterialCodesUnchanged();

    /// @notice Adds entries, or changes their days. Only WASTE_CODES.
    /// @dev Emits {MaterialsSet}. Entries in rising order of their codes share storage and cost least. Days already past can
    /// be changed too, but what was recorded stays as it is. An entry that is there is given with the type that it has today;
    /// a change of its type stays, whether it is to come or took effect.
    /// @param entries At most 400.
    function set(Material[] calldata entries) external;

    /// @notice Gives an entry another type from a later day on. Only WASTE_CODES.
    /// @dev Emits {MaterialReclassified}. One change can be to come: a next one replaces it, and the type that the entry has
    /// today withdraws it, whatever later day is given. Of changes that took effect only the latest is kept when there is a
    /// next one.
    /// @param code Six digits as a number.
    /// @param entryType Type from that day on.
    /// @param fromDay First day with it, tomorrow or later; days since 1 January 1970.
    function reclassify(uint24 code, EntryType entryType, uint24 fromDay) external;

    /// @notice An entry, with the type that it has today.
    /// @param code Six digits as a number.
    /// @return material The entry; of type None if there is none.
    function materialOf(uint24 code) external view returns (Material memory material);

    /// @notice The latest change of an entry's type that is known, be it to come or in effect.
    /// @param code Six digits as a number.
    /// @return entryType Type from that day on; None: there is none.
    /// @return fromDay First day with it, days since 1 January 1970.
    function changeOf(uint24 code) external view returns (EntryType entryType, uint24 fromDay);

    /// @notice Whether waste may be given a code on a day, whether that is hazardous, and whether that takes an assessment.
    /// @dev By the type on that day. A day before the latest change, see {changeOf}, is judged by the type just before it,
    /// although the entry may have had yet another one long before.
    /// @param code Six digits as a number.
    /// @param day Days since 1 January 1970.
    /// @return valid True from its first to its last day.
    /// @return hazardous True for entries marked with an asterisk.
    /// @return assessed True for entries that are harmless only if an assessment found so.
    function checkOn(uint24 code, uint256 day) external view returns (bool valid, bool hazardous, bool assessed);
}
