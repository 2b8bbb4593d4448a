// Stands in for an agent. It does one task a call, meets a limit at its second one, and grows careless towards the end.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const PLAN = 'workplace/IMPLEMENTATION_PLAN.md';
const MEMORY = 'workplace/memory.json';
/** What it writes for each task, and what it makes of it once it looks again. */
const ANSWERS = {
  count: ['text.split(/\\s+/).filter(Boolean).length'],
  longest: ["text.split(/\\s+/).reduce((best, word) => (word.length > best.length ? word : best), '')"],
  initials: ["text.split(/\\s+/).map((word) => word.slice(0, 1).toUpperCase()).join('')"],
  reversed: ["[...text].reverse().join('')", "text.split(/\\s+/).reverse().join(' ')"],
};
const LIMITED = 75;

if (process.argv[2] === '--version') {
  console.log('stand-in agent 1');
  process.exit(0);
}
const memory = existsSync(MEMORY) ? JSON.parse(readFileSync(MEMORY, 'utf8')) : { calls: 0, wrote: {} };
memory.calls += 1;
remember();
if (memory.calls === 2) {
  console.log('You have met your limit.');
  process.exit(LIMITED);
}
console.log(`asked: ${readFileSync(0, 'utf8').split('\n')[0]}`);
const open = openTasks();
if (open.length === 0) lookAgain();
// In a hurry it does the last two at once, and believes that this was all.
else for (const task of open.slice(0, open.length === 2 ? 2 : 1)) doTask(task);
if (openTasks().length === 0) console.log('/done');

function openTasks() {
  return Array.from(readFileSync(PLAN, 'utf8').matchAll(/^- \[ \] `(\w+)`/gm), ([, task]) => task);
}

function doTask(task) {
  write(task, 0);
  writeFileSync(PLAN, readFileSync(PLAN, 'utf8').replace(`[ ] \`${task}\``, `[x] \`${task}\``));
  console.log(`done: ${task}`);
}

function lookAgain() {
  for (const [task, answers] of Object.entries(ANSWERS)) {
    if (memory.wrote[task] >= answers.length - 1) continue;
    write(task, memory.wrote[task] + 1);
    console.log(`mended: ${task}`);
  }
}

function write(task, version) {
  memory.wrote[task] = version;
  remember();
  const lines = Object.entries(memory.wrote).map(
    ([name, which]) => `export const ${name} = (text) => ${ANSWERS[name][which]};\n`,
  );
  writeFileSync('workplace/words.mjs', lines.join(''));
}

function remember() {
  writeFileSync(MEMORY, JSON.stringify(memory));
}
