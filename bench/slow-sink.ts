import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** An SMTP server that takes some time for each mail, in a process of its own. */
export interface SlowSink {
  readonly port: number
  /** What it has taken since this was asked last. */
  taken(): Promise<Taken>
}

export interface Taken {
  readonly mails: number
  /** When it took the first one and the last one, in milliseconds by its own clock. */
  readonly first: number
  readonly last: number
}

/** @param latency milliseconds from the end of a mail to the answer */
export async function startSlowSink(stack: AsyncDisposableStack, latency: number): Promise<SlowSink> {
  const file = fileURLToPath(new URL('processes/slow-sink.ts', import.meta.url))
  const sink = spawn(process.execPath, [file, `${latency}`], { stdio: ['pipe', 'pipe', 'inherit'] })
  stack.defer(() => end(sink))
  const lines = createInterface({ input: sink.stdout })[Symbol.asyncIterator]()
  const nextLine = async (): Promise<string> => {
    const { done, value } = await lines.next()
    if (done) throw new Error('the sink has ended')
    return value
  }
  return {
    port: Number(await nextLine()),
    taken: async () => {
      sink.stdin.write('?\n')
      return JSON.parse(await nextLine()) as Taken
    },
  }
}

async function end(sink: ChildProcess): Promise<void> {
  const ended = once(sink, 'exit')
  if (sink.exitCode === null && sink.kill()) await ended
}
