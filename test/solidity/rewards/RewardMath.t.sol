// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RewardLimit} from "../../../contracts/rewards/IEcoRewards.sol";
import {RewardIds} from "../../../contracts/rewards/RewardIds.sol";
import {Reward, RewardMath} from "../../../contracts/rewards/RewardMath.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

contract RewardMathTest is CivitasTest {
    using RewardMath for Reward;

    uint256 private constant RATE = 2_500_000;

    // earnedDown: floor(units × rate × quality / (1,000 × 10,000)), case W11

    function test_EarnsAsCaseW11() external pure {
        assertEq(RewardMath.earnedDown(2_400, RATE, 9_500), 5_700_000, "2,400 g of quality 95 %");
        assertEq(RewardMath.earnedDown(1, RATE, 10_000), 2_500, "a gram");
        assertEq(RewardMath.earnedDown(333, 1, 10_000), 0, "less than a millionth");
    }

    function testFuzz_EarnsTheFloor(uint256 units, uint256 rate, uint256 qualityBp) external pure {
        units = bound(units, 0, type(uint40).max);
        rate = bound(rate, 0, type(uint56).max);
        qualityBp = bound(qualityBp, 0, 10_000);
        uint256 earned = RewardMath.earnedDown(units, rate, qualityBp);
        uint256 product = units * rate * qualityBp;
        assertLe(earned * 10_000_000, product, "not above");
        assertLe(product + 1, (earned + 1) * 10_000_000, "and as near as can be");
    }

    // cut
    // ├─ the limit leaves as much or more ............ as it was
    // └─ less ........................................ that, and the limit is named

    function testFuzz_CutsToTheLeastLimit(uint256 earned, uint256 first, uint256 second) external pure {
        Reward memory reward = Reward(earned, earned, RewardLimit.None);
        reward.cut(first, RewardLimit.Person);
        reward.cut(second, RewardLimit.City);
        uint256 least = first < earned ? first : earned;
        RewardLimit limit = first < earned ? RewardLimit.Person : RewardLimit.None;
        if (second < least) (least, limit) = (second, RewardLimit.City);
        assertEq(reward.paid, least, "paid");
        assertEq(uint256(reward.limit), uint256(limit), "limit");
        assertEq(reward.earned, earned, "earned stays");
    }

    // claimedUp
    // ├─ nothing was paid ............................ 0
    // ├─ all was ..................................... all grams
    // ├─ some was .................................... ceil(grams × paid / earned)
    // └─ that is above the room ...................... the room

    function test_ClaimsAsMuchAsWasPaid() external pure {
        assertEq(RewardMath.claimedUp(10_000, 50_000, Reward(10, 0, RewardLimit.City)), 0, "nothing");
        assertEq(RewardMath.claimedUp(10_000, 50_000, Reward(10, 10, RewardLimit.None)), 10_000, "all");
        assertEq(RewardMath.claimedUp(10_000, 50_000, Reward(10, 5, RewardLimit.City)), 5_000, "half");
        assertEq(RewardMath.claimedUp(10_001, 50_000, Reward(10, 5, RewardLimit.City)), 5_001, "and a bit");
        assertEq(RewardMath.claimedUp(10_001, 50_000, Reward(10, 1, RewardLimit.City)), 1_001, "and the least bit");
        assertEq(RewardMath.claimedUp(10, 9, Reward(3, 3, RewardLimit.None)), 9, "at most the room");
    }

    /// @dev Whatever is claimed earns at least what was paid, so vested grams bound vested money.
    function testFuzz_ClaimIsWorthWhatWasPaid(uint256 grams, uint256 room, uint256 rate, uint256 most) external pure {
        grams = bound(grams, 1, type(uint32).max);
        room = bound(room, 0, type(uint40).max);
        rate = bound(rate, 0, type(uint40).max);
        uint256 earned = RewardMath.earnedDown(grams, rate, 10_000);
        Reward memory reward = Reward(earned, earned, RewardLimit.None);
        if (grams > room) reward.cut(RewardMath.earnedDown(room, rate, 10_000), RewardLimit.Container);
        reward.cut(bound(most, 0, type(uint56).max), RewardLimit.Person);
        uint256 claimed = RewardMath.claimedUp(grams, room, reward);
        assertLe(claimed, room, "within the room");
        assertLe(reward.paid * 1_000, rate * claimed, "paid for what is claimed");
    }

    // allowedDown, vestedDown, case W14
    // ├─ all that is claimed is allowed .............. in full
    // └─ less ........................................ floor(amount × allowed / claimed)

    function test_VestsAsCaseW14() external pure {
        uint256 allowed = RewardMath.allowedDown(24_000, 500);
        assertEq(allowed, 25_200, "allowed");
        uint256[3] memory amounts = [uint256(10_000_000), 12_000_000, 8_000_000];
        uint256[3] memory vested = [uint256(8_400_000), 10_080_000, 6_720_000];
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(RewardMath.vestedDown(amounts[i], 30_000, allowed, 0), vested[i], "cut");
            uint256 plenty = RewardMath.allowedDown(30_000, 500);
            assertEq(RewardMath.vestedDown(amounts[i], 30_000, plenty, 0), amounts[i], "in full");
        }
    }

    function test_AuditCutsEveryClaim() external pure {
        assertEq(RewardMath.vestedDown(30_000_000, 30_000, 40_000, 2_500), 22_500_000, "a quarter of all");
        assertEq(RewardMath.vestedDown(30_000_000, 30_000, 20_000, 5_000), 10_000_000, "half of what is allowed");
        assertEq(RewardMath.vestedDown(30_000_000, 30_000, 40_000, 10_000), 0, "nothing stays");
        assertEq(RewardMath.vestedDown(7, 3, 2, 5_000), 2, "rounded once: 2.33");
    }

    function testFuzz_SharesNeverExceedWhatIsAllowed(
        uint256[4] memory grams,
        uint256 collected,
        uint256 bp
    ) external pure {
        uint256 claimed;
        for (uint256 i = 0; i < 4; ++i) claimed += grams[i] = bound(grams[i], 1, 100_000);
        collected = bound(collected, 0, 400_000);
        bp = bound(bp, 0, 1_000);
        uint256 allowed = RewardMath.allowedDown(collected, bp);
        assertLe(allowed * 10_000, collected * (10_000 + bp), "within the tolerance");
        uint256 vested;
        for (uint256 i = 0; i < 4; ++i) vested += RewardMath.vestedDown(grams[i] * 1_000, claimed, allowed, 0);
        assertLe(vested, (allowed < claimed ? allowed : claimed) * 1_000, "vested");
    }

    // spansNear
    // ├─ distance zero ............................... none
    // └─ else ........................................ those that are nearer

    function testFuzz_SpansNear(uint256 span, uint256 distance) external pure {
        span = bound(span, 0, 143);
        distance = bound(distance, 0, 144);
        uint256 spans = RewardMath.spansNear(span, distance);
        for (uint256 other = 0; other < 256; ++other) {
            uint256 apart = other > span ? other - span : span - other;
            assertTrue((spans >> other) & 1 == (other < 144 && apart < distance ? 1 : 0), "near");
        }
    }

    // yearOf: 400 years of 146,097 days, the years of 365 or 366 days, a day at most from the calendar's

    function test_YearsAreNeverLongerThan366Days() external pure {
        uint256 first = 20_454; // 1 January 2026
        assertEq(RewardMath.yearOf(first - 1), 55, "2025");
        assertEq(RewardMath.yearOf(first), 56, "2026");
        uint256 start = first;
        for (uint256 day = first; day < first + 18_262; ++day) {
            if (RewardMath.yearOf(day) == RewardMath.yearOf(start)) continue;
            assertEq(RewardMath.yearOf(day), RewardMath.yearOf(start) + 1, "one after the other");
            assertTrue(day - start == 365 || day - start == 366, "its length");
            start = day;
        }
    }
}

contract RewardIdsTest is CivitasTest {
    // Ids tell programme, person, day, container and collection, and no two are one.

    function testFuzz_IdsTellWhatTheyAreFor(
        uint16 programmeId,
        uint64 person,
        uint24 day,
        uint32 binId,
        uint32 collection
    ) external pure {
        uint256 dayId = RewardIds.ofDay(programmeId, person, day);
        assertFalse(RewardIds.isDeposits(dayId), "acts");
        assertEq(RewardIds.personOf(dayId), person, "person of acts");
        assertEq(dayId >> 88, programmeId, "programme of acts");
        assertEq(dayId & type(uint24).max, day, "day");

        uint64 cycleId = RewardIds.ofCycle(binId, collection);
        uint256 id = RewardIds.ofDeposits(programmeId, person, cycleId);
        assertTrue(RewardIds.isDeposits(id), "deposits");
        assertEq(RewardIds.personOf(id), person, "person of deposits");
        assertEq((id >> 128) & type(uint16).max, programmeId, "programme of deposits");
        assertEq(RewardIds.cycleOf(id), cycleId, "cycle");
        (uint32 bin, uint32 number) = RewardIds.partsOf(cycleId);
        assertEq(bin, binId, "container");
        assertEq(number, collection, "collection");

        uint40 epochId = RewardIds.ofEpoch(programmeId, day);
        assertEq(epochId >> 24, programmeId, "programme of an epoch");
        assertEq(epochId & type(uint24).max, day, "day of an epoch");
    }
}
