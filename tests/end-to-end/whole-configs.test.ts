// Six whole configs, as the people of six loops write them: each is read whole, but for what reads the stream of an agent.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, gateRun } from './rig.ts';

const WHOLE = join(import.meta.dirname, 'whole');
/** What is not built yet, in each of them. */
const STREAMS: Readonly<Record<string, readonly (readonly [written: string, instead: string])[]>> = {
  planner: [],
  'python-gates': [],
  'task-list': [
    ['        stream: claude\n', ''],
    ["count: '^/done\\s*$', in: message", "count: '^/done\\s*$'"],
  ],
  exploration: [
    ['        stream: codex\n', ''],
    ['when: [network, stall]', 'when: [stall]'],
    ['{{tasks.agent.message}}', '{{tasks.agent.log}}'],
  ],
  own: [],
  newcomer: [],
};

/** What `inputs` name has to be there. */
const FILES = { 'src/a.ts': '', 'tests/a.ts': '', 'tsconfig.json': '{}' };

function written(name: string): string {
  return readFileSync(join(WHOLE, `${name}.yaml`), 'utf8');
}

test.each(Object.entries(STREAMS))(
  'the config of %s is read whole, once nothing of it reads a stream',
  async (name, streams) => {
    const without = streams.reduce((read, [there, instead]) => {
      expect(read).toContain(there);
      return read.replaceAll(there, () => instead);
    }, written(name));
    const folder = folderWith({ 'loop.config.yaml': without, ...FILES });
    const check = await gateRun(folder, ['check']);
    expect(check.code, check.stderr).toBe(0);
    const plan = await gateRun(folder, ['plan']);
    expect(plan.code, plan.stderr).toBe(0);
  },
);

test.each(Object.entries(STREAMS).filter(([, streams]) => streams.length > 0))(
  'the config of %s is told that streams, and nothing else, are not built yet',
  async (name, streams) => {
    const folder = folderWith({ 'loop.config.yaml': written(name) });
    const { code, stderr } = await gateRun(folder, ['check']);
    expect(code).toBe(2);
    const said = stderr.match(/^loop\.config\.yaml:\d+:\d+ .*/gm) ?? [];
    expect(said.filter((line) => !/not built yet|message/.test(line))).toEqual([]);
    expect(said).toHaveLength(streams.length);
  },
);
