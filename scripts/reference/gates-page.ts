// docs/gates.md: what each gate that ships proves, takes and reads, as its file says.

import { readFileSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import type { GateFile, ParameterConfig } from '../../src/core/config/config.ts';
import { parseGateFile } from '../../src/core/config/parse.ts';
import { proveText } from '../../src/core/plan/prove-text.ts';
import { code, row } from './markdown.ts';

const ROOT = new URL('../../', import.meta.url);

/** The page of the gate library, from its files. */
export function gatesPage(): string {
  const gates = readdirSync(new URL('gates/', ROOT))
    .filter((name) => name.endsWith('.yaml'))
    .toSorted()
    .map((name) => [basename(name, '.yaml'), readGate(name)] as const);
  const rows = gates.map(([name, { about }]) => row(`[${code(name)}](#${name})`, about));
  return `${[
    '# The gates that ship',
    '',
    'A loop takes one by `uses`, sets its parameters by `with`, and may lay any task key over it: `mode`, `timeout`,',
    '`metrics`, `thresholds`. A file of the same name in `gates/` beside the config goes before the one that ships.',
    'Written by `node scripts/reference.ts` from `gates/*.yaml`.',
    '',
    '| gate | what it proves |',
    '|---|---|',
    ...rows,
    ...gates.flatMap(([name, gate]) => ['', ...gateSection(name, gate)]),
  ].join('\n')}\n`;
}

function readGate(name: string): GateFile {
  const file = `gates/${name}`;
  const read = parseGateFile(readFileSync(new URL(file, ROOT), 'utf8'), file);
  if (read.problems) throw new Error(`${file}: ${read.problems.map(({ message }) => message).join('; ')}`);
  return read.value;
}

function gateSection(name: string, gate: GateFile): readonly string[] {
  const { about, tool, requires = [], parameters = {}, run, samples, metrics = {}, prove } = gate;
  const needs = requires.length > 0 ? ` Needs ${requires.map(code).join(', ')} on PATH.` : '';
  const link = tool.startsWith('https://') ? ` Serves ${tool}.` : '';
  const rows = Object.entries(parameters).map(([key, parameter]) => parameterRow(key, parameter));
  const read = Object.keys(metrics).map(code).join(', ');
  const planted = prove ? ` \`doctor --prove\` ${proveText(prove).replaceAll('*', '\\*')}.` : '';
  const versions = [...new Set(samples.map(({ from }) => from))].join(', ');
  return [
    `## ${name}`,
    '',
    `${about}${link}${needs}`,
    '',
    code(typeof run === 'string' ? run : run.join(' ')),
    ...(rows.length > 0 ? ['', '| parameter | type | default | what |', '|---|---|---|---|', ...rows] : []),
    '',
    `${read === '' ? '' : `Reads ${read}. `}Proved on output of ${versions}: ${sampleWords(gate)}.${planted}`,
  ];
}

function parameterRow(key: string, { about, type, default: value }: ParameterConfig): string {
  const shown = value === undefined ? 'due' : code(JSON.stringify(value));
  return row(code(key), type, shown, about);
}

function sampleWords({ samples }: GateFile): string {
  const kinds = ['passed', 'failed', 'broken'] as const;
  return kinds
    .map((kind) => {
      const names = samples.filter(({ verdict }) => verdict === kind).map((sample) => sample.name);
      return `${kind} on ${names.join('; ')}`;
    })
    .join(' — ');
}
