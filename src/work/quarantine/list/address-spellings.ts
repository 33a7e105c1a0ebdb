import { writtenDomains, writtenForms } from '../../../ground/directory/written-forms.ts'

/**
 * How amavis may have written an address. amavisd writes addresses in lower case, unless `$localpart_is_case_sensitive`
 * is set: then as the sender did, and people write names with capitals.
 *
 * @param address in the form of `readerAddress`
 */
export function addressSpellings(address: string): string[] {
  const at = address.lastIndexOf('@')
  const local = address.slice(0, at)
  const locals = new Set([
    local,
    local.replace(/^./u, first => first.toUpperCase()),
    local.replace(/(?<=^|[._-])./gu, first => first.toUpperCase()),
    local.toUpperCase(),
  ])
  return [...locals].flatMap(spelling => writtenForms(spelling + address.slice(at)))
}

/**
 * The same for domains. amavisd writes A-labels since 2.11, and before it wrote what the mail had.
 *
 * @param domains in the form of `domainName`
 */
export const domainSpellings = (domains: readonly string[]): readonly string[] =>
  domains.flatMap(writtenDomains)
