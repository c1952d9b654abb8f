export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** JSON text with the keys of every object in one order, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A number as JSON may carry it: NaN and the infinities are strings by name (contracts §6). */
export type JsonNumber = number | 'NaN' | 'Infinity' | '-Infinity';

export function toJsonNumber(value: number): JsonNumber {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}

export function fromJsonNumber(value: JsonNumber): number {
  return typeof value === 'number' ? value : Number(value);
}

/** UTF-8 holds no lone surrogate, but an escape in JSON or YAML can. */
const MAYBE_SURROGATE = /\\(?:u|U0000)[dD][89a-fA-F]/;

/** `wellFormed` of what was read from this JSON or YAML; nearly no text needs it. */
export function wellFormedAs(text: string, value: unknown): unknown {
  return MAYBE_SURROGATE.test(text) ? wellFormed(value) : value;
}

/** The value with every text in it well-formed: a lone surrogate cannot be stored and would not be found again. */
export function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key.toWellFormed(), wellFormed(part)]),
  );
}

/** More levels than any message or config has; far below what recursion over a value can bear. */
const MOST_LEVELS = 100;

/** Whether arrays and objects lie in each other deeper than any reader of them has to follow. */
export function isTooDeep(value: unknown): boolean {
  let level: readonly object[] = [value].filter(hasParts);
  for (let depth = 0; depth < MOST_LEVELS; depth++) {
    level = level.flatMap((part) => Object.values(part)).filter(hasParts);
    if (level.length === 0) return false;
  }
  return true;
}

function hasParts(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** What is said of a value for which `isTooDeep` holds. */
export const TOO_DEEP = `is nested more than ${MOST_LEVELS} levels deep`;
