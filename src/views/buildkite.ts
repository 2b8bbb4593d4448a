// What Buildkite shows above the log of a build: one annotation, given to the agent when the run ends. https://buildkite.com/docs/agent/cli/reference/annotate

import { indexPlan } from '../core/cycle/plan-index.ts';
import type { PlanIndex } from '../core/cycle/plan-index.ts';
import type { CycleEnded, Recorded } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { Plan } from '../core/plan/plan.ts';
import { countText } from '../core/summary/amounts.ts';
import { attention } from '../core/summary/summary.ts';
import type { Summary } from '../core/summary/summary.ts';
import { keptTurns, summaries } from '../core/summary/turns.ts';
import type { View } from '../ports.ts';
import { summaryText } from './markdown-summary.ts';
import { escaped } from './markdown-text.ts';
import { placesOf, type PlaceOptions } from './places.ts';
import * as words from './words.ts';

export interface Annotation {
  readonly style: 'success' | 'warning' | 'error' | 'info';
  /** A later annotation of the same context takes this one's place. */
  readonly context: string;
  readonly body: string;
}

export interface BuildkiteOptions extends PlaceOptions {
  /** Of the build's step, so that two loops of one build do not overwrite each other. */
  readonly step: string | undefined;
  /** Rejects with a sentence for people. */
  readonly annotate: (annotation: Annotation) => Promise<void>;
}

/** As many places as elsewhere: a longer list is not read. */
const PLACES = 10;
/** Buildkite refuses an annotation above 1 MiB whole. */
const BODY_BYTES = 900 * 1024;

export function buildkiteView(plan: Plan, options: BuildkiteOptions): View {
  const index = indexPlan(plan);
  let turns: readonly CycleEnded[] = [];
  let isWritten = false;
  return {
    see(event: Recorded) {
      turns = keptTurns(turns, event);
    },
    async close(progress: Progress) {
      const done = summaries(turns, progress, index);
      if (isWritten || done.length === 0) return;
      isWritten = true;
      const context = `gate-run ${options.step ?? plan.name}`;
      await options.annotate({
        style: styleOf(done),
        context,
        body: bodyOf({ turns: done, progress, index, options }),
      });
    },
  };
}

function styleOf(turns: readonly Summary[]): Annotation['style'] {
  if (turns.some(({ verdict }) => verdict !== undefined && RED.has(verdict))) return 'error';
  if (turns.some(({ verdict }) => verdict !== 'passed')) return 'info';
  return turns.some(({ counts }) => counts.softFailed > 0) ? 'warning' : 'success';
}

const RED: ReadonlySet<Summary['verdict']> = new Set<Summary['verdict']>(['failed', 'broken', 'integrity']);

interface Told {
  readonly turns: readonly Summary[];
  readonly progress: Progress;
  readonly index: PlanIndex;
  readonly options: BuildkiteOptions;
}

/** One line where nothing asks for attention; else the places, and what the step summary of GitHub has. */
function bodyOf({ turns, progress, index, options }: Told): string {
  const tasks = attention(turns.flatMap((turn) => turn.tasks));
  if (tasks.length === 0)
    return turns.map((turn) => `gate-run: ${escaped(words.verdictText(turn))}\n`).join('\n');
  const places = tasks.flatMap((task) =>
    placesOf(task, index, options).map(
      ({ file, line, message }) =>
        `- ${words.MARKS[task.verdict]} ${escaped(task.id)}: ${escaped(`${file}:${line}`)} ${escaped(message)}\n`,
    ),
  );
  const left = places.length - PLACES;
  const more = left > 0 ? `- ${countText(left, 'more finding')} left out\n` : '';
  const list = places.length === 0 ? '' : `${places.slice(0, PLACES).join('')}${more}\n`;
  const room = { bytes: BODY_BYTES, why: 'Buildkite takes no annotation above 1 MiB' };
  return summaryText({ turns, progress, places: list }, room);
}
