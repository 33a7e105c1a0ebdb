import { join } from 'node:path'
import { expect, test } from 'vitest'
import { probeConnection } from '../../../../src/ground/amavisd/am-pdp/probe-connection.ts'
import { freePort } from '../../../servers/ports.ts'
import { startScriptedServer } from '../../../servers/scripted-server.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'

test('finds a listener over TCP and over a Unix socket, asks it nothing and hangs up at once', async () => {
  const path = join(temporaryFolder(), 'amavisd.sock')
  for (const socketPath of [undefined, path]) {
    const { promise: heard, resolve } = Promise.withResolvers<string>()
    await using server = await startScriptedServer(socket => {
      let text = ''
      socket.on('data', chunk => {
        text += chunk
      })
      socket.once('close', () => resolve(text))
    }, socketPath)
    const address = socketPath === undefined ? { host: '127.0.0.1', port: server.port } : { path: socketPath }
    expect(await probeConnection(address, 1_000)).toBe(undefined)
    expect(await heard).toBe('')
  }
})

test('when nobody listens, the fault is the error of the operating system', async () => {
  const port = await freePort()
  expect(await probeConnection({ host: '127.0.0.1', port }, 1_000)).toContain('ECONNREFUSED')
  expect(await probeConnection({ path: join(temporaryFolder(), 'none.sock') }, 1_000)).toContain('ENOENT')
})
