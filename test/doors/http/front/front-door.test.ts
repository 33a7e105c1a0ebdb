import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import express from 'express'
import { expect, onTestFinished, test } from 'vitest'
import { type FrontDoorDeps, frontDoor } from '../../../../src/doors/http/front/front-door.ts'
import type { Turns } from '../../../../src/doors/http/front/turns.ts'
import { RequestCounts } from '../../../../src/doors/http/middleware/request-counts.ts'

test('from a connection whose request waits for its turn, nothing more is read', async () => {
  const waiting: (() => void)[] = []
  const seen: string[] = []
  const turns: Turns = {
    take(_, perform) {
      waiting.push(perform)
      return 'waits'
    },
  }
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

async function served(turns: Turns, see: (path: string) => void): Promise<number> {
  const genuine: Partial<FrontDoorDeps> = {
    publicUrl: 'https://mail.example',
    basePath: '',
    addressOf: () => '192.0.2.1',
    counts: new RequestCounts(),
    perAddress: 100,
    tokenFault: () => undefined,
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

function connected(port: number) {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  return socket
}

const request = (token: string): string => `GET /release/${token} HTTP/1.1\r\nHost: mail.example\r\n\r\n`
