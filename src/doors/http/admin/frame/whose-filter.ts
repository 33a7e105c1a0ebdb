import { scopeNamed } from '../../../../rules/settings/scope.ts'
import { type FieldFault, faultModels, faultsByField } from './form-faults.ts'
import type { ListFilter } from './list-page.ts'
import { optionsOf } from './options.ts'

/** Whose rows a list shall show. */
export interface Whose {
  /** An address or `@domain` in its one form; undefined: everybody's. */
  readonly reader: string | undefined
}

/** A filter by a reader or a domain. */
export function whoseFilter(query: URLSearchParams): ListFilter<Whose> {
  const text = (query.get('reader') ?? '').trim()
  const reader = scopeNamed(text)
  const isFault = text !== '' && reader === undefined
  const faults: FieldFault<'reader'>[] = isFault
    ? [{ field: 'reader', key: 'nobody', found: text.slice(0, 100) }]
    : []
  return {
    asked: isFault ? undefined : { reader },
    fields: { reader: text },
    model: ({ words }) => ({
      reader: text,
      at: faultsByField(['reader'], faultModels(faults, words)),
      states: undefined,
    }),
  }
}

/** A filter by a reader or a domain, and by a state. @param words the key below which the states have their names */
export const whoseAndState =
  <State extends string>(states: readonly State[], words: string) =>
  (query: URLSearchParams): ListFilter<Whose & { readonly state: State | undefined }> => {
    const { asked, fields, model } = whoseFilter(query)
    const state = states.find(one => one === query.get('state'))
    return {
      asked: asked && { ...asked, state },
      fields: { ...fields, state: state ?? '' },
      model: writer => ({
        ...model(writer),
        states: optionsOf(states, state, value => writer.words.say(`${words}.${value}`)),
      }),
    }
  }
