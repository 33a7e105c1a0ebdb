/**
 * Whether a connection to this host stays on this machine, so that nobody can read it on its way.
 *
 * @param host a name or an address, which may be in brackets as in a URL
 */
export const isThisMachine = (host: string): boolean =>
  /^(?:localhost|::1|\[::1\]|127(?:\.\d{1,3}){3})$/.test(host)
