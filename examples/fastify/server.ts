// A backend with users, sessions and an issuer of its own. Its page uploads pictures of people through
// Sluice.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env } from 'node:process';
import cookie from '@fastify/cookie';
import { createClient, ProblemError, SluiceError } from '@sluice/client';
import { build } from 'esbuild';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { readStackFile } from '../local-stack.ts';
import { openIssuer } from './issuer.ts';
import { createPeople, PASSWORD } from './people.ts';

const PORT = Number(env.PORT ?? 3000);
/** Where Sluice finds this backend, and the `iss` of its tokens. */
const ISSUER = `http://127.0.0.1:${PORT}`;
const AUDIENCE = 'example-fastify';
const COOKIE = 'session';

const START = `npm start -- --issuer ${ISSUER} --audience ${AUDIENCE} --policies examples/fastify/policies.ts`;

const folder = import.meta.dirname;
const issuer = await openIssuer(ISSUER, AUDIENCE, env.KEY_FILE ?? join(folder, '.keys', 'rs256.json'));
const people = createPeople();
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

/**
 * Sluice as one of the app's users, in their page's name. Throws when it does not run, or takes no tokens of
 * ours.
 */
async function readEndpoint(): Promise<string> {
  const stack = await readStackFile();
  if (stack === undefined)
    throw new Refusal(503, `Sluice does not run on this machine. Start it with: ${START}`);
  if (stack.issuer?.url !== ISSUER || stack.issuer.audience !== AUDIENCE) {
    throw new Refusal(503, `Sluice runs, but takes no tokens of this backend. Start it with: ${START}`);
  }
  return stack.apiUrl;
}

async function clientFor(userId: string) {
  return createClient({ endpoint: await readEndpoint(), token: () => issuer.sign(userId) });
}

function personOf({ cookies }: FastifyRequest) {
  const person = people.bySession(cookies[COOKIE]);
  if (person === undefined) throw new Refusal(401, 'Sign in first.');
  return person;
}

// ── The issuer: what Sluice reads ──

app.get('/.well-known/openid-configuration', () => issuer.discovery);
app.get('/.well-known/jwks.json', () => issuer.keys);

// ── Sessions: the app's own, by cookie ──

type Login = { readonly id: string; readonly password: string };
const text = { type: 'string', maxLength: 200 } as const;
const uploadId = { type: 'string', pattern: '^[\\w-]{1,128}$' } as const;

app.post<{ Body: Login }>(
  '/session',
  {
    schema: {
      body: { type: 'object', required: ['id', 'password'], properties: { id: text, password: text } },
    },
  },
  (request, reply) => {
    const session = people.signIn(request.body.id, request.body.password);
    if (session === undefined) throw new Refusal(401, 'That is not the password.');
    // Not for scripts to read, and not sent along from other sites. Where there is TLS, `secure: true`
    // belongs to it.
    reply.setCookie(COOKIE, session, { httpOnly: true, sameSite: 'strict', path: '/' });
    return { me: request.body.id };
  },
);

app.delete('/session', (request, reply) => {
  people.signOut(request.cookies[COOKIE]);
  reply.clearCookie(COOKIE, { path: '/' });
  return {};
});

// ── Uploads ──

/** What the page uploads with. The cookie stays here: Sluice is another origin, and knows tokens only. */
app.post('/upload-token', async (request) => {
  const { id } = personOf(request);
  return { endpoint: await readEndpoint(), token: await issuer.sign(id) };
});

/** The page says what it has uploaded; only Sluice says whether that is theirs, and was accepted. */
app.put<{ Body: { readonly uploadId: string } }>(
  '/me/avatar',
  { schema: { body: { type: 'object', required: ['uploadId'], properties: { uploadId } } } },
  async (request) => {
    const person = personOf(request);
    const client = await clientFor(person.id);
    const upload = await client.status(request.body.uploadId);
    if (upload.state !== 'accepted' || upload.policy !== 'avatars') {
      throw new Refusal(409, 'That upload is no picture that was accepted.');
    }
    const { avatar: previous } = person;
    person.avatar = upload.id;
    // What is left over when this fails can be deleted another day; the new picture stands.
    if (previous !== undefined && previous !== upload.id) await client.delete(previous).catch(console.error);
    return toView(person);
  },
);

/** Whoever is not signed in learns that, and nobody's name. */
app.get('/people', (request) => {
  const me = people.bySession(request.cookies[COOKIE])?.id;
  return { me, people: me === undefined ? [] : people.all().map(toView) };
});

/**
 * Somebody's picture, for everybody who is signed in. Sluice knows its owner alone, in whose name it is
 * asked.
 */
app.get<{ Params: { readonly id: string } }>('/people/:id/avatar', async (request, reply) => {
  personOf(request);
  const owner = people.find(request.params.id);
  if (owner?.avatar === undefined) throw new Refusal(404, 'There is no picture.');
  const { url } = await (await clientFor(owner.id)).download(owner.avatar);
  reply.header('cache-control', 'private, max-age=60'); // the address at S3 lives longer
  return reply.redirect(url);
});

function toView({ id, name, avatar }: ReturnType<typeof people.all>[number]) {
  return { id, name, avatar: avatar === undefined ? undefined : `/people/${id}/avatar?${avatar}` };
}

// ── The page ──

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
  const [status, message] = toAnswer(error);
  if (status === 500) console.error(error);
  return reply.code(status).send({ message });
});

/** What is told of an error: of those that are meant for people, their words. */
function toAnswer(error: unknown): readonly [status: number, message: string] {
  // Somebody else's upload answers like one that is not there.
  if (error instanceof ProblemError && error.problem.status === 404) return [404, error.message];
  if (error instanceof SluiceError) return [502, error.message];
  const { statusCode = 500, message } = Object(error);
  return statusCode === 500 ? [500, 'That is our fault.'] : [statusCode, message];
}

try {
  await app.listen({ host: '127.0.0.1', port: PORT });
} catch (error) {
  if (Object(error).code !== 'EADDRINUSE') throw error;
  console.error(`Port ${PORT} is taken. Choose another: PORT=${PORT + 100} npm start -w examples/fastify`);
  process.exit(1);
}
console.log(`
  The page is at ${ISSUER}. Sign in as Ada or Ben, with ${PASSWORD}.

  Sluice has to take this backend's tokens. In another terminal:

    ${START}
`);
