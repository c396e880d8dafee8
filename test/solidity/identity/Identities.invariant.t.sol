// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Signature} from "../../../contracts/authority/ISigned.sol";
import {ICredentialRegistry} from "../../../contracts/identity/ICredentialRegistry.sol";
import {Identities} from "../../../contracts/identity/Identities.sol";
import {
    Commissioning,
    GuardianChange,
    GuardianPlan,
    OwnerChange,
    PendingRecovery,
    RecoveryApproval,
    RecoveryVeto,
    SignedApproval
} from "../../../contracts/identity/IIdentities.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";
import {IdentitiesFixture} from "./IdentitiesFixture.sol";

/// @notice Owners, thieves and guardians act on six identities; a twin says what should have come of it.
contract IdentitiesHandler is IdentitiesFixture {
    /// @dev An identity as it should be.
    struct Twin {
        address owner;
        uint32 version;
        uint256 changedIn;
        /// @dev How many guardians must agree; zero: none are named.
        uint8 threshold;
        /// @dev Whom the recovery under way is for; zero: none is.
        address heir;
        uint256 maturesAt;
        uint24 round;
        /// @dev Until when the identity's neighbour is a delegate.
        uint256 delegateUntil;
    }

    uint256 public constant PEOPLE = 6;
    /// @dev The shortest that is allowed, so that many recoveries mature.
    uint32 private constant DELAY_OF_ALL = 1 days;
    /// @dev One new owner in so many is zero.
    uint256 private constant RETIREMENT_ODDS = 20;
    address[] private _people;
    uint256[] private _keys;
    mapping(address person => uint256 key) private _keyOf;
    mapping(address identity => Twin twin) private _twins;
    mapping(address identity => bool ever) private _everRetired;
    /// @dev Calls that rested on signatures alone and were accepted.
    bytes[] private _spent;
    /// @dev The same contract elsewhere, with the same people.
    Identities private _elsewhere;
    uint256 private _nonce;
    /// @dev How often each kind of act was accepted, so that a run in which nothing happens can be told.
    mapping(bytes32 kind => uint256 count) public accepted;
    /// @dev The first act that came out otherwise than by its twin.
    string public broken;

    constructor() {
        buildIdentities();
        _elsewhere = new Identities();
        for (uint256 i = 0; i < PEOPLE; ++i) {
            (address person, uint256 key) = actor(string.concat("person ", vm.toString(i)));
            _people.push(person);
            _keys.push(key);
            _keyOf[person] = key;
            _twins[person].owner = person;
        }
    }

    function changeOwner(uint256 which, uint256 whose, uint256 heir, bool honest) external {
        address identity = _person(which);
        address caller = _actorFor(identity, whose, honest);
        address newOwner = _heir(heir);
        bytes memory call = abi.encodeCall(identities.changeOwner, (identity, newOwner));
        if (_send(caller, call, caller == _twins[identity].owner, "changeOwner")) _moved(identity, newOwner);
    }

    function changeOwnerSigned(uint256 which, uint256 whose, uint256 heir, uint256 age, bool honest) external {
        address identity = _person(which);
        address signer = _actorFor(identity, whose, honest);
        address newOwner = _heir(heir);
        age %= 3;
        bytes memory call = legacyChangeOwner(
            _keyOf[signer],
            identity,
            newOwner,
            identities.nonce(signer) - (age << 64)
        );
        bool expected = signer == _twins[identity].owner && age < 2;
        if (_relay(call, expected, "changeOwnerSigned")) _moved(identity, newOwner);
    }

    function changeOwnerBySig(uint256 which, uint256 whose, uint256 heir, bool honest, bool late) external {
        address identity = _person(which);
        address signer = _actorFor(identity, whose, honest);
        OwnerChange memory change = OwnerChange({
            identity: identity,
            newOwner: _heir(heir),
            nonce: ++_nonce,
            deadline: _deadline(late)
        });
        Signature memory signature = signHash(_keyOf[signer], hashOf(change));
        bytes memory call = abi.encodeCall(identities.changeOwnerBySig, (change, signature));
        bool expected = signer == _twins[identity].owner && !late;
        if (_relay(call, expected, "changeOwnerBySig")) _moved(identity, change.newOwner);
    }

    function write(uint256 which, uint256 whose, uint256 validity, bool honest, bool delegate) external {
        address identity = _person(which);
        address caller = _actorFor(identity, whose, honest);
        validity = bound(validity, 0, 30 days);
        bytes memory call =
            delegate
                ? abi.encodeCall(identities.addDelegate, (identity, VERI_KEY, bob, validity))
                : abi.encodeCall(identities.setAttribute, (identity, NAME, VALUE, validity));
        if (!_send(caller, call, caller == _twins[identity].owner, "write")) return;
        _twins[identity].changedIn = block.number;
        if (delegate) _twins[identity].delegateUntil = block.timestamp + validity;
    }

    function commission(uint256 which, uint256 whose, bool honest) external {
        address device = _person(which);
        address operator = _person(whose);
        Commissioning memory message = Commissioning({
            device: device,
            operator: operator,
            validity: 1 days,
            registry: ICredentialRegistry(address(0)),
            make: 0,
            nonce: ++_nonce,
            deadline: type(uint48).max
        });
        Signature memory deviceSignature = signHash(honest ? _keyOf[device] : bobKey, hashOf(message));
        Signature memory signature = signHash(_keyOf[operator], hashOf(message));
        bytes memory call = abi.encodeCall(identities.commission, (message, deviceSignature, signature));
        bool expected = honest && device != operator && _twins[device].owner == device;
        if (_relay(call, expected, "commission")) _moved(device, operator);
    }

    function setGuardians(uint256 which, uint256 whose, uint8 threshold, bool honest, bool signed) external {
        address identity = _person(which);
        address owner = _actorFor(identity, whose, honest);
        GuardianPlan memory plan = _plan(threshold % 4);
        Twin storage twin = _twins[identity];
        bool expected = owner == twin.owner && plan.threshold != twin.threshold;
        bool success;
        if (signed) {
            GuardianChange memory change = GuardianChange({
                identity: identity,
                plan: plan,
                nonce: ++_nonce,
                deadline: type(uint48).max
            });
            Signature memory signature = signHash(_keyOf[owner], hashOf(change));
            bytes memory call = abi.encodeCall(identities.setGuardiansBySig, (change, signature));
            success = _relay(call, expected, "setGuardiansBySig");
        } else {
            bytes memory call = abi.encodeCall(identities.setGuardians, (identity, plan));
            success = _send(owner, call, expected, "setGuardians");
        }
        if (!success) return;
        twin.threshold = plan.threshold;
        if (twin.heir != address(0)) _ended(identity);
    }

    /// @dev `doubt` spoils one in four: it names another version, another round, or another plan.
    function startRecovery(uint256 which, uint256 heir, uint256 mask, uint256 doubt) external {
        address identity = _person(which);
        Twin storage twin = _twins[identity];
        address newOwner = _person(heir);
        // Guardians go with every change of hands: without new ones there would be few recoveries.
        if (twin.owner != address(0) && twin.threshold == 0 && mask % 8 != 0) {
            bytes memory naming = abi.encodeCall(
                identities.setGuardians,
                (identity, _plan(uint8(1 + (heir % GUARDIANS))))
            );
            if (_send(twin.owner, naming, true, "setGuardians")) twin.threshold = uint8(1 + (heir % GUARDIANS));
        }
        RecoveryApproval memory message = approvalMessage(identity, newOwner);
        (message.nonce, message.deadline) = (++_nonce, type(uint48).max);
        doubt %= 12;
        if (doubt == 0) message.ownerVersion ^= 1;
        if (doubt == 1) message.round ^= 1;
        GuardianPlan memory plan = _plan(doubt == 2 ? (twin.threshold + 1) % 4 : twin.threshold);
        SignedApproval[] memory approvals = _approvals(message, mask);
        bool expected =
            doubt > 2 &&
                twin.owner != address(0) &&
                newOwner != twin.owner &&
                twin.heir == address(0) &&
                twin.threshold != 0 &&
                approvals.length >= twin.threshold;
        bytes memory call = abi.encodeCall(identities.startRecovery, (identity, newOwner, plan, approvals));
        if (!_relay(call, expected, "startRecovery")) return;
        (twin.heir, twin.maturesAt) = (newOwner, block.timestamp + DELAY_OF_ALL);
    }

    function veto(uint256 which, uint256 whose, bool honest, bool signed, bool otherRound) external {
        address identity = _pendingFrom(which);
        address owner = _actorFor(identity, whose, honest);
        Twin storage twin = _twins[identity];
        bool expected = owner == twin.owner && twin.heir != address(0);
        bool success;
        if (signed) {
            uint24 round = twin.round ^ (otherRound ? 1 : 0);
            RecoveryVeto memory message = RecoveryVeto({
                identity: identity,
                round: round,
                nonce: ++_nonce,
                deadline: type(uint48).max
            });
            Signature memory signature = signHash(_keyOf[owner], hashOf(message));
            bytes memory call = abi.encodeCall(identities.vetoRecoveryBySig, (message, signature));
            success = _relay(call, expected && !otherRound, "vetoRecoveryBySig");
        } else {
            bytes memory call = abi.encodeCall(identities.vetoRecovery, (identity));
            success = _send(owner, call, expected, "vetoRecovery");
        }
        if (success) _ended(identity);
    }

    function finish(uint256 which, bool patient) external {
        address identity = _pendingFrom(which);
        Twin storage twin = _twins[identity];
        address heir = twin.heir;
        if (patient && heir != address(0) && block.timestamp < twin.maturesAt) vm.warp(twin.maturesAt);
        bool expected = heir != address(0) && block.timestamp >= twin.maturesAt;
        bytes memory call = abi.encodeCall(identities.finishRecovery, (identity));
        if (_send(carol, call, expected, "finishRecovery")) _moved(identity, heir);
    }

    /// @dev Nothing that was accepted is accepted again, here or elsewhere.
    function replay(uint256 which) external {
        if (_spent.length == 0) return;
        bytes memory call = _spent[bound(which, 0, _spent.length - 1)];
        (bool success, ) = address(identities).call(call);
        if (success) _break("a signature worked twice");
        (success, ) = address(_elsewhere).call(call);
        if (success) _break("a signature worked elsewhere");
        ++accepted["replay"];
    }

    function pass(uint256 duration, uint256 blocks) external {
        vm.warp(block.timestamp + bound(duration, 1 minutes, 5 days));
        vm.roll(block.number + bound(blocks, 1, 1_000));
    }

    /// @dev Whether the owners, versions and logs are those of the twins.
    function ownersStand() external view returns (bool stand) {
        for (uint256 i = 0; i < PEOPLE; ++i) {
            address identity = _people[i];
            Twin storage twin = _twins[identity];
            if (identities.identityOwner(identity) != twin.owner) return false;
            if (identities.ownerVersion(identity) != twin.version) return false;
            if (identities.changed(identity) != twin.changedIn) return false;
            if (identities.owners(identity) != (twin.version == 0 ? address(0) : twin.owner)) return false;
        }
        return true;
    }

    /// @dev Whether whoever was ever retired still is, and has neither delegates nor guardians nor a recovery.
    function retirementStands() external view returns (bool stand) {
        for (uint256 i = 0; i < PEOPLE; ++i) {
            address identity = _people[i];
            bool valid = identities.validDelegate(identity, VERI_KEY, bob);
            bool gone = _everRetired[identity];
            if (identities.isRetired(identity) != gone) return false;
            if (valid != (!gone && _twins[identity].delegateUntil > block.timestamp)) return false;
            if (!gone) continue;
            if (identities.identityOwner(identity) != address(0)) return false;
            if (identities.guardiansOf(identity) != 0) return false;
            if (identities.recoveryOf(identity).newOwner != address(0)) return false;
        }
        return true;
    }

    /// @dev Whether guardians and recoveries are those of the twins.
    function recoveriesStand() external view returns (bool stand) {
        for (uint256 i = 0; i < PEOPLE; ++i) {
            address identity = _people[i];
            Twin storage twin = _twins[identity];
            PendingRecovery memory pending = identities.recoveryOf(identity);
            if (pending.newOwner != twin.heir) return false;
            if (pending.maturesAt != (twin.heir == address(0) ? 0 : twin.maturesAt)) return false;
            if (identities.recoveryRound(identity) != twin.round) return false;
            bytes32 planHash = twin.threshold == 0 ? bytes32(0) : hashOf(_plan(twin.threshold));
            if (identities.guardiansOf(identity) != planHash) return false;
        }
        return true;
    }

    /// @dev The identity changed hands: guardians and recovery are over.
    function _moved(address identity, address newOwner) private {
        Twin storage twin = _twins[identity];
        twin.owner = newOwner;
        ++twin.version;
        twin.changedIn = block.number;
        twin.threshold = 0;
        if (twin.heir != address(0)) _ended(identity);
        if (newOwner == address(0)) _everRetired[identity] = true;
    }

    function _ended(address identity) private {
        Twin storage twin = _twins[identity];
        twin.heir = address(0);
        ++twin.round;
    }

    /// @dev Relays a call that rests on signatures alone.
    function _relay(bytes memory call, bool expected, bytes32 kind) private returns (bool success) {
        success = _send(carol, call, expected, kind);
        if (success) _spent.push(call);
    }

    function _send(address caller, bytes memory call, bool expected, bytes32 kind) private returns (bool success) {
        vm.prank(caller);
        (success, ) = address(identities).call(call);
        if (success) ++accepted[kind];
        if (success != expected) {
            _break(string.concat(expected ? "refused: " : "accepted: ", string(abi.encodePacked(kind))));
        }
    }

    function _break(string memory what) private {
        if (bytes(broken).length == 0) broken = what;
    }

    /// @dev The owner, or anybody.
    function _actorFor(address identity, uint256 whose, bool honest) private view returns (address person) {
        person = _twins[identity].owner;
        if (!honest || person == address(0)) person = _person(whose);
    }

    function _heir(uint256 number) private view returns (address person) {
        return number % RETIREMENT_ODDS == 0 ? address(0) : _person(number / RETIREMENT_ODDS);
    }

    function _person(uint256 number) private view returns (address person) {
        return _people[number % PEOPLE];
    }

    /// @dev An identity with a recovery under way, if there is one.
    function _pendingFrom(uint256 number) private view returns (address identity) {
        for (uint256 i = 0; i < PEOPLE; ++i) {
            // Wraps around, as fuzz inputs reach the end of numbers.
            unchecked {
                identity = _person(number + i);
            }
            if (_twins[identity].heir != address(0)) return identity;
        }
        return _person(number);
    }

    function _deadline(bool late) private view returns (uint48 deadline) {
        return late ? uint48(block.timestamp - 1) : type(uint48).max;
    }

    /// @dev The plan that differs from others by its threshold alone; none for zero.
    function _plan(uint8 threshold) private view returns (GuardianPlan memory plan) {
        if (threshold == 0) return emptyPlan();
        plan = planOfThree();
        plan.threshold = threshold;
        plan.delay = DELAY_OF_ALL;
    }

    /// @dev Approvals by the guardians whose bits are set.
    function _approvals(
        RecoveryApproval memory message,
        uint256 mask
    ) private view returns (SignedApproval[] memory approvals) {
        uint256 count = 0;
        for (uint256 i = 0; i < GUARDIANS; ++i) count += (mask >> i) & 1;
        approvals = new SignedApproval[](count);
        uint256 next = 0;
        for (uint256 i = 0; i < GUARDIANS; ++i) {
            if ((mask >> i) & 1 == 1) approvals[next++] = signApproval(message, i, guardianKeys[i]);
        }
    }
}

/// @dev I1 ownership moves only by the owner's act or signature, or by a recovery that matured without a veto; and
/// nobody else writes to the log.
/// I2 retirement is terminal: no owner, no delegates, no guardians, no recovery, no further change.
/// I3 no signature works twice, elsewhere or later.
/// I4 guardians and recoveries end with the owner under whom they began, and a recovery takes enough guardians.
contract IdentitiesInvariantTest is CivitasTest {
    uint256 private constant CALLS = 1_000;

    IdentitiesHandler private _handler;

    function setUp() external {
        vm.warp(EPOCH);
        _handler = new IdentitiesHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev The handler looks after every call; what it saw broken has a name.
    function invariant_I1_I3_OnlyWhoMayActsAndOnlyOnce() external view {
        assertEq(bytes(_handler.broken()).length, 0, string.concat("I1/I3: ", _handler.broken()));
        assertTrue(_handler.ownersStand(), "I1: an owner or a log differs");
    }

    function invariant_I2_I4_WhatEndedStaysSo() external view {
        assertTrue(_handler.retirementStands(), "I2: a retired identity came back");
        assertTrue(_handler.recoveriesStand(), "I4: guardians or a recovery differ");
    }

    /// @dev Every kind of act is accepted often enough, so that the invariants are about something.
    function test_HandlerReachesEveryAct() external {
        for (uint256 i = 0; i < CALLS; ++i) _act(uint256(keccak256(abi.encode(i))));
        bytes32[12] memory kinds = [
            bytes32("changeOwner"),
            "changeOwnerSigned",
            "changeOwnerBySig",
            "write",
            "commission",
            "setGuardians",
            "setGuardiansBySig",
            "startRecovery",
            "vetoRecovery",
            "vetoRecoveryBySig",
            "finishRecovery",
            "replay"
        ];
        for (uint256 i = 0; i < kinds.length; ++i) {
            assertLe(1, _handler.accepted(kinds[i]), vm.toString(i));
        }
        assertEq(bytes(_handler.broken()).length, 0, _handler.broken());
    }

    /// @dev One act of the handler, chosen and filled by the seed.
    function _act(uint256 seed) private {
        (uint256 a, uint256 b, uint256 c) = (seed >> 8, seed >> 40, seed >> 72);
        (bool honest, bool flag) = ((seed >> 104) & 1 == 1, (seed >> 105) & 1 == 1);
        uint256 kind = seed % 11;
        if (kind == 0) _handler.changeOwner(a, b, c, honest);
        else if (kind == 1) _handler.changeOwnerSigned(a, b, c, seed >> 106, honest);
        else if (kind == 2) _handler.changeOwnerBySig(a, b, c, honest, flag);
        else if (kind == 3) _handler.write(a, b, c, honest, flag);
        else if (kind == 4) _handler.commission(a, b, honest);
        else if (kind == 5) _handler.setGuardians(a, b, uint8(c), honest, flag);
        else if (kind == 6) _handler.startRecovery(a, b, c, seed >> 106);
        else if (kind == 7) _handler.veto(a, b, honest, flag, c % 2 == 0);
        else if (kind == 8) _handler.finish(a, honest);
        else if (kind == 9) _handler.replay(a);
        else _handler.pass(a, b);
    }
}
