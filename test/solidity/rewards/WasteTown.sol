// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BinStatus} from "../../../contracts/waste/containers/IContainers.sol";
import {Weighing, SignedTicket, Ticket} from "../../../contracts/waste/lots/IWasteLots.sol";
import {Roles} from "../../../contracts/authority/Roles.sol";
import {IWasteLots} from "../../../contracts/waste/lots/IWasteLots.sol";
import {WasteLots} from "../../../contracts/waste/lots/WasteLots.sol";
import {WasteFixture} from "../waste/WasteFixture.sol";

/// @notice The containers, operators and lots of a city, for tests of what reads them.
contract WasteTown is WasteFixture {
    bytes32 private constant TICKET_TYPE = keccak256(
        "Ticket(uint32 binId,uint32 counter,uint40 takenAt,uint24 code,uint32 grams,uint8 weighing,address collector,uint32 routeId,bytes32 documentHash)"
    );

    WasteLots public lots;

    /// @dev Builds it all, and sets the clock back to the time of the call.
    function build() external {
        uint256 time = block.timestamp;
        setUp();
        lots = new WasteLots(address(manager), containers);
        wireLots(address(lots));
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = IWasteLots.auditRevision.selector;
        manager.setTargetFunctionRole(address(lots), selectors, Roles.WASTE_AUDITOR);
        vm.warp(time);
    }

    /// @dev Empties a container now, with a ticket of the collector.
    function collect(uint32 binId, uint32 grams) external returns (uint64 lotId) {
        Ticket memory ticket = Ticket({
            binId: binId,
            counter: containers.stateOf(binId).counter + 1,
            takenAt: uint40(block.timestamp),
            code: PACKAGING,
            grams: grams,
            weighing: Weighing.Weighed,
            collector: collectorCrew,
            routeId: 0,
            documentHash: 0
        });
        bytes32 domain = domainOf("Civitas Waste Lots", address(lots));
        bytes32 digest = digestOf(domain, keccak256(abi.encode(TICKET_TYPE, ticket)));
        return
            lots.collect(
                SignedTicket({
                    ticket: ticket,
                    device: signCompact(deviceKeyOf(binId), digest),
                    collector: signCompact(collectorCrewKey, digest)
                })
            );
    }

    /// @dev Takes a container out of use for good.
    function retire(uint32 binId) external {
        vm.prank(fleet);
        containers.setStatus(binId, BinStatus.Retired);
    }

    /// @dev Corrects what a ticket says: the collector proposes it, and the auditor agrees.
    function revise(uint64 lotId, uint64 grams) external {
        vm.prank(collectorCrew);
        lots.proposeRevision(lotId, grams, keccak256("salted reason"));
        vm.prank(auditor);
        lots.auditRevision(lotId, grams);
    }

    /// @dev Key of a container's device.
    function keyOf(uint32 binId) external pure returns (uint256 privateKey) {
        return deviceKeyOf(binId);
    }
}
