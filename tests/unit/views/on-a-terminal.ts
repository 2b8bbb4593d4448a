// Started by a test on a real pseudo-terminal: a scripted run of sixty gates through the terminal view, in real time.
// The same run as plain lines goes to the file named by the first argument.

import { writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { openOutput } from '../../../src/system/output.ts';
import { liveView } from '../../../src/views/live.ts';
import { plainView } from '../../../src/views/plain.ts';
import { aPlan, Screen, Script } from './rig.ts';

const GATES = 60;
const PACE_MS = 15;

const plan = aPlan({ checks: Array.from({ length: GATES }, (_, index) => `gate-${index}`) });
const script = new Script(plan);
const options = { mono: () => script.mono, readTail: () => '\u001b[31ma failing line\u001b[0m\n' };
const sink = openOutput(1, { color: 'auto', env: process.env });
const live = script.watch(liveView(plan, sink, options));
const plain = new Screen();
plain.isTerminal = sink.isTerminal;
script.watch(plainView(plan, plain, options));

script.start().cycle();
script.record({ type: 'attempt.started', task: 'gate-0', attempt: 1 });
for (let gate = 1; gate < GATES; gate += 1) {
  if (gate % 20 === 7) script.fail(`gate-${gate}`, 'exit 1');
  else script.pass(`gate-${gate}`);
  await setTimeout(PACE_MS);
}
script
  .endCycle('failed')
  .record({ type: 'run.ended', reason: 'finished', verdict: 'failed', exit: 1, why: 'the cycle failed' });
await live.close(script.progress);
script.close();
writeFileSync(process.argv[2] ?? '/dev/null', plain.text);
