import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pino } from 'pino'
import { afterAll, expect, test } from 'vitest'
import { startWorld } from '../../src/demo/world.ts'

const log = pino({ level: 'silent' })

const parent = mkdtempSync(join(tmpdir(), 'amavis-digest-world-'))

afterAll(() => rmSync(parent, { recursive: true }))

test('the world has a storage with held mail and three ports, and leaves nothing behind', async () => {
  const before = listening()
  const folder = join(parent, 'deep', 'world')
  const world = await startWorld({ folder, now: Date.now(), inboxPort: 0, log })
  const storage = new DatabaseSync(world.storageFile, { readOnly: true })
  expect(Number(storage.prepare('SELECT count(*) AS n FROM msgs').get()?.n)).toBeGreaterThan(35)
  storage.close()
  expect((await fetch(world.inboxUrl)).status).toBe(200)
  expect(await reachable(world.smtpPort)).toBe(true)
  expect(await reachable(world.amPdpPort)).toBe(true)

  await world[Symbol.asyncDispose]()
  expect(await reachable(world.smtpPort)).toBe(false)
  expect(await reachable(world.amPdpPort)).toBe(false)
  expect(await reachable(Number(new URL(world.inboxUrl).port))).toBe(false)
  expect(existsSync(join(parent, 'deep'))).toBe(false)
  expect(listening()).toBe(before)
})

test('a folder that existed before stays, and is emptied again', async () => {
  const folder = mkdtempSync(join(parent, 'kept-'))
  const world = await startWorld({ folder, now: Date.now(), inboxPort: 0, log })
  await expect(startWorld({ folder, now: Date.now(), inboxPort: 0, log })).rejects.toMatchObject({
    code: 'USAGE',
  })
  expect(existsSync(world.storageFile)).toBe(true)
  await world[Symbol.asyncDispose]()
  expect(readdirSync(folder)).toEqual([])
})

const listening = (): number =>
  process.getActiveResourcesInfo().filter(name => name === 'TCPServerWrap').length

const reachable = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
