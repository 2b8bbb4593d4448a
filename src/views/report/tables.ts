// The tables of the report about tasks: which are slow, which fail and what was asked about that, which are not steady.

import { durationText } from '../../core/judge/words.ts';
import { numberText } from '../../core/judge/number.ts';
import { countText, sizeText } from '../../core/summary/amounts.ts';
import { dateText, type DebtStatus } from '../../core/summary/gates.ts';
import type { Report, Rows } from '../../core/summary/report/report.ts';
import { metricText, stateText } from '../baseline.ts';
import { flakyText } from '../gate-rows.ts';
import { instantText, moreText, text, type Block, type Cell, type Section } from './block.ts';

/** Of one question: more is in the questions file. */
const MOST_LINES = 12;

export function taskBlocks({ tasks }: Report): readonly Block[] {
  const rows = tasks.rows.map((one) => [
    one.task,
    one.phase,
    durationText(one.totalMs),
    durationText(one.totalMs / Math.max(1, one.runs)),
    `${durationText(one.mostMs)} (cycle ${one.mostIn})`,
    one.peakBytes === null ? '' : `${sizeText(one.peakBytes)} (cycle ${one.peakIn})`,
    String(one.runs),
    String(one.notPassed),
  ]);
  const columns = [
    'task',
    'phase',
    'together #',
    'mean #',
    'longest #',
    'most memory #',
    'judged #',
    'not passed #',
  ];
  return table(columns, rows, tasks, 'No task was judged.');
}

export function failureBlocks({ causes, questions, closedQuestions, status }: Report): readonly Block[] {
  const byFingerprint = new Map(questions.rows.map((one) => [one.fingerprint, one]));
  const rows = causes.rows.map((one): readonly Cell[] => {
    const isOpen = one.fingerprint !== null && byFingerprint.has(one.fingerprint);
    const span = one.firstCycle === one.lastCycle ? '' : `${one.firstCycle} to `;
    return [
      one.task,
      {
        tone: one.verdict === 'soft-failed' ? 'soft' : 'bad',
        text: one.outcome === 'limited' ? 'limited' : one.verdict,
      },
      one.turn === 'cycle' ? String(one.cycles) : `${one.turn} phases`,
      `${span}${one.lastCycle}`,
      one.reason,
      one.fingerprint === null ? '' : `${one.fingerprint}${isOpen ? ' (open)' : ''}`,
      one.log === null || status.logs === null ? '' : { code: logText(status.logs, one.log) },
    ];
  });
  const columns = ['decided by', 'verdict', 'cycles #', 'in cycles', 'why', 'question', 'newest log'];
  const asked = countText(questions.of, 'open question');
  return [
    ...table(columns, rows, causes, 'No cycle failed.'),
    text(
      `${asked}, ${closedQuestions} closed${questions.of > questions.rows.length ? `; the ${questions.rows.length} that were seen most:` : '.'}`,
    ),
    ...questions.rows.map((one): Block => ({
      kind: 'quote',
      title: `${one.task}: ${one.fingerprint}, seen ${countText(one.seen, 'time')} since ${instantText(one.openedAt)}, last in cycle ${one.lastCycle}`,
      text: linesOf(one.text),
    })),
  ];
}

/** `logs` is the folder of some cycle; the log is named from the folder of all cycles. */
function logText(logs: string, log: string): string {
  return `${logs.slice(0, logs.lastIndexOf('/'))}/${log}`;
}

function linesOf(written: string): string {
  const lines = written.trimEnd().split('\n');
  if (lines.length <= MOST_LINES) return lines.join('\n');
  return [...lines.slice(0, MOST_LINES), `(${lines.length - MOST_LINES} more lines)`].join('\n');
}

export function flakyBlocks({ flaky, status }: Report): readonly Block[] {
  const rows = flaky.rows.map((one) => [
    one.task,
    `${one.late} of ${one.runs}`,
    `${numberText(Math.round((one.late / one.runs) * 1000) / 10)} %`,
    String(one.mostAttempts),
    String(one.lastCycle),
  ]);
  const columns = ['task', 'passed late #', 'share #', 'most attempts #', 'last in cycle #'];
  const gates = status.flaky.map((one): readonly Cell[] => [one.task, flakyText(one)]);
  const whole = { rows: status.flaky, of: status.flaky.length };
  return [
    ...table(columns, rows, flaky, 'Every task that passed did so on its first attempt.'),
    ...(gates.length === 0 ? [] : table(['gate', 'over all runs'], gates, whole, '')),
  ];
}

export function softBlocks({ soft, status }: Report): readonly Block[] {
  const until = new Map(status.debts.map((one) => [one.task, one]));
  const rows = soft.rows.map((one): readonly Cell[] => [
    one.task,
    one.inARow === 0
      ? { tone: 'good', text: 'passes again' }
      : `${one.isAtLeast ? 'at least ' : ''}${durationText(one.forMs)}`,
    one.inARow === 0 ? '' : `cycle ${one.sinceCycle}`,
    one.inARow === 0 ? '' : String(one.inARow),
    String(one.cycles),
    untilText(until.get(one.task)),
    one.reason,
  ]);
  const columns = ['task', 'for', 'since', 'in a row #', 'in all #', 'soft until', 'why'];
  const days = status.dates.map((one) => text(dateText(one)));
  return [...table(columns, rows, soft, 'None.'), ...days];
}

/** A gate that has changed since is compared with nothing, so its values are left out. */
export function baselineBlocks({ baseline }: Report): readonly Block[] {
  const rows = baseline.rows.map((one): readonly Cell[] => {
    const isAside = one.aside !== null;
    const tone = isAside || one.state === 'flaky' ? 'soft' : one.state === 'green' ? 'good' : 'bad';
    const values = Object.entries(one.metrics).map(([name, metric]) => metricText(name, metric));
    return [
      one.id,
      isAside ? { tone, text: `set aside: ${one.aside}` } : { tone, text: stateText(one) },
      isAside ? '' : values.join('; '),
      isAside ? '' : (one.reasons[0] ?? ''),
      `${instantText(one.at)}, before cycle ${one.cycle + 1}`,
      String(one.runs.length),
    ];
  });
  return table(['gate', 'before the loop', 'values', 'why', 'recorded', 'runs #'], rows, baseline, 'None.');
}

function untilText(debt: DebtStatus | undefined): string {
  if (debt?.quarantined != null) return `${debt.quarantined} (quarantined)`;
  return debt?.softUntil ?? '';
}

export function labelBlocks({ labels }: Report): readonly Section[] {
  return labels.map(({ label, rows: { rows, of } }) => ({
    title: `By ${label}`,
    blocks: table(
      [label, 'cycles #', 'passed #', 'best', 'last in cycle #'],
      rows.map(({ value, cycles, passed, best, lastCycle }) => [
        value,
        String(cycles),
        String(passed),
        best === null ? '' : `${numberText(best.value)} (cycle ${best.cycle})`,
        String(lastCycle),
      ]),
      { rows, of },
      'No cycle has this label.',
    ),
  }));
}

function table(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  { of }: Rows<unknown>,
  otherwise: string,
): readonly Block[] {
  return rows.length === 0
    ? [text(otherwise)]
    : [{ kind: 'table', columns, rows, more: moreText(of - rows.length) }];
}
