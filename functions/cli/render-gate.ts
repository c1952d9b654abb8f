import { CONSUMERS, consumerConfig, type GateSettings } from '../../shared/core/gate/consumers.ts';
import { UsageError } from '../errors.ts';
import { readAsked } from '../gate/asked.ts';
import type { Terminal } from './io.ts';

/** What `render gate` takes. */
export interface RenderGateFlags {
  readonly for?: string;
  readonly test?: string;
  readonly url?: string;
  readonly baseline?: string;
  readonly policy?: string;
}

/** Prints what puts the gate in front of a promotion, in the language of who promotes. */
export async function renderGate(flags: RenderGateFlags, terminal: Terminal): Promise<number> {
  const consumer = CONSUMERS.find((one) => one === flags.for);
  if (consumer === undefined) {
    throw new UsageError(`Cannot render for "${flags.for}": wanted one of ${CONSUMERS.join(', ')}`);
  }
  const config = consumerConfig(consumer, settingsOf(flags));
  if ('text' in config) {
    terminal.out(config.text);
    return 0;
  }
  // Of a CommonJS package a bundle has the whole and no single names.
  const { stringify } = (await import('yaml')).default;
  const options = { compat: 'yaml-1.1', lineWidth: 0, aliasDuplicateObjects: false } as const;
  terminal.out(config.objects.map((object) => stringify(object, options)).join('---\n'));
  return 0;
}

function settingsOf({
  test,
  url = 'https://tidemark.example.com',
  baseline,
  policy,
}: RenderGateFlags): GateSettings {
  if (!test) throw new UsageError('Cannot render a gate: give --test');
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new UsageError(`Cannot render a gate for --url "${url}": wanted https://HOST`);
  }
  // What the gate would refuse is better known before it is deployed.
  readAsked({ test, version: '1', baseline, policy });
  return { test, url, baseline: baseline ?? null, policy: policy ?? null };
}
