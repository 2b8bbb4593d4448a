// The report as a page of blocks, in the order in which people ask: what came of it, how far, how it went, what to do.
// Markdown and HTML are two ways to write the same page; neither adds anything.

import { numberText } from '../../core/judge/number.ts';
import { durationText } from '../../core/judge/words.ts';
import type { Report } from '../../core/summary/report/report.ts';
import { instantText, moreText, text, type Block, type Cell, type Section } from './block.ts';
import { spreadText } from '../spread.ts';
import { chartsOfMetrics, chartsOfTime } from './charts.ts';
import { baselineBlocks, failureBlocks, flakyBlocks, labelBlocks, softBlocks, taskBlocks } from './tables.ts';
import {
  championBlocks,
  cycleBlocks,
  headBlocks,
  headlineOf,
  limitBlocks,
  spentBlocks,
  type Headline,
} from './verdict.ts';

export interface Page {
  readonly title: string;
  readonly headline: Headline;
  readonly sections: readonly Section[];
  readonly foot: string;
}

/** `written`: what the report was made by, `gate-run 1.2.3`. */
export function pageOf(report: Report, written: string): Page {
  const { status, next, notes, moreNotes } = report;
  const hasRun = status.state !== 'none';
  const sections: Section[] = [
    { title: 'Verdict', blocks: headBlocks(report) },
    ...(hasRun
      ? [
          { title: 'Target, budget, marks', blocks: limitBlocks(report) },
          ...(report.status.champion || report.candidates
            ? [{ title: 'Champion', blocks: championBlocks(report) }]
            : []),
          { title: 'Cycles', blocks: cycleBlocks(report) },
          { title: 'Metrics', blocks: metricBlocks(report) },
          { title: 'Durations, waits, failure rate', blocks: timeBlocks(report) },
          { title: 'Slowest tasks', blocks: taskBlocks(report) },
          { title: 'Failures and their questions', blocks: failureBlocks(report) },
          { title: 'Flakiness', blocks: flakyBlocks(report) },
          { title: 'Soft failures by age', blocks: softBlocks(report) },
          ...(report.baseline.of > 0 ? [{ title: 'Before the loop', blocks: baselineBlocks(report) }] : []),
          { title: 'Tokens and cost', blocks: spentBlocks(report) },
          ...labelBlocks(report),
        ]
      : []),
    ...(notes.length > 0
      ? [
          {
            title: 'Notes',
            blocks: [
              {
                kind: 'table' as const,
                columns: ['when', 'what'],
                rows: notes.map(({ at, what }) => [instantText(at), what]),
                more: moreText(moreNotes),
              },
            ],
          },
        ]
      : []),
    { title: 'What to do next', blocks: stepBlocks(next) },
  ];
  return {
    title: report.name ?? 'gate-run',
    headline: headlineOf(report),
    sections,
    foot: `${written}, ${instantText(report.at)}. All times are UTC.`,
  };
}

function metricBlocks(report: Report): readonly Block[] {
  if (report.metrics.length === 0) return [text('No task measured anything.')];
  const isSure = report.metrics.some(({ spread }) => spread !== undefined);
  const rows = report.metrics.map(({ key, better, points, steps, spread }) => {
    const [best, first, last] = [steps.at(-1), points[0], points.at(-1)];
    const least = Math.min(...points.map((point) => point.least));
    const most = Math.max(...points.map((point) => point.most));
    const count = points.reduce((sum, point) => sum + point.count, 0);
    const numbers = [first?.mean, last?.newest, least, most].map((one) =>
      one === undefined ? '' : numberText(one),
    );
    const bestText = best === undefined ? '' : `${numberText(best.value)} (cycle ${best.cycle})`;
    const sure = isSure ? [spread ? spreadText(spread) : ''] : [];
    return [key, ...numbers, bestText, better ?? 'not said', String(count), ...sure];
  });
  const named = ['metric', 'first #', 'last #', 'least #', 'most #', 'best', 'better', 'values #'];
  const columns = [...named, ...(isSure ? ['simulations behind the last'] : [])];
  const more = report.moreMetrics === 0 ? '' : `at least ${report.moreMetrics} more metrics were left out`;
  return [...chartsOfMetrics(report), { kind: 'table', columns, rows, more }];
}

function timeBlocks(report: Report): readonly Block[] {
  const { workMs, waitMs, waits, resumed, cutOff, sleptMs } = report.time;
  const rows = waits.map(({ cause, rests, ms }) => [WAITS[cause], String(rests), durationText(ms)]);
  const facts: (readonly [string, Cell])[] = [
    ['in cycles', durationText(workMs)],
    ['in pauses', durationText(waitMs)],
    ...(resumed > 0 ? [['carried on', `${resumed} times, ${cutOff} attempts cut off`] as const] : []),
    ...(sleptMs > 0 ? [['machine asleep', durationText(sleptMs)] as const] : []),
  ];
  return [
    { kind: 'facts', facts },
    ...chartsOfTime(report),
    ...(rows.length > 0
      ? [{ kind: 'table' as const, columns: ['pauses', 'how often #', 'together #'], rows, more: '' }]
      : []),
  ];
}

const WAITS: Readonly<Record<Report['time']['waits'][number]['cause'], string>> = {
  sleep: 'between cycles (sleep)',
  schedule: 'until the calendar was due',
  backoff: 'after cycles that did not pass (backoff)',
  limit: 'for a limit to reset',
  rule: 'by a rule for what happened (rest)',
  'half-open': 'before a tripped breaker was tried again',
  restarts: 'after starts that died',
};

function stepBlocks(steps: Report['next']): readonly Block[] {
  return steps.length === 0 ? [text('Nothing.')] : [{ kind: 'steps', steps }];
}
