import { readText } from '../support/repository.ts';

/** What stands between two braces: names of arguments and of blocks, and whether they have to be there. */
export interface Block {
  readonly arguments: Record<string, boolean>;
  readonly blocks: Record<string, Block & { readonly required: boolean }>;
}

/** A type of the google provider; `reads` is what others may read of it. */
export type Resource = Block & { readonly reads: readonly string[] };

/** By type, that of a data source with `data.` before it. The file says where the names are from. */
export const GOOGLE: Readonly<Record<string, Resource>> = (
  JSON.parse(readText('test/fixtures/terraform/google-attributes.json')) as {
    readonly resources: Record<string, Resource>;
  }
).resources;
