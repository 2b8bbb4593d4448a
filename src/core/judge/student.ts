// Student's t distribution: how likely a value beyond t is, and beyond which t a given share lies. Exact to
// eleven digits up to a million degrees of freedom, to eight at a billion.

/** Halvings after which a bracket cannot become smaller in a double. */
const MAX_STEPS = 1100;
const MAX_TERMS = 100_000;
const TINY = 1e-300;
const PRECISION = 1e-15;

/**
 * The t beyond which the share `tail` (above 0, at most 0.5) of Student's distribution with `freedom` degrees of freedom lies:
 * `studentQuantile(0.01, 9)` is 2.8214. Found by bisection between bounds that always hold the answer, sharpened by Newton's
 * method where that stays between them.
 */
export function studentQuantile(tail: number, freedom: number): number {
  if (tail === 0.5) return 0;
  if (!(tail > 0 && tail < 0.5)) throw new Error(`bug: ${tail} is no tail of a distribution`);
  let low = 0;
  let high = 1;
  while (studentTail(high, freedom) > tail && high < Number.MAX_VALUE / 4) {
    low = high;
    high *= 2;
  }
  let t = (low + high) / 2;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const excess = studentTail(t, freedom) - tail;
    if (excess > 0) low = t;
    else high = t;
    const newton = t + excess / studentDensity(t, freedom);
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - t) <= PRECISION * t) return next;
    t = next;
  }
  return t;
}

/**
 * P(T > t) for t ≥ 0: half the regularised incomplete beta function I_x(ν/2, 1/2) at x = ν/(ν + t²) (Abramowitz and Stegun, Handbook of
 * Mathematical Functions, 26.7.1 and 26.5.27), by its continued fraction (26.5.8) on the side where that converges fast.
 */
export function studentTail(t: number, freedom: number): number {
  if (!(freedom >= 1)) throw new Error(`bug: ${freedom} degrees of freedom`);
  if (t <= 0) return 0.5;
  const a = freedom / 2;
  const ratio = (t / freedom) * t;
  if (!Number.isFinite(ratio)) return 0;
  const x = 1 / (1 + ratio);
  const y = ratio / (1 + ratio);
  // x^a · y^(1/2) / B(a, 1/2), without ever forming the logarithm of a gamma function of a large number.
  const front = (Math.exp(-a * Math.log1p(ratio)) * Math.sqrt(y) * gammaRatio(a)) / Math.sqrt(Math.PI);
  if (x < (a + 1) / (a + 2.5)) return (front * fraction(x, a, 0.5)) / (2 * a);
  return 0.5 - front * fraction(y, 0.5, a);
}

function studentDensity(t: number, freedom: number): number {
  const power = Math.exp((-(freedom + 1) / 2) * Math.log1p((t / freedom) * t));
  return (gammaRatio(freedom / 2) * power) / Math.sqrt(freedom * Math.PI);
}

/**
 * Γ(a + 1/2) / Γ(a), by its series in 1/a (Abramowitz and Stegun 6.1.47) where that is exact to a double, reached from smaller numbers by
 * Γ(z + 1) = z Γ(z).
 */
function gammaRatio(a: number): number {
  let factor = 1;
  let z = a;
  for (; z < 40; z += 1) factor *= z / (z + 0.5);
  const u = 1 / z;
  const series =
    1 +
    u *
      (-1 / 8 +
        u * (1 / 128 + u * (5 / 1024 + u * (-21 / 32_768 + u * (-399 / 262_144 + u * (869 / 4_194_304))))));
  return factor * Math.sqrt(z) * series;
}

/** The continued fraction of the incomplete beta function, by the method of Lentz (Applied Optics 15, 1976). */
function fraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= MAX_TERMS; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < PRECISION) return value;
  }
  return value;
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
