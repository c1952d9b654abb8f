import { describe, expect, test } from 'vitest';
import type { Mail } from '../../shared/core/mail.ts';
import type { Mailer } from '../../shared/ports/mailer.ts';
import { day } from '../support/history-rows.ts';
import { type HttpReply, startHttpServer } from '../support/http-server.ts';

/** A channel that speaks HTTP, made for a server; what is known of it. */
export interface ChannelUnderTest {
  /** `path` is where the test's server listens; the secret has to be of the channel's own kind. */
  readonly make: (server: { readonly url: string }, options: { readonly timeout: number }) => Mailer;
  /** Stands in no result, whatever the other side repeats. */
  readonly secret: string;
  /** Whether the other side knows a message that comes twice. */
  readonly knowsTwice: boolean;
}

/** A message about one episode, with what often goes wrong in it. */
export const MESSAGE: Mail = {
  key: '5f2b8c1d9e4a7f60b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0',
  from: 'tidemark@example.com',
  to: ['chat'],
  channel: 'chat',
  subject: '[warning] bert <@everyone> & `co` · loss +12 %',
  text: 'FIRING: loss rose to 0.9\n',
  html: '<p>x</p>',
  date: day(1),
  headers: {},
  events: [
    {
      episode_id: 'e1',
      kind: 'firing',
      state: 'firing',
      severity: 'warning',
      test_name: 'bert <!channel>',
      signal: 'metric:loss',
      polarity: 'bad',
      reason: 'above',
      summary: 'loss rose to 0.9; it has been 0.5 ± 0.01 over 30 runs.',
      value: 0.9,
      lower: null,
      upper: 0.6,
      first_bad_run_id: 'run-7',
      last_good_run_id: 'run-6',
      opened_at: '2026-08-02T00:00:00.000Z',
      at: '2026-08-02T00:00:00.000Z',
    },
  ],
};

/** What every channel promises, as every mailer does: what came of a message is an answer, never an error. */
export function channelContract(name: string, { make, secret, knowsTwice }: ChannelUnderTest): void {
  const send = async (reply: HttpReply, timeout = 5_000) => {
    const server = await startHttpServer(() => reply);
    const result = await make(server, { timeout }).send(MESSAGE);
    return { result, server };
  };

  describe(`${name} as a channel`, () => {
    test('posts JSON, and the same for the same message', async () => {
      const server = await startHttpServer();
      const channel = make(server, { timeout: 5_000 });
      expect(await channel.send(MESSAGE)).toMatchObject({ kind: 'sent', refused: [] });
      await channel.send(MESSAGE);
      const [first, second] = server.received;
      expect(first).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json' } });
      expect(JSON.parse(first!.body)).toBeTypeOf('object');
      expect(second!.body).toBe(first!.body);
    });

    test.each([
      [200, 'sent'],
      [202, 'sent'],
      [204, 'sent'],
      [301, 'unreachable'],
      [400, 'failed'],
      [401, 'unreachable'],
      [403, 'unreachable'],
      [404, 'unreachable'],
      [408, 'retry'],
      [410, 'failed'],
      [413, 'failed'],
      [429, 'unreachable'],
      [500, 'retry'],
      [503, 'retry'],
    ])('an answer %i means %s', async (status, kind) => {
      const headers = { location: 'http://127.0.0.1:1/', 'retry-after': '30' };
      const { result, server } = await send({ status, body: `no thanks ${secret}\u001b[2J`, headers });
      expect(result.kind).toBe(kind);
      expect(server.received).toHaveLength(1);
      expect(result.detail).not.toContain(secret);
      expect(result.detail).not.toMatch(/\p{Cc}/u);
    });

    const unknown = knowsTwice ? 'retry' : 'uncertain';

    test(`silence means ${unknown}`, async () => {
      expect((await send('silence', 200)).result.kind).toBe(unknown);
    });

    test(`a connection that breaks means ${unknown}`, async () => {
      expect((await send('drop')).result.kind).toBe(unknown);
    });

    test('nobody who listens means that nothing gets out now', async () => {
      const server = await startHttpServer();
      await server.close();
      expect((await make(server, { timeout: 5_000 }).send(MESSAGE)).kind).toBe('unreachable');
    });

    test('an endless answer is not read to its end', async () => {
      const { result } = await send({ status: 500, body: 'x'.repeat(5_000_000) });
      expect(result.kind).toBe('retry');
      expect(result.detail.length).toBeLessThan(400);
    });

    test('can be closed twice', async () => {
      const channel = make({ url: 'http://127.0.0.1:1' }, { timeout: 1 });
      await channel.close();
      await channel.close();
    });
  });
}
