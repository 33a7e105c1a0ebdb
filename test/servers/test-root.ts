import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type PrivateDir, privateDir } from './private-dir.ts'

/**
 * A Debian system to install packages into. What is changed in it goes into a folder of ours, and never reaches the
 * system beneath: this machine's, or another one in the folder DEB_TEST_ROOT, made by debootstrap.
 */
export interface TestRoot extends Disposable {
  /** Runs a script of `sh` as root in it. The network is the machine's. */
  run(script: string): Promise<Ran>
  /** The place on this machine for a new file in it. Not to be written while a script runs. */
  place(path: string): string
}

export interface Ran {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** @throws Error where it cannot be: it says what is missing */
export async function createTestRoot(): Promise<TestRoot> {
  const dir = layers()
  const tried = await runIn(dir.path, 'true')
  if (tried.status !== 0) {
    dir.remove()
    throw new Error(`${NEEDS_MOUNTS}\n${tried.stderr}`)
  }
  return {
    run: script => runIn(dir.path, script),
    place(path) {
      const place = join(dir.path, 'upper', path)
      mkdirSync(dirname(place), { recursive: true })
      return place
    },
    [Symbol.dispose]: () => dir.remove(),
  }
}

/** A clear failure, because nobody would notice in a skipped test that the package was never installed. */
const NEEDS_MOUNTS = `The Debian package is installed into a file system that is laid over this one, which takes root and the right to
mount. In a container: docker run --privileged --tmpfs /tmp:exec
The other tests: npx vitest run --exclude test/stack/package.test.ts`

function layers(): PrivateDir {
  const dir = privateDir('test-root', 'root')
  for (const name of ['upper', 'work', 'root']) mkdirSync(join(dir.path, name))
  return dir
}

function runIn(folder: string, script: string): Promise<Ran> {
  const { promise, resolve } = Promise.withResolvers<Ran>()
  execFile(
    'unshare',
    layersOf(folder, script),
    { env: ENVIRONMENT, timeout: 120_000 },
    (error, stdout, stderr) => {
      resolve({ status: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr })
    },
  )
  return promise
}

/** The mounts end with the process that made them: nothing has to be undone, even after a crash. */
const layersOf = (folder: string, script: string): string[] => [
  ...['--mount', '--pid', '--fork', '--kill-child', 'sh', '-ec', LAYERS],
  ...[process.env.DEB_TEST_ROOT ?? '/', folder, script],
]

const LAYERS = `
mount -t overlay overlay -o "lowerdir=$0,upperdir=$1/upper,workdir=$1/work" "$1/root"
mount --rbind /dev "$1/root/dev"
mount -t proc proc "$1/root/proc"
mount -t tmpfs tmpfs "$1/root/run"
exec chroot "$1/root" sh -c "$2"`

const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C.UTF-8',
}
