/** Start a flow: choose what kind, say what it needs, name it. */

import { Skeleton } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { $api } from "@/api/client";
import { useMe } from "@/session/me";
import { Page } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { one, usePageSearch } from "@/ui/search";
import { FlowTypeCards } from "./FlowTypeCards";
import { NewFlowForm } from "./NewFlowForm";

export function NewFlowPage() {
  const [search, change] = usePageSearch();
  const me = useMe();
  const navigate = useNavigate();
  const types = $api.useQuery("get", "/api/v1/flow-types", {}, { staleTime: Number.POSITIVE_INFINITY });
  const chosen = types.data?.items.find((type) => type.name === one(search, "type"));
  return (
    <Page
      title={chosen ? `New ${chosen.title.toLowerCase()}` : "New flow"}
      about={
        chosen
          ? chosen.summary
          : "Choose what the flow is to do. Every kind runs its phases and asks people where it matters."
      }
      wide={false}
    >
      {types.error && <ProblemNote error={types.error} onRetry={() => void types.refetch()} />}
      {types.isLoading && <Skeleton height={240} aria-label="Loading flow types" />}
      {types.data && !chosen && <FlowTypeCards types={types.data.items} />}
      {chosen && (
        <NewFlowForm
          key={chosen.name}
          type={chosen}
          parent={one(search, "parent")}
          onBack={() => change({ type: undefined })}
          onCreated={(flowId) =>
            void navigate({ to: "/e/$engagement/flows/$flowId", params: { engagement: me.engagement_id, flowId } })
          }
        />
      )}
    </Page>
  );
}
