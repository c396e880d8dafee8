// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {MerkleRoot} from "../../../contracts/energy/MerkleRoot.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";
import {TreeTwin} from "./readings/TreeTwin.sol";

/// @dev rootOf
///   ├ one leaf: the leaf
///   ├ two and more, even and odd numbers: the root that every proof leads to, and no other leaf's
///   └ leaves and memory after them stay as they are
contract MerkleRootTest is CivitasTest {
    uint256 private constant MOST = 40;
    /// @dev What `SimpleMerkleTree.of(leaves, { sortLeaves: false }).root` of @openzeppelin/merkle-tree 1.0.8 gives for
    /// the hashes of the bytes 0 to 6.
    bytes32 private constant VECTOR = 0x0af28ae5cb5b59d9695a4c6315dec300addb43ae2993325da6d7a17719680da3;

    function test_OneLeafIsItsRoot() external pure {
        bytes32[] memory leaves = _leaves(1, 0);
        assertEq(MerkleRoot.rootOf(leaves), leaves[0], "root");
    }

    function test_EveryLeafOfEveryNumberIsProven() external pure {
        for (uint256 count = 1; count <= MOST; ++count) {
            bytes32[] memory leaves = _leaves(count, count);
            bytes32 root = MerkleRoot.rootOf(leaves);
            for (uint256 i = 0; i < count; ++i) {
                bytes32[] memory proof = TreeTwin.proofOf(leaves, i);
                assertTrue(MerkleProof.verify(proof, root, leaves[i]), "proof");
                assertFalse(MerkleProof.verify(proof, root, keccak256(bytes.concat(leaves[i]))), "other leaf");
            }
        }
    }

    function test_RootIsThatOfThePackage() external pure {
        bytes32[] memory leaves = new bytes32[](7);
        for (uint256 i = 0; i < leaves.length; ++i) leaves[i] = keccak256(abi.encodePacked(uint8(i)));
        assertEq(MerkleRoot.rootOf(leaves), VECTOR, "root of the package");
    }

    function testFuzz_RootIsTheTwins(uint256 count, uint256 seed) external pure {
        bytes32[] memory leaves = _leaves(bound(count, 1, 256), seed);
        assertEq(MerkleRoot.rootOf(leaves), TreeTwin.rootOf(leaves), "root of the twin");
    }

    function test_LeavesAndMemoryStay() external pure {
        bytes32[] memory leaves = _leaves(9, 1);
        bytes32 digest = keccak256(abi.encodePacked(leaves));
        bytes32 root = MerkleRoot.rootOf(leaves);
        bytes32[] memory fresh = new bytes32[](20);
        for (uint256 i = 0; i < fresh.length; ++i) assertEq(fresh[i], 0, "memory taken next");
        assertEq(keccak256(abi.encodePacked(leaves)), digest, "leaves");
        assertEq(MerkleRoot.rootOf(leaves), root, "same again");
    }

    function _leaves(uint256 count, uint256 seed) private pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) leaves[i] = keccak256(abi.encode(seed, i));
    }
}
