// A backend with cookie sessions and no issuer of its own. Its page uploads attachments of tickets by grants.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env } from 'node:process';
import cookie from '@fastify/cookie';
import { createClient } from '@sluice/client';
import { clientCredentials, createGrants } from '@sluice/client/node';
import { build } from 'esbuild';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { readStackFile } from '../local-stack.ts';

const PORT = Number(env.PORT ?? 3000);
const COOKIE = 'session';
/** The app's own name for its people, at Sluice. */
const TENANT = 'help-desk';
const PEOPLE = ['ada', 'ben'];
const PASSWORD = 'open-the-sluice';

const folder = import.meta.dirname;
const sessions = new Map<string, string>();
const app = Fastify();
await app.register(cookie);

/** What is told to the page: a status, and a sentence that is fit to show. */
class Refusal extends Error {
  readonly statusCode: number;
  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

/** Sluice, as this backend. In your app, these are settings and a secret. */
async function sluice() {
  const stack = await readStackFile();
  if (stack?.service === undefined) {
    throw new Refusal(503, 'Sluice does not run on this machine, or has another issuer. Start it: npm start');
  }
  return { endpoint: stack.apiUrl, token: clientCredentials(stack.service) };
}

function personOf({ cookies }: FastifyRequest): string {
  const person = sessions.get(cookies[COOKIE] ?? '');
  if (person === undefined) throw new Refusal(401, 'Sign in first.');
  return person;
}

/** The app's own id of what somebody's files are for; here everybody has one ticket. */
function ticketOf(person: string): string {
  return `ticket-of-${person}`;
}

app.post<{ Body: { readonly id: string; readonly password: string } }>(
  '/session',
  {
    schema: {
      body: {
        type: 'object',
        required: ['id', 'password'],
        properties: { id: { type: 'string' }, password: { type: 'string' } },
      },
    },
  },
  (request, reply) => {
    const { id, password } = request.body;
    if (!PEOPLE.includes(id) || password !== PASSWORD) throw new Refusal(401, 'That is not the password.');
    const session = randomUUID();
    sessions.set(session, id);
    // Not for scripts to read, and not sent along from other sites. Where there is TLS, `secure: true`
    // belongs to it.
    reply.setCookie(COOKIE, session, { httpOnly: true, sameSite: 'strict', path: '/' });
    return { me: id };
  },
);

/** Leave for the page of whoever is signed in to send three pictures to their ticket, within ten minutes. */
app.post('/grant', async (request) => {
  const person = personOf(request);
  const api = await sluice();
  const { token } = await createGrants(api).create({
    owner: { tenant: TENANT, subject: person },
    policy: 'images',
    uploads: 3,
    metadata: { by: person },
    reference: ticketOf(person),
    expiresInSeconds: 600,
  });
  return { endpoint: api.endpoint, grant: token };
});

/** What Sluice has accepted for the ticket. The page is not asked. */
app.get('/ticket', async (request) => {
  const person = sessions.get(request.cookies[COOKIE] ?? '');
  if (person === undefined) return { files: [] }; // the page then asks who its visitor is
  const { uploads } = await createClient(await sluice()).list({
    tenant: TENANT,
    owner: person,
    reference: ticketOf(person),
    state: 'accepted',
  });
  return { me: person, files: uploads.map(({ id, filename }) => ({ id, filename })) };
});

const { outputFiles } = await build({
  entryPoints: [join(folder, 'page', 'page.ts')],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
});
const FILES = {
  '/': ['text/html; charset=utf-8', await readFile(join(folder, 'page', 'index.html'), 'utf8')],
  '/page.js': ['text/javascript; charset=utf-8', outputFiles[0]?.text ?? ''],
  '/style.css': ['text/css; charset=utf-8', await readFile(join(folder, '..', 'style.css'), 'utf8')],
} as const;
for (const [path, [type, content]] of Object.entries(FILES)) {
  app.get(path, (_, reply: FastifyReply) => reply.type(type).send(content));
}

app.setErrorHandler((error, _, reply) => {
  const { statusCode = 500, message } = Object(error);
  if (statusCode >= 500) console.error(error);
  return reply.code(statusCode).send({ message: statusCode === 500 ? 'That is our fault.' : message });
});

await app.listen({ host: '127.0.0.1', port: PORT });
console.log(`
  Open http://127.0.0.1:${PORT}, and sign in as ada or ben with ${PASSWORD}.
`);
