/** Says that a pipeline's file is not valid at a commit: then it declares nothing to ask for, and the build will fail. */
import type { PipelineFileProblems } from "@/api/types";
import { Banner } from "@/components/ui";
import { runWords } from "@/messages/en/run";

const words = runWords;

export function FileProblems({ problems: { path, diagnostics } }: { problems: PipelineFileProblems }) {
  return (
    <Banner tone="warning" title={words.invalidFile(path)}>
      <ul className="list-disc ps-5">
        {diagnostics.map(({ line, column, message, hint }) => (
          <li key={`${line} ${column} ${message}`} className="wrap-anywhere">
            {line && `${words.place(line, column)}: `}
            {hint ? `${message}; ${hint}` : message}
          </li>
        ))}
      </ul>
    </Banner>
  );
}
