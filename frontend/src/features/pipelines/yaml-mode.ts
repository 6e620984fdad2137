/**
 * The editor's YAML mode: the text, and its way to and from the form. The form's value stays the one that is kept as a draft; a text
 * takes its place only when the server says that it is valid.
 */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { toApiError } from "@/api/errors";
import type { ExecutionConfig } from "@/api/types";
import { reasonOf } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { pipelineYaml as words } from "@/messages/en/pipeline-yaml";
import { checkQuery } from "./check";
import { beyondForm, type FormValue, fromConfig, toExecutionConfig } from "./form-value";

const VERSION_ONE = "1";

/** The conversions come with the editor. */
const loadEditor = () => import("./yaml-editor");

export type YamlMode = {
  /** Null while the form is shown. */
  text: string | null;
  /** Whether the text says something else than when it was opened. */
  dirty: boolean;
  pending: boolean;
  /** Whether the settings exceed the form and the text is not here yet: then there is nothing to edit, and nothing to save. */
  isAwaited: boolean;
  /** Why the text can't be opened, left or saved. */
  problem: string | null;
  setText: (text: string) => void;
  open: () => Promise<void>;
  close: () => Promise<void>;
  /** The settings the text stands for, or null, with `problem` set. */
  settle: () => Promise<ExecutionConfig | null>;
  /** Puts a text that was found valid into the form's value, if the form can hold it. */
  adopt: (text: string) => Promise<void>;
  /** The text of the form's value, as if the mode were opened now. */
  written: () => Promise<string>;
  /** Puts the settings of another value in place of the text, if that is what is shown. */
  startFrom: (value: FormValue) => Promise<void>;
};

type Change = (patch: Partial<FormValue>) => void;

export function useYamlMode(value: FormValue, change: Change, stored?: ExecutionConfig): YamlMode {
  const runtime = useRuntime();
  const cache = useQueryClient();
  const [text, setText] = useState<string | null>(null);
  const [opened, setOpened] = useState("");
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [isAwaited, setAwaited] = useState(() => stored !== undefined && beyondForm(stored).length > 0);
  /** The text that was last left for the form: it comes back, comments and all, unless the form was changed. */
  const left = useRef<{ text: string; meaning: string } | null>(null);
  const latest = useRef(value);
  latest.current = value;

  const written = useCallback(
    async (wanted: FormValue = latest.current) => {
      const { writeSettings } = await loadEditor();
      const config = toExecutionConfig(wanted);
      const meaning = JSON.stringify(config);
      if (left.current?.meaning === meaning) return left.current.text;
      return writeSettings(stored && meaningOf(stored) === meaning ? stored : config);
    },
    [stored],
  );

  const open = useCallback(async () => {
    setProblem(null);
    setPending(true);
    try {
      const next = await written();
      setOpened(next);
      setText(next);
      setAwaited(false);
    } catch {
      setProblem(words.notLoaded);
    }
    setPending(false);
  }, [written]);

  useEffect(() => {
    if (isAwaited) void open();
  }, [isAwaited, open]);

  async function read(): Promise<ExecutionConfig | string> {
    const wanted = text ?? "";
    try {
      const answer = await cache.fetchQuery(checkQuery(runtime, { repository_yaml: wanted }));
      return answer.valid ? await settingsOf(wanted) : words.notValid;
    } catch (cause) {
      return reasonOf(toApiError(cause));
    }
  }

  async function settle(): Promise<ExecutionConfig | null> {
    setProblem(null);
    setPending(true);
    const config = await read();
    setPending(false);
    if (typeof config !== "string") return config;
    setProblem(config);
    return null;
  }

  async function close() {
    const config = await settle();
    if (!config || text === null) return;
    const paths = beyondForm(config);
    if (paths.length > 0) return setProblem(words.beyondForm(paths.join(", ")));
    left.current = { text, meaning: meaningOf(config) };
    change(fromConfig(config));
    setText(null);
  }

  const adopt = useCallback(
    async (valid: string) => {
      const config = await settingsOf(valid);
      if (typeof config === "string") return;
      const isKnown = meaningOf(config) === JSON.stringify(toExecutionConfig(latest.current));
      if (!isKnown && beyondForm(config).length === 0) change(fromConfig(config));
    },
    [change],
  );

  function write(next: string) {
    setProblem(null);
    setText(next);
  }

  async function startFrom(wanted: FormValue) {
    if (text === null) return;
    left.current = null;
    const next = await written(wanted);
    setOpened(next);
    write(next);
  }

  const dirty = text !== null && text !== opened;
  const ways = { open, close, settle, adopt, written, startFrom };
  return { text, dirty, pending, isAwaited, problem, setText: write, ...ways };
}

/** The settings that a valid text stands for, or why it can't be kept here. */
async function settingsOf(text: string): Promise<ExecutionConfig | string> {
  const { readSettings, versionOf } = await loadEditor();
  if (versionOf(text) !== VERSION_ONE) return words.twoUnsaved;
  try {
    return readSettings(text);
  } catch {
    return words.tooMuch;
  }
}

/** What settings are once they have been through the form. */
function meaningOf(config: ExecutionConfig): string {
  return JSON.stringify(toExecutionConfig(fromConfig(config)));
}
