// An S3 that costs next to nothing, in a process of its own, with objects of text: `/bucket/csv/5000` has so
// many bytes of CSV.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const LINES: Readonly<Record<string, string>> = {
  text: 'The quick brown fox jumps over the lazy dog, and then it sleeps for an hour.\n',
  csv: '1048576,2026-11-27T01:14:00Z,"Müller, Anna",-12.50,true,a longer remark without much in it\n',
  ndjson:
    '{"id":1048576,"at":"2026-11-27T01:14:00Z","name":"Müller, Anna","amount":-12.5,"tags":["a","b"],"ok":true}\n',
};

/** Whole lines, so that one chunk follows the other without a seam. */
function toChunk(line: string): Buffer {
  return Buffer.from(line.repeat(Math.ceil((256 * 1024) / Buffer.byteLength(line))));
}
const CHUNKS = new Map(Object.entries(LINES).map(([kind, line]) => [kind, toChunk(line)]));

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.resume();
  const [, kind = '', size = ''] = /\/(\w+)\/(\d+)(?:\?|$)/.exec(request.url ?? '') ?? [];
  const chunk = CHUNKS.get(kind) ?? Buffer.alloc(1);
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const start = Number(first ?? 0);
  const end = last === undefined ? Number(size) : Number(last) + 1;
  response.writeHead(first === undefined ? 200 : 206, {
    etag: '"e"',
    'content-length': end - start,
    ...(first !== undefined && { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
  });
  let at = start;
  const write = () => {
    while (at < end) {
      const from = at % chunk.length;
      const part = chunk.subarray(from, Math.min(chunk.length, from + end - at));
      at += part.length;
      if (!response.write(part)) {
        response.once('drain', write);
        return;
      }
    }
    response.end();
  };
  write();
});

server.listen(0, '127.0.0.1', () => {
  // Sound: a TCP server that listens has such an address.
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on('disconnect', () => process.exit());
