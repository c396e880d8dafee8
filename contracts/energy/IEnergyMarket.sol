// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Signature} from "../authority/ISigned.sol";
import {PaymentAuthorization} from "../finance/Payments.sol";
import {IIdentities} from "../identity/IIdentities.sol";
import {IEnergyRegistry} from "./IEnergyRegistry.sol";
import {IMeterReadings} from "./IMeterReadings.sol";

/// @notice One step of an order: so much energy at this price or a better one.
struct Step {
    /// @dev Price per Wh = tariff's base price + tick × tick size.
    uint8 tick;
    /// @dev Energy in the interval, Wh.
    uint32 wh;
}

/// @notice An order signed by an account's signer or delegate, as it is sent alone.
struct SignedOrder {
    uint32 interval;
    uint32 account;
    /// @dev The account's epoch, see {IEnergyMarket-bumpEpoch}.
    uint16 epoch;
    /// @dev See {OrderFlags}; the number of steps in it is ignored, and signed as zero.
    uint8 flags;
    /// @dev 1 to 4.
    Step[] steps;
    /// @dev Signature as in ERC-2098.
    bytes32 r;
    bytes32 vs;
}

/// @notice An order that posts itself in every interval of a run, by one signature. At most four steps.
struct StandingOrder {
    uint32 account;
    /// @dev The account's epoch, see {IEnergyMarket-bumpEpoch}.
    uint16 epoch;
    /// @dev First and last interval.
    uint32 fromInterval;
    uint32 toInterval;
    /// @dev What the ticks are to mean: base price and tick size of the tariff that it was signed for. An interval with
    /// others does not take it.
    uint24 basePrice;
    uint16 tickSize;
    /// @dev As in the record of an order, see {OrderFlags}; without the number of steps.
    uint8 flags;
    /// @dev 1 to 4 steps of up to 1,048,575 Wh; none: withdraws the standing order.
    Step[] steps;
}

/// @notice A key that may sign orders for an account, within limits. One slot.
struct Delegate {
    /// @dev Lowest and highest price it may bid or offer, money units per Wh.
    uint24 minPrice;
    uint24 maxPrice;
    /// @dev Most energy of one of its orders, Wh.
    uint32 maxWh;
    /// @dev Last second at which it may act; zero: it is no delegate.
    uint40 until;
}

/// @notice A sale between two accounts outside the auction, the same in every interval of a run.
struct Agreement {
    uint32 buyer;
    uint32 seller;
    /// @dev First and last interval.
    uint32 fromInterval;
    uint32 toInterval;
    /// @dev Money units per Wh; may be zero: a gift.
    uint24 price;
    /// @dev Energy in each interval, Wh.
    uint32 wh;
    /// @dev Anything, to tell apart agreements that are otherwise the same.
    uint64 salt;
}

/// @notice What agreements come to for one account in one interval. One slot.
struct Position {
    /// @dev Energy, Wh.
    uint40 wh;
    /// @dev Whether the account sells it.
    bool sells;
    /// @dev Σ price × Wh, money units.
    uint64 trade;
    /// @dev Grid fee of a buyer, money units.
    uint64 fee;
    /// @dev Money units held until settlement.
    uint64 locked;
}

/// @notice An account as everybody sees it.
struct AccountView {
    /// @dev Whose the money is; zero: not open.
    address owner;
    /// @dev Key that signs orders.
    address signer;
    /// @dev Money units that can be used or withdrawn.
    uint256 free;
    /// @dev Money units owed to the supplier for energy drawn beyond what was covered. While above zero: no orders.
    uint256 debt;
    /// @dev Money units the supplier owes and could not pay yet.
    uint256 claim;
    uint16 epoch;
    uint32 importCapWh;
    uint32 exportCapWh;
    /// @dev Whether its offers count as green.
    bool green;
    /// @dev Whether its meter may not trade.
    bool barred;
}

/// @notice Where an interval stands.
enum IntervalState {
    /// @dev Too far away for orders.
    Future,
    /// @dev Takes orders.
    Open,
    /// @dev Waits for {IEnergyMarket-clear}.
    Closed,
    /// @dev {IEnergyMarket-clear} is under way.
    Clearing,
    /// @dev Has its prices, waits for readings.
    Cleared,
    /// @dev All readings are final, accounts are being settled.
    Settling,
    Settled,
    /// @dev Will not be settled: every lock goes back.
    Void
}

/// @notice Which book an order enters first; its steps never leave it but as said here.
enum BookClass {
    /// @dev Bids: feeder's round, then the main round.
    Bid,
    /// @dev Bids for green energy that fall through: green round, then the main round.
    BidGreenFirst,
    /// @dev Bids for green energy or none: green round.
    BidGreenOnly,
    /// @dev Bids for energy of the feeder or none: feeder's round.
    BidFeederOnly,
    /// @dev Offers: feeder's round, then the main round.
    Offer,
    /// @dev Offers of certified energy: feeder's round, green round, main round.
    OfferGreen,
    /// @dev Offers to the feeder only: feeder's round.
    OfferFeederOnly
}

/// @notice The rounds of a clearing, in this order; those that the tariff's rules do not ask for are left out.
enum Round {
    Feeder,
    Green,
    Main
}

/// @notice Why an order or an agreement was left out of a batch. An order alone would have reverted with the error of that
/// name; standing orders and agreements are never alone.
enum OrderFault {
    None,
    UnknownAccount,
    Barred,
    Indebted,
    UnknownFlags,
    NotOffered,
    BadTick,
    BelowMinimum,
    CapExceeded,
    AlreadyPosted,
    SideConflict,
    BadSignature,
    StaleEpoch,
    DelegateLimit,
    InsufficientFree,
    /// @dev The account has none, or none for this interval or in this epoch.
    NoStandingOrder,
    /// @dev The standing order was signed for another base price or tick size than the interval has.
    OtherPrices,
    /// @dev The agreement was never made, or ended before it began.
    UnknownAgreement,
    /// @dev The agreement does not run in this interval: not yet, not any more, or it was ended.
    NotRunning,
    /// @dev An account of the agreement was taken over by another owner.
    Lapsed
}

/// @notice What a class of one book got in one round. One slot.
struct Share {
    /// @dev Price of the round in this book, as a tick. Better orders are filled whole, worse ones not at all.
    uint8 tick;
    /// @dev Whether there was any trade.
    bool traded;
    /// @dev Wh of the class at the tick.
    uint64 level;
    /// @dev Wh of them to be shared out pro rata.
    uint64 filled;
    /// @dev Wh of them already visited by settlement.
    uint64 visited;
}

/// @notice Posted orders of one transaction, as the chain of an interval holds them.
struct PostedBatch {
    /// @dev Value of the chain before it.
    bytes32 previous;
    /// @dev Records as accepted, see {IEnergyMarket-OrdersPosted}.
    bytes records;
}

/// @notice A feeder's readings of one interval.
struct FeederRow {
    /// @dev int32 of every meter of the feeder, big-endian.
    bytes values;
    /// @dev Siblings up to {DayRecord-rowsRoot}.
    bytes32[] proof;
}

/// @notice What does not change in a market. Set at deployment.
struct MarketSettings {
    /// @dev Token units in a money unit. At a token of 6 decimals 1: a money unit per Wh is then 0.1 ct/kWh.
    uint64 moneyUnit;
    /// @dev Seconds before an interval begins at which orders end.
    uint32 gateLead;
    /// @dev Seconds after an interval's end from which it can be voided if it is not settled by then.
    uint32 longStop;
    /// @dev Least energy of a step, Wh.
    uint32 minimumWh;
    /// @dev Supplier's balance below which no orders are taken, money units.
    uint64 supplierFloor;
}

/// @title OrderFlags
/// @notice The byte of flags in a record of an order.
library OrderFlags {
    /// @notice Offer; else bid.
    uint8 internal constant OFFER = 1;
    /// @notice Number of steps less one, two bits.
    uint8 internal constant STEPS_SHIFT = 1;
    uint8 internal constant STEPS_MASK = 3;
    /// @notice Where it trades, two bits. Bids: 0 anywhere, 1 green first, 2 green only, 3 own feeder only. Offers: 0 or 3.
    /// The market writes 1 into the accepted record of an offer that counts as green, for the account may change later.
    uint8 internal constant KIND_SHIFT = 3;
    uint8 internal constant KIND_MASK = 3;
    /// @notice Bits that must be clear.
    uint8 internal constant UNKNOWN = 0xe0;
}

/// @title IEnergyMarket
/// @notice Neighbours' market for electricity: a double auction for every interval, settled against the meter.
/// @dev Money is counted in money units, energy in Wh, prices in money units per Wh, so every payment is a product of
/// integers and no division touches money, but for the surplus of pay-as-bid, whose shares add up exactly.
///
/// A record of an order is `account uint32 | flags uint8 | steps`, a step is `tick uint8 | wh uint32`, all big-endian. The
/// steps of a meter in an interval stand in one record: a meter posts once in an interval.
interface IEnergyMarket {
    // --- accounts

    event AccountOpened(uint32 indexed account, address indexed owner, address indexed signer);
    event AccountHandedOver(
        uint32 indexed account,
        address indexed previous,
        address indexed owner,
        uint256 free,
        uint256 debt,
        uint256 claim
    );
    event AccountRefreshed(uint32 indexed account, uint32 importCapWh, uint32 exportCapWh, bool green, bool barred);
    event SignerSet(uint32 indexed account, address indexed previous, address indexed signer);
    event EpochBumped(uint32 indexed account, uint16 epoch);
    event DelegateSet(uint32 indexed account, address indexed key, Delegate delegate);
    event StandingOrderPlaced(uint32 indexed account, StandingOrder order);
    event Deposited(uint32 indexed account, address indexed from, uint256 amount);
    event Withdrawn(uint32 indexed account, address indexed to, uint256 amount);
    event DebtPaid(uint32 indexed account, uint256 amount, uint256 left);
    event ClaimPaid(uint32 indexed account, uint256 amount, uint256 left);

    // --- supplier, grid operator, pot, former owners

    event SupplierToppedUp(address indexed from, uint256 amount, uint256 balance);
    event SupplierWithdrawn(address indexed to, uint256 amount);
    event GridFeesWithdrawn(address indexed to, uint256 amount);
    event PotWithdrawn(address indexed to, uint256 amount);
    event FormerOwnerWithdrawn(address indexed owner, address indexed to, uint256 amount);
    event FormerDebtPaid(address indexed owner, uint256 amount, uint256 left);

    // --- orders

    /// @notice Orders were accepted. `chain` is the interval's chain after them: keccak256(previous, keccak256(records)).
    event OrdersPosted(uint32 indexed interval, bytes32 indexed chain, bytes32 previous, bytes records);
    /// @notice Orders of a batch were left out: for each `account uint32 | fault uint8`.
    event OrdersSkipped(uint32 indexed interval, uint256 count, bytes faults);
    event AgreementMade(bytes32 indexed agreementId, uint32 indexed buyer, uint32 indexed seller, Agreement agreement);
    event AgreementEnded(bytes32 indexed agreementId, uint32 fromInterval);
    event AgreementPosted(bytes32 indexed agreementId, uint32 indexed interval, uint256 trade, uint256 fee);
    event AgreementSkipped(bytes32 indexed agreementId, uint32 indexed interval, OrderFault fault, uint32 account);

    // --- clearing and settlement

    /// @notice A book has its price in a round. Feeder zero: the one book of all.
    event BookCleared(
        uint32 indexed interval,
        Round indexed round,
        uint16 indexed feeder,
        uint24 price,
        uint64 bought,
        uint64 sold
    );
    /// @notice A round has its price: any from `low` to `high` would do, `price` is the middle rounded down. Volume zero: none.
    event RoundCleared(
        uint32 indexed interval,
        Round indexed round,
        uint24 low,
        uint24 high,
        uint24 price,
        uint64 volume
    );
    /// @notice The interval is cleared. Congestion rent and surplus of pay-as-bid in money units.
    event IntervalCleared(uint32 indexed interval, uint64 bought, uint64 sold, uint256 congestionRent, uint256 surplus);
    event ReadingsConfirmed(uint32 indexed interval);
    /// @notice The newest batch, that of chain `divided`, is two from now on. The newer one has its records before byte
    /// `offset`, the older one the others.
    /// @param interval Interval.
    /// @param divided The interval's chain before.
    /// @param chain The interval's chain now: that of the newer one.
    /// @param middle Chain of the older one.
    /// @param offset Where in the records those of the older one begin.
    event BatchSplit(
        uint32 indexed interval,
        bytes32 indexed divided,
        bytes32 chain,
        bytes32 middle,
        uint256 offset
    );
    /// @notice Accounts were settled. Results, each `account uint32 | contracted int32 | metered int32`, stand under `root`
    /// as number `index` of the interval; bought and drawn are positive.
    event AccountsSettled(uint32 indexed interval, uint256 indexed index, bytes32 root, bytes results);
    event IntervalSettled(uint32 indexed interval, uint256 congestionRent, uint256 potShare);
    event DebtIncurred(uint32 indexed account, uint32 indexed interval, uint256 amount);
    event ClaimBooked(uint32 indexed account, uint32 indexed interval, uint256 amount);
    /// @notice A settled reading was replaced. `change` in money units is what the account got (or gave, if negative).
    event SettlementCorrected(
        uint32 indexed interval,
        uint32 indexed account,
        uint256 indexed index,
        int32 previousWh,
        int32 wh,
        int256 change,
        bytes32 root
    );
    event IntervalVoided(uint32 indexed interval);
    event LocksReturned(uint32 indexed interval, uint256 count, uint256 amount);

    /// @notice A setting is out of range; `field` is its number in {MarketSettings}, from 0, or 5 for the token's decimals.
    error EnergyMarketInvalidSetting(uint256 field, uint256 value, uint256 limit);
    /// @notice The token moved another amount than it was asked to.
    error EnergyMarketTokenMismatch(uint256 expected, uint256 moved);
    /// @notice Amounts are whole money units above zero.
    error EnergyMarketInvalidAmount(uint256 amount, uint256 moneyUnit);
    /// @notice The market holds no more than this in all.
    error EnergyMarketFull(uint256 held, uint256 limit);
    /// @notice The caller is neither the owner nor, where that is enough, the signer.
    error EnergyMarketNotOwner(uint32 account, address caller);
    /// @notice Only the owner of that identity may do this.
    error EnergyMarketNotBody(address identity, address caller);
    /// @notice The account is open under this owner already.
    error EnergyMarketAccountTaken(uint32 account, address owner);
    /// @notice The act would change nothing.
    error EnergyMarketUnchanged();
    /// @notice Money cannot be sent to the zero address.
    error EnergyMarketInvalidRecipient(address to);
    /// @notice The signing key must not be zero.
    error EnergyMarketInvalidSigner(address signer);
    /// @notice An account has at most so many epochs.
    error EnergyMarketEpochsExhausted(uint32 account, uint256 limit);
    /// @notice Lowest price above the highest, or a delegate of no energy.
    error EnergyMarketInvalidDelegate(uint24 minPrice, uint24 maxPrice, uint32 maxWh);
    /// @notice More than is there.
    error EnergyMarketBalanceTooSmall(uint256 balance, uint256 amount);
    /// @notice There is nothing to pay.
    error EnergyMarketNothingOwed();
    /// @notice The supplier has less than the floor, so no orders are taken.
    error EnergyMarketSupplierBelowFloor(uint256 balance, uint256 floor);

    error EnergyMarketUnknownAccount(uint32 account);
    error EnergyMarketBarred(uint32 account);
    error EnergyMarketIndebted(uint32 account, uint256 debt);
    error EnergyMarketUnknownFlags(uint32 account, uint8 flags);
    /// @notice The tariff's rules have no such book.
    error EnergyMarketNotOffered(uint32 account, uint8 flags, uint8 rules);
    /// @notice The price at the tick is above the highest that the interval's tariff allows.
    error EnergyMarketBadTick(uint32 account, uint8 tick, uint256 highest);
    error EnergyMarketBelowMinimum(uint32 account, uint32 wh, uint256 minimum);
    error EnergyMarketCapExceeded(uint32 account, uint256 wh, uint256 cap);
    error EnergyMarketAlreadyPosted(uint32 account, uint32 interval);
    /// @notice A meter has one net flow: it cannot buy and sell in one interval.
    error EnergyMarketSideConflict(uint32 account, uint32 interval);
    error EnergyMarketBadSignature(uint32 account, address recovered);
    error EnergyMarketStaleEpoch(uint32 account, uint16 epoch, uint16 current);
    error EnergyMarketDelegateLimit(uint32 account, address key, uint256 value, uint256 limit);
    error EnergyMarketInsufficientFree(uint32 account, uint256 needed, uint256 free);
    /// @notice Records or signatures do not have the length that they announce.
    error EnergyMarketMalformed(uint256 offset, uint256 length);
    /// @notice 1 to 4 steps.
    error EnergyMarketTooManySteps(uint256 count, uint256 limit);
    /// @notice A step of a standing order has more energy than any account may trade.
    error EnergyMarketStepTooLarge(uint32 account, uint32 wh, uint256 limit);
    /// @notice The run of intervals is empty, past, or longer than 65,535 intervals.
    error EnergyMarketInvalidRun(uint32 fromInterval, uint32 toInterval);
    error EnergyMarketNotOpen(uint32 interval, uint256 opensAt);
    error EnergyMarketGateClosed(uint32 interval, uint256 closedAt);

    error EnergyMarketInvalidAgreement(uint32 buyer, uint32 seller, uint32 wh);
    error EnergyMarketUnknownAgreement(bytes32 agreementId);
    error EnergyMarketAgreementExists(bytes32 agreementId);
    /// @notice An agreement can be ended for intervals that are not open yet.
    error EnergyMarketTooLateToEnd(bytes32 agreementId, uint32 fromInterval, uint32 firstChangeable);

    /// @notice The interval is not in the state that the act asks for.
    error EnergyMarketWrongState(uint32 interval, IntervalState state);
    /// @notice The batch is not the next one on the interval's chain.
    error EnergyMarketWrongBatch(uint32 interval, bytes32 given, bytes32 expected);
    /// @notice Readings of the feeder are not there, or not final until then.
    error EnergyMarketReadingsNotFinal(uint32 interval, uint16 feeder, uint256 finalAt);
    /// @notice Rows are missing, have the wrong length or do not lead to the accepted root.
    error EnergyMarketWrongRow(uint32 interval, uint16 feeder, uint256 index);
    /// @notice The account has no position that waits for settlement.
    error EnergyMarketNoPosition(uint32 account, uint32 interval);
    /// @notice Batches on the chain have to be settled before accounts that have agreements only.
    error EnergyMarketOrdersFirst(uint32 interval, bytes32 chain);
    /// @notice The interval cannot be voided before that time.
    error EnergyMarketNotVoidable(uint32 interval, uint256 voidableAt);
    /// @notice Too late to clear: after the long stop an interval can only be voided.
    error EnergyMarketLongStopPassed(uint32 interval, uint256 passedAt);
    /// @notice The result is not under that root.
    error EnergyMarketWrongResult(uint32 interval, uint256 index);
    /// @notice The reading of the result is not replaced, or replaced by what stands.
    error EnergyMarketNothingToCorrect(uint32 interval, uint32 account, int32 wh);
    /// @notice A bound of at least 1 is needed.
    error EnergyMarketInvalidBound(uint256 bound);

    // --- what it is made of

    function token() external view returns (IERC20);

    function registry() external view returns (IEnergyRegistry);

    function readings() external view returns (IMeterReadings);

    function identities() external view returns (IIdentities);

    /// @notice Identity that supplies what neighbours do not, and buys what they do not need.
    function supplier() external view returns (address);

    /// @notice Identity that gets grid fees and congestion rent.
    function gridOperator() external view returns (address);

    /// @notice Identity that gets the community pot.
    function community() external view returns (address);

    /// @notice See {MarketSettings}.
    function settings() external view returns (MarketSettings memory);

    // --- accounts

    /// @notice Opens the account of a meter, or takes it over from who owned the meter before. Only the meter's owner in
    /// the registry.
    /// @dev At a takeover what the former owner has, owes to the supplier and has to get from the supplier goes over to the
    /// former owner's address, see {formerOf}, each against the other; signed orders, delegates and standing order end. What
    /// is still to be settled, with the money locked for it, falls to the new owner.
    /// @param account Number of the meter.
    /// @param signer Key that will sign orders: a plain key, since orders are checked by ECDSA alone.
    function openAccount(
        uint32 account,
        address signer,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external;

    /// @notice Copies caps, source and status of the meter from the registry. Anybody may.
    function refreshAccount(uint32 account) external;

    /// @notice Changes the key that signs orders, and begins a new epoch, see {bumpEpoch}. Owner, or by signature.
    function setSigner(
        uint32 account,
        address signer,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external;

    /// @notice Begins a new epoch: all signed orders that are not posted, all delegates and the standing order are void for
    /// good. Owner, signer, or by the owner's signature.
    /// @dev An account has 3,583 epochs for this, and 256 more each for {setSigner} and for takeovers.
    function bumpEpoch(uint32 account, uint256 nonce, uint256 deadline, Signature calldata signature) external;

    /// @notice Names a key that may sign orders within limits, until the epoch ends; with `until` zero: ends it. Owner, or by
    /// signature.
    function setDelegate(
        uint32 account,
        address key,
        Delegate calldata delegate,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external;

    /// @notice Places, replaces or withdraws the standing order. Owner, signer, or by the owner's signature.
    function placeStandingOrder(
        StandingOrder calldata order,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external;

    /// @notice Pays into an account from the caller's allowance. Debt is paid first.
    /// @param amount Token units, whole money units.
    function deposit(uint32 account, uint256 amount) external;

    /// @notice As {deposit}, by the payer's ERC-3009 signature, whose nonce is bound to the account by {depositNonce}.
    function depositWithAuthorization(
        uint32 account,
        address from,
        uint256 amount,
        uint256 salt,
        PaymentAuthorization calldata authorization
    ) external;

    /// @notice Nonce that an ERC-3009 signature for {depositWithAuthorization} must carry.
    function depositNonce(
        uint32 account,
        address from,
        uint256 amount,
        uint256 salt
    ) external view returns (bytes32 nonce);

    /// @notice Pays free money out. Owner, or by signature. Nobody can stop it.
    /// @param amount Token units, whole money units.
    function withdraw(
        uint32 account,
        uint256 amount,
        address to,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external;

    /// @notice Pays to an account what the supplier owes it, as far as the supplier's balance goes, debt first. Anybody may.
    /// @return paid Money units.
    function payClaim(uint32 account) external returns (uint256 paid);

    // --- supplier, grid operator, pot, former owners

    /// @notice Pays into the supplier's balance. Anybody may.
    function topUpSupplier(uint256 amount) external;

    /// @notice Pays the supplier's balance out, down to the floor. Only the owner of the supplier's identity.
    function withdrawSupplier(uint256 amount, address to) external;

    /// @notice Pays grid fees and congestion rent out. Only the owner of the grid operator's identity.
    function withdrawGridFees(address to) external returns (uint256 amount);

    /// @notice Pays the community pot out. Only the owner of the community's identity.
    function withdrawPot(address to) external returns (uint256 amount);

    /// @notice Pays out what a takeover left to the caller, with what the supplier owes as far as the supplier's balance goes.
    function withdrawFormer(address to) external returns (uint256 amount);

    /// @notice Pays debt that a takeover left to somebody. Anybody may.
    /// @param amount Token units, whole money units, not above the debt.
    function payFormerDebt(address owner, uint256 amount) external;

    // --- orders

    /// @notice Stops orders, not settlement nor withdrawal. Only GUARDIAN.
    function pause() external;

    /// @notice Takes orders again. Only STEWARD.
    function unpause() external;

    /// @notice Posts signed orders. Anybody may; bad ones are left out and named, and cannot stop the rest.
    /// @param interval Interval, which must be open.
    /// @param records Records, one after the other.
    /// @param signatures 64 bytes for each record: r and vs of ERC-2098, by the account's signer or a delegate, over
    /// `Order(uint32 interval,uint32 account,uint16 epoch,uint8 flags,Step[] steps)Step(uint8 tick,uint32 wh)`.
    /// @return accepted Number of orders accepted.
    function postOrders(
        uint32 interval,
        bytes calldata records,
        bytes calldata signatures
    ) external returns (uint256 accepted);

    /// @notice Posts one order without any relayer. Owner, signer or delegate of the account.
    /// @param flags See {OrderFlags}; the number of steps in it is ignored.
    /// @param steps 1 to 4.
    function postOrder(uint32 interval, uint32 account, uint8 flags, Step[] calldata steps) external;

    /// @notice Posts one signed order; reverts by name if it is bad.
    function postSignedOrder(SignedOrder calldata order) external;

    /// @notice Posts the standing orders of accounts. Anybody may; accounts without one that is due are named.
    /// @param accounts Numbers of accounts, 4 bytes each.
    /// @return accepted Number of orders accepted.
    function postStandingOrders(uint32 interval, bytes calldata accounts) external returns (uint256 accepted);

    /// @notice Makes an agreement that both owners signed; who calls need not sign. It lapses when one of the accounts is taken
    /// over by another owner.
    /// @return agreementId Hash of the agreement.
    function agree(
        Agreement calldata agreement,
        uint256 buyerNonce,
        uint256 sellerNonce,
        uint256 deadline,
        Signature calldata buyerSignature,
        Signature calldata sellerSignature
    ) external returns (bytes32 agreementId);

    /// @notice Ends an agreement from an interval on that is not open yet. Owner or signer of either account.
    function endAgreement(bytes32 agreementId, uint32 fromInterval) external;

    /// @notice Posts agreements for an interval. Anybody may; those that are not covered are named.
    /// @return accepted Number of agreements posted.
    function postAgreements(uint32 interval, bytes32[] calldata agreementIds) external returns (uint256 accepted);

    // --- clearing and settlement

    /// @notice Clears an interval after its gate. Anybody may, in as many calls as it takes; the result does not depend on
    /// them.
    /// @param maxBooks Most books to work through in this call, at least 1. Each costs up to about 0.7 M gas and pass.
    /// @return done Whether the interval is cleared.
    function clear(uint32 interval, uint256 maxBooks) external returns (bool done);

    /// @notice Confirms that the readings of every feeder with orders are final. Anybody may, in as many calls as it takes.
    /// @param maxFeeders Most feeders to ask for in this call, at least 1.
    /// @return done Whether all are confirmed. From then on the interval will be settled and cannot be voided.
    function confirmReadings(uint32 interval, uint256 maxFeeders) external returns (bool done);

    /// @notice Puts two batches in the place of the newest one of an interval that is settled or refunded. Anybody may.
    /// @dev A batch can be posted that no transaction can settle as a whole, for settlement needs a row of readings wherever
    /// the feeder changes, and claims and debts cost more than orders.
    /// @param batch The newest one on the chain.
    /// @param offset Where in its records the newer of the two begins.
    function splitBatch(uint32 interval, PostedBatch calldata batch, uint256 offset) external;

    /// @notice Settles the accounts of posted batches. Anybody may.
    /// @dev Batches come newest first, as the chain unwinds. Rows come in the order in which the feeder changes along the
    /// records. No account can stop a batch: what an account cannot pay becomes its debt.
    function settle(uint32 interval, PostedBatch[] calldata batches, FeederRow[] calldata rows) external;

    /// @notice Settles accounts that have agreements and no orders, after all batches. Anybody may.
    /// @param accounts Numbers of accounts, 4 bytes each.
    function settlePositions(uint32 interval, bytes calldata accounts, FeederRow[] calldata rows) external;

    /// @notice Books the difference that a reading amended after settlement makes, against the supplier. Anybody may.
    /// @param index Number of the settlement, see {AccountsSettled}.
    /// @param group Up to 8 results side by side as they stand now, 12 bytes each.
    /// @param position Number of the result in the group.
    /// @param proof Siblings from keccak256(group) to the root.
    function correct(
        uint32 interval,
        uint256 index,
        bytes calldata group,
        uint256 position,
        bytes32[] calldata proof
    ) external;

    /// @notice Gives an interval up that is not confirmed within the long stop. Anybody may.
    function voidInterval(uint32 interval) external;

    /// @notice Returns the locks of posted batches of a void interval. Anybody may; batches as for {settle}.
    function refund(uint32 interval, PostedBatch[] calldata batches) external;

    /// @notice Returns the locks of agreements in a void interval. Anybody may.
    function refundPositions(uint32 interval, bytes calldata accounts) external;

    // --- views

    function accountOf(uint32 account) external view returns (AccountView memory);

    function delegateOf(uint32 account, address key) external view returns (Delegate memory);

    /// @notice The standing order of an account, and the epoch it was placed in.
    function standingOrderOf(uint32 account) external view returns (StandingOrder memory);

    function agreementOf(bytes32 agreementId) external view returns (Agreement memory);

    function positionOf(uint32 interval, uint32 account) external view returns (Position memory);

    function stateOf(uint32 interval) external view returns (IntervalState);

    /// @notice The interval's chain: of batches posted, or, while it is settled or refunded, of those left.
    function chainOf(uint32 interval) external view returns (bytes32);

    /// @notice Feeders with orders or agreements in an interval: bit n of word w is feeder 256·w + n.
    function feedersOf(uint32 interval, uint256 word) external view returns (uint256 bits);

    /// @notice Wh at each tick of a book. While an interval is not cleared; feeder zero: the one book of all.
    function levelsOf(
        uint32 interval,
        uint16 feeder,
        BookClass bookClass
    ) external view returns (uint64[256] memory levels);

    /// @notice What a class of a book got in a round.
    function shareOf(
        uint32 interval,
        uint16 feeder,
        BookClass bookClass,
        Round round
    ) external view returns (Share memory);

    /// @notice Root of the results of one settlement.
    function resultRoot(uint32 interval, uint256 index) external view returns (bytes32);

    /// @notice Money units: supplier's balance, grid fees, pot, and everything the market holds.
    function balances() external view returns (uint256 supplierBalance, uint256 gridFees, uint256 pot, uint256 held);

    /// @notice Money units that a takeover left to somebody: to withdraw, to pay, and to get from the supplier.
    function formerOf(address owner) external view returns (uint256 balance, uint256 debt, uint256 claim);
}
