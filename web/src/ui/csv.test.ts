import { expect, test } from "vitest";
import { csvOf } from "./csv";

test("what would break a line or a column is quoted", () => {
  expect(csvOf(["name", "says"], [["a,b", 'he said "no"\nand left']])).toBe(
    'name,says\r\n"a,b","he said ""no""\nand left"\r\n',
  );
});

test("what is not known stays empty, and numbers stay numbers", () => {
  expect(csvOf(["a", "b", "c"], [[null, undefined, -1.5]])).toBe("a,b,c\r\n,,-1.5\r\n");
});

test("a text that a spreadsheet would compute is kept a text", () => {
  expect(csvOf(["a"], [["=1+1"], ["@x"]])).toBe("a\r\n'=1+1\r\n'@x\r\n");
});
