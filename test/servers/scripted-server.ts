import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

/** A server that handles each connection as the test says. */
export interface ScriptedServer extends AsyncDisposable {
  readonly port: number
  /** How many connections it has accepted. */
  connections(): number
}

/** Listens on a free port of 127.0.0.1, or on a Unix socket if `path` is given. */
export async function startScriptedServer(
  script: (socket: Socket) => void,
  path?: string,
): Promise<ScriptedServer> {
  const open = new Set<Socket>()
  let seen = 0
  const server = createServer(socket => {
    seen += 1
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
    script(socket)
  })
  server.listen(path === undefined ? { port: 0, host: '127.0.0.1' } : { path })
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    connections: () => seen,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Collects a request up to its empty line, and then calls `act`. */
export const afterRequest =
  (act: (socket: Socket, request: string) => unknown) =>
  (socket: Socket): void => {
    let request = ''
    socket.on('data', (chunk: Buffer) => {
      request += chunk.toString('latin1')
      if (request.endsWith('\r\n\r\n')) act(socket, request)
    })
  }

/** Acts as an amavisd that answers the program's probes, and calls `act` for each request to release. */
export const afterRelease = (act: (socket: Socket, request: string) => unknown) =>
  afterRequest((socket, request) =>
    request.startsWith('request=release') ? act(socket, request) : socket.end('action=DUNNO\r\n\r\n'),
  )
