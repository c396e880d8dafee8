// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";

import {Signature} from "../../../contracts/authority/ISigned.sol";
import {
    IBatteryLease,
    LeaseAct,
    LeaseActKind,
    LeaseState,
    Novation,
    Offer,
    PaymentAuthorization,
    ReturnReceipt,
    Swap
} from "../../../contracts/batteries/IBatteryLease.sol";
import {LeaseFixture} from "./LeaseFixture.sol";

/// @dev What somebody said earlier, and what happened since.
/// receipt of a bay
///   ├ before the lessee kept the pack, by a payment or its word, or a novation: TooEarly; after: counts
///   └ 30 days old: counts; a second later: TooLate
/// keepPack
///   ├ not the lessee: NotParty; not running: WrongState; relayed and of another request: OtherRequest
///   └ by the lessee or its signature, also when all is paid or nothing was asked: receipts of before count no more
/// payment by the lessee after its request: of what is due, the request and receipts stay; beyond now, they end
/// end of the term without a request
///   ├ owner's word: not before the right of use has lapsed, so the lessee can buy the pack until then
///   └ receipt: from the end of the term
/// signed rent: void after a novation and after a request
/// swap: not with another lessee than the one named
/// novation: not of another pack than the one named
contract BatteryLeaseStaleWordsTest is LeaseFixture {
    Offer private offer;
    uint256 private leaseId;
    uint256 private start;

    function setUp() public override {
        super.setUp();
        offer = offerOf(packId);
        leaseId = openLease(offer);
        start = block.timestamp;
    }

    // --- receipts

    function test_RevertWhen_TheLesseeFetchedThePackAndPaid() external {
        ReturnReceipt memory receipt = _broughtBack();
        vm.warp(start + 11 days);
        pay(leaseId, 1);
        _request();
        _expectTooEarly(receipt, start + 11 days + 1);
    }

    function test_RevertWhen_TheLesseeFetchedThePackAndSaidSo() external {
        ReturnReceipt memory receipt = _broughtBack();
        vm.prank(lessee);
        book.keepPack(leaseId);
        _request();
        // Also in the same second.
        _expectTooEarly(receipt, start + 10 days + 1);
        vm.warp(start + 10 days + 1);
        receipt = receiptOf(leaseId, packId);
        book.confirmReturnByReceipt(offer, receipt, sign(receipt, bayKey));
        stateIs(leaseId, LeaseState.Returned);
    }

    function test_RevertWhen_TheHeirFetchedThePack() external {
        ReturnReceipt memory receipt = _broughtBack();
        vm.warp(start + 12 days);
        Novation memory order = novationOf(leaseId, lessee, heir);
        book.novate(order, signaturesOf(order, ownerKey, lesseeKey, heirKey));
        vm.prank(heir);
        book.requestReturn(leaseId);
        _expectTooEarly(receipt, start + 12 days + 1);
    }

    function test_ReceiptIsGoodForThirtyDays() external {
        ReturnReceipt memory receipt = _broughtBack();
        uint256 snapshot = vm.snapshotState();
        vm.warp(start + 40 days + 1);
        _expectRefusal(
            receipt,
            abi.encodeWithSelector(
                IBatteryLease.BatteryLeaseTooLate.selector,
                leaseId,
                start + 40 days + 1,
                start + 40 days
            )
        );
        vm.revertToState(snapshot);
        vm.warp(start + 40 days);
        book.confirmReturnByReceipt(offer, receipt, sign(receipt, bayKey));
        stateIs(leaseId, LeaseState.Returned);
    }

    // --- keepPack

    function test_RevertWhen_AnotherKeepsThePack() external {
        _request();
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseNotParty.selector, leaseId, owner, lessee));
        book.keepPack(leaseId);
    }

    function test_RevertWhen_ThePackIsBack() external {
        giveBack(leaseId, offer);
        vm.prank(lessee);
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongState.selector, leaseId, LeaseState.Returned)
        );
        book.keepPack(leaseId);
    }

    function test_ARequestIsWithdrawnThoughAllIsPaid() external {
        pay(leaseId, offer.periods - 1);
        _request();
        vm.expectEmit(address(book));
        emit IBatteryLease.PackKept(leaseId);
        vm.prank(lessee);
        book.keepPack(leaseId);
        _expectNoReturn();
    }

    /// @dev A lessee that left its pack at a bay for a while, and asked for nothing.
    function test_ThePackIsKeptWithoutARequest() external {
        pay(leaseId, offer.periods - 1);
        uint256 endsAt = start + uint256(offer.period) * offer.periods;
        vm.warp(endsAt - 1 days);
        ReturnReceipt memory receipt = receiptOf(leaseId, packId);
        receipt.deadline = uint48(endsAt + 30 days);
        vm.prank(lessee);
        book.keepPack(leaseId);
        vm.warp(endsAt);
        _expectTooEarly(receipt, endsAt - 1 days + 1);
    }

    function test_ThePackIsKeptByRelay() external {
        _request();
        LeaseAct memory leaseAct = actOf(leaseId, lessee, LeaseActKind.KeepPack, bytes32(start));
        Signature memory signature = sign(leaseAct, lesseeKey);
        vm.prank(stranger);
        book.actFor(leaseAct, signature);
        _expectNoReturn();
    }

    /// @dev Who held the word back would end the next request and its receipt by it.
    function test_RevertWhen_TheRelayedWordIsOfAnEarlierRequest() external {
        _request();
        LeaseAct memory leaseAct = actOf(leaseId, lessee, LeaseActKind.KeepPack, bytes32(start));
        Signature memory signature = sign(leaseAct, lesseeKey);
        vm.prank(lessee);
        book.keepPack(leaseId);
        _expectOtherRequest(leaseAct, signature, 0);
        vm.warp(start + 1);
        _request();
        _expectOtherRequest(leaseAct, signature, start + 1);
    }

    // --- the end of the term

    function test_RevertWhen_TheOwnerEndsARightOfUse() external {
        pay(leaseId, offer.periods - 1);
        uint256 endsAt = start + uint256(offer.period) * offer.periods;
        vm.warp(endsAt + offer.grace);
        assertEq(pack.userOf(packId), lessee, "user");
        _expectNoReturn();
        vm.warp(endsAt + offer.grace + 1);
        assertEq(pack.userOf(packId), address(0), "nobody");
        vm.prank(owner);
        book.confirmReturn(leaseId, offer);
        stateIs(leaseId, LeaseState.Returned);
    }

    function test_AReceiptEndsALeaseAtTheEndOfItsTerm() external {
        pay(leaseId, offer.periods - 1);
        vm.warp(start + uint256(offer.period) * offer.periods);
        ReturnReceipt memory receipt = receiptOf(leaseId, packId);
        book.confirmReturnByReceipt(offer, receipt, sign(receipt, bayKey));
        stateIs(leaseId, LeaseState.Returned);
    }

    // --- signed rent

    function test_RentThatWasSignedBeforeANovationIsVoid() external {
        PaymentAuthorization memory authorization = authorizationOf(lesseeKey, RENT, book.rentNonce(leaseId, 1));
        Novation memory order = novationOf(leaseId, lessee, heir);
        book.novate(order, signaturesOf(order, ownerKey, lesseeKey, heirKey));
        _expectVoid(authorization);
    }

    function test_RentThatWasSignedBeforeARequestIsVoid() external {
        PaymentAuthorization memory authorization = authorizationOf(lesseeKey, RENT, book.rentNonce(leaseId, 1));
        _request();
        _expectVoid(authorization);
        assertEq(book.leaseOf(leaseId).requestedAt, start, "still asked");
    }

    /// @dev Who pays what it owes after the hand-over does not take the pack back by it.
    function test_ArrearsPaidAfterTheHandOverLeaveTheReceipt() external {
        vm.warp(start + PERIOD + 10 days);
        _request();
        ReturnReceipt memory receipt = receiptOf(leaseId, packId);
        receipt.deadline = uint48(start + 365 days);
        vm.warp(start + 2 * uint256(PERIOD));
        pay(leaseId, 1);
        assertEq(book.leaseOf(leaseId).requestedAt, start + PERIOD + 10 days, "still asked");
        book.confirmReturnByReceipt(offer, receipt, sign(receipt, bayKey));
        stateIs(leaseId, LeaseState.Returned);
    }

    function test_RentThatWasSignedAfterARequestEndsItAndTheReceipt() external {
        ReturnReceipt memory receipt = _broughtBack();
        PaymentAuthorization memory authorization = authorizationOf(lesseeKey, RENT, book.rentNonce(leaseId, 1));
        book.payRentWithAuthorization(leaseId, 1, lessee, authorization);
        assertEq(book.leaseOf(leaseId).requestedAt, 0, "kept");
        _expectTooEarly(receipt, start + 10 days + 1);
    }

    // --- changes

    function test_RevertWhen_TheSwapNamesAnotherLessee() external {
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        order.lessee = heir;
        Signature[3] memory signatures = signaturesOf(order, lesseeKey, ownerKey, 0);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseNotParty.selector, leaseId, heir, lessee));
        book.swap(order, signatures, noReadings());
    }

    function test_RevertWhen_TheNovationNamesAnotherPack() external {
        Novation memory order = novationOf(leaseId, lessee, heir);
        order.packId = otherPackId;
        Signature[3] memory signatures = signaturesOf(order, ownerKey, lesseeKey, heirKey);
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongPack.selector, leaseId, otherPackId, packId)
        );
        book.novate(order, signatures);
    }

    // --- helpers

    function _request() private {
        vm.prank(lessee);
        book.requestReturn(leaseId);
    }

    /// @dev A receipt of the tenth day, which the bay lets last.
    function _broughtBack() private returns (ReturnReceipt memory receipt) {
        vm.warp(start + 10 days);
        _request();
        receipt = receiptOf(leaseId, packId);
        receipt.deadline = uint48(start + 365 days);
    }

    function _expectTooEarly(ReturnReceipt memory receipt, uint256 since) private {
        _expectRefusal(
            receipt,
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseTooEarly.selector, leaseId, receipt.receivedAt, since)
        );
    }

    function _expectRefusal(ReturnReceipt memory receipt, bytes memory reason) private {
        Signature memory signature = sign(receipt, bayKey);
        vm.expectRevert(reason);
        book.confirmReturnByReceipt(offer, receipt, signature);
    }

    function _expectNoReturn() private {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseReturnNotRequested.selector, leaseId));
        vm.prank(owner);
        book.confirmReturn(leaseId, offer);
    }

    function _expectOtherRequest(LeaseAct memory leaseAct, Signature memory signature, uint256 requestedAt) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IBatteryLease.BatteryLeaseOtherRequest.selector,
                leaseId,
                uint256(leaseAct.evidenceHash),
                requestedAt
            )
        );
        vm.prank(stranger);
        book.actFor(leaseAct, signature);
    }

    function _expectVoid(PaymentAuthorization memory authorization) private {
        uint256 before = euro.balanceOf(lessee);
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        book.payRentWithAuthorization(leaseId, 1, lessee, authorization);
        assertEq(euro.balanceOf(lessee), before, "nothing was taken");
    }
}
