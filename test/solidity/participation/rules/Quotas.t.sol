// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ApprovalBase, Quotas} from "../../../../contracts/participation/rules/Quotas.sol";
import {RulesFixture} from "./RulesFixture.sol";

contract QuotasTest is RulesFixture {
    // turnoutMet
    // ├─ cast * 10,000 >= electorate * bp ............ met
    // ├─ less ........................................ not met
    // └─ no quorum ................................... met

    function test_NeedsATurnout() external pure {
        assertTrue(Quotas.turnoutMet(250, 1_000, 2_500), "exactly a quarter");
        assertFalse(Quotas.turnoutMet(249, 1_000, 2_500), "one less");
        assertTrue(Quotas.turnoutMet(0, 1_000, 0), "no quorum");
        assertFalse(Quotas.turnoutMet(333, 1_000, 3_333 + 1), "a third, rounded up");
        assertTrue(Quotas.turnoutMet(334, 1_000, 3_333), "and more");
        assertTrue(Quotas.turnoutMet(1_000, 1_000, 10_000), "all");
    }

    // approvalMet
    // ├─ no quorum ................................... met
    // ├─ nobody approved ............................. not met
    // ├─ of ballots .................................. those that are not blank
    // └─ of the electorate ........................... all of it

    function test_NeedsApprovals() external pure {
        assertTrue(Quotas.approvalMet(ApprovalBase.Ballots, 0, 0, 0, 100, 0), "no quorum");
        assertFalse(Quotas.approvalMet(ApprovalBase.Ballots, 0, 0, 0, 100, 1), "nobody, of nobody");
        assertFalse(Quotas.approvalMet(ApprovalBase.Electorate, 0, 0, 0, 0, 1), "nobody, of no electorate");
        assertTrue(Quotas.approvalMet(ApprovalBase.Ballots, 40, 100, 20, 1_000, 5_000), "half of 80");
        assertFalse(Quotas.approvalMet(ApprovalBase.Ballots, 39, 100, 20, 1_000, 5_000), "one less");
        assertFalse(Quotas.approvalMet(ApprovalBase.Ballots, 40, 100, 19, 1_000, 5_000), "half of 81");
        assertTrue(Quotas.approvalMet(ApprovalBase.Electorate, 200, 300, 20, 1_000, 2_000), "a fifth of all");
        assertFalse(Quotas.approvalMet(ApprovalBase.Electorate, 199, 300, 20, 1_000, 2_000), "less than a fifth");
    }

    // leadsInMajority, leadsInShare

    function test_NeedsSegments() external pure {
        assertFalse(Quotas.leadsInMajority(5, 10), "half of ten");
        assertTrue(Quotas.leadsInMajority(6, 10), "six of ten");
        assertTrue(Quotas.leadsInMajority(6, 11), "six of eleven");
        assertFalse(Quotas.leadsInMajority(5, 11), "five of eleven");
        assertFalse(Quotas.leadsInMajority(0, 0), "no segments");
        assertTrue(Quotas.leadsInShare(5, 10, 5_000), "half of ten");
        assertTrue(Quotas.leadsInShare(15, 27, 5_500), "15 of 27 are 55 %");
        assertFalse(Quotas.leadsInShare(14, 27, 5_500), "14 are not");
    }

    // leads
    // ├─ more than every other ....................... leads
    // └─ as many as another, or fewer ................ does not

    function test_LeadsWithMost() external pure {
        uint256[] memory scores = new uint256[](3);
        assertFalse(Quotas.leads(scores, 0), "nobody has any");
        scores[1] = 5;
        assertTrue(Quotas.leads(scores, 1), "most");
        assertFalse(Quotas.leads(scores, 0), "fewer");
        scores[2] = 5;
        assertFalse(Quotas.leads(scores, 1), "as many as the last");
        assertFalse(Quotas.leads(scores, 2), "as many as the one before");
        scores[0] = 5;
        scores[2] = 4;
        assertFalse(Quotas.leads(scores, 1), "as many as the first");
    }

    function testFuzz_ComparesExactly(uint256 part, uint256 whole, uint256 shareBp) external pure {
        whole = bound(whole, 1, type(uint32).max);
        part = bound(part, 0, whole);
        shareBp = bound(shareBp, 0, 10_000);
        uint256 least = (whole * shareBp + 9_999) / 10_000;
        assertEq(Quotas.turnoutMet(part, whole, shareBp), part >= least, "rounded up");
        assertEq(Quotas.leadsInShare(part, whole, shareBp), part >= least, "segments alike");
        assertEq(Quotas.leadsInMajority(part, whole), part > whole / 2, "more than a half");
        bool met = shareBp == 0 || (part != 0 && part >= least);
        assertEq(Quotas.approvalMet(ApprovalBase.Electorate, part, 0, 0, whole, shareBp), met, "approvals");
    }
}
