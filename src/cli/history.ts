// `gate-run history`: the cycles so far, the newest last. It reads the ledger alone, so pruned cycles are still there.

import type { CycleEnded, CycleVerdict, Recorded } from '../core/loop/event.ts';
import { readLines } from '../engine/read.ts';
import { realDisk } from '../system/files.ts';
import { historyText } from '../views/status.ts';
import type { CommandRequest } from './request.ts';
import { countOf, openState, refuse, takeFlags, type State } from './state.ts';

const VERDICTS: readonly CycleVerdict[] = [
  'passed',
  'failed',
  'broken',
  'integrity',
  'stopped',
  'limited',
  'interrupted',
];
const SHOWN = 20;

export async function history(request: CommandRequest): Promise<number> {
  const { flags, rest, problem } = takeFlags(request.args, { last: 'value', verdict: 'value' });
  if (problem !== undefined) return refuse(request, 'history', problem);
  if (rest.length > 0) return refuse(request, 'history', `takes no words, not \`${rest.join(' ')}\``);
  const last = flags.last === undefined ? SHOWN : countOf(flags.last);
  if (last === undefined)
    return refuse(request, 'history', `--last takes a number from 1, not \`${flags.last}\``);
  const verdict = VERDICTS.find((known) => known === flags.verdict);
  if (flags.verdict !== undefined && verdict === undefined) {
    return refuse(request, 'history', `--verdict takes ${VERDICTS.join(', ')}, not \`${flags.verdict}\``);
  }
  const state = await openState(request);
  if (typeof state === 'number') return state;
  const ended = cyclesOf(state);
  const wanted = ended.filter((cycle) => verdict === undefined || cycle.verdict === verdict);
  const shown = wanted.slice(-last);
  if (request.json) request.write(`${JSON.stringify(shown, null, 2)}\n`);
  else if (shown.length === 0)
    request.write(ended.length === 0 ? 'no cycle has ended yet\n' : `no cycle ${verdict ?? ''}\n`);
  else {
    const more = wanted.length - shown.length;
    request.write(`${more > 0 ? `${more} earlier, see --last\n` : ''}${historyText(shown, request.color)}`);
  }
  return 0;
}

/** Every finished turn; the ledger was read once already, so it can be read. */
export function cyclesOf({ paths }: Pick<State, 'paths'>): readonly Recorded<CycleEnded>[] {
  const lines = readLines(realDisk(), paths.history);
  if (!('events' in lines)) return [];
  return lines.events.filter((event) => event.type === 'cycle.ended');
}
