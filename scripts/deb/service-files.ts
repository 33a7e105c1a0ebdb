import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DOCUMENTS } from './documents.ts'
import { gzipped } from './tree.ts'

/** What other programs read: systemd, man and the shells in places of their own, and Prometheus. */
export function serviceFiles(root: string): readonly (readonly [path: string, content: string | Buffer])[] {
  const read = (name: string) => readFileSync(join(root, 'packaging', name), 'utf8')
  const alerts = readFileSync(join(root, 'ops/prometheus-alerts.yaml'), 'utf8')
  return [
    ...UNITS.map(name => [`usr/lib/systemd/system/${name}`, installedUnit(read(name))] as const),
    ['usr/lib/sysusers.d/amavis-digest.conf', installedUser(read('amavis-digest.sysusers'))],
    ['usr/share/man/man1/amavis-digest.1.gz', gzipped(read('amavis-digest.1'))],
    ['usr/share/bash-completion/completions/amavis-digest', read('completions/amavis-digest.bash')],
    ['usr/share/zsh/vendor-completions/_amavis-digest', read('completions/_amavis-digest')],
    ['usr/share/fish/vendor_completions.d/amavis-digest.fish', read('completions/amavis-digest.fish')],
    [`${DOCUMENTS}/ops/prometheus-alerts.yaml`, installedAlerts(alerts)],
  ]
}

const UNITS = ['amavis-digest.service', 'amavis-digest-worker.service']

const installedUnit = (unit: string): string =>
  changed(unit, [
    ['(packaging/amavis-digest.sysusers makes it)', '(the package makes it)'],
    [
      'see amavis-digest.service.d/credentials.conf',
      'see\n# /usr/share/doc/amavis-digest/examples/amavis-digest.service.d/credentials.conf',
    ],
    [
      'Documentation=file:///opt/amavis-digest/README.md',
      'Documentation=man:amavis-digest(1) file:///usr/share/doc/amavis-digest/README.md',
    ],
    ['# After `npm install --global` the command may be elsewhere: see `which amavis-digest`.\n', ''],
    ['ExecStart=/usr/local/bin/', 'ExecStart=/usr/bin/'],
  ])

const installedUser = (user: string): string =>
  changed(user, [
    [
      ' Copy this file to /usr/lib/sysusers.d/amavis-digest.conf and run systemd-sysusers, before\n# `amavis-digest init`: that lets',
      ' The package makes it. `amavis-digest init` lets',
    ],
    [
      "this user's group read the configuration, and gives it",
      "this user's group read\n# the configuration, and gives it",
    ],
  ])

const installedAlerts = (alerts: string): string =>
  changed(alerts, [['file:///opt/amavis-digest/docs', `file:///${DOCUMENTS}/docs`]])

/** @throws Error when a text is not there any more: what stands in its place has to be looked at */
function changed(text: string, changes: readonly (readonly [from: string, to: string])[]): string {
  return changes.reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`A file of packaging does not say "${from}" any more.`)
    return result.replaceAll(from, () => to)
  }, text)
}
