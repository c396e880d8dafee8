// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Terms} from "./IEnergySharing.sol";
import {IMeterReadings} from "../readings/IMeterReadings.sol";
import {IntervalSeries, Series} from "../registry/IntervalSeries.sol";
import {MeterRow, MeterRows} from "./MeterRows.sol";
import {SharingKeys} from "./SharingKeys.sol";
import {SharingTerms} from "./SharingTerms.sol";

/// @notice Money of {EnergySharing}, in money units.
struct SharingBooks {
    mapping(address account => uint256 balance) balances;
    uint256 gridFees;
    /// @dev All balances and the grid fees.
    uint256 held;
}

/// @notice An interval as it is shared out. The arrays have an entry for each member of the terms.
struct SharingRound {
    /// @dev Money units per Wh to the members that feed in.
    uint256 price;
    /// @dev Money units per Wh to the grid operator.
    uint256 gridFee;
    /// @dev Sum of what was fed in, Wh.
    uint256 generated;
    /// @dev Zero: takes no part.
    address[] accounts;
    uint32[] meters;
    uint256[] parts;
    /// @dev What each can take and has paid for, Wh.
    uint256[] wanted;
    uint256[] fedIn;
}

/// @title SharingRounds
/// @notice Shares an interval out: what members can take is paid for first, then it is known who gets what, and members
/// are paid for what they gave, and back what they did not get.
/// @dev Above 150 lines with the structs that its three steps share.
library SharingRounds {
    using IntervalSeries for Series;

    /// @dev A meter's number without its position on the feeder.
    uint256 private constant FEEDER_SHIFT = 8;
    /// @dev An entry of the shares in the event.
    uint256 private constant SHARE_BYTES = 8;
    uint256 private constant WORD_BYTES = 32;

    /// @notice Who takes part in an interval, with what it fed in, or with what it can take and pay for, which it pays.
    /// @param books Money.
    /// @param members Accounts of the community's members, from an interval on.
    /// @param readings What the meters measured.
    /// @param row The feeder's proven row.
    /// @param values The row's bytes.
    /// @param round From {begin}.
    function gather(
        SharingBooks storage books,
        mapping(uint32 meter => Series accounts) storage members,
        IMeterReadings readings,
        MeterRow memory row,
        bytes calldata values,
        SharingRound memory round
    ) internal {
        for (uint256 i = 0; i < round.meters.length; ++i) {
            uint32 meter = round.meters[i];
            address account = address(uint160(members[meter].valueOf(row.interval))); // an address is set
            if (account == address(0)) continue;
            round.accounts[i] = account;
            int256 value = MeterRows.valueOf(readings, row, values, meter);
            if (value < 0) {
                round.fedIn[i] = uint256(-value);
                round.generated += uint256(-value);
            } else {
                round.wanted[i] = _payFor(books, account, uint256(value), round.price + round.gridFee);
            }
        }
    }

    /// @notice Shares out what was gathered.
    /// @param books Money.
    /// @param terms Terms that hold in the interval.
    /// @param round What was gathered.
    /// @return sharedWh What was shared, Wh.
    /// @return shares Who got and gave what, as in the event.
    function settle(
        SharingBooks storage books,
        Terms calldata terms,
        SharingRound memory round
    ) internal returns (uint256 sharedWh, bytes memory shares) {
        uint256[] memory got;
        (got, sharedWh) = SharingKeys.allocate(terms.key, round.generated, round.wanted, round.parts);
        uint256[] memory sold = SharingKeys.prorate(sharedWh, round.fedIn, round.generated);
        uint256 fees = sharedWh * round.gridFee;
        if (fees > 0) books.gridFees += fees;

        uint256 length = 0;
        // Each entry is written as a word, of which the next one keeps the first bytes.
        shares = new bytes(got.length * SHARE_BYTES + WORD_BYTES);
        for (uint256 i = 0; i < got.length; ++i) {
            uint256 due = sold[i] * round.price + (round.wanted[i] - got[i]) * (round.price + round.gridFee);
            if (due > 0) books.balances[round.accounts[i]] += due;
            if (got[i] + sold[i] == 0) continue;
            // A member either draws or feeds in, at most 2^31 - 1.
            bytes32 entry = bytes32(abi.encodePacked(round.meters[i], int32(int256(got[i]) - int256(sold[i]))));
            // Within what was made above, since no more entries are written than there are members.
            assembly ("memory-safe") {
                mstore(add(add(shares, 32), length), entry)
            }
            length += SHARE_BYTES;
        }
        // Only shorter than it was made.
        assembly ("memory-safe") {
            mstore(shares, length)
        }
    }

    /// @notice A round in which nobody takes part yet.
    /// @param feeder Feeder.
    /// @param terms Terms, see {Terms}.
    /// @param gridFee What the grid operator gets, money units per Wh.
    /// @return round The round.
    function begin(
        uint16 feeder,
        Terms calldata terms,
        uint256 gridFee
    ) internal pure returns (SharingRound memory round) {
        uint256 count = SharingTerms.countOf(terms);
        round.price = terms.price;
        round.gridFee = gridFee;
        round.accounts = new address[](count);
        round.meters = new uint32[](count);
        round.parts = new uint256[](count);
        round.wanted = new uint256[](count);
        round.fedIn = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            (uint8 position, uint256 part) = SharingTerms.memberAt(terms, i);
            round.meters[i] = uint32((uint256(feeder) << FEEDER_SHIFT) | position); // 24 bits
            round.parts[i] = part;
        }
    }

    /// @dev Pays for as many Wh as the account can.
    function _payFor(
        SharingBooks storage books,
        address account,
        uint256 wh,
        uint256 price
    ) private returns (uint256 paidWh) {
        if (price == 0) return wh;
        uint256 balance = books.balances[account];
        paidWh = Math.min(wh, balance / price);
        if (paidWh > 0) books.balances[account] = balance - paidWh * price;
    }
}
