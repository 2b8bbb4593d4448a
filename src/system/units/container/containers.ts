// The containers of a run: which engines its tasks get, what is wrong with those that cannot be had, and what has to be removed at its end.

import { tmpdir } from 'node:os';
import { ENGINES, type ContainerPlan, type EngineName } from '../../../core/plan/isolation.ts';
import type { Plan } from '../../../core/plan/plan.ts';
import type { Order } from '../../../ports.ts';
import { errorCode } from '../../files.ts';
import { removeFolder } from '../../temporary.ts';
import { Engine } from './engine.ts';
import { ownerOf, removeOwned } from './labels.ts';
import { endLeftClients, endWatchers, openFolder } from './left.ts';
import { ContainerUnit, type Ready } from './unit.ts';

/** What a task asks for, or the first that answers. */
type Wanted = EngineName | 'any';

/** The containers that tasks of the plan ask for. */
export function containersIn({ phases }: Plan): readonly ContainerPlan[] {
  return phases.flatMap(({ tasks }) =>
    tasks.flatMap(({ isolation, leftOut }) =>
      isolation?.container && leftOut === undefined ? [isolation.container] : [],
    ),
  );
}

export class Containers {
  readonly #engines = new Map<Wanted, Engine | string>();
  /** Why nothing runs in an image that is there, or why it should be; by engine and image. */
  readonly #lacking = new Map<string, string>();
  readonly #units = new Set<ContainerUnit>();
  #folder: string | undefined;
  #count = 0;

  private constructor() {
    // Made by `open`.
  }

  /** Found out by running something, where there is something to run it in already: an image may be built by the run itself. */
  static async open(plan: Plan): Promise<Containers> {
    const made = new Containers();
    const wanted = containersIn(plan);
    for (const name of new Set(wanted.map(wishOf))) made.#engines.set(name, await engineFor(name));
    const tasks = plan.phases.flatMap((phase) => phase.tasks).filter(({ leftOut }) => leftOut === undefined);
    const isBuilt = tasks.some(({ command, isolation }) => command && !isolation?.container);
    for (const container of wanted) await made.#try(container, isBuilt);
    return made;
  }

  whyNot(container: ContainerPlan): string | undefined {
    const engine = this.#engineOf(container);
    return typeof engine === 'string' ? engine : this.#lacking.get(keyOf(engine, container));
  }

  /** Those that answered, by name. */
  versions(): Readonly<Record<string, string>> {
    const found = [...this.#engines.values()].filter((one) => typeof one !== 'string');
    return Object.fromEntries(found.map(({ name, version }) => [name, version]));
  }

  unit(order: Order, container: ContainerPlan): ContainerUnit {
    const folder = this.#folderFor(order);
    const isPlaced = typeof folder === 'string';
    this.#count += 1;
    // The folder's name is nobody else's.
    const own = `${isPlaced ? folder.slice(-6) : ''}-${this.#count}`;
    const ready = async () => (isPlaced ? await this.#ready(container) : folder.lacks);
    const unit = new ContainerUnit({ order, container, folder: isPlaced ? folder : tmpdir(), own, ready });
    this.#units.add(unit);
    return unit;
  }

  /** Behind a run that had to leave its attempts as they were. */
  async close(): Promise<void> {
    const unsure = [...this.#units].filter(({ isRemoved }) => !isRemoved);
    const owners = new Map(
      unsure.flatMap(({ engine, env }) =>
        engine ? [[`${engine.name} ${env['GATE_RUN']} ${env['GATE_STATE']}`, { engine, env }] as const] : [],
      ),
    );
    await Promise.all([...owners.values()].map(({ engine, env }) => removeOwned(engine, ownerOf(env))));
    if (this.#folder !== undefined) removeFolder(this.#folder);
  }

  /** Made once it is needed; or why there is none. */
  #folderFor({ env }: Order): string | { readonly lacks: string } {
    try {
      this.#folder ??= openFolder(ownerOf(env));
      return this.#folder;
    } catch (error) {
      return { lacks: `no folder for its container can be made in ${tmpdir()}: ${errorCode(error)}` };
    }
  }

  async #ready(container: ContainerPlan): Promise<Ready | string> {
    const engine = this.#engineOf(container);
    if (typeof engine === 'string') return engine;
    const words = await engine.words(container.image);
    return typeof words === 'string' ? words : { engine, words };
  }

  async #try(container: ContainerPlan, isBuilt: boolean): Promise<void> {
    const engine = this.#engineOf(container);
    if (typeof engine === 'string') return;
    if (isBuilt && !(await engine.hasImage(container.image))) return;
    const words = await engine.words(container.image);
    if (typeof words === 'string') this.#lacking.set(keyOf(engine, container), words);
  }

  #engineOf(container: ContainerPlan): Engine | string {
    return this.#engines.get(wishOf(container)) ?? 'nobody has looked for an engine';
  }
}

interface OfDead {
  readonly run: string;
  readonly stateDir: string;
}

/** For a start that finds a run without an end: whoever lives could still make a container, and who is killed then leaves whoever watches it. Told are the ids of its containers. */
export async function endClients(of: OfDead): Promise<readonly string[]> {
  return await endLeftClients(ownerOf({ GATE_RUN: of.run, GATE_STATE: of.stateDir }));
}

/** For a start that finds a run without an end, behind its clients. Undefined: nothing of it is left in containers. */
export async function removeLeft(
  engines: readonly string[],
  { run, stateDir, ids }: OfDead & { readonly ids: readonly string[] },
): Promise<string | undefined> {
  const owner = ownerOf({ GATE_RUN: run, GATE_STATE: stateDir });
  for (const name of ENGINES.filter((one) => engines.includes(one))) {
    const engine = await Engine.answering(name);
    const why = typeof engine === 'string' ? engine : await removeOwned(engine, owner);
    if (why !== undefined) return why;
  }
  await endWatchers(ids);
  return undefined;
}

async function engineFor(wanted: Wanted): Promise<Engine | string> {
  const why: string[] = [];
  for (const name of wanted === 'any' ? ENGINES : [wanted]) {
    const engine = await Engine.answering(name);
    if (typeof engine !== 'string') return engine;
    why.push(engine);
  }
  return why.join('; ');
}

function wishOf({ engine }: ContainerPlan): Wanted {
  return engine ?? 'any';
}

function keyOf({ name }: Engine, { image }: ContainerPlan): string {
  return `${name} ${image}`;
}
