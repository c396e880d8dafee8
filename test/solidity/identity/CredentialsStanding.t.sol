// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Accreditation, Credential, Standing} from "../../../contracts/identity/ICredentials.sol";
import {CredentialsCity} from "./CredentialsFixture.sol";

contract CredentialsStandingTest is CredentialsCity {
    function setUp() external {
        buildCity();
        accreditAll();
    }

    // check, holds (true exactly when Current)
    // ├─ nothing was said, unknown type ....................... UnknownType
    // ├─ nothing was said, known type ......................... None
    // ├─ revoked, whatever else ............................... Revoked
    // ├─ suspended, whatever else below ....................... Suspended
    // ├─ over, whatever else below ............................ Expired
    // ├─ not bound ............................................ Current
    // └─ bound
    //    ├─ the issuer, or one above it, withdrawn ............ IssuerWithdrawn
    //    ├─ the issuer, or one above it, lapsed ............... IssuerLapsed
    //    └─ else .............................................. Current

    function test_NothingSaid() external view {
        assertCheck(UNKNOWN, alice, Standing.UnknownType, "unknown type");
        assertCheck(BOUND, alice, Standing.None, "known type");
        assertCheck(BOUND, address(0), Standing.None, "nobody");
        Credential memory stored = registry.credentialOf(BOUND, alice);
        assertEq(stored.issuer, address(0), "issuer");
        Accreditation memory accreditation = registry.accreditationOf(BOUND, alice);
        assertEq(accreditation.accreditor, address(0), "accreditor");
    }

    /// @dev From the top of the order down: what comes first hides what comes after.
    function test_OrderOfReasons() external {
        accredit(officeKey, BOUND, lab, SOON, false);
        issue(labKey, BOUND, alice, SOON, 0);
        issue(labKey, BOUND, bob, FOREVER, 0);
        vm.prank(bob);
        ids.changeOwner(bob, stranger);
        _assertAs(BOUND, bob, bob, Standing.WrongAccount, "only the account is wrong");
        vm.prank(stranger);
        ids.changeOwner(bob, address(0));
        _assertAs(BOUND, bob, bob, Standing.SubjectRetired, "retired");
        vm.warp(SOON + 1);
        assertCheck(BOUND, bob, Standing.IssuerLapsed, "lapsed");
        _assertAs(BOUND, bob, bob, Standing.IssuerLapsed, "lapsed, and retired");
        withdraw(officeKey, BOUND, lab);
        assertCheck(BOUND, bob, Standing.IssuerWithdrawn, "withdrawn, and lapsed");
        _assertAs(BOUND, bob, bob, Standing.IssuerWithdrawn, "withdrawn, lapsed, and retired");

        assertCheck(BOUND, alice, Standing.Expired, "expired, withdrawn, and lapsed");
        _assertAs(BOUND, alice, bob, Standing.Expired, "expired, and the wrong account");
        suspend(labKey, BOUND, alice);
        assertCheck(BOUND, alice, Standing.Suspended, "suspended, and expired");
        _assertAs(BOUND, alice, bob, Standing.Suspended, "suspended, and the wrong account");
        revoke(labKey, BOUND, alice);
        assertCheck(BOUND, alice, Standing.Revoked, "revoked, and suspended");
        _assertAs(BOUND, alice, bob, Standing.Revoked, "revoked, and the wrong account");
    }

    /// @dev The same history of two types, of which one voids what was issued under a lost accreditation.
    function test_LossOfAccreditationVoidsOnlyBoundTypes() external {
        issue(labKey, BOUND, alice);
        issue(labKey, FREE, alice);
        _assertBoth(Standing.Current, "in force");
        accredit(officeKey, BOUND, lab, SOON, false);
        accredit(officeKey, FREE, lab, SOON, false);
        vm.warp(SOON + 1);
        _assertBoth(Standing.IssuerLapsed, "lapsed");
        accredit(officeKey, BOUND, lab, LATER, false);
        accredit(officeKey, FREE, lab, LATER, false);
        _assertBoth(Standing.Current, "renewed");
        withdraw(cityKey, BOUND, office);
        withdraw(cityKey, FREE, office);
        _assertBoth(Standing.IssuerWithdrawn, "withdrawn above");
        accredit(cityKey, BOUND, lab, LATER, false);
        accredit(cityKey, FREE, lab, LATER, false);
        _assertBoth(Standing.IssuerWithdrawn, "void for good");
    }

    /// @dev Another issuer's troubles, and another type's, do not matter.
    function test_OnlyTheIssuersOwnChainCounts() external {
        issue(labKey, BOUND, alice);
        withdraw(cityKey, BOUND, rival);
        withdraw(officeKey, FREE, lab);
        assertCheck(BOUND, alice, Standing.Current, "stands");
    }

    /// @dev Dismissing or losing its key does not touch what an organisation said.
    function test_StatementOutlivesTheKey() external {
        issue(labKey, BOUND, alice);
        vm.prank(lab);
        registry.dismissKey(lab);
        assertCheck(BOUND, alice, Standing.Current, "without a key");
    }

    // checkAs, holdsAs (true exactly when Current)
    // ├─ check gives another reason ........................... that reason
    // ├─ the subject's identity is retired .................... SubjectRetired
    // ├─ the account does not own it .......................... WrongAccount
    // └─ else ................................................. Current

    function test_AsOwner() external {
        issue(labKey, BOUND, alice);
        _assertAs(BOUND, alice, alice, Standing.Current, "herself");
        _assertAs(BOUND, alice, bob, Standing.WrongAccount, "another");
        _assertAs(BOUND, alice, address(0), Standing.WrongAccount, "nobody");
        vm.prank(alice);
        ids.changeOwner(alice, bob);
        _assertAs(BOUND, alice, bob, Standing.Current, "new owner");
        _assertAs(BOUND, alice, alice, Standing.WrongAccount, "key that she gave up");
        vm.prank(bob);
        ids.changeOwner(alice, address(0));
        _assertAs(BOUND, alice, bob, Standing.SubjectRetired, "retired, last owner");
        _assertAs(BOUND, alice, alice, Standing.SubjectRetired, "retired, first owner");
        _assertAs(BOUND, alice, address(0), Standing.SubjectRetired, "retired, nobody");
        assertCheck(BOUND, alice, Standing.Current, "the statement stands");
    }

    function test_AsAnybodyWithoutCredential() external view {
        _assertAs(BOUND, alice, alice, Standing.None, "none");
        _assertAs(UNKNOWN, alice, alice, Standing.UnknownType, "unknown type");
    }

    /// @dev Any state of a credential of a bound type gives the first reason of the order that holds.
    function testFuzz_FirstReasonIsTold(
        bool revoked,
        bool suspended,
        bool withdrawn,
        bool retired,
        bool moved,
        uint256 end,
        uint256 issuerEnd,
        uint256 time
    ) external {
        end = bound(end, EPOCH, LATER);
        issuerEnd = bound(issuerEnd, EPOCH, LATER);
        time = bound(time, EPOCH, uint256(LATER) + 1);
        accredit(officeKey, BOUND, lab, uint40(issuerEnd), false);
        issue(labKey, BOUND, alice, uint40(end), 0);
        if (suspended) suspend(labKey, BOUND, alice);
        if (revoked) revoke(labKey, BOUND, alice);
        if (withdrawn) withdraw(officeKey, BOUND, lab);
        vm.warp(time);
        if (moved || retired) {
            vm.prank(alice);
            ids.changeOwner(alice, retired ? address(0) : bob);
        }
        Standing standing = Standing.Current;
        if (revoked) standing = Standing.Revoked;
        else if (suspended) standing = Standing.Suspended;
        else if (time > end) standing = Standing.Expired;
        else if (withdrawn) standing = Standing.IssuerWithdrawn;
        else if (time > issuerEnd) standing = Standing.IssuerLapsed;
        assertCheck(BOUND, alice, standing, "check");
        if (standing == Standing.Current) {
            if (retired) standing = Standing.SubjectRetired;
            else if (moved) standing = Standing.WrongAccount;
        }
        _assertAs(BOUND, alice, alice, standing, "checkAs");
    }

    function _assertBoth(Standing bound_, string memory reason) private view {
        assertCheck(BOUND, alice, bound_, string.concat("bound: ", reason));
        assertCheck(FREE, alice, Standing.Current, string.concat("free: ", reason));
    }

    function _assertAs(
        bytes32 typeId,
        address subject,
        address account,
        Standing standing,
        string memory reason
    ) private view {
        assertStanding(registry.checkAs(typeId, subject, account), standing, reason);
        assertTrue(
            registry.holdsAs(typeId, subject, account) == (standing == Standing.Current),
            string.concat(reason, ": holdsAs")
        );
    }
}
