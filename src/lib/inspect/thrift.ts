import { viewOf } from '../sniff/bytes.ts';

/** Kinds of values in Thrift's compact protocol. */
export const THRIFT = { true: 1, false: 2, list: 9, set: 10, map: 11, struct: 12 } as const;

const MOST_DEEP = 64;

/** Walks through a structure of Thrift's compact protocol, and keeps nothing of it. */
export type ThriftReader = {
  readonly position: () => number;
  /** Calls back with each field's id and kind; what the callback does not read is passed over. */
  readonly struct: (field: (id: number, kind: number) => boolean) => void;
  /** Calls back for each of a list's values; their number. */
  readonly list: (each: (index: number) => boolean) => number;
  readonly integer: () => number;
};

/** @throws RangeError at what is no such structure */
export function createThriftReader(bytes: Uint8Array): ThriftReader {
  const view = viewOf(bytes);
  let at = 0;

  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = view.getUint8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number without an end');
  };
  const integer = () => {
    const value = varint();
    return Number(value % 2n === 0n ? value / 2n : -(value + 1n) / 2n);
  };
  const jump = (length: number) => {
    at += length;
    if (at > bytes.length) throw new RangeError('beyond the end');
  };
  const list = (each: (index: number, kind: number) => void) => {
    const head = view.getUint8(at++);
    const size = head >> 4 === 15 ? Number(varint()) : head >> 4;
    for (let index = 0; index < size; index++) each(index, head & 15);
    return size;
  };
  const struct = (field: (id: number, kind: number) => boolean, depth: number) => {
    if (depth > MOST_DEEP) throw new RangeError('nested too deep');
    for (let id = 0; ; ) {
      const head = view.getUint8(at++);
      if (head === 0) return;
      id = head >> 4 === 0 ? integer() : id + (head >> 4);
      if (!field(id, head & 15)) skip(head & 15, depth, true);
    }
  };
  const skip = (kind: number, depth: number, isField: boolean): void => {
    // A field's truth is in its kind; a list's are bytes.
    if (kind === THRIFT.true || kind === THRIFT.false) jump(isField ? 0 : 1);
    else if (kind === 3) jump(1);
    else if (kind >= 4 && kind <= 6) varint();
    else if (kind === 7) jump(8);
    else if (kind === 8) jump(Number(varint()));
    else if (kind === THRIFT.list || kind === THRIFT.set) list((_, inner) => skip(inner, depth + 1, false));
    else if (kind === THRIFT.map) skipMap(depth);
    else if (kind === THRIFT.struct) struct(() => false, depth + 1);
    else throw new RangeError(`no kind of value: ${kind}`);
  };
  const skipMap = (depth: number) => {
    if (depth > MOST_DEEP) throw new RangeError('nested too deep');
    const size = Number(varint());
    if (size === 0) return;
    const kinds = view.getUint8(at++);
    for (let index = 0; index < size; index++) {
      skip(kinds >> 4, depth + 1, false);
      skip(kinds & 15, depth + 1, false);
    }
  };

  return {
    position: () => at,
    struct: (field) => struct(field, 0),
    list: (each) =>
      list((index, kind) => {
        if (!each(index)) skip(kind, 1, false);
      }),
    integer,
  };
}
