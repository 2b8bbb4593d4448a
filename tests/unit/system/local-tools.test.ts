import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withLocalTools } from '../../../src/system/local-tools.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'gate-run-tools-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test('a project’s own tools come first on the PATH of its tasks, once', () => {
  const project = folder();
  const tools = join(project, 'node_modules', '.bin');
  mkdirSync(tools, { recursive: true });
  const env = withLocalTools({ PATH: '/usr/bin', HOME: '/home/me' }, project);
  expect(env).toEqual({ PATH: `${tools}:/usr/bin`, HOME: '/home/me' });
  expect(withLocalTools(env, project)).toBe(env);
});

test('a folder without tools of its own leaves the environment as it is', () => {
  const env = { PATH: '/usr/bin' };
  expect(withLocalTools(env, folder())).toBe(env);
});

test('without a PATH the project’s tools are all there is', () => {
  const project = folder();
  mkdirSync(join(project, 'node_modules', '.bin'), { recursive: true });
  expect(withLocalTools({}, project)['PATH']).toBe(join(project, 'node_modules', '.bin'));
});
