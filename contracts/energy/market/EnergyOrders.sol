// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccountSlot} from "./AccountSlots.sol";
import {EnergyLedger, LedgerKeys, MarketFrame} from "./EnergyLedger.sol";
import {BookClass, Delegate, IEnergyMarket, OrderFault, OrderFlags, SignedOrder, Step} from "./IEnergyMarket.sol";
import {OrderBooks} from "./OrderBooks.sol";
import {OrderChecks} from "./OrderChecks.sol";
import {OrderOpening, Posting} from "./OrderOpening.sol";
import {OrderRecords} from "./OrderRecords.sol";
import {OrderScratch, OrderSignatures} from "./OrderSignatures.sol";
import {StandingOrders} from "./StandingOrders.sol";

/// @notice What a batch accepted and left out so far. In memory.
struct Batch {
    /// @dev Accepted records.
    bytes kept;
    /// @dev Where the next accepted record goes.
    uint256 keptEnd;
    /// @dev Orders left out, and why.
    bytes faults;
    /// @dev Where the next of them goes.
    uint256 faultsEnd;
    /// @dev Where in the call data the records begin that are accepted and not copied yet.
    uint256 runAt;
    /// @dev Where in the call data the next signature begins.
    uint256 signature;
}

/// @title EnergyOrders
/// @notice Takes orders into the books of an interval: signed ones in batches and alone, direct ones, and standing ones.
library EnergyOrders {
    uint256 private constant SIGNATURE_BYTES = 64;
    uint256 private constant ACCOUNT_BYTES = 4;
    uint256 private constant WORD_BYTES = 32;
    uint256 private constant FAULT_BYTES = 5;
    uint256 private constant ACCOUNT_SHIFT = 224;
    uint256 private constant FLAGS_SHIFT = 216;
    uint256 private constant HEAD_BITS = 40;
    uint256 private constant STEP_BITS = 40;
    uint256 private constant TICK_SHIFT = 248;

    /// @notice See {IEnergyMarket-postOrders}.
    /// @param ledger Storage of the market.
    /// @param frame What the market is set up with.
    /// @param domain The market's EIP-712 domain separator.
    /// @param interval Number of the interval.
    /// @param records Records side by side, see {IEnergyMarket-postOrders}.
    /// @param signatures A signature of 64 bytes for each record.
    /// @return accepted How many orders were accepted.
    function postMany(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        bytes32 domain,
        uint32 interval,
        bytes calldata records,
        bytes calldata signatures
    ) external returns (uint256 accepted) {
        Posting memory posting = OrderOpening.begin(ledger, frame, interval);
        OrderBooks.reserve(posting);
        OrderScratch scratch = OrderSignatures.prepare(domain, interval);
        Batch memory batch = _batch(records.length);
        (uint256 place, uint256 end) = _bounds(records);
        batch.runAt = place;
        (batch.signature, ) = _bounds(signatures);
        uint256 malformed = _postAll(ledger, posting, scratch, batch, place, end);
        if (malformed != 0)
            revert IEnergyMarket.EnergyMarketMalformed(records.length - (end - malformed), records.length);
        (place, ) = _bounds(signatures);
        if (batch.signature != place + signatures.length) {
            revert IEnergyMarket.EnergyMarketMalformed(batch.signature - place, signatures.length);
        }
        _copyRun(batch, end);
        return _finish(ledger, posting, batch, signatures.length / SIGNATURE_BYTES);
    }

    /// @notice See {IEnergyMarket-postOrder}.
    /// @param ledger Storage of the market.
    /// @param frame What the market is set up with.
    /// @param interval Number of the interval.
    /// @param account Account, which is its meter's number.
    /// @param flags See {OrderFlags}.
    /// @param steps Steps, 1 to 4.
    function postOwn(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        uint32 interval,
        uint32 account,
        uint8 flags,
        Step[] calldata steps
    ) external {
        Posting memory posting = OrderOpening.begin(ledger, frame, interval);
        uint256 head = _pack(account, flags, steps);
        _screenAlone(ledger, posting, head);
        AccountSlot slot = posting.slot;
        if (msg.sender != slot.signer() && msg.sender != ledger.details[account].owner) {
            Delegate memory delegate = ledger.delegates[account][LedgerKeys.delegate(msg.sender, slot.epoch())];
            if (delegate.until == 0) revert IEnergyMarket.EnergyMarketNotOwner(account, msg.sender);
            _limitAlone(posting, delegate, head, msg.sender);
        }
        _takeAlone(ledger, posting, head);
    }

    /// @notice See {IEnergyMarket-postSignedOrder}.
    /// @param ledger Storage of the market.
    /// @param frame What the market is set up with.
    /// @param order The order and its signature.
    /// @param digest What was signed.
    function postSigned(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        SignedOrder calldata order,
        bytes32 digest
    ) external {
        Posting memory posting = OrderOpening.begin(ledger, frame, order.interval);
        uint32 account = order.account;
        uint256 head = _pack(account, order.flags, order.steps);
        _screenAlone(ledger, posting, head);
        AccountSlot slot = posting.slot;
        address key = OrderSignatures.recover(digest, order.r, order.vs);
        Delegate memory delegate;
        if (key != slot.signer()) {
            delegate = ledger.delegates[account][LedgerKeys.delegate(key, order.epoch)];
            if (delegate.until == 0) revert IEnergyMarket.EnergyMarketBadSignature(account, key);
        }
        if (order.epoch != slot.epoch()) {
            revert IEnergyMarket.EnergyMarketStaleEpoch(account, order.epoch, uint16(slot.epoch())); // 12 bits
        }
        if (delegate.until != 0) _limitAlone(posting, delegate, head, key);
        _takeAlone(ledger, posting, head);
    }

    /// @notice See {IEnergyMarket-postStandingOrders}.
    /// @param ledger Storage of the market.
    /// @param frame What the market is set up with.
    /// @param interval Number of the interval.
    /// @param accounts Numbers of accounts side by side, 4 bytes each.
    /// @return accepted How many orders were accepted.
    function postStanding(
        EnergyLedger storage ledger,
        MarketFrame memory frame,
        uint32 interval,
        bytes calldata accounts
    ) external returns (uint256 accepted) {
        if (accounts.length % ACCOUNT_BYTES != 0) {
            revert IEnergyMarket.EnergyMarketMalformed(
                accounts.length - (accounts.length % ACCOUNT_BYTES),
                accounts.length
            );
        }
        Posting memory posting = OrderOpening.begin(ledger, frame, interval);
        OrderBooks.reserve(posting);
        Batch memory batch = _batch((accounts.length / ACCOUNT_BYTES) * OrderRecords.MAX_BYTES);
        (uint256 place, uint256 end) = _bounds(accounts);
        for (; place < end; place += ACCOUNT_BYTES) {
            uint32 account = uint32(_load(place) >> ACCOUNT_SHIFT); // upper 32 bits
            (OrderFault fault, uint256 head) = _postStanding(ledger, posting, account);
            if (fault == OrderFault.None) _keep(batch, head);
            else _note(batch, account, fault);
        }
        return _finish(ledger, posting, batch, accounts.length / ACCOUNT_BYTES);
    }

    // --- batches

    /// @dev Posts the records between two places in the call data. Gives the place of a record that does not end before the
    /// others do; zero: there is none.
    function _postAll(
        EnergyLedger storage ledger,
        Posting memory posting,
        OrderScratch scratch,
        Batch memory batch,
        uint256 place,
        uint256 end
    ) private returns (uint256 malformed) {
        unchecked {
            // Places in call data, which is far from 2^256 bytes long.
            while (place < end) {
                uint256 head = _load(place);
                uint256 next = place + _length(head);
                if (next > end) return place;
                OrderFault fault = _postOne(ledger, posting, scratch, head, batch.signature);
                if (fault != OrderFault.None) {
                    _skipCopy(batch, place, next);
                    _note(batch, head >> ACCOUNT_SHIFT, fault);
                } else if (posting.class == uint256(BookClass.OfferGreen)) {
                    _skipCopy(batch, place, next);
                    _keep(batch, OrderRecords.accepted(head, posting.class));
                }
                place = next;
                batch.signature += SIGNATURE_BYTES;
            }
        }
    }

    /// @dev Posts an order of a batch, or says what is wrong with it.
    function _postOne(
        EnergyLedger storage ledger,
        Posting memory posting,
        OrderScratch scratch,
        uint256 head,
        uint256 signature
    ) private returns (OrderFault fault) {
        OrderBooks.turn(ledger, posting, head);
        bool good = OrderChecks.isGood(ledger, posting, head);
        if (!good) {
            fault = OrderChecks.screen(ledger, posting, head);
            if (fault != OrderFault.None) return fault;
        }
        address key = OrderSignatures.signerOf(scratch, head, posting.slot.epoch(), signature);
        if (key != posting.slot.signer()) {
            fault = _judge(ledger, posting, scratch, head, key, signature);
            if (fault != OrderFault.None) return fault;
        }
        if (!good) return OrderFault.InsufficientFree; // all that is left
        OrderBooks.put(ledger, posting, head);
    }

    /// @dev What is wrong with an order that the account's signer did not sign for the present epoch.
    function _judge(
        EnergyLedger storage ledger,
        Posting memory posting,
        OrderScratch scratch,
        uint256 head,
        address key,
        uint256 signature
    ) private view returns (OrderFault fault) {
        uint32 account = uint32(head >> ACCOUNT_SHIFT); // upper 32 bits
        uint256 epoch = posting.slot.epoch();
        Delegate memory delegate = ledger.delegates[account][LedgerKeys.delegate(key, epoch)];
        if (delegate.until != 0) {
            (uint256 value, uint256 limit) = _limit(posting, delegate, head);
            return value == limit ? OrderFault.None : OrderFault.DelegateLimit;
        }
        if (epoch == 0) return OrderFault.BadSignature;
        --epoch;
        key = OrderSignatures.signerAgain(scratch, epoch, signature);
        bool stale =
            key == posting.slot.signer() || ledger.delegates[account][LedgerKeys.delegate(key, epoch)].until != 0;
        return stale ? OrderFault.StaleEpoch : OrderFault.BadSignature;
    }

    function _postStanding(
        EnergyLedger storage ledger,
        Posting memory posting,
        uint32 account
    ) private returns (OrderFault fault, uint256 head) {
        uint256 word = ledger.standing[account];
        uint256 epoch = ledger.accounts[account].epoch();
        uint32 interval = uint32(posting.interval); // it came in as one
        if (!StandingOrders.isDue(word, interval, epoch)) return (OrderFault.NoStandingOrder, 0);
        if (!StandingOrders.isPriced(word, posting.record.basePrice, posting.record.tickSize)) {
            return (OrderFault.OtherPrices, 0);
        }
        head = _head(account, StandingOrders.flagsOf(word), StandingOrders.stepsOf(word));
        OrderBooks.turn(ledger, posting, head);
        fault = OrderChecks.screen(ledger, posting, head);
        if (fault == OrderFault.None) fault = OrderBooks.take(ledger, posting, head);
        head = OrderRecords.accepted(head, posting.class);
    }

    /// @dev Memory for records of so many bytes, and for the faults of as many orders as they can be.
    function _batch(uint256 length) private pure returns (Batch memory batch) {
        bytes memory kept = new bytes(length + WORD_BYTES);
        // Every record has at least 10 bytes, so faults take at most half of it; each is written as a whole word.
        bytes memory faults = new bytes(length / 2 + WORD_BYTES);
        batch.kept = kept;
        batch.faults = faults;
        uint256 keptEnd;
        uint256 faultsEnd;
        assembly ("memory-safe") {
            keptEnd := add(kept, 0x20)
            faultsEnd := add(faults, 0x20)
        }
        batch.keptEnd = keptEnd;
        batch.faultsEnd = faultsEnd;
    }

    /// @dev Copies the records before one that is left out or kept in another form.
    function _skipCopy(Batch memory batch, uint256 place, uint256 next) private pure {
        _copyRun(batch, place);
        batch.runAt = next;
    }

    /// @dev Copies the records that were accepted since the last one left out.
    function _copyRun(Batch memory batch, uint256 end) private pure {
        uint256 start = batch.runAt;
        uint256 target = batch.keptEnd;
        // Copies parts of the records that do not overlap, so never more than all of them.
        assembly ("memory-safe") {
            calldatacopy(target, start, sub(end, start))
        }
        batch.keptEnd = target + end - start;
    }

    /// @dev Adds a record that is not in the call data in that form.
    function _keep(Batch memory batch, uint256 head) private pure {
        uint256 target = batch.keptEnd;
        // The memory has room for every record and a word; the next one overwrites what is too much.
        assembly ("memory-safe") {
            mstore(target, head)
        }
        batch.keptEnd = target + _length(head);
    }

    /// @dev Adds to the orders left out.
    function _note(Batch memory batch, uint256 account, OrderFault fault) private pure {
        uint256 target = batch.faultsEnd;
        uint256 entry = (account << ACCOUNT_SHIFT) | (uint256(fault) << FLAGS_SHIFT);
        assembly ("memory-safe") {
            mstore(target, entry)
        }
        batch.faultsEnd = target + FAULT_BYTES;
    }

    function _finish(
        EnergyLedger storage ledger,
        Posting memory posting,
        Batch memory batch,
        uint256 count
    ) private returns (uint256 accepted) {
        bytes memory kept = batch.kept;
        bytes memory faults = batch.faults;
        uint256 keptEnd = batch.keptEnd;
        uint256 faultsEnd = batch.faultsEnd;
        assembly ("memory-safe") {
            mstore(kept, sub(sub(keptEnd, kept), 0x20))
            mstore(faults, sub(sub(faultsEnd, faults), 0x20))
        }
        if (kept.length != 0) OrderBooks.finish(ledger, posting, kept);
        if (faults.length != 0) {
            emit IEnergyMarket.OrdersSkipped(uint32(posting.interval), faults.length / FAULT_BYTES, faults);
        }
        return count - faults.length / FAULT_BYTES;
    }

    // --- orders alone

    function _screenAlone(EnergyLedger storage ledger, Posting memory posting, uint256 head) private {
        OrderBooks.turn(ledger, posting, head);
        OrderFault fault = OrderChecks.screen(ledger, posting, head);
        if (fault != OrderFault.None) _fail(fault, posting, head);
    }

    function _takeAlone(EnergyLedger storage ledger, Posting memory posting, uint256 head) private {
        OrderBooks.reserveOne(posting);
        OrderFault fault = OrderBooks.take(ledger, posting, head);
        if (fault != OrderFault.None) _fail(fault, posting, head);
        head = OrderRecords.accepted(head, posting.class);
        bytes memory record = new bytes(_length(head));
        // A record has at most 25 bytes, so the word that holds it has room behind the length.
        assembly ("memory-safe") {
            mstore(add(record, 0x20), head)
        }
        OrderBooks.finish(ledger, posting, record);
    }

    function _limitAlone(Posting memory posting, Delegate memory delegate, uint256 head, address key) private view {
        (uint256 value, uint256 limit) = _limit(posting, delegate, head);
        if (value != limit) {
            uint32 account = uint32(head >> ACCOUNT_SHIFT); // upper 32 bits
            revert IEnergyMarket.EnergyMarketDelegateLimit(account, key, value, limit);
        }
    }

    /// @dev Reverts with the error of a fault.
    function _fail(OrderFault fault, Posting memory posting, uint256 head) private pure {
        uint32 account = uint32(head >> ACCOUNT_SHIFT); // upper 32 bits
        (uint256 value, uint256 limit) = (posting.value, posting.limit);
        uint32 interval = uint32(posting.interval); // it came in as one
        // What comes from flags, ticks and steps has their width.
        if (fault == OrderFault.UnknownAccount) revert IEnergyMarket.EnergyMarketUnknownAccount(account);
        if (fault == OrderFault.Barred) revert IEnergyMarket.EnergyMarketBarred(account);
        if (fault == OrderFault.Indebted) revert IEnergyMarket.EnergyMarketIndebted(account, value);
        if (fault == OrderFault.UnknownFlags) revert IEnergyMarket.EnergyMarketUnknownFlags(account, uint8(value));
        if (fault == OrderFault.NotOffered) {
            revert IEnergyMarket.EnergyMarketNotOffered(account, uint8(value), uint8(limit));
        }
        if (fault == OrderFault.BadTick) revert IEnergyMarket.EnergyMarketBadTick(account, uint8(value), limit);
        if (fault == OrderFault.BelowMinimum) {
            revert IEnergyMarket.EnergyMarketBelowMinimum(account, uint32(value), limit);
        }
        if (fault == OrderFault.CapExceeded) revert IEnergyMarket.EnergyMarketCapExceeded(account, value, limit);
        if (fault == OrderFault.InsufficientFree) {
            revert IEnergyMarket.EnergyMarketInsufficientFree(account, value, limit);
        }
        if (fault == OrderFault.AlreadyPosted) revert IEnergyMarket.EnergyMarketAlreadyPosted(account, interval);
        revert IEnergyMarket.EnergyMarketSideConflict(account, interval);
    }

    // --- both

    /// @dev The first of a delegate's limits that an order breaks, and what breaks it; the same twice: none is broken.
    function _limit(
        Posting memory posting,
        Delegate memory delegate,
        uint256 head
    ) private view returns (uint256 value, uint256 limit) {
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp > delegate.until) return (block.timestamp, delegate.until);
        if (posting.wh > delegate.maxWh) return (posting.wh, delegate.maxWh);
        uint256 steps = head << HEAD_BITS;
        uint256 count = OrderRecords.stepCountOf(uint8(head >> FLAGS_SHIFT)); // cut to its 8 bits
        for (; count != 0; --count) {
            uint256 price = OrderRecords.priceAt(posting.record, steps >> TICK_SHIFT);
            if (price < delegate.minPrice) return (price, delegate.minPrice);
            if (price > delegate.maxPrice) return (price, delegate.maxPrice);
            steps <<= STEP_BITS;
        }
    }

    /// @dev Account, flags with the number of steps, and steps, as in a record.
    function _pack(uint32 account, uint8 flags, Step[] calldata steps) private pure returns (uint256 head) {
        uint256 count = steps.length;
        if (count == 0 || count > StandingOrders.MAX_STEPS) {
            revert IEnergyMarket.EnergyMarketTooManySteps(count, StandingOrders.MAX_STEPS);
        }
        return _head(account, StandingOrders.withCount(flags, count), StandingOrders.packSteps(steps));
    }

    /// @dev The first 32 bytes of a record.
    function _head(uint32 account, uint8 flags, uint256 steps) private pure returns (uint256 head) {
        return (uint256(account) << ACCOUNT_SHIFT) | (uint256(flags) << FLAGS_SHIFT) | (steps >> HEAD_BITS);
    }

    /// @dev Length of the record that begins with that word.
    function _length(uint256 head) private pure returns (uint256 length) {
        uint256 more = (head >> (FLAGS_SHIFT + OrderFlags.STEPS_SHIFT)) & OrderFlags.STEPS_MASK;
        unchecked {
            return OrderRecords.HEAD_BYTES + OrderRecords.STEP_BYTES + more * OrderRecords.STEP_BYTES; // at most 25
        }
    }

    /// @dev Where in the call data a slice begins and ends.
    function _bounds(bytes calldata slice) private pure returns (uint256 start, uint256 end) {
        assembly ("memory-safe") {
            start := slice.offset
            end := add(start, slice.length)
        }
    }

    /// @dev 32 bytes of call data; zeros behind its end.
    function _load(uint256 place) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(place)
        }
    }
}
