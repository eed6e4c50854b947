/** One gate: what is asked and why, the evidence, and beside it the decision. */
import { Alert, Button, Skeleton, Stack } from "@mantine/core";
import { IconFileAlert, IconRefresh } from "@tabler/icons-react";
import { useParams } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useRef } from "react";
import { $api } from "@/api/client";
import type { GateOut } from "@/api/schema";
import { useMe } from "@/session/me";
import { AnchorLink, ButtonLink } from "@/ui/links";
import { Page } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { When } from "@/ui/When";
import { Changes } from "./Changes";
import { DecisionPanel } from "./DecisionPanel";
import { DecisionsSoFar } from "./DecisionsSoFar";
import { EvidenceTable } from "./EvidenceTable";
import { countOf, type Edits, problemsByCell } from "./edits";
import { GateFacts } from "./GateFacts";
import classes from "./GatePage.module.css";
import { Outcome } from "./Outcome";
import { useDraft } from "./useDraft";
import { usePreview } from "./usePreview";
import { useStanding } from "./useStanding";
import { useUndoKeys } from "./useUndoKeys";
import { viewOf } from "./views";
import { flowTitle, GATE_STATUS } from "./waiting";

const Workbook = lazy(() => import("./Workbook").then(({ Workbook }) => ({ default: Workbook })));

export function GatePage() {
  const { gateId } = useParams({ strict: false }) as { gateId: string };
  const { engagement_id: engagement } = useMe();
  const gate = $api.useQuery("get", "/api/v1/gates/{gate_id}", { params: { path: { gate_id: gateId } } });
  if (gate.data) return <Gate key={gateId} gate={gate.data} />;
  return (
    <Page title="Gate" about="A question that a flow asks people">
      {gate.error ? (
        <Stack align="flex-start">
          <ProblemNote error={gate.error} onRetry={() => void gate.refetch()} />
          <ButtonLink to="/e/$engagement/inbox" params={{ engagement }} variant="default">
            To the inbox
          </ButtonLink>
        </Stack>
      ) : (
        <Skeleton height={420} role="status" aria-label="Loading" />
      )}
    </Page>
  );
}

function Gate({ gate }: { gate: GateOut }) {
  const standing = useStanding(gate);
  const draft = useDraft(gate.id, gate.content_hash);
  useUndoKeys(draft);
  const preview = usePreview(gate, draft.edits);
  const problems = useMemo(() => problemsByCell(preview.preview?.problems ?? []), [preview.preview]);
  const view = viewOf(gate.phase);
  const evidence = { gate, draft, problems, mayEdit: standing.mayApprove && gate.has_workbook };
  const Lead = view.lead;
  const Evidence = view.evidence ?? EvidenceTable;
  return (
    <Page title={gate.asks} about={<About gate={gate} />}>
      {gate.status !== "open" && <Closed gate={gate} />}
      <OtherContent
        key={String(standing.hasAnswered)}
        gate={gate}
        edits={draft.edits}
        onCarry={(edits) => draft.change(() => edits)}
      />
      <div className={classes.columns}>
        <div className={classes.main}>
          {Lead && <Lead {...evidence} />}
          {gate.has_workbook && <Evidence {...evidence} />}
          <Changes gate={gate} draft={draft} state={preview} />
          <Outcome gate={gate} />
        </div>
        <aside className={classes.aside} aria-label="Decision">
          <DecisionPanel gate={gate} standing={standing} draft={draft} state={preview} />
          <DecisionsSoFar gateId={gate.id} />
          {gate.has_workbook && (
            <Suspense>
              <Workbook gate={gate} mayApprove={standing.mayApprove} />
            </Suspense>
          )}
          <GateFacts gate={gate} />
        </aside>
      </div>
    </Page>
  );
}

function About({ gate }: { gate: GateOut }) {
  const { engagement_id: engagement } = useMe();
  return (
    <>
      <AnchorLink
        to="/e/$engagement/flows/$flowId"
        params={{ engagement, flowId: gate.flow_id }}
        inherit
        underline="always"
      >
        {flowTitle(gate)}
      </AnchorLink>{" "}
      · {gate.flow_type_title} · {gate.phase_title}
      {gate.iteration > 1 && ` · round ${gate.iteration}`}
    </>
  );
}

function Closed({ gate }: { gate: GateOut }) {
  const { engagement_id: engagement } = useMe();
  const { words } = GATE_STATUS[gate.status];
  return (
    <Alert
      variant="outline"
      color="gray"
      icon={<IconFileAlert aria-hidden />}
      title={gate.decided_by ? `${words} by ${gate.decided_by}` : `This gate is ${words.toLowerCase()}`}
      role="status"
    >
      {gate.reason && <div>“{gate.reason}”</div>}
      <div>
        {gate.decided_at && (
          <>
            Decided <When at={gate.decided_at} />.{" "}
          </>
        )}
        What you see is what was asked.{" "}
        <AnchorLink
          to="/e/$engagement/flows/$flowId"
          params={{ engagement, flowId: gate.flow_id }}
          inherit
          underline="always"
        >
          See how the flow goes on
        </AnchorLink>{" "}
        or go back to the{" "}
        <AnchorLink to="/e/$engagement/inbox" params={{ engagement }} inherit underline="always">
          inbox
        </AnchorLink>
        .
      </div>
    </Alert>
  );
}

interface OtherContentProps {
  gate: GateOut;
  edits: Edits;
  onCarry(edits: Edits): void;
}

/** Says when somebody else changed what is asked while the page was open, and keeps the reader's edits at hand. */
function OtherContent({ gate, edits, onCarry }: OtherContentProps) {
  const last = useRef<{ hash: string; edits: Edits }>({ hash: gate.content_hash, edits });
  if (last.current.hash === gate.content_hash || gate.status !== "open") {
    last.current.edits = edits;
    return null;
  }
  const former = last.current.edits;
  const dismiss = (carried: Edits) => {
    last.current = { hash: gate.content_hash, edits: carried };
    onCarry(carried);
  };
  return (
    <Alert
      color="gray"
      variant="outline"
      icon={<IconRefresh aria-hidden />}
      title="Somebody edited what is asked here"
      withCloseButton
      closeButtonLabel="Close"
      onClose={() => dismiss(edits)}
      role="status"
    >
      You see the new content now.
      {countOf(former) > 0 && (
        <>
          {" "}
          Your edits were made on the old one.{" "}
          <Button size="compact-sm" variant="default" onClick={() => dismiss(former)}>
            Put my edits on the new content
          </Button>
        </>
      )}
    </Alert>
  );
}
