import { keepPython, pythonOf } from './python.ts';
import type { StandIn } from './stand-in.ts';

/** A Python with aiosmtpd: a mail server by other authors than our mail client's. Tests start it themselves. */
export const aiosmtpd: StandIn = {
  name: 'aiosmtpd',
  version: '1.4.6',
  standsInFor: 'a mail server',
  needs: 'Python 3.11 or newer',
  async prepare(workshop) {
    const { folder, how } = await keepPython(workshop, { name: this.name, version: this.version });
    return { how, start: async () => ({ TIDEMARK_TEST_AIOSMTPD_PYTHON: pythonOf(folder) }) };
  },
};
