/** What a platform is called. */
import type { BuildPlatform } from "@/api/types";
import { t } from "@/messages";

export const platformName = (platform: BuildPlatform): string => t.pipelines.platform[platform] ?? platform;
