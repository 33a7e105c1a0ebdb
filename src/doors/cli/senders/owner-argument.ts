import { CodedError } from '../../../ground/errors.ts'
import { ownerNamed } from '../../../rules/senders/owner.ts'

/** Whose lists an argument names. @throws CodedError USAGE */
export function ownerArgument(text: string): string {
  const owner = ownerNamed(text)
  if (owner !== undefined) return owner
  throw new CodedError(
    'USAGE',
    `Expected an address (alice@example.com), a domain (@example.com) or @. for everybody; found ${JSON.stringify(text.slice(0, 100))}.`,
  )
}
