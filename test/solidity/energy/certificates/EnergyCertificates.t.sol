// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1155Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {IERC1155MetadataURI} from "@openzeppelin/contracts/token/ERC1155/extensions/IERC1155MetadataURI.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {Certificate, CertificateIds} from "../../../../contracts/energy/certificates/CertificateIds.sol";
import {EnergyCertificates} from "../../../../contracts/energy/certificates/EnergyCertificates.sol";
import {IEnergyCertificates} from "../../../../contracts/energy/certificates/IEnergyCertificates.sol";
import {
    EnergySource,
    IEnergyRegistry,
    MeterClass,
    MeterStatus
} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {HostileCertificateHolder} from "../../../../contracts/mocks/HostileCertificateHolder.sol";
import {DayFixture} from "../readings/DayFixture.sol";

contract EnergyCertificatesTest is DayFixture {
    uint16 internal constant DOMAIN = 49;
    uint16 internal constant EFFICIENCY_BPS = 9_000;

    EnergyCertificates internal certificates;
    address internal owner = address(0xa11ce);
    address internal stranger = address(0xbad);
    address internal operator = address(0x09e7);
    uint32 internal home;
    uint32 internal battery;
    uint32 internal unknownSource;
    HostileCertificateHolder internal hostile;
    uint32 internal hostileHome;

    function setUp() external {
        buildGrid();
        home = addMeter(owner, MeterClass.Connection, EnergySource.Solar, MeterStatus.Trading);
        battery = addMeter(owner, MeterClass.Storage, EnergySource.None, MeterStatus.Trading);
        unknownSource = addMeter(owner, MeterClass.Connection, EnergySource.None, MeterStatus.Trading);
        hostile = new HostileCertificateHolder();
        hostileHome = addMeter(address(hostile), MeterClass.Connection, EnergySource.Wind, MeterStatus.Sharing);
        certificates = new EnergyCertificates(readings, "https://civitas.example/{id}", DOMAIN, EFFICIENCY_BPS);
    }

    // constructor
    // ├── efficiency zero or above 10,000: refused
    // └── else: fixed, with readings, registry, domain and address of metadata

    function test_RevertWhen_EfficiencyIsOutOfRange() external {
        uint16[2] memory bad = [0, 10_001];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IEnergyCertificates.EnergyCertificatesInvalidEfficiency.selector,
                    uint256(bad[i]),
                    10_000
                )
            );
            new EnergyCertificates(readings, "", DOMAIN, bad[i]);
        }
        assertEq(new EnergyCertificates(readings, "", 0, 10_000).storageEfficiencyBp(), 10_000, "no losses");
    }

    function test_SettingsAreFixed() external view {
        assertEq(address(certificates.readings()), address(readings), "readings");
        assertEq(address(certificates.registry()), address(registry), "registry");
        assertEq(certificates.domain(), DOMAIN, "domain");
        assertEq(certificates.storageEfficiencyBp(), EFFICIENCY_BPS, "efficiency");
        assertEq(keccak256(bytes(certificates.uri(1))), keccak256("https://civitas.example/{id}"), "uri");
    }

    // supportsInterface: ERC-165, ERC-1155, its metadata and this interface; nothing else

    function test_InterfacesAreDeclared() external view {
        assertTrue(certificates.supportsInterface(type(IERC165).interfaceId), "ERC-165");
        assertTrue(certificates.supportsInterface(type(IERC1155).interfaceId), "ERC-1155");
        assertTrue(certificates.supportsInterface(0xd9b67a26), "ERC-1155 by number");
        assertTrue(certificates.supportsInterface(type(IERC1155MetadataURI).interfaceId), "metadata");
        assertTrue(certificates.supportsInterface(type(IEnergyCertificates).interfaceId), "certificates");
        assertFalse(certificates.supportsInterface(0xffffffff), "nothing");
    }

    // issue
    // ├── unknown meter: as the registry says
    // ├── a battery, or no source: refused
    // ├── a bit beyond the day: refused
    // ├── readings not accepted, or not final: refused
    // ├── column of another meter, day or value: refused
    // ├── feed-in: as many units to the owner of now, whoever calls
    // │   ├── above the export cap: the cap
    // │   ├── draw, zero, no reading, bit not set: left out
    // │   └── replaced value: that counts
    // ├── all left out, or issued before: refused
    // ├── named again with new ones: left out
    // ├── amended since
    // │   ├── more: the difference
    // │   ├── less: a shortfall, which later feed-in makes up for
    // │   └── cap lowered: nothing
    // ├── owner that takes no tokens: refused
    // └── owner that calls back: nothing twice

    function test_RevertWhen_MeterIsUnknown() external {
        vm.expectRevert(abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryUnknownMeter.selector, uint32(1)));
        certificates.issue(1, DAY, "", new bytes32[](0), 1);
    }

    function test_RevertWhen_MeterCannotBeCertified() external {
        _expectNotCertifiable(battery, MeterClass.Storage, EnergySource.None);
        certificates.issue(battery, DAY, "", new bytes32[](0), 1);
        _expectNotCertifiable(unknownSource, MeterClass.Connection, EnergySource.None);
        certificates.issue(unknownSource, DAY, "", new bytes32[](0), 1);
    }

    function test_RevertWhen_IntervalIsNotOfTheDay() external {
        finish(DAY);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEnergyCertificates.EnergyCertificatesUnknownInterval.selector,
                uint256(1) << PER_DAY,
                uint256(PER_DAY)
            )
        );
        certificates.issue(home, DAY, "", new bytes32[](0), 1 << PER_DAY);
    }

    function test_RevertWhen_ReadingsAreNotFinal() external {
        measured[home][FIRST] = -5;
        bytes memory column = columnOf(home, DAY);
        bytes32[] memory proof = columnProof(home, DAY);
        _expectNotFinal(0);
        certificates.issue(home, DAY, column, proof, 1);
        assertEq(certificates.finalAt(home, DAY), 0, "not accepted");
        accept(DAY);
        uint256 finalAt = block.timestamp + 1 days;
        assertEq(certificates.finalAt(home, DAY), finalAt, "final at");
        vm.warp(finalAt - 1);
        _expectNotFinal(finalAt);
        certificates.issue(home, DAY, column, proof, 1);
        vm.warp(finalAt);
        assertEq(certificates.issue(home, DAY, column, proof, 1), 5, "issued");
    }

    function test_RevertWhen_ColumnIsWrong() external {
        measured[home][FIRST] = -5;
        measured[hostileHome][FIRST] = -6;
        finish(DAY);
        bytes memory column = columnOf(home, DAY);
        bytes32[] memory proof = columnProof(home, DAY);
        _expectWrongProof(hostileHome);
        certificates.issue(hostileHome, DAY, column, proof, 1);
        column[3] = 0;
        _expectWrongProof(home);
        certificates.issue(home, DAY, column, proof, 1);
    }

    function test_FeedInBecomesCertificates() external {
        measured[home][FIRST] = -1_234;
        measured[home][FIRST + 1] = 500;
        measured[home][FIRST + 2] = MISSING;
        measured[home][FIRST + 3] = -int32(EXPORT_CAP) - 1;
        measured[home][FIRST + 4] = -7;
        measured[home][FIRST + 5] = -8;
        finish(DAY);
        dayReadings.replace(home, FIRST + 4, -9);
        (bytes memory column, bytes32[] memory proof) = (columnOf(home, DAY), columnProof(home, DAY));
        uint256[] memory ids = new uint256[](3);
        uint256[] memory amounts = new uint256[](3);
        (ids[0], amounts[0]) = (_id(home, FIRST, EnergySource.Solar), 1_234);
        (ids[1], amounts[1]) = (_id(home, FIRST + 3, EnergySource.Solar), EXPORT_CAP);
        (ids[2], amounts[2]) = (_id(home, FIRST + 4, EnergySource.Solar), 9);
        vm.expectEmit(address(certificates));
        emit IEnergyCertificates.CertificatesIssued(home, DAY, owner, EnergySource.Solar, 25, 1_234 + EXPORT_CAP + 9);
        vm.expectEmit(address(certificates));
        emit IERC1155.TransferBatch(stranger, address(0), owner, ids, amounts);
        vm.prank(stranger);
        assertEq(certificates.issue(home, DAY, column, proof, 31), 1_234 + EXPORT_CAP + 9, "sum");
        for (uint256 i = 0; i < 3; ++i) assertEq(certificates.balanceOf(owner, ids[i]), amounts[i], "balance");
        assertEq(certificates.issuedOf(home, FIRST + 4), 9, "recorded");
        assertEq(certificates.issuedOf(home, FIRST + 5), 0, "not named");
    }

    function test_TheLastIntervalOfTheDayIsCertified() external {
        measured[home][FIRST + PER_DAY - 1] = -3;
        finish(DAY);
        _issue(home, uint256(1) << (PER_DAY - 1));
        assertEq(certificates.balanceOf(owner, _id(home, FIRST + PER_DAY - 1, EnergySource.Solar)), 3, "last");
    }

    function test_CertificatesGoToTheOwnerOfNow() external {
        measured[home][FIRST] = -5;
        finish(DAY);
        registry.setOwner(home, stranger);
        _issue(home, 1);
        assertEq(certificates.balanceOf(stranger, _id(home, FIRST, EnergySource.Solar)), 5, "new owner");
    }

    function test_RevertWhen_NothingIsNew() external {
        measured[home][FIRST] = -5;
        measured[home][FIRST + 1] = 5;
        finish(DAY);
        _expectNothingNew(home, 2);
        this.issueOf(home, 2);
        _issue(home, 1);
        _expectNothingNew(home, 3);
        this.issueOf(home, 3);
    }

    function test_WhatIsIssuedIsLeftOut() external {
        measured[home][FIRST] = -5;
        measured[home][FIRST + 1] = -6;
        finish(DAY);
        _issue(home, 1);
        assertEq(_issue(home, 3), 6, "the rest");
        assertEq(certificates.balanceOf(owner, _id(home, FIRST, EnergySource.Solar)), 5, "once");
    }

    function test_AmendedUpwardsTheDifferenceIsIssued() external {
        measured[home][FIRST] = -5;
        finish(DAY);
        _issue(home, 1);
        dayReadings.replace(home, FIRST, -12);
        assertEq(_issue(home, 1), 7, "difference");
        assertEq(certificates.balanceOf(owner, _id(home, FIRST, EnergySource.Solar)), 12, "in all");
    }

    function test_AmendedDownwardsLaterFeedInMakesUpForIt() external {
        measured[home][FIRST] = -100;
        measured[home][FIRST + 1] = -30;
        measured[home][FIRST + 2] = -50;
        finish(DAY);
        _issue(home, 1);
        dayReadings.replace(home, FIRST, 40);
        (bytes memory column, bytes32[] memory proof) = (columnOf(home, DAY), columnProof(home, DAY));
        vm.expectEmit(address(certificates));
        emit IEnergyCertificates.CertificatesIssued(home, DAY, owner, EnergySource.Solar, 1, 0);
        vm.expectEmit(address(certificates));
        emit IEnergyCertificates.ShortfallChanged(home, 0, 100);
        assertEq(certificates.issue(home, DAY, column, proof, 1), 0, "nothing issued");
        assertEq(certificates.shortfallOf(home), 100, "shortfall");
        assertEq(certificates.issuedOf(home, FIRST), 0, "record");
        assertEq(certificates.balanceOf(owner, _id(home, FIRST, EnergySource.Solar)), 100, "nothing taken");
        assertEq(_issue(home, 2), 0, "all of it makes up");
        assertEq(certificates.shortfallOf(home), 70, "70 left");
        assertEq(_issue(home, 4), 0, "again");
        dayReadings.replace(home, FIRST + 2, -75);
        vm.expectEmit(address(certificates));
        emit IEnergyCertificates.ShortfallChanged(home, 20, 0);
        assertEq(certificates.issue(home, DAY, column, proof, 4), 5, "what is beyond");
        assertEq(certificates.balanceOf(owner, _id(home, FIRST + 2, EnergySource.Solar)), 5, "balance");
    }

    function test_ShortfallsOfSeveralIntervalsAddUp() external {
        measured[home][FIRST] = -100;
        measured[home][FIRST + 1] = -30;
        finish(DAY);
        _issue(home, 3);
        dayReadings.replace(home, FIRST, -60);
        dayReadings.replace(home, FIRST + 1, -25);
        assertEq(_issue(home, 3), 0, "nothing issued");
        assertEq(certificates.shortfallOf(home), 45, "forty and five");
        dayReadings.replace(home, FIRST, -50);
        assertEq(_issue(home, 3), 0, "nothing issued again");
        assertEq(certificates.shortfallOf(home), 55, "and ten");
    }

    function test_ALowerCapTakesNothingBack() external {
        measured[home][FIRST] = -100;
        finish(DAY);
        _issue(home, 1);
        registry.rate(home, IMPORT_CAP, 60, EnergySource.Solar);
        _expectNothingNew(home, 1);
        this.issueOf(home, 1);
        dayReadings.replace(home, FIRST, -90);
        _issue(home, 1);
        assertEq(certificates.shortfallOf(home), 10, "only what was amended");
        assertEq(certificates.issuedOf(home, FIRST), 90, "record");
    }

    function test_RevertWhen_OwnerTakesNoTokens() external {
        measured[home][FIRST] = -5;
        finish(DAY);
        registry.setOwner(home, address(this));
        vm.expectRevert(abi.encodeWithSelector(IERC1155Errors.ERC1155InvalidReceiver.selector, address(this)));
        this.issueOf(home, 1);
    }

    /// @dev Attack: the owner's contract asks for the same again while it receives.
    function test_CallingBackIssuesNothingTwice() external {
        measured[hostileHome][FIRST] = -5;
        measured[hostileHome][FIRST + 1] = -6;
        finish(DAY);
        (bytes memory column, bytes32[] memory proof) = (columnOf(hostileHome, DAY), columnProof(hostileHome, DAY));
        hostile.react(abi.encodeCall(certificates.issue, (hostileHome, DAY, column, proof, 3)));
        certificates.issue(hostileHome, DAY, column, proof, 1);
        // The second interval came from within, the first was left out there.
        assertEq(hostile.received(), 2, "received");
        assertEq(certificates.balanceOf(address(hostile), _id(hostileHome, FIRST, EnergySource.Wind)), 5, "first");
        assertEq(certificates.balanceOf(address(hostile), _id(hostileHome, FIRST + 1, EnergySource.Wind)), 6, "second");
    }

    // transfers: as in ERC-1155

    function test_CertificatesAreTransferred() external {
        uint256 id = _certified(40);
        vm.prank(owner);
        certificates.safeTransferFrom(owner, stranger, id, 15, "");
        assertEq(certificates.balanceOf(owner, id), 25, "rest");
        assertEq(certificates.balanceOf(stranger, id), 15, "moved");
    }

    // cancel
    // ├── neither holder nor operator: refused
    // ├── no ids, or more than 256: refused
    // ├── amounts of another number: refused
    // ├── an amount of zero: refused
    // ├── more than is held: refused
    // └── else: burnt, counted and told; it moves no more

    function test_RevertWhen_CancellerIsNotAllowed() external {
        uint256 id = _certified(40);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyCertificates.EnergyCertificatesNotAllowed.selector, owner, stranger)
        );
        vm.prank(stranger);
        certificates.cancel(owner, _one(id), _one(40), owner, 0);
    }

    function test_RevertWhen_ListsAreBad() external {
        uint256 id = _certified(40);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyCertificates.EnergyCertificatesBadLength.selector, uint256(0), 256)
        );
        vm.prank(owner);
        certificates.cancel(owner, new uint256[](0), new uint256[](0), owner, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyCertificates.EnergyCertificatesBadLength.selector, uint256(257), 256)
        );
        vm.prank(owner);
        certificates.cancel(owner, new uint256[](257), new uint256[](257), owner, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyCertificates.EnergyCertificatesLengthMismatch.selector, uint256(1), 2)
        );
        vm.prank(owner);
        certificates.cancel(owner, _one(id), new uint256[](2), owner, 0);
        vm.expectRevert(abi.encodeWithSelector(IEnergyCertificates.EnergyCertificatesZeroAmount.selector, uint256(0)));
        vm.prank(owner);
        certificates.cancel(owner, _one(id), _one(0), owner, 0);
    }

    function test_RevertWhen_MoreIsCancelledThanHeld() external {
        uint256 id = _certified(40);
        vm.expectRevert(
            abi.encodeWithSelector(IERC1155Errors.ERC1155InsufficientBalance.selector, owner, uint256(40), 41, id)
        );
        vm.prank(owner);
        certificates.cancel(owner, _one(id), _one(41), owner, 0);
    }

    function test_CancelledUnitsAreGone() external {
        uint256 id = _certified(40);
        vm.prank(owner);
        certificates.setApprovalForAll(operator, true);
        vm.expectEmit(address(certificates));
        emit IERC1155.TransferSingle(operator, owner, address(0), id, 30);
        vm.expectEmit(address(certificates));
        emit IEnergyCertificates.CertificatesCancelled(owner, stranger, "bread", _one(id), _one(30));
        vm.prank(operator);
        certificates.cancel(owner, _one(id), _one(30), stranger, "bread");
        assertEq(certificates.balanceOf(owner, id), 10, "left");
        assertEq(certificates.cancelledOf(id), 30, "cancelled");
        vm.expectRevert(
            abi.encodeWithSelector(IERC1155Errors.ERC1155InsufficientBalance.selector, owner, uint256(10), 11, id)
        );
        vm.prank(owner);
        certificates.safeTransferFrom(owner, stranger, id, 11, "");
        vm.prank(owner);
        certificates.cancel(owner, _one(id), _one(10), address(0), 0);
        assertEq(certificates.cancelledOf(id), 40, "all");
    }

    function test_256IdsFitIntoOneCancellation() external {
        uint256[] memory ids = new uint256[](256);
        uint256[] memory amounts = new uint256[](256);
        for (uint32 d = 0; d < 3; ++d) {
            for (uint32 n = 0; n < PER_DAY; ++n) {
                measured[home][FIRST + n - d * PER_DAY] = -2;
                uint256 i = d * PER_DAY + n;
                if (i < 256) (ids[i], amounts[i]) = (_id(home, FIRST + n - d * PER_DAY, EnergySource.Solar), 1);
            }
            finish(DAY - d);
            certificates.issue(
                home,
                DAY - d,
                columnOf(home, DAY - d),
                columnProof(home, DAY - d),
                (uint256(1) << PER_DAY) - 1
            );
        }
        vm.prank(owner);
        uint256 gasBefore = gasleft();
        certificates.cancel(owner, ids, amounts, owner, 0);
        assertLe(gasBefore - gasleft(), 16_777_216, "gas");
    }

    // proveStorage
    // ├── not a battery: refused
    // ├── a bit beyond the day, readings not final, wrong column: as for issue
    // ├── draw and feed-in: recorded as they are, feed-in up to the cap
    // ├── at rest, no reading, bit not set: left out
    // ├── as recorded: refused
    // └── replaced: recorded anew

    function test_RevertWhen_ProvenMeterIsNoBattery() external {
        _expectNotCertifiable(home, MeterClass.Connection, EnergySource.Solar);
        certificates.proveStorage(home, DAY, "", new bytes32[](0), 1);
    }

    function test_RevertWhen_StorageProofIsWrong() external {
        accept(DAY);
        bytes memory column = columnOf(battery, DAY);
        bytes32[] memory proof = columnProof(battery, DAY);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEnergyCertificates.EnergyCertificatesUnknownInterval.selector,
                uint256(1) << 255,
                uint256(PER_DAY)
            )
        );
        certificates.proveStorage(battery, DAY, column, proof, 1 << 255);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEnergyCertificates.EnergyCertificatesNotFinal.selector,
                battery,
                DAY,
                block.timestamp + 1 days
            )
        );
        certificates.proveStorage(battery, DAY, column, proof, 1);
        vm.warp(block.timestamp + 1 days);
        column[0] = 0x01;
        _expectWrongProof(battery);
        certificates.proveStorage(battery, DAY, column, proof, 1);
    }

    function test_ABatterysDayIsRecorded() external {
        measured[battery][FIRST] = 800;
        measured[battery][FIRST + 1] = -700;
        measured[battery][FIRST + 2] = MISSING;
        measured[battery][FIRST + 3] = -int32(EXPORT_CAP) - 5;
        measured[battery][FIRST + 4] = 9;
        finish(DAY);
        (bytes memory column, bytes32[] memory proof) = (columnOf(battery, DAY), columnProof(battery, DAY));
        vm.expectEmit(address(certificates));
        emit IEnergyCertificates.StorageProven(battery, DAY, 11);
        certificates.proveStorage(battery, DAY, column, proof, 47);
        _expectStorage(FIRST, 800, 0);
        _expectStorage(FIRST + 1, -700, 0);
        _expectStorage(FIRST + 2, 0, 0);
        _expectStorage(FIRST + 3, -int32(EXPORT_CAP), 0);
        _expectStorage(FIRST + 4, 0, 0);
        assertEq(certificates.issuedOf(battery, FIRST + 1), 0, "nothing issued");
        _expectNothingNew(battery, 47);
        certificates.proveStorage(battery, DAY, column, proof, 47);
        dayReadings.replace(battery, FIRST, -3);
        vm.expectEmit(address(certificates));
        emit IEnergyCertificates.StorageProven(battery, DAY, 1);
        certificates.proveStorage(battery, DAY, column, proof, 47);
        _expectStorage(FIRST, -3, 0);
    }

    function test_ConnectionsHaveNoStorage() external {
        _certified(40);
        (int32 wh, uint32 used) = certificates.storageOf(home, FIRST);
        assertTrue(wh == 0, "wh");
        assertEq(used, 0, "used");
    }

    // passThrough
    // ├── not a battery: refused
    // ├── neither owner of the battery nor operator, or bad lists: as for cancel
    // ├── a number that is no id: refused
    // ├── a certificate of the discharge's interval or a later one: refused
    // ├── more than was drawn, drawn but not proven, fed in: refused
    // │   └── together over several entries or calls: refused
    // ├── nothing left after losses: refused
    // ├── more than was fed in, over several calls too; not proven: refused
    // ├── more than the owner has: refused
    // ├── else: cancelled, and the efficiency's part issued, source by source, marked as stored
    // │   ├── certificates that were stored before: likewise
    // │   └── amended below what is used: nothing more
    // └── owner that calls back: nothing twice

    function test_RevertWhen_PassedThroughMeterIsNoBattery() external {
        _expectNotCertifiable(home, MeterClass.Connection, EnergySource.Solar);
        certificates.passThrough(home, FIRST + 9, _one(1), _one(1));
    }

    function test_RevertWhen_SomebodyElseDischarges() external {
        uint256 id = _charged();
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyCertificates.EnergyCertificatesNotAllowed.selector, owner, stranger)
        );
        vm.prank(stranger);
        certificates.passThrough(battery, FIRST + 9, _one(id), _one(1));
        vm.expectRevert(abi.encodeWithSelector(IEnergyCertificates.EnergyCertificatesZeroAmount.selector, uint256(0)));
        vm.prank(owner);
        certificates.passThrough(battery, FIRST + 9, _one(id), _one(0));
    }

    function test_RevertWhen_ChargeIsNoCertificate() external {
        _charged();
        vm.expectRevert(abi.encodeWithSelector(CertificateIds.CertificateIdsMalformed.selector, uint256(1)));
        vm.prank(owner);
        certificates.passThrough(battery, FIRST + 9, _one(1), _one(1));
    }

    function test_RevertWhen_ChargeIsNotBefore() external {
        uint256 id = _charged();
        vm.expectRevert(abi.encodeWithSelector(IEnergyCertificates.EnergyCertificatesNotBefore.selector, id, FIRST));
        vm.prank(owner);
        certificates.passThrough(battery, FIRST, _one(id), _one(1));
    }

    function test_RevertWhen_ChargeExceedsDraw() external {
        uint256 id = _charged();
        _expectExceedsDraw(FIRST, 801, 800);
        vm.prank(owner);
        certificates.passThrough(battery, FIRST + 9, _one(id), _one(801));
        // Two entries of one interval count together.
        uint256[] memory ids = new uint256[](2);
        uint256[] memory amounts = new uint256[](2);
        (ids[0], ids[1], amounts[0], amounts[1]) = (id, id, 500, 301);
        _expectExceedsDraw(FIRST, 301, 300);
        vm.prank(owner);
        certificates.passThrough(battery, FIRST + 9, ids, amounts);
        // So do two calls.
        _pass(id, 500);
        _expectExceedsDraw(FIRST, 301, 300);
        vm.prank(owner);
        certificates.passThrough(battery, FIRST + 9, _one(id), _one(301));
    }

    function test_RevertWhen_BatteryDidNotDrawThen() external {
        _charged();
        uint256 id = _id(home, FIRST + 1, EnergySource.Solar);
        _expectExceedsDraw(FIRST + 1, 1, 0);
        vm.prank(owner);
        certificates.passThrough(battery, FIRST + 9, _one(id), _one(1));
        // It fed in.
        id = _id(home, FIRST + 9, EnergySource.Solar);
        _expectExceedsDraw(FIRST + 9, 1, 0);
        vm.prank(owner);
        certificates.passThrough(battery, FIRST + 10, _one(id), _one(1));
    }

    function test_RevertWhen_NothingIsLeft() external {
        uint256 id = _charged();
        vm.expectRevert(
            abi.encodeWithSelector(
                IEnergyCertificates.EnergyCertificatesNothingLeft.selector,
                uint256(1),
                uint256(EFFICIENCY_BPS)
            )
        );
        vm.prank(owner);
        certificates.passThrough(battery, FIRST + 9, _one(id), _one(1));
    }

    function test_RevertWhen_DischargeExceedsFeedIn() external {
        uint256 id = _charged();
        // 800 Wh make 720, and 600 were fed in.
        _expectExceedsFeedIn(FIRST + 9, 720, 600);
        vm.prank(owner);
        certificates.passThrough(battery, FIRST + 9, _one(id), _one(800));
        _pass(id, 600);
        _expectExceedsFeedIn(FIRST + 9, 63, 60);
        vm.prank(owner);
        certificates.passThrough(battery, FIRST + 9, _one(id), _one(70));
        // Nothing was proven of that interval.
        _expectExceedsFeedIn(FIRST + 10, 63, 0);
        vm.prank(owner);
        certificates.passThrough(battery, FIRST + 10, _one(id), _one(70));
    }

    function test_RevertWhen_ChargeIsNotHeld() external {
        uint256 id = _charged();
        vm.prank(owner);
        certificates.safeTransferFrom(owner, stranger, id, 1_000, "");
        vm.expectRevert(
            abi.encodeWithSelector(IERC1155Errors.ERC1155InsufficientBalance.selector, owner, uint256(0), 100, id)
        );
        vm.prank(owner);
        certificates.passThrough(battery, FIRST + 9, _one(id), _one(100));
    }

    function test_DischargeReplacesCharge() external {
        uint256 id = _charged();
        uint256 windId = _id(hostileHome, FIRST, EnergySource.Wind);
        hostile.react("");
        this.issueOf(hostileHome, 1);
        vm.prank(address(hostile));
        certificates.safeTransferFrom(address(hostile), owner, windId, 300, "");
        uint256[] memory ids = new uint256[](2);
        uint256[] memory amounts = new uint256[](2);
        (ids[0], ids[1], amounts[0], amounts[1]) = (id, windId, 405, 205);
        uint256[] memory newIds = new uint256[](2);
        uint256[] memory newAmounts = new uint256[](2);
        newIds[0] = _storedId(FIRST + 9, EnergySource.Solar);
        newIds[1] = _storedId(FIRST + 9, EnergySource.Wind);
        // 364.5 and 184.5, rounded down.
        (newAmounts[0], newAmounts[1]) = (364, 184);
        vm.expectEmit(address(certificates));
        emit IERC1155.TransferBatch(owner, owner, address(0), ids, amounts);
        vm.expectEmit(address(certificates));
        emit IEnergyCertificates.CertificatesCancelled(
            owner,
            owner,
            bytes32(_storedId(FIRST + 9, EnergySource.None)),
            ids,
            amounts
        );
        vm.expectEmit(address(certificates));
        emit IEnergyCertificates.PassedThrough(battery, FIRST + 9, owner, 610, 548);
        vm.expectEmit(address(certificates));
        emit IERC1155.TransferBatch(owner, address(0), owner, newIds, newAmounts);
        vm.prank(owner);
        assertEq(certificates.passThrough(battery, FIRST + 9, ids, amounts), 548, "sum");
        assertEq(certificates.cancelledOf(id), 405, "cancelled");
        assertEq(certificates.balanceOf(owner, newIds[1]), 184, "wind stays wind");
        _expectStorage(FIRST, 800, 610);
        _expectStorage(FIRST + 9, -600, 548);
        Certificate memory stored = certificates.certificateOf(newIds[0]);
        assertTrue(stored.stored && stored.source == EnergySource.Solar, "what it says");
        assertEq(stored.meter, battery, "meter");
        assertEq(stored.interval, FIRST + 9, "interval");
        assertEq(stored.domain, DOMAIN, "domain");
    }

    function test_AnOperatorDischarges() external {
        uint256 id = _charged();
        vm.prank(owner);
        certificates.setApprovalForAll(operator, true);
        vm.prank(operator);
        certificates.passThrough(battery, FIRST + 9, _one(id), _one(100));
        assertEq(certificates.balanceOf(owner, _storedId(FIRST + 9, EnergySource.Solar)), 90, "to the owner");
    }

    function test_StoredEnergyCanBeStoredAgain() external {
        uint32 second = addMeter(owner, MeterClass.Storage, EnergySource.None, MeterStatus.Trading);
        measured[second][FIRST + 9] = 50;
        measured[second][FIRST + 12] = -40;
        uint256 id = _charged();
        _pass(id, 100);
        certificates.proveStorage(second, DAY, columnOf(second, DAY), columnProof(second, DAY), type(uint96).max);
        vm.prank(owner);
        certificates.passThrough(second, FIRST + 12, _one(_storedId(FIRST + 9, EnergySource.Solar)), _one(40));
        Certificate memory again = certificates.certificateOf(_storedId(FIRST + 12, EnergySource.Solar));
        again.meter = second;
        assertEq(certificates.balanceOf(owner, CertificateIds.encode(again)), 36, "again");
    }

    function test_AmendedBelowWhatIsUsedNothingMoreIsPassed() external {
        uint256 id = _charged();
        _pass(id, 500);
        dayReadings.replace(battery, FIRST, 400);
        dayReadings.replace(battery, FIRST + 9, -300);
        certificates.proveStorage(battery, DAY, columnOf(battery, DAY), columnProof(battery, DAY), 1 | (1 << 9));
        _expectStorage(FIRST, 400, 500);
        _expectExceedsDraw(FIRST, 10, 0);
        vm.prank(owner);
        certificates.passThrough(battery, FIRST + 9, _one(id), _one(10));
        dayReadings.replace(battery, FIRST, 800);
        certificates.proveStorage(battery, DAY, columnOf(battery, DAY), columnProof(battery, DAY), 1);
        _expectExceedsFeedIn(FIRST + 9, 9, 0);
        vm.prank(owner);
        certificates.passThrough(battery, FIRST + 9, _one(id), _one(10));
    }

    function test_CertificatesOfOneSourceAddUp() external {
        uint256 id = _charged();
        (uint256[] memory ids, uint256[] memory amounts) = (new uint256[](2), new uint256[](2));
        (ids[0], ids[1], amounts[0], amounts[1]) = (id, id, 100, 200);
        vm.prank(owner);
        certificates.passThrough(battery, FIRST + 9, ids, amounts);
        assertEq(certificates.balanceOf(owner, _storedId(FIRST + 9, EnergySource.Solar)), 270, "of both");
    }

    function test_AllThatWasFedInIsPassed() external {
        uint256 id = _charged();
        _pass(id, 667);
        assertEq(certificates.balanceOf(owner, _storedId(FIRST + 9, EnergySource.Solar)), 600, "to the Wh");
        _expectExceedsFeedIn(FIRST + 9, 1, 0);
        _pass(id, 2);
    }

    /// @dev An amendment counts at once, before anybody proves the day again.
    function test_WhatWasAmendedAwayIsNotPassed() external {
        uint256 id = _charged();
        dayReadings.replace(battery, FIRST, 400);
        _expectExceedsDraw(FIRST, 401, 400);
        _pass(id, 401);
        dayReadings.replace(battery, FIRST + 9, -300);
        _expectExceedsFeedIn(FIRST + 9, 360, 300);
        _pass(id, 400);
        dayReadings.replace(battery, FIRST, -5);
        _expectExceedsDraw(FIRST, 1, 0);
        _pass(id, 1);
        // What was amended to more is to be proven.
        dayReadings.replace(battery, FIRST, 900);
        _expectExceedsDraw(FIRST, 801, 800);
        _pass(id, 801);
        dayReadings.replace(battery, FIRST + 9, 7);
        _expectExceedsFeedIn(FIRST + 9, 90, 0);
        _pass(id, 100);
        dayReadings.replace(battery, FIRST + 9, -600);
        _pass(id, 300);
    }

    /// @dev What a battery fed in before its cap was lowered stays, as for {issue}.
    function test_ALowerCapLeavesWhatIsRecorded() external {
        _charged();
        registry.rate(battery, IMPORT_CAP, 50, EnergySource.None);
        (bytes memory column, bytes32[] memory proof) = (columnOf(battery, DAY), columnProof(battery, DAY));
        _expectNothingNew(battery, 1 << 9);
        certificates.proveStorage(battery, DAY, column, proof, 1 << 9);
        _expectStorage(FIRST + 9, -600, 0);
        dayReadings.replace(battery, FIRST + 9, -100);
        certificates.proveStorage(battery, DAY, column, proof, 1 << 9);
        _expectStorage(FIRST + 9, -100, 0);
        dayReadings.replace(battery, FIRST + 9, -601);
        _expectNothingNew(battery, 1 << 9);
        certificates.proveStorage(battery, DAY, column, proof, 1 << 9);
    }

    /// @dev Attack: the owner's contract discharges again while it receives.
    function test_CallingBackDischargesNothingTwice() external {
        uint256 id = _charged();
        registry.setOwner(battery, address(hostile));
        vm.prank(owner);
        certificates.safeTransferFrom(owner, address(hostile), id, 1_000, "");
        hostile.react(abi.encodeCall(certificates.passThrough, (battery, FIRST + 9, _one(id), _one(600))));
        vm.prank(address(hostile));
        certificates.passThrough(battery, FIRST + 9, _one(id), _one(600));
        assertFalse(hostile.succeeded(), "from within");
        assertEq(certificates.balanceOf(address(hostile), _storedId(FIRST + 9, EnergySource.Solar)), 540, "once");
        assertEq(certificates.balanceOf(address(hostile), id), 400, "charge");
    }

    // finalAt: see test_RevertWhen_ReadingsAreNotFinal; certificateOf: see CertificateIds

    function test_RevertWhen_FinalityOfAnUnknownMeterIsAsked() external {
        vm.expectRevert(abi.encodeWithSelector(IEnergyRegistry.EnergyRegistryUnknownMeter.selector, uint32(1)));
        certificates.finalAt(1, DAY);
    }

    /// @dev From outside, so that what it computes beforehand does not take the place of the expected revert.
    function issueOf(uint32 meter, uint256 intervals) external returns (uint256 wh) {
        (bool ok, bytes memory data) = address(certificates).call(_issueCall(meter, intervals));
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(data, 32), mload(data))
            }
        }
        return abi.decode(data, (uint256));
    }

    function _issueCall(uint32 meter, uint256 intervals) private view returns (bytes memory data) {
        return
            abi.encodeCall(certificates.issue, (meter, DAY, columnOf(meter, DAY), columnProof(meter, DAY), intervals));
    }

    function _issue(uint32 meter, uint256 intervals) private returns (uint256 wh) {
        return certificates.issue(meter, DAY, columnOf(meter, DAY), columnProof(meter, DAY), intervals);
    }

    /// @dev The owner holds one certificate of so many Wh.
    function _certified(int32 wh) private returns (uint256 id) {
        measured[home][FIRST] = -wh;
        finish(DAY);
        _issue(home, 1);
        return _id(home, FIRST, EnergySource.Solar);
    }

    /// @dev The home fed 1,000 Wh in, the battery drew 800 then and fed 600 in nine intervals later; all of it is proven.
    function _charged() private returns (uint256 id) {
        measured[home][FIRST] = -1_000;
        measured[home][FIRST + 1] = -1_000;
        measured[home][FIRST + 9] = -1_000;
        measured[hostileHome][FIRST] = -300;
        measured[battery][FIRST] = 800;
        measured[battery][FIRST + 9] = -600;
        finish(DAY);
        _issue(home, 1 | 2 | (1 << 9));
        certificates.proveStorage(battery, DAY, columnOf(battery, DAY), columnProof(battery, DAY), type(uint96).max);
        return _id(home, FIRST, EnergySource.Solar);
    }

    function _pass(uint256 id, uint256 wh) private {
        vm.prank(owner);
        certificates.passThrough(battery, FIRST + 9, _one(id), _one(wh));
    }

    function _id(uint32 meter, uint32 interval, EnergySource source) private pure returns (uint256 id) {
        return CertificateIds.encode(Certificate(interval, meter, source, false, DOMAIN));
    }

    function _storedId(uint32 interval, EnergySource source) private view returns (uint256 id) {
        return CertificateIds.encode(Certificate(interval, battery, source, true, DOMAIN));
    }

    function _one(uint256 value) private pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = value;
    }

    function _expectStorage(uint32 interval, int32 wh, uint256 used) private view {
        (int32 recorded, uint32 usedWh) = certificates.storageOf(battery, interval);
        assertTrue(recorded == wh, "storage");
        assertEq(usedWh, used, "used");
    }

    function _expectNotCertifiable(uint32 meter, MeterClass class, EnergySource source) private {
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyCertificates.EnergyCertificatesNotCertifiable.selector, meter, class, source)
        );
    }

    function _expectNotFinal(uint256 finalAt) private {
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyCertificates.EnergyCertificatesNotFinal.selector, home, DAY, finalAt)
        );
    }

    function _expectWrongProof(uint32 meter) private {
        vm.expectRevert(abi.encodeWithSelector(IEnergyCertificates.EnergyCertificatesWrongProof.selector, meter, DAY));
    }

    function _expectNothingNew(uint32 meter, uint256 intervals) private {
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyCertificates.EnergyCertificatesNothingNew.selector, meter, DAY, intervals)
        );
    }

    function _expectExceedsDraw(uint32 interval, uint256 wh, uint256 left) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IEnergyCertificates.EnergyCertificatesExceedsDraw.selector,
                battery,
                interval,
                wh,
                left
            )
        );
    }

    function _expectExceedsFeedIn(uint32 interval, uint256 wh, uint256 left) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IEnergyCertificates.EnergyCertificatesExceedsFeedIn.selector,
                battery,
                interval,
                wh,
                left
            )
        );
    }
}
