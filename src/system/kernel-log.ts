// What the kernel says in its own log about processes that it ended, where it may be read. See dev-kmsg in the kernel's documentation.

import { closeSync, constants, openSync, readSync } from 'node:fs';
import { CUT, cutAt } from '../core/cut-text.ts';
import { errorCode } from './files.ts';

/** Of all records; what is older than that the kernel has hardly kept. */
const MOST_RECORDS = 50_000;
const MOST_LINES = 40;
const MOST_CHARACTERS = 500;
/** The kernel refuses a buffer that a record does not fit into. */
const RECORD_BYTES = 8_192;
const MICROSECONDS = 1_000;
const NANOSECONDS_PER_MICROSECOND = 1_000n;
/** It stamps its records by a clock that runs beside the one that we see. */
const SLACK_MS = 1_000;

const TELLING =
  /oom-kill:|invoked oom-killer|Killed process|[Oo]ut of memory|oom_reaper|memory: usage|segfault at|general protection|traps: |CPU Watchdog/;

/** `6,339,5140900,-;text`, then lines that begin with a space; see `printk` in its documentation. */
const RECORD = /^\d+,\d+,(\d+),[^;\n]*;([^\n]*)/;

/** What was said about processes in so many milliseconds up to now, oldest first; undefined: it may not be read. */
export function kernelLines(withinMs: number): readonly string[] | undefined {
  const since =
    Number(process.hrtime.bigint() / NANOSECONDS_PER_MICROSECOND) - (withinMs + SLACK_MS) * MICROSECONDS;
  let fd: number | undefined;
  try {
    fd = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
    return linesSince(fd, since);
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** How often it ended somebody because a group of this name had no memory left; of no other group, and not for want of it in the machine. */
export function killsIn(name: string, lines: readonly string[]): number {
  return lines.filter((line) =>
    GROUP_OF_KILL.exec(line)?.[1]
      ?.split('/')
      .some((part) => part.includes(name)),
  ).length;
}

const GROUP_OF_KILL = /^oom-kill:.*,oom_memcg=([^,]*),/;

function linesSince(fd: number, since: number): readonly string[] {
  const buffer = Buffer.alloc(RECORD_BYTES);
  const lines: string[] = [];
  for (let read = 0; read < MOST_RECORDS; read += 1) {
    const record = nextRecord(fd, buffer);
    if (record === undefined) break;
    const [, at = '', text = ''] = RECORD.exec(record) ?? [];
    if (Number(at) >= since && TELLING.test(text)) lines.push(cutAt(withCuts(text), MOST_CHARACTERS));
  }
  return lines.slice(-MOST_LINES);
}

/** A name of fifteen bytes may be the beginning of one: the kernel keeps no more. */
function withCuts(text: string): string {
  return text.replaceAll(/(?<=\()[^()]{15}(?=\))|^.{15}(?= invoked oom-killer)/g, (name) => name + CUT);
}

/** Each read gives one; empty: it was written over before it could be read. Undefined: there is no more. */
function nextRecord(fd: number, buffer: Buffer): string | undefined {
  try {
    const taken = readSync(fd, buffer, 0, buffer.length, null);
    return taken === 0 ? undefined : buffer.toString('latin1', 0, taken);
  } catch (error) {
    return errorCode(error) === 'EPIPE' ? '' : undefined;
  }
}
