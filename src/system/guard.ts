// Looks after protected files in the real world: hashes them when a run starts, and says later what is no longer the same.

import { resolve } from 'node:path';
import { compileGlob, isGlob } from '../core/glob.ts';
import type { ProtectPlan } from '../core/plan/protect.ts';
import { changesBetween, type Seen } from '../core/protect/changes.ts';
import type { Checkpoint, ProtectAnswered, ProtectedChange, Tampering } from '../core/protect/event.ts';
import type { Guard, Inbox, Noted } from '../ports.ts';
import { lookAt } from './guard-files.ts';
import { diffOf, keepList, listSum, readList, type Keeping } from './guard-kept.ts';
import { filesOf } from './walk.ts';

/** More files than this are a mistake in a glob, not a list of what a gate leans on. */
const MOST_PROTECTED = 10_000;
/** Of all of them together: they are read behind every phase. */
const MOST_PROTECTED_BYTES = 536_870_912;
/** Changes that are named; the others are counted. */
const MOST_NAMED = 20;
/** Files that may only grow; what they have come to stands in the ledger. */
const MOST_GROWING = 100;

export interface GuardParts extends Keeping {
  readonly plan: ProtectPlan;
  readonly inbox: Inbox;
}

export class RealGuard implements Guard {
  readonly #parts: GuardParts;
  /** As this very process noted it, which nothing that it starts can change. */
  #list: readonly Seen[] | undefined;

  constructor(parts: GuardParts) {
    this.#parts = parts;
  }

  note(against: Noted | undefined): void {
    void this.#note(against).catch((error: unknown) => {
      const failed = `what \`protect\` names could not be hashed: ${textOf(error)}`;
      this.#parts.inbox.put({ type: 'protect.noted', files: 0, bytes: 0, sum: '', failed });
    });
  }

  compare(at: Checkpoint, noted: Noted): void {
    void this.#compare(noted).then(
      (answer) => this.#parts.inbox.put({ type: 'protect.answered', ...at, ...answer }),
      (error: unknown) =>
        // In doubt it has changed: nobody may go on because a look went wrong.
        this.#parts.inbox.put({ type: 'protect.answered', ...at, changed: [inDoubt(error)] }),
    );
  }

  async #note(against: Noted | undefined): Promise<void> {
    const { inbox, place, plan, folder } = this.#parts;
    const refused = against && (await this.#refused(against));
    if (refused) {
      inbox.put({ type: 'protect.noted', files: 0, bytes: 0, sum: against.sum, refused });
      return;
    }
    const [gone] = await unmatched(plan, folder);
    if (gone !== undefined) throw new Error(`nothing is at ${gone} any more`);
    const before = readList(place);
    const { seen, named } = await this.#look(new Map(), before);
    const files = seen.filter(({ path, kind }) => named.has(path) && kind !== 'missing');
    const unreadable = files.find(({ kind }) => kind === 'unreadable');
    if (unreadable) throw new Error(`${unreadable.path} cannot be read (${unreadable.sum})`);
    const list = files.map(({ prefix: _prefix, ...file }) => file);
    // A name that was taken out of the list is no change of a file.
    const news = seen.filter(({ path, kind }) => named.has(path) || kind === 'missing');
    const since = before ? changesBetween(before, news, new Map()).changed : [];
    keepList(list, this.#parts);
    this.#list = list;
    const bytes = list.reduce((sum, file) => sum + file.bytes, 0);
    const told = since.length > 0 && { since: since.slice(0, MOST_NAMED) };
    inbox.put({ type: 'protect.noted', files: list.length, bytes, sum: listSum(list), ...told });
  }

  /** What is not as the run before noted it. */
  async #refused(against: Noted): Promise<Tampering | undefined> {
    try {
      const { changed, ...rest } = await this.#compare(against);
      return changed && { after: 'run', changed, ...rest };
    } catch (error) {
      return { after: 'run', changed: [inDoubt(error)] };
    } finally {
      this.#list = undefined;
    }
  }

  async #compare({ sum, grown }: Noted): Promise<Answer> {
    const list = this.#list ?? carriedOn(this.#parts.place, sum);
    this.#list = list;
    const { seen } = await this.#look(grown, list);
    const { changed, growing } = changesBetween(list, seen, grown);
    if (changed.length === 0) return growing.length > 0 ? { grown: growing } : {};
    const diff = diffOf(changed, list, this.#parts);
    const more = changed.length - MOST_NAMED;
    return { changed: changed.slice(0, MOST_NAMED), ...(more > 0 && { more }), ...(diff !== '' && { diff }) };
  }

  /** All that the globs name now, and all that was noted. */
  async #look(
    grown: Noted['grown'],
    noted: readonly Seen[] | undefined,
  ): Promise<{ seen: readonly Seen[]; named: ReadonlySet<string> }> {
    const { plan, folder } = this.#parts;
    const fixed = await protectedIn(folder, plan.paths, plan.except);
    const mayGrow = new Set(await protectedIn(folder, plan.appendOnly, plan.except));
    if (mayGrow.size > MOST_GROWING)
      throw new Error(`it names more than ${MOST_GROWING} files that may only grow`);
    const named = new Set([...fixed, ...mayGrow]);
    const known = new Map(noted?.map((file) => [file.path, file]));
    const paths = new Set([...named, ...known.keys(), ...grown.keys()]);
    if (paths.size > MOST_PROTECTED) throw new Error(`it names more than ${MOST_PROTECTED} files`);
    const seen: Seen[] = [];
    let most = MOST_PROTECTED_BYTES;
    for (const path of paths) {
      const isGrowing = mayGrow.has(path) || grown.has(path) || known.get(path)?.kind === 'growing';
      const upTo = isGrowing ? (grown.get(path) ?? known.get(path))?.bytes : undefined;
      const one = await lookAt(resolve(folder, path), path, { isGrowing, upTo, most });
      most -= one.bytes;
      if (most < 0) throw new Error(`it names more than ${MOST_PROTECTED_BYTES} bytes`);
      seen.push(one);
    }
    return { seen, named };
  }
}

type Answer = Pick<ProtectAnswered, 'changed' | 'more' | 'diff' | 'grown'>;

/** Paths and globs at which nothing is; a file that may grow need not be there yet. Throws where there is no list to be had. */
export async function unmatched({ paths, except }: ProtectPlan, folder: string): Promise<readonly string[]> {
  const none: string[] = [];
  for (const path of paths.filter((one) => !one.startsWith('!')))
    if ((await protectedIn(folder, [path], except)).length === 0) none.push(path);
  return none;
}

/** Whether the name stood for something when a run noted it: then that is gone, and the name is no slip. */
export function wasNoted(name: string, place: string): boolean {
  const test = isGlob(name)
    ? compileGlob(name)
    : (path: string) => path === name || path.startsWith(`${name}/`);
  return readList(place)?.some(({ path }) => test(path)) ?? false;
}

/** What somebody names is looked at wherever it lies, also in a folder that gate-run keeps its state in; a glob finds nothing of gate-run's own. */
async function protectedIn(
  folder: string,
  paths: readonly string[],
  except: readonly string[],
): Promise<readonly string[]> {
  const names = paths.filter((path) => !isGlob(path) && !path.startsWith('!'));
  return [...new Set([...(await listed(folder, [...paths, ...except])), ...(await listed(folder, names))])];
}

/** Throws with the end of a sentence. */
async function listed(folder: string, globs: readonly string[]): Promise<readonly string[]> {
  if (globs.every((glob) => glob.startsWith('!'))) return [];
  const files = await filesOf(folder, globs);
  if ('unlisted' in files) throw new Error(`it ${files.unlisted}`);
  return files;
}

/** What the start before this one noted, if it is still what the ledger speaks of. */
function carriedOn(place: string, sum: string): readonly Seen[] {
  const list = readList(place);
  if (!list || listSum(list) !== sum)
    throw new Error('the list of what the run noted is gone, or not the same any more');
  return list;
}

function inDoubt(error: unknown): ProtectedChange {
  return { path: 'protect', how: 'changed', after: textOf(error) };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
