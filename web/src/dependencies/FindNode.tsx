/** Finds a node by its name: taken from what the browser suggests, or with Enter the first that has the text in it. */
import { CloseButton, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useId, useMemo, useState } from "react";
import type { GraphOut } from "@/api/schema";
import classes from "./DependenciesPage.module.css";
import { foundBy, named } from "./graph";

export interface FindNodeProps {
  graph: GraphOut;
  node: string | undefined;
  onFind(id: string | undefined): void;
}

export function FindNode({ graph, node, onFind }: FindNodeProps) {
  const list = useId();
  const names = useMemo(() => [...new Set(graph.nodes.map(({ name }) => name))].sort(), [graph]);
  const chosen = graph.nodes.find(({ id }) => id === node)?.name ?? "";
  const [text, setText] = useState(chosen);
  const [isMissed, setMissed] = useState(false);
  useEffect(() => {
    setText(chosen);
    setMissed(false);
  }, [chosen]);
  const type = (next: string, isSuggested: boolean) => {
    setText(next);
    setMissed(false);
    const id = isSuggested ? named(graph, next) : undefined;
    if (id !== undefined || (next === "" && node !== undefined)) onFind(id);
  };
  const take = () => {
    const id = foundBy(graph, text);
    setMissed(id === undefined && text !== "");
    if (id === undefined) return;
    setText(graph.nodes.find((one) => one.id === id)?.name ?? "");
    onFind(id);
  };
  return (
    <>
      <TextInput
        data-search
        aria-label="Find an application or server"
        placeholder="Find an application or server"
        className={classes.find}
        list={list}
        maxLength={200}
        value={text}
        onChange={(event) => type(event.currentTarget.value, isSuggestion(event.nativeEvent))}
        onKeyDown={(event) => event.key === "Enter" && take()}
        error={isMissed && "No application or server has this in its name"}
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={
          text ? <CloseButton size="sm" aria-label="Choose nothing" onClick={() => type("", false)} /> : undefined
        }
      />
      <datalist id={list}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}

/** Whether the browser put in a name of its list; what is typed letter by letter may be the beginning of a longer one. */
function isSuggestion(event: Event): boolean {
  return !(event instanceof InputEvent) || event.inputType === "insertReplacementText";
}
