import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { indexPlan } from '../../../src/core/cycle/plan-index.ts';
import type { Event } from '../../../src/core/loop/event.ts';
import { performer } from '../../../src/engine/perform.ts';
import type { Appender, Disk, Failure } from '../../../src/ports.ts';
import { realDisk } from '../../../src/system/files.ts';
import { aPlan, Script } from '../views/rig.ts';

let cycles = '';
beforeEach(() => {
  cycles = mkdtempSync(join(tmpdir(), 'gate-run-perform-'));
  mkdirSync(join(cycles, '000001'));
});
afterEach(() => rmSync(cycles, { recursive: true }));

/** What the inbox got and what stands in the log after a failed gate was judged, on a disk that writes so. */
function afterJudging(write: (file: Appender, bytes: Uint8Array) => number | Failure) {
  const script = new Script(aPlan({ checks: ['lint'] })).start().cycle();
  script
    .attempt('lint', { code: 1 })
    .judge('lint', 'failed', { reasons: ['exit 1'], fingerprint: '7c1f03aa' });
  const disk: Disk = {
    ...realDisk(),
    append: (path) => {
      const file = realDisk().append(path);
      return 'failed' in file ? file : { ...file, write: (bytes) => write(file, bytes) };
    },
  };
  const facts: Event[] = [];
  const nobody = () => {
    throw new Error('nothing is to be started');
  };
  const perform = performer({
    index: indexPlan(script.plan),
    world: {
      disk,
      processes: { start: nobody, signal: nobody, undo: nobody, forget: nobody, ask: nobody },
      inbox: { put: (fact) => void facts.push(fact) },
    },
    surroundings: { folder: cycles, stateDir: cycles, cycles, node: 'node', bin: 'gate-run' },
  });
  const judged = script.events.at(-1);
  if (judged) perform(judged, script.progress);
  return { facts, log: readFileSync(join(cycles, '000001/checks.lint.1.log'), 'utf8') };
}

test('a question is whole at the end of the log, also where the disk takes a few bytes at a time', () => {
  const { facts, log } = afterJudging((file, bytes) => file.write(bytes.subarray(0, 7)));
  expect(log.trim().split('\n')).toHaveLength(5);
  expect(log).toMatch(/^\nQuestion for [^]*preserving intended functionality\?\n$/);
  expect(facts).toEqual([]);
});

test('a question that the log does not take is noted, and nothing is stopped', () => {
  const { facts } = afterJudging(() => ({ failed: 'EDQUOT', what: 'write lint.log' }));
  expect(facts).toEqual([
    { type: 'noted', what: 'the question is not at the end of the log of lint: write lint.log (EDQUOT)' },
  ]);
});
