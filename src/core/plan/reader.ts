// Reading the values of one merged map: text filled in, durations, sizes and counts parsed, problems kept with their place.

import type { Path, Problem } from '../config/problem.ts';
import { durationFault, parseCount, parseDuration, parseSize } from '../config/quantity.ts';
import { fill, namesIn, outsidePlaceholders, unknownName } from './fill.ts';
import { placeIn } from './layer.ts';
import type { Layer } from './layer.ts';

/** What `{{…}}` may name, and the values that are known before anything runs. */
export interface Names {
  /** `vars.*`, `goal`, `profile`; undefined where the name exists but has no value. */
  readonly fixed: ReadonlyMap<string, string | undefined>;
  /** Whether a name that has no value is passed over in silence. */
  readonly mayLack: boolean;
  /** Whether the name gets its value when an attempt starts; `place` tells where it stands. */
  readonly later: (name: string, place: () => Place) => boolean;
  /** All of them, for the nearest. */
  readonly all: () => readonly string[];
}

export type Place = Pick<Problem, 'file' | 'path'>;

export interface Saying {
  readonly on?: 'key' | 'value';
  readonly mend?: string;
  readonly part?: NonNullable<Problem['part']>;
}

export interface Bounds {
  readonly from: number;
  readonly to: number;
  readonly otherwise: number;
}

type Written = string | number | undefined;

/** A class, because a plan of thousands of tasks makes one for each: nothing is built but three fields. */
export class Reader {
  readonly #layers: readonly Layer[];
  readonly #names: Names;
  readonly #problems: Problem[];

  constructor(layers: readonly Layer[], names: Names, problems: Problem[]) {
    this.#layers = layers;
    this.#names = names;
    this.#problems = problems;
  }

  say(path: Path, message: string, how: Saying = {}): void {
    this.#problems.push({ ...placeIn(this.#layers, path), ...how, message });
  }

  /** Filled in with what is known now; undefined after a problem. */
  text(written: string | number, path: Path): string | undefined {
    const template = String(written);
    if (!template.includes('{{')) return template;
    if (!this.#namesHold(template, path, false)) return undefined;
    return fill(template, (name) => this.#names.fixed.get(name));
  }

  /** Checked only: filled in when the attempt starts. */
  template(written: string | number, path: Path): string {
    const template = String(written);
    if (template.includes('{{')) this.#namesHold(template, path, true);
    return template;
  }

  /** A pause, possibly zero. */
  duration(written: Written, path: Path, otherwise: number): number {
    const parsed = written === undefined ? undefined : this.#durationOf(written, path);
    if (parsed === 'never') this.say(path, '`never` is no pause');
    return typeof parsed === 'number' ? parsed : otherwise;
  }

  /** A limit: more than zero, or `never`. */
  limit(written: Written, path: Path, otherwise: number | 'never'): number | 'never' {
    const parsed = written === undefined ? undefined : this.#durationOf(written, path);
    if (parsed === 0) this.say(path, 'a limit of zero', { mend: 'write `never` where there should be none' });
    return parsed === undefined || parsed === 0 ? otherwise : parsed;
  }

  size(written: Written, path: Path, otherwise: number): number {
    const filled = written === undefined ? undefined : this.text(written, path);
    if (filled === undefined) return otherwise;
    const parsed = parseSize(filled);
    if (parsed !== undefined && parsed > 0) return parsed;
    this.say(path, `\`${filled}\` is no size`, { mend: 'write a number with its unit: 64k, 512m, 1g' });
    return otherwise;
  }

  count(written: Written, path: Path, { from, to, otherwise }: Bounds): number {
    const filled = written === undefined ? undefined : this.text(written, path);
    if (filled === undefined) return otherwise;
    const parsed = parseCount(filled);
    if (parsed !== undefined && parsed >= from && parsed <= to) return parsed;
    this.say(path, `\`${filled}\` is no whole number from ${from} to ${to}`);
    return otherwise;
  }

  /** Written in the file it is a boolean already, in a flag it is a text. */
  flag(written: boolean | string | undefined, path: Path, otherwise: boolean): boolean {
    if (typeof written !== 'string') return written ?? otherwise;
    if (written === 'true' || written === 'false') return written === 'true';
    this.say(path, `\`${written}\` is neither \`true\` nor \`false\``);
    return otherwise;
  }

  #durationOf(written: string | number, path: Path): number | 'never' | undefined {
    const filled = this.text(written, path);
    const parsed = filled === undefined ? undefined : parseDuration(filled);
    if (filled !== undefined && parsed === undefined) {
      const mend = 'write a number with its unit: 250ms, 90s, 5m, 1h30m, 2d';
      this.say(path, `\`${filled}\` ${durationFault(filled)}`, { mend });
    }
    return parsed;
  }

  #namesHold(written: string, path: Path, isTemplate: boolean): boolean {
    let isFine = true;
    for (const name of namesIn(written)) {
      const wrong = this.#whatIsWrong(name, path, isTemplate);
      const isSilent = this.#names.mayLack && this.#names.fixed.has(name);
      if (wrong && !isSilent)
        this.say(path, wrong.message, wrong.mend === undefined ? {} : { mend: wrong.mend });
      isFine &&= !wrong;
    }
    if (!outsidePlaceholders(written).includes('{{')) return isFine;
    this.say(path, '`{{` that is never closed', { mend: 'write `{{name}}`' });
    return false;
  }

  #whatIsWrong(
    name: string,
    path: Path,
    isTemplate: boolean,
  ): { message: string; mend?: string } | undefined {
    const { fixed, later, all } = this.#names;
    if (fixed.has(name)) return fixed.get(name) === undefined ? lacking(name) : undefined;
    if (later(name, () => placeIn(this.#layers, path))) return isTemplate ? undefined : tooEarly(name);
    if (name === 'count') return { message: '`{{count}}` is known only in a gate with `stages`' };
    return unknownName(name, all());
  }
}

function lacking(name: string): { message: string; mend: string } {
  const mend = name.startsWith('vars.')
    ? `set it with --set ${name}=…, by its variable, or give it a \`default\``
    : `set \`${name}\``;
  return { message: `\`{{${name}}}\` has no value`, mend };
}

function tooEarly(name: string): { message: string; mend: string } {
  return {
    message: `\`{{${name}}}\` is known only while a cycle runs`,
    mend: 'it may stand in `run`, `env`, `cwd`, `stdin` and paths of evidence',
  };
}
