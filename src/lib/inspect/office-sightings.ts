import { toHost } from './hosts.ts';

/** What was seen in the parts of an Office file. */
export type OfficeSightings = {
  macros: boolean;
  encrypted: boolean;
  dde: boolean;
  /** the names of embedded files and objects */
  readonly embedded: Set<string>;
  readonly hosts: Set<string>;
};

const MOST_HOSTS = 1_000;

/** Notes the host of an address that is loaded when the file is opened. */
export function addHost({ hosts }: OfficeSightings, address: string): void {
  const host = toHost(address);
  if (host !== undefined && hosts.size < MOST_HOSTS) hosts.add(host);
}
