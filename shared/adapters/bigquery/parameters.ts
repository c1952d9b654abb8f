import { formatTime } from '../../core/time.ts';
import type { ColumnType } from './tables.ts';

/** The type of a parameter: a scalar, a list of one kind of scalar, or a list of structs. */
export type ParameterType =
  | ColumnType
  | readonly [ColumnType]
  | readonly [Readonly<Record<string, ColumnType>>];

type Scalar = string | number | null;
/** Times are milliseconds since the epoch. */
export type ParameterValue = Scalar | readonly Scalar[] | readonly Readonly<Record<string, Scalar>>[];

/**
 * A parameter as the service's interface has it. We build it ourselves because the client would guess: it sends
 * NaN as null, takes `[3, 0.5]` for integers, and drops a time that is text.
 */
export interface QueryParameter {
  readonly name: string;
  readonly parameterType: object;
  readonly parameterValue: object;
}

/** Throws what is our mistake: a value that its type cannot hold. */
export function queryParameter(
  name: string,
  { type, value }: { readonly type: ParameterType; readonly value: ParameterValue },
): QueryParameter {
  return { name, parameterType: typeObject(type), parameterValue: valueObject(type, value) };
}

/** As GoogleSQL writes the type, such as `ARRAY<STRUCT<a STRING, b INT64>>`. */
export function typeText(type: ParameterType): string {
  if (typeof type === 'string') return type;
  const [of] = type;
  if (typeof of === 'string') return `ARRAY<${of}>`;
  return `ARRAY<STRUCT<${Object.entries(of)
    .map(([name, field]) => `${name} ${field}`)
    .join(', ')}>>`;
}

function typeObject(type: ParameterType): object {
  if (typeof type === 'string') return { type };
  const [of] = type;
  if (typeof of === 'string') return { type: 'ARRAY', arrayType: { type: of } };
  const structTypes = Object.entries(of).map(([name, field]) => ({ name, type: { type: field } }));
  return { type: 'ARRAY', arrayType: { type: 'STRUCT', structTypes } };
}

function valueObject(type: ParameterType, value: ParameterValue): object {
  if (typeof type === 'string') return { value: scalarText(type, value as Scalar) };
  const [of] = type;
  return {
    arrayValues: (value as readonly (Scalar | Readonly<Record<string, Scalar>>)[]).map((one) =>
      typeof of === 'string' ? { value: scalarText(of, one as Scalar) } : structObject(of, one),
    ),
  };
}

function structObject(fields: Readonly<Record<string, ColumnType>>, value: unknown): object {
  const given = value as Readonly<Record<string, Scalar>>;
  const structValues = Object.entries(fields).map(([name, field]) => [
    name,
    { value: scalarText(field, given[name] ?? null) },
  ]);
  return { structValues: Object.fromEntries(structValues) };
}

function scalarText(type: ColumnType, value: Scalar): string | null {
  if (value === null) return null;
  if (type === 'TIMESTAMP') return formatTime(value as number);
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new Error(`Cannot pass ${value} as ${type} to BigQuery`);
  }
  return String(value);
}
