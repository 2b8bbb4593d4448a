// Writes the prompt of a cycle: its number, and the best candidate so far.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { out: { type: 'string', default: 'prompt.md' } } });
const BEST = '.phase7/best.json';

mkdirSync('.phase7/templates', { recursive: true });
const lines = [`Goal: ${process.env.GATE_GOAL}`, `cycle ${process.env.GATE_CYCLE}`];
if (existsSync(BEST)) lines.push(`best so far: ${readFileSync(BEST, 'utf8').trim()}`);
writeFileSync(values.out, `${lines.join('\n')}\n`);
