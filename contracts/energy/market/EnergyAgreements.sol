// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccountSlot, AccountSlots} from "./AccountSlots.sol";
import {AgreementTenures, EnergyLedger, IntervalRecord, LedgerKeys, MarketFrame} from "./EnergyLedger.sol";
import {Agreement, IEnergyMarket, OrderFault, Position} from "./IEnergyMarket.sol";
import {OrderOpening, Posting} from "./OrderOpening.sol";

/// @notice What an agreement comes to for one of its accounts in an interval. In memory.
struct Part {
    uint32 account;
    bool sells;
    /// @dev Energy, Wh.
    uint256 wh;
    /// @dev Money units: price, grid fee of the buyer, and what is held until settlement.
    uint256 trade;
    uint256 fee;
    uint256 lock;
    /// @dev Key of the account's word of {EnergyLedger-posted}, and where in it its sides are.
    uint256 key;
    uint256 shift;
}

/// @title EnergyAgreements
/// @notice Sales between two accounts outside the auction.
/// @dev Linked library; runs in the market's storage. Errors and events are documented at {IEnergyMarket}.
///
/// A buyer locks price and grid fee, a seller what replacing the energy would cost beyond the price, so what is agreed is
/// always paid. Wh have 32 bits and prices 24, so products have 57; sums of money are held by the market, so they have 56.
library EnergyAgreements {
    /// @dev Most intervals that an agreement runs for.
    uint256 private constant MAX_RUN = type(uint16).max;
    uint256 private constant BITS_PER_WORD = 256;
    uint256 private constant POSITION_MASK = 0xff;
    uint256 private constant BITS_PER_METER = 4;
    /// @dev Sides in {EnergyLedger-posted}.
    uint256 private constant BIDS = 1;
    uint256 private constant OFFERS = 2;
    uint256 private constant BUYS = 4;
    uint256 private constant SELLS = 8;

    /// @notice {IEnergyMarket-agree}, after both owners have signed, so both accounts are open.
    /// @param ledger The market's storage.
    /// @param agreement The agreement.
    /// @param current Present interval.
    /// @return agreementId Hash of the agreement.
    function agree(
        EnergyLedger storage ledger,
        Agreement calldata agreement,
        uint32 current
    ) external returns (bytes32 agreementId) {
        (uint32 buyer, uint32 seller) = (agreement.buyer, agreement.seller);
        if (buyer == seller || agreement.wh == 0) {
            revert IEnergyMarket.EnergyMarketInvalidAgreement(buyer, seller, agreement.wh);
        }
        (uint32 fromInterval, uint32 toInterval) = (agreement.fromInterval, agreement.toInterval);
        if (fromInterval > toInterval || toInterval < current || toInterval - fromInterval >= MAX_RUN) {
            revert IEnergyMarket.EnergyMarketInvalidRun(fromInterval, toInterval);
        }
        agreementId = keccak256(abi.encode(agreement));
        if (ledger.agreements[agreementId].wh != 0) revert IEnergyMarket.EnergyMarketAgreementExists(agreementId);
        ledger.agreements[agreementId] = agreement;
        ledger.agreementTenures[agreementId] = AgreementTenures({
            buyer: ledger.details[buyer].tenure,
            seller: ledger.details[seller].tenure
        });
        emit IEnergyMarket.AgreementMade(agreementId, buyer, seller, agreement);
    }

    /// @notice {IEnergyMarket-endAgreement}. The last interval is then the one before; an agreement that would end before
    /// it begins is deleted, and can be made again by new signatures.
    /// @param ledger The market's storage.
    /// @param agreementId Hash of the agreement.
    /// @param fromInterval First interval in which it does not run any more.
    /// @param firstChangeable First interval that is not open yet.
    function end(
        EnergyLedger storage ledger,
        bytes32 agreementId,
        uint32 fromInterval,
        uint32 firstChangeable
    ) external {
        Agreement storage agreement = ledger.agreements[agreementId];
        if (agreement.wh == 0) revert IEnergyMarket.EnergyMarketUnknownAgreement(agreementId);
        uint32 buyer = agreement.buyer;
        if (!_isParty(ledger, buyer) && !_isParty(ledger, agreement.seller)) {
            revert IEnergyMarket.EnergyMarketNotOwner(buyer, msg.sender);
        }
        if (fromInterval < firstChangeable) {
            revert IEnergyMarket.EnergyMarketTooLateToEnd(agreementId, fromInterval, firstChangeable);
        }
        if (fromInterval > agreement.toInterval) revert IEnergyMarket.EnergyMarketUnchanged();
        if (fromInterval > agreement.fromInterval) agreement.toInterval = fromInterval - 1;
        else delete ledger.agreements[agreementId];
        emit IEnergyMarket.AgreementEnded(agreementId, fromInterval);
    }

    /// @notice {IEnergyMarket-postAgreements}.
    /// @param ledger The market's storage.
    /// @param frame What does not change in the market.
    /// @param interval Interval.
    /// @param agreementIds Hashes of agreements.
    /// @return accepted Number of agreements posted.
    function post(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        uint32 interval,
        bytes32[] calldata agreementIds
    ) external returns (uint256 accepted) {
        Posting memory posting = OrderOpening.begin(ledger, frame, interval);
        for (uint256 i = 0; i < agreementIds.length; ++i) {
            if (_post(ledger, frame, posting, agreementIds[i])) ++accepted;
        }
    }

    // --- internals

    function _post(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        Posting memory posting,
        bytes32 agreementId
    ) private returns (bool accepted) {
        uint32 interval = uint32(posting.interval); // it came in as one
        Agreement memory agreement = ledger.agreements[agreementId];
        OrderFault fault = _screenAgreement(ledger, agreement, agreementId, interval);
        if (fault != OrderFault.None) return _skip(agreementId, interval, fault, 0);
        (Part memory buyer, Part memory seller) = _partsOf(posting.record, agreement);
        _place(frame, interval, buyer);
        _place(frame, interval, seller);
        fault = _screen(ledger, interval, buyer);
        if (fault != OrderFault.None) return _skip(agreementId, interval, fault, buyer.account);
        fault = _screen(ledger, interval, seller);
        if (fault != OrderFault.None) return _skip(agreementId, interval, fault, seller.account);
        if (posting.fresh) {
            OrderOpening.create(ledger, interval, posting.record);
            posting.fresh = false;
        }
        (uint256 word, uint256 bit) = _placeOf(agreement, interval);
        ledger.agreementsPosted[agreementId][word] |= bit;
        _take(ledger, interval, buyer);
        _take(ledger, interval, seller);
        emit IEnergyMarket.AgreementPosted(agreementId, interval, buyer.trade, buyer.fee);
        return true;
    }

    /// @dev Names an agreement that is left out.
    function _skip(
        bytes32 agreementId,
        uint32 interval,
        OrderFault fault,
        uint32 account
    ) private returns (bool accepted) {
        emit IEnergyMarket.AgreementSkipped(agreementId, interval, fault, account);
        return false;
    }

    /// @dev Says what keeps an agreement from an interval: it must be made, run in it, not be posted, and both who made it
    /// must still own their accounts.
    function _screenAgreement(
        EnergyLedger storage ledger,
        Agreement memory agreement,
        bytes32 agreementId,
        uint32 interval
    ) private view returns (OrderFault fault) {
        if (agreement.wh == 0) return OrderFault.UnknownAgreement;
        if (interval < agreement.fromInterval || interval > agreement.toInterval) return OrderFault.NotRunning;
        AgreementTenures memory tenures = ledger.agreementTenures[agreementId];
        if (
            tenures.buyer != ledger.details[agreement.buyer].tenure ||
            tenures.seller != ledger.details[agreement.seller].tenure
        ) return OrderFault.Lapsed;
        (uint256 word, uint256 bit) = _placeOf(agreement, interval);
        return ledger.agreementsPosted[agreementId][word] & bit == 0 ? OrderFault.None : OrderFault.AlreadyPosted;
    }

    /// @dev Word of {EnergyLedger-agreementsPosted} for an interval of an agreement's run, and the interval's bit in it.
    function _placeOf(Agreement memory agreement, uint32 interval) private pure returns (uint256 word, uint256 bit) {
        uint256 number = interval - agreement.fromInterval;
        return (number / BITS_PER_WORD, 1 << (number % BITS_PER_WORD));
    }

    /// @dev What an agreement comes to for buyer and seller; {_place} adds the rest.
    function _partsOf(
        IntervalRecord memory record,
        Agreement memory agreement
    ) private pure returns (Part memory buyer, Part memory seller) {
        (uint256 wh, uint256 price) = (agreement.wh, agreement.price);
        bool near = LedgerKeys.feederOf(agreement.buyer) == LedgerKeys.feederOf(agreement.seller);
        uint256 trade = price * wh;
        uint256 fee = (near ? record.feederFee : record.gridFee) * wh;
        uint256 risk = price < record.retail ? (record.retail - price) * wh : 0;
        buyer = Part(agreement.buyer, false, wh, trade, fee, trade + fee, 0, 0);
        seller = Part(agreement.seller, true, wh, trade, 0, risk, 0, 0);
    }

    /// @dev Says what keeps an account from its part.
    function _screen(
        EnergyLedger storage ledger,
        uint32 interval,
        Part memory part
    ) private view returns (OrderFault fault) {
        AccountSlot slot = ledger.accounts[part.account];
        if (slot.has(AccountSlots.BARRED)) return OrderFault.Barred;
        if (slot.has(AccountSlots.INDEBTED)) return OrderFault.Indebted;
        uint256 cap = part.sells ? slot.exportCapWh() : slot.importCapWh();
        if (ledger.positions[interval][part.account].wh + part.wh > cap) return OrderFault.CapExceeded;
        uint256 sides = LedgerKeys.payloadOf(ledger.posted[part.key], interval) >> part.shift;
        if (sides & (part.sells ? BIDS | BUYS : OFFERS | SELLS) != 0) return OrderFault.SideConflict;
        return part.lock > slot.free() ? OrderFault.InsufficientFree : OrderFault.None;
    }

    /// @dev Books an account's part, which was screened.
    function _take(EnergyLedger storage ledger, uint32 interval, Part memory part) private {
        uint32 account = part.account;
        AccountSlot slot = ledger.accounts[account];
        ledger.accounts[account] = slot.withFree(slot.free() - part.lock);

        Position storage position = ledger.positions[interval][account];
        position.wh += uint40(part.wh); // 32 bits
        position.sells = part.sells;
        // Products of 57 bits.
        position.trade += uint64(part.trade);
        position.fee += uint64(part.fee);
        position.locked += uint64(part.lock);

        uint16 feeder = LedgerKeys.feederOf(account);
        uint256 bit = 1 << (account & POSITION_MASK);
        uint256 positioned = ledger.positioned[interval][feeder];
        if (positioned & bit == 0) {
            ledger.positioned[interval][feeder] = positioned | bit;
            ++ledger.intervals[interval].positionsLeft;
        }
        ledger.feeders[interval][feeder / BITS_PER_WORD] |= 1 << (feeder % BITS_PER_WORD);

        uint256 sides = LedgerKeys.payloadOf(ledger.posted[part.key], interval);
        sides |= (part.sells ? SELLS : BUYS) << part.shift;
        ledger.posted[part.key] = (uint256(interval) << LedgerKeys.TAG_SHIFT) | sides;
    }

    /// @dev Finds where the sides of the meter are.
    function _place(MarketFrame memory frame, uint32 interval, Part memory part) private pure {
        uint256 position = part.account & POSITION_MASK;
        uint256 number = position / LedgerKeys.METERS_PER_WORD;
        part.key = LedgerKeys.wordOf(interval, frame.ring, LedgerKeys.feederOf(part.account), number);
        part.shift = (position % LedgerKeys.METERS_PER_WORD) * BITS_PER_METER;
    }

    /// @dev Whether the caller is owner or signer of an account.
    function _isParty(EnergyLedger storage ledger, uint32 account) private view returns (bool party) {
        return ledger.details[account].owner == msg.sender || ledger.accounts[account].signer() == msg.sender;
    }
}
