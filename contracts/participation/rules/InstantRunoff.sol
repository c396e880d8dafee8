// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OptionOrder} from "./OptionOrder.sol";
import {Rankings} from "./Rankings.sol";
import {TieRules} from "./TieRules.sol";

/// @notice A count under way. Ballots are below 2^32.
struct Runoff {
    /// @dev Number of options, 2 to 32.
    uint256 options;
    /// @dev All ballots, blank ones among them.
    uint256 ballots;
    /// @dev A bit for each option that stands.
    uint256 standing;
    /// @dev Number of the round, from 1.
    uint256 round;
    /// @dev Option whose ballots are to be moved in this round; NO_OPTION of {Rankings}: all ballots are to be counted.
    uint256 moving;
    /// @dev Ballots that the round has to be given.
    uint256 due;
    /// @dev Those of them that it was given; zero: none yet.
    uint256 counted;
    /// @dev The last ranking that was given; it means nothing before the first.
    uint256 cursor;
    /// @dev Ballots without an option that stands.
    uint256 exhausted;
    /// @dev The result as far as it is known, see {OptionOrder}; empty places are zero.
    uint256 order;
    /// @dev Whether the order is whole.
    bool decided;
    /// @dev Whether the tie rule chose between the last two options.
    bool firstTied;
    /// @dev Ballots of each option; zero for those that are eliminated.
    uint256[] tallies;
}

/// @notice What a round came to.
struct RunoffRound {
    /// @dev From 1.
    uint256 number;
    /// @dev Ballots of each option; zero for those that do not stand.
    uint32[] tallies;
    /// @dev Ballots that count for nobody any more.
    uint256 exhausted;
    /// @dev Option that is eliminated; NO_OPTION of {Rankings}: one has a majority.
    uint256 eliminated;
    /// @dev Whether the tie rule chose whom to eliminate.
    bool tied;
}

/// @title InstantRunoff
/// @notice Instant-runoff voting, also called the alternative vote. In each round a ballot counts for the best of its options
/// that stands, and leaves the count if there is none. An option with more than half of the ballots that still count
/// wins; the others follow by their tallies. Otherwise the option with least ballots is eliminated, one at a time, and
/// among equals the one that goes last by the tie rule; it takes the last empty place of the order.
/// @dev Ballots come as distinct strict rankings with the number of ballots of each, in as many calls as one likes. The
/// first round is to be given all, a later one those whose ballots count for the option that was just eliminated. Within a
/// round rankings ascend, so none is given twice, and a round is complete when their numbers add up to the ballots due: then
/// none is missing. So nobody has to be trusted to give the right ones. If one call brings the whole first round, the
/// following ones take theirs from that call as well, and nothing has to be given again. Who calls must know that each
/// ranking is good and strict, that its number is that of the election, and that the numbers do not change meanwhile.
///
/// A count belongs to one caller. Whoever leaves a ranking out and gives a greater one has shut it out of the round, which
/// then never becomes complete; so where anybody may count, each must have a count of their own, and the first that is
/// decided stands for all. Complete rounds are the same in each.
///
/// Above 150 lines, for the steps of a round work on one state.
library InstantRunoff {
    /// @dev Rankings of one call, in a chain for each option that their ballots count for. Links are an index and one.
    struct Chains {
        bool used;
        /// @dev First link for each option; zero: none.
        uint256[] heads;
        /// @dev Link behind each ranking; zero: none.
        uint256[] links;
    }

    uint256 private constant WORD_BITS_SHIFT = 3;

    /// @notice A ranking is not greater than the one before it in the round.
    /// @param ranking The ranking.
    /// @param last The one before it.
    error InstantRunoffNotAscending(uint256 ranking, uint256 last);
    /// @notice The ballots of a ranking do not count for the option that was just eliminated.
    /// @param ranking The ranking.
    /// @param moving The option, from 0.
    error InstantRunoffNotDue(uint256 ranking, uint256 moving);
    /// @notice More ballots are given than there are.
    /// @param counted Ballots that were given in the round.
    /// @param due Ballots that it is due.
    error InstantRunoffTooManyBallots(uint256 counted, uint256 due);

    /// @notice A count that has not begun.
    /// @param options Number of options, 2 to 32.
    /// @param ballots Number of all ballots, blank ones among them, below 2^32. Without any, the tie rule alone decides.
    /// @return runoff The count.
    function begin(uint256 options, uint256 ballots) internal pure returns (Runoff memory runoff) {
        runoff.options = options;
        runoff.ballots = ballots;
        runoff.standing = (1 << options) - 1;
        runoff.round = 1;
        runoff.moving = Rankings.NO_OPTION;
        runoff.due = ballots;
        runoff.tallies = new uint256[](options);
    }

    /// @notice Counts rankings, and closes each round that becomes complete. Once the count is decided, nothing is read.
    /// @param runoff The count.
    /// @param priorities Which of two with equal tallies is better, see {TieRules}; the same in each call.
    /// @param rankings Distinct strict rankings, ascending within each round; rounds may follow upon another.
    /// @param numbers Number of ballots of each, below 2^32; those of zero are passed over.
    /// @return rounds Rounds that were closed.
    function step(
        Runoff memory runoff,
        uint256 priorities,
        uint256[] calldata rankings,
        uint256[] memory numbers
    ) internal pure returns (RunoffRound[] memory rounds) {
        rounds = new RunoffRound[](runoff.options);
        uint256 closed = 0;
        uint256 given = 0;
        Chains memory chains;
        if (runoff.moving == Rankings.NO_OPTION && runoff.counted == 0) {
            chains = Chains(true, new uint256[](runoff.options), new uint256[](rankings.length));
        }
        while (!runoff.decided) {
            given = _take(runoff, rankings, numbers, given, chains);
            if (runoff.counted != runoff.due) break;
            rounds[closed] = _close(runoff, priorities);
            ++closed;
            if (chains.used && !runoff.decided) _move(runoff, rankings, numbers, chains);
        }
        // Each round but the last eliminates an option, so there are at most as many as were allocated.
        assembly ("memory-safe") {
            mstore(rounds, closed)
        }
    }

    /// @dev Counts rankings from an index on, until the round has what is due or they end. Returns the index behind.
    function _take(
        Runoff memory runoff,
        uint256[] calldata rankings,
        uint256[] memory numbers,
        uint256 given,
        Chains memory chains
    ) private pure returns (uint256 next) {
        uint256 counted = runoff.counted;
        uint256 cursor = runoff.cursor;
        for (next = given; next < rankings.length && counted < runoff.due;) {
            uint256 index = next;
            // Below the length of a list.
            unchecked {
                ++next;
            }
            uint256 number = numbers[index];
            if (number == 0) continue;
            uint256 ranking = rankings[index];
            if (ranking <= cursor && counted != 0) revert InstantRunoffNotAscending(ranking, cursor);
            cursor = ranking;
            // Numbers are below 2^32 by the caller's word.
            unchecked {
                counted += number;
            }
            if (runoff.moving != Rankings.NO_OPTION) _checkDue(runoff, ranking);
            _count(runoff, ranking, number, index, chains);
        }
        (runoff.counted, runoff.cursor) = (counted, cursor);
        if (counted > runoff.due) revert InstantRunoffTooManyBallots(counted, runoff.due);
    }

    /// @dev Moves the ballots of the option that was just eliminated, all of which are in its chain.
    function _move(
        Runoff memory runoff,
        uint256[] calldata rankings,
        uint256[] memory numbers,
        Chains memory chains
    ) private pure {
        uint256 link = chains.heads[runoff.moving];
        while (link != 0) {
            // Links are an index of all lists and one.
            unchecked {
                uint256 index = link - 1;
                link = chains.links[index];
                _count(runoff, rankings[index], numbers[index], index, chains);
            }
        }
        runoff.counted = runoff.due;
    }

    /// @dev Counts the ballots of one ranking for the best of its options that stands.
    function _count(
        Runoff memory runoff,
        uint256 ranking,
        uint256 number,
        uint256 index,
        Chains memory chains
    ) private pure {
        uint256 first = Rankings.firstAmong(ranking, runoff.standing);
        if (first == Rankings.NO_OPTION) {
            runoff.exhausted += number;
            return;
        }
        // Sums are at most all ballots given, far below the largest number; indices are below that of an array.
        unchecked {
            runoff.tallies[first] += number;
            if (!chains.used) return;
            chains.links[index] = chains.heads[first];
            chains.heads[first] = index + 1;
        }
    }

    /// @dev Ballots are due that counted for the option that was just eliminated.
    function _checkDue(Runoff memory runoff, uint256 ranking) private pure {
        uint256 moving = runoff.moving;
        if (Rankings.firstAmong(ranking, runoff.standing | (1 << moving)) != moving) {
            revert InstantRunoffNotDue(ranking, moving);
        }
    }

    /// @dev Ends a complete round: by a majority, or by eliminating an option.
    function _close(Runoff memory runoff, uint256 priorities) private pure returns (RunoffRound memory round) {
        round.number = runoff.round;
        round.tallies = new uint32[](runoff.options);
        // Ballots are below 2^32.
        for (uint256 i = 0; i < runoff.options; ++i) round.tallies[i] = uint32(runoff.tallies[i]);
        round.exhausted = runoff.exhausted;
        (uint256 left, uint256 most, uint256 last, bool tied) = _survey(runoff, priorities);
        if (most * 2 > runoff.ballots - runoff.exhausted) {
            round.eliminated = Rankings.NO_OPTION;
            _decide(runoff, priorities, left);
            return round;
        }
        (round.eliminated, round.tied) = (last, tied);
        runoff.order |= OptionOrder.entryOf(last, left - 1);
        runoff.standing ^= 1 << last;
        runoff.moving = last;
        runoff.due = runoff.tallies[last];
        runoff.tallies[last] = 0;
        runoff.counted = 0;
        ++runoff.round;
        // One that stands alone wins, whatever ballots it has.
        if (left == 2) {
            runoff.firstTied = tied;
            _decide(runoff, priorities, 1);
        }
    }

    /// @dev Puts those that stand on the places that are left.
    function _decide(Runoff memory runoff, uint256 priorities, uint256 left) private pure {
        uint256[] memory scores = new uint256[](runoff.options);
        for (uint256 i = 0; i < scores.length; ++i) {
            // Above those that do not stand, even without ballots.
            if ((runoff.standing >> i) & 1 != 0) scores[i] = runoff.tallies[i] + 1;
        }
        (uint256 order, ) = OptionOrder.byScores(scores, priorities);
        // With 32 options on as many places the shift gives zero, and the mask is all ones.
        unchecked {
            runoff.order |= order & ((1 << (left << WORD_BITS_SHIFT)) - 1);
        }
        runoff.decided = true;
    }

    /// @dev Number of options that stand, most ballots of one of them, the one to be eliminated, and whether others have as
    /// few ballots.
    function _survey(
        Runoff memory runoff,
        uint256 priorities
    ) private pure returns (uint256 left, uint256 most, uint256 last, bool tied) {
        uint256 least = type(uint256).max;
        for (uint256 i = 0; i < runoff.options; ++i) {
            if ((runoff.standing >> i) & 1 == 0) continue;
            ++left;
            uint256 tally = runoff.tallies[i];
            if (tally > most) most = tally;
            if (tally > least) continue;
            tied = tally == least;
            if (tied && TieRules.priorityOf(priorities, i) < TieRules.priorityOf(priorities, last)) continue;
            (least, last) = (tally, i);
        }
    }
}
