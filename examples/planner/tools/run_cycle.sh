# Stands in for an agent: acts on the first open findings, and appends one digest of what it did.
set -eu
mode='' goal=''
while [ "$#" -gt 0 ]; do
  case $1 in
    --mode) mode=$2 ;;
    --goal) goal=$2 ;;
    *) echo "run_cycle: what is $1?" >&2; exit 2 ;;
  esac
  shift 2
done
echo "mode $mode, goal: $goal"

# What people put there to see how the loop takes a bad night.
if [ -e sandbox/trouble ]; then
  echo "the planner found trouble: $(head -n 1 sandbox/trouble)" >&2
  exit 1
fi

mkdir -p state
touch sandbox/acted.txt
open() { grep -vxF -f sandbox/acted.txt sandbox/findings.txt || true; }
acted=$(open | head -n "${MOST_FINDINGS:-3}")
[ -z "$acted" ] || printf '%s\n' "$acted" | tee -a sandbox/acted.txt
echo "{\"cycle\":$GATE_CYCLE,\"mode\":\"$mode\",\"open\":$(open | wc -l | tr -d ' ')}" >> state/planner_digests.jsonl
