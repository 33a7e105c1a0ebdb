import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { asRoot, startMariaDb } from '../servers/mariadb.ts'
import { asPostgres, startPostgres } from '../servers/postgres.ts'
import { waitUntil } from '../servers/wait.ts'
import { digestFor } from './digest-mail.ts'
import { FORM, follow, JSON_ONLY } from './follow.ts'
import type { Service } from './program.ts'
import { hold, runJson, startWorld, type World } from './world.ts'

/** Servers for these tests alone, which become read-only and stay so, as a primary that was demoted. */
const SERVERS = [
  {
    name: 'MariaDB',
    open: async () => {
      const mariaDb = await startMariaDb()
      const readOnly = (on: boolean) => asRoot(mariaDb, `SET GLOBAL read_only = ${on ? 1 : 0}`)
      return { server: mariaDb, at: { mariaDb }, readOnly }
    },
  },
  {
    name: 'PostgreSQL',
    open: async () => {
      const postgres = await startPostgres()
      const readOnly = async (on: boolean) => {
        await asPostgres(postgres, `ALTER SYSTEM SET default_transaction_read_only = ${on ? 'on' : 'off'}`)
        await asPostgres(postgres, 'SELECT pg_reload_conf()')
      }
      return { server: postgres, at: { postgres }, readOnly }
    },
  },
]

describe.each(SERVERS)('on a $name that becomes read-only', ({ open }) => {
  let opened: Awaited<ReturnType<(typeof SERVERS)[number]['open']>>
  let world: World

  beforeAll(async () => {
    opened = await open()
    world = await startWorld({ ...opened.at, settings: { collect: { every: '1s' } } })
  })
  beforeEach(async () => {
    await opened.readOnly(false)
    await world.reset()
  })
  afterAll(async () => {
    await opened?.readOnly(false)
    await world?.[Symbol.asyncDispose]()
    await opened?.server[Symbol.asyncDispose]()
  })

  test('serve is not ready before anybody clicks, names the work that fails, and is ready again later', async () => {
    await hold(world, 'alice@example.com', { subject: 'Patient' })
    await runJson(world.program)
    const { release } = digestFor(world.digests.mails, 'alice@example.com')
    await using service = await world.program.serve()
    await waitUntil('it to be ready', async () => (await readiness(service)).length === 0)

    await opened.readOnly(true)
    const failing = 'collecting: DATABASE_READ_ONLY'
    await waitUntil('the reasons', async () => (await readiness(service)).includes(failing))
    expect(await readiness(service)).toEqual(
      expect.arrayContaining(['storage: DATABASE_READ_ONLY', 'state: DATABASE_READ_ONLY', failing]),
    )
    await waitUntil('the metric', async () => (await metric(service, 'part="collecting"')) === 0)
    expect(await click(service, release('Patient'))).toMatchObject({ status: 503 })
    await waitUntil('the click to count', async () =>
      (await readiness(service)).includes('releasing: DATABASE_READ_ONLY'),
    )

    await opened.readOnly(false)
    const again = await waitUntil('the release', async () => {
      const answer = await click(service, release('Patient'))
      return answer.status === 200 ? answer : undefined
    })
    expect(again).toMatchObject({ json: { status: 'released' } })
    await waitUntil('it to be ready', async () => (await readiness(service)).length === 0)
    await waitUntil('the metric', async () => (await metric(service, 'part="collecting"')) === 1)
  })
})

async function readiness(service: Service): Promise<readonly unknown[]> {
  const { json } = await follow(service, `${service.url}/readyz`, { headers: JSON_ONLY })
  const reasons = json?.reasons
  return Array.isArray(reasons) ? reasons : []
}

async function metric(service: Service, label: string): Promise<number> {
  const { text } = await follow(service, `${service.url}/metrics`)
  const found = new RegExp(`^amavis_digest_up\\{${label}\\} (\\d)$`, 'm').exec(text)
  return Number(found?.[1] ?? Number.NaN)
}

const click = (service: Service, link: string) =>
  follow(service, link, { method: 'POST', headers: { ...JSON_ONLY, ...FORM } })
