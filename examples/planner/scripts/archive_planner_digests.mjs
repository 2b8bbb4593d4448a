// Keeps the digests so far as one gzip file a cycle, and writes it whole or not at all.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const folder = 'state/planner_digest_archives';
const file = `${folder}/${(process.env.GATE_CYCLE ?? '0').padStart(6, '0')}.jsonl.gz`;
const digests = readFileSync('state/planner_digests.jsonl');
mkdirSync(folder, { recursive: true });
writeFileSync(`${file}.new`, gzipSync(digests));
renameSync(`${file}.new`, file);
console.log(`${file}: ${digests.toString().split('\n').length - 1} digests`);
