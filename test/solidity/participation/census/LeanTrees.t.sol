// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {InternalLeanIMT, LeanIMTData} from "@zk-kit/lean-imt.sol/InternalLeanIMT.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {RollKind} from "../../../../contracts/participation/census/ICensus.sol";
import {LeanTrees, TreeForm} from "../../../../contracts/participation/census/LeanTrees.sol";
import {NamedLeaves} from "../../../../contracts/participation/census/NamedLeaves.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";
import {TreeModel} from "./TreeModel.sol";

/// @notice A tree of either kind, all leaves, and a tree in zk-kit's contract until the first one is cleared.
contract TreeHarness {
    using InternalLeanIMT for LeanIMTData;
    using LeanTrees for mapping(uint256 level => uint256 node);

    RollKind public immutable kind;
    uint256 public root;
    uint256 public depth;
    bool public cleared;
    mapping(uint256 level => uint256 node) private _sides;
    LeanIMTData private _peer;
    uint256[] private _leaves;

    constructor(RollKind kind_) {
        kind = kind_;
    }

    function insert(uint256[] calldata added) external {
        if (kind == RollKind.Anonymous && !cleared) _peer._insertMany(added);
        (root, depth) = _sides.insert(_leaves.length, depth, root, added, _form());
        for (uint256 i = 0; i < added.length; ++i) _leaves.push(added[i]);
    }

    function clear(uint256 index, uint256[] calldata path) external {
        cleared = true;
        uint256 oldRoot;
        uint256 standing = root;
        (oldRoot, root) = _sides.clear(_leaves.length, index, _leaves[index], path, _form());
        require(oldRoot == standing, "old root");
        _leaves[index] = 0;
    }

    /// @dev Roots that a leaf leads to, before and after it is cleared, without doing so.
    function tryClear(
        uint256 index,
        uint256 leaf,
        uint256[] calldata path
    ) external returns (uint256 oldRoot, uint256 newRoot) {
        return _sides.clear(_leaves.length, index, leaf, path, _form());
    }

    function leaves() external view returns (uint256[] memory all) {
        return _leaves;
    }

    function peerRoot() external view returns (uint256 found) {
        return _peer._root();
    }

    function _form() private view returns (TreeForm memory form) {
        if (kind == RollKind.Named) return TreeForm(false, NamedLeaves.nodeOf);
        return TreeForm(true, _node);
    }

    function _node(uint256 left, uint256 right) internal pure returns (uint256 node) {
        return TreeModel.nodeOf(RollKind.Anonymous, left, right);
    }
}

contract LeanTreesTest is CivitasTest {
    TreeHarness private _named;
    TreeHarness private _anonymous;
    uint256 private _seed;

    function setUp() public {
        _named = new TreeHarness(RollKind.Named);
        _anonymous = new TreeHarness(RollKind.Anonymous);
    }

    // insert
    // ├─ the first leaf, or leaves
    // ├─ one after another
    // └─ lists of all lengths, after each other ... root and levels of the model; if whole, of zk-kit's contract
    // clear
    // ├─ any leaf, at any time .................... the same
    // ├─ path too short or too long ............... zero
    // └─ path or leaf of another .................. another root

    function test_OneLeafAfterAnother() external {
        for (uint256 i = 0; i < 40; ++i) {
            _insert(_named, 1);
            _insert(_anonymous, 1);
        }
        assertEq(_named.depth(), 6, "levels");
    }

    function test_ListsOfAllLengths() external {
        for (uint256 i = 1; i <= 17; ++i) {
            _insert(_named, i);
            _insert(_anonymous, i);
        }
    }

    function test_EveryLeafOfATreeOfEverySize() external {
        for (uint256 size = 1; size <= 18; ++size) {
            _insert(_anonymous, 1);
            _insert(_named, 1);
            uint256 snapshot = vm.snapshotState();
            for (uint256 index = 0; index < size; ++index) {
                _clear(_anonymous, index);
                _clear(_named, index);
            }
            // What comes after finds the right siblings.
            _insert(_anonymous, 3);
            _insert(_named, 3);
            vm.revertToState(snapshot);
        }
    }

    function testFuzz_AnyOrder(uint256 seed) external {
        _seed = seed;
        TreeHarness[2] memory trees = [_named, _anonymous];
        for (uint256 i = 0; i < 24; ++i) {
            TreeHarness tree = trees[i & 1];
            uint256 size = tree.leaves().length;
            if (size != 0 && _next() % 3 == 0) {
                uint256 index = _next() % size;
                if (tree.leaves()[index] == 0) continue;
                _clear(tree, index);
            } else {
                _insert(tree, 1 + (_next() % 9));
            }
        }
    }

    function test_WrongPathsLeadElsewhere() external {
        _insert(_named, 7);
        uint256[] memory all = _named.leaves();
        for (uint256 index = 0; index < 7; ++index) {
            uint256[] memory path = TreeModel.pathOf(RollKind.Named, all, index);
            (uint256 oldRoot, uint256 newRoot) = _try(index, all[index], path);
            assertEq(oldRoot, _named.root(), "right");
            assertTrue(newRoot != oldRoot, "another root after");

            uint256[] memory shorter = new uint256[](path.length - 1);
            uint256[] memory longer = new uint256[](path.length + 1);
            for (uint256 i = 0; i < path.length; ++i) {
                longer[i] = path[i];
                if (i < shorter.length) shorter[i] = path[i];
            }
            (oldRoot, newRoot) = _try(index, all[index], shorter);
            assertEq(oldRoot | newRoot, 0, "too short");
            (oldRoot, newRoot) = _try(index, all[index], longer);
            assertEq(oldRoot | newRoot, 0, "too long");
            (oldRoot, ) = _try(index, all[(index + 1) % 7], path);
            assertTrue(oldRoot != _named.root(), "another leaf");
            ++path[0];
            (oldRoot, ) = _try(index, all[index], path);
            assertTrue(oldRoot != _named.root(), "another path");
        }
    }

    function test_OpenZeppelinChecksPathsOfNamedTrees() external {
        _insert(_named, 11);
        uint256[] memory all = _named.leaves();
        for (uint256 index = 0; index < 11; ++index) {
            bytes32[] memory path = _words(TreeModel.pathOf(RollKind.Named, all, index));
            assertTrue(MerkleProof.verify(path, bytes32(_named.root()), bytes32(all[index])), "member");
            assertFalse(MerkleProof.verify(path, bytes32(_named.root()), bytes32(all[index] + 1)), "nobody");
        }
    }

    // --- internals

    function _insert(TreeHarness tree, uint256 count) private {
        uint256[] memory added = new uint256[](count);
        // Below the order of the field, and no two the same.
        for (uint256 i = 0; i < count; ++i) added[i] = _next() >> 4;
        tree.insert(added);
        _check(tree);
    }

    function _clear(TreeHarness tree, uint256 index) private {
        tree.clear(index, TreeModel.pathOf(tree.kind(), tree.leaves(), index));
        assertEq(tree.leaves()[index], 0, "cleared");
        _check(tree);
    }

    function _try(
        uint256 index,
        uint256 leaf,
        uint256[] memory path
    ) private returns (uint256 oldRoot, uint256 newRoot) {
        uint256 snapshot = vm.snapshotState();
        (oldRoot, newRoot) = _named.tryClear(index, leaf, path);
        vm.revertToState(snapshot);
    }

    function _check(TreeHarness tree) private view {
        uint256[] memory all = tree.leaves();
        assertEq(tree.depth(), TreeModel.depthOf(all.length), "levels");
        assertEq(tree.root(), TreeModel.rootOf(tree.kind(), all), "root");
        // Where no node is alone there is nothing to pad.
        bool whole = all.length == 1 << tree.depth();
        if (whole && !tree.cleared() && tree.kind() == RollKind.Anonymous)
            assertEq(tree.root(), tree.peerRoot(), "root of zk-kit");
    }

    function _next() private returns (uint256 number) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed;
    }

    function _words(uint256[] memory numbers) private pure returns (bytes32[] memory words) {
        words = new bytes32[](numbers.length);
        for (uint256 i = 0; i < words.length; ++i) words[i] = bytes32(numbers[i]);
    }
}

/// @notice Takes paths as call data.
contract NamedLeavesHarness {
    function isMember(
        uint256 root,
        uint32 index,
        address account,
        bytes32[] calldata path
    ) external pure returns (bool member) {
        return NamedLeaves.isMember(root, index, account, path);
    }
}

contract NamedLeavesTest is CivitasTest {
    NamedLeavesHarness private _harness;

    function setUp() public {
        _harness = new NamedLeavesHarness();
    }

    // leafOf ..... 24 bytes: place and account
    // isMember
    // ├─ true for the account at its place
    // └─ false for another account, another place, another root, or a node taken for a leaf

    function test_LeafIsPlaceAndAccount() external pure {
        bytes memory packed = hex"0000000700000000000000000000000000000000000000ff";
        assertEq(packed.length, 24, "length");
        assertEq(NamedLeaves.leafOf(7, address(0xff)), uint256(keccak256(packed)), "leaf");
    }

    function test_AccountIsAMemberAtItsPlaceAlone() external view {
        uint256[] memory leaves = new uint256[](5);
        for (uint32 i = 0; i < 5; ++i) leaves[i] = NamedLeaves.leafOf(i, address(uint160(i + 1)));
        uint256 root = TreeModel.rootOf(RollKind.Named, leaves);
        for (uint32 i = 0; i < 5; ++i) {
            uint256[] memory numbers = TreeModel.pathOf(RollKind.Named, leaves, i);
            bytes32[] memory path = new bytes32[](numbers.length);
            for (uint256 k = 0; k < path.length; ++k) path[k] = bytes32(numbers[k]);
            assertTrue(_harness.isMember(root, i, address(uint160(i + 1)), path), "member");
            assertFalse(_harness.isMember(root, i, address(uint160(i + 2)), path), "another account");
            assertFalse(_harness.isMember(root, i + 1, address(uint160(i + 1)), path), "another place");
            assertFalse(_harness.isMember(root + 1, i, address(uint160(i + 1)), path), "another root");
        }
    }
}
