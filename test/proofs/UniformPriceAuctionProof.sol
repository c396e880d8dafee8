// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {UniformPriceAuction} from "../../contracts/energy/market/UniformPriceAuction.sol";

/// @title UniformPriceAuctionProof
/// @notice What the solver proves of how a clearing shares out what not all can have.
/// @dev Books of ticks are read in assembly, of which the solver knows nothing; they are left to the tests.
contract UniformPriceAuctionProof {
    /// @notice Two neighbours get together what one order of their size would get, so nothing is lost between them.
    function sharesAddUp(uint64 visited, uint64 first, uint64 second, uint64 filled, uint64 level) external pure {
        require(filled <= level);
        uint256 both = UniformPriceAuction.share(visited, uint256(first) + second, filled, level);
        uint256 one = UniformPriceAuction.share(visited, first, filled, level);
        uint256 two = UniformPriceAuction.share(uint256(visited) + first, second, filled, level);
        assert(one + two == both);
    }

    /// @notice All orders of a level get together exactly what is shared out.
    function levelGetsAll(uint64 filled, uint64 level) external pure {
        require(filled <= level);
        assert(UniformPriceAuction.share(0, level, filled, level) == filled);
    }

    /// @notice Nobody gets more than was ordered.
    function shareWithinOrder(uint64 visited, uint64 wh, uint64 filled, uint64 level) external pure {
        require(filled <= level);
        assert(UniformPriceAuction.share(visited, wh, filled, level) <= wh);
    }

    /// @notice Whoever is filled in full gets all, and where nothing is shared out nobody gets anything.
    function shareAtTheEnds(uint64 visited, uint64 wh, uint64 level) external pure {
        require(level != 0);
        assert(UniformPriceAuction.share(visited, wh, level, level) == wh);
        assert(UniformPriceAuction.share(visited, wh, 0, level) == 0);
    }

    /// @notice A share is within 1 Wh of its exact part.
    function shareIsFair(uint64 visited, uint64 wh, uint64 filled, uint64 level) external pure {
        require(filled <= level && level != 0);
        uint256 part = UniformPriceAuction.share(visited, wh, filled, level);
        uint256 exact = uint256(wh) * filled;
        assert(part * level < exact + level);
        assert((part + 1) * level > exact);
    }
}
