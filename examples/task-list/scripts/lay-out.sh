# A workplace for the agent, unless one is there from an earlier run.
set -eu
[ ! -e work/IMPLEMENTATION_PLAN.md ] || { echo 'the workplace is there'; exit 0; }
mkdir -p work
cp IMPLEMENTATION_PLAN.md work/
