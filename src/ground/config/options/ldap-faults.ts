import { filterFault } from '../../directory/ldap/filter-fault.ts'
import { ldapServer } from '../../directory/ldap/settings.ts'
import { isThisMachine } from '../../network/this-machine.ts'

/** The options of `directory` that lead to a directory server. */
export interface LdapOptions {
  readonly url?: string | undefined
  readonly startTls?: boolean | undefined
  readonly bindDn?: string | undefined
  readonly password?: string | undefined
  readonly filter: string
  readonly offFilter?: string | undefined
}

/** What was expected of an option instead of its value. */
export interface OptionFault {
  readonly key: keyof LdapOptions
  readonly message: string
}

/** What is wrong with the options of a directory server, apart from those that are missing. */
export function ldapFaults(options: LdapOptions): readonly OptionFault[] {
  return [
    ...urlFaults(options),
    ...signInFaults(options),
    ...filterFaults('filter', options.filter),
    ...filterFaults('offFilter', options.offFilter),
  ]
}

function* urlFaults({ url, startTls, password }: LdapOptions): Generator<OptionFault> {
  if (url === undefined || !/^ldaps?:/.test(url)) return
  const { hostname, username, password: inUrl, pathname, search } = new URL(url)
  if (hostname === '' || pathname.length > 1 || search !== '') {
    yield {
      key: 'url',
      message:
        'expected a host and a port only, such as ldaps://ldap.example.com: base and filter are options beside it',
    }
    return
  }
  if (username !== '' || inUrl !== '')
    yield { key: 'url', message: 'expected no user in it: bindDn and password are options beside it' }
  const { host, encryption } = ldapServer({ url, startTls })
  if (encryption === 'ldaps' && startTls)
    yield {
      key: 'startTls',
      message: 'expected ldap:// in url: a connection to ldaps:// is encrypted already',
    }
  if (encryption === 'none' && password !== undefined && !isThisMachine(host))
    yield {
      key: 'startTls',
      message: 'expected true, or ldaps:// in url: the password is not sent to another machine unencrypted',
    }
}

function* signInFaults({ bindDn, password }: LdapOptions): Generator<OptionFault> {
  if (bindDn === '') yield { key: 'bindDn', message: 'expected an account, or no bindDn' }
  // A server takes a name without a password for a stranger's (RFC 4513, section 5.1.2), and nobody would notice.
  if (bindDn !== undefined && !password)
    yield { key: 'password', message: 'expected the password of bindDn: an empty one signs in nobody' }
  if (bindDn === undefined && password !== undefined)
    yield { key: 'bindDn', message: 'expected the account whose password is given' }
}

function* filterFaults(key: 'filter' | 'offFilter', filter: string | undefined): Generator<OptionFault> {
  const message = filter === undefined ? undefined : filterFault(filter)
  if (message !== undefined) yield { key, message }
}
