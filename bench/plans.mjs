// What each network costs, by `npm run plans`: counted from the plan, no GPU needed. Compares with plans.json, and the
// plans themselves with tests/plans/; `--update` writes both.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { runnerImport } from 'vite';

/** @type {{ module: typeof import('../engine/index.ts') }} */
const { module: engine } = await runnerImport(new URL('../engine/index.ts', import.meta.url).pathname);
/** @type {{ module: typeof import('../tests/networks.ts') }} */
const { module: tests } = await runnerImport(new URL('../tests/networks.ts', import.meta.url).pathname);

const record = new URL('plans.json', import.meta.url);
const folder = new URL('../tests/plans/', import.meta.url);
const plans = Object.entries(tests.networks).map(([name, network]) => ({ name, plan: engine.planFor(network) }));
const costs = Object.fromEntries(
  plans.map(({ name, plan }) => {
    const { dispatches, pipelines, activationBytes, weightBytes } = engine.summarizePlan(plan);
    return [name, { dispatches, pipelines, activationBytes, weightBytes }];
  }),
);

if (process.argv.includes('--update')) {
  writeFileSync(record, `${JSON.stringify(costs, null, 2)}\n`);
  mkdirSync(folder, { recursive: true });
  for (const { name, plan } of plans) writeFileSync(new URL(`${name}.txt`, folder), engine.formatPlan(plan));
}

const committed = JSON.parse(readFileSync(record, 'utf8'));
const mebibytes = (/** @type {number} */ bytes) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;
const row = (/** @type {unknown[]} */ [name, ...cells]) =>
  String(name).padEnd(22) + cells.map((cell) => String(cell).padStart(14)).join('');

console.log(row(['with softmax', 'dispatches', 'pipelines', 'activations', 'weights']));
for (const [name, cost] of Object.entries(costs)) {
  const { dispatches, pipelines, activationBytes, weightBytes } = cost;
  console.log(row([name, dispatches, pipelines, mebibytes(activationBytes), mebibytes(weightBytes)]));
  if (JSON.stringify(cost) !== JSON.stringify(committed[name])) {
    console.error(
      `'${name}' costs ${JSON.stringify(cost)}, not ${JSON.stringify(committed[name])}: accept it by \`npm run plans -- --update\`.`,
    );
    process.exitCode = 1;
  }
}
