// A gate of the library and the loop's `with` → the task keys that the gate brings along. It runs and judges nothing.

import { nearest } from '../config/nearest.ts';
import { parseSize } from '../config/quantity.ts';
import type { GateFile, ParameterConfig, TaskConfig } from '../config/config.ts';
import { unreachable } from '../unreachable.ts';
import { plainWords } from './command.ts';
import { isMap } from '../is-map.ts';
import { valuesOf } from './layer.ts';
import type { Layer, Values } from './layer.ts';
import type { Reader } from './reader.ts';

export interface UsedGate {
  readonly file: string;
  readonly gate: GateFile;
  readonly from: 'loop' | 'library';
}

/** What a parameter came to; a list or a map also has its members. */
type Given =
  | { readonly text: string }
  | { readonly words: readonly string[] }
  | { readonly entries: readonly (readonly [key: string, value: string])[]; readonly text: string };

/** The lowest layer of a task: the gate file's own keys, with `{{with.name}}` put in. `reader` is the task's. */
export function gateLayer({ file, gate }: UsedGate, given: TaskConfig['with'], reader: Reader): Layer {
  const parameters = readParameters(gate.parameters ?? {}, given ?? {}, reader);
  const { run, shell, timeout, env, exits, metrics, labels, thresholds, stages, each } = gate;
  // Split before anything is put in, as everywhere: a parameter is never split.
  const command = typeof run === 'string' ? (plainWords(run) ?? run) : run;
  const own = { shell, timeout, env, exits, metrics, labels, thresholds, stages };
  const value: Record<string, unknown> = {};
  // A shell's text takes no parameter: `{{` that stays in it is called a problem where the command is read.
  value['run'] = typeof command === 'string' ? command : putIn(command, parameters);
  for (const [key, held] of Object.entries(own)) if (held !== undefined) value[key] = putIn(held, parameters);
  if (each) Object.assign(value, repeated(each, { value, parameters }));
  if (gate.prove) value['prove'] = putIn(gate.prove, parameters);
  return { source: 'gate', path: [], file, value };
}

function readParameters(
  known: NonNullable<GateFile['parameters']>,
  given: Values,
  reader: Reader,
): ReadonlyMap<string, Given> {
  const parameters = new Map<string, Given>();
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(known, name)) continue;
    const near = nearest(name, Object.keys(known));
    const hint =
      near === undefined ? `it has ${Object.keys(known).join(', ') || 'none'}` : `did you mean \`${near}\`?`;
    reader.say(['with', name], `unknown parameter \`${name}\` — ${hint}`, { on: 'key' });
  }
  for (const [name, parameter] of Object.entries(known)) {
    const held = given[name] ?? parameter.default;
    if (held === undefined || held === null) {
      reader.say(['with'], `the parameter \`${name}\` is missing`, {
        mend: `write \`with: { ${name}: … }\`: ${parameter.about}`,
      });
    }
    const isGiven = held !== undefined && held !== null;
    const read = isGiven ? readParameter(parameter.type, held, { name, reader }) : undefined;
    if (isGiven && !read) reader.say(['with', name], `\`${name}\` is ${EXPECTED[parameter.type]}`);
    parameters.set(name, read ?? STAND_INS[parameter.type]);
  }
  return parameters;
}

/** What was said already is not said again where the gate file mentions the parameter. */
const STAND_INS: Readonly<Record<ParameterConfig['type'], Given>> = {
  text: { text: '' },
  number: { text: '0' },
  size: { text: '0' },
  texts: { words: ['…'] },
  'numbers-by-name': { entries: [], text: '{}' },
  boolean: { text: 'false' },
};

const EXPECTED: Readonly<Record<ParameterConfig['type'], string>> = {
  text: 'a text',
  number: 'a number',
  size: 'a size with its unit, such as `10g`',
  texts: 'a list of texts',
  'numbers-by-name': 'a map of names to numbers',
  boolean: '`true` or `false`',
};

const GIB = 1024 ** 3;
/** Down to single bytes. */
const GIB_DECIMALS = 10;
const NUMBER = /^-?\d+(\.\d+)?$/;

function readParameter(
  type: ParameterConfig['type'],
  held: unknown,
  { name, reader }: { name: string; reader: Reader },
): Given | undefined {
  // Names of a running cycle stay in, for they may reach a command; what needs a value now is filled in now.
  // What cannot be filled in was said there, so something that passes stands in for it here.
  const known = (value: string | number, otherwise = '0') => reader.text(value, ['with', name]) ?? otherwise;
  switch (type) {
    case 'text':
      return isText(held) ? { text: reader.template(held, ['with', name]) } : undefined;
    case 'number': {
      const text = isText(held) ? known(held) : undefined;
      return text !== undefined && NUMBER.test(text) ? { text } : undefined;
    }
    case 'size': {
      // Bare it would be bytes, which nobody means.
      const text = typeof held === 'string' ? known(held, '1g') : '';
      const bytes = /[a-z]$/i.test(text) ? parseSize(text) : undefined;
      return bytes === undefined
        ? undefined
        : { text: (bytes / GIB).toFixed(GIB_DECIMALS).replace(/\.?0+$/, '') };
    }
    case 'boolean': {
      const text =
        typeof held === 'boolean' || typeof held === 'string' ? known(String(held), 'false') : undefined;
      return text === 'true' || text === 'false' ? { text } : undefined;
    }
    case 'texts': {
      const list: unknown = isText(held) ? [held] : held;
      if (!Array.isArray(list) || !list.every(isText)) return undefined;
      return { words: list.map((word, at) => reader.template(word, ['with', name, at])) };
    }
    case 'numbers-by-name': {
      if (!isMap(held)) return undefined;
      const entries = Object.entries(held).map(
        ([key, value]) => [key, isText(value) ? known(value) : ''] as const,
      );
      if (!entries.every(([, value]) => NUMBER.test(value))) return undefined;
      return {
        entries,
        text: JSON.stringify(Object.fromEntries(entries.map(([key, value]) => [key, Number(value)]))),
      };
    }
    default:
      return unreachable(type);
  }
}

function isText(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

/** Every text in the value with its parameters put in. A list grows where a word is one list parameter alone. */
function putIn(value: unknown, parameters: ReadonlyMap<string, Given>): unknown {
  if (typeof value === 'string') return putInText(value, parameters);
  if (Array.isArray(value)) {
    const words: readonly unknown[] = value;
    return words.flatMap((word): readonly unknown[] => {
      const alone = typeof word === 'string' ? parameters.get(ALONE.exec(word)?.[1] ?? '') : undefined;
      return alone && 'words' in alone ? alone.words : [putIn(word, parameters)];
    });
  }
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, held]) =>
      keysOf(key, parameters).map((name) => [name, putIn(held, parameters)] as const),
    ),
  );
}

/** A key that is one list parameter alone stands for a key of each word. */
function keysOf(key: string, parameters: ReadonlyMap<string, Given>): readonly string[] {
  const alone = parameters.get(ALONE.exec(key)?.[1] ?? '');
  return alone && 'words' in alone ? alone.words : [putInText(key, parameters)];
}

const ALONE = /^\{\{\s*with\.([^{}\s]+)\s*\}\}$/;
const PARAMETER = /\{\{\s*(?:with\.([^{}\s]+)|(key|value))\s*\}\}/g;

/** A name that is no parameter stays, and is then called unknown where it stands. */
function putInText(text: string, parameters: ReadonlyMap<string, Given>): string {
  if (!text.includes('{{')) return text;
  return text.replace(PARAMETER, (whole, name: string | undefined, entry: string | undefined) => {
    const given = parameters.get(name ?? `each ${entry ?? ''}`);
    if (!given) return whole;
    return 'text' in given ? given.text : given.words.join(' ');
  });
}

/** The metrics and thresholds of `each`, once for every entry, beside those that stand alone. */
function repeated(
  each: NonNullable<GateFile['each']>,
  { value, parameters }: { value: Values; parameters: ReadonlyMap<string, Given> },
): Values {
  const given = parameters.get(each.of);
  const entries = given && 'entries' in given ? given.entries : [];
  const all: Record<'metrics' | 'thresholds', Record<string, unknown>> = {
    metrics: { ...(isMap(value['metrics']) ? value['metrics'] : {}) },
    thresholds: { ...(isMap(value['thresholds']) ? value['thresholds'] : {}) },
  };
  for (const [key, number] of entries) {
    const inner = new Map([
      ...parameters,
      ['each key', { text: key }],
      ['each value', { text: number }],
    ] as const);
    for (const part of ['metrics', 'thresholds'] as const) {
      const held = putIn(valuesOf(each[part] ?? {}), inner);
      if (isMap(held)) Object.assign(all[part], held);
    }
  }
  return all;
}
