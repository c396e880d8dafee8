// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MerkleRoot} from "../MerkleRoot.sol";

/// @title SettlementMath
/// @notice Formulas of settlement: what a meter's deviation costs, what the grid costs, and how results are written down.
/// @dev Energy in Wh, drawn and bought positive; money in money units; prices and fees in money units per Wh.
///
/// A result is `account uint32 | contracted int32 | metered int32`, big-endian. Results stand in groups of eight, the last
/// of which may be shorter; hashes of groups are the leaves of a tree. No group is 64 bytes long, so none can be taken for
/// a node.
library SettlementMath {
    /// @notice Reading that says that there is none.
    int256 internal constant MISSING = type(int32).min;
    /// @notice Bytes of a result.
    uint256 internal constant RESULT_BYTES = 12;
    /// @notice Bytes of a full group.
    uint256 internal constant GROUP_BYTES = 96;

    uint256 private constant ACCOUNT_SHIFT = 224;
    uint256 private constant CONTRACTED_SHIFT = 192;
    uint256 private constant METERED_SHIFT = 160;
    /// @dev Where the reading is in a result.
    uint256 private constant READING_OFFSET = 8;

    /// @notice What a meter is taken to have drawn: what it measured, else what it bought, and nothing if it sold.
    /// @param reading Reading, or {MISSING}.
    /// @param contracted Wh bought, negative: sold.
    /// @return drawn Wh, negative: fed in.
    function meteredOr(int256 reading, int256 contracted) internal pure returns (int256 drawn) {
        if (reading != MISSING) return reading;
        return contracted > 0 ? contracted : int256(0);
    }

    /// @notice What an account gets from the supplier for what it fed in beyond its contracts, or, negative, owes for what it
    /// drew beyond them.
    /// @param retail Price of the supplier's energy.
    /// @param feedIn Price that the supplier pays.
    /// @param contracted Wh bought, negative: sold.
    /// @param metered Wh drawn, negative: fed in.
    /// @return amount Money units.
    function imbalance(
        uint256 retail,
        uint256 feedIn,
        int256 contracted,
        int256 metered
    ) internal pure returns (int256 amount) {
        // Prices have 24 bits, and a difference of two int32 has 33, so nothing comes near 2^255.
        unchecked {
            amount = contracted - metered;
            return amount * int256(amount < 0 ? retail : feedIn);
        }
    }

    /// @notice Grid fee of a buyer.
    /// @param bought Wh bought.
    /// @param nearby Wh of them that cost the fee inside a feeder.
    /// @param feederFee Fee inside a feeder, not above `gridFee`.
    /// @param gridFee Fee of all other Wh.
    /// @return amount Money units.
    function gridFeeOf(
        uint256 bought,
        uint256 nearby,
        uint256 feederFee,
        uint256 gridFee
    ) internal pure returns (uint256 amount) {
        // Fees have 24 bits, Wh of an account less than 35; `nearby` is a part of `bought`.
        unchecked {
            return nearby * feederFee + (bought - nearby) * gridFee;
        }
    }

    /// @notice A result, in the upper bytes of a word.
    /// @param account Account.
    /// @param contracted Wh bought, negative: sold; fits int32.
    /// @param metered Wh drawn, negative: fed in; fits int32.
    /// @return word The result, and zeros.
    function encodeResult(uint256 account, int256 contracted, int256 metered) internal pure returns (uint256 word) {
        // The lower 32 bits of both, which have no more.
        return
            (account << ACCOUNT_SHIFT) |
            ((uint256(contracted) & type(uint32).max) << CONTRACTED_SHIFT) |
            ((uint256(metered) & type(uint32).max) << METERED_SHIFT);
    }

    /// @notice Whether a group is one, and has a result of that number.
    /// @param group Results side by side.
    /// @param position Number of the result.
    /// @return whether it has.
    function hasResult(bytes calldata group, uint256 position) internal pure returns (bool whether) {
        uint256 length = group.length;
        return length <= GROUP_BYTES && length % RESULT_BYTES == 0 && position < length / RESULT_BYTES;
    }

    /// @notice A result of a group.
    /// @param group Results side by side.
    /// @param position Number of the result, below their number.
    /// @return account Account.
    /// @return contracted Wh bought, negative: sold.
    /// @return metered Wh drawn, negative: fed in.
    function decodeResult(
        bytes calldata group,
        uint256 position
    ) internal pure returns (uint32 account, int32 contracted, int32 metered) {
        uint256 word;
        // Reads the 12 bytes of the result from the highest bit down; what follows them is cut off.
        assembly ("memory-safe") {
            word := calldataload(add(group.offset, mul(position, RESULT_BYTES)))
        }
        // Each cast takes 32 bits of the word.
        account = uint32(word >> ACCOUNT_SHIFT);
        contracted = int32(uint32(word >> CONTRACTED_SHIFT));
        metered = int32(uint32(word >> METERED_SHIFT));
    }

    /// @notice Roots that a proof leads to from a group: as it stands, and with another reading of one of its results.
    /// @param group Results side by side.
    /// @param position Number of the result, below their number.
    /// @param metered The other reading, Wh; fits int32.
    /// @param proof Siblings from the group's hash to the root.
    /// @return standing Root of the group as it stands.
    /// @return amended Root with the other reading.
    function rootsOf(
        bytes calldata group,
        uint256 position,
        int256 metered,
        bytes32[] calldata proof
    ) internal pure returns (bytes32 standing, bytes32 amended) {
        // The copy of the group stands beyond the free pointer and is not kept; pairs stand in scratch space, the smaller
        // one first, as in OpenZeppelin's Hashes. One way through the proof for both costs half as much as two.
        assembly ("memory-safe") {
            let copy := mload(0x40)
            calldatacopy(copy, group.offset, group.length)
            standing := keccak256(copy, group.length)
            let place := add(copy, add(mul(position, RESULT_BYTES), READING_OFFSET))
            mstore(place, or(shl(ACCOUNT_SHIFT, metered), shr(32, shl(32, mload(place)))))
            amended := keccak256(copy, group.length)
            let last := add(proof.offset, shl(5, proof.length))
            for {
                let next := proof.offset
            } lt(next, last) {
                next := add(next, 0x20)
            } {
                let sibling := calldataload(next)
                let greater := shl(5, lt(sibling, standing))
                mstore(greater, standing)
                mstore(xor(greater, 0x20), sibling)
                standing := keccak256(0x00, 0x40)
                greater := shl(5, lt(sibling, amended))
                mstore(greater, amended)
                mstore(xor(greater, 0x20), sibling)
                amended := keccak256(0x00, 0x40)
            }
        }
    }

    /// @notice Root over results, group by group.
    /// @param results Results side by side, at least one.
    /// @return root Root.
    function rootOf(bytes memory results) internal pure returns (bytes32 root) {
        uint256 length = results.length;
        bytes32[] memory leaves = new bytes32[]((length + GROUP_BYTES - 1) / GROUP_BYTES);
        uint256 left = length;
        for (uint256 i = 0; i < leaves.length; ++i) {
            uint256 size = left < GROUP_BYTES ? left : GROUP_BYTES;
            bytes32 leaf;
            // Reads `size` bytes, of which `left` are still before the end of the results.
            assembly ("memory-safe") {
                leaf := keccak256(add(add(results, 32), sub(length, left)), size)
            }
            leaves[i] = leaf;
            left -= size;
        }
        return MerkleRoot.rootOf(leaves);
    }
}
