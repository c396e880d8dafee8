// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

import {PackData, Status} from "../../../contracts/batteries/IBatteryPack.sol";
import {BatteryPackFixture} from "../batteries/BatteryPackFixture.sol";
import {ERC4906Conformance} from "./ERC4906Conformance.sol";
import {ERC4907Conformance} from "./ERC4907Conformance.sol";
import {ERC5192Conformance} from "./ERC5192Conformance.sol";
import {ERC721Conformance} from "./ERC721Conformance.sol";

/// @notice ERC-721 with metadata, ERC-4906, ERC-4907 and ERC-5192. Restrictions, by design: while a pack is leased its book
/// alone sets its user, and a sale leaves the user in its place; a pack whose passport ended is locked for ever. Where there
/// is no user, its last second is told and kept as zero, whatever was given.
contract BatteryPackConformance is
    BatteryPackFixture,
    ERC721Conformance,
    ERC4906Conformance,
    ERC4907Conformance,
    ERC5192Conformance
{
    uint256 private _count;

    function token721() internal view override returns (IERC721 token) {
        return pack;
    }

    function mint721(address account) internal override returns (uint256 id) {
        return registerPack(vm.toString(++_count), account);
    }

    function unknown721() internal pure override returns (uint256 id) {
        return 1;
    }

    function claimed165() internal pure override returns (bytes4[] memory ids) {
        ids = new bytes4[](5);
        (ids[0], ids[1]) = (ERC721_ID, ERC721_METADATA_ID);
        (ids[2], ids[3], ids[4]) = (ERC4906_ID, ERC4907_ID, ERC5192_ID);
    }

    /// @dev Its refitter makes another pack of it.
    function lock5192(uint256 id) internal override {
        vm.prank(HOLDER);
        pack.setApprovalForAll(refitter, true);
        uint256[] memory ids = new uint256[](1);
        ids[0] = id;
        PackData memory data = packData("successor");
        vm.prank(refitter);
        pack.repurpose(ids, HOLDER, data, Status.Repurposed);
    }

    function change4906(uint256 id) internal override {
        vm.prank(HOLDER);
        pack.markWaste(id);
    }
}
