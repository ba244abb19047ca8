// npm test: everything that needs no more than Node and a C++ compiler. `npm run check` adds lint, types and the
// native tests under sanitizers. Arguments go to vitest.
import { spawnSync } from 'node:child_process';

const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)];
const result = spawnSync(process.execPath, vitest, { stdio: 'inherit' });
process.exit(result.status ?? 1);
