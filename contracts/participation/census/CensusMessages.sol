// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title CensusMessages
/// @notice EIP-712 struct hashes of the messages of {ICensus}.
library CensusMessages {
    bytes32 private constant ENTRY = keccak256(
        "RollEntry(uint32 rollId,uint16 segment,uint256 tag,uint256 leaf,uint32 times,uint40 deadline)"
    );
    bytes32 private constant ENTRIES = keccak256(
        "RollEntries(RollEntry[] entries,uint40 deadline)RollEntry(uint32 rollId,uint16 segment,uint256 tag,uint256 leaf,uint32 times,uint40 deadline)"
    );
    bytes32 private constant REMOVAL = keccak256("RollRemoval(uint32 rollId,uint256 tag,uint32 times,uint40 deadline)");

    /// @notice Struct hash of a consent to be added.
    /// @param rollId Roll.
    /// @param segment Segment.
    /// @param tag Who it is.
    /// @param leaf Its leaf.
    /// @param times How often it was added before.
    /// @param deadline Last second of the consent, Unix time.
    /// @return structHash The hash.
    function hashEntry(
        uint32 rollId,
        uint16 segment,
        uint256 tag,
        uint256 leaf,
        uint32 times,
        uint40 deadline
    ) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(ENTRY, rollId, segment, tag, leaf, times, deadline));
    }

    /// @notice Struct hash of a second registrar's consent that all of a list be added.
    /// @param entries Struct hashes of what they consented to.
    /// @param deadline Last second of the consent, Unix time.
    /// @return structHash The hash.
    function hashEntries(bytes32[] memory entries, uint40 deadline) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(ENTRIES, keccak256(abi.encodePacked(entries)), deadline));
    }

    /// @notice Struct hash of a second registrar's consent that a member be taken out.
    /// @param rollId Roll.
    /// @param tag Who it is.
    /// @param times How often it was added.
    /// @param deadline Last second of the consent, Unix time.
    /// @return structHash The hash.
    function hashRemoval(
        uint32 rollId,
        uint256 tag,
        uint32 times,
        uint40 deadline
    ) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(REMOVAL, rollId, tag, times, deadline));
    }
}
