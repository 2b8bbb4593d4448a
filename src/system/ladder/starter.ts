// Starts the many simulations of a lane. A start by Node copies the tables of all its memory; a small process of a few megabytes is
// asked to start them instead, where there is one. It knows nothing of simulations: what is started, and how it ended.

import { constants } from 'node:os';
import type { ProcessEnd } from '../../core/judge/evidence.ts';
import type { Environment } from '../environment.ts';
import { signalGroup, tryKill } from '../group.ts';
import { argvOf, launch, launchWorker, type Launch, type Spoken } from '../launch.ts';
import type { TaskUnit } from '../units/unit.ts';
import { closeScratch, openScratch, tailText, type Scratch } from './scratch.ts';

export interface Starter {
  /**
   * One at a time. As `launch`; or whom to ask for the group, which is 0 until it is known and once nobody is in it any more, and not for
   * longer than START_MS and LEAVE_MS before it has ended. `lost`: that end says nothing of what was started, if it was.
   */
  start(wanted: Launch, lost: () => void): number | (() => number) | undefined;
  /** CPU time of all that it has started and of what those have waited for; undefined: not of each of them it is known. */
  readonly cpuMs: number | undefined;
  /** Nothing more is started. Resolves once the small process is gone. */
  close(): Promise<void>;
}

/** The small process costs about as much as it saves with this many. */
const PAYS_FROM_STARTS = 16;
/** Longer than a note. */
const NOTE_BYTES = 64;
/** The last one, whole. */
const NOTE = /^(\d+) (\d+)\n$/m;
/** What it is asked for has a group by then, also the first, which it is started for itself. */
const START_MS = 1_000;
/** Once its input is closed it has nothing left to do; and once it is killed nobody waits for longer. */
const LEAVE_MS = 1_000;

/** `starts`: how many there will be at most. Beside `log` there is room for what it notes down. Whatever is started is born in `unit`. */
export function openStarter(starts: number, log: string, unit: TaskUnit): Starter {
  const pays = starts >= PAYS_FROM_STARTS && process.platform === 'linux' && !unit.hasOwnNumbers;
  const notes = pays ? openScratch(log) : undefined;
  return notes === undefined || 'failed' in notes ? direct(unit) : new SmallStarter(notes, unit);
}

export function direct(unit: TaskUnit): Starter {
  return {
    start: (wanted) => unit.start(wanted, launch),
    cpuMs: undefined,
    close: () => Promise.resolve(),
  };
}

/**
 * Reads words that end in a zero byte: their number, then folder, output, error output, number of changes to the environment, these
 * (`NAME=value`, or `NAME` to take it away), and the command's own. Says `ready`, and of each `refused` where it could not be started, and
 * `ended STATUS GROUP CPU`: as waitpid(2) gives it, 0 where nobody is left in the group, and the milliseconds of all so far. That one is started is only noted down by itself,
 * its number and its group: waking gate-run for it would cost more than the start, and a note can be read whenever a limit is over. Without
 * its note none begins. Leaves when its input ends. Does not heed what asks a whole service to stop, since whoever uses it decides; but what
 * it starts is never deaf to that, not even before its command begins.
 */
const SCRIPT = String.raw`# Starts simulations for gate-run, which reads here how each ended.
$/ = "\0";
my $self = $$;
my @stops = qw(INT TERM HUP QUIT);
sub stop { my $name = shift; return if $$ == $self; $SIG{$name} = 'DEFAULT'; kill $name, $$ }
$SIG{$_} = \&stop for @stops;
sub word { my $word = <STDIN>; exit unless defined $word; chomp $word; $word }
open(my $told, '>&', STDOUT) or exit 1;
select((select($told), $| = 1)[0]);
print $told "ready\n";
for (my $number = 1;; $number += 1) {
  my ($folder, $out, $error, $changes, @words) = map word(), 1 .. word();
  my $pid = fork;
  if (!defined $pid) { print $told "refused\nended 0 0\n"; next }
  if ($pid == 0) {
    setpgrp 0, 0;
    $SIG{$_} = 'DEFAULT' for @stops;
    my $note = "$number $$\n";
    for (splice @words, 0, $changes) {
      my ($name, $value) = split /=/, $_, 2;
      if (defined $value) { $ENV{$name} = $value } else { delete $ENV{$name} }
    }
    (syswrite(STDERR, $note) || 0) == length $note
      and open(STDIN, '<', '/dev/null')
      and open(STDOUT, '>>', $out)
      and open(STDERR, '>>', $error)
      and chdir $folder
      and exec { $words[0] } @words;
    print $told "refused\n";
    kill 'KILL', $$;
  }
  1 while waitpid($pid, 0) < 0 && $! == 4; # EINTR
  my (undef, undef, $user, $system) = times;
  printf $told "ended %d %d %.0f\n", $?, (kill(0, -$pid) ? $pid : 0), 1000 * ($user + $system);
}
`;

/** What would change how Perl itself runs reaches only what it starts. */
const OF_PERL = /^PERL/;

class SmallStarter implements Starter {
  #small: Spoken | undefined;
  /** What it was started with, and what it starts inherits. */
  #env: Environment = {};
  #gone: Promise<void> = Promise.resolve();
  /** It counts as gone, whatever holds it. */
  #letGo: () => void = () => undefined;
  /** Of what is waited for now: a start, or its own end. */
  #limit: NodeJS.Timeout | undefined;
  #isReady = false;
  /** It could not do what it was asked, or is no more; Node's own way then also says why. */
  #isUnfit = false;
  #rest = '';
  readonly #notes: Scratch;
  readonly #unit: TaskUnit;
  #wanted: Launch | undefined;
  #lost: () => void = () => undefined;
  #number = 0;
  #group = 0;
  #isRefused = false;
  #cpuMs = 0;

  constructor(notes: Scratch, unit: TaskUnit) {
    this.#notes = notes;
    this.#unit = unit;
  }

  start(wanted: Launch, lost: () => void): number | (() => number) | undefined {
    // The one before counts as over, yet is waited for still: the kernel does not let go of it.
    if (this.#wanted) this.#isUnfit = true;
    this.#wanted = undefined;
    if (!this.#isUnfit) this.#small ??= this.#open(wanted.env);
    const words = this.#isUnfit ? undefined : wordsOf(wanted, this.#env);
    if (words === undefined) return this.#unit.start(wanted, launch);
    this.#wanted = wanted;
    this.#lost = lost;
    this.#group = 0;
    this.#isRefused = false;
    this.#number += 1;
    this.#small?.input.write(words);
    this.#within(START_MS, () => {
      if (this.#noted() === 0) this.#kill();
    });
    return () => (this.#wanted === wanted ? this.#noted() : this.#group);
  }

  get cpuMs(): number | undefined {
    return this.#isUnfit ? undefined : this.#cpuMs;
  }

  async close(): Promise<void> {
    this.#small?.input.end();
    this.#within(LEAVE_MS, () => this.#kill());
    await this.#gone;
    clearTimeout(this.#limit);
    closeScratch(this.#notes);
  }

  #within(ms: number, otherwise: () => void): void {
    clearTimeout(this.#limit);
    this.#limit = setTimeout(otherwise, ms);
  }

  /** With whomever it has only begun to start, who is of its own group still. */
  #kill(): void {
    this.#isUnfit = true;
    if (this.#small) tryKill(-this.#small.group, 'SIGKILL');
    this.#within(LEAVE_MS, this.#letGo);
  }

  #noted(): number {
    const [, number, group] = NOTE.exec(tailText(this.#notes, NOTE_BYTES)) ?? [];
    return Number(number) === this.#number ? Number(group) : 0;
  }

  #open(env: Environment): Spoken | undefined {
    this.#env = Object.fromEntries(Object.entries(env).filter(([name]) => !OF_PERL.test(name)));
    const { promise: exit, resolve: exited } = Promise.withResolvers<unknown>();
    const order = { command: { argv: ['perl', '-e', SCRIPT] }, cwd: process.cwd() };
    const wanted = { order, env: this.#env, errors: this.#notes.fd, exited, refused: exited };
    const small = this.#unit.start(wanted, launchWorker);
    if (!small) {
      this.#isUnfit = true;
      return undefined;
    }
    const { promise: end, resolve: ended } = Promise.withResolvers<void>();
    small.input.on('error', () => undefined);
    small.output.setEncoding('latin1').on('data', (text: string) => this.#hear(text));
    small.output.once('close', ended);
    this.#letGo = () => {
      exited(undefined);
      small.output.destroy();
    };
    this.#gone = Promise.all([exit, end]).then(() => this.#left());
    return small;
  }

  #hear(text: string): void {
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#heard(line);
  }

  #heard(line: string): void {
    const [word, status, group, cpu] = line.split(' ');
    if (word === 'ready') this.#isReady = true;
    if (word === 'refused') this.#isRefused = true;
    if (word !== 'ended') return;
    this.#group = Number(group);
    this.#cpuMs = Number(cpu);
    if (this.#isRefused) this.#goOnWithout();
    else this.#tell(endOf(Number(status)));
  }

  #tell(end: ProcessEnd): void {
    this.#done()?.exited(end);
  }

  /** Once it is unfit its own end is waited for. */
  #done(): Launch | undefined {
    if (!this.#isUnfit) clearTimeout(this.#limit);
    const wanted = this.#wanted;
    this.#wanted = undefined;
    return wanted;
  }

  #goOnWithout(): void {
    const wanted = this.#done();
    this.#isUnfit = true;
    this.#group = (wanted && this.#unit.start(wanted, launch)) ?? 0;
  }

  /** Whatever it was asked for and cannot be waited for any more ends with it. Nothing is between a start and its note by now. */
  #left(): void {
    clearTimeout(this.#limit);
    this.#small = undefined;
    this.#isUnfit = true;
    if (!this.#wanted) return;
    this.#group = this.#noted();
    if (this.#group === 0 && !this.#isReady) {
      this.#goOnWithout();
      return;
    }
    if (this.#group > 0) signalGroup(this.#group, 'SIGKILL');
    this.#lost();
    this.#tell({ signal: 'SIGKILL' });
  }
}

/** Undefined: with a zero byte in one, which only Node's own way can complain about. */
function wordsOf({ order, env, stdio: [, out, error] }: Launch, inherited: Environment): string | undefined {
  const changes = changesOf(env, inherited);
  const words = [order.cwd, fileOf(out), fileOf(error), String(changes.length), ...changes, ...argvOf(order)];
  if (words.some((word) => word.includes('\0'))) return undefined;
  return `${words.length}\0${words.join('\0')}\0`;
}

/** Our descriptors have no names; this is one that another process of ours can open. */
function fileOf(fd: number): string {
  return `/proc/${process.pid}/fd/${fd}`;
}

function changesOf(env: Environment, inherited: Environment): readonly string[] {
  const changed = Object.entries(env).filter(([name, value]) => inherited[name] !== value);
  const gone = Object.keys(inherited).filter((name) => env[name] === undefined);
  return [...changed.map(([name, value]) => `${name}=${value}`), ...gone];
}

const SIGNALS = new Map<number, string>(
  Object.entries(constants.signals)
    .toReversed()
    .map(([name, number]) => [number, name]),
);

/** See waitpid(2): the signal in the low seven bits, else the exit code above the low byte. */
function endOf(status: number): ProcessEnd {
  const signal = status & 0x7f;
  return signal === 0 ? { code: status >> 8 } : { signal: SIGNALS.get(signal) ?? `SIG${signal}` };
}
