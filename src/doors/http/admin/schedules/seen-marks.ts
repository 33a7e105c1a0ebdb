import type { ScopeSettings } from '../../../../rules/settings/setting-fields.ts'

/** A mark that a form sends back to confirm that its sender was shown these settings in this version. */
export const seenMark = ({ scope, version }: Pick<ScopeSettings, 'scope' | 'version'>): string =>
  `${version} ${scope}`

/** The versions, by scope, of the settings that the sender of a form was shown. */
export const seenIn = (form: URLSearchParams): Map<string, number> =>
  new Map(
    form.getAll('seen').flatMap(mark => {
      const [, version, scope] = /^(\d{1,15}) (.+)$/.exec(mark) ?? []
      return scope === undefined ? [] : [[scope, Number(version)]]
    }),
  )
