// `failure-rate: "> 80% over 30"` as written → as measured. Whether it holds is core/loop's business.

import type { Path } from '../config/problem.ts';
import { MOST_DISTINCT } from '../loop/run-fold.ts';
import { AMOUNTS, type Amount } from './amount.ts';
import type { Measures, Resolved } from './measures.ts';
import type { Condition } from './ends-plan.ts';
import type { Reader } from './reader.ts';

const SHAPE = /^(?:(<=|>=|==|!=|<|>)\s*)?([^\s<>=!]+)(?:\s+over\s+(\S+))?$/;
const LEAST_OVER = 2;
const MOST_OVER = 1000;

/** What a condition stands under: one that holds from the first moment on would end a run before it began. */
export type Use = 'target' | 'budget' | 'give-up' | 'mark';

export interface Parts {
  /** Undefined: a bare value. */
  readonly operator: Condition['operator'] | undefined;
  readonly amount: string;
  readonly over: string | undefined;
}

/** `> 80% over 30` in its parts; undefined when the text says no comparison. */
export function partsOf(text: string): Parts | undefined {
  const [whole, operator, amount, over] = SHAPE.exec(text.trim()) ?? [];
  if (whole === undefined || amount === undefined) return undefined;
  return { operator: isOperator(operator) ? operator : undefined, amount, over };
}

interface Place {
  readonly name: string;
  readonly path: Path;
  readonly reader: Reader;
  readonly use: Use;
}

/** Undefined after a problem, and where the name cannot be known. */
export function readCondition(
  written: string | number,
  measures: Measures,
  place: Place,
): Condition | undefined {
  const { name, path, reader, use } = place;
  const text = reader.text(written, path);
  const resolved = measures.find(name, path, reader);
  if (text === undefined || resolved === undefined) return undefined;
  const amount = AMOUNTS[resolved.unit];
  const parts = partsOf(text);
  if (!parts) {
    reader.say(path, `\`${text}\` is no comparison`, { mend: `write such as "${amount.example}"` });
    return undefined;
  }
  const value = amount.parse(parts.amount);
  if (value === undefined) {
    reader.say(path, `\`${parts.amount}\` is no ${amount.what}`, { mend: amount.mend(parts.amount) });
    return undefined;
  }
  if (parts.operator === undefined && resolved.better === 'lower') {
    const message = `a bare value means \`>=\`, and of \`${name}\` lower is better`;
    reader.say(path, message, { mend: `write "<= ${parts.amount}"` });
  }
  if (resolved.measure.kind === 'distinct' && value >= MOST_DISTINCT) {
    const message = `different values are counted up to ${MOST_DISTINCT}, so \`${name}\` may never come to ${parts.amount}`;
    reader.say(path, message, { mend: `write a number below ${MOST_DISTINCT}` });
  }
  const operator = parts.operator ?? '>=';
  const over = readOver(parts.over, resolved, place);
  if (operator === '==' && amount.jumps && value > 0) {
    const message = `\`${name} == ${parts.amount}\` is jumped over, and may never hold`;
    reader.say(path, message, { mend: `write ">= ${parts.amount}"` });
  }
  sayAbsurd({ operator, value, amount, resolved, use }, place);
  const shown = `${operator} ${parts.amount}${over === undefined ? '' : ` over ${over}`}`;
  return { name, measure: resolved.measure, operator, value, over, text: shown };
}

function readOver(
  written: string | undefined,
  { measure }: Resolved,
  { name, path, reader }: Place,
): number | undefined {
  if (written === undefined) return undefined;
  const isSpan =
    measure.kind === 'metric' ? measure.statistic === 'sd' || measure.statistic === 'mean' : false;
  const isRate = measure.kind === 'failure-rate' || measure.kind === 'cycles-per-hour';
  if (!isSpan && !isRate) {
    const mend =
      measure.kind === 'metric' && measure.statistic === 'value'
        ? `\`${name}.mean\` and \`${name}.sd\` look back over cycles`
        : 'leave it out';
    reader.say(path, `\`over\` means nothing for \`${name}\``, { mend });
    return undefined;
  }
  const count = AMOUNTS.count.parse(written);
  if (count !== undefined && count >= LEAST_OVER && count <= MOST_OVER) return count;
  reader.say(path, `\`over ${written}\` is no number of cycles from ${LEAST_OVER} to ${MOST_OVER}`);
  return undefined;
}

interface Compared {
  readonly operator: Condition['operator'];
  readonly value: number;
  readonly amount: Amount;
  readonly resolved: Resolved;
  readonly use: Use;
}

/** What no run could ever be without, or ever reach. */
function sayAbsurd(
  { operator, value, amount, resolved, use }: Compared,
  { name, path, reader }: Place,
): void {
  if (!amount.startsAtZero) return;
  const most = amount.most ?? Number.POSITIVE_INFINITY;
  const never = (operator === '<' && value === 0) || (operator === '>' && value >= most);
  if (never) return reader.say(path, `\`${name} ${operator} ${textOf(value, most)}\` can never hold`);
  const isAlways = (operator === '>=' && value === 0) || (operator === '<=' && value >= most);
  const mend = use === 'target' || use === 'mark' ? undefined : { mend: '`never` switches it off' };
  if (isAlways) return reader.say(path, `\`${name} ${operator} ${textOf(value, most)}\` always holds`, mend);
  const isBreaker = use === 'budget' || use === 'give-up';
  const holdsAtOnce =
    operator === '<' ||
    operator === '<=' ||
    (operator === '==' ? value === 0 : operator === '!=' && value > 0);
  if (!isBreaker || !holdsAtOnce || resolved.measure.kind === 'cycles-per-hour') return;
  reader.say(path, `\`${name} ${operator} …\` holds from the start, and would end every run at once`, {
    mend: 'write `>=`',
  });
}

function textOf(value: number, most: number): string {
  return value === 0 ? '0' : value >= most ? 'all' : String(value);
}

function isOperator(text: string | undefined): text is Condition['operator'] {
  return text === '<' || text === '<=' || text === '==' || text === '!=' || text === '>=' || text === '>';
}
