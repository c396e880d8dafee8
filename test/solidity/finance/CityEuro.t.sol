// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC3009, IERC3009Cancel} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

import {Roles} from "../../../contracts/authority/Roles.sol";
import {CityEuro} from "../../../contracts/finance/CityEuro.sol";
import {ContractAccount} from "../../../contracts/mocks/ContractAccount.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

contract CityEuroTest is CivitasTest {
    /// @dev A signed transfer as its payer signs it.
    struct Payment {
        address from;
        address to;
        uint256 value;
        uint256 validAfter;
        uint256 validBefore;
        bytes32 nonce;
    }

    struct Parts {
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    bytes32 private constant PERMIT_TYPEHASH = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant TRANSFER_TYPEHASH = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant RECEIVE_TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant CANCEL_TYPEHASH = keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");
    uint256 private constant FUNDS = 1_000e6;
    uint192 private constant KEY = 77;

    AccessManager private manager;
    CityEuro private euro;
    address private minter;
    address private alice;
    uint256 private aliceKey;
    address private bob;
    uint256 private bobKey;
    address private relayer;

    function setUp() external {
        vm.warp(EPOCH);
        (minter, ) = actor("minter");
        (alice, aliceKey) = actor("alice");
        (bob, bobKey) = actor("bob");
        (relayer, ) = actor("relayer");
        manager = new AccessManager(address(this));
        euro = _deploy();
        manager.grantRole(Roles.MINTER, minter, 0);
        vm.prank(minter);
        euro.mint(alice, FUNDS);
    }

    // constructor, views
    // └─ name, symbol, decimals, authority, domain

    function test_Metadata() external view {
        assertEq(keccak256(bytes(euro.name())), keccak256("City Euro"), "name");
        assertEq(keccak256(bytes(euro.symbol())), keccak256("CEUR"), "symbol");
        assertEq(euro.decimals(), 6, "decimals");
        assertEq(euro.authority(), address(manager), "authority");
        assertEq(euro.DOMAIN_SEPARATOR(), domainOf("City Euro", address(euro)), "domain");
        assertEq(euro.totalSupply(), FUNDS, "supply");
    }

    // mint
    // ├─ caller is not a minter .............................. AccessManagedUnauthorized
    // ├─ receiver is zero .................................... ERC20InvalidReceiver
    // └─ otherwise ........................................... Transfer from zero; balance and supply rise

    function test_RevertWhen_MinterIsAStranger() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice));
        vm.prank(alice);
        euro.mint(alice, 1);
    }

    function test_RevertWhen_MintingToZero() external {
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0)));
        vm.prank(minter);
        euro.mint(address(0), 1);
    }

    function test_MinterMints() external {
        vm.expectEmit(address(euro));
        emit IERC20.Transfer(address(0), bob, 5e6);
        vm.prank(minter);
        euro.mint(bob, 5e6);
        assertEq(euro.balanceOf(bob), 5e6, "balance");
        assertEq(euro.totalSupply(), FUNDS + 5e6, "supply");
    }

    // burn, burnFrom: how holders redeem
    // ├─ more than the balance ............................... ERC20InsufficientBalance
    // ├─ burnFrom without allowance .......................... ERC20InsufficientAllowance
    // └─ otherwise ........................................... Transfer to zero; balance and supply fall

    function test_HolderBurns() external {
        vm.expectEmit(address(euro));
        emit IERC20.Transfer(alice, address(0), 4e6);
        vm.prank(alice);
        euro.burn(4e6);
        assertEq(euro.balanceOf(alice), FUNDS - 4e6, "balance");
        assertEq(euro.totalSupply(), FUNDS - 4e6, "supply");
    }

    function test_ApprovedBurns() external {
        vm.prank(alice);
        euro.approve(bob, 4e6);
        vm.prank(bob);
        euro.burnFrom(alice, 3e6);
        assertEq(euro.balanceOf(alice), FUNDS - 3e6, "balance");
        assertEq(euro.allowance(alice, bob), 1e6, "allowance");
    }

    function test_RevertWhen_BurningTooMuch() external {
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, alice, FUNDS, FUNDS + 1)
        );
        vm.prank(alice);
        euro.burn(FUNDS + 1);
    }

    /// @dev The minter issues; it cannot take back.
    function test_RevertWhen_MinterBurnsFromAHolder() external {
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, minter, 0, 1));
        vm.prank(minter);
        euro.burnFrom(alice, 1);
    }

    // permit (ERC-2612)
    // ├─ deadline passed ..................................... ERC2612ExpiredSignature
    // ├─ signed by another, over other values, for another
    // │  chain or contract, or the second time ............... ERC2612InvalidSigner
    // ├─ signature with high s ............................... ECDSAInvalidSignatureS
    // └─ otherwise ........................................... Approval; nonce of key 0 rises

    function test_Permit() external {
        Parts memory parts = _signPermit(euro, aliceKey, 7e6, 0, EPOCH);
        vm.expectEmit(address(euro));
        emit IERC20.Approval(alice, bob, 7e6);
        vm.prank(relayer);
        euro.permit(alice, bob, 7e6, EPOCH, parts.v, parts.r, parts.s);
        assertEq(euro.allowance(alice, bob), 7e6, "allowance");
        assertEq(euro.nonces(alice), 1, "nonce");
    }

    function test_RevertWhen_PermitExpired() external {
        Parts memory parts = _signPermit(euro, aliceKey, 7e6, 0, EPOCH - 1);
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, EPOCH - 1));
        euro.permit(alice, bob, 7e6, EPOCH - 1, parts.v, parts.r, parts.s);
    }

    function test_RevertWhen_PermitSignedByAnother() external {
        Parts memory parts = _signPermit(euro, bobKey, 7e6, 0, EPOCH);
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612InvalidSigner.selector, bob, alice));
        euro.permit(alice, bob, 7e6, EPOCH, parts.v, parts.r, parts.s);
    }

    function test_RevertWhen_PermitReplayed() external {
        Parts memory parts = _signPermit(euro, aliceKey, 7e6, 0, EPOCH);
        euro.permit(alice, bob, 7e6, EPOCH, parts.v, parts.r, parts.s);
        _expectPermitRefused(euro, parts, 1);
    }

    function test_RevertWhen_PermitReplayedOnAnotherChain() external {
        Parts memory parts = _signPermit(euro, aliceKey, 7e6, 0, EPOCH);
        vm.chainId(block.chainid + 1);
        _expectPermitRefused(euro, parts, 0);
    }

    function test_RevertWhen_PermitReplayedAtAnotherContract() external {
        Parts memory parts = _signPermit(euro, aliceKey, 7e6, 0, EPOCH);
        _expectPermitRefused(_deploy(), parts, 0);
    }

    function test_RevertWhen_PermitMalleated() external {
        Parts memory parts = _malleate(_signPermit(euro, aliceKey, 7e6, 0, EPOCH));
        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, parts.s));
        euro.permit(alice, bob, 7e6, EPOCH, parts.v, parts.r, parts.s);
    }

    // transferWithAuthorization (ERC-3009), as v, r, s and as bytes
    // ├─ not signed by the payer, signed for another chain or contract, over other values, for receiving,
    // │  empty ............................................... ERC3009InvalidSignature (v, r, s: ECDSA's own errors)
    // ├─ not yet or no longer valid .......................... ERC3009InvalidAuthorizationTime
    // ├─ nonce is not the next of its key .................... InvalidAccountNonce
    // ├─ funds are missing ................................... ERC20InsufficientBalance
    // └─ otherwise ........................................... AuthorizationUsed, Transfer; nonce of that key rises

    function test_TransferAuthorisedByParts() external {
        Payment memory payment = _payment(KEY, 0);
        Parts memory parts = _split(_signPayment(euro, aliceKey, TRANSFER_TYPEHASH, payment));
        _expectPaid(payment);
        vm.prank(relayer);
        euro.transferWithAuthorization(
            payment.from,
            payment.to,
            payment.value,
            payment.validAfter,
            payment.validBefore,
            payment.nonce,
            parts.v,
            parts.r,
            parts.s
        );
        _assertPaid(payment, 1);
    }

    function test_TransferAuthorisedByBytes() external {
        Payment memory payment = _payment(KEY, 0);
        bytes memory signature = _signPayment(euro, aliceKey, TRANSFER_TYPEHASH, payment);
        _expectPaid(payment);
        vm.prank(relayer);
        _transfer(euro, payment, signature);
        _assertPaid(payment, 1);
    }

    function test_TransferAuthorisedByContractAccount() external {
        ContractAccount account = new ContractAccount(bob);
        vm.prank(alice);
        euro.transfer(address(account), 10e6);
        Payment memory payment = _payment(KEY, 0);
        payment.from = address(account);
        payment.to = alice;
        bytes memory signature = _signPayment(euro, bobKey, TRANSFER_TYPEHASH, payment);
        _transfer(euro, payment, signature);
        assertEq(euro.balanceOf(address(account)), 10e6 - payment.value, "payer");
        assertEq(euro.balanceOf(alice), FUNDS - 10e6 + payment.value, "payee");
    }

    function test_RevertWhen_TransferPartsAreAnothers() external {
        Payment memory payment = _payment(KEY, 0);
        Parts memory parts = _split(_signPayment(euro, bobKey, TRANSFER_TYPEHASH, payment));
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009InvalidSignature.selector));
        euro.transferWithAuthorization(
            payment.from,
            payment.to,
            payment.value,
            payment.validAfter,
            payment.validBefore,
            payment.nonce,
            parts.v,
            parts.r,
            parts.s
        );
    }

    function test_RevertWhen_TransferSignatureIsNotThePayers() external {
        Payment memory payment = _payment(KEY, 0);
        _expectBadTransfer(euro, payment, _signPayment(euro, bobKey, TRANSFER_TYPEHASH, payment));
        _expectBadTransfer(euro, payment, "");
        bytes memory signature = _signPayment(euro, aliceKey, TRANSFER_TYPEHASH, payment);
        Parts memory parts = _malleate(_split(signature));
        _expectBadTransfer(euro, payment, abi.encodePacked(parts.r, parts.s, parts.v));
        payment.value += 1;
        _expectBadTransfer(euro, payment, signature);
    }

    /// @dev Signed for the payee to collect: nobody may push it ahead of the payee.
    function test_RevertWhen_ReceiptIsUsedAsTransfer() external {
        Payment memory payment = _payment(KEY, 0);
        _expectBadTransfer(euro, payment, _signPayment(euro, aliceKey, RECEIVE_TYPEHASH, payment));
    }

    function test_RevertWhen_TransferReplayedOnAnotherChain() external {
        Payment memory payment = _payment(KEY, 0);
        bytes memory signature = _signPayment(euro, aliceKey, TRANSFER_TYPEHASH, payment);
        vm.chainId(block.chainid + 1);
        _expectBadTransfer(euro, payment, signature);
    }

    function test_RevertWhen_TransferReplayedAtAnotherContract() external {
        Payment memory payment = _payment(KEY, 0);
        bytes memory signature = _signPayment(euro, aliceKey, TRANSFER_TYPEHASH, payment);
        CityEuro other = _deploy();
        vm.prank(minter);
        other.mint(alice, FUNDS);
        _expectBadTransfer(other, payment, signature);
    }

    function test_RevertWhen_TransferReplayed() external {
        Payment memory payment = _payment(KEY, 0);
        bytes memory signature = _signPayment(euro, aliceKey, TRANSFER_TYPEHASH, payment);
        _transfer(euro, payment, signature);
        _expectBadNonce(payment, signature, _nonce(KEY, 1));
    }

    function test_RevertWhen_TransferSkipsASequenceNumber() external {
        Payment memory payment = _payment(KEY, 1);
        _expectBadNonce(payment, _signPayment(euro, aliceKey, TRANSFER_TYPEHASH, payment), _nonce(KEY, 0));
    }

    /// @dev Both bounds are outside the validity, as ERC-3009 has it.
    function test_RevertWhen_TransferIsEarlyOrLate() external {
        Payment memory payment = _payment(KEY, 0);
        payment.validAfter = EPOCH;
        _expectBadTime(payment);
        payment.validAfter = EPOCH - 1;
        payment.validBefore = EPOCH;
        _expectBadTime(payment);
        payment.validBefore = EPOCH + 1;
        _transfer(euro, payment, _signPayment(euro, aliceKey, TRANSFER_TYPEHASH, payment));
        _assertPaid(payment, 1);
    }

    function test_RevertWhen_TransferExceedsFunds() external {
        Payment memory payment = _payment(KEY, 0);
        payment.value = FUNDS + 1;
        bytes memory signature = _signPayment(euro, aliceKey, TRANSFER_TYPEHASH, payment);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, alice, FUNDS, FUNDS + 1)
        );
        _transfer(euro, payment, signature);
        assertFalse(euro.authorizationState(alice, payment.nonce), "nonce is not used up");
    }

    /// @dev Key 0 is the sequence of permits too, so each waits for the other; other keys wait for nothing.
    function test_KeyZeroIsSharedWithPermits() external {
        Payment memory payment = _payment(0, 0);
        bytes memory signature = _signPayment(euro, aliceKey, TRANSFER_TYPEHASH, payment);
        Parts memory parts = _signPermit(euro, aliceKey, 7e6, 0, EPOCH);
        euro.permit(alice, bob, 7e6, EPOCH, parts.v, parts.r, parts.s);
        assertTrue(euro.authorizationState(alice, payment.nonce), "used by the permit");
        _expectBadNonce(payment, signature, 1);

        Payment memory next = _payment(0, 1);
        _transfer(euro, next, _signPayment(euro, aliceKey, TRANSFER_TYPEHASH, next));
        assertEq(euro.nonces(alice), 2, "key 0");
        assertEq(euro.nonces(alice, KEY), _nonce(KEY, 0), "other key");
    }

    // receiveWithAuthorization, as v, r, s and as bytes
    // ├─ not signed by the payer, or signed for transferring .. ERC3009InvalidSignature
    // ├─ caller is not the payee .............................. ERC20InvalidReceiver
    // └─ otherwise ............................................ as transferWithAuthorization

    function test_PayeeReceivesByParts() external {
        Payment memory payment = _payment(KEY, 0);
        Parts memory parts = _split(_signPayment(euro, aliceKey, RECEIVE_TYPEHASH, payment));
        _expectPaid(payment);
        vm.prank(bob);
        _receiveByParts(payment, parts);
        _assertPaid(payment, 1);
    }

    function test_PayeeReceivesByBytes() external {
        Payment memory payment = _payment(KEY, 0);
        bytes memory signature = _signPayment(euro, aliceKey, RECEIVE_TYPEHASH, payment);
        _expectPaid(payment);
        vm.prank(bob);
        _receive(euro, payment, signature);
        _assertPaid(payment, 1);
    }

    function test_RevertWhen_ReceiverIsNotThePayee() external {
        Payment memory payment = _payment(KEY, 0);
        bytes memory signature = _signPayment(euro, aliceKey, RECEIVE_TYPEHASH, payment);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, bob));
        vm.prank(relayer);
        _receive(euro, payment, signature);

        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, bob));
        vm.prank(relayer);
        _receiveByParts(payment, _split(signature));
    }

    function test_RevertWhen_ReceiptIsNotSignedByThePayer() external {
        Payment memory payment = _payment(KEY, 0);
        _expectBadReceipt(euro, payment, _signPayment(euro, bobKey, RECEIVE_TYPEHASH, payment));
        _expectBadReceipt(euro, payment, _signPayment(euro, aliceKey, TRANSFER_TYPEHASH, payment));
        Parts memory parts = _split(_signPayment(euro, bobKey, RECEIVE_TYPEHASH, payment));
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009InvalidSignature.selector));
        vm.prank(bob);
        _receiveByParts(payment, parts);
    }

    function test_RevertWhen_ReceiptReplayed() external {
        Payment memory payment = _payment(KEY, 0);
        bytes memory signature = _signPayment(euro, aliceKey, RECEIVE_TYPEHASH, payment);
        vm.startPrank(bob);
        _receive(euro, payment, signature);
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, alice, _nonce(KEY, 1)));
        _receive(euro, payment, signature);
        vm.stopPrank();
    }

    function test_RevertWhen_ReceiptReplayedOnAnotherChainOrContract() external {
        Payment memory payment = _payment(KEY, 0);
        bytes memory signature = _signPayment(euro, aliceKey, RECEIVE_TYPEHASH, payment);
        _expectBadReceipt(_deploy(), payment, signature);
        vm.chainId(block.chainid + 1);
        _expectBadReceipt(euro, payment, signature);
    }

    // cancelAuthorization, as v, r, s and as bytes
    // ├─ not signed by the payer, or for another chain or contract . ERC3009InvalidSignature
    // ├─ nonce is not the next of its key ..................... InvalidAccountNonce
    // └─ otherwise ............................................ AuthorizationCanceled; the payment can never be made

    function test_CancelByParts() external {
        Payment memory payment = _payment(KEY, 0);
        bytes memory signature = _signPayment(euro, aliceKey, TRANSFER_TYPEHASH, payment);
        Parts memory parts = _split(_signCancel(euro, aliceKey, payment.nonce));
        vm.expectEmit(address(euro));
        emit IERC3009Cancel.AuthorizationCanceled(alice, payment.nonce);
        vm.prank(relayer);
        euro.cancelAuthorization(alice, payment.nonce, parts.v, parts.r, parts.s);
        assertTrue(euro.authorizationState(alice, payment.nonce), "state");
        _expectBadNonce(payment, signature, _nonce(KEY, 1));
    }

    function test_CancelByBytes() external {
        Payment memory payment = _payment(KEY, 0);
        bytes memory signature = _signPayment(euro, aliceKey, TRANSFER_TYPEHASH, payment);
        bytes memory cancellation = _signCancel(euro, aliceKey, payment.nonce);
        vm.expectEmit(address(euro));
        emit IERC3009Cancel.AuthorizationCanceled(alice, payment.nonce);
        euro.cancelAuthorization(alice, payment.nonce, cancellation);
        _expectBadNonce(payment, signature, _nonce(KEY, 1));
    }

    function test_RevertWhen_CancellationIsNotThePayers() external {
        bytes32 nonce = bytes32(_nonce(KEY, 0));
        _expectBadCancel(euro, nonce, _signCancel(euro, bobKey, nonce));
        Parts memory parts = _split(_signCancel(euro, bobKey, nonce));
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009InvalidSignature.selector));
        euro.cancelAuthorization(alice, nonce, parts.v, parts.r, parts.s);
    }

    function test_RevertWhen_CancellationReplayed() external {
        bytes32 nonce = bytes32(_nonce(KEY, 0));
        bytes memory cancellation = _signCancel(euro, aliceKey, nonce);
        euro.cancelAuthorization(alice, nonce, cancellation);
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, alice, _nonce(KEY, 1)));
        euro.cancelAuthorization(alice, nonce, cancellation);
    }

    function test_RevertWhen_CancellationReplayedOnAnotherChainOrContract() external {
        bytes32 nonce = bytes32(_nonce(KEY, 0));
        bytes memory cancellation = _signCancel(euro, aliceKey, nonce);
        _expectBadCancel(_deploy(), nonce, cancellation);
        vm.chainId(block.chainid + 1);
        _expectBadCancel(euro, nonce, cancellation);
    }

    // fuzz

    function testFuzz_KeysAreIndependentAndSequencesInOrder(uint8[10] calldata choices) external {
        uint64[4] memory used;
        for (uint256 i = 0; i < choices.length; ++i) {
            uint192 key = choices[i] % 4;
            Payment memory payment = _payment(key, used[key]);
            bytes memory signature = _signPayment(euro, aliceKey, TRANSFER_TYPEHASH, payment);
            _transfer(euro, payment, signature);
            _expectBadNonce(payment, signature, _nonce(key, ++used[key]));
        }
        for (uint192 key = 0; key < 4; ++key) assertEq(euro.nonces(alice, key), _nonce(key, used[key]), "sequence");
        assertEq(euro.balanceOf(bob), choices.length * 2e6, "paid once each");
    }

    function testFuzz_SupplyIsWhatWasMintedLessBurned(uint128 minted, uint128 burned) external {
        vm.prank(minter);
        euro.mint(bob, minted);
        burned = uint128(bound(burned, 0, minted));
        vm.prank(bob);
        euro.burn(burned);
        assertEq(euro.totalSupply(), FUNDS + minted - burned, "supply");
        assertEq(euro.balanceOf(bob), uint256(minted) - burned, "balance");
    }

    function _deploy() private returns (CityEuro token) {
        token = new CityEuro(address(manager));
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = CityEuro.mint.selector;
        manager.setTargetFunctionRole(address(token), selectors, Roles.MINTER);
    }

    function _nonce(uint192 key, uint64 sequence) private pure returns (uint256 nonce) {
        return (uint256(key) << 64) | sequence;
    }

    function _payment(uint192 key, uint64 sequence) private view returns (Payment memory payment) {
        return
            Payment({
                from: alice,
                to: bob,
                value: 2e6,
                validAfter: EPOCH - 1,
                validBefore: EPOCH + 1,
                nonce: bytes32(_nonce(key, sequence))
            });
    }

    function _signHash(CityEuro token, uint256 privateKey, bytes32 structHash) private view returns (bytes memory) {
        return signTyped(privateKey, domainOf("City Euro", address(token)), structHash).data;
    }

    function _signPermit(
        CityEuro token,
        uint256 privateKey,
        uint256 value,
        uint256 nonce,
        uint256 deadline
    ) private view returns (Parts memory parts) {
        bytes32 structHash = keccak256(abi.encode(PERMIT_TYPEHASH, alice, bob, value, nonce, deadline));
        return _split(_signHash(token, privateKey, structHash));
    }

    function _signPayment(
        CityEuro token,
        uint256 privateKey,
        bytes32 typeHash,
        Payment memory payment
    ) private view returns (bytes memory signature) {
        return _signHash(token, privateKey, keccak256(abi.encode(typeHash, payment)));
    }

    function _signCancel(
        CityEuro token,
        uint256 privateKey,
        bytes32 nonce
    ) private view returns (bytes memory signature) {
        return _signHash(token, privateKey, keccak256(abi.encode(CANCEL_TYPEHASH, alice, nonce)));
    }

    function _split(bytes memory signature) private pure returns (Parts memory parts) {
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        return Parts({v: uint8(signature[64]), r: r, s: s});
    }

    /// @dev The other signature that the same curve point gives: anybody can compute it.
    function _malleate(Parts memory parts) private pure returns (Parts memory malleated) {
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        return Parts({v: parts.v == 27 ? 28 : 27, r: parts.r, s: bytes32(order - uint256(parts.s))});
    }

    function _transfer(CityEuro token, Payment memory payment, bytes memory signature) private {
        token.transferWithAuthorization(
            payment.from,
            payment.to,
            payment.value,
            payment.validAfter,
            payment.validBefore,
            payment.nonce,
            signature
        );
    }

    function _receive(CityEuro token, Payment memory payment, bytes memory signature) private {
        token.receiveWithAuthorization(
            payment.from,
            payment.to,
            payment.value,
            payment.validAfter,
            payment.validBefore,
            payment.nonce,
            signature
        );
    }

    function _receiveByParts(Payment memory payment, Parts memory parts) private {
        euro.receiveWithAuthorization(
            payment.from,
            payment.to,
            payment.value,
            payment.validAfter,
            payment.validBefore,
            payment.nonce,
            parts.v,
            parts.r,
            parts.s
        );
    }

    function _expectPaid(Payment memory payment) private {
        vm.expectEmit(address(euro));
        emit IERC3009.AuthorizationUsed(payment.from, payment.nonce);
        vm.expectEmit(address(euro));
        emit IERC20.Transfer(payment.from, payment.to, payment.value);
    }

    function _assertPaid(Payment memory payment, uint64 nextSequence) private view {
        assertEq(euro.balanceOf(payment.from), FUNDS - payment.value, "payer");
        assertEq(euro.balanceOf(payment.to), payment.value, "payee");
        assertTrue(euro.authorizationState(payment.from, payment.nonce), "state");
        assertEq(euro.nonces(payment.from, KEY), _nonce(KEY, nextSequence), "next nonce");
    }

    /// @dev A wrong signature recovers to an unforeseeable account, so the test computes it.
    function _expectPermitRefused(CityEuro token, Parts memory parts, uint256 nonce) private {
        bytes32 structHash = keccak256(abi.encode(PERMIT_TYPEHASH, alice, bob, 7e6, nonce, EPOCH));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domainOf("City Euro", address(token)), structHash));
        address recovered = ecrecover(digest, parts.v, parts.r, parts.s);
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612InvalidSigner.selector, recovered, alice));
        token.permit(alice, bob, 7e6, EPOCH, parts.v, parts.r, parts.s);
    }

    function _expectBadTransfer(CityEuro token, Payment memory payment, bytes memory signature) private {
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009InvalidSignature.selector));
        _transfer(token, payment, signature);
    }

    function _expectBadReceipt(CityEuro token, Payment memory payment, bytes memory signature) private {
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009InvalidSignature.selector));
        vm.prank(bob);
        _receive(token, payment, signature);
    }

    function _expectBadCancel(CityEuro token, bytes32 nonce, bytes memory signature) private {
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009InvalidSignature.selector));
        token.cancelAuthorization(alice, nonce, signature);
    }

    function _expectBadNonce(Payment memory payment, bytes memory signature, uint256 next) private {
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, payment.from, next));
        _transfer(euro, payment, signature);
    }

    function _expectBadTime(Payment memory payment) private {
        bytes memory signature = _signPayment(euro, aliceKey, TRANSFER_TYPEHASH, payment);
        vm.expectRevert(
            abi.encodeWithSelector(
                ERC3009.ERC3009InvalidAuthorizationTime.selector,
                payment.validAfter,
                payment.validBefore
            )
        );
        _transfer(euro, payment, signature);
    }
}
