// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";

import {Certificate, CertificateIds} from "../../../contracts/energy/certificates/CertificateIds.sol";
import {EnergyCertificates} from "../../../contracts/energy/certificates/EnergyCertificates.sol";
import {IEnergyCertificates} from "../../../contracts/energy/certificates/IEnergyCertificates.sol";
import {EnergySource, MeterClass, MeterStatus} from "../../../contracts/energy/registry/IEnergyRegistry.sol";
import {DayFixture} from "../energy/readings/DayFixture.sol";
import {ERC1155Conformance} from "./ERC1155Conformance.sol";

/// @notice ERC-1155 with metadata. Nothing of it is restricted.
contract EnergyCertificatesConformance is DayFixture, ERC1155Conformance {
    uint256 private constant WH = 500;

    EnergyCertificates private _certificates;
    mapping(address owner => uint32 meter) private _meters;
    uint32 private _interval;

    function setUp() external {
        buildGrid();
        _meters[HOLDER] = addMeter(HOLDER, MeterClass.Connection, EnergySource.Solar, MeterStatus.Trading);
        _meters[RECEIVER] = addMeter(RECEIVER, MeterClass.Connection, EnergySource.Wind, MeterStatus.Trading);
        for (uint32 n = 0; n < 2; ++n) {
            measured[_meters[HOLDER]][FIRST + n] = -int32(uint32(WH));
            measured[_meters[RECEIVER]][FIRST + n] = -int32(uint32(WH));
        }
        _certificates = new EnergyCertificates(readings, "https://civitas.example/{id}", 49, 9_000);
        finish(DAY);
    }

    function token1155() internal view override returns (IERC1155 token) {
        return _certificates;
    }

    /// @dev Of a further interval of the account's meter.
    function mint1155(address account) internal override returns (uint256 id, uint256 amount) {
        uint32 meter = _meters[account];
        uint256 n = _interval++;
        _certificates.issue(meter, DAY, columnOf(meter, DAY), columnProof(meter, DAY), 1 << n);
        Certificate memory certificate = Certificate({
            interval: FIRST + uint32(n), // at most one
            meter: meter,
            source: account == HOLDER ? EnergySource.Solar : EnergySource.Wind,
            stored: false,
            domain: 49
        });
        return (CertificateIds.encode(certificate), WH);
    }

    function claimed165() internal pure override returns (bytes4[] memory ids) {
        ids = new bytes4[](3);
        (ids[0], ids[1], ids[2]) = (ERC1155_ID, ERC1155_METADATA_ID, type(IEnergyCertificates).interfaceId);
    }
}
