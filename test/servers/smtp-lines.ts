import type { Socket } from 'node:net'

/** Reads one side of an SMTP session: lines, and the dot-stuffed block after DATA. */
export class SmtpLines implements AsyncIterable<string> {
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(socket: Socket) {
    this.#chunks = socket[Symbol.asyncIterator]()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (;;) {
      const line = await this.line()
      if (line === undefined) return
      yield line
    }
  }

  /** The next line without its CR LF; undefined when the other side has hung up. */
  async line(): Promise<string | undefined> {
    return (await this.#upTo(CRLF))?.toString('utf8')
  }

  /** The message after DATA, without dot-stuffing. */
  async data(): Promise<Buffer | undefined> {
    if (this.#rest.subarray(0, 3).equals(LONE_DOT)) return this.#upTo(LONE_DOT)
    const block = await this.#upTo(END_OF_DATA)
    if (!block) return undefined
    const text = `${block.toString('latin1')}\r\n`
    return Buffer.from(text.replaceAll(/^\.\./gm, '.'), 'latin1')
  }

  async #upTo(mark: Buffer): Promise<Buffer | undefined> {
    for (;;) {
      const end = this.#rest.indexOf(mark)
      if (end >= 0) {
        const found = this.#rest.subarray(0, end)
        this.#rest = this.#rest.subarray(end + mark.length)
        return found
      }
      const next = await this.#chunks.next().catch(() => HUNG_UP)
      if (next.done) return undefined
      this.#rest = Buffer.concat([this.#rest, next.value])
    }
  }
}

const CRLF = Buffer.from('\r\n')
const LONE_DOT = Buffer.from('.\r\n')
const END_OF_DATA = Buffer.from('\r\n.\r\n')
const HUNG_UP = { done: true, value: undefined } as const
