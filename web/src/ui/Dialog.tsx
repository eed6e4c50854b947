/** A dialog over the page. Its head is no `<header>`: outside of the content that would be a second banner. */
import { Modal } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Dialog.module.css";

export interface DialogProps {
  title: ReactNode;
  onClose(): void;
  children: ReactNode;
  size?: "md" | "lg" | "xl";
}

/** Shown as long as it is rendered; focus goes into it and comes back. */
export function Dialog({ title, onClose, children, size = "md" }: DialogProps) {
  return (
    <Modal.Root opened onClose={onClose} size={size}>
      <Modal.Overlay />
      <Modal.Content>
        <div className={classes.head}>
          <Modal.Title fz="h3" fw={640}>
            {title}
          </Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </div>
        <Modal.Body className={classes.body}>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
