import { chmodSync, chownSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { changeableByOthers } from '../../../src/ground/files/roots-alone.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

/** Whom else a file may belong to. */
const NOBODY = 65534

const isRoot = process.getuid?.() === 0

describe.skipIf(!isRoot)('what others than root could change', () => {
  test('nothing, in a private folder below the sticky /tmp', () => {
    const file = fileIn(temporaryFolder())
    expect(changeableByOthers({ path: file, kind: 'secret' })).toEqual([])
  })

  test('a file of another user, and the command lets that user go on reading it', () => {
    const file = fileIn(temporaryFolder())
    chownSync(file, NOBODY, NOBODY)
    expect(changeableByOthers({ path: file, kind: 'secret' })).toEqual([
      `${file} belongs to nobody. Run: chown root:nogroup ${file} && chmod 640 ${file}`,
    ])
    expect(changeableByOthers({ path: file, kind: 'file' })).toEqual([
      `${file} belongs to nobody. Run: chown root ${file}`,
    ])
  })

  test.each([
    [0o646, 'everybody'],
    [0o620, 'the group root'],
    [0o666, 'everybody'],
  ])('a file of mode %o', (mode, who) => {
    const file = fileIn(temporaryFolder())
    chmodSync(file, mode)
    expect(changeableByOthers({ path: file, kind: 'file' })).toEqual([
      `${file} can be written by ${who}. Run: chmod go-w ${file}`,
    ])
  })

  test('the file’s folder, every folder above it, and where a link leads', () => {
    const base = temporaryFolder()
    const deep = join(base, 'a', 'b c')
    mkdirSync(deep, { recursive: true })
    const file = fileIn(deep)
    chownSync(join(base, 'a'), NOBODY, NOBODY)
    chmodSync(deep, 0o777)
    const link = join(base, 'link')
    symlinkSync('a/./b c/../b c/file', link)
    const faults = [
      `${base}/a belongs to nobody. Run: chown root ${base}/a`,
      `${deep} can be written by everybody. Run: chmod go-w '${deep}'`,
    ]
    for (const path of [file, link]) expect(changeableByOthers({ path, kind: 'file' })).toEqual(faults)
  })

  test('a folder that is sticky is safe for what belongs to root only', () => {
    const shared = join(temporaryFolder(), 'shared')
    mkdirSync(shared)
    chmodSync(shared, 0o1777)
    const file = fileIn(shared)
    expect(changeableByOthers({ path: file, kind: 'file' })).toEqual([])
    const planted = join(shared, 'planted')
    symlinkSync(file, planted)
    expect(changeableByOthers({ path: planted, kind: 'file' })).toEqual([])
    lchownSync(planted, NOBODY, NOBODY)
    expect(changeableByOthers({ path: planted, kind: 'file' })).toEqual([
      `${planted} is a link that belongs to nobody. Run: rm ${planted}`,
    ])
    chownSync(shared, NOBODY, NOBODY)
    expect(changeableByOthers({ path: file, kind: 'file' })).toHaveLength(1)
  })

  test('anything in a tree', () => {
    const tree = join(temporaryFolder(), 'templates')
    mkdirSync(join(tree, 'pages'), { recursive: true })
    const page = join(tree, 'pages', 'release.html')
    writeFileSync(page, '')
    expect(changeableByOthers({ path: tree, kind: 'tree' })).toEqual([])
    chownSync(page, NOBODY, NOBODY)
    expect(changeableByOthers({ path: tree, kind: 'tree' })).toEqual([
      `${page} belongs to nobody. Run: chown root ${page}`,
    ])
  })

  test('not a device, a pipe of the shell, or a file that is not there', () => {
    for (const path of ['/dev/null', '/dev/fd/0', '/dev/stdin', join(temporaryFolder(), 'missing')]) {
      expect(changeableByOthers({ path, kind: 'secret' }), path).toEqual([])
    }
  })
})

function fileIn(folder: string): string {
  const file = join(folder, 'file')
  writeFileSync(file, '', { mode: 0o600 })
  return file
}
