// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What a meter may be used for. A meter does one of them at a time; {EnergySharing} says what the registrar waits
/// for between two of them, so that no Wh is given away twice.
enum MeterStatus {
    /// @dev Not registered.
    None,
    /// @dev Trades on the market.
    Trading,
    /// @dev Belongs to a community that shares without trading.
    Sharing,
    /// @dev Neither, until the registrar says otherwise: broken, tampered with or disconnected. Its key is not believed.
    Suspended,
    /// @dev Gone for good: its key is not believed, and its feeder's days are complete without it. To be set after the
    /// meter's last day is brought.
    Retired
}

/// @notice What stands behind a meter.
enum MeterClass {
    /// @dev Not registered.
    None,
    /// @dev Consumption, generation or both.
    Connection,
    /// @dev A battery: what it feeds in was drawn before, so its certificates are passed through, never made.
    Storage
}

/// @notice Where the energy fed in comes from.
enum EnergySource {
    /// @dev Feeds nothing in, or nobody vouches for the source.
    None,
    Solar,
    Wind,
    Hydro,
    Biomass,
    /// @dev Vouched for, and not renewable.
    Other
}

/// @notice A meter at its connection point. One slot, then one for each of owner and next key.
struct Meter {
    /// @dev Key that signs its readings; zero: not registered.
    address key;
    /// @dev Most it can draw in an interval, Wh.
    uint32 importCapWh;
    /// @dev Most it can feed in in an interval, Wh; zero: it only draws.
    uint32 exportCapWh;
    EnergySource source;
    MeterClass class;
    MeterStatus status;
}

/// @notice A feeder: the piece of low-voltage grid behind one transformer or one line of it.
struct Feeder {
    /// @dev Identity that reads its meters and posts what they measured; zero: not registered.
    address operator;
    /// @dev Number of meters registered on it, at most 256; one that is retired keeps its place. Meter ids count up from
    /// `feeder << 8`.
    uint16 meterCount;
    /// @dev Identity of the grid operator, the third key to its readings. Another than the operator.
    address gridOperator;
    /// @dev Key of the meter at the head of the feeder; zero: there is none, so sums are not compared.
    address meterKey;
}

/// @notice What energy costs without a neighbour, what the grid costs, and how the auction of an interval works. Prices are
/// money units per Wh. One slot.
struct Tariff {
    /// @dev Supplier pays for what is fed in without a buyer.
    uint24 feedIn;
    /// @dev Supplier charges for what is drawn without a seller; above zero.
    uint24 retail;
    /// @dev Grid fee for a Wh bought from the same feeder; not above `gridFee`.
    uint24 feederFee;
    /// @dev Grid fee for any other Wh bought.
    uint24 gridFee;
    /// @dev Price at tick zero; not below `feedIn`, not above `retail`.
    uint24 basePrice;
    /// @dev Price step from one tick to the next; at least 1, and the last tick, 255, is not below `retail`.
    uint16 tickSize;
    /// @dev Sum of the `RULE_…` flags of {EnergyRules}.
    uint8 rules;
}

/// @title EnergyRules
/// @notice Flags of {Tariff-rules}, how the auction of an interval works. None: one book and one price for all.
library EnergyRules {
    /// @notice Every feeder has a book of its own, which its limits and the cheaper fee inside a feeder need.
    uint8 internal constant BY_FEEDER = 1;
    /// @notice Neighbours of one feeder trade first. Needs BY_FEEDER.
    uint8 internal constant FEEDER_FIRST = 2;
    /// @notice Bids for green energy trade with certified offers before the rest.
    uint8 internal constant GREEN = 4;
    /// @notice Buyers pay their own bid.
    uint8 internal constant PAY_AS_BID = 8;
    /// @notice What buyers pay above the price goes to the community pot instead of to the sellers. Needs PAY_AS_BID.
    uint8 internal constant SURPLUS_TO_POT = 16;
    /// @notice All flags there are.
    uint8 internal constant ALL = 31;
}

/// @title IEnergyRegistry
/// @notice What is known of a district's grid before anybody trades: feeders, meters, tariffs, and the clock of intervals.
/// @dev An interval is `unix time / intervalLength`, in UTC, so clock changes do not exist. It opens for orders `horizon`
/// intervals before it begins; from then on its tariff and limits cannot change.
interface IEnergyRegistry {
    /// @notice A feeder was registered.
    /// @param feeder Number.
    /// @param operator Identity that reads its meters.
    /// @param gridOperator Identity of the grid operator.
    /// @param meterKey Key of the meter at its head; zero: none.
    event FeederRegistered(
        uint16 indexed feeder,
        address indexed operator,
        address indexed gridOperator,
        address meterKey
    );
    /// @notice Who reads a feeder changed.
    /// @param feeder Number.
    /// @param operator Identity that reads its meters from now on.
    /// @param gridOperator Identity of the grid operator from now on.
    /// @param meterKey Key of the meter at its head from now on; zero: none.
    event FeederChanged(uint16 indexed feeder, address operator, address gridOperator, address meterKey);
    /// @notice The flow between a feeder and the bus was limited. Limits announced for an interval that was not open are
    /// withdrawn by it.
    /// @param feeder Number.
    /// @param fromInterval First interval.
    /// @param importWh Wh into the feeder in an interval; type(uint56).max: no limit.
    /// @param exportWh Wh out of the feeder in an interval; type(uint56).max: no limit.
    event FeederLimited(uint16 indexed feeder, uint32 indexed fromInterval, uint56 importWh, uint56 exportWh);
    /// @notice A meter was registered.
    /// @param meter Its id.
    /// @param owner Account behind it.
    /// @param key Key that signs its readings.
    /// @param importCapWh Most it can draw in an interval, Wh.
    /// @param exportCapWh Most it can feed in in an interval, Wh.
    /// @param source Where the energy fed in comes from.
    /// @param class What stands behind it.
    /// @param status What it may be used for.
    event MeterRegistered(
        uint32 indexed meter,
        address indexed owner,
        address key,
        uint32 importCapWh,
        uint32 exportCapWh,
        EnergySource source,
        MeterClass class,
        MeterStatus status
    );
    /// @notice A meter was handed over.
    /// @param meter Its id.
    /// @param previous Account before.
    /// @param owner Account now.
    event MeterOwnerChanged(uint32 indexed meter, address indexed previous, address indexed owner);
    /// @notice Caps or source of a meter changed.
    /// @param meter Its id.
    /// @param importCapWh Most it can draw in an interval, Wh.
    /// @param exportCapWh Most it can feed in in an interval, Wh.
    /// @param source Where the energy fed in comes from.
    event MeterRated(uint32 indexed meter, uint32 importCapWh, uint32 exportCapWh, EnergySource source);
    /// @notice What a meter may be used for changed.
    /// @param meter Its id.
    /// @param previous Status before.
    /// @param status Status now.
    event MeterStatusChanged(uint32 indexed meter, MeterStatus previous, MeterStatus status);
    /// @notice A meter's new key was announced. One announced before that has not taken over is withdrawn by it.
    /// @param meter Its id.
    /// @param key Key that will sign its readings.
    /// @param fromAt Unix time from which it does.
    event MeterKeyAnnounced(uint32 indexed meter, address indexed key, uint40 fromAt);
    /// @notice A tariff was written down.
    /// @param tariffId Number.
    /// @param tariff The tariff.
    event TariffCreated(uint16 indexed tariffId, Tariff tariff);
    /// @notice The tariff of intervals without one of their own was set. A default announced for an interval that was not
    /// open is withdrawn by it.
    /// @param tariffId Number of the tariff.
    /// @param fromInterval First interval.
    /// @param previous Number of the default before that interval; zero: none.
    event DefaultTariffSet(uint16 indexed tariffId, uint32 indexed fromInterval, uint16 previous);
    /// @notice The tariffs of a run of intervals were set.
    /// @param fromInterval First interval.
    /// @param tariffIds Numbers of tariffs, one for each interval; zero: the default.
    event TariffsScheduled(uint32 indexed fromInterval, uint16[] tariffIds);

    /// @notice The clock is out of range: an interval must last from one minute to one hour and divide a day, and the
    /// horizon must be at least one interval and at most a year.
    /// @param intervalLength Seconds of an interval.
    /// @param horizon Intervals before its beginning at which an interval opens.
    error EnergyRegistryInvalidClock(uint32 intervalLength, uint32 horizon);
    /// @notice There is no such feeder.
    /// @param feeder Feeder.
    error EnergyRegistryUnknownFeeder(uint16 feeder);
    /// @notice The feeder exists already, or its number is zero.
    /// @param feeder Feeder.
    error EnergyRegistryFeederTaken(uint16 feeder);
    /// @notice Operator and grid operator must be two identities, and neither may be zero.
    /// @param operator Identity that reads the meters.
    /// @param gridOperator Identity of the grid operator.
    error EnergyRegistryInvalidOperators(address operator, address gridOperator);
    /// @notice A feeder holds 256 meters.
    /// @param feeder Feeder.
    /// @param limit Limit that it breaks.
    error EnergyRegistryFeederFull(uint16 feeder, uint256 limit);
    /// @notice There is no such meter.
    /// @param meter Meter.
    error EnergyRegistryUnknownMeter(uint32 meter);
    /// @notice Key, owner or class is zero, or the status is not one that the act may set.
    /// @param key Key.
    /// @param owner Owner.
    /// @param class Class of the meter.
    /// @param status Status of the meter.
    error EnergyRegistryInvalidMeter(address key, address owner, MeterClass class, MeterStatus status);
    /// @notice The act would change nothing.
    error EnergyRegistryUnchanged();
    /// @notice The meter is retired, which is final.
    /// @param meter Meter.
    error EnergyRegistryRetired(uint32 meter);
    /// @notice A cap is written with three digits: at most 1,023 times a power of ten up to 1,000.
    /// @param capWh Cap given, Wh of an interval.
    /// @param nearestBelow Greatest cap below it that can be written, Wh.
    error EnergyRegistryCapNotRepresentable(uint32 capWh, uint32 nearestBelow);
    /// @notice The tariff breaks a rule of {Tariff}; `field` is the number of the first member at fault, from 0. Where a
    /// rule needs another, `limit` is the rules with it.
    /// @param field Number of the member, from 0.
    /// @param value Its value.
    /// @param limit Limit that it breaks.
    error EnergyRegistryInvalidTariff(uint256 field, uint256 value, uint256 limit);
    /// @notice No number is left for another tariff.
    /// @param count Tariffs there would be.
    /// @param limit Most tariffs.
    error EnergyRegistryTooManyTariffs(uint256 count, uint256 limit);
    /// @notice There is no such tariff.
    /// @param tariffId Number of the tariff.
    error EnergyRegistryUnknownTariff(uint16 tariffId);
    /// @notice The interval is open already, or past.
    /// @param interval Interval.
    /// @param firstChangeable First interval that can still be changed.
    error EnergyRegistryIntervalOpen(uint32 interval, uint32 firstChangeable);
    /// @notice No tariff is set for the interval.
    /// @param interval Interval.
    error EnergyRegistryNoTariff(uint32 interval);
    /// @notice A schedule sets from 1 to 1,024 intervals at once, none beyond the last that has a number.
    /// @param length Intervals given.
    /// @param limit Limit that it breaks.
    error EnergyRegistryInvalidSchedule(uint256 length, uint256 limit);

    /// @notice Registers a feeder. Only ENERGY_REGISTRAR.
    /// @dev Emits {FeederRegistered}. Reverts with {EnergyRegistryFeederTaken} and {EnergyRegistryInvalidOperators}.
    /// @param feeder Number, 1 to 65,535.
    /// @param operator Identity that reads the meters.
    /// @param gridOperator Identity of the grid operator.
    /// @param meterKey Key of the meter at its head; zero: none.
    function registerFeeder(uint16 feeder, address operator, address gridOperator, address meterKey) external;

    /// @notice Changes who reads a feeder. Only ENERGY_REGISTRAR. Takes effect at once; readings accepted before stay.
    /// @dev Amendments of those take the new operators' signatures. Emits {FeederChanged}. Reverts with
    /// {EnergyRegistryUnknownFeeder}, {EnergyRegistryInvalidOperators} and {EnergyRegistryUnchanged}.
    /// @param feeder Number.
    /// @param operator Identity that reads the meters from now on.
    /// @param gridOperator Identity of the grid operator from now on.
    /// @param meterKey Key of the meter at its head from now on; zero: none.
    function changeFeeder(uint16 feeder, address operator, address gridOperator, address meterKey) external;

    /// @notice Limits the flow by trades between a feeder and the bus. Only ENERGY_REGISTRAR.
    /// @dev Takes the place of limits that are announced for an interval which is not open yet. What held before stays on
    /// record for intervals that are open or past. Emits {FeederLimited}. Reverts with {EnergyRegistryUnknownFeeder},
    /// {EnergyRegistryIntervalOpen} and {EnergyRegistryUnchanged}.
    /// @param feeder Feeder.
    /// @param fromInterval First interval; not open yet.
    /// @param importWh Wh into the feeder in an interval; type(uint56).max: no limit.
    /// @param exportWh Wh out of the feeder in an interval; type(uint56).max: no limit.
    function limitFeeder(uint16 feeder, uint32 fromInterval, uint56 importWh, uint56 exportWh) external;

    /// @notice Registers a meter on a feeder. Only ENERGY_REGISTRAR.
    /// @dev Emits {MeterRegistered}. Reverts with {EnergyRegistryUnknownFeeder}, {EnergyRegistryInvalidMeter},
    /// {EnergyRegistryCapNotRepresentable} and {EnergyRegistryFeederFull}.
    /// @param feeder Feeder.
    /// @param owner Account of the household or company behind it.
    /// @param meter Key, caps, source, class and status, which must be Trading or Sharing. Caps have three digits, see
    /// {EnergyRegistryCapNotRepresentable}.
    /// @return meterId `feeder << 8 | position`.
    function registerMeter(uint16 feeder, address owner, Meter calldata meter) external returns (uint32 meterId);

    /// @notice Hands a meter over to who lives there now. Only ENERGY_REGISTRAR. Free money, debt and claim on the market
    /// stay the former owner's; what is still to be settled there goes with the meter, see {IEnergyMarket-openAccount}.
    /// @dev Certificates that are not issued yet go to the new owner, see {IEnergyCertificates-issue}. In a community the
    /// former owner pays and is paid until the membership ends, see {IEnergySharing-dismiss}. Emits {MeterOwnerChanged}.
    /// Reverts with {EnergyRegistryUnknownMeter}, {EnergyRegistryRetired}, {EnergyRegistryInvalidMeter} for the owner zero,
    /// and {EnergyRegistryUnchanged}.
    /// @param meterId Its id.
    /// @param owner Account of the household or company behind it from now on.
    function setOwner(uint32 meterId, address owner) external;

    /// @notice Changes caps and source. Only ENERGY_REGISTRAR. The market heeds it from {IEnergyMarket-refreshAccount} on.
    /// @dev Readings and certificates heed it at once, also for days before it that are not brought or issued yet. Emits
    /// {MeterRated}. Reverts with {EnergyRegistryUnknownMeter}, {EnergyRegistryRetired},
    /// {EnergyRegistryCapNotRepresentable} and {EnergyRegistryUnchanged}.
    /// @param meterId Its id.
    /// @param importCapWh Most it can draw in an interval, Wh; of three digits.
    /// @param exportCapWh Most it can feed in in an interval, Wh; of three digits.
    /// @param source Where the energy fed in comes from.
    function rate(uint32 meterId, uint32 importCapWh, uint32 exportCapWh, EnergySource source) external;

    /// @notice Changes what a meter may be used for. Only ENERGY_REGISTRAR. Retired is final.
    /// @dev Emits {MeterStatusChanged}. Reverts with {EnergyRegistryUnknownMeter}, {EnergyRegistryRetired},
    /// {EnergyRegistryInvalidMeter} for None, and {EnergyRegistryUnchanged}.
    /// @param meterId Its id.
    /// @param status Any but None.
    function setStatus(uint32 meterId, MeterStatus status) external;

    /// @notice Announces a meter's new key, which takes over after {keyDelay}. Only ENERGY_REGISTRAR. A stolen key is
    /// stopped at once by {setStatus}.
    /// @dev Takes the place of a key that is announced and has not taken over; the key that holds can be announced to stay.
    /// Emits {MeterKeyAnnounced}. Reverts with {EnergyRegistryUnknownMeter}, {EnergyRegistryRetired},
    /// {EnergyRegistryInvalidMeter} for the key zero, and {EnergyRegistryUnchanged} for the key announced last or, if none
    /// was, the key that holds.
    /// @param meterId Its id.
    /// @param key The new key.
    function announceKey(uint32 meterId, address key) external;

    /// @notice Writes a tariff down for good. Only ENERGY_TARIFFS.
    /// @dev Emits {TariffCreated}. Reverts with {EnergyRegistryInvalidTariff} and {EnergyRegistryTooManyTariffs}.
    /// @param tariff The tariff, see {Tariff} for what is in range.
    /// @return tariffId Number, from 1.
    function createTariff(Tariff calldata tariff) external returns (uint16 tariffId);

    /// @notice Sets the tariff of intervals for which none is scheduled. Only ENERGY_TARIFFS.
    /// @dev Takes the place of a default that is announced for an interval which is not open yet. Emits {DefaultTariffSet}.
    /// Reverts with {EnergyRegistryUnknownTariff}, {EnergyRegistryIntervalOpen} and {EnergyRegistryUnchanged}.
    /// @param tariffId The tariff.
    /// @param fromInterval First interval; not open yet.
    function setDefaultTariff(uint16 tariffId, uint32 fromInterval) external;

    /// @notice Sets the tariffs of a run of intervals, for tariffs that depend on the time of use. Only ENERGY_TARIFFS.
    /// @dev Emits {TariffsScheduled}. Reverts with {EnergyRegistryIntervalOpen}, {EnergyRegistryInvalidSchedule},
    /// {EnergyRegistryUnknownTariff} and {EnergyRegistryUnchanged}.
    /// @param fromInterval First interval; not open yet.
    /// @param tariffIds One for each interval; 0: the default.
    function scheduleTariffs(uint32 fromInterval, uint16[] calldata tariffIds) external;

    /// @notice Seconds of an interval. 900 by default, 3,600 for hourly data.
    /// @return length Seconds.
    function intervalLength() external view returns (uint32 length);

    /// @notice Intervals before its beginning at which an interval opens for orders.
    /// @return intervals Number of intervals.
    function horizon() external view returns (uint32 intervals);

    /// @notice Seconds between the announcement of a meter's new key and its taking over.
    /// @return delay Seconds.
    function keyDelay() external view returns (uint32 delay);

    /// @notice The interval of the present moment.
    /// @return interval Unix time divided by {intervalLength}.
    function currentInterval() external view returns (uint32 interval);

    /// @notice First interval that is not open yet.
    /// @return interval The current one, and {horizon} and one more.
    function firstChangeable() external view returns (uint32 interval);

    /// @notice The tariff of an interval. Reverts with {EnergyRegistryNoTariff} if there is none.
    /// @param interval Interval.
    /// @return tariff The tariff scheduled for it, or else the default.
    function tariffOf(uint32 interval) external view returns (Tariff memory tariff);

    /// @notice A tariff by number. Reverts with {EnergyRegistryUnknownTariff} if there is none.
    /// @param tariffId Number.
    /// @return tariff The tariff.
    function tariffAt(uint16 tariffId) external view returns (Tariff memory tariff);

    /// @notice A feeder. Reverts with {EnergyRegistryUnknownFeeder} if there is none.
    /// @param feeder Number.
    /// @return found What is known of it.
    function feederOf(uint16 feeder) external view returns (Feeder memory found);

    /// @notice Highest number of a feeder so far.
    /// @return feeder Number; zero: there is none.
    function lastFeeder() external view returns (uint16 feeder);

    /// @notice The limits of a feeder in an interval. No limit where there is no such feeder.
    /// @param feeder Number.
    /// @param interval Interval.
    /// @return importWh Wh into the feeder; type(uint56).max: no limit.
    /// @return exportWh Wh out of the feeder; type(uint56).max: no limit.
    function limitsOf(uint16 feeder, uint32 interval) external view returns (uint56 importWh, uint56 exportWh);

    /// @notice A meter with the key that holds now. Reverts with {EnergyRegistryUnknownMeter} if there is none.
    /// @param meterId Its id.
    /// @return meter What is known of it.
    function meterOf(uint32 meterId) external view returns (Meter memory meter);

    /// @notice The account behind a meter. Reverts with {EnergyRegistryUnknownMeter} if there is none.
    /// @param meterId Its id.
    /// @return owner The account.
    function ownerOf(uint32 meterId) external view returns (address owner);

    /// @notice All meters of a feeder in the order of their ids, with the keys that hold now. At most 256. Reverts with
    /// {EnergyRegistryUnknownFeeder}.
    /// @param feeder Number.
    /// @return meters What is known of each.
    function metersOf(uint16 feeder) external view returns (Meter[] memory meters);
}
