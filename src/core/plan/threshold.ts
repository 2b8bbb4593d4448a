// What a metric must satisfy, as written → as compared. Whether it holds is the judge's business.

import type { ThresholdConfig } from '../config/config.ts';
import type { Path } from '../config/problem.ts';
import { betterOf, isSpread, takesTwo } from '../judge/sim-metrics.ts';
import type { Comparison, MetricPlan, ThresholdPlan } from './plan.ts';
import type { Reader } from './reader.ts';
import { hasStatistic, unknownMetric } from './statistic-names.ts';

const COMPARISON =
  /^(<=|>=|==|!=|<|>)\s*(?:(best|last|baseline|champion)(?:\s*([+-])\s*(\d+(?:\.\d+)?)(sd)?)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?))$/;

/** `>= 80`, `== 0`, `>= best - 0.2`; undefined when the text says no comparison. */
export function parseComparison(text: string): Comparison | undefined {
  const match = COMPARISON.exec(text.trim());
  if (!match) return undefined;
  const [whole, operator, reference, sign, distance, sd, number] = match;
  const offset = number === undefined ? Number(`${sign ?? ''}${distance ?? 0}`) : Number(number);
  if (!isOperator(operator) || !Number.isFinite(offset)) return undefined;
  if (reference === undefined) return { text: whole, operator, reference: 'value', offset };
  if (!isReference(reference) || (sd !== undefined && reference !== 'baseline')) return undefined;
  return { text: whole, operator, reference, offset, ...(sd !== undefined && { inSd: true }) };
}

interface Where {
  /** Undefined where it is not known which there are. */
  readonly metrics: readonly MetricPlan[] | undefined;
  /** Of the smallest rung that they hold on, where gate-run runs the simulations; else undefined. */
  readonly simulations?: number | undefined;
  readonly reader: Reader;
  readonly path: Path;
}

export function readThresholds(
  written: Readonly<Record<string, ThresholdConfig>> | undefined,
  { metrics, simulations, reader, path }: Where,
): readonly ThresholdPlan[] {
  if (!written) return [];
  const isSimulated = simulations !== undefined;
  return Object.entries(written).flatMap(([name, threshold]) => {
    const here = [...path, name];
    const isKnown = metrics?.some((one) => one.name === name) || (isSimulated && hasStatistic(name, metrics));
    if (metrics && !isKnown) {
      const { message, mend } = unknownMetric(name, metrics, isSimulated);
      reader.say(here, message, { on: 'key', ...(mend !== undefined && { mend }) });
    } else if (simulations === 1 && takesTwo(name)) {
      const message = `\`${name}\` takes two simulations, and the smallest rung has one`;
      reader.say(here, message, { on: 'key', mend: 'raise its `count`' });
    }
    return readThreshold(threshold, { name, isKnown, metrics, reader, path: here });
  });
}

interface Place {
  readonly name: string;
  readonly isKnown: boolean | undefined;
  readonly metrics: readonly MetricPlan[] | undefined;
  readonly reader: Reader;
  readonly path: Path;
}

/** Two plans where two comparisons are required, as in `{ at-least: 1, at-most: 5 }`. */
function readThreshold(threshold: ThresholdConfig, place: Place): readonly ThresholdPlan[] {
  const { name: metric, path, reader } = place;
  const parts = typeof threshold === 'string' ? { require: threshold } : threshold;
  const inner = (key: string) => (typeof threshold === 'string' ? path : [...path, key]);
  const required = [
    parts.require === undefined ? undefined : compare(parts.require, { ...place, path: inner('require') }),
    limit('>=', parts['at-least']),
    limit('<=', parts['at-most']),
  ].filter((comparison) => comparison !== undefined);
  const want = parts.want === undefined ? undefined : compare(parts.want, { ...place, path: inner('want') });
  const failOnMissing = parts['on-missing'] === 'fail';
  if (parts.require === undefined && required.length === 0 && parts.want === undefined) {
    reader.say(path, 'a threshold that asks for nothing', {
      mend: 'write `require`, `want`, `at-least` or `at-most`',
    });
  }
  if (failOnMissing && parts.require === undefined) {
    reader.say(inner('on-missing'), '`on-missing` stands beside `require`', { on: 'key' });
  }
  const [first, ...others] = required;
  if (first === undefined && want === undefined) return [];
  return [
    { metric, require: first, want, failOnMissing },
    ...others.map((require) => ({ metric, require, want: undefined, failOnMissing })),
  ];
}

function limit(operator: '>=' | '<=', offset: number | undefined): Comparison | undefined {
  return offset === undefined
    ? undefined
    : { text: `${operator} ${offset}`, operator, reference: 'value', offset };
}

function compare(
  written: string,
  { name, isKnown, metrics = [], path, reader }: Place,
): Comparison | undefined {
  const text = reader.text(written, path);
  if (text === undefined) return undefined;
  const comparison = parseComparison(text);
  if (!comparison) {
    reader.say(path, ...notCompared(text));
    return undefined;
  }
  if (comparison.reference === 'best' && isKnown && betterOf(name, metrics) === undefined) {
    const mend = isSpread(name)
      ? 'neither way is better for a spread: compare with a number or with `last`'
      : 'say `better: higher` or `better: lower` on the metric';
    reader.say(path, `\`best\` of \`${name}\` is not defined`, { mend });
  }
  return comparison;
}

function notCompared(text: string): [message: string, how: { mend?: string }] {
  const message = `\`${text}\` is no comparison`;
  if (/\dsd\b/.test(text)) return [message, { mend: 'only a baseline has noise: ">= baseline - 2sd"' }];
  if (/^-?[\d.]+$/.test(text.trim())) return [message, { mend: `say which way: ">= ${text.trim()}"` }];
  if (/^\s*=[^=]/.test(text)) return [message, { mend: 'write `==`' }];
  return [message, { mend: 'write an operator and a number: ">= 80", "== 0", ">= best - 0.2"' }];
}

function isReference(text: string): text is 'best' | 'last' | 'baseline' | 'champion' {
  return text === 'best' || text === 'last' || text === 'baseline' || text === 'champion';
}

function isOperator(text: string | undefined): text is Comparison['operator'] {
  return text === '<' || text === '<=' || text === '==' || text === '!=' || text === '>=' || text === '>';
}
