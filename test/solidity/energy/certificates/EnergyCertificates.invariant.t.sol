// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Certificate, CertificateIds} from "../../../../contracts/energy/certificates/CertificateIds.sol";
import {EnergyCertificates} from "../../../../contracts/energy/certificates/EnergyCertificates.sol";
import {EnergySource, MeterClass, MeterStatus} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";
import {DayFixture} from "../readings/DayFixture.sol";

/// @notice Issues, moves, cancels and stores certificates of two homes and two batteries, whose readings are amended.
contract CertificatesHandler is DayFixture {
    uint16 internal constant EFFICIENCY_BPS = 8_700;
    uint32 internal constant INTERVALS = 6;
    uint256 internal constant HOMES = 2;
    uint256 internal constant METERS = 4;
    uint256 internal constant HOLDERS = 3;

    EnergyCertificates public certificates;
    uint32[] internal meters;
    bytes[] internal columns;
    bytes32[][] internal proofs;
    address[] internal holders;
    uint256[] public ids;
    /// @dev Wh that came into being, by id: what balances grew by.
    mapping(uint256 id => uint256 wh) public made;
    mapping(uint256 id => uint256 wh) public gone;
    mapping(uint32 meter => uint256 wh) internal madeFor;
    /// @dev Value at the last look, and the most ever looked at.
    mapping(uint32 meter => mapping(uint32 n => int32 wh)) internal looked;
    mapping(uint32 meter => mapping(uint32 n => uint256 wh)) internal mostDrawn;
    mapping(uint32 meter => mapping(uint32 n => uint256 wh)) internal mostFedIn;
    mapping(uint32 meter => mapping(uint32 n => uint256 wh)) internal chargedBy;
    mapping(uint32 meter => mapping(uint32 n => uint256 wh)) internal dischargedBy;
    uint256 public charged;
    uint256 public discharged;
    /// @dev Counts, so that a run in which nothing happens can be told.
    uint256 public issues;
    uint256 public passes;
    /// @dev Set when a call broke an invariant that only the call itself can show.
    string public broken;

    constructor() {
        buildGrid();
        for (uint256 i = 0; i < HOLDERS; ++i) holders.push(address(uint160(0x7000 + i)));
        meters.push(addMeter(holders[0], MeterClass.Connection, EnergySource.Solar, MeterStatus.Trading));
        meters.push(addMeter(holders[1], MeterClass.Connection, EnergySource.Hydro, MeterStatus.Sharing));
        meters.push(addMeter(holders[0], MeterClass.Storage, EnergySource.None, MeterStatus.Trading));
        meters.push(addMeter(holders[2], MeterClass.Storage, EnergySource.None, MeterStatus.Trading));
        for (uint32 n = 0; n < INTERVALS; ++n) {
            measured[meters[0]][FIRST + n] = -int32(500 + 37 * n);
            measured[meters[1]][FIRST + n] = n % 2 == 0 ? -int32(900) : int32(200);
            // Charged in the first half, and empty at the end.
            measured[meters[2]][FIRST + n] = n < INTERVALS / 2 ? int32(400) : -int32(300);
            measured[meters[3]][FIRST + n] = n % 2 == 0 ? int32(350) : -int32(310);
        }
        finish(DAY);
        for (uint256 i = 0; i < METERS; ++i) {
            columns.push(columnOf(meters[i], DAY));
            proofs.push(columnProof(meters[i], DAY));
        }
        certificates = new EnergyCertificates(readings, "", 1, EFFICIENCY_BPS);
        for (uint32 n = 0; n < INTERVALS; ++n) {
            for (uint256 i = 0; i < METERS; ++i) {
                for (uint256 source = 1; source <= uint256(type(EnergySource).max); ++source) {
                    if (i < HOMES && source != (i == 0 ? 1 : 3)) continue;
                    ids.push(
                        CertificateIds.encode(Certificate(FIRST + n, meters[i], EnergySource(source), i >= HOMES, 1))
                    );
                }
            }
        }
    }

    function amend(uint256 which, uint32 n, int32 wh) external {
        n %= INTERVALS;
        wh = int32(int256(bound(uint256(int256(wh)), 0, 2_000))) - 1_000;
        dayReadings.replace(meters[which % METERS], FIRST + n, wh);
    }

    function changeOwner(uint256 which, uint256 holder) external {
        uint32 meter = meters[which % METERS];
        address to = holders[holder % HOLDERS];
        if (registry.ownerOf(meter) != to) registry.setOwner(meter, to);
    }

    function issue(uint256 which, uint256 intervals) external {
        which %= HOMES;
        uint32 meter = meters[which];
        address owner = registry.ownerOf(meter);
        uint256[] memory before = _balances(owner);
        uint256 shortfall = certificates.shortfallOf(meter);
        try certificates.issue(meter, DAY, columns[which], proofs[which], intervals % (1 << INTERVALS)) returns (
            uint256 wh
        ) {
            ++issues;
            if (_count(owner, before) != wh) broken = "issued another amount than told";
            madeFor[meter] += wh;
            for (uint32 n = 0; n < INTERVALS; ++n) {
                if ((intervals >> n) & 1 == 1) _look(meter, n);
            }
        } catch {
            if (certificates.shortfallOf(meter) != shortfall) broken = "shortfall by nothing";
        }
    }

    function prove(uint256 which, uint256 intervals) external {
        which = HOMES + (which % (METERS - HOMES));
        try certificates.proveStorage(meters[which], DAY, columns[which], proofs[which], intervals % (1 << INTERVALS)) {
            for (uint32 n = 0; n < INTERVALS; ++n) {
                if ((intervals >> n) & 1 == 1) _look(meters[which], n);
            }
        } catch {}
    }

    function move(uint256 from, uint256 to, uint256 which, uint256 wh) external {
        (uint256 id, uint256 balance) = _someOf(holders[from % HOLDERS], which);
        vm.prank(holders[from % HOLDERS]);
        certificates.safeTransferFrom(holders[from % HOLDERS], holders[to % HOLDERS], id, bound(wh, 0, balance), "");
    }

    function cancel(uint256 from, uint256 which, uint256 wh) external {
        address holder = holders[from % HOLDERS];
        (uint256 id, uint256 balance) = _someOf(holder, which);
        wh = bound(wh, 0, balance / 4 + 2);
        bool possible = wh > 0 && wh <= balance;
        vm.prank(holder);
        try certificates.cancel(holder, _one(id), _one(wh), holder, 0) {
            if (!possible) broken = "cancelled what was not there";
            gone[id] += wh;
        } catch {
            if (possible) broken = "cancellation refused";
        }
    }

    function pass(uint256 which, uint32 n, uint256 whichId, uint256 wh) external {
        uint32 meter = meters[HOMES + (which % (METERS - HOMES))];
        n %= INTERVALS;
        address owner = registry.ownerOf(meter);
        (uint256 id, uint256 balance) = _someOf(owner, whichId);
        wh = bound(wh, 0, balance + 1);
        uint256[] memory before = _balances(owner);
        vm.prank(owner);
        try certificates.passThrough(meter, FIRST + n, _one(id), _one(wh)) returns (uint256 out) {
            ++passes;
            uint32 from = CertificateIds.decode(id).interval - FIRST;
            if (from >= n) broken = "discharged before it was charged";
            gone[id] += wh;
            if (_count(owner, before) != out) broken = "discharged another amount than told";
            (chargedBy[meter][from], dischargedBy[meter][n]) = (
                chargedBy[meter][from] + wh,
                dischargedBy[meter][n] + out
            );
            (charged, discharged) = (charged + wh, discharged + out);
            if (out * 10_000 > wh * EFFICIENCY_BPS) broken = "more came out than the efficiency allows";
        } catch {}
    }

    // --- what must hold

    /// @dev Whether all Wh of an id that came into being are held or cancelled.
    function isBalanced(uint256 id) external view returns (bool balanced) {
        uint256 held = 0;
        for (uint256 i = 0; i < HOLDERS; ++i) held += certificates.balanceOf(holders[i], id);
        return held + gone[id] == made[id] && certificates.cancelledOf(id) == gone[id];
    }

    function idCount() external view returns (uint256 count) {
        return ids.length;
    }

    /// @dev Whether homes got what was fed in at the last look, and not more but for a shortfall.
    function homesHold() external view returns (bool hold) {
        for (uint256 i = 0; i < HOMES; ++i) {
            uint256 recorded = 0;
            uint256 fedIn = 0;
            for (uint32 n = 0; n < INTERVALS; ++n) {
                int32 wh = looked[meters[i]][n];
                uint256 due = wh < 0 ? uint256(-int256(wh)) : 0;
                if (certificates.issuedOf(meters[i], FIRST + n) != due) return false;
                (recorded, fedIn) = (recorded + certificates.issuedOf(meters[i], FIRST + n), fedIn + due);
            }
            uint256 shortfall = certificates.shortfallOf(meters[i]);
            if (madeFor[meters[i]] != recorded + shortfall) return false;
            if (shortfall == 0 && madeFor[meters[i]] > fedIn) return false;
        }
        return true;
    }

    /// @dev Whether batteries stayed within what was measured, interval by interval.
    function batteriesHold() external view returns (bool hold) {
        for (uint256 i = HOMES; i < METERS; ++i) {
            for (uint32 n = 0; n < INTERVALS; ++n) {
                if (chargedBy[meters[i]][n] > mostDrawn[meters[i]][n]) return false;
                if (dischargedBy[meters[i]][n] > mostFedIn[meters[i]][n]) return false;
                (, uint32 used) = certificates.storageOf(meters[i], FIRST + n);
                if (used != chargedBy[meters[i]][n] + dischargedBy[meters[i]][n]) return false;
            }
        }
        return discharged * 10_000 <= charged * EFFICIENCY_BPS;
    }

    function _look(uint32 meter, uint32 n) private {
        int32 wh =
            readings.overrideOf(meter, FIRST + n).version == 0
                ? measured[meter][FIRST + n]
                : readings.overrideOf(meter, FIRST + n).wh;
        looked[meter][n] = wh;
        uint256 size = wh < 0 ? uint256(-int256(wh)) : uint256(int256(wh));
        if (wh < 0 && size > mostFedIn[meter][n]) mostFedIn[meter][n] = size;
        if (wh > 0 && size > mostDrawn[meter][n]) mostDrawn[meter][n] = size;
    }

    function _balances(address holder) private view returns (uint256[] memory list) {
        list = new uint256[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) list[i] = certificates.balanceOf(holder, ids[i]);
    }

    /// @dev Books what a balance grew by.
    function _count(address holder, uint256[] memory before) private returns (uint256 sum) {
        for (uint256 i = 0; i < ids.length; ++i) {
            uint256 balance = certificates.balanceOf(holder, ids[i]);
            if (balance <= before[i]) continue;
            made[ids[i]] += balance - before[i];
            sum += balance - before[i];
        }
    }

    /// @dev An id, one that the holder has if it has any.
    function _someOf(address holder, uint256 which) private view returns (uint256 id, uint256 balance) {
        for (uint256 i = 0; i < ids.length; ++i) {
            id = ids[((which % ids.length) + i) % ids.length];
            balance = certificates.balanceOf(holder, id);
            if (balance > 0) return (id, balance);
        }
    }

    function _one(uint256 value) private pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = value;
    }
}

/// @dev C1 what is issued for a meter is what it fed in, interval by interval, plus its shortfall; without shortfall never
/// more than it fed in.
/// C2 units are held or cancelled, and cancelled ones never come back.
/// C3 a battery's discharge is certified up to what it fed in, against certificates of what it drew, less losses.
contract EnergyCertificatesInvariantTest is CivitasTest {
    CertificatesHandler private _handler;

    function setUp() external {
        vm.warp(EPOCH);
        _handler = new CertificatesHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev One campaign for all three, since the handler counts every balance.
    function invariant_C1_C3_CertificatesAreMeteredOnceAndGoneOnce() external view {
        assertEq(bytes(_handler.broken()).length, 0, string.concat("C1/C3: ", _handler.broken()));
        assertTrue(_handler.homesHold(), "C1: a home has more than it fed in");
        for (uint256 i = 0; i < _handler.idCount(); ++i) {
            assertTrue(_handler.isBalanced(_handler.ids(i)), "C2: units came from nothing or went to nothing");
        }
        assertTrue(_handler.batteriesHold(), "C3: a battery gave more than it got");
    }

    /// @dev That a run is not empty: a known sequence issues, stores and discharges.
    function test_TheHandlerReachesEveryAct() external {
        _handler.issue(0, 63);
        _handler.issue(1, 63);
        _handler.prove(0, 63);
        _handler.pass(0, 4, 0, 100);
        _handler.amend(0, 0, 0);
        _handler.issue(0, 1);
        _handler.cancel(0, 5, 3);
        assertEq(_handler.issues(), 3, "issues");
        assertEq(_handler.passes(), 1, "passes");
        assertTrue(_handler.homesHold() && _handler.batteriesHold(), "holds");
    }
}
