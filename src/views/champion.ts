// `champion` for people: who it is, how it came about, how steady it is.

import { numberText } from '../core/judge/number.ts';
import { countText, sizeText } from '../core/summary/amounts.ts';
import type { ChampionRow, ChampionShow } from '../core/summary/champion.ts';
import type { RobustnessAnswer } from '../core/summary/robustness.ts';
import { paintFor } from './sink.ts';

const NAME_WIDTH = 9;
const WHAT_WIDTH = 9;

export function showText({ champion, trouble }: ChampionShow, color: boolean): string {
  const paint = paintFor({ color });
  if (!champion) return 'there is no champion yet\n';
  const { cycle, metric, value, better, count, before, at, age, files, bytes, folder, sims } = champion;
  const rung = count === null ? '' : ` at count ${count}`;
  const rows: [string, string][] = [
    ['champion', `cycle ${cycle}: ${metric} ${numberText(value)}${rung} (${better} is better)`],
    ['crowned', `${at}, ${countText(age, 'cycle')} ago`],
    ['before', before ? `cycle ${before.cycle} with ${numberText(before.value)}` : 'it was the first'],
    ['kept', `${countText(files, 'file')}, ${sizeText(bytes)}, in ${folder}`],
  ];
  if (sims) {
    const failed = sims.failed > 0 ? `, ${sims.failed} failed` : '';
    rows.push(['seeds', `${sims.base} to ${sims.base + sims.planned - 1}${failed}`]);
    const { mean, n, lower } = sims.paired ?? {};
    if (mean !== undefined && lower !== undefined)
      rows.push(['gain', `${numberText(mean)} on ${n} seeds, at least ${numberText(lower)}`]);
  }
  const { confirmed, lucky } = champion;
  if (confirmed) rows.push(['confirmed', `${confirmed.verdict}, ${confirmed.at}: ${confirmed.why}`]);
  if (lucky !== null) rows.push(['lucky', paint.bad(lucky)]);
  for (const [name, text] of Object.entries(champion.labels)) rows.push([name, text]);
  if (trouble !== null) rows.push(['trouble', paint.bad(trouble)]);
  return rows.map(([name, text]) => `${paint.dim(name.padEnd(NAME_WIDTH))}  ${text}\n`).join('');
}

const GOOD: ReadonlySet<ChampionRow['what']> = new Set(['crowned', 'restored', 'held']);

export function championRows(rows: readonly ChampionRow[], color: boolean): string {
  const paint = paintFor({ color });
  if (rows.length === 0) return 'no cycle has been crowned yet\n';
  return rows
    .map(({ at, cycle, what, value, why, isKept }) => {
      const shown = GOOD.has(what) ? paint.good : paint.soft;
      const gone = what === 'crowned' && !isKept ? paint.dim('  (its files are gone)') : '';
      const number = value === null ? '' : `${numberText(value)}  `;
      return `${paint.dim(at)}  cycle ${cycle}  ${shown(what.padEnd(WHAT_WIDTH))}  ${number}${why}${gone}\n`;
    })
    .join('');
}

export function robustnessText({ cycle, metric, crowned, batches, ...found }: RobustnessAnswer): string {
  const lines = batches.map(({ base, value, why }, at) => {
    const seeds = base === null ? 'seeds of its own' : `seeds from ${base} on`;
    return `batch ${at + 1}  ${seeds}: ${value === null ? (why ?? 'not measured') : numberText(value)}`;
  });
  const { mean, spread, band } = found;
  const end =
    mean === null || spread === null
      ? 'not every batch could be measured, so nothing is said of the spread'
      : `${metric} ${numberText(mean)} over ${countText(batches.length, 'batch', 'batches')}, spread ${numberText(spread)}${band === null ? '' : `: ${band}`}`;
  return [`champion of cycle ${cycle}, crowned with ${numberText(crowned)}`, ...lines, end, ''].join('\n');
}
