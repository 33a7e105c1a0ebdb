import { ldapFaults } from './ldap-faults.ts'

/** The options of `signIn.ldap` that depend on each other. */
export interface SignInLdapOptions {
  readonly url: string
  readonly startTls?: boolean | undefined
  readonly bindAs?: string | undefined
  readonly base?: string | undefined
  readonly filter?: string | undefined
  readonly bindDn?: string | undefined
  readonly password?: string | undefined
}

/** What was expected of an option of `signIn.ldap` instead of its value. */
export interface SignInLdapFault {
  readonly key: keyof SignInLdapOptions
  readonly message: string
}

/** What is wrong with the options of a directory server by which readers sign in. */
export function* signInLdapFaults(options: SignInLdapOptions): Generator<SignInLdapFault> {
  const { bindAs, base, filter, bindDn, password } = options
  // Readers' passwords go to this server. So its connection is encrypted as if it always carried one.
  yield* ldapFaults({
    ...options,
    filter: filled(filter),
    ...(bindDn === undefined && password === undefined ? READERS_PASSWORD : {}),
  }).flatMap(({ key, message }) => (key === 'offFilter' ? [] : [{ key, message }]))
  if (bindAs === undefined && base === undefined)
    yield { key: 'base', message: 'expected where to search, or bindAs' }
  if (bindAs !== undefined && !PLACEHOLDER.test(bindAs))
    yield { key: 'bindAs', message: 'expected :name or :user where the name goes' }
  if (bindAs === undefined && !PLACEHOLDER.test(filter ?? ''))
    yield { key: 'filter', message: 'expected a filter such as (mail=:name)' }
}

/** As the filter is when somebody has typed a name. */
const filled = (filter = '(objectClass=*)'): string => filter.replaceAll(/:(?:name|user|domain)\b/g, 'x')

const PLACEHOLDER = /:(?:name|user)\b/

const READERS_PASSWORD = { bindDn: 'a reader', password: 'of a reader' }
