import type { Settings } from '@sluice/connection/settings/values';
import { Refusal } from '@sluice/contract/refusals';
import type { GrantReader } from '../grant/read.ts';
import type { GrantAnswer, GrantPlaces } from './grant-reader.ts';

/**
 * Reads tokens of grants. What it takes, DynamoDB and Secrets Manager, is loaded by the first token of a
 * grant: deployed, it is in a bundle of its own (infra/late-modules.cjs), so that no other call waits for it.
 */
export function lazyGrantReader(settings: Settings, places: GrantPlaces): GrantReader {
  let made: Promise<Reader> | undefined;
  return async (token) => {
    made ??= open(settings, places).catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    const answer = await (await made)(token);
    if ('refused' in answer) throw new Refusal(answer.refused, { detail: answer.why });
    return answer;
  };
}

type Reader = (token: string) => Promise<GrantAnswer>;

async function open(settings: Settings, places: GrantPlaces): Promise<Reader> {
  const { openGrantReader } = await import('./grant-reader.ts');
  return openGrantReader(settings, places);
}
