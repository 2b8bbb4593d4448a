// The conditions of a run in words: short beside a cycle, whole in `status`. What is not known is called unknown.

import { formatDuration } from '../core/config/quantity.ts';
import { numberText } from '../core/judge/number.ts';
import { durationText } from '../core/judge/words.ts';
import { RUN_IS_OVER } from '../core/summary/conditions.ts';
import type { ConditionsStatus, ConditionStatus, ExpressionStatus } from '../core/summary/conditions.ts';
import type { MarkStatus, Unit } from '../core/summary/conditions.ts';
import { unreachable } from '../core/unreachable.ts';

/** `3 of 50 cycles · 41m of 10h · edge 412 (target > 527)`; '' for a run without target and budget. */
export function shortText(conditions: ConditionsStatus | null): string {
  if (!conditions) return '';
  return [...conditions.budget.map(ofBudget), ...conditions.target.map(toTarget)].join(' · ');
}

/** What of each budget is left: `47 of 50 cycles`, `9h 19m of 10h`. */
export function leftText({ budget }: Pick<ConditionsStatus, 'budget'>): string {
  return budget
    .map((one) => {
      if (one.distance === null) return `${one.name} ${one.limit} (${one.unknown ?? 'unknown'})`;
      const left = ofLimit(amountText(one.distance, one.unit), one);
      return `${left}${basisText(one)}`;
    })
    .join(', ');
}

/** `edge > 527: now 412.3, 114.7 to go, in about 3h 20m`. */
export function conditionText(one: ConditionStatus): string {
  const rule = `${one.name} ${one.limit}`;
  return one.value === null ? `${rule}: ${wayText(one)}` : `${rule}: now ${nowText(one)}, ${wayText(one)}`;
}

/** `412.3`, `1.2M (estimated)`; of what was never measured, `unknown`. */
export function nowText(one: ConditionStatus): string {
  return one.value === null ? 'unknown' : `${amountText(one.value, one.unit)}${basisText(one)}`;
}

/** `holds`, or how far it is: `114.7 to go, in about 3h 20m`. */
export function wayText(one: ConditionStatus): string {
  if (one.value === null) return `unknown, ${one.unknown ?? 'no value yet'}`;
  if (one.holds) return 'holds';
  const way = one.distance === null ? '' : `${amountText(one.distance, one.unit)} to go`;
  // Time left needs no estimate.
  if (one.unit === 'ms' && one.inMs !== null) return way;
  if (one.unknown === RUN_IS_OVER && way !== '') return way;
  const time =
    one.inMs === null ? `time unknown (${one.unknown ?? 'no rate yet'})` : `in about ${roughText(one.inMs)}`;
  return way === '' ? time : `${way}, ${time}`;
}

/** `plateau (warning) reached in cycle 12`, or how far each of its conditions is. */
export function markText({ id, level, reachedIn, all, any }: MarkStatus): string {
  const name = `${id} (${level})`;
  if (reachedIn !== null) return `${name} reached in cycle ${reachedIn}`;
  const some = any.map(conditionText).join(' or ');
  return `${name}: ${[...all.map(conditionText), some].filter((part) => part !== '').join('; ')}`;
}

/** `edge > 5.0 && cycles > 3: edge 4.2, cycles 2`. */
export function expressionText({ text, reads }: ExpressionStatus): string {
  const values = Object.entries(reads).map(([name, value]) =>
    value === null
      ? `${name} unknown`
      : `${name} ${name === 'runtime' ? amountText(value, 'ms') : numberText(value)}`,
  );
  return `${text}: now ${values.join(', ')}`;
}

export function amountText(value: number, unit: Unit): string {
  switch (unit) {
    case 'ms':
      return spanText(value);
    case 'tokens':
      return tokensText(value);
    case 'dollars':
      return `${value.toFixed(2)} usd`;
    case 'share':
      return `${numberText(Math.round(value * 1000) / 10)}%`;
    case 'per-hour':
      return `${numberText(Math.round(value * 100) / 100)} an hour`;
    case 'cycles':
    case 'values':
    case 'number':
      return numberText(value);
    default:
      return unreachable(unit);
  }
}

function ofBudget(one: ConditionStatus): string {
  if (one.value === null) return `${one.name} unknown of ${limitText(one)}`;
  return `${ofLimit(amountText(one.value, one.unit), one)}${basisText(one)}`;
}

/** `3` → `3 of 50 cycles`. */
function ofLimit(amount: string, one: ConditionStatus): string {
  if (one.name === 'cycles') return `${amount} of ${limitText(one)} cycles`;
  if (one.unit === 'tokens') return `${amount} of ${limitText(one)} tokens`;
  return one.unit === 'ms' || one.unit === 'dollars'
    ? `${amount} of ${limitText(one)}`
    : `${one.name} ${amount} of ${limitText(one)}`;
}

function toTarget(one: ConditionStatus): string {
  return `${one.name} ${one.value === null ? 'unknown' : amountText(one.value, one.unit)} (target ${one.limit})`;
}

function limitText({ unit, limitValue }: ConditionStatus): string {
  return unit === 'ms' ? formatDuration(limitValue) : amountText(limitValue, unit);
}

function basisText({ basis }: ConditionStatus): string {
  return basis === null ? '' : ` (${basis})`;
}

const MINUTE_MS = 60_000;

/** To the minute, from where on nobody asks for seconds: `41m of 10h`. */
function spanText(ms: number): string {
  return ms < 10 * MINUTE_MS ? durationText(ms) : formatDuration(Math.round(ms / MINUTE_MS) * MINUTE_MS);
}

const MILLION = 1_000_000;
const THOUSAND = 1000;

function tokensText(value: number): string {
  if (value >= MILLION) return `${numberText(Math.round(value / (MILLION / 100)) / 100)}M`;
  return value >= THOUSAND
    ? `${numberText(Math.round(value / (THOUSAND / 10)) / 10)}k`
    : numberText(Math.round(value));
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** An estimate to the second would pretend to know more than it does. */
function roughText(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${Math.round(ms / DAY_MS)} days`;
  return spanText(ms);
}
