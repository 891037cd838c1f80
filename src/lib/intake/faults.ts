/**
 * A message that no sender of S3 notifications makes. Trying again cannot help: the queue's dead-letter queue
 * is its place. The message says what is wrong and never repeats what the sender wrote.
 */
export class MalformedNotification extends Error {
  override readonly name = 'MalformedNotification';

  constructor(what: string) {
    super(`not an S3 notification: ${what}`);
  }
}

/** There was too little time left to begin. The message comes again, with all of the time. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';

  constructor() {
    super('too little time was left before the deadline');
  }
}

/** The store asked for fewer calls, so this message was not begun. */
export class SlowedDown extends Error {
  override readonly name = 'SlowedDown';

  constructor() {
    super('the store asks for fewer calls: not begun');
  }
}
