// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IWasteOperators} from "../../../../contracts/waste/operators/IWasteOperators.sol";

/// @notice Stands for the lots where only what was recycled matters.
contract RecycledBook {
    IWasteOperators public immutable operators;
    mapping(uint32 facility => mapping(uint24 code => mapping(uint8 op => mapping(uint16 month => uint64 grams))))
        public recycledOf;

    constructor(IWasteOperators operators_) {
        operators = operators_;
    }

    function add(uint32 facility, uint24 code, uint8 op, uint16 month, uint64 grams) external {
        recycledOf[facility][code][op][month] += grams;
    }
}
