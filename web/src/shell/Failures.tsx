/** Pages for what is not there, and for what went wrong. */
import { Container } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { ApiProblem, isSignedOut, unreachable } from "@/api/problem";
import { Empty } from "@/ui/Empty";
import { ButtonLink } from "@/ui/links";
import { ProblemNote } from "@/ui/ProblemNote";

export function LostPage() {
  return (
    <Container component="main" size="sm" py="xl">
      <Empty icon={IconMapOff} title="There is no such page" action={<ButtonLink to="/">To the flows</ButtonLink>}>
        The address leads nowhere. It may belong to an engagement that you are not a member of.
      </Empty>
    </Container>
  );
}

export function PageProblem({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const again = () => {
    reset();
    void router.invalidate();
  };
  const shown =
    error instanceof ApiProblem
      ? error
      : new ApiProblem(broken(error instanceof Error ? error.message : String(error)));
  return (
    <Container size="sm" py="xl">
      <ProblemNote error={shown} onRetry={again} />
      {isSignedOut(error) && (
        <ButtonLink to="/sign-in" mt="md">
          Sign in
        </ButtonLink>
      )}
    </Container>
  );
}

function broken(detail: string) {
  return {
    ...unreachable(""),
    title: "This page broke",
    detail,
    code: "page_broke",
    hint: "Load the page again. If it breaks again, report the sentence above.",
  };
}
