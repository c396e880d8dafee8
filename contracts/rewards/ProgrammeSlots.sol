// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BudgetSlot} from "./BudgetSlots.sol";
import {IEcoRewards, Participants, ProgrammeKind, ProgrammeTerms} from "./IEcoRewards.sol";
import {RewardMath} from "./RewardMath.sol";

/// @notice What is stored of a programme. Two slots.
struct Programme {
    /// @dev All that an act or an epoch needs to know.
    BudgetSlot slot;
    /// @dev Deposits: see {ProgrammeTerms}.
    uint24 code;
    uint16 toleranceBp;
}

/// @title ProgrammeSlots
/// @notice Checks the terms of programmes, and packs most of them into the lower bits of the programme's {BudgetSlot}, so that
/// earning reads and writes one slot: kind 2 | active 1 | windowDays 7 | quorum less one 3 | participants 1 | minGap 8 |
/// leastUnits 13 | mostUnits 20 | rate 40 | dayCap 48, from the lowest bit up. Epochs have the 160 bits of their poster above
/// the window.
/// @dev Longer than 150 lines because each member of the terms is checked, packed and read.
library ProgrammeSlots {
    uint256 private constant KIND_MASK = 3;
    uint256 private constant ACTIVE = 4;
    uint256 private constant WINDOW_SHIFT = 3;
    uint256 private constant WINDOW_MASK = 0x7f;
    uint256 private constant QUORUM_SHIFT = 10;
    uint256 private constant QUORUM_MASK = 7;
    uint256 private constant OF_NULLIFIERS = 1 << 13;
    uint256 private constant MIN_GAP_SHIFT = 14;
    uint256 private constant LEAST_SHIFT = 22;
    uint256 private constant LEAST_MASK = 0x1fff;
    uint256 private constant MOST_SHIFT = 35;
    uint256 private constant MOST_MASK = 0xfffff;
    uint256 private constant RATE_SHIFT = 55;
    uint256 private constant DAY_CAP_SHIFT = 95;
    uint256 private constant TERMS_BITS = 143;
    uint256 private constant POSTER_SHIFT = 10;

    uint256 private constant MAX_QUORUM = 8;
    uint256 private constant MAX_TOLERANCE_BP = 1_000;
    uint256 private constant MIN_WINDOW_DAYS = 7;
    uint256 private constant MIN_EPOCH_WINDOW_DAYS = 2;
    uint256 private constant MAX_WINDOW_DAYS = 90;

    /// @notice Reverts unless every member of a programme's terms is in its range.
    /// @param terms The terms.
    function check(ProgrammeTerms calldata terms) internal pure {
        bool attested = terms.kind == ProgrammeKind.Attested;
        bool deposits = terms.kind == ProgrammeKind.Deposits;
        bool epochs = terms.kind == ProgrammeKind.Epochs;
        _require(uint256(terms.kind), 1, uint256(type(ProgrammeKind).max));
        _require(terms.windowDays, epochs ? MIN_EPOCH_WINDOW_DAYS : MIN_WINDOW_DAYS, MAX_WINDOW_DAYS);
        _require(uint256(terms.participants), 0, attested ? uint256(type(Participants).max) : 0);
        _require(terms.quorum, attested ? 1 : 0, attested ? MAX_QUORUM : 0);
        _require(terms.minGap, 0, epochs ? 0 : RewardMath.LAST_SPAN);
        _require(terms.code, deposits ? 1 : 0, deposits ? type(uint24).max : 0);
        _require(terms.toleranceBp, 0, deposits ? MAX_TOLERANCE_BP : 0);
        _require(uint160(terms.poster), epochs ? 1 : 0, epochs ? type(uint160).max : 0);
        _require(terms.ratePerThousand, 0, epochs ? 0 : type(uint40).max);
        _require(terms.dayCapPerPerson, 0, epochs ? 0 : type(uint48).max);
        _require(terms.mostUnits, 0, epochs ? 0 : MOST_MASK);
        _require(terms.leastUnits, 0, terms.mostUnits < LEAST_MASK ? terms.mostUnits : LEAST_MASK);
    }

    /// @notice A programme's slot with other terms. What was given today stays counted.
    /// @param slot The slot.
    /// @param terms The terms, in their ranges, and of the kind that the programme has.
    /// @return changed The slot.
    function withTerms(BudgetSlot slot, ProgrammeTerms calldata terms) internal pure returns (BudgetSlot changed) {
        uint256 word = uint256(terms.kind) | (terms.active ? ACTIVE : 0) | (uint256(terms.windowDays) << WINDOW_SHIFT);
        if (terms.kind == ProgrammeKind.Epochs) {
            word |= uint256(uint160(terms.poster)) << POSTER_SHIFT;
        } else {
            if (terms.kind == ProgrammeKind.Attested) word |= (uint256(terms.quorum) - 1) << QUORUM_SHIFT;
            if (terms.participants == Participants.Nullifiers) word |= OF_NULLIFIERS;
            word |=
                (uint256(terms.minGap) << MIN_GAP_SHIFT) |
                (uint256(terms.leastUnits) << LEAST_SHIFT) |
                (uint256(terms.mostUnits) << MOST_SHIFT) |
                (uint256(terms.ratePerThousand) << RATE_SHIFT) |
                (uint256(terms.dayCapPerPerson) << DAY_CAP_SHIFT) |
                ((BudgetSlot.unwrap(slot) >> TERMS_BITS) << TERMS_BITS);
        }
        return BudgetSlot.wrap(word).withDayBudget(terms.dayBudget);
    }

    /// @notice The terms of a programme.
    /// @param programme The programme.
    /// @return terms The terms.
    function termsOf(Programme storage programme) internal view returns (ProgrammeTerms memory terms) {
        BudgetSlot slot = programme.slot;
        terms.kind = kind(slot);
        terms.active = isActive(slot);
        terms.dayBudget = slot.dayBudget();
        terms.windowDays = uint8(window(slot) / 1 days); // 7 bits
        if (terms.kind == ProgrammeKind.Epochs) {
            terms.poster = poster(slot);
            return terms;
        }
        terms.ratePerThousand = uint40(rate(slot)); // 40 bits
        terms.dayCapPerPerson = uint48(dayCap(slot)); // 48 bits
        terms.leastUnits = uint16(leastUnits(slot)); // 13 bits
        terms.mostUnits = uint24(mostUnits(slot)); // 20 bits
        if (terms.kind == ProgrammeKind.Attested) terms.quorum = uint8(quorum(slot)); // at most 8
        terms.participants = participants(slot);
        terms.minGap = uint8(minGap(slot)); // 8 bits
        terms.code = programme.code;
        terms.toleranceBp = programme.toleranceBp;
    }

    /// @notice Its kind.
    /// @param slot The slot.
    /// @return which The kind.
    function kind(BudgetSlot slot) internal pure returns (ProgrammeKind which) {
        return ProgrammeKind(BudgetSlot.unwrap(slot) & KIND_MASK);
    }

    /// @notice Whether it rewards anything at present.
    /// @param slot The slot.
    /// @return active True if so.
    function isActive(BudgetSlot slot) internal pure returns (bool active) {
        return BudgetSlot.unwrap(slot) & ACTIVE != 0;
    }

    /// @notice Time from earning to release.
    /// @param slot The slot.
    /// @return duration Seconds.
    function window(BudgetSlot slot) internal pure returns (uint256 duration) {
        return ((BudgetSlot.unwrap(slot) >> WINDOW_SHIFT) & WINDOW_MASK) * 1 days;
    }

    /// @notice Who posts epochs.
    /// @param slot The slot, of a programme of epochs.
    /// @return account The account.
    function poster(BudgetSlot slot) internal pure returns (address account) {
        return address(uint160(BudgetSlot.unwrap(slot) >> POSTER_SHIFT)); // 160 bits of it
    }

    /// @notice Who takes part.
    /// @param slot The slot, of any programme.
    /// @return who Residents in programmes of epochs, which have other bits there.
    function participants(BudgetSlot slot) internal pure returns (Participants who) {
        if (kind(slot) == ProgrammeKind.Attested && isOfNullifiers(slot)) return Participants.Nullifiers;
    }

    /// @notice Whether persons known by a nullifier take part, and no others.
    /// @param slot The slot, of a programme without epochs; so in all below.
    /// @return only True if so.
    function isOfNullifiers(BudgetSlot slot) internal pure returns (bool only) {
        return BudgetSlot.unwrap(slot) & OF_NULLIFIERS != 0;
    }

    /// @notice Attestors that must sign.
    /// @param slot The slot, of an attested programme.
    /// @return count Their number.
    function quorum(BudgetSlot slot) internal pure returns (uint256 count) {
        // At most 8.
        unchecked {
            return ((BudgetSlot.unwrap(slot) >> QUORUM_SHIFT) & QUORUM_MASK) + 1;
        }
    }

    /// @notice Gap between two acts or deposits.
    /// @param slot The slot.
    /// @return spans Ten-minute spans.
    function minGap(BudgetSlot slot) internal pure returns (uint256 spans) {
        return uint8(BudgetSlot.unwrap(slot) >> MIN_GAP_SHIFT); // 8 bits of it
    }

    /// @notice Units below which nothing is earned.
    /// @param slot The slot.
    /// @return units Units.
    function leastUnits(BudgetSlot slot) internal pure returns (uint256 units) {
        return (BudgetSlot.unwrap(slot) >> LEAST_SHIFT) & LEAST_MASK;
    }

    /// @notice Units above which nothing more is earned.
    /// @param slot The slot.
    /// @return units Units.
    function mostUnits(BudgetSlot slot) internal pure returns (uint256 units) {
        return (BudgetSlot.unwrap(slot) >> MOST_SHIFT) & MOST_MASK;
    }

    /// @notice Reward for 1,000 units.
    /// @param slot The slot.
    /// @return amount Millionths.
    function rate(BudgetSlot slot) internal pure returns (uint256 amount) {
        return uint40(BudgetSlot.unwrap(slot) >> RATE_SHIFT); // 40 bits of it
    }

    /// @notice Most that a person gets in a day.
    /// @param slot The slot.
    /// @return amount Millionths.
    function dayCap(BudgetSlot slot) internal pure returns (uint256 amount) {
        return uint48(BudgetSlot.unwrap(slot) >> DAY_CAP_SHIFT); // 48 bits of it
    }

    function _require(uint256 value, uint256 lowest, uint256 highest) private pure {
        if (value < lowest || value > highest) revert IEcoRewards.EcoRewardsBadTerms(value, lowest, highest);
    }
}
