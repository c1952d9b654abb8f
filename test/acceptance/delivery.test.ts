// Ways out that are closed, other channels and a dead man's switch, from the command line as people use it.
import { expect, test } from 'vitest';
import { finished, workspaces } from '../support/cli.ts';
import { startHttpServer } from '../support/http-server.ts';
import { startSmtpServer } from '../support/smtp-server.ts';

const workspace = workspaces();
const PASSWORD = 'hunter2-not-the-one';

interface Status {
  readonly mails: readonly { readonly channel: string; readonly status: string; readonly detail: string }[];
}

const failed = (run: string, finishedAt: string) =>
  finished(run, { outcome: 'failure', finished_at: finishedAt });

test('a password that is refused: the mail waits, status says why, the chat is told, and nothing holds the password', async () => {
  const smtp = await startSmtpServer({
    login: { user: 'alerts@example.com', password: 'right' },
    words: 'no such login',
  });
  const chat = await startHttpServer();
  const at = workspace();
  at.config({
    mail: `smtp://alerts%40example.com@127.0.0.1:${smtp.port}`,
    alerting: { channels: { chat: { type: 'slack' } } },
    tests: { mnist: { owner: 'ml@example.com' } },
  });
  const env = {
    TIDEMARK_SMTP_PASSWORD: PASSWORD,
    TIDEMARK_CHANNEL_CHAT: `${chat.url}/services/T/B/geheim-geheim`,
  };
  at.message(failed('r1', '2026-08-01T02:00:00Z'));
  const said: string[] = [];
  const run = async (...args: string[]) => {
    const answer = await at.run(args, { env });
    expect(answer.status).toBe(0);
    said.push(answer.stdout, answer.stderr);
    return answer.stdout;
  };
  await run('tick', '--now', '2026-08-01T03:00:00Z');
  expect(chat.received).toEqual([]);
  await run('tick', '--now', '2026-08-01T03:15:00Z');
  await run('tick', '--now', '2026-08-01T03:30:00Z');
  expect(chat.received).toHaveLength(1);
  expect(JSON.parse(chat.received[0]!.body)).toMatchObject({
    text: '[critical] Tidemark · mails cannot be sent',
  });
  const { mails } = JSON.parse(await run('status', '--json')) as Status;
  expect(mails).toMatchObject([
    { channel: 'mail', status: 'pending', detail: expect.stringContaining('no such login') },
  ]);
  expect(await run('status')).toContain('no such login');
  expect(smtp.received).toEqual([]);
  for (const secret of [PASSWORD, Buffer.from(PASSWORD).toString('base64'), 'geheim'])
    expect(said.join('\n')).not.toContain(secret);
  await smtp.close();
});

test('an incident opens and closes at the pager and the webhook, and every tick is told to the switch', async () => {
  const [pager, hook, watchman] = [
    await startHttpServer(() => ({ status: 202 })),
    await startHttpServer(),
    await startHttpServer(),
  ];
  const at = workspace();
  at.config({
    alerting: {
      routes: [{ to: ['pager', 'hook'], owner: false }],
      channels: {
        pager: { type: 'pagerduty', url: `${pager.url}/v2/enqueue` },
        hook: { type: 'webhook', url: `${hook.url}/in`, allow_private: true },
      },
      ping: `${watchman.url}/0b6c`,
    },
    tests: { mnist: { owner: 'ml@example.com' } },
  });
  const env = {
    TIDEMARK_CHANNEL_PAGER: 'a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6',
    TIDEMARK_CHANNEL_HOOK: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  };
  at.message(failed('r1', '2026-08-01T02:00:00Z'));
  await at.run(['tick', '--now', '2026-08-01T03:00:00Z'], { env });
  at.message(finished('r2', { finished_at: '2026-08-02T02:00:00Z' }));
  await at.run(['tick', '--now', '2026-08-02T03:00:00Z'], { env });
  const { episodes } = JSON.parse((await at.run(['episodes', '--json'])).stdout) as {
    episodes: { episode_id: string }[];
  };
  const bodies = pager.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  expect(bodies.map(({ event_action }) => event_action)).toEqual(
    expect.arrayContaining(['trigger', 'resolve']),
  );
  expect(new Set(bodies.map(({ dedup_key }) => dedup_key))).toEqual(new Set([episodes[0]!.episode_id]));
  const told = hook.received.map(({ body }) => JSON.parse(body) as { data: { events: { kind: string }[] } });
  expect(told.flatMap(({ data }) => data.events.map(({ kind }) => kind))).toEqual(
    expect.arrayContaining(['firing', 'recovered']),
  );
  expect(watchman.received.map(({ path }) => path)).toEqual(['/0b6c', '/0b6c']);
});

test('an ack stops the pager, is no news to the owner, and the incident still ends there', async () => {
  const pager = await startHttpServer(() => ({ status: 202 }));
  const at = workspace();
  at.config({
    alerting: {
      routes: [{ to: ['pager'] }],
      channels: { pager: { type: 'pagerduty', url: `${pager.url}/v2/enqueue` } },
    },
    tests: { mnist: { owner: 'ml@example.com' } },
  });
  const env = { TIDEMARK_CHANNEL_PAGER: 'a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6' };
  const run = (...args: string[]) => at.run(args, { env });
  at.message(failed('r1', '2026-08-01T02:00:00Z'));
  await run('tick', '--now', '2026-08-01T03:00:00Z');
  const [first] = JSON.parse((await run('episodes', '--json')).stdout).episodes;
  const ack = ['ack', first.episode_id, '--for', '7d', '--note', 'on it', '--now', '2026-08-01T03:05:00Z'];
  expect(await run(...ack)).toMatchObject({ status: 0 });
  await run('tick', '--now', '2026-08-01T03:15:00Z');
  at.message(finished('r2', { finished_at: '2026-08-02T02:00:00Z' }));
  await run('tick', '--now', '2026-08-02T03:00:00Z');
  const said = pager.received.map(({ body }) => JSON.parse(body));
  expect(said.map(({ event_action }) => event_action)).toEqual(['trigger', 'acknowledge', 'resolve']);
  expect(said.map(({ dedup_key }) => dedup_key)).toEqual(Array(3).fill(first.episode_id));
  expect(at.mails()).toHaveLength(2);
});

test('doctor says of every channel whether it can be used', async () => {
  const at = workspace();
  at.config({
    alerting: {
      fallback: ['ml@example.com'],
      channels: { pager: { type: 'pagerduty' }, chat: { type: 'slack' } },
    },
  });
  const answer = await at.run(['doctor', '--json'], {
    env: { TIDEMARK_CHANNEL_CHAT: 'https://hooks.example.com/services/x' },
  });
  expect(answer.status).toBe(2);
  const { findings } = JSON.parse(answer.stdout) as {
    findings: { what: string; state: string; detail: string }[];
  };
  expect(findings.filter(({ what }) => what.startsWith('channel'))).toMatchObject([
    { what: 'channel pager', state: 'bad', detail: expect.stringContaining('TIDEMARK_CHANNEL_PAGER_FILE') },
    { what: 'channel chat', state: 'ok' },
  ]);
});
