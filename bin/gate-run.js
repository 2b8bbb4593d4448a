#!/usr/bin/env node
// Refuses a Node that is too old, answers the two quick questions, and hands everything else to the bundle.
'use strict';

// Old syntax on purpose, up to the version check: an old Node must get as far as the message.
var versions = process.versions.node.split('.').map(Number);
var LEAST_MINOR = { 22: 18, 24: 11 };

function isSupported(major, minor) {
  return major >= 26 || (major in LEAST_MINOR && minor >= LEAST_MINOR[major]);
}

function start() {
  var first = process.argv[2];
  if (first === '--version') {
    return say(require('../package.json').version + '\n');
  }
  if (first === '--help' || first === '-h') {
    return say(load('help').help());
  }
  if (!process.env.NODE_V8_COVERAGE) keepCompiled();
  return load('main')
    .main(process.argv.slice(2))
    .then(function (code) {
      process.exitCode = code;
    });
}

// `process.stdout` takes two milliseconds to make; it is left for a reader that does not take everything at once.
function say(text) {
  var bytes = Buffer.from(text);
  var taken = 0;
  try {
    taken = require('node:fs').writeSync(1, bytes);
  } catch (error) {
    if (error.code === 'EPIPE') return undefined;
    if (error.code !== 'EAGAIN') return lost(error.code);
  }
  if (taken < bytes.length) process.stdout.write(bytes.subarray(taken));
  return undefined;
}

function lost(code) {
  process.stderr.write('gate-run: the answer could not be written to stdout (' + code + ')\n');
  process.exitCode = 8;
}

function load(name) {
  try {
    return require('../dist/bundle/' + name + '.cjs');
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND' && /bundle.(main|help)\.cjs/.test(error.message)) return notBuilt();
    throw error;
  }
}

function notBuilt() {
  process.stderr.write('gate-run: this copy is not built yet; run `npm run build` in ' + __dirname + '/..\n');
  return process.exit(3);
}

// Node's own cache of compiled code, in the user's cache folder: the system's temporary folder is open to others.
function keepCompiled() {
  var home = process.env.XDG_CACHE_HOME || (process.env.HOME && process.env.HOME + '/.cache');
  if (home) require('node:module').enableCompileCache(home + '/gate-run');
}

if (isSupported(versions[0], versions[1])) {
  start();
} else {
  process.stderr.write(
    'gate-run: Node ' +
      process.versions.node +
      ' is too old or not supported; it needs ^22.18.0 || ^24.11.0 || >=26.0.0\n',
  );
  process.exitCode = 78;
}
