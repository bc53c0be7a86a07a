import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a page may talk to us. Programs send no `Origin` and are let through; pages of this server are, and those of
 * `allowed` (`https://app.example`, or `*` for all). Browsers let any page open a WebSocket anywhere: only we can refuse.
 */
export function isAllowedOrigin({ origin, host }: IncomingHttpHeaders, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes('*')) return true;
  try {
    // A proxy that ends TLS changes the scheme that we see, so it is not compared.
    const url = new URL(origin);
    return allowed.includes(url.origin) || url.host === host?.toLowerCase();
  } catch {
    return false; // `null`: a page of a file, or one that hides where it is from
  }
}
