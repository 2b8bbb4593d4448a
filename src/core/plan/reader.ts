// Reading the values of one merged map: text filled in, durations, sizes and counts parsed, problems kept with their place.

import type { Path, Problem } from '../config/problem.ts';
import { parseCount, parseDuration, parseSize } from '../config/quantity.ts';
import { fill, namesIn, outsidePlaceholders, unknownName } from './fill.ts';
import { placeIn } from './layer.ts';
import type { Layer } from './layer.ts';

/** What `{{…}}` may name, and the values that are known before anything runs. */
export interface Names {
  /** `vars.*`, `goal`, `profile`; undefined where the name exists but has no value. */
  readonly fixed: ReadonlyMap<string, string | undefined>;
  /** Whether a name that has no value is passed over in silence. */
  readonly mayLack: boolean;
  /** Whether the name gets its value when an attempt starts; `path` is where it stands. */
  readonly later: (name: string, path: Path) => boolean;
  /** All of them, for the nearest. */
  readonly all: () => readonly string[];
}

export interface Saying {
  readonly on?: 'key' | 'value';
  readonly mend?: string;
}

export interface Reader {
  say(path: Path, message: string, how?: Saying): void;
  /** Filled in with what is known now; undefined after a problem. */
  text(written: string | number, path: Path): string | undefined;
  /** Checked only: filled in when the attempt starts. */
  template(written: string | number, path: Path): string;
  /** A pause, possibly zero. */
  duration(written: string | number | undefined, path: Path, otherwise: number): number;
  /** A limit: more than zero, or `never`. */
  limit(written: string | number | undefined, path: Path, otherwise: number | 'never'): number | 'never';
  size(written: string | number | undefined, path: Path, otherwise: number): number;
  count(written: string | number | undefined, path: Path, bounds: Bounds): number;
}

export interface Bounds {
  readonly from: number;
  readonly to: number;
  readonly otherwise: number;
}

export function readerOf(layers: readonly Layer[], names: Names, problems: Problem[]): Reader {
  const say: Reader['say'] = (path, message, how = {}) => {
    problems.push({ ...placeIn(layers, path), ...how, message });
  };
  const namesHold = (written: string, path: Path, isTemplate: boolean): boolean => {
    let isFine = true;
    for (const name of namesIn(written)) {
      const isLater = !names.fixed.has(name) && names.later(name, path);
      if (isTemplate && isLater) continue;
      const wrong = whatIsWrong(name, names, isLater);
      const isSilent = names.mayLack && names.fixed.has(name);
      if (wrong && !isSilent) say(path, wrong.message, wrong.mend === undefined ? {} : { mend: wrong.mend });
      isFine &&= !wrong;
    }
    if (!outsidePlaceholders(written).includes('{{')) return isFine;
    say(path, '`{{` that is never closed', { mend: 'write `{{name}}`' });
    return false;
  };
  const text: Reader['text'] = (written, path) => {
    const template = String(written);
    if (!template.includes('{{')) return template;
    return namesHold(template, path, false) ? fill(template, (name) => names.fixed.get(name)) : undefined;
  };
  const durationOf = (written: string | number, path: Path): number | 'never' | undefined => {
    const filled = text(written, path);
    const parsed = filled === undefined ? undefined : parseDuration(filled);
    if (filled !== undefined && parsed === undefined) {
      say(path, `\`${filled}\` is no duration`, {
        mend: 'write a number with its unit: 250ms, 90s, 5m, 1h30m, 2d',
      });
    }
    return parsed;
  };
  return {
    say,
    text,
    template(written, path) {
      const template = String(written);
      if (template.includes('{{')) namesHold(template, path, true);
      return template;
    },
    duration(written, path, otherwise) {
      const parsed = written === undefined ? undefined : durationOf(written, path);
      if (parsed === 'never') say(path, '`never` is no pause');
      return typeof parsed === 'number' ? parsed : otherwise;
    },
    limit(written, path, otherwise) {
      const parsed = written === undefined ? undefined : durationOf(written, path);
      if (parsed === 0) say(path, 'a limit of zero', { mend: 'write `never` where there should be none' });
      return parsed === undefined || parsed === 0 ? otherwise : parsed;
    },
    size(written, path, otherwise) {
      const filled = written === undefined ? undefined : text(written, path);
      if (filled === undefined) return otherwise;
      const parsed = parseSize(filled);
      if (!parsed)
        say(path, `\`${filled}\` is no size`, { mend: 'write a number with its unit: 64k, 512m, 1g' });
      return parsed || otherwise;
    },
    count(written, path, bounds) {
      const filled = written === undefined ? undefined : text(written, path);
      if (filled === undefined) return bounds.otherwise;
      const parsed = parseCount(filled);
      if (parsed !== undefined && parsed >= bounds.from && parsed <= bounds.to) return parsed;
      say(path, `\`${filled}\` is no whole number from ${bounds.from} to ${bounds.to}`);
      return bounds.otherwise;
    },
  };
}

function whatIsWrong(
  name: string,
  { fixed, all }: Names,
  isLater: boolean,
): { message: string; mend?: string } | undefined {
  if (isLater) {
    return {
      message: `\`{{${name}}}\` is known only while a cycle runs`,
      mend: 'it may stand in `run`, `env`, `cwd`, `stdin` and paths of evidence',
    };
  }
  if (name === 'count') return { message: '`{{count}}` is known only in a gate with `stages`' };
  if (!fixed.has(name)) return unknownName(name, all());
  if (fixed.get(name) !== undefined) return undefined;
  const isVariable = name.startsWith('vars.');
  return {
    message: `\`{{${name}}}\` has no value`,
    mend: isVariable
      ? `set it with --set ${name}=…, by its variable, or give it a \`default\``
      : `set \`${name}\``,
  };
}
