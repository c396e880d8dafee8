// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Certificate, CertificateIds} from "../../../../contracts/energy/certificates/CertificateIds.sol";
import {EnergySource} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

contract CertificateIdsTest is CivitasTest {
    function decode(uint256 id) external pure returns (Certificate memory certificate) {
        return CertificateIds.decode(id);
    }

    // encode
    // ├── every field stands where the layout says
    // └── different certificates have different ids: decode gives back what was encoded

    function test_EveryFieldHasItsBits() external pure {
        Certificate memory certificate = Certificate({
            interval: 0x01020304,
            meter: 0x05060708,
            source: EnergySource.Wind,
            stored: true,
            domain: 0x090a
        });
        uint256 id = CertificateIds.encode(certificate);
        assertEq(id, 0x0102030405060708_02_01_090a << 160, "id");
    }

    function testFuzz_WhatWasEncodedIsDecoded(
        uint32 interval,
        uint32 meter,
        uint8 source,
        bool stored,
        uint16 domain
    ) external pure {
        Certificate memory certificate = Certificate({
            interval: interval,
            meter: meter,
            source: EnergySource(bound(source, 1, uint256(type(EnergySource).max))),
            stored: stored,
            domain: domain
        });
        Certificate memory decoded = CertificateIds.decode(CertificateIds.encode(certificate));
        assertEq(keccak256(abi.encode(decoded)), keccak256(abi.encode(certificate)), "decoded");
    }

    // decode
    // ├── no source: refused
    // ├── a source there is not: refused
    // ├── a storage flag other than 0 and 1: refused
    // ├── anything in the bits below: refused
    // └── else: read

    function test_RevertWhen_IdNamesNoSource() external {
        _refuses(uint256(1) << 224);
    }

    function test_RevertWhen_SourceIsUnknown() external {
        uint256 last = uint256(type(EnergySource).max) << 184;
        assertTrue(this.decode(last).source == EnergySource.Other, "last source");
        _refuses(last + (uint256(1) << 184));
    }

    function test_RevertWhen_StorageFlagIsNone() external {
        _refuses((uint256(1) << 184) | (uint256(2) << 176));
    }

    function testFuzz_RevertWhen_LowerBitsAreSet(uint256 noise) external {
        _refuses((uint256(1) << 184) | bound(noise, 1, type(uint160).max));
    }

    function _refuses(uint256 id) private {
        vm.expectRevert(abi.encodeWithSelector(CertificateIds.CertificateIdsMalformed.selector, id));
        this.decode(id);
    }
}
