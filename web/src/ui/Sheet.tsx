/** A sheet from the side of the page. Its head is no `<header>`: outside of the content that would be a second banner. */
import { Drawer } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Dialog.module.css";

export interface SheetProps {
  title: ReactNode;
  isOpen: boolean;
  side: "left" | "right";
  size: string;
  onClose(): void;
  children: ReactNode;
}

/** Focus goes into it and comes back. */
export function Sheet({ title, isOpen, side, size, onClose, children }: SheetProps) {
  return (
    <Drawer.Root opened={isOpen} onClose={onClose} position={side} size={size}>
      <Drawer.Overlay />
      <Drawer.Content>
        <div className={classes.head}>
          <Drawer.Title fz="h3" fw={640}>
            {title}
          </Drawer.Title>
          <Drawer.CloseButton aria-label="Close" />
        </div>
        <Drawer.Body className={classes.body}>{children}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
