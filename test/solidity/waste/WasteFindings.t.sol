// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CompactSignature} from "../../../contracts/authority/CompactSignatures.sol";
import {ISigned, Signature} from "../../../contracts/authority/ISigned.sol";
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

/// @dev A container's tickets before the real lots.
abstract contract WasteReviewBase is ContainersBase {
    bytes32 private constant TICKET_TYPE = keccak256(
        "Ticket(uint32 binId,uint32 counter,uint40 takenAt,uint24 code,uint32 grams,uint8 weighing,address collector,uint32 routeId,bytes32 documentHash)"
    );

    IWasteLots internal lots;
    address internal driver;
    uint256 internal driverKey;

    function setUp() public virtual override {
        super.setUp();
        // By its code, because another compiler pipeline builds it.
        bytes memory code = bytes.concat(vm.getCode("WasteLots"), abi.encode(address(manager), containers));
        address deployed;
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
        }
        lots = IWasteLots(deployed);
        wireLots(address(lots));
        (driver, driverKey) = actor("driver");
    }

    /// @dev A ticket of now.
    function ticketOf(uint32 counter, uint24 code) internal view returns (Ticket memory ticket) {
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

    function signTicket(
        Ticket memory ticket,
        address key,
        uint256 privateKey
    ) internal view returns (SignedTicket memory signed) {
        ticket.collector = key;
        bytes32 digest = digestOf(
            domainOf("Civitas Waste Lots", address(lots)),
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

/// @notice What the review found of operators and had mended.
contract WasteCrewFindingsTest is WasteReviewBase {
    bytes32 private constant HANDOVER_TYPE = keccak256(
        "OperatorHandover(uint32 operatorId,address account,uint256 nonce,uint256 deadline)"
    );

    // A rival appoints a driver first, with it what the driver signed before
    // ├── without the driver's consent, or with that to its own operator: WasteOperatorsNoConsent
    // └── the ticket is its own operator's

    function test_Finding_KeyIsNotWhoseNamesItFirst() external {
        SignedTicket memory signed = signTicket(ticketOf(1, PACKAGING), driver, driverKey);
        Signature memory none;
        CompactSignature memory consent = signConsent(operators, driverKey, COLLECTOR, UNTIL, EPOCH);
        bytes32 stolen = digestOf(
            domainOf(OPERATORS_DOMAIN, address(operators)),
            keccak256(abi.encode(CREW_TYPE, RIVAL, driver, UNTIL, 0, EPOCH))
        );
        uint8 v = uint8(uint256(consent.vs) >> 255) + 27;
        address signer = ecrecover(stolen, v, consent.r, bytes32((uint256(consent.vs) << 1) >> 1));
        vm.expectRevert(
            abi.encodeWithSelector(IWasteOperators.WasteOperatorsNoConsent.selector, RIVAL, driver, signer)
        );
        vm.prank(rival);
        operators.setCrew(RIVAL, driver, UNTIL, 0, EPOCH, none, consent);
        vm.expectRevert(
            abi.encodeWithSelector(IWasteOperators.WasteOperatorsNoConsent.selector, RIVAL, driver, address(0))
        );
        changeCrew(rival, RIVAL, driver, UNTIL);

        vm.prank(collector);
        operators.setCrew(COLLECTOR, driver, UNTIL, 0, EPOCH, none, consent);
        uint64 lotId = lots.collect(signed);
        assertEq(lots.lotOf(lotId).holder, COLLECTOR, "its own operator's");
    }

    // Somebody has a number given to whoever is about to take an operator over
    // └── it is not the owner, who did not sign: SignedInvalidSignature; the handover goes through

    function test_Finding_NobodyIsGivenANumberAgainstItsWill() external {
        (address successor, uint256 successorKey) = actor("successor");
        credentials.set(WasteCredentials.WASTE_COLLECTOR, successor, true);
        bytes32 domain = domainOf(OPERATORS_DOMAIN, address(operators));
        bytes32 message = keccak256(abi.encode(HANDOVER_TYPE, COLLECTOR, successor, 0, EPOCH));
        Signature memory agreed = signTyped(successorKey, domain, message);
        bytes32 digest = digestOf(domain, keccak256(abi.encode(ADMISSION_TYPE, successor, 0, EPOCH)));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, successor, digest));
        vm.prank(stranger);
        operators.admit(successor, 0, EPOCH, agreed);
        vm.prank(collector);
        operators.handOver(COLLECTOR, successor, 0, EPOCH, agreed);
        assertEq(operators.numberOf(successor), COLLECTOR, "taken over");
    }

    // An operator's identity is retired: nobody dismisses its keys, and its lots are theirs
    // └── WASTE_LICENSING names a successor, who dismisses them and appoints its own

    function test_Finding_LotsOfAnOperatorThatCeasedToBeHaveASuccessor() external {
        uint64 lotId = lots.collect(signTicket(ticketOf(1, PACKAGING), collectorCrew, collectorCrewKey));
        (address successor, ) = actor("successor");
        credentials.set(WasteCredentials.WASTE_COLLECTOR, successor, true);
        vm.prank(collector);
        identities.changeOwner(collector, address(0));
        vm.prank(licensing);
        operators.appointSuccessor(COLLECTOR, successor);
        changeCrew(successor, COLLECTOR, collectorCrew, 0);
        appoint(COLLECTOR, driverKey);
        assertEq(operators.partiesOf(collectorCrew, driver).sender, 0, "dismissed");
        assertEq(operators.partiesOf(driver, driver).sender, lots.lotOf(lotId).holder, "signs for the lot");
    }
}

/// @notice What the contracts do not prevent, as it is. Whoever changes one of these changes its test.
contract WasteLimitsTest is WasteReviewBase {
    /// @dev Of two tickets of one container that wait to be brought, anybody can bring the later one first.
    function test_Limit_TicketAfterALaterOneHasToBeSignedAnew() external {
        SignedTicket[] memory both = new SignedTicket[](2);
        both[0] = signTicket(ticketOf(1, PACKAGING), collectorCrew, collectorCrewKey);
        vm.warp(EPOCH + 1 hours);
        both[1] = signTicket(ticketOf(2, PACKAGING), collectorCrew, collectorCrewKey);
        vm.prank(stranger);
        lots.collect(both[1]);
        vm.expectEmit(address(lots));
        emit IWasteLots.TicketRejected(BIN, 1, TicketFault.CounterNotIncreasing);
        assertEq(lots.collectMany(both), 0, "both refused now");
        assertEq(lots.totals().collected, 23_500, "one of two");
        lots.collect(signTicket(ticketOf(3, PACKAGING), collectorCrew, collectorCrewKey));
        assertEq(lots.totals().collected, 47_000, "signed anew");
    }

    /// @dev Nothing but the ticket before says how old a ticket may be, so a container's first can be dated to when a code that
    /// ended was good. It takes device and collector together.
    function test_Limit_FirstTicketIsAsOldAsItSays() external {
        permitFor(COLLECTOR, OLD_BATTERIES);
        vm.warp(uint256(CHANGE_DAY) * 1 days);
        Ticket memory ticket = ticketOf(1, OLD_BATTERIES);
        SignedTicket memory signed = signTicket(ticket, collectorCrew, collectorCrewKey);
        vm.expectRevert(
            abi.encodeWithSelector(IWasteLots.WasteLotsCodeNotValid.selector, OLD_BATTERIES, uint256(CHANGE_DAY))
        );
        lots.collect(signed);
        ticket.takenAt = 1;
        uint64 lotId = lots.collect(signTicket(ticket, collectorCrew, collectorCrewKey));
        assertEq(uint256(lots.lotOf(lotId).state), uint256(LotState.Open), "taken");
    }

    /// @dev A route counts tickets that name it, of whatever container and as often as they come.
    function test_Limit_RouteCountsTicketsAndNotItsStops() external {
        vm.prank(collectorCrew);
        uint32 routeId = containers.planRoute(abi.encodePacked(uint32(1)), 0, 0);
        for (uint32 counter = 1; counter <= 3; ++counter) {
            Ticket memory ticket = ticketOf(counter, PACKAGING);
            ticket.routeId = routeId;
            lots.collect(signTicket(ticket, collectorCrew, collectorCrewKey));
        }
        assertEq(containers.routeOf(routeId).plannedStops, 1, "planned");
        assertEq(containers.routeOf(routeId).servedStops, 3, "served");
    }
}
