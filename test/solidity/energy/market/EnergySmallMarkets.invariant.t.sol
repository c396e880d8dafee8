// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    FeederRow,
    IEnergyMarket,
    PostedBatch,
    Round,
    Share,
    Step
} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {BookClass} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {EnergyRules, EnergySource} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {IMeterReadings} from "../../../../contracts/energy/readings/IMeterReadings.sol";
import {IIdentities} from "../../../../contracts/identity/IIdentities.sol";
import {MockMeterReadings} from "../../../../contracts/mocks/MockMeterReadings.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";
import {Vm} from "../../utils/Vm.sol";
import {EnergyCity, Home} from "./EnergyFixture.sol";

/// @notice The best that a small market can do, by trying everything.
library BruteForce {
    /// @dev Most units of an order, and most orders of a side on a feeder.
    uint256 internal constant UNITS = 3;
    uint256 internal constant ORDERS = 2;
    uint256 internal constant MOST = UNITS * ORDERS;
    int256 internal constant NEVER = type(int128).min;

    struct Side {
        uint256[ORDERS] ticks;
        uint256[ORDERS] units;
    }

    /// @notice Best value of exactly so many units of a side: of buying the most, of selling the least.
    function bestOf(Side memory side, bool sells) internal pure returns (int256[MOST + 1] memory best) {
        for (uint256 u = 1; u <= MOST; ++u) best[u] = NEVER;
        for (uint256 x = 0; x <= side.units[0]; ++x) {
            for (uint256 y = 0; y <= side.units[1]; ++y) {
                int256 value = int256(x * side.ticks[0] + y * side.ticks[1]);
                if (sells) value = -value;
                if (value > best[x + y]) best[x + y] = value;
            }
        }
    }

    /// @notice Greatest welfare of two feeders, in ticks times units, with at most so many units from the first to the
    /// second (`there`) and back; and most units bought among all ways to get it.
    function welfareOf(
        Side[2] memory bids,
        Side[2] memory offers,
        uint256 there,
        uint256 back
    ) internal pure returns (int256 welfare, uint256 units) {
        int256[MOST + 1][4] memory best = [
            bestOf(bids[0], false),
            bestOf(offers[0], true),
            bestOf(bids[1], false),
            bestOf(offers[1], true)
        ];
        for (uint256 buy = 0; buy <= MOST; ++buy) {
            for (uint256 sell = 0; sell <= MOST; ++sell) {
                if (best[0][buy] == NEVER || best[1][sell] == NEVER) continue;
                if (sell > buy ? sell - buy > there : buy - sell > back) continue;
                for (uint256 buyToo = 0; buyToo <= MOST; ++buyToo) {
                    if (buy + buyToo < sell || buy + buyToo - sell > MOST) continue;
                    int256[2] memory other = [best[2][buyToo], best[3][buy + buyToo - sell]];
                    if (other[0] == NEVER || other[1] == NEVER) continue;
                    int256 sum = best[0][buy] + best[1][sell] + other[0] + other[1];
                    if (sum < welfare || (sum == welfare && buy + buyToo <= units)) continue;
                    (welfare, units) = (sum, buy + buyToo);
                }
            }
        }
    }
}

/// @notice Small markets of up to four bids and four offers on two feeders. Each is played three times, in intervals of the
/// same rules: in one batch; with one order cut into steps; and order by order in another order, cleared and settled bit by
/// bit by others.
contract SmallMarketHandler is EnergyCity {
    struct Order {
        uint256 tick;
        uint256 units;
        /// @dev Into so many steps at the same tick.
        uint256 cuts;
    }

    uint256 private constant SIDES = 4;
    uint256 private constant HOMES = 8;
    /// @dev Wh of a unit: such that shares at the price are seldom whole.
    uint256 private constant UNIT = 41;
    uint256 private constant WEALTH = 1e12;
    uint256 private constant PLAYS = 3;

    MockMeterReadings private _meters;
    /// @dev Buyers 0 to 3, sellers 4 to 7; even ones on the first feeder.
    Home[] private _homes;
    uint32 private _next;
    uint256 private _there;
    uint256 private _back;
    /// @dev What the last play came to: Wh of each home.
    int256[HOMES] private _got;
    mapping(uint32 interval => PostedBatch[]) private _posted;

    mapping(string what => uint256 count) public seen;
    mapping(uint256 number => string reason) public broken;

    constructor() {
        buildEnergyCity(0);
        for (uint256 i = 0; i < HOMES; ++i) {
            _homes.push(newHome(i % 2 == 0 ? FEEDER : OTHER_FEEDER, EnergySource.None, WEALTH));
        }
        uint16[] memory ids = new uint16[](1_024);
        // Three intervals with one book, three with one for each feeder.
        (ids[0], ids[3]) = (
            registry.createTariff(plainTariff(0)),
            registry.createTariff(plainTariff(EnergyRules.BY_FEEDER))
        );
        (ids[1], ids[2], ids[4], ids[5]) = (ids[0], ids[0], ids[3], ids[3]);
        uint32 first = registry.firstChangeable();
        // Multiples of six, so that the pattern goes on over the calls.
        uint16[] memory run = new uint16[](1_020);
        for (uint256 i = 0; i < run.length; ++i) run[i] = ids[i % 6];
        for (uint32 turn = 0; turn < 6; ++turn) registry.scheduleTariffs(first + turn * 1_020, run);
        (_there, _back) = (type(uint256).max, type(uint256).max);
        _next = first;
        vm.warp(opensAt(first + 2));
    }

    function newReadings() internal override returns (IMeterReadings made) {
        _meters = new MockMeterReadings(registry, IIdentities(address(identities)));
        return IMeterReadings(address(_meters));
    }

    /// @dev Other limits between the feeders, or none, from tomorrow on.
    function limit(uint256 seed) external {
        if (_pick(seed, "rare", 2) == 0) return;
        uint256 units = _pick(seed, "there", 6);
        uint256 back = _pick(seed, "back", 5);
        uint256 there = units == 5 ? type(uint256).max : units;
        if (there == _there && back == _back) return;
        (_there, _back) = (there, back);
        uint56 exportWh = units == 5 ? type(uint56).max : uint56(units * UNIT);
        registry.limitFeeder(FEEDER, registry.firstChangeable(), uint56(_back * UNIT), exportWh);
        _next += 17 * 6;
        vm.warp(opensAt(_next + 2));
    }

    function play(uint256 seed) external {
        Order[HOMES] memory orders;
        for (uint256 i = 0; i < HOMES; ++i) {
            if (_pick(_hash(seed, i), "in", 5) == 0) continue;
            orders[i] = Order(100 + _pick(_hash(seed, i), "tick", 5), 1 + _pick(_hash(seed, i), "units", 3), 1);
        }
        uint256 cut = _pick(seed, "cut", HOMES);
        int256[HOMES] memory plain;
        bytes32 prices;
        for (uint256 turn = 0; turn < PLAYS; ++turn) {
            orders[cut].cuts = turn == 1 ? 2 + _pick(seed, "cuts", 3) : 1;
            _postAll(seed, _next + uint32(turn), orders, turn == 2);
        }
        for (uint256 turn = 0; turn < PLAYS && _posted[_next].length != 0; ++turn) {
            uint32 interval = _next + uint32(turn);
            orders[cut].cuts = turn == 1 ? 2 + _pick(seed, "cuts", 3) : 1;
            if (block.timestamp < gateOf(interval)) vm.warp(gateOf(interval));
            bytes32 cleared = _clear(interval, turn == 2 ? 1 : 100);
            _settleAll(seed, interval, turn == 2);
            _checkFills(interval, orders);
            if (turn == 0) {
                _checkOptimum(interval, orders);
                (plain, prices) = (_got, cleared);
            } else {
                _require(7, cleared == prices, "prices or sums depend on batches, calls or steps");
                _compare(orders, plain, turn == 1 ? cut : HOMES);
            }
        }
        // Three on in the rules, which take turns by three; and not begun yet.
        _next += 9;
        if (block.timestamp < opensAt(_next + 2)) vm.warp(opensAt(_next + 2));
    }

    // --- a play

    function _postAll(uint256 seed, uint32 interval, Order[HOMES] memory orders, bool alone) private {
        bytes memory records;
        bytes memory signatures;
        for (uint256 n = 0; n < HOMES; ++n) {
            // Alone: in another order.
            uint256 i = alone ? (n * 3 + (seed % HOMES)) % HOMES : n;
            if (orders[i].units == 0) continue;
            Home memory home = _homes[i];
            uint8 flags = i < SIDES ? BID : OFFER;
            Step[] memory list = _stepsOf(orders[i]);
            bytes memory record = recordOf(home.account, flags, list);
            if (alone) {
                _posted[interval].push(PostedBatch(market.chainOf(interval), record));
                vm.prank(home.signer);
                market.postOrder(interval, home.account, flags, list);
                continue;
            }
            (bytes32 r, bytes32 vs) = signDigest(home.signerKey, digestOf(interval, home.account, 0, flags, list));
            records = bytes.concat(records, record);
            signatures = abi.encodePacked(signatures, r, vs);
        }
        if (alone || records.length == 0) return;
        _posted[interval].push(PostedBatch(0, records));
        vm.prank(relayer);
        market.postOrders(interval, records, signatures);
    }

    function _stepsOf(Order memory order) private pure returns (Step[] memory list) {
        list = new Step[](order.cuts);
        uint256 left = order.units * UNIT;
        for (uint256 i = 0; i < order.cuts; ++i) {
            uint256 wh = i + 1 == order.cuts ? left : MINIMUM_WH;
            left -= wh;
            list[i] = Step(uint8(order.tick), uint32(wh));
        }
    }

    /// @dev Clears, and says all prices and sums as one hash.
    function _clear(uint32 interval, uint256 maxBooks) private returns (bytes32 cleared) {
        bool done = false;
        while (!done) {
            vm.prank(maxBooks == 1 ? stranger : relayer);
            done = market.clear(interval, maxBooks);
        }
        for (uint16 feeder = 0; feeder < 3; ++feeder) {
            Share memory bids = market.shareOf(interval, feeder, BookClass.Bid, Round.Main);
            Share memory offers = market.shareOf(interval, feeder, BookClass.Offer, Round.Main);
            cleared = keccak256(abi.encode(cleared, bids, offers));
        }
    }

    /// @dev In one call; or by two keepers, with a batch in two parts.
    function _settleAll(uint256 seed, uint32 interval, bool bitByBit) private {
        vm.warp(endOf(interval));
        _meters.accept(FEEDER, interval, "", 0);
        _meters.accept(OTHER_FEEDER, interval, "", 0);
        market.confirmReadings(interval, 2);
        delete _got;
        vm.recordLogs();
        uint256 end = _posted[interval].length;
        while (end != 0) {
            uint256 count = bitByBit ? 1 + _pick(_hash(seed, end), "batches", end) : end;
            PostedBatch[] memory batches = new PostedBatch[](count);
            for (uint256 i = 0; i < count; ++i) batches[i] = _posted[interval][--end];
            vm.prank(end % 2 == 0 ? stranger : relayer);
            market.settle(interval, batches, _rowsFor(batches));
        }
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IEnergyMarket.AccountsSettled.selector) continue;
            (, bytes memory results) = abi.decode(logs[i].data, (bytes32, bytes));
            for (uint256 k = 0; k < results.length / 12; ++k) _take(results, k);
        }
    }

    function _take(bytes memory results, uint256 index) private {
        uint256 word;
        assembly ("memory-safe") {
            word := mload(add(add(results, 0x20), mul(index, 12)))
        }
        for (uint256 i = 0; i < HOMES; ++i) {
            if (_homes[i].account == uint32(word >> 224)) _got[i] += int32(uint32(word >> 192));
        }
    }

    /// @dev No meter has a reading, so rows are empty: buyers drew what they bought, sellers fed in nothing.
    function _rowsFor(PostedBatch[] memory batches) private pure returns (FeederRow[] memory rows) {
        uint256 count = 0;
        bool[3] memory seenFeeder;
        for (uint256 i = 0; i < batches.length; ++i) {
            bytes memory records = batches[i].records;
            for (uint256 place = 0; place < records.length;) {
                uint256 feeder = uint8(records[place + 2]);
                if (!seenFeeder[feeder]) ++count;
                seenFeeder[feeder] = true;
                place += 10 + 5 * ((uint8(records[place + 4]) >> 1) & 3);
            }
        }
        return new FeederRow[](count);
    }

    // --- what must hold

    /// @dev E5: no way to trade is worth more; and of those worth as much, none trades more.
    function _checkOptimum(uint32 interval, Order[HOMES] memory orders) private {
        BruteForce.Side[2] memory bids;
        BruteForce.Side[2] memory offers;
        int256 welfare = 0;
        int256 bought = 0;
        int256 sum = 0;
        for (uint256 i = 0; i < HOMES; ++i) {
            BruteForce.Side memory side = i < SIDES ? bids[i % 2] : offers[i % 2];
            (side.ticks[(i % SIDES) / 2], side.units[(i % SIDES) / 2]) = (orders[i].tick, orders[i].units);
            welfare += _got[i] * int256(orders[i].tick);
            if (_got[i] > 0) bought += _got[i];
            sum += _got[i];
        }
        bool byFeeder = registry.tariffOf(interval).rules & EnergyRules.BY_FEEDER != 0;
        (int256 best, uint256 units) = BruteForce.welfareOf(
            bids,
            offers,
            byFeeder ? _there : type(uint256).max,
            byFeeder ? _back : type(uint256).max
        );
        _require(5, welfare == best * int256(UNIT), "welfare is not the greatest");
        _require(5, bought == int256(units * UNIT), "volume is not the greatest");
        _require(2, sum == 0, "bought and sold differ");
        if (bought != 0) ++seen["trade"];
        if (byFeeder && bought != 0) ++seen["trade by feeder"];
        if (byFeeder && _there < BruteForce.MOST) ++seen["limit"];
    }

    /// @dev E3, E4, E6: by the price and the level of its book, an order gets all, nothing or its share within 1 Wh.
    function _checkFills(uint32 interval, Order[HOMES] memory orders) private {
        bool byFeeder = registry.tariffOf(interval).rules & EnergyRules.BY_FEEDER != 0;
        for (uint256 i = 0; i < HOMES; ++i) {
            Order memory order = orders[i];
            bool offer = i >= SIDES;
            uint16 book = byFeeder ? uint16(1 + (i % 2)) : 0;
            Share memory share = market.shareOf(interval, book, offer ? BookClass.Offer : BookClass.Bid, Round.Main);
            uint256 got = uint256(offer ? -_got[i] : _got[i]);
            if (order.units == 0 || !share.traded) {
                _require(3, got == 0, "traded without a price");
                continue;
            }
            uint256 wh = order.units * UNIT;
            if (order.tick == share.tick) {
                uint256 slack = share.level * order.cuts;
                _require(6, got * share.level <= wh * share.filled + slack, "above the ideal share");
                _require(6, wh * share.filled <= got * share.level + slack, "below the ideal share");
                if (share.filled != 0 && share.filled != share.level) ++seen["share"];
            } else if ((order.tick < share.tick) == offer) {
                _require(4, got == wh, "better, and not whole");
            } else {
                _require(3, got == 0, "worse, and traded");
            }
        }
    }

    /// @dev E6, E7: the same within 1 Wh; the order that was cut within as many as it has steps.
    function _compare(Order[HOMES] memory orders, int256[HOMES] memory plain, uint256 cut) private {
        for (uint256 i = 0; i < HOMES; ++i) {
            int256 moved = _got[i] > plain[i] ? _got[i] - plain[i] : plain[i] - _got[i];
            if (moved != 0) ++seen["moved"];
            if (i == cut) {
                ++seen["cut"];
                _require(6, moved <= int256(orders[i].cuts), "cutting an order gains");
            } else {
                _require(7, moved <= 1, "fills depend on batches, calls or keepers");
            }
        }
    }

    function _require(uint256 number, bool holds, string memory reason) private {
        if (!holds && bytes(broken[number]).length == 0) broken[number] = reason;
    }

    function _hash(uint256 seed, uint256 number) private pure returns (uint256 word) {
        return uint256(keccak256(abi.encode(seed, number)));
    }

    function _pick(uint256 seed, string memory what, uint256 count) private pure returns (uint256 pick) {
        return uint256(keccak256(abi.encode(seed, what))) % count;
    }
}

/// @dev E5 volume and welfare are those of a brute force. E6 a fill at the price is within 1 Wh of its ideal share, and
/// cutting an order into k steps moves its total by at most k Wh. E7 any split into batches, any chunks of a clearing and any
/// keeper give the same prices, and fills within that bound. All of the twelve are listed in EnergyMarket.invariant.t.sol.
contract EnergySmallMarketsInvariantTest is CivitasTest {
    SmallMarketHandler private _handler;

    function setUp() external {
        _handler = new SmallMarketHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// forge-config: default.invariant.runs = 6
    /// forge-config: default.invariant.depth = 64
    /// forge-config: default.invariant.fail-on-revert = true
    function invariant_E5_VolumeAndWelfareAreTheGreatest() external view {
        _holds(5);
        _holds(2);
    }

    /// forge-config: default.invariant.runs = 6
    /// forge-config: default.invariant.depth = 64
    /// forge-config: default.invariant.fail-on-revert = true
    function invariant_E6_SharesAreFair() external view {
        _holds(6);
        _holds(3);
        _holds(4);
    }

    /// forge-config: default.invariant.runs = 6
    /// forge-config: default.invariant.depth = 64
    /// forge-config: default.invariant.fail-on-revert = true
    function invariant_E7_NeitherBatchesNorKeepersMatter() external view {
        _holds(7);
    }

    /// @dev That runs are not empty: a walk of fixed steps meets shares, limits and feeders.
    function test_HandlerReachesEveryMarket() external {
        for (uint256 i = 0; i < 60; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            if (i % 4 == 3) _handler.limit(seed);
            _handler.play(seed);
            for (uint256 number = 2; number < 8; ++number) _holds(number);
        }
        string[6] memory seen = ["trade", "trade by feeder", "limit", "share", "cut", "moved"];
        for (uint256 i = 0; i < seen.length; ++i) {
            assertTrue(_handler.seen(seen[i]) != 0, string.concat("never seen: ", seen[i]));
        }
    }

    function _holds(uint256 number) private view {
        string memory reason = _handler.broken(number);
        assertEq(bytes(reason).length, 0, string.concat("E", vm.toString(number), ": ", reason));
    }
}
