// Which file carries a command out. Each is loaded only when it is asked for; `run` is there from the start.

import { resolve } from 'node:path';
import { EXIT } from '../core/loop/run-end.ts';
import { isFolder } from '../system/sizes.ts';
import { openOutput } from '../system/output.ts';
import { gateRunBin, packageVersion, workingFolder } from '../system/self.ts';
import { ignoresHangUps } from '../system/signals.ts';
import { parseArguments, type Arguments } from './args.ts';
import type { CommandRequest } from './request.ts';
import { run } from './run.ts';
import { sayHomeless, sayProblems } from './say.ts';
import type { Terminal } from './terminal.ts';

export async function dispatch(argv: readonly string[]): Promise<number> {
  const args = parseArguments(argv);
  if ('problems' in args) {
    const terminal = openTerminal({ color: 'auto', folder: '/', json: jsonIn(argv) });
    return sayProblems(terminal, { problems: args.problems, texts: new Map() });
  }
  if (workingFolder() === undefined) return sayHomeless(openTerminal({ ...args, folder: '/' }));
  const terminal = openTerminal(args);
  if (args.folder !== undefined && !isFolder(terminal.folder)) {
    const problem = { file: '--folder', message: `there is no folder \`${args.folder}\`` };
    return sayProblems(terminal, { problems: [problem], texts: new Map() });
  }
  if (args.version) return unlessLost(terminal, say(terminal, `${terminal.version}\n`));
  if (args.help) return unlessLost(terminal, say(terminal, (await import('./help.ts')).help()));
  if (!isStart(args)) return unlessLost(terminal, await other(args, terminal));
  ignoresHangUps();
  if (args.detach) return (await import('./detach.ts')).detach(args, terminal);
  const exit =
    args.command === 'run'
      ? await run(args, terminal)
      : await (await import('./resume.ts')).resume(args, terminal);
  // Lines for people change no verdict; an object that a program waits for must not be lost in silence.
  return args.json === undefined ? exit : unlessLost(terminal, exit);
}

/** Commands that may carry cycles out. */
function isStart({ command }: { readonly command?: string }): boolean {
  return command === 'run' || command === 'resume';
}

function unlessLost({ out, err }: Terminal, exit: number): number {
  const failure = out.failure();
  if (failure === undefined || exit > EXIT.storage) return exit;
  err.write(`gate-run: the answer could not be written to stdout (${failure}), or not all of it`);
  err.write(exit === EXIT.storage ? '\n' : `; exit ${EXIT.storage} in place of ${exit}\n`);
  return EXIT.storage;
}

async function other(args: Arguments, terminal: Terminal): Promise<number> {
  const request = requestOf(args, terminal);
  switch (args.command) {
    case 'plan':
      return (await import('./plan.ts')).plan(request);
    case 'explain':
      return (await import('./plan.ts')).explain(request);
    case 'check':
      return (await import('./check.ts')).check(request);
    case 'schema':
      return (await import('./schema.ts')).schema(request);
    case 'init':
      return (await import('./init.ts')).init(request);
    case 'files':
      return (await import('./files.ts')).files(request);
    case 'status':
      return (await import('./status.ts')).status(request);
    case 'history':
      return (await import('./history.ts')).history(request);
    case 'report':
      return (await import('./report.ts')).report(request);
    case 'logs':
      return (await import('./logs.ts')).logs(request);
    case 'stop':
      return (await import('./stop.ts')).stop(request);
    case 'rehearse':
      return (await import('./rehearse.ts')).rehearse(request);
    case 'schedule':
      return (await import('./schedule.ts')).schedule(request);
    case 'doctor':
      return (await import('./doctor.ts')).doctor(request);
    case 'completion':
      return (await import('./completion.ts')).completion(request);
    case 'replay':
      return (await import('./replay.ts')).replay(request);
    case 'verify':
      return (await import('./verify.ts')).verify(request);
    case 'backup':
      return (await import('./backup.ts')).backup(request);
    case 'restore':
      return (await import('./restore.ts')).restore(request);
    case 'cache':
      return (await import('./cache.ts')).cache(request);
    case 'champion':
      return (await import('./champion.ts')).champion(args, terminal, request);
    case 'baseline':
      return (await import('./baseline.ts')).baseline(args, terminal, request);
    case 'ratchet':
      return (await import('./ratchet.ts')).ratchet(request);
    case 'questions':
      return (await import('./questions.ts')).questions(request);
    default:
      throw new Error(`bug: nobody carries out \`${args.command}\``);
  }
}

function say(terminal: Terminal, text: string): number {
  terminal.out.write(text);
  return 0;
}

/** Who asked for JSON gets it also when the other words cannot be read. */
function jsonIn(argv: readonly string[]): Arguments['json'] {
  if (argv.includes('--json=lines')) return 'lines';
  return argv.includes('--json') ? 'object' : undefined;
}

type Wishes = Pick<Arguments, 'color' | 'folder' | 'json'> & { readonly command?: string };

function openTerminal({ color, folder: wanted, json, ...words }: Wishes): Terminal {
  // A command that only prints goes at its reader's pace; a run never does.
  const wishes = { color, env: process.env, mayWait: !isStart(words) };
  const [out, err] = [openOutput(1, wishes), openOutput(2, wishes)];
  const folder = resolve(wanted ?? '.');
  return { out, err, json, env: process.env, folder, version: packageVersion(), bin: gateRunBin() };
}

function requestOf(args: Arguments, { out, err, env, folder }: Terminal): CommandRequest {
  return {
    folder,
    ...(args.config !== undefined && { config: args.config }),
    args: args.rest,
    flags: args.flags,
    given: args.given,
    json: args.json !== undefined,
    color: out.color,
    write: (text) => out.write(text),
    writeError: (text) => err.write(text),
    isGone: out.isGone,
    isScreen: out.isTerminal,
    isErrorShown: err.isTerminal,
    env,
  };
}
