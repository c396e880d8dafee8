// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISigned, Signature} from "../../../contracts/authority/ISigned.sol";
import {IEcoRewards, Person, RewardSettings} from "../../../contracts/rewards/IEcoRewards.sol";
import {IWasteLots} from "../../../contracts/waste/lots/IWasteLots.sol";
import {RewardFixture} from "./RewardFixture.sol";

contract EcoRewardsPeopleTest is RewardFixture {
    // enrol
    // ├─ account zero ................................ EcoRewardsBadAccount
    // ├─ no current credential, or retired ........... EcoRewardsNoCredential
    // ├─ by another, without the owner's signature ... SignedInvalidSignature and the like
    // ├─ the type does not number .................... EcoRewardsNotNumbered
    // ├─ as it is .................................... EcoRewardsUnchanged
    // └─ else ........................................ stored until the credential ends, Enrolled

    function test_EnrolsTheOwner() external {
        issue(stranger, UNTIL);
        vm.expectEmit(address(rewards));
        emit IEcoRewards.Enrolled(4, relayer, UNTIL);
        vm.prank(stranger);
        uint64 person = rewards.enrol(stranger, relayer, 0, 0, none());
        assertEq(person, 4, "number");
        Person memory known = rewards.personOf(person);
        assertEq(known.account, relayer, "account");
        assertEq(known.enrolledUntil, UNTIL, "until");
        assertEq(known.strikes, 0, "strikes");
        assertEq(rewards.personOf(5).account, address(0), "unknown");
    }

    function test_EnrolsBySignature() external {
        (, uint256 key) = actor("stranger");
        issue(stranger, UNTIL);
        uint256 deadline = block.timestamp;
        Signature memory signature = _sign(key, stranger, relayer, 7, deadline);
        vm.prank(relayer);
        assertEq(rewards.enrol(stranger, relayer, 7, deadline, signature), 4, "number");
        assertEq(rewards.personOf(4).account, relayer, "account");
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, stranger, 7));
        rewards.enrol(stranger, relayer, 7, deadline, signature);
    }

    function test_RevertWhen_SignatureIsOfAnother() external {
        uint256 deadline = block.timestamp;
        Signature memory signature = _sign(bobKey, alice, bob, 7, deadline);
        bytes32 digest = keccak256(
            abi.encodePacked(
                hex"1901",
                domainOf("Civitas Rewards", address(rewards)),
                _enrolment(alice, bob, 7, deadline)
            )
        );
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, alice, digest));
        rewards.enrol(alice, bob, 7, deadline, signature);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedExpired.selector, deadline - 1, deadline));
        rewards.enrol(alice, bob, 7, deadline - 1, signature);
    }

    function test_RevertWhen_AccountIsZero() external {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsBadAccount.selector, address(0)));
        rewards.enrol(alice, address(0), 0, 0, none());
    }

    function test_RevertWhen_SubjectHasNoCredential() external {
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNoCredential.selector, stranger, stranger));
        rewards.enrol(stranger, stranger, 0, 0, none());
    }

    function test_RevertWhen_SubjectIsRetired() external {
        vm.startPrank(alice);
        ids.changeOwner(alice, address(0));
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNoCredential.selector, alice, address(0)));
        rewards.enrol(alice, bob, 0, 0, none());
        vm.stopPrank();
    }

    function test_RevertWhen_TypeDoesNotNumber() external {
        RewardSettings memory other = settings();
        other.personType = DIPLOMA;
        IEcoRewards unnumbered = deployRewards(IWasteLots(address(tickets)), other);
        vm.prank(cityKey);
        registry.issue(DIPLOMA, alice, UNTIL, 0);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotNumbered.selector, DIPLOMA));
        unnumbered.enrol(alice, alice, 0, 0, none());
    }

    function test_RevertWhen_EnrolmentStays() external {
        vm.prank(alice);
        expectError(IEcoRewards.EcoRewardsUnchanged.selector);
        rewards.enrol(alice, alice, 0, 0, none());
    }

    /// @dev Whoever lost a key enrols anew; what is pending goes to the new account, and the person stays one.
    function test_AnotherAccountGetsWhatIsPending() external {
        earn(actOf(aliceId, alice));
        uint256 id = actClaim(aliceId);
        vm.prank(alice);
        assertEq(rewards.enrol(alice, relayer, 0, 0, none()), aliceId, "same person");
        skip(7 days);
        vm.expectEmit(address(rewards));
        emit IEcoRewards.Released(id, relayer, 2.5e6);
        rewards.release(id);
        assertEq(eco.balanceOf(relayer), 2.5e6, "new account");
        assertEq(eco.balanceOf(alice), 0, "old account");
    }

    /// @dev The number moves with the credential to another identity of the person, and so do the rewards.
    function test_NumberMovesToAnotherIdentity() external {
        earn(actOf(aliceId, alice));
        vm.prank(cityKey);
        registry.replaceSubject(RESIDENT, alice, stranger, UNTIL, 0);
        vm.prank(stranger);
        assertEq(rewards.enrol(stranger, stranger, 0, 0, none()), aliceId, "same number");
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNoCredential.selector, alice, alice));
        vm.prank(alice);
        rewards.enrol(alice, alice, 0, 0, none());
    }

    /// @dev A credential issued again with a later end prolongs the enrolment.
    function test_RenewedCredentialRenewsTheEnrolment() external {
        issue(alice, UNTIL + 1 days);
        vm.warp(UNTIL + 1);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotEnrolled.selector, aliceId));
        this.earnNow(aliceId, alice);
        vm.prank(alice);
        rewards.enrol(alice, alice, 0, 0, none());
        assertEq(this.earnNow(aliceId, alice), 2.5e6, "earns again");
    }

    function test_LastSecondOfTheCredentialCounts() external {
        vm.warp(UNTIL);
        assertEq(this.earnNow(aliceId, alice), 2.5e6, "last second");
    }

    // recheck
    // ├─ the credential is current ................... EcoRewardsStillHeld
    // ├─ nobody is enrolled for it ................... EcoRewardsUnchanged
    // └─ it ended, or the identity is retired ........ earns no more, EnrolmentEnded; keeps what it earned

    function test_RevertWhen_CredentialIsCurrent() external {
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsStillHeld.selector, alice));
        rewards.recheck(alice);
    }

    function test_RevertWhen_NobodyIsEnrolled() external {
        expectError(IEcoRewards.EcoRewardsUnchanged.selector);
        rewards.recheck(stranger);
    }

    function test_EndsEnrolmentsOfThoseWhoLeft() external {
        earn(actOf(aliceId, alice));
        uint256 id = actClaim(aliceId);
        vm.prank(cityKey);
        registry.revoke(RESIDENT, alice);
        vm.expectEmit(address(rewards));
        emit IEcoRewards.EnrolmentEnded(aliceId);
        vm.prank(stranger);
        rewards.recheck(alice);
        expectError(IEcoRewards.EcoRewardsUnchanged.selector);
        rewards.recheck(alice);
        skip(1 hours);
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotEnrolled.selector, aliceId));
        this.earnNow(aliceId, alice);
        skip(7 days);
        rewards.release(id);
        assertEq(eco.balanceOf(alice), 2.5e6, "what was earned stays");
    }

    function test_EndsEnrolmentsOfRetiredIdentities() external {
        vm.prank(bob);
        ids.changeOwner(bob, address(0));
        assertTrue(registry.holds(RESIDENT, bob), "stated still");
        vm.expectEmit(address(rewards));
        emit IEcoRewards.EnrolmentEnded(bobId);
        rewards.recheck(bob);
        assertEq(rewards.personOf(bobId).enrolledUntil, 0, "ended");
        vm.expectRevert(abi.encodeWithSelector(IEcoRewards.EcoRewardsNotEnrolled.selector, bobId));
        this.earnNow(bobId, bob);
    }

    // pardon
    // ├─ no strikes .................................. EcoRewardsUnchanged
    // └─ else ........................................ none, Struck

    function test_RevertWhen_NobodyIsStruck() external {
        vm.prank(auditor);
        expectError(IEcoRewards.EcoRewardsUnchanged.selector);
        rewards.pardon(aliceId);
    }

    function test_Pardons() external {
        earn(actOf(aliceId, alice));
        vm.startPrank(auditor);
        rewards.voidClaim(actClaim(aliceId), REASON, 3);
        vm.expectEmit(address(rewards));
        emit IEcoRewards.Struck(aliceId, 0, 0);
        rewards.pardon(aliceId);
        vm.stopPrank();
        Person memory known = rewards.personOf(aliceId);
        assertEq(known.strikes, 0, "strikes");
        assertEq(known.struckUntil, 0, "until");
        assertEq(known.account, alice, "account");
        assertEq(known.enrolledUntil, UNTIL, "enrolment");
        skip(1 days);
        assertEq(this.earnNow(aliceId, alice), 2.5e6, "earns again");
    }

    function earnNow(uint64 person, address to) external returns (uint256 paid) {
        return earn(actOf(person, to));
    }

    function _enrolment(
        address subject,
        address account,
        uint256 nonce,
        uint256 deadline
    ) private pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256("Enrolment(address subject,address account,uint256 nonce,uint256 deadline)"),
                    subject,
                    account,
                    nonce,
                    deadline
                )
            );
    }

    function _sign(
        uint256 key,
        address subject,
        address account,
        uint256 nonce,
        uint256 deadline
    ) private view returns (Signature memory) {
        bytes32 domain = domainOf("Civitas Rewards", address(rewards));
        return signTyped(key, domain, _enrolment(subject, account, nonce, deadline));
    }
}
