// `run` as written → argv, or text for a shell. Decided from the text alone, so no value ever becomes shell text.

import { fill, namesIn, outsidePlaceholders, variableOf } from './fill.ts';
import type { CommandPlan } from './plan.ts';

export type CommandRead =
  | { readonly command: CommandPlan }
  | { readonly wrong: string; readonly mend?: string; readonly at?: number };

/** Before anything is filled in: split first, so that a value is never split and never decides about the shell. */
export function readCommand(run: string | readonly (string | number)[], shell: 'sh' | 'bash'): CommandRead {
  if (typeof run !== 'string') return readList(run);
  const script = run.trim();
  if (script === '') return { wrong: 'nothing to run' };
  const argv = plainWords(script);
  if (argv) return { command: { kind: 'argv', argv } };
  if (!script.includes('{{')) return { command: { kind: 'shell', shell, script } };
  return { wrong: '`{{` in a command that a shell runs', mend: mendFor(script) };
}

/** The words of a command that needs no shell, placeholders still in them; undefined where it needs one. */
export function plainWords(run: string): readonly string[] | undefined {
  const script = run.trim();
  return script === '' || needsShell(script) ? undefined : words(script);
}

/** Fills an argv in, word by word: as many words come out as went in. */
export function fillArgv(
  argv: readonly string[],
  values: (name: string) => string | undefined,
): readonly string[] {
  return argv.map((word) => fill(word, values));
}

/** The command as a person would type it, for plans and the first line of logs. */
export function commandText(command: CommandPlan): string {
  if (command.kind === 'shell') return command.script;
  return command.argv.map((word) => (/^[\w@%+=:,./{}-]+$/.test(word) ? word : quoted(word))).join(' ');
}

/** Whether a pipe in the script hides the failure of a command that is not its last. */
export function hidesFailure(command: CommandPlan): boolean {
  if (command.kind !== 'shell' || command.shell === 'bash') return false;
  const bare = command.script.replace(/\\.|'[^']*'|"(?:\\.|[^"\\])*"/gs, '_').replace(/(^|\s)#.*$/gm, '');
  return /[^|>]\|(?!\|)/.test(bare);
}

function readList(run: readonly (string | number)[]): CommandRead {
  const argv = run.map(String);
  if (argv.length === 0) return { wrong: 'nothing to run' };
  if (argv[0]?.trim() === '') return { wrong: 'nothing to run: the first word is empty', at: 0 };
  const open = argv.findIndex((word) => outsidePlaceholders(word).includes('{{'));
  if (open >= 0) return { wrong: '`{{` that is never closed', at: open };
  return { command: { kind: 'argv', argv } };
}

const SHELL_CHARACTER = /[\n#;"'*?[\]&|<>(){}$`\\^~!]/;
const BLANKS = /\s+/;
const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*=/;

/** Words that only a shell knows: its keywords, and its builtins that are no program on Linux. */
const SHELL_WORDS: ReadonlySet<string> = new Set(
  (
    '. : alias bg bind break builtin caller case cd command compgen complete continue coproc declare dirs ' +
    'disown do done elif else enable esac eval exec exit export fc fg fi for function getopts hash help ' +
    'history if in jobs let local logout mapfile popd pushd read readarray readonly return select set shift ' +
    'shopt source suspend then time times trap type typeset ulimit umask unalias unset until wait while'
  ).split(' '),
);

function needsShell(script: string): boolean {
  if (SHELL_CHARACTER.test(outsidePlaceholders(script))) return true;
  // A first word that holds a placeholder is a program, whatever its value is.
  const first = /^\S+/.exec(script)?.[0] ?? '';
  return SHELL_WORDS.has(first) || ASSIGNMENT.test(first);
}

/** Split at blanks, but not inside `{{ name }}`. */
function words(script: string): readonly string[] {
  if (!script.includes('{{')) return script.split(BLANKS);
  return script.match(/(?:\{\{[^{}]*\}\}|[^\s{])+/g) ?? [];
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function mendFor(script: string): string {
  const names = namesIn(script);
  const known = names.find((name) => variableOf(name) !== undefined);
  if (known !== undefined) return `write \`"$${variableOf(known)}"\`, or make \`run\` a list of words`;
  if (names.length === 0) return 'put the command into a script of its own, where braces are free';
  return 'make `run` a list of words, or hand the value over with `env: { set: … }` and write `"$NAME"`';
}
