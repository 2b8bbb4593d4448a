import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BARE_PATH, gateRun, openProject, pathWith } from './project.ts';
import type { Scene } from './scene.ts';
import { SCENES, TOOL_OF } from './scenes.ts';
import { findTools, OURS, type Tools } from './tools.ts';

const INSTALL_LIMIT_MS = 180_000;
const EXIT = { passed: 0, failed: 1, broken: 3 } as const;

let tools: Tools;
beforeAll(async () => {
  tools = await findTools();
}, INSTALL_LIMIT_MS);
afterAll(() => tools.close());

test('the tools of this repository are all here; what else is missing is said aloud', (context) => {
  const here = [...tools.here.values()].map(({ name, version }) => `${name} ${version}`);
  const missing = [...tools.missing].map(([name, why]) => `${name} (${why})`);
  const summary = `peers met: ${here.join(', ')}; missing: ${missing.join(', ') || 'none'}`;
  console.log(summary);
  void context.annotate(summary, missing.length > 0 ? 'warning' : 'notice');
  expect([...tools.here.keys()]).toEqual(expect.arrayContaining([...OURS]));
});

describe.each([...new Set(SCENES.map(({ gate }) => gate))])('the gate %s, carried out', (gate) => {
  const scenes = SCENES.filter((scene) => scene.gate === gate);
  const name = TOOL_OF[gate];

  test.each(scenes.map((scene) => [scene.verdict, scene.says, scene] as const))(
    'is %s on %s',
    async (_verdict, _says, scene) => {
      const tool = name === undefined ? undefined : tools.here.get(name);
      if (name !== undefined && tool === undefined) {
        console.warn(`peers: ${gate} has not met ${name}, which is missing here: ${tools.missing.get(name)}`);
        expect(OURS).not.toContain(name);
        return;
      }
      await meet(scene, tool?.modules);
    },
  );
});

async function meet(scene: Scene, modules: string | undefined): Promise<void> {
  // A project's own tools are found wherever gate-run is started from, so a bare one has none.
  const found = scene.bare ? undefined : modules;
  const project = openProject({ ...scene.files, 'loop.config.json': configFor(scene) }, found);
  const path = scene.bare ? BARE_PATH : pathWith(modules);
  const { exit, out, error } = await gateRun(['--json'], { folder: project.folder, path });
  project.remove();
  const told = `exit ${exit}\n${out}\n${error}`;
  expect(exit, told).toBe(EXIT[scene.verdict]);
  const reasons = scene.verdict === 'passed' ? [] : [expect.stringMatching(/\S/)];
  expect(JSON.parse(out), told).toMatchObject({
    tasks: expect.arrayContaining([
      expect.objectContaining({ id: 'it', verdict: scene.verdict, reasons: expect.arrayContaining(reasons) }),
    ]),
  });
}

function configFor({ gate, step, with: given }: Scene): string {
  const steps = step && { steps: { before: { run: step } } };
  const gates = { it: { uses: gate, ...(given && { with: given }) } };
  return JSON.stringify({ version: 1, name: 'peers', phases: { check: { ...steps, gates } } });
}
