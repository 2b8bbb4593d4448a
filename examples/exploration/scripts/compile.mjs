// Makes a program of the candidate, and loads it: what does not load is not worth a simulation.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [file = ''] = process.argv.slice(2);
const { bid, ask, lean } = JSON.parse(readFileSync(file, 'utf8'));
const program = resolve(file.replace(/\.json$/, '.mjs'));
writeFileSync(program, `export const fee = (side) => (side === 'bid' ? ${bid} : ${ask}) + ${lean};\n`);
const { fee } = await import(pathToFileURL(program).href);
console.log(`compiled: a bid costs ${fee('bid')}`);
