// Completion scripts for bash, zsh and fish, made from the tables that the command line is read with. What only a folder knows,
// its tasks, a script asks gate-run for: `gate-run completion tasks`.

import { unreachable } from '../core/unreachable.ts';
import { COMMAND_FLAGS } from './command-flags.ts';
import { COMMANDS, FLAGS, type CommandRow, type FlagRow } from './flag-table.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export function completionScript(shell: Shell): string {
  switch (shell) {
    case 'bash':
      return bashScript();
    case 'zsh':
      return zshScript();
    case 'fish':
      return fishScript();
    default:
      return unreachable(shell);
  }
}

type Kind = 'none' | 'file' | 'folder' | 'words' | 'text';

function kindOf({ value }: FlagRow): Kind {
  if (value === undefined || value.startsWith('[')) return 'none';
  if (value === 'FILE' || value === 'PATH') return 'file';
  if (value === 'FOLDER') return 'folder';
  if (value.includes('|')) return 'words';
  return 'text';
}

/** Of tasks, although the table says `IDS`: phases are named so too. */
const OF_TASKS: ReadonlySet<string> = new Set(['skip', 'only']);

function wordsOf({ value = '' }: FlagRow): readonly string[] {
  return value.split('|');
}

/** The flags that only this command reads, and `loop`, `gate`, `output` of `[loop|gate|output]`. */
function ownWords({ name, args = '' }: CommandRow): readonly string[] {
  const words = args.replaceAll(/--[a-z-]+/g, '').match(/\b[a-z]+\b/g) ?? [];
  return [...words, ...flagsOf(name).map((flag) => `--${flag.name}`)];
}

function flagsOf(command: string): readonly FlagRow[] {
  return COMMAND_FLAGS[command] ?? [];
}

/** Own flags of any command whose value is of this kind: what one calls `--file`, no other means otherwise. */
const OWN_ROWS: readonly FlagRow[] = Object.values(COMMAND_FLAGS).flat();

const TAKING_TASKS: ReadonlySet<string> = new Set(['run', 'explain', 'logs']);
/** Commands whose word is a file. */
const TAKING_FILES: readonly string[] = COMMANDS.filter(({ args = '' }) =>
  /\b(?:FILE|LEDGER)\b/.test(args),
).map(({ name }) => name);

function spellings({ name, short }: FlagRow): readonly string[] {
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
}

function cases(kind: (row: FlagRow) => boolean): string {
  return [...new Set([...FLAGS, ...OWN_ROWS].filter(kind).flatMap(spellings))].join('|');
}

function isTasks({ name }: FlagRow): boolean {
  return OF_TASKS.has(name);
}

/** A branch for each kind of value; `offer` says it in the words of the shell. */
function valueCases(
  offer: Readonly<Record<'files' | 'folders' | 'tasks', string>> & {
    readonly words: (list: string) => string;
  },
): string[] {
  return [
    `    ${cases((row) => kindOf(row) === 'file')}) ${offer.files}; return ;;`,
    `    ${cases((row) => kindOf(row) === 'folder')}) ${offer.folders}; return ;;`,
    `    ${cases(isTasks)}) ${offer.tasks}; return ;;`,
    ...[...FLAGS, ...OWN_ROWS]
      .filter((row) => kindOf(row) === 'words')
      .map((row) => `    ${spellings(row).join('|')}) ${offer.words(wordsOf(row).join(' '))}; return ;;`),
    `    ${cases((row) => kindOf(row) === 'text' && !isTasks(row))}) return ;;`,
  ];
}

const TAKES_VALUE = (row: FlagRow): boolean => kindOf(row) !== 'none';

function bashScript(): string {
  const own = COMMANDS.filter((row) => ownWords(row).length > 0);
  return `# bash: put this line into ~/.bashrc:  eval "$(gate-run completion bash)"
_gate_run_offer() { mapfile -t COMPREPLY < <(compgen "$@" -- "$cur"); }
_gate_run_tasks() { "\${COMP_WORDS[0]}" completion tasks 2>/dev/null; }
_gate_run() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= own= joined= i
  COMPREPLY=()
  # Of \`--flag=value\` bash makes three words.
  if [[ $cur == = ]]; then
    cur= joined=1
  elif [[ $prev == = && COMP_CWORD -gt 1 ]]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]} joined=1
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      =) ((i++)) ;;
      ${cases(TAKES_VALUE)}) [[ \${COMP_WORDS[i+1]} == = ]] || ((i++)) ;;
      -*) ;;
      *) command=\${COMP_WORDS[i]}; break ;;
    esac
  done
  case $prev in
${valueCases({
  files: '_gate_run_offer -f',
  folders: '_gate_run_offer -d',
  tasks: '_gate_run_offer -W "$(_gate_run_tasks)"',
  words: (list) => `_gate_run_offer -W '${list}'`,
}).join('\n')}
  esac
  [[ -n $joined ]] && return
  case $command in
${own.map((row) => `    ${row.name}) own='${ownWords(row).join(' ')}' ;;`).join('\n')}
  esac
  case $cur in
    -*) _gate_run_offer -W "$own ${FLAGS.flatMap(spellings).join(' ')}" ;;
    *)
      case $command in
        '') _gate_run_offer -W "${COMMANDS.map(({ name }) => name).join(' ')} $(_gate_run_tasks)" ;;
        ${[...TAKING_TASKS].join('|')}) _gate_run_offer -W "$own $(_gate_run_tasks)" ;;
        ${TAKING_FILES.join('|')}) _gate_run_offer -f ;;
        *) _gate_run_offer -W "$own" ;;
      esac ;;
  esac
}
complete -F _gate_run gate-run
`;
}

function zshScript(): string {
  const own = COMMANDS.filter((row) => ownWords(row).length > 0);
  const flags = FLAGS.flatMap((row) => spellings(row).map((word) => described(word, row.about)));
  return `#compdef gate-run
# zsh: put this line into ~/.zshrc, behind compinit:  eval "$(gate-run completion zsh)"
_gate_run_tasks() { compadd -- \${(f)"$("\${words[1]}" completion tasks 2>/dev/null)"} }
_gate_run() {
  local prev=\${words[CURRENT-1]} command= i
  local -a own flags commands
  for ((i = 2; i < CURRENT; i++)); do
    case \${words[i]} in
      ${cases(TAKES_VALUE)}) ((i++)) ;;
      -*) ;;
      *) command=\${words[i]}; break ;;
    esac
  done
  case $prev in
${valueCases({
  files: '_files',
  folders: '_files -/',
  tasks: '_gate_run_tasks',
  words: (list) => `compadd -- ${list}`,
}).join('\n')}
  esac
  case $command in
${own.map((row) => `    ${row.name}) own=(${ownWords(row).join(' ')}) ;;`).join('\n')}
  esac
  case \${words[CURRENT]} in
    -*)
      flags=(
${flags.map((flag) => `        ${flag}`).join('\n')}
      )
      _describe -o flag flags
      compadd -- \${(M)own:#-*} ;;
    *)
      case $command in
        '')
          commands=(
${COMMANDS.map(({ name, about }) => `            ${described(name, about)}`).join('\n')}
          )
          _describe command commands
          _gate_run_tasks ;;
        ${[...TAKING_TASKS].join('|')}) _gate_run_tasks ;;
        ${TAKING_FILES.join('|')}) _files ;;
        *) compadd -- \${own:#-*} ;;
      esac ;;
  esac
}
if [[ \${funcstack[1]} == _gate_run ]]; then _gate_run "$@"; else compdef _gate_run gate-run; fi
`;
}

/** `_describe` splits at the first colon that no backslash stands before. */
function described(word: string, about: string): string {
  return quoted(`${word.replaceAll(':', '\\:')}:${about}`);
}

function fishScript(): string {
  const tasks = `(gate-run completion tasks 2>/dev/null)`;
  const flags = FLAGS.map((row) => {
    const short = row.short === undefined ? '' : ` -s ${row.short}`;
    return `complete -c gate-run -l ${row.name}${short}${fishValue(row, tasks)} -d ${fishQuoted(row.about)}`;
  });
  const commands = COMMANDS.map(
    ({ name, about }) => `complete -c gate-run -n __fish_use_subcommand -a ${name} -d ${fishQuoted(about)}`,
  );
  const own = COMMANDS.flatMap((row) => {
    const words = ownWords(row).filter((word) => !word.startsWith('--'));
    const given = flagsOf(row.name).map(
      (flag) => `-l ${flag.name}${fishValue(flag, tasks)} -d ${fishQuoted(flag.about)}`,
    );
    return [...words.map((word) => `-a ${word}`), ...given].map(
      (rest) => `complete -c gate-run -n '__fish_seen_subcommand_from ${row.name}' ${rest}`,
    );
  });
  return `# fish: gate-run completion fish > ~/.config/fish/completions/gate-run.fish
complete -c gate-run -f
${[...commands, ...flags, ...own].join('\n')}
complete -c gate-run -n __fish_use_subcommand -a '${tasks}' -d task
complete -c gate-run -n '__fish_seen_subcommand_from ${[...TAKING_TASKS].join(' ')}' -a '${tasks}' -d task
complete -c gate-run -n '__fish_seen_subcommand_from ${TAKING_FILES.join(' ')}' -F
`;
}

function fishValue(row: FlagRow, tasks: string): string {
  if (isTasks(row)) return ` -x -a '${tasks}'`;
  const kind = kindOf(row);
  switch (kind) {
    case 'none':
      return '';
    case 'file':
      return ' -r -F';
    case 'folder':
      return " -x -a '(__fish_complete_directories)'";
    case 'words':
      return ` -x -a '${wordsOf(row).join(' ')}'`;
    case 'text':
      return ' -x';
    default:
      return unreachable(kind);
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** In fish a backslash counts inside single quotes too. */
function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
