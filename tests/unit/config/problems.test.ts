// Every problem beyond YAML itself: what a person wrote, and the whole screen they get.

import { expect, test } from 'vitest';
import { gate, gateScreen, loop, screen } from './screen.ts';

test('[B9] a gate with nothing to run', () => {
  expect(screen(gate('needs: [a]'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:6:7  this gate has nothing to run: expected exactly one of \`run\`, \`uses\`, \`judges\`
      6 │       g:
        │       ^
      add \`run: COMMAND\`
    "
  `);
});

test('a gate that runs and judges', () => {
  expect(screen(gate('run: make', 'judges: a'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:9  expected exactly one of \`run\`, \`uses\`, \`judges\`, not \`run\` and \`judges\`
      8 │         judges: a
        │         ^^^^^^
      keep one; the other task can say \`needs\`
    "
  `);
});

test('`with` without `uses`', () => {
  expect(screen(gate('run: make', 'with: { a: 1 }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:9  \`with\` says nothing without \`uses\`
      8 │         with: { a: 1 }
        │         ^^^^
      add \`uses: GATE\`, or put the values into the command
    "
  `);
});

test('a shell for a list', () => {
  expect(screen(gate('run: [make, all]', 'shell: bash'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:9  a list is started without a shell
      8 │         shell: bash
        │         ^^^^^
      leave \`shell\` out, or write the command as one text
    "
  `);
});

test('durations without a unit, of zero, and that cannot be switched off', () => {
  expect(screen(gate('run: make', 'timeout: 5', 'stall: 0s', 'kill-after: never'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:18  expected a duration such as \`90s\`, \`5m\` or \`1h30m\`, above zero, or \`never\`, not the number 5
      8 │         timeout: 5
        │                  ^
      add the unit: \`5s\` or \`5m\`

    loop.config.yaml:9:16  expected a duration such as \`90s\`, \`5m\` or \`1h30m\`, above zero, or \`never\`, not the text \`0s\`
      9 │         stall: 0s
        │                ^^
      \`never\` switches it off

    loop.config.yaml:10:21  expected a duration such as \`10s\`, \`5m\` or \`1h30m\`, not the text \`never\`
     10 │         kill-after: never
        │                     ^^^^^
      this one cannot be switched off
    "
  `);
});

test('[A10] a leap of units in a duration', () => {
  expect(screen(gate('run: make', 'timeout: 30m1h'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:18  expected a duration such as \`90s\`, \`5m\` or \`1h30m\`, above zero, or \`never\`, not the text \`30m1h\`
      8 │         timeout: 30m1h
        │                  ^^^^^
      units are d, h, m, s, ms, in this order, without spaces
    "
  `);
});

test('a text where a list of ids is due', () => {
  expect(screen(gate('run: make', 'needs: other'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:16  expected a list of ids, not the text \`other\`
      8 │         needs: other
        │                ^^^^^
      write a list: needs: [other]
    "
  `);
});

test('a size that is none', () => {
  expect(screen(gate('run: make', 'log-limit: 8gb'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:20  expected a size such as \`512m\` or \`8g\`, not the text \`8gb\`
      8 │         log-limit: 8gb
        │                    ^^^
    "
  `);
});

test('exit codes out of range, twice, and under an unknown word', () => {
  expect(screen(gate('run: make', 'exits: { passed: [0, 300], failed: 7, broken: 7, pased: 1 }')))
    .toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:30  expected an exit code from 0 to 255, or a list of them, not the number 300
      8 │         exits: { passed: [0, 300], failed: 7, broken: 7, pased: 1 }
        │                              ^^^

    loop.config.yaml:8:55  exit code 7 stands under \`failed\` and \`broken\`
      8 │         exits: { passed: [0, 300], failed: 7, broken: 7, pased: 1 }
        │                                                       ^
      keep it under one of them

    loop.config.yaml:8:58  unknown meaning \`pased\` of an exit code — did you mean \`passed\`?
      8 │         exits: { passed: [0, 300], failed: 7, broken: 7, pased: 1 }
        │                                                          ^^^^^
      known here: passed, failed, broken, skipped, limited
    "
  `);
});

test('a regular expression without its group', () => {
  expect(screen(gate('run: make', "metrics: { lines: { regex: '\\d+' } }"))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:36  the regular expression has no group named \`value\`
      8 │         metrics: { lines: { regex: '\\d+' } }
        │                                    ^^^^^
      put what is to be read into \`(?<value>…)\`
    "
  `);
});

test('a regular expression that does not compile', () => {
  expect(screen(gate('run: make', "metrics: { lines: { count: '(' } }"))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:36  the regular expression does not compile: Unterminated group
      8 │         metrics: { lines: { count: '(' } }
        │                                    ^^^
      a literal \`(\`, \`[\`, \`*\`, \`+\` or \`?\` needs a \`\\\` before it
    "
  `);
});

test('a group in the manner of Python', () => {
  expect(screen(gate('run: make', "metrics: { lines: { regex: '(?P<value>\\d+)' } }")))
    .toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:36  \`(?P<value>…)\` is not read here
      8 │         metrics: { lines: { regex: '(?P<value>\\d+)' } }
        │                                    ^^^^^^^^^^^^^^^^
      write the group as \`(?<value>…)\`
    "
  `);
});

test('two readers in one source, and none', () => {
  expect(screen(gate('run: make', 'metrics: { a: { count: x, junit: y }, b: { unit: s } }')))
    .toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:20  expected exactly one reader (\`regex\`, \`count\`, \`json\`, \`junit\`, \`istanbul\`, \`lcov\`, \`cobertura\`, \`sarif\`), not \`count\` and \`junit\`
      8 │         metrics: { a: { count: x, junit: y }, b: { unit: s } }
        │                    ^
      such as regex: 'Lines: (?<value>[\\d.]+)'

    loop.config.yaml:8:47  expected exactly one reader (\`regex\`, \`count\`, \`json\`, \`junit\`, \`istanbul\`, \`lcov\`, \`cobertura\`, \`sarif\`), none stands here
      8 │         metrics: { a: { count: x, junit: y }, b: { unit: s } }
        │                                               ^
      such as regex: 'Lines: (?<value>[\\d.]+)'
    "
  `);
});

test('companions of another reader', () => {
  expect(screen(gate('run: make', 'metrics: { a: { count: x, at: /y, field: z } }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:35  \`at\` says nothing beside \`count\`
      8 │         metrics: { a: { count: x, at: /y, field: z } }
        │                                   ^^
      it belongs to \`json\`

    loop.config.yaml:8:43  \`field\` says nothing beside \`count\`
      8 │         metrics: { a: { count: x, at: /y, field: z } }
        │                                           ^^^^^
      it belongs to \`junit\` or \`istanbul\` or \`lcov\` or \`cobertura\` or \`sarif\`
    "
  `);
});

test('a JSON source without its pointer, or with a dotted one', () => {
  expect(screen(gate('run: make', 'metrics: { a: { json: x.json }, b: { json: x.json, at: total.lines } }')))
    .toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:20  missing key \`at\` beside \`json\`
      8 │         metrics: { a: { json: x.json }, b: { json: x.json, at: total.lines } }
        │                    ^
      add the JSON pointer of the value, such as \`at: /total/lines\`

    loop.config.yaml:8:64  expected a JSON pointer, not the text \`total.lines\`
      8 │         metrics: { a: { json: x.json }, b: { json: x.json, at: total.lines } }
        │                                                                ^^^^^^^^^^^
      write \`/total.lines\`
    "
  `);
});

test('bounds in the wrong order', () => {
  expect(screen(gate('run: make', 'metrics: { a: { count: x, bounds: [5, 1] } }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:43  expected the lower bound first, not [5, 1]
      8 │         metrics: { a: { count: x, bounds: [5, 1] } }
        │                                           ^^^^^^
      write [1, 5]
    "
  `);
});

test('a direction that is none', () => {
  expect(screen(gate('run: make', 'metrics: { a: { count: x, better: more } }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:43  expected \`higher\` or \`lower\`, not the text \`more\`
      8 │         metrics: { a: { count: x, better: more } }
        │                                           ^^^^
    "
  `);
});

test('thresholds that are none', () => {
  expect(
    screen(
      gate(
        'run: make',
        'metrics: { a: { count: x } }',
        'thresholds: { a: "80", b: "=> 3", c: {}, d: ">= best + x", e: { require: 80 } }',
      ),
    ),
  ).toMatchInlineSnapshot(`
    "
    loop.config.yaml:9:26  expected a comparison, not the text \`80\`
      9 │         thresholds: { a: "80", b: "=> 3", c: {}, d: ">= best + x", e: { require: 80 } }
        │                          ^^^^
      say how: ">= 80"

    loop.config.yaml:9:35  expected a comparison, not the text \`=> 3\`
      9 │         thresholds: { a: "80", b: "=> 3", c: {}, d: ">= best + x", e: { require: 80 } }
        │                                   ^^^^^^
      such as ">= 80", "< 5" or ">= best - 0.2"

    loop.config.yaml:9:43  the threshold of \`c\` asks for nothing
      9 │         thresholds: { a: "80", b: "=> 3", c: {}, d: ">= best + x", e: { require: 80 } }
        │                                           ^
      add \`require\`, \`want\`, \`at-least\` or \`at-most\`

    loop.config.yaml:9:53  expected a comparison, not the text \`>= best + x\`
      9 │         thresholds: { a: "80", b: "=> 3", c: {}, d: ">= best + x", e: { require: 80 } }
        │                                                     ^^^^^^^^^^^^^
      such as ">= 80", "< 5" or ">= best - 0.2"

    loop.config.yaml:9:82  expected text, not the number 80
      9 │         thresholds: { a: "80", b: "=> 3", c: {}, d: ">= best + x", e: { require: 80 } }
        │                                                                                  ^^
      quote it: "80"
    "
  `);
});

test('a ladder without a rung', () => {
  expect(screen(gate('run: make', 'stages: []'))).toContain('expected at least one rung, not an empty list');
});

test('rungs that do not climb', () => {
  expect(screen(gate('run: make', 'stages: [{ count: 10 }, { count: 10 }, { count: 5 }]')))
    .toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:42  expected a count above 10, not 10: a ladder climbs
      8 │         stages: [{ count: 10 }, { count: 10 }, { count: 5 }]
        │                                          ^^
      order the rungs by \`count\`, none twice

    loop.config.yaml:8:57  expected a count above 10, not 5: a ladder climbs
      8 │         stages: [{ count: 10 }, { count: 10 }, { count: 5 }]
        │                                                         ^
      order the rungs by \`count\`, none twice
    "
  `);
});

test('causes of a retry', () => {
  expect(screen(gate('run: make', 'retry: { limit: 200, when: [timeuot, exit.999, network, exit.75] }')))
    .toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:25  expected a whole number from 0 to 100, not the number 200
      8 │         retry: { limit: 200, when: [timeuot, exit.999, network, exit.75] }
        │                         ^^^

    loop.config.yaml:8:37  unknown cause \`timeuot\` — did you mean \`timeout\`?
      8 │         retry: { limit: 200, when: [timeuot, exit.999, network, exit.75] }
        │                                     ^^^^^^^
      known here: timeout, stall, oom, signal, exit, exit.75

    loop.config.yaml:8:46  unknown cause \`exit.999\`
      8 │         retry: { limit: 200, when: [timeuot, exit.999, network, exit.75] }
        │                                              ^^^^^^^^
      known here: timeout, stall, oom, signal, exit, exit.75

    loop.config.yaml:8:56  \`network\` is not built yet
      8 │         retry: { limit: 200, when: [timeuot, exit.999, network, exit.75] }
        │                                                        ^^^^^^^
      known here: timeout, stall, oom, signal, exit, exit.75
    "
  `);
});

test('a warning after the kill', () => {
  expect(screen(gate('run: make', 'stall: { warn: 15m, kill: 5m }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:24  expected the warning before the kill, not \`15m\` before \`5m\`
      8 │         stall: { warn: 15m, kill: 5m }
        │                        ^^^
      make \`warn\` shorter than \`5m\`
    "
  `);
});

test('names of variables', () => {
  expect(screen(gate('run: make', 'env: { set: { 1A: x, GATE_SEED: y, OK: true } }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:23  \`1A\` is no name of an environment variable
      8 │         env: { set: { 1A: x, GATE_SEED: y, OK: true } }
        │                       ^^
      letters, digits and \`_\`, not starting with a digit

    loop.config.yaml:8:30  \`GATE_SEED\` is set by gate-run itself
      8 │         env: { set: { 1A: x, GATE_SEED: y, OK: true } }
        │                              ^^^^^^^^^
      choose a name without \`GATE_\`

    loop.config.yaml:8:48  expected text or a number, not \`true\`
      8 │         env: { set: { 1A: x, GATE_SEED: y, OK: true } }
        │                                                ^^^^
      quote it: "true"
    "
  `);
});

test('[B9] keys of the language that this version does not carry out', () => {
  expect(screen(gate('run: make', 'stream: codex', 'stages: [{ count: 1, per: seed }]')))
    .toMatchInlineSnapshot(`
      "
      loop.config.yaml:8:9  key \`stream\` is not built yet
        8 │         stream: codex
          │         ^^^^^^
        leave it out; this version of gate-run would not act on it

      loop.config.yaml:9:30  unknown key \`per\`
        9 │         stages: [{ count: 1, per: seed }]
          │                              ^^^
        write \`gates: { NAME: { per: seed, stages: … } }\`
      "
    `);
});

test('references that this version does not carry out', () => {
  expect(screen(gate('run: make', 'metrics: { a: { count: x, in: message } }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:39  \`message\` is not built yet
      8 │         metrics: { a: { count: x, in: message } }
        │                                       ^^^^^^^
      read \`output\`, \`stdout\`, \`stderr\` or a file
    "
  `);
});

test('a map where text is due', () => {
  expect(screen(gate('run: make', 'cwd: { a: b }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:14  expected text, not a map
      8 │         cwd: { a: b }
        │              ^^^^^^^^
      a \`: \` inside text needs quotes around the whole text
    "
  `);
});

test('a mistake in a map that may be a word as well', () => {
  const config = gate('run: make', 'isolation: { layer: bwrap, root: rw }', 'network: { allow: [80] }');
  expect(screen(config)).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:42  expected \`read-only\`, not the text \`rw\`
      8 │         isolation: { layer: bwrap, root: rw }
        │                                          ^^

    loop.config.yaml:9:28  expected text, not the number 80
      9 │         network: { allow: [80] }
        │                            ^^
      quote it: "80"
    "
  `);
});

test('[B9] every problem at once, none hiding another', () => {
  expect(
    screen(
      [
        'version: 2',
        'nam: x',
        'jobs: 0',
        'phases:',
        '  p:',
        '    policy: stop',
        '    gates:',
        '      1g: { run: make, tymeout: 5m }',
        '      h: {}',
        '      k: { run: true, thresholds: { lines: > 5 } }',
        'loop: { sleep: 10m, timeout: 5 }',
        '',
      ].join('\n'),
    ),
  ).toMatchInlineSnapshot(`
    "
    loop.config.yaml:1:10  expected the version of the config language, \`1\`, not the number 2
      1 │ version: 2
        │          ^

    loop.config.yaml:2:1  unknown key \`nam\` — did you mean \`name\`?
      2 │ nam: x
        │ ^^^

    loop.config.yaml:3:7  expected a whole number from 1 on, not the number 0
      3 │ jobs: 0
        │       ^

    loop.config.yaml:6:13  expected \`finish-running\`, \`keep-going\` or \`kill\`, not the text \`stop\`
      6 │     policy: stop
        │             ^^^^

    loop.config.yaml:8:7  the id \`1g\` does not start with a letter
      8 │       1g: { run: make, tymeout: 5m }
        │       ^^
      call it \`g\`

    loop.config.yaml:8:24  unknown key \`tymeout\` — did you mean \`timeout\`?
      8 │       1g: { run: make, tymeout: 5m }
        │                        ^^^^^^^

    loop.config.yaml:9:7  this gate has nothing to run: expected exactly one of \`run\`, \`uses\`, \`judges\`
      9 │       h: {}
        │       ^
      add \`run: COMMAND\`

    loop.config.yaml:10:17  expected a command: text, or a list of words, not \`true\`
     10 │       k: { run: true, thresholds: { lines: > 5 } }
        │                 ^^^^
      unquoted, \`true\` is a boolean; as a command write run: "true"

    loop.config.yaml:10:44  without quotes \`> 5\` is a block of text in YAML, not a comparison
     10 │       k: { run: true, thresholds: { lines: > 5 } }
        │                                            ^^^
      quote it: "> 5"

    loop.config.yaml:11:30  expected a duration such as \`90s\`, \`5m\` or \`1h30m\`, above zero, or \`never\`, not the number 5
     11 │ loop: { sleep: 10m, timeout: 5 }
        │                              ^
      add the unit: \`5s\` or \`5m\`
    "
  `);
});

test('a step that is judged', () => {
  expect(
    screen(
      loop(
        'steps:',
        '  s: { run: make, mode: soft, thresholds: { a: "> 1" }, metrics: { a: { count: x } } }',
      ),
    ),
  ).toMatchInlineSnapshot(`
      "
      loop.config.yaml:6:23  \`mode\` is for gates: a step does work, it is not judged
        6 │       s: { run: make, mode: soft, thresholds: { a: "> 1" }, metrics: { a: { count: x } } }
          │                       ^^^^
        move the task from \`steps\` to \`gates\`

      loop.config.yaml:6:35  \`thresholds\` is for gates: a step does work, it is not judged
        6 │       s: { run: make, mode: soft, thresholds: { a: "> 1" }, metrics: { a: { count: x } } }
          │                                   ^^^^^^^^^^
        move the task from \`steps\` to \`gates\`
      "
    `);
});

test('a step with nothing to run', () => {
  expect(screen(loop('steps:', '  s: { timeout: 5m }'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:6:7  this step has nothing to run: expected \`run\`
      6 │       s: { timeout: 5m }
        │       ^
      add \`run: COMMAND\`
    "
  `);
});

test('a phase with neither steps nor gates', () => {
  expect(screen(loop('title: nothing'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:4:3  phase \`p\` has neither steps nor gates
      4 │   p:
        │   ^
      add \`gates: { NAME: { run: COMMAND } }\`, or remove the phase
    "
  `);
});

test('no phase at all', () => {
  expect(screen('version: 1\nname: x\nphases: {}\n')).toMatchInlineSnapshot(`
    "
    loop.config.yaml:3:1  there is no phase, so nothing would be judged
      3 │ phases: {}
        │ ^^^^^^
      such as phases: { check: { gates: { test: { run: npm test } } } }
    "
  `);
});

test('a task id twice in the file', () => {
  expect(screen(`${loop('gates: { g: { run: make } }')}  q: { steps: { g: { run: make } } }\n`))
    .toMatchInlineSnapshot(`
    "
    loop.config.yaml:6:17  the task id \`g\` stands twice, first under phases.p.gates
      6 │   q: { steps: { g: { run: make } } }
        │                 ^
      rename one: \`needs\`, flags and reports name tasks without their phase
    "
  `);
});

test('reporters that are none', () => {
  expect(
    screen(
      `${loop('gates: { g: { run: make } }')}reporters: [terminal, junit, github, { plain: x }, { github: yes-please }, { report: x }, html, { junit: a, github: auto }]\n`,
    ),
  ).toMatchInlineSnapshot(`
    "
    loop.config.yaml:6:23  the reporter \`junit\` needs a file
      6 │ reporters: [terminal, junit, github, { plain: x }, { github: yes-please }, { report: x }, html, { ju…
        │                       ^^^^^
      { junit: out/gates.junit.xml }

    loop.config.yaml:6:30  the reporter \`github\` says when
      6 │ reporters: [terminal, junit, github, { plain: x }, { github: yes-please }, { report: x }, html, { ju…
        │                              ^^^^^^
      { github: auto }

    loop.config.yaml:6:38  the reporter \`plain\` takes no value
      6 │ reporters: [terminal, junit, github, { plain: x }, { github: yes-please }, { report: x }, html, { ju…
        │                                      ^^^^^^^^^^^^
      write \`plain\`

    loop.config.yaml:6:62  expected \`auto\`, not the text \`yes-please\`
      6 │ …[terminal, junit, github, { plain: x }, { github: yes-please }, { report: x }, html, { junit: a, git…
        │                                                    ^^^^^^^^^^
      known: \`terminal\`, \`plain\`, \`report\`, \`{ junit: FILE }\`, \`{ tap: FILE }\`, \`{ sarif: FILE }\`, \`{ code-quality: FILE }\`, \`{ github: auto }\`, \`{ gitlab: auto }\`, \`{ buildkite: auto }\`

    loop.config.yaml:6:91  unknown reporter \`html\`
      6 │ …unit, github, { plain: x }, { github: yes-please }, { report: x }, html, { junit: a, github: auto }]
        │                                                                     ^^^^
      known: \`terminal\`, \`plain\`, \`report\`, \`{ junit: FILE }\`, \`{ tap: FILE }\`, \`{ sarif: FILE }\`, \`{ code-quality: FILE }\`, \`{ github: auto }\`, \`{ gitlab: auto }\`, \`{ buildkite: auto }\`

    loop.config.yaml:6:97  expected one reporter in each entry of the list
      6 │ …unit, github, { plain: x }, { github: yes-please }, { report: x }, html, { junit: a, github: auto }]
        │                                                                           ^^^^^^^^^^^^^^^^^^^^^^^^^^
      known: \`terminal\`, \`plain\`, \`report\`, \`{ junit: FILE }\`, \`{ tap: FILE }\`, \`{ sarif: FILE }\`, \`{ code-quality: FILE }\`, \`{ github: auto }\`, \`{ gitlab: auto }\`, \`{ buildkite: auto }\`
    "
  `);
});

test('what a report cannot hold', () => {
  expect(
    screen(
      `${loop('gates: { g: { run: make } }')}reporters: [{ report: { flie: a.md } }, { report: { top: 0 } }, { report: [a.md] }, { junit: { file: a.xml } }, { report: a.md, top: 5 }]\n`,
    ),
  ).toMatchInlineSnapshot(`
    "
    loop.config.yaml:6:25  unknown key \`flie\` — did you mean \`file\`?
      6 │ reporters: [{ report: { flie: a.md } }, { report: { top: 0 } }, { report: [a.md] }, { junit: { file:…
        │                         ^^^^

    loop.config.yaml:6:58  expected a whole number from 1 on, not the number 0
      6 │ …rs: [{ report: { flie: a.md } }, { report: { top: 0 } }, { report: [a.md] }, { junit: { file: a.xml …
        │                                                    ^

    loop.config.yaml:6:75  expected text, or what the report holds, not a list
      6 │ …flie: a.md } }, { report: { top: 0 } }, { report: [a.md] }, { junit: { file: a.xml } }, { report: a.…
        │                                                    ^^^^^^

    loop.config.yaml:6:94  expected a file, not a map
      6 │ …}, { report: { top: 0 } }, { report: [a.md] }, { junit: { file: a.xml } }, { report: a.md, top: 5 }]
        │                                                          ^^^^^^^^^^^^^^^
      known: \`terminal\`, \`plain\`, \`report\`, \`{ junit: FILE }\`, \`{ tap: FILE }\`, \`{ sarif: FILE }\`, \`{ code-quality: FILE }\`, \`{ github: auto }\`, \`{ gitlab: auto }\`, \`{ buildkite: auto }\`

    loop.config.yaml:6:113  expected one reporter in each entry of the list
      6 │ …}, { report: { top: 0 } }, { report: [a.md] }, { junit: { file: a.xml } }, { report: a.md, top: 5 }]
        │                                                                             ^^^^^^^^^^^^^^^^^^^^^^^^
      known: \`terminal\`, \`plain\`, \`report\`, \`{ junit: FILE }\`, \`{ tap: FILE }\`, \`{ sarif: FILE }\`, \`{ code-quality: FILE }\`, \`{ github: auto }\`, \`{ gitlab: auto }\`, \`{ buildkite: auto }\`

    loop.config.yaml:6:134  expected text, or what the report holds, not the number 5
      6 │ …}, { report: { top: 0 } }, { report: [a.md] }, { junit: { file: a.xml } }, { report: a.md, top: 5 }]
        │                                                                                                  ^
    "
  `);
});

test('what a profile cannot hold', () => {
  expect(
    screen(
      `${loop('gates: { g: { run: make } }')}profiles: { dev: { phases: {}, name: y, profile: z, hooks: {}, gates: { g: { tiemout: 1m } } } }\n`,
    ),
  ).toMatchInlineSnapshot(`
    "
    loop.config.yaml:6:20  a profile cannot change \`phases\`
      6 │ profiles: { dev: { phases: {}, name: y, profile: z, hooks: {}, gates: { g: { tiemout: 1m } } } }
        │                    ^^^^^^
      write it at the top of the file

    loop.config.yaml:6:32  a profile cannot change \`name\`
      6 │ profiles: { dev: { phases: {}, name: y, profile: z, hooks: {}, gates: { g: { tiemout: 1m } } } }
        │                                ^^^^
      write it at the top of the file

    loop.config.yaml:6:41  a profile cannot choose a profile
      6 │ profiles: { dev: { phases: {}, name: y, profile: z, hooks: {}, gates: { g: { tiemout: 1m } } } }
        │                                         ^^^^^^^
      choose it at the top of the file, or with \`--profile\`

    loop.config.yaml:6:78  unknown key \`tiemout\` — did you mean \`timeout\`?
      6 │ profiles: { dev: { phases: {}, name: y, profile: z, hooks: {}, gates: { g: { tiemout: 1m } } } }
        │                                                                              ^^^^^^^
    "
  `);
});

test('[B9] words of other tools at the top', () => {
  expect(screen(`${loop('gates: { g: { run: make } }')}env: { A: b }\nsteps: []\nstages: [a]\n`))
    .toMatchInlineSnapshot(`
    "
    loop.config.yaml:6:1  unknown key \`env\`
      6 │ env: { A: b }
        │ ^^^
      write \`vars, or defaults: { env: … }\`

    loop.config.yaml:7:1  unknown key \`steps\`
      7 │ steps: []
        │ ^^^^^
      write \`phases: { NAME: { steps: …, gates: … } }\`

    loop.config.yaml:8:1  unknown key \`stages\`
      8 │ stages: [a]
        │ ^^^^^^
      write \`phases\`
    "
  `);
});

test('a value that is no variable', () => {
  expect(screen(`${loop('gates: { g: { run: make } }')}vars: { a: [1], b: { default: 3 } }\n`))
    .toMatchInlineSnapshot(`
      "
      loop.config.yaml:6:12  expected text, a number, or a map with \`env\` and \`default\`, not a list
        6 │ vars: { a: [1], b: { default: 3 } }
          │            ^^^

      loop.config.yaml:6:17  missing key \`env\`
        6 │ vars: { a: [1], b: { default: 3 } }
          │                 ^
        add \`env: …\` (text)
      "
    `);
});

test('missing keys of the file', () => {
  expect(screen('goal: none\n')).toMatchInlineSnapshot(`
    "
    loop.config.yaml:1:1  missing key \`version\`
      1 │ goal: none
        │ ^
      add \`version: 1\`

    loop.config.yaml:1:1  missing key \`name\`
      1 │ goal: none
        │ ^
      add \`name: …\` (text)

    loop.config.yaml:1:1  missing key \`phases\`
      1 │ goal: none
        │ ^
      add \`phases: …\` (a map)
    "
  `);
});

const GATE = 'about: a\ntool: https://example.com\nrun: [make]\nsamples: []\n';

test('a gate file says nothing about how much it matters', () => {
  expect(gateScreen(`${GATE}mode: soft\nneeds: [a]\n`)).toMatchInlineSnapshot(`
    "
    gates/x.yaml:5:1  \`mode\` is set by the loop, never by the gate file
      5 │ mode: soft
        │ ^^^^
      write it in the loop.config.yaml, beside \`uses\`

    gates/x.yaml:6:1  \`needs\` is set by the loop, never by the gate file
      6 │ needs: [a]
        │ ^^^^^
      write it in the loop.config.yaml, beside \`uses\`
    "
  `);
});

test('[B9] a gate file with unknown keys and a sample that ends in no way', () => {
  expect(
    gateScreen(`${GATE.replace('[]', '[{ name: a, from: b, exit: 300, verdict: green }]')}require: [make]\n`),
  ).toMatchInlineSnapshot(`
    "
    gates/x.yaml:4:37  expected an exit code from 0 to 255, or \`{ not-started: not-found }\`, not the number 300
      4 │ samples: [{ name: a, from: b, exit: 300, verdict: green }]
        │                                     ^^^

    gates/x.yaml:4:51  expected \`passed\`, \`failed\` or \`broken\`, not the text \`green\`
      4 │ samples: [{ name: a, from: b, exit: 300, verdict: green }]
        │                                                   ^^^^^

    gates/x.yaml:5:1  unknown key \`require\` — did you mean \`requires\`?
      5 │ require: [make]
        │ ^^^^^^^
    "
  `);
});

test('a gate file with a parameter of no type', () => {
  expect(gateScreen(`${GATE}parameters: { 1x: { about: a, type: list } }\n`)).toMatchInlineSnapshot(`
    "
    gates/x.yaml:5:15  the id \`1x\` does not start with a letter
      5 │ parameters: { 1x: { about: a, type: list } }
        │               ^^
      call it \`x\`

    gates/x.yaml:5:37  expected \`text\`, \`number\`, \`size\`, \`texts\`, \`numbers-by-name\` or \`boolean\`, not the text \`list\`
      5 │ parameters: { 1x: { about: a, type: list } }
        │                                     ^^^^
    "
  `);
});

test('an empty gate file', () => {
  expect(gateScreen('')).toMatchInlineSnapshot(`
    "
    gates/x.yaml:1:1  the file is empty
      start with \`about: WHAT IT PROVES\`
    "
  `);
});
