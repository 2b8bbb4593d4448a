// A run of weeks through every view at once: what they hold at its end is what they held after its first cycles.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test, vi } from 'vitest';
import { codeQualityView } from '../../../src/views/code-quality.ts';
import { githubView } from '../../../src/views/github.ts';
import { gitlabView } from '../../../src/views/gitlab.ts';
import { sarifView } from '../../../src/views/sarif.ts';
import { tapView } from '../../../src/views/tap.ts';
import { jsonLinesView, jsonView } from '../../../src/views/json.ts';
import { junitView } from '../../../src/views/junit.ts';
import { latestView } from '../../../src/views/latest.ts';
import { liveView } from '../../../src/views/live.ts';
import { plainView } from '../../../src/views/plain.ts';
import { questionsFile } from '../../../src/views/questions-file.ts';
import type { Sink, View } from '../../../src/ports.ts';
import { aLoop, Script } from './rig.ts';

const WARM = 2000;
const CYCLES = 5000;
/** What a list of the cycles would hold: for each of them a hundred bytes and more. */
const MOST_GROWTH = 500_000;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

await import('../../../src/views/terminal.ts');
afterEach(() => {
  vi.useRealTimers();
});

/** Takes everything and keeps nothing. */
class Void implements Sink {
  readonly columns = 80;
  readonly rows = 24;
  readonly color = true;
  readonly isTerminal: boolean;
  writes = 0;

  constructor(isTerminal: boolean) {
    this.isTerminal = isTerminal;
  }

  write(): void {
    this.writes += 1;
  }
}

const LOG = 'first line\nlast line\n';
const readTail = () => LOG;
const readFrom = (_log: string, offset: number) => ({
  text: LOG.slice(offset),
  next: Math.max(offset, LOG.length),
});

type Make = (script: Script) => View;

const CHECKOUT = {
  workspace: '/work',
  folder: '/work',
  config: '/work/loop.config.yaml',
  readTail,
  replace: () => undefined,
};

const VIEWS: Readonly<Record<string, Make>> = {
  plain: (script) => plainView(script.plan, new Void(false), { mono: () => script.mono, readTail }),
  'plain, verbose': (script) =>
    plainView(script.plan, new Void(false), { mono: () => script.mono, readTail, readFrom, detail: 'whole' }),
  live: (script) => liveView(script.plan, new Void(true), { mono: () => script.mono, readTail }),
  json: ({ plan }) => jsonView(plan, new Void(false)),
  'json lines': () => jsonLinesView(new Void(false)),
  junit: ({ plan }) => junitView(plan, { file: 'junit.xml', readTail, replace: () => undefined }),
  github: ({ plan }) => githubView(plan, new Void(false), { workspace: '/work', folder: '/work', readTail }),
  tap: ({ plan }) => tapView(plan, { file: 'gates.tap', readTail, replace: () => undefined }),
  sarif: ({ plan }) => sarifView(plan, { ...CHECKOUT, file: 'gates.sarif', version: '0.1.0' }),
  'code quality': ({ plan }) => codeQualityView(plan, { ...CHECKOUT, file: 'quality.json' }),
  gitlab: ({ plan }) => gitlabView(plan, new Void(false)),
  latest: ({ plan }) => latestView(plan, () => undefined),
  questions: () => {
    const disk = { read: () => undefined, makeFolder: () => undefined, replace: () => undefined };
    return questionsFile({ path: 'questions.md', disk, redact: (text) => text });
  },
};

test.each([
  ['every view that writes lines or files', Object.keys(VIEWS).filter((name) => name !== 'live')],
  ['the view on a terminal', ['live']],
])('%s holds no more after seven thousand cycles than after two thousand', async (_, names) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] });
  const script = new Script(aLoop({ tests: ['unit', 'lint', 'sims'] }));
  const views = names.flatMap((name) => {
    const view = VIEWS[name]?.(script);
    return view ? [script.watch(view)] : [];
  });
  expect(views).toHaveLength(names.length);
  script.start();
  await play(script, views, WARM);
  const before = heap();
  await play(script, views, CYCLES);
  expect(heap() - before).toBeLessThan(MOST_GROWTH);
  for (const view of views) await view.close(script.progress);
});

async function play(script: Script, views: readonly View[], cycles: number): Promise<void> {
  for (let count = 0; count < cycles; count += 1) {
    const cycle = script.progress.cycle + 1;
    script.cycle(cycle).pass('unit').record({ type: 'attempt.started', task: 'lint', attempt: 1 });
    for (const view of views) if ('tick' in view && typeof view.tick === 'function') view.tick(script.mono);
    script.pass('lint');
    if (cycle % 5 === 0) script.fail('sims', `exit ${cycle}`, { fingerprint: 'f0000001' }).endCycle('failed');
    else script.pass('sims').endCycle('passed');
    if (cycle === 5) {
      const question = { fingerprint: 'f0000001', task: 'sims', cycle, text: 'Question' };
      script.record({ type: 'question.opened', ...question });
    }
    if (cycle % 3 === 0) script.rest('sleep', 1000).record({ type: 'rest.ended' });
    // The script's own memory of what it recorded is none of the view's.
    script.events.length = 0;
    if (cycle % 10 === 0) await vi.advanceTimersByTimeAsync(100);
  }
}

function heap(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
