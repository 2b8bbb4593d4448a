// What an attempt that ended badly leaves for whoever has to find out why: one object, built from what was seen of it. Redacting is
// the caller's.

import { cutAt } from '../cut-text.ts';
import type { AttemptRef } from '../cycle/event.ts';
import type { ProcessEnd, StopCause } from '../judge/evidence.ts';
import { stripAnsi, withoutControls } from '../judge/excerpt.ts';
import { endWord } from '../judge/outcome.ts';
import type { ProcessLook, UsageLook } from './series.ts';

/** Raised when a reader of the object before would misread the object after. */
const FORENSICS_VERSION = 1;

export interface Forensics {
  readonly schemaVersion: typeof FORENSICS_VERSION;
  readonly task: string;
  readonly rung: number | null;
  readonly attempt: number;
  /** When it ended, ISO 8601. */
  readonly at: string;
  readonly command: string;
  /** `exit 137`, `signal SIGKILL`. */
  readonly end: string;
  /** Why gate-run made it end; null: it did not. */
  readonly stopped: StopCause | null;
  readonly durationMs: number;
  /** Kills for want of memory that the kernel counted for it. */
  readonly oomKills: number;
  readonly memory: MemoryForensics;
  /** Of CPU time, up to the last look; null: unknown. */
  readonly cpuMs: number | null;
  /** Its processes at the last look, and of what ran out of memory at the one with the most; null: it was over before the first one. */
  readonly processes: ProcessTable | null;
  /** Some of the looks, the one with the most memory among them; the file beside the log has more. */
  readonly looks: readonly UsageLook[];
  /** What the stream of an agent said last; null: there is none. */
  readonly activity: null;
  readonly output: OutputForensics;
  /** What the kernel said about processes while it ran; null: its log may not be read. */
  readonly kernel: readonly string[] | null;
}

export interface MemoryForensics {
  /** The most that was seen; null: nobody looked in time. */
  readonly peakBytes: number | null;
  /** What may be had in the cgroup whose kills are counted, or on this machine; null: unknown. */
  readonly limitBytes: number | null;
  /** Of those that the kernel killed meanwhile, as it said itself. */
  readonly killed: readonly KilledProcess[];
}

export interface KilledProcess {
  readonly pid: number;
  readonly name: string;
  readonly memoryBytes: number;
}

export interface ProcessTable {
  readonly atMs: number;
  /** There may be more than are named. */
  readonly count: number;
  /** The largest. */
  readonly list: readonly ProcessFigures[];
}

export interface ProcessFigures extends ProcessLook {
  readonly cpuMs: number;
}

export interface OutputForensics {
  readonly bytes: number;
  readonly lines: readonly string[];
}

/** What was seen of it. */
export interface SeenUsage {
  readonly looks: readonly UsageLook[];
  readonly last: ProcessTable | undefined;
  /** At the look with the most memory. */
  readonly most: ProcessTable | undefined;
}

export interface ForensicsFacts {
  readonly ref: AttemptRef;
  readonly at: string;
  readonly command: string;
  readonly end: ProcessEnd;
  readonly stopped: StopCause | undefined;
  readonly durationMs: number;
  readonly oomKills: number;
  readonly limitBytes: number | undefined;
  readonly usage: SeenUsage | undefined;
  readonly bytes: number;
  /** The end of its output; of two files that of stderr last. */
  readonly tail: string;
  readonly kernel: readonly string[] | undefined;
}

const MOST_LOOKS_TOLD = 30;
export const MOST_PROCESSES = 50;
const MOST_LINES = 40;
const MOST_CHARACTERS = 500;

export function forensicsOf(facts: ForensicsFacts): Forensics {
  const { ref, usage, kernel } = facts;
  const killed = (kernel ?? []).flatMap(killedIn);
  const last = usage?.looks.at(-1);
  return {
    schemaVersion: FORENSICS_VERSION,
    task: ref.task,
    rung: ref.rung ?? null,
    attempt: ref.attempt,
    at: facts.at,
    command: facts.command,
    end: endWord(facts.end),
    stopped: facts.stopped ?? null,
    durationMs: facts.durationMs,
    oomKills: facts.oomKills,
    memory: { peakBytes: peakOf(facts, killed) ?? null, limitBytes: facts.limitBytes ?? null, killed },
    cpuMs: last?.cpuMs ?? null,
    // Whoever is being killed has lost its memory before it is gone.
    processes: (facts.oomKills > 0 ? usage?.most : usage?.last) ?? null,
    looks: someOf(usage?.looks ?? []),
    activity: null,
    output: { bytes: facts.bytes, lines: lastLines(facts.tail) },
    kernel: kernel ?? null,
  };
}

/**
 * A look may come too late for what the kernel killed; what it had then, the kernel says. Only where no more were killed than are known to
 * be its own: else they may be somebody else's.
 */
function peakOf({ usage, oomKills }: ForensicsFacts, killed: readonly KilledProcess[]): number | undefined {
  const seen = usage?.looks.at(-1)?.peakBytes;
  if (oomKills === 0 || killed.length === 0 || killed.length > oomKills) return seen;
  return Math.max(seen ?? 0, ...killed.map(({ memoryBytes }) => memoryBytes));
}

const KIB = 1024;
const KILLED =
  /Killed process (\d+) \((.{0,64}?)\)[^\n]{0,80}? anon-rss:(\d+)kB, file-rss:(\d+)kB(?:, shmem-rss:(\d+)kB)?/;

function killedIn(line: string): readonly KilledProcess[] {
  const [, pid, name = '', ...sizes] = KILLED.exec(line) ?? [];
  if (pid === undefined) return [];
  const kib = sizes.reduce((sum, size) => sum + Number(size ?? 0), 0);
  return [{ pid: Number(pid), name, memoryBytes: kib * KIB }];
}

/** Evenly over all of them, with the last one and the largest. */
function someOf(looks: readonly UsageLook[]): readonly UsageLook[] {
  if (looks.length <= MOST_LOOKS_TOLD) return looks;
  const largest = looks.reduce((one, other) => (other.memoryBytes > one.memoryBytes ? other : one));
  const step = (looks.length - 1) / (MOST_LOOKS_TOLD - 2);
  const even = new Set(Array.from({ length: MOST_LOOKS_TOLD - 1 }, (_, at) => Math.round(at * step)));
  return looks.filter((look, at) => even.has(at) || look === largest);
}

function lastLines(tail: string): readonly string[] {
  const lines = stripAnsi(tail).split('\n').map(withoutControls);
  while (lines.at(-1)?.trim() === '') lines.pop();
  return lines.slice(-MOST_LINES).map((line) => cutAt(line, MOST_CHARACTERS));
}
