import type { Log } from '../../ports/log.ts';

/** The platform drops entries over 256 KiB; a message may be far longer than anybody reads. */
const MOST_CHARACTERS = 32 * 1024;

type Fields = Readonly<Record<string, unknown>>;

/**
 * One JSON object a line, as the platform reads structured logs. A line groups under Error Reporting only when it
 * carries a stack (`fields.error`), and only our own mistakes do: what a metric, a message or a server did wrong
 * has none, else every failing test would be one group of errors in this code.
 */
export function structuredLog(
  write: (line: string) => void,
  labels: Readonly<Record<string, string>> = {},
  { service = 'tidemark-tick' }: { readonly service?: string } = {},
): Log {
  const line = (severity: string, message: string, fields: Fields = {}) =>
    write(`${JSON.stringify(entry(message, { severity, fields, labels, service }))}\n`);
  return {
    info: (message, fields) => line('INFO', message, fields),
    warn: (message, fields) => line('WARNING', message, fields),
    error: (message, fields) => line('ERROR', message, fields),
  };
}

function entry(
  message: string,
  {
    severity,
    fields,
    labels,
    service,
  }: { severity: string; fields: Fields; labels: Readonly<Record<string, string>>; service: string },
) {
  const { error, ...rest } = fields;
  return {
    ...rest,
    severity,
    message: cut(message),
    ...(error instanceof Error ? { stack_trace: cut(stackOf(error)), serviceContext: { service } } : {}),
    'logging.googleapis.com/labels': labels,
  };
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\nCaused by: ${stackOf(error.cause)}` : '';
  return `${error.stack ?? `${error.name}: ${error.message}`}${cause}`;
}

function cut(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}… (cut)` : text;
}
