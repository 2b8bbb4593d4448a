// Every trap of the config language: what a person wrote, and the whole screen they get.

import { expect, test } from 'vitest';
import { gate, loop, screen } from './screen.ts';

test('[B10] an unquoted `> 5` is no comparison', () => {
  expect(screen(gate('run: make', 'metrics: { lines: { count: x } }', 'thresholds:', '  lines: > 5')))
    .toMatchInlineSnapshot(`
    "
    loop.config.yaml:10:18  without quotes \`> 5\` is a block of text in YAML, not a comparison
     10 │           lines: > 5
        │                  ^^^
      quote it: "> 5"
    "
  `);
});

test('[B10] an unquoted `> 5` inside braces is no comparison', () => {
  expect(screen(gate('run: make', 'metrics: { lines: { count: x } }', 'thresholds: { lines: > 5 }')))
    .toMatchInlineSnapshot(`
    "
    loop.config.yaml:9:30  without quotes \`> 5\` is a block of text in YAML, not a comparison
      9 │         thresholds: { lines: > 5 }
        │                              ^^^
      quote it: "> 5"
    "
  `);
});

test('[B10] an unquoted `>= 80` is no comparison, and hides no problem behind it', () => {
  expect(
    screen(
      gate('run: make', 'metrics: { lines: { count: x } }', 'thresholds:', '  lines: >= 80', 'tymeout: 5m'),
    ),
  ).toMatchInlineSnapshot(`
    "
    loop.config.yaml:10:18  without quotes \`>= 80\` is a block of text in YAML, not a comparison
     10 │           lines: >= 80
        │                  ^^^^^
      quote it: ">= 80"

    loop.config.yaml:11:9  unknown key \`tymeout\` — did you mean \`timeout\`?
     11 │         tymeout: 5m
        │         ^^^^^^^
    "
  `);
});

test('[B10] an unquoted `>= 80` inside braces is no comparison', () => {
  expect(screen(gate('run: make', 'metrics: { lines: { count: x } }', 'thresholds: { lines: >= 80 }')))
    .toMatchInlineSnapshot(`
    "
    loop.config.yaml:9:30  without quotes \`>= 80\` is a block of text in YAML, not a comparison
      9 │         thresholds: { lines: >= 80 }
        │                              ^^^^^
      quote it: ">= 80"
    "
  `);
});

test('[B10] an unquoted `!= 5` is a tag', () => {
  expect(screen(gate('run: make', 'metrics: { lines: { count: x } }', 'thresholds: { lines: != 5 }')))
    .toMatchInlineSnapshot(`
    "
    loop.config.yaml:9:30  without quotes \`!=\` is a tag in YAML, and the comparison is lost
      9 │         thresholds: { lines: != 5 }
        │                              ^^^^
      quote it: "!= 5"
    "
  `);
});

test('[B10] an unquoted leading `*` in a list is an alias', () => {
  expect(screen(gate('run: make', 'when: { changed: [*.ts, src/**] }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:27  without quotes a leading \`*\` is an alias in YAML, and aliases are not read here
      8 │         when: { changed: [*.ts, src/**] }
        │                           ^^^^
      quote it: "*.ts"
    "
  `);
});

test('[B10] an unquoted leading `*` on a line of its own is an alias', () => {
  expect(screen(gate('run: make', 'when:', '  changed:', '    - **/*.orig'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:10:15  without quotes a leading \`*\` is an alias in YAML, and aliases are not read here
     10 │             - **/*.orig
        │               ^^^^^^^^^
      quote it: "**/*.orig"
    "
  `);
});

test('[B10] `{{` at the start of a value needs quotes', () => {
  expect(screen(gate('run: {{vars.tool}} --fast'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:7:14  at the start of a value, \`{{\` needs quotes around the whole value
      7 │         run: {{vars.tool}} --fast
        │              ^^^^^^^^^^^^^^^^^^^^
      quote it: "{{vars.tool}} --fast"
    "
  `);
});

test('[B10] `{{` as the whole value needs quotes', () => {
  expect(screen(gate('run: {{vars.tool}}'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:7:14  at the start of a value, \`{{\` needs quotes around the whole value
      7 │         run: {{vars.tool}}
        │              ^^^^^^^^^^^^^
      quote it: "{{vars.tool}}"
    "
  `);
});

test('[B10] `{{` at the start of a duration needs quotes', () => {
  expect(screen(gate('run: make', 'timeout: {{vars.minutes}}m'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:18  at the start of a value, \`{{\` needs quotes around the whole value
      8 │         timeout: {{vars.minutes}}m
        │                  ^^^^^^^^^^^^^^^^^
      quote it: "{{vars.minutes}}m"
    "
  `);
});

test('[B10] `{{` inside braces needs quotes', () => {
  expect(screen(gate('run: make', 'env: { set: { A: x-{{vars.a}}, B: b } }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:26  inside \`{ }\` and \`[ ]\`, \`{{\` needs quotes around the whole value
      8 │         env: { set: { A: x-{{vars.a}}, B: b } }
        │                          ^^^^^^^^^^^^
      quote it: "x-{{vars.a}}"
    "
  `);
});

test('[B10] `{{` in a list needs quotes', () => {
  expect(screen(gate('run: [make, {{count}}, --seed={{seed}}]'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:7:21  inside \`{ }\` and \`[ ]\`, \`{{\` needs quotes around the whole value
      7 │         run: [make, {{count}}, --seed={{seed}}]
        │                     ^^^^^^^^^
      quote it: "{{count}}"

    loop.config.yaml:7:32  inside \`{ }\` and \`[ ]\`, \`{{\` needs quotes around the whole value
      7 │         run: [make, {{count}}, --seed={{seed}}]
        │                                ^^^^^^^^^^^^^^^
      quote it: "--seed={{seed}}"
    "
  `);
});

test('[B10] `run: true` is a boolean', () => {
  expect(screen(gate('run: true'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:7:14  expected a command: text, or a list of words, not \`true\`
      7 │         run: true
        │              ^^^^
      unquoted, \`true\` is a boolean; as a command write run: "true"
    "
  `);
});

test('[B10] `! cmd` as a command loses its `!`', () => {
  expect(screen(gate('run: ! grep x file'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:7:14  without quotes \`!\` is a tag in YAML, and the command loses it
      7 │         run: ! grep x file
        │              ^^^^^^^^^^^^^
      quote it: "! grep x file"
    "
  `);
});

test('[B10] `[ -f x ] && cmd` as a command starts a list', () => {
  expect(screen(gate('run: [ -f x ] && make'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:7:14  without quotes \`[\` starts a list in YAML, not a test
      7 │         run: [ -f x ] && make
        │              ^^^^^^^^^^^^^^^^
      quote it: "[ -f x ] && make"
    "
  `);
});

test('[B10] `[ -f x ]` alone is a list of one odd word', () => {
  expect(screen(gate('run: [ -f x ]'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:7:14  without quotes \`[\` starts a list in YAML, not a test
      7 │         run: [ -f x ]
        │              ^^^^^^^^
      quote it: "[ -f x ]"
    "
  `);
});

test('[B10] `&x` as a command is an anchor', () => {
  expect(screen(gate('run: &x make'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:7:14  without quotes \`&\` is an anchor in YAML, and the command loses it
      7 │         run: &x make
        │              ^^^^^^^
      quote it: "&x make"
    "
  `);
});

test('[B10] `: ` inside an unquoted command makes a map', () => {
  expect(screen(gate('run: echo a: b', 'timeout: 5m'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:7:14  without quotes \`: \` makes a map of the command
      7 │         run: echo a: b
        │              ^^^^^^^^^
      quote it: "echo a: b"
    "
  `);
});

test('[B10] `: ` inside an unquoted word of a command makes a map', () => {
  expect(screen(gate('run: [echo, a: b]'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:7:21  without quotes \`: \` makes a map of this word
      7 │         run: [echo, a: b]
        │                     ^^^^
      quote the whole word
    "
  `);
});

test('[B10] ` #` inside an unquoted command ends it', () => {
  expect(screen(gate('run: echo a #b'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:7:20  without quotes \` #\` ends the command
      7 │         run: echo a #b
        │                    ^^
      quote the command; or, if it is a comment, put two spaces before the \`#\`
    "
  `);
});

test('[B10] `"\\d"` in double quotes is no escape', () => {
  expect(screen(gate('run: make', 'metrics: { lines: { regex: "(?<value>\\d+)" } }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:46  \`\\d\` is no escape that double quotes know
      8 │         metrics: { lines: { regex: "(?<value>\\d+)" } }
        │                                              ^
      use single quotes: inside them a backslash is just a backslash
    "
  `);
});

test('[B10] `"\\b"` in double quotes is a backspace', () => {
  expect(screen(gate('run: make', 'metrics: { lines: { count: "\\bfail" } }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:36  in double quotes \`\\b\` is a backspace
      8 │         metrics: { lines: { count: "\\bfail" } }
        │                                    ^^^^^^^^
      use single quotes: '…'
    "
  `);
});

test('[B10] `yes` where a list item is due is a boolean to some', () => {
  expect(screen(gate('run: [echo, yes]'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:7:21  an unquoted \`yes\` is a boolean to many YAML readers
      7 │         run: [echo, yes]
        │                     ^^^
      write \`true\`, or quote it if it is text: "yes"
    "
  `);
});

test('[B10] `no` is told to be false or text', () => {
  expect(screen(gate('run: make', 'needs: [no]'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:17  an unquoted \`no\` is a boolean to many YAML readers
      8 │         needs: [no]
        │                 ^^
      write \`false\`, or quote it if it is text: "no"
    "
  `);
});

test('[B10] a duplicate key names the line of the first', () => {
  expect(screen(gate('run: make', 'timeout: 5m', 'timeout: 6m'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:9:9  duplicate key \`timeout\`, first on line 8
      9 │         timeout: 6m
        │         ^^^^^^^
      keep one of them
    "
  `);
});

test('[B10] a tag is refused', () => {
  expect(screen(gate('run: make', 'timeout: !!str 5m'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:18  tags are not read in a config
      8 │         timeout: !!str 5m
        │                  ^^^^^
      remove it, or quote the value
    "
  `);
});

test('[B10] an anchor is refused', () => {
  expect(screen(gate('run: make', 'env: &e { set: { A: b } }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:14  anchors are not read in a config
      8 │         env: &e { set: { A: b } }
        │              ^^
      remove it; \`defaults\` and \`vars\` are for what repeats
    "
  `);
});

test('[B10] an alias is refused', () => {
  expect(screen(gate('run: make', 'env: *e'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:14  without quotes a leading \`*\` is an alias in YAML, and aliases are not read here
      8 │         env: *e
        │              ^^
      quote it: "*e"
    "
  `);
});

test('[B10] `<<` merges nothing', () => {
  expect(screen(gate('run: make', '<<: { timeout: 5m }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:9  \`<<\` merges nothing here
      8 │         <<: { timeout: 5m }
        │         ^^
      write the keys out, or use \`defaults\`
    "
  `);
});

test('[B10] an empty value is refused', () => {
  expect(screen(gate('run: make', 'timeout:'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:9  \`timeout\` has no value
      8 │         timeout:
        │         ^^^^^^^
      give it one, or remove the key
    "
  `);
});

test('[B10] an empty entry of a list is refused', () => {
  expect(screen(gate('run: make', 'needs: [a, ~]'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:20  an empty entry in a list
      8 │         needs: [a, ~]
        │                    ^
      give it a value, or remove it
    "
  `);
});

test('[B10] a leading zero is refused where a number is due', () => {
  expect(screen(gate('run: make', 'retry: { limit: 010 }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:25  \`010\` means different numbers to different YAML readers
      8 │         retry: { limit: 010 }
        │                         ^^^
      write \`10\`, or quote it if it is text
    "
  `);
});

test('[B10] text behind a closing quote is pointed out', () => {
  expect(screen(gate('run: "my tool" --flag'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:7:14  the text goes on behind its closing quote
      7 │         run: "my tool" --flag
        │              ^^^^^^^^^^^^^^^^
      quote it: '"my tool" --flag'
    "
  `);
});

test('[B10] a backtick needs quotes', () => {
  expect(screen(gate('run: `which make`'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:7:14  without quotes a value cannot start with \`\`\`
      7 │         run: \`which make\`
        │              ^^^^^^^^^^^^
      quote it: "\`which make\`"
    "
  `);
});

test('[B10] the words of neighbours are translated', () => {
  expect(
    screen(
      gate(
        'run: make',
        'continue-on-error: true',
        'allow_failure: true',
        'soft_fail: true',
        'if: always()',
        'depends_on: [a]',
      ),
    ),
  ).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:9  unknown key \`continue-on-error\`
      8 │         continue-on-error: true
        │         ^^^^^^^^^^^^^^^^^
      write \`mode: soft\`

    loop.config.yaml:9:9  unknown key \`allow_failure\`
      9 │         allow_failure: true
        │         ^^^^^^^^^^^^^
      write \`mode: soft\`

    loop.config.yaml:10:9  unknown key \`soft_fail\`
     10 │         soft_fail: true
        │         ^^^^^^^^^
      write \`mode: soft\`

    loop.config.yaml:11:9  unknown key \`if\`
     11 │         if: always()
        │         ^^
      write \`when\`

    loop.config.yaml:12:9  unknown key \`depends_on\`
     12 │         depends_on: [a]
        │         ^^^^^^^^^^
      write \`needs\`
    "
  `);
});

test('[B10] a comma inside an unquoted command in braces ends it', () => {
  expect(screen(loop('gates:', '  g: { run: echo a, b, c, timeout: 5m }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:6:25  inside \`{ }\` a comma ends the command
      6 │       g: { run: echo a, b, c, timeout: 5m }
        │                         ^
      quote it: "echo a, b, c"
    "
  `);
});

test('[B10] `[ -f x ] && cmd` inside braces starts a list', () => {
  expect(screen(loop('gates:', '  g: { run: [ -f x ] && make, timeout: 5m }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:6:17  without quotes \`[\` starts a list in YAML, not a test
      6 │       g: { run: [ -f x ] && make, timeout: 5m }
        │                 ^^^^^^^^^^^^^^^^
      quote it: "[ -f x ] && make"
    "
  `);
});

test('[B10] an unquoted `*` as a key is an alias', () => {
  expect(
    screen(`${loop('gates: { g: { run: make } }')}profiles: { dev: { gates: { *: { mode: soft } } } }\n`),
  ).toMatchInlineSnapshot(`
    "
    loop.config.yaml:6:29  without quotes a leading \`*\` is an alias in YAML, and aliases are not read here
      6 │ profiles: { dev: { gates: { *: { mode: soft } } } }
        │                             ^
      quote it: "*"
    "
  `);
});

test('[B10] `on:` is a boolean to some, and gate-run has no triggers', () => {
  expect(screen(`${loop('gates: { g: { run: make } }')}on: push\n`)).toMatchInlineSnapshot(`
    "
    loop.config.yaml:6:1  an unquoted key \`on\` is no word to many YAML readers
      6 │ on: push
        │ ^^
      gate-run has no triggers: a person, cron or CI starts it
    "
  `);
});

test('[B10] `yes` where a boolean is due', () => {
  expect(screen(loop('always: yes', 'gates: { g: { run: make } }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:5:13  an unquoted \`yes\` is a boolean to many YAML readers
      5 │     always: yes
        │             ^^^
      write \`true\`, or quote it if it is text: "yes"
    "
  `);
});

test('[B10] an id that does not start with a letter', () => {
  expect(screen(loop('gates: { 1st: { run: make } }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:5:14  the id \`1st\` does not start with a letter
      5 │     gates: { 1st: { run: make } }
        │              ^^^
      call it \`st\`
    "
  `);
});

test('[B10] an id with a dot', () => {
  expect(screen(loop('gates: { a.b: { run: make } }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:5:14  the id \`a.b\` holds more than letters, digits, \`-\` and \`_\`
      5 │     gates: { a.b: { run: make } }
        │              ^^^
      call it \`a-b\`
    "
  `);
});

test('[B10] an id that every object has', () => {
  expect(screen(loop('gates: { constructor: { run: make } }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:5:14  \`constructor\` cannot be an id: the name is taken
      5 │     gates: { constructor: { run: make } }
        │              ^^^^^^^^^^^
      choose another word
    "
  `);
});

test('[B10] a tab in the indentation', () => {
  expect(screen('version: 1\nname: x\nphases:\n\tp:\n\t\tgates: { g: { run: make } }\n'))
    .toMatchInlineSnapshot(`
    "
    loop.config.yaml:4:1  a tab in the indentation; YAML takes spaces only
      4 │   p:
        │ ^
      put two spaces in the place of each tab

    loop.config.yaml:5:1  a tab in the indentation; YAML takes spaces only
      5 │     gates: { g: { run: make } }
        │ ^
      put two spaces in the place of each tab
    "
  `);
});

test('[B10] a second document', () => {
  expect(screen(`${loop('gates: { g: { run: make } }')}---\nversion: 2\n`)).toMatchInlineSnapshot(`
    "
    loop.config.yaml:6:1  a second document starts here
      6 │ ---
        │ ^^^
      keep one: remove the line \`---\` and what follows it
    "
  `);
});

test('[B10] a directive', () => {
  expect(screen(`%YAML 1.1\n---\n${loop('gates: { g: { run: make } }')}`)).toMatchInlineSnapshot(`
    "
    loop.config.yaml:1:1  a \`%\` directive is not read here
      1 │ %YAML 1.1
        │ ^
      remove it
    "
  `);
});

test('[B10] a bracket that is never closed hides nothing before it', () => {
  expect(screen('name: x\nvresion: 1\nphases: { p: { gates: { g: { run: make } }\n')).toMatchInlineSnapshot(`
    "
    loop.config.yaml:2:1  unknown key \`vresion\` — did you mean \`version\`?
      2 │ vresion: 1
        │ ^^^^^^^

    loop.config.yaml:4:1  not valid YAML: flow map in block collection must be sufficiently indented and end with a }
      close the quote or the bracket
    "
  `);
});

test('[B10] an empty file', () => {
  expect(screen('')).toMatchInlineSnapshot(`
    "
    loop.config.yaml:1:1  the file is empty
      \`gate-run init\` writes a first one
    "
  `);
});

test('[B10] a file of comments', () => {
  expect(screen('# to do\n')).toMatchInlineSnapshot(`
    "
    loop.config.yaml:1:1  the file is empty
      1 │ # to do
        │ ^
      \`gate-run init\` writes a first one
    "
  `);
});

test('[B10] a list in place of a map', () => {
  expect(screen('- version: 1\n')).toMatchInlineSnapshot(`
    "
    loop.config.yaml:1:1  expected a map of keys, not a list
      1 │ - version: 1
        │ ^
      \`gate-run init\` writes a first one
    "
  `);
});

test('[B10] a byte order mark is no mistake and shifts no column', () => {
  expect(screen(`\uFEFFvresion: 1\nname: x\nphases: { p: { gates: { g: { run: make } } } }\n`))
    .toMatchInlineSnapshot(`
    "
    loop.config.yaml:1:1  missing key \`version\`
      1 │ vresion: 1
        │ ^
      add \`version: 1\`

    loop.config.yaml:1:1  unknown key \`vresion\` — did you mean \`version\`?
      1 │ vresion: 1
        │ ^^^^^^^
    "
  `);
});

test('[B10] Windows line ends shift no column', () => {
  expect(screen(gate('run: make', 'tymeout: 5m').replaceAll('\n', '\r\n'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:9  unknown key \`tymeout\` — did you mean \`timeout\`?
      8 │         tymeout: 5m
        │         ^^^^^^^
    "
  `);
});

test('[B10] `true` and `~` as keys are no words', () => {
  expect(screen(`${loop('gates: { g: { run: make }, true: { run: make } }')}~: 1\n`)).toMatchInlineSnapshot(`
    "
    loop.config.yaml:5:32  an unquoted key \`true\` is no word to many YAML readers
      5 │     gates: { g: { run: make }, true: { run: make } }
        │                                ^^^^
      quote it: "true"

    loop.config.yaml:6:1  an unquoted key \`~\` is no word to many YAML readers
      6 │ ~: 1
        │ ^
      quote it: "~"
    "
  `);
});
