// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EnergyMessages} from "./EnergyMessages.sol";
import {OrderFlags} from "./IEnergyMarket.sol";

/// @notice Where the messages of a batch are put together: memory that every order uses again.
type OrderScratch is uint256;

/// @title OrderSignatures
/// @notice Who signed an order of a batch. What {EnergyMessages-order} hashes, without new memory for each order.
/// @dev Layout of the scratch memory, in words: 0x1901, domain, hash of the order | type, interval, account, epoch, flags,
/// hash of the steps | type, tick, Wh | four words for the hashes of the steps, then for what ECRECOVER takes.
library OrderSignatures {
    uint256 private constant WORDS = 16;
    /// @dev Upper half of the curve's order: a signature has a twin there, which does not count.
    uint256 private constant HIGHEST_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @notice Writes what all orders of a batch have in common.
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

    /// @notice Writes an order, without its epoch.
    /// @param steps Its steps from the highest bit down, 40 bits each.
    function write(OrderScratch scratch, uint256 account, uint256 flags, uint256 steps) internal pure {
        uint256 count = ((flags >> OrderFlags.STEPS_SHIFT) & OrderFlags.STEPS_MASK) + 1;
        uint256 kept = flags & ~(uint256(OrderFlags.STEPS_MASK) << OrderFlags.STEPS_SHIFT);
        // Writes words of the scratch memory alone: the count is at most 4.
        assembly ("memory-safe") {
            mstore(add(scratch, 0xa0), account)
            mstore(add(scratch, 0xe0), kept)
            let hashes := add(scratch, 0x180)
            let end := add(hashes, shl(5, count))
            for {
                let place := hashes
            } lt(place, end) {
                place := add(place, 0x20)
            } {
                mstore(add(scratch, 0x140), shr(248, steps))
                mstore(add(scratch, 0x160), and(shr(216, steps), 0xffffffff))
                mstore(place, keccak256(add(scratch, 0x120), 0x60))
                steps := shl(40, steps)
            }
            mstore(add(scratch, 0x100), keccak256(hashes, shl(5, count)))
        }
    }

    /// @notice Who signed the order that is written, for an epoch.
    /// @param place Where in the call data the signature begins: r, then vs, of which the lower 255 bits are s and the highest
    /// is the parity, as in ERC-2098.
    /// @return key Zero: nobody.
    function recover(OrderScratch scratch, uint256 epoch, uint256 place) internal view returns (address key) {
        // Writes words of the scratch memory and the first word of memory, which is free to use.
        assembly ("memory-safe") {
            let vs := calldataload(add(place, 0x20))
            let s := shr(1, shl(1, vs))
            if iszero(gt(s, HIGHEST_S)) {
                mstore(add(scratch, 0xc0), epoch)
                mstore(add(scratch, 0x40), keccak256(add(scratch, 0x60), 0xc0))
                let input := add(scratch, 0x180)
                mstore(input, keccak256(add(scratch, 0x1e), 0x42))
                mstore(add(input, 0x20), add(27, shr(255, vs)))
                mstore(add(input, 0x40), calldataload(place))
                mstore(add(input, 0x60), s)
                mstore(0, 0)
                // Gives nothing back where the signature is nobody's, so that the word stays zero.
                pop(staticcall(gas(), 1, input, 0x80, 0, 0x20))
                key := mload(0)
            }
        }
    }

    /// @notice Who signed a digest; zero: nobody.
    function recover(bytes32 digest, bytes32 r, bytes32 vs) internal view returns (address key) {
        uint256 s = uint256(vs << 1) >> 1;
        if (s > HIGHEST_S) return address(0);
        uint8 v = uint8(uint256(vs) >> 255) + 27; // one bit and 27
        return ecrecover(digest, v, r, bytes32(s));
    }
}
