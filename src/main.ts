// argv in, exit code out; the one place where a bug is caught.

import { dispatch } from './cli/dispatch.ts';
import { EXIT } from './core/loop/run-end.ts';

export async function main(argv: readonly string[]): Promise<number> {
  try {
    return await dispatch(argv);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(
      `gate-run: this is a bug in gate-run, please report it. What is in the ledger is whole.\n${text}\n`,
    );
    return EXIT.bug;
  }
}
