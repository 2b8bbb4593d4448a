// The three descriptors of an attempt: /dev/null or a file, its log, and where something must be redacted a pump between.

import { closeSync } from 'node:fs';
import type { ProcessEnd } from '../core/judge/evidence.ts';
import { makeLogRedactor, type Secret } from '../core/judge/redact.ts';
import { redactText } from '../core/judge/redact-text.ts';
import type { Failure, Order } from '../ports.ts';
import { openInput } from './launch.ts';
import { OUTPUT_TAIL_BYTES, readsOutput } from './evidence.ts';
import { closeLog, stderrLog, type AttemptLog, type LogShelf } from './log.ts';
import type { FifoShelf, Pump } from './pump.ts';
import { isBelowFloor } from './floor.ts';

export interface Streams {
  readonly stdio: readonly [number, number, number];
  readonly log: AttemptLog;
  /** Only where stderr is kept apart. */
  readonly errorLog: AttemptLog | undefined;
  readonly pumps: readonly Pump[];
  /** Gives back what only the child needs, once it has it or will never come. */
  started(): void;
}

export interface Sources {
  readonly logs: LogShelf;
  readonly fifos: FifoShelf;
  /** /dev/null. */
  readonly nothing: number;
  /** All that are known; empty lets a command write straight to its log. */
  readonly secrets: readonly Secret[];
  /** A pump could not write. */
  readonly failed: (code: string) => void;
}

/** What could not be opened ends the attempt before it begins; nothing stays open then. */
export function openStreams(order: Order, sources: Sources): Streams | ProcessEnd {
  const open: (() => void)[] = [];
  const give = (end: ProcessEnd): ProcessEnd => {
    for (const close of open) close();
    return end;
  };
  if (isBelowFloor(order.log)) return { storage: 'ENOSPC' };
  const header = redactText(order.header, sources.secrets);
  const log = sources.logs.open(order.log, header, !order.apart && !readsOutput(order));
  if ('failed' in log) return unstored(log);
  open.push(() => closeLog(log));
  const errorLog = order.apart ? sources.logs.open(stderrLog(order.log), header, false) : undefined;
  if (errorLog !== undefined && 'failed' in errorLog) return give(unstored(errorLog));
  if (errorLog !== undefined) open.push(() => closeLog(errorLog));
  const input = order.stdin === undefined ? sources.nothing : openInput(order.stdin);
  if (typeof input !== 'number') return give(input);
  if (input !== sources.nothing) open.push(() => closeSync(input));
  const pumps: Pump[] = [];
  for (const target of sources.secrets.length === 0 ? [] : [log, errorLog]) {
    if (target === undefined) continue;
    const pump = sources.fifos.pump(
      target,
      makeLogRedactor(sources.secrets, OUTPUT_TAIL_BYTES),
      sources.failed,
    );
    if ('failed' in pump) return give({ notStarted: 'no-resources', detail: `${pump.what}: ${pump.failed}` });
    open.push(() => pump.started());
    pumps.push(pump);
  }
  const out = pumps[0]?.fd ?? log.fd;
  const error = errorLog === undefined ? out : (pumps[1]?.fd ?? errorLog.fd);
  const started = (): void => {
    if (input !== sources.nothing) closeSync(input);
    for (const pump of pumps) pump.started();
  };
  return { stdio: [input, out, error], log, errorLog, pumps, started };
}

/** Out of descriptors is a matter of this process, all else of the disk. */
function unstored({ failed, what }: Failure): ProcessEnd {
  return failed === 'EMFILE' || failed === 'ENFILE'
    ? { notStarted: 'no-resources', detail: `${what}: ${failed}` }
    : { storage: failed };
}
