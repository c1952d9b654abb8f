/** A request as a service in memory saw it. */
export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
}

/** A service behind a `fetch`, which keeps what it was asked. `before` may answer in its place, or throw. */
export abstract class Service {
  readonly asked: Asked[] = [];
  before: (asked: Asked) => Response | null | Promise<Response | null> = () => null;
  /** May change an answer that was given. */
  after: (response: Response, asked: Asked) => Response | Promise<Response> = (response) => response;

  readonly fetch: typeof fetch = async (input, init) => {
    const asked = {
      method: init?.method ?? 'GET',
      url: new URL(String(input)),
      headers: new Headers(init?.headers),
    };
    this.asked.push(asked);
    init?.signal?.throwIfAborted();
    const response = (await this.before(asked)) ?? this.answer(asked, String(init?.body ?? ''));
    return this.after(response, asked);
  };

  protected abstract answer(asked: Asked, body: string): Response;
}
