import { UsageError } from './errors.ts';

// What the URL of a port may say; `functions/adapters.ts` turns it into the adapter.

/** `scheme:rest` of a setting, or a sentence that says what would do. */
export function splitUrl(setting: string, url: string, wanted: string): { scheme: string; rest: string } {
  const at = url.indexOf(':');
  if (at <= 0) throw new UsageError(`Cannot use ${setting} "${url}": wanted ${wanted}`);
  return { scheme: url.slice(0, at), rest: url.slice(at + 1) };
}

export function unknownUrl(setting: string, url: string, wanted: string): UsageError {
  return new UsageError(`Cannot use ${setting} "${url}": this version knows ${wanted}`);
}

/** How a URL such as `pubsub://PROJECT/TOPIC?subscription=NAME` is to look. */
interface Shape {
  readonly setting: string;
  readonly wanted: string;
  /** What each part of the path must look like. */
  readonly parts: readonly RegExp[];
  /** What a parameter must look like, by its name. */
  readonly parameters: Readonly<Record<string, RegExp>>;
}

interface ReadUrl {
  readonly parts: readonly string[];
  readonly parameters: Readonly<Record<string, string | undefined>>;
}

/** Project ids, as Google writes them; domain-scoped ones have a domain before a colon. */
const PROJECT = /^([a-z][a-z0-9.-]*:)?[a-z][a-z0-9-]{0,62}$/;
const RESOURCE = /^[A-Za-z][A-Za-z0-9._~+%-]{2,254}$/;

const PUBSUB: Shape = {
  setting: 'queue',
  wanted: 'pubsub://PROJECT/TOPIC?subscription=NAME',
  parts: [PROJECT, RESOURCE],
  parameters: { subscription: RESOURCE, dead_letter: RESOURCE },
};

const BIGQUERY: Shape = {
  setting: 'history',
  wanted: 'bigquery://PROJECT/DATASET?location=US',
  parts: [PROJECT, /^[A-Za-z0-9_]{1,1024}$/],
  parameters: { location: /^[A-Za-z0-9-]+$/ },
};

export function readPubSubUrl(url: string) {
  const { parts, parameters } = read(url, PUBSUB);
  return {
    project: parts[0]!,
    topic: parts[1]!,
    subscription: parameters.subscription,
    deadLetterTopic: parameters.dead_letter,
  };
}

export function readBigQueryUrl(url: string) {
  const { parts, parameters } = read(url, BIGQUERY);
  return { project: parts[0]!, dataset: parts[1]!, location: parameters.location ?? 'US' };
}

function read(url: string, { setting, wanted, parts: shapes, parameters: known }: Shape): ReadUrl {
  const refuse = (why: string) => new UsageError(`Cannot use ${setting} "${url}": ${why}; wanted ${wanted}`);
  // Not the platform's URL: it lowers and decodes what here are names.
  const [, place = '', query = ''] = /^[a-z]+:\/\/([^?#]*)(?:\?([^#]*))?$/.exec(url) ?? [];
  const parts = place.split('/');
  if (parts.length !== shapes.length || !shapes.every((shape, i) => shape.test(parts[i]!))) {
    throw refuse(`"${place}" is not in this form`);
  }
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const shape = known[name];
    if (shape === undefined) {
      throw refuse(`"${name}" is no parameter of it (there is ${Object.keys(known).join(', ')})`);
    }
    if (!shape.test(value)) throw refuse(`${name} cannot be "${value}"`);
    parameters[name] = value;
  }
  return { parts, parameters };
}
