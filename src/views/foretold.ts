// What the cache would do for a task, for people.

import { whyText, WHY_SHOWN } from '../core/cache/event.ts';
import type { Foretold, ForetoldKey } from '../core/cache/foretold.ts';
import { countText, sizeText } from '../core/summary/amounts.ts';
import { unreachable } from '../core/unreachable.ts';
import { durationText } from '../core/judge/words.ts';

/** One line, for `plan`. */
export function foretoldText({ would, keptAt = '', from = '', savedMs = 0, why }: Foretold): string {
  switch (would) {
    case 'be-answered':
      return `would be answered from the cache, as kept of ${from} at ${keptAt} (saves ${durationText(savedMs)})`;
    case 'run':
      return `would run: ${why.length === 0 ? 'no answer was kept yet' : firstOf(why)}`;
    case 'unknown':
      return `would be answered or run: ${firstOf(why)}`;
    default:
      return unreachable(would);
  }
}

function firstOf(why: readonly string[]): string {
  return whyText({ why: why.slice(0, WHY_SHOWN), more: Math.max(0, why.length - WHY_SHOWN) });
}

/** So many files are listed; `--json` has all of them. */
const FILES_SHOWN = 50;

/** Everything, for `explain`. */
export function explainedText(told: Foretold): string {
  const { why, key } = told;
  const changed =
    told.would === 'run' && why.length > 1 ? ['changed since the last answer:', ...why.map(indented)] : [];
  return [`cache: ${foretoldText(told)}`, ...changed, ...(key ? keyLines(key) : [])]
    .map((line) => `  ${line}\n`)
    .join('');
}

function keyLines({ sum, platform, env, versions, files }: ForetoldKey): readonly string[] {
  const bytes = files.reduce((all, one) => all + one.bytes, 0);
  const shown = files.slice(0, FILES_SHOWN).map(({ path, sum: of }) => `${path}  ${of.slice(0, SUM_SHOWN)}`);
  const more = files.length - shown.length;
  return [
    `its key is ${sum.slice(0, SUM_SHOWN)}, made of the command, the definition, ${platform}, and`,
    ...Object.entries(env).map(([name, value]) => `  ${name}: ${value}`),
    ...Object.entries(versions).map(([command, said]) => `  \`${command}\`: ${said.split('\n', 1)[0]}`),
    `  ${countText(files.length, 'file')}, ${sizeText(bytes)}`,
    ...shown.map((line) => `    ${line}`),
    ...(more > 0 ? [`    and ${more} more; --json lists all`] : []),
  ];
}

/** Of a sum, enough to tell two apart. */
const SUM_SHOWN = 12;

function indented(line: string): string {
  return `  ${line}`;
}
