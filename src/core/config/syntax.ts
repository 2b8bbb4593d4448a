// What the YAML parser could not make sense of, in words of our own where we know better.

import type { YAMLError } from 'yaml';
import { clip } from './describe.ts';
import { MAX_PROBLEMS } from './limits.ts';
import type { Problem } from './problem.ts';

interface Said {
  readonly message: string;
  readonly mend: string;
}

/** One problem for each line in trouble: what follows on it is mostly an echo. */
export function syntaxProblems(
  text: string,
  errors: readonly YAMLError[],
  origin: (offset: number) => number,
): Problem[] {
  const problems: Problem[] = [];
  let lineEnd = -1;
  let isAdrift = false;
  for (const { code, message, pos } of errors) {
    if (problems.length >= MAX_PROBLEMS) break;
    const [start, end] = pos;
    const isEcho = message.includes('in YAML stream');
    if (start <= lineEnd || (isEcho && isAdrift)) continue;
    isAdrift ||= isEcho || message.includes('at node end');
    const next = text.indexOf('\n', start);
    lineEnd = next < 0 ? text.length : next;
    const said = wordsFor(code, message, text.slice(start, Math.min(lineEnd, start + 2)));
    problems.push({ range: [origin(start), origin(Math.max(start + 1, Math.min(end, lineEnd)))], ...said });
  }
  return problems;
}

function wordsFor(code: string, message: string, at: string): Said {
  if (code === 'BAD_DQ_ESCAPE') {
    const mend = 'use single quotes: inside them a backslash is just a backslash';
    return { message: `\`${at}\` is no escape that double quotes know`, mend };
  }
  if (code === 'TAB_AS_INDENT') {
    return { message: 'a tab in the indentation; YAML takes spaces only', mend: 'put spaces in its place' };
  }
  if (code === 'MULTIPLE_DOCS') {
    return {
      message: 'a second document starts here',
      mend: 'keep one: remove the line `---` and what follows it',
    };
  }
  if (code === 'BLOCK_AS_IMPLICIT_KEY') {
    const mend = 'quote the whole value if the `: ` belongs to it, else put the key on a line of its own';
    return { message: 'a second `: ` on one line', mend };
  }
  if (code === 'BAD_INDENT' && !message.includes('sufficiently')) {
    return { message: 'this line is not indented like its neighbours', mend: 'line the keys of one map up' };
  }
  const words = `not valid YAML: ${clip(message.charAt(0).toLowerCase() + message.slice(1), 120)}`;
  if (/closing|end with/.test(message)) return { message: words, mend: 'close the quote or the bracket' };
  return { message: words, mend: 'look for a missing quote, bracket, colon or space before this place' };
}
