// A state directory with as many finished cycles as are asked for, in segments as the product leaves them. It measures nothing.

import { closeSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Event } from '../src/core/loop/event.ts';
import { encodeLine } from '../src/core/loop/line.ts';

const SEGMENT_BYTES = 67_108_864;
const BATCH_BYTES = 4_194_304;

/** Cycles' folders are gone, as they are after so long. */
export function writeLongLedger(stateDir: string, cycles: number): void {
  mkdirSync(join(stateDir, 'cycles'), { recursive: true });
  const history = join(stateDir, 'history.jsonl');
  let segment = 1;
  let written = 0;
  let fd = openSync(history, 'w');
  let batch: Uint8Array[] = [];
  const flush = (): void => {
    const bytes = Buffer.concat(batch);
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
    written += bytes.length;
    batch = [];
  };
  let held = 0;
  let seq = 0;
  const put = (event: Event, mono: number): void => {
    const at = new Date(Date.UTC(2026, 0, 1) + mono).toISOString();
    seq += 1;
    const stamp = { v: 1, seq, type: event.type, at, mono, run: 'run-1' } as const;
    const line = encodeLine(Object.assign(stamp, event));
    batch.push(line);
    held += line.length;
    if (held < BATCH_BYTES) return;
    flush();
    held = 0;
  };
  put(started(), 0);
  for (let cycle = 1; cycle <= cycles; cycle += 1) {
    put({ type: 'cycle.started', cycle, turn: 'cycle' }, cycle * 10);
    // Started, ended and judged: three events in the file of the cycle.
    seq += 3;
    put(ended(cycle), cycle * 10 + 5);
    if (written < SEGMENT_BYTES) continue;
    flush();
    held = 0;
    closeSync(fd);
    renameSync(history, join(stateDir, `history.${String(segment).padStart(6, '0')}.jsonl`));
    segment += 1;
    written = 0;
    fd = openSync(history, 'w');
  }
  put({ type: 'run.ended', reason: 'budget', verdict: 'passed', exit: 0, why: 'done' }, cycles * 10 + 9);
  flush();
  closeSync(fd);
}

function started(): Event {
  const watch = { cycles: 11, metrics: {}, labels: [] };
  const about = { plan: 'p', name: 'bench', version: '0.1.0', mode: 'iterations', limits: {} } as const;
  return { type: 'run.started', ...about, watch };
}

function ended(cycle: number): Event {
  const task = {
    id: 'check',
    kind: 'gate',
    mode: 'strict',
    phase: 'check',
    at: '2026-01-01T00:00:00.000Z',
    verdict: 'passed',
    outcome: 'exited',
    attempts: 1,
    durationMs: 3,
    metrics: { edge: cycle % 977 },
    labels: { hypothesis: `h${cycle % 31}` },
    reasons: [],
    checks: [],
    exitCode: 0,
  } as const;
  return { type: 'cycle.ended', cycle, turn: 'cycle', verdict: 'passed', durationMs: 5, tasks: [task] };
}
