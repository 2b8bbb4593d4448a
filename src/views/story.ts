// One cycle as lines for people: each task with its verdict and why, and below it what each attempt did.

import { numberText } from '../core/judge/number.ts';
import { checkText, durationText } from '../core/judge/words.ts';
import type { TaskSummary } from '../core/loop/event.ts';
import { turnName, verdictWord } from '../core/loop/words.ts';
import { movedText } from '../core/receipts/moved.ts';
import { tamperingLines } from '../core/protect/words.ts';
import { countText, sizeText } from '../core/summary/amounts.ts';
import type { AttemptStory, CycleStory, TurnStory } from '../core/summary/story.ts';
import { spreadOf } from '../core/summary/spread.ts';
import type { WaitRecord } from '../core/summary/waits.ts';
import type { Writes } from '../core/writes/event.ts';
import { forensicsLines } from './forensics.ts';
import { holderWords } from './resource-words.ts';
import { paintFor, type Paint } from './sink.ts';
import { spreadText } from './spread.ts';
import * as words from './words.ts';

export interface StoryPage {
  readonly color: boolean;
  /** The cycles' folder, as people name it. */
  readonly cycles: string;
}

export function storyText({ cycle, turns }: CycleStory, page: StoryPage): string {
  const paint = paintFor(page);
  const lines = turns.flatMap((turn) => turnLines(turn, { cycle, cycles: page.cycles, paint }));
  return lines.map((line) => `${line}\n`).join('');
}

interface Around {
  readonly cycle: number;
  readonly cycles: string;
  readonly paint: Paint;
}

function turnLines(turn: TurnStory, { cycle, cycles, paint }: Around): readonly string[] {
  const { run, at, verdict, durationMs, cause, tasks, attempts, waits } = turn;
  const tint = verdict === 'passed' ? paint.good : paint.bad;
  const head = `${turnName(turn.turn, cycle)} ${verdictWord(verdict)} in ${durationText(durationMs)}`;
  const why = cause === null ? '' : `, because of ${cause}`;
  const lines = [tint(`${head}${why}`), paint.dim(`ended at ${at}, run ${run}`)];
  if (turn.champion !== undefined) lines.push(`  ${turn.champion}`);
  if (turn.receipts) lines.push(`  ${movedText(turn)}`);
  if (turn.tampering) lines.push(...tamperingLines(turn.tampering).map((line) => `  ${line}`));
  for (const task of tasks) {
    lines.push(taskLine(task, paint), ...taskLines(task, turn, cycles).map((line) => `    ${line}`));
    const own = (attempts ?? []).filter((one) => one.task === task.id);
    const waited = waits.filter((one) => one.task === task.id);
    lines.push(...waited.map((one) => `    ${waitedText(one)}`));
    for (const attempt of own) lines.push(...attemptLines(attempt).map((line) => `    ${line}`));
  }
  if (attempts === null)
    lines.push(
      paint.dim('  its folder is gone or cannot be read, so what each attempt did is not known any more'),
    );
  return lines;
}

function taskLine(task: TaskSummary, paint: Paint): string {
  const tints = {
    passed: paint.good,
    'soft-failed': paint.soft,
    failed: paint.bad,
    broken: paint.bad,
    skipped: paint.dim,
  };
  const mark = words.MARKS[task.verdict];
  const said = words.taskText(task);
  const time = task.attempts === 0 ? '' : `  ${durationText(task.durationMs)}`;
  return `  ${tints[task.verdict](`${mark} ${words.taskName(task)}`)}${time}${said === '' ? '' : `  ${said}`}`;
}

function taskLines(task: TaskSummary, { questions }: TurnStory, cycles: string): readonly string[] {
  const checked = new Set(task.checks.map(({ metric }) => metric));
  const missed = task.verdict === 'passed' ? [] : task.checks.map(checkText);
  const metrics = Object.entries(task.metrics)
    .filter(([name]) => !checked.has(name))
    .map(([name, value]) => `${name} ${numberText(value)}`);
  const labels = Object.entries(task.labels).map(([name, value]) => `${name}: ${value}`);
  const question = questions.find(({ fingerprint }) => fingerprint === task.fingerprint);
  return [
    ...missed,
    ...(metrics.length === 0 ? [] : [`measured ${metrics.join(', ')}`]),
    ...rungLines(task),
    ...labels,
    ...(question ? [`question ${question.fingerprint}, ${question.isOpen ? 'open' : 'closed'} now`] : []),
    ...(task.log === undefined ? [] : [`log ${cycles}/${task.log}`]),
    ...(task.forensics === undefined ? [] : [`forensics ${cycles}/${task.forensics}`]),
  ];
}

/** Each rung of a ladder whose simulations gate-run ran itself. */
function rungLines({ sims = {} }: TaskSummary): readonly string[] {
  return Object.entries(sims).flatMap(([count, one]) =>
    Object.keys(one.metrics).map((name) => {
      const spread = spreadOf(one, name);
      const mean = spread === undefined ? '' : `${name} ${numberText(spread.mean)} (${spreadText(spread)})`;
      return `rung ${count}: ${mean}`;
    }),
  );
}

function waitedText({ lock, holder, waitedMs, got }: WaitRecord): string {
  const end = got ? '' : ', and did not get it';
  return `waited ${durationText(waitedMs)} for the lock \`${lock}\`, which ${holderWords(holder)} had${end}`;
}

function wroteText({ files, lines, outside, list, failed }: Writes): string {
  if (failed !== undefined) return 'what it wrote is not known';
  const parts = [
    `wrote ${countText(files, 'file')}`,
    ...(outside === undefined ? [] : [`${outside} outside of what it may`]),
    ...(lines === undefined ? [] : [countText(lines, 'line')]),
    ...(list === undefined ? [] : [`all in ${list}`]),
  ];
  return parts.join(', ');
}

function attemptLines(attempt: AttemptStory): readonly string[] {
  const { rung, end, durationMs, command, bytes, stopped, quietMs, oomKills, leftBehind, excerpt } = attempt;
  const { peakBytes, cpuMs, writes, putBack } = attempt;
  const name = `attempt ${attempt.attempt}${rung === null ? '' : ` of rung ${rung}`}`;
  const parts = [
    end ?? 'has no end in the ledger',
    ...(durationMs === null ? [] : [`after ${durationText(durationMs)}`]),
    ...(bytes === null ? [] : [bytes === 0 ? 'no output' : `${sizeText(bytes)} of output`]),
    ...(peakBytes === null ? [] : [`${sizeText(peakBytes)} of memory at most`]),
    ...(cpuMs === null ? [] : [`${durationText(cpuMs)} of CPU time`]),
    ...(stopped === null ? [] : [`ended by gate-run (${stopped})`]),
    ...(quietMs === 0 ? [] : [`silent for ${durationText(quietMs)}`]),
    ...(oomKills === 0 ? [] : [`${countText(oomKills, 'process', 'processes')} killed for want of memory`]),
    ...(writes === null ? [] : [wroteText(writes)]),
    ...(putBack === null ? [] : [`${countText(putBack, 'path')} put back`]),
    ...(leftBehind === 0 ? [] : [`${countText(leftBehind, 'process', 'processes')} left behind and ended`]),
  ];
  return [
    `${name} from ${attempt.startedAt}: ${parts.join(', ')}`,
    ...(command === null ? [] : [`  ran ${command}`]),
    ...(excerpt === null ? [] : [`  said ${excerpt}`]),
    ...forensicsOf(attempt),
  ];
}

function forensicsOf({ forensics }: AttemptStory): readonly string[] {
  if (forensics === undefined) return [];
  if (forensics === null) return ['  the file about its end is gone, or damaged'];
  return forensicsLines(forensics).map((line) => `  ${line}`);
}
