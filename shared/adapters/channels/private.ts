import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Networks that are not the internet (RFC 6890), of both kinds. */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv6');

/** Whether a text is the address of a private network or of this machine; a name is not, it has to be looked up. */
export function isPrivate(host: string): boolean {
  const kind = isIP(host);
  if (kind === 0) return false;
  // An IPv4 address in an IPv6 coat is held against the IPv4 networks by the list itself.
  return PRIVATE.check(host, kind === 4 ? 'ipv4' : 'ipv6');
}

/** Looks a name up for a connection, and refuses it if any of its addresses is private. */
export const guardedLookup: LookupFunction = (name, options, done) => {
  systemLookup(name, { ...options, all: true }, (error, found) => {
    if (error !== null) return done(error, '', 0);
    const refused = found.find(({ address }) => isPrivate(address));
    if (refused !== undefined) {
      const message = `${name} is an address of a private network (${refused.address}); set allow_private to allow it`;
      return done(Object.assign(new Error(message), { code: 'EPRIVATE' }), '', 0);
    }
    if (options.all) return done(null, found);
    const [first] = found;
    return first === undefined
      ? done(new Error(`${name} has no address`), '', 0)
      : done(null, first.address, first.family);
  });
};
