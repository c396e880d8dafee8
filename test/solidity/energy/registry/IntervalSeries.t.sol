// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnergyRegistry} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {IntervalSeries, Series} from "../../../../contracts/energy/registry/IntervalSeries.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

contract IntervalSeriesHarness {
    using IntervalSeries for Series;

    Series private _series;

    function set(uint32 from, uint224 value, uint32 firstChangeable) external returns (uint224 previous) {
        return _series.set(from, value, firstChangeable);
    }

    function valueOf(uint32 interval) external view returns (uint224 value) {
        return _series.valueOf(interval);
    }
}

contract IntervalSeriesTest is CivitasTest {
    uint32 private constant OPEN = 1_000;
    /// @dev First interval that the plain way knows of, and how many it does.
    uint32 private constant FIRST = OPEN - 1;
    uint32 private constant SPAN = 48;

    IntervalSeriesHarness private _series;
    /// @dev What each interval should have, the plain way.
    uint224[SPAN] private _expected;

    function setUp() external {
        _series = new IntervalSeriesHarness();
    }

    // set
    // ├─ the interval is open or past ........................ EnergyRegistryIntervalOpen
    // ├─ nothing is waiting
    // │  ├─ the value holds already .......................... EnergyRegistryUnchanged
    // │  └─ else ............................................. holds from then on, what was before stays before
    // └─ a change is waiting
    //    ├─ by the same value from the same interval ......... EnergyRegistryUnchanged
    //    ├─ it changed nothing, nor would this one ........... EnergyRegistryUnchanged
    //    └─ else ............................................. takes its place

    function test_RevertWhen_IntervalIsOpen() external {
        vm.expectRevert(abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryIntervalOpen.selector, OPEN - 1, OPEN));
        _series.set(OPEN - 1, 1, OPEN);
    }

    function test_RevertWhen_NothingIsSetToNothing() external {
        _expectUnchanged();
        _series.set(OPEN, 0, OPEN);
    }

    function test_RevertWhen_ValueHoldsAlready() external {
        _series.set(OPEN, 1, OPEN);
        _expectUnchanged();
        _series.set(OPEN + 5, 1, OPEN + 1);
    }

    function test_RevertWhen_TheSameIsWaiting() external {
        _series.set(OPEN + 5, 1, OPEN);
        _expectUnchanged();
        _series.set(OPEN + 5, 1, OPEN);
    }

    function test_RevertWhen_WaitingChangeAndNewOneChangeNothing() external {
        _series.set(OPEN, 1, OPEN);
        _series.set(OPEN + 5, 2, OPEN + 1);
        assertEq(_series.set(OPEN + 5, 1, OPEN + 1), 1, "withdrawn");
        _expectUnchanged();
        _series.set(OPEN + 6, 1, OPEN + 1);
    }

    function test_HoldsFromItsIntervalOn() external {
        assertEq(_series.set(OPEN, 7, OPEN), 0, "previous");
        assertEq(_series.valueOf(OPEN - 1), 0, "before");
        assertEq(_series.valueOf(OPEN), 7, "first");
        assertEq(_series.valueOf(type(uint32).max), 7, "for good");
    }

    function test_LaterChangeLeavesWhatWasBefore() external {
        _series.set(OPEN, 7, OPEN);
        assertEq(_series.set(OPEN + 10, 8, OPEN + 1), 7, "previous");
        assertEq(_series.set(OPEN + 20, 9, OPEN + 11), 8, "previous");
        assertEq(_series.valueOf(OPEN - 1), 0, "before all");
        assertEq(_series.valueOf(OPEN + 9), 7, "first");
        assertEq(_series.valueOf(OPEN + 10), 8, "second");
        assertEq(_series.valueOf(OPEN + 19), 8, "second, last");
        assertEq(_series.valueOf(OPEN + 20), 9, "third");
    }

    function test_WaitingChangeIsReplacedFromEarlierAndFromLater() external {
        _series.set(OPEN, 7, OPEN);
        _series.set(type(uint32).max, 8, OPEN + 1);
        assertEq(_series.set(OPEN + 5, 9, OPEN + 1), 7, "previous");
        assertEq(_series.valueOf(OPEN + 5), 9, "earlier");
        assertEq(_series.valueOf(type(uint32).max), 9, "the first is withdrawn");
        assertEq(_series.set(OPEN + 8, 9, OPEN + 5), 7, "previous");
        assertEq(_series.valueOf(OPEN + 7), 7, "later");
        assertEq(_series.valueOf(OPEN + 8), 9, "for good");
    }

    // Any changes at any times: every interval has what the plain way gives it, and nothing that is open ever changes.
    function testFuzz_AgreesWithThePlainWay(uint256 seed) external {
        uint32 open = OPEN;
        uint32 waiting = 0;
        for (uint256 step = 0; step < 12; ++step) {
            seed = uint256(keccak256(abi.encode(seed)));
            open += uint32(seed % 4);
            uint32 from = open + uint32((seed >> 8) % 8);
            uint224 value = uint224(1 + ((seed >> 16) % 3));
            uint224[SPAN] memory next = _expected;
            if (waiting >= open) _spread(next, waiting, next[waiting - 1 - FIRST]);
            uint224 previous = next[from - 1 - FIRST];
            _spread(next, from, value);
            if (keccak256(abi.encode(next)) == keccak256(abi.encode(_expected))) {
                _expectUnchanged();
                _series.set(from, value, open);
                continue;
            }
            assertEq(_series.set(from, value, open), previous, "previous");
            (_expected, waiting) = (next, from);
            for (uint32 i = 0; i < SPAN; ++i) {
                assertEq(_series.valueOf(FIRST + i), _expected[i], "value");
            }
        }
    }

    // --- helpers

    function _spread(uint224[SPAN] memory values, uint32 from, uint224 value) private pure {
        for (uint256 i = from - FIRST; i < SPAN; ++i) values[i] = value;
    }

    function _expectUnchanged() private {
        vm.expectRevert(IEnergyRegistry.EnergyRegistryUnchanged.selector);
    }
}
