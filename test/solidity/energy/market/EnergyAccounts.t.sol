// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC7913P256Verifier} from "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913P256Verifier.sol";

import {ISigned, Signature} from "../../../../contracts/authority/ISigned.sol";
import {EnergyAccounts} from "../../../../contracts/energy/market/EnergyAccounts.sol";
import {EnergyMarket} from "../../../../contracts/energy/market/EnergyMarket.sol";
import {
    AccountView,
    Delegate,
    IEnergyMarket,
    MarketSettings,
    StandingOrder,
    Step
} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {
    EnergySource,
    IEnergyRegistry,
    Meter,
    MeterClass,
    MeterStatus
} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {ContractAccount} from "../../../../contracts/mocks/ContractAccount.sol";
import {EnergyCity, Home} from "./EnergyFixture.sol";

/// @dev A token of too few decimals.
contract CoarseToken {
    uint8 public constant decimals = 5;
}

/// constructor: each setting below and above its range
/// ringFor: smallest power of two above what is open and what is not void
/// openAccount
/// ├── no such meter, neither called nor signed by its owner, sold since, zero signer, taken: reverts
/// ├── first: what the registry says; by the owner's signature, of a plain key or a contract
/// └── takeover: balance, debt and claim to the former owner, each against the other; delegates, orders, standing order end
/// withdrawFormer
/// ├── neither called nor signed by the former owner, signed for somebody else or twice: reverts
/// └── called or signed by that owner, who may be a key without an account: paid
/// refreshAccount: unknown, unchanged, changed
/// setSigner, bumpEpoch: who may, zero, unchanged, unknown, exhausted; new epoch
/// setDelegate: who may, zero key, bad limits, unchanged, none to end; set, replaced, ended
/// placeStandingOrder: who may, steps, epoch, flags, run, unchanged; placed, replaced, withdrawn
contract EnergyAccountsTest is EnergyCity {
    bytes32 private constant ACCOUNT_OPENING_TYPEHASH = keccak256(
        "AccountOpening(uint32 account,address signer,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant SIGNER_CHANGE_TYPEHASH = keccak256(
        "SignerChange(uint32 account,address signer,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant EPOCH_BUMP_TYPEHASH = keccak256(
        "EpochBump(uint32 account,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant ORDER_DELEGATION_TYPEHASH = keccak256(
        "OrderDelegation(uint32 account,address key,uint24 minPrice,uint24 maxPrice,uint32 maxWh,uint40 until,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant STANDING_ORDER_TYPEHASH = keccak256(
        "StandingOrder(uint32 account,uint16 epoch,uint32 fromInterval,uint32 toInterval,uint24 basePrice,uint16 tickSize,uint8 flags,Step[] steps,uint256 nonce,uint256 deadline)Step(uint8 tick,uint32 wh)"
    );
    bytes32 private constant FORMER_WITHDRAWAL_TYPEHASH = keccak256(
        "FormerWithdrawal(address owner,address to,uint256 nonce,uint256 deadline)"
    );
    uint256 private constant DEADLINE = EPOCH + 1 days;

    Home private alice;
    Home private bob;
    address private key;

    function setUp() public {
        buildEnergyCity(0);
        alice = newHome(FEEDER);
        bob = newHome(FEEDER);
        (key, ) = actor("key");
    }

    // --- constructor

    function test_RevertWhen_ASettingIsOutOfRange() external {
        MarketSettings memory settings = _settings();
        settings.moneyUnit = 0;
        _checkRefused(settings, 0, 0, 1);
        settings = _settings();
        settings.gateLead = LENGTH * HORIZON;
        _checkRefused(settings, 1, LENGTH * HORIZON, LENGTH * HORIZON - 1);
        settings = _settings();
        // Readings of the day's first interval are final no sooner than a day and the window of 2 hours after it.
        settings.longStop = 26 hours;
        _checkRefused(settings, 2, 26 hours, 26 hours + 1);
        settings.longStop = 365 days + 1;
        _checkRefused(settings, 2, 365 days + 1, 365 days);
        settings = _settings();
        settings.minimumWh = 0;
        _checkRefused(settings, 3, 0, 1);
        settings = _settings();
        settings.supplierFloor = uint64(type(uint56).max) + 1;
        _checkRefused(settings, 4, settings.supplierFloor, type(uint56).max);
    }

    function test_RevertWhen_TheTokenIsTooCoarse() external {
        IERC20 coarse = IERC20(address(new CoarseToken()));
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketInvalidSetting.selector, 5, 5, 6));
        _deployed(coarse, _settings());
    }

    function test_LeastSettingsAreTaken() external {
        MarketSettings memory settings = MarketSettings(1, 0, 26 hours + 1, 1, 0);
        EnergyMarket least = _deployed(euro, settings);
        assertEq(keccak256(abi.encode(least.settings())), keccak256(abi.encode(settings)), "settings");
    }

    function test_SettingsAndPartsAreShown() external {
        MarketSettings memory settings = MarketSettings(7, LENGTH * HORIZON - 1, 365 days, 1, type(uint56).max);
        EnergyMarket other = _deployed(euro, settings);
        assertEq(keccak256(abi.encode(other.settings())), keccak256(abi.encode(settings)), "settings");
        assertEq(address(other.token()), address(euro), "token");
        assertEq(address(other.registry()), address(registry), "registry");
        assertEq(address(other.readings()), address(readings), "readings");
        assertEq(address(other.identities()), address(identities), "identities");
        assertEq(other.supplier(), supplierBody, "supplier");
        assertEq(other.gridOperator(), grid, "grid operator");
        assertEq(other.community(), communityBody, "community");
    }

    function test_TheRingIsAPowerOfTwoAboveWhatIsInUse() external pure {
        assertEq(EnergyAccounts.ringFor(900, 96, 7 days), 1_024, "770 of 1,024");
        assertEq(EnergyAccounts.ringFor(3_600, 30, 96 hours), 256, "128 of 256");
        assertEq(EnergyAccounts.ringFor(3_600, 29, 96 hours), 128, "127 of 128");
        assertEq(EnergyAccounts.ringFor(60, 525_600, 365 days), 2_097_152, "largest");
    }

    // --- openAccount, refreshAccount

    function test_RevertWhen_ThereIsNoSuchMeter() external {
        vm.expectRevert(abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryUnknownMeter.selector, 0xffff));
        market.openAccount(0xffff, key, 0, 0, unsigned());
    }

    function _openingHash(uint32 meter, uint256 nonce) private view returns (bytes32 structHash) {
        return keccak256(abi.encode(ACCOUNT_OPENING_TYPEHASH, meter, key, nonce, DEADLINE));
    }

    function test_RevertWhen_OpenedBySomebodyElse() external {
        uint32 meter = newMeter(FEEDER, alice.owner, EnergySource.None);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedExpired.selector, 0, block.timestamp));
        vm.prank(stranger);
        market.openAccount(meter, key, 0, 0, unsigned());
        bytes32 structHash = _openingHash(meter, 3);
        Signature memory signature = signTyped(bob.ownerKey, domain, structHash);
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, structHash));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, alice.owner, digest));
        vm.prank(stranger);
        market.openAccount(meter, key, 3, DEADLINE, signature);
    }

    function test_ASignatureOpensAnAccount() external {
        uint32 meter = newMeter(FEEDER, alice.owner, EnergySource.None);
        Signature memory signature = signTyped(alice.ownerKey, domain, _openingHash(meter, 3));
        vm.expectEmit(address(market));
        emit IEnergyMarket.AccountOpened(meter, alice.owner, key);
        vm.prank(relayer);
        market.openAccount(meter, key, 3, DEADLINE, signature);
        assertEq(market.accountOf(meter).owner, alice.owner, "owner");
        assertEq(market.accountOf(meter).signer, key, "signer");
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, alice.owner, 3));
        market.openAccount(meter, key, 3, DEADLINE, signature);
    }

    function test_ASignatureOfAContractOpensAnAccount() external {
        ContractAccount wallet = new ContractAccount(alice.owner);
        uint32 meter = newMeter(FEEDER, address(wallet), EnergySource.None);
        Signature memory signature = signTyped(alice.ownerKey, domain, _openingHash(meter, 0));
        vm.prank(relayer);
        market.openAccount(meter, key, 0, DEADLINE, signature);
        assertEq(market.accountOf(meter).owner, address(wallet), "owner");
    }

    function test_RevertWhen_TheMeterWasSoldAfterItsOwnerSigned() external {
        uint32 meter = newMeter(FEEDER, alice.owner, EnergySource.None);
        bytes32 structHash = _openingHash(meter, 3);
        Signature memory signature = signTyped(alice.ownerKey, domain, structHash);
        registry.setOwner(meter, bob.owner);
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, structHash));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, bob.owner, digest));
        market.openAccount(meter, key, 3, DEADLINE, signature);
    }

    function test_RevertWhen_OpenedWithoutASigner() external {
        uint32 meter = newMeter(FEEDER, alice.owner, EnergySource.None);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketInvalidSigner.selector, address(0)));
        vm.prank(alice.owner);
        market.openAccount(meter, address(0), 0, 0, unsigned());
    }

    function test_RevertWhen_OpenedTwice() external {
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketAccountTaken.selector, alice.account, alice.owner)
        );
        vm.prank(alice.owner);
        market.openAccount(alice.account, key, 0, 0, unsigned());
    }

    function test_OpeningCopiesTheMeter() external {
        uint32 meter = newMeter(FEEDER, alice.owner, EnergySource.Hydro);
        vm.expectEmit(address(market));
        emit IEnergyMarket.AccountOpened(meter, alice.owner, key);
        vm.expectEmit(address(market));
        emit IEnergyMarket.AccountRefreshed(meter, IMPORT_CAP, EXPORT_CAP, true, false);
        vm.prank(alice.owner);
        market.openAccount(meter, key, 0, 0, unsigned());
        AccountView memory seen = market.accountOf(meter);
        assertEq(seen.owner, alice.owner, "owner");
        assertEq(seen.signer, key, "signer");
        assertEq(seen.free, 0, "free");
        assertEq(seen.epoch, 0, "epoch");
        assertEq(seen.importCapWh, IMPORT_CAP, "import");
        assertEq(seen.exportCapWh, EXPORT_CAP, "export");
        assertTrue(seen.green, "green");
        assertFalse(seen.barred, "barred");
    }

    function test_GreenIsRenewableAndNoStorage() external {
        EnergySource[6] memory sources = [
            EnergySource.None,
            EnergySource.Solar,
            EnergySource.Wind,
            EnergySource.Hydro,
            EnergySource.Biomass,
            EnergySource.Other
        ];
        for (uint256 i = 0; i < sources.length; ++i) {
            bool renewable = i != 0 && i != 5;
            assertTrue(_opened(sources[i], MeterClass.Connection).green == renewable, "connection");
            assertFalse(_opened(sources[i], MeterClass.Storage).green, "storage");
        }
    }

    function test_RefreshingFollowsTheRegistry() external {
        registry.rate(alice.account, 12_300, 50, EnergySource.Wind);
        vm.expectEmit(address(market));
        emit IEnergyMarket.AccountRefreshed(alice.account, 12_300, 50, true, false);
        vm.prank(stranger);
        market.refreshAccount(alice.account);
        registry.setStatus(alice.account, MeterStatus.Suspended);
        vm.expectEmit(address(market));
        emit IEnergyMarket.AccountRefreshed(alice.account, 12_300, 50, true, true);
        market.refreshAccount(alice.account);
        AccountView memory seen = market.accountOf(alice.account);
        assertTrue(seen.barred, "barred");
        assertEq(seen.free, FUNDS, "money stays");
        assertEq(seen.signer, alice.signer, "signer stays");
        registry.setStatus(alice.account, MeterStatus.Trading);
        market.refreshAccount(alice.account);
        assertFalse(market.accountOf(alice.account).barred, "trades again");
    }

    function test_RevertWhen_RefreshingChangesNothing() external {
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketUnchanged.selector));
        market.refreshAccount(alice.account);
        uint32 meter = newMeter(FEEDER, alice.owner, EnergySource.None);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketUnknownAccount.selector, meter));
        market.refreshAccount(meter);
    }

    // --- takeover

    function test_ATakeoverLeavesTheMoneyToTheFormerOwner() external {
        Delegate memory delegate = Delegate(0, 1, 1, 1);
        vm.startPrank(alice.owner);
        market.setDelegate(alice.account, key, delegate, 0, 0, unsigned());
        market.placeStandingOrder(_standing(alice, 0), 0, 0, unsigned());
        vm.stopPrank();
        registry.setOwner(alice.account, bob.owner);

        vm.expectEmit(address(market));
        emit IEnergyMarket.EpochBumped(alice.account, 1);
        vm.expectEmit(address(market));
        emit IEnergyMarket.AccountHandedOver(alice.account, alice.owner, bob.owner, FUNDS, 0, 0);
        vm.expectEmit(address(market));
        emit IEnergyMarket.AccountOpened(alice.account, bob.owner, bob.signer);
        vm.prank(bob.owner);
        market.openAccount(alice.account, bob.signer, 0, 0, unsigned());

        AccountView memory seen = market.accountOf(alice.account);
        assertEq(seen.owner, bob.owner, "owner");
        assertEq(seen.signer, bob.signer, "signer");
        assertEq(seen.free, 0, "free");
        assertEq(seen.epoch, 1, "epoch");
        assertEq(market.delegateOf(alice.account, key).until, 0, "delegate");
        assertEq(market.standingOrderOf(alice.account).toInterval, 0, "standing order");
        _checkFormer(alice.owner, FUNDS, 0, 0);
        vm.prank(alice.owner);
        assertEq(market.withdrawFormer(alice.owner, stranger, 0, 0, unsigned()), FUNDS, "withdrawn");
        assertEq(euro.balanceOf(stranger), FUNDS, "paid");
    }

    function test_ATakeoverLeavesDebtToTheFormerOwner() external {
        Home memory dave = newHome(FEEDER, EnergySource.None, 0);
        setDebt(dave, 70);
        _takeOver(dave, bob);
        _checkFormer(dave.owner, 0, 70, 0);
        assertEq(market.accountOf(dave.account).debt, 0, "debt");
        Home memory heir = Home(dave.account, bob.owner, bob.ownerKey, bob.signer, bob.signerKey);
        pay(heir, 1_000);
        assertEq(freeOf(heir), 1_000, "not paid from the new owner's money");
    }

    function test_ATakeoverSetsOffWhatIsOwedBothWays() external {
        // Money of one meter pays the debt of another of the same owner.
        Home memory dave = newHome(FEEDER, EnergySource.None, 0);
        setDebt(dave, 70);
        _takeOver(dave, bob);
        uint32 second = newMeter(FEEDER, dave.owner, EnergySource.None);
        Home memory again = Home(second, dave.owner, dave.ownerKey, dave.signer, dave.signerKey);
        vm.prank(again.owner);
        market.openAccount(second, again.signer, 0, 0, unsigned());
        pay(again, 50);
        setClaim(again, 15);
        (uint256 supplierBefore, , , ) = market.balances();
        registry.setOwner(second, bob.owner);
        vm.expectEmit(address(market));
        emit IEnergyMarket.AccountHandedOver(second, dave.owner, bob.owner, 50, 0, 15);
        vm.expectEmit(address(market));
        emit IEnergyMarket.FormerDebtPaid(dave.owner, 65, 5);
        vm.prank(bob.owner);
        market.openAccount(second, bob.signer, 0, 0, unsigned());
        _checkFormer(dave.owner, 0, 5, 0);
        (uint256 supplierAfter, , , ) = market.balances();
        assertEq(supplierAfter - supplierBefore, 50, "supplier got the money, not the claim");
        assertEq(market.accountOf(second).claim, 0, "claim");
    }

    function test_ATakeoverLeavesAClaimToTheFormerOwner() external {
        setClaim(alice, 90);
        _takeOver(alice, bob);
        _checkFormer(alice.owner, FUNDS, 0, 90);
        setTreasury(60, 0, 0);
        vm.expectEmit(address(market));
        emit IEnergyMarket.FormerOwnerWithdrawn(alice.owner, alice.owner, FUNDS + 60);
        vm.prank(alice.owner);
        assertEq(market.withdrawFormer(alice.owner, alice.owner, 0, 0, unsigned()), FUNDS + 60, "first");
        _checkFormer(alice.owner, 0, 0, 30);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketNothingOwed.selector));
        vm.prank(alice.owner);
        market.withdrawFormer(alice.owner, alice.owner, 0, 0, unsigned());
        setTreasury(60, 0, 0);
        vm.prank(alice.owner);
        assertEq(market.withdrawFormer(alice.owner, alice.owner, 0, 0, unsigned()), 30, "second");
        _checkFormer(alice.owner, 0, 0, 0);
    }

    function test_RevertWhen_WhatATakeoverLeftIsSomebodyElses() external {
        _takeOver(alice, bob);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedExpired.selector, 0, block.timestamp));
        vm.prank(stranger);
        market.withdrawFormer(alice.owner, stranger, 0, 0, unsigned());
        bytes32 structHash = _formerHash(alice.owner, stranger, 1);
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, structHash));
        Signature memory signature = signTyped(bob.ownerKey, domain, structHash);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, alice.owner, digest));
        market.withdrawFormer(alice.owner, stranger, 1, DEADLINE, signature);
        signature = signTyped(alice.ownerKey, domain, _formerHash(alice.owner, relayer, 1));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, alice.owner, digest));
        market.withdrawFormer(alice.owner, stranger, 1, DEADLINE, signature);
        _checkFormer(alice.owner, FUNDS, 0, 0);
    }

    /// @dev It calls no functions, so without a signature the money would stay in the market for ever.
    function test_AKeyWithoutAnAccountGetsWhatATakeoverLeft() external {
        (uint256 x, uint256 y) = vm.publicKeyP256(7);
        bytes memory passkey = abi.encodePacked(address(new ERC7913P256Verifier()), x, y);
        address owner = address(uint160(uint256(keccak256(passkey))));
        uint32 meter = newMeter(FEEDER, owner, EnergySource.None);
        market.openAccount(meter, key, 0, DEADLINE, _signedBy(passkey, _openingHash(meter, 0)));
        Home memory home = Home(meter, owner, 0, key, 0);
        pay(home, 1_000);
        _takeOver(home, bob);
        Signature memory signature = _signedBy(passkey, _formerHash(owner, stranger, 1));
        vm.expectEmit(address(market));
        emit IEnergyMarket.FormerOwnerWithdrawn(owner, stranger, 1_000);
        vm.prank(relayer);
        assertEq(market.withdrawFormer(owner, stranger, 1, DEADLINE, signature), 1_000, "withdrawn");
        assertEq(euro.balanceOf(stranger), 1_000, "paid");
        _checkFormer(owner, 0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, owner, 1));
        market.withdrawFormer(owner, stranger, 1, DEADLINE, signature);
    }

    function _formerHash(address owner, address to, uint256 nonce) private pure returns (bytes32 structHash) {
        return keccak256(abi.encode(FORMER_WITHDRAWAL_TYPEHASH, owner, to, nonce, DEADLINE));
    }

    /// @dev Signature of the P-256 key number 7.
    function _signedBy(bytes memory passkey, bytes32 structHash) private view returns (Signature memory signature) {
        (bytes32 r, bytes32 s) = vm.signP256(7, keccak256(abi.encodePacked(hex"1901", domain, structHash)));
        uint256 order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551;
        if (uint256(s) > order / 2) s = bytes32(order - uint256(s));
        return Signature({key: passkey, data: abi.encodePacked(r, s)});
    }

    // --- setSigner, bumpEpoch

    function test_TheOwnerChangesTheSigner() external {
        vm.expectEmit(address(market));
        emit IEnergyMarket.EpochBumped(alice.account, 1);
        vm.expectEmit(address(market));
        emit IEnergyMarket.SignerSet(alice.account, alice.signer, key);
        vm.prank(alice.owner);
        market.setSigner(alice.account, key, 0, 0, unsigned());
        AccountView memory seen = market.accountOf(alice.account);
        assertEq(seen.signer, key, "signer");
        assertEq(seen.epoch, 1, "epoch");
        assertEq(seen.free, FUNDS, "money");
    }

    function test_ASignatureChangesTheSigner() external {
        Signature memory signature = signTyped(
            alice.ownerKey,
            domain,
            keccak256(abi.encode(SIGNER_CHANGE_TYPEHASH, alice.account, key, 1, DEADLINE))
        );
        vm.startPrank(relayer);
        market.setSigner(alice.account, key, 1, DEADLINE, signature);
        assertEq(market.accountOf(alice.account).signer, key, "signer");
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, alice.owner, 1));
        market.setSigner(alice.account, key, 1, DEADLINE, signature);
    }

    function test_RevertWhen_TheSignerIsZeroOrTheSame() external {
        vm.startPrank(alice.owner);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketInvalidSigner.selector, address(0)));
        market.setSigner(alice.account, address(0), 0, 0, unsigned());
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketUnchanged.selector));
        market.setSigner(alice.account, alice.signer, 0, 0, unsigned());
    }

    function test_OwnerSignerAndSignatureBeginAnEpoch() external {
        vm.expectEmit(address(market));
        emit IEnergyMarket.EpochBumped(alice.account, 1);
        vm.prank(alice.owner);
        market.bumpEpoch(alice.account, 0, 0, unsigned());
        vm.expectEmit(address(market));
        emit IEnergyMarket.EpochBumped(alice.account, 2);
        vm.prank(alice.signer);
        market.bumpEpoch(alice.account, 0, 0, unsigned());
        Signature memory signature = signTyped(
            alice.ownerKey,
            domain,
            keccak256(abi.encode(EPOCH_BUMP_TYPEHASH, alice.account, 9, DEADLINE))
        );
        vm.prank(relayer);
        market.bumpEpoch(alice.account, 9, DEADLINE, signature);
        assertEq(market.accountOf(alice.account).epoch, 3, "epoch");
    }

    function test_RevertWhen_NeitherOwnerNorSigned() external {
        uint32 account = alice.account;
        vm.startPrank(stranger);
        bytes memory expired = abi.encodeWithSelector(ISigned.SignedExpired.selector, 0, EPOCH);
        vm.expectRevert(expired);
        market.setSigner(account, key, 0, 0, unsigned());
        vm.expectRevert(expired);
        market.bumpEpoch(account, 0, 0, unsigned());
        vm.expectRevert(expired);
        market.setDelegate(account, key, Delegate(0, 1, 1, 1), 0, 0, unsigned());
        vm.expectRevert(expired);
        market.placeStandingOrder(_standing(alice, 0), 0, 0, unsigned());
    }

    function test_RevertWhen_TheAccountIsNotOpen() external {
        uint32 nobody = newMeter(FEEDER, stranger, EnergySource.None);
        bytes memory unknown = abi.encodeWithSelector(IEnergyMarket.EnergyMarketUnknownAccount.selector, nobody);
        vm.startPrank(stranger);
        vm.expectRevert(unknown);
        market.setSigner(nobody, key, 0, 0, unsigned());
        vm.expectRevert(unknown);
        market.bumpEpoch(nobody, 0, 0, unsigned());
        vm.expectRevert(unknown);
        market.setDelegate(nobody, key, Delegate(0, 1, 1, 1), 0, 0, unsigned());
    }

    function test_RevertWhen_EpochsAreExhausted() external {
        setEpoch(alice, 0xdfe);
        vm.startPrank(alice.signer);
        market.bumpEpoch(alice.account, 0, 0, unsigned());
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketEpochsExhausted.selector, alice.account, 0xdff)
        );
        market.bumpEpoch(alice.account, 0, 0, unsigned());
        vm.stopPrank();
        // The owner can still replace the key that used them up.
        vm.prank(alice.owner);
        market.setSigner(alice.account, key, 0, 0, unsigned());
        assertEq(market.accountOf(alice.account).epoch, 0xe00, "epoch");
        setEpoch(alice, 0xeff);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketEpochsExhausted.selector, alice.account, 0xeff)
        );
        vm.prank(alice.owner);
        market.setSigner(alice.account, alice.signer, 0, 0, unsigned());
        // And who comes after can take over.
        _takeOver(alice, bob);
        assertEq(market.accountOf(alice.account).epoch, 0xf00, "epoch of the heir");
        setEpoch(alice, 0xfff);
        registry.setOwner(alice.account, stranger);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketEpochsExhausted.selector, alice.account, 0xfff)
        );
        vm.prank(stranger);
        market.openAccount(alice.account, key, 0, 0, unsigned());
    }

    // --- setDelegate

    function test_ADelegateIsSetReplacedAndEnded() external {
        Delegate memory delegate = Delegate(90, 200, 5_000, uint40(EPOCH + 1 days));
        vm.startPrank(alice.owner);
        vm.expectEmit(address(market));
        emit IEnergyMarket.DelegateSet(alice.account, key, delegate);
        market.setDelegate(alice.account, key, delegate, 0, 0, unsigned());
        assertEq(_hashOf(market.delegateOf(alice.account, key)), _hashOf(delegate), "set");
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketUnchanged.selector));
        market.setDelegate(alice.account, key, delegate, 0, 0, unsigned());
        delegate.maxPrice = 90;
        market.setDelegate(alice.account, key, delegate, 0, 0, unsigned());
        assertEq(_hashOf(market.delegateOf(alice.account, key)), _hashOf(delegate), "replaced");
        delegate.until = 0;
        Delegate memory none;
        vm.expectEmit(address(market));
        emit IEnergyMarket.DelegateSet(alice.account, key, none);
        market.setDelegate(alice.account, key, delegate, 0, 0, unsigned());
        assertEq(_hashOf(market.delegateOf(alice.account, key)), _hashOf(none), "ended");
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketUnchanged.selector));
        market.setDelegate(alice.account, key, delegate, 0, 0, unsigned());
    }

    function test_ASignatureNamesADelegate() external {
        Delegate memory delegate = Delegate(90, 200, 5_000, uint40(EPOCH + 1 days));
        bytes32 structHash = keccak256(
            abi.encode(
                ORDER_DELEGATION_TYPEHASH,
                alice.account,
                key,
                delegate.minPrice,
                delegate.maxPrice,
                delegate.maxWh,
                delegate.until,
                2,
                DEADLINE
            )
        );
        vm.prank(relayer);
        market.setDelegate(alice.account, key, delegate, 2, DEADLINE, signTyped(alice.ownerKey, domain, structHash));
        assertEq(_hashOf(market.delegateOf(alice.account, key)), _hashOf(delegate), "set");
    }

    function test_ANewEpochEndsDelegates() external {
        vm.startPrank(alice.owner);
        market.setDelegate(alice.account, key, Delegate(0, 1, 1, 1), 0, 0, unsigned());
        market.bumpEpoch(alice.account, 0, 0, unsigned());
        assertEq(market.delegateOf(alice.account, key).until, 0, "delegate");
    }

    function test_RevertWhen_ADelegateHasNoKeyOrNoRoom() external {
        vm.startPrank(alice.owner);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketInvalidSigner.selector, address(0)));
        market.setDelegate(alice.account, address(0), Delegate(0, 1, 1, 1), 0, 0, unsigned());
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketInvalidDelegate.selector, 2, 1, 1));
        market.setDelegate(alice.account, key, Delegate(2, 1, 1, 1), 0, 0, unsigned());
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketInvalidDelegate.selector, 1, 1, 0));
        market.setDelegate(alice.account, key, Delegate(1, 1, 0, 1), 0, 0, unsigned());
    }

    // --- placeStandingOrder

    function test_AStandingOrderIsPlacedReplacedAndWithdrawn() external {
        StandingOrder memory order = _standing(alice, 0);
        vm.startPrank(alice.owner);
        vm.expectEmit(address(market));
        emit IEnergyMarket.StandingOrderPlaced(alice.account, order);
        market.placeStandingOrder(order, 0, 0, unsigned());
        assertEq(keccak256(abi.encode(market.standingOrderOf(alice.account))), keccak256(abi.encode(order)), "placed");
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketUnchanged.selector));
        market.placeStandingOrder(order, 0, 0, unsigned());
        vm.stopPrank();
        order.steps = steps(3, 10);
        vm.prank(alice.signer);
        market.placeStandingOrder(order, 0, 0, unsigned());
        assertEq(
            keccak256(abi.encode(market.standingOrderOf(alice.account))),
            keccak256(abi.encode(order)),
            "replaced"
        );
        order.steps = new Step[](0);
        vm.startPrank(alice.owner);
        vm.expectEmit(address(market));
        emit IEnergyMarket.StandingOrderPlaced(alice.account, order);
        market.placeStandingOrder(order, 0, 0, unsigned());
        assertEq(market.standingOrderOf(alice.account).toInterval, 0, "withdrawn");
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketUnchanged.selector));
        market.placeStandingOrder(order, 0, 0, unsigned());
    }

    function test_ASignaturePlacesAStandingOrder() external {
        StandingOrder memory order = _standing(alice, 0);
        bytes32 step = keccak256(abi.encode(STEP_TYPEHASH, order.steps[0].tick, order.steps[0].wh));
        bytes32 step2 = keccak256(abi.encode(STEP_TYPEHASH, order.steps[1].tick, order.steps[1].wh));
        bytes32 structHash = keccak256(
            abi.encode(
                STANDING_ORDER_TYPEHASH,
                order.account,
                order.epoch,
                order.fromInterval,
                order.toInterval,
                order.basePrice,
                order.tickSize,
                order.flags,
                keccak256(abi.encodePacked(step, step2)),
                3,
                DEADLINE
            )
        );
        vm.prank(relayer);
        market.placeStandingOrder(order, 3, DEADLINE, signTyped(alice.ownerKey, domain, structHash));
        assertEq(keccak256(abi.encode(market.standingOrderOf(alice.account))), keccak256(abi.encode(order)), "placed");
    }

    function test_RevertWhen_AStepOfAStandingOrderIsTooLarge() external {
        StandingOrder memory order = _standing(alice, 0);
        order.steps[1].wh = 1 << 20;
        vm.expectRevert(
            abi.encodeWithSelector(
                IEnergyMarket.EnergyMarketStepTooLarge.selector,
                alice.account,
                1 << 20,
                (1 << 20) - 1
            )
        );
        vm.prank(alice.owner);
        market.placeStandingOrder(order, 0, 0, unsigned());
        order.steps[1].wh = (1 << 20) - 1;
        vm.prank(alice.owner);
        market.placeStandingOrder(order, 0, 0, unsigned());
        assertEq(market.standingOrderOf(alice.account).steps[1].wh, (1 << 20) - 1, "the most there can be");
    }

    function test_RevertWhen_AStandingOrderIsBad() external {
        vm.startPrank(alice.owner);
        StandingOrder memory order = _standing(alice, 0);
        order.steps = new Step[](5);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketTooManySteps.selector, 5, 4));
        market.placeStandingOrder(order, 0, 0, unsigned());
        order = _standing(alice, 1);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketStaleEpoch.selector, alice.account, 1, 0));
        market.placeStandingOrder(order, 0, 0, unsigned());
        order = _standing(alice, 0);
        order.flags = 0x20;
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketUnknownFlags.selector, alice.account, 0x20));
        market.placeStandingOrder(order, 0, 0, unsigned());
    }

    function test_RevertWhen_ARunIsEmptyPastOrTooLong() external {
        uint32 current = uint32(EPOCH / LENGTH);
        vm.startPrank(alice.owner);
        _checkRun(current + 2, current + 1);
        _checkRun(current - 9, current - 1);
        _checkRun(current, current + 65_535);
        StandingOrder memory order = _standing(alice, 0);
        (order.fromInterval, order.toInterval) = (current, current + 65_534);
        market.placeStandingOrder(order, 0, 0, unsigned());
        (order.fromInterval, order.toInterval) = (current - 9, current);
        market.placeStandingOrder(order, 0, 0, unsigned());
    }

    // --- helpers

    function _settings() private pure returns (MarketSettings memory settings) {
        return MarketSettings(MONEY_UNIT, GATE_LEAD, LONG_STOP, MINIMUM_WH, FLOOR);
    }

    function _checkRefused(MarketSettings memory settings, uint256 field, uint256 value, uint256 limit) private {
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketInvalidSetting.selector, field, value, limit));
        _deployed(euro, settings);
    }

    function _deployed(IERC20 token, MarketSettings memory settings) private returns (EnergyMarket other) {
        return new EnergyMarket(address(manager), token, readings, supplierBody, grid, communityBody, settings);
    }

    function _opened(EnergySource source, MeterClass class) private returns (AccountView memory seen) {
        uint32 meter = registry.registerMeter(
            FEEDER,
            alice.owner,
            Meter(key, IMPORT_CAP, EXPORT_CAP, source, class, MeterStatus.Trading)
        );
        vm.prank(alice.owner);
        market.openAccount(meter, alice.signer, 0, 0, unsigned());
        return market.accountOf(meter);
    }

    function _takeOver(Home memory from, Home memory to) private {
        registry.setOwner(from.account, to.owner);
        vm.prank(to.owner);
        market.openAccount(from.account, to.signer, 0, 0, unsigned());
    }

    function _checkFormer(address owner, uint256 balance, uint256 debt, uint256 claim) private view {
        (uint256 seenBalance, uint256 seenDebt, uint256 seenClaim) = market.formerOf(owner);
        assertEq(seenBalance, balance, "former balance");
        assertEq(seenDebt, debt, "former debt");
        assertEq(seenClaim, claim, "former claim");
    }

    function _standing(Home memory home, uint16 epoch) private pure returns (StandingOrder memory order) {
        return StandingOrder(home.account, epoch, INTERVAL, INTERVAL + 3, BASE_PRICE, 1, OFFER, steps(20, 100, 30, 50));
    }

    function _checkRun(uint32 from, uint32 to) private {
        StandingOrder memory order = _standing(alice, 0);
        (order.fromInterval, order.toInterval) = (from, to);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketInvalidRun.selector, from, to));
        market.placeStandingOrder(order, 0, 0, unsigned());
    }

    function _hashOf(Delegate memory delegate) private pure returns (bytes32 hash) {
        return keccak256(abi.encode(delegate));
    }
}
