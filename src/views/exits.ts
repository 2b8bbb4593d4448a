// `explain exit` for people: each end with its present value, then the measures under the names that `exit.when` reads them by.

import type { ExitsStatus, VariableStatus, WhenStatus } from '../core/summary/exits.ts';
import { amountText, conditionText, expressionText, markText } from './condition-words.ts';

export function exitsText({ run, conditions, written, when, variables }: ExitsStatus): string {
  const groups = conditions
    ? ([
        ['target, all of', conditions.target.map(conditionText)],
        ['budget, any of', conditions.budget.map(conditionText)],
        ['when', when ? [whenText(when)] : []],
        ['give up, any of', conditions.giveUp.map(conditionText)],
        ['marks, which end nothing', conditions.marks.map(markText)],
      ] as const)
    : ([
        ['target, all of', written.target],
        ['budget, any of', written.budget],
        ['when', when ? [when.text] : []],
        ['give up, any of', written.giveUp],
      ] as const);
  const of = run === null ? 'no run has begun yet, so no value is known' : `values of run ${run}`;
  const lines = groups.flatMap(([name, some]) =>
    some.length === 0 ? [] : [name, ...some.map((one) => `  ${one}`)],
  );
  const head =
    lines.length === 0 ? 'nothing ends a run but a stop' : `what ends a run, asked between its cycles; ${of}`;
  return `${[head, ...lines, '', 'what `exit.when` may read', ...tableOf(variables)].join('\n')}\n`;
}

function whenText({ text, holds, reads }: WhenStatus): string {
  const state = holds === null ? 'not known' : holds ? 'holds' : 'does not hold';
  return `${expressionText({ text, reads })}, ${state}`;
}

function tableOf(variables: readonly VariableStatus[]): readonly string[] {
  const rows = variables.map(({ name, type, measure, unit, value, looksBack }) => [
    `${name}${looksBack ? '[_over_N]' : ''}`,
    type,
    value === null ? 'unknown' : amountText(value, unit),
    measure === name ? '' : measure,
  ]);
  const width = (at: number) => Math.max(...rows.map((row) => row[at]?.length ?? 0));
  return rows.map((row) => `  ${row.map((cell, at) => cell.padEnd(width(at))).join('  ')}`.trimEnd());
}
