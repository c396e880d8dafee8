// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Which of two options is better if nothing else tells.
enum TieRule {
    /// @dev That with the lower number.
    LowestNumber,
    /// @dev That which draws the smaller lot. Lots are hashes of a seed, which nobody knows before the ballot is closed.
    Lot
}

/// @title TieRules
/// @notice Puts options into the order that decides between those which are tied.
library TieRules {
    /// @notice The priority of each option.
    /// @param rule How it is found.
    /// @param seed Seed of the lots; the other rule does not read it.
    /// @param options Number of options, 2 to 32.
    /// @return priorities Byte i from the low end is the number of options that go before option i.
    function prioritiesOf(TieRule rule, bytes32 seed, uint256 options) internal pure returns (uint256 priorities) {
        uint256[] memory lots = new uint256[](options);
        for (uint256 i = 0; i < options; ++i) {
            lots[i] = rule == TieRule.Lot ? uint256(keccak256(abi.encode(seed, i))) : i;
        }
        for (uint256 i = 1; i < options; ++i) {
            for (uint256 j = 0; j < i; ++j) {
                // A byte of at most 31 each, so no sum leaves its byte. Hashes do not collide.
                unchecked {
                    priorities += 1 << ((lots[i] < lots[j] ? j : i) << 3);
                }
            }
        }
    }

    /// @notice The priority of one option.
    /// @param priorities Priorities of all.
    /// @param option Its number, 0 to 31.
    /// @return priority Number of options that go before it.
    function priorityOf(uint256 priorities, uint256 option) internal pure returns (uint256 priority) {
        return (priorities >> (option << 3)) & 0xff;
    }
}
