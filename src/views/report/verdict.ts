// What came of it and how far it is: the head of the report, its limits, its cycles, what it used up.

import { numberText } from '../../core/judge/number.ts';
import { durationText } from '../../core/judge/words.ts';
import { verdictWord } from '../../core/loop/words.ts';
import type { CycleVerdict, RunEnded } from '../../core/loop/event.ts';
import { countText } from '../../core/summary/amounts.ts';
import type { ConditionStatus } from '../../core/summary/conditions.ts';
import type { CandidateFigures } from '../../core/summary/report/candidates.ts';
import type { Report, SpentFigures } from '../../core/summary/report/report.ts';
import { amountText, conditionText, nowText, wayText } from '../condition-words.ts';
import { cyclesText } from '../loop-words.ts';
import { causeText, countsText } from '../words.ts';
import { instantText, text, type Block, type Cell, type Tone } from './block.ts';

export interface Headline {
  readonly tone: Tone;
  /** Two or three words. */
  readonly title: string;
  /** One sentence. */
  readonly why: string;
}

export function headlineOf({ status, reason }: Report): Headline {
  const { state, why, exit } = status;
  if (state === 'none') return { tone: 'calm', title: 'No run yet', why: 'Nothing has run here.' };
  if (state === 'crashed') return { tone: 'bad', title: 'Cut off', why: sentence(why) };
  if (state !== 'ended') return { tone: 'calm', title: 'Under way', why: sentence(why) };
  if (reason === 'finished' || reason === null) {
    const title = exit === 0 ? 'Passed' : 'Not passed';
    return { tone: exit === 0 ? 'good' : 'bad', title, why: sentence(why) };
  }
  return { ...ENDS[reason], ...(exit === 0 && { tone: 'good' as const }), why: sentence(why) };
}

const ENDS: Readonly<Record<Exclude<RunEnded['reason'], 'finished'>, Pick<Headline, 'tone' | 'title'>>> = {
  integrity: { tone: 'bad', title: 'A protected file changed' },
  target: { tone: 'good', title: 'Target reached' },
  budget: { tone: 'soft', title: 'Budget spent' },
  'gave-up': { tone: 'bad', title: 'Gave up' },
  stopped: { tone: 'soft', title: 'Stopped' },
  'start-failed': { tone: 'bad', title: 'Did not begin' },
  interrupted: { tone: 'bad', title: 'Interrupted' },
  'storage-failed': { tone: 'bad', title: 'The disk failed' },
};

function sentence(why: string): string {
  return `${why.charAt(0).toUpperCase()}${why.slice(1)}.`.replace(/([.?!])\.$/, '$1');
}

type Facts = readonly (readonly [string, Cell])[];

export function headBlocks({ status, goal, scope, questions }: Report): readonly Block[] {
  const { last, run, exit, cycles, runtimeMs, consecutiveFailures } = status;
  if (status.state === 'none') return [text('There is no ledger here yet, so there is nothing to report.')];
  const ofCycles = cycles && cyclesText({ cycles: cycles.finished, failed: cycles.failed });
  const facts: Facts = [
    ...(goal === null ? [] : [['goal', goal] as const]),
    ...(run === null ? [] : [['run', run] as const]),
    ...(exit === null ? [] : [['exit code', String(exit)] as const]),
    ...(scope.from === null || scope.to === null
      ? []
      : [['from, to', `${instantText(scope.from)} to ${instantText(scope.to)}`] as const]),
    ...(runtimeMs === null ? [] : [['run time', durationText(runtimeMs)] as const]),
    ...(ofCycles === null ? [] : [['cycles', ofCycles] as const]),
    ...(consecutiveFailures > 1 ? [['in a row not passed', String(consecutiveFailures)] as const] : []),
    ['open questions', String(questions.of)],
  ];
  const ofLast: Facts = last
    ? [
        ['last cycle', `cycle ${last.cycle} ${verdictWord(last.verdict)}: ${countsText(last.counts)}`],
        ...(last.cause
          ? [['its cause', { tone: 'bad', text: causeText(last.cause, undefined) }] as const]
          : []),
      ]
    : [];
  return [{ kind: 'facts', facts: [...facts, ...ofLast] }];
}

/** Who is best, since when and by how much; nothing where nothing was crowned. */
export function championBlocks({ status: { champion }, candidates }: Report): readonly Block[] {
  const counts: Facts = candidates ? [['candidates', candidatesText(candidates)]] : [];
  if (!champion) return [{ kind: 'facts', facts: [['champion', 'none yet'], ...counts] }];
  const { cycle, metric, value, count, better, age, at, before, confirmed, lucky } = champion;
  const rung = count === null ? '' : ` at count ${count}`;
  const facts: Facts = [
    ['champion', `cycle ${cycle}: ${metric} ${numberText(value)}${rung} (${better} is better)`],
    ['crowned', `${instantText(at)}, ${countText(age, 'cycle')} ago`],
    [
      'before it',
      before ? `cycle ${before.cycle} with ${numberText(before.value)}` : 'nobody: it was the first',
    ],
    ...(confirmed ? [['confirmed', `${confirmed.verdict}: ${confirmed.why}`] as const] : []),
    ...(lucky === null ? [] : [['crowned by luck', { tone: 'bad', text: lucky }] as const]),
  ];
  return [{ kind: 'facts', facts: [...facts, ...counts] }];
}

/** `9 measured to the end: 3 crowned, 2 ahead but not beyond doubt, 4 not better; 5 pruned before`. */
function candidatesText({ measured, crowned, notKept, close, pruned }: CandidateFigures): string {
  const others = Math.max(0, measured - crowned - notKept - close);
  const parts = [
    [crowned, 'crowned'],
    [notKept, 'better and not kept'],
    [close, 'ahead but not beyond doubt'],
    [others, 'not better'],
  ] as const;
  const said = parts.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`])).join(', ');
  return `${measured} measured to the end${said === '' ? '' : `: ${said}`}; ${pruned} pruned before`;
}

export function limitBlocks({ status: { conditions }, marks }: Report): readonly Block[] {
  if (!conditions) return [text('This run had no target, no budget and no mark.')];
  const rows = [
    ...rowsOf('target', conditions.target),
    ...rowsOf('budget', conditions.budget),
    ...rowsOf('give up', conditions.giveUp),
  ];
  const markRows = conditions.marks.map((mark): readonly Cell[] => {
    const name = `${mark.id} (${mark.level})`;
    const reached = marks.find((one) => one.mark === mark.id);
    const when = reached ? `, ${instantText(reached.at)}` : '';
    if (mark.reachedIn !== null) {
      const cell = { tone: MARKS[mark.level], text: `reached in cycle ${mark.reachedIn}${when}` };
      return [name, cell, reached?.because.join('; ') ?? ''];
    }
    const some = mark.any.map(conditionText).join(' or ');
    const way = [...mark.all.map(conditionText), some].filter((part) => part !== '').join('; ');
    return [name, 'not reached', way];
  });
  return [
    rows.length > 0
      ? { kind: 'table', columns: ['', 'condition', 'now', 'how far'], rows, more: '' }
      : text('There is no target and no budget.'),
    ...(markRows.length > 0
      ? [{ kind: 'table' as const, columns: ['mark', 'when', 'why, or how far'], rows: markRows, more: '' }]
      : []),
  ];
}

function rowsOf(kind: string, all: readonly ConditionStatus[]): readonly (readonly Cell[])[] {
  return all.map((one) => [kind, `${one.name} ${one.limit}`, nowText(one), wayCell(kind, one)]);
}

const MARKS = { info: 'good', warning: 'soft', critical: 'bad' } as const;

function wayCell(kind: string, one: ConditionStatus): Cell {
  if (!one.holds) return wayText(one);
  return kind === 'target' ? { tone: 'good', text: 'reached' } : { tone: 'soft', text: 'holds' };
}

const TONES: readonly (readonly [verdict: CycleVerdict, name: string, tone: Tone])[] = [
  ['passed', 'passed', 'good'],
  ['failed', 'failed', 'bad'],
  ['broken', 'broken: could not be judged', 'bad'],
  ['integrity', 'changed what is protected', 'bad'],
  ['limited', 'met a limit', 'soft'],
  ['stopped', 'stopped', 'calm'],
  ['interrupted', 'interrupted', 'calm'],
];

export function cycleBlocks({ verdicts, scope, status }: Report): readonly Block[] {
  if (scope.cycles === 0) return [text(noCycleText(scope, status))];
  const parts = TONES.map(([verdict, name, tone]) => ({ name, count: verdicts[verdict], tone })).filter(
    ({ count }) => count > 0,
  );
  const rows = parts.map(({ name, count, tone }): readonly Cell[] => [
    { tone, text: name },
    String(count),
    `${numberText(Math.round((count / scope.cycles) * 1000) / 10)} %`,
  ]);
  return [
    text(scopeText(scope)),
    { kind: 'strip', parts },
    { kind: 'table', columns: ['verdict', 'cycles #', 'share #'], rows, more: '' },
  ];
}

/** Where each cycle is a run of its own, only the last day is looked at. */
function noCycleText({ kind }: Report['scope'], { last }: Report['status']): string {
  if (kind === 'run' || last === null) return 'No cycle has ended yet.';
  return 'No cycle has ended in the last 24 hours; `--last N` looks further back.';
}

function scopeText({ kind, cycles, runs, firstCycle, lastCycle, isCut }: Report['scope']): string {
  const span = firstCycle === lastCycle ? `cycle ${lastCycle}` : `cycles ${firstCycle} to ${lastCycle}`;
  const count = countText(cycles, 'cycle');
  const of = kind === 'run' ? `${count} of the run` : `${count} of ${countText(runs, 'run')}`;
  const cut = isCut
    ? ' Older cycles are not looked at here; `--last N` looks further back. The conditions above count all of them.'
    : '';
  return `${of} (${span}).${cut}`;
}

export function spentBlocks({ spent, scope }: Report): readonly Block[] {
  const rows = [
    ...rowOf('tokens', spent.tokens, scope.cycles, (value) => amountText(value, 'tokens')),
    ...rowOf('cost', spent.cost, scope.cycles, (value) => amountText(value, 'dollars')),
  ];
  if (rows.length === 0) return [text('No task says what it uses (metrics `tokens` and `cost`).')];
  return [
    {
      kind: 'table',
      columns: ['', 'together #', 'a cycle #', 'how sure', 'attempts that said it'],
      rows,
      more: '',
    },
  ];
}

function rowOf(
  name: string,
  { value, basis, told, silent }: SpentFigures,
  cycles: number,
  amount: (value: number) => string,
): readonly (readonly Cell[])[] {
  if (basis === 'none') return [];
  const whole = value === null ? 'unknown' : amount(value);
  const each = value === null || cycles === 0 ? 'unknown' : amount(value / cycles);
  const sure =
    basis === 'estimated' ? 'estimated: what was not said is taken to be as much as the rest' : basis;
  return [[name, whole, each, sure, `${told} of ${told + silent}`]];
}
