// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Signature} from "../../../../contracts/authority/ISigned.sol";
import {EnergySharing} from "../../../../contracts/energy/sharing/EnergySharing.sol";
import {EnergySource, MeterClass, MeterStatus} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {SharedInterval, SharingKey, Terms} from "../../../../contracts/energy/sharing/IEnergySharing.sol";
import {DayFixture} from "../readings/DayFixture.sol";

/// @notice A community on one feeder, with members that have a key each.
abstract contract SharingFixture is DayFixture {
    uint64 internal constant UNIT = 10;

    EnergySharing internal sharing;
    address internal organiser = address(0x0541);
    address internal gridOperator = address(0x061d);
    address internal relayer = address(0x4e1a);

    function noSignature() internal pure returns (Signature memory none) {}

    /// @dev The interval of the present moment.
    function present() internal view returns (uint32 interval) {
        return registry.currentInterval();
    }

    function addMember(address owner) internal returns (uint32 meter) {
        return addMeter(owner, MeterClass.Connection, EnergySource.Solar, MeterStatus.Sharing);
    }

    function termsOf(SharingKey key, uint24 price, bytes memory members) internal pure returns (Terms memory terms) {
        return Terms({key: key, price: price, members: members});
    }

    /// @dev Founds a community whose terms hold from the next interval.
    function found(Terms memory terms) internal returns (uint32 community) {
        vm.prank(organiser);
        return sharing.found(organiser, FEEDER, terms);
    }

    function join(uint32 community, uint32 meter, Terms memory terms) internal {
        bytes32 hash = sharing.termsHash(terms);
        address owner = registry.ownerOf(meter);
        vm.prank(owner);
        sharing.joinCommunity(community, meter, hash, 0, 0, noSignature());
    }

    function sharedInterval(uint32 interval) internal view returns (SharedInterval[] memory list) {
        list = new SharedInterval[](1);
        list[0] = SharedInterval({interval: interval, row: rowOf(interval), proof: rowProof(interval)});
    }
}
