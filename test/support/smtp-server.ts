import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { TEST_CERTIFICATE, TEST_KEY } from './smtp-certificate.ts';

/** One mail as the server got it. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
}

/** What the server says instead of yes. */
export interface SmtpScript {
  readonly tls?: 'none' | 'starttls' | 'implicit';
  readonly login?: { readonly user: string; readonly password: string };
  /** Reply to a recipient: null takes it. */
  readonly recipient?: (address: string) => number | null;
  /** Reply to the whole message; `drop` closes the connection instead of answering, `silence` never does. */
  readonly data?: number | 'drop' | 'silence';
  /** Text of the replies above. */
  readonly words?: string;
}

/** A real SMTP server on a free port of this machine. */
export interface TestSmtpServer {
  readonly port: number;
  readonly received: readonly ReceivedMail[];
  close(): Promise<void>;
}

/** Starts a server that keeps what it takes and otherwise follows its script. */
export async function startSmtpServer(script: SmtpScript = {}): Promise<TestSmtpServer> {
  const received: ReceivedMail[] = [];
  const { tls = 'none', login, words = 'scripted' } = script;
  const server = new SMTPServer({
    secure: tls === 'implicit',
    key: TEST_KEY,
    cert: TEST_CERTIFICATE,
    logger: false,
    authOptional: login === undefined,
    disabledCommands: [...(tls === 'none' ? ['STARTTLS'] : []), ...(login === undefined ? ['AUTH'] : [])],
    allowInsecureAuth: true,
    closeTimeout: 100,
    onAuth({ username, password }, _session, done) {
      const known = username === login?.user && password === login?.password;
      done(known ? null : replyWith(535, words), known ? { user: username } : undefined);
    },
    onRcptTo({ address }, _session, done) {
      const code = script.recipient?.(address) ?? null;
      done(code === null ? null : replyWith(code, words));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        received.push({ from, to: rcptTo.map(({ address }) => address), raw: Buffer.concat(chunks) });
        if (script.data === 'drop') dropAll(server);
        else if (typeof script.data === 'number') done(replyWith(script.data, words));
        else if (script.data === undefined) done(null);
      });
    },
  });
  // A client that hangs up in the middle is what several tests are about.
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function replyWith(responseCode: number, words: string): Error {
  return Object.assign(new Error(words), { responseCode });
}

function dropAll(server: SMTPServer): void {
  for (const connection of server.connections) connection._socket.destroy();
}
