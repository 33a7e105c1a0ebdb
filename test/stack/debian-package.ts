import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { packDeb } from '../../scripts/deb/pack.ts'
import { stageDeb } from '../../scripts/deb/stage.ts'
import { SAMPLES } from '../../src/demo/samples/samples.ts'
import { createStorage } from '../../src/demo/storage/storage.ts'
import { createTestRoot, type TestRoot } from '../servers/test-root.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Any time: each file of the package has it. */
export const TIME = Date.UTC(2026, 2, 1) / 1000

/** The Debian package in two versions, and a system to install them into. */
export interface DebianPackages extends Disposable {
  /** The file of the package, on this machine. */
  readonly file: string
  readonly root: TestRoot
  /** Its path in the system of a version. */
  readonly versions: readonly [old: string, next: string]
  /** Replaces the configuration in the system, and keeps its owner and mode. */
  configure(settings: object): Promise<void>
}

/** @param dist the folder with the compiled program */
export function makeDebianPackages(dist: string): DebianPackages {
  const folder = mkdtempSync(join(tmpdir(), 'amavis-digest-deb-'))
  const stage = join(folder, 'stage')
  mkdirSync(stage)
  const file = join(folder, stageDeb(stage, { root: ROOT, dist, time: TIME }))
  packDeb(stage, file, { time: TIME, compression: 'none' })
  const next = nextVersion(folder, stage)
  const root = createTestRoot()
  root.write('/srv/old.deb', readFileSync(file))
  root.write('/srv/next.deb', readFileSync(next))
  addSystemd(root)
  addQuarantine(root, folder)
  return {
    file,
    root,
    versions: ['/srv/old.deb', '/srv/next.deb'],
    async configure(settings) {
      const config = stringify({ ...SETTINGS, ...settings })
      await root.run(`cat > /etc/amavis-digest/config.yaml <<'EOF'\n${config}EOF`)
    },
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true, force: true })
      root[Symbol.dispose]()
    },
  }
}

export const NEXT_VERSION = '999.0.0'

/** The same files with a higher version, without one of them. */
function nextVersion(folder: string, stage: string): string {
  for (const name of ['DEBIAN/control', 'usr/lib/amavis-digest/package.json']) {
    const text = readFileSync(join(stage, name), 'utf8')
    writeFileSync(join(stage, name), text.replace(/(^Version: |"version": ")[\d.]+/m, `$1${NEXT_VERSION}`))
  }
  rmSync(join(stage, 'usr/share/doc/amavis-digest/SECURITY.md'))
  const file = join(folder, 'next.deb')
  packDeb(stage, file, { time: TIME, compression: 'none' })
  return file
}

/**
 * No systemd runs in the system. Once /run/systemd/system exists, this one writes down what it was told to do. Of the two
 * services, amavis-digest runs.
 */
function addSystemd(root: TestRoot): void {
  const script = `#!/bin/sh
echo "$*" >> /srv/systemctl.log
case "$*" in *is-enabled*) echo enabled ;; *is-active*) case "$*" in *worker*) exit 3 ;; esac ;; esac\n`
  root.write('/usr/local/bin/systemctl', script, 0o755)
  // An image for containers forbids services.
  root.write('/usr/sbin/policy-rc.d', '#!/bin/sh\nexit 0\n', 0o755)
}

function addQuarantine(root: TestRoot, folder: string): void {
  const storage = join(folder, 'amavis.sqlite')
  createStorage(storage, SAMPLES, Date.now())
  root.write('/srv/amavis.sqlite', readFileSync(storage))
}

const DATABASE = '/var/lib/amavis-digest/amavis.sqlite'

const SETTINGS = {
  publicUrl: 'https://quarantine.example.com',
  storage: { url: `sqlite://${DATABASE}` },
  release: { via: 'tcp://127.0.0.1:9' },
  delivery: { withoutRelease: true },
}

/** What `dpkg-deb` says of the package. */
export const contentsOf = (file: string): readonly string[] =>
  execFileSync('dpkg-deb', ['--contents', file], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    env: { TZ: 'UTC', PATH: process.env.PATH },
  })
    .trim()
    .split('\n')
