// Which keys of a task speak of judging. Plain data: a start loads it, and the rules that use it only where a config is read.

/** No step may have one, and in `defaults` they reach gates alone. */
export const GATE_KEYS: readonly string[] = [
  'uses',
  'with',
  'judges',
  'mode',
  'on-broken',
  'fail-on',
  'soft-until',
  'quarantine-until',
  'thresholds',
  'stages',
  'per',
  'seeds',
  'max-failed',
  'stop-early',
  'prove',
];
