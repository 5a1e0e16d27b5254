/**
 * The kernel's own 1-Wire drivers, without hardware. A virtual machine boots Debian's kernel. Its `ds2490` finds an imitated
 * adapter by USB/IP, with imitated chips behind it, and its `ds2482` finds a bus on which no chip answers. The contents of their
 * files are compared with the recording that the tests of `W1Bus` use, and `ow` reads them in the machine.
 *
 *     node test/w1-vm/main.ts           two to five minutes, and fifteen at the most
 *     node test/w1-vm/main.ts record    writes the recording again: packages/node/test/w1/recorded.txt
 *
 * It runs as root on Debian for amd64, downloads the kernel once into `node_modules/.cache`, and installs nothing. It exits with
 * 1 unless all checks pass.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import { Console, Effect } from "effect"
import { NetAddress } from "effect/net"
import { fileURLToPath } from "node:url"
import { Adapter } from "./adapter.ts"
import * as Imitations from "./imitations.ts"
import { Line } from "./line.ts"
import * as Machine from "./machine.ts"
import * as Proof from "./proof.ts"
import * as Recording from "./recording.ts"
import * as UsbIp from "./usb-ip.ts"

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Bus masters, their buses, and the drivers of chips. */
const masters = ["e1000", "vhci-hcd", "ds2490", "i2c-stub", "i2c-dev", "ds2482"]
const drivers = [
  "w1_therm",
  "w1_smem",
  ...["2405", "2406", "2408", "2413", "2423", "2431", "2433", "2438", "2805", "28e04"].map((chip) => `w1_ds${chip}`)
]

const minutes = 15

/** The temperatures in the output of `ow scan --json`, by family. */
const temperatures = (text: string): string =>
  text.split("\n").flatMap((line) => {
    if (!line.startsWith("{")) return line === "" ? [] : [line]
    const { family, values } = JSON.parse(line)
    return values.temperature === undefined ? [] : [`${family} ${values.temperature.value}`]
  }).join(", ")

/** Waits until a command succeeds, and returns its output. */
const until = (command: string): string =>
  `for try in $(seq 200); do ${command} > /dev/null 2>&1 && break; usleep 100000; done; usleep 300000`

const proof = Effect.gen(function*() {
  const line = new Line()
  const cellar = Imitations.thermometer("28-0000000a1b2c", 21.5625)
  line.attach(
    cellar,
    Imitations.thermometer("10-000000000001", -3.3125),
    Imitations.thermometer("22-000000000002", 0.0625),
    Imitations.thermometer("3b-000000000003", 125),
    Imitations.thermometer("42-000000000004", 18.75)
  )
  const adapter = new Adapter(line)
  const server = yield* NodeSocketServer.make({ host: "127.0.0.1", port: 0, noDelay: true })
  yield* Effect.forkScoped(server.run((socket) => Effect.ignore(UsbIp.serve(socket, adapter))))
  const port = NetAddress.isInetAddress(server.address) ? server.address.port : 0

  const started = Date.now()
  const machine = yield* Machine.start({
    modules: [...masters, ...drivers],
    files: { "/inside.ts": here("inside.ts"), "/ow": here("../../packages/cli/dist") },
    lifetime: minutes * 60
  })
  const seconds = (): string => `${((Date.now() - started) / 1000).toFixed(0)} s`
  const { check, end, says } = Proof.make(machine)
  yield* Console.log(`# ${machine.kernel} runs after ${seconds()}`)

  /** Runs `ow` in the machine, and compares its output, or a part of it. */
  const ow = (what: string, args: string, wanted: string | RegExp, part: (text: string) => string = (text) => text) =>
    Effect.flatMap(machine.run(`node /ow/ow.cjs ${args}`), (output) => check(what, part(Proof.printed(output)), wanted))
  let recorded = ""
  /** Records the output of `inside.ts`. */
  const record = (args: string) =>
    Effect.flatMap(machine.run(`cd /sys/bus/w1/devices && node /inside.ts ${args}`), ({ status, stderr, stdout }) => {
      recorded += stdout
      return check(`recorded: ${args}`, `exit status ${status}${stderr}`, "exit status 0")
    })
  /** Fetches the rest of a conversion of all thermometers, which the kernel would return as the next temperature. */
  const fetchRest = machine.run(
    "cd /sys/bus/w1/devices; [ $(cat w1_bus_master1/therm_bulk_read) = 0 ] || cat *-*/temperature > /dev/null"
  )
  /** Makes the kernel search several times, and waits for chips to appear or to disappear. */
  const search = (times: number) =>
    machine.run(
      `for round in $(seq ${times}); do echo -1 > /sys/bus/w1/devices/w1_bus_master1/w1_master_search; usleep 300000; done`
    )

  yield* ow("ow says what to do without a bus", "scan -s w1:", /^exit status 3: .*modprobe ds2490/s)
  yield* machine.load("e1000", "vhci-hcd", ...drivers, "ds2490")
  // The kernel takes over the socket whose number a process writes here.
  yield* says(
    "ds2490 finds its adapter, and w1_therm the thermometers",
    `ifconfig eth0 10.0.2.15
    printf '#!/bin/sh\\necho "0 0 1 2" > /sys/devices/platform/vhci_hcd.0/attach\\n' > /tmp/attach
    chmod +x /tmp/attach
    nc 10.0.2.2 ${port} -e /tmp/attach
    ${until("ls 3b-000000000003")}
    ls | tr '\\n' ' '`,
    "10-000000000001 22-000000000002 28-0000000a1b2c 3b-000000000003 42-000000000004 w1_bus_master1 "
  )
  yield* Console.log(`# thermometers with a supply of their own, after ${seconds()}`)
  yield* record("tree")
  yield* record("reads 'thermometers alone' w1_bus_master1 *-*")
  yield* record("bulk 'conversion of all' *-*/temperature")
  yield* ow(
    "ow finds the thermometers, where nobody has named a server",
    "scan --json",
    "10 -3.3125, 22 0.0625, 28 21.5625, 3B 125, 42 18.75",
    temperatures
  )
  yield* ow(
    "ow reads a thermometer",
    `cat -s w1: ${
      ["temperature", "temperature9", "tempres", "power", "temphigh", "scratchpad"].map((name) =>
        `28.2C1B0A000000/${name}`
      ).join(" ")
    }`,
    "21.5625\n21.5\n12\n1\n75\n59014b467fff0710a2\n"
  )
  for (const [celsius, wanted] of [[30.0625, 30_062], [-0.0625, -62], [-55, -55_000], [125, 125_000]]) {
    cellar.celsius = celsius
    yield* says(`measures ${celsius} °C`, "cat 28-0000000a1b2c/temperature", `${wanted}\n`)
  }
  cellar.celsius = 21.5625
  yield* says(
    "measures with nine bits, and faster",
    "cd 28-0000000a1b2c; echo 9 > resolution; cat resolution conv_time temperature",
    "9\n95\n21500\n"
  )
  yield* says(
    "has twelve bits again",
    "cd 28-0000000a1b2c; echo 12 > resolution; cat conv_time temperature",
    "750\n21562\n"
  )
  yield* says(
    "refuses a resolution that it cannot have",
    "cd 28-0000000a1b2c; echo 8 > resolution || cat resolution",
    "12\n"
  )
  yield* says(
    "takes its alarms, in order, and keeps them when it is told to",
    `cd 28-0000000a1b2c
    echo 30 10 > alarms; cat alarms; echo save > eeprom_cmd
    echo -5 5 > alarms; cat alarms; echo restore > eeprom_cmd; cat alarms`,
    "10 30\n-5 5\n10 30\n"
  )
  yield* says(
    "finds out how long a conversion takes",
    "cd 28-0000000a1b2c; echo 1 > conv_time; cat conv_time; echo 0 > conv_time; cat conv_time",
    /^[789]\d\d\n750\n$/
  )
  const attic = Imitations.thermometer("28-000000000085", 21)
  attic.starved = true
  line.attach(attic)
  yield* search(2)
  yield* says(
    "shows 85 °C when it was not measured, unless it is told to look",
    "cd 28-000000000085; cat temperature; echo 1 > features; cat features temperature w1_slave",
    "85000\n1\n"
  )
  line.detach(attic, cellar)
  yield* says(
    "a chip that is gone reads as nothing, and as numbers that are none",
    "cd 28-0000000a1b2c; cat temperature w1_slave resolution ext_power alarms",
    "-5\n1\n0 0\n"
  )
  yield* record("reads 'gone, and not noticed yet' 28-0000000a1b2c")
  yield* ow(
    "ow has no value of a chip that is gone",
    "cat -s w1: --timeout 60s 28.2C1B0A000000/temphigh",
    /^exit status 1: /
  )
  line.isShorted = true
  yield* says(
    "on a line that is held low each thermometer measures 0 °C, with a check sum that is right",
    "cat 10-*/temperature 28-0000000a1b2c/temperature 28-0000000a1b2c/w1_slave",
    `0\n0\n${"00 ".repeat(9)}: crc=00 YES\n${"00 ".repeat(9)}t=0\n`
  )
  yield* record("reads 'with the line held low' 10-* 28-0000000a1b2c 42-*")
  yield* ow(
    "ow takes a line that is held low for no temperature",
    "cat -s w1: --timeout 60s 10.010000000000/temperature",
    /^exit status 1: /
  )
  line.isShorted = false
  yield* search(12)
  yield* says("a chip that is gone leaves after ten searches", "ls -d 28-* 2> /dev/null | wc -l", "0\n")
  line.attach(cellar)
  yield* search(2)
  yield* says("a chip that is back is there with the next search", "cat 28-0000000a1b2c/temperature", "21562\n")

  yield* Console.log(`# and one with parasite power, after ${seconds()}`)
  const parasite = Imitations.thermometer("28-00000000beef", -10.125)
  parasite.powered = false
  line.attach(parasite)
  yield* search(2)
  yield* fetchRest
  yield* record("reads 'with parasite power' 28-00000000beef")
  yield* record("bulk 'conversion of all, one with parasite power' *-*/temperature")

  yield* Console.log(`# and other families, after ${seconds()}`)
  const inputs = Imitations.switch8("29-000000000005", 0xf3)
  const counter = Imitations.counter("1d-00000000000a", [1, 65_536, 4_294_967_295, 42])
  const battery = Imitations.battery("26-000000000009", { celsius: 22.34375, vdd: 5.02, vad: 3.12, current: -12 })
  const others = [
    inputs,
    counter,
    battery,
    Imitations.switch2("3a-000000000006", 2),
    Imitations.addressable("12-000000000007"),
    Imitations.toggle("05-000000000008"),
    Imitations.memory("2d-00000000000b", Uint8Array.from({ length: 144 }, (_, index) => index)),
    Imitations.memory("23-00000000000c", Uint8Array.from({ length: 512 }, (_, index) => 255 - index)),
    Imitations.identity("01-00000000000d"),
    Imitations.identity("81-00000000000e"),
    Imitations.identity("20-00000000000f")
  ]
  line.attach(...others)
  yield* search(3)
  yield* record("tree")
  yield* record(
    "reads 'with other families' w1_bus_master1 01-* 05-* 12-* 1d-* 20-* 23-* 26-* 29-* 2d-* 3a-* 81-*"
  )
  yield* says(
    "no conversion of all where a chip is no thermometer, and only the log says so",
    "echo trigger > w1_bus_master1/therm_bulk_read; echo $?; cat w1_bus_master1/therm_bulk_read; dmesg | tail -1 | cut -d: -f3-",
    "0\n0\n unable to trigger a bulk read on the bus. err=-19\n"
  )
  yield* ow(
    "ow reads all chips",
    `cat -s w1: --timeout 60s ${
      [
        "05.080000000000/PIO",
        "12.070000000000/PIO.ALL",
        "1D.0A0000000000/counter.ALL",
        "26.090000000000/temperature",
        "26.090000000000/VDD",
        "29.050000000000/sensed.ALL",
        "3A.060000000000/sensed.ALL",
        "28.EFBE00000000/power",
        "28.EFBE00000000/temperature"
      ].join(" ")
    }`,
    "0\n0,0\n4294967295,42\n22.3438\n5.02\n1,1,0,0,1,1,1,1\n0,1\n0\n-10.125\n"
  )
  yield* ow(
    "ow scan finds all chips, and a temperature of each thermometer, though they cannot convert at once",
    "scan -s w1: --timeout 60s --json",
    "10 -3.3125, 22 0.0625, 26 22.3438, 28 21.5625, 28 -10.125, 3B 125, 42 18.75",
    temperatures
  )
  yield* ow(
    "ow switches an output",
    "set -s w1: 29.050000000000/PIO.1 1 && xxd -p /sys/bus/w1/devices/29-000000000005/output",
    "fd\n"
  )
  yield* ow(
    "ow doctor sees parasite power",
    "doctor -s w1: --timeout 60s",
    /power +from the data wire: 28\.EFBE00000000/
  )
  yield* says(
    "switches outputs: DS2408",
    "cd 29-*; printf '\\x5a' > output && cat output state activity | xxd -p; printf '\\0' > activity && xxd -p activity",
    "5a52a7\n00\n"
  )
  yield* says("switches outputs: DS2413", "cd 3a-*; printf '\\375' > output && xxd -p state", "d2\n")
  yield* says("switches outputs: DS2406", "cd 12-*; printf '\\1' > output && cat state", "1")
  yield* says(
    "switches outputs: DS2405, and takes a new line for a second, wrong value",
    "cd 05-*; printf 0 > output && cat output state; echo 1 > output || cat output state",
    "0011"
  )
  inputs.pins = 0
  counter.counts[0] = 2
  Object.assign(battery, { celsius: -1.5, vdd: 4.98, vad: 0.01, current: 3 })
  yield* says("sees its inputs", "xxd -p 29-*/state", "00\n")
  yield* says("counts", "grep -o ' c=.*' 1d-*/w1_slave", " c=2\n c=65536\n c=-1\n c=42\n")
  yield* says("measures voltages", "cd 26-*; cat temperature vdd vad iad", "-384\n498\n1\n3\n")

  line.detach(...others)
  yield* record("reads 'gone, and not noticed yet' 05-* 12-* 1d-* 23-* 26-* 29-* 2d-* 3a-*")

  yield* Console.log(`# and a second bus, on which no chip answers, after ${seconds()}`)
  // A register of the stub holds the last written value. It has to look like a DS2482 at its start, and as if no chip answered.
  const fill = (value: string) =>
    `for register in 0x00 0x20 0x40 0x60 0x80 0xa0 0xc0 0xe0; do
      i2cset -f -y 0 0x18 $register $(yes ${value} | head -32) i
    done`
  yield* machine.run("insmod /modules/i2c-stub chip_addr=0x18")
  yield* machine.load("i2c-dev", "ds2482")
  yield* says(
    "ds2482 finds its bus, and takes chips that nobody has seen",
    `${fill("0x62")}
    i2cset -f -y 0 0x18 0xf0 0x18
    echo ds2482 0x18 > /sys/bus/i2c/devices/i2c-0/new_device
    echo 0 > w1_bus_master2/w1_master_search
    for family in 10 22 28 3b 42 05 12 29 3a 1d 26 2d 23 0d 1c 01 81 20; do
      echo "$family-0000000000ff" > w1_bus_master2/w1_master_add
    done
    wc -l < w1_bus_master2/w1_master_slaves`,
    "18\n"
  )
  yield* says(
    "the file to convert all is at the first master with a thermometer only",
    "ls -d w1_bus_master*/therm_bulk_read",
    "w1_bus_master1/therm_bulk_read\n"
  )
  yield* record("reads 'no chip answers' w1_bus_master2 *-0000000000ff")
  yield* says(
    "a chip that does not answer reads as numbers that are none",
    "cd 28-0000000000ff; cat temperature w1_slave resolution alarms",
    "-5\n0 0\n"
  )
  yield* machine.run(fill("0x00"))
  yield* record("reads 'the bus itself does not answer' w1_bus_master2 *-0000000000ff")

  yield* says(
    "an adapter that is pulled out takes its bus and its chips along",
    "echo 0 > /sys/devices/platform/vhci_hcd.0/detach; sleep 2; ls -d w1_* *-* | grep -v -- -0000000000ff",
    "w1_bus_master2\n"
  )
  yield* says(
    "an adapter that is put in again has the same name, and its chips are back",
    `nc 10.0.2.2 ${port} -e /tmp/attach; ${until("ls 3b-000000000003")}
    ls -d w1_* 28-0000000a1b2c; cat 28-0000000a1b2c/temperature`,
    "28-0000000a1b2c\nw1_bus_master1\nw1_bus_master2\n21562\n"
  )

  yield* Console.log(`# all of it after ${seconds()}`)
  const isToBeKept = process.argv.includes("record")
  if (isToBeKept) Recording.keep(recorded)
  yield* check("the recording that is kept says the same", Recording.difference(recorded), "")
  return yield* end
})

proof.pipe(
  Effect.timeoutOrElse({
    duration: `${minutes} minutes`,
    orElse: () => new Machine.MachineError({ message: `it took longer than ${minutes} minutes` })
  }),
  Effect.scoped,
  Effect.catchTag("MachineError", ({ message }) => Effect.as(Console.error(message), false)),
  Effect.tap((isFine) => Effect.sync(() => void (process.exitCode = isFine ? 0 : 1))),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
