/** Reads one number of JSON after the other, a byte at a time. */
export type NumberReader = {
  /** false for what begins no number */
  readonly begin: (byte: number) => boolean;
  /** false for what is not part of the number any more */
  readonly next: (byte: number) => boolean;
  readonly isWhole: () => boolean;
};

type Place = 'minus' | 'zero' | 'digits' | 'point' | 'fraction' | 'e' | 'sign' | 'exponent';
const WHOLE: ReadonlySet<Place> = new Set(['zero', 'digits', 'fraction', 'exponent']);

/** Reads the numbers of JSON (RFC 8259, section 6). */
export function createNumberReader(): NumberReader {
  let place: Place = 'digits';
  const turn = (next: Place) => {
    place = next;
    return true;
  };
  return {
    begin(byte) {
      if (byte === 0x2d) return turn('minus');
      if (byte === 0x30) return turn('zero');
      return isDigit(byte) && turn('digits');
    },
    next(byte) {
      if (isDigit(byte)) {
        if (place === 'minus') return turn(byte === 0x30 ? 'zero' : 'digits');
        if (place === 'point') return turn('fraction');
        if (place === 'e' || place === 'sign') return turn('exponent');
        return place !== 'zero';
      }
      const isInteger = place === 'zero' || place === 'digits';
      if (byte === 0x2e) return isInteger && turn('point');
      if (byte === 0x65 || byte === 0x45) return (isInteger || place === 'fraction') && turn('e');
      return (byte === 0x2b || byte === 0x2d) && place === 'e' && turn('sign');
    },
    isWhole: () => WHOLE.has(place),
  };
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
