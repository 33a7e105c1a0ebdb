import { CodedError } from '../errors.ts'

/**
 * What stands behind the `?` of a database's URL. A parameter that nobody knows is a fault: a `sslmod=verify-full`
 * would leave the connection open to all.
 *
 * @throws CodedError CONFIG_INVALID that names the parameters which are not `known`, or stand there twice
 */
export function parametersOf<Name extends string>(
  url: URL,
  known: readonly Name[],
): Partial<Record<Name, string>> {
  const names = [...url.searchParams.keys()]
  const unknown = names.filter(name => !known.includes(name as Name))
  if (unknown.length > 0) {
    throw new CodedError(
      'CONFIG_INVALID',
      `unknown parameter ${unknown.join(', ')}; expected some of ${known.join(', ')}`,
    )
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new CodedError('CONFIG_INVALID', `${twice} stands there twice`)
  return Object.fromEntries(url.searchParams) as Partial<Record<Name, string>>
}

/** A user name, password, host or database of a URL. */
export const decoded = (text: string): string | undefined => decodeURIComponent(text) || undefined
