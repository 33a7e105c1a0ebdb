import { CodedError } from '../errors.ts'

/**
 * The query parameters of a database's URL. An unknown parameter is an error: with `sslmod=verify-full`, the connection
 * would go unprotected.
 *
 * @throws CodedError CONFIG_INVALID that names the parameters which are not `known` or are given twice
 */
export function parametersOf<Name extends string>(
  url: URL,
  known: readonly Name[],
): Partial<Record<Name, string>> {
  const names = [...url.searchParams.keys()]
  const unknown = names.filter(name => !known.includes(name as Name))
  // An @ may mean that this is no query but the rest of a password.
  if (unknown.length > 0 && decoded(url.search)?.includes('@')) {
    throw new CodedError('CONFIG_INVALID', `unknown parameter; in the user and password, write %3F for ?`)
  }
  if (unknown.length > 0) {
    throw new CodedError(
      'CONFIG_INVALID',
      `unknown parameter ${unknown.join(', ')}; expected some of ${known.join(', ')}`,
    )
  }
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined) throw new CodedError('CONFIG_INVALID', `${repeated} is given twice`)
  return Object.fromEntries(url.searchParams) as Partial<Record<Name, string>>
}

/** Decodes a user name, password, host or database of a URL; undefined when it is empty. */
export const decoded = (text: string): string | undefined => decodeURIComponent(text) || undefined
