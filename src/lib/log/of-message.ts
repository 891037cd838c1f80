/**
 * What a failure's line says of the upload that a message is about, as much as can be read of it: a request
 * for a scan, its result, or an event.
 */
export function ofMessage(body: string): Readonly<Record<string, string | undefined>> {
  let fields: Readonly<Record<string, unknown>>;
  try {
    fields = Object(JSON.parse(body));
  } catch {
    return {}; // the message id is all that there is
  }
  const { uploadId, subject, key, correlationId } = fields;
  return {
    uploadId: toText(uploadId ?? subject),
    key: toText(key),
    correlation_id: toText(correlationId),
  };
}

/** What it says of an object that is scanned. */
export function ofScan({
  uploadId,
  key,
  correlationId,
}: {
  readonly uploadId: string;
  readonly key: string;
  readonly correlationId?: string;
}) {
  return { uploadId, key, correlation_id: correlationId };
}

function toText(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, 1_024) : undefined;
}
