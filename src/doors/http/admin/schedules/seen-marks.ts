import type { ScopeSettings } from '../../../../rules/settings/setting-fields.ts'

/** A mark that a form brings back to say that its sender was shown these settings, as they are. */
export const seenMark = ({ scope, version }: Pick<ScopeSettings, 'scope' | 'version'>): string =>
  `${version} ${scope}`

/** The versions, by scope, of the settings that a form says its sender was shown. */
export const seenIn = (form: URLSearchParams): Map<string, number> =>
  new Map(
    form.getAll('seen').flatMap(mark => {
      const [, version, scope] = /^(\d{1,15}) (.+)$/.exec(mark) ?? []
      return scope === undefined ? [] : [[scope, Number(version)]]
    }),
  )
