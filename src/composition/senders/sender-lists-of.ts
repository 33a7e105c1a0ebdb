import type { Config } from '../../ground/config/schema.ts'
import { connect } from '../../ground/database/connect.ts'
import { amavisSenderLists } from '../../ground/senders/amavis/amavis-sender-lists.ts'
import type { LookupTables } from '../../ground/senders/amavis/lookup-tables.ts'
import {
  type IspconfigSenderTables,
  ispconfigSenders,
} from '../../ground/senders/ispconfig/ispconfig-senders.ts'
import { ispconfigApiSenders } from '../../ground/senders/ispconfig-api/ispconfig-api-senders.ts'
import type { SenderLists } from '../../ground/senders/sender-lists.ts'

type Where = Pick<Config, 'senders' | 'storage'> & {
  readonly directory: Pick<Config['directory'], 'recipientDelimiter'>
}

/**
 * Where allow and block entries are written; undefined: nowhere. Connections are made on first use.
 *
 * @throws CodedError CONFIG_INVALID
 */
export function senderListsOf(
  { senders, storage, directory }: Where,
  stack: AsyncDisposableStack,
): SenderLists | undefined {
  const database = <Tables>(role = 'senders') =>
    stack.use(
      connect<Tables>(role, senders.url ?? storage.url, {
        connections: CONNECTIONS,
        statementTimeout: senders.timeout,
      }),
    )
  switch (senders.kind) {
    case 'none':
      return undefined
    case 'amavis':
      return amavisSenderLists(database<LookupTables>(), {
        ...senders,
        recipientDelimiter: directory.recipientDelimiter,
      })
    case 'ispconfig':
      return ispconfigSenders(database<IspconfigSenderTables>('ISPConfig senders'), senders)
    case 'ispconfig-api':
      return stack.use(
        ispconfigApiSenders({
          ...senders,
          url: senders.url ?? '',
          user: senders.user ?? '',
          password: senders.password ?? '',
        }),
      )
  }
}

/** People change their lists one at a time. */
const CONNECTIONS = 2
