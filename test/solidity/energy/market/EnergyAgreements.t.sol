// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISigned, Signature} from "../../../../contracts/authority/ISigned.sol";
import {AccountSlots} from "../../../../contracts/energy/market/AccountSlots.sol";
import {
    AccountDetails,
    IntervalRecord,
    LedgerKeys,
    MarketFrame
} from "../../../../contracts/energy/market/EnergyLedger.sol";
import {
    Agreement,
    IEnergyMarket,
    IntervalState,
    OrderFault,
    Position
} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {IEnergyRegistry, Tariff} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {EnergyCity, Home} from "./EnergyFixture.sol";
import {SettlementDesk} from "./SettlementFixture.sol";

/// @notice A registry that knows one tariff, that of the desk with another retail price.
contract OneTariff {
    function tariffOf(uint32) external pure returns (Tariff memory tariff) {
        return Tariff({feedIn: 80, retail: 330, feederFee: 15, gridFee: 40, basePrice: 80, tickSize: 1, rules: 0});
    }
}

/// @notice {EnergyAgreements}.
contract EnergyAgreementsTest is SettlementDesk {
    uint32 private constant BUYER = 0x100;
    uint32 private constant SELLER = 0x201;
    uint32 private constant NEIGHBOUR = 0x13c;
    uint32 private constant LENGTH = 900;
    uint32 private constant HORIZON = 96;
    uint32 private constant GATE_LEAD = 300;
    uint32 private constant RING = 1_024;
    uint64 private constant FLOOR = 1_000;
    uint32 private constant LAST = INTERVAL + 9;

    address private _owner;
    address private _stranger;
    MarketFrame private _frame;

    function setUp() public {
        buildDesk(0);
        desk.setState(INTERVAL, IntervalState.Open);
        (_owner, ) = actor("owner");
        (_stranger, ) = actor("stranger");
        open(BUYER, FUNDS);
        open(SELLER, FUNDS);
        open(NEIGHBOUR, FUNDS);
        desk.setDetails(BUYER, AccountDetails(_owner, 0, 1, 0));
        _frame.registry = IEnergyRegistry(address(new OneTariff()));
        _frame.intervalLength = LENGTH;
        _frame.horizon = HORIZON;
        _frame.gateLead = GATE_LEAD;
        _frame.ring = RING;
        _frame.supplierFloor = FLOOR;
        vm.warp(uint256(INTERVAL) * LENGTH - GATE_LEAD - 1);
    }

    /// @dev 100 Wh at 150, for ten intervals from INTERVAL on.
    function _agreement() private pure returns (Agreement memory agreement) {
        return Agreement(BUYER, SELLER, INTERVAL, LAST, 150, 100, 7);
    }

    function _make(Agreement memory agreement) private returns (bytes32 agreementId) {
        return desk.agree(agreement, INTERVAL);
    }

    function _ids(bytes32 agreementId) private pure returns (bytes32[] memory ids) {
        ids = new bytes32[](1);
        ids[0] = agreementId;
    }

    function _ids(bytes32 first, bytes32 second) private pure returns (bytes32[] memory ids) {
        ids = new bytes32[](2);
        (ids[0], ids[1]) = (first, second);
    }

    function _post(bytes32 agreementId) private returns (uint256 accepted) {
        return desk.postAgreements(_frame, INTERVAL, _ids(agreementId));
    }

    function _assertPosition(uint32 account, Position memory expected) private view {
        Position memory position = desk.positionOf(INTERVAL, account);
        assertEq(keccak256(abi.encode(position)), keccak256(abi.encode(expected)), "position");
    }

    /// @dev Sides of a meter: bids, offers, buys, sells.
    function _sidesOf(uint32 account) private view returns (uint256 sides) {
        uint256 position = account & 0xff;
        uint256 word = desk.postedOf(LedgerKeys.wordOf(INTERVAL, RING, account >> 8, position / 56));
        assertEq(word >> 224, INTERVAL, "tag");
        return (word >> (4 * (position % 56))) & 0xf;
    }

    function _setSides(uint32 account, uint256 sides) private {
        uint256 position = account & 0xff;
        uint256 word = (uint256(INTERVAL) << 224) | (sides << (4 * (position % 56)));
        desk.setPosted(LedgerKeys.wordOf(INTERVAL, RING, account >> 8, position / 56), word);
    }

    // agree
    // ├── buyer is seller, no energy: reverts
    // ├── run empty, past, too long: reverts
    // ├── made before: reverts
    // └── good: stored under its hash, event
    function test_RevertWhen_AgreementIsNone() public {
        Agreement memory agreement = _agreement();
        agreement.seller = BUYER;
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketInvalidAgreement.selector, BUYER, BUYER, uint32(100))
        );
        _make(agreement);
        agreement = _agreement();
        agreement.wh = 0;
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketInvalidAgreement.selector, BUYER, SELLER, uint32(0))
        );
        _make(agreement);
    }

    function _expectInvalidRun(Agreement memory agreement) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IEnergyMarket.EnergyMarketInvalidRun.selector,
                agreement.fromInterval,
                agreement.toInterval
            )
        );
        desk.agree(agreement, INTERVAL);
    }

    function test_RevertWhen_TheRunIsInvalid() public {
        Agreement memory agreement = _agreement();
        agreement.toInterval = INTERVAL - 1;
        _expectInvalidRun(agreement);
        agreement.fromInterval = INTERVAL - 5;
        _expectInvalidRun(agreement);
        agreement.fromInterval = INTERVAL;
        agreement.toInterval = INTERVAL + 65_535;
        _expectInvalidRun(agreement);
    }

    function test_RevertWhen_AgreedBefore() public {
        bytes32 agreementId = _make(_agreement());
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketAgreementExists.selector, agreementId));
        _make(_agreement());
    }

    function test_Agrees() public {
        Agreement memory agreement = _agreement();
        agreement.fromInterval = INTERVAL - 3;
        agreement.toInterval = agreement.fromInterval + 65_534;
        bytes32 expected = keccak256(abi.encode(agreement));
        vm.expectEmit(address(desk));
        emit IEnergyMarket.AgreementMade(expected, BUYER, SELLER, agreement);
        assertEq(_make(agreement), expected, "id");
        assertEq(
            keccak256(abi.encode(desk.agreementOf(expected))),
            keccak256(abi.encode(agreement)),
            "stored as it was made"
        );
    }

    // end
    // ├── unknown: reverts
    // ├── neither owner nor signer of an account: reverts
    // ├── an interval that is open: reverts
    // ├── after its last interval: reverts
    // ├── within the run: the last interval is the one before; owner or signer of either account
    // └── from its first interval on, or before: deleted
    function test_RevertWhen_EndingWhatIsUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketUnknownAgreement.selector, bytes32("x")));
        desk.end("x", INTERVAL, INTERVAL);
    }

    function test_RevertWhen_AStrangerEnds() public {
        bytes32 agreementId = _make(_agreement());
        vm.prank(_stranger);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketNotOwner.selector, BUYER, _stranger));
        desk.end(agreementId, LAST, INTERVAL);
    }

    function test_RevertWhen_EndingAnOpenInterval() public {
        bytes32 agreementId = _make(_agreement());
        vm.prank(_owner);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEnergyMarket.EnergyMarketTooLateToEnd.selector,
                agreementId,
                INTERVAL + 4,
                INTERVAL + 5
            )
        );
        desk.end(agreementId, INTERVAL + 4, INTERVAL + 5);
    }

    function test_RevertWhen_EndingAfterTheLastInterval() public {
        bytes32 agreementId = _make(_agreement());
        vm.prank(_owner);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketUnchanged.selector));
        desk.end(agreementId, LAST + 1, INTERVAL + 5);
    }

    function test_EndsEarlierAndEarlier() public {
        bytes32 agreementId = _make(_agreement());
        // The accounts' signers have the addresses of their numbers.
        address[3] memory parties = [_owner, address(uint160(BUYER)), address(uint160(SELLER))];
        for (uint32 i = 0; i < parties.length; ++i) {
            vm.prank(parties[i]);
            vm.expectEmit(address(desk));
            emit IEnergyMarket.AgreementEnded(agreementId, LAST - i);
            desk.end(agreementId, LAST - i, INTERVAL + 1);
            assertEq(desk.agreementOf(agreementId).toInterval, LAST - i - 1, "last interval");
        }
    }

    function test_EndsBeforeItBegins() public {
        bytes32 agreementId = _make(_agreement());
        vm.prank(_owner);
        vm.expectEmit(address(desk));
        emit IEnergyMarket.AgreementEnded(agreementId, INTERVAL);
        desk.end(agreementId, INTERVAL, INTERVAL - 1);
        assertEq(desk.agreementOf(agreementId).wh, 0, "deleted");
        assertEq(_make(_agreement()), agreementId, "can be made again");
    }

    // post: as a whole
    // ├── interval not open, gate closed, supplier below its floor: reverts
    // ├── unknown, before or after its run, posted before, an account changed hands: left out and named, the rest is posted
    // └── first post to the interval: the tariff is bound
    function test_RevertWhen_TheIntervalTakesNoAgreements() public {
        bytes32 agreementId = _make(_agreement());
        uint256 opensAt = uint256(INTERVAL - HORIZON) * LENGTH;
        vm.warp(opensAt - 1);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketNotOpen.selector, INTERVAL, opensAt));
        _post(agreementId);
        uint256 closedAt = uint256(INTERVAL) * LENGTH - GATE_LEAD;
        vm.warp(closedAt);
        vm.expectRevert(abi.encodeWithSelector(IEnergyMarket.EnergyMarketGateClosed.selector, INTERVAL, closedAt));
        _post(agreementId);
    }

    function test_RevertWhen_TheSupplierIsBelowItsFloor() public {
        bytes32 agreementId = _make(_agreement());
        setSupplier(FLOOR - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyMarket.EnergyMarketSupplierBelowFloor.selector, FLOOR - 1, FLOOR)
        );
        _post(agreementId);
    }

    function _expectLeftOut(bytes32 agreementId, OrderFault fault) private {
        vm.expectEmit(address(desk));
        emit IEnergyMarket.AgreementSkipped(agreementId, INTERVAL, fault, 0);
        assertEq(_post(agreementId), 0, "accepted");
    }

    function test_LeavesOutWhatIsNotDue() public {
        _expectLeftOut("x", OrderFault.UnknownAgreement);
        bytes32 agreementId = _make(_agreement());
        vm.prank(_owner);
        desk.end(agreementId, INTERVAL, INTERVAL);
        _expectLeftOut(agreementId, OrderFault.UnknownAgreement);
        Agreement memory agreement = _agreement();
        agreement.fromInterval = INTERVAL + 1;
        agreementId = _make(agreement);
        _expectLeftOut(agreementId, OrderFault.NotRunning);
        agreement.fromInterval = INTERVAL - 2;
        agreement.toInterval = INTERVAL - 1;
        agreementId = desk.agree(agreement, INTERVAL - 1);
        _expectLeftOut(agreementId, OrderFault.NotRunning);
        agreementId = _make(_agreement());
        assertEq(_post(agreementId), 1, "posted once");
        _expectLeftOut(agreementId, OrderFault.AlreadyPosted);
    }

    function test_LeavesOutWhatLapsed() public {
        bytes32 agreementId = _make(_agreement());
        desk.setDetails(BUYER, AccountDetails(_stranger, 0, 2, 0));
        _expectLeftOut(agreementId, OrderFault.Lapsed);
        desk.setDetails(BUYER, AccountDetails(_owner, 0, 1, 0));
        desk.setDetails(SELLER, AccountDetails(_stranger, 0, 1, 0));
        _expectLeftOut(agreementId, OrderFault.Lapsed);
    }

    function test_ADeadAgreementDoesNotStopTheOthers() public {
        bytes32 first = _make(_agreement());
        Agreement memory agreement = _agreement();
        agreement.salt = 8;
        bytes32 last = _make(agreement);
        bytes32[] memory ids = new bytes32[](4);
        (ids[0], ids[1], ids[2], ids[3]) = ("x", first, first, last);
        assertEq(desk.postAgreements(_frame, INTERVAL, ids), 2, "accepted");
        assertEq(desk.positionOf(INTERVAL, BUYER).wh, 200, "both, and each once");
    }

    function test_FirstPostBindsTheTariff() public {
        IntervalRecord memory none;
        desk.setInterval(INTERVAL, none);
        bytes32 first = _make(_agreement());
        Agreement memory agreement = _agreement();
        agreement.salt = 8;
        bytes32 second = _make(agreement);
        assertEq(desk.postAgreements(_frame, INTERVAL, _ids(first, second)), 2, "accepted");
        IntervalRecord memory record = desk.intervalOf(INTERVAL);
        assertEq(record.retail, 330, "retail of the registry");
        assertEq(uint256(record.state), uint256(IntervalState.Open), "open");
        assertEq(record.positionsLeft, 2, "positions");
        assertFree(SELLER, FUNDS - 2 * 100 * 180);
    }

    function test_NothingAcceptedBindsNothing() public {
        IntervalRecord memory none;
        desk.setInterval(INTERVAL, none);
        bytes32 agreementId = _make(_agreement());
        indebt(BUYER, 1);
        desk.setDetails(BUYER, AccountDetails(_owner, 1, 1, 0));
        assertEq(_post(agreementId), 0, "accepted");
        assertEq(desk.intervalOf(INTERVAL).tickSize, 0, "no tariff is bound");
    }

    // post: one agreement
    // ├── barred, indebted, cap, side, cover of the buyer; then of the seller: left out and named
    // ├── from another feeder: the grid fee; the seller locks what is missing to retail
    // ├── from the same feeder: the lower fee
    // ├── at a price above retail: the seller locks nothing; a gift: the buyer locks the fee
    // └── more than one: they add up
    function _expectSkipped(OrderFault fault, uint32 account) private {
        bytes32 agreementId = keccak256(abi.encode(_agreement()));
        bytes32[] memory ids = _ids(agreementId);
        vm.expectEmit(address(desk));
        emit IEnergyMarket.AgreementSkipped(agreementId, INTERVAL, fault, account);
        assertEq(desk.postAgreements(_frame, INTERVAL, ids), 0, "accepted");
    }

    function _setFlag(uint32 account, uint256 flag) private {
        desk.setAccount(account, desk.accountOf(account).withFlag(flag, true));
    }

    function test_SkipsTheBarred() public {
        _make(_agreement());
        _setFlag(SELLER, AccountSlots.BARRED);
        _expectSkipped(OrderFault.Barred, SELLER);
        _setFlag(BUYER, AccountSlots.BARRED);
        _expectSkipped(OrderFault.Barred, BUYER);
    }

    function test_SkipsTheIndebted() public {
        _make(_agreement());
        _setFlag(SELLER, AccountSlots.INDEBTED);
        _expectSkipped(OrderFault.Indebted, SELLER);
        _setFlag(BUYER, AccountSlots.INDEBTED);
        _expectSkipped(OrderFault.Indebted, BUYER);
    }

    function test_SkipsWhatIsAboveTheCap() public {
        Agreement memory agreement = _agreement();
        agreement.price = 1;
        agreement.wh = uint32(EXPORT_CAP - 99);
        open(SELLER, 10 * FUNDS);
        assertEq(_post(_make(agreement)), 1, "within the cap");
        _make(_agreement());
        _expectSkipped(OrderFault.CapExceeded, SELLER);
        agreement.seller = NEIGHBOUR;
        agreement.wh = uint32(IMPORT_CAP - EXPORT_CAP);
        open(NEIGHBOUR, 10 * FUNDS);
        assertEq(_post(_make(agreement)), 1, "within the cap");
        _expectSkipped(OrderFault.CapExceeded, BUYER);
        agreement.wh = 99;
        assertEq(_post(_make(agreement)), 1, "up to the buyer's cap");
        agreement.wh = 1;
        assertEq(_post(_make(agreement)), 0, "not beyond");
    }

    function test_SkipsASideConflict() public {
        _make(_agreement());
        uint256[4] memory sides = [uint256(1), 4, 2, 8];
        for (uint256 i = 0; i < 4; ++i) {
            bool sells = i < 2;
            _setSides(sells ? SELLER : BUYER, sides[i]);
            _expectSkipped(OrderFault.SideConflict, sells ? SELLER : BUYER);
            _setSides(sells ? SELLER : BUYER, 0);
        }
        // Sides that agree, and what was written for another turn of the ring.
        _setSides(BUYER, 1);
        _setSides(SELLER, 2);
        assertEq(_post(keccak256(abi.encode(_agreement()))), 1, "accepted");
        assertEq(_sidesOf(BUYER), 5, "bids and buys");
        assertEq(_sidesOf(SELLER), 10, "offers and sells");
    }

    function test_HeedsNoWordOfAnotherInterval() public {
        bytes32 agreementId = _make(_agreement());
        desk.setPosted(LedgerKeys.wordOf(INTERVAL, RING, 1, 0), (uint256(INTERVAL - RING) << 224) | 0xff);
        assertEq(_post(agreementId), 1, "accepted");
        assertEq(_sidesOf(BUYER), 4, "buys");
    }

    function test_SkipsWhatIsNotCovered() public {
        _make(_agreement());
        open(SELLER, 16_999);
        _expectSkipped(OrderFault.InsufficientFree, SELLER);
        open(BUYER, 18_999);
        _expectSkipped(OrderFault.InsufficientFree, BUYER);
        open(SELLER, 17_000);
        open(BUYER, 19_000);
        assertEq(_post(keccak256(abi.encode(_agreement()))), 1, "just covered");
        assertFree(BUYER, 0);
        assertFree(SELLER, 0);
    }

    function test_PostsFromAnotherFeeder() public {
        bytes32 agreementId = _make(_agreement());
        bytes32[] memory ids = _ids(agreementId);
        vm.expectEmit(address(desk));
        emit IEnergyMarket.AgreementPosted(agreementId, INTERVAL, 15_000, 4_000);
        assertEq(desk.postAgreements(_frame, INTERVAL, ids), 1, "accepted");
        assertFree(BUYER, FUNDS - 19_000);
        assertFree(SELLER, FUNDS - 17_000);
        _assertPosition(BUYER, Position(100, false, 15_000, 4_000, 19_000));
        _assertPosition(SELLER, Position(100, true, 15_000, 0, 17_000));
        assertEq(desk.positionedOf(INTERVAL, 1), 1, "the buyer's bit");
        assertEq(desk.positionedOf(INTERVAL, 2), 2, "the seller's bit");
        assertEq(desk.feedersOf(INTERVAL, 0), 6, "feeders");
        assertEq(desk.intervalOf(INTERVAL).positionsLeft, 2, "positions");
        assertEq(_sidesOf(BUYER), 4, "buys");
        assertEq(_sidesOf(SELLER), 8, "sells");
        assertEq(desk.agreementPosted(agreementId, 0), 1, "posted");
    }

    function test_PostsFromTheSameFeeder() public {
        Agreement memory agreement = _agreement();
        agreement.seller = NEIGHBOUR;
        agreement.fromInterval = INTERVAL - 300;
        bytes32 agreementId = _make(agreement);
        assertEq(_post(agreementId), 1, "accepted");
        _assertPosition(BUYER, Position(100, false, 15_000, 1_500, 16_500));
        assertEq(_sidesOf(BUYER), 4, "buys");
        assertEq(_sidesOf(NEIGHBOUR), 8, "sells");
        assertEq(desk.agreementPosted(agreementId, 1), 1 << 44, "posted");
    }

    function test_PostsAGift() public {
        Agreement memory agreement = _agreement();
        agreement.price = 0;
        assertEq(_post(_make(agreement)), 1, "accepted");
        _assertPosition(BUYER, Position(100, false, 0, 4_000, 4_000));
        _assertPosition(SELLER, Position(100, true, 0, 0, 32_000));
    }

    function test_PostsAtAPriceAboveRetail() public {
        Agreement memory agreement = _agreement();
        agreement.price = 321;
        assertEq(_post(_make(agreement)), 1, "accepted");
        _assertPosition(SELLER, Position(100, true, 32_100, 0, 0));
    }

    function test_AgreementsAddUp() public {
        Agreement memory agreement = _agreement();
        bytes32 first = _make(agreement);
        agreement.salt = 8;
        agreement.price = 200;
        bytes32 second = _make(agreement);
        bytes32[] memory ids = _ids(first, second);
        assertEq(desk.postAgreements(_frame, INTERVAL, ids), 2, "accepted");
        _assertPosition(BUYER, Position(200, false, 35_000, 8_000, 43_000));
        _assertPosition(SELLER, Position(200, true, 35_000, 0, 29_000));
        assertEq(desk.intervalOf(INTERVAL).positionsLeft, 2, "positions");
    }

    /// @dev What agreements lock and what comes of them after settlement or refund is all there is.
    function testFuzz_AgreementsAreZeroSum(
        uint24 price,
        uint32 wh,
        int32 drawn,
        int32 sold,
        bool voided,
        uint64 supplier
    ) public {
        price = uint24(bound(price, 0, 400));
        wh = uint32(bound(wh, 1, 2_000));
        measure(BUYER, drawn % 10_000);
        measure(SELLER, sold % 10_000);
        setSupplier(uint64(bound(supplier, FLOOR, 1_000_000)));
        uint256 before = money();
        Agreement memory agreement = _agreement();
        (agreement.price, agreement.wh) = (price, wh);
        assertEq(_post(_make(agreement)), 1, "accepted");
        bytes memory accounts = abi.encodePacked(SELLER, BUYER);
        if (voided) {
            desk.setState(INTERVAL, IntervalState.Void);
            desk.refundPositions(INTERVAL, accounts);
            assertFree(BUYER, FUNDS);
            assertFree(SELLER, FUNDS);
        } else {
            desk.setState(INTERVAL, IntervalState.Settling);
            desk.settlePositions(readings, INTERVAL, accounts, rowsFor(accounts));
        }
        assertEq(money(), before, "all money");
    }
}

/// @notice {IEnergyMarket-agree}: who has to consent.
contract AgreementConsentTest is EnergyCity {
    bytes32 private constant AGREEMENT_TYPEHASH = keccak256(
        "Agreement(uint32 buyer,uint32 seller,uint32 fromInterval,uint32 toInterval,uint24 price,uint32 wh,uint64 salt,uint256 nonce,uint256 deadline)"
    );
    uint256 private constant DEADLINE = EPOCH + 1 days;

    Home private alice;
    Home private bob;
    Agreement private _agreement;

    function setUp() public {
        buildEnergyCity(0);
        alice = newHome(FEEDER);
        bob = newHome(FEEDER);
        _agreement = Agreement(alice.account, bob.account, INTERVAL, INTERVAL + 9, 150, 100, 7);
    }

    function _hash(uint256 nonce) private view returns (bytes32 hash) {
        return keccak256(abi.encodePacked(AGREEMENT_TYPEHASH, abi.encode(_agreement), abi.encode(nonce, DEADLINE)));
    }

    function _agree(Signature memory buyer, Signature memory seller) private {
        vm.prank(relayer);
        market.agree(_agreement, 3, 4, DEADLINE, buyer, seller);
    }

    function _expectNotSigned(address signer, uint256 nonce) private {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, _hash(nonce)));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, signer, digest));
    }

    // agree
    // ├── one of the two has not signed: reverts
    // ├── both have: made, once
    // └── one of the two calls: the other's signature is enough
    function test_RevertWhen_OneOfTheTwoHasNotSigned() external {
        Signature memory buyer = signTyped(alice.ownerKey, domain, _hash(3));
        Signature memory seller = signTyped(bob.ownerKey, domain, _hash(4));
        _expectNotSigned(alice.owner, 3);
        _agree(signTyped(bob.ownerKey, domain, _hash(3)), seller);
        _expectNotSigned(bob.owner, 4);
        _agree(buyer, signTyped(alice.ownerKey, domain, _hash(4)));
        // Neither by the signature of another agreement.
        _agreement.price = 151;
        _expectNotSigned(alice.owner, 3);
        _agree(buyer, seller);
    }

    function test_BothSign() external {
        Signature memory buyer = signTyped(alice.ownerKey, domain, _hash(3));
        Signature memory seller = signTyped(bob.ownerKey, domain, _hash(4));
        vm.expectEmit(address(market));
        emit IEnergyMarket.AgreementMade(keccak256(abi.encode(_agreement)), alice.account, bob.account, _agreement);
        _agree(buyer, seller);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, alice.owner, 3));
        _agree(buyer, seller);
    }

    function test_WhoCallsNeedNotSign() external {
        vm.prank(alice.owner);
        market.agree(_agreement, 0, 4, DEADLINE, unsigned(), signTyped(bob.ownerKey, domain, _hash(4)));
        _agreement.salt = 8;
        vm.prank(bob.owner);
        market.agree(_agreement, 3, 0, DEADLINE, signTyped(alice.ownerKey, domain, _hash(3)), unsigned());
    }
}
