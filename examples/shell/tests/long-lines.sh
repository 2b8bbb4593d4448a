# Says which lines are too long to be read at a glance.
set -u
if grep -rnE '.{111,}' "$@"; then
  exit 1
fi
echo 'no line is too long'
