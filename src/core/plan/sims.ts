// `per` and the keys beside it, as written → how a ladder's simulations are run. What cannot work, or would run the same
// simulation over and over, is a problem.

import type { TaskConfig } from '../config/config.ts';
import { parseShareOrCount, type ShareOrCount } from '../config/quantity.ts';
import { readChoice } from './choice.ts';
import { isFromDefaults } from './draft.ts';
import { namesIn } from './fill.ts';
import type { Layer } from './layer.ts';
import type { CommandPlan, MetricPlan } from './plan.ts';
import type { Reader } from './reader.ts';
import type { SimsPlan } from './sims-plan.ts';

const PER: readonly ['seed', 'batch', 'worker'] = ['seed', 'batch', 'worker'];
const BESIDE = ['seeds', 'max-failed', 'stop-early'] as const;
const MAX_BASE = 1_000_000_000;
const MAX_BATCH = 1_000_000;
const USUAL_BATCH = 10;
/** Names that lines and the ladder itself give a meaning. */
const TAKEN: Readonly<Record<string, string>> = {
  seed: 'says which simulation a line is about',
  failed: 'counts the simulations that failed',
  n: 'counts the simulations that were done',
};
/** Metrics that are summed for budgets or waited for: a mean of them would be another thing. */
const SUMMED: ReadonlySet<string> = new Set(['tokens', 'cost', 'retry-at']);

interface Place {
  readonly command: CommandPlan | undefined;
  readonly metrics: readonly MetricPlan[];
  readonly reader: Reader;
  readonly layers: readonly Layer[];
}

/** `per` of the defaults speaks of ladders alone. */
export function asksForSimulations({ per, stages }: Partial<TaskConfig>, layers: readonly Layer[]): boolean {
  if (per === undefined) return false;
  return stages !== undefined || layers.some((one) => one.value['per'] !== undefined && !isFromDefaults(one));
}

export function readSims(config: Partial<TaskConfig>, place: Place): SimsPlan | undefined {
  const { reader, layers } = place;
  const isMeant = (key: string) => layers.some((one) => one.value[key] !== undefined && !isFromDefaults(one));
  if (config.per === undefined) {
    for (const key of BESIDE) {
      if (config[key] === undefined || !isMeant(key)) continue;
      const message = `\`${key}\` without \`per\`: in form (a) the command runs its simulations itself, and gate-run knows no seed of them`;
      reader.say([key], message, { on: 'key', mend: 'add `per: seed`, `per: batch` or `per: worker`' });
    }
    return undefined;
  }
  if (config.stages === undefined) {
    if (!asksForSimulations(config, layers)) return undefined;
    const mend = 'add `stages: [{ count: 100 }]`';
    reader.say(['per'], '`per` without `stages`: nothing says how many simulations there are', {
      on: 'key',
      mend,
    });
    return undefined;
  }
  const per = readChoice(config.per, PER, 'per', reader);
  checkTask(config, per, place);
  checkSeeds(config, per, place);
  place.metrics.forEach((metric) => checkMetric(metric, per, reader));
  return simsOf(config, per, reader);
}

function simsOf(config: Partial<TaskConfig>, per: SimsPlan['per'], reader: Reader): SimsPlan {
  const { base, batch, timeout } = config.seeds ?? {};
  if (batch !== undefined && per !== 'batch') {
    reader.say(['seeds', 'batch'], `\`batch\` says nothing beside \`per: ${per}\``, {
      on: 'key',
      mend: 'write `per: batch`, or leave it out',
    });
  }
  const inBatch = reader.count(batch, ['seeds', 'batch'], { from: 1, to: MAX_BATCH, otherwise: USUAL_BATCH });
  const stopEarly = config['stop-early'];
  return {
    per,
    base: reader.count(base, ['seeds', 'base'], { from: 0, to: MAX_BASE, otherwise: 0 }),
    batch: per === 'batch' ? inBatch : 1,
    timeoutMs: timeout === undefined ? undefined : reader.limit(timeout, ['seeds', 'timeout'], 'never'),
    maxFailed: readMaxFailed(config['max-failed'], reader),
    ...(stopEarly && { stopEarly: { confidence: confidenceOf(stopEarly.confidence, reader) } }),
  };
}

function readMaxFailed(written: string | number | undefined, reader: Reader): ShareOrCount {
  const text = written === undefined ? undefined : reader.text(written, ['max-failed']);
  if (text === undefined) return { count: 0 };
  const read = parseShareOrCount(text);
  if (read !== undefined) return read;
  reader.say(['max-failed'], `\`${text}\` is neither a share nor a number of simulations`, {
    mend: 'write `1%` or `3`',
  });
  return { count: 0 };
}

/** A flag brings text, which nobody has looked at yet. */
function confidenceOf(written: number | string, reader: Reader): number {
  const confidence = Number(written);
  if (confidence >= 0.5 && confidence <= 0.999999) return confidence;
  reader.say(['stop-early', 'confidence'], `\`${written}\` is no confidence`, {
    mend: 'write a number from 0.5 to 0.999999, such as 0.99',
  });
  return 0.99;
}

function checkTask(config: Partial<TaskConfig>, per: SimsPlan['per'], { reader }: Place): void {
  if (config.judges !== undefined) {
    const message = 'a gate that `judges` another task runs no simulations';
    reader.say(['per'], message, { on: 'key', mend: 'keep one of the two' });
  }
  if (config.stdin !== undefined && per === 'worker') {
    const message = 'a worker is asked on its standard input, so it can have no other';
    reader.say(['stdin'], message, { on: 'key', mend: 'leave `stdin` out, or write `per: seed`' });
  }
  for (const name of Object.keys(config.labels ?? {})) {
    const message = `\`${name}\` would be read of a thousand simulations`;
    reader.say(['labels', name], message, { on: 'key', mend: 'read the label in another step or gate' });
  }
  for (const word of ['skipped', 'limited']) {
    if (config.exits?.[word] === undefined) continue;
    const message = `\`${word}\` speaks of a whole gate, and each simulation has an exit code of its own`;
    reader.say(['exits', word], message, {
      on: 'key',
      mend: 'call its codes `passed`, `failed` or `broken`',
    });
  }
}

/** Without the seed every simulation would be the same one. */
function checkSeeds(config: Partial<TaskConfig>, per: SimsPlan['per'], { command, reader }: Place): void {
  if (command === undefined) return;
  const says = (name: 'seed' | 'count', variable: string): boolean => {
    const texts = [
      ...(command.kind === 'argv' ? command.argv : []),
      ...Object.values(config.env?.set ?? {}).map(String),
      ...[config.stdin, config.cwd].filter((text) => text !== undefined),
    ];
    if (texts.some((text) => namesIn(text).includes(name))) return true;
    return command.kind === 'shell' && command.script.includes(variable);
  };
  const tell = (name: 'seed' | 'count', message: string): void => {
    const written = command.kind === 'shell' ? `"$GATE_${name.toUpperCase()}"` : `{{${name}}}`;
    const mend = `write \`${written}\` where the command takes it; for one that reads a variable: \`env: { set: { ${name.toUpperCase()}: "{{${name}}}" } }\``;
    reader.say(['run'], message, { mend });
  };
  if (per === 'worker') {
    const names = command.kind === 'argv' ? command.argv.flatMap(namesIn) : [];
    if (!names.includes('seed')) return;
    const message =
      '`{{seed}}` in the command of a worker, which is started once and reads its seeds as lines';
    reader.say(['run'], message, { mend: 'leave it out, or write `per: seed`' });
    return;
  }
  if (!says('seed', 'GATE_SEED'))
    tell('seed', 'the command never says `{{seed}}`: every simulation would be the same one');
  if (per === 'batch' && !says('count', 'GATE_COUNT'))
    tell(
      'count',
      'the command never says `{{count}}`: the last batch of a rung may be smaller than the others',
    );
}

function checkMetric({ name, source }: MetricPlan, per: SimsPlan['per'], reader: Reader): void {
  const path = ['metrics', name];
  const taken = Object.hasOwn(TAKEN, name) ? TAKEN[name] : undefined;
  if (taken !== undefined)
    reader.say(path, `\`${name}\` ${taken}, so no metric can be called so`, { on: 'key', mend: 'rename it' });
  if (SUMMED.has(name)) {
    const message = `\`${name}\` of many simulations would be their mean, and its meaning is another one`;
    reader.say(path, message, { on: 'key', mend: 'measure it in another step or gate, or rename it' });
  }
  if (source.reader === 'line') return;
  if (per !== 'seed') {
    const message = `\`${source.reader}\` beside \`per: ${per}\`, where each simulation says its values in a line of JSON`;
    const mend = `leave \`${source.reader}\` out: the field \`${name}\` is read; or write \`per: seed\``;
    reader.say([...path, source.reader], message, { on: 'key', mend });
  } else if ('file' in source.in && !namesIn(source.in.file).includes('seed')) {
    const message = `\`${source.in.file}\` is one file for simulations that run side by side`;
    reader.say([...path, source.reader], message, { mend: 'put `{{seed}}` into its name' });
  }
}
