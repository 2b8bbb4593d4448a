// docs/config.md: every key of a loop config, from its JSON Schema. Rules between keys stand in the texts of the keys.

import { readFileSync } from 'node:fs';
import { code, row } from './markdown.ts';

const SCHEMA = new URL('../../schema/loop.schema.json', import.meta.url);

interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: string | number | boolean;
  readonly enum?: readonly (string | number)[];
  readonly pattern?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema | boolean;
  readonly prefixItems?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly required?: readonly string[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

export function configPage(): string {
  const schema: Schema = JSON.parse(readFileSync(SCHEMA, 'utf8'));
  const parts = schema.$defs ?? {};
  const sections = new Map([
    ...inner(schema),
    ...Object.values(parts).flatMap(inner),
    ...Object.entries(parts),
  ]);
  return `${[
    '# The keys of a loop config',
    '',
    '`loop.config.yaml` holds one map. Durations are written `90s`, `5m`, `1h30m`; `never` is written out.',
    'Written by `node scripts/reference.ts` from `schema/loop.schema.json`.',
    '',
    ...keyTable(schema, parts),
    ...[...sections].flatMap(([name, part]) => section(name, part, parts)),
    ...CONDITIONS,
  ].join('\n')}\n`;
}

const CONDITIONS: readonly string[] = [
  '',
  '## Conditions',
  '',
  'Under `exit` and in marks a condition is `measure: "comparison"`: `edge: "> 527"`, `failure-rate: "> 30% over 20"`. A bare value',
  'means `>=`; `never` switches a condition of `exit` off. `over N` looks back over 2 to 1000 cycles. What is not known satisfies nothing.',
  '',
  row('measure', 'value', 'what'),
  '|---|---|---|',
  row('`cycles`', 'whole number', 'cycles of the run that had a verdict'),
  row(
    '`runtime`',
    'duration',
    'how long the run has been under way; its clock stands still while nothing runs it',
  ),
  row(
    '`failures-in-a-row`, `broken-in-a-row`, `oom-in-a-row`',
    'whole number',
    'cycles in a row that failed or were broken, were broken, ran out of memory',
  ),
  row('`same-error`', 'whole number', 'broken cycles in a row with one and the same cause'),
  row(
    '`no-progress`',
    'whole number',
    'cycles in a row in which nothing moved: the work tree, commits, metrics, gates that pass now',
  ),
  row('`failure-rate` (`over N`)', 'share, as `30%`', 'of all cycles of the run, or of the last N'),
  row('`cycles-per-hour` (`over N`)', 'number', 'pace of the run, or of the last N cycles'),
  row('`tokens`', '`500k`, `2M`', 'sum of the metrics `tokens` of all attempts'),
  row('`cost`', '`5usd`', 'sum of the metrics `cost` of all attempts'),
  row(
    '`edge`, `sims.edge`, `sims.100.edge`',
    'number',
    'a metric: bare where only one task has it, with its task, with the rung of a ladder',
  ),
  row('`edge.best`', 'number', 'the best value so far; the metric says which way is better'),
  row(
    '`edge.mean`, `edge.sd` (`over N`)',
    'number',
    'mean and standard deviation over the last N values, 10 when nothing is said',
  ),
  row('`strategy.distinct`', 'whole number', 'different texts of a label in this run'),
];

type Parts = Readonly<Record<string, Schema>>;

/** Maps that stand in another one and have no name in the schema: `loop`, `state`, `stall`. */
function inner({ properties = {} }: Schema): readonly (readonly [key: string, schema: Schema])[] {
  return Object.entries(properties).flatMap(([key, part]) => {
    const values = typeof part.additionalProperties === 'object' ? part.additionalProperties : part;
    const isMap = [values, ...(values.anyOf ?? [])].some((shape) => shape.properties !== undefined);
    if (!isMap) return [];
    return [[key, { ...values, description: part.description ?? '' }] as const, ...inner(part)];
  });
}

function section(name: string, schema: Schema, parts: Parts): readonly string[] {
  const shapes = [schema, ...(schema.anyOf ?? [])].filter(({ properties }) => properties !== undefined);
  const others = (schema.anyOf ?? []).filter(({ properties }) => properties === undefined);
  const also = others.map((part) => takes(part));
  return [
    '',
    `## ${name}`,
    '',
    schema.description ?? '',
    ...(also.length > 0 ? ['', `Either ${also.join(' or ')}, or:`] : []),
    ...shapes.flatMap((shape) => ['', ...keyTable(shape, parts)]),
  ];
}

function keyTable({ properties = {}, required = [] }: Schema, parts: Parts): readonly string[] {
  const rows = Object.entries(properties).map(([key, part]) => {
    const what = part.description ?? parts[nameOf(part.$ref)]?.description ?? '';
    return row(code(key) + (required.includes(key) ? ' (due)' : ''), takes(part, key), what);
  });
  return [row('key', 'takes', 'what'), '|---|---|---|', ...rows];
}

function nameOf(reference = ''): string {
  return reference.replace(/^.*\//, '');
}

/** What a value may be, in a few words. */
function takes(schema: Schema, key = ''): string {
  if (schema.$ref !== undefined) return link(nameOf(schema.$ref));
  if (schema.const !== undefined) return code(String(schema.const));
  if (schema.enum !== undefined) return schema.enum.map((value) => code(String(value))).join(' or ');
  if (schema.anyOf !== undefined)
    return [...new Set(schema.anyOf.map((part) => takes(part, key)))].join(' or ');
  if (schema.prefixItems !== undefined) return `a list of ${schema.prefixItems.length}`;
  if (typeof schema.items === 'object') return `list of ${takes(schema.items, key)}`;
  if (schema.properties !== undefined) return key === '' ? 'a map' : link(key);
  if (typeof schema.additionalProperties === 'object')
    return `map of ${takes(schema.additionalProperties, key)}`;
  if (schema.pattern?.includes('ms)?'))
    return schema.pattern.includes('never') ? 'duration or `never`' : 'duration';
  const types = [schema.type ?? 'anything'].flat();
  return types.map((type) => PLAIN[type] ?? type).join(' or ');
}

const PLAIN: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  object: 'a map',
  array: 'a list',
  boolean: '`true` or `false`',
};

function link(name: string): string {
  return `[${name}](#${name.toLowerCase()})`;
}
