// Expressions in CEL: the one door to the library. Pure; loaded only where a plan has an `exit.when`.

import { Environment, EvaluationError, ParseError, TypeError } from '@marcbachmann/cel-js';
import type { ASTNode, ParseResult } from '@marcbachmann/cel-js';
import { unreachable } from './unreachable.ts';
import type { Expressions, Fault, Named } from './plan/expression.ts';
import type { ExpressionPlan, Variable } from './plan/ends-plan.ts';

/** What is allowed is linear in these, so that no expression takes longer to evaluate than to read. */
const LIMITS = {
  maxAstNodes: 500,
  maxDepth: 40,
  maxListElements: 50,
  maxMapEntries: 0,
  maxCallArguments: 2,
};
const FUNCTIONS: ReadonlySet<string> = new Set(['int', 'double', 'duration']);
const METHODS: ReadonlySet<string> = new Set(['getHours', 'getMinutes', 'getSeconds', 'getMilliseconds']);
/** Of the language's 64 bits. */
const MOST_INT = 2n ** 63n - 1n;
const CEL_TYPES = { int: 'int', double: 'double', duration: 'google.protobuf.Duration' } as const;

const parsed = new WeakMap<ExpressionPlan, ParseResult>();

export const expressions: Expressions = {
  read: (text) => {
    try {
      const names = new Map<string, Named>();
      const fault = walk(environment([]).parse(text).ast, names);
      return fault ? { fault } : { names: [...names.values()] };
    } catch (error) {
      return { fault: faultOf(error, text) };
    }
  },

  check: ({ text, reads }) => {
    const { valid, type, error } = environment(reads).check(text);
    if (!valid) return faultOf(error, text);
    const range = [0, text.length] as const;
    if (type === 'bool') return undefined;
    return { message: `it is a value (${type}), not a condition`, mend: 'compare it: `cycles > 3`', range };
  },

  holds: (expression, values) => {
    const known = parsed.get(expression) ?? environment(expression.reads).parse(expression.text);
    parsed.set(expression, known);
    const context = Object.fromEntries(
      expression.reads.flatMap((one) => {
        const value = values.get(one.name);
        return value === undefined ? [] : [[one.name, celValue(one, value)]];
      }),
    );
    try {
      return known(context) === true;
    } catch (error) {
      // A variable without a value, a division by zero: what nobody can say does not hold.
      if (error instanceof EvaluationError) return undefined;
      throw error;
    }
  },
};

function environment(variables: readonly Variable[]): Environment {
  const made = new Environment({ limits: LIMITS });
  for (const { name, type } of variables) made.registerVariable(name, CEL_TYPES[type]);
  return made;
}

/** Integers are BigInt there, and a duration can be made by the language alone. */
function celValue({ type }: Variable, value: number): unknown {
  if (type === 'double') return value;
  if (type === 'int') return BigInt(Math.trunc(value));
  return new Environment().evaluate(`duration("${Math.round(value)}ms")`);
}

/** Collects variables; a fault where something stands that is not allowed. */
function walk(node: ASTNode, names: Map<string, Named>): Fault | undefined {
  const range = [node.start, node.end] as const;
  const all = (nodes: readonly ASTNode[]) => firstOf(nodes.map((one) => walk(one, names)));
  switch (node.op) {
    case 'value':
      if (typeof node.args !== 'bigint' || node.args <= MOST_INT) return undefined;
      return { message: `\`${node.input.slice(...range)}\` is more than there is`, range };
    case 'id':
      if (!names.has(node.args)) names.set(node.args, { name: node.args, range });
      return undefined;
    case 'call': {
      const [name, given] = node.args;
      if (!FUNCTIONS.has(name)) return notHere(name, range);
      const isFixed = given.every(({ op }) => op === 'value');
      return (isFixed ? fixedFault(node, name, range) : undefined) ?? all(given);
    }
    case 'rcall': {
      const [name, of, given] = node.args;
      return METHODS.has(name) ? all([of, ...given]) : notHere(name, range);
    }
    case 'list':
    case '?:':
    case '||':
    case '&&':
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '+':
    case '-':
    case '*':
    case 'in':
      return all(node.args);
    case '/':
    case '%':
      return zeroFault(node.args[1]) ?? all(node.args);
    case '!_':
    case '-_':
      return all([node.args]);
    case '.':
    case '.?':
    case '[]':
    case '[?]':
    case 'map':
      return notHere(node.op, range);
    default:
      return unreachable(node);
  }
}

/** `duration("10x")` and `int("abc")` would be found out in the night only. */
function fixedFault(node: ASTNode, name: string, range: Fault['range']): Fault | undefined {
  const text = node.input.slice(...range);
  try {
    new Environment().evaluate(text);
    return undefined;
  } catch {
    const message = `\`${text}\` is no ${name === 'duration' ? name : 'number'}`;
    return name === 'duration'
      ? { message, mend: 'write such as `duration("1h30m")`', range }
      : { message, mend: 'write the number itself', range };
  }
}

/** What is divided by nothing has no value, and never holds. */
function zeroFault({ op, args, start, end }: ASTNode): Fault | undefined {
  return op === 'value' && (args === 0n || args === 0)
    ? { message: 'nothing can be divided by zero', range: [start, end] }
    : undefined;
}

function notHere(what: string, range: Fault['range']): Fault {
  const known = [...FUNCTIONS, ...METHODS].join(', ');
  return { message: `\`${what}\` may not stand in this expression`, mend: `known are ${known}`, range };
}

function firstOf(faults: readonly (Fault | undefined)[]): Fault | undefined {
  return faults.find((one) => one !== undefined);
}

function faultOf(error: unknown, text: string): Fault {
  const isTold =
    error instanceof ParseError || error instanceof TypeError || error instanceof EvaluationError;
  if (!isTold) throw error;
  const { start, end } = error.range ?? { start: 0, end: text.length };
  const message = error.summary.replace(/google\.protobuf\.Duration/g, 'duration');
  const mend = mendOf(message);
  const range = [Math.min(start, text.length), Math.max(start + 1, end)] as const;
  return { message: `no expression: ${message}`, ...(mend !== undefined && { mend }), range };
}

function mendOf(message: string): string | undefined {
  if (/no such overload: .*duration/.test(message))
    return 'a duration is compared with a duration: `runtime > duration("10h")`';
  if (/no such overload: (?:double \S+ int|int \S+ double)$/.test(message))
    return 'both sides have to be of one kind: write `5.0`, or `double(cycles)`';
  return undefined;
}
