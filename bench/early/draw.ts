// Values of simulations from a seed: mean 0 and standard deviation 1, in several shapes.

import { Dice } from '../../src/simulation/random.ts';

export const SHAPES = [
  'normal',
  'student-3',
  'log-normal-pairs',
  'log-normal',
  'log-normal-mirrored',
] as const;
export type Shape = (typeof SHAPES)[number];

/** Of exp(Z), whose median is 1. */
const LOG_NORMAL_MEAN = Math.sqrt(Math.E);
const LOG_NORMAL_SD = Math.sqrt((Math.E - 1) * Math.E);
/** Of Student's t with 3 degrees of freedom. */
const STUDENT_SD = Math.sqrt(3);

/** An endless row of values of that shape. */
export function drawer(shape: Shape, seed: number, stream: string): () => number {
  const z = normal(new Dice(seed, `${shape} ${stream}`));
  switch (shape) {
    case 'normal':
      return z;
    case 'student-3':
      return () => z() / Math.sqrt((z() ** 2 + z() ** 2 + z() ** 2) / 3) / STUDENT_SD;
    // What a challenger gains over a champion whose values are log-normal too: symmetric, with long tails on both sides.
    case 'log-normal-pairs':
      return () => (Math.exp(z()) - Math.exp(z())) / (LOG_NORMAL_SD * Math.SQRT2);
    case 'log-normal':
      return () => (Math.exp(z()) - LOG_NORMAL_MEAN) / LOG_NORMAL_SD;
    case 'log-normal-mirrored':
      return () => (LOG_NORMAL_MEAN - Math.exp(z())) / LOG_NORMAL_SD;
    default:
      return shape satisfies never;
  }
}

/** Marsaglia's polar method (SIAM Review 6, 1964). */
function normal(dice: Dice): () => number {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const u = 2 * dice.next() - 1;
      const v = 2 * dice.next() - 1;
      const square = u * u + v * v;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      spare = v * factor;
      return u * factor;
    }
  };
}
