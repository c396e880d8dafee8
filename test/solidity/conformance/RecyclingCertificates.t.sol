// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";

import {IRecyclingCertificates} from "../../../contracts/waste/certificates/IRecyclingCertificates.sol";
import {RecyclingCertificates} from "../../../contracts/waste/certificates/RecyclingCertificates.sol";
import {Recycled, RecyclingIds} from "../../../contracts/waste/certificates/RecyclingIds.sol";
import {IWasteLots} from "../../../contracts/waste/lots/IWasteLots.sol";
import {RecycledBook} from "../waste/certificates/RecycledBook.sol";
import {WasteFixture} from "../waste/WasteFixture.sol";
import {ERC1155Conformance} from "./ERC1155Conformance.sol";

/// @notice ERC-1155 with metadata. Nothing of it is restricted.
contract RecyclingCertificatesConformance is WasteFixture, ERC1155Conformance {
    uint8 private constant R3 = 3;
    /// @dev January 2026, which begins with the fixture's first second.
    uint16 private constant MONTH = 672;
    uint64 private constant GRAMS = 1_000;

    RecycledBook private _book;
    RecyclingCertificates private _certificates;
    uint16 private _count;

    function setUp() public override {
        super.setUp();
        _book = new RecycledBook(operators);
        _certificates = new RecyclingCertificates(IWasteLots(address(_book)), "https://civitas.example/{id}");
    }

    function token1155() internal view override returns (IERC1155 token) {
        return _certificates;
    }

    /// @dev Of a further month.
    function mint1155(address account) internal override returns (uint256 id, uint256 amount) {
        uint16 month = MONTH + _count++;
        _book.add(FACILITY, PLASTIC, R3, month, GRAMS);
        id = RecyclingIds.encode(Recycled(PLASTIC, R3, FACILITY, month));
        vm.prank(facilityCrew);
        _certificates.issue(id, account, GRAMS);
        return (id, GRAMS);
    }

    function claimed165() internal pure override returns (bytes4[] memory ids) {
        ids = new bytes4[](3);
        (ids[0], ids[1], ids[2]) = (ERC1155_ID, ERC1155_METADATA_ID, type(IRecyclingCertificates).interfaceId);
    }
}
