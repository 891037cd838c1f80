import type { QuotaLimits } from './quota.ts';

/**
 * Every way in which Sluice says no to a caller: one row per case, and no two cases share a code.
 * The HTTP status, the retry advice and docs/errors.md come from this table.
 */
export const REFUSALS = {
  body_missing: [400, false, 'The request has no body.'],
  body_malformed: [400, false, 'The body is not a JSON object in UTF-8.'],
  body_too_deep: [422, false, 'The body is nested more than 16 levels deep.'],
  text_invalid: [422, false, 'A text holds half of a surrogate pair, which is no character.'],
  body_too_large: [413, false, 'The body is larger than this route takes.'],
  media_type_unsupported: [415, false, 'The body must be sent as application/json.'],
  field_unknown: [422, false, 'The body has a field that this route does not know.'],
  field_missing: [422, false, 'A required field is missing.'],
  filename_invalid: [
    422,
    false,
    'The file name is empty, too long, or holds characters that cannot be seen, or a path.',
  ],
  filename_unsafe: [
    422,
    false,
    'Some system would run a file of this name, or do more with it than keep it.',
  ],
  extension_mismatch: [
    422,
    false,
    'The extension of the file name stands for another type than was declared.',
  ],
  content_type_invalid: [422, false, 'The content type is not of the form type/subtype.'],
  size_invalid: [422, false, 'The size is not a whole number of bytes, zero or more.'],
  checksum_invalid: [422, false, 'The checksum is not base64 of a digest of its algorithm.'],
  checksum_required: [422, false, 'The policy demands a checksum.'],
  metadata_invalid: [422, false, 'The metadata is not a flat object of short text values.'],
  metadata_too_large: [422, false, 'The metadata is larger than 2 KB.'],
  metadata_key_reserved: [422, false, 'The metadata has a key that is reserved.'],
  metadata_key_unknown: [422, false, 'The policy does not take this metadata key.'],
  readers_invalid: [422, false, 'The readers are neither owner, tenant nor anyone.'],
  readers_not_allowed: [422, false, 'The policy does not let these readers read its files.'],
  reference_invalid: [422, false, 'The reference is not a text of 1 to 256 bytes.'],
  transport_invalid: [422, false, 'The transport is neither put, post nor multipart.'],
  policy_unknown: [422, false, 'There is no policy of this name.'],
  type_not_allowed: [422, false, 'No policy, or not this one, takes this content type.'],
  size_required: [422, false, 'An upload in parts of at most 5 MiB has to say its size.'],
  size_below_minimum: [422, false, 'The file is smaller than the policy takes.'],
  size_over_limit: [413, false, 'The file is larger than the policy takes.'],
  multipart_required: [422, false, 'A file of more than 5 GiB needs the transport multipart.'],
  multipart_empty: [422, false, 'An empty file has no parts: send it with the transport put or post.'],
  multipart_checksum: [
    422,
    false,
    'S3 keeps no such checksum of a multipart upload as a whole: declare crc64nvme, crc32 or crc32c.',
  ],
  idempotency_key_invalid: [400, false, 'The Idempotency-Key is not 1 to 255 visible ASCII characters.'],
  idempotency_key_reused: [422, false, 'The Idempotency-Key was used before with another request.'],
  request_running: [409, true, 'Another call with this Idempotency-Key is beginning the upload just now.'],
  batch_invalid: [422, false, 'The list does not hold 1 to 100 uploads, or ids of uploads.'],
  out_of_time: [503, true, 'The time of the call was over before this was done.'],
  ids_invalid: [422, false, 'The ids are not a list of 1 to 200 texts.'],
  inline_invalid: [422, false, 'The wish for inline is neither true nor false.'],
  scope_invalid: [400, false, 'The scope of the listing is neither own nor tenant.'],
  state_filter_invalid: [400, false, 'The state filter names no state.'],
  reference_filter_invalid: [400, false, 'The reference to look for is not a text of 1 to 256 bytes.'],
  limit_invalid: [400, false, 'The limit is not a whole number from 1 to 100.'],
  since_invalid: [
    400,
    false,
    'The since is not a time such as 2026-11-20T09:15:00Z, or it comes together with after.',
  ],
  event_type_unknown: [400, false, 'There is no event of this type.'],
  cursor_invalid: [400, false, 'The cursor was not made by this listing.'],
  part_numbers_invalid: [
    422,
    false,
    'The part numbers are not whole numbers within the upload, at most 1,000 of them.',
  ],
  part_checksum_invalid: [422, false, 'The checksum of a part is not base64 of a digest of its algorithm.'],
  part_etag_invalid: [422, false, 'The ETag of a part is not a text of 1 to 256 characters.'],
  parts_format_invalid: [422, false, 'The format is neither urls nor compact.'],
  not_multipart: [409, false, 'The upload is not a multipart upload.'],
  upload_not_open: [409, false, 'The upload takes no more bytes.'],
  multipart_gone: [
    410,
    false,
    'S3 does not hold the parts of this upload any more: request the upload again.',
  ],
  parts_missing: [409, false, 'Some parts have not arrived: send them, then complete again.'],
  part_size_wrong: [409, false, 'A part has another size than it was planned with: send it again.'],
  multipart_size_wrong: [409, false, 'The parts together are smaller or larger than the policy takes.'],
  multipart_checksum_mismatch: [409, false, 'The parts together do not have the declared checksum.'],
  completion_running: [409, true, 'S3 is putting the parts together just now: ask again in a moment.'],
  session_types_invalid: [
    422,
    false,
    'The types of a grant or an upload session are 1 to 20 content types that a policy takes.',
  ],
  session_max_bytes_invalid: [
    422,
    false,
    'The maxBytes of a grant or an upload session is not a whole number of bytes, one or more.',
  ],
  session_lifetime_invalid: [
    422,
    false,
    'A grant or an upload session lasts a whole number of seconds from 60 to 86,400.',
  ],
  grant_uploads_invalid: [422, false, 'The uploads of a grant are not a whole number, one or more.'],
  grant_bytes_invalid: [422, false, 'The bytes of a grant are not a whole number, one or more.'],
  grant_not_found: [404, false, 'There is no such grant.'],
  owner_blocked: [403, false, 'Nothing new is taken from this owner: an operator has blocked them.'],
  grant_revoked: [403, false, 'The grant was revoked.'],
  grant_uploads_used_up: [403, false, 'The grant is used up: it takes no more files.'],
  grant_bytes_used_up: [403, false, 'The grant has fewer bytes left than the file may have.'],
  quota_files_exceeded: [403, false, 'The owner has as many files as the quota allows.'],
  quota_bytes_exceeded: [403, false, 'The quota of the owner has fewer bytes left than the file may have.'],
  tenant_quota_files_exceeded: [403, false, 'The tenant has as many files as its quota allows.'],
  tenant_quota_bytes_exceeded: [
    403,
    false,
    'The quota of the tenant has fewer bytes left than the file may have.',
  ],
  unfinished_too_many: [429, true, 'The owner has too many unfinished uploads at once.'],
  requests_too_many: [429, true, 'The owner has requested too many uploads in this minute.'],
  usage_not_counted: [404, false, 'This deployment does not count what they have.'],
  policy_not_granted: [422, false, 'The grant is for another policy.'],
  session_invalid: [403, false, 'The grant or upload session is not one that Sluice made.'],
  session_expired: [403, false, 'The grant or upload session has ended: ask for a new one.'],
  credentials_not_offered: [
    404,
    false,
    'Sluice hands out no credentials: leave getTemporarySecurityCredentials off, and every upload is signed by itself.',
  ],
  remote_files_unsupported: [
    501,
    false,
    'Files from Google Drive, Dropbox and other remote providers need a Companion server; Sluice takes files of the device.',
  ],
  push_not_offered: [
    404,
    false,
    'This deployment takes no pushed notifications: set its parameter arrivalsPush.',
  ],
  push_secret_wrong: [403, false, 'The request does not hold the secret of pushed notifications.'],
  notification_invalid: [422, false, 'The body is not a notification of a store that speaks S3.'],
  token_invalid: [
    401,
    false,
    'The token is none that this deployment takes: it is malformed, of another issuer or audience, or its signature is wrong.',
  ],
  token_expired: [401, false, 'The token has expired: get a new one.'],
  caller_kind_refused: [403, false, 'This route is not for this kind of caller.'],
  scope_missing: [403, false, "The service's token lacks a scope that this route asks for."],
  owner_not_allowed: [403, false, 'Only a service says whose uploads it means: leave this out.'],
  owner_invalid: [422, false, 'The owner is not an object of two texts, tenant and subject.'],
  owner_filter_invalid: [400, false, 'The tenant or the owner is not a text of 1 to 1,024 bytes.'],
  tenant_not_served: [403, false, "The service's token is for another tenant."],
  tenant_missing: [403, false, "The caller's token does not name a tenant."],
  upload_not_found: [404, false, 'There is no such upload.'],
  route_not_found: [404, false, 'There is no such page.'],
  not_verified_yet: [409, true, 'The upload has not been verified yet.'],
  upload_rejected: [410, false, 'The upload was rejected, so there is nothing to download.'],
  upload_recalled: [410, false, 'Something harmful was found in the file later, so it was taken back.'],
  upload_ended: [
    410,
    false,
    'The upload has expired, or was aborted or deleted, so there is nothing to download.',
  ],
  verification_running: [409, true, 'The upload is being verified just now.'],
  rejected_not_deletable: [409, false, 'A rejected upload cannot be deleted by its owner.'],
  webhook_url_invalid: [422, false, 'Webhooks are not sent to this URL.'],
  webhook_types_invalid: [422, false, 'The types of a webhook are one or more types of events.'],
  webhook_signatures_invalid: [422, false, 'The signatures of a webhook are v1, v1a, or both.'],
  webhooks_too_many: [409, false, 'There are 20 webhooks, and no more are taken: remove one.'],
  webhook_exists: [
    409,
    false,
    'There is a webhook of this URL, with other types or signatures: remove it first.',
  ],
  webhook_version_wrong: [409, false, 'The version is not that of the secret in use.'],
  webhook_not_found: [404, false, 'There is no such webhook.'],
  webhook_disabled: [409, false, 'The webhook is disabled: enable it first.'],
  webhook_of_deployment: [
    409,
    false,
    'The deployment names this webhook itself: change its parameter webhookUrl.',
  ],
  event_id_invalid: [422, false, 'The event is not named by its id, a text of 1 to 255 characters.'],
  delivery_not_found: [404, false, 'This webhook has no delivery of this event.'],
  delivery_running: [409, true, 'The event is being delivered just now.'],
  too_busy: [503, true, 'A service that Sluice stands on is busy.'],
} as const satisfies Record<string, readonly [status: number, retryable: boolean, title: string]>;

export type RefusalCode = keyof typeof REFUSALS;

/** More for the reader of a refusal; every value is fit to show. */
export type RefusalExtras = {
  /** what exactly is wrong, and what to do */
  readonly detail?: string;
  /** the field of the request at fault, as a dotted path */
  readonly field?: string;
  readonly state?: string;
  readonly reason?: string;
  readonly retryAfterSeconds?: number;
  /** what is left of a quota */
  readonly left?: QuotaLimits;
};

/** A "no" that the caller can understand and act on. Anything else that is thrown is a fault. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly status: number;
  readonly retryable: boolean;
  readonly title: string;
  readonly extras: RefusalExtras;

  constructor(code: RefusalCode, extras: RefusalExtras = {}) {
    const [status, retryable, title] = REFUSALS[code];
    super(extras.detail ?? title);
    this.code = code;
    this.status = status;
    this.retryable = retryable;
    this.title = title;
    this.extras = extras;
  }
}
