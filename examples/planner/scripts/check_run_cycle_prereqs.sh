# Everything that a cycle leans on is there; says all that is missing, not the first thing alone.
set -eu
code=0
for tool in node grep head wc; do
  command -v "$tool" > /dev/null || { echo "missing tool: $tool"; code=1; }
done
for file in sandbox/findings.txt tools/run_cycle.sh scripts/archive_planner_digests.mjs; do
  [ -r "$file" ] || { echo "missing file: $file"; code=1; }
done
exit "$code"
