// The console page: sign in, then upload files and follow them. Loaded by index.html.

import { createCognito } from '@sluice/client/cognito';
import { UnauthorizedError } from '@sluice/client/errors';
import { isFields } from '@sluice/client/fields';
import type { ConsoleConfig } from '@sluice/contract/sign-in';
import { find, setText } from './elements.ts';
import { openFilesPage } from './files-page.ts';
import { resumeLogin } from './login.ts';
import { createNotices, type Notices } from './notices.ts';
import { askToSignIn } from './sign-in.ts';
import { startTheme } from './theme.ts';

// The API lives where the page does, whatever path that is below.
const endpoint = new URL('.', location.href).href;
const FAREWELL = 'sluice.farewell';
const EXPIRED = 'Your session has ended. Sign in again; nothing that was uploaded is lost.';

async function readConfig(): Promise<ConsoleConfig> {
  const response = await fetch(new URL('console/config.json', endpoint));
  const config: unknown = await response.json();
  if (!response.ok || !isConfig(config)) throw new Error('The console has no configuration.');
  return config;
}

// Of the same deployment as this script.
function isConfig(value: unknown): value is ConsoleConfig {
  return isFields(value) && isFields(value.signIn);
}

async function start(notices: Notices): Promise<void> {
  const { signIn } = await readConfig();
  const cognito = signIn.kind === 'cognito' ? createCognito(signIn) : undefined;
  const deps = { cognito, storage: sessionStorage, now: Date.now };
  const login = resumeLogin(deps) ?? (await askToSignIn(signIn, deps));

  const leave = async (words = ''): Promise<void> => {
    await login.end();
    if (words !== '') sessionStorage.setItem(FAREWELL, words);
    // Whatever this page held of somebody's files is gone with it.
    location.reload();
  };
  const report = (error: unknown): (() => void) => {
    if (!(error instanceof UnauthorizedError)) return notices.showError(error);
    void leave(EXPIRED);
    return () => undefined;
  };

  const who = find(document, '#who', HTMLElement);
  setText(who, login.name);
  who.hidden = false;
  const signOut = find(document, '#sign-out', HTMLButtonElement);
  signOut.hidden = false;
  signOut.addEventListener('click', () => leave());
  await openFilesPage({ endpoint, login, notices, report }).catch(report);
}

function sayFarewell(notices: Notices): void {
  const words = sessionStorage.getItem(FAREWELL);
  sessionStorage.removeItem(FAREWELL);
  if (words !== null) notices.show({ text: words });
}

startTheme();
const notices = createNotices();
sayFarewell(notices);
await start(notices).catch(notices.showError);
