// Keeps this process small while it starts many others: at each start the kernel copies its tables of memory.

/** An unknown flag is complained about on stderr; so they are given only to the V8 they were tried with. */
const TRIED_V8 = '13.6.';
/** The young generation stays as small as it began, and what is called so often is compiled for speed: thresholds only. */
const FLAGS = [
  '--invocation-count-for-maglev=20000',
  '--invocation-count-for-turbofan=40000',
  '--semi-space-growth-factor=1',
];
/**
 * What outlived its cycle by chance is collected when the heap is half as large again, not when it is four times as large.
 * A function that each cycle calls a few times is never compiled for speed: the hundreds of them, one after another over
 * 100,000 cycles, took 17 MB and saved nothing that could be measured. A loop over megabytes of output still is, in a second.
 */
const LASTING_FLAGS = [
  '--heap-growing-percent=50',
  '--invocation-count-for-maglev=1000000',
  '--invocation-count-for-turbofan=2000000',
];

/** For a run of many tasks, or of many cycles (`lasts`), before its plan is made; for a single one it costs more than it gives. */
export function staySmall(lasts: boolean): void {
  if (!process.versions.v8.startsWith(TRIED_V8)) return;
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  for (const flag of lasts ? [...FLAGS, ...LASTING_FLAGS] : FLAGS) setFlagsFromString(flag);
}
