/**
 * The form's settings as text, in the shape of a pipeline file of version 1, and back. It is loaded with the editor. It does not
 * judge: the server says whether a text is valid, and only valid ones may be read here.
 */
import { type Alias, Document, isAlias, isMap, isScalar, isSeq, parseDocument, Scalar, visit } from "yaml";
import type { BuildPlatform, ExecutionConfig } from "@/api/types";

/** What is kept when a file says nothing about it; the rule is the server's. */
const DEFAULT_PATTERNS: Record<BuildPlatform, string[]> = {
  android: ["build/app/outputs/flutter-apk/*.apk", "build/app/outputs/bundle/**/*.aab"],
  ios: ["build/ios/ipa/*.ipa"],
  macos: ["build/macos/Build/Products/Release/*.app"],
};

/** Also quotes what only older readers of YAML would take for a truth value or a number. */
const WRITING = { lineWidth: 0, compat: "yaml-1.1" } as const;

export function writeSettings(config: ExecutionConfig): string {
  const { commands, platform_build_args: args, platform_commands: command } = config;
  const file = {
    version: 1,
    platforms: config.platforms ?? [],
    flutter_version: config.flutter_version ?? undefined,
    commands: filled({
      pre_build: listed(commands?.pre_build),
      build: listed(commands?.build),
      post_build: listed(commands?.post_build),
    }),
    platform_build_args: filled(perPlatform((platform) => listed(args?.[platform]))),
    platform_commands: filled(perPlatform((platform) => command?.[platform] ?? undefined)),
    env: listed(config.env?.map(({ key, value }) => ({ key, value }))),
    // Left out they would be those of the platforms.
    artifacts: { patterns: config.artifact_patterns ?? [] },
  };
  const document = new Document(file, WRITING);
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === "string" && !isPlainBlock(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString(WRITING);
}

/** Whether several lines may be written as they are: blanks at their ends are lost on some readers, and on people. */
function isPlainBlock(text: string): boolean {
  if (!/[\r\n]/.test(text)) return true;
  const lines = text.replace(/\n$/, "").split("\n");
  return /^\S/.test(text) && lines.at(-1) !== "" && lines.every((line) => line === line.trimEnd());
}

function listed<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list && list.length > 0 ? list : undefined;
}

function filled(map: Record<string, unknown>): object | undefined {
  return Object.values(map).some((value) => value !== undefined) ? map : undefined;
}

/** Which version a text says it is, valid or not. It is asked at each key, of whatever was typed: nothing else is looked at. */
export function versionOf(text: string): string | undefined {
  const root = parsed(text).contents;
  const version = isMap(root) ? root.get("version", true) : undefined;
  return isScalar(version) && !isNull(version) ? String(version.value) : undefined;
}

/** The settings of a valid text of version 1; throws a RangeError if it holds too much. */
export function readSettings(text: string): ExecutionConfig {
  const root = branch(read(text));
  const commands = branch(root.commands);
  const args = branch(root.platform_build_args);
  const command = branch(root.platform_commands);
  const platforms = texts(root.platforms) as BuildPlatform[];
  const artifacts = branch(root.artifacts);
  return {
    platforms,
    flutter_version: word(root.flutter_version),
    commands: {
      pre_build: texts(commands.pre_build),
      build: texts(commands.build),
      post_build: texts(commands.post_build),
    },
    platform_build_args: perPlatform((platform) => texts(args[platform])),
    platform_commands: perPlatform((platform) => word(command[platform])),
    env: list(root.env)
      .map(branch)
      .map(({ key, value }) => ({ key: word(key) ?? "", value: word(value) ?? "" })),
    artifact_patterns:
      "patterns" in artifacts
        ? texts(artifacts.patterns)
        : platforms.flatMap((platform) => DEFAULT_PATTERNS[platform]),
  };
}

function perPlatform<T>(of: (platform: BuildPlatform) => T): Record<BuildPlatform, T> {
  return { android: of("android"), ios: of("ios"), macos: of("macos") };
}

type Tree = string | null | Tree[] | { [key: string]: Tree };
type Branch = { [key: string]: Tree };

/** More than the server takes. Aliases can stand for a tree without end, or for one that fills the memory. */
const MAX_NODES = 50_000;
const MAX_DEPTH = 64;

/** Scalars keep their spelling, as they do for the server: `3.10` stays `3.10`. */
function parsed(text: string) {
  return parseDocument(text, { schema: "failsafe", logLevel: "silent" });
}

function read(text: string): Tree {
  const document = parsed(text);
  const targets = new Map<Alias, unknown>();
  const target = (alias: Alias) => {
    if (!targets.has(alias)) targets.set(alias, alias.resolve(document));
    return targets.get(alias);
  };
  let nodes = 0;
  const tree = (node: unknown, depth: number): Tree => {
    nodes++;
    if (nodes > MAX_NODES || depth > MAX_DEPTH) throw new RangeError("the text holds too much");
    const inner = (child: unknown) => tree(child, depth + 1);
    if (isAlias(node)) return inner(target(node));
    if (isMap(node)) return Object.fromEntries(node.items.map(({ key, value }) => [name(key), inner(value)]));
    if (isSeq(node)) return node.items.map(inner);
    return isScalar(node) && !isNull(node) ? String(node.value ?? "") : null;
  };
  const name = (key: unknown) => (isScalar(key) ? String(key.value) : "");
  return tree(document.contents, 0);
}

function isNull(scalar: Scalar): boolean {
  return scalar.type === Scalar.PLAIN && /^(|~|null|Null|NULL)$/.test(scalar.source ?? "");
}

function branch(tree: Tree | undefined): Branch {
  return typeof tree === "object" && tree !== null && !Array.isArray(tree) ? tree : {};
}

function list(tree: Tree | undefined): Tree[] {
  return Array.isArray(tree) ? tree : [];
}

function word(tree: Tree | undefined): string | null {
  return typeof tree === "string" ? tree : null;
}

function texts(tree: Tree | undefined): string[] {
  return list(tree).flatMap((item) => word(item) ?? []);
}
