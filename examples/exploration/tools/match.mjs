// Stands in for a simulator: the closer a strategy's fees are to a secret, the greater its edge; more simulations, less noise.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { numbersFrom } from './numbers.mjs';

const NUMBERS = ['bid', 'ask', 'lean'];
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { simulations: { type: 'string', default: '1000' } },
});
const [command, file] = positionals;
const strategy = JSON.parse(readFileSync(file, 'utf8'));

if (command === 'validate') {
  const faults = NUMBERS.filter((name) => !Number.isFinite(strategy[name])).map(
    (name) => `${name} is no number`,
  );
  if (strategy.calls !== undefined) faults.push(`it calls ${strategy.calls}`);
  for (const fault of faults) console.log(`invalid: ${fault}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} else {
  const count = Number(values.simulations);
  const draw = numbersFrom(count);
  const distance = (strategy.bid - 27) ** 2 + (strategy.ask - 31) ** 2 + (strategy.lean - 4) ** 2;
  let sum = 0;
  for (let simulation = 0; simulation < count; simulation += 1) sum += 540 - distance + (draw() - 0.5) * 40;
  console.log(`${strategy.name} Edge: ${(sum / count).toFixed(2)}`);
}
