import * as ff from '@google-cloud/functions-framework';
import { handleTick } from './tick/handler.ts';

// What the platform loads: it finds the function by its name and calls it over HTTP.

ff.http('tick', async (request: ff.Request, response: ff.Response) => {
  const { status, body } = await handleTick(request, {
    env: process.env,
    write: (line) => void process.stdout.write(line),
  });
  response.status(status).json(body);
});
