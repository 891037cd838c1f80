import type { TokenSource } from '@sluice/client/api';
import type { BatchClient } from '@sluice/client/batch';
import { NotSettledError, UnauthorizedError } from '@sluice/client/errors';
import type { PolicyList, Upload } from '@sluice/client/resource';
import { admit } from './admission.ts';
import type { UploaderDeps, Uploads } from './dashboard.ts';
import { create, find } from './elements.ts';
import type { Notices } from './notices.ts';
import { createSigning } from './signing.ts';
import { toOutcomeWords, toTransferErrorWords } from './words.ts';

export type UploadAreaDeps = Pick<UploaderDeps, 'chosenPolicy' | 'onRefused'> & {
  readonly endpoint: string;
  readonly token: TokenSource;
  readonly client: BatchClient;
  readonly policies: PolicyList;
  readonly onStarted: () => void;
  /** Called when the server knows more than the list shows. */
  readonly onChange: () => void;
  readonly onUpload: (upload: Upload) => void;
  readonly notices: Notices;
  readonly report: (error: unknown) => unknown;
};

/** Loads Uppy into the upload area, and follows what it sends until the verdict is in. */
export async function openUploadArea(deps: UploadAreaDeps): Promise<Uploads> {
  const { endpoint, token, client, notices } = deps;
  const target = find(document, '#upload', HTMLElement);

  const awaitVerdict = async (uploadId: string): Promise<void> => {
    deps.onChange();
    try {
      const upload = await client.wait(uploadId);
      deps.onUpload(upload);
      notices.announce(toOutcomeWords(upload));
    } catch (error) {
      if (!(error instanceof NotSettledError)) deps.report(error); // else the list goes on to follow it
    }
  };

  const signing = createSigning({
    endpoint,
    token,
    now: Date.now,
    // A courtesy: what is not given up here expires by itself.
    onAbandoned: (uploadId) => void client.delete(uploadId).then(deps.onChange, () => undefined),
  });

  const [{ openDashboard }] = await Promise.all([
    import('./dashboard.ts'),
    loadStyle('console/dashboard.css'),
  ]);
  return openDashboard({
    target,
    signing,
    admit: (file) => admit(file, deps.chosenPolicy(), deps.policies),
    chosenPolicy: deps.chosenPolicy,
    onRefused: deps.onRefused,
    onStarted: (names) => {
      deps.onStarted();
      notices.announce(names.length === 1 ? `Sending ${names[0]}` : `Sending ${names.length} files`);
    },
    onSent: (uploadId) => void awaitVerdict(uploadId),
    onFailed: (name, error) => {
      if (error instanceof UnauthorizedError) return deps.report(error);
      const { text, requestId } = toTransferErrorWords(error);
      notices.show({ text: `${name}: ${text}`, ...(requestId !== undefined && { requestId }) });
      deps.onChange();
    },
    onMessage: (text) => notices.show({ text }),
  });
}

/** Resolves when a style sheet is in force, so that nothing is seen without it. */
function loadStyle(href: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const link = create('link', '', { rel: 'stylesheet', href });
    link.addEventListener('load', () => resolve());
    link.addEventListener('error', () => reject(new Error(`There is no ${href}.`)));
    document.head.append(link);
  });
}
