import { expect, test } from 'vitest';
import { captureText } from '../../../src/core/questions/capture.ts';
import { stateText } from '../../../src/core/questions/file.ts';
import { harvest } from '../../../src/core/questions/harvest.ts';

const capture = (step: string, error = 'no') =>
  captureText({ ask: 'ChatGPT @codex', at: '2026-02-10T06:30:00Z', step, error, context: 'cycle 41' });
const state = (isOpen: boolean) =>
  stateText({
    fingerprint: '7c1f03aa',
    task: 'a',
    text: '',
    seen: 1,
    openedAt: '2026-02-10T06:30:00Z',
    lastCycle: 1,
    lastAt: '2026-02-10T06:30:00Z',
    closedAt: isOpen ? undefined : '2026-02-10T07:30:00Z',
  });

test('what gate-run wrote is found with its state, whatever stands around it', () => {
  const text = `# Notes\n\n${capture('3.2:sims', 'x ] [ y')}\n${state(true)}\n\nMore.\n${capture('1:a')}\n${state(false)}\n`;
  expect(harvest(text)).toEqual([
    { line: 3, step: '3.2:sims', error: 'x ] [ y', isOpen: true },
    { line: 11, step: '1:a', error: 'no', isOpen: false },
  ]);
  expect(harvest(text.replaceAll('\n', '\r\n'))).toEqual(harvest(text));
});

test('what a person wrote is open until it goes, and takes no state from the next one', () => {
  const byHand =
    'Question for the team, today:\nWhile performing [deploy], encountered the following error:\n[it hangs]\n';
  expect(harvest(byHand)).toEqual([{ line: 1, step: 'deploy', error: 'it hangs', isOpen: true }]);
  const both = harvest(`${byHand}${capture('1:a')}\n${state(false)}\n`);
  expect(both.map(({ isOpen }) => isOpen)).toEqual([true, false]);
});

test('a text that only speaks of questions holds none', () => {
  expect(harvest('Question for you:\n\nWhile performing [x], it broke\n')).toEqual([]);
  expect(harvest('')).toEqual([]);
});
