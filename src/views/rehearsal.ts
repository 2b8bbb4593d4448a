// A rehearsal as lines for people: each night, then all of them together. Everything on it follows from the seed.

import { formatDuration } from '../core/config/quantity.ts';
import { numberText } from '../core/judge/number.ts';
import { countText } from '../core/summary/amounts.ts';
import type { Nearness, NightEnd, RehearsedNight, Restart } from '../core/summary/rehearsal.ts';
import type { EndCount, Rehearsal } from '../core/summary/rehearsal-summary.ts';
import { unreachable } from '../core/unreachable.ts';
import { paintFor } from './sink.ts';

const NAME_WIDTH = 9;
const VERDICTS = ['passed', 'failed', 'broken', 'integrity', 'limited', 'stopped', 'interrupted'] as const;
const SECOND_MS = 1000;
/** Of one list in one night. */
const MOST_SHOWN = 5;

type Row = readonly [name: string, value: string];

export function rehearsalText(rehearsal: Rehearsal, color: boolean): string {
  const paint = paintFor({ color });
  const { name, nights, seed, faults, isScripted, limits } = rehearsal;
  const drawn = isScripted ? 'outcomes by script' : `outcomes drawn from seed ${seed}`;
  const none = isScripted ? 'nothing beside them' : 'no trouble';
  const troubles = `with ${faults.length === 0 ? none : faults.join(', ')}`;
  const head = `${name}: ${countText(nights.length, 'night')} rehearsed, ${drawn}, ${troubles}; nothing of yours was started`;
  const bounds = Object.entries(limits).map(([key, value]) => `${key} ${value}`);
  const night = (one: RehearsedNight) => {
    const rows = nightRows(one).map(([key, value]) => `${paint.dim(key.padEnd(NAME_WIDTH))}  ${value}`);
    return [endPaint(one, paint)(headText(one)), ...rows.map((row) => `  ${row}`)].join('\n');
  };
  const parts = [
    `${head}\n${paint.dim(bounds.join(' · '))}`,
    ...nights.map(night),
    summaryText(rehearsal, paint),
  ];
  return `${parts.join('\n\n')}\n`;
}

function endPaint(
  { end, hurt }: RehearsedNight,
  paint: ReturnType<typeof paintFor>,
): (text: string) => string {
  if (hurt.length > 0 || end.how === 'hurt') return paint.bad;
  if (end.how === 'ended' && end.reason === 'target') return paint.good;
  return end.how === 'ended' && end.exit === 0 ? paint.good : paint.soft;
}

function headText({ night, end, atMs }: RehearsedNight): string {
  return `night ${night}  ${endText(end)} at ${timeText(atMs)}`;
}

function endText(end: NightEnd): string {
  switch (end.how) {
    case 'ended':
      return `${end.reason}${end.rule === null ? '' : `: ${end.rule}`} · exit ${end.exit}`;
    case 'lasted':
      return 'lasted the night';
    case 'cut':
      return `cut short after ${end.limit}, the most that a rehearsed night holds,`;
    case 'hurt':
      return 'could not go on';
    default:
      return unreachable(end);
  }
}

function nightRows(night: RehearsedNight): readonly Row[] {
  const rows: Row[] = [['cycles', cyclesText(night)]];
  const { rests, starts, marks, clockSteps, suspendedMs, hurt } = night;
  if (rests.length > 0)
    rows.push([
      'rests',
      rests.map(({ cause, count, ms }) => `${count} ${cause} (${timeText(ms)})`).join(', '),
    ]);
  for (const start of starts.slice(0, MOST_SHOWN)) rows.push(['restart', restartText(start)]);
  if (starts.length > MOST_SHOWN) rows.push(['restart', `and ${starts.length - MOST_SHOWN} more`]);
  if (clockSteps > 0) rows.push(['clock', `set ${countText(clockSteps, 'time')}`]);
  if (suspendedMs > 0) rows.push(['asleep', `the machine, ${timeText(suspendedMs)} in all`]);
  for (const { mark, level, cycle, atMs } of marks)
    rows.push(['mark', `${mark} (${level}) in cycle ${cycle} at ${timeText(atMs)}`]);
  for (const sentence of hurt.slice(0, MOST_SHOWN)) rows.push(['hurt', sentence]);
  return rows;
}

function cyclesText({ cycles, attempts }: RehearsedNight): string {
  const counts = VERDICTS.map((verdict) => [verdict, cycles[verdict] ?? 0] as const);
  const all = counts.reduce((sum, [, count]) => sum + count, 0);
  const said = counts.filter(([, count]) => count > 0).map(([verdict, count]) => `${count} ${verdict}`);
  return `${all}${said.length === 0 ? '' : `: ${said.join(', ')}`} · ${countText(attempts, 'attempt')}`;
}

function restartText({ why, goneAtMs, backAtMs, found, interrupted, tornBytes }: Restart): string {
  const torn = tornBytes > 0 ? ', a torn line set aside' : '';
  const cut = interrupted > 0 ? `, ${countText(interrupted, 'attempt')} interrupted` : '';
  const what = {
    nothing: 'found no run to go on with',
    'carried on': 'carried the run on',
    closed: 'closed the run and began its own',
  };
  return `${why} at ${timeText(goneAtMs)}, back after ${timeText(backAtMs - goneAtMs)}: ${what[found]}${cut}${torn}`;
}

function summaryText({ summary, nights, nightMs }: Rehearsal, paint: ReturnType<typeof paintFor>): string {
  const lines = summary.ends.map((end) => `  ${countOf(end, nights.length)}  ${reasonText(end, nightMs)}`);
  const far = summary.farAway.map((one) => `  ${paint.dim('never near')}  ${farText(one)}`);
  const warnings = summary.warnings.map((warning) => `  ${paint.soft(`! ${warning}`)}`);
  const sound = summary.isSound
    ? 'every night ended by a rule or lasted, and no promise was broken'
    : paint.bad('not every night was sound: see above');
  return ['all nights', ...lines, ...far, ...warnings, `  ${sound}`].join('\n');
}

function countOf({ nights }: EndCount, all: number): string {
  return `${String(nights).padStart(String(all).length)} of ${all}`;
}

function reasonText({ end, rule, exit }: EndCount, nightMs: number): string {
  if (end === 'lasted') return `lasted ${timeText(nightMs)}`;
  return `${end}${rule === null ? '' : `: ${rule}`}${exit === null ? '' : ` · exit ${exit}`}`;
}

function farText({ use, rule, kind, value }: Nearness): string {
  return `${use} ${rule} (${value === null ? 'never measured' : `nearest ${valueText(kind, value)}`})`;
}

function valueText(kind: Nearness['kind'], value: number): string {
  if (kind === 'runtime') return timeText(value);
  if (kind === 'failure-rate') return `${Math.round(value * 100)}%`;
  return kind === 'cost' ? `${value.toFixed(2)}usd` : numberText(Number(value.toFixed(3)));
}

/** To the second: nobody reads more of a night. */
function timeText(ms: number): string {
  return formatDuration(Math.round(ms / SECOND_MS) * SECOND_MS);
}
