// A screen with colours as an SVG: each line of text once, so that it can be found, copied, and compared.

const FONT_SIZE = 14;
const LINE_HEIGHT = 20;
/** Of a monospaced font, as a share of its size; the text is stretched to it, whatever font is there. */
const CHARACTER = 0.6;
const MARGIN = 16;
const BAR = 30;

/** Colours that gate-run paints with, on a dark ground; each has at least 4.5 : 1 of contrast with it. */
const GROUND = '#16181d';
const PLAIN = '#d6d9df';
const COLORS: Readonly<Record<string, string>> = {
  31: '#ff7b72',
  32: '#56d364',
  33: '#e3b341',
  36: '#76d9e6',
};
const DIM = '#9097a3';

interface Piece {
  readonly text: string;
  readonly color: string;
  readonly bold: boolean;
}

/** `title`: the command that was typed; `text`: what it said, with SGR codes (ECMA-48) and without other control characters. */
export function screenSvg(title: string, text: string): string {
  const lines = text.trimEnd().split('\n').map(piecesOf);
  const columns = Math.max(
    ...lines.map((line) => line.reduce((sum, { text: part }) => sum + width(part), 0)),
    40,
  );
  const size = {
    width: Math.ceil(columns * FONT_SIZE * CHARACTER) + 2 * MARGIN,
    height: lines.length * LINE_HEIGHT + BAR + 2 * MARGIN,
  };
  const rows = lines.map((line, at) => row(line, BAR + MARGIN + (at + 1) * LINE_HEIGHT - 5));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}" role="img">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" rx="8" fill="${GROUND}"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT_SIZE}">
<text x="${MARGIN}" y="${BAR - 8}" fill="${DIM}">$ ${escaped(title)}</text>
${rows.join('\n')}
</g>
</svg>
`;
}

/** The text of such a picture again, without its title and its colours. */
export function textOf(svg: string): string {
  const rows = Array.from(svg.matchAll(/^<text class="row"[^>]*>(.*)<\/text>$/gm), ([, inner = '']) => inner);
  const plain = rows.map((inner) => inner.replaceAll(/<[^>]+>/g, ''));
  const text = plain.join('\n').replaceAll(HARD_SPACE, ' ');
  return `${text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')}\n`;
}

function row(line: readonly Piece[], y: number): string {
  let column = 0;
  const spans = line.map(({ text, color, bold }) => {
    const x = MARGIN + column * FONT_SIZE * CHARACTER;
    column += width(text);
    const length = (width(text) * FONT_SIZE * CHARACTER).toFixed(1);
    const weight = bold ? ' font-weight="bold"' : '';
    return `<tspan x="${x.toFixed(1)}" textLength="${length}" fill="${color}"${weight}>${escaped(text)}</tspan>`;
  });
  return `<text class="row" y="${y}">${spans.join('')}</text>`;
}

// Written as a text, because a control character in a pattern is nearly always a mistake.
const COLOR = new RegExp(['\\u001b\\[', '([\\d;]*)m'].join(''));

function piecesOf(line: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let [color, bold] = [PLAIN, false];
  // Even places are text, odd ones are codes.
  for (const [at, part] of line.split(COLOR).entries()) {
    if (at % 2 === 0) {
      if (part !== '') pieces.push({ text: part, color, bold });
      continue;
    }
    for (const code of part.split(';')) {
      if (code === '1') bold = true;
      else if (code === '2') color = DIM;
      else if (code === '22') [bold, color] = [false, color === DIM ? PLAIN : color];
      else if (code === '39' || code === '0' || code === '') color = PLAIN;
      else color = COLORS[code] ?? color;
    }
  }
  return pieces;
}

function width(text: string): number {
  return Array.from(text).length;
}

/** Spaces that no renderer folds. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(' ', HARD_SPACE);
}

const HARD_SPACE = '\u00A0';
