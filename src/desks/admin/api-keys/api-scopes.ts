/** What a key may be given. See `mayWith` for what includes what. */
export const API_SCOPES = [
  'read',
  'write',
  'held:read',
  'held:release',
  'held:download',
  'requests:decide',
  'senders:write',
] as const

export type ApiScope = (typeof API_SCOPES)[number]

/**
 * Whether a key with these scopes may do what needs `needed`. `write` includes `read`; the other scopes of `held:` include
 * `held:read`. What mail says, no key sees that was made to read or write settings.
 */
export const mayWith = (scopes: readonly ApiScope[], needed: ApiScope): boolean =>
  scopes.some(scope => scope === needed || INCLUDED[scope] === needed)

const INCLUDED: Readonly<Partial<Record<ApiScope, ApiScope>>> = {
  write: 'read',
  'held:release': 'held:read',
  'held:download': 'held:read',
}

/** Scopes as OAuth writes them (RFC 6749, section 3.3): each once, in our order, with a blank between. */
export const scopesText = (scopes: readonly ApiScope[]): string =>
  API_SCOPES.filter(scope => scopes.includes(scope)).join(' ')

/** Words that are no scope of this version are left out: a newer one may have written them. */
export const scopesIn = (text: string): readonly ApiScope[] => {
  const words = text.split(' ')
  return API_SCOPES.filter(scope => words.includes(scope))
}
