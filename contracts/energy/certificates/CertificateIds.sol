// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EnergySource} from "../registry/IEnergyRegistry.sol";

/// @notice What the id of a certificate says of the energy behind it.
struct Certificate {
    /// @dev Interval in which it was fed in: unix time / length of an interval.
    uint32 interval;
    /// @dev Meter behind which it was made, or stored. Its upper bits are the feeder.
    uint32 meter;
    /// @dev Where the energy came from in the first place; never None.
    EnergySource source;
    /// @dev Whether it went through a battery; interval and meter are then those of its discharge.
    bool stored;
    /// @dev Area whose body issues, so that two districts never share an id.
    uint16 domain;
}

/// @title CertificateIds
/// @notice Writes and reads ids of certificates. From the highest bit down:
/// interval 32 | meter 32 | source 8 | stored 8 | domain 16 | zeros 160.
library CertificateIds {
    uint256 private constant INTERVAL_SHIFT = 224;
    uint256 private constant METER_SHIFT = 192;
    uint256 private constant SOURCE_SHIFT = 184;
    uint256 private constant STORED_SHIFT = 176;
    uint256 private constant DOMAIN_SHIFT = 160;
    uint256 private constant SOURCE_MASK = 0xff;

    /// @notice The number is no id of a certificate.
    /// @param id Id given.
    error CertificateIdsMalformed(uint256 id);

    /// @notice The id of a certificate.
    /// @param certificate What it is to say.
    /// @return id The id.
    function encode(Certificate memory certificate) internal pure returns (uint256 id) {
        return
            (uint256(certificate.interval) << INTERVAL_SHIFT) |
            (uint256(certificate.meter) << METER_SHIFT) |
            (uint256(certificate.source) << SOURCE_SHIFT) |
            (certificate.stored ? 1 << STORED_SHIFT : 0) |
            (uint256(certificate.domain) << DOMAIN_SHIFT);
    }

    /// @notice What an id says. Reverts with {CertificateIdsMalformed} if {encode} could not have written it, or if it
    /// names no source.
    /// @param id The number.
    /// @return certificate What the id says.
    function decode(uint256 id) internal pure returns (Certificate memory certificate) {
        uint256 source = (id >> SOURCE_SHIFT) & SOURCE_MASK;
        if (source == uint256(EnergySource.None) || source > uint256(type(EnergySource).max)) {
            revert CertificateIdsMalformed(id);
        }
        // Each cast keeps the field's own bits.
        certificate = Certificate({
            interval: uint32(id >> INTERVAL_SHIFT),
            meter: uint32(id >> METER_SHIFT),
            source: EnergySource(source),
            stored: (id >> STORED_SHIFT) & 1 == 1,
            domain: uint16(id >> DOMAIN_SHIFT)
        });
        if (encode(certificate) != id) revert CertificateIdsMalformed(id);
    }
}
