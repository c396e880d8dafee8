// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC7913P256Verifier} from "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913P256Verifier.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ISigned, Signature} from "../../../../contracts/authority/ISigned.sol";
import {
    AcceptedDay,
    IMeterReadings,
    ReadingSettings,
    SignedDay
} from "../../../../contracts/energy/readings/IMeterReadings.sol";
import {
    BlockingToken,
    FeeToken,
    HookToken,
    IMoveHook,
    RebasingToken
} from "../../../../contracts/mocks/AwkwardTokens.sol";
import {OwnerChange} from "../../../../contracts/identity/IIdentities.sol";
import {ReadingsFixture} from "./ReadingsFixture.sol";
import {ValuesTwin} from "./ValuesTwin.sol";

/// @notice Calls the readings back while its tokens move.
contract ReentrantOperator is IMoveHook {
    IMeterReadings private _readings;
    uint256 private _what;
    bytes4 public fault;

    function aim(IMeterReadings readings, uint256 what) external {
        _readings = readings;
        _what = what;
    }

    function onMove(address, address) external {
        Signature memory unsigned;
        bytes memory data =
            _what == 0
                ? abi.encodeCall(IMeterReadings.postBond, (address(this), 1))
                : _what == 1
                    ? abi.encodeCall(IMeterReadings.withdrawBond, (address(this), address(this)))
                    : abi.encodeCall(IMeterReadings.withdrawCredit, (address(this), address(this), 0, 0, unsigned));
        (bool done, bytes memory reason) = address(_readings).call(data);
        fault = done ? bytes4(0) : bytes4(reason);
    }
}

/// @dev postBond
///   ├ nothing: ZeroAmount; more than 2^104: SafeCast's error
///   ├ token takes a fee or rebases: TokenMismatch
///   └ adds up, told, tokens moved from the caller
/// requestBondWithdrawal
///   ├ not the owner: NotOwner; nothing: ZeroAmount; more than is not announced: BondTooSmall
///   └ adds up, time starts anew, told
/// withdrawBond
///   ├ not the owner: NotOwner; to nobody or the contract: InvalidReceiver; nothing announced, or before the time: BondLocked
///   ├ what was announced, less what was slashed, to whom the owner says; told
///   └ the owner is a key without an account: to whom it gives the identity
/// withdrawCredit
///   ├ neither called nor signed by the account, signed for somebody else, too late or twice: the errors of ISigned
///   ├ to nobody or the contract: InvalidReceiver; nothing: NoCredit
///   └ called or signed by the account, which may be a key without one: all of it, to whom it says; told
/// all: reentered while tokens move: refused; a payee that is blocked blocks nobody else
contract MeterReadingsBondsTest is ReadingsFixture {
    event BondPosted(address indexed operator, uint256 amount, uint256 bond);
    event BondWithdrawalRequested(address indexed operator, uint256 amount, uint40 availableAt);
    event BondWithdrawn(address indexed operator, address indexed to, uint256 amount);
    event CreditWithdrawn(address indexed account, address indexed to, uint256 amount);

    uint256 private constant BOND = 4 * MINIMUM_BOND;
    uint256 private constant NOTICE = WINDOW + 1 days;
    uint256 private constant DEADLINE = BROUGHT_AT + 1 days;
    bytes32 private constant CREDIT_WITHDRAWAL_TYPEHASH = keccak256(
        "CreditWithdrawal(address account,address to,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant OWNER_CHANGE_TYPEHASH = keccak256(
        "OwnerChange(address identity,address newOwner,uint256 nonce,uint48 deadline,address owner)"
    );
    /// @dev A private key of P-256.
    uint256 private constant PASSKEY = 7;

    // --- posting

    function test_PostsForAnother() external {
        euro.mint(stranger, 7e6);
        vm.startPrank(stranger);
        euro.approve(address(readings), 7e6);
        vm.expectEmit(address(readings));
        emit BondPosted(operator, 7e6, BOND + 7e6);
        readings.postBond(operator, 7e6);
        vm.stopPrank();
        _expectBond(operator, BOND + 7e6, 0, 0);
        assertEq(euro.balanceOf(stranger), 0, "payer");
        assertEq(euro.balanceOf(address(readings)), 2 * BOND + 7e6, "readings");
    }

    function test_RevertWhen_NothingIsPosted() external {
        vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsZeroAmount.selector));
        readings.postBond(operator, 0);
    }

    function test_RevertWhen_TheBondDoesNotFit() external {
        uint256 amount = type(uint104).max - BOND + 1;
        vm.expectRevert(
            abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 104, uint256(1) << 104)
        );
        readings.postBond(operator, amount);
    }

    function test_RevertWhen_TheTokenTakesAFee() external {
        FeeToken token = new FeeToken();
        readings = deployReadings(token, settings());
        token.mint(address(this), 1_000);
        token.approve(address(readings), 1_000);
        vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsTokenMismatch.selector, 1_000, 990));
        readings.postBond(operator, 1_000);
    }

    function test_RevertWhen_TheTokenRebases() external {
        RebasingToken token = new RebasingToken();
        readings = deployReadings(token, settings());
        token.mint(address(this), 1_000);
        token.approve(address(readings), 1_000);
        token.rebaseOnTransfer(20_000);
        vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsTokenMismatch.selector, 1_000, 2_000));
        readings.postBond(operator, 1_000);
    }

    // --- announcing

    function test_AnnouncementsAddUpAndStartAnew() external {
        vm.startPrank(operator);
        vm.expectEmit(address(readings));
        emit BondWithdrawalRequested(operator, 5, uint40(BROUGHT_AT + NOTICE));
        readings.requestBondWithdrawal(operator, 5);
        _expectBond(operator, BOND, 5, BROUGHT_AT + NOTICE);
        vm.warp(BROUGHT_AT + NOTICE);
        vm.expectEmit(address(readings));
        emit BondWithdrawalRequested(operator, BOND - 5, uint40(BROUGHT_AT + 2 * NOTICE));
        readings.requestBondWithdrawal(operator, BOND - 5);
        _expectBond(operator, BOND, BOND, BROUGHT_AT + 2 * NOTICE);
        _expectLocked(BROUGHT_AT + 2 * NOTICE);
        vm.stopPrank();
    }

    function test_RevertWhen_AnotherAnnounces() external {
        _expectNotOwner();
        vm.prank(stranger);
        readings.requestBondWithdrawal(operator, 1);
        vm.prank(operator);
        identities.changeOwner(operator, household);
        vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsNotOwner.selector, operator, operator));
        vm.prank(operator);
        readings.requestBondWithdrawal(operator, 1);
        vm.prank(household);
        readings.requestBondWithdrawal(operator, 1);
        _expectBond(operator, BOND, 1, BROUGHT_AT + NOTICE);
    }

    function test_RevertWhen_NothingIsAnnounced() external {
        vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsZeroAmount.selector));
        vm.prank(operator);
        readings.requestBondWithdrawal(operator, 0);
    }

    function test_RevertWhen_MoreIsAnnouncedThanThereIs() external {
        vm.startPrank(operator);
        readings.requestBondWithdrawal(operator, 5);
        vm.expectRevert(
            abi.encodeWithSelector(IMeterReadings.MeterReadingsBondTooSmall.selector, operator, BOND - 5, BOND - 4)
        );
        readings.requestBondWithdrawal(operator, BOND - 4);
        vm.stopPrank();
    }

    // --- withdrawing

    function test_WithdrawsWhatWasAnnounced() external {
        vm.startPrank(operator);
        readings.requestBondWithdrawal(operator, 5e6);
        _expectLocked(BROUGHT_AT + NOTICE);
        vm.warp(BROUGHT_AT + NOTICE - 1);
        _expectLocked(BROUGHT_AT + NOTICE);
        vm.warp(BROUGHT_AT + NOTICE);
        vm.expectEmit(address(readings));
        emit BondWithdrawn(operator, stranger, 5e6);
        assertEq(readings.withdrawBond(operator, stranger), 5e6, "amount");
        _expectLocked(BROUGHT_AT + NOTICE);
        vm.stopPrank();
        _expectBond(operator, BOND - 5e6, 0, BROUGHT_AT + NOTICE);
        assertEq(euro.balanceOf(stranger), 5e6, "receiver");
        assertEq(euro.balanceOf(address(readings)), 2 * BOND - 5e6, "readings");
    }

    function test_RevertWhen_NothingWasAnnounced() external {
        vm.startPrank(operator);
        _expectLocked(0);
        vm.stopPrank();
    }

    function test_RevertWhen_AnotherWithdraws() external {
        _expectNotOwner();
        vm.prank(stranger);
        readings.withdrawBond(operator, stranger);
    }

    function test_RevertWhen_BondIsWithdrawnToNobody() external {
        vm.startPrank(operator);
        readings.requestBondWithdrawal(operator, 1);
        vm.warp(BROUGHT_AT + NOTICE);
        _expectInvalidReceiver(address(0));
        readings.withdrawBond(operator, address(0));
        _expectInvalidReceiver(address(readings));
        readings.withdrawBond(operator, address(readings));
        vm.stopPrank();
        _expectBond(operator, BOND, 1, BROUGHT_AT + NOTICE);
    }

    /// @dev It calls no functions, but its identity is not bound to it.
    function test_AKeyWithoutAnAccountHandsItsBondOver() external {
        (bytes memory key, address owner) = _passkey();
        vm.prank(operator);
        identities.changeOwner(operator, owner);
        OwnerChange memory change = OwnerChange(operator, stranger, 1, uint48(DEADLINE));
        bytes32 structHash = keccak256(abi.encode(OWNER_CHANGE_TYPEHASH, operator, stranger, 1, DEADLINE, owner));
        bytes32 domain_ = domainOf("Civitas Identities", address(identities));
        identities.changeOwnerBySig(change, _signedByPasskey(key, domain_, structHash));
        vm.prank(stranger);
        readings.requestBondWithdrawal(operator, BOND);
        vm.warp(BROUGHT_AT + NOTICE);
        vm.prank(stranger);
        assertEq(readings.withdrawBond(operator, stranger), BOND, "amount");
        assertEq(euro.balanceOf(stranger), BOND, "receiver");
    }

    function test_WhatWasSlashedIsNotWithdrawn() external {
        vm.prank(operator);
        readings.requestBondWithdrawal(operator, BOND - MINIMUM_BOND);
        // Twenty-four values cost more than what is not announced: first that, then the announced.
        _slash(0, HOURS);
        _expectBond(operator, BOND - HOURS * PENALTY, BOND - HOURS * PENALTY, BROUGHT_AT + NOTICE);
        vm.warp(BROUGHT_AT + NOTICE);
        vm.startPrank(operator);
        assertEq(readings.withdrawBond(operator, operator), BOND - HOURS * PENALTY, "amount");
        vm.stopPrank();
        assertEq(euro.balanceOf(address(readings)), BOND + HOURS * PENALTY, "grid operator's bond and the credits");
    }

    function test_SlashingTakesFirstWhatIsNotAnnounced() external {
        vm.prank(operator);
        readings.requestBondWithdrawal(operator, MINIMUM_BOND);
        _slash(0, 4);
        _expectBond(operator, BOND - 4 * PENALTY, MINIMUM_BOND, BROUGHT_AT + NOTICE);
    }

    // --- credits

    function test_CreditIsWithdrawnAtOnce() external {
        _slash(0, 2);
        vm.expectEmit(address(readings));
        emit CreditWithdrawn(household, stranger, 2 * REWARD);
        assertEq(_withdrawOwn(stranger), 2 * REWARD, "amount");
        assertEq(euro.balanceOf(stranger), 2 * REWARD, "receiver");
        assertEq(readings.creditOf(household), 0, "credit");
        assertFalse(ISigned(address(readings)).isNonceUsed(household, 0), "nonce");
        vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsNoCredit.selector, household));
        _withdrawOwn(stranger);
    }

    function test_RevertWhen_CreditIsWithdrawnToNobody() external {
        _slash(0, 2);
        _expectInvalidReceiver(address(0));
        _withdrawOwn(address(0));
        _expectInvalidReceiver(address(readings));
        _withdrawOwn(address(readings));
        assertEq(readings.creditOf(household), 2 * REWARD, "credit");
    }

    function test_RevertWhen_CreditIsSomebodyElses() external {
        _slash(0, 2);
        Signature memory signature = noSignature();
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedExpired.selector, DEADLINE, DEADLINE + 1));
        vm.warp(DEADLINE + 1);
        vm.prank(stranger);
        readings.withdrawCredit(household, stranger, 1, DEADLINE, signature);
        vm.warp(DEADLINE);
        bytes32 structHash = _creditHash(household, stranger);
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain(), structHash));
        bytes memory reason = abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, household, digest);
        vm.expectRevert(reason);
        vm.prank(stranger);
        readings.withdrawCredit(household, stranger, 1, DEADLINE, signature);
        signature = signTyped(strangerKey, domain(), structHash);
        vm.expectRevert(reason);
        vm.prank(stranger);
        readings.withdrawCredit(household, stranger, 1, DEADLINE, signature);
        (, uint256 householdKey) = actor("household");
        signature = signTyped(householdKey, domain(), _creditHash(household, operator));
        vm.expectRevert(reason);
        vm.prank(stranger);
        readings.withdrawCredit(household, stranger, 1, DEADLINE, signature);
        assertEq(readings.creditOf(household), 2 * REWARD, "credit");
    }

    /// @dev It calls no functions, so without a signature the money would stay in the contract for ever.
    function test_AKeyWithoutAnAccountGetsItsCredit() external {
        (bytes memory key, address account) = _passkey();
        registry.setOwner(meterOf(STREET, 0), account);
        _slash(0, 2);
        Signature memory signature = _signedByPasskey(key, domain(), _creditHash(account, stranger));
        vm.expectEmit(address(readings));
        emit CreditWithdrawn(account, stranger, 2 * REWARD);
        assertEq(readings.withdrawCredit(account, stranger, 1, DEADLINE, signature), 2 * REWARD, "amount");
        assertEq(euro.balanceOf(stranger), 2 * REWARD, "receiver");
        assertEq(readings.creditOf(account), 0, "credit");
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, account, 1));
        readings.withdrawCredit(account, stranger, 1, DEADLINE, signature);
    }

    /// @dev The credit is the owner's at the time of the challenge.
    function test_CreditGoesToTheOwnerOfTheMeter() external {
        registry.setOwner(meterOf(STREET, 0), stranger);
        _slash(0, 1);
        registry.setOwner(meterOf(STREET, 0), household);
        assertEq(readings.creditOf(stranger), REWARD, "credit");
        assertEq(readings.creditOf(household), 0, "later owner");
    }

    // --- awkward tokens

    function test_BlockedPayeeBlocksNobody() external {
        BlockingToken token = new BlockingToken();
        _useToken(address(token));
        token.mint(address(this), BOND);
        token.approve(address(readings), BOND);
        readings.postBond(operator, BOND);
        token.blockAccount(household);
        _slash(0, 1);
        vm.expectRevert(abi.encodeWithSelector(BlockingToken.BlockingTokenBlocked.selector, household));
        _withdrawOwn(household);
        vm.prank(operator);
        readings.requestBondWithdrawal(operator, 1);
        vm.warp(BROUGHT_AT + NOTICE);
        vm.prank(operator);
        readings.withdrawBond(operator, operator);
        _withdrawOwn(stranger);
        assertEq(token.balanceOf(stranger), REWARD, "elsewhere");
    }

    function test_RevertWhen_ReenteredByTheToken() external {
        HookToken token = new HookToken();
        _useToken(address(token));
        ReentrantOperator account = new ReentrantOperator();
        token.mint(address(this), BOND);
        token.approve(address(readings), BOND);
        token.setHook(account);
        for (uint256 what = 0; what < 3; ++what) {
            account.aim(readings, what);
            readings.postBond(operator, MINIMUM_BOND);
            assertTrue(
                account.fault() == ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector,
                "reentered while posting"
            );
        }
        _slash(0, 1);
        vm.prank(operator);
        identities.changeOwner(operator, address(account));
        vm.prank(address(account));
        readings.requestBondWithdrawal(operator, 1);
        vm.warp(BROUGHT_AT + NOTICE);
        account.aim(readings, 1);
        vm.prank(address(account));
        readings.withdrawBond(operator, stranger);
        assertTrue(
            account.fault() == ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector,
            "reentered while withdrawing"
        );
        account.aim(readings, 2);
        _withdrawOwn(household);
        assertTrue(
            account.fault() == ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector,
            "reentered while paying credit"
        );
        assertEq(token.balanceOf(address(readings)), 3 * MINIMUM_BOND - 1 - REWARD, "tokens");
    }

    // --- helpers

    function _useToken(address token) private {
        ReadingSettings memory set = settings();
        readings = deployReadings(IERC20(token), set);
    }

    /// @dev A meter of the street contradicts the first values of the day that operator and grid operator posted.
    function _slash(uint256 position, uint256 count) private {
        bytes memory values = valuesOf(STREET_METERS);
        readings.submit(streetWith(values, OPERATOR | GRID));
        uint32 meter = meterOf(STREET, position);
        AcceptedDay memory accepted = acceptedOf(values, meter);
        bytes memory column = ValuesTwin.columnOf(values, STREET_METERS, position);
        for (uint256 i = 0; i < count; ++i) ValuesTwin.set(column, i, 9_999);
        SignedDay memory signed = signedDay(meter, column);
        readings.challenge(meter, DAY, signed, (1 << count) - 1, accepted);
    }

    function _expectBond(address identity, uint256 bond, uint256 leaving, uint256 availableAt) private view {
        (uint256 bond_, uint256 leaving_, uint40 availableAt_) = readings.bondOf(identity);
        assertEq(bond_, bond, "bond");
        assertEq(leaving_, leaving, "leaving");
        assertEq(availableAt_, availableAt, "availableAt");
    }

    function _expectLocked(uint256 availableAt) private {
        vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsBondLocked.selector, operator, availableAt));
        readings.withdrawBond(operator, operator);
    }

    function _expectNotOwner() private {
        vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsNotOwner.selector, operator, stranger));
    }

    function _expectInvalidReceiver(address to) private {
        vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsInvalidReceiver.selector, to));
    }

    /// @dev The household withdraws its credit by its own call.
    function _withdrawOwn(address to) private returns (uint256 amount) {
        vm.prank(household);
        return readings.withdrawCredit(household, to, 0, 0, noSignature());
    }

    /// @dev With nonce 1.
    function _creditHash(address account, address to) private pure returns (bytes32 structHash) {
        return keccak256(abi.encode(CREDIT_WITHDRAWAL_TYPEHASH, account, to, 1, DEADLINE));
    }

    /// @dev A key that no account belongs to (ERC-7913), and the address it stands for.
    function _passkey() private returns (bytes memory key, address account) {
        (uint256 x, uint256 y) = vm.publicKeyP256(PASSKEY);
        key = abi.encodePacked(address(new ERC7913P256Verifier()), x, y);
        account = address(uint160(uint256(keccak256(key))));
    }

    function _signedByPasskey(
        bytes memory key,
        bytes32 separator,
        bytes32 structHash
    ) private pure returns (Signature memory signature) {
        (bytes32 r, bytes32 s) = vm.signP256(PASSKEY, keccak256(abi.encodePacked(hex"1901", separator, structHash)));
        uint256 order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551;
        if (uint256(s) > order / 2) s = bytes32(order - uint256(s));
        return Signature({key: key, data: abi.encodePacked(r, s)});
    }
}
