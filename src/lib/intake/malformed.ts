/**
 * A message that no sender of S3 notifications makes. Trying again cannot help: the queue's dead-letter queue is its
 * place. The message says what is wrong and never repeats what the sender wrote.
 */
export class MalformedNotification extends Error {
  constructor(what: string) {
    super(`not an S3 notification: ${what}`);
    this.name = 'MalformedNotification';
  }
}
