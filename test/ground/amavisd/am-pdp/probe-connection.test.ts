import { join } from 'node:path'
import { expect, test } from 'vitest'
import { probeConnection } from '../../../../src/ground/amavisd/am-pdp/probe-connection.ts'
import { freePort } from '../../../servers/ports.ts'
import { startScriptedServer } from '../../../servers/scripted-server.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'

test('a listener is there, over TCP and over a Unix socket; it is asked nothing and let go at once', async () => {
  const path = join(temporaryFolder(), 'amavisd.sock')
  for (const place of [undefined, path]) {
    const { promise: heard, resolve } = Promise.withResolvers<string>()
    await using server = await startScriptedServer(socket => {
      let text = ''
      socket.on('data', chunk => {
        text += chunk
      })
      socket.once('close', () => resolve(text))
    }, place)
    const address = place === undefined ? { host: '127.0.0.1', port: server.port } : { path: place }
    expect(await probeConnection(address, 1_000)).toBe(undefined)
    expect(await heard).toBe('')
  }
})

test('nobody there is told in the words of the system', async () => {
  const port = await freePort()
  expect(await probeConnection({ host: '127.0.0.1', port }, 1_000)).toContain('ECONNREFUSED')
  expect(await probeConnection({ path: join(temporaryFolder(), 'none.sock') }, 1_000)).toContain('ENOENT')
})
