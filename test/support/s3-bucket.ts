import { createHash } from 'node:crypto';
import { compareText } from '../../shared/core/text-order.ts';
import { type Asked, Service } from './service.ts';

/**
 * One bucket named `bkt` behind a `fetch`, with the parts of S3's REST API that the adapter uses, asked by path.
 * `before` may answer in its place, or throw; `after` may change an answer.
 */
export class S3Bucket extends Service {
  readonly objects = new Map<
    string,
    { readonly bytes: Uint8Array; readonly headers: Record<string, string> }
  >();
  pageSize = 1000;

  put(name: string, content: Uint8Array | string, headers: Record<string, string> = {}): void {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    this.objects.set(name, { bytes, headers });
  }

  protected answer({ method, url, headers }: Asked): Response {
    const [, bucket, name] = /^\/([^/]+)\/(.*)$/.exec(url.pathname) ?? [];
    if (bucket !== 'bkt') return this.refuse(404, 'NoSuchBucket');
    if (name === '') return this.list(url.searchParams);
    const stored = this.objects.get(decodeURIComponent(name!));
    if (stored === undefined) return this.refuse(404, 'NoSuchKey');
    const etag = tagOf(stored.bytes);
    if ((headers.get('if-match') ?? etag) !== etag) return this.refuse(412, 'PreconditionFailed');
    const { bytes } = stored;
    if (method === 'HEAD') return new Response(null, { headers: { etag, ...stored.headers } });
    const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(headers.get('range') ?? '') ?? [];
    if (Number(from) >= bytes.length) return this.refuse(416, 'InvalidRange');
    const part = bytes.slice(Number(from), to === '' ? bytes.length : Number(to) + 1);
    const range = `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}`;
    return new Response(part, { status: 206, headers: { etag, 'content-range': range, ...stored.headers } });
  }

  private list(query: URLSearchParams): Response {
    const names = [...this.objects.keys()]
      .filter((name) => name.startsWith(query.get('prefix') ?? ''))
      .sort(compareText);
    const from = Number(query.get('continuation-token') ?? 0);
    const to = from + Math.min(this.pageSize, Number(query.get('max-keys')));
    const objects = names.slice(from, to).map((name) => {
      const { bytes } = this.objects.get(name)!;
      const tag = tagOf(bytes).replaceAll('"', '&quot;');
      // As Amazon does: a blank is a plus.
      const key = encodeURIComponent(name).replaceAll('%20', '+').replaceAll('%2F', '/');
      return `<Contents><Key>${key}</Key><ETag>${tag}</ETag><Size>${bytes.length}</Size></Contents>`;
    });
    const next = to < names.length ? `<NextContinuationToken>${to}</NextContinuationToken>` : '';
    const isTruncated = next !== '';
    return new Response(
      `<?xml version="1.0"?><ListBucketResult><IsTruncated>${isTruncated}</IsTruncated>${objects.join('')}${next}</ListBucketResult>`,
    );
  }

  refuse(
    status: number,
    code: string,
    more: { xml?: string; headers?: Record<string, string> } = {},
  ): Response {
    const xml = `<Error><Code>${code}</Code><Message>refused</Message>${more.xml ?? ''}</Error>`;
    return new Response(xml, { status, ...(more.headers === undefined ? {} : { headers: more.headers }) });
  }
}

function tagOf(bytes: Uint8Array): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}
