/** A channel as it is typed, and what is sent of it. Secrets are typed apart. The server checks it. */
import type {
  CreateNotificationChannelRequest,
  NotificationChannel,
  NotificationChannelType,
  NotificationEvent,
  SmtpTlsMode,
} from "@/api/types";
import { linesOf, newText, type SecretChange } from "@/components/forms";

export type Value = {
  name: string;
  enabled: boolean;
  events: readonly NotificationEvent[];
  projects: readonly string[];
  branches: string;
  person: string;
  host: string;
  port: string;
  tls: SmtpTlsMode;
  username: string;
  from: string;
  recipients: string;
};

export type Secrets = { url: SecretChange; secret: SecretChange; password: SecretChange };

const PORTS: Record<SmtpTlsMode, string> = { tls: "465", start_tls: "587", none: "25" };

export function formOf(channel?: NotificationChannel): Value {
  const rules = channel?.rules;
  const smtp = channel?.smtp;
  return {
    name: channel?.name ?? "",
    enabled: channel?.enabled ?? true,
    events: channel?.events ?? ["failed", "fixed"],
    projects: rules?.project_ids ?? [],
    branches: (rules?.branches ?? []).join("\n"),
    person: rules?.person_id ?? "",
    host: smtp?.host ?? "",
    port: String(smtp?.port ?? PORTS.tls),
    tls: smtp?.tls_mode ?? "tls",
    username: smtp?.username ?? "",
    from: smtp?.from_address ?? "",
    recipients: (smtp?.recipients ?? []).join("\n"),
  };
}

/** The usual port of a way to encrypt, unless another one than the usual was typed. */
export function withTls(value: Value, tls: SmtpTlsMode): Value {
  const isUsual = value.port === PORTS[value.tls];
  return { ...value, tls, port: isUsual ? PORTS[tls] : value.port };
}

export type Missing = "name" | "url" | "host" | "port" | "from" | "recipients";

export function firstMissing(type: NotificationChannelType, value: Value, hasUrl: boolean): Missing | null {
  if (value.name.trim() === "") return "name";
  if (type !== "email") return hasUrl ? null : "url";
  if (value.host.trim() === "") return "host";
  if (!isPort(value.port)) return "port";
  if (value.from.trim() === "") return "from";
  return linesOf(value.recipients).length === 0 ? "recipients" : null;
}

function isPort(text: string): boolean {
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port < 65_536;
}

/** What making a channel and changing one have in common. */
export function requestOf(type: NotificationChannelType, value: Value, secrets: Secrets) {
  const rules = {
    project_ids: [...value.projects],
    branches: linesOf(value.branches),
    person_id: value.person || null,
  };
  const common = { name: value.name.trim(), enabled: value.enabled, events: [...value.events], rules };
  if (type !== "email") {
    const secret = secrets.secret.kind === "clear" ? "" : newText(secrets.secret);
    return { ...common, url: newText(secrets.url)?.trim(), ...(type === "webhook" && { secret }) };
  }
  return { ...common, smtp_config: smtpOf(value, secrets.password) };
}

function smtpOf(value: Value, password: SecretChange) {
  return {
    host: value.host.trim(),
    port: Number(value.port),
    username: value.username.trim(),
    password: password.kind === "clear" ? "" : newText(password),
    tls_mode: value.tls,
    from_address: value.from.trim(),
    recipients: linesOf(value.recipients),
  };
}

/** A new mail server has to be told a password, if only that there is none. */
export function createRequestOf(
  type: NotificationChannelType,
  value: Value,
  secrets: Secrets,
): CreateNotificationChannelRequest {
  const { smtp_config, ...rest } = { smtp_config: undefined, ...requestOf(type, value, secrets) };
  const smtp = smtp_config && { ...smtpOf(value, secrets.password) };
  return {
    ...rest,
    channel_type: type,
    ...(smtp && { smtp_config: { ...smtp, password: smtp.password ?? "" } }),
  };
}
