import type * as z from 'zod';
import { TestDefinition } from '../templates/definition.ts';
import { ConfigFile } from './config.ts';
import { BackfillLine, MessageV1, TidemarkEvent } from './message.ts';
import { MetricConfig } from './test-config.ts';
import { VerdictAnswer } from './verdict.ts';

/** The schemas others may rely on, by the file in `schemas/` that is generated from each. */
export const GENERATED: Readonly<Record<string, z.ZodType>> = {
  'config.schema.json': ConfigFile,
  'metric-config.schema.json': MetricConfig,
  'message-v1.schema.json': MessageV1,
  'tidemark-event.schema.json': TidemarkEvent,
  'backfill-line.schema.json': BackfillLine,
  'test-definition.schema.json': TestDefinition,
  'verdict.schema.json': VerdictAnswer,
};
