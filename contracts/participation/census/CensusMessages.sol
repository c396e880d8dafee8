// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title CensusMessages
/// @notice EIP-712 struct hashes of the messages of {ICensus}.
library CensusMessages {
    bytes32 private constant ENROLMENT = keccak256(
        "Enrolment(uint32 rollId,uint16 segment,uint256 tag,uint256 leaf,uint32 times,uint40 deadline)"
    );
    bytes32 private constant COSIGNING = keccak256(
        "Cosigning(Enrolment[] enrolments,uint40 deadline)Enrolment(uint32 rollId,uint16 segment,uint256 tag,uint256 leaf,uint32 times,uint40 deadline)"
    );
    bytes32 private constant REMOVING = keccak256("Removing(uint32 rollId,uint256 tag,uint32 times,uint40 deadline)");

    /// @notice Struct hash of a consent to be added.
    /// @param rollId Roll.
    /// @param segment Segment.
    /// @param tag Who it is.
    /// @param leaf Its leaf.
    /// @param times How often it was added before.
    /// @param deadline Last second of the consent, Unix time.
    /// @return structHash The hash.
    function hashEnrolment(
        uint32 rollId,
        uint16 segment,
        uint256 tag,
        uint256 leaf,
        uint32 times,
        uint40 deadline
    ) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(ENROLMENT, rollId, segment, tag, leaf, times, deadline));
    }

    /// @notice Struct hash of a second registrar's consent that all of a list be added.
    /// @param enrolments Struct hashes of what they consented to.
    /// @param deadline Last second of the consent, Unix time.
    /// @return structHash The hash.
    function hashCosigning(bytes32[] memory enrolments, uint40 deadline) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(COSIGNING, keccak256(abi.encodePacked(enrolments)), deadline));
    }

    /// @notice Struct hash of a second registrar's consent that a member be taken out.
    /// @param rollId Roll.
    /// @param tag Who it is.
    /// @param times How often it was added.
    /// @param deadline Last second of the consent, Unix time.
    /// @return structHash The hash.
    function hashRemoving(
        uint32 rollId,
        uint256 tag,
        uint32 times,
        uint40 deadline
    ) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(REMOVING, rollId, tag, times, deadline));
    }
}
