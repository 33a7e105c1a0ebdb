// `npm run build:deb`: makes artefacts/amavis-digest_VERSION_ARCH.deb of what `npm run build` has put into `dist`. The same
// commit on the same architecture gives the same bytes.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { packDeb } from './deb/pack.ts'
import { stageDeb } from './deb/stage.ts'
import { timeOfSource } from './deb/time-of-source.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

const folder = mkdtempSync(join(tmpdir(), 'amavis-digest-deb-'))
try {
  const time = timeOfSource(ROOT)
  const name = stageDeb(folder, { root: ROOT, dist: join(ROOT, 'dist'), time })
  mkdirSync(join(ROOT, 'artefacts'), { recursive: true })
  packDeb(folder, join(ROOT, 'artefacts', name), { time, compression: 'xz' })
  process.stdout.write(`artefacts/${name}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
