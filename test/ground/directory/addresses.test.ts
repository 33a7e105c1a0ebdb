import { addresses } from '../../../src/ground/directory/addresses.ts'
import { directoryContract } from '../../contracts/directory.ts'

directoryContract({
  name: 'addresses',
  lacks: ['aliases', 'off', 'names', 'languages', 'unknown'],
  make: async ({ recipientDelimiter = '' }) => ({
    directory: addresses(recipientDelimiter),
    async [Symbol.asyncDispose]() {},
  }),
})
