// `gate-run plan [task…]` and `gate-run explain <task|exit>`: what would run, what would not, and where each value comes from.

import { nearest } from '../core/config/nearest.ts';
import { redactText } from '../core/judge/redact-text.ts';
import { EXIT } from '../core/loop/run-end.ts';
import { describePlan, describeTask } from '../core/plan/describe.ts';
import { NO_FLAGS, type Flags } from '../core/plan/flags.ts';
import type { Foretold } from '../core/cache/foretold.ts';
import { withheldNames } from '../core/plan/passing.ts';
import type { Plan } from '../core/plan/plan.ts';
import { hiddenBy } from '../core/plan/secrets.ts';
import { isoTime } from '../core/time.ts';
import { gateRunBin } from '../system/self.ts';
import { localText } from '../views/local-time.ts';
import { hidingIn } from './hide.ts';
import { loadLoop, type LoadProblems, type Loop } from './load.ts';
import type { CommandRequest } from './request.ts';
import { cacheOf } from './run.ts';
import { showProblems } from './say.ts';
import { refuse, takeFlags } from './state.ts';

export async function plan(request: CommandRequest): Promise<number> {
  const own = takeFlags(request.args, { diff: 'none' });
  if (own.problem !== undefined) return refuse(request, 'plan', own.problem);
  const flags = { ...(request.flags ?? NO_FLAGS), tasks: own.rest };
  if (own.flags.diff !== undefined) return (await import('./plan-diff.ts')).planDiff(request, flags);
  return withPlan(request, flags, async (found, show, loop) => {
    const fires = await nextFires(found);
    const told = await fromCache(request, loop);
    if (typeof told === 'number') return told;
    const withheld = withheldFrom(found, request);
    if (request.json)
      show({
        schemaVersion: SCHEMA_VERSION,
        exit: EXIT.passed,
        ...found,
        withheld,
        ...(fires && { nextFires: fires }),
        ...(told && { fromCache: told.all.map(({ key: _key, ...one }) => one) }),
      });
    else show(`${describePlan(found, withheld, told?.lines)}${fires ? firesText(fires) : ''}`);
    return EXIT.passed;
  });
}

const FIRES_SHOWN = 3;

/** The calendar's next instants, ISO 8601; undefined where no calendar decides. */
async function nextFires({ loop: { cron } }: Plan): Promise<readonly string[] | undefined> {
  if (!cron) return undefined;
  const { nextFireOf } = await import('../system/schedule.ts');
  const next = nextFireOf(cron.expression, cron.timezone);
  const fires: number[] = [];
  while (fires.length < FIRES_SHOWN) fires.push(next(fires.at(-1) ?? Date.now()));
  return fires.map(isoTime);
}

function firesText(fires: readonly string[]): string {
  const from = isoTime(Date.now());
  return `\nthe calendar is due next at\n${fires.map((at) => `  ${localText(at, from)}\n`).join('')}`;
}

export async function explain(request: CommandRequest): Promise<number> {
  const { flags, rest, problem } = takeFlags(request.args, { cycle: 'value' });
  if (problem !== undefined) return refuse(request, 'explain', problem);
  if (flags.cycle !== undefined && rest.length === 0)
    return (await import('./explain-cycle.ts')).explainCycle(request, flags.cycle);
  const [id, ...more] = rest;
  if (id === undefined || more.length > 0 || flags.cycle !== undefined) {
    request.writeError(
      'gate-run explain: name one task, or `exit`, or --cycle N\n' +
        '  gate-run plan shows the tasks, gate-run explain exit the ends, gate-run history the cycles\n',
    );
    return EXIT.usage;
  }
  if (id === 'exit') return (await import('./explain-exit.ts')).explainExit(request);
  return withPlan(request, request.flags ?? NO_FLAGS, async (found, show, loop) => {
    const phase = found.phases.find(({ tasks }) => tasks.some((task) => task.id === id));
    const task = phase?.tasks.find((one) => one.id === id);
    if (!phase || !task) return unknownTask(id, found, request);
    const sources = sourcesOf(found, `${task.kind}s.${id}.`);
    const told = await fromCache(request, loop);
    if (typeof told === 'number') return told;
    const own = told?.all.find((one) => one.task === id);
    const withheld = withheldFrom(found, request, task.env.pass);
    const answer = { task: { ...task, sources }, withheld, ...(own && { fromCache: own }) };
    if (request.json) show({ schemaVersion: SCHEMA_VERSION, exit: EXIT.passed, ...answer });
    else show(`${describeTask(found, { phase, task }, withheld)}${own && told ? told.explained(own) : ''}`);
    return EXIT.passed;
  });
}

/** Of what this very shell has; a service may start with something else. */
function withheldFrom(plan: Plan, { env }: CommandRequest, pass?: readonly string[]): readonly string[] {
  return withheldNames(env, pass, hiddenBy(plan, env).isHidden);
}

interface FromCache {
  readonly all: readonly Foretold[];
  readonly lines: ReadonlyMap<string, string>;
  explained(one: Foretold): string;
}

/** What would be answered; undefined where no task may be, an exit code where an input cannot be right. */
async function fromCache(request: CommandRequest, loop: Loop): Promise<FromCache | undefined | number> {
  const env = { ...request.env };
  const cache = await cacheOf(loop, env);
  if (!cache) return undefined;
  const found = cache.problems();
  if (found.problems.length > 0) return refusePlan(request, found);
  const { foretoldOf } = await import('./foretell.ts');
  const { explainedText, foretoldText } = await import('../views/foretold.ts');
  const all = await foretoldOf(loop, env, gateRunBin());
  const lines = new Map([...all].map(([id, one]) => [id, foretoldText(one)]));
  return { all: [...all.values()], lines, explained: explainedText };
}

export const SCHEMA_VERSION = 1;

type Show = (what: string | object) => void;

export async function withPlan(
  request: CommandRequest,
  flags: Flags,
  tell: (plan: Plan, show: Show, loop: Loop) => number | Promise<number>,
): Promise<number> {
  const { folder, config, env, color } = request;
  const loop = await loadLoop({ folder, config, flags }, { ...env });
  if ('problems' in loop) return refusePlan(request, loop);
  const { renderProblems } = await import('../core/config/render.ts');
  const warnings = loop.plan.warnings.map((warning) => ({ file: loop.file, ...warning }));
  request.writeError(hidingIn(env, loop.plan.redact)(renderProblems(warnings, new Map(), { color })));
  return tell(loop.plan, showing(loop.plan, request), loop);
}

async function refusePlan(request: CommandRequest, found: LoadProblems): Promise<number> {
  const write = (text: string) => (request.json ? request.writeError(text) : request.write(text));
  const problems = await showProblems(found, { ...request, write });
  const places = { schemaVersion: SCHEMA_VERSION, exit: EXIT.usage, problems };
  if (request.json) request.write(`${JSON.stringify(places, null, 2)}\n`);
  return EXIT.usage;
}

/** A var may hold a secret of the environment, so nothing is shown before it went through here. */
function showing(plan: Plan, request: CommandRequest): Show {
  const { secrets } = hiddenBy(plan, request.env);
  const hide = (_key: string, value: unknown) =>
    typeof value === 'string' ? redactText(value, secrets) : value;
  return (what) => {
    request.write(
      typeof what === 'string' ? redactText(what, secrets) : `${JSON.stringify(what, hide, 2)}\n`,
    );
  };
}

function unknownTask(id: string, { phases }: Plan, request: CommandRequest): number {
  const near = nearest(
    id,
    phases.flatMap(({ tasks }) => tasks.map((task) => task.id)),
  );
  const hint = near === undefined ? '' : ` — did you mean \`${near}\`?`;
  request.writeError(`gate-run explain: unknown task \`${id}\`${hint}\n`);
  return EXIT.usage;
}

function sourcesOf({ sources }: Plan, home: string): Readonly<Record<string, string>> {
  const own = Object.entries(sources).filter(([key]) => key.startsWith(home));
  return Object.fromEntries(own.map(([key, source]) => [key.slice(home.length), source]));
}
