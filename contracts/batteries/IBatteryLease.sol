// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Signature} from "../authority/ISigned.sol";
import {PaymentAuthorization} from "../finance/Payments.sol";
import {IBatteryPack} from "./IBatteryPack.sol";
import {IBatteryTelemetry, SignedReading} from "./IBatteryTelemetry.sol";
import {ILeaseBook} from "./ILeaseBook.sol";

/// @notice Terms of a lease, signed by the pack's owner (EIP-712 message `Offer`). Amounts are in base units of the
/// settlement token, spans in seconds.
struct Offer {
    uint256 packId;
    /// @dev Owner of the pack when the offer is accepted; signs the offer.
    address lessor;
    /// @dev Who may accept; zero: anybody.
    address lessee;
    /// @dev Rent of one period, at least 1. All periods together fit 96 bits.
    uint96 rent;
    /// @dev Held by the book until the end. Zero: none.
    uint96 deposit;
    /// @dev Flat fee for each due date missed by more than `grace`. Zero: none.
    uint96 lateFee;
    /// @dev Fee for a return at the very start; falls linearly to zero at the end of the term.
    uint96 earlyFee;
    /// @dev Price of the pack at the start; falls linearly to `buyoutResidual` at the end. Zero: not for sale.
    uint96 buyoutStart;
    /// @dev Price of the pack at the end of the term, at most `buyoutStart`.
    uint96 buyoutResidual;
    /// @dev Price of a kWh above the allowance. Zero: unlimited use.
    uint96 overagePerKWh;
    /// @dev Energy allowance of each period started, Wh, pooled over the term.
    uint48 includedWh;
    /// @dev Lifetime throughput of the pack at hand-over, Wh, at least that of its latest reading.
    uint48 startWh;
    /// @dev Seconds, 3,600 to 31,622,400 (an hour to a leap year).
    uint32 period;
    /// @dev Number of periods, at least 1; the term is at most 50 years.
    uint16 periods;
    /// @dev Seconds after a due date during which nothing happens, at most a year. After the term, too: a lessee who has
    /// paid and asks for no return, and brings no pack to a bay, can use it for so long.
    uint32 grace;
    /// @dev Seconds after `grace` when the lessor may declare default, at most a year.
    uint32 defaultAfter;
    /// @dev Seconds after the return to claim damage, and after the claim to dispute it; a day to 90 days.
    uint32 claimWindow;
    /// @dev Seconds the arbiter has to rule; a day to 180 days.
    uint32 arbiterWindow;
    /// @dev Seconds the lessor has to cure a pack below its guarantee before the lessee may leave without early fee.
    uint32 cureDuration;
    /// @dev Guaranteed state of health, basis points, at most 10,000. Zero: no guarantee.
    uint16 minSohBp;
    /// @dev keccak256 of the agreement's text.
    bytes32 agreementHash;
    uint256 nonce;
    /// @dev Last second at which the offer can be accepted.
    uint48 deadline;
}

/// @notice State of a lease. PastDue and Delinquent are never stored: time alone makes and ends them.
enum LeaseState {
    None,
    /// @dev Running and paid.
    Active,
    /// @dev A rent payment or, after the term, the pack is due, and the grace span is not over.
    PastDue,
    /// @dev The same, after the grace span: the lessee's right of use has lapsed.
    Delinquent,
    /// @dev Ended by the lessor for arrears; the pack is not back.
    Defaulted,
    /// @dev The pack is back and the lessor may claim damage.
    Returned,
    /// @dev The lessor claims damage; the lessee may accept or dispute.
    Claimed,
    /// @dev The arbiter may rule on the claim.
    Disputed,
    /// @dev Over; all money is assigned.
    Settled,
    /// @dev Over; the lessee bought the pack.
    BoughtOut
}

/// @notice A lease as stored. Terms that are rarely needed are given again as the `Offer` and checked by hash.
struct Lease {
    // slot 0
    address lessee;
    /// @dev Unix time of acceptance.
    uint40 startedAt;
    uint32 period;
    uint16 periods;
    /// @dev Never PastDue or Delinquent.
    LeaseState state;
    // slot 1
    uint96 rent;
    uint96 lateFee;
    /// @dev The pack leased now; changes with a swap.
    uint64 packId;
    // slot 2
    /// @dev Rent credited to owners so far.
    uint96 credited;
    /// @dev Lifetime throughput of the present pack when it came into the lease, Wh.
    uint48 startWh;
    /// @dev When the lessee asked to return the pack; zero: not.
    uint40 requestedAt;
    uint32 grace;
    /// @dev Periods paid, from the start.
    uint16 paidPeriods;
    /// @dev Due dates before this number have had their late fee charged.
    uint16 lateThrough;
    /// @dev Bit 0: {Usage} is in use. Bit 1: {Abatement} is in use.
    uint8 flags;
    // slot 3
    /// @dev EIP-712 struct hash of the {Offer}.
    bytes32 offerHash;
}

/// @notice Energy account of a lease; all zero until the first bill or swap.
struct Usage {
    /// @dev Wh used on packs that were swapped out.
    uint48 priorWh;
    /// @dev Greatest over-use billed so far, Wh.
    uint48 billedOverWh;
    /// @dev Billed and not yet paid, token units.
    uint96 overageDue;
    /// @dev Full periods that had passed at the latest bill; a bill needs a new one.
    uint16 billedPeriods;
    /// @dev When the present pack came in by a swap; zero: never.
    uint40 swappedAt;
}

/// @notice Rent abatement of a lease whose pack fell below its guarantee; all zero until the first claim.
struct Abatement {
    // slot 0
    /// @dev Rebate of spans that are over, in token units times seconds; divided by the period only at the very end.
    uint128 rebateBase;
    /// @dev Rebate that the lessee has had, token units.
    uint96 rebateTaken;
    /// @dev State of health that the rebate rests on, basis points.
    uint16 sohBp;
    // slot 1
    /// @dev Rent less abated rent, token units a period.
    uint96 rebatePerPeriod;
    /// @dev Start of the latest span of abatement, Unix time.
    uint40 since;
    /// @dev Its end; zero: running.
    uint40 until;
    /// @dev When a party asked for a ruling; zero: nobody.
    uint40 disputedAt;
    /// @dev When the arbiter last ruled; only later tests count.
    uint40 ruledAt;
    // slot 2
    /// @dev Start of the first span since the pack last met its guarantee, Unix time. A further fall or a ruling begins
    /// a new span and leaves this, for the time to cure runs on.
    uint40 uncuredSince;
}

/// @notice What is left to decide after a lease ended.
struct Closing {
    // slot 0
    /// @dev Owner of the pack when it came back; who may claim.
    address claimant;
    /// @dev What the book holds of the lessee's money, token units.
    uint96 held;
    // slot 1
    /// @dev Start of the present window, Unix time.
    uint40 since;
    uint32 claimWindow;
    uint32 arbiterWindow;
}

/// @notice Where a lease stands, and what its lessee has to pay now. Amounts in token units.
struct Owed {
    /// @dev Rent accrued since the start after abatement, paid or not, rounded down.
    uint256 accrued;
    /// @dev Unix time until which rent is paid.
    uint256 paidThrough;
    /// @dev Due dates reached, from the start.
    uint256 duePeriods;
    uint256 rentDue;
    uint256 lateFees;
    uint256 overageDue;
    /// @dev Rebate that will be set off.
    uint256 rebate;
    /// @dev Sum that makes the lease current: rent, fees and overage, less the rebate.
    uint256 payToCure;
}

/// @notice ERC-2612 approval; a zero deadline stands for none.
struct Permit {
    uint256 value;
    uint256 deadline;
    uint8 v;
    bytes32 r;
    bytes32 s;
}

/// @notice What a lessee can do by a signature that anybody relays.
enum LeaseActKind {
    None,
    RequestReturn,
    AcceptClaim,
    DisputeClaim,
    DisputeHealth,
    KeepPack
}

/// @notice An act of a party to a lease (EIP-712 message `LeaseAct`).
struct LeaseAct {
    uint256 leaseId;
    /// @dev Who acts and signs.
    address party;
    LeaseActKind kind;
    /// @dev keccak256 of the evidence for a dispute; for AcceptClaim the amount accepted, in token units; for KeepPack the
    /// Unix time of the request that ends, zero if there is none; else zero.
    bytes32 evidenceHash;
    uint256 nonce;
    uint48 deadline;
}

/// @notice Another pack under the same lease (EIP-712 message `Swap`), signed by the lessee and the packs' owners.
struct Swap {
    uint256 leaseId;
    address lessee;
    uint256 oldPackId;
    uint256 newPackId;
    uint256 nonce;
    uint48 deadline;
}

/// @notice Another lessee under the same lease (EIP-712 message `Novation`), signed by owner, old and new lessee.
struct Novation {
    uint256 leaseId;
    /// @dev The pack that the new lessee gets, which is the lease's.
    uint256 packId;
    address oldLessee;
    address newLessee;
    uint256 nonce;
    uint48 deadline;
}

/// @notice A bay device took a pack back (EIP-712 message `ReturnReceipt`).
struct ReturnReceipt {
    uint256 leaseId;
    uint256 packId;
    /// @dev Trusted bay device; signs.
    address bay;
    /// @dev Unix time of the hand-over; when the rent ends. The receipt is good for 30 days from then.
    uint48 receivedAt;
    uint256 nonce;
    uint48 deadline;
}

/// @notice A balance taken out (EIP-712 message `LeaseWithdrawal`), signed by the account.
struct LeaseWithdrawal {
    address account;
    /// @dev Receives the tokens.
    address to;
    uint256 nonce;
    uint48 deadline;
}

/// @title IBatteryLease
/// @notice Leases of battery packs: signed offers, rent by the second, guarantee, return, dispute, swap and sale.
/// @dev One settlement token, fixed at deployment. Money that comes in is held until it is earned; every payout waits
/// to be withdrawn, so nobody can block another. Accounts are kept so that at every moment the book holds exactly
/// deposits, unearned rent and withdrawable balances.
///
/// Periods are paid whole and ahead: period k is due at start + k periods. Rent is earned by the second. The user right
/// of ERC-4907 runs to the end of what is paid plus the grace span, so it lapses without a transaction.
interface IBatteryLease is ILeaseBook {
    /// @notice A lease began.
    /// @param leaseId Number of the lease, from 1.
    /// @param packId The pack.
    /// @param lessee Who uses the pack and pays.
    /// @param offer The terms, needed again for rare acts.
    event LeaseStarted(uint256 indexed leaseId, uint256 indexed packId, address indexed lessee, Offer offer);

    /// @notice Rent was paid.
    /// @param leaseId The lease.
    /// @param payer Who paid.
    /// @param periodCount Periods paid.
    /// @param amount Tokens taken from the payer: rent, fees and overage, less the rebate.
    /// @param lateFees Late fees in it.
    /// @param overage Billed overage in it.
    /// @param rebate Rebate set off.
    /// @param paidThrough Unix time until which the lease is paid.
    event RentPaid(
        uint256 indexed leaseId,
        address indexed payer,
        uint256 periodCount,
        uint256 amount,
        uint256 lateFees,
        uint256 overage,
        uint256 rebate,
        uint256 paidThrough
    );

    /// @notice Earned rent became withdrawable.
    /// @param leaseId The lease.
    /// @param owner Owner of the pack while it was earned.
    /// @param amount Token units.
    event RentCredited(uint256 indexed leaseId, address indexed owner, uint256 amount);

    /// @notice Use above the allowance was billed; the next payment includes it.
    /// @param leaseId The lease.
    /// @param usedWh Energy used since the start, Wh.
    /// @param overWh Over-use since the start, Wh.
    /// @param charge Added to the bill, token units.
    event UsageBilled(uint256 indexed leaseId, uint256 usedWh, uint256 overWh, uint256 charge);

    /// @notice Rent is abated from now on.
    /// @param leaseId The lease.
    /// @param sohBp State of health, basis points.
    /// @param rebatePerPeriod What the lessee gets back of each period's rent.
    event RemedyStarted(uint256 indexed leaseId, uint256 sohBp, uint256 rebatePerPeriod);

    /// @notice Rent is no longer abated.
    /// @param leaseId The lease.
    /// @param sohBp State of health, basis points; zero when a swap ended it.
    event RemedyEnded(uint256 indexed leaseId, uint256 sohBp);

    /// @notice A party asks the arbiter to rule on the pack's health.
    /// @param leaseId The lease.
    /// @param party Who asks.
    /// @param evidenceHash keccak256 of the evidence.
    event HealthDisputed(uint256 indexed leaseId, address indexed party, bytes32 evidenceHash);

    /// @notice The arbiter ruled on the pack's health.
    /// @param leaseId The lease.
    /// @param sohBp State of health to go by.
    event HealthRuled(uint256 indexed leaseId, uint256 sohBp);

    /// @notice Another pack serves the lease.
    /// @param leaseId The lease.
    /// @param oldPackId Pack until now.
    /// @param newPackId Pack from now on.
    /// @param usedWh Energy used since the start, Wh.
    event Swapped(uint256 indexed leaseId, uint256 indexed oldPackId, uint256 indexed newPackId, uint256 usedWh);

    /// @notice Another lessee took over the lease, its debts and its deposit.
    /// @param leaseId The lease.
    /// @param oldLessee Lessee until now.
    /// @param newLessee Lessee from now on.
    event Novated(uint256 indexed leaseId, address indexed oldLessee, address indexed newLessee);

    /// @notice The lessee asked to return the pack.
    /// @param leaseId The lease.
    event ReturnRequested(uint256 indexed leaseId);

    /// @notice The lessee said that it keeps the pack. Told of {keepPack} only.
    /// @param leaseId The lease.
    event PackKept(uint256 indexed leaseId);

    /// @notice A lease's accounts were closed and its charges taken from what the book held for the lessee.
    /// @param leaseId The lease.
    /// @param rentCredit Rent credited to the owner with this.
    /// @param arrears Earned and unpaid rent taken.
    /// @param overage Overage taken.
    /// @param lateFees Late fees taken.
    /// @param earlyFee Early fee taken.
    /// @param held What is left of the lessee's money.
    event AccountsClosed(
        uint256 indexed leaseId,
        uint256 rentCredit,
        uint256 arrears,
        uint256 overage,
        uint256 lateFees,
        uint256 earlyFee,
        uint256 held
    );

    /// @notice The pack is back.
    /// @param leaseId The lease.
    /// @param claimant Owner of the pack, who may claim damage.
    /// @param receivedAt Unix time of the hand-over.
    event ReturnConfirmed(uint256 indexed leaseId, address indexed claimant, uint256 receivedAt);

    /// @notice The lessor claims damage; the rest of the lessee's money is released.
    /// @param leaseId The lease.
    /// @param amount Claim, token units.
    /// @param evidenceHash keccak256 of the evidence.
    event DamageClaimed(uint256 indexed leaseId, uint256 amount, bytes32 evidenceHash);

    /// @notice The lessee disputes the claim.
    /// @param leaseId The lease.
    /// @param evidenceHash keccak256 of the evidence.
    event ClaimDisputed(uint256 indexed leaseId, bytes32 evidenceHash);

    /// @notice The arbiter ruled on the claim.
    /// @param leaseId The lease.
    /// @param award What the lessor gets of it, token units.
    event DisputeRuled(uint256 indexed leaseId, uint256 award);

    /// @notice A lease is over and all its money assigned.
    /// @param leaseId The lease.
    /// @param toLessor Last amount credited to the lessor.
    /// @param toLessee Last amount credited to the lessee.
    event LeaseSettled(uint256 indexed leaseId, uint256 toLessor, uint256 toLessee);

    /// @notice The lessee bought the pack.
    /// @param leaseId The lease.
    /// @param price Price, token units.
    /// @param paid Taken from the lessee beyond what the book held.
    event BoughtOut(uint256 indexed leaseId, uint256 price, uint256 paid);

    /// @notice The lessor ended the lease for arrears.
    /// @param leaseId The lease.
    event Defaulted(uint256 indexed leaseId);

    /// @notice An account took out its balance.
    /// @param account Whose balance.
    /// @param to Who received it.
    /// @param amount Token units.
    event Withdrawn(address indexed account, address indexed to, uint256 amount);

    /// @notice A bay device is trusted to sign receipts, or no longer.
    /// @param bay Account of the device's key.
    /// @param trusted Whether it is trusted.
    event BaySet(address indexed bay, bool trusted);

    /// @notice A term of the offer is out of range.
    /// @param field Name of the field of {Offer}.
    /// @param value What was given.
    /// @param limit Smallest or greatest value allowed.
    error BatteryLeaseBadTerms(string field, uint256 value, uint256 limit);

    /// @notice The offer is for somebody else.
    /// @param caller Who wants to accept.
    /// @param lessee Who may.
    error BatteryLeaseNotInvited(address caller, address lessee);

    /// @notice The lease is not in a state that allows the act.
    /// @param leaseId The lease.
    /// @param state Its state.
    error BatteryLeaseWrongState(uint256 leaseId, LeaseState state);

    /// @notice The offer given is not the one the lease was made by.
    /// @param leaseId The lease.
    /// @param given Hash of the offer given.
    /// @param expected Hash of the lease's offer.
    error BatteryLeaseWrongOffer(uint256 leaseId, bytes32 given, bytes32 expected);

    /// @notice The number of periods is zero or more than are left.
    /// @param leaseId The lease.
    /// @param periodCount Periods given.
    /// @param limit Periods left.
    error BatteryLeaseBadPeriodCount(uint256 leaseId, uint256 periodCount, uint256 limit);

    /// @notice A list is empty, too long, or not as long as its partner.
    /// @param length Entries given.
    /// @param limit Entries allowed.
    error BatteryLeaseBadLength(uint256 length, uint256 limit);

    /// @notice The caller or signer has no part in this.
    /// @param leaseId The lease.
    /// @param caller Who tried.
    /// @param expected Who may.
    error BatteryLeaseNotParty(uint256 leaseId, address caller, address expected);

    /// @notice The token moved another amount than asked: fee-on-transfer and rebasing tokens are not supported.
    /// @param expected Amount asked for.
    /// @param got Amount that arrived.
    error BatteryLeaseTokenDeltaMismatch(uint256 expected, uint256 got);

    /// @notice It is too early for the act.
    /// @param leaseId The lease.
    /// @param timestamp Now.
    /// @param earliest First second at which it is allowed.
    error BatteryLeaseTooEarly(uint256 leaseId, uint256 timestamp, uint256 earliest);

    /// @notice It is too late for the act.
    /// @param leaseId The lease.
    /// @param timestamp Now.
    /// @param latest Last second at which it was allowed.
    error BatteryLeaseTooLate(uint256 leaseId, uint256 timestamp, uint256 latest);

    /// @notice Nobody has asked to return the pack, and the term is not over.
    /// @param leaseId The lease.
    error BatteryLeaseReturnNotRequested(uint256 leaseId);

    /// @notice The lessee has asked already.
    /// @param leaseId The lease.
    /// @param requestedAt When.
    error BatteryLeaseReturnRequested(uint256 leaseId, uint256 requestedAt);

    /// @notice The lease gives no guarantee, or the certified health does not call for the act.
    /// @param leaseId The lease.
    /// @param sohBp State of health to go by, basis points.
    /// @param minSohBp Guaranteed, basis points.
    error BatteryLeaseHealthNotAffected(uint256 leaseId, uint256 sohBp, uint256 minSohBp);

    /// @notice The pack's latest certificate is of a test before the lease, the swap or the latest ruling.
    /// @param leaseId The lease.
    /// @param testedAt Time of the test.
    /// @param earliest First second that counts.
    error BatteryLeaseCertificateTooOld(uint256 leaseId, uint256 testedAt, uint256 earliest);

    /// @notice The device told of abuse during the lease, which voids the guarantee.
    /// @param leaseId The lease.
    /// @param abusedAt Unix time of the reading.
    error BatteryLeaseAbused(uint256 leaseId, uint256 abusedAt);

    /// @notice Rent is in arrears; the remedy is for a lessee in good standing.
    /// @param leaseId The lease.
    /// @param paidThrough Unix time until which rent is paid.
    error BatteryLeaseInArrears(uint256 leaseId, uint256 paidThrough);

    /// @notice Nobody has asked the arbiter to rule, or rent is not abated.
    /// @param leaseId The lease.
    error BatteryLeaseNothingToRule(uint256 leaseId);

    /// @notice The amount is zero or above what can be claimed or awarded.
    /// @param leaseId The lease.
    /// @param amount Amount given.
    /// @param limit Greatest allowed.
    error BatteryLeaseBadAmount(uint256 leaseId, uint256 amount, uint256 limit);

    /// @notice The pack named is not the lease's, or the new pack is the old one.
    /// @param leaseId The lease.
    /// @param packId The pack named.
    /// @param expected The lease's pack.
    error BatteryLeaseWrongPack(uint256 leaseId, uint256 packId, uint256 expected);

    /// @notice The pack's latest reading is too old to start or end a count of energy.
    /// @param packId The pack.
    /// @param takenAt Unix time of the reading; zero: none.
    /// @param earliest First second that serves.
    error BatteryLeaseStaleReading(uint256 packId, uint256 takenAt, uint256 earliest);

    /// @notice The pack is not for sale under this lease.
    /// @param leaseId The lease.
    error BatteryLeaseNotForSale(uint256 leaseId);

    /// @notice The device is not a trusted bay.
    /// @param bay The device.
    error BatteryLeaseUntrustedBay(address bay);

    /// @notice The act was signed for another request to return the pack.
    /// @param leaseId The lease.
    /// @param given When the request was made that the act names, Unix time; zero: none.
    /// @param requestedAt When the request was made that there is; zero: none.
    error BatteryLeaseOtherRequest(uint256 leaseId, uint256 given, uint256 requestedAt);

    /// @notice The call would change nothing.
    error BatteryLeaseUnchanged();

    /// @notice What is paid there would be lost.
    /// @param to Receiver named: nobody, or this contract.
    error BatteryLeaseInvalidReceiver(address to);

    /// @notice The account has nothing to withdraw.
    /// @param account The account.
    error BatteryLeaseNothingToWithdraw(address account);

    /// @notice The caller is not the pack contract.
    /// @param caller Who called.
    error BatteryLeaseNotPackContract(address caller);

    // --- beginning

    /// @notice Accepts an offer: pays the deposit and the first period and becomes the pack's user.
    /// @dev The lessee calls. The owner must have approved the book for the pack (ERC-721). `permit` may be front-run
    /// without harm. Emits {LeaseStarted}, the pack's events and the
    /// token's. Reverts with {BatteryLeaseBadTerms}, {BatteryLeaseNotInvited}, {BatteryLeaseTokenDeltaMismatch}, the
    /// pack's errors (not the owner's offer, leased, retired, not usable), those of {ISigned}, and while paused.
    /// @param offer Terms, signed by the pack's owner.
    /// @param lessorSignature The owner's.
    /// @param permit ERC-2612 approval by the lessee for the book; zero deadline: a standing allowance serves.
    /// @return leaseId Number of the lease, from 1.
    function accept(
        Offer calldata offer,
        Signature calldata lessorSignature,
        Permit calldata permit
    ) external returns (uint256 leaseId);

    /// @notice As {accept}, for a lessee who signed one ERC-3009 transfer to the book of deposit and first rent, with
    /// {acceptNonce} as its nonce. Anybody may relay it; it is useless for anything else.
    /// @dev Needs a token with `receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)`.
    /// @param offer Terms, signed by the pack's owner.
    /// @param lessorSignature The owner's.
    /// @param lessee Who signed the transfer.
    /// @param authorization The transfer.
    /// @return leaseId Number of the lease, from 1.
    function acceptWithAuthorization(
        Offer calldata offer,
        Signature calldata lessorSignature,
        address lessee,
        PaymentAuthorization calldata authorization
    ) external returns (uint256 leaseId);

    // --- rent and use

    /// @notice Pays whole periods, with all late fees and billed overage, less the rebate. Anybody may pay.
    /// @dev A payment takes at most as much overage as rent; more waits for the next one, or for the end. The lessee's
    /// own payment beyond now withdraws its request to return, as {keepPack} does, and receipts of bays with it. Emits
    /// {RentPaid}, and {RentCredited} when a sale of the pack is taken note of. Reverts with {BatteryLeaseWrongState},
    /// {BatteryLeaseBadPeriodCount} and {BatteryLeaseTokenDeltaMismatch}.
    /// @param leaseId The lease.
    /// @param periodCount Periods to pay, at least 1 and at most those left.
    /// @return amount Tokens taken from the caller.
    function payRent(uint256 leaseId, uint16 periodCount) external returns (uint256 amount);

    /// @notice Pays rent of up to 50 leases with one transfer. Anybody may pay.
    /// @dev As {payRent} for each; one bad entry reverts the whole call. Reverts with {BatteryLeaseBadLength}.
    /// @param leaseIds The leases.
    /// @param periodCounts Periods to pay of each.
    /// @return amount Tokens taken from the caller.
    function payMany(uint256[] calldata leaseIds, uint16[] calldata periodCounts) external returns (uint256 amount);

    /// @notice As {payRent}, by an ERC-3009 transfer that `payer` signed for exactly the amount due, with {rentNonce} as
    /// its nonce. Anybody may relay it. While rent is abated, the amount falls by the second until the next due date, so
    /// such a payment is signed on that date or after it.
    /// @param leaseId The lease.
    /// @param periodCount Periods to pay.
    /// @param payer Who signed the transfer.
    /// @param authorization The transfer.
    /// @return amount Tokens taken from the payer.
    function payRentWithAuthorization(
        uint256 leaseId,
        uint16 periodCount,
        address payer,
        PaymentAuthorization calldata authorization
    ) external returns (uint256 amount);

    /// @notice Bills use above the allowance by the pack's latest reading, once per full period. Anybody.
    /// @dev The bill counts over-use since the start and never refunds. Emits {UsageBilled}. Reverts with
    /// {BatteryLeaseWrongState}, {BatteryLeaseWrongOffer} and {BatteryLeaseTooEarly}.
    /// @param leaseId The lease.
    /// @param offer The lease's offer.
    /// @return charge Added to what the next payment takes, token units.
    function billUsage(uint256 leaseId, Offer calldata offer) external returns (uint256 charge);

    // --- guarantee

    /// @notice Abates the rent of a pack whose certified health is below the guarantee, from now on. Anybody.
    /// @dev A newer, lower certificate abates it further. Emits {RemedyStarted}. Reverts with
    /// {BatteryLeaseHealthNotAffected}, {BatteryLeaseCertificateTooOld}, {BatteryLeaseAbused},
    /// {BatteryLeaseInArrears}, {BatteryLeaseWrongState} and {BatteryLeaseWrongOffer}.
    /// @param leaseId The lease.
    /// @param offer The lease's offer.
    function claimRemedy(uint256 leaseId, Offer calldata offer) external;

    /// @notice Ends the abatement of a pack that is certified to meet its guarantee again. Anybody.
    /// @dev Emits {RemedyEnded}. Reverts with {BatteryLeaseHealthNotAffected}, {BatteryLeaseCertificateTooOld},
    /// {BatteryLeaseNothingToRule}, {BatteryLeaseWrongState} and {BatteryLeaseWrongOffer}.
    /// @param leaseId The lease.
    /// @param offer The lease's offer.
    function endRemedy(uint256 leaseId, Offer calldata offer) external;

    /// @notice Asks the arbiter to rule on the pack's health, against a tester who favours one side. Lessee or owner.
    /// @dev Emits {HealthDisputed}. Reverts with {BatteryLeaseNotParty} and {BatteryLeaseWrongState}.
    /// @param leaseId The lease.
    /// @param evidenceHash keccak256 of the evidence.
    function disputeHealth(uint256 leaseId, bytes32 evidenceHash) external;

    /// @notice Rules on the pack's health, and starts or ends the abatement by it. Only BATTERY_ARBITER.
    /// @dev Tests before the ruling no longer count. Emits {HealthRuled}, {RemedyStarted} or {RemedyEnded}. Reverts with
    /// {BatteryLeaseNothingToRule}, {BatteryLeaseTooLate}, {BatteryLeaseInArrears}, {BatteryLeaseWrongState} and
    /// {BatteryLeaseWrongOffer}.
    /// @param leaseId The lease.
    /// @param offer The lease's offer.
    /// @param sohBp State of health to go by, basis points.
    function ruleHealth(uint256 leaseId, Offer calldata offer, uint16 sohBp) external;

    // --- changes

    /// @notice Puts another pack under the lease; ends an abatement, a request to return and a dispute of health. Anybody
    /// with the signatures. Packs of different owners are swapped only while nothing is due.
    /// @dev A signer who calls needs no signature; two roles of one account need one. Both packs need a reading of the
    /// last hour: those given are submitted, and a bad one is no obstacle when the chain has a fresh one. Emits
    /// {Swapped} and the packs' events. Reverts with {BatteryLeaseWrongPack}, {BatteryLeaseNotParty} if the lessee named is
    /// not the lease's, {BatteryLeaseStaleReading}, {BatteryLeaseWrongState}, {BatteryLeaseBadLength}, the pack's errors
    /// and those of {ISigned}.
    /// @param order The swap.
    /// @param signatures Of the lessee, the old pack's owner and the new pack's owner; the last is not looked at when
    /// both packs have one owner.
    /// @param readings At most 2 fresh readings.
    function swap(Swap calldata order, Signature[3] calldata signatures, SignedReading[] calldata readings) external;

    /// @notice Hands the lease with its debts, credits and deposit to another lessee. Anybody with the signatures.
    /// @dev A request to return the pack ends: the new lessee did not make it. A signer who calls needs no signature.
    /// There is no sublease. Emits {Novated} and UpdateUser. Reverts with {BatteryLeaseWrongPack}, {BatteryLeaseNotParty},
    /// {BatteryLeaseUnchanged}, {BatteryLeaseWrongState} and the errors of {ISigned}.
    /// @param order The novation.
    /// @param signatures Of the pack's owner, the present lessee and the new lessee.
    function novate(Novation calldata order, Signature[3] calldata signatures) external;

    /// @notice Buys the pack at today's price; the deposit and unearned rent count towards it. The lessee calls.
    /// @dev Ends the lease. Emits {AccountsClosed}, {BoughtOut} and the pack's events. Reverts with
    /// {BatteryLeaseNotForSale}, {BatteryLeaseNotParty}, {BatteryLeaseBadAmount} when more than `maxPay` is due,
    /// {BatteryLeaseWrongState} and {BatteryLeaseWrongOffer}.
    /// @param leaseId The lease.
    /// @param offer The lease's offer.
    /// @param maxPay Most that the lessee is ready to add, token units.
    /// @param permit ERC-2612 approval; zero deadline: a standing allowance serves.
    /// @return paid Taken from the lessee beyond what the book held.
    function buyout(
        uint256 leaseId,
        Offer calldata offer,
        uint256 maxPay,
        Permit calldata permit
    ) external returns (uint256 paid);

    // --- return

    /// @notice Asks to return the pack. The lessee calls, or signs a {LeaseAct}.
    /// @dev Rent runs until the return is confirmed. Emits {ReturnRequested}. Reverts with {BatteryLeaseNotParty},
    /// {BatteryLeaseReturnRequested} and {BatteryLeaseWrongState}.
    /// @param leaseId The lease.
    function requestReturn(uint256 leaseId) external;

    /// @notice Says that the lessee keeps the pack: a request to return it ends, and receipts of bays from before count no
    /// more. The lessee calls, or signs a {LeaseAct}.
    /// @dev A novation says so too, and so does a payment by a lessee that has a request and pays beyond now. Emits
    /// {PackKept}. Reverts with {BatteryLeaseNotParty}, {BatteryLeaseWrongState}, and {BatteryLeaseOtherRequest} if a
    /// relayed act names another request.
    /// @param leaseId The lease.
    function keepPack(uint256 leaseId) external;

    /// @notice Does for a party what it signed. Anybody may relay it.
    /// @dev Emits and reverts as the function that `act.kind` names, and with the errors of {ISigned}.
    /// @param leaseAct The act.
    /// @param signature Of `act.party`.
    function actFor(LeaseAct calldata leaseAct, Signature calldata signature) external;

    /// @notice Confirms that the pack is back and keeps the right to claim damage. The pack's owner calls.
    /// @dev Needs a request, a default, or the end of the term and then of the lessee's right of use, which is that of the
    /// grace span if all is paid. Closes the accounts. Emits {AccountsClosed},
    /// {ReturnConfirmed} and the pack's events. Reverts with {BatteryLeaseNotParty},
    /// {BatteryLeaseReturnNotRequested}, {BatteryLeaseWrongState} and {BatteryLeaseWrongOffer}.
    /// @param leaseId The lease.
    /// @param offer The lease's offer.
    function confirmReturn(uint256 leaseId, Offer calldata offer) external;

    /// @notice Confirms that the pack is back, waives any claim and settles. The pack's owner calls.
    /// @dev As {confirmReturn}, and {LeaseSettled}.
    /// @param leaseId The lease.
    /// @param offer The lease's offer.
    function confirmAndSettle(uint256 leaseId, Offer calldata offer) external;

    /// @notice Confirms a return by the receipt of a trusted bay device; rent ends when the bay took the pack. Anybody.
    /// @dev Needs the lessee's request, the end of the term, or a default, whose accounts stay as they were closed. Rent
    /// credited after that moment is not taken back, nor, where rent was abated before, is rent before the latest abatement.
    /// Use counts by the latest reading. Emits as {confirmReturn}. Reverts with {BatteryLeaseUntrustedBay},
    /// {BatteryLeaseWrongPack}, {BatteryLeaseTooEarly} for a time before the lease, the latest swap, or the second after the
    /// lessee last kept the pack, {BatteryLeaseTooLate} for one in the future or more than 30 days ago,
    /// {BatteryLeaseReturnNotRequested}, {BatteryLeaseWrongState}, {BatteryLeaseWrongOffer} and the errors of {ISigned}. So
    /// who brings a pack back before the end of the term must ask for its return within 30 days.
    /// @param offer The lease's offer.
    /// @param receipt The receipt.
    /// @param baySignature The bay's.
    function confirmReturnByReceipt(
        Offer calldata offer,
        ReturnReceipt calldata receipt,
        Signature calldata baySignature
    ) external;

    /// @notice Claims damage; what is not claimed goes to the lessee at once. The claimant calls, within the window.
    /// @dev Emits {DamageClaimed}. Reverts with {BatteryLeaseNotParty}, {BatteryLeaseBadAmount},
    /// {BatteryLeaseTooLate} and {BatteryLeaseWrongState}.
    /// @param leaseId The lease.
    /// @param amount Claim, at most what is held, token units.
    /// @param evidenceHash keccak256 of the evidence.
    function claimDamage(uint256 leaseId, uint96 amount, bytes32 evidenceHash) external;

    /// @notice Agrees to the claim. The lessee calls, or signs a {LeaseAct}.
    /// @dev Emits {LeaseSettled}. Reverts with {BatteryLeaseNotParty} and {BatteryLeaseWrongState}.
    /// @param leaseId The lease.
    function acceptClaim(uint256 leaseId) external;

    /// @notice Disputes the claim. The lessee calls, or signs a {LeaseAct}, within the window.
    /// @dev Emits {ClaimDisputed}. Reverts with {BatteryLeaseNotParty}, {BatteryLeaseTooLate} and
    /// {BatteryLeaseWrongState}.
    /// @param leaseId The lease.
    /// @param evidenceHash keccak256 of the evidence.
    function disputeClaim(uint256 leaseId, bytes32 evidenceHash) external;

    /// @notice Rules on a disputed claim, within the window. Only BATTERY_ARBITER.
    /// @dev Emits {DisputeRuled} and {LeaseSettled}. Reverts with {BatteryLeaseBadAmount}, {BatteryLeaseTooLate} and
    /// {BatteryLeaseWrongState}.
    /// @param leaseId The lease.
    /// @param award What the lessor gets, at most the claim.
    function rule(uint256 leaseId, uint96 award) external;

    /// @notice Settles what a silent party left open. Anybody, after the window.
    /// @dev No claim: all to the lessee. No dispute: the claim to the lessor. No ruling: the claim to the lessee. A
    /// default after which the owner neither has the pack back nor gives it up for lost within both windows: all that is
    /// held to the lessee, and the pack is free. Emits {LeaseSettled}. Reverts with {BatteryLeaseTooEarly} and {BatteryLeaseWrongState}.
    /// @param leaseId The lease.
    function settle(uint256 leaseId) external;

    // --- default

    /// @notice Ends the lease of a lessee in arrears, or who keeps the pack after the term. The pack's owner calls.
    /// @dev Possible once grace and `defaultAfter` have passed since the oldest due date. Closes the accounts and the
    /// user's right; the pack stays with the book until it is back or lost. Irreversible. Emits {AccountsClosed} and
    /// {Defaulted}. Reverts with {BatteryLeaseTooEarly}, {BatteryLeaseNotParty}, {BatteryLeaseWrongState} and
    /// {BatteryLeaseWrongOffer}.
    /// @param leaseId The lease.
    /// @param offer The lease's offer.
    function declareDefault(uint256 leaseId, Offer calldata offer) external;

    /// @notice Gives a pack up for lost and claims all that is held; the lessee may dispute. The pack's owner calls,
    /// once the claim window has passed since the default.
    /// @dev Emits {ReturnConfirmed}, {DamageClaimed} and the pack's events. Reverts with {BatteryLeaseTooEarly},
    /// {BatteryLeaseNotParty} and {BatteryLeaseWrongState}.
    /// @param leaseId The lease.
    /// @param evidenceHash keccak256 of the evidence.
    function declareLost(uint256 leaseId, bytes32 evidenceHash) external;

    // --- payouts

    /// @notice Makes earned and paid rent of up to 50 leases withdrawable by the packs' owners. Anybody.
    /// @dev Who sold a pack has the rent that was earned and paid by then; what is paid later is the buyer's. Leases that are not running are passed over. Emits {RentCredited}. Reverts with {BatteryLeaseBadLength}.
    /// @param leaseIds The leases.
    function credit(uint256[] calldata leaseIds) external;

    /// @notice Credits up to 50 leases and takes out the caller's balance. So an owner is an account that can call or sign: what
    /// a contract earned that can do neither stays here.
    /// @dev Emits {Withdrawn}. Reverts with {BatteryLeaseNothingToWithdraw}, {BatteryLeaseInvalidReceiver} and
    /// {BatteryLeaseBadLength}.
    /// @param leaseIds Leases to credit first; may be empty.
    /// @param to Who receives the tokens.
    /// @return amount Token units.
    function withdraw(uint256[] calldata leaseIds, address to) external returns (uint256 amount);

    /// @notice Takes an account's balance out by its signature. Anybody may relay it, so that who has no coin of the chain, or
    /// a key and no account, is paid.
    /// @dev Emits {Withdrawn}. Reverts with {BatteryLeaseNothingToWithdraw}, {BatteryLeaseInvalidReceiver} and the errors of
    /// {ISigned}.
    /// @param order Whose balance, and who receives it.
    /// @param signature The account's.
    /// @return amount Token units.
    function withdrawBySig(
        LeaseWithdrawal calldata order,
        Signature calldata signature
    ) external returns (uint256 amount);

    // --- administration

    /// @notice Stops new leases. Only GUARDIAN. Nothing else is stopped.
    function pause() external;

    /// @notice Allows new leases again. Only STEWARD.
    function unpause() external;

    /// @notice Trusts a bay device's receipts, or no longer. Only BATTERY_BAYS.
    /// @dev By role and in a list of the book's own, not by credential: which bays the city runs is administration, and
    /// returns read the list. Emits {BaySet}. Reverts with {BatteryLeaseUnchanged}.
    /// @param bay Account of the device's key.
    /// @param trusted Whether it is trusted.
    function setBay(address bay, bool trusted) external;

    // --- views

    /// @notice The settlement token.
    function token() external view returns (IERC20);

    /// @notice The packs that the book leases.
    function pack() external view returns (IBatteryPack);

    /// @notice The readings and certificates that it believes.
    function telemetry() external view returns (IBatteryTelemetry);

    /// @notice Number of leases so far; the latest lease's id.
    /// @return count Zero before the first.
    function leaseCount() external view returns (uint256 count);

    /// @notice A lease as stored.
    /// @param leaseId The lease.
    /// @return lease All zero for an unknown one.
    function leaseOf(uint256 leaseId) external view returns (Lease memory lease);

    /// @notice The accounts beside a lease that most leases never use.
    /// @param leaseId The lease.
    /// @return usage Energy account.
    /// @return abatement Rent abatement.
    /// @return closing What is left to decide after the end.
    function accountsOf(
        uint256 leaseId
    ) external view returns (Usage memory usage, Abatement memory abatement, Closing memory closing);

    /// @notice State of a lease now.
    /// @param leaseId The lease.
    /// @return state None for an unknown lease.
    function stateOf(uint256 leaseId) external view returns (LeaseState state);

    /// @notice Where a lease stands, and what the lessee has to pay now.
    /// @param leaseId The lease.
    /// @return owed All zero for a lease that is not running.
    function owedOf(uint256 leaseId) external view returns (Owed memory owed);

    /// @notice What an account can withdraw.
    /// @param account The account.
    /// @return amount Token units.
    function balanceOf(address account) external view returns (uint256 amount);

    /// @notice What a pack costs the lessee now.
    /// @param leaseId The lease.
    /// @param offer The lease's offer.
    /// @return price Token units, before deposit, unearned rent and debts are counted.
    function buyoutPriceOf(uint256 leaseId, Offer calldata offer) external view returns (uint256 price);

    /// @notice Whether a bay device's receipts are trusted.
    /// @param bay Account of the device's key.
    /// @return trusted True when they are.
    function isBay(address bay) external view returns (bool trusted);

    /// @notice ERC-3009 nonce by which a lessee pays for and consents to exactly this offer.
    /// @param offer The offer.
    /// @return nonce Upper 192 bits of the offer's EIP-712 digest, then zeros: unique, and the first of its own
    /// sequence for tokens with keyed nonces.
    function acceptNonce(Offer calldata offer) external view returns (bytes32 nonce);

    /// @notice ERC-3009 nonce by which a payer pays exactly these periods of a lease, once.
    /// @param leaseId The lease.
    /// @param periodCount Periods to pay.
    /// @return nonce Depends on the lessee, the periods paid so far and the request to return: while a request stands,
    /// payments that were signed before it are void. Upper 192 bits of a hash, then zeros.
    function rentNonce(uint256 leaseId, uint16 periodCount) external view returns (bytes32 nonce);
}
