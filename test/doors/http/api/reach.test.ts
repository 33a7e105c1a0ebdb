import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import type { Desk } from '../../../../src/desks/admin/desk.ts'
import { digestDesk } from '../../../../src/desks/admin/digests/digest-desk.ts'
import { readersDesk } from '../../../../src/desks/admin/readers/readers-desk.ts'
import { releaseDesk } from '../../../../src/desks/admin/releases/release-desk.ts'
import { settingsDesk } from '../../../../src/desks/admin/settings/settings-desk.ts'
import { stuckDesk } from '../../../../src/desks/admin/stuck/stuck-desk.ts'
import type { LearningDesk } from '../../../../src/desks/learning/learning-desk.ts'
import type { QuarantineDesk } from '../../../../src/desks/quarantine/quarantine-desk.ts'
import type { RequestDesk } from '../../../../src/desks/requests/request-desk.ts'
import type { SenderDesk } from '../../../../src/desks/senders/sender-desk.ts'
import { apiRouter } from '../../../../src/doors/http/api/api-router.ts'
import { problems } from '../../../../src/doors/http/api/protocol/problem.ts'
import { HOUR } from '../../../../src/ground/durations.ts'
import { directoryWith } from '../../../embedded/directory.ts'
import { hold } from '../../../embedded/held-mail.ts'
import { embeddedProgram, PUBLIC_URL } from '../../../embedded/program.ts'
import { recordingRefusals } from '../../../embedded/recording-refusals.ts'
import { REFUSED, RELEASED } from '../../../embedded/scripted-transport.ts'

const ALICE = 'alice@example.com'
/** An alias in a domain other than its reader's. */
const SALES = 'sales@example.org'
const MAIL = { mailId: 'Held0000MAIL', recipient: SALES }

test('a key can release a message that its reader gets through an alias in another domain', async () => {
  const { keyFor, transport } = await withAlias()
  const call = keyFor('example.com')
  expect(await call('POST', '/releases', MAIL)).toMatchObject({ status: 200, json: { status: 'released' } })
  expect(transport.requests).toMatchObject([{ recipient: SALES, requestedBy: ALICE }])
  expect((await call('GET', '/releases')).json.items).toMatchObject([{ recipient: SALES, reader: ALICE }])
})

test('a key for only the domain of the alias releases nothing and reveals nothing', async () => {
  const { keyFor, transport } = await withAlias()
  const call = keyFor('example.org')
  const refused = await call('POST', '/releases', MAIL)
  expect(refused).toMatchObject({ status: 404, json: { code: 'MESSAGE_GONE' } })
  const unknown = await call('POST', '/releases', { ...MAIL, mailId: 'Held1111MAIL' })
  expect(unknown.text.replace('Held1111MAIL', MAIL.mailId)).toBe(refused.text)
  expect(refused.text).not.toContain(ALICE)
  expect(transport.requests).toEqual([])
  expect((await call('GET', '/releases')).json.items).toEqual([])
})

test('a key for neither domain is refused, whether or not the message exists', async () => {
  const { keyFor, transport } = await withAlias()
  const call = keyFor('example.net')
  for (const mailId of [MAIL.mailId, 'Held1111MAIL']) {
    const refused = await call('POST', '/releases', { ...MAIL, mailId })
    expect(refused).toMatchObject({ status: 403, json: { code: 'OUT_OF_REACH' } })
    expect(refused.text).not.toContain(ALICE)
  }
  expect(transport.requests).toEqual([])
})

test('only a key for the reader’s domain can retry or give up a release', async () => {
  const { keyFor, transport } = await withAlias()
  transport.answer = () => REFUSED
  const call = keyFor('example.com')
  expect(await call('POST', '/releases', MAIL)).toMatchObject({ status: 502 })
  const [{ id }] = (await call('GET', '/releases')).json.items
  const unknown = { status: 404, json: { code: 'RELEASE_UNKNOWN' } }
  expect(await keyFor('example.org')('POST', `/releases/${id}/retry`)).toMatchObject(unknown)
  expect(await keyFor('example.org')('POST', `/releases/${id}/drop`)).toMatchObject(unknown)
  transport.answer = () => RELEASED
  expect(await call('POST', `/releases/${id}/retry`)).toMatchObject({ json: { did: 'released' } })
})

test('only a key for the reader’s domain shows, previews and sends waiting messages', async () => {
  const { keyFor, mailer } = await withAlias()
  const [call, other] = [keyFor('example.com'), keyFor('example.org')]
  expect(await call('GET', `/readers/${SALES}/digest-preview`)).toMatchObject({ json: { listed: 1 } })
  expect(await call('GET', `/readers/${SALES}`)).toMatchObject({
    json: { address: ALICE, waiting: [{ recipient: SALES }] },
  })
  expect(await call('POST', '/runs', { recipients: [SALES], dryRun: true })).toMatchObject({
    json: { list: [{ reader: ALICE, messages: 1 }] },
  })
  expect(await other('GET', `/readers/${SALES}/digest-preview`)).toMatchObject({
    status: 404,
    json: { code: 'NOTHING_WAITS' },
  })
  expect(await other('GET', `/readers/${SALES}`)).toMatchObject({ json: { address: SALES, waiting: [] } })
  expect(await other('POST', `/readers/${SALES}/send-now`)).toMatchObject({ json: { digests: 0 } })
  expect(await other('POST', '/runs', { recipients: [SALES] })).toMatchObject({ json: { digests: 0 } })
  expect(mailer.attempts).toEqual([])
  expect(await call('POST', `/readers/${SALES}/send-now`)).toMatchObject({ json: { outcome: 'sent' } })
  expect(mailer.attempts).toMatchObject([{ to: ALICE }])
})

/** Serves the API with a directory that gives the mail of `SALES` to Alice, and holds one message for `SALES`. */
async function withAlias() {
  const program = await embeddedProgram()
  const directory = directoryWith({ [SALES]: [ALICE] })
  const deps = { ...program.deps, directory }
  const desk = {
    digests: digestDesk({ ...deps, publicUrl: PUBLIC_URL, sendDeps: () => deps }),
    readers: readersDesk(deps),
    releases: releaseDesk(deps),
    settings: settingsDesk(deps),
    stuck: stuckDesk({ ...deps, sendNow: async () => ({ digests: 0, sent: 0 }) }),
  }
  const call = await serve(desk, program.time.clock)
  await hold(program.storage, { ...MAIL, receivedAt: program.time.now - HOUR })
  return {
    ...program,
    /** Calls with a key for this domain only. */
    keyFor: (domain: string) => (method: string, path: string, body?: object) =>
      call(domain, method, path, body),
  }
}

/** Serves the API with a part of the desk. The key for a domain is the domain's name. */
async function serve(desk: Partial<Desk>, clock: () => number) {
  const app = express()
  app.use(
    apiRouter({
      // The operations under test use no other part.
      desk: desk as Desk,
      quarantine: {} as QuarantineDesk,
      requests: {} as RequestDesk,
      senders: {} as SenderDesk,
      learning: {} as LearningDesk,
      clock,
      standardTimeZone: 'UTC',
      publicUrl: PUBLIC_URL,
      perKey: 1000,
      refusals: recordingRefusals(),
      findApiKey: async domain => ({
        id: domain,
        name: domain,
        scopes: ['write'],
        reach: [domain],
        createdAt: 0,
        usedAt: null,
        revokedAt: null,
      }),
    }),
    problems(pino({ level: 'silent' })),
  )
  const server = createServer(app)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>(resolve => void server.close(() => resolve())))
  const { port } = server.address() as AddressInfo
  return async (domain: string, method: string, path: string, body?: object) => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${domain}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, text, json: JSON.parse(text) }
  }
}
