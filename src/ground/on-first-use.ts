import { createRequire } from 'node:module'

/**
 * A package that is loaded when it is first used, because most commands need none of the larger ones. It is for a
 * function that cannot wait for a dynamic import. The types come from `import type`. Node keeps what it has loaded.
 */
export const onFirstUse =
  <Package>(name: string): (() => Package) =>
  () =>
    load(name) as Package

const load = createRequire(import.meta.url)
