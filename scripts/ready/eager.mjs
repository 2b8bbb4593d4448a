// Makes V8 compile a chunk's functions at once, so that Node's compile cache holds them. It changes no meaning.

import { parseAst } from 'rolldown/parseAst';

/**
 * V8 puts off compiling a function until its first call, and Node writes its cache before that; only a function in
 * parentheses is compiled with its file. So each one gets them, and declarations, which cannot have them, move to the
 * top as variables: nothing there runs before they are all made. `places` says which functions are worth it, as
 * `start-end`; without it all are.
 */
export function eager(code, places) {
  const isWorthIt = ({ start, end }) => places === undefined || places.has(`${start}-${end}`);
  const { body } = parseAst(code, { lang: 'js' }, 'chunk.cjs');
  const made = [];
  const rest = [];
  for (const node of body) {
    const text = inParentheses(code, node, isWorthIt);
    if (node.type === 'FunctionDeclaration' && isWorthIt(node)) made.push(`${node.id.name}=(${text})`);
    else rest.push(text);
  }
  return oneByte([...(made.length === 0 ? [] : [`var ${made.join(',')};`]), ...rest].join('\n'));
}

/** With one character beyond it, V8 keeps the whole text in two bytes a character. All of them stand in literals. */
function oneByte(code) {
  return code.replace(/\P{ASCII}/gu, (character) => character.split('').map(escaped).join(''));
}

function escaped(unit) {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The text of a node, with parentheses around the function expressions in it. */
function inParentheses(code, top, isWorthIt) {
  const inserts = [];
  walk(top, (node, parent, key) => {
    if (!isFunction(node) || isMethod(parent, key) || !isWorthIt(node)) return;
    inserts.push([node.start, '('], [node.end, ')']);
  });
  const parts = [];
  let at = top.start;
  for (const [place, sign] of inserts.toSorted(([a], [b]) => a - b)) {
    parts.push(code.slice(at, place), sign);
    at = place;
  }
  return parts.join('') + code.slice(at, top.end);
}

function isFunction({ type }) {
  return type === 'FunctionExpression' || type === 'ArrowFunctionExpression';
}

/** Methods, getters and constructors have a syntax of their own and stay as they are. */
function isMethod(parent, key) {
  if (key !== 'value') return false;
  if (parent.type === 'MethodDefinition') return true;
  return parent.type === 'Property' && (parent.method || parent.kind !== 'init');
}

function walk(node, visit) {
  for (const [key, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child?.type !== 'string') continue;
      visit(child, node, key);
      walk(child, visit);
    }
  }
}
