// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {
    Agreement,
    BookClass,
    Delegate,
    IEnergyMarket,
    IntervalState,
    OrderFault,
    SignedOrder,
    StandingOrder,
    Step
} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {
    EnergyRules,
    EnergySource,
    IEnergyRegistry,
    MeterStatus,
    Tariff
} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {Basket, EnergyCity, Home} from "./EnergyFixture.sol";

/// For each fault: alone it reverts by name with its arguments; in a batch between two good orders it is named, and they are
/// taken.
/// postOrders, postOrder, postSignedOrder, postStandingOrders
/// ├── paused, before opening, after the gate, supplier below floor, no tariff: the whole call reverts
/// ├── account: unknown, barred, indebted
/// ├── flags: unknown bits, a green or feeder offer kind that does not exist, a book that the rules do not have
/// ├── steps: none or more than four, tick above retail, below the minimum, above the cap (import for bids, export for offers)
/// ├── posted before: in this batch, in an earlier one; by an agreement of the other side
/// ├── signature: another's, high s, zero, an earlier epoch, a delegate of an earlier epoch
/// ├── delegate: expired, too dear, too cheap, too much, in bounds
/// ├── money: less than the lock, exactly the lock
/// └── good: free money falls by the lock, levels rise, chain and event follow, tariff is frozen
contract EnergyOrdersTest is EnergyCity {
    Home private alice;
    Home private bob;
    Home private carol;

    function setUp() public {
        buildEnergyCity(EnergyRules.BY_FEEDER | EnergyRules.FEEDER_FIRST);
        alice = newHome(FEEDER);
        bob = newHome(OTHER_FEEDER);
        carol = newHome(FEEDER, EnergySource.Solar, FUNDS);
    }

    // --- the whole call

    function test_RevertWhen_AStrangerPausesOrGoesOn() external {
        bytes memory unauthorized = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, relayer);
        vm.expectRevert(unauthorized);
        vm.prank(relayer);
        market.pause();
        vm.prank(guardian);
        market.pause();
        vm.expectRevert(unauthorized);
        vm.prank(relayer);
        market.unpause();
        assertTrue(market.paused(), "still paused");
    }

    function test_RevertWhen_Paused() external {
        vm.prank(guardian);
        market.pause();
        bytes memory paused = abi.encodeWithSelector(Pausable.EnforcedPause.selector);
        vm.expectRevert(paused);
        market.postOrders(INTERVAL, "", "");
        vm.expectRevert(paused);
        market.postOrder(INTERVAL, alice.account, BID, steps(1, 100));
        SignedOrder memory order = _signed(alice, BID, steps(1, 100));
        vm.expectRevert(paused);
        market.postSignedOrder(order);
        vm.expectRevert(paused);
        market.postStandingOrders(INTERVAL, "");
        Agreement memory agreement = Agreement(alice.account, bob.account, INTERVAL, INTERVAL + 9, 150, 100, 7);
        vm.expectRevert(paused);
        market.agree(agreement, 0, 0, 0, unsigned(), unsigned());
        vm.expectRevert(paused);
        market.postAgreements(INTERVAL, new bytes32[](1));
        vm.prank(steward);
        market.unpause();
        postOwn(alice, BID, steps(1, 100));
    }

    function test_RevertWhen_NotOpenYet() external {
        uint256 opening = opensAt(INTERVAL);
        vm.warp(opening - 1);
        bytes memory early = abi.encodeWithSelector(IEnergyMarket.EnergyMarketNotOpen.selector, INTERVAL, opening);
        vm.expectRevert(early);
        market.postOrders(INTERVAL, "", "");
        vm.expectRevert(early);
        market.postOrder(INTERVAL, alice.account, BID, steps(1, 100));
        SignedOrder memory order = _signed(alice, BID, steps(1, 100));
        vm.expectRevert(early);
        market.postSignedOrder(order);
        vm.expectRevert(early);
        market.postStandingOrders(INTERVAL, "");
        vm.warp(opening);
        postOwn(alice, BID, steps(1, 100));
    }

    function test_RevertWhen_TooLate() external {
        uint256 gate = gateOf(INTERVAL);
        vm.warp(gate - 1);
        postOwn(bob, BID, steps(1, 100));
        vm.warp(gate);
        bytes memory late = abi.encodeWithSelector(IEnergyMarket.EnergyMarketGateClosed.selector, INTERVAL, gate);
        vm.expectRevert(late);
        market.postOrders(INTERVAL, "", "");
        vm.expectRevert(late);
        market.postOrder(INTERVAL, alice.account, BID, steps(1, 100));
        SignedOrder memory order = _signed(alice, BID, steps(1, 100));
        vm.expectRevert(late);
        market.postSignedOrder(order);
        vm.expectRevert(late);
        market.postStandingOrders(INTERVAL, "");
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketGateClosed.selector, 0, 0));
        market.postOrders(0, "", "");
    }

    function test_RevertWhen_SupplierIsBelowItsFloor() external {
        setTreasury(FLOOR - 1, 0, 0);
        bytes memory below = abi.encodeWithSelector(
            IEnergyMarket.EnergyMarketSupplierBelowFloor.selector,
            FLOOR - 1,
            FLOOR
        );
        vm.expectRevert(below);
        market.postOrders(INTERVAL, "", "");
        vm.expectRevert(below);
        market.postOrder(INTERVAL, alice.account, BID, steps(1, 100));
        setTreasury(FLOOR, 0, 0);
        postOwn(alice, BID, steps(1, 100));
    }

    function test_RevertWhen_RecordsAreMalformed() external {
        Basket memory basket;
        add(basket, alice, BID, steps(1, 100));
        add(basket, bob, BID, steps(1, 100, 2, 100));
        bytes memory records = _cut(basket.records, 24);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketMalformed.selector, 10, 24));
        market.postOrders(INTERVAL, records, basket.signatures);
        records = _cut(basket.records, 13);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketMalformed.selector, 10, 13));
        market.postOrders(INTERVAL, records, basket.signatures);
        bytes memory signatures = _cut(basket.signatures, 127);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketMalformed.selector, 128, 127));
        market.postOrders(INTERVAL, basket.records, signatures);
        signatures = abi.encodePacked(basket.signatures, uint8(0));
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketMalformed.selector, 128, 129));
        market.postOrders(INTERVAL, basket.records, signatures);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketMalformed.selector, 4, 7));
        market.postStandingOrders(INTERVAL, hex"00000100000001");
        assertEq(market.chainOf(INTERVAL), bytes32(0), "nothing posted");
    }

    function test_AnEmptyBatchDoesNothing() external {
        assertEq(market.postOrders(INTERVAL, "", ""), 0, "accepted");
        assertEq(market.postStandingOrders(INTERVAL, ""), 0, "standing");
        assertEq(market.chainOf(INTERVAL), bytes32(0), "chain");
    }

    // --- accounts

    function test_RevertWhen_AccountIsUnknown() external {
        uint32 nobody = newMeter(FEEDER, stranger, EnergySource.None);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketUnknownAccount.selector, nobody));
        market.postOrder(INTERVAL, nobody, BID, steps(1, 100));
        SignedOrder memory order = signedOrder(alice.signerKey, INTERVAL, nobody, 0, BID, steps(1, 100));
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketUnknownAccount.selector, nobody));
        market.postSignedOrder(order);
        Basket memory bad;
        addSigned(bad, alice.signerKey, nobody, 0, BID, steps(1, 100));
        _checkSkipped(bad, nobody, OrderFault.UnknownAccount);
        assertEq(market.feedersOf(INTERVAL, 0), 6, "feeders with orders only");
    }

    function test_AnUnknownAccountNamesNoFeeder() external {
        Basket memory bad;
        addSigned(bad, alice.signerKey, type(uint32).max, 0, BID, steps(1, 100));
        _checkSkipped(bad, type(uint32).max, OrderFault.UnknownAccount);
        assertEq(market.feedersOf(INTERVAL, type(uint16).max >> 8), 0, "feeder");
        assertEq(market.feedersOf(INTERVAL, type(uint32).max >> 16), 0, "feeder of a long number");
    }

    function test_RevertWhen_Barred() external {
        registry.setStatus(carol.account, MeterStatus.Sharing);
        market.refreshAccount(carol.account);
        bytes memory barred = abi.encodeWithSelector(IEnergyMarket.EnergyMarketBarred.selector, carol.account);
        vm.expectRevert(barred);
        postOwn(carol, BID, steps(1, 100));
        SignedOrder memory order = _signed(carol, BID, steps(1, 100));
        vm.expectRevert(barred);
        market.postSignedOrder(order);
        _checkSkipped(_basket(carol, BID, steps(1, 100)), carol.account, OrderFault.Barred);
    }

    function test_RevertWhen_Indebted() external {
        Home memory dave = newHome(FEEDER, EnergySource.None, 0);
        setDebt(dave, 5);
        bytes memory indebted = abi.encodeWithSelector(IEnergyMarket.EnergyMarketIndebted.selector, dave.account, 5);
        vm.expectRevert(indebted);
        postOwn(dave, BID, steps(1, 100));
        SignedOrder memory order = _signed(dave, BID, steps(1, 100));
        vm.expectRevert(indebted);
        market.postSignedOrder(order);
        _checkSkipped(_basket(dave, BID, steps(1, 100)), dave.account, OrderFault.Indebted);
        pay(dave, FUNDS);
        postOwn(dave, BID, steps(1, 100));
    }

    // --- flags

    function test_RevertWhen_FlagsAreUnknown() external {
        uint8[5] memory flags = [uint8(0x20), 0x40, 0x80, OFFER | GREEN_FIRST, OFFER | GREEN_ONLY];
        for (uint256 i = 0; i < flags.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IEnergyMarket.EnergyMarketUnknownFlags.selector, carol.account, flags[i])
            );
            postOwn(carol, flags[i], steps(1, 100));
            SignedOrder memory order = _signed(carol, flags[i], steps(1, 100));
            vm.expectRevert(
                abi.encodeWithSelector(IEnergyMarket.EnergyMarketUnknownFlags.selector, carol.account, flags[i])
            );
            market.postSignedOrder(order);
            uint256 snapshot = vm.snapshotState();
            _checkSkipped(_basket(carol, flags[i], steps(1, 100)), carol.account, OrderFault.UnknownFlags);
            vm.revertToState(snapshot);
        }
    }

    function test_RevertWhen_TheRulesHaveNoSuchBook() external {
        uint8 rules = EnergyRules.BY_FEEDER | EnergyRules.FEEDER_FIRST;
        _checkNotOffered(GREEN_FIRST, rules);
        _checkNotOffered(GREEN_ONLY, rules);
        postOwn(carol, OFFER | FEEDER_ONLY, steps(1, 100));
        assertEq(market.levelsOf(INTERVAL, FEEDER, BookClass.OfferFeederOnly)[1], 100, "feeder offer");
        postOwn(alice, FEEDER_ONLY, steps(1, 100));
        assertEq(market.levelsOf(INTERVAL, FEEDER, BookClass.BidFeederOnly)[1], 100, "feeder bid");
    }

    function test_RevertWhen_TheRulesHaveNoFeederBook() external {
        buildEnergyCity(EnergyRules.GREEN);
        alice = newHome(FEEDER);
        bob = newHome(OTHER_FEEDER);
        carol = newHome(FEEDER, EnergySource.Solar, FUNDS);
        _checkNotOffered(FEEDER_ONLY, EnergyRules.GREEN);
        _checkNotOffered(OFFER | FEEDER_ONLY, EnergyRules.GREEN);
        postOwn(carol, OFFER, steps(1, 100));
        assertEq(market.levelsOf(INTERVAL, 0, BookClass.OfferGreen)[1], 100, "green offer");
        postOwn(alice, GREEN_FIRST, steps(2, 100));
        assertEq(market.levelsOf(INTERVAL, 0, BookClass.BidGreenFirst)[2], 100, "green first");
        postOwn(bob, GREEN_ONLY, steps(3, 100));
        assertEq(market.levelsOf(INTERVAL, 0, BookClass.BidGreenOnly)[3], 100, "green only");
        Home memory dave = newHome(FEEDER);
        postOwn(dave, OFFER, steps(4, 100));
        assertEq(market.levelsOf(INTERVAL, 0, BookClass.Offer)[4], 100, "offer without a source");
    }

    // --- steps

    function test_RevertWhen_ThereAreNoStepsOrTooMany() external {
        bytes memory none = abi.encodeWithSelector(IEnergyMarket.EnergyMarketTooManySteps.selector, 0, 4);
        bytes memory five = abi.encodeWithSelector(IEnergyMarket.EnergyMarketTooManySteps.selector, 5, 4);
        vm.expectRevert(none);
        postOwn(alice, BID, new Step[](0));
        vm.expectRevert(five);
        postOwn(alice, BID, new Step[](5));
        SignedOrder memory order = _signed(alice, BID, new Step[](0));
        vm.expectRevert(none);
        market.postSignedOrder(order);
        order = _signed(alice, BID, new Step[](5));
        vm.expectRevert(five);
        market.postSignedOrder(order);
    }

    function test_RevertWhen_TickIsOutOfBand() external {
        uint8 tick = uint8(HIGHEST_TICK) + 1;
        bytes memory badTick = abi.encodeWithSelector(
            IEnergyMarket.EnergyMarketBadTick.selector,
            carol.account,
            tick,
            HIGHEST_TICK
        );
        vm.expectRevert(badTick);
        postOwn(carol, BID, steps(0, 100, tick, 100));
        SignedOrder memory order = _signed(carol, OFFER, steps(tick, 100));
        vm.expectRevert(badTick);
        market.postSignedOrder(order);
        _checkSkipped(_basket(carol, OFFER, steps(tick, 100)), carol.account, OrderFault.BadTick);
        postOwn(carol, OFFER, steps(tick - 1, 100));
        assertEq(freeOf(carol), FUNDS, "an offer at retail locks nothing");
    }

    function test_RevertWhen_AStepIsBelowTheMinimum() external {
        bytes memory below = abi.encodeWithSelector(
            IEnergyMarket.EnergyMarketBelowMinimum.selector,
            carol.account,
            MINIMUM_WH - 1,
            MINIMUM_WH
        );
        vm.expectRevert(below);
        postOwn(carol, BID, steps(0, 100, 1, MINIMUM_WH - 1));
        // Not the step that has just as much as it must.
        vm.expectRevert(below);
        postOwn(carol, OFFER, steps(0, MINIMUM_WH, 1, MINIMUM_WH - 1));
        SignedOrder memory order = _signed(carol, OFFER, steps(1, MINIMUM_WH - 1));
        vm.expectRevert(below);
        market.postSignedOrder(order);
        _checkSkipped(_basket(carol, OFFER, steps(1, MINIMUM_WH - 1)), carol.account, OrderFault.BelowMinimum);
        postOwn(carol, OFFER, steps(1, MINIMUM_WH));
    }

    function test_RevertWhen_CapIsExceeded() external {
        vm.expectRevert(
            abi.encodeWithSelector(
                IEnergyMarket.EnergyMarketCapExceeded.selector,
                carol.account,
                IMPORT_CAP + 1,
                IMPORT_CAP
            )
        );
        postOwn(carol, BID, steps(0, IMPORT_CAP - 99, 1, 100));
        SignedOrder memory order = _signed(carol, OFFER, steps(1, EXPORT_CAP + 1));
        vm.expectRevert(
            abi.encodeWithSelector(
                IEnergyMarket.EnergyMarketCapExceeded.selector,
                carol.account,
                EXPORT_CAP + 1,
                EXPORT_CAP
            )
        );
        market.postSignedOrder(order);
        _checkSkipped(_basket(carol, OFFER, steps(1, EXPORT_CAP + 1)), carol.account, OrderFault.CapExceeded);
        postOwn(carol, BID, steps(0, IMPORT_CAP - 100, 1, 100));
    }

    // --- posted before

    function test_RevertWhen_PostedBefore() external {
        postOwn(carol, BID, steps(1, 100));
        bytes memory posted = abi.encodeWithSelector(
            IEnergyMarket.EnergyMarketAlreadyPosted.selector,
            carol.account,
            INTERVAL
        );
        vm.expectRevert(posted);
        postOwn(carol, BID, steps(1, 100));
        SignedOrder memory order = _signed(carol, OFFER, steps(1, 100));
        vm.expectRevert(posted);
        market.postSignedOrder(order);
        _checkSkipped(_basket(carol, BID, steps(1, 100)), carol.account, OrderFault.AlreadyPosted);
    }

    function test_ASecondOrderOfABatchIsLeftOut() external {
        Basket memory basket;
        add(basket, carol, BID, steps(1, 100));
        add(basket, bob, BID, steps(1, 100));
        add(basket, carol, OFFER, steps(2, 100));
        bytes memory kept = _cut(basket.records, 20);
        _expectPosted(bytes32(0), kept);
        _expectSkipped(abi.encodePacked(carol.account, OrderFault.AlreadyPosted));
        assertEq(post(basket), 2, "accepted");
    }

    function test_RevertWhen_AnAgreementIsOnTheOtherSide() external {
        bytes memory conflict = abi.encodeWithSelector(
            IEnergyMarket.EnergyMarketSideConflict.selector,
            carol.account,
            INTERVAL
        );
        setPosted(carol.account, 8);
        vm.expectRevert(conflict);
        postOwn(carol, BID, steps(1, 100));
        setPosted(carol.account, 4);
        SignedOrder memory order = _signed(carol, OFFER, steps(1, 100));
        vm.expectRevert(conflict);
        market.postSignedOrder(order);
        _checkSkipped(_basket(carol, OFFER, steps(1, 100)), carol.account, OrderFault.SideConflict);
        postOwn(carol, BID, steps(1, 100));
    }

    function test_AnOrderOnTheSideOfAnAgreementIsTaken() external {
        setPosted(carol.account, 8);
        postOwn(carol, OFFER, steps(1, 100));
        assertEq(market.levelsOf(INTERVAL, FEEDER, BookClass.Offer)[1], 100, "offer");
    }

    // --- signatures

    function test_RevertWhen_SomebodyElseSigned() external {
        SignedOrder memory order = signedOrder(bob.signerKey, INTERVAL, carol.account, 0, BID, steps(1, 100));
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketBadSignature.selector, carol.account, bob.signer)
        );
        market.postSignedOrder(order);
        Basket memory bad;
        addSigned(bad, bob.signerKey, carol.account, 0, BID, steps(1, 100));
        _checkSkipped(bad, carol.account, OrderFault.BadSignature);
    }

    function test_RevertWhen_SomebodyElseSignedInALaterEpoch() external {
        _bump(carol);
        Basket memory bad;
        addSigned(bad, bob.signerKey, carol.account, 1, BID, steps(1, 100));
        _checkSkipped(bad, carol.account, OrderFault.BadSignature);
    }

    function test_RevertWhen_SignatureIsTheOtherOne() external {
        SignedOrder memory order = _signed(carol, BID, steps(1, 100));
        uint256 n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        uint256 s = n - uint256(order.vs & bytes32(type(uint256).max >> 1));
        // The high twin does not fit ERC-2098 as a rule; cut to 255 bits it is another s, above the limit as well or not
        // the signer's.
        order.vs = bytes32(uint256(type(uint256).max >> 1) & s) ^ bytes32(uint256(1) << 255);
        vm.expectRevert();
        market.postSignedOrder(order);
        order.vs = bytes32(type(uint256).max);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketBadSignature.selector, carol.account, address(0))
        );
        market.postSignedOrder(order);
        order.vs = 0;
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketBadSignature.selector, carol.account, address(0))
        );
        market.postSignedOrder(order);
        Basket memory bad;
        bad.records = recordOf(carol.account, BID, steps(1, 100));
        bad.signatures = abi.encodePacked(order.r, type(uint256).max);
        uint256 snapshot = vm.snapshotState();
        _checkSkipped(bad, carol.account, OrderFault.BadSignature);
        vm.revertToState(snapshot);
        bad.signatures = abi.encodePacked(uint256(0), uint256(0));
        _checkSkipped(bad, carol.account, OrderFault.BadSignature);
    }

    function test_RevertWhen_SignedForAnotherIntervalOrOrder() external {
        SignedOrder memory order = _signed(carol, BID, steps(1, 100));
        order.interval = INTERVAL + 1;
        vm.expectRevert();
        market.postSignedOrder(order);
        order = _signed(carol, BID, steps(1, 100));
        order.steps[0].wh = 101;
        vm.expectRevert();
        market.postSignedOrder(order);
        order = _signed(carol, BID, steps(1, 100));
        market.postSignedOrder(order);
    }

    function test_RevertWhen_EpochIsStale() external {
        SignedOrder memory order = _signed(carol, BID, steps(1, 100));
        Basket memory bad = _basket(carol, BID, steps(1, 100));
        _bump(carol);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketStaleEpoch.selector, carol.account, 0, 1));
        market.postSignedOrder(order);
        _checkSkipped(bad, carol.account, OrderFault.StaleEpoch);
        order = signedOrder(carol.signerKey, INTERVAL, carol.account, 2, BID, steps(1, 100));
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketStaleEpoch.selector, carol.account, 2, 1));
        market.postSignedOrder(order);
        postOwn(carol, BID, steps(1, 100));
    }

    function test_RevertWhen_TheEpochOfADelegateIsStale() external {
        (address key, uint256 secret) = _delegate(carol, 0, type(uint24).max, type(uint32).max);
        SignedOrder memory order = signedOrder(secret, INTERVAL, carol.account, 0, BID, steps(1, 100));
        Basket memory bad;
        addSigned(bad, secret, carol.account, 0, BID, steps(1, 100));
        Basket memory later;
        addSigned(later, secret, carol.account, 1, BID, steps(1, 100));
        _bump(carol);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketStaleEpoch.selector, carol.account, 0, 1));
        market.postSignedOrder(order);
        uint256 snapshot = vm.snapshotState();
        _checkSkipped(bad, carol.account, OrderFault.StaleEpoch);
        vm.revertToState(snapshot);
        _checkSkipped(later, carol.account, OrderFault.BadSignature);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketNotOwner.selector, carol.account, key));
        vm.prank(key);
        market.postOrder(INTERVAL, carol.account, BID, steps(1, 100));
    }

    // --- delegates

    function test_ADelegateOrdersInItsBounds() external {
        (address key, uint256 secret) = _delegate(carol, BASE_PRICE + 10, BASE_PRICE + 20, 1_000);
        vm.prank(key);
        market.postOrder(INTERVAL, carol.account, BID, steps(10, 400, 20, 600));
        (, secret) = _delegate(bob, BASE_PRICE + 10, BASE_PRICE + 20, 1_000);
        market.postSignedOrder(signedOrder(secret, INTERVAL, bob.account, 0, OFFER, steps(10, 1_000)));
        (, secret) = _delegate(alice, BASE_PRICE + 10, BASE_PRICE + 20, 1_000);
        Basket memory basket;
        addSigned(basket, secret, alice.account, 0, BID, steps(10, 400, 20, 600));
        assertEq(post(basket), 1, "batch");
    }

    function test_RevertWhen_ADelegateGoesBeyondItsBounds() external {
        (address key, uint256 secret) = _delegate(carol, BASE_PRICE + 10, BASE_PRICE + 20, 1_000);
        _checkDelegateLimit(key, secret, steps(10, 100, 9, 100), BASE_PRICE + 9, BASE_PRICE + 10);
        _checkDelegateLimit(key, secret, steps(10, 100, 21, 100), BASE_PRICE + 21, BASE_PRICE + 20);
        _checkDelegateLimit(key, secret, steps(10, 901, 20, 100), 1_001, 1_000);
        uint256 until = market.delegateOf(carol.account, key).until;
        vm.warp(until + 1);
        _checkDelegateLimit(key, secret, steps(10, 100), until + 1, until);
        vm.warp(until);
        vm.prank(key);
        market.postOrder(INTERVAL, carol.account, BID, steps(10, 100));
    }

    // --- direct

    function test_TheOwnerPostsDirectly() external {
        vm.prank(carol.owner);
        market.postOrder(INTERVAL, carol.account, OFFER, steps(1, 100));
        assertEq(market.levelsOf(INTERVAL, FEEDER, BookClass.Offer)[1], 100, "level");
    }

    function test_RevertWhen_AStrangerPostsDirectly() external {
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketNotOwner.selector, carol.account, stranger));
        vm.prank(stranger);
        market.postOrder(INTERVAL, carol.account, OFFER, steps(1, 100));
    }

    // --- money

    function test_RevertWhen_NotCovered() external {
        uint256 needed = bidLock(20, 100);
        Home memory dave = newHome(FEEDER, EnergySource.None, needed - 1);
        bytes memory short = abi.encodeWithSelector(
            IEnergyMarket.EnergyMarketInsufficientFree.selector,
            dave.account,
            needed,
            needed - 1
        );
        vm.expectRevert(short);
        postOwn(dave, BID, steps(20, 100));
        SignedOrder memory order = _signed(dave, BID, steps(20, 100));
        vm.expectRevert(short);
        market.postSignedOrder(order);
        _checkSkipped(_basket(dave, BID, steps(20, 100)), dave.account, OrderFault.InsufficientFree);
        pay(dave, 1);
        postOwn(dave, BID, steps(20, 100));
        assertEq(freeOf(dave), 0, "all locked");
    }

    function test_AnOfferLocksWhatIsMissingToRetail() external {
        postOwn(carol, OFFER, steps(20, 100, 30, 50));
        assertEq(freeOf(carol), FUNDS - offerLock(20, 100) - offerLock(30, 50), "free");
        postOwn(alice, BID, steps(20, 100, 30, 50));
        assertEq(freeOf(alice), FUNDS - bidLock(20, 100) - bidLock(30, 50), "free");
    }

    // --- books

    function test_StepsOfABatchStandInTheBooksOfTheirFeeders() external {
        Step[] memory four = new Step[](4);
        (four[0], four[1], four[2], four[3]) = (Step(0, 10), Step(3, 20), Step(3, 30), Step(220, 40));
        Basket memory basket;
        add(basket, alice, BID, four);
        add(basket, bob, BID, four);
        add(basket, carol, BID, four);
        _expectPosted(bytes32(0), basket.records);
        assertEq(post(basket), 3, "accepted");
        for (uint16 feeder = FEEDER; feeder <= OTHER_FEEDER; ++feeder) {
            uint64[256] memory levels = market.levelsOf(INTERVAL, feeder, BookClass.Bid);
            uint64 meters = feeder == FEEDER ? 2 : 1;
            assertEq(levels[0], meters * 10, "tick 0");
            assertEq(levels[3], meters * 50, "tick 3");
            assertEq(levels[220], meters * 40, "tick 220");
            assertEq(levels[1], 0, "tick 1");
        }
        assertEq(market.feedersOf(INTERVAL, 0), 6, "feeders");
        assertEq(uint256(market.stateOf(INTERVAL)), uint256(IntervalState.Open), "state");
    }

    function test_BatchesChain() external {
        Basket memory first = _basket(alice, BID, steps(1, 100));
        Basket memory second = _basket(bob, OFFER, steps(1, 100));
        post(first);
        bytes32 chain = keccak256(abi.encodePacked(bytes32(0), keccak256(first.records)));
        assertEq(market.chainOf(INTERVAL), chain, "first");
        _expectPosted(chain, second.records);
        post(second);
        chain = keccak256(abi.encodePacked(chain, keccak256(second.records)));
        _expectPosted(chain, recordOf(carol.account, OFFER, steps(2, 100)));
        postOwn(carol, OFFER, steps(2, 100));
        chain = keccak256(abi.encodePacked(chain, keccak256(recordOf(carol.account, OFFER, steps(2, 100)))));
        assertEq(market.chainOf(INTERVAL), chain, "third");
    }

    function test_WordsOfARingAreUsedAgain() external {
        postOwn(alice, BID, steps(1, 100));
        uint32 later = INTERVAL + 1024;
        vm.warp(EPOCH + 1024 * LENGTH);
        vm.prank(alice.signer);
        market.postOrder(later, alice.account, BID, steps(2, 50));
        uint64[256] memory levels = market.levelsOf(later, FEEDER, BookClass.Bid);
        assertEq(levels[1], 0, "of the earlier interval");
        assertEq(levels[2], 50, "of the later one");
        assertEq(market.levelsOf(INTERVAL, FEEDER, BookClass.Bid)[1], 0, "given up");
        vm.prank(alice.signer);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketAlreadyPosted.selector, alice.account, later));
        market.postOrder(later, alice.account, BID, steps(2, 50));
    }

    function test_TheFirstOrderFreezesTheTariff() external {
        postOwn(alice, BID, steps(HIGHEST_TICK_8, 100));
        vm.mockCallRevert(address(registry), abi.encodeWithSelector(IEnergyRegistry.tariffOf.selector), "");
        postOwn(bob, BID, steps(HIGHEST_TICK_8, 100));
        vm.expectRevert();
        market.postOrders(INTERVAL + 1, "", "");
    }

    // --- standing orders

    function test_StandingOrdersPostByNumber() external {
        _place(carol, OFFER, steps(20, 100, 30, 50));
        _place(bob, BID, steps(40, 60));
        bytes memory records = abi.encodePacked(
            recordOf(carol.account, OFFER, steps(20, 100, 30, 50)),
            recordOf(bob.account, BID, steps(40, 60))
        );
        _expectPosted(bytes32(0), records);
        _expectSkipped(abi.encodePacked(alice.account, OrderFault.NoStandingOrder));
        vm.prank(relayer);
        uint256 accepted = market.postStandingOrders(
            INTERVAL,
            abi.encodePacked(carol.account, alice.account, bob.account)
        );
        assertEq(accepted, 2, "accepted");
        assertEq(freeOf(carol), FUNDS - offerLock(20, 100) - offerLock(30, 50), "free");
        assertEq(market.levelsOf(INTERVAL, OTHER_FEEDER, BookClass.Bid)[40], 60, "level");
    }

    function test_StandingOrdersThatAreNotDueAreLeftOut() external {
        _place(carol, OFFER, steps(20, 100));
        _place(bob, BID, steps(HIGHEST_TICK_8 + 1, 100));
        _place(alice, BID, steps(20, 100));
        _bump(alice);
        postOwn(carol, BID, steps(1, 100));
        _expectSkipped(
            abi.encodePacked(
                carol.account,
                OrderFault.AlreadyPosted,
                bob.account,
                OrderFault.BadTick,
                alice.account,
                OrderFault.NoStandingOrder,
                type(uint32).max,
                OrderFault.NoStandingOrder
            )
        );
        bytes memory accounts = abi.encodePacked(carol.account, bob.account, alice.account, type(uint32).max);
        assertEq(market.postStandingOrders(INTERVAL, accounts), 0, "accepted");
        vm.warp(opensAt(INTERVAL + 11));
        _expectSkippedAt(INTERVAL + 11, abi.encodePacked(carol.account, OrderFault.NoStandingOrder));
        assertEq(market.postStandingOrders(INTERVAL + 11, abi.encodePacked(carol.account)), 0, "past the run");
        Home memory dave = newHome(FEEDER, EnergySource.None, 5);
        _place(dave, BID, steps(20, 100));
        _expectSkipped(abi.encodePacked(dave.account, OrderFault.InsufficientFree));
        assertEq(market.postStandingOrders(INTERVAL, abi.encodePacked(dave.account)), 0, "not covered");
    }

    function test_AStandingOrderIsNotDueAtOtherPrices() external {
        _place(carol, OFFER, steps(20, 100));
        Tariff memory tariff = plainTariff(EnergyRules.BY_FEEDER);
        // The same tick would ask for less, and then for more.
        tariff.basePrice = BASE_PRICE + 1;
        uint16 higher = registry.createTariff(tariff);
        tariff.basePrice = BASE_PRICE;
        tariff.tickSize = 2;
        uint16 coarser = registry.createTariff(tariff);
        tariff.tickSize = 1;
        tariff.retail = RETAIL + 10;
        uint16 dearer = registry.createTariff(tariff);
        uint32 first = registry.firstChangeable();
        uint16[] memory numbers = new uint16[](3);
        (numbers[0], numbers[1], numbers[2]) = (higher, coarser, dearer);
        registry.scheduleTariffs(first, numbers);
        vm.prank(carol.owner);
        StandingOrder memory order = StandingOrder(
            carol.account,
            0,
            first,
            first + 2,
            BASE_PRICE,
            1,
            OFFER,
            steps(20, 90)
        );
        market.placeStandingOrder(order, 0, 0, unsigned());
        vm.warp(opensAt(first + 2));
        for (uint32 i = 0; i < 2; ++i) {
            _expectSkippedAt(first + i, abi.encodePacked(carol.account, OrderFault.OtherPrices));
            assertEq(market.postStandingOrders(first + i, abi.encodePacked(carol.account)), 0, "other prices");
        }
        assertEq(market.postStandingOrders(first + 2, abi.encodePacked(carol.account)), 1, "ticks mean the same");
    }

    // --- helpers

    uint8 private constant HIGHEST_TICK_8 = uint8(HIGHEST_TICK);

    function _signed(Home memory home, uint8 flags, Step[] memory list) private view returns (SignedOrder memory) {
        return signedOrder(home.signerKey, INTERVAL, home.account, market.accountOf(home.account).epoch, flags, list);
    }

    function _basket(Home memory home, uint8 flags, Step[] memory list) private view returns (Basket memory basket) {
        add(basket, home, flags, list);
    }

    function _bump(Home memory home) private {
        vm.prank(home.owner);
        market.bumpEpoch(home.account, 0, 0, unsigned());
    }

    function _place(Home memory home, uint8 flags, Step[] memory list) private {
        vm.prank(home.owner);
        market.placeStandingOrder(
            StandingOrder(home.account, 0, INTERVAL, INTERVAL + 10, BASE_PRICE, 1, flags, list),
            0,
            0,
            unsigned()
        );
    }

    function _delegate(
        Home memory home,
        uint24 minPrice,
        uint24 maxPrice,
        uint32 maxWh
    ) private returns (address key, uint256 secret) {
        (key, secret) = actor(string.concat("delegate of ", vm.toString(home.account)));
        vm.prank(home.owner);
        market.setDelegate(
            home.account,
            key,
            Delegate(minPrice, maxPrice, maxWh, uint40(EPOCH + 1 hours)),
            0,
            0,
            unsigned()
        );
    }

    /// @dev One bad order between two good ones.
    function _checkSkipped(Basket memory bad, uint32 account, OrderFault fault) private {
        Home memory before = newHome(FEEDER);
        Home memory behind = newHome(OTHER_FEEDER);
        Basket memory basket;
        add(basket, before, BID, steps(5, 100));
        bytes memory kept = basket.records;
        basket.records = abi.encodePacked(basket.records, bad.records);
        basket.signatures = abi.encodePacked(basket.signatures, bad.signatures);
        add(basket, behind, OFFER, steps(6, 200));
        kept = abi.encodePacked(kept, recordOf(behind.account, OFFER, steps(6, 200)));
        bytes32 chain = market.chainOf(INTERVAL);
        _expectPosted(chain, kept);
        _expectSkipped(abi.encodePacked(account, fault));
        assertEq(post(basket), 2, "accepted");
        assertEq(market.chainOf(INTERVAL), keccak256(abi.encodePacked(chain, keccak256(kept))), "chain");
        assertEq(freeOf(before), FUNDS - bidLock(5, 100), "first");
        assertEq(freeOf(behind), FUNDS - offerLock(6, 200), "second");
    }

    function _checkNotOffered(uint8 flags, uint8 rules) private {
        bytes memory notOffered = abi.encodeWithSelector(
            IEnergyMarket.EnergyMarketNotOffered.selector,
            carol.account,
            flags,
            rules
        );
        vm.expectRevert(notOffered);
        postOwn(carol, flags, steps(1, 100));
        SignedOrder memory order = _signed(carol, flags, steps(1, 100));
        vm.expectRevert(notOffered);
        market.postSignedOrder(order);
        uint256 snapshot = vm.snapshotState();
        _checkSkipped(_basket(carol, flags, steps(1, 100)), carol.account, OrderFault.NotOffered);
        vm.revertToState(snapshot);
    }

    function _checkDelegateLimit(
        address key,
        uint256 secret,
        Step[] memory list,
        uint256 value,
        uint256 limit
    ) private {
        bytes memory limited = abi.encodeWithSelector(
            IEnergyMarket.EnergyMarketDelegateLimit.selector,
            carol.account,
            key,
            value,
            limit
        );
        vm.expectRevert(limited);
        vm.prank(key);
        market.postOrder(INTERVAL, carol.account, BID, list);
        SignedOrder memory order = signedOrder(secret, INTERVAL, carol.account, 0, BID, list);
        vm.expectRevert(limited);
        market.postSignedOrder(order);
        Basket memory bad;
        addSigned(bad, secret, carol.account, 0, BID, list);
        uint256 snapshot = vm.snapshotState();
        _checkSkipped(bad, carol.account, OrderFault.DelegateLimit);
        vm.revertToState(snapshot);
    }

    function _expectPosted(bytes32 previous, bytes memory records) private {
        vm.expectEmit(address(market));
        emit IEnergyMarket.OrdersPosted(
            INTERVAL,
            keccak256(abi.encodePacked(previous, keccak256(records))),
            previous,
            records
        );
    }

    function _expectSkipped(bytes memory faults) private {
        _expectSkippedAt(INTERVAL, faults);
    }

    function _expectSkippedAt(uint32 interval, bytes memory faults) private {
        vm.expectEmit(address(market));
        emit IEnergyMarket.OrdersSkipped(interval, faults.length / 5, faults);
    }

    function _cut(bytes memory data, uint256 length) private pure returns (bytes memory cut) {
        cut = new bytes(length);
        for (uint256 i = 0; i < length; ++i) cut[i] = data[i];
    }
}
