// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {Signature} from "../../../contracts/authority/ISigned.sol";
import {DeviceFlags} from "../../../contracts/batteries/DeviceFlags.sol";
import {
    Abatement,
    IBatteryLease,
    LeaseAct,
    LeaseActKind,
    LeaseState,
    Offer,
    Owed
} from "../../../contracts/batteries/IBatteryLease.sol";
import {LeaseFixture} from "./LeaseFixture.sol";

/// @dev claimRemedy
///   ├ not running: WrongState; other offer: WrongOffer
///   ├ never certified, or tested before the lease: CertificateTooOld; tested in its first second: counts
///   ├ health at the guarantee, no guarantee, no lower than the abatement that runs: HealthNotAffected
///   ├ abuse told of during the lease: Abused; before it: no obstacle
///   ├ rent in arrears: InArrears; in the last paid second: granted
///   └ granted: rent is abated from now on, for past sales it is not; a further fall abates it further
/// endRemedy
///   ├ not running: WrongState; other offer: WrongOffer
///   ├ rent not abated: NothingToRule
///   ├ certificate of before: HealthNotAffected
///   └ cured: rent is whole again
/// disputeHealth
///   ├ not running: WrongState; a stranger: NotParty
///   └ lessee or owner, by call or signature: told
/// ruleHealth
///   ├ not the arbiter: AccessManagedUnauthorized
///   ├ not running: WrongState; other offer: WrongOffer
///   ├ nobody asked, or ruled already: NothingToRule
///   ├ after the window: TooLate; in its last second: ruled
///   ├ below the guarantee: abated; anew and in arrears: InArrears
///   ├ at the guarantee: abatement ends if there is one
///   └ tests up to the ruling no longer count: CertificateTooOld
/// the rebate
///   ├ set off by the next payments, at most what they take
///   ├ abates arrears and earned rent, never more than the paid part
///   └ early fee falls away when the cure takes too long, however often health falls meanwhile
contract BatteryLeaseGuaranteeTest is LeaseFixture {
    /// @dev Half of the guarantee, so half of the rent.
    uint16 private constant HALF = 3_500;
    uint96 private constant HALF_RENT = 60_000_000;

    Offer private offer;
    uint256 private leaseId;

    function setUp() public override {
        super.setUp();
        offer = offerOf(packId);
        leaseId = openLease(offer);
    }

    // --- claimRemedy

    function test_RevertWhen_LeaseIsOver() external {
        giveBack(leaseId, offer);
        bytes memory reason = abi.encodeWithSelector(
            IBatteryLease.BatteryLeaseWrongState.selector,
            leaseId,
            LeaseState.Returned
        );
        vm.expectRevert(reason);
        book.claimRemedy(leaseId, offer);
        vm.expectRevert(reason);
        book.endRemedy(leaseId, offer);
        vm.expectRevert(reason);
        vm.prank(lessee);
        book.disputeHealth(leaseId, "evidence");
        vm.expectRevert(reason);
        vm.prank(arbiter);
        book.ruleHealth(leaseId, offer, HALF);
    }

    function test_RevertWhen_OfferIsNotTheLeases() external {
        Offer memory other = offerOf(packId);
        bytes memory reason = abi.encodeWithSelector(
            IBatteryLease.BatteryLeaseWrongOffer.selector,
            leaseId,
            hashOf(other),
            hashOf(offer)
        );
        vm.expectRevert(reason);
        book.claimRemedy(leaseId, other);
        vm.expectRevert(reason);
        book.endRemedy(leaseId, other);
        vm.expectRevert(reason);
        vm.prank(arbiter);
        book.ruleHealth(leaseId, other, HALF);
    }

    function test_RevertWhen_PackWasNeverCertified() external {
        _expectTooOld(0, EPOCH);
        book.claimRemedy(leaseId, offer);
    }

    function test_RevertWhen_TestWasBeforeTheLease() external {
        certify(otherPackId, HALF);
        vm.warp(EPOCH + 1);
        Offer memory later = offerOf(otherPackId);
        uint256 id = openLease(later);
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseCertificateTooOld.selector, id, EPOCH, EPOCH + 1)
        );
        book.claimRemedy(id, later);
    }

    function test_TestInTheFirstSecondCounts() external {
        certify(packId, HALF);
        book.claimRemedy(leaseId, offer);
        assertEq(abatementOf(leaseId).rebatePerPeriod, HALF_RENT, "rebate");
    }

    function test_RevertWhen_HealthMeetsTheGuarantee() external {
        certify(packId, MIN_SOH_BP);
        _expectNotAffected(MIN_SOH_BP, MIN_SOH_BP);
        book.claimRemedy(leaseId, offer);
    }

    function test_RevertWhen_LeaseGivesNoGuarantee() external {
        Offer memory plain = offerOf(otherPackId);
        plain.minSohBp = 0;
        uint256 id = openLease(plain);
        certify(otherPackId, 0);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseHealthNotAffected.selector, id, 0, 0));
        book.claimRemedy(id, plain);
    }

    function test_RevertWhen_HealthHasNotFallenFurther() external {
        _abate(HALF);
        _expectNotAffected(HALF, HALF);
        book.claimRemedy(leaseId, offer);
        vm.warp(block.timestamp + 1);
        certify(packId, HALF + 1);
        _expectNotAffected(HALF + 1, HALF);
        book.claimRemedy(leaseId, offer);
    }

    function test_RevertWhen_PackWasAbused() external {
        vm.warp(EPOCH + 1 days);
        readFlags(packId, START_WH, DeviceFlags.DEEP_DISCHARGED);
        certify(packId, HALF);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseAbused.selector, leaseId, EPOCH + 1 days));
        book.claimRemedy(leaseId, offer);
    }

    function test_RevertWhen_PackWasAbusedInTheFirstSecond() external {
        readFlags(packId, START_WH, DeviceFlags.TAMPERED);
        certify(packId, HALF);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseAbused.selector, leaseId, EPOCH));
        book.claimRemedy(leaseId, offer);
    }

    function test_AbuseBeforeTheLeaseIsNoObstacle() external {
        readFlags(otherPackId, START_WH, DeviceFlags.OVERHEATED);
        vm.warp(EPOCH + 1);
        Offer memory later = offerOf(otherPackId);
        uint256 id = openLease(later);
        certify(otherPackId, HALF);
        book.claimRemedy(id, later);
        assertEq(abatementOf(id).sohBp, HALF, "health");
    }

    function test_RevertWhen_RentIsInArrears() external {
        vm.warp(EPOCH + PERIOD + 1);
        certify(packId, HALF);
        _expectInArrears(EPOCH + PERIOD);
        book.claimRemedy(leaseId, offer);
        vm.warp(EPOCH + 2 * uint256(PERIOD));
        pay(leaseId, 1);
        book.claimRemedy(leaseId, offer);
        assertEq(abatementOf(leaseId).since, block.timestamp, "in the last paid second");
    }

    function test_AbatementIsToldAndStored() external {
        vm.warp(EPOCH + 10 days);
        certify(packId, 6_999);
        vm.expectEmit(address(book));
        emit IBatteryLease.RemedyStarted(leaseId, 6_999, 17_143);
        vm.prank(stranger);
        book.claimRemedy(leaseId, offer);
        Abatement memory abatement = abatementOf(leaseId);
        assertEq(abatement.rebateBase, 0, "base");
        assertEq(abatement.rebateTaken, 0, "taken");
        assertEq(abatement.sohBp, 6_999, "health");
        assertEq(abatement.rebatePerPeriod, 17_143, "rent less floor(rent * 6,999 / 7,000)");
        assertEq(abatement.since, EPOCH + 10 days, "since");
        assertEq(abatement.until, 0, "until");
        assertEq(book.leaseOf(leaseId).flags, 2, "in use");
    }

    function test_EarlierSaleIsCreditedWholeRent() external {
        vm.warp(EPOCH + 10 days);
        sell(packId, owner, buyer);
        vm.warp(EPOCH + 20 days);
        certify(packId, HALF);
        vm.expectEmit(address(book));
        emit IBatteryLease.RentCredited(leaseId, owner, 40_000_000);
        book.claimRemedy(leaseId, offer);
        vm.warp(EPOCH + 30 days);
        creditLease(leaseId);
        assertEq(book.balanceOf(buyer), 60_000_000, "ten days whole, ten days half");
    }

    function test_FurtherFallAbatesFurther() external {
        vm.warp(EPOCH + 10 days);
        _abate(HALF);
        vm.warp(EPOCH + 20 days);
        certify(packId, 1_750);
        vm.expectEmit(address(book));
        emit IBatteryLease.RemedyStarted(leaseId, 1_750, 90_000_000);
        book.claimRemedy(leaseId, offer);
        Abatement memory abatement = abatementOf(leaseId);
        assertEq(abatement.rebateBase, uint256(HALF_RENT) * 10 days, "base");
        assertEq(abatement.since, EPOCH + 20 days, "since");
        assertEq(abatement.uncuredSince, EPOCH + 10 days, "uncured since");
        vm.warp(EPOCH + 30 days);
        // 40 + 20 + 10.
        assertEq(book.owedOf(leaseId).accrued, 70_000_000, "accrued");
        creditLease(leaseId);
        assertEq(book.balanceOf(owner), 70_000_000, "credited");
    }

    // --- endRemedy

    function test_RevertWhen_RentIsNotAbated() external {
        certify(packId, 9_000);
        _expectNothingToRule();
        book.endRemedy(leaseId, offer);
        // Nor after an abatement has ended.
        vm.warp(block.timestamp + 1);
        _abate(HALF);
        vm.warp(block.timestamp + 1);
        certify(packId, 9_000);
        book.endRemedy(leaseId, offer);
        _expectNothingToRule();
        book.endRemedy(leaseId, offer);
    }

    function test_RevertWhen_PackIsNotCured() external {
        _abate(HALF);
        vm.warp(block.timestamp + 1);
        certify(packId, MIN_SOH_BP - 1);
        _expectNotAffected(MIN_SOH_BP - 1, MIN_SOH_BP);
        book.endRemedy(leaseId, offer);
    }

    function test_CureEndsTheAbatement() external {
        vm.warp(EPOCH + 10 days);
        _abate(HALF);
        vm.warp(EPOCH + 20 days);
        certify(packId, MIN_SOH_BP);
        vm.expectEmit(address(book));
        emit IBatteryLease.RemedyEnded(leaseId, MIN_SOH_BP);
        vm.prank(stranger);
        book.endRemedy(leaseId, offer);
        assertEq(abatementOf(leaseId).until, EPOCH + 20 days, "until");
        vm.warp(EPOCH + 30 days);
        assertEq(book.owedOf(leaseId).accrued, 100_000_000, "ten days half");
        // And a later fall begins a new span.
        certify(packId, HALF);
        book.claimRemedy(leaseId, offer);
        assertEq(abatementOf(leaseId).rebateBase, uint256(HALF_RENT) * 10 days, "base");
        assertEq(abatementOf(leaseId).until, 0, "until");
        assertEq(abatementOf(leaseId).uncuredSince, EPOCH + 30 days, "uncured since");
    }

    // --- disputeHealth

    function test_RevertWhen_AStrangerDisputes() external {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseNotParty.selector, leaseId, stranger, owner));
        vm.prank(stranger);
        book.disputeHealth(leaseId, "evidence");
    }

    function test_LesseeAndOwnerDispute() external {
        vm.expectEmit(address(book));
        emit IBatteryLease.HealthDisputed(leaseId, lessee, "lessee's");
        vm.prank(lessee);
        book.disputeHealth(leaseId, "lessee's");
        assertEq(abatementOf(leaseId).disputedAt, EPOCH, "lessee");
        vm.warp(EPOCH + 1);
        vm.expectEmit(address(book));
        emit IBatteryLease.HealthDisputed(leaseId, owner, "owner's");
        vm.prank(owner);
        book.disputeHealth(leaseId, "owner's");
        assertEq(abatementOf(leaseId).disputedAt, EPOCH + 1, "owner");
    }

    function test_OwnerDisputesBySignature() external {
        LeaseAct memory leaseAct = actOf(leaseId, owner, LeaseActKind.DisputeHealth, "owner's");
        Signature memory signature = sign(leaseAct, ownerKey);
        vm.expectEmit(address(book));
        emit IBatteryLease.HealthDisputed(leaseId, owner, "owner's");
        vm.prank(stranger);
        book.actFor(leaseAct, signature);
    }

    // --- ruleHealth

    function test_RevertWhen_NotTheArbiterRules() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, owner));
        vm.prank(owner);
        book.ruleHealth(leaseId, offer, HALF);
    }

    function test_RevertWhen_NobodyAsked() external {
        _expectNothingToRule();
        _rule(HALF);
        _dispute();
        _rule(HALF);
        _expectNothingToRule();
        _rule(HALF);
    }

    function test_RevertWhen_ArbiterIsLate() external {
        _dispute();
        vm.warp(EPOCH + ARBITER_WINDOW + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IBatteryLease.BatteryLeaseTooLate.selector,
                leaseId,
                EPOCH + ARBITER_WINDOW + 1,
                EPOCH + ARBITER_WINDOW
            )
        );
        _rule(HALF);
        vm.warp(EPOCH + ARBITER_WINDOW);
        _rule(HALF);
        assertEq(abatementOf(leaseId).sohBp, HALF, "in the last second");
    }

    function test_ArbiterMayAbateForALesseeInArrears() external {
        vm.warp(EPOCH + PERIOD + 1);
        _dispute();
        _rule(HALF);
        assertEq(abatementOf(leaseId).since, EPOCH + PERIOD + 1, "since");
        // Once more, an earlier span would reach into days that are not paid.
        vm.warp(EPOCH + PERIOD + 10 days);
        _dispute();
        _expectInArrears(EPOCH + PERIOD);
        _rule(1_750);
        pay(leaseId, 1);
        _rule(1_750);
        assertEq(abatementOf(leaseId).sohBp, 1_750, "once rent is paid");
    }

    function test_RulingAbates() external {
        vm.warp(EPOCH + 10 days);
        _dispute();
        vm.expectEmit(address(book));
        emit IBatteryLease.HealthRuled(leaseId, HALF);
        vm.expectEmit(address(book));
        emit IBatteryLease.RemedyStarted(leaseId, HALF, HALF_RENT);
        _rule(HALF);
        assertEq(abatementOf(leaseId).disputedAt, 0, "disputedAt");
        assertEq(abatementOf(leaseId).ruledAt, EPOCH + 10 days, "ruledAt");
    }

    function test_ArbiterMayAbateInSpiteOfAbuse() external {
        vm.warp(EPOCH + 10 days);
        readFlags(packId, START_WH, DeviceFlags.OVERHEATED);
        _dispute();
        _rule(HALF);
        assertEq(abatementOf(leaseId).sohBp, HALF, "health");
    }

    function test_RulingEndsAnAbatement() external {
        vm.warp(EPOCH + 10 days);
        _abate(HALF);
        vm.prank(owner);
        book.disputeHealth(leaseId, "owner's");
        vm.expectEmit(address(book));
        emit IBatteryLease.HealthRuled(leaseId, MIN_SOH_BP);
        vm.expectEmit(address(book));
        emit IBatteryLease.RemedyEnded(leaseId, MIN_SOH_BP);
        _rule(MIN_SOH_BP);
        assertEq(abatementOf(leaseId).until, EPOCH + 10 days, "until");
    }

    function test_RulingThatAllIsWellChangesNothing() external {
        _dispute();
        vm.recordLogs();
        _rule(9_000);
        assertEq(vm.getRecordedLogs().length, 1, "HealthRuled alone");
        assertEq(book.leaseOf(leaseId).flags, 0, "no abatement");
    }

    function test_RevertWhen_TestIsNotAfterTheRuling() external {
        vm.warp(EPOCH + 10 days);
        certify(packId, HALF);
        _dispute();
        _rule(9_000);
        _expectTooOld(EPOCH + 10 days, EPOCH + 10 days + 1);
        book.claimRemedy(leaseId, offer);
        vm.warp(EPOCH + 10 days + 1);
        certify(packId, HALF);
        book.claimRemedy(leaseId, offer);
        assertEq(abatementOf(leaseId).sohBp, HALF, "a second later");
    }

    function test_RevertWhen_RulingIsSetAsideByAnOlderCure() external {
        certify(packId, 9_000);
        _dispute();
        _rule(HALF);
        _expectTooOld(EPOCH, EPOCH + 1);
        book.endRemedy(leaseId, offer);
    }

    // --- the rebate

    function test_RebateIsSetOffByTheNextPayment() external {
        vm.warp(EPOCH + 15 days);
        _abate(HALF);
        vm.warp(EPOCH + PERIOD);
        Owed memory owed = book.owedOf(leaseId);
        assertEq(owed.rebate, 30_000_000, "fifteen days half");
        assertEq(owed.payToCure, 90_000_000, "to cure");
        vm.expectEmit(address(book));
        emit IBatteryLease.RentPaid(leaseId, lessee, 1, 90_000_000, 0, 0, 30_000_000, EPOCH + 2 * uint256(PERIOD));
        assertEq(pay(leaseId, 1), 90_000_000, "paid");
        assertEq(abatementOf(leaseId).rebateTaken, 30_000_000, "taken");
        assertEq(book.owedOf(leaseId).rebate, 0, "none left");
        assertEq(euro.balanceOf(lessee), FUNDS - 810e6, "payer");
        creditLease(leaseId);
        assertEq(book.balanceOf(owner), 90_000_000, "owner earned less");
        assertEq(euro.balanceOf(address(book)), 810e6, "book");
    }

    function test_RebateAndBilledUsageStandSideBySide() external {
        vm.warp(EPOCH + 15 days);
        _abate(HALF);
        vm.warp(EPOCH + PERIOD);
        readWh(packId, START_WH + 500_000);
        book.billUsage(leaseId, offer);
        Owed memory owed = book.owedOf(leaseId);
        assertEq(owed.rebate, 30_000_000, "fifteen days half");
        assertEq(owed.overageDue, 6_000_000, "a hundred kWh");
        assertEq(owed.payToCure, 96_000_000, "to cure");
    }

    function test_AbatementKeepsBilledUsage() external {
        vm.warp(EPOCH + PERIOD);
        readWh(packId, START_WH + 500_000);
        book.billUsage(leaseId, offer);
        _abate(HALF);
        assertEq(book.owedOf(leaseId).overageDue, 6_000_000, "a hundred kWh");
    }

    function test_RebateAboveAPaymentStays() external {
        // A pack that is dead for ten paid periods: rent of all of them comes back.
        pay(leaseId, 10);
        _abate(0);
        vm.warp(EPOCH + 10 * uint256(PERIOD));
        assertEq(book.owedOf(leaseId).rebate, 0, "nothing is due, so nothing is set off");
        assertEq(pay(leaseId, 1), 0, "paid");
        assertEq(abatementOf(leaseId).rebateTaken, RENT, "taken");
        assertEq(pay(leaseId, 24), 24 * uint256(RENT) - 9 * uint256(RENT), "the other nine");
        creditLease(leaseId);
        assertEq(book.balanceOf(owner), 0, "owner earned nothing");
    }

    function test_RebateCountsPaidDaysOnly() external {
        vm.warp(EPOCH + 15 days);
        _abate(HALF);
        vm.warp(EPOCH + PERIOD + 10 days);
        Owed memory owed = book.owedOf(leaseId);
        assertEq(owed.rebate, 30_000_000, "not of days that are not paid");
        assertEq(owed.accrued, 110_000_000, "arrears accrue at half");
        // Once paid, those days count.
        assertEq(pay(leaseId, 1), 100_000_000, "rent, a late fee, less the rebate");
        // Ten days half, nothing else due.
        vm.warp(EPOCH + 2 * uint256(PERIOD));
        assertEq(book.owedOf(leaseId).rebate, 60_000_000, "all thirty");
    }

    function test_ReturnAbatesArrears() external {
        vm.warp(EPOCH + 15 days);
        _abate(HALF);
        vm.warp(EPOCH + 2 * uint256(PERIOD));
        vm.prank(lessee);
        book.requestReturn(leaseId);
        vm.expectEmit(address(book));
        // 45 days after the abatement, 30 of them unpaid; a late fee; free exit after thirty days.
        emit IBatteryLease.AccountsClosed(leaseId, 90_000_000, 60_000_000, 0, LATE_FEE, 0, 560_000_000);
        vm.prank(owner);
        book.confirmReturn(leaseId, offer);
    }

    function test_EarlyFeeUntilTheLastSecondOfTheCure() external {
        vm.warp(EPOCH + 10 days);
        _abate(HALF);
        pay(leaseId, 2);
        vm.prank(lessee);
        book.requestReturn(leaseId);
        uint256 snapshot = vm.snapshotState();
        vm.warp(EPOCH + 10 days + CURE_DURATION);
        vm.prank(owner);
        book.confirmReturn(leaseId, offer);
        // 1,040 of 1,080 days are left.
        assertEq(book.balanceOf(owner), 40_000_000 + 60_000_000 + 173_333_333, "rent and early fee");
        vm.revertToState(snapshot);
        vm.warp(EPOCH + 10 days + CURE_DURATION + 1);
        vm.prank(owner);
        book.confirmReturn(leaseId, offer);
        assertEq(book.balanceOf(owner), 40_000_000 + 60_000_023, "rent alone");
    }

    function test_FurtherFallsDoNotProlongTheCure() external {
        vm.warp(EPOCH + 10 days);
        _abate(HALF);
        pay(leaseId, 2);
        for (uint16 i = 1; i <= 5; ++i) {
            vm.warp(EPOCH + 10 days + i * 5 days);
            certify(packId, HALF - i);
            vm.prank(owner);
            book.claimRemedy(leaseId, offer);
        }
        _expectFreeExit();
    }

    function test_RulingsDoNotProlongTheCure() external {
        vm.warp(EPOCH + 10 days);
        _abate(HALF);
        pay(leaseId, 2);
        vm.warp(EPOCH + 35 days);
        vm.prank(owner);
        book.disputeHealth(leaseId, "owner's");
        _rule(MIN_SOH_BP - 1);
        _expectFreeExit();
    }

    function test_NewFallAfterACureHasItsOwnTime() external {
        vm.warp(EPOCH + 10 days);
        _abate(HALF);
        pay(leaseId, 2);
        vm.warp(EPOCH + 20 days);
        certify(packId, 9_000);
        book.endRemedy(leaseId, offer);
        vm.warp(EPOCH + 30 days);
        _abate(HALF);
        vm.warp(EPOCH + 30 days + CURE_DURATION);
        giveBack(leaseId, offer);
        assertTrue(_earlyFeeTaken(), "early fee in the last second");
    }

    // --- helpers

    function _expectFreeExit() private {
        vm.warp(EPOCH + 10 days + CURE_DURATION + 1);
        giveBack(leaseId, offer);
        assertFalse(_earlyFeeTaken(), "early fee");
    }

    /// @dev Whether more went to the owner than two periods of rent.
    function _earlyFeeTaken() private view returns (bool taken) {
        return book.balanceOf(owner) > 2 * uint256(RENT);
    }

    /// @dev Certified now, and claimed.
    function _abate(uint256 sohBp) private {
        certify(packId, sohBp);
        book.claimRemedy(leaseId, offer);
    }

    function _dispute() private {
        vm.prank(lessee);
        book.disputeHealth(leaseId, "lessee's");
    }

    function _rule(uint16 sohBp) private {
        vm.prank(arbiter);
        book.ruleHealth(leaseId, offer, sohBp);
    }

    function _expectTooOld(uint256 testedAt, uint256 earliest) private {
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseCertificateTooOld.selector, leaseId, testedAt, earliest)
        );
    }

    function _expectNotAffected(uint256 sohBp, uint256 limit) private {
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseHealthNotAffected.selector, leaseId, sohBp, limit)
        );
    }

    function _expectInArrears(uint256 paidThrough) private {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseInArrears.selector, leaseId, paidThrough));
    }

    function _expectNothingToRule() private {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseNothingToRule.selector, leaseId));
    }
}
