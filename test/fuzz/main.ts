// Reads mutants of real event files and compares with the plain way, `npm run fuzz -- read --minutes 10 [--seed 1]`, or
// of the files of other sources, which must never throw, hang or give nonsense: `npm run fuzz -- sources`.
import { parseArgs } from 'node:util';
import { fuzz } from './read.ts';
import { fuzzSources } from './sources.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' } },
});
const minutes = Number(values.minutes);
const ways = new Map([
  ['read', fuzz],
  ['sources', fuzzSources],
]);
const way = ways.get(positionals.join());
if (way === undefined || !(minutes > 0))
  throw new Error('Wanted: npm run fuzz -- read|sources --minutes 10 [--seed 1]');
// Printed, so that what is found can be found again.
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
console.log(`seed ${seed}`);

const end = performance.now() + minutes * 60_000;
let told = 0;
const { inputs, problem } = await way({
  seed,
  goOn: (done) => {
    if (done >= told + 10_000) {
      told = done;
      console.log(`${done} inputs, ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`);
    }
    return performance.now() < end;
  },
});
console.log(problem ?? `${inputs} inputs, nothing found`);
process.exitCode = problem === null ? 0 : 1;
