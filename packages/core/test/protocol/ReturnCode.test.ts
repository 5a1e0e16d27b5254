import { MessageType, ReturnCode } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"

describe("ReturnCode", () => {
  it("means what servers mean by it, for the request at hand", () => {
    const cases: ReadonlyArray<readonly [number, MessageType.MessageType, string, ReturnCode.Reason, boolean]> = [
      [-1, MessageType.Read, "EPERM", "NotFound", false],
      [-2, MessageType.Read, "ENOENT", "NotFound", true],
      [-5, MessageType.Read, "EIO", "BusFault", true],
      [-5, MessageType.Write, "EIO", "BusFault", true],
      [-14, MessageType.Read, "EFAULT", "TooLarge", false],
      [-14, MessageType.Write, "EFAULT", "InvalidValue", false],
      [-20, MessageType.DirAll, "ENOTDIR", "NotDirectory", false],
      [-21, MessageType.Write, "EISDIR", "IsDirectory", false],
      [-22, MessageType.Read, "EINVAL", "BusFault", true],
      [-22, MessageType.Write, "EINVAL", "InvalidValue", false],
      [-30, MessageType.Write, "EROFS", "ReadOnly", false],
      [-34, MessageType.Write, "ERANGE", "InvalidValue", false],
      [-42, MessageType.DirAll, "ENOMSG", "Unsupported", false],
      [-90, MessageType.Read, "EMSGSIZE", "TooLarge", false],
      [-95, MessageType.Read, "ENOTSUP", "Unsupported", false],
      [-95, MessageType.Write, "ENOTSUP", "ReadOnly", false],
      [-103, MessageType.DirAll, "ECONNABORTED", "BusFault", true]
    ]
    for (const [code, type, name, reason, isTransient] of cases) {
      assert.deepInclude(ReturnCode.explain(code, type), { code, name, reason, isTransient })
    }
  })

  it("does not pretend to know a code", () => {
    assert.deepInclude(ReturnCode.explain(-77, MessageType.Read), { name: "unknown", reason: "Other" })
  })

  it("reads the server's table, whose index is the code", () => {
    assert.strictEqual(ReturnCode.decodeTable("Good result,Startup - x,Startup - y")[2], "Startup - y")
  })

  it("every type has the protocol's own name", () => {
    const names = MessageType.MessageType.literals.map(MessageType.name)
    assert.deepStrictEqual(names, [
      "ERROR",
      "NOP",
      "READ",
      "WRITE",
      "DIR",
      "SIZE",
      "PRESENCE",
      "DIRALL",
      "GET",
      "DIRALLSLASH",
      "GETSLASH"
    ])
    assert.strictEqual(MessageType.name(99), "type 99")
  })
})
