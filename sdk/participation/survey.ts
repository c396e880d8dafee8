/**
 * Surveys as people write them, and as the words that a ballot and its papers carry on chain: twin of the libraries SurveyForms,
 * SurveyAnswers and SurveyCells in contracts/participation/rules.
 */

/** Most questions of a survey: each has 16 bits of one word. */
export const MAX_SURVEY_QUESTIONS = 16;
/** Bits of a paper, which the answers to all questions share. */
export const SURVEY_PAPER_BITS = 256;
/** Greatest number of choices, grades or statements of a question. */
export const MAX_SURVEY_SIZE = 31;
/** Greatest number of bits of a number. */
export const MAX_SURVEY_NUMBER_BITS = 24;
/** Greatest choice that a condition can ask for. */
export const MAX_SURVEY_CONDITION = 15;

/** A condition: the question is asked of those who gave this choice. */
export interface SurveyCondition {
  /** Number of an earlier question of kind "one", from 0. */
  readonly question: number;
  /** Choice there, from 1 to {@link MAX_SURVEY_CONDITION}. */
  readonly choice: number;
}

interface Asked {
  /** Asked of everybody if left out. */
  readonly onlyIf?: SurveyCondition;
}

/** A question with one of 2 to 31 choices for an answer. */
export interface OneQuestion extends Asked {
  readonly kind: "one";
  readonly choices: number;
}

/** A question with a grade from 1 to 2 to 31 for an answer. */
export interface ScaleQuestion extends Asked {
  readonly kind: "scale";
  readonly grades: number;
}

/** A question with any of 1 to 31 choices for an answer. None of them is no answer. */
export interface ManyQuestion extends Asked {
  readonly kind: "many";
  readonly choices: number;
}

/** A question with a number from 0 to 2^bits - 2 for an answer, of 2 to 24 bits; see {@link bitsForNumber}. */
export interface NumberQuestion extends Asked {
  readonly kind: "number";
  readonly bits: number;
}

/** 1 to 31 statements, with each of which people agree or disagree, or they pass. */
export interface MatrixQuestion extends Asked {
  readonly kind: "matrix";
  readonly statements: number;
}

/** A question of a survey. */
export type SurveyQuestion = OneQuestion | ScaleQuestion | ManyQuestion | NumberQuestion | MatrixQuestion;

/** The questions of a survey in their order, 1 to 16. */
export type SurveyQuestions = readonly SurveyQuestion[];

/** An answer to a statement. */
export type Opinion = "agree" | "disagree" | "pass";

/**
 * An answer, null for none: to "one" the choice, from 1; to "scale" the grade; to "many" the choices, from 1; to "number" the number;
 * to "matrix" an opinion or null for each statement.
 */
export type SurveyAnswer = number | readonly number[] | readonly (Opinion | null)[] | null;

/** What a survey, a paper of one, or a question about one can be wrong in. */
export type SurveyFault =
  | "no question"
  | "too many questions"
  | "unknown kind"
  | "bad size"
  | "too wide"
  | "bad condition"
  | "no word"
  | "bad answer"
  | "condition not met"
  | "too many answers";

/** A survey, paper or question that cannot be, with the value that is at fault and the limit that it breaks. */
export class SurveyError extends RangeError {
  override readonly name = "SurveyError";
  readonly fault: SurveyFault;
  /** Number of the question, from 0. */
  readonly question: number;
  /** What stands there: a kind, size, number of bits, choice, answer, or the word. */
  readonly value: bigint;
  /** The greatest there may be, or what the value must be. */
  readonly limit: bigint;

  constructor(fault: SurveyFault, question: number, value: bigint | number, limit: bigint | number, message: string) {
    super(`question ${question}: ${message}`);
    this.fault = fault;
    this.question = question;
    this.value = BigInt(value);
    this.limit = BigInt(limit);
  }
}

/** Equal papers. */
export interface SurveyPapers {
  /** What they say. */
  readonly payload: bigint;
  /** How many there are. */
  readonly count: bigint;
}

/** Kinds by their number on chain. */
const KINDS = [null, "one", "scale", "many", "number", "matrix"] as const;
const OPINIONS = [null, "agree", "disagree", "pass"] as const;
const CELLS_PER_STATEMENT = 3;
const BITS_PER_STATEMENT = 2;
const QUESTION_BITS = 16n;
const QUESTION_MASK = 0xffffn;
const SIZE_SHIFT = 3;
const SOURCE_SHIFT = 8;
const CHOICE_SHIFT = 12;
const KIND_MASK = 0x7;
const SIZE_MASK = 0x1f;
const NIBBLE_MASK = 0xf;
const WORD_BITS = 256n;

/**
 * Bits of a "number" that takes all numbers up to one. It takes greater ones too, up to 2^bits - 2.
 *
 * @param most - The greatest number, 0 to 2^24 - 2.
 * @throws RangeError for another one.
 */
export function bitsForNumber(most: number): number {
  const limit = 2 ** MAX_SURVEY_NUMBER_BITS - 2;
  if (!Number.isInteger(most) || most < 0 || most > limit) {
    throw new RangeError(`a survey's numbers go up to ${limit}, not to ${most}`);
  }
  // The number is kept plus one, and a question has two bits at least.
  return Math.max(2, (most + 1).toString(2).length);
}

/**
 * The one word in which a ballot keeps its questions.
 *
 * @throws SurveyError for no question or more than 16, a size that its kind cannot have, answers that do not fit into 256 bits, and a
 * condition that is not on a choice, up to 15, of an earlier question of kind "one".
 */
export function packForm(questions: SurveyQuestions): bigint {
  checkQuestions(questions);
  let form = 0n;
  for (const [index, question] of questions.entries()) {
    const source = question.onlyIf?.question ?? 0;
    const choice = question.onlyIf?.choice ?? 0;
    const bits =
      KINDS.indexOf(question.kind) |
      (sizeOf(question) << SIZE_SHIFT) |
      (source << SOURCE_SHIFT) |
      (choice << CHOICE_SHIFT);
    form |= BigInt(bits) << (BigInt(index) * QUESTION_BITS);
  }
  return form;
}

/**
 * The questions that a word has.
 *
 * @param form - 256 bits.
 * @throws SurveyError for words that {@link packForm} does not make.
 */
export function unpackForm(form: bigint): SurveyQuestion[] {
  checkWord(form);
  const questions: SurveyQuestion[] = [];
  for (let rest = form; rest !== 0n; rest >>= QUESTION_BITS) {
    const bits = Number(rest & QUESTION_MASK);
    if (bits === 0) throw new SurveyError("no question", questions.length, 0, 1, "there is none, and others behind it");
    questions.push(questionOf(bits, questions.length));
    checkQuestions(questions);
  }
  checkQuestions(questions);
  return questions;
}

/**
 * The word of a paper: answers side by side, the first at the low end.
 *
 * @param questions - The survey.
 * @param answers - An answer or null for each question; those left out at the end are null.
 * @throws SurveyError for a survey that cannot be, an answer that the question does not take, one to a question whose condition is
 * not met, and for more answers than questions.
 */
export function packAnswers(questions: SurveyQuestions, answers: readonly SurveyAnswer[]): bigint {
  checkQuestions(questions);
  if (answers.length > questions.length) {
    const reason = `there are ${questions.length} questions, and ${answers.length} answers`;
    throw new SurveyError("too many answers", questions.length, answers.length, questions.length, reason);
  }
  const values = questions.map((question, index) => valueOf(question, index, answers[index] ?? null));
  for (const [index, { onlyIf }] of questions.entries()) {
    if (values[index] === 0n || onlyIf === undefined || values[onlyIf.question] === BigInt(onlyIf.choice)) continue;
    const reason = `is asked if question ${onlyIf.question} is answered with ${onlyIf.choice}`;
    throw new SurveyError("condition not met", index, values[onlyIf.question] ?? 0n, onlyIf.choice, reason);
  }
  return values.reduceRight((word, value, index) => (word << widthAt(questions, index)) | value, 0n);
}

/**
 * The answers of a paper.
 *
 * @param questions - The survey.
 * @param payload - The paper's word.
 * @throws SurveyError for a survey that cannot be and words that {@link packAnswers} does not make of it.
 */
export function unpackAnswers(questions: SurveyQuestions, payload: bigint): SurveyAnswer[] {
  checkQuestions(questions);
  checkWord(payload);
  let rest = payload;
  const answers = questions.map((question, index): SurveyAnswer => {
    const width = widthAt(questions, index);
    const value = rest & ((1n << width) - 1n);
    rest >>= width;
    return answerOf(question, value);
  });
  if (rest !== 0n) {
    throw new SurveyError("too many answers", questions.length, rest, 0, "there is something behind the last answer");
  }
  packAnswers(questions, answers);
  return answers;
}

/**
 * Whether a word is a paper of a survey, as the chain judges.
 *
 * @throws SurveyError for a survey that cannot be.
 */
export function isSurveyPaper(questions: SurveyQuestions, payload: bigint): boolean {
  checkQuestions(questions);
  try {
    unpackAnswers(questions, payload);
    return true;
  } catch (error) {
    if (error instanceof SurveyError) return false;
    throw error;
  }
}

/**
 * What papers answer, a list of cells for each question. Of "one", "scale" and "many": people for each choice or grade. Of
 * "matrix": people who agree, disagree and pass, for one statement after another. Of "number": people who gave one, and the sum.
 *
 * @throws SurveyError for a survey that cannot be, and for a paper that is none of it.
 */
export function countSurvey(questions: SurveyQuestions, papers: readonly SurveyPapers[]): bigint[][] {
  const cells = questions.map((question) => Array.from({ length: cellCountOf(question) }, () => 0n));
  for (const { payload, count } of papers) {
    for (const [index, answer] of unpackAnswers(questions, payload).entries()) {
      for (const [cell, amount] of additionsOf(answer, questions[index]?.kind === "number")) {
        const its = cells[index];
        if (its !== undefined) its[cell] = (its[cell] ?? 0n) + amount * count;
      }
    }
  }
  return cells;
}

/**
 * The cells of a survey that can be printed, null for those that are hidden because too few people are in them. A cell of 1 to
 * minCell - 1 people is hidden, and with it each of its question or statement up to the smallest that would have been shown;
 * all, if there is none. A number is hidden if so few gave one, and a question if the cell that its condition is on is hidden. With a
 * minCell of 3 or more no hidden cell is certain to who knows how many answered. See the library SurveyCells for what is not
 * protected.
 *
 * @param questions - The survey.
 * @param cells - All cells, of {@link countSurvey}.
 * @param minCell - People that a cell must have.
 * @throws SurveyError for a survey that cannot be.
 */
export function hideCells(
  questions: SurveyQuestions,
  cells: readonly (readonly bigint[])[],
  minCell: bigint,
): (bigint | null)[][] {
  checkQuestions(questions);
  const shown: (bigint | null)[][] = [];
  for (const [index, question] of questions.entries()) {
    const its = cells[index] ?? [];
    const { onlyIf } = question;
    if (onlyIf !== undefined && shown[onlyIf.question]?.[onlyIf.choice - 1] === null) {
      shown.push(its.map(() => null));
    } else if (question.kind === "number") {
      const [people = 0n] = its;
      shown.push(its.map((value) => (people !== 0n && people < minCell ? null : value)));
    } else {
      const group = question.kind === "matrix" ? CELLS_PER_STATEMENT : its.length;
      shown.push(
        its.flatMap((_, start) => (start % group === 0 ? hideGroup(its.slice(start, start + group), minCell) : [])),
      );
    }
  }
  return shown;
}

function hideGroup(cells: readonly bigint[], minCell: bigint): (bigint | null)[] {
  const people = cells.filter((cell) => cell !== 0n);
  if (people.every((cell) => cell >= minCell)) return [...cells];
  const enough = people.filter((cell) => cell >= minCell);
  if (enough.length === 0) return cells.map(() => null);
  const most = enough.reduce((least, cell) => (cell < least ? cell : least));
  return cells.map((cell) => (cell !== 0n && cell <= most ? null : cell));
}

function sizeOf(question: SurveyQuestion): number {
  switch (question.kind) {
    case "one":
    case "many":
      return question.choices;
    case "scale":
      return question.grades;
    case "number":
      return question.bits;
    case "matrix":
      return question.statements;
  }
}

function widthOf(question: SurveyQuestion): number {
  const size = sizeOf(question);
  if (question.kind === "one" || question.kind === "scale") return size.toString(2).length;
  return question.kind === "matrix" ? size * BITS_PER_STATEMENT : size;
}

function widthAt(questions: SurveyQuestions, index: number): bigint {
  const question = questions[index];
  return question === undefined ? 0n : BigInt(widthOf(question));
}

function cellCountOf(question: SurveyQuestion): number {
  if (question.kind === "number") return 2;
  return question.kind === "matrix" ? question.statements * CELLS_PER_STATEMENT : sizeOf(question);
}

function questionOf(bits: number, index: number): SurveyQuestion {
  const kind = KINDS[bits & KIND_MASK] ?? null;
  const size = (bits >> SIZE_SHIFT) & SIZE_MASK;
  const source = (bits >> SOURCE_SHIFT) & NIBBLE_MASK;
  const choice = bits >> CHOICE_SHIFT;
  const asked = source === 0 && choice === 0 ? {} : { onlyIf: { question: source, choice } };
  switch (kind) {
    case null: {
      const limit = KINDS.length - 1;
      throw new SurveyError(
        "unknown kind",
        index,
        bits & KIND_MASK,
        limit,
        `kinds are 1 to ${limit}, not ${bits & KIND_MASK}`,
      );
    }
    case "one":
    case "many":
      return { kind, choices: size, ...asked };
    case "scale":
      return { kind, grades: size, ...asked };
    case "number":
      return { kind, bits: size, ...asked };
    case "matrix":
      return { kind, statements: size, ...asked };
  }
}

function checkWord(word: bigint): void {
  if (word >= 0n && word >> WORD_BITS === 0n) return;
  const reason = `${word.toString()} is not a word of ${WORD_BITS.toString()} bits`;
  throw new SurveyError("no word", 0, word, (1n << WORD_BITS) - 1n, reason);
}

function checkQuestions(questions: SurveyQuestions): void {
  if (questions.length === 0) throw new SurveyError("no question", 0, 0, 1, "a survey has one at least");
  if (questions.length > MAX_SURVEY_QUESTIONS) {
    const reason = `a survey has up to ${MAX_SURVEY_QUESTIONS}, not ${questions.length}`;
    throw new SurveyError("too many questions", MAX_SURVEY_QUESTIONS, questions.length, MAX_SURVEY_QUESTIONS, reason);
  }
  let width = 0;
  for (const [index, question] of questions.entries()) {
    const { kind } = question;
    const size = sizeOf(question);
    const least = kind === "many" || kind === "matrix" ? 1 : 2;
    const most = kind === "number" ? MAX_SURVEY_NUMBER_BITS : MAX_SURVEY_SIZE;
    if (!Number.isInteger(size) || size < least || size > most) {
      const reason = `the size of "${kind}" is ${least} to ${most}, not ${size}`;
      throw new SurveyError("bad size", index, Math.trunc(size), size < least ? least : most, reason);
    }
    width += widthOf(question);
    if (width > SURVEY_PAPER_BITS) {
      const reason = `answers up to this one need ${width} bits of ${SURVEY_PAPER_BITS}`;
      throw new SurveyError("too wide", index, width, SURVEY_PAPER_BITS, reason);
    }
    if (question.onlyIf !== undefined) checkCondition(questions, index, question.onlyIf);
  }
}

function checkCondition(questions: SurveyQuestions, index: number, { question, choice }: SurveyCondition): void {
  const source = question < index ? questions[question] : undefined;
  const limit = source?.kind === "one" ? Math.min(source.choices, MAX_SURVEY_CONDITION) : 0;
  if (Number.isInteger(choice) && choice >= 1 && choice <= limit) return;
  const reason =
    limit === 0
      ? `its condition is on question ${question}, which is no earlier one with a single choice`
      : `its condition is on choice ${choice} of question ${question}, not on one of 1 to ${limit}`;
  throw new SurveyError("bad condition", index, Math.trunc(choice), limit, reason);
}

/** The number that stands for an answer. */
function valueOf(question: SurveyQuestion, index: number, answer: SurveyAnswer): bigint {
  if (answer === null) return 0n;
  const size = sizeOf(question);
  switch (question.kind) {
    case "one":
    case "scale":
      return BigInt(numberIn(answer, 1, size, index));
    case "number":
      return BigInt(numberIn(answer, 0, 2 ** size - 2, index) + 1);
    case "many":
      return choicesIn(listIn(answer, size, index), size, index);
    case "matrix":
      return opinionsIn(listIn(answer, size, index), index);
  }
}

function listIn(answer: SurveyAnswer, most: number, index: number): readonly (number | Opinion | null)[] {
  if (!Array.isArray(answer)) throw new SurveyError("bad answer", index, 1, most, "an answer is a list");
  const list = answer as readonly (number | Opinion | null)[];
  if (list.length <= most) return list;
  throw new SurveyError(
    "bad answer",
    index,
    list.length,
    most,
    `an answer has up to ${most} parts, not ${list.length}`,
  );
}

function numberIn(answer: unknown, least: number, most: number, index: number): number {
  if (typeof answer !== "number" || !Number.isInteger(answer) || answer < least || answer > most) {
    const value = typeof answer === "number" && Number.isFinite(answer) ? Math.trunc(answer) : 0;
    const reason = `an answer is ${least} to ${most}, not ${String(answer)}`;
    throw new SurveyError("bad answer", index, value, value < least ? least : most, reason);
  }
  return answer;
}

function choicesIn(list: readonly unknown[], most: number, index: number): bigint {
  let chosen = 0n;
  for (const entry of list) {
    const choice = numberIn(entry, 1, most, index);
    const bit = 1n << BigInt(choice - 1);
    if ((chosen & bit) !== 0n) {
      throw new SurveyError("bad answer", index, choice, most, `choice ${choice} is there twice`);
    }
    chosen |= bit;
  }
  return chosen;
}

function opinionsIn(list: readonly unknown[], index: number): bigint {
  let word = 0n;
  for (const [statement, opinion] of list.entries()) {
    const value = OPINIONS.findIndex((known) => known === opinion);
    if (value < 0) {
      const reason = `an opinion is agree, disagree, pass or null, not ${String(opinion)}`;
      throw new SurveyError("bad answer", index, statement, OPINIONS.length - 1, reason);
    }
    word |= BigInt(value) << BigInt(statement * BITS_PER_STATEMENT);
  }
  return word;
}

/** The answer that a number stands for. It need not be one that the question takes. */
function answerOf(question: SurveyQuestion, value: bigint): SurveyAnswer {
  if (value === 0n) return null;
  switch (question.kind) {
    case "one":
    case "scale":
      return Number(value);
    case "number":
      return Number(value - 1n);
    case "many":
      return numbersTo(question.choices).filter((choice) => ((value >> BigInt(choice - 1)) & 1n) !== 0n);
    case "matrix":
      return numbersTo(question.statements).map(
        (statement) => OPINIONS[Number((value >> BigInt((statement - 1) * BITS_PER_STATEMENT)) & 3n)] ?? null,
      );
  }
}

/** Cells that an answer adds to, and how much. */
function additionsOf(answer: SurveyAnswer, isNumber: boolean): [number, bigint][] {
  if (answer === null) return [];
  if (typeof answer === "number") {
    if (!isNumber) return [[answer - 1, 1n]];
    return [
      [0, 1n],
      [1, BigInt(answer)],
    ];
  }
  return answer.flatMap((part, place): [number, bigint][] => {
    if (part === null) return [];
    if (typeof part === "number") return [[part - 1, 1n]];
    return [[place * CELLS_PER_STATEMENT + OPINIONS.indexOf(part) - 1, 1n]];
  });
}

function numbersTo(most: number): number[] {
  return Array.from({ length: most }, (_, index) => index + 1);
}
