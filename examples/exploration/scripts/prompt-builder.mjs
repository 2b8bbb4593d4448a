// Writes the prompt of a cycle: its number, and the champion.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { out: { type: 'string', default: 'prompt.md' } } });
const { GATE_CHAMPION_DIR: champion } = process.env;

mkdirSync('.phase7/templates', { recursive: true });
const lines = [`Goal: ${process.env.GATE_GOAL}`, `cycle ${process.env.GATE_CYCLE}`];
if (champion !== undefined) lines.push(`champion: ${readFileSync(`${champion}/strategy.json`, 'utf8').trim()}`);
writeFileSync(values.out, `${lines.join('\n')}\n`);
