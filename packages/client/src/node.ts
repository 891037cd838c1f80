// `@sluice/client/node`: what a program on Node has beside a page's.
export { openFile } from './file.ts';
export type { FileSource } from './platform.ts';
