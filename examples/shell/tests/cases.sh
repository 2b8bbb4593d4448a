# One line for each case: `ok` or `not ok`. What is good enough stands in loop.config.yaml.
set -u

check() {
  made=$(bin/slug "$1")
  if [ "$made" = "$2" ]; then
    printf 'ok %s\n' "$1"
  else
    printf 'not ok %s: made %s, wanted %s\n' "$1" "$made" "$2"
  fi
}

check 'Hello World' 'hello-world'
check '  spaces  ' 'spaces'
check 'a/b\c' 'a-b-c'
check 'C++ & C#' 'c-c'
check '100 %' '100'
check '' ''
