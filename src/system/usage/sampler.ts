// Looks at memory, CPU time and processes of every attempt that lasts, once a second, all in one walk. It reports; nothing is
// decided by it.

import { usageName } from '../../core/loop/names.ts';
import type { Secret } from '../../core/judge/redact.ts';
import { redactText } from '../../core/judge/redact-text.ts';
import type { SeenUsage } from '../../core/usage/forensics.ts';
import { lookLine, UsageSeries, type UsageLook } from '../../core/usage/series.ts';
import type { Clock } from '../../ports.ts';
import { appendOwn, writeAnew } from '../own-file.ts';
import { Account } from './account.ts';
import { callRoll, type Known, type RollCall } from './roll.ts';

/** What is looked at. */
export interface Measured {
  /** Its processes as they are now. */
  known(): Known;
  /** The looks are kept beside it. */
  readonly log: string;
  /** Whether most of its CPU time can be seen: not where it is a crowd of short processes. */
  readonly isSteady: boolean;
}

export interface Sampler {
  /** Directly behind the start of an attempt. */
  begin(measured: Measured): Measuring;
}

export interface Measuring {
  /** One look more, because the attempt is about to be ended. */
  look(): void;
  /** Once, when nothing of it runs. */
  end(): SeenUsage;
}

const EVERY_MS = 1_000;
/** Shorter attempts are not looked at: they would pay more for it than they take. */
const FIRST_LOOK_MS = 900;
/** Looks take so little of a processor's time, whatever one costs: on a machine with thousands of processes there are fewer. */
const MOST_SHARE = 1 / 250;
/** Looks that are asked for in between are not taken more often. */
const SHORTEST_PAUSE_MS = 100;
/** Of a millisecond. */
const MICROSECONDS = 1_000;

interface UnderWay {
  readonly measured: Measured;
  readonly startedMono: number;
  readonly account: Account;
  readonly series: UsageSeries;
  /** Its file cannot be written: nobody is told, because nothing depends on it. */
  isLost: boolean;
}

export function sampleUsage(
  { clock, secrets }: { readonly clock: Clock; readonly secrets: readonly Secret[] },
  call: RollCall = callRoll(),
): Sampler {
  const all = new Map<number, UnderWay>();
  let timer: NodeJS.Timeout | undefined;
  let count = 0;
  let lookedAt = -Infinity;
  let restsUntil = -Infinity;
  let isUsual = false;
  const tick = (): void => {
    if (all.size === 0) {
      clearInterval(timer);
      timer = undefined;
    } else if (clock.now().mono >= restsUntil) {
      const before = process.cpuUsage();
      look();
      const { user, system } = process.cpuUsage(before);
      // The first one has to find out who all the others are.
      if (isUsual) restsUntil = lookedAt + (user + system) / MICROSECONDS / MOST_SHARE;
      isUsual = true;
    }
  };
  const look = (): void => {
    const { mono } = clock.now();
    if (mono - lookedAt < SHORTEST_PAUSE_MS) return;
    lookedAt = mono;
    const lasting = [...all].filter(([, { startedMono }]) => mono - startedMono >= FIRST_LOOK_MS);
    if (lasting.length === 0) return;
    const found = call(new Map(lasting.map(([key, { measured }]) => [key, measured.known()])));
    for (const [key, one] of lasting) {
      const members = found?.get(key);
      const seen = members && one.account.look(members, mono - one.startedMono);
      if (seen) keep(one, seen, secrets);
    }
  };
  return {
    begin: (measured) => {
      const key = (count += 1);
      const series = new UsageSeries();
      const account = new Account(measured.isSteady);
      all.set(key, { measured, startedMono: clock.now().mono, account, series, isLost: false });
      // It ends at a look that finds nobody: to set it anew for each of a thousand short attempts would cost more.
      timer ??= setInterval(tick, EVERY_MS).unref();
      return {
        look,
        end: () => {
          all.delete(key);
          return { looks: series.looks, last: account.last, most: account.most };
        },
      };
    },
  };
}

function keep(one: UnderWay, look: UsageLook, secrets: readonly Secret[]): void {
  const wasMerged = one.series.add(look);
  if (one.isLost) return;
  const file = usageName(one.measured.log);
  const lines = (wasMerged ? one.series.looks : [look]).map(lookLine).join('');
  try {
    const text = redactText(lines, secrets);
    if (wasMerged) writeAnew(file, text);
    else appendOwn(file, text);
  } catch {
    one.isLost = true;
  }
}
