// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {EnergyRegistry} from "../../../../contracts/energy/registry/EnergyRegistry.sol";
import {EnergySource, Meter, MeterClass, MeterStatus} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {IMeterReadings} from "../../../../contracts/energy/readings/IMeterReadings.sol";
import {MockDayReadings} from "../../../../contracts/mocks/MockDayReadings.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";
import {TreeTwin} from "./TreeTwin.sol";
import {ValuesTwin} from "./ValuesTwin.sol";

/// @notice A feeder of meters whose days are accepted as a test wants them. Days have 96 intervals.
abstract contract DayFixture is CivitasTest {
    uint16 internal constant FEEDER = 7;
    uint32 internal constant FIRST_METER = uint32(FEEDER) << 8;
    uint32 internal constant PER_DAY = 96;
    uint32 internal constant HORIZON = 96;
    uint32 internal constant DAY = 20_454;
    uint32 internal constant FIRST = DAY * PER_DAY;
    int32 internal constant MISSING = type(int32).min;
    uint32 internal constant IMPORT_CAP = 10_000;
    uint32 internal constant EXPORT_CAP = 2_000;

    EnergyRegistry internal registry;
    MockDayReadings internal dayReadings;
    IMeterReadings internal readings;
    uint32 internal meterCount;
    /// @dev What meters measure; by default nothing.
    mapping(uint32 meter => mapping(uint32 interval => int32 wh)) internal measured;

    function buildGrid() internal {
        // The day is over.
        vm.warp(uint256(DAY + 1) * 1 days);
        registry = new EnergyRegistry(address(new AccessManager(address(this))), 900, HORIZON, 1 days);
        registry.registerFeeder(FEEDER, address(1001), address(1002), address(0));
        dayReadings = new MockDayReadings(registry);
        readings = IMeterReadings(address(dayReadings));
    }

    function addMeter(
        address owner,
        MeterClass class,
        EnergySource source,
        MeterStatus status
    ) internal returns (uint32 meter) {
        meter = registry.registerMeter(
            FEEDER,
            owner,
            Meter({
                key: address(uint160(5_000 + meterCount)),
                importCapWh: IMPORT_CAP,
                exportCapWh: EXPORT_CAP,
                source: source,
                class: class,
                status: status
            })
        );
        ++meterCount;
    }

    /// @dev Accepts what is measured of a day.
    function accept(uint32 day) internal {
        dayReadings.accept(
            FEEDER,
            day,
            TreeTwin.rootOf(rowLeaves(day)),
            TreeTwin.rootOf(columnLeaves(day)),
            uint16(meterCount)
        );
    }

    /// @dev Accepts it, and waits until it is final.
    function finish(uint32 day) internal {
        accept(day);
        vm.warp(block.timestamp + 1 days);
    }

    function columnOf(uint32 meter, uint32 day) internal view returns (bytes memory column) {
        column = new bytes(4 * PER_DAY);
        for (uint32 n = 0; n < PER_DAY; ++n) ValuesTwin.set(column, n, measured[meter][day * PER_DAY + n]);
    }

    function rowOf(uint32 interval) internal view returns (bytes memory row) {
        for (uint32 i = 0; i < meterCount; ++i) {
            row = bytes.concat(row, bytes4(uint32(measured[FIRST_METER + i][interval])));
        }
    }

    function columnLeaves(uint32 day) internal view returns (bytes32[] memory leaves) {
        leaves = new bytes32[](meterCount);
        for (uint32 i = 0; i < meterCount; ++i) leaves[i] = _leaf(FIRST_METER + i, columnOf(FIRST_METER + i, day));
    }

    function rowLeaves(uint32 day) internal view returns (bytes32[] memory leaves) {
        leaves = new bytes32[](PER_DAY);
        for (uint32 n = 0; n < PER_DAY; ++n) leaves[n] = _leaf(day * PER_DAY + n, rowOf(day * PER_DAY + n));
    }

    function columnProof(uint32 meter, uint32 day) internal view returns (bytes32[] memory proof) {
        return TreeTwin.proofOf(columnLeaves(day), meter - FIRST_METER);
    }

    function rowProof(uint32 interval) internal view returns (bytes32[] memory proof) {
        return TreeTwin.proofOf(rowLeaves(interval / PER_DAY), interval % PER_DAY);
    }

    function _leaf(uint32 id, bytes memory values) private pure returns (bytes32 leaf) {
        return keccak256(abi.encode(keccak256(abi.encodePacked(id, values))));
    }
}
