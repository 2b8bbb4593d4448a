import { expect, test } from 'vitest';
import { isFresh, pages } from '../../scripts/reference.ts';

test.each(pages().map((page) => [page.path, page] as const))(
  '%s says what the sources say; `node scripts/reference.ts` writes it anew',
  (_, page) => {
    expect(isFresh(page)).toBe(true);
    expect(isFresh({ ...page, text: `${page.text}more\n` })).toBe(false);
  },
);

test.each(pages().map(({ path, text }) => [path, text] as const))(
  'every link inside %s leads somewhere',
  (_, text) => {
    const headings = new Set(
      Array.from(text.matchAll(/^## (.+)$/gm), ([, heading]) => heading?.toLowerCase().replaceAll(' ', '-')),
    );
    const links = Array.from(text.matchAll(/\]\(#([^)]+)\)/g), ([, link]) => link);
    expect(links.length).toBeGreaterThan(4);
    expect(links.filter((link) => !headings.has(link))).toEqual([]);
  },
);
