// The reporters beside the screen: files that are asked for, and what CI servers are told. Where a server is detected its
// reporter is there without being asked for; nothing but the presentation changes.

import { resolve } from 'node:path';
import type { ReporterName } from '../core/config/reporters.ts';
import { unreachable } from '../core/unreachable.ts';
import { appendWhole } from '../engine/write-whole.ts';
import type { View } from '../ports.ts';
import type { Fold } from '../views/blocks.ts';
import type { Annotation } from '../views/buildkite.ts';
import type { Replace } from '../views/replace.ts';
import type { Loop } from './load.ts';
import type { Terminal } from './terminal.ts';
import type { Here } from './world.ts';

type Server = Extract<ReporterName, 'github' | 'gitlab' | 'buildkite'>;

/** What each server sets in every job of its own. */
const SERVERS: Readonly<Record<Server, { readonly name: string; readonly checkout: string }>> = {
  github: { name: 'GITHUB_ACTIONS', checkout: 'GITHUB_WORKSPACE' },
  gitlab: { name: 'GITLAB_CI', checkout: 'CI_PROJECT_DIR' },
  buildkite: { name: 'BUILDKITE', checkout: 'BUILDKITE_BUILD_CHECKOUT_PATH' },
};

export interface Reporting {
  readonly loop: Loop;
  readonly terminal: Terminal;
  readonly here: Here;
  readonly readTail: (log: string) => string;
  readonly replace: Replace;
  /** The config's absolute path. */
  readonly config: string;
  /** stdout belongs to an object. */
  readonly isJson: boolean;
}

export async function openReporters(opening: Reporting): Promise<readonly View[]> {
  const { reporters } = opening.loop.plan;
  const asked = new Set(reporters.map(({ name }) => name));
  const detected = serversHere(opening.terminal.env).filter((name) => !asked.has(name));
  const opened = [...reporters, ...detected.map((name) => ({ name, file: undefined }))].map(
    ({ name, file }) => openReporter(opening, name, file),
  );
  return (await Promise.all(opened)).filter((view) => view !== undefined);
}

/** How a server folds the output of a task; undefined where none is here, or it has no way. */
export async function foldHere({ env }: Terminal, wallMs: () => number): Promise<Fold | undefined> {
  const [server] = serversHere(env);
  if (server === 'github') {
    const { githubFold } = await import('../views/github.ts');
    return githubFold((await import('node:crypto')).randomUUID());
  }
  if (server !== 'gitlab') return undefined;
  const { gitlabFold } = await import('../views/gitlab.ts');
  return gitlabFold(() => Math.floor(wallMs() / 1000));
}

function serversHere(env: Terminal['env']): readonly Server[] {
  return (['github', 'gitlab', 'buildkite'] as const).filter((name) => env[SERVERS[name].name] === 'true');
}

async function openReporter(
  opening: Reporting,
  name: ReporterName,
  written: string | undefined,
): Promise<View | undefined> {
  const { loop, terminal, readTail, replace, isJson } = opening;
  const checkout = checkoutOf(opening);
  const file = resolve(loop.folder, written ?? '');
  const found = { ...checkout, config: opening.config, readTail, file, replace };
  const sink = isJson ? terminal.err : terminal.out;
  const isHere = name in SERVERS && serversHere(terminal.env).some((server) => server === name);
  switch (name) {
    case 'terminal':
    case 'plain':
    // The report has a way of its own: a run of many cycles gets one unasked.
    case 'report':
      return undefined;
    case 'junit':
      return (await import('../views/junit.ts')).junitView(loop.plan, { file, replace, readTail });
    case 'tap':
      return (await import('../views/tap.ts')).tapView(loop.plan, { file, replace, readTail });
    case 'code-quality':
      return (await import('../views/code-quality.ts')).codeQualityView(loop.plan, found);
    case 'sarif': {
      const { sarifView } = await import('../views/sarif.ts');
      return sarifView(loop.plan, { ...found, version: terminal.version });
    }
    case 'github':
      return isHere ? openGithub(opening) : undefined;
    case 'gitlab':
      return isHere ? (await import('../views/gitlab.ts')).gitlabView(loop.plan, sink) : undefined;
    case 'buildkite':
      return isHere ? openBuildkite(opening) : undefined;
    default:
      return unreachable(name);
  }
}

/** Where the checkout lies: as its server says, else where the config is. */
function checkoutOf({ loop, terminal: { env } }: Reporting): { workspace: string; folder: string } {
  const said = serversHere(env).map((name) => env[SERVERS[name].checkout] ?? '');
  return { workspace: said.find((folder) => folder !== '') ?? loop.folder, folder: loop.folder };
}

async function openGithub(opening: Reporting): Promise<View> {
  const { loop, terminal, here, readTail, isJson } = opening;
  const { githubView } = await import('../views/github.ts');
  const summary = terminal.env['GITHUB_STEP_SUMMARY'];
  return githubView(loop.plan, isJson ? terminal.err : terminal.out, {
    ...checkoutOf(opening),
    readTail,
    ...(summary !== undefined && summary !== '' && { summary: appendingTo(summary, here) }),
  });
}

function appendingTo(path: string, { world }: Here): { sizeBytes(): number; append(text: string): void } {
  return {
    sizeBytes: () => world.disk.size(path) ?? 0,
    append: (text) => {
      const failure = appendWhole(world.disk, path, text);
      if (failure) throw new Error(`${failure.what} (${failure.failed})`);
    },
  };
}

async function openBuildkite(opening: Reporting): Promise<View> {
  const { loop, terminal, readTail } = opening;
  const { buildkiteView } = await import('../views/buildkite.ts');
  const step = terminal.env['BUILDKITE_STEP_KEY'] || terminal.env['BUILDKITE_STEP_ID'] || undefined;
  return buildkiteView(loop.plan, {
    ...checkoutOf(opening),
    readTail,
    step,
    annotate: (annotation) => annotate(annotation, loop.folder),
  });
}

/** The agent speaks with a server, and a verdict must not wait for one. */
const ANNOTATE_MS = 10_000;
const ANNOTATE_OUTPUT_BYTES = 65_536;

/** Without the agent on PATH there is nobody to tell. */
async function annotate({ style, context, body }: Annotation, folder: string): Promise<void> {
  const { runCommand } = await import('../system/command.ts');
  const argv = ['buildkite-agent', 'annotate', '--style', style, '--context', context];
  const { ended, code, detail } = await runCommand(argv, {
    cwd: folder,
    timeoutMs: ANNOTATE_MS,
    maxBytes: ANNOTATE_OUTPUT_BYTES,
    input: body,
  });
  if (ended === 'not-started' || (ended === 'exited' && code === 0)) return;
  throw new Error(`Buildkite has no annotation: ${detail}`);
}
