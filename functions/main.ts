import * as ff from '@google-cloud/functions-framework';
import { gateFunction } from './gate/function.ts';
import { handleTick } from './tick/handler.ts';

// What the platform loads: it finds the functions by their names and calls one of them over HTTP.

const write = (line: string) => void process.stdout.write(line);

ff.http('tick', async (request: ff.Request, response: ff.Response) => {
  const { status, body } = await handleTick(request, { env: process.env, write });
  response.status(status).json(body);
});

const gate = gateFunction(process.env, write);

ff.http('gate', async (request: ff.Request, response: ff.Response) => {
  const { method, originalUrl: url, headers, rawBody: body = new Uint8Array() } = request;
  const { status, headers: answered, body: text } = await gate({ method, url, headers, body });
  response.status(status).set(answered).send(text);
});
