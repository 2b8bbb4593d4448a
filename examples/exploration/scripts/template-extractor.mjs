// Keeps a candidate that is good enough as a template, and the best one for the next prompt.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const [cycleFile, strategyFile] = process.argv.slice(2);
const LEAST_EDGE = Number(process.env.TEMPLATE_MIN_EDGE ?? '350.0');
const BEST = '.phase7/best.json';

const sims = JSON.parse(readFileSync(cycleFile, 'utf8')).tasks.find(({ id }) => id === 'sims');
const edge = sims?.metrics?.edge;
const strategy = JSON.parse(readFileSync(strategyFile, 'utf8'));
const best = existsSync(BEST) ? JSON.parse(readFileSync(BEST, 'utf8')) : undefined;
if (typeof edge === 'number' && edge >= LEAST_EDGE) {
  writeFileSync(`.phase7/templates/${strategy.name}.template`, `${JSON.stringify(strategy)}\n`);
}
if (typeof edge === 'number' && edge > (best?.edge ?? 0)) {
  writeFileSync(BEST, `${JSON.stringify({ ...strategy, edge })}\n`);
}
console.log(`edge ${edge}`);
