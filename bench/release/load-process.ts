import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import process from 'node:process'
import type { Load, LoadFigures } from './load.ts'

// `load-process.ts FILE`: sends the requests of a load to a server, in a process of its own, so that it takes no time of
// the server's thread. It writes ready octets and reads no more of an answer than its status and its length. SIGTERM has it
// send no more.
const load = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Load
process.stdout.write(`${JSON.stringify(await send(load))}\n`)

async function send({ port, connections, ahead, rate, requests, seconds }: Load): Promise<LoadFigures> {
  const octets = requests.map(request => Buffer.from(request, 'latin1'))
  const times: number[] = []
  const statuses: Record<string, number> = {}
  const start = performance.now()
  let until = start + seconds * 1000
  let next = 0
  process.on('SIGTERM', () => {
    until = 0
  })
  const take = (): Buffer | undefined => {
    if (performance.now() >= until || (rate !== undefined && next >= octets.length)) return undefined
    const request = octets[next % octets.length]
    next += 1
    return request
  }
  const answered = (status: string, from: number) => {
    statuses[status] = (statuses[status] ?? 0) + 1
    times.push(performance.now() - from)
  }
  if (rate === undefined)
    await Promise.all(Array.from({ length: connections }, () => pipeline(port, ahead ?? 1, take, answered)))
  else await atRate({ port, connections, rate }, take, answered)
  const took = performance.now() - start
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  return { answers: times.length, statuses, seconds: took / 1000, p50: at(0.5), p99: at(0.99), most: at(1) }
}

type Answered = (status: string, from: number) => void

/** Keeps so many requests on their way through one connection, until there are no more. */
function pipeline(
  port: number,
  ahead: number,
  take: () => Buffer | undefined,
  answered: Answered,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const sentAt: number[] = []
  const fill = () => {
    const batch: Buffer[] = []
    while (sentAt.length < ahead) {
      const request = take()
      if (!request) break
      batch.push(request)
      sentAt.push(performance.now())
    }
    if (batch.length > 0) socket.write(Buffer.concat(batch))
    else if (sentAt.length === 0) {
      socket.destroy()
      resolve()
    }
  }
  const socket = connect({ port, host: '127.0.0.1', noDelay: true }, fill)
  readAnswers(socket, status => {
    answered(status, sentAt.shift() ?? Number.NaN)
    // Refilled half a window at a time: one write for many requests.
    if (sentAt.length <= ahead / 2) fill()
  })
  socket.on('error', reject)
  return promise
}

/**
 * Sends so many requests a second, whether or not the earlier ones are answered. A time counts from when a request is
 * written or has to wait for a connection. It does not count from the even time at which it was due, because our own
 * timer is late by half a millisecond on average, and by more on a busy machine.
 */
async function atRate(
  { port, connections, rate }: { readonly port: number; readonly connections: number; readonly rate: number },
  take: () => Buffer | undefined,
  answered: Answered,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const start = performance.now()
  let sent = 0
  let got = 0
  let isOver = false
  const idle: ((request: Buffer, since: number) => void)[] = []
  const waiting: { readonly request: Buffer; readonly since: number }[] = []
  const sockets = Array.from({ length: connections }, () => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let from = 0
    const use = (request: Buffer, since: number) => {
      from = since
      socket.write(request)
    }
    readAnswers(socket, status => {
      got += 1
      answered(status, from)
      const first = waiting.shift()
      if (first) use(first.request, first.since)
      else idle.push(use)
      if (isOver && got === sent) resolve()
    })
    idle.push(use)
    return socket
  })
  const timer = setInterval(() => {
    while (!isOver && performance.now() >= start + (sent * 1000) / rate) {
      const since = performance.now()
      const request = take()
      if (!request) {
        isOver = true
        break
      }
      sent += 1
      const use = idle.shift()
      if (use) use(request, since)
      else waiting.push({ request, since })
    }
    if (isOver && got === sent) resolve()
  }, 1)
  await promise
  clearInterval(timer)
  for (const socket of sockets) socket.destroy()
}

/** Calls back with the status of each answer. */
function readAnswers(socket: Socket, onAnswer: (status: string) => void): void {
  let rest = ''
  let missing = 0
  let status = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    let text = chunk
    if (missing > 0) {
      const part = Math.min(missing, text.length)
      missing -= part
      text = text.slice(part)
      if (missing > 0) return
      onAnswer(status)
    }
    text = rest + text
    for (;;) {
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) break
      status = text.slice(9, 12)
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0)
      const whole = end + 4 + length
      if (text.length < whole) {
        missing = whole - text.length
        text = ''
        break
      }
      text = text.slice(whole)
      onAnswer(status)
    }
    rest = text
  })
}
