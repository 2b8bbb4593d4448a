// The loop that goes on and on while it is killed: short cycles, short pauses of two kinds, and tasks of every kind.

/** Counted cycles after which its run has had enough. */
export const BUDGET = 8;

/** Fails as soon as a process of an earlier life of gate-run over the same state is still there. */
const ALONE = `for f in $(grep -lsaF "GATE_STATE=$GATE_STATE" /proc/[0-9]*/environ); do
  env=$(tr '\\0' '\\n' < "$f" 2>/dev/null) || continue
  case "$env" in *GATE_RUN=*) ;; *) continue ;; esac
  case "$env" in *"STORY_LIFE=$STORY_LIFE"*) ;; *) echo "$f is of another life"; exit 1 ;; esac
done
`;

const CONFIG = `version: 1
name: endless
jobs: 3
loop:
  sleep: 80ms
  backoff: { from: 60ms, factor: 2, max: 150ms }
# Kills may hit every cycle that would pass, and then it would give up, rightly.
exit: { budget: { cycles: ${BUDGET} }, give-up: { failures-in-a-row: never } }
marks: { often: { all: { cycles: '>= 3' } } }
defaults: { timeout: 20s, kill-after: 300ms }
phases:
  prepare:
    steps:
      alone: { run: sh alone.sh, when: { exists: [alone.sh] }, isolation: group }   # it looks at all processes
  check:
    gates:
      leaves: { run: 'setsid sleep 61.5 & true', isolation: group }                 # so that kills leave something
      flaky: { run: 'test "$GATE_ATTEMPT" = 2 || exit 75', retry: { limit: 1, when: [exit.75], delay: 15ms } }
      soft: { run: 'echo nope; exit 1', mode: soft }
      sims:
        run: sleep 0.02; echo edge $((GATE_COUNT * 2))
        metrics: { edge: { regex: 'edge (?<value>\\d+)', better: higher } }
        stages: [{ count: 10 }, { count: 100, promote: { edge: '> 1000' } }, { count: 1000 }]
  # One after another, so that each of their events is the last one for a while.
  wait:
    jobs: 1
    gates:
      quiet: { run: sleep 0.09, stall: { warn: 40ms, kill: 15s } }
      late: { run: 'trap "" TERM; sleep 61.5; sleep 61.5', timeout: 40ms, kill-after: 50ms, mode: soft, on-broken: soft }
      again: { run: 'test "$GATE_ATTEMPT" = 2', retry: { limit: 1, delay: 50ms } }
  prove:
    gates:
      turns: { run: 'test "$((GATE_CYCLE % 3))" != 0', needs: [soft] }
`;

export const ENDLESS: Readonly<Record<string, string>> = { 'loop.config.yaml': CONFIG, 'alone.sh': ALONE };

/** What the tasks of one start have in their environment, so that each knows the others of its life. */
export function lifeOf(number: number): Readonly<Record<string, string>> {
  return { STORY_LIFE: `${number};` };
}

/** Whether a cycle of this number passes, when nothing cuts it off. */
export function passes(cycle: number): boolean {
  return cycle % 3 !== 0;
}
