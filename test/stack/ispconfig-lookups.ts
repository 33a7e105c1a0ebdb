import { type ScriptedServer, startScriptedServer } from '../servers/scripted-server.ts'
import type { MariaDbStorage } from '../servers/storage.ts'

/**
 * Answers the lookups of Postfix as ISPConfig's `mysql-virtual_*.cf` do, over the protocol of socketmap_table(5),
 * because a Postfix may lack its MySQL client.
 */
export const startLookups = (tables: MariaDbStorage): Promise<ScriptedServer> =>
  startScriptedServer(socket => {
    let received = Buffer.alloc(0)
    socket.on('data', (data: Buffer) => {
      received = Buffer.concat([received, data])
      const length = /^(\d+):/.exec(received.toString('latin1'))
      if (!length) return
      const [prefix, digits] = length
      const end = prefix.length + Number(digits)
      if (received.length <= end) return
      const request = received.subarray(prefix.length, end).toString()
      received = received.subarray(end + 1)
      const [map = '', ...key] = request.split(' ')
      void lookUp(tables, map, key.join(' ')).then(found => {
        const reply = found.length === 0 ? 'NOTFOUND ' : `OK ${found.join(',')}`
        socket.write(`${Buffer.byteLength(reply)}:${reply},`)
      })
    })
  })

/** The value for `virtual_alias_maps`, in the order of ISPConfig's `debian_postfix.conf`. */
export const aliasMaps = ({ port }: ScriptedServer): string =>
  MAPS.map(([map]) => `socketmap:inet:127.0.0.1:${port}:${map}`).join(', ')

/**
 * Postfix asks a MySQL table for `bob@` after `bob+list@`, but not a server of socketmaps. The lookups before that of
 * mailboxes have both addresses in their queries.
 */
async function lookUp(tables: MariaDbStorage, map: string, key: string): Promise<readonly string[]> {
  const found = await ask(tables, map, key)
  return found.length > 0 || map !== 'email2email' ? found : ask(tables, map, withoutExtension(key))
}

const withoutExtension = (key: string): string => key.replace(/(?<!^)\+[^@]*(?=@)/, '')

async function ask(tables: MariaDbStorage, map: string, key: string): Promise<readonly string[]> {
  const at = key.lastIndexOf('@')
  // Postfix suppresses a query for the part before or behind the at-sign of a key that has none.
  if (at < 1) return []
  const values = { key, bare: withoutExtension(key), domain: key.slice(at), name: key.slice(at + 1) }
  const [, query = ''] = MAPS.find(([name]) => name === map) ?? []
  const names = [...query.matchAll(/:(key|bare|domain|name)/g)].map(([, name]) => name as keyof typeof values)
  const rows = await tables.query<{ found: string | null }>(
    query.replaceAll(/:(?:key|bare|domain|name)/g, '?'),
    names.map(name => values[name]),
  )
  return rows.map(({ found }) => found ?? '').filter(found => found !== '')
}

/** What ISPConfig 3.2 asks for: the rows of server 1, and only where the domain is active. */
const MAPS = [
  [
    'forwardings',
    `SELECT destination AS found FROM mail_forwarding
       WHERE source IN (:key, :bare) AND type IN ('alias', 'forward') AND active = 'y' AND server_id = 1
     UNION
     SELECT destination FROM mail_forwarding
       WHERE source = :domain AND type = 'catchall' AND active = 'y' AND server_id = 1
         AND NOT EXISTS (SELECT 1 FROM mail_user WHERE email IN (:key, :bare) AND server_id = 1
           AND EXISTS (SELECT 1 FROM mail_domain WHERE domain = :name AND active = 'y' AND server_id = 1))
         AND NOT EXISTS (SELECT 1 FROM mail_forwarding
           WHERE source IN (:key, :bare) AND active = 'y' AND server_id = 1)`,
  ],
  [
    'alias_maps',
    `SELECT destination AS found FROM mail_forwarding
       WHERE source = :domain AND type = 'aliasdomain' AND active = 'y' AND server_id = 1`,
  ],
  [
    'email2email',
    `SELECT email AS found FROM mail_user
       WHERE email = :key AND forward_in_lda = 'n' AND disabledeliver = 'n' AND postfix = 'y' AND server_id = 1
         AND EXISTS (SELECT 1 FROM mail_domain WHERE domain = :name AND active = 'y' AND server_id = 1)
     UNION
     SELECT cc FROM mail_user
       WHERE email = :key AND cc != '' AND (forward_in_lda = 'n' OR disabledeliver = 'y') AND disablesmtp = 'n'
         AND server_id = 1
         AND EXISTS (SELECT 1 FROM mail_domain WHERE domain = :name AND active = 'y' AND server_id = 1)`,
  ],
] as const
