// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IWasteLots} from "../lots/IWasteLots.sol";
import {Months} from "../Months.sol";
import {FacilityTerms, IWasteOperators} from "../operators/IWasteOperators.sol";
import {IRecyclingCertificates} from "./IRecyclingCertificates.sol";
import {Recycled, RecyclingIds} from "./RecyclingIds.sol";

/// @title RecyclingCertificates
/// @notice Certificates of recycled mass, one unit a gram. See {IRecyclingCertificates}.
/// @dev Trust:
/// - The lots are believed: what a facility says it recycled is bounded by what was weighed when it came and by what its
///   licence lets it lose and recycle, and nothing whose trace is broken counts.
/// - WASTE_LICENSING says who may issue and within how many days after a month. It can give time back by another licence, and
///   take the right to issue by ending one, so issue soon. It cannot touch what is issued.
/// - Each key of a facility's crew, while the facility's licence runs, issues to whom it likes.
/// - Nobody can pause, move, take back or make certificates by any right of office, and nothing can be upgraded.
contract RecyclingCertificates is IRecyclingCertificates, ERC1155 {
    /// @dev What was issued and retired of an id. One slot.
    struct Supplies {
        /// @dev Grams, at most what was recycled.
        uint64 issued;
        /// @dev Grams, at most what was issued.
        uint64 retired;
    }

    /// @inheritdoc IRecyclingCertificates
    IWasteLots public immutable lots;
    /// @inheritdoc IRecyclingCertificates
    IWasteOperators public immutable operators;

    mapping(uint256 id => Supplies supplies) private _supplies;

    /// @param lots_ Whose record of recycled mass counts.
    /// @param uri_ Address of the metadata of an id, with `{id}` in its place, see ERC-1155.
    constructor(IWasteLots lots_, string memory uri_) ERC1155(uri_) {
        lots = lots_;
        operators = lots_.operators();
    }

    // --- issuing

    /// @inheritdoc IRecyclingCertificates
    function issue(uint256 id, address to, uint64 grams) external {
        if (grams == 0) revert RecyclingCertificatesZeroMass();
        Recycled memory recycled = RecyclingIds.decode(id);
        (uint32 facility, FacilityTerms memory terms) = operators.facilityBy(msg.sender);
        if (facility != recycled.facility) revert RecyclingCertificatesNotFacility(recycled.facility, msg.sender);
        _requireInTime(recycled.month, terms.balanceDays);
        uint64 issued = _supplies[id].issued;
        // Recycled mass only ever grows, and no more than it was issued.
        uint64 left = lots.recycledOf(facility, recycled.code, recycled.op, recycled.month) - issued;
        if (grams > left) revert RecyclingCertificatesExceedsRecycled(left, grams);
        _supplies[id].issued = issued + grams;
        emit CertificatesIssued(id, facility, to, grams);
        _mint(to, id, grams, "");
    }

    // --- retiring

    /// @inheritdoc IRecyclingCertificates
    function retire(address account, uint256 id, uint256 grams, bytes32 beneficiaryHash, bytes32 purpose) external {
        if (msg.sender != account && !isApprovedForAll(account, msg.sender)) {
            revert RecyclingCertificatesNotAllowed(account, msg.sender);
        }
        if (grams == 0) revert RecyclingCertificatesZeroMass();
        // Burning calls nobody, and sees to it that no more is retired than was issued, which fits.
        _burn(account, id, grams);
        _supplies[id].retired += uint64(grams);
        emit CertificatesRetired(account, id, grams, beneficiaryHash, purpose);
    }

    // --- views

    /// @inheritdoc IRecyclingCertificates
    function suppliesOf(uint256 id) external view returns (uint64 issuedGrams, uint64 retiredGrams) {
        return (_supplies[id].issued, _supplies[id].retired);
    }

    /// @inheritdoc IRecyclingCertificates
    function idOf(Recycled calldata recycled) external pure returns (uint256 id) {
        id = RecyclingIds.encode(recycled);
        RecyclingIds.decode(id);
    }

    /// @inheritdoc IRecyclingCertificates
    function recycledBy(uint256 id) external pure returns (Recycled memory recycled) {
        return RecyclingIds.decode(id);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) public view override(ERC1155, IERC165) returns (bool supported) {
        return interfaceId == type(IRecyclingCertificates).interfaceId || super.supportsInterface(interfaceId);
    }

    // --- internals

    /// @dev The balance period of ISO 22095 is over so many days after the month.
    function _requireInTime(uint16 month, uint16 balanceDays) private view {
        if (balanceDays == 0) return;
        uint256 lastAt = Months.startOf(uint256(month) + 1) + uint256(balanceDays) * 1 days - 1;
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp > lastAt) revert RecyclingCertificatesPeriodOver(month, lastAt, block.timestamp);
    }
}
