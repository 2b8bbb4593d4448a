// Which troubles a seed knows: a random half of all kinds, so that rare ones meet each other undiluted.

import type { Event } from '../../src/core/loop/event.ts';
import type { Mood } from '../../src/simulation/script.ts';
import { NO_FAULTS, type DiskFaults } from '../../src/simulation/disk.ts';
import type { Dice } from '../../src/simulation/random.ts';

export const FAULT_KINDS = [
  'crash',
  'kill',
  'power',
  'full-disk',
  'sync-error',
  'short-writes',
  'read-only',
  'slow-disk',
  'bit-flip',
  'troubled-tasks',
  'failing-row',
  'broken-row',
  'oom-row',
  'limited-row',
  'signal',
  'second-signal',
  'stop-file',
  'suspend',
  'wall-jump',
  'reboot',
  'downtime',
  'changed-plan',
  'onlooker',
  'bad-view',
  'dying-starts',
  'stop-in-a-turn',
  'crash-in-a-turn',
  'hopeless',
  'clock-back',
  'struck-tasks',
  'tampering',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];
export type Swarm = ReadonlySet<FaultKind>;

const MOODS: readonly (readonly [FaultKind, Mood])[] = [
  ['failing-row', 'failing'],
  ['broken-row', 'broken'],
  ['oom-row', 'oom'],
  ['limited-row', 'limited'],
];

export function drawSwarm(dice: Dice): Swarm {
  return new Set(FAULT_KINDS.filter(() => dice.chance(0.5)));
}

export function moodsOf(swarm: Swarm): readonly Mood[] {
  return MOODS.flatMap(([kind, mood]) => (swarm.has(kind) ? [mood] : []));
}

/** Bytes that a small disk holds at most: enough to begin on, too few to end on. */
const LARGEST_SMALL_DISK = 20_000;
/** A crash while this kind of event is being recorded; rare kinds stand here more than once. */
const RARE: readonly Event['type'][] = [
  'run.resumed',
  'attempt.quiet',
  'recovered',
  'rest.started',
  'rest.ended',
  'mark.reached',
  'question.closed',
];

export interface FaultWish {
  readonly swarm: Swarm;
  /** How many operations a life takes about. */
  readonly operations: number;
  readonly kinds: readonly Event['type'][];
}

export function drawDiskFaults(dice: Dice, { swarm, operations, kinds }: FaultWish): DiskFaults {
  const known = (['crash', 'full-disk', 'sync-error'] as const).filter((kind) => swarm.has(kind));
  const kind =
    known.length > 0 && dice.chance(0.85) ? dice.pick([...known, ...known, 'none' as const]) : 'none';
  const isAimed = kind === 'crash' && dice.chance(0.5);
  return {
    ...NO_FAULTS,
    crashOn: isAimed ? dice.pick([...kinds, ...RARE, ...RARE]) : undefined,
    crashAt: kind === 'crash' && !isAimed ? dice.whole(1, operations) : undefined,
    shortWrites: swarm.has('short-writes') && dice.chance(0.7) ? 0.3 : 0,
    capacity: kind === 'full-disk' ? dice.whole(200, LARGEST_SMALL_DISK) : undefined,
    syncFailsAt: kind === 'sync-error' ? dice.whole(1, 8) : undefined,
    syncDrops: true,
  };
}
