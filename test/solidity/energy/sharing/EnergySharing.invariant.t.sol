// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {EnergySharing} from "../../../../contracts/energy/sharing/EnergySharing.sol";
import {SharingKey, Terms} from "../../../../contracts/energy/sharing/IEnergySharing.sol";
import {CityEuro} from "../../../../contracts/finance/CityEuro.sol";
import {IIdentities} from "../../../../contracts/identity/IIdentities.sol";
import {Identities} from "../../../../contracts/identity/Identities.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";
import {Vm} from "../../utils/Vm.sol";
import {SharingFixture} from "./SharingFixture.sol";

/// @notice Lives days of a community of five meters and three accounts, which join, leave, pay in and out, while key, price
/// and fee change.
contract SharingHandler is SharingFixture {
    /// @dev An interval that was shared out.
    struct Outcome {
        uint32 interval;
        uint256 price;
        uint256 fee;
        uint256 told;
        uint256[] before;
    }

    uint256 internal constant MEMBERS = 5;
    uint256 internal constant ACCOUNTS = 3;

    EnergySharing public community_;
    CityEuro public token;
    uint32 internal community;
    uint32[] internal meters;
    address[] internal accounts;
    mapping(bytes32 hash => Terms terms) internal termsBy;
    uint256 public feesEarned;
    uint256 public feesPaidOut;
    /// @dev Counts, so that a run in which nothing happens can be told.
    uint256 public sharedWh;
    uint256 public shares;
    /// @dev Set when a call broke an invariant that only the call itself can show.
    string public broken;

    constructor() {
        buildGrid();
        for (uint256 i = 0; i < ACCOUNTS; ++i) accounts.push(address(uint160(0x8000 + i)));
        for (uint256 i = 0; i < MEMBERS; ++i) meters.push(addMember(accounts[i % ACCOUNTS]));
        token = new CityEuro(address(new AccessManager(address(this))));
        sharing = new EnergySharing(token, UNIT, readings, IIdentities(address(new Identities())), gridOperator);
        community_ = sharing;
        Terms memory terms = _terms(1, 30);
        community = found(terms);
        termsBy[sharing.termsHash(terms)] = terms;
        for (uint256 i = 0; i < MEMBERS; ++i) join(community, meters[i], terms);
        for (uint256 i = 0; i < ACCOUNTS; ++i) _payIn(accounts[i], 60_000);
    }

    function payIn(uint256 who, uint256 units) external {
        _payIn(accounts[who % ACCOUNTS], bound(units, 1, 60_000));
    }

    function payOut(uint256 who, uint256 units) external {
        address account = accounts[who % ACCOUNTS];
        uint256 balance = sharing.balanceOf(account);
        if (balance == 0) return;
        units = bound(units, 1, balance);
        vm.prank(account);
        sharing.withdraw(account, units * UNIT, account, 0, 0, noSignature());
    }

    function payFees() external {
        (uint256 fees, ) = sharing.balances();
        if (fees == 0) return;
        vm.prank(gridOperator);
        feesPaidOut += sharing.withdrawGridFees(gridOperator) / UNIT;
    }

    function comeOrGo(uint256 which) external {
        uint32 meter = meters[which % MEMBERS];
        if (sharing.membershipOf(meter) != 0) {
            vm.prank(registry.ownerOf(meter));
            sharing.leaveCommunity(meter, 0, 0, noSignature());
        } else {
            join(community, meter, termsBy[sharing.termsHashOf(community, type(uint32).max)]);
        }
    }

    function changeTerms(uint256 key, uint256 price) external {
        Terms memory terms = _terms(bound(key, 1, 3), uint24(bound(price, 0, 60)));
        termsBy[sharing.termsHash(terms)] = terms;
        vm.prank(organiser);
        try sharing.setTerms(community, terms) {} catch {}
    }

    function changeFee(uint256 fee) external {
        vm.prank(gridOperator);
        try sharing.setGridFee(uint24(bound(fee, 0, 20))) {} catch {}
    }

    /// @dev Measures an interval of tomorrow, and shares it out when it is final.
    function live(int16[MEMBERS] calldata values, uint256 seed) external {
        uint32 day = uint32(block.timestamp / 1 days) + 1;
        uint32 interval = day * PER_DAY + uint32(seed % PER_DAY);
        for (uint256 i = 0; i < MEMBERS; ++i) {
            measured[meters[i]][interval] = values[i] % 7 == 0 ? MISSING : int32(values[i]) / 16;
        }
        vm.warp(uint256(day + 1) * 1 days);
        finish(day);
        _share(termsBy[sharing.termsHashOf(community, interval)], interval);
    }

    function balanceSum() external view returns (uint256 sum) {
        for (uint256 i = 0; i < ACCOUNTS; ++i) sum += sharing.balanceOf(accounts[i]);
    }

    function _payIn(address account, uint256 units) private {
        token.mint(address(this), units * UNIT);
        token.approve(address(sharing), units * UNIT);
        sharing.deposit(account, units * UNIT);
    }

    /// @dev The smaller of what members feed in and what they can take, one account's meters paying in order of the list.
    function _shareable(Terms memory terms, uint32 interval, uint256 price) private view returns (uint256 wh) {
        uint256 generated = 0;
        uint256 wanted = 0;
        uint256[] memory spent = new uint256[](ACCOUNTS);
        for (uint256 i = 0; i < terms.members.length / 3; ++i) {
            uint32 meter = FIRST_METER + uint8(terms.members[3 * i]);
            int32 value = measured[meter][interval];
            if (sharing.memberOf(community, meter, interval) == address(0) || value == MISSING) continue;
            if (value < 0) {
                generated += uint256(-int256(value));
                continue;
            }
            uint256 account = (meter - FIRST_METER) % ACCOUNTS;
            uint256 need = uint256(int256(value));
            if (price > 0) {
                uint256 affordable = (sharing.balanceOf(accounts[account]) - spent[account]) / price;
                if (need > affordable) need = affordable;
            }
            spent[account] += need * price;
            wanted += need;
        }
        return generated < wanted ? generated : wanted;
    }

    function _share(Terms memory terms, uint32 interval) private {
        Outcome memory outcome;
        outcome.interval = interval;
        (outcome.price, outcome.fee) = (terms.price, sharing.gridFeeOf(interval));
        outcome.before = new uint256[](ACCOUNTS);
        for (uint256 i = 0; i < ACCOUNTS; ++i) outcome.before[i] = sharing.balanceOf(accounts[i]);
        uint256 expected = _shareable(terms, interval, outcome.price + outcome.fee);
        vm.recordLogs();
        sharing.share(community, terms, sharedInterval(interval));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        bytes memory got;
        (, outcome.told, , , got) = abi.decode(logs[logs.length - 1].data, (uint256, uint256, uint24, uint24, bytes));
        if (outcome.told != expected) broken = "not all that could be shared was";
        _check(got, outcome);
        feesEarned += outcome.told * outcome.fee;
        sharedWh += outcome.told;
        ++shares;
    }

    /// @dev Checks what was told of an interval against meters and money.
    function _check(bytes memory got, Outcome memory outcome) private {
        int256[] memory change = new int256[](ACCOUNTS);
        int256 sum = 0;
        uint256 taken = 0;
        for (uint256 i = 0; i < got.length; i += 8) {
            uint32 meter = _word(got, i);
            int256 wh = int32(_word(got, i + 4));
            int256 value = measured[meter][outcome.interval];
            if (sharing.memberOf(community, meter, outcome.interval) == address(0)) broken = "a stranger took part";
            if (wh == 0 || (wh > 0 ? wh > value : wh < value)) broken = "more than the meter measured";
            sum += wh;
            if (wh > 0) taken += uint256(wh);
            change[(meter - FIRST_METER) % ACCOUNTS] -= wh * int256(outcome.price + (wh > 0 ? outcome.fee : 0));
        }
        if (sum != 0) broken = "got is not given";
        if (taken != outcome.told) broken = "shares do not add up";
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            if (int256(outcome.before[i]) + change[i] != int256(sharing.balanceOf(accounts[i]))) {
                broken = "money is not exact";
            }
        }
    }

    function _word(bytes memory data, uint256 offset) private pure returns (uint32 word) {
        for (uint256 i = 0; i < 4; ++i) word = (word << 8) | uint8(data[offset + i]);
    }

    /// @dev The last meter is never named.
    function _terms(uint256 key, uint24 price) private pure returns (Terms memory terms) {
        bytes memory members =
            key == 1 ? bytes(hex"020bb8_0007d0_030fa0_0103e8") : bytes(hex"030000_000000_010000_020000");
        return termsOf(SharingKey(key), price, members);
    }
}

/// @dev S1 every money unit is somebody's, and a token stands behind it.
/// S2 what can be shared is shared, nobody gets more than metered or paid for, and money follows the Wh to the unit.
/// S3 the grid operator gets its fee for every Wh shared, and nothing else.
contract EnergySharingInvariantTest is CivitasTest {
    SharingHandler private _handler;

    function setUp() external {
        vm.warp(EPOCH);
        _handler = new SharingHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev One campaign for all three, since a day of readings is dear to make.
    function invariant_S1_S3_SharingIsExact() external view {
        (uint256 fees, uint256 held) = _handler.community_().balances();
        assertEq(_handler.balanceSum() + fees, held, "S1: money units");
        assertEq(_handler.token().balanceOf(address(_handler.community_())), held * 10, "S1: tokens");
        assertEq(bytes(_handler.broken()).length, 0, string.concat("S2: ", _handler.broken()));
        assertEq(fees + _handler.feesPaidOut(), _handler.feesEarned(), "S3: fees");
    }

    /// @dev That a run is not empty: a known sequence shares.
    function test_TheHandlerShares() external {
        _handler.changeFee(7);
        _handler.live([int16(-3_200), 1_600, 1_600, 800, 50], 9);
        _handler.changeTerms(3, 12);
        _handler.live([int16(-3_200), 1_600, -1_600, 8_000, 50], 95);
        _handler.live([int16(-3_200), 1_600, -1_600, 8_000, 50], 2);
        assertEq(_handler.shares(), 3, "shares");
        // 200, then 300 twice.
        assertEq(_handler.sharedWh(), 800, "Wh");
        assertEq(bytes(_handler.broken()).length, 0, _handler.broken());
    }
}
