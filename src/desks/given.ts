/** A use-case that has been given what it depends on: `given(deps, setSchedule)(by, name, change)`. */
export const given =
  <Deps, Rest extends unknown[], Result>(deps: Deps, useCase: (deps: Deps, ...rest: Rest) => Result) =>
  (...rest: Rest): Result =>
    useCase(deps, ...rest)
