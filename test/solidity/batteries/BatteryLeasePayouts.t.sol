// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {ISigned, Signature} from "../../../contracts/authority/ISigned.sol";
import {IBatteryLease, LeaseWithdrawal, Offer} from "../../../contracts/batteries/IBatteryLease.sol";
import {IBatteryPack} from "../../../contracts/batteries/IBatteryPack.sol";
import {LeaseFixture} from "./LeaseFixture.sol";

/// @dev credit
///   ├ none, more than 50: BadLength
///   ├ lease unknown or over: passed over
///   ├ nothing new: no event
///   └ earned and paid rent to whoever owned the pack (cases B02, B04)
/// withdraw
///   ├ list too long: BadLength
///   ├ nothing there: NothingToWithdraw; to the book or to nobody: InvalidReceiver
///   ├ credits first, then pays; with an empty list only pays
///   └ to another account
/// withdrawBySig
///   ├ nothing there: NothingToWithdraw; to the book or nobody: InvalidReceiver; signed by another: the error of ISigned
///   └ to whom the account names, whoever brings it, once
/// a sale during the lease
///   ├ one (case B12), two and three before any act, to oneself, back again
///   ├ seen by a payment, a credit, a default, a return, a buyout, a swap, a novation, a remedy
///   ├ nobody but the pack contract tells of sales: NotPackContract
///   └ after a default: accounts stay closed
/// setBay
///   ├ by another: AccessManagedUnauthorized
///   ├ no change: Unchanged
///   └ told
contract BatteryLeasePayoutsTest is LeaseFixture {
    Offer private offer;
    uint256 private leaseId;

    function setUp() public override {
        super.setUp();
        offer = offerOf(packId);
        leaseId = openLease(offer);
    }

    // --- credit

    function test_RevertWhen_NoLeaseIsCredited() external {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseBadLength.selector, 0, 50));
        book.credit(new uint256[](0));
    }

    function test_RevertWhen_TooManyLeasesAreCredited() external {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseBadLength.selector, 51, 50));
        book.credit(new uint256[](51));
    }

    function test_LeasesThatDoNotRunArePassedOver() external {
        uint256 second = openLease(offerOf(otherPackId));
        giveBack(leaseId, offer);
        uint256[] memory leaseIds = new uint256[](50);
        (leaseIds[0], leaseIds[1], leaseIds[49]) = (99, leaseId, second);
        vm.warp(EPOCH + 10 days);
        book.credit(leaseIds);
        assertEq(book.leaseOf(leaseId).credited, 0, "over");
        assertEq(book.leaseOf(second).credited, 40_000_000, "running");
    }

    function test_CreditIsTold() external {
        vm.warp(EPOCH + 10 days);
        vm.expectEmit(address(book));
        emit IBatteryLease.RentCredited(leaseId, owner, 40_000_000);
        vm.prank(stranger);
        book.credit(listOf(leaseId));
        assertEq(book.balanceOf(owner), 40_000_000, "balance");
        assertEq(book.leaseOf(leaseId).credited, 40_000_000, "credited");
        vm.recordLogs();
        book.credit(listOf(leaseId));
        assertEq(vm.getRecordedLogs().length, 0, "nothing new");
    }

    function test_CreditEndsWithWhatIsPaid() external {
        vm.warp(EPOCH + 3 * uint256(PERIOD));
        creditLease(leaseId);
        assertEq(book.balanceOf(owner), RENT, "one period");
        pay(leaseId, 1);
        creditLease(leaseId);
        assertEq(book.balanceOf(owner), 2 * uint256(RENT + LATE_FEE), "two, and the fees of two missed dates");
    }

    function testFuzz_CreditsAddUpByAnyPath(uint256 seed, uint256 steps) external {
        steps = bound(steps, 1, 8);
        Offer memory odd = offerOf(otherPackId);
        odd.rent = 100_000_001;
        uint256 id = openLease(odd);
        pay(id, 3);
        uint256 elapsed = 0;
        for (uint256 i = 0; i < steps; ++i) {
            elapsed += uint256(keccak256(abi.encode(seed, i))) % uint256(PERIOD);
            vm.warp(EPOCH + elapsed);
            creditLease(id);
        }
        vm.warp(EPOCH + 4 * uint256(PERIOD) + elapsed);
        creditLease(id);
        assertEq(book.balanceOf(owner), 4 * uint256(odd.rent), "B04");
    }

    // --- withdraw

    function test_RevertWhen_TooManyLeasesAreCreditedBeforeAPayout() external {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseBadLength.selector, 51, 50));
        book.withdraw(new uint256[](51), owner);
    }

    function test_RevertWhen_NothingIsThere() external {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseNothingToWithdraw.selector, owner));
        vm.prank(owner);
        book.withdraw(new uint256[](0), owner);
        LeaseWithdrawal memory order = withdrawalOf(owner, owner);
        Signature memory signature = sign(order, ownerKey);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseNothingToWithdraw.selector, owner));
        book.withdrawBySig(order, signature);
    }

    function test_RevertWhen_PaidOutToNobody() external {
        vm.warp(EPOCH + 10 days);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseInvalidReceiver.selector, address(0)));
        vm.prank(owner);
        book.withdraw(listOf(leaseId), address(0));
    }

    function test_RevertWhen_PaidOutToTheBook() external {
        vm.warp(EPOCH + 10 days);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseInvalidReceiver.selector, address(book)));
        vm.prank(owner);
        book.withdraw(listOf(leaseId), address(book));
    }

    function test_OwnerTakesOutWhatItEarned() external {
        vm.warp(EPOCH + 10 days);
        vm.expectEmit(address(book));
        emit IBatteryLease.RentCredited(leaseId, owner, 40_000_000);
        vm.expectEmit(address(book));
        emit IBatteryLease.Withdrawn(owner, owner, 40_000_000);
        vm.expectEmit(address(euro));
        emit IERC20.Transfer(address(book), owner, 40_000_000);
        vm.prank(owner);
        assertEq(book.withdraw(listOf(leaseId), owner), 40_000_000, "B02");
        assertEq(euro.balanceOf(owner), 40_000_000, "B02, receives");
        assertEq(euro.balanceOf(address(book)), 680_000_000, "B02, book holds");
        assertEq(book.balanceOf(owner), 0, "balance");
    }

    function test_WithdrawalWithoutListCreditsNothing() external {
        vm.warp(EPOCH + 10 days);
        creditLease(leaseId);
        vm.warp(EPOCH + 20 days);
        vm.prank(owner);
        assertEq(book.withdraw(new uint256[](0), stranger), 40_000_000, "amount");
        assertEq(euro.balanceOf(stranger), FUNDS + 40_000_000, "receiver");
        assertEq(book.leaseOf(leaseId).credited, 40_000_000, "credited");
    }

    function test_AnybodyRelaysAWithdrawal() external {
        vm.warp(EPOCH + 10 days);
        creditLease(leaseId);
        LeaseWithdrawal memory order = withdrawalOf(owner, buyer);
        Signature memory signature = sign(order, ownerKey);
        uint256 before = euro.balanceOf(buyer);
        vm.expectEmit(address(book));
        emit IBatteryLease.Withdrawn(owner, buyer, 40_000_000);
        vm.prank(stranger);
        assertEq(book.withdrawBySig(order, signature), 40_000_000, "amount");
        assertEq(euro.balanceOf(buyer), before + 40_000_000, "receiver");
        assertEq(euro.balanceOf(stranger), FUNDS, "who asked");
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, owner, order.nonce));
        book.withdrawBySig(order, signature);
    }

    function test_RevertWhen_AnotherSignsTheWithdrawal() external {
        vm.warp(EPOCH + 10 days);
        creditLease(leaseId);
        LeaseWithdrawal memory order = withdrawalOf(owner, stranger);
        Signature memory signature = sign(order, strangerKey);
        bytes32 digest = MessageHashUtils.toTypedDataHash(
            leaseDomain(),
            keccak256(abi.encode(LEASE_WITHDRAWAL_TYPEHASH, order))
        );
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, owner, digest));
        book.withdrawBySig(order, signature);
        address[2] memory nowhere = [address(book), address(0)];
        for (uint256 i = 0; i < nowhere.length; ++i) {
            order.to = nowhere[i];
            signature = sign(order, ownerKey);
            vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseInvalidReceiver.selector, nowhere[i]));
            book.withdrawBySig(order, signature);
        }
    }

    // --- sales

    function test_SaleInTheMiddleOfAPeriod() external {
        vm.warp(EPOCH + 15 days);
        sell(packId, owner, buyer);
        assertEq(pack.userOf(packId), lessee, "B12, user");
        vm.warp(EPOCH + 30 days);
        vm.expectEmit(address(book));
        emit IBatteryLease.RentCredited(leaseId, owner, 60_000_000);
        vm.expectEmit(address(book));
        emit IBatteryLease.RentCredited(leaseId, buyer, 60_000_000);
        creditLease(leaseId);
        assertEq(book.balanceOf(owner), 60_000_000, "B12, seller");
        assertEq(book.balanceOf(buyer), 60_000_000, "B12, buyer");
        assertEq(euro.balanceOf(address(book)), 720e6, "B12, deposit held");
    }

    function test_RevertWhen_BuyerNamesAnotherUser() external {
        sell(packId, owner, buyer);
        vm.expectRevert(abi.encodeWithSelector(IBatteryPack.BatteryPackLeased.selector, packId, leaseId));
        vm.prank(buyer);
        pack.setUser(packId, stranger, uint64(EPOCH + 1 days));
    }

    function test_ManySalesBeforeAnyAct() external {
        vm.warp(EPOCH + 5 days);
        sell(packId, owner, buyer);
        vm.warp(EPOCH + 10 days);
        vm.expectEmit(address(book));
        emit IBatteryLease.RentCredited(leaseId, owner, 20_000_000);
        sell(packId, buyer, heir);
        vm.warp(EPOCH + 20 days);
        vm.expectEmit(address(book));
        emit IBatteryLease.RentCredited(leaseId, buyer, 20_000_000);
        sell(packId, heir, stranger);
        vm.warp(EPOCH + 30 days);
        creditLease(leaseId);
        assertEq(book.balanceOf(owner), 20_000_000, "first owner");
        assertEq(book.balanceOf(buyer), 20_000_000, "second");
        assertEq(book.balanceOf(heir), 40_000_000, "third");
        assertEq(book.balanceOf(stranger), 40_000_000, "fourth");
    }

    function test_SaleAndBackInOneSecond() external {
        vm.warp(EPOCH + 15 days);
        sell(packId, owner, buyer);
        sell(packId, buyer, owner);
        vm.warp(EPOCH + 30 days);
        creditLease(leaseId);
        assertEq(book.balanceOf(owner), RENT, "owner");
        assertEq(book.balanceOf(buyer), 0, "buyer of no second");
    }

    function test_TransferToOneselfIsNoSale() external {
        vm.warp(EPOCH + 15 days);
        sell(packId, owner, owner);
        assertEq(pack.pendingSale(packId).seller, address(0), "sale");
        sell(packId, owner, buyer);
        sell(packId, buyer, buyer);
        creditLease(leaseId);
        assertEq(book.balanceOf(owner), 60_000_000, "owner");
    }

    function test_SellerIsCreditedOnlyWhatWasPaidThen() external {
        // Sold in arrears: what is paid later for the days before is the buyer's.
        vm.warp(EPOCH + PERIOD + 3 days);
        sell(packId, owner, buyer);
        vm.expectEmit(address(book));
        emit IBatteryLease.RentCredited(leaseId, owner, RENT);
        pay(leaseId, 1);
        vm.warp(EPOCH + 2 * uint256(PERIOD));
        creditLease(leaseId);
        assertEq(book.balanceOf(owner), RENT, "seller");
        assertEq(book.balanceOf(buyer), RENT, "buyer");
    }

    function test_FeesGoToTheOwnerOfTheDay() external {
        vm.warp(EPOCH + PERIOD + GRACE + 1);
        sell(packId, owner, buyer);
        pay(leaseId, 1);
        assertEq(book.balanceOf(buyer), LATE_FEE, "buyer");
        assertEq(book.balanceOf(owner), RENT, "seller");
    }

    function test_SaleThenDefault() external {
        vm.warp(EPOCH + 15 days);
        sell(packId, owner, buyer);
        vm.warp(EPOCH + PERIOD + GRACE + DEFAULT_AFTER + 1);
        vm.prank(buyer);
        book.declareDefault(leaseId, offer);
        assertEq(book.balanceOf(owner), 60_000_000, "seller");
        assertEq(closingOf(leaseId).claimant, buyer, "claimant");
    }

    function test_SalesAfterADefaultChangeNoAccount() external {
        vm.warp(EPOCH + PERIOD + GRACE + DEFAULT_AFTER + 1);
        vm.prank(owner);
        book.declareDefault(leaseId, offer);
        uint256 earned = book.balanceOf(owner);
        vm.warp(block.timestamp + 1 days);
        sell(packId, owner, buyer);
        vm.warp(block.timestamp + 1 days);
        // The second sale makes the pack tell the book of the first.
        sell(packId, buyer, heir);
        assertEq(book.balanceOf(owner), earned, "owner");
        vm.prank(heir);
        book.confirmReturn(leaseId, offer);
        assertEq(closingOf(leaseId).claimant, heir, "claimant");
        assertEq(book.balanceOf(buyer) + book.balanceOf(heir), 0, "buyers");
    }

    function test_SaleThenReturn() external {
        vm.warp(EPOCH + 15 days);
        sell(packId, owner, buyer);
        vm.warp(EPOCH + 30 days);
        vm.prank(lessee);
        book.requestReturn(leaseId);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseNotParty.selector, leaseId, owner, buyer));
        vm.prank(owner);
        book.confirmReturn(leaseId, offer);
        vm.prank(buyer);
        book.confirmReturn(leaseId, offer);
        assertEq(book.balanceOf(owner), 60_000_000, "seller");
        // The other half, and the early fee of a term with 35 of 36 periods left.
        assertEq(book.balanceOf(buyer), 60_000_000 + 175_000_000, "buyer");
        assertEq(closingOf(leaseId).claimant, buyer, "claimant");
        assertEq(closingOf(leaseId).held, 425_000_000, "held");
    }

    function test_SaleThenBuyout() external {
        vm.warp(EPOCH + 15 days);
        sell(packId, owner, buyer);
        vm.warp(EPOCH + 30 days);
        uint256 price = book.buyoutPriceOf(leaseId, offer);
        vm.prank(lessee);
        book.buyout(leaseId, offer, type(uint256).max, noPermit());
        assertEq(book.balanceOf(owner), 60_000_000, "seller");
        assertEq(book.balanceOf(buyer), 60_000_000 + price, "buyer");
    }

    function test_RevertWhen_NotThePackTellsOfASale() external {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseNotPackContract.selector, owner));
        vm.prank(owner);
        book.onPackSold(leaseId, owner, uint40(EPOCH));
    }

    /// @dev Whoever owns the pack for how long, and whenever the book takes note: each is credited for its own days.
    function testFuzz_SellersAreCreditedForTheirDays(uint256 seed, uint256 steps) external {
        steps = bound(steps, 1, 8);
        pay(leaseId, 11);
        address[3] memory holders = [owner, buyer, heir];
        uint256[3] memory earned;
        uint256 holder = 0;
        uint256 elapsed = 0;
        uint256 credited = 0;
        for (uint256 i = 0; i < steps; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            elapsed += draw % uint256(PERIOD);
            uint256 accrued = (uint256(RENT) * elapsed) / PERIOD;
            (earned[holder], credited) = (earned[holder] + accrued - credited, accrued);
            vm.warp(EPOCH + elapsed);
            uint256 next = (draw >> 64) % 3;
            sell(packId, holders[holder], holders[next]);
            holder = next;
            if ((draw >> 128) % 2 == 0) creditLease(leaseId);
        }
        creditLease(leaseId);
        for (uint256 i = 0; i < 3; ++i) assertEq(book.balanceOf(holders[i]), earned[i], "own days");
    }

    // --- setBay

    function test_RevertWhen_AStrangerNamesBays() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        book.setBay(stranger, true);
    }

    function test_RevertWhen_BayIsTrustedAlready() external {
        vm.expectRevert(IBatteryLease.BatteryLeaseUnchanged.selector);
        vm.prank(baysOffice);
        book.setBay(bay, true);
    }

    function test_BaysComeAndGo() external {
        vm.expectEmit(address(book));
        emit IBatteryLease.BaySet(bay, false);
        vm.prank(baysOffice);
        book.setBay(bay, false);
        assertFalse(book.isBay(bay), "gone");
        vm.expectEmit(address(book));
        emit IBatteryLease.BaySet(bay, true);
        vm.prank(baysOffice);
        book.setBay(bay, true);
        assertTrue(book.isBay(bay), "back");
    }
}
