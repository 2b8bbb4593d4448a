// Stands in for a model: a strategy for each cycle, drawn by the cycle's number around the champion that the prompt shows.
import { readFileSync } from 'node:fs';
import { numbersFrom } from './numbers.ts';

if (process.argv.includes('--version')) {
  console.log('stand-in model 1');
  process.exit(0);
}
const prompt = readFileSync(0, 'utf8');
const cycle = Number(/^cycle (\d+)$/m.exec(prompt)?.[1] ?? 0);
const best = JSON.parse(/^champion: (.+)$/m.exec(prompt)?.[1] ?? 'null');
const draw = numbersFrom(cycle * 64 + 36);
/** Up to four times as much or as little, in ever smaller steps. */
const moved = (value) => Math.round(value * 4 ** ((draw() * 2 - 1) / Math.max(1, cycle / 8)) * 10) / 10;
const strategy = {
  name: `lean-${cycle}`,
  hypothesis: `H${(cycle % 6) + 1}`,
  bid: moved(best?.bid ?? 3),
  ask: moved(best?.ask ?? 3),
  lean: moved(best?.lean ?? 5),
};
console.log(`thinking about cycle ${cycle}`);
if (cycle % 5 === 3) {
  console.log('I would rather talk about the weather.');
} else {
  // Now and then it reaches for what the rules forbid.
  if (cycle % 7 === 4) strategy.calls = 'selfdestruct';
  console.log(['```json', JSON.stringify(strategy), '```'].join('\n'));
}
