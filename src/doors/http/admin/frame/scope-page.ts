import { displayAddress } from '../../../../ground/display/address.ts'
import { EVERYBODY } from '../../../../rules/settings/scope.ts'
import type { Writer } from '../../web/writer.ts'

/** The page of a reader, a domain or everybody. */
export const pathOf = (scope: string): string => `/admin/readers/of?${new URLSearchParams({ whom: scope })}`

/** A scope for people to read: "everybody" in words, an address without any characters that deceive. */
export const shownScope = (scope: string, { words }: Writer): string =>
  scope === EVERYBODY ? words.say('admin.readers.everybody') : displayAddress(scope, 255)

/** A scope's name, and the URL of its page. */
export const scopeLink = (
  scope: string,
  writer: Writer,
): { readonly url: string; readonly label: string } => ({
  url: writer.url(pathOf(scope)),
  label: shownScope(scope, writer),
})
