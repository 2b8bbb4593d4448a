// The loop that is killed again and again: short, and with every kind of event in it.

/** Fails as soon as a process of an earlier run over the same state is still there. */
const ALONE = `for f in $(grep -lsaF "GATE_STATE=$GATE_STATE" /proc/[0-9]*/environ); do
  grep -qsaF "GATE_RUN=" $f || continue
  grep -qsaF "GATE_RUN=$GATE_RUN" $f || { echo "$f is of another run"; exit 1; }
done
`;

const CONFIG = `version: 1
name: night
jobs: 3
defaults: { timeout: 20s, kill-after: 300ms }
phases:
  before:
    at: start
    gates:
      first: { run: sh alone.sh }
  prepare:
    steps:
      alone: { run: sh alone.sh }
  check:
    gates:
      quick: { run: 'true' }
      lint:
        run: echo warnings 3; sleep 0.03
        metrics: { warnings: { regex: 'warnings (?<value>\\d+)', better: lower } }
        thresholds: { warnings: { require: '<= 5', want: '<= 2' } }
      flaky: { run: 'test "$GATE_ATTEMPT" = 3 || exit 75', retry: { limit: 2, when: [exit.75], delay: 10ms } }
      soft: { run: 'echo nope; exit 1', mode: soft }
      leaves: { run: 'setsid sleep 61.5 & true' }
      after: { run: 'true', needs: [quick, flaky] }
  prove:
    gates:
      sims:
        run: echo edge $((GATE_COUNT * 2))
        metrics: { edge: { regex: 'edge (?<value>\\d+)', better: higher } }
        stages: [{ count: 10 }, { count: 100, promote: { edge: '> 1000' } }, { count: 1000 }]
      quiet: { run: sleep 0.1, stall: { warn: 50ms, kill: 15s } }
      late: { run: 'trap "" TERM; sleep 61.5; sleep 61.5', timeout: 60ms, kill-after: 40ms, mode: soft, on-broken: soft }
      asked: { run: 'true', when: { command: [sh], exists: [loop.config.yaml] } }
      left: { run: 'true', when: { exists: [nowhere] } }
      turns: { run: 'test -e green', mode: soft }
  last:
    always: true
    gates:
      last: { run: echo done }
  behind:
    at: end
    gates:
      end: { run: 'true' }
`;

export const NIGHT: Readonly<Record<string, string>> = { 'loop.config.yaml': CONFIG, 'alone.sh': ALONE };

/** How many tasks each turn has. */
export const TASKS: Readonly<Record<string, number>> = { start: 1, cycle: 14, end: 1 };

/** Numbers from a seed, at least 0 and below 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
