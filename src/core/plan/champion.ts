// `objective` and `champion` as written → as planned: which metric is held against which, and which files of the best cycle stay.

import type { ChampionConfig, ObjectiveConfig, RobustnessConfig } from '../config/champion.ts';
import type { Path } from '../config/problem.ts';
import { crc32Text } from '../crc32.ts';
import { AMOUNTS } from './amount.ts';
import type { ChampionPlan, KeptPath, ObjectivePlan, RobustnessPlan } from './champion-plan.ts';
import { knowsAllGates, type Draft } from './draft.ts';
import { namesIn, OBJECTIVE_MEND } from './fill.ts';
import { sayUncrowned } from './champion-use.ts';
import { readConfirm, type ConfirmPlace } from './confirm.ts';
import { placeIn } from './layer.ts';
import { measuresOf } from './measures.ts';
import { absolute } from './own-paths.ts';
import type { PhasePlan, Plan, TaskPlan } from './plan.ts';
import { Reader, type Names } from './reader.ts';
import { plainNames } from './vars.ts';

/** More is no handful of files that a person picks, and a backup of something else. */
const MOST_KEPT_PATHS = 100;
const CYCLE_DIR = /^\{\{\s*cycle\.dir\s*\}\}(?:\/+|$)/;
const METRIC: Path = ['objective', 'metric'];
/** What stands in a champion's folder beside the files of its cycle. */
const RESERVED: ReadonlySet<string> = new Set(['champion.json', 'sims.jsonl', 'tree']);

type Best = Pick<Plan, 'objective' | 'champion'>;

/** Named tasks run beside a loop, and crown nothing. */
export function readBest(draft: Draft, phases: readonly PhasePlan[], state: Plan['state']): Best {
  const { settings, flags } = draft;
  const { objective: sought, champion: kept } = settings.top;
  if (sought === undefined) sayUncrowned(draft, phases);
  if (flags.tasks.length > 0 || (sought === undefined && kept === undefined)) return {};
  const reader = new Reader(settings.layers, plainNames(draft.fixed.values), draft.problems);
  if (sought === undefined) {
    reader.say(['champion'], '`champion` without `objective`: nothing says which cycle is best', {
      on: 'key',
      mend: OBJECTIVE_MEND,
    });
    return {};
  }
  const objective = readObjective(sought, { draft, phases, reader });
  const task = phases.flatMap(({ tasks }) => tasks).find(({ id }) => id === objective?.task);
  const champion = kept && readChampion(kept, { draft, state, objective, task });
  return { ...(objective && { objective }), ...(champion && { champion }) };
}

interface Place {
  readonly draft: Draft;
  readonly phases: readonly PhasePlan[];
  readonly reader: Reader;
}

function readObjective(
  { metric: written, 'min-delta': delta }: ObjectiveConfig,
  { draft, phases, reader }: Place,
): ObjectivePlan | undefined {
  const minDelta = readDelta(delta, reader);
  const metric = reader.text(written, METRIC)?.trim();
  const found =
    metric === undefined
      ? undefined
      : measuresOf(phases, knowsAllGates(draft), true).find(metric, METRIC, reader);
  if (metric === undefined || found === undefined) return undefined;
  const { measure } = found;
  const tasks = phases.flatMap((phase) => phase.tasks);
  const task =
    measure.kind === 'metric' ? tasks.find(({ id }) => measure.key.startsWith(`${id}.`)) : undefined;
  if (measure.kind !== 'metric' || measure.statistic !== 'value' || !task) {
    reader.say(METRIC, `\`${metric}\` is no metric of one cycle`, { mend: 'name a metric alone: `edge`' });
    return undefined;
  }
  const name = measure.key.slice(task.id.length + 1);
  if (!task.metrics.some((one) => one.name === name)) {
    const mend = 'leave the count out: a champion is challenged on the top rung alone';
    reader.say(METRIC, `\`${metric}\` is a rung of a ladder`, { mend });
    return undefined;
  }
  if (measure.better === undefined) {
    const mend = 'say `better: higher` or `better: lower` on the metric';
    reader.say(METRIC, `nothing says whether \`${metric}\` is better higher or lower`, { mend });
    return undefined;
  }
  if (task.leftOut !== undefined) warnOfSilence(metric, task, draft);
  return {
    metric,
    task: task.id,
    name,
    key: measure.key,
    better: measure.better,
    minDelta,
    count: task.stages.at(-1)?.count,
    ...pairingOf(task),
    measuredBy: measuredBy(task, name, {
      vars: draft.fixed.vars,
      judged: tasks.find(({ id }) => id === task.judges),
    }),
  };
}

/** Of the full decision where no `stop-early` says another: of a hundred candidates that are no better, one is crowned. */
const CROWN_CONFIDENCE = 0.99;

function pairingOf({ sims }: TaskPlan): Pick<ObjectivePlan, 'pairing'> {
  if (!sims) return {};
  return { pairing: { base: sims.base, confidence: sims.stopEarly?.confidence ?? CROWN_CONFIDENCE } };
}

function warnOfSilence(metric: string, task: TaskPlan, { warnings, settings }: Draft): void {
  const message = `the task \`${task.id}\` is left out (${task.leftOut}), so \`${metric}\` is not measured and no champion is crowned`;
  warnings.push({ ...placeIn(settings.layers, METRIC), message });
}

function readDelta(written: string | number | undefined, reader: Reader): number {
  const path = ['objective', 'min-delta'];
  const text = written === undefined ? '0' : reader.text(written, path);
  const value = text === undefined ? 0 : AMOUNTS.number.parse(text.trim());
  if (value !== undefined && value >= 0) return value;
  const mend = 'write how much better a cycle has to be: `0.5`, or 0';
  reader.say(path, `\`${text}\` is no distance from 0 on`, { mend });
  return 0;
}

/** Two values are compared only where one and the same thing has measured them; limits and retries change no value. */
function measuredBy(
  task: TaskPlan,
  name: string,
  {
    vars,
    judged,
  }: { readonly vars: Readonly<Record<string, string>>; readonly judged: TaskPlan | undefined },
): string {
  const { command, judges, cwd, stdin, env, metrics } = task;
  const metric = metrics.find((one) => one.name === name);
  const counts = task.stages.map(({ count }) => count);
  const others = judged ? [[judged.command, judged.cwd, judged.stdin, judged.env.set]] : [];
  const parts = [command, judges, cwd, stdin, env.set, metric, counts, ...others];
  const named = namesIn(JSON.stringify(parts)).filter((one) => one.startsWith('vars.'));
  const values = named.map((one) => vars[one.slice('vars.'.length)] ?? null);
  return crc32Text(JSON.stringify([parts, values]))
    .toString(16)
    .padStart(8, '0');
}

interface ChampionPlace extends Pick<ConfirmPlace, 'objective' | 'task'> {
  readonly draft: Draft;
  readonly state: Plan['state'];
}

function readChampion(written: ChampionConfig, { draft, state, ...measured }: ChampionPlace): ChampionPlan {
  const { settings, problems, fixed } = draft;
  const names: Names = {
    fixed: fixed.values,
    mayLack: false,
    later: () => false,
    all: () => [...fixed.values.keys(), 'cycle.dir'],
  };
  const reader = new Reader(settings.layers, names, problems);
  const at: Path = ['champion', 'keep'];
  const { keep = [] } = written;
  if (written.keep?.length === 0)
    reader.say(at, 'an empty list keeps nothing', { mend: 'name files, or leave `keep` out' });
  if (keep.length > MOST_KEPT_PATHS)
    reader.say(at, `${keep.length} paths, where at most ${MOST_KEPT_PATHS} are kept`, {
      mend: 'name folders or globs',
    });
  const read = keep.flatMap((text, index) => readKept(text, { path: [...at, index], reader, state }));
  const confirm =
    written.confirm &&
    readConfirm(written.confirm, { reader, keep: read, isKeeping: written.keep !== undefined, ...measured });
  return {
    keep: read,
    robustness: readRobustness(written.robustness, reader),
    ...(confirm && { confirm }),
  };
}

/** Two batches are the fewest that lie apart. */
const BATCHES = { from: 2, to: 100, otherwise: 3 };

function readRobustness(written: RobustnessConfig = {}, reader: Reader): RobustnessPlan {
  const at: Path = ['champion', 'robustness'];
  const bands = Object.entries(written.bands ?? {}).map(([name, below]) => ({ name, below }));
  for (const { name, below } of bands)
    if (!(below > 0))
      reader.say([...at, 'bands', name], 'a spread below that cannot be', { mend: 'write a number above 0' });
  return {
    batches: reader.count(written.batches, [...at, 'batches'], BATCHES),
    bands: bands.toSorted((one, other) => one.below - other.below),
  };
}

interface KeepPlace {
  readonly path: Path;
  readonly reader: Reader;
  readonly state: Plan['state'];
}

function readKept(written: string, { path, reader, state }: KeepPlace): readonly KeptPath[] {
  const isInCycle = CYCLE_DIR.test(written);
  const rest = isInCycle ? written.replace(CYCLE_DIR, '') : written;
  if (namesIn(rest).includes('cycle.dir')) {
    reader.say(path, '`{{cycle.dir}}` stands at the beginning of a path or nowhere', {
      mend: 'write such as `{{cycle.dir}}/strategy.json`',
    });
    return [];
  }
  const text = reader.text(rest, path)?.trim();
  if (text === undefined) return [];
  const refuse = (message: string, mend: string): readonly KeptPath[] => {
    reader.say(path, message, { mend });
    return [];
  };
  if (text === '') {
    const what = isInCycle ? 'the whole folder of a cycle, logs and all' : 'an empty path';
    return refuse(what, 'name the files that make a champion');
  }
  if (text.startsWith('/'))
    return refuse(
      `\`${text}\` is absolute`,
      'name it from the folder of the config, or from `{{cycle.dir}}/`',
    );
  const parts = text.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return refuse(`\`${text}\` leads outside`, 'keep what lies in the work tree');
  const clean = parts.join('/');
  if (clean === '') return refuse('the whole work tree', 'name the files that make a champion');
  if (isInCycle && RESERVED.has(parts[0] ?? ''))
    return refuse(`\`${parts[0]}\` is a name that gate-run itself gives there`, 'call the file otherwise');
  if (!isInCycle && isOfState(clean, state))
    return refuse(
      `\`${text}\` is, or holds, the state itself`,
      'write what is in a cycle as `{{cycle.dir}}/…`',
    );
  return [{ from: isInCycle ? 'cycle' : 'tree', path: clean }];
}

/** Also a folder around it: it would be copied into itself. */
function isOfState(path: string, { dir, cycles, history }: Plan['state']): boolean {
  const here = `${absolute(path)}/`;
  return [dir, cycles, history].some((one) => {
    const own = `${absolute(one)}/`;
    return own.startsWith(here) || here.startsWith(own);
  });
}
