// Outcomes that somebody prescribed: a JSON text by cycle and task. What it does not name passes at once and prints nothing.

import type { Evidence, ProcessEnd, Reading } from '../core/judge/evidence.ts';
import { isReport, readEvidence } from '../core/judge/extract.ts';
import { parseDuration } from '../core/config/quantity.ts';
import { nearest } from '../core/config/nearest.ts';
import { isMap } from '../core/is-map.ts';
import type { Order } from '../ports.ts';
import { wantedOf, type Act, type Outcomes } from './act.ts';

/** `{ "3": { "lint": …, "lint#2": …, "sims@100": … }, "*": { "*": … } }`: cycle, then task, attempt or rung; the most exact one counts. */
export type Script = Readonly<Record<string, Readonly<Record<string, ScriptedAct>>>>;

export interface ScriptedAct {
  readonly exit?: number;
  readonly signal?: string;
  readonly after?: string;
  /** It neither ends nor says anything. */
  readonly hang?: boolean;
  readonly oom?: boolean;
  /** Printed; metrics and labels are read from it as from a real output. */
  readonly output?: string;
  /** Read without being printed, as from a file. */
  readonly metrics?: Readonly<Record<string, number>>;
  readonly labels?: Readonly<Record<string, string>>;
}

const USUAL_MS = 100;
const TERM_TAKES_MS = 10;
const MOST_CODE = 255;
const ANY = '*';

/** Every mistake as a sentence. */
export function readScript(
  text: string,
): { readonly script: Script } | { readonly mistakes: readonly string[] } {
  const mistakes: string[] = [];
  const parsed = parsedOf(text, mistakes);
  const script: Record<string, Record<string, ScriptedAct>> = {};
  for (const [cycle, tasks] of entriesOf(parsed, 'the script', mistakes)) {
    if (cycle !== ANY && !/^[1-9]\d{0,8}$/.test(cycle))
      mistakes.push(`\`${cycle}\` is no cycle: write a number from 1, or \`*\` for all of them`);
    const acts = entriesOf(tasks, `cycle ${cycle}`, mistakes).map(
      ([name, act]) => [name, actFrom(act, `${name} in cycle ${cycle}`, mistakes)] as const,
    );
    script[cycle] = Object.fromEntries(acts);
  }
  return mistakes.length > 0 ? { mistakes } : { script };
}

/** Names that mean none of these tasks, each as a sentence: what they say would never happen. `sims@100#2` means `sims`. */
export function strangersIn(script: Script, tasks: readonly string[]): readonly string[] {
  const names = new Set(Object.values(script).flatMap((acts) => Object.keys(acts)));
  return [...names].flatMap((name) => {
    const task = name.replace(/[@#].*$/, '');
    if (name === ANY || tasks.includes(task)) return [];
    const near = nearest(task, tasks);
    return [`no task is called \`${task}\`${near === undefined ? '' : ` — did you mean \`${near}\`?`}`];
  });
}

function parsedOf(text: string, mistakes: string[]): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    mistakes.push(`no JSON: ${error instanceof Error ? error.message : String(error)}`);
    return {};
  }
}

function entriesOf(value: unknown, what: string, mistakes: string[]): readonly [string, unknown][] {
  if (isMap(value)) return Object.entries(value);
  mistakes.push(`${what} takes an object`);
  return [];
}

type Reads<Held> = (value: unknown) => Held | undefined;

const isText: Reads<string> = (value) => (typeof value === 'string' ? value : undefined);
const isFlag: Reads<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);
const KEYS: { readonly [Key in keyof ScriptedAct]-?: readonly [string, Reads<ScriptedAct[Key]>] } = {
  exit: ['a code from 0 to 255', (value) => (isCode(value) ? value : undefined)],
  signal: [
    'a name such as "SIGSEGV"',
    (value) => (/^SIG[A-Z0-9]+$/.test(String(value)) ? String(value) : undefined),
  ],
  after: ['a duration such as "2s"', (value) => (isDuration(value) ? String(value) : undefined)],
  hang: ['true or false', isFlag],
  oom: ['true or false', isFlag],
  output: ['a text', isText],
  metrics: ['numbers by their metric', (value) => mapOf(value, (one): one is number => Number.isFinite(one))],
  labels: ['texts by their label', (value) => mapOf(value, (one): one is string => typeof one === 'string')],
};

function isCode(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MOST_CODE;
}

function isDuration(value: unknown): boolean {
  return typeof parseDuration(String(value)) === 'number';
}

function mapOf<Held>(
  value: unknown,
  fits: (one: unknown) => one is Held,
): Readonly<Record<string, Held>> | undefined {
  if (!isMap(value)) return undefined;
  const held = Object.entries(value).filter((entry): entry is [string, Held] => fits(entry[1]));
  return held.length === Object.keys(value).length ? Object.fromEntries(held) : undefined;
}

function isKey(key: string): key is keyof ScriptedAct {
  return Object.hasOwn(KEYS, key);
}

function actFrom(value: unknown, what: string, mistakes: string[]): ScriptedAct {
  const act: Record<string, unknown> = {};
  for (const [key, held] of entriesOf(value, what, mistakes)) {
    if (!isKey(key)) {
      const near = nearest(key, Object.keys(KEYS));
      mistakes.push(
        `${what}: unknown key \`${key}\`${near === undefined ? '' : ` — did you mean \`${near}\`?`}`,
      );
      continue;
    }
    const [expected, reads] = KEYS[key];
    act[key] = reads(held);
    if (act[key] === undefined) mistakes.push(`${what}: \`${key}\` takes ${expected}`);
  }
  return act;
}

export class ScriptedOutcomes implements Outcomes {
  readonly #script: Script;

  constructor(script: Script) {
    this.#script = script;
  }

  actOf(order: Order, cycle: number): Act {
    const act = this.#find(order, cycle);
    const output = act.output ?? '';
    return {
      end: endOf(act),
      durationMs: act.hang === true ? 'never' : durationOf(act),
      termMs: TERM_TAKES_MS,
      isSilent: true,
      oomKills: act.oom === true ? 1 : 0,
      output,
      evidence: Object.fromEntries(
        wantedOf(order).map((wanted) => [wanted.task, evidenceIn(act, output, wanted)]),
      ),
    };
  }

  unmetIn(): undefined {
    return undefined;
  }

  #find({ ref: { task, rung, attempt } }: Order, cycle: number): ScriptedAct {
    const names = [`${task}@${rung}#${attempt}`, `${task}@${rung}`, `${task}#${attempt}`, task, ANY];
    const found = [String(cycle), ANY].flatMap((key) => names.map((name) => this.#script[key]?.[name]));
    return found.find((act) => act !== undefined) ?? {};
  }
}

function endOf({ exit, signal, oom }: ScriptedAct): ProcessEnd {
  if (signal !== undefined) return { signal };
  return oom === true ? { signal: 'SIGKILL' } : { code: exit ?? 0 };
}

function durationOf({ after }: ScriptedAct): number {
  const parsed = after === undefined ? USUAL_MS : parseDuration(after);
  return typeof parsed === 'number' ? parsed : USUAL_MS;
}

function evidenceIn(act: ScriptedAct, output: string, wanted: Order['read'][number]): Evidence {
  const isGiven = (name: string) => Object.hasOwn(act.metrics ?? {}, name);
  const metrics = wanted.metrics.filter(({ name, source }) => !isReport(source) && !isGiven(name));
  const labels = wanted.labels.filter(({ source }) => !isReport(source));
  const read = readEvidence({ metrics, labels }, (from) =>
    'file' in from ? { unread: 'missing', detail: `${from.file} was not written` } : output,
  );
  const given: Record<string, Reading> = {};
  for (const { name, source } of wanted.metrics) {
    const value = act.metrics?.[name];
    if (value !== undefined) given[name] = { value };
    else if (isReport(source))
      given[name] = { unread: 'missing', detail: `metric \`${name}\`: the script does not give it` };
  }
  return {
    metrics: { ...read.metrics, ...given },
    labels: { ...read.labels, ...act.labels },
  };
}
