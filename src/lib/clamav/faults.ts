/** clamd could not judge a file this time: it is away, hung up, or answered with an error of its own. */
export class ClamdFailed extends Error {
  override readonly name = 'ClamdFailed';

  constructor(what: string, options?: { readonly cause: unknown }) {
    super(`clamd ${what}`, options);
  }
}

/** The bytes that were to be scanned are not as many as the object has: no judgement rests on them. */
export class IncompleteContent extends Error {
  override readonly name = 'IncompleteContent';

  constructor(sent: number, size: number) {
    super(`${sent} bytes were read of an object of ${size}`);
  }
}
