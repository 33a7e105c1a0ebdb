import { inject } from 'vitest'
import { connect } from '../../src/ground/database/connect.ts'
import {
  type IspconfigSenderTables,
  ispconfigSenders,
} from '../../src/ground/senders/ispconfig/ispconfig-senders.ts'
import { ispconfigApiSenders } from '../../src/ground/senders/ispconfig-api/ispconfig-api-senders.ts'
import type { ListEntry, SenderLists } from '../../src/ground/senders/sender-lists.ts'
import { type SenderListsMaker, senderListsContract } from '../contracts/sender-lists.ts'
import { startPanel } from '../servers/panel.ts'
import type { MariaDbStorage } from '../servers/storage.ts'
import { addRows, createIspconfig } from './ispconfig-tables.ts'

const TIMEOUT = 5000

type Open = (tables: MariaDbStorage, stack: AsyncDisposableStack) => Promise<Opened>

interface Opened {
  open(): SenderLists
  /** After that, a new one finds nobody. */
  goAway(): Promise<void>
}

const throughPanel: Open = async (tables, stack) => {
  const panel = stack.use(await startPanel(tables))
  return {
    open: () => stack.use(ispconfigApiSenders({ ...panel, timeout: TIMEOUT })),
    goAway: () => panel.stop(),
  }
}

const intoTables: Open = async (tables, stack) => {
  let url = tables.url
  return {
    open: () =>
      ispconfigSenders(
        stack.use(connect<IspconfigSenderTables>('ISPConfig senders', url, { connections: 2 })),
        { timeout: TIMEOUT },
      ),
    async goAway() {
      url = 'mysql://nobody:x@127.0.0.1:1/dbispconfig'
    },
  }
}

const maker = (name: string, start: Open): SenderListsMaker => ({
  name,
  stranger: 'unknown',
  async make(owners) {
    const stack = new AsyncDisposableStack()
    const tables = stack.use(await createIspconfig(inject('mariaDb')))
    await addRows(
      tables,
      'spamfilter_users',
      owners.map((email, index) => ({ id: index + 1, email, policy_id: 6 })),
    )
    const { open, goAway } = await start(tables, stack)
    let lists = open()
    const addMany = (owner: string, entries: readonly ListEntry[]) =>
      tables.query(
        `INSERT INTO spamfilter_wblist (server_id, rid, wb, email) VALUES ${entries.map(() => '(1, ?, ?, ?)').join(', ')}`,
        entries.flatMap(({ sender, list }) => [
          owners.indexOf(owner) + 1,
          list === 'allow' ? 'W' : 'B',
          sender,
        ]),
      )
    return {
      get lists() {
        return lists
      },
      open,
      addForeign: async (owner, entry) => void (await addMany(owner, [entry])),
      addMany: async (owner, entries) => void (await addMany(owner, entries)),
      async goAway() {
        await goAway()
        lists = open()
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    }
  },
})

senderListsContract(maker('ispconfig', intoTables))
senderListsContract(maker('ispconfig-api', throughPanel))
