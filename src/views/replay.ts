// A replay for people: whether these settings would have stopped, where and by which rule, and what that had saved or cost.

import { numberText } from '../core/judge/number.ts';
import type { Reached } from '../core/loop/replay.ts';
import type { Lost, ReplayStatus, Saved } from '../core/summary/replay.ts';
import { amountText } from './condition-words.ts';

export function replayText(status: ReplayStatus): string {
  const { run, startedAt, verdict, stop, saved, lost, tries, recorded, end } = status;
  const lines = [
    `run ${run}, since ${startedAt}: ${reachedText(end)}`,
    `  recorded  ${recorded ? recorded.why : 'it has no end yet'}`,
  ];
  if (stop) {
    const how = verdict === 'same' ? 'these settings end it there too' : 'these settings end it earlier';
    lines.push(`  replayed  ${how}: ${reasonText(stop)}, behind cycle ${stop.cycle} at ${stop.at}`);
  } else lines.push(`  replayed  ${goesOnText(status)}`);
  if (tries > 0)
    lines.push(`  tries     ${tries} after a breaker, each with its pause, which is not replayed`);
  if (saved) lines.push(`  saved     ${savedText(saved)}`);
  if (lost) lines.push(...lostLines(lost).map((line) => `  lost      ${line}`));
  lines.push(...markLines(status));
  return `${lines.join('\n')}\n`;
}

function reachedText({ cycles, failed, runtimeMs }: Reached): string {
  const count = cycles === 1 ? '1 cycle' : `${cycles} cycles`;
  return `${count}, ${failed} of them failed, in ${amountText(runtimeMs, 'ms')}`;
}

function reasonText({ reason, rule }: { reason: string; rule: string }): string {
  const words: Readonly<Record<string, string>> = {
    target: 'the target is met',
    budget: 'the budget is spent',
    'gave-up': 'given up',
  };
  return `${words[reason] ?? reason} (${rule})`;
}

function goesOnText({ recorded }: ReplayStatus): string {
  const isRule = recorded && ['target', 'budget', 'gave-up'].includes(recorded.reason);
  return isRule
    ? 'these settings do not end it: it would have gone on from there'
    : 'these settings do not end it either before its record stops';
}

function savedText({ cycles, runtimeMs, tokens, cost }: Saved): string {
  const parts = [cycles === 1 ? '1 cycle' : `${cycles} cycles`, amountText(runtimeMs, 'ms')];
  if (tokens !== null) parts.push(`${amountText(tokens, 'tokens')} tokens`);
  if (cost !== null) parts.push(amountText(cost, 'dollars'));
  return parts.join(', ');
}

function lostLines({ passedCycles, bests, marks }: Lost): readonly string[] {
  const lines = bests.map(({ metric, before, later, cycle }) => {
    const from = before === null ? 'not measured yet' : numberText(before);
    return `${metric} ${from} → ${numberText(later)}, reached in cycle ${cycle}`;
  });
  if (passedCycles > 0)
    lines.push(`${passedCycles === 1 ? '1 cycle' : `${passedCycles} cycles`} that passed later`);
  if (marks.length > 0) lines.push(`marks reached later: ${marks.join(', ')}`);
  return lines.length === 0 ? ['nothing: no metric became better, and no cycle passed'] : lines;
}

function markLines({ marks }: ReplayStatus): readonly string[] {
  return marks.flatMap(({ mark, level, cycle, recordedIn }) => {
    if (cycle === recordedIn)
      return cycle === null ? [] : [`  mark      ${mark} (${level}) in cycle ${cycle}, as recorded`];
    const now = cycle === null ? 'not reached' : `in cycle ${cycle}`;
    const then = recordedIn === null ? 'not reached' : `in cycle ${recordedIn}`;
    return [`  mark      ${mark} (${level}) ${now}; as recorded ${then}`];
  });
}
