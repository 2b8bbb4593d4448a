// Makes a work tree ready: installs what is missing, builds what is stale, then runs the command it was given, if any.
// `node scripts/ready.mjs [--install-only] [command…]`, by any Node that npm runs on.

import { existsSync, lstatSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NPM_RANGE, requireNode } from './require-node.mjs';
import { alone } from './ready/alone.mjs';
import { buildProblem } from './ready/built.mjs';
import { handOver, toolEnvironment } from './ready/hand-over.mjs';
import {
  contentProblem,
  forgetInstall,
  installProblem,
  linkNode,
  markInstalled,
  nodeProblem,
  pinnedNode,
} from './ready/installed.mjs';

export const root = fileURLToPath(new URL('../', import.meta.url));

const INSTALL_LIMIT_MS = 15 * 60_000;
/** The exit code of gate-run itself for "could not be run". */
const BROKEN = 3;

/** Resolves with 0 when all is ready, else with the exit code to end with; the reason has then been said. */
export async function ready({ build }) {
  requireNode(NPM_RANGE);
  if (!installProblem(root) && !(build && buildProblem(root))) return 0;
  try {
    return await alone(root, say, async (helper) => {
      // Asked again: another process may have done the work while this one waited.
      const lacking = installProblem(root);
      if (lacking && !(await install(lacking, helper))) return BROKEN;
      const stale = build ? buildProblem(root) : undefined;
      return stale && !(await bundle(stale, helper)) ? BROKEN : 0;
    });
  } catch (error) {
    say(error.message);
    return BROKEN;
  }
}

async function install(lacking, helper) {
  if (isLink(join(root, 'node_modules'))) {
    say(
      `node_modules is a link, and \`npm ci\` would empty the folder behind it (${lacking}); install there, or remove the link and start again`,
    );
    return false;
  }
  say(`installing (${lacking})`);
  forgetInstall(root);
  const code = await npm(
    [
      'ci',
      '--include=dev',
      '--include=optional',
      '--no-engine-strict',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ],
    helper,
  );
  if (code !== 0) {
    say(`npm ci ended with ${code}; mend what it says above (network, registry, disk) and start again`);
    return false;
  }
  if (nodeProblem(root)) await runNodeInstaller(helper);
  const left = contentProblem(root);
  if (left) {
    say(
      `the install is not whole: ${left}; allow npm to run the install script of the package \`node\` and start again`,
    );
    return false;
  }
  markInstalled(root);
  return true;
}

/** npm was told to run no install scripts (or npm 12 blocked them): the pinned Node comes from the only one we need. */
async function runNodeInstaller(helper) {
  const folder = join(root, 'node_modules/node');
  if (!existsSync(join(folder, 'installArchSpecificPackage.js'))) return;
  say('npm ran no install script; fetching the pinned Node');
  await quietly(outerNode(), ['installArchSpecificPackage.js'], { cwd: folder, onStart: helper });
  linkNode(root);
}

function isLink(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

async function bundle(stale, helper) {
  say(`building (${stale})`);
  const code = await quietly(pinnedNode(root), [join(root, 'scripts/build.mjs'), '--bundle-only'], {
    onStart: helper,
    env: toolEnvironment(root),
  });
  if (code !== 0) say('the build failed, see above');
  return code === 0;
}

/** The npm that runs us when one does, else the one on PATH. */
function npm(args, helper) {
  const script = process.env.npm_execpath;
  const isScript = script !== undefined && /npm-cli\.[cm]?js$/.test(script) && existsSync(script);
  return isScript
    ? quietly(outerNode(), [script, ...args], { onStart: helper })
    : quietly('npm', args, { onStart: helper });
}

/**
 * A Node that survives the install. Under npm, `node` may already be the pinned one, which `npm ci` takes away under our
 * feet; npm itself was started by another.
 */
function outerNode() {
  const inside = join(root, 'node_modules');
  const names = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'node'));
  const known = [process.execPath, process.env.npm_node_execpath, ...names];
  return known.find((path) => path && !path.startsWith(inside) && existsSync(path)) ?? process.execPath;
}

/** What is said here goes to stderr: stdout belongs to the command that follows. */
function quietly(command, args, options) {
  return handOver(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    limitMs: INSTALL_LIMIT_MS,
    ...options,
  });
}

function say(text) {
  process.stderr.write(`gate-run: ${text}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [first, ...others] = process.argv.slice(2);
  const isInstallOnly = first === '--install-only';
  const [command, ...args] = isInstallOnly ? others : process.argv.slice(2);
  const code = await ready({ build: !isInstallOnly });
  process.exitCode =
    code === 0 && command !== undefined
      ? await handOver(command, args, { env: toolEnvironment(root) })
      : code;
}
