import type { Answer, Directory } from './directory.ts'
import { withoutExtension } from './extension.ts'

/** Each address reads its own mail. @param delimiter see `withoutExtension` */
export const addresses = (delimiter: string): Directory => ({
  async find(asked) {
    return new Map(asked.map(address => [address, answerFor(address, delimiter)]))
  },
})

function answerFor(address: string, delimiter: string): Answer {
  const reader = withoutExtension(address, delimiter) ?? address
  return {
    readers: [{ address: reader, isOff: false }],
    by: [
      ...(reader === address ? [] : [{ is: 'extension', from: address, to: reader, row: null } as const]),
      { is: 'mailbox', from: reader, to: reader, row: null },
    ],
  }
}
