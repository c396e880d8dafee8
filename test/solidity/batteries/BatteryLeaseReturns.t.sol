// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {ISigned, Signature} from "../../../contracts/authority/ISigned.sol";
import {
    Closing,
    IBatteryLease,
    LeaseAct,
    LeaseActKind,
    LeaseState,
    Offer,
    ReturnReceipt,
    Swap
} from "../../../contracts/batteries/IBatteryLease.sol";
import {IBatteryPack, Status} from "../../../contracts/batteries/IBatteryPack.sol";
import {IERC4907} from "../../../contracts/batteries/IERC4907.sol";
import {LeaseFixture} from "./LeaseFixture.sol";

/// @notice Base of the tests of what comes after a return: base terms, one period paid.
abstract contract ReturnsFixture is LeaseFixture {
    Offer internal offer;
    uint256 internal leaseId;

    function setUp() public override {
        super.setUp();
        offer = offerOf(packId);
        leaseId = openLease(offer);
    }

    function request() internal {
        vm.prank(lessee);
        book.requestReturn(leaseId);
    }

    function confirm() internal {
        vm.prank(owner);
        book.confirmReturn(leaseId, offer);
    }

    function claim(uint96 amount) internal {
        vm.prank(owner);
        book.claimDamage(leaseId, amount, "evidence");
    }

    function dispute() internal {
        vm.prank(lessee);
        book.disputeClaim(leaseId, "evidence");
    }

    function rule(uint96 award) internal {
        vm.prank(arbiter);
        book.rule(leaseId, award);
    }

    function expectWrongState(LeaseState state) internal {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongState.selector, leaseId, state));
    }

    function expectNotParty(address caller, address expected) internal {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseNotParty.selector, leaseId, caller, expected));
    }

    function expectTooEarly(uint256 timestamp, uint256 earliest) internal {
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseTooEarly.selector, leaseId, timestamp, earliest)
        );
    }

    function expectTooLate(uint256 timestamp, uint256 latest) internal {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseTooLate.selector, leaseId, timestamp, latest));
    }

    function expectBadAmount(uint256 amount, uint256 limit) internal {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseBadAmount.selector, leaseId, amount, limit));
    }

    function expectSettled(uint256 toLessor, uint256 toLessee) internal {
        vm.expectEmit(address(book));
        emit IBatteryLease.LeaseSettled(leaseId, toLessor, toLessee);
    }
}

/// @dev requestReturn
///   ├ not running: WrongState; not the lessee: NotParty; a second time: ReturnRequested
///   └ by call or signature: told
/// actFor
///   ├ after its deadline, used, of another signer: the errors of Signed
///   ├ kind None: Unchanged
///   ├ claim accepted with another amount: BadAmount
///   └ each kind: as the function that it names
/// confirmReturn
///   ├ not running nor in default: WrongState; other offer: WrongOffer; not the owner: NotParty
///   ├ no request and before the end of the term: ReturnNotRequested; in its last second: confirmed
///   └ confirmed: accounts closed, pack free, rest held (case B10)
/// confirmAndSettle
///   └ the same, and all of the rest is the lessee's
/// confirmReturnByReceipt
///   ├ bay unknown or trusted no more: UntrustedBay; not its signature: SignedInvalidSignature
///   ├ other pack: WrongPack; before the pack came in: TooEarly; in the future: TooLate
///   ├ unknown lease or over: WrongState; other offer: WrongOffer; a second time: SignedNonceUsed
///   ├ no request and before the end of the term: ReturnNotRequested
///   ├ rent ends with the hand-over, also for one who sold the pack later
///   ├ rent credited after it is not taken back
///   └ rent abated in several spans: ends with the latest span's start at the earliest
contract BatteryLeaseReturnTest is ReturnsFixture {
    // --- requestReturn

    function test_RevertWhen_LeaseToReturnIsUnknown() external {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongState.selector, 9, LeaseState.None));
        vm.prank(lessee);
        book.requestReturn(9);
    }

    function test_RevertWhen_NotTheLesseeRequests() external {
        expectNotParty(owner, lessee);
        vm.prank(owner);
        book.requestReturn(leaseId);
    }

    function test_RevertWhen_RequestedTwice() external {
        request();
        vm.warp(EPOCH + 1);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseReturnRequested.selector, leaseId, EPOCH));
        request();
    }

    function test_RequestIsTold() external {
        vm.warp(EPOCH + 5);
        vm.expectEmit(address(book));
        emit IBatteryLease.ReturnRequested(leaseId);
        request();
        assertEq(book.leaseOf(leaseId).requestedAt, EPOCH + 5, "requestedAt");
        stateIs(leaseId, LeaseState.Active);
        // Rent runs on.
        vm.warp(EPOCH + 10 days);
        assertEq(book.owedOf(leaseId).accrued, 40_000_000, "accrued");
    }

    // --- actFor

    function test_AnybodyRelaysASignedAct() external {
        LeaseAct memory leaseAct = actOf(leaseId, lessee, LeaseActKind.RequestReturn, 0);
        Signature memory signature = sign(leaseAct, lesseeKey);
        vm.expectEmit(address(book));
        emit IBatteryLease.ReturnRequested(leaseId);
        vm.prank(stranger);
        book.actFor(leaseAct, signature);
        assertEq(book.leaseOf(leaseId).requestedAt, EPOCH, "requestedAt");
        assertTrue(book.isNonceUsed(lessee, leaseAct.nonce), "nonce");
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, lessee, leaseAct.nonce));
        book.actFor(leaseAct, signature);
    }

    function test_RevertWhen_SignedActIsLate() external {
        LeaseAct memory leaseAct = actOf(leaseId, lessee, LeaseActKind.RequestReturn, 0);
        Signature memory signature = sign(leaseAct, lesseeKey);
        vm.warp(leaseAct.deadline + 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISigned.SignedExpired.selector, leaseAct.deadline, uint256(leaseAct.deadline) + 1)
        );
        book.actFor(leaseAct, signature);
    }

    function test_RevertWhen_ActIsSignedByAnother() external {
        LeaseAct memory leaseAct = actOf(leaseId, lessee, LeaseActKind.RequestReturn, 0);
        Signature memory signature = sign(leaseAct, ownerKey);
        bytes32 structHash = keccak256(abi.encode(LEASE_ACT_TYPEHASH, leaseAct));
        vm.expectRevert(
            abi.encodeWithSelector(
                ISigned.SignedInvalidSignature.selector,
                lessee,
                keccak256(abi.encodePacked(hex"1901", leaseDomain(), structHash))
            )
        );
        book.actFor(leaseAct, signature);
    }

    function test_RevertWhen_SignerIsNoParty() external {
        LeaseAct memory leaseAct = actOf(leaseId, owner, LeaseActKind.RequestReturn, 0);
        Signature memory signature = sign(leaseAct, ownerKey);
        expectNotParty(owner, lessee);
        book.actFor(leaseAct, signature);
    }

    function test_RevertWhen_ActIsOfNoKind() external {
        LeaseAct memory leaseAct = actOf(leaseId, lessee, LeaseActKind.None, 0);
        Signature memory signature = sign(leaseAct, lesseeKey);
        vm.expectRevert(IBatteryLease.BatteryLeaseUnchanged.selector);
        book.actFor(leaseAct, signature);
    }

    function test_ClaimIsAcceptedOrDisputedBySignature() external {
        request();
        confirm();
        claim(50_000_000);
        uint256 snapshot = vm.snapshotState();
        // What is signed names the amount.
        LeaseAct memory leaseAct = actOf(leaseId, lessee, LeaseActKind.AcceptClaim, bytes32(uint256(49_999_999)));
        Signature memory signature = sign(leaseAct, lesseeKey);
        expectBadAmount(49_999_999, 50_000_000);
        book.actFor(leaseAct, signature);
        leaseAct = actOf(leaseId, lessee, LeaseActKind.AcceptClaim, bytes32(uint256(50_000_000)));
        signature = sign(leaseAct, lesseeKey);
        expectSettled(50_000_000, 0);
        book.actFor(leaseAct, signature);

        vm.revertToState(snapshot);
        leaseAct = actOf(leaseId, lessee, LeaseActKind.DisputeClaim, "lessee's");
        signature = sign(leaseAct, lesseeKey);
        vm.expectEmit(address(book));
        emit IBatteryLease.ClaimDisputed(leaseId, "lessee's");
        book.actFor(leaseAct, signature);
    }

    // --- confirmReturn, confirmAndSettle

    function test_RevertWhen_ReturnIsConfirmedTwice() external {
        request();
        confirm();
        expectWrongState(LeaseState.Returned);
        confirm();
        expectWrongState(LeaseState.Returned);
        vm.prank(owner);
        book.confirmAndSettle(leaseId, offer);
    }

    function test_RevertWhen_ReturnedUnderAnotherOffer() external {
        request();
        Offer memory other = offerOf(packId);
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongOffer.selector, leaseId, hashOf(other), hashOf(offer))
        );
        vm.prank(owner);
        book.confirmReturn(leaseId, other);
    }

    function test_RevertWhen_NotTheOwnerConfirms() external {
        request();
        expectNotParty(lessee, owner);
        vm.prank(lessee);
        book.confirmReturn(leaseId, offer);
    }

    function test_RevertWhen_OwnerConfirmsBeforeTheEnd() external {
        pay(leaseId, PERIODS - 1);
        vm.warp(EPOCH + TERM + GRACE);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseReturnNotRequested.selector, leaseId));
        confirm();
        vm.warp(EPOCH + TERM + GRACE + 1);
        confirm();
        stateIs(leaseId, LeaseState.Returned);
        assertEq(closingOf(leaseId).held, DEPOSIT, "no early fee");
        assertEq(book.balanceOf(owner), PERIODS * uint256(RENT), "all rents");
    }

    function test_EarlyReturnWithAgreedDamage() external {
        pay(leaseId, 3);
        vm.warp(EPOCH + 100 days);
        request();
        vm.expectEmit(address(pack));
        emit IBatteryPack.TenancyEnded(packId, address(book), leaseId);
        vm.expectEmit(address(pack));
        emit IERC4907.UpdateUser(packId, address(0), 0);
        vm.expectEmit(address(book));
        emit IBatteryLease.AccountsClosed(leaseId, 400_000_000, 0, 0, 0, 163_333_333, 516_666_667);
        vm.expectEmit(address(book));
        emit IBatteryLease.ReturnConfirmed(leaseId, owner, EPOCH + 100 days);
        confirm();
        stateIs(leaseId, LeaseState.Returned);
        Closing memory closing = closingOf(leaseId);
        assertEq(closing.claimant, owner, "claimant");
        assertEq(closing.held, 516_666_667, "held");
        assertEq(closing.since, EPOCH + 100 days, "since");
        assertEq(closing.claimWindow, CLAIM_WINDOW, "claim window");
        assertEq(closing.arbiterWindow, ARBITER_WINDOW, "arbiter window");
        (address holder, ) = pack.leaseOf(packId);
        assertEq(holder, address(0), "pack is free");

        claim(50_000_000);
        vm.prank(lessee);
        book.acceptClaim(leaseId);
        assertEq(book.balanceOf(owner), 613_333_333, "B10, lessor");
        assertEq(book.balanceOf(lessee), 466_666_667, "B10, lessee");
        withdrawAll(owner);
        withdrawAll(lessee);
        assertEq(euro.balanceOf(owner), 613_333_333, "B10, lessor paid");
        assertEq(euro.balanceOf(lessee), FUNDS - 1_080_000_000 + 466_666_667, "B10, lessee paid");
        assertEq(euro.balanceOf(address(book)), 0, "B10, book");
    }

    function test_OwnerWaivesAnyClaim() external {
        vm.warp(EPOCH + 10 days);
        request();
        vm.expectEmit(address(book));
        // 1,070 of 1,080 days are left.
        emit IBatteryLease.AccountsClosed(leaseId, 40_000_000, 0, 0, 0, 178_333_333, 501_666_667);
        vm.expectEmit(address(book));
        emit IBatteryLease.ReturnConfirmed(leaseId, owner, EPOCH + 10 days);
        expectSettled(0, 501_666_667);
        vm.prank(owner);
        book.confirmAndSettle(leaseId, offer);
        stateIs(leaseId, LeaseState.Settled);
        assertEq(book.balanceOf(lessee), 501_666_667, "lessee");
        assertEq(book.balanceOf(owner), 218_333_333, "owner");
        assertEq(closingOf(leaseId).held, 0, "nothing left to decide");
    }

    function test_ReturnTakesUnbilledAndBilledOverage() external {
        vm.warp(EPOCH + PERIOD);
        readWh(packId, START_WH + 500_000);
        book.billUsage(leaseId, offer);
        vm.warp(EPOCH + PERIOD + 1);
        // Two periods started allow 800 kWh; 100 kWh are billed.
        readWh(packId, START_WH + 950_000);
        request();
        vm.expectEmit(address(book));
        // A second of arrears is 46 units; the early fee of a second less than 35 periods is 174,999,998.
        emit IBatteryLease.AccountsClosed(leaseId, RENT, 46, 9_000_000, 0, 174_999_998, 415_999_956);
        confirm();
    }

    function test_OverageOfAnEndlessReadingTakesNoMoreThanIsHeld() external {
        readWh(packId, type(uint48).max);
        request();
        confirm();
        assertEq(closingOf(leaseId).held, 0, "held");
        assertEq(book.balanceOf(owner), 720e6, "owner");
        // Nothing can be claimed of nothing; it settles after the window.
        expectBadAmount(1, 0);
        claim(1);
        vm.warp(EPOCH + CLAIM_WINDOW + 1);
        expectSettled(0, 0);
        book.settle(leaseId);
    }

    function test_LeaseWithoutOverageAndFees() external {
        _requireOverage(9_000, 0, 0);
    }

    function test_LowestOverageIsTaken() external {
        // A period has 400 kWh.
        _requireOverage(9_000, 1, 8_600);
    }

    function test_TheOwnerGetsASingleUnit() external {
        _requireOverage(401, 1, 1);
        assertEq(book.balanceOf(owner), 1, "owner");
    }

    /// @dev What is not claimed is added to what the lessee has already.
    function test_WhatIsNotClaimedIsAdded() external {
        Offer memory other = offerOf(otherPackId);
        uint256 id = openLease(other);
        vm.prank(lessee);
        book.requestReturn(id);
        vm.prank(owner);
        book.confirmAndSettle(id, other);
        uint256 before = book.balanceOf(lessee);
        assertTrue(before != 0, "from another lease");
        giveBack(leaseId, offer);
        uint256 held = closingOf(leaseId).held;
        vm.prank(owner);
        book.claimDamage(leaseId, 1, "evidence");
        assertEq(book.balanceOf(lessee), before + held - 1, "both");
    }

    // --- confirmReturnByReceipt

    function test_RevertWhen_BayIsNotTrusted() external {
        ReturnReceipt memory receipt = receiptOf(leaseId, packId);
        receipt.bay = stranger;
        _expectReceiptRefusal(
            receipt,
            strangerKey,
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseUntrustedBay.selector, stranger)
        );
        vm.prank(baysOffice);
        book.setBay(bay, false);
        receipt.bay = bay;
        _expectReceiptRefusal(
            receipt,
            bayKey,
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseUntrustedBay.selector, bay)
        );
    }

    function test_RevertWhen_ReceiptIsSignedByAnother() external {
        ReturnReceipt memory receipt = receiptOf(leaseId, packId);
        bytes32 structHash = keccak256(abi.encode(RETURN_RECEIPT_TYPEHASH, receipt));
        _expectReceiptRefusal(
            receipt,
            lesseeKey,
            abi.encodeWithSelector(
                ISigned.SignedInvalidSignature.selector,
                bay,
                keccak256(abi.encodePacked(hex"1901", leaseDomain(), structHash))
            )
        );
    }

    function test_RevertWhen_ReceiptIsLate() external {
        ReturnReceipt memory receipt = receiptOf(leaseId, packId);
        vm.warp(receipt.deadline + 1);
        _expectReceiptRefusal(
            receipt,
            bayKey,
            abi.encodeWithSelector(ISigned.SignedExpired.selector, receipt.deadline, uint256(receipt.deadline) + 1)
        );
    }

    function test_RevertWhen_BayTookAnotherPack() external {
        _expectReceiptRefusal(
            receiptOf(leaseId, otherPackId),
            bayKey,
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongPack.selector, leaseId, otherPackId, packId)
        );
    }

    function test_RevertWhen_BayTookThePackBeforeTheLease() external {
        ReturnReceipt memory receipt = receiptOf(leaseId, packId);
        receipt.receivedAt -= 1;
        _expectReceiptRefusal(
            receipt,
            bayKey,
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseTooEarly.selector, leaseId, EPOCH - 1, EPOCH)
        );
    }

    function test_RevertWhen_BayTookThePackBeforeASwap() external {
        vm.warp(EPOCH + 10 days);
        readWh(packId, START_WH);
        readWh(otherPackId, START_WH);
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        book.swap(order, signaturesOf(order, lesseeKey, ownerKey, 0), noReadings());
        ReturnReceipt memory receipt = receiptOf(leaseId, otherPackId);
        receipt.receivedAt -= 1;
        _expectReceiptRefusal(
            receipt,
            bayKey,
            abi.encodeWithSelector(
                IBatteryLease.BatteryLeaseTooEarly.selector,
                leaseId,
                EPOCH + 10 days - 1,
                EPOCH + 10 days
            )
        );
    }

    function test_RevertWhen_BayTakesThePackInTheFuture() external {
        ReturnReceipt memory receipt = receiptOf(leaseId, packId);
        receipt.receivedAt += 1;
        _expectReceiptRefusal(
            receipt,
            bayKey,
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseTooLate.selector, leaseId, EPOCH + 1, EPOCH)
        );
    }

    function test_RevertWhen_ReceiptIsForNoLease() external {
        _expectReceiptRefusal(
            receiptOf(0, 0),
            bayKey,
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongState.selector, 0, LeaseState.None)
        );
    }

    function test_RevertWhen_ReceiptIsUnderAnotherOffer() external {
        ReturnReceipt memory receipt = receiptOf(leaseId, packId);
        Signature memory signature = sign(receipt, bayKey);
        Offer memory other = offerOf(packId);
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongOffer.selector, leaseId, hashOf(other), hashOf(offer))
        );
        book.confirmReturnByReceipt(other, receipt, signature);
    }

    function test_RevertWhen_NobodyAskedToReturnToTheBay() external {
        ReturnReceipt memory receipt = receiptOf(leaseId, packId);
        _expectReceiptRefusal(
            receipt,
            bayKey,
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseReturnNotRequested.selector, leaseId)
        );
    }

    function test_BayTakesThePackAfterTheTermWithoutARequest() external {
        pay(leaseId, PERIODS - 1);
        vm.warp(EPOCH + TERM);
        _byReceipt(receiptOf(leaseId, packId));
        assertEq(closingOf(leaseId).held, DEPOSIT, "held");
    }

    function test_RevertWhen_ReceiptIsUsedTwice() external {
        request();
        ReturnReceipt memory receipt = receiptOf(leaseId, packId);
        _byReceipt(receipt);
        _expectReceiptRefusal(
            receipt,
            bayKey,
            abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, bay, receipt.nonce)
        );
        ReturnReceipt memory second = receiptOf(leaseId, packId);
        _expectReceiptRefusal(
            second,
            bayKey,
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongState.selector, leaseId, LeaseState.Returned)
        );
    }

    function test_RentEndsWhenTheBayTookThePack() external {
        vm.warp(EPOCH + 10 days);
        ReturnReceipt memory receipt = _lastingReceipt();
        vm.warp(EPOCH + 20 days);
        vm.expectEmit(address(book));
        emit IBatteryLease.AccountsClosed(leaseId, 40_000_000, 0, 0, 0, 178_333_333, 501_666_667);
        vm.expectEmit(address(book));
        emit IBatteryLease.ReturnConfirmed(leaseId, owner, EPOCH + 10 days);
        _byReceipt(receipt);
        assertEq(closingOf(leaseId).claimant, owner, "claimant");
        // The owner has the whole window to look at the pack.
        assertEq(closingOf(leaseId).since, EPOCH + 20 days, "since");
    }

    function test_RentCreditedSinceIsNotTakenBack() external {
        vm.warp(EPOCH + 10 days);
        ReturnReceipt memory receipt = _lastingReceipt();
        vm.warp(EPOCH + 20 days);
        creditLease(leaseId);
        vm.expectEmit(address(book));
        emit IBatteryLease.AccountsClosed(leaseId, 0, 0, 0, 0, 178_333_333, 461_666_667);
        _byReceipt(receipt);
        assertEq(book.balanceOf(owner), 80_000_000 + 178_333_333, "owner");
    }

    function test_SaleAfterTheHandOver() external {
        vm.warp(EPOCH + 10 days);
        ReturnReceipt memory receipt = _lastingReceipt();
        vm.warp(EPOCH + 20 days);
        sell(packId, owner, buyer);
        _byReceipt(receipt);
        assertEq(book.balanceOf(owner), 40_000_000, "seller to the hand-over");
        assertEq(book.balanceOf(buyer), 178_333_333, "buyer has the early fee");
        assertEq(closingOf(leaseId).claimant, buyer, "claimant");
    }

    function test_RentAbatedOnceSinceTheHandOverIsWholeBefore() external {
        vm.warp(EPOCH + 10 days);
        ReturnReceipt memory receipt = _lastingReceipt();
        vm.warp(EPOCH + 20 days);
        certify(packId, 0);
        book.claimRemedy(leaseId, offer);
        vm.expectEmit(address(book));
        emit IBatteryLease.AccountsClosed(leaseId, 40_000_000, 0, 0, 0, 178_333_333, 501_666_667);
        _byReceipt(receipt);
    }

    /// @dev The sum of earlier spans cannot be split at an instant within them: without a bound, more rebate than rent
    /// would be counted.
    function test_RentAbatedInSeveralSpansSinceTheHandOver() external {
        vm.warp(EPOCH + 4 days);
        certify(packId, 70);
        book.claimRemedy(leaseId, offer);
        vm.warp(EPOCH + 5 days);
        ReturnReceipt memory receipt = _lastingReceipt();
        vm.warp(EPOCH + 24 days);
        certify(packId, 0);
        book.claimRemedy(leaseId, offer);
        vm.warp(EPOCH + 25 days);
        // Four days of 4,000,000, twenty of 40,000: the accounts close at the start of the latest span.
        vm.expectEmit(address(book));
        emit IBatteryLease.AccountsClosed(leaseId, 16_800_000, 0, 0, 0, 176_000_000, 527_200_000);
        vm.expectEmit(address(book));
        emit IBatteryLease.ReturnConfirmed(leaseId, owner, EPOCH + 5 days);
        _byReceipt(receipt);
    }

    // --- helpers

    /// @dev A receipt of now that can be used for twenty days.
    function _lastingReceipt() private returns (ReturnReceipt memory receipt) {
        request();
        receipt = receiptOf(leaseId, packId);
        receipt.deadline = uint48(block.timestamp + 20 days);
    }

    /// @dev Of a lease without fees that used so much.
    function _requireOverage(uint48 usedKWh, uint96 perKWh, uint96 overage) private {
        Offer memory plain = offerOf(otherPackId);
        (plain.overagePerKWh, plain.earlyFee, plain.lateFee) = (perKWh, 0, 0);
        uint256 id = openLease(plain);
        readWh(otherPackId, START_WH + usedKWh * 1_000);
        vm.prank(lessee);
        book.requestReturn(id);
        vm.expectEmit(address(book));
        emit IBatteryLease.AccountsClosed(id, 0, 0, overage, 0, 0, 720e6 - overage);
        vm.prank(owner);
        book.confirmAndSettle(id, plain);
    }

    function _byReceipt(ReturnReceipt memory receipt) private {
        Signature memory signature = sign(receipt, bayKey);
        vm.prank(stranger);
        book.confirmReturnByReceipt(offer, receipt, signature);
    }

    function _expectReceiptRefusal(ReturnReceipt memory receipt, uint256 key, bytes memory reason) private {
        Signature memory signature = sign(receipt, key);
        vm.expectRevert(reason);
        book.confirmReturnByReceipt(offer, receipt, signature);
    }
}

/// @dev claimDamage
///   ├ not returned: WrongState; not the claimant: NotParty
///   ├ after the window: TooLate; in its last second: claimed
///   ├ nothing, more than is held: BadAmount
///   └ the rest is the lessee's at once
/// acceptClaim
///   ├ no claim: WrongState; not the lessee: NotParty
///   └ the claim is the claimant's, even after the window
/// disputeClaim
///   ├ no claim: WrongState; not the lessee: NotParty
///   └ after the window: TooLate; in its last second: disputed
/// rule
///   ├ not the arbiter: AccessManagedUnauthorized; no dispute: WrongState
///   ├ after the window: TooLate; in its last second: ruled
///   ├ more than the claim: BadAmount
///   └ nothing, all, a part (case B11)
/// settle
///   ├ nothing to settle: WrongState
///   ├ in the last second of each window: TooEarly
///   └ no claim: the lessee's; no dispute: the claimant's; no ruling: the lessee's; see also the default
contract BatteryLeaseClaimTest is ReturnsFixture {
    /// @dev What is held after a return at once: deposit and rent less the early fee.
    uint96 private constant HELD = 540_000_000;

    // --- claimDamage

    function test_RevertWhen_ClaimedBeforeTheReturn() external {
        expectWrongState(LeaseState.Active);
        claim(1);
    }

    function test_RevertWhen_NotTheClaimantClaims() external {
        _return();
        expectNotParty(lessee, owner);
        vm.prank(lessee);
        book.claimDamage(leaseId, 1, "evidence");
        // A later owner of the pack is not the claimant.
        sell(packId, owner, buyer);
        expectNotParty(buyer, owner);
        vm.prank(buyer);
        book.claimDamage(leaseId, 1, "evidence");
    }

    function test_RevertWhen_ClaimIsLate() external {
        _return();
        vm.warp(EPOCH + CLAIM_WINDOW + 1);
        expectTooLate(EPOCH + CLAIM_WINDOW + 1, EPOCH + CLAIM_WINDOW);
        claim(1);
        vm.warp(EPOCH + CLAIM_WINDOW);
        claim(1);
        stateIs(leaseId, LeaseState.Claimed);
    }

    function test_RevertWhen_ClaimIsNothingOrTooMuch() external {
        _return();
        expectBadAmount(0, HELD);
        claim(0);
        expectBadAmount(HELD + 1, HELD);
        claim(HELD + 1);
        claim(HELD);
        assertEq(book.balanceOf(lessee), 0, "all of it claimed");
    }

    function test_RestIsReleasedAtOnce() external {
        _return();
        vm.warp(EPOCH + 1 days);
        vm.expectEmit(address(book));
        emit IBatteryLease.DamageClaimed(leaseId, 300_000_000, "evidence");
        claim(300_000_000);
        stateIs(leaseId, LeaseState.Claimed);
        assertEq(book.balanceOf(lessee), HELD - 300_000_000, "released");
        assertEq(closingOf(leaseId).held, 300_000_000, "held");
        assertEq(closingOf(leaseId).since, EPOCH + 1 days, "a new window");
        assertEq(withdrawAll(lessee), HELD - 300_000_000, "withdrawn");
    }

    // --- acceptClaim

    function test_RevertWhen_NoClaimIsAccepted() external {
        _return();
        expectWrongState(LeaseState.Returned);
        vm.prank(lessee);
        book.acceptClaim(leaseId);
    }

    function test_RevertWhen_NotTheLesseeAccepts() external {
        _claimed();
        expectNotParty(owner, lessee);
        vm.prank(owner);
        book.acceptClaim(leaseId);
    }

    function test_ClaimIsAcceptedEvenAfterTheWindow() external {
        _claimed();
        vm.warp(EPOCH + CLAIM_WINDOW + 100 days);
        uint256 before = book.balanceOf(owner);
        expectSettled(300_000_000, 0);
        vm.prank(lessee);
        book.acceptClaim(leaseId);
        assertEq(book.balanceOf(owner) - before, 300_000_000, "claimant");
        stateIs(leaseId, LeaseState.Settled);
    }

    // --- disputeClaim

    function test_RevertWhen_NoClaimIsDisputed() external {
        _return();
        expectWrongState(LeaseState.Returned);
        dispute();
    }

    function test_RevertWhen_NotTheLesseeDisputes() external {
        _claimed();
        expectNotParty(owner, lessee);
        vm.prank(owner);
        book.disputeClaim(leaseId, "evidence");
    }

    function test_RevertWhen_DisputeIsLate() external {
        _claimed();
        vm.warp(EPOCH + CLAIM_WINDOW + 1);
        expectTooLate(EPOCH + CLAIM_WINDOW + 1, EPOCH + CLAIM_WINDOW);
        dispute();
        vm.warp(EPOCH + CLAIM_WINDOW);
        vm.expectEmit(address(book));
        emit IBatteryLease.ClaimDisputed(leaseId, "evidence");
        dispute();
        stateIs(leaseId, LeaseState.Disputed);
        assertEq(closingOf(leaseId).since, EPOCH + CLAIM_WINDOW, "a new window");
    }

    // --- rule

    function test_RevertWhen_NotTheArbiterRules() external {
        _disputed();
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, owner));
        vm.prank(owner);
        book.rule(leaseId, 1);
    }

    function test_RevertWhen_NothingIsDisputed() external {
        _claimed();
        expectWrongState(LeaseState.Claimed);
        rule(1);
    }

    function test_RevertWhen_RulingIsLate() external {
        _disputed();
        vm.warp(EPOCH + ARBITER_WINDOW + 1);
        expectTooLate(EPOCH + ARBITER_WINDOW + 1, EPOCH + ARBITER_WINDOW);
        rule(1);
        vm.warp(EPOCH + ARBITER_WINDOW);
        rule(1);
        stateIs(leaseId, LeaseState.Settled);
    }

    function test_RevertWhen_AwardIsAboveTheClaim() external {
        _disputed();
        expectBadAmount(300_000_001, 300_000_000);
        rule(300_000_001);
    }

    function test_RulingOnAPart() external {
        _disputed();
        assertEq(book.balanceOf(lessee), 240_000_000, "B11, released before");
        uint256 before = book.balanceOf(owner);
        vm.expectEmit(address(book));
        emit IBatteryLease.DisputeRuled(leaseId, 120_000_000);
        expectSettled(120_000_000, 180_000_000);
        rule(120_000_000);
        assertEq(book.balanceOf(owner) - before, 120_000_000, "B11, lessor");
        assertEq(book.balanceOf(lessee), 240_000_000 + 180_000_000, "B11, lessee");
        assertEq(euro.balanceOf(address(book)), book.balanceOf(owner) + book.balanceOf(lessee), "book");
    }

    function testFuzz_RulingAssignsTheWholeClaim(uint256 claimed, uint256 award) external {
        claimed = bound(claimed, 1, HELD);
        award = bound(award, 0, claimed);
        _return();
        uint256 before = book.balanceOf(owner);
        // At most HELD, which has 96 bits.
        claim(uint96(claimed));
        dispute();
        rule(uint96(award));
        assertEq(book.balanceOf(owner) - before, award, "award");
        assertEq(book.balanceOf(lessee), HELD - award, "the rest");
    }

    // --- settle

    function test_RevertWhen_NothingIsLeftToSettle() external {
        expectWrongState(LeaseState.Active);
        book.settle(leaseId);
        _return();
        vm.warp(EPOCH + CLAIM_WINDOW + 1);
        book.settle(leaseId);
        expectWrongState(LeaseState.Settled);
        book.settle(leaseId);
    }

    function test_OwnerIsSilent() external {
        _return();
        vm.warp(EPOCH + CLAIM_WINDOW);
        expectTooEarly(EPOCH + CLAIM_WINDOW, EPOCH + CLAIM_WINDOW + 1);
        book.settle(leaseId);
        vm.warp(EPOCH + CLAIM_WINDOW + 1);
        expectSettled(0, HELD);
        vm.prank(stranger);
        book.settle(leaseId);
        assertEq(book.balanceOf(lessee), HELD, "B11, all of it");
    }

    function test_LesseeIsSilent() external {
        _claimed();
        vm.warp(EPOCH + CLAIM_WINDOW);
        expectTooEarly(EPOCH + CLAIM_WINDOW, EPOCH + CLAIM_WINDOW + 1);
        book.settle(leaseId);
        vm.warp(EPOCH + CLAIM_WINDOW + 1);
        expectSettled(300_000_000, 0);
        book.settle(leaseId);
        assertEq(book.balanceOf(owner), 180_000_000 + 300_000_000, "claimant");
    }

    function test_ArbiterIsSilent() external {
        _disputed();
        vm.warp(EPOCH + ARBITER_WINDOW);
        expectTooEarly(EPOCH + ARBITER_WINDOW, EPOCH + ARBITER_WINDOW + 1);
        book.settle(leaseId);
        vm.warp(EPOCH + ARBITER_WINDOW + 1);
        expectSettled(0, 300_000_000);
        book.settle(leaseId);
        assertEq(book.balanceOf(lessee), HELD, "B11, all of it");
    }

    // --- helpers

    function _return() private {
        request();
        confirm();
    }

    function _claimed() private {
        _return();
        claim(300_000_000);
    }

    function _disputed() private {
        _claimed();
        dispute();
    }
}

/// @dev declareDefault
///   ├ not running: WrongState; other offer: WrongOffer; not the owner: NotParty
///   ├ in the last second of grace and delay: TooEarly, also after the term; paid meanwhile: TooEarly
///   └ declared: accounts closed, user cleared, pack stays with the book
/// after a default
///   ├ pack comes back by its owner's word or a bay's receipt: claims as after a return
///   ├ owner lets both windows pass: settled by anybody for the lessee, and the pack is free
///   └ the lessee may no longer pay
/// declareLost
///   ├ no default: WrongState; not the owner: NotParty; in the last second of the claim window: TooEarly
///   └ declared: pack lost, all that is held claimed; the lessee may dispute
contract BatteryLeaseDefaultTest is ReturnsFixture {
    uint256 private constant DEFAULT_AT = EPOCH + PERIOD + GRACE + DEFAULT_AFTER + 1;

    function test_RevertWhen_LeaseIsOver() external {
        request();
        confirm();
        vm.warp(DEFAULT_AT);
        expectWrongState(LeaseState.Returned);
        _default();
    }

    function test_RevertWhen_OfferIsNotTheLeases() external {
        Offer memory hasty = offer;
        bytes32 expected = hashOf(offer);
        hasty.defaultAfter = 0;
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongOffer.selector, leaseId, hashOf(hasty), expected)
        );
        vm.prank(owner);
        book.declareDefault(leaseId, hasty);
    }

    function test_RevertWhen_NotTheOwnerDeclaresDefault() external {
        vm.warp(DEFAULT_AT);
        expectNotParty(stranger, owner);
        vm.prank(stranger);
        book.declareDefault(leaseId, offer);
    }

    function test_RevertWhen_DefaultIsTooEarly() external {
        vm.warp(DEFAULT_AT - 1);
        expectTooEarly(DEFAULT_AT - 1, DEFAULT_AT);
        _default();
        // Paid in the last second.
        pay(leaseId, 1);
        vm.warp(DEFAULT_AT);
        expectTooEarly(DEFAULT_AT, DEFAULT_AT + PERIOD);
        _default();
    }

    function test_PackKeptAfterTheTerm() external {
        pay(leaseId, PERIODS - 1);
        vm.warp(EPOCH + TERM + GRACE + DEFAULT_AFTER);
        expectTooEarly(block.timestamp, block.timestamp + 1);
        _default();
        vm.warp(EPOCH + TERM + GRACE + DEFAULT_AFTER + 1);
        vm.expectEmit(address(book));
        emit IBatteryLease.AccountsClosed(leaseId, PERIODS * uint256(RENT), 0, 0, 0, 0, DEPOSIT);
        _default();
        stateIs(leaseId, LeaseState.Defaulted);
    }

    function test_DefaultClosesTheAccounts() external {
        vm.warp(DEFAULT_AT);
        vm.expectEmit(address(pack));
        emit IERC4907.UpdateUser(packId, address(0), 0);
        vm.expectEmit(address(book));
        // 65 days and a second: arrears of 35 days, two late fees, early fee of 1,015 days.
        emit IBatteryLease.AccountsClosed(leaseId, RENT, 140_000_046, 0, 20_000_000, 169_166_664, 270_833_290);
        vm.expectEmit(address(book));
        emit IBatteryLease.Defaulted(leaseId);
        _default();
        stateIs(leaseId, LeaseState.Defaulted);
        assertEq(book.balanceOf(owner), 720e6 - 270_833_290, "owner");
        assertEq(book.balanceOf(lessee), 0, "lessee waits for the pack's fate");
        Closing memory closing = closingOf(leaseId);
        assertEq(closing.claimant, owner, "claimant");
        assertEq(closing.held, 270_833_290, "held");
        assertEq(closing.since, DEFAULT_AT, "since");
        (address holder, ) = pack.leaseOf(packId);
        assertEq(holder, address(book), "pack stays with the book");
        assertFalse(pack.mayCharge(packId), "may charge");
    }

    function test_RevertWhen_PaidAfterADefault() external {
        vm.warp(DEFAULT_AT);
        _default();
        expectWrongState(LeaseState.Defaulted);
        pay(leaseId, 1);
    }

    function test_PackComesBackAfterADefault() external {
        vm.warp(DEFAULT_AT);
        _default();
        uint256 earned = book.balanceOf(owner);
        vm.warp(DEFAULT_AT + 3 days);
        vm.recordLogs();
        confirm();
        // TenancyEnded, UpdateUser, ReturnConfirmed: the accounts are closed already.
        assertEq(vm.getRecordedLogs().length, 3, "events");
        assertEq(book.balanceOf(owner), earned, "owner");
        assertEq(closingOf(leaseId).since, DEFAULT_AT + 3 days, "a new window");
        claim(70_833_290);
        assertEq(book.balanceOf(lessee), 200_000_000, "rest");
    }

    function test_PackComesToABayAfterADefault() external {
        vm.warp(DEFAULT_AT);
        _default();
        ReturnReceipt memory receipt = receiptOf(leaseId, packId);
        Signature memory signature = sign(receipt, bayKey);
        vm.expectEmit(address(book));
        emit IBatteryLease.ReturnConfirmed(leaseId, owner, DEFAULT_AT);
        book.confirmReturnByReceipt(offer, receipt, signature);
        stateIs(leaseId, LeaseState.Returned);
        assertEq(closingOf(leaseId).held, 270_833_290, "held");
    }

    function test_OwnerWaivesAfterADefault() external {
        vm.warp(DEFAULT_AT);
        _default();
        expectSettled(0, 270_833_290);
        vm.prank(owner);
        book.confirmAndSettle(leaseId, offer);
        assertEq(book.balanceOf(lessee), 270_833_290, "lessee");
    }

    function test_OwnerLeavesADefaultAlone() external {
        vm.warp(DEFAULT_AT);
        _default();
        uint256 last = DEFAULT_AT + CLAIM_WINDOW + ARBITER_WINDOW;
        vm.warp(last);
        expectTooEarly(last, last + 1);
        book.settle(leaseId);
        vm.warp(last + 1);
        expectSettled(0, 270_833_290);
        vm.expectEmit(address(pack));
        emit IBatteryPack.TenancyEnded(packId, address(book), leaseId);
        vm.prank(stranger);
        book.settle(leaseId);
        assertEq(book.balanceOf(lessee), 270_833_290, "lessee");
        stateIs(leaseId, LeaseState.Settled);
        (address holder, ) = pack.leaseOf(packId);
        assertEq(holder, address(0), "pack is free");
        assertEq(euro.balanceOf(address(book)), book.balanceOf(lessee) + book.balanceOf(owner), "book");
    }

    // --- declareLost

    function test_RevertWhen_NoDefaultIsDeclared() external {
        expectWrongState(LeaseState.Active);
        _lose();
    }

    function test_RevertWhen_NotTheOwnerGivesUpThePack() external {
        vm.warp(DEFAULT_AT);
        _default();
        vm.warp(DEFAULT_AT + CLAIM_WINDOW + 1);
        expectNotParty(stranger, owner);
        vm.prank(stranger);
        book.declareLost(leaseId, "evidence");
    }

    function test_RevertWhen_PackIsGivenUpTooEarly() external {
        vm.warp(DEFAULT_AT);
        _default();
        vm.warp(DEFAULT_AT + CLAIM_WINDOW);
        expectTooEarly(DEFAULT_AT + CLAIM_WINDOW, DEFAULT_AT + CLAIM_WINDOW + 1);
        _lose();
    }

    function test_LostPack() external {
        vm.warp(DEFAULT_AT);
        _default();
        sell(packId, owner, buyer);
        vm.warp(DEFAULT_AT + CLAIM_WINDOW + 1);
        expectNotParty(owner, buyer);
        _lose();
        vm.expectEmit(address(book));
        emit IBatteryLease.ReturnConfirmed(leaseId, buyer, DEFAULT_AT + CLAIM_WINDOW + 1);
        vm.expectEmit(address(book));
        emit IBatteryLease.DamageClaimed(leaseId, 270_833_290, "evidence");
        vm.expectEmit(address(pack));
        emit IBatteryPack.TenancyEnded(packId, address(book), leaseId);
        vm.expectEmit(address(pack));
        emit IBatteryPack.StatusChanged(packId, Status.Original, Status.Lost);
        vm.prank(buyer);
        book.declareLost(leaseId, "evidence");
        stateIs(leaseId, LeaseState.Claimed);
        assertEq(closingOf(leaseId).claimant, buyer, "claimant");
        assertEq(closingOf(leaseId).since, DEFAULT_AT + CLAIM_WINDOW + 1, "a new window");

        dispute();
        rule(70_833_290);
        assertEq(book.balanceOf(buyer), 70_833_290, "award");
        assertEq(book.balanceOf(lessee), 200_000_000, "rest");
        withdrawAll(owner);
        withdrawAll(buyer);
        withdrawAll(lessee);
        assertEq(euro.balanceOf(address(book)), 0, "book");
    }

    // --- helpers

    function _default() private {
        vm.prank(owner);
        book.declareDefault(leaseId, offer);
    }

    function _lose() private {
        vm.prank(owner);
        book.declareLost(leaseId, "evidence");
    }
}
