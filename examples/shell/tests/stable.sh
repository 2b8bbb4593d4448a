# As many made-up texts as the first word says, from the seed that the second one is; each must be stable.
set -eu
count=$1
number=$2
unstable=0
while [ "$count" -gt 0 ]; do
  number=$(((number * 1103515245 + 12345) % 2147483648))
  once=$(bin/slug "Text no. $number, (part $count)")
  twice=$(bin/slug "$once")
  if [ "$once" != "$twice" ]; then
    unstable=$((unstable + 1))
    echo "$once became $twice"
  fi
  count=$((count - 1))
done
echo "unstable: $unstable"
