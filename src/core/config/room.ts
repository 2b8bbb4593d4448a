// Which kind of map stands at a path of a config: decides which words and which neighbours' keys are meant.

import type { Path } from './problem.ts';

export type Room =
  | 'file'
  | 'profile'
  | 'loop'
  | 'exit'
  | 'hooks'
  | 'state'
  | 'champion'
  | 'phase'
  | 'task'
  | 'source'
  | 'stage'
  | 'gate'
  | 'other';

export type FileKind = 'loop' | 'gate';

export function roomOf(path: Path, kind: FileKind): Room {
  return kind === 'gate' ? roomInTask(path, 'gate') : roomInFile(path, 'file');
}

function roomInFile(path: Path, top: 'file' | 'profile'): Room {
  const [first, , list] = path;
  if (first === undefined) return top;
  if (first === 'loop' || first === 'exit' || first === 'state' || first === 'hooks' || first === 'champion')
    return path.length === 1 ? first : 'other';
  if (first === 'defaults') return roomInTask(path.slice(1), 'task');
  if (top === 'file' && first === 'profiles') {
    return path.length < 2 ? 'other' : roomInFile(path.slice(2), 'profile');
  }
  if (top === 'profile' && (first === 'steps' || first === 'gates')) {
    return path.length < 2 ? 'other' : roomInTask(path.slice(2), 'task');
  }
  if (first !== 'phases' || path.length < 2) return 'other';
  if (path.length === 2) return 'phase';
  if ((list === 'steps' || list === 'gates') && path.length > 3) return roomInTask(path.slice(4), 'task');
  return 'other';
}

function roomInTask(path: Path, top: 'task' | 'gate'): Room {
  const [first] = path;
  if (first === undefined) return top;
  if (first === 'each') return path.length > 1 ? roomInTask(path.slice(1), top) : 'other';
  if (first === 'metrics' || first === 'labels') return path.length === 2 ? 'source' : 'other';
  if (first === 'stages') return path.length === 2 ? 'stage' : 'other';
  return 'other';
}
