// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SurveyHarness} from "../../../../contracts/mocks/SurveyHarness.sol";
import {SurveyForms} from "../../../../contracts/participation/rules/SurveyForms.sol";
import {CivitasTest} from "../../utils/CivitasTest.sol";

/// @dev Surveys question by question, by chance too, and a count of them that knows nothing of lanes.
abstract contract SurveyFixture is CivitasTest {
    uint256 internal constant AGREE = 1;
    uint256 internal constant DISAGREE = 2;
    uint256 internal constant PASS = 3;
    uint256 internal constant TAKE_OUT = type(uint256).max;

    SurveyHarness internal harness;

    struct Question {
        uint256 kind;
        uint256 size;
        uint256 source;
        uint256 choice;
    }

    function setUp() public virtual {
        harness = new SurveyHarness();
    }

    /// @dev A question without condition, as its 16 bits.
    function ask(uint256 kind, uint256 size) internal pure returns (uint256 question) {
        return kind | (size << 3);
    }

    /// @dev A question that is asked if `source` was answered with `choice`.
    function askIf(
        uint256 kind,
        uint256 size,
        uint256 source,
        uint256 choice
    ) internal pure returns (uint256 question) {
        return ask(kind, size) | (source << 8) | (choice << 12);
    }

    function formOf(uint256[] memory questions) internal pure returns (uint256 form) {
        for (uint256 i = 0; i < questions.length; ++i) form |= questions[i] << (16 * i);
    }

    function formOf(uint256 first) internal pure returns (uint256 form) {
        return first;
    }

    function formOf(uint256 first, uint256 second) internal pure returns (uint256 form) {
        return first | (second << 16);
    }

    function formOf(uint256 first, uint256 second, uint256 third) internal pure returns (uint256 form) {
        return first | (second << 16) | (third << 32);
    }

    function read(uint256 form) internal pure returns (Question[] memory questions) {
        uint256 length = 0;
        while (length < 16 && (form >> (16 * length)) & 0xffff != 0) ++length;
        questions = new Question[](length);
        for (uint256 i = 0; i < length; ++i) {
            uint256 word = form >> (16 * i);
            questions[i] = Question(word % 8, (word / 8) % 32, (word / 256) % 16, (word / 4096) % 16);
        }
    }

    function bitsOf(Question memory question) internal pure returns (uint256 bits) {
        if (question.kind == SurveyForms.MATRIX) return 2 * question.size;
        if (question.kind > SurveyForms.SCALE) return question.size;
        while (question.size >> bits != 0) ++bits;
    }

    function answersIn(uint256 form, uint256 payload) internal pure returns (uint256[] memory answers) {
        Question[] memory questions = read(form);
        answers = new uint256[](questions.length);
        for (uint256 i = 0; i < questions.length; ++i) {
            uint256 bits = bitsOf(questions[i]);
            answers[i] = payload % (1 << bits);
            payload >>= bits;
        }
    }

    function paperOf(uint256 form, uint256[] memory answers) internal pure returns (uint256 payload) {
        Question[] memory questions = read(form);
        for (uint256 i = answers.length; i > 0; --i) payload = (payload << bitsOf(questions[i - 1])) | answers[i - 1];
    }

    function list(uint256 one) internal pure returns (uint256[] memory numbers) {
        numbers = new uint256[](1);
        numbers[0] = one;
    }

    function list(uint256 one, uint256 two) internal pure returns (uint256[] memory numbers) {
        numbers = new uint256[](2);
        (numbers[0], numbers[1]) = (one, two);
    }

    function list(uint256 one, uint256 two, uint256 three) internal pure returns (uint256[] memory numbers) {
        numbers = new uint256[](3);
        (numbers[0], numbers[1], numbers[2]) = (one, two, three);
    }

    /// @dev A good form by chance, as wide as fits.
    function randomForm(uint256 seed, uint256 questions) internal pure returns (uint256 form) {
        uint256 width = 0;
        Question[] memory asked = new Question[](questions);
        for (uint256 i = 0; i < questions; ++i) {
            seed = uint256(keccak256(abi.encode(seed, i)));
            Question memory next = asked[i];
            next.kind = 1 + (seed % 5);
            next.size = 2 + ((seed >> 8) % (next.kind == SurveyForms.NUMBER ? 23 : 30));
            // Room for the others, of at least two bits each.
            while (width + bitsOf(next) + 2 * (questions - 1 - i) > 256) --next.size;
            if (next.size < 2) (next.kind, next.size) = (SurveyForms.ONE, 2);
            width += bitsOf(next);
            if (i != 0) next.source = (seed >> 16) % i;
            if (i != 0 && asked[next.source].kind == SurveyForms.ONE && (seed >> 32) % 2 == 0) {
                uint256 most = asked[next.source].size;
                next.choice = 1 + ((seed >> 40) % (most < 15 ? most : 15));
            } else {
                next.source = 0;
            }
            form |= askIf(next.kind, next.size, next.source, next.choice) << (16 * i);
        }
    }

    /// @dev A good paper by chance.
    function randomPaper(uint256 seed, uint256 form) internal pure returns (uint256 payload) {
        Question[] memory questions = read(form);
        uint256[] memory answers = new uint256[](questions.length);
        for (uint256 i = 0; i < questions.length; ++i) {
            seed = uint256(keccak256(abi.encode(seed, i)));
            Question memory asked = questions[i];
            if (asked.choice != 0 && answers[asked.source] != asked.choice) continue;
            if (asked.kind <= SurveyForms.SCALE) answers[i] = seed % (asked.size + 1);
            else answers[i] = seed % (1 << bitsOf(asked));
        }
        return paperOf(form, answers);
    }

    /// @dev Good papers by chance, of each up to 65,535.
    function randomPapers(
        uint256 seed,
        uint256 form,
        uint256 papers
    ) internal pure returns (uint256[] memory payloads, uint256[] memory counts) {
        payloads = new uint256[](papers);
        counts = new uint256[](papers);
        for (uint256 i = 0; i < papers; ++i) {
            seed = uint256(keccak256(abi.encode(seed, i)));
            payloads[i] = randomPaper(seed, form);
            counts[i] = uint16(seed);
        }
    }

    /// @dev Cells of a question over papers, by the definition.
    function countedCells(
        uint256 form,
        uint256 question,
        uint256[] memory payloads,
        uint256[] memory counts
    ) internal pure returns (uint256[] memory cells) {
        Question memory asked = read(form)[question];
        uint256 length = asked.size;
        if (asked.kind == SurveyForms.NUMBER) length = 2;
        if (asked.kind == SurveyForms.MATRIX) length = 3 * asked.size;
        cells = new uint256[](length);
        for (uint256 k = 0; k < payloads.length; ++k) {
            uint256 answer = answersIn(form, payloads[k])[question];
            if (answer == 0) continue;
            if (asked.kind <= SurveyForms.SCALE) {
                cells[answer - 1] += counts[k];
            } else if (asked.kind == SurveyForms.NUMBER) {
                cells[0] += counts[k];
                cells[1] += (answer - 1) * counts[k];
            } else {
                uint256 parts = asked.kind == SurveyForms.MANY ? 2 : 4;
                for (uint256 i = 0; i < asked.size; ++i) {
                    uint256 part = answer % parts;
                    answer /= parts;
                    if (part != 0) cells[parts == 2 ? i : 3 * i + part - 1] += counts[k];
                }
            }
        }
    }

    function assertEq(uint256[] memory left, uint256[] memory right, string memory reason) internal pure {
        assertEq(left.length, right.length, string.concat(reason, ": length"));
        for (uint256 i = 0; i < left.length; ++i) {
            assertEq(left[i], right[i], string.concat(reason, ": ", vm.toString(i)));
        }
    }
}
