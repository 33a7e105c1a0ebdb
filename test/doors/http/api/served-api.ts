import type { ApiKeyRequest } from '../../../../src/desks/admin/api-keys/api-keys.ts'
import type { ConfigInput } from '../../../../src/ground/config/schema.ts'
import { MINUTE } from '../../../../src/ground/durations.ts'
import { ROOT } from '../../../embedded/editors.ts'
import { hold } from '../../../embedded/held-mail.ts'
import { amavisHead, quarantine } from '../../../embedded/quarantined.ts'
import { type ServedDesk, servedDesk } from '../admin/served-desk.ts'

export const ALICE = 'alice@example.com'
/** A reader whom the key for example.com does not reach. */
export const BOB = 'bob@example.org'

/** The API of the whole program, running in this process. */
export interface ServedApi extends ServedDesk {
  /** Has a key for everything that may write. */
  readonly root: Caller
  /** Has a read-only key. */
  readonly reader: Caller
  /** Has a key for example.com that may write. */
  readonly local: Caller
  callerWith(request: Partial<ApiKeyRequest>): Promise<Caller>
  /** Asks without a key. */
  ask(path: string, init?: RequestInit & { readonly headers?: Record<string, string> }): Promise<ApiAnswer>
  /** Holds a message for Alice and one for Bob, now, with what they say. */
  holdMail(): Promise<void>
}

export interface Caller {
  readonly key: string
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<ApiAnswer>
}

export interface ApiAnswer {
  readonly status: number
  readonly text: string
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any form
  readonly json: any
}

export async function servedApi(settings: Partial<ConfigInput> = {}): Promise<ServedApi> {
  const desk = await servedDesk({ ...settings, http: { port: 0, ...MANY, ...settings.http } })
  const ask: ServedApi['ask'] = async (path, init = {}) => {
    const { status, text, headers } = await desk.browser().ask(`/api/v1${path}`, init)
    const isJson = /json/.test(headers.get('content-type') ?? '')
    return { status, text, headers, json: isJson && text !== '' ? JSON.parse(text) : undefined }
  }
  const callerWith = async (request: Partial<ApiKeyRequest>): Promise<Caller> => {
    const made = await desk.app.apiKeys.make(ROOT.actor, { ...REQUEST, ...request })
    return {
      key: made.text,
      call: (method, path, body, headers = {}) =>
        ask(path, {
          method,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          headers: {
            authorization: `Bearer ${made.text}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
        }),
    }
  }
  return {
    ...desk,
    ask,
    callerWith,
    root: await callerWith({}),
    reader: await callerWith({ name: 'reader', scopes: ['read'] }),
    local: await callerWith({ name: 'local', domains: ['example.com'] }),
    holdMail: async () => {
      const receivedAt = desk.time.now - MINUTE
      const { storage } = desk.database
      const keys = await hold(storage, { recipient: ALICE, receivedAt }, { recipient: BOB, receivedAt })
      for (const key of keys) await quarantine(storage, key, amavisHead(key.mailId, []) + TEXT)
    },
  }
}

const TEXT = `From: Sam Sender <sam@sender.example.net>
Subject: A message
Content-Type: multipart/mixed; boundary=b

--b

Hello.
--b
Content-Type: text/plain; name=notes.txt
Content-Disposition: attachment; filename=notes.txt

Notes.
--b--
${' '.repeat(4711)}
`

const MANY = { perAddress: 100_000, perKey: 100_000 }

const REQUEST: ApiKeyRequest = {
  name: 'root',
  scopes: ['write', 'held:release', 'held:download', 'requests:decide', 'senders:write'],
  domains: undefined,
}
