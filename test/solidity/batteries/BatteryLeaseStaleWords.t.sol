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
///   ├ before the lessee withdrew its request, by a payment or as such, or a novation: TooEarly; after: counts
///   └ 30 days old: counts; a second later: TooLate
/// withdrawRequest
///   ├ none made: ReturnNotRequested; not the lessee: NotParty; not running: WrongState
///   └ by the lessee or its signature, also when all is paid: the owner cannot confirm a return
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
        book.withdrawRequest(leaseId);
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

    // --- withdrawRequest

    function test_RevertWhen_ThereIsNoRequestToWithdraw() external {
        vm.prank(lessee);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseReturnNotRequested.selector, leaseId));
        book.withdrawRequest(leaseId);
    }

    function test_RevertWhen_AnotherWithdrawsTheRequest() external {
        _request();
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseNotParty.selector, leaseId, owner, lessee));
        book.withdrawRequest(leaseId);
    }

    function test_RevertWhen_TheRequestWasMet() external {
        giveBack(leaseId, offer);
        vm.prank(lessee);
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongState.selector, leaseId, LeaseState.Returned)
        );
        book.withdrawRequest(leaseId);
    }

    function test_ARequestIsWithdrawnThoughAllIsPaid() external {
        pay(leaseId, offer.periods - 1);
        _request();
        vm.expectEmit(address(book));
        emit IBatteryLease.RequestWithdrawn(leaseId);
        vm.prank(lessee);
        book.withdrawRequest(leaseId);
        _expectNoReturn();
    }

    function test_ARequestIsWithdrawnByRelay() external {
        _request();
        LeaseAct memory leaseAct = actOf(leaseId, lessee, LeaseActKind.WithdrawRequest, 0);
        Signature memory signature = sign(leaseAct, lesseeKey);
        vm.prank(stranger);
        book.actFor(leaseAct, signature);
        _expectNoReturn();
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

    function _expectVoid(PaymentAuthorization memory authorization) private {
        uint256 before = euro.balanceOf(lessee);
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        book.payRentWithAuthorization(leaseId, 1, lessee, authorization);
        assertEq(euro.balanceOf(lessee), before, "nothing was taken");
    }
}
