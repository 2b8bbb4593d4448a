import { describe, expect, test } from 'vitest';
import type { Event, Recorded } from '../../../src/core/loop/event.ts';
import { EMPTY } from '../../../src/core/loop/evolve.ts';
import type { Progress, QuestionProgress } from '../../../src/core/loop/progress.ts';
import { questionsFile } from '../../../src/views/questions-file.ts';
import type { Failure } from '../../../src/ports.ts';

const AT = '2026-02-10T06:30:00.000Z';

/** A disk of one file, which counts how often it is written and can refuse. */
function oneFile(start?: Uint8Array) {
  const state = {
    file: start,
    writes: 0,
    folders: [] as string[],
    refusal: undefined as Failure | undefined,
  };
  const disk = {
    read: () => state.file,
    makeFolder: (path: string) => void state.folders.push(path),
    replace: (_path: string, bytes: Uint8Array, durable: boolean) => {
      if (state.refusal) return state.refusal;
      expect(durable).toBe(true);
      state.file = bytes;
      state.writes += 1;
      return undefined;
    },
  };
  return { state, disk, text: () => Buffer.from(state.file ?? []).toString() };
}

function question(fingerprint: string): QuestionProgress {
  return {
    fingerprint,
    task: 'lint',
    text: `five lines of hunter22 ${fingerprint}`,
    openedAt: AT,
    seen: 1,
    lastAt: AT,
    lastCycle: 1,
    closedAt: undefined,
  };
}

function progress(...questions: readonly QuestionProgress[]): Progress {
  return { ...EMPTY, questions: new Map(questions.map((one) => [one.fingerprint, one])) };
}

const stamp = { v: 1, seq: 1, at: AT, mono: 0, run: 'r' } as const;
const recorded = (event: Event): Recorded => ({ ...stamp, ...event });
const OPENED = recorded({
  type: 'question.opened',
  fingerprint: '00000001',
  task: 'lint',
  cycle: 1,
  text: '',
});
const NEXT = recorded({ type: 'cycle.started', cycle: 2, turn: 'cycle' });
const redact = (text: string) => text.replaceAll('hunter22', '***TOKEN***');
const path = 'docs/ops/questions.md';

describe('the questions file of a run', () => {
  test('without a question no file is made, nor read', () => {
    const { state, disk } = oneFile();
    const view = questionsFile({ path, redact, disk: { ...disk, read: () => expect.unreachable() } });
    view.see(NEXT, progress());
    void view.close(progress());
    expect(state.writes).toBe(0);
  });

  test('questions opened in a row are written at once, redacted, into a folder that is made', () => {
    const { state, disk, text } = oneFile();
    const view = questionsFile({ path, redact, disk });
    view.see(OPENED, progress(question('00000001')));
    view.see(OPENED, progress(question('00000001'), question('00000002')));
    expect(state.writes).toBe(0);
    view.see(NEXT, progress(question('00000001'), question('00000002')));
    expect(state).toMatchObject({ writes: 1, folders: ['docs/ops'] });
    expect(text()).toContain('five lines of ***TOKEN*** 00000001\n<!-- gate-run 00000001 seen 1');
    expect(text()).not.toContain('hunter22');
  });

  test('[B15] what was opened last is written when the run is over', () => {
    const { state, disk } = oneFile();
    const view = questionsFile({ path, redact, disk });
    view.see(OPENED, progress(question('00000001')));
    void view.close(progress(question('00000001')));
    expect(state.writes).toBe(1);
  });

  test('a file that says it already is not touched', () => {
    const first = oneFile();
    const fold = progress(question('00000001'));
    void questionsFile({ path, redact, disk: first.disk }).close(fold);
    const second = oneFile(first.state.file);
    const view = questionsFile({ path, redact, disk: second.disk });
    view.see(NEXT, fold);
    view.see(NEXT, fold);
    expect(second.state.writes).toBe(0);
  });

  test('a refusal is told once and tried again', () => {
    const { state, disk } = oneFile(new Uint8Array(Buffer.from('people\n')));
    const view = questionsFile({ path, redact, disk });
    state.refusal = { failed: 'EROFS', what: 'read-only' };
    const fold = progress(question('00000001'));
    expect(() => view.see(NEXT, fold)).toThrow('docs/ops/questions.md could not be written: EROFS read-only');
    view.see(NEXT, fold);
    expect(Buffer.from(state.file ?? []).toString()).toBe('people\n');
    state.refusal = undefined;
    view.see(NEXT, fold);
    expect(state.writes).toBe(1);
  });

  test('a question that is seen again in every quick cycle is written once a second, and before a rest', () => {
    const { state, disk, text } = oneFile();
    const view = questionsFile({ path, redact, disk });
    const seen = (count: number) => progress({ ...question('00000001'), seen: count });
    view.see(OPENED, seen(1));
    for (let count = 1; count <= 1000; count += 1)
      view.see({ ...NEXT, mono: count }, { ...seen(count), mono: count });
    expect(state.writes).toBe(1);
    const rest = recorded({
      type: 'rest.started',
      cause: 'backoff',
      forMs: 9,
      until: AT,
      by: 'mono',
      why: '',
    });
    view.see({ ...rest, mono: 1001 }, { ...seen(1000), mono: 1001 });
    expect(text()).toContain('seen 1000');
    view.see({ ...NEXT, mono: 2001 }, { ...seen(1001), mono: 2001 });
    expect(text()).toContain('seen 1001');
    expect(state.writes).toBe(3);
  });

  test('a file that cannot be read is never replaced', () => {
    const { state, disk } = oneFile();
    const view = questionsFile({
      path,
      redact,
      disk: { ...disk, read: () => ({ failed: 'EACCES', what: 'denied' }) },
    });
    expect(() => view.see(NEXT, progress(question('00000001')))).toThrow('EACCES denied');
    expect(state.writes).toBe(0);
  });
});
