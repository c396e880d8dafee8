// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ICredentials, Standing} from "./ICredentials.sol";
import {Kind, Mandate, MandateWord} from "./CredentialStorage.sol";

/// @title AccreditationChain
/// @notice Who may accredit whom for one type, and whether an accreditation and all those above it are good.
/// @dev Every function is given the accreditations of one type. The depth falls with every step up as long as the epochs
/// agree: within an epoch an issuer is only accredited again by the one above it, or by the authority at depth 1. So a
/// walk takes at most {MAX_DEPTH} steps and there are no rings. At depth 1 the accreditor is the office of the authority,
/// whoever holds it. Errors are documented at {ICredentials}.
library AccreditationChain {
    uint256 internal constant MAX_DEPTH = 4;

    /// @notice How an accreditation stands, with all those above it.
    /// @param mandates Accreditations of the type.
    /// @param mandate The accreditation. Not none.
    /// @return standing {Standing-Current}, {Standing-IssuerWithdrawn} or {Standing-IssuerLapsed}.
    function standingOf(
        mapping(address issuer => Mandate mandate) storage mandates,
        Mandate mandate
    ) internal view returns (Standing standing) {
        standing = Standing.Current;
        while (true) {
            if (mandate.isWithdrawn()) return Standing.IssuerWithdrawn;
            // solhint-disable-next-line not-rely-on-time
            if (mandate.until() < block.timestamp) standing = Standing.IssuerLapsed;
            if (mandate.depth() == 1) return standing;
            Mandate above = mandates[mandate.accreditor()];
            if (above.epoch() != mandate.accreditorEpoch()) return Standing.IssuerWithdrawn;
            // The right to accredit can be given back, so what hangs on it waits as under a lapsed accreditation.
            if (!above.mayAccredit()) standing = Standing.IssuerLapsed;
            mandate = above;
        }
    }

    /// @notice Accreditation that replaces the one that stands.
    /// @param mandates Accreditations of the type.
    /// @param kind The type.
    /// @param typeId Its id.
    /// @param accreditor Identity of who accredits.
    /// @param issuer Identity of who is accredited.
    /// @param until Last Unix time at which it is good.
    /// @param mayAccredit Whether the issuer may accredit others.
    /// @return mandate The accreditation.
    function next(
        mapping(address issuer => Mandate mandate) storage mandates,
        Kind kind,
        bytes32 typeId,
        address accreditor,
        address issuer,
        uint40 until,
        bool mayAccredit
    ) internal view returns (Mandate mandate) {
        uint8 depth = 1;
        uint16 accreditorEpoch = 0;
        if (accreditor != kind.authority()) {
            Mandate own = mandates[accreditor];
            if (!own.mayAccredit() || standingOf(mandates, own) != Standing.Current) {
                revert ICredentials.CredentialsMayNotAccredit(typeId, accreditor);
            }
            if (own.depth() == MAX_DEPTH) {
                revert ICredentials.CredentialsChainTooLong(typeId, MAX_DEPTH + 1, MAX_DEPTH);
            }
            depth = own.depth() + 1;
            accreditorEpoch = own.epoch();
        }
        uint16 epoch = _nextEpoch(mandates, kind, typeId, accreditor, issuer);
        return MandateWord.encode(kind, accreditor, until, epoch, accreditorEpoch, depth, mayAccredit);
    }

    /// @notice Identity whose accreditation it is.
    /// @param mandate The accreditation.
    /// @param kind The type.
    /// @return holder The accreditor; at depth 1 the present authority. Zero: never accredited.
    function holderOf(Mandate mandate, Kind kind) internal pure returns (address holder) {
        return mandate.depth() == 1 ? kind.authority() : mandate.accreditor();
    }

    /// @dev The same epoch for a change or a renewal, which only the one above and the authority may make: else an
    /// accreditor beside them could void what an issuer said while its renewal is late. A new one after a withdrawal, so
    /// that what the issuer said before stays void.
    function _nextEpoch(
        mapping(address issuer => Mandate mandate) storage mandates,
        Kind kind,
        bytes32 typeId,
        address accreditor,
        address issuer
    ) private view returns (uint16 epoch) {
        Mandate prior = mandates[issuer];
        if (prior.isNone()) return 0;
        epoch = prior.epoch();
        if (standingOf(mandates, prior) == Standing.IssuerWithdrawn) {
            if (epoch == type(uint16).max) revert ICredentials.CredentialsTooManyWithdrawals(typeId, issuer);
            return epoch + 1;
        }
        address holder = holderOf(prior, kind);
        if (accreditor != holder && accreditor != kind.authority()) {
            revert ICredentials.CredentialsAccreditedByAnother(typeId, issuer, holder);
        }
    }
}
