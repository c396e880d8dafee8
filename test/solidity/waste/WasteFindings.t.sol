// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CompactSignature} from "../../../contracts/authority/CompactSignatures.sol";
import {Signature} from "../../../contracts/authority/ISigned.sol";
import {Emptying, Fill, FillFault, IContainers} from "../../../contracts/waste/containers/IContainers.sol";
import {
    IWasteLots,
    LotState,
    SignedTicket,
    Ticket,
    TicketFault,
    Weighing
} from "../../../contracts/waste/lots/IWasteLots.sol";
import {FacilityTerms, IWasteOperators} from "../../../contracts/waste/operators/IWasteOperators.sol";
import {WasteCredentials} from "../../../contracts/waste/WasteCredentials.sol";
import {ContainersBase} from "./containers/ContainersBase.sol";

/// @notice What an adversarial review of containers and operators found and had mended.
contract WasteFindingsTest is ContainersBase {
    uint32 private constant LAST = 8;

    // A gateway with a stolen key runs the counters of containers to their end
    // ├── the device's own readings, and any gateway's, are refused
    // ├── WASTE_FLEET lets the counter begin anew, with the same device: they count again
    // │   ├── what was reported before does not come back
    // │   └── nor does a ticket, whose counter stays
    // └── nothing to let begin anew: ContainersUnchanged; a retired container: ContainersBinNotActive; others: refused

    function test_Finding_CounterThatAGatewayRanToItsEndBeginsAnew() external {
        Fill memory early = fillOf(BIN, LAST, 5_000);
        reportFill(early);
        vm.warp(EPOCH + 1 hours);
        vm.prank(gateway);
        containers.reportPacked(packFill(fillOf(BIN, type(uint32).max, 9_999)));
        credentials.set(WasteCredentials.WASTE_GATEWAY, gateway, false);

        vm.warp(EPOCH + 2 hours);
        Fill memory own = fillOf(BIN, LAST + 1, 5_100);
        CompactSignature memory signature = signFill(own);
        expectCounter(BIN, LAST + 1, type(uint32).max);
        containers.report(own, signature);

        vm.expectEmit(address(containers));
        emit IContainers.DeviceSet(BIN, deviceOf(BIN), deviceOf(BIN));
        vm.prank(fleet);
        containers.setDevice(BIN, deviceOf(BIN));
        assertState(BIN, 0, EPOCH + 1 hours, 9_999);
        signature = signFill(early);
        expectBackwards(BIN, EPOCH, EPOCH + 1 hours);
        containers.report(early, signature);
        reportFill(own);
        assertState(BIN, LAST + 1, EPOCH + 2 hours, 5_100);
        assertEq(containers.binOf(deviceOf(BIN)), BIN, "container of the key");
    }

    function test_Finding_TicketDoesNotComeBackWithTheCounter() external {
        wireLots(address(this));
        Emptying memory emptying = emptyingOf(BIN, LAST);
        containers.empty(emptying);
        vm.prank(fleet);
        containers.setDevice(BIN, deviceOf(BIN));
        assertTickets(BIN, LAST, 1, EPOCH);
        expectCounter(BIN, LAST, LAST);
        containers.empty(emptying);
        (FillFault fault, ) = containers.tryEmpty(emptying);
        assertEq(uint256(fault), uint256(FillFault.CounterNotIncreasing), "fault");
    }

    function test_RevertWhen_CounterIsAtItsBeginning() external {
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersUnchanged.selector, BIN));
        vm.prank(fleet);
        containers.setDevice(BIN, deviceOf(BIN));
    }

    // A plant whose credential is suspended is to lose its licence
    // ├── without the credential nothing that runs is written: WasteOperatorsNoCredential
    // └── what is over is written, so the licence does not come back with the credential

    function test_Finding_LicenceIsWithdrawnWhileTheCredentialIsSuspended() external {
        setCredential(WasteCredentials.WASTE_FACILITY, facility, false);
        FacilityTerms memory terms = plainTerms();
        terms.until = uint32(EPOCH);
        vm.expectRevert(abi.encodeWithSelector(IWasteOperators.WasteOperatorsNoCredential.selector, facility));
        licenseFor(FACILITY, terms);
        terms.until = uint32(EPOCH - 1);
        vm.expectEmit(address(operators));
        emit IWasteOperators.FacilityLicensed(FACILITY, terms);
        licenseFor(FACILITY, terms);
        setCredential(WasteCredentials.WASTE_FACILITY, facility, true);
        (uint32 operatorId, ) = operators.facilityBy(facilityCrew);
        assertEq(operatorId, 0, "no licence that runs");
        assertEq(operators.facilityOf(FACILITY).until, EPOCH - 1, "withdrawn");
    }
}

/// @notice What the contracts do not prevent, as it is. Whoever changes one of these changes its test.
contract WasteLimitsTest is ContainersBase {
    bytes32 private constant TICKET_TYPE = keccak256(
        "Ticket(uint32 binId,uint32 counter,uint40 takenAt,uint24 code,uint32 grams,uint8 weighing,address collector,uint32 routeId,bytes32 documentHash)"
    );
    bytes32 private constant HANDOVER_TYPE = keccak256(
        "OperatorHandover(uint32 operatorId,address account,uint256 nonce,uint256 deadline)"
    );

    IWasteLots private _lots;
    address private _driver;
    uint256 private _driverKey;

    function setUp() public override {
        super.setUp();
        // By its code, because another compiler pipeline builds it.
        bytes memory code = bytes.concat(vm.getCode("WasteLots"), abi.encode(address(manager), containers));
        address deployed;
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
        }
        _lots = IWasteLots(deployed);
        wireLots(address(_lots));
        (_driver, _driverKey) = actor("driver");
    }

    /// @dev A key is asked for no consent: a rival that appoints it first has it for good, and with it what it signed before.
    function test_Limit_KeyIsWhoseAppointsItFirst() external {
        SignedTicket memory signed = _sign(_ticket(1, PACKAGING), _driver, _driverKey);
        appoint(RIVAL, _driver);
        Signature memory none;
        vm.expectRevert(abi.encodeWithSelector(IWasteOperators.WasteOperatorsBadKey.selector, _driver, RIVAL));
        vm.prank(collector);
        operators.setCrew(COLLECTOR, _driver, UNTIL, 0, 0, none);
        uint64 lotId = _lots.collect(signed);
        assertEq(_lots.lotOf(lotId).holder, RIVAL, "the rival's");
    }

    /// @dev Anybody may have a number given to whoever holds a credential, who then cannot take another operator over.
    function test_Limit_WhoWasAdmittedTakesNothingOver() external {
        (address successor, uint256 successorKey) = actor("successor");
        credentials.set(WasteCredentials.WASTE_COLLECTOR, successor, true);
        bytes32 message = keccak256(abi.encode(HANDOVER_TYPE, COLLECTOR, successor, 0, EPOCH));
        Signature memory agreed = signTyped(
            successorKey,
            domainOf("Civitas Waste Operators", address(operators)),
            message
        );
        vm.prank(stranger);
        uint32 unwanted = operators.admit(successor);
        vm.expectRevert(abi.encodeWithSelector(IWasteOperators.WasteOperatorsTaken.selector, successor, unwanted));
        vm.prank(collector);
        operators.handOver(COLLECTOR, successor, 0, EPOCH, agreed);
    }

    /// @dev Of two tickets of one container that wait to be brought, anybody can bring the later one first.
    function test_Limit_TicketAfterALaterOneHasToBeSignedAnew() external {
        SignedTicket[] memory both = new SignedTicket[](2);
        both[0] = _sign(_ticket(1, PACKAGING), collectorCrew, collectorCrewKey);
        vm.warp(EPOCH + 1 hours);
        both[1] = _sign(_ticket(2, PACKAGING), collectorCrew, collectorCrewKey);
        vm.prank(stranger);
        _lots.collect(both[1]);
        vm.expectEmit(address(_lots));
        emit IWasteLots.TicketRejected(BIN, 1, TicketFault.CounterNotIncreasing);
        assertEq(_lots.collectMany(both), 0, "both refused now");
        assertEq(_lots.totals().collected, 23_500, "one of two");
        _lots.collect(_sign(_ticket(3, PACKAGING), collectorCrew, collectorCrewKey));
        assertEq(_lots.totals().collected, 47_000, "signed anew");
    }

    /// @dev Nothing but the ticket before says how old a ticket may be, so a container's first can be dated to when a code that
    /// ended was good. It takes device and collector together.
    function test_Limit_FirstTicketIsAsOldAsItSays() external {
        permitFor(COLLECTOR, OLD_BATTERIES);
        vm.warp(uint256(CHANGE_DAY) * 1 days);
        Ticket memory ticket = _ticket(1, OLD_BATTERIES);
        SignedTicket memory signed = _sign(ticket, collectorCrew, collectorCrewKey);
        vm.expectRevert(
            abi.encodeWithSelector(IWasteLots.WasteLotsCodeNotValid.selector, OLD_BATTERIES, uint256(CHANGE_DAY))
        );
        _lots.collect(signed);
        ticket.takenAt = 1;
        uint64 lotId = _lots.collect(_sign(ticket, collectorCrew, collectorCrewKey));
        assertEq(uint256(_lots.lotOf(lotId).state), uint256(LotState.Open), "taken");
    }

    /// @dev A route counts tickets that name it, of whatever container and as often as they come.
    function test_Limit_RouteCountsTicketsAndNotItsStops() external {
        vm.prank(collectorCrew);
        uint32 routeId = containers.planRoute(abi.encodePacked(uint32(1)), 0, 0);
        for (uint32 counter = 1; counter <= 3; ++counter) {
            Ticket memory ticket = _ticket(counter, PACKAGING);
            ticket.routeId = routeId;
            _lots.collect(_sign(ticket, collectorCrew, collectorCrewKey));
        }
        assertEq(containers.routeOf(routeId).plannedStops, 1, "planned");
        assertEq(containers.routeOf(routeId).servedStops, 3, "served");
    }

    /// @dev A ticket of now.
    function _ticket(uint32 counter, uint24 code) private view returns (Ticket memory ticket) {
        return
            Ticket({
                binId: BIN,
                counter: counter,
                takenAt: uint40(block.timestamp),
                code: code,
                grams: 23_500,
                weighing: Weighing.Weighed,
                collector: address(0),
                routeId: 0,
                documentHash: 0
            });
    }

    function _sign(
        Ticket memory ticket,
        address key,
        uint256 privateKey
    ) private view returns (SignedTicket memory signed) {
        ticket.collector = key;
        bytes32 digest = digestOf(
            domainOf("Civitas Waste Lots", address(_lots)),
            keccak256(abi.encode(TICKET_TYPE, ticket))
        );
        return
            SignedTicket({
                ticket: ticket,
                device: signCompact(deviceKeyOf(BIN), digest),
                collector: signCompact(privateKey, digest)
            });
    }
}
