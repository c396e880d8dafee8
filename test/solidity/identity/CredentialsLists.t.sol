// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICredentials} from "../../../contracts/identity/ICredentials.sol";
import {CredentialsCity} from "./CredentialsFixture.sol";

contract CredentialsListsTest is CredentialsCity {
    uint256 private constant LAST_POSITION = type(uint96).max;

    function setUp() external {
        buildCity();
    }

    // revokeCards
    // ├─ the caller is no issuing key, or its time is over .... CredentialsNoIssuingKey
    // ├─ the position is beyond the lists ..................... CredentialsBadPosition
    // ├─ every card is revoked, or none named ................. CredentialsUnchanged
    // └─ else ................................................. revoked, CardsRevoked with the new ones
    // suspendCards
    // ├─ the same errors; the word stands so .................. CredentialsUnchanged
    // └─ else ................................................. replaced, CardsSuspended

    function test_RevertWhen_StrangerChangesCards() external {
        vm.prank(stranger);
        expectNoKey(stranger, 0);
        registry.revokeCards(0, 1);
        vm.prank(stranger);
        expectNoKey(stranger, 0);
        registry.suspendCards(0, 1);
    }

    function test_RevertWhen_KeyOverChangesCards() external {
        appoint("lab", "lab key", SOON);
        vm.warp(SOON);
        vm.prank(labKey);
        registry.revokeCards(0, 1);
        vm.warp(SOON + 1);
        vm.prank(labKey);
        expectNoKey(labKey, SOON);
        registry.revokeCards(0, 2);
        vm.prank(labKey);
        expectNoKey(labKey, SOON);
        registry.suspendCards(0, 2);
    }

    function testFuzz_RevertWhen_PositionBeyondTheLists(uint256 position) external {
        position = bound(position, LAST_POSITION + 1, type(uint256).max);
        vm.prank(labKey);
        _expectBadPosition(position);
        registry.revokeCards(position, 1);
        vm.prank(labKey);
        _expectBadPosition(position);
        registry.suspendCards(position, 1);
        _expectBadPosition(position);
        registry.cardsOf(lab, position);
    }

    function test_RevertWhen_CardsUnchanged() external {
        vm.startPrank(labKey);
        expectUnchanged(0, lab);
        registry.revokeCards(7, 0);
        registry.revokeCards(7, 6);
        expectUnchanged(0, lab);
        registry.revokeCards(7, 2);
        expectUnchanged(0, lab);
        registry.suspendCards(7, 0);
        registry.suspendCards(7, 6);
        expectUnchanged(0, lab);
        registry.suspendCards(7, 6);
        vm.stopPrank();
    }

    function testFuzz_RevokedCardsNeverComeBack(uint256 position, uint256 first, uint256 second) external {
        position = bound(position, 0, LAST_POSITION);
        if (first == 0) first = 1;
        if (second & ~first == 0) (first, second) = (1, 3);
        uint256 word = (uint256(uint160(lab)) << 96) | position;
        vm.expectEmit(address(registry));
        emit ICredentials.CardsRevoked(word, first);
        vm.prank(labKey);
        registry.revokeCards(position, first);
        vm.expectEmit(address(registry));
        emit ICredentials.CardsRevoked(word, second & ~first);
        vm.prank(labKey);
        registry.revokeCards(position, second);
        (uint256 revoked, uint256 suspended) = registry.cardsOf(lab, position);
        assertEq(revoked, first | second, "revoked");
        assertEq(suspended, 0, "suspended");
    }

    function testFuzz_SuspendedCardsAreReplaced(uint256 position, uint256 first, uint256 second) external {
        position = bound(position, 0, LAST_POSITION);
        if (first == 0) first = 1;
        if (second == first) second = ~first;
        uint256 word = (uint256(uint160(lab)) << 96) | position;
        vm.expectEmit(address(registry));
        emit ICredentials.CardsSuspended(word, 0, first);
        vm.prank(labKey);
        registry.suspendCards(position, first);
        vm.expectEmit(address(registry));
        emit ICredentials.CardsSuspended(word, first, second);
        vm.prank(labKey);
        registry.suspendCards(position, second);
        (uint256 revoked, uint256 suspended) = registry.cardsOf(lab, position);
        assertEq(revoked, 0, "revoked");
        assertEq(suspended, second, "suspended");
    }

    /// @dev Lists belong to the organisation, not to its key, and no organisation reaches another's.
    function test_ListsBelongToTheIssuer() external {
        vm.prank(labKey);
        registry.revokeCards(5, 1);
        appoint("lab", "second key", FOREVER);
        (address key, ) = actor("second key");
        vm.prank(key);
        registry.revokeCards(5, 2);
        vm.prank(rivalKey);
        registry.revokeCards(5, 4);
        (uint256 revoked, ) = registry.cardsOf(lab, 5);
        assertEq(revoked, 3, "lab");
        (revoked, ) = registry.cardsOf(rival, 5);
        assertEq(revoked, 4, "rival");
        (revoked, ) = registry.cardsOf(labKey, 5);
        assertEq(revoked, 0, "key");
    }

    /// @dev Card 0 is the most significant bit of word 0, as in the bitstring of a status list.
    function test_FirstCardIsTheMostSignificantBit() external {
        vm.startPrank(labKey);
        registry.revokeCards(0, 1 << 255);
        registry.suspendCards((3 << 64) | 1, 1);
        vm.stopPrank();
        _assertCard(0, 0, true, false);
        _assertCard(0, 1, false, false);
        _assertCard(0, 255, false, false);
        _assertCard(3, 511, false, true);
        _assertCard(3, 510, false, false);
        _assertCard(2, 511, false, false);
    }

    function testFuzz_FindsEveryCard(uint32 list, uint64 card, bool revoked, bool suspended) external {
        uint256 position = (uint256(list) << 64) | (card / 256);
        uint256 cards = 1 << (255 - (card % 256));
        vm.startPrank(labKey);
        if (revoked) registry.revokeCards(position, cards);
        if (suspended) registry.suspendCards(position, cards);
        vm.stopPrank();
        _assertCard(list, card, revoked, suspended);
        _assertCard(list, card ^ 1, false, false);
        _assertCard(list ^ 1, card, false, false);
        _assertCard(list, card ^ 256, false, false);
    }

    function _assertCard(uint32 list, uint64 card, bool revoked, bool suspended) private view {
        (bool isRevoked, bool isSuspended) = registry.cardStatus(lab, list, card);
        assertTrue(isRevoked == revoked, "revoked");
        assertTrue(isSuspended == suspended, "suspended");
    }

    function _expectBadPosition(uint256 position) private {
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsBadPosition.selector, position, LAST_POSITION));
    }
}
