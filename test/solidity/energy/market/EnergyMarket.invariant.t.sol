// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Signature} from "../../../../contracts/authority/ISigned.sol";
import {
    AccountView,
    Agreement,
    Delegate,
    FeederRow,
    IEnergyMarket,
    IntervalState,
    PostedBatch,
    StandingOrder,
    Step
} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {
    EnergyRules,
    EnergySource,
    MeterStatus,
    Tariff
} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {IMeterReadings} from "../../../../contracts/energy/readings/IMeterReadings.sol";
import {IIdentities} from "../../../../contracts/identity/IIdentities.sol";
import {MockMeterReadings} from "../../../../contracts/mocks/MockMeterReadings.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";
import {EnergyCity, Home} from "./EnergyFixture.sol";
import {EnergyTwin, TwinAccount, TwinBatch, TwinInterval, TwinOrder, TwinPosition, TwinShare} from "./EnergyTwin.sol";
import {TreeTwin} from "../readings/TreeTwin.sol";

/// @notice Nine homes on three feeders trade, settle, correct, void, move house and run out of money, rightly and wrongly.
/// Every act is compared with the twin: whether it may be done, and what it does to whose money. Readings are as a double
/// says, for real ones would need a day for each interval.
contract MarketHandler is EnergyCity, EnergyTwin {
    struct Named {
        uint16 epoch;
        Delegate delegate;
    }

    struct Standing {
        uint16 epoch;
        uint32 fromInterval;
        uint32 toInterval;
        bytes record;
    }

    struct Made {
        bytes32 id;
        Agreement agreement;
        uint256 buyerTenure;
        uint256 sellerTenure;
        mapping(uint32 interval => bool) posted;
    }

    struct Draft {
        uint32 interval;
        uint256 home;
        uint8 flags;
        Step[] steps;
        uint256 lock;
        uint256 wh;
    }

    uint256 private constant HOMES = 9;
    uint256 private constant FEEDERS = 3;
    uint16 private constant THIRD_FEEDER = 3;
    uint256 private constant MONEY = 2_000_000;
    uint256 private constant MAX_LIVE = 4;
    uint256 private constant MAX_SETTLED = 3;
    uint256 private constant DEADLINE = 1 << 40;
    bytes32 private constant AGREEMENT_TYPEHASH = keccak256(
        "Agreement(uint32 buyer,uint32 seller,uint32 fromInterval,uint32 toInterval,uint24 price,uint32 wh,uint64 salt,uint256 nonce,uint256 deadline)"
    );

    uint256 private immutable _salt;
    /// @dev How often the handler looked at everything, so that the same call twice is not the same act twice.
    uint256 private _turn;
    MockMeterReadings private _meters;
    Home[] private _homes;
    address private _delegate;
    uint256 private _delegateKey;
    mapping(uint32 account => Named) private _named;
    mapping(uint32 account => Standing) private _standing;
    Made[] private _made;
    mapping(uint32 interval => mapping(uint16 feeder => bytes)) private _rows;
    uint32[] private _live;
    uint32[] private _settled;
    uint32 private _last;
    address[] private _formers;
    bool private _isPaused;
    uint256 private _stray;
    uint256 private _nonce;
    uint256 private _moves;

    mapping(string act => uint256 count) public done;
    mapping(string act => uint256 count) public refused;

    /// @param salt Another one makes other walks from the same calls.
    constructor(uint256 salt) {
        _salt = salt;
        buildEnergyCity(0);
        registry.registerFeeder(THIRD_FEEDER, operator, grid, address(0));
        (_delegate, _delegateKey) = actor("delegate");
        for (uint256 i = 0; i < HOMES; ++i) {
            EnergySource source = i % 4 == 0 ? EnergySource.Solar : EnergySource.None;
            _homes.push(newHome(uint16(1 + (i % FEEDERS)), source, MONEY));
            accounts[_homes[i].account] = TwinAccount(_homes[i].owner, MONEY, 0, 0, 1);
        }
        supplierMoney = SUPPLIER_FUNDS;
        _schedule();
        registry.limitFeeder(OTHER_FEEDER, registry.firstChangeable(), 400, 250);
        registry.limitFeeder(THIRD_FEEDER, registry.firstChangeable(), type(uint56).max, 0);
        vm.warp(block.timestamp + uint256(HORIZON + 1) * LENGTH);
        _last = registry.currentInterval() + 1;
    }

    function newReadings() internal override returns (IMeterReadings made) {
        _meters = new MockMeterReadings(registry, IIdentities(address(identities)));
        return IMeterReadings(address(_meters));
    }

    /// @dev Every rule there is, one interval after the other, for longer than any walk.
    function _schedule() private {
        uint8[12] memory rules = [
            0,
            EnergyRules.BY_FEEDER,
            EnergyRules.GREEN,
            EnergyRules.BY_FEEDER | EnergyRules.FEEDER_FIRST,
            EnergyRules.PAY_AS_BID,
            EnergyRules.BY_FEEDER | EnergyRules.GREEN,
            EnergyRules.PAY_AS_BID | EnergyRules.SURPLUS_TO_POT,
            EnergyRules.BY_FEEDER | EnergyRules.PAY_AS_BID,
            EnergyRules.BY_FEEDER | EnergyRules.FEEDER_FIRST | EnergyRules.GREEN | EnergyRules.PAY_AS_BID,
            EnergyRules.GREEN | EnergyRules.PAY_AS_BID | EnergyRules.SURPLUS_TO_POT,
            EnergyRules.BY_FEEDER | EnergyRules.PAY_AS_BID | EnergyRules.SURPLUS_TO_POT,
            EnergyRules.ALL
        ];
        uint16[] memory ids = new uint16[](1_024);
        for (uint256 i = 0; i < rules.length; ++i) ids[i] = registry.createTariff(plainTariff(rules[i]));
        for (uint256 i = rules.length; i < ids.length; ++i) ids[i] = ids[i % rules.length];
        uint32 first = registry.firstChangeable();
        for (uint32 turn = 0; turn < 3; ++turn) registry.scheduleTariffs(first + turn * 1_024, ids);
    }

    // --- time

    function pass(uint256 seed) external {
        vm.warp(block.timestamp + _pick(seed, "time", 3 * LENGTH));
        _check();
    }

    /// @dev Limits that hold when a day has passed.
    function limit(uint256 seed) external {
        if (_pick(seed, "rare", 8) != 0) return;
        uint56 importWh = uint56(_pick(seed, "import", 900));
        uint56 exportWh = uint56(_pick(seed, "export", 900));
        uint16 feeder = uint16(1 + _pick(seed, "feeder", FEEDERS));
        uint32 from = registry.firstChangeable();
        (uint56 importNow, uint56 exportNow) = registry.limitsOf(feeder, from);
        if (importNow == importWh && exportNow == exportWh) return; // the registry refuses what changes nothing
        registry.limitFeeder(feeder, from, importWh, exportWh);
        vm.warp(block.timestamp + uint256(HORIZON + 1) * LENGTH);
        _check();
    }

    // --- money

    function deposit(uint256 seed) external {
        Home memory home = _home(seed);
        // Now and then for somebody who owes, and enough to order again.
        for (uint256 i = 0; i < HOMES && _pick(seed, "any", 4) == 0; ++i) {
            if (accounts[_homes[i].account].debt != 0) home = _homes[i];
        }
        uint256 amount = 1 + accounts[home.account].debt + _pick(seed, "amount", 2 * MONEY);
        fund(home.owner, amount);
        bytes memory data = abi.encodeCall(IEnergyMarket.deposit, (home.account, amount));
        if (_act("deposit", home.owner, data, true)) twinCredit(accounts[home.account], amount);
        _check();
    }

    function withdraw(uint256 seed) external {
        Home memory home = _home(seed);
        uint256 free = accounts[home.account].free;
        uint256 amount = _pick(seed, "all", 8) == 0 ? free : _pick(seed, "amount", free / 4 + 2);
        if (_pick(seed, "greedy", 8) == 0) amount = free + 1;
        address caller = _pick(seed, "thief", 6) == 0 ? home.signer : home.owner;
        bytes memory data = abi.encodeCall(
            IEnergyMarket.withdraw,
            (home.account, amount, home.owner, 0, 0, unsigned())
        );
        bool allowed = caller == home.owner && amount != 0 && amount <= free;
        if (_act("withdraw", caller, data, allowed)) accounts[home.account].free -= amount;
        _check();
    }

    /// @dev The supplier goes down to its floor and comes back.
    function supply(uint256 seed) external {
        if (_pick(seed, "down", 2) == 0) {
            uint256 available = supplierMoney > FLOOR ? supplierMoney - FLOOR : 0;
            uint256 amount = available + (_pick(seed, "greedy", 4) == 0 ? 1 : 0);
            bytes memory out = abi.encodeCall(IEnergyMarket.withdrawSupplier, (amount, supplierBody));
            if (_act("withdrawSupplier", supplierBody, out, amount != 0 && amount <= available))
                supplierMoney -= amount;
        } else {
            uint256 amount = 1 + _pick(seed, "amount", 4 * FLOOR);
            fund(supplierBody, amount);
            bytes memory data = abi.encodeCall(IEnergyMarket.topUpSupplier, (amount));
            if (_act("topUpSupplier", supplierBody, data, true)) supplierMoney += amount;
        }
        _check();
    }

    function payClaim(uint256 seed) external {
        uint32 account = _home(seed).account;
        for (uint256 i = 0; i < HOMES && accounts[account].claim == 0; ++i) account = _homes[i].account;
        TwinAccount storage a = accounts[account];
        uint256 paid = supplierMoney + a.debt;
        if (paid > a.claim) paid = a.claim;
        if (_act("payClaim", stranger, abi.encodeCall(IEnergyMarket.payClaim, (account)), paid != 0)) {
            a.claim -= paid;
            twinCredit(a, paid);
            supplierMoney -= paid;
        }
        _check();
    }

    /// @dev Grid operator and community take what is theirs; or somebody else tries. Also a transfer that nobody asked for.
    function bodies(uint256 seed) external {
        address thief = _pick(seed, "thief", 4) == 0 ? stranger : address(0);
        address caller = thief == address(0) ? grid : thief;
        bytes memory data = abi.encodeCall(IEnergyMarket.withdrawGridFees, (caller));
        if (_act("withdrawGridFees", caller, data, caller == grid && gridMoney != 0)) gridMoney = 0;
        caller = thief == address(0) ? communityBody : thief;
        data = abi.encodeCall(IEnergyMarket.withdrawPot, (caller));
        if (_act("withdrawPot", caller, data, caller == communityBody && potMoney != 0)) potMoney = 0;
        if (thief != address(0)) {
            euro.mint(address(market), 7);
            _stray += 7;
        }
        _check();
    }

    function former(uint256 seed) external {
        if (_formers.length == 0) return;
        address owner = _formers[_pick(seed, "former", _formers.length)];
        if (formerDebt[owner] != 0 && _pick(seed, "pay", 2) == 0) {
            uint256 amount = 1 + _pick(seed, "amount", formerDebt[owner]);
            fund(stranger, amount);
            bytes memory pay_ = abi.encodeCall(IEnergyMarket.payFormerDebt, (owner, amount));
            if (_act("payFormerDebt", stranger, pay_, true)) {
                formerDebt[owner] -= amount;
                supplierMoney += amount;
            }
        } else {
            uint256 fromSupplier = formerClaim[owner] < supplierMoney ? formerClaim[owner] : supplierMoney;
            bool allowed = formerFree[owner] + fromSupplier != 0;
            bytes memory data = abi.encodeCall(IEnergyMarket.withdrawFormer, (owner, owner, 0, 0, unsigned()));
            if (_act("withdrawFormer", owner, data, allowed)) {
                formerFree[owner] = 0;
                formerClaim[owner] -= fromSupplier;
                supplierMoney -= fromSupplier;
            }
        }
        _check();
    }

    // --- people

    function takeOver(uint256 seed) external {
        if (_pick(seed, "rare", 6) != 0) return;
        uint256 i = _pick(seed, "home", HOMES);
        // Mostly a home that owes.
        for (uint256 k = 0; k < HOMES && accounts[_homes[i].account].debt == 0; ++k) i = (i + 1) % HOMES;
        Home storage home = _homes[i];
        address before = home.owner;
        string memory name = vm.toString(++_moves);
        (home.owner, home.ownerKey) = actor(string.concat("newcomer ", name));
        (home.signer, home.signerKey) = actor(string.concat("signer of newcomer ", name));
        registry.setOwner(home.account, home.owner);
        if (_act("openAccount", home.owner, _openCall(home.account, home.signer), true)) {
            _formers.push(before);
            twinHandOver(home.account, home.owner);
            delete _standing[home.account];
        }
        _act("openAccount", home.owner, _openCall(home.account, home.signer), false);
        _check();
    }

    /// @dev Delegates, epochs, pauses and suspended meters.
    function keys(uint256 seed) external {
        Home memory home = _home(seed);
        uint256 kind = _isPaused ? 3 : _pick(seed, "kind", 5);
        if (kind == 0) {
            _act(
                "bumpEpoch",
                home.signer,
                abi.encodeCall(IEnergyMarket.bumpEpoch, (home.account, 0, 0, unsigned())),
                true
            );
        } else if (kind == 1 || kind == 2) {
            Delegate memory delegate = Delegate(
                BASE_PRICE + 50,
                BASE_PRICE + 75,
                uint32(200 + _pick(seed, "wh", 2_000)),
                uint40(block.timestamp + _pick(seed, "until", 1 days))
            );
            bytes memory data = abi.encodeCall(
                IEnergyMarket.setDelegate,
                (home.account, _delegate, delegate, 0, 0, unsigned())
            );
            if (_act("setDelegate", home.owner, data, true)) _named[home.account] = Named(_epochOf(home), delegate);
        } else if (kind == 3 && (_isPaused || _pick(seed, "pause", 4) == 0)) {
            bytes memory data =
                _isPaused ? abi.encodeCall(IEnergyMarket.unpause, ()) : abi.encodeCall(IEnergyMarket.pause, ());
            if (_act("pause", _isPaused ? steward : guardian, data, true)) _isPaused = !_isPaused;
        } else if (kind == 4) {
            bool barred = market.accountOf(home.account).barred;
            if (!barred && _pick(seed, "suspend", 4) != 0) return;
            registry.setStatus(home.account, barred ? MeterStatus.Trading : MeterStatus.Suspended);
            _act("refresh", stranger, abi.encodeCall(IEnergyMarket.refreshAccount, (home.account)), true);
        }
        _check();
    }

    // --- orders

    /// @dev Signed orders, some of them bad. The bad ones are left out, and do not keep the others out.
    function batch(uint256 seed) external {
        uint32 interval = _openInterval(seed);
        if (interval == 0) return;
        uint256 count = 2 + _pick(seed, "count", 6);
        bytes memory records;
        bytes memory signatures;
        bytes memory kept;
        for (uint256 i = 0; i < count; ++i) {
            Draft memory draft = _draft(_hash(seed, i), interval);
            bool signed;
            bytes memory signature;
            (signature, signed) = _sign(_hash(seed, i), draft);
            records = bytes.concat(records, recordOf(_homes[draft.home].account, draft.flags, draft.steps));
            signatures = bytes.concat(signatures, signature);
            if (signed && _isGood(draft) && !_has(kept, draft)) kept = bytes.concat(kept, _kept(draft));
        }
        bytes memory data = abi.encodeCall(IEnergyMarket.postOrders, (interval, records, signatures));
        if (_act("batch", relayer, data, _canPost(interval)) && kept.length != 0) {
            twinPost(interval, registry.tariffOf(interval), kept);
            _enlist(interval);
            ++done["orders"];
        }
        _check();
    }

    function direct(uint256 seed) external {
        uint32 interval = _openInterval(seed);
        if (interval == 0) return;
        Draft memory draft = _draft(seed, interval);
        Home memory home = _homes[draft.home];
        uint256 who = _pick(seed, "who", 8);
        address caller = who == 0 ? stranger : (who == 1 ? _delegate : (who == 2 ? home.owner : home.signer));
        bool allowed = _canPost(interval) && _isGood(draft) && who != 0 && (who != 1 || _mayDelegate(draft));
        bytes memory data = abi.encodeCall(IEnergyMarket.postOrder, (interval, home.account, draft.flags, draft.steps));
        if (_act("direct", caller, data, allowed)) {
            twinPost(interval, registry.tariffOf(interval), _kept(draft));
            _enlist(interval);
        }
        _check();
    }

    /// @dev Places a standing order for a run of intervals, or posts those of some homes.
    function standing(uint256 seed) external {
        uint32 interval = _openInterval(seed);
        if (interval == 0) return;
        if (_pick(seed, "place", 2) == 0) {
            Draft memory draft = _draft(seed, interval);
            Home memory home = _homes[draft.home];
            uint32 to = interval + uint32(_pick(seed, "run", 40));
            bytes memory order = _standingCall(home, interval, to, draft);
            if (_act("placeStanding", home.signer, order, to >= registry.currentInterval())) {
                bytes memory record = recordOf(home.account, draft.flags, draft.steps);
                _standing[home.account] = Standing(_epochOf(home), interval, to, record);
            }
        } else {
            bytes memory numbers;
            bytes memory kept;
            for (uint256 i = 0; i < HOMES; ++i) {
                if (_pick(_hash(seed, i), "in", 2) == 0) continue;
                numbers = bytes.concat(numbers, bytes4(_homes[i].account));
                (Draft memory draft, bool due) = _due(i, interval);
                if (due && _isGood(draft)) kept = bytes.concat(kept, _kept(draft));
            }
            bytes memory data = abi.encodeCall(IEnergyMarket.postStandingOrders, (interval, numbers));
            if (_act("standing", stranger, data, _canPost(interval)) && kept.length != 0) {
                twinPost(interval, registry.tariffOf(interval), kept);
                _enlist(interval);
                ++done["standingOrders"];
            }
        }
        _check();
    }

    /// @dev Two homes agree, or an agreement is posted, or ended.
    function agreement(uint256 seed) external {
        uint32 interval = _openInterval(seed);
        if (interval == 0) return;
        uint256 kind = _pick(seed, "kind", 4);
        if (kind < 2 || _made.length == 0) {
            _agree(seed, interval);
            if (_made.length != 0) _postAgreement(_made.length - 1, interval);
        } else if (kind == 2) {
            _postAgreement(_pick(seed, "made", _made.length), interval);
        } else {
            Made storage made = _made[_pick(seed, "made", _made.length)];
            uint32 from = registry.firstChangeable();
            bool allowed = made.agreement.toInterval >= from && made.agreement.wh != 0;
            address owner = accounts[made.agreement.buyer].owner;
            bytes memory data = abi.encodeCall(IEnergyMarket.endAgreement, (made.id, from));
            if (_act("endAgreement", owner, data, allowed)) {
                if (from > made.agreement.fromInterval) made.agreement.toInterval = from - 1;
                else made.agreement.wh = 0;
            }
        }
        _check();
    }

    // --- clearing and settlement

    function clear(uint256 seed) external {
        uint32 interval = _oldest(IntervalState.Clearing);
        if (interval == 0) interval = _oldest(IntervalState.Open);
        if (interval == 0) return;
        TwinInterval storage it = twinOf[interval];
        if (block.timestamp < gateOf(interval)) {
            if (_pick(seed, "early", 2) == 0) {
                _act("clear", stranger, abi.encodeCall(IEnergyMarket.clear, (interval, 1)), false);
            }
            vm.warp(gateOf(interval) + _pick(seed, "late", LENGTH));
        }
        bool allowed = block.timestamp < endOf(interval) + LONG_STOP;
        uint256 chunk = _pick(seed, "chunk", 2) == 0 ? 100 : 1 + _pick(seed, "books", 4);
        bytes memory data = abi.encodeCall(IEnergyMarket.clear, (interval, chunk));
        if (_act("clear", _caller(seed), data, allowed)) {
            it.state = IntervalState.Clearing;
            if (market.stateOf(interval) == IntervalState.Cleared) {
                ++done["cleared"];
                twinClear(interval);
                _checkShares(interval);
            }
        }
        _check();
    }

    function settle(uint256 seed) external {
        uint32 interval = _oldest(IntervalState.Settling);
        if (interval == 0) {
            interval = _oldest(IntervalState.Cleared);
            if (interval == 0) return;
            _confirm(seed, interval);
        }
        TwinInterval storage it = twinOf[interval];
        if (it.state != IntervalState.Settling) return _check();
        if (it.chain == 0) _settlePositions(seed, interval);
        else _settleBatches(seed, interval);
        if (it.state == IntervalState.Settled) {
            ++done["settled"];
            _unlist(interval);
            if (_settled.length == MAX_SETTLED) {
                for (uint256 i = 1; i < MAX_SETTLED; ++i) _settled[i - 1] = _settled[i];
                _settled.pop();
            }
            _settled.push(interval);
        }
        _check();
    }

    /// @dev A reading of a settled account is replaced, and in half of the cases put back.
    function correct(uint256 seed) external {
        uint32 interval = _oldest(IntervalState.Settling);
        if (interval == 0 || twinOf[interval].results.length == 0 || _pick(seed, "old", 2) == 0) {
            if (_settled.length == 0) return;
            interval = _settled[_pick(seed, "settled", _settled.length)];
        }
        uint256 index = _pick(seed, "index", twinOf[interval].results.length);
        uint256 place = _pick(seed, "place", twinOf[interval].results[index].length / 12);
        (uint32 account, , int32 before) = resultAt(twinOf[interval].results[index], place);
        int32 span = _pick(seed, "far", 3) == 0 ? int32(20_000) : int32(800);
        int32 wh = int32(int256(_pick(seed, "wh", 2 * uint256(uint32(span))))) - span;
        if (wh == before) ++wh;
        TwinAccount memory was = accounts[account];
        uint256 supplierWas = supplierMoney;
        _correctOnce(interval, index, place, wh);
        if (_pick(seed, "back", 2) == 0) {
            bool plain = was.claim == 0 || supplierWas == 0 || supplierMoney != 0;
            _correctOnce(interval, index, place, before);
            ++done["correctedBack"];
            AccountView memory now_ = market.accountOf(account);
            (uint256 supplierNow, , , ) = market.balances();
            if (plain) {
                require_(10, now_.free == was.free && now_.debt == was.debt, "account not restored");
                require_(10, now_.claim == was.claim && supplierNow == supplierWas, "claim or supplier not restored");
            } else {
                // What the supplier owed before was paid on the way: the account has it as money instead of as a claim.
                ++done["correctedBackWithClaim"];
                require_(
                    10,
                    now_.free + now_.claim + was.debt == was.free + was.claim + now_.debt,
                    "account is worth another amount"
                );
                require_(10, supplierNow + was.claim == supplierWas + now_.claim, "supplier is worth another amount");
            }
        }
        _check();
    }

    function giveUp(uint256 seed) external {
        uint32 interval = _oldest(IntervalState.Void);
        if (interval == 0) {
            for (uint256 i = 0; i < _live.length; ++i) {
                if (twinOf[_live[i]].state <= IntervalState.Cleared) {
                    interval = _live[i];
                    break;
                }
            }
            if (interval == 0) return;
            uint256 voidableAt = endOf(interval) + LONG_STOP;
            if (block.timestamp < voidableAt) {
                _act("void", stranger, abi.encodeCall(IEnergyMarket.voidInterval, (interval)), false);
                if (_pick(seed, "wait", 6) != 0) return _check();
                vm.warp(voidableAt);
            }
            if (_act("void", stranger, abi.encodeCall(IEnergyMarket.voidInterval, (interval)), true)) {
                twinOf[interval].state = IntervalState.Void;
            }
        }
        _refund(seed, interval);
        _check();
    }

    /// @dev What was done or is not due is tried once more.
    function again(uint256 seed) external {
        uint32 interval = _oldest(IntervalState.Settling);
        if (interval == 0 || _pick(seed, "old", 2) == 0) {
            if (_settled.length == 0) return;
            interval = _settled[_pick(seed, "settled", _settled.length)];
        }
        PostedBatch[] memory batches = new PostedBatch[](1);
        batches[0] = PostedBatch(twinOf[interval].chain, bytes.concat(bytes4(_home(seed).account), hex"00640000000a"));
        _act("again", stranger, abi.encodeCall(IEnergyMarket.clear, (interval, 1)), false);
        _act("again", stranger, abi.encodeCall(IEnergyMarket.settle, (interval, batches, new FeederRow[](0))), false);
        _act("again", stranger, abi.encodeCall(IEnergyMarket.refund, (interval, batches)), false);
        _act("again", stranger, abi.encodeCall(IEnergyMarket.voidInterval, (interval)), false);
        _act("again", stranger, abi.encodeCall(IEnergyMarket.confirmReadings, (interval, 1)), false);
        _check();
    }

    // --- what the tests ask

    /// @dev Why an invariant does not hold; or market and twin differ, and then none is known to.
    function faultOf(uint256 number) external view returns (string memory reason) {
        return bytes(broken[0]).length != 0 ? broken[0] : broken[number];
    }

    // --- comparison

    /// @dev Everything that anybody has, and whether it adds up.
    function _check() private {
        ++_turn;
        (uint256 supplierNow, uint256 grid_, uint256 pot, uint256 held) = market.balances();
        require_(0, supplierNow == supplierMoney, "supplier");
        require_(0, grid_ == gridMoney, "grid fees");
        require_(0, pot == potMoney, "pot");
        uint256 sum = supplierNow + grid_ + pot;
        for (uint256 i = 0; i < HOMES; ++i) {
            AccountView memory account = market.accountOf(_homes[i].account);
            TwinAccount storage a = accounts[_homes[i].account];
            require_(0, account.owner == a.owner, "owner");
            require_(0, account.free == a.free, "free money");
            require_(0, account.debt == a.debt, "debt");
            require_(0, account.claim == a.claim, "claim");
            require_(8, account.debt == 0 || account.free == 0, "who owes has money");
            sum += account.free;
            if (account.debt != 0) ++done["debt"];
            if (account.claim != 0) ++done["claim"];
        }
        for (uint256 i = 0; i < _formers.length; ++i) {
            (uint256 balance, uint256 debt, uint256 claim) = market.formerOf(_formers[i]);
            require_(0, balance == formerFree[_formers[i]], "former owner's money");
            require_(0, debt == formerDebt[_formers[i]], "former owner's debt");
            require_(0, claim == formerClaim[_formers[i]], "former owner's claim");
            sum += balance;
        }
        int256 pools = 0;
        for (uint256 i = 0; i < _live.length; ++i) {
            TwinInterval storage it = twinOf[_live[i]];
            sum += it.locked;
            pools += it.pool;
            require_(0, market.chainOf(_live[i]) == it.chain, "chain");
            require_(0, _stateOf(_live[i]) == market.stateOf(_live[i]), "state");
        }
        require_(1, int256(sum) + pools == int256(held), "money is not all somebody's");
        require_(1, euro.balanceOf(address(market)) == held * MONEY_UNIT + _stray, "money is not all there");
    }

    function _stateOf(uint32 interval) private view returns (IntervalState state) {
        state = twinOf[interval].state;
        if (state == IntervalState.Open && block.timestamp >= gateOf(interval)) return IntervalState.Closed;
    }

    /// @dev All shares of a cleared interval. They say prices and fills: whatever calls and whoever cleared.
    function _checkShares(uint32 interval) private {
        bool byFeeder = twinOf[interval].tariff.rules & EnergyRules.BY_FEEDER != 0;
        for (uint256 book = byFeeder ? 1 : 0; book <= (byFeeder ? FEEDERS : 0); ++book) {
            for (uint256 class = 0; class < CLASSES; ++class) {
                for (uint256 round = 0; round < 3; ++round) _checkShare(interval, book, class, round);
            }
        }
    }

    function _checkShare(uint32 interval, uint256 book, uint256 class, uint256 round) private {
        TwinShare memory share = twinOf[interval].shares[shareKey(book, class, round)];
        bytes memory data = abi.encodeWithSelector(IEnergyMarket.shareOf.selector, interval, book, class, round);
        (, bytes memory answer) = address(market).staticcall(data);
        (uint256 tick, bool traded, uint256 level, uint256 filled, ) = abi.decode(
            answer,
            (uint256, bool, uint256, uint256, uint256)
        );
        require_(7, traded == share.traded, "whether a class trades");
        require_(7, tick == share.tick, "price");
        require_(7, level == share.level && filled == share.filled, "share");
    }

    // --- acts

    function _act(string memory name, address caller, bytes memory data, bool allowed) private returns (bool ok) {
        vm.prank(caller);
        (ok, ) = address(market).call(data);
        if (ok != allowed) require_(0, false, string.concat(name, allowed ? " refused" : " allowed"));
        if (ok) ++done[name];
        else ++refused[name];
    }

    function _openCall(uint32 account, address signer) private pure returns (bytes memory data) {
        return abi.encodeCall(IEnergyMarket.openAccount, (account, signer, 0, 0, unsigned()));
    }

    function _standingCall(
        Home memory home,
        uint32 from,
        uint32 to,
        Draft memory draft
    ) private view returns (bytes memory data) {
        StandingOrder memory order = StandingOrder({
            account: home.account,
            epoch: _epochOf(home),
            fromInterval: from,
            toInterval: to,
            basePrice: BASE_PRICE,
            tickSize: 1,
            flags: draft.flags,
            steps: draft.steps
        });
        return abi.encodeCall(IEnergyMarket.placeStandingOrder, (order, 0, 0, unsigned()));
    }

    function _agree(uint256 seed, uint32 interval) private {
        Home memory buyer = _home(_hash(seed, 1));
        Home memory seller = _home(_hash(seed, 2));
        Made storage made = _made.push();
        made.agreement = Agreement({
            buyer: buyer.account,
            seller: seller.account,
            fromInterval: interval,
            toInterval: interval + uint32(_pick(seed, "run", 300)),
            price: uint24(_pick(seed, "price", 400)),
            wh: uint32(1 + _pick(seed, "wh", 800)),
            salt: uint64(seed)
        });
        made.id = keccak256(abi.encode(made.agreement));
        made.buyerTenure = accounts[buyer.account].tenure;
        made.sellerTenure = accounts[seller.account].tenure;
        _nonce += 2;
        bytes memory data = abi.encodeCall(
            IEnergyMarket.agree,
            (
                made.agreement,
                _nonce,
                _nonce + 1,
                DEADLINE,
                _signAgreement(buyer.ownerKey, made.agreement, _nonce),
                _signAgreement(seller.ownerKey, made.agreement, _nonce + 1)
            )
        );
        bool allowed = !_isPaused && buyer.account != seller.account;
        if (made.agreement.toInterval < registry.currentInterval()) allowed = false;
        for (uint256 i = 0; i + 1 < _made.length; ++i) if (_made[i].id == made.id) allowed = false;
        if (!_act("agree", relayer, data, allowed)) _made.pop();
    }

    function _signAgreement(
        uint256 key,
        Agreement memory a,
        uint256 nonce
    ) private view returns (Signature memory signature) {
        bytes32 hash = keccak256(abi.encodePacked(AGREEMENT_TYPEHASH, abi.encode(a), abi.encode(nonce, DEADLINE)));
        return signTyped(key, domain, hash);
    }

    /// @dev Posts an agreement; one that is not due or not covered is left out.
    function _postAgreement(uint256 index, uint32 interval) private {
        Made storage made = _made[index];
        Agreement memory a = made.agreement;
        bool due = a.wh != 0 && interval >= a.fromInterval && interval <= a.toInterval && !made.posted[interval];
        if (accounts[a.buyer].tenure != made.buyerTenure) due = false;
        if (accounts[a.seller].tenure != made.sellerTenure) due = false;
        Tariff memory tariff = registry.tariffOf(interval);
        TwinPosition memory buys = TwinPosition(a.wh, false, uint256(a.price) * a.wh, 0, 0, true);
        buys.fee = (a.buyer >> 8 == a.seller >> 8 ? tariff.feederFee : tariff.gridFee) * uint256(a.wh);
        buys.locked = buys.trade + buys.fee;
        TwinPosition memory sells = TwinPosition(a.wh, true, buys.trade, 0, 0, true);
        if (a.price < tariff.retail) sells.locked = (tariff.retail - a.price) * uint256(a.wh);
        bool good = due && _fits(interval, a.buyer, buys) && _fits(interval, a.seller, sells);
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = made.id;
        bytes memory data = abi.encodeCall(IEnergyMarket.postAgreements, (interval, ids));
        if (!_act("postAgreements", stranger, data, _canPost(interval)) || !good) return;
        twinOpen(interval, tariff);
        made.posted[interval] = true;
        _put(interval, a.buyer, buys);
        _put(interval, a.seller, sells);
        _enlist(interval);
        ++done["agreement"];
    }

    function _fits(uint32 interval, uint32 account, TwinPosition memory part) private view returns (bool fits) {
        TwinInterval storage it = twinOf[interval];
        if (market.accountOf(account).barred || accounts[account].debt != 0) return false;
        if (it.positions[account].wh + part.wh > (part.sells ? EXPORT_CAP : IMPORT_CAP)) return false;
        if (it.posted[account] & (part.sells ? 1 | 4 : 2 | 8) != 0) return false;
        return part.locked <= accounts[account].free;
    }

    function _put(uint32 interval, uint32 account, TwinPosition memory part) private {
        TwinInterval storage it = twinOf[interval];
        TwinPosition storage position = it.positions[account];
        accounts[account].free -= part.locked;
        it.locked += part.locked;
        if (!position.waits) ++it.positionsLeft;
        position.waits = true;
        position.sells = part.sells;
        position.wh += part.wh;
        position.trade += part.trade;
        position.fee += part.fee;
        position.locked += part.locked;
        it.posted[account] |= part.sells ? 8 : 4;
        it.marked[account >> 8] = true;
    }

    /// @dev Every meter measures something, or nothing; then the readings of all feeders are confirmed.
    function _confirm(uint256 seed, uint32 interval) private {
        TwinInterval storage it = twinOf[interval];
        if (block.timestamp < endOf(interval)) vm.warp(endOf(interval));
        uint256 wait = _pick(seed, "wait", 4) == 0 ? 3_600 : 0;
        for (uint16 feeder = 1; feeder <= FEEDERS; ++feeder) {
            bytes memory row;
            for (uint256 i = feeder - 1; i < HOMES; i += FEEDERS) {
                int32 wh = _reading(_hash(seed, i));
                it.readings[_homes[i].account] = wh;
                row = abi.encodePacked(row, wh);
            }
            _meters.accept(feeder, interval, row, uint40(block.timestamp + wait));
            _rows[interval][feeder] = row;
        }
        Home memory home = _home(seed);
        if (_pick(seed, "override", 2) == 0) {
            it.readings[home.account] = int32(int256(_pick(seed, "other", 3_000))) - 1_500;
            _meters.replace(home.account, interval, it.readings[home.account]);
        }
        bytes memory data = abi.encodeCall(IEnergyMarket.confirmReadings, (interval, 1));
        if (wait != 0) {
            _act("confirm", stranger, data, false);
            vm.warp(block.timestamp + wait);
        }
        for (uint256 i = 0; i < FEEDERS && market.stateOf(interval) == IntervalState.Cleared; ++i) {
            _act("confirm", stranger, data, true);
        }
        it.state = IntervalState.Settling;
        require_(9, market.stateOf(interval) == IntervalState.Settling, "not confirmed");
    }

    function _settleBatches(uint256 seed, uint32 interval) private {
        TwinInterval storage it = twinOf[interval];
        if (_pick(seed, "split", 2) == 0) _split(seed, interval);
        uint256 count = 1 + _pick(seed, "batches", it.batches.length);
        PostedBatch[] memory batches = new PostedBatch[](count);
        bytes memory results;
        for (uint256 i = 0; i < count; ++i) {
            TwinBatch memory newest = it.batches[it.batches.length - 1];
            batches[i] = PostedBatch(newest.previous, newest.records);
            results = twinSettleBatch(interval, results);
        }
        bytes memory data = abi.encodeCall(IEnergyMarket.settle, (interval, batches, _rowsFor(interval, results)));
        _act("settle", _caller(seed), data, true);
        _finish(interval, results);
        // The same once more.
        if (_pick(seed, "twice", 4) == 0) _act("settle", stranger, data, false);
    }

    /// @dev Two batches in the place of the newest.
    function _split(uint256 seed, uint32 interval) private {
        TwinInterval storage it = twinOf[interval];
        TwinBatch memory newest = it.batches[it.batches.length - 1];
        uint256 offset = orderAt(newest.records, 0).next;
        while (_pick(_hash(seed, offset), "further", 2) == 0 && offset < newest.records.length) {
            offset = orderAt(newest.records, offset).next;
        }
        bool allowed = offset < newest.records.length;
        PostedBatch memory posted = PostedBatch(newest.previous, newest.records);
        bytes memory data = abi.encodeCall(IEnergyMarket.splitBatch, (interval, posted, offset));
        if (!_act("splitBatch", stranger, data, allowed)) return;
        bytes memory older = _slice(newest.records, offset, newest.records.length);
        it.batches.pop();
        it.batches.push(TwinBatch(newest.previous, older));
        bytes32 middle = keccak256(abi.encodePacked(newest.previous, keccak256(older)));
        it.batches.push(TwinBatch(middle, _slice(newest.records, 0, offset)));
        bytes memory newer = it.batches[it.batches.length - 1].records;
        it.chain = keccak256(abi.encodePacked(middle, keccak256(newer)));
    }

    function _settlePositions(uint256 seed, uint32 interval) private {
        bytes memory numbers;
        bytes memory results;
        for (uint256 i = 0; i < HOMES; ++i) {
            uint32 account = _homes[i].account;
            if (!twinOf[interval].positions[account].waits) continue;
            if (numbers.length != 0 && _pick(_hash(seed, i), "out", 3) == 0) continue;
            numbers = bytes.concat(numbers, bytes4(account));
            results = bytes.concat(results, twinSettlePosition(interval, account));
        }
        FeederRow[] memory rows = _rowsFor(interval, results);
        bytes memory data = abi.encodeCall(IEnergyMarket.settlePositions, (interval, numbers, rows));
        _act("settlePositions", _caller(seed), data, true);
        _finish(interval, results);
        _act("settlePositions", stranger, data, false);
    }

    function _finish(uint32 interval, bytes memory results) private {
        uint256 index = twinOf[interval].results.length;
        twinFinish(interval, results);
        require_(7, market.resultRoot(interval, index) == rootOf(results), "results");
    }

    /// @dev A row of each feeder, in the order in which they come along the results.
    function _rowsFor(uint32 interval, bytes memory results) private view returns (FeederRow[] memory rows) {
        uint256 count = 0;
        bool[FEEDERS + 1] memory seen;
        FeederRow[] memory all = new FeederRow[](FEEDERS);
        for (uint256 i = 0; i < results.length / 12; ++i) {
            (uint32 account, , ) = resultAt(results, i);
            if (seen[account >> 8]) continue;
            seen[account >> 8] = true;
            all[count++].values = _rows[interval][uint16(account >> 8)];
        }
        rows = new FeederRow[](count);
        for (uint256 i = 0; i < count; ++i) rows[i] = all[i];
    }

    function _correctOnce(uint32 interval, uint256 index, uint256 place, int32 wh) private {
        bytes memory results = twinOf[interval].results[index];
        (uint32 account, , ) = resultAt(results, place);
        bytes32[] memory proof = TreeTwin.proofOf(leavesOf(results), place / 8);
        bytes memory data = abi.encodeCall(
            IEnergyMarket.correct,
            (interval, index, groupOf(results, place / 8), place % 8, proof)
        );
        // Nothing was replaced, or the result that a correction left behind is not what stands.
        _act("correct", stranger, data, false);
        _meters.replace(account, interval, wh);
        if (_act("correct", _caller(uint256(uint32(wh))), data, true)) twinCorrect(interval, index, place, wh);
        require_(10, market.resultRoot(interval, index) == rootOf(twinOf[interval].results[index]), "results");
        _act("correct", stranger, data, false);
    }

    function _refund(uint256 seed, uint32 interval) private {
        TwinInterval storage it = twinOf[interval];
        bytes memory numbers;
        for (uint256 i = 0; i < HOMES; ++i) {
            uint32 account = _homes[i].account;
            if (!it.positions[account].waits || _pick(_hash(seed, i), "out", 3) == 0) continue;
            numbers = bytes.concat(numbers, bytes4(account));
            twinRefundPosition(interval, account);
        }
        bytes memory data = abi.encodeCall(IEnergyMarket.refundPositions, (interval, numbers));
        if (numbers.length != 0) _act("refundPositions", _caller(seed), data, true);
        _act("refundPositions", stranger, data, false);
        if (it.chain != 0) {
            uint256 count = 1 + _pick(seed, "batches", it.batches.length);
            PostedBatch[] memory batches = new PostedBatch[](count);
            for (uint256 i = 0; i < count; ++i) {
                TwinBatch memory newest = it.batches[it.batches.length - 1];
                batches[i] = PostedBatch(newest.previous, newest.records);
                twinRefundBatch(interval);
            }
            data = abi.encodeCall(IEnergyMarket.refund, (interval, batches));
            _act("refund", _caller(seed), data, true);
            _act("refund", stranger, data, false);
        }
        if (it.chain != 0 || it.positionsLeft != 0) return;
        require_(9, it.locked == 0, "void left something locked");
        ++done["refunded"];
        _unlist(interval);
    }

    // --- orders

    function _draft(uint256 seed, uint32 interval) private view returns (Draft memory draft) {
        draft.interval = interval;
        draft.home = _pick(seed, "home", HOMES);
        // Homes of odd number mostly sell.
        draft.flags = uint8((draft.home + (_pick(seed, "side", 5) == 0 ? 1 : 0)) & 1);
        if (_pick(seed, "kinds", 2) != 0) draft.flags |= uint8(_pick(seed, "kind", 4) << 3);
        uint256 count = 1 + (_pick(seed, "many", 2) == 0 ? 0 : _pick(seed, "count", 4));
        draft.steps = new Step[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 word = _hash(seed, 100 + i);
            uint256 tick = 60 + (word % 9);
            if ((word >> 16) % 24 == 0) tick = (word >> 32) % 256;
            uint256 wh = MINIMUM_WH + ((word >> 48) % 900);
            if ((word >> 80) % 30 == 0) wh = (word >> 96) % 7_000;
            draft.steps[i] = Step(uint8(tick), uint32(wh));
        }
    }

    /// @dev Whether an order is good, leaving aside who signed it; fills in what it locks.
    function _isGood(Draft memory draft) private view returns (bool good) {
        uint32 account = _homes[draft.home].account;
        AccountView memory view_ = market.accountOf(account);
        if (view_.barred || accounts[account].debt != 0) return false;
        Tariff memory tariff = registry.tariffOf(draft.interval);
        if (classOf(tariff.rules, draft.flags, view_.green) == 255) return false;
        bool offer = draft.flags & OFFER != 0;
        (draft.lock, draft.wh) = (0, 0);
        for (uint256 i = 0; i < draft.steps.length; ++i) {
            (uint256 tick, uint256 wh) = (draft.steps[i].tick, draft.steps[i].wh);
            if (tick > HIGHEST_TICK || wh < MINIMUM_WH) return false;
            draft.wh += wh;
            draft.lock += offer ? offerLock(tick, wh) : bidLock(tick, wh);
        }
        if (draft.wh > (offer ? EXPORT_CAP : IMPORT_CAP)) return false;
        if (twinOf[draft.interval].posted[account] & (offer ? 1 | 2 | 4 : 1 | 2 | 8) != 0) return false;
        return draft.lock <= accounts[account].free;
    }

    /// @dev Whether a batch has an order of that home already.
    function _has(bytes memory records, Draft memory draft) private view returns (bool has) {
        for (uint256 place = 0; place < records.length;) {
            TwinOrder memory order = orderAt(records, place);
            if (order.account == _homes[draft.home].account) return true;
            place = order.next;
        }
    }

    /// @dev The record as it is accepted.
    function _kept(Draft memory draft) private view returns (bytes memory record) {
        uint32 account = _homes[draft.home].account;
        uint256 class = classOf(registry.tariffOf(draft.interval).rules, draft.flags, market.accountOf(account).green);
        return recordOf(account, class == 5 ? draft.flags | 0x08 : draft.flags, draft.steps);
    }

    /// @dev Mostly the signer's signature; else another home's, one of the epoch before, or the delegate's.
    function _sign(uint256 seed, Draft memory draft) private view returns (bytes memory signature, bool valid) {
        Home memory home = _homes[draft.home];
        uint16 epoch = _epochOf(home);
        uint256 key = home.signerKey;
        uint256 kind = _pick(seed, "signing", 10);
        valid = true;
        if (kind == 0) {
            key = _homes[(draft.home + 1) % HOMES].signerKey;
            valid = false;
        } else if (kind == 1 && epoch != 0) {
            --epoch;
            valid = false;
        } else if (kind == 2) {
            key = _delegateKey;
            valid = _mayDelegate(draft);
        }
        (bytes32 r, bytes32 vs) = signDigest(
            key,
            digestOf(draft.interval, home.account, epoch, draft.flags, draft.steps)
        );
        return (abi.encodePacked(r, vs), valid);
    }

    function _mayDelegate(Draft memory draft) private view returns (bool may) {
        Home memory home = _homes[draft.home];
        Named memory named = _named[home.account];
        if (named.delegate.until == 0 || named.epoch != _epochOf(home)) return false;
        if (block.timestamp > named.delegate.until) return false;
        uint256 sum = 0;
        for (uint256 i = 0; i < draft.steps.length; ++i) {
            uint256 price = BASE_PRICE + uint256(draft.steps[i].tick);
            if (price < named.delegate.minPrice || price > named.delegate.maxPrice) return false;
            sum += draft.steps[i].wh;
        }
        return sum <= named.delegate.maxWh;
    }

    /// @dev The standing order of a home, if it is due.
    function _due(uint256 home, uint32 interval) private view returns (Draft memory draft, bool due) {
        Standing memory order = _standing[_homes[home].account];
        draft.interval = interval;
        draft.home = home;
        if (order.record.length == 0 || order.epoch != _epochOf(_homes[home])) return (draft, false);
        if (interval < order.fromInterval || interval > order.toInterval) return (draft, false);
        TwinOrder memory parsed = orderAt(order.record, 0);
        draft.flags = parsed.flags & ~uint8(6);
        draft.steps = new Step[](parsed.count);
        for (uint256 i = 0; i < parsed.count; ++i) {
            (uint256 tick, uint256 wh) = stepAt(parsed, i);
            draft.steps[i] = Step(uint8(tick), uint32(wh));
        }
        return (draft, true);
    }

    function _canPost(uint32 interval) private view returns (bool can) {
        return !_isPaused && block.timestamp < gateOf(interval) && supplierMoney >= FLOOR;
    }

    // --- intervals

    /// @dev One that takes orders, mostly; zero: there are enough under way.
    function _openInterval(uint256 seed) private returns (uint32 interval) {
        if (_live.length != 0 && _live[_live.length - 1] == _last) {
            bool open = twinOf[_last].state == IntervalState.Open && block.timestamp < gateOf(_last);
            if (open && _pick(seed, "same", 6) != 0) return _last;
            if (!open && _pick(seed, "late", 12) == 0) return _last;
            if (_live.length >= MAX_LIVE) return 0;
            ++_last;
        }
        uint32 next = registry.currentInterval() + 1;
        if (_last < next) _last = next;
        if (block.timestamp >= gateOf(_last)) ++_last;
        return _last;
    }

    function _enlist(uint32 interval) private {
        for (uint256 i = 0; i < _live.length; ++i) if (_live[i] == interval) return;
        _live.push(interval);
    }

    function _unlist(uint32 interval) private {
        uint256 kept = 0;
        for (uint256 i = 0; i < _live.length; ++i) if (_live[i] != interval) _live[kept++] = _live[i];
        _live.pop();
    }

    function _oldest(IntervalState state) private view returns (uint32 interval) {
        for (uint256 i = 0; i < _live.length; ++i) if (twinOf[_live[i]].state == state) return _live[i];
    }

    function _limits(
        uint256 feeder,
        uint32 interval
    ) internal view override returns (uint256 importWh, uint256 exportWh) {
        return registry.limitsOf(uint16(feeder), interval);
    }

    // --- choices

    function _reading(uint256 seed) private view returns (int32 wh) {
        uint256 kind = _pick(seed, "reading", 24);
        if (kind < 2) return MISSING;
        int256 span = kind < 5 ? int256(40_000) : int256(1_600);
        return int32(int256(_pick(seed, "wh", uint256(span))) - span / 2);
    }

    function _home(uint256 seed) private view returns (Home memory home) {
        return _homes[_pick(seed, "home", HOMES)];
    }

    function _epochOf(Home memory home) private view returns (uint16 epoch) {
        return market.accountOf(home.account).epoch;
    }

    function _caller(uint256 seed) private view returns (address caller) {
        return _pick(seed, "caller", 2) == 0 ? stranger : relayer;
    }

    function _slice(bytes memory data, uint256 from, uint256 to) private pure returns (bytes memory part) {
        part = new bytes(to - from);
        for (uint256 i = from; i < to; ++i) part[i - from] = data[i];
    }

    function _hash(uint256 seed, uint256 number) private pure returns (uint256 word) {
        return uint256(keccak256(abi.encode(seed, number)));
    }

    function _pick(uint256 seed, string memory what, uint256 count) private view returns (uint256 pick) {
        return uint256(keccak256(abi.encode(seed, what, _salt, _turn))) % count;
    }
}

/// E1 money: free money, open locks, supplier, grid fees, pot, former owners and what is on its way from buyers to sellers
///    are what the market holds, to the unit, and the tokens are there; stray transfers only add to them.
/// E2 energy: bought is sold in every interval, and in every feeder with what flows over the bus, within its limits.
/// E3 nobody trades at a price worse than the limit. E4 every strictly better order is whole, so no bid above and no offer
///    below the price is left.
/// E5 volume and welfare are those of a brute force.
/// E6 a fill at the price is within 1 Wh of its ideal share; cutting an order in k steps moves its total by at most k Wh.
/// E7 any split into batches, any chunks of a clearing and any keeper give the same prices, and fills within that bound.
/// E8 a lock covers the worst that can be owed for energy traded; debt comes from drawing more than was bought alone.
/// E9 clearing, settling and refunding happen once; a void interval returns every lock to the unit.
/// E10 correcting a reading and correcting it back restores all balances.
/// E11 certificates are not more than metered feed-in, and cancelled units never move. C1 to C3 in
///    EnergyCertificates.invariant.t.sol say the same of amended twinOf and batteries, on readings as a double says.
/// E12 gas has bounds: of clearing, whatever the number of orders, and of posting and settling an order.
abstract contract MarketCampaign is CivitasTest {
    MarketHandler internal _handler;

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function _build(uint256 salt) internal {
        _handler = new MarketHandler(salt);
    }

    function _holds(uint256 number) internal view {
        string memory reason = _handler.faultOf(number);
        assertEq(bytes(reason).length, 0, string.concat("E", vm.toString(number), ": ", reason));
    }
}

contract EnergyMarketMoneyInvariantTest is MarketCampaign {
    /// @dev Steps of the fixed walk.
    uint256 private constant WALK = 2_000;

    function setUp() external {
        _build(1);
    }

    /// forge-config: default.invariant.runs = 12
    /// forge-config: default.invariant.depth = 128
    /// forge-config: default.invariant.fail-on-revert = true
    function invariant_E1_EveryUnitOfMoneyIsSomebodys() external view {
        _holds(1);
    }

    /// forge-config: default.invariant.runs = 12
    /// forge-config: default.invariant.depth = 128
    /// forge-config: default.invariant.fail-on-revert = true
    function invariant_E8_LocksCoverWhatIsTraded() external view {
        _holds(8);
    }

    /// forge-config: default.invariant.runs = 12
    /// forge-config: default.invariant.depth = 128
    /// forge-config: default.invariant.fail-on-revert = true
    function invariant_E9_EverythingHappensOnce() external view {
        _holds(9);
    }

    /// forge-config: default.invariant.runs = 12
    /// forge-config: default.invariant.depth = 128
    /// forge-config: default.invariant.fail-on-revert = true
    function invariant_E10_CorrectingThereAndBackRestoresAll() external view {
        _holds(10);
    }

    /// @dev The campaigns are worth what their handler reaches: on a walk of fixed steps every act is done, and every act
    /// that can be refused is refused, with all invariants looked at after each step.
    function test_HandlerReachesEveryState() external {
        MarketHandler h = _handler;
        function(uint256) external[24] memory acts = [
            h.pass,
            h.limit,
            h.deposit,
            h.withdraw,
            h.supply,
            h.payClaim,
            h.bodies,
            h.former,
            h.takeOver,
            h.keys,
            h.batch,
            h.direct,
            h.standing,
            h.agreement,
            h.clear,
            h.settle,
            h.correct,
            h.giveUp,
            h.batch,
            h.batch,
            h.clear,
            h.settle,
            h.settle,
            h.agreement
        ];
        for (uint256 i = 0; i < WALK; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            acts[seed % acts.length](seed);
            if (seed % 7 == 0) h.again(seed);
            for (uint256 number = 1; number <= 10; ++number) _holds(number);
        }
        _requireEachDone();
        _requireEachRefused();
    }

    function _requireEachDone() private view {
        string[38] memory acts = [
            "deposit",
            "withdraw",
            "withdrawSupplier",
            "topUpSupplier",
            "payClaim",
            "withdrawGridFees",
            "withdrawPot",
            "withdrawFormer",
            "payFormerDebt",
            "openAccount",
            "bumpEpoch",
            "setDelegate",
            "pause",
            "refresh",
            "batch",
            "orders",
            "direct",
            "placeStanding",
            "standing",
            "standingOrders",
            "agree",
            "postAgreements",
            "agreement",
            "endAgreement",
            "clear",
            "cleared",
            "confirm",
            "settle",
            "splitBatch",
            "settlePositions",
            "settled",
            "correct",
            "correctedBack",
            "void",
            "refund",
            "refundPositions",
            "refunded",
            "debt"
        ];
        for (uint256 i = 0; i < acts.length; ++i) {
            assertTrue(_handler.done(acts[i]) != 0, string.concat("never done: ", acts[i]));
        }
        assertTrue(_handler.done("claim") != 0, "never a claim");
    }

    function _requireEachRefused() private view {
        string[18] memory acts = [
            "withdraw",
            "withdrawSupplier",
            "payClaim",
            "withdrawGridFees",
            "withdrawPot",
            "openAccount",
            "batch",
            "direct",
            "standing",
            "clear",
            "confirm",
            "settle",
            "splitBatch",
            "settlePositions",
            "correct",
            "void",
            "refund",
            "again"
        ];
        for (uint256 i = 0; i < acts.length; ++i) {
            assertTrue(_handler.refused(acts[i]) != 0, string.concat("never refused: ", acts[i]));
        }
    }
}

contract EnergyMarketEnergyInvariantTest is MarketCampaign {
    function setUp() external {
        _build(2);
    }

    /// forge-config: default.invariant.runs = 12
    /// forge-config: default.invariant.depth = 128
    /// forge-config: default.invariant.fail-on-revert = true
    function invariant_E2_BoughtIsSold() external view {
        _holds(2);
    }

    /// forge-config: default.invariant.runs = 12
    /// forge-config: default.invariant.depth = 128
    /// forge-config: default.invariant.fail-on-revert = true
    function invariant_E3_NobodyTradesBeyondTheLimit() external view {
        _holds(3);
    }

    /// forge-config: default.invariant.runs = 12
    /// forge-config: default.invariant.depth = 128
    /// forge-config: default.invariant.fail-on-revert = true
    function invariant_E4_BetterOrdersAreWhole() external view {
        _holds(4);
    }
}
