/** The variables that every pipeline of a project gets. */
import { VariablesSection } from "@/components/variables";
import { ProjectFrame } from "./project-frame";

export function VariablesPage({ projectId }: { projectId: string }) {
  return (
    <ProjectFrame projectId={projectId} tab="variables">
      {({ project }) => (
        <div className="max-w-4xl">
          <VariablesSection project={project} />
        </div>
      )}
    </ProjectFrame>
  );
}
