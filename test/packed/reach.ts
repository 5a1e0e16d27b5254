/** Reports for each named module whether a program can import it. */
import { Console, Effect } from "effect"

await Effect.forEach(
  process.argv.slice(2),
  (name) =>
    Effect.promise(() => import(name).then(() => "reachable", ({ code }) => String(code))).pipe(
      Effect.flatMap((verdict) => Console.log(`${name} ${verdict}`))
    )
).pipe(Effect.runPromise)
