// The real world, ready to carry a plan out.

import type { Secret } from '../core/judge/redact.ts';
import { redactText } from '../core/judge/redact-text.ts';
import type { AttemptRef } from '../core/cycle/event.ts';
import type { RungGlance } from '../core/judge/rung.ts';
import type { Machine } from '../core/loop/event.ts';
import type { Plan } from '../core/plan/plan.ts';
import { hiddenBy } from '../core/plan/secrets.ts';
import { FactInbox } from '../engine/inbox.ts';
import type { World } from '../engine/run.ts';
import { watchBugs } from '../system/bugs.ts';
import { realClock, watchSuspend } from '../system/clock.ts';
import { realDisk } from '../system/files.ts';
import { watchWishes, type Asked } from '../system/hand-over.ts';
import { limitKeys, NO_LIMITS, type Limits } from '../system/limits/no-limits.ts';
import { machineFor } from '../system/machine.ts';
import type { NamedLocksOptions, RealLocks } from '../system/named-locks.ts';
import { realProcesses } from '../system/processes.ts';
import { withLocalTools } from '../system/local-tools.ts';
import { watchSignals } from '../system/signals.ts';
import { watchStopFile } from '../system/stop-file.ts';
import type { Units } from '../system/units/units.ts';

export interface Here {
  readonly world: World;
  readonly redact: (text: string) => string;
  readonly secrets: readonly Secret[];
  /** Names that pass only where they are listed. */
  readonly isHidden: (name: string) => boolean;
  /** Absent where no task says what it needs. */
  readonly machine: Machine | undefined;
  /** What commands start with, before anything is withheld. */
  readonly env: NodeJS.ProcessEnv;
  /** How the simulations of a rung stand. */
  readonly glance: (ref: AttemptRef) => RungGlance | undefined;
  /** A hook of this run is started. */
  readonly startsBeside: (run: string) => void;
  /** Ends what escaped from attempts that are over. */
  readonly endEscaped: () => void;
  /** Looks at the kill switch at once; absent where there is none. */
  readonly lookForStop: (() => void) | undefined;
  /** Ends what escaped from its attempt, and every watch. */
  close(): void;
}

export interface Place {
  /** Of the config, absolute. */
  readonly folder: string;
  /** The kill switch, absolute; absent: the run has none. */
  readonly stopFile?: string;
  /** How another start asks for its place; absent: it holds no lock. */
  readonly asked?: Asked;
  /** What holds the processes of tasks; whoever opened them closes them, behind the world. */
  readonly units: Units;
}

export async function openWorld(
  plan: Plan,
  { folder, stopFile, asked, units }: Place,
  surrounding: NodeJS.ProcessEnv,
): Promise<Here> {
  const env = withLocalTools(surrounding, folder);
  const clock = realClock();
  const inbox = new FactInbox(() => clock.wake());
  const { secrets, isHidden } = hiddenBy(plan, env);
  const limits = await limitsFor(plan);
  const processes = realProcesses({ inbox, clock, env, secrets, isHidden, folder, units, limits });
  const locks = await locksFor(plan, { inbox, folder, env: surrounding });
  const unwatchBugs = watchBugs((error) => inbox.fail(error));
  const unwatchSignals = watchSignals(inbox, clock, env['GATE_TASK'] !== undefined);
  const unwatchSuspend = watchSuspend(clock, (gapMs) => inbox.put({ type: 'suspended', gapMs }));
  // One cycle is over soon, and its start must not get dearer: there, looking has to do.
  const isQuick = plan.loop.mode !== 'once';
  const stop = stopFile === undefined ? undefined : watchStopFile({ path: stopFile, isQuick }, inbox);
  const wishes = asked && watchWishes(asked, inbox);
  return {
    world: { clock, disk: realDisk(), processes, inbox, ...(locks && { locks }) },
    machine: machineFor(plan, limits.unheld),
    redact: (text) => redactText(text, secrets),
    secrets,
    isHidden,
    env,
    glance: (ref) => processes.glance(ref),
    startsBeside: (run) => processes.startsBeside(run),
    endEscaped: () => void processes.endEscaped(),
    lookForStop:
      stop &&
      (() => {
        stop.look();
        wishes?.look();
      }),
    close: () => {
      processes.close();
      locks?.close();
      limits.close();
      stop?.close();
      wishes?.close();
      unwatchSignals();
      unwatchSuspend();
      unwatchBugs();
    },
  };
}

/** Loaded on call: few plans hold their tasks to anything. */
async function limitsFor(plan: Plan): Promise<Limits> {
  if (limitKeys(plan).length === 0) return NO_LIMITS;
  return (await import('../system/limits/limits.ts')).openLimits(plan);
}

/** As few have locks. */
async function locksFor({ phases }: Plan, options: NamedLocksOptions): Promise<RealLocks | undefined> {
  const hasLocks = phases.some(({ tasks }) =>
    tasks.some(({ resources }) => resources && resources.locks.length > 0),
  );
  return hasLocks ? (await import('../system/named-locks.ts')).namedLocks(options) : undefined;
}
