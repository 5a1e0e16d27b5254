/**
 * Servers that announce themselves: found, followed, asked by `-s auto`, and advised where no server was named. All of it happens in
 * network namespaces.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { isAvahiInstalled, isInstalled, isRequired } from "../../../test/fixtures/installed.ts"
import * as namespace from "./fixtures/namespace.ts"
import * as ow from "./fixtures/ow.ts"

const timeout = 60_000

const responder = fileURLToPath(new URL("fixtures/responder.ts", import.meta.url))

const loopback = "ip link set lo up"

/** A namespace with the loopback interface alone, where servers are announced, and one that is simulated listens on port 4305. */
const announced = Effect.fnUntraced(function*(servers: ReadonlyArray<object>) {
  const net = yield* namespace.make(loopback)
  const serve = yield* net.startOw(["serve", "--devices", "28", "--listen", "4305"])
  yield* serve.awaitLine((line) => line.endsWith(":4305"))
  const announcer = yield* net.start(process.execPath, [responder, JSON.stringify(servers)])
  yield* announcer.awaitLine((line) => line === "ready")
  return { ...net, announcer }
})

// Most of it is waiting.
const describeIsolated = namespace.isAllowed || isRequired
  ? describe.concurrent
  : (name: string, suite: () => void) => describe.skip(`${name} (skipped: needs unshare, iproute2 and root)`, suite)

describeIsolated("servers that are announced", () => {
  it.live(
    "are listed with their answers, and safe on a terminal; of several, none is taken",
    () =>
      Effect.gen(function*() {
        const net = yield* announced([
          { name: "attic", port: 4305, isBrief: true },
          { name: "x\u001b[2J\ny", port: 9 }
        ])
        const [json, table, auto, first] = yield* Effect.all([
          net.ow(["servers", "--json"]),
          net.ow(["servers"]),
          net.ow(["set", "28.000028D70000/alias", "x", "-s", "auto"]),
          // A busy machine may be late for an answer within half a second.
          Effect.repeat(net.ow(["cat", "28.000028D70000/type", "28.000028D70000/alias"]), {
            until: ({ stderr }) => stderr.includes("an owserver"),
            times: 5
          })
        ], { concurrency: 2 })
        const [attic, other] = ow.jsonOf(ow.resultOf(json)) as ReadonlyArray<Record<string, unknown>>
        assert.deepInclude(attic, {
          name: "attic",
          host: "host-4305.local",
          port: 4305,
          addresses: ["127.0.0.1"],
          server: "127.0.0.1:4305",
          error: null
        })
        assert.deepInclude(other, { name: "x\u001b[2J\ny", port: 9, server: null, millis: null })
        assert.match(
          ow.resultOf(table).replaceAll(/ +/g, " "),
          /^NAME HOST SERVER ANSWERS\nattic host-4305.local 127.0.0.1:4305 in [\d.]+ ms\nx�\[2J�y host-9.local 127.0.0.1:9 no connection\n$/
        )
        assert.deepInclude(auto, {
          status: 2,
          stdout: "",
          stderr:
            "ow: 2 owservers announce themselves: attic (127.0.0.1:4305), x�[2J�y (127.0.0.1:9); name one with -s\n"
        })
        // The default server is not there. Of two failures, the first one says what is.
        assert.strictEqual(first.status, 3)
        const [refused, advice, ...again] = first.stderr.split("\n")
        assert.include(refused, "127.0.0.1:4304 refused the connection (ECONNREFUSED)")
        assert.strictEqual(advice, "    an owserver answers at 127.0.0.1:4305: -s 127.0.0.1:4305")
        assert.lengthOf(again, 2)
        assert.include(again[0], "refused")
        // A server that was named is never replaced by another one.
        const named = yield* net.ow(["ping", "-s", "localhost"])
        assert.lengthOf(named.stderr.trimEnd().split("\n"), 1)
      }),
    timeout
  )

  it.live("are told when they come and go", () =>
    Effect.gen(function*() {
      const net = yield* announced([{ name: "attic", port: 4305 }])
      const follow = yield* net.startOw(["servers", "--follow", "--json"])
      const lines = yield* net.startOw(["servers", "--follow"])
      const announcement = JSON.parse(yield* follow.awaitLine((line) => line.includes("announced")))
      const { time, ...told } = announcement
      assert.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
      assert.deepStrictEqual(told, {
        event: "announced",
        name: "attic",
        host: "host-4305.local",
        port: 4305,
        addresses: ["127.0.0.1"]
      })
      yield* lines.awaitLine((line) => line.includes("announced"))
      // The only one is asked, also if no server was named but it.
      assert.strictEqual(ow.resultOf(yield* net.ow(["ls", "-s", "auto"])), "/28.000028D70000/\n")
      yield* net.announcer.kill("SIGTERM")
      yield* follow.awaitLine((line) => JSON.parse(line).event === "withdrawn")
      const line = yield* lines.awaitLine((line) => line.includes("withdrawn"))
      assert.match(line, /^[^ ]+  withdrawn  attic  host-4305\.local  127\.0\.0\.1:4305$/)
      yield* follow.kill("SIGTERM")
      assert.strictEqual(yield* follow.exit, 0)
    }), timeout)

  it.live("are none where there are none, or where there is no network", () =>
    Effect.gen(function*() {
      const quiet = yield* namespace.make(loopback)
      const nothing = yield* namespace.make("true")
      const [none, auto, plain, failed, named] = yield* Effect.all([
        quiet.ow(["servers", "--timeout", "100ms"]),
        quiet.ow(["ping"], { env: { OWSERVER: "auto" } }),
        quiet.ow(["ping", "--json"]),
        nothing.ow(["servers"]),
        nothing.ow(["servers", "--follow", "-s", "attic"])
      ], { concurrency: 2 })
      assert.deepInclude(none, { status: 0, stdout: "", stderr: "no owserver announces itself on this network\n" })
      assert.deepInclude(auto, {
        status: 3,
        stderr: "ow: no owserver announces itself on this network: name one with -s\n"
      })
      assert.strictEqual(plain.status, 3)
      assert.notProperty(JSON.parse(plain.stderr).error, "hint")
      assert.deepInclude(failed, {
        status: 1,
        stderr: "ow: cannot look for servers by multicast DNS: this machine has no network\n"
      })
      assert.strictEqual(named.status, 2)
    }), timeout)
})

const guide = readFileSync(new URL("../../../docs/raspberry-pi.md", import.meta.url), "utf8")
const file = /^```xml\n(.*?)^```$/ms.exec(guide)?.[1] ?? ""

/** What a server with Bonjour's library announces by itself: its name has the port, and the port has its bytes exchanged. */
const own = file
  .replace(/<name[^>]*>.*<\/name>/, "<name>OWFS (1-wire) Server &lt;4304&gt;</name>")
  .replace("<port>4304</port>", "<port>53264</port>")

/** A machine with an owserver and Avahi, on a cable to another one. */
const raspberry = (other: number): string => `
  echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
  ip link add eth0 type veth peer name eth0 netns ${other}
  ip addr add 10.77.0.1/24 dev eth0
  ip link set eth0 up
  nsenter --target ${other} --net sh -ec '
    echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
    ip addr add 10.77.0.2/24 dev eth0
    ip link set eth0 up
    until ip link show eth0 | grep -q "state UP"; do sleep 0.02; done'
  mount -t tmpfs none /run
  mount -t tmpfs none /etc/avahi/services
  mkdir -p /run/dbus /run/avahi-daemon
  cat > /etc/avahi/services/owserver.service <<'XML'
${file}XML
  cat > /etc/avahi/services/own.service <<'XML'
${own}XML
  printf '[server]\\nhost-name=raspberrypi\\n' > /run/avahi.conf
  owserver --tester=28 -p 10.77.0.1:4304 --foreground &
  dbus-daemon --system --nofork --nopidfile &
  until [ -e /run/dbus/system_bus_socket ]; do sleep 0.02; done
  avahi-daemon --no-drop-root --no-chroot --no-rlimits --file /run/avahi.conf &
  echo avahi $!`

const hasAvahi = isInstalled && isAvahiInstalled

const describeAvahi = (namespace.isAllowed && hasAvahi) || isRequired
  ? describe.concurrent
  : (name: string, suite: () => void) =>
    describe.skip(`${name} (skipped: needs owserver, avahi-daemon, dbus, iproute2 and root)`, suite)

describeAvahi("a server on a Raspberry Pi", () => {
  it.live(
    "is found by the file of the guide, from another machine, and by what it announces itself",
    () =>
      Effect.gen(function*() {
        const laptop = yield* namespace.make(loopback)
        const pi = yield* namespace.make(raspberry(laptop.pid))
        const follow = yield* laptop.startOw(["servers", "--follow", "--json"])
        const [byFile, byItself] = yield* Effect.forEach(
          ["owserver on raspberrypi", "OWFS (1-wire) Server <4304>"],
          (name) =>
            Effect.map(
              follow.awaitLine((line) =>
                JSON.parse(line).name === name && line.includes("%eth0") && line.includes("10.77.0.1")
              ),
              (line) => JSON.parse(line)
            )
        )
        for (const { addresses, host, port } of [byFile, byItself]) {
          assert.deepStrictEqual({ host, port }, { host: "raspberrypi.local", port: 4304 })
          assert.strictEqual(addresses[0], "10.77.0.1")
          assert.match(addresses[1], /^fe80::[0-9a-f:]+%eth0$/)
          assert.lengthOf(addresses, 2)
        }
        const scan = yield* laptop.ow(["ls", "-s", "auto"])
        assert.strictEqual(ow.resultOf(scan), "/28.000028D70000/\n")
        const [, avahi] = (yield* pi.awaitLine((line) => line.startsWith("avahi "))).split(" ")
        yield* Effect.sync(() => process.kill(Number(avahi), "SIGTERM"))
        yield* follow.awaitLine((line) => JSON.parse(line).event === "withdrawn")
      }),
    timeout
  )
})
