// `gate-run history`: the cycles so far, the newest last. It reads the ledger alone, so pruned cycles are still there.

import type { CycleEnded, Recorded } from '../core/loop/event.ts';
import { CYCLE_VERDICTS } from '../core/loop/words.ts';
import { readTurnsBack } from '../engine/read-back.ts';
import { realDisk } from '../system/files.ts';
import { historyText } from '../views/status.ts';
import type { CommandRequest } from './request.ts';
import { countOf, openState, refuse, takeFlags, type State } from './state.ts';

const SHOWN = 20;

export async function history(request: CommandRequest): Promise<number> {
  const { flags, rest, problem } = takeFlags(request.args, { last: 'value', verdict: 'value' });
  if (problem !== undefined) return refuse(request, 'history', problem);
  if (rest.length > 0) return refuse(request, 'history', `takes no words, not \`${rest.join(' ')}\``);
  const last = flags.last === undefined ? SHOWN : countOf(flags.last);
  if (last === undefined)
    return refuse(request, 'history', `--last takes a number from 1, not \`${flags.last}\``);
  const verdict = CYCLE_VERDICTS.find((known) => known === flags.verdict);
  if (flags.verdict !== undefined && verdict === undefined) {
    return refuse(
      request,
      'history',
      `--verdict takes ${CYCLE_VERDICTS.join(', ')}, not \`${flags.verdict}\``,
    );
  }
  const state = await openState(request);
  if (typeof state === 'number') return state;
  const { shown, more, isEmpty } = newest(
    state,
    last,
    (cycle) => verdict === undefined || cycle.verdict === verdict,
  );
  if (request.json) request.write(`${JSON.stringify(shown, null, 2)}\n`);
  else if (shown.length === 0)
    request.write(isEmpty ? 'no cycle has ended yet\n' : `no cycle ${verdict ?? ''}\n`);
  else
    request.write(
      `${more === '' ? '' : `${more} earlier, see --last\n`}${historyText(shown, request.color)}`,
    );
  return 0;
}

/** How far it is counted what is not shown. */
const MOST_COUNTED = 10_000;

interface Newest {
  /** Oldest first. */
  readonly shown: readonly Recorded<CycleEnded>[];
  /** How many there are before them, for people. */
  readonly more: string;
  readonly isEmpty: boolean;
}

function newest(state: State, last: number, isWanted: (cycle: CycleEnded) => boolean): Newest {
  const shown: Recorded<CycleEnded>[] = [];
  let seen = 0;
  let more = 0;
  const isWhole = readTurnsBack(realDisk(), state.paths, (cycle) => {
    seen += 1;
    if (isWanted(cycle) && shown.length < last) shown.push(cycle);
    else if (isWanted(cycle)) more += 1;
    return shown.length < last || seen < MOST_COUNTED + last;
  });
  const count = isWhole ? String(more) : `more than ${more}`;
  return { shown: shown.toReversed(), more: more === 0 ? '' : count, isEmpty: seen === 0 };
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
