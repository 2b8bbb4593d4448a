// One task with everything laid over it → its plan. What other tasks have to do with it (`needs`, leaving out) is added later.

import type { TaskConfig } from '../config/config.ts';
import type { Path } from '../config/problem.ts';
import { readCaching } from './cache.ts';
import { readChoice } from './choice.ts';
import { hidesFailure, readCommand } from './command.ts';
import { isFromDefaults, taskNames } from './draft.ts';
import type { Draft, Found } from './draft.ts';
import { readEnv } from './environment.ts';
import { readIsolation } from './isolation.ts';
import { heldFor, readNetwork } from './network.ts';
import { gateLayer } from './gate-file.ts';
import { merged, placeIn } from './layer.ts';
import type { Layer } from './layer.ts';
import { DEFAULTS, readExits, readRetry, readStall } from './limits.ts';
import { readLabels, readMetrics } from './metric.ts';
import { unknownWord } from './names.ts';
import type { CommandPlan, TaskPlan } from './plan.ts';
import { Reader } from './reader.ts';
import { readResources } from './resources.ts';
import { asksForSimulations, readSims } from './sims.ts';
import { neverEndsEarly } from './sims-order.ts';
import { readStages } from './stage.ts';
import { readSoftness } from './softness.ts';
import { readThresholds } from './threshold.ts';
import { capLayers, readWrites } from './writes.ts';
import { joined, NO_WHEN, readWhen } from './when.ts';
import type { WhenFacts, WhenRead } from './when.ts';

export interface TaskRead {
  readonly task: TaskPlan;
  /** As written, without what is implied. */
  readonly needs: readonly string[];
  readonly layers: readonly Layer[];
}

export interface TaskContext {
  readonly draft: Draft;
  readonly facts: WhenFacts;
  readonly phaseWhen: WhenRead;
  /** The rule of a flag or a profile that leaves the task out. */
  readonly leftOut: string | undefined;
  /** The step before this step in its phase. */
  readonly after: string | undefined;
}

export function readTask(found: Found, context: TaskContext): TaskRead {
  const { draft } = context;
  const own = merged<TaskConfig>(found.layers);
  const { when, unmet } = joined(context.phaseWhen, readOwnWhen(own, found, context));
  const leftOut = context.leftOut ?? unmet;
  const isOut = leftOut !== undefined;
  const lowest = gateLayers(found, own, { draft, isOut });
  const layers = capLayers(lowest.length === 0 ? found.layers : [...lowest, ...found.layers], draft.flags);
  const config = layers === found.layers ? own : merged<TaskConfig>(layers);
  const isLadder = config.stages !== undefined || !isWhole(config, draft);
  const reader = readerFor(draft, layers, { isLadder, isOut });
  noteSources(found, layers, draft);
  const needs = config.needs ?? NONE;
  const task = planOf(
    config,
    { found, layers, reader },
    { leftOut, when, draft, needs: allNeeds(config, context) },
  );
  if (task.kind === 'gate' && task.mode === 'strict') warnOfPipe(task, layers, draft);
  if (neverEndsEarly(task)) warnOfWholeRungs(layers, draft);
  return { task, needs, layers };
}

const NONE: readonly never[] = [];

/** As written, what it judges, and for a step the step before it. */
function allNeeds({ needs = NONE, judges }: Partial<TaskConfig>, { after }: TaskContext): readonly string[] {
  if (judges === undefined && after === undefined) return needs;
  return [
    ...new Set([
      ...needs,
      ...(judges === undefined ? [] : [judges]),
      ...(after === undefined ? [] : [after]),
    ]),
  ];
}

interface Decided extends Pick<TaskPlan, 'leftOut' | 'when' | 'needs'> {
  readonly draft: Draft;
}

/** Written out in one piece: thousands of tasks are made here. */
function planOf(
  config: Partial<TaskConfig>,
  place: TaskPlace,
  { leftOut, when, needs, draft }: Decided,
): TaskPlan {
  const { found, reader } = place;
  const timeoutMs = reader.limit(config.timeout, ['timeout'], DEFAULTS.taskTimeoutMs);
  const isSimulated = asksForSimulations(config, place.layers);
  const metrics = readMetrics(config.metrics, reader, isSimulated);
  const known = isWhole(config, draft) ? metrics : undefined;
  const stages =
    config.stages === undefined
      ? NONE
      : readStages(config.stages, { timeoutMs, metrics: known, isSimulated, reader });
  const command = commandOf(config, place);
  const writes = config.writes && readWrites(config.writes, place, config);
  const asked = readIsolation(config, reader);
  const network = readNetwork(config, asked, reader);
  const isolation = heldFor(network, asked);
  const sims = readSims(config, { command, metrics, reader, layers: place.layers });
  return {
    id: found.id,
    kind: found.kind,
    phase: found.phase,
    number: found.number,
    command,
    judges: config.judges,
    needs,
    mode: readChoice(
      config.mode ?? (config['soft-until'] === undefined ? undefined : 'soft'),
      MODES,
      'mode',
      reader,
    ),
    onBroken: config['on-broken'] === undefined ? 'broken' : onBrokenOf(config, place),
    leftOut,
    when,
    timeoutMs,
    stall: readStall(config.stall, reader),
    killAfterMs: reader.duration(config['kill-after'], ['kill-after'], DEFAULTS.killAfterMs),
    retry: readRetry(config.retry, reader),
    exits: readExits(config.exits, reader),
    metrics,
    labels: readLabels(config.labels, reader),
    thresholds: readThresholds(config.thresholds, {
      metrics: known,
      simulations: isSimulated ? (stages[0]?.count ?? 1) : undefined,
      reader,
      path: ['thresholds'],
    }),
    stages,
    ...(sims && { sims }),
    env: readEnv(config.env, { reader, hidden: draft.hidden }),
    logLimitBytes: reader.size(config['log-limit'], ['log-limit'], DEFAULTS.logLimitBytes),
    cwd: config.cwd === undefined ? undefined : reader.template(config.cwd, ['cwd']),
    stdin: config.stdin === undefined ? undefined : reader.template(config.stdin, ['stdin']),
    usedFrom: config.uses === undefined ? undefined : homeOf(config.uses, draft),
    softness: isDated(config) || config['fail-on'] !== undefined ? readSoftness(config, reader) : undefined,
    ...(config.resources && {
      // What is left out needs nothing of this machine.
      resources: readResources(config.resources, reader, leftOut === undefined ? draft.machine : undefined),
    }),
    ...readCaching(config, { kind: found.kind, layers: place.layers, reader }),
    ...(isolation && { isolation }),
    ...(writes && { writes }),
    ...(network !== undefined && { network }),
    ...(config.prove && { prove: config.prove }),
  };
}

function isDated(config: Partial<TaskConfig>): boolean {
  return config['soft-until'] !== undefined || config['quarantine-until'] !== undefined;
}

/** False where a gate was not found: which metrics and rungs it brings is not known. */
function isWhole({ uses }: Partial<TaskConfig>, { gates }: Draft): boolean {
  return uses === undefined || gates.has(uses);
}

/** Named from the config's folder, so that a plan is the same from wherever it is asked for. */
function homeOf(uses: string, { gates }: Draft): string {
  return gates.get(uses)?.from === 'library' ? `the library's ${uses}` : `gates/${uses}.yaml`;
}

function readOwnWhen(
  { when }: Partial<TaskConfig>,
  found: Found,
  { draft, facts, leftOut }: TaskContext,
): WhenRead {
  if (when === undefined) return NO_WHEN;
  const reader = readerFor(draft, found.layers, { isLadder: false, isOut: leftOut !== undefined });
  return readWhen(when, { reader, facts, path: ['when'] });
}

function readerFor(
  draft: Draft,
  layers: readonly Layer[],
  how: { isLadder: boolean; isOut: boolean },
): Reader {
  return new Reader(layers, taskNames(draft, how), draft.problems);
}

function gateLayers(
  found: Found,
  { uses, with: given, prove }: Partial<TaskConfig>,
  { draft, isOut }: { draft: Draft; isOut: boolean },
): readonly Layer[] {
  const place = (path: Path) => placeIn(found.layers, path);
  if (uses === undefined) {
    if (given !== undefined)
      draft.problems.push({ ...place(['with']), on: 'key', message: '`with` without `uses`' });
    return [];
  }
  const used = draft.gates.get(uses);
  if (!used) {
    if (draft.unreadable.has(uses)) return [];
    draft.problems.push({ ...place(['uses']), message: unknownWord('gate', uses, draft.gateNames()) });
    return [];
  }
  const isLadder = used.gate.stages !== undefined;
  const proven = draft.flags.proving === found.id ? (prove ?? used.gate.prove)?.with : undefined;
  const held = proven === undefined ? given : { ...given, ...proven };
  return [gateLayer(used, held, readerFor(draft, found.layers, { isLadder, isOut }))];
}

const MODES: readonly ['strict', 'soft'] = ['strict', 'soft'];
const SHELLS: readonly ['sh', 'bash'] = ['sh', 'bash'];

interface TaskPlace {
  readonly found: Found;
  readonly layers: readonly Layer[];
  readonly reader: Reader;
}

/** A gate that judges another task starts nothing, also where its gate file or the defaults name a command. */
function commandOf(
  config: Partial<TaskConfig>,
  { found, layers, reader }: TaskPlace,
): CommandPlan | undefined {
  const path: Path = ['run'];
  if (config.judges !== undefined) {
    const runs = found.layers.some((layer) => layer.value['run'] !== undefined && !isFromDefaults(layer));
    if (runs)
      reader.say(path, 'a gate that `judges` another task runs nothing itself', {
        on: 'key',
        mend: 'keep one of the two',
      });
    return undefined;
  }
  if (config.run === undefined) {
    // What `uses` could not find is said already.
    if (config.uses === undefined)
      reader.say([], `the ${found.kind} \`${found.id}\` has nothing to run`, {
        on: 'key',
        mend: mendFor(found),
      });
    return undefined;
  }
  const read = readCommand(config.run, shellOf(config, layers));
  if ('wrong' in read) {
    const at = read.at === undefined ? path : [...path, read.at];
    reader.say(at, read.wrong, read.mend === undefined ? {} : { mend: read.mend });
    return undefined;
  }
  if (read.command.kind === 'argv')
    read.command.argv.forEach((word, at) => checkWord(word, at, config, reader));
  readChoice(config.shell, SHELLS, 'shell', reader);
  return read.command;
}

function checkWord(word: string, at: number, { run }: Partial<TaskConfig>, reader: Reader): void {
  if (word.includes('{{')) reader.template(word, typeof run === 'string' ? ['run'] : ['run', at]);
}

/** `shell` belongs to the `run` it stands beside: `defaults` do not change how a gate file's command is read. */
function shellOf({ shell }: Partial<TaskConfig>, layers: readonly Layer[]): 'sh' | 'bash' {
  const [lowest] = layers;
  const runsGateFile =
    lowest?.source === 'gate' && !layers.slice(1).some(({ value }) => value['run'] !== undefined);
  if (!runsGateFile) return shell ?? 'sh';
  const own = layers.findLast((layer) => layer.value['shell'] !== undefined && !isFromDefaults(layer));
  return own?.value['shell'] === 'bash' ? 'bash' : 'sh';
}

function mendFor({ kind }: Found): string {
  return kind === 'step' ? 'give it `run`' : 'give it `run`, `uses` or `judges`';
}

/** A profile that makes a soft gate strict need not take `on-broken` away; there it means nothing. */
function onBrokenOf(config: Partial<TaskConfig>, { layers, reader }: TaskPlace): TaskPlan['onBroken'] {
  readChoice(config['on-broken'], ['soft'], 'on-broken', reader);
  if (config.mode === 'soft' || isDated(config)) return 'soft';
  const isMeant = layers.some((layer) => layer.value['on-broken'] !== undefined && !isFromDefaults(layer));
  if (isMeant && !layers.some(({ value }) => value['mode'] === 'soft')) {
    const mend = 'add `mode: soft`, or leave it out';
    reader.say(['on-broken'], '`on-broken: soft` stands on soft gates only', { on: 'key', mend });
  }
  return 'broken';
}

function warnOfPipe(task: TaskPlan, layers: readonly Layer[], draft: Draft): void {
  if (!task.command || !hidesFailure(task.command)) return;
  draft.warnings.push({
    ...placeIn(layers, ['run']),
    message: 'a pipe passes when only its last command does',
    mend: 'write `shell: bash`, which fails when any part of a pipe does',
  });
}

function warnOfWholeRungs(layers: readonly Layer[], draft: Draft): void {
  draft.warnings.push({
    ...placeIn(layers, ['stop-early']),
    on: 'key',
    message: '`stop-early` ends no rung of this gate: its thresholds are asked of whole rungs alone',
    mend: 'require something of a mean too, such as `edge: "> 0"`, or leave `stop-early` out',
  });
}

/** By `gates.lint.timeout`, as `--set` takes it. */
function noteSources(found: Found, layers: readonly Layer[], { sources }: Draft): void {
  const home = `${found.kind}s.${found.id}.`;
  for (const { source, value } of layers) for (const key of Object.keys(value)) sources[home + key] = source;
}
