// `gate-run rehearse`: this config through simulated nights. It reads the config and writes nowhere, takes no lock, starts no process.

import { resolve } from 'node:path';
import { nearest } from '../core/config/nearest.ts';
import { redactText } from '../core/judge/redact-text.ts';
import { hiddenBy } from '../core/plan/secrets.ts';
import { limitsOf } from '../core/loop/watch.ts';
import { EXIT } from '../core/loop/run-end.ts';
import type { Plan } from '../core/plan/plan.ts';
import { rehearsalSummary, type Rehearsal } from '../core/summary/rehearsal-summary.ts';
import type { RehearsedNight } from '../core/summary/rehearsal.ts';
import type { Outcomes } from '../simulation/act.ts';
import { Dice } from '../simulation/random.ts';
import { DrawnOutcomes } from '../simulation/rehearsal-outcomes.ts';
import { readScript, ScriptedOutcomes, strangersIn, type Script } from '../simulation/rehearsal-script.ts';
import { FAULTS, type FaultKind } from '../simulation/rehearsal-trouble.ts';
import { realClock } from '../system/clock.ts';
import { realDisk } from '../system/files.ts';
import { rehearsalText } from '../views/rehearsal.ts';
import { loadLoop } from './load.ts';
import { nightProgress } from './rehearsal-progress.ts';
import { NIGHT_MS, playNight } from './rehearsed-night.ts';
import { looping } from './loop-flags.ts';
import type { CommandRequest } from './request.ts';
import { showProblems } from './say.ts';
import { countOf, refuse, takeFlags } from './state.ts';

const NIGHTS = 10;
const MOST_NIGHTS = 1000;
const MOST_SEED = 2 ** 52;
const SEED_SPAN = 2 ** 32 - 1;

export async function rehearse(request: CommandRequest): Promise<number> {
  const wish = wishOf(request);
  if (typeof wish === 'string') return refuse(request, 'rehearse', wish);
  const loop = await loadLoop(
    { ...request, config: request.config, flags: looping(request.flags) },
    { ...request.env },
  );
  if ('problems' in loop) {
    const write = (text: string) => (request.json ? request.writeError(text) : request.write(text));
    const problems = await showProblems(loop, { ...request, write });
    const answer = { schemaVersion: SCHEMA_VERSION, exit: EXIT.usage, problems };
    if (request.json) request.write(`${JSON.stringify(answer, null, 2)}\n`);
    return EXIT.usage;
  }
  const tasks = loop.plan.phases.flatMap((phase) => phase.tasks.map(({ id }) => id));
  const strangers = strangersIn(wish.script ?? {}, tasks);
  if (strangers.length > 0) return refuse(request, 'rehearse', `--script: ${strangers.join('\n  ')}`);
  const clock = realClock();
  const from = clock.now().mono;
  const progress = nightProgress({
    nights: wish.nights,
    isTerminal: request.isErrorShown === true,
    mono: () => clock.now().mono,
    write: (text) => request.writeError(text),
  });
  const rehearsal = await rehearsed(loop.plan, wish, progress.after);
  progress.close();
  const tookMs = clock.now().mono - from;
  const exit = rehearsal.summary.isSound ? EXIT.passed : EXIT.failed;
  const text = request.json
    ? `${JSON.stringify({ schemaVersion: SCHEMA_VERSION, exit, ...rehearsal }, null, 2)}\n`
    : rehearsalText(rehearsal, request.color);
  request.write(redactText(text, hiddenBy(loop.plan, request.env).secrets));
  request.writeError(
    `rehearsed in ${tookMs.toFixed(0)} ms, ${(tookMs / wish.nights).toFixed(1)} ms a night\n`,
  );
  return exit;
}

const SCHEMA_VERSION = 1;

export interface RehearsalWish {
  readonly nights: number;
  readonly seed: number;
  readonly faults: ReadonlySet<FaultKind>;
  /** In the place of drawn outcomes. */
  readonly script: Script | undefined;
}

/** `after`: told after each night, how many are over. */
export async function rehearsed(
  plan: Plan,
  wish: RehearsalWish,
  after: (done: number) => void = () => undefined,
): Promise<Rehearsal> {
  const { seed, faults, script } = wish;
  const nextFire = plan.loop.cron && (await calendar(plan.loop.cron));
  const evaluate = plan.ends.when && (await import('../core/expression.ts')).expressions.holds;
  const nights: RehearsedNight[] = [];
  for (let night = 1; night <= wish.nights; night += 1) {
    const own = new Dice(seed, `night ${night}`).whole(0, SEED_SPAN);
    const outcomes: Outcomes =
      script === undefined ? new DrawnOutcomes({ plan, seed: own, faults }) : new ScriptedOutcomes(script);
    const { facts } = await playNight({ plan, night, seed: own, faults, outcomes, nextFire, evaluate });
    nights.push(facts);
    after(night);
  }
  return {
    name: plan.name,
    mode: plan.loop.mode,
    seed,
    nightMs: NIGHT_MS,
    faults: FAULTS.filter((fault) => faults.has(fault)),
    isScripted: script !== undefined,
    limits: limitsOf(plan),
    nights,
    summary: rehearsalSummary(plan, nights),
  };
}

async function calendar({
  expression,
  timezone,
}: NonNullable<Plan['loop']['cron']>): Promise<(wall: number) => number> {
  return (await import('../system/schedule.ts')).nextFireOf(expression, timezone);
}

/** What is wished for, or why it cannot be meant. */
function wishOf({ args, folder }: CommandRequest): RehearsalWish | string {
  const known = { nights: 'value', seed: 'value', faults: 'value', script: 'value' } as const;
  const { flags, rest, problem } = takeFlags(args, known);
  if (problem !== undefined) return problem;
  if (rest.length > 0) return `takes no words, not \`${rest.join(' ')}\``;
  const nights = flags.nights === undefined ? NIGHTS : countOf(flags.nights);
  if (nights === undefined || nights > MOST_NIGHTS)
    return `--nights takes a number from 1 to ${MOST_NIGHTS}, not \`${flags.nights}\``;
  const seed = seedOf(flags.seed ?? '1');
  if (seed === undefined) return `--seed takes a whole number from 0 to ${MOST_SEED}, not \`${flags.seed}\``;
  const script = flags.script === undefined ? undefined : scriptAt(resolve(folder, flags.script));
  if (typeof script === 'string') return `--script ${flags.script}: ${script}`;
  // A script says all that happens; trouble comes on top only where it is asked for.
  const faults = faultsOf(flags.faults ?? (script === undefined ? 'all' : 'none'));
  return typeof faults === 'string' ? faults : { nights, seed, faults, script };
}

function seedOf(text: string): number | undefined {
  const seed = /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
  return seed <= MOST_SEED ? seed : undefined;
}

function faultsOf(text: string): ReadonlySet<FaultKind> | string {
  const faults = new Set<FaultKind>();
  const words = text.split(',');
  for (const word of words) {
    const fault = FAULTS.find((known) => known === word);
    if (fault !== undefined) faults.add(fault);
    else if ((word !== 'all' && word !== 'none') || words.length > 1) {
      const near = nearest(word, [...FAULTS, 'all', 'none']);
      const hint = near === undefined || near === word ? '' : ` — did you mean \`${near}\`?`;
      return `--faults takes ${FAULTS.join(', ')}, or \`all\` or \`none\` alone, not \`${word}\`${hint}`;
    }
  }
  return text === 'all' ? new Set(FAULTS) : faults;
}

function scriptAt(path: string): Script | string {
  const bytes = realDisk().read(path);
  if (bytes === undefined) return 'there is no such file';
  if ('failed' in bytes) return `it could not be read (${bytes.failed})`;
  const read = readScript(new TextDecoder().decode(bytes));
  return 'script' in read ? read.script : read.mistakes.join('\n  ');
}
