// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice How the nodes of a tree come about.
struct TreeForm {
    /// @dev Whether a node without a right sibling has a zero for one.
    bool padded;
    /// @dev Hash of a left and a right node.
    function(uint256, uint256) view returns (uint256) hashPair;
}

/// @title LeanTrees
/// @notice Append-only Merkle trees without empty leaves, in the form of zk-kit's LeanIMT, for any hash.
/// @dev A node without a right sibling is its parent too, so that there are as many levels as the leaves need; in a padded tree
/// it has a zero for its right sibling, so that all leaves are as deep. Kept are the side nodes alone, one to a level: the left sibling that a later leaf will need, which exists where the number of whole
/// nodes of that level is odd. Root, leaves and levels are the caller's to keep, and are not kept here, unlike in zk-kit's
/// contract; nor is the place of each leaf, which would cost as much as everything else of a member. Where the leaves are two
/// to the power of the levels, the root is the side node of its level.
library LeanTrees {
    /// @notice Adds leaves.
    /// @param sides Side nodes of the tree.
    /// @param size Leaves before.
    /// @param depth Levels before.
    /// @param root Root before.
    /// @param nodes New leaves, at least one. Overwritten.
    /// @param form How its nodes come about.
    /// @return newRoot Root now.
    /// @return newDepth Levels now.
    function insert(
        mapping(uint256 level => uint256 node) storage sides,
        uint256 size,
        uint256 depth,
        uint256 root,
        uint256[] memory nodes,
        TreeForm memory form
    ) internal returns (uint256 newRoot, uint256 newDepth) {
        uint256 count = nodes.length;
        uint256 newSize = size + count;
        // Place of the first node of a level that changes; `count` is how many do.
        uint256 start = size;
        while (start + count > 1) {
            uint256 left =
                start & 1 == 0
                    ? 0
                    : newDepth == depth
                        ? root
                        : sides[newDepth];
            uint256 whole = newSize >> newDepth;
            if (whole & 1 == 1) {
                if (whole > start) sides[newDepth] = nodes[whole - 1 - start];
                else if (newDepth == depth) sides[newDepth] = root;
            }
            count = _ascend(nodes, count, start, left, form);
            start >>= 1;
            ++newDepth;
        }
        newRoot = nodes[0];
    }

    /// @notice Puts a zero in the place of a leaf.
    /// @dev The caller compares the root that the leaf leads to with that of the tree, and reverts if it is another.
    /// @param sides Side nodes of the tree.
    /// @param size Leaves.
    /// @param index Place of the leaf.
    /// @param leaf The leaf.
    /// @param path Siblings from below, of those levels where there is one.
    /// @param form How its nodes come about.
    /// @return oldRoot Root that the leaf leads to; zero: the path is too short or too long. No tree in which a leaf is left has
    /// that root.
    /// @return newRoot Root now.
    function clear(
        mapping(uint256 level => uint256 node) storage sides,
        uint256 size,
        uint256 index,
        uint256 leaf,
        uint256[] calldata path,
        TreeForm memory form
    ) internal returns (uint256 oldRoot, uint256 newRoot) {
        oldRoot = leaf;
        uint256 used = 0;
        for (uint256 level = 0; (size - 1) >> level > 0; ++level) {
            uint256 place = index >> level;
            if (place & 1 == 1) {
                if (used == path.length) return (0, 0);
                uint256 sibling = path[used++];
                (oldRoot, newRoot) = (form.hashPair(sibling, oldRoot), form.hashPair(sibling, newRoot));
                continue;
            }
            if (place + 1 == size >> level) sides[level] = newRoot;
            if (place < (size - 1) >> level) {
                if (used == path.length) return (0, 0);
                uint256 sibling = path[used++];
                (oldRoot, newRoot) = (form.hashPair(oldRoot, sibling), form.hashPair(newRoot, sibling));
            } else if (form.padded) {
                (oldRoot, newRoot) = (form.hashPair(oldRoot, 0), form.hashPair(newRoot, 0));
            }
        }
        if (used != path.length) return (0, 0);
    }

    /// @dev Writes over nodes of a level those of the level above, and says how many they are.
    function _ascend(
        uint256[] memory nodes,
        uint256 count,
        uint256 start,
        uint256 left,
        TreeForm memory form
    ) private view returns (uint256 parents) {
        uint256 next = 0;
        if (start & 1 == 1) {
            nodes[0] = form.hashPair(left, nodes[0]);
            parents = next = 1;
        }
        for (; next + 1 < count; next += 2) nodes[parents++] = form.hashPair(nodes[next], nodes[next + 1]);
        if (next < count) nodes[parents++] = form.padded ? form.hashPair(nodes[next], 0) : nodes[next];
    }
}
