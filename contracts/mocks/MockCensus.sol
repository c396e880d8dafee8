// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RollKind, RollTerms, Snapshot} from "../participation/census/ICensus.sol";

/// @notice A census whose rolls are what a test says they are.
contract MockCensus {
    mapping(uint32 rollId => RollTerms terms) private _terms;
    mapping(uint32 rollId => mapping(uint16 segment => Snapshot snapshot)) private _snapshots;

    /// @notice The notice that was given last.
    uint32 public noticedRoll;
    uint40 public noticedUntil;

    /// @notice Sets a roll.
    /// @param rollId Roll.
    /// @param kind Kind.
    /// @param depth Levels.
    /// @param segments Segments.
    function setRoll(uint32 rollId, RollKind kind, uint8 depth, uint16 segments) external {
        (_terms[rollId].kind, _terms[rollId].depth, _terms[rollId].segments) = (kind, depth, segments);
    }

    /// @notice Sets a segment, whose tree has as many levels as the roll can have.
    /// @param rollId Roll.
    /// @param segment Segment.
    /// @param root Root.
    /// @param members Members.
    function setSegment(uint32 rollId, uint16 segment, uint256 root, uint32 members) external {
        _snapshots[rollId][segment] = Snapshot({
            root: root,
            leaves: members,
            members: members,
            depth: _terms[rollId].depth
        });
    }

    /// @notice See ICensus.
    /// @param rollId Roll.
    /// @param until Last second.
    function giveNotice(uint32 rollId, uint40 until) external {
        (noticedRoll, noticedUntil) = (rollId, until);
    }

    /// @notice See ICensus.
    /// @param rollId Roll.
    /// @return terms Terms.
    function termsOf(uint32 rollId) external view returns (RollTerms memory terms) {
        return _terms[rollId];
    }

    /// @notice See ICensus.
    /// @param rollId Roll.
    /// @param segment Segment.
    /// @param time Unix time, past.
    /// @return snapshot What the test set.
    function snapshotAt(uint32 rollId, uint16 segment, uint256 time) external view returns (Snapshot memory snapshot) {
        // solhint-disable-next-line gas-custom-errors
        require(time < block.timestamp, "not past");
        return _snapshots[rollId][segment];
    }

    /// @notice See ICensus.
    /// @param root Root.
    /// @param depth Levels.
    /// @param levels Levels that it gets.
    /// @return raised The root if that is no more, or else a hash of all.
    function raisedRoot(uint256 root, uint256 depth, uint256 levels) external pure returns (uint256 raised) {
        return depth == levels ? root : uint256(keccak256(abi.encode(root, depth, levels))) >> 8;
    }
}
