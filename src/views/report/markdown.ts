// The page as Markdown: readable as it is in a terminal, and rendered by any forge. Nothing in it can become markup of its own.

import type { Block, Cell, Tone } from './block.ts';
import type { Chart } from './charts.ts';
import type { Page } from './page.ts';
import { unreachable } from '../../core/unreachable.ts';
import { numberText } from '../../core/judge/number.ts';
import { amountText } from '../condition-words.ts';
import { escaped, fenced, longestRun, oneLine } from '../markdown-text.ts';

const MARKS: Readonly<Record<Tone, string>> = { good: '✓', soft: '~', bad: '✗', calm: '·' };

export function markdown(page: Page): string {
  const { tone, title, why } = page.headline;
  const head = `# ${escaped(page.title)}\n\n**${MARKS[tone]} ${escaped(title)}.** ${escaped(why)}\n`;
  const sections = page.sections.map(
    (section) => `\n## ${escaped(section.title)}\n\n${section.blocks.map(blockText).join('\n')}`,
  );
  return `${head}${sections.join('')}\n---\n\n${paragraph(page.foot)}\n`;
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'text':
      return `${paragraph(block.text)}\n`;
    case 'facts':
      return block.facts.map(([name, value]) => `- ${escaped(name)}: ${cellText(value)}\n`).join('');
    case 'strip':
      return '';
    case 'table':
      return tableText(block);
    case 'chart':
      return chartText(block.chart);
    case 'quote':
      return `**${escaped(block.title)}**\n\n${fenced(block.text)}`;
    case 'steps':
      return block.steps
        .map(
          ({ what, command }, at) =>
            `${at + 1}. ${escaped(what)}${command === null ? '' : ` ${code(command)}`}\n`,
        )
        .join('');
    default:
      return unreachable(block);
  }
}

function tableText({ columns, rows, more }: Extract<Block, { kind: 'table' }>): string {
  const names = columns.map((name) => escaped(name.replace(/ #$/, '')) || ' ');
  const rule = columns.map((name) => (name.endsWith(' #') ? '--:' : '---'));
  const body = rows.map((row) => line(row.map(cellText))).join('');
  return `${line(names)}${line(rule)}${body}${more === '' ? '' : `\n${paragraph(more)}\n`}`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

function cellText(cell: Cell): string {
  if (typeof cell === 'string') return escaped(cell);
  return 'code' in cell ? code(cell.code) : escaped(cell.text);
}

const BARS = '▁▂▃▄▅▆▇█';
/** As wide as a line is read. */
const MOST_BARS = 60;

/** The shape in one line: the mean of so many points each. The numbers behind it are in the table and in the HTML. */
function chartText({ title, unit, from, x, lines }: Chart): string {
  const y = lines.find(({ role }) => role === 'main')?.y.flatMap((value) => value ?? []) ?? [];
  if (y.length === 0) return '';
  const each = Math.ceil(y.length / MOST_BARS);
  const means: number[] = [];
  for (let at = 0; at < y.length; at += each) {
    const some = y.slice(at, at + each);
    means.push(some.reduce((sum, one) => sum + one, 0) / some.length);
  }
  const [least, most] = [Math.min(...means), Math.max(...means)];
  const bars = means.map(
    (one) => BARS[Math.round(((one - least) / (most - least || 1)) * (BARS.length - 1))],
  );
  const amount = (value: number) => (unit === 'number' ? numberText(value) : amountText(value, unit));
  const span = `${amount(least)} to ${amount(most)}, cycles ${from} to ${x.at(-1)}`;
  return `${paragraph(title)} (${escaped(span)})\n\n${fenced(bars.join(''))}`;
}

/** At the start of a line some words are markup too. */
function paragraph(text: string): string {
  return escaped(text)
    .replace(/^(?:[#>=+-])/, String.raw`\$&`)
    .replace(/^(\d+)([.)])(?=\s|$)/, String.raw`$1\$2`);
}

/** Between more backticks than it holds; in a table a bar would end the cell in spite of them. */
function code(text: string): string {
  const shown = oneLine(text);
  if (shown.includes('|')) return escaped(shown);
  const fence = '`'.repeat(longestRun(shown) + 1);
  const gap = shown.startsWith('`') || shown.endsWith('`') ? ' ' : '';
  return `${fence}${gap}${shown}${gap}${fence}`;
}
