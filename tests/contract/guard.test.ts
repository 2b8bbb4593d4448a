// What is protected, on a real disk: everything that may happen to a file between two looks, and what is said about it.

import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Event } from '../../src/core/loop/event.ts';
import { redactText } from '../../src/core/judge/redact-text.ts';
import type { ProtectPlan } from '../../src/core/plan/protect.ts';
import type { ProtectAnswered, ProtectNoted } from '../../src/core/protect/event.ts';
import { tamperingLines } from '../../src/core/protect/words.ts';
import type { Noted } from '../../src/ports.ts';
import { realDisk } from '../../src/system/files.ts';
import { RealGuard, unmatched } from '../../src/system/guard.ts';

const EXCEPT = ['!.gate-run', '!.gate-run/**'];
const PLAN: ProtectPlan = {
  paths: ['loop.config.yaml', 'gates/**', 'link', 'empty'],
  appendOnly: ['log.jsonl'],
  implied: ['loop.config.yaml'],
  except: EXCEPT,
};

class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), 'gate-run-guard-'));
  readonly #heard: ((event: Event) => void)[] = [];
  noted: Noted = { sum: '', grown: new Map() };

  constructor() {
    mkdirSync(join(this.folder, 'gates/deep'), { recursive: true });
    this.write('loop.config.yaml', 'a\nedge > 300\nb\n');
    this.write('gates/edge.yaml', 'run: edge\n');
    this.write('gates/deep/other.bin', Buffer.from([0, 1, 2]));
    this.write('tool.ts', 'x\n');
    this.write('empty', '');
    this.write('log.jsonl', '{"a":1}\n');
    symlinkSync('tool.ts', this.at('link'));
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** A path in the folder; also taken out of its desk. */
  readonly at = (path: string): string => join(this.folder, path);

  write(path: string, content: string | Uint8Array): void {
    writeFileSync(this.at(path), content);
  }

  guard(plan = PLAN): RealGuard {
    return new RealGuard({
      plan,
      folder: this.folder,
      place: this.at('.gate-run/protected'),
      disk: realDisk(),
      redact: (text) => redactText(text, []),
      inbox: { put: (event) => this.#heard.shift()?.(event) },
    });
  }

  async note(guard: RealGuard, against?: Noted): Promise<ProtectNoted> {
    const told = this.#next();
    guard.note(against);
    const noted = await told;
    if (noted.type !== 'protect.noted') throw new Error(noted.type);
    this.noted = { sum: noted.sum, grown: new Map() };
    return noted;
  }

  async compare(guard: RealGuard, noted = this.noted): Promise<ProtectAnswered> {
    const told = this.#next();
    guard.compare({ phase: 'work' }, noted);
    const answer = await told;
    if (answer.type !== 'protect.answered') throw new Error(answer.type);
    return answer;
  }

  #next(): Promise<Event> {
    return new Promise((resolve) => this.#heard.push(resolve));
  }
}

async function noted(plan = PLAN): Promise<{ desk: Desk; guard: RealGuard }> {
  const desk = new Desk();
  const guard = desk.guard(plan);
  expect((await desk.note(guard)).failed).toBeUndefined();
  return { desk, guard };
}

test('nothing changed, nothing is said, whatever else happens in the folder', async () => {
  const { desk, guard } = await noted();
  desk.write('other.txt', 'x');
  mkdirSync(desk.at('.gate-run/cycles'), { recursive: true });
  utimesSync(desk.at('loop.config.yaml'), new Date(), new Date());
  expect(await desk.compare(guard)).toEqual({ type: 'protect.answered', phase: 'work' });
});

const DEEDS: Readonly<Record<string, readonly [deed: (desk: Desk) => void, told: string]>> = {
  'another byte in a file of the same size, with its times set back': [
    ({ at }) => {
      const path = at('loop.config.yaml');
      writeFileSync(path, 'a\nedge > 000\nb\n');
      utimesSync(path, 1, 1);
    },
    'loop.config.yaml changed',
  ],
  'a file that is gone': [({ at }) => unlinkSync(at('gates/edge.yaml')), 'gates/edge.yaml was removed'],
  'a folder that is gone': [
    ({ at }) => rmSync(at('gates/deep'), { recursive: true }),
    'gates/deep/other.bin was removed',
  ],
  'a new file under a glob': [
    (desk) => desk.write('gates/easy.yaml', 'run: "true"\n'),
    'gates/easy.yaml was added',
  ],
  'a mode': [
    ({ at }) => chmodSync(at('gates/edge.yaml'), 0o755),
    'gates/edge.yaml changed: mode 644 → mode 755',
  ],
  'a link that leads elsewhere': [
    ({ at }) => {
      unlinkSync(at('link'));
      symlinkSync('loop.config.yaml', at('link'));
    },
    'link changed: a link to tool.ts',
  ],
  'the file behind a link': [(desk) => desk.write('tool.ts', 'y\n'), 'link changed'],
  'a link in the place of a file': [
    ({ at }) => {
      renameSync(at('gates/edge.yaml'), at('moved'));
      symlinkSync('../moved', at('gates/edge.yaml'));
    },
    'gates/edge.yaml changed',
  ],
  'a link whose file is gone': [({ at }) => unlinkSync(at('tool.ts')), 'link changed'],
  'a folder in the place of a file': [
    ({ at }) => {
      unlinkSync(at('empty'));
      mkdirSync(at('empty'));
    },
    'empty changed: 0 bytes',
  ],
  'a FIFO in the place of a file': [
    ({ at }) => {
      unlinkSync(at('empty'));
      execFileSync('mkfifo', [at('empty')]);
    },
    'no regular file',
  ],
  'another byte in what is not text': [
    (desk) => desk.write('gates/deep/other.bin', Buffer.from([0, 1, 3])),
    'gates/deep/other.bin changed: 3 bytes',
  ],
  'a file that may only grow, cut': [
    ({ at }) => truncateSync(at('log.jsonl'), 3),
    'was cut, although it may only grow',
  ],
  'a file that may only grow, written anew': [
    (desk) => desk.write('log.jsonl', '{"b":1}\n{"b":2}\n'),
    'other bytes in its first 8',
  ],
  'a file that may only grow, gone': [({ at }) => unlinkSync(at('log.jsonl')), 'log.jsonl was removed'],
};

describe('[A8] a change is seen, and told with its name', () => {
  test.each(Object.entries(DEEDS))('%s', async (_name, [deed, told]) => {
    const { desk, guard } = await noted();
    deed(desk);
    const answer = await desk.compare(guard);
    expect(tamperingLines(answer).join('\n')).toContain(told);
    expect(answer.changed).toHaveLength(1);
  });
});

test('the difference of a text is shown, of all of them a few lines', async () => {
  const { desk, guard } = await noted();
  desk.write('loop.config.yaml', 'a\nedge > 0\nb\n');
  const { diff } = await desk.compare(guard);
  expect(diff?.split('\n')).toEqual(
    expect.arrayContaining(['--- loop.config.yaml (noted)', '-edge > 300', '+edge > 0']),
  );
  for (let nth = 0; nth < 60; nth += 1) desk.write(`gates/new-${nth}.yaml`, 'x\n'.repeat(50));
  const many = await desk.compare(guard);
  expect(many.diff?.split('\n').length).toBeLessThanOrEqual(40);
  expect(many.changed).toHaveLength(20);
  expect(many.more).toBe(41);
});

test('a huge file is hashed and never shown', async () => {
  const desk = new Desk();
  desk.write('gates/huge.txt', 'x'.repeat(5_000_000));
  const guard = desk.guard();
  await desk.note(guard);
  appendFileSync(desk.at('gates/huge.txt'), 'y');
  const answer = await desk.compare(guard);
  expect(answer.changed).toMatchObject([{ path: 'gates/huge.txt', how: 'changed' }]);
  expect(answer.diff).toBeUndefined();
});

test('a file that may only grow may grow, and what it has come to holds from then on', async () => {
  const { desk, guard } = await noted();
  appendFileSync(desk.at('log.jsonl'), '{"a":2}\n');
  const { grown = [], changed } = await desk.compare(guard);
  expect(changed).toBeUndefined();
  expect(grown).toMatchObject([{ path: 'log.jsonl', bytes: 16 }]);
  const since: Noted = { sum: desk.noted.sum, grown: new Map(grown.map((one) => [one.path, one])) };
  desk.write('log.jsonl', '{"a":1}\n');
  expect((await desk.compare(guard, since)).changed).toMatchObject([{ how: 'truncated' }]);
  desk.write('log.jsonl', '{"a":1}\n{"a":9}\n');
  expect((await desk.compare(guard, since)).changed).toMatchObject([{ how: 'changed' }]);
});

test('a file that changes all the time while it is hashed is not believed', async () => {
  const desk = new Desk();
  // Long enough that others get a turn while it is hashed; on the disk it takes no room.
  desk.write('gates/busy.bin', '');
  truncateSync(desk.at('gates/busy.bin'), 200_000_000);
  const timer = setInterval(() => appendFileSync(desk.at('gates/busy.bin'), 'x'), 1);
  onTestFinished(() => clearInterval(timer));
  const { failed } = await desk.note(desk.guard());
  expect(failed).toContain('gates/busy.bin cannot be read (it changes while it is read)');
});

test('another start finds what the one before noted, and believes only the list that the ledger speaks of', async () => {
  const { desk } = await noted();
  expect((await desk.compare(desk.guard())).changed).toBeUndefined();
  desk.write('gates/edge.yaml', 'run: "true"\n');
  expect((await desk.compare(desk.guard())).changed).toMatchObject([{ path: 'gates/edge.yaml' }]);
  const list = desk.at('.gate-run/protected/noted.json');
  writeFileSync(list, readFileSync(list, 'utf8').replace(/"sum":"./, '"sum":"f'));
  const doubted = await desk.compare(desk.guard());
  expect(doubted.changed?.[0]?.after).toContain('gone, or not the same any more');
  unlinkSync(list);
  expect((await desk.compare(desk.guard())).changed).toHaveLength(1);
});

test('a later run says what is new since the one before, and one that must not differ is refused and keeps the list', async () => {
  const { desk } = await noted();
  const first = desk.noted;
  desk.write('loop.config.yaml', 'a\nedge > 0\nb\n');
  const refused = await desk.note(desk.guard(), first);
  expect(refused.refused).toMatchObject({ after: 'run', changed: [{ path: 'loop.config.yaml' }] });
  expect(refused.refused?.diff).toContain('+edge > 0');
  expect(refused.sum).toBe(first.sum);
  expect((await desk.note(desk.guard(), first)).refused, 'it is not forgotten').toBeDefined();
  desk.write('loop.config.yaml', 'a\nedge > 300\nb\n');
  expect((await desk.note(desk.guard(), first)).refused, 'it was put back').toBeUndefined();
  desk.write('loop.config.yaml', 'a\nedge > 0\nb\n');
  const accepted = await desk.note(desk.guard());
  expect(accepted).toMatchObject({ since: [{ path: 'loop.config.yaml', how: 'changed' }] });
  expect((await desk.note(desk.guard())).since).toBeUndefined();
});

test('what cannot be hashed lets nothing begin', async () => {
  const desk = new Desk();
  const gone = await desk.note(desk.guard({ ...PLAN, paths: ['nowhere.yaml'] }));
  expect(gone.failed).toContain('nothing is at nowhere.yaml any more');
  desk.write('huge', '');
  truncateSync(desk.at('huge'), 600_000_000);
  const huge = await desk.note(desk.guard({ ...PLAN, paths: ['huge'] }));
  expect(huge.failed).toContain('more than 536870912 bytes');
  desk.write('.gate-run', 'in the way');
  expect((await desk.note(desk.guard())).failed).toContain('could not be hashed');
});

test('names that stand for nothing are found, what may grow need not be there yet', async () => {
  const { folder } = new Desk();
  const plan = { ...PLAN, paths: ['loop.config.yaml', 'gate/**', 'nope', '!gates/x'], appendOnly: ['later'] };
  expect(await unmatched(plan, folder)).toEqual(['gate/**', 'nope']);
});
