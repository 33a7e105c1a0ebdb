import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createAmPdpTransport } from '../../../../src/ground/amavisd/am-pdp/am-pdp-transport.ts'
import { freePort } from '../../../servers/ports.ts'
import { afterRequest, startScriptedServer } from '../../../servers/scripted-server.ts'
import { releaseRequest } from '../release-request.ts'

const OK = 'setreply=250 2.0.0 from%20MTA:%20250%20Ok\r\n\r\n'

const transportTo = (port: number, options: { timeout?: number; connections?: number } = {}) =>
  createAmPdpTransport({ via: { host: '127.0.0.1', port }, timeout: 5_000, connections: 2, ...options })

/** Sends a request to a server that follows the script, and returns the answer. */
async function answerOf(script: (socket: Socket) => void, timeout?: number) {
  await using server = await startScriptedServer(script)
  return await transportTo(server.port, timeout === undefined ? {} : { timeout }).release(releaseRequest())
}

describe('the AM.PDP transport', () => {
  test('sends the attributes, one recipient among them, and closes', async () => {
    const requests: string[] = []
    const closed = Promise.withResolvers<void>()
    await using server = await startScriptedServer(socket => {
      socket.once('close', () => closed.resolve())
      afterRequest((_, request) => {
        requests.push(request)
        socket.write(OK)
      })(socket)
    })
    const answer = await transportTo(server.port).release(
      releaseRequest({
        partitionTag: 47,
        recipient: '"odd address"@example.com',
        quarantineLocation: 'ignored',
      }),
    )
    expect(answer).toEqual({ outcome: 'released', reply: '250 2.0.0 from MTA: 250 Ok' })
    await closed.promise
    expect(requests).toEqual([
      'request=release\r\nmail_id=MiknvCQf7W66\r\nsecret_id=QXGqW57LghsN\r\nquar_type=Q\r\npartition_tag=47\r\n' +
        'requested_by=<reader@example.com>\r\nrecipient=<"odd%20address"@example.com>\r\n\r\n',
    ])
  })

  test('recognises an SMTP port by its greeting, and reports that nothing was asked', async () => {
    const answer = await answerOf(socket => socket.write('220 mx.example.com ESMTP amavisd-new\r\n'))
    expect(answer).toMatchObject({ outcome: 'unreachable', asked: false })
    expect(answer.reply).toContain('release.via')
  })

  test('names the file of a file quarantine', async () => {
    const requests: string[] = []
    await using server = await startScriptedServer(
      afterRequest((socket, request) => {
        requests.push(request)
        socket.write(OK)
      }),
    )
    await transportTo(server.port).release(
      releaseRequest({ quarantineType: 'Z', quarantineLocation: 'spam-MiknvCQf7W66.gz' }),
    )
    expect(requests[0]).toContain('quar_type=Z\r\n')
    expect(requests[0]).toContain('mail_file=spam-MiknvCQf7W66.gz\r\n')
  })

  test('reads an answer that comes octet by octet', async () => {
    const answer = await answerOf(
      afterRequest(async socket => {
        for (const octet of OK) await new Promise<void>(resolve => socket.write(octet, () => resolve()))
      }),
    )
    expect(answer.outcome).toBe('released')
  })

  test('when nobody listens, it is unreachable and was not asked', async () => {
    const answer = await transportTo(await freePort()).release(releaseRequest())
    expect(answer).toMatchObject({ outcome: 'unreachable', asked: false })
    expect(answer.reply).toContain('ECONNREFUSED')
  })

  test('without the Unix socket, it is unreachable and was not asked', async () => {
    const transport = createAmPdpTransport({
      via: { path: '/nonexistent/amavisd.sock' },
      timeout: 5_000,
      connections: 2,
    })
    const answer = await transport.release(releaseRequest())
    expect(answer).toMatchObject({ outcome: 'unreachable', asked: false })
    expect(answer.reply).toContain('ENOENT')
  })

  test('when it stays silent until the timeout, it is unreachable but was asked', async () => {
    const answer = await answerOf(socket => socket.resume(), 100)
    expect(answer).toMatchObject({ outcome: 'unreachable', asked: true })
    expect(answer.reply).toContain('100 ms')
  })

  test('when it hangs up after the request, it is unreachable but was asked', async () => {
    const answer = await answerOf(afterRequest(socket => socket.destroy()))
    expect(answer).toMatchObject({ outcome: 'unreachable', asked: true })
  })

  test('when it hangs up in the middle of the answer, it is unreachable but was asked', async () => {
    const answer = await answerOf(afterRequest(socket => socket.end('setreply=250 2.0.0 Ok\r\n')))
    expect(answer).toMatchObject({ outcome: 'unreachable', asked: true })
  })

  test('an endless answer is cut off', async () => {
    const answer = await answerOf(
      afterRequest(socket => {
        const flood = () => {
          while (socket.writable && socket.write('setreply=250 2.0.0 Ok\r\n'.repeat(1000)));
        }
        socket.on('drain', flood)
        flood()
      }),
    )
    expect(answer).toMatchObject({ outcome: 'unreachable', asked: true })
    expect(answer.reply).toContain('longer than')
  })

  test('a server with another protocol is not a success', async () => {
    const answer = await answerOf(
      afterRequest(socket => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')),
    )
    expect(answer.outcome).toBe('refused')
  })

  test('the secret that amavisd repeats is not passed on', async () => {
    const answer = await answerOf(
      afterRequest((socket, request) => {
        const secret = /secret_id=(.*)\r/.exec(request)?.[1]
        socket.end(`setreply=450 4.5.0 Failure:%20Secret_id%20${secret}%20does%20not%20match\r\n\r\n`)
      }),
    )
    expect(answer.outcome).toBe('refused')
    expect(answer.reply).not.toContain('QXGqW57LghsN')
  })

  test('an invalid request opens no connection', async () => {
    await using server = await startScriptedServer(socket => socket.end(OK))
    const answer = await transportTo(server.port).release(releaseRequest({ recipient: '' }))
    expect(answer.outcome).toBe('refused')
    expect(server.connections()).toBe(0)
  })

  test('runs no more requests at once than it may, and completes them all', async () => {
    let running = 0
    let mostRunning = 0
    await using server = await startScriptedServer(
      afterRequest(socket => {
        running += 1
        mostRunning = Math.max(mostRunning, running)
        setTimeout(() => {
          running -= 1
          socket.end(OK)
        }, 5)
      }),
    )
    const transport = transportTo(server.port, { connections: 2 })
    const answers = await Promise.all(Array.from({ length: 12 }, () => transport.release(releaseRequest())))
    expect(answers.every(answer => answer.outcome === 'released')).toBe(true)
    expect(server.connections()).toBe(12)
    expect(mostRunning).toBe(2)
  })

  test('checks the claim once a connection is free, and asks nothing if the claim is lost', async () => {
    const asked: Socket[] = []
    await using server = await startScriptedServer(afterRequest(socket => void asked.push(socket)))
    const transport = transportTo(server.port, { connections: 1 })
    const checked: string[] = []
    const check = (name: string, mayAsk: () => boolean) => async () => {
      checked.push(name)
      return mayAsk()
    }
    const first = transport.release(releaseRequest())
    const late = transport.release(
      releaseRequest(),
      undefined,
      check('late', () => false),
    )
    const unsure = transport.release(
      releaseRequest(),
      undefined,
      check('unsure', () => {
        throw new Error('the database is down')
      }),
    )
    const last = transport.release(
      releaseRequest(),
      undefined,
      check('last', () => true),
    )
    await expect.poll(() => asked.length).toBe(1)
    expect(checked).toEqual([])
    asked[0]?.end(OK)
    expect(await first).toMatchObject({ outcome: 'released' })
    expect(await late).toMatchObject({ outcome: 'unreachable', asked: false })
    expect(await unsure).toMatchObject({ outcome: 'unreachable', asked: false })
    await expect.poll(() => asked.length).toBe(2)
    asked[1]?.end(OK)
    expect(await last).toMatchObject({ outcome: 'released' })
    expect(checked).toEqual(['late', 'unsure', 'last'])
    expect(server.connections()).toBe(2)
  })

  test('an interruption ends the wait, and tells whether amavisd had been asked', async () => {
    const interruption = new AbortController()
    await using server = await startScriptedServer(afterRequest(() => interruption.abort()))
    const transport = transportTo(server.port, { connections: 1 })
    const [asked, waiting] = await Promise.all([
      transport.release(releaseRequest(), interruption.signal),
      transport.release(releaseRequest(), interruption.signal),
    ])
    expect(asked).toMatchObject({ outcome: 'unreachable', asked: true })
    expect(waiting).toMatchObject({ outcome: 'unreachable', asked: false })
    expect(await transport.release(releaseRequest(), interruption.signal)).toMatchObject({ asked: false })
    expect(server.connections()).toBe(1)
  })
})
