/**
 * Checks of the kernel's own buses, at folders like the kernel's.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as FakeW1 from "../../../node/test/fixtures/FakeW1.ts"
import type { Finding } from "../../src/doctor/Finding.ts"
import * as KernelChecks from "../../src/doctor/KernelChecks.ts"
import * as KernelFacts from "../../src/doctor/KernelFacts.ts"

/** Files of a system: the one of the firmware, and the list of modules. */
const system = ({ config, modules = [] }: {
  readonly config?: string
  readonly modules?: ReadonlyArray<string>
}) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "ow-system-"))),
      (path) => Effect.sync(() => Fs.rmSync(path, { recursive: true }))
    ),
    (path) => {
      const configFile = Path.join(path, "config.txt")
      if (config !== undefined) Fs.writeFileSync(configFile, config)
      Fs.writeFileSync(Path.join(path, "modules"), modules.map((name) => `${name} 16384 0 - Live 0x0\n`).join(""))
      return { configs: [configFile], modules: Path.join(path, "modules") }
    }
  )

const findingsOf = Effect.fnUntraced(function*(
  folder: string,
  around: { readonly config?: string; readonly modules?: ReadonlyArray<string> } = {}
) {
  return KernelChecks.judge(yield* KernelFacts.read(folder, yield* system(around)))
})

const find = (findings: ReadonlyArray<Finding>, check: string, bus?: string): Finding => {
  const found = findings.find((finding) => finding.check === check && finding.bus === bus)
  if (found === undefined) throw new Error(`no ${check}: ${JSON.stringify(findings)}`)
  return found
}

const statuses = (findings: ReadonlyArray<Finding>) =>
  findings.map(({ bus, check, status }) => `${status} ${bus === undefined ? "" : `${bus} `}${check}`)

describe("a kernel without a bus", () => {
  it.effect("needs a line in the file of the firmware", () =>
    Effect.gen(function*() {
      const missing = yield* findingsOf("/no/such/w1", { config: "[all]\ndtparam=i2c_arm=on\n" })
      assert.deepStrictEqual(statuses(missing), ["fail kernel"])
      assert.match(find(missing, "kernel").message, /there is no \/no\/such\/w1\/devices: the kernel has no 1-Wire bus/)
      assert.match(
        find(missing, "kernel").advice ?? "",
        /^Write the line dtoverlay=w1-gpio at the end of .+config\.txt/
      )
      const commented = yield* findingsOf("/no/such/w1", { config: "# dtoverlay=w1-gpio\r\n" })
      assert.match(find(commented, "kernel").advice ?? "", /^Remove the # before dtoverlay=w1-gpio/)
      const written = yield* findingsOf("/no/such/w1", { config: "dtoverlay=w1-gpio,gpiopin=17\r\n" })
      assert.match(find(written, "kernel").advice ?? "", /has the line dtoverlay=w1-gpio,gpiopin=17: restart/)
      const elsewhere = yield* findingsOf("/no/such/w1")
      assert.match(find(elsewhere, "kernel").advice ?? "", /Elsewhere, load the driver of the bus master/)
    }))

  it.effect("may have the modules, and no bus master", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make()
      fake.removeMaster(1)
      const findings = yield* findingsOf(fake.folder, { modules: ["wire", "w1_gpio"] })
      assert.deepStrictEqual(statuses(findings), ["fail kernel"])
      assert.match(find(findings, "kernel").message, /shows no bus master in .+, though its module w1_gpio is loaded/)
    }))
})

describe("a kernel with buses", () => {
  it.effect("is well if nothing is wrong", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make({ "28.000028D70100": {}, "29.000029D60300": {}, "81.000081D60300": {} })
      const findings = yield* findingsOf(fake.folder, {
        config: "dtoverlay=w1-gpio\n",
        modules: ["wire", "w1_gpio", "w1_therm"]
      })
      assert.deepStrictEqual(statuses(findings), ["ok kernel", "ok bus.0 bus", "ok drivers", "ok permissions"])
      assert.match(find(findings, "kernel").message, /^shows 1 bus master in .+; .+config\.txt has dtoverlay=w1-gpio$/)
      assert.strictEqual(
        find(findings, "bus", "bus.0").message,
        "w1_bus_master1 (w1_gpio) has 3 devices, and searches every 10 s"
      )
    }))

  it.effect("shows noise where the pull-up is missing", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make({ "28.000028D70100": {} })
      fake.add("28.000028D70200", { id: Uint8Array.of(0x28, 0, 0x02, 0xd7, 0x28, 0, 0, 0x11) })
      const names = ["28.000028D70100", "28.000028D70200"].map(FakeW1.kernelName)
      fake.setMaster(1, "w1_master_slaves", [...names, "00-400000000000", "\u001b[2J-oops", ""].join("\n"))
      const finding = find(yield* findingsOf(fake.folder), "pull-up", "bus.0")
      assert.strictEqual(finding.status, "warn")
      assert.match(
        finding.message,
        /^the search reads noise: 3 addresses that no device has \(28-0002d7280000, 00-400000000000, /
      )
      assert.match(finding.advice ?? "", /4\.7 kΩ between the data wire and 3\.3 V/)
    }))

  it.effect("may lack drivers", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make()
      const without = { temperature: null, w1_slave: null, ext_power: null, resolution: null, alarms: null, rw: "" }
      fake.add("28.000028D70100", without)
      fake.add("29.000029D60300", { state: null, rw: "" })
      fake.add("20.000020D60300", {})
      const finding = find(yield* findingsOf(fake.folder), "drivers")
      assert.strictEqual(finding.status, "fail")
      assert.match(
        finding.message,
        /^the module w1_therm is not loaded, which reads 28\.\w+; the module w1_ds2408 is not loaded, which reads 29\.\w+; of 20\.\w+ only the address/
      )
      assert.match(
        finding.advice ?? "",
        /^sudo modprobe w1_therm; sudo modprobe w1_ds2408\. .*: printf '%s\\n' w1_therm w1_ds2408 \| sudo tee -a /
      )
    }))

  it.effect("tells which devices fail, by the driver's own codes", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make()
      fake.add("28.000028D70100", FakeW1.failing("28.000028D70100", -19))
      fake.add("28.000028D70200", FakeW1.failing("28.000028D70200", -5))
      const findings = yield* findingsOf(fake.folder)
      const finding = find(findings, "answers")
      assert.strictEqual(finding.status, "fail")
      assert.match(
        finding.message,
        /the ext_power of 28\.\w+ says -19, no answer; the resolution of 28\.\w+ says -5, an/
      )
      assert.notInclude(statuses(findings).join(), "power")
    }))

  it.effect("names the devices on parasite power, and what gives them more", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make({ "28.000028D70100": { ext_power: "0\n" }, "10.000010D70100": {} })
      assert.strictEqual(find(yield* findingsOf(fake.folder), "power", "bus.0").status, "ok")
      fake.setMaster(1, "w1_master_pullup", "0\n")
      const finding = find(yield* findingsOf(fake.folder), "power", "bus.0")
      assert.strictEqual(finding.status, "warn")
      assert.match(finding.message, /^from the data wire: 28\.\w+, and w1_bus_master1 gives no strong power/)
      assert.match(
        finding.advice ?? "",
        /third wire to 3\.3 V.+echo 1 \| sudo tee .+\/w1_master_pullup.+w1-gpio-pullup/
      )
    }))

  it.effect("may search no more, and measure slowly", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make()
      for (let chip = 10; chip < 30; chip++) fake.add(`28.0000${chip}D70100`)
      fake.addMaster(7)
      fake.setMaster(1, "w1_master_search", "0\n")
      fake.setMaster(7, "w1_master_timeout", "600\n")
      const findings = yield* findingsOf(fake.folder)
      assert.match(find(findings, "bus", "bus.0").message, /has 20 devices, and no longer searches$/)
      assert.match(find(findings, "bus", "bus.0").advice ?? "", /echo -1 \| sudo tee .+\/w1_master_search$/)
      assert.match(
        find(findings, "bus", "bus.1").message,
        /^w1_bus_master7 has 0 devices, and searches every 600 s/
      )
      assert.strictEqual(find(findings, "bus", "bus.1").status, "warn")
      assert.match(find(findings, "speed", "bus.0").message, /^its 20 thermometers take 15 s to measure/)
      assert.match(find(findings, "speed", "bus.0").advice ?? "", /tempres 9\. Or have all measure at once/)
      // The driver does not measure at once beside other chips.
      fake.add("29.000029D60300")
      assert.match(find(yield* findingsOf(fake.folder), "speed", "bus.0").advice ?? "", /tempres 9$/)
    }))

  it.effect("names the check that is off if a thermometer says 85 °C", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make({ "28.000028D70100": {}, "28.000028D70200": { features: "3\n" } })
      const facts = yield* KernelFacts.read(fake.folder)
      const told = (verdict: string): Finding => ({
        check: "thermometers",
        status: "warn",
        message: "",
        details: { implausible: [{ name: "kitchen", value: 85, verdict }] }
      })
      assert.deepStrictEqual(KernelChecks.after(facts, told("OutOfRange")), [])
      const [finding] = KernelChecks.after(facts, told("PowerOn"))
      assert.match(finding?.message ?? "", /does not check whether a measurement of 28\.000028D70100 succeeded$/)
      assert.match(finding?.advice ?? "", /echo 1 \| sudo tee .+\/features$/)
    }))

  it.effect("does not wait for a file that gives no answer", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make({ "28.000028D70100": {} })
      fake.pipe("28.000028D70100", "resolution")
      assert.deepStrictEqual(statuses(yield* findingsOf(fake.folder)), [
        "ok kernel",
        "ok bus.0 bus",
        "ok drivers",
        "ok permissions"
      ])
    }))
})

it.effect("leaves what is not the kernel's folder to itself", () =>
  Effect.gen(function*() {
    const { config, isOwn, modules } = yield* KernelFacts.read("/no/such/w1")
    assert.deepStrictEqual([isOwn, config, modules.size], [false, undefined, 1])
  }))
