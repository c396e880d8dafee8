// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SurveyAnswers} from "../participation/rules/SurveyAnswers.sol";
import {SurveyCells} from "../participation/rules/SurveyCells.sol";

/// @title SurveyHarness
/// @notice Opens surveys to tests, with counters of several segments.
contract SurveyHarness {
    mapping(uint256 segment => mapping(uint256 word => uint256 lanes)) private _lanes;

    /// @notice Counts papers of a segment.
    /// @param segment Segment.
    /// @param form Form.
    /// @param payloads The papers.
    /// @param counts How many of each.
    function count(uint256 segment, uint256 form, uint256[] calldata payloads, uint256[] calldata counts) external {
        for (uint256 i = 0; i < payloads.length; ++i) {
            SurveyAnswers.addTo(_lanes[segment], form, payloads[i], counts[i]);
        }
    }

    /// @notice Counts a paper of segment 0.
    /// @param form Form.
    /// @param payload The paper.
    /// @return gas What that alone took.
    function measure(uint256 form, uint256 payload) external returns (uint256 gas) {
        gas = gasleft();
        SurveyAnswers.addTo(_lanes[0], form, payload, 1);
        return gas - gasleft();
    }

    function wordOf(uint256 segment, uint256 word) external view returns (uint256 lanes) {
        return _lanes[segment][word];
    }

    function cellsOf(uint256 segments, uint256 form, uint256 question) external view returns (uint256[] memory cells) {
        return SurveyCells.cellsOf(_collected(segments, form, question), form, question);
    }

    function shownOf(
        uint256 segments,
        uint256 form,
        uint256 question,
        uint256 minCell
    ) external view returns (uint256[] memory cells, uint256 hidden) {
        return SurveyCells.shownOf(_collected(segments, form, question), form, question, minCell);
    }

    function areValid(uint256 form, uint256[] calldata payloads) external pure returns (bool[] memory valid) {
        valid = new bool[](payloads.length);
        for (uint256 i = 0; i < payloads.length; ++i) valid[i] = SurveyAnswers.isValid(form, payloads[i]);
    }

    function costOfValidity(uint256 form, uint256 payload) external view returns (uint256 gas) {
        gas = gasleft();
        SurveyAnswers.isValid(form, payload);
        return gas - gasleft();
    }

    function requireForm(uint256 form) external pure {
        SurveyAnswers.requireForm(form);
    }

    function _collected(
        uint256 segments,
        uint256 form,
        uint256 question
    ) private view returns (uint256[] memory words) {
        words = SurveyCells.emptyFor(form);
        for (uint256 i = 0; i < segments; ++i) SurveyCells.collect(words, _lanes[i], form, question);
    }
}
