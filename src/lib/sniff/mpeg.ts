/**
 * True if the bytes are MPEG audio: a frame header and, if the bytes reach that far, a second one of the same
 * kind. The only magic of MPEG audio is eleven set bits, which one in two thousand random files has.
 */
export function isMpegAudio(sound: Uint8Array, isWhole: boolean): boolean {
  const next = frameLength(sound, 0);
  if (next === undefined) return false;
  // A whole file may end with its only frame; if anything but a frame is between frames, it is something
  // else.
  if (next + 4 > sound.length) return !isWhole || next <= sound.length;
  // Of one version and layer; the last bit says whether a checksum follows, and changes from frame to frame.
  return frameLength(sound, next) !== undefined && ((sound[next + 1] ?? 0) ^ (sound[1] ?? 0)) <= 1;
}

/** The length of the ID3v2 tag at the start with its header and footer; 0 if there is none. */
export function skipId3(prefix: Uint8Array): number {
  const [i, d, three, major = 0xff, , flags = 0, ...size] = prefix.subarray(0, 10);
  if (i !== 0x49 || d !== 0x44 || three !== 0x33 || major > 4 || size.length < 4) return 0;
  if (size.some((byte) => byte > 0x7f)) return 0;
  const footer = (flags & 0x10) === 0 ? 0 : 10;
  return 10 + size.reduce((sum, byte) => sum * 128 + byte, 0) + footer;
}

// kbit/s by [MPEG-1 or not][layer 1, 2, 3], ISO/IEC 11172-3 and 13818-3. 0 is "free", whose length cannot be
// known.
const BITRATES = [
  [
    [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  ],
  [
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  ],
] as const;
const SAMPLE_RATES = [44_100, 48_000, 32_000] as const;

/** The length in bytes of the frame whose header is at `at`; undefined if there is no header. */
function frameLength(bytes: Uint8Array, at: number): number | undefined {
  const [sync, kind = 0, rates = 0] = bytes.subarray(at, at + 4);
  if (sync !== 0xff || (kind & 0xe0) !== 0xe0) return undefined;
  const version = (kind >> 3) & 3; // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5, 1: reserved
  const layer = 4 - ((kind >> 1) & 3); // 4: reserved
  if (version === 1 || layer === 4) return undefined;
  const isFirst = version === 3;
  const kilobits = BITRATES[isFirst ? 0 : 1][layer - 1]?.[rates >> 4];
  const fullRate = SAMPLE_RATES[(rates >> 2) & 3];
  if (!kilobits || fullRate === undefined) return undefined;
  const sampleRate = fullRate / (version === 3 ? 1 : version === 2 ? 2 : 4);
  const padding = (rates >> 1) & 1;
  if (layer === 1) return (Math.floor((12_000 * kilobits) / sampleRate) + padding) * 4;
  const samplesPerByte = layer === 3 && !isFirst ? 72_000 : 144_000;
  return Math.floor((samplesPerByte * kilobits) / sampleRate) + padding;
}
