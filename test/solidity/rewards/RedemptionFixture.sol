// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {Signature} from "../../../contracts/authority/ISigned.sol";
import {CityEuro} from "../../../contracts/finance/CityEuro.sol";
import {EcoToken} from "../../../contracts/rewards/EcoToken.sol";
import {EcoRights} from "../../../contracts/rewards/IEcoToken.sol";
import {Item, RedemptionSettings} from "../../../contracts/rewards/IRedemption.sol";
import {Redemption} from "../../../contracts/rewards/Redemption.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

/// @notice A shop, a rival, people with tokens, and a pool. The test itself has every office.
abstract contract RedemptionFixture is CivitasTest {
    uint16 internal constant FEE_BP = 150;
    /// @dev The city is two hours ahead of UTC.
    int32 internal constant CLOCK_OFFSET = 2 hours;
    uint64 internal constant PRICE = 50_000_000;
    uint64 internal constant FACE = 3_000_000;
    uint32 internal constant LIFETIME = 30 days;

    AccessManager internal manager;
    CityEuro internal euro;
    EcoToken internal eco;
    Redemption internal redemption;

    address internal feeAccount = address(0xfee);
    address internal relayer = address(0x4e1a);
    address internal holder;
    uint256 internal holderKey;
    address internal neighbour;
    uint256 internal neighbourKey;
    address internal shop;
    uint256 internal shopKey;
    address internal rival;
    uint256 internal rivalKey;

    /// @dev Everything but money.
    function build() internal {
        vm.warp(EPOCH);
        manager = new AccessManager(address(this));
        euro = new CityEuro(address(manager));
        eco = new EcoToken(address(manager), false);
        redemption = new Redemption(address(manager), euro, eco, settings());
        eco.setRights(address(redemption), EcoRights.MINT | EcoRights.BURN);
        eco.setRights(address(this), EcoRights.MINT);
        (holder, holderKey) = actor("holder");
        (neighbour, neighbourKey) = actor("neighbour");
        (shop, shopKey) = actor("shop");
        (rival, rivalKey) = actor("rival");
    }

    function settings() internal view returns (RedemptionSettings memory fixedOnes) {
        return RedemptionSettings({feeBp: FEE_BP, feeAccount: feeAccount, clockOffset: CLOCK_OFFSET});
    }

    /// @dev An item of the shop that can be had from now on for a year.
    function itemWith(uint32 stock) internal view returns (Item memory item) {
        return
            Item({
                merchant: shop,
                stock: stock,
                fromTime: uint32(block.timestamp),
                toTime: uint32(block.timestamp + 365 days),
                price: PRICE,
                faceValue: FACE,
                lifetime: LIFETIME,
                perMonth: 0,
                active: true
            });
    }

    function fund(uint256 amount) internal {
        euro.mint(address(this), amount);
        euro.approve(address(redemption), amount);
        redemption.fundPool(amount);
    }

    function redeemAs(address buyer, uint32 itemId) internal returns (uint256 voucherId) {
        vm.prank(buyer);
        return redemption.redeem(itemId, type(uint64).max);
    }

    function consumeAs(address merchant, uint256 voucherId, uint256 nonce) internal {
        Signature memory signature = signUse(holderKey, voucherId, merchant, nonce, block.timestamp);
        vm.prank(merchant);
        redemption.consume(voucherId, nonce, block.timestamp, signature);
    }

    // --- messages

    function signRedeem(
        uint256 key,
        uint32 itemId,
        uint64 maxPrice,
        address buyer,
        uint256 nonce,
        uint256 deadline
    ) internal view returns (Signature memory signature) {
        bytes32 kind = keccak256("Redeem(uint32 itemId,uint64 maxPrice,address holder,uint256 nonce,uint256 deadline)");
        return sign(key, keccak256(abi.encode(kind, itemId, maxPrice, buyer, nonce, deadline)));
    }

    function signUse(
        uint256 key,
        uint256 voucherId,
        address merchant,
        uint256 nonce,
        uint256 deadline
    ) internal view returns (Signature memory signature) {
        return sign(key, useHash(voucherId, merchant, nonce, deadline));
    }

    function signRefund(
        uint256 key,
        uint256 voucherId,
        uint256 nonce,
        uint256 deadline
    ) internal view returns (Signature memory signature) {
        bytes32 kind = keccak256("VoucherRefund(uint256 voucherId,uint256 nonce,uint256 deadline)");
        return sign(key, keccak256(abi.encode(kind, voucherId, nonce, deadline)));
    }

    function signSettlement(
        uint256 key,
        address account,
        address to,
        uint256 nonce,
        uint256 deadline
    ) internal view returns (Signature memory signature) {
        bytes32 kind = keccak256("MerchantSettlement(address account,address to,uint256 nonce,uint256 deadline)");
        return sign(key, keccak256(abi.encode(kind, account, to, nonce, deadline)));
    }

    function sign(uint256 key, bytes32 structHash) internal view returns (Signature memory signature) {
        return signTyped(key, domain(), structHash);
    }

    function digestOf(bytes32 structHash) internal view returns (bytes32 digest) {
        return keccak256(abi.encodePacked(hex"1901", domain(), structHash));
    }

    function domain() internal view returns (bytes32 separator) {
        return domainOf("Civitas Redemption", address(redemption));
    }

    function useHash(
        uint256 voucherId,
        address merchant,
        uint256 nonce,
        uint256 deadline
    ) internal pure returns (bytes32 hash) {
        bytes32 kind = keccak256("Use(uint256 voucherId,address merchant,uint256 nonce,uint256 deadline)");
        return keccak256(abi.encode(kind, voucherId, merchant, nonce, deadline));
    }
}
