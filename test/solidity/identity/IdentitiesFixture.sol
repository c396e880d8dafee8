// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC7913P256Verifier} from "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913P256Verifier.sol";

import {ISigned, Signature} from "../../../contracts/authority/ISigned.sol";
import {Identities} from "../../../contracts/identity/Identities.sol";
import {
    AttributeChange,
    AttributeRevocation,
    Commissioning,
    DelegateGrant,
    DelegateRevocation,
    DeviceChange,
    GuardianChange,
    GuardianPlan,
    IIdentities,
    OwnerChange,
    RecoveryApproval,
    RecoveryVeto,
    SignedApproval
} from "../../../contracts/identity/IIdentities.sol";
import {ContractAccount} from "../../../contracts/mocks/ContractAccount.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

/// @notice Actors, messages and signatures of identities. Type strings and digests are written out once more here, so
/// that the contract's are not tested against themselves.
abstract contract IdentitiesFixture is CivitasTest {
    uint256 internal constant SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    uint256 internal constant P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551;
    uint256 internal constant P256_KEY = 7;
    bytes32 internal constant VERI_KEY = "veriKey";
    bytes32 internal constant NAME = "did/svc/HubService";
    bytes internal constant VALUE = "https://hub.example";
    uint256 internal constant START_BLOCK = 1_000;
    uint256 internal constant GUARDIANS = 3;
    uint32 internal constant DELAY = 7 days;

    Identities internal identities;
    address internal alice;
    uint256 internal aliceKey;
    address internal bob;
    uint256 internal bobKey;
    address internal carol;
    uint256 internal carolKey;
    /// @dev In ascending order of their addresses.
    address[] internal guardians;
    uint256[] internal guardianKeys;
    ContractAccount internal account;
    ERC7913P256Verifier internal p256;

    function buildIdentities() internal {
        vm.warp(EPOCH);
        vm.roll(START_BLOCK);
        identities = new Identities();
        p256 = new ERC7913P256Verifier();
        (alice, aliceKey) = actor("alice");
        (bob, bobKey) = actor("bob");
        (carol, carolKey) = actor("carol");
        account = new ContractAccount(alice);
        (guardians, guardianKeys) = _sortedActors(GUARDIANS);
    }

    // --- plans

    /// @dev Two of three guardians, a week.
    function planOfThree() internal view returns (GuardianPlan memory plan) {
        return GuardianPlan({guardians: guardians, threshold: 2, delay: DELAY});
    }

    function emptyPlan() internal pure returns (GuardianPlan memory plan) {
        return plan;
    }

    function nameGuardians(address identity) internal {
        vm.prank(identities.identityOwner(identity));
        identities.setGuardians(identity, planOfThree());
    }

    /// @dev Approvals by the guardians at `places`, with nonces that no other test input uses.
    function approvalsOf(
        address identity,
        address newOwner,
        uint256[] memory places
    ) internal view returns (SignedApproval[] memory approvals) {
        approvals = new SignedApproval[](places.length);
        for (uint256 i = 0; i < places.length; ++i) approvals[i] = approvalOf(identity, newOwner, places[i]);
    }

    function approvalOf(
        address identity,
        address newOwner,
        uint256 place
    ) internal view returns (SignedApproval memory approval) {
        RecoveryApproval memory message = approvalMessage(identity, newOwner);
        return signApproval(message, place, guardianKeys[place]);
    }

    /// @dev Under the present plan. The guardian is left open until the message is hashed.
    function approvalMessage(
        address identity,
        address newOwner
    ) internal view returns (RecoveryApproval memory message) {
        return
            RecoveryApproval({
                guardian: address(0),
                identity: identity,
                newOwner: newOwner,
                planHash: identities.guardiansOf(identity),
                ownerVersion: identities.ownerVersion(identity),
                round: identities.recoveryRound(identity),
                nonce: uint256(keccak256(abi.encode(identity, newOwner, identities.recoveryRound(identity)))),
                deadline: inAnHour()
            });
    }

    function signApproval(
        RecoveryApproval memory message,
        uint256 place,
        uint256 key
    ) internal view returns (SignedApproval memory approval) {
        return signApproval(message, place, key, guardians[place]);
    }

    /// @dev By the key of a guardian of a plan of the test's own.
    function signApproval(
        RecoveryApproval memory message,
        uint256 place,
        uint256 key,
        address guardian
    ) internal view returns (SignedApproval memory approval) {
        return
            SignedApproval({
                // Places of a plan are below 17.
                guardianIndex: uint8(place),
                nonce: message.nonce,
                deadline: message.deadline,
                signature: signHash(key, hashOf(message, guardian))
            });
    }

    function startRecovery(address identity, address newOwner) internal {
        SignedApproval[] memory approvals = approvalsOf(identity, newOwner, two(0, 1));
        identities.startRecovery(identity, newOwner, planOfThree(), approvals);
    }

    // --- signatures

    function signHash(uint256 key, bytes32 structHash) internal view returns (Signature memory signature) {
        return signTyped(key, domain(), structHash);
    }

    function domain() internal view returns (bytes32 separator) {
        return domainOf("Civitas Identities", address(identities));
    }

    function digestOf(bytes32 structHash) internal view returns (bytes32 digest) {
        return keccak256(abi.encodePacked(hex"1901", domain(), structHash));
    }

    function p256Account() internal view returns (address signer) {
        return address(uint160(uint256(keccak256(p256Bytes()))));
    }

    function p256Bytes() internal view returns (bytes memory key) {
        (uint256 x, uint256 y) = vm.publicKeyP256(P256_KEY);
        return abi.encodePacked(address(p256), x, y);
    }

    function p256Sign(bytes32 structHash) internal view returns (Signature memory signature) {
        (bytes32 r, bytes32 s) = vm.signP256(P256_KEY, digestOf(structHash));
        if (uint256(s) > P256_ORDER / 2) s = bytes32(P256_ORDER - uint256(s));
        return Signature({key: p256Bytes(), data: abi.encodePacked(r, s)});
    }

    function none() internal pure returns (Signature memory signature) {
        return signature;
    }

    function inAnHour() internal view returns (uint48 deadline) {
        return uint48(block.timestamp + 1 hours);
    }

    // --- struct hashes, for the present owner of the identity where the message does not name its signer

    function hashOf(OwnerChange memory message) internal view returns (bytes32 structHash) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "OwnerChange(address identity,address newOwner,uint256 nonce,uint48 deadline,address owner)"
                    ),
                    message,
                    identities.identityOwner(message.identity)
                )
            );
    }

    function hashOf(DelegateGrant memory message) internal view returns (bytes32 structHash) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "DelegateGrant(address identity,bytes32 delegateType,address delegate,uint256 validity,uint256 nonce,uint48 deadline,address owner)"
                    ),
                    message,
                    identities.identityOwner(message.identity)
                )
            );
    }

    function hashOf(DelegateRevocation memory message) internal view returns (bytes32 structHash) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "DelegateRevocation(address identity,bytes32 delegateType,address delegate,uint256 nonce,uint48 deadline,address owner)"
                    ),
                    message,
                    identities.identityOwner(message.identity)
                )
            );
    }

    function hashOf(AttributeChange memory message) internal view returns (bytes32 structHash) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "AttributeChange(address identity,bytes32 name,bytes value,uint256 validity,uint256 nonce,uint48 deadline,address owner)"
                    ),
                    message.identity,
                    message.name,
                    keccak256(message.value),
                    message.validity,
                    message.nonce,
                    message.deadline,
                    identities.identityOwner(message.identity)
                )
            );
    }

    function hashOf(AttributeRevocation memory message) internal view returns (bytes32 structHash) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "AttributeRevocation(address identity,bytes32 name,bytes value,uint256 nonce,uint48 deadline,address owner)"
                    ),
                    message.identity,
                    message.name,
                    keccak256(message.value),
                    message.nonce,
                    message.deadline,
                    identities.identityOwner(message.identity)
                )
            );
    }

    function hashOf(GuardianPlan memory plan) internal pure returns (bytes32 structHash) {
        bytes memory list;
        for (uint256 i = 0; i < plan.guardians.length; ++i) {
            list = bytes.concat(list, abi.encode(plan.guardians[i]));
        }
        return
            keccak256(
                abi.encode(
                    keccak256("GuardianPlan(address[] guardians,uint8 threshold,uint32 delay)"),
                    keccak256(list),
                    plan.threshold,
                    plan.delay
                )
            );
    }

    function hashOf(GuardianChange memory message) internal view returns (bytes32 structHash) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "GuardianChange(address identity,GuardianPlan plan,uint256 nonce,uint48 deadline,address owner)GuardianPlan(address[] guardians,uint8 threshold,uint32 delay)"
                    ),
                    message.identity,
                    hashOf(message.plan),
                    message.nonce,
                    message.deadline,
                    identities.identityOwner(message.identity)
                )
            );
    }

    /// @dev Of the approval by `guardian`, who is written into the message.
    function hashOf(RecoveryApproval memory message, address guardian) internal pure returns (bytes32 structHash) {
        message.guardian = guardian;
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "RecoveryApproval(address guardian,address identity,address newOwner,bytes32 planHash,uint32 ownerVersion,uint24 round,uint256 nonce,uint48 deadline)"
                    ),
                    message
                )
            );
    }

    function hashOf(RecoveryVeto memory message) internal view returns (bytes32 structHash) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "RecoveryVeto(address identity,uint24 round,uint256 nonce,uint48 deadline,address owner)"
                    ),
                    message,
                    identities.identityOwner(message.identity)
                )
            );
    }

    function hashOf(Commissioning memory message) internal pure returns (bytes32 structHash) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "Commissioning(address device,address operator,uint256 validity,address registry,bytes32 make,uint256 nonce,uint48 deadline)"
                    ),
                    message
                )
            );
    }

    function hashOf(DeviceChange memory message) internal view returns (bytes32 structHash) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "DeviceChange(address device,address key,bytes32 name,bytes value,uint256 validity,uint256 nonce,uint48 deadline,address owner)"
                    ),
                    message.device,
                    message.key,
                    message.name,
                    keccak256(message.value),
                    message.validity,
                    message.nonce,
                    message.deadline,
                    identities.identityOwner(message.device)
                )
            );
    }

    // --- the reference registry's signatures

    /// @dev Digest that the reference registry's clients sign for a method with its packed arguments.
    function legacyDigest(address identity, uint256 number, bytes memory act) internal view returns (bytes32 digest) {
        return keccak256(abi.encodePacked(bytes1(0x19), bytes1(0), address(identities), number, identity, act));
    }

    /// @dev `changeOwnerSigned` as a call, signed by `key` with `number`.
    function legacyChangeOwner(
        uint256 key,
        address identity,
        address newOwner,
        uint256 number
    ) internal view returns (bytes memory call) {
        bytes32 digest = legacyDigest(identity, number, abi.encodePacked("changeOwner", newOwner));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodeCall(identities.changeOwnerSigned, (identity, v, r, s, newOwner));
    }

    function numberOf(uint256 count) internal view returns (uint256 number) {
        return (block.chainid << 128) | ((block.timestamp / 1 days) << 64) | count;
    }

    // --- calls and errors

    /// @dev Sends a call that must succeed, by somebody who has no right of their own.
    function relay(bytes memory call) internal {
        vm.prank(carol);
        (bool success, bytes memory answer) = address(identities).call(call);
        assertTrue(success, string.concat("refused: ", vm.toString(bytes32(answer))));
    }

    /// @dev Sends a call that must revert with exactly `fault`.
    function assertRefused(bytes memory call, bytes memory fault, string memory reason) internal {
        vm.prank(carol);
        (bool success, bytes memory answer) = address(identities).call(call);
        assertFalse(success, reason);
        assertEq(keccak256(answer), keccak256(fault), reason);
    }

    function retired(address identity) internal pure returns (bytes memory fault) {
        return abi.encodeWithSelector(IIdentities.IdentitiesRetired.selector, identity);
    }

    function notOwner(address identity, address caller, address owner) internal pure returns (bytes memory fault) {
        return abi.encodeWithSelector(IIdentities.IdentitiesNotOwner.selector, identity, caller, owner);
    }

    function noRecovery(address identity, uint24 round) internal pure returns (bytes memory fault) {
        return abi.encodeWithSelector(IIdentities.IdentitiesNoRecovery.selector, identity, round);
    }

    function badSignature(address identity, address owner, uint256 number) internal pure returns (bytes memory fault) {
        return abi.encodeWithSelector(IIdentities.IdentitiesBadSignature.selector, identity, owner, number);
    }

    function invalid(address signer, bytes32 structHash) internal view returns (bytes memory fault) {
        return abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, signer, digestOf(structHash));
    }

    function nonceUsed(address signer, uint256 number) internal pure returns (bytes memory fault) {
        return abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, signer, number);
    }

    function expired(uint256 deadline) internal view returns (bytes memory fault) {
        return abi.encodeWithSelector(ISigned.SignedExpired.selector, deadline, block.timestamp);
    }

    function overflow() internal pure returns (bytes memory fault) {
        return abi.encodeWithSignature("Panic(uint256)", 0x11);
    }

    function one(uint256 first) internal pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = first;
    }

    function two(uint256 first, uint256 second) internal pure returns (uint256[] memory list) {
        list = new uint256[](2);
        (list[0], list[1]) = (first, second);
    }

    function _sortedActors(uint256 count) private returns (address[] memory accounts, uint256[] memory keys) {
        accounts = new address[](count);
        keys = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            (accounts[i], keys[i]) = actor(string.concat("guardian ", vm.toString(i)));
            for (uint256 j = i; j > 0 && accounts[j] < accounts[j - 1]; --j) {
                (accounts[j], accounts[j - 1]) = (accounts[j - 1], accounts[j]);
                (keys[j], keys[j - 1]) = (keys[j - 1], keys[j]);
            }
        }
    }
}
