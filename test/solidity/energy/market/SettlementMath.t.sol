// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {MerkleRoot} from "../../../../contracts/energy/MerkleRoot.sol";
import {SettlementMath} from "../../../../contracts/energy/market/SettlementMath.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

/// @notice A settlement case: prices in money units per Wh, energy in Wh, bought and drawn positive.
struct SettlementCase {
    uint256 price;
    uint256 gridFee;
    uint256 retail;
    uint256 feedIn;
    int256 contracted;
    int256 metered;
    int256 trade;
    int256 fee;
    int256 imbalance;
    int256 total;
}

/// @notice Formulas of settlement, against the cases of the design and against their plain meaning.
contract SettlementMathTest is CivitasTest {
    function decode(
        bytes calldata group,
        uint256 position
    ) external pure returns (uint32 account, int32 contracted, int32 metered) {
        return SettlementMath.decodeResult(group, position);
    }

    function hasResult(bytes calldata group, uint256 position) external pure returns (bool whether) {
        return SettlementMath.hasResult(group, position);
    }

    function rootsOf(
        bytes calldata group,
        uint256 position,
        int32 metered,
        bytes32[] calldata proof
    ) external pure returns (bytes32 standing, bytes32 amended) {
        return SettlementMath.rootsOf(group, position, metered, proof);
    }

    // imbalance, gridFeeOf
    // ├── buyer draws more than bought: pays retail                          S1
    // ├── buyer draws less: gets feed-in                                     S2
    // ├── seller delivers exactly: nothing                                   S3
    // ├── seller delivers less: pays retail for the rest                     S4
    // ├── seller delivers more: gets feed-in                                 S5
    // └── seller draws instead: pays retail for both                         S6
    function test_SettlementCases() public pure {
        _check(SettlementCase(200, 40, 320, 80, 500, 700, -100_000, -20_000, -64_000, -184_000), "S1");
        _check(SettlementCase(200, 40, 320, 80, 500, 420, -100_000, -20_000, 6_400, -113_600), "S2");
        _check(SettlementCase(200, 40, 320, 80, -500, -500, 100_000, 0, 0, 100_000), "S3");
        _check(SettlementCase(200, 40, 320, 80, -500, -300, 100_000, 0, -64_000, 36_000), "S4");
        _check(SettlementCase(200, 40, 320, 80, -500, -650, 100_000, 0, 12_000, 112_000), "S5");
        _check(SettlementCase(200, 40, 320, 80, -500, 100, 100_000, 0, -192_000, -92_000), "S6");
    }

    function _check(SettlementCase memory settled, string memory name) private pure {
        int256 bought = settled.contracted > 0 ? settled.contracted : int256(0);
        int256 fee = -int256(SettlementMath.gridFeeOf(uint256(bought), 0, settled.gridFee, settled.gridFee));
        int256 trade = -settled.contracted * int256(settled.price);
        int256 imbalance = SettlementMath.imbalance(
            settled.retail,
            settled.feedIn,
            settled.contracted,
            settled.metered
        );
        _assertEq(trade, settled.trade, string.concat(name, " trade"));
        _assertEq(fee, settled.fee, string.concat(name, " fee"));
        _assertEq(imbalance, settled.imbalance, string.concat(name, " imbalance"));
        _assertEq(trade + fee + imbalance, settled.total, string.concat(name, " total"));
    }

    function testFuzz_ImbalanceIsRetailForDrawAndFeedInForSurplus(
        uint24 retail,
        uint24 feedIn,
        int32 contracted,
        int32 metered
    ) public pure {
        int256 amount = SettlementMath.imbalance(retail, feedIn, contracted, metered);
        int256 excess = int256(metered) - contracted;
        if (excess > 0) _assertEq(amount, -excess * int256(uint256(retail)), "draws more");
        else _assertEq(amount, -excess * int256(uint256(feedIn)), "draws less or as much");
    }

    function testFuzz_GridFeeIsCheaperForWhFromNearby(
        uint32 bought,
        uint256 nearby,
        uint24 feederFee,
        uint24 gridFee
    ) public pure {
        nearby = bound(nearby, 0, bought);
        uint256 fee = SettlementMath.gridFeeOf(bought, nearby, feederFee, gridFee);
        assertEq(fee, nearby * feederFee + (uint256(bought) - nearby) * gridFee, "fee");
    }

    // meteredOr
    // ├── there is a reading: it
    // ├── none, and the account bought: what it bought
    // └── none, and it sold or got nothing: nothing
    function testFuzz_MeteredIsTheReading(int32 reading, int32 contracted) public pure {
        if (reading == type(int32).min) ++reading;
        _assertEq(SettlementMath.meteredOr(reading, contracted), reading, "reading");
    }

    function testFuzz_MeteredOfAMissingReading(int32 contracted) public pure {
        int256 metered = SettlementMath.meteredOr(SettlementMath.MISSING, contracted);
        _assertEq(metered, contracted > 0 ? int256(contracted) : int256(0), "taken to have drawn");
    }

    // encodeResult, decodeResult
    function testFuzz_ResultsAreReadAsTheyWereWritten(
        uint32[8] memory accounts,
        int32[8] memory contracted,
        int32[8] memory metered,
        uint256 count
    ) public view {
        count = bound(count, 1, 8);
        bytes memory group;
        for (uint256 i = 0; i < count; ++i) {
            uint256 word = SettlementMath.encodeResult(accounts[i], contracted[i], metered[i]);
            group = bytes.concat(group, bytes12(bytes32(word)));
            assertEq(word << 96, 0, "nothing below the result");
        }
        for (uint256 i = 0; i < count; ++i) {
            (uint32 account, int32 bought, int32 drawn) = this.decode(group, i);
            assertEq(account, accounts[i], "account");
            _assertEq(bought, contracted[i], "contracted");
            _assertEq(drawn, metered[i], "metered");
            assertEq(
                keccak256(abi.encodePacked(account, bought, drawn)),
                keccak256(_slice(group, i * 12, 12)),
                "big-endian"
            );
        }
    }

    // hasResult
    // ├── one to eight results: each of them, and none after the last
    // ├── nothing: none
    // └── a part of a result more, or nine results: none, for that is no group
    function test_AGroupHasOneToEightResults() public view {
        for (uint256 count = 1; count <= 8; ++count) {
            bytes memory group = new bytes(count * 12);
            assertTrue(this.hasResult(group, 0), "first");
            assertTrue(this.hasResult(group, count - 1), "last");
            assertFalse(this.hasResult(group, count), "after the last");
        }
        assertFalse(this.hasResult("", 0), "nothing");
        assertFalse(this.hasResult(new bytes(13), 0), "a byte more");
        assertFalse(this.hasResult(new bytes(23), 0), "a byte less than two");
        assertFalse(this.hasResult(new bytes(97), 0), "a byte more than a group");
        assertFalse(this.hasResult(new bytes(108), 0), "nine");
    }

    // rootsOf
    function testFuzz_RootsWithAndWithoutAnotherReading(
        uint256 seed,
        uint256 count,
        uint256 position,
        int32 metered,
        uint256 depth
    ) public view {
        count = bound(count, 1, 8);
        bytes32[] memory proof = new bytes32[](bound(depth, 0, 9));
        for (uint256 i = 0; i < proof.length; ++i) proof[i] = keccak256(abi.encode(seed, "sibling", i));
        position = bound(position, 0, count - 1);
        bytes memory group;
        bytes memory expected;
        for (uint256 i = 0; i < count; ++i) {
            bytes12 result = bytes12(keccak256(abi.encode(seed, i)));
            group = bytes.concat(group, result);
            bytes memory kept =
                i == position ? bytes.concat(bytes8(result), bytes4(uint32(metered))) : bytes.concat(result);
            expected = bytes.concat(expected, kept);
        }
        (bytes32 standing, bytes32 amended) = this.rootsOf(group, position, metered, proof);
        assertEq(standing, MerkleProof.processProof(proof, keccak256(group)), "as it stands");
        assertEq(amended, MerkleProof.processProof(proof, keccak256(expected)), "with another reading");
    }

    // rootOf
    // ├── one group, full or not: its hash
    // └── more: the root over their hashes, the last of a shorter group
    function testFuzz_RootIsOverGroupsOfEight(uint256 seed, uint256 count) public pure {
        count = bound(count, 1, 60);
        bytes memory results;
        for (uint256 i = 0; i < count; ++i) results = bytes.concat(results, bytes12(keccak256(abi.encode(seed, i))));
        bytes32[] memory leaves = new bytes32[]((count + 7) / 8);
        for (uint256 i = 0; i < leaves.length; ++i) {
            uint256 size = i + 1 == leaves.length ? results.length - i * 96 : 96;
            assertTrue(size != 64, "a group is no pair of nodes");
            leaves[i] = keccak256(_slice(results, i * 96, size));
        }
        bytes32 root = SettlementMath.rootOf(results);
        assertEq(root, MerkleRoot.rootOf(leaves), "root");
        if (count <= 8) assertEq(root, keccak256(results), "one group");
    }

    function _slice(bytes memory data, uint256 start, uint256 size) private pure returns (bytes memory part) {
        part = new bytes(size);
        for (uint256 i = 0; i < size; ++i) part[i] = data[start + i];
    }

    function _assertEq(int256 left, int256 right, string memory reason) private pure {
        assertEq(uint256(left), uint256(right), reason);
    }
}
