import { expect, test } from 'vitest'
import { preview } from '../../../../src/desks/admin/digests/preview.ts'
import { HOUR } from '../../../../src/ground/durations.ts'
import { directoryWith } from '../../../embedded/directory.ts'
import { hold } from '../../../embedded/held-mail.ts'
import { embeddedProgram, PUBLIC_URL } from '../../../embedded/program.ts'

const [SALES, BOB] = ['sales@example.com', 'bob@example.org'] as const

test('a preview is refused when the directory leads to a reader out of reach', async () => {
  const program = await embeddedProgram()
  const directory = directoryWith({ [SALES]: [BOB] })
  const deps = { ...program.deps, directory }
  await hold(program.storage, { recipient: SALES, receivedAt: program.time.now - HOUR })
  const shown = (...reach: string[]) => preview(deps, reach, SALES, PUBLIC_URL)
  expect(await shown('example.com')).toBeUndefined()
  expect(await shown('example.org')).toMatchObject({ listed: 1 })
  await expect(shown('example.net')).rejects.toMatchObject({ code: 'OUT_OF_REACH' })
})
