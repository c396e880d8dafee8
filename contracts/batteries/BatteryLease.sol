// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {Signature} from "../authority/ISigned.sol";
import {Signed} from "../authority/Signed.sol";
import {PaymentAuthorization, Payments} from "../finance/Payments.sol";
import {
    Abatement,
    Closing,
    IBatteryLease,
    Lease,
    LeaseAct,
    LeaseActKind,
    LeaseState,
    LeaseWithdrawal,
    Novation,
    Offer,
    Owed,
    Permit,
    ReturnReceipt,
    Swap,
    Usage
} from "./IBatteryLease.sol";
import {IBatteryPack} from "./IBatteryPack.sol";
import {IBatteryTelemetry, SignedReading} from "./IBatteryTelemetry.sol";
import {ILeaseBook} from "./ILeaseBook.sol";
import {LeaseActs} from "./LeaseActs.sol";
import {LeaseChanges} from "./LeaseChanges.sol";
import {LeaseClock} from "./LeaseClock.sol";
import {LeaseGuarantee} from "./LeaseGuarantee.sol";
import {Ledger} from "./LeaseLedger.sol";
import {LeaseMoney} from "./LeaseMoney.sol";
import {LeaseOpening} from "./LeaseOpening.sol";
import {LeaseRent} from "./LeaseRent.sol";
import {LeaseReturns} from "./LeaseReturns.sol";
import {LeaseTerms} from "./LeaseTerms.sol";

/// @title BatteryLease
/// @notice The lease book: who leases which pack on which terms, and whose the money is.
/// @dev This contract is the door: it takes signatures, checks roles and holds the money. What happens behind it is in
/// parts: {LeaseOpening}, {LeaseRent}, {LeaseChanges}, {LeaseGuarantee}, {LeaseActs} and {LeaseReturns} are linked
/// libraries that work on the {Ledger}; {LeaseMath} has the formulas, {LeaseClock} what a stored lease amounts to,
/// {LeaseTerms} terms and hashes, {LeaseMoney} the token.
///
/// Trust: the settlement token moves what it is asked to move (checked) and does not freeze the book; the pack contract
/// tells owners and sales truly; the telemetry contract believes only devices and testers the city accredited; bay
/// devices sign for packs they really took; the arbiter awards between nothing and the claim. The guardian can stop new
/// leases and nothing else. Nobody can move, freeze or redirect money that is held or withdrawable.
///
/// The pack contract is called before the last writes, for it returns the sale that the accounts depend on. It calls
/// nobody but this book, and every entry that calls out is guarded against reentrancy; the token always comes last.
contract BatteryLease is IBatteryLease, Signed, AccessManaged, Pausable, ReentrancyGuardTransient {
    using LeaseClock for Lease;
    using LeaseTerms for LeaseAct;
    using LeaseTerms for LeaseWithdrawal;
    using LeaseTerms for Offer;

    /// @inheritdoc IBatteryLease
    IERC20 public immutable token;
    /// @inheritdoc IBatteryLease
    IBatteryPack public immutable pack;
    /// @inheritdoc IBatteryLease
    IBatteryTelemetry public immutable telemetry;

    Ledger private _ledger;

    /// @param authority The city's AccessManager.
    /// @param token_ Settlement token.
    /// @param pack_ The packs.
    /// @param telemetry_ Their readings and certificates.
    constructor(
        address authority,
        IERC20 token_,
        IBatteryPack pack_,
        IBatteryTelemetry telemetry_
    ) EIP712("Civitas Battery Lease", "1") AccessManaged(authority) {
        token = token_;
        pack = pack_;
        telemetry = telemetry_;
    }

    // --- beginning

    /// @inheritdoc IBatteryLease
    function accept(
        Offer calldata offer,
        Signature calldata lessorSignature,
        Permit calldata permit
    ) external nonReentrant whenNotPaused returns (uint256 leaseId) {
        _authorize(offer.lessor, offer.hash(), offer.nonce, offer.deadline, lessorSignature);
        return LeaseOpening.accept(_ledger, offer, permit);
    }

    /// @inheritdoc IBatteryLease
    function acceptWithAuthorization(
        Offer calldata offer,
        Signature calldata lessorSignature,
        address lessee,
        PaymentAuthorization calldata authorization
    ) external nonReentrant whenNotPaused returns (uint256 leaseId) {
        _authorize(offer.lessor, offer.hash(), offer.nonce, offer.deadline, lessorSignature);
        return LeaseOpening.acceptWithAuthorization(_ledger, offer, lessee, acceptNonce(offer), authorization);
    }

    // --- rent and use

    /// @inheritdoc IBatteryLease
    function payRent(uint256 leaseId, uint16 periodCount) external nonReentrant returns (uint256 amount) {
        return LeaseRent.pay(_ledger, leaseId, periodCount);
    }

    /// @inheritdoc IBatteryLease
    function payMany(
        uint256[] calldata leaseIds,
        uint16[] calldata periodCounts
    ) external nonReentrant returns (uint256 amount) {
        return LeaseRent.payMany(_ledger, leaseIds, periodCounts);
    }

    /// @inheritdoc IBatteryLease
    function payRentWithAuthorization(
        uint256 leaseId,
        uint16 periodCount,
        address payer,
        PaymentAuthorization calldata authorization
    ) external nonReentrant returns (uint256 amount) {
        return LeaseRent.payWithAuthorization(_ledger, leaseId, periodCount, payer, authorization);
    }

    /// @inheritdoc IBatteryLease
    function billUsage(uint256 leaseId, Offer calldata offer) external nonReentrant returns (uint256 charge) {
        return LeaseChanges.bill(_ledger, leaseId, offer);
    }

    // --- guarantee

    /// @inheritdoc IBatteryLease
    function claimRemedy(uint256 leaseId, Offer calldata offer) external nonReentrant {
        LeaseGuarantee.claim(_ledger, leaseId, offer);
    }

    /// @inheritdoc IBatteryLease
    function endRemedy(uint256 leaseId, Offer calldata offer) external nonReentrant {
        LeaseGuarantee.end(_ledger, leaseId, offer);
    }

    /// @inheritdoc IBatteryLease
    function disputeHealth(uint256 leaseId, bytes32 evidenceHash) external {
        _act(LeaseActKind.DisputeHealth, leaseId, msg.sender, evidenceHash);
    }

    /// @inheritdoc IBatteryLease
    function ruleHealth(uint256 leaseId, Offer calldata offer, uint16 sohBp) external restricted nonReentrant {
        LeaseGuarantee.rule(_ledger, leaseId, offer, sohBp);
    }

    // --- changes

    /// @inheritdoc IBatteryLease
    function swap(
        Swap calldata order,
        Signature[3] calldata signatures,
        SignedReading[] calldata readings
    ) external nonReentrant {
        (address[3] memory signers, bytes32 structHash) = LeaseChanges.swapConsent(_ledger, order);
        _authorizeAll(signers, structHash, order.nonce, order.deadline, signatures);
        LeaseChanges.swap(_ledger, order, signers[2], readings);
    }

    /// @inheritdoc IBatteryLease
    function novate(Novation calldata order, Signature[3] calldata signatures) external nonReentrant {
        (address[3] memory signers, bytes32 structHash) = LeaseChanges.novationConsent(_ledger, order);
        _authorizeAll(signers, structHash, order.nonce, order.deadline, signatures);
        LeaseChanges.novate(_ledger, order);
    }

    /// @inheritdoc IBatteryLease
    function buyout(
        uint256 leaseId,
        Offer calldata offer,
        uint256 maxPay,
        Permit calldata permit
    ) external nonReentrant returns (uint256 paid) {
        return LeaseReturns.buyout(_ledger, leaseId, offer, maxPay, permit);
    }

    // --- return

    /// @inheritdoc IBatteryLease
    function requestReturn(uint256 leaseId) external {
        _act(LeaseActKind.RequestReturn, leaseId, msg.sender, 0);
    }

    /// @inheritdoc IBatteryLease
    function keepPack(uint256 leaseId) external {
        _act(LeaseActKind.KeepPack, leaseId, msg.sender, 0);
    }

    /// @inheritdoc IBatteryLease
    function actFor(LeaseAct calldata leaseAct, Signature calldata signature) external {
        _authorize(leaseAct.party, leaseAct.hash(), leaseAct.nonce, leaseAct.deadline, signature);
        _act(leaseAct.kind, leaseAct.leaseId, leaseAct.party, leaseAct.evidenceHash);
    }

    /// @inheritdoc IBatteryLease
    function confirmReturn(uint256 leaseId, Offer calldata offer) external nonReentrant {
        LeaseReturns.confirm(_ledger, leaseId, offer, block.timestamp, false);
    }

    /// @inheritdoc IBatteryLease
    function confirmAndSettle(uint256 leaseId, Offer calldata offer) external nonReentrant {
        LeaseReturns.confirmAndSettle(_ledger, leaseId, offer);
    }

    /// @inheritdoc IBatteryLease
    function confirmReturnByReceipt(
        Offer calldata offer,
        ReturnReceipt calldata receipt,
        Signature calldata baySignature
    ) external nonReentrant {
        bytes32 structHash = LeaseReturns.checkReceipt(_ledger, receipt);
        _authorize(receipt.bay, structHash, receipt.nonce, receipt.deadline, baySignature);
        LeaseReturns.confirm(_ledger, receipt.leaseId, offer, receipt.receivedAt, true);
    }

    /// @inheritdoc IBatteryLease
    function claimDamage(uint256 leaseId, uint96 amount, bytes32 evidenceHash) external {
        LeaseReturns.claim(_ledger, leaseId, amount, evidenceHash);
    }

    /// @inheritdoc IBatteryLease
    function acceptClaim(uint256 leaseId) external {
        _act(LeaseActKind.AcceptClaim, leaseId, msg.sender, 0);
    }

    /// @inheritdoc IBatteryLease
    function disputeClaim(uint256 leaseId, bytes32 evidenceHash) external {
        _act(LeaseActKind.DisputeClaim, leaseId, msg.sender, evidenceHash);
    }

    /// @inheritdoc IBatteryLease
    function rule(uint256 leaseId, uint96 award) external restricted {
        LeaseReturns.rule(_ledger, leaseId, award);
    }

    /// @inheritdoc IBatteryLease
    function settle(uint256 leaseId) external nonReentrant {
        LeaseReturns.settle(_ledger, leaseId);
    }

    // --- default

    /// @inheritdoc IBatteryLease
    function declareDefault(uint256 leaseId, Offer calldata offer) external nonReentrant {
        LeaseReturns.declareDefault(_ledger, leaseId, offer);
    }

    /// @inheritdoc IBatteryLease
    function declareLost(uint256 leaseId, bytes32 evidenceHash) external nonReentrant {
        LeaseReturns.declareLost(_ledger, leaseId, evidenceHash);
    }

    // --- payouts

    /// @inheritdoc IBatteryLease
    function credit(uint256[] calldata leaseIds) external nonReentrant {
        LeaseRent.creditMany(_ledger, leaseIds);
    }

    /// @inheritdoc IBatteryLease
    function withdraw(uint256[] calldata leaseIds, address to) external nonReentrant returns (uint256 amount) {
        if (leaseIds.length != 0) LeaseRent.creditMany(_ledger, leaseIds);
        return LeaseRent.withdraw(_ledger, msg.sender, to);
    }

    /// @inheritdoc IBatteryLease
    function withdrawBySig(
        LeaseWithdrawal calldata order,
        Signature calldata signature
    ) external nonReentrant returns (uint256 amount) {
        _authorize(order.account, order.hash(), order.nonce, order.deadline, signature);
        return LeaseRent.withdraw(_ledger, order.account, order.to);
    }

    // --- administration and hooks

    /// @inheritdoc IBatteryLease
    function pause() external restricted {
        _pause();
    }

    /// @inheritdoc IBatteryLease
    function unpause() external restricted {
        _unpause();
    }

    /// @inheritdoc IBatteryLease
    function setBay(address bay, bool trusted) external restricted {
        if (_ledger.bays[bay] == trusted) revert BatteryLeaseUnchanged();
        _ledger.bays[bay] = trusted;
        emit BaySet(bay, trusted);
    }

    /// @inheritdoc ILeaseBook
    function onPackSold(uint256 leaseId, address seller, uint40 soldAt) external {
        if (msg.sender != address(pack)) revert BatteryLeaseNotPackContract(msg.sender);
        LeaseRent.creditSale(_ledger, leaseId, seller, soldAt);
    }

    // --- views

    /// @inheritdoc IBatteryLease
    function leaseCount() external view returns (uint256 count) {
        return _ledger.leaseCount;
    }

    /// @inheritdoc IBatteryLease
    function leaseOf(uint256 leaseId) external view returns (Lease memory lease) {
        return _ledger.leases[leaseId];
    }

    /// @inheritdoc IBatteryLease
    function accountsOf(
        uint256 leaseId
    ) external view returns (Usage memory usage, Abatement memory abatement, Closing memory closing) {
        return (_ledger.usages[leaseId], _ledger.abatements[leaseId], _ledger.closings[leaseId]);
    }

    /// @inheritdoc IBatteryLease
    function stateOf(uint256 leaseId) external view returns (LeaseState state) {
        return _ledger.leases[leaseId].stateAt(block.timestamp);
    }

    /// @inheritdoc IBatteryLease
    function owedOf(uint256 leaseId) external view returns (Owed memory owed) {
        return LeaseRent.owed(_ledger, leaseId);
    }

    /// @inheritdoc IBatteryLease
    function balanceOf(address account) external view returns (uint256 amount) {
        return _ledger.balances[account];
    }

    /// @inheritdoc IBatteryLease
    function buyoutPriceOf(uint256 leaseId, Offer calldata offer) external view returns (uint256 price) {
        return LeaseReturns.priceOf(_ledger, leaseId, offer);
    }

    /// @inheritdoc IBatteryLease
    function isBay(address bay) external view returns (bool trusted) {
        return _ledger.bays[bay];
    }

    /// @inheritdoc IBatteryLease
    function acceptNonce(Offer calldata offer) public view returns (bytes32 nonce) {
        return Payments.nonceOf(_hashTypedDataV4(offer.hash()));
    }

    /// @inheritdoc IBatteryLease
    function rentNonce(uint256 leaseId, uint16 periodCount) public view returns (bytes32 nonce) {
        return LeaseMoney.rentNonceOf(_ledger.leases[leaseId], leaseId, periodCount);
    }

    // --- internals

    function _act(LeaseActKind kind, uint256 leaseId, address party, bytes32 evidenceHash) private {
        LeaseActs.perform(_ledger, kind, leaseId, party, evidenceHash);
    }

    /// @dev Consent of three accounts to one message: the caller's needs no signature, and one account's serves twice.
    function _authorizeAll(
        address[3] memory signers,
        bytes32 structHash,
        uint256 nonce,
        uint256 deadline,
        Signature[3] calldata signatures
    ) private {
        for (uint256 i = 0; i < signers.length; ++i) {
            address signer = signers[i];
            bool isRepeated = (i > 0 && signer == signers[0]) || (i > 1 && signer == signers[1]);
            if (!isRepeated) _authorizeOrSender(signer, structHash, nonce, deadline, signatures[i]);
        }
    }
}
