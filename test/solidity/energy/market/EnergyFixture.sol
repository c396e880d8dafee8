// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Signature} from "../../../../contracts/authority/ISigned.sol";
import {AccountSlot, AccountSlots} from "../../../../contracts/energy/market/AccountSlots.sol";
import {Roles} from "../../../../contracts/authority/Roles.sol";
import {EnergyMarket} from "../../../../contracts/energy/market/EnergyMarket.sol";
import {EnergyRegistry} from "../../../../contracts/energy/registry/EnergyRegistry.sol";
import {
    IEnergyMarket,
    IntervalState,
    MarketSettings,
    OrderFlags,
    SignedOrder,
    Step
} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {
    EnergySource,
    IEnergyRegistry,
    Meter,
    MeterClass,
    MeterStatus,
    Tariff
} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {IMeterReadings} from "../../../../contracts/energy/readings/IMeterReadings.sol";
import {CityEuro} from "../../../../contracts/finance/CityEuro.sol";
import {Identities} from "../../../../contracts/identity/Identities.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

/// @notice Readings of a market whose orders alone are of interest: it names registry and identities, and has no value.
contract NoReadings {
    IEnergyRegistry public immutable registry;
    Identities public immutable identities;
    uint32 public constant window = 2 hours;

    constructor(IEnergyRegistry registry_, Identities identities_) {
        registry = registry_;
        identities = identities_;
    }
}

/// @notice A household with its meter, its account and its keys.
struct Home {
    uint32 account;
    address owner;
    uint256 ownerKey;
    address signer;
    uint256 signerKey;
}

/// @notice Orders of a batch under construction.
struct Basket {
    bytes records;
    bytes signatures;
}

/// @notice A district with two feeders, a market on them, and homes that have money. Prices are 80 (feed-in and tick zero)
/// to 300 (retail, tick 220), fees 20 inside a feeder and 100 beyond. The test itself administers.
abstract contract EnergyCity is CivitasTest {
    bytes32 internal constant ORDER_TYPEHASH = keccak256(
        "Order(uint32 interval,uint32 account,uint16 epoch,uint8 flags,Step[] steps)Step(uint8 tick,uint32 wh)"
    );
    bytes32 internal constant STEP_TYPEHASH = keccak256("Step(uint8 tick,uint32 wh)");

    uint32 internal constant LENGTH = 900;
    uint32 internal constant HORIZON = 96;
    uint32 internal constant KEY_DELAY = 1 days;
    uint32 internal constant GATE_LEAD = 300;
    uint32 internal constant LONG_STOP = 7 days;
    uint32 internal constant MINIMUM_WH = 10;
    uint64 internal constant FLOOR = 1_000_000;
    uint64 internal constant MONEY_UNIT = 1;
    /// @dev Smallest power of two above horizon and long stop.
    uint32 internal constant RING = 1024;
    /// @dev Number of {EnergyLedger-intervals} among the ledger's members, and where the state stands in them.
    uint256 private constant INTERVALS_FIELD = 11;
    uint256 private constant STATE_SHIFT = 144;
    /// @dev Number of {EnergyLedger-posted} among the ledger's members.
    uint256 private constant POSTED_FIELD = 19;
    uint256 private constant HEADERS_FIELD = 20;

    uint16 internal constant FEEDER = 1;
    uint16 internal constant OTHER_FEEDER = 2;
    uint32 internal constant IMPORT_CAP = 6_000;
    uint32 internal constant EXPORT_CAP = 4_000;
    uint24 internal constant FEED_IN = 80;
    uint24 internal constant RETAIL = 300;
    uint24 internal constant FEEDER_FEE = 20;
    uint24 internal constant GRID_FEE = 100;
    uint24 internal constant BASE_PRICE = 80;
    uint256 internal constant HIGHEST_TICK = 220;
    /// @dev What the supplier and every home begin with, money units.
    uint256 internal constant SUPPLIER_FUNDS = 1_000_000_000;
    uint256 internal constant FUNDS = 10_000_000;

    /// @dev The interval that the tests post to, open at EPOCH.
    uint32 internal constant INTERVAL = uint32(EPOCH / LENGTH) + 10;

    uint8 internal constant BID = 0;
    uint8 internal constant OFFER = OrderFlags.OFFER;
    uint8 internal constant GREEN_FIRST = 0x08;
    uint8 internal constant GREEN_ONLY = 0x10;
    uint8 internal constant FEEDER_ONLY = 0x18;

    AccessManager internal manager;
    Identities internal identities;
    EnergyRegistry internal registry;
    CityEuro internal euro;
    IMeterReadings internal readings;
    EnergyMarket internal market;
    bytes32 internal domain;

    address internal operator;
    address internal grid;
    address internal supplierBody;
    address internal communityBody;
    address internal guardian;
    address internal steward;
    address internal relayer;
    address internal stranger;

    uint256 private _homes;
    uint256 private _ledgerSlot;

    /// @dev No signature: for who calls.
    function unsigned() internal pure returns (Signature memory signature) {}

    function buildEnergyCity(uint8 rules) internal {
        // A tariff may only change intervals that are not open, so the city begins long enough before the tests.
        vm.warp(EPOCH - uint256(HORIZON + 2) * LENGTH);
        (operator, ) = actor("operator");
        (grid, ) = actor("grid operator");
        (supplierBody, ) = actor("supplier");
        (communityBody, ) = actor("community");
        (guardian, ) = actor("guardian");
        (steward, ) = actor("steward");
        (relayer, ) = actor("relayer");
        (stranger, ) = actor("stranger");

        manager = new AccessManager(address(this));
        identities = new Identities();
        euro = new CityEuro(address(manager));
        registry = new EnergyRegistry(address(manager), LENGTH, HORIZON, KEY_DELAY);
        _grantRoles();
        registry.registerFeeder(FEEDER, operator, grid, address(0));
        registry.registerFeeder(OTHER_FEEDER, operator, grid, address(0));
        registry.setDefaultTariff(registry.createTariff(plainTariff(rules)), registry.firstChangeable());
        vm.warp(EPOCH);
        readings = newReadings();
        market = newMarket(euro, MONEY_UNIT);
        domain = domainOf("Civitas Energy Market", address(market));
        fund(supplierBody, SUPPLIER_FUNDS);
        vm.prank(supplierBody);
        market.topUpSupplier(SUPPLIER_FUNDS);
        _ledgerSlot = _findLedger();
    }

    /// @dev What the market asks for readings; tests of settlement replace it.
    function newReadings() internal virtual returns (IMeterReadings made) {
        return IMeterReadings(address(new NoReadings(registry, identities)));
    }

    /// @dev Another market on the same registry.
    function newMarket(IERC20 token, uint64 moneyUnit) internal returns (EnergyMarket deployed) {
        deployed = new EnergyMarket(
            address(manager),
            token,
            readings,
            supplierBody,
            grid,
            communityBody,
            MarketSettings({
                moneyUnit: moneyUnit,
                gateLead: GATE_LEAD,
                longStop: LONG_STOP,
                minimumWh: MINIMUM_WH,
                supplierFloor: FLOOR
            })
        );
        _allow(address(deployed), IEnergyMarket.pause.selector, Roles.GUARDIAN);
        _allow(address(deployed), IEnergyMarket.unpause.selector, Roles.STEWARD);
    }

    function plainTariff(uint8 rules) internal pure returns (Tariff memory tariff) {
        return
            Tariff({
                feedIn: FEED_IN,
                retail: RETAIL,
                feederFee: FEEDER_FEE,
                gridFee: GRID_FEE,
                basePrice: BASE_PRICE,
                tickSize: 1,
                rules: rules
            });
    }

    // --- homes

    /// @dev A home with a trading meter without a source, and an open account with {FUNDS}.
    function newHome(uint16 feeder) internal returns (Home memory home) {
        return newHome(feeder, EnergySource.None, FUNDS);
    }

    function newHome(uint16 feeder, EnergySource source, uint256 funds) internal returns (Home memory home) {
        string memory name = vm.toString(++_homes);
        (home.owner, home.ownerKey) = actor(string.concat("owner ", name));
        (home.signer, home.signerKey) = actor(string.concat("signer ", name));
        home.account = newMeter(feeder, home.owner, source);
        vm.prank(home.owner);
        market.openAccount(home.account, home.signer, 0, 0, unsigned());
        if (funds != 0) pay(home, funds);
    }

    function newMeter(uint16 feeder, address owner, EnergySource source) internal returns (uint32 meterId) {
        Meter memory meter = Meter({
            key: address(uint160(++_homes)),
            importCapWh: IMPORT_CAP,
            exportCapWh: EXPORT_CAP,
            source: source,
            class: MeterClass.Connection,
            status: MeterStatus.Trading
        });
        return registry.registerMeter(feeder, owner, meter);
    }

    /// @dev Mints to an account's owner and pays in.
    function pay(Home memory home, uint256 amount) internal {
        fund(home.owner, amount);
        vm.prank(home.owner);
        market.deposit(home.account, amount);
    }

    /// @dev Mints to somebody who allows the market to take it.
    function fund(address payer, uint256 amount) internal {
        euro.mint(payer, amount);
        vm.prank(payer);
        euro.approve(address(market), type(uint256).max);
    }

    function freeOf(Home memory home) internal view returns (uint256 free) {
        return market.accountOf(home.account).free;
    }

    // --- orders

    function steps(uint8 tick, uint32 wh) internal pure returns (Step[] memory list) {
        list = new Step[](1);
        list[0] = Step(tick, wh);
    }

    function steps(uint8 tick, uint32 wh, uint8 tick2, uint32 wh2) internal pure returns (Step[] memory list) {
        list = new Step[](2);
        list[0] = Step(tick, wh);
        list[1] = Step(tick2, wh2);
    }

    /// @dev What a bid locks: price and grid fee.
    function bidLock(uint256 tick, uint256 wh) internal pure returns (uint256 lock) {
        return (BASE_PRICE + tick + GRID_FEE) * wh;
    }

    /// @dev What an offer locks: what is missing from the price to retail.
    function offerLock(uint256 tick, uint256 wh) internal pure returns (uint256 lock) {
        return (RETAIL - BASE_PRICE - tick) * wh;
    }

    function withCount(uint8 flags, uint256 count) internal pure returns (uint8 counted) {
        return flags | uint8((count - 1) << OrderFlags.STEPS_SHIFT);
    }

    function recordOf(uint32 account, uint8 flags, Step[] memory list) internal pure returns (bytes memory record) {
        record = abi.encodePacked(account, withCount(flags, list.length));
        for (uint256 i = 0; i < list.length; ++i) record = abi.encodePacked(record, list[i].tick, list[i].wh);
    }

    /// @dev Digest of an order, written apart from what the market does.
    function digestOf(
        uint32 interval,
        uint32 account,
        uint16 epoch,
        uint8 flags,
        Step[] memory list
    ) internal view returns (bytes32 digest) {
        bytes memory hashes;
        for (uint256 i = 0; i < list.length; ++i) {
            hashes = abi.encodePacked(hashes, keccak256(abi.encode(STEP_TYPEHASH, list[i].tick, list[i].wh)));
        }
        bytes32 structHash = keccak256(abi.encode(ORDER_TYPEHASH, interval, account, epoch, flags, keccak256(hashes)));
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    /// @dev Signature as in ERC-2098.
    function signDigest(uint256 key, bytes32 digest) internal pure returns (bytes32 r, bytes32 vs) {
        (uint8 v, bytes32 r_, bytes32 s) = vm.sign(key, digest);
        return (r_, bytes32(uint256(s) | (uint256(v - 27) << 255)));
    }

    /// @dev An order to be sent alone, signed by `key` for `epoch`.
    function signedOrder(
        uint256 key,
        uint32 interval,
        uint32 account,
        uint16 epoch,
        uint8 flags,
        Step[] memory list
    ) internal view returns (SignedOrder memory order) {
        (bytes32 r, bytes32 vs) = signDigest(key, digestOf(interval, account, epoch, flags, list));
        return SignedOrder(interval, account, epoch, flags, list, r, vs);
    }

    /// @dev Adds an order of a home, signed by its signer for INTERVAL and its present epoch.
    function add(Basket memory basket, Home memory home, uint8 flags, Step[] memory list) internal view {
        addSigned(basket, home.signerKey, home.account, market.accountOf(home.account).epoch, flags, list);
    }

    function addSigned(
        Basket memory basket,
        uint256 key,
        uint32 account,
        uint16 epoch,
        uint8 flags,
        Step[] memory list
    ) internal view {
        (bytes32 r, bytes32 vs) = signDigest(key, digestOf(INTERVAL, account, epoch, flags, list));
        basket.records = abi.encodePacked(basket.records, recordOf(account, flags, list));
        basket.signatures = abi.encodePacked(basket.signatures, r, vs);
    }

    function post(Basket memory basket) internal returns (uint256 accepted) {
        vm.prank(relayer);
        return market.postOrders(INTERVAL, basket.records, basket.signatures);
    }

    /// @dev Posts an order directly, as the home's signer.
    function postOwn(Home memory home, uint8 flags, Step[] memory list) internal {
        vm.prank(home.signer);
        market.postOrder(INTERVAL, home.account, flags, list);
    }

    // --- debts and claims, which settlement makes, put straight into storage

    /// @dev Makes a home owe the supplier. Its free money must be zero.
    function setDebt(Home memory home, uint64 debt) internal {
        bytes32 slot = keccak256(abi.encode(home.account, _ledgerSlot + 1));
        uint256 account = uint256(vm.load(address(market), slot)) & ~AccountSlots.INDEBTED;
        vm.store(address(market), slot, bytes32(debt == 0 ? account : account | AccountSlots.INDEBTED));
        slot = keccak256(abi.encode(home.account, _ledgerSlot + 2));
        uint256 details = uint256(vm.load(address(market), slot)) & ~(uint256(type(uint64).max) << 160);
        vm.store(address(market), slot, bytes32(details | (uint256(debt) << 160)));
    }

    /// @dev Makes the supplier owe a home.
    function setClaim(Home memory home, uint64 claim) internal {
        uint256 slot = uint256(keccak256(abi.encode(home.account, _ledgerSlot + 2))) + 1;
        vm.store(address(market), bytes32(slot), bytes32(uint256(claim)));
    }

    /// @dev Writes an account's epoch.
    function setEpoch(Home memory home, uint256 epoch) internal {
        bytes32 slot = keccak256(abi.encode(home.account, _ledgerSlot + 1));
        AccountSlot account = AccountSlot.wrap(uint256(vm.load(address(market), slot)));
        vm.store(address(market), slot, bytes32(AccountSlot.unwrap(account.withEpoch(epoch))));
    }

    /// @dev Sets what the market counts: supplier, grid fees and pot; mints what is missing.
    function setTreasury(uint64 supplierBalance, uint64 gridFees, uint64 pot) internal {
        (uint256 supplierBefore, uint256 feesBefore, uint256 potBefore, uint256 held) = market.balances();
        uint256 total = held - supplierBefore - feesBefore - potBefore + supplierBalance + gridFees + pot;
        if (total > held) euro.mint(address(market), (total - held) * MONEY_UNIT);
        uint256 word = (total << 192) | (uint256(pot) << 128) | (uint256(gridFees) << 64) | supplierBalance;
        vm.store(address(market), bytes32(_ledgerSlot), bytes32(word));
    }

    /// @dev Writes what a meter has posted to INTERVAL, for itself alone in its word.
    function setPosted(uint32 account, uint256 sides) internal {
        uint256 position = account & 0xff;
        uint256 ringKey = (uint256(INTERVAL % RING) << 40) | (uint256(account >> 8) << 16) | (position / 56);
        uint256 word = (uint256(INTERVAL) << 224) | (sides << ((position % 56) * 4));
        vm.store(address(market), keccak256(abi.encode(ringKey, _ledgerSlot + POSTED_FIELD)), bytes32(word));
    }

    /// @dev Writes the state of an interval that nobody posted to.
    function setState(uint32 interval, IntervalState state) internal {
        bytes32 slot = keccak256(abi.encode(interval, _ledgerSlot + INTERVALS_FIELD));
        vm.store(address(market), slot, bytes32(uint256(state) << STATE_SHIFT));
    }

    /// @dev The header of a book in INTERVAL: which words of levels clearing will look at.
    function headerOf(uint16 book) internal view returns (uint256 header) {
        uint256 ringKey = (uint256(INTERVAL % RING) << 40) | (uint256(book) << 16);
        header = uint256(vm.load(address(market), keccak256(abi.encode(ringKey, _ledgerSlot + HEADERS_FIELD))));
        return header >> 224 == INTERVAL ? header & ((1 << 224) - 1) : 0;
    }

    /// @dev Slot of the treasury, the first of the ledger: the one that says what it should.
    function _findLedger() private view returns (uint256 slot) {
        (uint256 supplierBalance, uint256 gridFees, uint256 pot, uint256 held) = market.balances();
        uint256 word = (held << 192) | (pot << 128) | (gridFees << 64) | supplierBalance;
        while (uint256(vm.load(address(market), bytes32(slot))) != word) ++slot;
    }

    // --- time

    function opensAt(uint32 interval) internal pure returns (uint256) {
        return uint256(interval - HORIZON) * LENGTH;
    }

    function gateOf(uint32 interval) internal pure returns (uint256) {
        return uint256(interval) * LENGTH - GATE_LEAD;
    }

    function endOf(uint32 interval) internal pure returns (uint256) {
        return uint256(interval + 1) * LENGTH;
    }

    function _grantRoles() private {
        manager.grantRole(Roles.GUARDIAN, guardian, 0);
        manager.grantRole(Roles.STEWARD, steward, 0);
    }

    function _allow(address target, bytes4 selector, uint64 role) internal {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        manager.setTargetFunctionRole(target, selectors, role);
    }
}
