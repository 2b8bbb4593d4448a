// Paths as texts with slashes. It never looks whether anything is there.

/** `path` seen from `folder`; an absolute path stays. `.`, `..` and doubled slashes are worked off. */
export function joinPath(folder: string, path: string): string {
  const whole = path.startsWith('/') ? path : `${folder}/${path}`;
  if (!/(^|\/)\.{0,2}(\/|$)/.test(whole.slice(1))) return whole;
  const parts: string[] = [];
  for (const part of whole.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}
