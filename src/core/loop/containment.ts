// What holds the processes of a run's tasks, as its ledger has it.

import type { Layer } from '../plan/isolation.ts';

export interface Containment {
  /** Of tasks that ask for none. */
  readonly layer: Layer;
  /** The folder of the run's control group, in the tree of this boot: whatever is in it belongs to the run. */
  readonly unit?: string;
  readonly boot?: string;
  /** Why it is not a layer that nothing escapes from. */
  readonly weak?: string;
}
