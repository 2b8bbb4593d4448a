// What judging says about the simulations of a rung: what broke it, and what a reader of its mean has to know.

import { numberText } from './number.ts';
import { isCutShort, isWhole, type SimsEvidence } from './sims.ts';

/** Why nobody may trust what the rung measured; undefined: it may be judged. */
export function rungFault(sims: SimsEvidence): string | undefined {
  const { planned, done, failed, mayFail, early } = sims;
  if (failed > mayFail) {
    const many = failed === planned ? `all ${failed}` : `${failed} of ${done + failed}`;
    return `${many} simulations failed, and \`max-failed\` allows ${mayFail}${firstText(sims)}`;
  }
  if (done === 0) return `none of ${done + failed} simulations gave a value${firstText(sims)}`;
  // What a decision leaves is exactly the prefix that decided; anything else was cut off.
  if (!isWhole(sims) && early?.at !== done + failed)
    return `only ${done + failed} of ${planned} simulations were run`;
  return undefined;
}

/** Beside a verdict that is none about them. */
export function rungRemarks(sims: SimsEvidence): readonly string[] {
  return [...earlyRemark(sims), ...failedRemark(sims)];
}

/** A mean over the rest is never taken silently. */
function failedRemark(sims: SimsEvidence): readonly string[] {
  const { done, failed } = sims;
  if (failed === 0) return [];
  const many = `${failed} of ${done + failed} simulations failed`;
  return [`${many}, so every value is that of the other ${done}${firstText(sims)}`];
}

function earlyRemark({ early, planned, ...sims }: SimsEvidence): readonly string[] {
  if (!early || !isCutShort({ early, planned, ...sims })) return [];
  const sure = `${numberText(early.confidence * 100)} %`;
  const of =
    early.of === 'champion'
      ? `that it is ${early.side === 'below' ? 'no better' : 'better'} than the champion`
      : `that it ${early.side === 'below' ? 'misses' : 'keeps'} \`${early.of}\``;
  return [`ended after ${early.at} of ${planned} simulations, ${sure} sure ${of}`];
}

function firstText({ firstFailed }: SimsEvidence): string {
  return firstFailed ? ` (seed ${firstFailed.seed}: ${firstFailed.why})` : '';
}
