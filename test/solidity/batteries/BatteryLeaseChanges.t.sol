// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors, IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

import {ISigned, Signature} from "../../../contracts/authority/ISigned.sol";
import {
    IBatteryLease,
    Lease,
    LeaseState,
    Novation,
    Offer,
    Permit,
    Swap
} from "../../../contracts/batteries/IBatteryLease.sol";
import {IBatteryPack} from "../../../contracts/batteries/IBatteryPack.sol";
import {SignedReading} from "../../../contracts/batteries/IBatteryTelemetry.sol";
import {IERC4907} from "../../../contracts/batteries/IERC4907.sol";
import {LeaseFixture} from "./LeaseFixture.sol";

/// @dev swap
///   ├ not running: WrongState
///   ├ old pack not the lease's, new pack the old one: WrongPack; new pack unknown: ERC721NonexistentToken
///   ├ consent of lessee, old or new owner missing: SignedInvalidSignature
///   ├ late: SignedExpired; a second time: SignedNonceUsed
///   ├ more than 2 readings: BadLength
///   ├ reading of either pack older than an hour, or none: StaleReading; an hour old: serves
///   ├ new pack leased: BatteryPackLeased; its owner has not approved the book: ERC721InsufficientApproval
///   ├ owners differ, and rent or overage is due: InArrears
///   ├ readings given are taken in; a front-run or bad one is no obstacle
///   ├ two owners: each has the rent of its days; one owner: the third signature is not looked at
///   ├ one who calls needs no signature; one who is two of them signs once
///   ├ use is carried over; an abatement, a health dispute and a request to return end
///   └ earlier sale is credited; in arrears the new pack has no user either
/// novate
///   ├ not running: WrongState
///   ├ old lessee is not the lessee: NotParty; the new one is the old one: Unchanged
///   ├ consent of owner, old or new lessee missing: SignedInvalidSignature; a second time: SignedNonceUsed
///   ├ debts, deposit and user go along; a request to return does not; earlier sale is credited
///   └ one who calls needs no signature
/// buyout
///   ├ not running: WrongState; other offer: WrongOffer; another caller: NotParty; no price: NotForSale
///   ├ more is due than the lessee is ready to pay: BadAmount; exactly that: sold
///   ├ without debts, with debts that the deposit covers, with debts that it does not
///   ├ deposit above the price: the rest is the lessee's, and no token moves
///   ├ nothing allowed: the token's error, and nothing has changed; permit serves
///   └ after the term: residual price
contract BatteryLeaseChangesTest is LeaseFixture {
    Offer private offer;
    uint256 private leaseId;

    function setUp() public override {
        super.setUp();
        offer = offerOf(packId);
        leaseId = openLease(offer);
    }

    // --- swap: what is refused

    function test_RevertWhen_SwappedLeaseIsOver() external {
        giveBack(leaseId, offer);
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        _expectSwapRefusal(
            order,
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongState.selector, leaseId, LeaseState.Returned)
        );
    }

    function test_RevertWhen_OldPackIsNotTheLeases() external {
        Swap memory order = swapOf(leaseId, otherPackId, packId);
        _expectSwapRefusal(
            order,
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongPack.selector, leaseId, otherPackId, packId)
        );
    }

    function test_RevertWhen_NewPackIsTheOldOne() external {
        Swap memory order = swapOf(leaseId, packId, packId);
        _expectSwapRefusal(
            order,
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongPack.selector, leaseId, packId, packId)
        );
    }

    function test_RevertWhen_NewPackIsUnknown() external {
        Swap memory order = swapOf(leaseId, packId, 404);
        _expectSwapRefusal(order, abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 404));
    }

    function test_RevertWhen_AConsentIsMissing() external {
        _giveOtherPackTo(buyer);
        _readBoth();
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        address[3] memory signers = [lessee, owner, buyer];
        for (uint256 i = 0; i < 3; ++i) {
            Signature[3] memory signatures = signaturesOf(order, lesseeKey, ownerKey, buyerKey);
            signatures[i] = sign(order, strangerKey);
            vm.expectRevert(
                abi.encodeWithSelector(
                    ISigned.SignedInvalidSignature.selector,
                    signers[i],
                    _digestOf(keccak256(abi.encode(SWAP_TYPEHASH, order)))
                )
            );
            book.swap(order, signatures, noReadings());
        }
        book.swap(order, signaturesOf(order, lesseeKey, ownerKey, buyerKey), noReadings());
        assertEq(book.leaseOf(leaseId).packId, otherPackId, "with all three");
    }

    function test_RevertWhen_SwapIsLate() external {
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        Signature[3] memory signatures = signaturesOf(order, lesseeKey, ownerKey, 0);
        vm.warp(order.deadline + 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISigned.SignedExpired.selector, order.deadline, uint256(order.deadline) + 1)
        );
        book.swap(order, signatures, noReadings());
    }

    function test_RevertWhen_SwapIsRepeated() external {
        _readBoth();
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        _swap(order);
        Swap memory back = swapOf(leaseId, otherPackId, packId);
        _swap(back);
        _expectSwapRefusal(order, abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, lessee, order.nonce));
    }

    function test_RevertWhen_MoreThanTwoReadingsAreGiven() external {
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        Signature[3] memory signatures = signaturesOf(order, lesseeKey, ownerKey, 0);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseBadLength.selector, 3, 2));
        book.swap(order, signatures, new SignedReading[](3));
    }

    function test_RevertWhen_OldPackHasNoReading() external {
        readWh(otherPackId, START_WH);
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        _expectSwapRefusal(
            order,
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseStaleReading.selector, packId, 0, EPOCH - 1 hours)
        );
    }

    function test_RevertWhen_ReadingIsOlderThanAnHour() external {
        _readBoth();
        vm.warp(EPOCH + 1);
        readWh(packId, START_WH);
        vm.warp(EPOCH + 1 hours + 1);
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        _expectSwapRefusal(
            order,
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseStaleReading.selector, otherPackId, EPOCH, EPOCH + 1)
        );
    }

    function test_ReadingOfAnHourServes() external {
        _readBoth();
        vm.warp(EPOCH + 1 hours);
        _swap(swapOf(leaseId, packId, otherPackId));
        assertEq(book.leaseOf(leaseId).packId, otherPackId, "swapped");
    }

    function test_RevertWhen_NewPackIsLeased() external {
        openLease(offerOf(otherPackId));
        _readBoth();
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        _expectSwapRefusal(order, abi.encodeWithSelector(IBatteryPack.BatteryPackLeased.selector, otherPackId, 2));
        assertEq(pack.userOf(packId), lessee, "old pack keeps its user");
    }

    // --- swap: readings

    function test_ReadingsGivenAreTakenIn() external {
        vm.warp(EPOCH + 1 days);
        _swapWith(_bothReadings(START_WH + 7, 500));
        assertEq(telemetry.stateOf(packId).throughputWh, START_WH + 7, "old pack");
        assertEq(book.leaseOf(leaseId).startWh, 500, "start of the new pack");
        assertEq(usageOf(leaseId).priorWh, 7, "use of the old pack");
    }

    function test_FrontRunReadingsDoNoHarm() external {
        vm.warp(EPOCH + 1 days);
        SignedReading[] memory readings = _bothReadings(START_WH + 7, 500);
        vm.prank(stranger);
        telemetry.submitMany(readings);
        _swapWith(readings);
        assertEq(usageOf(leaseId).priorWh, 7, "use of the old pack");
    }

    function test_BadReadingIsNoObstacleToAFreshOne() external {
        vm.warp(EPOCH + 1 days);
        _readBoth();
        SignedReading[] memory readings = new SignedReading[](1);
        readings[0] = sign(nextReading(packId, START_WH + 9), strangerKey);
        _swapWith(readings);
        assertEq(usageOf(leaseId).priorWh, 0, "by the fresh one");
    }

    // --- swap: what it does

    function test_SwapIsToldAndStored() external {
        vm.warp(EPOCH + 10 days);
        readWh(packId, START_WH + 30_000);
        readWh(otherPackId, 1_000);
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        Signature[3] memory signatures = signaturesOf(order, lesseeKey, ownerKey, 0);
        uint64 expires = uint64(EPOCH + PERIOD + GRACE);
        vm.expectEmit(address(pack));
        emit IBatteryPack.TenancyEnded(packId, address(book), leaseId);
        vm.expectEmit(address(pack));
        emit IERC4907.UpdateUser(packId, address(0), 0);
        vm.expectEmit(address(book));
        emit IBatteryLease.RentCredited(leaseId, owner, 40_000_000);
        vm.expectEmit(address(book));
        emit IBatteryLease.Swapped(leaseId, packId, otherPackId, 30_000);
        vm.expectEmit(address(pack));
        emit IBatteryPack.TenancyStarted(otherPackId, address(book), leaseId);
        vm.expectEmit(address(pack));
        emit IERC4907.UpdateUser(otherPackId, lessee, expires);
        vm.prank(stranger);
        book.swap(order, signatures, noReadings());

        assertEq(pack.userOf(packId), address(0), "old pack's user");
        assertEq(pack.userOf(otherPackId), lessee, "new pack's user");
        Lease memory lease = book.leaseOf(leaseId);
        assertEq(lease.packId, otherPackId, "pack");
        assertEq(lease.startWh, 1_000, "startWh");
        assertEq(lease.flags, 1, "usage in use");
        assertEq(usageOf(leaseId).priorWh, 30_000, "priorWh");
        assertEq(usageOf(leaseId).swappedAt, EPOCH + 10 days, "swappedAt");
        assertEq(euro.balanceOf(address(book)), 720e6, "no money moves");
    }

    function test_EachOwnerHasTheRentOfItsDays() external {
        _giveOtherPackTo(buyer);
        vm.warp(EPOCH + 10 days);
        _readBoth();
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        book.swap(order, signaturesOf(order, lesseeKey, ownerKey, buyerKey), noReadings());
        vm.warp(EPOCH + 30 days);
        creditLease(leaseId);
        assertEq(book.balanceOf(owner), 40_000_000, "old owner");
        assertEq(book.balanceOf(buyer), 80_000_000, "new owner");
    }

    function test_RevertWhen_OwnersSwapWhileRentIsDue() external {
        _giveOtherPackTo(buyer);
        vm.warp(EPOCH + PERIOD + 1);
        _readBoth();
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        Signature[3] memory signatures = signaturesOf(order, lesseeKey, ownerKey, buyerKey);
        _expectInArrears(EPOCH + PERIOD);
        book.swap(order, signatures, noReadings());
        vm.warp(EPOCH + PERIOD);
        book.swap(order, signatures, noReadings());
        assertEq(book.leaseOf(leaseId).packId, otherPackId, "in the last paid second");
    }

    function test_RevertWhen_OwnersSwapWhileOverageIsDue() external {
        _giveOtherPackTo(buyer);
        pay(leaseId, 2);
        vm.warp(EPOCH + PERIOD);
        readWh(packId, START_WH + 500_000);
        readWh(otherPackId, START_WH);
        book.billUsage(leaseId, offer);
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        Signature[3] memory signatures = signaturesOf(order, lesseeKey, ownerKey, buyerKey);
        _expectInArrears(EPOCH + 3 * uint256(PERIOD));
        book.swap(order, signatures, noReadings());
        pay(leaseId, 1);
        book.swap(order, signatures, noReadings());
        assertEq(book.leaseOf(leaseId).packId, otherPackId, "once it is paid");
    }

    function test_RevertWhen_NewOwnerHasNotApprovedTheBook() external {
        _giveOtherPackTo(buyer);
        vm.prank(buyer);
        pack.setApprovalForAll(address(book), false);
        _readBoth();
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        Signature[3] memory signatures = signaturesOf(order, lesseeKey, ownerKey, buyerKey);
        vm.expectRevert(
            abi.encodeWithSelector(IERC721Errors.ERC721InsufficientApproval.selector, address(book), otherPackId)
        );
        book.swap(order, signatures, noReadings());
    }

    function test_CallersNeedNoSignature() external {
        _giveOtherPackTo(buyer);
        _readBoth();
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        Signature[3] memory signatures = signaturesOf(order, lesseeKey, ownerKey, 0);
        vm.prank(buyer);
        book.swap(order, signatures, noReadings());
        order = swapOf(leaseId, otherPackId, packId);
        signatures = signaturesOf(order, 0, buyerKey, ownerKey);
        vm.prank(lessee);
        book.swap(order, signatures, noReadings());
        assertEq(book.leaseOf(leaseId).packId, packId, "back");
    }

    function test_LesseeWhoOwnsTheNewPackSignsOnce() external {
        _giveOtherPackTo(lessee);
        _readBoth();
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        book.swap(order, signaturesOf(order, lesseeKey, ownerKey, 0), noReadings());
        assertEq(book.leaseOf(leaseId).packId, otherPackId, "swapped");
    }

    function test_LesseeWhoOwnsTheOldPackSignsOnce() external {
        sell(packId, owner, lessee);
        _readBoth();
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        book.swap(order, signaturesOf(order, lesseeKey, 0, ownerKey), noReadings());
        assertEq(book.leaseOf(leaseId).packId, otherPackId, "swapped");
    }

    function test_UseIsCarriedOverAndPooled() external {
        vm.warp(EPOCH + 10 days);
        readWh(packId, START_WH + 350_000);
        readWh(otherPackId, 1_000);
        _swap(swapOf(leaseId, packId, otherPackId));
        vm.warp(EPOCH + PERIOD);
        readWh(otherPackId, 151_000);
        vm.expectEmit(address(book));
        emit IBatteryLease.UsageBilled(leaseId, 500_000, 100_000, 6_000_000);
        assertEq(book.billUsage(leaseId, offer), 6_000_000, "charge");
        // And once more.
        readWh(packId, START_WH + 360_000);
        _swap(swapOf(leaseId, otherPackId, packId));
        assertEq(usageOf(leaseId).priorWh, 500_000, "priorWh");
        assertEq(usageOf(leaseId).overageDue, 6_000_000, "bill stays");
    }

    function test_SwapEndsAnAbatement() external {
        vm.warp(EPOCH + 10 days);
        certify(packId, 3_500);
        book.claimRemedy(leaseId, offer);
        vm.warp(EPOCH + 20 days);
        certify(otherPackId, 3_500);
        vm.warp(EPOCH + 20 days + 1);
        _readBoth();
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        Signature[3] memory signatures = signaturesOf(order, lesseeKey, ownerKey, 0);
        vm.expectEmit(address(book));
        emit IBatteryLease.RemedyEnded(leaseId, 0);
        book.swap(order, signatures, noReadings());
        assertEq(abatementOf(leaseId).until, EPOCH + 20 days + 1, "until");
        // Tests of the new pack before it came in do not count.
        vm.expectRevert(
            abi.encodeWithSelector(
                IBatteryLease.BatteryLeaseCertificateTooOld.selector,
                leaseId,
                EPOCH + 20 days,
                EPOCH + 20 days + 1
            )
        );
        book.claimRemedy(leaseId, offer);
        certify(otherPackId, 3_500);
        book.claimRemedy(leaseId, offer);
        assertEq(abatementOf(leaseId).since, EPOCH + 20 days + 1, "since");
    }

    function test_SwapEndsADisputeOverTheOldPack() external {
        vm.prank(lessee);
        book.disputeHealth(leaseId, "old pack");
        _readBoth();
        _swap(swapOf(leaseId, packId, otherPackId));
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseNothingToRule.selector, leaseId));
        vm.prank(arbiter);
        book.ruleHealth(leaseId, offer, 0);
    }

    function test_SwapEndsARequestToReturn() external {
        vm.prank(lessee);
        book.requestReturn(leaseId);
        _readBoth();
        _swap(swapOf(leaseId, packId, otherPackId));
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseReturnNotRequested.selector, leaseId));
        vm.prank(owner);
        book.confirmReturn(leaseId, offer);
    }

    function test_SaleThenSwap() external {
        vm.warp(EPOCH + 5 days);
        sell(packId, owner, buyer);
        vm.warp(EPOCH + 10 days);
        _readBoth();
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        book.swap(order, signaturesOf(order, lesseeKey, buyerKey, ownerKey), noReadings());
        assertEq(book.balanceOf(owner), 20_000_000, "seller");
        assertEq(book.balanceOf(buyer), 20_000_000, "buyer");
    }

    function test_SwapInArrearsGivesNoUser() external {
        vm.warp(EPOCH + PERIOD + GRACE + 1);
        _readBoth();
        _swap(swapOf(leaseId, packId, otherPackId));
        assertEq(pack.userOf(otherPackId), address(0), "user");
        assertEq(book.balanceOf(owner), RENT, "credited what is paid");
    }

    // --- novate

    function test_RevertWhen_NovatedLeaseIsOver() external {
        giveBack(leaseId, offer);
        _expectNovationRefusal(
            novationOf(leaseId, lessee, heir),
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongState.selector, leaseId, LeaseState.Returned)
        );
    }

    function test_RevertWhen_OldLesseeIsNotTheLessee() external {
        _expectNovationRefusal(
            novationOf(leaseId, stranger, heir),
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseNotParty.selector, leaseId, stranger, lessee)
        );
    }

    function test_RevertWhen_NewLesseeIsTheOldOne() external {
        _expectNovationRefusal(
            novationOf(leaseId, lessee, lessee),
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseUnchanged.selector)
        );
    }

    function test_RevertWhen_AConsentToANovationIsMissing() external {
        Novation memory order = novationOf(leaseId, lessee, heir);
        address[3] memory signers = [owner, lessee, heir];
        for (uint256 i = 0; i < 3; ++i) {
            Signature[3] memory signatures = signaturesOf(order, ownerKey, lesseeKey, heirKey);
            signatures[i] = sign(order, strangerKey);
            vm.expectRevert(
                abi.encodeWithSelector(
                    ISigned.SignedInvalidSignature.selector,
                    signers[i],
                    _digestOf(keccak256(abi.encode(NOVATION_TYPEHASH, order)))
                )
            );
            book.novate(order, signatures);
        }
    }

    function test_RevertWhen_NovationIsRepeated() external {
        Novation memory order = novationOf(leaseId, lessee, heir);
        _novate(order);
        Novation memory back = novationOf(leaseId, heir, lessee);
        book.novate(back, signaturesOf(back, ownerKey, heirKey, lesseeKey));
        _expectNovationRefusal(order, abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, owner, order.nonce));
    }

    function test_NovationIsTold() external {
        Novation memory order = novationOf(leaseId, lessee, heir);
        Signature[3] memory signatures = signaturesOf(order, ownerKey, lesseeKey, heirKey);
        vm.expectEmit(address(book));
        emit IBatteryLease.Novated(leaseId, lessee, heir);
        vm.expectEmit(address(pack));
        emit IERC4907.UpdateUser(packId, heir, uint64(EPOCH + PERIOD + GRACE));
        vm.prank(stranger);
        book.novate(order, signatures);
        assertEq(book.leaseOf(leaseId).lessee, heir, "lessee");
        assertEq(pack.userOf(packId), heir, "user");
    }

    function test_CallerOfANovationNeedsNoSignature() external {
        Novation memory order = novationOf(leaseId, lessee, heir);
        Signature[3] memory signatures = signaturesOf(order, ownerKey, lesseeKey, 0);
        vm.prank(heir);
        book.novate(order, signatures);
        assertEq(book.leaseOf(leaseId).lessee, heir, "lessee");
    }

    function test_OwnerWhoBecomesLesseeSignsOnce() external {
        Novation memory order = novationOf(leaseId, lessee, owner);
        book.novate(order, signaturesOf(order, ownerKey, lesseeKey, 0));
        assertEq(book.leaseOf(leaseId).lessee, owner, "lessee");
    }

    function test_DebtsAndDepositGoAlong() external {
        vm.warp(EPOCH + PERIOD + GRACE + 1);
        _novate(novationOf(leaseId, lessee, heir));
        assertEq(pack.userOf(packId), address(0), "no user in arrears");
        assertEq(book.owedOf(leaseId).payToCure, RENT + LATE_FEE, "debts");
        vm.prank(heir);
        book.payRent(leaseId, 1);
        assertEq(pack.userOf(packId), heir, "user");
        pay(leaseId, 34);
        vm.warp(EPOCH + TERM + GRACE + 1);
        vm.prank(owner);
        book.confirmAndSettle(leaseId, offer);
        assertEq(book.balanceOf(heir), DEPOSIT, "deposit");
        assertEq(book.balanceOf(lessee), 0, "old lessee");
    }

    function test_NovationEndsARequestToReturn() external {
        vm.prank(lessee);
        book.requestReturn(leaseId);
        _novate(novationOf(leaseId, lessee, heir));
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseReturnNotRequested.selector, leaseId));
        vm.prank(owner);
        book.confirmReturn(leaseId, offer);
        vm.prank(heir);
        book.requestReturn(leaseId);
    }

    function test_SaleThenNovation() external {
        vm.warp(EPOCH + 5 days);
        sell(packId, owner, buyer);
        vm.warp(EPOCH + 10 days);
        Novation memory order = novationOf(leaseId, lessee, heir);
        book.novate(order, signaturesOf(order, buyerKey, lesseeKey, heirKey));
        assertEq(book.balanceOf(owner), 20_000_000, "seller");
        assertEq(pack.pendingSale(packId).seller, address(0), "sale seen");
    }

    // --- buyout: what is refused

    function test_RevertWhen_BoughtLeaseIsOver() external {
        giveBack(leaseId, offer);
        bytes memory reason = abi.encodeWithSelector(
            IBatteryLease.BatteryLeaseWrongState.selector,
            leaseId,
            LeaseState.Returned
        );
        _expectBuyoutRefusal(offer, reason);
        vm.expectRevert(reason);
        book.buyoutPriceOf(leaseId, offer);
    }

    function test_RevertWhen_BuyoutOfferIsNotTheLeases() external {
        Offer memory cheap = offer;
        bytes32 expected = hashOf(offer);
        cheap.buyoutStart = 1;
        cheap.buyoutResidual = 1;
        _expectBuyoutRefusal(
            cheap,
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongOffer.selector, leaseId, hashOf(cheap), expected)
        );
    }

    function test_RevertWhen_NotTheLesseeBuys() external {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseNotParty.selector, leaseId, stranger, lessee));
        vm.prank(stranger);
        book.buyout(leaseId, offer, type(uint256).max, noPermit());
    }

    function test_RevertWhen_PackIsNotForSale() external {
        Offer memory plain = offerOf(otherPackId);
        (plain.buyoutStart, plain.buyoutResidual) = (0, 0);
        uint256 id = openLease(plain);
        bytes memory reason = abi.encodeWithSelector(IBatteryLease.BatteryLeaseNotForSale.selector, id);
        vm.expectRevert(reason);
        vm.prank(lessee);
        book.buyout(id, plain, type(uint256).max, noPermit());
        vm.expectRevert(reason);
        book.buyoutPriceOf(id, plain);
    }

    function test_RevertWhen_MoreIsDueThanTheLesseeIsReadyToPay() external {
        vm.warp(EPOCH + 10 days);
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseBadAmount.selector, leaseId, 5_278_333_333, 5_278_333_332)
        );
        vm.prank(lessee);
        book.buyout(leaseId, offer, 5_278_333_332, noPermit());
        vm.prank(lessee);
        assertEq(book.buyout(leaseId, offer, 5_278_333_333, noPermit()), 5_278_333_333, "exactly that");
    }

    function test_RevertWhen_NothingIsAllowedForABuyout() external {
        vm.prank(lessee);
        euro.approve(address(book), 0);
        _expectBuyoutRefusal(
            offer,
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector,
                address(book),
                0,
                6_000_000_000 - 720_000_000
            )
        );
        assertEq(pack.ownerOf(packId), owner, "title");
        assertEq(book.balanceOf(owner), 0, "balance");
        stateIs(leaseId, LeaseState.Active);
    }

    // --- buyout: what it does

    function test_BuyoutWithoutDebts() external {
        vm.warp(EPOCH + 10 days);
        assertEq(book.buyoutPriceOf(leaseId, offer), 5_958_333_333, "price");
        vm.expectEmit(address(pack));
        emit IBatteryPack.TenancyEnded(packId, address(book), leaseId);
        vm.expectEmit(address(pack));
        emit IERC4907.UpdateUser(packId, address(0), 0);
        vm.expectEmit(address(pack));
        emit IERC721.Transfer(owner, lessee, packId);
        vm.expectEmit(address(book));
        // No early fee.
        emit IBatteryLease.AccountsClosed(leaseId, 40_000_000, 0, 0, 0, 0, 680_000_000);
        vm.expectEmit(address(book));
        emit IBatteryLease.BoughtOut(leaseId, 5_958_333_333, 5_278_333_333);
        vm.expectEmit(address(euro));
        emit IERC20.Transfer(lessee, address(book), 5_278_333_333);
        vm.prank(lessee);
        book.buyout(leaseId, offer, type(uint256).max, noPermit());

        assertEq(pack.ownerOf(packId), lessee, "title");
        assertEq(book.balanceOf(owner), 5_998_333_333, "owner");
        assertEq(book.balanceOf(lessee), 0, "lessee");
        assertEq(euro.balanceOf(address(book)), 5_998_333_333, "book");
        assertEq(euro.balanceOf(lessee), FUNDS - 5_998_333_333, "payer");
        stateIs(leaseId, LeaseState.BoughtOut);
    }

    function test_BuyoutWithDebtsThatTheDepositCovers() external {
        vm.warp(EPOCH + 70 days);
        readWh(packId, START_WH + 1_300_000);
        vm.expectEmit(address(book));
        emit IBatteryLease.AccountsClosed(leaseId, RENT, 160_000_000, 6_000_000, 20_000_000, 0, 414_000_000);
        vm.expectEmit(address(book));
        emit IBatteryLease.BoughtOut(leaseId, 5_708_333_333, 5_294_333_333);
        vm.prank(lessee);
        book.buyout(leaseId, offer, type(uint256).max, noPermit());
        assertEq(book.balanceOf(owner), 306_000_000 + 5_708_333_333, "owner");
        assertEq(euro.balanceOf(address(book)), book.balanceOf(owner), "book");
    }

    function test_BuyoutWithDebtsThatTheDepositDoesNotCover() external {
        Offer memory bare = offerOf(otherPackId);
        bare.deposit = 0;
        uint256 id = openLease(bare);
        vm.warp(EPOCH + 70 days);
        readWh(otherPackId, START_WH + 1_300_000);
        vm.expectEmit(address(book));
        emit IBatteryLease.AccountsClosed(id, RENT, 0, 0, 0, 0, 0);
        vm.expectEmit(address(book));
        emit IBatteryLease.BoughtOut(id, 5_708_333_333, 5_894_333_333);
        vm.prank(lessee);
        book.buyout(id, bare, type(uint256).max, noPermit());
        assertEq(book.balanceOf(owner), 120_000_000 + 186_000_000 + 5_708_333_333, "owner has all debts");
    }

    function test_DepositAboveThePrice() external {
        Offer memory cheap = offerOf(otherPackId);
        (cheap.buyoutStart, cheap.buyoutResidual) = (100_000_000, 50_000_000);
        uint256 id = openLease(cheap);
        vm.warp(EPOCH + 10 days);
        uint256 before = euro.balanceOf(lessee);
        vm.expectEmit(address(book));
        emit IBatteryLease.BoughtOut(id, 99_537_037, 0);
        vm.prank(lessee);
        assertEq(book.buyout(id, cheap, 0, noPermit()), 0, "paid");
        assertEq(euro.balanceOf(lessee), before, "no token moved");
        assertEq(book.balanceOf(lessee), 680_000_000 - 99_537_037, "rest");
        assertEq(book.balanceOf(owner), 40_000_000 + 99_537_037, "owner");
    }

    function test_LeastIsPaidToo() external {
        Offer memory cheap = offerOf(otherPackId);
        (cheap.buyoutStart, cheap.buyoutResidual) = (720_000_001, 720_000_001);
        uint256 id = openLease(cheap);
        uint256 before = euro.balanceOf(lessee);
        vm.prank(lessee);
        assertEq(book.buyout(id, cheap, 1, noPermit()), 1, "paid");
        assertEq(euro.balanceOf(lessee), before - 1, "a single unit moved");
    }

    function test_PermitServesForABuyout() external {
        vm.prank(lessee);
        euro.approve(address(book), 0);
        Permit memory permit = permitOf(lesseeKey, 6_000_000_000);
        vm.prank(lessee);
        assertEq(book.buyout(leaseId, offer, type(uint256).max, permit), 5_280_000_000, "paid");
    }

    function test_BuyoutAfterTheTermIsAtTheResidualPrice() external {
        pay(leaseId, PERIODS - 1);
        vm.warp(EPOCH + TERM + 20 days);
        assertEq(book.buyoutPriceOf(leaseId, offer), BUYOUT_RESIDUAL, "price");
        vm.prank(lessee);
        assertEq(book.buyout(leaseId, offer, type(uint256).max, noPermit()), BUYOUT_RESIDUAL - DEPOSIT, "paid");
    }

    function test_LesseeWhoOwnsThePackBuysItFromItself() external {
        sell(packId, owner, lessee);
        vm.prank(lessee);
        book.buyout(leaseId, offer, type(uint256).max, noPermit());
        withdrawAll(lessee);
        assertEq(euro.balanceOf(lessee), FUNDS, "all of its money");
        assertEq(pack.ownerOf(packId), lessee, "title");
        (address holder, ) = pack.leaseOf(packId);
        assertEq(holder, address(0), "free");
    }

    // --- helpers

    function _expectInArrears(uint256 paidThrough) private {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseInArrears.selector, leaseId, paidThrough));
    }

    function _giveOtherPackTo(address account) private {
        sell(otherPackId, owner, account);
    }

    function _readBoth() private {
        readWh(packId, START_WH);
        readWh(otherPackId, START_WH);
    }

    function _bothReadings(uint48 oldWh, uint48 newWh) private returns (SignedReading[] memory readings) {
        readings = new SignedReading[](2);
        readings[0] = sign(nextReading(packId, oldWh), deviceKey);
        readings[1] = sign(nextReading(otherPackId, newWh), spareKey);
    }

    function _swap(Swap memory order) private {
        book.swap(order, signaturesOf(order, lesseeKey, ownerKey, 0), noReadings());
    }

    function _swapWith(SignedReading[] memory readings) private {
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        book.swap(order, signaturesOf(order, lesseeKey, ownerKey, 0), readings);
    }

    function _novate(Novation memory order) private {
        book.novate(order, signaturesOf(order, ownerKey, lesseeKey, heirKey));
    }

    function _expectSwapRefusal(Swap memory order, bytes memory reason) private {
        Signature[3] memory signatures = signaturesOf(order, lesseeKey, ownerKey, 0);
        vm.expectRevert(reason);
        book.swap(order, signatures, noReadings());
    }

    function _expectNovationRefusal(Novation memory order, bytes memory reason) private {
        Signature[3] memory signatures = signaturesOf(order, ownerKey, lesseeKey, heirKey);
        vm.expectRevert(reason);
        book.novate(order, signatures);
    }

    function _expectBuyoutRefusal(Offer memory given, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(lessee);
        book.buyout(leaseId, given, type(uint256).max, noPermit());
    }

    function _digestOf(bytes32 structHash) private view returns (bytes32 digest) {
        return keccak256(abi.encodePacked(hex"1901", leaseDomain(), structHash));
    }
}
