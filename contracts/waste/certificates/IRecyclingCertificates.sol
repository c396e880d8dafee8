// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";

import {IWasteLots} from "../lots/IWasteLots.sol";
import {IWasteOperators} from "../operators/IWasteOperators.sol";
import {Recycled} from "./RecyclingIds.sol";

/// @title IRecyclingCertificates
/// @notice Certificates of recycled mass: ERC-1155 tokens, one unit a gram, never more than what was finally recycled.
/// @dev An id says code, operation, facility and month, see {RecyclingIds}. At any time, for each id,
///
///     active + retired = issued, and issued is at most what {IWasteLots-recycledOf} says.
///
/// Certificates move freely between accounts; who wants to claim the mass retires them, which nobody can undo. The errors of
/// ERC-6093 for ERC-1155 apply, and RecyclingIdsMalformed for a number that is no id.
interface IRecyclingCertificates is IERC1155 {
    /// @notice Certificates were issued.
    /// @param id Id, see {RecyclingIds}.
    /// @param facility Operator that recycled the mass.
    /// @param to Who got them.
    /// @param grams Mass.
    event CertificatesIssued(uint256 indexed id, uint32 indexed facility, address indexed to, uint64 grams);
    /// @notice Certificates were retired, for good.
    /// @param account Whose they were.
    /// @param id Id.
    /// @param grams Mass.
    /// @param beneficiaryHash For whom: keccak256 of a salted name; zero: nobody is named.
    /// @param purpose What for, as who retires them calls it.
    event CertificatesRetired(
        address indexed account,
        uint256 indexed id,
        uint256 grams,
        bytes32 indexed beneficiaryHash,
        bytes32 purpose
    );

    /// @notice More than is recycled and not certified.
    /// @param leftGrams Mass that can be certified.
    /// @param askedGrams Mass asked for.
    error RecyclingCertificatesExceedsRecycled(uint64 leftGrams, uint64 askedGrams);
    /// @notice The caller's key signs for another operator, or for none that holds WASTE_FACILITY and a licence that runs.
    /// @param facility Operator that recycled the mass.
    /// @param caller Who called.
    error RecyclingCertificatesNotFacility(uint32 facility, address caller);
    /// @notice The caller is neither the account nor approved by it.
    /// @param account Whose certificates.
    /// @param caller Who called.
    error RecyclingCertificatesNotAllowed(address account, address caller);
    /// @notice A mass of zero.
    error RecyclingCertificatesZeroMass();
    /// @notice The facility's balance period of that month is over.
    /// @param month Months since January 1970.
    /// @param lastAt Last second at which it could issue, Unix time.
    /// @param timestamp Time of the call.
    error RecyclingCertificatesPeriodOver(uint16 month, uint256 lastAt, uint256 timestamp);

    /// @notice Issues certificates. A key of the facility, whose licence runs.
    /// @dev A facility whose licence has a balance period must issue within that many days after the month. The receiver, if it
    /// is a contract, must accept ERC-1155 tokens; what it does on receipt cannot issue anything twice. Emits
    /// {CertificatesIssued} and the transfer event. Reverts with {RecyclingCertificatesZeroMass},
    /// {RecyclingCertificatesNotFacility}, {RecyclingCertificatesPeriodOver} and {RecyclingCertificatesExceedsRecycled}.
    /// @param id Id, see {RecyclingIds}.
    /// @param to Who gets them.
    /// @param grams Mass, above zero.
    function issue(uint256 id, address to, uint64 grams) external;

    /// @notice Retires certificates: who does so claims the mass, and nobody can ever claim it again.
    /// @dev The account, or an operator approved by {IERC1155-setApprovalForAll}. Irreversible. Emits {CertificatesRetired} and
    /// the transfer event. Reverts with {RecyclingCertificatesNotAllowed}, {RecyclingCertificatesZeroMass}, and with
    /// ERC-6093's ERC1155InsufficientBalance.
    /// @param account Whose certificates.
    /// @param id Id.
    /// @param grams Mass, above zero.
    /// @param beneficiaryHash For whom: keccak256 of a salted name; zero: nobody is named.
    /// @param purpose What for.
    function retire(address account, uint256 id, uint256 grams, bytes32 beneficiaryHash, bytes32 purpose) external;

    /// @notice What was issued and retired of an id.
    /// @param id Id.
    /// @return issuedGrams Mass issued.
    /// @return retiredGrams Mass retired.
    function suppliesOf(uint256 id) external view returns (uint64 issuedGrams, uint64 retiredGrams);

    /// @notice The id of certificates. Reverts with RecyclingIdsMalformed where there can be none.
    /// @param recycled What the id says.
    /// @return id The id.
    function idOf(Recycled calldata recycled) external pure returns (uint256 id);

    /// @notice What an id says. Reverts with RecyclingIdsMalformed for a number that is no id; that one is well-formed does not
    /// mean that any was issued.
    /// @param id The number.
    /// @return recycled What the id says.
    function recycledBy(uint256 id) external pure returns (Recycled memory recycled);

    /// @notice Whose record of recycled mass counts.
    /// @return registry The lots.
    function lots() external view returns (IWasteLots registry);

    /// @notice Who signs for facilities.
    /// @return registry The registry.
    function operators() external view returns (IWasteOperators registry);
}
