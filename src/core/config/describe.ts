// How a value is called in a message: "the number 5", "the text `x`", "a list".

const LONGEST_SHOWN = 40;

export function describe(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'string') return value === '' ? 'an empty text' : `the text \`${clip(value)}\``;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return `\`${value}\``;
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}

/** The head of a text on one line. */
export function clip(text: string, longest: number = LONGEST_SHOWN): string {
  const line = text.split('\n', 1)[0] ?? '';
  return line.length < text.length || line.length > longest ? `${line.slice(0, longest)}…` : line;
}

/** The text in quotes as YAML reads it back: double where nothing has to be escaped, else single. */
export function quoted(text: string): string {
  return /["\\]/.test(text) ? `'${text.replaceAll("'", "''")}'` : `"${text}"`;
}
