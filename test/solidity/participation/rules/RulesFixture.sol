// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RulesHarness} from "../../../../contracts/mocks/RulesHarness.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

/// @dev Elections written as letters, of which A is option 0, and elections by chance.
abstract contract RulesFixture is CivitasTest {
    uint256 internal constant NO_OPTION = 255;
    uint256 internal constant TIED = 0x80;

    RulesHarness internal harness;

    /// @dev Priorities by the lowest number, for any number of options.
    uint256 internal constant BY_NUMBER = 0x1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100;

    /// @dev An election: distinct rankings, ascending, and the number of ballots of each.
    struct Election {
        uint256 options;
        uint256[] rankings;
        uint256[] numbers;
        uint256 ballots;
    }

    function setUp() public virtual {
        harness = new RulesHarness();
    }

    /// @dev "AC=BD": A, then B and C tied, then D. Letters of a tie in ascending order, the sign before the later ones.
    function ranking(string memory text) internal pure returns (uint256 word) {
        bytes memory letters = bytes(text);
        uint256 shift = 0;
        uint256 tied = 0;
        for (uint256 i = 0; i < letters.length; ++i) {
            if (letters[i] == "=") {
                tied = TIED;
                continue;
            }
            word |= (uint256(uint8(letters[i])) - 64 + tied) << shift;
            (shift, tied) = (shift + 8, 0);
        }
    }

    /// @dev The order of options as letters, which is the ranking that lists them all.
    function assertOrder(uint256 order, string memory expected, string memory message) internal pure {
        assertEq(order, ranking(expected), message);
    }

    function add(Election memory election, string memory text, uint256 number) internal pure {
        insert(election, ranking(text), number);
    }

    /// @dev Keeps rankings ascending and distinct.
    function insert(Election memory election, uint256 word, uint256 number) internal pure {
        uint256 length = election.rankings.length;
        uint256 place = 0;
        while (place < length && election.rankings[place] < word) ++place;
        election.ballots += number;
        if (place < length && election.rankings[place] == word) {
            election.numbers[place] += number;
            return;
        }
        uint256[] memory rankings = new uint256[](length + 1);
        uint256[] memory numbers = new uint256[](length + 1);
        for (uint256 i = 0; i < length; ++i) {
            uint256 target = i < place ? i : i + 1;
            (rankings[target], numbers[target]) = (election.rankings[i], election.numbers[i]);
        }
        (rankings[place], numbers[place]) = (word, number);
        (election.rankings, election.numbers) = (rankings, numbers);
    }

    /// @dev A good ranking by chance, of any length down to a blank one.
    function randomRanking(uint256 seed, uint256 options, bool ties) internal pure returns (uint256 word) {
        uint256[] memory left = new uint256[](options);
        for (uint256 i = 0; i < options; ++i) left[i] = i + 1;
        uint256 length = seed % (options + 1);
        uint256 previous = 0;
        for (uint256 place = 0; place < length; ++place) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 pick = place + (seed % (options - place));
            (left[place], left[pick]) = (left[pick], left[place]);
            bool tied = ties && previous != 0 && left[place] > previous && seed >> 255 == 1;
            previous = left[place];
            word |= (previous | (tied ? TIED : 0)) << (8 * place);
        }
    }

    function randomElection(
        uint256 seed,
        uint256 options,
        uint256 papers,
        bool ties
    ) internal pure returns (Election memory election) {
        election.options = options;
        for (uint256 i = 0; i < papers; ++i) {
            seed = uint256(keccak256(abi.encode(seed, i)));
            insert(election, randomRanking(seed >> 8, options, ties), seed & 3);
        }
    }

    /// @dev Pairwise counts as the harness keeps them.
    function tallied(Election memory election) internal returns (uint256[] memory matrix) {
        harness.tally(election.rankings, election.numbers, election.options);
        return harness.matrixOf(election.options);
    }

    function assertLt(uint256 left, uint256 right, string memory reason) internal pure {
        if (left >= right) revert AssertionFailed(reason, vm.toString(left), vm.toString(right));
    }

    function assertGt(uint256 left, uint256 right, string memory reason) internal pure {
        assertLt(right, left, reason);
    }

    function assertGe(uint256 left, uint256 right, string memory reason) internal pure {
        assertLe(right, left, reason);
    }

    function assertEq(bool left, bool right, string memory reason) internal pure {
        if (left != right) revert AssertionFailed(reason, left ? "true" : "false", right ? "true" : "false");
    }

    function assertEq(uint256[] memory left, uint256[] memory right, string memory reason) internal pure {
        assertEq(left.length, right.length, reason);
        for (uint256 i = 0; i < left.length; ++i) assertEq(left[i], right[i], reason);
    }
}
