// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20Errors, IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ERC7913P256Verifier} from "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913P256Verifier.sol";

import {ISigned, Signature} from "../../../contracts/authority/ISigned.sol";
import {BatteryLease} from "../../../contracts/batteries/BatteryLease.sol";
import {
    IBatteryLease,
    Lease,
    LeaseState,
    Offer,
    Owed,
    PaymentAuthorization,
    Permit
} from "../../../contracts/batteries/IBatteryLease.sol";
import {IBatteryPack, Status} from "../../../contracts/batteries/IBatteryPack.sol";
import {IERC4907} from "../../../contracts/batteries/IERC4907.sol";
import {ContractAccount} from "../../../contracts/mocks/ContractAccount.sol";
import {LeaseFixture} from "./LeaseFixture.sol";

/// @dev accept
///   ├ paused: EnforcedPause
///   ├ offer after its deadline: SignedExpired; in its last second: accepted
///   ├ nonce used or void: SignedNonceUsed
///   ├ signed by another, for another book or chain: SignedInvalidSignature
///   ├ for somebody else: NotInvited; for anybody: accepted
///   ├ bad terms: BadTerms
///   ├ throughput below the latest reading: BadTerms
///   ├ pack unknown, leased, sold since, waste, lost, retired, book closed or not approved: the pack's error
///   ├ no allowance, no money: the token's error, and nothing has changed
///   ├ permit good, front-run, bad with and without allowance
///   ├ lessor is a contract account or a P-256 key: accepted
///   └ accepted: money, lease, user, events (case B01)
/// acceptWithAuthorization
///   ├ paused: EnforcedPause
///   ├ transfer of another amount, for another offer or of another payer: ERC3009InvalidSignature
///   ├ lessee not invited: NotInvited
///   └ relayed by anybody: accepted, once
contract BatteryLeaseOpeningTest is LeaseFixture {
    // --- who may accept what

    function test_RevertWhen_Paused() external {
        Offer memory offer = offerOf(packId);
        Signature memory signature = sign(offer, ownerKey);
        vm.prank(guardian);
        book.pause();
        vm.expectRevert(Pausable.EnforcedPause.selector);
        vm.prank(lessee);
        book.accept(offer, signature, noPermit());
        PaymentAuthorization memory authorization = _authorization(offer);
        vm.expectRevert(Pausable.EnforcedPause.selector);
        book.acceptWithAuthorization(offer, signature, lessee, authorization);

        vm.prank(steward);
        book.unpause();
        vm.prank(lessee);
        book.accept(offer, signature, noPermit());
        stateIs(1, LeaseState.Active);
    }

    function test_RevertWhen_OfferExpired() external {
        Offer memory offer = offerOf(packId);
        Signature memory signature = sign(offer, ownerKey);
        vm.warp(offer.deadline + 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISigned.SignedExpired.selector, offer.deadline, uint256(offer.deadline) + 1)
        );
        vm.prank(lessee);
        book.accept(offer, signature, noPermit());
        vm.warp(offer.deadline);
        vm.prank(lessee);
        book.accept(offer, signature, noPermit());
        assertEq(book.leaseCount(), 1, "accepted in the last second");
    }

    function test_RevertWhen_OfferIsUsedTwice() external {
        Offer memory offer = offerOf(packId);
        uint256 leaseId = openLease(offer);
        giveBack(leaseId, offer);
        _expectRefusal(offer, abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, owner, offer.nonce));
    }

    function test_RevertWhen_OfferIsVoid() external {
        Offer memory offer = offerOf(packId);
        vm.prank(owner);
        book.voidNonces(offer.nonce >> 8, 1 << (offer.nonce & 0xff));
        _expectRefusal(offer, abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, owner, offer.nonce));
    }

    function test_RevertWhen_SignedByAnother() external {
        Offer memory offer = offerOf(packId);
        Signature memory signature = sign(offer, strangerKey);
        _expectInvalid(offer, signature);
    }

    function test_RevertWhen_ATermIsChanged() external {
        Offer memory offer = offerOf(packId);
        Signature memory signature = sign(offer, ownerKey);
        offer.rent -= 1;
        _expectInvalid(offer, signature);
    }

    function test_RevertWhen_SignedForAnotherBook() external {
        BatteryLease first = book;
        book = newBook(euro);
        Offer memory offer = offerOf(packId);
        Signature memory signature = sign(offer, ownerKey);
        book = first;
        _expectInvalid(offer, signature);
    }

    function test_RevertWhen_OnAnotherChain() external {
        Offer memory offer = offerOf(packId);
        Signature memory signature = sign(offer, ownerKey);
        vm.chainId(block.chainid + 1);
        _expectInvalid(offer, signature);
    }

    function test_RevertWhen_OfferIsForSomebodyElse() external {
        Offer memory offer = offerOf(packId);
        Signature memory signature = sign(offer, ownerKey);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseNotInvited.selector, stranger, lessee));
        vm.prank(stranger);
        book.accept(offer, signature, noPermit());
    }

    function test_AnybodyAcceptsAnOpenOffer() external {
        Offer memory offer = offerOf(packId);
        offer.lessee = address(0);
        Signature memory signature = sign(offer, ownerKey);
        vm.prank(stranger);
        uint256 leaseId = book.accept(offer, signature, noPermit());
        assertEq(book.leaseOf(leaseId).lessee, stranger, "lessee");
        assertEq(pack.userOf(packId), stranger, "user");
    }

    function test_RevertWhen_TermsAreBad() external {
        Offer memory offer = offerOf(packId);
        offer.claimWindow = 1;
        _expectRefusal(
            offer,
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseBadTerms.selector, "claimWindow", 1, 1 days)
        );
    }

    function test_RevertWhen_ThroughputIsBelowTheReading() external {
        readWh(packId, START_WH);
        Offer memory offer = offerOf(packId);
        offer.startWh = START_WH - 1;
        _expectRefusal(
            offer,
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseBadTerms.selector, "startWh", START_WH - 1, START_WH)
        );
        openLease(offerOf(packId));
    }

    // --- packs that cannot be leased

    function test_RevertWhen_PackIsUnknown() external {
        _expectRefusal(offerOf(404), abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 404));
    }

    function test_RevertWhen_PackIdHasMoreThan64Bits() external {
        uint256 id = packId + (1 << 64);
        _expectRefusal(offerOf(id), abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, id));
    }

    function test_RevertWhen_PackIsLeased() external {
        openLease(offerOf(packId));
        _expectRefusal(offerOf(packId), abi.encodeWithSelector(IBatteryPack.BatteryPackLeased.selector, packId, 1));
    }

    function test_RevertWhen_PackIsLeasedByAnotherBook() external {
        openLease(offerOf(packId));
        book = newBook(euro);
        fund(lessee, FUNDS);
        _expectRefusal(offerOf(packId), abi.encodeWithSelector(IBatteryPack.BatteryPackLeased.selector, packId, 1));
    }

    function test_RevertWhen_PackWasSold() external {
        Offer memory offer = offerOf(packId);
        sell(packId, owner, buyer);
        _expectRefusal(offer, abi.encodeWithSelector(IBatteryPack.BatteryPackNotLessor.selector, packId, owner, buyer));
    }

    function test_RevertWhen_PackIsWasteOrLost() external {
        vm.prank(owner);
        pack.markWaste(packId);
        _expectRefusal(
            offerOf(packId),
            abi.encodeWithSelector(IBatteryPack.BatteryPackWrongStatus.selector, packId, Status.Waste)
        );
        vm.prank(owner);
        pack.markLost(otherPackId);
        _expectRefusal(
            offerOf(otherPackId),
            abi.encodeWithSelector(IBatteryPack.BatteryPackWrongStatus.selector, otherPackId, Status.Lost)
        );
    }

    function test_RevertWhen_PackIsRecycled() external {
        recyclePack(packId);
        _expectRefusal(
            offerOf(packId),
            abi.encodeWithSelector(IBatteryPack.BatteryPackRetired.selector, packId, Status.Recycled)
        );
    }

    function test_RevertWhen_OwnerHasNotApprovedTheBook() external {
        vm.prank(owner);
        pack.setApprovalForAll(address(book), false);
        _expectRefusal(
            offerOf(packId),
            abi.encodeWithSelector(IERC721Errors.ERC721InsufficientApproval.selector, address(book), packId)
        );
        // Approval of the one pack serves.
        vm.prank(owner);
        pack.approve(address(book), packId);
        openLease(offerOf(packId));
    }

    function test_RevertWhen_BookIsClosed() external {
        pack.setLeaseBook(address(book), false);
        _expectRefusal(
            offerOf(packId),
            abi.encodeWithSelector(IBatteryPack.BatteryPackNotOpenBook.selector, address(book))
        );
    }

    // --- money

    function test_RevertWhen_NothingIsAllowed() external {
        vm.prank(lessee);
        euro.approve(address(book), 719_999_999);
        _expectRefusal(
            offerOf(packId),
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector,
                address(book),
                719_999_999,
                720_000_000
            )
        );
        assertEq(book.leaseCount(), 0, "leases");
        assertEq(pack.userOf(packId), address(0), "user");
    }

    function test_RevertWhen_LesseeIsPoor() external {
        vm.prank(lessee);
        euro.transfer(stranger, FUNDS);
        _expectRefusal(
            offerOf(packId),
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, lessee, 0, 720_000_000)
        );
    }

    function test_PermitServesInPlaceOfAllowance() external {
        vm.prank(lessee);
        euro.approve(address(book), 0);
        _acceptWith(permitOf(lesseeKey, 720e6));
        assertEq(euro.balanceOf(address(book)), 720e6, "B01, held");
        assertEq(euro.allowance(lessee, address(book)), 0, "allowance used up");
    }

    function test_FrontRunPermitDoesNoHarm() external {
        vm.prank(lessee);
        euro.approve(address(book), 0);
        Permit memory permit = permitOf(lesseeKey, 720e6);
        vm.prank(stranger);
        euro.permit(lessee, address(book), permit.value, permit.deadline, permit.v, permit.r, permit.s);
        _acceptWith(permit);
        assertEq(euro.balanceOf(address(book)), 720e6, "held");
    }

    function test_BadPermitDoesNoHarmWhereAllowanceStands() external {
        Permit memory permit = permitOf(lesseeKey, 720e6);
        permit.value = 1;
        _acceptWith(permit);
        assertEq(euro.balanceOf(address(book)), 720e6, "held");
    }

    function test_RevertWhen_PermitIsBadAndNothingIsAllowed() external {
        vm.prank(lessee);
        euro.approve(address(book), 0);
        Offer memory offer = offerOf(packId);
        Signature memory signature = sign(offer, ownerKey);
        Permit memory permit = permitOf(strangerKey, 720e6);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(book), 0, 720_000_000)
        );
        vm.prank(lessee);
        book.accept(offer, signature, permit);
    }

    function test_LeaseWithoutDeposit() external {
        Offer memory offer = offerOf(packId);
        offer.deposit = 0;
        openLease(offer);
        assertEq(euro.balanceOf(address(book)), RENT, "held");
    }

    // --- other kinds of lessor

    function test_ContractAccountIsLessor() external {
        ContractAccount account = new ContractAccount(owner);
        sell(packId, owner, address(account));
        vm.prank(address(account));
        pack.setApprovalForAll(address(book), true);
        Offer memory offer = offerOf(packId);
        offer.lessor = address(account);
        openLease(offer);
        stateIs(1, LeaseState.Active);
    }

    function test_P256KeyIsLessor() external {
        address verifier = address(new ERC7913P256Verifier());
        bytes memory key = p256Key(verifier, 7);
        address account = accountOf(key);
        sell(packId, owner, account);
        vm.prank(account);
        pack.setApprovalForAll(address(book), true);
        Offer memory offer = offerOf(packId);
        offer.lessor = account;
        Signature memory signature = _signP256(hashOf(offer), key);
        vm.prank(lessee);
        book.accept(offer, signature, noPermit());
        stateIs(1, LeaseState.Active);
    }

    // --- what acceptance does

    function test_AcceptanceMovesDepositAndFirstRent() external {
        openLease(offerOf(packId));
        assertEq(euro.balanceOf(lessee), FUNDS - 720e6, "B01, lessee");
        assertEq(euro.balanceOf(address(book)), 720e6, "B01, book");
        assertEq(book.balanceOf(owner), 0, "B01, lessor");
        assertEq(book.balanceOf(lessee), 0, "lessee's balance");
        Owed memory owed = book.owedOf(1);
        assertEq(owed.accrued, 0, "accrued");
        assertEq(owed.paidThrough, EPOCH + PERIOD, "paid through");
        assertEq(owed.duePeriods, 1, "due");
        assertEq(owed.payToCure, 0, "to cure");
    }

    function test_AcceptanceStoresTheLease() external {
        readWh(packId, START_WH);
        Offer memory offer = offerOf(packId);
        uint256 leaseId = openLease(offer);
        assertEq(leaseId, 1, "first");
        assertEq(book.leaseCount(), 1, "count");
        Lease memory lease = book.leaseOf(leaseId);
        assertEq(lease.lessee, lessee, "lessee");
        assertEq(lease.startedAt, EPOCH, "startedAt");
        assertEq(lease.period, PERIOD, "period");
        assertEq(lease.periods, PERIODS, "periods");
        assertEq(uint256(lease.state), uint256(LeaseState.Active), "state");
        assertEq(lease.rent, RENT, "rent");
        assertEq(lease.lateFee, LATE_FEE, "lateFee");
        assertEq(lease.packId, packId, "pack");
        assertEq(lease.credited, 0, "credited");
        assertEq(lease.startWh, START_WH, "startWh");
        assertEq(lease.requestedAt, 0, "requestedAt");
        assertEq(lease.grace, GRACE, "grace");
        assertEq(lease.paidPeriods, 1, "paidPeriods");
        assertEq(lease.lateThrough, 0, "lateThrough");
        assertEq(lease.flags, 0, "flags");
        assertEq(lease.offerHash, hashOf(offer), "offerHash");
        assertEq(openLease(offerOf(otherPackId)), 2, "second");
    }

    function test_LesseeBecomesUser() external {
        openLease(offerOf(packId));
        assertEq(pack.userOf(packId), lessee, "B01, user");
        assertEq(pack.userExpires(packId), EPOCH + 3_024_000, "B01, expires");
        (address holder, uint256 leaseId) = pack.leaseOf(packId);
        assertEq(holder, address(book), "book");
        assertEq(leaseId, 1, "lease");
        assertEq(pack.ownerOf(packId), owner, "title stays");
    }

    function test_AcceptanceIsTold() external {
        Offer memory offer = offerOf(packId);
        Signature memory signature = sign(offer, ownerKey);
        vm.expectEmit(address(book));
        emit IBatteryLease.LeaseStarted(1, packId, lessee, offer);
        vm.expectEmit(address(pack));
        emit IBatteryPack.TenancyStarted(packId, address(book), 1);
        vm.expectEmit(address(pack));
        emit IERC4907.UpdateUser(packId, lessee, uint64(EPOCH + 3_024_000));
        vm.expectEmit(address(euro));
        emit IERC20.Transfer(lessee, address(book), 720e6);
        vm.prank(lessee);
        book.accept(offer, signature, noPermit());
    }

    // --- acceptWithAuthorization

    function test_AnybodyRelaysAnAuthorizedAcceptance() external {
        vm.prank(lessee);
        euro.approve(address(book), 0);
        Offer memory offer = offerOf(packId);
        Signature memory signature = sign(offer, ownerKey);
        PaymentAuthorization memory authorization = _authorization(offer);
        vm.prank(stranger);
        uint256 leaseId = book.acceptWithAuthorization(offer, signature, lessee, authorization);
        assertEq(book.leaseOf(leaseId).lessee, lessee, "lessee");
        assertEq(pack.userOf(packId), lessee, "user");
        assertEq(euro.balanceOf(lessee), FUNDS - 720e6, "payer");
        assertEq(euro.balanceOf(address(book)), 720e6, "book");
        assertEq(euro.balanceOf(stranger), FUNDS, "relayer");
    }

    function test_AcceptNonceIsTheFirstOfItsSequence() external {
        Offer memory offer = offerOf(packId);
        bytes32 nonce = book.acceptNonce(offer);
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", leaseDomain(), hashOf(offer)));
        assertEq(nonce, bytes32((uint256(digest) >> 64) << 64), "upper 192 bits of the digest");
        offer.nonce += 1;
        assertTrue(book.acceptNonce(offer) != nonce, "another offer, another nonce");
    }

    function test_RevertWhen_AuthorizedForAnotherAmount() external {
        Offer memory offer = offerOf(packId);
        _expectUnauthorized(offer, lessee, authorizationOf(lesseeKey, 720e6 - 1, book.acceptNonce(offer)));
    }

    function test_RevertWhen_AuthorizedForAnotherOffer() external {
        Offer memory offer = offerOf(packId);
        _expectUnauthorized(offer, lessee, authorizationOf(lesseeKey, 720e6, book.acceptNonce(offerOf(otherPackId))));
    }

    function test_RevertWhen_AuthorizedByAnother() external {
        Offer memory offer = offerOf(packId);
        _expectUnauthorized(offer, lessee, authorizationOf(strangerKey, 720e6, book.acceptNonce(offer)));
    }

    function test_RevertWhen_AuthorizedByOneWhoIsNotInvited() external {
        Offer memory offer = offerOf(packId);
        Signature memory signature = sign(offer, ownerKey);
        PaymentAuthorization memory authorization = authorizationOf(strangerKey, 720e6, book.acceptNonce(offer));
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseNotInvited.selector, stranger, lessee));
        book.acceptWithAuthorization(offer, signature, stranger, authorization);
    }

    // --- pause

    function test_PauseStopsNothingButAcceptance() external {
        Offer memory offer = offerOf(packId);
        uint256 leaseId = openLease(offer);
        vm.prank(guardian);
        book.pause();
        assertTrue(book.paused(), "paused");

        vm.warp(EPOCH + PERIOD);
        readWh(packId, START_WH + 500_000);
        book.billUsage(leaseId, offer);
        pay(leaseId, 1);
        creditLease(leaseId);
        sell(packId, owner, buyer);
        giveBack(leaseId, offer);
        vm.prank(buyer);
        book.claimDamage(leaseId, 1, "evidence");
        vm.prank(lessee);
        book.disputeClaim(leaseId, "evidence");
        vm.prank(arbiter);
        book.rule(leaseId, 1);
        withdrawAll(owner);
        withdrawAll(buyer);
        withdrawAll(lessee);
        assertEq(euro.balanceOf(address(book)), 0, "all paid out");
    }

    function test_RevertWhen_StrangersPause() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, steward));
        vm.prank(steward);
        book.pause();
        vm.prank(guardian);
        book.pause();
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, guardian));
        vm.prank(guardian);
        book.unpause();
    }

    function test_PauseIsTold() external {
        vm.expectEmit(address(book));
        emit Pausable.Paused(guardian);
        vm.prank(guardian);
        book.pause();
        vm.expectEmit(address(book));
        emit Pausable.Unpaused(steward);
        vm.prank(steward);
        book.unpause();
    }

    // --- wiring

    function test_Wiring() external view {
        assertEq(address(book.token()), address(euro), "token");
        assertEq(address(book.pack()), address(pack), "pack");
        assertEq(address(book.telemetry()), address(telemetry), "telemetry");
        assertEq(book.authority(), address(manager), "authority");
    }

    function test_NothingIsKnownOfAnUnknownLease() external view {
        stateIs(7, LeaseState.None);
        assertEq(book.leaseOf(7).lessee, address(0), "lessee");
        assertEq(book.owedOf(7).paidThrough, 0, "owed");
    }

    // --- helpers

    function _acceptWith(Permit memory permit) private {
        Offer memory offer = offerOf(packId);
        Signature memory signature = sign(offer, ownerKey);
        vm.prank(lessee);
        book.accept(offer, signature, permit);
    }

    function _authorization(Offer memory offer) private view returns (PaymentAuthorization memory authorization) {
        return authorizationOf(lesseeKey, uint256(offer.deposit) + offer.rent, book.acceptNonce(offer));
    }

    function _expectRefusal(Offer memory offer, bytes memory reason) private {
        Signature memory signature = sign(offer, ownerKey);
        vm.expectRevert(reason);
        vm.prank(lessee);
        book.accept(offer, signature, noPermit());
    }

    function _expectInvalid(Offer memory offer, Signature memory signature) private {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", leaseDomain(), hashOf(offer)));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, owner, digest));
        vm.prank(lessee);
        book.accept(offer, signature, noPermit());
    }

    function _expectUnauthorized(Offer memory offer, address payer, PaymentAuthorization memory authorization) private {
        Signature memory signature = sign(offer, ownerKey);
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        book.acceptWithAuthorization(offer, signature, payer, authorization);
    }

    function _signP256(bytes32 structHash, bytes memory key) private view returns (Signature memory signature) {
        (bytes32 r, bytes32 s) = vm.signP256(7, keccak256(abi.encodePacked(hex"1901", leaseDomain(), structHash)));
        return Signature({key: key, data: abi.encodePacked(r, lowS(s))});
    }
}
