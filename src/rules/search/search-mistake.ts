import { CodedError } from '../../ground/errors.ts'

/** What is wrong with the text of a search, for a sentence in the viewer's language. */
export type SearchFault =
  /** It has more than `count` characters, or words. */
  | { readonly is: 'long' | 'many'; readonly count: number }
  /** `before:` lies before `after:`. */
  | { readonly is: 'order' }
  /** After a field (`from:`) there is nothing, no number or no time; `example` is how it would be right. */
  | { readonly is: 'empty' | 'number' | 'time'; readonly field: string; readonly example: string }
  /** After a field there is none of its names. */
  | { readonly is: 'names'; readonly field: string; readonly names: string }

/** A search that cannot be read. Its message says the same in English. */
export class SearchMistake extends CodedError {
  readonly fault: SearchFault

  constructor(fault: SearchFault, message: string) {
    super('REQUEST_INVALID', message)
    this.name = 'SearchMistake'
    this.fault = fault
  }
}
