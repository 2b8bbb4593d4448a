// What GitHub Actions shows of a run: annotations at the lines that tools named, and a summary of the step.
// It writes at the end only; the lines of the run are the plain view's, folded by `githubFold`.

import { indexPlan } from '../core/cycle/plan-index.ts';
import type { PlanIndex } from '../core/cycle/plan-index.ts';
import type { PlacedProblem } from '../core/config/problem.ts';
import type { TaskSummary } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { Plan } from '../core/plan/plan.ts';
import { durationText } from '../core/judge/words.ts';
import { countText } from '../core/summary/amounts.ts';
import { findings } from '../core/summary/findings.ts';
import type { Finding } from '../core/summary/findings.ts';
import { attention } from '../core/summary/summary.ts';
import type { Summary } from '../core/summary/summary.ts';
import { summaries } from '../core/summary/turns.ts';
import type { Sink, View } from '../ports.ts';
import { atTheEnd } from './at-the-end.ts';
import type { Fold } from './blocks.ts';
import { harmless, outputOf } from './sink.ts';
import * as words from './words.ts';

export interface GithubOptions {
  /** Absolute folder of the checkout; annotations want paths from there. */
  readonly workspace: string;
  /** Absolute folder of the config, where tools are started. */
  readonly folder: string;
  readonly readTail: (log: string) => string;
  /** `$GITHUB_STEP_SUMMARY`, when it is set. */
  readonly summary?: { sizeBytes(): number; append(text: string): void };
}

/** GitHub drops what is above ten of a kind in a step without a word (actions/toolkit PR 734). */
const ANNOTATIONS = 10;
/** GitHub refuses a summary above 1 MiB whole; this leaves room for what other commands of the step add. */
const SUMMARY_BYTES = 900 * 1024;
const TAIL_CHARACTERS = 32_768;

export function githubView(plan: Plan, sink: Pick<Sink, 'write'>, options: GithubOptions): View {
  const index = indexPlan(plan);
  return atTheEnd((progress, turns) =>
    report({ index, turns: summaries(turns, progress, index), progress, sink, options }),
  );
}

/** Problems of a config or a flag as annotations; `folder` is where their files are named from. */
export function problemAnnotations(
  problems: readonly PlacedProblem[],
  place: Pick<GithubOptions, 'workspace' | 'folder'>,
): string {
  const lines = problems.slice(0, ANNOTATIONS).map(({ file, line, column, message, mend }) => {
    const text = data(mend === undefined ? message : `${message}\n${mend}`);
    if (file === undefined || line === undefined) {
      const title = file === undefined ? 'gate-run' : `gate-run: ${file}`;
      return `::error title=${property(title)}::${text}\n`;
    }
    const at = `file=${property(relative(file, place))},line=${line},col=${column ?? 1}`;
    return `::error ${at},title=gate-run::${text}\n`;
  });
  return lines.join('');
}

/** Output of tasks must not be able to speak to the runner: commands are off until the token is said again. */
export function githubFold(token: string): Fold {
  return {
    open: (title) => `::group::${data(title)}\n::stop-commands::${token}\n`,
    close: () => `::${token}::\n::endgroup::\n`,
  };
}

interface Report {
  readonly index: PlanIndex;
  readonly turns: readonly Summary[];
  readonly progress: Progress;
  readonly sink: Pick<Sink, 'write'>;
  readonly options: GithubOptions;
}

function report(given: Report): void {
  const tasks = attention(given.turns.flatMap((turn) => turn.tasks));
  const all = annotations(tasks, given.options);
  const shown = all.slice(0, ANNOTATIONS);
  for (const annotation of shown) given.sink.write(`${annotation}\n`);
  if (all.length > shown.length) {
    const left = countText(all.length - shown.length, 'more finding');
    given.sink.write(
      `${left} left out: GitHub shows ${ANNOTATIONS} annotations of a step; the step summary names every gate\n`,
    );
  }
  given.options.summary?.append(summaryText(given, tasks, given.options.summary.sizeBytes()));
}

/** First one place of every task, the worst task first; then the other places in the same order. */
function annotations(tasks: readonly TaskSummary[], options: GithubOptions): string[] {
  const first: string[] = [];
  const rest: string[] = [];
  for (const task of tasks) {
    const places = placesOf(task, options);
    const [head, ...others] = places.length === 0 ? [undefined] : places;
    first.push(annotation(task, head, options));
    for (const place of others) rest.push(annotation(task, place, options));
  }
  return [...first, ...rest];
}

function placesOf(task: TaskSummary, options: GithubOptions): readonly Finding[] {
  const tail = task.log === undefined ? '' : outputOf(options.readTail(task.log)).slice(-TAIL_CHARACTERS);
  const found = findings(harmless(tail, false));
  return found.length > 0 ? found : findings(harmless(task.excerpt ?? '', false));
}

function annotation(task: TaskSummary, place: Finding | undefined, options: GithubOptions): string {
  const level = task.mode === 'strict' && task.verdict !== 'soft-failed' ? 'error' : 'warning';
  const title = `title=${property(`${task.id} ${task.verdict}`)}`;
  if (!place) return `::${level} ${title}::${data(words.errorText(task))}`;
  const file = property(relative(place.file, options));
  const column = place.column === undefined ? '' : `,col=${place.column}`;
  return `::${level} file=${file},line=${place.line}${column},${title}::${data(place.message)}`;
}

/** GitHub wants paths from the checkout's root; tools print them absolute or from where they were started. */
function relative(file: string, { workspace, folder }: Pick<GithubOptions, 'workspace' | 'folder'>): string {
  const absolute = file.startsWith('/') ? file : `${folder}/${file.replace(/^\.\//, '')}`;
  const root = workspace.endsWith('/') ? workspace : `${workspace}/`;
  return absolute.startsWith(root) ? absolute.slice(root.length) : file;
}

function summaryText(given: Report, tasks: readonly TaskSummary[], usedBytes: number): string {
  const parts = [...given.turns.map(tableOf), ...tasks.map((task) => questionOf(task, given.progress))];
  let left = SUMMARY_BYTES - usedBytes - RESERVE_BYTES;
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
  return `${text}\n_${countText(dropped, 'part')} left out: GitHub takes no summary above 1 MiB; the logs and the questions file have everything._\n`;
}

/** For the closing line about what was left out. */
const RESERVE_BYTES = 512;

function tableOf(turn: Summary): string {
  const title = `### gate-run: ${cell(words.verdictText(turn))}\n\n`;
  const head = '| | task | time | |\n|---|---|---|---|\n';
  const rows = turn.tasks.map((task) => {
    const time = task.verdict === 'skipped' ? '' : durationText(task.durationMs);
    return `| ${words.MARKS[task.verdict]} | ${cell(task.id)} | ${time} | ${cell(words.taskText(task))} |\n`;
  });
  return `${title}${rows.length === 0 ? '' : `${head}${rows.join('')}\n`}`;
}

function questionOf(task: TaskSummary, progress: Progress): string {
  const question = task.fingerprint === undefined ? undefined : progress.questions.get(task.fingerprint);
  const text = harmless(question?.text ?? words.taskText(task), false);
  // A fence longer than any run of backticks in the text cannot be closed by it.
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `#### ${words.MARKS[task.verdict]} ${cell(task.id)}\n\n${fence}text\n${text.trimEnd()}\n${fence}\n\n`;
}

function cell(text: string): string {
  const line = harmless(text, false).replaceAll('\n', ' ');
  return line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('|', '\\|');
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
