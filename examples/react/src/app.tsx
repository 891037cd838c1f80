import { createClient, createUploader, rememberIn } from '@sluice/client';
import { useEffect, useMemo, useState } from 'react';
import { readSession, type Session } from './session.ts';
import { Uploads } from './uploads.tsx';

const MiB = 1024 ** 2;

export function App() {
  const [session, setSession] = useState<Session>();
  const [problem, setProblem] = useState<string>();

  const begin = () => {
    setProblem(undefined);
    readSession().then(setSession, (error: Error) => setProblem(error.message));
  };
  useEffect(begin, []);

  return (
    <>
      <header className="masthead">
        <div>
          <h1>Uploads</h1>
          <p className="soft">With React and useUploads of @sluice/client</p>
        </div>
        {session && <p className="soft">Signed in as {session.user}</p>}
      </header>
      {problem !== undefined && (
        <section className="card notice row" role="alert">
          <p>{problem}</p>
          <div className="actions">
            <button type="button" onClick={begin}>
              Try again
            </button>
          </div>
        </section>
      )}
      {session && <SignedIn session={session} />}
    </>
  );
}

function SignedIn({ session }: { readonly session: Session }) {
  const tools = useMemo(() => {
    const { endpoint, user } = session;
    let { token } = session;
    const api = {
      endpoint,
      // Called before each request, and again when a token is refused: tokens end while a page stays open.
      token: async (refused?: string) => {
        if (refused === token) token = (await readSession()).token;
        return token;
      },
    };
    const uploader = createUploader({
      ...api,
      // What goes in parts can be paused, and goes on after a reload. 64 MiB is the default.
      multipartAboveBytes: 16 * MiB,
      unfinished: rememberIn(localStorage, { scope: `${user}:` }),
    });
    return { uploader, client: createClient(api) };
  }, [session]);
  return <Uploads {...tools} />;
}
