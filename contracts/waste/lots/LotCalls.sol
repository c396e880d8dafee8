// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IMaterialCodes} from "../codes/IMaterialCodes.sol";
import {IWasteOperators} from "../operators/IWasteOperators.sol";

/// @title LotCalls
/// @notice What every ticket and every handover asks of other contracts, put together by hand: 350 gas less each.
/// @dev The contracts asked are fixed and the city's own, so what they answer is not checked for being in range, only for being
/// there. They write words beyond the end of memory in use, which stays free.
library LotCalls {
    /// @notice See {IMaterialCodes-checkOn}.
    /// @param codes The list that codes are of.
    /// @param code Code.
    /// @param day Days since 1 January 1970.
    /// @return valid Whether it can be given on that day.
    /// @return hazardous Whether it is hazardous.
    /// @return assessed Whether it is harmless only if an assessment found so.
    function checkOn(
        IMaterialCodes codes,
        uint24 code,
        uint256 day
    ) internal view returns (bool valid, bool hazardous, bool assessed) {
        bytes4 selector = IMaterialCodes.checkOn.selector;
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, selector)
            mstore(add(words, 0x04), code)
            mstore(add(words, 0x24), day)
            let ok := staticcall(gas(), codes, words, 0x44, words, 0x60)
            if iszero(and(ok, gt(returndatasize(), 0x5f))) {
                revert(0, 0)
            }
            valid := mload(words)
            hazardous := mload(add(words, 0x20))
            assessed := mload(add(words, 0x40))
        }
    }

    /// @notice See {IWasteOperators-collectorOf}.
    /// @param operators Who handles waste.
    /// @param key Key of a crew.
    /// @param code A hazardous code; zero: nothing hazardous.
    /// @return operatorId Zero: none that collects.
    /// @return permittedUntil Last second of its permit for the code.
    function collectorOf(
        IWasteOperators operators,
        address key,
        uint24 code
    ) internal view returns (uint32 operatorId, uint40 permittedUntil) {
        bytes4 selector = IWasteOperators.collectorOf.selector;
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, selector)
            mstore(add(words, 0x04), key)
            mstore(add(words, 0x24), code)
            let ok := staticcall(gas(), operators, words, 0x44, words, 0x40)
            if iszero(and(ok, gt(returndatasize(), 0x3f))) {
                revert(0, 0)
            }
            operatorId := mload(words)
            permittedUntil := mload(add(words, 0x20))
        }
    }

    /// @notice See {IWasteOperators-partiesOf}.
    /// @param operators Who handles waste.
    /// @param senderKey Key that signed for the sender.
    /// @param receiverKey Key that signed for the receiver.
    /// @return sender Operator of the first key; zero: none.
    /// @return receiver Operator of the second key; zero: none.
    /// @return licensed Whether that one may have waste.
    /// @return toleranceBp Its tolerance, basis points.
    function partiesOf(
        IWasteOperators operators,
        address senderKey,
        address receiverKey
    ) internal view returns (uint32 sender, uint32 receiver, bool licensed, uint16 toleranceBp) {
        bytes4 selector = IWasteOperators.partiesOf.selector;
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, selector)
            mstore(add(words, 0x04), senderKey)
            mstore(add(words, 0x24), receiverKey)
            let ok := staticcall(gas(), operators, words, 0x44, words, 0x80)
            if iszero(and(ok, gt(returndatasize(), 0x7f))) {
                revert(0, 0)
            }
            sender := mload(words)
            receiver := mload(add(words, 0x20))
            licensed := mload(add(words, 0x40))
            toleranceBp := mload(add(words, 0x60))
        }
    }
}
