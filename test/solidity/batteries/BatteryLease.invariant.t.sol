// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Signature} from "../../../contracts/authority/ISigned.sol";
import {DeviceFlags} from "../../../contracts/batteries/DeviceFlags.sol";
import {
    Abatement,
    Closing,
    IBatteryLease,
    Lease,
    LeaseAct,
    LeaseActKind,
    LeaseState,
    LeaseWithdrawal,
    Novation,
    Offer,
    PaymentAuthorization,
    Permit,
    ReturnReceipt,
    Swap,
    Usage
} from "../../../contracts/batteries/IBatteryLease.sol";
import {IBatteryPack, PackData, Sale, Status} from "../../../contracts/batteries/IBatteryPack.sol";
import {
    CertifiedHealth,
    DeviceState,
    IBatteryTelemetry,
    Reading,
    SignedReading
} from "../../../contracts/batteries/IBatteryTelemetry.sol";
import {IERC4907} from "../../../contracts/batteries/IERC4907.sol";
import {ILeaseBook} from "../../../contracts/batteries/ILeaseBook.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";
import {LeaseCity} from "./LeaseFixture.sol";
import {LeaseTwin} from "./LeaseTwin.sol";

/// @notice Four people lend, rent, sell and dispute five packs, rightly and wrongly. Every act is compared with the
/// twin: whether it may be done, and what it does to whose money. What only an act can show is kept in `broken`.
contract LeaseHandler is LeaseCity, LeaseTwin {
    struct Root {
        uint256 packId;
        uint32 day;
        bytes32 root;
        uint256 index;
    }

    struct Tombstone {
        uint256 packId;
        Status status;
        address holder;
    }

    uint256 private constant PEOPLE = 4;
    uint256 private constant PACKS = 5;
    uint256 private constant WH_STEP = 3_000;
    uint256 private constant RECEIPT_AGE = 30 days;
    uint32 private constant MAX_DAYS = 3;
    uint256 private constant MAX_TOMBSTONES = 6;

    address private _tests;
    address[PEOPLE] private _people;
    mapping(address person => uint256 key) private _keys;
    uint256[PACKS] private _packs;
    mapping(uint256 packId => uint256 key) private _devices;
    mapping(uint256 packId => DeviceState state) private _seen;
    Tombstone[] private _tombstones;
    Root[] private _roots;
    mapping(uint256 packId => mapping(uint32 day => uint256 count)) private _rootCounts;
    /// @dev Leases whose money is not all assigned.
    uint256[] private _live;
    mapping(address person => uint256 nonce) private _spentNonces;
    bool private _isPaused;

    /// @dev Tokens that left payers for the book, and that left the book for payees.
    uint256 public paidIn;
    uint256 public withdrawn;
    mapping(string act => uint256 count) public done;
    mapping(string act => uint256 count) public refused;
    string public broken;

    constructor() {
        _tests = msg.sender;
        buildLeaseCity();
        _people = [owner, buyer, lessee, heir];
        _keys[owner] = ownerKey;
        _keys[buyer] = buyerKey;
        _keys[lessee] = lesseeKey;
        _keys[heir] = heirKey;
        for (uint256 i = 0; i < PEOPLE; ++i) fund(_people[i], 1e24);
        _packs[0] = packId;
        _packs[1] = otherPackId;
        _devices[packId] = deviceKey;
        _devices[otherPackId] = spareKey;
        titleOf[packId] = owner;
        titleOf[otherPackId] = owner;
        for (uint256 i = 2; i < PACKS; ++i) _packs[i] = _newPack(i % 2 == 0 ? buyer : owner);
    }

    // --- time

    function pass(uint256 seed) external {
        _pass(_pick(seed, "duration", 2 days));
    }

    /// @dev To an instant where rights or windows end, or a second beside it.
    function passToEdge(uint256 seed) external {
        if (_live.length == 0) return;
        uint256 id = _live[_pick(seed, "lease", _live.length)];
        Offer memory offer = twins[id].offer;
        uint256 kind = _pick(seed, "edge", 5);
        uint256 edge = twinPaidThrough(id);
        if (twins[id].state != LeaseState.Active) {
            edge = twins[id].windowSince + (kind % 2 == 0 ? offer.claimWindow : offer.arbiterWindow);
        } else if (kind == 1) {
            edge = twinUserEnds(id);
        } else if (kind == 2) {
            edge = twinUserEnds(id) + offer.defaultAfter;
        } else if (kind == 3) {
            edge = twinTermEnds(id);
        } else if (kind == 4 && twinIsAbating(id)) {
            edge = twins[id].belowSince + offer.cureDuration;
        }
        edge = edge + _pick(seed, "beside", 3) - 1;
        if (edge > block.timestamp && edge < block.timestamp + 6 days) _pass(edge - block.timestamp);
    }

    // --- beginning

    function accept(uint256 seed) external {
        _tick(seed);
        _acceptWith(seed, _pick(seed, "fault", 16));
    }

    /// @dev With nothing wrong, so that packs are mostly leased.
    function acceptRightly(uint256 seed) external {
        _tick(seed);
        _acceptWith(seed, type(uint256).max);
    }

    // --- rent

    function payRent(uint256 seed) external {
        _tick(seed);
        uint256 id = _prefer(seed, _isPayable, LeaseState.Active);
        uint256 left = twins[id].offer.periods - twins[id].paidPeriods;
        uint256 count = _pick(seed, "all", 4) == 0 ? _pick(seed, "count", left + 2) : 1;
        bool allowed = twins[id].state == LeaseState.Active && count != 0 && count <= left;
        address payer = _person(seed, "payer");
        uint256 amount = allowed ? twinBillOf(id, count).amount : 0;
        if (_pick(seed, "mode", 3) != 0) {
            bytes memory data = abi.encodeCall(IBatteryLease.payRent, (id, uint16(count)));
            if (_pay("payRent", payer, payer, data, amount, allowed)) twinPay(id, count, payer);
            return;
        }
        PaymentAuthorization memory authorization = authorizationOf(
            _keys[payer],
            amount,
            book.rentNonce(id, uint16(count))
        );
        bytes memory call = abi.encodeCall(
            IBatteryLease.payRentWithAuthorization,
            (id, uint16(count), payer, authorization)
        );
        if (_pay("payRentWithAuthorization", payer, stranger, call, amount, allowed)) twinPay(id, count, payer);
    }

    /// @dev Up to four payments at once, also two for one lease.
    function payMany(uint256 seed) external {
        _tick(seed);
        uint256 length = _pick(seed, "length", 4) + 1;
        uint256[] memory ids = new uint256[](length);
        uint16[] memory counts = new uint16[](length);
        bool allowed = true;
        for (uint256 i = 0; i < length; ++i) {
            uint256 id = _prefer(uint256(keccak256(abi.encode(seed, i))), _isPayable, LeaseState.Active);
            uint256 paid = twins[id].paidPeriods;
            for (uint256 j = 0; j < i; ++j) {
                if (ids[j] == id) paid += counts[j];
            }
            (ids[i], counts[i]) = (id, 1);
            if (twins[id].state != LeaseState.Active || paid + 1 > twins[id].offer.periods) allowed = false;
        }
        address payer = _person(seed, "payer");
        uint256 before = euro.balanceOf(payer);
        bytes memory data = abi.encodeCall(IBatteryLease.payMany, (ids, counts));
        if (!_act("payMany", payer, data, allowed)) return;
        uint256 amount = 0;
        for (uint256 i = 0; i < length; ++i) amount += twinPay(ids[i], 1, payer);
        _movedIn("payMany", before - euro.balanceOf(payer), amount);
    }

    function credit(uint256 seed) external {
        _tick(seed);
        uint256[] memory ids = _someLeases(seed);
        if (!_act("credit", stranger, abi.encodeCall(IBatteryLease.credit, (ids)), true)) return;
        for (uint256 i = 0; i < ids.length; ++i) twinCredit(ids[i]);
    }

    function withdraw(uint256 seed) external {
        _tick(seed);
        address account = _person(seed, "account");
        if (_pick(seed, "mode", 3) == 0) {
            _withdrawBySig(account);
            return;
        }
        uint256[] memory ids = _someLeases(seed);
        uint256 expected = book.balanceOf(account);
        for (uint256 i = 0; i < ids.length; ++i) {
            if (twins[ids[i]].state != LeaseState.Active) continue;
            if (titleOf[twins[ids[i]].packId] == account) {
                uint256 earned = twinEarned(ids[i], block.timestamp);
                if (earned > twins[ids[i]].credited) expected += earned - twins[ids[i]].credited;
            }
            if (pack.pendingSale(twins[ids[i]].packId).seller == account) expected += unseenOf(ids[i]);
        }
        address to = _pick(seed, "lost", 12) == 0 ? address(book) : _person(seed, "to");
        uint256 before = euro.balanceOf(to);
        bytes memory data = abi.encodeCall(IBatteryLease.withdraw, (ids, to));
        if (!_act("withdraw", account, data, expected != 0 && to != address(book))) return;
        for (uint256 i = 0; i < ids.length; ++i) twinCredit(ids[i]);
        _movedOut("withdraw", account, euro.balanceOf(to) - before, expected);
    }

    /// @dev The token refuses one account; the others are paid all the same, and it can be paid elsewhere.
    function withdrawBesideABlockedOne(uint256 seed) external {
        _tick(seed);
        address blocked = _person(seed, "blocked");
        address account = _other(blocked);
        vm.mockCallRevert(address(euro), abi.encodeWithSelector(IERC20.transfer.selector, blocked), "");
        _act("withdrawBlocked", blocked, abi.encodeCall(IBatteryLease.withdraw, (new uint256[](0), blocked)), false);
        _withdrawBySig(account);
        uint256 balance = book.balanceOf(blocked);
        uint256 before = euro.balanceOf(stranger);
        bytes memory data = abi.encodeCall(IBatteryLease.withdraw, (new uint256[](0), stranger));
        if (_act("withdrawElsewhere", blocked, data, balance != 0)) {
            _movedOut("withdrawElsewhere", blocked, euro.balanceOf(stranger) - before, balance);
        }
        vm.clearMockedCalls();
    }

    // --- energy and guarantee

    function report(uint256 seed) external {
        _tick(seed);
        uint256 id = _packs[_pick(seed, "pack", PACKS)];
        Reading memory reading = _nextReading(seed, id);
        uint256 lie = _pick(seed, "lie", 10);
        bool allowed = lie > 3;
        uint256 key = _devices[id];
        if (lie == 0) key = strangerKey;
        if (lie == 1) reading.counter = telemetry.stateOf(id).counter;
        if (lie == 2) reading.takenAt = uint48(block.timestamp + 301);
        if (lie == 3) {
            if (readOf[id] == 0) return;
            reading.throughputWh = uint48(readOf[id] - 1);
        }
        try telemetry.submit(sign(reading, key)) {
            ++done["report"];
            if (!allowed) _break("8: false reading believed", "");
            readOf[id] = reading.throughputWh;
        } catch {
            ++refused["report"];
            if (allowed) _break("16: true reading refused", "");
        }
        _observe(id);
    }

    function billUsage(uint256 seed) external {
        _tick(seed);
        uint256 id = _lease(seed, LeaseState.Active);
        (Offer memory offer, bool right) = _offerFor(seed, id);
        bool allowed = right && twins[id].state == LeaseState.Active;
        if (_pick(seed, "sharp", 3) == 0) _passToFullPeriod(id);
        if (allowed) {
            uint256 elapsed = block.timestamp - twins[id].startedAt;
            uint256 full = elapsed / offer.period < offer.periods ? elapsed / offer.period : offer.periods;
            allowed = full > twins[id].billedPeriods;
        }
        bytes memory data = abi.encodeCall(IBatteryLease.billUsage, (id, offer));
        if (!_act("billUsage", stranger, data, allowed)) return;
        twinBillUsage(id);
    }

    function certifyHealth(uint256 seed) external {
        _tick(seed);
        bool repaired = _pick(seed, "repaired", 3) == 0;
        uint256 leaseId = _prefer(seed, repaired ? twinIsAbating : _isGuaranteed, LeaseState.Active);
        uint256 id = twins[leaseId].packId;
        if (twins[leaseId].state != LeaseState.Active) id = _packs[_pick(seed, "pack", PACKS)];
        if (telemetry.healthOf(id).testedAt >= block.timestamp) return;
        uint256 minSohBp = twins[leaseId].offer.minSohBp;
        // Below the guarantee or at it and above.
        certify(id, repaired ? minSohBp + _pick(seed, "soh", 500) : _pick(seed, "soh", minSohBp + 1));
        ++done["certifyHealth"];
    }

    function claimRemedy(uint256 seed) external {
        _tick(seed);
        uint256 id = _prefer(seed, _isBelow, LeaseState.Active);
        (Offer memory offer, bool right) = _offerFor(seed, id);
        bool allowed = right && twins[id].state == LeaseState.Active && _isBelow(id);
        uint256 sohBp = telemetry.healthOf(twins[id].packId).sohBp;
        bytes memory data = abi.encodeCall(IBatteryLease.claimRemedy, (id, offer));
        if (_act("claimRemedy", stranger, data, allowed)) twinAbate(id, sohBp);
    }

    function endRemedy(uint256 seed) external {
        _tick(seed);
        uint256 id = _prefer(seed, _isCured, LeaseState.Active);
        (Offer memory offer, bool right) = _offerFor(seed, id);
        bool allowed = right && twins[id].state == LeaseState.Active && _isCured(id);
        bytes memory data = abi.encodeCall(IBatteryLease.endRemedy, (id, offer));
        if (_act("endRemedy", stranger, data, allowed)) twinEndAbatement(id);
    }

    function disputeHealth(uint256 seed) external {
        _tick(seed);
        uint256 id = _lease(seed, LeaseState.Active);
        address party = _party(seed, id);
        bool allowed =
            twins[id].state == LeaseState.Active && (party == twins[id].lessee || party == titleOf[twins[id].packId]);
        if (_actAs(seed, "disputeHealth", LeaseActKind.DisputeHealth, id, party, allowed)) {
            twins[id].disputedAt = block.timestamp;
        }
    }

    function ruleHealth(uint256 seed) external {
        _tick(seed);
        uint256 id = _prefer(seed, _isDisputed, LeaseState.Active);
        (Offer memory offer, bool right) = _offerFor(seed, id);
        uint16 sohBp = uint16(_pick(seed, "soh", 10_001));
        address judge = _pick(seed, "judge", 8) == 0 ? twins[id].lessee : arbiter;
        uint256 disputedAt = twins[id].disputedAt;
        bool allowed =
            right &&
                judge == arbiter &&
                twins[id].state == LeaseState.Active &&
                disputedAt != 0 &&
                block.timestamp <= disputedAt + offer.arbiterWindow &&
                (sohBp >= offer.minSohBp || spans[id].length == 0 || block.timestamp <= twinPaidThrough(id));
        bytes memory data = abi.encodeCall(IBatteryLease.ruleHealth, (id, offer, sohBp));
        if (_act("ruleHealth", judge, data, allowed)) twinRule(id, sohBp);
    }

    // --- changes

    function sell(uint256 seed) external {
        _tick(seed);
        uint256 id = _packs[_pick(seed, "pack", PACKS)];
        _sell(id, _person(seed, "first"));
        if (_pick(seed, "again", 2) == 0) {
            _tick(seed / 2);
            _sell(id, _person(seed, "second"));
        }
        if (leaseHolding(id) != 0) ++done["sellLeased"];
    }

    function swap(uint256 seed) external {
        _tick(seed);
        uint256 id = _lease(seed, LeaseState.Active);
        Swap memory order = swapOf(id, twins[id].packId, _freePack(seed));
        uint256 fault = _pick(seed, "fault", 12);
        if (fault == 0) order.oldPackId = _packs[_pick(seed, "old", PACKS)];
        bool signed = fault != 1;
        address tenant = twins[id].lessee;
        Signature[3] memory signatures = signaturesOf(
            order,
            signed ? _keys[tenant] : strangerKey,
            _keys[titleOf[order.oldPackId]],
            _keys[titleOf[order.newPackId]]
        );
        SignedReading[] memory readings = new SignedReading[](fault == 2 || order.oldPackId == order.newPackId ? 0 : 2);
        uint256[2] memory wh = [readOf[order.oldPackId], readOf[order.newPackId]];
        if (readings.length != 0 && order.oldPackId != 0) {
            for (uint256 i = 0; i < 2; ++i) {
                uint256 swapped = i == 0 ? order.oldPackId : order.newPackId;
                Reading memory reading = _nextReading(uint256(keccak256(abi.encode(seed, i))), swapped);
                wh[i] = reading.throughputWh;
                readings[i] = sign(reading, _devices[swapped]);
            }
        }
        bool allowed =
            signed &&
                twins[id].state == LeaseState.Active &&
                order.oldPackId == twins[id].packId &&
                order.newPackId != order.oldPackId &&
                leaseHolding(order.newPackId) == 0 &&
                (titleOf[order.oldPackId] == titleOf[order.newPackId] || _isNothingDue(id)) &&
                (readings.length == 2 || (_isFresh(order.oldPackId) && _isFresh(order.newPackId)));
        bytes memory data = abi.encodeCall(IBatteryLease.swap, (order, signatures, readings));
        if (!_act("swap", stranger, data, allowed)) return;
        (readOf[order.oldPackId], readOf[order.newPackId]) = (wh[0], wh[1]);
        _observe(order.oldPackId);
        _observe(order.newPackId);
        twinSwap(id, order.newPackId);
    }

    function novate(uint256 seed) external {
        _tick(seed);
        uint256 id = _lease(seed, LeaseState.Active);
        address tenant = twins[id].lessee;
        Novation memory order = novationOf(id, tenant, _person(seed, "heir"));
        uint256 fault = _pick(seed, "fault", 8);
        if (fault == 0) order.oldLessee = _other(tenant);
        bool allowed =
            twins[id].state == LeaseState.Active &&
                order.oldLessee == tenant &&
                order.newLessee != tenant &&
                fault != 1;
        Signature[3] memory signatures = signaturesOf(
            order,
            _keys[titleOf[twins[id].packId]],
            _keys[order.oldLessee],
            fault == 1 ? strangerKey : _keys[order.newLessee]
        );
        // The heir may be the owner, whose signature then serves for both.
        if (fault == 1 && order.newLessee == titleOf[twins[id].packId]) return;
        bytes memory data = abi.encodeCall(IBatteryLease.novate, (order, signatures));
        if (_act("novate", stranger, data, allowed)) twinNovate(id, order.newLessee);
    }

    function buyout(uint256 seed) external {
        _tick(seed);
        // Rarely, so that leases live long enough to be disputed.
        if (_pick(seed, "rarely", 3) != 0) return;
        uint256 id = _lease(seed, LeaseState.Active);
        (Offer memory offer, bool right) = _offerFor(seed, id);
        address payer = _pick(seed, "wrong", 8) == 0 ? _other(twins[id].lessee) : twins[id].lessee;
        bool allowed =
            right && twins[id].state == LeaseState.Active && payer == twins[id].lessee && offer.buyoutStart != 0;
        uint256 amount = 0;
        if (allowed) {
            Close memory closed = twinCloseOf(id, block.timestamp, false);
            uint256 due = twinPriceOf(id) + closed.shortfall;
            amount = due > closed.held ? due - closed.held : 0;
        }
        uint256 maxPay = amount;
        if (amount != 0 && _pick(seed, "less", 4) == 0) {
            maxPay = amount - 1;
            allowed = false;
        }
        bytes memory data = abi.encodeCall(IBatteryLease.buyout, (id, offer, maxPay, noPermit()));
        if (!_pay("buyout", payer, payer, data, amount, allowed)) return;
        twinBuyout(id);
        _forget(id);
    }

    // --- return

    function requestReturn(uint256 seed) external {
        _tick(seed);
        uint256 id = _lease(seed, LeaseState.Active);
        address party = _party(seed, id);
        bool allowed = twins[id].state == LeaseState.Active && party == twins[id].lessee && !twins[id].requested;
        if (_actAs(seed, "requestReturn", LeaseActKind.RequestReturn, id, party, allowed)) twins[id].requested = true;
    }

    function keepPack(uint256 seed) external {
        _tick(seed);
        // Rarely, so that some packs are returned.
        if (_pick(seed, "rarely", 3) != 0) return;
        uint256 id = _lease(seed, LeaseState.Active);
        address party = _party(seed, id);
        bool allowed = twins[id].state == LeaseState.Active && party == twins[id].lessee;
        if (_actAs(seed, "keepPack", LeaseActKind.KeepPack, id, party, allowed)) twinKeep(id);
    }

    function confirmReturn(uint256 seed) external {
        _tick(seed);
        uint256 id = _endingLease(seed);
        (Offer memory offer, bool right) = _offerFor(seed, id);
        LeaseState state = twins[id].state;
        address party = _pick(seed, "wrong", 8) == 0 ? _person(seed, "other") : titleOf[twins[id].packId];
        bool over = twins[id].requested || (block.timestamp >= twinTermEnds(id) && block.timestamp > twinUserEnds(id));
        bool allowed =
            right &&
                party == titleOf[twins[id].packId] &&
                (state == LeaseState.Defaulted || (state == LeaseState.Active && over));
        bool settles = _pick(seed, "settles", 6) == 0;
        bytes memory data =
            settles
                ? abi.encodeCall(IBatteryLease.confirmAndSettle, (id, offer))
                : abi.encodeCall(IBatteryLease.confirmReturn, (id, offer));
        if (!_act(settles ? "confirmAndSettle" : "confirmReturn", party, data, allowed)) return;
        _takenBack(id, block.timestamp);
        if (!settles) return;
        twinSettle(id, 0);
        _forget(id);
    }

    function confirmReturnByReceipt(uint256 seed) external {
        _tick(seed);
        if (_pick(seed, "rarely", 4) != 0) return;
        uint256 id = _endingLease(seed);
        (Offer memory offer, bool right) = _offerFor(seed, id);
        LeaseState state = twins[id].state;
        ReturnReceipt memory receipt = receiptOf(id, twins[id].packId);
        uint256 since = twinReceiptsSince(id);
        uint256 fault = _pick(seed, "fault", 12);
        if (_pick(seed, "late", 2) == 0 && since <= block.timestamp) {
            receipt.receivedAt = uint48(since + _pick(seed, "receivedAt", block.timestamp - since + 1));
        }
        if (fault == 0) receipt.receivedAt = since == 0 ? 0 : uint48(since - 1);
        if (fault == 1) receipt.receivedAt = uint48(block.timestamp + 1);
        if (fault == 2) receipt.bay = stranger;
        bool over = twins[id].requested || block.timestamp >= twinTermEnds(id);
        bool allowed =
            right &&
                fault > 2 &&
                receipt.receivedAt >= since &&
                block.timestamp <= receipt.receivedAt + RECEIPT_AGE &&
                (state == LeaseState.Defaulted || (state == LeaseState.Active && over));
        Signature memory signature = sign(receipt, fault == 2 ? strangerKey : bayKey);
        bytes memory data = abi.encodeCall(IBatteryLease.confirmReturnByReceipt, (offer, receipt, signature));
        Sale memory sale = pack.pendingSale(twins[id].packId);
        uint256 seen = book.leaseOf(id).credited;
        if (!_act("confirmReturnByReceipt", stranger, data, allowed)) return;
        uint256 endedAt = twinEndOf(id, receipt.receivedAt);
        if (state == LeaseState.Active && sale.soldAt > endedAt) twinCutSale(id, sale.seller, seen, endedAt);
        _takenBack(id, endedAt);
    }

    function claimDamage(uint256 seed) external {
        _tick(seed);
        uint256 id = _lease(seed, LeaseState.Returned);
        uint256 held = twins[id].held;
        uint256 amount = _pick(seed, "amount", held + 2);
        address party = _pick(seed, "wrong", 8) == 0 ? _person(seed, "other") : twins[id].claimant;
        bool allowed =
            twins[id].state == LeaseState.Returned &&
                party == twins[id].claimant &&
                block.timestamp <= twins[id].windowSince + twins[id].offer.claimWindow &&
                amount != 0 &&
                amount <= held;
        bytes memory data = abi.encodeCall(IBatteryLease.claimDamage, (id, uint96(amount), keccak256("evidence")));
        if (!_act("claimDamage", party, data, allowed)) return;
        entitled[twins[id].lessee] += held - amount;
        twins[id].held = amount;
        twins[id].windowSince = block.timestamp;
        twins[id].state = LeaseState.Claimed;
    }

    function acceptClaim(uint256 seed) external {
        _tick(seed);
        uint256 id = _lease(seed, LeaseState.Claimed);
        address party = _party(seed, id);
        bool allowed = twins[id].state == LeaseState.Claimed && party == twins[id].lessee;
        if (!_actAs(seed, "acceptClaim", LeaseActKind.AcceptClaim, id, party, allowed)) return;
        twinSettle(id, twins[id].held);
        _forget(id);
    }

    function disputeClaim(uint256 seed) external {
        _tick(seed);
        uint256 id = _lease(seed, LeaseState.Claimed);
        address party = _party(seed, id);
        bool allowed =
            twins[id].state == LeaseState.Claimed &&
                party == twins[id].lessee &&
                block.timestamp <= twins[id].windowSince + twins[id].offer.claimWindow;
        if (!_actAs(seed, "disputeClaim", LeaseActKind.DisputeClaim, id, party, allowed)) return;
        twins[id].windowSince = block.timestamp;
        twins[id].state = LeaseState.Disputed;
    }

    function rule(uint256 seed) external {
        _tick(seed);
        uint256 id = _lease(seed, LeaseState.Disputed);
        uint256 award = _pick(seed, "award", twins[id].held + 2);
        address judge = _pick(seed, "judge", 8) == 0 ? twins[id].claimant : arbiter;
        bool allowed =
            twins[id].state == LeaseState.Disputed &&
                judge == arbiter &&
                award <= twins[id].held &&
                block.timestamp <= twins[id].windowSince + twins[id].offer.arbiterWindow;
        if (!_act("rule", judge, abi.encodeCall(IBatteryLease.rule, (id, uint96(award))), allowed)) return;
        twinSettle(id, award);
        _forget(id);
    }

    function settle(uint256 seed) external {
        _tick(seed);
        LeaseState[4] memory kinds = [
            LeaseState.Returned,
            LeaseState.Claimed,
            LeaseState.Disputed,
            LeaseState.Defaulted
        ];
        uint256 id = _lease(seed, kinds[_pick(seed, "kind", 4)]);
        LeaseState state = twins[id].state;
        uint256 window = state == LeaseState.Disputed ? twins[id].offer.arbiterWindow : twins[id].offer.claimWindow;
        if (state == LeaseState.Defaulted) window += twins[id].offer.arbiterWindow;
        bool open = state >= LeaseState.Defaulted && state <= LeaseState.Disputed;
        bool allowed = open && block.timestamp > twins[id].windowSince + window;
        if (
            !_act(
                state == LeaseState.Defaulted ? "settleDefault" : "settle",
                stranger,
                abi.encodeCall(IBatteryLease.settle, (id)),
                allowed
            )
        ) return;
        twinSettle(id, state == LeaseState.Claimed ? twins[id].held : 0);
        _forget(id);
    }

    // --- default

    function declareDefault(uint256 seed) external {
        _tick(seed);
        uint256 id = _prefer(seed, _isInDefault, LeaseState.Active);
        (Offer memory offer, bool right) = _offerFor(seed, id);
        address party = _pick(seed, "wrong", 8) == 0 ? _person(seed, "other") : titleOf[twins[id].packId];
        bool allowed =
            right && twins[id].state == LeaseState.Active && party == titleOf[twins[id].packId] && _isInDefault(id);
        bytes memory data = abi.encodeCall(IBatteryLease.declareDefault, (id, offer));
        if (!_act("declareDefault", party, data, allowed)) return;
        twinEnd(id, block.timestamp, true);
        twins[id].state = LeaseState.Defaulted;
    }

    function declareLost(uint256 seed) external {
        _tick(seed);
        uint256 id = _lease(seed, LeaseState.Defaulted);
        uint256 lostPack = twins[id].packId;
        address party = _pick(seed, "wrong", 8) == 0 ? _person(seed, "other") : titleOf[lostPack];
        bool allowed =
            twins[id].state == LeaseState.Defaulted &&
                party == titleOf[lostPack] &&
                block.timestamp > twins[id].windowSince + twins[id].offer.claimWindow;
        bytes memory data = abi.encodeCall(IBatteryLease.declareLost, (id, keccak256("evidence")));
        if (!_act("declareLost", party, data, allowed)) return;
        twins[id].claimant = party;
        twins[id].windowSince = block.timestamp;
        twins[id].state = LeaseState.Claimed;
        if (pack.packOf(lostPack).status != Status.Lost) _break("16: lost pack is not marked lost", "");
        _replacePack(lostPack, party);
    }

    // --- wrongs

    /// @dev Whatever the owner tries against the user of a leased pack.
    function evict(uint256 seed) external {
        _tick(seed);
        uint256 id = _lease(seed, LeaseState.Active);
        if (twins[id].state != LeaseState.Active) return;
        uint256 leased = twins[id].packId;
        address lessor = titleOf[leased];
        uint256 kind = _pick(seed, "kind", 14);
        if (kind == 0) _tryOnPack(lessor, abi.encodeCall(IERC4907.setUser, (leased, lessor, type(uint64).max)));
        if (kind == 1) _tryOnPack(lessor, abi.encodeCall(IERC4907.setUser, (leased, address(0), 0)));
        if (kind == 2) _tryOnPack(lessor, abi.encodeCall(IBatteryPack.markWaste, (leased)));
        if (kind == 3) _tryOnPack(lessor, abi.encodeCall(IBatteryPack.markLost, (leased)));
        if (kind == 4) _tryOnPack(lessor, abi.encodeCall(IBatteryPack.endTenancy, (leased, false)));
        if (kind == 5) _tryOnPack(lessor, abi.encodeCall(IBatteryPack.updateTenancy, (leased, lessor, 0)));
        if (kind == 6) _tryOnPack(lessor, abi.encodeCall(IBatteryPack.sellToTenant, (leased, lessor)));
        if (kind == 7) _tryOnPack(lessor, abi.encodeCall(IBatteryPack.startTenancy, (leased, lessor, 1, lessor, 1)));
        if (kind == 8) _tryOnPack(lessor, abi.encodeCall(IERC721.transferFrom, (lessor, address(0), leased)));
        if (kind == 9) _tryToSupersede(lessor, leased);
        if (kind == 10) {
            vm.prank(lessor);
            pack.approve(stranger, leased);
            _tryOnPack(stranger, abi.encodeCall(IERC4907.setUser, (leased, stranger, type(uint64).max)));
        }
        if (kind == 11) {
            PackData memory data = packData(vm.addr(1), 1);
            data.serialHash = bytes32(leased << 192);
            _tryOnPack(operator, abi.encodeCall(IBatteryPack.register, (lessor, data)));
        }
        if (kind == 12) {
            bytes memory hook = abi.encodeCall(ILeaseBook.onPackSold, (id, lessor, uint40(block.timestamp)));
            _act("onPackSold", lessor, hook, false);
        }
        if (kind == 13) {
            // The lessee's hand on the title.
            address tenant = twins[id].lessee;
            if (tenant == lessor) return;
            _tryOnPack(tenant, abi.encodeCall(IERC4907.setUser, (leased, tenant, type(uint64).max)));
        }
    }

    function pause(uint256 seed) external {
        _tick(seed);
        if (_isPaused) {
            if (_act("unpause", steward, abi.encodeCall(IBatteryLease.unpause, ()), true)) _isPaused = false;
        } else if (_pick(seed, "rarely", 8) == 0) {
            _act("pause", owner, abi.encodeCall(IBatteryLease.pause, ()), false);
            if (_act("pause", guardian, abi.encodeCall(IBatteryLease.pause, ()), true)) _isPaused = true;
        }
    }

    // --- ends of passports, roots

    /// @dev Recycles or supersedes a free pack; another takes its place.
    function retire(uint256 seed) external {
        _tick(seed);
        uint256 id = _freePack(seed);
        if (leaseHolding(id) != 0 || _tombstones.length == MAX_TOMBSTONES || _pick(seed, "rarely", 4) != 0) return;
        address holder = titleOf[id];
        Status status = Status.Recycled;
        if (_pick(seed, "kind", 2) == 0) {
            recyclePack(id);
        } else {
            vm.prank(holder);
            pack.approve(operator, id);
            vm.prank(operator);
            pack.repurpose(listOf(id), holder, packData(vm.addr(1), 1), Status.Reused);
            status = Status.Superseded;
        }
        ++done["retire"];
        _tombstones.push(Tombstone({packId: id, status: status, holder: holder}));
        _replacePack(id, holder);
    }

    /// @dev Nothing moves, uses, leases or revives a pack whose passport has ended.
    function disturb(uint256 seed) external {
        _tick(seed);
        if (_tombstones.length == 0) return;
        uint256 id = _tombstones[_pick(seed, "pack", _tombstones.length)].packId;
        address holder = pack.ownerOf(id);
        _tryOnPack(holder, abi.encodeCall(IERC721.transferFrom, (holder, stranger, id)));
        _tryOnPack(holder, abi.encodeCall(IERC4907.setUser, (id, holder, type(uint64).max)));
        _tryOnPack(holder, abi.encodeCall(IBatteryPack.markWaste, (id)));
        _tryOnPack(holder, abi.encodeCall(IBatteryPack.markLost, (id)));
        _tryToSupersede(holder, id);
        Offer memory offer = _terms(seed, id, holder);
        offer.startWh = type(uint48).max;
        _accept(0, offer, _keys[holder], lessee, false);
    }

    function commitRoot(uint256 seed) external {
        uint256 id = _packs[_pick(seed, "pack", PACKS)];
        uint32 day = uint32(_pick(seed, "day", MAX_DAYS));
        bytes32 root = keccak256(abi.encode(seed));
        uint256 count = _rootCounts[id][day];
        vm.prank(collector);
        if (_pick(seed, "corrects", 2) == 0) {
            try telemetry.commitDayRoot(id, day, root, 1) {
                if (count != 0) _break("9: root overwritten", "");
                _keepRoot(id, day, root, count);
            } catch {
                ++refused["commitRoot"];
            }
        } else {
            try telemetry.correctDayRoot(id, day, 0, root, "") returns (uint256 index) {
                if (index != count || count == 0) _break("9: correction not appended", "");
                _keepRoot(id, day, root, index);
            } catch {
                ++refused["commitRoot"];
            }
        }
    }

    // --- the end of a run

    /// @dev Paused, every lessee gives its pack back to a bay, no owner does anything, and all are paid.
    function everybodyLeaves() external {
        if (msg.sender != _tests) return;
        if (!_isPaused) {
            vm.prank(guardian);
            book.pause();
            _isPaused = true;
        }
        // A receipt counts from the second after a lessee kept its pack.
        vm.warp(block.timestamp + 1);
        for (uint256 i = 0; i < _live.length; ++i) {
            uint256 id = _live[i];
            if (twins[id].state != LeaseState.Active) continue;
            if (!twins[id].requested) {
                vm.prank(twins[id].lessee);
                book.requestReturn(id);
            }
            ReturnReceipt memory receipt = receiptOf(id, twins[id].packId);
            book.confirmReturnByReceipt(twins[id].offer, receipt, sign(receipt, bayKey));
        }
        vm.warp(block.timestamp + 181 days);
        for (uint256 i = 0; i < _live.length; ++i) book.settle(_live[i]);
        for (uint256 i = 0; i < PEOPLE; ++i) withdrawAll(_people[i]);
        assertEq(euro.balanceOf(address(book)), 0, "1: something is left when everybody has gone");
    }

    // --- what must hold, numbered as in the test contract

    function checkMoney() external view {
        uint256 locked = 0;
        for (uint256 i = 0; i < _live.length; ++i) locked += lockedIn(_live[i]);
        uint256 balances = 0;
        for (uint256 i = 0; i < PEOPLE; ++i) balances += book.balanceOf(_people[i]);
        assertEq(euro.balanceOf(address(book)), locked + balances, "1: the book holds what it owes");
        assertEq(paidIn, withdrawn + euro.balanceOf(address(book)), "2: paid in is withdrawn or held");
    }

    function checkCredits() external view {
        for (uint256 i = 0; i < _live.length; ++i) {
            Lease memory lease = book.leaseOf(_live[i]);
            if (lease.state != LeaseState.Active) continue;
            uint256 paid = uint256(lease.rent) * lease.paidPeriods;
            assertLe(lease.credited, paid, "3: credited at most what is paid");
            assertLe(lease.credited, book.owedOf(_live[i]).accrued, "3: credited at most what is accrued");
            bool unseen = pack.pendingSale(lease.packId).seller != address(0);
            if (!unseen) assertEq(lease.credited, twins[_live[i]].credited, "4: credited as by the twin");
        }
        for (uint256 i = 0; i < PEOPLE; ++i) {
            address account = _people[i];
            uint256 got = book.balanceOf(account);
            for (uint256 j = 0; j < _live.length; ++j) {
                if (pack.pendingSale(twins[_live[j]].packId).seller == account) got += unseenOf(_live[j]);
            }
            assertEq(got, entitled[account], "4, 11: everybody gets what the twin gives");
        }
    }

    function checkLeases() external view {
        for (uint256 i = 0; i < _live.length; ++i) {
            uint256 id = _live[i];
            Lease memory lease = book.leaseOf(id);
            assertEq(uint256(lease.state), uint256(twins[id].state), "16: state as by the twin");
            assertEq(lease.lessee, twins[id].lessee, "16: lessee as by the twin");
            assertEq(lease.packId, twins[id].packId, "16: pack as by the twin");
            assertEq(lease.paidPeriods, twins[id].paidPeriods, "16: periods paid as by the twin");
            if (lease.state == LeaseState.Active) {
                _checkOwed(id);
            } else {
                (, , Closing memory closing) = book.accountsOf(id);
                assertEq(closing.held, twins[id].held, "11: held as by the twin");
            }
        }
    }

    function checkUsers() external view {
        uint256 leased = 0;
        for (uint256 i = 0; i < PACKS; ++i) {
            uint256 id = leaseHolding(_packs[i]);
            if (id != 0) ++leased;
            (address holder, uint256 leaseId) = pack.leaseOf(_packs[i]);
            assertEq(leaseId, id, "5: pack and book name the same lease");
            assertEq(holder, id == 0 ? address(0) : address(book), "5: the book holds exactly the leased packs");
            if (id == 0) assertEq(pack.userOf(_packs[i]), address(0), "7: no user without a lease");
            assertEq(pack.ownerOf(_packs[i]), titleOf[_packs[i]], "16: title as by the twin");
        }
        uint256 open = 0;
        for (uint256 i = 0; i < _live.length; ++i) {
            LeaseState state = twins[_live[i]].state;
            if (state == LeaseState.Active || state == LeaseState.Defaulted) ++open;
            _checkUser(_live[i]);
        }
        assertEq(open, leased, "5: a pack has at most one open lease");
    }

    function checkRecords() external view {
        for (uint256 i = 0; i < _roots.length; ++i) {
            Root memory one = _roots[i];
            assertEq(telemetry.dayRoot(one.packId, one.day, one.index), one.root, "9: roots never change");
        }
        for (uint256 i = 0; i < _tombstones.length; ++i) {
            Tombstone memory one = _tombstones[i];
            assertEq(uint256(pack.packOf(one.packId).status), uint256(one.status), "10: an ended passport stays ended");
            assertEq(pack.ownerOf(one.packId), one.holder, "10: a tombstone never moves");
            assertTrue(pack.locked(one.packId), "10: a tombstone is locked");
        }
        bytes4[6] memory ids = [bytes4(0x01ffc9a7), 0x80ac58cd, 0x5b5e139f, 0xad092b5c, 0x49064906, 0xb45a3c0e];
        for (uint256 i = 0; i < ids.length; ++i) {
            assertTrue(pack.supportsInterface(ids[i]), "13: supported interfaces are stable");
        }
        assertFalse(pack.supportsInterface(0xffffffff), "13: supported interfaces are stable");
    }

    /// @dev What the book keeps of a lease's money.
    function lockedIn(uint256 id) public view returns (uint256 amount) {
        Lease memory lease = book.leaseOf(id);
        (, Abatement memory abatement, Closing memory closing) = book.accountsOf(id);
        if (lease.state != LeaseState.Active) return closing.held;
        uint256 rent = uint256(lease.rent) * lease.paidPeriods;
        return twins[id].offer.deposit + rent - lease.credited - abatement.rebateTaken;
    }

    /// @dev Rent that a seller earned and the book has not taken note of.
    function unseenOf(uint256 id) public view returns (uint256 amount) {
        if (twins[id].state != LeaseState.Active) return 0;
        return twins[id].credited - book.leaseOf(id).credited;
    }

    /// @dev The running or defaulted lease of a pack; zero: none.
    function leaseHolding(uint256 packId_) public view returns (uint256 id) {
        for (uint256 i = 0; i < _live.length; ++i) {
            LeaseState state = twins[_live[i]].state;
            bool holds = state == LeaseState.Active || state == LeaseState.Defaulted;
            if (holds && twins[_live[i]].packId == packId_) return _live[i];
        }
    }

    function deployTelemetry() internal override returns (IBatteryTelemetry deployed) {
        return deployTelemetryArtifact();
    }

    // --- internals: acts

    /// @dev Calls the book and compares with whether the act is allowed. A refused one must change nothing.
    function _act(string memory act, address from, bytes memory data, bool allowed) private returns (bool ok) {
        bytes32 before = allowed ? bytes32(0) : digest();
        vm.prank(from);
        bytes memory answer;
        (ok, answer) = address(book).call(data);
        if (ok) {
            ++done[act];
            if (!allowed) _break("15: forbidden act went through: ", act);
        } else {
            ++refused[act];
            if (allowed) _break(string.concat("16: rightful act refused: ", act, " "), vm.toString(bytes32(answer)));
            else if (digest() != before) _break("14: refused act left a trace: ", act);
        }
    }

    /// @dev By the party's own call or by its signature that a stranger relays.
    function _actAs(
        uint256 seed,
        string memory act,
        LeaseActKind kind,
        uint256 id,
        address party,
        bool allowed
    ) private returns (bool ok) {
        bytes32 evidence = keccak256("evidence");
        if (_pick(seed, "relayed", 2) == 0) {
            if (kind == LeaseActKind.AcceptClaim) {
                // The amount accepted; now and then another.
                evidence = bytes32(twins[id].held);
                if (_pick(seed, "another", 4) == 0) (evidence, allowed) = (bytes32(twins[id].held + 1), false);
            }
            if (kind == LeaseActKind.KeepPack) {
                // The request that ends; now and then another.
                evidence = bytes32(uint256(book.leaseOf(id).requestedAt));
                if (_pick(seed, "another", 4) == 0) (evidence, allowed) = (bytes32(uint256(evidence) + 1), false);
            }
            LeaseAct memory leaseAct = actOf(id, party, kind, evidence);
            Signature memory signature = sign(leaseAct, _keys[party]);
            return
                _act(
                    string.concat(act, "For"),
                    stranger,
                    abi.encodeCall(IBatteryLease.actFor, (leaseAct, signature)),
                    allowed
                );
        }
        bytes memory data = abi.encodeCall(IBatteryLease.requestReturn, (id));
        if (kind == LeaseActKind.KeepPack) data = abi.encodeCall(IBatteryLease.keepPack, (id));
        if (kind == LeaseActKind.AcceptClaim) data = abi.encodeCall(IBatteryLease.acceptClaim, (id));
        if (kind == LeaseActKind.DisputeClaim) data = abi.encodeCall(IBatteryLease.disputeClaim, (id, evidence));
        if (kind == LeaseActKind.DisputeHealth) data = abi.encodeCall(IBatteryLease.disputeHealth, (id, evidence));
        return _act(act, party, data, allowed);
    }

    /// @dev An act by which `payer` pays `amount`.
    function _pay(
        string memory act,
        address payer,
        address from,
        bytes memory data,
        uint256 amount,
        bool allowed
    ) private returns (bool ok) {
        uint256 before = euro.balanceOf(payer);
        ok = _act(act, from, data, allowed);
        if (ok) _movedIn(act, before - euro.balanceOf(payer), amount);
    }

    /// @dev Offers a pack, with one thing wrong for most of `fault` below 16.
    function _acceptWith(uint256 seed, uint256 fault) private {
        uint256 id = _freePack(seed);
        address lessor = titleOf[id];
        address tenant = _person(seed, "tenant");
        Offer memory offer = _terms(seed, id, lessor);
        bool allowed = !_isPaused && leaseHolding(id) == 0;
        uint256 signer = _keys[lessor];
        if (fault == 0) {
            offer.lessor = _other(lessor);
            signer = _keys[offer.lessor];
        } else if (fault == 1) {
            signer = strangerKey;
        } else if (fault == 2) {
            offer.deadline = uint48(block.timestamp - 1);
        } else if (fault == 3) {
            offer.lessee = _other(tenant);
        } else if (fault == 4) {
            offer.rent = 0;
        } else if (fault == 5 && readOf[id] != 0) {
            offer.startWh = uint48(readOf[id] - 1);
        } else if (fault == 6 && _spentNonces[lessor] != 0) {
            offer.nonce = _spentNonces[lessor];
        } else {
            fault = type(uint256).max;
        }
        allowed = allowed && fault == type(uint256).max;
        _accept(_pick(seed, "mode", 3), offer, signer, tenant, allowed);
    }

    function _accept(uint256 mode, Offer memory offer, uint256 signer, address tenant, bool allowed) private {
        Signature memory signature = sign(offer, signer);
        uint256 amount = uint256(offer.deposit) + offer.rent;
        uint256 before = euro.balanceOf(tenant);
        bool ok;
        if (mode == 0) {
            bytes memory data = abi.encodeCall(IBatteryLease.accept, (offer, signature, noPermit()));
            ok = _act("accept", tenant, data, allowed);
        } else if (mode == 1) {
            vm.prank(tenant);
            euro.approve(address(book), 0);
            Permit memory permit = permitOf(_keys[tenant], amount);
            bytes memory data = abi.encodeCall(IBatteryLease.accept, (offer, signature, permit));
            ok = _act("acceptByPermit", tenant, data, allowed);
            vm.prank(tenant);
            euro.approve(address(book), type(uint256).max);
        } else {
            PaymentAuthorization memory payment = authorizationOf(_keys[tenant], amount, book.acceptNonce(offer));
            bytes memory data = abi.encodeCall(
                IBatteryLease.acceptWithAuthorization,
                (offer, signature, tenant, payment)
            );
            ok = _act("acceptWithAuthorization", stranger, data, allowed);
        }
        if (!ok) return;
        uint256 id = book.leaseCount();
        _live.push(id);
        _spentNonces[offer.lessor] = offer.nonce;
        twinOpen(id, offer, tenant);
        _movedIn("accept", before - euro.balanceOf(tenant), amount);
    }

    function _withdrawBySig(address account) private {
        uint256 balance = book.balanceOf(account);
        uint256 before = euro.balanceOf(account);
        LeaseWithdrawal memory order = withdrawalOf(account, account);
        bytes memory data = abi.encodeCall(IBatteryLease.withdrawBySig, (order, sign(order, _keys[account])));
        if (!_act("withdrawBySig", stranger, data, balance != 0)) return;
        _movedOut("withdrawBySig", account, euro.balanceOf(account) - before, balance);
    }

    function _sell(uint256 id, address to) private {
        address from = titleOf[id];
        vm.prank(from);
        pack.transferFrom(from, to, id);
        ++done["sell"];
        if (to != from) twinSale(leaseHolding(id), id, to);
    }

    function _takenBack(uint256 id, uint256 receivedAt) private {
        address holder = titleOf[twins[id].packId];
        // A default has closed the accounts.
        if (twins[id].state == LeaseState.Active) twinEnd(id, receivedAt, true);
        twins[id].claimant = holder;
        twins[id].windowSince = block.timestamp;
        twins[id].state = LeaseState.Returned;
    }

    function _tryOnPack(address from, bytes memory data) private {
        bytes32 before = digest();
        vm.prank(from);
        (bool ok, ) = address(pack).call(data);
        if (ok) _break("6, 10: a leased or ended pack was touched", "");
        ++refused["touch"];
        if (digest() != before) _break("14: refused touch left a trace", "");
    }

    function _tryToSupersede(address holder, uint256 id) private {
        if (!pack.locked(id)) {
            vm.prank(holder);
            pack.approve(operator, id);
        }
        PackData memory data = packData(vm.addr(1), 1);
        _tryOnPack(operator, abi.encodeCall(IBatteryPack.repurpose, (listOf(id), holder, data, Status.Reused)));
    }

    function _movedIn(string memory act, uint256 moved, uint256 expected) private {
        paidIn += moved;
        if (moved != expected) _break("2: another amount was paid: ", act);
    }

    function _movedOut(string memory act, address account, uint256 moved, uint256 expected) private {
        withdrawn += moved;
        entitled[account] -= moved;
        if (moved != expected) _break("2: another amount was paid out: ", act);
    }

    function _forget(uint256 id) private {
        if (book.leaseOf(id).state != twins[id].state) _break("16: state as by the twin", "");
        for (uint256 i = 0; i < _live.length; ++i) {
            if (_live[i] != id) continue;
            _live[i] = _live[_live.length - 1];
            _live.pop();
            return;
        }
    }

    function _newPack(address holder) private returns (uint256 id) {
        uint256 key = uint256(keccak256(abi.encode("device of", ++done["newPack"])));
        id = registerPack(holder, vm.addr(key));
        _devices[id] = key;
        titleOf[id] = holder;
    }

    function _replacePack(uint256 old, address holder) private {
        for (uint256 i = 0; i < PACKS; ++i) {
            if (_packs[i] == old) _packs[i] = _newPack(holder);
        }
    }

    function _keepRoot(uint256 id, uint32 day, bytes32 root, uint256 index) private {
        ++done["commitRoot"];
        _roots.push(Root({packId: id, day: day, root: root, index: index}));
        _rootCounts[id][day] = index + 1;
    }

    function _observe(uint256 id) private {
        DeviceState memory state = telemetry.stateOf(id);
        if (state.counter < _seen[id].counter) _break("8: counter fell", "");
        if (state.throughputWh < _seen[id].throughputWh) _break("8: throughput fell", "");
        if (state.fullCycles < _seen[id].fullCycles) _break("8: cycles fell", "");
        _seen[id] = state;
    }

    function _break(string memory what, string memory act) private {
        if (bytes(broken).length == 0) broken = string.concat(what, act);
    }

    // --- internals: time

    function _tick(uint256 seed) private {
        uint256 kind = _pick(seed, "tick", 4);
        if (kind > 1) _pass(_pick(seed, "span", kind == 2 ? 10 minutes : 3 hours));
    }

    /// @dev To the second in which the next period of a lease has passed.
    function _passToFullPeriod(uint256 id) private {
        if (twins[id].state != LeaseState.Active || block.timestamp >= twinTermEnds(id)) return;
        uint256 period = twins[id].offer.period;
        _pass(period - ((block.timestamp - twins[id].startedAt) % period));
    }

    /// @dev Looks at every lessee's last second of use and the next one on the way: rights lapse by themselves.
    function _pass(uint256 duration) private {
        uint256 target = block.timestamp + duration;
        uint256 start = block.timestamp;
        for (uint256 i = 0; i < _live.length; ++i) {
            if (twins[_live[i]].state != LeaseState.Active) continue;
            uint256 edge = twinUserEnds(_live[i]);
            if (edge < start || edge >= target) continue;
            vm.warp(edge);
            _checkUser(_live[i]);
            vm.warp(edge + 1);
            _checkUser(_live[i]);
        }
        vm.warp(target);
    }

    function _checkUser(uint256 id) private view {
        LeaseState state = twins[id].state;
        if (state != LeaseState.Active && state != LeaseState.Defaulted) return;
        bool paid = state == LeaseState.Active && block.timestamp <= twinUserEnds(id);
        address user = pack.userOf(twins[id].packId);
        if (paid) assertEq(user, twins[id].lessee, "6: the lessee uses what it has paid for");
        else assertEq(user, address(0), "7: nobody uses what is not paid for");
    }

    function _checkOwed(uint256 id) private view {
        uint256 dues = (block.timestamp - twins[id].startedAt) / twins[id].offer.period + 1;
        if (dues > twins[id].offer.periods) dues = twins[id].offer.periods;
        uint256 paid = twins[id].paidPeriods;
        Bill memory bill = twinBillOf(id, dues > paid ? dues - paid : 0);
        assertEq(book.owedOf(id).payToCure, bill.amount, "16: owed as by the twin");
        assertEq(book.owedOf(id).accrued, twinAccrued(id, block.timestamp), "16: accrued as by the twin");
    }

    // --- internals: choices

    function _pick(uint256 seed, string memory what, uint256 count) private pure returns (uint256 choice) {
        return uint256(keccak256(abi.encode(seed, what))) % count;
    }

    function _person(uint256 seed, string memory what) private view returns (address person) {
        return _people[_pick(seed, what, PEOPLE)];
    }

    function _other(address person) private view returns (address other) {
        for (uint256 i = 0; i < PEOPLE; ++i) {
            if (_people[i] == person) return _people[(i + 1) % PEOPLE];
        }
        return _people[0];
    }

    /// @dev Mostly the lessee.
    function _party(uint256 seed, uint256 id) private view returns (address party) {
        party = twins[id].lessee;
        if (party == address(0) || _pick(seed, "wrong", 5) == 0) party = _person(seed, "party");
    }

    /// @dev A lease in a state; now and then, or when there is none, any other.
    function _lease(uint256 seed, LeaseState state) private view returns (uint256 id) {
        uint256 count = _live.length;
        uint256 offset = _pick(seed, "lease", count + 1);
        if (count == 0 || _pick(seed, "any", 10) == 0) return _pick(seed, "lease", book.leaseCount() + 2);
        for (uint256 i = 0; i < count; ++i) {
            id = _live[(offset + i) % count];
            if (twins[id].state == state) return id;
        }
    }

    /// @dev A lease of this state that fits, if there is one.
    function _prefer(
        uint256 seed,
        function(uint256) view returns (bool) fits,
        LeaseState state
    ) private view returns (uint256 id) {
        uint256 offset = _pick(seed, "prefer", _live.length + 1);
        for (uint256 i = 0; i < _live.length && _pick(seed, "lax", 10) != 0; ++i) {
            id = _live[(offset + i) % _live.length];
            if (twins[id].state == state && fits(id)) return id;
        }
        return _lease(seed, state);
    }

    /// @dev A lease that can end by its pack's return, if there is one.
    function _endingLease(uint256 seed) private view returns (uint256 id) {
        if (_pick(seed, "ended", 2) == 0) return _lease(seed, LeaseState.Defaulted);
        return _prefer(seed, _isRequested, LeaseState.Active);
    }

    function _someLeases(uint256 seed) private view returns (uint256[] memory ids) {
        uint256 length = _live.length < 3 ? _live.length : 3;
        if (length == 0) return listOf(1);
        ids = new uint256[](length);
        uint256 offset = _pick(seed, "some", _live.length);
        for (uint256 i = 0; i < length; ++i) ids[i] = _live[(offset + i) % _live.length];
    }

    /// @dev A pack that no lease holds, if there is one.
    function _freePack(uint256 seed) private view returns (uint256 id) {
        uint256 offset = _pick(seed, "pack", PACKS);
        for (uint256 i = 0; i < PACKS; ++i) {
            id = _packs[(offset + i) % PACKS];
            if (leaseHolding(id) == 0 || _pick(seed, "leased", 10) == 0) return id;
        }
    }

    /// @dev The lease's offer; now and then one with a better rent.
    function _offerFor(uint256 seed, uint256 id) private view returns (Offer memory offer, bool right) {
        offer = twins[id].offer;
        right = _pick(seed, "forged", 16) != 0;
        if (!right) ++offer.deposit;
    }

    function _terms(uint256 seed, uint256 id, address lessor) private returns (Offer memory offer) {
        offer = offerOf(id);
        offer.lessor = lessor;
        offer.lessee = address(0);
        // Small rents round, great ones show lost digits.
        offer.rent = uint96(1 + _pick(seed, "rent", _pick(seed, "small", 2) == 0 ? 50 : 200e6));
        offer.deposit = uint96(_pick(seed, "deposit", 500e6));
        offer.lateFee = uint96(_pick(seed, "lateFee", 10e6));
        offer.earlyFee = uint96(_pick(seed, "earlyFee", 100e6));
        offer.buyoutResidual = uint96(_pick(seed, "residual", 400e6));
        offer.buyoutStart =
            _pick(seed, "sale", 4) == 0 ? 0 : offer.buyoutResidual + uint96(_pick(seed, "start", 900e6));
        if (offer.buyoutStart == 0) offer.buyoutResidual = 0;
        offer.overagePerKWh = _pick(seed, "unlimited", 4) == 0 ? 0 : uint96(_pick(seed, "overage", 10e6));
        offer.includedWh = uint48(_pick(seed, "included", 2_000));
        offer.startWh = uint48(readOf[id] + _pick(seed, "startWh", 100));
        offer.period = uint32(12 hours + _pick(seed, "period", 4 days));
        offer.periods = uint16(1 + _pick(seed, "periods", 8));
        offer.grace = uint32(_pick(seed, "grace", 2 days));
        offer.defaultAfter = uint32(_pick(seed, "defaultAfter", 2 days));
        offer.claimWindow = uint32(1 days + _pick(seed, "claimWindow", 3 days));
        offer.arbiterWindow = uint32(1 days + _pick(seed, "arbiterWindow", 5 days));
        offer.cureDuration = uint32(_pick(seed, "cure", 3 days));
        offer.minSohBp = _pick(seed, "guarantee", 5) == 0 ? 0 : uint16(7_000 + _pick(seed, "minSoh", 3_001));
    }

    function _nextReading(uint256 seed, uint256 id) private returns (Reading memory reading) {
        reading = nextReading(id, uint48(readOf[id] + _pick(seed, "wh", WH_STEP)));
        reading.fullCycles = uint32(reading.throughputWh / RATED_WH);
        if (_pick(seed, "abuse", 24) == 0) reading.flags = DeviceFlags.OVERHEATED;
    }

    function _isFresh(uint256 id) private view returns (bool fresh) {
        return telemetry.stateOf(id).takenAt >= block.timestamp - 1 hours;
    }

    function _isNothingDue(uint256 id) private view returns (bool isNothingDue) {
        return block.timestamp <= twinPaidThrough(id) && twins[id].overageDue == 0;
    }

    function _isPayable(uint256 id) internal view returns (bool isPayable) {
        return twins[id].paidPeriods < twins[id].offer.periods;
    }

    function _isRequested(uint256 id) internal view returns (bool isRequested) {
        return twins[id].requested;
    }

    function _isDisputed(uint256 id) internal view returns (bool isDisputed) {
        return twins[id].disputedAt != 0;
    }

    function _isGuaranteed(uint256 id) internal view returns (bool isGuaranteed) {
        return twins[id].offer.minSohBp != 0;
    }

    /// @dev Whether the lessee has a right to (further) abatement.
    function _isBelow(uint256 id) private view returns (bool isBelow) {
        uint256 below = twinIsAbating(id) ? spans[id][spans[id].length - 1].sohBp : twins[id].offer.minSohBp;
        return
            _isCertified(id) &&
            telemetry.healthOf(twins[id].packId).sohBp < below &&
            telemetry.stateOf(twins[id].packId).abusedAt < twins[id].packSince &&
            block.timestamp <= twinPaidThrough(id);
    }

    /// @dev Whether the pack meets its guarantee again.
    function _isCured(uint256 id) private view returns (bool isCured) {
        return
            twinIsAbating(id) &&
            _isCertified(id) &&
            telemetry.healthOf(twins[id].packId).sohBp >= twins[id].offer.minSohBp;
    }

    function _isInDefault(uint256 id) private view returns (bool inDefault) {
        return block.timestamp > twinUserEnds(id) + twins[id].offer.defaultAfter;
    }

    /// @dev Whether the pack was tested since it came into the lease and since the latest ruling.
    function _isCertified(uint256 id) private view returns (bool certified) {
        CertifiedHealth memory health = telemetry.healthOf(twins[id].packId);
        uint256 ruledAt = twins[id].ruledAt;
        return
            health.testedAt >= twins[id].packSince &&
            (ruledAt == 0 || ruledAt < twins[id].packSince || health.testedAt > ruledAt);
    }

    // --- internals: traces

    /// @dev Every balance, account, right and counter.
    function digest() private view returns (bytes32 hash) {
        hash = keccak256(abi.encode(book.leaseCount(), euro.balanceOf(address(book)), euro.balanceOf(stranger)));
        for (uint256 i = 0; i < PEOPLE; ++i) {
            hash = keccak256(abi.encode(hash, euro.balanceOf(_people[i]), book.balanceOf(_people[i])));
        }
        for (uint256 i = 0; i < _live.length; ++i) {
            (Usage memory usage, Abatement memory abatement, Closing memory closing) = book.accountsOf(_live[i]);
            hash = keccak256(abi.encode(hash, book.leaseOf(_live[i]), usage, abatement, closing));
        }
        for (uint256 i = 0; i < PACKS; ++i) {
            uint256 id = _packs[i];
            (, uint256 leaseId) = pack.leaseOf(id);
            hash = keccak256(abi.encode(hash, pack.ownerOf(id), leaseId, pack.pendingSale(id), pack.userExpires(id)));
            hash = keccak256(abi.encode(hash, pack.userOf(id), pack.packOf(id).status, telemetry.stateOf(id).counter));
        }
    }
}

/// @dev The invariants of battery leases. Packs and telemetry have invariant tests of their own, which go deeper into
/// 8, 9, 10 and 13: BatteryPack.invariant.t.sol and BatteryTelemetry.invariant.t.sol.
///
/// 1 The book's tokens are deposits and rents of open leases that nobody has been credited or rebated, what is held in
///   closings, and withdrawable balances, to the unit. When everybody has left, nothing is left.
/// 2 What was paid in is withdrawn or held.
/// 3 Rent credited is at most what is paid and at most what is accrued.
/// 4 Crediting is path independent: whenever and for whomever it happens, sums are those of a twin that credits every
///   sale at once and computes each sum from the start.
/// 5 A pack has at most one open lease, and pack and book name the same.
/// 6 While rent is paid through t, the user is the lessee until t plus the grace span, whatever the owner does.
/// 7 After that, or without a lease, there is no user, without any transaction.
/// 8 Counters, throughput and cycles never fall.
/// 9 Roots never change.
/// 10 A recycled or superseded pack stays so and never moves.
/// 11 What is released and what is awarded is what was held.
/// 12 A payee whom the token refuses keeps nobody else from being paid.
/// 13 The interfaces that the pack supports are stable.
/// 14 A reverting call leaves every balance and counter as it was.
/// 15 No act goes through that the rules forbid.
/// 16 No act is refused that the rules allow, and states, debts and titles are the twin's.
contract BatteryLeaseInvariantTest is CivitasTest {
    /// @dev Steps of the fixed walk.
    uint256 private constant WALK = 3_000;

    LeaseHandler private _handler;

    function setUp() external {
        vm.warp(EPOCH);
        _handler = new LeaseHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// forge-config: default.invariant.fail-on-revert = true
    function invariant_1_To_16() external view {
        _check();
    }

    function afterInvariant() external {
        _handler.everybodyLeaves();
    }

    /// @dev The campaign is worth what its handler reaches: on a walk of fixed steps every act is done, and every act
    /// that can be refused is refused, with the invariants looked at after each step, and then everybody leaves.
    function test_HandlerReachesEveryAct() external {
        LeaseHandler h = _handler;
        function(uint256) external[36] memory acts = [
            h.pass,
            h.passToEdge,
            h.accept,
            h.acceptRightly,
            h.payRent,
            h.payMany,
            h.credit,
            h.withdraw,
            h.withdrawBesideABlockedOne,
            h.report,
            h.billUsage,
            h.certifyHealth,
            h.claimRemedy,
            h.endRemedy,
            h.disputeHealth,
            h.ruleHealth,
            h.sell,
            h.swap,
            h.novate,
            h.buyout,
            h.requestReturn,
            h.keepPack,
            h.confirmReturn,
            h.confirmReturnByReceipt,
            h.claimDamage,
            h.acceptClaim,
            h.disputeClaim,
            h.rule,
            h.settle,
            h.declareDefault,
            h.declareLost,
            h.evict,
            h.pause,
            h.retire,
            h.disturb,
            h.commitRoot
        ];
        for (uint256 i = 0; i < WALK; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            acts[seed % acts.length](seed);
            _check();
        }
        _requireEachDone();
        _requireEachRefused();
        h.everybodyLeaves();
    }

    function _requireEachDone() private view {
        string[44] memory acts = [
            "accept",
            "acceptByPermit",
            "acceptWithAuthorization",
            "payRent",
            "payRentWithAuthorization",
            "payMany",
            "credit",
            "withdraw",
            "withdrawBySig",
            "withdrawElsewhere",
            "report",
            "billUsage",
            "certifyHealth",
            "claimRemedy",
            "endRemedy",
            "disputeHealth",
            "disputeHealthFor",
            "ruleHealth",
            "sell",
            "sellLeased",
            "swap",
            "novate",
            "buyout",
            "requestReturn",
            "requestReturnFor",
            "keepPack",
            "keepPackFor",
            "confirmReturn",
            "confirmAndSettle",
            "confirmReturnByReceipt",
            "claimDamage",
            "acceptClaim",
            "acceptClaimFor",
            "disputeClaim",
            "disputeClaimFor",
            "rule",
            "settle",
            "settleDefault",
            "declareDefault",
            "declareLost",
            "pause",
            "unpause",
            "retire",
            "commitRoot"
        ];
        for (uint256 i = 0; i < acts.length; ++i) {
            assertTrue(_handler.done(acts[i]) != 0, string.concat("never done: ", acts[i]));
        }
    }

    function _requireEachRefused() private view {
        string[39] memory acts = [
            "accept",
            "acceptByPermit",
            "acceptWithAuthorization",
            "payRent",
            "payRentWithAuthorization",
            "payMany",
            "withdraw",
            "withdrawBySig",
            "withdrawBlocked",
            "report",
            "billUsage",
            "claimRemedy",
            "endRemedy",
            "disputeHealth",
            "disputeHealthFor",
            "ruleHealth",
            "swap",
            "novate",
            "buyout",
            "requestReturn",
            "requestReturnFor",
            "keepPack",
            "keepPackFor",
            "confirmReturn",
            "confirmAndSettle",
            "confirmReturnByReceipt",
            "claimDamage",
            "acceptClaim",
            "acceptClaimFor",
            "disputeClaim",
            "disputeClaimFor",
            "rule",
            "settle",
            "settleDefault",
            "declareDefault",
            "declareLost",
            "pause",
            "touch",
            "commitRoot"
        ];
        for (uint256 i = 0; i < acts.length; ++i) {
            assertTrue(_handler.refused(acts[i]) != 0, string.concat("never refused: ", acts[i]));
        }
    }

    function _check() private view {
        assertEq(bytes(_handler.broken()).length, 0, _handler.broken());
        _handler.checkMoney();
        _handler.checkCredits();
        _handler.checkLeases();
        _handler.checkUsers();
        _handler.checkRecords();
    }
}
