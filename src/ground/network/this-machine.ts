/** Whether a connection to this host stays on this machine, so that nobody can read it on its way. */
export const isThisMachine = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
