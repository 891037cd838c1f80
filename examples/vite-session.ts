// GET /session on Vite's own server: what your backend does for its page, played by the demo user of the
// local stack.
import type { Plugin } from 'vite';
import { signInAsDemo } from './local-stack.ts';

/** Answers the page with where to upload and as whom, or with a sentence that says what is missing. */
export function session(): Plugin {
  return {
    name: 'session',
    configureServer({ middlewares }) {
      middlewares.use('/session', async (_, response) => {
        response.setHeader('content-type', 'application/json');
        response.setHeader('cache-control', 'no-store');
        try {
          response.end(JSON.stringify(await signInAsDemo()));
        } catch (error) {
          response.statusCode = 503;
          response.end(JSON.stringify({ message: error instanceof Error ? error.message : String(error) }));
        }
      });
    },
  };
}
