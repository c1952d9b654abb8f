import type { Sizes } from './options.ts';

/** What every measurement is given. */
export interface Bench {
  /** The bundled command line. */
  readonly script: string;
  /** A temporary folder of its own. */
  readonly folder: string;
  readonly sizes: Sizes;
  readonly tell: (line: string) => void;
}
