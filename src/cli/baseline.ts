// `gate-run baseline`: every gate a few times before the loop, and what came of it; `show` and `clear` look after that.

import { baselineAnswer } from '../core/summary/baseline.ts';
import { EXIT } from '../core/loop/run-end.ts';
import { appendAside } from '../engine/append.ts';
import { realClock } from '../system/clock.ts';
import { realDisk } from '../system/files.ts';
import { takeLock } from '../system/lock.ts';
import { baselineText } from '../views/baseline.ts';
import type { Arguments } from './args.ts';
import { loadLoop } from './load.ts';
import { MOST_TIMES, recordBaseline, USUAL_TIMES } from './record-baseline.ts';
import type { CommandRequest } from './request.ts';
import { sayFailure, sayLocked, sayProblems } from './say.ts';
import { countOf, openState, refuse, takeFlags } from './state.ts';
import type { Terminal } from './terminal.ts';

export async function baseline(
  args: Arguments,
  terminal: Terminal,
  request: CommandRequest,
): Promise<number> {
  const words = args.rest.map((word) => word.replace(/^-n=?(?=\d)/, '--times=').replace(/^-n$/, '--times'));
  const { flags, rest, problem } = takeFlags(words, { times: 'value' });
  if (problem !== undefined) return refuse(request, 'baseline', problem);
  const [word = 'record', ...more] = rest;
  if (more.length > 0 && word !== 'show')
    return refuse(request, 'baseline', `takes one word, not \`${rest.join(' ')}\``);
  if (flags.times !== undefined && word !== 'record')
    return refuse(request, 'baseline', `\`${word}\` runs nothing, so it takes no number of runs`);
  switch (word) {
    case 'record':
      return record(args, { terminal, request, wanted: flags.times });
    case 'show':
      return show(request, more);
    case 'clear':
      return clear(args, terminal, request);
    default:
      return refuse(
        request,
        'baseline',
        `\`${word}\` is none of \`show\` and \`clear\`; gates are chosen with \`--only\` and \`--skip\``,
      );
  }
}

interface Recording {
  readonly terminal: Terminal;
  readonly request: CommandRequest;
  readonly wanted: string | undefined;
}

async function record(args: Arguments, { terminal, request, wanted }: Recording): Promise<number> {
  const times = wanted === undefined ? USUAL_TIMES : countOf(wanted);
  if (times === undefined || times > MOST_TIMES)
    return refuse(request, 'baseline', `-n takes a whole number from 1 to ${MOST_TIMES}, not \`${wanted}\``);
  const done = await recordBaseline({ args, terminal, times });
  if (typeof done === 'number') return done;
  const found = baselineAnswer(done.plan, done.progress);
  const gates = found.gates.filter(({ id }) => done.gates.includes(id));
  const unjudged = gates.filter(({ state }) => state === 'broken' || state === 'unknown');
  const exit = unjudged.length > 0 ? EXIT.broken : EXIT.passed;
  if (request.json) request.write(`${JSON.stringify({ ...found, exit, gates }, null, 2)}\n`);
  else request.write(baselineText({ ...found, gates }, request.color));
  return exit;
}

async function show(request: CommandRequest, ids: readonly string[]): Promise<number> {
  const state = await openState(request);
  if (typeof state === 'number') return state;
  const found = baselineAnswer(state.plan, state.progress);
  const unknown = ids.find((id) => ![...found.missing, ...found.gates.map((one) => one.id)].includes(id));
  if (unknown !== undefined)
    return refuse(
      request,
      'baseline',
      `there is no gate \`${unknown}\`, neither in a baseline nor in the config`,
    );
  const isMeant = (id: string) => ids.length === 0 || ids.includes(id);
  const answer = {
    ...found,
    exit: EXIT.passed,
    gates: found.gates.filter(({ id }) => isMeant(id)),
    missing: found.missing.filter(isMeant),
  };
  if (request.json) request.write(`${JSON.stringify(answer, null, 2)}\n`);
  else request.write(baselineText(answer, request.color));
  return EXIT.passed;
}

async function clear(args: Arguments, terminal: Terminal, request: CommandRequest): Promise<number> {
  const loop = await loadLoop(args, terminal.env);
  if ('problems' in loop) return sayProblems(terminal, loop);
  const { stateDir, history } = loop.paths;
  const lock = takeLock({ stateDir, history, version: terminal.version });
  if ('failed' in lock) return sayFailure(terminal, lock, loop);
  if ('heldBy' in lock) return sayLocked(terminal, lock, args.lockedOk);
  try {
    const where = { disk: realDisk(), clock: realClock(), paths: loop.paths, run: lock.run };
    const progress = await appendAside(where, { type: 'baseline.cleared' });
    if (!('seq' in progress)) return await sayFailure(terminal, progress, loop);
    const answer = { ...baselineAnswer(loop.plan, progress), exit: EXIT.passed };
    request.write(request.json ? `${JSON.stringify(answer, null, 2)}\n` : 'the baseline was cleared\n');
    return EXIT.passed;
  } finally {
    lock.release();
  }
}
