/** A select whose long list scrolls in the list itself, which readers of the screen reach by the input. */
import { Select, type SelectProps } from "@mantine/core";
import classes from "./Choice.module.css";

export function Choice(props: SelectProps) {
  return <Select {...props} withScrollArea={false} classNames={{ options: classes.options }} />;
}
