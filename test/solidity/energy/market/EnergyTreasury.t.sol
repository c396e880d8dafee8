// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountSlot, AccountSlots} from "../../../../contracts/energy/market/AccountSlots.sol";
import {EnergyLedger} from "../../../../contracts/energy/market/EnergyLedger.sol";
import {EnergyTreasury} from "../../../../contracts/energy/market/EnergyTreasury.sol";
import {IEnergyMarket} from "../../../../contracts/energy/market/IEnergyMarket.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

/// credit: no debt; debt above the amount, equal, below; nothing to an indebted account
/// charge: covered; in part, with debt from before or not; debt beyond any real one
/// owe: covered; in part, with a claim from before or not
/// countIn, countOut: in bounds; above the limit
contract EnergyTreasuryTest is CivitasTest {
    uint32 private constant ACCOUNT = 0x0107;
    uint32 private constant INTERVAL = 9;

    EnergyLedger private ledger;

    function testFuzz_CreditPaysDebtFirst(uint64 debt, uint56 amount) external {
        debt = uint64(bound(debt, 1, type(uint56).max));
        AccountSlot slot = _owing(debt);
        (AccountSlot changed, uint256 repaid) = EnergyTreasury.credit(ledger, ACCOUNT, slot, amount);
        assertEq(repaid, amount < debt ? amount : debt, "repaid");
        assertEq(ledger.details[ACCOUNT].debt, debt - repaid, "debt");
        assertEq(changed.free(), amount - repaid, "free");
        assertTrue(changed.has(AccountSlots.INDEBTED) == (repaid < debt), "flag");
        assertTrue(changed.isOpen(), "open");
    }

    function test_CreditWithoutDebtIsFree() external {
        (AccountSlot changed, uint256 repaid) = EnergyTreasury.credit(ledger, ACCOUNT, _free(5), 7);
        assertEq(changed.free(), 12, "free");
        assertEq(repaid, 0, "repaid");
    }

    function test_CreditingNothingSaysNothing() external {
        vm.recordLogs();
        (AccountSlot changed, uint256 repaid) = EnergyTreasury.credit(ledger, ACCOUNT, _owing(5), 0);
        assertEq(repaid, 0, "repaid");
        assertTrue(changed.has(AccountSlots.INDEBTED), "flag");
        assertEq(vm.getRecordedLogs().length, 0, "events");
    }

    function testFuzz_ChargeTakesWhatIsThere(uint56 free, uint64 amount, uint64 debt) external {
        debt = uint64(bound(debt, 0, type(uint56).max));
        amount = uint64(bound(amount, 0, type(uint56).max));
        ledger.details[ACCOUNT].debt = debt;
        AccountSlot slot = _free(free).withFlag(AccountSlots.INDEBTED, debt != 0);
        (AccountSlot changed, uint256 unpaid) = EnergyTreasury.charge(ledger, ACCOUNT, INTERVAL, slot, amount);
        assertEq(unpaid, amount > free ? amount - free : 0, "unpaid");
        assertEq(changed.free(), amount > free ? 0 : free - amount, "free");
        assertEq(ledger.details[ACCOUNT].debt, debt + unpaid, "debt");
        assertTrue(changed.has(AccountSlots.INDEBTED) == (debt + unpaid != 0), "flag");
    }

    function test_ADebtIsTold() external {
        vm.expectEmit();
        emit IEnergyMarket.DebtIncurred(ACCOUNT, INTERVAL, 3);
        EnergyTreasury.charge(ledger, ACCOUNT, INTERVAL, _free(4), 7);
        vm.expectEmit();
        emit IEnergyMarket.DebtPaid(ACCOUNT, 2, 1);
        EnergyTreasury.credit(ledger, ACCOUNT, _free(0).withFlag(AccountSlots.INDEBTED, true), 2);
    }

    function test_ADebtBeyondAnyRealOneStopsNothing() external {
        ledger.details[ACCOUNT].debt = type(uint64).max - 1;
        EnergyTreasury.charge(ledger, ACCOUNT, INTERVAL, _free(0), 2);
        assertEq(ledger.details[ACCOUNT].debt, type(uint64).max, "debt");
    }

    function testFuzz_TheSupplierOwesWhatItCannotPay(uint64 balance, uint64 amount, uint64 claim) external {
        balance = uint64(bound(balance, 0, type(uint56).max));
        amount = uint64(bound(amount, 0, type(uint56).max));
        claim = uint64(bound(claim, 0, type(uint56).max));
        ledger.details[ACCOUNT].claim = claim;
        uint256 paid = EnergyTreasury.owe(ledger, ACCOUNT, INTERVAL, balance, amount);
        assertEq(paid, amount < balance ? amount : balance, "paid");
        assertEq(ledger.details[ACCOUNT].claim, claim + amount - paid, "claim");
    }

    function test_AClaimIsTold() external {
        vm.expectEmit();
        emit IEnergyMarket.ClaimBooked(ACCOUNT, INTERVAL, 3);
        EnergyTreasury.owe(ledger, ACCOUNT, INTERVAL, 4, 7);
    }

    function test_ACreditThatIsStoredReachesTheSupplier() external {
        ledger.accounts[ACCOUNT] = _owing(5);
        EnergyTreasury.creditStored(ledger, ACCOUNT, 8);
        assertEq(ledger.accounts[ACCOUNT].free(), 3, "free");
        assertEq(ledger.treasury.supplier, 5, "supplier");
        EnergyTreasury.creditStored(ledger, ACCOUNT, 1);
        assertEq(ledger.accounts[ACCOUNT].free(), 4, "free");
        assertEq(ledger.treasury.supplier, 5, "supplier");
    }

    function test_TheLeastCreditReachesTheSupplierToo() external {
        ledger.accounts[ACCOUNT] = _owing(5);
        EnergyTreasury.creditStored(ledger, ACCOUNT, 1);
        assertEq(ledger.accounts[ACCOUNT].free(), 0, "free");
        assertEq(ledger.treasury.supplier, 1, "supplier");
    }

    function test_WhatIsHeldIsCounted() external {
        EnergyTreasury.countIn(ledger, AccountSlots.MAX_FREE);
        assertEq(ledger.treasury.held, AccountSlots.MAX_FREE, "in");
        EnergyTreasury.countOut(ledger, 5);
        assertEq(ledger.treasury.held, AccountSlots.MAX_FREE - 5, "out");
        EnergyTreasury.countIn(ledger, 5);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEnergyMarket.EnergyMarketFull.selector,
                AccountSlots.MAX_FREE,
                AccountSlots.MAX_FREE
            )
        );
        this.countIn(1);
    }

    /// @dev For a revert of its own.
    function countIn(uint256 amount) external {
        EnergyTreasury.countIn(ledger, amount);
    }

    function _free(uint256 amount) private pure returns (AccountSlot slot) {
        return AccountSlot.wrap(0).withSigner(address(1)).withFree(amount);
    }

    function _owing(uint64 debt) private returns (AccountSlot slot) {
        ledger.details[ACCOUNT].debt = debt;
        return _free(0).withFlag(AccountSlots.INDEBTED, true);
    }
}
