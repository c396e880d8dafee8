// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    BookClass,
    Delegate,
    IEnergyMarket,
    OrderFault,
    StandingOrder,
    Step
} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {EnergyRules, EnergySource, MeterStatus} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {Vm} from "../../utils/Vm.sol";
import {Basket, EnergyCity, Home} from "./EnergyFixture.sol";

/// Random batches, with every kind of fault in them, against a model that takes one order after the other: the same orders
/// are taken, for the same locks, into the same levels, and the chain is of the same records; however they are cut into
/// batches, and whether they come signed or standing.
contract EnergyOrdersFuzzTest is EnergyCity {
    uint256 private constant HOMES = 8;
    uint256 private constant CLASSES = 7;

    struct Order {
        uint256 home;
        uint8 flags;
        Step[] steps;
        uint256 signing;
    }

    Home[] private homes;
    uint256 private delegateKey;
    uint8 private rules;

    // --- the model

    uint256[HOMES] private free;
    bool[HOMES] private posted;
    mapping(uint16 feeder => mapping(BookClass class => mapping(uint8 tick => uint256 wh))) private level;
    bytes32 private chain;
    bytes private kept;
    bytes private faults;

    // --- the tests

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_BatchesAreTakenAsTheModelSays(uint256 seed, uint8 rules_) external {
        _build(rules_);
        vm.recordLogs();
        uint256 batches = 1 + (_draw(seed, 0) % 3);
        for (uint256 i = 0; i < batches; ++i) {
            Basket memory basket;
            uint256 count = _draw(seed, 1 + i) % 7;
            uint256 accepted = 0;
            for (uint256 j = 0; j < count; ++j) {
                Order memory order = _order(_draw(seed, 100 * (i + 1) + j));
                _sign(basket, order);
                if (_model(order)) ++accepted;
            }
            assertEq(post(basket), accepted, "accepted");
            _close();
        }
        _check();
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_StandingOrdersAreTakenAsTheModelSays(uint256 seed, uint8 rules_) external {
        _build(rules_);
        bytes memory accounts;
        uint256 accepted = 0;
        Order[HOMES] memory orders;
        bool[HOMES] memory standing;
        for (uint256 i = 0; i < HOMES; ++i) {
            orders[i] = _order(_draw(seed, i));
            orders[i].home = i;
            orders[i].signing = 4;
            // More than that is refused when a standing order is placed.
            for (uint256 k = 0; k < orders[i].steps.length; ++k) orders[i].steps[k].wh &= (1 << 20) - 1;
            if (orders[i].flags & 0xe0 != 0) continue;
            standing[i] = true;
            Home memory home = homes[i];
            vm.prank(home.owner);
            market.placeStandingOrder(
                StandingOrder(home.account, 1, INTERVAL, INTERVAL, BASE_PRICE, 1, orders[i].flags, orders[i].steps),
                0,
                0,
                unsigned()
            );
        }
        vm.recordLogs();
        uint256 count = _draw(seed, 99) % 12;
        for (uint256 j = 0; j < count; ++j) {
            uint256 i = _draw(seed, 100 + j) % HOMES;
            accounts = abi.encodePacked(accounts, homes[i].account);
            if (!standing[i]) faults = abi.encodePacked(faults, homes[i].account, OrderFault.NoStandingOrder);
            else if (_model(orders[i])) ++accepted;
        }
        assertEq(market.postStandingOrders(INTERVAL, accounts), accepted, "accepted");
        _close();
        _check();
    }

    // --- the world

    /// @dev Four homes on each feeder: 0 and 4 certified, 1 poor, 5 barred, 6 indebted, 7 with a delegate. All in epoch 1.
    function _build(uint8 rules_) private {
        rules = rules_ & (EnergyRules.BY_FEEDER | EnergyRules.GREEN);
        if (rules & EnergyRules.BY_FEEDER != 0) rules |= rules_ & EnergyRules.FEEDER_FIRST;
        buildEnergyCity(rules);
        for (uint256 i = 0; i < HOMES; ++i) {
            free[i] =
                i == 6
                    ? 0
                    : i == 1
                        ? 100_000
                        : FUNDS;
            Home memory home = newHome(
                i < HOMES / 2 ? FEEDER : OTHER_FEEDER,
                i % 4 == 0 ? EnergySource.Solar : EnergySource.None,
                free[i]
            );
            homes.push(home);
            vm.prank(home.owner);
            market.bumpEpoch(home.account, 0, 0, unsigned());
        }
        registry.setStatus(homes[5].account, MeterStatus.Suspended);
        market.refreshAccount(homes[5].account);
        setDebt(homes[6], 1);
        address key;
        (key, delegateKey) = actor("delegate");
        vm.prank(homes[7].owner);
        Delegate memory delegate = Delegate(BASE_PRICE + 50, BASE_PRICE + 150, 2_000, uint40(EPOCH + 1));
        market.setDelegate(homes[7].account, key, delegate, 0, 0, unsigned());
    }

    /// @dev Mostly good orders, now and then a bad one.
    function _order(uint256 random) private pure returns (Order memory order) {
        order.home = random % HOMES;
        order.flags = uint8(_draw(random, 1) & 1);
        if (_draw(random, 2) % 4 == 0) order.flags |= uint8((_draw(random, 3) & 3) << 3);
        if (_draw(random, 4) % 16 == 0) order.flags |= uint8(0x20 << (_draw(random, 5) % 3));
        order.steps = new Step[](1 + (_draw(random, 6) % 4));
        for (uint256 i = 0; i < order.steps.length; ++i) {
            uint256 draw = _draw(random, 7 + i);
            uint256 tick = draw % (draw % 8 == 0 ? 256 : HIGHEST_TICK + 1);
            uint256 wh = 1 + ((draw >> 128) % ((draw >> 64) % 8 == 0 ? 2 * IMPORT_CAP : 900));
            order.steps[i] = Step(uint8(tick), uint32(wh));
        }
        order.signing = _draw(random, 20) % 12;
    }

    /// @dev 0: another home's signer; 1: a delegate; 2: the epoch before; 3: a bad signature; else: the home's signer.
    function _sign(Basket memory basket, Order memory order) private view {
        Home memory home = homes[order.home];
        uint256 key = home.signerKey;
        if (order.signing == 0) key = homes[(order.home + 1) % HOMES].signerKey;
        if (order.signing == 1) key = delegateKey;
        addSigned(basket, key, home.account, order.signing == 2 ? 0 : 1, order.flags, order.steps);
        if (order.signing != 3) return;
        bytes memory signatures = basket.signatures;
        signatures[signatures.length - 32] = 0x7f;
        signatures[signatures.length - 31] = 0xff;
    }

    // --- the model

    function _model(Order memory order) private returns (bool taken) {
        OrderFault fault = _fault(order);
        Home memory home = homes[order.home];
        if (fault != OrderFault.None) {
            faults = abi.encodePacked(faults, home.account, fault);
            return false;
        }
        free[order.home] -= _lock(order);
        posted[order.home] = true;
        uint16 book = rules & EnergyRules.BY_FEEDER == 0 ? 0 : uint16(home.account >> 8);
        for (uint256 i = 0; i < order.steps.length; ++i) {
            level[book][_class(order)][order.steps[i].tick] += order.steps[i].wh;
        }
        // An offer that counts as green is recorded as such.
        uint8 flags = _class(order) == BookClass.OfferGreen ? order.flags | 0x08 : order.flags;
        kept = abi.encodePacked(kept, recordOf(home.account, flags, order.steps));
        return true;
    }

    function _fault(Order memory order) private view returns (OrderFault fault) {
        if (order.home == 5) return OrderFault.Barred;
        if (order.home == 6) return OrderFault.Indebted;
        uint256 kind = (order.flags >> 3) & 3;
        bool offer = order.flags & OFFER != 0;
        if (order.flags & 0xe0 != 0 || (offer && (kind == 1 || kind == 2))) return OrderFault.UnknownFlags;
        if (kind == 3 && rules & EnergyRules.FEEDER_FIRST == 0) return OrderFault.NotOffered;
        if ((kind == 1 || kind == 2) && rules & EnergyRules.GREEN == 0) return OrderFault.NotOffered;
        uint256 total = 0;
        for (uint256 i = 0; i < order.steps.length; ++i) {
            if (order.steps[i].tick > HIGHEST_TICK) return OrderFault.BadTick;
            if (order.steps[i].wh < MINIMUM_WH) return OrderFault.BelowMinimum;
            total += order.steps[i].wh;
        }
        if (total > (offer ? EXPORT_CAP : IMPORT_CAP)) return OrderFault.CapExceeded;
        if (posted[order.home]) return OrderFault.AlreadyPosted;
        fault = _signing(order, total);
        if (fault == OrderFault.None && _lock(order) > free[order.home]) return OrderFault.InsufficientFree;
    }

    function _signing(Order memory order, uint256 total) private pure returns (OrderFault fault) {
        if (order.signing == 2) return OrderFault.StaleEpoch;
        if (order.signing == 0 || order.signing == 3) return OrderFault.BadSignature;
        if (order.signing != 1) return OrderFault.None;
        if (order.home != 7) return OrderFault.BadSignature;
        if (total > 2_000) return OrderFault.DelegateLimit;
        for (uint256 i = 0; i < order.steps.length; ++i) {
            if (order.steps[i].tick < 50 || order.steps[i].tick > 150) return OrderFault.DelegateLimit;
        }
    }

    function _class(Order memory order) private view returns (BookClass class) {
        uint256 kind = (order.flags >> 3) & 3;
        if (order.flags & OFFER == 0) return BookClass(kind);
        if (kind == 3) return BookClass.OfferFeederOnly;
        bool green = rules & EnergyRules.GREEN != 0 && order.home % 4 == 0;
        return green ? BookClass.OfferGreen : BookClass.Offer;
    }

    function _lock(Order memory order) private pure returns (uint256 lock) {
        for (uint256 i = 0; i < order.steps.length; ++i) {
            (uint256 tick, uint256 wh) = (order.steps[i].tick, order.steps[i].wh);
            lock += order.flags & OFFER != 0 ? offerLock(tick, wh) : bidLock(tick, wh);
        }
    }

    // --- comparing

    /// @dev The batch is over: what the model kept and left out is what was told.
    function _close() private {
        bytes memory told;
        bytes memory skipped;
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == IEnergyMarket.OrdersPosted.selector)
                (, told) = abi.decode(logs[i].data, (bytes32, bytes));
            if (logs[i].topics[0] != IEnergyMarket.OrdersSkipped.selector) continue;
            uint256 count;
            (count, skipped) = abi.decode(logs[i].data, (uint256, bytes));
            assertEq(count, skipped.length / 5, "count");
        }
        assertEq(keccak256(told), keccak256(kept), "records");
        assertEq(keccak256(skipped), keccak256(faults), "faults");
        if (kept.length != 0) chain = keccak256(abi.encodePacked(chain, keccak256(kept)));
        kept = "";
        faults = "";
    }

    function _check() private view {
        assertEq(market.chainOf(INTERVAL), chain, "chain");
        uint256 feeders = 0;
        for (uint256 i = 0; i < HOMES; ++i) {
            assertEq(freeOf(homes[i]), free[i], "free");
            if (posted[i]) feeders |= 1 << (homes[i].account >> 8);
        }
        assertEq(market.feedersOf(INTERVAL, 0), feeders, "feeders");
        for (uint16 book = 0; book <= OTHER_FEEDER; ++book) {
            for (uint256 class = 0; class < CLASSES; ++class) _checkLevels(book, BookClass(class));
        }
    }

    function _checkLevels(uint16 book, BookClass class) private view {
        uint256 bits = 0;
        uint64[256] memory seen = market.levelsOf(INTERVAL, book, class);
        for (uint256 tick = 0; tick < seen.length; ++tick) {
            assertEq(seen[tick], level[book][class][uint8(tick)], "level");
            if (seen[tick] != 0) bits |= 1 << (tick / 8);
        }
        uint256 header = headerOf(book) >> (uint256(class) * 32);
        assertEq(header & type(uint32).max, bits, "header");
    }

    function _draw(uint256 random, uint256 index) private pure returns (uint256 drawn) {
        return uint256(keccak256(abi.encode(random, index)));
    }
}
