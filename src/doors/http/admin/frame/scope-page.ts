import { displayAddress } from '../../../../ground/display/address.ts'
import { EVERYBODY } from '../../../../rules/settings/scope.ts'
import type { Writer } from './admin-pages.ts'

/** The page of a reader, a domain or everybody. */
export const pathOf = (scope: string): string => `/admin/readers/of?${new URLSearchParams({ whom: scope })}`

/** As people read it: everybody in words, an address without what a stranger put into it to deceive. */
export const shownScope = (scope: string, { words }: Writer): string =>
  scope === EVERYBODY ? words.say('admin.readers.everybody') : displayAddress(scope, 255)

/** A scope's name, and the way to its page. */
export const scopeLink = (
  scope: string,
  writer: Writer,
): { readonly url: string; readonly label: string } => ({
  url: writer.url(pathOf(scope)),
  label: shownScope(scope, writer),
})
