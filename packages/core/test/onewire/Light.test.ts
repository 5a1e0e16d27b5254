import { Light } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"

const arbitrary = { runs: 300, seed: "light" }
const step = 0.0002441
// What the current input of a DS2438 can tell, in its steps.
const Vis = Schema.Int.check(Schema.isBetween({ minimum: -1023, maximum: 1023 }))
// What its voltage input can tell, in steps of 10 mV.
const Vad = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 }))

describe("Light", () => {
  it("knows the diode of the S3-R1-A by its datasheet: 9.5 µA at 1000 lx", () => {
    // 9.5 µA through 390 Ω are 3.705 mV.
    assert.closeTo(Light.fromS3R1A({ vis: 0.003705 }), 1000, 1e-9)
    assert.closeTo(Light.fromS3R1A({ vis: 0.0741 }), 20_000, 1e-9)
  })

  it("takes another gain for the S3-R1-A", () => {
    // 3.9 mV at 390 Ω are 10 µA.
    assert.closeTo(Light.fromS3R1A({ vis: 0.0039 }, { gain: 120 }), 1200, 1e-9)
    assert.closeTo(Light.fromS3R1A({ vis: 0.003705 }, { gain: undefined }), 1000, 1e-9)
  })

  it("takes 1 lx for the dark where the server does", () => {
    assert.strictEqual(Light.fromS3R1A({ vis: 0 }), 1)
    assert.strictEqual(Light.fromS3R1A({ vis: -0.0105 }), 1)
    assert.closeTo(Light.fromS3R1A({ vis: step }), 66, 0.2)
  })

  it("knows the first diode of Elaborated Networks", () => {
    // 1 000 000 * 0.1 / (4096 * 390) = 0.0626002; ln = -2.770987; * 1.059 + 4.518 = 1.583525; exp = 4.87210; * 20 000
    assert.closeTo(Light.fromElabNetV1({ vis: 0.1 }), 97_442, 1)
    // Where the logarithm is 0: exp(4.518) * 20 000.
    assert.closeTo(Light.fromElabNetV1({ vis: 1.59744 }), 1_833_040, 100)
    assert.strictEqual(Light.fromElabNetV1({ vis: 0 }), 0)
    assert.strictEqual(Light.fromElabNetV1({ vis: -0.0012 }), 0)
  })

  it("knows the second sensor of Elaborated Networks, which is logarithmic: 47 mV for each power of ten", () => {
    for (const power of [0, 1, 2, 3, 4, 5]) {
      assert.closeTo(Light.fromElabNetV2({ vis: 0.047 * power }), 10 ** power, 10 ** power * 1e-9)
    }
    assert.closeTo(Light.fromElabNetV2({ vis: -step }), 0.988, 0.001)
  })

  it("knows the MS-TL by the ratio of its voltages", () => {
    // 65 / 7.5 - 47 / 7.5 * 5 / 4.7 = 8.66667 - 6.66667 = 2
    assert.closeTo(Light.fromMSTL({ VAD: 4.7, VDD: 5 }), 100, 1e-9)
    assert.closeTo(Light.fromMSTL({ VAD: 2.35, VDD: 2.5 }), 100, 1e-9)
    // 1 lx where 47 * VDD = 65 * VAD.
    assert.closeTo(Light.fromMSTL({ VAD: 4.7, VDD: 6.5 }), 1, 1e-9)
  })

  it("takes voltages of the MS-TL that cannot be for darkness", () => {
    for (const VAD of [0, -0.01, 10.01, 655.35]) assert.strictEqual(Light.fromMSTL({ VAD, VDD: 5 }), 0)
    assert.strictEqual(Light.fromMSTL({ VAD: 0, VDD: 0 }), 0)
    assert.isAbove(Light.fromMSTL({ VAD: 10, VDD: 5 }), 1000)
    // 10 ** ((65 - 58.75) / 7.5)
    assert.closeTo(Light.fromMSTL({ VAD: 0.4, VDD: 0.5 }), 6.813, 0.001)
  })

  it.prop("is never less where more is measured, and never below 0", [Vis, Vad], ([vis, vad]) => {
    for (const sensor of [Light.fromS3R1A, Light.fromElabNetV1, Light.fromElabNetV2]) {
      const light = sensor({ vis: vis * step })
      assert.isAtLeast(light, 0)
      assert.isAtLeast(sensor({ vis: (vis + 1) * step }), light)
    }
    const light = Light.fromMSTL({ VAD: vad / 100, VDD: 5 })
    assert.isAtLeast(light, 0)
    assert.isAtLeast(light, Light.fromMSTL({ VAD: (vad - 1) / 100, VDD: 5 }))
  }, { arbitrary })
})
