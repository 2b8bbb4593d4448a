// A manifest: the sums of files, in the form that sha256sum writes and checks. It is told what the disk holds.

export interface Kept {
  readonly path: string;
  /** SHA-256, hexadecimal. */
  readonly sum: string;
}

export interface Compared {
  readonly holds: boolean;
  /** One line for each finding; the first word tells its kind. */
  readonly lines: readonly string[];
}

const LINE = /^(?<escaped>\\?)(?<sum>[0-9a-f]{64}) [ *](?<path>.+)$/;

export function manifestText(files: readonly Kept[]): string {
  return files.map(({ path, sum }) => `${lineOf(path, sum)}\n`).join('');
}

/** As sha256sum does it: what would break the line is escaped, and a backslash before the sum says so. */
function lineOf(path: string, sum: string): string {
  const escaped = path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `${escaped === path ? '' : '\\'}${sum}  ${escaped}`;
}

/** Or the number of the first line that is none. */
export function parseManifest(text: string): readonly Kept[] | { readonly badLine: number } {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const kept: Kept[] = [];
  for (const [index, line] of lines.entries()) {
    const { escaped = '', sum, path } = LINE.exec(line)?.groups ?? {};
    if (sum === undefined || path === undefined) return { badLine: index + 1 };
    kept.push({ sum, path: escaped === '' ? path : unescaped(path) });
  }
  return kept;
}

function unescaped(path: string): string {
  return path.replace(/\\(?<what>[\\nr])/g, (_, what: string) =>
    what === 'n' ? '\n' : what === 'r' ? '\r' : '\\',
  );
}

/** `sumOf` says undefined where there is no file; `found` are the files that should all be in the manifest. */
export function compare(
  kept: readonly Kept[],
  sumOf: (path: string) => string | undefined,
  found: readonly string[],
): Compared {
  const listed = new Set(kept.map(({ path }) => path));
  const lines: string[] = [];
  let same = 0;
  for (const { path, sum } of kept) {
    const now = sumOf(path);
    if (now === sum) same += 1;
    else lines.push(`${now === undefined ? 'missing' : 'changed'}: ${shown(path)}`);
  }
  for (const path of found) if (!listed.has(path)) lines.push(`unlisted: ${shown(path)}`);
  return { holds: lines.length === 0, lines: [...lines, `${same} of ${kept.length} as listed`] };
}

/** A line for people stays one line. */
function shown(path: string): string {
  return path.replaceAll(/\p{Cc}/gu, '\u{fffd}');
}
