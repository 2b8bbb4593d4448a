// What a person sees of a config: the screen, or "fine".

import { parseConfig, parseGateFile } from '../../../src/core/config/parse.ts';
import { renderProblems } from '../../../src/core/config/render.ts';

export function screen(text: string): string {
  const { problems = [] } = parseConfig(text, 'loop.config.yaml');
  return shown(
    problems.length === 0
      ? 'fine'
      : renderProblems(problems, new Map([['loop.config.yaml', text]]), { color: false }),
  );
}

export function gateScreen(text: string): string {
  const { problems = [] } = parseGateFile(text, 'gates/x.yaml');
  return shown(
    problems.length === 0
      ? 'fine'
      : renderProblems(problems, new Map([['gates/x.yaml', text]]), { color: false }),
  );
}

/** A newline in front keeps the columns of a screen straight in the source of a test. */
function shown(text: string): string {
  return `\n${text}`;
}

/** A config whose one gate has these lines. */
export function gate(...lines: readonly string[]): string {
  return loop('gates:', '  g:', ...lines.flatMap((line) => line.split('\n')).map((line) => `    ${line}`));
}

/** A config whose one phase has these lines. */
export function loop(...lines: readonly string[]): string {
  return ['version: 1', 'name: x', 'phases:', '  p:', ...lines.map((line) => `    ${line}`), ''].join('\n');
}
