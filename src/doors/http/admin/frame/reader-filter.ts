import { scopeNamed } from '../../../../rules/settings/scope.ts'
import { optionsOf } from '../../web/options.ts'
import { type FieldFault, faultModels, faultsByField } from './form-faults.ts'
import type { ListFilter } from './list-page.ts'

/** Limits a list to one reader or one domain. */
export interface ReaderCriteria {
  /** An address or `@domain` in canonical form; undefined for everybody. */
  readonly reader: string | undefined
}

/** A filter by a reader or a domain. */
export function readerFilter(query: URLSearchParams): ListFilter<ReaderCriteria> {
  const text = (query.get('reader') ?? '').trim()
  const reader = scopeNamed(text)
  const isFault = text !== '' && reader === undefined
  const faults: FieldFault<'reader'>[] = isFault
    ? [{ field: 'reader', key: 'nobody', found: text.slice(0, 100) }]
    : []
  return {
    criteria: isFault ? undefined : { reader },
    fields: { reader: text },
    model: ({ words }) => ({
      reader: text,
      at: faultsByField(['reader'], faultModels(faults, words)),
      states: undefined,
      run: undefined,
    }),
  }
}

/** A filter by a reader or a domain, and by a state. @param words the locale key below which the states are named */
export const readerAndStateFilter =
  <State extends string>(states: readonly State[], words: string) =>
  (query: URLSearchParams): ListFilter<ReaderCriteria & { readonly state: State | undefined }> => {
    const { criteria, fields, model } = readerFilter(query)
    const state = states.find(name => name === query.get('state'))
    return {
      criteria: criteria && { ...criteria, state },
      fields: { ...fields, state: state ?? '' },
      model: writer => ({
        ...model(writer),
        states: optionsOf(states, state, value => writer.words.say(`${words}.${value}`)),
      }),
    }
  }
