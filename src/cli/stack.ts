import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The local stack, as `npm start` describes it in `.sluice/stack.json`. */
export type LocalStack = {
  /** the folder that the file is in */
  readonly folder: string;
  readonly apiUrl: string;
  readonly userPoolClientId: string;
  /** where Cognito answers */
  readonly endpoint: string;
  readonly demo: { readonly email: string; readonly password: string };
};

/** The stack of this folder or the nearest one above it; undefined when there is none, or its file is not readable as one. */
export const findStack = async (folder: string): Promise<LocalStack | undefined> => {
  const text = await readFile(join(folder, '.sluice', 'stack.json'), 'utf8').catch(() => undefined);
  if (text !== undefined) return parseStack(join(folder, '.sluice'), text);
  const above = dirname(folder);
  return above === folder ? undefined : findStack(above);
};

const parseStack = (folder: string, text: string): LocalStack | undefined => {
  try {
    const file: unknown = JSON.parse(text);
    return isStackFile(file) ? { ...file, folder } : undefined;
  } catch {
    return undefined;
  }
};

const isStackFile = (value: unknown): value is Omit<LocalStack, 'folder'> =>
  hasTexts(value, 'apiUrl', 'userPoolClientId', 'endpoint') && hasTexts(value.demo, 'email', 'password');

const hasTexts = (value: unknown, ...keys: readonly string[]): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && keys.every((key) => typeof Object(value)[key] === 'string');
