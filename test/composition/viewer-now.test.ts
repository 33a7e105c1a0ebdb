import { expect, test } from 'vitest'
import { viewerNowOf } from '../../src/composition/viewer-now.ts'
import { apiKeys } from '../../src/desks/admin/api-keys/api-keys.ts'
import { viewerOfKey } from '../../src/desks/admin/api-keys/key-viewer.ts'
import { adminsOf, adminViewer } from '../../src/rules/reach/admins.ts'
import { embeddedProgram } from '../embedded/program.ts'
import { adminOf } from '../embedded/viewers.ts'

const ROOT = { address: 'root@example.com' }

test('an admin has the rights that the configuration gives them now', async () => {
  const { deps } = await embeddedProgram()
  const now = (admins: Parameters<typeof adminsOf>[0]) =>
    viewerNowOf({ admins: [...admins] } as never, apiKeys(deps))(adminOf())
  expect(await now([])).toBeUndefined()
  expect(await now([{ ...ROOT, domains: ['example.com'] }])).toEqual({
    ...adminOf('example.com'),
    may: ['read', 'release', 'decide', 'senders', 'learn'],
  })
  const admin = adminsOf([ROOT]).find(ROOT.address)
  expect(await now([ROOT])).toEqual(admin && adminViewer(admin, '192.0.2.1'))
})

test('a program has the rights of its key, until that is revoked', async () => {
  const { deps } = await embeddedProgram()
  const keys = apiKeys(deps)
  const by = { kind: 'admin', name: 'root', remoteAddress: null } as const
  const request = { name: 'ticket desk', scopes: ['held:release'], domains: ['example.com'] } as const
  const { key } = await keys.make(by, request)
  const viewer = viewerOfKey(key, '192.0.2.1')
  const viewerNow = viewerNowOf({ admins: [ROOT] } as never, keys)
  expect(await viewerNow(viewer)).toEqual(viewer)
  await keys.revoke(by, key.id)
  expect(await viewerNow(viewer)).toBeUndefined()
})
