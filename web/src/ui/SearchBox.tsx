/** The text that a list is searched for; it is told when the reader stops typing. The key / leads to it. */
import { CloseButton, TextInput, type TextInputProps } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";

const TYPING_MS = 250;

export interface SearchBoxProps extends Pick<TextInputProps, "className" | "flex" | "placeholder" | "size" | "w"> {
  label: string;
  value: string;
  onChange(value: string | undefined): void;
}

export function SearchBox({ label, value, onChange, ...looks }: SearchBoxProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const settle = useDebouncedCallback((next: string) => onChange(next || undefined), TYPING_MS);
  const type = (next: string) => {
    setText(next);
    settle(next);
  };
  return (
    <TextInput
      placeholder={label}
      {...looks}
      data-search
      maxLength={200}
      aria-label={label}
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
      leftSection={<IconSearch size={looks.size === "xs" ? 14 : 16} aria-hidden />}
      rightSection={text ? <CloseButton size="sm" aria-label="Clear the search" onClick={() => type("")} /> : undefined}
    />
  );
}
