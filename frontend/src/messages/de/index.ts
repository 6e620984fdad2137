/** The German catalogue, one chunk of its own. The app starts when it is there, so it must import nothing but words. */
import type { Catalogue } from "../language";
import { access } from "./access";
import { accessForms } from "./access-forms";
import { accessSwitch } from "./access-switch";
import { account } from "./account";
import { approval } from "./approval";
import { artifactDeletion } from "./artifact-deletion";
import { artifacts } from "./artifacts";
import { audit } from "./audit";
import { buildDetails } from "./build-details";
import { filterWords } from "./build-filters";
import { listWords } from "./build-list";
import { buildPage } from "./build-page";
import { viewWords } from "./build-views";
import { builds } from "./builds";
import { bulk } from "./bulk";
import { common } from "./common";
import { compareWords } from "./compare";
import { connect } from "./connect";
import { daemonMessages } from "./daemon-messages";
import { deliveries } from "./deliveries";
import { detection } from "./detection";
import { general } from "./general";
import { home } from "./home";
import { incidents } from "./incidents";
import { insights } from "./insights";
import { instances } from "./instances";
import { keys } from "./keys";
import { logParts } from "./log-parts";
import { logs } from "./logs";
import { matrixWords } from "./matrix";
import { members } from "./members";
import { next } from "./next";
import { notifications } from "./notifications";
import { palette } from "./palette";
import { paused } from "./paused";
import { people } from "./people";
import { pinned } from "./pinned";
import { pipelineDetail } from "./pipeline-detail";
import { pipelineEditor } from "./pipeline-editor";
import { pipelineForm } from "./pipeline-form";
import { pipelinePlan } from "./pipeline-plan";
import { pipelineReview } from "./pipeline-review";
import { pipelineSource } from "./pipeline-source";
import { pipelineTemplates } from "./pipeline-templates";
import { pipelineYaml } from "./pipeline-yaml";
import { pipelines } from "./pipelines";
import { projectForm } from "./project-form";
import { healthWords } from "./project-health";
import { projects } from "./projects";
import { pushes } from "./pushes";
import { reauth } from "./reauth";
import { refusals } from "./refusals";
import { releases } from "./releases";
import { reporting } from "./reporting";
import { repositoryPicker } from "./repository-picker";
import { retention } from "./retention";
import { roles } from "./roles";
import { rerunWords, runPicker, runWords } from "./run";
import { runnerPages } from "./runner-pages";
import { runners } from "./runners";
import { secret } from "./secret";
import { sessions } from "./sessions";
import { settings } from "./settings";
import { settingsTexts } from "./settings-texts";
import { setup } from "./setup";
import { share } from "./share";
import { shell } from "./shell";
import { signIn } from "./sign-in";
import { source } from "./source";
import { sourceCredential } from "./source-credential";
import { sourceDialogs } from "./source-dialogs";
import { sourceNames } from "./source-names";
import { sourceTrouble } from "./source-trouble";
import { sources } from "./sources";
import { start } from "./start";
import { storage } from "./storage";
import { system } from "./system";
import { tests } from "./tests";
import { tokens } from "./tokens";
import { triggers } from "./triggers";
import { variables } from "./variables";

export const german = {
  start,
  insights,
  sourceTrouble,
  accessForms,
  secret,
  share,
  next,
  notifications,
  retention,
  system,
  storage,
  settingsTexts,
  general,
  access,
  accessSwitch,
  account,
  approval,
  artifactDeletion,
  artifacts,
  audit,
  buildDetails,
  buildPage,
  builds,
  bulk,
  common,
  compareWords,
  connect,
  daemonMessages,
  deliveries,
  detection,
  home,
  incidents,
  instances,
  keys,
  logParts,
  logs,
  matrixWords,
  members,
  palette,
  paused,
  people,
  pinned,
  pipelineDetail,
  pipelineEditor,
  pipelineForm,
  pipelinePlan,
  pipelineReview,
  pipelineSource,
  pipelineTemplates,
  pipelineYaml,
  pipelines,
  projectForm,
  projects,
  healthWords,
  pushes,
  reauth,
  refusals,
  releases,
  reporting,
  repositoryPicker,
  roles,
  rerunWords,
  runPicker,
  runWords,
  runnerPages,
  runners,
  sessions,
  settings,
  setup,
  shell,
  signIn,
  source,
  sourceCredential,
  sourceDialogs,
  sourceNames,
  sources,
  tests,
  tokens,
  triggers,
  variables,
  viewWords,
  listWords,
  filterWords,
} satisfies Catalogue;
