// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {ERC7913P256Verifier} from "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913P256Verifier.sol";

import {ISigned, Signature} from "../../../contracts/authority/ISigned.sol";
import {ContractAccount} from "../../../contracts/mocks/ContractAccount.sol";
import {Act, SignedHarness} from "../../../contracts/mocks/SignedHarness.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

/// @notice ERC-7913 verifier that agrees to the one signature byte 0x01, whatever the key.
contract OneByteVerifier is IERC7913SignatureVerifier {
    function verify(bytes calldata, bytes32, bytes calldata signature) external pure returns (bytes4 magicValue) {
        bool agreed = signature.length == 1 && signature[0] == 0x01;
        return agreed ? IERC7913SignatureVerifier.verify.selector : bytes4(0xffffffff);
    }
}

contract SignedTest is CivitasTest {
    uint256 private constant SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    uint256 private constant P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551;
    uint256 private constant P256_KEY = 7;

    SignedHarness private harness;
    ContractAccount private account;
    ERC7913P256Verifier private p256;
    address private alice;
    uint256 private aliceKey;
    address private relayer;
    uint256 private relayerKey;

    function setUp() external {
        vm.warp(EPOCH);
        harness = new SignedHarness();
        p256 = new ERC7913P256Verifier();
        (alice, aliceKey) = actor("alice");
        (relayer, relayerKey) = actor("relayer");
        account = new ContractAccount(alice);
    }

    // _authorize
    // ├─ the deadline has passed ............................. SignedExpired
    // ├─ the nonce was used .................................. SignedNonceUsed
    // ├─ the nonce was voided ................................ SignedNonceUsed
    // ├─ no key is given
    // │  ├─ plain account
    // │  │  ├─ signed by it, deadline now or later ........... acts, nonce used
    // │  │  ├─ signed by another .............................. SignedInvalidSignature
    // │  │  ├─ another message, chain or contract ............. SignedInvalidSignature
    // │  │  ├─ signature with high s .......................... SignedInvalidSignature
    // │  │  ├─ empty signature ................................ SignedInvalidSignature
    // │  │  └─ account zero ................................... SignedInvalidSignature
    // │  └─ contract account (ERC-1271)
    // │     ├─ agrees ......................................... acts, nonce used
    // │     ├─ refuses ........................................ SignedInvalidSignature
    // │     ├─ reverts ........................................ SignedInvalidSignature
    // │     └─ does not know ERC-1271 ......................... SignedInvalidSignature
    // └─ a key is given (ERC-7913)
    //    ├─ shorter than 20 bytes ............................. SignedInvalidSignature
    //    ├─ of 20 bytes: an account ........................... SignedInvalidSignature
    //    ├─ is not the signer's ............................... SignedInvalidSignature
    //    ├─ verifier refuses, or has no code .................. SignedInvalidSignature
    //    └─ verifier agrees ................................... acts, nonce used

    function test_PlainAccountActsThroughRelayer() external {
        Act memory message = _message(alice, 3);
        Signature memory signature = _sign(aliceKey, message);
        assertFalse(harness.isNonceUsed(alice, 3), "nonce before");

        vm.expectEmit(address(harness));
        emit SignedHarness.Acted(alice, message.value);
        vm.prank(relayer);
        harness.act(message, signature);

        assertTrue(harness.isNonceUsed(alice, 3), "nonce after");
        assertFalse(harness.isNonceUsed(alice, 2), "neighbour below");
        assertFalse(harness.isNonceUsed(alice, 4), "neighbour above");
        assertFalse(harness.isNonceUsed(relayer, 3), "relayer's nonce");
    }

    function test_DeadlineIsTheLastGoodSecond() external {
        Act memory message = _message(alice, 0);
        Signature memory signature = _sign(aliceKey, message);
        vm.warp(message.deadline);
        harness.act(message, signature);
        assertTrue(harness.isNonceUsed(alice, 0), "nonce");
    }

    function test_RevertWhen_DeadlinePassed() external {
        Act memory message = _message(alice, 0);
        Signature memory signature = _sign(aliceKey, message);
        vm.warp(message.deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedExpired.selector, message.deadline, message.deadline + 1));
        harness.act(message, signature);
    }

    function test_RevertWhen_NonceUsed() external {
        Act memory message = _message(alice, 9);
        Signature memory signature = _sign(aliceKey, message);
        harness.act(message, signature);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, alice, 9));
        harness.act(message, signature);
    }

    function test_RevertWhen_NonceUsedByAnotherMessage() external {
        Act memory message = _message(alice, 9);
        harness.act(message, _sign(aliceKey, message));
        message.value += 1;
        Signature memory signature = _sign(aliceKey, message);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, alice, 9));
        harness.act(message, signature);
    }

    function test_RevertWhen_NonceVoided() external {
        Act memory message = _message(alice, 256 + 17);
        Signature memory signature = _sign(aliceKey, message);
        vm.prank(alice);
        harness.voidNonces(1, 1 << 17);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, alice, 256 + 17));
        harness.act(message, signature);
    }

    function test_RevertWhen_SignedByAnother() external {
        Act memory message = _message(alice, 0);
        _expectInvalid(message, _sign(relayerKey, message));
        assertFalse(harness.isNonceUsed(alice, 0), "a bad signature uses no nonce");
    }

    function test_RevertWhen_AnyFieldDiffers() external {
        Act memory message = _message(alice, 0);
        Signature memory signature = _sign(aliceKey, message);
        message.value += 1;
        _expectInvalid(message, signature);

        message = _message(alice, 0);
        message.nonce += 1;
        _expectInvalid(message, signature);

        message = _message(alice, 0);
        message.deadline += 1;
        _expectInvalid(message, signature);

        message = _message(relayer, 0);
        _expectInvalid(message, signature);
    }

    function test_RevertWhen_SignedForAnotherChain() external {
        Act memory message = _message(alice, 0);
        uint256 chain = block.chainid;
        vm.chainId(chain + 1);
        Signature memory signature = _sign(aliceKey, message);
        vm.chainId(chain);
        _expectInvalid(message, signature);
    }

    function test_RevertWhen_ChainForked() external {
        Act memory message = _message(alice, 0);
        Signature memory signature = _sign(aliceKey, message);
        vm.chainId(block.chainid + 1);
        _expectInvalid(message, signature);
    }

    function test_RevertWhen_SignedForAnotherContract() external {
        Act memory message = _message(alice, 0);
        SignedHarness other = new SignedHarness();
        _expectInvalid(message, signTyped(aliceKey, domainOf("SignedHarness", address(other)), _hash(message)));
    }

    function test_RevertWhen_SignatureIsMalleated() external {
        Act memory message = _message(alice, 0);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(aliceKey, harness.digestOf(message));
        bytes32 highS = bytes32(SECP256K1_ORDER - uint256(s));
        uint8 flippedV = v == 27 ? 28 : 27;
        assertEq(ecrecover(harness.digestOf(message), flippedV, r, highS), alice, "the curve itself accepts it");
        _expectInvalid(message, Signature({key: "", data: abi.encodePacked(r, highS, flippedV)}));
    }

    function test_RevertWhen_SignatureIsEmpty() external {
        _expectInvalid(_message(alice, 0), Signature({key: "", data: ""}));
        _expectInvalid(_message(address(account), 0), Signature({key: "", data: ""}));
    }

    function test_RevertWhen_SignerIsZero() external {
        // ecrecover answers zero for a signature that is none.
        _expectInvalid(_message(address(0), 0), Signature({key: "", data: new bytes(65)}));
    }

    function test_ContractAccountActs() external {
        Act memory message = _message(address(account), 5);
        Signature memory signature = _sign(aliceKey, message);
        vm.expectEmit(address(harness));
        emit SignedHarness.Acted(address(account), message.value);
        vm.prank(relayer);
        harness.act(message, signature);
        assertTrue(harness.isNonceUsed(address(account), 5), "account's nonce");
        assertFalse(harness.isNonceUsed(alice, 5), "its owner's nonce");
    }

    function test_RevertWhen_ContractAccountRefuses() external {
        Act memory message = _message(address(account), 0);
        _expectInvalid(message, _sign(relayerKey, message));
    }

    function test_RevertWhen_ContractAccountReverts() external {
        Act memory message = _message(address(account), 0);
        Signature memory signature = _sign(aliceKey, message);
        vm.prank(alice);
        account.freeze();
        _expectInvalid(message, signature);
    }

    function test_RevertWhen_ContractKnowsNoErc1271() external {
        Act memory message = _message(address(harness), 0);
        _expectInvalid(message, _sign(aliceKey, message));
    }

    function test_P256KeyActs() external {
        bytes memory key = _p256Key();
        Act memory message = _message(_accountOf(key), 6);
        Signature memory signature = Signature({key: key, data: _p256Sign(message, false)});
        vm.expectEmit(address(harness));
        emit SignedHarness.Acted(message.signer, message.value);
        vm.prank(relayer);
        harness.act(message, signature);
        assertTrue(harness.isNonceUsed(message.signer, 6), "nonce");
    }

    function test_RevertWhen_P256SignatureIsMalleated() external {
        bytes memory key = _p256Key();
        Act memory message = _message(_accountOf(key), 0);
        _expectInvalid(message, Signature({key: key, data: _p256Sign(message, true)}));
    }

    function test_RevertWhen_P256SignatureIsEmptyOrOfAnotherMessage() external {
        bytes memory key = _p256Key();
        Act memory message = _message(_accountOf(key), 0);
        bytes memory data = _p256Sign(message, false);
        _expectInvalid(message, Signature({key: key, data: ""}));
        message.value += 1;
        _expectInvalid(message, Signature({key: key, data: data}));
    }

    function test_RevertWhen_KeyIsNotTheSigners() external {
        bytes memory key = _p256Key();
        Act memory message = _message(alice, 0);
        _expectInvalid(message, Signature({key: key, data: _p256Sign(message, false)}));
    }

    function test_RevertWhen_VerifierHasNoCode() external {
        (uint256 x, uint256 y) = vm.publicKeyP256(P256_KEY);
        bytes memory key = abi.encodePacked(relayer, x, y);
        Act memory message = _message(_accountOf(key), 0);
        _expectInvalid(message, Signature({key: key, data: _p256Sign(message, false)}));
    }

    /// @dev Without the bound on the key's length, a plain account could act under a second name.
    function test_RevertWhen_KeyHasExactly20Bytes() external {
        bytes memory key = abi.encodePacked(alice);
        Act memory message = _message(_accountOf(key), 0);
        _expectInvalid(message, Signature({key: key, data: _sign(aliceKey, message).data}));
    }

    function test_RevertWhen_KeyIsShorterThan20Bytes() external {
        bytes memory key = hex"01";
        Act memory message = _message(_accountOf(key), 0);
        _expectInvalid(message, Signature({key: key, data: _sign(aliceKey, message).data}));
    }

    function test_ShortestKeyHas21Bytes() external {
        bytes memory key = abi.encodePacked(address(new OneByteVerifier()), hex"2a");
        Act memory message = _message(_accountOf(key), 0);
        _expectInvalid(message, Signature({key: key, data: hex"02"}));
        harness.act(message, Signature({key: key, data: hex"01"}));
        assertTrue(harness.isNonceUsed(message.signer, 0), "nonce");
    }

    // _authorizeOrSender
    // ├─ the signer calls .................................... acts, no nonce used, whatever signature and deadline
    // └─ another calls ....................................... as _authorize

    function test_SignerActsWithoutSignature() external {
        Act memory message = _message(alice, 1);
        message.deadline = EPOCH - 1;
        vm.expectEmit(address(harness));
        emit SignedHarness.Acted(alice, message.value);
        vm.prank(alice);
        harness.actOrSender(message, Signature({key: "", data: ""}));
        assertFalse(harness.isNonceUsed(alice, 1), "own call uses no nonce");
    }

    function test_RelayerNeedsSignature() external {
        Act memory message = _message(alice, 1);
        Signature memory signature = _sign(aliceKey, message);
        vm.prank(relayer);
        harness.actOrSender(message, signature);
        assertTrue(harness.isNonceUsed(alice, 1), "nonce");
    }

    function test_RevertWhen_RelayerHasNoSignature() external {
        Act memory message = _message(alice, 1);
        bytes32 digest = harness.digestOf(message);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, alice, digest));
        vm.prank(relayer);
        harness.actOrSender(message, Signature({key: "", data: ""}));
    }

    // _requireSignature, _isSignedBy
    // ├─ valid ............................................... passes, any number of times: they keep no nonce
    // └─ not valid ........................................... SignedInvalidSignature; false

    function test_SignatureCheckKeepsNoNonce() external view {
        Act memory message = _message(alice, 0);
        Signature memory signature = _sign(aliceKey, message);
        bytes32 digest = harness.digestOf(message);
        harness.requireSignature(alice, digest, signature);
        harness.requireSignature(alice, digest, signature);
        assertTrue(harness.isSignedBy(alice, digest, signature), "signed");
        assertFalse(harness.isSignedBy(relayer, digest, signature), "not by another");
        assertFalse(harness.isNonceUsed(alice, 0), "nonce");
    }

    function test_RevertWhen_RequiredSignatureIsAnothers() external {
        Act memory message = _message(alice, 0);
        Signature memory signature = _sign(relayerKey, message);
        bytes32 digest = harness.digestOf(message);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, alice, digest));
        harness.requireSignature(alice, digest, signature);
    }

    // voidNonces
    // ├─ some bit is new ..................................... NoncesVoided with the new bits; the caller's only
    // └─ no bit is new
    //    ├─ all were voided or used .......................... SignedNothingToVoid
    //    └─ mask zero ........................................ SignedNothingToVoid

    function test_VoidsOnlyNewBits() external {
        Act memory message = _message(alice, 512 + 1);
        harness.act(message, _sign(aliceKey, message));

        vm.expectEmit(address(harness));
        emit ISigned.NoncesVoided(alice, 2, 0x15);
        vm.prank(alice);
        harness.voidNonces(2, 0x17);

        for (uint256 bit = 0; bit < 6; ++bit) {
            assertTrue(harness.isNonceUsed(alice, 512 + bit) == (0x17 & (1 << bit) != 0), "bit");
        }
        assertFalse(harness.isNonceUsed(alice, 0), "other word");
        assertFalse(harness.isNonceUsed(relayer, 512), "other signer");
    }

    function test_VoidsAWholeWord() external {
        vm.prank(alice);
        harness.voidNonces(type(uint256).max >> 8, type(uint256).max);
        assertTrue(harness.isNonceUsed(alice, type(uint256).max), "last nonce");
        assertTrue(harness.isNonceUsed(alice, type(uint256).max - 255), "first of the word");
        assertFalse(harness.isNonceUsed(alice, type(uint256).max - 256), "word before");
    }

    function test_RevertWhen_NothingToVoid() external {
        vm.startPrank(alice);
        harness.voidNonces(0, 0x03);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNothingToVoid.selector, alice, 0, 0x02));
        harness.voidNonces(0, 0x02);
        vm.stopPrank();
    }

    function test_RevertWhen_VoidingAUsedNonce() external {
        Act memory message = _message(alice, 0);
        harness.act(message, _sign(aliceKey, message));
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNothingToVoid.selector, alice, 0, 1));
        vm.prank(alice);
        harness.voidNonces(0, 1);
    }

    function test_RevertWhen_VoidMaskIsZero() external {
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNothingToVoid.selector, alice, 4, 0));
        vm.prank(alice);
        harness.voidNonces(4, 0);
    }

    // fuzz

    /// @dev Offsets from 16 numbers in two words, so that most runs hold a repetition.
    function testFuzz_EachNonceServesOnceInAnyOrder(uint256 start, uint8[12] calldata offsets) external {
        start = bound(start, 0, type(uint256).max - 16);
        for (uint256 i = 0; i < offsets.length; ++i) {
            Act memory message = _message(alice, start + (offsets[i] & 0x0f));
            message.value = i;
            Signature memory signature = _sign(aliceKey, message);
            bool repeated = false;
            for (uint256 j = 0; j < i; ++j) repeated = repeated || offsets[j] & 0x0f == offsets[i] & 0x0f;
            assertTrue(harness.isNonceUsed(alice, message.nonce) == repeated, "used exactly when seen before");
            if (repeated) {
                vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, alice, message.nonce));
            }
            harness.act(message, signature);
            assertTrue(harness.isNonceUsed(alice, message.nonce), "used afterwards");
        }
    }

    function testFuzz_AnyNonceServesOnce(uint256 nonce, uint256 privateKey) external {
        privateKey = bound(privateKey, 1, SECP256K1_ORDER - 1);
        Act memory message = _message(vm.addr(privateKey), nonce);
        Signature memory signature = _sign(privateKey, message);
        harness.act(message, signature);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNonceUsed.selector, message.signer, nonce));
        harness.act(message, signature);
    }

    function testFuzz_VoidedBitsAreTheUnionOfMasks(uint256 word, uint256 first, uint256 second) external {
        word = bound(word, 0, type(uint248).max);
        first |= 1;
        uint256 fresh = second & ~first;
        vm.startPrank(alice);
        harness.voidNonces(word, first);
        if (fresh == 0) {
            vm.expectRevert(abi.encodeWithSelector(ISigned.SignedNothingToVoid.selector, alice, word, second));
        } else {
            vm.expectEmit(address(harness));
            emit ISigned.NoncesVoided(alice, word, fresh);
        }
        harness.voidNonces(word, second);
        vm.stopPrank();
        for (uint256 bit = 0; bit < 256; bit += 15) {
            bool expected = (first | second) & (1 << bit) != 0;
            assertTrue(harness.isNonceUsed(alice, (word << 8) | bit) == expected, "union");
        }
    }

    function _message(address signer, uint256 nonce) private pure returns (Act memory message) {
        return Act({signer: signer, value: 42, nonce: nonce, deadline: EPOCH + 1 hours});
    }

    function _hash(Act memory message) private view returns (bytes32 structHash) {
        return harness.hashAct(message);
    }

    function _sign(uint256 privateKey, Act memory message) private view returns (Signature memory signature) {
        return signTyped(privateKey, domainOf("SignedHarness", address(harness)), _hash(message));
    }

    function _p256Key() private view returns (bytes memory key) {
        (uint256 x, uint256 y) = vm.publicKeyP256(P256_KEY);
        return abi.encodePacked(address(p256), x, y);
    }

    function _p256Sign(Act memory message, bool highS) private view returns (bytes memory data) {
        (bytes32 r, bytes32 s) = vm.signP256(P256_KEY, harness.digestOf(message));
        if ((uint256(s) > P256_ORDER / 2) != highS) s = bytes32(P256_ORDER - uint256(s));
        return abi.encodePacked(r, s);
    }

    function _accountOf(bytes memory key) private pure returns (address signer) {
        // The low 20 bytes of the hash are the account's address.
        return address(uint160(uint256(keccak256(key))));
    }

    function _expectInvalid(Act memory message, Signature memory signature) private {
        bytes32 digest = harness.digestOf(message);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, message.signer, digest));
        harness.act(message, signature);
    }
}
