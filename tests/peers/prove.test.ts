// `doctor --prove` with the real tool of every gate: what its file plants makes it fail, on a project on which it passes.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gateRun, openProject, pathWith } from './project.ts';
import type { Scene } from './scene.ts';
import { SCENES, TOOL_OF } from './scenes.ts';
import { findTools, OURS, type Tools } from './tools.ts';

const INSTALL_LIMIT_MS = 180_000;

let tools: Tools;
beforeAll(async () => {
  tools = await findTools();
}, INSTALL_LIMIT_MS);
afterAll(() => tools.close());

/** A package beside which nothing is installed: the tool's own packages have licences of many kinds. */
const LICENSED: Scene = {
  gate: 'licenses',
  verdict: 'passed',
  says: 'a licence that is allowed',
  files: {
    'package.json':
      '{ "name": "my-parser", "version": "1.0.0", "private": true, "dependencies": { "a": "1.0.0" } }',
    'node_modules/a/package.json': '{ "name": "a", "version": "1.0.0", "license": "MIT" }',
  },
};

/** What is to be newer than the cycle has to be written in it, and steps that nothing needs are not run. */
const THERE: Scene = {
  ...LICENSED,
  gate: 'must-exist',
  with: { paths: ['package.json', '*.ts'] },
  files: { 'a.ts': '' },
};

const GREEN = [...new Set(SCENES.map(({ gate }) => gate))].map((gate) =>
  [LICENSED, THERE, ...SCENES].find((one) => one.gate === gate && one.verdict === 'passed'),
);

describe('the planting of', () => {
  test.each(GREEN.map((scene) => [scene?.gate, scene] as const))(
    'the gate %s makes it fail',
    async (_, scene) => {
      if (!scene) throw new Error('no scene on which it passes');
      const name = TOOL_OF[scene.gate];
      const tool = name === undefined ? undefined : tools.here.get(name);
      if (name !== undefined && tool === undefined) {
        console.warn(`peers: ${scene.gate} was not proved with ${name}: ${tools.missing.get(name)}`);
        expect(OURS).not.toContain(name);
        return;
      }
      const steps = scene.step && { steps: { before: { run: scene.step } } };
      const gates = { it: { uses: scene.gate, ...(scene.with && { with: scene.with }) } };
      const config = { version: 1, name: 'peers', phases: { check: { ...steps, gates } } };
      const files = { ...scene.files, 'loop.config.json': JSON.stringify(config) };
      const project = openProject(files, scene === LICENSED ? undefined : tool?.modules);
      const place = { folder: project.folder, path: pathWith(tool?.modules) };
      const { exit, out, error } = await gateRun(['doctor', '--prove', '--json'], place);
      project.remove();
      expect(exit, `${out}\n${error}`).toBe(0);
      expect(JSON.parse(out).findings).toEqual([
        expect.objectContaining({ name: 'it', level: 'ok', proof: 'can-fail' }),
      ]);
    },
  );
});
