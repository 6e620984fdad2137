/** Words of what a repository holds and of the pipelines that fit it. */
import { area } from "../language";

export const detection = area("detection", {
  title: "Pipelines",
  name: "what the repository holds",
  text: "Found in the repository. Each chosen pipeline is made with the project and can be changed later.",
  files: "Pipeline files",
  top: "The repository itself",
  package: "Package",
  example: "Example",
  flavors: (names: string) => `Flavors ${names}`,
  flutter: (version: string) => `Flutter ${version}`,
  tests: "Has tests",
  platforms: {
    android: "Android",
    ios: "iOS",
    macos: "macOS",
    web: "Web",
    linux: "Linux",
    windows: "Windows",
  },
  follows: (path: string) => `Follows ${path}`,
  problems: "What could not be used",
  truncated: "The repository holds more than was looked at.",
  none: "Nothing of Flutter and no pipeline file was found. Describe a pipeline once the project is there.",
  later: "The project can be created all the same; pipelines can be added later.",
  chosen: (count: number) =>
    count === 0
      ? "No pipeline is chosen."
      : count === 1
        ? "One pipeline is chosen."
        : `${count} pipelines are chosen.`,
});
