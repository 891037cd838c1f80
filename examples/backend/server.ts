// A backend that Sluice tells of each accepted file. It takes a notice only with a good signature, and keeps
// a row for each file in a table of its own.
import { join } from 'node:path';
import { env, exit } from 'node:process';
import Fastify from 'fastify';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { readStackFile } from '../local-stack.ts';
import { type File, type Notice, openFiles } from './files.ts';

const PORT = Number(env.PORT ?? 3000);
const HOOK = `http://localhost:${PORT}/hook`;
const START = `npm start -- --webhook ${HOOK}`;

/**
 * As secret as the password of the app's database. `npm start` prints it, and writes it into its stack file.
 */
const secret = env.WEBHOOK_SECRET ?? (await readStackFile())?.webhook?.secret;
if (secret === undefined) {
  console.error(`Start Sluice with this backend as its webhook first: ${START}`);
  console.error(
    'Or name the secret that Sluice showed: WEBHOOK_SECRET=whsec_… npm start -w examples/backend',
  );
  exit(1);
}

const webhook = new Webhook(secret);
const files = openFiles(env.DATABASE ?? join(import.meta.dirname, 'files.db'));
const app = Fastify({ bodyLimit: 64 * 1024 });

// The signature is of the bytes as they came: parsed and written again they may be others.
app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) => done(null, body));

app.post<{ Body: string }>('/hook', (request, reply) => {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  try {
    // Refuses a wrong signature, and a right one that is older than five minutes.
    files.take(webhook.verify(request.body, headers) as Notice);
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    return reply.code(401).send({ message: 'The signature is not that of our Sluice.' });
  }
  // Only now, when the row is kept: anything but a 2xx brings the notice again.
  return reply.code(204).send();
});

app.get('/files', () => files.newest());

app.get('/', (_, reply) => reply.type('text/html; charset=utf-8').send(toPage(files.newest())));

function toPage(rows: readonly File[]): string {
  const lines = rows.map(
    ({ name, type, size, acceptedAt }) =>
      `<tr><td><bdi>${escaped(name)}</bdi><td>${escaped(type)}<td>${size}<td>${escaped(acceptedAt.slice(0, 16).replace('T', ' '))}`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>Accepted files</title>
<style>body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}table{width:100%;border-collapse:collapse}
th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #8886}
td:nth-child(-n+2){overflow-wrap:anywhere;min-width:5rem}</style>
<main><h1>Accepted files</h1>
${
  rows.length === 0
    ? '<p>None yet. Upload one: <code>npx sluice upload docs/examples/photo.jpg</code>'
    : `<table><thead><tr><th>Name<th>Type<th>Bytes<th>Accepted<tbody>${lines.join('')}</table>`
}</main>
<script>
  // A page that a reader has before them is loaded again only when the list is another.
  const load = async () => (await fetch('/files')).text();
  const shown = load();
  setInterval(async () => { if ((await load().catch(() => shown)) !== (await shown)) location.reload(); }, 2000);
</script>`;
}

/** Names are a stranger's. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

await app.listen({ host: '127.0.0.1', port: PORT });
console.log(`
  Accepted files are at http://localhost:${PORT}, and in ${join('examples', 'backend', 'files.db')}.
`);
