/** Whether a person may change the access settings. The server decides; this only draws. */
export type Rights = "change" | "read";
