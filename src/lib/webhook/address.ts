import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Of IPv6, what is given out to networks (RFC 4291). All else is either special or not in use. */
const GIVEN_OUT = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * True for an address that anybody on the internet could reach: none that is private, loopback, link-local,
 * shared (CGNAT), multicast, reserved, or an IPv6 form of an IPv4 address (mapped, NAT64, 6to4, Teredo),
 * behind which an inner one may stand.
 */
export function isPublicAddress(text: string): boolean {
  // The library reads more than the system takes for an address, such as 1.2.3.
  if (isIP(text) === 0 || !ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== 'unicast') return false;
  return !(address instanceof ipaddr.IPv6) || address.match(GIVEN_OUT);
}
