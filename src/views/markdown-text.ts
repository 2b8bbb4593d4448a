// Words from outside in Markdown: text stays text, whatever it holds.

import { plain } from './report/block.ts';

/** Each character that could begin markup stands for itself, and a line stays a line. What is no markup where it stands stays readable. */
export function escaped(text: string): string {
  return oneLine(text)
    .replaceAll(/&(?=#?\w+;)/g, '&amp;')
    .replaceAll(/<(?=[a-z/!?])/gi, '&lt;')
    .replaceAll(/[\\`*[\]|~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, String.raw`\$&`);
}

export function oneLine(text: string): string {
  return plain(text).replaceAll(/\s+/g, ' ').trim();
}

/** Line by line as it is, between more backticks than any row of them in what is shown. */
export function fenced(text: string): string {
  const shown = plain(text);
  const fence = '`'.repeat(Math.max(3, longestRun(shown) + 1));
  return `${fence}text\n${shown}\n${fence}\n`;
}

export function longestRun(text: string): number {
  return Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
}
