import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { packDeb } from '../../scripts/deb/pack.ts'
import { stageDeb } from '../../scripts/deb/stage.ts'
import { SAMPLES } from '../../src/demo/samples/samples.ts'
import { createStorage } from '../../src/demo/storage/storage.ts'
import { privateDir } from '../servers/private-dir.ts'
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
export async function makeDebianPackages(dist: string): Promise<DebianPackages> {
  const root = await createTestRoot()
  const folder = privateDir('deb', 'root')
  const stage = folder.own('stage')
  stageDeb(stage, { root: ROOT, dist, time: TIME })
  const file = root.place('/srv/old.deb')
  packDeb(stage, file, { time: TIME, compression: 'none' })
  makeNext(stage)
  packDeb(stage, root.place('/srv/next.deb'), { time: TIME, compression: 'none' })
  addSystemd(root)
  createStorage(root.place('/srv/amavis.sqlite'), SAMPLES, Date.now())
  return {
    file,
    root,
    versions: ['/srv/old.deb', '/srv/next.deb'],
    async configure(settings) {
      const config = stringify({ ...SETTINGS, ...settings })
      await root.run(`cat > /etc/amavis-digest/config.yaml <<'EOF'\n${config}EOF`)
    },
    [Symbol.dispose]() {
      folder.remove()
      root[Symbol.dispose]()
    },
  }
}

export const NEXT_VERSION = '999.0.0'

/** The same files with a higher version, without one of them. */
function makeNext(stage: string): void {
  for (const name of ['DEBIAN/control', 'usr/lib/amavis-digest/package.json']) {
    const text = readFileSync(join(stage, name), 'utf8')
    writeFileSync(join(stage, name), text.replace(/(^Version: |"version": ")[\d.]+/m, `$1${NEXT_VERSION}`))
  }
  rmSync(join(stage, 'usr/share/doc/amavis-digest/SECURITY.md'))
}

/**
 * No systemd runs in the system. Once /run/systemd/system exists, this one writes down what it was told to do. Of the two
 * services, amavis-digest runs.
 */
function addSystemd(root: TestRoot): void {
  const script = `#!/bin/sh
echo "$*" >> /srv/systemctl.log
case "$*" in *is-enabled*) echo enabled ;; *is-active*) case "$*" in *worker*) exit 3 ;; esac ;; esac\n`
  writeFileSync(root.place('/usr/local/bin/systemctl'), script, { mode: 0o755 })
  // An image for containers forbids services.
  writeFileSync(root.place('/usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 0\n', { mode: 0o755 })
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
