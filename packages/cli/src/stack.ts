import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The local stack, as `npm start` describes it in `.sluice/stack.json`. */
export type LocalStack = {
  /** the folder that the file is in */
  readonly folder: string;
  readonly apiUrl: string;
  /** where the local AWS answers, Cognito among it */
  readonly endpoint: string;
  /** whom the command line logs in as; absent where the stack takes the tokens of another issuer */
  readonly user?: DemoUser;
  /** what a backend gets its tokens with; absent where another issuer gives them */
  readonly service?: LocalService;
};

export type LocalService = {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
};

type DemoUser = {
  readonly userPoolClientId: string;
  readonly demo: { readonly email: string; readonly password: string };
};

/**
 * The stack of this folder or the nearest one above it; undefined when there is none, or its file is not
 * readable as one.
 */
export async function findStack(folder: string): Promise<LocalStack | undefined> {
  const text = await readFile(join(folder, '.sluice', 'stack.json'), 'utf8').catch(() => undefined);
  if (text !== undefined) return parseStack(join(folder, '.sluice'), text);
  const above = dirname(folder);
  return above === folder ? undefined : findStack(above);
}

function parseStack(folder: string, text: string): LocalStack | undefined {
  try {
    const file: unknown = JSON.parse(text);
    if (!hasTexts(file, 'apiUrl', 'endpoint')) return undefined;
    const { apiUrl, endpoint } = file;
    return {
      folder,
      apiUrl,
      endpoint,
      ...(hasDemoUser(file) && { user: file }),
      ...(hasService(file) && { service: file.service }),
    };
  } catch {
    return undefined;
  }
}

function hasDemoUser(file: object): file is DemoUser {
  return hasTexts(file, 'userPoolClientId') && 'demo' in file && hasTexts(file.demo, 'email', 'password');
}

function hasService(file: object): file is { readonly service: LocalService } {
  return 'service' in file && hasTexts(file.service, 'tokenUrl', 'clientId', 'clientSecret');
}

function hasTexts<Key extends string>(value: unknown, ...keys: readonly Key[]): value is Record<Key, string> {
  return (
    typeof value === 'object' && value !== null && keys.every((key) => typeof Object(value)[key] === 'string')
  );
}
