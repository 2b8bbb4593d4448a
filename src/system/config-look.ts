// Whether a rare place holds a config: the door of cosmiconfig, loaded where the plain names have no answer.

import { cosmiconfig } from 'cosmiconfig';
import type { Look } from './config-search.ts';

const CODE_LOADERS = { '.ts': found, '.js': found, '.mjs': found, '.cjs': found };
const LOADERS = { ...CODE_LOADERS, '.json': packageOf, '.yaml': found, '.yml': found, noExt: found };

/** Its loaders only say that a file is there: reading it is core's business. */
export const look: Look = async (folder, place) => {
  const options = { searchPlaces: [place], ignoreEmptySearchPlaces: false, cache: false, loaders: LOADERS };
  const result = await cosmiconfig('loop', { ...options, searchStrategy: 'none' }).search(folder);
  return result?.filepath;
};

function found(): unknown {
  return {};
}

function packageOf(path: string, content: string): unknown {
  return path.endsWith('package.json') ? jsonOf(content) : {};
}

function jsonOf(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return {};
  }
}
