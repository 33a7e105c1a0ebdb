import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { startWatcherServer } from '../../../src/doors/http/server.ts'
import { readableLog } from '../../log-lines.ts'

test('headers that trickle are cut off after 10 s, and bodies after 30 s', { timeout: 60_000 }, async () => {
  const server = await startWatcherServer({
    section: 'watch',
    http: { host: '127.0.0.1', port: 0 },
    log: readableLog().log,
    readiness: async () => [],
    metrics: async () => ({ contentType: 'text/plain', text: '' }),
  })
  onTestFinished(() => server[Symbol.asyncDispose]())
  const [headers, body] = await Promise.all([
    lifeOf(trickle(server.port, 'GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ')),
    lifeOf(trickle(server.port, 'POST /other HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n')),
  ])
  expect(headers).toBeGreaterThan(9_000)
  expect(headers).toBeLessThan(14_000)
  expect(body).toBeLessThan(34_000)
})

/** Sends the beginning of a request, and then an octet every quarter of a second. */
function trickle(port: number, beginning: string): Socket {
  const socket = connect(port, '127.0.0.1', () => socket.write(beginning))
  const timer = setInterval(() => socket.writable && socket.write('a'), 250)
  socket.on('close', () => clearInterval(timer)).on('error', () => {})
  socket.resume()
  return socket
}

/** @returns how long the connection lived, in milliseconds */
function lifeOf(socket: Socket): Promise<number> {
  const begun = performance.now()
  return new Promise(resolve => socket.on('close', () => resolve(performance.now() - begun)))
}
