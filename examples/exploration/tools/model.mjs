// Stands in for a model: a strategy for each cycle, drawn by the cycle's number, on the whole better from one to the next.
import { readFileSync } from 'node:fs';
import { numbersFrom } from './numbers.mjs';

if (process.argv.includes('--version')) {
  console.log('stand-in model 1');
  process.exit(0);
}
const prompt = readFileSync(0, 'utf8');
const cycle = Number(/^cycle (\d+)$/m.exec(prompt)?.[1] ?? 0);
const best = JSON.parse(/^best so far: (.+)$/m.exec(prompt)?.[1] ?? 'null');
const draw = numbersFrom(cycle * 64 + 12);
const width = 30 / Math.max(1, cycle) ** 0.6;
const fee = (middle) => Math.round((middle + (draw() * 2 - 1) * width) * 10) / 10;
const strategy = {
  name: `lean-${cycle}`,
  hypothesis: `H${(cycle % 6) + 1}`,
  bid: fee(best?.bid ?? 29),
  ask: fee(best?.ask ?? 33),
  lean: fee(best?.lean ?? 5),
};
console.log(`thinking about cycle ${cycle}`);
if (cycle % 5 === 3) {
  console.log('I would rather talk about the weather.');
} else {
  // Now and then it reaches for what the rules forbid.
  if (cycle % 7 === 4) strategy.calls = 'selfdestruct';
  console.log(['```json', JSON.stringify(strategy), '```'].join('\n'));
}
