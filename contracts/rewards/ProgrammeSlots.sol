// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BudgetSlot} from "./BudgetSlots.sol";
import {IEcoRewards, ProgrammeKind, ProgrammeTerms} from "./IEcoRewards.sol";
import {RewardMath} from "./RewardMath.sol";

/// @notice {ProgrammeTerms} without the day budget in one slot, from the lowest bit up: kind 3 | active 1 | quorum 4 | minGap 8 |
/// tolerance 16 | code 24 | window 24, and then most 32 | least 32 | day cap 56 | rate 56, or, for epochs, poster 160.
/// Zero: no such programme.
type TermsSlot is uint256;

/// @notice What is stored of a programme. Two slots.
struct Programme {
    TermsSlot terms;
    /// @dev Its day budget, what is used of it, and how many epochs it posted.
    BudgetSlot budget;
}

using ProgrammeSlots for TermsSlot global;

/// @title ProgrammeSlots
/// @notice Checks the terms of programmes, and reads and writes a {TermsSlot}.
/// @dev Longer than 150 lines because each member of the terms is checked, packed and read.
library ProgrammeSlots {
    uint256 private constant KIND_MASK = 7;
    uint256 private constant ACTIVE = 8;
    uint256 private constant QUORUM_SHIFT = 4;
    uint256 private constant QUORUM_MASK = 0xf;
    uint256 private constant MIN_GAP_SHIFT = 8;
    uint256 private constant TOLERANCE_SHIFT = 16;
    uint256 private constant CODE_SHIFT = 32;
    uint256 private constant WINDOW_SHIFT = 56;
    uint256 private constant WINDOW_MASK = type(uint24).max;
    uint256 private constant POSTER_SHIFT = 80;
    uint256 private constant MOST_SHIFT = 80;
    uint256 private constant LEAST_SHIFT = 112;
    uint256 private constant DAY_CAP_SHIFT = 144;
    uint256 private constant RATE_SHIFT = 200;

    uint256 private constant MAX_QUORUM = 8;
    uint256 private constant MAX_TOLERANCE_BP = 1_000;
    uint256 private constant MIN_WINDOW = 7 days;
    uint256 private constant MIN_EPOCH_WINDOW = 2 days;
    /// @dev Below 2^24 seconds.
    uint256 private constant MAX_WINDOW = 90 days;

    /// @notice Reverts unless every member of a programme's terms is in its range.
    /// @param terms The terms.
    function check(ProgrammeTerms calldata terms) internal pure {
        bool attested = terms.kind == ProgrammeKind.Attested;
        bool deposits = terms.kind == ProgrammeKind.Deposits;
        bool epochs = terms.kind == ProgrammeKind.Epochs;
        _require(uint256(terms.kind), 1, uint256(type(ProgrammeKind).max));
        _require(terms.window, epochs ? MIN_EPOCH_WINDOW : MIN_WINDOW, MAX_WINDOW);
        _require(terms.quorum, attested ? 1 : 0, attested ? MAX_QUORUM : 0);
        _require(terms.minGap, 0, epochs ? 0 : RewardMath.LAST_SPAN);
        _require(terms.code, deposits ? 1 : 0, deposits ? type(uint24).max : 0);
        _require(terms.toleranceBp, 0, deposits ? MAX_TOLERANCE_BP : 0);
        _require(uint160(terms.poster), epochs ? 1 : 0, epochs ? type(uint160).max : 0);
        _require(terms.ratePerThousand, 0, epochs ? 0 : type(uint56).max);
        _require(terms.dayCapPerPerson, 0, epochs ? 0 : type(uint56).max);
        _require(terms.mostUnits, 0, epochs ? 0 : type(uint32).max);
        _require(terms.leastUnits, 0, terms.mostUnits);
    }

    /// @notice Packs terms that are in their ranges.
    /// @param terms The terms.
    /// @return slot The slot.
    function pack(ProgrammeTerms calldata terms) internal pure returns (TermsSlot slot) {
        uint256 word =
            uint256(terms.kind) |
                (terms.active ? ACTIVE : 0) |
                (uint256(terms.quorum) << QUORUM_SHIFT) |
                (uint256(terms.minGap) << MIN_GAP_SHIFT) |
                (uint256(terms.toleranceBp) << TOLERANCE_SHIFT) |
                (uint256(terms.code) << CODE_SHIFT) |
                (uint256(terms.window) << WINDOW_SHIFT);
        if (terms.kind == ProgrammeKind.Epochs) {
            return TermsSlot.wrap(word | (uint256(uint160(terms.poster)) << POSTER_SHIFT));
        }
        return
            TermsSlot.wrap(
                word |
                    (uint256(terms.mostUnits) << MOST_SHIFT) |
                    (uint256(terms.leastUnits) << LEAST_SHIFT) |
                    (uint256(terms.dayCapPerPerson) << DAY_CAP_SHIFT) |
                    (uint256(terms.ratePerThousand) << RATE_SHIFT)
            );
    }

    /// @notice The terms in a slot.
    /// @param slot The slot.
    /// @param dayBudget Day budget of the programme, millionths.
    /// @return terms The terms.
    function unpack(TermsSlot slot, uint56 dayBudget) internal pure returns (ProgrammeTerms memory terms) {
        terms.kind = kind(slot);
        terms.active = isActive(slot);
        terms.dayBudget = dayBudget;
        terms.window = uint32(window(slot)); // 24 bits
        terms.quorum = uint8(quorum(slot)); // 4 bits
        terms.minGap = uint8(minGap(slot)); // 8 bits
        terms.code = code(slot);
        terms.toleranceBp = toleranceBp(slot);
        if (terms.kind == ProgrammeKind.Epochs) {
            terms.poster = poster(slot);
        } else {
            terms.ratePerThousand = uint56(rate(slot)); // 56 bits
            terms.dayCapPerPerson = uint56(dayCap(slot)); // 56 bits
            terms.leastUnits = uint32(leastUnits(slot)); // 32 bits
            terms.mostUnits = uint32(mostUnits(slot)); // 32 bits
        }
    }

    /// @notice Its kind.
    /// @param slot The slot.
    /// @return which The kind.
    function kind(TermsSlot slot) internal pure returns (ProgrammeKind which) {
        return ProgrammeKind(TermsSlot.unwrap(slot) & KIND_MASK);
    }

    /// @notice Whether it rewards anything at present.
    /// @param slot The slot.
    /// @return active True if so.
    function isActive(TermsSlot slot) internal pure returns (bool active) {
        return TermsSlot.unwrap(slot) & ACTIVE != 0;
    }

    /// @notice Attestors that must sign.
    /// @param slot The slot.
    /// @return count Their number.
    function quorum(TermsSlot slot) internal pure returns (uint256 count) {
        return (TermsSlot.unwrap(slot) >> QUORUM_SHIFT) & QUORUM_MASK;
    }

    /// @notice Gap between two acts or deposits.
    /// @param slot The slot.
    /// @return spans Ten-minute spans.
    function minGap(TermsSlot slot) internal pure returns (uint256 spans) {
        return uint8(TermsSlot.unwrap(slot) >> MIN_GAP_SHIFT); // 8 bits of it
    }

    /// @notice What people may claim above what was weighed.
    /// @param slot The slot.
    /// @return bp Basis points.
    function toleranceBp(TermsSlot slot) internal pure returns (uint16 bp) {
        return uint16(TermsSlot.unwrap(slot) >> TOLERANCE_SHIFT); // 16 bits of it
    }

    /// @notice Code of the waste.
    /// @param slot The slot.
    /// @return number The code.
    function code(TermsSlot slot) internal pure returns (uint24 number) {
        return uint24(TermsSlot.unwrap(slot) >> CODE_SHIFT); // 24 bits of it
    }

    /// @notice Time from earning to release.
    /// @param slot The slot.
    /// @return duration Seconds.
    function window(TermsSlot slot) internal pure returns (uint256 duration) {
        return (TermsSlot.unwrap(slot) >> WINDOW_SHIFT) & WINDOW_MASK;
    }

    /// @notice Who posts epochs.
    /// @param slot The slot, of a programme of epochs.
    /// @return account The account.
    function poster(TermsSlot slot) internal pure returns (address account) {
        return address(uint160(TermsSlot.unwrap(slot) >> POSTER_SHIFT)); // 160 bits of it
    }

    /// @notice Units above which nothing more is earned.
    /// @param slot The slot, of a programme without epochs; so in all below.
    /// @return units Units.
    function mostUnits(TermsSlot slot) internal pure returns (uint256 units) {
        return uint32(TermsSlot.unwrap(slot) >> MOST_SHIFT); // 32 bits of it
    }

    /// @notice Units below which nothing is earned.
    /// @param slot The slot.
    /// @return units Units.
    function leastUnits(TermsSlot slot) internal pure returns (uint256 units) {
        return uint32(TermsSlot.unwrap(slot) >> LEAST_SHIFT); // 32 bits of it
    }

    /// @notice Most that a person gets in a day.
    /// @param slot The slot.
    /// @return amount Millionths.
    function dayCap(TermsSlot slot) internal pure returns (uint256 amount) {
        return uint56(TermsSlot.unwrap(slot) >> DAY_CAP_SHIFT); // 56 bits of it
    }

    /// @notice Reward for 1,000 units.
    /// @param slot The slot.
    /// @return amount Millionths.
    function rate(TermsSlot slot) internal pure returns (uint256 amount) {
        return TermsSlot.unwrap(slot) >> RATE_SHIFT;
    }

    function _require(uint256 value, uint256 lowest, uint256 highest) private pure {
        if (value < lowest || value > highest) revert IEcoRewards.EcoRewardsBadTerms(value, lowest, highest);
    }
}
