import * as z from 'zod';
import { sourceClashes } from '../sources/clash.ts';
import { Source } from './source.ts';

/** Whatever a list says, a run is not to be read for ever. */
const MOST_SOURCES = 50;

const List = z.array(Source).min(1).max(MOST_SOURCES);

/** Where the metrics of a test come from. */
export const Sources = List.superRefine((sources, context) => {
  // What is wrong with an element itself was told, and it may have no kind.
  if (!sources.every((source) => Source.safeParse(source).success)) return;
  for (const { path, message } of sourceClashes(sources))
    context.addIssue({ code: 'custom', path: [...path], message });
}).meta({ description: 'Where metrics come from; without it from event files alone' });

/** The same as a message may bring it: who may publish may not therefore ask a database what he likes. */
export const MessageSources = Sources.refine((sources) => sources.every(({ sql }) => sql === undefined), {
  error: 'a query (sql) goes only in the config file, not in a message',
}).meta({ description: 'As in the config file, but without sql' });
