/** The frame of a page in the shell, with what such pages share. The root and the router take their parts straight. */
import "@/shared";

export { type Crumb, Page } from "./page";
export { ReauthDialog } from "./reauth-dialog";
