import {
  chmodSync,
  copyFileSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** The files of a package, laid out in a folder. Paths in it are relative to that folder. */
export interface Tree {
  write(path: string, content: string | Buffer): void
  /** @param isWanted gets a file's path within the folder that is copied; by default each file is */
  copy(from: string, path: string, isWanted?: (inside: string) => boolean): void
  link(target: string, path: string): void
  /** Every file with its content, in the order of their paths. */
  files(): readonly (readonly [path: string, content: Buffer])[]
  /** Gives every file and folder the mode and the time that it has in the package, whatever ours were. */
  settle(executables: ReadonlySet<string>, time: number): void
}

export function treeIn(folder: string): Tree {
  const placed = (path: string): string => {
    const place = join(folder, path)
    mkdirSync(dirname(place), { recursive: true })
    return place
  }
  return {
    write: (path, content) => writeFileSync(placed(path), content),
    copy(from, path, isWanted = () => true) {
      if (!statSync(from).isDirectory()) return copyFileSync(from, placed(path))
      for (const inside of filesBelow(from)) {
        if (isWanted(inside)) copyFileSync(join(from, inside), placed(join(path, inside)))
      }
    },
    link: (target, path) => symlinkSync(target, placed(path)),
    files: () => filesBelow(folder).map(path => [path, readFileSync(join(folder, path))] as const),
    settle(executables, time) {
      for (const { path, kind } of [{ path: '', kind: 'folder' }, ...entriesBelow(folder)]) {
        const place = join(folder, path)
        if (kind !== 'link') chmodSync(place, kind === 'folder' || executables.has(path) ? 0o755 : 0o644)
        lutimesSync(place, time, time)
      }
    },
  }
}

const filesBelow = (folder: string): string[] =>
  [...entriesBelow(folder)].filter(({ kind }) => kind === 'file').map(({ path }) => path)

/** In the order of names. Links are not followed; readdir with `recursive` does. */
function* entriesBelow(
  folder: string,
  below = '',
): Generator<{ path: string; kind: 'folder' | 'link' | 'file' }> {
  const entries = readdirSync(join(folder, below), { withFileTypes: true })
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = join(below, entry.name)
    yield { path, kind: entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : 'file' }
    if (entry.isDirectory()) yield* entriesBelow(folder, path)
  }
}

/** As `gzip -9n` does it, so without a time. */
export const gzipped = (content: string | Buffer): Buffer => gzipSync(content, { level: 9 })
