import { expect, test } from 'vitest'
import { locksOwnerOut, type Sharing } from '../../../src/ground/database/sqlite-owner.ts'

const AMAVIS = 995
const OURS = 1500

/** A storage that amavisd has created, opened by a process of another user and group. */
const sharing = (other: Partial<Sharing> = {}): Sharing => ({
  file: { uid: AMAVIS, gid: AMAVIS, mode: 0o100660 },
  folder: { gid: AMAVIS, mode: 0o042770 },
  user: OURS,
  group: OURS,
  ...other,
})

test.each<[string, Partial<Sharing>]>([
  ['a folder whose group new files inherit, and a file that the group may write', {}],
  ['a process of root', { user: 0, folder: { gid: AMAVIS, mode: 0o040750 } }],
  ['a process of the owner', { user: AMAVIS, file: { uid: AMAVIS, gid: AMAVIS, mode: 0o100600 } }],
  ['a process in the owner’s group', { group: AMAVIS, folder: { gid: AMAVIS, mode: 0o040770 } }],
  ['a file that everybody may write', { file: { uid: AMAVIS, gid: AMAVIS, mode: 0o100666 } }],
])('amavisd can open the file with %s', (_, other) => {
  expect(locksOwnerOut(sharing(other))).toBe(false)
})

test.each<[string, Partial<Sharing>]>([
  ['a folder whose group new files do not inherit', { folder: { gid: AMAVIS, mode: 0o040770 } }],
  ['a folder from which new files inherit another group', { folder: { gid: OURS, mode: 0o042770 } }],
  ['a file that the group may only read', { file: { uid: AMAVIS, gid: AMAVIS, mode: 0o100640 } }],
])('amavisd would be locked out by %s', (_, other) => {
  expect(locksOwnerOut(sharing(other))).toBe(true)
})
