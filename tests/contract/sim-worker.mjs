// A worker for tests. Its one argument says how it goes wrong: `half@3` at seed 3, and well else.
import { createInterface } from 'node:readline';
import { appendFileSync, closeSync } from 'node:fs';

const [how, at] = (process.argv[2] ?? '').split('@');
const answer = (seed, edge = seed * 10) => `{"seed":${seed},"edge":${edge}}\n`;
const say = (text) => process.stdout.write(text);
const ways = {
  garbage: () => say('hello there\n'),
  half: (seed) => process.stdout.write(answer(seed).slice(0, 12), () => process.exit(0)),
  wrong: (seed) => say(answer(seed + 1)),
  nameless: () => say('{"edge":1}\n'),
  twice: (seed) => say(answer(seed) + answer(seed)),
  late: (seed) => {
    say(answer(seed));
    setTimeout(() => say(answer(seed)), 30);
  },
  nan: (seed) => say(answer(seed, 'NaN')),
  huge: (seed) => say(answer(seed, '1e999')),
  dies: () => process.exit(9),
  killed: () => process.kill(process.pid, 'SIGSEGV'),
  silent: () => undefined,
  mute: () => closeSync(1),
  deaf: (seed) => {
    closeSync(0);
    say(answer(seed));
  },
  wordy: (seed) => say(answer(seed).replace('{', `{"talk":"${'x'.repeat(200_000)}",`)),
  endless: () => say('x'.repeat(3_000_000)),
};

if (how === 'mute' || how === 'deaf') setInterval(() => undefined, 1000);
appendFileSync('starts', `${process.pid}\n`);
createInterface({ input: process.stdin }).on('line', (line) => {
  const { seed } = JSON.parse(line);
  appendFileSync('seeds', `${seed}\n`);
  if (process.env.TALK) process.stderr.write(`about ${seed}\n`);
  if (ways[how] && (at === undefined || seed === Number(at))) ways[how](seed);
  else say(answer(seed));
});
