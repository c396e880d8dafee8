// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    IBatteryLease,
    LeaseAct,
    LeaseActKind,
    Novation,
    Offer,
    ReturnReceipt,
    Swap
} from "../../../contracts/batteries/IBatteryLease.sol";
import {LeaseTerms} from "../../../contracts/batteries/LeaseTerms.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

/// @dev Opens {LeaseTerms}, which reads calldata, to the tests.
contract LeaseTermsHarness {
    function validate(Offer calldata offer) external pure {
        LeaseTerms.validate(offer);
    }

    function hash(Offer calldata offer) external pure returns (bytes32 structHash) {
        return LeaseTerms.hash(offer);
    }

    function hash(LeaseAct calldata leaseAct) external pure returns (bytes32 structHash) {
        return LeaseTerms.hash(leaseAct);
    }

    function hash(Swap calldata order) external pure returns (bytes32 structHash) {
        return LeaseTerms.hash(order);
    }

    function hash(Novation calldata order) external pure returns (bytes32 structHash) {
        return LeaseTerms.hash(order);
    }

    function hash(ReturnReceipt calldata receipt) external pure returns (bytes32 structHash) {
        return LeaseTerms.hash(receipt);
    }
}

/// @dev validate: for every bound the last good value, and the error one beyond it
///   ├ rent at least 1
///   ├ period an hour to a leap year
///   ├ periods at least 1, term at most 50 years
///   ├ deposit and all rents within 96 bits
///   ├ grace, defaultAfter at most a year
///   ├ claimWindow a day to 90 days, arbiterWindow a day to 180 days
///   ├ minSohBp at most 10,000
///   └ buyoutResidual at most buyoutStart
/// hash: each message by its type, field by field
contract LeaseTermsTest is CivitasTest {
    LeaseTermsHarness private terms;

    function setUp() external {
        terms = new LeaseTermsHarness();
    }

    // --- bounds

    function test_GoodTerms() external view {
        terms.validate(_offer());
    }

    function test_Rent() external {
        Offer memory offer = _offer();
        offer.rent = 1;
        terms.validate(offer);
        offer.rent = 0;
        _expectBad(offer, "rent", 0, 1);
    }

    function test_Period() external {
        Offer memory offer = _offer();
        offer.period = 1 hours;
        terms.validate(offer);
        offer.period = 1 hours - 1;
        _expectBad(offer, "period", 1 hours - 1, 1 hours);
        offer.period = 366 days;
        terms.validate(offer);
        offer.period = 366 days + 1;
        _expectBad(offer, "period", 366 days + 1, 366 days);
    }

    function test_Periods() external {
        Offer memory offer = _offer();
        offer.periods = 1;
        terms.validate(offer);
        offer.periods = 0;
        _expectBad(offer, "periods", 0, 1);
    }

    function test_Term() external {
        Offer memory offer = _offer();
        offer.period = 365 days;
        offer.periods = 50;
        terms.validate(offer);
        offer.periods = 51;
        _expectBad(offer, "periods", 51 * 365 days, 50 * 365 days);
    }

    function test_DepositAndAllRents() external {
        Offer memory offer = _offer();
        offer.periods = 2;
        offer.rent = 1e12;
        offer.deposit = type(uint96).max - 2e12;
        terms.validate(offer);
        offer.deposit += 1;
        _expectBad(offer, "deposit", uint256(type(uint96).max) + 1, type(uint96).max);
        offer.deposit = 0;
        offer.rent = type(uint96).max / 2;
        terms.validate(offer);
        offer.rent += 1;
        _expectBad(offer, "deposit", uint256(type(uint96).max) + 1, type(uint96).max);
    }

    function test_Grace() external {
        Offer memory offer = _offer();
        offer.grace = 0;
        terms.validate(offer);
        offer.grace = 365 days;
        terms.validate(offer);
        offer.grace = 365 days + 1;
        _expectBad(offer, "grace", 365 days + 1, 365 days);
    }

    function test_DefaultAfter() external {
        Offer memory offer = _offer();
        offer.defaultAfter = 0;
        terms.validate(offer);
        offer.defaultAfter = 365 days;
        terms.validate(offer);
        offer.defaultAfter = 365 days + 1;
        _expectBad(offer, "defaultAfter", 365 days + 1, 365 days);
    }

    function test_ClaimWindow() external {
        Offer memory offer = _offer();
        offer.claimWindow = 1 days;
        terms.validate(offer);
        offer.claimWindow = 1 days - 1;
        _expectBad(offer, "claimWindow", 1 days - 1, 1 days);
        offer.claimWindow = 90 days;
        terms.validate(offer);
        offer.claimWindow = 90 days + 1;
        _expectBad(offer, "claimWindow", 90 days + 1, 90 days);
    }

    function test_ArbiterWindow() external {
        Offer memory offer = _offer();
        offer.arbiterWindow = 1 days;
        terms.validate(offer);
        offer.arbiterWindow = 1 days - 1;
        _expectBad(offer, "arbiterWindow", 1 days - 1, 1 days);
        offer.arbiterWindow = 180 days;
        terms.validate(offer);
        offer.arbiterWindow = 180 days + 1;
        _expectBad(offer, "arbiterWindow", 180 days + 1, 180 days);
    }

    function test_MinSoh() external {
        Offer memory offer = _offer();
        offer.minSohBp = 0;
        terms.validate(offer);
        offer.minSohBp = 10_000;
        terms.validate(offer);
        offer.minSohBp = 10_001;
        _expectBad(offer, "minSohBp", 10_001, 10_000);
    }

    function test_BuyoutResidual() external {
        Offer memory offer = _offer();
        offer.buyoutStart = 0;
        offer.buyoutResidual = 0;
        terms.validate(offer);
        offer.buyoutStart = 5;
        offer.buyoutResidual = 5;
        terms.validate(offer);
        offer.buyoutResidual = 6;
        _expectBad(offer, "buyoutResidual", 6, 5);
    }

    // --- hashes

    function test_OfferHash() external view {
        Offer memory offer = _offer();
        bytes memory head = abi.encode(
            keccak256(
                "Offer(uint256 packId,address lessor,address lessee,uint96 rent,uint96 deposit,uint96 lateFee,uint96 earlyFee,uint96 buyoutStart,uint96 buyoutResidual,uint96 overagePerKWh,uint48 includedWh,uint48 startWh,uint32 period,uint16 periods,uint32 grace,uint32 defaultAfter,uint32 claimWindow,uint32 arbiterWindow,uint32 cureDuration,uint16 minSohBp,bytes32 agreementHash,uint256 nonce,uint48 deadline)"
            ),
            offer.packId,
            offer.lessor,
            offer.lessee,
            offer.rent,
            offer.deposit,
            offer.lateFee,
            offer.earlyFee,
            offer.buyoutStart,
            offer.buyoutResidual
        );
        bytes memory middle = abi.encode(
            offer.overagePerKWh,
            offer.includedWh,
            offer.startWh,
            offer.period,
            offer.periods,
            offer.grace,
            offer.defaultAfter
        );
        bytes memory tail = abi.encode(
            offer.claimWindow,
            offer.arbiterWindow,
            offer.cureDuration,
            offer.minSohBp,
            offer.agreementHash,
            offer.nonce,
            offer.deadline
        );
        assertEq(terms.hash(offer), keccak256(bytes.concat(head, middle, tail)), "offer");
    }

    function test_LeaseActHash() external view {
        LeaseAct memory leaseAct = LeaseAct({
            leaseId: 1,
            party: address(2),
            kind: LeaseActKind.DisputeClaim,
            evidenceHash: bytes32(uint256(4)),
            nonce: 5,
            deadline: 6
        });
        bytes32 typeHash = keccak256(
            "LeaseAct(uint256 leaseId,address party,uint8 kind,bytes32 evidenceHash,uint256 nonce,uint48 deadline)"
        );
        assertEq(terms.hash(leaseAct), keccak256(abi.encode(typeHash, 1, 2, 3, 4, 5, 6)), "act");
    }

    function test_SwapHash() external view {
        Swap memory order = Swap({leaseId: 1, lessee: address(2), oldPackId: 3, newPackId: 4, nonce: 5, deadline: 6});
        bytes32 typeHash = keccak256(
            "Swap(uint256 leaseId,address lessee,uint256 oldPackId,uint256 newPackId,uint256 nonce,uint48 deadline)"
        );
        assertEq(terms.hash(order), keccak256(abi.encode(typeHash, 1, 2, 3, 4, 5, 6)), "swap");
    }

    function test_NovationHash() external view {
        Novation memory order = Novation({
            leaseId: 1,
            packId: 2,
            oldLessee: address(3),
            newLessee: address(4),
            nonce: 5,
            deadline: 6
        });
        bytes32 typeHash = keccak256(
            "Novation(uint256 leaseId,uint256 packId,address oldLessee,address newLessee,uint256 nonce,uint48 deadline)"
        );
        assertEq(terms.hash(order), keccak256(abi.encode(typeHash, 1, 2, 3, 4, 5, 6)), "novation");
    }

    function test_ReturnReceiptHash() external view {
        ReturnReceipt memory receipt = ReturnReceipt({
            leaseId: 1,
            packId: 2,
            bay: address(3),
            receivedAt: 4,
            nonce: 5,
            deadline: 6
        });
        bytes32 typeHash = keccak256(
            "ReturnReceipt(uint256 leaseId,uint256 packId,address bay,uint48 receivedAt,uint256 nonce,uint48 deadline)"
        );
        assertEq(terms.hash(receipt), keccak256(abi.encode(typeHash, 1, 2, 3, 4, 5, 6)), "receipt");
    }

    // --- helpers

    function _expectBad(Offer memory offer, string memory field, uint256 value, uint256 limit) private {
        vm.expectRevert(abi.encodeWithSelector(IBatteryLease.BatteryLeaseBadTerms.selector, field, value, limit));
        terms.validate(offer);
    }

    /// @dev Every field with a value of its own.
    function _offer() private pure returns (Offer memory offer) {
        return
            Offer({
                packId: 1,
                lessor: address(2),
                lessee: address(3),
                rent: 4,
                deposit: 5,
                lateFee: 6,
                earlyFee: 7,
                buyoutStart: 9,
                buyoutResidual: 8,
                overagePerKWh: 10,
                includedWh: 11,
                startWh: 12,
                period: 30 days,
                periods: 13,
                grace: 14,
                defaultAfter: 15,
                claimWindow: 7 days,
                arbiterWindow: 31 days,
                cureDuration: 16,
                minSohBp: 17,
                agreementHash: bytes32(uint256(18)),
                nonce: 19,
                deadline: 20
            });
    }
}
