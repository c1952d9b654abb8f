import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { TEST_CERTIFICATE, TEST_KEY } from './smtp-certificate.ts';

/** One mail as the server got it. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
}

type DataReply = number | 'drop' | 'silence';

/** What the server says instead of yes. */
export interface SmtpScript {
  readonly tls?: 'none' | 'starttls' | 'implicit';
  readonly login?: { readonly user: string; readonly password: string };
  /** Reply to a recipient: null takes it. */
  readonly recipient?: (address: string) => number | null;
  /** Reply to the whole message; `drop` closes the connection instead of answering, `silence` never does; null takes it. */
  readonly data?: DataReply | ((raw: Buffer, index: number) => DataReply | null);
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
        const raw = Buffer.concat(chunks);
        const index = received.push({ from, to: rcptTo.map(({ address }) => address), raw }) - 1;
        const reply = typeof script.data === 'function' ? script.data(raw, index) : (script.data ?? null);
        if (reply === 'drop') dropAll(server);
        else if (typeof reply === 'number') done(replyWith(reply, words));
        else if (reply === null) done(null);
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
