/**
 * Small modules that several pages share. Importing them here puts them into the entry chunk instead of a dozen tiny
 * ones, so that a first visit needs few requests. Only small things belong here; it must not export anything.
 */
import "@/components/builds";
import "@/components/builds/last-build";
import "@/components/projects/project-row";
import "@/lib/debounce";
import "@/lib/draft";
import "@/lib/form";
import "@/lib/format";
import "@/lib/runner-facts";
