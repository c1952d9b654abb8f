import * as z from 'zod';
import { Alerting } from './alerting.ts';
import { Cluster } from './cluster.ts';
import { Connections, unknownConnections } from './connection.ts';
import { Gate } from './gate.ts';
import { Name } from './scalars.ts';
import { TestConfig } from './test-config.ts';

const ConfigKeys = z.strictObject({
  tests: z.record(Name, TestConfig.nullable()).optional(),
  alerting: Alerting.optional(),
  model_roots: z
    .array(Name)
    .optional()
    .meta({ description: 'The only places that a message may point at; everywhere when left out' }),
  clusters: z.record(Name, Cluster.nullable()).optional().meta({
    description: 'The only clusters that a message may point at; null: may be named, but is not asked',
  }),
  connections: Connections.optional().meta({
    description:
      'Servers that sources ask, by the name that they are called by: a message cannot name others',
  }),
  gate: Gate.optional(),
  state: z.string().optional().meta({ description: 'Folder of all embedded parts' }),
  queue: z.string().optional(),
  history: z.string().optional(),
  mail: z.string().optional(),
  lease: z.string().optional().meta({ description: 'What lets one tick at a time work' }),
});

/** The config file: what each test demands, who hears of it, and where everything lives. */
export const ConfigFile = ConfigKeys.superRefine((config, context) => {
  for (const { path, message, input } of unknownConnections(config))
    context.addIssue({ code: 'custom', path, message, input });
});
export type ConfigFile = z.infer<typeof ConfigFile>;
