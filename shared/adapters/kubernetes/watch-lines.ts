import type { IncomingMessage } from 'node:http';
import { PortError } from '../../ports/error.ts';
import { agentOf, type Place, urlOf } from './client.ts';
import { answerError, ClusterError, requestError } from './errors.ts';
import type { Access } from './kubeconfig.ts';
import { answerOf, responseTo, TooLarge, TooSlow } from './request.ts';

/** How one watch is read. */
export interface WatchReading {
  readonly cluster: string;
  /** Ends the watch at once. */
  readonly signal: AbortSignal;
  /** Longest time without a byte, milliseconds; the connection is dead then. */
  readonly silenceMs: number;
  /** Longest line, bytes: an object of Kubernetes has at most 1.5 MB. */
  readonly mostBytes: number;
  /** Called when the server has begun to answer: the watch stands, even if nothing ever happens. */
  readonly onOpen: () => void;
}

const REFUSAL_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * The lines of one watch, whole ones only: what follows the last newline when the connection ends is half a line and
 * will come again. Ends when the server ends the watch. Throws ClusterError for a refusal, a connection that broke, a
 * silence or a line without end.
 */
export async function* watchLines(
  access: Access,
  place: Place,
  reading: WatchReading,
): AsyncGenerator<string> {
  const agent = agentOf(access);
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), reading.silenceMs);
  const signal = AbortSignal.any([reading.signal, silence.signal]);
  try {
    const response = await opened(access, place, { ...reading, agent, signal });
    reading.onOpen();
    timer.refresh();
    let rest: Buffer[] = [];
    let held = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      timer.refresh();
      let from = 0;
      for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
        yield Buffer.concat([...rest, chunk.subarray(from, to)]).toString('utf8');
        [rest, held, from] = [[], 0, to + 1];
      }
      if (from === chunk.length) continue;
      rest.push(chunk.subarray(from));
      held += chunk.length - from;
      if (held > reading.mostBytes) throw new TooLarge();
    }
  } catch (error) {
    if (error instanceof PortError) throw asClusterError(error, reading.cluster);
    // An aborted request looks like a connection that broke.
    const why = silence.signal.aborted ? new TooSlow() : error;
    throw requestError(why, reading.cluster, reading.mostBytes);
  } finally {
    clearTimeout(timer);
    agent.destroy();
  }
}

/** Who gives tokens fails in words of its own; a file that is not there now may be there in a moment. */
function asClusterError(error: PortError, cluster: string): ClusterError {
  if (error instanceof ClusterError) return error;
  const words = `Cluster "${cluster}" cannot be asked: ${error.message}`;
  return new ClusterError('unavailable', words, { cause: error });
}

type Opening = WatchReading & { readonly agent: ReturnType<typeof agentOf> };

/** The response to a request that was accepted; asked for once more with a new token if the first one was not. */
async function opened(access: Access, place: Place, opening: Opening): Promise<IncomingMessage> {
  const { cluster, agent, signal } = opening;
  for (let isSecond = false; ; isSecond = true) {
    const token = await access.credentials.token();
    const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
    const asking = { headers, agent, signal, mostBytes: REFUSAL_BYTES };
    const response = await responseTo(urlOf(access, place), asking);
    if (response.statusCode === 200) return response;
    const answer = await answerOf(response, REFUSAL_BYTES);
    if (answer.status !== 401 || isSecond) throw answerError(answer, { cluster, right: place.right }, token);
    access.credentials.renew();
  }
}
