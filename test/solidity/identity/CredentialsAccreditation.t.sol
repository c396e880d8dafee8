// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISigned, Signature} from "../../../contracts/authority/ISigned.sol";
import {
    Accreditation,
    AccreditationGrant,
    AccreditationWithdrawal,
    ICredentials,
    Standing
} from "../../../contracts/identity/ICredentials.sol";
import {CredentialsCity} from "./CredentialsFixture.sol";

contract CredentialsAccreditationTest is CredentialsCity {
    uint256 private constant EPOCH_SHIFT = 200;

    function setUp() external {
        buildCity();
    }

    // accredit
    // ├─ the caller is no issuing key ......................... CredentialsNoIssuingKey
    // ├─ the key's time is over ............................... CredentialsNoIssuingKey
    // ├─ unknown type ......................................... CredentialsUnknownType
    // ├─ the issuer is zero ................................... CredentialsBadAccount
    // ├─ the end has passed ................................... CredentialsAlreadyOver
    // ├─ the accreditor is not the authority
    // │  ├─ never accredited .................................. CredentialsMayNotAccredit
    // │  ├─ may not accredit others ........................... CredentialsMayNotAccredit
    // │  ├─ lapsed, withdrawn, or so above it ................. CredentialsMayNotAccredit
    // │  └─ stands at depth 4 ................................. CredentialsChainTooLong
    // ├─ nothing stands ....................................... stored, IssuerAccredited
    // ├─ the accreditor's own stands in force
    // │  ├─ same end and right ................................ CredentialsUnchanged
    // │  └─ else .............................................. changed, credentials stand
    // ├─ the accreditor's own lapsed .......................... renewed, credentials come back
    // ├─ another's stands in force, or lapsed
    // │  ├─ not the authority ................................. CredentialsAccreditedByAnother
    // │  └─ the authority ..................................... taken over, credentials stand or come back
    // ├─ it, or one above it, was withdrawn ................... anew, credentials are void
    // └─ anew more often than can be counted .................. CredentialsTooManyWithdrawals

    function test_RevertWhen_StrangerAccredits() external {
        expectNoKey(stranger, 0);
        accredit(stranger, BOUND, lab, FOREVER, false);
    }

    function test_RevertWhen_IdentityAccreditsWithoutItsKey() external {
        expectNoKey(city, 0);
        accredit(city, BOUND, lab, FOREVER, false);
    }

    function test_RevertWhen_KeyOverAccredits() external {
        appoint("city", "city key", SOON);
        vm.warp(SOON);
        accredit(cityKey, BOUND, lab, FOREVER, false);
        vm.warp(SOON + 1);
        expectNoKey(cityKey, SOON);
        accredit(cityKey, BOUND, rival, FOREVER, false);
    }

    function test_RevertWhen_TypeUnknown() external {
        expectUnknownType(UNKNOWN);
        accredit(cityKey, UNKNOWN, lab, FOREVER, false);
    }

    function test_RevertWhen_IssuerZero() external {
        expectBadAccount(address(0));
        accredit(cityKey, BOUND, address(0), FOREVER, false);
    }

    function test_RevertWhen_AlreadyOver() external {
        expectAlreadyOver(uint40(EPOCH - 1));
        accredit(cityKey, BOUND, lab, uint40(EPOCH - 1), false);
    }

    function test_RevertWhen_AccreditorNeverAccredited() external {
        _expectMayNot(office);
        accredit(officeKey, BOUND, lab, FOREVER, false);
    }

    function test_RevertWhen_AccreditorMayNotAccredit() external {
        accredit(cityKey, BOUND, office, FOREVER, false);
        _expectMayNot(office);
        accredit(officeKey, BOUND, lab, FOREVER, false);
    }

    function test_RevertWhen_AccreditorLapsed() external {
        accredit(cityKey, BOUND, office, SOON, true);
        vm.warp(SOON + 1);
        _expectMayNot(office);
        accredit(officeKey, BOUND, lab, FOREVER, false);
    }

    function test_RevertWhen_AccreditorWithdrawn() external {
        accredit(cityKey, BOUND, office, FOREVER, true);
        withdraw(cityKey, BOUND, office);
        _expectMayNot(office);
        accredit(officeKey, BOUND, lab, FOREVER, false);
    }

    function test_RevertWhen_AboveTheAccreditorWithdrawn() external {
        accredit(cityKey, BOUND, office, FOREVER, true);
        accredit(officeKey, BOUND, lab, FOREVER, true);
        withdraw(cityKey, BOUND, office);
        _expectMayNot(lab);
        accredit(labKey, BOUND, rival, FOREVER, false);
    }

    function test_RevertWhen_FormerAuthorityAccredits() external {
        registry.changeTypeAuthority(BOUND, office);
        _expectMayNot(city);
        accredit(cityKey, BOUND, lab, FOREVER, false);
    }

    function test_RevertWhen_ChainTooLong() external {
        address above = cityKey;
        address last;
        for (uint256 i = 1; i <= 4; ++i) {
            (address identity, address key) = organisation(string.concat("link ", vm.toString(i)));
            accredit(above, BOUND, identity, FOREVER, true);
            assertEq(registry.accreditationOf(BOUND, identity).depth, i, "depth");
            assertChain(BOUND, identity, Standing.Current, "link");
            (above, last) = (key, identity);
        }
        issue(above, BOUND, alice);
        assertCheck(BOUND, alice, Standing.Current, "of the fourth");
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsChainTooLong.selector, BOUND, 5, 4));
        accredit(above, BOUND, lab, FOREVER, false);
    }

    function test_Accredits() external {
        vm.expectEmit(address(registry));
        emit ICredentials.IssuerAccredited(BOUND, office, city, SOON, true);
        accredit(cityKey, BOUND, office, SOON, true);
        _assertStored(office, city, SOON, 1, true, false);
        vm.expectEmit(address(registry));
        emit ICredentials.IssuerAccredited(BOUND, lab, office, LATER, false);
        accredit(officeKey, BOUND, lab, LATER, false);
        _assertStored(lab, office, LATER, 2, false, false);
        assertChain(BOUND, lab, Standing.Current, "lab");
        assertChain(FREE, lab, Standing.None, "another type");
        assertChain(UNKNOWN, lab, Standing.UnknownType, "no type");
    }

    function test_AuthorityAccreditsItself() external {
        accredit(cityKey, BOUND, city, FOREVER, true);
        issue(cityKey, BOUND, alice);
        assertCheck(BOUND, alice, Standing.Current, "issued by the authority");
    }

    /// @dev A body that accredited itself while it was the authority cannot renew that afterwards.
    function test_RevertWhen_FormerAuthorityRenewsItself() external {
        accredit(cityKey, BOUND, city, FOREVER, true);
        registry.changeTypeAuthority(BOUND, office);
        assertChain(BOUND, city, Standing.Current, "stays");
        _expectByAnother(city, office);
        accredit(cityKey, BOUND, city, LATER, true);
    }

    function test_RevertWhen_AccreditedAsBefore() external {
        accredit(cityKey, BOUND, office, SOON, true);
        expectUnchanged(BOUND, office);
        accredit(cityKey, BOUND, office, SOON, true);
    }

    function test_ChangesOwnAccreditation() external {
        _accreditLab(LATER);
        issue(labKey, BOUND, alice);
        accredit(officeKey, BOUND, lab, SOON, true);
        _assertStored(lab, office, SOON, 2, true, false);
        assertCheck(BOUND, alice, Standing.Current, "stands");
    }

    function test_RenewalBringsCredentialsBack() external {
        _accreditLab(SOON);
        issue(labKey, BOUND, alice);
        vm.warp(SOON);
        assertChain(BOUND, lab, Standing.Current, "last second");
        vm.warp(SOON + 1);
        assertChain(BOUND, lab, Standing.IssuerLapsed, "lapsed");
        assertCheck(BOUND, alice, Standing.IssuerLapsed, "lapsed");
        accredit(officeKey, BOUND, lab, LATER, false);
        assertCheck(BOUND, alice, Standing.Current, "renewed");
    }

    function test_RenewalAboveBringsCredentialsBack() external {
        accredit(cityKey, BOUND, office, SOON, true);
        accredit(officeKey, BOUND, lab, FOREVER, false);
        issue(labKey, BOUND, alice);
        vm.warp(SOON + 1);
        assertCheck(BOUND, alice, Standing.IssuerLapsed, "lapsed above");
        accredit(cityKey, BOUND, office, FOREVER, true);
        assertCheck(BOUND, alice, Standing.Current, "renewed above");
    }

    /// @dev Accreditations at depth 1 belong to the office of the authority.
    function test_NewAuthorityRenews() external {
        accredit(cityKey, BOUND, lab, SOON, false);
        issue(labKey, BOUND, alice);
        registry.changeTypeAuthority(BOUND, rival);
        assertCheck(BOUND, alice, Standing.Current, "stays");
        vm.warp(SOON + 1);
        accredit(rivalKey, BOUND, lab, FOREVER, false);
        _assertStored(lab, rival, FOREVER, 1, false, false);
        assertCheck(BOUND, alice, Standing.Current, "renewed");
    }

    function test_RightToAccreditTakenAndGivenBack() external {
        _accreditLab(FOREVER);
        issue(labKey, BOUND, alice);
        accredit(cityKey, BOUND, office, FOREVER, false);
        assertChain(BOUND, office, Standing.Current, "office");
        assertCheck(BOUND, alice, Standing.IssuerLapsed, "taken");
        expectNotAccredited(BOUND, lab, Standing.IssuerLapsed);
        issue(labKey, BOUND, bob);
        accredit(cityKey, BOUND, office, FOREVER, true);
        assertCheck(BOUND, alice, Standing.Current, "given back");
    }

    function test_RevertWhen_AccreditedByAnother() external {
        _accreditLab(FOREVER);
        accredit(cityKey, BOUND, rival, FOREVER, true);
        _expectByAnother(lab, office);
        accredit(rivalKey, BOUND, lab, FOREVER, false);
    }

    function test_RevertWhen_AccreditedByTheAuthority() external {
        accredit(cityKey, BOUND, office, FOREVER, true);
        accredit(cityKey, BOUND, lab, FOREVER, true);
        _expectByAnother(lab, city);
        accredit(officeKey, BOUND, lab, FOREVER, false);
    }

    function test_AuthorityTakesOver() external {
        _accreditLab(FOREVER);
        issue(labKey, BOUND, alice);
        accredit(cityKey, BOUND, lab, FOREVER, false);
        _assertStored(lab, city, FOREVER, 1, false, false);
        assertCheck(BOUND, alice, Standing.Current, "stands");
        withdraw(cityKey, BOUND, office);
        assertCheck(BOUND, alice, Standing.Current, "no longer hangs on the office");
    }

    /// @dev What hangs below one that the authority took over still hangs on it, at its old depth.
    function test_AuthorityTakesOverTheMiddle() external {
        accredit(cityKey, BOUND, office, FOREVER, true);
        accredit(officeKey, BOUND, lab, FOREVER, true);
        accredit(labKey, BOUND, rival, FOREVER, false);
        accredit(cityKey, BOUND, lab, FOREVER, true);
        assertEq(registry.accreditationOf(BOUND, rival).depth, 3, "depth");
        withdraw(cityKey, BOUND, office);
        assertChain(BOUND, rival, Standing.Current, "below the lab");
        withdraw(cityKey, BOUND, lab);
        assertChain(BOUND, rival, Standing.IssuerWithdrawn, "lab withdrawn");
    }

    /// @dev Else an accreditor beside it could void all that the issuer said, in the second in which a renewal is late.
    function test_RevertWhen_AnothersLapsedIsTakenOver() external {
        _accreditLab(SOON);
        accredit(cityKey, BOUND, rival, FOREVER, true);
        issue(labKey, BOUND, alice);
        vm.warp(SOON + 1);
        _expectByAnother(lab, office);
        accredit(rivalKey, BOUND, lab, FOREVER, false);
        accredit(officeKey, BOUND, lab, FOREVER, false);
        assertCheck(BOUND, alice, Standing.Current, "renewed");
    }

    function test_AuthorityRenewsAnothersLapsed() external {
        _accreditLab(SOON);
        issue(labKey, BOUND, alice);
        vm.warp(SOON + 1);
        accredit(cityKey, BOUND, lab, FOREVER, false);
        assertCheck(BOUND, alice, Standing.Current, "rescued");
    }

    function test_AccreditationAnewVoids() external {
        _accreditLab(FOREVER);
        issue(labKey, BOUND, alice);
        withdraw(officeKey, BOUND, lab);
        accredit(officeKey, BOUND, lab, FOREVER, false);
        assertChain(BOUND, lab, Standing.Current, "anew");
        assertCheck(BOUND, alice, Standing.IssuerWithdrawn, "void for good");
        issue(labKey, BOUND, alice);
        assertCheck(BOUND, alice, Standing.Current, "issued again");
    }

    function test_AccreditationAnewAboveVoids() external {
        accredit(cityKey, BOUND, office, FOREVER, true);
        accredit(officeKey, BOUND, lab, FOREVER, true);
        accredit(labKey, BOUND, rival, FOREVER, false);
        issue(rivalKey, BOUND, alice);
        withdraw(cityKey, BOUND, office);
        assertChain(BOUND, rival, Standing.IssuerWithdrawn, "withdrawn above");
        accredit(cityKey, BOUND, office, FOREVER, true);
        assertChain(BOUND, lab, Standing.IssuerWithdrawn, "of the old epoch");
        accredit(officeKey, BOUND, lab, FOREVER, true);
        assertChain(BOUND, lab, Standing.Current, "anew");
        assertChain(BOUND, rival, Standing.IssuerWithdrawn, "of the lab's old epoch");
        accredit(labKey, BOUND, rival, FOREVER, false);
        assertChain(BOUND, rival, Standing.Current, "anew below");
        assertCheck(BOUND, alice, Standing.IssuerWithdrawn, "void for good");
    }

    function test_OtherAccreditsAfterWithdrawal() external {
        _accreditLab(FOREVER);
        issue(labKey, BOUND, alice);
        withdraw(officeKey, BOUND, lab);
        accredit(cityKey, BOUND, rival, FOREVER, true);
        accredit(rivalKey, BOUND, lab, FOREVER, false);
        _assertStored(lab, rival, FOREVER, 2, false, false);
        assertCheck(BOUND, alice, Standing.IssuerWithdrawn, "void");
    }

    function test_RevertWhen_TooManyWithdrawals() external {
        accredit(cityKey, BOUND, lab, FOREVER, false);
        bytes32 slot = slotOf(BOUND, lab, city);
        uint256 last = uint256(vm.load(address(registry), slot)) | (uint256(type(uint16).max - 1) << EPOCH_SHIFT);
        vm.store(address(registry), slot, bytes32(last));
        withdraw(cityKey, BOUND, lab);
        accredit(cityKey, BOUND, lab, FOREVER, false);
        assertChain(BOUND, lab, Standing.Current, "last epoch");
        withdraw(cityKey, BOUND, lab);
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsTooManyWithdrawals.selector, BOUND, lab));
        accredit(cityKey, BOUND, lab, FOREVER, false);
    }

    // accreditBySig
    // ├─ late, used, or not signed by the key ................. errors of ISigned
    // ├─ signed by a dismissed key ............................ CredentialsNoIssuingKey
    // └─ else ................................................. as accredit

    function test_AccreditsBySignature() external {
        AccreditationGrant memory grant = _grant(cityKey, lab);
        (, uint256 keyNumber) = actor("city key");
        Signature memory signature = signHash(hashOf(grant), keyNumber);
        vm.expectEmit(address(registry));
        emit ICredentials.IssuerAccredited(BOUND, lab, city, SOON, true);
        vm.prank(stranger);
        registry.accreditBySig(grant, signature);
        _assertStored(lab, city, SOON, 1, true, false);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, cityKey, grant.nonce));
        registry.accreditBySig(grant, signature);
    }

    function test_RevertWhen_AnotherSignedAccreditation() external {
        AccreditationGrant memory grant = _grant(cityKey, lab);
        (, uint256 cityNumber) = actor("city");
        Signature memory signature = signHash(hashOf(grant), cityNumber);
        vm.expectRevert(
            abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, cityKey, digestOf(hashOf(grant)))
        );
        registry.accreditBySig(grant, signature);
    }

    function test_RevertWhen_SignedAccreditationLate() external {
        AccreditationGrant memory grant = _grant(cityKey, lab);
        vm.warp(grant.deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedExpired.selector, grant.deadline, grant.deadline + 1));
        registry.accreditBySig(grant, none());
    }

    function test_RevertWhen_DismissedKeySignedAccreditation() external {
        AccreditationGrant memory grant = _grant(cityKey, lab);
        (, uint256 keyNumber) = actor("city key");
        Signature memory signature = signHash(hashOf(grant), keyNumber);
        vm.prank(city);
        registry.dismissKey(city);
        expectNoKey(cityKey, 0);
        registry.accreditBySig(grant, signature);
    }

    // withdrawAccreditation
    // ├─ the caller is no issuing key ......................... CredentialsNoIssuingKey
    // ├─ never accredited ..................................... CredentialsAccreditedByAnother
    // ├─ neither its accreditor's nor the authority's key ..... CredentialsAccreditedByAnother
    // ├─ given by an authority before ......................... CredentialsAccreditedByAnother
    // ├─ withdrawn ............................................ CredentialsUnchanged
    // └─ else ................................................. withdrawn, AccreditationWithdrawn

    function test_RevertWhen_StrangerWithdraws() external {
        expectNoKey(stranger, 0);
        withdraw(stranger, BOUND, lab);
    }

    function test_RevertWhen_NothingToWithdraw() external {
        _expectByAnother(lab, address(0));
        withdraw(cityKey, BOUND, lab);
    }

    function test_RevertWhen_AnotherWithdraws() external {
        _accreditLab(FOREVER);
        _expectByAnother(lab, office);
        withdraw(rivalKey, BOUND, lab);
        _expectByAnother(lab, office);
        withdraw(labKey, BOUND, lab);
    }

    function test_RevertWhen_FormerAuthorityWithdraws() external {
        accredit(cityKey, BOUND, lab, FOREVER, false);
        registry.changeTypeAuthority(BOUND, rival);
        _expectByAnother(lab, rival);
        withdraw(cityKey, BOUND, lab);
    }

    function test_RevertWhen_WithdrawnTwice() external {
        _accreditLab(FOREVER);
        withdraw(officeKey, BOUND, lab);
        expectUnchanged(BOUND, lab);
        withdraw(cityKey, BOUND, lab);
    }

    function test_AccreditorWithdraws() external {
        _accreditLab(LATER);
        issue(labKey, BOUND, alice);
        vm.expectEmit(address(registry));
        emit ICredentials.AccreditationWithdrawn(BOUND, lab, office);
        withdraw(officeKey, BOUND, lab);
        _assertStored(lab, office, LATER, 2, false, true);
        assertChain(BOUND, lab, Standing.IssuerWithdrawn, "lab");
        assertCheck(BOUND, alice, Standing.IssuerWithdrawn, "credential");
        expectNotAccredited(BOUND, lab, Standing.IssuerWithdrawn);
        issue(labKey, BOUND, bob);
    }

    function test_AuthorityWithdrawsBelow() external {
        _accreditLab(FOREVER);
        vm.expectEmit(address(registry));
        emit ICredentials.AccreditationWithdrawn(BOUND, lab, city);
        withdraw(cityKey, BOUND, lab);
        assertChain(BOUND, lab, Standing.IssuerWithdrawn, "lab");
        assertChain(BOUND, office, Standing.Current, "office");
    }

    /// @dev An accreditor that lost its own accreditation can still take back what it gave.
    function test_WithdrawnAccreditorWithdraws() external {
        _accreditLab(FOREVER);
        withdraw(cityKey, BOUND, office);
        withdraw(officeKey, BOUND, lab);
        assertTrue(registry.accreditationOf(BOUND, lab).withdrawn, "withdrawn");
    }

    function test_NewAuthorityWithdraws() external {
        accredit(cityKey, BOUND, lab, FOREVER, false);
        registry.changeTypeAuthority(BOUND, rival);
        withdraw(rivalKey, BOUND, lab);
        assertChain(BOUND, lab, Standing.IssuerWithdrawn, "lab");
    }

    /// @dev Withdrawn tells more than lapsed, wherever in the chain either stands.
    function test_WithdrawnComesBeforeLapsed() external {
        _accreditLab(SOON);
        vm.warp(SOON + 1);
        assertChain(BOUND, lab, Standing.IssuerLapsed, "lapsed");
        withdraw(cityKey, BOUND, office);
        assertChain(BOUND, lab, Standing.IssuerWithdrawn, "lapsed below a withdrawn one");
    }

    function test_WithdrawsBySignature() external {
        _accreditLab(FOREVER);
        AccreditationWithdrawal memory withdrawal = _withdrawal(officeKey, lab);
        (, uint256 keyNumber) = actor("office key");
        Signature memory signature = signHash(hashOf(withdrawal), keyNumber);
        vm.expectEmit(address(registry));
        emit ICredentials.AccreditationWithdrawn(BOUND, lab, office);
        vm.prank(stranger);
        registry.withdrawAccreditationBySig(withdrawal, signature);
        accredit(officeKey, BOUND, lab, FOREVER, false);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, officeKey, withdrawal.nonce));
        registry.withdrawAccreditationBySig(withdrawal, signature);
    }

    function test_RevertWhen_AnotherSignedWithdrawal() external {
        _accreditLab(FOREVER);
        AccreditationWithdrawal memory withdrawal = _withdrawal(officeKey, lab);
        (, uint256 rivalNumber) = actor("rival key");
        Signature memory signature = signHash(hashOf(withdrawal), rivalNumber);
        vm.expectRevert(
            abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, officeKey, digestOf(hashOf(withdrawal)))
        );
        registry.withdrawAccreditationBySig(withdrawal, signature);
    }

    /// @dev A chain of any length is in force exactly until its first end.
    function testFuzz_ChainLastsAsLongAsItsShortest(uint40[4] memory ends, uint256 length, uint256 time) external {
        length = bound(length, 1, 4);
        address above = cityKey;
        address last;
        uint256 first = FOREVER;
        for (uint256 i = 0; i < length; ++i) {
            uint40 end = uint40(bound(ends[i], EPOCH, LATER));
            if (end < first) first = end;
            (address identity, address key) = organisation(string.concat("link ", vm.toString(i)));
            accredit(above, BOUND, identity, end, true);
            (above, last) = (key, identity);
        }
        issue(above, BOUND, alice, FOREVER, 0);
        vm.warp(bound(time, EPOCH, LATER + 1));
        Standing standing = block.timestamp <= first ? Standing.Current : Standing.IssuerLapsed;
        assertChain(BOUND, last, standing, "chain");
        assertCheck(BOUND, alice, standing, "credential");
    }

    function _accreditLab(uint40 until) private {
        accredit(cityKey, BOUND, office, FOREVER, true);
        accredit(officeKey, BOUND, lab, until, false);
    }

    function _grant(address key, address issuer) private returns (AccreditationGrant memory) {
        return
            AccreditationGrant({
                key: key,
                typeId: BOUND,
                issuer: issuer,
                until: SOON,
                mayAccredit: true,
                nonce: ++nonces,
                deadline: deadline()
            });
    }

    function _withdrawal(address key, address issuer) private returns (AccreditationWithdrawal memory) {
        return
            AccreditationWithdrawal({key: key, typeId: BOUND, issuer: issuer, nonce: ++nonces, deadline: deadline()});
    }

    function _expectMayNot(address accreditor) private {
        vm.expectRevert(abi.encodeWithSelector(ICredentials.CredentialsMayNotAccredit.selector, BOUND, accreditor));
    }

    function _expectByAnother(address issuer, address accreditor) private {
        vm.expectRevert(
            abi.encodeWithSelector(ICredentials.CredentialsAccreditedByAnother.selector, BOUND, issuer, accreditor)
        );
    }

    function _assertStored(
        address issuer,
        address accreditor,
        uint40 until,
        uint8 depth,
        bool mayAccredit,
        bool withdrawn
    ) private view {
        Accreditation memory stored = registry.accreditationOf(BOUND, issuer);
        assertEq(stored.accreditor, accreditor, "accreditor");
        assertEq(stored.until, until, "end");
        assertEq(stored.depth, depth, "depth");
        assertTrue(stored.mayAccredit == mayAccredit, "may accredit");
        assertTrue(stored.withdrawn == withdrawn, "withdrawn");
    }
}
