// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BinRecord, BinStatus, IContainers} from "../../../../contracts/waste/containers/IContainers.sol";
import {
    IWasteLots,
    Lot,
    LotFlags,
    LotState,
    MassTotals,
    SignedTicket,
    Ticket,
    TicketFault,
    Weighing
} from "../../../../contracts/waste/lots/IWasteLots.sol";
import {WasteLots} from "../../../../contracts/waste/lots/WasteLots.sol";
import {WasteCredentials} from "../../../../contracts/waste/WasteCredentials.sol";
import {LotFixture} from "./LotFixture.sol";

/// @notice Names two addresses without code as its codes and operators.
contract HollowContainers {
    address public constant codes = address(0xc0de);
    address public constant operators = address(0x09e7);
}

/// @notice Tickets, alone and in batches.
contract WasteLotsCollectingTest is LotFixture {
    uint32 private constant BIN = 7;
    uint32 private constant GRAMS = 23_500;
    uint256 private constant MAX_TICKETS = 100;
    uint256 private constant CLOCK_TOLERANCE = 300;

    // constructor: keeps the containers, and their operators and codes

    function test_KnowsItsNeighbours() external view {
        assertEq(address(lots.containers()), address(containers), "containers");
        assertEq(address(lots.operators()), address(operators), "operators");
        assertEq(address(lots.codes()), address(codes), "codes");
        assertEq(lots.authority(), address(manager), "authority");
    }

    /// @dev Calls put together by hand do not take silence for an answer.
    function test_RevertWhen_NobodyAnswers() external {
        WasteLots hollow = new WasteLots(address(manager), IContainers(address(new HollowContainers())));
        SignedTicket memory signed = signTicket(ticketOf(BIN, PACKAGING, GRAMS, collectorCrew));
        (bool ok, bytes memory data) = address(hollow).call(abi.encodeCall(IWasteLots.collect, (signed)));
        assertFalse(ok, "collected");
        assertEq(data.length, 0, "reason");
    }

    // collect
    // ├─ no mass ......................................... WasteLotsZeroMass
    // ├─ more than a vehicle carries ..................... WasteLotsTooHeavy
    // ├─ the code is unknown, ended, or not begun ........ WasteLotsCodeNotValid
    // ├─ the key signs for no collector
    // │  ├─ it signs for nobody .......................... WasteLotsNotCollector
    // │  ├─ its time is over, or it was dismissed ........ WasteLotsNotCollector
    // │  ├─ it signs for a facility ...................... WasteLotsNotCollector
    // │  └─ the credential ended ......................... WasteLotsNotCollector
    // ├─ hazardous, and no permit, or one that ended ..... WasteLotsPermitMissing
    // ├─ another key signed, or nobody ................... WasteLotsBadSignature
    // ├─ no signature, and another one calls ............. WasteLotsBadSignature
    // ├─ what the containers refuse ...................... their error, nothing changed
    // └─ else ............................................ an open lot of the collector, Collected
    //    ├─ relayed, or by the collector's key, which need not sign
    //    ├─ estimated, declared .......................... flag NOT_WEIGHED
    //    ├─ hazardous .................................... flag HAZARDOUS
    //    └─ a late ticket ................................ with the code that was valid then

    function test_RevertWhen_TicketHasNoMass() external {
        SignedTicket memory signed = signTicket(ticketOf(BIN, PACKAGING, 0, collectorCrew));
        expectZeroMass();
        lots.collect(signed);
        _rejected(signed, TicketFault.ZeroMass);
    }

    function test_RevertWhen_TicketIsAboveTheLoadOfAVehicle() external {
        SignedTicket memory signed = signTicket(ticketOf(BIN, PACKAGING, MAX_TICKET_GRAMS + 1, collectorCrew));
        expectTooHeavy(MAX_TICKET_GRAMS + 1, MAX_TICKET_GRAMS);
        lots.collect(signed);
        _rejected(signed, TicketFault.TooHeavy);
    }

    function test_RevertWhen_CodeIsNotValidThatDay() external {
        vm.warp(uint256(CHANGE_DAY) * 1 days);
        uint24[3] memory wrong = [uint24(OLD_BATTERIES), 150_199, 0];
        permitFor(COLLECTOR, OLD_BATTERIES);
        permitFor(COLLECTOR, NEW_BATTERIES);
        for (uint256 i = 0; i < wrong.length; ++i) _refusedCode(ticketOf(BIN, wrong[i], GRAMS, collectorCrew));
        Ticket memory ticket = ticketOf(BIN, NEW_BATTERIES, GRAMS, collectorCrew);
        --ticket.takenAt;
        _refusedCode(ticket);
    }

    function test_CodeIsCheckedOnTheDayOfTheTicket() external {
        permitFor(COLLECTOR, OLD_BATTERIES);
        vm.warp(uint256(CHANGE_DAY) * 1 days);
        Ticket memory ticket = ticketOf(BIN, OLD_BATTERIES, GRAMS, collectorCrew);
        --ticket.takenAt;
        uint64 lotId = lots.collect(signTicket(ticket));
        assertEq(lots.lotOf(lotId).code, OLD_BATTERIES, "code");
    }

    function test_RevertWhen_KeySignsForNoCollector() external {
        _refusedKey(stranger, uint256(keccak256("stranger")));
        _refusedKey(facilityCrew, facilityCrewKey);
        _refusedKey(address(0), collectorCrewKey);
        // Dismissed.
        changeCrew(collector, COLLECTOR, collectorCrew, 0);
        _refusedKey(collectorCrew, collectorCrewKey);
        // Its credential ended.
        setCredential(WasteCredentials.WASTE_COLLECTOR, rival, false);
        _refusedKey(rivalCrew, rivalCrewKey);
        // Its time is over.
        vm.warp(UNTIL);
        lots.collect(_by(combinedCrew, combinedCrewKey));
        vm.warp(uint256(UNTIL) + 1);
        _refusedKey(combinedCrew, combinedCrewKey);
    }

    function test_RevertWhen_PermitForHazardousWasteIsMissing() external {
        SignedTicket memory signed = signTicket(ticketOf(BINS, TUBES, GRAMS, collectorCrew));
        expectPermitMissing(COLLECTOR, TUBES);
        lots.collect(signed);
        _rejected(signed, TicketFault.PermitMissing);
        // Neither another code's nor another operator's permit will do.
        permitFor(COLLECTOR, HAZARDOUS_RESIDUE);
        permitFor(RIVAL, TUBES);
        expectPermitMissing(COLLECTOR, TUBES);
        lots.collect(signed);
        vm.prank(licensing);
        operators.permit(COLLECTOR, TUBES, uint40(block.timestamp) - 1);
        expectPermitMissing(COLLECTOR, TUBES);
        lots.collect(signed);
        vm.prank(licensing);
        operators.permit(COLLECTOR, TUBES, uint40(block.timestamp));
        uint64 lotId = lots.collect(signed);
        assertEq(lots.lotOf(lotId).flags, LotFlags.HAZARDOUS, "to its last second");
    }

    function test_RevertWhen_CollectorDidNotSign() external {
        SignedTicket memory signed = _by(collectorCrew, rivalCrewKey);
        expectBadSignature(rivalCrew);
        lots.collect(signed);
        _rejected(signed, TicketFault.BadCollectorSignature);
        // An s in the upper half counts for nobody.
        signed.collector.vs = bytes32(type(uint256).max >> 1);
        expectBadSignature(address(0));
        lots.collect(signed);
        // Without a signature it is whoever calls.
        signed.collector = none;
        expectBadSignature(stranger);
        vm.prank(stranger);
        lots.collect(signed);
        _rejected(signed, TicketFault.BadCollectorSignature);
        // Half a signature is one.
        signed.collector.r = bytes32(uint256(1));
        expectBadSignature(ecrecover(ticketDigest(signed.ticket), 27, bytes32(uint256(1)), 0));
        vm.prank(collectorCrew);
        lots.collect(signed);
    }

    function test_RevertWhen_ContainersRefuse() external {
        vm.prank(fleet);
        containers.setStatus(BIN - 1, BinStatus.Retired);
        collect(BIN, GRAMS);
        Ticket memory ticket = ticketOf(BIN - 1, PACKAGING, GRAMS, collectorCrew);
        vm.expectRevert(
            abi.encodeWithSelector(IContainers.ContainersBinNotActive.selector, BIN - 1, BinStatus.Retired)
        );
        _refused(ticket, TicketFault.BinNotActive);

        ticket.binId = BINS + 1;
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersUnknownBin.selector, BINS + 1));
        _refused(ticket, TicketFault.UnknownBin);

        ticket = ticketOf(BIN, PACKAGING, GRAMS, collectorCrew);
        ticket.counter = 1;
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersCounterNotIncreasing.selector, BIN, 1, 1));
        _refused(ticket, TicketFault.CounterNotIncreasing);

        ticket.counter = 2;
        --ticket.takenAt;
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersTimeBackwards.selector, BIN, EPOCH - 1, EPOCH));
        _refused(ticket, TicketFault.TimeBackwards);

        uint256 latest = block.timestamp + CLOCK_TOLERANCE;
        ticket.takenAt = uint40(latest + 1);
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersTimeInFuture.selector, BIN, latest + 1, latest));
        _refused(ticket, TicketFault.TimeInFuture);

        ticket = ticketOf(BIN, PACKAGING, CAPACITY_L * MAX_GRAMS_PER_L + 1, collectorCrew);
        vm.expectRevert(
            abi.encodeWithSelector(
                IContainers.ContainersTooDense.selector,
                BIN,
                CAPACITY_L * MAX_GRAMS_PER_L + 1,
                CAPACITY_L * MAX_GRAMS_PER_L
            )
        );
        _refused(ticket, TicketFault.TooDense);

        ticket.grams = GRAMS;
        SignedTicket memory signed = signTicket(ticket, deviceKeyOf(BIN + 1), collectorCrewKey);
        vm.expectRevert(
            abi.encodeWithSelector(IContainers.ContainersBadDeviceSignature.selector, BIN, deviceOf(BIN + 1))
        );
        lots.collect(signed);
        _rejected(signed, TicketFault.BadDeviceSignature);
        // Without a signature the device is nobody, whoever calls.
        signed.device = none;
        vm.expectRevert(abi.encodeWithSelector(IContainers.ContainersBadDeviceSignature.selector, BIN, address(0)));
        vm.prank(deviceOf(BIN));
        lots.collect(signed);
        assertEq(lots.totals().collected, GRAMS, "the first alone");
    }

    function test_AnybodyRelaysATicket() external {
        Ticket memory ticket = ticketOf(BIN, PACKAGING, GRAMS, collectorCrew);
        (ticket.routeId, ticket.counter) = (0xabcdef01, 0x10203040);
        SignedTicket memory signed = signTicket(ticket);
        uint256 word =
            (uint256(0x10203040) << 136) |
                (uint256(EPOCH) << 96) |
                (uint256(PACKAGING) << 72) |
                (uint256(GRAMS) << 40) |
                0xabcdef01;
        vm.expectEmit(address(lots));
        emit IWasteLots.Collected(ticketLot(BIN, 1), COLLECTOR, word, ticket.documentHash);
        vm.prank(stranger);
        assertEq(lots.collect(signed), ticketLot(BIN, 1), "number of the lot");
        Lot memory lot;
        (lot.holder, lot.grams, lot.collectedGrams) = (COLLECTOR, GRAMS, GRAMS);
        (lot.code, lot.state) = (PACKAGING, LotState.Open);
        assertLot(ticketLot(BIN, 1), lot);
        MassTotals memory totals;
        totals.collected = GRAMS;
        assertTotals(totals);
        assertEq(containers.recordOf(BIN).collections, 1, "collections");
        assertEq(containers.stateOf(BIN).fillBp, 0, "fill");
        // The next one is of the next collection.
        assertEq(collect(BIN, 1), ticketLot(BIN, 2), "number of the next lot");
        assertEq(lots.totals().collected, GRAMS + 1, "collected");
    }

    function test_CollectorThatCallsNeedNotSign() external {
        SignedTicket memory signed = signTicket(ticketOf(BIN, PACKAGING, MAX_TICKET_GRAMS, collectorCrew));
        signed.collector = none;
        vm.prank(fleet);
        containers.change(BIN, ALERT_BP, _unbounded());
        signed = SignedTicket(signed.ticket, signed.device, none);
        vm.prank(collectorCrew);
        uint64 lotId = lots.collect(signed);
        assertEq(lots.lotOf(lotId).grams, MAX_TICKET_GRAMS, "the load of a vehicle");
    }

    function test_MarksWhatWasNotWeighed() external {
        Weighing[2] memory weighings = [Weighing.Estimated, Weighing.Declared];
        for (uint256 i = 0; i < weighings.length; ++i) {
            Ticket memory ticket = ticketOf(BIN, PACKAGING, GRAMS, collectorCrew);
            ticket.weighing = weighings[i];
            uint256 word =
                (uint256(ticket.counter) << 136) |
                    (uint256(EPOCH) << 96) |
                    (uint256(PACKAGING) << 72) |
                    (uint256(GRAMS) << 40) |
                    ((i + 1) << 32);
            SignedTicket memory signed = signTicket(ticket);
            vm.expectEmit(address(lots));
            emit IWasteLots.Collected(ticketLot(BIN, ticket.counter), COLLECTOR, word, ticket.documentHash);
            uint64 lotId = lots.collect(signed);
            assertEq(lots.lotOf(lotId).flags, LotFlags.NOT_WEIGHED, "flags");
        }
        permitFor(COLLECTOR, TUBES);
        Ticket memory tubes = ticketOf(BINS, TUBES, GRAMS, collectorCrew);
        tubes.weighing = Weighing.Declared;
        assertEq(
            lots.lotOf(lots.collect(signTicket(tubes))).flags,
            LotFlags.NOT_WEIGHED | LotFlags.HAZARDOUS,
            "both flags"
        );
    }

    function testFuzz_EveryMemberOfATicketIsSigned(uint256 seed, uint256 which) external {
        SignedTicket memory signed = _by(collectorCrew, collectorCrewKey);
        Ticket memory ticket = signed.ticket;
        bytes32 before = keccak256(abi.encode(ticket));
        which %= 7;
        if (which == 0) ticket.binId = uint32(bound(seed, 1, BINS));
        if (which == 1) ticket.counter = uint32(seed);
        if (which == 2) ticket.takenAt = uint40(bound(seed, EPOCH - 1 days, EPOCH));
        if (which == 3) ticket.code = seed % 2 == 0 ? PAPER : KITCHEN;
        if (which == 4) ticket.grams = uint32(bound(seed, 1, GRAMS - 1));
        if (which == 5) ticket.weighing = Weighing(seed % 3);
        if (which == 6) (ticket.routeId, ticket.documentHash) = (uint32(seed), bytes32(seed));
        (bool ok, bytes memory data) = address(lots).call(abi.encodeCall(IWasteLots.collect, (signed)));
        bool same = keccak256(abi.encode(ticket)) == before;
        assertTrue(ok == same, "accepted");
        if (!same) assertEq(bytes32(bytes4(data)), bytes32(IWasteLots.WasteLotsBadSignature.selector), "error");
    }

    // collectMany
    // ├─ none, or more than 100 .......................... WasteLotsBadList
    // └─ else ............................................ each as alone, faults named in TicketRejected
    //    ├─ some good, in any order ...................... collected grows by them alone
    //    └─ none good .................................... nothing changes

    function test_RevertWhen_BatchIsEmptyOrTooLong() external {
        expectBadList(0, MAX_TICKETS);
        lots.collectMany(new SignedTicket[](0));
        expectBadList(MAX_TICKETS + 1, MAX_TICKETS);
        lots.collectMany(new SignedTicket[](MAX_TICKETS + 1));
    }

    function test_HundredTicketsAreTaken() external {
        SignedTicket[] memory batch = new SignedTicket[](MAX_TICKETS);
        for (uint32 i = 0; i < MAX_TICKETS; ++i) {
            Ticket memory ticket = ticketOf(BIN, PACKAGING, GRAMS, collectorCrew);
            ticket.counter = i + 1;
            batch[i] = signTicket(ticket);
        }
        vm.prank(stranger);
        assertEq(lots.collectMany(batch), MAX_TICKETS, "accepted");
        assertEq(lots.totals().collected, MAX_TICKETS * GRAMS, "collected");
        assertEq(containers.recordOf(BIN).collections, MAX_TICKETS, "collections");
    }

    function test_BatchLeavesBadTicketsOut() external {
        permitFor(RIVAL, TUBES);
        SignedTicket[] memory batch = new SignedTicket[](5);
        batch[0] = signTicket(ticketOf(BINS, TUBES, 700, rivalCrew));
        batch[1] = signTicket(ticketOf(BIN, PACKAGING, 0, collectorCrew));
        // Nothing of a ticket before stays behind: no flag, collector or mass.
        batch[2] = signTicket(ticketOf(BIN, PACKAGING, 900, collectorCrew));
        batch[3] = batch[2];
        batch[4] = signTicket(ticketOf(BIN + 1, TUBES, 800, collectorCrew));
        vm.expectEmit(address(lots));
        emit IWasteLots.TicketRejected(BIN, 1, TicketFault.ZeroMass);
        vm.expectEmit(address(lots));
        emit IWasteLots.TicketRejected(BIN, 1, TicketFault.CounterNotIncreasing);
        vm.expectEmit(address(lots));
        emit IWasteLots.TicketRejected(BIN + 1, 1, TicketFault.PermitMissing);
        assertEq(lots.collectMany(batch), 2, "accepted");
        Lot memory lot;
        (lot.holder, lot.grams, lot.collectedGrams) = (RIVAL, 700, 700);
        (lot.code, lot.state, lot.flags) = (TUBES, LotState.Open, LotFlags.HAZARDOUS);
        assertLot(ticketLot(BINS, 1), lot);
        (lot.holder, lot.grams, lot.collectedGrams) = (COLLECTOR, 900, 900);
        (lot.code, lot.flags) = (PACKAGING, 0);
        assertLot(ticketLot(BIN, 1), lot);
        assertEq(lots.totals().collected, 1_600, "collected");
        assertEq(containers.recordOf(BIN + 1).collections, 0, "not emptied");
    }

    function testFuzz_BatchIsAsTicketsAlone(uint256[8] calldata seeds) external {
        SignedTicket[] memory batch = new SignedTicket[](seeds.length);
        for (uint256 i = 0; i < seeds.length; ++i) {
            Ticket memory ticket = ticketOf(uint32(seeds[i] % 3) + 1, PACKAGING, uint32(seeds[i] >> 8), collectorCrew);
            ticket.grams = uint32(bound(ticket.grams, 0, CAPACITY_L * MAX_GRAMS_PER_L + 1_000));
            ticket.counter = uint32((seeds[i] >> 40) % 5);
            batch[i] = signTicket(ticket, deviceKeyOf((seeds[i] >> 48) % 8 == 0 ? 9 : ticket.binId), collectorCrewKey);
        }
        uint256 snapshot = vm.snapshotState();
        uint256 accepted = 0;
        for (uint256 i = 0; i < seeds.length; ++i) {
            (bool ok, ) = address(lots).call(abi.encodeCall(IWasteLots.collect, (batch[i])));
            if (ok) ++accepted;
        }
        bytes32 expected = _stateHash();
        vm.revertToState(snapshot);
        assertEq(lots.collectMany(batch), accepted, "accepted");
        assertEq(_stateHash(), expected, "what is there");
    }

    // --- internals

    function _stateHash() private view returns (bytes32 hash) {
        hash = keccak256(abi.encode(lots.totals()));
        for (uint32 binId = 1; binId <= 3; ++binId) {
            for (uint32 n = 1; n <= 8; ++n) hash = keccak256(abi.encode(hash, lots.lotOf(ticketLot(binId, n))));
        }
    }

    function _by(address crew, uint256 key) private view returns (SignedTicket memory signed) {
        return signTicket(ticketOf(BIN, PACKAGING, GRAMS, crew), deviceKeyOf(BIN), key);
    }

    function _unbounded() private pure returns (BinRecord memory record) {
        record = binRecord(BIN);
        record.maxGramsPerL = 0;
    }

    /// @dev The same ticket in a batch: one event, and nothing else.
    function _rejected(SignedTicket memory signed, TicketFault fault) private {
        SignedTicket[] memory batch = new SignedTicket[](1);
        batch[0] = signed;
        bytes32 before = _stateHash();
        vm.expectEmit(address(lots));
        emit IWasteLots.TicketRejected(signed.ticket.binId, signed.ticket.counter, fault);
        vm.prank(stranger);
        assertEq(lots.collectMany(batch), 0, "accepted");
        assertEq(_stateHash(), before, "nothing changed");
    }

    /// @dev After an expectation of a revert.
    function _refused(Ticket memory ticket, TicketFault fault) private {
        SignedTicket memory signed = signTicket(ticket);
        lots.collect(signed);
        _rejected(signed, fault);
    }

    function _refusedCode(Ticket memory ticket) private {
        SignedTicket memory signed = signTicket(ticket);
        vm.expectRevert(
            abi.encodeWithSelector(IWasteLots.WasteLotsCodeNotValid.selector, ticket.code, ticket.takenAt / 1 days)
        );
        lots.collect(signed);
        _rejected(signed, TicketFault.CodeNotValid);
    }

    function _refusedKey(address crew, uint256 key) private {
        SignedTicket memory signed = _by(crew, key);
        vm.expectRevert(abi.encodeWithSelector(IWasteLots.WasteLotsNotCollector.selector, crew));
        lots.collect(signed);
        _rejected(signed, TicketFault.NotCollector);
    }
}
