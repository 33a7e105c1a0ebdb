/** Binds a use-case to its dependencies: `given(deps, setSchedule)(by, name, change)`. */
export const given =
  <Deps, Rest extends unknown[], Result>(deps: Deps, useCase: (deps: Deps, ...rest: Rest) => Result) =>
  (...rest: Rest): Result =>
    useCase(deps, ...rest)
