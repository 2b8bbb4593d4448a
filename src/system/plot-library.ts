// The library that draws the report's plots, as text: the page has to hold it, since it may need no network.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { packageFolder } from './self.ts';

export function plotLibrary(): { readonly script: string; readonly style: string } {
  const require = createRequire(join(packageFolder(), 'package.json'));
  const script = readFileSync(require.resolve('uplot/dist/uPlot.iife.min.js'), 'utf8');
  const style = readFileSync(require.resolve('uplot/dist/uPlot.min.css'), 'utf8');
  return { script: script.trim(), style: style.trim() };
}
