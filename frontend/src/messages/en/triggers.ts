/** Words of what starts a pipeline by itself; loaded with the pages that show it. */
import { area } from "../language";

export const triggers = area("triggers", {
  local: "Commits in the folder start a build of what is chosen here, or named in the pipeline's file.",
  tags: "Tags",
  tagsHelp: "One pattern a line, for instance v*. Left empty, all tags, unless branches are listed.",
  paths: "Files that count",
  pathsHelp: "One pattern a line, for instance lib/**. Left empty, any changed file starts a build.",
  pathsIgnore: "Files that don't count",
  pathsIgnoreHelp: "One pattern a line, for instance **/*.md.",
  schedule: "Schedule",
  scheduleHelp:
    "One time a line: minute, hour, day, month, day of the week, then a time zone and a branch if they are others than UTC and the default branch. For instance 30 3 * * MON-FRI Europe/Rome.",
  scheduled: "Starts by itself",
  scheduledNext: "Next",
  scheduledLast: "Last build",
});
