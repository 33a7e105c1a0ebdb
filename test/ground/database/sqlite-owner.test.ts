import { expect, test } from 'vitest'
import { locksOwnerOut, type Sharing } from '../../../src/ground/database/sqlite-owner.ts'

const AMAVIS = 995
const OURS = 1500

/** A storage that amavisd has made, opened by a program of another user and group. */
const sharing = (other: Partial<Sharing> = {}): Sharing => ({
  file: { uid: AMAVIS, gid: AMAVIS, mode: 0o100660 },
  folder: { gid: AMAVIS, mode: 0o042770 },
  user: OURS,
  group: OURS,
  ...other,
})

test.each<[string, Partial<Sharing>]>([
  ['a folder that hands its group on, and a file that the group may write', {}],
  ['root', { user: 0, folder: { gid: AMAVIS, mode: 0o040750 } }],
  ['the owner', { user: AMAVIS, file: { uid: AMAVIS, gid: AMAVIS, mode: 0o100600 } }],
  ['the owner’s group as one’s own', { group: AMAVIS, folder: { gid: AMAVIS, mode: 0o040770 } }],
  ['a file that everybody may write', { file: { uid: AMAVIS, gid: AMAVIS, mode: 0o100666 } }],
])('amavisd gets in with %s', (_, other) => {
  expect(locksOwnerOut(sharing(other))).toBe(false)
})

test.each<[string, Partial<Sharing>]>([
  ['a folder that does not hand its group on', { folder: { gid: AMAVIS, mode: 0o040770 } }],
  ['a folder that hands on another group', { folder: { gid: OURS, mode: 0o042770 } }],
  ['a file that the group may only read', { file: { uid: AMAVIS, gid: AMAVIS, mode: 0o100640 } }],
])('amavisd would be locked out by %s', (_, other) => {
  expect(locksOwnerOut(sharing(other))).toBe(true)
})
