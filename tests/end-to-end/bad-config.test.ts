// Configs that people get wrong, through the built command: the whole screen, exit 2, and nothing started.

import { expect, test } from 'vitest';
import { folderWith, gateRun, loop, screen, type Folder } from './rig.ts';

/** What the person sees; a config with a problem starts nothing and leaves no state behind. */
async function refused(folder: Folder, ...args: readonly string[]): Promise<string> {
  const ran = await gateRun(folder, args);
  expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 2, stdout: '' });
  expect(folder.has('.gate-run')).toBe(false);
  expect(folder.has('started')).toBe(false);
  return screen(folder, ran.stderr);
}

function config(text: string): Folder {
  return folderWith({ 'loop.config.yaml': text });
}

test('a folder without a config is told how to get one', async () => {
  expect(await refused(folderWith())).toMatchInlineSnapshot(`
    "
    no loop.config.yaml (or .yml, .json, .ts, .js, .mjs) in <folder> or a folder above it
      \`gate-run init\` writes a first one; \`-c FILE\` names one elsewhere
    "
  `);
});

test('a config that `-c` names and that is not there is not searched for elsewhere', async () => {
  const folder = folderWith(loop(`g: { run: touch started }`));
  expect(await refused(folder, '-c', 'other.yaml')).toMatchInlineSnapshot(`
    "
    other.yaml  there is no such file
      \`-c\` names a config file
    "
  `);
});

test('two configs in one folder are both named', async () => {
  const folder = folderWith({ ...loop(`g: { run: touch started }`), 'loop.config.json': '{}' });
  expect(await refused(folder)).toMatchInlineSnapshot(`
    "
    2 configs in one folder: loop.config.yaml, loop.config.json
      keep one of them, or say which with \`-c FILE\`
    "
  `);
});

test('a mistake within a map is told once, and not that the map lacks what it took along', async () => {
  const folder = folderWith(
    loop(
      'g: { run: touch started, writes: { files: -1 } }\nh: { run: touch started, network: { alow: ["a.example:443"] } }',
    ),
  );
  const told = await refused(folder);
  expect(told.match(/^loop\.config\.yaml:.*$/gm)).toEqual([
    expect.stringContaining('expected a whole number from 0 on, not the number -1'),
    expect.stringContaining('unknown key `alow` — did you mean `allow`?'),
  ]);
});

test('an empty file', async () => {
  expect(await refused(config(''))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:1:1  the file is empty
      \`gate-run init\` writes a first one
    "
  `);
});

test('a file that is no UTF-8', async () => {
  const folder = folderWith();
  folder.write('loop.config.yaml', Buffer.from('version: 1\nname: caf\xe9\n', 'latin1'));
  expect(await refused(folder)).toMatchInlineSnapshot(`
    "
    loop.config.yaml:2:10  this is not UTF-8
      2 │ name: caf�
        │          ^
      save the file as UTF-8
    "
  `);
});

test('tabs', async () => {
  expect(
    await refused(config('version: 1\nname: x\nphases:\n\tp:\n\t\tgates: { g: { run: touch started } }\n')),
  ).toMatchInlineSnapshot(`
      "
      loop.config.yaml:4:1  a tab in the indentation; YAML takes spaces only
        4 │   p:
          │ ^
        put two spaces in the place of each tab

      loop.config.yaml:5:1  a tab in the indentation; YAML takes spaces only
        5 │     gates: { g: { run: touch started } }
          │ ^
        put two spaces in the place of each tab
      "
    `);
});

test('duplicate keys', async () => {
  const folder = folderWith(loop(`g: { run: touch started }\nh: { run: touch started }\ng: { run: make }`));
  expect(await refused(folder)).toMatchInlineSnapshot(`
    "
    loop.config.yaml:8:7  duplicate key \`g\`, first on line 6
      8 │       g: { run: make }
        │       ^
      keep one of them
    "
  `);
});

test('an anchor bomb is refused by its first anchor, in no time and in no memory', async () => {
  const levels = Array.from({ length: 12 }, (_, level) => {
    const before = `*a${level - 1}`;
    return `  a${level}: &a${level} [${Array.from({ length: 9 }, () => (level === 0 ? 'lol' : before)).join(', ')}]`;
  });
  const folder = config(
    `version: 1\nname: bomb\nvars:\n${levels.join('\n')}\nphases: { p: { gates: { g: { run: touch started } } } }\n`,
  );
  const seen = await refused(folder);
  expect(seen).toContain('loop.config.yaml:4:7  anchors are not read in a config');
  expect(seen.split('\n').length).toBeLessThan(250);
});

test('a config of 5 MB is refused by its size', async () => {
  const { 'loop.config.yaml': text = '' } = loop('g: { run: touch started }');
  expect(await refused(config(`${text}# ${'x'.repeat(5_000_000)}\n`))).toMatchInlineSnapshot(`
    "
    loop.config.yaml  the file has 4883 KiB; a config may have 256 KiB
      keep data out of the config, in files of its own
    "
  `);
});

test('[B9] an unknown key at every level, all at once', async () => {
  const folder = config(`version: 1
name: x
gaol: green
vars: { a: { evn: X, default: y } }
defaults: { tymeout: 5m }
loop: { timout: 5m }
questions: { fle: x }
state: { dri: x }
phases:
  p:
    titel: x
    steps: { s: { run: touch started, wen: { exists: x } } }
    gates:
      g:
        run: touch started
        when: { exist: x }
        stall: { wran: 5m, kill: 9m }
        retry: { limit: 3, dealy: 2s }
        exits: { pased: 0 }
        metrics: { m: { count: x, unti: s } }
        thresholds: { m: { requier: ">= 8", require: ">= 8" } }
        stages: [{ count: 10, tmeout: 1m }]
        env: { pas: [A] }
profiles: { ci: { jbos: 3, gates: { g: { moed: soft } } } }
`);
  expect(await refused(folder)).toMatchInlineSnapshot(`
    "
    loop.config.yaml:3:1  unknown key \`gaol\` — did you mean \`goal\`?
      3 │ gaol: green
        │ ^^^^

    loop.config.yaml:4:9  missing key \`env\`
      4 │ vars: { a: { evn: X, default: y } }
        │         ^
      add \`env: …\` (text)

    loop.config.yaml:4:14  unknown key \`evn\` — did you mean \`env\`?
      4 │ vars: { a: { evn: X, default: y } }
        │              ^^^

    loop.config.yaml:5:13  unknown key \`tymeout\` — did you mean \`timeout\`?
      5 │ defaults: { tymeout: 5m }
        │             ^^^^^^^

    loop.config.yaml:6:9  unknown key \`timout\` — did you mean \`timeout\`?
      6 │ loop: { timout: 5m }
        │         ^^^^^^

    loop.config.yaml:7:14  unknown key \`fle\` — did you mean \`file\`?
      7 │ questions: { fle: x }
        │              ^^^

    loop.config.yaml:8:10  unknown key \`dri\` — did you mean \`dir\`?
      8 │ state: { dri: x }
        │          ^^^

    loop.config.yaml:11:5  unknown key \`titel\` — did you mean \`title\`?
     11 │     titel: x
        │     ^^^^^

    loop.config.yaml:12:39  unknown key \`wen\` — did you mean \`when\`?
     12 │     steps: { s: { run: touch started, wen: { exists: x } } }
        │                                       ^^^

    loop.config.yaml:16:17  unknown key \`exist\` — did you mean \`exists\`?
     16 │         when: { exist: x }
        │                 ^^^^^

    loop.config.yaml:17:18  unknown key \`wran\` — did you mean \`warn\`?
     17 │         stall: { wran: 5m, kill: 9m }
        │                  ^^^^

    loop.config.yaml:18:28  unknown key \`dealy\` — did you mean \`delay\`?
     18 │         retry: { limit: 3, dealy: 2s }
        │                            ^^^^^

    loop.config.yaml:19:18  unknown meaning \`pased\` of an exit code — did you mean \`passed\`?
     19 │         exits: { pased: 0 }
        │                  ^^^^^
      known here: passed, failed, broken, skipped, limited

    loop.config.yaml:20:35  unknown key \`unti\` — did you mean \`unit\`?
     20 │         metrics: { m: { count: x, unti: s } }
        │                                   ^^^^

    loop.config.yaml:21:28  unknown key \`requier\` — did you mean \`require\`?
     21 │         thresholds: { m: { requier: ">= 8", require: ">= 8" } }
        │                            ^^^^^^^

    loop.config.yaml:22:31  unknown key \`tmeout\` — did you mean \`timeout\`?
     22 │         stages: [{ count: 10, tmeout: 1m }]
        │                               ^^^^^^

    loop.config.yaml:23:16  unknown key \`pas\` — did you mean \`pass\`?
     23 │         env: { pas: [A] }
        │                ^^^

    loop.config.yaml:24:19  unknown key \`jbos\` — did you mean \`jobs\`?
     24 │ profiles: { ci: { jbos: 3, gates: { g: { moed: soft } } } }
        │                   ^^^^

    loop.config.yaml:24:42  unknown key \`moed\` — did you mean \`mode\`?
     24 │ profiles: { ci: { jbos: 3, gates: { g: { moed: soft } } } }
        │                                          ^^^^
    "
  `);
});

test('[B10] wrong types, all at once', async () => {
  const folder = config(`version: "1"
name: 5
jobs: many
redact: X_TOKEN
phases:
  p:
    always: 1
    gates:
      a: [touch, started]
      b: { run: { x: y }, timeout: 5, needs: a, retry: 3, mode: softly }
`);
  expect(await refused(folder)).toMatchInlineSnapshot(`
    "
    loop.config.yaml:1:10  expected the version of the config language, \`1\`, not the text \`1\`
      1 │ version: "1"
        │          ^^^

    loop.config.yaml:2:7  expected text, not the number 5
      2 │ name: 5
        │       ^
      quote it: "5"

    loop.config.yaml:3:7  expected a whole number from 1 on, not the text \`many\`
      3 │ jobs: many
        │       ^^^^
      digits only, no unit, no sign

    loop.config.yaml:4:9  expected a list of texts, not the text \`X_TOKEN\`
      4 │ redact: X_TOKEN
        │         ^^^^^^^
      write a list: redact: [X_TOKEN]

    loop.config.yaml:7:13  expected \`true\` or \`false\`, not the number 1
      7 │     always: 1
        │             ^

    loop.config.yaml:9:10  expected a map, not a list
      9 │       a: [touch, started]
        │          ^^^^^^^^^^^^^^^^

    loop.config.yaml:10:17  expected a command: text, or a list of words, not a map
     10 │       b: { run: { x: y }, timeout: 5, needs: a, retry: 3, mode: softly }
        │                 ^^^^^^^^

    loop.config.yaml:10:36  expected a duration such as \`90s\`, \`5m\` or \`1h30m\`, above zero, or \`never\`, not the number 5
     10 │       b: { run: { x: y }, timeout: 5, needs: a, retry: 3, mode: softly }
        │                                    ^
      add the unit: \`5s\` or \`5m\`

    loop.config.yaml:10:46  expected a list of ids, not the text \`a\`
     10 │       b: { run: { x: y }, timeout: 5, needs: a, retry: 3, mode: softly }
        │                                              ^
      write a list: needs: [a]

    loop.config.yaml:10:56  expected a map, not the number 3
     10 │       b: { run: { x: y }, timeout: 5, needs: a, retry: 3, mode: softly }
        │                                                        ^

    loop.config.yaml:10:65  expected \`strict\` or \`soft\`, not the text \`softly\`
     10 │       b: { run: { x: y }, timeout: 5, needs: a, retry: 3, mode: softly }
        │                                                                 ^^^^^^
    "
  `);
});

test('[B9] a gate with nothing to run, a phase with nothing in it, and a loop without a phase', async () => {
  expect(await refused(folderWith(loop('g: { mode: soft }')))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:6:7  this gate has nothing to run: expected exactly one of \`run\`, \`uses\`, \`judges\`
      6 │       g: { mode: soft }
        │       ^
      add \`run: COMMAND\`
    "
  `);
  expect(await refused(config('version: 1\nname: x\nphases: { p: { title: P } }\n'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:3:11  phase \`p\` has neither steps nor gates
      3 │ phases: { p: { title: P } }
        │           ^
      add \`gates: { NAME: { run: COMMAND } }\`, or remove the phase
    "
  `);
  expect(await refused(config('version: 1\nname: x\nphases: {}\n'))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:3:1  there is no phase, so nothing would be judged
      3 │ phases: {}
        │ ^^^^^^
      such as phases: { check: { gates: { test: { run: npm test } } } }
    "
  `);
});

test('`needs` on itself, in a circle and on nothing, and `uses` and `with` of nothing', async () => {
  const gates = `
a: { run: touch started, needs: [a] }
b: { run: touch started, needs: [c] }
c: { run: touch started, needs: [d] }
d: { run: touch started, needs: [b] }
e: { run: touch started, needs: [nope] }
f: { uses: tpyes }
g: { uses: must-exist, with: { flies: [README.md] } }
h: { judges: aa }`;
  expect(await refused(folderWith(loop(gates)))).toMatchInlineSnapshot(`
    "
    loop.config.yaml:6:40  \`a\` needs itself
      6 │       a: { run: touch started, needs: [a] }
        │                                        ^
      leave it out

    loop.config.yaml:7:40  a circle: b → c → d → b
      7 │       b: { run: touch started, needs: [c] }
        │                                        ^
      take one of these needs away

    loop.config.yaml:10:40  unknown task \`nope\`
     10 │       e: { run: touch started, needs: [nope] }
        │                                        ^^^^

    loop.config.yaml:11:18  unknown gate \`tpyes\` — did you mean \`types\`?
     11 │       f: { uses: tpyes }
        │                  ^^^^^

    loop.config.yaml:12:36  the parameter \`paths\` is missing
     12 │       g: { uses: must-exist, with: { flies: [README.md] } }
        │                                    ^^^^^^^^^^^^^^^^^^^^^^
      write \`with: { paths: … }\`: Paths and globs from the task's folder; of each at least one file has to be there.

    loop.config.yaml:12:38  unknown parameter \`flies\` — it has paths, newer-than
     12 │       g: { uses: must-exist, with: { flies: [README.md] } }
        │                                      ^^^^^

    loop.config.yaml:13:20  unknown task \`aa\` — did you mean \`a\`?
     13 │       h: { judges: aa }
        │                    ^^
    "
  `);
});

test('[A10] an empty profile, an unknown one, and a variable of the environment that is not set', async () => {
  const folder = folderWith(
    loop('g: { run: ["touch", "{{vars.file}}"] }', 'vars: { file: { env: NOT_SET } }'),
  );
  expect(await refused(folder)).toMatchInlineSnapshot(`
    "
    loop.config.yaml:7:27  \`{{vars.file}}\` has no value
      7 │       g: { run: ["touch", "{{vars.file}}"] }
        │                           ^^^^^^^^^^^^^^^
      set it with --set vars.file=…, by its variable, or give it a \`default\`
    "
  `);
  expect(
    await refused(
      folderWith(loop('g: { run: touch started }', 'profiles: { nightly: {} }')),
      '--profile',
      'nightyl',
    ),
  ).toMatchInlineSnapshot(`
      "
      --profile  unknown profile \`nightyl\` — did you mean \`nightly\`?
      "
    `);
});

test('problems in gate files of the loop name the file, those of every file at once', async () => {
  const folder = folderWith({
    ...loop('g: { uses: mine }\nh: { uses: yours }'),
    'gates/mine.yaml': 'about: says what it proves\nrun: touch started\nmode: soft\n',
    'gates/yours.yaml': '',
  });
  expect(await refused(folder)).toMatchInlineSnapshot(`
    "
    gates/mine.yaml:1:1  missing key \`tool\`
      1 │ about: says what it proves
        │ ^
      add \`tool: …\` (text)

    gates/mine.yaml:1:1  missing key \`samples\`
      1 │ about: says what it proves
        │ ^
      add \`samples: …\` (a list of samples)

    gates/mine.yaml:3:1  \`mode\` is set by the loop, never by the gate file
      3 │ mode: soft
        │ ^^^^
      write it in the loop.config.yaml, beside \`uses\`

    gates/yours.yaml:1:1  the file is empty
      start with \`about: WHAT IT PROVES\`
    "
  `);
});

test('[B10] a TypeScript config has its problems named by path', async () => {
  const folder = folderWith({
    'loop.config.mjs': `export default { version: 1, name: 'x', phases: { p: { gates: { g: { run: 'touch started', tymeout: '5m' } } } } };\n`,
  });
  expect(await refused(folder)).toMatchInlineSnapshot(`
    "
    loop.config.mjs  phases.p.gates.g.tymeout: unknown key \`tymeout\` — did you mean \`timeout\`?
    "
  `);
  const broken = folderWith({ 'loop.config.mjs': `export default {\n` });
  expect(await refused(broken)).toMatchInlineSnapshot(`
    "
    loop.config.mjs  it could not be loaded: SyntaxError: Unexpected end of input
      try it alone: node loop.config.mjs
    "
  `);
});
