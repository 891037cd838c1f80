import * as v from 'valibot';
import { parseBody, type WithBody } from './parse-body.ts';
import { ReadersField } from './parse-intent.ts';
import { bodyOf, refusedAs } from './refused-as.ts';

const MAX_DOWNLOADS = 200;

const ShareBody = bodyOf({ readers: ReadersField });

/** The body of `PATCH /uploads/{id}`. */
export function parseShare(event: WithBody): v.InferOutput<typeof ShareBody> {
  return parseBody(ShareBody, event);
}

const DownloadsBody = bodyOf({
  // One that is no id is no mistake: there is no such upload.
  ids: refusedAs('ids_invalid', v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(MAX_DOWNLOADS))),
  inline: v.exactOptional(refusedAs('inline_invalid', v.boolean())),
});

/** The body of `POST /downloads`. */
export function parseDownloads(event: WithBody): v.InferOutput<typeof DownloadsBody> {
  return parseBody(DownloadsBody, event);
}
