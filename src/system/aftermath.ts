// What is to be told of an attempt beside how it ended: what it used, and where it ended badly, what may explain that.

import type { StopCause } from '../core/judge/evidence.ts';
import { signalOf } from '../core/judge/outcome.ts';
import type { Scene, Told } from './forensics.ts';

/** Unknown is not zero: of an attempt that was over before the first look no usage is told. */
export async function aftermath(scene: Scene): Promise<Told> {
  const last = scene.usage?.looks.at(-1);
  const cpu = last?.cpuMs === undefined ? {} : { cpuMs: last.cpuMs };
  if (scene.oomKills === 0 && !isRiddle(scene))
    return last === undefined ? {} : { peakBytes: last.peakBytes, ...cpu };
  // Loaded on call: few attempts end like this.
  const { explained } = await import('./forensics.ts');
  return { ...explained(scene), ...cpu };
}

/** What people ask about in the morning: who did that, and what was it doing. */
const RIDDLES: ReadonlySet<StopCause | undefined> = new Set<StopCause>([
  'timeout',
  'phase-timeout',
  'cycle-timeout',
  'stall',
]);

function isRiddle({ end, stopped, wasSignalled, hasHeapMessage }: Scene): boolean {
  if (wasSignalled) return RIDDLES.has(stopped);
  return hasHeapMessage || signalOf({ end }) !== undefined;
}
