// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {InstantRunoff, Runoff, RunoffRound} from "../participation/rules/InstantRunoff.sol";
import {OptionOrder} from "../participation/rules/OptionOrder.sol";
import {PairwiseRules} from "../participation/rules/PairwiseRules.sol";
import {PairwiseTally} from "../participation/rules/PairwiseTally.sol";
import {ApprovalBase, Quotas} from "../participation/rules/Quotas.sol";
import {RankingFault, Rankings} from "../participation/rules/Rankings.sol";
import {RunoffRecord, RunoffSlots} from "../participation/rules/RunoffSlots.sol";
import {TieRule, TieRules} from "../participation/rules/TieRules.sol";

/// @title RulesHarness
/// @notice Opens the counting rules to tests: formulas as they are, the pairwise count and the runoff with their storage.
contract RulesHarness {
    using RunoffSlots for RunoffRecord;

    mapping(uint256 word => uint256 lanes) private _words;
    mapping(uint256 ranking => uint256 number) private _numbers;
    RunoffRecord private _record;

    /// @notice A round of the runoff is closed.
    /// @param number From 1.
    /// @param tallies Ballots of each option.
    /// @param exhausted Ballots that count for nobody any more.
    /// @param eliminated Option that is eliminated.
    /// @param tied Whether the tie rule chose it.
    event RoundClosed(uint256 number, uint32[] tallies, uint256 exhausted, uint256 eliminated, bool tied);

    // Pairwise count

    function replace(uint256 before, uint256 next, uint256 options, uint256 weight) external {
        PairwiseTally.replace(_words, before, next, options, weight);
    }

    function tally(uint256[] calldata rankings, uint256[] calldata numbers, uint256 options) external {
        uint256[] memory changes = PairwiseTally.empty(options);
        for (uint256 i = 0; i < rankings.length; ++i) PairwiseTally.addTo(changes, rankings[i], options, numbers[i]);
        PairwiseTally.flush(_words, changes);
    }

    function untally(uint256[] calldata rankings, uint256[] calldata numbers, uint256 options) external {
        uint256[] memory changes = PairwiseTally.empty(options);
        for (uint256 i = 0; i < rankings.length; ++i) {
            PairwiseTally.subtractFrom(changes, rankings[i], options, numbers[i]);
        }
        PairwiseTally.flush(_words, changes);
    }

    // Runoff

    function record(uint256[] calldata rankings, uint256[] calldata numbers) external {
        for (uint256 i = 0; i < rankings.length; ++i) _numbers[rankings[i]] = numbers[i];
    }

    function begin(uint256 options, uint256 ballots) external {
        _record.store(InstantRunoff.begin(options, ballots));
    }

    /// @notice Counts rankings whose numbers were recorded, as a ballot would.
    /// @param priorities Of the tie rule.
    /// @param rankings The rankings.
    function step(uint256 priorities, uint256[] calldata rankings) external {
        uint256[] memory numbers = new uint256[](rankings.length);
        for (uint256 i = 0; i < rankings.length; ++i) numbers[i] = _numbers[rankings[i]];
        Runoff memory runoff = _record.load();
        RunoffRound[] memory rounds = InstantRunoff.step(runoff, priorities, rankings, numbers);
        _record.store(runoff);
        for (uint256 i = 0; i < rounds.length; ++i) {
            RunoffRound memory round = rounds[i];
            emit RoundClosed(round.number, round.tallies, round.exhausted, round.eliminated, round.tied);
        }
    }

    function runoffOf() external view returns (Runoff memory runoff) {
        return _record.load();
    }

    /// @notice Runs calls to this contract, none of which reverts.
    /// @param calls ABI-encoded calls.
    /// @return results Their ABI-encoded results.
    function runMany(bytes[] calldata calls) external view returns (bytes[] memory results) {
        results = new bytes[](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) results[i] = Address.functionStaticCall(address(this), calls[i]);
    }

    function lanesOf(uint256 options) external view returns (uint256[] memory lanes) {
        return PairwiseTally.load(_words, options);
    }

    function matrixOf(uint256 options) external view returns (uint256[] memory matrix) {
        return PairwiseTally.unpack(PairwiseTally.load(_words, options), options);
    }

    function run(
        Runoff memory runoff,
        uint256 priorities,
        uint256[] calldata rankings,
        uint256[] memory numbers
    ) external view returns (Runoff memory counted, RunoffRound[] memory rounds, uint256 gas) {
        gas = gasleft();
        rounds = InstantRunoff.step(runoff, priorities, rankings, numbers);
        return (runoff, rounds, gas - gasleft());
    }

    function begun(uint256 options, uint256 ballots) external pure returns (Runoff memory runoff) {
        return InstantRunoff.begin(options, ballots);
    }

    // Formulas

    function faultOf(uint256 ranking, uint256 options, bool tiesAllowed) external pure returns (RankingFault fault) {
        return Rankings.faultOf(ranking, options, tiesAllowed);
    }

    function lengthOf(uint256 ranking) external pure returns (uint256 count) {
        return Rankings.lengthOf(ranking);
    }

    function firstAmong(uint256 ranking, uint256 standing) external pure returns (uint256 option) {
        return Rankings.firstAmong(ranking, standing);
    }

    function bestLevel(uint256 ranking) external pure returns (uint256 level, uint256 rest) {
        return Rankings.bestLevel(ranking);
    }

    function victoriesOf(uint256 ranking, uint256 options) external pure returns (uint256 victories) {
        return PairwiseTally.victoriesOf(ranking, options);
    }

    function prioritiesOf(TieRule rule, bytes32 seed, uint256 options) external pure returns (uint256 priorities) {
        return TieRules.prioritiesOf(rule, seed, options);
    }

    function byScores(
        uint256[] memory scores,
        uint256 priorities
    ) external pure returns (uint256 order, bool firstTied) {
        return OptionOrder.byScores(scores, priorities);
    }

    function optionAt(uint256 order, uint256 place) external pure returns (uint256 option) {
        return OptionOrder.optionAt(order, place);
    }

    function condorcetWinner(uint256[] memory matrix, uint256 options) external pure returns (uint256 winner) {
        return PairwiseRules.condorcetWinner(matrix, options);
    }

    function borda(
        uint256[] memory matrix,
        uint256 options,
        uint256 ballots
    ) external pure returns (uint256[] memory scores) {
        return PairwiseRules.borda(matrix, options, ballots);
    }

    function minimax(
        uint256[] memory matrix,
        uint256 options,
        uint256 ballots
    ) external pure returns (uint256[] memory scores) {
        return PairwiseRules.minimax(matrix, options, ballots);
    }

    function schulze(uint256[] memory matrix, uint256 options) external pure returns (uint256[] memory scores) {
        return PairwiseRules.schulze(matrix, options);
    }

    function turnoutMet(uint256 cast, uint256 electorate, uint256 quorumBp) external pure returns (bool met) {
        return Quotas.turnoutMet(cast, electorate, quorumBp);
    }

    function approvalMet(
        ApprovalBase base,
        uint256 approvals,
        uint256 cast,
        uint256 blank,
        uint256 electorate,
        uint256 quorumBp
    ) external pure returns (bool met) {
        return Quotas.approvalMet(base, approvals, cast, blank, electorate, quorumBp);
    }

    function leadsInMajority(uint256 led, uint256 segments) external pure returns (bool met) {
        return Quotas.leadsInMajority(led, segments);
    }

    function leadsInShare(uint256 led, uint256 segments, uint256 shareBp) external pure returns (bool met) {
        return Quotas.leadsInShare(led, segments, shareBp);
    }

    function leads(uint256[] memory scores, uint256 option) external pure returns (bool ahead) {
        return Quotas.leads(scores, option);
    }
}
