// Keeps this process small while it starts many others: at each start the kernel copies its tables of memory.

/** An unknown flag is complained about on stderr; so they are given only to the V8 they were tried with. */
const TRIED_V8 = '13.6.';
/**
 * Thresholds only: what runs for long is still compiled for speed, what a thousand tasks call is not yet, and the young
 * generation stays as small as it began.
 */
const FLAGS = [
  '--invocation-count-for-maglev=20000',
  '--invocation-count-for-turbofan=40000',
  '--semi-space-growth-factor=1',
];
/** What outlived its cycle by chance is collected when the heap is half as large again, not when it is four times as large. */
const LASTING_FLAGS = ['--heap-growing-percent=50'];

/** For a run of many tasks, or of many cycles (`lasts`), before its plan is made; for a single one it costs more than it gives. */
export function staySmall(lasts: boolean): void {
  if (!process.versions.v8.startsWith(TRIED_V8)) return;
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  for (const flag of lasts ? [...FLAGS, ...LASTING_FLAGS] : FLAGS) setFlagsFromString(flag);
}
