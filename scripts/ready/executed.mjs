// Which functions a run of one gate executes, learned from one. It measures no time and checks no result.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const CONFIG = 'version: 1\nname: build\nphases: { all: { gates: { check: { run: "true" } } } }\n';
const LIMIT_MS = 60_000;

/**
 * Their places in the file as `start-end`; undefined where nothing could be learned. `folder` is for whatever the run
 * leaves behind. The first start reads the config, the second finds it read.
 */
export function executedIn(file, { main, folder }) {
  const coverage = join(folder, 'coverage');
  mkdirSync(coverage, { recursive: true });
  writeFileSync(join(folder, 'loop.config.yaml'), CONFIG);
  const env = { PATH: process.env.PATH, HOME: folder, NODE_V8_COVERAGE: coverage };
  const script = `require(${JSON.stringify(main)}).main([])`;
  for (const _start of ['first', 'second']) {
    spawnSync(process.execPath, ['-e', script], { cwd: folder, env, stdio: 'ignore', timeout: LIMIT_MS });
  }
  const functions = readdirSync(coverage)
    .flatMap((name) => JSON.parse(readFileSync(join(coverage, name), 'utf8')).result)
    .filter(({ url }) => url.endsWith(`/${file}`))
    .flatMap((script) => script.functions);
  if (functions.length === 0) return undefined;
  const ran = functions.map(({ ranges: [whole] }) => whole).filter(({ count }) => count > 0);
  return new Set(ran.map(({ startOffset, endOffset }) => `${startOffset}-${endOffset}`));
}
