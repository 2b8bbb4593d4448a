import { describe, expect, it } from 'vitest';
import { studentQuantile, studentTail } from '../../../src/core/judge/student.ts';

const TAILS = [0.4, 0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001, 1e-6, 1e-12];

describe('the quantile of Student’s t', () => {
  it('is that of the tables', () => {
    const known: readonly (readonly [tail: number, freedom: number, t: number])[] = [
      [0.05, 1, 6.313751514675],
      [0.025, 4, 2.776445105198],
      [0.01, 9, 2.821437924653],
      [0.005, 30, 2.749995653567],
      [0.025, 120, 1.979930405052],
    ];
    for (const [tail, freedom, t] of known) expect(studentQuantile(tail, freedom)).toBeCloseTo(t, 9);
  });

  it('is the closed form with one and with two degrees of freedom', () => {
    for (const tail of TAILS) {
      const one = 1 / Math.tan(Math.PI * tail);
      const two = (1 - 2 * tail) / Math.sqrt(2 * tail * (1 - tail));
      expect(Math.abs(studentQuantile(tail, 1) / one - 1), `${tail}`).toBeLessThan(1e-12);
      expect(Math.abs(studentQuantile(tail, 2) / two - 1), `${tail}`).toBeLessThan(1e-12);
    }
  });

  it('keeps its digits with many degrees of freedom', () => {
    // By mpmath 1.3 with 40 digits.
    const known: readonly (readonly [tail: number, freedom: number, t: number])[] = [
      [0.01, 7, 2.99795156686853],
      [5e-7, 7, 15.7670094374826],
      [0.01, 49, 2.40489175953767],
      [5e-7, 49, 5.58875192657665],
      [0.01, 99, 2.36460586178694],
      [5e-7, 99, 5.21716420664947],
      [0.01, 999, 2.33008641903946],
      [5e-7, 999, 4.92232037236655],
      [0.01, 99999, 2.32638516572819],
      [5e-7, 99999, 4.89194334376396],
      [0.01, 999999, 2.32635160312453],
      [5e-7, 999999, 4.89166896074087],
    ];
    for (const [tail, freedom, t] of known)
      expect(Math.abs(studentQuantile(tail, freedom) / t - 1), `${tail} ${freedom}`).toBeLessThan(1e-11);
  });

  it('comes down to that of the normal distribution', () => {
    // Cornish and Fisher's expansion, whose rest is of the order of the fifth power of one over the degrees of freedom.
    const z = 2.3263478740408408;
    for (const n of [1_000, 100_000, 10_000_000]) {
      const first = (z ** 3 + z) / (4 * n);
      const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * n ** 2);
      expect(studentQuantile(0.01, n)).toBeCloseTo(z + first + second, 7);
    }
  });

  it('leaves the share that was asked for beyond it', () => {
    for (const freedom of [1, 2, 3, 5, 8, 13, 40, 79, 81, 999, 123_456]) {
      for (const tail of TAILS) {
        const t = studentQuantile(tail, freedom);
        expect(Math.abs(studentTail(t, freedom) / tail - 1), `${freedom} ${tail}`).toBeLessThan(1e-9);
      }
    }
  });

  it('falls with the degrees of freedom', () => {
    const at = [1, 2, 3, 4, 5, 10, 20, 50, 100, 1_000, 10_000].map((freedom) =>
      studentQuantile(0.01, freedom),
    );
    expect(at).toEqual(at.toSorted((a, b) => b - a));
  });

  it('is nothing for one half', () => {
    expect(studentQuantile(0.5, 9)).toBe(0);
  });

  it.each([0, 0.51, 1, -0.1, Number.NaN])('has no answer for a tail of %d', (tail) => {
    expect(() => studentQuantile(tail, 9)).toThrow('no tail');
  });

  it('has no answer without a degree of freedom', () => {
    expect(() => studentTail(1, 0)).toThrow('0 degrees of freedom');
  });
});
