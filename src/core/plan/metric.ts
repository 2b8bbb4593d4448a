// Where metrics and labels are read, as written → as a plan. Reading the evidence itself is the judge's business.

import { nearest } from '../config/nearest.ts';
import type { MetricConfig, SourceConfig } from '../config/config.ts';
import type { Path } from '../config/problem.ts';
import { unreachable } from '../unreachable.ts';
import type { LabelPlan, MetricPlan, SourceIn, SourcePlan } from './plan.ts';
import type { Reader } from './reader.ts';

/** `isSimulated`: gate-run runs the simulations, and one that says nothing else says its metrics in a line of JSON. */
export function readMetrics(
  written: Readonly<Record<string, MetricConfig>> | undefined,
  reader: Reader,
  isSimulated: boolean = false,
): readonly MetricPlan[] {
  if (!written) return [];
  const line = isSimulated ? { stream: lineStream(written) } : undefined;
  return Object.entries(written).flatMap(([name, metric]): readonly MetricPlan[] => {
    const path = ['metrics', name];
    const isInLine = line !== undefined && !READERS.some((one) => metric[one] !== undefined);
    const source: SourcePlan | undefined = isInLine
      ? { reader: 'line', field: name, in: line }
      : readSource(metric, path, reader);
    const [low, high] = metric.bounds ?? [];
    if (low !== undefined && high !== undefined && !(low <= high)) {
      reader.say([...path, 'bounds'], `no number lies from ${low} to ${high}`, {
        mend: 'write the lower bound first',
      });
    }
    if (!source) return [];
    const { better, bounds, unit } = metric;
    return [
      {
        name,
        source,
        better,
        bounds,
        unit: unit === undefined ? undefined : reader.text(unit, [...path, 'unit']),
      },
    ];
  });
}

/** Where another metric reads a stream alone, the lines are looked for in the other one. */
function lineStream(metrics: Readonly<Record<string, MetricConfig>>): 'output' | 'stdout' {
  const isApart = Object.values(metrics).some((metric) => metric.in === 'stdout' || metric.in === 'stderr');
  return isApart ? 'stdout' : 'output';
}

export function readLabels(
  written: Readonly<Record<string, SourceConfig>> | undefined,
  reader: Reader,
): readonly LabelPlan[] {
  if (!written) return [];
  return Object.entries(written).flatMap(([name, label]) => {
    const path = ['labels', name];
    if (
      label.regex === undefined &&
      label.json === undefined &&
      READERS.some((one) => label[one] !== undefined)
    ) {
      reader.say(path, 'a label is read with `regex` or `json`');
      return [];
    }
    const source = readSource(label, path, reader);
    return source ? [{ name, source }] : [];
  });
}

const READERS = ['regex', 'count', 'json', 'junit', 'istanbul', 'lcov', 'cobertura', 'sarif'] as const;
type Report = Exclude<(typeof READERS)[number], 'regex' | 'count' | 'json'>;

/** What coverage is counted of, by the form of its report. */
const KINDS = {
  istanbul: ['lines', 'statements', 'functions', 'branches'],
  lcov: ['lines', 'functions', 'branches'],
  cobertura: ['lines', 'branches'],
} as const;
const PARTS = ['pct', 'covered', 'total'];
const FIELDS: Readonly<Record<Report, readonly string[]>> = {
  junit: ['failures', 'errors', 'tests', 'passed', 'skipped', 'time'],
  istanbul: fieldsOf(KINDS.istanbul, [...PARTS, 'skipped']),
  lcov: fieldsOf(KINDS.lcov, PARTS),
  cobertura: fieldsOf(KINDS.cobertura, PARTS),
  sarif: ['results', 'errors', 'warnings', 'notes'],
};

function fieldsOf(kinds: readonly string[], parts: readonly string[]): readonly string[] {
  return kinds.flatMap((kind) => parts.map((part) => `${kind}.${part}`));
}

function readSource(written: SourceConfig, path: Path, reader: Reader): SourcePlan | undefined {
  const kind = readerNamed(written, path, reader);
  switch (kind) {
    case undefined:
      return undefined;
    case 'regex':
    case 'count': {
      const pattern = readPattern(kind, written[kind] ?? '', { path: [...path, kind], reader });
      const where = readIn(written.in ?? 'output', [...path, 'in'], reader);
      return pattern === undefined || !where ? undefined : { reader: kind, pattern, in: where };
    }
    case 'json': {
      const at = readPointer(written.at, [...path, 'at'], reader);
      const where = readIn(written.json ?? '', [...path, 'json'], reader);
      return at === undefined || !where ? undefined : { reader: 'json', at, in: where };
    }
    case 'junit':
    case 'istanbul':
    case 'lcov':
    case 'cobertura':
    case 'sarif': {
      const field = readField(kind, written.field, { path: [...path, 'field'], reader });
      const where = readIn(written[kind] ?? '', [...path, kind], reader);
      const { folder: named } = written;
      const folder = named === undefined ? undefined : reader.text(named, [...path, 'folder']);
      return field === undefined || !where ? undefined : { reader: kind, field, folder, in: where };
    }
    default:
      return unreachable(kind);
  }
}

/** The one reader, with nothing beside it that belongs to another. */
function readerNamed(
  written: SourceConfig,
  path: Path,
  reader: Reader,
): (typeof READERS)[number] | undefined {
  const [kind, another] = READERS.filter((name) => written[name] !== undefined);
  if (kind === undefined) {
    const mend = `write one of ${READERS.join(', ')}${path[0] === 'metrics' ? ', or `per` beside `stages`' : ''}`;
    reader.say(path, 'nothing says how it is read', { mend });
    return undefined;
  }
  if (another !== undefined) {
    const message = `read in two ways: \`${kind}\` and \`${another}\``;
    reader.say([...path, another], message, { on: 'key', mend: 'keep one' });
    return undefined;
  }
  for (const key of ['at', 'field', 'folder', 'in'] as const) {
    if (written[key] === undefined || COMPANIONS[kind].some((name) => name === key)) continue;
    reader.say([...path, key], `\`${key}\` means nothing beside \`${kind}\``, { on: 'key' });
  }
  return kind;
}

const COMPANIONS = {
  regex: ['in'],
  count: ['in'],
  json: ['at'],
  junit: ['field'],
  istanbul: ['field', 'folder'],
  lcov: ['field', 'folder'],
  cobertura: ['field', 'folder'],
  sarif: ['field'],
} as const;

interface Place {
  readonly path: Path;
  readonly reader: Reader;
}

function readPattern(kind: 'regex' | 'count', written: string, { path, reader }: Place): string | undefined {
  const pattern = reader.text(written, path);
  if (pattern === undefined) return undefined;
  try {
    // Tried only here; the judge compiles it again where it is used.
    void new RegExp(pattern, 'gm');
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^.*: /, '') : 'it does not compile';
    reader.say(path, `no regular expression: ${why.toLowerCase()}`);
    return undefined;
  }
  if (kind === 'regex' && !pattern.includes('(?<value>')) {
    reader.say(path, 'the pattern has no group `value`', {
      mend: 'write `(?<value>…)` around what is to be read',
    });
    return undefined;
  }
  return pattern;
}

function readPointer(written: string | undefined, path: Path, reader: Reader): string | undefined {
  if (written === undefined) {
    reader.say(path.slice(0, -1), '`json` without `at`', {
      mend: 'name the value with a JSON pointer: `at: /total/lines`',
    });
    return undefined;
  }
  const pointer = reader.text(written, path);
  if (pointer === undefined || pointer === '' || pointer.startsWith('/')) return pointer;
  reader.say(path, `\`${pointer}\` is no JSON pointer`, {
    mend: `write \`/${pointer.replaceAll('.', '/')}\``,
  });
  return undefined;
}

/** `lines` alone means `lines.pct`; JUnit files and SARIF logs hold several numbers of one rank, so there one has to be named. */
function readField(kind: Report, written: string | undefined, { path, reader }: Place): string | undefined {
  const known = FIELDS[kind];
  const kinds: readonly string[] = kind === 'junit' || kind === 'sarif' ? [] : KINDS[kind];
  if (written === undefined && kinds.length > 0) return known[0];
  if (written === undefined) {
    reader.say(path.slice(0, -1), `\`${kind}\` without \`field\``, {
      mend: `write one of ${known.join(', ')}`,
    });
    return undefined;
  }
  const text = reader.text(written, path);
  if (text === undefined) return undefined;
  const field = kinds.includes(text) ? `${text}.pct` : text;
  if (known.includes(field)) return field;
  const near = nearest(field, known);
  const hint = near === undefined ? `it has ${known.join(', ')}` : `did you mean \`${near}\`?`;
  reader.say(path, `unknown field \`${text}\` of ${kind} — ${hint}`);
  return undefined;
}

/** `output`, `stdout`, `stderr`, or a file (its names are filled in when the attempt starts). */
function readIn(written: string, path: Path, reader: Reader): SourceIn | undefined {
  if (written === 'output' || written === 'stdout' || written === 'stderr') return { stream: written };
  if (written === 'message') {
    reader.say(path, 'reading from `message` is not built yet', { mend: 'it comes with `stream`' });
    return undefined;
  }
  if (written.trim() === '') {
    reader.say(path, 'no file is named');
    return undefined;
  }
  return { file: reader.template(written, path) };
}
