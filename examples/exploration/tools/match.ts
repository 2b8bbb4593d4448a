// A small simulator of a market with two pools: the candidate's, with the fees it names, and a rival's at 30 basis points.
// `validate FILE` looks a candidate over; `serve FILE` answers one JSON line for each seed that it is told on standard input.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { numbersFrom, type Draw } from './numbers.ts';

interface Strategy {
  readonly name: string;
  /** Fees in basis points: on X that the pool buys, and on X that it sells. */
  readonly bid: number;
  readonly ask: number;
  /** Basis points more after a trade of a hundredth of the pool, for as long as the step lasts. */
  readonly lean: number;
}

interface Pool {
  x: number;
  y: number;
  readonly fees: (size: number) => readonly [bid: number, ask: number];
  last: number;
}

const STEPS = 400;
/** Edges are told for 25 times as many steps, as the real match plays them. */
const TOLD_FOR = 25;
const SPREAD_PER_STEP = 0.000945;
const ORDERS_PER_STEP = 0.8;
const ORDER_SIZE = 24.5;
const RIVAL_FEE = 0.003;

/** What the candidate earned at the fair price: spread on retail orders, less what arbitrage took. */
export function edgeOf({ bid, ask, lean }: Strategy, seed: number): number {
  const draw = numbersFrom(seed);
  const feesOf = (size: number): [number, number] => [(bid + lean * size) / 1e4, (ask + lean * size) / 1e4];
  const own: Pool = { x: 100, y: 10_000, fees: feesOf, last: 0 };
  const rival: Pool = { x: 100, y: 10_000, fees: () => [RIVAL_FEE, RIVAL_FEE], last: 0 };
  let price = 100;
  let edge = 0;
  for (let step = 0; step < STEPS; step += 1) {
    price *= Math.exp(-(SPREAD_PER_STEP ** 2) / 2 + SPREAD_PER_STEP * normal(draw));
    edge -= arbitrage(own, price);
    arbitrage(rival, price);
    if (draw() < ORDERS_PER_STEP) edge += retail(own, rival, price, draw);
    own.last *= 0.9;
  }
  return edge * TOLD_FOR;
}

/** Trades the pool to the border of what pays; what that cost the pool at the fair price. */
function arbitrage(pool: Pool, price: number): number {
  const [bid, ask] = pool.fees(pool.last);
  const k = pool.x * pool.y;
  const out = pool.x - Math.sqrt(k / ((1 - ask) * price));
  if (out > 0) {
    const paid = (k / (pool.x - out) - pool.y) / (1 - ask);
    return moved(pool, -out, paid * (1 - ask), out * price - paid);
  }
  const taken = (Math.sqrt((k * (1 - bid)) / price) - pool.x) / (1 - bid);
  if (taken <= 0) return 0;
  const got = pool.y - k / (pool.x + taken * (1 - bid));
  return moved(pool, taken * (1 - bid), -got, got - taken * price);
}

function moved(pool: Pool, x: number, y: number, cost: number): number {
  pool.last += (Math.abs(x) / pool.x) * 100;
  pool.x += x;
  pool.y += y;
  return cost;
}

/** One order, split between the pools so that its last part costs the same in both; what the candidate earned. */
function retail(own: Pool, rival: Pool, price: number, draw: Draw): number {
  const size = ORDER_SIZE * Math.exp(1.2 * normal(draw) - 0.72);
  const isBuy = draw() < 0.5;
  const side = isBuy ? 1 : 0;
  const gamma = (pool: Pool): number => 1 - (pool.fees(pool.last)[side] ?? 0);
  const amount = isBuy ? size : size / price;
  const [inOwn, inRival] = isBuy ? [own.y, rival.y] : [own.x, rival.x];
  const pull = Math.sqrt(own.x * own.y * gamma(own)) / Math.sqrt(rival.x * rival.y * gamma(rival));
  const ideal = (pull * (inRival + gamma(rival) * amount) - inOwn) / (gamma(own) + pull * gamma(rival));
  const share = Math.min(amount, Math.max(0, ideal));
  trade(rival, amount - share, isBuy, gamma(rival));
  const got = trade(own, share, isBuy, gamma(own));
  return isBuy ? share - got * price : share * price - got;
}

/** What the pool gives for `amount`; the fee stays outside. */
function trade(pool: Pool, amount: number, isBuy: boolean, gamma: number): number {
  const k = pool.x * pool.y;
  const kept = amount * gamma;
  const got = isBuy ? pool.x - k / (pool.y + kept) : pool.y - k / (pool.x + kept);
  if (isBuy) moved(pool, -got, kept, 0);
  else moved(pool, kept, -got, 0);
  return got;
}

/** By Box and Muller. */
function normal(draw: Draw): number {
  return Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
}

function faultsOf(strategy: Record<string, unknown>): readonly string[] {
  const faults = ['bid', 'ask', 'lean'].flatMap((name) => {
    const value = strategy[name];
    return typeof value === 'number' && value >= 0 && value <= 1_000 ? [] : [`${name} is no fee from 0 to 1000`];
  });
  return typeof strategy['calls'] === 'string' ? [...faults, `it calls ${strategy['calls']}`] : faults;
}

const [command, file = ''] = process.argv.slice(2);
const strategy: Strategy & Record<string, unknown> = JSON.parse(readFileSync(file, 'utf8'));
if (command === 'validate') {
  const faults = faultsOf(strategy);
  for (const fault of faults) console.log(`invalid: ${fault}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} else {
  for await (const line of createInterface({ input: process.stdin })) {
    const { seed }: { readonly seed: number } = JSON.parse(line);
    console.log(JSON.stringify({ seed, edge: edgeOf(strategy, seed) }));
  }
}
