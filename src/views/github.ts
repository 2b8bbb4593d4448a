// What GitHub Actions shows of a run: annotations at the lines that tools named, and a summary of the step.
// It writes at the end only; the lines of the run are the plain view's, folded by `githubFold`.

import { indexPlan } from '../core/cycle/plan-index.ts';
import type { PlanIndex } from '../core/cycle/plan-index.ts';
import type { PlacedProblem } from '../core/config/problem.ts';
import type { TaskSummary } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { Plan } from '../core/plan/plan.ts';
import { countText } from '../core/summary/amounts.ts';
import type { Finding } from '../core/summary/findings.ts';
import { attention } from '../core/summary/summary.ts';
import type { Summary } from '../core/summary/summary.ts';
import { summaries } from '../core/summary/turns.ts';
import type { Sink, View } from '../ports.ts';
import { atTheEnd } from './at-the-end.ts';
import type { Fold } from './blocks.ts';
import { fromCheckout, placesOf } from './places.ts';
import type { Checkout, PlaceOptions } from './places.ts';
import { summaryText } from './markdown-summary.ts';
import * as words from './words.ts';

export interface GithubOptions extends PlaceOptions {
  /** `$GITHUB_STEP_SUMMARY`, when it is set. */
  readonly summary?: { sizeBytes(): number; append(text: string): void };
}

/** GitHub drops what is above ten of a kind in a step without a word (actions/toolkit PR 734). */
const ANNOTATIONS = 10;
/** GitHub refuses a summary above 1 MiB whole; this leaves room for what other commands of the step add. */
const SUMMARY_BYTES = 900 * 1024;

export function githubView(plan: Plan, sink: Pick<Sink, 'write'>, options: GithubOptions): View {
  const index = indexPlan(plan);
  return atTheEnd((progress, turns) =>
    report({ index, turns: summaries(turns, progress, index), progress, sink, options }),
  );
}

/** Problems of a config or a flag as annotations; `folder` is where their files are named from. */
export function problemAnnotations(problems: readonly PlacedProblem[], place: Checkout): string {
  const lines = problems.slice(0, ANNOTATIONS).map(({ file, line, column, message, mend }) => {
    const text = data(mend === undefined ? message : `${message}\n${mend}`);
    if (file === undefined || line === undefined) {
      const title = file === undefined ? 'gate-run' : `gate-run: ${file}`;
      return `::error title=${property(title)}::${text}\n`;
    }
    const at = `file=${property(fromCheckout(file, place))},line=${line},col=${column ?? 1}`;
    return `::error ${at},title=gate-run::${text}\n`;
  });
  const left = problems.length - lines.length;
  if (left > 0)
    lines.push(
      `${countText(left, 'more problem')} left out: GitHub shows ${ANNOTATIONS} annotations of a step\n`,
    );
  return lines.join('');
}

/**
 * Output of tasks must not be able to speak to the runner: commands are off until the token is said again. Outside, a line of
 * ours may quote a task, and the older form of a command, `##[name]`, counts wherever in a line it stands.
 */
export function githubFold(token: string): Fold {
  return {
    open: (title) => `::group::${data(title)}\n::stop-commands::${token}\n`,
    close: () => `::${token}::\n::endgroup::\n`,
    outside: (text) => text.replaceAll('##[', '## ['),
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
  const all = annotations(tasks, given);
  const shown = all.slice(0, ANNOTATIONS);
  for (const annotation of shown) given.sink.write(`${annotation}\n`);
  if (all.length > shown.length) {
    const left = countText(all.length - shown.length, 'more finding');
    given.sink.write(
      `${left} left out: GitHub shows ${ANNOTATIONS} annotations of a step; the step summary names every gate\n`,
    );
  }
  const { summary } = given.options;
  const room = SUMMARY_BYTES - (summary?.sizeBytes() ?? 0);
  summary?.append(summaryText(given, { bytes: room, why: 'GitHub takes no summary above 1 MiB' }));
}

/** First one place of every task, the worst task first; then the other places in the same order. */
function annotations(tasks: readonly TaskSummary[], { index, options }: Report): string[] {
  const first: string[] = [];
  const rest: string[] = [];
  for (const task of tasks) {
    const places = placesOf(task, index, options);
    const [head, ...others] = places.length === 0 ? [undefined] : places;
    first.push(annotation(task, head));
    for (const place of others) rest.push(annotation(task, place));
  }
  return [...first, ...rest];
}

function annotation(task: TaskSummary, place: Finding | undefined): string {
  const level = task.mode === 'strict' && task.verdict !== 'soft-failed' ? 'error' : 'warning';
  const title = `title=${property(`${task.id} ${task.verdict}`)}`;
  if (!place) return `::${level} ${title}::${data(words.errorText(task))}`;
  const file = property(place.file);
  const column = place.column === undefined ? '' : `,col=${place.column}`;
  return `::${level} file=${file},line=${place.line}${column},${title}::${data(place.message)}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
