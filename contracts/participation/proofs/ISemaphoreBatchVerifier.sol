// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A verification key of Groth16 for a circuit with four public inputs. Points of G2 have the order of EIP-197: x1,
/// x0, y1, y0.
struct VerificationKey {
    uint256[2] alpha;
    uint256[4] beta;
    uint256[4] gamma;
    uint256[4] delta;
    /// @dev The constant, and what root, nullifier, message hash and scope hash are multiplied with.
    uint256[2][5] ic;
}

/// @title ISemaphoreBatchVerifier
/// @notice Checks proofs of Semaphore 4 for one depth of tree, many in one go.
///
/// A vote is ten words side by side: the eight words of the proof as Semaphore has them (A.x, A.y, B.x1, B.x0, B.y1, B.y0,
/// C.x, C.y), its nullifier, and its message hash. Root and scope are the same for all votes of a ballot, so what they are in
/// the equation is reckoned out once, by {prepare}, and may be kept for all votes. Message and scope are given as the circuit
/// has them: keccak256 of 32 bytes, shifted right by 8 bits.
///
/// A vote holds if somebody who knows the secret of a leaf below the root says the message, and the nullifier is the one of
/// this leaf in this scope. The circuit takes leaves of all levels: the caller sees to it that no leaf has a shorter way than
/// {depth}, if who chooses one could choose the root of a tree of its own. A vote whose point is no point of the curve or of the subgroup, or whose number is not below its
/// modulus, does not hold; none makes the call revert.
interface ISemaphoreBatchVerifier {
    /// @notice There is no circuit of this depth.
    /// @param depth Depth.
    /// @param most Greatest depth; the least is 1.
    error SemaphoreBatchVerifierWrongDepth(uint256 depth, uint256 most);

    /// @notice A number is none of the circuit's field: another one means the same there.
    /// @param value Number.
    /// @param limit What it must be below.
    error SemaphoreBatchVerifierOutOfField(uint256 value, uint256 limit);

    /// @notice No group has the root zero. The circuit gives it to whoever claims a way of more steps than it has, so anybody could
    /// vote in such a group.
    error SemaphoreBatchVerifierNoGroup();

    /// @notice These are no votes side by side, or none at all.
    /// @param length Bytes.
    /// @param unit Bytes of a vote.
    error SemaphoreBatchVerifierWrongLength(uint256 length, uint256 unit);

    /// @notice These are more votes than one call takes.
    /// @param count Votes.
    /// @param most Limit.
    error SemaphoreBatchVerifierTooMany(uint256 count, uint256 most);

    /// @notice With so little gas left, the check would fail whatever the votes are.
    /// @param left Gas that can be given to it.
    /// @param needed Gas that it needs.
    error SemaphoreBatchVerifierTooLittleGas(uint256 left, uint256 needed);

    /// @notice Depth of the trees whose proofs this contract checks. A tree of less depth can be proven with it, too.
    /// @return depth Depth, 1 to 32.
    function depth() external view returns (uint256 depth);

    /// @notice Verification key, the one of the ceremony for Semaphore 4.13 of that depth.
    /// @return key Key.
    function verificationKey() external view returns (VerificationKey memory key);

    /// @notice What root and scope are in the equation of every vote of a ballot.
    /// @param root Root of the group, not zero.
    /// @param scopeHash Scope as the circuit has it.
    /// @return x Coordinate of a point of G1.
    /// @return y Coordinate of a point of G1.
    function prepare(uint256 root, uint256 scopeHash) external view returns (uint256 x, uint256 y);

    /// @notice Whether all votes hold. Costs 197,000 gas for one, and for more of them 163,000 and 47,200 each, at most.
    /// @param x From {prepare}. Any other point gives an answer without meaning.
    /// @param y From {prepare}.
    /// @param votes 1 to 256 votes.
    /// @return valid Whether every one of them holds.
    function verifyBatch(uint256 x, uint256 y, bytes calldata votes) external view returns (bool valid);

    /// @notice Which votes hold. Checks all at once, and halves of what fails again, so that a wrong one cannot hold up others.
    ///
    /// If all hold, it costs what {verifyBatch} costs. Every further check, of m votes, costs 175,000 gas and 34,000 each at
    /// most, because points are multiplied once only. If k of n votes are wrong, there are at most 2k log2(n) further checks, of
    /// less than (3 + log2(k)) n votes in all, logarithms and halves rounded up. One wrong vote of 20 makes it 2,700,000 more.
    /// A vote that is no vote by its numbers, or whose A or C is no point, is left out beforehand and needs no further check,
    /// unless it is the first.
    /// @param x From {prepare}.
    /// @param y From {prepare}.
    /// @param votes 1 to 256 votes.
    /// @return valid Bit i: vote i holds.
    function verifyEach(uint256 x, uint256 y, bytes calldata votes) external view returns (uint256 valid);
}
