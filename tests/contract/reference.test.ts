import { expect, test } from 'vitest';
import { isFresh, pages } from '../../scripts/reference.ts';

test.each(pages().map((page) => [page.path, page] as const))(
  '%s says what the sources say; `node scripts/reference.ts` writes it anew',
  (_, page) => {
    expect(isFresh(page)).toBe(true);
    expect(isFresh({ ...page, text: `${page.text}more\n` })).toBe(false);
  },
);
