import { isObject } from '../../shared/core/json.ts';
import type { AskedWords } from './asked.ts';
import { type GateRequest, Refusal } from './http.ts';

/** What a request says, by parameter. */
export interface GateWords extends AskedWords {
  readonly wait?: string | undefined;
  readonly when?: string | undefined;
}

const NAMES: Readonly<Record<string, keyof GateWords>> = {
  test: 'test',
  version: 'version',
  baseline: 'baseline',
  baseline_label: 'baselineLabel',
  policy: 'policy',
  runs: 'runs',
  on_inconclusive: 'onInconclusive',
  wait: 'wait',
  when: 'when',
};

/**
 * The parameters of a request: from its query, and of a POST from the `metadata` of its JSON body, which is how Flagger
 * sends what a webhook is configured with. One that is misspelt or comes twice is refused: what was left out by mistake
 * could let a version pass. Throws Refusal 400.
 */
export function readWords({ method, body }: GateRequest, query: URLSearchParams): GateWords {
  const given = [...query, ...(method === 'POST' ? metadataOf(body) : [])];
  const words: Partial<Record<keyof GateWords, string>> = {};
  for (const [name, value] of given) {
    const word = Object.hasOwn(NAMES, name) ? NAMES[name]! : null;
    if (word === null) {
      throw new Refusal(
        400,
        `There is no parameter "${name.slice(0, 40)}"; there are ${Object.keys(NAMES).join(', ')}`,
      );
    }
    if (words[word] !== undefined) throw new Refusal(400, `The parameter ${name} comes more than once`);
    words[word] = value;
  }
  const { test, version, ...rest } = words;
  if (!test || version === undefined) throw new Refusal(400, 'Wanted the parameters test and version');
  return { test, version, ...rest };
}

function metadataOf(body: Uint8Array): [string, string][] {
  if (body.length === 0) return [];
  const value = jsonOf(body);
  const metadata = isObject(value) ? (value.metadata ?? {}) : null;
  if (!isObject(metadata)) throw new Refusal(400, 'Wanted a JSON object with "metadata", or no body');
  return Object.entries(metadata).map(([name, one]) => {
    if (typeof one === 'string') return [name, one];
    throw new Refusal(400, `The parameter ${name.slice(0, 40)} is no text`);
  });
}

/** Throws Refusal 400. */
export function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new Refusal(400, 'The body is not JSON');
  }
}
