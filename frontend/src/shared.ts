/**
 * Small modules that the pages in the shell share. components/shell/index.ts, which all of them import, pulls them in, and
 * the shell too, so that they make one chunk instead of a dozen tiny ones and a first visit needs few requests. The pages without
 * a shell do without; what only pages with builds share is in components/builds/index.ts.
 * Only small things belong here; it must not export anything.
 */
import "@/components/paused-notice";
import "@/components/projects/pin-button";
import "@/components/projects/project-gone";
import "@/lib/capabilities";
import "@/lib/debounce";
import "@/lib/download";
import "@/lib/draft";
import "@/lib/form";
import "@/lib/format";
import "@/lib/preferences";
import "@/lib/overlay";
import "@/lib/platform";
import "@/lib/row-keys";
import "@/lib/shortcuts";
