// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {SharingKey} from "./IEnergySharing.sol";

/// @title SharingKeys
/// @notice Who gets how much of what a community generates in an interval, to the Wh. See {SharingKey}.
/// @dev Sums of Wh stay below 2^39, 256 values of 31 bits, so no product here comes near 256 bits.
library SharingKeys {
    /// @notice All parts of a static key together.
    uint256 internal constant WHOLE = 10_000;

    /// @notice Shares out what was generated. Nobody gets more than wanted, and all get together the smaller of what was
    /// generated and what was wanted.
    /// @param key Key, not None.
    /// @param generated Wh to share out.
    /// @param wanted Most that each member can take, Wh.
    /// @param parts Each member's part for Static, 10,000ths, together at most {WHOLE}.
    /// @return got What each gets, Wh.
    /// @return shared Sum of it, Wh.
    function allocate(
        SharingKey key,
        uint256 generated,
        uint256[] memory wanted,
        uint256[] memory parts
    ) internal pure returns (uint256[] memory got, uint256 shared) {
        uint256 total = 0;
        for (uint256 i = 0; i < wanted.length; ++i) {
            total += wanted[i];
        }
        shared = Math.min(generated, total);
        if (key == SharingKey.Static) got = _static(generated, shared, wanted, parts);
        else if (key == SharingKey.ProRata) got = prorate(shared, wanted, total);
        else got = _priority(generated, wanted);
    }

    /// @notice Divides an amount by weights. The shares are differences of prefixes that are rounded down, so each is
    /// within 1 of its ideal, and they add up to all that the weights together get of the whole, rounded down.
    /// @param amount What to divide; at most `whole` if no share may exceed its weight.
    /// @param weights Weights.
    /// @param whole At least the sum of the weights, else shares exceed the amount.
    /// @return shares One for each weight.
    function prorate(
        uint256 amount,
        uint256[] memory weights,
        uint256 whole
    ) internal pure returns (uint256[] memory shares) {
        shares = new uint256[](weights.length);
        uint256 prefix = 0;
        uint256 given = 0;
        for (uint256 i = 0; i < weights.length; ++i) {
            // A weight of zero gets nothing; so a whole of zero divides nothing.
            if (weights[i] == 0) continue;
            prefix += weights[i];
            uint256 upTo = (prefix * amount) / whole;
            shares[i] = upTo - given;
            given = upTo;
        }
    }

    /// @dev First by the parts, then what is left over among those still short, by what they are short of.
    function _static(
        uint256 generated,
        uint256 shared,
        uint256[] memory wanted,
        uint256[] memory parts
    ) private pure returns (uint256[] memory got) {
        got = prorate(generated, parts, WHOLE);
        uint256[] memory short = new uint256[](wanted.length);
        uint256 given = 0;
        uint256 missing = 0;
        for (uint256 i = 0; i < wanted.length; ++i) {
            got[i] = Math.min(got[i], wanted[i]);
            given += got[i];
            short[i] = wanted[i] - got[i];
            missing += short[i];
        }
        uint256[] memory more = prorate(shared - given, short, missing);
        for (uint256 i = 0; i < wanted.length; ++i) {
            got[i] += more[i];
        }
    }

    function _priority(uint256 generated, uint256[] memory wanted) private pure returns (uint256[] memory got) {
        got = new uint256[](wanted.length);
        uint256 left = generated;
        for (uint256 i = 0; i < wanted.length; ++i) {
            got[i] = Math.min(left, wanted[i]);
            left -= got[i];
        }
    }
}
