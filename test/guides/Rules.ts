/** Commands of the guides that end by Ctrl-C, and the setup of each guide. */

/** Name of a command that runs until it is stopped. Only one of each name runs at a time: the next one replaces it. */
export const untilStopped = (command: string): string | undefined => {
  const plain = command.replace(/\s#.*$/s, "").trim()
  if (plain.endsWith("&")) return undefined
  const words = plain.replace(/^(?:\w+=\S* +)+/, "").replace(/^sudo +/, "")
    .replace(/^npx (?:--?\S+ +)*(?:@effect-ownet\/cli|pnpm@12 ow|ow)\b/, "ow")
    .replace(/^npx (?:--?\S+ +)*pnpm@12 hub\b/, "ow hub --demo")
  const [program = "", subcommand = ""] = words.split(/\s+/)
  if (program === "ow") {
    if (/ --(?:help|print)\b/.test(words)) return undefined
    if (/ --follow\b/.test(words)) return `${subcommand} --follow`
    switch (subcommand) {
      case "hub":
        return /^ow hub [a-z]/.test(words)
          ? undefined
          : `page ${/--listen \S*?(\d+)(?:\s|$)/.exec(words)?.[1] ?? "8080"}`
      case "serve":
        return `server ${/--listen \S*?(\d+)(?:\s|$)/.exec(words)?.[1] ?? "4304"}`
      case "snoop":
        return "snoop"
      case "alarms":
        return / --follow\b/.test(words) ? subcommand : undefined
      case "watch":
      case "log":
        return / (?:--count|-n)\b/.test(words) ? undefined : subcommand
    }
    return undefined
  }
  if (/^npx (?:--?\S+ +)*pnpm@12 demo\b/.test(words)) return "demo"
  if (/^npx (?:--?\S+ +)*pnpm@12 exec node examples\//.test(words)) return "example"
  if (program === "owserver") return `server ${/(?:-p|--port=?) ?(\d+)/.exec(words)?.[1] ?? "4304"}`
  if (program === "mosquitto_sub") return / (?:-C|-W|--retained-only)\b/.test(words) ? undefined : "mosquitto_sub"
  if (program === "prometheus" || program === "telegraf" || program === "influxd") return program
  return undefined
}

/** What a guide finds on its stage, beyond what all have. */
export interface Stage {
  /** Where it begins. A home without anything by default. */
  readonly at?: "home" | "checkout" | undefined
  /** Whether `localhost:4304` has a server. It has by default. */
  readonly localhost?: boolean | undefined
  /** Commands of root that come first. */
  readonly before?: string | undefined
  /** What is typed at a command that asks. */
  readonly answers?: ReadonlyArray<readonly [command: RegExp, input: string]> | undefined
  /** What the guide says in its text, or has another page say, and is typed before a command. */
  readonly between?: ReadonlyArray<readonly [command: RegExp, typed: string]> | undefined
  /** Commands that print something else each time, so that a test of its own has to compare it. */
  readonly varies?: RegExp | undefined
  /** Commands that go on and say nothing until something happens that does not happen here. */
  readonly silent?: RegExp | undefined
}

/** The service does not run here, and would have kept a history. */
const asService =
  "sudo sh -c 'mkdir -p /var/lib/effect-ownet; timeout --preserve-status --signal=INT 8 ow hub -s raspberrypi --listen 8090 --flush 1s --database /var/lib/effect-ownet/hub.sqlite; test $? = 130'"

/** A program of a guide, in a project with these packages. */
const project = (program: string): string =>
  `cp /run/guide/checkout/examples/src/${program} main.ts && npm install effect @effect/platform-node @effect-ownet/core @effect-ownet/node`

const stages: Readonly<Record<string, Stage>> = {
  "docs/cli.md": {
    // Buses answer in any order.
    varies: /^ow (?:log --count 1 >|bench)/,
    before: "mkdir -p .local/share/bash-completion/completions .zsh/completions .config/fish/completions"
  },
  "docs/cli-json.md": { silent: /select\(.*millis > 1000/ },
  "docs/fleet.md": {
    // Chance decides which runner follows which server.
    varies: /fleet list/,
    answers: [[/createuser --pwprompt/, "secret\nsecret\n"]],
    between: [
      [/^ow fleet add pi-1/, "ow hub --config hub.yaml"],
      [/^ow fleet add pi-1/, "ow hub --config hub.yaml --runner 10.8.0.3:34431 --listen 0.0.0.0:8081"]
    ]
  },
  "docs/getting-started.md": {
    localhost: false,
    between: [[/OWSERVER=127.0.0.1:4305/, "ow serve --listen 4305 --devices 10"]]
  },
  "docs/from-owhttpd.md": { before: "owhttpd -s raspberrypi:4304 -p 2121" },
  "docs/hub.md": { before: "echo long-enough > hub-token" },
  "docs/hub-history.md": {
    answers: [[/hub restore/, "y\n"]],
    between: [
      [/^ow hub backup/, "ow hub -s raspberrypi --every 1s --flush 1s"],
      [/^ow hub backup/, "sleep 5"],
      [/systemctl stop/, asService],
      [/systemctl stop/, "sudo ow hub install --yes -s raspberrypi"]
    ]
  },
  "docs/hub-homeassistant.md": {
    before: "echo 'mqtt_password: secret' > secret.yaml",
    between: [[/mosquitto_sub .*homeassistant.device/, "ow hub -s raspberrypi --config hub.yaml"]]
  },
  "docs/hub-mqtt.md": { varies: /^mosquitto_sub/ },
  "docs/hub-service.md": {
    at: "checkout",
    answers: [[/ow hub install|ow hub downgrade/, "y\n"]],
    between: [[/hub downgrade/, asService]]
  },
  "docs/network.md": {
    between: [[/node main.ts/, project("network/network.ts")], [/node main.ts/, project("network/main.ts")]]
  },
  "docs/observability.md": { at: "checkout", varies: /observability/ },
  "docs/recipes/log-and-plot.md": { varies: /^head -3 house.csv/ },
  "docs/reliability.md": { at: "checkout" },
  "docs/recipes/grafana.md": {
    before: "setsid influxd > /dev/null 2>&1 < /dev/null & " +
      "until influx -execute 'SHOW DATABASES' > /dev/null 2>&1; do sleep 0.1; done"
  },
  "docs/runtimes.md": { before: "touch main.ts" },
  "examples/README.md": { at: "checkout", localhost: false }
}

export const stageOf = (guide: string): Stage => stages[guide] ?? {}
