// A rung of a rehearsed night: its simulations all say the same, because a night is about the loop and not about chance.

import type { ProcessEnd } from '../core/judge/evidence.ts';
import { failureOf } from '../core/judge/sims-failure.ts';
import type { SimsEvidence } from '../core/judge/sims.ts';
import { USUAL_CONFIDENCE, type Statistics } from '../core/judge/statistics.ts';
import type { SimsOrder } from '../core/plan/sims-order.ts';
import type { Act } from './act.ts';

/** In no time, however many they are. `known`: how many of its seeds the cycle has values of. */
export function rehearsedRung(sims: SimsOrder, act: Act, end: ProcessEnd, known: number): SimsEvidence {
  const { planned, base, mayFail, confidence = USUAL_CONFIDENCE } = sims;
  const facts = { planned, base, mayFail, reused: Math.min(known, planned) };
  const failure = failureOf(
    { end, timedOut: undefined, oomKills: act.oomKills, heapMessage: false },
    sims.exits,
  );
  const readings = Object.values(act.evidence)[0]?.metrics ?? {};
  const values = Object.entries(readings).flatMap(([name, reading]) =>
    'value' in reading ? [[name, reading.value] as const] : [],
  );
  if (failure || values.length < sims.metrics.length) {
    const unread = Object.values(readings).find((reading) => 'unread' in reading);
    const why = failure?.why ?? (unread && 'unread' in unread ? unread.detail : 'it said nothing');
    const failed = Math.min(planned - facts.reused, mayFail + 1);
    const causes = failure?.causes ?? ['answer'];
    const firstFailed = { seed: base + facts.reused, why };
    return { ...facts, done: facts.reused, failed, metrics: {}, firstFailed, causes };
  }
  const metrics = values.map(([name, value]) => [name, even(value, planned, confidence)] as const);
  return { ...facts, done: planned, failed: 0, metrics: Object.fromEntries(metrics) };
}

function even(value: number, n: number, confidence: number): Statistics {
  const all = { n, mean: value, min: value, p05: value, p50: value, p95: value, max: value, confidence };
  return n < 2 ? all : { ...all, sd: 0, se: 0, lower: value, upper: value };
}
