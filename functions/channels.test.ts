import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { memoryMailer } from '../shared/adapters/memory/mailer.ts';
import type { ChannelConfig } from '../shared/core/schema/channel.ts';
import { MESSAGE } from '../test/contracts/channel.ts';
import { startHttpServer } from '../test/support/http-server.ts';
import { temporaryFolder } from '../test/support/temporary-folder.ts';
import { channelChecks, withChannels } from './channels.ts';
import { ping } from './ping.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const ROUTING = 'a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6';

function setupOf(
  channels: Readonly<Record<string, ChannelConfig>>,
  env: Readonly<Record<string, string>> = {},
) {
  return { channels: new Map(Object.entries(channels)), env, now: () => 0 };
}

const to = (channel: string) => ({ ...MESSAGE, channel, to: [channel] });

test('a message goes by the channel it names, and a mail by mail', async () => {
  const [hook, chat, pager] = [await startHttpServer(), await startHttpServer(), await startHttpServer()];
  const file = join(temporaryFolder(), 'secret');
  writeFileSync(file, `${SECRET}\n`);
  const mail = memoryMailer();
  const mailer = withChannels(
    mail,
    setupOf(
      {
        'the-hook': { type: 'webhook', url: `${hook.url}/in`, allow_private: true },
        chat: { type: 'slack' },
        pager: { type: 'pagerduty', url: `${pager.url}/v2/enqueue` },
      },
      {
        TIDEMARK_CHANNEL_THE_HOOK_FILE: file,
        TIDEMARK_CHANNEL_CHAT: `${chat.url}/services/x`,
        TIDEMARK_CHANNEL_PAGER: ROUTING,
      },
    ),
  );
  const { channel: _, ...plain } = { ...MESSAGE, to: ['ml@example.com'] };
  for (const message of [to('the-hook'), to('chat'), to('pager'), plain])
    expect(await mailer.send(message)).toMatchObject({ kind: 'sent' });
  expect([hook, chat, pager].map(({ received }) => received.map(({ path }) => path))).toEqual([
    ['/in'],
    ['/services/x'],
    ['/v2/enqueue'],
  ]);
  expect(mail.sent.map(({ to: [address] }) => address)).toEqual(['ml@example.com']);
  await mailer.close();
});

test.each([
  ['its secret is missing', {}, 'set TIDEMARK_CHANNEL_HOOK, or TIDEMARK_CHANNEL_HOOK_FILE'],
  ['its secret is none', { TIDEMARK_CHANNEL_HOOK: 'hunter2' }, 'wanted whsec_'],
  [
    'the file with its secret is not there',
    { TIDEMARK_CHANNEL_HOOK_FILE: '/nowhere' },
    'Cannot read TIDEMARK_CHANNEL_HOOK_FILE',
  ],
])('a channel keeps its messages waiting while %s, and doctor says so', async (_, env, why) => {
  const setup = setupOf({ hook: { type: 'webhook', url: 'https://example.com/in' } }, env);
  const result = await withChannels(memoryMailer(), setup).send(to('hook'));
  expect(result).toMatchObject({ kind: 'unreachable', detail: expect.stringContaining(why) });
  const checks = await channelChecks(setup);
  expect(checks).toMatchObject([
    { what: 'channel hook', state: 'bad', detail: expect.stringContaining(why) },
  ]);
  expect(JSON.stringify([result, checks])).not.toContain('hunter2');
});

test('doctor is content with secrets of the right form, and shows none', async () => {
  const setup = setupOf(
    {
      hook: { type: 'webhook', url: 'https://example.com/in' },
      chat: { type: 'slack' },
      pager: { type: 'pagerduty' },
    },
    {
      TIDEMARK_CHANNEL_HOOK: SECRET,
      TIDEMARK_CHANNEL_CHAT: 'https://hooks.example.com/services/T/B/geheim',
      TIDEMARK_CHANNEL_PAGER: ROUTING,
    },
  );
  const checks = await channelChecks(setup);
  expect(checks.map(({ what, state }) => `${what} ${state}`)).toEqual([
    'channel hook ok',
    'channel chat ok',
    'channel pager ok',
  ]);
  for (const secret of [SECRET, 'geheim', ROUTING]) expect(JSON.stringify(checks)).not.toContain(secret);
});

test('a message for a channel that the config has no more never goes, so that somebody else hears of it', async () => {
  expect(await withChannels(memoryMailer(), setupOf({})).send(to('chat'))).toEqual({
    kind: 'failed',
    detail: 'The config has no channel "chat" any more',
  });
});

test('a dead man’s switch is told by one GET', async () => {
  const server = await startHttpServer();
  const words: string[] = [];
  await ping(`${server.url}/0b6c`, { warn: (line) => words.push(line) });
  await ping(undefined, { warn: (line) => words.push(line) });
  expect(server.received.map(({ method, path, body }) => [method, path, body])).toEqual([
    ['GET', '/0b6c', ''],
  ]);
  expect(words).toEqual([]);
});

test.each([
  ['it answers that it does not know us', 404, /answered 404/],
  ['it redirects', 302, /answered 302/],
])('%s: a line in the log and nothing else', async (_, status, expected) => {
  const server = await startHttpServer(() => ({ status, headers: { location: 'http://127.0.0.1:1/' } }));
  const words: string[] = [];
  await ping(server.url, { warn: (line) => words.push(line) });
  expect(words).toEqual([expect.stringMatching(expected)]);
});

test('it is out of reach: a line in the log and nothing else', async () => {
  const words: string[] = [];
  const { url, close } = await startHttpServer();
  await close();
  await ping(url, { warn: (line) => words.push(line) });
  expect(words).toEqual([expect.stringMatching(/was not reached \(.*ECONNREFUSED/)]);
});
