// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EnergyMessages} from "./EnergyMessages.sol";

/// @notice Where the messages of a batch are put together: memory that every order uses again.
type OrderScratch is uint256;

/// @title OrderSignatures
/// @notice Who signed an order of a batch. What {EnergyMessages-order} hashes, without new memory for each order.
/// @dev Layout of the scratch memory, in words: 0x1901, domain, hash of the order | type, interval, account, epoch, flags,
/// hash of the steps | type, tick, Wh | four words for the hashes of the steps, then for what ECRECOVER takes.
library OrderSignatures {
    uint256 private constant WORDS = 16;
    uint256 private constant MAX_S_BITS = 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff;
    /// @dev Upper half of the curve's order: a signature has a twin there, which does not count.
    uint256 private constant HIGHEST_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @notice Writes what all orders of a batch have in common.
    /// @param domain The market's EIP-712 domain separator.
    /// @param interval Number of the interval.
    /// @return scratch Where messages of the batch are put together.
    function prepare(bytes32 domain, uint32 interval) internal pure returns (OrderScratch scratch) {
        uint256[WORDS] memory area;
        bytes32 orderType = EnergyMessages.ORDER_TYPE;
        bytes32 stepType = EnergyMessages.STEP_TYPE;
        // Writes words of `area` alone.
        assembly ("memory-safe") {
            scratch := area
            mstore(scratch, 0x1901)
            mstore(add(scratch, 0x20), domain)
            mstore(add(scratch, 0x60), orderType)
            mstore(add(scratch, 0x80), interval)
            mstore(add(scratch, 0x120), stepType)
        }
    }

    /// @notice Who signed an order.
    /// @param scratch Where messages of the batch are put together.
    /// @param head Account, flags and steps from the highest bit down, as in a record.
    /// @param epoch Epoch of the account.
    /// @param place Where in the call data the signature begins, see {signerAgain}.
    /// @return key Zero: nobody.
    function signerOf(
        OrderScratch scratch,
        uint256 head,
        uint256 epoch,
        uint256 place
    ) internal view returns (address key) {
        // Writes words of the scratch memory alone: there are at most 4 steps.
        assembly ("memory-safe") {
            mstore(add(scratch, 0xa0), shr(224, head))
            // Without the number of steps.
            mstore(add(scratch, 0xe0), and(shr(216, head), 0xf9))
            let left := and(shr(217, head), 3)
            let hash := add(scratch, 0x180)
            for {
                let steps := shl(40, head)
            } 1 {
                left := sub(left, 1)
            } {
                mstore(add(scratch, 0x140), shr(248, steps))
                mstore(add(scratch, 0x160), and(shr(216, steps), 0xffffffff))
                mstore(hash, keccak256(add(scratch, 0x120), 0x60))
                hash := add(hash, 0x20)
                if iszero(left) {
                    break
                }
                steps := shl(40, steps)
            }
            left := add(scratch, 0x180)
            mstore(add(scratch, 0x100), keccak256(left, sub(hash, left)))
        }
        return signerAgain(scratch, epoch, place);
    }

    /// @notice Who signed the order that {signerOf} was asked about, in another epoch.
    /// @param scratch Where messages of the batch are put together.
    /// @param epoch Epoch of the account.
    /// @param place Where in the call data the signature begins: r, then vs, of which the lower 255 bits are s and the highest
    /// is the parity, as in ERC-2098.
    /// @return key Zero: nobody.
    function signerAgain(OrderScratch scratch, uint256 epoch, uint256 place) internal view returns (address key) {
        // Writes words of the scratch memory and the first word of memory, which is free to use.
        assembly ("memory-safe") {
            mstore(add(scratch, 0xc0), epoch)
            mstore(add(scratch, 0x40), keccak256(add(scratch, 0x60), 0xc0))
            mstore(add(scratch, 0x180), keccak256(add(scratch, 0x1e), 0x42))
            let vs := calldataload(add(place, 0x20))
            mstore(add(scratch, 0x1a0), add(27, shr(255, vs)))
            mstore(add(scratch, 0x1c0), calldataload(place))
            vs := and(vs, MAX_S_BITS)
            // A high s is made zero, which is nobody's.
            mstore(add(scratch, 0x1e0), mul(vs, iszero(gt(vs, HIGHEST_S))))
            mstore(0, 0)
            // Gives nothing back where the signature is nobody's, so that the word stays zero.
            pop(staticcall(gas(), 1, add(scratch, 0x180), 0x80, 0, 0x20))
            key := mload(0)
        }
    }

    /// @notice Who signed a digest; zero: nobody.
    /// @param digest What was signed.
    /// @param r First half of the signature.
    /// @param vs Second half, as in ERC-2098: the highest bit is the parity, the rest is s.
    /// @return key Zero: nobody.
    function recover(bytes32 digest, bytes32 r, bytes32 vs) internal pure returns (address key) {
        uint256 s = uint256(vs << 1) >> 1;
        if (s > HIGHEST_S) return address(0);
        uint8 v = uint8(uint256(vs) >> 255) + 27; // one bit and 27
        return ecrecover(digest, v, r, bytes32(s));
    }
}
