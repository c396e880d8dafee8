// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Signature} from "../../../contracts/authority/ISigned.sol";
import {Item, Voucher, VoucherStatus} from "../../../contracts/rewards/IRedemption.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";
import {RedemptionFixture} from "./RedemptionFixture.sol";

/// @notice Two people buy from two shops, use vouchers and have them refunded, over days, while catalogue, pool and pause
/// change. Beside it a twin in plain numbers, which also says of each call whether it may succeed.
contract RedemptionHandler is RedemptionFixture {
    /// @dev What a voucher should be.
    struct Sold {
        uint256 item;
        uint256 buyer;
        uint256 expiresAt;
        VoucherStatus status;
    }

    /// @dev What an item should be, and how it got there.
    struct Shelf {
        uint256 initialStock;
        uint256 stock;
        uint256 added;
        uint256 taken;
    }

    uint256 internal constant ITEMS = 3;
    uint256 internal constant PEOPLE = 2;
    uint256 internal constant MONTH_DAYS = 30;

    Item[] internal items;
    Shelf[] internal shelves;
    Sold[] internal sold;
    mapping(uint256 item => mapping(uint256 buyer => mapping(uint256 month => uint256 count))) internal bought;

    uint256 public free;
    uint256 public reserved;
    uint256[3] public credits;
    uint256 public paidOut;
    uint256 public supply;
    /// @dev Mixed into every choice, so that the same call twice is two acts.
    uint256 internal step;
    uint256 public purchases;
    uint256 public refusals;
    uint256 public uses;
    uint256 public refunds;
    uint256 public settlements;
    /// @dev Set when a call succeeded or failed against the twin.
    string public broken;

    constructor() {
        build();
        for (uint256 i = 0; i < ITEMS; ++i) {
            Item memory item = itemWith(uint32(3 + i));
            item.merchant = i == 0 ? rival : shop;
            item.price = uint64(1_000_000 * (i + 1));
            item.faceValue = uint64(777_777 * i);
            item.lifetime = uint32((i + 1) * 10 days);
            item.perMonth = uint16(i == 2 ? 0 : 2 + i);
            redemption.addItem(item);
            items.push(item);
            shelves.push();
            (shelves[i].initialStock, shelves[i].stock) = (item.stock, item.stock);
        }
        for (uint256 i = 0; i < PEOPLE; ++i) eco.mint(_person(i), 60_000_000);
        supply = PEOPLE * 60_000_000;
    }

    function fundPool(uint256 amount) external {
        amount = bound(amount, 1, 3_000_000);
        fund(amount);
        free += amount;
    }

    function withdrawPool(uint256 amount) external {
        amount = bound(amount, 1, free + 1);
        bool allowed = amount <= free;
        try redemption.withdrawPool(relayer, amount) {
            if (!allowed) broken = "what backs a voucher was paid out";
            free -= amount;
            paidOut += amount;
        } catch {
            if (allowed) broken = "what is free was not paid out";
        }
    }

    function change(uint256 which, uint256 stock, bool active) external {
        uint256 i = _pick(which, ITEMS);
        stock = bound(stock, 0, 5);
        (uint256 previous, Item memory item) = (shelves[i].stock, items[i]);
        if (previous == stock && item.active == active) return;
        redemption.changeItem(uint32(i + 1), uint32(stock), item.fromTime, item.toTime, active);
        items[i].active = active;
        shelves[i].stock = stock;
        if (stock > previous) shelves[i].added += stock - previous;
        else shelves[i].taken += previous - stock;
    }

    function redeem(uint256 which, uint256 who, bool signed) external {
        (uint256 i, uint256 buyer) = (_pick(which, ITEMS), _pick(who, PEOPLE));
        bool allowed = _mayBuy(i, buyer);
        Signature memory signature = signRedeem(
            _key(buyer),
            uint32(i + 1),
            items[i].price,
            _person(buyer),
            ++step,
            block.timestamp
        );
        bytes memory call =
            signed
                ? abi.encodeCall(
                    redemption.redeemBySig,
                    (uint32(i + 1), items[i].price, _person(buyer), step, block.timestamp, signature)
                )
                : abi.encodeCall(redemption.redeem, (uint32(i + 1), items[i].price));
        vm.prank(signed ? relayer : _person(buyer));
        (bool succeeded, ) = address(redemption).call(call);
        if (succeeded != allowed) broken = "a purchase";
        if (!succeeded) {
            ++refusals;
            return;
        }
        sold.push(Sold(i, buyer, block.timestamp + items[i].lifetime, VoucherStatus.Live));
        ++bought[i][buyer][_month()];
        --shelves[i].stock;
        free -= items[i].faceValue;
        reserved += items[i].faceValue;
        supply -= items[i].price;
        ++purchases;
    }

    function consume(uint256 which, uint256 signer, bool rivals, bool signed) external {
        if (sold.length == 0) return;
        uint256 v = _pick(which, sold.length);
        Sold memory voucher = sold[v];
        (address merchant, uint256 merchantKey) = (voucher.item == 0) == rivals ? (shop, shopKey) : (rival, rivalKey);
        signer = _pick(signer, PEOPLE);
        bool allowed =
            !rivals &&
                signer == voucher.buyer &&
                voucher.status == VoucherStatus.Live &&
                block.timestamp <= voucher.expiresAt;
        Signature memory first = signUse(_key(signer), v + 1, merchant, ++step, block.timestamp);
        Signature memory second = signUse(merchantKey, v + 1, merchant, ++step, block.timestamp);
        bytes memory call =
            signed
                ? abi.encodeCall(redemption.consumeBySig, (v + 1, block.timestamp, step - 1, first, step, second))
                : abi.encodeCall(redemption.consume, (v + 1, step - 1, block.timestamp, first));
        vm.prank(signed ? relayer : merchant);
        (bool succeeded, ) = address(redemption).call(call);
        if (succeeded != allowed) broken = "a use";
        if (!succeeded) return;
        _close(v, VoucherStatus.Used);
        credits[voucher.item == 0 ? 1 : 0] += items[voucher.item].faceValue;
        ++uses;
    }

    function refund(uint256 which, uint256 who, bool signed) external {
        if (sold.length == 0) return;
        uint256 v = _pick(which, sold.length);
        Sold memory voucher = sold[v];
        (address merchant, uint256 merchantKey) = voucher.item == 0 ? (rival, rivalKey) : (shop, shopKey);
        address caller = _pick(who, 4) == 0 ? merchant : holder;
        bool allowed =
            voucher.status == VoucherStatus.Live &&
                (signed || caller == merchant || block.timestamp > voucher.expiresAt);
        Signature memory signature = signRefund(merchantKey, v + 1, ++step, block.timestamp);
        bytes memory call =
            signed
                ? abi.encodeCall(redemption.refundBySig, (v + 1, step, block.timestamp, signature))
                : abi.encodeCall(redemption.refund, (v + 1));
        vm.prank(caller);
        (bool succeeded, ) = address(redemption).call(call);
        if (succeeded != allowed) broken = "a refund";
        if (!succeeded) return;
        _close(v, VoucherStatus.Refunded);
        ++shelves[voucher.item].stock;
        free += items[voucher.item].faceValue;
        supply += items[voucher.item].price;
        ++refunds;
    }

    function settle(uint256 who) external {
        uint256 i = _pick(who, 3);
        address account =
            i == 0
                ? shop
                : i == 1
                    ? rival
                    : feeAccount;
        uint256 gross = credits[i];
        if (gross > 0) ++settlements;
        credits[i] = 0;
        uint256 fee = i == 2 ? 0 : (gross * FEE_BP) / 10_000;
        credits[2] += fee;
        paidOut += gross - fee;
        vm.prank(account);
        if (redemption.settle(relayer) != gross - fee) broken = "a settlement";
    }

    function pauseOrResume() external {
        ++step;
        if (redemption.paused()) redemption.unpause();
        else redemption.pause();
    }

    function wait(uint256 span) external {
        ++step;
        vm.warp(block.timestamp + bound(span, 1 hours, 4 days));
    }

    /// @dev Compares everything with the twin.
    function check() external view {
        (uint256 foundFree, uint256 foundReserved) = redemption.pool();
        uint256 owed = credits[0] + credits[1] + credits[2];
        assertEq(foundFree, free, "R1: free");
        assertEq(foundReserved, reserved, "R1: reserved");
        assertEq(redemption.creditOf(shop), credits[0], "R1: the shop's");
        assertEq(redemption.creditOf(rival), credits[1], "R1: the rival's");
        assertEq(redemption.creditOf(feeAccount), credits[2], "R1: the city's");
        assertEq(euro.balanceOf(address(redemption)), foundFree + foundReserved + owed, "R1: held");
        assertEq(euro.balanceOf(relayer), paidOut, "R1: paid out");
        assertEq(eco.totalSupply(), supply, "R4: supply");
        uint256 faceValues = 0;
        for (uint256 v = 0; v < sold.length; ++v) {
            Voucher memory voucher = redemption.voucherOf(v + 1);
            assertTrue(voucher.status == sold[v].status, "R3: status");
            assertEq(voucher.holder, _person(sold[v].buyer), "R3: holder");
            assertEq(voucher.expiresAt, sold[v].expiresAt, "R3: time");
            if (voucher.status == VoucherStatus.Live) faceValues += items[sold[v].item].faceValue;
        }
        assertEq(faceValues, reserved, "R1: face values");
        for (uint256 i = 0; i < ITEMS; ++i) _checkItem(i);
        (uint32 lastItem, uint40 lastVoucher) = redemption.counts();
        assertTrue(lastItem == ITEMS && lastVoucher == sold.length, "R2: numbers");
        assertEq(bytes(broken).length, 0, string.concat("R5: ", broken));
    }

    function _checkItem(uint256 i) private view {
        uint256 stock = redemption.itemOf(uint32(i + 1)).stock;
        assertEq(stock, shelves[i].stock, "R2: stock");
        // By status.
        uint256[4] memory tally;
        for (uint256 v = 0; v < sold.length; ++v) {
            Voucher memory voucher = redemption.voucherOf(v + 1);
            if (voucher.itemId == i + 1) ++tally[uint256(voucher.status)];
        }
        uint256 put = shelves[i].initialStock + shelves[i].added - shelves[i].taken;
        uint256 liveAndUsed = tally[uint256(VoucherStatus.Live)] + tally[uint256(VoucherStatus.Used)];
        assertEq(stock + liveAndUsed, put, "R2: stock, live and used");
        assertEq(tally[0], 0, "R2: every voucher is something");
        for (uint256 buyer = 0; buyer < PEOPLE; ++buyer) {
            uint256 count = items[i].perMonth == 0 ? 0 : bought[i][buyer][_month()];
            assertEq(redemption.boughtOf(uint32(i + 1), _person(buyer)), count, "R5: bought");
        }
    }

    function _close(uint256 v, VoucherStatus status) private {
        if (sold[v].status != VoucherStatus.Live) broken = "a voucher served twice";
        sold[v].status = status;
        reserved -= items[sold[v].item].faceValue;
    }

    function _pick(uint256 seed, uint256 length) private returns (uint256 index) {
        return uint256(keccak256(abi.encode(seed, ++step))) % length;
    }

    function _mayBuy(uint256 i, uint256 buyer) private view returns (bool allowed) {
        Item memory item = items[i];
        return
            !redemption.paused() &&
            item.active &&
            block.timestamp <= item.toTime &&
            shelves[i].stock != 0 &&
            item.faceValue <= free &&
            eco.balanceOf(_person(buyer)) >= item.price &&
            (item.perMonth == 0 || bought[i][buyer][_month()] < item.perMonth);
    }

    function _person(uint256 index) private view returns (address account) {
        return index == 0 ? holder : neighbour;
    }

    function _key(uint256 index) private view returns (uint256 key) {
        return index == 0 ? holderKey : neighbourKey;
    }

    function _month() private view returns (uint256 month) {
        return (block.timestamp + uint256(int256(CLOCK_OFFSET))) / (MONTH_DAYS * 1 days);
    }
}

/// @dev R1 money held is free, reserved for live vouchers, or somebody's credit. R2 stock, live and used are what was put in
/// stock; what is refunded is in stock again. R3 a voucher is used once or refunded once, never both. R4 the supply of tokens
/// moves by what is burned and refunded, exactly. R5 what may be done is done, and nothing else.
contract RedemptionInvariantTest is CivitasTest {
    RedemptionHandler private _handler;

    function setUp() external {
        vm.warp(EPOCH);
        _handler = new RedemptionHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_R1_R5_RedemptionIsExact() external view {
        _handler.check();
    }

    /// @dev That a run is not empty: a known sequence buys, is refused, uses and refunds.
    function test_TheHandlerRedeems() external {
        for (uint256 i = 0; i < 200; ++i) {
            _handler.fundPool(2_000_000);
            if (i % 10 == 0) _handler.change(i, 5, true);
            _handler.redeem(i, i, i % 2 == 0);
            _handler.consume(i, i, i % 5 == 0, i % 2 == 0);
            _handler.refund(i, i, i % 3 == 0);
            if (i % 5 == 0) _handler.settle(i);
            if (i % 7 == 0) _handler.withdrawPool(i);
            if (i % 30 < 2) _handler.pauseOrResume();
            _handler.wait(i * 1 hours);
            _handler.check();
        }
        assertLe(20, _handler.purchases(), "purchases");
        assertLe(20, _handler.refusals(), "refusals");
        assertLe(10, _handler.uses(), "uses");
        assertLe(10, _handler.refunds(), "refunds");
        assertLe(5, _handler.settlements(), "settlements");
    }
}
