// How long tasks waited for locks of other runs, from the events of a cycle.

import { expect, test } from 'vitest';
import { waitsOf } from '../../../../src/core/summary/waits.ts';
import { aPlan, Script } from '../../views/rig.ts';

const holder = { run: 'r-2', task: 'migrate', pid: 42 };

function script(): Script {
  return new Script(aPlan({ checks: ['deploy', 'free'] })).start().cycle();
}

test('a task that had its locks at once waited for none', () => {
  const one = script();
  one
    .record({ type: 'task.locking', task: 'free', locks: ['db'] })
    .record({ type: 'task.locked', task: 'free' });
  expect(waitsOf(one.pass('free').events)).toEqual([]);
});

test('what counts is the time until it had all of them; who had the last one is told', () => {
  const one = script();
  one.record({ type: 'task.locking', task: 'deploy', locks: ['db', 'net'] });
  one.record({ type: 'task.waiting', task: 'deploy', lock: 'db' });
  one.mono += 300;
  one.record({ type: 'task.waiting', task: 'deploy', lock: 'net', holder });
  one.mono += 400;
  one.record({ type: 'task.locked', task: 'deploy' });
  one.mono += 1000;
  one.pass('deploy');
  expect(waitsOf(one.events)).toEqual([{ task: 'deploy', lock: 'net', holder, waitedMs: 700, got: true }]);
});

test('one that was never had, and one that nobody said who has', () => {
  const one = script();
  one.record({ type: 'task.locking', task: 'deploy', locks: ['db'] });
  one.record({ type: 'task.waiting', task: 'deploy', lock: 'db' });
  one.mono += 500;
  one.judge('deploy', 'broken');
  expect(waitsOf(one.events)).toEqual([
    { task: 'deploy', lock: 'db', holder: null, waitedMs: 500, got: false },
  ]);
});
