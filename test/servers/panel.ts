import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Certificates } from './certificates.ts'
import type { MariaDbStorage } from './storage.ts'

/**
 * The remote API of ISPConfig's panel, as far as lists of senders need it, on ISPConfig's tables in a real database.
 *
 * It does what ISPConfig 3.2 does by its source: `json_handler.inc.php` (a function is the first name in the query, its
 * parameters are taken from a JSON object by their names, each fault of a function has the code `remote_fault`, the
 * status is always 200), `remoting.inc.php` (sessions, addresses, permissions, the lock after ten failures, rows in the
 * name of a client), `remoting_lib.inc.php` (an object as `primary_id` is a filter, in which `%` makes LIKE),
 * `remote.d/mail.inc.php` (both lists are one table without a filter by `wb`, no check for duplicates) and
 * `remote.d/client.inc.php` (all in `interface/lib/classes`), and `interface/web/mail/form/spamfilter_whitelist.tform.php`.
 */
export interface PanelServer extends AsyncDisposable {
  /** The value for `senders.url`. */
  readonly url: string
  readonly user: string
  readonly password: string
  /** The functions that were called, in their order. */
  readonly calls: string[]
  /** How many sessions are open. */
  sessions(): number
  /** Each session that is open now is over. */
  endSessions(): void
  /** What the remote user may call. All by default. */
  permit(isPermitted: (name: string) => boolean): void
  /** The remote user may sign in from here. */
  letIn(isAllowed: boolean): void
  /** From now on, the calls of this function (undefined: all) are answered by `act`; none: by the panel again. */
  interfere(act?: Interference, name?: string): void
  stop(): Promise<void>
}

/** @returns false to let the panel answer itself */
export type Interference = (response: ServerResponse, name: string) => unknown

/** @param certificates without any, it speaks plain HTTP */
export async function startPanel(
  { query }: Pick<MariaDbStorage, 'query'>,
  certificates?: Certificates,
): Promise<PanelServer> {
  const password = randomBytes(9).toString('hex')
  const panel = new Panel(query, password)
  const handle = (request: IncomingMessage, response: ServerResponse) => void panel.handle(request, response)
  const server = certificates
    ? createTlsServer(
        { cert: readFileSync(certificates.certificate), key: readFileSync(certificates.key) },
        handle,
      )
    : createServer(handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async () => {
    if (!server.listening) return
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return {
    url: certificates ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    user: USER,
    password,
    calls: panel.calls,
    sessions: () => panel.sessions.size,
    endSessions: () => panel.sessions.clear(),
    permit: isPermitted => {
      panel.isPermitted = isPermitted
    },
    letIn: isAllowed => {
      panel.isLetIn = isAllowed
    },
    interfere: (act, name) => {
      panel.interference = act && ((response, called) => (name ?? called) === called && act(response, called))
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

const USER = 'digest'

/** What a function of the API reports. Its name does not reach JSON: only its words do. */
class Fault extends Error {}

type Row = Readonly<Record<string, unknown>>

class Panel {
  readonly calls: string[] = []
  readonly sessions = new Set<string>()
  isPermitted: (name: string) => boolean = () => true
  isLetIn = true
  interference: ((response: ServerResponse, name: string) => unknown) | undefined
  readonly #query: MariaDbStorage['query']
  readonly #password: string
  #failures = 0

  constructor(query: MariaDbStorage['query'], password: string) {
    this.#query = query
    this.#password = password
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://panel')
    const [name = ''] = url.searchParams.keys()
    const body = await textOf(request)
    this.calls.push(name)
    if (this.interference && (await this.interference(response, name)) !== false) return
    if (url.pathname !== '/remote/json.php') {
      response.writeHead(404).end('<html>Not Found')
      return
    }
    response.setHeader('content-type', 'application/json; charset="utf-8"')
    response.end(JSON.stringify(await this.#answer(name, body)))
  }

  async #answer(name: string, body: string): Promise<Row> {
    const parameters = objectIn(body)
    if (!parameters) return answer('invalid_data', 'The JSON data sent to the api is invalid')
    const work = this.#functions[name]
    if (!work) return answer('invalid_method', `Method ${name} does not exist`)
    try {
      if (name !== 'login') this.#checkSession(name, parameters)
      return answer('ok', '', await work(parameters))
    } catch (error) {
      if (error instanceof Fault) return answer('remote_fault', error.message)
      throw error
    }
  }

  #checkSession(name: string, { session_id }: Row): void {
    if (name === 'logout') return
    if (!session_id) throw new Fault('The SessionID is empty.')
    if (!this.sessions.has(String(session_id))) {
      this.#failures += 1
      throw new Fault('The Session is expired or does not exist.')
    }
    const right = name === 'client_get_by_groupid' ? 'client_get_id' : name
    if (!this.isPermitted(right)) throw new Fault('You do not have the permissions to access this function.')
  }

  readonly #functions: Readonly<Record<string, (parameters: Row) => unknown>> = {
    login: ({ username, password }) => {
      if (this.#failures >= 10) throw new Fault('The login failure limit has been reached.')
      if (username !== USER || password !== this.#password) {
        this.#failures += 1
        throw new Fault('The login failed. Username or password wrong.')
      }
      if (!this.isLetIn) throw new Fault('The login is not allowed from 192.0.2.1')
      this.#failures = 0
      const session = `s${randomBytes(20).toString('hex')}`
      this.sessions.add(session)
      return session
    },
    logout: ({ session_id }) => this.sessions.delete(String(session_id)),
    mail_user_get: ({ primary_id }) => this.#get('mail_user', 'mailuser_id', primary_id),
    mail_spamfilter_user_get: ({ primary_id }) => this.#get('spamfilter_users', 'id', primary_id),
    client_get_id: async ({ sys_userid }) => {
      const [row] = await this.#query('SELECT client_id FROM sys_user WHERE userid = ?', [sys_userid])
      if (!row) throw new Fault('There is no sys_user account with this userid.')
      return Number(row.client_id)
    },
    client_get_by_groupid: async ({ group_id }) => {
      const [row] = await this.#query('SELECT client_id FROM sys_group WHERE groupid = ?', [group_id])
      if (!row) throw new Fault('There is no client for this group ID.')
      return this.#get('client', 'client_id', row.client_id)
    },
    ...this.#listFunctions('whitelist', 'W'),
    ...this.#listFunctions('blacklist', 'B'),
  }

  #listFunctions(list: string, wb: string): Record<string, (parameters: Row) => unknown> {
    const name = `mail_spamfilter_${list}`
    return {
      [`${name}_get`]: ({ primary_id }) => this.#get('spamfilter_wblist', 'wblist_id', primary_id),
      [`${name}_add`]: ({ client_id, params }) => this.#add(Number(client_id), formOf(params, { wb })),
      [`${name}_update`]: ({ primary_id, params }) => this.#update(primary_id, params),
      [`${name}_delete`]: async ({ primary_id }) => {
        await this.#query('DELETE FROM spamfilter_wblist WHERE wblist_id = ?', [primary_id])
        return 1
      },
    }
  }

  async #get(table: string, key: string, primary: unknown): Promise<unknown> {
    if (typeof primary === 'object' && primary !== null) {
      const filter = Object.entries(primary)
      const where = filter.map(([name, value]) => `\`${name}\` ${/%/.test(String(value)) ? 'LIKE' : '='} ?`)
      const rows = await this.#query(
        `SELECT * FROM ${table} WHERE ${['1', ...where].join(' AND ')}`,
        filter.map(([, value]) => value),
      )
      return rows.map(asText)
    }
    if (Number(primary) === -1) return (await this.#query(`SELECT * FROM ${table}`)).map(asText)
    if (!(Number(primary) > 0)) throw new Fault('The ID has to be > 0 or -1.')
    const [row] = await this.#query(`SELECT * FROM ${table} WHERE ${key} = ?`, [primary])
    return row === undefined ? false : asText(row)
  }

  /** A row belongs to the client in whose name it is made; 0: to the panel's admin. */
  async #add(client: number, row: Row): Promise<number> {
    const [user] =
      client === 0
        ? [{ userid: 1, default_group: 1 }]
        : await this.#query<Row>('SELECT userid, default_group FROM sys_user WHERE client_id = ?', [client])
    const full = {
      ...row,
      sys_userid: user?.userid ?? 0,
      sys_groupid: user?.default_group ?? 0,
      sys_perm_user: 'riud',
      sys_perm_group: 'riud',
      sys_perm_other: '',
    }
    const names = Object.keys(full)
    await this.#query(
      `INSERT INTO spamfilter_wblist (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
      Object.values(full),
    )
    const [{ id } = { id: 0 }] = await this.#query<{ id: number }>(
      'SELECT MAX(wblist_id) AS id FROM spamfilter_wblist',
    )
    return id
  }

  async #update(primary: unknown, params: unknown): Promise<number> {
    const [old] = await this.#query('SELECT * FROM spamfilter_wblist WHERE wblist_id = ?', [primary])
    if (old === undefined) return 0
    const row = formOf(params, old)
    const names = Object.keys(row)
    await this.#query(
      `UPDATE spamfilter_wblist SET ${names.map(name => `${name} = ?`).join(', ')} WHERE wblist_id = ?`,
      [...Object.values(row), primary],
    )
    return 1
  }
}

/** The fields of the form, without which nothing else is stored. An address is put into lower case and A-labels. */
function formOf(params: unknown, former: Row): Row {
  const given: Row = { priority: 5, active: 'y', ...former, ...(params as Row) }
  const email = String(given.email ?? '').toLowerCase()
  if (email === '') throw new Fault('email_error_notempty<br />')
  const { server_id, wb, rid, priority, active } = given
  return { server_id, wb, rid, email, priority, active }
}

/** PHP's driver returns each value as text. */
const asText = (row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
  )

const answer = (code: string, message: string, response: unknown = false): Row => ({
  code,
  message,
  response,
})

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

function objectIn(text: string): Row | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Row) : undefined
  } catch {
    return undefined
  }
}
