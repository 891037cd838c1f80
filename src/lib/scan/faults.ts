/** A message of a scanner’s queue that says nothing which can be worked on. What was in it is not shown. */
export class UnreadableRequest extends Error {
  override readonly name = 'UnreadableRequest';
  constructor(what: string) {
    super(`a request for a scan is unreadable: ${what}`);
  }
}

/** A message of the queue of results that holds no result. What was in it is not shown. */
export class UnreadableResult extends Error {
  override readonly name = 'UnreadableResult';
  constructor(what: string) {
    super(`a scan result is unreadable: ${what}`);
  }
}
