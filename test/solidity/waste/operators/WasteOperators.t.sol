// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {CompactSignature} from "../../../../contracts/authority/CompactSignatures.sol";
import {ISigned, Signature} from "../../../../contracts/authority/ISigned.sol";
import {
    Crew,
    CustodyModel,
    FacilityTerms,
    IWasteOperators,
    Operator,
    Parties
} from "../../../../contracts/waste/operators/IWasteOperators.sol";
import {WasteCredentials} from "../../../../contracts/waste/WasteCredentials.sol";
import {WasteFixture} from "../WasteFixture.sol";

/// @dev What the tests of operators share.
abstract contract WasteOperatorsBase is WasteFixture {
    bytes32 internal constant COLLECTS = WasteCredentials.WASTE_COLLECTOR;
    bytes32 internal constant PROCESSES = WasteCredentials.WASTE_FACILITY;
    uint256 internal constant NONCE = 77;
    uint256 internal constant DEADLINE = EPOCH + 1 hours;

    function assertOperator(uint32 operatorId, address account, bool collects, bool processes) internal view {
        Operator memory operator = operators.operatorOf(operatorId);
        assertEq(operator.account, account, "account");
        assertTrue(operator.collector == collects, "collector");
        assertTrue(operator.facility == processes, "facility");
    }

    function assertTerms(FacilityTerms memory found, FacilityTerms memory expected) internal pure {
        assertEq(keccak256(abi.encode(found)), keccak256(abi.encode(expected)), "terms");
    }

    function expectUnknown(uint32 operatorId) internal {
        vm.expectRevert(abi.encodeWithSelector(IWasteOperators.WasteOperatorsUnknown.selector, operatorId));
    }

    function expectUnchanged(uint32 operatorId) internal {
        vm.expectRevert(abi.encodeWithSelector(IWasteOperators.WasteOperatorsUnchanged.selector, operatorId));
    }

    function expectUnauthorized(address caller) internal {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller));
    }
}

contract WasteOperatorsAdmissionTest is WasteOperatorsBase {
    uint32 private constant NEXT = COMBINED + 1;

    address private _newcomer;
    uint256 private _newcomerKey;

    function setUp() public override {
        super.setUp();
        (_newcomer, _newcomerKey) = actor("newcomer");
    }

    function test_KnowsItsRegistries() external view {
        assertEq(operators.authority(), address(manager), "authority");
        assertEq(address(operators.identities()), address(identities), "identities");
        assertEq(address(operators.credentials()), address(credentials), "credentials");
    }

    // admit
    // ├─ the identity is retired ......................... WasteOperatorsRetired
    // ├─ the identity owns an operator ................... WasteOperatorsTaken
    // ├─ it holds neither credential ..................... WasteOperatorsNoCredential
    // ├─ neither called nor signed by its owner .......... SignedInvalidSignature
    // ├─ the message is used or late ..................... SignedNonceUsed, SignedExpired
    // └─ else ............................................ next number, OperatorAdmitted, OperatorChecked
    //    ├─ with either credential, or both
    //    ├─ the owner calls, or somebody with its signature
    //    └─ whoever owns the identity now

    function test_RevertWhen_IdentityOwnsAnOperator() external {
        vm.expectRevert(abi.encodeWithSelector(IWasteOperators.WasteOperatorsTaken.selector, facility, FACILITY));
        admit(facility);
    }

    function test_RevertWhen_IdentityHoldsNeitherCredential() external {
        credentials.set(WasteCredentials.WASTE_GATEWAY, _newcomer, true);
        vm.expectRevert(abi.encodeWithSelector(IWasteOperators.WasteOperatorsNoCredential.selector, _newcomer));
        admit(_newcomer);
    }

    function test_RevertWhen_OwnerDoesNotAskForTheNumber() external {
        credentials.set(COLLECTS, _newcomer, true);
        Signature[3] memory signatures = [
            Signature({key: "", data: ""}),
            _sign(collectorCrewKey, _newcomer, NONCE),
            _sign(_newcomerKey, _newcomer, NONCE + 1)
        ];
        for (uint256 i = 0; i < signatures.length; ++i) {
            _expectNotSigned(_newcomer);
            vm.prank(stranger);
            operators.admit(_newcomer, NONCE, DEADLINE, signatures[i]);
        }
        Signature memory signature = _sign(_newcomerKey, _newcomer, NONCE);
        vm.warp(DEADLINE + 1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedExpired.selector, DEADLINE, DEADLINE + 1));
        operators.admit(_newcomer, NONCE, DEADLINE, signature);
        assertEq(operators.numberOf(_newcomer), 0, "no number");
    }

    function test_AdmitsWhoeverHoldsOneOrBoth() external {
        address[3] memory accounts = [_newcomer, gateway, stranger];
        for (uint32 i = 0; i < accounts.length; ++i) {
            bool collects = i != 1;
            bool processes = i != 0;
            credentials.set(COLLECTS, accounts[i], collects);
            credentials.set(PROCESSES, accounts[i], processes);
            vm.expectEmit(address(operators));
            emit IWasteOperators.OperatorAdmitted(NEXT + i, accounts[i]);
            vm.expectEmit(address(operators));
            emit IWasteOperators.OperatorChecked(NEXT + i, collects, processes);
            assertEq(admit(accounts[i]), NEXT + i, "number");
            assertOperator(NEXT + i, accounts[i], collects, processes);
            assertEq(operators.numberOf(accounts[i]), NEXT + i, "number of account");
            assertFalse(operators.isNonceUsed(accounts[i], 0), "a call uses no nonce");
        }
        assertOperator(NEXT + 3, address(0), false, false);
        assertEq(operators.numberOf(fleet), 0, "no operator");
    }

    function test_AnybodyBringsAnAdmissionThatTheOwnerSigned() external {
        credentials.set(COLLECTS, _newcomer, true);
        Signature memory signature = _sign(_newcomerKey, _newcomer, NONCE);
        vm.expectEmit(address(operators));
        emit IWasteOperators.OperatorAdmitted(NEXT, _newcomer);
        vm.prank(stranger);
        assertEq(operators.admit(_newcomer, NONCE, DEADLINE, signature), NEXT, "number");
        assertTrue(operators.isNonceUsed(_newcomer, NONCE), "nonce");

        // Who gave its operator away is not given another one by the same message.
        credentials.set(COLLECTS, gateway, true);
        vm.prank(gateway);
        identities.changeOwner(gateway, _newcomer);
        Signature memory none;
        vm.prank(_newcomer);
        operators.handOver(NEXT, gateway, 0, 0, none);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, _newcomer, NONCE));
        operators.admit(_newcomer, NONCE, DEADLINE, signature);
    }

    function test_OwnerOfTheIdentityIsAskedForAdmission() external {
        credentials.set(COLLECTS, _newcomer, true);
        vm.prank(_newcomer);
        identities.changeOwner(_newcomer, stranger);
        Signature memory signature = _sign(_newcomerKey, _newcomer, NONCE);
        _expectNotSigned(stranger);
        vm.prank(_newcomer);
        operators.admit(_newcomer, NONCE, DEADLINE, signature);
        vm.prank(stranger);
        assertEq(operators.admit(_newcomer, NONCE, DEADLINE, signature), NEXT, "number");
        assertEq(operators.numberOf(stranger), 0, "the identity's, not its owner's");
    }

    function test_RevertWhen_RetiredIdentityIsAdmitted() external {
        credentials.set(COLLECTS, _newcomer, true);
        vm.prank(_newcomer);
        identities.changeOwner(_newcomer, address(0));
        Signature memory broken = Signature({key: "", data: new bytes(65)});
        vm.expectRevert(abi.encodeWithSelector(IWasteOperators.WasteOperatorsRetired.selector, _newcomer));
        operators.admit(_newcomer, NONCE, DEADLINE, broken);
    }

    // recheck
    // ├─ unknown ......................................... WasteOperatorsUnknown
    // ├─ it holds what it held ........................... WasteOperatorsUnchanged
    // ├─ its identity is retired ......................... OperatorChecked with neither mark, whatever it holds
    // └─ else ............................................ OperatorChecked; the licence stays for the day it comes back

    function test_RevertWhen_UnknownOperatorIsRechecked() external {
        expectUnknown(0);
        operators.recheck(0);
        expectUnknown(NEXT);
        operators.recheck(NEXT);
    }

    function test_RevertWhen_CredentialsAreAsBefore() external {
        expectUnchanged(COMBINED);
        operators.recheck(COMBINED);
    }

    function test_RecheckFollowsTheCredentials() external {
        bool[4] memory collects = [false, false, true, true];
        bool[4] memory processes = [true, false, false, true];
        for (uint256 i = 0; i < collects.length; ++i) {
            credentials.set(COLLECTS, combined, collects[i]);
            credentials.set(PROCESSES, combined, processes[i]);
            vm.expectEmit(address(operators));
            emit IWasteOperators.OperatorChecked(COMBINED, collects[i], processes[i]);
            vm.prank(stranger);
            operators.recheck(COMBINED);
            assertOperator(COMBINED, combined, collects[i], processes[i]);
            FacilityTerms memory none;
            assertTerms(operators.facilityOf(COMBINED), processes[i] ? plainTerms() : none);
        }
    }

    function test_RecheckEndsTheMarksOfARetiredIdentity() external {
        vm.prank(combined);
        identities.changeOwner(combined, address(0));
        assertOperator(COMBINED, combined, true, true);
        assertTrue(credentials.holds(COLLECTS, combined) && credentials.holds(PROCESSES, combined), "stated still");
        vm.expectEmit(address(operators));
        emit IWasteOperators.OperatorChecked(COMBINED, false, false);
        vm.prank(stranger);
        operators.recheck(COMBINED);
        assertOperator(COMBINED, combined, false, false);
        (uint32 operatorId, ) = operators.collectorOf(combinedCrew, 0);
        assertEq(operatorId, 0, "collects nothing");
        FacilityTerms memory none;
        (operatorId, ) = operators.facilityBy(combinedCrew);
        assertEq(operatorId, 0, "processes nothing");
        assertTerms(operators.facilityOf(COMBINED), none);
        Parties memory parties = operators.partiesOf(combinedCrew, combinedCrew);
        assertEq(parties.sender, COMBINED, "hands its lots on");
        assertFalse(parties.licensed, "and takes none");
        expectUnchanged(COMBINED);
        operators.recheck(COMBINED);
    }

    function test_CredentialThatEndedCountsUntilItIsRechecked() external {
        credentials.set(COLLECTS, collector, false);
        (uint32 operatorId, ) = operators.collectorOf(collectorCrew, 0);
        assertEq(operatorId, COLLECTOR, "as last checked");
        operators.recheck(COLLECTOR);
        (operatorId, ) = operators.collectorOf(collectorCrew, 0);
        assertEq(operatorId, 0, "not any more");
        assertEq(operators.crewOf(collectorCrew).operatorId, COLLECTOR, "the key stays");
    }

    function _sign(
        uint256 privateKey,
        address account,
        uint256 nonce
    ) private view returns (Signature memory signature) {
        bytes32 structHash = keccak256(abi.encode(ADMISSION_TYPE, account, nonce, DEADLINE));
        return signTyped(privateKey, domainOf(OPERATORS_DOMAIN, address(operators)), structHash);
    }

    /// @dev That the newcomer's admission is not signed by somebody.
    function _expectNotSigned(address signer) private {
        bytes32 structHash = keccak256(abi.encode(ADMISSION_TYPE, _newcomer, NONCE, DEADLINE));
        bytes32 digest = digestOf(domainOf(OPERATORS_DOMAIN, address(operators)), structHash);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, signer, digest));
    }
}

contract WasteOperatorsHandoverTest is WasteOperatorsBase {
    bytes32 private constant HANDOVER_TYPE = keccak256(
        "OperatorHandover(uint32 operatorId,address account,uint256 nonce,uint256 deadline)"
    );

    address private _successor;
    uint256 private _successorKey;
    Signature private _none;

    function setUp() public override {
        super.setUp();
        (_successor, _successorKey) = actor("successor");
    }

    // handOver
    // ├─ unknown ......................................... WasteOperatorsUnknown
    // ├─ the caller is not the owner of its identity ..... WasteOperatorsNotOwner
    // ├─ the other one is retired ........................ WasteOperatorsRetired
    // ├─ the other one owns an operator .................. WasteOperatorsTaken
    // ├─ the other one holds neither credential .......... WasteOperatorsNoCredential
    // ├─ its owner did not agree ......................... SignedInvalidSignature
    // └─ else ............................................ OperatorHandedOver
    //    ├─ other credentials than before ................ OperatorChecked
    //    ├─ there was a licence .......................... ended, FacilityLicensed
    //    ├─ permits are the former one's; keys stay
    //    └─ who owns both need not sign

    function test_RevertWhen_UnknownOperatorIsHandedOver() external {
        expectUnknown(99);
        _handOver(99, collector);
    }

    function test_RevertWhen_CallerIsNotTheOwner() external {
        _accredit(true, false);
        address[3] memory callers = [_successor, collectorCrew, licensing];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IWasteOperators.WasteOperatorsNotOwner.selector, COLLECTOR, callers[i])
            );
            _handOver(COLLECTOR, callers[i]);
        }
    }

    function test_RevertWhen_SuccessorOwnsAnOperatorOrTheSame() external {
        address[2] memory accounts = [rival, collector];
        uint32[2] memory owned = [RIVAL, COLLECTOR];
        for (uint256 i = 0; i < accounts.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IWasteOperators.WasteOperatorsTaken.selector, accounts[i], owned[i])
            );
            vm.prank(collector);
            operators.handOver(COLLECTOR, accounts[i], NONCE, DEADLINE, _none);
        }
    }

    function test_RevertWhen_HandedOverToARetiredIdentity() external {
        _accredit(true, false);
        _retire(_successor);
        vm.expectRevert(abi.encodeWithSelector(IWasteOperators.WasteOperatorsRetired.selector, _successor));
        _handOver(COLLECTOR, collector);
    }

    function test_RevertWhen_SuccessorHoldsNothing() external {
        vm.expectRevert(abi.encodeWithSelector(IWasteOperators.WasteOperatorsNoCredential.selector, _successor));
        _handOver(COLLECTOR, collector);
    }

    function test_RevertWhen_SuccessorDidNotAgree() external {
        _accredit(true, false);
        bytes32 digest = digestOf(domainOf(OPERATORS_DOMAIN, address(operators)), _message(COLLECTOR));
        Signature memory signature = signTyped(
            _successorKey,
            domainOf(OPERATORS_DOMAIN, address(operators)),
            _message(RIVAL)
        );
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, _successor, digest));
        vm.prank(collector);
        operators.handOver(COLLECTOR, _successor, NONCE, DEADLINE, signature);
    }

    function test_HandsOverToWhoAgrees() external {
        _accredit(true, false);
        permitFor(COLLECTOR, TUBES);
        vm.recordLogs();
        _handOver(COLLECTOR, collector);
        assertEq(vm.getRecordedLogs().length, 1, "nothing but the handover is told");
        assertOperator(COLLECTOR, _successor, true, false);
        assertEq(operators.numberOf(_successor), COLLECTOR, "number");
        assertEq(operators.numberOf(collector), 0, "former number");
        assertTrue(operators.isNonceUsed(_successor, NONCE), "nonce");
        (uint32 operatorId, uint40 until) = operators.collectorOf(collectorCrew, TUBES);
        assertEq(operatorId, COLLECTOR, "keys stay");
        assertEq(until, 0, "permits do not");
        assertEq(operators.permitOf(COLLECTOR, TUBES), 0, "permit");

        permitFor(COLLECTOR, TUBES);
        assertEq(operators.permitOf(COLLECTOR, TUBES), UNTIL, "a new one is not the former one's");
        assertEq(admit(collector), COMBINED + 1, "the former one begins anew");
        assertEq(operators.permitOf(COMBINED + 1, TUBES), UNTIL, "with what it was permitted");
    }

    function test_TellsHandoverAndWhatItEnds() external {
        _accredit(true, false);
        FacilityTerms memory none;
        vm.expectEmit(address(operators));
        emit IWasteOperators.OperatorHandedOver(COMBINED, combined, _successor);
        vm.expectEmit(address(operators));
        emit IWasteOperators.OperatorChecked(COMBINED, true, false);
        vm.expectEmit(address(operators));
        emit IWasteOperators.FacilityLicensed(COMBINED, none);
        _handOver(COMBINED, combined);
        assertOperator(COMBINED, _successor, true, false);
        setCredential(PROCESSES, _successor, true);
        assertTerms(operators.facilityOf(COMBINED), none);
    }

    function test_TellsThatOneIsACollectorNow() external {
        _accredit(true, true);
        vm.expectEmit(address(operators));
        emit IWasteOperators.OperatorChecked(FACILITY, true, true);
        _handOver(FACILITY, facility);
        assertOperator(FACILITY, _successor, true, true);
    }

    function test_OwnerOfBothNeedNotSign() external {
        _accredit(true, false);
        vm.prank(_successor);
        identities.changeOwner(_successor, collector);
        vm.prank(collector);
        operators.handOver(COLLECTOR, _successor, 0, 0, _none);
        assertOperator(COLLECTOR, _successor, true, false);
        // And is still the one who names keys.
        appoint(COLLECTOR, _successorKey);
        assertEq(operators.crewOf(_successor).operatorId, COLLECTOR, "named by the owner of both");
    }

    // appointSuccessor
    // ├─ the caller has not WASTE_LICENSING .............. AccessManagedUnauthorized
    // ├─ unknown ......................................... WasteOperatorsUnknown
    // ├─ its identity is not retired ..................... WasteOperatorsNotRetired
    // ├─ the other one is retired, or the same ........... WasteOperatorsRetired
    // ├─ the other one owns an operator .................. WasteOperatorsTaken
    // ├─ the other one holds neither credential .......... WasteOperatorsNoCredential
    // └─ else ............................................ as handOver, and nobody is asked

    function test_RevertWhen_CallerMayNotAppointSuccessors() external {
        _accredit(true, false);
        _retire(collector);
        address[3] memory callers = [_successor, collector, collectorCrew];
        for (uint256 i = 0; i < callers.length; ++i) {
            expectUnauthorized(callers[i]);
            vm.prank(callers[i]);
            operators.appointSuccessor(COLLECTOR, _successor);
        }
    }

    function test_RevertWhen_UnknownOperatorGetsASuccessor() external {
        expectUnknown(99);
        _appointSuccessor(99, _successor);
    }

    function test_RevertWhen_OperatorStillHasAnOwner() external {
        _accredit(true, false);
        setCredential(COLLECTS, collector, false);
        vm.prank(collector);
        identities.changeOwner(collector, stranger);
        vm.expectRevert(
            abi.encodeWithSelector(IWasteOperators.WasteOperatorsNotRetired.selector, COLLECTOR, collector)
        );
        _appointSuccessor(COLLECTOR, _successor);
    }

    function test_RevertWhen_SuccessorIsRetiredItself() external {
        _accredit(true, false);
        _retire(collector);
        _retire(_successor);
        address[3] memory accounts = [_successor, collector, address(0)];
        for (uint256 i = 0; i < accounts.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IWasteOperators.WasteOperatorsRetired.selector, accounts[i]));
            _appointSuccessor(COLLECTOR, accounts[i]);
        }
    }

    function test_RevertWhen_AppointedSuccessorOwnsAnOperatorOrHoldsNothing() external {
        _retire(collector);
        vm.expectRevert(abi.encodeWithSelector(IWasteOperators.WasteOperatorsTaken.selector, rival, RIVAL));
        _appointSuccessor(COLLECTOR, rival);
        vm.expectRevert(abi.encodeWithSelector(IWasteOperators.WasteOperatorsNoCredential.selector, _successor));
        _appointSuccessor(COLLECTOR, _successor);
    }

    function test_SuccessorOfARetiredIdentityHasAllButItsLicences() external {
        _accredit(true, false);
        permitFor(COMBINED, TUBES);
        _retire(combined);
        FacilityTerms memory none;
        vm.expectEmit(address(operators));
        emit IWasteOperators.OperatorHandedOver(COMBINED, combined, _successor);
        vm.expectEmit(address(operators));
        emit IWasteOperators.OperatorChecked(COMBINED, true, false);
        vm.expectEmit(address(operators));
        emit IWasteOperators.FacilityLicensed(COMBINED, none);
        _appointSuccessor(COMBINED, _successor);
        assertOperator(COMBINED, _successor, true, false);
        assertEq(operators.numberOf(_successor), COMBINED, "number");
        assertEq(operators.numberOf(combined), 0, "former number");
        (uint32 operatorId, uint40 until) = operators.collectorOf(combinedCrew, TUBES);
        assertEq(operatorId, COMBINED, "keys stay");
        assertEq(until, 0, "permits do not");

        changeCrew(_successor, COMBINED, combinedCrew, 0);
        assertEq(operators.crewOf(combinedCrew).until, 0, "until the successor dismisses them");
    }

    function test_SuccessorWithTheSameCredentialsIsToldOnce() external {
        _accredit(true, false);
        _retire(collector);
        vm.recordLogs();
        _appointSuccessor(COLLECTOR, _successor);
        assertEq(vm.getRecordedLogs().length, 1, "nothing but the handover is told");
        assertOperator(COLLECTOR, _successor, true, false);
    }

    function _retire(address account) private {
        vm.prank(account);
        identities.changeOwner(account, address(0));
    }

    function _appointSuccessor(uint32 operatorId, address account) private {
        vm.prank(licensing);
        operators.appointSuccessor(operatorId, account);
    }

    function _accredit(bool collects, bool processes) private {
        credentials.set(COLLECTS, _successor, collects);
        credentials.set(PROCESSES, _successor, processes);
    }

    function _message(uint32 operatorId) private view returns (bytes32 hash) {
        return keccak256(abi.encode(HANDOVER_TYPE, operatorId, _successor, NONCE, DEADLINE));
    }

    /// @dev To the successor, who agrees.
    function _handOver(uint32 operatorId, address caller) private {
        Signature memory signature = signTyped(
            _successorKey,
            domainOf(OPERATORS_DOMAIN, address(operators)),
            _message(operatorId)
        );
        vm.prank(caller);
        operators.handOver(operatorId, _successor, NONCE, DEADLINE, signature);
    }
}

contract WasteOperatorsCrewTest is WasteOperatorsBase {
    address private _driver;
    uint256 private _driverKey;
    uint256 private _ownerKey;
    Signature private _none;
    CompactSignature private _noConsent;

    function setUp() public override {
        super.setUp();
        (_driver, _driverKey) = actor("driver");
        (, _ownerKey) = actor("collector");
    }

    // setCrew
    // ├─ unknown ......................................... WasteOperatorsUnknown
    // ├─ the key is zero, or is or was another one's ..... WasteOperatorsBadKey
    // ├─ it signs just so long ........................... WasteOperatorsUnchanged
    // ├─ neither called nor signed by the owner .......... SignedInvalidSignature
    // ├─ the message is used or late ..................... SignedNonceUsed, SignedExpired
    // ├─ the key never signed for anybody, does not call
    // │  ├─ and did not sign just that ................... WasteOperatorsNoConsent
    // │  └─ or its consent is late ....................... SignedExpired, also if the owner calls
    // └─ else ............................................ CrewSet
    //    ├─ the owner calls, or somebody with its signature
    //    ├─ whoever owns the identity now
    //    ├─ the key calls, also that of a contract
    //    └─ the operator had the key before .............. its consent is not looked at

    function test_RevertWhen_OperatorOfACrewIsUnknown() external {
        expectUnknown(0);
        changeCrew(collector, 0, _driver, UNTIL);
    }

    function test_RevertWhen_KeyIsZeroOrAnotherOnes() external {
        _expectBadKey(address(0), 0);
        changeCrew(collector, COLLECTOR, address(0), UNTIL);
        _expectBadKey(rivalCrew, RIVAL);
        changeCrew(collector, COLLECTOR, rivalCrew, UNTIL);
        changeCrew(rival, RIVAL, rivalCrew, 0);
        _expectBadKey(rivalCrew, RIVAL);
        changeCrew(collector, COLLECTOR, rivalCrew, UNTIL);
        // Nor with the key's own consent.
        CompactSignature memory consent = signConsent(operators, rivalCrewKey, COLLECTOR, UNTIL, DEADLINE);
        _expectBadKey(rivalCrew, RIVAL);
        vm.prank(collector);
        operators.setCrew(COLLECTOR, rivalCrew, UNTIL, 0, DEADLINE, _none, consent);
    }

    function test_RevertWhen_CrewStaysAsItIs() external {
        expectUnchanged(COLLECTOR);
        changeCrew(collector, COLLECTOR, collectorCrew, UNTIL);
        expectUnchanged(COLLECTOR);
        changeCrew(collector, COLLECTOR, _driver, 0);
    }

    function test_OwnerAppointsProlongsAndDismisses() external {
        uint40[4] memory untils = [uint40(EPOCH + 1 days), UNTIL, 0, UNTIL];
        CompactSignature memory consent = signConsent(operators, _driverKey, COLLECTOR, untils[0], DEADLINE);
        for (uint256 i = 0; i < untils.length; ++i) {
            vm.expectEmit(address(operators));
            emit IWasteOperators.CrewSet(COLLECTOR, _driver, untils[i]);
            vm.prank(collector);
            // Asked once: later the deadline of the consent is over, and it is of another time.
            operators.setCrew(COLLECTOR, _driver, untils[i], 0, DEADLINE, _none, consent);
            Crew memory crew = operators.crewOf(_driver);
            assertEq(crew.operatorId, COLLECTOR, "operator");
            assertEq(crew.until, untils[i], "until");
            vm.warp(DEADLINE + 1);
        }
        assertFalse(operators.isNonceUsed(collector, 0), "a call uses no nonce");
        assertFalse(operators.isNonceUsed(_driver, 0), "nor does a consent");
    }

    function test_RevertWhen_KeyDidNotAgree() external {
        _expectNoConsent(_driver, address(0));
        changeCrew(collector, COLLECTOR, _driver, UNTIL);
        // Somebody else agreed for it.
        bytes32 asked = _digest(COLLECTOR, UNTIL, 0, DEADLINE);
        _expectNotAgreed(collectorCrew, signCompact(collectorCrewKey, asked));
        // To another operator, another time, another nonce, another deadline.
        bytes32[4] memory digests = [
            _digest(RIVAL, UNTIL, 0, DEADLINE),
            _digest(COLLECTOR, UNTIL - 1, 0, DEADLINE),
            _digest(COLLECTOR, UNTIL, NONCE, DEADLINE),
            _digest(COLLECTOR, UNTIL, 0, DEADLINE + 1)
        ];
        for (uint256 i = 0; i < digests.length; ++i) {
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(_driverKey, digests[i]);
            _expectNotAgreed(ecrecover(asked, v, r, s), signCompact(_driverKey, digests[i]));
        }
        assertEq(operators.crewOf(_driver).operatorId, 0, "nobody's");
    }

    function test_RevertWhen_ConsentIsLate() external {
        CompactSignature memory consent = signConsent(operators, _driverKey, COLLECTOR, UNTIL, DEADLINE);
        vm.warp(DEADLINE + 1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedExpired.selector, DEADLINE, DEADLINE + 1));
        vm.prank(collector);
        operators.setCrew(COLLECTOR, _driver, UNTIL, 0, DEADLINE, _none, consent);
        vm.warp(DEADLINE);
        vm.prank(collector);
        operators.setCrew(COLLECTOR, _driver, UNTIL, 0, DEADLINE, _none, consent);
        assertEq(operators.crewOf(_driver).until, UNTIL, "in the last second");
    }

    function test_KeyThatCallsNeedNotSign() external {
        appointCaller(COLLECTOR, _ownerKey, _driver);
        assertEq(operators.crewOf(_driver).operatorId, COLLECTOR, "plain key");
        // A contract cannot sign, so it calls or is not appointed.
        _expectNoConsent(address(this), address(0));
        changeCrew(collector, COLLECTOR, address(this), UNTIL);
        appointCaller(COLLECTOR, _ownerKey, address(this));
        assertEq(operators.crewOf(address(this)).operatorId, COLLECTOR, "contract");
        // An owner's own key.
        changeCrew(collector, COLLECTOR, collector, UNTIL);
        assertEq(operators.crewOf(collector).operatorId, COLLECTOR, "owner");
    }

    function test_AnybodyBringsWhatOwnerAndKeySigned() external {
        (Signature memory signature, CompactSignature memory consent) = (_sign(_ownerKey), _agree());
        _expectNoConsent(_driver, address(0));
        operators.setCrew(COLLECTOR, _driver, UNTIL, NONCE, DEADLINE, signature, _noConsent);
        vm.expectEmit(address(operators));
        emit IWasteOperators.CrewSet(COLLECTOR, _driver, UNTIL);
        vm.prank(stranger);
        operators.setCrew(COLLECTOR, _driver, UNTIL, NONCE, DEADLINE, signature, consent);
        assertTrue(operators.isNonceUsed(collector, NONCE), "nonce");

        // A dismissed key does not come back by the same message.
        changeCrew(collector, COLLECTOR, _driver, 0);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, collector, NONCE));
        operators.setCrew(COLLECTOR, _driver, UNTIL, NONCE, DEADLINE, signature, consent);
    }

    function test_RevertWhen_MessageIsLate() external {
        (Signature memory signature, CompactSignature memory consent) = (_sign(_ownerKey), _agree());
        vm.warp(DEADLINE + 1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedExpired.selector, DEADLINE, DEADLINE + 1));
        operators.setCrew(COLLECTOR, _driver, UNTIL, NONCE, DEADLINE, signature, consent);
    }

    function test_RevertWhen_SomebodyElseSigned() external {
        (Signature memory signature, CompactSignature memory consent) = (_sign(_driverKey), _agree());
        bytes32 digest = _digest(COLLECTOR, UNTIL, NONCE, DEADLINE);
        address[2] memory callers = [collectorCrew, _driver];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, collector, digest));
            vm.prank(callers[i]);
            operators.setCrew(COLLECTOR, _driver, UNTIL, NONCE, DEADLINE, signature, consent);
        }
    }

    function test_OwnerOfTheIdentityIsAsked() external {
        vm.prank(collector);
        identities.changeOwner(collector, stranger);
        bytes32 digest = _digest(COLLECTOR, UNTIL, NONCE, DEADLINE);
        (Signature memory signature, CompactSignature memory consent) = (_sign(_ownerKey), _agree());
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, stranger, digest));
        vm.prank(collector);
        operators.setCrew(COLLECTOR, _driver, UNTIL, NONCE, DEADLINE, signature, consent);
        vm.prank(stranger);
        operators.setCrew(COLLECTOR, _driver, UNTIL, NONCE, DEADLINE, _none, consent);
        assertEq(operators.crewOf(_driver).until, UNTIL, "appointed");
    }

    function test_RetiredIdentityAppointsNobody() external {
        vm.prank(collector);
        identities.changeOwner(collector, address(0));
        bytes32 digest = _digest(COLLECTOR, UNTIL, NONCE, DEADLINE);
        Signature memory broken = Signature({key: "", data: new bytes(65)});
        CompactSignature memory consent = _agree();
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, address(0), digest));
        operators.setCrew(COLLECTOR, _driver, UNTIL, NONCE, DEADLINE, broken, consent);
    }

    function _hash(uint32 operatorId, uint40 until, uint256 nonce, uint256 deadline) private view returns (bytes32) {
        return keccak256(abi.encode(CREW_TYPE, operatorId, _driver, until, nonce, deadline));
    }

    function _digest(uint32 operatorId, uint40 until, uint256 nonce, uint256 deadline) private view returns (bytes32) {
        return digestOf(domainOf(OPERATORS_DOMAIN, address(operators)), _hash(operatorId, until, nonce, deadline));
    }

    function _sign(uint256 privateKey) private view returns (Signature memory signature) {
        bytes32 structHash = _hash(COLLECTOR, UNTIL, NONCE, DEADLINE);
        return signTyped(privateKey, domainOf(OPERATORS_DOMAIN, address(operators)), structHash);
    }

    /// @dev The driver's consent, of the message that {_sign} signs.
    function _agree() private view returns (CompactSignature memory consent) {
        return signCompact(_driverKey, _digest(COLLECTOR, UNTIL, NONCE, DEADLINE));
    }

    function _expectBadKey(address key, uint32 operatorId) private {
        vm.expectRevert(abi.encodeWithSelector(IWasteOperators.WasteOperatorsBadKey.selector, key, operatorId));
    }

    function _expectNoConsent(address key, address signer) private {
        vm.expectRevert(
            abi.encodeWithSelector(IWasteOperators.WasteOperatorsNoConsent.selector, COLLECTOR, key, signer)
        );
    }

    /// @dev That the driver's consent is refused as somebody else's.
    function _expectNotAgreed(address signer, CompactSignature memory consent) private {
        _expectNoConsent(_driver, signer);
        vm.prank(collector);
        operators.setCrew(COLLECTOR, _driver, UNTIL, 0, DEADLINE, _none, consent);
    }
}

contract WasteOperatorsLicensingTest is WasteOperatorsBase {
    // permit
    // ├─ the caller has not WASTE_LICENSING .............. AccessManagedUnauthorized
    // ├─ unknown ......................................... WasteOperatorsUnknown
    // ├─ just so ......................................... WasteOperatorsUnchanged
    // └─ else ............................................ PermitSet

    function test_RevertWhen_CallerMayNotLicense() external {
        vm.startPrank(collector);
        expectUnauthorized(collector);
        operators.permit(COLLECTOR, TUBES, UNTIL);
        expectUnauthorized(collector);
        operators.license(FACILITY, plainTerms());
        vm.stopPrank();
    }

    function test_RevertWhen_UnknownOperatorIsPermittedOrLicensed() external {
        vm.startPrank(licensing);
        expectUnknown(99);
        operators.permit(99, TUBES, UNTIL);
        expectUnknown(99);
        operators.license(99, plainTerms());
        vm.stopPrank();
    }

    function test_PermitsAndWithdraws() external {
        uint40[3] memory untils = [UNTIL, uint40(EPOCH), 0];
        vm.startPrank(licensing);
        expectUnchanged(COLLECTOR);
        operators.permit(COLLECTOR, TUBES, 0);
        for (uint256 i = 0; i < untils.length; ++i) {
            vm.expectEmit(address(operators));
            emit IWasteOperators.PermitSet(COLLECTOR, TUBES, untils[i]);
            operators.permit(COLLECTOR, TUBES, untils[i]);
            assertEq(operators.permitOf(COLLECTOR, TUBES), untils[i], "until");
            assertEq(operators.permitOf(COLLECTOR, OLD_BATTERIES), 0, "another code");
            assertEq(operators.permitOf(RIVAL, TUBES), 0, "another operator");
            expectUnchanged(COLLECTOR);
            operators.permit(COLLECTOR, TUBES, untils[i]);
        }
        vm.stopPrank();
    }

    // license
    // ├─ the caller has not WASTE_LICENSING .............. AccessManagedUnauthorized
    // ├─ unknown ......................................... WasteOperatorsUnknown
    // ├─ no WASTE_FACILITY ............................... WasteOperatorsNoCredential
    // ├─ tolerance, loss or conversion out of range, no
    // │  model, or no balance period where lots mix ...... WasteOperatorsBadTerms
    // ├─ just so ......................................... WasteOperatorsUnchanged
    // └─ else ............................................ FacilityLicensed

    function test_RevertWhen_CollectorIsLicensed() external {
        vm.expectRevert(abi.encodeWithSelector(IWasteOperators.WasteOperatorsNoCredential.selector, collector));
        licenseFor(COLLECTOR, plainTerms());
    }

    function test_RevertWhen_TermsAreOutOfRange() external {
        FacilityTerms memory terms = plainTerms();
        terms.toleranceBp = 1_001;
        _expectBadTerms(1, 1_001, 1_000);
        licenseFor(FACILITY, terms);
        terms = plainTerms();
        terms.maxLossBp = 10_001;
        _expectBadTerms(2, 10_001, 10_000);
        licenseFor(FACILITY, terms);
        terms = plainTerms();
        terms.conversionPct = 0;
        _expectBadTerms(3, 0, 1);
        licenseFor(FACILITY, terms);
        terms.conversionPct = 101;
        _expectBadTerms(3, 101, 100);
        licenseFor(FACILITY, terms);
        terms = plainTerms();
        terms.model = CustodyModel.None;
        _expectBadTerms(4, 0, 1);
        licenseFor(FACILITY, terms);
        for (uint256 i = uint256(CustodyModel.Segregated) + 1; i <= uint256(type(CustodyModel).max); ++i) {
            terms.model = CustodyModel(i);
            _expectBadTerms(5, 0, 1);
            licenseFor(FACILITY, terms);
        }
    }

    function test_LicensesWithinItsRanges() external {
        FacilityTerms memory terms = FacilityTerms({
            until: type(uint32).max,
            toleranceBp: 1_000,
            maxLossBp: 10_000,
            conversionPct: 100,
            model: CustodyModel.BookAndClaim,
            balanceDays: type(uint16).max
        });
        _license(terms);
        terms = FacilityTerms({
            until: 0,
            toleranceBp: 0,
            maxLossBp: 0,
            conversionPct: 1,
            model: CustodyModel.Segregated,
            balanceDays: 0
        });
        _license(terms);
        expectUnchanged(FACILITY);
        licenseFor(FACILITY, terms);
        assertTerms(operators.facilityOf(INCINERATOR), plainTerms());
    }

    function _license(FacilityTerms memory terms) private {
        vm.expectEmit(address(operators));
        emit IWasteOperators.FacilityLicensed(FACILITY, terms);
        licenseFor(FACILITY, terms);
        assertTerms(operators.facilityOf(FACILITY), terms);
        assertOperator(FACILITY, facility, false, true);
    }

    function _expectBadTerms(uint256 field, uint256 value, uint256 limit) private {
        vm.expectRevert(abi.encodeWithSelector(IWasteOperators.WasteOperatorsBadTerms.selector, field, value, limit));
    }
}

contract WasteOperatorsViewsTest is WasteOperatorsBase {
    uint40 private constant SHIFT_END = uint40(EPOCH + 8 hours);
    address private _driver;

    function setUp() public override {
        super.setUp();
        uint256 driverKey;
        (_driver, driverKey) = actor("driver");
        appoint(COMBINED, driverKey, SHIFT_END);
    }

    // collectorOf
    // ├─ the key is unknown, over or dismissed ........... zero
    // ├─ its operator is no collector .................... zero
    // └─ else ............................................ the operator
    //    ├─ no code ...................................... no permit is looked at
    //    └─ a code ....................................... until when it may carry it

    function test_CollectorIsFoundByItsKey() external {
        permitFor(COMBINED, TUBES);
        _assertCollector(_driver, 0, COMBINED, 0);
        _assertCollector(_driver, TUBES, COMBINED, UNTIL);
        _assertCollector(_driver, OLD_BATTERIES, COMBINED, 0);
        _assertCollector(rivalCrew, TUBES, RIVAL, 0);
        _assertCollector(facilityCrew, 0, 0, 0);
        _assertCollector(stranger, 0, 0, 0);
        _assertCollector(address(0), 0, 0, 0);
        // An identity is no key.
        _assertCollector(collector, 0, 0, 0);
        permitFor(FACILITY, TUBES);
        _assertCollector(facilityCrew, TUBES, 0, 0);
    }

    function test_KeySignsToItsLastSecond() external {
        vm.warp(SHIFT_END);
        _assertCollector(_driver, 0, COMBINED, 0);
        vm.warp(SHIFT_END + 1);
        _assertCollector(_driver, 0, 0, 0);
        _assertFacility(_driver, 0);
        assertEq(operators.partiesOf(_driver, _driver).sender, 0, "sender");
        _assertCollector(combinedCrew, 0, COMBINED, 0);
    }

    function test_DismissedKeySignsForNobody() external {
        changeCrew(combined, COMBINED, _driver, 0);
        _assertCollector(_driver, 0, 0, 0);
        _assertFacility(_driver, 0);
    }

    // partiesOf
    // ├─ sender: whatever its key signs for
    // └─ receiver
    //    ├─ a collector .................................. licensed, without a tolerance
    //    ├─ a facility whose licence runs ................ licensed, with its tolerance
    //    ├─ both ......................................... licensed; the tolerance while the licence runs
    //    └─ neither ...................................... not licensed

    function test_PartiesAreFoundByTheirKeys() external {
        _assertParties(collectorCrew, facilityCrew, Parties(COLLECTOR, FACILITY, true, TOLERANCE_BP));
        _assertParties(facilityCrew, rivalCrew, Parties(FACILITY, RIVAL, true, 0));
        _assertParties(stranger, _driver, Parties(0, COMBINED, true, TOLERANCE_BP));
        _assertParties(collectorCrew, stranger, Parties(COLLECTOR, 0, false, 0));
        vm.warp(uint256(UNTIL));
        _assertParties(collectorCrew, facilityCrew, Parties(COLLECTOR, FACILITY, true, TOLERANCE_BP));
    }

    function test_LicenceThatIsOverGivesNoTolerance() external {
        FacilityTerms memory terms = plainTerms();
        terms.until = uint32(EPOCH);
        licenseFor(FACILITY, terms);
        licenseFor(COMBINED, terms);
        _assertParties(collectorCrew, facilityCrew, Parties(COLLECTOR, FACILITY, true, TOLERANCE_BP));
        vm.warp(EPOCH + 1);
        _assertParties(collectorCrew, facilityCrew, Parties(COLLECTOR, FACILITY, false, 0));
        _assertParties(collectorCrew, combinedCrew, Parties(COLLECTOR, COMBINED, true, 0));
        setCredential(COLLECTS, combined, false);
        _assertParties(collectorCrew, combinedCrew, Parties(COLLECTOR, COMBINED, false, 0));
    }

    function test_FacilityWithoutItsCredentialIsNotLicensed() external {
        setCredential(PROCESSES, facility, false);
        _assertParties(collectorCrew, facilityCrew, Parties(COLLECTOR, FACILITY, false, 0));
        _assertFacility(facilityCrew, 0);
        FacilityTerms memory none;
        assertTerms(operators.facilityOf(FACILITY), none);
    }

    // facilityBy
    // ├─ the key is unknown, over or dismissed ........... zero
    // ├─ its operator is no facility, or its licence over  zero
    // └─ else ............................................ the operator and its licence

    function test_FacilityIsFoundByItsKey() external {
        _assertFacility(facilityCrew, FACILITY);
        _assertFacility(_driver, COMBINED);
        _assertFacility(collectorCrew, 0);
        _assertFacility(stranger, 0);
        // The licence ends before the key does.
        FacilityTerms memory terms = plainTerms();
        terms.until = uint32(EPOCH + 1 hours);
        licenseFor(COMBINED, terms);
        vm.warp(EPOCH + 1 hours + 1);
        _assertFacility(_driver, 0);
        assertTerms(operators.facilityOf(COMBINED), terms);
    }

    function _assertCollector(address key, uint24 code, uint32 operatorId, uint40 permittedUntil) private view {
        (uint32 found, uint40 until) = operators.collectorOf(key, code);
        assertEq(found, operatorId, "collector");
        assertEq(until, permittedUntil, "permit");
    }

    function _assertParties(address senderKey, address receiverKey, Parties memory expected) private view {
        Parties memory parties = operators.partiesOf(senderKey, receiverKey);
        assertEq(parties.sender, expected.sender, "sender");
        assertEq(parties.receiver, expected.receiver, "receiver");
        assertTrue(parties.licensed == expected.licensed, "licensed");
        assertEq(parties.toleranceBp, expected.toleranceBp, "tolerance");
    }

    function _assertFacility(address key, uint32 operatorId) private view {
        (uint32 found, FacilityTerms memory terms) = operators.facilityBy(key);
        FacilityTerms memory none;
        assertEq(found, operatorId, "facility");
        assertTerms(terms, operatorId == 0 ? none : plainTerms());
    }
}
