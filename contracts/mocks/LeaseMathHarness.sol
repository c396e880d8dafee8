// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LeaseMath} from "../batteries/LeaseMath.sol";

/// @title LeaseMathHarness
/// @notice Opens the money formulas of a lease to tests, many in one call.
contract LeaseMathHarness {
    /// @notice Outcome of one formula.
    struct Outcome {
        bool succeeded;
        /// @dev ABI-encoded result, or the revert data.
        bytes data;
    }

    /// @notice Runs calls to this contract; one that reverts does not stop the others.
    /// @param calls ABI-encoded calls.
    /// @return outcomes In the order of `calls`.
    function runMany(bytes[] calldata calls) external view returns (Outcome[] memory outcomes) {
        outcomes = new Outcome[](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool succeeded, bytes memory data) = address(this).staticcall(calls[i]);
            outcomes[i] = Outcome(succeeded, data);
        }
    }

    function earnedDown(
        uint256 rent,
        uint256 period,
        uint256 elapsed,
        uint256 rebate
    ) external pure returns (uint256 amount) {
        return LeaseMath.earnedDown(rent, period, elapsed, rebate);
    }

    function rebateThrough(
        uint256 base,
        uint256 perPeriod,
        uint256 since,
        uint256 until,
        uint256 timestamp
    ) external pure returns (uint256 rebate) {
        return LeaseMath.rebateThrough(base, perPeriod, since, until, timestamp);
    }

    function dueCount(uint256 elapsed, uint256 period, uint256 periods) external pure returns (uint256 count) {
        return LeaseMath.dueCount(elapsed, period, periods);
    }

    function lateCount(
        uint256 elapsed,
        uint256 period,
        uint256 periods,
        uint256 grace
    ) external pure returns (uint256 count) {
        return LeaseMath.lateCount(elapsed, period, periods, grace);
    }

    function startedCount(uint256 elapsed, uint256 period, uint256 periods) external pure returns (uint256 count) {
        return LeaseMath.startedCount(elapsed, period, periods);
    }

    function overWh(uint256 usedWh, uint256 includedWh, uint256 started) external pure returns (uint256 wh) {
        return LeaseMath.overWh(usedWh, includedWh, started);
    }

    function overageDown(uint256 over, uint256 billedOver, uint256 pricePerKWh) external pure returns (uint256 charge) {
        return LeaseMath.overageDown(over, billedOver, pricePerKWh);
    }

    function buyoutPriceDown(
        uint256 start,
        uint256 residual,
        uint256 term,
        uint256 elapsed
    ) external pure returns (uint256 price) {
        return LeaseMath.buyoutPriceDown(start, residual, term, elapsed);
    }

    function earlyFeeDown(uint256 fee, uint256 term, uint256 elapsed) external pure returns (uint256 amount) {
        return LeaseMath.earlyFeeDown(fee, term, elapsed);
    }

    function abatedRentDown(uint256 rent, uint256 sohBp, uint256 minSohBp) external pure returns (uint256 amount) {
        return LeaseMath.abatedRentDown(rent, sohBp, minSohBp);
    }

    function close(LeaseMath.Account memory account) external pure returns (LeaseMath.Statement memory statement) {
        return LeaseMath.close(account);
    }
}
