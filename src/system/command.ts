// Runs the commands that gate-run itself calls: git, version probes, hooks, the agents of CI servers. Tasks never come this way (see processes.ts).

import { stepOutside } from './units/cgroups.ts';

/** How a command went. Every failure is a value; `ended` says which. */
export interface CommandResult {
  readonly ended: 'exited' | 'not-started' | 'timed-out' | 'too-long' | 'killed';
  /** Present when it exited. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** One sentence for people; empty after exit 0. */
  readonly detail: string;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly timeoutMs: number;
  /** Of each stream; a command that prints more is ended. */
  readonly maxBytes: number;
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads on stdin; nothing otherwise. */
  readonly input?: string;
  /** `env` is all there is. */
  readonly isBare?: boolean;
  /** Ends it. */
  readonly cancel?: AbortSignal;
}

const KILL_AFTER_MS = 1_000;
/** How long the streams of a command that has exited are read. */
const DRAIN_MS = 250;

export async function runCommand(argv: readonly string[], options: CommandOptions): Promise<CommandResult> {
  // Loaded on call only: it costs 66 ms, and most runs never need it.
  const { execa } = await import('execa');
  const [file = '', ...words] = argv;
  stepOutside();
  const running = execa(file, words, {
    cwd: options.cwd,
    timeout: options.timeoutMs,
    maxBuffer: options.maxBytes,
    forceKillAfterDelay: KILL_AFTER_MS,
    killDescendants: true,
    ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
    stdout: 'pipe',
    stderr: 'pipe',
    encoding: 'utf8',
    stripFinalNewline: true,
    reject: false,
    cleanup: true,
    extendEnv: options.isBare !== true,
    ...(options.cancel && { cancelSignal: options.cancel }),
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  // A child that it leaves behind may hold its streams open for as long as it lives; what it said itself is there by then.
  running.nodeChildProcess.once('exit', () => {
    setTimeout(() => {
      running.stdout.destroy();
      running.stderr.destroy();
    }, DRAIN_MS).unref();
  });
  const result = await running;
  const ended = endedOf(result);
  return {
    ended,
    code: result.exitCode,
    stdout: result.stdout,
    stderr: result.stderr,
    detail: ended === 'exited' && result.exitCode === 0 ? '' : (result.shortMessage ?? ''),
  };
}

interface Ending {
  readonly timedOut: boolean;
  readonly isMaxBuffer: boolean;
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
}

function endedOf(result: Ending): CommandResult['ended'] {
  if (result.timedOut) return 'timed-out';
  if (result.isMaxBuffer) return 'too-long';
  if (result.exitCode !== undefined) return 'exited';
  return result.signal === undefined ? 'not-started' : 'killed';
}
