import type { Config } from '../../ground/config/schema.ts'
import { CodedError } from '../../ground/errors.ts'
import type { SenderLists } from '../../ground/senders/sender-lists.ts'

/** Where allow and block entries are written; undefined: nowhere. */
export function senderListsOf(
  { senders }: Pick<Config, 'senders'>,
  _stack: AsyncDisposableStack,
): SenderLists | undefined {
  switch (senders.kind) {
    case 'none':
      return undefined
    case 'amavis':
    case 'ispconfig':
    case 'ispconfig-api':
      throw new CodedError('CONFIG_INVALID', `senders.kind ${senders.kind} is not built yet.`)
  }
}
