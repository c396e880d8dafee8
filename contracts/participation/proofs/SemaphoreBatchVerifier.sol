// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MAX_DEPTH} from "@semaphore-protocol/contracts/base/Constants.sol";
import {SemaphoreVerifierKeyPts} from "@semaphore-protocol/contracts/base/SemaphoreVerifierKeyPts.sol";

import {ISemaphoreBatchVerifier, VerificationKey} from "./ISemaphoreBatchVerifier.sol";

/// @title SemaphoreBatchVerifier
/// @notice Checks votes that Semaphore's proofs make anonymous, many in one go, see {ISemaphoreBatchVerifier}.
/// @dev Trust:
/// - The key is the one that Semaphore's ceremony gave, as the npm package of its contracts has it. Who knows what the
///   ceremony was to forget can prove anything.
/// - The caller is believed about root and scope: it gives the point that {prepare} made of them.
/// - Precompiles cost what EIP-1108 says. If they became dearer, no vote would hold any more.
/// - There is no state, no owner and no pause.
///
/// A proof (A, B, C) holds if e(A, B) = e(alpha, beta) e(V, gamma) e(C, delta), where V is the sum of the public inputs times
/// points of the key. Each equation is raised to the power of a weight, and all are multiplied. What shares an argument is
/// summed before, so n votes take n + 3 pairings:
///
///   product of e(w_i A_i, B_i) = e((sum of w_i) alpha, beta) e(sum of w_i V_i, gamma) e(sum of w_i C_i, delta)
///
/// This is the small exponents test of Bellare, Garay and Rabin (Fast Batch Verification for Modular Exponentiation and Digital
/// Signatures, 1998), which Camenisch, Hohenberger and Pedersen brought to pairings (Batch Verification of Short Signatures,
/// 2007). The exponents are the powers w_i = w^i of one number of 253 bits, as full ones cost the precompile no more.
///
/// Why that suffices: all pairings lie in a group of prime order R. Let d_i be the logarithm of what equation i is off by. The
/// product holds if the polynomial sum of d_i X^i is zero at w. If one d_i is not zero, it has at most 255 zeros in the field
/// of R elements (Schwartz-Zippel), and w is one of 2^252 odd numbers below R, so that a wrong batch passes with a chance below
/// 2^-244. Weights are never zero, because w is not and R is prime. The parts that {verifyEach} looks at are fixed before w is,
/// and there are fewer than 512, so that it errs with a chance below 2^-235. This rests on:
/// - w is a hash of the point of {prepare} and of every byte of every vote. If it left out A, B, C or a public input, one could
///   learn w first and then solve for what was left out, so that errors of two votes cancel out. As it is, each try takes a
///   new hash: to grind a wrong batch takes some 2^244 of them, while the curve itself is thought to bear 2^100.
/// - A and C are in the group of order R: it is the whole curve, whose cofactor is 1. B is in its subgroup of that order, which
///   the precompile checks for every pair. An error of small order could vanish when it is raised to a weight.
/// - Public inputs are below R, or the same nullifier could be written in several ways, and vote several times.
///
/// From a proof one can make others that say the same, like (kA, B / k, C), without knowing the secret. That is harmless, for
/// message and nullifier stay what they are: such a copy is no second vote.
contract SemaphoreBatchVerifier is ISemaphoreBatchVerifier {
    /// @dev Order of the groups, which is the modulus of the circuit's field.
    uint256 private constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
    /// @dev Modulus of the coordinates.
    uint256 private constant Q = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;

    /// @dev The part of the key that is the same for all depths.
    uint256 private constant ALPHA_X = 16428432848801857252194528405604668803277877773566238944394625302971855135431;
    uint256 private constant ALPHA_Y = 16846502678714586896801519656441059708016666274385668027902869494772365009666;
    uint256 private constant BETA_X1 = 3182164110458002340215786955198810119980427837186618912744689678939861918171;
    uint256 private constant BETA_X0 = 16348171800823588416173124589066524623406261996681292662100840445103873053252;
    uint256 private constant BETA_Y1 = 4920802715848186258981584729175884379674325733638798907835771393452862684714;
    uint256 private constant BETA_Y0 = 19687132236965066906216944365591810874384658708175106803089633851114028275753;
    uint256 private constant GAMMA_X1 = 11559732032986387107991004021392285783925812861821192530917403151452391805634;
    uint256 private constant GAMMA_X0 = 10857046999023057135944570762232829481370756359578518086990519993285655852781;
    uint256 private constant GAMMA_Y1 = 4082367875863433681332203403145435568316851327593401208105741076214120093531;
    uint256 private constant GAMMA_Y0 = 8495653923123431417604973247489272438418190587263600148770280649306958101930;

    /// @dev Precompiles of EIP-196 and EIP-197.
    uint256 private constant ADD = 6;
    uint256 private constant MULTIPLY = 7;
    uint256 private constant PAIRING = 8;
    /// @dev Their prices, EIP-1108. One that fails burns what it is given, so it gets no more.
    uint256 private constant ADD_GAS = 150;
    uint256 private constant MULTIPLY_GAS = 6_000;
    uint256 private constant PAIRING_GAS = 45_000;
    uint256 private constant PAIR_GAS = 34_000;
    /// @dev What lies between measuring the gas and the call that needs it, with room.
    uint256 private constant SPARE_GAS = 500;
    /// @dev A call is given at most 63 of 64 parts of the gas, EIP-150.
    uint256 private constant KEPT_BACK = 64;

    uint256 private constant MAX_VOTES = 256;
    uint256 private constant VOTE_BYTES = 0x140;
    /// @dev Where nullifier and message hash lie in a vote, and C before them.
    uint256 private constant C_AT = 0xc0;
    uint256 private constant NULLIFIER_AT = 0x100;
    uint256 private constant MESSAGE_AT = 0x120;

    /// @dev The memory of a batch: two points to be added, of which the second may be a product, with room for its factor; the
    /// point of {prepare}; for each vote the sums up to it; three pairs; for each vote the pair wA, B.
    uint256 private constant POINT_AT = 0xa0;
    uint256 private constant SUMS_AT = 0xe0;
    /// @dev Sums of w, w times the nullifier, w times the message hash, wC.
    uint256 private constant SUMS_BYTES = 0xa0;
    uint256 private constant SUM_OF_C_AT = 0x60;
    uint256 private constant PAIR_BYTES = 0xc0;
    uint256 private constant KEY_PAIRS = 3;

    /// @dev What a hash is shifted by to be below R.
    uint256 private constant WEIGHT_SHIFT = 3;

    /// @inheritdoc ISemaphoreBatchVerifier
    uint256 public immutable depth;

    uint256 private immutable _deltaX1;
    uint256 private immutable _deltaX0;
    uint256 private immutable _deltaY1;
    uint256 private immutable _deltaY0;
    uint256 private immutable _constantX;
    uint256 private immutable _constantY;
    uint256 private immutable _rootX;
    uint256 private immutable _rootY;
    uint256 private immutable _nullifierX;
    uint256 private immutable _nullifierY;
    uint256 private immutable _messageX;
    uint256 private immutable _messageY;
    uint256 private immutable _scopeX;
    uint256 private immutable _scopeY;

    /// @param depth_ Depth of the circuit, 1 to 32.
    constructor(uint256 depth_) {
        if (depth_ == 0 || depth_ > MAX_DEPTH) revert SemaphoreBatchVerifierWrongDepth(depth_, MAX_DEPTH);
        depth = depth_;
        uint256[14] memory points = SemaphoreVerifierKeyPts.getPts(depth_);
        (_deltaX1, _deltaX0, _deltaY1, _deltaY0) = (points[0], points[1], points[2], points[3]);
        (_constantX, _constantY) = (points[4], points[5]);
        (_rootX, _rootY) = (points[6], points[7]);
        (_nullifierX, _nullifierY) = (points[8], points[9]);
        (_messageX, _messageY) = (points[10], points[11]);
        (_scopeX, _scopeY) = (points[12], points[13]);
    }

    /// @inheritdoc ISemaphoreBatchVerifier
    function verifyBatch(uint256 x, uint256 y, bytes calldata votes) external view returns (bool valid) {
        uint256 count = _countOf(votes);
        (uint256 batch, uint256 base) = _begin(x, y, votes);
        return _weigh(votes, batch, base) == _ones(0, count) && _holds(batch, count, 0, count);
    }

    /// @inheritdoc ISemaphoreBatchVerifier
    function verifyEach(uint256 x, uint256 y, bytes calldata votes) external view returns (uint256 valid) {
        uint256 count = _countOf(votes);
        (uint256 batch, uint256 base) = _begin(x, y, votes);
        uint256 formed = _weigh(votes, batch, base);
        return formed & _search(batch, count, 0, count, false);
    }

    /// @inheritdoc ISemaphoreBatchVerifier
    function prepare(uint256 root, uint256 scopeHash) external view returns (uint256 x, uint256 y) {
        if (root == 0) revert SemaphoreBatchVerifierNoGroup();
        if (root >= R) revert SemaphoreBatchVerifierOutOfField(root, R);
        if (scopeHash >= R) revert SemaphoreBatchVerifierOutOfField(scopeHash, R);
        (x, y) = (_constantX, _constantY);
        uint256 sum;
        assembly ("memory-safe") {
            sum := mload(0x40)
            mstore(0x40, add(sum, POINT_AT))
            mstore(sum, x)
            mstore(add(sum, 0x20), y)
        }
        // Points of the key are points, so that this cannot fail.
        _addProduct(sum, _rootX, _rootY, root);
        _addProduct(sum, _scopeX, _scopeY, scopeHash);
        assembly ("memory-safe") {
            x := mload(sum)
            y := mload(add(sum, 0x20))
        }
    }

    /// @inheritdoc ISemaphoreBatchVerifier
    function verificationKey() external view returns (VerificationKey memory key) {
        key.alpha = [ALPHA_X, ALPHA_Y];
        key.beta = [BETA_X1, BETA_X0, BETA_Y1, BETA_Y0];
        key.gamma = [GAMMA_X1, GAMMA_X0, GAMMA_Y1, GAMMA_Y0];
        key.delta = [_deltaX1, _deltaX0, _deltaY1, _deltaY0];
        key.ic[0] = [_constantX, _constantY];
        key.ic[1] = [_rootX, _rootY];
        key.ic[2] = [_nullifierX, _nullifierY];
        key.ic[3] = [_messageX, _messageY];
        key.ic[4] = [_scopeX, _scopeY];
    }

    /// @dev Finds the votes that hold among `size` of them from `from` on. `wrong`: it is known that one does not.
    function _search(
        uint256 batch,
        uint256 count,
        uint256 from,
        uint256 size,
        bool wrong
    ) private view returns (uint256 valid) {
        if (!wrong && _holds(batch, count, from, size)) return _ones(from, size);
        if (size == 1) return 0;
        uint256 half = size / 2;
        valid = _search(batch, count, from, half, false);
        // If all of the first half hold, the fault is in the second.
        return valid | _search(batch, count, from + half, size - half, valid == _ones(from, half));
    }

    /// @dev Takes memory for a batch, and draws the number whose powers are the weights. A batch of one has no weights.
    function _begin(uint256 x, uint256 y, bytes calldata votes) private pure returns (uint256 batch, uint256 base) {
        // What is hashed may reach past the memory that is taken, and is overwritten later.
        assembly ("memory-safe") {
            batch := mload(0x40)
            mstore(add(batch, POINT_AT), x)
            mstore(add(batch, add(POINT_AT, 0x20)), y)
            base := 1
            if gt(votes.length, VOTE_BYTES) {
                calldatacopy(add(batch, SUMS_AT), votes.offset, votes.length)
                base := or(shr(WEIGHT_SHIFT, keccak256(add(batch, POINT_AT), add(votes.length, 0x40))), 1)
            }
            let count := div(votes.length, VOTE_BYTES)
            let pairs := add(count, KEY_PAIRS)
            mstore(0x40, add(add(batch, SUMS_AT), add(mul(count, SUMS_BYTES), mul(pairs, PAIR_BYTES))))
        }
    }

    /// @dev Writes pairs and sums of all votes, and says which are formed well. One whose numbers are out of the field, or
    /// whose A or C is no point, is left out: its pair is of zeros, the sums are those before it. A of the first one, and C if
    /// it is alone, are not looked at here. What is added lies side by side: the sum at the end of a record, the product at the
    /// beginning of the next. In one piece, as handing on what it holds would cost more than the work.
    function _weigh(bytes calldata votes, uint256 batch, uint256 base) private view returns (uint256 formed) {
        // Every vote has a record of sums and a pair in the memory that {_begin} took.
        assembly ("memory-safe") {
            let vote := votes.offset
            let end := add(vote, votes.length)
            let sums := add(batch, SUMS_AT)
            let pair := add(sums, mul(div(votes.length, VOTE_BYTES), SUMS_BYTES))
            pair := add(pair, mul(KEY_PAIRS, PAIR_BYTES))
            calldatacopy(pair, vote, PAIR_BYTES)
            mstore(sums, 1)
            calldatacopy(add(sums, 0x20), add(vote, NULLIFIER_AT), 0x40)
            calldatacopy(add(sums, SUM_OF_C_AT), add(vote, C_AT), 0x40)
            formed := and(lt(mload(add(sums, 0x20)), R), lt(mload(add(sums, 0x40)), R))
            if gt(votes.length, VOTE_BYTES) {
                calldatacopy(add(sums, SUMS_BYTES), calldatasize(), 0x40)
                let sum := add(sums, SUM_OF_C_AT)
                formed := and(formed, staticcall(ADD_GAS, ADD, sum, 0x80, sum, 0x40))
                if iszero(formed) {
                    calldatacopy(sums, calldatasize(), SUMS_BYTES)
                    calldatacopy(pair, calldatasize(), PAIR_BYTES)
                }
            }

            let weight := 1
            let bit := 1
            for {
                vote := add(vote, VOTE_BYTES)
            } lt(vote, end) {
                vote := add(vote, VOTE_BYTES)
            } {
                weight := mulmod(weight, base, R)
                bit := shl(1, bit)
                sums := add(sums, SUMS_BYTES)
                pair := add(pair, PAIR_BYTES)
                calldatacopy(pair, vote, PAIR_BYTES)
                mstore(add(pair, 0x40), weight)
                calldatacopy(sums, add(vote, C_AT), 0x40)
                mstore(add(sums, 0x40), weight)
                let nullifier := calldataload(add(vote, NULLIFIER_AT))
                let message := calldataload(add(vote, MESSAGE_AT))
                let ok := and(lt(nullifier, R), lt(message, R))
                ok := and(ok, staticcall(MULTIPLY_GAS, MULTIPLY, pair, 0x60, pair, 0x40))
                ok := and(ok, staticcall(MULTIPLY_GAS, MULTIPLY, sums, 0x60, sums, 0x40))
                let sum := add(sums, SUM_OF_C_AT)
                ok := and(ok, staticcall(ADD_GAS, ADD, sub(sums, 0x40), 0x80, sum, 0x40))
                mstore(add(pair, 0x40), calldataload(add(vote, 0x40)))

                let before := sub(sums, SUMS_BYTES)
                switch ok
                case 0 {
                    mcopy(sums, before, SUMS_BYTES)
                    calldatacopy(pair, calldatasize(), PAIR_BYTES)
                }
                default {
                    formed := or(formed, bit)
                    mstore(sums, addmod(mload(before), weight, R))
                    mstore(add(sums, 0x20), addmod(mload(add(before, 0x20)), mulmod(weight, nullifier, R), R))
                    mstore(add(sums, 0x40), addmod(mload(add(before, 0x40)), mulmod(weight, message, R), R))
                }
            }
        }
    }

    /// @dev Whether `size` votes from `from` on hold. Spoils the pairs of those before them, which are decided by then.
    function _holds(uint256 batch, uint256 count, uint256 from, uint256 size) private view returns (bool valid) {
        (uint256 weight, uint256 nullifiers, uint256 messages) = _sumsOf(batch, from, size);
        // At most 256 votes, whose places in memory and prices are far below 2^256.
        unchecked {
            uint256 pairs = batch + SUMS_AT + count * SUMS_BYTES + from * PAIR_BYTES;
            if (!_putKeyPairs(pairs, batch, weight, nullifiers, messages)) return false;

            uint256 price = PAIRING_GAS + (size + KEY_PAIRS) * PAIR_GAS;
            uint256 left = gasleft();
            left -= left / KEPT_BACK;
            if (left < price + SPARE_GAS) revert SemaphoreBatchVerifierTooLittleGas(left, price + SPARE_GAS);
            // The pairs lie in memory that {_begin} took.
            assembly ("memory-safe") {
                let length := mul(add(size, KEY_PAIRS), PAIR_BYTES)
                let called := staticcall(price, PAIRING, pairs, length, 0x00, 0x20)
                valid := and(called, mload(0x00))
            }
        }
    }

    /// @dev Sums over `size` votes from `from` on: of wC, left at the beginning of the batch, of w, of w times the nullifiers
    /// and of w times the message hashes. They are the sums up to the last less those up to the one before the first.
    function _sumsOf(
        uint256 batch,
        uint256 from,
        uint256 size
    ) private view returns (uint256 weight, uint256 nullifiers, uint256 messages) {
        // Sums are below R. What is added here are points, as they were added before.
        assembly ("memory-safe") {
            let before := add(add(batch, SUMS_AT), mul(sub(from, 1), SUMS_BYTES))
            let last := add(before, mul(size, SUMS_BYTES))
            weight := mload(last)
            nullifiers := mload(add(last, 0x20))
            messages := mload(add(last, 0x40))
            mcopy(batch, add(last, SUM_OF_C_AT), 0x40)
            if from {
                weight := addmod(weight, sub(R, mload(before)), R)
                nullifiers := addmod(nullifiers, sub(R, mload(add(before, 0x20))), R)
                messages := addmod(messages, sub(R, mload(add(before, 0x40))), R)
                mstore(add(batch, 0x40), mload(add(before, SUM_OF_C_AT)))
                mstore(add(batch, 0x60), mod(sub(Q, mload(add(before, 0x80))), Q))
                pop(staticcall(ADD_GAS, ADD, batch, 0x80, batch, 0x40))
            }
        }
    }

    /// @dev Puts the pairs of the key where the votes' pairs begin: (sum of w) alpha, -beta; the public inputs, -gamma; the sum
    /// of wC, -delta.
    function _putKeyPairs(
        uint256 pairs,
        uint256 batch,
        uint256 weight,
        uint256 nullifiers,
        uint256 messages
    ) private view returns (bool ok) {
        // The coordinates of the key are below Q. The five words at the beginning of the batch are for sums.
        assembly ("memory-safe") {
            mcopy(add(pairs, mul(2, PAIR_BYTES)), batch, 0x40)
            mcopy(batch, add(batch, POINT_AT), 0x40)
            mstore(pairs, ALPHA_X)
            mstore(add(pairs, 0x20), ALPHA_Y)
            ok := 1
            if iszero(eq(weight, 1)) {
                mstore(add(pairs, 0x40), weight)
                mstore(add(batch, 0x40), weight)
                ok := staticcall(MULTIPLY_GAS, MULTIPLY, pairs, 0x60, pairs, 0x40)
                ok := and(ok, staticcall(MULTIPLY_GAS, MULTIPLY, batch, 0x60, batch, 0x40))
            }
            mstore(add(pairs, 0x40), BETA_X1)
            mstore(add(pairs, 0x60), BETA_X0)
            mstore(add(pairs, 0x80), sub(Q, BETA_Y1))
            mstore(add(pairs, 0xa0), sub(Q, BETA_Y0))
        }
        if (
            !_addProduct(batch, _nullifierX, _nullifierY, nullifiers) ||
            !_addProduct(batch, _messageX, _messageY, messages)
        ) return false;
        (uint256 x1, uint256 x0) = (_deltaX1, _deltaX0);
        (uint256 y1, uint256 y0) = (_deltaY1, _deltaY0);
        assembly ("memory-safe") {
            let pair := add(pairs, PAIR_BYTES)
            mcopy(pair, batch, 0x40)
            mstore(add(pair, 0x40), GAMMA_X1)
            mstore(add(pair, 0x60), GAMMA_X0)
            mstore(add(pair, 0x80), sub(Q, GAMMA_Y1))
            mstore(add(pair, 0xa0), sub(Q, GAMMA_Y0))
            pair := add(pair, PAIR_BYTES)
            mstore(add(pair, 0x40), x1)
            mstore(add(pair, 0x60), x0)
            mstore(add(pair, 0x80), sub(Q, y1))
            mstore(add(pair, 0xa0), sub(Q, y0))
        }
    }

    /// @dev Adds a product to the point at `sum`, and uses the three words after it.
    function _addProduct(uint256 sum, uint256 x, uint256 y, uint256 scalar) private view returns (bool ok) {
        // All places of a sum have five words.
        assembly ("memory-safe") {
            let product := add(sum, 0x40)
            mstore(product, x)
            mstore(add(product, 0x20), y)
            mstore(add(product, 0x40), scalar)
            ok := staticcall(MULTIPLY_GAS, MULTIPLY, product, 0x60, product, 0x40)
            ok := and(ok, staticcall(ADD_GAS, ADD, sum, 0x80, sum, 0x40))
        }
    }

    /// @dev Number of votes in these bytes.
    function _countOf(bytes calldata votes) private pure returns (uint256 count) {
        if (votes.length == 0 || votes.length % VOTE_BYTES != 0) {
            revert SemaphoreBatchVerifierWrongLength(votes.length, VOTE_BYTES);
        }
        count = votes.length / VOTE_BYTES;
        if (count > MAX_VOTES) revert SemaphoreBatchVerifierTooMany(count, MAX_VOTES);
    }

    /// @dev `size` ones, 1 to 256 of them, the lowest at bit `from`.
    function _ones(uint256 from, uint256 size) private pure returns (uint256 mask) {
        unchecked {
            return (type(uint256).max >> (MAX_VOTES - size)) << from;
        }
    }
}
