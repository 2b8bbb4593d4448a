// Answers whether node_modules holds exactly what the lock file asks for on this machine. It changes nothing but its stamp.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const STAMP = 'node_modules/.gate-run-install.json';
const PINNED_NODE = 'node_modules/node/bin/node';
/** What `node` means once npm has put node_modules/.bin first on PATH. */
const NODE_LINK = 'node_modules/.bin/node';
const NODE_ANSWER_LIMIT_MS = 20_000;

/** The fields of package.json that decide what npm installs; scripts and the like may change freely. */
const DECIDING = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'overrides',
  'allowScripts',
];

/** Undefined when the install is whole, else what is wrong with it, for people. */
export function installProblem(root) {
  const key = installKey(root);
  let stamp;
  try {
    stamp = JSON.parse(readFileSync(join(root, STAMP), 'utf8'));
  } catch {
    return 'no finished install is on record';
  }
  if (stamp === null || stamp.key !== key)
    return 'the lock file or the platform changed since the last install';
  return contentProblem(root);
}

/** The same without the stamp: is each package there, and does the pinned Node run? */
export function contentProblem(root) {
  const missing = missingPackages(root);
  if (missing.length > 0) return `${missing.length} packages are missing, ${missing[0]} among them`;
  return nodeProblem(root);
}

/** The pinned Node comes from an install script, which npm may have been told not to run. */
export function nodeProblem(root) {
  const want = pinnedVersion(root);
  const asked = spawnSync(join(root, NODE_LINK), ['--version'], {
    encoding: 'utf8',
    timeout: NODE_ANSWER_LIMIT_MS,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const have = (asked.stdout || '').trim();
  return have === `v${want}` ? undefined : `the pinned Node ${want} does not answer (${have || 'no answer'})`;
}

/** npm links a program only when it is there at the time; the pinned Node may have come after npm was done. */
export function linkNode(root) {
  rmSync(join(root, NODE_LINK), { force: true });
  symlinkSync('../node/bin/node', join(root, NODE_LINK));
}

export function pinnedNode(root) {
  return join(root, PINNED_NODE);
}

/** Written only after a whole install; whole itself, through a rename. */
export function markInstalled(root) {
  const temporary = join(root, `${STAMP}.${process.pid}`);
  writeFileSync(temporary, `${JSON.stringify({ key: installKey(root) })}\n`);
  renameSync(temporary, join(root, STAMP));
}

/** Goes first, so that an install that is cut off is never believed. */
export function forgetInstall(root) {
  rmSync(join(root, STAMP), { force: true });
}

function installKey(root) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const hash = createHash('sha256');
  hash.update(readFileSync(join(root, 'package-lock.json')));
  hash.update(JSON.stringify(DECIDING.map((field) => manifest[field])));
  hash.update([process.platform, process.arch, libc(), pinnedVersion(root)].join(' '));
  return hash.digest('hex');
}

function pinnedVersion(root) {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies.node;
}

function missingPackages(root) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && belongsHere(entry))
    .map(([path]) => path)
    .filter((path) => !existsSync(join(root, path, 'package.json')));
}

/**
 * An optional package that names no platform may rightly be absent: npm leaves out what only the absent ones need.
 */
function belongsHere(entry) {
  if (entry.link) return false;
  if (entry.optional && !entry.os && !entry.cpu && !entry.libc) return false;
  return fits(entry.os, process.platform) && fits(entry.cpu, process.arch) && fits(entry.libc, libc());
}

function fits(wanted, have) {
  if (wanted === undefined) return true;
  if (wanted.includes(`!${have}`)) return false;
  const positive = wanted.filter((word) => !word.startsWith('!'));
  return positive.length === 0 || positive.includes(have);
}

let knownLibc;

function libc() {
  if (knownLibc === undefined) knownLibc = process.platform === 'linux' ? linuxLibc() : 'none';
  return knownLibc;
}

/** As npm finds out: the first bytes of ldd name the family. Asking Node's report costs ten times as much. */
function linuxLibc() {
  try {
    return readFileSync('/usr/bin/ldd', 'latin1').includes('musl') ? 'musl' : 'glibc';
  } catch {
    return existsSync('/etc/alpine-release') ? 'musl' : 'glibc';
  }
}
