// Takes the candidate out of what the model said.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string', default: 'strategy' } },
});
const said = readFileSync(positionals[0], 'utf8');
const block = /^```json\n([\s\S]+?)\n```$/m.exec(said)?.[1];
if (block === undefined) {
  console.log('the model gave no candidate');
  process.exit(1);
}
writeFileSync(`${values.out}.json`, `${block}\n`);
