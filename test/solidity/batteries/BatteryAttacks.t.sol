// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ISigned, Signature} from "../../../contracts/authority/ISigned.sol";
import {
    IBatteryLease,
    LeaseAct,
    LeaseActKind,
    LeaseState,
    LeaseWithdrawal,
    Novation,
    Offer,
    Permit,
    ReturnReceipt,
    Swap
} from "../../../contracts/batteries/IBatteryLease.sol";
import {IBatteryPack, Status} from "../../../contracts/batteries/IBatteryPack.sol";
import {SignedReading} from "../../../contracts/batteries/IBatteryTelemetry.sol";
import {
    AwkwardToken,
    BlockingToken,
    FeeToken,
    HookToken,
    IMoveHook,
    RebasingToken
} from "../../../contracts/mocks/AwkwardTokens.sol";
import {HostileReceiver} from "../../../contracts/mocks/HostileReceiver.sol";
import {LeaseFixture} from "./LeaseFixture.sol";

/// @notice Every attack on battery leases that the design lists, one test each, and those that the tests found.
/// @dev The attacks on readings stand in BatteryTelemetry.t.sol:
/// - reading replay: test_RevertWhen_ReadingIsReplayed, …OnAnotherChain, …AtAnotherContract, …ForAnotherPack
/// - fork of the device key: test_RevertWhen_ForkedDeviceCountsOnItsOwn
/// - key rotation race: test_RevertWhen_OldKeySpeaksAfterTheRotation
/// - future time: test_RevertWhen_TimeIsInFuture; throughput rollback: test_RevertWhen_ThroughputRollsBack
/// - second device for one pack: test_RevertWhen_SecondDeviceSpeaksForThePack
/// - leaf/node confusion: test_InnerNodeIsNoEntry; duplicate leaf padding: test_FillerIsNotADuplicateLeaf
/// - empty proof: test_EmptyProofProvesNothingButASingleEntry
/// Eviction by the owner and a receiver's re-entrancy are tested without a lease book in BatteryPack.t.sol as well:
/// test_RevertWhen_OwnerEvictsTenant, …BuyerEvictsTenant, …HostileBuyerEvictsWhileItReceives.
contract BatteryAttacksTest is LeaseFixture, IMoveHook {
    /// @dev Gas that a transfer of a leased pack may cost whatever the lease has been through, first or second sale.
    uint256 private constant TRANSFER_GAS = 80_000;

    /// @dev What {onMove} calls the book with, once.
    bytes private _reaction;
    bool private _reacted;
    bytes private _answer;

    // --- offers

    /// @dev Attack: offer replay on another chain.
    function test_RevertWhen_OfferIsReplayedOnAnotherChain() external {
        Offer memory offer = offerOf(packId);
        Signature memory signature = sign(offer, ownerKey);
        vm.chainId(block.chainid + 1);
        _expectInvalidSignature(owner, hashOf(offer));
        vm.prank(lessee);
        book.accept(offer, signature, noPermit());
    }

    /// @dev Attack: offer replay at another contract.
    function test_RevertWhen_OfferIsReplayedAtAnotherBook() external {
        Offer memory offer = offerOf(packId);
        Signature memory signature = sign(offer, ownerKey);
        book = newBook(euro);
        fund(lessee, 0);
        _expectInvalidSignature(owner, hashOf(offer));
        vm.prank(lessee);
        book.accept(offer, signature, noPermit());
    }

    /// @dev Attack: offer replay after the lease that it began is over.
    function test_RevertWhen_OfferIsReplayedAfterItsLease() external {
        Offer memory offer = offerOf(packId);
        uint256 id = openLease(offer);
        vm.prank(lessee);
        book.requestReturn(id);
        vm.prank(owner);
        book.confirmAndSettle(id, offer);
        Signature memory signature = sign(offer, ownerKey);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, owner, offer.nonce));
        vm.prank(lessee);
        book.accept(offer, signature, noPermit());
    }

    /// @dev Attack: offer after NFT sale. The seller's offer does not bind the buyer.
    function test_RevertWhen_OfferIsAcceptedAfterTheSale() external {
        Offer memory offer = offerOf(packId);
        Signature memory signature = sign(offer, ownerKey);
        sell(packId, owner, buyer);
        vm.expectRevert(abi.encodeWithSelector(IBatteryPack.BatteryPackNotLessor.selector, packId, owner, buyer));
        vm.prank(lessee);
        book.accept(offer, signature, noPermit());
    }

    /// @dev Attack: permit front-run. Somebody else uses up the permit first; the acceptance goes through all the same.
    function test_PermitIsFrontRun() external {
        vm.prank(lessee);
        euro.approve(address(book), 0);
        Offer memory offer = offerOf(packId);
        Signature memory signature = sign(offer, ownerKey);
        Permit memory permit = permitOf(lesseeKey, DEPOSIT + RENT);
        vm.prank(stranger);
        euro.permit(lessee, address(book), permit.value, permit.deadline, permit.v, permit.r, permit.s);
        vm.prank(lessee);
        uint256 id = book.accept(offer, signature, permit);
        stateIs(id, LeaseState.Active);
        assertEq(euro.balanceOf(address(book)), DEPOSIT + RENT, "paid");
        assertEq(euro.allowance(lessee, address(book)), 0, "nothing left of the permit");
    }

    // --- eviction and sublease

    /// @dev Attack: lessor evicts by setUser.
    function test_RevertWhen_LessorEvictsBySetUser() external {
        uint256 id = openLease(offerOf(packId));
        vm.expectRevert(abi.encodeWithSelector(IBatteryPack.BatteryPackLeased.selector, packId, id));
        vm.prank(owner);
        pack.setUser(packId, owner, type(uint64).max);
        vm.expectRevert(abi.encodeWithSelector(IBatteryPack.BatteryPackLeased.selector, packId, id));
        vm.prank(owner);
        pack.setUser(packId, address(0), 0);
        assertEq(pack.userOf(packId), lessee, "user");
    }

    /// @dev Attack: lessor evicts by burn: of the token, and of its passport by waste, loss or a second life.
    function test_RevertWhen_LessorEvictsByBurn() external {
        uint256 id = openLease(offerOf(packId));
        bytes memory leased = abi.encodeWithSelector(IBatteryPack.BatteryPackLeased.selector, packId, id);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721InvalidReceiver.selector, address(0)));
        vm.prank(owner);
        pack.transferFrom(owner, address(0), packId);
        vm.expectRevert(leased);
        vm.prank(owner);
        pack.markWaste(packId);
        vm.expectRevert(leased);
        vm.prank(owner);
        pack.markLost(packId);
        vm.prank(owner);
        pack.approve(operator, packId);
        vm.expectRevert(leased);
        vm.prank(operator);
        pack.repurpose(listOf(packId), owner, packData(spare, 1), Status.Reused);
        assertEq(pack.userOf(packId), lessee, "user");
    }

    /// @dev Attack: lessor evicts by transfer, to a friend who then tries the same as an owner.
    function test_RevertWhen_LessorEvictsByTransfer() external {
        uint256 id = openLease(offerOf(packId));
        uint256 expires = pack.userExpires(packId);
        sell(packId, owner, buyer);
        assertEq(pack.userOf(packId), lessee, "user after the sale");
        assertEq(pack.userExpires(packId), expires, "expiry after the sale");
        vm.expectRevert(abi.encodeWithSelector(IBatteryPack.BatteryPackLeased.selector, packId, id));
        vm.prank(buyer);
        pack.setUser(packId, buyer, type(uint64).max);
        sell(packId, buyer, owner);
        assertEq(pack.userOf(packId), lessee, "user after the way back");
    }

    /// @dev Attack: lessor evicts by approve: whoever is approved is bound like the owner.
    function test_RevertWhen_LessorEvictsByApprove() external {
        uint256 id = openLease(offerOf(packId));
        vm.prank(owner);
        pack.approve(stranger, packId);
        vm.prank(owner);
        pack.setApprovalForAll(heir, true);
        address[2] memory helpers = [stranger, heir];
        for (uint256 i = 0; i < helpers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IBatteryPack.BatteryPackLeased.selector, packId, id));
            vm.prank(helpers[i]);
            pack.setUser(packId, helpers[i], type(uint64).max);
        }
        vm.prank(stranger);
        pack.transferFrom(owner, stranger, packId);
        assertEq(pack.userOf(packId), lessee, "user");
    }

    /// @dev Attack: lessee sublets: by ERC-4907, and by a novation that the owner did not sign.
    function test_RevertWhen_LesseeSublets() external {
        uint256 id = openLease(offerOf(packId));
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721InsufficientApproval.selector, lessee, packId));
        vm.prank(lessee);
        pack.setUser(packId, heir, type(uint64).max);
        Novation memory order = novationOf(id, lessee, heir);
        Signature[3] memory signatures = signaturesOf(order, lesseeKey, lesseeKey, heirKey);
        _expectInvalidSignature(owner, keccak256(abi.encode(NOVATION_TYPEHASH, order)));
        vm.prank(lessee);
        book.novate(order, signatures);
        assertEq(pack.userOf(packId), lessee, "user");
    }

    // --- tokens

    /// @dev Attack: blocked payee. The token refuses the owner; the lessee is paid, and the owner can be paid elsewhere.
    function test_BlockedPayeeBlocksNobody() external {
        BlockingToken token = new BlockingToken();
        _useToken(token);
        Offer memory offer = offerOf(packId);
        uint256 id = openLease(offer);
        token.blockAccount(owner);
        vm.warp(block.timestamp + PERIOD / 2);
        giveBack(id, offer);
        vm.warp(block.timestamp + CLAIM_WINDOW + 1);
        book.settle(id);

        uint256 earned = book.balanceOf(owner);
        assertTrue(earned > RENT / 2, "rent and early fee");
        uint256 before = token.balanceOf(lessee);
        uint256 refund = takeOut(lessee);
        assertEq(token.balanceOf(lessee) - before, refund, "the lessee is paid");
        assertEq(refund + earned, DEPOSIT + RENT, "sum");
        vm.expectRevert(abi.encodeWithSelector(BlockingToken.BlockingTokenBlocked.selector, owner));
        takeOut(owner);
        assertEq(book.balanceOf(owner), earned, "balance kept");
        vm.prank(owner);
        book.withdraw(new uint256[](0), buyer);
        assertEq(token.balanceOf(address(book)), 0, "nothing left");
    }

    /// @dev Attack: fee token. What arrives is less than what was asked for.
    function test_RevertWhen_TokenTakesAFee() external {
        _useToken(new FeeToken());
        Offer memory offer = offerOf(packId);
        Signature memory signature = sign(offer, ownerKey);
        uint256 amount = DEPOSIT + RENT;
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseTokenDeltaMismatch.selector, amount, amount - amount / 100)
        );
        vm.prank(lessee);
        book.accept(offer, signature, noPermit());
    }

    /// @dev Attack: rebasing token, whose balances shrink or grow while it moves.
    function test_RevertWhen_TokenRebasesWhileItMoves() external {
        RebasingToken token = new RebasingToken();
        _useToken(token);
        uint256 id = openLease(offerOf(packId));
        uint256 held = DEPOSIT + RENT;
        token.rebaseOnTransfer(9_999);
        uint256 after_ = ((held + RENT) * 9_999) / 10_000;
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseTokenDeltaMismatch.selector, RENT, after_ - held)
        );
        vm.prank(lessee);
        book.payRent(id, 1);
        token.rebaseOnTransfer(5_000);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseTokenDeltaMismatch.selector, RENT, 0));
        vm.prank(lessee);
        book.payRent(id, 1);
        token.rebaseOnTransfer(10_001);
        after_ = ((held + RENT) * 10_001) / 10_000;
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseTokenDeltaMismatch.selector, RENT, after_ - held)
        );
        vm.prank(lessee);
        book.payRent(id, 1);
        assertEq(book.leaseOf(id).paidPeriods, 1, "nothing recorded");
    }

    // --- re-entrancy

    /// @dev Attack: re-entrancy by ERC-777/1363 payee. While it is paid it asks to be paid again.
    function test_RevertWhen_PayeeReenters() external {
        HookToken token = _useHookToken();
        uint256 id = openLease(offerOf(packId));
        vm.warp(block.timestamp + PERIOD);
        _reactWith(abi.encodeCall(IBatteryLease.withdraw, (listOf(id), owner)));
        token.setHook(this);
        vm.prank(owner);
        uint256 amount = book.withdraw(listOf(id), owner);
        assertTrue(_reacted, "called back");
        _assertGuarded();
        assertEq(amount, RENT, "amount");
        assertEq(token.balanceOf(owner), RENT, "paid once");
        assertEq(token.balanceOf(address(book)), DEPOSIT, "deposit untouched");
    }

    /// @dev Attack: re-entrancy by ERC-777 payer. While it pays, everything that moves money is shut.
    function test_RevertWhen_PayerReenters() external {
        HookToken token = _useHookToken();
        Offer memory offer = offerOf(packId);
        uint256 id = openLease(offer);
        token.setHook(this);
        LeaseWithdrawal memory order = withdrawalOf(owner, owner);
        bytes[8] memory reactions = [
            abi.encodeCall(IBatteryLease.payRent, (id, 1)),
            abi.encodeCall(IBatteryLease.credit, (listOf(id))),
            abi.encodeCall(IBatteryLease.withdraw, (listOf(id), address(this))),
            abi.encodeCall(IBatteryLease.withdrawBySig, (order, sign(order, ownerKey))),
            abi.encodeCall(IBatteryLease.billUsage, (id, offer)),
            abi.encodeCall(IBatteryLease.settle, (id)),
            abi.encodeCall(IBatteryLease.buyout, (id, offer, type(uint256).max, noPermit())),
            abi.encodeCall(IBatteryLease.declareDefault, (id, offer))
        ];
        for (uint256 i = 0; i < reactions.length; ++i) {
            _reactWith(reactions[i]);
            pay(id, 1);
            assertTrue(_reacted, "called back");
            _assertGuarded();
        }
        assertEq(book.leaseOf(id).paidPeriods, 1 + reactions.length, "each payment counted once");
        assertEq(token.balanceOf(address(book)), DEPOSIT + RENT * (1 + reactions.length), "and taken once");
    }

    /// @dev Attack: re-entrancy into what is not guarded, because it moves no token: a claim on another lease is accepted
    /// while rent is paid, and neither sum changes.
    function test_ActInsideAPaymentMixesNothing() external {
        HookToken token = _useHookToken();
        Offer memory offer = offerOf(packId);
        uint256 ended = openLease(offer);
        uint256 id = openLease(offerOf(otherPackId));
        giveBack(ended, offer);
        vm.prank(owner);
        book.claimDamage(ended, 7, "");
        LeaseAct memory leaseAct = actOf(ended, lessee, LeaseActKind.AcceptClaim, bytes32(uint256(7)));
        _reactWith(abi.encodeCall(IBatteryLease.actFor, (leaseAct, sign(leaseAct, lesseeKey))));
        token.setHook(this);
        pay(id, 1);
        assertTrue(_reacted, "called back");
        assertEq(_answer.length, 0, "accepted");
        stateIs(ended, LeaseState.Settled);
        uint256 balances = book.balanceOf(owner) + book.balanceOf(lessee);
        assertEq(balances, DEPOSIT + RENT, "all of the ended lease");
        assertEq(token.balanceOf(address(book)), balances + DEPOSIT + 2 * RENT, "all of the other");
    }

    /// @dev Attack: re-entrancy by ERC-721 receiver. The buyer sells the leased pack on while it receives it: two sales
    /// in one call, and each is credited for its own time.
    function test_ReceiverSellsOnWhileItReceives() external {
        uint256 id = openLease(offerOf(packId));
        vm.warp(block.timestamp + PERIOD / 2);
        HostileReceiver receiver = new HostileReceiver();
        receiver.react(abi.encodeCall(IERC721.transferFrom, (address(receiver), buyer, packId)));
        vm.prank(owner);
        pack.safeTransferFrom(owner, address(receiver), packId);
        assertEq(receiver.received(), 1, "called back");
        assertEq(pack.ownerOf(packId), buyer, "sold on");
        assertEq(pack.userOf(packId), lessee, "user");
        vm.warp(block.timestamp + PERIOD / 2);
        creditLease(id);
        assertEq(book.balanceOf(owner), RENT / 2, "seller");
        assertEq(book.balanceOf(address(receiver)), 0, "receiver, for no time");
        assertEq(book.balanceOf(buyer), RENT / 2, "buyer");
    }

    /// @dev Attack: re-entrancy by ERC-721 receiver who buys the pack that it leases. It is not called back at all.
    function test_BuyerOfABuyoutIsNotCalledBack() external {
        HostileReceiver receiver = new HostileReceiver();
        fund(address(receiver), FUNDS);
        receiver.react(abi.encodeCall(IERC721.transferFrom, (address(receiver), owner, packId)));
        Offer memory offer = offerOf(packId);
        offer.lessee = address(receiver);
        Signature memory signature = sign(offer, ownerKey);
        vm.prank(address(receiver));
        uint256 id = book.accept(offer, signature, noPermit());
        vm.prank(address(receiver));
        book.buyout(id, offer, type(uint256).max, noPermit());
        assertEq(receiver.received(), 0, "not called back");
        assertEq(pack.ownerOf(packId), address(receiver), "title");
    }

    // --- health

    /// @dev Attack: SoH oracle collusion (tester + lessor) → dispute. They certify a worn pack as healthy to end the
    /// abatement; the arbiter rules, and further tests from before the ruling do not count.
    function test_CollusionOfTesterAndLessorIsRuledOn() external {
        Offer memory offer = offerOf(packId);
        uint256 id = openLease(offer);
        vm.warp(block.timestamp + 1 days);
        certify(packId, 6_000);
        book.claimRemedy(id, offer);
        vm.warp(block.timestamp + 1 days);
        certify(packId, 9_000);
        book.endRemedy(id, offer);
        assertTrue(abatementOf(id).until != 0, "the collusion ends the abatement");

        vm.prank(lessee);
        book.disputeHealth(id, keccak256("own measurement"));
        vm.warp(block.timestamp + 1 days);
        vm.prank(arbiter);
        book.ruleHealth(id, offer, 6_000);
        assertEq(abatementOf(id).until, 0, "abated again");
        vm.expectRevert(
            abi.encodeWithSelector(
                IBatteryLease.BatteryLeaseCertificateTooOld.selector,
                id,
                block.timestamp - 1 days,
                block.timestamp + 1
            )
        );
        book.endRemedy(id, offer);
        // Two days of three were abated so far but one; from here on all are.
        uint256 rebate = RENT - (uint256(RENT) * 6_000) / MIN_SOH_BP;
        vm.warp(block.timestamp + 1 days);
        assertEq(book.owedOf(id).accrued, (uint256(RENT) * 4 days - rebate * 2 days) / PERIOD, "accrued");
    }

    /// @dev Attack: the same by tester and lessee, who certify a good pack as worn.
    function test_CollusionOfTesterAndLesseeIsRuledOn() external {
        Offer memory offer = offerOf(packId);
        uint256 id = openLease(offer);
        vm.warp(block.timestamp + 1 days);
        certify(packId, 100);
        book.claimRemedy(id, offer);
        vm.prank(owner);
        book.disputeHealth(id, keccak256("own measurement"));
        vm.warp(block.timestamp + 1 days);
        vm.prank(arbiter);
        book.ruleHealth(id, offer, 9_000);
        assertEq(abatementOf(id).until, block.timestamp, "abatement ended");
        vm.expectRevert(
            abi.encodeWithSelector(
                IBatteryLease.BatteryLeaseCertificateTooOld.selector,
                id,
                block.timestamp - 1 days,
                block.timestamp + 1
            )
        );
        book.claimRemedy(id, offer);
    }

    // --- payments

    /// @dev Attack: griefing by 1-unit payments. Only whole periods can be paid, and gifts to the book change nothing.
    function test_RevertWhen_SomebodyPaysAUnit() external {
        uint256 id = openLease(offerOf(packId));
        vm.warp(block.timestamp + PERIOD + GRACE + 1);
        bytes32 before = keccak256(abi.encode(book.leaseOf(id), book.owedOf(id), pack.userExpires(packId)));
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseBadPeriodCount.selector, id, 0, PERIODS - 1));
        vm.prank(stranger);
        book.payRent(id, 0);
        vm.prank(stranger);
        euro.transfer(address(book), 1);
        assertEq(
            keccak256(abi.encode(book.leaseOf(id), book.owedOf(id), pack.userExpires(packId))),
            before,
            "nothing changed"
        );
        assertEq(pay(id, 1), RENT + LATE_FEE, "the debt is what it was");
    }

    /// @dev Attack: rounding farm by many checkpoints. A rent that never divides, credited hundreds of times, gives what
    /// it gives when it is credited once.
    function test_ManyCheckpointsGiveNoMore() external {
        Offer memory often = offerOf(packId);
        Offer memory once = offerOf(otherPackId);
        often.rent = once.rent = 100_000_001;
        uint256 oftenId = openLease(often);
        uint256 onceId = openLease(once);
        uint256 sum = 0;
        uint256 step = 6_007;
        for (uint256 spent = 0; spent + step < PERIOD; spent += step) {
            vm.warp(block.timestamp + step);
            uint256 before = book.balanceOf(owner);
            creditLease(oftenId);
            sum += book.balanceOf(owner) - before;
        }
        vm.warp(EPOCH + PERIOD);
        uint256 earned = book.balanceOf(owner);
        creditLease(oftenId);
        sum += book.balanceOf(owner) - earned;
        earned = book.balanceOf(owner);
        creditLease(onceId);
        assertEq(book.balanceOf(owner) - earned, 100_000_001, "once");
        assertEq(sum, 100_000_001, "often");
    }

    /// @dev Attack: default one second before payment. The lessor has to wait for the very last second, in which the
    /// lessee can still pay; a payment in time undoes the default's ground.
    function test_RevertWhen_DefaultComesASecondBeforePayment() external {
        Offer memory offer = offerOf(packId);
        uint256 id = openLease(offer);
        uint256 last = EPOCH + PERIOD + GRACE + DEFAULT_AFTER;
        vm.warp(last);
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseTooEarly.selector, id, last, last + 1));
        vm.prank(owner);
        book.declareDefault(id, offer);
        pay(id, 2);
        vm.warp(last + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IBatteryLease.BatteryLeaseTooEarly.selector,
                id,
                last + 1,
                last + 2 * uint256(PERIOD) + 1
            )
        );
        vm.prank(owner);
        book.declareDefault(id, offer);
        assertEq(pack.userOf(packId), lessee, "user");
    }

    /// @dev Attack: default just before a payment that comes too late. The payment fails and takes nothing.
    function test_RevertWhen_PaymentComesAfterDefault() external {
        Offer memory offer = offerOf(packId);
        uint256 id = openLease(offer);
        vm.warp(EPOCH + PERIOD + GRACE + DEFAULT_AFTER + 1);
        vm.prank(owner);
        book.declareDefault(id, offer);
        uint256 before = euro.balanceOf(lessee);
        vm.expectRevert(
            abi.encodeWithSelector(IBatteryLease.BatteryLeaseWrongState.selector, id, LeaseState.Defaulted)
        );
        vm.prank(lessee);
        book.payRent(id, 1);
        assertEq(euro.balanceOf(lessee), before, "nothing taken");
    }

    // --- disputes, changes, sale

    /// @dev Attack: arbiter award > claim. Not even what else was held of the deposit can be awarded.
    function test_RevertWhen_AwardExceedsTheClaim() external {
        Offer memory offer = offerOf(packId);
        uint256 id = openLease(offer);
        vm.warp(EPOCH + TERM / PERIODS);
        giveBack(id, offer);
        uint96 claim = 300_000_000;
        vm.prank(owner);
        book.claimDamage(id, claim, keccak256("photos"));
        vm.prank(lessee);
        book.disputeClaim(id, keccak256("other photos"));
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseBadAmount.selector, id, claim + 1, claim));
        vm.prank(arbiter);
        book.rule(id, claim + 1);
        uint256 ownerBefore = book.balanceOf(owner);
        vm.prank(arbiter);
        book.rule(id, claim);
        assertEq(book.balanceOf(owner) - ownerBefore, claim, "the claim is the most");
    }

    /// @dev Attack: swap with a pack in another lease, which would evict its lessee.
    function test_RevertWhen_SwapTakesAPackOfAnotherLease() external {
        uint256 id = openLease(offerOf(packId));
        Offer memory offer = offerOf(otherPackId);
        offer.lessee = heir;
        Signature memory signature = sign(offer, ownerKey);
        vm.prank(heir);
        uint256 otherId = book.accept(offer, signature, noPermit());

        Swap memory order = swapOf(id, packId, otherPackId);
        SignedReading[] memory readings = new SignedReading[](2);
        readings[0] = sign(nextReading(packId, START_WH), deviceKey);
        readings[1] = sign(nextReading(otherPackId, START_WH), spareKey);
        Signature[3] memory signatures = signaturesOf(order, lesseeKey, ownerKey, 0);
        vm.expectRevert(abi.encodeWithSelector(IBatteryPack.BatteryPackLeased.selector, otherPackId, otherId));
        book.swap(order, signatures, readings);
        assertEq(pack.userOf(otherPackId), heir, "user of the other pack");
        assertEq(pack.userOf(packId), lessee, "user of the pack");
    }

    /// @dev Attack: buyout with unpaid debt. Rent, late fees and overage in arrears come on top of the price.
    function test_BuyoutPaysTheDebts() external {
        Offer memory offer = offerOf(packId);
        uint256 id = openLease(offer);
        vm.warp(EPOCH + 2 * uint256(PERIOD) + GRACE + 1);
        // 1,500 kWh: 300 kWh above the allowance of the three periods begun.
        readWh(packId, START_WH + 1_500_000);
        uint256 elapsed = block.timestamp - EPOCH;
        uint256 debts = (uint256(RENT) * elapsed) / PERIOD - RENT + 2 * LATE_FEE + 300 * OVERAGE_PER_KWH;
        uint256 price = book.buyoutPriceOf(id, offer);
        uint256 before = euro.balanceOf(lessee);
        vm.prank(lessee);
        uint256 paid = book.buyout(id, offer, type(uint256).max, noPermit());
        assertEq(paid, price + debts - DEPOSIT, "price and debts less the deposit");
        assertEq(before - euro.balanceOf(lessee), paid, "taken");
        assertEq(book.balanceOf(owner), RENT + price + debts, "all of it is the owner's");
        assertEq(euro.balanceOf(address(book)), book.balanceOf(owner), "sum");
    }

    /// @dev Attack: transfer hook gas grief. Nothing that a lessee can do makes the owner's sale dear: not years unpaid,
    /// not abatements, bills and disputes; neither the first sale nor the second, which tells the book of the first.
    function test_TransferCostsTheSameWhateverTheLesseeDid() external {
        Offer memory offer = offerOf(packId);
        uint256 id = openLease(offer);
        for (uint16 i = 0; i < 20; ++i) {
            vm.warp(block.timestamp + 1 days);
            certify(packId, 6_000 - 10 * uint256(i));
            book.claimRemedy(id, offer);
            vm.prank(lessee);
            book.disputeHealth(id, bytes32(uint256(i)));
        }
        vm.warp(block.timestamp + 50 * 365 days);
        readWh(packId, type(uint48).max);
        book.billUsage(id, offer);
        address[3] memory chain = [owner, buyer, stranger];
        for (uint256 i = 0; i + 1 < chain.length; ++i) {
            vm.warp(block.timestamp + 1);
            vm.prank(chain[i]);
            uint256 before = gasleft();
            pack.transferFrom(chain[i], chain[i + 1], packId);
            assertLe(before - gasleft(), TRANSFER_GAS, "gas of a sale");
        }
    }

    /// @dev Attack: periods overflow, in the terms and in the count of a payment.
    function test_RevertWhen_PeriodsOverflow() external {
        Offer memory offer = offerOf(packId);
        offer.period = 366 days;
        offer.periods = type(uint16).max;
        uint256 term = uint256(offer.period) * offer.periods;
        _expectBadTerms("periods", term, 50 * 365 days);
        _accept(offer);
        offer = offerOf(packId);
        offer.rent = type(uint96).max;
        _expectBadTerms("deposit", uint256(type(uint96).max) * PERIODS + DEPOSIT, type(uint96).max);
        _accept(offer);

        uint256 id = openLease(offerOf(packId));
        uint256 left = PERIODS - 1;
        for (uint256 count = type(uint16).max; count > left; count = (count + left) / 2) {
            vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseBadPeriodCount.selector, id, count, left));
            vm.prank(lessee);
            book.payRent(id, uint16(count));
        }
    }

    /// @dev Attack: periods overflow, at the greatest terms that are allowed: they run to their end and close.
    function test_GreatestTermsOverflowNothing() external {
        Offer memory offer = offerOf(packId);
        offer.period = 1 hours;
        offer.periods = type(uint16).max;
        offer.rent = type(uint96).max / type(uint16).max;
        offer.deposit = type(uint96).max - offer.rent * type(uint16).max;
        (offer.lateFee, offer.earlyFee) = (type(uint96).max, type(uint96).max);
        (offer.buyoutStart, offer.buyoutResidual) = (type(uint96).max, type(uint96).max);
        (offer.grace, offer.defaultAfter, offer.cureDuration) = (365 days, 365 days, type(uint32).max);
        offer.overagePerKWh = type(uint96).max;
        euro.mint(lessee, type(uint128).max);
        uint256 id = openLease(offer);
        certify(packId, 0);
        book.claimRemedy(id, offer);
        vm.warp(block.timestamp + uint256(offer.period) * offer.periods);
        pay(id, type(uint16).max - 1);
        vm.warp(block.timestamp + 366 days);
        readWh(packId, type(uint48).max);
        vm.prank(owner);
        book.confirmAndSettle(id, offer);
        uint256 balances = book.balanceOf(owner) + book.balanceOf(lessee);
        assertEq(balances, euro.balanceOf(address(book)), "all is assigned");
    }

    /// @dev Attack: paused contract traps funds. Only new leases stop; every payment, change, exit and payout goes on.
    function test_PausedBookTrapsNothing() external {
        Offer memory offer = offerOf(packId);
        Offer memory other = offerOf(otherPackId);
        uint256 id = openLease(offer);
        uint256 otherId = openLease(other);
        vm.prank(guardian);
        book.pause();
        Offer memory third = offerOf(packId);
        Signature memory signature = sign(third, ownerKey);
        vm.expectRevert(abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        vm.prank(lessee);
        book.accept(third, signature, noPermit());

        vm.warp(EPOCH + PERIOD);
        readWh(packId, START_WH + 2_000_000);
        book.billUsage(id, offer);
        pay(id, 1);
        certify(packId, 6_000);
        book.claimRemedy(id, offer);
        vm.prank(lessee);
        book.disputeHealth(id, "");
        vm.prank(arbiter);
        book.ruleHealth(id, offer, 9_000);
        creditLease(id);
        giveBack(id, offer);
        vm.prank(owner);
        book.claimDamage(id, 2, "");
        vm.prank(lessee);
        book.disputeClaim(id, "");
        vm.prank(arbiter);
        book.rule(id, 1);
        vm.warp(EPOCH + PERIOD + GRACE + DEFAULT_AFTER + 1);
        vm.prank(owner);
        book.declareDefault(otherId, other);
        vm.prank(owner);
        book.confirmAndSettle(otherId, other);
        withdrawAll(owner);
        withdrawAll(lessee);
        assertEq(euro.balanceOf(address(book)), 0, "nothing is trapped");
        assertEq(uint256(book.stateOf(id)), uint256(LeaseState.Settled), "first lease over");
        assertEq(uint256(book.stateOf(otherId)), uint256(LeaseState.Settled), "second lease over");
    }

    /// @dev Attack: a receipt held back until the abatement was renewed. What was abated before is known as one sum,
    /// which may exceed the rent until the receipt; the lease ends when the latest abatement began instead.
    function test_ReceiptFromBeforeTheLatestAbatementEndsTheLease() external {
        Offer memory offer = offerOf(packId);
        uint256 id = openLease(offer);
        certify(packId, 1);
        book.claimRemedy(id, offer);
        vm.warp(EPOCH + 10 days);
        vm.prank(lessee);
        book.requestReturn(id);
        certify(packId, 0);
        book.claimRemedy(id, offer);
        vm.warp(EPOCH + 12 days);
        ReturnReceipt memory receipt = receiptOf(id, packId);
        receipt.receivedAt = uint48(EPOCH + 2 days);
        book.confirmReturnByReceipt(offer, receipt, sign(receipt, bayKey));
        stateIs(id, LeaseState.Returned);
        uint256 abated = RENT / uint256(MIN_SOH_BP);
        uint256 toOwner = (abated * 10 days) / PERIOD + (uint256(EARLY_FEE) * (TERM - 10 days)) / TERM;
        assertEq(book.balanceOf(owner), toOwner, "ten days of abated rent, and the early fee");
        assertEq(closingOf(id).held, DEPOSIT + RENT - toOwner, "held");
    }

    // --- the attackers' hands

    /// @inheritdoc IMoveHook
    function onMove(address, address) external {
        if (_reacted) return;
        _reacted = true;
        (, _answer) = address(book).call(_reaction);
    }

    function _reactWith(bytes memory reaction) private {
        _reaction = reaction;
        _reacted = false;
        _answer = "";
    }

    function _assertGuarded() private view {
        assertEq(
            keccak256(_answer),
            keccak256(abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)),
            "guarded"
        );
    }

    /// @dev A book over another token, of which lessee and heir have enough.
    function _useToken(AwkwardToken token) private {
        book = newBook(IERC20(address(token)));
        token.mint(lessee, FUNDS);
        vm.prank(lessee);
        token.approve(address(book), type(uint256).max);
    }

    function _useHookToken() private returns (HookToken token) {
        token = new HookToken();
        _useToken(token);
    }

    function _accept(Offer memory offer) private {
        Signature memory signature = sign(offer, ownerKey);
        vm.prank(lessee);
        book.accept(offer, signature, noPermit());
    }

    function _expectBadTerms(string memory field, uint256 value, uint256 limit) private {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseBadTerms.selector, field, value, limit));
    }

    function _expectInvalidSignature(address signer, bytes32 structHash) private {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", leaseDomain(), structHash));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, signer, digest));
    }
}
