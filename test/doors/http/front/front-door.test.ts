import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import express from 'express'
import { expect, onTestFinished, test } from 'vitest'
import { type FrontDoorDeps, frontDoor } from '../../../../src/doors/http/front/front-door.ts'
import type { Turns } from '../../../../src/doors/http/front/turns.ts'
import { RequestCounts } from '../../../../src/doors/http/middleware/request-counts.ts'
import { loadPages } from '../../../../src/doors/http/pages/pages.ts'
import { loadLocales } from '../../../../src/ground/i18n/locales.ts'
import { templateFiles } from '../../../../src/ground/templates/template-files.ts'
import { SILENT_METER } from '../../../embedded/silent-meter.ts'

test('from a connection whose request waits for its turn, nothing more is read', async () => {
  const { turns, waiting } = queue()
  const seen: string[] = []
  const port = await served(turns, path => seen.push(path))
  const first = connected(port)
  first.write(request('a'))
  await expect.poll(() => waiting.length).toBe(1)
  first.write(request('b'))
  // By another connection, and later: so the one above has been there to be read.
  connected(port).write(request('c'))
  await expect.poll(() => waiting.length).toBeGreaterThan(1)
  for (const perform of waiting.splice(0)) perform()
  expect(seen).toEqual(['/release/a', '/release/c'])
  await expect.poll(() => waiting.length).toBe(1)
})

test('whoever asks by one link, or from one address, fills no more of the queue than they may ask for in a minute', async () => {
  const { turns, waiting } = queue()
  const seen: string[] = []
  const port = await served(turns, path => seen.push(path), { perAddress: 5, perLink: 2 })
  const ask = async (token: string) => {
    const before = waiting.length
    const socket = connected(port)
    socket.write(request(token))
    await expect.poll(() => waiting.length).toBe(before + 1)
    return socket
  }
  await ask('a')
  await ask('a')
  const third = await ask('a')
  let answered = ''
  third.on('data', chunk => {
    answered += String(chunk)
  })
  for (const token of ['b', 'c', 'd', 'e']) await ask(token)
  for (const perform of waiting.splice(0)) perform()
  // The third by one link, and those after the fifth.
  expect(seen).toEqual(['/release/a', '/release/a', '/release/b', '/release/c'])
  await expect.poll(() => answered).toContain('429 Too Many Requests')
  expect(answered).toMatch(/^Retry-After: \d+\r$/m)
  await ask('a')
  for (const perform of waiting.splice(0)) perform()
  expect(seen.at(-1)).toBe('/release/a')
})

test('a whole URL as the target is read like its path', async () => {
  const refused: unknown[] = []
  const seen: string[] = []
  const atOnce: Turns = {
    take(_, perform) {
      perform()
      return 'done'
    },
  }
  const port = await served(atOnce, path => seen.push(path), {
    tokenFault: token => (token === 'forged' ? 'LINK_FORGED' : undefined),
    requests: { refused: refusal => refused.push(refusal) },
  })
  const socket = connected(port)
  for (const target of ['HTTP://mail.example:80/release/forged', 'x://y/release/forged?a', '/release/forged'])
    socket.write(`GET ${target} HTTP/1.1\r\nHost: mail.example\r\n\r\n`)
  socket.write('GET http://mail.example/release/good?a=b HTTP/1.1\r\nHost: mail.example\r\n\r\n')
  socket.write('GET http://mail.example HTTP/1.1\r\nHost: mail.example\r\n\r\n')
  await expect.poll(() => seen).toEqual(['/release/good', '/'])
  expect(refused).toHaveLength(3)
})

/** Turns that never come by themselves. */
function queue(): { readonly turns: Turns; readonly waiting: (() => void)[] } {
  const waiting: (() => void)[] = []
  const turns: Turns = {
    take(_, perform) {
      waiting.push(perform)
      return 'waits'
    },
  }
  return { turns, waiting }
}

async function served(
  turns: Turns,
  see: (path: string) => void,
  more: Partial<FrontDoorDeps> = {},
): Promise<number> {
  const genuine: Partial<FrontDoorDeps> = {
    publicUrl: 'https://mail.example',
    basePath: '',
    addressOf: () => '192.0.2.1',
    counts: new RequestCounts(),
    perAddress: 100,
    perLink: 100,
    tokenFault: () => undefined,
    warnOfProxy: () => undefined,
    requests: { refused: () => undefined },
    meter: SILENT_METER,
    pages,
    contact: undefined,
    standardLanguage: 'en',
    clock: () => Date.now(),
    ...more,
  }
  const app = express().use((request, response) => {
    see(request.path)
    response.end()
  })
  const server = createServer(frontDoor({ ...genuine, turns } as FrontDoorDeps, app)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const pages = loadPages(templateFiles(), loadLocales(templateFiles()))

function connected(port: number) {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  return socket
}

const request = (token: string): string => `GET /release/${token} HTTP/1.1\r\nHost: mail.example\r\n\r\n`
