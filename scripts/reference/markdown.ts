// The few pieces of Markdown that the reference pages are made of.

export function code(text: string): string {
  return `\`${text}\``;
}

/** One row of a table. A bar would end a cell, in code too. */
export function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}
