import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SmtpSink, startSmtpSink } from '../servers/smtp-sink.ts'
import { contentsOf, type DebianPackages, makeDebianPackages, NEXT_VERSION, TIME } from './debian-package.ts'

const MANIFEST = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

/**
 * The life of the Debian package on a system: one test after the other.
 *
 * @param dist the folder with the compiled program
 */
export function debianPackageTests(dist: () => string): void {
  let packages: DebianPackages
  let sink: SmtpSink
  beforeAll(async () => {
    packages = await makeDebianPackages(dist())
    sink = await startSmtpSink()
  })
  afterAll(async () => {
    packages?.[Symbol.dispose]()
    await sink?.[Symbol.asyncDispose]()
  })
  const run = async (script: string) => {
    const ran = await packages.root.run(script)
    return { ...ran, printed: ran.stdout + ran.stderr }
  }
  const smtp = () => ({ smtp: { url: sink.url, from: 'quarantine@example.com' } })
  const installing = (version: string) => `dpkg --no-triggers --force-unsafe-io --install ${version}`

  test('every file of the package has the same time, belongs to root, and can be changed by nobody else', () => {
    const lines = contentsOf(packages.file)
    const time = new Date(TIME * 1000).toISOString().slice(0, 16).replace('T', ' ')
    const odd = lines.filter(
      line =>
        !(
          /^(l|[-d]rw[x-]r-[x-]r-[x-]) ?/.test(line) &&
          line.includes(' root/root ') &&
          line.includes(` ${time} `)
        ),
    )
    expect(odd).toEqual([])
    const executable = lines.filter(line => line.startsWith('-rwx')).map(line => line.split(' ').at(-1))
    expect(executable).toEqual(['./usr/bin/amavis-digest', './usr/lib/amavis-digest/node/bin/node'])
  })

  test('the package has what runs, and no tools of development', () => {
    const paths = contentsOf(packages.file).map(line => line.split(' ./')[1] ?? '')
    const modules = 'usr/lib/amavis-digest/node_modules'
    for (const name of Object.keys(MANIFEST.dependencies))
      expect(paths).toContain(`${modules}/${name}/package.json`)
    const tools = ['typescript', 'vitest', 'rolldown', 'playwright-core', 'node']
    expect(tools.filter(name => paths.includes(`${modules}/${name}/`))).toEqual([])
    expect(paths.filter(path => path.startsWith(modules) && /\.(ts|map)$/.test(path))).toEqual([])
    expect(paths).toContain('usr/share/doc/amavis-digest/docs/guides/upkeep.md')
    expect(paths).toContain('usr/share/man/man1/amavis-digest.1.gz')
  })

  describe('on a system', () => {
    test('it installs quietly, makes its user, and starts nothing', async () => {
      const installed = await run(installing(packages.versions[0]))
      expect(installed.printed).toContain('nothing of it runs yet. Next: amavis-digest init')
      expect(installed.status).toBe(0)
      const looked = await run(`
        amavis-digest --version
        getent passwd amavis-digest
        dpkg --verify amavis-digest
        ls /etc/amavis-digest /var/lib/amavis-digest /srv/systemctl.log 2>&1 || true`)
      expect(looked.stdout.split('\n')).toEqual([
        MANIFEST.version,
        expect.stringMatching(/^amavis-digest:x:\d+:\d+:.*:\/var\/lib\/amavis-digest:\/usr\/sbin\/nologin$/),
        ...Array(3).fill(expect.stringContaining('No such file')),
        '',
      ])
    })

    test('systemd finds nothing wrong with the units, and the program that they start', async () => {
      const units = ['amavis-digest', 'amavis-digest-worker'].map(
        name => `/usr/lib/systemd/system/${name}.service`,
      )
      expect(await run(`systemd-analyze verify --man=no ${units.join(' ')}`)).toMatchObject({
        status: 0,
        printed: '',
      })
      expect((await run(`grep -h ^Exec ${units.join(' ')}`)).stdout).toBe(
        'ExecStart=/usr/bin/amavis-digest serve\nExecStart=/usr/bin/amavis-digest worker\n',
      )
    })

    test('commands of the documents lead to the files that they name', async () => {
      const here = 'cd /usr/share/doc/amavis-digest'
      expect(
        await run(`${here}; cat packaging/nginx/amavis-digest.conf examples/amavisd/* docs/guides/upkeep.md`),
      ).toMatchObject({ status: 0 })
    })

    test('init, migrate and run work from what is installed', async () => {
      const initialised = await run('amavis-digest init --amavis-conf /nowhere --ispconfig /nowhere')
      expect(initialised.printed).toContain('amavis-digest may read the configuration and owns the key')
      await packages.configure(smtp())
      const ran = await run(`
        install -o amavis-digest -g amavis-digest -m 640 /srv/amavis.sqlite /var/lib/amavis-digest/
        as() { runuser -u amavis-digest -- amavis-digest "$@"; }
        as migrate && as run --json`)
      expect(ran.stderr).toContain('Done: 0001')
      expect(JSON.parse(ran.stdout)).toMatchObject({ failed: 0, digests: sink.mails.length })
      expect(sink.mails.length).toBeGreaterThan(0)
    })

    const look =
      'ls -ln /etc/amavis-digest /var/lib/amavis-digest/token.keys; cat /etc/amavis-digest/config.yaml'

    test('an upgrade keeps configuration, keys and enabling, updates the tables, and restarts what ran', async () => {
      const kept = await run(`
        mkdir -p /etc/systemd/system/multi-user.target.wants
        ln -s /usr/lib/systemd/system/amavis-digest.service /etc/systemd/system/multi-user.target.wants/
        ${look}`)
      const upgraded = await run(`
        mkdir -p /run/systemd/system
        ${installing(packages.versions[1])}`)
      expect(upgraded).toMatchObject({
        status: 0,
        stderr: expect.stringContaining('The tables are up to date.'),
      })
      expect((await run(look)).stdout).toBe(kept.stdout)
      const looked = await run(`
        amavis-digest --version
        ls /etc/systemd/system/multi-user.target.wants/amavis-digest.service
        ls /usr/share/doc/amavis-digest/SECURITY.md || true
        grep -E 'start|stop|reload' /srv/systemctl.log; rm /srv/systemctl.log`)
      expect(looked.stdout.split('\n')).toEqual([
        NEXT_VERSION,
        '/etc/systemd/system/multi-user.target.wants/amavis-digest.service',
        'daemon-reload',
        expect.stringMatching(/restart.* amavis-digest\.service$/),
        '',
      ])
    })

    const postinst = '/var/lib/dpkg/info/amavis-digest.postinst'

    test('an upgrade whose database is away succeeds, says what to do, and leaves running what runs', async () => {
      await packages.configure({ state: { url: 'postgres://nobody@127.0.0.1:9/away' }, ...smtp() })
      const upgraded = await run(`
        mkdir -p /run/systemd/system
        ${postinst} configure ${MANIFEST.version}
        cat /srv/systemctl.log; rm /srv/systemctl.log`)
      expect(upgraded.stderr).toContain('runuser -u amavis-digest -- amavis-digest migrate &&')
      expect(upgraded).toMatchObject({ status: 0, stdout: 'daemon-reload\n' })
    })

    test('an upgrade finds the URLs that credentials.conf keeps out of the configuration', async () => {
      const upgraded = await run(`
        install -d -m 700 /etc/amavis-digest/credentials
        echo sqlite:///var/lib/amavis-digest/own.sqlite > /etc/amavis-digest/credentials/state-url
        ${postinst} configure ${MANIFEST.version}`)
      expect(upgraded).toMatchObject({ status: 0, stderr: expect.stringContaining('Done: 0001') })
    })

    test('a removal that is given up starts again what prerm has stopped', async () => {
      const { stdout } = await run(`
        mkdir -p /run/systemd/system
        ${postinst} abort-remove
        grep -w start /srv/systemctl.log; rm /srv/systemctl.log`)
      expect(stdout).toMatch(/start .*amavis-digest\.service/)
    })

    test('the scripts of the package refuse a word that dpkg does not have', async () => {
      for (const script of ['postinst', 'prerm', 'postrm']) {
        const { status, stderr } = await run(`/var/lib/dpkg/info/amavis-digest.${script} wrong`)
        expect({ status, stderr }).toEqual({
          status: 1,
          stderr: `${script} of amavis-digest: unknown argument: wrong\n`,
        })
      }
    })

    test('a removal stops the services and keeps configuration and keys; a purge takes them', async () => {
      const kept = await run(look)
      const removed = await run(`
        mkdir -p /run/systemd/system
        dpkg --no-triggers --remove amavis-digest
        cat /srv/systemctl.log`)
      expect(removed).toMatchObject({ status: 0, stderr: '' })
      expect(removed.stdout).toMatch(/stop.* amavis-digest\.service/)
      expect((await run(look)).stdout).toBe(kept.stdout)

      expect(await run('dpkg --no-triggers --purge amavis-digest')).toMatchObject({ status: 0, stderr: '' })
      const left = await run(`
        find /etc /usr /var -xdev -name '*amavis-digest*'
        getent passwd amavis-digest`)
      expect(left.stdout).toMatch(/^amavis-digest:x:.*\n$/)
    })
  })
}
