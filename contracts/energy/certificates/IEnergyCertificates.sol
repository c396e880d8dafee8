// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";

import {Certificate} from "./CertificateIds.sol";
import {EnergySource, IEnergyRegistry, MeterClass} from "../registry/IEnergyRegistry.sol";
import {IMeterReadings} from "../readings/IMeterReadings.sol";

/// @title IEnergyCertificates
/// @notice Granular certificates of origin: ERC-1155 tokens, one unit for each Wh that a meter fed in, worth something only
/// while nobody has cancelled them.
/// @dev An id says interval, meter, source, whether the energy was stored, and domain, see {CertificateIds}. Amounts are
/// what the meter measured, cut to its export cap, never what it sold. Nothing is issued before the readings of the day
/// are final for settlement. Readings can still be amended for long after that, so {issue} can be called again for the
/// same interval. If more was fed in, it issues the difference. If less, the difference is the meter's shortfall, and as
/// many Wh of its later feed-in get no certificate: what others hold is never taken from them. So at any time
///
///     issued for the meter = what is recorded of its intervals, each at most what was fed in, + its shortfall.
///
/// A battery makes no energy. What it feeds in is certified only against cancelled certificates of the very intervals in
/// which it drew, earlier ones than that of the discharge, at most as much as it drew in each, and times an efficiency
/// that is the same for all batteries; the new certificates keep the source and are marked as stored. An amendment of a
/// battery's reading changes what can still be passed through, and takes nothing back, since at least as much was
/// cancelled.
///
/// Guarantees of origin of one MWh are another register's: 1,000,000 Wh cancelled here may back one, and an issuing body
/// that does so names it as the purpose of the cancellation. This contract converts nothing.
///
/// The errors of ERC-6093 for ERC-1155 apply to transfers and cancellations.
interface IEnergyCertificates is IERC1155 {
    /// @notice Certificates were issued. Ids and amounts stand in the transfer event of ERC-1155 beside it.
    /// @param meter Meter that fed in.
    /// @param day Day number: unix time / 86,400.
    /// @param owner Who got them.
    /// @param source Source that the registry gives the meter.
    /// @param intervals Intervals whose record this call changed, bit n for the n-th of the day.
    /// @param wh Sum of the amounts, Wh; zero: there was only a shortfall to book or to make up for.
    event CertificatesIssued(
        uint32 indexed meter,
        uint32 indexed day,
        address indexed owner,
        EnergySource source,
        uint256 intervals,
        uint256 wh
    );

    /// @notice A meter's shortfall changed: it grew by amendments, or later feed-in made up for some of it.
    /// @param meter Meter.
    /// @param previousWh Before, Wh.
    /// @param wh Now, Wh.
    event ShortfallChanged(uint32 indexed meter, uint256 previousWh, uint256 wh);

    /// @notice Certificates were cancelled, for good.
    /// @param account Whose they were.
    /// @param beneficiary For whom; zero: nobody is named.
    /// @param purpose What for, as the canceller calls it; for a discharge see {passThrough}.
    /// @param ids Ids.
    /// @param amounts Wh of each.
    event CertificatesCancelled(
        address indexed account,
        address indexed beneficiary,
        bytes32 indexed purpose,
        uint256[] ids,
        uint256[] amounts
    );

    /// @notice It was proven what a battery drew and fed in.
    /// @param meter Meter of the battery.
    /// @param day Day number.
    /// @param intervals Intervals whose record this call changed, bit n for the n-th of the day. See {storageOf}.
    event StorageProven(uint32 indexed meter, uint32 indexed day, uint256 intervals);

    /// @notice Certificates were issued for the discharge of a battery. What was cancelled stands in
    /// {CertificatesCancelled} before it, what was issued in the transfer event after it.
    /// @param meter Meter of the battery.
    /// @param interval Interval of the discharge.
    /// @param owner Who got them.
    /// @param cancelledWh Wh cancelled.
    /// @param issuedWh Wh issued.
    event PassedThrough(
        uint32 indexed meter,
        uint32 indexed interval,
        address indexed owner,
        uint256 cancelledWh,
        uint256 issuedWh
    );

    /// @notice An efficiency lies between 1 and 10,000 basis points.
    /// @param efficiencyBp Efficiency, basis points.
    /// @param limit Limit that it breaks.
    error EnergyCertificatesInvalidEfficiency(uint256 efficiencyBp, uint256 limit);
    /// @notice The meter's class is not the one that the act is for, or nobody vouches for its source.
    /// @param meter Meter.
    /// @param class Class of the meter.
    /// @param source Source of the meter.
    error EnergyCertificatesNotCertifiable(uint32 meter, MeterClass class, EnergySource source);
    /// @notice Readings of the meter's feeder are not accepted for that day (`finalAt` zero), or not final until then.
    /// @param meter Meter.
    /// @param day Day number: unix time / 86,400.
    /// @param finalAt When it is final, Unix time; zero: nothing is accepted.
    error EnergyCertificatesNotFinal(uint32 meter, uint32 day, uint256 finalAt);
    /// @notice The column does not lead to the accepted root.
    /// @param meter Meter.
    /// @param day Day number: unix time / 86,400.
    error EnergyCertificatesWrongProof(uint32 meter, uint32 day);
    /// @notice A bit stands for no interval of the day.
    /// @param intervals Intervals asked for, bit n for the n-th of the day.
    /// @param intervalsPerDay Intervals of a day.
    error EnergyCertificatesUnknownInterval(uint256 intervals, uint256 intervalsPerDay);
    /// @notice Of none of the intervals named anything else is measured than is recorded.
    /// @param meter Meter.
    /// @param day Day number: unix time / 86,400.
    /// @param intervals Intervals asked for, bit n for the n-th of the day.
    error EnergyCertificatesNothingNew(uint32 meter, uint32 day, uint256 intervals);
    /// @notice The caller is neither the account nor an operator that it approved.
    /// @param account Account.
    /// @param caller Who called.
    error EnergyCertificatesNotAllowed(address account, address caller);
    /// @notice From 1 to 256 ids can be cancelled at once.
    /// @param length Length given.
    /// @param limit Limit that it breaks.
    error EnergyCertificatesBadLength(uint256 length, uint256 limit);
    /// @notice Ids and amounts differ in number.
    /// @param ids Ids given.
    /// @param amounts Amounts given.
    error EnergyCertificatesLengthMismatch(uint256 ids, uint256 amounts);
    /// @notice An amount to cancel is zero.
    /// @param index Number of the amount in the list.
    error EnergyCertificatesZeroAmount(uint256 index);
    /// @notice The battery did not charge with this: the certificate is not of an earlier interval than the discharge.
    /// @param id Id given.
    /// @param interval Interval.
    error EnergyCertificatesNotBefore(uint256 id, uint32 interval);
    /// @notice More than the battery drew in that interval, less what was cancelled for it before; zero also if the draw
    /// was not proven.
    /// @param meter Meter.
    /// @param interval Interval.
    /// @param wh Energy asked for, Wh.
    /// @param leftWh Energy that is left, Wh.
    error EnergyCertificatesExceedsDraw(uint32 meter, uint32 interval, uint256 wh, uint256 leftWh);
    /// @notice More than the battery fed in in that interval, less what was issued for it before; zero also if the feed-in
    /// was not proven.
    /// @param meter Meter.
    /// @param interval Interval.
    /// @param wh Energy asked for, Wh.
    /// @param leftWh Energy that is left, Wh.
    error EnergyCertificatesExceedsFeedIn(uint32 meter, uint32 interval, uint256 wh, uint256 leftWh);
    /// @notice After losses not one whole Wh is left.
    /// @param cancelledWh Energy of the certificates cancelled, Wh.
    /// @param efficiencyBp Efficiency, basis points.
    error EnergyCertificatesNothingLeft(uint256 cancelledWh, uint256 efficiencyBp);

    // --- issuing

    /// @notice Issues certificates for what a meter fed in, to the meter's owner of now. Anybody may call.
    /// @dev Each Wh of feed-in up to the meter's export cap of now is a unit of the interval's id, with the meter's source
    /// of now, less the meter's shortfall. Intervals that are named and of which all is issued, without feed-in or without
    /// reading are left out, so nobody can spoil the call by being faster. An interval whose feed-in was amended below what
    /// is recorded adds to the shortfall. The owner, if it is a contract, must accept ERC-1155 tokens; what it does on
    /// receipt cannot issue anything twice. Emits {CertificatesIssued}, {ShortfallChanged} and the transfer event.
    /// Reverts with {EnergyCertificatesNotCertifiable} unless the meter's class is Connection and its source known, with
    /// {EnergyCertificatesUnknownInterval}, {EnergyCertificatesNotFinal}, {EnergyCertificatesWrongProof},
    /// {EnergyCertificatesNothingNew}, and as the registry does for a meter that does not exist.
    /// @param meter Meter.
    /// @param day Day number: unix time / 86,400.
    /// @param column The meter's day as accepted, see {IMeterReadings-dayOf}; replaced values are looked up.
    /// @param proof Siblings from the column to the root over the meters.
    /// @param intervals Intervals wanted, bit n for the n-th of the day.
    /// @return wh Sum of what was issued, Wh.
    function issue(
        uint32 meter,
        uint32 day,
        bytes calldata column,
        bytes32[] calldata proof,
        uint256 intervals
    ) external returns (uint256 wh);

    // --- cancelling

    /// @notice Cancels certificates: who does so claims the energy, and nobody can ever hold or claim it again.
    /// @dev The account, or an operator approved by {IERC1155-setApprovalForAll}. Irreversible. Emits
    /// {CertificatesCancelled}. Reverts with {EnergyCertificatesNotAllowed}, {EnergyCertificatesBadLength},
    /// {EnergyCertificatesLengthMismatch}, {EnergyCertificatesZeroAmount}, and with ERC-6093's
    /// ERC1155InsufficientBalance.
    /// @param account Whose certificates.
    /// @param ids Ids, 1 to 256.
    /// @param amounts Wh of each.
    /// @param beneficiary For whom; zero: nobody is named. No person should be recognisable by it.
    /// @param purpose What for: the hash of a statement, of a product, or the number of a guarantee of origin.
    function cancel(
        address account,
        uint256[] calldata ids,
        uint256[] calldata amounts,
        address beneficiary,
        bytes32 purpose
    ) external;

    // --- storage

    /// @notice Records what a battery drew and fed in, as {passThrough} needs it. Anybody may call.
    /// @dev Intervals that are named and stand as they are measured, which without reading is zero, are left out. Feed-in is
    /// cut to the meter's export cap of now, or to what is recorded if that is more. Emits {StorageProven}. Reverts as
    /// {issue}, but the meter's class must be Storage and its source does not matter.
    /// @param meter Meter of the battery.
    /// @param day Day number.
    /// @param column The meter's day as accepted.
    /// @param proof Siblings from the column to the root over the meters.
    /// @param intervals Intervals wanted, bit n for the n-th of the day.
    function proveStorage(
        uint32 meter,
        uint32 day,
        bytes calldata column,
        bytes32[] calldata proof,
        uint256 intervals
    ) external;

    /// @notice Cancels certificates of what a battery was charged with, and issues new ones for its discharge to the same
    /// account, the owner of the battery.
    /// @dev The battery's owner of now, or an operator that it approved. Of each source {storageEfficiencyBp} of what was
    /// cancelled is issued, rounded down to whole Wh, so cancel in few calls. The cancellation has the owner as
    /// beneficiary, and as purpose the id of the discharge without a source: interval, meter, stored, domain. Certificates
    /// that are marked as stored themselves may be used, and keep their source. A reading that was amended since it was
    /// recorded counts as amended if that is less, or of the other sign. Irreversible. Emits {CertificatesCancelled},
    /// {PassedThrough} and the transfer events.
    /// Reverts with {EnergyCertificatesNotCertifiable}, {EnergyCertificatesNotBefore}, {EnergyCertificatesExceedsDraw},
    /// {EnergyCertificatesNothingLeft}, {EnergyCertificatesExceedsFeedIn}, the errors of {cancel}, with
    /// CertificateIdsMalformed for an id that says nothing, and as the registry does for a meter that does not exist.
    /// @param meter Meter of the battery.
    /// @param interval Interval of the discharge; recorded by {proveStorage}.
    /// @param ids Certificates of intervals in which the battery drew, recorded by {proveStorage}; 1 to 256.
    /// @param amounts Wh of each.
    /// @return wh Sum of what was issued, Wh.
    function passThrough(
        uint32 meter,
        uint32 interval,
        uint256[] calldata ids,
        uint256[] calldata amounts
    ) external returns (uint256 wh);

    // --- views

    /// @notice What the meters measured.
    function readings() external view returns (IMeterReadings);

    /// @notice Meters, their owners and sources.
    function registry() external view returns (IEnergyRegistry);

    /// @notice Area whose body issues; part of every id.
    function domain() external view returns (uint16);

    /// @notice What of the energy that enters a battery counts as coming out again, basis points.
    function storageEfficiencyBp() external view returns (uint16);

    /// @notice When the readings of a meter's day are final for settlement, unix time; zero: none are accepted.
    /// @dev Reverts as the registry does for a meter that does not exist.
    /// @param meter Meter.
    /// @param day Day number: unix time / 86,400.
    /// @return timestamp Unix time; zero: none are accepted.
    function finalAt(uint32 meter, uint32 day) external view returns (uint256 timestamp);

    /// @notice What is recorded as issued for a meter and an interval, Wh: what was fed in when it was last looked at. Zero
    /// for a battery.
    /// @dev Reverts as the registry does for a meter that does not exist.
    /// @param meter Meter.
    /// @param interval Interval.
    /// @return wh What is recorded, Wh.
    function issuedOf(uint32 meter, uint32 interval) external view returns (uint32 wh);

    /// @notice Wh that were issued for a meter above what its amended readings support, and that later feed-in makes up for.
    /// @param meter Meter.
    /// @return wh The shortfall, Wh.
    function shortfallOf(uint32 meter) external view returns (uint256 wh);

    /// @notice Wh of an id that were cancelled.
    /// @param id Id.
    /// @return wh What was cancelled, Wh.
    function cancelledOf(uint256 id) external view returns (uint256 wh);

    /// @notice What is recorded of a battery's interval, whatever was amended since, see {passThrough}. Zero for any other
    /// meter.
    /// @dev Reverts as the registry does for a meter that does not exist.
    /// @param meter Meter.
    /// @param interval Interval.
    /// @return wh Net draw, Wh; feed-in is negative; zero: at rest, or not recorded.
    /// @return usedWh Wh of it for which certificates were cancelled, if it drew, or issued, if it fed in. What was used
    /// before an amendment stays, and counts against what is left now, even where draw became feed-in or the reverse.
    function storageOf(uint32 meter, uint32 interval) external view returns (int32 wh, uint32 usedWh);

    /// @notice What an id says. Reverts with CertificateIdsMalformed for a number that is no id; that one is well-formed
    /// does not mean that any was issued.
    /// @param id The number.
    /// @return certificate What the id says.
    function certificateOf(uint256 id) external pure returns (Certificate memory certificate);
}
