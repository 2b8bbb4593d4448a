// Keeps a candidate that is good enough as a template.
import { readFileSync, writeFileSync } from 'node:fs';

const [cycleFile, strategyFile] = process.argv.slice(2);
const LEAST_EDGE = Number(process.env.TEMPLATE_MIN_EDGE ?? '350.0');

const sims = JSON.parse(readFileSync(cycleFile, 'utf8')).tasks.find(({ id }) => id === 'sims');
const edge = sims?.metrics?.edge;
const strategy = JSON.parse(readFileSync(strategyFile, 'utf8'));
if (typeof edge === 'number' && edge >= LEAST_EDGE) {
  writeFileSync(`.phase7/templates/${strategy.name}.template`, `${JSON.stringify(strategy)}\n`);
}
console.log(`edge ${edge}`);
