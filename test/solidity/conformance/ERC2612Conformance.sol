// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import {Token20} from "./Tokens.sol";

/// @notice What ERC-2612 says of signed approvals, and ERC-712 of what is signed. The token's domain has the fields name,
/// version, chainId and verifyingContract.
abstract contract ERC2612Conformance is Token20 {
    /// @dev An approval as its owner signs it, and who signs.
    struct Approval {
        address owner;
        address spender;
        uint256 value;
        uint256 nonce;
        uint256 deadline;
        uint256 key;
        bytes32 domain;
    }

    bytes32 private constant APPROVAL = keccak256("Approval(address,address,uint256)");
    bytes32 private constant PERMIT = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );
    uint256 private constant OWNER_KEY = 0x2612;
    uint256 private constant OTHER_KEY = 0x2613;
    uint256 private constant VALUE = 77;

    /// @dev Name and version in the token's domain.
    function domain20() internal view virtual returns (string memory name, string memory version);

    // DOMAIN_SEPARATOR: of this token on the chain of now

    function test_DomainIsOfTheTokenAndTheChain() external {
        assertEq(_permits().DOMAIN_SEPARATOR(), _domain(address(_permits()), block.chainid), "domain");
        vm.chainId(block.chainid + 1);
        assertEq(_permits().DOMAIN_SEPARATOR(), _domain(address(_permits()), block.chainid), "after a fork");
    }

    // permit: sets the allowance, raises the nonce by one, tells, whoever brings it

    function testFuzz_PermitApprovesAndTells(uint256 value, uint256 deadline, address relayer) external {
        Approval memory approval = _approval();
        approval.value = value;
        approval.deadline = bound(deadline, block.timestamp, type(uint256).max);
        if (relayer == address(vm)) relayer = STRANGER;
        vm.recordLogs();
        does(relayer, address(_permits()), _signed(approval), "permit");
        assertTold(
            address(_permits()),
            topicsOf(APPROVAL, word(approval.owner), word(SPENDER)),
            abi.encode(value),
            "Approval"
        );
        assertEq(token20().allowance(approval.owner, SPENDER), value, "allowance");
    }

    function test_PermitServesInItsLastSecond() external {
        Approval memory approval = _approval();
        approval.deadline = block.timestamp;
        does(STRANGER, address(_permits()), _signed(approval), "deadline is now");
    }

    function test_NoncesBeginAtZeroAndRiseByOne() external {
        Approval memory approval = _approval();
        for (uint256 i = 0; i < 3; ++i) {
            approval.nonce = i;
            assertEq(_permits().nonces(approval.owner), i, "nonce");
            does(STRANGER, address(_permits()), _signed(approval), "permit");
        }
        assertEq(_permits().nonces(vm.addr(OTHER_KEY)), 0, "of another owner");
    }

    // permit: reverts where one of its conditions is not met, and changes nothing then

    function test_RevertWhen_PermitIsLate() external {
        Approval memory approval = _approval();
        approval.deadline = block.timestamp - 1;
        _assertRefused(approval, "late");
    }

    function test_RevertWhen_PermitIsUsedTwice() external {
        Approval memory approval = _approval();
        does(STRANGER, address(_permits()), _signed(approval), "permit");
        does(approval.owner, address(_permits()), abi.encodeCall(IERC20.approve, (SPENDER, 0)), "taken back");
        refuses(STRANGER, address(_permits()), _signed(approval), "again");
        assertEq(token20().allowance(approval.owner, SPENDER), 0, "allowance");
    }

    function test_RevertWhen_PermitSkipsANonce() external {
        Approval memory approval = _approval();
        approval.nonce = 1;
        _assertRefused(approval, "ahead");
    }

    function test_RevertWhen_AnotherSigns() external {
        Approval memory approval = _approval();
        approval.key = OTHER_KEY;
        _assertRefused(approval, "another signer");
    }

    function test_RevertWhen_SignedForAnotherChain() external {
        Approval memory approval = _approval();
        approval.domain = _domain(address(_permits()), block.chainid + 1);
        _assertRefused(approval, "another chain");
    }

    function test_RevertWhen_SignedForAnotherToken() external {
        Approval memory approval = _approval();
        approval.domain = _domain(STRANGER, block.chainid);
        _assertRefused(approval, "another token");
    }

    function testFuzz_RevertWhen_SignedForAnotherValueOrSpender(uint256 value, address spender) external {
        Approval memory approval = _approval();
        (uint8 v, bytes32 r, bytes32 s) = _sign(approval);
        if (value == VALUE) ++value;
        if (spender == SPENDER) spender = STRANGER;
        _refusesPermit(approval.owner, SPENDER, value, approval.deadline, v, r, s, "another value");
        _refusesPermit(approval.owner, spender, VALUE, approval.deadline, v, r, s, "another spender");
        _refusesPermit(approval.owner, SPENDER, VALUE, approval.deadline + 1, v, r, s, "another deadline");
    }

    function test_RevertWhen_TheZeroAddressApproves() external {
        // Recovering a signer from what is no signature gives the zero address.
        _refusesPermit(address(0), SPENDER, VALUE, block.timestamp, 0, bytes32(0), bytes32(0), "zero");
    }

    function _assertRefused(Approval memory approval, string memory reason) private {
        refuses(STRANGER, address(_permits()), _signed(approval), reason);
        assertEq(token20().allowance(approval.owner, SPENDER), 0, "allowance");
        assertEq(_permits().nonces(approval.owner), 0, "nonce");
    }

    function _refusesPermit(
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s,
        string memory reason
    ) private {
        refuses(
            STRANGER,
            address(_permits()),
            abi.encodeCall(IERC20Permit.permit, (owner, spender, value, deadline, v, r, s)),
            reason
        );
        assertEq(token20().allowance(owner, spender), 0, reason);
    }

    function _approval() private view returns (Approval memory approval) {
        return
            Approval({
                owner: vm.addr(OWNER_KEY),
                spender: SPENDER,
                value: VALUE,
                nonce: 0,
                deadline: block.timestamp + 1 hours,
                key: OWNER_KEY,
                domain: _domain(address(_permits()), block.chainid)
            });
    }

    function _signed(Approval memory approval) private pure returns (bytes memory data) {
        (uint8 v, bytes32 r, bytes32 s) = _sign(approval);
        return
            abi.encodeCall(
                IERC20Permit.permit,
                (approval.owner, approval.spender, approval.value, approval.deadline, v, r, s)
            );
    }

    function _sign(Approval memory approval) private pure returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 message = keccak256(
            abi.encode(PERMIT, approval.owner, approval.spender, approval.value, approval.nonce, approval.deadline)
        );
        return vm.sign(approval.key, keccak256(abi.encodePacked(hex"1901", approval.domain, message)));
    }

    function _domain(address token, uint256 chain) private view returns (bytes32 domain) {
        (string memory name, string memory version) = domain20();
        return
            keccak256(
                abi.encode(
                    keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                    keccak256(bytes(name)),
                    keccak256(bytes(version)),
                    chain,
                    token
                )
            );
    }

    function _permits() private view returns (IERC20Permit token) {
        return IERC20Permit(address(token20()));
    }
}
