// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SharingKey} from "../../../../contracts/energy/sharing/IEnergySharing.sol";
import {SharingKeys} from "../../../../contracts/energy/sharing/SharingKeys.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

contract SharingKeysTest is CivitasTest {
    // prorate
    // ├── each share is within 1 of its ideal, and none is above its weight if the amount is not above the whole
    // ├── together they are the weights' part of the amount, rounded down; all of it if the weights are the whole
    // └── weights of zero, or no weights: nothing

    function testFuzz_SharesAreIdealWithinOneAndAddUp(
        uint32 amountSeed,
        uint32[7] calldata seeds,
        uint32 more
    ) external pure {
        uint256[] memory weights = new uint256[](7);
        uint256 total = 0;
        for (uint256 i = 0; i < 7; ++i) {
            weights[i] = seeds[i] % 3 == 0 ? 0 : seeds[i];
            total += weights[i];
        }
        uint256 whole = total + more + 1;
        uint256 amount = bound(amountSeed, 0, whole);
        uint256[] memory shares = SharingKeys.prorate(amount, weights, whole);
        uint256 sum = 0;
        for (uint256 i = 0; i < 7; ++i) {
            assertLe(shares[i], weights[i], "above its weight");
            assertLe(shares[i] * whole, weights[i] * amount + whole - 1, "too much");
            assertLe(weights[i] * amount, shares[i] * whole + whole - 1, "too little");
            sum += shares[i];
        }
        assertEq(sum, (total * amount) / whole, "sum");
    }

    function test_NothingIsDividedByNothing() external pure {
        uint256[] memory shares = SharingKeys.prorate(5, new uint256[](3), 0);
        assertEq(shares[0] + shares[1] + shares[2], 0, "zeros");
        assertEq(SharingKeys.prorate(5, new uint256[](0), 0).length, 0, "none");
    }

    // allocate
    // ├── any key: nobody gets more than wanted, all together the smaller of generated and wanted
    // ├── static: by parts, cut to what is wanted, the rest to those still short by what they are short of
    // ├── pro rata: by what is wanted
    // └── priority: in order

    function testFuzz_AllIsSharedAndNobodyGetsMoreThanWanted(
        uint8 keySeed,
        uint32 generated,
        uint32[6] calldata wantedSeeds,
        uint16[6] calldata partSeeds
    ) external pure {
        SharingKey key = SharingKey(bound(keySeed, 1, 3));
        uint256[] memory wanted = new uint256[](6);
        uint256[] memory parts = new uint256[](6);
        uint256 total = 0;
        uint256 left = SharingKeys.WHOLE;
        for (uint256 i = 0; i < 6; ++i) {
            wanted[i] = wantedSeeds[i] % 4 == 0 ? 0 : wantedSeeds[i];
            total += wanted[i];
            parts[i] = bound(partSeeds[i], 0, left);
            left -= parts[i];
        }
        (uint256[] memory got, uint256 shared) = SharingKeys.allocate(key, generated, wanted, parts);
        uint256 sum = 0;
        for (uint256 i = 0; i < 6; ++i) {
            assertLe(got[i], wanted[i], "more than wanted");
            sum += got[i];
        }
        assertEq(sum, shared, "sum");
        assertEq(shared, generated < total ? generated : total, "all of it");
    }

    function test_StaticPartsAreKept() external pure {
        // 1,000 Wh by 50, 30 and 20 %: nobody is short of more.
        _expect(
            SharingKey.Static,
            1_000,
            [uint256(500), 300, 200],
            [uint256(5_000), 3_000, 2_000],
            [uint256(500), 300, 200]
        );
        // The first takes 100 of its 500. What is left, 400, goes 3 to 1 to those short of 600 and 200.
        _expect(
            SharingKey.Static,
            1_000,
            [uint256(100), 900, 400],
            [uint256(5_000), 3_000, 2_000],
            [uint256(100), 600, 300]
        );
        // Parts that do not make a whole leave the rest to the second round.
        _expect(SharingKey.Static, 1_000, [uint256(800), 800, 0], [uint256(1_000), 1_000, 0], [uint256(500), 500, 0]);
        // A member without a part gets what others do not need.
        _expect(SharingKey.Static, 100, [uint256(30), 50, 0], [uint256(10_000), 0, 0], [uint256(30), 50, 0]);
    }

    function test_ProRataFollowsWhatIsWanted() external pure {
        _expect(SharingKey.ProRata, 100, [uint256(100), 200, 100], [uint256(0), 0, 0], [uint256(25), 50, 25]);
        // 33.3 each; the odd Wh falls where the prefix passes it.
        _expect(SharingKey.ProRata, 100, [uint256(70), 70, 70], [uint256(0), 0, 0], [uint256(33), 33, 34]);
        _expect(SharingKey.ProRata, 500, [uint256(70), 0, 71], [uint256(0), 0, 0], [uint256(70), 0, 71]);
    }

    function test_PriorityGoesInOrder() external pure {
        _expect(SharingKey.Priority, 100, [uint256(70), 70, 70], [uint256(0), 0, 0], [uint256(70), 30, 0]);
        _expect(SharingKey.Priority, 0, [uint256(70), 70, 70], [uint256(0), 0, 0], [uint256(0), 0, 0]);
    }

    function _expect(
        SharingKey key,
        uint256 generated,
        uint256[3] memory wanted,
        uint256[3] memory parts,
        uint256[3] memory expected
    ) private pure {
        uint256[] memory wantedList = new uint256[](3);
        uint256[] memory partList = new uint256[](3);
        for (uint256 i = 0; i < 3; ++i) (wantedList[i], partList[i]) = (wanted[i], parts[i]);
        (uint256[] memory got, ) = SharingKeys.allocate(key, generated, wantedList, partList);
        for (uint256 i = 0; i < 3; ++i) assertEq(got[i], expected[i], "got");
    }
}
