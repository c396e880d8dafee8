// Mutants of a Solidity source: copies with one small fault each, which tests are to find.
//
// Only what runs is changed: bodies of functions and modifiers, and the modifiers that functions name. Constants, types,
// documentation, errors and events stay.

import { visit } from "@solidity-parser/parser";
import type { ASTNode, FunctionDefinition, ModifierDefinition } from "@solidity-parser/parser/dist/src/ast-types.js";
import { contractsOf, parseSource } from "./solidity.js";

/** A source with one fault. */
export interface Mutant {
  /** File of the source, from the root of the project. */
  path: string;
  /** Function or modifier that has the fault. */
  function: string;
  /** What kind of fault it is. */
  operator: string;
  /** Line of the fault, from 1 on. */
  line: number;
  /** What stands in the source, and what in its place, on one line each with the code around it. */
  original: string;
  mutant: string;
  /** Where it stands in the source: the first character, and the one after the last. */
  start: number;
  end: number;
  /** What stands there instead. */
  text: string;
}

/** For each operator what it is mistaken for. Those that assign change as the ones they are made of. */
const OPERATORS: Record<string, string[]> = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "==": ["!="],
  "!=": ["=="],
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "%": ["*"],
  "**": ["*"],
  "&": ["|"],
  "|": ["&"],
  "^": ["|"],
  "<<": [">>"],
  ">>": ["<<"],
  "&&": ["||"],
  "||": ["&&"],
  "+=": ["-=", "="],
  "-=": ["+=", "="],
  "*=": ["/="],
  "/=": ["*="],
  "%=": ["*="],
  "|=": ["&=", "="],
  "&=": ["|=", "="],
  "^=": ["|="],
  "<<=": [">>="],
  ">>=": ["<<="],
};
const KINDS: [RegExp, string][] = [
  [/^[<>]=?$/, "boundary"],
  [/^[=!]=$/, "equality"],
  [/^(&&|\|\|)$/, "logic"],
  [/^([&|^]|<<|>>)=?$/, "bits"],
];
const UNARY: Record<string, string> = { "++": "--", "--": "++" };
/** The same in assembly. */
const INSTRUCTIONS: Record<string, string> = {
  add: "sub",
  sub: "add",
  mul: "div",
  div: "mul",
  mod: "mul",
  and: "or",
  or: "and",
  xor: "or",
  shl: "shr",
  shr: "shl",
  lt: "gt",
  gt: "lt",
  slt: "sgt",
  sgt: "slt",
};
const SWAPPED: Record<string, string> = { min: "max", max: "min" };
const NOTHING: Record<string, string> = { bool: "false", address: "address(0)" };

type Ranged = ASTNode & { range?: [number, number] };

/** All mutants of a source, in the order of their places. */
export function mutantsOf(path: string, source: string): Mutant[] {
  const found = new Map<string, Mutant>();
  for (const contract of contractsOf(parseSource(path, source))) {
    for (const node of contract.subNodes) {
      if (node.type !== "FunctionDefinition" && node.type !== "ModifierDefinition") continue;
      const part = node as FunctionDefinition | ModifierDefinition;
      const name = "isConstructor" in part && part.isConstructor ? "constructor" : (part.name ?? "receive");
      for (const change of changesOf(part, source)) {
        const { start, end, text } = change;
        const key = `${start} ${end} ${text}`;
        if (source.slice(start, end) === text || found.has(key)) continue;
        found.set(key, { path, function: name, ...change, ...linesOf(source, start, end, text) });
      }
    }
  }
  return [...found.values()].sort((left, right) => left.start - right.start || left.end - right.end);
}

/** A source with the fault in it. */
export function plant(source: string, { start, end, text }: Pick<Mutant, "end" | "start" | "text">): string {
  return source.slice(0, start) + text + source.slice(end);
}

type Change = Pick<Mutant, "end" | "operator" | "start" | "text">;

function changesOf(node: FunctionDefinition | ModifierDefinition, source: string): Change[] {
  const changes: Change[] = [];
  const change = (operator: string, start: number, end: number, text: string): void => {
    changes.push({ operator, start, end, text });
  };
  const rangeOf = (of: Ranged): [number, number] => {
    const [first, last] = of.range ?? [0, -1];
    return [first, last + 1];
  };
  const textOf = (of: Ranged): string => source.slice(...rangeOf(of));
  const whole = (operator: string, of: Ranged, text: string): void => {
    // The step of a loop is a statement without a place of its own.
    if (of.range !== undefined) change(operator, ...rangeOf(of), text);
  };
  const neighbours = (of: Ranged, written: string): void => {
    if (!/^(0[xX][\da-fA-F]+|\d+)$/.test(written)) return;
    const value = BigInt(written);
    whole("number", of, String(value + 1n));
    if (value > 0n) whole("number", of, String(value - 1n));
  };

  /** Comparisons of two values that decide between what is the same where the values are equal. */
  const idle = new Set<ASTNode>();
  const decide = (condition: ASTNode, ways: readonly string[]): void => {
    if (condition.type !== "BinaryOperation") return;
    const { left, right } = condition;
    const [one, other] = [textOf(left), textOf(right)];
    if (/[(=]|\+\+|--/.test(one + other)) return;
    const differences = [`${one} - ${other}`, `${other} - ${one}`, "0"];
    if ([[one, other], differences].some((same) => ways.every((way) => same.includes(way)))) idle.add(condition);
  };

  /** First statements of loops, which are followed by nothing but their semicolon. */
  const firsts = new Set<ASTNode>();

  const { body, nothing } = partsOf(node);
  if (node.type === "FunctionDefinition" && !node.isConstructor) {
    for (const modifier of node.modifiers) whole("modifier", modifier, "");
  }
  if (body === null) return changes;
  visit(body, {
    BinaryOperation: (of) => {
      const start = rangeOf(of.left)[1];
      const between = source.slice(start, rangeOf(of.right)[0]);
      const offset = start + between.indexOf(of.operator);
      const kind = KINDS.find(([pattern]) => pattern.test(of.operator))?.[1] ?? "arithmetic";
      for (const other of OPERATORS[of.operator] ?? []) {
        // At equality, where the boundary alone differs, both sides come to the same.
        const isIdle = idle.has(of) && other.startsWith(of.operator.charAt(0));
        if (!isIdle) change(kind, offset, offset + of.operator.length, other);
      }
    },
    UnaryOperation: (of) => {
      const [start, end] = rangeOf(of);
      const { operator } = of;
      const at = of.isPrefix ? start : end - operator.length;
      if (operator in UNARY) change("unary", at, at + operator.length, UNARY[operator] ?? "");
      else if (["!", "-", "~"].includes(operator)) change("unary", at, at + operator.length, "");
    },
    Conditional: (of) => {
      decide(of.condition, [textOf(of.trueExpression), textOf(of.falseExpression)]);
      const [start, end] = [rangeOf(of.trueExpression)[0], rangeOf(of.falseExpression)[1]];
      change("condition", start, end, `${textOf(of.falseExpression)} : ${textOf(of.trueExpression)}`);
    },
    IfStatement: (of) => {
      const { condition, trueBody, falseBody } = of;
      if (!["BinaryOperation", "UnaryOperation"].includes(condition.type)) {
        whole("condition", condition, `!(${textOf(condition)})`);
      }
      // Sets one of two values to the other.
      const [, to, from] = /^([\w.[\]]+) = ([\w.[\]]+);$/.exec(textOf(trueBody)) ?? [];
      if (to !== undefined && from !== undefined && falseBody === null) decide(condition, [to, from]);
      const only = trueBody.type === "Block" && trueBody.statements.length === 1 ? trueBody.statements[0] : trueBody;
      if (only?.type === "RevertStatement" && falseBody === null) whole("check", of, "{}");
    },
    NumberLiteral: (of) => {
      if (of.subdenomination === null) neighbours(of, of.number);
    },
    BooleanLiteral: (of) => {
      whole("truth", of, String(!of.value));
    },
    ForStatement: ({ initExpression }) => {
      if (initExpression !== null) firsts.add(initExpression);
    },
    ExpressionStatement: (of) => {
      whole("statement", of, firsts.has(of) ? ";" : "{}");
    },
    EmitStatement: (of) => {
      whole("statement", of, "{}");
    },
    ContinueStatement: (of) => {
      whole("statement", of, "{}");
    },
    BreakStatement: (of) => {
      whole("statement", of, "{}");
    },
    ReturnStatement: (of) => {
      if (of.expression !== null && nothing !== undefined) whole("result", of.expression, nothing);
    },
    FunctionCall: (of) => {
      const { expression, arguments: given } = of;
      if (expression.type !== "MemberAccess" || textOf(expression.expression) !== "Math") return;
      const [first, second] = given;
      const other = SWAPPED[expression.memberName];
      if (other !== undefined) whole("rounding", expression, `Math.${other}`);
      if (expression.memberName === "ceilDiv" && first !== undefined && second !== undefined) {
        whole("rounding", of, `((${textOf(first)}) / (${textOf(second)}))`);
      }
      if (expression.memberName === "mulDiv") {
        const [start, end] = rangeOf(of);
        const text = source.slice(start, end);
        if (given.length === 3) change("rounding", end - 1, end, ", Math.Rounding.Ceil)");
        else
          whole(
            "rounding",
            of,
            text.replace(/Rounding\.(Ceil|Floor)/, (_all, way) => `Rounding.${way === "Ceil" ? "Floor" : "Ceil"}`),
          );
      }
    },
    AssemblyBlock: (of) => {
      for (const operation of of.operations) {
        if (operation.type === "AssemblyCall" || operation.type === "AssemblyAssignment") {
          whole("statement", operation, "");
        }
      }
    },
    AssemblyCall: (of) => {
      const other = INSTRUCTIONS[of.functionName];
      if (other === undefined) return;
      const [start] = rangeOf(of);
      change("instruction", start, start + of.functionName.length, other);
    },
    DecimalNumber: (of) => {
      neighbours(of, of.value);
    },
    HexNumber: (of) => {
      neighbours(of, of.value);
    },
  });
  return changes;
}

/** What runs of a function, and what it returns where it returns nothing of worth. */
function partsOf(node: FunctionDefinition | ModifierDefinition): {
  body: FunctionDefinition["body"];
  nothing?: string;
} {
  if (node.type === "ModifierDefinition") return { body: node.body };
  const [only, ...others] = node.returnParameters ?? [];
  if (only?.typeName?.type !== "ElementaryTypeName" || others.length > 0) return { body: node.body };
  const { name } = only.typeName;
  const nothing = /^u?int/.test(name) ? "0" : /^bytes\d+$/.test(name) ? `${name}(0)` : NOTHING[name];
  return nothing === undefined ? { body: node.body } : { body: node.body, nothing };
}

/** The lines that a change touches, before and after it, each as one line. */
function linesOf(
  source: string,
  start: number,
  end: number,
  text: string,
): Pick<Mutant, "line" | "mutant" | "original"> {
  const first = source.lastIndexOf("\n", start - 1) + 1;
  const after = source.indexOf("\n", end);
  const last = after < 0 ? source.length : after;
  const plain = (lines: string): string => lines.replace(/\s+/g, " ").trim();
  return {
    line: source.slice(0, start).split("\n").length,
    original: plain(source.slice(first, last)),
    mutant: plain(source.slice(first, start) + text + source.slice(end, last)),
  };
}
