// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LeaseState, Offer} from "../../../contracts/batteries/IBatteryLease.sol";
import {LeaseFixture} from "./LeaseFixture.sol";

contract BatteryLeaseOpeningTest is LeaseFixture {
    function test_Open() external {
        Offer memory offer = offerOf(packId);
        uint256 leaseId = openLease(offer);
        stateIs(leaseId, LeaseState.Active);
        assertEq(euro.balanceOf(address(book)), 720e6, "held");
    }
}
