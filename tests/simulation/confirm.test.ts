// Scenes of a search whose champion is measured again on fresh seeds: when, on which, what it says, and what a crash or a stop makes of it.

import { describe, expect, test } from 'vitest';
import type { Event, Recorded } from '../../src/core/loop/event.ts';
import { MOST_CUTS } from '../../src/core/loop/confirm-progress.ts';
import { NO_EXIT } from '../../src/core/plan/loop.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import { NO_FAULTS, SimulatedDisk } from '../../src/simulation/disk.ts';
import { Dice } from '../../src/simulation/random.ts';
import { metric, stage } from '../unit/judge/parts.ts';
import { gate, phase, plan } from '../unit/plan-builder.ts';
import { afterCycles, play, type Act, type Scene } from './scene.ts';

const COUNT = 10;

interface Seeking {
  readonly cycles?: number;
  readonly every?: number;
  readonly seeds?: number;
  readonly more?: Partial<Plan>;
}

function seeking({ cycles = 4, every = 2, seeds = COUNT, more }: Seeking = {}): Plan {
  const sims = gate('sims', {
    metrics: [metric('score', { better: 'higher' })],
    stages: [stage(COUNT)],
    sims: { per: 'seed', base: 0, batch: 1, timeoutMs: undefined, maxFailed: { count: 1 } },
  });
  const base = plan([phase('prove', [sims])]);
  return {
    ...base,
    loop: { ...base.loop, mode: 'continuous', sleepMs: 0 },
    ends: { ...NO_EXIT, budget: [afterCycles(cycles)] },
    objective: {
      metric: 'score',
      task: 'sims',
      name: 'score',
      key: 'sims.score',
      better: 'higher',
      minDelta: 0,
      count: COUNT,
      pairing: { base: 0, confidence: 0.95 },
      measuredBy: '11111111',
    },
    champion: {
      keep: [{ from: 'cycle', path: 'best' }],
      robustness: { batches: 3, bands: [] },
      confirm: { every, seeds },
    },
    ...more,
  };
}

/** A candidate as good as `mean`, a little better or worse from seed to seed. */
function as(mean: number, on: (seed: number) => number = () => 0): Act {
  return { seeds: (seed) => mean + (seed % 3) / 10 + on(seed), writes: { best: String(mean) } };
}

function acts(more: Readonly<Record<string, Act>> = {}): Scene {
  return { acts: { sims: as(4), 'sims@000001': as(5), ...more } };
}

/** `confirm 2 of 1: 10+10`, `held 1`, `passed 2`, in order. */
function told(events: readonly Recorded[]): readonly string[] {
  return events.flatMap((event: Event) => {
    if (event.type === 'cycle.started' && event.confirm) {
      const { champion, base, count } = event.confirm;
      return [`confirm ${event.cycle} of ${champion}: ${base}+${count}`];
    }
    if (event.type === 'champion.confirmed') return [`${event.verdict} ${event.cycle}`];
    if (event.type === 'champion.kept') return [`crowned ${event.cycle}`];
    if (event.type === 'champion.set-aside') return [`aside ${event.cycle}`];
    if (event.type !== 'cycle.ended') return [];
    return [`${event.verdict} ${event.turn === 'confirm' ? 'confirm ' : ''}${event.cycle}`];
  });
}

describe('a champion that grows old', () => {
  test('[A9] is measured again every few cycles, each time on seeds that nobody has seen', async () => {
    const { events, started, disk, progress, exit } = await play(seeking({ cycles: 6 }), acts());
    expect(told(events)).toEqual(
      [
        'passed 1',
        'crowned 1',
        'passed 2',
        'passed 3',
        'confirm 3 of 1: 10+10',
        'passed confirm 3',
        'unknown 1',
        'passed 4',
        'passed 5',
        'confirm 5 of 1: 20+10',
        'passed confirm 5',
        'unknown 1',
        'passed 6',
      ].map((one) => one.replace('unknown', 'lucky')),
    );
    expect(exit).toBe(0);
    expect(started.length).toBe(8);
    // The fresh runs gave what everybody else gets here.
    expect(progress?.champion?.cycle).toBe(1);
    expect(disk.list('/state/cycles')).toContain('000003-confirm');
  });

  test('holds where it is as good as it was', async () => {
    const same = { 'sims@000003-confirm': as(5) };
    const { events, progress, disk } = await play(seeking(), acts(same));
    expect(told(events).at(-2)).toBe('held 1');
    const confirmed = progress?.confirming.results.get(1);
    expect(confirmed).toMatchObject({ ran: 3, verdict: 'held', lucky: undefined, nth: 1 });
    // What it was crowned with lay where its own cycle had it.
    const laid = disk.read('/state/cycles/000003-confirm/best');
    expect(laid instanceof Uint8Array && new TextDecoder().decode(laid)).toBe('5');
  });

  test('[A9] that was crowned by luck is called so for good, and is not dethroned for it', async () => {
    const back = { 'sims@000005-confirm': as(5), 'sims@000006': as(4.9), 'sims@000007': as(5.1) };
    const { events, progress } = await play(seeking({ cycles: 7 }), acts(back));
    expect(told(events).filter((one) => /lucky|held|crowned/.test(one))).toEqual([
      'crowned 1',
      'lucky 1',
      'held 1',
      'crowned 7',
    ]);
    const event = events.find(({ type }) => type === 'champion.confirmed');
    expect(event).toMatchObject({ crowned: 5.09, value: 4.1, metric: 'score' });
    expect(progress?.confirming.results.get(1)).toMatchObject({ verdict: 'held', nth: 2 });
    expect(progress?.confirming.results.get(1)?.lucky).toMatch(
      /score 4\.1 on 10 fresh seeds.*worse by at least/,
    );
  });

  test('is not judged by what is left of its simulations', async () => {
    const failing = {
      'sims@000003-confirm': { seeds: (seed: number) => (seed === 12 ? 'fails' : 5) },
    } as const;
    const { events, exit } = await play(seeking(), acts(failing));
    expect(events.find(({ type }) => type === 'champion.confirmed')).toMatchObject({
      verdict: 'unknown',
      why: '`score` could not be measured again: 1 of 10 simulations failed, the first of them at seed 12',
    });
    expect(exit).toBe(0);
  });

  test('whose gate cannot run fails no cycle and opens no question', async () => {
    const broken = { 'sims@000003-confirm': { end: { signal: 'SIGSEGV' } } } as const;
    const { events, progress, exit } = await play(seeking(), acts(broken));
    expect(told(events)).toEqual(expect.arrayContaining(['broken confirm 3', 'unknown 1', 'passed 4']));
    expect([exit, progress?.run?.failed, progress?.questions.size]).toEqual([0, 0, 0]);
  });

  test('is due again only after another round, and not where the run is over', async () => {
    const { events } = await play(seeking({ cycles: 3 }), acts());
    expect(told(events).some((one) => one.startsWith('confirm'))).toBe(false);
    const later = await play(seeking({ cycles: 3, every: 1 }), acts());
    expect(told(later.events).filter((one) => one.startsWith('confirm'))).toEqual(['confirm 2 of 1: 10+10']);
  });

  test('is measured again also where cron starts cycle by cycle', async () => {
    const plain = seeking({ every: 1 });
    const once: Plan = { ...plain, loop: { ...plain.loop, mode: 'once' }, ends: NO_EXIT };
    const first = await play(once, acts());
    const second = await play(once, { ...acts(), disk: first.disk, run: 'run-2' });
    expect(told(second.events)).toEqual(['passed 2']);
    const third = await play(once, { ...acts(), disk: first.disk, run: 'run-3' });
    expect(told(third.events)).toEqual(['confirm 2 of 1: 10+10', 'passed confirm 2', 'lucky 1', 'passed 3']);
  });
});

describe('a confirmation that is cut off', () => {
  const cutOn = (crashOn: string) => ({ ...NO_FAULTS, crashOn });

  test('is closed as interrupted and done again, on other seeds', async () => {
    const first = await play(seeking({ cycles: 6 }), {
      ...acts({ 'sims@000003-confirm': { ...as(5), afterMs: 'never' } }),
      facts: [[2000, { type: 'noted', what: 'the process is gone' }]],
      faults: cutOn('noted'),
    });
    expect(told(first.events).at(-1)).toBe('confirm 3 of 1: 10+10');
    const second = await play(seeking({ cycles: 6 }), { ...acts(), disk: first.disk, run: 'run-2' });
    expect(told(second.events).slice(0, 4)).toEqual([
      'interrupted confirm 3',
      'confirm 4 of 1: 20+10',
      'passed confirm 4',
      'lucky 1',
    ]);
  });

  test('behind its last simulation loses nothing: what was measured is told', async () => {
    const first = await play(seeking(), { ...acts(), faults: cutOn('champion.confirmed') });
    expect(told(first.events).at(-1)).toBe('passed confirm 3');
    const second = await play(seeking(), { ...acts(), disk: first.disk, run: 'run-2' });
    expect(told(second.events)).toEqual(['lucky 1', 'passed 4']);
  });

  test('again and again is given up for now, and the loop goes on', async () => {
    const dying: Scene = {
      ...acts({ sims: as(4) }),
      facts: [[2000, { type: 'noted', what: 'the process is gone' }]],
    };
    const hanging = { ...as(5), afterMs: 'never' } as const;
    const names = ['000003', '000004', '000005'].map((number) => `sims@${number}-confirm`);
    const hang = Object.fromEntries(names.map((name) => [name, hanging]));
    let disk = (
      await play(seeking({ cycles: 6 }), {
        ...dying,
        acts: { ...dying.acts, ...hang },
        faults: cutOn('noted'),
      })
    ).disk;
    for (let life = 2; life <= MOST_CUTS; life += 1)
      ({ disk } = await play(seeking({ cycles: 6 }), {
        ...dying,
        acts: { ...dying.acts, ...hang },
        disk,
        run: `run-${life}`,
        faults: cutOn('noted'),
      }));
    const last = await play(seeking({ cycles: 6 }), { ...acts(), disk, run: 'run-9' });
    expect(told(last.events).slice(0, 3)).toEqual(['interrupted confirm 5', 'unknown 1', 'passed 6']);
    expect(last.events.find(({ type }) => type === 'champion.confirmed')).toMatchObject({
      why: '`score` could not be measured again: gate-run was ended in 3 confirmations in a row',
    });
  });

  test('by a stop ends at once, and is done again by the next start', async () => {
    const hanging = { 'sims@000003-confirm': { ...as(5), afterMs: 'never' } } as const;
    const first = await play(seeking(), {
      ...acts(hanging),
      facts: [[2000, { type: 'stop.seen', by: 'file', now: false }]],
    });
    expect(told(first.events).at(-1)).toBe('stopped confirm 3');
    expect(first.exit).toBe(6);
    const stopped = first.events.find(({ type }) => type === 'attempt.stopping');
    expect(stopped).toMatchObject({ cause: 'stop', mono: 2000 });
    const second = await play(seeking(), { ...acts(), disk: first.disk, run: 'run-2' });
    expect(told(second.events).slice(0, 3)).toEqual(['confirm 4 of 1: 20+10', 'passed confirm 4', 'lucky 1']);
  });
});

test('a champion that was kept with everything in its folder is not laid over what the turn itself writes', async () => {
  const { champion, ...base } = seeking();
  const all = [{ from: 'cycle', path: '*' }] as const;
  const greedy: Plan = { ...base, ...(champion && { champion: { ...champion, keep: all } }) };
  const { events, disk } = await play(greedy, acts());
  expect(told(events)).toContain('lucky 1');
  const lines = disk.read('/state/cycles/000003-confirm/events.jsonl');
  const text = lines instanceof Uint8Array ? new TextDecoder().decode(lines) : '';
  expect(text).toContain('attempt.ended');
  expect(text.match(/"type":"attempt.started"/g)).toHaveLength(1);
  const again = await play(greedy, { ...acts(), disk, run: 'run-2' });
  expect(again.failure).toBeUndefined();
});

test('a champion of which a part was kept out of the work tree is not measured by what stands there now', async () => {
  const { champion, ...base } = seeking();
  const tree = [{ from: 'tree', path: 'src.txt' }] as const;
  const mixed: Plan = { ...base, ...(champion && { champion: { ...champion, keep: tree } }) };
  const disk = new SimulatedDisk(new Dice(1));
  disk.makeFolder('/loop');
  const old = { ...as(5), writes: { '/loop/src.txt': 'old' } };
  const scene = { ...acts({ 'sims@000001': old }), disk };
  const { events, started } = await play(mixed, scene);
  const confirmed = events.find(({ type }) => type === 'champion.confirmed');
  expect(confirmed).toMatchObject({
    verdict: 'unknown',
    why: expect.stringContaining('src.txt lies in the work tree'),
  });
  expect(told(events)).not.toContain('aside 1');
  expect(started).toHaveLength(5);
});

test('no two turns share a folder, whatever was stopped between them', async () => {
  const base = seeking();
  const tidy = { ...phase('tidy', [gate('tidy')]), at: 'end' as const };
  const both: Plan = { ...base, phases: [...base.phases, tidy] };
  // The third cycle ends by itself; the phases at the end follow, and no confirmation.
  const stop = { type: 'stop.seen', by: 'file', now: false } as const;
  const first = await play(both, { ...acts(), facts: [[250, stop]] });
  expect(told(first.events).slice(-2)).toEqual(['passed 3', 'passed 3']);
  const hanging = acts({
    'sims@000003-confirm': { afterMs: 'never' },
    'sims@000004-confirm': { afterMs: 'never' },
  });
  const second = await play(both, { ...hanging, disk: first.disk, run: 'run-2', facts: [[2000, stop]] });
  const turns = [...first.events, ...second.events].flatMap((event) =>
    event.type === 'cycle.started' ? [`${event.cycle} ${event.turn}`] : [],
  );
  expect(turns.slice(-3)).toEqual(['3 end', '4 confirm', '4 end']);
  expect(new Set(turns).size).toBe(turns.length);
});

test('a champion whose kept file changed is set aside, and nothing is measured in its place', async () => {
  const first = await play(seeking(), { ...acts(), faults: { ...NO_FAULTS, crashOn: 'champion.confirmed' } });
  expect(told(first.events)).toContain('passed confirm 3');
  const spoilt: Act = { ...as(4), writes: { '/state/champion/000001/best': 'another' } };
  const { events } = await play(seeking(), acts({ 'sims@000003': spoilt }));
  expect(told(events)).toEqual([
    'passed 1',
    'crowned 1',
    'passed 2',
    'passed 3',
    'confirm 3 of 1: 10+10',
    'aside 1',
    'broken confirm 3',
    'passed 4',
    'crowned 4',
  ]);
});
