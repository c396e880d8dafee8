// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {Signature} from "../../../contracts/authority/ISigned.sol";
import {
    IBatteryLease,
    LeaseAct,
    LeaseActKind,
    LeaseState,
    LeaseWithdrawal,
    Novation,
    Offer,
    PaymentAuthorization,
    Permit,
    ReturnReceipt,
    Swap
} from "../../../contracts/batteries/IBatteryLease.sol";
import {BlockingToken, FeeToken, HookToken, IMoveHook, RebasingToken} from "../../../contracts/mocks/AwkwardTokens.sol";
import {LeaseFixture} from "./LeaseFixture.sol";

/// @notice Calls the book with everything it was given whenever tokens move, and notes how each call ended.
contract Intruder is IMoveHook {
    address private immutable _book;
    bytes[] private _calls;
    bytes[] private _answers;
    uint256 private _entered;

    constructor(address book) {
        _book = book;
    }

    function add(bytes calldata call) external {
        _calls.push(call);
    }

    function onMove(address, address) external {
        for (uint256 i = 0; i < _calls.length; ++i) {
            (bool success, bytes memory answer) = _book.call(_calls[i]);
            if (success) ++_entered;
            _answers.push(answer);
        }
    }

    function entered() external view returns (uint256 count) {
        return _entered;
    }

    function answers() external view returns (bytes[] memory list) {
        return _answers;
    }
}

/// @dev tokens
///   ├ that keep a fee: TokenDeltaMismatch at acceptance, rent and buyout
///   ├ that shrink or grow balances with a transfer: TokenDeltaMismatch
///   ├ that call back: no guarded function can be entered, from money in or money out
///   ├ without permit: a permit does no harm where allowance stands
///   └ that refuse one payee: all others are paid, and that one elsewhere
contract BatteryLeaseTokensTest is LeaseFixture {
    uint256 private constant DUE = 720e6;

    // --- fee and rebasing

    function test_RevertWhen_TokenKeepsAFee() external {
        FeeToken token = new FeeToken();
        _use(token);
        token.mint(lessee, FUNDS);
        _expectMismatch(DUE, DUE - DUE / 100);
        _open();
        assertEq(book.leaseCount(), 0, "leases");
        assertEq(token.balanceOf(lessee), FUNDS, "lessee");
    }

    function test_RevertWhen_TokenShrinksBalances() external {
        RebasingToken token = new RebasingToken();
        _use(token);
        token.mint(lessee, FUNDS);
        token.rebaseOnTransfer(9_999);
        _expectMismatch(DUE, 719_928_000);
        _open();
    }

    function test_RevertWhen_TokenGrowsBalances() external {
        RebasingToken token = new RebasingToken();
        _use(token);
        token.mint(lessee, FUNDS);
        token.rebaseOnTransfer(10_001);
        _expectMismatch(DUE, 720_072_000);
        _open();
    }

    function test_RevertWhen_TokenShrinksTheBookBelowItsBalance() external {
        RebasingToken token = new RebasingToken();
        _use(token);
        token.mint(lessee, FUNDS);
        _open();
        token.rebaseOnTransfer(5_000);
        // The book would hold 420 of 720 after 120 came in.
        _expectMismatch(RENT, 0);
        vm.prank(lessee);
        book.payRent(1, 1);
    }

    function test_RevertWhen_TokenKeepsAFeeOfABuyout() external {
        RebasingToken token = new RebasingToken();
        _use(token);
        token.mint(lessee, FUNDS);
        Offer memory offer = _open();
        token.rebaseOnTransfer(9_999);
        // 5,280 come in, and a ten-thousandth of all 6,000 goes.
        _expectMismatch(5_280_000_000, 5_279_400_000);
        vm.prank(lessee);
        book.buyout(1, offer, type(uint256).max, noPermit());
        assertEq(pack.ownerOf(packId), owner, "title");
    }

    function test_PermitOfATokenWithoutPermitDoesNoHarm() external {
        BlockingToken token = new BlockingToken();
        _use(token);
        token.mint(lessee, FUNDS);
        Offer memory offer = offerOf(packId);
        Signature memory signature = sign(offer, ownerKey);
        Permit memory permit = permitOf(lesseeKey, DUE);
        vm.prank(lessee);
        book.accept(offer, signature, permit);
        assertEq(token.balanceOf(address(book)), DUE, "held");
    }

    // --- calling back

    function test_NoGuardedFunctionIsEnteredFromATransfer() external {
        HookToken token = new HookToken();
        _use(token);
        token.mint(lessee, FUNDS);
        Intruder intruder = new Intruder(address(book));
        Offer memory offer = _open();
        uint256 count = _addGuarded(intruder, offer);
        token.setHook(intruder);

        vm.warp(EPOCH + 10 days);
        vm.prank(lessee);
        book.payRent(1, 1);
        vm.prank(owner);
        book.withdraw(listOf(1), owner);

        bytes[] memory answers = intruder.answers();
        assertEq(answers.length, 2 * count, "money in and money out");
        assertEq(intruder.entered(), 0, "entered");
        for (uint256 i = 0; i < answers.length; ++i) {
            assertEq(
                bytes32(answers[i]),
                bytes32(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector),
                "why not"
            );
        }
        assertEq(token.balanceOf(owner), 40_000_000, "owner");
        assertEq(token.balanceOf(address(book)), DUE + RENT - 40_000_000, "book");
    }

    /// @dev Functions without a guard move no tokens, and what they find is complete.
    function test_UnguardedFunctionsFindTheBookComplete() external {
        HookToken token = new HookToken();
        _use(token);
        token.mint(lessee, FUNDS);
        Offer memory offer = _open();
        giveBack(1, offer);
        vm.prank(owner);
        book.claimDamage(1, 1_000_000, "evidence");
        Intruder intruder = new Intruder(address(book));
        LeaseAct memory leaseAct = actOf(1, lessee, LeaseActKind.AcceptClaim, bytes32(uint256(1_000_000)));
        intruder.add(abi.encodeCall(book.actFor, (leaseAct, sign(leaseAct, lesseeKey))));
        token.setHook(intruder);
        // The owner takes out the early fee, and the claim is accepted meanwhile, once.
        takeOut(owner);
        assertEq(intruder.entered(), 1, "accepted");
        takeOut(lessee);
        assertEq(intruder.entered(), 1, "not again");
        assertEq(token.balanceOf(owner), EARLY_FEE, "owner");
        assertEq(book.balanceOf(owner), 1_000_000, "claim");
        assertEq(token.balanceOf(address(book)), 1_000_000, "book");
    }

    // --- refused payees

    function test_BlockedPayeeBlocksNobody() external {
        BlockingToken token = new BlockingToken();
        _use(token);
        token.mint(lessee, FUNDS);
        Offer memory offer = _open();
        token.blockAccount(owner);
        vm.warp(EPOCH + 10 days);
        giveBack(1, offer);
        vm.prank(owner);
        book.claimDamage(1, 1_000_000, "evidence");
        vm.prank(lessee);
        book.acceptClaim(1);
        uint256 owners = book.balanceOf(owner);

        vm.expectRevert(abi.encodeWithSelector(BlockingToken.BlockingTokenBlocked.selector, owner));
        takeOut(owner);
        assertEq(book.balanceOf(owner), owners, "owner's balance stays");

        takeOut(lessee);
        assertEq(token.balanceOf(lessee), FUNDS - owners, "lessee is paid");
        vm.prank(owner);
        book.withdraw(new uint256[](0), stranger);
        assertEq(token.balanceOf(stranger), owners, "owner is paid elsewhere");
        assertEq(token.balanceOf(address(book)), 0, "book");
    }

    function test_BlockedLesseeBlocksNobody() external {
        BlockingToken token = new BlockingToken();
        _use(token);
        token.mint(lessee, FUNDS);
        Offer memory offer = _open();
        token.blockAccount(lessee);
        giveBack(1, offer);
        vm.warp(EPOCH + CLAIM_WINDOW + 1);
        book.settle(1);
        stateIs(1, LeaseState.Settled);
        takeOut(owner);
        assertEq(token.balanceOf(owner), EARLY_FEE, "owner is paid");
        vm.expectRevert(abi.encodeWithSelector(BlockingToken.BlockingTokenBlocked.selector, lessee));
        takeOut(lessee);
    }

    // --- helpers

    function _use(IERC20 token) private {
        book = newBook(token);
        vm.prank(lessee);
        token.approve(address(book), type(uint256).max);
    }

    function _open() private returns (Offer memory offer) {
        offer = offerOf(packId);
        openLease(offer);
    }

    function _expectMismatch(uint256 expected, uint256 got) private {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseTokenDeltaMismatch.selector, expected, got));
    }

    /// @dev A call of every guarded function; their arguments do not matter before the guard.
    function _addGuarded(Intruder intruder, Offer memory offer) private returns (uint256 count) {
        Signature memory none;
        Signature[3] memory nones;
        PaymentAuthorization memory authorization;
        Swap memory swap;
        Novation memory novation;
        ReturnReceipt memory receipt;
        LeaseWithdrawal memory withdrawal;
        bytes[17] memory calls = [
            abi.encodeCall(book.accept, (offer, none, noPermit())),
            abi.encodeCall(book.acceptWithAuthorization, (offer, none, lessee, authorization)),
            abi.encodeCall(book.payRent, (1, 1)),
            abi.encodeCall(book.payMany, (listOf(1), new uint16[](1))),
            abi.encodeCall(book.payRentWithAuthorization, (1, 1, lessee, authorization)),
            abi.encodeCall(book.billUsage, (1, offer)),
            abi.encodeCall(book.claimRemedy, (1, offer)),
            abi.encodeCall(book.endRemedy, (1, offer)),
            abi.encodeCall(book.swap, (swap, nones, noReadings())),
            abi.encodeCall(book.novate, (novation, nones)),
            abi.encodeCall(book.buyout, (1, offer, 0, noPermit())),
            abi.encodeCall(book.confirmReturn, (1, offer)),
            abi.encodeCall(book.confirmAndSettle, (1, offer)),
            abi.encodeCall(book.confirmReturnByReceipt, (offer, receipt, none)),
            abi.encodeCall(book.declareDefault, (1, offer)),
            abi.encodeCall(book.credit, (listOf(1))),
            abi.encodeCall(book.withdrawBySig, (withdrawal, none))
        ];
        for (uint256 i = 0; i < calls.length; ++i) intruder.add(calls[i]);
        intruder.add(abi.encodeCall(book.withdraw, (listOf(1), owner)));
        intruder.add(abi.encodeCall(book.declareLost, (1, "evidence")));
        intruder.add(abi.encodeCall(book.settle, (1)));
        return calls.length + 3;
    }
}
