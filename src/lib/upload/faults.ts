// What goes wrong on an upload's path and is neither a verdict nor a refusal. Nothing catches it on the way
// out: the queue asks again, and an HTTP caller hears of a fault.

import type { Upload } from '@sluice/contract/upload';

/**
 * A later worker has taken the upload over, so this one's verdict does not count. The queue finds it settled.
 */
export class Superseded extends Error {
  override readonly name = 'Superseded';

  constructor({ id, epoch }: Upload) {
    super(`upload ${id} was taken over by a later worker than epoch ${epoch}`);
  }
}

/** Another worker is verifying the same upload. The queue finds it settled. */
export class Busy extends Error {
  override readonly name = 'Busy';

  constructor({ id }: Upload) {
    super(`upload ${id} is being verified by another worker`);
  }
}

/** The object was overwritten or removed since its facts were read: read them again. */
export class ObjectChanged extends Error {
  override readonly name = 'ObjectChanged';

  constructor(doing: string) {
    super(`the object changed while ${doing}`);
  }
}

/**
 * The store's answer lacks what was asked for, or is of something else: no verdict and no removal rests on
 * it.
 */
export class UnbelievableAnswer extends Error {
  override readonly name = 'UnbelievableAnswer';

  constructor(what: string) {
    super(`not believed: ${what}`);
  }
}

/**
 * A copy too large for the time there was has got further, and goes on when it is asked for again.
 * Not a failure: what was copied stays copied.
 */
export class CopyUnfinished extends Error {
  override readonly name = 'CopyUnfinished';

  constructor(done: number, of: number) {
    super(`${done} of ${of} parts are copied`);
  }
}

/** A row of the ledger that this code does not understand. Nothing is decided, changed or removed by it. */
export class UnreadableRow extends Error {
  override readonly name = 'UnreadableRow';
  /** of the row, as far as it has one */
  readonly id: string;

  constructor(id: string, why: string) {
    super(`row ${id} cannot be read: ${why}`);
    this.id = id;
  }
}
