// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BookRun, SettlementBook} from "../../../../contracts/energy/market/SettlementBook.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

/// @notice What of {SettlementBook} needs no ledger; the rest is tested with settlement.
contract SettlementBookTest is CivitasTest {
    // nearbyOf
    // ├─ nothing was bought .......................... none
    // └─ else ........................................ a share, all of which add up

    function test_NothingIsNearbyWhereNothingWasBought() external pure {
        BookRun memory book;
        assertEq(SettlementBook.nearbyOf(book, 0), 0, "none");
    }

    function test_ASingleWhIsNearbyOrNot() external pure {
        BookRun memory book;
        book.bought = 1;
        assertEq(SettlementBook.nearbyOf(book, 1), 0, "sold by another feeder");
        (book.visited, book.nearby) = (0, 1);
        assertEq(SettlementBook.nearbyOf(book, 1), 1, "sold by the same feeder");
    }

    function testFuzz_NearbyWhAddUp(uint32[8] memory bought, uint56 nearby) external pure {
        BookRun memory book;
        for (uint256 i = 0; i < bought.length; ++i) book.bought += bought[i];
        book.nearby = bound(nearby, 0, book.bought);
        uint256 sum = 0;
        for (uint256 i = 0; i < bought.length; ++i) {
            uint256 part = SettlementBook.nearbyOf(book, bought[i]);
            assertLe(part, bought[i], "no more than was bought");
            sum += part;
        }
        assertEq(sum, book.nearby, "all of it");
    }
}
