import type { Client } from '@sluice/client/client';
import type { Upload } from '@sluice/client/resource';
import type { Uploader, UploadOptions } from '@sluice/client/uploader';
import type { Target } from '../target.ts';
import type { World } from '../world.ts';
import type { Sample } from './sample.ts';

/** What the checks share: who calls, what is sent, and what has to be deleted in the end. */
export type Visit = {
  readonly target: Target;
  /** the same stack as a service; undefined without credentials of one */
  readonly service: Target | undefined;
  readonly sample: Sample;
  readonly world: World;
  readonly client: Client;
  /** the ids of the uploads that were made */
  readonly made: Set<string>;
  /** Sends a file of the sample's type, and waits for its verdict. */
  readonly sendAs: (
    content: string,
    wishes: UploadOptions,
    by?: Uploader,
  ) => Promise<{ readonly upload: Upload; readonly seconds: number }>;
};
