# A workplace for the agent, unless one is there from an earlier run.
set -eu
[ ! -e workplace/IMPLEMENTATION_PLAN.md ] || { echo 'the workplace is there'; exit 0; }
mkdir -p workplace
cp IMPLEMENTATION_PLAN.md workplace/
