import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { realTiming } from '@sluice/client/timing';
import { serve } from '../connection/servers/server.ts';
import { openShell, type ShellOptions } from './shell.ts';

export const SECRET = 'a-secret-that-nobody-may-see';

/** An S3 of a few canned answers: by method and the start of the URL; `seen` lists what it was asked. */
export async function startStore(answers: Readonly<Record<string, RequestListener>> = {}) {
  const seen: string[] = [];
  const server = await serve((request, response) => {
    const asked = `${request.method} ${request.url}`;
    seen.push(asked);
    const known = Object.entries(answers).find(([start]) => asked.startsWith(start));
    if (known) known[1](request.resume(), response);
    else response.writeHead(404).end();
  });
  return { url: server.url, seen, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** Answers with a body. */
export function answer(
  status: number,
  body = '',
  headers: Readonly<Record<string, string>> = {},
): RequestListener {
  return (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(body);
}

/** `sluice` beside an S3, as somebody whose keys are in the environment and who has no files of their own. */
export async function openStorageShell() {
  const shell = await openShell();
  const files = {
    AWS_CONFIG_FILE: join(shell.folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(shell.folder, 'credentials'),
  };
  const keys = {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE1234',
    AWS_SECRET_ACCESS_KEY: SECRET,
  };
  const run = async (
    argv: readonly string[],
    { env, ...options }: ShellOptions & { readonly env?: Readonly<Record<string, string>> } = {},
  ) => {
    const pipe = new PassThrough();
    const piped = text(pipe);
    const result = await shell.sluice(argv, {
      env: { ...files, ...keys, ...env },
      timing: realTiming,
      openStdout: () => pipe,
      ...options,
    });
    pipe.end();
    return { ...result, piped: await piped };
  };
  return {
    folder: shell.folder,
    file: (name: string) => join(shell.folder, name),
    run,
    runBare: (argv: readonly string[], env: Readonly<Record<string, string>> = {}) =>
      shell.sluice(argv, { env: { ...files, ...env }, timing: realTiming }),
    [Symbol.asyncDispose]: () => shell[Symbol.asyncDispose](),
  };
}

/** The same, with a store to talk to; `s3` runs a command at it. */
export async function openStorage(answers: Parameters<typeof startStore>[0] = {}) {
  const shell = await openStorageShell();
  const store = await startStore(answers);
  return {
    ...shell,
    store,
    s3: (argv: readonly string[], options: Parameters<typeof shell.run>[1] = {}) =>
      shell.run([...argv, '--endpoint', store.url], options),
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await shell[Symbol.asyncDispose]();
    },
  };
}
