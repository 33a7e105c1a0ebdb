import { asFarAsStored } from '../as-far-as-stored.ts'
import { writtenForms } from '../written-forms.ts'

/**
 * The rows of a table with any of many keys: addresses, domains, or domains after an at-sign.
 *
 * @param find one statement
 */
export const rowsWith = <Row>(
  names: readonly string[],
  find: (keys: readonly string[]) => Promise<readonly Row[]>,
): Promise<readonly Row[]> => asFarAsStored(names.flatMap(writtenForms), key => key, undefined, find)
