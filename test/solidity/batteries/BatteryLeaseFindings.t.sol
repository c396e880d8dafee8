// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {ISigned, Signature} from "../../../contracts/authority/ISigned.sol";
import {BatteryLease} from "../../../contracts/batteries/BatteryLease.sol";
import {
    Closing,
    IBatteryLease,
    LeaseAct,
    LeaseActKind,
    LeaseState,
    Novation,
    Offer,
    Owed,
    PaymentAuthorization,
    ReturnReceipt,
    Swap
} from "../../../contracts/batteries/IBatteryLease.sol";
import {DeviceRotation, Reading} from "../../../contracts/batteries/IBatteryTelemetry.sol";
import {LeaseFixture} from "./LeaseFixture.sol";

/// @dev What a review of the lease book found, a scenario each, with the outcome that is right.
/// overage
///   ├ payRent and payMany take at most as much as the rent of the periods paid; the rest waits
///   ├ what waits is taken at the end
///   └ owedOf tells what paying the due periods takes
/// device key
///   ├ leased, also when the user's time is over: the tenant consents, an operator who is the owner cannot alone
///   └ after a default or the end: the owner consents
/// request to return: ended by a novation, a swap and the lessee's payment, not by somebody else's
/// receipt
///   ├ needs a request, the end of the term or a default
///   ├ a sale after the hand-over earns the seller nothing after it
///   └ before the latest of two abatements: rent ends where that one began; before the only one: at the hand-over
/// cure: its clock runs on through further falls, and anew after a cure
/// default that the owner leaves alone: settles after both windows, and the pack is free
/// swap between owners: not while rent or overage is due; a dispute of health ends
/// ruling in arrears: the first span begins, a later one does not
/// several books: an authorization serves one
/// withdraw: not to the book
/// acceptance by relay: names the amount
/// owner: a book serves only those who approved it
contract BatteryLeaseFindingsTest is LeaseFixture {
    uint256 private constant ONE_PERIOD_OVER_WH = START_WH + INCLUDED_WH;
    /// @dev 5,000 kWh above the allowance cost 300: two rents and a half.
    uint48 private constant FAR_OVER_WH = 5_000_000;
    uint96 private constant FAR_OVERAGE = 300e6;

    Offer private offer;
    uint256 private leaseId;
    uint256 private start;

    function setUp() public override {
        super.setUp();
        offer = offerOf(packId);
        leaseId = openLease(offer);
        start = block.timestamp;
    }

    // --- overage

    /// @dev A meter tells of 5,000 kWh too much. Who meant to pay a rent of 120 pays 240 at most, three times.
    function test_PaymentTakesAtMostAsMuchOverageAsRent() external {
        vm.warp(start + PERIOD);
        _billFarOver(packId, leaseId, offer);
        _assertPays(120e6, 180e6);
        vm.warp(start + 2 * PERIOD);
        _assertPays(120e6, 60e6);
        vm.warp(start + 3 * PERIOD);
        _assertPays(60e6, 0);
        vm.warp(start + 4 * PERIOD);
        _assertPays(0, 0);
        assertEq(book.balanceOf(owner), FAR_OVERAGE, "all overage is the owner's");
    }

    /// @dev Two periods paid at once make room for two rents of overage.
    function test_PaymentOfTwoPeriodsTakesTwoRentsOfOverage() external {
        vm.warp(start + PERIOD);
        _billFarOver(packId, leaseId, offer);
        assertEq(pay(leaseId, 2), 480e6, "paid");
        assertEq(usageOf(leaseId).overageDue, 60e6, "waits");
        assertEq(book.balanceOf(owner), 240e6, "owner");
    }

    /// @dev The bound holds for each lease of a batch.
    function test_BatchTakesAtMostAsMuchOverageAsRentOfEach() external {
        Offer memory otherOffer = offerOf(otherPackId);
        uint256[] memory leaseIds = new uint256[](2);
        uint16[] memory counts = new uint16[](2);
        leaseIds[0] = leaseId;
        leaseIds[1] = openLease(otherOffer);
        (counts[0], counts[1]) = (1, 2);
        vm.warp(start + PERIOD);
        _billFarOver(packId, leaseId, offer);
        _billFarOver(otherPackId, leaseIds[1], otherOffer);

        vm.prank(lessee);
        assertEq(book.payMany(leaseIds, counts), 240e6 + 480e6, "paid");
        assertEq(usageOf(leaseId).overageDue, 180e6, "first waits");
        assertEq(usageOf(leaseIds[1]).overageDue, 60e6, "second waits");
    }

    /// @dev After one payment 180 of the overage wait; the return takes them. Of 720 in the book the rest is 540, less
    /// the early fee of 180 * 35 / 36 = 175.
    function test_OverageThatWaitsIsTakenAtTheEnd() external {
        vm.warp(start + PERIOD);
        _billFarOver(packId, leaseId, offer);
        pay(leaseId, 1);
        giveBack(leaseId, offer);
        assertEq(closingOf(leaseId).held, 365e6, "held");
        assertEq(book.balanceOf(owner), 120e6 + 120e6 + 180e6 + 175e6, "rent, overage twice, early fee");
    }

    /// @dev Whatever is due, with any overage, rebate and late fees: owedOf tells to the unit what paying it takes.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_PayingWhatIsDueTakesPayToCure(uint256 elapsed, uint256 usedWh, uint256 sohBp) external {
        elapsed = bound(elapsed, PERIOD, TERM + 2 * PERIOD);
        usedWh = bound(usedWh, 0, 200_000_000);
        sohBp = bound(sohBp, 0, 2 * uint256(MIN_SOH_BP));
        if (sohBp < MIN_SOH_BP) {
            vm.warp(start + 1 days);
            certify(packId, sohBp);
            book.claimRemedy(leaseId, offer);
        }
        vm.warp(start + elapsed);
        // At most 48 bits by the bound above.
        readWh(packId, uint48(START_WH + usedWh));
        uint256 charge = book.billUsage(leaseId, offer);

        Owed memory owed = book.owedOf(leaseId);
        uint256 before = euro.balanceOf(lessee);
        // One period is paid; the due dates are at most `PERIODS`.
        uint256 amount = pay(leaseId, uint16(owed.duePeriods - 1));
        assertEq(amount, owed.payToCure, "taken as told");
        assertEq(before - euro.balanceOf(lessee), amount, "tokens taken");
        assertEq(usageOf(leaseId).overageDue, charge - owed.overageDue, "rest waits");
        assertLe(owed.overageDue, owed.rentDue, "no more overage than rent");
        assertEq(book.owedOf(leaseId).payToCure, 0, "nothing due");
    }

    // --- device key

    /// @dev The maker of a pack lends it itself. Alone it could put in a device that counts what it likes.
    function test_RevertWhen_OperatorWhoIsOwnerReplacesTheDeviceOfALeasedPackAlone() external {
        uint256 id = _openLeaseOfOperator();
        _expectTenantsConsent(id);

        // Nor when the user's time is over: the lease, and its meter, go on.
        vm.warp(start + PERIOD + GRACE + 1);
        assertEq(pack.userOf(id), address(0), "right of use has lapsed");
        assertEq(pack.tenantOf(id), lessee, "tenant");
        _expectTenantsConsent(id);
    }

    function test_TenantConsentsToANewDevice() external {
        uint256 id = _openLeaseOfOperator();
        DeviceRotation memory rotation = rotationOf(id, device, spare);
        telemetry.rotateDevice(rotation, sign(rotation, operatorKey), sign(rotation, lesseeKey), false);
        _assertDeviceIsSpare(id);
    }

    /// @dev The owner of another operator's pack is not believed about the meter of its tenant either.
    function test_RevertWhen_OwnerConsentsForTheTenant() external {
        DeviceRotation memory rotation = rotationOf(packId, device, spare);
        Signature memory consent = sign(rotation, ownerKey);
        vm.expectRevert(_wrongSignature(lessee, rotation));
        telemetry.rotateDevice(rotation, sign(rotation, operatorKey), consent, false);
    }

    function test_AfterADefaultTheOwnerConsentsToANewDevice() external {
        _default();
        assertEq(pack.tenantOf(packId), address(0), "no tenant");
        _rotateWithOwner();
    }

    function test_AfterTheEndTheOwnerConsentsToANewDevice() external {
        giveBack(leaseId, offer);
        assertEq(pack.tenantOf(packId), address(0), "no tenant");
        _rotateWithOwner();
    }

    // --- request to return

    /// @dev The old lessee asked, the new one paid a year ahead: the owner cannot end that and take an early fee.
    function test_NovationEndsTheRequest() external {
        _request();
        Novation memory order = novationOf(leaseId, lessee, heir);
        book.novate(order, signaturesOf(order, ownerKey, lesseeKey, heirKey));
        _assertNoRequest();
        assertEq(pack.userOf(packId), heir, "user");
    }

    /// @dev The lessee asked because the pack was bad, and was given another instead.
    function test_SwapEndsTheRequest() external {
        _request();
        _swapTo(0);
        _assertNoRequest();
        assertEq(pack.userOf(otherPackId), lessee, "user");
    }

    function test_LesseesPaymentEndsTheRequest() external {
        _request();
        pay(leaseId, 1);
        _assertNoRequest();
    }

    function test_LesseesAuthorizedPaymentEndsTheRequest() external {
        _request();
        PaymentAuthorization memory authorization = authorizationOf(lesseeKey, RENT, book.rentNonce(leaseId, 1));
        vm.prank(stranger);
        book.payRentWithAuthorization(leaseId, 1, lessee, authorization);
        _assertNoRequest();
    }

    /// @dev Otherwise anybody could keep a lessee in its lease for the price of a rent.
    function test_SomebodyElsesPaymentLeavesTheRequest() external {
        _request();
        vm.prank(stranger);
        book.payRent(leaseId, 1);
        assertEq(book.leaseOf(leaseId).requestedAt, start, "asked");
        vm.prank(owner);
        book.confirmReturn(leaseId, offer);
        stateIs(leaseId, LeaseState.Returned);
    }

    // --- receipt

    /// @dev A year is paid and nobody asked for anything: a bay cannot end that, before the end of the term.
    function test_RevertWhen_ABayAloneEndsALease() external {
        pay(leaseId, PERIODS - 1);
        _expectReceiptRefused();
        vm.warp(start + TERM - 1);
        _expectReceiptRefused();

        vm.warp(start + TERM);
        _deliver(block.timestamp);
        stateIs(leaseId, LeaseState.Returned);
        assertEq(closingOf(leaseId).held, DEPOSIT, "held");
        assertEq(book.balanceOf(owner), PERIODS * uint256(RENT), "owner");
    }

    /// @dev At the very start: all but the early fee comes back.
    function test_ReceiptServesARequest() external {
        _request();
        _deliver(start);
        assertEq(closingOf(leaseId).held, uint256(DEPOSIT) + RENT - EARLY_FEE, "held");
        assertEq(book.balanceOf(owner), EARLY_FEE, "early fee");
    }

    function test_ReceiptServesAfterADefault() external {
        _default();
        uint256 held = closingOf(leaseId).held;
        _deliver(block.timestamp);
        stateIs(leaseId, LeaseState.Returned);
        assertEq(closingOf(leaseId).held, held, "held");
    }

    /// @dev Handed over on day 10, sold on day 20, receipt relayed on day 21. Ten days of rent are 40.
    function test_SaleAfterTheHandOverEarnsNothingAfterIt() external {
        _newLeaseWithoutEarlyFee();
        _request();
        vm.warp(start + 20 days);
        sell(packId, owner, buyer);
        vm.warp(start + 21 days);
        _deliver(start + 10 days);
        assertEq(book.balanceOf(owner), 40e6, "seller");
        assertEq(book.balanceOf(buyer), 0, "buyer");
        assertEq(closingOf(leaseId).held, 680e6, "held");
        assertEq(closingOf(leaseId).claimant, buyer, "claimant");
    }

    /// @dev Sold on day 5, before the hand-over: 20 are the seller's, 20 the buyer's.
    function test_SaleBeforeTheHandOverEarnsItsDays() external {
        _newLeaseWithoutEarlyFee();
        _request();
        vm.warp(start + 5 days);
        sell(packId, owner, buyer);
        vm.warp(start + 21 days);
        _deliver(start + 10 days);
        assertEq(book.balanceOf(owner), 20e6, "seller");
        assertEq(book.balanceOf(buyer), 20e6, "buyer");
        assertEq(closingOf(leaseId).held, 680e6, "held");
    }

    /// @dev Health of 1 % since day 1 and of 0.1 % since day 25; the receipt tells of day 10. Of the rebate until day
    /// 25 only the sum is known, so rent ends then: (25 * 120 - 24 * 118.285715) / 30.
    function test_ReceiptBeforeTheLatestAbatementEndsRentWhereThatBegan() external {
        _newLeaseWithoutEarlyFee();
        _abateAt(start + 1 days, 100);
        _abateAt(start + 25 days, 10);
        vm.warp(start + 26 days);
        _request();
        _deliver(start + 10 days);
        assertEq(book.balanceOf(owner), 5_371_428, "owner");
        assertEq(closingOf(leaseId).held, uint256(DEPOSIT) + RENT - 5_371_428, "held");
    }

    /// @dev Health of 50 % since day 25; the receipt tells of day 10. Before the only abatement there was no rebate, so
    /// nothing is unknown: rent ends at the hand-over, and nobody can prolong it by a test of a pack that is back.
    function test_ReceiptBeforeTheOnlyAbatementEndsRentAtTheHandOver() external {
        _newLeaseWithoutEarlyFee();
        _abateAt(start + 25 days, 3_500);
        vm.warp(start + 26 days);
        _request();
        _deliver(start + 10 days);
        assertEq(book.balanceOf(owner), 40e6, "owner");
        assertEq(closingOf(leaseId).held, 680e6, "held");
    }

    // --- cure

    /// @dev Below the guarantee from day 1, a little lower every 25 days, 30 days to cure: on day 110 the lessee leaves
    /// free. The lessor, who relays certificates too, gains nothing by them.
    function test_FurtherFallsLeaveTheCureClock() external {
        pay(leaseId, 11);
        for (uint256 i = 0; i < 5; ++i) {
            _abateAt(start + 1 days + i * 25 days, 6_900 - i * 100);
            assertEq(abatementOf(leaseId).uncuredSince, start + 1 days, "clock");
        }
        vm.warp(start + 110 days);
        giveBack(leaseId, offer);
        assertEq(book.balanceOf(owner), 423_142_855, "rent without early fee");
        assertEq(closingOf(leaseId).held, 2_040e6 - 423_142_855, "held");
    }

    /// @dev Cured on day 40 and fallen again on day 50: the clock begins there. On day 80 the fee is due in the last
    /// second, a second later it is not.
    function test_CureClockBeginsAnewAfterACure() external {
        pay(leaseId, 11);
        _abateAt(start + 1 days, 6_900);
        vm.warp(start + 40 days);
        certify(packId, MIN_SOH_BP);
        book.endRemedy(leaseId, offer);
        _abateAt(start + 50 days, 6_800);
        assertEq(abatementOf(leaseId).uncuredSince, start + 50 days, "clock");

        uint256 snapshotId = vm.snapshotState();
        vm.warp(start + 50 days + CURE_DURATION);
        giveBack(leaseId, offer);
        assertEq(book.balanceOf(owner), 314_342_856 + 166_666_666, "rent and early fee");
        vm.revertToState(snapshotId);
        vm.warp(start + 50 days + CURE_DURATION + 1);
        giveBack(leaseId, offer);
        assertEq(book.balanceOf(owner), 314_342_901, "rent");
    }

    // --- default that the owner leaves alone

    /// @dev 65 days and a second unpaid but for the first 30: of 600 are taken 140.000046 of arrears, two late fees and
    /// 169.166664 of early fee. The rest was the owner's hostage for ever.
    function test_DefaultThatTheOwnerLeavesAloneSettlesByTime() external {
        _default();
        uint256 left = 270_833_290;
        Closing memory closing = closingOf(leaseId);
        assertEq(closing.held, left, "held");
        uint256 owners = book.balanceOf(owner);

        uint256 last = block.timestamp + CLAIM_WINDOW + ARBITER_WINDOW;
        vm.warp(last);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseTooEarly.selector, leaseId, last, last + 1));
        vm.prank(lessee);
        book.settle(leaseId);

        vm.warp(last + 1);
        vm.expectEmit(address(book));
        emit IBatteryLease.LeaseSettled(leaseId, 0, left);
        vm.prank(stranger);
        book.settle(leaseId);
        assertEq(book.balanceOf(lessee), left, "lessee");
        assertEq(book.balanceOf(owner), owners, "owner");
        (address holder, uint256 heldBy) = pack.leaseOf(packId);
        assertEq(holder, address(0), "book");
        assertEq(heldBy, 0, "lease");

        // The pack can be leased again, and what is over stays over.
        stateIs(openLease(offerOf(packId)), LeaseState.Active);
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongState.selector, leaseId, LeaseState.Settled)
        );
        vm.prank(owner);
        book.declareLost(leaseId, "gone");
    }

    /// @dev Until somebody settles, the owner can still give the pack up for lost.
    function test_OwnerMayDeclareLossUntilSomebodySettles() external {
        _default();
        vm.warp(block.timestamp + CLAIM_WINDOW + ARBITER_WINDOW + 1);
        vm.prank(owner);
        book.declareLost(leaseId, "gone");
        stateIs(leaseId, LeaseState.Claimed);
        vm.expectRevert(
            abi.encodeWithSelector(
                IBatteryLease.BatteryLeaseTooEarly.selector,
                leaseId,
                block.timestamp,
                block.timestamp + CLAIM_WINDOW + 1
            )
        );
        book.settle(leaseId);
    }

    // --- swap between owners

    /// @dev A second into the unpaid period its rent would go to the new owner.
    function test_RevertWhen_PacksOfTwoOwnersAreSwappedWhileRentIsDue() external {
        sell(otherPackId, owner, buyer);
        vm.warp(start + PERIOD + 1);
        _expectSwapRefused(start + PERIOD);
        pay(leaseId, 1);
        _swapTo(buyerKey);
        assertEq(book.balanceOf(owner), 120_000_046, "old owner: a period and a second");
    }

    /// @dev In the second in which a period ends, nothing of the next has been earned.
    function test_PacksOfTwoOwnersAreSwappedInTheLastPaidSecond() external {
        sell(otherPackId, owner, buyer);
        vm.warp(start + PERIOD);
        _swapTo(buyerKey);
        assertEq(book.balanceOf(owner), RENT, "old owner");
        assertEq(book.balanceOf(buyer), 0, "new owner");
    }

    /// @dev 1,000 kWh above the allowance of the old pack, billed and not paid: 60.
    function test_RevertWhen_PacksOfTwoOwnersAreSwappedWhileOverageIsDue() external {
        sell(otherPackId, owner, buyer);
        vm.warp(start + PERIOD);
        pay(leaseId, 1);
        readWh(packId, uint48(ONE_PERIOD_OVER_WH + 1_000_000));
        assertEq(book.billUsage(leaseId, offer), 60e6, "charge");
        _expectSwapRefused(start + 2 * PERIOD);
        pay(leaseId, 1);
        _swapTo(buyerKey);
        assertEq(book.balanceOf(owner), 60e6 + 120e6, "old owner: overage and rent");
    }

    /// @dev One owner loses nothing to itself.
    function test_PacksOfOneOwnerAreSwappedInArrears() external {
        vm.warp(start + PERIOD + 1);
        _swapTo(0);
        assertEq(book.leaseOf(leaseId).packId, otherPackId, "pack");
    }

    /// @dev The dispute was about the old pack; the arbiter cannot rule on the new one by it.
    function test_SwapEndsADisputeOfHealth() external {
        vm.prank(lessee);
        book.disputeHealth(leaseId, "bad");
        _swapTo(0);
        assertEq(abatementOf(leaseId).disputedAt, 0, "disputed");
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseNothingToRule.selector, leaseId));
        vm.prank(arbiter);
        book.ruleHealth(leaseId, offer, 5_000);
    }

    // --- ruling in arrears

    /// @dev A day late the arbiter finds half the guarantee. 31 days cost 124, the fifteen after the ruling 30.
    function test_ArbiterBeginsTheFirstAbatementInArrears() external {
        vm.warp(start + 20 days);
        vm.prank(lessee);
        book.disputeHealth(leaseId, "bad");
        vm.warp(start + 31 days);
        _rule(3_500);
        assertEq(abatementOf(leaseId).since, start + 31 days, "since");
        assertEq(abatementOf(leaseId).rebatePerPeriod, 60e6, "rebate");
        assertEq(pay(leaseId, 1), 120e6, "no rebate of days before the ruling");
        vm.warp(start + 46 days);
        assertEq(book.owedOf(leaseId).accrued, 154e6, "accrued");
        creditLease(leaseId);
        assertEq(book.balanceOf(owner), 154e6, "owner");
    }

    /// @dev A second span would close the first inside unpaid time, whose rebate nobody could tell any more. That all is
    /// well the arbiter may say at once.
    function test_RevertWhen_ArbiterBeginsALaterAbatementInArrears() external {
        _abateAt(start + 1 days, 3_500);
        vm.prank(owner);
        book.disputeHealth(leaseId, "good");
        vm.warp(start + 31 days);
        uint256 snapshotId = vm.snapshotState();
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseInArrears.selector, leaseId, start + PERIOD));
        _rule(6_000);
        pay(leaseId, 1);
        _rule(6_000);
        assertEq(abatementOf(leaseId).sohBp, 6_000, "health");

        vm.revertToState(snapshotId);
        _rule(MIN_SOH_BP);
        assertEq(abatementOf(leaseId).until, start + 31 days, "ended");
    }

    // --- several books

    /// @dev Lease 1 of two books, both with one period paid, one payer: two payments of one rent.
    function test_AuthorizationOfRentServesOneBook() external {
        BatteryLease first = book;
        bytes32 nonce = first.rentNonce(leaseId, 1);
        PaymentAuthorization memory authorization = authorizationOf(lesseeKey, RENT, nonce);

        book = newBook(euro);
        vm.prank(lessee);
        euro.approve(address(book), type(uint256).max);
        assertEq(openLease(offerOf(otherPackId)), leaseId, "same number");
        bytes32 otherNonce = book.rentNonce(leaseId, 1);
        assertTrue(nonce != otherNonce, "nonces differ");
        PaymentAuthorization memory other = authorizationOf(lesseeKey, RENT, otherNonce);

        first.payRentWithAuthorization(leaseId, 1, lessee, authorization);
        book.payRentWithAuthorization(leaseId, 1, lessee, other);
        assertEq(first.leaseOf(leaseId).paidPeriods, 2, "first");
        assertEq(book.leaseOf(leaseId).paidPeriods, 2, "second");
    }

    // --- withdraw

    /// @dev Tokens that the book sends to itself are nobody's.
    function test_RevertWhen_BalanceIsWithdrawnToTheBook() external {
        vm.warp(start + 10 days);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseInvalidReceiver.selector, address(book)));
        vm.prank(owner);
        book.withdraw(listOf(leaseId), address(book));

        vm.prank(owner);
        assertEq(book.withdraw(listOf(leaseId), stranger), 40e6, "elsewhere");
        assertEq(euro.balanceOf(address(book)), 680e6, "book");
        assertEq(euro.balanceOf(stranger), FUNDS + 40e6, "receiver");
    }

    // --- acceptance by relay

    function test_RelayedAcceptanceNamesTheAmount() external {
        _newLeaseWithoutEarlyFee();
        giveBack(leaseId, offer);
        _claim(50e6);
        LeaseAct memory leaseAct = actOf(leaseId, lessee, LeaseActKind.AcceptClaim, bytes32(uint256(50e6)));
        vm.prank(stranger);
        book.actFor(leaseAct, sign(leaseAct, lesseeKey));
        assertEq(book.balanceOf(owner), 50e6, "owner");
        assertEq(book.balanceOf(lessee), 670e6, "lessee");
    }

    /// @dev Signed for a scratch of 50 before anything was claimed; the owner claims all 720.
    function test_RevertWhen_AcceptanceSignedEarlyMeetsAnotherClaim() external {
        _newLeaseWithoutEarlyFee();
        LeaseAct memory early = actOf(leaseId, lessee, LeaseActKind.AcceptClaim, bytes32(uint256(50e6)));
        LeaseAct memory blank = actOf(leaseId, lessee, LeaseActKind.AcceptClaim, 0);
        giveBack(leaseId, offer);
        _claim(720e6);
        _expectAcceptanceRefused(early, 50e6);
        _expectAcceptanceRefused(blank, 0);

        // Who accepts by its own call sees the claim.
        vm.prank(lessee);
        book.acceptClaim(leaseId);
        assertEq(book.balanceOf(owner), 720e6, "owner");
    }

    // --- owner

    /// @dev Officials attached a book; the owner never heard of it.
    function test_RevertWhen_OwnerDidNotApproveTheBook() external {
        giveBack(leaseId, offer);
        _attachBook();
        _expectUnapproved(packId);

        // Approval of one pack serves that pack.
        vm.prank(owner);
        pack.approve(address(book), packId);
        assertEq(openLease(offerOf(packId)), 1, "lease");
        _expectUnapproved(otherPackId);
    }

    /// @dev A sale ends the approval of a pack, and with it what the book may do.
    function test_RevertWhen_BuyerDidNotApproveTheBook() external {
        _attachBook();
        vm.prank(owner);
        pack.approve(address(book), otherPackId);
        sell(otherPackId, owner, operator);
        Offer memory given = offerOf(otherPackId);
        given.lessor = operator;
        Signature memory signature = sign(given, operatorKey);
        _expectUnapprovedRevert(otherPackId);
        vm.prank(lessee);
        book.accept(given, signature, noPermit());
    }

    /// @dev Nor does a swap bring in a pack whose owner did not approve.
    function test_RevertWhen_OwnerOfASwappedPackDidNotApproveTheBook() external {
        sell(otherPackId, owner, operator);
        _readBoth();
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        Signature[3] memory signatures = signaturesOf(order, lesseeKey, ownerKey, operatorKey);
        _expectUnapprovedRevert(otherPackId);
        book.swap(order, signatures, noReadings());
    }

    // --- helpers

    function _newLeaseWithoutEarlyFee() private {
        vm.prank(lessee);
        book.requestReturn(leaseId);
        vm.prank(owner);
        book.confirmAndSettle(leaseId, offer);
        withdrawAll(owner);
        withdrawAll(lessee);
        offer = offerOf(packId);
        offer.earlyFee = 0;
        leaseId = openLease(offer);
    }

    function _billFarOver(uint256 id, uint256 lease, Offer memory terms) private {
        readWh(id, uint48(ONE_PERIOD_OVER_WH + FAR_OVER_WH));
        assertEq(book.billUsage(lease, terms), FAR_OVERAGE, "charge");
    }

    /// @dev Pays the period that is due, at its due date.
    function _assertPays(uint256 overage, uint256 waits) private {
        Owed memory owed = book.owedOf(leaseId);
        assertEq(owed.rentDue, RENT, "rent due");
        assertEq(owed.overageDue, overage, "overage due");
        assertEq(owed.payToCure, RENT + overage, "pay to cure");
        assertEq(pay(leaseId, 1), RENT + overage, "paid");
        assertEq(usageOf(leaseId).overageDue, waits, "waits");
    }

    function _openLeaseOfOperator() private returns (uint256 id) {
        id = registerPack(operator, device);
        vm.prank(operator);
        pack.setApprovalForAll(address(book), true);
        Offer memory given = offerOf(id);
        given.lessor = operator;
        Signature memory signature = sign(given, operatorKey);
        vm.prank(lessee);
        book.accept(given, signature, noPermit());
    }

    function _wrongSignature(
        address signer,
        DeviceRotation memory rotation
    ) private view returns (bytes memory reason) {
        bytes32 structHash = keccak256(abi.encode(ROTATION_TYPEHASH, rotation));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", telemetryDomain(), structHash));
        return abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, signer, digest);
    }

    /// @dev The operator's signature serves neither alone nor twice.
    function _expectTenantsConsent(uint256 id) private {
        DeviceRotation memory rotation = rotationOf(id, device, spare);
        Signature memory signature = sign(rotation, operatorKey);
        Signature memory none;
        vm.expectRevert(_wrongSignature(lessee, rotation));
        telemetry.rotateDevice(rotation, signature, none, false);
        vm.expectRevert(_wrongSignature(lessee, rotation));
        telemetry.rotateDevice(rotation, signature, signature, false);
    }

    function _rotateWithOwner() private {
        DeviceRotation memory rotation = rotationOf(packId, device, spare);
        telemetry.rotateDevice(rotation, sign(rotation, operatorKey), sign(rotation, ownerKey), false);
        _assertDeviceIsSpare(packId);
    }

    function _assertDeviceIsSpare(uint256 id) private {
        Reading memory reading = nextReading(id, START_WH + 1);
        telemetry.submit(sign(reading, spareKey));
        assertEq(telemetry.stateOf(id).throughputWh, START_WH + 1, "believed");
    }

    function _request() private {
        vm.prank(lessee);
        book.requestReturn(leaseId);
    }

    /// @dev Nobody has asked, so that the owner cannot confirm.
    function _assertNoRequest() private {
        assertEq(book.leaseOf(leaseId).requestedAt, 0, "asked");
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseReturnNotRequested.selector, leaseId));
        vm.prank(owner);
        book.confirmReturn(leaseId, offer);
    }

    function _default() private {
        vm.warp(start + PERIOD + GRACE + DEFAULT_AFTER + 1);
        vm.prank(owner);
        book.declareDefault(leaseId, offer);
    }

    function _deliver(uint256 receivedAt) private {
        ReturnReceipt memory receipt = receiptOf(leaseId, packId);
        // A time of this test, which fits 48 bits.
        receipt.receivedAt = uint48(receivedAt);
        book.confirmReturnByReceipt(offer, receipt, sign(receipt, bayKey));
    }

    function _expectReceiptRefused() private {
        ReturnReceipt memory receipt = receiptOf(leaseId, packId);
        Signature memory signature = sign(receipt, bayKey);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseReturnNotRequested.selector, leaseId));
        book.confirmReturnByReceipt(offer, receipt, signature);
    }

    function _abateAt(uint256 timestamp, uint256 sohBp) private {
        vm.warp(timestamp);
        certify(packId, sohBp);
        book.claimRemedy(leaseId, offer);
    }

    function _rule(uint16 sohBp) private {
        vm.prank(arbiter);
        book.ruleHealth(leaseId, offer, sohBp);
    }

    function _readBoth() private {
        readWh(packId, _throughputOf(packId));
        readWh(otherPackId, _throughputOf(otherPackId));
    }

    function _throughputOf(uint256 id) private view returns (uint48 throughputWh) {
        throughputWh = telemetry.stateOf(id).throughputWh;
        return throughputWh < START_WH ? START_WH : throughputWh;
    }

    /// @dev Puts the other pack under the lease; a zero key: it is the same owner's.
    function _swapTo(uint256 newOwnersKey) private {
        _readBoth();
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        book.swap(order, signaturesOf(order, lesseeKey, ownerKey, newOwnersKey), noReadings());
    }

    function _expectSwapRefused(uint256 paidThrough) private {
        _readBoth();
        Swap memory order = swapOf(leaseId, packId, otherPackId);
        Signature[3] memory signatures = signaturesOf(order, lesseeKey, ownerKey, buyerKey);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseInArrears.selector, leaseId, paidThrough));
        book.swap(order, signatures, noReadings());
    }

    function _claim(uint96 amount) private {
        vm.prank(owner);
        book.claimDamage(leaseId, amount, "scratch");
    }

    function _expectAcceptanceRefused(LeaseAct memory leaseAct, uint256 amount) private {
        Signature memory signature = sign(leaseAct, lesseeKey);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseBadAmount.selector, leaseId, amount, 720e6));
        vm.prank(owner);
        book.actFor(leaseAct, signature);
    }

    /// @dev A second book, attached by the city and approved by nobody, takes the place of the first.
    function _attachBook() private {
        book = new BatteryLease(address(manager), euro, pack, telemetry);
        pack.setLeaseBook(address(book), true);
        vm.prank(lessee);
        euro.approve(address(book), type(uint256).max);
    }

    function _expectUnapprovedRevert(uint256 id) private {
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721InsufficientApproval.selector, address(book), id));
    }

    function _expectUnapproved(uint256 id) private {
        Offer memory given = offerOf(id);
        Signature memory signature = sign(given, ownerKey);
        _expectUnapprovedRevert(id);
        vm.prank(lessee);
        book.accept(given, signature, noPermit());
    }
}
