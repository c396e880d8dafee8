// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBatteryLease, LeaseAct, LeaseWithdrawal, Novation, Offer, ReturnReceipt, Swap} from "./IBatteryLease.sol";

/// @title LeaseTerms
/// @notice Which terms a lease can have, and the EIP-712 hashes of what the parties sign.
library LeaseTerms {
    bytes32 internal constant OFFER_TYPEHASH = keccak256(
        "Offer(uint256 packId,address lessor,address lessee,uint96 rent,uint96 deposit,uint96 lateFee,"
        "uint96 earlyFee,uint96 buyoutStart,uint96 buyoutResidual,uint96 overagePerKWh,uint48 includedWh,"
        "uint48 startWh,uint32 period,uint16 periods,uint32 grace,uint32 defaultAfter,uint32 claimWindow,"
        "uint32 arbiterWindow,uint32 cureDuration,uint16 minSohBp,bytes32 agreementHash,uint256 nonce,"
        "uint48 deadline)"
    );
    bytes32 internal constant LEASE_ACT_TYPEHASH = keccak256(
        "LeaseAct(uint256 leaseId,address party,uint8 kind,bytes32 evidenceHash,uint256 nonce,uint48 deadline)"
    );
    bytes32 internal constant SWAP_TYPEHASH = keccak256(
        "Swap(uint256 leaseId,address lessee,uint256 oldPackId,uint256 newPackId,uint256 nonce,uint48 deadline)"
    );
    bytes32 internal constant NOVATION_TYPEHASH = keccak256(
        "Novation(uint256 leaseId,uint256 packId,address oldLessee,address newLessee,uint256 nonce,uint48 deadline)"
    );
    bytes32 internal constant RETURN_RECEIPT_TYPEHASH = keccak256(
        "ReturnReceipt(uint256 leaseId,uint256 packId,address bay,uint48 receivedAt,uint256 nonce,uint48 deadline)"
    );

    bytes32 internal constant LEASE_WITHDRAWAL_TYPEHASH = keccak256(
        "LeaseWithdrawal(address account,address to,uint256 nonce,uint48 deadline)"
    );

    uint256 internal constant MIN_PERIOD = 1 hours;
    uint256 internal constant MAX_PERIOD = 366 days;
    uint256 internal constant MAX_TERM = 50 * 365 days;
    uint256 internal constant MAX_GRACE = 365 days;
    uint256 internal constant MAX_DEFAULT_AFTER = 365 days;
    uint256 internal constant MIN_WINDOW = 1 days;
    uint256 internal constant MAX_CLAIM_WINDOW = 90 days;
    uint256 internal constant MAX_ARBITER_WINDOW = 180 days;
    uint256 internal constant MAX_SOH_BP = 10_000;

    /// @notice Reverts with {IBatteryLease-BatteryLeaseBadTerms} when a term is out of the range given at {Offer}.
    /// @param offer The terms.
    function validate(Offer calldata offer) internal pure {
        _atLeast("rent", offer.rent, 1);
        _between("period", offer.period, MIN_PERIOD, MAX_PERIOD);
        _atLeast("periods", offer.periods, 1);
        _atMost("periods", uint256(offer.period) * offer.periods, MAX_TERM);
        _atMost("deposit", uint256(offer.rent) * offer.periods + offer.deposit, type(uint96).max);
        _atMost("grace", offer.grace, MAX_GRACE);
        _atMost("defaultAfter", offer.defaultAfter, MAX_DEFAULT_AFTER);
        _between("claimWindow", offer.claimWindow, MIN_WINDOW, MAX_CLAIM_WINDOW);
        _between("arbiterWindow", offer.arbiterWindow, MIN_WINDOW, MAX_ARBITER_WINDOW);
        _atMost("minSohBp", offer.minSohBp, MAX_SOH_BP);
        _atMost("buyoutResidual", offer.buyoutResidual, offer.buyoutStart);
    }

    /// @notice EIP-712 struct hash of an offer.
    /// @param offer The offer.
    /// @return structHash The hash.
    function hash(Offer calldata offer) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(OFFER_TYPEHASH, offer));
    }

    /// @notice EIP-712 struct hash of a party's act.
    /// @param leaseAct The act.
    /// @return structHash The hash.
    function hash(LeaseAct calldata leaseAct) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(LEASE_ACT_TYPEHASH, leaseAct));
    }

    /// @notice EIP-712 struct hash of a swap.
    /// @param order The swap.
    /// @return structHash The hash.
    function hash(Swap calldata order) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(SWAP_TYPEHASH, order));
    }

    /// @notice EIP-712 struct hash of a novation.
    /// @param order The novation.
    /// @return structHash The hash.
    function hash(Novation calldata order) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(NOVATION_TYPEHASH, order));
    }

    /// @notice EIP-712 struct hash of a bay's receipt.
    /// @param receipt The receipt.
    /// @return structHash The hash.
    function hash(ReturnReceipt calldata receipt) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(RETURN_RECEIPT_TYPEHASH, receipt));
    }

    /// @notice EIP-712 struct hash of a withdrawal.
    /// @param order The withdrawal.
    /// @return structHash The hash.
    function hash(LeaseWithdrawal calldata order) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(LEASE_WITHDRAWAL_TYPEHASH, order));
    }

    function _atLeast(string memory field, uint256 value, uint256 limit) private pure {
        if (value < limit) revert IBatteryLease.BatteryLeaseBadTerms(field, value, limit);
    }

    function _atMost(string memory field, uint256 value, uint256 limit) private pure {
        if (value > limit) revert IBatteryLease.BatteryLeaseBadTerms(field, value, limit);
    }

    function _between(string memory field, uint256 value, uint256 low, uint256 high) private pure {
        _atLeast(field, value, low);
        _atMost(field, value, high);
    }
}
