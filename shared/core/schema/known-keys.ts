import type * as z from 'zod';

interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly innerType?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly in?: z.ZodType;
}

function definitionOf(schema: z.ZodType): Definition {
  return schema._zod.def as unknown as Definition;
}

/** The keys that a schema allows for the object at `path`; what an unknown key there is compared with. */
export function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  return [...new Set(shapesAt([schema], path).flatMap((shape) => Object.keys(shape)))];
}

function shapesAt(schemas: readonly z.ZodType[], path: readonly PropertyKey[]): Record<string, z.ZodType>[] {
  const plain = schemas.flatMap(unwrap);
  const [key, ...rest] = path;
  if (key === undefined) return plain.map((schema) => ({ ...definitionOf(schema).shape }));
  return shapesAt(
    plain.flatMap((schema) => childAt(schema, key)),
    rest,
  );
}

function unwrap(schema: z.ZodType): z.ZodType[] {
  const { type, innerType, options, in: input } = definitionOf(schema);
  if (type === 'union' && options !== undefined) return options.flatMap(unwrap);
  if (innerType !== undefined) return unwrap(innerType);
  return input === undefined ? [schema] : unwrap(input);
}

function childAt(schema: z.ZodType, key: PropertyKey): z.ZodType[] {
  const { shape, valueType, element } = definitionOf(schema);
  const child = shape?.[String(key)] ?? valueType ?? element;
  return child === undefined ? [] : [child];
}
