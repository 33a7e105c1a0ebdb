import { canonicalScope, EVERYBODY } from '../../../../rules/settings/scope.ts'
import type { Writer } from './admin-pages.ts'
import { type FieldFault, faultModels, faultsByField } from './form-faults.ts'

/** Whose rows a list shall show, as it stands in the field of its filter. */
export interface WhoseFilter {
  readonly text: string
  /** An address or `@domain` in its one form; undefined: everybody's, or a fault. */
  readonly reader: string | undefined
  readonly faults: readonly FieldFault<'reader'>[]
}

export function whoseFilter(query: URLSearchParams): WhoseFilter {
  const text = (query.get('reader') ?? '').trim()
  if (text === '') return { text, reader: undefined, faults: [] }
  const scope = scopeWritten(text)
  if (scope !== undefined) return { text, reader: scope, faults: [] }
  return { text, reader: undefined, faults: [{ field: 'reader', key: 'nobody', found: text.slice(0, 100) }] }
}

/** What the form of the filter is filled with. */
export const filterModel = ({ text, faults }: WhoseFilter, { words }: Writer): object => ({
  reader: text,
  at: faultsByField(['reader'], faultModels(faults, words)),
})

/** A reader or a domain in its one form; people write domains without the at-sign, too. */
export function scopeWritten(text: string): string | undefined {
  const scope = canonicalScope(!text.includes('@') && text.includes('.') ? `@${text.trim()}` : text)
  return scope === EVERYBODY ? undefined : scope
}
