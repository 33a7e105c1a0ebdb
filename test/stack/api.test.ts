import { expect, onTestFinished, test } from 'vitest'
import type { AmavisTables } from '../../src/ground/amavis/tables.ts'
import { connect } from '../../src/ground/database/connect.ts'
import { MINUTE } from '../../src/ground/durations.ts'
import { hold } from '../embedded/held-mail.ts'
import { migrate } from '../servers/in-process.ts'
import { startSmtpSink } from '../servers/smtp-sink.ts'
import { createOn, DATABASES, type DatabaseKind } from './databases.ts'
import { createProgram, type Program } from './program.ts'

const ALICE = 'alice@example.com'

test.each(DATABASES)(
  'a key from the command line works for the API of a running service on %s',
  async database => {
    const { program, sink } = await programOn(database)
    const { stdout } = await program.command('keys', 'api', 'provisioning', '--scope', 'write', '--json')
    const { id, key } = JSON.parse(stdout)
    await using service = await program.serve()
    const call = async (method: string, path: string, body?: object) => {
      const response = await fetch(`${service.url}/held/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
      const text = await response.text()
      return { status: response.status, json: text === '' ? undefined : JSON.parse(text) }
    }

    const weekdays = { cron: ['0 7,15 * * 1-5'], timezone: 'Europe/Paris' }
    expect(await call('PUT', '/schedules/weekdays', weekdays)).toMatchObject({ status: 201 })
    expect(await call('PUT', '/recipients/@example.com', { schedules: ['weekdays'] })).toMatchObject({
      status: 200,
    })
    const items = [{ scope: ALICE, language: 'de' }]
    expect(await call('POST', '/recipients/import', { items })).toMatchObject({
      status: 200,
      json: { set: 1 },
    })
    expect(await call('GET', `/readers/${ALICE}`)).toMatchObject({
      json: { settings: { language: { value: 'de' }, held: [{ name: 'weekdays' }] } },
    })
    expect(await call('POST', `/readers/${ALICE}/send-now`)).toMatchObject({ json: { outcome: 'sent' } })
    expect(sink.mails.map(mail => mail.to)).toEqual([[ALICE]])
    const [digest] = (await call('GET', `/digests?reader=${ALICE}`)).json.items
    const { messages } = (await call('GET', `/digests/${digest.id}`)).json
    const release = { mailId: messages[0].mailId, recipient: ALICE }
    expect(await call('POST', '/releases', release)).toMatchObject({
      status: 202,
      json: { status: 'queued' },
    })
    for (const list of ['/recipients', '/readers?search=alice', '/digests', '/releases', '/audit']) {
      const { status, json } = await call('GET', list)
      expect([status, json.items.length > 0, json.next], list).toEqual([200, true, null])
    }
    for (const figures of ['/calendar', '/overview', '/status', '/clicks']) {
      expect(await call('GET', figures), figures).toMatchObject({ status: 200 })
    }

    expect(await program.command('keys', 'api', 'revoke', id)).toMatchObject({ status: 0 })
    expect(await call('GET', '/schedules')).toMatchObject({ status: 401 })
    expect(service.log()).not.toContain(key.slice(4))
    const requests = service
      .log()
      .split('\n')
      .filter(line => line.includes('"msg":"request"'))
    expect(requests.join('')).not.toContain('alice')
    expect(service.log()).toContain('"route":"/api/v1/readers/:address/send-now"')
  },
)

/** The program on a database with one held message, without an amavisd. */
async function programOn(kind: DatabaseKind) {
  const stack = new AsyncDisposableStack()
  onTestFinished(() => stack.disposeAsync())
  const database = stack.use(await createOn(kind))
  const sink = stack.use(await startSmtpSink())
  const program: Program = stack.use(
    await createProgram({
      storage: { url: database.url },
      smtp: { url: sink.url, from: 'Mail quarantine <quarantine@example.com>' },
      release: { via: 'tcp://127.0.0.1:9' },
      delivery: { withoutRelease: true },
    }),
  )
  await migrate(program.configFile)
  await using storage = connect<AmavisTables>('storage', database.url)
  await hold(storage, { recipient: ALICE, receivedAt: Date.now() - MINUTE })
  return { program, sink }
}
