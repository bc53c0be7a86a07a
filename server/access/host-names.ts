/**
 * Names that a server is called by. A page of any name may be made to lead to this machine once it is open (DNS rebinding), and is
 * then to its browser a page of this server: only the `Host` that it asks for tells.
 */
import { isIP } from 'node:net';

const HOST = /^(?:\[([\da-f:.]+)\]|([^:@/?#\s[\]]+))(?::\d*)?$/i;

/** Whether `host`, a header, names this server: by an address, which no name server can change; as localhost; or as one of `names`. */
export function isKnownHost(host: string | undefined, names: readonly string[]): boolean {
  if (host === undefined || names.includes('*')) return true; // no browser leaves it out
  const [, address, name = address ?? ''] = HOST.exec(host) ?? [];
  const bare = name.toLowerCase().replace(/\.$/, '');
  return isIP(bare) !== 0 || bare === 'localhost' || bare.endsWith('.localhost') || names.includes(bare);
}
