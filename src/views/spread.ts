// The words for how sure the mean of many simulations is.

import { numberText } from '../core/judge/number.ts';
import type { Spread } from '../core/summary/spread.ts';

/** `± 1.2, n 1000, 95 % from 379 to 383.4, 3 failed`: the standard error, and where the mean lies. */
export function spreadText({ n, se, lower, upper, confidence, failed }: Spread): string {
  const sure = `${numberText(confidence * 100)} %`;
  const parts = [
    ...(se === undefined ? [] : [`± ${shortText(se)}`]),
    `n ${n}`,
    ...(lower === undefined || upper === undefined
      ? []
      : [`${sure} from ${shortText(lower)} to ${shortText(upper)}`]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
  ];
  return parts.join(', ');
}

const SHOWN_DIGITS = 5;

/** Nobody reads the sixth digit of an error. */
function shortText(value: number): string {
  return numberText(Number(value.toPrecision(SHOWN_DIGITS)));
}
