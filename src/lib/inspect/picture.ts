import type { InspectedFile } from './file.ts';
import type { Window } from './window.ts';

/** What a picture's own fields say of it. */
export type Picture = {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** of all frames; width times height times frames when absent */
  readonly pixels?: number;
  readonly gps: boolean;
  /** why nobody knows more */
  readonly malformed?: string;
};

/** Reads the fields of one format; undefined if they are not there. */
export type PictureReader = (window: Window, file: InspectedFile) => Promise<Picture | undefined>;
