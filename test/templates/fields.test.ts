// The jsonnet library has a table of what it knows; it has to be what the schemas say.
import { expect, test } from 'vitest';
import type * as z from 'zod';
import accelerators from '../../infra/jsonnet/templates/accelerators.json' with { type: 'json' };
import fields from '../../infra/jsonnet/templates/fields.json' with { type: 'json' };
import { check } from '../../shared/core/problem.ts';
import { AcceleratorSettings, TestDefinition, Volume } from '../../shared/core/templates/definition.ts';

type Row = readonly [name: string, type: string, required: boolean];

const rows = (table: readonly (readonly (string | boolean)[])[]) => table as unknown as readonly Row[];

/** A value of each type of the table, and of the others. */
const VALUES: Readonly<Record<string, unknown>> = {
  string: 'x',
  number: 1,
  boolean: true,
  strings: ['x'],
  texts: { a: 'x' },
  object: { a: { b: 1 } },
  volumes: { v: { mountPath: '/', source: {} } },
};
const ALSO: Readonly<Record<string, readonly string[]>> = { object: ['texts', 'volumes'] };

test.each([
  ['definition', TestDefinition, fields.definition],
  ['volume', Volume, fields.volume],
  ['accelerator', AcceleratorSettings, fields.accelerator],
] as const)('the fields of a %s are those of its schema, in its order', (_, schema, table) => {
  expect(rows(table).map(([name]) => name)).toEqual(Object.keys(schema.shape));
});

test.each(rows(fields.definition).filter(([name]) => name !== 'accelerator'))(
  '%s is a %s in the schema too, and is needed or not',
  (name, type, required) => {
    const shape: Readonly<Record<string, z.ZodType>> = TestDefinition.shape;
    const takes = (value: unknown) => shape[name]?.safeParse(value).success;
    const plain = type.replace('?', '');
    const taken = Object.keys(VALUES).filter((key) => takes(VALUES[key]));
    expect(taken.sort()).toEqual([plain, ...(ALSO[plain] ?? [])].sort());
    expect(takes(null)).toBe(type.endsWith('?'));
    expect(takes(undefined)).toBe(!required);
  },
);

test.each(Object.entries(accelerators))(
  'accelerator %s is one that a person could write',
  (name, settings) => {
    expect(check(AcceleratorSettings, { name, ...settings })).toMatchObject({ ok: true });
    const [resource = '', count] = Object.entries(settings.limits).at(-1) ?? [];
    const devices = { cpu: 'memory', gpu: 'nvidia.com/gpu', tpu: 'google.com/tpu' };
    expect(resource).toBe(devices[settings.type as keyof typeof devices]);
    if (settings.type === 'gpu') expect(name).toMatch(new RegExp(`-x${count}$`));
    if (settings.type === 'tpu') {
      // A slice has as many chips as its topology says, shared out evenly.
      const topology =
        (settings.nodeSelector as Record<string, string>)['cloud.google.com/gke-tpu-topology'] ?? '';
      expect(name.endsWith(`-${topology}`)).toBe(true);
      expect(topology.split('x').reduce((product, side) => product * Number(side), 1)).toBe(
        Number(count) * settings.hosts,
      );
    }
  },
);
