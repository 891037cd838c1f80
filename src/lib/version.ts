/**
 * The version of the service, the same as in package.json (a test says so; importing that file would bundle
 * all of it).
 */
export const VERSION = '0.1.0';
