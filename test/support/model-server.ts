import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a server says whatever it is asked. */
interface Fixed {
  readonly status: number;
  readonly body: string;
  readonly location?: string;
}

interface Tag {
  readonly name: string;
  readonly version: string;
  readonly key: string;
  readonly value: string;
}

/** Versions of one registered model, as MLflow's REST API shows and tags them. */
export async function modelServer({ model, versions }: { model: string; versions: readonly string[] }) {
  const set: Tag[] = [];
  const asked: string[] = [];
  let fixed: Fixed | 'nothing' | null = null;
  const knows = (name: unknown, version: unknown) =>
    name === model && versions.some((one) => one === version);
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += String(part);
    const url = new URL(request.url ?? '', 'http://mlflow');
    asked.push(request.url ?? '');
    if (fixed === 'nothing') return;
    if (fixed !== null) {
      response.writeHead(fixed.status, fixed.location === undefined ? {} : { location: fixed.location });
      return void response.end(fixed.body);
    }
    if (url.pathname.endsWith('/api/2.0/mlflow/model-versions/set-tag') && request.method === 'POST') {
      const tag = JSON.parse(text) as Tag;
      if (!knows(tag.name, tag.version)) return missing(response);
      set.push(tag);
      return json(response, {});
    }
    const [name, version] = [url.searchParams.get('name'), url.searchParams.get('version')];
    if (!url.pathname.endsWith('/api/2.0/mlflow/model-versions/get') || !knows(name, version))
      return missing(response);
    const tags = new Map(set.filter((tag) => tag.version === version).map(({ key, value }) => [key, value]));
    // As the server does it, a version without tags has no `tags` at all.
    const list = tags.size === 0 ? {} : { tags: [...tags].map(([key, value]) => ({ key, value })) };
    return json(response, { model_version: { name, version, ...list } });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Tags in the order in which they were set. */
    set,
    /** Path and query of every request. */
    asked,
    answerWith(answer: Fixed | 'nothing' | null) {
      fixed = answer;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function json(response: ServerResponse, value: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

function missing(response: ServerResponse): void {
  json(response, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'Model Version not found' }, 404);
}
