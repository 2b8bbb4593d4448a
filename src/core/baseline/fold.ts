// What the fold keeps of baselines: of each gate the newest record of each of its last definitions.

import type { Recorded } from '../loop/event.ts';
import type { BaselineGate, BaselineRecorded } from './event.ts';

/** Definitions of one gate that are remembered: whoever goes back to an older one finds its baseline again. */
export const DEFINITIONS_KEPT = 4;

/** How a gate stood before the loop. */
export interface GateBaseline extends BaselineGate {
  /** When it was recorded, ISO 8601. */
  readonly at: string;
  /** The last cycle before it. */
  readonly cycle: number;
}

/** By gate, the newest first. */
export type Baselines = ReadonlyMap<string, readonly GateBaseline[]>;

export function baselinesAfter(
  before: Baselines,
  { gates, at }: Recorded<BaselineRecorded>,
  cycle: number,
): Baselines {
  const after = new Map(before);
  for (const [id, gate] of Object.entries(gates)) {
    const others = (before.get(id) ?? []).filter((one) => !isSameDefinition(one, gate));
    after.set(id, [{ ...gate, at, cycle }, ...others].slice(0, DEFINITIONS_KEPT));
  }
  return after;
}

function isSameDefinition(one: BaselineGate, other: BaselineGate): boolean {
  return one.measures === other.measures && one.limits === other.limits;
}
