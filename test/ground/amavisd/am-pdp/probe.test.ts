import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { probeAmPdp } from '../../../../src/ground/amavisd/am-pdp/probe.ts'
import { freePort } from '../../../servers/ports.ts'
import { afterRequest, startScriptedServer } from '../../../servers/scripted-server.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'

test('asks over TCP and over a Unix socket for nothing that would change anything, and hangs up', async () => {
  for (const path of [undefined, join(temporaryFolder(), 'amavisd.sock')]) {
    const { promise: hungUp, resolve } = Promise.withResolvers<void>()
    const requests: string[] = []
    const server = await startScriptedServer(socket => {
      socket.once('close', () => resolve())
      afterRequest((_, request) => {
        requests.push(request)
        socket.write('action=DUNNO\r\n\r\n')
      })(socket)
    }, path)
    onTestFinished(() => server[Symbol.asyncDispose]())
    expect(await probeAmPdp(path === undefined ? at(server.port) : { path }, 5_000)).toBe(undefined)
    await hungUp
    expect(requests).toEqual(['request=smtpd_access_policy\r\n\r\n'])
  }
})

test.each([
  [
    'an answer to another question',
    'setreply=450 4.5.0 Failure:%20unknown\r\nexit_code=75\r\n\r\n',
    undefined,
  ],
  ['another protocol', 'HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n', 'not AM.PDP'],
])('%s', async (_, answer, fault) => {
  const server = await startScriptedServer(afterRequest(socket => socket.write(answer)))
  onTestFinished(() => server[Symbol.asyncDispose]())
  const found = await probeAmPdp(at(server.port), 5_000)
  expect(found ?? '').toContain(fault ?? '')
  expect(found === undefined).toBe(fault === undefined)
})

test.each([
  '220 mx.example.com ESMTP amavisd-new service ready\r\n',
  '220-mx.example.com ESMTP Postfix\r\n',
  '421 4.7.0 mx.example.com Error: too many connections\r\n',
  '554 5.7.1 mx.example.com no\r\n',
])('a port that speaks SMTP: %j', async greeting => {
  const server = await startScriptedServer(socket => socket.write(greeting))
  onTestFinished(() => server[Symbol.asyncDispose]())
  expect(await probeAmPdp(at(server.port), 5_000)).toContain('SMTP port')
})

test('a server that accepts connections and says nothing', async () => {
  const server = await startScriptedServer(() => {})
  onTestFinished(() => server[Symbol.asyncDispose]())
  expect(await probeAmPdp(at(server.port), 200)).toContain('did not answer within 200 ms')
})

test('when nobody listens, the fault is the error of the operating system', async () => {
  expect(await probeAmPdp(at(await freePort()), 1_000)).toContain('ECONNREFUSED')
  expect(await probeAmPdp({ path: join(temporaryFolder(), 'none.sock') }, 1_000)).toContain('ENOENT')
})

const at = (port: number) => ({ host: '127.0.0.1', port })
