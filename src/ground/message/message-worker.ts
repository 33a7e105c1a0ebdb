import { parentPort } from 'node:worker_threads'
import type { Read } from './message-reader.ts'
import { TooLarge } from './octets/limits.ts'
import { readAttachment, readContent, readHtml } from './read-message.ts'

// The thread in which messages are read: one question, one answer.

export interface Question {
  readonly message: Uint8Array<ArrayBuffer>
  readonly ask: 'content' | 'html' | number
}

parentPort?.on('message', (question: Question) => {
  void answer(question).then(read => parentPort?.postMessage(read))
})

async function answer({ message, ask }: Question): Promise<Read<unknown>> {
  try {
    if (ask === 'content') return { is: 'read', value: await readContent(message) }
    if (ask === 'html') return { is: 'read', value: await readHtml(message) }
    return { is: 'read', value: readAttachment(message, ask) }
  } catch (error) {
    return { is: error instanceof TooLarge || error instanceof RangeError ? 'too-large' : 'damaged' }
  }
}
