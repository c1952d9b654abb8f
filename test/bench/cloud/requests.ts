import { renderMarkdown } from '../markdown.ts';
import type { Tally } from './counting-proxy.ts';
import { JOB, nameOfStatement } from './kinds.ts';
import type { Pass } from './tick.ts';

/** Where the requests of a tick and its time at the stand-ins went. Requests overlap, so times may exceed the tick's. */
export function requestText(title: string, pass: Pass): string {
  const rows = [
    ...talliesOf('BigQuery', pass.bigquery),
    ...talliesOf('Cloud Storage', pass.storage),
    ...[...pass.pubsub].map(([method, count]) => ['Pub/Sub', method, String(count), '']),
    ['Kubernetes', 'list', String(pass.kubernetes), ''],
    ['SMTP', 'mail', String(pass.mails), ''],
  ];
  const columns = [
    { title: 'Service' },
    { title: title },
    { title: 'Requests', align: 'right' } as const,
    { title: 'Seconds in all', align: 'right' } as const,
  ];
  return renderMarkdown(columns, rows);
}

function talliesOf(service: string, tallies: ReadonlyMap<string, Tally>): string[][] {
  const named = Map.groupBy([...tallies], ([kind]) =>
    kind.startsWith(JOB) ? nameOfStatement(kind.slice(JOB.length)) : kind,
  );
  return [...named]
    .map(([name, of]) => {
      const count = of.reduce((sum, [, tally]) => sum + tally.count, 0);
      return { name, count, ms: of.reduce((sum, [, tally]) => sum + tally.ms, 0) };
    })
    .sort((a, b) => b.ms - a.ms)
    .map(({ name, count, ms }) => [service, name, String(count), (ms / 1000).toFixed(2)]);
}
