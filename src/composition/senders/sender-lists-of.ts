import type { Config } from '../../ground/config/schema.ts'
import { connect } from '../../ground/database/connect.ts'
import { amavisSenderLists } from '../../ground/senders/amavis/amavis-sender-lists.ts'
import type { LookupTables } from '../../ground/senders/amavis/lookup-tables.ts'
import type { SenderLists } from '../../ground/senders/sender-lists.ts'

/**
 * Where allow and block entries are written; undefined: nowhere. Connections are made on first use.
 *
 * @throws CodedError CONFIG_INVALID
 */
export function senderListsOf(
  { senders, storage }: Pick<Config, 'senders' | 'storage'>,
  stack: AsyncDisposableStack,
): SenderLists | undefined {
  const database = <Tables>() =>
    stack.use(
      connect<Tables>('senders', senders.url ?? storage.url, {
        connections: CONNECTIONS,
        statementTimeout: senders.timeout,
      }),
    )
  switch (senders.kind) {
    case 'none':
      return undefined
    case 'amavis':
      return amavisSenderLists(database<LookupTables>(), senders)
    case 'ispconfig':
    case 'ispconfig-api':
      throw new Error(`senders.kind ${senders.kind} is not built yet`)
  }
}

/** People change their lists one at a time. */
const CONNECTIONS = 2
