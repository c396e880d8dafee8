// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1155Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {IERC1155MetadataURI} from "@openzeppelin/contracts/token/ERC1155/extensions/IERC1155MetadataURI.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {HostileCertificateHolder} from "../../../../contracts/mocks/HostileCertificateHolder.sol";
import {WasteOperations} from "../../../../contracts/waste/codes/WasteOperations.sol";
import {IRecyclingCertificates} from "../../../../contracts/waste/certificates/IRecyclingCertificates.sol";
import {RecyclingCertificates} from "../../../../contracts/waste/certificates/RecyclingCertificates.sol";
import {Recycled, RecyclingIds} from "../../../../contracts/waste/certificates/RecyclingIds.sol";
import {IWasteLots} from "../../../../contracts/waste/lots/IWasteLots.sol";
import {CustodyModel, FacilityTerms} from "../../../../contracts/waste/operators/IWasteOperators.sol";
import {WasteCredentials} from "../../../../contracts/waste/WasteCredentials.sol";
import {WasteFixture} from "../WasteFixture.sol";
import {RecycledBook} from "./RecycledBook.sol";

contract RecyclingCertificatesTest is WasteFixture {
    uint8 private constant R3 = 3;
    /// @dev January 2026, which begins with the fixture's first second.
    uint16 private constant MONTH = 672;

    RecycledBook private book;
    RecyclingCertificates private certificates;
    uint256 private id;
    address private buyer = address(0xb0b);

    function setUp() public override {
        super.setUp();
        book = new RecycledBook(operators);
        certificates = new RecyclingCertificates(IWasteLots(address(book)), "https://civitas.example/{id}");
        id = RecyclingIds.encode(Recycled(PLASTIC, R3, FACILITY, MONTH));
        book.add(FACILITY, PLASTIC, R3, MONTH, 1_000);
    }

    function test_SettingsAreFixed() external view {
        assertEq(address(certificates.lots()), address(book), "lots");
        assertEq(address(certificates.operators()), address(operators), "operators");
        assertEq(keccak256(bytes(certificates.uri(id))), keccak256("https://civitas.example/{id}"), "uri");
    }

    // supportsInterface: ERC-165, ERC-1155, its metadata and this interface; nothing else

    function test_InterfacesAreDeclared() external view {
        assertTrue(certificates.supportsInterface(type(IERC165).interfaceId), "ERC-165");
        assertTrue(certificates.supportsInterface(0xd9b67a26), "ERC-1155 by number");
        assertTrue(certificates.supportsInterface(type(IERC1155).interfaceId), "ERC-1155");
        assertTrue(certificates.supportsInterface(0x0e89341c), "metadata by number");
        assertTrue(certificates.supportsInterface(type(IERC1155MetadataURI).interfaceId), "metadata");
        assertTrue(certificates.supportsInterface(type(IRecyclingCertificates).interfaceId), "certificates");
        assertFalse(certificates.supportsInterface(0xffffffff), "nothing");
    }

    // idOf, recycledBy
    // ├── nothing that can be: refused
    // └── else: one is the other's inverse

    function test_IdsAreReadable() external {
        Recycled memory recycled = Recycled(PLASTIC, R3, FACILITY, MONTH);
        assertEq(certificates.idOf(recycled), id, "id");
        assertEq(keccak256(abi.encode(certificates.recycledBy(id))), keccak256(abi.encode(recycled)), "what it says");
        recycled.op = WasteOperations.R1;
        uint256 bad = RecyclingIds.encode(recycled);
        _expectMalformed(bad);
        certificates.idOf(recycled);
        _expectMalformed(bad);
        certificates.recycledBy(bad);
    }

    // issue
    // ├── no mass, or no id: refused
    // ├── key of another facility, a collector, nobody; dismissed; licence or credential over: refused
    // ├── balance period over: refused; its last second counts; none: without end
    // ├── more than is recycled and not certified: refused
    // ├── receiver that takes no tokens: refused
    // └── else: issued to whom the key says

    function test_CertificatesAreIssued() external {
        vm.expectEmit(address(certificates));
        emit IRecyclingCertificates.CertificatesIssued(id, FACILITY, buyer, 600);
        vm.expectEmit(address(certificates));
        emit IERC1155.TransferSingle(facilityCrew, address(0), buyer, id, 600);
        vm.prank(facilityCrew);
        certificates.issue(id, buyer, 600);
        _assertSupplies(600, 0);
        assertEq(certificates.balanceOf(buyer, id), 600, "balance");
        _issue(400);
        _assertSupplies(1_000, 0);
        _expectExceeds(0, 1);
        this.issue(1);
        book.add(FACILITY, PLASTIC, R3, MONTH, 5);
        _expectExceeds(5, 6);
        this.issue(6);
        _issue(5);
        _assertSupplies(1_005, 0);
    }

    function test_RevertWhen_MassOrIdIsNone() external {
        vm.prank(facilityCrew);
        vm.expectRevert(IRecyclingCertificates.RecyclingCertificatesZeroMass.selector);
        certificates.issue(id, buyer, 0);
        _expectMalformed(id | (1 << 80));
        vm.prank(facilityCrew);
        certificates.issue(id | (1 << 80), buyer, 1);
    }

    function test_RevertWhen_MoreIsIssuedThanRecycled() external {
        _expectExceeds(1_000, 1_001);
        this.issue(1_001);
        _expectExceeds(1_000, type(uint64).max);
        this.issue(type(uint64).max);
    }

    /// @dev Each part of an id is a pot of its own.
    function test_RevertWhen_AnotherPotIsAsked() external {
        Recycled[3] memory others = [
            Recycled(PAPER, R3, FACILITY, MONTH),
            Recycled(PLASTIC, R3 + 1, FACILITY, MONTH),
            Recycled(PLASTIC, R3, FACILITY, MONTH + 1)
        ];
        for (uint256 i = 0; i < 3; ++i) {
            _expectExceeds(0, 1);
            vm.prank(facilityCrew);
            certificates.issue(RecyclingIds.encode(others[i]), buyer, 1);
        }
    }

    /// @dev Named attack: what one facility recycled, another one has certified.
    function test_Attack_AnotherFacilityCannotIssue() external {
        address[5] memory callers = [incineratorCrew, combinedCrew, collectorCrew, facility, stranger];
        for (uint256 i = 0; i < 5; ++i) _expectNotFacility(callers[i]);
    }

    function test_RevertWhen_TheKeyIsDismissed() external {
        changeCrew(facility, FACILITY, facilityCrew, 0);
        _expectNotFacility(facilityCrew);
    }

    function test_RevertWhen_TheLicenceIsOver() external {
        FacilityTerms memory terms = plainTerms();
        terms.until = uint32(EPOCH + 9 days);
        licenseFor(FACILITY, terms);
        vm.warp(EPOCH + 9 days);
        _issue(1);
        vm.warp(EPOCH + 9 days + 1);
        _expectNotFacility(facilityCrew);
    }

    function test_RevertWhen_TheCredentialIsOver() external {
        setCredential(WasteCredentials.WASTE_FACILITY, facility, false);
        _expectNotFacility(facilityCrew);
    }

    function test_WithoutABalancePeriodThereIsNoEnd() external {
        vm.warp(EPOCH + 3_000 days);
        _issue(1_000);
        _assertSupplies(1_000, 0);
    }

    /// @dev Named attack: mass of a balance period that is over.
    function test_Attack_NothingIsIssuedAfterTheBalancePeriod() external {
        FacilityTerms memory terms = plainTerms();
        terms.model = CustodyModel.MassBalance;
        terms.balanceDays = 45;
        licenseFor(FACILITY, terms);
        // January 2026 has 31 days; February 2028 has 29; December 2026 ends with the year.
        _assertLast(MONTH, EPOCH + 31 days + 45 days - 1);
        _assertLast(697, 1_832_976_000 + 29 days + 45 days - 1);
        _assertLast(683, 1_796_083_200 + 31 days + 45 days - 1);
    }

    /// @dev The licence decides, whatever the model.
    function test_ABalancePeriodHoldsForMassKeptApartToo() external {
        FacilityTerms memory terms = plainTerms();
        terms.balanceDays = 1;
        licenseFor(FACILITY, terms);
        _assertLast(MONTH, EPOCH + 32 days - 1);
    }

    function test_RevertWhen_TheReceiverTakesNoTokens() external {
        address[2] memory receivers = [address(book), address(0)];
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(facilityCrew);
            vm.expectRevert(abi.encodeWithSelector(IERC1155Errors.ERC1155InvalidReceiver.selector, receivers[i]));
            certificates.issue(id, receivers[i], 1);
        }
        _assertSupplies(0, 0);
    }

    // Named attack: a receiver that calls back
    // ├── to have more issued than there is: refused
    // └── to retire what it just got: it may

    function test_Attack_AReceiverCannotIssueTwice() external {
        HostileCertificateHolder hostile = new HostileCertificateHolder();
        (, uint256 facilityKey) = actor("facility");
        appointCaller(FACILITY, facilityKey, address(hostile));
        hostile.react(abi.encodeCall(IRecyclingCertificates.issue, (id, address(hostile), 600)));
        vm.prank(facilityCrew);
        certificates.issue(id, address(hostile), 600);
        assertEq(hostile.received(), 1, "called once");
        assertFalse(hostile.succeeded(), "refused");
        _assertSupplies(600, 0);
        assertEq(certificates.balanceOf(address(hostile), id), 600, "once");
    }

    function test_Attack_AReceiverRetiresAtOnce() external {
        HostileCertificateHolder hostile = new HostileCertificateHolder();
        hostile.react(abi.encodeCall(IRecyclingCertificates.retire, (address(hostile), id, 600, 0, 0)));
        vm.prank(facilityCrew);
        certificates.issue(id, address(hostile), 600);
        assertTrue(hostile.succeeded(), "it may");
        _assertSupplies(600, 600);
        assertEq(certificates.balanceOf(address(hostile), id), 0, "nothing left");
        _expectExceeds(400, 401);
        this.issue(401);
    }

    // retire
    // ├── neither the account nor approved: refused
    // ├── no mass, or more than the account has: refused
    // └── else: burnt, counted, told

    function test_CertificatesAreRetired() external {
        _issue(1_000);
        vm.expectEmit(address(certificates));
        emit IERC1155.TransferSingle(buyer, buyer, address(0), id, 300);
        vm.expectEmit(address(certificates));
        emit IRecyclingCertificates.CertificatesRetired(buyer, id, 300, "name", "report");
        vm.prank(buyer);
        certificates.retire(buyer, id, 300, "name", "report");
        _assertSupplies(1_000, 300);
        assertEq(certificates.balanceOf(buyer, id), 700, "left");
        vm.prank(buyer);
        certificates.setApprovalForAll(stranger, true);
        vm.expectEmit(address(certificates));
        emit IRecyclingCertificates.CertificatesRetired(buyer, id, 700, 0, 0);
        vm.prank(stranger);
        certificates.retire(buyer, id, 700, 0, 0);
        _assertSupplies(1_000, 1_000);
        _expectExceeds(0, 1);
        this.issue(1);
    }

    function test_CertificatesMoveFreely() external {
        _issue(1_000);
        vm.prank(buyer);
        certificates.safeTransferFrom(buyer, stranger, id, 400, "");
        vm.prank(stranger);
        certificates.retire(stranger, id, 400, 0, 0);
        assertEq(certificates.balanceOf(buyer, id), 600, "who keeps the rest");
        _assertSupplies(1_000, 400);
    }

    function test_RevertWhen_AStrangerRetires() external {
        _issue(1_000);
        vm.prank(facilityCrew);
        vm.expectRevert(
            abi.encodeWithSelector(IRecyclingCertificates.RecyclingCertificatesNotAllowed.selector, buyer, facilityCrew)
        );
        certificates.retire(buyer, id, 1, 0, 0);
    }

    function test_RevertWhen_NothingOrTooMuchIsRetired() external {
        _issue(1_000);
        vm.prank(buyer);
        vm.expectRevert(IRecyclingCertificates.RecyclingCertificatesZeroMass.selector);
        certificates.retire(buyer, id, 0, 0, 0);
        uint256[2] memory tooMuch = [uint256(1_001), (1 << 64) + 1];
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(buyer);
            vm.expectRevert(
                abi.encodeWithSelector(IERC1155Errors.ERC1155InsufficientBalance.selector, buyer, 1_000, tooMuch[i], id)
            );
            certificates.retire(buyer, id, tooMuch[i], 0, 0);
        }
        _assertSupplies(1_000, 0);
    }

    // --- helpers

    /// @dev A call, so that it can be expected to revert.
    function issue(uint64 grams) external {
        _issue(grams);
    }

    function _issue(uint64 grams) private {
        vm.prank(facilityCrew);
        certificates.issue(id, buyer, grams);
    }

    /// @dev That mass of a month can be certified until one second and not in the next.
    function _assertLast(uint16 month, uint256 lastAt) private {
        book.add(FACILITY, PLASTIC, R3, month, 1);
        uint256 other = RecyclingIds.encode(Recycled(PLASTIC, R3, FACILITY, month));
        vm.warp(lastAt + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IRecyclingCertificates.RecyclingCertificatesPeriodOver.selector,
                month,
                lastAt,
                lastAt + 1
            )
        );
        vm.prank(facilityCrew);
        certificates.issue(other, buyer, 1);
        vm.warp(lastAt);
        vm.prank(facilityCrew);
        certificates.issue(other, buyer, 1);
        assertEq(certificates.balanceOf(buyer, other), 1, "in the last second");
    }

    function _expectMalformed(uint256 bad) private {
        vm.expectRevert(abi.encodeWithSelector(RecyclingIds.RecyclingIdsMalformed.selector, bad));
    }

    function _expectExceeds(uint64 left, uint64 asked) private {
        vm.expectRevert(
            abi.encodeWithSelector(IRecyclingCertificates.RecyclingCertificatesExceedsRecycled.selector, left, asked)
        );
    }

    function _expectNotFacility(address caller) private {
        vm.prank(caller);
        vm.expectRevert(
            abi.encodeWithSelector(IRecyclingCertificates.RecyclingCertificatesNotFacility.selector, FACILITY, caller)
        );
        certificates.issue(id, buyer, 1);
    }

    function _assertSupplies(uint256 issued, uint256 retired) private view {
        (uint64 issuedGrams, uint64 retiredGrams) = certificates.suppliesOf(id);
        assertEq(issuedGrams, issued, "issued");
        assertEq(retiredGrams, retired, "retired");
    }
}
