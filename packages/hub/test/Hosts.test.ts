import { Hosts } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"

const loopback = [
  "localhost",
  "LocalHost:3000",
  "localhost.",
  "pi.localhost:80",
  "127.0.0.1:3000",
  "127.8.9.1",
  "[::1]:3000",
  "[::ffff:127.0.0.1]"
]

const near = ["192.168.1.7", "192.168.1.7:3000", "[fe80::1]:3000", "raspberrypi.local", "Raspberrypi.Local.:8080"]

const strange = [
  "",
  ":3000",
  "evil.example",
  "evil.example:3000",
  "localhost.evil.example",
  "127.0.0.1.evil.example",
  "raspberrypi.local.evil.example",
  "local",
  "evillocal",
  "evillocalhost",
  "localhost@evil.example",
  "evil.example:80:localhost",
  "localhost/evil",
  "localhost, evil.example",
  "[::1",
  "[evil]",
  "2130706433",
  "0x7f.1",
  "127.1"
]

const known = (hosts: ReadonlyArray<string>, names: ReadonlyArray<string> = []) =>
  hosts.filter((host) => Hosts.isKnown(host, names))

describe("Hosts", () => {
  it("knows addresses and the names that no name server answers for, however they are written", () => {
    assert.deepStrictEqual(known([...loopback, ...near]), [...loopback, ...near])
  })

  it("knows no other names, unless they are given", () => {
    assert.deepStrictEqual(known(strange), [])
    assert.isFalse(Hosts.isKnown(undefined, []))
    assert.deepStrictEqual(known(["Pi.lan:3000", "pi.lan.", "api.lan", "lan"], ["pi.lan"]), ["Pi.lan:3000", "pi.lan."])
    assert.deepStrictEqual(known(["pi.lan", ""], ["Pi.lan:8080", ""]), ["pi.lan"])
  })

  it("tells which of them are this machine", () => {
    assert.deepStrictEqual([...loopback, ...near, ...strange].filter(Hosts.isLoopback), loopback)
    assert.isFalse(Hosts.isLoopback(undefined))
  })
})
