import { type SourceConfig, type SourceKind, type SourceSettings, sourceKind } from '../schema/source.ts';
import { decodeCsv } from './csv.ts';
import { decodeJson } from './json.ts';
import { decodeJsonLines } from './json-lines.ts';
import { decodeJunit } from './junit.ts';
import { decodeK6 } from './k6.ts';
import { decodeLines } from './lines.ts';
import { decodeOpenMetrics } from './openmetrics.ts';
import type { SourceResult } from './reading.ts';

/** Reads one file of a source. Never throws, whatever the bytes are; time and memory are linear in them. */
export type Decoder<Settings> = (bytes: Uint8Array, settings: Settings) => SourceResult;

/** Sources that are files; the others are asked, or are event files. */
export type FileKind = Exclude<SourceKind, 'tensorboard' | 'mlflow' | 'sql'>;

/** Who reads what. */
const DECODERS: { readonly [Kind in FileKind]: Decoder<SourceSettings<Kind>> } = {
  json: decodeJson,
  json_lines: decodeJsonLines,
  k6: decodeK6,
  csv: decodeCsv,
  junit: decodeJunit,
  openmetrics: decodeOpenMetrics,
  lines: decodeLines,
};

/** The file that a source names and its reader; null for a source that is no file. */
export function fileSource(
  source: SourceConfig,
): { readonly path: string; decode(bytes: Uint8Array): SourceResult } | null {
  const kind = sourceKind(source);
  return kind in DECODERS ? bound(kind as FileKind, source) : null;
}

function bound<Kind extends FileKind>(kind: Kind, source: SourceConfig) {
  const settings = source[kind] as SourceSettings<Kind>;
  const decode: Decoder<SourceSettings<Kind>> = DECODERS[kind];
  return { path: settings.path, decode: (bytes: Uint8Array) => decode(bytes, settings) };
}
