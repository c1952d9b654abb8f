import { compareText } from '../../shared/core/text-order.ts';
import { type Asked, Service } from './service.ts';

interface Stored {
  readonly bytes: Uint8Array;
  readonly generation: number;
  readonly updatedAt: number;
  readonly metadata: Record<string, string>;
  readonly contentEncoding?: string;
}

/**
 * One bucket named `bkt` behind a `fetch`, with the parts of Cloud Storage's JSON API that the adapter uses, its
 * preconditions on delete too, and a clock of its own. `before` may answer in its place, or throw.
 */
export class Bucket extends Service {
  readonly objects = new Map<string, Stored>();
  /** The service's time, in milliseconds since the epoch. */
  now = Date.UTC(2026, 7, 1);
  pageSize = 1000;
  private generations = 1000;

  put(name: string, content: Uint8Array | string, more: Partial<Stored> = {}): string {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    const generation = ++this.generations;
    this.objects.set(name, { bytes, generation, updatedAt: this.now, metadata: {}, ...more });
    return String(generation);
  }

  protected answer({ method, url, headers }: Asked, body: string): Response {
    const [, kind, bucket, rest] = /^(.*)\/b\/([^/]+)\/o(.*)$/.exec(url.pathname) ?? [];
    if (bucket !== 'bkt') return this.refuse(404);
    const name = decodeURIComponent(rest!.slice(1));
    if (kind === '/upload/storage/v1') return this.upload(url, body);
    if (name === '') return this.list(url);
    const stored = this.objects.get(name);
    const wanted = url.searchParams.get('generation');
    if (stored === undefined || (wanted ?? String(stored.generation)) !== String(stored.generation))
      return this.refuse(404);
    if (method === 'DELETE') return this.remove(name, url);
    return url.searchParams.get('alt') === 'media'
      ? this.media(stored, headers.get('range'))
      : this.json(this.resource(name, stored));
  }

  private upload(url: URL, body: string): Response {
    const [resource = {}] = [...body.matchAll(/\r\n\r\n(.*?)\r\n--/gs)].map((part) => JSON.parse(part[1]!));
    const { name, metadata } = resource as { name: string; metadata: Record<string, string> };
    const had = this.objects.get(name)?.generation ?? 0;
    if (url.searchParams.get('ifGenerationMatch') !== String(had)) return this.refuse(412);
    this.put(name, body, { metadata });
    return this.json(this.resource(name, this.objects.get(name)!));
  }

  private remove(name: string, url: URL): Response {
    const wanted = url.searchParams.get('ifGenerationMatch');
    if (wanted !== String(this.objects.get(name)!.generation)) return this.refuse(412);
    this.objects.delete(name);
    return new Response(null, { status: 204, headers: this.headers() });
  }

  private list(url: URL): Response {
    const { searchParams } = url;
    const all = [...this.objects.keys()]
      .filter((name) => name.startsWith(searchParams.get('prefix') ?? ''))
      .sort(compareText);
    const from = Number(searchParams.get('pageToken') ?? 0);
    const page = all.slice(from, from + this.pageSize);
    const next = from + page.length < all.length ? { nextPageToken: String(from + page.length) } : {};
    return this.json({ items: page.map((name) => this.resource(name, this.objects.get(name)!)), ...next });
  }

  private media({ bytes }: Stored, range: string | null): Response {
    const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
    if (Number(from) >= bytes.length) return this.refuse(416);
    const part = bytes.slice(Number(from), to === '' ? bytes.length : Number(to) + 1);
    const last = Number(from) + part.length - 1;
    const headers = { ...this.headers(), 'content-range': `bytes ${from}-${last}/${bytes.length}` };
    return new Response(part, { status: 206, headers });
  }

  private resource(
    name: string,
    { bytes, generation, updatedAt, metadata, contentEncoding }: Stored,
  ): unknown {
    const updated = new Date(updatedAt).toISOString();
    const encoding = contentEncoding === undefined ? {} : { contentEncoding };
    return {
      name,
      size: String(bytes.length),
      generation: String(generation),
      updated,
      metadata,
      ...encoding,
    };
  }

  json(body: unknown): Response {
    return new Response(JSON.stringify(body), { headers: this.headers() });
  }

  refuse(status: number, reason = ''): Response {
    const error = { code: status, message: `refused with ${status}`, errors: [{ reason }] };
    return new Response(JSON.stringify({ error }), { status, headers: this.headers() });
  }

  private headers(): Record<string, string> {
    return { date: new Date(this.now).toUTCString() };
  }
}
