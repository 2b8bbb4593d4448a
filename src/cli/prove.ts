// `gate-run doctor --prove`: every gate on a copy of the folder, once as it is and once with something bad planted in it, and which of
// them cannot fail. The work tree is only read; there is no lock, no ledger, no cache and no hook.

import { relative, resolve } from 'node:path';
import type { Finding } from '../core/doctor/finding.ts';
import { EXIT } from '../core/loop/run-end.ts';
import { NO_FLAGS } from '../core/plan/flags.ts';
import type { Proof } from '../core/prove/proof.ts';
import { countText, listText } from '../core/summary/amounts.ts';
import { realClock } from '../system/clock.ts';
import { openProvingPlace } from '../system/prove/place.ts';
import { packageVersion } from '../system/self.ts';
import { watchSignals } from '../system/signals.ts';
import { findingText } from '../views/doctor.ts';
import { NAMES_SHOWN } from '../views/words.ts';
import { loadLoop, type Loop } from './load.ts';
import { proveGate, type Proving } from './prove-gate.ts';
import type { CommandRequest } from './request.ts';
import { showProblems } from './say.ts';
import { refuse } from './state.ts';

export async function prove(request: CommandRequest): Promise<number> {
  const { config, folder, flags = NO_FLAGS } = request;
  const loop = await loadLoop({ config, folder, flags }, { ...request.env });
  if ('problems' in loop) {
    await showProblems(loop, request);
    return EXIT.usage;
  }
  const gates = loop.plan.phases
    .flatMap(({ tasks }) => tasks)
    .filter(({ kind, leftOut }) => kind === 'gate' && leftOut === undefined);
  if (gates.length === 0) {
    const why = `${loop.file} has no gate that could be proved: write one, or choose others with --only and --skip`;
    return refuse(request, 'doctor', why);
  }
  const place = openProvingPlace(loop.folder, packageVersion());
  if ('failed' in place) return refuse(request, 'doctor', `cannot ${place.what} (${place.failed})`);
  let signal: string | undefined;
  const unwatch = watchSignals(
    { put: (fact) => void (signal ??= fact.type === 'stop.seen' ? fact.signal : undefined) },
    realClock(),
  );
  const proofs: Proof[] = [];
  const whole: Loop = { ...loop, folder: place.original };
  const proving: Proving = {
    request,
    whole,
    place,
    names: [place.original, loop.folder],
    without: new Set(
      [loop.paths.stateDir, loop.paths.cycles].map((path) => within(place.original, loop, path)),
    ),
    count: { copies: 0, runs: 0 },
    isOver: () => signal !== undefined,
  };
  try {
    for (const [nth, gate] of gates.entries()) {
      request.writeError(`doctor: proving ${gate.id} (${nth + 1} of ${gates.length})\n`);
      const proof = await proveGate(proving, gate);
      if (!proof) break;
      proofs.push(proof);
      if (!request.json) request.write(findingText(findingOf(proof), request.color));
    }
  } finally {
    const left = place.close();
    if (left !== undefined) request.writeError(`doctor: ${left} could not be removed\n`);
    unwatch();
  }
  const stopped =
    signal === undefined
      ? undefined
      : { signal, text: `stopped by ${signal} at gate ${proofs.length + 1} of ${gates.length}` };
  return answer(request, proofs, stopped);
}

/** The same path where the folder is reached without links. */
function within(original: string, { folder }: Loop, path: string): string {
  return resolve(original, relative(folder, path));
}

interface Stopped {
  readonly signal: string;
  readonly text: string;
}

function answer(request: CommandRequest, proofs: readonly Proof[], stopped: Stopped | undefined): number {
  const exit = stopped === undefined ? exitOf(proofs) : (SIGNALED[stopped.signal] ?? EXIT.stopped);
  const why = stopped === undefined ? whyOf(proofs) : `${stopped.text}; ${whyOf(proofs)}`;
  if (!request.json) request.write(`${why}\n`);
  else {
    const findings = proofs.map((proof) => ({ ...findingOf(proof), proof: proof.answer }));
    request.write(`${JSON.stringify({ schemaVersion: 1, exit, why, findings }, undefined, 2)}\n`);
  }
  return exit;
}

const SIGNALED: Readonly<Record<string, number>> = { SIGINT: EXIT.interrupt, SIGTERM: EXIT.terminate };

/** Where nothing was proved nothing is said to be well. */
function exitOf(proofs: readonly Proof[]): number {
  if (proofs.some(({ answer: one }) => one === 'cannot-fail')) return EXIT.failed;
  return proofs.some(({ answer: one }) => one === 'can-fail') ? EXIT.passed : EXIT.broken;
}

function whyOf(proofs: readonly Proof[]): string {
  const of = (wanted: Proof['answer']) =>
    proofs.filter(({ answer: one }) => one === wanted).map(({ gate }) => gate);
  const [can, cannot, open] = [of('can-fail'), of('cannot-fail'), of('not-proved')];
  return [
    ...(cannot.length > 0 ? [`cannot fail: ${listText(cannot, NAMES_SHOWN)}`] : []),
    can.length + cannot.length === 0
      ? 'no gate was proved'
      : `${can.length} of ${countText(proofs.length, 'gate')} can fail`,
    ...(open.length > 0 ? [`not proved: ${listText(open, NAMES_SHOWN)}`] : []),
  ].join('; ');
}

const LEVELS = { 'can-fail': 'ok', 'cannot-fail': 'missing', 'not-proved': 'warning' } as const;

function findingOf({ gate, answer: one, says, mend }: Proof): Finding {
  return { area: 'proof', name: gate, level: LEVELS[one], says, ...(mend !== undefined && { mend }) };
}
