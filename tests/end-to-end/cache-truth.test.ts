// `explain TASK` tells the truth: what it says of the cache is what a run does then.

import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { folderWith, gateRun, loop, type Folder } from './rig.ts';

interface World {
  readonly folder: Folder;
  limit: number;
  flavour: string;
}

/** What people, their editors, their tools and their disks do between two runs. */
const EDITS: Readonly<Record<string, (world: World, nth: number) => void>> = {
  'write a file': ({ folder }, nth) => folder.write(`src/${nth % 3}.txt`, `content ${nth % 2}\n`),
  'touch a file': ({ folder }) => utimesSync(join(folder.path, 'src/0.txt'), 1e9, 1e9),
  'add or remove a file': ({ folder }) =>
    folder.has('src/new') ? rmSync(join(folder.path, 'src/new')) : folder.write('src/new', ''),
  'set the right to execute': ({ folder }, nth) =>
    chmodSync(join(folder.path, 'src/0.txt'), nth % 2 === 0 ? 0o644 : 0o755),
  'write what is no input': ({ folder }, nth) => folder.write('README.md', String(nth)),
  'spoil an output': ({ folder }) => folder.write('out/all', 'spoilt'),
  'replace the tool': ({ folder }, nth) => folder.write('tool', String(nth % 2)),
  'tighten or loosen the limit': (world, nth) => void (world.limit = nth % 2),
  'set a variable': (world, nth) => void (world.flavour = nth % 2 === 0 ? 'sweet' : 'sour'),
  'flip a byte of an answer': ({ folder }, nth) => spoil(folder, nth),
  'lose the index': ({ folder }) => rmSync(join(folder.path, '.gate-run/cache/index'), { force: true }),
  'set the state aside': ({ folder }) =>
    rmSync(join(folder.path, '.gate-run/history.jsonl'), { force: true }),
  nothing: () => {},
};

function spoil({ path }: Folder, nth: number): void {
  const dir = join(path, '.gate-run/cache/answers');
  const files = (existsSync(dir) ? readdirSync(dir, { recursive: true, withFileTypes: true }) : [])
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const file = files[nth % Math.max(1, files.length)];
  if (file === undefined) return;
  const bytes = readFileSync(file);
  bytes.writeUInt8((bytes[nth % bytes.length] ?? 0) ^ 0x10, nth % bytes.length);
  writeFileSync(file, bytes);
}

/** One task with everything that may stand in a key, and one that judges its evidence. */
function config({ limit }: World): string {
  const gates = `
build: { run: 'mkdir -p out; cat src/*.txt > out/all; echo "errors: 1"', inputs: ["src/**", "env:FLAVOUR"], outputs: ["out/**"], versions: ["cat tool"], metrics: { errors: { regex: "errors: (?<value>\\\\d+)" } }, cache: true }
strict: { judges: build, metrics: { errors: { regex: "errors: (?<value>\\\\d+)" } }, thresholds: { errors: "<= ${limit}" } }
`;
  return loop(gates)['loop.config.yaml'] ?? '';
}

const edits = fc.array(fc.tuple(fc.constantFrom(...Object.keys(EDITS)), fc.nat({ max: 400 })), {
  minLength: 14,
  maxLength: 14,
});

test('[B8] what `explain` says would happen happens, whatever was done before', async () => {
  await fc.assert(
    fc.asyncProperty(edits, async (done) => {
      const folder = folderWith({ 'src/0.txt': 'one\n', tool: '1' });
      const world: World = { folder, limit: 1, flavour: 'sweet' };
      for (const [what, nth] of done) {
        EDITS[what]?.(world, nth);
        folder.write('loop.config.yaml', config(world));
        const env = { FLAVOUR: world.flavour };
        const told: { fromCache: { would: string; why: readonly string[] } } = JSON.parse(
          (await gateRun(folder, ['explain', 'build', '--json'], { env })).stdout,
        );
        const ran: { tasks: readonly { cached: object | null }[] } = JSON.parse(
          (await gateRun(folder, ['--json'], { env })).stdout,
        );
        const happened = ran.tasks[0]?.cached === null ? 'run' : 'be-answered';
        expect([what, nth, told.fromCache.would], JSON.stringify(told.fromCache)).toEqual([
          what,
          nth,
          happened,
        ]);
      }
    }),
    { numRuns: 2, seed: 11, endOnFailure: true },
  );
}, 60_000);
