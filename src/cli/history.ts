// `gate-run history`: the cycles so far, the newest last. It reads the ledger alone, so pruned cycles are still there.

import { nearest } from '../core/config/nearest.ts';
import { OUTCOMES, type Outcome } from '../core/judge/evidence.ts';
import type { CycleEnded, Recorded } from '../core/loop/event.ts';
import { CYCLE_VERDICTS } from '../core/loop/words.ts';
import { directionsOf } from '../core/summary/directions.ts';
import {
  isWanted,
  namesIn,
  Newest,
  shownUnder,
  type EndedCycle,
  type HistoryWish,
} from '../core/summary/history.ts';
import { readBack, readTurnsBack } from '../engine/read-back.ts';
import { walkHistory } from '../engine/walk-history.ts';
import { realDisk } from '../system/files.ts';
import { historyCsv, historyText } from '../views/history.ts';
import { whileRunning } from './follow.ts';
import type { CommandRequest } from './request.ts';
import { countOf, openState, refuse, takeFlags, type State } from './state.ts';

const SHOWN = 20;
/** Whether a cycle was crowned stands behind its end. */
const SHOWN_TYPES: ReadonlySet<Recorded['type']> = new Set(['cycle.ended', 'champion.kept']);
/** How far it is counted what is not shown. */
const MOST_COUNTED = 10_000;
/** Columns of a table where nobody says which. */
const MOST_COLUMNS = 200;

interface Wanted {
  readonly wish: HistoryWish;
  /** As it was written. */
  readonly sort: string | undefined;
  /** Undefined: nobody said. */
  readonly show: readonly string[] | undefined;
  readonly follow: boolean;
  readonly csv: boolean;
  /** Nobody said how many. */
  readonly isWhole: boolean;
}

export async function history(request: CommandRequest): Promise<number> {
  const wanted = wantedBy(request);
  if (typeof wanted === 'string') return refuse(request, 'history', wanted);
  const state = await openState(request);
  if (typeof state === 'number') return state;
  const sort = wanted.sort === undefined ? undefined : sortBy(wanted.sort, state);
  if (typeof sort === 'string') return refuse(request, 'history', sort);
  const wish = { ...wanted.wish, ...(sort && { sort }) };
  if (wanted.csv && wanted.isWhole && !sort) return wholeTable(request, { ...wanted, wish }, state);
  const found = newest(state, wish);
  const { cycles } = found;
  const unknown = unknownName(wanted.show ?? [], cycles, state);
  if (unknown !== undefined) return refuse(request, 'history', unknown);
  const table = wanted.csv ? { show: wanted.show ?? namesIn(cycles, MOST_COLUMNS) } : undefined;
  const { crowned } = found;
  const how = { color: request.color, show: wanted.show ?? [], crowned };
  if (request.json) request.write(`${JSON.stringify(cycles, null, 2)}\n`);
  else if (table) request.write(historyCsv(cycles, table));
  else request.write(`${headText(found, wish)}${historyText(cycles, how)}`);
  return wanted.follow ? follow(request, { wish, how, table }, state) : 0;
}

/** Every cycle, oldest first, in pieces: once to know its columns, once to write it. */
async function wholeTable(
  request: CommandRequest,
  { wish, show, follow: goesOn }: Wanted,
  state: State,
): Promise<number> {
  const names = new Set<string>(show);
  const each = (see: (cycle: EndedCycle) => void): ReturnType<typeof walkHistory> =>
    walkHistory(realDisk(), state.paths.history, (event) => {
      const isOne = event.type === 'cycle.ended' && event.seq <= state.progress.seq && isWanted(event, wish);
      if (isOne) see(event);
    });
  if (!show)
    each((cycle) =>
      namesIn([cycle], MOST_COLUMNS).forEach((name) => names.size < MOST_COLUMNS && names.add(name)),
    );
  const table = { show: [...names] };
  request.write(historyCsv([], table));
  each((cycle) => request.write(historyCsv([cycle], { ...table, hasHeader: false })));
  return goesOn ? follow(request, { wish, how: { color: false, show: table.show }, table }, state) : 0;
}

function headText({ cycles, more, isEmpty }: Shown, { verdicts, outcomes, sort }: HistoryWish): string {
  if (isEmpty) return 'no cycle has ended yet\n';
  if (cycles.length === 0) return `no cycle ${[...verdicts, ...outcomes].join(', ')}\n`;
  return more === '' ? '' : `${more} ${sort ? 'more' : 'earlier'}, see --last\n`;
}

/** A name that no cycle and no task of the plan has would be a column of nothing. */
function unknownName(
  names: readonly string[],
  cycles: readonly EndedCycle[],
  { plan }: State,
): string | undefined {
  if (cycles.length === 0) return undefined;
  const tasks = plan?.phases.flatMap((phase) => phase.tasks) ?? [];
  const planned = tasks.flatMap(({ metrics, labels }) => [...metrics, ...labels].map(({ name }) => name));
  const known = [...planned, ...namesIn(cycles, MOST_COLUMNS)];
  const name = names.find(
    (one) => !known.includes(one) && cycles.every((cycle) => shownUnder(cycle, one) === undefined),
  );
  return name === undefined
    ? undefined
    : `--show ${name}: no cycle has that${meantText(nearest(name, known))}`;
}

function meantText(near: string | undefined): string {
  return near === undefined ? '' : ` — did you mean \`${near}\`?`;
}

function wantedBy(request: CommandRequest): Wanted | string {
  const known = {
    last: 'value',
    verdict: 'value',
    outcome: 'value',
    sort: 'value',
    show: 'value',
    follow: 'none',
    csv: 'none',
  } as const;
  const { flags, rest, problem } = takeFlags(request.args, known);
  if (problem !== undefined) return problem;
  if (rest.length > 0) return `takes no words, not \`${rest.join(' ')}\``;
  const last = flags.last === undefined ? SHOWN : countOf(flags.last);
  if (last === undefined) return `--last takes a number from 1, not \`${flags.last}\``;
  const verdicts = wordsOf('verdict', flags.verdict, CYCLE_VERDICTS);
  if (typeof verdicts === 'string') return verdicts;
  const outcomes = wordsOf<Outcome>('outcome', flags.outcome, OUTCOMES);
  if (typeof outcomes === 'string') return outcomes;
  const [follow, csv] = [flags.follow !== undefined, flags.csv !== undefined];
  if (csv && request.json) return '--csv and --json are two answers: keep one of them';
  if (follow && request.json)
    return '--follow goes with lines and with --csv, not with the one object of --json';
  if (follow && flags.sort !== undefined)
    return '--follow shows cycles as they end, so nothing can be sorted';
  return {
    wish: { last, verdicts, outcomes },
    sort: flags.sort,
    show: flags.show?.split(',').filter((name) => name !== ''),
    follow,
    csv,
    isWhole: flags.last === undefined,
  };
}

/** Several with commas. */
function wordsOf<Word extends string>(
  flag: string,
  text: string | undefined,
  known: readonly Word[],
): readonly Word[] | string {
  const found: Word[] = [];
  for (const word of text?.split(',') ?? []) {
    const one = known.find((name) => name === word);
    if (one === undefined) {
      return `--${flag} takes ${known.join(', ')}, not \`${word}\`${meantText(nearest(word, known))}`;
    }
    found.push(one);
  }
  return found;
}

/** The one metric that is called so, and which way is better; or why that is not known. */
function sortBy(name: string, { plan, progress }: State): HistoryWish['sort'] | string {
  const keys = [...progress.metrics.keys()];
  const found = keys.includes(name) ? [name] : keys.filter((key) => key.slice(key.indexOf('.') + 1) === name);
  const [key, ...others] = found;
  if (key === undefined) {
    const near = nearest(name, [...keys, ...keys.map((one) => one.slice(one.lastIndexOf('.') + 1))]);
    return `--sort ${name}: no cycle has measured that${meantText(near)}`;
  }
  if (others.length > 0) return `--sort ${name}: that is ${found.join(' and ')}; name one of them`;
  return { key, better: directionsOf(plan, progress).get(key) ?? 'higher' };
}

interface Shown {
  /** As they are shown. */
  readonly cycles: readonly EndedCycle[];
  /** How many there are beside them, for people. */
  readonly more: string;
  readonly isEmpty: boolean;
  readonly crowned: ReadonlySet<number>;
}

/** Of a sorted list every cycle is looked at; else what comes before the ones shown is only counted, and not for ever. */
function newest(state: State, wish: HistoryWish): Shown {
  const kept = new Newest(wish);
  const crowned = new Set<number>();
  const see = (event: Recorded): boolean => {
    if (event.type === 'champion.kept' && event.failed === undefined) crowned.add(event.cycle);
    if (event.type === 'cycle.ended') kept.see(event);
    return !kept.isFull || kept.seen < MOST_COUNTED + wish.last;
  };
  const isWhole = readBack(realDisk(), state.paths, { types: SHOWN_TYPES, see });
  const count = isWhole ? String(kept.more) : `more than ${kept.more}`;
  return { cycles: kept.cycles, more: kept.more === 0 ? '' : count, isEmpty: kept.seen === 0, crowned };
}

interface Following {
  readonly wish: HistoryWish;
  readonly how: { readonly color: boolean; readonly show: readonly string[] };
  /** Undefined: lines are wanted. */
  readonly table: { readonly show: readonly string[] } | undefined;
}

/** Every further cycle when it ends, until the run has. */
async function follow(
  request: CommandRequest,
  { wish, how, table }: Following,
  first: State,
): Promise<number> {
  let { seq } = first.progress;
  return whileRunning(request, first, (state) => {
    const fresh: EndedCycle[] = [];
    readTurnsBack(realDisk(), state.paths, (cycle) => {
      const isNew = cycle.seq > seq && cycle.seq <= state.progress.seq;
      if (isNew && isWanted(cycle, wish)) fresh.push(cycle);
      return cycle.seq > seq;
    });
    ({ seq } = state.progress);
    const cycles = fresh.toReversed();
    request.write(table ? historyCsv(cycles, { ...table, hasHeader: false }) : historyText(cycles, how));
  });
}

/** Every finished turn of one cycle, oldest first. */
export function turnsOf({ paths }: Pick<State, 'paths'>, cycle: number): readonly Recorded<CycleEnded>[] {
  const turns: Recorded<CycleEnded>[] = [];
  readTurnsBack(realDisk(), paths, (ended) => {
    if (ended.cycle === cycle) turns.push(ended);
    return ended.cycle >= cycle;
  });
  return turns.toReversed();
}
