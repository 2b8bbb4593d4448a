// The page as one HTML file that needs nothing else: no network, no fonts, no frameworks. Text from outside is text here, whatever
// it looks like, and the page's own policy forbids every script but the two that it names.

import { unreachable } from '../../core/unreachable.ts';
import { plain, type Block, type Cell, type Section, type StripPart } from './block.ts';
import type { Chart } from './charts.ts';
import type { Page } from './page.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

/** The library that draws, as its files are. */
export interface Plotting {
  readonly script: string;
  readonly style: string;
}

export interface HtmlParts {
  readonly plotting: Plotting;
  /** SHA-256 in base64, for the policy. */
  readonly hash: (text: string) => string;
}

export function html(page: Page, { plotting, hash }: HtmlParts): string {
  const style = `${plotting.style}\n${STYLE}`;
  const scripts = [plotting.script, SCRIPT];
  const charts: Chart[] = [];
  const body = page.sections.map((section, at) => sectionText(section, at, charts)).join('');
  const hasCharts = charts.length > 0;
  const allowed = scripts.map((one) => `'sha256-${hash(one)}'`).join(' ');
  const policy = `default-src 'none'; style-src 'sha256-${hash(style)}'; script-src ${hasCharts ? allowed : "'none'"}; base-uri 'none'; form-action 'none'`;
  const { tone, title, why } = page.headline;
  const code = hasCharts
    ? `<script type="application/json" id="charts">${json(charts)}</script>\n${scripts.map((one) => `<script>${one}</script>\n`).join('')}`
    : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(`${page.title}: ${title}`)}</title>
<style>${style}</style>
</head>
<body>
<main>
<header class="${tone}">
<p class="name">${escaped(page.title)}</p>
<h1>${escaped(title)}</h1>
<p class="why">${escaped(why)}</p>
</header>
${body}<footer>${escaped(page.foot)}</footer>
</main>
${code}</body>
</html>
`;
}

function sectionText({ title, blocks }: Section, at: number, charts: Chart[]): string {
  const inner = blocks.map((block) => blockText(block, charts)).join('');
  // The verdict stands right under its headline.
  const head = at === 0 ? '' : `<h2>${escaped(title)}</h2>\n`;
  return `<section>\n${head}${inner}</section>\n`;
}

function blockText(block: Block, charts: Chart[]): string {
  switch (block.kind) {
    case 'text':
      return `<p>${escaped(block.text)}</p>\n`;
    case 'facts':
      return `<dl>${block.facts.map(([name, value]) => `<div${isLong(value) ? ' class="wide"' : ''}><dt>${escaped(name)}</dt><dd>${cellText(value)}</dd></div>`).join('')}</dl>\n`;
    case 'strip':
      return stripText(block.parts);
    case 'table':
      return tableText(block);
    case 'chart':
      return chartText(block.chart, charts);
    case 'quote':
      return `<details><summary>${escaped(block.title)}</summary><pre>${escaped(block.text)}</pre></details>\n`;
    case 'steps':
      return `<ol>${block.steps.map(({ what, command }) => `<li>${escaped(what)}${command === null ? '' : ` <code>${escaped(command)}</code>`}</li>`).join('')}</ol>\n`;
    default:
      return unreachable(block);
  }
}

function tableText({ columns, rows, more }: Extract<Block, { kind: 'table' }>): string {
  const numeric = columns.map((name) => name.endsWith(' #'));
  const mark = (at: number) => (numeric[at] ? ' class="number"' : '');
  const head = columns
    .map((name, at) => `<th scope="col"${mark(at)}>${escaped(name.replace(/ #$/, ''))}</th>`)
    .join('');
  const body = rows
    .map((row) => `<tr>${row.map((cell, at) => `<td${mark(at)}>${cellText(cell)}</td>`).join('')}</tr>\n`)
    .join('');
  const note = more === '' ? '' : `<p class="note">${escaped(more)}</p>\n`;
  return `<div class="table"><table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}</tbody>\n</table></div>\n${note}`;
}

function cellText(cell: Cell): string {
  if (typeof cell === 'string') return escaped(cell);
  if ('code' in cell) return `<code>${escaped(cell.code)}</code>`;
  return `<span class="${cell.tone}">${escaped(cell.text)}</span>`;
}

/** Such a value gets a line of its own. */
const LONG_CHARACTERS = 48;

function isLong(cell: Cell): boolean {
  const text = typeof cell === 'string' ? cell : 'code' in cell ? cell.code : cell.text;
  return text.length > LONG_CHARACTERS;
}

const STRIP_WIDTH = 1000;

/** How the cycles are shared out, as one bar. */
function stripText(parts: readonly StripPart[]): string {
  const all = parts.reduce((sum, { count }) => sum + count, 0);
  let from = 0;
  const bars = parts.map(({ name, count, tone }, at) => {
    const width = (count / all) * STRIP_WIDTH;
    const x = from;
    from += width;
    const shade = at % 2 === 0 ? '' : ' lighter';
    return `<rect class="${tone}${shade}" x="${x.toFixed(2)}" y="0" width="${width.toFixed(2)}" height="14"><title>${escaped(`${name}: ${count}`)}</title></rect>`;
  });
  const label = parts.map(({ name, count }) => `${count} ${name}`).join(', ');
  return `<svg class="strip" viewBox="0 0 ${STRIP_WIDTH} 14" preserveAspectRatio="none" role="img" aria-label="${escaped(label)}">${bars.join('')}</svg>\n`;
}

function chartText(chart: Chart, charts: Chart[]): string {
  charts.push(chart);
  const { title, note } = chart;
  return `<figure><figcaption><b>${escaped(title)}</b> <span>${escaped(note)}</span></figcaption><div class="plot" data-chart="${charts.length - 1}" role="img" aria-label="${escaped(`${title}, plotted over cycles`)}"><noscript>The plots need JavaScript; the figures are in the tables.</noscript></div></figure>\n`;
}

function escaped(text: string): string {
  return plain(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Inside a script element only a `<` could end it. */
function json(charts: readonly Chart[]): string {
  const shown = charts.map((chart) => ({
    ...chart,
    title: plain(chart.title),
    lines: chart.lines.map((line) => ({ ...line, name: plain(line.name) })),
  }));
  return JSON.stringify(shown).replaceAll('<', String.raw`\u003c`);
}
