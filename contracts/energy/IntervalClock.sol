// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IntervalRecord, MarketFrame} from "./market/EnergyLedger.sol";
import {IntervalState} from "./market/IEnergyMarket.sol";

/// @title IntervalClock
/// @notice Where an interval stands at a time. Times are Unix seconds.
library IntervalClock {
    /// @notice The interval's state: as stored once clearing or voiding began, before that as the time says.
    /// @param record The interval's.
    /// @param frame The market's.
    /// @param interval Interval.
    /// @param timestamp Unix time.
    /// @return state Where it stands.
    function stateAt(
        IntervalRecord memory record,
        MarketFrame memory frame,
        uint32 interval,
        uint256 timestamp
    ) internal pure returns (IntervalState state) {
        if (record.state > IntervalState.Closed) return record.state;
        uint256 startsAt = uint256(interval) * frame.intervalLength;
        if (timestamp + frame.gateLead >= startsAt) return IntervalState.Closed;
        uint256 lead = uint256(frame.horizon) * frame.intervalLength;
        return timestamp + lead < startsAt ? IntervalState.Future : IntervalState.Open;
    }

    /// @notice When an interval that is not settled can be voided, and no longer be cleared.
    /// @param frame The market's.
    /// @param interval Interval.
    /// @return timestamp Unix time from which it can.
    function voidableAt(MarketFrame memory frame, uint32 interval) internal pure returns (uint256 timestamp) {
        return (uint256(interval) + 1) * frame.intervalLength + frame.longStop;
    }
}
