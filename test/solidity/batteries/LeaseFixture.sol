// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Signature} from "../../../contracts/authority/ISigned.sol";
import {Roles} from "../../../contracts/authority/Roles.sol";
import {BatteryLease} from "../../../contracts/batteries/BatteryLease.sol";
import {
    Abatement,
    Closing,
    IBatteryLease,
    LeaseAct,
    LeaseActKind,
    LeaseState,
    LeaseWithdrawal,
    Novation,
    Offer,
    PaymentAuthorization,
    Permit,
    ReturnReceipt,
    Swap,
    Usage
} from "../../../contracts/batteries/IBatteryLease.sol";
import {HealthCertificate, Reading, SignedReading} from "../../../contracts/batteries/IBatteryTelemetry.sol";
import {CityEuro} from "../../../contracts/finance/CityEuro.sol";
import {TelemetryCity} from "./TelemetryFixture.sol";

/// @notice The city of the telemetry tests with its money and its lease book. `owner` is the lessor of pack `packId`,
/// whose device is `device`; pack `otherPackId`, with device `spare`, is the owner's too. The terms are `baseTerms` of
/// the case file.
abstract contract LeaseCity is TelemetryCity {
    bytes32 internal constant OFFER_TYPEHASH = keccak256(
        "Offer(uint256 packId,address lessor,address lessee,uint96 rent,uint96 deposit,uint96 lateFee,uint96 earlyFee,uint96 buyoutStart,uint96 buyoutResidual,uint96 overagePerKWh,uint48 includedWh,uint48 startWh,uint32 period,uint16 periods,uint32 grace,uint32 defaultAfter,uint32 claimWindow,uint32 arbiterWindow,uint32 cureDuration,uint16 minSohBp,bytes32 agreementHash,uint256 nonce,uint48 deadline)"
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
    bytes32 internal constant PERMIT_TYPEHASH = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant RECEIVE_TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );

    // Base terms of the case file.
    uint32 internal constant PERIOD = 2_592_000;
    uint16 internal constant PERIODS = 36;
    uint96 internal constant RENT = 120_000_000;
    uint96 internal constant DEPOSIT = 600_000_000;
    uint48 internal constant INCLUDED_WH = 400_000;
    uint96 internal constant OVERAGE_PER_KWH = 60_000;
    uint16 internal constant MIN_SOH_BP = 7_000;
    uint32 internal constant GRACE = 432_000;
    uint96 internal constant LATE_FEE = 10_000_000;
    uint96 internal constant EARLY_FEE = 180_000_000;
    uint96 internal constant BUYOUT_START = 6_000_000_000;
    uint96 internal constant BUYOUT_RESIDUAL = 1_500_000_000;
    uint32 internal constant CLAIM_WINDOW = 604_800;
    uint32 internal constant ARBITER_WINDOW = 2_592_000;
    uint32 internal constant DEFAULT_AFTER = 2_592_000;
    // Terms that the case file leaves open.
    uint32 internal constant CURE_DURATION = 30 days;
    uint48 internal constant START_WH = 88_000;

    uint256 internal constant TERM = uint256(PERIOD) * PERIODS;
    /// @dev What every account of the fixture that pays begins with, and what it allows the book.
    uint256 internal constant FUNDS = 100_000e6;

    CityEuro internal euro;
    BatteryLease internal book;

    address internal lessee;
    uint256 internal lesseeKey;
    /// @dev Another lessee, of a novation.
    address internal heir;
    uint256 internal heirKey;
    /// @dev Buys packs that are leased.
    address internal buyer;
    uint256 internal buyerKey;
    address internal bay;
    uint256 internal bayKey;
    address internal arbiter;
    address internal guardian;
    address internal steward;
    address internal baysOffice;
    uint256 internal otherPackId;

    uint256 private _nonces;
    mapping(uint256 packId => uint48 counter) private _counters;

    function buildLeaseCity() internal {
        buildCity();
        (lessee, lesseeKey) = actor("lessee");
        (heir, heirKey) = actor("heir");
        (buyer, buyerKey) = actor("buyer");
        (bay, bayKey) = actor("bay");
        (arbiter, ) = actor("arbiter");
        (guardian, ) = actor("guardian");
        (steward, ) = actor("steward");
        (baysOffice, ) = actor("bays office");

        euro = new CityEuro(address(manager));
        book = newBook(euro);
        manager.grantRole(Roles.GUARDIAN, guardian, 0);
        manager.grantRole(Roles.STEWARD, steward, 0);
        manager.grantRole(Roles.BATTERY_ARBITER, arbiter, 0);
        manager.grantRole(Roles.BATTERY_BAYS, baysOffice, 0);
        otherPackId = registerPack(owner, spare);

        address[4] memory payers = [lessee, heir, buyer, stranger];
        for (uint256 i = 0; i < payers.length; ++i) fund(payers[i], FUNDS);
        vm.prank(baysOffice);
        book.setBay(bay, true);
    }

    /// @dev A lease book over another token, wired like the city's.
    function newBook(IERC20 token) internal returns (BatteryLease deployed) {
        deployed = new BatteryLease(address(manager), token, pack, telemetry);
        pack.setLeaseBook(address(deployed), true);
        address[5] memory owners = [owner, lessee, heir, buyer, stranger];
        for (uint256 i = 0; i < owners.length; ++i) {
            vm.prank(owners[i]);
            pack.setApprovalForAll(address(deployed), true);
        }
        _allow(address(deployed), IBatteryLease.pause.selector, Roles.GUARDIAN);
        _allow(address(deployed), IBatteryLease.unpause.selector, Roles.STEWARD);
        _allow(address(deployed), IBatteryLease.setBay.selector, Roles.BATTERY_BAYS);
        _allow(address(deployed), IBatteryLease.rule.selector, Roles.BATTERY_ARBITER);
        _allow(address(deployed), IBatteryLease.ruleHealth.selector, Roles.BATTERY_ARBITER);
    }

    function _allow(address target, bytes4 selector, uint64 role) private {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        manager.setTargetFunctionRole(target, selectors, role);
    }

    // --- money

    /// @dev Gives an account tokens and lets the book take them.
    function fund(address account, uint256 amount) internal {
        euro.mint(account, amount);
        vm.prank(account);
        euro.approve(address(book), type(uint256).max);
    }

    function noPermit() internal pure returns (Permit memory permit) {
        return permit;
    }

    /// @dev The payer's approval of the book, good for an hour.
    function permitOf(uint256 payerKey, uint256 value) internal view returns (Permit memory permit) {
        address payer = vm.addr(payerKey);
        permit.value = value;
        permit.deadline = block.timestamp + 1 hours;
        bytes32 structHash = keccak256(
            abi.encode(PERMIT_TYPEHASH, payer, address(book), value, euro.nonces(payer), permit.deadline)
        );
        (permit.v, permit.r, permit.s) = vm.sign(
            payerKey,
            keccak256(abi.encodePacked(hex"1901", euro.DOMAIN_SEPARATOR(), structHash))
        );
    }

    /// @dev The payer's ERC-3009 transfer to the book, good for an hour.
    function authorizationOf(
        uint256 payerKey,
        uint256 value,
        bytes32 nonce
    ) internal view returns (PaymentAuthorization memory authorization) {
        authorization.validAfter = block.timestamp - 1;
        authorization.validBefore = block.timestamp + 1 hours;
        bytes32 structHash = keccak256(
            abi.encode(
                RECEIVE_TYPEHASH,
                vm.addr(payerKey),
                address(book),
                value,
                authorization.validAfter,
                authorization.validBefore,
                nonce
            )
        );
        authorization.signature = signTyped(payerKey, euro.DOMAIN_SEPARATOR(), structHash).data;
    }

    // --- leases

    /// @dev Base terms for a pack of `owner` to `lessee`, good for a day, with a nonce of its own.
    function offerOf(uint256 id) internal returns (Offer memory offer) {
        return
            Offer({
                packId: id,
                lessor: owner,
                lessee: lessee,
                rent: RENT,
                deposit: DEPOSIT,
                lateFee: LATE_FEE,
                earlyFee: EARLY_FEE,
                buyoutStart: BUYOUT_START,
                buyoutResidual: BUYOUT_RESIDUAL,
                overagePerKWh: OVERAGE_PER_KWH,
                includedWh: INCLUDED_WH,
                startWh: START_WH,
                period: PERIOD,
                periods: PERIODS,
                grace: GRACE,
                defaultAfter: DEFAULT_AFTER,
                claimWindow: CLAIM_WINDOW,
                arbiterWindow: ARBITER_WINDOW,
                cureDuration: CURE_DURATION,
                minSohBp: MIN_SOH_BP,
                agreementHash: keccak256("agreement"),
                nonce: newNonce(),
                deadline: uint48(block.timestamp + 1 days)
            });
    }

    /// @dev The lessee accepts an offer that the owner signs.
    function openLease(Offer memory offer) internal returns (uint256 leaseId) {
        Signature memory signature = sign(offer, ownerKey);
        vm.prank(lessee);
        return book.accept(offer, signature, noPermit());
    }

    function pay(uint256 leaseId, uint16 periodCount) internal returns (uint256 amount) {
        vm.prank(lessee);
        return book.payRent(leaseId, periodCount);
    }

    function creditLease(uint256 leaseId) internal {
        book.credit(listOf(leaseId));
    }

    function withdrawAll(address account) internal returns (uint256 amount) {
        if (book.balanceOf(account) == 0) return 0;
        return takeOut(account);
    }

    /// @dev An account takes out its balance.
    function takeOut(address account) internal returns (uint256 amount) {
        vm.prank(account);
        return book.withdraw(new uint256[](0), account);
    }

    function withdrawalOf(address account, address to) internal returns (LeaseWithdrawal memory order) {
        return
            LeaseWithdrawal({account: account, to: to, nonce: newNonce(), deadline: uint48(block.timestamp + 1 hours)});
    }

    function sign(LeaseWithdrawal memory order, uint256 key) internal view returns (Signature memory signature) {
        return signTyped(key, leaseDomain(), keccak256(abi.encode(LEASE_WITHDRAWAL_TYPEHASH, order)));
    }

    /// @dev A sale of a pack outside the book.
    function sell(uint256 id, address from, address to) internal {
        vm.prank(from);
        pack.transferFrom(from, to, id);
    }

    /// @dev The lessee asks, and the owner confirms and keeps the right to claim.
    function giveBack(uint256 leaseId, Offer memory offer) internal {
        vm.prank(lessee);
        book.requestReturn(leaseId);
        address holder = pack.ownerOf(book.leaseOf(leaseId).packId);
        vm.prank(holder);
        book.confirmReturn(leaseId, offer);
    }

    function stateIs(uint256 leaseId, LeaseState expected) internal view {
        assertEq(uint256(book.stateOf(leaseId)), uint256(expected), "state");
    }

    function usageOf(uint256 leaseId) internal view returns (Usage memory usage) {
        (usage, , ) = book.accountsOf(leaseId);
    }

    function abatementOf(uint256 leaseId) internal view returns (Abatement memory abatement) {
        (, abatement, ) = book.accountsOf(leaseId);
    }

    function closingOf(uint256 leaseId) internal view returns (Closing memory closing) {
        (, , closing) = book.accountsOf(leaseId);
    }

    function listOf(uint256 id) internal pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = id;
    }

    function newNonce() internal returns (uint256 nonce) {
        return ++_nonces;
    }

    // --- readings and certificates

    /// @dev The next reading of a pack with this throughput, made now.
    function nextReading(uint256 id, uint48 throughputWh) internal returns (Reading memory reading) {
        reading = readingOf(id, ++_counters[id]);
        reading.throughputWh = throughputWh;
    }

    /// @dev Key of the device that a pack of the fixture was born with.
    function deviceKeyOf(uint256 id) internal view returns (uint256 key) {
        return id == otherPackId ? spareKey : deviceKey;
    }

    function readWh(uint256 id, uint48 throughputWh) internal {
        telemetry.submit(sign(nextReading(id, throughputWh), deviceKeyOf(id)));
    }

    /// @dev A reading that tells of something, see DeviceFlags.
    function readFlags(uint256 id, uint48 throughputWh, uint32 flags) internal {
        Reading memory reading = nextReading(id, throughputWh);
        reading.flags = flags;
        telemetry.submit(sign(reading, deviceKeyOf(id)));
    }

    /// @dev The tester certifies a pack's health, tested now. A basis point of the rated energy is 7 Wh.
    function certify(uint256 id, uint256 sohBp) internal {
        // Health is at most 12,000 basis points, so this is far below 40 bits.
        HealthCertificate memory certificate = certificateOf(id, uint40((sohBp * RATED_WH) / 10_000));
        certificate.nonce = newNonce();
        telemetry.certify(certificate, sign(certificate, testerKey));
    }

    // --- signed messages

    function leaseDomain() internal view returns (bytes32 domain) {
        return domainOf("Civitas Battery Lease", address(book));
    }

    function hashOf(Offer memory offer) internal pure returns (bytes32 structHash) {
        return keccak256(abi.encode(OFFER_TYPEHASH, offer));
    }

    function sign(Offer memory offer, uint256 key) internal view returns (Signature memory signature) {
        return signTyped(key, leaseDomain(), hashOf(offer));
    }

    function actOf(
        uint256 leaseId,
        address party,
        LeaseActKind kind,
        bytes32 evidenceHash
    ) internal returns (LeaseAct memory leaseAct) {
        return
            LeaseAct({
                leaseId: leaseId,
                party: party,
                kind: kind,
                evidenceHash: evidenceHash,
                nonce: newNonce(),
                deadline: uint48(block.timestamp + 1 hours)
            });
    }

    function sign(LeaseAct memory leaseAct, uint256 key) internal view returns (Signature memory signature) {
        return signTyped(key, leaseDomain(), keccak256(abi.encode(LEASE_ACT_TYPEHASH, leaseAct)));
    }

    function swapOf(uint256 leaseId, uint256 oldPackId, uint256 newPackId) internal returns (Swap memory order) {
        return
            Swap({
                leaseId: leaseId,
                lessee: book.leaseOf(leaseId).lessee,
                oldPackId: oldPackId,
                newPackId: newPackId,
                nonce: newNonce(),
                deadline: uint48(block.timestamp + 1 hours)
            });
    }

    function sign(Swap memory order, uint256 key) internal view returns (Signature memory signature) {
        return signTyped(key, leaseDomain(), keccak256(abi.encode(SWAP_TYPEHASH, order)));
    }

    /// @dev Consents to a swap; a zero key leaves its place empty.
    function signaturesOf(
        Swap memory order,
        uint256 lesseesKey,
        uint256 oldOwnersKey,
        uint256 newOwnersKey
    ) internal view returns (Signature[3] memory signatures) {
        if (lesseesKey != 0) signatures[0] = sign(order, lesseesKey);
        if (oldOwnersKey != 0) signatures[1] = sign(order, oldOwnersKey);
        if (newOwnersKey != 0) signatures[2] = sign(order, newOwnersKey);
    }

    function novationOf(
        uint256 leaseId,
        address oldLessee,
        address newLessee
    ) internal returns (Novation memory order) {
        return
            Novation({
                leaseId: leaseId,
                packId: book.leaseOf(leaseId).packId,
                oldLessee: oldLessee,
                newLessee: newLessee,
                nonce: newNonce(),
                deadline: uint48(block.timestamp + 1 hours)
            });
    }

    function sign(Novation memory order, uint256 key) internal view returns (Signature memory signature) {
        return signTyped(key, leaseDomain(), keccak256(abi.encode(NOVATION_TYPEHASH, order)));
    }

    /// @dev Consents to a novation; a zero key leaves its place empty.
    function signaturesOf(
        Novation memory order,
        uint256 ownersKey,
        uint256 oldLesseesKey,
        uint256 newLesseesKey
    ) internal view returns (Signature[3] memory signatures) {
        if (ownersKey != 0) signatures[0] = sign(order, ownersKey);
        if (oldLesseesKey != 0) signatures[1] = sign(order, oldLesseesKey);
        if (newLesseesKey != 0) signatures[2] = sign(order, newLesseesKey);
    }

    /// @dev The bay took the pack now.
    function receiptOf(uint256 leaseId, uint256 id) internal returns (ReturnReceipt memory receipt) {
        return
            ReturnReceipt({
                leaseId: leaseId,
                packId: id,
                bay: bay,
                receivedAt: uint48(block.timestamp),
                nonce: newNonce(),
                deadline: uint48(block.timestamp + 1 hours)
            });
    }

    function sign(ReturnReceipt memory receipt, uint256 key) internal view returns (Signature memory signature) {
        return signTyped(key, leaseDomain(), keccak256(abi.encode(RETURN_RECEIPT_TYPEHASH, receipt)));
    }

    function noReadings() internal pure returns (SignedReading[] memory readings) {
        return readings;
    }
}

/// @notice Base of the lease tests, each of which begins in a new city at {EPOCH}.
abstract contract LeaseFixture is LeaseCity {
    function setUp() public virtual {
        buildLeaseCity();
    }
}
