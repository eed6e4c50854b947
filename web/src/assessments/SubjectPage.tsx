/** One application on one sheet: its strategy, why, what would change it, and what it consists of. */
import { Skeleton } from "@mantine/core";
import { IconZoomQuestion } from "@tabler/icons-react";
import { useParams } from "@tanstack/react-router";
import { useMe } from "@/session/me";
import { Empty } from "@/ui/Empty";
import { AnchorLink, ButtonLink } from "@/ui/links";
import { counted } from "@/ui/numbers";
import { Page, Section } from "@/ui/Page";
import { ProblemNote } from "@/ui/ProblemNote";
import { dayOf } from "@/ui/time";
import { ApplicationFacts } from "./ApplicationFacts";
import classes from "./assessments.module.css";
import { Dependencies } from "./Dependencies";
import { ServersTable } from "./ServersTable";
import { OtherStrategies, Reasons, StrategySheet, Turns } from "./Sheet";
import { SubjectOverride } from "./SubjectOverride";
import { type Assessment, useApplications, useAssessment } from "./useAssessment";

export function SubjectPage() {
  const { assessmentId, subjectId } = useParams({ strict: false });
  const me = useMe();
  const { found } = useAssessment(assessmentId);
  const assessment = found.data;
  const subject = assessment?.recommendations.find((one) => one.subject_id === subjectId);
  return (
    <Page
      title={subject?.subject_name ?? "Application"}
      about={
        assessment &&
        subject && (
          <>
            {subject.is_application ? "Application" : "Server that belongs to no application"} ·{" "}
            {counted(subject.server_count, "server")} ·{" "}
            <AnchorLink
              to="/e/$engagement/assessment"
              params={{ engagement: me.engagement_id }}
              search={{ assessment: assessment.id }}
              underline="always"
            >
              assessment of {dayOf(assessment.assessed_on)}
            </AnchorLink>
          </>
        )
      }
    >
      {found.error && <ProblemNote error={found.error} onRetry={() => void found.refetch()} />}
      {!assessment && !found.error && <Skeleton height={420} />}
      {assessment && !subject && <Unknown />}
      {assessment && subject && <Sheet assessment={assessment} subject={subject} />}
    </Page>
  );
}

function Unknown() {
  const me = useMe();
  return (
    <Section>
      <Empty
        icon={IconZoomQuestion}
        title="This assessment does not have it"
        action={
          <ButtonLink to="/e/$engagement/assessment" params={{ engagement: me.engagement_id }}>
            To the newest assessment
          </ButtonLink>
        }
      >
        It may be in another assessment: applications come and go with what is imported.
      </Empty>
    </Section>
  );
}

function Sheet({ assessment, subject }: { assessment: Assessment; subject: Assessment["recommendations"][number] }) {
  const applications = useApplications();
  const application = applications.find((one) => one.id === subject.subject_id);
  const its = new Set(application?.asset_ids ?? [subject.subject_id]);
  const servers = assessment.servers.filter((server) => its.has(server.asset_id));
  const names = new Map([
    ...assessment.servers.map((server) => [server.asset_id, server.name] as const),
    ...applications.map((one) => [one.id, one.name] as const),
  ]);
  return (
    <>
      <StrategySheet subject={subject} />
      <div className={classes.sheet}>
        <Reasons subject={subject} />
        <Turns subject={subject} />
        <OtherStrategies subject={subject} />
        <SubjectOverride subjectId={subject.subject_id} flowId={assessment.flow_id} />
        {application && <ApplicationFacts application={application} />}
      </div>
      <Section title="Servers" flush>
        <ServersTable servers={servers} />
      </Section>
      <Dependencies of={subject.subject_id} names={names} assessment={assessment} />
    </>
  );
}
