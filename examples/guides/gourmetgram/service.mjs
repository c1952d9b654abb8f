// Stands for the service in staging: how long versions 1, 2 and 3 of the model take to answer, in milliseconds. Version 3
// is the large one, and one of its 25 answers is an error.
import { createServer } from 'node:http';

const TIMES = {
  1: { base: 150, spread: 30 },
  2: { base: 155, spread: 35 },
  3: { base: 820, spread: 80, failing: 25 },
};

const [version = '1', port = '8081'] = process.argv.slice(2);
const { base, spread, failing = Infinity } = TIMES[version] ?? TIMES[1];
let count = 0;
createServer((request, response) => {
  if (request.url === '/version')
    return void response.end(JSON.stringify({ model_version: `1.0.${version}` }));
  count++;
  response.statusCode = count % failing === 0 ? 503 : 200;
  setTimeout(() => response.end('{"class":"Dessert"}'), base + ((count * 7) % 20) * (spread / 20));
}).listen(Number(port), '127.0.0.1');
