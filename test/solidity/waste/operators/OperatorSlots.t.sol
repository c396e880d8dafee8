// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CustodyModel, FacilityTerms} from "../../../../contracts/waste/operators/IWasteOperators.sol";
import {OperatorSlot, OperatorSlots} from "../../../../contracts/waste/operators/OperatorSlots.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

contract OperatorSlotsTest is CivitasTest {
    function testFuzz_KeepsEveryField(
        address account,
        bool collector,
        bool facility,
        uint256 seed,
        address successor
    ) external view {
        FacilityTerms memory terms = _terms(seed);
        FacilityTerms memory later = _terms(uint256(keccak256(abi.encode(seed))));
        OperatorSlot slot = OperatorSlots.pack(account, collector, facility);
        _assertHolder(slot, account, collector, facility);
        FacilityTerms memory none;
        _assertTerms(slot, none);

        slot = this.withTerms(slot, terms);
        _assertHolder(slot, account, collector, facility);
        _assertTerms(slot, terms);

        slot = slot.withHolder(OperatorSlots.pack(successor, !collector, !facility));
        _assertHolder(slot, successor, !collector, !facility);
        _assertTerms(slot, terms);

        slot = this.withTerms(slot, later);
        _assertHolder(slot, successor, !collector, !facility);
        _assertTerms(slot, later);
    }

    function testFuzz_LicenceRunsToItsLastSecond(uint32 until, uint64 timestamp, bool facility) external view {
        OperatorSlot slot = OperatorSlots.pack(address(1), true, facility);
        slot = this.withUntil(slot, until);
        assertTrue(slot.isLicensed(timestamp) == (facility && timestamp <= until), "licensed");
        assertTrue(slot.isLicensed(until) == facility, "last second");
    }

    function withUntil(OperatorSlot slot, uint32 until) external view returns (OperatorSlot changed) {
        FacilityTerms memory terms;
        terms.until = until;
        return this.withTerms(slot, terms);
    }

    function withTerms(OperatorSlot slot, FacilityTerms calldata terms) external pure returns (OperatorSlot changed) {
        return slot.withTerms(terms);
    }

    function test_SlotsAreTheSameOnlyInEveryBit() external pure {
        OperatorSlot slot = OperatorSlots.pack(address(1), true, false);
        assertTrue(slot.equals(OperatorSlots.pack(address(1), true, false)), "same");
        assertFalse(slot.equals(OperatorSlots.pack(address(2), true, false)), "account");
        assertFalse(slot.equals(OperatorSlots.pack(address(1), false, false)), "collector");
        assertFalse(slot.equals(OperatorSlots.pack(address(1), true, true)), "facility");
    }

    /// @dev Any licence; every field with all of its bits.
    function _terms(uint256 seed) private pure returns (FacilityTerms memory terms) {
        terms.until = uint32(seed);
        terms.toleranceBp = uint16(seed >> 32);
        terms.maxLossBp = uint16(seed >> 48);
        terms.conversionPct = uint8(seed >> 64);
        terms.model = CustodyModel((seed >> 72) % (uint256(type(CustodyModel).max) + 1));
        terms.balanceDays = uint16(seed >> 80);
    }

    function _assertHolder(OperatorSlot slot, address account, bool collector, bool facility) private pure {
        assertEq(slot.account(), account, "account");
        assertTrue(slot.collector() == collector, "collector");
        assertTrue(slot.facility() == facility, "facility");
    }

    function _assertTerms(OperatorSlot slot, FacilityTerms memory terms) private pure {
        FacilityTerms memory found = slot.terms();
        assertEq(keccak256(abi.encode(found)), keccak256(abi.encode(terms)), "terms");
        assertEq(slot.toleranceBp(), terms.toleranceBp, "tolerance");
    }
}
