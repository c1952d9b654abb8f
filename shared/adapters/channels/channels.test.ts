import { describe, expect, test } from 'vitest';
import { channelContract, MESSAGE } from '../../../test/contracts/channel.ts';
import { startHttpServer } from '../../../test/support/http-server.ts';
import type { Mail, MailEvent } from '../../core/mail.ts';
import { PortError } from '../../ports/error.ts';
import { pagerDutyChannel, pagerDutyEvents, routingKey } from './pagerduty.ts';
import { guardedLookup, isPrivate } from './private.ts';
import { slackChannel, slackMessage, slackUrl } from './slack.ts';
import { signature, signingKey, webhookBody, webhookChannel } from './webhook.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const ROUTING = 'a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6';
const NOW = Date.UTC(2026, 7, 2, 3);

channelContract('webhook', {
  make: ({ url }, { timeout }) =>
    webhookChannel({ url: `${url}/hook`, secret: SECRET, now: () => NOW, allowPrivate: true, timeout }),
  secret: SECRET,
  knowsTwice: true,
});

channelContract('slack', {
  make: ({ url }, { timeout }) =>
    slackChannel({ secret: `${url}/services/T000/B000/XXXXsecretXXXX`, timeout }),
  secret: 'XXXXsecretXXXX',
  knowsTwice: false,
});

channelContract('pagerduty', {
  make: ({ url }, { timeout }) => pagerDutyChannel({ url: `${url}/v2/enqueue`, secret: ROUTING, timeout }),
  secret: ROUTING,
  knowsTwice: true,
});

const event = (fields: Partial<MailEvent> = {}): MailEvent => ({ ...MESSAGE.events![0]!, ...fields });
const message = (...events: readonly MailEvent[]): Mail => ({ ...MESSAGE, events });

describe('the webhook', () => {
  test('is signed as Standard Webhooks has it', () => {
    // Made with Webhook.sign of the npm package standardwebhooks 1.1.1.
    const given = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', time: 1_614_265_330, body: '{"test": 2432232314}' };
    expect(signature(given, signingKey(SECRET))).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  test('is sent with its id, the time and the signature of just those bytes', async () => {
    const server = await startHttpServer();
    await webhookChannel({ url: server.url, secret: SECRET, now: () => NOW, allowPrivate: true }).send(
      MESSAGE,
    );
    const [{ headers, body }] = server.received as [(typeof server.received)[number]];
    expect(headers['webhook-id']).toBe(MESSAGE.key);
    expect(headers['webhook-timestamp']).toBe(String(NOW / 1000));
    expect(headers['webhook-signature']).toBe(
      signature({ id: MESSAGE.key, time: NOW / 1000, body }, signingKey(SECRET)),
    );
  });

  test('says what is told as data', () => {
    expect(JSON.parse(webhookBody(MESSAGE))).toEqual({
      type: 'io.tidemark.alert.v1',
      timestamp: '2026-08-02T00:00:00.000Z',
      data: { subject: MESSAGE.subject, text: MESSAGE.text, events: MESSAGE.events, events_left_out: 0 },
    });
  });

  test('stays under 20 KB, and says how much was left out', () => {
    const many = Array.from({ length: 500 }, (_, n) =>
      event({ episode_id: `e${n}`, summary: 'é'.repeat(300) }),
    );
    const body = webhookBody({ ...message(...many), text: '😀'.repeat(9_000) });
    expect(Buffer.byteLength(body)).toBeLessThan(20_000);
    const { data } = JSON.parse(body) as { data: { events: unknown[]; events_left_out: number } };
    expect(data.events.length + data.events_left_out).toBe(500);
    expect(body.isWellFormed()).toBe(true);
  });

  test.each(['', 'hunter2', 'whsec_', 'whsec_c2hvcnQ=', `whsec_${'A'.repeat(200)}`, SECRET.slice(6)])(
    'refuses %j as a secret, and does not repeat it',
    (secret) => {
      const make = () => webhookChannel({ url: 'https://example.com', secret, now: () => NOW });
      expect(make).toThrow(PortError);
      if (secret.length > 6) expect(make).not.toThrow(secret);
    },
  );
});

describe('addresses of private networks', () => {
  test.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.0.9',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::a00:1',
    'ff02::1',
  ])('%s is one', (address) => expect(isPrivate(address)).toBe(true));

  test.each([
    '1.1.1.1',
    '172.32.0.1',
    '100.128.0.1',
    '193.168.0.1',
    '2606:4700::1111',
    '::ffff:1.1.1.1',
    'localhost',
    'example.com',
  ])('%s is none', (address) => expect(isPrivate(address)).toBe(false));

  test.each(['127.0.0.1', 'localhost', '[::1]'])(
    'nothing is posted to %s unless the config allows it',
    async (host) => {
      const server = await startHttpServer();
      const url = `http://${host}:${server.port}/`;
      expect(await webhookChannel({ url, secret: SECRET, now: () => NOW }).send(MESSAGE)).toMatchObject({
        kind: 'unreachable',
        detail: expect.stringContaining('private network'),
      });
      expect(server.received).toEqual([]);
    },
  );

  test('a name is looked up once, by the connection itself, and refused by its address', async () => {
    const look = (all: boolean) =>
      new Promise<unknown>((resolve) => {
        guardedLookup('localhost', { all }, (error) => resolve(error?.code));
      });
    expect([await look(true), await look(false)]).toEqual(['EPRIVATE', 'EPRIVATE']);
  });
});

describe('Slack', () => {
  const texts = (mail: Mail) =>
    (slackMessage(mail) as { blocks: { text: { text: string } }[] }).blocks.map(({ text }) => text.text);

  test('gets a section an episode, in which nobody is mentioned', () => {
    expect(texts(MESSAGE)).toEqual([
      '*[warning] bert &lt;@everyone&gt; &amp; ˋcoˋ · loss +12 %*',
      '*FIRING* · warning · bert &lt;!channel&gt;\nloss rose to 0.9; it has been 0.5 ± 0.01 over 30 runs.\n`tidemark ack e1`',
    ]);
  });

  test('gets a message within its limits, however much there is to tell', () => {
    const many = Array.from({ length: 500 }, () =>
      event({ test_name: '<'.repeat(9_000), summary: '&'.repeat(9_000) }),
    );
    const found = texts({ ...message(...many), subject: '>'.repeat(9_000) });
    expect(found.length).toBeLessThanOrEqual(50);
    for (const text of found) expect(text.length).toBeLessThanOrEqual(3_000);
    expect(found.join('').length).toBeLessThanOrEqual(13_000);
    expect(found.at(-1)).toBe('… and 490 more: `tidemark episodes --open`');
  });

  test('gets the text where there are no episodes', () => {
    expect(texts(message())[1]).toBe('```FIRING: loss rose to 0.9\n```');
  });

  test.each(['', 'hooks.slack.com/services/x', 'http://hooks.slack.com/services/secret', 'ftp://x/secret'])(
    'refuses %j as its address, and does not repeat it',
    (secret) => {
      expect(() => slackUrl(secret)).toThrow(PortError);
      expect(() => slackUrl(secret)).not.toThrow(/secret$/);
    },
  );
});

describe('PagerDuty', () => {
  test('opens an incident an episode', () => {
    expect(pagerDutyEvents(MESSAGE, ROUTING)).toEqual([
      {
        routing_key: ROUTING,
        dedup_key: 'e1',
        event_action: 'trigger',
        payload: {
          summary: 'bert <!channel>: loss rose to 0.9; it has been 0.5 ± 0.01 over 30 runs.',
          source: 'bert <!channel>',
          severity: 'warning',
          timestamp: '2026-08-02T00:00:00.000Z',
          component: 'metric:loss',
          class: 'above',
          custom_details: {
            value: 0.9,
            lower: null,
            upper: 0.6,
            first_bad_run_id: 'run-7',
            last_good_run_id: 'run-6',
          },
        },
      },
    ]);
  });

  test.each([
    ['firing', 'trigger'],
    ['again', 'trigger'],
    ['escalated', 'trigger'],
    ['silence_ended', 'trigger'],
    ['acknowledged', 'acknowledge'],
    ['recovered', 'resolve'],
    ['closed', 'resolve'],
  ])('%s becomes %s under the same key', (kind, action) => {
    expect(pagerDutyEvents(message(event({ kind })), ROUTING)).toMatchObject([
      { event_action: action, dedup_key: 'e1' },
    ]);
  });

  test.each([
    { kind: 'reminder' },
    { kind: 'flapping' },
    { kind: 'new_normal' },
    { severity: 'info' },
    { polarity: 'good' },
  ] as const)('%j pages nobody', async (fields) => {
    const server = await startHttpServer();
    const channel = pagerDutyChannel({ secret: ROUTING, url: server.url });
    expect(await channel.send(message(event(fields)))).toMatchObject({ kind: 'sent' });
    expect(server.received).toEqual([]);
  });

  test('pages twenty times at most, and says how many more there are', () => {
    const many = Array.from({ length: 25 }, (_, n) => event({ episode_id: `e${n}` }));
    const found = pagerDutyEvents(message(...many), ROUTING);
    expect(found).toHaveLength(20);
    expect(found[0]).toMatchObject({ payload: { custom_details: { more_episodes: 5 } } });
  });

  test('ends every page, however many there are', () => {
    const ends = Array.from({ length: 25 }, (_, n) => event({ kind: 'recovered', episode_id: `e${n}` }));
    const found = pagerDutyEvents(message(...ends), ROUTING);
    expect(found).toHaveLength(25);
  });

  test('tells one that ended and began again in that order', () => {
    const twice = message(event({ kind: 'recovered' }), event({ kind: 'again' }));
    expect(pagerDutyEvents(twice, ROUTING)).toMatchObject([
      { event_action: 'resolve' },
      { event_action: 'trigger' },
    ]);
  });

  test('stops at the first that is put off; those before it have keys of their own', async () => {
    const server = await startHttpServer((_, index) => ({ status: index === 1 ? 500 : 202 }));
    const channel = pagerDutyChannel({ secret: ROUTING, url: server.url });
    const three = message(event(), event({ episode_id: 'e2' }), event({ episode_id: 'e3' }));
    expect((await channel.send(three)).kind).toBe('retry');
    expect(server.received).toHaveLength(2);
    expect((await channel.send(three)).kind).toBe('sent');
  });

  describe('asked to wait by an answer 429', () => {
    /** Answers each request as it comes; what was waited for, and how it ended. */
    async function busy(...wishes: readonly (string | null)[]) {
      const server = await startHttpServer((_, index) => {
        const wish = wishes[index] ?? null;
        return wish === null ? { status: 202 } : { status: 429, headers: { 'retry-after': wish } };
      });
      const waited: number[] = [];
      const wait = async (ms: number) => void waited.push(ms);
      const channel = pagerDutyChannel({ secret: ROUTING, url: server.url, wait });
      const result = await channel.send(message(event(), event({ episode_id: 'e2' })));
      const keys = server.received.map(({ body }) => JSON.parse(body).dedup_key);
      return { waited, keys, result };
    }

    test.each([
      ['a moment is waited for', ['2'], { waited: [2000], keys: ['e1', 'e1', 'e2'] }],
      [
        'none is one, or it would ask for ever',
        [null, '0', '0'],
        { waited: [1000, 1000], keys: ['e1', 'e2', 'e2', 'e2'] },
      ],
    ])('%s', async (_, wishes, expected) => {
      expect(await busy(...wishes)).toEqual({
        ...expected,
        result: expect.objectContaining({ kind: 'sent' }),
      });
    });

    test.each([
      ['long', ['60'], 'asks to wait 60 s', [], ['e1']],
      ['again and again', ['6', '6'], 'asks to wait 6 s', [6000], ['e1', 'e1']],
      ['for what is no time', ['soon'], '429', [], ['e1']],
    ])('%s is left to the next pass', async (_, wishes, detail, waited, keys) => {
      expect(await busy(...wishes)).toEqual({
        ...{ waited, keys },
        result: { kind: 'unreachable', detail: expect.stringContaining(detail) },
      });
    });

    test('until a time, that of the answer counts', async () => {
      const headers = {
        'retry-after': 'Sat, 01 Aug 2026 00:00:05 GMT',
        date: 'Sat, 01 Aug 2026 00:00:02 GMT',
      };
      const server = await startHttpServer((_, index) =>
        index === 0 ? { status: 429, headers } : { status: 202 },
      );
      const waited: number[] = [];
      const wait = async (ms: number) => void waited.push(ms);
      const channel = pagerDutyChannel({ secret: ROUTING, url: server.url, wait });
      expect(await channel.send(MESSAGE)).toMatchObject({ kind: 'sent' });
      expect(waited).toEqual([3000]);
    });
  });

  test('refuses a key that is none, and does not repeat it', () => {
    expect(() => routingKey('hunter2')).toThrow(PortError);
    expect(() => routingKey('hunter2')).not.toThrow(/hunter2/);
  });
});
