/** Words of an instance that starts no builds. */
export const paused = {
  title: "Building is paused",
  text: "New builds wait in the queue. Builds that are running go on.",
};
