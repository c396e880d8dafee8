// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC3009, IERC3009Cancel} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";

import {Token20} from "./Tokens.sol";

/// @notice What ERC-3009 says of signed transfers. The domain is that of {ERC2612Conformance}.
abstract contract ERC3009Conformance is Token20 {
    /// @dev A transfer as its payer signs it.
    struct Payment {
        address from;
        address to;
        uint256 value;
        uint256 validAfter;
        uint256 validBefore;
        bytes32 nonce;
    }

    bytes32 private constant MOVED = keccak256("Transfer(address,address,uint256)");
    bytes32 private constant USED = keccak256("AuthorizationUsed(address,bytes32)");
    bytes32 private constant CANCELED = keccak256("AuthorizationCanceled(address,bytes32)");
    bytes32 private constant TRANSFER = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant RECEIVE = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant CANCEL = keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");
    uint256 private constant PAYER_KEY = 0x3009;
    uint256 private constant OTHER_KEY = 0x3010;
    uint256 private constant FUNDS = 1_000;

    /// @dev A payer's nth nonce, from 0. The standard leaves nonces to the payer; a token may want more of them.
    function nonce3009(uint256 n) internal view virtual returns (bytes32 nonce);

    /// @dev The token's domain separator.
    function separator3009() internal view virtual returns (bytes32 separator);

    // transferWithAuthorization: moves, tells, and uses up the nonce, whoever brings it

    function testFuzz_SignedTransferMovesAndTells(uint256 value, address relayer) external {
        Payment memory payment = _payment();
        payment.value = bound(value, 0, FUNDS);
        if (relayer == address(vm)) relayer = STRANGER;
        assertFalse(_signed3009().authorizationState(payment.from, payment.nonce), "not used yet");
        vm.recordLogs();
        does(
            relayer,
            address(_signed3009()),
            _transfer(payment, _sign(PAYER_KEY, TRANSFER, payment)),
            "signed transfer"
        );
        assertTold(address(_signed3009()), topicsOf(USED, word(payment.from), payment.nonce), "", "AuthorizationUsed");
        _assertPaid(payment);
    }

    function test_SignedTransferTellsTheTransfer() external {
        Payment memory payment = _payment();
        vm.recordLogs();
        does(
            STRANGER,
            address(_signed3009()),
            _transfer(payment, _sign(PAYER_KEY, TRANSFER, payment)),
            "signed transfer"
        );
        assertTold(
            address(_signed3009()),
            topicsOf(MOVED, word(payment.from), word(RECEIVER)),
            abi.encode(payment.value),
            "Transfer"
        );
    }

    function test_RevertWhen_SignedTransferIsUsedTwice() external {
        Payment memory payment = _payment();
        bytes memory data = _transfer(payment, _sign(PAYER_KEY, TRANSFER, payment));
        does(STRANGER, address(_signed3009()), data, "signed transfer");
        refuses(STRANGER, address(_signed3009()), data, "again");
        _assertPaid(payment);
    }

    /// @dev Both bounds are outside.
    function test_RevertWhen_SignedTransferIsEarlyOrLate() external {
        Payment memory payment = _payment();
        payment.validAfter = block.timestamp;
        _refusesTransfer(payment, _sign(PAYER_KEY, TRANSFER, payment), "at its beginning");
        payment.validAfter = 0;
        payment.validBefore = block.timestamp;
        _refusesTransfer(payment, _sign(PAYER_KEY, TRANSFER, payment), "at its end");
        payment.validAfter = block.timestamp - 1;
        payment.validBefore = block.timestamp + 1;
        does(
            STRANGER,
            address(_signed3009()),
            _transfer(payment, _sign(PAYER_KEY, TRANSFER, payment)),
            "in its one second"
        );
    }

    function testFuzz_RevertWhen_SignedOtherwise(uint256 value, bytes32 nonce) external {
        Payment memory payment = _payment();
        _refusesTransfer(payment, _sign(OTHER_KEY, TRANSFER, payment), "another signer");
        _refusesTransfer(payment, _sign(PAYER_KEY, RECEIVE, payment), "signed to be received");
        bytes memory signature = _sign(PAYER_KEY, TRANSFER, payment);
        payment.value = bound(value, 0, FUNDS);
        if (payment.value != _payment().value) _refusesTransfer(payment, signature, "another value");
        payment = _payment();
        payment.nonce = nonce;
        if (nonce != _payment().nonce) _refusesTransfer(payment, signature, "another nonce");
        payment = _payment();
        payment.to = STRANGER;
        _refusesTransfer(payment, signature, "another receiver");
        payment = _payment();
        vm.chainId(block.chainid + 1);
        _refusesTransfer(payment, signature, "another chain");
    }

    // receiveWithAuthorization: only the payee collects

    function test_PayeeReceivesAndTells() external {
        Payment memory payment = _payment();
        vm.recordLogs();
        does(RECEIVER, address(_signed3009()), _receive(payment, _sign(PAYER_KEY, RECEIVE, payment)), "received");
        assertTold(address(_signed3009()), topicsOf(USED, word(payment.from), payment.nonce), "", "AuthorizationUsed");
        _assertPaid(payment);
    }

    function test_RevertWhen_AnotherReceives() external {
        Payment memory payment = _payment();
        bytes memory signature = _sign(PAYER_KEY, RECEIVE, payment);
        refuses(STRANGER, address(_signed3009()), _receive(payment, signature), "a stranger collects");
        refuses(payment.from, address(_signed3009()), _receive(payment, signature), "the payer pushes");
        bytes memory push = _sign(PAYER_KEY, TRANSFER, payment);
        refuses(RECEIVER, address(_signed3009()), _receive(payment, push), "signed to be pushed");
        assertEq(token20().balanceOf(RECEIVER), 0, "receiver");
    }

    // cancelAuthorization: tells, and what was signed never pays; what is used cannot be canceled

    function test_CanceledNeverPays() external {
        Payment memory payment = _payment();
        vm.recordLogs();
        does(STRANGER, address(_signed3009()), _cancel(payment, PAYER_KEY), "canceled");
        assertTold(
            address(_signed3009()),
            topicsOf(CANCELED, word(payment.from), payment.nonce),
            "",
            "AuthorizationCanceled"
        );
        assertTrue(_signed3009().authorizationState(payment.from, payment.nonce), "state");
        _refusesTransfer(payment, _sign(PAYER_KEY, TRANSFER, payment), "canceled");
    }

    function test_RevertWhen_CanceledByAnotherOrTooLate() external {
        Payment memory payment = _payment();
        refuses(STRANGER, address(_signed3009()), _cancel(payment, OTHER_KEY), "another signer");
        does(
            STRANGER,
            address(_signed3009()),
            _transfer(payment, _sign(PAYER_KEY, TRANSFER, payment)),
            "signed transfer"
        );
        refuses(STRANGER, address(_signed3009()), _cancel(payment, PAYER_KEY), "used");
    }

    function _refusesTransfer(Payment memory payment, bytes memory signature, string memory reason) private {
        refuses(STRANGER, address(_signed3009()), _transfer(payment, signature), reason);
        assertEq(token20().balanceOf(payment.to), 0, reason);
    }

    function _assertPaid(Payment memory payment) private view {
        assertTrue(_signed3009().authorizationState(payment.from, payment.nonce), "used");
        assertEq(token20().balanceOf(payment.from), FUNDS - payment.value, "payer");
        assertEq(token20().balanceOf(payment.to), payment.value, "payee");
    }

    /// @dev Of a payer who has the money.
    function _payment() private returns (Payment memory payment) {
        payment = Payment({
            from: vm.addr(PAYER_KEY),
            to: RECEIVER,
            value: 300,
            validAfter: 0,
            validBefore: block.timestamp + 1 hours,
            nonce: nonce3009(0)
        });
        if (token20().balanceOf(payment.from) == 0) fund20(payment.from, FUNDS);
    }

    function _transfer(Payment memory paid, bytes memory signature) private pure returns (bytes memory data) {
        (uint8 v, bytes32 r, bytes32 s) = _parts(signature);
        return
            abi.encodeCall(
                IERC3009.transferWithAuthorization,
                (paid.from, paid.to, paid.value, paid.validAfter, paid.validBefore, paid.nonce, v, r, s)
            );
    }

    function _receive(Payment memory paid, bytes memory signature) private pure returns (bytes memory data) {
        (uint8 v, bytes32 r, bytes32 s) = _parts(signature);
        return
            abi.encodeCall(
                IERC3009.receiveWithAuthorization,
                (paid.from, paid.to, paid.value, paid.validAfter, paid.validBefore, paid.nonce, v, r, s)
            );
    }

    function _cancel(Payment memory paid, uint256 key) private view returns (bytes memory data) {
        bytes32 message = keccak256(abi.encode(CANCEL, paid.from, paid.nonce));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, _digest(message));
        return abi.encodeCall(IERC3009Cancel.cancelAuthorization, (paid.from, paid.nonce, v, r, s));
    }

    function _sign(uint256 key, bytes32 kind, Payment memory paid) private view returns (bytes memory signature) {
        bytes32 message = keccak256(
            abi.encode(kind, paid.from, paid.to, paid.value, paid.validAfter, paid.validBefore, paid.nonce)
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, _digest(message));
        return abi.encode(v, r, s);
    }

    function _digest(bytes32 message) private view returns (bytes32 digest) {
        return keccak256(abi.encodePacked(hex"1901", separator3009(), message));
    }

    function _parts(bytes memory signature) private pure returns (uint8 v, bytes32 r, bytes32 s) {
        return abi.decode(signature, (uint8, bytes32, bytes32));
    }

    function _signed3009() private view returns (IERC3009 token) {
        return IERC3009(address(token20()));
    }
}
