import { clip } from './text.ts';
import type { Screen } from './world.ts';

/** A few lines at the bottom of a terminal that change in place, under lines that stay. */
export type Live = {
  /** Shows a line, or what has become of it: soon, or at once. */
  set(key: string, line: string, when?: 'soon' | 'now'): void;
  /** Takes a line away. */
  clear(key: string): void;
  /** Writes something that stays, on whatever screen, without tearing the lines that change. */
  keep(write: () => void): void;
};

const REDRAW_MS = 60;

/** Live lines on a terminal; nothing at all on a file or a pipe. */
export function createLive(screen: Screen, now: () => number): Live {
  if (screen.isTTY !== true)
    return { set: () => undefined, clear: () => undefined, keep: (write) => write() };
  const lines = new Map<string, string>();
  let shown = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;

  const erase = () => {
    if (shown > 0) screen.write(`\x1b[${shown}A\x1b[J`);
    shown = 0;
  };
  const draw = () => {
    erase();
    // A line that wraps would be two, and the next erase one too few. Terminals that do not know their width
    // say 0.
    for (const line of lines.values()) screen.write(`${clip(line, (screen.columns || 80) - 1)}\n`);
    shown = lines.size;
    drawnAt = now();
  };
  return {
    set: (key, line, when = 'soon') => {
      lines.set(key, line);
      if (when === 'now' || now() - drawnAt >= REDRAW_MS) draw();
    },
    clear: (key) => {
      if (lines.delete(key)) draw();
    },
    keep: (write) => {
      erase();
      write();
      draw();
    },
  };
}

const BAR_WIDTH = 24;

/** A bar for a share between 0 and 1. */
export function toBar(share: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH);
  return '━'.repeat(filled) + '╌'.repeat(BAR_WIDTH - filled);
}
