// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Signature} from "../../authority/ISigned.sol";
import {PaymentAuthorization} from "../../finance/Payments.sol";
import {IIdentities} from "../../identity/IIdentities.sol";
import {IEnergyRegistry} from "../registry/IEnergyRegistry.sol";
import {IMeterReadings} from "../readings/IMeterReadings.sol";

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
    /// @dev Seconds after an interval's end from which it can be voided if it is not settled by then. More than a day and
    /// {IMeterReadings-window}, at most 365 days.
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

    /// @notice An account was opened, or taken over.
    /// @param account Account.
    /// @param owner The meter's owner.
    /// @param signer Key that signs its orders.
    event AccountOpened(uint32 indexed account, address indexed owner, address indexed signer);
    /// @notice An account was taken over by another owner.
    /// @param account Account.
    /// @param previous Former owner, who keeps money, debt and claim, see {formerOf}.
    /// @param owner New owner.
    /// @param free Free money, money units.
    /// @param debt Debt to the supplier, money units.
    /// @param claim Claim on the supplier, money units.
    event AccountHandedOver(
        uint32 indexed account,
        address indexed previous,
        address indexed owner,
        uint256 free,
        uint256 debt,
        uint256 claim
    );
    /// @notice What the registry says of a meter was copied.
    /// @param account Account.
    /// @param importCapWh Most it may bid for in an interval, Wh.
    /// @param exportCapWh Most it may offer in an interval, Wh.
    /// @param green Whether its offers count as green.
    /// @param barred Whether its meter may not trade.
    event AccountRefreshed(uint32 indexed account, uint32 importCapWh, uint32 exportCapWh, bool green, bool barred);
    /// @notice Another key signs orders.
    /// @param account Account.
    /// @param previous Key before.
    /// @param signer Key that signs its orders.
    event SignerSet(uint32 indexed account, address indexed previous, address indexed signer);
    /// @notice A new epoch began.
    /// @param account Account.
    /// @param epoch The new one.
    event EpochBumped(uint32 indexed account, uint16 epoch);
    /// @notice A delegate was named, changed or ended.
    /// @param account Account.
    /// @param key Key of the delegate.
    /// @param delegate Limits of the delegate; all zero: it is none any more.
    event DelegateSet(uint32 indexed account, address indexed key, Delegate delegate);
    /// @notice A standing order was placed, replaced or withdrawn.
    /// @param account Account.
    /// @param order The standing order; without steps: withdrawn.
    event StandingOrderPlaced(uint32 indexed account, StandingOrder order);
    /// @notice Money was paid into an account.
    /// @param account Account.
    /// @param from Who pays.
    /// @param amount Token units.
    event Deposited(uint32 indexed account, address indexed from, uint256 amount);
    /// @notice Free money was paid out of an account.
    /// @param account Account.
    /// @param to Who is paid.
    /// @param amount Token units.
    event Withdrawn(uint32 indexed account, address indexed to, uint256 amount);
    /// @notice Debt of an account was paid to the supplier.
    /// @param account Account.
    /// @param amount Money units.
    /// @param left Debt that is left, money units.
    event DebtPaid(uint32 indexed account, uint256 amount, uint256 left);
    /// @notice The supplier paid what it owed an account, or it was set off.
    /// @param account Account.
    /// @param amount Money units.
    /// @param left Claim that is left, money units.
    event ClaimPaid(uint32 indexed account, uint256 amount, uint256 left);

    // --- supplier, grid operator, pot, former owners

    /// @notice Money was paid in for the supplier.
    /// @param from Who pays.
    /// @param amount Token units.
    /// @param balance The supplier's balance, token units.
    event SupplierToppedUp(address indexed from, uint256 amount, uint256 balance);
    /// @notice The supplier's money was paid out.
    /// @param to Who is paid.
    /// @param amount Token units.
    event SupplierWithdrawn(address indexed to, uint256 amount);
    /// @notice Grid fees and congestion rent were paid out.
    /// @param to Who is paid.
    /// @param amount Token units.
    event GridFeesWithdrawn(address indexed to, uint256 amount);
    /// @notice The community pot was paid out.
    /// @param to Who is paid.
    /// @param amount Token units.
    event PotWithdrawn(address indexed to, uint256 amount);
    /// @notice What a takeover left was paid out.
    /// @param owner Former owner.
    /// @param to Who is paid.
    /// @param amount Token units.
    event FormerOwnerWithdrawn(address indexed owner, address indexed to, uint256 amount);
    /// @notice Debt that a takeover left was paid, or set off.
    /// @param owner Former owner.
    /// @param amount Money units.
    /// @param left Debt that is left, money units.
    event FormerDebtPaid(address indexed owner, uint256 amount, uint256 left);

    // --- orders

    /// @notice Orders were accepted. `chain` is the interval's chain after them: keccak256(previous, keccak256(records)).
    /// @param interval Interval.
    /// @param chain After them.
    /// @param previous Before them.
    /// @param records Records as accepted.
    event OrdersPosted(uint32 indexed interval, bytes32 indexed chain, bytes32 previous, bytes records);
    /// @notice Orders of a batch were left out: for each `account uint32 | fault uint8`.
    /// @param interval Interval.
    /// @param count How many were left out.
    /// @param faults For each `account uint32 | fault uint8`.
    event OrdersSkipped(uint32 indexed interval, uint256 count, bytes faults);
    /// @notice Both owners made an agreement.
    /// @param agreementId Hash of the agreement.
    /// @param buyer Account that buys.
    /// @param seller Account that sells.
    /// @param agreement The agreement.
    event AgreementMade(bytes32 indexed agreementId, uint32 indexed buyer, uint32 indexed seller, Agreement agreement);
    /// @notice An agreement was ended.
    /// @param agreementId Hash of the agreement.
    /// @param fromInterval First interval in which it does not run any more.
    event AgreementEnded(bytes32 indexed agreementId, uint32 fromInterval);
    /// @notice An agreement counts in an interval.
    /// @param agreementId Hash of the agreement.
    /// @param interval Interval.
    /// @param trade What the buyer pays the seller, money units.
    /// @param fee Grid fee of the buyer, money units.
    event AgreementPosted(bytes32 indexed agreementId, uint32 indexed interval, uint256 trade, uint256 fee);
    /// @notice An agreement was left out.
    /// @param agreementId Hash of the agreement.
    /// @param interval Interval.
    /// @param fault Why.
    /// @param account Account that is at fault; zero: the agreement itself.
    event AgreementSkipped(bytes32 indexed agreementId, uint32 indexed interval, OrderFault fault, uint32 account);

    // --- clearing and settlement

    /// @notice A book has its price in a round. Feeder zero: the one book of all.
    /// @param interval Interval.
    /// @param round Round of the clearing.
    /// @param feeder Feeder; zero: the one book of all.
    /// @param price Money units per Wh.
    /// @param bought Wh bought.
    /// @param sold Wh sold.
    event BookCleared(
        uint32 indexed interval,
        Round indexed round,
        uint16 indexed feeder,
        uint24 price,
        uint64 bought,
        uint64 sold
    );
    /// @notice A round has its price: any from `low` to `high` would do, `price` is the middle rounded down. Volume zero: none.
    /// @param interval Interval.
    /// @param round Round of the clearing.
    /// @param low Lowest price that would do, money units per Wh; zero without volume, as the two below.
    /// @param high Highest price that would do, money units per Wh.
    /// @param price Money units per Wh.
    /// @param volume Wh bought.
    event RoundCleared(
        uint32 indexed interval,
        Round indexed round,
        uint24 low,
        uint24 high,
        uint24 price,
        uint64 volume
    );
    /// @notice The interval is cleared. Congestion rent and surplus of pay-as-bid in money units.
    /// @param interval Interval.
    /// @param bought Wh bought.
    /// @param sold Wh sold.
    /// @param congestionRent Congestion rent, money units.
    /// @param surplus What buyers pay above the price, money units.
    event IntervalCleared(uint32 indexed interval, uint64 bought, uint64 sold, uint256 congestionRent, uint256 surplus);
    /// @notice The readings of all feeders with orders are final, and the interval will be settled.
    /// @param interval Interval.
    event ReadingsConfirmed(uint32 indexed interval);
    /// @notice The newest batch, that of chain `divided`, is two from now on. The newer one has its records before byte
    /// `offset`, the older one the others.
    /// @param interval Interval.
    /// @param divided The interval's chain before.
    /// @param chain The interval's chain now: that of the newer one.
    /// @param middle Chain of the older one.
    /// @param offset Where in the records those of the older one begin.
    event BatchSplit(uint32 indexed interval, bytes32 indexed divided, bytes32 chain, bytes32 middle, uint256 offset);
    /// @notice Accounts were settled. Results, each `account uint32 | contracted int32 | metered int32`, stand under `root`
    /// as number `index` of the interval; bought and drawn are positive.
    /// @param interval Interval.
    /// @param index Number of the settlement in the interval.
    /// @param root Root of the results.
    /// @param results Results of 12 bytes each.
    event AccountsSettled(uint32 indexed interval, uint256 indexed index, bytes32 root, bytes results);
    /// @notice All accounts of an interval are settled.
    /// @param interval Interval.
    /// @param congestionRent Congestion rent, money units.
    /// @param potShare What goes to the community pot, money units.
    event IntervalSettled(uint32 indexed interval, uint256 congestionRent, uint256 potShare);
    /// @notice An account could not pay for energy drawn beyond what was covered.
    /// @param account Account.
    /// @param interval Interval.
    /// @param amount What became debt, money units.
    event DebtIncurred(uint32 indexed account, uint32 indexed interval, uint256 amount);
    /// @notice The supplier could not pay an account.
    /// @param account Account.
    /// @param interval Interval.
    /// @param amount What became a claim, money units.
    event ClaimBooked(uint32 indexed account, uint32 indexed interval, uint256 amount);
    /// @notice A settled reading was replaced. `change` in money units is what the account got (or gave, if negative).
    /// @param interval Interval.
    /// @param account Account.
    /// @param index Number of the settlement in the interval.
    /// @param previousWh Reading that was settled, Wh.
    /// @param wh Reading that stands now, Wh.
    /// @param change What the account got, negative: gave; money units.
    /// @param root Root of the results now.
    event SettlementCorrected(
        uint32 indexed interval,
        uint32 indexed account,
        uint256 indexed index,
        int32 previousWh,
        int32 wh,
        int256 change,
        bytes32 root
    );
    /// @notice An interval was given up; every lock goes back.
    /// @param interval Interval.
    event IntervalVoided(uint32 indexed interval);
    /// @notice Locks of a void interval went back.
    /// @param interval Interval.
    /// @param count Orders, or accounts with agreements.
    /// @param amount Money units.
    event LocksReturned(uint32 indexed interval, uint256 count, uint256 amount);

    /// @notice A setting is out of range; `field` is its number in {MarketSettings}, from 0, or 5 for the token's decimals.
    /// @param field Number of the setting.
    /// @param value Value at fault.
    /// @param limit What it is measured by.
    error EnergyMarketInvalidSetting(uint256 field, uint256 value, uint256 limit);
    /// @notice The token moved another amount than it was asked to.
    /// @param expected Token units asked for.
    /// @param moved Token units that moved.
    error EnergyMarketTokenMismatch(uint256 expected, uint256 moved);
    /// @notice Amounts are whole money units above zero.
    /// @param amount Token units.
    /// @param moneyUnit Token units in a money unit.
    error EnergyMarketInvalidAmount(uint256 amount, uint256 moneyUnit);
    /// @notice The market holds no more than this in all.
    /// @param held What it holds, money units.
    /// @param limit Most it may hold, money units.
    error EnergyMarketFull(uint256 held, uint256 limit);
    /// @notice The caller is neither the owner nor, where that is enough, the signer.
    /// @param account Account.
    /// @param caller Who called.
    error EnergyMarketNotOwner(uint32 account, address caller);
    /// @notice Only the owner of that identity may do this.
    /// @param identity The identity.
    /// @param caller Who called.
    error EnergyMarketNotBody(address identity, address caller);
    /// @notice The account is open under this owner already.
    /// @param account Account.
    /// @param owner Owner of the account.
    error EnergyMarketAccountTaken(uint32 account, address owner);
    /// @notice The act would change nothing.
    error EnergyMarketUnchanged();
    /// @notice What is paid there would be lost.
    /// @param to Receiver named: nobody, or this contract.
    error EnergyMarketInvalidReceiver(address to);
    /// @notice The signing key must not be zero.
    /// @param signer Key given.
    error EnergyMarketInvalidSigner(address signer);
    /// @notice An account has at most so many epochs.
    /// @param account Account.
    /// @param limit Last epoch for such an act.
    error EnergyMarketEpochsExhausted(uint32 account, uint256 limit);
    /// @notice Lowest price above the highest, or a delegate of no energy.
    /// @param minPrice Lowest price, money units per Wh.
    /// @param maxPrice Highest price, money units per Wh.
    /// @param maxWh Most energy of an order, Wh.
    error EnergyMarketInvalidDelegate(uint24 minPrice, uint24 maxPrice, uint32 maxWh);
    /// @notice More than is there.
    /// @param balance What is there, token units; of a claim: money units.
    /// @param amount What was asked for, in the same units.
    error EnergyMarketBalanceTooSmall(uint256 balance, uint256 amount);
    /// @notice There is nothing to pay.
    error EnergyMarketNothingOwed();
    /// @notice The supplier has less than the floor, so no orders are taken.
    /// @param balance The supplier's balance, money units.
    /// @param floor Least it must be, money units.
    error EnergyMarketSupplierBelowFloor(uint256 balance, uint256 floor);

    /// @notice No such account is open.
    /// @param account Account.
    error EnergyMarketUnknownAccount(uint32 account);
    /// @notice The meter may not trade.
    /// @param account Account.
    error EnergyMarketBarred(uint32 account);
    /// @notice The account owes the supplier.
    /// @param account Account.
    /// @param debt Debt to the supplier, money units.
    error EnergyMarketIndebted(uint32 account, uint256 debt);
    /// @notice There are no such flags, or not for this side.
    /// @param account Account.
    /// @param flags See {OrderFlags}.
    error EnergyMarketUnknownFlags(uint32 account, uint8 flags);
    /// @notice The tariff's rules have no such book.
    /// @param account Account.
    /// @param flags See {OrderFlags}.
    /// @param rules Rules of the interval's tariff, see {EnergyRules}.
    error EnergyMarketNotOffered(uint32 account, uint8 flags, uint8 rules);
    /// @notice The price at the tick is above the highest that the interval's tariff allows.
    /// @param account Account.
    /// @param tick Tick of the step.
    /// @param highest Highest tick that is allowed.
    error EnergyMarketBadTick(uint32 account, uint8 tick, uint256 highest);
    /// @notice A step is of too little energy.
    /// @param account Account.
    /// @param wh Energy of the step, Wh.
    /// @param minimum Least energy of a step, Wh.
    error EnergyMarketBelowMinimum(uint32 account, uint32 wh, uint256 minimum);
    /// @notice The steps together are more than the meter may trade.
    /// @param account Account.
    /// @param wh Energy of all steps, Wh.
    /// @param cap Most it may trade, Wh.
    error EnergyMarketCapExceeded(uint32 account, uint256 wh, uint256 cap);
    /// @notice The meter posted an order for the interval before.
    /// @param account Account.
    /// @param interval Interval.
    error EnergyMarketAlreadyPosted(uint32 account, uint32 interval);
    /// @notice A meter has one net flow: it cannot buy and sell in one interval.
    /// @param account Account.
    /// @param interval Interval.
    error EnergyMarketSideConflict(uint32 account, uint32 interval);
    /// @notice Neither the signer nor a delegate signed.
    /// @param account Account.
    /// @param recovered Key that signed; zero: none.
    error EnergyMarketBadSignature(uint32 account, address recovered);
    /// @notice It was signed for another epoch.
    /// @param account Account.
    /// @param epoch Epoch signed.
    /// @param current Epoch of the account.
    error EnergyMarketStaleEpoch(uint32 account, uint16 epoch, uint16 current);
    /// @notice The order is beyond what the delegate may do.
    /// @param account Account.
    /// @param key The delegate.
    /// @param value Time, Wh or price of the order.
    /// @param limit Limit that it breaks.
    error EnergyMarketDelegateLimit(uint32 account, address key, uint256 value, uint256 limit);
    /// @notice The account does not cover the order.
    /// @param account Account.
    /// @param needed What it locks, money units.
    /// @param free Free money, money units.
    error EnergyMarketInsufficientFree(uint32 account, uint256 needed, uint256 free);
    /// @notice Records or signatures do not have the length that they announce.
    /// @param offset Byte at which it begins.
    /// @param length Bytes that there are.
    error EnergyMarketMalformed(uint256 offset, uint256 length);
    /// @notice 1 to 4 steps.
    /// @param count Steps given.
    /// @param limit Most steps.
    error EnergyMarketTooManySteps(uint256 count, uint256 limit);
    /// @notice A step of a standing order has more energy than any account may trade.
    /// @param account Account.
    /// @param wh Energy of the step, Wh.
    /// @param limit Most energy of a step, Wh.
    error EnergyMarketStepTooLarge(uint32 account, uint32 wh, uint256 limit);
    /// @notice The run of intervals is empty, past, or longer than 65,535 intervals.
    /// @param fromInterval First interval.
    /// @param toInterval Last interval.
    error EnergyMarketInvalidRun(uint32 fromInterval, uint32 toInterval);
    /// @notice The interval does not take orders yet.
    /// @param interval Interval.
    /// @param opensAt Unix time from which it takes orders.
    error EnergyMarketNotOpen(uint32 interval, uint256 opensAt);
    /// @notice The interval takes no orders any more.
    /// @param interval Interval.
    /// @param closedAt Unix time from which it takes none.
    error EnergyMarketGateClosed(uint32 interval, uint256 closedAt);

    /// @notice Buyer and seller are one account, or there is no energy.
    /// @param buyer Account that buys.
    /// @param seller Account that sells.
    /// @param wh Energy, Wh.
    error EnergyMarketInvalidAgreement(uint32 buyer, uint32 seller, uint32 wh);
    /// @notice There is no such agreement.
    /// @param agreementId Hash of the agreement.
    error EnergyMarketUnknownAgreement(bytes32 agreementId);
    /// @notice There is such an agreement already.
    /// @param agreementId Hash of the agreement.
    error EnergyMarketAgreementExists(bytes32 agreementId);
    /// @notice An agreement can be ended for intervals that are not open yet.
    /// @param agreementId Hash of the agreement.
    /// @param fromInterval Interval given.
    /// @param firstChangeable First interval that is not open yet.
    error EnergyMarketTooLateToEnd(bytes32 agreementId, uint32 fromInterval, uint32 firstChangeable);

    /// @notice The interval is not in the state that the act asks for.
    /// @param interval Interval.
    /// @param state State that it is in.
    error EnergyMarketWrongState(uint32 interval, IntervalState state);
    /// @notice The batch is not the next one on the interval's chain.
    /// @param interval Interval.
    /// @param given Chain that the batch makes.
    /// @param expected Chain of the interval.
    error EnergyMarketWrongBatch(uint32 interval, bytes32 given, bytes32 expected);
    /// @notice Readings of the feeder are not there, or not final until then.
    /// @param interval Interval.
    /// @param feeder Feeder.
    /// @param finalAt Unix time from which they are; zero: there are none.
    error EnergyMarketReadingsNotFinal(uint32 interval, uint16 feeder, uint256 finalAt);
    /// @notice Rows are missing, have the wrong length or do not lead to the accepted root.
    /// @param interval Interval.
    /// @param feeder Feeder.
    /// @param index Number of the row.
    error EnergyMarketWrongRow(uint32 interval, uint16 feeder, uint256 index);
    /// @notice The account has no position that waits for settlement.
    /// @param account Account.
    /// @param interval Interval.
    error EnergyMarketNoPosition(uint32 account, uint32 interval);
    /// @notice Batches on the chain have to be settled before accounts that have agreements only.
    /// @param interval Interval.
    /// @param chain Chain of the batches that are left.
    error EnergyMarketOrdersFirst(uint32 interval, bytes32 chain);
    /// @notice The interval cannot be voided before that time.
    /// @param interval Interval.
    /// @param voidableAt Unix time from which it can.
    error EnergyMarketNotVoidable(uint32 interval, uint256 voidableAt);
    /// @notice Too late to clear: after the long stop an interval can only be voided.
    /// @param interval Interval.
    /// @param passedAt Unix time at which it passed.
    error EnergyMarketLongStopPassed(uint32 interval, uint256 passedAt);
    /// @notice The result is not under that root.
    /// @param interval Interval.
    /// @param index Number of the settlement in the interval.
    error EnergyMarketWrongResult(uint32 interval, uint256 index);
    /// @notice The reading of the result is not replaced, or replaced by what stands.
    /// @param interval Interval.
    /// @param account Account.
    /// @param wh Reading that stands, Wh.
    error EnergyMarketNothingToCorrect(uint32 interval, uint32 account, int32 wh);
    /// @notice A bound of at least 1 is needed.
    /// @param bound Bound given.
    error EnergyMarketInvalidBound(uint256 bound);

    // --- accounts

    /// @notice Opens the account of a meter, or takes it over from who owned the meter before. The meter's owner in the
    /// registry, or by that owner's signature, so that a household needs no coins of the chain.
    /// @dev At a takeover what the former owner has, owes to the supplier and has to get from the supplier goes over to the
    /// former owner's address, see {formerOf}, each against the other; signed orders, delegates and standing order end. What
    /// is still to be settled, with the money locked for it, falls to the new owner, as does every later correction, see
    /// {correct}.
    /// @param account Number of the meter.
    /// @param signer Key that will sign orders: a plain key, since orders are checked by ECDSA alone.
    /// @param nonce Nonce of the message; not used by the owner's own call.
    /// @param deadline Last second at which the signature counts.
    /// @param signature The meter owner's, over `AccountOpening(uint32 account,address signer,uint256 nonce,uint256
    /// deadline)`; empty in the owner's own call.
    function openAccount(
        uint32 account,
        address signer,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external;

    /// @notice Copies caps, source and status of the meter from the registry. Anybody may.
    /// @param account Account.
    function refreshAccount(uint32 account) external;

    /// @notice Changes the key that signs orders, and begins a new epoch, see {bumpEpoch}. Owner, or by signature.
    /// @param account Account.
    /// @param signer The new key.
    /// @param nonce Nonce of the message; not used by whoever needs no signature.
    /// @param deadline Last second at which the signature counts.
    /// @param signature The owner's, over the message; empty where none is needed.
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
    /// @param account Account.
    /// @param nonce Nonce of the message; not used by whoever needs no signature.
    /// @param deadline Last second at which the signature counts.
    /// @param signature The owner's, over the message; empty where none is needed.
    function bumpEpoch(uint32 account, uint256 nonce, uint256 deadline, Signature calldata signature) external;

    /// @notice Names a key that may sign orders within limits, until the epoch ends; with `until` zero: ends it. Owner, or by
    /// signature.
    /// @param account Account.
    /// @param key Key.
    /// @param delegate Its limits.
    /// @param nonce Nonce of the message; not used by whoever needs no signature.
    /// @param deadline Last second at which the signature counts.
    /// @param signature The owner's, over the message; empty where none is needed.
    function setDelegate(
        uint32 account,
        address key,
        Delegate calldata delegate,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external;

    /// @notice Places, replaces or withdraws the standing order. Owner, signer, or by the owner's signature.
    /// @dev It is posted only in intervals with the base price and the tick size that it names, so that its ticks mean what
    /// they did when it was signed; it stays where it is in the others.
    /// @param order The standing order; without steps: withdraws it.
    /// @param nonce Nonce of the message; not used by whoever needs no signature.
    /// @param deadline Last second at which the signature counts.
    /// @param signature The owner's, over the message; empty where none is needed.
    function placeStandingOrder(
        StandingOrder calldata order,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external;

    /// @notice Pays into an account from the caller's allowance. Debt is paid first.
    /// @dev It goes to whoever owns the account when the call is carried out. A payer who fears that this changes meanwhile
    /// pays by {depositWithAuthorization}.
    /// @param account Account.
    /// @param amount Token units, whole money units.
    function deposit(uint32 account, uint256 amount) external;

    /// @notice As {deposit}, by the payer's ERC-3009 signature, whose nonce is bound to the account and its owner by
    /// {depositNonce}: once somebody else takes the account over, it is void.
    /// @param account Account.
    /// @param from Who pays.
    /// @param amount Token units, whole money units.
    /// @param salt Tells apart payments that are otherwise the same.
    /// @param authorization The payer's ERC-3009 transfer.
    function depositWithAuthorization(
        uint32 account,
        address from,
        uint256 amount,
        uint256 salt,
        PaymentAuthorization calldata authorization
    ) external;

    /// @notice Pays free money out. Owner, or by signature. Nobody can stop it.
    /// @param account Account.
    /// @param amount Token units, whole money units.
    /// @param to Who is paid.
    /// @param nonce Nonce of the message; not used by whoever needs no signature.
    /// @param deadline Last second at which the signature counts.
    /// @param signature The owner's, over the message; empty where none is needed.
    function withdraw(
        uint32 account,
        uint256 amount,
        address to,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external;

    /// @notice Pays to an account what the supplier owes it, as far as the supplier's balance goes, debt first. Anybody may.
    /// @param account Account.
    /// @return paid Money units.
    function payClaim(uint32 account) external returns (uint256 paid);

    // --- supplier, grid operator, pot, former owners

    /// @notice Pays into the supplier's balance. Anybody may.
    /// @param amount Token units, whole money units.
    function topUpSupplier(uint256 amount) external;

    /// @notice Pays the supplier's balance out, down to the floor. Only the owner of the supplier's identity.
    /// @param amount Token units, whole money units.
    /// @param to Who is paid.
    function withdrawSupplier(uint256 amount, address to) external;

    /// @notice Pays grid fees and congestion rent out. Only the owner of the grid operator's identity.
    /// @param to Who is paid.
    /// @return amount Token units.
    function withdrawGridFees(address to) external returns (uint256 amount);

    /// @notice Pays the community pot out. Only the owner of the community's identity.
    /// @param to Who is paid.
    /// @return amount Token units.
    function withdrawPot(address to) external returns (uint256 amount);

    /// @notice Pays out all that a takeover left to a former owner, with what the supplier owes as far as the supplier's
    /// balance goes. That owner, or by signature: a key without an account of its own calls nothing.
    /// @param owner Former owner.
    /// @param to Who is paid.
    /// @param nonce Nonce of the message; not used by whoever needs no signature.
    /// @param deadline Last second at which the signature counts.
    /// @param signature The former owner's, over `FormerWithdrawal(address owner,address to,uint256 nonce,uint256 deadline)`;
    /// empty where none is needed.
    /// @return amount Token units.
    function withdrawFormer(
        address owner,
        address to,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external returns (uint256 amount);

    /// @notice Pays debt that a takeover left to somebody. Anybody may.
    /// @param owner Former owner.
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
    /// @param interval Interval.
    /// @param account Account.
    /// @param flags See {OrderFlags}; the number of steps in it is ignored.
    /// @param steps 1 to 4.
    function postOrder(uint32 interval, uint32 account, uint8 flags, Step[] calldata steps) external;

    /// @notice Posts one signed order; reverts by name if it is bad. Anybody may.
    /// @param order The order with its signature.
    function postSignedOrder(SignedOrder calldata order) external;

    /// @notice Posts the standing orders of accounts. Anybody may; accounts without one that is due are named.
    /// @param interval Interval.
    /// @param accounts Numbers of accounts, 4 bytes each.
    /// @return accepted Number of orders accepted.
    function postStandingOrders(uint32 interval, bytes calldata accounts) external returns (uint256 accepted);

    /// @notice Makes an agreement that both owners signed. Anybody with the signatures; an owner who calls need not sign. It
    /// lapses when one of the accounts is taken over by another owner.
    /// @param agreement The agreement.
    /// @param buyerNonce Nonce of the buyer's message.
    /// @param sellerNonce Nonce of the seller's message.
    /// @param deadline Last second at which the signatures count.
    /// @param buyerSignature Of the buyer's owner; empty if that is who calls.
    /// @param sellerSignature Of the seller's owner; empty if that is who calls.
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
    /// @param agreementId Hash of the agreement.
    /// @param fromInterval First interval in which it does not run any more.
    function endAgreement(bytes32 agreementId, uint32 fromInterval) external;

    /// @notice Posts agreements for an interval. Anybody may; those that are dead or not covered are left out and named by
    /// {AgreementSkipped}, and cannot stop the rest.
    /// @param interval Interval, which must be open.
    /// @param agreementIds Hashes of agreements.
    /// @return accepted Number of agreements posted.
    function postAgreements(uint32 interval, bytes32[] calldata agreementIds) external returns (uint256 accepted);

    // --- clearing and settlement

    /// @notice Clears an interval after its gate. Anybody may, in as many calls as it takes; the result does not depend on
    /// them.
    /// @param interval Interval.
    /// @param maxBooks Most books to work through in this call, at least 1. Each costs up to about 0.7 M gas and pass.
    /// @return done Whether the interval is cleared.
    function clear(uint32 interval, uint256 maxBooks) external returns (bool done);

    /// @notice Confirms that the readings of every feeder with orders are final. Anybody may, in as many calls as it takes.
    /// @param interval Interval.
    /// @param maxFeeders Most feeders to ask for in this call, at least 1.
    /// @return done Whether all are confirmed. From then on the interval will be settled and cannot be voided.
    function confirmReadings(uint32 interval, uint256 maxFeeders) external returns (bool done);

    /// @notice Puts two batches in the place of the newest one of an interval that is settled or refunded. Anybody may.
    /// @dev A batch can be posted that no transaction can settle as a whole, for settlement needs a row of readings of every
    /// feeder, and claims and debts cost more than orders. The newer of the two has the first records, so that orders are
    /// settled in the same order and with the same result. Who settles a batch that somebody else divides meanwhile has to
    /// bring the first part anew; that can happen as often as it has records.
    /// @param interval Interval.
    /// @param batch The newest one on the chain.
    /// @param offset Where in its records those of the older one begin.
    function splitBatch(uint32 interval, PostedBatch calldata batch, uint256 offset) external;

    /// @notice Settles the accounts of posted batches. Anybody may.
    /// @dev Batches come newest first, as the chain unwinds. No account can stop a batch: what an account cannot pay becomes
    /// its debt.
    /// @param interval Interval.
    /// @param batches Batches, newest first.
    /// @param rows A row of each feeder of the records, in the order in which the records come to them first.
    function settle(uint32 interval, PostedBatch[] calldata batches, FeederRow[] calldata rows) external;

    /// @notice Settles accounts that have agreements and no orders, after all batches. Anybody may.
    /// @param interval Interval.
    /// @param accounts Numbers of accounts, 4 bytes each.
    /// @param rows A row of each feeder of the accounts, in the order in which the accounts come to them first.
    function settlePositions(uint32 interval, bytes calldata accounts, FeederRow[] calldata rows) external;

    /// @notice Books the difference that a reading amended after settlement makes, against the supplier. Anybody may.
    /// @dev It is booked to the account as it is now, thus to its present owner, also for an interval that was settled before
    /// a takeover: a result names the account and not whose it was, and nothing stored tells when a result was settled. So
    /// who takes a meter over can come into debt, or into money, by what was drawn or fed in before; {formerOf} of the one
    /// before does not change. It ends {IMeterReadings-amendDuration} after the day's readings were accepted; until then
    /// buyer and seller of a meter settle it between them, or the buyer has the meter registered anew under another number.
    /// @param interval Interval.
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
    /// @param interval Interval.
    function voidInterval(uint32 interval) external;

    /// @notice Returns the locks of posted batches of a void interval. Anybody may; batches as for {settle}; {splitBatch}
    /// divides one that is too large.
    /// @param interval Interval.
    /// @param batches Batches, newest first.
    function refund(uint32 interval, PostedBatch[] calldata batches) external;

    /// @notice Returns the locks of agreements in a void interval. Anybody may.
    /// @param interval Interval.
    /// @param accounts Numbers of accounts, 4 bytes each.
    function refundPositions(uint32 interval, bytes calldata accounts) external;

    // --- views

    /// @notice Token in which everything is paid.
    /// @return settlementToken The token.
    function token() external view returns (IERC20 settlementToken);

    /// @notice Feeders, meters and tariffs.
    /// @return meters The registry.
    function registry() external view returns (IEnergyRegistry meters);

    /// @notice What the meters measured.
    /// @return meterReadings The readings.
    function readings() external view returns (IMeterReadings meterReadings);

    /// @notice Who owns an identity.
    /// @return register The register of identities.
    function identities() external view returns (IIdentities register);

    /// @notice Identity that supplies what neighbours do not, and buys what they do not need.
    /// @return identity The identity.
    function supplier() external view returns (address identity);

    /// @notice Identity that gets grid fees and congestion rent.
    /// @return identity The identity.
    function gridOperator() external view returns (address identity);

    /// @notice Identity that gets the community pot.
    /// @return identity The identity.
    function community() external view returns (address identity);

    /// @notice See {MarketSettings}.
    /// @return set What was set at deployment.
    function settings() external view returns (MarketSettings memory set);

    /// @notice Nonce that an ERC-3009 signature for {depositWithAuthorization} must carry.
    /// @param account Account.
    /// @param from Who pays.
    /// @param amount Token units.
    /// @param salt Tells apart payments that are otherwise the same.
    /// @return nonce Upper 192 bits of the hash of account, its owner, `from`, `amount` and `salt`, then zeros. Reverts with
    /// EnergyMarketUnknownAccount if the account is not open; the nonce for the one who will open it is made alike.
    function depositNonce(
        uint32 account,
        address from,
        uint256 amount,
        uint256 salt
    ) external view returns (bytes32 nonce);

    /// @notice An account as it stands.
    /// @param account Account.
    /// @return seen The account; all zero: it is not open.
    function accountOf(uint32 account) external view returns (AccountView memory seen);

    /// @notice Limits of a delegate in the present epoch.
    /// @param account Account.
    /// @param key Key.
    /// @return limits Its limits; all zero: it is no delegate.
    function delegateOf(uint32 account, address key) external view returns (Delegate memory limits);

    /// @notice The standing order of an account, and the epoch it was placed in.
    /// @param account Account.
    /// @return order The standing order; without steps: there is none.
    function standingOrderOf(uint32 account) external view returns (StandingOrder memory order);

    /// @notice An agreement.
    /// @param agreementId Hash of the agreement.
    /// @return agreement The agreement; without energy: there is none. Its last interval is the one before its end.
    function agreementOf(bytes32 agreementId) external view returns (Agreement memory agreement);

    /// @notice What agreements come to for an account.
    /// @param interval Interval.
    /// @param account Account.
    /// @return position The position, also after it was settled or refunded.
    function positionOf(uint32 interval, uint32 account) external view returns (Position memory position);

    /// @notice Where an interval stands.
    /// @param interval Interval.
    /// @return state Its state now.
    function stateOf(uint32 interval) external view returns (IntervalState state);

    /// @notice The interval's chain: of batches posted, or, while it is settled or refunded, of those left.
    /// @param interval Interval.
    /// @return chain The chain; zero: nothing was posted, or nothing is left.
    function chainOf(uint32 interval) external view returns (bytes32 chain);

    /// @notice Feeders with orders or agreements in an interval: bit n of word w is feeder 256·w + n.
    /// @param interval Interval.
    /// @param word Number of the word.
    /// @return bits The bits.
    function feedersOf(uint32 interval, uint256 word) external view returns (uint256 bits);

    /// @notice Wh at each tick of a book, until the words that they stand in are used again for a later interval.
    /// @param interval Interval.
    /// @param feeder Feeder; zero: the one book of all.
    /// @param bookClass Class of the book.
    /// @return levels Wh at each tick.
    function levelsOf(
        uint32 interval,
        uint16 feeder,
        BookClass bookClass
    ) external view returns (uint64[256] memory levels);

    /// @notice What a class of a book got in a round.
    /// @param interval Interval.
    /// @param feeder Feeder; zero: the one book of all.
    /// @param bookClass Class of the book.
    /// @param round Round of the clearing.
    /// @return share What it got.
    function shareOf(
        uint32 interval,
        uint16 feeder,
        BookClass bookClass,
        Round round
    ) external view returns (Share memory share);

    /// @notice Root of the results of one settlement.
    /// @param interval Interval.
    /// @param index Number of the settlement in the interval.
    /// @return root The root; zero: there was no such settlement.
    function resultRoot(uint32 interval, uint256 index) external view returns (bytes32 root);

    /// @notice Money units: supplier's balance, grid fees, pot, and everything the market holds.
    /// @return supplierBalance The supplier's balance.
    /// @return gridFees Grid fees and congestion rent.
    /// @return pot The community pot.
    /// @return held Everything the market holds.
    function balances() external view returns (uint256 supplierBalance, uint256 gridFees, uint256 pot, uint256 held);

    /// @notice Money units that a takeover left to somebody: to withdraw, to pay, and to get from the supplier.
    /// @param owner Former owner.
    /// @return balance To withdraw.
    /// @return debt To pay to the supplier.
    /// @return claim To get from the supplier.
    function formerOf(address owner) external view returns (uint256 balance, uint256 debt, uint256 claim);
}
