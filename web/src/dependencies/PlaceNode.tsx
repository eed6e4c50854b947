/** An application, a group or a machine in the graph. */
import { UnstyledButton } from "@mantine/core";
import { IconMinus, IconPlus, IconRefreshAlert } from "@tabler/icons-react";
import { Handle, type NodeProps, Position, useStore } from "@xyflow/react";
import { memo, type ReactNode } from "react";
import { counted } from "@/ui/numbers";
import { spoken } from "@/ui/words";
import type { DrawnNode } from "./drawing";
import { isFar, isSmall } from "./far";
import classes from "./PlaceNode.module.css";

export const PlaceNode = memo(function PlaceNode({ data }: NodeProps<DrawnNode>) {
  const { node, isOpen, isChosen, light, onChoose, onExpand } = data;
  const far = useStore(isFar);
  const small = useStore(isSmall);
  return (
    <div
      className={classes.node}
      data-kind={node.kind}
      data-light={light}
      data-open={isOpen || undefined}
      data-chosen={isChosen || undefined}
      data-cycle={node.cycle === null ? undefined : true}
    >
      <Handle type="target" position={Position.Top} className={classes.handle} isConnectable={false} />
      <div className={classes.head}>
        <Press small={small} className={classes.name} onPress={() => onChoose(node.id)}>
          <span className={classes.title} title={node.name}>
            {node.name}
          </span>
          {!far && node.kind !== "asset" && (
            <span className={classes.about}>
              {node.cycle !== null && (
                <>
                  <IconRefreshAlert size={12} aria-hidden /> Circle {node.cycle} ·{" "}
                </>
              )}
              {counted(node.servers, "server")}
              {node.environment && ` · ${spoken(node.environment)}`}
            </span>
          )}
        </Press>
        {!far && (node.expandable || isOpen) && (
          <Press
            small={small}
            className={classes.expand}
            label={isOpen ? `Close ${node.name}` : `Show the servers of ${node.name}`}
            isExpanded={isOpen}
            onPress={() => onExpand(node.id)}
          >
            {isOpen ? <IconMinus size={14} aria-hidden /> : <IconPlus size={14} aria-hidden />}
          </Press>
        )}
      </div>
      <Handle type="source" position={Position.Bottom} className={classes.handle} isConnectable={false} />
    </div>
  );
});

interface PressProps {
  /** Too small to aim at: then it is for the mouse alone; the search, the table and the panel do the same. */
  small: boolean;
  className: string | undefined;
  label?: string;
  isExpanded?: boolean;
  onPress(): void;
  children: ReactNode;
}

function Press({ small, className, label, isExpanded, onPress, children }: PressProps) {
  if (small) {
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: by keyboard the search, the table and the panel do the same
      // biome-ignore lint/a11y/noStaticElementInteractions: it is a button as soon as it is large enough for one
      <div className={className} onClick={onPress}>
        {children}
      </div>
    );
  }
  return (
    <UnstyledButton className={className} aria-label={label} aria-expanded={isExpanded} onClick={onPress}>
      {children}
    </UnstyledButton>
  );
}
