/** QR codes: one that other readers read, and what a code of any size has. */
import { expect, test } from "bun:test";
import { qrCode } from "./code";

/** "https://ci.example.com", read back by another program when it was written down. */
const KNOWN = [
  "#######.##.#.##...#######",
  "#.....#...#.#.#...#.....#",
  "#.###.#.#.##.#.#..#.###.#",
  "#.###.#...#.##.#..#.###.#",
  "#.###.#...##..#...#.###.#",
  "#.....#.##..###...#.....#",
  "#######.#.#.#.#.#.#######",
  "..........#.#............",
  "#.#...##....#..#...#..#.#",
  "..####...##.#..##.##.#.##",
  "##.#.####.#...##.#...##.#",
  ".#..#...##....#.##...#...",
  "..##.######.....####....#",
  ".##..#....#..#.##.##...##",
  "##.#.###.###...#.....##.#",
  ".......####...#...####...",
  "#########..##..######..#.",
  "........#.#.##..#...#...#",
  "#######.###.##..#.#.#...#",
  "#.....#..#.##.###...#...#",
  "#.###.#..##..########...#",
  "#.###.#..#...#...#..#.##.",
  "#.###.#.#..#...#.#.###.##",
  "#.....#...#..#.###.##....",
  "#######.##.###..#.#..#..#",
];

const drawn = (text: string) => qrCode(text).map((row) => row.map((isDark) => (isDark ? "#" : ".")).join(""));

test("a text becomes the code that readers know", () => {
  expect(drawn("https://ci.example.com")).toEqual(KNOWN);
});

test("a longer text takes a larger code, whose corners and timing stand", () => {
  const sizes = [10, 100, 200, 400, 666].map((length) => {
    const rows = drawn("x".repeat(length));
    expect(rows.every((row) => row.length === rows.length)).toBe(true);
    expect(rows[0]).toStartWith("#######.");
    expect(rows[0]).toEndWith(".#######");
    expect(rows.at(-1)).toStartWith("#######.");
    expect(rows[6]?.slice(8, -8)).toMatch(/^(#\.)*#$/);
    return rows.length;
  });
  expect(sizes).toEqual([21, 41, 57, 77, 97]);
});

test("what no code of these sizes holds is refused", () => {
  expect(() => qrCode("x".repeat(667))).toThrow(RangeError);
});
