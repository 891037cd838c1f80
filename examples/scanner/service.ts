// In place of the service: it fetches a file by its address, and knows one threat.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

/** Of the test file that every scanner knows. Put together here, so that no scanner finds it in this file. */
const EICAR = ['EICAR', 'STANDARD', 'ANTIVIRUS', 'TEST', 'FILE!$H+H*'].join('-');

/** Starts it on this port of this machine, for who has this key. */
export async function startService(port: number, key: string): Promise<void> {
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.url !== '/scans') return answer(200, { service: 'a stand-in that knows EICAR' });
    if (request.headers['x-api-key'] !== key) return answer(401, { error: 'no such key' });
    try {
      const { url, reference } = JSON.parse(await text(request));
      const file = await fetch(url);
      if (!file.ok) return answer(502, { error: `the file was answered with ${file.status}` });
      const isThreat = Buffer.from(await file.arrayBuffer()).includes(EICAR);
      console.log(`${reference}: ${isThreat ? 'malicious' : 'clean'}`);
      return answer(
        200,
        isThreat ? { verdict: 'malicious', signatures: ['EICAR-Test-File'] } : { verdict: 'clean' },
      );
    } catch (error) {
      return answer(400, { error: String(error) });
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}
