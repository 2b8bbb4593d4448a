// Answers whether a path matches a glob (`**`, `*`, `?`, `{a,b}`, a leading `!`). It reads no disk; src/system/walk.ts does.

/** How many alternatives one glob may unfold to; more is a mistake or an attack. */
const BRACE_LIMIT = 256;

/** Whether `path` (separated by `/`, no leading `./`) matches one glob. */
export function matches(glob: string, path: string): boolean {
  return compileGlob(glob)(path);
}

/** The same question for many paths. A glob that ends in `/` stands for everything below that folder. */
export function compileGlob(glob: string): (path: string) => boolean {
  const plain = normal(glob);
  const parts = unfold(plain.endsWith('/') ? `${plain}**` : plain);
  const pattern = new RegExp(`^(?:${parts.map(toPattern).join('|')})$`, 's');
  return (path) => pattern.test(path);
}

/** Matches at least one glob, and none of those that begin with `!`. */
export function compileGlobs(globs: readonly string[]): (path: string) => boolean {
  const wanted = globs.filter((glob) => !glob.startsWith('!')).map(compileGlob);
  const unwanted = globs.filter((glob) => glob.startsWith('!')).map((glob) => compileGlob(glob.slice(1)));
  return (path) => wanted.some((test) => test(path)) && !unwanted.some((test) => test(path));
}

/** Whether the text is more than a plain path. */
export function isGlob(text: string): boolean {
  return /[*?{]/.test(text) || text.startsWith('!');
}

/** The folder above the first part that is not plain: where a walk may begin. Empty for the root of the walk. */
export function fixedFolder(glob: string): string {
  const parts = normal(glob).split('/');
  const first = parts.findIndex((part) => isGlob(part));
  return parts.slice(0, first === -1 ? -1 : first).join('/');
}

/** `{a,b}` written out; braces may stand inside one another. */
export function unfold(glob: string): readonly string[] {
  const done: string[] = [];
  const open = [glob];
  while (open.length > 0 && open.length + done.length <= BRACE_LIMIT) {
    const text = open.pop() ?? '';
    const brace = firstBrace(text);
    if (brace === undefined) done.push(text);
    else for (const choice of brace.choices) open.push(brace.before + choice + brace.after);
  }
  return open.length > 0 ? [glob] : done;
}

function firstBrace(text: string): { before: string; choices: string[]; after: string } | undefined {
  const start = text.indexOf('{');
  if (start === -1) return undefined;
  const choices: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (char === '{') depth++;
    else if (char === ',' && depth === 1) {
      choices.push(text.slice(from, at));
      from = at + 1;
    } else if (char === '}' && --depth === 0) {
      choices.push(text.slice(from, at));
      return { before: text.slice(0, start), choices, after: text.slice(at + 1) };
    }
  }
  return undefined;
}

function toPattern(glob: string): string {
  const parts = glob.split('/');
  let pattern = '';
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1;
    if (part === '**') pattern += last ? '.*' : '(?:[^/]+/)*';
    else pattern += partPattern(part) + (last ? '' : '/');
  }
  return pattern;
}

function partPattern(part: string): string {
  return part.replaceAll(/\*+|\?|[.+^$(){}|[\]\\]/g, (found) => {
    if (found.startsWith('*')) return '[^/]*';
    return found === '?' ? '[^/]' : `\\${found}`;
  });
}

function normal(glob: string): string {
  return glob.replaceAll(/\/{2,}/g, '/').replace(/^(?:\.\/)+/, '');
}
