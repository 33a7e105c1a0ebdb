import { createServer, type Socket } from 'node:net'
import { type Attribute, decodeMessage, encodeMessage } from '../../ground/amavisd/am-pdp/codec.ts'
import { openQuarantine } from './quarantine.ts'
import { answerRequest } from './release.ts'
import { submitTo } from './submit.ts'

/**
 * Handles AM.PDP release requests as amavisd does, on a free port of 127.0.0.1: reads the message from the quarantine
 * table and delivers it by SMTP.
 */
export async function startAmPdpResponder(
  storageFile: string,
  smtpPort: number,
): Promise<{ port: number } & AsyncDisposable> {
  const quarantine = openQuarantine(storageFile)
  const submit = submitTo(smtpPort)
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    serve(socket, request => answerRequest(request, quarantine, submit))
      // The client hung up.
      .catch(() => socket.destroy())
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
      quarantine[Symbol.dispose]()
    },
  }
}

/** Answers the requests of one connection one after the other. An empty line ends each request and each reply. */
async function serve(socket: Socket, answer: (request: Attribute[]) => Promise<Attribute[]>): Promise<void> {
  let pending = ''
  // A client may close its side and still wait for the answer.
  for await (const chunk of socket.setEncoding('latin1').iterator({ destroyOnReturn: false })) {
    pending += chunk
    for (let end = EMPTY_LINE.exec(pending); end; end = EMPTY_LINE.exec(pending)) {
      const request = decodeMessage(pending.slice(0, end.index))
      pending = pending.slice(end.index + end[0].length)
      socket.write(encodeMessage(await answer(request)))
    }
    if (pending.length > LARGEST_REQUEST) socket.destroy()
  }
  socket.end()
}

const EMPTY_LINE = /(?:^|\r?\n)\r?\n/

const LARGEST_REQUEST = 65_536
