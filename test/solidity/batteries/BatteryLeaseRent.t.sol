// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {
    IBatteryLease,
    LeaseState,
    Offer,
    Owed,
    PaymentAuthorization,
    Usage
} from "../../../contracts/batteries/IBatteryLease.sol";
import {IERC4907} from "../../../contracts/batteries/IERC4907.sol";
import {LeaseFixture} from "./LeaseFixture.sol";

/// @dev stateOf, owedOf: as time passes
///   ├ paid: Active; due and within grace: PastDue; later: Delinquent; paid again: Active
///   ├ after the term: PastDue, Delinquent
///   └ not running: the stored state, nothing owed
/// payRent
///   ├ lease unknown or over: WrongState
///   ├ no period or more than are left: BadPeriodCount
///   ├ nothing allowed: the token's error
///   ├ in the last second of grace: no fee; a second later: one (case B05)
///   ├ two due dates missed: two fees, never twice (case B06)
///   ├ several ahead, all that are left
///   ├ overage of more than the rent: as much as the rent, the rest later
///   ├ by the lessee: withdraws a request to return; by another: does not
///   └ by anybody; fees go to the pack's owner at once, rent when it is earned
/// payMany
///   ├ none, more than 50, lists of unequal length: BadLength
///   ├ one bad entry: its error, and nothing has changed
///   └ one transfer for all
/// payRentWithAuthorization
///   ├ another amount, other periods, a second time: ERC3009InvalidSignature
///   └ relayed by anybody: paid
/// billUsage
///   ├ not running: WrongState; other offer: WrongOffer
///   ├ before a new full period: TooEarly
///   ├ bill too great for its field: SafeCast's error
///   ├ within the allowance, above it, below what was billed (cases B07, B08)
///   ├ reading below the start: nothing used
///   └ the next payment includes it
contract BatteryLeaseRentTest is LeaseFixture {
    Offer private offer;
    uint256 private leaseId;

    function setUp() public override {
        super.setUp();
        offer = offerOf(packId);
        leaseId = openLease(offer);
    }

    // --- stateOf, owedOf

    function test_StatesFollowTime() external {
        vm.warp(EPOCH + PERIOD - 1);
        stateIs(leaseId, LeaseState.Active);
        vm.warp(EPOCH + PERIOD);
        stateIs(leaseId, LeaseState.PastDue);
        vm.warp(EPOCH + PERIOD + GRACE);
        stateIs(leaseId, LeaseState.PastDue);
        assertEq(pack.userOf(packId), lessee, "user to the last second of grace");
        vm.warp(EPOCH + PERIOD + GRACE + 1);
        stateIs(leaseId, LeaseState.Delinquent);
        assertEq(pack.userOf(packId), address(0), "user's right lapsed");
        assertFalse(pack.mayCharge(packId), "may charge");
        pay(leaseId, 1);
        stateIs(leaseId, LeaseState.Active);
        assertEq(pack.userOf(packId), lessee, "user again");
        assertTrue(pack.mayCharge(packId), "may charge again");
    }

    function test_StatesAfterTheTerm() external {
        pay(leaseId, PERIODS - 1);
        vm.warp(EPOCH + TERM - 1);
        stateIs(leaseId, LeaseState.Active);
        vm.warp(EPOCH + TERM + GRACE);
        stateIs(leaseId, LeaseState.PastDue);
        vm.warp(EPOCH + TERM + GRACE + 1);
        stateIs(leaseId, LeaseState.Delinquent);
        Owed memory owed = book.owedOf(leaseId);
        assertEq(owed.accrued, uint256(RENT) * PERIODS, "accrued");
        assertEq(owed.duePeriods, PERIODS, "due");
        assertEq(owed.payToCure, 0, "to cure");
    }

    function test_NothingIsOwedOfALeaseThatIsOver() external {
        vm.warp(EPOCH + 2 * PERIOD);
        giveBack(leaseId, offer);
        stateIs(leaseId, LeaseState.Returned);
        Owed memory owed = book.owedOf(leaseId);
        assertEq(owed.accrued + owed.paidThrough + owed.duePeriods + owed.payToCure, 0, "owed");
    }

    function test_AccruedBySecond() external {
        vm.warp(EPOCH + 10 days);
        assertEq(book.owedOf(leaseId).accrued, 40_000_000, "B02");
        // Past what is paid too.
        vm.warp(EPOCH + PERIOD + 10 days);
        assertEq(book.owedOf(leaseId).accrued, 160_000_000, "unpaid rent accrues");
    }

    // --- payRent

    function test_RevertWhen_LeaseIsUnknown() external {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongState.selector, 9, LeaseState.None));
        pay(9, 1);
    }

    function test_RevertWhen_LeaseIsOver() external {
        giveBack(leaseId, offer);
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongState.selector, leaseId, LeaseState.Returned)
        );
        pay(leaseId, 1);
    }

    function test_RevertWhen_NoPeriodIsPaid() external {
        _expectBadCount(0, 35);
    }

    function test_RevertWhen_MorePeriodsArePaidThanAreLeft() external {
        _expectBadCount(36, 35);
        pay(leaseId, 35);
        _expectBadCount(1, 0);
    }

    function test_RevertWhen_NothingIsAllowed() external {
        vm.prank(lessee);
        euro.approve(address(book), 0);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(book), 0, RENT)
        );
        pay(leaseId, 1);
        assertEq(book.leaseOf(leaseId).paidPeriods, 1, "paid");
        assertEq(pack.userExpires(packId), EPOCH + PERIOD + GRACE, "expires");
    }

    function test_PaymentInTheLastSecondOfGraceIsNotLate() external {
        vm.warp(EPOCH + 3_024_000);
        assertEq(book.owedOf(leaseId).lateFees, 0, "B05, owed");
        assertEq(pay(leaseId, 1), RENT, "B05, paid");
        assertEq(book.balanceOf(owner), 0, "no fee");
    }

    function test_PaymentASecondLaterIsLate() external {
        vm.warp(EPOCH + 3_024_001);
        assertEq(book.owedOf(leaseId).lateFees, LATE_FEE, "B05, owed");
        assertEq(pay(leaseId, 1), uint256(RENT) + LATE_FEE, "B05, paid");
        assertEq(book.balanceOf(owner), LATE_FEE, "fee is the owner's at once");
        assertEq(book.leaseOf(leaseId).lateThrough, 2, "charged through");
    }

    function test_TwoMissedPayments() external {
        vm.warp(EPOCH + 5_616_001);
        Owed memory owed = book.owedOf(leaseId);
        assertEq(owed.duePeriods, 3, "B06, due");
        assertEq(owed.rentDue, 240_000_000, "B06, rent");
        assertEq(owed.lateFees, 20_000_000, "B06, fees");
        assertEq(owed.payToCure, 260_000_000, "B06, to cure");
        assertEq(pack.userOf(packId), address(0), "B06, user");
        stateIs(leaseId, LeaseState.Delinquent);

        assertEq(pay(leaseId, 2), 260_000_000, "paid");
        assertEq(pack.userExpires(packId), EPOCH + 3 * uint256(PERIOD) + GRACE, "B06, expires");
        stateIs(leaseId, LeaseState.Active);
        assertEq(book.owedOf(leaseId).payToCure, 0, "nothing left");
    }

    function test_FeesAreNotChargedTwice() external {
        vm.warp(EPOCH + 5_616_001);
        // One of two missed periods: both fees now, none with the other.
        assertEq(pay(leaseId, 1), 140_000_000, "first");
        assertEq(book.owedOf(leaseId).lateFees, 0, "owed");
        stateIs(leaseId, LeaseState.Delinquent);
        assertEq(pay(leaseId, 1), RENT, "second");
        // The next due date is missed anew.
        vm.warp(EPOCH + 3 * uint256(PERIOD) + GRACE + 1);
        assertEq(pay(leaseId, 1), uint256(RENT) + LATE_FEE, "third");
    }

    function test_LateFeesSecondBySecond() external {
        for (uint256 k = 1; k <= PERIODS; ++k) {
            uint256 lastGood = EPOCH + k * PERIOD + GRACE;
            vm.warp(lastGood);
            assertEq(book.owedOf(leaseId).lateFees, (k - 1) * LATE_FEE, "last good second");
            vm.warp(lastGood + 1);
            // After the term no further date falls due.
            assertEq(book.owedOf(leaseId).lateFees, (k < PERIODS ? k : k - 1) * LATE_FEE, "a second later");
        }
    }

    function testFuzz_LateFeesAreOnePerDateMissed(uint256 paid, uint256 elapsed) external {
        paid = bound(paid, 1, PERIODS);
        elapsed = bound(elapsed, 0, TERM + 365 days);
        // At most PERIODS, which has 16 bits.
        if (paid > 1) pay(leaseId, uint16(paid - 1));
        uint256 missed = 0;
        for (uint256 k = paid; k < PERIODS; ++k) {
            if (k * PERIOD + GRACE < elapsed) ++missed;
        }
        vm.warp(EPOCH + elapsed);
        assertEq(book.owedOf(leaseId).lateFees, missed * LATE_FEE, "fees");
    }

    /// @dev Whatever the instants and sizes of payments: what is owed is what is taken, and fees add up to one for
    /// each date that was missed.
    function testFuzz_PaymentTakesWhatIsOwed(uint256 seed, uint256 steps) external {
        steps = bound(steps, 1, 6);
        uint256 elapsed = 0;
        uint256 fees = 0;
        for (uint256 i = 0; i < steps; ++i) {
            elapsed += uint256(keccak256(abi.encode(seed, i))) % (3 * uint256(PERIOD));
            vm.warp(EPOCH + elapsed);
            Owed memory owed = book.owedOf(leaseId);
            uint256 paid = book.leaseOf(leaseId).paidPeriods;
            if (owed.duePeriods <= paid) continue;
            fees += owed.lateFees;
            // At most PERIODS, which has 16 bits.
            assertEq(pay(leaseId, uint16(owed.duePeriods - paid)), owed.payToCure, "taken is owed");
            assertEq(book.owedOf(leaseId).payToCure, 0, "nothing left");
        }
        assertEq(book.balanceOf(owner), fees, "fees are the owner's");
        assertEq(
            euro.balanceOf(address(book)),
            uint256(DEPOSIT) + uint256(book.leaseOf(leaseId).paidPeriods) * RENT + fees,
            "book holds all of it"
        );
    }

    function test_PayingAhead() external {
        assertEq(pay(leaseId, 3), 3 * uint256(RENT), "three");
        assertEq(pack.userExpires(packId), EPOCH + 4 * uint256(PERIOD) + GRACE, "expires");
        assertEq(pay(leaseId, 32), 32 * uint256(RENT), "the rest");
        assertEq(book.owedOf(leaseId).paidThrough, EPOCH + TERM, "paid through");
        assertEq(euro.balanceOf(lessee), FUNDS - DEPOSIT - PERIODS * uint256(RENT), "payer");
        assertEq(euro.balanceOf(address(book)), DEPOSIT + PERIODS * uint256(RENT), "book");
    }

    function test_AnybodyPays() external {
        vm.expectEmit(address(pack));
        emit IERC4907.UpdateUser(packId, lessee, uint64(EPOCH + 2 * uint256(PERIOD) + GRACE));
        vm.expectEmit(address(book));
        emit IBatteryLease.RentPaid(leaseId, stranger, 1, RENT, 0, 0, 0, EPOCH + 2 * uint256(PERIOD));
        vm.expectEmit(address(euro));
        emit IERC20.Transfer(stranger, address(book), RENT);
        vm.prank(stranger);
        book.payRent(leaseId, 1);
        assertEq(euro.balanceOf(stranger), FUNDS - RENT, "payer");
        assertEq(euro.balanceOf(address(book)), 840e6, "book");
        assertEq(book.leaseOf(leaseId).lessee, lessee, "lessee");
    }

    function test_PaymentIsTold() external {
        vm.warp(EPOCH + PERIOD);
        readWh(packId, START_WH + 500_000);
        book.billUsage(leaseId, offer);
        vm.warp(EPOCH + PERIOD + GRACE + 1);
        vm.expectEmit(address(book));
        emit IBatteryLease.RentPaid(
            leaseId,
            lessee,
            2,
            256_000_000,
            LATE_FEE,
            6_000_000,
            0,
            EPOCH + 3 * uint256(PERIOD)
        );
        assertEq(pay(leaseId, 2), 256_000_000, "amount");
        assertEq(book.balanceOf(owner), 16_000_000, "fee and overage are the owner's at once");
        assertEq(usageOf(leaseId).overageDue, 0, "overage paid");
    }

    function test_PaymentTakesNoMoreOverageThanRent() external {
        vm.warp(EPOCH + PERIOD);
        // 5,400 kWh above the allowance: 324 units of money, and 120 of rent.
        readWh(packId, START_WH + INCLUDED_WH + 5_400_000);
        assertEq(book.billUsage(leaseId, offer), 324_000_000, "bill");
        assertEq(book.owedOf(leaseId).overageDue, RENT, "owed now");
        assertEq(book.owedOf(leaseId).payToCure, 2 * uint256(RENT), "to cure");
        assertEq(pay(leaseId, 1), 2 * uint256(RENT), "first payment");
        assertEq(usageOf(leaseId).overageDue, 204_000_000, "rest waits");
        assertEq(book.owedOf(leaseId).payToCure, 0, "nothing due before the next date");
        assertEq(pay(leaseId, 2), 2 * uint256(RENT) + 204_000_000, "second payment");
        assertEq(usageOf(leaseId).overageDue, 0, "all paid");
        assertEq(book.balanceOf(owner), 324_000_000, "owner");
    }

    function test_LesseesPaymentWithdrawsARequestToReturn() external {
        vm.prank(lessee);
        book.requestReturn(leaseId);
        vm.prank(stranger);
        book.payRent(leaseId, 1);
        assertEq(book.leaseOf(leaseId).requestedAt, EPOCH, "a stranger's does not");
        pay(leaseId, 1);
        assertEq(book.leaseOf(leaseId).requestedAt, 0, "the lessee's does");
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseReturnNotRequested.selector, leaseId));
        vm.prank(owner);
        book.confirmReturn(leaseId, offer);
    }

    // --- payMany

    function test_RevertWhen_NoLeaseIsPaid() external {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseBadLength.selector, 0, 50));
        vm.prank(lessee);
        book.payMany(new uint256[](0), new uint16[](0));
    }

    function test_RevertWhen_TooManyLeasesArePaid() external {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseBadLength.selector, 51, 50));
        vm.prank(lessee);
        book.payMany(new uint256[](51), new uint16[](51));
    }

    function test_RevertWhen_ListsDiffer() external {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseBadLength.selector, 1, 2));
        vm.prank(lessee);
        book.payMany(new uint256[](2), new uint16[](1));
    }

    function test_RevertWhen_OneEntryIsBad() external {
        (uint256[] memory leaseIds, uint16[] memory counts) = _two(openLease(offerOf(otherPackId)));
        counts[1] = 36;
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseBadPeriodCount.selector, 2, 36, 35));
        vm.prank(lessee);
        book.payMany(leaseIds, counts);
        assertEq(book.leaseOf(leaseId).paidPeriods, 1, "the good one neither");
    }

    function test_OneTransferPaysMany() external {
        (uint256[] memory leaseIds, uint16[] memory counts) = _two(openLease(offerOf(otherPackId)));
        vm.warp(EPOCH + PERIOD + GRACE + 1);
        vm.expectEmit(address(book));
        emit IBatteryLease.RentPaid(1, stranger, 1, RENT + LATE_FEE, LATE_FEE, 0, 0, EPOCH + 2 * uint256(PERIOD));
        vm.expectEmit(address(book));
        emit IBatteryLease.RentPaid(
            2,
            stranger,
            2,
            2 * uint256(RENT) + LATE_FEE,
            LATE_FEE,
            0,
            0,
            EPOCH + 3 * uint256(PERIOD)
        );
        vm.expectEmit(address(euro));
        emit IERC20.Transfer(stranger, address(book), 380e6);
        vm.prank(stranger);
        assertEq(book.payMany(leaseIds, counts), 380e6, "amount");
        assertEq(book.leaseOf(1).paidPeriods, 2, "first");
        assertEq(book.leaseOf(2).paidPeriods, 3, "second");
        assertEq(euro.balanceOf(stranger), FUNDS - 380e6, "payer");
    }

    // --- payRentWithAuthorization

    function test_AnybodyRelaysAnAuthorizedPayment() external {
        vm.warp(EPOCH + PERIOD + GRACE + 1);
        bytes32 nonce = book.rentNonce(leaseId, 1);
        PaymentAuthorization memory authorization = authorizationOf(heirKey, RENT + LATE_FEE, nonce);
        vm.expectEmit(address(book));
        emit IBatteryLease.RentPaid(leaseId, heir, 1, RENT + LATE_FEE, LATE_FEE, 0, 0, EPOCH + 2 * uint256(PERIOD));
        vm.prank(stranger);
        assertEq(book.payRentWithAuthorization(leaseId, 1, heir, authorization), RENT + LATE_FEE, "amount");
        assertEq(euro.balanceOf(heir), FUNDS - RENT - LATE_FEE, "payer");
        assertEq(euro.balanceOf(address(book)), 850e6, "book");
        assertEq(book.leaseOf(leaseId).paidPeriods, 2, "paid");

        // The nonce of the next payment is another.
        assertTrue(book.rentNonce(leaseId, 1) != nonce, "nonce");
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        book.payRentWithAuthorization(leaseId, 1, heir, authorization);
    }

    function test_RevertWhen_AuthorizedForAnotherSum() external {
        PaymentAuthorization memory authorization = authorizationOf(heirKey, RENT + 1, book.rentNonce(leaseId, 1));
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        book.payRentWithAuthorization(leaseId, 1, heir, authorization);
    }

    function test_RevertWhen_AuthorizedForAnotherLease() external {
        openLease(offerOf(otherPackId));
        PaymentAuthorization memory authorization = authorizationOf(heirKey, RENT, book.rentNonce(2, 1));
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        book.payRentWithAuthorization(leaseId, 1, heir, authorization);
    }

    function test_RentNonceIsTheFirstOfItsSequence() external view {
        assertEq(
            book.rentNonce(leaseId, 2),
            bytes32((uint256(keccak256(abi.encode(address(book), leaseId, lessee, 0, 1, 2))) >> 64) << 64),
            "book, lease, lessee, request, periods paid, periods to pay"
        );
    }

    // --- billUsage

    function test_RevertWhen_LeaseToBillIsOver() external {
        giveBack(leaseId, offer);
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongState.selector, leaseId, LeaseState.Returned)
        );
        book.billUsage(leaseId, offer);
    }

    function test_RevertWhen_OfferIsNotTheLeases() external {
        Offer memory other = offerOf(packId);
        vm.warp(EPOCH + PERIOD);
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongOffer.selector, leaseId, hashOf(other), hashOf(offer))
        );
        book.billUsage(leaseId, other);
    }

    function test_RevertWhen_NoPeriodIsFull() external {
        vm.warp(EPOCH + PERIOD - 1);
        _expectTooEarly(EPOCH + PERIOD);
    }

    function test_RevertWhen_PeriodWasBilled() external {
        vm.warp(EPOCH + 2 * uint256(PERIOD));
        book.billUsage(leaseId, offer);
        vm.warp(EPOCH + 3 * uint256(PERIOD) - 1);
        _expectTooEarly(EPOCH + 3 * uint256(PERIOD));
        vm.warp(EPOCH + 3 * uint256(PERIOD));
        book.billUsage(leaseId, offer);
    }

    function test_RevertWhen_BilledAgainAfterTheTerm() external {
        vm.warp(EPOCH + TERM + 1 days);
        book.billUsage(leaseId, offer);
        vm.warp(EPOCH + TERM + 365 days);
        _expectTooEarly(EPOCH + TERM + PERIOD);
    }

    function test_RevertWhen_BillIsTooGreat() external {
        Offer memory dear = offerOf(otherPackId);
        dear.overagePerKWh = type(uint96).max;
        uint256 id = openLease(dear);
        vm.warp(EPOCH + PERIOD);
        readWh(otherPackId, START_WH + INCLUDED_WH + 1_000_000);
        vm.expectRevert(
            abi.encodeWithSelector(
                SafeCast.SafeCastOverflowedUintDowncast.selector,
                96,
                1_000 * uint256(type(uint96).max)
            )
        );
        book.billUsage(id, dear);
    }

    function test_PooledAllowanceAtTheEndOfAPeriod() external {
        vm.warp(EPOCH + 3 * uint256(PERIOD));
        readWh(packId, START_WH + 1_350_000);
        vm.expectEmit(address(book));
        emit IBatteryLease.UsageBilled(leaseId, 1_350_000, 150_000, 9_000_000);
        assertEq(book.billUsage(leaseId, offer), 9_000_000, "B07");
        Usage memory usage = usageOf(leaseId);
        assertEq(usage.billedOverWh, 150_000, "greatest over-use");
        assertEq(usage.overageDue, 9_000_000, "due");
        assertEq(usage.billedPeriods, 3, "periods");
        assertEq(book.owedOf(leaseId).overageDue, 9_000_000, "owed");
        assertEq(book.leaseOf(leaseId).flags, 1, "in use");
    }

    function test_BilledOverUseIsNeverRefunded() external {
        vm.warp(EPOCH + PERIOD);
        readWh(packId, START_WH + 500_000);
        assertEq(book.billUsage(leaseId, offer), 6_000_000, "B08, first");
        vm.warp(EPOCH + 3 * uint256(PERIOD));
        readWh(packId, START_WH + 1_150_000);
        assertEq(book.billUsage(leaseId, offer), 0, "B08, second");
        assertEq(usageOf(leaseId).billedOverWh, 100_000, "B08, greatest over-use");
        assertEq(usageOf(leaseId).overageDue, 6_000_000, "due stays");
        vm.warp(EPOCH + 4 * uint256(PERIOD));
        readWh(packId, START_WH + 1_800_000);
        assertEq(book.billUsage(leaseId, offer), 6_000_000, "only what is new");
        assertEq(usageOf(leaseId).overageDue, 12_000_000, "both due");
    }

    function test_ASecondIntoAPeriodItsAllowanceCounts() external {
        vm.warp(EPOCH + PERIOD + 1);
        readWh(packId, START_WH + 500_000);
        assertEq(book.billUsage(leaseId, offer), 0, "two periods started");
    }

    function test_PackReadBelowItsStartUsedNothing() external {
        vm.warp(EPOCH + PERIOD);
        readWh(packId, START_WH - 10_000);
        vm.expectEmit(address(book));
        emit IBatteryLease.UsageBilled(leaseId, 0, 0, 0);
        book.billUsage(leaseId, offer);
    }

    // --- helpers

    function _expectBadCount(uint16 periodCount, uint256 left) private {
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseBadPeriodCount.selector, leaseId, periodCount, left)
        );
        pay(leaseId, periodCount);
    }

    function _expectTooEarly(uint256 earliest) private {
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseTooEarly.selector, leaseId, block.timestamp, earliest)
        );
        book.billUsage(leaseId, offer);
    }

    function _two(uint256 second) private view returns (uint256[] memory leaseIds, uint16[] memory counts) {
        leaseIds = new uint256[](2);
        counts = new uint16[](2);
        (leaseIds[0], leaseIds[1]) = (leaseId, second);
        (counts[0], counts[1]) = (1, 2);
    }
}
