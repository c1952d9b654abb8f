import { createTransport } from 'nodemailer';
import { internetMessage, mailProblem } from '../../shared/core/internet-message.ts';
import type { Mail } from '../../shared/core/mail.ts';

/** The bytes that a server would get. Throws where the mail cannot be sent. */
export async function bytesOf(mail: Mail): Promise<Buffer> {
  const problem = mailProblem(mail);
  if (problem !== null) throw new Error(problem);
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const { message } = await transport.sendMail(internetMessage(mail));
  return Buffer.from(message as Uint8Array);
}
