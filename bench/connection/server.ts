// An S3 that costs next to nothing, in a process of its own: the benches measure the client. Answers every
// object with as many bytes as its key says, and counts the connections it accepts.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const CHUNK = Buffer.alloc(256 * 1024, 'x');
let accepted = 0;

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.resume();
  const bytes = Number(/\/(\d+)(\?|$)/.exec(request.url ?? '')?.[1] ?? 0);
  response.writeHead(200, { etag: '"e"', 'content-length': bytes });
  if (request.method !== 'GET') {
    response.end();
    return;
  }
  let left = bytes;
  const write = () => {
    while (left > 0) {
      const chunk = left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK;
      left -= chunk.length;
      if (!response.write(chunk)) {
        response.once('drain', write);
        return;
      }
    }
    response.end();
  };
  write();
}).on('connection', () => {
  accepted += 1;
});

server.listen(0, '127.0.0.1', () => {
  // Sound: a TCP server that listens has such an address.
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on('message', () => process.send?.({ accepted }));
process.on('disconnect', () => process.exit());
