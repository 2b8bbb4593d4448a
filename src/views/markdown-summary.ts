// The turns of a run in Markdown, for CI servers: a table of the tasks, then the question of each that was not green, as far as there is room.

import type { TaskSummary } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import { durationText } from '../core/judge/words.ts';
import { countText } from '../core/summary/amounts.ts';
import { attention } from '../core/summary/summary.ts';
import type { Summary } from '../core/summary/summary.ts';
import { escaped, fenced } from './markdown-text.ts';
import * as words from './words.ts';

export interface Summarised {
  readonly turns: readonly Summary[];
  readonly progress: Progress;
  /** Behind the tables, Markdown too. */
  readonly places?: string;
}

/** How much the server takes, and what is said where that was too little. */
export interface Room {
  readonly bytes: number;
  readonly why: string;
}

export function summaryText({ turns, progress, places = '' }: Summarised, { bytes, why }: Room): string {
  const tasks = attention(turns.flatMap((turn) => turn.tasks));
  const parts = [...turns.map(tableOf), places, ...tasks.map((task) => questionOf(task, progress))];
  let left = bytes - RESERVE_BYTES;
  let text = '';
  let dropped = 0;
  for (const part of parts) {
    const size = byteLength(part);
    if (dropped === 0 && size <= left) {
      text += part;
      left -= size;
    } else dropped += 1;
  }
  if (dropped === 0) return text;
  return `${text}\n_${countText(dropped, 'part')} left out: ${why}; the logs and the questions file have everything._\n`;
}

/** For the closing line about what was left out. */
const RESERVE_BYTES = 512;

function tableOf(turn: Summary): string {
  const title = `### gate-run: ${escaped(words.verdictText(turn))}\n\n`;
  const head = '| | task | time | |\n|---|---|---|---|\n';
  const rows = turn.tasks.map((task) => {
    const time = task.verdict === 'skipped' ? '' : durationText(task.durationMs);
    return `| ${words.MARKS[task.verdict]} | ${escaped(task.id)} | ${time} | ${escaped(words.taskText(task))} |\n`;
  });
  return `${title}${rows.length === 0 ? '' : `${head}${rows.join('')}\n`}`;
}

function questionOf(task: TaskSummary, progress: Progress): string {
  const question = task.fingerprint === undefined ? undefined : progress.questions.get(task.fingerprint);
  const text = fenced((question?.text ?? words.taskText(task)).trimEnd());
  return `#### ${words.MARKS[task.verdict]} ${escaped(task.id)}\n\n${text}\n`;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
