// What holds the processes of a run's tasks, as its ledger has it.

import type { Layer } from '../plan/isolation.ts';

export interface Containment {
  /** Of tasks that ask for none. */
  readonly layer: Layer;
  /** The folder of the run's control group, in the tree of this boot: whatever is in it belongs to the run. */
  readonly unit?: string;
  readonly boot?: string;
  /** Tasks that get another one than they would by asking for none, by that; absent: none do. */
  readonly others?: Readonly<Partial<Record<Layer, OtherTasks>>>;
  /** The engines of its tasks' containers and their versions, by name; absent: no task asks for one. */
  readonly engines?: Readonly<Record<string, string>>;
  /** Why it is not a layer that nothing escapes from. */
  readonly weak?: string;
}

export interface OtherTasks {
  /** The first of them. */
  readonly named: readonly string[];
  readonly count: number;
}
