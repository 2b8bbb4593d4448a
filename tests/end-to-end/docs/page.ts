// A page of Markdown taken apart: its blocks of code with how each is held, its headings, its links. It starts nothing.

export interface Block {
  /** Line of the page on which the block begins. */
  readonly line: number;
  readonly text: string;
  /** What stands behind the block: `<!-- checked: … -->`; undefined when nothing does. */
  readonly checked: string | undefined;
}

export interface Command {
  readonly text: string;
  readonly exit: number;
}

export function blocksOf(page: string): readonly Block[] {
  const found = page.matchAll(/^```\w*\n([\s\S]*?)^```\n(?:\n<!-- checked: (.+?) -->)?/gm);
  return Array.from(found, ({ index, 1: text = '', 2: checked }) => ({
    line: page.slice(0, index).split('\n').length,
    text,
    checked,
  }));
}

/** One a line; a comment behind it may name the exit code. */
export function commandsOf(text: string): readonly Command[] {
  return text
    .split('\n')
    .map((line) => /^(.*?)(?:\s{2,}#\s(.*))?$/.exec(line))
    .filter((found) => found?.[1]?.trim() !== '')
    .map((found) => {
      const exit = /^exit (\d+)\b(?! while)/.exec(found?.[2] ?? '')?.[1];
      return { text: found?.[1]?.trim() ?? '', exit: Number(exit ?? 0) };
    });
}

/** A screen without what differs from run to run; gates that run side by side end in any order. */
export function shapeOf(screen: string): readonly string[] {
  return screen
    .replaceAll(/ *\b\d+(?:\.\d+)? m?s\b/g, ' <time>')
    .replaceAll(/(?<=\bcycle |\bcycles\/0*)\d+/g, '<cycle>')
    .replaceAll(/(?<=^gate-run )\S+|(?<=\bjobs )\d+/gm, '<here>')
    .trim()
    .split('\n')
    .map((line) => line.trimEnd())
    .toSorted();
}

/** As GitHub names them. */
export function anchorsOf(page: string): readonly string[] {
  return Array.from(page.matchAll(/^#{1,6} (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Targets of links that stay in the repository. */
export function linksOf(page: string): readonly string[] {
  const prose = page.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return Array.from(prose.matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => target).filter(
    (target) => !/^[a-z]+:/.test(target),
  );
}
