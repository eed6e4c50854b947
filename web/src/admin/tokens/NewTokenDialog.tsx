/** A token for oneself or a service account: what it is called, how long it is good, and for what. */
import { Checkbox, NumberInput, Radio, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { $api } from "@/api/client";
import type { IssuedTokenOut, NewToken, Operation, UserOut } from "@/api/schema";
import { useMe } from "@/session/me";
import { CommandDialog } from "../parts/CommandDialog";
import { useDone } from "../parts/done";
import { useRoles } from "../parts/WhoMay";

const DAYS = 90;
const MOST_DAYS = 366;

export interface NewTokenDialogProps {
  /** Whose token; none: the reader's. */
  account?: UserOut;
  onClose(): void;
  onIssued(issued: IssuedTokenOut): void;
}

export function NewTokenDialog({ account, onClose, onIssued }: NewTokenDialogProps) {
  const [name, setName] = useState("");
  const [days, setDays] = useState<number | string>(DAYS);
  const [isNarrow, setNarrow] = useState(false);
  const [scopes, setScopes] = useState<Operation[]>([]);
  const offered = useScopes(account);
  const done = useDone();
  const onSuccess = (issued: IssuedTokenOut) => {
    done(`The token ${issued.token.name} is made.`, "tokens");
    onClose();
    onIssued(issued);
  };
  const mine = $api.useMutation("post", "/api/v1/tokens", { onSuccess });
  const theirs = $api.useMutation("post", "/api/v1/service-accounts/{user_id}/tokens", { onSuccess });
  const make = () => {
    const body: NewToken = { name: name.trim(), days: Number(days), scopes: isNarrow ? scopes : null };
    if (account) theirs.mutate({ params: { path: { user_id: account.id } }, body });
    else mine.mutate({ body });
  };
  const isLong = typeof days === "number" && days >= 1 && days <= MOST_DAYS;
  return (
    <CommandDialog
      title={account ? `Make a token for ${account.name}` : "Make a token"}
      says={
        account
          ? "Whoever has it acts as this service account in this engagement."
          : "Whoever has it acts in your name in this engagement. Make one for each program that needs it."
      }
      button="Make it"
      isReady={name.trim() !== "" && isLong && (!isNarrow || scopes.length > 0)}
      isPending={mine.isPending || theirs.isPending}
      error={mine.error ?? theirs.error}
      onSubmit={make}
      onClose={onClose}
    >
      <TextInput
        label="What it is for"
        placeholder="nightly import"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={200}
        required
        data-autofocus
      />
      <NumberInput
        label="Good for (days)"
        value={days}
        onChange={setDays}
        min={1}
        max={MOST_DAYS}
        allowDecimal={false}
        w={160}
      />
      <Radio.Group
        label="What it may do"
        value={isNarrow ? "some" : "all"}
        onChange={(value) => setNarrow(value === "some")}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="all" label={account ? "All that the account may" : "All that you may"} />
          <Radio value="some" label="Only this" />
        </Stack>
      </Radio.Group>
      {isNarrow && (
        <Stack gap="sm" pl="lg">
          {offered.map(({ operation, description }) => (
            <Checkbox
              key={operation}
              label={description}
              checked={scopes.includes(operation)}
              onChange={(event) =>
                setScopes(
                  event.currentTarget.checked ? [...scopes, operation] : scopes.filter((scope) => scope !== operation),
                )
              }
            />
          ))}
          <Text size="sm" c="dimmed">
            What these need to read comes with them.
          </Text>
        </Stack>
      )}
    </CommandDialog>
  );
}

/** The operations that the owner of the token has. */
function useScopes(account: UserOut | undefined) {
  const me = useMe();
  const table = useRoles();
  return (table?.operations ?? []).filter(({ operation, roles, people_alone }) =>
    account ? !people_alone && roles.some((role) => account.roles.includes(role)) : me.operations.includes(operation),
  );
}
