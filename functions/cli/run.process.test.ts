import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { wrapperContract } from '../../test/contracts/wrapper.ts';
import { inGroup } from '../../test/support/memory-group.ts';
import type { DriverInput } from '../../test/support/run-driver.ts';

const driver = fileURLToPath(new URL('../../test/support/run-driver.ts', import.meta.url));

wrapperContract('tidemark run', {
  unit: 1,
  start: ({ state, queue, group, ...options }) => {
    const about: DriverInput = { options: { testName: 'mnist', labels: {}, ...options }, state, queue };
    const [program = '', ...args] = inGroup(group, [process.execPath, driver, JSON.stringify(about)]);
    return spawn(program, args);
  },
});
