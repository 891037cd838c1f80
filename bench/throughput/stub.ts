// A store and a ledger that answer at once what a worker needs to hear of an honest CSV, in a process of
// their own.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

const BYTES = Buffer.from('1,2,3\n'.repeat(200));
const HEADERS = { etag: '"0123456789abcdef0123456789abcdef"', 'last-modified': new Date().toUTCString() };
const COPIED = `<CopyObjectResult><ETag>${HEADERS.etag}</ETag><LastModified>2026-11-22T09:00:00.000Z</LastModified></CopyObjectResult>`;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** The row of any id, in the state that the write asks for. */
function rowOf(id: string, state: string) {
  return {
    id: { S: id },
    tenant: { S: 'bench' },
    subject: { S: 'ada' },
    policy: { S: 'data' },
    transport: { S: 'put' },
    key: { S: `bench/${id}` },
    state: { S: state },
    epoch: { N: '1' },
    filename: { S: 'rows.csv' },
    contentType: { S: 'text/csv' },
    size: { N: String(BYTES.length) },
    metadata: { M: {} },
    createdAt: { N: '1795338000000' },
    expiresAt: { N: '1795341600000' },
    correlationId: { S: 'bench' },
    fingerprint: { S: 'f' },
  };
}

const server = createServer(async (request, response) => {
  const body = await bodyOf(request);
  if ('x-amz-target' in request.headers) {
    const { Key, ExpressionAttributeValues: values = {} } = JSON.parse(body);
    const answer = JSON.stringify({ Attributes: rowOf(Key.id.S, values[':to']?.S ?? 'verifying') });
    return response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(answer);
  }
  switch (request.method) {
    case 'HEAD':
    case 'GET':
      response.writeHead(200, { ...HEADERS, 'content-type': 'text/csv', 'content-length': BYTES.length });
      return response.end(request.method === 'GET' ? BYTES : undefined);
    case 'PUT':
      return response.writeHead(200, { 'content-type': 'application/xml' }).end(COPIED);
    default:
      return response.writeHead(204).end();
  }
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  // Sound: a server that listens on a port has an address that is no path.
  process.send?.((server.address() as AddressInfo).port);
});
process.once('disconnect', () => process.exit());
