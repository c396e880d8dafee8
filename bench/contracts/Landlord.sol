// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC1155Holder} from "@openzeppelin/contracts/token/ERC1155/utils/ERC1155Holder.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Signature} from "civitas/contracts/authority/ISigned.sol";
import {IEnergyMarket, StandingOrder, Step} from "civitas/contracts/energy/market/IEnergyMarket.sol";
import {IEnergyRegistry, Meter} from "civitas/contracts/energy/registry/IEnergyRegistry.sol";

/// @title Landlord
/// @notice Owner of all meters of a district, so that thousands are registered, opened and paid into in few transactions.
contract Landlord is ERC1155Holder {
    IEnergyRegistry private immutable REGISTRY;
    IEnergyMarket private immutable MARKET;

    /// @param market Market in which the meters trade; it may take all tokens that the landlord has.
    constructor(IEnergyMarket market) {
        MARKET = market;
        REGISTRY = market.registry();
        market.token().approve(address(market), type(uint256).max);
    }

    /// @notice Registers meters that differ only in their keys.
    /// @param feeder Feeder.
    /// @param meter What they have in common.
    /// @param keys Their keys.
    function register(uint16 feeder, Meter calldata meter, address[] calldata keys) external {
        Meter memory next = meter;
        for (uint256 i = 0; i < keys.length; ++i) {
            next.key = keys[i];
            REGISTRY.registerMeter(feeder, address(this), next);
        }
    }

    /// @notice Opens accounts, and pays into each.
    /// @param first Number of the first.
    /// @param count How many, side by side.
    /// @param signer Key that signs orders.
    /// @param amount Token units for each.
    function open(uint32 first, uint32 count, address signer, uint256 amount) external {
        for (uint32 account = first; account < first + count; ++account) {
            MARKET.openAccount(account, signer, 0, 0, Signature("", ""));
            MARKET.deposit(account, amount);
        }
    }

    /// @notice Posts one order for each of several accounts.
    /// @param interval Interval.
    /// @param accounts Accounts.
    /// @param flags Flags of each.
    /// @param steps Steps of each.
    function post(
        uint32 interval,
        uint32[] calldata accounts,
        uint8[] calldata flags,
        Step[][] calldata steps
    ) external {
        for (uint256 i = 0; i < accounts.length; ++i) MARKET.postOrder(interval, accounts[i], flags[i], steps[i]);
    }

    /// @notice Places standing orders.
    /// @param orders Orders.
    function place(StandingOrder[] calldata orders) external {
        for (uint256 i = 0; i < orders.length; ++i) MARKET.placeStandingOrder(orders[i], 0, 0, Signature("", ""));
    }
}
