// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {PaymentAuthorization} from "../finance/Payments.sol";
import {EnergyLedger, MarketFrame} from "./EnergyLedger.sol";
import {Delegate, MarketSettings, StandingOrder} from "./IEnergyMarket.sol";
import {IEnergyRegistry} from "./IEnergyRegistry.sol";

/// @title EnergyAccounts
/// @notice Accounts of the market: who they belong to, who signs for them, and money in and out.
library EnergyAccounts {
    function checkSettings(MarketSettings memory settings, uint32 intervalLength, uint32 horizon) external pure {
        revert();
    }

    function ringFor(uint32 intervalLength, uint32 horizon, uint32 longStop) external pure returns (uint32 ring) {
        revert();
    }

    function open(EnergyLedger storage ledger, IEnergyRegistry registry, uint32 account, address signer) external {
        revert();
    }

    function refresh(EnergyLedger storage ledger, IEnergyRegistry registry, uint32 account) external {
        revert();
    }

    function setSigner(EnergyLedger storage ledger, uint32 account, address signer) external {
        revert();
    }

    function bumpEpoch(EnergyLedger storage ledger, uint32 account) external {
        revert();
    }

    function setDelegate(
        EnergyLedger storage ledger,
        uint32 account,
        address key,
        Delegate calldata delegate
    ) external {
        revert();
    }

    function placeStandingOrder(EnergyLedger storage ledger, StandingOrder calldata order, uint32 current) external {
        revert();
    }

    function deposit(
        EnergyLedger storage ledger,
        IERC20 token,
        uint64 moneyUnit,
        uint32 account,
        uint256 amount
    ) external {
        revert();
    }

    function depositAuthorized(
        EnergyLedger storage ledger,
        IERC20 token,
        uint64 moneyUnit,
        uint32 account,
        address from,
        uint256 amount,
        bytes32 nonce,
        PaymentAuthorization calldata authorization
    ) external {
        revert();
    }

    function withdraw(
        EnergyLedger storage ledger,
        IERC20 token,
        uint64 moneyUnit,
        uint32 account,
        uint256 amount,
        address to
    ) external {
        revert();
    }

    function payClaim(EnergyLedger storage ledger, uint32 account) external returns (uint256 paid) {
        revert();
    }

    function topUpSupplier(EnergyLedger storage ledger, IERC20 token, uint64 moneyUnit, uint256 amount) external {
        revert();
    }

    function withdrawSupplier(
        EnergyLedger storage ledger,
        IERC20 token,
        uint64 moneyUnit,
        uint64 supplierFloor,
        uint256 amount,
        address to
    ) external {
        revert();
    }

    function withdrawGridFees(
        EnergyLedger storage ledger,
        IERC20 token,
        uint64 moneyUnit,
        address to
    ) external returns (uint256 amount) {
        revert();
    }

    function withdrawPot(
        EnergyLedger storage ledger,
        IERC20 token,
        uint64 moneyUnit,
        address to
    ) external returns (uint256 amount) {
        revert();
    }

    function withdrawFormer(
        EnergyLedger storage ledger,
        IERC20 token,
        uint64 moneyUnit,
        address to
    ) external returns (uint256 amount) {
        revert();
    }

    function payFormerDebt(
        EnergyLedger storage ledger,
        IERC20 token,
        uint64 moneyUnit,
        address owner,
        uint256 amount
    ) external {
        revert();
    }
}
