/** Short names for the generated wire types. It must only rename; a shape that is not in the schema does not belong here. */
import type { components } from "./schema.gen";

type Schemas = components["schemas"];

export type Project = Schemas["Project"];
export type ProjectDetail = Schemas["ProjectDetailResponse"];
export type Pipeline = Schemas["Pipeline"];
export type PipelineDetail = Schemas["PipelineDetailResponse"];
export type ExecutionConfig = Schemas["PipelineExecutionConfig"];
export type TriggerConfig = Schemas["TriggerConfig"];
export type ConcurrencyPolicy = Schemas["ConcurrencyPolicy"];
export type CreatePipelineRequest = Schemas["CreatePipelineRequest"];
export type UpdatePipelineRequest = Schemas["UpdatePipelineRequest"];
export type ValidatePipelineRequest = Schemas["ValidatePipelineRequest"];
export type BuildPlatform = Schemas["BuildPlatform"];
export type Build = Schemas["Build"];
export type BuildDetail = Schemas["BuildDetailResponse"];
export type BuildEvent = Schemas["BuildEvent"];
export type BuildStatus = Schemas["BuildStatus"];
export type BuildLogChunk = Schemas["BuildLogChunk"];
export type TriggerType = Schemas["TriggerType"];
export type StepResult = Schemas["StepResult"];
export type ListBuilds = Schemas["ListBuildsResponse"];
export type Artifact = Schemas["Artifact"];
export type Runner = Schemas["Runner"];
export type RunnerStatus = Schemas["RunnerStatus"];
export type User = Schemas["User"];
export type Bootstrap = Schemas["BootstrapResponse"];
export type SetupStatus = Schemas["SetupStatus"];
export type SetupSummary = Schemas["SetupSummaryResponse"];
export type LocalLoginRequest = Schemas["LocalLoginRequest"];
export type LocalLogin = Schemas["LocalLoginResponse"];
export type DirectoryListing = Schemas["BrowseLocalGitDirectoriesResponse"];
export type WorkflowPreview = Schemas["RepositoryWorkflowPreview"];
export type WorkflowDiscovery = Schemas["DiscoverRepositoryWorkflowsResponse"];
