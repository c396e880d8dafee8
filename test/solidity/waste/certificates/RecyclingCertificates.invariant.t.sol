// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RecyclingCertificates} from "../../../../contracts/waste/certificates/RecyclingCertificates.sol";
import {Recycled, RecyclingIds} from "../../../../contracts/waste/certificates/RecyclingIds.sol";
import {IWasteLots} from "../../../../contracts/waste/lots/IWasteLots.sol";
import {CustodyModel, FacilityTerms} from "../../../../contracts/waste/operators/IWasteOperators.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";
import {WasteFixture} from "../WasteFixture.sol";
import {RecycledBook} from "./RecycledBook.sol";

/// @notice Two facilities recycle, certify, and three accounts pass on and retire, over months, with and without balance
/// periods. Beside it a twin in plain numbers, which also says of each call whether it may succeed.
contract CertificatesHandler is WasteFixture {
    /// @dev What an id should be.
    struct Pot {
        uint256 recycled;
        uint256 issued;
        uint256 retired;
        uint256[3] balances;
    }

    uint256 internal constant FACILITIES = 2;
    uint256 internal constant MONTHS = 4;
    uint256 internal constant ACCOUNTS = 3;
    uint256 internal constant BALANCE_DAYS = 20;
    /// @dev January 2026, in which the fixture begins.
    uint16 internal constant FIRST_MONTH = 672;

    RecycledBook internal book;
    RecyclingCertificates public certificates;
    uint256[] public ids;
    mapping(uint256 id => Pot pot) internal pots;
    /// @dev First seconds of the four months and of the one after.
    uint256[5] internal starts = [uint256(1_767_225_600), 1_769_904_000, 1_772_323_200, 1_775_001_600, 1_777_593_600];
    /// @dev Mixed into every choice, so that the same call twice is two acts.
    uint256 internal step;
    uint256 public issues;
    uint256 public refusals;
    uint256 public retirements;
    /// @dev Set when a call succeeded or failed against the twin.
    string public broken;

    constructor() {
        WasteFixture.setUp();
        book = new RecycledBook(operators);
        certificates = new RecyclingCertificates(IWasteLots(address(book)), "");
        FacilityTerms memory terms = plainTerms();
        (terms.model, terms.balanceDays) = (CustodyModel.MassBalance, uint16(BALANCE_DAYS));
        licenseFor(INCINERATOR, terms);
        for (uint256 i = 0; i < FACILITIES * MONTHS; ++i) {
            uint16 month = FIRST_MONTH + uint16(i / FACILITIES);
            ids.push(RecyclingIds.encode(Recycled(PLASTIC, 3, _facilityOf(i), month)));
        }
    }

    function setUp() public pure override {}

    function recycle(uint256 which, uint256 grams) external {
        uint256 index = _pick(which, ids.length);
        Recycled memory recycled = RecyclingIds.decode(ids[index]);
        uint64 mass = uint64(bound(grams, 1, 1_000));
        book.add(recycled.facility, recycled.code, recycled.op, recycled.month, mass);
        pots[ids[index]].recycled += mass;
    }

    function issue(uint256 which, uint256 who, uint256 grams, bool rivals) external {
        uint256 index = _pick(which, ids.length);
        Pot storage pot = pots[ids[index]];
        uint256 receiver = _pick(who, ACCOUNTS);
        uint64 mass = uint64(bound(grams, 0, pot.recycled - pot.issued + 1));
        bool allowed = !rivals && mass != 0 && mass <= pot.recycled - pot.issued && block.timestamp <= _lastAt(index);
        vm.prank(_facilityOf(rivals ? index + 1 : index) == FACILITY ? facilityCrew : incineratorCrew);
        try certificates.issue(ids[index], _account(receiver), mass) {
            if (!allowed) broken = "issued what may not be";
            pot.issued += mass;
            pot.balances[receiver] += mass;
            ++issues;
        } catch {
            if (allowed) broken = "refused what may be";
            ++refusals;
        }
    }

    function pass(uint256 which, uint256 from, uint256 to, uint256 grams) external {
        uint256 id = ids[_pick(which, ids.length)];
        (uint256 sender, uint256 receiver) = (_pick(from, ACCOUNTS), _pick(to, ACCOUNTS));
        uint256 mass = bound(grams, 0, pots[id].balances[sender]);
        vm.prank(_account(sender));
        certificates.safeTransferFrom(_account(sender), _account(receiver), id, mass, "");
        pots[id].balances[sender] -= mass;
        pots[id].balances[receiver] += mass;
    }

    function retire(uint256 which, uint256 who, uint256 grams) external {
        uint256 id = ids[_pick(which, ids.length)];
        uint256 holder = _pick(who, ACCOUNTS);
        uint256 mass = bound(grams, 0, pots[id].balances[holder] + 1);
        bool allowed = mass != 0 && mass <= pots[id].balances[holder];
        vm.prank(_account(holder));
        try certificates.retire(_account(holder), id, mass, 0, 0) {
            if (!allowed) broken = "retired what may not be";
            pots[id].balances[holder] -= mass;
            pots[id].retired += mass;
            ++retirements;
        } catch {
            if (allowed) broken = "did not retire what may be";
        }
    }

    function wait(uint256 span) external {
        ++step;
        vm.warp(block.timestamp + bound(span, 1 hours, 2 days));
    }

    function potOf(uint256 index) external view returns (uint256 id, Pot memory pot, uint256 active) {
        id = ids[index];
        pot = pots[id];
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            uint256 balance = certificates.balanceOf(_account(i), id);
            assertEq(balance, pot.balances[i], "C3: balance");
            active += balance;
        }
    }

    function count() external view returns (uint256 length) {
        return ids.length;
    }

    function _pick(uint256 seed, uint256 length) private returns (uint256 index) {
        return uint256(keccak256(abi.encode(seed, ++step))) % length;
    }

    /// @dev The first facility has no balance period.
    function _lastAt(uint256 index) private view returns (uint256 timestamp) {
        if (index % FACILITIES == 0) return type(uint256).max;
        return starts[index / FACILITIES + 1] + BALANCE_DAYS * 1 days - 1;
    }

    function _facilityOf(uint256 index) private pure returns (uint32 operatorId) {
        return index % FACILITIES == 0 ? FACILITY : INCINERATOR;
    }

    function _account(uint256 index) private pure returns (address account) {
        return address(uint160(0x8000 + index));
    }
}

/// @dev C1 issued is at most recycled. C2 active and retired are issued. C3 who has what is what was done, and what may be
/// done is done, nothing else.
contract RecyclingCertificatesInvariantTest is CivitasTest {
    CertificatesHandler private _handler;

    function setUp() external {
        vm.warp(EPOCH);
        _handler = new CertificatesHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_C1_C3_CertificatesAreExact() external view {
        for (uint256 i = 0; i < _handler.count(); ++i) {
            (uint256 id, CertificatesHandler.Pot memory pot, uint256 active) = _handler.potOf(i);
            (uint64 issued, uint64 retired) = _handler.certificates().suppliesOf(id);
            assertLe(issued, pot.recycled, "C1: issued");
            assertEq(active + retired, issued, "C2: active and retired");
            assertEq(issued, pot.issued, "C3: issued");
            assertEq(retired, pot.retired, "C3: retired");
        }
        assertEq(bytes(_handler.broken()).length, 0, string.concat("C3: ", _handler.broken()));
    }

    /// @dev That a run is not empty: a known sequence issues, refuses, passes on and retires.
    function test_TheHandlerCertifies() external {
        for (uint256 i = 0; i < 200; ++i) {
            _handler.recycle(i, i);
            _handler.issue(i, i, i * i, i % 8 == 0);
            _handler.pass(i, i, i, i);
            _handler.retire(i, i, i);
            _handler.wait(i);
        }
        assertLe(20, _handler.issues(), "issues");
        assertLe(20, _handler.refusals(), "refusals");
        assertLe(20, _handler.retirements(), "retirements");
        assertEq(bytes(_handler.broken()).length, 0, _handler.broken());
    }
}
