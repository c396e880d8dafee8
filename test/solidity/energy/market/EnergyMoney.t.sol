// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ISigned, Signature} from "../../../../contracts/authority/ISigned.sol";
import {IEnergyMarket} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {EnergySource} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {PaymentAuthorization} from "../../../../contracts/finance/Payments.sol";
import {
    AwkwardToken,
    BlockingToken,
    FeeToken,
    HookToken,
    IMoveHook
} from "../../../../contracts/mocks/AwkwardTokens.sol";
import {EnergyCity, Home} from "./EnergyFixture.sol";

/// @dev Pays into an account again while the token moves.
contract DepositAgain is IMoveHook {
    IEnergyMarket private immutable _market;
    uint32 private immutable _account;

    constructor(IEnergyMarket market, uint32 account) {
        _market = market;
        _account = account;
    }

    function onMove(address, address) external {
        _market.deposit(_account, 1e12);
    }
}

/// deposit, depositWithAuthorization, topUpSupplier, payFormerDebt
/// ├── zero, not whole money units, unknown account, market full, other amount moved, reentered: reverts
/// ├── too much for a debt: reverts
/// └── good: debt first, then free money
/// withdraw, withdrawSupplier, withdrawGridFees, withdrawPot, withdrawFormer
/// ├── not the one who may, more than there is, below the floor, to nobody, nothing: reverts
/// └── good: money leaves
/// payClaim: none, supplier empty, in part, in full, into debt
contract EnergyMoneyTest is EnergyCity {
    bytes32 private constant WITHDRAWAL_TYPEHASH = keccak256(
        "Withdrawal(uint32 account,uint256 amount,address to,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant RECEIVE_TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    uint256 private constant DEADLINE = EPOCH + 1 days;
    /// @dev For tokens of 18 decimals.
    uint64 private constant UNIT_18 = 1e12;

    Home private alice;

    function setUp() public {
        buildEnergyCity(0);
        alice = newHome(FEEDER, EnergySource.None, 0);
    }

    // --- money in

    function test_AnybodyPaysIn() external {
        fund(stranger, 500);
        vm.expectEmit(address(market));
        emit IEnergyMarket.Deposited(alice.account, stranger, 500);
        vm.prank(stranger);
        market.deposit(alice.account, 500);
        assertEq(freeOf(alice), 500, "free");
        assertEq(euro.balanceOf(stranger), 0, "payer");
        _checkHeld(SUPPLIER_FUNDS + 500);
    }

    function test_DebtIsPaidFirst() external {
        setDebt(alice, 70);
        fund(stranger, 100);
        vm.startPrank(stranger);
        vm.expectEmit(address(market));
        emit IEnergyMarket.DebtPaid(alice.account, 30, 40);
        market.deposit(alice.account, 30);
        assertEq(freeOf(alice), 0, "free");
        assertEq(market.accountOf(alice.account).debt, 40, "debt");
        vm.expectEmit(address(market));
        emit IEnergyMarket.DebtPaid(alice.account, 40, 0);
        market.deposit(alice.account, 70);
        assertEq(freeOf(alice), 30, "rest");
        assertEq(market.accountOf(alice.account).debt, 0, "no debt");
        (uint256 supplierBalance, , , ) = market.balances();
        assertEq(supplierBalance, SUPPLIER_FUNDS + 70, "supplier");
        _checkHeld(SUPPLIER_FUNDS + 100);
    }

    function test_RevertWhen_ADepositIsBad() external {
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketInvalidAmount.selector, 0, MONEY_UNIT));
        market.deposit(alice.account, 0);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketUnknownAccount.selector, 77));
        market.deposit(77, 1);
        setTreasury(type(uint56).max, 0, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketFull.selector, type(uint56).max, type(uint56).max)
        );
        market.deposit(alice.account, 1);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketFull.selector, type(uint56).max, type(uint56).max)
        );
        market.topUpSupplier(type(uint256).max);
    }

    function test_MoneyUnitsAreWhole() external {
        BlockingToken token = new BlockingToken();
        _moveTo(token, UNIT_18);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketInvalidAmount.selector, UNIT_18 + 1, UNIT_18));
        market.deposit(alice.account, UNIT_18 + 1);
        market.deposit(alice.account, 5 * UNIT_18);
        assertEq(freeOf(alice), 5, "money units");
        vm.startPrank(alice.owner);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketInvalidAmount.selector, UNIT_18 - 1, UNIT_18));
        market.withdraw(alice.account, UNIT_18 - 1, stranger, 0, 0, unsigned());
        vm.expectRevert(
            abi.encodeWithSelector(
                IEnergyMarket.EnergyMarketBalanceTooSmall.selector,
                5 * uint256(UNIT_18),
                6 * uint256(UNIT_18)
            )
        );
        market.withdraw(alice.account, 6 * uint256(UNIT_18), stranger, 0, 0, unsigned());
        market.withdraw(alice.account, 4 * uint256(UNIT_18), stranger, 0, 0, unsigned());
        assertEq(token.balanceOf(stranger), 4 * uint256(UNIT_18), "token units");
        assertEq(freeOf(alice), 1, "left");
    }

    function test_RevertWhen_TheTokenTakesAFee() external {
        _moveTo(new FeeToken(), UNIT_18);
        bytes memory mismatch = abi.encodeWithSelector(
            IEnergyMarket.EnergyMarketTokenMismatch.selector,
            100 * uint256(UNIT_18),
            99 * uint256(UNIT_18)
        );
        vm.expectRevert(mismatch);
        market.deposit(alice.account, 100 * uint256(UNIT_18));
        vm.expectRevert(mismatch);
        market.topUpSupplier(100 * uint256(UNIT_18));
    }

    function test_RevertWhen_TheTokenReenters() external {
        HookToken token = new HookToken();
        _moveTo(token, UNIT_18);
        token.setHook(new DepositAgain(market, alice.account));
        vm.expectRevert(abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector));
        market.deposit(alice.account, UNIT_18);
    }

    function test_ASignedTransferPaysIn() external {
        (address payer, uint256 payerKey) = actor("payer");
        euro.mint(payer, 900);
        bytes32 nonce = market.depositNonce(alice.account, payer, 900, 5);
        PaymentAuthorization memory authorization = _authorize(payerKey, 900, nonce);
        vm.expectEmit(address(market));
        emit IEnergyMarket.Deposited(alice.account, payer, 900);
        vm.prank(relayer);
        market.depositWithAuthorization(alice.account, payer, 900, 5, authorization);
        assertEq(freeOf(alice), 900, "free");
        assertEq(euro.balanceOf(payer), 0, "payer");
    }

    function test_RevertWhen_ASignedTransferIsForAnotherAccount() external {
        (address payer, uint256 payerKey) = actor("payer");
        Home memory bob = newHome(FEEDER, EnergySource.None, 0);
        euro.mint(payer, 900);
        bytes32 nonce = market.depositNonce(alice.account, payer, 900, 5);
        PaymentAuthorization memory authorization = _authorize(payerKey, 900, nonce);
        assertTrue(nonce != market.depositNonce(bob.account, payer, 900, 5), "nonce names the account");
        vm.expectRevert();
        market.depositWithAuthorization(bob.account, payer, 900, 5, authorization);
        assertEq(freeOf(bob), 0, "free");
    }

    function test_RevertWhen_ASignedTransferMeetsAnotherOwner() external {
        (address payer, uint256 payerKey) = actor("payer");
        euro.mint(payer, 900);
        bytes32 nonce = market.depositNonce(alice.account, payer, 900, 5);
        PaymentAuthorization memory authorization = _authorize(payerKey, 900, nonce);
        registry.setOwner(alice.account, stranger);
        vm.prank(stranger);
        market.openAccount(alice.account, stranger, 0, 0, unsigned());
        assertTrue(nonce != market.depositNonce(alice.account, payer, 900, 5), "nonce names the owner");
        vm.expectRevert();
        market.depositWithAuthorization(alice.account, payer, 900, 5, authorization);
        assertEq(euro.balanceOf(payer), 900, "the payer keeps it");
    }

    function test_RevertWhen_ASignedTransferIsForNoAccount() external {
        uint32 meter = newMeter(FEEDER, alice.owner, EnergySource.None);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketUnknownAccount.selector, meter));
        market.depositNonce(meter, stranger, 900, 5);
        PaymentAuthorization memory authorization;
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketUnknownAccount.selector, meter));
        market.depositWithAuthorization(meter, stranger, 900, 5, authorization);
    }

    // --- money out

    function test_TheOwnerWithdraws() external {
        pay(alice, 800);
        vm.expectEmit(address(market));
        emit IEnergyMarket.Withdrawn(alice.account, stranger, 300);
        vm.prank(alice.owner);
        market.withdraw(alice.account, 300, stranger, 0, 0, unsigned());
        assertEq(euro.balanceOf(stranger), 300, "paid");
        assertEq(freeOf(alice), 500, "left");
        _checkHeld(SUPPLIER_FUNDS + 500);
    }

    function test_ASignatureWithdrawsWhilePaused() external {
        pay(alice, 800);
        vm.prank(guardian);
        market.pause();
        Signature memory signature = signTyped(
            alice.ownerKey,
            domain,
            keccak256(abi.encode(WITHDRAWAL_TYPEHASH, alice.account, 800, stranger, 4, DEADLINE))
        );
        vm.startPrank(relayer);
        market.withdraw(alice.account, 800, stranger, 4, DEADLINE, signature);
        assertEq(euro.balanceOf(stranger), 800, "paid");
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, alice.owner, 4));
        market.withdraw(alice.account, 800, stranger, 4, DEADLINE, signature);
    }

    function test_RevertWhen_AWithdrawalIsBad() external {
        pay(alice, 800);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedExpired.selector, 0, EPOCH));
        vm.prank(alice.signer);
        market.withdraw(alice.account, 800, alice.signer, 0, 0, unsigned());
        vm.startPrank(alice.owner);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketInvalidAmount.selector, 0, MONEY_UNIT));
        market.withdraw(alice.account, 0, stranger, 0, 0, unsigned());
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketBalanceTooSmall.selector, 800, 801));
        market.withdraw(alice.account, 801, stranger, 0, 0, unsigned());
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketInvalidReceiver.selector, address(0)));
        market.withdraw(alice.account, 800, address(0), 0, 0, unsigned());
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketInvalidReceiver.selector, address(market)));
        market.withdraw(alice.account, 800, address(market), 0, 0, unsigned());
    }

    function test_OneBlockedReceiverStopsNobody() external {
        BlockingToken token = new BlockingToken();
        _moveTo(token, UNIT_18);
        market.deposit(alice.account, 2 * UNIT_18);
        token.blockAccount(alice.owner);
        vm.startPrank(alice.owner);
        vm.expectRevert(abi.encodeWithSelector(BlockingToken.BlockingTokenBlocked.selector, alice.owner));
        market.withdraw(alice.account, UNIT_18, alice.owner, 0, 0, unsigned());
        market.withdraw(alice.account, UNIT_18, stranger, 0, 0, unsigned());
        assertEq(token.balanceOf(stranger), UNIT_18, "elsewhere");
    }

    // --- supplier

    function test_TheSupplierIsToppedUpAndWithdrawnToItsFloor() external {
        fund(stranger, 40);
        vm.expectEmit(address(market));
        emit IEnergyMarket.SupplierToppedUp(stranger, 40, SUPPLIER_FUNDS + 40);
        vm.prank(stranger);
        market.topUpSupplier(40);
        _checkHeld(SUPPLIER_FUNDS + 40);
        uint256 most = SUPPLIER_FUNDS + 40 - FLOOR;
        vm.startPrank(supplierBody);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketBalanceTooSmall.selector, most, most + 1));
        market.withdrawSupplier(most + 1, stranger);
        vm.expectEmit(address(market));
        emit IEnergyMarket.SupplierWithdrawn(stranger, most);
        market.withdrawSupplier(most, stranger);
        assertEq(euro.balanceOf(stranger), most, "paid");
        _checkHeld(FLOOR);
        vm.stopPrank();
        setTreasury(FLOOR - 1, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketBalanceTooSmall.selector, 0, 1));
        vm.prank(supplierBody);
        market.withdrawSupplier(1, stranger);
    }

    function test_TheOwnerOfTheIdentityActs() external {
        vm.prank(supplierBody);
        identities.changeOwner(supplierBody, stranger);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketNotBody.selector, supplierBody, supplierBody));
        vm.prank(supplierBody);
        market.withdrawSupplier(1, supplierBody);
        vm.prank(stranger);
        market.withdrawSupplier(1, stranger);
    }

    // --- grid operator, community

    function test_GridFeesAndPotGoToTheirBodies() external {
        setTreasury(FLOOR, 70, 30);
        bytes memory notGrid = abi.encodeWithSelector(IEnergyMarket.EnergyMarketNotBody.selector, grid, stranger);
        vm.expectRevert(notGrid);
        vm.prank(stranger);
        market.withdrawGridFees(stranger);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketNotBody.selector, communityBody, stranger));
        vm.prank(stranger);
        market.withdrawPot(stranger);

        vm.expectEmit(address(market));
        emit IEnergyMarket.GridFeesWithdrawn(stranger, 70);
        vm.prank(grid);
        assertEq(market.withdrawGridFees(stranger), 70, "grid fees");
        vm.expectEmit(address(market));
        emit IEnergyMarket.PotWithdrawn(stranger, 30);
        vm.prank(communityBody);
        assertEq(market.withdrawPot(stranger), 30, "pot");
        assertEq(euro.balanceOf(stranger), 100, "paid");
        _checkHeld(FLOOR);

        bytes memory nothing = abi.encodeWithSelector(IEnergyMarket.EnergyMarketNothingOwed.selector);
        vm.expectRevert(nothing);
        vm.prank(grid);
        market.withdrawGridFees(stranger);
        vm.expectRevert(nothing);
        vm.prank(communityBody);
        market.withdrawPot(stranger);
    }

    // --- former owners

    function test_RevertWhen_ATakeoverLeftNothing() external {
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketNothingOwed.selector));
        vm.prank(stranger);
        market.withdrawFormer(stranger, stranger, 0, 0, unsigned());
    }

    function test_AnybodyPaysAFormerDebt() external {
        setDebt(alice, 70);
        registry.setOwner(alice.account, stranger);
        vm.prank(stranger);
        market.openAccount(alice.account, stranger, 0, 0, unsigned());
        fund(relayer, 100);
        vm.startPrank(relayer);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketBalanceTooSmall.selector, 70, 71));
        market.payFormerDebt(alice.owner, 71);
        vm.expectEmit(address(market));
        emit IEnergyMarket.FormerDebtPaid(alice.owner, 50, 20);
        market.payFormerDebt(alice.owner, 50);
        (, uint256 debt, ) = market.formerOf(alice.owner);
        assertEq(debt, 20, "left");
        (uint256 supplierBalance, , , ) = market.balances();
        assertEq(supplierBalance, SUPPLIER_FUNDS + 50, "supplier");
        _checkHeld(SUPPLIER_FUNDS + 50);
    }

    // --- claims

    function test_AClaimIsPaidAsFarAsTheSupplierCan() external {
        setClaim(alice, 90);
        setTreasury(0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketBalanceTooSmall.selector, 0, 90));
        market.payClaim(alice.account);
        setTreasury(60, 0, 0);
        vm.expectEmit(address(market));
        emit IEnergyMarket.ClaimPaid(alice.account, 60, 30);
        assertEq(market.payClaim(alice.account), 60, "in part");
        assertEq(freeOf(alice), 60, "free");
        _checkHeld(60);
        setTreasury(60, 0, 0);
        assertEq(market.payClaim(alice.account), 30, "the rest");
        assertEq(market.accountOf(alice.account).claim, 0, "claim");
        (uint256 supplierBalance, , , ) = market.balances();
        assertEq(supplierBalance, 30, "supplier");
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketNothingOwed.selector));
        market.payClaim(alice.account);
    }

    function testFuzz_AClaimAndADebtAreSetOff(uint64 claim, uint64 debt, uint64 balance) external {
        claim = uint64(bound(claim, 1, 2 ** 50));
        debt = uint64(bound(debt, 1, 2 ** 50));
        balance = uint64(bound(balance, 0, 2 ** 50));
        setTreasury(balance, 0, 0);
        setDebt(alice, debt);
        setClaim(alice, claim);
        uint256 paid = market.payClaim(alice.account);
        uint256 most = uint256(balance) + debt;
        assertEq(paid, claim < most ? claim : most, "paid");
        uint256 repaid = paid < debt ? paid : debt;
        assertEq(market.accountOf(alice.account).debt, debt - repaid, "debt");
        assertEq(market.accountOf(alice.account).claim, claim - paid, "claim");
        assertEq(freeOf(alice), paid - repaid, "free");
        (uint256 supplierBalance, , , ) = market.balances();
        assertEq(supplierBalance + freeOf(alice), balance, "no money made or lost");
        _checkHeld(balance);
    }

    // --- helpers

    /// @dev Another market, on another token, with alice's account.
    function _moveTo(AwkwardToken token, uint64 moneyUnit) private {
        market = newMarket(IERC20(address(token)), moneyUnit);
        vm.prank(alice.owner);
        market.openAccount(alice.account, alice.signer, 0, 0, unsigned());
        token.mint(address(this), 1e24);
        token.approve(address(market), type(uint256).max);
    }

    function _authorize(
        uint256 payerKey,
        uint256 value,
        bytes32 nonce
    ) private view returns (PaymentAuthorization memory authorization) {
        authorization.validBefore = DEADLINE;
        bytes32 structHash = keccak256(
            abi.encode(RECEIVE_TYPEHASH, vm.addr(payerKey), address(market), value, 0, DEADLINE, nonce)
        );
        authorization.signature = signTyped(payerKey, euro.DOMAIN_SEPARATOR(), structHash).data;
    }

    function _checkHeld(uint256 expected) private view {
        (, , , uint256 held) = market.balances();
        assertEq(held, expected, "held");
        assertLe(held * MONEY_UNIT, euro.balanceOf(address(market)), "tokens cover what is held");
    }
}
